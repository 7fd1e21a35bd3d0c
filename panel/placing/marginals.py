"""What each further pupil costs at a door, for the objectives that count heads at a setting: convex, so that a flow can levy it.

The k-th unit through a door costs the k-th marginal of every objective that counts it:

    Quota level   max(0, already + k - limit)
    Quota free    1 if already + k > limit, else 0
    Share         the rank, from 1, of ((already + k) / share, -(already + k - 1) / share) among all such places
    Rota          turn + (already + k - 1) * turns

A free quota and a rota are what their marginals add up to, whatever else binds. Of a levelled objective's marginals only
the order matters as long as nothing counted earlier binds further out than its doors: then the numbers that can go
through the doors are M-convex, and the greedy choice is the levelled one. Where something does bind further out, the
ranks can mislead, and the objective is spread over several columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from panel.errors import PlacementError
from panel.placing.doors import Door
from panel.placing.objectives import fineness
from panel.placing.problem import Objective, Quota, Rota, Share, Tally

LARGEST = 40
"""No cost has more bits than this, so that prices stay far inside 64 bits."""

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Places:
    """The places behind all doors of a network, one after the other: the door of each, and how many came there before it."""

    doors: list[Door]
    door: Integers
    before: Integers


def places_of(doors: list[Door]) -> Places:
    numbers = np.array([door.places for door in doors], dtype=np.int64)
    door = np.repeat(np.arange(len(doors)), numbers)
    return Places(doors, door, np.arange(len(door)) - (np.cumsum(numbers) - numbers)[door])


def changes(objective: Objective, tally: Tally, pupils: int) -> bool:
    """Whether the first `pupils` who are counted can change the objective."""
    return not isinstance(objective, Quota) or tally.already + pupils > tally.against


def marginals(i: int, objective: Quota | Share | Rota, places: Places) -> list[Integers]:
    """What objective i asks of each place: one column or several, compared in order. Places that it does not count cost 0."""
    tallies = {n: tally for n, door in enumerate(places.doors) for j, tally in door.counts if j == i}
    counted = np.zeros(len(places.doors), dtype=bool)
    counted[list(tallies)] = True
    which = np.flatnonzero(counted[places.door])
    already, against = (np.zeros(len(places.doors), dtype=np.int64) for _ in range(2))
    already[list(tallies)] = [tally.already for tally in tallies.values()]
    against[list(tallies)] = [tally.against for tally in tallies.values()]
    door = places.door[which]
    load = already[door] + places.before[which]
    if isinstance(objective, Quota) and objective.beyond == "free":
        return [_column(places, which, load >= against[door])]
    if isinstance(objective, Rota):
        return [_column(places, which, against[door] + load * objective.turns)]
    if isinstance(objective, Quota):
        low, high = (np.maximum(0, load + k - against[door]) for k in (0, 1))
    else:
        fine = fineness([tally.against for tally in tallies.values()])
        if len(load) and int(np.abs(load).max() + 1).bit_length() + fine > 62:
            raise PlacementError(f"The loads or shares of '{objective.name}' are too large to be compared exactly.")
        low, high = (((load + k) << fine) // against[door] for k in (0, 1))
    if any(_bound_further_out(i, places.doors[n]) for n in tallies):
        return [_column(places, which, lifts) for lifts in _spread(low.tolist(), high.tolist(), len(tallies))]
    return [_column(places, which, high if isinstance(objective, Quota) else _ranks(low, high))]


def _column(places: Places, which: Integers, costs: NDArray[Any] | list[int]) -> Integers:
    column = np.zeros(len(places.door), dtype=np.int64)
    column[which] = costs
    return column


def _ranks(low: Integers, high: Integers) -> Integers:
    """The dense rank, from 1, of each place by the level it leads to, then by the level it comes from, highest first."""
    order = np.lexsort((-low, high))
    low, high = low[order], high[order]
    steps = np.ones(len(order), dtype=np.bool_)
    steps[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    ranks = np.empty(len(order), dtype=np.int64)
    ranks[order] = np.cumsum(steps)
    return ranks


def _bound_further_out(i: int, door: Door) -> bool:
    """Whether anything settled before objective i can bind between this door and the sink."""
    outer = door.outer
    while outer is not None:
        if outer.full or any(j < i for j, _ in outer.counts):
            return True
        outer = outer.outer
    return False


def _spread(low: list[int], high: list[int], doors: int) -> list[list[int]]:
    """Levelling in general: few at the highest level, then few at the next one, and so on, in as many columns as that takes.

    With B above the number of doors, `sum over doors of B**level(door)` orders like the levels, worst first, and is convex:
    the place that lifts a door from level a to level b costs B**b - B**a. A column holds as many digits of it as fit.
    """
    heights = sorted({*low, *high})[1:]
    bits = doors.bit_length()
    digits = max(1, LARGEST // bits)
    columns = []
    for lowest in reversed(range(0, len(heights), digits)):
        weight = {height: 1 << bits * n for n, height in enumerate(heights[lowest : lowest + digits])}
        columns.append([weight.get(after, 0) - weight.get(before, 0) for before, after in zip(low, high, strict=True)])
    return columns
