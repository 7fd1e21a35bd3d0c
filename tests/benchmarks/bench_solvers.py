"""A placement with its certificate beside the same chain of stages around other solvers, without one.

    make performance, for all of it, or python -m tests.benchmarks.bench_solvers

Every measurement is a process of its own, which makes the meeting anew: processor time, the middle of three turns; peak memory beyond
what the meeting itself takes. All must give the same placing. One that has not finished after `LIMIT` seconds of processor time
is stopped. `docs/performance.py` makes the page of it.
"""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from math import log
from pathlib import Path
from signal import SIGXCPU
from statistics import linear_regression
from time import process_time
from typing import Any, Final

from panel.placing.problem import Placing, Problem, Room, Share, Sum, Tally

CHECKOUT: Final = Path(__file__).resolve().parents[2]
LIMIT: Final = 30
"""Seconds of processor time for one placing."""

OURS: Final = "pastoral"
BARE: Final = "OR-tools"
FLOWS: Final = (OURS, BARE, "HiGHS", "networkx")
MATCHINGS: Final = (OURS, BARE, "scipy, sparse", "scipy, dense")
FAIRPYX: Final = "fairpyx"
SUMS: Final = (OURS, BARE, FAIRPYX)
CALLS: Final = "solver calls"
SIZES: Final = ((30, 28, 0), (100, 28, 0), (500, 150, 0), (2_000, 400, 0), (10_000, 3_000, 20))
"""Pupils, settings, and to how many each may go: 0 for nine in ten of all."""

NINE: Final = ((30, 28, 0), (100, 28, 0))
TABLES: Final = {"years": (SIZES, FLOWS), "settings": (SIZES, MATCHINGS), "nine": (NINE, (OURS, CALLS)), "sum": (SIZES[:4], SUMS)}
FAIRPYX_PYTHON: Final = Path(sys.prefix, "fairpyx", "bin", "python")
"""Where `make performance` installs it, if it can be."""
DENSE: Final = 2_000
"""A dense table for more pupils than this would take gigabytes."""


@dataclass(frozen=True, slots=True)
class Case:
    """`rooms`: `years` or `settings`, six stages with rooms for each year group or for everybody; `nine` is bench_placement's meeting.

    `sum` has the rooms of `settings`, and of its stages the first and the last: as many as possible, then one sum.
    """

    rooms: str
    pupils: int
    settings: int
    choices: int

    def problem(self) -> Problem:
        if self.rooms == "nine":
            from tests.benchmarks.bench_placement import meeting

            return meeting(self.pupils, self.settings)
        problem = six(self)
        if self.rooms == "sum":
            return replace(problem, objectives=(problem.objectives[0], problem.objectives[-1]))
        return problem


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of one run; bytes of memory at the most, beyond the meeting's; a digest of the placing; None: stopped."""

    seconds: float | None
    memory: int = 0
    digest: str = ""
    arcs: int = 0
    leaves: int = 0


def six(case: Case, seed: int = 1) -> Problem:
    """A meeting under six objectives: place, share, tier, preference, transport, lottery."""
    rng = random.Random(seed)
    referrals = tuple(f"R{n:05}" for n in range(case.pupils))
    urns = tuple(str(100000 + n) for n in range(case.settings))
    everybody, most = frozenset(referrals), 2 * max(1, case.pupils // case.settings)
    years = {p: rng.randint(7, 11) for p in referrals}
    whose = {f"pupils of year {y}": frozenset(p for p in referrals if years[p] == y) for y in range(7, 12)}
    if case.rooms != "years":
        whose = {"pupils": everybody}
    rooms = tuple(Room(s, name, of, rng.randint(0, most)) for s in urns for name, of in whose.items())
    eligible = {
        p: tuple(sorted(rng.sample(urns, case.choices)) if case.choices else [s for s in urns if rng.random() < 0.9]) for p in referrals
    }

    pairs = [(p, s) for p in referrals for s in eligible[p]]

    def cost(drawn: Callable[[], int]) -> dict[tuple[str, str], int]:
        """A table as `panel/deciding/weighing.py` makes it: all name a pair by the same tuple."""
        return {pair: drawn() for pair in pairs}

    objectives = (
        Sum("place", everybody, cost(lambda: 0), dict.fromkeys(referrals, 1)),
        Share("share", tuple(Tally(s, everybody, rng.randint(0, 6), rng.randint(500, 1800)) for s in urns)),
        Sum("tier", everybody, cost(lambda: rng.choice((1, 2, 2, 3))), dict.fromkeys(referrals, 3)),
        Sum("preference", everybody, cost(lambda: rng.choice((1, 2, 3, 4, 4, 4, 4))), dict.fromkeys(referrals, 4)),
        Sum("transport", everybody, cost(lambda: 65_000 * min(3, rng.randint(300, 20_000) // 4_828)), dict.fromkeys(referrals, 195_000)),
        Sum("lottery", everybody, cost(lambda: rng.randrange(2**30)), dict.fromkeys(referrals, 0)),
    )
    return Problem(referrals, urns, eligible, rooms, objectives)


Run = Callable[[Problem], Placing]


def runner(solver: str) -> Run:
    """What a solver does from the problem to the placing. It loads that solver only: two of them do not go into one process."""
    if solver == OURS:
        return with_certificate
    from tests.benchmarks import chains

    solve = {
        BARE: chains.with_ortools,
        "HiGHS": chains.with_highs,
        "networkx": chains.with_networkx,
        "scipy, sparse": chains.with_sparse_matcher,
        "scipy, dense": chains.with_dense_matcher,
    }[solver]
    arcs = chains.matching_arcs if solver.startswith("scipy") else chains.flow_arcs
    return lambda problem: chains.solved(arcs(problem), solve)


def with_certificate(problem: Problem) -> Placing:
    """Ours: the network, the placing and its check. Fails where another placing is as good, as then nobody need find the same."""
    from panel.placing.certificate import check
    from panel.placing.network import build
    from panel.placing.placement import place

    network = build(problem)
    found = place(problem, network)
    assert check(problem, found.placing, found.proof, network).unique
    return found.placing


def one(solver: str, case: Case, times: int) -> Measured:
    """A measurement, in this process."""
    if solver == CALLS:
        return _calls(case, times)
    run = runner(solver)
    run(six(Case("settings", 6, 4, 0)))
    problem = case.problem()
    before = peak()
    seconds, placing = timed(lambda: run(problem), times)
    return Measured(seconds, peak() - before, digest_of(placing), pairs_of(problem))


def digest_of(placing: Placing) -> str:
    return sha256(json.dumps(sorted(placing.items())).encode()).hexdigest()


def timed(run: Callable[[], Any], times: int) -> tuple[float, Any]:
    """Seconds of one run, of several in a row, as the processor's clock may tick no oftener than every few milliseconds."""
    start = process_time()
    resource.setrlimit(resource.RLIMIT_CPU, (int(start) + 1 + LIMIT * times, resource.RLIM_INFINITY))
    for _ in range(times):
        answer = run()
    taken = process_time() - start
    resource.setrlimit(resource.RLIMIT_CPU, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    return taken / times, answer


def pairs_of(problem: Problem) -> int:
    return sum(map(len, problem.eligible.values()))


def _calls(case: Case, times: int) -> Measured:
    """What is left of the placements of `bench_placement` if only their solver is called, on arrays made before."""
    from panel.placing.placement import place
    from panel.placing.proof import leaves
    from tests.benchmarks.bench_placement import bare, solver_calls

    problem = case.problem()
    found, calls = place(problem), solver_calls(problem)
    seconds, _ = timed(lambda: bare(calls), times)
    return Measured(seconds, 0, digest_of(found.placing), pairs_of(problem), leaves(found.proof))


def with_fairpyx(case: Case, times: int) -> str:
    """What the other environment is given. Of all placings that place as many, those of least cost are those of most value."""
    problem = case.problem()
    cost = next(objective.cost for objective in problem.objectives[1:] if isinstance(objective, Sum))
    values = {p: {s: 2**30 - cost[p, s] if (p, s) in cost else -1 for s in problem.settings} for p in problem.referrals}
    places = {room.setting: room.places for room in problem.rooms}
    return json.dumps({"values": values, "places": places, "times": times, "limit": LIMIT})


def peak() -> int:
    """The most memory that this process has had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def apart(solver: str, case: Case, times: int) -> Measured:
    """A measurement, in a process of its own."""
    numbers = (case.pupils, case.settings, case.choices, times)
    command = [sys.executable, "-m", "tests.benchmarks.bench_solvers", solver, case.rooms, *map(str, numbers)]
    given = None
    if solver == FAIRPYX:
        command, given = [str(FAIRPYX_PYTHON), "-m", "tests.benchmarks.with_fairpyx"], with_fairpyx(case, times)
    done = subprocess.run(command, cwd=CHECKOUT, input=given, stdout=subprocess.PIPE, check=False, text=True)
    if done.returncode == -SIGXCPU:
        return Measured(None)
    done.check_returncode()
    found = json.loads(done.stdout)
    return Measured(found["seconds"], found["memory"], digest_of(found["placing"])) if solver == FAIRPYX else Measured(**found)


def together(case: Case, solvers: tuple[str, ...]) -> dict[str, Measured]:
    """All solvers on one case, in turns; those that take seconds only once. Fails if two of them find different placings."""
    times = max(1, 200_000 // (case.pupils * (case.choices or case.settings)))
    found: dict[str, list[Measured]] = {}
    for turn in range(3):
        for solver in solvers:
            if turn and (solver not in found or _slow(found[solver][0])):
                continue
            if (solver == "scipy, dense" and case.pupils > DENSE) or (solver == FAIRPYX and not FAIRPYX_PYTHON.exists()):
                continue
            found.setdefault(solver, []).append(apart(solver, case, times if solver in {OURS, BARE, CALLS} else max(1, times // 20)))
    placings = {m.digest for all_turns in found.values() for m in all_turns if m.seconds is not None}
    assert len(placings) == 1, f"{case}: the solvers found {len(placings)} placings"
    return {solver: _middle(all_turns) for solver, all_turns in found.items()}


def _slow(measured: Measured) -> bool:
    return measured.seconds is None or measured.seconds > 5


def _middle(turns: list[Measured]) -> Measured:
    """The turn that took neither least nor most."""
    return sorted(turns, key=lambda m: m.seconds or 0)[len(turns) // 2]


Rows = list[tuple[Case, dict[str, Measured]]]


def measured(rooms: str, most: int = 10_000) -> Iterator[tuple[Case, dict[str, Measured]]]:
    """One row after the other, those of at most so many pupils."""
    sizes, solvers = TABLES[rooms]
    for size in sizes:
        case = Case(rooms, *size)
        if case.pupils <= most:
            yield case, together(case, solvers)


def growth(rows: Rows, solver: str) -> float | None:
    """The exponent e of time = c * arcs**e that fits best; None where there are fewer than three sizes."""
    points = [(log(row[OURS].arcs), log(m.seconds)) for _, row in rows if (m := row.get(solver)) and m.seconds]
    return linear_regression(*zip(*points, strict=True)).slope if len(points) > 2 else None


def main() -> None:
    if len(sys.argv) > 1:
        solver, rooms, pupils, settings, choices, times = sys.argv[1:]
        found = one(solver, Case(rooms, int(pupils), int(settings), int(choices)), int(times))
        print(json.dumps({name: getattr(found, name) for name in Measured.__slots__}))
        return
    print("milliseconds, megabytes; up to 500 pupils: `make performance` takes larger meetings too")
    for rooms in TABLES:
        for case, row in measured(rooms, 500):
            print(f"{case.pupils} x {case.settings}, {rooms}", flush=True)
            for solver, m in row.items():
                told = "stopped" if m.seconds is None else f"{1000 * m.seconds:10.1f}{m.memory / 2**20:8.0f}"
                print(f"    {solver:16}{told}", flush=True)


if __name__ == "__main__":
    main()
