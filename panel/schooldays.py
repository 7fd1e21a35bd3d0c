"""School days: how many lie between two days, by the terms that are loaded.

It guesses no term: where the loaded terms do not reach, the answer is None, and whoever asked says that it cannot tell.
Closures that nobody recorded count as school days.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from panel.events import TermRecorded


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
                days += _weekdays(b.toordinal()) - _weekdays(a.toordinal() - 1)
                days -= sum(a <= day <= b and day.weekday() < 5 for day in set(term.closed))
        return days


def _weekdays(n: int) -> int:
    """Mondays to Fridays among the first n days of the calendar: day 1 was a Monday."""
    weeks, days = divmod(n, 7)
    return 5 * weeks + min(days, 5)
