"""Writes docs/performance.md by measuring: `make performance`. It takes minutes, and no test asks whether it is up to date."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks.bench_solvers import (
    BARE,
    CALLS,
    FAIRPYX,
    FAIRPYX_PYTHON,
    FLOWS,
    LIMIT,
    MATCHINGS,
    OURS,
    SUMS,
    Case,
    Measured,
    Rows,
    growth,
    measured,
)

PAGE = Path(__file__).with_name("performance.md")

LIBRARIES = ("ortools", "highspy", "networkx", "scipy", "numpy")

BEGINNING = f"""# Performance

Written by `make performance`, which measures it anew; figures are of one run on one machine, and only ratios compare
between machines. {{machine}}

**pastoral** makes the network of a meeting, places, and checks the certificate: that the placing is lawful, that none is
better, and that no other is as good. The others give the placing alone: the chain of stages that somebody would write
who needs no proof (`tests/benchmarks/chains.py`), around another solver each time. All find the same placing, or the run fails.
In small meetings pastoral has its solver settle several objectives at once, weighted so that an earlier one outweighs the
rest; the chains do as one would at first, one after the other.

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

ONE_SUM = """## One sum

What fairpyx can express, in an environment of its own, as it asks for NumPy below 2: as many pupils as possible, then the
greatest sum of values, with room for everybody at a setting. Objectives in order, loads levelled at the schools, rooms
that overlap and what staying unplaced costs would all have to be built around it. It gets the meeting as its tables, made
before, and calls a flow solver written in Python.
"""

NO_FAIRPYX = "It could not be installed with this Python: there is no NumPy below 2 for it.\n"


def machine() -> str:
    """The processor, cores, memory, Python and libraries; no name and no path."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines() if Path("/proc/cpuinfo").exists() else []
    processor = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    libraries = ", ".join([*[f"{name} {version(name)}" for name in LIBRARIES], *apart()])
    return f"This one: {processor}, {os.cpu_count()} cores, {gigabytes:.0f} GB; Python {platform.python_version()}, {libraries}."


def apart() -> list[str]:
    """Name and version of fairpyx, where it is installed in its own environment."""
    found = FAIRPYX_PYTHON.parent.parent.glob("lib/python*/site-packages/fairpyx-*.dist-info")
    return [folder.name.removesuffix(".dist-info").replace("-", " ") for folder in found]


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


def beside(rows: Rows) -> str:
    """How far behind the bare chain, at most, and who is quicker."""
    pairs = [(row[OURS].seconds or 0, row[BARE].seconds) for _, row in rows]
    most = max((ours / bare for ours, bare in pairs if bare), default=0)
    quicker = [
        f"{solver} at {size(case)}"
        for case, row in rows
        for solver, found in row.items()
        if solver not in {OURS, BARE} and found.seconds and (row[OURS].seconds or 0) > found.seconds
    ]
    told = f"quicker are {' and '.join(quicker)}" if quicker else "none of the others is quicker"
    return f"pastoral, its certificate included, takes at most {most:.2f} times the bare chain; {told}.\n"


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
    years, settings, sums = (list(measured(rooms)) for rooms in ("years", "settings", "sum"))
    parts = [
        BEGINNING.format(machine=machine()),
        YEARS,
        times(years, FLOWS),
        beside(years),
        memory(years, FLOWS),
        SETTINGS,
        times(settings, MATCHINGS),
        beside(settings),
        memory(settings, MATCHINGS),
        ONE_SUM,
        times(sums, SUMS),
        beside(sums),
        memory(sums, SUMS) if any(FAIRPYX in row for _, row in sums) else NO_FAIRPYX,
        NINE,
        nine(list(measured("nine"))),
    ]
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
