"""Intervals, funnels and tests against values worked by hand, textbooks, and a judge that counts every case in fractions."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from math import comb, exp, factorial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.reports import comparing


def tail(k: int, n: int, p: Fraction) -> tuple[Fraction, Fraction]:
    """P[X <= k] and P[X >= k], exactly."""
    chances = [comb(n, j) * p**j * (1 - p) ** (n - j) for j in range(n + 1)]
    return sum(chances[: k + 1], Fraction(0)), sum(chances[k:], Fraction(0))


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        (0, 10, 0.0, 1 - 0.025**0.1),  # (1 - high)^10 = 2.5%
        (10, 10, 0.025**0.1, 1.0),
        (1, 1, 0.025, 1.0),
        (10, 100, 0.04900, 0.17622),  # Clopper and Pearson's tables
        (5, 10, 0.18709, 0.81291),
    ],
)
def test_the_exact_interval(k: int, n: int, low: float, high: float) -> None:
    assert comparing.interval(k, n) == pytest.approx((low, high), abs=5e-6)


@pytest.mark.parametrize(
    ("k", "low", "high"),
    [
        (0, 0.0, 3.68888),  # e^-high = 2.5%
        (1, 0.02532, 5.57164),  # 1 - e^-low = 2.5%; e^-high (1 + high) = 2.5%
        (2, 0.24221, 7.22469),  # Garwood's tables from here on
        (5, 1.62349, 11.66833),
        (10, 4.79539, 18.39036),
    ],
)
def test_the_exact_interval_of_what_is_rare(k: int, low: float, high: float) -> None:
    assert comparing.rare(k) == pytest.approx((low, high), abs=5e-6)
    chances = [exp(-high) * high**j / factorial(j) for j in range(k + 1)]
    assert sum(chances) == pytest.approx(0.025, abs=1e-6)


@given(st.integers(1, 40), st.data())
def test_an_interval_ends_where_the_count_becomes_unlikely(n: int, data: st.DataObject) -> None:
    k = data.draw(st.integers(0, n))
    low, high = comparing.interval(k, n, 0.9)
    if k > 0:
        assert float(tail(k, n, Fraction(low))[1]) == pytest.approx(0.05)
    if k < n:
        assert float(tail(k, n, Fraction(high))[0]) == pytest.approx(0.05)


def test_the_funnel_by_hand() -> None:
    """Ten throws of a coin: 0 or 1 has 11/1024 at its end, 2 has 56/1024; so 2 to 8 at 95%. At 99.8% only 0 and 10, 1/1024 each."""
    assert comparing.funnel(10, 0.5, 0.95) == (2, 8)
    assert comparing.funnel(10, 0.5, 0.998) == (1, 9)


@given(st.integers(1, 40), st.fractions(Fraction(1, 50), Fraction(49, 50), max_denominator=50), st.data())
def test_a_count_is_outside_the_funnel_exactly_where_its_zone_says_so(n: int, p: Fraction, data: st.DataObject) -> None:
    k = data.draw(st.integers(0, n))
    out = comparing.against(k, (n, n), float(p))
    end = min(tail(k, n, p))
    assert out.chance == pytest.approx(min(1.0, 2 * float(end)))
    for zone, limit, confidence in (("95%", Fraction(1, 40), 0.95), ("99.8%", Fraction(1, 1000), 0.998)):
        if abs(end - limit) > Fraction(1, 10**9):
            low, high = comparing.funnel(n, float(p), confidence)
            assert (k < low or k > high) == (end < limit)
            assert (end < limit) <= (out.zone != "within")
        assert zone in ("95%", "99.8%")
    assert out.zone == ("outside 99.8%" if end < Fraction(1, 1000) else "outside 95%" if end < Fraction(1, 40) else "within")


def test_what_is_not_known_of_the_total_speaks_against_a_difference() -> None:
    """8 of 20 to 30 at a share of a quarter: more than 30 would expect is judged by 30, fewer than 20 would expect by 20."""
    wide, most, least = (comparing.against(8, n, 0.25) for n in ((20, 30), (30, 30), (20, 20)))
    assert wide.chance >= max(most.chance, least.chance)
    assert (wide.low, wide.high) == (most.low, least.high)


def test_the_lady_who_tasted_tea() -> None:
    """Four of eight cups had milk first; all four named is 1 of 70 ways, three or more 17 of 70 (Fisher)."""
    assert comparing.in_excess(4, 4, 4, 8) == pytest.approx(1 / 70)
    assert comparing.in_excess(3, 4, 4, 8) == pytest.approx(17 / 70)


def test_one_way_in_ten() -> None:
    """(1 + 10) / 1024 at either end; five of ten is no difference at all."""
    assert comparing.evenly(1, 10) == pytest.approx(22 / 1024)
    assert comparing.evenly(9, 10) == pytest.approx(22 / 1024)
    assert comparing.evenly(5, 10) == 1.0


def test_ranks_by_hand() -> None:
    """Three below three others: one of the 20 ways to choose three, at either end."""
    for values, others, wanted in (([1, 2, 3], [4, 5, 6], "fewer"), ([4, 5, 6], [1, 2, 3], "more")):
        chance, side = comparing.ranks(values, others)
        assert chance == pytest.approx(0.1)
        assert side == wanted


@given(st.lists(st.integers(0, 4), min_size=1, max_size=5), st.lists(st.integers(0, 4), min_size=1, max_size=6))
def test_ranks_with_ties_as_counted_one_by_one(values: list[int], others: list[int]) -> None:
    both = [*values, *others]
    doubled = [2 * sum(other < one for other in both) + sum(other == one for other in both) + 1 for one in both]
    sums = [sum(chosen) for chosen in combinations(doubled, len(values))]
    found = sum(doubled[: len(values)])
    ends = (sum(one <= found for one in sums), sum(one >= found for one in sums))
    assert comparing.ranks(values, others)[0] == pytest.approx(min(1.0, 2 * min(ends) / len(sums)))


def test_many_ranks_by_the_normal_law() -> None:
    """1 to 12 against 13 to 24: the sum is 78, the mean 150, the variance 12 * 12 * 25 / 12 = 300; half a rank is taken off."""
    chance, side = comparing.ranks(list(range(1, 13)), list(range(13, 25)))
    assert side == "fewer"
    assert chance == pytest.approx(3.66e-5, rel=0.01)  # 71.5 / sqrt(300) = 4.128
    assert comparing.ranks([3] * 12, [3] * 12)[0] == 1.0


def test_lots_of_several_schools_are_one_question() -> None:
    """48 lots each of 0.6, 0.5 and 0.4: 2.4, 0 and -2.4 standard errors from 0.5; 11.52 together; chi squared of two is exp(-5.76)."""
    chance, furthest, side = comparing.uniform_means({"A": [0.6] * 48, "B": [0.5] * 48, "C": [0.4] * 48})
    assert chance == pytest.approx(exp(-5.76))
    assert furthest in ("A", "C")
    assert side == ("more" if furthest == "A" else "fewer")


def test_lots_that_are_low_for_everybody_favour_nobody() -> None:
    assert comparing.uniform_means({"A": [0.2] * 48, "B": [0.2] * 9})[0] == pytest.approx(1.0)


def test_holms_judgement() -> None:
    """1.25%, 1.67%, 2.5% and 5% in turn, until the first that is too large: 3% stops it, though 4% would pass its own."""
    assert comparing.beyond_chance([0.01, 0.04, 0.03, 0.005]) == (True, False, False, True)
    assert comparing.beyond_chance([0.02, 0.02, 0.02]) == (False, False, False)
    assert comparing.beyond_chance([0.01, 0.03]) == (True, True)  # 3% is under 5%, once the first is named
    assert comparing.beyond_chance([0.05]) == (True,)
    assert comparing.beyond_chance([]) == ()
