"""Writes docs/performance.md by measuring: `make performance`. It takes minutes, and no test asks whether it is up to date."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks.bench_solvers import BARE, CALLS, FLOWS, LIMIT, MATCHINGS, OURS, Case, Measured, Rows, growth, measured

PAGE = Path(__file__).with_name("performance.md")

LIBRARIES = ("ortools", "highspy", "networkx", "scipy", "numpy")

BEGINNING = f"""# Performance

Written by `make performance`, which measures it anew; figures are of one run on one machine, and only ratios compare
between machines. {{machine}}

**pastoral** makes the network of a meeting, places, and checks the certificate: that the placing is lawful, that none is
better, and that no other is as good. The others give the placing alone: the chain of stages that somebody would write
who needs no proof (`tests/benchmarks/chains.py`), around another solver each time. All find the same placing, or the run fails.

Every measurement is a process of its own, the solvers taking turns; seconds of the processor, the middle of three turns
(of one, where a turn takes more than five seconds). One that had not finished after {LIMIT} seconds was stopped.
Six objectives: place, share, tier, preference, transport, lottery. Nine in ten pairs are open; of 10,000 pupils each may
go to 20 settings. The growth is the exponent e of *time = c · pairs^e* that fits a column best.
"""

YEARS = """## Room for each year group

As panels have it. In multiples of the bare OR-tools chain; below, memory at the peak, beyond what the meeting itself takes.
"""

SETTINGS = """## Room for everybody at a setting

All that a matcher can express: each place a column of its own. scipy's matchers find no prices, so the chain around them
finds them as it does for the others.
"""

NINE = """## Nine objectives and a quota

With a quota that counts only excluded pupils, a year group's room is shared between two kinds that are counted apart,
which is no flow: the proof branches, and the chains above cannot say it. So the measure is the solver calls alone, all
of the proof's leaves and stages, on arrays made before.
"""

FAIRPYX = """## Not in the tables

fairpyx asks for NumPy below 2, which pastoral has left behind, so the two cannot be installed together. It takes pupils of capacity 1
and settings (or year groups of settings) with capacities, and maximises one sum of values: a single stage, for which
it calls networkx. Objectives in order, loads levelled at the schools, and what staying unplaced costs would all have to
be built around it, as here around networkx.
"""


def machine() -> str:
    """The processor, cores, memory, Python and libraries; no name and no path."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines() if Path("/proc/cpuinfo").exists() else []
    processor = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return f"This one: {processor}, {os.cpu_count()} cores, {gigabytes:.0f} GB; Python {platform.python_version()}, {libraries}."


def table(head: list[str], rows: list[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---", *["---:"] * (len(head) - 1)], *rows)) + "\n"


def size(case: Case) -> str:
    return f"{case.pupils:,} x {case.settings:,}"


def ratio(measured: Measured | None, bare: float | None) -> str:
    if measured is None:
        return "not tried"
    if bare is None:
        return "-"
    return f"stopped, beyond {LIMIT / bare:.0f}" if measured.seconds is None else f"{measured.seconds / bare:.2f}"


def milliseconds(measured: Measured) -> str:
    return "stopped" if measured.seconds is None else f"{1000 * measured.seconds:,.{0 if measured.seconds > 0.1 else 1}f}"


def times(rows: Rows, solvers: tuple[str, ...]) -> str:
    """How long each takes, in multiples of the bare chain, and how that grows."""
    others = [solver for solver in solvers if solver != BARE]
    lines = [
        [
            size(case),
            f"{row[OURS].arcs:,}",
            milliseconds(row[OURS]),
            milliseconds(row[BARE]),
            *[ratio(row.get(solver), row[BARE].seconds) for solver in others],
        ]
        for case, row in rows
    ]
    grows = {solver: "-" if (e := growth(rows, solver)) is None else f"{e:.2f}" for solver in solvers}
    lines.append(["growth", "", grows[OURS], grows[BARE], *[grows[solver] if solver != OURS else "" for solver in others]])
    return table(["pupils x settings", "pairs", f"{OURS}, ms", f"{BARE}, ms", *others], lines)


def memory(rows: Rows, solvers: tuple[str, ...]) -> str:
    """Megabytes at the peak."""

    def megabytes(measured: Measured | None) -> str:
        return "-" if measured is None or measured.seconds is None else f"{measured.memory / 2**20:,.0f}"

    lines = [[size(case), *[megabytes(row.get(solver)) for solver in solvers]] for case, row in rows]
    return table(["megabytes", *solvers], lines)


def nine(rows: Rows) -> str:
    lines = [
        [
            size(case),
            f"{row[OURS].arcs:,}",
            str(row[CALLS].leaves),
            *[milliseconds(row[solver]) for solver in (OURS, CALLS)],
            ratio(row[OURS], row[CALLS].seconds),
        ]
        for case, row in rows
    ]
    return table(["pupils x settings", "pairs", "leaves", f"{OURS}, ms", f"{CALLS}, ms", "ratio"], lines)


def page() -> str:
    """The text of docs/performance.md."""
    years, settings = list(measured("years")), list(measured("settings"))
    parts = [
        BEGINNING.format(machine=machine()),
        YEARS,
        times(years, FLOWS),
        memory(years, FLOWS),
        SETTINGS,
        times(settings, MATCHINGS),
        memory(settings, MATCHINGS),
        NINE,
        nine(list(measured("nine"))),
        FAIRPYX,
    ]
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
