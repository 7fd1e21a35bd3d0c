"""What is due: every clock of every referral that it runs for, sorted into what is late, what comes next and what cannot be told.

It records nothing and moves no day. Each case is asked by the edition under which it was decided, before that by the one
in force on the day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from panel.cases.directions import open_directions
from panel.clocks.deadlines import Asked, Timed, not_yet, timed
from panel.clocks.instead import instead
from panel.clocks.reminders import Told, of_the_lifecycle, to_look_at
from panel.clocks.runs import Mark, marks_of, runs_of
from panel.errors import Refused
from panel.facts.counts import Counts, tally, weighing
from panel.facts.referral_facts import referral_facts
from panel.state.lifecycle import course_of
from panel.state.records import Referral, State
from panel.state.schooldays import Terms
from rules.book import Clock, Rulebook
from rules.evaluate import Evaluation
from rules.facts import Value
from rules.finding import Outcome
from rules.reach import reached
from rules.sealed import tells_what_is_sealed

BookOf = Callable[[Referral], Rulebook]
Evaluate = Callable[[Rulebook], Evaluation]

HOME: Final = "referral.home_school_"


@dataclass(frozen=True, slots=True)
class Due:
    """A panel's clocks as of a day. `late`: the longest overdue first; `next`: those of the next `within` days, the soonest first.

    `too_early`: what came before it might, in the last `within` days. `settled` is all else: met, stopped, not begun, or
    due later. `gaps` are stretches in which no term is loaded, and most likely one is missing.
    """

    as_of: dt.date
    within: int
    late: tuple[Timed, ...]
    next: tuple[Timed, ...]
    too_early: tuple[Timed, ...]
    cannot_tell: tuple[Timed, ...]
    settled: tuple[Timed, ...]
    look_at: tuple[Told, ...]
    gaps: tuple[tuple[dt.date, dt.date], ...]


def due(state: State, as_of: dt.date, within: int, *, book_of: BookOf, evaluate: Evaluate) -> Due:
    """Everything that is due as of a day, by the state of that day."""
    terms = Terms.of(state.terms)
    asking = _Asking(state, terms, as_of, evaluate)
    every = [one for referral in state.referrals.values() for one in asking.of(referral, book_of(referral))]
    last, since = as_of + dt.timedelta(days=within), as_of - dt.timedelta(days=within)
    late = [one for one in every if one.standing == "late"]
    soon = [one for one in every if one.standing == "running" and (day := _when(one, as_of)) is not None and day <= last]
    early = [one for one in every if one.standing == "too early" and one.met is not None and one.met.on > since]
    untold = [one for one in every if one.standing == "cannot tell" and one.open]
    told = {id(one) for one in (*late, *soon, *early, *untold)}
    clocked = {one.referral for one in (*late, *soon) if "placement.started" in one.asked.until and (one.due or one.due_at_latest)}
    return Due(
        as_of,
        within,
        late=_sorted(late),
        next=_sorted(soon),
        too_early=_sorted(early),
        cannot_tell=_sorted(untold),
        settled=_sorted([one for one in every if id(one) not in told]),
        look_at=(
            *to_look_at(state, terms, as_of, clocked),
            *(Told("direction", say, name, urn) for name, urn, say in open_directions(state)),
        ),
        gaps=terms.gaps(),
    )


def _when(one: Timed, as_of: dt.date) -> dt.date | None:
    """The day that comes next: the deadline, else that before which something may not happen."""
    if one.due is not None:
        return one.due
    return one.earliest if one.earliest is not None and one.earliest > as_of else None


def _sorted(some: Sequence[Timed]) -> tuple[Timed, ...]:
    return tuple(sorted(some, key=lambda one: (one.due or one.due_at_latest or one.earliest or dt.date.max, one.referral, one.asked.id)))


@dataclass(frozen=True, slots=True)
class _Asking:
    """What is needed to ask the clocks of any referral."""

    state: State
    terms: Terms
    as_of: dt.date
    evaluate: Evaluate
    counted: dict[str, Counts | None] = field(default_factory=dict)

    def of(self, referral: Referral, rulebook: Rulebook) -> Iterator[Timed]:
        marks = marks_of(self.state, referral, self.as_of)
        course = course_of(rulebook, referral.made.referral_kind)
        for one in (
            *self._of_the_book(referral, rulebook, marks),
            *of_the_lifecycle(referral, rulebook, marks, self.terms, self.as_of),
        ):
            yield replace(one, instead=instead(referral, course, one.asked.until)) if one.open else one

    def _of_the_book(self, referral: Referral, rulebook: Rulebook, marks: Sequence[Mark]) -> Iterator[Timed]:
        if not rulebook.clocks:
            return
        name = referral.made.referral
        reading = self.evaluate(rulebook).clocks(self._facts(referral, rulebook))
        for clock in rulebook.clocks:
            finding = reading.finding(clock.id)
            if finding.outcome in (Outcome.SILENT, Outcome.OUT_OF_SCOPE):
                continue
            asked = asked_by(rulebook, clock)
            runs = runs_of(clock.from_, clock.until, marks, erased=bool(referral.erased_by))
            for run in runs:
                yield timed(name, asked, run, self.terms, self.as_of, missing=_missing(finding.outcome, finding.missing))
            if not runs and finding.outcome is Outcome.FIRES:
                yield not_yet(name, asked)

    def _facts(self, referral: Referral, rulebook: Rulebook) -> Mapping[str, Value]:
        """The facts of the case; its home school's counts only where a clock reads them, and unknown where they cannot be counted."""
        if rulebook.digest not in self.counted:
            self.counted[rulebook.digest] = self._counts(rulebook)
        counts = self.counted[rulebook.digest]
        nothing = Counts({}, {}, weigh=weighing(rulebook, self.evaluate(rulebook).admission))
        facts = referral_facts(self.state, referral, rulebook, counts or nothing, self.as_of)
        own = {f"{HOME}{count.id}" for count in rulebook.counts}
        return facts if counts is not None else {name: value for name, value in facts.items() if name not in own}

    def _counts(self, rulebook: Rulebook) -> Counts | None:
        if not any(name.startswith(HOME) for clock in rulebook.clocks for name in reached(rulebook, clock.rule.condition)):
            return None
        try:
            return tally(self.state, rulebook, self.evaluate(rulebook).admission, self.as_of)
        except Refused:
            return None


def _missing(outcome: Outcome, missing: tuple[str, ...]) -> tuple[str, ...]:
    return (missing or ("a fact of the case",)) if outcome is Outcome.CANNOT_TELL else ()


def asked_by(rulebook: Rulebook, clock: Clock) -> Asked:
    """What a clock of the book asks."""
    rule, times = clock.rule, (clock.within, clock.not_before)
    sealed = tells_what_is_sealed(rulebook, clock)
    return Asked(clock.id, "clock", clock.from_, clock.until, *times, rule.authority, rule.book, rule.say, sealed)


def school_of_clock(state: State, one: Timed) -> str | None:
    """The URN of the school that a clock is about: that of the direction, the receiving school, else the one that the pupil comes from."""
    referral = state.referrals[one.referral]
    events = {*one.asked.from_, *one.asked.until}
    if events & {"school.directed", "school.admitted"} or any(event.startswith("direction.") for event in events):
        if referral.directions:
            return referral.directions[-1].school
        if referral.refusals:
            return referral.refusals[-1]
    if referral.decision is not None and referral.decision.school is not None:
        return referral.decision.school
    return referral.made.excluded_by or referral.made.home_school
