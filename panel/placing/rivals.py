"""Why not there? What would get worse first, and for whom, if a pupil went to a setting that was not chosen.

Decides nothing. It does not explain bars or missing room: those pairs are not eligible and never reach the placement.

Forcing pupil p from A to B is a shortest path from B back to p in the residual graph of the best flow, where an arc
costs its reduced costs at every stage, compared in order: no such row is below zero at the best. A row is one whole
number whose digits, to a base that no path can overflow, are the stages' costs; it adds and orders like the row.
Every leaf of the proof gives one such placing, and the best of them is the answer; only where that one overfills a room
that several doors share is the forced problem solved again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from heapq import heappop, heappush
from typing import Final

import numpy as np

from panel.errors import PlacementError
from panel.placing.face import contested, flow, leaf_networks, reduced_costs
from panel.placing.network import Network, SharedRoom, build
from panel.placing.objectives import Value, by_setting, counted, unlawful, value, values
from panel.placing.placement import Placement, place
from panel.placing.problem import Placing, Problem, Share, tallies_of
from panel.placing.proof import Leaf

OPEN: Final = "not worked out"
"""In place of an objective's name where a solver stopped before it was known."""


@dataclass(frozen=True, slots=True)
class Load:
    """What an objective counts at a setting, or at that part of it: pupils for a quota or a rota, load / share for a share.

    `at` is its place among the objectives, of which two may have one name.
    """

    objective: str
    setting: str
    before: int | Fraction
    after: int | Fraction
    part: str = ""
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Move:
    """Where a pupil goes, before and after: a URN, or None for unplaced."""

    referral: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Rival:
    """What follows if `referral` must go to `setting`, at the least harm, objective by objective.

    `possible` is False if those who are fixed leave no place there; all else is then empty. `objective` is the first that
    gets worse, from `before` to `after` (`by` says how much where that is one whole number); None if none does: a tie.
    `pupils` are the numbers placed at each setting where they change, `loads` what quotas and shares count there, and
    `moves` the others who move. `open`: a solver stopped before any of it was known. `at`: the objective's place among them.
    """

    referral: str
    setting: str
    possible: bool = True
    objective: str | None = None
    before: Value | None = None
    after: Value | None = None
    by: int | None = None
    pupils: tuple[tuple[str, int, int], ...] = ()
    loads: tuple[Load, ...] = ()
    moves: tuple[Move, ...] = ()
    open: bool = False
    at: int = field(default=0, compare=False)


class Rivals:
    """The pairs of one placement that were not chosen. Builds its network once, and finds the paths to each pupil when first asked for."""

    def __init__(self, problem: Problem, placement: Placement) -> None:
        self.problem, self.placement = problem, placement
        self._network = build(problem)
        self._number = {p: u for u, p in enumerate(problem.referrals)}
        self._leaves = tuple(_Paths(network, leaf) for leaf, network in leaf_networks(self._network, problem, placement.proof))
        self._behind = tuple(self._first_behind(leaf) for leaf in self._leaves)

    def all(self) -> tuple[Rival, ...]:
        """Every rival, by referral and then by setting."""
        return tuple(rival for p in self.problem.referrals for rival in self.of(p))

    def of(self, referral: str) -> tuple[Rival, ...]:
        """The rivals of one referral: each eligible setting but the one it goes to."""
        chosen = self.placement.placing.get(referral)
        return tuple(self.rival(referral, s) for s in self.problem.eligible[referral] if s != chosen)

    def rival(self, referral: str, setting: str) -> Rival:
        """One rival. Raises `PlacementError` if the pair is not eligible, or is the one that was chosen."""
        if setting not in self.problem.eligible.get(referral, ()) or self.placement.placing.get(referral) == setting:
            raise PlacementError(f"{referral} to {setting} is no rival: wanted an eligible pair that was not chosen.")
        placing = self._forced(referral, setting)
        return (
            Rival(referral, setting, possible=False)
            if placing is None
            else compared(self.problem, self.placement, Rival(referral, setting), placing)
        )

    def first_worse(self, referral: str) -> dict[str, str | None]:
        """Setting -> the first objective that gets worse, None if none does, for every rival of one referral that is possible.

        The same as `of` says, without working out who moves.
        """
        worse: dict[str, str | None] = {}
        network, objectives = self._network, self.problem.objectives
        u = self._number[referral]
        for j in range(network.first[u], network.first[u + 1]):
            s = network.option[j]
            if not s or s == self.placement.placing.get(referral):
                continue
            told = [
                (min(behind, found[0]), found[1])
                for leaf, behind in zip(self._leaves, self._behind, strict=True)
                if (found := leaf.harm(j))
            ]
            n, lawful = max(told, default=(0, False))
            if lawful or (told and self._spared(n, j)):
                worse[s] = objectives[n].name if n < len(objectives) else None
            elif (rival := self.rival(referral, s)).possible:
                worse[s] = rival.objective
        return worse

    def _spared(self, n: int, arc: int) -> bool:
        """Whether a way round the rooms that are full forces the pair too, lawfully, and leaves all before objective n as it is.

        No lawful placing leaves objective n as it is as well: that is what the paths through full rooms prove.
        """
        terms = tuple(zip(self.problem.objectives, self.placement.values, strict=True))[:n]
        return any(
            not unlawful(self.problem, placing) and all(value(objective, placing) == best for objective, best in terms)
            for leaf in self._leaves
            for placing in leaf.round_full_rooms(arc)
        )

    def _first_behind(self, leaf: _Paths) -> int:
        """The first objective at which the leaf's own placing is worse than the answer, from 0; their number if none is."""
        rows = zip(self.placement.values, values(self.problem, leaf.placing), strict=True)
        return next((n for n, (best, other) in enumerate(rows) if best != other), len(self.problem.objectives))

    def _forced(self, p: str, s: str) -> Placing | None:
        """The best placing with p at s; None if there is none."""
        network = self._network
        u = self._number[p]
        arc = network.option.index(s, network.first[u], network.first[u + 1])
        found = [placing for leaf in self._leaves if (placing := leaf.through(arc)) is not None]
        best = found[0] if len(found) == 1 else min(found, key=lambda placing: values(self.problem, placing), default=None)
        if best is None or not network.shared or contested(network, flow(network, best)) is None:
            return best
        forced = replace(self.problem, eligible={**self.problem.eligible, p: (s,)}, fixed={**self.problem.fixed, p: s})
        return None if unlawful(forced, forced.fixed) else place(forced).placing


class _Paths:
    """The residual graph of one leaf's flow, and the least paths in it to each pupil, found when first asked for."""

    def __init__(self, network: Network, leaf: Leaf) -> None:
        self.network, self.placing = network, dict(leaf.placing)
        self.tail, self.head, capacity = network.ways
        self.into: dict[int, list[tuple[int, int, int]]] = {}
        self.found: dict[tuple[int, bool], dict[int, tuple[int, int, int]]] = {}
        rows = reduced_costs(network, leaf.prices)
        largest = int(np.abs(rows).max(initial=0))
        self.digit = (largest * len(network.names)).bit_length() + 2
        self.reduced = [0] * len(self.head)
        for row in rows.tolist():
            self.reduced = [(sofar << self.digit) + rc for sofar, rc in zip(self.reduced, row, strict=True)]
        used = flow(network, self.placing).tolist()
        for j, (u, v, units, most, cost) in enumerate(zip(self.tail, self.head, used, capacity, self.reduced, strict=True)):
            if units < most:
                self.into.setdefault(v, []).append((u, j, cost))
            if units:
                self.into.setdefault(u, []).append((v, j, -cost))
        self.rooms: dict[str, list[SharedRoom]] = {}
        for seats in network.shared:
            self.rooms.setdefault(seats.setting, []).append(seats)
        self.places = {_key(seats): seats.places for seats in network.shared}
        here = [(s, network.kind[u]) for u, p in enumerate(network.names[: network.pupils]) if (s := self.placing.get(p))]
        self.there = Counter(_key(seats) for s, k in here for seats in self._spoken(s, k))
        self.full = {seats for seats, places in self.places.items() if self.there[seats] >= places}
        self.into_full = frozenset(
            j
            for j in range(network.pair_arcs if self.full else 0)
            if not used[j] and any(_key(seats) in self.full for seats in self._spoken(network.option[j], network.kind[self.tail[j]]))
        )

    def _spoken(self, setting: str, kind: int) -> list[SharedRoom]:
        """The shared rooms of a setting that a pupil of that kind takes a place of."""
        return [seats for seats in self.rooms.get(setting, ()) if seats.kinds >> kind & 1]

    def through(self, arc: int) -> dict[str, str] | None:
        """The leaf's best placing that uses the pair arc; None if it has none."""
        moves = self._moves(arc)
        if moves is None:
            return None
        return self._moved(moves)

    def round_full_rooms(self, arc: int) -> Iterator[dict[str, str]]:
        """Placings that use the pair arc and send nobody else into a shared room that is full: good ones, not always lawful or the best.

        Where the arc itself leads into one, each of those who are there makes way in turn.
        """
        network, goal = self.network, self.tail[arc]
        s, kind = network.option[arc], network.kind[goal]
        starts = [self.head[arc]]
        if full := [seats.kinds for seats in self._spoken(s, kind) if _key(seats) in self.full]:
            inside = [u for u in range(network.pupils) if self.placing.get(network.names[u]) == s]
            starts = [u for u in inside if all(mask >> network.kind[u] & 1 for mask in full)]
        onward = self._towards(goal, round_full=True)
        for start in starts:
            if start in onward:
                yield self._moved(self._walk(onward, start, goal) | {goal: arc})

    def _moved(self, moves: Mapping[int, int]) -> dict[str, str]:
        names, option = self.network.names, self.network.option
        placing = self.placing | {names[u]: option[j] for u, j in moves.items()}
        return {p: s for p, s in placing.items() if s}

    def harm(self, arc: int) -> tuple[int, bool] | None:
        """The first objective, from 0, that gets worse in that placing, and whether it overfills no shared room; None if there is none."""
        moves = self._moves(arc)
        if moves is None:
            return None
        u, v = self.tail[arc], self.head[arc]
        far = 0 if self._stays(arc) else self.reduced[arc] + self._towards(u)[v][0]
        stages = len(self.network.columns)
        objective = self.network.objective[stages - 1 - far.bit_length() // self.digit] if far else self.network.objective[-1] + 1
        return objective, self._keeps_room(moves)

    def _stays(self, arc: int) -> bool:
        network = self.network
        return self.placing.get(network.names[self.tail[arc]], "") == network.option[arc]

    def _keeps_room(self, moves: Mapping[int, int]) -> bool:
        network = self.network
        more = Counter[tuple[str, str]]()
        for u, j in moves.items():
            kind = network.kind[u]
            more.update(_key(seats) for seats in self._spoken(network.option[j], kind))
            more.subtract(_key(seats) for seats in self._spoken(self.placing.get(network.names[u], ""), kind))
        return all(self.there[seats] + more[seats] <= self.places[seats] for seats in {*more, *self.full})

    def _moves(self, arc: int) -> dict[int, int] | None:
        """Who takes which pair arc instead if the pair arc is forced; None if it cannot be."""
        if self._stays(arc):
            return {}
        start, goal = self.head[arc], self.tail[arc]
        onward = self._towards(goal)
        return self._walk(onward, start, goal) | {goal: arc} if start in onward else None

    def _walk(self, onward: Mapping[int, tuple[int, int, int]], u: int, goal: int) -> dict[int, int]:
        """Who takes which pair arc along the path from u to the goal."""
        moves = {}
        while u != goal:
            _, v, j = onward[u]
            if j < self.network.pair_arcs and self.tail[j] == u:
                moves[u] = j
            u = v
        return moves

    def _towards(self, goal: int, round_full: bool = False) -> dict[int, tuple[int, int, int]]:
        """Node -> how far it is, the next node and the arc to it, on a least path to the goal; by Dijkstra, backwards."""
        if (goal, round_full) in self.found:
            return self.found[goal, round_full]
        shut = self.into_full if round_full else frozenset[int]()
        onward = self.found[goal, round_full] = {goal: (0, goal, -1)}
        heap = [(0, goal)]
        while heap:
            far, v = heappop(heap)
            if far > onward[v][0]:
                continue
            for u, j, cost in self.into.get(v, ()):
                there = far + cost
                if (u not in onward or there < onward[u][0]) and j not in shut:
                    onward[u] = there, v, j
                    heappush(heap, (there, u))
        return onward


def compared(problem: Problem, placement: Placement, rival: Rival, placing: Placing) -> Rival:
    """The rival with all that follows from its best placing."""
    was = placement.placing
    rival = replace(
        rival,
        pupils=_numbers(problem, was, placing),
        loads=_loads(problem, was, placing),
        moves=tuple(Move(q, was.get(q), placing.get(q)) for q in problem.referrals if q != rival.referral and was.get(q) != placing.get(q)),
    )
    for at, (objective, before) in enumerate(zip(problem.objectives, placement.values, strict=True)):
        after = value(objective, placing)
        if before != after:
            by = after - before if isinstance(before, int) and isinstance(after, int) else None
            return replace(rival, objective=objective.name, before=before, after=after, by=by, at=at)
    return rival


def _numbers(problem: Problem, was: Placing, placing: Placing) -> tuple[tuple[str, int, int], ...]:
    before, after = Counter(was.values()), Counter(placing.values())
    return tuple((s, before[s], after[s]) for s in problem.settings if before[s] != after[s])


def _loads(problem: Problem, was: Placing, placing: Placing) -> tuple[Load, ...]:
    then, now = by_setting(was), by_setting(placing)
    loads = []
    for at, objective in enumerate(problem.objectives):
        tallies = tallies_of(objective)
        for tally, before, after in zip(tallies, counted(tallies, then), counted(tallies, now), strict=True):
            if before != after:
                then_load, now_load = (Fraction(n, tally.against) if isinstance(objective, Share) else n for n in (before, after))
                loads.append(Load(objective.name, tally.setting, then_load, now_load, tally.part, at))
    return tuple(loads)


def _key(seats: SharedRoom) -> tuple[str, str]:
    return seats.setting, seats.name
