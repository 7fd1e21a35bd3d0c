"""Which settings are near to a pupil: by distance among those that could receive, by catchment, by federation, by area.

It knows no rule: what a rulebook closes, a vote exempts or has no room for is near all the same.

    can receive   of a kind that suits, not known to take no pupils like this one, not a school that permanently excluded the pupil,
                  and not the home school, unless the pupil is to return
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from panel import events as ev
from panel.facts.admits import admits
from panel.facts.journeys import catchment_nearness, nearness
from panel.state.records import Referral, State

RETURNS: Final = "reintegration"
"""The kind of referral that may lead back to the home school."""

Ranks = Mapping[str, int]
Schools = Mapping[str, ev.SchoolRecorded]


def excluded_from(state: State, made: ev.ReferralMade) -> frozenset[str]:
    """The schools that permanently excluded the pupil, now or before."""
    return frozenset(e.school for e in state.exclusions if e.pupil == made.pupil) | ({made.excluded_by} if made.excluded_by else set())


def could_receive(state: State, referral: Referral, schools: Schools, year_group: int) -> frozenset[str]:
    """The settings that can receive the pupil, of those that are open and members."""
    out = excluded_from(state, referral.made)
    home = None if referral.made.referral_kind == RETURNS else referral.made.home_school
    return frozenset(
        urn
        for urn, school in schools.items()
        if urn not in out and urn != home and admits(state, school, referral, year_group) is not False
    )


def near(state: State, referral: Referral, schools: Schools, year_group: int, meaning: int) -> tuple[Ranks, Ranks]:
    """URN -> nearness, and URN -> nearness in the catchments, of the settings that have either.

    `schools` are those that are open and members. Under meaning 1 of the rules all of a kind that suits were ranked, and in a
    catchment all.
    """
    ways = state.journeys.get(referral.made.pupil, {})
    metres = {urn: way.metres for urn, way in ways.items() if urn in schools and way.metres is not None}
    suited = {urn: far for urn, far in metres.items() if schools[urn].setting in referral.case.suited}
    if meaning == 1:
        there = catchment_nearness(metres, referral.case.catchment)
        return nearness(suited), {urn: there.get(urn, 0) for urn in schools if urn in there or urn not in referral.case.catchment}
    could = could_receive(state, referral, schools, year_group)
    kept = {urn: far for urn, far in suited.items() if urn in could}
    return nearness(kept), _in_catchment(schools, kept, referral.case.catchment)


def _in_catchment(schools: Schools, kept: Mapping[str, int], catchment: Collection[str]) -> Ranks:
    """0 outside; nothing for a school of the catchment that could not receive, or to which nobody has measured."""
    ranks = nearness({urn: far for urn, far in kept.items() if urn in catchment})
    return {urn: ranks.get(urn, 0) for urn in schools if urn in ranks or urn not in catchment}


def same_federation(state: State, school: ev.SchoolRecorded, made: ev.ReferralMade) -> bool | None:
    """Whether a setting is in the federation of the school that the pupil comes from; None where either is not recorded.

    A pupil who was said to come from none is in no federation yet.
    """
    if made.no_home_school and not made.excluded_by:
        return False
    sent_by = state.schools.get(made.home_school or made.excluded_by or "")
    if sent_by is None or sent_by.federation is None or school.federation is None:
        return None
    return sent_by.federation == school.federation


def in_area_of_home(school: ev.SchoolRecorded, case: ev.ReferralCase) -> bool | None:
    """Whether a setting's federation or area is the one where the pupil lives; None where either is not recorded."""
    return None if case.area is None or school.federation is None else case.area == school.federation
