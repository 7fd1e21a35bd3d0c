"""Which placements belong to an academic year: by the first day at the receiving school, so that each is in exactly one.

    begun by the end of Y   a first day up to 31 August, in an entry from before the year was closed in the record
    of year Y               begun by the end of Y, and not by the end of Y - 1

What was decided in one year and begins in the next is thus of the next; a first day that nobody wrote down before its year
was closed is of the year in which it is written down. It counts nothing and hides nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from panel.cases.directions import Direction, directions_of
from panel.state.fold import fold
from panel.state.records import Recorded, Referral, State
from panel.state.schooldays import academic_year


@dataclass(frozen=True, slots=True)
class YearOfCases:
    """A year as it stood at its end. `begun`: the placements of the year, of each child the one that began last; `brought`: those
    of them that were referred before it. `to_begin`: decided, and no first day recorded by the end; `waiting`: not decided by
    the end, of a referral made before the year; both go on into the next. `directions` are those announced in the year."""

    begun: tuple[Referral, ...]
    brought: tuple[Referral, ...]
    to_begin: tuple[Referral, ...]
    waiting: tuple[Referral, ...]
    directions: tuple[Direction, ...]


def cases_of(record: Sequence[Recorded], year: int, over: Mapping[int, int]) -> YearOfCases:
    """The cases of a year that is over; `over` has the entry that closed each year."""
    state = _at_the_end(record, year, over)
    first = dt.date(year, 9, 1)
    before = _started(_at_the_end(record, year - 1, over)) if year - 1 in over else {}
    fresh = [one for name, one in _started(state).items() if name not in before]
    by_child = {one.made.pupil: one for one in sorted(fresh, key=lambda one: (one.started or dt.date.min, one.decision_seq))}
    begun = tuple(by_child.values())
    return YearOfCases(
        begun=begun,
        brought=tuple(one for one in begun if one.made.made_on < first),
        to_begin=tuple(one for one in state.referrals.values() if one.status == "decided" and one.started is None),
        waiting=tuple(one for one in state.referrals.values() if one.status == "waiting" and one.made.made_on < first),
        directions=tuple(one for held in state.referrals.values() for one in directions_of(held) if academic_year(one.steps[0][1]) == year),
    )


def _at_the_end(record: Sequence[Recorded], year: int, over: Mapping[int, int]) -> State:
    """What was so on a year's last day, by the entries before the one that closed it."""
    return fold((item for item in record if item.seq < over[year]), as_of=dt.date(year + 1, 8, 31))


def _started(state: State) -> dict[str, Referral]:
    return {name: one for name, one in state.referrals.items() if one.started is not None and one.status == "decided"}
