"""School days: how many lie between two days, by the terms that are loaded.

It guesses no term: where the loaded terms do not reach, the answer is None, and whoever asked says that it cannot tell.
Closures that nobody recorded count as school days.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from panel.events import TermRecorded

SATURDAY: Final = 5
LONGEST_HOLIDAY: Final = 28
"""Days: no holiday within an academic year is longer."""
LONGEST_WAY_BACK: Final = 200
"""Days in which any notice must have been given."""


def academic_year(day: dt.date) -> int:
    """The calendar year in which the academic year of a day began: 1 September to 31 August."""
    return day.year if day.month >= 9 else day.year - 1


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of a ledger, in order of time.

    An academic year is covered on a day if a term of it is loaded and either some loaded term of it ends on or after that
    day, or its last loaded term ends in July or later. So the summer holiday is covered once the summer term is loaded,
    and October is not covered by a half-term that ended in it.
    """

    terms: tuple[TermRecorded, ...] = ()

    @classmethod
    def of(cls, terms: Iterable[TermRecorded]) -> Terms:
        return cls(tuple(sorted(terms, key=lambda term: (term.first, term.last))))

    def covers(self, day: dt.date) -> bool:
        """Whether the loaded terms can tell if this day is a school day."""
        year = academic_year(day)
        ends = [term.last for term in self.terms if academic_year(term.first) == year]
        return bool(ends) and (max(ends) >= day or max(ends) >= dt.date(year + 1, 7, 1))

    def term_of(self, day: dt.date) -> TermRecorded | None:
        """The term that a day lies in, both ends included."""
        return next((term for term in self.terms if term.first <= day <= term.last), None)

    def after(self, day: dt.date, many: int) -> dt.date | None:
        """The school day that is the `many`-th after a day, from 1; None where the loaded terms do not reach it.

        It is the first day d with between(day, d) = many.
        """
        found = self.after_at_latest(day, many)
        return found if found is not None and self.between(day, found) == many else None

    def after_at_latest(self, day: dt.date, many: int) -> dt.date | None:
        """The day by which so many school days have certainly passed, whatever terms are missing; None where that is none yet."""
        if many < 1:
            raise ValueError("the first school day after a day is the first; there is none before it")
        start = day + dt.timedelta(days=1)
        for term in self.terms:
            first = max(start, term.first)
            if first > term.last:
                continue
            if (within := self._in(term, first, term.last)) >= many:
                return self._nth_in(term, first, many)
            many -= within
        return None

    def before(self, day: dt.date, many: int) -> dt.date | None:
        """The latest day with so many school days after it, up to and including `day`; None where terms are missing.

        Two school days' notice of something on a Wednesday is given on the Monday at the latest.
        """
        if many < 1:
            raise ValueError("notice is of one school day at least")
        for back in range(1, LONGEST_WAY_BACK):
            earlier = day - dt.timedelta(days=back)
            days = self.between(earlier, day)
            if days is None or days >= many:
                return None if days is None else earlier
        return None

    def reach(self, day: dt.date) -> dt.date | None:
        """The last day up to which the loaded terms can tell school days after `day`; None where not even for the next day."""
        reach = None
        first = day + dt.timedelta(days=1)
        while self.covers(first):
            year = academic_year(first)
            summer = dt.date(year + 1, 7, 1)
            ends = max(term.last for term in self.terms if academic_year(term.first) == year)
            if ends < summer:
                return ends
            reach = dt.date(year + 1, 8, 31)
            first = reach + dt.timedelta(days=1)
        return reach

    def is_one(self, day: dt.date) -> bool | None:
        """Whether a day is a school day; None where terms are missing, though a weekend never is one."""
        if day.weekday() >= SATURDAY:
            return False
        days = self.between(day - dt.timedelta(days=1), day)
        return None if days is None else days == 1

    def gaps(self) -> tuple[tuple[dt.date, dt.date], ...]:
        """Stretches of four weeks and more within an academic year in which no term is loaded, the summer left out.

        No holiday but the summer's is so long: most likely a term was never loaded, and its school days are not counted.
        """
        found: list[tuple[dt.date, dt.date]] = []
        for year in sorted({academic_year(term.first) for term in self.terms}):
            within = [term for term in self.terms if academic_year(term.first) == year]
            reach = dt.date(year, 9, 1) - dt.timedelta(days=1)
            for term in within:
                if (term.first - reach).days > LONGEST_HOLIDAY:
                    found.append((reach + dt.timedelta(days=1), term.first - dt.timedelta(days=1)))
                reach = max(reach, term.last)
        return tuple(found)

    @staticmethod
    def _in(term: TermRecorded, first: dt.date, last: dt.date) -> int:
        """School days of a term from a day of it to a day of it."""
        days = _weekdays(last.toordinal()) - _weekdays(first.toordinal() - 1)
        return days - sum(first <= day <= last and day.weekday() < SATURDAY for day in set(term.closed))

    def _nth_in(self, term: TermRecorded, first: dt.date, many: int) -> dt.date:
        """The `many`-th school day of a term from a day of it on; there are so many. By halves."""
        low, high = first.toordinal(), term.last.toordinal()
        while low < high:
            half = (low + high) // 2
            if self._in(term, first, dt.date.fromordinal(half)) >= many:
                high = half
            else:
                low = half + 1
        return dt.date.fromordinal(low)

    def between(self, after: dt.date, upto: dt.date) -> int | None:
        """School days after `after` up to and including `upto`; 0 if there is no day between; None where terms are missing.

        With W(n) the weekdays among the first n days of the calendar, which began on a Monday, a term from a to b has
        W(b) - W(a - 1) weekdays, less those on which schools are closed.
        """
        first = after + dt.timedelta(days=1)
        years = range(academic_year(first), academic_year(upto) + 1)
        if first <= upto and not all(self.covers(min(upto, dt.date(year + 1, 8, 31))) for year in years):
            return None
        days = 0
        for term in self.terms:
            a, b = max(first, term.first), min(upto, term.last)
            if a <= b:
                days += self._in(term, a, b)
        return days


def _weekdays(n: int) -> int:
    """Mondays to Fridays among the first n days of the calendar: day 1 was a Monday."""
    weeks, days = divmod(n, 7)
    return 5 * weeks + min(days, 5)
