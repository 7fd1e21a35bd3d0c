"""Who has a place where: the roll of a year group, and the places that are taken in a setting without year groups.

It goes by what happened, not by what was planned, and where that is not known it keeps a place rather than give it twice.

    counted    a count holds whoever was there on its day
    to come    a pupil who was decided for a school and has not begun there has a place there on top of every count
    leaving    and keeps its own where it is; that is free from the day on which it begins elsewhere
    meaning 1  every placement began, and was left, on the day that was planned
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from typing import Final, Literal, TypeVar

from panel.state.records import Admission, Referral, State
from panel.state.schooldays import academic_year
from panel.state.year_groups import in_year, moved_up, year_group_there


def on_roll(state: State, urn: str, year_group: int, on: dt.date) -> int | None:
    """Pupils on roll in a year group: as counted, plus those who came (back) since or are to come, minus those who left; None if
    never counted.

    A pupil on off-site direction stays on the roll of the home school and is on the
    receiving one as well. One whom the school itself excluded left with the exclusion, not with the decision, and is back if it was
    reversed.
    """
    year = state.years.get((urn, year_group))
    if year is None or year.on_roll is None:
        return None
    if not state.as_it_began:
        return _as_was_planned(state, urn, year_group, year.as_at, year.on_roll, on)
    courses: Courses[dt.date] = {}
    for name, day, sign, seen in _steps(state, urn, year.as_at, on):
        if seen == year_group:
            courses.setdefault(name, []).append((day, sign))
    return max(0, year.on_roll + _moved(courses, year.as_at))


K = TypeVar("K", dt.date, int)
Courses = dict[str, list[tuple[K, int]]]
"""Pupil -> what happened there, by day or by entry: 1 comes (back), -1 leaves, `FROM_THERE` leaves and was there until then."""

FROM_THERE: Final = -2
"""Whoever is excluded, or moves on from its home school, was there until then, whatever was said before."""


def _moved(courses: Courses[K], counted: K) -> int:
    """How many more pupils have a place now than when it was counted; of whom nothing was said before, the first step tells."""
    more = 0
    for course in map(sorted, courses.values()):
        before, since = ([sign for at, sign in course if (at > counted) is later] for later in (False, True))
        then = since[:1] == [FROM_THERE] or (before or [-since[0]])[-1] > 0
        more += (course[-1][1] > 0) - then
    return more


def _steps(state: State, urn: str, as_at: dt.date, on: dt.date) -> Iterator[tuple[str, dt.date, int, int]]:
    """Pupil, day, comes or leaves, and in which year group. Who is to come comes last."""
    at_home = {r.made.referral for r in state.referrals.values() if r.made.home_school == urn and not _gone_before(r, urn)}
    for a in state.admissions:
        if a.school != urn or _stays(state, a) or (is_over(state, a) and _last(state, a) in (None, first_there(state, a))):
            continue
        first = first_there(state, a)
        seen = _seated(state, a, on) if first is None or first > as_at else _when_counted(state, a, as_at)
        yield a.pupil, first or dt.date.max, 1, seen
        if (last := _last(state, a)) is not None:
            yield a.pupil, last, -1, seen
    for name in at_home:
        yield from _from_home(state, state.referrals[name], urn, as_at, on)
    for e in state.exclusions:
        if e.school == urn and e.on <= on:
            yield e.pupil, e.on, FROM_THERE, moved_up(e.year_group, e.on, max(e.on, as_at))
    for reversal in state.reversals:
        e, since = reversal.exclusion, reversal.by.on
        if e.school == urn:
            seen = moved_up(e.year_group, e.on, max(e.on, as_at))
            yield e.pupil, e.on, -1, seen
            others = (first_there(state, a) for a in state.admissions if a.pupil == e.pupil and a.school != urn and not is_over(state, a))
            if not any(e.on <= first <= since for first in others if first):
                yield e.pupil, since, 1, seen


def _from_home(state: State, referral: Referral, urn: str, as_at: dt.date, on: dt.date) -> Iterator[tuple[str, dt.date, int, int]]:
    """A pupil leaves the school that it came from, and is back."""
    made, decision = referral.made, referral.decision
    if referral.status != "decided" or decision is None or decision.school == urn:
        return
    kept = keeps_place(referral)
    left = _gave_up(referral)[0] if kept else referral.started
    if left is not None:
        seen = in_year(state, made, min(max(left, as_at), on))
        reversed_since = any(r.exclusion.pupil == made.pupil and r.exclusion.school == urn for r in state.reversals)
        yield made.pupil, left, -1 if reversed_since else FROM_THERE, seen
        if referral.returned and not kept and referral.ended is not None:
            yield made.pupil, referral.ended, 1, seen


def _when_counted(state: State, a: Admission, as_at: dt.date) -> int:
    if _as_planned(state, a):
        return moved_up(a.year_group, a.on, as_at)
    return in_year(state, state.referrals[str(a.referral)].made, as_at)


def _as_was_planned(state: State, urn: str, year_group: int, as_at: dt.date, counted: int, on: dt.date) -> int:
    """The same under meaning 1."""
    came = {admission.pupil for admission in _came(state, urn, year_group, as_at, on)}
    excluded = {e.pupil for e in state.exclusions if e.school == urn and e.year_group == year_group and as_at < e.on <= on}
    stayed, moved = _decided_from(state, urn, year_group, as_at, on)
    back = _back(state, urn, year_group, as_at)
    ended = {admission.pupil for admission in _ended(state, urn, year_group, as_at)}
    return max(0, counted + len(came - stayed) + len(back) - len(excluded | moved) - len(ended))


def _as_planned(state: State, admission: Admission) -> bool:
    """Whether the day of an admission is all that is asked of it: nobody decided on it here, or the meaning of the meeting is 1."""
    return admission.referral is None or not state.as_it_began


def first_there(state: State, admission: Admission) -> dt.date | None:
    """The day since which a pupil is there; None while it has not begun."""
    return admission.on if _as_planned(state, admission) else admission.began


def _last(state: State, admission: Admission) -> dt.date | None:
    """The day since which a pupil is there no more; None while it is, and where nobody said when it left."""
    return admission.gone_on if _as_planned(state, admission) else admission.left


def is_over(state: State, admission: Admission) -> bool:
    return admission.gone if _as_planned(state, admission) else admission.left is not None


def _seated(state: State, admission: Admission, on: dt.date) -> int:
    """The year group in which a pupil takes a place on the roll, seen from a day: of one who is still to come, that day's."""
    if admission.referral is None or _as_planned(state, admission):
        return year_group_there(state, admission, on)
    return in_year(state, state.referrals[admission.referral].made, min(admission.began or on, on))


def _decided_from(state: State, urn: str, year_group: int, since: dt.date, on: dt.date) -> tuple[set[str], set[str]]:
    """Under meaning 1, of the pupils on roll at a school: those decided for that same one, and those who left by a decision after a day.

    A place that is kept while the pupil is elsewhere for a time is given up when that becomes permanent, or the pupil leaves.
    """
    stayed: set[str] = set()
    moved: set[str] = set()
    for referral in state.referrals.values():
        made, decision = referral.made, referral.decision
        if (
            made.home_school != urn
            or _gone_before(referral, urn)
            or referral.status != "decided"
            or decision is None
            or decision.starts is None
        ):
            continue
        left_on = _gave_up(referral)[0] if keeps_place(referral) else decision.starts
        if in_year(state, made, min(left_on or decision.starts, on)) != year_group:
            continue
        if decision.school == urn:
            stayed.add(made.pupil)
        elif referral.returned:
            continue
        elif left_on is not None and left_on > since:
            moved.add(made.pupil)
    return stayed, moved


def _gone_before(referral: Referral, urn: str) -> bool:
    """Whether the pupil left a school by its own exclusion, before anybody decided."""
    return referral.made.permanently_excluded and referral.made.excluded_by in (None, urn)


def _back(state: State, urn: str, year_group: int, as_at: dt.date) -> set[str]:
    """Under meaning 1, pupils on roll again who were not when it was counted: returned, or their exclusion was reversed."""
    back: set[str] = set()
    for referral in state.referrals.values():
        made, decision = referral.made, referral.decision
        if made.home_school != urn or decision is None or decision.school == urn or keeps_place(referral):
            continue
        left, returned = decision.starts, referral.ended if referral.returned else None
        if left and returned and left <= as_at < returned and moved_up(in_year(state, made, left), left, as_at) == year_group:
            back.add(made.pupil)
    for reversal in state.reversals:
        one, since = reversal.exclusion, reversal.by.on
        if one.school == urn and one.on <= as_at < since and moved_up(one.year_group, one.on, as_at) == year_group:
            elsewhere = any(a.pupil == one.pupil and a.school != urn and one.on <= a.on <= as_at and not a.gone for a in state.admissions)
            back |= set() if elsewhere else {one.pupil}
    return back


def _ended(state: State, urn: str, year_group: int, as_at: dt.date) -> list[Admission]:
    """Placements of pupils who were there when the year group was counted, that ended after that day."""
    return [a for a in _there_when_counted(state, urn, year_group, as_at) if _last(state, a) is not None]


def _still(state: State, urn: str, year_group: int, as_at: dt.date) -> set[str]:
    """Pupils who were there when the year group was counted, and are: another decision for that school brings nobody."""
    if not state.as_it_began:
        return set()
    return {a.pupil for a in _there_when_counted(state, urn, year_group, as_at) if not is_over(state, a)}


def _there_when_counted(state: State, urn: str, year_group: int, as_at: dt.date) -> Iterator[Admission]:
    """Placements and admissions to a school that lasted on the day of a count, of pupils then in that year group."""
    for a in state.admissions:
        first, last = first_there(state, a), _last(state, a)
        if a.school != urn or first is None or first > as_at or (last is not None and last <= as_at):
            continue
        if _when_counted(state, a, as_at) == year_group:
            yield a


def keeps_place(referral: Referral) -> bool:
    """Whether the pupil's place where it came from is kept while the placement lasts: it is for a time, or on trial."""
    decision = referral.decision
    return referral.made.referral_kind == "off_site_direction" or (decision is not None and decision.keeps_place is True)


def _gave_up(referral: Referral) -> tuple[dt.date | None, int]:
    """When a place that was kept was given up, and the entry that says so; no day while it is kept, and after a return.

    A trial that became permanent gave it up then, whatever became of the pupil since.
    """
    asked = {"placement.made_permanent", *(("placement.ended",) if referral.end == "left" else ())}
    since = (one for one in referral.happened if one.seq > referral.decision_seq)
    return next(((one.on, one.seq) for one in since if one.event in asked), (None, 0))


def on_roll_who(state: State, urn: str, year_group: int, which: Literal["looked_after", "ehcp"], on: dt.date) -> int | None:
    """Looked-after children, or pupils with an EHCP, in a year group: as counted, plus those who came since, minus those whose
    placement there has ended.

    None if they were never counted, or if the record does not say of one of these pupils whether to count them.
    """
    year = state.years.get((urn, year_group))
    counted: int | None = None if year is None else getattr(year, which)
    if year is None or counted is None:
        return None
    still = _still(state, urn, year_group, year.as_at)
    said = [getattr(a, which) for a in _came(state, urn, year_group, year.as_at, on) if a.pupil not in still]
    left = [getattr(admission, which) for admission in _ended(state, urn, year_group, year.as_at)]
    return None if None in (*said, *left) else max(0, counted + sum(said) - sum(left))


def _came(state: State, urn: str, year_group: int, as_at: dt.date, on: dt.date) -> list[Admission]:
    """Pupils who came to a year group after it was counted, and are there."""
    return [
        a
        for a in state.admissions
        if a.school == urn
        and ((first := first_there(state, a)) is None or first > as_at)
        and not is_over(state, a)
        and _seated(state, a, on) == year_group
        and not (state.as_it_began and _stays(state, a))
    ]


def _stays(state: State, admission: Admission) -> bool:
    """Whether a pupil was decided for the school on whose roll it is already."""
    made = state.referrals[admission.referral] if admission.referral is not None else None
    return made is not None and made.made.home_school == admission.school and not _gone_before(made, admission.school)


def untold(state: State, urn: str, year_group: int, which: Literal["looked_after", "ehcp"], on: dt.date) -> tuple[Admission, ...]:
    """The pupils who came to, or left, a year group since it was counted and of whom nobody has said whether to count them."""
    year = state.years.get((urn, year_group))
    if year is None or getattr(year, which) is None:
        return ()
    still = _still(state, urn, year_group, year.as_at)
    came = (a for a in _came(state, urn, year_group, year.as_at, on) if a.pupil not in still)
    moved = (*came, *_ended(state, urn, year_group, year.as_at))
    return tuple(admission for admission in moved if getattr(admission, which) is None)


def occupied(state: State, urn: str) -> int | None:
    """Places taken in a setting without year groups: as recorded, plus those who came (back) since or are to come, minus those who left.

    Since the entry with the figure, by the entries that say that a placement began (under meaning 1, that it was decided).
    """
    recorded = state.schools[urn].occupied
    if recorded is None:
        return None
    counted = state.occupied_seqs[urn]
    if not state.as_it_began:
        return _taken_as_was_planned(state, urn, recorded, counted)
    courses: Courses[int] = {}
    gone = {a.referral for a in state.admissions if a.referral is not None and is_over(state, a)}
    for r in state.referrals.values():
        if r.status == "decided" and r.decision is not None:
            for seq, sign in _steps_by_entry(state, r, r.decision.school, urn, r.made.referral in gone):
                courses.setdefault(r.made.pupil, []).append((seq, sign))
    return max(0, recorded + _moved(courses, counted))


def _steps_by_entry(state: State, r: Referral, school: str | None, urn: str, gone: bool) -> Iterator[tuple[int, int]]:
    """A pupil comes to a setting by a decision, or leaves it, and by which entry."""
    began, last = _began_by(state, r), _last_seq(state, r)
    if school == urn and (r.made.home_school != urn or _gone_before(r, urn)):
        yield began or sys.maxsize, 1
        if gone:
            yield last, -1
    elif school != urn and r.made.home_school == urn and (left := _left_by(state, r)):
        yield left, -1
        if r.returned and not keeps_place(r):
            yield last, 1


def _taken_as_was_planned(state: State, urn: str, recorded: int, counted: int) -> int:
    """The same under meaning 1."""
    decided = [r for r in state.referrals.values() if r.status == "decided" and r.decision]
    gone = {a.referral for a in state.admissions if a.referral is not None and a.gone}
    came, left, ended = set[str](), set[str](), set[str]()
    for r in decided:
        name, pupil, school = r.made.referral, r.made.pupil, r.decision.school if r.decision else None
        if school == urn and r.decision_seq > counted:
            came |= set() if name in gone else {pupil}
        elif school == urn and name in gone and _last_seq(state, r) > counted:
            ended.add(pupil)
        elif r.made.home_school == urn and school != urn and not r.returned and _left_by(state, r) > counted:
            left.add(pupil)
    return max(0, recorded + len(came) - len(left | ended))


def _began_by(state: State, referral: Referral) -> int:
    """The entry by which the pupil is where it was sent; 0 where it has not begun there."""
    if not state.as_it_began:
        return referral.decision_seq
    since = (one.seq for one in referral.happened if one.event == "placement.started" and one.seq > referral.decision_seq)
    return max(since, default=0) if referral.decision_seq else 0


def _left_by(state: State, referral: Referral) -> int:
    """The entry by which the pupil gave up the place that it came from; 0 where it has it still, or again."""
    said = referral.decision is not None and referral.decision.keeps_place
    if said or (state.as_it_began and keeps_place(referral)):
        return _gave_up(referral)[1]
    return _began_by(state, referral)


def _last_seq(state: State, referral: Referral) -> int:
    """The entry by which the pupil was gone from a placement that is over."""
    asked = [referral]
    if referral.end in ("managed_move", "admission"):
        asked = [held for held in state.referrals.values() if held.made.follows == referral.made.referral]
    if state.as_it_began and (went_on := [held for held in asked if held is not referral and held.status == "decided"]):
        return max(_began_by(state, held) for held in went_on)
    return max((one.seq for held in asked for one in held.happened if one.event in _OVER), default=0)


_OVER: Final = (
    *("placement.ended", "placement.broke_down", "placement.not_taken_up"),
    *("decision.taken", "decision.declined", "referral.withdrawn"),
)


def counted_in_another_year(state: State, on: dt.date) -> tuple[str, ...]:
    """URNs of the settings whose year groups were last counted in another academic year: the pupils have moved up since."""
    return tuple(sorted({urn for (urn, _), year in state.years.items() if academic_year(year.as_at) != academic_year(on)}))
