"""How long a placement with its certificate takes, beside the bare solver calls on the same stage networks.

    python -m tests.benchmarks.bench_placement

The bare chain is every call of the solver that the placement makes, with its arrays prebuilt and nothing else. Medians
of one run on one core; only the ratios compare between machines.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from statistics import median
from time import process_time

import numpy as np
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from panel import placement
from panel.certificate import check
from panel.network import build
from panel.placement import place
from panel.problem import Problem, Quota, Share, Sum
from panel.rivals import Rivals

SIZES = ((30, 28, 200), (100, 28, 60), (500, 150, 7))


def meeting(pupils: int, settings: int, seed: int = 1) -> Problem:
    """A meeting as panels know it: five year groups, a third of the pupils permanently excluded, schools of unequal roll, scarce places."""
    rng = random.Random(seed)
    referrals = tuple(f"R{n:05}" for n in range(pupils))
    urns = tuple(str(100000 + n) for n in range(settings))
    everybody, excluded = frozenset(referrals), frozenset(p for p in referrals if rng.random() < 0.35)
    scale = 1 + pupils // (2 * settings)
    pairs = [(p, s) for p in referrals for s in urns]
    eligible = {p: tuple(s for s in urns if rng.random() < 0.9) for p in referrals}
    zero = dict.fromkeys(referrals, 0)
    metres = {pair: rng.randint(300, 20_000) for pair in pairs}
    ranks = {(p, s): n for p in referrals for n, s in enumerate(rng.sample(urns, settings), 1)}
    roll = {s: rng.randint(500, 1800) for s in urns}
    objectives = (
        Sum("place", everybody, dict.fromkeys(pairs, 0), dict.fromkeys(referrals, 1)),
        Quota("two a year", excluded, {s: rng.randint(0, 2) for s in urns}, 2 * scale),
        Share("fair share", everybody, {s: rng.randint(0, 6) for s in urns}, roll),
        Sum("preference", everybody, ranks, dict.fromkeys(referrals, settings)),
        Sum("journey", everybody, metres, {p: max(metres[p, s] for s in urns) for p in referrals}),
        Sum("lottery", everybody, {pair: rng.randrange(2**30) for pair in pairs}, zero),
    )
    years = {p: rng.randint(7, 11) for p in referrals}
    room = {(s, y): rng.randint(0, 4) * scale for s in urns for y in range(7, 12)}
    open_to = {p: tuple(s for s in eligible[p] if room[s, years[p]]) for p in referrals}
    return Problem(referrals, urns, years, open_to, room, {}, objectives)


def solver_calls(problem: Problem) -> list[tuple[np.ndarray, ...]]:  # type: ignore[type-arg]
    """The arrays of every solver call that placing the problem makes."""
    calls: list[tuple[np.ndarray, ...]] = []  # type: ignore[type-arg]

    class Recorded(SimpleMinCostFlow):
        def add_arcs_with_capacity_and_unit_cost(self, *arrays: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
            self.arrays = tuple(array.copy() for array in arrays)
            return super().add_arcs_with_capacity_and_unit_cost(*arrays)

        def set_nodes_supplies(self, *arrays: np.ndarray) -> None:  # type: ignore[type-arg]
            calls.append(self.arrays + tuple(array.copy() for array in arrays))
            super().set_nodes_supplies(*arrays)

    placement.SimpleMinCostFlow = Recorded
    place(problem)
    placement.SimpleMinCostFlow = SimpleMinCostFlow
    return calls


def bare(calls: list[tuple[np.ndarray, ...]]) -> None:  # type: ignore[type-arg]
    for tail, head, capacity, cost, nodes, supply in calls:
        solver = SimpleMinCostFlow()
        solver.add_arcs_with_capacity_and_unit_cost(tail, head, capacity, cost)
        solver.set_nodes_supplies(nodes, supply)
        solver.solve()
        solver.flows(np.arange(len(tail)))


def main() -> None:
    print(f"{'':10}{'calls':>6}{'leaves':>7}{'bare':>10}{'build':>10}{'place':>10}{'check':>10}{'place+check':>13}{'ratio':>7}{'rivals':>10}  ms")
    for pupils, settings, times in SIZES:
        problem = meeting(pupils, settings)
        calls = solver_calls(problem)
        found = place(problem)
        leaves = check(problem, found.placing, found.proof).leaves
        timed: dict[str, list[float]] = {}
        steps: dict[str, Callable[[], object]] = {
            "bare": lambda: bare(calls),
            "build": lambda: build(problem),
            "place": lambda: place(problem),
            "check": lambda: check(problem, found.placing, found.proof),
        }
        for _ in range(times):
            for name, step in steps.items():
                start = process_time()
                step()
                timed.setdefault(name, []).append(1000 * (process_time() - start))
        start = process_time()
        if pupils <= 30:
            Rivals(problem, found).all()
        rivals = 1000 * (process_time() - start)
        b, n, p, c = (median(timed[name]) for name in steps)
        print(f"{pupils:4} x {settings:<3}{len(calls):6}{leaves:7}{b:10.3f}{n:10.3f}{p:10.3f}{c:10.3f}{p + c:13.3f}{(p + c) / b:7.2f}{rivals:10.1f}")


if __name__ == "__main__":
    main()
