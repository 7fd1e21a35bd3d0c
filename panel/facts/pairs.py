"""State + referral -> the facts of that pupil at each setting that could receive, as they stand on a day; what is unknown is absent.

It looks at no other pupil but those whom this one is to be kept apart from, and evaluates no rule.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from panel import events as ev
from panel.facts.admits import admits
from panel.facts.apart import Apart, one_is_here, whereabouts_and_to_come
from panel.facts.earlier import last_days
from panel.facts.journeys import transport_entitled, within_walking_distance
from panel.facts.near import excluded_from, in_area_of_home, near, same_federation
from panel.facts.of_schools import offers_what_is_needed
from panel.state.records import Referral, State
from panel.state.stays import is_here_already
from panel.state.year_groups import in_year
from rules.audience import whoever_is
from rules.book import Rulebook
from rules.facts import Value


def pair_facts(
    state: State,
    own: State,
    referral: Referral,
    rulebook: Rulebook,
    schools: Mapping[str, ev.SchoolRecorded],
    apart: Apart,
    on: dt.date,
    meaning: int,
) -> dict[str, dict[str, Value]]:
    """URN -> the facts of one pupil at that setting; `own` is the record of this pupil alone."""
    made, case, year_group = referral.made, referral.case, in_year(state, referral.made, on)
    ways = state.journeys.get(made.pupil, {})
    nearness, in_catchment = near(state, referral, schools, year_group, meaning)
    out = excluded_from(state, made)
    broke_down_at = {a.school for a in own.admissions if a.failed}
    attended = {*(case.attended or ()), *(admission.school for admission in own.admissions)}
    until, here = last_days(own, referral, on), is_here_already(own, referral)
    others = [whereabouts_and_to_come(state, other, on) for other in sorted(apart.get(made.pupil, ()))]
    ranks = {urn: rank for rank, urn in enumerate(case.preferences, start=1)}
    rows: dict[str, dict[str, Value]] = {}
    for urn, school in schools.items():
        facts: dict[str, Value | None] = {
            "is_home_school": urn == made.home_school,
            "excluded_from": urn in out,
            "attended_before": urn in attended,
            "days_since_attended": (on - until[urn]).days if urn in until else None,
            "already_here": urn == here,
            "did_not_agree": urn in referral.refusals,
            "family_did_not_agree": urn in referral.family_refusals,
            "kept_apart": case.kept_apart.get(urn, "none"),
            "kept_apart_pupil_here": one_is_here(others, urn),
            "same_federation": same_federation(state, school, made),
            "in_area_of_home": in_area_of_home(school, case),
            "exempt": _exempt(state, urn, year_group, made, on),
            "admits": admits(state, school, referral, year_group),
            "offers_what_is_needed": offers_what_is_needed(rulebook, school, case),
            "sibling_here": urn in case.siblings_at,
            "broke_down_here": urn in broke_down_at,
            "rank": ranks.get(urn),
            "nearness": nearness.get(urn),
            "catchment_nearness": in_catchment.get(urn),
            **_of_the_way(ways.get(urn) or ev.Journey(urn=urn), case, year_group),
        }
        rows[urn] = {f"candidate.{name}": value for name, value in facts.items() if value is not None}
    return rows


def _of_the_way(way: ev.Journey, case: ev.ReferralCase, year_group: int) -> dict[str, Value | None]:
    return {
        "metres": way.metres,
        "minutes": way.minutes,
        "within_walking_distance": within_walking_distance(way, year_group),
        "transport_entitled": transport_entitled(way, year_group, low_income=case.low_income, cannot_walk=case.cannot_walk),
        "quoted_pence": way.pence_per_year,
    }


def _exempt(state: State, urn: str, year_group: int, made: ev.ReferralMade, on: dt.date) -> bool:
    there = (
        vote for vote in state.exemptions if vote.urn == urn and vote.year_group in (None, year_group) and vote.first <= on <= vote.last
    )
    return any(whoever_is(vote.of or ()).has(made.referral_kind, made.permanently_excluded) for vote in there)
