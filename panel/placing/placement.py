"""The best lawful placing, with the proof that none is better. The only importer of the flow solver.

It judges nothing: `panel/placing/certificate.py` checks what is found here, knowing nothing of how. Where pupils count several
points, or where counts cross and the book allows that, it is no flow: `panel/placing/packing.py` finds it, and `panel/placing/recheck.py`
looks whether anything is better.

Stage i minimises column i by minimum-cost flow over what the stages before it left open. Node prices d are the shortest
distances in the residual graph from a root that reaches every node at 0; with rc = c + d[u] - d[v] the arcs with rc > 0
stay empty in every optimum and those with rc < 0 full, so they leave the problem. Whatever optimum the solver found,
the distances are the same, hence so is every later stage. So one call of the solver may settle several stages, if each is
so weighted that it outweighs all after it; prices are found for every stage apart all the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from heapq import heappop, heappush
from itertools import chain
from statistics import mode

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from panel.errors import PlacementError
from panel.placing.face import Contest, contested, fixed_behind, flow, loose_ends, narrowed, ties
from panel.placing.marginals import Integers
from panel.placing.network import Limits, Network, build
from panel.placing.objectives import Value, unlawful, values
from panel.placing.packing import pack
from panel.placing.problem import Placing, Problem, packed
from panel.placing.proof import Branch, Leaf, Proof

MOST_LEAVES = 10_000

FEW_ARCS = 4_096
"""Up to so many, several stages are settled by one call of the solver."""

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Placement:
    """Referral -> URN for those placed, the proof, and the problem that they settle."""

    placing: Placing
    proof: Proof
    problem: Problem = field(repr=False, compare=False)

    @cached_property
    def values(self) -> tuple[Value, ...]:
        """The value of each objective."""
        return values(self.problem, self.placing)


def place(problem: Problem, network: Network | None = None) -> Placement:
    """The best placing of a problem; `network` is what `build` makes of it, if the caller has it already.

    Raises `PlacementError` if fixed pupils exceed a room, objectives do not nest, or the proof would need too many leaves.
    """
    if packed(problem):
        packing = pack(problem)
        return Placement(dict(packing.placing), packing, problem)
    if problem.fixed and (wrong := unlawful(problem, problem.fixed)):
        raise PlacementError("The pupils who are fixed leave no lawful placing: " + "; ".join(wrong) + ".")
    root = _Node(problem, network or build(problem), {})
    if root.contest is None:
        return Placement(root.placing, root.leaf, problem)
    best, nodes = _searched(root)
    return Placement(best.placing, _proof(nodes), problem)


def _searched(root: _Node) -> tuple[_Node, list[_Node]]:
    """The best lawful node, and every node that was looked at, those above before those below."""
    nodes = [root]
    open_nodes = [(root.worth, 0, root)]
    best: _Node | None = None
    while open_nodes and (best is None or open_nodes[0][0] == best.worth):
        _, _, node = heappop(open_nodes)
        if best is None and node.lawful:
            best = node
        for below in node.branch():
            heappush(open_nodes, (below.worth, len(nodes), below))
            nodes.append(below)
        if node.contest is not None and len(nodes) > MOST_LEAVES:
            raise PlacementError(
                f"The room for {node.contest[0].name} at {node.contest[0].setting}, shared between kinds of pupils that are counted "
                f"apart, and others like it leave too many cases (more than {MOST_LEAVES:,}). "
                "Let one objective count everybody, or fix one of them."
            )
    if best is None:
        raise PlacementError("No lawful placing was found, though everybody who is not fixed may stay unplaced: the search is at fault.")
    return best, nodes


def _proof(nodes: list[_Node]) -> Proof:
    """What the first node and those below it prove."""
    made: dict[_Node, Proof] = {}
    for node in reversed(nodes):
        ways = tuple([(gate, at_most, made.pop(below)) for gate, at_most, below in node.below])
        made[node] = Branch(node.contest[0].setting, node.contest[0].name, ways) if node.contest and ways else node.leaf
    return made[nodes[0]]


class _Node:
    """One flow problem of the search: the whole, within limits. No lawful placing within them is worth less than its best.

    The search takes the open node of least worth first, so that the first lawful one is the best placing there is, and
    goes on only among those that are worth the same: they settle whether it is the only one.
    """

    def __init__(self, problem: Problem, whole: Network, limits: Limits) -> None:
        network = whole.within(limits)
        x, prices, self.contest = _optimum(network, problem.fixed)
        self.placing = _placing(network, x)
        self.leaf = Leaf(tuple(self.placing.items()), prices)
        self.lawful = self.contest is None or contested(network, x) is None
        self.problem, self.whole, self.limits = problem, whole, limits
        self.below: list[tuple[int, int, _Node]] = []

    @cached_property
    def worth(self) -> tuple[Value, ...]:
        return values(self.problem, self.placing)

    def branch(self) -> list[_Node]:
        """The gates cannot all let in `least`, which is one too many together: a node below for each that may let in fewer."""
        if self.contest is None:
            return []
        seats, least = self.contest[0], list(self.contest[1])
        while sum(least) > seats.places + 1:
            least[least.index(max(least))] -= 1
        for gate, fixed in enumerate(fixed_behind(self.problem, self.whole.kind, seats)):
            if least[gate] > fixed:
                limits = narrowed(self.whole, self.limits, seats.arcs[gate], least[gate] - 1)
                self.below.append((gate, least[gate] - 1, _Node(self.problem, self.whole, limits)))
        return [node for _, _, node in self.below]


def _start(network: Network, fixed: Placing) -> Integers:
    """A flow to begin from: those who are fixed, then one after the other wherever the longest row of stages costs nothing.

    Often it is the best for the first few stages, which then need no solver. Where not everybody can be placed it could not
    be, and nobody who is not fixed is.
    """
    first, sink, pupils = network.first, network.sink, network.pupils
    if network.capacity[network.pair_arcs :][network.head[network.pair_arcs :] == sink].sum() < pupils:
        if fixed:
            return flow(network, fixed)
        nobody = np.zeros(len(network.head), dtype=np.int64)
        nobody[list(first[:pupils])] = 1
        return nobody
    tail, head, capacity = network.ways
    free_at, left = list(first), list(capacity)
    stages: list[int] = np.vstack((network.columns != 0, np.ones(len(head), dtype=np.bool_))).argmax(axis=0).tolist()
    last = [first[v] for v in range(pupils, sink) if first[v] < first[v + 1] and head[first[v]] == sink]
    # A setting that a share counts costs something from the first pupil on: nothing further in is worth looking for.
    enough = mode([stages[j] for j in last] or [0])
    used: list[int] = []
    for u in sorted(range(pupils), key=lambda u: network.names[u] not in fixed) if fixed else range(pupils):
        begin, end = first[u], first[u + 1]
        best, taken = -1, []
        # Each begins elsewhere, so that not all look through the same full settings first.
        turn = begin + u % (end - begin)
        for j in chain(range(turn, end), range(begin, turn)):
            n, v = stages[j], head[j]
            if n <= best:
                continue
            path = [j]
            while v != sink and n > best:
                way = free_at[v]
                n = min(n, stages[way]) if way < first[v + 1] and left[way] else -1
                path.append(way)
                v = head[way] if n >= 0 else sink
            if n > best:
                best, taken = n, path
                if best >= enough:
                    break
        used += taken
        for j in taken:
            left[j] -= 1
            free_at[tail[j]] += not left[j]
    return np.bincount(np.array(used, dtype=np.int64), minlength=len(head))


def _optimum(network: Network, fixed: Placing) -> tuple[Integers, tuple[tuple[int, ...], ...], Contest | None]:
    """The best flow; the prices of every stage; and the room to branch on, if the flow or its ties overfill any.

    `tail`, `head`, `capacity` and `x` are those of the live arcs alone, the ones that the stages so far leave open.
    """
    tail, head, capacity = network.tail, network.head, network.capacity
    supply = np.zeros(len(network.names), dtype=np.int64)
    supply[: network.pupils], supply[-1] = 1, -network.pupils
    units = x = _start(network, fixed)
    live, settled, prices = np.arange(len(units)), 0, []
    nothing = (0,) * len(supply)
    for stage, column in enumerate(network.columns):
        cost = column[live]
        if _costs_nothing(cost, x):
            prices.append(nothing)
        else:
            if stage >= settled:
                joined, settled = _joined(network, stage, live)
                x = units[live] = _solve(tail, head, capacity, joined, supply)
            d = _prices(len(supply), tail, head, cost, x > 0, x < capacity)
            prices.append(tuple(d.tolist()))
            cost += d[tail] - d[head]
            full = np.flatnonzero(cost < 0)
            np.subtract.at(supply, tail[full], capacity[full])
            np.add.at(supply, head[full], capacity[full])
        keep = np.flatnonzero(cost == 0)
        if len(keep) < len(live):
            tail, head, capacity, x, live = tail[keep], head[keep], capacity[keep], x[keep], live[keep]
    arcs, contest = live.tolist(), contested(network, units)
    if ties(network, units, live):
        units[live] = _solve(tail, head, capacity, np.array([_whim(network, j) for j in arcs]), supply)
        contest = contested(network, units)
        if contest is None:
            movers, contest = loose_ends(network, _placing(network, units), units, live)
            contest = None if movers else contest
    return units, tuple(prices), contest


def _costs_nothing(cost: Integers, x: Integers) -> bool:
    """Whether a flow is the best already, at prices of 0: nothing costs less than nothing, and what is used costs nothing."""
    return bool(cost.min(initial=0) >= 0 and not cost.dot(x))


def _joined(network: Network, stage: int, live: Integers) -> tuple[Integers, int]:
    """What the solver is asked for: this stage and as many of the next as fit, each so weighted that it outweighs the rest.

    Two flows are at most `pupils` times apart what a stage asks of two arcs, as every pupil pays once at a stage. The number
    of the first stage that did not fit comes with it. Many arcs are settled quicker one stage after the other.
    """
    if len(live) > FEW_ARCS or stage + 1 == len(network.columns):
        return network.columns[stage][live], stage + 1
    rows = network.columns[stage:].take(live, axis=1)
    steps, lows, highs = np.gcd.reduce(rows, axis=1).tolist(), rows.min(axis=1, initial=0).tolist(), rows.max(axis=1, initial=0).tolist()
    joined, size, most = rows[0], max(highs[0], -lows[0]), 2**60 // len(network.names) ** 2
    for n, row in enumerate(rows[1:], 1):
        step = max(1, steps[n])
        low, high = lows[n] // step, highs[n] // step
        weight = network.pupils * (high - low) + 1
        size = size * weight + max(high, -low)
        if size > most:
            return joined, stage + n
        joined *= weight
        joined += row // step if step > 1 else row
    return joined, len(network.columns)


def _solve(tail: Integers, head: Integers, capacity: Integers, cost: Integers, supply: Integers) -> Integers:
    """Units on each arc. Where pupils are few beside the doors, the solver is quicker if all is turned round, from the sink to them."""
    turned = 3 * np.count_nonzero(supply > 0) <= 2 * len(supply)
    if turned:
        last = len(supply) - 1
        tail, head, capacity, cost, supply = last - head[::-1], last - tail[::-1], capacity[::-1], cost[::-1], -supply[::-1]
    solver = SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(tail, head, capacity, cost)
    solver.set_nodes_supplies(np.arange(len(supply)), supply)
    status = solver.solve()
    if status != solver.OPTIMAL:
        raise PlacementError(f"The solver found no flow in a network that has one (status {status}). Nothing can be placed on it.")
    flows: Integers = solver.flows(arcs)
    return flows[::-1] if turned else flows


def _prices(nodes: int, tail: Integers, head: Integers, cost: Integers, used: Flags, spare: Flags) -> Integers:
    """Shortest distances in the residual graph, from a root that reaches every node at 0; arcs in use lead back, arcs with spare room on.

    Bellman-Ford, all that lead back at once and then all that lead on; where the flow is the best there is, no cycle is below
    zero, and no more rounds are needed than there are nodes.
    """
    leads_back, leads_on = np.flatnonzero(used), np.flatnonzero(spare)
    here, there, back = head[leads_back], tail[leads_back], cost[leads_back]
    before, behind, on = tail[leads_on], head[leads_on], cost[leads_on]
    d = np.zeros(nodes, dtype=np.int64)
    last = d.tobytes()
    for _ in range(nodes + 1):
        np.minimum.at(d, there, d[here] - back)
        np.minimum.at(d, behind, d[before] + on)
        now = d.tobytes()
        if now == last:
            return d
        last = now
    raise PlacementError("The solver's flow is not the best: something costs less. Nothing can be placed on it.")


def _whim(network: Network, j: int) -> int:
    """Which of several placings, equal by every objective, is shown: any will do, if only it does not depend on the solver."""
    if j >= network.pair_arcs:
        return 0
    pair = f"{network.names[network.ways[0][j]]}\n{network.option[j]}"
    return int.from_bytes(sha256(pair.encode()).digest()[:4])


def _placing(network: Network, x: Integers) -> dict[str, str]:
    """Referral -> URN of those whom the flow x places, in the order of the referrals."""
    used = np.flatnonzero(x[: network.pair_arcs])
    ways = zip(network.tail[used].tolist(), used.tolist(), strict=True)
    return {network.names[u]: option for u, j in ways if (option := network.option[j])}
