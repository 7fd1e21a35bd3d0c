"""State + referral -> the facts of that referral, as they stand on the meeting's day.

What is unknown is absent: nothing is guessed. It looks at no receiving setting and evaluates no rule.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from panel.events import ReferralMade
from panel.facts.beforehand import points_of
from panel.facts.counts import Counts
from panel.facts.earlier import of_earlier_placements
from panel.state.adoption import shelf_of
from panel.state.records import Referral, State
from panel.state.schooldays import Terms
from panel.state.year_groups import in_year
from rules.book import Rulebook
from rules.categories import letter_now
from rules.errors import RulebookError
from rules.facts import POINTS, SETTINGS, SUITED_TO, Facts, Value

AS_THE_CASE_SAYS: Final = (
    *("ehcp", "looked_after", "previously_looked_after", "persistent_disruptive_behaviour", "behaviour_is_primary_need"),
    *("attendance", "on_a_roll", "in_area", "suitable_offer_refused", "interventions_evidenced", "caseworker_consents"),
    *("suspended_days", "from_alternative_provision", "meets_selection", "area"),
)
"""Facts that stand in the sealed case under the same name."""


def referral_facts(state: State, referral: Referral, rulebook: Rulebook, counts: Counts, on: dt.date) -> dict[str, Value]:
    """The facts `referral.*` on the day `on`; what is unknown is absent."""
    made, case = referral.made, referral.case
    since = made.accepted_on or made.made_on
    recorded = sum(exclusion.pupil == made.pupil for exclusion in state.exclusions)
    failed = any(admission.pupil == made.pupil and admission.failed for admission in state.admissions)
    year_group, highest = in_year(state, made, on), rulebook.year_groups[-1]
    home_counts = {f"home_school_{count.id}": counts.at_the_sender(count, made) for count in rulebook.counts if count.per == "school"}
    papers = {**dict.fromkeys(case.papers or (), True), **referral.papers}
    facts: dict[str, Value | None] = {
        **{name: getattr(case, name) for name in AS_THE_CASE_SAYS},
        "points_given": case.points,
        "suited_to": case.suited[0] if len(case.suited) == 1 else None,
        **{f"suited_to_{kind}": kind in case.suited for kind in SETTINGS},
        **home_counts,
        **{f"paper_{paper}": papers.get(paper, False) for paper in rulebook.papers},
        **{f"needs_{name}": (case.needs or {}).get(name) for name in rulebook.offers},
        "kind": made.referral_kind,
        "permanently_excluded": made.permanently_excluded,
        "category": _category(state, referral, rulebook),
        "year_group": min(year_group, highest),
        "past_highest_year": year_group > highest,
        "made_on": made.made_on,
        "accepted_on": made.accepted_on,
        "parent_agrees": "parent" in referral.agreements,
        "home_school_agrees": "home_school" in referral.agreements,
        "pupil_agrees": "pupil" in referral.agreements,
        "sharing_agreed": "parent" in referral.sharing,
        "has_home_school": _has_home_school(made),
        "excluded_times": max(recorded, case.excluded_times or 0, int(made.permanently_excluded)),
        "earlier_placement_broke_down": failed or bool(case.earlier_placement_broke_down),
        **of_earlier_placements(state, referral, on),
        "waiting": Terms.of(state.terms).between(since, on),
        "days_since_excluded": _days(max((e.on for e in state.exclusions if e.pupil == made.pupil), default=None), on),
        "days_since_made": (on - made.made_on).days,
        "days_out_of_education": _days(case.out_of_education_since, on),
        "deferred_times": referral.deferrals,
        "days_since_parent_agreed": _days(referral.agreements.get("parent"), on),
        "days_since_pupil_agreed": _days(referral.agreements.get("pupil"), on),
        "days_since_conversation": _days(case.conversation_on, on),
        "schools_that_did_not_agree": len(referral.refusals),
        "home_school_closing": _closing(state, made),
        "metres_to_home_school": _metres_home(state, made),
    }
    told = {f"referral.{name}": value for name, value in facts.items() if value is not None}
    points = None if counts.weigh is None else points_of(told, rulebook, counts.weigh)
    return told if points is None else {**told, POINTS: points}


def nth_of_home_school(state: State, agenda: Sequence[str]) -> dict[str, int]:
    """Which of its home school's cases on an agenda each is, from 1, by the day accepted, else made, then as they were recorded."""
    cases = sorted(
        (state.referrals[name] for name in agenda), key=lambda one: (one.made.accepted_on or one.made.made_on, one.happened[0].seq)
    )
    homes: dict[str, list[str]] = {}
    for one in cases:
        if one.made.home_school is not None:
            homes.setdefault(one.made.home_school, []).append(one.made.referral)
    return {name: number for names in homes.values() for number, name in enumerate(names, start=1)}


PAST: Final = "referral.past_highest_year"
"""Whether a pupil has left the year groups of the book: kept of a case only where it is so."""

SEVERAL: Final = frozenset(f"{SUITED_TO}_{kind}" for kind in SETTINGS)
"""The facts that say to which kinds of setting a pupil is to go where there are several."""


def suited(facts: Facts) -> frozenset[str]:
    """The kinds of setting of which any will do, by the facts of a referral."""
    if SUITED_TO in facts:
        return frozenset({str(facts[SUITED_TO])})
    return frozenset(kind for kind in SETTINGS if facts.get(f"{SUITED_TO}_{kind}") is True)


def _category(state: State, referral: Referral, rulebook: Rulebook) -> str | None:
    """The category by the letter that the meeting's book has for it; None where it was not said, or the book no longer has it."""
    letter, on = referral.case.category, referral.made.made_on
    if letter is None or not rulebook.categories:
        return letter
    try:
        then = shelf_of(state.editions).categories(state.rulebook, on)
    except RulebookError:  # before the first edition: the letter can only be the book's
        return letter
    return letter_now(letter, then, rulebook.categories)


def _has_home_school(made: ReferralMade) -> bool | None:
    """None where only the school that excluded the pupil is named: on which roll the pupil is now, nobody has said."""
    return True if made.home_school else False if made.no_home_school else None


def _closing(state: State, made: ReferralMade) -> bool | None:
    """Whether the home school is to close; where it was said that there is none, none is."""
    if made.no_home_school:
        return False
    home = state.schools.get(made.home_school or "")
    return home.closing if home else None


def _metres_home(state: State, made: ReferralMade) -> int | None:
    """From home to the home school, as it was measured, told or estimated."""
    way = state.journeys.get(made.pupil, {}).get(made.home_school or "")
    return None if way is None else way.metres


def _days(since: dt.date | None, on: dt.date) -> int | None:
    return None if since is None or since > on else (on - since).days
