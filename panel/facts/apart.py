"""Which pupils are to be kept apart from each other, which are to be placed together, and where a pupil is by the record.

Whoever says it, it goes for both. It decides nothing: what keeps them apart, or together, is a rule or an objective of the book.

    at(q)   the last that the record says of q: an admission or placement that stands, or the home school of a referral;
            nowhere after a permanent exclusion from there, or after q left the placement there for elsewhere; and besides
            wherever an off-site direction of q stands, until that school excludes q
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from panel import events as ev
from panel.state.records import Admission, Referral, State

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


def whereabouts(state: State, pupil: str, on: dt.date) -> frozenset[str] | None:
    """URNs of the schools where the record has a pupil on a day; empty where it says that the pupil is at none, None where it says nothing.

    Who is to come to a school later is where it was until then.
    """
    cases = [r for r in state.referrals.values() if r.made.pupil == pupil]
    standing = [(a.on, a) for a in state.admissions if a.pupil == pupil and not a.gone and not _to_come(a, on)]
    found = last_said(cases, [e for e in state.exclusions if e.pupil == pupil], standing)
    return None if found is None else frozenset(found)


def whereabouts_and_to_come(state: State, pupil: str, on: dt.date) -> frozenset[str] | None:
    """The same, with the schools to which the pupil is to come later: who must be kept apart from it is to be at neither."""
    to_come = {a.school for a in state.admissions if a.pupil == pupil and not a.gone and _to_come(a, on)}
    found = whereabouts(state, pupil, on)
    return frozenset({*(found or ()), *to_come}) if to_come else found


def _to_come(admission: Admission, on: dt.date) -> bool:
    return admission.on > on and (admission.began is None or admission.began > on)


def last_said(
    cases: Iterable[Referral], exclusions: Iterable[ev.PermanentlyExcluded], standing: Iterable[tuple[dt.date, Admission]]
) -> dict[str, Admission | None] | None:
    """The schools where the record has a pupil, each with the admission by which it says so; None where it says nothing.

    `standing` are the admissions that are not over, each with the day from which it is told.
    """
    directed, by = dict[str, Admission | None](), None
    at: str | None = None
    for school, how, admission in _told(cases, exclusions, standing):
        if how == "directed":
            directed[school] = admission
        elif how in ("excluded", "left"):
            at = "" if at == school else at
            if how == "excluded":
                directed.pop(school, None)
        elif how != "home" or school != at:
            at, by = school, admission
    if at is None and not directed:
        return None
    return {**({at: by} if at else {}), **directed}


Told = tuple[dt.date, int, str, str, Admission | None]


def _told(
    cases: Iterable[Referral], exclusions: Iterable[ev.PermanentlyExcluded], standing: Iterable[tuple[dt.date, Admission]]
) -> list[tuple[str, str, Admission | None]]:
    """What the record says of the pupil day after day: a school, or none at all (""), and how it comes to say so.

    Who left a placement was there until then, and is gone from there alone: by now the pupil may be at another school.
    """
    cases = tuple(cases)
    left = [(r.ended, r) for r in cases if r.end == "left" and r.ended and r.decision]
    told: list[Told] = [(r.made.made_on, 0, _home(r), "home", None) for r in cases]
    told += [(e.on, 1, e.school, "excluded", None) for e in exclusions]
    told += [(on, 2, a.school, "directed" if a.kind == "off_site_direction" else "admitted", a) for on, a in standing]
    told += [(min(r.started or on, on), 2, _left_from(r), "admitted", None) for on, r in left if not _directed(r)]
    told += [(on, 3, _left_from(r), "left", None) for on, r in left]
    return [(school, how, admission) for _, _, school, how, admission in sorted(told, key=lambda one: one[:4])]


def _directed(referral: Referral) -> bool:
    return referral.made.referral_kind == "off_site_direction"


def _left_from(referral: Referral) -> str:
    """The school on whose roll a pupil was until it left a placement for elsewhere: of a direction that at home."""
    there = referral.decision.school if referral.decision else None
    return _home(referral) if _directed(referral) else there or ""


def _home(referral: Referral) -> str:
    """The school that a pupil is on the roll of by a referral; none where that school excluded the pupil, or no school is named."""
    made = referral.made
    gone = made.permanently_excluded and made.excluded_by in (None, made.home_school)
    return "" if gone else made.home_school or ""
