"""Counts of children under 5 are hidden, with whatever else must be hidden so that no arithmetic brings them back.

A table is a partition: every child is in exactly one row, and the total is known. Hidden are all counts from 1 to 4, and,
where those could then be worked out from the total, the first larger count in the order of the rows; where there is none,
the whole table. All that is hidden bears the same mark, and nothing tells which was the larger one. Which one it is follows
from the order alone, never from how large it is. It knows nothing of what the rows mean.

    n hidden counts under 5 with the sum M cannot be worked out if  n >= 2  and  n + 2 <= M <= 4n - 2
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

FEW: Final = 5
"""The smallest count of children that is shown, besides nought."""

ENOUGH: Final = 20
"""The smallest total of which a table is made at all."""

MARK: Final = "<5*"
"""How a hidden count is written."""

BANDS: Final = ((0, f"fewer than {FEW}"), (FEW, "5 to 9"), (10, "10 to 19"), (20, "20 or more"))


@dataclass(frozen=True, slots=True)
class Cell:
    """One row as it may be shown. `count` None is hidden; `weight`, in any unit, is what its share is worked out from; None is unknown."""

    label: str
    count: int | None
    weight: int | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A table as it may be shown, its rows in the order by which companions are chosen. `hidden`: children in the hidden rows together."""

    total: int
    cells: tuple[Cell, ...]

    @property
    def hidden(self) -> int:
        return self.total - sum(cell.count or 0 for cell in self.cells)

    @property
    def compared(self) -> tuple[int, int]:
        """At least and at most how many children are in rows of known weight, as far as the shown table tells.

        A hidden row of unknown weight that stands after a shown count cannot have been hidden as the larger one: it has 1 to 4.
        """
        most = self.total - sum(cell.count or 0 for cell in self.cells if cell.weight is None)
        dark = [n for n, cell in enumerate(self.cells) if cell.count is None]
        first = next((n for n, cell in enumerate(self.cells) if cell.count), len(self.cells))
        without = [n for n in dark if self.cells[n].weight is None]
        at_most = self.hidden - (len(dark) - len(without))
        return max(0, most - min(at_most, sum(FEW - 1 if n > first else at_most for n in without))), most


def shown(labels: Sequence[str], counts: Sequence[int], weights: Sequence[int | None]) -> Shown:
    """The table as it may be shown. Raises ValueError where the total is too small for any."""
    total = sum(counts)
    if total < ENOUGH:
        raise ValueError(f"a table of fewer than {ENOUGH} children is not made")
    away = hidden(counts)
    cells = (Cell(label, None if n in away else counts[n], weights[n]) for n, label in enumerate(labels))
    return Shown(total, tuple(cells))


def hidden(counts: Sequence[int]) -> frozenset[int]:
    """Which of the rows are hidden, by position."""
    small = {n for n, count in enumerate(counts) if 0 < count < FEW}
    together = sum(counts[n] for n in small)
    if not small or (len(small) >= 2 and len(small) + 2 <= together <= (FEW - 1) * len(small) - 2):
        return frozenset(small)
    companion = next((n for n, count in enumerate(counts) if count >= FEW), None)
    return frozenset(range(len(counts)) if companion is None else small | {companion})


def band(count: int) -> str:
    """A count that stands beside others it could be worked out from: only roughly how many."""
    return next(words for least, words in reversed(BANDS) if count >= least)


def bands_tell(together: int, rows: int) -> bool:
    """Whether the bands of so many counts could tell counts under 5 to somebody who knows their sum: each could be its band's last.

    It looks at the sum alone, so that nothing follows from bands that are not told.
    """
    tops = [least - 1 for least, _ in BANDS if least]
    sums = {0}
    for _ in range(rows):
        sums = {one + top for one in sums for top in tops if one + top <= together}
    return rows > 0 and together in sums
