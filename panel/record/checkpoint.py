"""Checkpoints: a few lines that commit to everything in a record so far, and whether a record is still what one commits to.

    text = origin LF size LF base64(root) LF "last entry " moment LF

origin names the ledger by its first entry's digest; size counts the entries; root is the Merkle root over their digests
(`merkle.py`); moment is that of the last of them. The same entries give the same text, so several people can sign it.
A departure is a value, never an exception. It knows no files and no keys.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from panel.errors import LedgerBroken
from panel.record import merkle
from panel.record.chain import MOMENT, ZEROS, Entry
from panel.record.flaws import walk
from panel.record.note import NotANote, Note, PublicKey, Signers, read_note, signers, unbase64

ORIGIN: Final = "pastoral/ledger/1/"
LAST: Final = "last entry "
DIGEST: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
SIZE: Final = re.compile(r"[1-9][0-9]{0,15}", re.ASCII)

Kind = Literal["another ledger", "cut off", "rewritten", "moment does not match"]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A commitment to the first `size` entries of a ledger. `origin` ends in the first entry's digest, `last` is the last one's moment."""

    origin: str
    size: int
    root: bytes
    last: str

    def __str__(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n{LAST}{self.last}\n"


@dataclass(frozen=True, slots=True)
class Departure:
    """One way in which a record is not what a checkpoint commits to: the first entry that can be meant, and how it shows."""

    seq: int
    kind: Kind
    detail: str


@dataclass(frozen=True, slots=True)
class Compared:
    """A record held against one checkpoint: who signed it, of the keys that count, and what departs from it."""

    checkpoint: Checkpoint
    signers: Signers
    departures: tuple[Departure, ...]

    @property
    def ok(self) -> bool:
        return not (self.departures or self.signers.wrong or self.signers.absent)


def sound(entries: Sequence[Entry]) -> None:
    """Raises `LedgerBroken` where the chain has a flaw or no entries: such a record is nothing to put one's name to."""
    flaws = walk(entries)
    if flaws or not entries:
        first = f"entry {flaws[0].seq}: {flaws[0].kind}" if flaws else "it has no entries"
        raise LedgerBroken(f"this record is not as it was written ({first}), so no checkpoint is made of it. See `pastoral audit verify`")


def commit(entries: Sequence[Entry]) -> Checkpoint:
    """The checkpoint of all of these entries, of which there is at least one; nothing is verified."""
    return Checkpoint(ORIGIN + entries[0].digest, len(entries), merkle.root(leaves(entries)), entries[-1].recorded_at)


def leaves(entries: Iterable[Entry]) -> tuple[bytes, ...]:
    """The leaves of the tree: of each entry the hash over the 32 bytes of its digest (of nothing, where that is no digest)."""
    return tuple(merkle.leaf(bytes.fromhex(entry.digest) if _is_digest(entry.digest) else b"") for entry in entries)


def read(raw: bytes) -> tuple[Checkpoint, Note]:
    """A checkpoint and the note that it stands in, with or without signatures. Raises `NotANote`."""
    note = read_note(raw)
    return parse(note.text), note


def parse(text: str) -> Checkpoint:
    """A checkpoint's text. Raises `NotANote` where it is another's, or of another form."""
    lines = text.removesuffix("\n").split("\n")
    if len(lines) != 4 or not lines[0].startswith(ORIGIN):
        raise NotANote(f"found a text that is no checkpoint of a ledger; wanted four lines, the first beginning with {ORIGIN}")
    origin, size, root, last = lines
    found = Checkpoint(origin, int(size) if SIZE.fullmatch(size) else 0, unbase64(root), last.removeprefix(LAST))
    whole = found.size and len(found.root) == 32 and MOMENT.fullmatch(found.last) and _is_digest(origin.removeprefix(ORIGIN))
    if not whole or str(found) != text:
        raise NotANote("found a checkpoint whose lines are not of the agreed form (see docs/ledger-format.md)")
    return found


def compare(entries: Sequence[Entry], kept: Iterable[tuple[Checkpoint, Note]], keys: Sequence[PublicKey]) -> tuple[Compared, ...]:
    """A record held against several checkpoints, smallest first, so that what one proves narrows down what another finds wrong."""
    found: list[Compared] = []
    unchanged = 0
    for checkpoint, note in sorted(kept, key=lambda one: one[0].size):
        wrong = departures(checkpoint, entries, unchanged=unchanged)
        found.append(Compared(checkpoint, signers(note, keys), wrong))
        unchanged = unchanged if wrong else checkpoint.size
    return tuple(found)


def departures(checkpoint: Checkpoint, entries: Sequence[Entry], *, unchanged: int = 0) -> tuple[Departure, ...]:
    """How a record differs from what a checkpoint commits to: at most one, none if its first entries are exactly those.

    `unchanged`: so many first entries are known to be as they were, from an older checkpoint. A root says that something
    differs, never what: only older checkpoints narrow it down.
    """
    own = entries[0].digest if entries and _is_digest(entries[0].digest) else ZEROS
    if checkpoint.origin != ORIGIN + own:
        detail = "the checkpoint is of a ledger with another first entry: either that is another panel's, or this one was written anew"
        return (Departure(1, "another ledger", detail),)
    held = [entry for entry in entries if entry.seq <= checkpoint.size]
    if held[-1].seq < checkpoint.size:
        return (_cut_off(checkpoint.size, held[-1].seq, unchanged),)
    if merkle.root(leaves(held)) != checkpoint.root:
        return (_rewritten(checkpoint.size, unchanged),)
    if held[-1].recorded_at != checkpoint.last:
        detail = f"the checkpoint says that entry {checkpoint.size} is of {checkpoint.last}; it is of {held[-1].recorded_at}"
        return (Departure(checkpoint.size, "moment does not match", detail),)
    return ()


def consistency(checkpoint: Checkpoint, entries: Sequence[Entry]) -> merkle.Path:
    """What proves to somebody without the ledger that the checkpoint's tree became that of all these entries by adding only."""
    return merkle.consistency(checkpoint.size, leaves(entries))


def _cut_off(size: int, found: int, unchanged: int) -> Departure:
    gone = f"entry {size} is" if size == found + 1 else f"entries {found + 1} to {size} are"
    rest = _span(min(unchanged, found) + 1, found) if found > unchanged else ""
    untold = f" Whether {rest} changed, this checkpoint cannot show; an older one can." if rest else ""
    return Departure(found + 1, "cut off", f"the checkpoint is of {size} entries, the record has {found}: {gone} gone.{untold}")


def _rewritten(size: int, unchanged: int) -> Departure:
    known = unchanged if unchanged < size else 0
    where = f"in {_span(known + 1, size)}" if known + 1 < size else f"at entry {size}"
    older = "" if known else " An older checkpoint would show where."
    return Departure(known + 1, "rewritten", f"something {where} was changed, put in or taken out since the checkpoint was made.{older}")


def _span(first: int, last: int) -> str:
    return f"entry {first}" if first == last else f"entries {first} to {last}"


def _is_digest(text: object) -> bool:
    return isinstance(text, str) and DIGEST.fullmatch(text) is not None
