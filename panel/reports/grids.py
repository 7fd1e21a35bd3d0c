"""A table of rows by columns whose totals are all shown, with as many counts hidden as it takes that none of them can be worked out.

    x(r, c)    children in row r and column c; every row's and every column's total is known
    hidden     all counts from 1 to 4, and larger ones with them; nought only where the whole table is hidden
    settled    a hidden count that is the same in every table with these totals and these shown counts, in which what is
               under 5 stays under 5 and what is larger stays larger: that much may be known beside the table

A hidden count can be one more where a ring leads through it: one less in the same column, one more in that row, and so on
until the ring is closed in its own row, each within its bounds. Where there is no ring at all the count is settled: tables
with given totals are a network, so that nothing but rings tells two of them apart. It knows nothing of what rows mean.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from panel.reports.suppression import FEW

Place = tuple[int, int]
"""The number of a row and of a column."""
Bounds = tuple[int, int | None]
"""The least and the most that may be known of a count beside the table; None: no most."""

SMALL: Final[Bounds] = (1, FEW - 1)
LARGE: Final[Bounds] = (FEW, None)


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as it may be shown; a count of None is hidden. All totals are shown."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: tuple[tuple[int | None, ...], ...]
    row_totals: tuple[int, ...]
    column_totals: tuple[int, ...]

    @property
    def tells(self) -> bool:
        """Whether any count of it is shown."""
        return any(count is not None for row in self.counts for count in row)


def grid(rows: Sequence[str], columns: Sequence[str], counts: Sequence[Sequence[int]]) -> Grid:
    """The table as it may be shown."""
    away = hidden(counts)
    cells = tuple(tuple(None if (r, c) in away else count for c, count in enumerate(row)) for r, row in enumerate(counts))
    totals = tuple(sum(row[c] for row in counts) for c in range(len(columns)))
    return Grid(tuple(rows), tuple(columns), cells, tuple(sum(row) for row in counts), totals)


def hidden(counts: Sequence[Sequence[int]]) -> frozenset[Place]:
    """Which counts are hidden.

    To what is under 5 the fewest larger counts are added, the first in the order of rows and columns, which with it
    stand at the corners of a rectangle; where no rectangle helps, everything but nought; and where that is not enough
    either, all of it, so that it looks like any table of which all is hidden.
    """
    known = {(r, c): SMALL if count < FEW else LARGE for r, row in enumerate(counts) for c, count in enumerate(row) if count}
    away = {place for place, bounds in known.items() if bounds == SMALL}
    while alone := settled(counts, {place: known[place] for place in away}):
        more = _companions(counts, known, away, min(alone))
        away |= more or known.keys()
        if not more:
            break
    if settled(counts, {place: known[place] for place in away}):
        return frozenset((r, c) for r, row in enumerate(counts) for c in range(len(row)))
    return frozenset(away)


def _companions(counts: Sequence[Sequence[int]], known: Mapping[Place, Bounds], away: Collection[Place], alone: Place) -> set[Place]:
    """The larger counts to hide with a settled one; none where no rectangle helps."""
    row, column = alone
    corners = [{(row, c), (r, column), (r, c)} for r in range(len(counts)) for c in range(len(counts[row])) if r != row and c != column]
    for many in (1, 2, 3):
        for three in corners:
            more = three - {*away}
            if len(more) == many and three <= known.keys():
                with_them = {place: known[place] for place in (*away, *more)}
                if alone not in settled(counts, with_them, only=(alone,)):
                    return more
    return set()


def settled(counts: Sequence[Sequence[int]], bounds: Mapping[Place, Bounds], only: Collection[Place] | None = None) -> set[Place]:
    """The hidden counts, of those within `bounds` or of these only, that have but one value."""
    ring = _Rings.of(counts, bounds)
    return {place for place in (bounds if only is None else only) if not ring.through(place)}


@dataclass(frozen=True, slots=True)
class _Rings:
    """The hidden counts as ways: `more` has for each row the columns where it may have more, `less` for each column the rows where
    it may have less."""

    more: Mapping[int, Collection[int]]
    less: Mapping[int, Collection[int]]

    @classmethod
    def of(cls, counts: Sequence[Sequence[int]], bounds: Mapping[Place, Bounds]) -> _Rings:
        more: dict[int, set[int]] = {}
        less: dict[int, set[int]] = {}
        for (row, column), (least, most) in bounds.items():
            if most is None or counts[row][column] < most:
                more.setdefault(row, set()).add(column)
            if counts[row][column] > least:
                less.setdefault(column, set()).add(row)
        return cls(more, less)

    def through(self, place: Place) -> bool:
        """Whether a count may be one more or one less with all totals as they are."""
        row, column = place
        up = column in self.more.get(row, ()) and row in self._rows(self.less.get(column, ()), place)
        return up or (row in self.less.get(column, ()) and self._back(place))

    def _rows(self, starts: Collection[int], without: Place) -> set[int]:
        """The rows that are reached from these rows: what one has less its column gives to another row. The count itself is no way."""
        seen = {row for row in starts if row != without[0]}
        ahead = [*seen]
        while ahead:
            here = ahead.pop()
            for column in self.more.get(here, ()):
                onward = {row for row in self.less.get(column, ()) if (row, column) != without} - seen
                seen |= onward
                ahead += onward
        return seen

    def _back(self, place: Place) -> bool:
        """Whether one less in a place can be made up: its row has one more elsewhere, and so on until its column has."""
        row, column = place
        seen, ahead = {row}, [row]
        while ahead:
            here = ahead.pop()
            for onto in self.more.get(here, ()):
                if onto == column and here != row:
                    return True
                if onto != column:
                    onward = {*self.less.get(onto, ())} - seen
                    seen |= onward
                    ahead += onward
        return False
