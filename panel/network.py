"""One meeting's problem as a flow network, in plain tuples: the same arcs for the placement and for its certificate.

Nothing here solves, and nothing here knows what a rule is.

    pupil -> cell (s, door, year group) -> door (s, door) -> ... -> setting s -> sink
    pupil -> sink (stays unplaced)

A door is a class of pupils that the same objectives count at s; doors nest, the setting itself is the outermost.
A cell stands only where the room of its year group can bind. Every pupil sends one unit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby, repeat

from panel.errors import PlacementError
from panel.marginals import Door, changes, marginals
from panel.problem import Problem, Sum

Limits = Mapping[tuple[str, int, int], int]
"""(URN, year group, door) -> at most so many of that year group through that door, doors counted as in `SharedRoom`."""


@dataclass(frozen=True, slots=True)
class SharedRoom:
    """The room of a year group that several doors share and could overfill together: each keeps within it, together is no flow.

    `doors` has a bit set for each kind of pupil who comes by that door, `at_most` how many may.
    """

    setting: str
    year_group: int
    room: int
    doors: tuple[int, ...]
    at_most: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Network:
    """Nodes are numbered: pupils as in `problem.referrals`, then each setting from its cells outwards, the sink last.

    Arcs are numbered by tail, so that the arcs out of node u are `first[u]` to `first[u + 1] - 1`; those out of a pupil
    lead first to the sink (unless the pupil is fixed), then to its settings in order; those out of any other node all
    lead to the same head, and no later one costs less. `columns` has one row of arc costs per stage, `counted` names
    the objective of each, `objective` numbers it as in `problem.objectives`. `option[j]` is the URN that pair arc j leads
    to, "" where it leaves the pupil unplaced. `kind[u]` and `year[u]` are those of pupil u. `shared` is in order of URN
    and year group.
    """

    names: tuple[str, ...]
    first: tuple[int, ...]
    tail: tuple[int, ...]
    head: tuple[int, ...]
    capacity: tuple[int, ...]
    columns: tuple[tuple[int, ...], ...]
    counted: tuple[str, ...]
    objective: tuple[int, ...]
    option: tuple[str, ...]
    kind: tuple[int, ...]
    year: tuple[int, ...]
    shared: tuple[SharedRoom, ...]

    @property
    def pupils(self) -> int:
        return len(self.kind)

    @property
    def pair_arcs(self) -> int:
        return len(self.option)

    @property
    def sink(self) -> int:
        return len(self.names) - 1


@dataclass(frozen=True, slots=True)
class _Kinds:
    """Pupils alike in year group and in which objectives count them.

    `of` is the kind of each pupil, `years` the year group of each kind, `masks[i]` has a bit set for each kind that objective i counts.
    """

    of: tuple[int, ...]
    years: tuple[int, ...]
    masks: dict[int, int]


def build(problem: Problem, limits: Limits | None = None) -> Network:
    """The network of a problem, within limits if there are any.

    Raises `PlacementError` where the pupils of two objectives overlap without nesting.
    """
    kinds = _kinds(problem)
    crowd: dict[str, list[int]] = {s: [] for s in problem.settings}
    for p, k in zip(problem.referrals, kinds.of, strict=True):
        for s in problem.eligible[p]:
            crowd[s].append(k)
    doors: list[Door] = []
    enter: dict[str, dict[int, Door]] = {}
    shared: list[SharedRoom] = []
    for s, here in crowd.items():
        if here:
            coming = Counter(here)
            rings = _rings(problem, s, coming, kinds)
            cells, enter[s], contested = _cells(problem, s, coming, kinds, rings, limits or {})
            _fill(rings, problem.room_total.get(s))
            doors += cells
            doors += rings
            shared += contested
    for node, door in enumerate(doors, len(problem.referrals)):
        door.node = node
    return _assemble(problem, kinds, doors, {s: {k: door.node for k, door in row.items()} for s, row in enter.items()}, tuple(shared))


def _kinds(problem: Problem) -> _Kinds:
    counting = [(i, o) for i, o in enumerate(problem.objectives) if not isinstance(o, Sum)]
    number: dict[tuple[int, ...], int] = {}
    of = tuple([number.setdefault((problem.year_group[p], *[i for i, o in counting if p in o.of]), len(number)) for p in problem.referrals])
    masks = {i: sum(1 << k for trait, k in number.items() if i in trait[1:]) for i, _ in counting}
    for n, (i, one) in enumerate(counting):
        for j, other in counting[:n]:
            if masks[i] & masks[j] not in (0, masks[i], masks[j]):
                raise PlacementError(
                    f"The objectives '{other.name}' and '{one.name}' count pupils who overlap without one kind containing the other. "
                    "Such numbers cannot be levelled together with a proof; let one count all that the other counts, or nobody it counts."
                )
    return _Kinds(of, tuple(trait[0] for trait in number), masks)


def _rings(problem: Problem, s: str, crowd: Counter[int], kinds: _Kinds) -> list[Door]:
    """The doors of setting s, inner before outer; the last is the setting itself."""
    everybody = sum(1 << k for k in crowd)
    counts: dict[int, list[int]] = {everybody: []}
    for i, mask in kinds.masks.items():
        inside = mask & everybody
        if inside and changes(problem.objectives[i], s, sum(n for k, n in crowd.items() if inside >> k & 1)):
            counts.setdefault(inside, []).append(i)
    masks = sorted(counts, key=lambda mask: (mask.bit_count(), mask))
    rings = [Door(s, f"{s} door {n}", mask, counts=tuple(counts[mask])) for n, mask in enumerate(masks)]
    rings[-1].name = s
    for n, ring in enumerate(rings[:-1]):
        ring.outer = next(wider for wider in rings[n + 1 :] if wider.mask & ring.mask)
    return rings


def _cells(
    problem: Problem, s: str, crowd: Counter[int], kinds: _Kinds, rings: list[Door], limits: Limits
) -> tuple[list[Door], dict[int, Door], list[SharedRoom]]:
    """The cells of setting s where room can bind; where each kind of pupil enters; the year groups whose room doors share."""
    inner = [(door, ring.mask) for door, ring in enumerate(rings)]
    groups: dict[int, dict[int, list[int]]] = {}
    for k in crowd:
        door = next(door for door, mask in inner if mask >> k & 1) if len(inner) > 1 else 0
        groups.setdefault(kinds.years[k], {}).setdefault(door, []).append(k)
    cells: list[Door] = []
    enter: dict[int, Door] = {}
    shared = []
    for y in sorted(groups):
        room = max(0, problem.room.get((s, y), len(problem.referrals)))
        offered = []
        for n, (door, inside) in enumerate(sorted(groups[y].items())):
            coming = sum([crowd[k] for k in inside])
            at_most = min(coming, limits.get((s, y, n), room)) if limits else min(coming, room)
            into = rings[door]
            into.places += at_most
            if at_most < coming:
                into = Door(s, f"{into.name} year {y}", 0, at_most, into)
                cells.append(into)
            offered.append(at_most)
            enter |= dict.fromkeys(inside, into)
        if len(offered) > 1 and sum(offered) > room:
            masks = [sum([1 << k for k in inside]) for _, inside in sorted(groups[y].items())]
            shared.append(SharedRoom(s, y, room, tuple(masks), tuple(offered)))
    return cells, enter, shared


def _fill(rings: list[Door], room_total: int | None) -> None:
    """Let the places of inner doors add to those of outer ones, and bound the setting's own."""
    for ring in rings:
        if ring.outer is not None:
            ring.outer.places += ring.places
    if room_total is not None:
        rings[-1].full = room_total < rings[-1].places
        rings[-1].places = min(rings[-1].places, max(0, room_total))


def _assemble(
    problem: Problem, kinds: _Kinds, doors: list[Door], entrance: dict[str, dict[int, int]], shared: tuple[SharedRoom, ...]
) -> Network:
    pupils = len(problem.referrals)
    sink = pupils + len(doors)
    head: list[int] = []
    option: list[str] = []
    first = [0]
    for p, k in zip(problem.referrals, kinds.of, strict=True):
        if p not in problem.fixed:
            head.append(sink)
            option.append("")
        head += [entrance[s][k] for s in problem.eligible[p]]
        option += problem.eligible[p]
        first.append(len(head))
    pair_arcs = len(head)
    rows = [marginals(i, objective, doors) for i, objective in enumerate(problem.objectives)]
    inner = [column for row in rows for column in row]
    behind: dict[int, list[int]] = {}
    for n, column in enumerate(inner):
        for node in column:
            behind.setdefault(node, []).append(n)
    capacity = [1] * pair_arcs
    costs: list[list[int]] = [[] for _ in inner]
    for door in doors:
        at = behind.get(door.node, ())
        merged, places = _merged([inner[n][door.node] for n in at], door.places)
        for n, costs_here in zip(at, merged, strict=True):
            costs[n] += [0] * (len(head) - pair_arcs - len(costs[n]))
            costs[n] += costs_here
        head += [sink if door.outer is None else door.outer.node] * len(places)
        capacity += places
        first.append(len(head))
    pairs = [(p, s) for p in problem.referrals for s in (*([] if p in problem.fixed else [""]), *problem.eligible[p])]
    columns = []
    for n, objective in enumerate(o for o, row in zip(problem.objectives, rows, strict=True) for _ in row):
        levied = _pair_costs(problem, objective, pairs, first) if isinstance(objective, Sum) else [0] * pair_arcs
        columns.append((*levied, *costs[n], *[0] * (len(head) - pair_arcs - len(costs[n]))))
    return Network(
        names=(*problem.referrals, *[door.name for door in doors], "sink"),
        first=tuple(first),
        tail=tuple([u for u in range(sink) for _ in range(first[u], first[u + 1])]),
        head=tuple(head),
        capacity=tuple(capacity),
        columns=tuple(columns),
        counted=tuple(o.name for o, row in zip(problem.objectives, rows, strict=True) for _ in row),
        objective=tuple(i for i, row in enumerate(rows) for _ in row),
        option=tuple(option),
        kind=kinds.of,
        year=tuple([kinds.years[k] for k in kinds.of]),
        shared=shared,
    )


def _merged(rows: list[list[int]], places: int) -> tuple[list[list[int]], list[int]]:
    """Neighbouring places of equal cost as one arc: the costs of the arcs in each row, and how many places each has."""
    if not rows:
        return [], [places]
    if len(rows) == 1 and len(set(rows[0])) == places:
        return rows, [1] * places
    runs = [(cost, len(list(run))) for cost, run in groupby(zip(*rows, strict=True))]
    return [[cost[n] for cost, _ in runs] for n in range(len(rows))], [units for _, units in runs]


def _pair_costs(problem: Problem, objective: Sum, pairs: list[tuple[str, str]], first: list[int]) -> list[int]:
    """What a sum costs on each pair arc; the pair of nobody's setting, "", is the pupil who stays unplaced."""
    cost, of = objective.cost, objective.of
    if not of.issuperset(problem.referrals):
        cost = {pair: amount for pair, amount in cost.items() if pair[0] in of}
    costs = list(map(cost.get, pairs, repeat(0)))
    for p, arc in zip(problem.referrals, first, strict=False):
        if p in of and p not in problem.fixed:
            costs[arc] = objective.unplaced[p]
    return costs
