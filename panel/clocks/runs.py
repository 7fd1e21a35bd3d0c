"""When a clock ran for a referral: from which day, until which, and what stopped it. It counts no days and reads no rulebook.

What happened to a referral is taken in the order of the days on which it happened; on one day in the order of the record.

    a run          begins with the first of the events `from` while no run is open; further ones while it is open are
                   kept: a deadline is counted from the first, a wait from the last. Said twice, nothing gives more
                   time to act, or less time to wait.
    is met         by the first of the events `until` after its beginning. The same event may meet one run and begin the next.
    taken back     a decision that a school, the family or somebody else whose word it needs did not agree to is as if it
                   had not been taken, and so is what hung on it: it meets no run, and a run that only it began is over.
                   So the twenty days to a place are counted from when they began, not from the refusal: a child whom a
                   school refused has waited all the same. Likewise an agreement that was withdrawn.
    lasting        what stands until somebody takes it back, an agreement or a paper that the panel has, is there also for a run
                   that begins later: that run is met as it begins, on the day on which it was signed or brought. A paper or an
                   agreement that was taken back meets nothing, and a run that only it began is over.
    is over        unmet, with the case (withdrawn, declined, not taken up, erased); one of a placement, when the placement ends; one that
                   waits for a direction only, when the pupil has started somewhere or the direction was dropped. To decline
                   a case, or not to take the place up, ends nothing that began with a permanent exclusion: the child is excluded
                   all the same.
    put off        a case that was put off runs on: to put it off meets only a clock that says `until: decision.deferred`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from panel.state.happenings import TAKEN_BACK
from panel.state.records import Happening, Meeting, Referral, State
from rules.facts import PAPER_EVENT

TAKERS: Final = frozenset(
    {
        *("receiving_school.refused", "family.refused", "partner.refused", "board.declined"),
        *("parent.withdrew", "pupil.withdrew", "home_school.withdrew"),
    }
)
"""What takes a decision back that stands."""

HANG_ON_A_DECISION: Final = frozenset(
    {"decision.taken", "receiving_school.accepted", "family.agreed", "partner.agreed", "board.directed", "notice.given"}
)
"""What is as if it had not been, once the decision is taken back."""

LASTING: Final = frozenset({"parent.agreed", "pupil.agreed", "home_school.agreed", "sharing.agreed"})
"""Like the papers, what stands from its day on: nobody signs it again while it does."""

OF_THE_CHILD: Final = frozenset({"exclusion.made", "education.stopped"})
"""What is so of the child whatever becomes of the case."""

ENDS_THE_CASE: Final = frozenset({"referral.withdrawn", "decision.declined", "placement.not_taken_up"})
ENDS_THE_PLACEMENT: Final = frozenset({"placement.ended", "placement.broke_down"})
OF_A_PLACEMENT: Final = frozenset({"placement.started", "placement.reviewed", "placement.extended"})
OF_A_DIRECTION: Final = frozenset(
    {*("direction.announced", "direction.answered", "direction.referred", "direction.dropped"), "school.directed", "school.admitted"}
)
ENDS_THE_DIRECTION: Final = frozenset({"placement.started", "direction.dropped", "school.admitted"})
ERASED: Final = "person.erased"
"""What stopped a run where it was an erasure; no clock can name it."""

LAST: Final = 1 << 60


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """Something that happened, in its place among all that happened. `back` is the mark that took it back, if one did."""

    on: dt.date
    seq: int
    place: int
    event: str
    back: Mark | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """`marks` are the events that began it, the first and those said again; `met` what ended it as it should; `stopped` what else did."""

    marks: tuple[Mark, ...]
    met: Mark | None = None
    stopped: str | None = None

    @property
    def open(self) -> bool:
        return self.met is None and self.stopped is None


def marks_of(state: State, referral: Referral, as_of: dt.date) -> tuple[Mark, ...]:
    """All that happened to a referral up to a day, with its pupil's exclusions and the meetings that had it on the agenda."""
    happened = tuple(_marked(enumerate(referral.happened)))
    of_the_case = [*_judged(happened), *_exclusions(state, referral)]
    marks = [*of_the_case, *_elsewhere(state, referral, of_the_case), *_meetings(state, referral, happened)]
    return tuple(sorted(mark for mark in marks if mark.on <= as_of))


def runs_of(from_: Iterable[str], until: Iterable[str], marks: Iterable[Mark], *, erased: bool = False) -> tuple[Run, ...]:
    """Every run, in the order of their beginnings; only the last may be open."""
    return tuple(_runs(frozenset(from_), frozenset(until), tuple(marks), erased=erased))


def _runs(from_: frozenset[str], until: frozenset[str], marks: tuple[Mark, ...], *, erased: bool) -> Iterator[Run]:
    open_: tuple[Mark, ...] = ()
    stands = [one for one in marks if one.event in until and one.back is None and _lasts(one.event)]
    for mark in marks:
        if open_ and mark.event in until and mark.back is None:
            yield Run(open_, met=mark)
            open_ = ()
        if open_ and any(one.back == mark for one in open_):
            kept = tuple(one for one in open_ if one.back != mark)
            if not kept:
                yield Run(open_, stopped=mark.event)
            open_ = kept
        if open_ and _over(open_, until, mark.event):
            yield Run(open_, stopped=mark.event)
            open_ = ()
        if mark.event in from_ and (mark.back is None or mark.back > mark):
            open_ = (*open_, mark)
            if (there := next((one for one in stands if one < mark), None)) is not None:
                yield Run(open_, met=there)
                open_ = ()
    if open_:
        yield Run(open_, stopped=ERASED if erased else None)


def _lasts(event: str) -> bool:
    return event in LASTING or event.startswith(PAPER_EVENT)


def _over(open_: tuple[Mark, ...], until: frozenset[str], event: str) -> bool:
    """Whether what the run waits for cannot come any more."""
    if event in ENDS_THE_CASE:
        return event == "referral.withdrawn" or any(mark.event not in OF_THE_CHILD for mark in open_)
    if event in ENDS_THE_PLACEMENT:
        return all(mark.event in OF_A_PLACEMENT for mark in open_)
    return event in ENDS_THE_DIRECTION and until <= OF_A_DIRECTION


# --- what happened ---


def _marked(happened: Iterable[tuple[int, Happening]]) -> Iterator[Mark]:
    yield from (Mark(one.on, one.seq, place, one.event) for place, one in happened)


def _judged(happened: tuple[Mark, ...]) -> Iterator[Mark]:
    """Each mark, with what took it back: for a decision and what hangs on it by the entries' order, for that is how they were recorded."""
    for n, mark in enumerate(happened):
        later = happened[n + 1 :]
        if mark.event in HANG_ON_A_DECISION:
            of_this = _until_the_next(later, "decision.taken")
            back = next((one for one in of_this if one.event in TAKERS), None)
            yield replace(mark, back=back if _decided(happened[: n + 1]) else None)
        elif mark.event.endswith(".agreed"):
            who = mark.event.removesuffix(".agreed")
            yield replace(mark, back=next((one for one in later if one.event in (f"{who}.withdrew", f"{who}.withdrawn")), None))
        elif mark.event.startswith(PAPER_EVENT):
            yield replace(mark, back=next((one for one in later if one.event == f"{mark.event}{TAKEN_BACK}"), None))
        else:
            yield mark


def _until_the_next(marks: tuple[Mark, ...], event: str) -> Iterator[Mark]:
    for mark in marks:
        if mark.event == event:
            return
        yield mark


def _decided(happened: tuple[Mark, ...]) -> bool:
    """Whether a decision stands after these."""
    for mark in reversed(happened):
        if mark.event == "decision.taken":
            return True
        if mark.event in TAKERS:
            return False
    return False


def _exclusions(state: State, referral: Referral) -> Iterator[Mark]:
    """The permanent exclusion that the case is about, and any that came later.

    It is that of the school that is said to have excluded the pupil, or of the home school; of another school's the case
    knows nothing. An earlier one than the last before the referral was another case's, and so is one from before the
    referral that this one follows.
    """
    made = referral.made
    school = made.excluded_by or made.home_school
    days = sorted(one.on for one in state.exclusions if one.pupil == made.pupil and school in (None, one.school))
    follows = state.referrals.get(made.follows or "")
    before = [on for on in days if on <= made.made_on and not (follows and on <= follows.made.made_on)][-1:]
    before = before if made.permanently_excluded else []
    yield from (Mark(on, 0, 0, "exclusion.made") for on in (*before, *(on for on in days if on > made.made_on)))


def _elsewhere(state: State, referral: Referral, marks: Iterable[Mark]) -> Iterator[Mark]:
    """Education that began again by another referral of the pupil: it has begun, whether the child was excluded or is out of education
    by what this case says. What began before the child was out is no part of the case.
    """
    made = referral.made
    since = min((mark.on for mark in marks if mark.event in OF_THE_CHILD), default=made.made_on)
    for other in state.referrals.values():
        if other.made.pupil == made.pupil and other.made.referral != made.referral:
            began = (one for one in enumerate(other.happened) if one[1].event == "education.started")
            yield from (mark for mark in _marked(began) if mark.on >= min(since, made.made_on))


def _meetings(state: State, referral: Referral, happened: tuple[Mark, ...]) -> Iterator[Mark]:
    """The meetings that had the case on their agenda: called when the first school was told, closed after what was decided there."""
    for meeting in state.meetings:
        if referral.made.referral in meeting.opened.agenda:
            yield from _meeting(meeting, happened)


def _meeting(meeting: Meeting, happened: tuple[Mark, ...]) -> Iterator[Mark]:
    if meeting.told:
        yield Mark(min(meeting.told.values()), 0, 1, "meeting.called")
    yield Mark(meeting.on, meeting.opened_seq, 0, "meeting.opened")
    if meeting.closed:
        decided = [mark.seq for mark in happened if mark.on == meeting.on and mark.event.startswith("decision.")]
        yield Mark(meeting.on, max((meeting.opened_seq, *decided)), LAST, "meeting.closed")
