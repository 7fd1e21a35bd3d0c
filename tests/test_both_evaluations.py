"""Both evaluations and a third agree, and a broken one does not go unseen."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any as Anything
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import clauses
from rules.book import Rule, Rulebook
from rules.errors import EvaluationError
from rules.evaluate import Evaluation
from rules.facts import Facts
from rules.finding import CANNOT_TELL, FIRES, SILENT, Outcome
from rules.oracle import Oracle
from rules.terms import Condition, Not, Sum
from tests.benchmarks.fuzz_rules import FACTS as FUZZ_FACTS
from tests.benchmarks.fuzz_rules import Maker, a_row, book, compare, expected, kleene
from tests.test_evaluate import AUTHORITY, Book, pair, referral

# --- both evaluations, and a third ---


@settings(max_examples=60, deadline=None)
@given(chance=st.randoms(use_true_random=False), unknown=st.sampled_from([0.0, 0.3, 1.0]))
def test_a_generated_book_means_what_the_plain_reading_says(chance: random.Random, unknown: float) -> None:
    rulebook = book(chance, 6)
    evaluation = Evaluation(rulebook)
    for _ in range(4):
        row = a_row(chance, FUZZ_FACTS, unknown)
        reading = evaluation.pair(row)
        outcomes, room, facts = expected(rulebook, row)
        assert {rule: reading.outcome(rule) for rule in outcomes} == outcomes
        assert (reading.room, reading.facts) == (room, facts)


def test_two_hundred_thousand_verdicts_agree() -> None:
    compared, differences = compare(20260901, 200_000)
    assert compared >= 200_000
    assert differences == []


def _break(name: str, broken: Callable[[Anything], Anything]) -> Callable[[pytest.MonkeyPatch], None]:
    return lambda patch: patch.setattr(clauses, name, broken(getattr(clauses, name)))


def _negated(sign: str, wrong: str) -> Callable[[pytest.MonkeyPatch], None]:
    return lambda patch: patch.setitem(clauses.NEGATED, sign, wrong)  # type: ignore[misc]


WAYS_TO_BREAK_THE_NORMAL_FORM: Final[Mapping[str, Callable[[pytest.MonkeyPatch], None]]] = {
    "not (a < b) taken for a > b": _negated("<", ">"),
    "not (a == b) taken for a == b": _negated("==", "=="),
    "3 < a taken for a < 3": lambda patch: patch.setitem(clauses.MIRRORED, "<", "<"),
    "the last part of a product lost": _break("_products", lambda products: lambda sides: products(sides[:-1] or sides)),
    "the last clause of a union lost": _break("_fewest", lambda fewest: lambda found: fewest(found)[: max(1, len(fewest(found)) - 1)]),
    "a longer clause kept instead of the shorter": _break(
        "_fewest", lambda fewest: lambda found: tuple(sorted(fewest(found), key=len)[-1:])
    ),
    "unknown read as its blank": _break("_told", lambda _: lambda comparison, _facts: frozenset({comparison})),
    "a constant off by one": _break(
        "_number",
        lambda number: lambda op, parts, constant: number(op, parts, constant + (abs(constant) < 1000)),
    ),
    "a coefficient lost": _break("_number", lambda number: lambda op, parts, constant: number(op, dict.fromkeys(parts, 1), constant)),
    "a possible clause taken for impossible": lambda patch: patch.setattr(clauses, "possible", lambda clause: len(clause) < 3),
    "one word of a list lost": _break("_among", lambda among: lambda fact, values, side: among(fact, values[:1], side)),
}


@pytest.mark.parametrize("way", WAYS_TO_BREAK_THE_NORMAL_FORM)
def test_a_broken_normal_form_does_not_go_unseen(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    WAYS_TO_BREAK_THE_NORMAL_FORM[way](monkeypatch)
    with pytest.raises(EvaluationError, match=r"differ|both true and false"):
        compare(5, 6_000)


def test_a_broken_second_opinion_does_not_go_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(Oracle.verdicts.__globals__["OPPOSITE"], "<", "<=")
    with pytest.raises(EvaluationError, match="differ"):
        compare(5, 6_000)


def test_sums_worked_out_wrongly_do_not_go_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rules.encoding.exact", lambda value: value + 1)
    with pytest.raises(EvaluationError, match="differ"):
        compare(5, 6_000)


class Stuck:
    """An evaluation that says the same of every row."""

    def __init__(self, code: int, amount: int | None) -> None:
        self.code, self.amount = code, amount

    def __call__(self, conditions: Sequence[Condition], sums: Sequence[Sum]) -> Stuck:
        made = Stuck(self.code, self.amount)
        made.sizes = len(conditions), len(sums)
        return made

    sizes = (0, 0)

    def verdicts(self, _row: Facts, /) -> bytes:
        return bytes([self.code] * self.sizes[0])

    def amounts(self, _row: Facts, /) -> tuple[int | None, ...]:
        return (self.amount,) * self.sizes[1]


def test_a_difference_names_the_rule_the_facts_and_both_verdicts() -> None:
    rulebook = Book().rule("bar", "too-far", "candidate.metres > 12000 and not candidate.sibling_here").limit("cap", "year.pan").made()
    with pytest.raises(EvaluationError) as caught:
        Evaluation(rulebook, engine=Stuck(FIRES, None)).pair(pair(unknown=["candidate.metres"]))
    assert [str(fault) for fault in caught.value.faults] == [
        (
            "bar too-far: found fires from the rule engine, cannot tell from the second opinion; wanted one answer. "
            "With candidate.metres unknown, candidate.sibling_here False."
        ),
        "limit cap: found cannot tell from the rule engine, 180 from the second opinion; wanted one answer. With year.pan 180.",
    ]
    assert caught.value.exit_code == 4


@pytest.mark.parametrize("code", [SILENT, CANNOT_TELL])
def test_neither_evaluation_is_preferred(code: int) -> None:
    rulebook = Book().rule("hold", "h", "referral.parent_agrees").made()
    with pytest.raises(EvaluationError, match="differ"):
        Evaluation(rulebook, oracle=Stuck(code, 0)).referral(referral())


def test_an_evaluation_that_answers_too_little_is_refused() -> None:
    class Short(Stuck):
        def verdicts(self, _row: Facts, /) -> bytes:
            return b""

    rulebook = Book().rule("hold", "h", "referral.parent_agrees").made()
    with pytest.raises(EvaluationError, match="how many rules"):
        Evaluation(rulebook, oracle=lambda _conditions, _sums: Short(FIRES, 0)).referral(referral())


def test_many_books_alive_together_do_not_mix() -> None:
    books = [Book().rule("bar", "b", f"candidate.metres > {n}").evaluation() for n in range(0, 4000, 200)]
    for metres in (1000, 3000, 1000):
        assert [bool(one.pair(pair(candidate__metres=metres)).fires("bar")) for one in books] == [metres > n for n in range(0, 4000, 200)]


@given(chance=st.randoms(use_true_random=False))
def test_double_negation_changes_nothing(chance: random.Random) -> None:
    condition = Maker(chance, FUZZ_FACTS).small()
    row = a_row(chance, FUZZ_FACTS, 0.4)
    rule = Rule(id="plain", kind="bar", condition=condition, authority=AUTHORITY, book="made up", line=1)
    twice = replace(rule, id="twice", condition=Not(Not(condition)))
    rulebook = Rulebook(
        name="",
        title="",
        edition=dt.date(2026, 9, 1),
        layers=(),
        authority=AUTHORITY,
        bars=(rule, twice),
        facts={fact.name: fact for fact in FUZZ_FACTS},
    )
    reading = Evaluation(rulebook).pair(row)
    said = kleene(condition, row)
    assert reading.outcome("plain") is reading.outcome("twice")
    assert reading.outcome("plain") is {True: Outcome.FIRES, False: Outcome.SILENT, None: Outcome.CANNOT_TELL}[said]
