"""The bytes of the file itself, one changed at a time: nothing that a ledger says changes unseen.

A changed byte is either found, or the file is refused as damaged, or it lies where nothing is said: then every entry and
sealed part is still the same to the last character.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from panel.errors import LedgerError
from panel.record.keyfile import KeyFile
from panel.record.ledger import Ledger
from tests.running import keys_of


def rows(path: Path) -> tuple[list[Any], ...]:
    """Everything that is of the record, past the program."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.text_factory = bytes
        entries = connection.execute("SELECT seq, recorded_at, actor, kind, body, previous, digest FROM entry ORDER BY seq").fetchall()
        sealed = connection.execute("SELECT seq, subject, class, box FROM sealed ORDER BY seq, subject, class").fetchall()
        keys = connection.execute("SELECT subject, class, generation, box FROM wrapped ORDER BY subject, class").fetchall()
    return entries, sealed, keys


def flipped(original: Path, path: Path, offsets: Iterable[int]) -> Counter[str]:
    """How many changed bytes were found, damaged the file, said nothing; `unseen` are those that changed the record unseen."""
    whole, before = original.read_bytes(), rows(original)
    keys = KeyFile(keys_of(original))
    told: Counter[str] = Counter(found=0, damaged=0, nothing=0, unseen=0)
    for offset in offsets:
        changed = bytearray(whole)
        changed[offset] ^= 1 << offset % 8
        path.write_bytes(changed)
        told[_one(path, keys, before)] += 1
    return told


def _one(path: Path, keys: KeyFile, before: object) -> str:
    try:
        with Ledger.open(f"sqlite:///{path}", keys=keys) as ledger:
            if ledger.flaws():
                return "found"
    except LedgerError:
        return "damaged"
    return "nothing" if rows(path) == before else "unseen"
