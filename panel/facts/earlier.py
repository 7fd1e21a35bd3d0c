"""What the record says of the placements that a pupil had before this case: how many, since when, and where the pupil was until when.

What is unknown is absent: nothing is guessed. It looks at no rule and at no other pupil.

    earlier     a placement by the panel that was decided and stands, or stood until it ended; loaded history too. One that was
                refused, or taken back before it began, came to nothing
    until(s)    the last day at a school: the referral's own word, an exclusion from there, the last day of a placement; the
                latest of them, unless the pupil came there again later and nobody says until when
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import replace

from panel import events as ev
from panel.facts.apart import whereabouts
from panel.state.records import Admission, Referral, State
from panel.state.stays import DAY, stays
from rules.facts import Value


def of_earlier_placements(state: State, referral: Referral, on: dt.date) -> dict[str, Value | None]:
    """The facts of a referral that its pupil's earlier placements tell, by the name after the family; None is unknown."""
    made = referral.made
    before = [one for one in state.admissions if one.pupil == made.pupil and one.by_panel and one.referral != made.referral]
    firsts = [one.began or one.on for one in before]
    broke_down = [one.ended_on for one in before if one.failed and one.ended_on is not None]
    return {
        "earlier_managed_moves": sum(one.kind == "managed_move" for one in before),
        "days_since_last_placement": _days_since(firsts, on),
        "days_since_broke_down": _days_since(broke_down, on),
    }


def _days_since(days: Iterable[dt.date], on: dt.date) -> int | None:
    """Since the latest of them up to the day; None where there is none."""
    latest = max((day for day in days if day <= on), default=None)
    return None if latest is None else (on - latest).days


def alone(state: State, pupils: Iterable[str]) -> dict[str, State]:
    """Pupil -> the same record with the cases, admissions and exclusions of that pupil and nobody else."""
    cases: dict[str, dict[str, Referral]] = {pupil: {} for pupil in pupils}
    admissions: dict[str, list[Admission]] = {pupil: [] for pupil in cases}
    exclusions: dict[str, list[ev.PermanentlyExcluded]] = {pupil: [] for pupil in cases}
    for name, held in state.referrals.items():
        if (own := cases.get(held.made.pupil)) is not None:
            own[name] = held
    for one in state.admissions:
        if one.pupil in admissions:
            admissions[one.pupil].append(one)
    for other in state.exclusions:
        if other.pupil in exclusions:
            exclusions[other.pupil].append(other)
    return {
        pupil: replace(state, referrals=own, admissions=tuple(admissions[pupil]), exclusions=tuple(exclusions[pupil]))
        for pupil, own in cases.items()
    }


def last_days(state: State, referral: Referral, on: dt.date) -> dict[str, dt.date]:
    """School -> the last day there that is known, the day itself where the pupil is on its roll. The state may be the pupil's `alone`."""
    pupil = referral.made.pupil
    here = frozenset[str]() if referral.case.on_a_roll is False else whereabouts(state, pupil, on) or _at_home(state, referral)
    known: dict[str, list[dt.date]] = {}
    for urn, day in _said(state, referral):
        if day <= on:
            known.setdefault(urn, []).append(day)
    came: dict[str, dt.date] = {}
    for one in state.admissions:
        first = one.began or one.on
        if one.pupil == pupil and one.referral != referral.made.referral and first <= on:
            came[one.school] = max(first, came.get(one.school, first))
    days = {urn: max(found) for urn, found in known.items()}
    days = {urn: day for urn, day in days.items() if day >= came.get(urn, day)}
    return {**days, **dict.fromkeys(here, on)}


def _at_home(state: State, referral: Referral) -> frozenset[str]:
    """The home school of a referral, where the pupil was not excluded from there: not before it, nor since."""
    made = referral.made
    gone = made.permanently_excluded and made.excluded_by in (None, made.home_school)
    since = any(one.pupil == made.pupil and one.school == made.home_school and one.on >= made.made_on for one in state.exclusions)
    return frozenset() if made.home_school is None or gone or since else frozenset({made.home_school})


def _said(state: State, referral: Referral) -> Iterator[tuple[str, dt.date]]:
    """Every last day at a school that somebody told."""
    made = referral.made
    yield from (referral.case.attended_until or {}).items()
    yield from ((one.school, one.on) for one in state.exclusions if one.pupil == made.pupil)
    history = (one for one in state.admissions if one.pupil == made.pupil and one.referral is None and one.gone)
    yield from ((one.school, one.ended_on) for one in history if one.ended_on is not None)
    own = {name: held for name, held in state.referrals.items() if held.made.pupil == made.pupil and name != made.referral}
    for name, stay in stays(replace(state, referrals=own)).items():
        held = own[name]
        if held.started is None or held.decision is None or held.decision.school is None:
            continue
        if stay.until is not None:
            yield held.decision.school, stay.until
        if (home := _left_home(held)) is not None:
            yield home, held.started - DAY


def _left_home(held: Referral) -> str | None:
    """The home school that a pupil left for good on the day on which a placement began."""
    made, school = held.made, held.decision and held.decision.school
    stays_there = held.until is not None or not held.for_good or made.home_school == school
    return None if made.permanently_excluded or stays_there or held.case.on_a_roll is False else made.home_school
