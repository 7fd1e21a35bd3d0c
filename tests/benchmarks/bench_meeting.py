"""What a user waits for: help, one meeting of 30 referrals and 28 schools proposed by the whole process, and that meeting replayed.

Prints medians over several runs, alternating what is compared, on one core; asserts nothing.
"""

from __future__ import annotations

import csv
import io
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import resources
from itertools import chain, islice
from pathlib import Path
from typing import Final

from panel.answering.replay import Replayer
from panel.placing.placement import place
from panel.record.ledger import Ledger
from panel.steps.office import Office

RUNS: Final = 7
REFERRALS: Final = 30
MEETS_ON: Final = "2026-12-10"
LIBRARIES: Final = "click, numpy, orjson, ortools.graph.python.min_cost_flow, pydantic.main, rich.table, sqlite3, yaml"
"""What `pastoral allocate` cannot do without."""

CHECKOUT: Final = Path(__file__).resolve().parents[2]


def pastoral(*words: str, cwd: Path) -> None:
    """One command of the panel's, as a process of its own."""
    # As an installed program runs: what Python compiled once is kept.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment = {**kept, "PASTORAL_ACTOR": "clerk", "PASTORAL_LEDGER": "sqlite:///bench.db"}
    command = [sys.executable, str(CHECKOUT / "cli.py"), *words]
    subprocess.run(command, cwd=cwd, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def bare(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], check=True)


def drawn_meeting(folder: Path) -> None:
    """Bradford28 with its first thirty referrals on one agenda, opened and drawn."""
    source = resources.files("fixtures") / "bradford28"
    for name in ("schools.csv", "places.csv", "terms.csv", "exclusions.csv"):
        (folder / name).write_text((source / name).read_text(encoding="utf-8"), encoding="utf-8")
    files = [csv.DictReader(io.StringIO((source / f"referrals-0{n}.csv").read_text(encoding="utf-8"))) for n in range(1, 5)]
    rows = list(islice(chain.from_iterable(files), REFERRALS))
    with (folder / "referrals.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    pastoral("init", "--rulebook", "bradford", cwd=folder)
    for what in ("schools", "places", "terms", "exclusions", "referrals"):
        pastoral("load", what, f"{what}.csv", cwd=folder)
    pastoral("meeting", "open", "--date", MEETS_ON, "--chair", "A chair", cwd=folder)
    pastoral("meeting", "draw", "--words", "one two three", cwd=folder)


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def medians(works: dict[str, Callable[[], object]], runs: int = RUNS) -> dict[str, float]:
    """The median seconds of each, taken in turns."""
    for work in works.values():
        work()
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(runs):
        for name, work in works.items():
            seconds[name].append(timed(work))
    return {name: statistics.median(taken) for name, taken in seconds.items()}


def processes(folder: Path) -> None:
    fresh = folder / "fresh.db"
    shutil.copy(folder / "bench.db", fresh)

    def allocate() -> None:
        shutil.copy(fresh, folder / "bench.db")
        pastoral("allocate", cwd=folder)

    taken = medians(
        {
            "python -c pass": lambda: bare("pass"),
            "import click": lambda: bare("import click"),
            "its libraries": lambda: bare(f"import {LIBRARIES}"),
            "--help": lambda: pastoral("--help", cwd=folder),
            "allocate": allocate,
        }
    )
    for name, seconds in taken.items():
        print(f"{name:16} {seconds * 1000:7.0f} ms")
    print(f"pastoral --help is {taken['--help'] / taken['import click']:.2f} times `import click` (wanted: under 2)")
    print(f"pastoral allocate, {REFERRALS} referrals and 28 schools, whole process: {taken['allocate']:.2f} s (wanted: under 0.8)")
    print(f"  that is {taken['allocate'] / taken['its libraries']:.1f} times the import of its libraries alone")


def replays(folder: Path) -> None:
    with Office(Ledger.open(f"sqlite:///{folder / 'bench.db'}"), actor="auditor") as office:
        replayer = Replayer(office.record, office.book_then, office.evaluation, place)
        result = replayer.replay()
        assert result.ok
        assert result.decisions == 1
        taken = medians({"replay": replayer.replay}, runs=3 * RUNS)
    print(f"that meeting replayed in this process: {taken['replay'] * 1000:.0f} ms (wanted: under 100)")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        drawn_meeting(folder)
        processes(folder)
        replays(folder)


if __name__ == "__main__":
    main()
