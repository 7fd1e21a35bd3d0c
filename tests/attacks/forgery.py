"""A ledger's rows in a forger's hands: read, changed, chained anew, written into a copy, and looked at as an auditor does.

Nothing here asks the program's leave: the guards are taken off first. Only what the chain hashes is shared with it.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from panel.answering.replay import Replayer
from panel.canonical import canonical
from panel.errors import LedgerError
from panel.placing.placement import place
from panel.record.boxes import Lock
from panel.record.chain import NOTHING, SEALS, ZEROS, Entry, Sealed, link
from panel.record.checkpoint import Checkpoint, commit, departures
from panel.record.keyfile import KeyFile
from panel.record.keyring import ClassKeys, WrongKeys
from panel.record.ledger import Ledger
from panel.record.seals import of_key, of_part
from panel.steps.office import Office
from rules.book import Rulebook
from rules.evaluate import Evaluation
from tests.running import keys_of, spawned, taken

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Copy:
    """The rows of a ledger: its entries and its sealed parts, in order.

    `also`: statements on what lies encrypted in the file, with their values. `kept`: the auditor has kept the keys, so that
    the forger can put no others in their place.
    """

    entries: tuple[Entry, ...]
    sealed: tuple[Sealed, ...]
    also: tuple[tuple[str, tuple[object, ...]], ...] = ()
    kept: bool = False

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
    return chained(replace(copy, entries=entries, sealed=sealed))


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
    return chained(replace(copy, entries=(*copy.entries[: seq - 1], new, *later), sealed=tuple(sorted((*sealed, *moved), key=_order))))


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
def shire11() -> tuple[bytes, bytes]:
    """The ledger of the Shire11 story and its keys, as the demo writes them."""
    with tempfile.TemporaryDirectory() as folder:
        told = spawned("demo", "--keep", folder)
        assert told.code == 0, told.err
        return taken(Path(folder) / "shire11.db")


def read(path: Path) -> Copy:
    """A ledger's rows."""
    with Ledger.open(f"sqlite:///{path}") as ledger:
        return Copy(ledger.chain(), ledger.sealed())


def written(copy: Copy, path: Path, original: Path) -> Path:
    """The rows in a file that is otherwise like the original, encrypted by somebody who has its keys; the guards are gone."""
    shutil.copyfile(original, path)
    shutil.copy(keys_of(original), keys_of(path))
    own = KeyFile(keys_of(original)).read()
    assert own is not None
    keys = ClassKeys(copy.entries[0].digest if copy.entries and copy.entries[0].seq == 1 else own.ledger, own.keys)
    if keys != own and not copy.kept and _own(copy.entries[0]) == keys.ledger:
        KeyFile(keys_of(path)).replace(keys)
    else:
        keys = own
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute("DELETE FROM sealed")
        connection.execute("DELETE FROM wrapped")
        connection.execute("DELETE FROM entry")
        rows = [(e.seq, e.recorded_at, e.actor, e.kind, e.body, e.previous, e.digest) for e in copy.entries]
        connection.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        wrapped, boxes = encrypted(copy.sealed, keys)
        connection.executemany("INSERT INTO wrapped VALUES (?, ?, 1, ?)", wrapped)
        connection.executemany("INSERT INTO sealed VALUES (?, ?, ?, ?)", boxes)
        for statement, values in copy.also:
            connection.execute(statement, values)
        connection.execute("COMMIT")
    return path


def encrypted(sealed: tuple[Sealed, ...], keys: ClassKeys) -> tuple[list[tuple[str, str, bytes]], list[tuple[int, str, str, bytes]]]:
    """The rows of `wrapped` and `sealed`, with new keys for every subject."""
    pairs = dict.fromkeys([("panel", "case"), ("panel", "identity"), *((row.subject, row.kind) for row in sealed)])
    own = {pair: os.urandom(32) for pair in pairs}
    locks = {pair: Lock(key) for pair, key in own.items()}
    panel = {kind: Lock(keys.keys[kind, 1]) for kind in ("case", "identity")}
    wrapped = [(*pair, panel[pair[1]].close(key, of_key(keys.ledger, 1, *pair), os.urandom(12))) for pair, key in own.items()]
    boxes = [(row.seq, row.subject, row.kind, _box(row, locks[row.subject, row.kind], keys.ledger)) for row in sealed]
    return wrapped, boxes


def _box(row: Sealed, lock: Lock, ledger: str) -> bytes:
    return lock.close(row.salt + row.content.encode(), of_part(ledger, row.seq, row.subject, row.kind), os.urandom(12))


def _own(entry: Entry) -> str:
    """The digest that an entry should have."""
    return link(entry.seq, entry.recorded_at, entry.actor, entry.kind, entry.body.encode(), entry.previous)


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
    except (LedgerError, WrongKeys) as broken:
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
        return {one.seq: one.kind for one in departures(kept, ledger.chain())}


def checkpoint(copy: Copy) -> Checkpoint:
    """The checkpoint that every school was given when the last entry was written."""
    return commit(copy.entries)
