"""The rows that rules are put to: what does not fit is refused and named, and a reading keeps what it was made of."""

from __future__ import annotations

import datetime as dt
from dataclasses import FrozenInstanceError
from typing import Any as Anything

import pytest

from rules.errors import EvaluationError, RulebookError
from rules.finding import Outcome
from tests.test_evaluate import Book, pair


@pytest.mark.parametrize(
    ("change", "column", "said"),
    [
        ({"school.rol": 7}, "school.rol", "not of this question"),
        ({"admission.ehcp": True}, "admission.ehcp", "not of this question"),
        ({"candidate.far": True}, "candidate.far", "not of this question"),
        ({"school.roll": True}, "school.roll", "True (bool); wanted a whole number"),
        ({"school.roll": 1.5}, "school.roll", "1.5 (float); wanted a whole number"),
        ({"school.roll": None}, "school.roll", "None (NoneType); wanted a whole number"),
        ({"school.roll": 10_001}, "school.roll", "10001; wanted 0 to 10000 pupils"),
        ({"school.closing": 0}, "school.closing", "0 (int); wanted a yes/no"),
        ({"school.setting": "college"}, "school.setting", "college; wanted one of mainstream"),
        ({"school.name": "a\0b"}, "school.name", "wanted text that can be written out"),
        ({"school.name": 7}, "school.name", "7 (int); wanted a word"),
        ({"panel.meets_on": "2026-09-01"}, "panel.meets_on", "2026-09-01 (str); wanted a date"),
        ({"panel.meets_on": dt.datetime(2026, 9, 1, tzinfo=dt.UTC)}, "panel.meets_on", "(datetime); wanted a date"),
    ],
)
def test_a_row_that_does_not_fit_is_refused_and_the_fact_named(change: dict[str, Anything], column: str, said: str) -> None:
    evaluation = Book().derive("candidate.far", "candidate.metres > 9000").rule("bar", "far", "candidate.far").evaluation()
    evaluation.pair(pair())  # a sound row of the same names vouches for no other
    with pytest.raises(EvaluationError) as caught:
        evaluation.pair({**pair(), **change})
    assert [fault.column for fault in caught.value.faults] == [column]
    assert said in str(caught.value)


def test_everything_wrong_with_a_row_is_said_at_once() -> None:
    evaluation = Book().rule("bar", "b", "school.closing or candidate.is_home_school").evaluation()
    row = {**pair(), "school.rol": 7, "school.roll": "many"}
    del row["school.closing"], row["candidate.is_home_school"]
    with pytest.raises(EvaluationError) as caught:
        evaluation.pair(row)
    assert [fault.column for fault in caught.value.faults] == ["school.rol", "school.roll", "candidate.is_home_school", "school.closing"]


def test_a_fact_that_no_rule_reads_may_be_left_out() -> None:
    evaluation = Book().rule("bar", "b", "school.closing").evaluation()
    assert evaluation.pair({"school.closing": True}).outcome("b") is Outcome.FIRES


def test_readings_are_frozen_and_alike_for_alike_rows() -> None:
    evaluation = Book().rule("bar", "b", "school.closing").limit("room", "year.pan").evaluation()
    row = pair(school__closing=True)
    first, second = evaluation.pairs([row, dict(reversed(row.items()))])
    assert first == second
    assert first != evaluation.pair({**row, "school.closing": False})
    with pytest.raises(FrozenInstanceError):
        first.codes = b""  # type: ignore[misc]
    row["school.closing"] = False
    assert first.facts["school.closing"] is True


def test_a_rule_that_reads_what_its_rows_lack_is_refused() -> None:
    with pytest.raises(RulebookError) as caught:
        Book().rule("hold", "h", "school.closing").rule("tariff", "t", "referral.ehcp").evaluation()
    assert "tariff t: found referral.ehcp" in str(caught.value)
