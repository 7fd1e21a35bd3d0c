"""One meeting's problem as a flow network: the same arcs for the placement and for its certificate.

Nothing here solves, and nothing here knows what a rule is.

    pupil -> door (s, inner) -> ... -> setting s -> sink
    pupil -> sink (stays unplaced)

Every pupil sends one unit. What a door is, `panel/placing/doors.py` says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, compress

import numpy as np

from panel.errors import PlacementError
from panel.placing.doors import Contested, Counting, Door, Kinds, doors_of, kinds_of
from panel.placing.marginals import Integers, changes, marginals, places_of
from panel.placing.problem import InTurn, Objective, Problem, Room, Sum, Together, sums_of, tallies_of

Pair = tuple[str, str]
"""A referral and a URN, "" for staying unplaced."""


Limits = Mapping[int, int]
"""Arc -> at most so many units, less than its capacity."""


@dataclass(frozen=True, slots=True)
class SharedRoom:
    """A room that several gates could overfill together, which the network itself does not prevent.

    `kinds` has a bit for each kind of pupil it speaks of, `inside` for those who come by each gate; `arcs` are the arcs out of
    the gates, one for each.
    """

    setting: str
    name: str
    places: int
    kinds: int
    inside: tuple[int, ...]
    arcs: tuple[int, ...]


@dataclass(frozen=True)
class Network:
    """Nodes are numbered: pupils as in `problem.referrals`, then each setting from its inner doors outwards, the sink last.

    Arcs are numbered by tail, so that the arcs out of node u are `first[u]` to `first[u + 1] - 1`; those out of a pupil
    lead first to the sink (unless the pupil is fixed), then to its settings in order; those out of any other node all
    lead to the same head, and no later one costs less. `columns` has one row of arc costs per stage, `counted` names
    the objective of each, `objective` numbers it as in `problem.objectives`. `option[j]` is the URN that pair arc j leads
    to, "" where it leaves the pupil unplaced. `kind[u]` is that of pupil u. `shared` is in order of URN.
    """

    names: tuple[str, ...]
    first: tuple[int, ...]
    tail: Integers
    head: Integers
    capacity: Integers
    columns: Integers
    counted: tuple[str, ...]
    objective: tuple[int, ...]
    option: tuple[str, ...]
    kind: tuple[int, ...]
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

    @cached_property
    def ways(self) -> tuple[list[int], list[int], list[int]]:
        """Tail, head and capacity of each arc, for walking along them one by one."""
        return self.tail.tolist(), self.head.tolist(), self.capacity.tolist()

    def within(self, limits: Limits) -> Network:
        """The same network with less capacity on some arcs."""
        if not limits:
            return self
        capacity = self.capacity.copy()
        for arc, at_most in limits.items():
            capacity[arc] = at_most
        return replace(self, capacity=capacity)


@dataclass(frozen=True, slots=True)
class _Rows:
    """The eligible pairs, one after the other; how many each pupil has; and for each pair the number of its way.

    A way is a setting and a kind of pupil that may go there; `coming` lists all of them, in the order of their numbers: the
    setting, the bit of the kind, and how many of the kind may go there. Settings to which nobody may go are left out.
    """

    pairs: list[Pair]
    many: Integers
    way: Integers
    coming: Mapping[str, Mapping[int, int]]


def build(problem: Problem) -> Network:
    """The network of a problem. Raises `PlacementError` where the pupils of two objectives overlap without nesting."""
    kinds = kinds_of(problem)
    doors: list[Door] = []
    entrance: list[Door] = []
    contested: list[Contested] = []
    rows = _rows(problem, kinds)
    rooms, tallies = _rooms(problem), _tallies(problem, kinds, rows.coming)
    for s, here in rows.coming.items():
        inside, enter, shared = doors_of(s, here, kinds, tallies.get(s, ()), rooms.get(s, ()))
        entrance += [enter[k] for k in here]
        doors += inside
        contested += shared
    for node, door in enumerate(doors, len(problem.referrals)):
        door.node = node
    return _assemble(problem, kinds, doors, rows, np.array([door.node for door in entrance], dtype=np.int64)[rows.way], contested)


def _rows(problem: Problem, kinds: Kinds) -> _Rows:
    there = [problem.eligible[p] for p in problem.referrals]
    many = np.array([len(row) for row in there], dtype=np.int64)
    pairs = _as_named([(p, s) for p, row in zip(problem.referrals, there, strict=True) for s in row], problem.objectives)
    number = {s: n for n, s in enumerate(problem.settings)}
    settings = np.fromiter(map(number.__getitem__, chain.from_iterable(there)), np.int64, len(pairs))
    different = max(kinds.of, default=0) + 1
    ways, way, numbers = _numbered(settings * different + np.array(kinds.of, dtype=np.int64).repeat(many), len(number) * different)
    coming: dict[str, dict[int, int]] = {}
    for one, n in zip(ways.tolist(), numbers.tolist(), strict=True):
        coming.setdefault(problem.settings[one // different], {})[1 << one % different] = n
    return _Rows(pairs, many, way, coming)


def _as_named(pairs: list[Pair], objectives: Iterable[Objective]) -> list[Pair]:
    """The pairs as the first table of a sum names them, if it has them in this order: those of other tables are often the very same."""
    first = next((list(one.cost) for one in objectives if isinstance(one, Sum) and len(one.cost) == len(pairs)), [])
    return first if first == pairs else pairs


def _numbered(codes: Integers, below: int) -> tuple[Integers, Integers, Integers]:
    """The different codes, in order; which of them each is; and how many of each there are."""
    if below > 4 * len(codes):
        return np.unique(codes, return_inverse=True, return_counts=True)
    many = np.bincount(codes, minlength=below)
    ways = np.flatnonzero(many)
    which = np.empty(below, dtype=np.int64)
    which[ways] = np.arange(len(ways))
    return ways, which[codes], many[ways]


def _rooms(problem: Problem) -> Mapping[str, list[Room]]:
    rooms: dict[str, list[Room]] = {}
    for room in problem.rooms:
        rooms.setdefault(room.setting, []).append(room)
    return rooms


def _tallies(problem: Problem, kinds: Kinds, coming: Mapping[str, Mapping[int, int]]) -> Mapping[str, list[Counting]]:
    """The tallies of each setting that those who may come there can change."""
    tallies: dict[str, list[Counting]] = {}
    for i, objective in enumerate(problem.objectives):
        for tally in tallies_of(objective):
            here = coming.get(tally.setting)
            inside = kinds.inside[tally.of]
            pupils = sum([n for k, n in here.items() if inside & k]) if here else 0
            if pupils and changes(objective, tally, pupils):
                tallies.setdefault(tally.setting, []).append((i, tally))
    return tallies


def _assemble(problem: Problem, kinds: Kinds, doors: list[Door], rows: _Rows, entrance: Integers, contested: list[Contested]) -> Network:
    pupils, sink = len(problem.referrals), len(problem.referrals) + len(doors)
    may_stay = np.array([p not in problem.fixed for p in problem.referrals], dtype=np.int64)
    begin = np.concatenate(([0], np.cumsum(may_stay + rows.many)))
    stays = begin[:-1][may_stay > 0]
    goes = np.arange(len(rows.pairs)) + np.repeat(np.cumsum(may_stay), rows.many)
    places = places_of(doors)
    levied: list[tuple[int, Sum | Integers]] = []
    for i, objective in enumerate(problem.objectives):
        if isinstance(objective, Together):
            raise PlacementError("Pupils who are to be placed together are no flow: where one goes hangs on where the other does.")
        if isinstance(objective, Sum | InTurn):
            levied += [(i, one) for one in sums_of(objective)]
        else:
            levied += [(i, each) for each in marginals(i, objective, places)]
    starts, behind = _merged(places.door, [each for _, each in levied if not isinstance(each, Sum)])
    columns = _columns(problem, rows, stays, goes, levied, starts)
    node = np.array([door.node for door in doors], dtype=np.int64)
    outer = np.array([sink if door.outer is None else door.outer.node for door in doors], dtype=np.int64)
    through = places.door[starts]
    head = np.full(columns.shape[1], sink, dtype=np.int64)
    head[goes], head[begin[-1] :] = entrance, outer[through]
    first = np.concatenate((begin, begin[-1] + np.cumsum(np.bincount(through, minlength=len(doors))))).tolist()
    option: list[str] = []
    for p in problem.referrals:
        option += problem.eligible[p] if p in problem.fixed else ("", *problem.eligible[p])
    return Network(
        names=(*problem.referrals, *[door.name for door in doors], "sink"),
        first=tuple(first),
        tail=np.concatenate((np.repeat(np.arange(pupils), may_stay + rows.many), node[through])),
        head=head,
        capacity=np.concatenate((np.ones(begin[-1], dtype=np.int64), behind)),
        columns=columns,
        counted=tuple([problem.objectives[i].name for i, _ in levied]),
        objective=tuple([i for i, _ in levied]),
        option=tuple(option),
        kind=kinds.of,
        shared=tuple([_shared(one, first) for one in contested]),
    )


def _shared(contested: Contested, first: list[int]) -> SharedRoom:
    gates = [gate for gate in contested.gates if gate.places]
    return SharedRoom(
        setting=contested.room.setting,
        name=contested.room.name,
        places=max(0, contested.room.places),
        kinds=contested.kinds,
        inside=tuple([gate.kinds for gate in gates]),
        arcs=tuple([first[gate.node] for gate in gates]),
    )


def _merged(door: Integers, columns: list[Integers]) -> tuple[Integers, Integers]:
    """Neighbouring places of equal cost as one arc: the first place of each, and how many it has."""
    new = np.ones(len(door) + 1, dtype=np.bool_)
    new[1:-1] = door[1:] != door[:-1]
    for column in columns:
        new[1:-1] |= column[1:] != column[:-1]
    bounds = np.flatnonzero(new)
    return bounds[:-1], bounds[1:] - bounds[:-1]


def _columns(
    problem: Problem, rows: _Rows, stays: Integers, goes: Integers, levied: list[tuple[int, Sum | Integers]], starts: Integers
) -> Integers:
    """What each stage asks on each arc: a sum on those out of the pupils, who stay or go, the others at the first place of each."""
    pairs = len(stays) + len(goes)
    columns = np.zeros((len(levied), pairs + len(starts)), dtype=np.int64)
    may_stay = [p for p in problem.referrals if p not in problem.fixed]
    for column, (_, each) in zip(columns, levied, strict=True):
        if isinstance(each, Sum):
            column[stays] = [each.unplaced[p] if p in each.of else 0 for p in may_stay]
            column[goes] = _pair_costs(problem, each, rows)
        else:
            column[pairs:] = each[starts]
    return columns


def _pair_costs(problem: Problem, objective: Sum, rows: _Rows) -> Integers:
    """What a sum costs on each eligible pair: 0 for the pupils whom it does not count."""
    if all(map(objective.of.__contains__, problem.referrals)):
        return _read_off(objective, rows.pairs)
    counts = np.array([p in objective.of for p in problem.referrals], dtype=np.bool_).repeat(rows.many)
    costs = np.zeros(len(counts), dtype=np.int64)
    costs[counts] = _read_off(objective, list(compress(rows.pairs, counts.tolist())))
    return costs


def _read_off(objective: Sum, pairs: list[Pair]) -> Integers:
    # A table in the order of the pairs, as meetings make it, is read off several times faster than it is looked up.
    in_order = len(objective.cost) == len(pairs) and list(objective.cost) == pairs
    return np.fromiter(objective.cost.values() if in_order else map(objective.cost.__getitem__, pairs), np.int64, len(pairs))
