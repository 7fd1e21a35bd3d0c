"""The children admitted in a year by school, beside category, year group and the way by which they came, as they may be shown.

Two sets of children that share nobody are told, each by itself: those admitted under the fair access protocol, and all others.
A school is named in their tables only where the equity report shows how many it received, and where neither set has 1 to 4
there: whoever holds both reports can set one against the other. All other schools are one row.

    settled    with each school's number over both sets known, as the equity report nearly tells it, the parts of the schools of
               that one row are a table of two columns (`grids.py`); where a part has but one value, another school joins them

Given the schools, categories and year groups are told in tables of their own that share the schools' totals and nothing
else: any table by category goes with any by year group, so that each is proved by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from panel.reports.grids import grid, settled
from panel.reports.suppression import FEW, Shown

Part = Literal["school", "school_by_category", "school_by_year_group"]
Count = Mapping[str, int]
"""School, or another row of the equity report, -> children."""
Received = Mapping[str, int | None]
"""The same, as the equity report has it: how many of those referred it received, None where that is hidden; in its order."""

REST: Final = "schools that are not shown, together"
OTHERS: Final = "not shown, together"
ALL: Final = "all"


@dataclass(frozen=True, slots=True)
class Crossed:
    """A table of rows by columns as it may be shown; None is hidden. The last row has the columns' totals, the last column the rows'."""

    part: Part
    of: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int | None, ...]], ...]

    @property
    def tells(self) -> bool:
        """Whether anything but totals is shown."""
        return any(count is not None for _, counts in self.rows[:-1] for count in counts[: -1 if self.part != "school" else None])


def unshown(received: Received, one: Count, other: Count, *, both: bool) -> frozenset[str]:
    """The schools that no table of those admitted may name. `one` and `other` are the sets of those admitted; `both`: whether the
    second is told too."""
    away = {label for label, count in received.items() if count is None or _few(one.get(label, 0)) or _few(other.get(label, 0))}
    more = [label for label in received if label not in away and one.get(label, 0) + other.get(label, 0)]
    while away and not _safe([label for label in received if label in away], received, one, other, both=both):
        if not more:
            return frozenset(received)
        away.add(more.pop(0))
    return frozenset(away)


def _few(count: int) -> bool:
    return 0 < count < FEW


def _safe(away: Sequence[str], received: Received, one: Count, other: Count, *, both: bool) -> bool:
    """Whether of the schools of one row no part can be worked out, by these reports taken together.

    A third column stands for what they leave open of a school's number over both sets.
    """
    counts = [[one.get(label, 0), other.get(label, 0), 0] for label in away]
    sums = [sum(row[column] for row in counts) for column in (0, 1)]
    if _few(sums[0]) or (both and _few(sums[1])):
        return False
    there = [column for column in (0, 1) if sums[column]]
    free = _without_number(away, received, one, other) if both else _open(away, received, one, other)
    bounds: dict[tuple[int, int], tuple[int, int | None]] = {(n, column): (0, None) for n in range(len(away)) for column in there}
    slack: dict[tuple[int, int], tuple[int, int | None]] = {(n, 2): (-FEW, None) for n, label in enumerate(away) if label in free}
    judged = [place for place in bounds if counts[place[0]][place[1]]] + (list(slack) if both else [])
    return not settled(counts, bounds | slack, only=judged)


def _open(away: Sequence[str], received: Received, one: Count, other: Count) -> Collection[str]:
    """The schools of which, where no number over both sets is told, none is known from the equity report: those that it hides, and
    all of them where it shows another number of one, for some were decided in one year and came in another."""
    apart = any(received[label] not in (None, one.get(label, 0) + other.get(label, 0)) for label in away)
    return away if apart else [label for label in away if received[label] is None]


def _without_number(away: Sequence[str], received: Received, one: Count, other: Count) -> Collection[str]:
    """The schools of the one row of which the number over both sets is hidden too: that is 1 to 4, or the equity report hides it.
    All of them, where those alone could be worked out."""
    numbers = {label: one.get(label, 0) + other.get(label, 0) for label in away}
    these = [label for label in away if received[label] is None or _few(numbers[label])]
    return away if these and (len(these) < 2 or _few(sum(numbers[label] for label in these))) else these


def by_way(received: Received, away: Collection[str], sets: Mapping[str, Count]) -> Crossed:
    """Each school's children of each set, and of both together where there are two: that also of schools of the one row, where
    the equity report tells it anyway."""
    two = len(sets) > 1
    dark = [label for label in received if label in away]
    unnumbered = _without_number(dark, received, *sets.values()) if two else ()

    def row(counts: list[int], *, hidden: bool = False, also: bool = True) -> tuple[int | None, ...]:
        together = [sum(counts) if also else None] if two else []
        return (*(None if hidden else count for count in counts), *together)

    def its(label: str) -> list[int]:
        return [count.get(label, 0) for count in sets.values()]

    named = [(label, row(its(label))) for label in received if label not in away]
    unnamed = [(label, row(its(label), hidden=True, also=label not in unnumbered)) for label in dark]
    rest = [(REST, row([sum(count.get(label, 0) for label in dark) for count in sets.values()]))] if dark else []
    total = (ALL, row([sum(count.values()) for count in sets.values()]))
    return Crossed("school", "admitted", (*sets, *([ALL] if two else [])), (*named, *unnamed, *rest, total))


def crossed(part: Part, of: str, places: Sequence[str], keys: Sequence[str], away: Collection[str], alone: Shown) -> Iterator[Crossed]:
    """Schools by another key of the same children: `places` and `keys` have the school and the key of each child, `alone` is
    the table of that key. Keys whose own count is hidden are one column. None where there would be but one row or column."""
    rows = _merged([place for place in sorted({*places}) if place not in away], REST, [place in away for place in places])
    shown = [cell.label for cell in alone.cells if cell.count]
    dark = [key not in shown for key in keys]
    while _few(sum(dark)) and shown:  # so that no column is a total under 5
        first = shown.pop(0)
        dark = [out or key == first for out, key in zip(dark, keys, strict=True)]
    columns = _merged(shown, OTHERS, dark)
    if len(rows) < 2 or len(columns) < 2:
        return
    there = [(REST if at in away else at, OTHERS if out else key) for at, key, out in zip(places, keys, dark, strict=True)]
    made = grid(rows, columns, [[there.count((row, column)) for column in columns] for row in rows])
    body = [(row, (*made.counts[n], made.row_totals[n])) for n, row in enumerate(rows)]
    yield Crossed(part, of, (*columns, ALL), (*body, (ALL, (*made.column_totals, len(places)))))


def _merged(named: Sequence[str], together: str, out: Sequence[bool]) -> tuple[str, ...]:
    return (*named, *([together] if any(out) else []))
