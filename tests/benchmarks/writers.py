"""Several processes append to one ledger at once, and whether anything was lost: `make writers`.

A step is two entries, the second with a sealed part. Every other writer insists on the head that it read, and where
somebody else was quicker reads it anew and tries again, as a clerk does who is told so. Exits with 1 where anything is
amiss.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final

from panel.errors import LedgerConflict, LedgerError
from panel.record.chain import Draft, Part
from panel.record.ledger import Ledger
from tests import postgresql_server

NOON: Final = "2026-11-10T12:00:00.000000Z"
PATIENCE: Final = 60


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it: seconds, conflicts that were retried, steps that waited in vain and were retried, and what is wrong."""

    seconds: float
    conflicts: int
    waits: int
    amiss: tuple[str, ...]


def salts(number: int) -> Iterator[bytes]:
    return ((number << 64 | n).to_bytes(32, "big") for n in count(1))


def write(url: str, number: int, steps: int, told: multiprocessing.SimpleQueue[tuple[int, int]]) -> None:
    """One writer: its steps in order, each tried until it is recorded."""
    actor, fresh, conflicts, waits = f"writer {number}", salts(number), 0, 0
    with Ledger.open(url, patience=PATIENCE) as ledger:
        for n in range(steps):
            drafts = [Draft("noted", {"n": n}), Draft("noted", {"n": n}, (Part(f"{actor}/{n}", "case", {"n": n}),))]
            while True:
                try:
                    head = ledger.head().digest if number % 2 else None
                    ledger.append(drafts, actor=actor, now=NOON, salts=fresh, expected_head=head)
                    break
                except LedgerConflict:
                    conflicts += 1
                except LedgerError as error:
                    if "is locked" not in error.message:
                        raise
                    waits += 1
    told.put((conflicts, waits))


def run(url: str, writers: int, steps: int) -> Outcome:
    """Found a ledger at `url`, let them all write, and look at what is there."""
    Ledger.found(url, [Draft("panel founded", {})], actor="founder", now=NOON, salts=salts(0)).close()
    context = multiprocessing.get_context("spawn")
    told: multiprocessing.SimpleQueue[tuple[int, int]] = context.SimpleQueue()
    processes = [context.Process(target=write, args=(url, number, steps, told)) for number in range(writers)]
    start = time.perf_counter()
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    seconds = time.perf_counter() - start
    failed = tuple(f"writer {n} ended with {process.exitcode}" for n, process in enumerate(processes) if process.exitcode)
    answers = [told.get() for process in processes if process.exitcode == 0]
    conflicts, waits = (sum(answer[which] for answer in answers) for which in (0, 1))
    return Outcome(seconds, conflicts, waits, (*failed, *amiss(url, writers, steps)))


def amiss(url: str, writers: int, steps: int) -> Iterator[str]:
    """Every gap, fork, loss or flaw."""
    with Ledger.open(url) as ledger:
        entries, sealed, flaws = ledger.entries(), ledger.sealed(), ledger.flaws()
    yield from (f"entry {flaw.seq}: {flaw.kind}: {flaw.detail}" for flaw in flaws)
    if [entry.seq for entry in entries] != list(range(1, 2 + 2 * writers * steps)):
        yield f"{len(entries)} entries; wanted 1 to {1 + 2 * writers * steps} without a gap"
    if len({entry.previous for entry in entries}) != len(entries):
        yield "two entries follow the same one"
    if len(sealed) != writers * steps:
        yield f"{len(sealed)} sealed parts; wanted {writers * steps}"
    for number in range(writers):
        if [entry.open()["n"] for entry in entries if entry.actor == f"writer {number}"] != [n for n in range(steps) for _ in range(2)]:
            yield f"writer {number}: its steps are not all there, in order"
    if any(one.actor != other.actor for one, other in zip(entries[1::2], entries[2::2], strict=True)):
        yield "a step of one writer stands within another's"


@contextmanager
def places() -> Iterator[dict[str, str]]:
    """A new address on each database; PostgreSQL only where it can be started."""
    with tempfile.TemporaryDirectory() as folder, chdir(folder):  # where the keys of a ledger in PostgreSQL are
        here = {"SQLite": f"sqlite:///{Path(folder) / 'panel.db'}"}
        if postgresql_server.programs() is None:
            print("no PostgreSQL here: only SQLite is tried")
            yield here
            return
        with postgresql_server.running(durable=True) as server:
            yield {**here, "PostgreSQL": server.address(server.new())}


def main() -> None:
    parser = argparse.ArgumentParser(description="Several processes append to one ledger at once.")
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--steps", type=int, default=1000)
    asked = parser.parse_args()
    wrong = False
    with places() as found:
        for name, url in found.items():
            outcome = run(url, asked.writers, asked.steps)
            whole = asked.writers * asked.steps
            rate = f"{outcome.seconds:.1f} s, {whole / outcome.seconds:,.0f} steps/s"
            print(f"{name}: {asked.writers} writers, {whole:,} steps of 2 entries in {rate};")
            print(f"  {outcome.conflicts:,} conflicts and {outcome.waits:,} waits in vain, each tried again; {len(outcome.amiss)} amiss")
            for line in outcome.amiss:
                print(f"  {line}")
            wrong = wrong or bool(outcome.amiss)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
