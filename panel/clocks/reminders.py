"""What is due by the lifecycle of an edition, and by what was recorded of a case itself: reviews, an end, a notice, a case put off.

It reads no clock of the book, and judges no transition.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from panel.clocks.deadlines import Asked, Timed, timed, timed_by
from panel.clocks.runs import ENDS_THE_CASE, ERASED, Mark, Run, runs_of
from panel.state.lifecycle import Course, course_of
from panel.state.records import Referral, State
from panel.state.schooldays import Terms, academic_year
from panel.state.stays import stays
from rules.book import Authority, Length, Rulebook

ENDS: Final = ("placement.ended", "placement.broke_down", "placement.made_permanent")
HALF_A_YEAR: Final = 183
"""Days for which an excluded pupil whom nobody took up is told of, also beyond the end of the academic year."""
SIXTH: Final = 6
"""School days after a permanent exclusion; from the last of them on full-time education is to be had again."""
OFTEN: Final = 2
"""Times put off from which a case is told."""


@dataclass(frozen=True, slots=True)
class Told:
    """Something to look at that no day is set for. `school` is a URN, where one is concerned."""

    what: str
    say: str
    referral: str | None = None
    school: str | None = None


def of_the_lifecycle(referral: Referral, rulebook: Rulebook, marks: Sequence[Mark], terms: Terms, as_of: dt.date) -> Iterator[Timed]:
    """What the lifecycle of the referral's kind makes due, and the end that was planned for what is temporary."""
    asking = _Asking(referral, rulebook, course_of(rulebook, referral.made.referral_kind), marks, terms, as_of)
    yield from asking.notice()
    if asking.started is not None:
        yield from asking.reviews(asking.started)
        yield from asking.end(asking.started)


@dataclass(frozen=True, slots=True)
class _Asking:
    """One referral, what the lifecycle says of its kind, and what happened to it."""

    referral: Referral
    rulebook: Rulebook
    course: Course
    marks: Sequence[Mark]
    terms: Terms
    as_of: dt.date

    @property
    def name(self) -> str:
        return self.referral.made.referral

    @property
    def started(self) -> Mark | None:
        """The first day of the placement that was decided last."""
        decided = self.referral.decision_seq
        return next((mark for mark in self.marks if mark.event == "placement.started" and mark.seq > decided > 0), None)

    def notice(self) -> Iterator[Timed]:
        """How early a family must be told before what is decided may start, where the lifecycle asks for notice."""
        decision, length = self.referral.decision, self.course.notice
        if length is None or any(_asks_for_notice(clock.from_, clock.until, clock.not_before) for clock in self.rulebook.clocks):
            return
        wait = self._asked("notice-of-direction", ("notice.given",), ("placement.started",), not_before=length)
        for run in runs_of(wait.from_, wait.until, self.marks, erased=bool(self.referral.erased_by)):
            yield timed(self.name, wait, run, self.terms, self.as_of)
        decided = [mark for mark in self.marks if mark.event == "decision.taken" and mark.back is None]
        if decision is None or decision.starts is None or not decided or self.started is not None:
            return
        if any(mark.event == "notice.given" and mark.seq > decided[-1].seq for mark in self.marks):
            return
        last = self._latest(decision.starts, length)
        give = self._asked("give-notice", ("decision.taken",), ("notice.given",), words=f"{length} before the planned start")
        made = timed_by(self.name, give, Run((decided[-1],), stopped=self._stopped(decided[-1])), last, self.terms, self.as_of)
        untold = (self.terms.reach(self.as_of) or self.as_of) + dt.timedelta(days=1)
        yield made if last is not None or not made.open else replace(made, standing="cannot tell", untold=untold)

    def reviews(self, started: Mark) -> Iterator[Timed]:
        """The reviews that the lifecycle asks for, each so long after the first day; a review held counts for the first that is not."""
        held = [mark for mark in self.marks if mark.event == "placement.reviewed" and mark > started]
        for n, length in enumerate(self.course.reviews):
            asked = self._asked(f"review-{n + 1}", ("placement.started",), ("placement.reviewed",), within=length)
            met = held[n] if n < len(held) else None
            yield timed(self.name, asked, Run((started,), met, self._stopped(started) if met is None else None), self.terms, self.as_of)

    def end(self, started: Mark) -> Iterator[Timed]:
        """The planned last day of a trial, or of what is temporary, as it was recorded last."""
        if self.referral.until is None:
            return
        source = Authority("the last day that was recorded")
        asked = Asked("planned-end", "record", ("placement.started",), ENDS, None, None, source, words="the planned last day")
        met = next((mark for mark in self.marks if mark.event in ENDS and mark > started), None)
        run = Run((started,), met, self._stopped(started) if met is None else None)
        yield timed_by(self.name, asked, run, self.referral.until, self.terms, self.as_of)

    def _stopped(self, since: Mark) -> str | None:
        """What ended the case or the placement after a mark."""
        ends = {*ENDS_THE_CASE, *ENDS}
        return next((mark.event for mark in self.marks if mark.event in ends and mark > since), ERASED if self.referral.erased_by else None)

    def _latest(self, starts: dt.date, length: Length) -> dt.date | None:
        """The last day on which notice is early enough."""
        if length.unit == "school days":
            return self.terms.before(starts, length.many)
        return starts - dt.timedelta(days=length.many * (7 if length.unit == "weeks" else 1))

    def _asked(
        self,
        name: str,
        from_: tuple[str, ...],
        until: tuple[str, ...],
        *,
        within: Length | None = None,
        not_before: Length | None = None,
        words: str = "",
    ) -> Asked:
        kind = self.referral.made.referral_kind.replace("_", " ")
        source = Authority(f"the lifecycle of {kind} in {self.rulebook.name} and what it extends")
        return Asked(name, "lifecycle", from_, until, within, not_before, source, self.rulebook.name, words)


def _asks_for_notice(from_: tuple[str, ...], until: tuple[str, ...], not_before: Length | None) -> bool:
    return not_before is not None and "notice.given" in from_ and "placement.started" in until


# --- without a day ---


def to_look_at(state: State, terms: Terms, as_of: dt.date, clocked: Container[str] = ()) -> Iterator[Told]:
    """Cases put off twice and more, or that have not begun as they should, and excluded pupils whom no referral is about.

    `clocked` are the referrals of which a clock tells already that they have not started.
    """
    placed = stays(state)
    for name, referral in state.referrals.items():
        if referral.deferrals >= OFTEN and referral.status == "waiting":
            last = referral.last("decision.deferred")
            yield Told("put-off", f"put off {referral.deferrals} times, the last time on {last}; decide it, or say what it waits for", name)
        if referral.reversed_on is not None and _rests_on_nothing(referral, referral.reversed_on):
            say = f"the exclusion that it rests on was reversed on {referral.reversed_on}, and nothing has started; say whether it goes on"
            yield Told("reversed", say, name)
        elif name in placed and placed[name].next is None and name not in clocked and (starts := _should_have_started(referral, as_of)):
            say = (
                f"it was to start on {starts}, and no first day is recorded; record it (pastoral start {name} --on DATE), "
                "or what came between"
            )
            gone = f"if the place is not taken up, pastoral end {name} --as not-taken-up --on DATE"
            yield Told("not-started", f"{say}; {gone}", name, referral.decision.school if referral.decision else None)
    for exclusion in state.exclusions:
        lately = academic_year(exclusion.on) == academic_year(as_of) or (as_of - exclusion.on).days <= HALF_A_YEAR
        if lately and not _followed(state, exclusion.pupil, exclusion.on):
            say = f"{exclusion.pupil} was permanently excluded on {exclusion.on}, and no referral or admission since is about this pupil"
            yield Told("no-referral", f"{say}; {_sixth_day(terms, exclusion.on)}", school=exclusion.school)


def _should_have_started(referral: Referral, as_of: dt.date) -> dt.date | None:
    """The first day that was planned, where it has passed and the placement neither started nor ended."""
    decision = referral.decision
    if referral.status != "decided" or referral.erased_by or decision is None or decision.school is None or decision.starts is None:
        return None
    begun = referral.started is not None or referral.ended is not None or referral.end is not None
    return decision.starts if decision.starts < as_of and not begun else None


def _sixth_day(terms: Terms, on: dt.date) -> str:
    """The sixth school day after an exclusion, by which education is to begin."""
    sixth = terms.after(on, SIXTH)
    if sixth is not None:
        return f"the sixth school day after it is {sixth}"
    untold = (terms.reach(on) or on) + dt.timedelta(days=1)
    return f"the sixth school day after it cannot be told: no terms are loaded from {untold} on"


def _rests_on_nothing(referral: Referral, reversed_on: dt.date) -> bool:
    """Whether a case whose exclusion was reversed still waits, or was decided before that and has not begun."""
    decided = referral.decision is not None and referral.decision.on <= reversed_on and referral.started is None
    return referral.status == "waiting" or (referral.status == "decided" and decided)


def _followed(state: State, pupil: str, on: dt.date) -> bool:
    """Whether somebody has taken up an exclusion: a referral that was not withdrawn, or an admission elsewhere.

    A referral from before it is about it only while it waits, or where it says that the pupil was excluded and no exclusion
    before it is recorded that it may speak of.
    """
    about = [referral for referral in state.referrals.values() if referral.made.pupil == pupil and not referral.withdrawn]
    first = on == min(one.on for one in state.exclusions if one.pupil == pupil)
    if any(one.made.made_on >= on or one.status == "waiting" or (first and one.made.permanently_excluded) for one in about):
        return True
    return any(admission.pupil == pupil and admission.on >= on for admission in state.admissions)
