"""The ledger: entries that are only ever added, a whole step or nothing, each bound to the one before.

It knows nothing of what entries mean, and no clock: moments and salts are handed in. Only the nonces and keys of what is
encrypted are always the machine's own randomness, also in a story that is made up: one that came twice would open what it
closed. Several people may write; each step takes the write lock before it reads the head.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from operator import attrgetter
from types import MappingProxyType, TracebackType
from typing import Any, Final, Self

from panel.errors import LedgerBroken, LedgerConflict, PanelError, Refused
from panel.record import seals, stores
from panel.record.chain import NOTHING, Draft, Entry, Head, Held, Sealed, extend
from panel.record.flaws import Flaw, Key, check_seals, erased, walk
from panel.record.keyring import CASE, CLASSES, ClassKeys, Keys, WrongKeys, first_keys
from panel.record.seals import PLAIN, Boxed, Plain
from panel.record.store import Store

Parts = Mapping[tuple[str, str], Mapping[str, Any]]
NO_PARTS: Final[Parts] = MappingProxyType({})

ROW: Final = attrgetter("seq", "recorded_at", "actor", "kind", "body", "previous", "digest")
WRITE: Final = "INSERT INTO entry (seq, recorded_at, actor, kind, body, previous, digest) VALUES (?, ?, ?, ?, ?, ?, ?)"
READ: Final = "SELECT seq, recorded_at, actor, kind, body, previous, digest FROM entry ORDER BY seq"
READ_UPTO: Final = "SELECT seq, recorded_at, actor, kind, body, previous, digest FROM entry WHERE seq <= ? ORDER BY seq"
LAST: Final = "SELECT seq, recorded_at, digest FROM entry ORDER BY seq DESC LIMIT 1"


class Ledger:
    """An open ledger; a context manager that closes it. Every failure is a `LedgerError` with one plain sentence."""

    def __init__(self, store: Store, keys: Keys) -> None:
        self._store = store
        self._keys = keys
        self._vault = _vault(store, keys)

    @classmethod
    def found(
        cls,
        url: str,
        drafts: Sequence[Draft],
        *,
        actor: str,
        now: str,
        salts: Iterator[bytes],
        patience: float = stores.PATIENCE,
        keys: Keys | None = None,
    ) -> Self:
        """A new ledger with its first entries and new keys. If they cannot be written there is neither.

        Raises `Refused` if there is already something at `url` (`sqlite:///FILE`, `sqlite://` for one in memory, or
        `postgresql+psycopg://USER@HOST/DATABASE`), or where the keys are to be.
        """
        if not drafts:
            raise PanelError("found no first entry; wanted one: its digest is the name of the ledger")
        entries, sealed = extend(NOTHING, drafts, actor=actor, recorded_at=now, salts=salts)
        keys = stores.keys_beside(url) if keys is None else keys
        # The keys stand outside: a founding that fails in its last moment takes them back too.
        with keys.founding() as put, stores.founding(url, patience) as store:
            _begin(store, entries, sealed, keys, put)
        return cls(store, keys)

    @classmethod
    def open(cls, url: str, *, patience: float = stores.PATIENCE, keys: Keys | None = None) -> Self:
        """The ledger at `url`. `patience`: how many seconds to wait, here and later, for somebody else's write.

        `keys`: where its keys are, read when they are first needed; by default where a founding puts them.
        """
        store = stores.opened(url, patience)
        return cls(store, stores.keys_beside(url) if keys is None else keys)

    def copy_to(self, url: str, *, patience: float = stores.PATIENCE, keys: Keys | None = None) -> Self:
        """A new ledger at `url` with the same entries and sealed parts, to the byte; this one stays as it is.

        What is encrypted stays so, under the same keys, of which as many as are here are put to `keys`, by default beside the
        copy. What is not is encrypted under new ones. Raises `LedgerBroken`, and nothing is there, if this one is not
        sound or the copy does not read as it does; `Refused` if there is already something at `url`.
        """
        with self._store.reading():
            entries, held = _entries(self._store, None, {}), self._vault.held(None)
            boxes = (self._store.read(seals.HELD), self._store.read(seals.WRAPPED)) if isinstance(self._vault, Boxed) else None
        flaws = _flaws(entries, held)
        if flaws:
            first = f"the first in entry {flaws[0].seq}: {flaws[0].kind}"
            raise LedgerBroken(f"this ledger has {len(flaws)} flaw(s), {first}; it was not copied (`pastoral audit verify` names them)")
        keys = stores.keys_beside(url) if keys is None else keys
        with keys.founding() as put, stores.founding(url, patience) as store:
            if boxes is None:
                _begin(store, entries, held.opened, keys, put)
            else:
                store.write(WRITE, map(ROW, entries))
                store.write(seals.WRAP, boxes[1])
                store.write(seals.KEEP, boxes[0])
                if (own := self._keys.read()) is not None:
                    put(own)
            there = _vault(store, keys).held(None)
            if (_entries(store, None, {}), there.opened, there.closed) != (entries, held.opened, held.closed):
                raise LedgerBroken("the new ledger does not read as the old one does; it was taken back")
        return type(self)(store, keys)

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
                self._vault.erase(parts)
            self._store.write(WRITE, map(ROW, entries))
            self._vault.keep(sealed)
        return entries

    def rotate(self) -> int:
        """Change the class keys, and wrap every other key anew under them, in one step; the new generation.

        Whoever is killed meanwhile leaves a file of keys that opens the ledger. Nothing is recorded: what the chain says does not
        depend on it. Raises `Refused` for a ledger of the first format.
        """
        vault = self._vault
        if not isinstance(vault, Boxed):
            raise Refused("What is sealed in this ledger is not encrypted, so it has no keys: `pastoral audit copy` makes one that is.")
        try:
            with self._store.writing():
                generation = vault.rotate(self._keys.replace)
        finally:
            # Under the lock again, so that keys of somebody who rotates at the same moment are not thrown away.
            with self._store.writing():
                vault.forget_old()
        return generation

    def sweep(self) -> str:
        """Leave nothing of erased parts behind in the database's files; what is left for its keeper to do, in words, or nothing."""
        return self._store.sweep()

    def head(self) -> Head:
        """The number, moment and digest of the last entry."""
        return _head(self._store)

    def entries(self, upto: int | None = None) -> tuple[Entry, ...]:
        """The entries up to number `upto`, in order, each with the sealed parts that are still held.

        Nothing is verified. Raises `LedgerBroken` for a sealed part that cannot be read, `KeyMissing` for a case whose key is not
        here. Identities whose key is not here are left out: see `withheld`.
        """
        with self._store.reading():
            parts = seals.contents(self._readable(self._vault.held(upto)).opened)
            return _entries(self._store, upto, parts)

    def chain(self) -> tuple[Entry, ...]:
        """The entries without their sealed parts: no key is needed."""
        return _entries(self._store, None, {})

    def sealed(self) -> tuple[Sealed, ...]:
        """The sealed parts still held, with their salts. Raises and leaves out as `entries` does."""
        return self._readable(self._vault.held(None)).opened

    def held(self) -> tuple[Key, ...]:
        """Which sealed parts are still held: no key is needed."""
        return tuple(sorted((seq, subject, kind) for seq, subject, kind in self._store.read(seals.THERE)))

    def withheld(self) -> Mapping[str, tuple[Key, ...]]:
        """The sealed parts of which the keys are not here, by class; a class of which all can be opened is absent."""
        closed = [row for row in self._vault.held(None).closed if row.why == "withheld"]
        found = {kind: tuple((row.seq, row.subject, row.kind) for row in closed if row.kind == kind) for kind in CLASSES}
        return {kind: parts for kind, parts in found.items() if parts}

    def must_open(self, kind: str) -> None:
        """Raises `KeyMissing` where parts of a class are held and their key is not here."""
        self._opens(self._vault.held(None), kind)

    def keys(self) -> ClassKeys | None:
        """The class keys that are here, for whoever hands them on. Raises `Refused` where they are another ledger's."""
        return self._vault.at_hand() if isinstance(self._vault, Boxed) else None

    def encrypted(self) -> bool:
        """Whether what is sealed is encrypted: not so in a ledger of the first format."""
        return isinstance(self._vault, Boxed)

    def generation(self) -> int:
        """The generation of the class keys that open this ledger; 0 where nothing is encrypted."""
        return self._vault.generation() if isinstance(self._vault, Boxed) else 0

    def flaws(self) -> tuple[Flaw, ...]:
        """Everything wrong with the chain and the sealed parts; none means consistent within itself.

        What is sealed under a key that is not here is not compared with the chain: see `withheld`.
        """
        with self._store.reading():
            entries = _entries(self._store, None, {})
            try:
                return _flaws(entries, self._vault.held(None))
            except WrongKeys as wrong:
                found = _flaws(entries, self._vault.held(None, blind=True))
                return (*found, Flaw(1, "another ledger's keys", wrong.message))

    def _readable(self, held: Held) -> Held:
        """What is held, if every case of it can be read."""
        for row in held.closed:
            if row.why != "withheld":
                raise LedgerBroken(f"the sealed part of entry {row.seq} about {row.subject} ({row.kind}): it does not open; it was changed")
        self._opens(held, CASE)
        return held

    def _opens(self, held: Held, kind: str) -> None:
        if (parts := held.withheld(kind)) and isinstance(self._vault, Boxed):
            raise self._vault.missing(kind, parts)

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


def _vault(store: Store, keys: Keys) -> Plain | Boxed:
    return Plain(store) if store.number == PLAIN else Boxed(store, keys, secrets.token_bytes)


def _begin(store: Store, entries: Sequence[Entry], sealed: Sequence[Sealed], keys: Keys, put: Callable[[ClassKeys], None]) -> None:
    """Write the first entries of a new ledger, inside the step that founds it, and make its keys."""
    store.write(WRITE, map(ROW, entries))
    vault = _vault(store, keys)
    if isinstance(vault, Boxed):
        fresh = first_keys(entries[0].digest, secrets.token_bytes)
        put(fresh)
        vault.begin(fresh)
    vault.keep(sealed)


def _flaws(entries: Sequence[Entry], parts: Held) -> tuple[Flaw, ...]:
    found = walk(entries)
    return *found, *check_seals(entries, parts, passing_over={flaw.seq for flaw in found})


def _head(store: Store) -> Head:
    last = store.read(LAST)
    return Head(*last[0]) if last else NOTHING


def _entries(store: Store, upto: int | None, parts: Mapping[int, Parts]) -> tuple[Entry, ...]:
    rows = store.read(READ) if upto is None else store.read(READ_UPTO, upto)
    return tuple(
        Entry(seq, recorded_at, actor, kind, body, previous, digest, parts.get(seq, NO_PARTS))
        for seq, recorded_at, actor, kind, body, previous, digest in rows
    )
