"""Why not there? What would get worse first, and for whom, if a pupil went to a setting that was not chosen.

Decides nothing. It does not explain bars or missing room: those pairs are not eligible and never reach the placement.

Forcing pupil p from A to B is a shortest path from B back to p in the residual graph of the best flow, where an arc
costs the tuple of its reduced costs, one for each stage, compared in order: no such tuple is below zero at the best.
Every leaf of the proof gives one such placing, and the best of them is the answer; only where that one overfills a room
that several doors share is the forced problem solved again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from heapq import heappop, heappush
from operator import add

from panel.errors import PlacementError
from panel.face import contested, flow, leaf_networks
from panel.network import Network, build
from panel.objectives import Value, arrivals, unlawful, value, values
from panel.placement import Placement, place
from panel.problem import Placing, Problem, Quota, Share, Sum
from panel.proof import Leaf

Cost = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Load:
    """What an objective counts at a setting, before and after: pupils taken for a quota, load / share for a share."""

    objective: str
    setting: str
    before: int | Fraction
    after: int | Fraction


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
    `moves` the others who move.
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


class Rivals:
    """The pairs of one placement that were not chosen. Builds its network once, and finds the paths to each pupil when first asked for."""

    def __init__(self, problem: Problem, placement: Placement) -> None:
        self.problem, self.placement = problem, placement
        self._network = build(problem)
        self._leaves = tuple(_Paths(network, leaf) for leaf, network in leaf_networks(self._network, problem, placement.proof))

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
        return Rival(referral, setting, possible=False) if placing is None else self._compared(referral, setting, placing)

    def _forced(self, p: str, s: str) -> Placing | None:
        """The best placing with p at s; None if there is none."""
        network = self._network
        u = network.names.index(p)
        arc = network.option.index(s, network.first[u], network.first[u + 1])
        found = [placing for leaf in self._leaves if (placing := leaf.through(arc)) is not None]
        best = found[0] if len(found) == 1 else min(found, key=lambda placing: values(self.problem, placing), default=None)
        if best is None or not network.shared or contested(network, flow(network, best)) is None:
            return best
        forced = replace(self.problem, eligible={**self.problem.eligible, p: (s,)}, fixed={**self.problem.fixed, p: s})
        return None if unlawful(forced, forced.fixed) else place(forced).placing

    def _compared(self, p: str, s: str, placing: Placing) -> Rival:
        was = self.placement.placing
        rival = Rival(
            p,
            s,
            pupils=_numbers(self.problem, was, placing),
            loads=_loads(self.problem, was, placing),
            moves=tuple(Move(q, was.get(q), placing.get(q)) for q in self.problem.referrals if q != p and was.get(q) != placing.get(q)),
        )
        for objective, before in zip(self.problem.objectives, self.placement.values, strict=True):
            after = value(self.problem, objective, placing)
            if before != after:
                by = after - before if isinstance(before, int) and isinstance(after, int) else None
                return replace(rival, objective=objective.name, before=before, after=after, by=by)
        return rival


class _Paths:
    """The residual graph of one leaf's flow, and the least paths in it to each pupil, found when first asked for."""

    def __init__(self, network: Network, leaf: Leaf) -> None:
        self.network, self.placing = network, dict(leaf.placing)
        self.into: dict[int, list[tuple[int, int, Cost]]] = {}
        self.found: dict[int, dict[int, tuple[int, int]]] = {}
        x = flow(network, self.placing)
        stages = tuple(zip(network.columns, leaf.prices, strict=True))
        for j, (u, v) in enumerate(zip(network.tail, network.head, strict=True)):
            reduced = tuple([cost[j] + price[u] - price[v] for cost, price in stages])
            if x[j] < network.capacity[j]:
                self.into.setdefault(v, []).append((u, j, reduced))
            if x[j]:
                self.into.setdefault(u, []).append((v, j, tuple([-c for c in reduced])))

    def through(self, arc: int) -> dict[str, str] | None:
        """The leaf's best placing that uses the pair arc; None if it has none."""
        network, u, goal = self.network, self.network.head[arc], self.network.tail[arc]
        placing = self.placing | {network.names[goal]: network.option[arc]}
        if placing == self.placing:
            return placing
        onward = self._towards(goal)
        if u not in onward:
            return None
        while u != goal:
            v, j = onward[u]
            if j < network.pair_arcs and network.tail[j] == u:
                placing[network.names[u]] = network.option[j]
            u = v
        return {p: s for p, s in placing.items() if s}

    def _towards(self, goal: int) -> dict[int, tuple[int, int]]:
        """Node -> the next node and the arc to it, on a least path to the goal; by Dijkstra, backwards."""
        if goal in self.found:
            return self.found[goal]
        zero = (0,) * len(self.network.columns)
        left: dict[int, Cost] = {goal: zero}
        onward = self.found[goal] = {}
        heap = [(zero, goal)]
        while heap:
            far, v = heappop(heap)
            if far > left[v]:
                continue
            for u, j, cost in self.into.get(v, ()):
                there = tuple(map(add, far, cost))
                if u not in left or there < left[u]:
                    left[u], onward[u] = there, (v, j)
                    heappush(heap, (there, u))
        return onward


def _numbers(problem: Problem, was: Placing, placing: Placing) -> tuple[tuple[str, int, int], ...]:
    before, after = Counter(was.values()), Counter(placing.values())
    return tuple((s, before[s], after[s]) for s in problem.settings if before[s] != after[s])


def _loads(problem: Problem, was: Placing, placing: Placing) -> tuple[Load, ...]:
    loads = []
    for objective in problem.objectives:
        if isinstance(objective, Sum):
            continue
        before, after = arrivals(objective, was), arrivals(objective, placing)
        for s in problem.settings:
            then, now = before.get(s, 0), after.get(s, 0)
            if then != now and s in _counted(objective):
                loads.append(Load(objective.name, s, _load(objective, s, then), _load(objective, s, now)))
    return tuple(loads)


def _counted(objective: Quota | Share) -> Mapping[str, int]:
    return objective.taken if isinstance(objective, Quota) else objective.share


def _load(objective: Quota | Share, s: str, came: int) -> int | Fraction:
    return objective.taken[s] + came if isinstance(objective, Quota) else Fraction(objective.load[s] + came, objective.share[s])
