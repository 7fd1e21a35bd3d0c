"""A fund that is shared by several measures: each part by hand, and that no penny is lost or invented whatever the parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.costs.money import Draws, shared_out
from panel.state.records import State
from rules.differences import differences
from rules.reach import used_by
from rules.reader import markdown, page_of
from tests.test_money import KNOWN, accounted, state
from tests.test_record_and_schema import objections
from tests.test_rulebook import book, read

HALVES = "[{by: roll, part: 1}, {by: need, count: load, part: 1}]"


def draws(shared: str, pence: int, shown: State | None = None) -> Draws:
    found = accounted(replace(shown or state(), funds={2026: pence}), KNOWN + f"money: {{fund: {{shared: {shared}}}}}\n").draws
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("shared", "pence", "by_part", "left"),
    [
        # Of 2,000 on roll 700, 300 and 1,000; the one pupil who came is at 100002. Half of 1,001 by roll: 175.175, 75.075 and 250.25;
        # half by need: 500.5.
        (HALVES, 1001, ({"100001": 175, "100002": 75, "100003": 250}, {"100001": 0, "100002": 500, "100003": 0}), 1),
        # 60 pence by roll, 40 by need.
        (
            "[{by: roll, part: 60}, {by: need, count: load, part: 40}]",
            100,
            ({"100001": 21, "100002": 9, "100003": 30}, {"100001": 0, "100002": 40, "100003": 0}),
            0,
        ),
        # A third each of 90: 30 by roll, 10.5, 4.5 and 15; 10 for each; 30 by need.
        (
            "[{by: roll, part: 1}, {by: equally, part: 1}, {by: need, count: load, part: 1}]",
            90,
            (
                {"100001": 10, "100002": 4, "100003": 15},
                {"100001": 10, "100002": 10, "100003": 10},
                {"100001": 0, "100002": 30, "100003": 0},
            ),
            1,
        ),
    ],
)
def test_each_part_is_shared_by_its_own_measure(shared: str, pence: int, by_part: tuple[Mapping[str, int], ...], left: int) -> None:
    found = draws(shared, pence)
    assert tuple(one.by_school for one in found.parts) == by_part
    assert found.by_school == {urn: sum(one[urn] for one in by_part) for urn in by_part[0]}
    assert (found.left, found.why_not) == (left, "")
    assert sum(found.by_school.values()) + left == pence


def test_a_part_that_cannot_be_shared_stays_in_the_fund() -> None:
    """Nobody has come yet, so the half by need stays: 50 of 100. Or a roll is missing, and then the half by roll."""
    held = state()
    nobody = replace(held, referrals={"R1": replace(held.referrals["R1"], decision=None, decision_seq=0)}, admissions=())
    found = draws(HALVES, 100, nobody)
    assert [one.why_not for one in found.parts] == ["", "nobody has any of what it is shared by"]
    assert (found.by_school, found.left, found.why_not) == ({"100001": 17, "100002": 7, "100003": 25}, 51, "")
    assert ([found.kept(one) for one in found.parts], found.over) == ([0, 50], 1)  # 17.5, 7.5 and 25 by roll: a penny is over
    unknown = {**held.schools, "100003": held.schools["100003"].model_copy(update={"roll": None})}
    found = draws(HALVES, 100, replace(held, schools=unknown))
    assert found.parts[0].why_not.startswith("the roll of 100003 is not recorded")
    assert (found.by_school, found.left) == ({"100001": 0, "100002": 50, "100003": 0}, 50)
    found = draws(HALVES, 100, replace(nobody, schools=unknown))
    assert found.why_not == f"{found.parts[0].why_not}; nobody has any of what it is shared by"
    assert (found.by_school, found.left) == ({}, 100)


def test_a_fund_in_parts_waits_for_who_took_part_as_any_other() -> None:
    shown = accounted(replace(state(), funds={2026: 100}), KNOWN + f"money: {{fund: {{shared: {HALVES}, took_part: half}}}}\n").draws
    assert shown is not None
    assert (shown.by_school, shown.left) == ({}, 100)
    assert {shown.why_not, *(one.why_not for one in shown.parts)} == {
        "no meeting of the year is closed yet, so that nobody can tell who took part"
    }


@pytest.mark.parametrize(
    ("shared", "sound"),
    [
        ("roll", True),
        ("[{by: roll, part: 60}, {by: need, count: load, part: settings.by_need}]", True),
        ("[{by: roll, part: 60}, {by: need, count: load}]", False),
        ("[{by: roll, part: 60}]", False),
        ("half", False),
    ],
)
def test_an_editor_knows_the_parts(shared: str, sound: bool) -> None:
    assert bool(objections(book(f"money: {{fund: {{shared: {shared}}}}}\n"))) is not sound


WEIGHTS = st.dictionaries(st.sampled_from("ABCDEFG"), st.integers(0, 2000), min_size=1).filter(lambda weights: any(weights.values()))


@given(st.integers(0, 10**9), st.lists(st.tuples(st.integers(1, 10_000), WEIGHTS), min_size=1, max_size=4))
def test_no_penny_is_lost_and_none_invented(pence: int, portions: list[tuple[int, dict[str, int]]]) -> None:
    """Each school has of each part its exact share, rounded down; so less than a penny for each of them stays."""
    parts = sum(part for part, _ in portions)
    drawn = [shared_out(pence, part, parts, weights) for part, weights in portions]
    for (part, weights), of in zip(portions, drawn, strict=True):
        for urn, weight in weights.items():
            exact = Fraction(pence) * Fraction(part, parts) * Fraction(weight, sum(weights.values()))
            assert 0 <= exact - of[urn] < 1
    left = pence - sum(sum(of.values()) for of in drawn)
    assert 0 <= left < sum(map(len, drawn))


@given(st.integers(0, 10**9), st.integers(1, 100), st.integers(1, 100), st.integers(1, 50), WEIGHTS)
def test_only_the_proportion_of_the_parts_matters(pence: int, part: int, others: int, times: int, weights: dict[str, int]) -> None:
    assert shared_out(pence, times * part, times * (part + others), weights) == shared_out(pence, part, part + others, weights)
    assert shared_out(pence, part, part, weights) == {urn: pence * one // sum(weights.values()) for urn, one in weights.items()}


def test_parts_are_told_in_words() -> None:
    counts = "counts: {load: {of: placements, over: academic_year}}\nsettings: {by_need: 40}\n"
    money = "money: {{fund: {{shared: {}}}}}\n"
    share = "objectives: [place, {share: {load: load, per: roll}}]\n"
    made = read(f"{counts}{money.format('[{by: roll, part: 60}, {by: need, count: load, part: settings.by_need}]')}{share}", objectives="")
    words = "shared in 100 parts, 60 by roll and 40 by need, which is the count load, by all mainstream schools"
    assert words in markdown(page_of(made))
    assert "money, fund" in used_by(made, made.counts[0])
    before = read(f"{counts}{money.format('roll')}{share}", objectives="")
    told = [str(one) for one in differences(before, made)]
    assert told == [f"money: fund: was shared by roll, by all mainstream schools; is {words}"]
