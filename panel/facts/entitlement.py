"""Whether a placement brings free travel to school with it, from what was recorded and measured; an estimate decides nothing.

Read from the guidance on home-to-school travel in England as the field sums it up; no paragraph is cited. It pays nothing and
asks nobody: what is not recorded leaves the answer open, and is named.

    m        metres of the shortest safe walking route, as measured; an estimate is no measure
    walk     2 miles under the age of 8, 3 miles from 8
    nearest  no suitable setting that had a place is nearer; unknown where one may be, of which the rules could not tell
    entitled = nearest and (m > walk, or the way is not safe to walk, or the pupil cannot be expected to walk it)
            or low income, at 8 to 10, m > 2 miles, and nearest
            or low income, at 11 to 16, 2 miles < m <= 6 miles, and at most two suitable settings with places are nearer
            or low income, at 11 to 16, 2 miles < m <= 15 miles, chosen on grounds of religion or belief, and none so chosen is nearer

`and`, `or` over yes, no and unknown (Kleene): yes or unknown is yes, no and unknown is no.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from panel.events import Journey
from panel.facts.journeys import TURNS_8, UNDER_8_METRES, WALKING_METRES

SIX_MILES: Final = 9656
FIFTEEN_MILES: Final = 24140
"""Whole metres: 9,656.064 and 24,140.16."""

LOW_INCOME_YEARS: Final = range(7, 12)
"""Year groups whose pupils are 11 to 16."""

TURNS_11: Final = 6
"""The year group whose pupils turn 11 during the year."""

NEAREST_YEARS: Final = range(3, 7)
"""Year groups where a low income entitles beyond 2 miles: at 8 to 10 by this, at 7 by the distance, at 11 as one of three."""

Answer = bool | None
Part = tuple[Answer, tuple[str, ...]]
"""One condition of a ground, and what nobody recorded of it."""


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


def entitlement(traveller: Traveller, urn: str, with_places: Iterable[str], perhaps: Iterable[str] = ()) -> Entitlement:
    """The entitlement at a setting; `with_places` are the suitable settings that had a place for this pupil, `perhaps` those
    of which nobody can tell whether they are."""
    way = traveller.ways.get(urn) or Journey(urn=urn)
    others = tuple(other for other in with_places if other != urn)
    nearer, unmeasured = _nearer(traveller, way, others)
    there, nowhere = _nearer(traveller, way, (other for other in perhaps if other != urn and other not in others))
    doubtful = (
        *((f"metres to {urn}",) if measured(way) is None and (others or nowhere) else ()),
        *(f"metres to {other}" for other in unmeasured),
        *(f"what the rules ask of a way to {other}" for other in (*there, *nowhere)),
    )
    if way.transport_entitled is not None:
        return Entitlement(way.transport_entitled, ("the authority's own word",) if way.transport_entitled else (), (), nearer)
    grounds = tuple(_grounds(traveller, way, nearer, unmeasured, doubtful))
    by = tuple(ground.name for ground in grounds if ground.answer)
    if by:
        return Entitlement(answer=True, by=by, missing=(), nearer=nearer)
    missing = tuple(dict.fromkeys(fact for ground in grounds if ground.answer is None for fact in ground.missing))
    return Entitlement(None if missing else False, (), missing, nearer)


def _nearer(traveller: Traveller, way: Journey, others: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Of the other settings those known to be nearer, and those to which nobody has measured."""
    here = measured(way)
    known = {urn: measured(traveller.ways.get(urn) or Journey(urn=urn)) for urn in others}
    nearer = tuple(urn for urn, metres in known.items() if here is not None and metres is not None and metres < here)
    return nearer, tuple(urn for urn, metres in known.items() if metres is None)


def measured(way: Journey) -> int | None:
    """Metres that were measured along a route; None for an estimate, or where nobody has."""
    return None if way.estimate else way.metres


def _grounds(
    traveller: Traveller, way: Journey, nearer: tuple[str, ...], unmeasured: tuple[str, ...], doubtful: tuple[str, ...]
) -> Iterable[Ground]:
    """Each ground. `doubtful`: what nobody recorded of other settings that may be nearer, one for each."""
    metres = measured(way)
    nearest: Answer = False if nearer else None if doubtful else True
    lacking = {
        "metres": () if metres is not None else (f"metres to {way.urn}",),
        "nearest": doubtful if nearest is None else (),
        "age": ("whether the pupil is 8",),
        "safe": (f"safe_route to {way.urn}",),
        "walk": ("cannot_walk",),
    }
    far, why_far = _far(metres, traveller.year_group, way)
    unsafe = None if way.safe_route is None else not way.safe_route
    yield _ground("the distance", ((far, lacking[why_far]), (nearest, lacking["nearest"])))
    yield _ground("a way that is not safe to walk", ((unsafe, lacking["safe"]), (nearest, lacking["nearest"])))
    yield _ground("what the pupil can walk", ((traveller.cannot_walk, lacking["walk"]), (nearest, lacking["nearest"])))
    income = (traveller.low_income, ("low_income",))
    if traveller.year_group in NEAREST_YEARS:
        two = None if metres is None else metres > UNDER_8_METRES
        yield _ground("low income, the nearest", (income, (two, lacking["metres"]), (nearest, lacking["nearest"])))
    if traveller.year_group in LOW_INCOME_YEARS or traveller.year_group == TURNS_11:
        old: Part = (True if traveller.year_group in LOW_INCOME_YEARS else None, ("whether the pupil is 11",))
        six, fifteen = ((_between(metres, most), lacking["metres"]) for most in (SIX_MILES, FIFTEEN_MILES))
        third: Answer = False if len(nearer) > 2 else True if len(nearer) + len(doubtful) <= 2 and metres is not None else None
        yield _ground("low income, one of the three nearest", (income, old, six, (third, (*lacking["metres"], *doubtful))))
        belief = (way.on_belief, (f"on_belief to {way.urn}",))
        yield _ground("low income, religion or belief", (income, old, fifteen, belief, _nearest_of_belief(traveller, nearer, unmeasured)))


def _nearest_of_belief(traveller: Traveller, nearer: Iterable[str], unmeasured: Iterable[str]) -> Part:
    """Whether no nearer suitable setting was asked for on grounds of religion or belief too, and what nobody recorded of that."""
    asked = {urn: traveller.ways[urn].on_belief if urn in traveller.ways else None for urn in (*nearer, *unmeasured)}
    if any(asked[urn] for urn in nearer):
        return False, ()
    missing = (
        *(f"on_belief to {urn}" for urn in nearer if asked[urn] is None),
        *(f"metres to {urn}" for urn in unmeasured if asked[urn] is not False),
    )
    return None if missing else True, missing


def _ground(name: str, parts: Iterable[Part]) -> Ground:
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
