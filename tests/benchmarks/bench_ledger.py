"""How fast a ledger is verified, and how its appending compares with plain SQLite inserts of the same rows.

Prints medians over several runs, alternating what is compared, on one core; asserts nothing.
"""

from __future__ import annotations

import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from panel.chain import NOTHING, Draft, Entry, extend
from panel.flaws import walk
from panel.ledger import ROW, Ledger, _write

ENTRIES: Final = 50_000
RUNS: Final = 5
NOON: Final = "2026-11-10T12:00:00.000000Z"


def drafts(size: int) -> list[Draft]:
    """Bodies of about 300 bytes, like a referral's open part."""
    return [
        Draft(
            "referral made",
            {
                "accepted_on": "2026-11-04",
                "considered": ["900002", "900003", "900004", "900005"],
                "home_school": "900001",
                "kind": "managed_move",
                "made_on": "2026-11-02",
                "note": "The open part of a referral as it is usually recorded, with a sentence of ordinary length in it.",
                "permanently_excluded": False,
                "pupil": f"P{n:05}",
                "referral": f"R{n:05}",
                "version": 1,
                "year_group": 7 + n % 5,
            },
        )
        for n in range(size)
    ]


def plain_inserts(path: Path, rows: Sequence[tuple[object, ...]]) -> float:
    """Seconds to insert the rows into an unguarded table with the driver alone."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(
            "CREATE TABLE entry (seq INTEGER PRIMARY KEY, recorded_at TEXT, actor TEXT, kind TEXT, body TEXT, previous TEXT, digest TEXT)"
        )
        start = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        connection.execute("COMMIT")
        return time.perf_counter() - start


def ready_rows(path: Path, entries: Sequence[Entry]) -> float:
    """Seconds to append entries whose digests are already made: one guarded transaction."""
    with Ledger.found(f"sqlite:///{path}", [], actor="clerk", now=NOON, salts=iter(())) as ledger:
        return timed(lambda: _recorded(ledger, entries))


def _recorded(ledger: Ledger, entries: Sequence[Entry]) -> None:
    with ledger._store.writing():
        _write(ledger._store, entries, ())


def whole_append(path: Path, given: Sequence[Draft]) -> float:
    """Seconds to append drafts: canonical form, digests and one guarded transaction."""
    with Ledger.found(f"sqlite:///{path}", [], actor="clerk", now=NOON, salts=iter(())) as ledger:
        return timed(lambda: ledger.append(given, actor="clerk", now=NOON, salts=iter(())))


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def report(name: str, seconds: Sequence[float], against: Sequence[float] | None = None) -> None:
    rate = ENTRIES / statistics.median(seconds)
    ratio = f"   {statistics.median(a / s for a, s in zip(against, seconds, strict=True)):.2f} of plain inserts" if against else ""
    print(f"{name:<42}{rate:>10,.0f} entries/s{ratio}")


def main() -> None:
    given = drafts(ENTRIES)
    entries, _ = extend(NOTHING, given, actor="clerk", recorded_at=NOON, salts=iter(()))
    rows = list(map(ROW, entries))
    print(f"{ENTRIES:,} entries, bodies of about {len(entries[0].body)} bytes; medians of {RUNS} runs")
    walked, verified, plain, ready, whole = [], [], [], [], []
    with tempfile.TemporaryDirectory() as folder:
        for run in range(RUNS):
            place = Path(folder)
            plain.append(plain_inserts(place / f"plain{run}.db", rows))
            ready.append(ready_rows(place / f"ready{run}.db", entries))
            whole.append(whole_append(place / f"whole{run}.db", given))
            walked.append(timed(lambda: walk(entries)))
            with Ledger.open(f"sqlite:///{place / f'ready{run}.db'}") as ledger:
                verified.append(timed(ledger.flaws))
                if ledger.flaws():
                    raise SystemExit("the ledger that was written does not verify")
    report("walk the chain, canonical form checked", walked)
    report("read from the file and verify", verified)
    report("plain sqlite3 inserts", plain)
    report("append ready rows, guarded", ready, plain)
    report("append drafts: form, digests, guarded", whole, plain)


if __name__ == "__main__":
    main()
