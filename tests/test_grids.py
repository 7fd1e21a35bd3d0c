"""No hidden count of a table with all its totals can be worked out: every table there is is tried, and larger ones by another method."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from panel.reports.grids import LARGE, SMALL, Place, grid, hidden, settled
from panel.reports.suppression import FEW

Counts = tuple[tuple[int, ...], ...]


def tables(rows: Sequence[int], columns: Sequence[int]) -> Iterator[Counts]:
    """Every table with these totals."""
    if len(rows) == 1:
        yield (tuple(columns),)
        return
    for row in fillings(rows[0], columns):
        for rest in tables(rows[1:], [whole - part for whole, part in zip(columns, row, strict=True)]):
            yield (row, *rest)


def fillings(total: int, most: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Every row with this total that fits."""
    if len(most) == 1:
        if total <= most[0]:
            yield (total,)
        return
    for first in range(min(total, most[0]) + 1):
        for rest in fillings(total - first, most[1:]):
            yield (first, *rest)


TWO_BY_TWO = [((a, b), (c, a + b - c)) for a in range(5, 16, 2) for b in range(6, 17, 2) for c in range(5, a + b - 4, 2)]
TWO_BY_THREE = [((a, 17 - a + n), (5, 6 + n, 6)) for a in (5, 8, 11) for n in (0, 2, 4)]
THREE_BY_TWO = [(columns, rows) for rows, columns in TWO_BY_THREE]
THREE_BY_THREE = [((5, 6, 7), (6, 5, 7))]


@pytest.mark.parametrize("shapes", [TWO_BY_TWO, TWO_BY_THREE, THREE_BY_TWO, THREE_BY_THREE], ids=["2x2", "2x3", "3x2", "3x3"])
def test_an_attacker_who_knows_the_rule_and_all_totals_recovers_nothing(shapes: list[tuple[tuple[int, ...], tuple[int, ...]]]) -> None:
    """All tables that would be shown alike are what the attacker is left with: no hidden count is the same in all of them."""
    recovered = []
    for rows, columns in shapes:
        alike: dict[tuple[int | None, ...], list[set[int]]] = {}
        for counts in tables(rows, columns):
            away = hidden(counts)
            cells = [(None if (r, c) in away else count, count) for r, row in enumerate(counts) for c, count in enumerate(row)]
            assert all(shown is None or shown == 0 or shown >= FEW for shown, _ in cells)
            seen = tuple(shown for shown, _ in cells)
            for could, (_, count) in zip(alike.setdefault(seen, [set() for _ in cells]), cells, strict=True):
                could.add(count)
        for told, all_that in alike.items():
            recovered += [(rows, columns, told) for shown, of in zip(told, all_that, strict=True) if shown is None and len(of) == 1]
    assert recovered == []


@pytest.mark.parametrize(
    ("counts", "away"),
    [
        (((9, 6), (7, 8)), set()),
        # One small count: its row, its column and the corner across go with it.
        (((3, 9, 6), (7, 8, 9), (9, 6, 5)), {(0, 0), (0, 1), (1, 0), (1, 1)}),
        # Two small ones in a row need two larger ones in another row alone.
        (((2, 3, 9), (7, 8, 9)), {(0, 0), (0, 1), (1, 0), (1, 1)}),
        # Nought is no corner, so the third column serves.
        (((3, 9, 6), (7, 0, 9)), {(0, 0), (0, 2), (1, 0), (1, 2)}),
        # Four corners under 5 that could be otherwise: 2 and 3, or 3 and 2.
        (((2, 3, 9), (3, 2, 9)), {(0, 0), (0, 1), (1, 0), (1, 1)}),
        # No ring avoids a nought, so all of it is hidden, nought too.
        (((0, 15), (5, 2)), {(0, 0), (0, 1), (1, 0), (1, 1)}),
        # 4 is the most of what is under 5, so that each of these needs larger ones in its row and column.
        (((4, 4, 9), (4, 4, 9), (9, 9, 9)), {(r, c) for r in range(3) for c in range(3)}),
    ],
)
def test_what_is_hidden_by_hand(counts: Counts, away: set[Place]) -> None:
    assert hidden(counts) == away


def interval(counts: Counts, away: dict[Place, tuple[int, int | None]], place: Place) -> tuple[int, int]:
    """The least and the most that a hidden count may be: whole numbers by another solver, every shown count and all totals given."""
    order = sorted(away)
    sides = [[float(one[side] == number) for one in order] for side in (0, 1) for number in range(max(len(counts), len(counts[0])))]
    matrix = np.array(sides)
    there = np.array([counts[r][c] for r, c in order], dtype=float)
    bounds = Bounds([away[one][0] for one in order], [away[one][1] or 1000 for one in order])
    goal = np.array([float(one == place) for one in order])
    ends = [milp(sign * goal, constraints=LinearConstraint(matrix, matrix @ there, matrix @ there), integrality=np.ones(len(order)),
                 bounds=bounds).x @ goal for sign in (1, -1)]  # fmt: skip
    return round(ends[0]), round(ends[1])


def a_table(rng: random.Random) -> Counts:
    """A table whose totals are all 5 or more, as those of the annual report are."""
    while True:
        shape = (rng.randint(2, 7), rng.randint(2, 6))
        counts = tuple(tuple(rng.choice((0, 1, 2, 3, 4, 6, 8, 15)) for _ in range(shape[1])) for _ in range(shape[0]))
        if min(*map(sum, counts), *map(sum, zip(*counts, strict=True))) >= FEW:
            return counts


@pytest.mark.parametrize("seed", range(15))
def test_every_hidden_count_of_a_larger_table_has_two_values_and_what_is_settled_has_one(seed: int) -> None:
    counts = a_table(random.Random(seed))
    known = {(r, c): SMALL if count < FEW else LARGE for r, row in enumerate(counts) for c, count in enumerate(row) if count}
    small = {place: bounds for place, bounds in known.items() if bounds == SMALL}
    alone = settled(counts, small)
    for place in small:
        least, most = interval(counts, small, place)
        assert (least == most) is (place in alone)
    every, away = len(counts) * len(counts[0]), hidden(counts)
    bounds: dict[Place, tuple[int, int | None]] = {place: known[place] if len(away) < every else (0, None) for place in away}
    for place in away:
        least, most = interval(counts, bounds, place)
        assert least < most


def test_a_table_of_a_few_each_shows_its_totals_alone() -> None:
    made = grid(["a", "b"], ["x", "y"], [[0, 15], [5, 2]])
    assert (made.counts, made.row_totals, made.column_totals, made.tells) == (((None, None), (None, None)), (15, 7), (5, 17), False)
