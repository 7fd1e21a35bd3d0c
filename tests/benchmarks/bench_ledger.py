"""How fast a ledger is verified, and how its appending compares with plain inserts of the same rows by the driver alone.

On SQLite and, where one can be started, on PostgreSQL. Prints medians over several runs, alternating what is compared;
asserts nothing but that what was written verifies. SQLite runs on one core; PostgreSQL works beside the program.
"""

from __future__ import annotations

import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Final

import psycopg

from panel.record.addresses import address_of
from panel.record.chain import NOTHING, Draft, Entry, Part, extend
from panel.record.flaws import walk
from panel.record.keyring import InMemory
from panel.record.ledger import ROW, WRITE, Ledger
from tests import postgresql_server

ENTRIES: Final = 50_000
SINGLE: Final = 300
RUNS: Final = 5
NOON: Final = "2026-11-10T12:00:00.000000Z"
PLAIN: Final = "CREATE TABLE {} (seq INTEGER PRIMARY KEY, recorded_at TEXT, actor TEXT, kind TEXT, body TEXT, previous TEXT, digest TEXT)"

PUPILS: Final = 2_000
SEALED: Final = {"category": "medical", "note": "What is sealed of a case: about as much as there is in its open part.", "wishes": [1, 2]}

Rows = Sequence[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Database:
    """Where new ledgers can be founded, and the driver's own way to insert rows there, one transaction for each batch."""

    name: str
    new: Callable[[], str]
    plain: Callable[[str, Sequence[Rows]], float]


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


def plain_sqlite(url: str, batches: Sequence[Rows]) -> float:
    """Seconds to insert the rows into an unguarded table with the driver alone."""
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as connection:
        connection.execute(PLAIN.format("plain"))
        start = time.perf_counter()
        for rows in batches:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT INTO plain VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
            connection.execute("COMMIT")
        return time.perf_counter() - start


def plain_postgresql(url: str, batches: Sequence[Rows]) -> float:
    """Seconds to insert the rows into an unguarded table with the driver alone."""
    where = address_of(url).settings
    with psycopg.connect(host=where["host"], dbname=where["dbname"], user=where["user"], autocommit=True) as connection:
        connection.execute(PLAIN.format("public.plain"))
        cursor = connection.cursor()
        start = time.perf_counter()
        for rows in batches:
            cursor.execute("BEGIN")
            cursor.executemany("INSERT INTO public.plain VALUES (%s, %s, %s, %s, %s, %s, %s)", rows)
            cursor.execute("COMMIT")
        return time.perf_counter() - start


@contextmanager
def databases() -> Iterator[list[Database]]:
    """SQLite, and PostgreSQL where one can be started."""
    with tempfile.TemporaryDirectory() as folder:
        numbers = count()
        here = [Database("SQLite", lambda: f"sqlite:///{Path(folder) / f'{next(numbers)}.db'}", plain_sqlite)]
        if postgresql_server.programs() is None:
            print("no PostgreSQL here: only SQLite is measured")
            yield here
            return
        with postgresql_server.running(durable=True) as server:
            yield [*here, Database("PostgreSQL", lambda: server.address(server.new()), plain_postgresql)]


def founded(url: str, first: Draft) -> Ledger:
    return Ledger.found(url, [first], actor="clerk", now=NOON, salts=iter(()), keys=InMemory())


def salts() -> Iterator[bytes]:
    return (number.to_bytes(32, "big") for number in count(1))


def recorded(ledger: Ledger, entries: Sequence[Entry]) -> None:
    """Entries whose digests are already made, in one guarded transaction."""
    with ledger._store.writing():
        ledger._store.write(WRITE, map(ROW, entries))


def one_by_one(ledger: Ledger, given: Sequence[Draft]) -> None:
    """Each draft a step of its own: the lock, the head, canonical form, digest, guard and commit."""
    for draft in given:
        ledger.append([draft], actor="clerk", now=NOON, salts=iter(()))


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def report(name: str, seconds: Sequence[float], against: Sequence[float] | None = None, size: int = ENTRIES) -> None:
    rate = size / statistics.median(seconds)
    ratio = f"   {statistics.median(a / s for a, s in zip(against, seconds, strict=True)):.2f} of plain inserts" if against else ""
    print(f"{name:<50}{rate:>10,.0f} entries/s{ratio}")


def measure(database: Database, given: Sequence[Draft], entries: Sequence[Entry]) -> None:
    rows = list(map(ROW, entries))
    sealing = [replace(draft, parts=(Part(f"P{n % PUPILS}", "case", SEALED),)) for n, draft in enumerate(given)]
    verified, plain, ready, whole, single_plain, single, sealed, opened = [], [], [], [], [], [], [], []
    for _ in range(RUNS):
        with founded(database.new(), given[0]) as ledger:
            sealed.append(timed(partial(ledger.append, sealing, actor="clerk", now=NOON, salts=salts())))
            opened.append(timed(ledger.flaws))
        with founded(database.new(), given[0]) as ledger:
            plain.append(database.plain(database.new(), [rows]))
            ready.append(timed(partial(recorded, ledger, entries[1:])))
            verified.append(timed(ledger.flaws))
            if ledger.flaws():
                raise SystemExit("the ledger that was written does not verify")
        with founded(database.new(), given[0]) as ledger:
            whole.append(timed(partial(ledger.append, given, actor="clerk", now=NOON, salts=iter(()))))
        with founded(database.new(), given[0]) as ledger:
            single_plain.append(database.plain(database.new(), [[row] for row in rows[:SINGLE]]))
            single.append(timed(partial(one_by_one, ledger, given[:SINGLE])))
    report(f"{database.name}: read and verify", verified)
    report(f"{database.name}: the same, each with an encrypted part", opened)
    report(f"{database.name}: append drafts, each with an encrypted part", sealed, plain)
    report(f"{database.name}: plain inserts, one transaction", plain)
    report(f"{database.name}: append ready rows, guarded", ready, plain)
    report(f"{database.name}: append drafts: form, digests, guarded", whole, plain)
    report(f"{database.name}: plain inserts, a transaction each", single_plain, size=SINGLE)
    report(f"{database.name}: append drafts, a step each", single, single_plain, size=SINGLE)


def main() -> None:
    given = drafts(ENTRIES)
    entries, _ = extend(NOTHING, given, actor="clerk", recorded_at=NOON, salts=iter(()))
    print(f"{ENTRIES:,} entries, bodies of about {len(entries[0].body)} bytes; medians of {RUNS} runs")
    report("walk the chain, canonical form checked", [timed(lambda: walk(entries)) for _ in range(RUNS)])
    with databases() as found:
        for database in found:
            measure(database, given, entries)


if __name__ == "__main__":
    main()
