"""The ledger: entries that are only ever added, a whole step or nothing, each bound to the one before.

It knows nothing of what entries mean, and no clock: moments and salts are handed in. Several people may write; each
step takes the write lock before it reads the head.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Final, Self

from sqlalchemy import Connection, column, insert, select, table

from panel import seals, sqlite
from panel.chain import NOTHING, Draft, Entry, Head, Sealed, extend
from panel.errors import LedgerConflict
from panel.flaws import Flaw, check_seals, walk

Parts = Mapping[tuple[str, str], Mapping[str, Any]]
NO_PARTS: Final[Parts] = MappingProxyType({})

ENTRY: Final = table("entry", *map(column, ("seq", "recorded_at", "actor", "kind", "body", "previous", "digest")))
IN_ORDER: Final = select(ENTRY).order_by(ENTRY.c.seq)
ROW: Final = attrgetter(*ENTRY.c.keys())
LAST: Final = select(ENTRY.c.seq, ENTRY.c.recorded_at, ENTRY.c.digest).order_by(ENTRY.c.seq.desc()).limit(1)


class Ledger:
    """An open ledger; a context manager that closes it. Every failure is a `LedgerError` with one plain sentence."""

    def __init__(self, connection: Connection, path: Path | None) -> None:
        self._connection = connection
        self._path = path

    @classmethod
    def found(
        cls, url: str, drafts: Sequence[Draft], *, actor: str, now: str, salts: Iterator[bytes], patience: float = sqlite.PATIENCE
    ) -> Self:
        """A new ledger with its first entries. If they cannot be written there is no ledger either.

        Raises `Refused` if there is already something at `url` (`sqlite:///FILE`, or `sqlite://` for one in memory).
        """
        from panel.tables import TABLES  # here: an open ledger needs no models

        with sqlite.founding(url, TABLES, patience) as connection:
            _write(connection, *extend(NOTHING, drafts, actor=actor, recorded_at=now, salts=salts))
        return cls(connection, sqlite.place_of(url))

    @classmethod
    def open(cls, url: str, *, patience: float = sqlite.PATIENCE) -> Self:
        """The ledger at `url`. `patience`: how many seconds to wait, here and later, for somebody else's write."""
        return cls(sqlite.opened(url, patience), sqlite.place_of(url))

    def append(
        self, drafts: Sequence[Draft], *, actor: str, now: str, salts: Iterator[bytes], expected_head: str | None = None
    ) -> tuple[Entry, ...]:
        """Write one step, all of it or nothing, and return its entries.

        They are recorded at `now`, or at the last entry's moment if that is later. Raises `LedgerConflict` if the last
        entry's digest is not `expected_head`: somebody wrote since that was read.
        """
        with sqlite.writing(self._connection, self._path):
            head = _head(self._connection)
            if expected_head is not None and head.digest != expected_head:
                raise LedgerConflict(
                    f"somebody else wrote meanwhile, up to entry {head.seq}; nothing was recorded. Look again, then repeat"
                )
            entries, sealed = extend(head, drafts, actor=actor, recorded_at=now, salts=salts)
            _write(self._connection, entries, sealed)
        return entries

    def head(self) -> Head:
        """The number, moment and digest of the last entry."""
        with sqlite.told(self._path):
            return _head(self._connection)

    def entries(self, upto: int | None = None) -> tuple[Entry, ...]:
        """The entries up to number `upto`, in order, each with the sealed parts that are still held.

        Nothing is verified. Raises `LedgerBroken` for a sealed part that cannot be read.
        """
        with sqlite.reading(self._connection, self._path):
            parts = seals.contents(seals.held(self._connection, upto))
            return _entries(self._connection, upto, parts)

    def sealed(self) -> tuple[Sealed, ...]:
        """The sealed parts still held, with their salts."""
        with sqlite.told(self._path):
            return seals.held(self._connection, None)

    def flaws(self) -> tuple[Flaw, ...]:
        """Everything wrong with the chain and the sealed parts; none means consistent within itself."""
        with sqlite.reading(self._connection, self._path):
            entries, sealed = _entries(self._connection, None, {}), seals.held(self._connection, None)
        found = walk(entries)
        return *found, *check_seals(entries, sealed, passing_over={flaw.seq for flaw in found})

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def _head(connection: Connection) -> Head:
    row = connection.execute(LAST).first()
    return NOTHING if row is None else Head(*row)


def _entries(connection: Connection, upto: int | None, parts: Mapping[int, Parts]) -> tuple[Entry, ...]:
    query = IN_ORDER if upto is None else IN_ORDER.where(ENTRY.c.seq <= upto)
    return tuple(
        Entry(seq, recorded_at, actor, kind, body, previous, digest, parts.get(seq, NO_PARTS))
        for seq, recorded_at, actor, kind, body, previous, digest in connection.execute(query)
    )


def _write(connection: Connection, entries: Sequence[Entry], sealed: Sequence[Sealed]) -> None:
    if entries:
        # Rows in the order of the table: one mapping for each, as `execute` wants them, takes nearly twice the time.
        connection.exec_driver_sql(str(insert(ENTRY).compile(dialect=connection.dialect)), list(map(ROW, entries)))
    seals.keep(connection, sealed)
