"""The sealed parts in their table, the only rows of a ledger that may ever be deleted.

It does not know what is sealed, and checks no commitment: `flaws.py` does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from panel.chain import Sealed
from panel.errors import LedgerBroken
from panel.store import Store

KEEP: Final = "INSERT INTO sealed (seq, subject, class, salt, content) VALUES (?, ?, ?, ?, ?)"
ERASE: Final = "DELETE FROM sealed WHERE seq = ? AND subject = ? AND class = ?"
HELD: Final = "SELECT seq, subject, class, salt, content FROM sealed ORDER BY seq, subject, class"
HELD_UPTO: Final = "SELECT seq, subject, class, salt, content FROM sealed WHERE seq <= ? ORDER BY seq, subject, class"


def keep(store: Store, rows: Iterable[Sealed]) -> None:
    """Write sealed parts, inside the step that writes their entries."""
    store.write(KEEP, ((row.seq, row.subject, row.kind, row.salt, row.content) for row in rows))


def erase(store: Store, parts: Iterable[tuple[int, str, str]]) -> None:
    """Delete sealed parts, by (seq, subject, class), inside the step that records it. Raises `LedgerBroken` if one is still there."""
    gone = set(parts)
    store.write(ERASE, sorted(gone))
    if any((row.seq, row.subject, row.kind) in gone for row in held(store, None)):
        raise LedgerBroken("a sealed part that was deleted is still there; nothing was recorded")


def held(store: Store, upto: int | None) -> tuple[Sealed, ...]:
    """The sealed parts still held of the entries up to `upto`, in the order of (seq, subject, class)."""
    return tuple(Sealed(*row) for row in (store.read(HELD) if upto is None else store.read(HELD_UPTO, upto)))


def contents(rows: Iterable[Sealed]) -> Mapping[int, Mapping[tuple[str, str], Mapping[str, Any]]]:
    """What is sealed, by entry and then by (subject, class). Raises `LedgerBroken` for one that cannot be read."""
    found: dict[int, dict[tuple[str, str], Mapping[str, Any]]] = defaultdict(dict)
    for row in rows:
        found[row.seq][row.subject, row.kind] = row.open()
    return found
