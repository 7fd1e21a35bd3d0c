"""The network that a problem becomes: what its tables say, in whatever order they say it; and the ties on it, judged plainly."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from panel.placing.certificate import check
from panel.placing.face import flow, kept, ties
from panel.placing.network import Network, build
from panel.placing.placement import place
from panel.placing.problem import Objective, Problem, Room, Sum
from panel.placing.proof import Leaf
from tests import brute
from tests.benchmarks import chains
from tests.benchmarks.bench_solvers import Case, six

Costs = Mapping[tuple[str, str], int]


def told_by(problem: Problem, order: Callable[[list[tuple[str, str]]], list[tuple[str, str]]]) -> Problem:
    """The same with the pair costs of every sum cut to the eligible pairs of those it counts, in another order."""

    def reordered(objective: Objective) -> Objective:
        if not isinstance(objective, Sum):
            return objective
        pairs = [(p, s) for p in problem.referrals if p in objective.of for s in problem.eligible[p]]
        return replace(objective, cost={pair: objective.cost[pair] for pair in order(pairs)})

    return replace(problem, objectives=tuple(map(reordered, problem.objectives)))


def alike(one: Network, other: Network) -> bool:
    return one.option == other.option and one.first == other.first and (one.columns == other.columns).all()


def test_the_order_of_a_cost_table_changes_nothing() -> None:
    """In the order of the pairs, backwards, in disorder, and with pairs that nobody asks about."""
    rng = random.Random(3)
    subsets = 0
    for _ in range(200):
        problem = brute.random_problem(rng)
        whole = build(problem)
        for order in (list, lambda pairs: pairs[::-1], lambda pairs: rng.sample(pairs, len(pairs))):
            assert alike(build(told_by(problem, order)), whole), problem
        subsets += any(isinstance(o, Sum) and 0 < len(o.of) < len(problem.referrals) for o in problem.objectives)
    assert subsets > 20


def test_each_arc_costs_what_its_pair_does() -> None:
    """p counts with 3 at a and 5 at b, and 7 unplaced; q is not counted; r is fixed at b and has no way to stay."""
    cost = {("r", "b"): 9, ("p", "a"): 3, ("p", "b"): 5}
    counted = Sum("metres", frozenset("pr"), cost, {"p": 7, "r": 8})
    problem = Problem(("p", "q", "r"), ("a", "b"), {"p": ("a", "b"), "q": ("b",), "r": ("b",)}, (), (counted,), {"r": "b"})
    network = build(problem)
    assert network.option == ("", "a", "b", "", "b", "b")
    assert network.columns[0, :6].tolist() == [7, 3, 5, 0, 0, 9]
    assert network.first[:4] == (0, 3, 5, 6)


def test_a_pair_without_a_cost_is_never_free() -> None:
    problem = Problem(("p",), ("a",), {"p": ("a",)}, (), (Sum("metres", frozenset("p"), {}, {"p": 7}),))
    with pytest.raises(KeyError, match="'p', 'a'"):
        build(problem)


def reached(network: Network, x: list[int], arcs: list[int], start: int) -> set[int]:
    """Where one more unit, or one less, can go from a node, by kept arcs."""
    tail, head, capacity = network.ways
    found, queue = {start}, [start]
    while queue:
        u = queue.pop()
        for j in arcs:
            v = head[j] if tail[j] == u and x[j] < capacity[j] else tail[j] if head[j] == u and x[j] else u
            if v not in found:
                found.add(v)
                queue.append(v)
    return found


def test_ties_are_the_unused_pairs_from_whose_end_a_way_leads_back() -> None:
    rng = random.Random(13)
    tied = bound = 0
    while tied < 60:
        problem = replace(brute.random_problem(rng, lottery=False), fixed={})
        found = place(problem)
        if not isinstance(found.proof, Leaf):
            continue
        network = build(problem)
        x = flow(network, found.placing)
        live = kept(network, x, found.proof.prices)
        arcs = live.tolist()
        tail, head, _ = network.ways
        wanted = [j for j in arcs if j < network.pair_arcs and not x[j] and tail[j] in reached(network, x.tolist(), arcs, head[j])]
        assert ties(network, x, live) == wanted
        tied += bool(wanted)
        bound += not wanted
    assert bound > 5


def test_a_way_from_one_tie_to_another_is_none_itself() -> None:
    """p and q may swap at a and b, r and s at c and d. t is at c and may go to a as well; but a and b are full of p and q."""
    eligible = {"p": ("a", "b"), "q": ("a", "b"), "r": ("c", "d"), "s": ("c", "d"), "t": ("a", "c")}
    everybody, seats = frozenset(eligible), {"a": 1, "b": 1, "c": 2, "d": 1}
    rooms = tuple(Room(s, "pupils", everybody, places) for s, places in seats.items())
    free = {(p, s): 0 for p, row in eligible.items() for s in row}
    problem = Problem(tuple(eligible), tuple(seats), eligible, rooms, (Sum("place", everybody, free, dict.fromkeys(eligible, 1)),))
    found = place(problem)
    assert check(problem, found.placing, found.proof).tied == ("p", "q", "r", "s")


@pytest.mark.parametrize("rooms", ["years", "settings"])
def test_the_chain_without_a_proof_finds_the_same(rooms: str) -> None:
    """Two builders of two networks, one of them without any of this program's own code."""
    for seed in range(12):
        problem = six(Case(rooms, 12, 5, 0), seed)
        assert chains.solved(chains.flow_arcs(problem), chains.with_ortools) == place(problem).placing
