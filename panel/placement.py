"""The best lawful placing, with the proof that none is better. The only importer of the solver.

It judges nothing: `panel/certificate.py` checks what is found here, knowing nothing of how.

Stage i minimises column i by minimum-cost flow over what the stages before it left open. Node prices d are the shortest
distances in the residual graph from a root that reaches every node at 0; with rc = c + d[u] - d[v] the arcs with rc > 0
stay empty in every optimum and those with rc < 0 full, so they leave the problem. Whatever optimum the solver found,
the distances are the same, hence so is every later stage.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from panel.errors import PlacementError
from panel.face import contested, flow, loose_ends, narrowed, residual, ties
from panel.network import Network, SharedRoom, build
from panel.objectives import Value, unlawful, values
from panel.problem import Placing, Problem
from panel.proof import Branch, Leaf, Proof

MOST_LEAVES = 10_000

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Placement:
    """Referral -> URN for those placed, the proof, and the value of each objective."""

    placing: Placing
    proof: Proof
    values: tuple[Value, ...]


def place(problem: Problem) -> Placement:
    """The best placing of a problem.

    Raises `PlacementError` if fixed pupils exceed a room, objectives do not nest, or the proof would need too many leaves.
    """
    return place_on(build(problem), problem)


def place_on(network: Network, problem: Problem) -> Placement:
    """`place` on the network that `build` makes of the problem."""
    if wrong := unlawful(problem, problem.fixed):
        raise PlacementError("The pupils who are fixed leave no lawful placing: " + "; ".join(wrong) + ".")
    search = _Search(network, problem)
    proof = search.prove(network.capacity)
    assert search.best is not None
    return Placement(search.best, proof, search.worth)


class _Search:
    """Depth first through the ways out of overfull year groups; `best` is the best lawful placing found so far."""

    def __init__(self, network: Network, problem: Problem) -> None:
        self.network, self.problem = network, problem
        self.stages = _Stages(network)
        self.best: dict[str, str] | None = None
        self.worth: tuple[Value, ...] = ()
        self.leaves = 0

    def prove(self, capacity: tuple[int, ...]) -> Proof:
        """A leaf, if the best within these capacities is lawful and its ties are settled, or if it is worse than `best`; else a branch."""
        x = flow(self.network, self.problem.fixed, capacity)
        live, prices = self.stages.optimum(x, capacity)
        placing = placing_of(self.network, x)
        worth = values(self.problem, placing)
        if self.best is None or worth <= self.worth:
            contest = contested(self.network, x, capacity)
            if contest is None:
                if self.best is None or worth < self.worth:
                    self.best, self.worth = placing, worth
                movers, contest = loose_ends(self.network, placing, x, capacity, live)
                contest = None if movers else contest
            if contest is not None:
                return self._branch(*contest, capacity)
        self.leaves += 1
        return Leaf(tuple(placing.items()), prices)

    def _branch(self, seats: SharedRoom, coming: tuple[int, ...], capacity: tuple[int, ...]) -> Branch:
        """Not all the doors can let in so many as `least`, which together is one too many: one way out for each door that could let in fewer."""
        least = list(coming)
        while sum(least) > seats.room + 1:
            least[least.index(max(least))] -= 1
        ways = []
        for door, arc in enumerate(seats.arcs):
            if least[door] > seats.fixed[door]:
                if self.leaves >= MOST_LEAVES:
                    raise PlacementError(
                        f"The room of year {seats.year_group} at {seats.setting}, shared between kinds of pupils that are counted apart, "
                        f"leaves more than {MOST_LEAVES:,} cases to tell apart. Let one objective count everybody, or fix a pupil of that year."
                    )
                ways.append((door, least[door] - 1, self.prove(narrowed(capacity, arc, least[door] - 1))))
        return Branch(seats.setting, seats.year_group, tuple(ways))


class _Stages:
    """The arcs of a network as arrays, ready for the solver."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.tail, self.head = np.array(network.tail), np.array(network.head)
        self.columns = [np.array(column) for column in network.columns]
        self.nodes = np.arange(len(network.names))

    def optimum(self, x: list[int], capacity: Sequence[int]) -> tuple[list[int], tuple[tuple[int, ...], ...]]:
        """Change the flow x into the best one; the arcs that every stage keeps, and the prices of every stage."""
        supply = np.bincount(self.nodes[: self.network.pupils], minlength=len(self.nodes))
        supply[-1] = -self.network.pupils
        room = np.array(capacity)
        live = np.arange(len(x))
        prices = []
        for column in self.columns:
            cost = column[live]
            if not cost.any():
                prices.append((0,) * len(self.nodes))
                continue
            self._solve(x, live, room, cost, supply)
            price = _prices(self.network, x, capacity, live.tolist(), cost.tolist())
            prices.append(tuple(price))
            d = np.array(price)
            rc = cost + d[self.tail[live]] - d[self.head[live]]
            full = live[rc < 0]
            np.subtract.at(supply, self.tail[full], room[full])
            np.add.at(supply, self.head[full], room[full])
            live = live[rc == 0]
        kept: list[int] = live.tolist()
        if ties(self.network, x, residual(self.network, x, capacity, kept)):
            self._solve(x, live, room, np.array([self._whim(j) for j in kept]), supply)
        return kept, tuple(prices)

    def _solve(self, x: list[int], live: Integers, room: Integers, cost: Integers, supply: Integers) -> None:
        solver = SimpleMinCostFlow()
        solver.add_arcs_with_capacity_and_unit_cost(self.tail[live], self.head[live], room[live], cost)
        solver.set_nodes_supplies(self.nodes, supply)
        status = solver.solve()
        if status != solver.OPTIMAL:
            raise PlacementError(f"The solver found no flow in a network that has one (status {status}). Nothing can be placed on it.")
        for j, units in zip(live.tolist(), solver.flows(np.arange(len(live))).tolist(), strict=True):
            x[j] = units

    def _whim(self, j: int) -> int:
        """Which of several placings, equal by every objective, is shown: any will do, if only it does not depend on the solver."""
        if j >= self.network.pair_arcs:
            return 0
        pair = f"{self.network.names[self.network.tail[j]]}\n{self.network.option[j]}"
        return int.from_bytes(sha256(pair.encode()).digest()[:4])


def placing_of(network: Network, x: Sequence[int]) -> dict[str, str]:
    """Referral -> URN of those whom the flow x places, in the order of the referrals."""
    used = (j for j in range(network.pair_arcs) if x[j])
    return {network.names[network.tail[j]]: network.option[j] for j in used if network.option[j]}


def _prices(network: Network, x: Sequence[int], capacity: Sequence[int], live: Sequence[int], cost: Sequence[int]) -> list[int]:
    """Shortest distances in the residual graph of the live arcs from a root that reaches every node at 0 (Bellman-Ford, by queue)."""
    edges: list[list[tuple[int, int]]] = [[] for _ in network.names]
    for j, c in zip(live, cost, strict=True):
        u, v = network.tail[j], network.head[j]
        if x[j] < capacity[j]:
            edges[u].append((v, c))
        if x[j]:
            edges[v].append((u, -c))
    d = [0] * len(edges)
    queue = deque(range(len(edges)))
    waiting = [True] * len(edges)
    while queue:
        u = queue.popleft()
        waiting[u] = False
        for v, c in edges[u]:
            if d[u] + c < d[v]:
                d[v] = d[u] + c
                if not waiting[v]:
                    waiting[v] = True
                    queue.append(v)
    return d
