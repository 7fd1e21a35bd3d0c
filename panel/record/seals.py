"""The sealed parts and their keys in their tables, the only rows of a ledger that may ever be deleted.

Each subject has one key of its own for each class, drawn when something is first sealed about it, and wrapped under the
panel's key of that class. The chain knows nothing of all this: it commits to what is sealed, not to how it is kept. What is
sealed is not known here either, and no commitment is checked: `flaws.py` does. Whatever is random is handed in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Final, Protocol

from panel.canonical import NotCanonical
from panel.errors import LedgerBroken
from panel.record.boxes import KEY_BYTES, NONCE_BYTES, Lock
from panel.record.chain import SALT_BYTES, Closed, Held, Reason, Sealed, link
from panel.record.flaws import EVERYBODY, Key
from panel.record.keyring import CLASSES, ClassKeys, Draw, KeyMissing, Keys, WrongKeys
from panel.record.store import Store

PLAIN: Final = 1
"""The number of the format in which nothing is encrypted."""

STEP: Final = 256
"""What is in the box of a sealed part is made up with zero bytes to a multiple of so many: a length tells a yes from a no."""

ERASE: Final = "DELETE FROM sealed WHERE seq = ? AND subject = ? AND class = ?"
THERE: Final = "SELECT seq, subject, class FROM sealed"

KEEP_PLAIN: Final = "INSERT INTO sealed (seq, subject, class, salt, content) VALUES (?, ?, ?, ?, ?)"
PLAIN_HELD: Final = "SELECT seq, subject, class, salt, content FROM sealed ORDER BY seq, subject, class"
PLAIN_HELD_UPTO: Final = "SELECT seq, subject, class, salt, content FROM sealed WHERE seq <= ? ORDER BY seq, subject, class"

KEEP: Final = "INSERT INTO sealed (seq, subject, class, box) VALUES (?, ?, ?, ?)"
HELD: Final = "SELECT seq, subject, class, box FROM sealed ORDER BY seq, subject, class"
HELD_UPTO: Final = "SELECT seq, subject, class, box FROM sealed WHERE seq <= ? ORDER BY seq, subject, class"

WRAP: Final = "INSERT INTO wrapped (subject, class, generation, box) VALUES (?, ?, ?, ?)"
WRAPPED: Final = "SELECT subject, class, generation, box FROM wrapped ORDER BY subject, class"
WRAPPED_FOR: Final = "SELECT subject, class, generation, box FROM wrapped WHERE subject = ? AND class = ?"
REWRAP: Final = "UPDATE wrapped SET generation = ?, box = ? WHERE subject = ? AND class = ?"
UNWRAP: Final = "DELETE FROM wrapped WHERE subject = ? AND class = ?"

FIRST: Final = "SELECT recorded_at, actor, kind, body, previous, digest FROM entry WHERE seq = 1"

LOST: Final = (
    "If the file is lost with every copy of it, the cases and identities are lost for good; the chain, the checkpoints, who was "
    "placed where and when, and every other open part stay: `pastoral audit export` writes them out, and docs/sealing.md says how to go on"
)


def of_part(ledger: str, seq: object, subject: object, kind: object) -> bytes:
    """What the box of a sealed part is bound to."""
    return f"pastoral/part/2\n{ledger}\n{seq}\n{kind}\n{subject}".encode("utf-8", "surrogateescape")


def of_key(ledger: str, generation: object, subject: object, kind: object) -> bytes:
    """What the box of a subject's key is bound to."""
    return f"pastoral/key/2\n{ledger}\n{generation}\n{kind}\n{subject}".encode("utf-8", "surrogateescape")


class Vault(Protocol):
    """The sealed parts of one ledger."""

    def keep(self, rows: Sequence[Sealed]) -> None:
        """Write sealed parts, inside the step that writes their entries."""

    def erase(self, parts: Collection[Key]) -> None:
        """Delete sealed parts, inside the step that records it. Raises `LedgerBroken` if one is still there."""

    def held(self, upto: int | None, *, blind: bool = False) -> Held:
        """The sealed parts still held of the entries up to `upto`, in the order of (seq, subject, class). `blind`: open none."""


class Plain:
    """The first format: nothing is encrypted."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def keep(self, rows: Sequence[Sealed]) -> None:
        """Write sealed parts as they are."""
        self._store.write(KEEP_PLAIN, ((row.seq, row.subject, row.kind, row.salt, row.content) for row in rows))

    def erase(self, parts: Collection[Key]) -> None:
        """Delete sealed parts."""
        _erase(self._store, parts)

    def held(self, upto: int | None, *, blind: bool = False) -> Held:  # noqa: ARG002 - everybody can read it
        """All of them, opened."""
        rows = self._store.read(PLAIN_HELD) if upto is None else self._store.read(PLAIN_HELD_UPTO, upto)
        return Held(tuple(Sealed(*row) for row in rows))


class Boxed:
    """The second format: every part in a box under its subject's key, every such key in a box under the panel's."""

    def __init__(self, store: Store, keys: Keys, draw: Draw) -> None:
        self._store = store
        self._keys = keys
        self._draw = draw
        self._checked: ClassKeys | None = None

    # --- writing ---

    def begin(self, keys: ClassKeys) -> None:
        """Wrap the panel's own keys, whose generation is the ledger's, under the first class keys."""
        for kind in CLASSES:
            self._new(EVERYBODY, kind, keys, 1)

    def keep(self, rows: Sequence[Sealed]) -> None:
        """Write sealed parts. Raises `KeyMissing` where one cannot be sealed because a class key is not here."""
        if not rows:
            return
        locks = {pair: self._lock_for(*pair) for pair in dict.fromkeys((row.subject, row.kind) for row in rows)}
        ledger = self._ours().ledger
        self._store.write(KEEP, ((row.seq, row.subject, row.kind, self._boxed(row, locks[row.subject, row.kind], ledger)) for row in rows))

    def erase(self, parts: Collection[Key]) -> None:
        """Delete sealed parts, and the key of each subject of whom nothing of that class is left."""
        _erase(self._store, parts)
        left = {(subject, kind) for _, subject, kind in self._store.read(THERE)}
        gone = {(subject, kind) for _, subject, kind in parts if subject != EVERYBODY} - left
        self._store.write(UNWRAP, sorted(gone))

    def rotate(self, put: Callable[[ClassKeys], None]) -> int:
        """Wrap every key anew under fresh class keys, which `put` puts beside the old ones first; the new generation.

        Raises `KeyMissing` where a class key of now is not here, `LedgerBroken` where a key does not open.
        """
        now = self.generation()
        found = self._at_hand({(kind, now) for kind in CLASSES})
        for kind in CLASSES:
            if found is None or (kind, now) not in found.keys:
                raise self.missing(kind)
        current = self._ours().only(generation=now)
        both = current.with_fresh(now + 1, self._draw)
        rows = []
        for subject, kind, generation, box in self._store.read(WRAPPED):
            raw = _unwrapped(current, subject, kind, generation, box)
            if raw is None:
                said = f"the key of {kind} parts about {subject} does not open, so nothing was changed"
                raise LedgerBroken(f"{said}; `pastoral audit verify` says what is wrong")
            bound = of_key(current.ledger, now + 1, subject, kind)
            rows.append((now + 1, Lock(both.keys[kind, now + 1]).close(raw, bound, self._draw(NONCE_BYTES)), subject, kind))
        put(both)
        self._store.write(REWRAP, rows)
        return now + 1

    def forget_old(self) -> None:
        """Leave only the keys of the ledger's generation where keys are kept; inside a step, so that nobody rotates meanwhile."""
        found, now = self._keys.read(again=True), self.generation()
        if found is not None and any(generation != now for _, generation in found.keys) and found.only(generation=now).keys:
            self._keys.replace(found.only(generation=now))

    def generation(self) -> int:
        """The generation of the class keys that everything is wrapped under now: that of the panel's own keys."""
        rows = self._store.read(WRAPPED_FOR, EVERYBODY, CLASSES[0])
        if not rows:
            raise LedgerBroken("the panel's own key is not there; see `pastoral audit verify`")
        return int(rows[0][2])

    # --- reading ---

    def held(self, upto: int | None, *, blind: bool = False) -> Held:
        """Every part, opened where its keys are here. Raises `WrongKeys` where they are not this ledger's."""
        wrapped = {(subject, kind): (generation, box) for subject, kind, generation, box in self._store.read(WRAPPED)}
        found = None if blind else self._at_hand({(kind, generation) for (_, kind), (generation, _) in wrapped.items()})
        locks = self._locks(wrapped, found)
        rows = self._store.read(HELD) if upto is None else self._store.read(HELD_UPTO, upto)
        opened: list[Sealed] = []
        closed: list[Closed] = []
        for seq, subject, kind, box in rows:
            lock = locks.get((subject, kind), "no key")
            if isinstance(lock, str):
                closed.append(Closed(seq, subject, kind, lock))
                continue
            assert found is not None  # noqa: S101 - or there were no locks
            plain = lock.open(box, of_part(found.ledger, seq, subject, kind))
            if plain is None or len(plain) < SALT_BYTES:
                closed.append(Closed(seq, subject, kind, "part"))
            else:
                content = plain[SALT_BYTES:].rstrip(b"\0").decode("utf-8", "surrogateescape")
                opened.append(Sealed(seq, subject, kind, plain[:SALT_BYTES], content))
        return Held(tuple(opened), tuple(closed), {pair: lock if isinstance(lock, str) else "" for pair, lock in locks.items()})

    def at_hand(self) -> ClassKeys | None:
        """The class keys that are here. Raises `WrongKeys` where they are another ledger's."""
        now = self.generation()
        return self._at_hand({(kind, now) for kind in CLASSES})

    def missing(self, kind: str, parts: int = 0) -> KeyMissing:
        """Why the key of a class is not here, what follows, and what to do."""
        found, where = self._keys.read(), self._keys.where
        what = f"{parts} sealed part(s) of class {kind}" if parts else f"what is sealed of class {kind}"
        if found is None:
            said = f"The keys of this ledger are not here ({where} is not there), and {what} cannot be read or added to without them"
            return KeyMissing(f"{said}. Name their file with --keys or PASTORAL_KEYS. {LOST}")
        if kind not in found.classes:
            there = " and ".join(found.classes) or "no class"
            return KeyMissing(f"{where} holds the key of class {there}, not that of class {kind}: {what} cannot be read or added to")
        generations = ", ".join(map(str, found.generations(kind)))
        return KeyMissing(
            f"{where} holds the keys of generation {generations}, and this ledger's are of generation {self.generation()}: "
            f"{what} cannot be read with it. Whoever changed the keys (`pastoral keys rotate`) has the file that belongs to this ledger"
        )

    # --- keys ---

    def _boxed(self, row: Sealed, lock: Lock, ledger: str) -> bytes:
        plain = row.salt + row.content.encode()
        plain += bytes(-len(plain) % STEP)
        return lock.close(plain, of_part(ledger, row.seq, row.subject, row.kind), self._draw(NONCE_BYTES))

    def _lock_for(self, subject: str, kind: str) -> Lock:
        """The key of a subject, wrapped and kept if it is a new one."""
        rows = self._store.read(WRAPPED_FOR, subject, kind)
        generation = int(rows[0][2]) if rows else self.generation()
        found = self._at_hand({(kind, generation)})
        if found is None or (kind, generation) not in found.keys:
            raise self.missing(kind)
        if not rows:
            return self._new(subject, kind, found, generation)
        lock = _unwrap(found, *rows[0])
        if lock is None:
            raise LedgerBroken(
                f"the key of {kind} parts about {subject} does not open with {self._keys.where}; see `pastoral audit verify`"
            )
        return lock

    def _new(self, subject: str, kind: str, keys: ClassKeys, generation: int) -> Lock:
        raw = self._draw(KEY_BYTES)
        box = Lock(keys.keys[kind, generation]).close(raw, of_key(keys.ledger, generation, subject, kind), self._draw(NONCE_BYTES))
        self._store.write(WRAP, [(subject, kind, generation, box)])
        return Lock(raw)

    def _locks(self, wrapped: Mapping[tuple[str, str], tuple[int, bytes]], found: ClassKeys | None) -> dict[tuple[str, str], Lock | Reason]:
        """Every subject's key, or the reason why it does not open. Raises `WrongKeys` where none of a class does."""
        if found is None:
            return dict.fromkeys(wrapped, "withheld")
        # A number that somebody changed is not a key that is not here: so only where all of a class are of other generations.
        here = {kind for (_, kind), (generation, _) in wrapped.items() if (kind, generation) in found.keys}
        away = set(CLASSES) - here
        locks: dict[tuple[str, str], Lock | Reason] = {
            (subject, kind): "withheld" if kind in away else _unwrap(found, subject, kind, generation, box) or "key"
            for (subject, kind), (generation, box) in wrapped.items()
        }
        for kind in sorted(here):
            if all(lock == "key" for (_, of), lock in locks.items() if of == kind):
                said = f"{self._keys.where}: the key of class {kind} in it opens nothing in this ledger"
                raise WrongKeys(f"{said}. Name the right file with --keys")
        return locks

    def _at_hand(self, wanted: set[tuple[str, int]]) -> ClassKeys | None:
        """The class keys that are here; looked for once more where others are wanted, for somebody may have rotated them meanwhile."""
        found = self._keys.read()
        if found is not None and any(kind in found.classes and (kind, generation) not in found.keys for kind, generation in wanted):
            self._keys.read(again=True)
        return self._ours() if found is not None else None

    def _ours(self) -> ClassKeys:
        """The class keys that are here. Raises `WrongKeys` where they are another ledger's."""
        found = self._keys.read()
        if found is None:
            raise self.missing(CLASSES[0])
        if found is self._checked:
            return found
        names = tuple(_names(self._store.read(FIRST)))
        if names and found.ledger not in names:  # where the first entry is gone, what opens tells whose keys they are
            raise WrongKeys(
                f"{self._keys.where} holds the keys of another ledger: its first entry has the digest {found.ledger[:16]}..., and here "
                f"that is {names[0][:16]}... Name the right file with --keys; if it is the right one, this record was "
                "written anew from its first entry on."
            )
        self._checked = found
        return found


def contents(rows: Iterable[Sealed]) -> Mapping[int, Mapping[tuple[str, str], Mapping[str, Any]]]:
    """What is sealed, by entry and then by (subject, class). Raises `LedgerBroken` for one that cannot be read."""
    found: dict[int, dict[tuple[str, str], Mapping[str, Any]]] = defaultdict(dict)
    for row in rows:
        found[row.seq][row.subject, row.kind] = row.open()
    return found


def _erase(store: Store, parts: Collection[Key]) -> None:
    gone = set(parts)
    store.write(ERASE, sorted(gone))
    if any(row in gone for row in store.read(THERE)):
        raise LedgerBroken("a sealed part that was deleted is still there; nothing was recorded")


def _unwrapped(found: ClassKeys, subject: str, kind: str, generation: int, box: bytes) -> bytes | None:
    """A subject's key; None where it does not open."""
    key = found.keys.get((kind, generation))
    raw = Lock(key).open(box, of_key(found.ledger, generation, subject, kind)) if key is not None else None
    return raw if raw is not None and len(raw) == KEY_BYTES else None


def _unwrap(found: ClassKeys, subject: str, kind: str, generation: int, box: bytes) -> Lock | None:
    raw = _unwrapped(found, subject, kind, generation, box)
    return Lock(raw) if raw is not None else None


def _names(rows: Sequence[tuple[Any, ...]]) -> Iterable[str]:
    """What a ledger may be called: its first entry's digest as it stands, and as it should be, so that a changed one is no other ledger."""
    for recorded_at, actor, kind, body, previous, digest in rows:
        yield str(digest)
        try:
            yield link(1, recorded_at, actor, kind, body.encode(), previous)
        except (NotCanonical, UnicodeEncodeError, AttributeError):
            continue
