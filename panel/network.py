"""One meeting's problem as a flow network, in plain tuples: the same arcs for the placement and for its certificate.

Nothing here solves, and nothing here knows what a rule is.

    pupil -> cell (s, door, year group) -> door (s, door) -> ... -> setting s -> sink
    pupil -> sink (stays unplaced)

A door is a class of pupils that the same objectives count at s; doors nest, the setting itself is the outermost.
Every pupil sends one unit. The k-th unit through a door costs the k-th marginal of the objectives that count it:

    Quota level   max(0, taken + k - limit)
    Quota free    1 if taken + k > limit, else 0
    Share         the rank, from 1, of ((load + k) / share, -(load + k - 1) / share) among all such places

Only the order of a levelled objective's marginals matters as long as nothing counted earlier binds further out than
its doors: then the numbers that can go through the doors are M-convex, and the greedy choice is the levelled one.
Where something does bind further out the objective is spread over several columns (see `_spread`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import groupby, pairwise

from panel.errors import PlacementError
from panel.objectives import fineness
from panel.problem import Objective, Problem, Quota, Share, Sum

LARGEST = 40
"""No cost has more bits than this, so that prices stay far inside 64 bits."""


@dataclass(frozen=True, slots=True)
class SharedRoom:
    """The room of a year group that several doors share and could overfill together: each keeps within it, together is no flow.

    `arcs` lead out of the doors' cells; `fixed` counts the pupils who are fixed behind each.
    """

    setting: str
    year_group: int
    room: int
    arcs: tuple[int, ...]
    fixed: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Network:
    """Nodes are numbered: pupils as in `problem.referrals`, then each setting from its cells outwards, the sink last.

    Arcs are numbered by tail, so that the arcs out of node u are `first[u]` to `first[u + 1] - 1`; those out of a pupil
    lead first to the sink (unless the pupil is fixed), then to its settings in order; those out of any other node all
    lead to the same head, and no later one costs less. `columns` has one row of arc costs per stage, `counted` names
    the objective of each. `option[j]` is the URN that pair arc j leads to, "" where it leaves the pupil unplaced.
    `shared` are in order of URN and year group.
    """

    names: tuple[str, ...]
    first: tuple[int, ...]
    tail: tuple[int, ...]
    head: tuple[int, ...]
    capacity: tuple[int, ...]
    columns: tuple[tuple[int, ...], ...]
    counted: tuple[str, ...]
    pupils: int
    pair_arcs: int
    option: tuple[str, ...]
    shared: tuple[SharedRoom, ...]

    @property
    def sink(self) -> int:
        return len(self.names) - 1


@dataclass(slots=True)
class _Door:
    """A node of one setting while the network is being built. `mask` has a bit for each kind of pupil who enters."""

    setting: str
    name: str
    mask: int
    places: int = 0
    outer: _Door | None = None
    counts: tuple[int, ...] = ()
    full: bool = False
    node: int = 0


@dataclass(frozen=True, slots=True)
class _Kinds:
    """Pupils alike in year group and in which objectives count them: `of[p]` is the kind of p, `masks[i]` the kinds objective i counts."""

    of: dict[str, int]
    years: tuple[int, ...]
    masks: dict[int, int]


def build(problem: Problem) -> Network:
    """The network of a problem. Raises `PlacementError` where two objectives' pupils overlap without nesting."""
    kinds = _kinds(problem)
    crowd: dict[str, list[int]] = {s: [] for s in problem.settings}
    for p in problem.referrals:
        for s in problem.eligible[p]:
            crowd[s].append(kinds.of[p])
    doors: list[_Door] = []
    enter: dict[tuple[str, int], _Door] = {}
    shared: dict[tuple[str, int], list[_Door]] = {}
    for s, here in crowd.items():
        if here:
            nodes, entrances, contested = _open(problem, s, Counter(here), kinds)
            doors += nodes
            enter |= {(s, k): door for k, door in entrances.items()}
            shared |= {(s, y): cells for y, cells in contested.items()}
    for node, door in enumerate(doors, len(problem.referrals)):
        door.node = node
    return _assemble(problem, kinds, doors, enter, shared)


def _kinds(problem: Problem) -> _Kinds:
    counting = [(i, o) for i, o in enumerate(problem.objectives) if not isinstance(o, Sum)]
    number: dict[tuple[int, ...], int] = {}
    of: dict[str, int] = {}
    for p in problem.referrals:
        trait = (problem.year_group[p], *(i for i, o in counting if p in o.of))
        of[p] = number.setdefault(trait, len(number))
    masks = {i: sum(1 << k for trait, k in number.items() if i in trait[1:]) for i, _ in counting}
    for n, (i, one) in enumerate(counting):
        for j, other in counting[:n]:
            if masks[i] & masks[j] not in (0, masks[i], masks[j]):
                raise PlacementError(
                    f"The objectives '{other.name}' and '{one.name}' count pupils who overlap without one kind containing the other. "
                    "Such numbers cannot be levelled together with a proof; let one count all that the other counts, or nobody it counts."
                )
    return _Kinds(of, tuple(trait[0] for trait in number), masks)


def _counts(objective: Objective, s: str, pupils: int) -> bool:
    """Whether the first `pupils` arrivals at s can change the objective at all."""
    match objective:
        case Sum():
            return False
        case Quota(taken=taken, limit=limit):
            return s in taken and taken[s] + pupils > limit
        case Share(share=share):
            return s in share


def _open(problem: Problem, s: str, crowd: Counter[int], kinds: _Kinds) -> tuple[list[_Door], dict[int, _Door], dict[int, list[_Door]]]:
    """The nodes of setting s, inner before outer; where each kind of pupil enters; the year groups whose room doors share."""
    everybody = sum(1 << k for k in crowd)
    counts: dict[int, list[int]] = {everybody: []}
    for i, mask in kinds.masks.items():
        inside = mask & everybody
        if _counts(problem.objectives[i], s, sum(n for k, n in crowd.items() if inside >> k & 1)):
            counts.setdefault(inside, []).append(i)
    counts.pop(0, None)
    masks = sorted(counts, key=lambda mask: (mask.bit_count(), mask))
    rings = [_Door(s, f"{s} door {n}", mask, counts=tuple(counts[mask])) for n, mask in enumerate(masks)]
    rings[-1].name = s
    for n, ring in enumerate(rings[:-1]):
        ring.outer = next(wider for wider in rings[n + 1 :] if wider.mask & ring.mask)
    classes: dict[int, dict[int, list[int]]] = {}
    for k in sorted(crowd):
        innermost = next(n for n, ring in enumerate(rings) if ring.mask >> k & 1)
        classes.setdefault(kinds.years[k], {}).setdefault(innermost, []).append(k)
    cells: list[_Door] = []
    enter: dict[int, _Door] = {}
    shared: dict[int, list[_Door]] = {}
    for y, groups in sorted(classes.items()):
        coming = {n: sum(crowd[k] for k in group) for n, group in groups.items()}
        room = max(0, problem.room.get((s, y), sum(coming.values())))
        contested = sum(min(room, coming[n]) for n in groups) > room
        for n, group in groups.items():
            door = rings[n]
            door.places += min(room, coming[n])
            if contested or room < coming[n]:
                door = _Door(s, f"{door.name} year {y}", 0, min(room, coming[n]), door)
                cells.append(door)
            enter.update(dict.fromkeys(group, door))
            if contested:
                shared.setdefault(y, []).append(door)
    for ring in rings[:-1]:
        assert ring.outer is not None
        ring.outer.places += ring.places
    total = max(0, problem.room_total.get(s, rings[-1].places))
    rings[-1].full = total < rings[-1].places
    rings[-1].places = min(total, rings[-1].places)
    return [*cells, *rings], enter, shared


def _assemble(
    problem: Problem, kinds: _Kinds, doors: list[_Door], enter: dict[tuple[str, int], _Door], shared: dict[tuple[str, int], list[_Door]]
) -> Network:
    pupils, sink = len(problem.referrals), len(problem.referrals) + len(doors)
    entrance = {at: door.node for at, door in enter.items()}
    head: list[int] = []
    option: list[str] = []
    first = [0]
    for p in problem.referrals:
        if p not in problem.fixed:
            head.append(sink)
            option.append("")
        k = kinds.of[p]
        head += [entrance[s, k] for s in problem.eligible[p]]
        option += problem.eligible[p]
        first.append(len(head))
    pair_arcs = len(head)
    capacity = [1] * pair_arcs
    columns: list[list[int]] = []
    counted: list[str] = []
    inner: list[dict[int, list[int]]] = []
    for i, objective in enumerate(problem.objectives):
        if isinstance(objective, Sum):
            columns.append(_pair_costs(problem, objective))
            inner.append({})
        else:
            marginals = _marginals(i, objective, doors)
            columns += [[0] * pair_arcs for _ in marginals]
            inner += marginals
        counted += [objective.name] * (len(columns) - len(counted))
    for door in doors:
        onward = sink if door.outer is None else door.outer.node
        at = [(n, column[door.node]) for n, column in enumerate(inner) if door.node in column]
        for cost, places in _merged([costs for _, costs in at], door.places):
            head.append(onward)
            capacity.append(places)
            for column in columns:
                column.append(0)
            for (n, _), c in zip(at, cost, strict=True):
                columns[n][-1] = c
        first.append(len(head))
    tail = [u for u in range(sink) for _ in range(first[u], first[u + 1])]
    return Network(
        names=(*problem.referrals, *(door.name for door in doors), "sink"),
        first=tuple(first),
        tail=tuple(tail),
        head=tuple(head),
        capacity=tuple(capacity),
        columns=tuple(map(tuple, columns)),
        counted=tuple(counted),
        pupils=pupils,
        pair_arcs=pair_arcs,
        option=tuple(option),
        shared=tuple(_shared(problem, first, head, s, y, [cell.node for cell in cells]) for (s, y), cells in shared.items()),
    )


def _shared(problem: Problem, first: list[int], head: list[int], s: str, y: int, cells: list[int]) -> SharedRoom:
    behind = Counter(head[first[u]] for u, p in enumerate(problem.referrals) if p in problem.fixed)
    return SharedRoom(s, y, max(0, problem.room[s, y]), tuple(first[cell] for cell in cells), tuple(behind[cell] for cell in cells))


def _merged(rows: list[list[int]], places: int) -> list[tuple[tuple[int, ...], int]]:
    """Neighbouring places of equal cost as one arc: (its cost in each row, how many places)."""
    if not rows:
        return [((), places)]
    return [(cost, len(list(run))) for cost, run in groupby(zip(*rows, strict=True))]


def _pair_costs(problem: Problem, objective: Sum) -> list[int]:
    cost, unplaced, costs = objective.cost, objective.unplaced, []
    for p in problem.referrals:
        row = problem.eligible[p]
        alone = p not in problem.fixed
        if p in objective.of:
            if alone:
                costs.append(unplaced[p])
            costs += [cost[p, s] for s in row]
        else:
            costs += [0] * (len(row) + alone)
    return costs


def _marginals(i: int, objective: Quota | Share, doors: list[_Door]) -> list[dict[int, list[int]]]:
    """The costs of the places behind each door that objective i counts, one column or several: node -> cost of the k-th place."""
    mine = [door for door in doors if i in door.counts]
    if isinstance(objective, Quota) and objective.beyond == "free":
        return [{door.node: [int(objective.taken[door.setting] + k > objective.limit) for k in range(1, door.places + 1)] for door in mine}]
    levels = {door.node: _levels(objective, door) for door in mine}
    if any(_bound_further_out(i, door) for door in mine):
        return _spread(levels)
    if isinstance(objective, Quota):
        return [{node: level[1:] for node, level in levels.items()}]
    places = {(after, -before) for level in levels.values() for before, after in pairwise(level)}
    rank = {place: n for n, place in enumerate(sorted(places), 1)}
    return [{node: [rank[after, -before] for before, after in pairwise(level)] for node, level in levels.items()}]


def _levels(objective: Quota | Share, door: _Door) -> list[int]:
    """How loaded the setting is after 0, 1, 2, ... pupils through this door, as numbers that order exactly like the excess or the ratio."""
    s, arrivals = door.setting, range(door.places + 1)
    if isinstance(objective, Quota):
        return [max(0, objective.taken[s] + k - objective.limit) for k in arrivals]
    fine, load, share = fineness(objective.share.values()), objective.load[s], objective.share[s]
    return [((load + k) << fine) // share for k in arrivals]


def _bound_further_out(i: int, door: _Door) -> bool:
    """Whether anything settled before objective i can bind between this door and the sink."""
    outer = door.outer
    while outer is not None:
        if outer.full or any(j < i for j in outer.counts):
            return True
        outer = outer.outer
    return False


def _spread(levels: dict[int, list[int]]) -> list[dict[int, list[int]]]:
    """Levelling in general: few at the highest level, then few at the next one, and so on, as many columns as that takes.

    With B above the number of settings, `sum over s of B**level(s)` orders like the levels, worst first, and is convex:
    the place that lifts a setting from level a to level b costs B**b - B**a. A column holds as many digits of it as fit.
    """
    heights = sorted({height for level in levels.values() for height in level})[1:]
    bits = len(levels).bit_length()
    digits = max(1, LARGEST // bits)
    digit = {height: n for n, height in enumerate(heights)}
    columns = []
    for low in reversed(range(0, len(heights), digits)):
        weight = {height: 1 << bits * (digit[height] - low) for height in heights[low : low + digits]}
        columns.append(
            {node: [weight.get(after, 0) - weight.get(before, 0) for before, after in pairwise(level)] for node, level in levels.items()}
        )
    return columns
