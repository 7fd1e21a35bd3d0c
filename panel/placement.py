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
from panel.face import contested, fixed_behind, flow, loose_ends, narrowed, residual, ties
from panel.network import Limits, Network, SharedRoom, build
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


def place(problem: Problem, network: Network | None = None) -> Placement:
    """The best placing of a problem; `network` is what `build` makes of it, if the caller has it already.

    Raises `PlacementError` if fixed pupils exceed a room, objectives do not nest, or the proof would need too many leaves.
    """
    if wrong := unlawful(problem, problem.fixed):
        raise PlacementError("The pupils who are fixed leave no lawful placing: " + "; ".join(wrong) + ".")
    return _Search(problem).placement(network or build(problem))


class _Search:
    """Depth first through the ways out of overfull year groups; `best` is the best lawful placing found so far."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.best: dict[str, str] = {}
        self.worth: tuple[Value, ...] | None = None
        self.leaves = 0

    def placement(self, network: Network) -> Placement:
        proof = self.prove(network, {})
        return Placement(self.best, proof, self.worth or ())

    def prove(self, network: Network, limits: Limits) -> Proof:
        """A leaf, if the network's best placing is lawful and its ties are settled, or if it is worse than `best`; else a branch."""
        x, prices, contest = _optimum(network, flow(network, self.problem.fixed))
        placing = _placing(network, x)
        worth = values(self.problem, placing)
        if self.worth is None or worth <= self.worth:
            if contested(network, x) is None and (self.worth is None or worth < self.worth):
                self.best, self.worth = placing, worth
            if contest is not None:
                return self._branch(network, limits, *contest)
        self.leaves += 1
        return Leaf(tuple(placing.items()), prices)

    def _branch(self, network: Network, limits: Limits, seats: SharedRoom, coming: tuple[int, ...]) -> Branch:
        """The doors cannot all let in `least`, which is one too many: a way out for each door that may let in fewer."""
        least = list(coming)
        while sum(least) > seats.room + 1:
            least[least.index(max(least))] -= 1
        ways = []
        for door, fixed in enumerate(fixed_behind(network, self.problem, seats)):
            if least[door] > fixed:
                if self.leaves >= MOST_LEAVES:
                    raise PlacementError(
                        f"The room of year {seats.year_group} at {seats.setting}, shared between kinds of pupils that are counted apart, "
                        f"leaves more than {MOST_LEAVES:,} cases. Let one objective count everybody, or fix a pupil of that year group."
                    )
                within = narrowed(limits, (seats.setting, seats.year_group, door), least[door] - 1)
                ways.append((door, least[door] - 1, self.prove(build(self.problem, within), within)))
        return Branch(seats.setting, seats.year_group, tuple(ways))


def _optimum(network: Network, x: list[int]) -> tuple[list[int], tuple[tuple[int, ...], ...], tuple[SharedRoom, tuple[int, ...]] | None]:
    """The best flow, from any flow x; the prices of every stage; and the room to branch on, if it or its ties overfill any."""
    tail, head, capacity = (np.array(numbers) for numbers in (network.tail, network.head, network.capacity))
    supply = np.zeros(len(network.names), dtype=np.int64)
    supply[: network.pupils], supply[-1] = 1, -network.pupils
    live, prices = np.arange(len(x)), []
    for column in network.columns:
        cost = np.array(column)[live]
        if not cost.any():
            prices.append((0,) * len(supply))
            continue
        solved = _solve(tail[live], head[live], capacity[live], cost, supply)
        for j, units in zip(live.tolist(), solved.tolist(), strict=True):
            x[j] = units
        price = _prices(network, x, live.tolist(), column)
        prices.append(tuple(price))
        d = np.array(price)
        reduced = cost + d[tail[live]] - d[head[live]]
        full = live[reduced < 0]
        np.subtract.at(supply, tail[full], capacity[full])
        np.add.at(supply, head[full], capacity[full])
        live = live[reduced == 0]
    arcs: list[int] = live.tolist()
    if ties(network, x, residual(network, x, arcs)):
        solved = _solve(tail[live], head[live], capacity[live], np.array([_whim(network, j) for j in arcs]), supply)
        for j, units in zip(arcs, solved.tolist(), strict=True):
            x[j] = units
        if contested(network, x) is None:
            movers, contest = loose_ends(network, _placing(network, x), x, arcs)
            return x, tuple(prices), None if movers else contest
    return x, tuple(prices), contested(network, x)


def _solve(tail: Integers, head: Integers, capacity: Integers, cost: Integers, supply: Integers) -> Integers:
    solver = SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(tail, head, capacity, cost)
    solver.set_nodes_supplies(np.arange(len(supply)), supply)
    status = solver.solve()
    if status != solver.OPTIMAL:
        raise PlacementError(f"The solver found no flow in a network that has one (status {status}). Nothing can be placed on it.")
    flows: Integers = solver.flows(arcs)
    return flows


def _whim(network: Network, j: int) -> int:
    """Which of several placings, equal by every objective, is shown: any will do, if only it does not depend on the solver."""
    if j >= network.pair_arcs:
        return 0
    pair = f"{network.names[network.tail[j]]}\n{network.option[j]}"
    return int.from_bytes(sha256(pair.encode()).digest()[:4])


def _placing(network: Network, x: Sequence[int]) -> dict[str, str]:
    """Referral -> URN of those whom the flow x places, in the order of the referrals."""
    used = [j for j, option in enumerate(network.option) if x[j] and option]
    return {network.names[network.tail[j]]: network.option[j] for j in used}


def _prices(network: Network, x: Sequence[int], live: Sequence[int], cost: Sequence[int]) -> list[int]:
    """Shortest distances in the residual graph of the live arcs from a root that reaches every node at 0.

    Bellman-Ford by queue. All start at 0, so only the ends of edges below zero can lower anything at first: those are
    arcs in use that cost something, backwards (or arcs that cost less than nothing), and most nodes are never reached.
    """
    tail, head, first, capacity = network.tail, network.head, network.first, network.capacity
    back: dict[int, list[tuple[int, int]]] = {}
    below: dict[int, None] = {}
    open_arcs = bytearray(len(x))
    for j in live:
        c = cost[j]
        if x[j]:
            back.setdefault(head[j], []).append((tail[j], -c))
            if c > 0:
                below[head[j]] = None
        if x[j] < capacity[j]:
            open_arcs[j] = 1
            if c < 0:
                below[tail[j]] = None
    edges: dict[int, list[tuple[int, int]]] = {}
    d = [0] * len(network.names)
    queue = deque(below)
    waiting = set(below)
    while queue:
        u = queue.popleft()
        waiting.discard(u)
        far = d[u]
        if u not in edges:
            onward = range(first[u], first[u + 1]) if u < network.sink else ()
            edges[u] = [(head[j], cost[j]) for j in onward if open_arcs[j]] + back.get(u, [])
        for v, c in edges[u]:
            if far + c < d[v]:
                d[v] = far + c
                if v not in waiting:
                    waiting.add(v)
                    queue.append(v)
    return d
