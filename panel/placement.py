"""The best lawful placing, with the proof that none is better. The only importer of the flow solver.

It judges nothing: `panel/certificate.py` checks what is found here, knowing nothing of how. Where pupils count several
points it is no flow: `panel/packing.py` finds it, and `panel/recheck.py` looks whether anything is better.

Stage i minimises column i by minimum-cost flow over what the stages before it left open. Node prices d are the shortest
distances in the residual graph from a root that reaches every node at 0; with rc = c + d[u] - d[v] the arcs with rc > 0
stay empty in every optimum and those with rc < 0 full, so they leave the problem. Whatever optimum the solver found,
the distances are the same, hence so is every later stage.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from heapq import heappop, heappush
from statistics import mode

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from panel.errors import PlacementError
from panel.face import Contest, contested, fixed_behind, flow, loose_ends, narrowed, ties
from panel.marginals import Integers
from panel.network import Limits, Network, build
from panel.objectives import Value, unlawful, values
from panel.packing import pack
from panel.problem import Placing, Problem, weighed
from panel.proof import Branch, Leaf, Proof

MOST_LEAVES = 10_000
MOST_DEEP = 20
"""How many branches a proof may have one below the other: canonical JSON nests no deeper."""

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Placement:
    """Referral -> URN for those placed, the proof, and the value of each objective."""

    placing: Placing
    proof: Proof
    values: tuple[Value, ...]


def place(problem: Problem, network: Network | None = None) -> Placement:
    """The best placing of a problem; `network` is what `build` makes of it, if the caller has it already.

    Raises `PlacementError` if fixed pupils exceed a room, objectives do not nest, or the proof would need too many leaves.
    """
    if weighed(problem):
        packing = pack(problem)
        return Placement(dict(packing.placing), packing, values(problem, dict(packing.placing)))
    if wrong := unlawful(problem, problem.fixed):
        raise PlacementError("The pupils who are fixed leave no lawful placing: " + "; ".join(wrong) + ".")
    root = _Node(problem, network or build(problem), {})
    open_nodes = [(root.worth, 0, root)]
    best: _Node | None = None
    nodes = 1
    while open_nodes and (best is None or open_nodes[0][0] == best.worth):
        _, _, node = heappop(open_nodes)
        if best is None and node.lawful:
            best = node
        for below in node.branch(problem) if node.depth < MOST_DEEP else ():
            heappush(open_nodes, (below.worth, nodes, below))
            nodes += 1
        if node.contest is not None and (nodes > MOST_LEAVES or node.depth == MOST_DEEP):
            raise PlacementError(
                f"The room for {node.contest[0].name} at {node.contest[0].setting}, shared between kinds of pupils that are counted "
                f"apart, and others like it leave too many cases (more than {MOST_LEAVES:,}, or {MOST_DEEP} one within the other). "
                "Let one objective count everybody, or fix one of them."
            )
    if best is None:
        raise PlacementError("No lawful placing was found, though everybody who is not fixed may stay unplaced: the search is at fault.")
    return Placement(dict(best.leaf.placing), root.proof(), best.worth)


class _Node:
    """One flow problem of the search: the whole, within limits. No lawful placing within them is worth less than its best.

    The search takes the open node of least worth first, so that the first lawful one is the best placing there is, and
    goes on only among those that are worth the same: they settle whether it is the only one.
    """

    def __init__(self, problem: Problem, whole: Network, limits: Limits, depth: int = 0) -> None:
        network = whole.within(limits)
        x, prices, self.contest = _optimum(network, problem.fixed)
        placing = _placing(network, x)
        self.leaf = Leaf(tuple(placing.items()), prices)
        self.worth = values(problem, placing)
        self.lawful = self.contest is None or contested(network, x) is None
        self.whole, self.limits, self.depth = whole, limits, depth
        self.below: list[tuple[int, int, _Node]] = []

    def branch(self, problem: Problem) -> list[_Node]:
        """The gates cannot all let in `least`, which is one too many together: a node below for each that may let in fewer."""
        if self.contest is None:
            return []
        seats, least = self.contest[0], list(self.contest[1])
        while sum(least) > seats.places + 1:
            least[least.index(max(least))] -= 1
        for gate, fixed in enumerate(fixed_behind(problem, self.whole.kind, seats)):
            if least[gate] > fixed:
                limits = narrowed(self.whole, self.limits, seats.arcs[gate], least[gate] - 1)
                self.below.append((gate, least[gate] - 1, _Node(problem, self.whole, limits, self.depth + 1)))
        return [node for _, _, node in self.below]

    def proof(self) -> Proof:
        if self.contest is None or not self.below:
            return self.leaf
        seats = self.contest[0]
        return Branch(seats.setting, seats.name, tuple([(gate, at_most, node.proof()) for gate, at_most, node in self.below]))


def _start(network: Network, fixed: Placing) -> Placing:
    """A placing to begin from: those who are fixed, then one after the other wherever the longest row of stages costs nothing.

    Often the placing is the best for the first few stages, which then need no solver.
    """
    tail, head, capacity = network.ways
    first, sink = network.first, network.sink
    free_at, left = list(first), list(capacity)
    costly = np.vstack((network.columns != 0, np.ones(len(head), dtype=bool)))
    stages: list[int] = costly.argmax(axis=0).tolist()
    start = {}
    # A setting that a share counts costs something from the first pupil on: nothing further in is worth looking for.
    enough = mode([stages[first[v]] for v in range(network.pupils, sink) if first[v] < first[v + 1] and head[first[v]] == sink] or [0])
    for u in sorted(range(network.pupils), key=lambda u: network.names[u] not in fixed):
        best, taken = -1, []
        for j in range(first[u], first[u + 1]):
            n, v, path = stages[j], head[j], [j]
            while v != sink and n > best:
                way = free_at[v]
                n = min(n, stages[way]) if way < first[v + 1] and left[way] else -1
                path.append(way)
                v = head[way] if n >= 0 else sink
            if n > best:
                best, taken = n, path
                if best >= enough:
                    break
        for j in taken:
            left[j] -= 1
            free_at[tail[j]] += not left[j]
        start[network.names[u]] = network.option[taken[0]]
    return start


def _optimum(network: Network, fixed: Placing) -> tuple[Integers, tuple[tuple[int, ...], ...], Contest | None]:
    """The best flow; the prices of every stage; and the room to branch on, if the flow or its ties overfill any.

    `tail`, `head`, `capacity` and `x` are those of the live arcs alone, the ones that the stages so far leave open.
    """
    tail, head, capacity = network.tail, network.head, network.capacity
    supply = np.zeros(len(network.names), dtype=np.int64)
    supply[: network.pupils], supply[-1] = 1, -network.pupils
    units = flow(network, _start(network, fixed))
    live, x, prices = np.arange(len(units)), units, []
    for column in network.columns:
        cost = column[live]
        d = np.zeros(len(supply), dtype=np.int64)
        if not _costs_nothing(cost, x):
            x = units[live] = _solve(tail, head, capacity, cost, supply)
            d = _prices(d, tail, head, cost, x > 0, x < capacity)
            cost += d[tail] - d[head]
            full = cost < 0
            np.subtract.at(supply, tail[full], capacity[full])
            np.add.at(supply, head[full], capacity[full])
        prices.append(tuple(d.tolist()))
        if cost.any():
            tail, head, capacity, x, live = (numbers[cost == 0] for numbers in (tail, head, capacity, x, live))
    arcs = live.tolist()
    contest = contested(network, units)
    if ties(network, units, arcs):
        units[live] = _solve(tail, head, capacity, np.array([_whim(network, j) for j in arcs]), supply)
        contest = contested(network, units)
        if contest is None:
            movers, contest = loose_ends(network, _placing(network, units), units, arcs)
            contest = None if movers else contest
    return units, tuple(prices), contest


def _costs_nothing(cost: Integers, x: Integers) -> bool:
    """Whether a flow is the best already, at prices of 0: nothing costs less than nothing, and what is used costs nothing."""
    return bool(cost.min(initial=0) >= 0 and not (cost * x).any())


def _solve(tail: Integers, head: Integers, capacity: Integers, cost: Integers, supply: Integers) -> Integers:
    solver = SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(tail, head, capacity, cost)
    solver.set_nodes_supplies(np.arange(len(supply)), supply)
    status = solver.solve()
    if status != solver.OPTIMAL:
        raise PlacementError(f"The solver found no flow in a network that has one (status {status}). Nothing can be placed on it.")
    flows: Integers = solver.flows(arcs)
    return flows


def _prices(nowhere: Integers, tail: Integers, head: Integers, cost: Integers, used: Flags, spare: Flags) -> Integers:
    """Shortest distances in the residual graph, from a root that reaches every node at 0; arcs in use lead back, arcs with spare room on.

    Bellman-Ford, all edges at once; the flow is the best there is, so no cycle is below zero and the rounds come to an end.
    """
    here, there = np.concatenate((head[used], tail[spare])), np.concatenate((tail[used], head[spare]))
    length = np.concatenate((-cost[used], cost[spare]))
    d, nearer = nowhere, nowhere.copy()
    while True:
        np.minimum.at(nearer, there, d[here] + length)
        if (nearer == d).all():
            return d
        d, nearer = nearer, nearer.copy()


def _whim(network: Network, j: int) -> int:
    """Which of several placings, equal by every objective, is shown: any will do, if only it does not depend on the solver."""
    if j >= network.pair_arcs:
        return 0
    pair = f"{network.names[network.ways[0][j]]}\n{network.option[j]}"
    return int.from_bytes(sha256(pair.encode()).digest()[:4])


def _placing(network: Network, x: Integers) -> dict[str, str]:
    """Referral -> URN of those whom the flow x places, in the order of the referrals."""
    used = np.flatnonzero(x[: network.pair_arcs]).tolist()
    tail, _, _ = network.ways
    return {network.names[tail[j]]: option for j in used if (option := network.option[j])}
