"""Journeys: estimates against exact fractions, entitlement only from what was measured, ranks of nearness."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.events import Journey, SchoolRecorded
from panel.facts.journeys import (
    METHOD,
    catchment_nearness,
    estimate,
    estimated_metres,
    nearness,
    transport_entitled,
    within_walking_distance,
)

COORDINATE = st.integers(0, 700_000)


@pytest.mark.parametrize(
    ("home", "school", "metres"),
    [
        ((0, 0), (3000, 4000), 6500),  # 5000 x 1.3
        ((0, 0), (300, 400), 700),  # 650, halves up
        ((0, 0), (299, 400), 600),  # a little under 650
        ((5, 5), (5, 5), 0),
        ((0, 0), (38, 0), 0),  # 49.4
        ((0, 0), (39, 0), 100),  # 50.7
        ((1000, 1000), (0, 1000), 1300),
    ],
)
def test_estimates_by_hand(home: tuple[int, int], school: tuple[int, int], metres: int) -> None:
    assert estimated_metres(home, school) == metres


@given(COORDINATE, COORDINATE, COORDINATE, COORDINATE)
def test_an_estimate_is_the_nearest_hundred(a: int, b: int, c: int, d: int) -> None:
    """m is right when m - 50 <= 1.3 root(D) < m + 50; squared, so that no root is taken."""
    m = estimated_metres((a, b), (c, d))
    square = Fraction(169, 100) * ((a - c) ** 2 + (b - d) ** 2)
    assert m % 100 == 0
    assert max(m - 50, 0) ** 2 <= square < (m + 50) ** 2


def test_an_estimate_says_what_it_is_and_no_more() -> None:
    school = SchoolRecorded(urn="900001", name="Aldermere", easting=3000, northing=4000)
    assert estimate((0, 0), school) == Journey(urn="900001", metres=6500, method=METHOD, estimate=True)


@pytest.mark.parametrize("home", [(None, 0), (0, None), (None, None)])
def test_no_estimate_from_nowhere(home: tuple[int | None, int | None]) -> None:
    assert estimate(home, SchoolRecorded(urn="900001", name="Aldermere", easting=1, northing=1)) is None


def test_no_estimate_to_nowhere() -> None:
    assert estimate((0, 0), SchoolRecorded(urn="900001", name="Aldermere")) is None


@pytest.mark.parametrize(
    ("journey", "within", "entitled"),
    [
        (Journey(urn="900001", metres=4828), True, False),
        (Journey(urn="900001", metres=4829), False, True),
        (Journey(urn="900001", metres=9000, estimate=True), None, None),
        (Journey(urn="900001", minutes=20), None, None),
        (Journey(urn="900001", metres=2000, transport_entitled=True), True, True),  # say, an unsafe route
        (Journey(urn="900001", metres=9000, estimate=True, within_walking_distance=False), False, True),
        (Journey(urn="900001", metres=9000, within_walking_distance=True), True, False),
        (Journey(urn="900001", metres=9000, transport_entitled=False), False, False),
    ],
)
def test_entitlement(journey: Journey, within: bool | None, entitled: bool | None) -> None:
    assert within_walking_distance(journey, 9) is within
    assert transport_entitled(journey, 9) is entitled


MEASURED = (3218, 3219, 4828, 4829)  # two miles, three miles, and a metre more of each


@pytest.mark.parametrize(
    ("year_group", "within"),
    [
        (0, (True, False, False, False)),
        (2, (True, False, False, False)),  # 6 turning 7
        (3, (True, None, None, False)),  # 7 turning 8: between the two distances it depends on the birthday
        (4, (True, True, True, False)),  # 8 turning 9
        (7, (True, True, True, False)),
    ],
)
def test_how_far_a_young_child_may_walk(year_group: int, within: tuple[bool | None, ...]) -> None:
    journeys = [Journey(urn="900001", metres=metres) for metres in MEASURED]
    assert tuple(within_walking_distance(journey, year_group) for journey in journeys) == within
    entitled = tuple(None if one is None else not one for one in within)
    assert tuple(transport_entitled(journey, year_group) for journey in journeys) == entitled


def test_what_a_journey_says_of_a_young_child_holds() -> None:
    said = Journey(urn="900001", metres=4000, within_walking_distance=True)
    assert within_walking_distance(said, 3) is True
    assert within_walking_distance(Journey(urn="900001", metres=4000, estimate=True), 3) is None


def test_equal_distances_share_a_rank_and_unknown_ones_have_none() -> None:
    assert nearness({"a": 500, "b": 200, "c": 500, "d": None, "e": 900}) == {"b": 1, "a": 2, "c": 2, "e": 3}


def test_nearness_in_catchment() -> None:
    metres = {"a": 500, "b": 200, "c": 700, "d": None, "e": None}
    assert catchment_nearness(metres, ("a", "c", "d")) == {"a": 1, "b": 0, "c": 2, "e": 0}


@given(st.dictionaries(st.text("abc", max_size=3), st.none() | st.integers(0, 50)))
def test_a_rank_counts_the_distances_that_are_shorter(metres: dict[str, int | None]) -> None:
    known = [far for far in metres.values() if far is not None]
    assert nearness(metres) == {urn: 1 + len({far for far in known if far < own}) for urn, own in metres.items() if own is not None}
