"""Which pupils are to be kept apart from each other, which are to be placed together, and where a pupil is by the record.

Whoever says it, it goes for both. It decides nothing: what keeps them apart, or together, is a rule or an objective of the book.

    at(q)   the last that the record says of q: an admission or placement that stands, or the home school of a referral;
            nowhere after a permanent exclusion from there, and besides wherever an off-site direction of q stands
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from panel.state.records import Referral, State

Apart = Mapping[str, frozenset[str]]
"""Pupil -> the pupils from whom this one is to be kept apart, or with whom it is to be placed."""


def kept_apart(state: State) -> Apart:
    """By what every referral in the record says, withdrawn and decided ones too; a pupil with nobody to be kept from is absent."""
    found: dict[str, set[str]] = {}
    for referral in state.referrals.values():
        for other in referral.case.not_with or ():
            found.setdefault(referral.made.pupil, set()).add(other)
            found.setdefault(other, set()).add(referral.made.pupil)
    return {pupil: frozenset(others) for pupil, others in found.items()}


def placed_together(state: State, agenda: Iterable[str]) -> Apart:
    """Pupil -> those with whom this one is to be placed, by what the referrals of an agenda say; a pupil with nobody is absent."""
    found: dict[str, set[str]] = {}
    for referral in (state.referrals[name] for name in agenda):
        for other in referral.case.together_with or ():
            found.setdefault(referral.made.pupil, set()).add(other)
            found.setdefault(other, set()).add(referral.made.pupil)
    return {pupil: frozenset(others) for pupil, others in found.items()}


def among(apart: Apart, pupils: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Referral -> the other referrals whose pupils are named with this one. `pupils`: referral -> pupil."""
    found = {name: tuple(sorted(q for q, other in pupils.items() if other in apart.get(pupil, ()))) for name, pupil in pupils.items()}
    return {name: others for name, others in sorted(found.items()) if others}


def frozen_others(cases: Mapping[str, tuple[str, Mapping[str, Any]]], what: str) -> dict[str, tuple[str, ...]]:
    """Referral -> the others that an opening froze under this name, of those whose cases are held. `cases`: referral -> pupil, case."""
    return {name: tuple(other for other in case[what] if other in cases) for name, (_, case) in sorted(cases.items()) if what in case}


def one_is_here(others: Iterable[frozenset[str] | None], urn: str) -> bool | None:
    """Whether one of several pupils is at a setting; None where none is known to be, and of one the record says nothing."""
    places = tuple(others)
    if any(place is not None and urn in place for place in places):
        return True
    return None if None in places else False


def whereabouts(state: State, pupil: str) -> frozenset[str] | None:
    """URNs of the schools where the record has a pupil; empty where it says that the pupil is at none, None where it says nothing."""
    directed, at = set[str](), None
    for school, how in _told(state, pupil):
        if how == "directed":
            directed.add(school)
        elif how == "excluded":
            at = "" if at == school else at
        else:
            at = school
    if at is None and not directed:
        return None
    return frozenset(directed | ({at} if at else set()))


def _told(state: State, pupil: str) -> Iterable[tuple[str, str]]:
    """What the record says of the pupil day after day: a school, or none at all (""), and how it comes to say so."""
    told = [(r.made.made_on, 0, _home(r), "home") for r in state.referrals.values() if r.made.pupil == pupil]
    told += [(e.on, 1, e.school, "excluded") for e in state.exclusions if e.pupil == pupil]
    standing = [a for a in state.admissions if a.pupil == pupil and not a.gone]
    told += [(a.on, 2, a.school, "directed" if a.kind == "off_site_direction" else "admitted") for a in standing]
    told += [(r.ended, 3, "", "left") for r in state.referrals.values() if r.made.pupil == pupil and r.end == "left" and r.ended]
    return [(school, how) for _, _, school, how in sorted(told)]


def _home(referral: Referral) -> str:
    """The school that a pupil is on the roll of by a referral; none where that school excluded the pupil, or no school is named."""
    made = referral.made
    gone = made.permanently_excluded and made.excluded_by in (None, made.home_school)
    return "" if gone else made.home_school or ""
