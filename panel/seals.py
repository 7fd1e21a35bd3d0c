"""The sealed parts in their table, the only rows of a ledger that may ever be deleted.

It does not know what is sealed, and checks no commitment: `flaws.py` does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import Connection, LargeBinary, column, insert, select, table

from panel.chain import Sealed

SEALED: Final = table("sealed", column("seq"), column("subject"), column("class"), column("salt", LargeBinary), column("content"))
IN_ORDER: Final = select(SEALED).order_by(SEALED.c.seq, SEALED.c.subject, SEALED.c["class"])


def keep(connection: Connection, rows: Iterable[Sealed]) -> None:
    """Write sealed parts, inside the step that writes their entries."""
    values = [{"seq": row.seq, "subject": row.subject, "class": row.kind, "salt": row.salt, "content": row.content} for row in rows]
    if values:
        connection.execute(insert(SEALED), values)


def held(connection: Connection, upto: int | None) -> tuple[Sealed, ...]:
    """The sealed parts still held of the entries up to `upto`, in the order of (seq, subject, class)."""
    query = IN_ORDER if upto is None else IN_ORDER.where(SEALED.c.seq <= upto)
    return tuple(Sealed(*row) for row in connection.execute(query))


def contents(rows: Iterable[Sealed]) -> Mapping[int, Mapping[tuple[str, str], Mapping[str, Any]]]:
    """What is sealed, by entry and then by (subject, class). Raises `LedgerBroken` for one that cannot be read."""
    found: dict[int, dict[tuple[str, str], Mapping[str, Any]]] = defaultdict(dict)
    for row in rows:
        found[row.seq][row.subject, row.kind] = row.open()
    return found
