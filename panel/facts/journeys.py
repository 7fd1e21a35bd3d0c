"""Journeys from home to a setting: estimates, walking distance, entitlement to free travel, order of nearness.

It measures no route and reads no file. What follows only from a measured distance stays unknown for an estimate.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from math import isqrt
from typing import Final

from panel.events import Journey, SchoolRecorded

METHOD: Final = "estimate: straight line x 1.3"

WALKING_METRES: Final = 4828
"""3 miles in whole metres (4,828.032): home-to-school travel, from the age of 8, by the shortest safe walking route."""

UNDER_8_METRES: Final = 3218
"""2 miles in whole metres (3,218.688): the same under the age of 8."""

LOW_INCOME_METRES: Final = 3218
"""2 miles in whole metres: from there a low income may entitle, at 11 to 16, to one of the three nearest schools."""

TURNS_8: Final = 3
"""The year group whose pupils turn 8 during the year: a pupil of year y turns y + 5. What holds only at 7, or only at 8, is unknown."""

Point = tuple[int, int]
"""Easting and northing on the National Grid, in metres."""


def estimated_metres(home: Point, school: Point) -> int:
    """Metres between two points: the straight line x 1.3, to the nearest 100 m, halves up.

    With D the square of the straight line, 13 sqrt(D) / 1000 hundreds of metres are rounded:
    floor((sqrt(169 D) + 500) / 1000), which is the same for the whole part of the root, so that no float is needed.
    """
    D = (home[0] - school[0]) ** 2 + (home[1] - school[1]) ** 2
    return (isqrt(169 * D) + 500) // 1000 * 100


def estimate(home: tuple[int | None, int | None], school: SchoolRecorded) -> Journey | None:
    """The estimate as a journey: minutes, cost and entitlement stay unknown. None where home or school lies nobody knows where."""
    if home[0] is None or home[1] is None or school.easting is None or school.northing is None:
        return None
    metres = estimated_metres((home[0], home[1]), (school.easting, school.northing))
    return Journey(urn=school.urn, metres=metres, method=METHOD, estimate=True)


def within_walking_distance(journey: Journey, year_group: int) -> bool | None:
    """What the journey says; else worked out from a distance that was measured, by the pupil's age; else unknown.

    For a pupil of whom a year group does not say whether 8 is reached, it is known within 2 miles and beyond 3, not between.
    """
    if journey.within_walking_distance is not None:
        return journey.within_walking_distance
    if journey.metres is None or journey.estimate:
        return None
    under_8, from_8 = journey.metres <= UNDER_8_METRES, journey.metres <= WALKING_METRES
    if year_group == TURNS_8 and under_8 != from_8:
        return None
    return under_8 if year_group < TURNS_8 else from_8


def transport_entitled(
    journey: Journey, year_group: int, *, low_income: bool | None = None, cannot_walk: bool | None = None
) -> bool | None:
    """What the journey says; else whether the way is unsafe or the pupil cannot walk it, or it is beyond walking distance; else unknown.

    A school may be asked what travel to it would cost before anybody knows which one has a place: whether it is the nearest
    suitable one with places is asked of a decision (`entitlement.py`), and so are religion or belief. For a family on a low
    income the distance begins at 2 miles, to one of the three nearest: within walking distance and beyond 2 miles it is not known here.
    """
    if journey.transport_entitled is not None:
        return journey.transport_entitled
    if journey.safe_route is False or cannot_walk:
        return True
    within = within_walking_distance(journey, year_group)
    if within and low_income and journey.metres is not None and journey.metres > LOW_INCOME_METRES:
        return None
    return None if within is None else not within


def nearness(metres: Mapping[str, int | None]) -> dict[str, int]:
    """URN -> 1 for the nearest, 2 for the next; equal distances share a rank; an unknown distance has none.

    `metres` holds the settings of the kinds that the pupil is suited to and no others.
    """
    known = {urn: distance for urn, distance in metres.items() if distance is not None}
    rank = {distance: n for n, distance in enumerate(sorted(set(known.values())), start=1)}
    return {urn: rank[distance] for urn, distance in known.items()}


def catchment_nearness(metres: Mapping[str, int | None], catchment: Collection[str]) -> dict[str, int]:
    """URN -> its rank among the schools in whose catchment the pupil lives; 0 outside; none where the distance is unknown."""
    ranks = nearness({urn: distance for urn, distance in metres.items() if urn in catchment})
    return {urn: ranks.get(urn, 0) for urn in metres if urn not in catchment or urn in ranks}
