"""A run of a clock, and the terms -> when it is due, how many days are left, how late it is. Exact, or it says that it cannot tell.

It decides nothing, reads no clock of the machine and moves no day: a deadline in calendar days that falls on a day without
school stays where it falls, and that is said. With S(a, b) the school days after a up to and including b:

    due        within n school days of a:   the first b with S(a, b) = n;   n calendar days: a + n;   n weeks: a + 7 n
    earliest   not before n after a:        the same day, a being the last event that began the run
    late       once the day `due` has passed; by S(due, today), or the calendar days since
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final, Literal

from panel.clocks.runs import Mark, Run
from panel.state.schooldays import SATURDAY, Terms
from rules.book import Authority, Length
from rules.lengths import WEEK, Unit

Standing = Literal["not yet", "running", "late", "met", "met late", "too early", "stopped", "cannot tell"]

WEEKEND: Final = ("a Saturday", "a Sunday")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a clock asks, whoever set it: the rulebook as a clock or in its lifecycle, or what was recorded of the case.

    `sealed`: that it runs, or since when, tells something that is sealed of the case.
    """

    id: str
    by: Literal["clock", "lifecycle", "record"]
    from_: tuple[str, ...]
    until: tuple[str, ...]
    within: Length | None
    not_before: Length | None
    authority: Authority
    book: str = ""
    words: str = ""
    sealed: bool = False


@dataclass(frozen=True, slots=True)
class Timed:
    """One run of one clock for one referral, as of a day.

    `left` and `late` are in the clock's own unit, a week counted as seven calendar days; None where that cannot be told.
    `due_at_latest`: where terms are missing for `due`, but it has certainly passed, the last day that it can have been;
    `late` is then the least that it can be.
    `untold` is the first day for which terms are missing, `missing` the facts that nobody has told and that settle whether
    the clock runs at all. `instead` is what to do, with `{r}` for the referral, where the usual step may not come.
    `falls` says what day `due` is, where it is no school day.
    """

    referral: str
    asked: Asked
    standing: Standing
    begun: Mark | None = None
    met: Mark | None = None
    stopped: str | None = None
    instead: str = ""
    due: dt.date | None = None
    due_at_latest: dt.date | None = None
    earliest: dt.date | None = None
    left: int | None = None
    late: int | None = None
    untold: dt.date | None = None
    missing: tuple[str, ...] = ()
    falls: str | None = None

    @property
    def open(self) -> bool:
        """Whether it still waits for something."""
        return self.begun is not None and self.met is None and self.stopped is None

    @property
    def unit(self) -> Unit:
        """What `left` and `late` are counted in."""
        length = self.asked.within or self.asked.not_before
        return "school days" if length is not None and length.unit == "school days" else "calendar days"


def not_yet(referral: str, asked: Asked) -> Timed:
    """A clock that runs for the referral, once something has happened."""
    return Timed(referral, asked, "not yet")


def timed(referral: str, asked: Asked, run: Run, terms: Terms, as_of: dt.date, *, missing: tuple[str, ...] = ()) -> Timed:
    """How a run stands at the end of the day `as_of`. `missing`: the facts without which it cannot be told whether it runs."""
    first, last = run.marks[0], run.marks[-1]
    due = day_of(first.on, asked.within, terms)
    earliest = day_of(last.on, asked.not_before, terms)
    until = run.met.on if run.met else as_of
    made = _Making(referral, asked, run, terms, until, missing)
    return made.standing(due, earliest)


def timed_by(referral: str, asked: Asked, run: Run, due: dt.date | None, terms: Terms, as_of: dt.date) -> Timed:
    """The same where the last day is given, and not counted from what began it."""
    return _Making(referral, asked, run, terms, run.met.on if run.met else as_of, ()).standing(due, None)


def day_of(since: dt.date, length: Length | None, terms: Terms) -> dt.date | None:
    """The day on which so much time after a day is over; None where terms are missing, or there is no length."""
    if length is None:
        return None
    if length.unit == "school days":
        return terms.after(since, length.many)
    return since + dt.timedelta(days=length.many * (WEEK if length.unit == "weeks" else 1))


def falls_on(day: dt.date, terms: Terms) -> str | None:
    """What a day is, where it is no school day or that cannot be told; None for a school day."""
    if day.weekday() >= SATURDAY:
        return WEEKEND[day.weekday() - SATURDAY]
    school_day = terms.is_one(day)
    if school_day is None:
        return "a day of which no term tells whether it is a school day"
    if school_day:
        return None
    return "a day in a term on which schools are closed" if terms.term_of(day) else "a day in the holidays"


@dataclass(frozen=True, slots=True)
class _Making:
    """A run, and the day up to which it is looked at: that on which it was met, else the day that is asked about."""

    referral: str
    asked: Asked
    run: Run
    terms: Terms
    upto: dt.date
    missing: tuple[str, ...]

    def standing(self, due: dt.date | None, earliest: dt.date | None) -> Timed:
        run, asked = self.run, self.asked
        first, last = run.marks[0].on, run.marks[-1].on
        late = due is not None and self.upto > due if asked.within is None else self._passed(first, asked.within, due, beyond=1)
        waited = self._passed(last, asked.not_before, earliest, beyond=0) if asked.not_before else True
        asks = ((first, asked.within, due), (last, asked.not_before, earliest))
        untold = next((since for since, length, day in asks if length and not day), None)
        in_calendar_days = due is not None and not (asked.within and asked.within.unit == "school days")
        at_latest = self._at_latest(first) if due is None and late else None
        return Timed(
            self.referral,
            asked,
            self._word(late, waited, told=due is not None or asked.within is None),
            begun=run.marks[0],
            met=run.met,
            stopped=run.stopped,
            due=due,
            due_at_latest=at_latest,
            earliest=earliest,
            left=self._left(due) if run.open else None,
            late=self._late(due or at_latest),
            untold=None if untold is None else (self.terms.reach(untold) or untold) + dt.timedelta(days=1),
            missing=self.missing,
            falls=falls_on(due, self.terms) if due and in_calendar_days else None,
        )

    def _word(self, late: bool | None, waited: bool | None, *, told: bool) -> Standing:
        """In a word. `told`: the last day is known, if there is one."""
        if self.run.stopped is not None:
            return "stopped"
        if self.missing or late is None:
            return "cannot tell"
        if self.run.met is None:
            return "late" if late else "running" if told and (waited is not None) else "cannot tell"
        if waited is None:
            return "cannot tell"
        return "too early" if not waited else "met late" if late else "met"

    def _passed(self, since: dt.date, length: Length, day: dt.date | None, *, beyond: int) -> bool | None:
        """Whether a length of time has passed by the end of `upto`, and `beyond` days more; None where terms are missing.

        Where its last day is not told, fewer school days have passed if all of them are told; and those in the terms that
        are loaded have passed, whatever is missing.
        """
        if day is not None:
            return (self.upto - day).days >= beyond
        if self.terms.between(since, self.upto) is not None:
            return False
        last = self._at_latest(since, length)
        return True if last is not None and (self.upto - last).days >= beyond else None

    def _at_latest(self, since: dt.date, length: Length | None = None) -> dt.date | None:
        length = length or self.asked.within
        return self.terms.after_at_latest(since, length.many) if length else None

    def _left(self, due: dt.date | None) -> int | None:
        """What is left, also where so much is known though the day is not."""
        within = self.asked.within
        if within is None or within.unit != "school days":
            return None if due is None or due < self.upto else (due - self.upto).days
        if due is not None:
            return None if due < self.upto else self.terms.between(self.upto, due)
        passed = self.terms.between(self.run.marks[0].on, self.upto)
        return None if passed is None else within.many - passed

    def _late(self, due: dt.date | None) -> int | None:
        if due is None or self.upto <= due or self.run.stopped is not None:
            return None
        within = self.asked.within
        return self.terms.between(due, self.upto) if within and within.unit == "school days" else (self.upto - due).days
