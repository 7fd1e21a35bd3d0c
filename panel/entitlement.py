"""Whether a placement brings free travel to school with it, from what was recorded and measured; an estimate decides nothing.

Read from the guidance on home-to-school travel in England as the field sums it up; no paragraph is cited. It pays nothing and
asks nobody: what is not recorded leaves the answer open, and is named.

    m        metres of the shortest safe walking route, as measured; an estimate is no measure
    walk     2 miles under the age of 8, 3 miles from 8
    nearest  no suitable setting that had a place is nearer
    entitled = nearest and (m > walk, or the way is not safe to walk, or the pupil cannot be expected to walk it)
            or low income, at 11 to 16, 2 miles < m <= 6 miles, and at most two suitable settings with places are nearer
            or low income, at 11 to 16, 2 miles < m <= 15 miles, and chosen on grounds of religion or belief

`and`, `or` over yes, no and unknown (Kleene): yes or unknown is yes, no and unknown is no.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from panel.events import Journey
from panel.journeys import TURNS_8, UNDER_8_METRES, WALKING_METRES

SIX_MILES: Final = 9656
FIFTEEN_MILES: Final = 24140
"""Whole metres: 9,656.064 and 24,140.16."""

LOW_INCOME_YEARS: Final = range(7, 12)
"""Year groups whose pupils are 11 to 16."""

Answer = bool | None


@dataclass(frozen=True, slots=True)
class Traveller:
    """What bears on one pupil's travel, as recorded; None is unknown. `ways`: URN -> the journey recorded to it."""

    year_group: int
    low_income: bool | None
    cannot_walk: bool | None
    ways: Mapping[str, Journey]


@dataclass(frozen=True, slots=True)
class Ground:
    """One ground of entitlement: its name, what follows of it here, and what was not recorded."""

    name: str
    answer: Answer
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entitlement:
    """Whether travel is free: by what, or what would have to be known. `nearer` are suitable settings with places on the way."""

    answer: Answer
    by: tuple[str, ...]
    missing: tuple[str, ...]
    nearer: tuple[str, ...]


def entitlement(traveller: Traveller, urn: str, with_places: Iterable[str]) -> Entitlement:
    """The entitlement at a setting; `with_places` are the suitable settings that had a place for this pupil."""
    way = traveller.ways.get(urn) or Journey(urn=urn)
    others = tuple(other for other in with_places if other != urn)
    nearer, unmeasured = _nearer(traveller, way, others)
    if way.transport_entitled is not None:
        return Entitlement(way.transport_entitled, ("the authority's own word",) if way.transport_entitled else (), (), nearer)
    grounds = tuple(_grounds(traveller, way, nearer, unmeasured))
    by = tuple(ground.name for ground in grounds if ground.answer)
    if by:
        return Entitlement(answer=True, by=by, missing=(), nearer=nearer)
    missing = tuple(dict.fromkeys(fact for ground in grounds if ground.answer is None for fact in ground.missing))
    return Entitlement(None if missing else False, (), missing, nearer)


def _nearer(traveller: Traveller, way: Journey, others: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Of the other settings those known to be nearer, and those of which nobody has measured whether they are."""
    here = measured(way)
    known = {urn: measured(traveller.ways.get(urn) or Journey(urn=urn)) for urn in others}
    if here is None:
        return (), tuple(known)
    nearer = tuple(urn for urn, metres in known.items() if metres is not None and metres < here)
    return nearer, tuple(urn for urn, metres in known.items() if metres is None)


def measured(way: Journey) -> int | None:
    """Metres that were measured along a route; None for an estimate, or where nobody has."""
    return None if way.estimate else way.metres


def _grounds(traveller: Traveller, way: Journey, nearer: tuple[str, ...], unmeasured: tuple[str, ...]) -> Iterable[Ground]:
    metres = measured(way)
    nearest: Answer = False if nearer else None if unmeasured or metres is None else True
    lacking = {
        "metres": () if metres is not None else (f"metres to {way.urn}",),
        "nearest": tuple(f"metres to {urn}" for urn in unmeasured) if nearest is None else (),
        "age": ("whether the pupil is 8",),
        "safe": (f"safe_route to {way.urn}",),
        "walk": ("cannot_walk",),
        "income": ("low_income",),
        "belief": (f"on_belief to {way.urn}",),
    }
    far, why_far = _far(metres, traveller.year_group, way)
    unsafe = None if way.safe_route is None else not way.safe_route
    yield _ground("the distance", ((far, lacking[why_far]), (nearest, lacking["nearest"])))
    yield _ground("a way that is not safe to walk", ((unsafe, lacking["safe"]), (nearest, lacking["nearest"])))
    yield _ground("what the pupil can walk", ((traveller.cannot_walk, lacking["walk"]), (nearest, lacking["nearest"])))
    if traveller.year_group in LOW_INCOME_YEARS:
        income = (traveller.low_income, lacking["income"])
        six, fifteen = (_between(metres, most) for most in (SIX_MILES, FIFTEEN_MILES))
        third: Answer = False if len(nearer) > 2 else True if len(nearer) + len(unmeasured) <= 2 and metres is not None else None
        among = (third, (*lacking["metres"], *(f"metres to {urn}" for urn in unmeasured)))
        yield _ground("low income, one of the three nearest", (income, (six, lacking["metres"]), among))
        belief = (way.on_belief, lacking["belief"])
        yield _ground("low income, religion or belief", (income, (fifteen, lacking["metres"]), belief))


def _ground(name: str, parts: Iterable[tuple[Answer, tuple[str, ...]]]) -> Ground:
    """All parts together, and what those lack that are unknown."""
    said = tuple(parts)
    if any(answer is False for answer, _ in said):
        return Ground(name, answer=False)
    missing = tuple(dict.fromkeys(fact for answer, facts in said if answer is None for fact in facts))
    return Ground(name, None if any(answer is None for answer, _ in said) else True, missing)


def _far(metres: int | None, year_group: int, way: Journey) -> tuple[Answer, str]:
    """Whether it is beyond walking distance at the pupil's age, and what is lacking where nobody can tell."""
    if way.within_walking_distance is not None:
        return not way.within_walking_distance, "metres"
    if metres is None:
        return None, "metres"
    beyond_2, beyond_3 = metres > UNDER_8_METRES, metres > WALKING_METRES
    if year_group == TURNS_8 and beyond_2 != beyond_3:
        return None, "age"
    return (beyond_2 if year_group < TURNS_8 else beyond_3), "metres"


def _between(metres: int | None, most: int) -> Answer:
    """Whether it is beyond 2 miles and within the most."""
    return None if metres is None else UNDER_8_METRES < metres <= most
