"""How long a placement with its certificate takes, beside the bare solver calls on the same stage networks.

    python -m tests.benchmarks.bench_placement

The bare chain is what is left of a placement when nobody asks for proof: for the stage network of every leaf at which
anything costs anything, whether the placement called the solver there or settled several stages at once, a solver is
made, given its arcs and supplies, solved and its flows read. Its arrays, reduced to the best face of the stages before,
are prebuilt and cost it nothing. `both` is placing and checking on a network built beforehand, `all` builds it too,
once. `whys` are all first objectives that get worse, for every rival of the meeting, its network built anew. Processor
time, medians of one run, the steps taking turns; only the ratios compare between machines.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from statistics import median
from time import process_time
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from panel.placing import placement
from panel.placing.certificate import check
from panel.placing.network import Network, build
from panel.placing.placement import place
from panel.placing.problem import Problem, Quota, Room, Share, Sum, Tally
from panel.placing.rivals import Rivals

Numbers = NDArray[np.int64]

SIZES = ((30, 28, 200), (100, 28, 60), (500, 150, 5))


def meeting(pupils: int, settings: int, seed: int = 1) -> Problem:
    """A meeting under the objectives of the Shire11 book, all nine of them.

    Five year groups, a third of the pupils permanently excluded, three named schools each, schools of unequal roll,
    up to four places in each year group, transport beyond three miles in three bands.
    """
    rng = random.Random(seed)
    referrals = tuple(f"R{n:05}" for n in range(pupils))
    urns = tuple(str(100000 + n) for n in range(settings))
    everybody, excluded = frozenset(referrals), frozenset(p for p in referrals if rng.random() < 0.35)
    scale = max(1, pupils // settings)
    pairs = [(p, s) for p in referrals for s in urns]
    zero, free = dict.fromkeys(referrals, 0), dict.fromkeys(pairs, 0)
    pence = {pair: 65_000 * min(3, rng.randint(300, 20_000) // 4_828) for pair in pairs}
    named = {(p, s): n for p in referrals for n, s in enumerate(rng.sample(urns, 3), 1)}
    years = {p: rng.randint(7, 11) for p in referrals}
    room = {(s, y): rng.randint(0, 4) * scale for s in urns for y in range(7, 12)}

    def numbers(least: int, most: int) -> list[int]:
        return [rng.randint(least, most) for _ in urns]

    counted = zip(urns, numbers(0, 6), numbers(500, 1800), strict=True)
    objectives = (
        Sum("place", everybody, free, dict.fromkeys(referrals, 1)),
        Sum("waiting", everybody, free, {p: rng.randint(0, 60) for p in referrals}),
        Quota("quota", tuple(Tally(s, excluded, rng.randint(0, 2), 2 * scale) for s in urns)),
        Share("share", tuple(Tally(s, everybody, load, roll) for s, load, roll in counted)),
        Sum("tier", everybody, {pair: rng.choice((1, 2, 2, 3)) for pair in pairs}, dict.fromkeys(referrals, 3)),
        Sum("preference", everybody, {pair: named.get(pair, 4) for pair in pairs}, dict.fromkeys(referrals, 4)),
        Sum("transport", everybody, pence, dict.fromkeys(referrals, 195_000)),
        Sum("ticket", everybody, free, {p: rng.randrange(2**30) for p in referrals}),
        Sum("lottery", everybody, {pair: rng.randrange(2**30) for pair in pairs}, zero),
    )
    eligible = {p: tuple(s for s in urns if room[s, years[p]] and rng.random() < 0.9) for p in referrals}
    inside = {y: frozenset(p for p, year in years.items() if year == y) for y in range(7, 12)}
    rooms = tuple(Room(s, f"pupils of year {y}", inside[y], places) for (s, y), places in room.items())
    return Problem(referrals, urns, eligible, rooms, objectives)


def solver_calls(problem: Problem) -> list[tuple[Numbers, ...]]:
    """The arrays of the bare chain: what the solver is given at every stage at which anything costs anything, none skipped."""
    calls: list[tuple[Numbers, ...]] = []
    solve = placement._solve

    def recorded(tail: Numbers, head: Numbers, capacity: Numbers, cost: Numbers, supply: Numbers) -> Numbers:
        calls.append((tail, head, capacity, cost, supply.copy()))
        return solve(tail, head, capacity, cost, supply)

    def never_skipped(cost: Numbers, x: Numbers) -> bool:
        return not cost.any() or not len(x)

    def one_by_one(network: Network, stage: int, live: Numbers) -> tuple[Numbers, int]:
        return network.columns[stage][live], stage + 1

    with patch.multiple(placement, _solve=recorded, _costs_nothing=never_skipped, _joined=one_by_one):
        place(problem)
    return calls


def bare(calls: list[tuple[Numbers, ...]]) -> None:
    for tail, head, capacity, cost, supply in calls:
        solver = SimpleMinCostFlow()
        arcs = solver.add_arcs_with_capacity_and_unit_cost(tail, head, capacity, cost)
        solver.set_nodes_supplies(np.arange(len(supply)), supply)
        solver.solve()
        solver.flows(arcs)


def measured(pupils: int, settings: int, times: int) -> str:
    problem = meeting(pupils, settings)
    network, calls, found = build(problem), solver_calls(problem), place(problem)
    leaves = check(problem, found.placing, found.proof).leaves
    steps: dict[str, Callable[[], object]] = {
        "bare": lambda: bare(calls),
        "build": lambda: build(problem),
        "place": lambda: place(problem, network),
        "check": lambda: check(problem, found.placing, found.proof, network),
    }
    taken: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(times):
        for name, step in steps.items():
            start = process_time()
            step()
            taken[name].append(1000 * (process_time() - start))
    solver, building, placing, checking = (median(taken[name]) for name in steps)
    start = process_time()
    rivals = Rivals(problem, found)
    for referral in problem.referrals:
        rivals.first_worse(referral)
    whys = 1000 * (process_time() - start)
    ratio, whole = (placing + checking) / solver, (building + placing + checking) / solver
    return (
        f"{pupils:4} x {settings:<4}{len(calls):6}{leaves:8}{solver:9.2f}{building:9.2f}{placing:9.2f}{checking:9.2f}"
        f"{placing + checking:10.2f}{ratio:7.2f}{building + placing + checking:9.2f}{whole:7.2f}{whys:10.1f}"
    )


def main() -> None:
    print("milliseconds, medians; ratios to the bare solver calls")
    print("           calls  leaves     bare    build    place    check      both  ratio      all  ratio      whys")
    for size in SIZES:
        print(measured(*size))


if __name__ == "__main__":
    main()
