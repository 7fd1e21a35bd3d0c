"""The second opinion by itself: Kleene's three values, and nothing of a rulebook's words becoming code."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Final

import pytest

from rules.errors import EvaluationError
from rules.facts import Fact, Type, Value
from rules.finding import CANNOT_TELL, FIRES, SILENT
from rules.grammar import parse_condition, parse_sum
from rules.oracle import Oracle
from rules.terms import All, Any, Compare, Condition, Flag, Not, Read, Text

KLEENE: Final[dict[bool | None, int]] = {True: FIRES, False: SILENT, None: CANNOT_TELL}


def fact(name: str, type_: Type, *, optional: bool = True) -> Fact:
    return Fact(name=name, type=type_, meaning="made up", low=-100, high=100, optional=optional)


FACTS: Final = {
    one.name: one
    for one in (
        fact("school.a", "yes/no"),
        fact("school.b", "yes/no"),
        fact("school.sure", "yes/no", optional=False),
        fact("school.n", "number"),
        fact("school.m", "number"),
        fact("school.word", "word"),
        fact("school.day", "date"),
    )
}


def verdict(condition: str | Condition, **row: Value | None) -> int:
    tree = parse_condition(condition, FACTS, {}) if isinstance(condition, str) else condition
    return Oracle([tree]).verdicts({f"school.{name}": value for name, value in row.items() if value is not None})[0]


# The tables as Kleene gives them: rows and columns true, false, unknown.
AND: Final = ((True, False, None), (False, False, False), (None, False, None))
OR: Final = ((True, True, True), (True, False, None), (True, None, None))


@pytest.mark.parametrize(("word", "table"), [("and", AND), ("or", OR)])
def test_kleenes_tables(word: str, table: tuple[tuple[bool | None, ...], ...]) -> None:
    for (i, a), (j, b) in itertools.product(enumerate((True, False, None)), repeat=2):
        assert verdict(f"school.a {word} school.b", a=a, b=b) == KLEENE[table[i][j]]


def test_not_swaps_true_and_false_and_leaves_unknown() -> None:
    assert [verdict("not school.a", a=a) for a in (True, False, None)] == [SILENT, FIRES, CANNOT_TELL]


@pytest.mark.parametrize(
    ("text", "row", "wanted"),
    [
        ("school.n + 2 * school.m > 6", {"n": 1, "m": 3}, FIRES),
        ("school.n + 2 * school.m > 6", {"n": 0, "m": 3}, SILENT),
        ("school.n + 2 * school.m > 6", {"n": 0}, CANNOT_TELL),
        ("school.n // 3 == -2", {"n": -4}, FIRES),  # rounded down, not towards nought
        ("not (school.n < 3)", {"n": 3}, FIRES),
        ("not (school.n <= 3)", {"n": 3}, SILENT),
        ("not (school.n != 3)", {"n": 3}, FIRES),
        ("school.n in [1, 2]", {"n": 2}, FIRES),
        ("not (school.n in [1, 2])", {}, CANNOT_TELL),
        ("school.n is known", {}, SILENT),
        ("school.n is unknown", {}, FIRES),
        ('school.word == "police"', {"word": "police"}, FIRES),
        ("school.day > 2026-09-01", {"day": dt.date(2026, 9, 1)}, SILENT),
        ("school.day > 2026-09-01", {"day": dt.date(2026, 9, 2)}, FIRES),
        ("school.a or not school.a", {}, CANNOT_TELL),
        ("true", {}, FIRES),
        ("false", {}, SILENT),
    ],
)
def test_a_condition_by_hand(text: str, row: dict[str, Value], wanted: int) -> None:
    assert verdict(text, **row) == wanted


def test_sums() -> None:
    oracle = Oracle([], [parse_sum(text, FACTS, {}) for text in ("school.n - school.m // 3", "school.m", "7")])
    assert oracle.amounts({"school.n": 1, "school.m": -4}) == (3, -4, 7)
    assert oracle.amounts({"school.m": -4}) == (None, -4, 7)


def test_many_conditions_keep_their_places() -> None:
    oracle = Oracle([parse_condition(f"school.n > {n}", FACTS, {}) for n in range(-50, 50)])
    assert list(oracle.verdicts({"school.n": 7})) == [FIRES if n < 7 else SILENT for n in range(-50, 50)]


@pytest.mark.parametrize("word", ["'", '"', "\\", "\n", "{}", "__import__('os')", "#", "é\u2028"])
def test_words_of_a_rulebook_never_become_code(word: str) -> None:
    strange = Fact(name=f"school.{word}", type="word", meaning="made up")
    oracle = Oracle([Compare("==", Read(strange), Text(word))])
    assert list(oracle.verdicts({strange.name: word})) == [FIRES]
    assert list(oracle.verdicts({strange.name: word + "x"})) == [SILENT]


def test_no_parts_at_all() -> None:
    assert [verdict(All(())), verdict(Any(())), verdict(Not(All(())))] == [FIRES, SILENT, SILENT]


def test_what_is_too_deep_to_write_out_is_said() -> None:
    tree: Condition = Flag(FACTS["school.sure"])
    for _ in range(150):
        tree = All((tree, Any((tree, tree)))) if isinstance(tree, Flag) else All((Any((tree,)),))
    with pytest.raises(EvaluationError, match="too deep"):
        Oracle([tree])
