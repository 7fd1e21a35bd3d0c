"""The same answers without a proof: the chain of stages that somebody would write who wants only the placing, around any solver.

It takes problems whose rooms at a setting do not overlap and whose share counts everybody, and knows nothing of
panel/placing/network.py, panel/placing/placement.py or the certificate. Stage by stage: solve, find node potentials, keep the arcs that
every optimum leaves open.

    flows      pupil -> (setting, whom a room speaks of) -> setting -> one arc for each place -> sink; pupil -> sink
    matchings  pupil -> one node for each place -> sink, and a node of its own for each pupil who stays unplaced; this way
               only rooms for everybody at a setting can be said
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain, repeat

import numpy as np
from numpy.typing import NDArray

from panel.placing.problem import Problem, Share, Sum

Numbers = NDArray[np.int64]

Solver = Callable[[Numbers, Numbers, Numbers, Numbers, Numbers], Numbers]
"""Tail, head, capacity and cost of each arc, supply of each node -> units on each arc."""

REQUIRED = 2**44
"""What a matching is rewarded with for a place that must be taken: more than a stage can cost, small enough for floats to be exact."""


@dataclass(frozen=True, slots=True)
class Arcs:
    """One row of `columns` per stage. The arcs in `pair` are the eligible pairs, as `choice` names them; the last node is the sink."""

    tail: Numbers
    head: Numbers
    capacity: Numbers
    supply: Numbers
    columns: list[Numbers]
    pair: slice
    choice: list[tuple[str, str]]


def solved(arcs: Arcs, solve: Solver) -> dict[str, str]:
    """The placing that is best stage after stage."""
    tail, head, capacity, supply = arcs.tail, arcs.head, arcs.capacity, arcs.supply.copy()
    live = np.arange(len(tail))
    units = np.zeros(len(tail), dtype=np.int64)
    for column in arcs.columns:
        cost = column[live]
        if not cost.any():
            continue
        x = units[live] = solve(tail, head, capacity, cost, supply)
        price = potentials(len(supply), tail, head, cost, x > 0, x < capacity)
        reduced = cost + price[tail] - price[head]
        full = reduced < 0
        np.subtract.at(supply, tail[full], capacity[full])
        np.add.at(supply, head[full], capacity[full])
        tail, head, capacity, live = (numbers[reduced == 0] for numbers in (tail, head, capacity, live))
    return dict(arcs.choice[j] for j in np.flatnonzero(units[arcs.pair]).tolist())


def potentials(nodes: int, tail: Numbers, head: Numbers, cost: Numbers, used: NDArray[np.bool_], spare: NDArray[np.bool_]) -> Numbers:
    """Bellman and Ford's, on the residual graph, all arcs at once."""
    here, there = np.concatenate((tail[spare], head[used])), np.concatenate((head[spare], tail[used]))
    length = np.concatenate((cost[spare], -cost[used]))
    distance = np.zeros(nodes, dtype=np.int64)
    while True:
        before = distance.copy()
        np.minimum.at(distance, there, before[here] + length)
        if np.array_equal(distance, before):
            return distance


def flow_arcs(problem: Problem) -> Arcs:
    """The arrays of a flow."""
    pupils, settings = len(problem.referrals), {s: n for n, s in enumerate(problem.settings)}
    sets = list({room.of for room in problem.rooms})
    spoken = {p: n for n, of in enumerate(sets) for p in of}
    gate: list[dict[str, int]] = [{} for _ in sets]
    for node, room in enumerate(problem.rooms, pupils + len(settings)):
        gate[sets.index(room.of)][room.setting] = node
    row = [problem.eligible[p] for p in problem.referrals]
    pairs = [(p, s) for p, there in zip(problem.referrals, row, strict=True) for s in there]
    outer = np.array([pupils + settings[room.setting] for room in problem.rooms], dtype=np.int64)
    places = np.array([max(0, room.places) for room in problem.rooms], dtype=np.int64)
    most = np.bincount(outer - pupils, places, len(settings)).astype(np.int64)
    one, sink = np.ones(pupils, dtype=np.int64), pupils + len(settings) + len(outer)
    tail = (
        np.arange(pupils),
        np.repeat(np.arange(pupils), [len(there) for there in row]),
        np.arange(pupils + len(settings), sink),
        pupils + np.repeat(np.arange(len(settings)), most),
    )
    entered = chain.from_iterable(map(gate[spoken[p]].__getitem__, there) for p, there in zip(problem.referrals, row, strict=True))
    head = (one * sink, np.fromiter(entered, np.int64, len(pairs)), outer, np.full(len(tail[3]), sink))
    capacity = (one, np.ones(len(pairs), dtype=np.int64), places, np.ones(len(tail[3]), dtype=np.int64))
    behind = np.zeros(len(outer), dtype=np.int64)
    return Arcs(
        np.concatenate(tail),
        np.concatenate(head),
        np.concatenate(capacity),
        np.concatenate((one, np.zeros(sink - pupils, dtype=np.int64), [-pupils])),
        [np.concatenate((*sums, behind, ranks)) for sums, ranks in _costs(problem, pairs, most)],
        slice(pupils, pupils + len(pairs)),
        pairs,
    )


def matching_arcs(problem: Problem) -> Arcs:
    """The arrays of a matching, each place of a setting a node of its own."""
    pupils, settings = len(problem.referrals), {s: n for n, s in enumerate(problem.settings)}
    row = [problem.eligible[p] for p in problem.referrals]
    pairs = [(p, s) for p, there in zip(problem.referrals, row, strict=True) for s in there]
    most = np.zeros(len(settings), dtype=np.int64)
    for room in problem.rooms:
        most[settings[room.setting]] = max(0, room.places)
    which = np.fromiter((settings[s] for _, s in pairs), np.int64, len(pairs))
    times = most[which]
    first = 2 * pupils + np.cumsum(most) - most
    place = np.repeat(first[which], times) + np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
    sink = 2 * pupils + int(most.sum())
    tails = np.repeat(np.arange(pupils), [len(there) for there in row])
    tail = np.concatenate((np.arange(pupils), np.repeat(tails, times), np.arange(pupils, sink)))
    spare = np.zeros(pupils, dtype=np.int64)
    return Arcs(
        tail,
        np.concatenate((np.arange(pupils, 2 * pupils), place, np.full(sink - pupils, sink))),
        np.ones(len(tail), dtype=np.int64),
        np.concatenate((np.ones(pupils, dtype=np.int64), np.zeros(sink - pupils, dtype=np.int64), [-pupils])),
        [np.concatenate((left, np.repeat(cost, times), spare, ranks)) for (left, cost), ranks in _costs(problem, pairs, most)],
        slice(pupils, pupils + len(place)),
        list(chain.from_iterable(map(repeat, pairs, times.tolist()))),
    )


def _costs(problem: Problem, pairs: list[tuple[str, str]], most: Numbers) -> list[tuple[tuple[Numbers, Numbers], Numbers]]:
    """What each stage asks of staying unplaced and of each pair; and of each place."""
    nothing = np.zeros(len(problem.referrals), dtype=np.int64), np.zeros(len(pairs), dtype=np.int64)
    costs = []
    for objective in problem.objectives:
        if isinstance(objective, Sum):
            left = np.array([objective.unplaced[p] for p in problem.referrals], dtype=np.int64)
            pair = np.fromiter(map(objective.cost.__getitem__, pairs), np.int64, len(pairs))
            costs.append(((left, pair), np.zeros(most.sum(), dtype=np.int64)))
        elif isinstance(objective, Share):
            costs.append((nothing, _ranks(problem, objective, most)))
    return costs


def _ranks(problem: Problem, share: Share, most: Numbers) -> Numbers:
    """The rank of each place by the ratio after it, then by the ratio before it, highest first, in whole numbers of 2**-26."""
    tally = {tally.setting: tally for tally in share.tallies}
    load = np.repeat([tally[s].already for s in problem.settings], most)
    of = np.repeat([tally[s].against for s in problem.settings], most)
    load += np.arange(len(load)) - np.repeat(np.cumsum(most) - most, most)
    levels = np.stack(((load + 1 << 26) // of, -((load << 26) // of)))
    return np.unique(levels, axis=1, return_inverse=True)[1].ravel() + 1


def with_ortools(tail: Numbers, head: Numbers, capacity: Numbers, cost: Numbers, supply: Numbers) -> Numbers:
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

    solver = SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(tail, head, capacity, cost)
    solver.set_nodes_supplies(np.arange(len(supply)), supply)
    assert solver.solve() == solver.OPTIMAL
    flows: Numbers = solver.flows(arcs)
    return flows


def with_highs(tail: Numbers, head: Numbers, capacity: Numbers, cost: Numbers, supply: Numbers) -> Numbers:
    """As a linear program: its corners are whole numbers."""
    import highspy

    arcs = len(tail)
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = arcs, len(supply)
    program.col_cost_ = cost.astype(float)
    program.col_lower_, program.col_upper_ = np.zeros(arcs), capacity.astype(float)
    program.row_lower_ = program.row_upper_ = supply.astype(float)
    matrix = program.a_matrix_
    matrix.format_ = highspy.MatrixFormat.kColwise
    matrix.start_ = 2 * np.arange(arcs + 1)
    matrix.index_ = np.stack((tail, head), axis=1).ravel()
    matrix.value_ = np.tile([1.0, -1.0], arcs)
    solver = highspy.Highs()
    solver.silent()
    solver.passModel(program)
    solver.run()
    assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    corner: NDArray[np.float64] = np.array(solver.getSolution().col_value)
    return np.rint(corner).astype(np.int64)


def with_networkx(tail: Numbers, head: Numbers, capacity: Numbers, cost: Numbers, supply: Numbers) -> Numbers:
    import networkx as nx

    graph = nx.MultiDiGraph()
    graph.add_nodes_from((node, {"demand": -units}) for node, units in enumerate(supply.tolist()))
    listed = zip(*(numbers.tolist() for numbers in (tail, head, capacity, cost)), strict=True)
    graph.add_edges_from((u, v, j, {"capacity": most, "weight": price}) for j, (u, v, most, price) in enumerate(listed))
    _, flow = nx.network_simplex(graph)
    x = np.zeros(len(tail), dtype=np.int64)
    for row in flow.values():
        for arcs in row.values():
            x[list(arcs)] = list(arcs.values())
    return x


Match = Callable[[Numbers, Numbers, NDArray[np.float64]], tuple[Numbers, Numbers]]
"""Row, column and weight of each arc -> the rows and columns that are matched."""


def with_sparse_matcher(tail: Numbers, head: Numbers, capacity: Numbers, cost: Numbers, supply: Numbers) -> Numbers:
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    def match(row: Numbers, column: Numbers, weight: NDArray[np.float64]) -> tuple[Numbers, Numbers]:
        found: tuple[Numbers, Numbers] = min_weight_full_bipartite_matching(csr_array((weight - weight.min() + 1, (row, column))))
        return found

    return _matched(match, tail, head, cost, supply)


def with_dense_matcher(tail: Numbers, head: Numbers, capacity: Numbers, cost: Numbers, supply: Numbers) -> Numbers:
    from scipy.optimize import linear_sum_assignment

    def match(row: Numbers, column: Numbers, weight: NDArray[np.float64]) -> tuple[Numbers, Numbers]:
        table = np.full((row.max() + 1, column.max() + 1), np.inf)
        table[row, column] = weight
        found: tuple[Numbers, Numbers] = linear_sum_assignment(table)
        return found

    return _matched(match, tail, head, cost, supply)


def _matched(match: Match, tail: Numbers, head: Numbers, cost: Numbers, supply: Numbers) -> Numbers:
    """What is open of the pupils' arcs as a matching; the arcs to the sink follow from it."""
    sink = len(supply) - 1
    last = head == sink
    room, behind = -supply, np.zeros(len(supply), dtype=np.int64)
    room[tail[last]] += 1
    behind[tail[last]] = cost[last]
    arcs = np.flatnonzero(~last & (supply[tail] > 0) & (room[head] > 0))
    x = np.zeros(len(tail), dtype=np.int64)
    if len(arcs):
        row, column = (np.unique(nodes[arcs], return_inverse=True)[1] for nodes in (tail, head))
        weight = (cost + behind[head] - REQUIRED * (supply[head] < 0))[arcs]
        rows, columns = match(row, column, weight.astype(float))
        x[arcs[np.isin(row * (column.max() + 1) + column, rows.astype(np.int64) * (column.max() + 1) + columns)]] = 1
    into = supply + np.bincount(head, x, len(supply)).astype(np.int64)
    x[last] = into[tail[last]]
    return x
