"""Nobody can work out a hidden count: an attacker who knows the rule, the total and all that is shown tries every table there is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.reports.suppression import ENOUGH, FEW, band, hidden, shown


def tables(rows: int, total: int) -> Iterator[tuple[int, ...]]:
    """Every table of so many rows with this total."""
    if rows == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in tables(rows - 1, total - first):
            yield (first, *rest)


@pytest.mark.parametrize(("rows", "total"), [(2, 20), (2, 31), (3, 20), (3, 24), (4, 20), (4, 23), (5, 20), (5, 21)])
def test_an_attacker_who_knows_the_rule_recovers_nothing(rows: int, total: int) -> None:
    """All tables that would be shown alike are what the attacker is left with: no hidden row is the same in all of them."""
    alike: dict[tuple[int | None, ...], list[set[int]]] = defaultdict(lambda: [set() for _ in range(rows)])
    for counts in tables(rows, total):
        away = hidden(counts)
        seen = tuple(None if n in away else count for n, count in enumerate(counts))
        assert all(count is None or count == 0 or count >= FEW for count in seen)
        for row, count in zip(alike[seen], counts, strict=True):
            row.add(count)
    recovered = [seen for seen, rows_ in alike.items() for n, could in enumerate(rows_) if seen[n] is None and len(could) == 1]
    assert recovered == []


@pytest.mark.parametrize(
    ("counts", "away"),
    [
        ((0, 5, 30), ()),
        ((9, 3, 30), (0, 1)),  # 3 alone would follow from the total; the first row goes with it
        ((9, 3, 0, 30), (0, 1)),
        ((0, 3, 9, 30), (1, 2)),
        ((9, 2, 3, 30), (1, 2)),  # 1 and 4 or 2 and 3: which one is which cannot be told
        ((9, 1, 1, 30), (0, 1, 2)),  # 2 together could only be 1 and 1
        ((9, 4, 4, 30), (0, 1, 2)),  # 8 together could only be 4 and 4
        ((4, 4, 4, 4, 4), (0, 1, 2, 3, 4)),
        ((1,) * 19 + (2, 0), tuple(range(21))),  # nothing larger to hide with them: the whole table
    ],
)
def test_what_is_hidden_by_hand(counts: tuple[int, ...], away: tuple[int, ...]) -> None:
    assert hidden(counts) == frozenset(away)


@given(st.lists(st.integers(0, 30), min_size=2, max_size=8))
def test_which_larger_count_is_hidden_does_not_depend_on_how_large_it_is(counts: list[int]) -> None:
    """Any larger count may be any other of 5 or more: the same rows are hidden."""
    others = [count + 7 if count >= FEW else count for count in counts]
    assert hidden(counts) == hidden(others)


@given(st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=2, max_size=7))
def test_what_a_table_compares_is_known_between_two_numbers(rows: list[tuple[int, bool]]) -> None:
    counts = [count for count, _ in rows]
    if sum(counts) < ENOUGH:
        return
    table = shown([str(n) for n in range(len(rows))], counts, [100 if weighed else None for _, weighed in rows])
    least, most = table.compared
    assert least <= sum(count for count, weighed in rows if weighed) <= most
    assert table.hidden == sum(counts[n] for n, cell in enumerate(table.cells) if cell.count is None)


def test_no_table_of_a_few() -> None:
    with pytest.raises(ValueError, match="fewer than 20"):
        shown(("a", "b"), (10, 9), (1, 1))


def test_bands() -> None:
    assert [band(count) for count in (0, 4, 5, 9, 10, 20, 300)] == [
        "fewer than 5", "fewer than 5", "5 to 9", "5 to 9", "10 to 19", "20 or more", "20 or more",
    ]  # fmt: skip
