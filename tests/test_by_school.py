"""Which schools the tables of those admitted do not name, by hand. That nothing hidden is worked out is judged in test_annual_judged.py."""

from __future__ import annotations

import pytest

from panel.reports.by_school import ALL, OTHERS, REST, by_way, crossed, unshown
from panel.reports.suppression import shown

Counts = dict[str, int]


@pytest.mark.parametrize(
    ("received", "one", "other", "away"),
    [
        ({"a": 12, "b": 9, "c": 30}, {"a": 12, "b": 9, "c": 30}, {}, ""),
        # Two at a by the one way, ten by the other: b's nine could be eight and one, as could a's three and nine.
        ({"a": 12, "b": 9, "c": 30}, {"a": 2, "b": 9, "c": 30}, {"a": 10}, "ab"),
        # Of b, whom nobody came to, nothing is hidden: c joins.
        ({"a": 12, "b": 0, "c": 30}, {"a": 2, "c": 30}, {"a": 10}, "ac"),
        # The equity report hides a and b, so no table of those admitted may tell of them.
        ({"a": None, "b": None, "c": 30}, {"a": 6, "b": 9, "c": 30}, {"c": 5}, "ab"),
        # Four came to a of the six decided, and nobody else is missing: a and b may be otherwise, for a number is another one.
        ({"a": 6, "b": 9, "c": 30}, {"a": 4, "b": 9, "c": 30}, {}, "ab"),
    ],
)
def test_which_schools_are_one_row(received: dict[str, int | None], one: Counts, other: Counts, away: str) -> None:
    assert unshown(received, one, other, both=bool(other)) == frozenset(away)


def test_no_school_where_nothing_helps() -> None:
    """a has two by the one way, and nobody else has anybody at all."""
    assert unshown({"a": 12, "b": 0}, {"a": 2}, {"a": 10}, both=True) == {"a", "b"}


def test_both_together_are_told_where_the_equity_report_tells_them() -> None:
    table = by_way({"a": 12, "b": 9, "c": 30}, {"a", "b"}, {"x": {"a": 2, "b": 9, "c": 30}, "y": {"a": 10}})
    assert table.columns == ("x", "y", ALL)
    assert dict(table.rows) == {"c": (30, 0, 30), "a": (None, None, 12), "b": (None, None, 9), REST: (11, 10, 21), ALL: (41, 10, 51)}


def test_keys_that_are_hidden_are_one_column_and_never_of_fewer_than_five() -> None:
    """Of k and l two each are hidden; four together would be a total under 5, so m, the first that is shown, joins them."""
    keys = [*"kkll", *["m"] * 6, *["n"] * 12]
    alone = shown(["m", "n", "k", "l"], [6, 12, 2, 2], [None] * 4)
    (table,) = crossed("school_by_category", "admitted", ["a"] * 10 + ["c"] * 12, keys, frozenset(), alone)
    assert table.columns == ("n", OTHERS, ALL)
    assert dict(table.rows) == {"a": (0, 10, 10), "c": (12, 0, 12), ALL: (12, 10, 22)}
