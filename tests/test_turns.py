"""Whose turn it is: by the placements that an objective speaks of, and by the list where claims are equal."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from panel.deciding.weighing import rota, turn_ranks
from panel.errors import Refused
from panel.facts.candidates import MeetingFacts
from panel.facts.turns import last_turns
from panel.state.records import Admission, State
from rules.audience import Audience
from rules.book import Objective
from rules.rulebook import check_text
from rules.turns import Turns

EXCLUDED = Audience(excluded=True)


@pytest.fixture
def facts() -> MeetingFacts:
    """a took an excluded pupil first and another since; b took an excluded pupil between; c took none yet."""
    day = {n: dt.date(2026, 10, n) for n in (1, 8, 15)}
    turns = {"everybody": {"a": day[15], "b": day[8]}, "permanently_excluded": {"a": day[1], "b": day[8]}}
    return MeetingFacts(dt.date(2026, 11, 5), {}, {"a": {}, "b": {}, "c": {}}, {}, {}, {}, {}, turns, {})


def test_each_objective_has_the_turns_of_its_own_pupils(facts: MeetingFacts) -> None:
    assert turn_ranks(facts, Turns()) == {"a": 2, "b": 1, "c": 0}
    assert turn_ranks(facts, Turns(EXCLUDED)) == {"a": 1, "b": 2, "c": 0}


def test_a_rota_counts_turns_from_one_at_mainstream_schools_only(facts: MeetingFacts) -> None:
    """A unit took the first pupil of all: it has no turn, and leaves no gap. Of two that never took any both have turn 1."""
    setting = {"a": "mainstream", "b": "mainstream", "c": "mainstream", "d": "mainstream", "u": "pru"}
    turns = {"everybody": {**facts.turns["everybody"], "u": dt.date(2026, 9, 10)}, "permanently_excluded": {"a": dt.date(2026, 10, 1)}}
    more = replace(facts, schools={urn: {"school.setting": kind} for urn, kind in setting.items()}, turns=turns)
    assert rota(more, Objective(name="rota"), {}) == {"c": 1, "d": 1, "b": 2, "a": 3}
    assert rota(more, Objective(name="rota", of=EXCLUDED), {}) == {"b": 1, "c": 1, "d": 1, "a": 2}


def test_where_all_have_had_a_turn_the_longest_ago_is_the_first(facts: MeetingFacts) -> None:
    two = replace(facts, schools={urn: {"school.setting": "mainstream"} for urn in "ab"})
    assert rota(two, Objective(name="rota"), {}) == {"b": 1, "a": 2}


# --- which placements were turns ---

HEAD = "rulebook: hilltop\nedition: {from: 2026-09-01}\ntitle: Hilltop\nauthority: {instrument: Agreement}\nobjectives:\n  - place\n"


def last(rota: str, on: dt.date, *admissions: Admission, moves_up: bool = True) -> dict[str, dict[str, dt.date]]:
    """When a and b had their last turns in years 9 and 10, by the rota of a book."""
    state = State(admissions=admissions, pupils_move_up=moves_up)
    found = last_turns(state, check_text(f"{HEAD}  - rota: {{{rota}}}\n", "book"), on, (9, 10))
    return {whose: dict(turns) for whose, turns in found.items()}


def took(school: str, on: str, year_group: int, **more: Any) -> Admission:
    day = dt.date.fromisoformat(on)
    return Admission(f"P{on}", school, day, year_group, by_panel=True, kind="managed_move", permanently_excluded=False, **more)


def test_a_turn_stays_in_the_year_group_in_which_the_pupil_came() -> None:
    """A year 9 pupil of last year is in year 10 now; the turn is one of year 9."""
    found = last("per: year_group", dt.date(2026, 11, 5), took("a", "2025-10-06", 9), took("b", "2026-10-05", 10))
    assert found["everybody, year 9"] == {"a": dt.date(2025, 10, 6)}
    assert found["everybody, year 10"] == {"b": dt.date(2026, 10, 5)}


@pytest.mark.parametrize(("on", "moves_up", "where"), [("2026-07-09", True, 9), ("2026-07-09", False, 10), ("2026-10-08", True, 10)])
def test_who_comes_after_the_summer_is_until_then_in_the_year_group_before(on: str, moves_up: bool, where: int) -> None:
    """Decided in July for September, in year 10: until then it took a turn of year 9, which it is in, as its count does."""
    found = last("per: year_group", dt.date.fromisoformat(on), took("a", "2026-09-03", 10), moves_up=moves_up)
    assert [year for year in (9, 10) if found[f"everybody, year {year}"]] == [where]


def test_only_the_panels_placements_are_turns() -> None:
    outside = replace(took("a", "2026-10-05", 9), by_panel=False, kind="outside")
    assert last("per: school", dt.date(2026, 11, 5), outside) == {"everybody": {}}


def test_the_same_turns_are_frozen_once() -> None:
    """What a book does not look at is not frozen: an opening under a book that says nothing new is what it was."""
    on, one = dt.date(2026, 11, 5), took("a", "2026-10-05", 9, failed=True)
    assert [*last("broken_down: keep", on, one)] == ["everybody"]
    assert [*last("of: permanently_excluded, broken_down: drop", on, one)] == [
        "everybody",
        "permanently_excluded, without those that broke down",
    ]
    keys = [*last("per: year_group, left: drop within 20 school days", on)]
    assert keys[1:] == [f"everybody, year {year}, without those that left within 20 school days" for year in (9, 10)]


BROKE = took("a", "2026-10-05", 9, failed=True)


@pytest.mark.parametrize(
    ("rota", "ended", "is_turn"),
    [
        ("broken_down: drop", None, False),
        ("broken_down: keep", None, True),
        ("left: drop", None, True),
        ("broken_down: drop within 2 weeks", dt.date(2026, 10, 18), False),
        ("broken_down: drop within 2 weeks", dt.date(2026, 10, 20), True),
    ],
)
def test_what_became_of_it_says_whether_it_was_a_turn(rota: str, ended: dt.date | None, is_turn: bool) -> None:
    found = last(rota, dt.date(2026, 11, 5), took("a", "2026-09-07", 9), replace(BROKE, ended_on=ended))
    assert [*found.values()][-1] == {"a": BROKE.on if is_turn else dt.date(2026, 9, 7)}


def test_what_cannot_be_told_is_refused_where_it_matters() -> None:
    on, rota = dt.date(2026, 11, 5), "broken_down: drop within 2 weeks"
    with pytest.raises(Refused, match="do not say enough"):
        last(rota, on, took("a", "2026-09-07", 9), BROKE, took("b", "2026-10-19", 9))
    assert [*last(rota, on, BROKE, took("a", "2026-10-19", 9)).values()][-1] == {"a": dt.date(2026, 10, 19)}


# --- the order of those whose claims are equal ---


def test_a_list_tells_equal_claims_apart(facts: MeetingFacts) -> None:
    """c, d and e never had a turn, and c has no number: e, d, c. Then b and a, who have had one, whatever their numbers."""
    five = replace(facts, schools={urn: {"school.setting": "mainstream"} for urn in "abcde"})
    assert rota(five, Objective(name="rota"), {"a": 1, "b": 9, "d": 5, "e": 2}) == {"e": 1, "d": 2, "c": 3, "b": 4, "a": 5}
    assert rota(five, Objective(name="rota"), {"d": 5, "e": 5}) == {"d": 1, "e": 1, "c": 2, "b": 3, "a": 4}
