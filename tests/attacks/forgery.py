"""A ledger's rows in a forger's hands: read, changed, chained anew, written into a copy, and looked at as an auditor does.

Nothing here asks the program's leave: the guards are taken off first. Only what the chain hashes is shared with it.
"""

from __future__ import annotations

import contextlib
import functools
import json
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from panel.canonical import canonical
from panel.chain import NOTHING, SEALS, ZEROS, Entry, Sealed, link
from panel.checkpoint import Checkpoint, commit, departures
from panel.errors import LedgerError
from panel.ledger import Ledger
from panel.office import Office
from panel.placement import place
from panel.replay import Replayer
from rules.book import Rulebook
from rules.evaluate import Evaluation
from tests.running import spawned

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Copy:
    """The rows of a ledger: its entries and its sealed parts, in order."""

    entries: tuple[Entry, ...]
    sealed: tuple[Sealed, ...]

    def at(self, seq: int) -> Entry:
        return self.entries[seq - 1]

    def body(self, seq: int) -> Body:
        return dict(json.loads(self.at(seq).body))

    def parts(self, seq: int) -> tuple[Sealed, ...]:
        return tuple(row for row in self.sealed if row.seq == seq)

    def of(self, *kinds: str) -> Iterator[int]:
        """The numbers of the entries of some kinds."""
        return (entry.seq for entry in self.entries if entry.kind in kinds)

    def before(self, seq: int, kind: str) -> int:
        """The number of the last entry of a kind before another entry."""
        return max(n for n in self.of(kind) if n < seq)

    def next(self, seq: int, kind: str) -> int:
        """The number of the first entry of a kind after another entry."""
        return min(n for n in self.of(kind) if n > seq)


# --- what a forger does ---


def put(copy: Copy, seq: int, **columns: Any) -> Copy:
    """Other values in columns of one entry, and nothing else made to fit."""
    changed = replace(copy.at(seq), **columns)
    return replace(copy, entries=(*copy.entries[: seq - 1], changed, *copy.entries[seq:]))


def chained(copy: Copy) -> Copy:
    """Every number, `previous` and digest made anew: a chain in order, whatever its entries say."""
    previous, entries = ZEROS, []
    for seq, entry in enumerate(copy.entries, start=1):
        own = link(seq, entry.recorded_at, entry.actor, entry.kind, entry.body.encode(), previous)
        entries.append(replace(entry, seq=seq, previous=previous, digest=own))
        previous = own
    return replace(copy, entries=tuple(entries))


def retold(copy: Copy, seq: int, **fields: Any) -> Copy:
    """Other values in an open body (None takes a field away), and the rest chained anew."""
    body = {key: value for key, value in {**copy.body(seq), **fields}.items() if value is not None}
    return chained(put(copy, seq, body=canonical(body).decode()))


def resealed(copy: Copy, seq: int, subject: str, change: Callable[[Body], Body]) -> Copy:
    """Another content in a sealed part, its commitment made to fit, and the rest chained anew."""
    row = next(row for row in copy.parts(seq) if row.subject == subject)
    told = replace(row, content=canonical(change(json.loads(row.content))).decode())
    seals = [{**one, "commitment": told.commitment()} if one["subject"] == subject else one for one in copy.body(seq)[SEALS]]
    sealed = tuple(told if other is row else other for other in copy.sealed)
    return retold(replace(copy, sealed=sealed), seq, seals=seals)


def unsealed(copy: Copy, seq: int) -> Copy:
    """An entry without its sealed parts, as if it had never had any; the rest chained anew."""
    sealed = tuple(row for row in copy.sealed if row.seq != seq)
    return retold(replace(copy, sealed=sealed), seq, seals=None)


def taken_out(copy: Copy, seq: int) -> Copy:
    """An entry taken out with its sealed parts, whatever names later entries mended, the rest chained anew."""
    entries = tuple(_mended(entry, seq, -1) for entry in copy.entries if entry.seq != seq)
    sealed = tuple(replace(row, seq=row.seq - (row.seq > seq)) for row in copy.sealed if row.seq != seq)
    return chained(Copy(entries, sealed))


def put_in(copy: Copy, seq: int, like: int, parts: tuple[Sealed, ...] = (), **fields: Any) -> Copy:
    """A new entry `seq` like another one with other fields, the later ones moved on and mended, the rest chained anew."""
    body = {key: value for key, value in {**copy.body(like), SEALS: None, **fields}.items() if value is not None}
    if parts:
        body[SEALS] = [{"class": row.kind, "commitment": row.commitment(), "subject": row.subject} for row in parts]
    moment = copy.at(max(1, seq - 1)).recorded_at
    new = replace(copy.at(like), recorded_at=moment, body=canonical(body).decode())
    later = tuple(_mended(entry, seq, 1) for entry in copy.entries[seq - 1 :])
    sealed = tuple(replace(row, seq=row.seq + (row.seq >= seq)) for row in copy.sealed)
    moved = tuple(replace(row, seq=seq) for row in parts)
    return chained(Copy((*copy.entries[: seq - 1], new, *later), tuple(sorted((*sealed, *moved), key=_order))))


def _order(row: Sealed) -> tuple[int, str, str]:
    return row.seq, row.subject, row.kind


def _mended(entry: Entry, seq: int, by: int) -> Entry:
    """An entry that names the number of another, which has moved."""
    body = json.loads(entry.body)
    if body.get("proposal", 0) < seq:
        return entry
    return replace(entry, body=canonical({**body, "proposal": body["proposal"] + by}).decode())


# --- the file ---


@functools.cache
def shire11() -> bytes:
    """The ledger of the Shire11 story, as the demo writes it."""
    with tempfile.TemporaryDirectory() as folder:
        told = spawned("demo", "--keep", folder)
        assert told.code == 0, told.err
        return (Path(folder) / "shire11.db").read_bytes()


def read(path: Path) -> Copy:
    """A ledger's rows."""
    with Ledger.open(f"sqlite:///{path}") as ledger:
        return Copy(tuple(replace(entry, parts={}) for entry in ledger.entries()), ledger.sealed())


def written(copy: Copy, path: Path, original: Path) -> Path:
    """The rows in a file that is otherwise like the original; the guards are gone."""
    shutil.copyfile(original, path)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute("DELETE FROM sealed")
        connection.execute("DELETE FROM entry")
        rows = [(e.seq, e.recorded_at, e.actor, e.kind, e.body, e.previous, e.digest) for e in copy.entries]
        connection.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        kept = [(row.seq, row.subject, row.kind, row.salt, row.content) for row in copy.sealed]
        connection.executemany("INSERT INTO sealed VALUES (?, ?, ?, ?, ?)", kept)
        connection.execute("COMMIT")
    return path


# --- what an auditor sees ---


@dataclass(frozen=True, slots=True)
class Found:
    """The first thing that an auditor is told: by which command, about which entry, and what."""

    by: str
    seq: int
    what: str


NOTHING_FOUND: Final = Found("nothing", NOTHING.seq, "")
EVALUATIONS: Final[dict[str, Evaluation]] = {}
"""Made once for all the copies."""


def audited(path: Path) -> Found:
    """What `audit verify` says first or, where that is content, `audit replay`."""
    by = "verify"
    try:
        with Office(Ledger.open(f"sqlite:///{path}"), actor="auditor") as office:
            for flaw in office.ledger.flaws():
                return Found(by, flaw.seq, flaw.kind)
            by = "replay"
            for one in Replayer(office.record, office.book_then, _evaluation, place).replay().divergences:
                return Found(by, one.seq, one.what)
    except LedgerError as broken:
        named = re.match(r"Entry (\d+)", broken.message)
        return Found(by, int(named[1]) if named else 0, broken.message)
    return NOTHING_FOUND


def _evaluation(rulebook: Rulebook) -> Evaluation:
    if rulebook.digest not in EVALUATIONS:
        EVALUATIONS[rulebook.digest] = Evaluation(rulebook)
    return EVALUATIONS[rulebook.digest]


def departs(path: Path, kept: Checkpoint) -> Mapping[int, str]:
    """How a ledger departs from a checkpoint that was kept: entry -> kind."""
    with Ledger.open(f"sqlite:///{path}") as ledger:
        return {one.seq: one.kind for one in departures(kept, ledger.entries())}


def checkpoint(copy: Copy) -> Checkpoint:
    """The checkpoint that every school was given when the last entry was written."""
    return commit(copy.entries)
