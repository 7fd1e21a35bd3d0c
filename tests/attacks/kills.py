"""`make kills`: the Shire11 story is told again and again, and each time its process is killed at once, at another moment.

Whatever moment that is, the ledger that is left opens, verifies, holds whole steps of the story and nothing else, and takes
the next step. The moments are drawn on the clock, in units of SQLite's own work, while a step lies half in the file (then
SQLite keeps a journal beside it), and while the panel is being founded. Commands of the story that only read are left out, so that
more of the time is spent writing; every process is a fork of one that has loaded everything.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import random
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cli
from panel import story
from panel.errors import LedgerError
from panel.record.chain import Draft, Entry, Sealed
from panel.record.ledger import Ledger
from panel.story import made_up_salts

READING: Final = ("position", "explain", "whatif", "audit")
"""Commands of the story that record nothing."""

LOADED: Final = (
    "panel.placing.placement",
    "panel.intake",
    "panel.steps.casebook",
    "panel.answering.answers",
    "panel.answering.inquiry",
    "rules.engine",
    "rules.evaluate",
)
"""What commands load when they are called."""

MOMENTS: Final = ("work", "journal", "clock", "work", "journal", "clock", "founding")
"""How the moments are drawn, one after the other."""

FOUNDING: Final = 27
"""So many units of SQLite's work a founding takes, about."""

WORK: Final = 20
"""SQLite counts its work in so many of its own instructions at a time."""


@dataclass(frozen=True, slots=True)
class Whole:
    """The story told to its end: entries, sealed parts, and what it takes: seconds, units of SQLite's work, and steps."""

    entries: tuple[Entry, ...]
    sealed: tuple[Sealed, ...]
    seconds: float
    work: int

    @property
    def steps(self) -> frozenset[int]:
        """How many entries there are after each step."""
        later = (*self.entries[1:], None)
        return frozenset(
            one.seq for one, after in zip(self.entries, later, strict=True) if after is None or after.recorded_at != one.recorded_at
        )


def tell(folder: Path, die_at: int = 0, count: Path | None = None) -> None:
    """Tell the story in this process, which never comes back; it dies by its own hand after so much of SQLite's work, if any."""
    done = 0

    def work() -> int:
        nonlocal done
        done += 1
        if done == die_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return 0

    connect = sqlite3.connect

    def watched(*given: Any, **named: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*given, **named)
        connection.set_progress_handler(work, WORK)
        return connection

    sqlite3.connect = watched  # type: ignore[assignment]
    out = os.open(os.devnull, os.O_WRONLY)
    os.dup2(out, 1)
    os.dup2(out, 2)
    read_story = story.read_story
    story.read_story = lambda text: tuple(step for step in read_story(text) if step.command and step.command[0] not in READING)
    sys.argv = ["pastoral", "demo", "--keep", str(folder)]
    code = 1
    try:
        cli.main()
    except SystemExit as exit_:
        code = exit_.code if isinstance(exit_.code, int) else 1
    finally:
        if count is not None:
            count.write_text(str(done), encoding="utf-8")
        os._exit(code)


def told(folder: Path, die_at: int = 0, count: Path | None = None) -> int:
    """The number of a new process that tells the story in a folder."""
    process = os.fork()
    if process == 0:
        tell(folder, die_at, count)
    return process


def whole(folder: Path) -> Whole:
    """The story told to its end, once to warm up and once with a watch."""
    for module in (*(f"panel.commands.{name.partition(':')[0]}" for name, _ in cli.COMMANDS.values()), *LOADED):
        importlib.import_module(module)
    for name in ("warm", "whole"):
        began = time.monotonic()
        _, status = os.waitpid(told(folder / name, count=folder / "work"), 0)
        if status:
            raise SystemExit("the story itself does not come to its end")
    with Ledger.open(f"sqlite:///{folder / 'whole' / 'shire11.db'}") as ledger:
        entries = ledger.chain()
        return Whole(entries, ledger.sealed(), time.monotonic() - began, int((folder / "work").read_text(encoding="utf-8")))


def killed(folder: Path, whole_story: Whole, moment: str, chance: random.Random) -> None:
    """The story told until it is killed."""
    die_at = {"work": chance.randint(1, whole_story.work), "founding": chance.randint(1, FOUNDING)}.get(moment, 0)
    process = told(folder, die_at)
    try:
        if moment == "clock":
            time.sleep(chance.random() * whole_story.seconds)
        elif moment == "journal":
            _wait_for_journals(process, folder / "shire11.db-journal", chance.randint(1, len(whole_story.steps)))
            time.sleep(chance.random() * 0.004)
        if not die_at:
            os.kill(process, signal.SIGKILL)
    finally:
        os.waitpid(process, 0)


def _wait_for_journals(process: int, journal: Path, times: int) -> None:
    """Until a journal is there for the so-manieth time, or the process has ended."""
    there = False
    while times:
        now = journal.exists()
        times -= now and not there
        there = now
        with contextlib.suppress(ChildProcessError):
            if os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                return


def left(path: Path, whole_story: Whole) -> str:
    """What the kill left: `nothing`, `no ledger`, or `STEPS entries`. Raises `AssertionError` for anything that must not be."""
    if not path.exists():
        return "nothing"
    try:
        ledger = Ledger.open(f"sqlite:///{path}")
    except LedgerError as error:
        said = error.message
        if path.stat().st_size == 0 and "found again" in said:
            return "no ledger"
        raise AssertionError(said) from error
    with ledger:
        assert ledger.flaws() == ()
        entries = ledger.chain()
        assert entries == whole_story.entries[: len(entries)], "other entries than the story's"
        assert len(entries) in whole_story.steps, f"{len(entries)} entries: half a step"
        assert ledger.sealed() == tuple(row for row in whole_story.sealed if row.seq <= len(entries)), "other sealed parts than the story's"
        ledger.append([Draft("noted", {"n": 1})], actor="clerk", now="2027-01-01T00:00:00.000000Z", salts=made_up_salts("n"))
        assert ledger.flaws() == ()
    assert not path.with_name(f"{path.name}-journal").exists()
    return f"{len(entries)} entries"


def kills(times: int, seed: int) -> Iterator[tuple[str, str]]:
    """(kind of moment, what was left) of every kill."""
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        whole_story = whole(root)
        for number in range(times):
            chance = random.Random(f"{seed} {number}")
            moment = MOMENTS[number % len(MOMENTS)]
            folder = root / str(number)
            killed(folder, whole_story, moment, chance)
            yield moment, left(folder / "shire11.db", whole_story)


def main() -> int:
    """Kill so often; in the end say how often, and after how many different steps."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", "--times", type=int, default=500)
    parser.add_argument("--seed", type=int, default=20260924)
    given = parser.parse_args()
    ends = Counter(kills(given.times, given.seed))
    what = Counter(left for _, left in ends.elements())
    sys.stdout.write(
        f"{ends.total()} kills; {what['nothing']} before there was a file, {what['no ledger']} while it was founded, the others after "
        f"{len(what) - ('nothing' in what) - ('no ledger' in what)} different steps; every ledger verified and held whole steps only.\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
