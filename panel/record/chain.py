"""The hash chain: what is written, and how each entry is bound to the one before it.

Knows nothing of SQL, pupils or clocks, and judges no chain: `flaws.py` does. Moments and salts are handed in. What is
hashed is told in full in docs/ledger-format.md.

    digest(e) = H("pastoral/entry/1\\n" + canonical{actor, body: H(body), kind, previous, recorded_at, seq})
    previous(e) = digest(the entry before e), 64 zeros for the first;   H = SHA-256 in hex
    commitment(part) = H("pastoral/seal/1\\n" + salt + canonical(content)),   salt = 32 random bytes
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from panel.canonical import NotCanonical, canonical, digest, parse
from panel.errors import LedgerBroken, PanelError

ENTRY_TAG: Final = "pastoral/entry/1"
SEAL_TAG: Final = "pastoral/seal/1"
SALT_BYTES: Final = 32
ZEROS: Final = "0" * 64
SEALS: Final = "seals"
"""The key of a body under which its commitments stand."""

ERASED: Final = "person erased"
"""The kind of an entry whose body lists, under `parts`, the sealed parts that its step deleted."""

MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)

Class = Literal["case", "identity"]

Reason = Literal["withheld", "part", "key", "no key"]
"""Why a sealed part stays closed: its class key is not here; it, or the key of its subject, does not open; that key is not there."""


@dataclass(frozen=True, slots=True)
class Part:
    """A sealed part to be written: whom it is about, its class, and what is sealed."""

    subject: str
    kind: Class
    content: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry to be written: its kind, its open body, its sealed parts."""

    kind: str
    body: Mapping[str, object]
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as it was written. `body` is canonical JSON text.

    `parts` are the sealed contents that are still held, by (subject, class).
    """

    seq: int
    recorded_at: str
    actor: str
    kind: str
    body: str
    previous: str
    digest: str
    parts: Mapping[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)

    def open(self) -> dict[str, Any]:
        """The open body. Raises `LedgerBroken` where it is not a canonical object."""
        return _object(self.body, f"the body of entry {self.seq}")


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed part as it was written; `content` is canonical JSON text."""

    seq: int
    subject: str
    kind: str
    salt: bytes
    content: str

    def commitment(self) -> str:
        """What its entry must say of it."""
        return digest(SEAL_TAG, self.salt, self.content)

    def open(self) -> dict[str, Any]:
        """What is sealed. Raises `LedgerBroken` where it is not a canonical object."""
        return _object(self.content, f"the sealed part of entry {self.seq} about {self.subject} ({self.kind})")


@dataclass(frozen=True, slots=True)
class Closed:
    """A sealed part that is held and was not opened."""

    seq: int
    subject: str
    kind: str
    why: Reason


@dataclass(frozen=True, slots=True)
class Held:
    """The sealed parts of some entries: those opened and those not.

    `keys`: every key that is held, by (subject, class), with the reason why it does not open, or ""; None in a ledger
    whose sealed parts are not encrypted.
    """

    opened: tuple[Sealed, ...] = ()
    closed: tuple[Closed, ...] = ()
    keys: Mapping[tuple[str, str], Reason | Literal[""]] | None = None

    def withheld(self, kind: str) -> int:
        """How many parts of a class are closed because its key is not here."""
        return sum(row.kind == kind and row.why == "withheld" for row in self.closed)


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain: the last entry's number, moment and digest."""

    seq: int
    recorded_at: str
    digest: str


NOTHING: Final = Head(0, "", ZEROS)
"""The head of a chain without entries."""


def seal(content: Mapping[str, object], salt: bytes) -> str:
    """The commitment to a sealed part: hex SHA-256 over its salt (32 bytes) and canonical form."""
    return digest(SEAL_TAG, salt, canonical(dict(content)))


def link(seq: int, recorded_at: str, actor: str, kind: str, body: bytes, previous: str) -> str:
    """The digest of an entry, which binds it to the one before it."""
    header = {
        "actor": actor,
        "body": hashlib.sha256(body).hexdigest(),
        "kind": kind,
        "previous": previous,
        "recorded_at": recorded_at,
        "seq": seq,
    }
    return digest(ENTRY_TAG, canonical(header))


def extend(
    head: Head, drafts: Sequence[Draft], *, actor: str, recorded_at: str, salts: Iterator[bytes]
) -> tuple[tuple[Entry, ...], tuple[Sealed, ...]]:
    """The entries and sealed parts that follow `head`, all of one moment: the later of `recorded_at` and the head's.

    One salt is taken for each part, in the order of (draft, subject, class). Raises `PanelError` for what cannot be
    written: a moment or salt of another form, no actor, two parts of one class about one subject, a value without
    canonical form.
    """
    if not MOMENT.fullmatch(recorded_at):
        raise PanelError(f"recorded_at: found {recorded_at!r}; wanted UTC as YYYY-MM-DDTHH:MM:SS.ffffffZ")
    if not actor or not actor.isprintable():
        raise PanelError(f"actor: found {actor!r}; wanted printable text that says who records this")
    moment = max(recorded_at, head.recorded_at)
    seq, previous = head.seq, head.digest
    entries: list[Entry] = []
    sealed: list[Sealed] = []
    for draft in drafts:
        seq += 1
        held = tuple(_held(seq, draft, salts))
        body = canonical(_with_seals(draft, held))
        own = link(seq, moment, actor, draft.kind, body, previous)
        parts = {(row.subject, row.kind): row.open() for row in held}
        entries.append(Entry(seq, moment, actor, draft.kind, body.decode(), previous, own, parts))
        sealed.extend(held)
        previous = own
    return tuple(entries), tuple(sealed)


def _held(seq: int, draft: Draft, salts: Iterator[bytes]) -> Iterator[Sealed]:
    """The sealed parts of a draft, each with its salt, sorted by (subject, class)."""
    parts = {(part.subject, part.kind): part for part in draft.parts}
    if len(parts) != len(draft.parts):
        raise PanelError(f"{draft.kind}: found two sealed parts of one class about one subject; wanted one")
    for (subject, kind), part in sorted(parts.items()):
        salt = next(salts, b"")
        if len(salt) != SALT_BYTES:
            raise PanelError(f"{draft.kind}: found a salt of {len(salt)} bytes; wanted {SALT_BYTES}")
        yield Sealed(seq, subject, kind, salt, canonical(dict(part.content)).decode())


def _with_seals(draft: Draft, held: Sequence[Sealed]) -> dict[str, object]:
    body = dict(draft.body)
    if SEALS in body:
        raise PanelError(f"{draft.kind}: found the key {SEALS!r} in a body; it is kept for the commitments")
    if held:
        body[SEALS] = [{"class": row.kind, "commitment": row.commitment(), "subject": row.subject} for row in held]
    return body


def _object(text: str, what: str) -> dict[str, Any]:
    if not isinstance(text, str):  # SQLite keeps whatever somebody forged into a column
        raise LedgerBroken(f"{what}: found bytes; wanted text")
    try:
        value = parse(text.encode())
    except (NotCanonical, UnicodeEncodeError) as error:
        raise LedgerBroken(f"{what}: {error}") from None
    if not isinstance(value, dict):
        raise LedgerBroken(f"{what}: found no object; wanted one")
    return value
