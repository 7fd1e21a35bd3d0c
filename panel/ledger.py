"""The ledger: entries that are only ever added, a whole step or nothing, each bound to the one before.

It knows nothing of what entries mean, and no clock: moments and salts are handed in. Several people may write; each
step takes the write lock before it reads the head.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from operator import attrgetter
from types import MappingProxyType, TracebackType
from typing import Any, Final, Self

from panel import seals, stores
from panel.chain import NOTHING, Draft, Entry, Head, Sealed, extend
from panel.errors import LedgerBroken, LedgerConflict
from panel.flaws import Flaw, Key, check_seals, erased, walk
from panel.store import Store

Parts = Mapping[tuple[str, str], Mapping[str, Any]]
NO_PARTS: Final[Parts] = MappingProxyType({})

ROW: Final = attrgetter("seq", "recorded_at", "actor", "kind", "body", "previous", "digest")
WRITE: Final = "INSERT INTO entry (seq, recorded_at, actor, kind, body, previous, digest) VALUES (?, ?, ?, ?, ?, ?, ?)"
READ: Final = "SELECT seq, recorded_at, actor, kind, body, previous, digest FROM entry ORDER BY seq"
READ_UPTO: Final = "SELECT seq, recorded_at, actor, kind, body, previous, digest FROM entry WHERE seq <= ? ORDER BY seq"
LAST: Final = "SELECT seq, recorded_at, digest FROM entry ORDER BY seq DESC LIMIT 1"


class Ledger:
    """An open ledger; a context manager that closes it. Every failure is a `LedgerError` with one plain sentence."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @classmethod
    def found(
        cls, url: str, drafts: Sequence[Draft], *, actor: str, now: str, salts: Iterator[bytes], patience: float = stores.PATIENCE
    ) -> Self:
        """A new ledger with its first entries. If they cannot be written there is no ledger either.

        Raises `Refused` if there is already something at `url` (`sqlite:///FILE`, `sqlite://` for one in memory, or
        `postgresql+psycopg://USER@HOST/DATABASE`).
        """
        with stores.founding(url, patience) as store:
            _write(store, *extend(NOTHING, drafts, actor=actor, recorded_at=now, salts=salts))
        return cls(store)

    @classmethod
    def open(cls, url: str, *, patience: float = stores.PATIENCE) -> Self:
        """The ledger at `url`. `patience`: how many seconds to wait, here and later, for somebody else's write."""
        return cls(stores.opened(url, patience))

    def copy_to(self, url: str, *, patience: float = stores.PATIENCE) -> Self:
        """A new ledger at `url` with the same entries and sealed parts, to the byte; this one stays as it is.

        Raises `LedgerBroken`, and nothing is there, if this one is not sound or the copy does not read as it does;
        `Refused` if there is already something at `url`.
        """
        with self._store.reading():
            entries, sealed = _entries(self._store, None, {}), seals.held(self._store, None)
        flaws = _flaws(entries, sealed)
        if flaws:
            first = f"the first in entry {flaws[0].seq}: {flaws[0].kind}"
            raise LedgerBroken(f"this ledger has {len(flaws)} flaw(s), {first}; it was not copied (`pastoral audit verify` names them)")
        with stores.founding(url, patience) as store:
            _write(store, entries, sealed)
            if (_entries(store, None, {}), seals.held(store, None)) != (entries, sealed):
                raise LedgerBroken("the new ledger does not read as the old one does; it was taken back")
        return type(self)(store)

    def append(
        self, drafts: Sequence[Draft], *, actor: str, now: str, salts: Iterator[bytes], expected_head: str | None = None
    ) -> tuple[Entry, ...]:
        """Write one step, all of it or nothing, and return its entries.

        They are recorded at `now`, or at the last entry's moment if that is later. Raises `LedgerConflict` if the last
        entry's digest is not `expected_head`: somebody wrote since that was read.
        """
        return self.erase((), drafts, actor=actor, now=now, salts=salts, expected_head=expected_head)

    def erase(
        self,
        parts: Collection[Key],
        drafts: Sequence[Draft],
        *,
        actor: str,
        now: str,
        salts: Iterator[bytes],
        expected_head: str | None = None,
    ) -> tuple[Entry, ...]:
        """Delete sealed parts, and write one step that says so; both or neither. Otherwise as `append`; `sweep` comes after it."""
        with self._store.writing():
            head = _head(self._store)
            if expected_head is not None and head.digest != expected_head:
                raise LedgerConflict(
                    f"somebody else wrote meanwhile, up to entry {head.seq}; nothing was recorded. Look again, then repeat"
                )
            entries, sealed = extend(head, drafts, actor=actor, recorded_at=now, salts=salts)
            if parts:
                seals.erase(self._store, parts)
            _write(self._store, entries, sealed)
        return entries

    def sweep(self) -> str:
        """Leave nothing of erased parts behind in the database's files; what is left for its keeper to do, in words, or nothing."""
        return self._store.sweep()

    def head(self) -> Head:
        """The number, moment and digest of the last entry."""
        return _head(self._store)

    def entries(self, upto: int | None = None) -> tuple[Entry, ...]:
        """The entries up to number `upto`, in order, each with the sealed parts that are still held.

        Nothing is verified. Raises `LedgerBroken` for a sealed part that cannot be read.
        """
        with self._store.reading():
            parts = seals.contents(seals.held(self._store, upto))
            return _entries(self._store, upto, parts)

    def sealed(self) -> tuple[Sealed, ...]:
        """The sealed parts still held, with their salts."""
        return seals.held(self._store, None)

    def flaws(self) -> tuple[Flaw, ...]:
        """Everything wrong with the chain and the sealed parts; none means consistent within itself."""
        with self._store.reading():
            entries, sealed = _entries(self._store, None, {}), seals.held(self._store, None)
        return _flaws(entries, sealed)

    def erased(self) -> Mapping[Key, int]:
        """Each sealed part that the record says was erased -> the entry that says so."""
        return erased(_entries(self._store, None, {}))

    def close(self) -> None:
        """Let go of the database."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def _flaws(entries: Sequence[Entry], sealed: Sequence[Sealed]) -> tuple[Flaw, ...]:
    found = walk(entries)
    return *found, *check_seals(entries, sealed, passing_over={flaw.seq for flaw in found})


def _head(store: Store) -> Head:
    last = store.read(LAST)
    return Head(*last[0]) if last else NOTHING


def _entries(store: Store, upto: int | None, parts: Mapping[int, Parts]) -> tuple[Entry, ...]:
    rows = store.read(READ) if upto is None else store.read(READ_UPTO, upto)
    return tuple(
        Entry(seq, recorded_at, actor, kind, body, previous, digest, parts.get(seq, NO_PARTS))
        for seq, recorded_at, actor, kind, body, previous, digest in rows
    )


def _write(store: Store, entries: Sequence[Entry], sealed: Sequence[Sealed]) -> None:
    store.write(WRITE, map(ROW, entries))
    seals.keep(store, sealed)
