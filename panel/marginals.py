"""What each further pupil costs at a door, for the objectives that count heads at a setting: convex, so that a flow can levy it.

The k-th unit through a door costs the k-th marginal of every objective that counts it:

    Quota level   max(0, taken + k - limit)
    Quota free    1 if taken + k > limit, else 0
    Share         the rank, from 1, of ((load + k) / share, -(load + k - 1) / share) among all such places

Only the order of a levelled objective's marginals matters as long as nothing counted earlier binds further out than
its doors: then the numbers that can go through the doors are M-convex, and the greedy choice is the levelled one.
Where something does bind further out, the ranks can mislead, and the objective is spread over several columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from panel.objectives import fineness
from panel.problem import Objective, Quota, Share, Sum

LARGEST = 40
"""No cost has more bits than this, so that prices stay far inside 64 bits."""

Column = dict[int, list[int]]
"""Node -> the cost of its first place, its second, ..., for the doors that an objective counts."""


@dataclass(slots=True)
class Door:
    """A node of one setting while the network is being built: who enters (a bit for each kind), how many at most, what counts them.

    `full` says that the setting has less room than its doors together; `outer` is None where the sink comes next.
    """

    setting: str
    name: str
    mask: int
    places: int = 0
    outer: Door | None = None
    counts: tuple[int, ...] = ()
    full: bool = False
    node: int = 0


def changes(objective: Objective, s: str, pupils: int) -> bool:
    """Whether the first `pupils` arrivals at s can change the objective."""
    match objective:
        case Sum():
            return False
        case Quota(taken=taken, limit=limit):
            return s in taken and taken[s] + pupils > limit
        case Share(share=share):
            return s in share


def marginals(i: int, objective: Objective, doors: list[Door]) -> list[Column]:
    """The costs of the places behind each door that objective i counts: one column or several, compared in order."""
    if isinstance(objective, Sum):
        return [{}]
    mine = [door for door in doors if i in door.counts]
    if isinstance(objective, Quota) and objective.beyond == "free":
        return [{door.node: [int(objective.taken[door.setting] + k > objective.limit) for k in range(1, door.places + 1)] for door in mine}]
    levels = _levels(objective, mine)
    if any(_bound_further_out(i, door) for door in mine):
        return _spread(levels)
    if isinstance(objective, Quota):
        return [{node: level[1:] for node, level in levels.items()}]
    wide = max((max(abs(level[0]), abs(level[-1])).bit_length() for level in levels.values()), default=0) + 1
    places = {node: [(after << wide) - before for before, after in pairwise(level)] for node, level in levels.items()}
    rank = {place: n for n, place in enumerate(sorted({place for row in places.values() for place in row}), 1)}
    return [{node: [rank[place] for place in row] for node, row in places.items()}]


def _levels(objective: Quota | Share, doors: list[Door]) -> Column:
    """How loaded each setting is after 0, 1, 2, ... pupils, as whole numbers that order exactly like the excess or the ratio."""
    if isinstance(objective, Quota):
        base = {door.node: objective.taken[door.setting] - objective.limit for door in doors}
        return {door.node: [max(0, base[door.node] + k) for k in range(door.places + 1)] for door in doors}
    fine, load, share = fineness(objective.share.values()), objective.load, objective.share
    return {
        door.node: [(whole << fine) // share[door.setting] for whole in range(load[door.setting], load[door.setting] + door.places + 1)]
        for door in doors
    }


def _bound_further_out(i: int, door: Door) -> bool:
    """Whether anything settled before objective i can bind between this door and the sink."""
    outer = door.outer
    while outer is not None:
        if outer.full or any(j < i for j in outer.counts):
            return True
        outer = outer.outer
    return False


def _spread(levels: Column) -> list[Column]:
    """Levelling in general: few at the highest level, then few at the next one, and so on, in as many columns as that takes.

    With B above the number of settings, `sum over s of B**level(s)` orders like the levels, worst first, and is convex:
    the place that lifts a setting from level a to level b costs B**b - B**a. A column holds as many digits of it as fit.
    """
    heights = sorted({height for level in levels.values() for height in level})[1:]
    bits = len(levels).bit_length()
    digits = max(1, LARGEST // bits)
    columns = []
    for low in reversed(range(0, len(heights), digits)):
        weight = {height: 1 << bits * n for n, height in enumerate(heights[low : low + digits])}
        lifts = {node: [weight.get(after, 0) - weight.get(before, 0) for before, after in pairwise(row)] for node, row in levels.items()}
        columns.append(lifts)
    return columns
