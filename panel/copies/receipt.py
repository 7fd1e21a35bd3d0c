"""Receipts: what a family keeps of one decision, checkable without the ledger.

A receipt holds the entry of the decision, its sealed part with the salt, the proof that the entry is in the tree of a
checkpoint, and the checkpoint. It names no other child: a decision is about one, and what stands beside it in the tree
shows only as hashes over random bytes. A receipt that proves nothing is a value, never an exception. It knows no files.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Literal

from pydantic import ConfigDict, ValidationError

from panel import events as ev
from panel.canonical import NotCanonical, canonical
from panel.errors import LedgerBroken, Refused
from panel.record import merkle
from panel.record.chain import SALT_BYTES, SEALS, Entry, Sealed, link
from panel.record.checkpoint import Checkpoint, departures, leaves, parse, read
from panel.record.note import Note, PublicKey, Signers, signers

ABOUT: Final = "A receipt for one decision of a panel. To check it: pastoral audit check-receipt FILE --key PUBLIC"


class NotAReceipt(Refused):
    """A file that has not exactly the form of a receipt. The message quotes nothing of it."""

    kind: ClassVar[str] = "receipt"


class _Sheet(ev.Record):
    """An object of the file: these keys, of exactly these types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)


class _Entry(_Sheet):
    actor: str
    body: dict[str, Any]
    kind: str
    previous: str
    recorded_at: str
    seq: int


class _Sealed(_Sheet):
    content: dict[str, Any]
    salt: str


class _File(_Sheet):
    about: Literal["A receipt for one decision of a panel. To check it: pastoral audit check-receipt FILE --key PUBLIC"]
    checkpoint: list[str]
    entry: _Entry
    pastoral_receipt: Literal[1]
    path: list[str]
    sealed: _Sealed | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """The entry of a decision, its sealed part where that is still held, the way up the tree, the checkpoint with its signatures."""

    entry: Entry
    sealed: Sealed | None
    path: merkle.Path
    note: Note

    def __str__(self) -> str:
        header = {name: getattr(self.entry, name) for name in ("actor", "kind", "previous", "recorded_at", "seq")}
        told: dict[str, object] = {
            "about": ABOUT,
            "checkpoint": str(self.note).removesuffix("\n").split("\n"),
            "entry": {**header, "body": self.entry.open()},
            "pastoral_receipt": 1,
            "path": [one.hex() for one in self.path],
        }
        if self.sealed is not None:
            told["sealed"] = {"content": self.sealed.open(), "salt": self.sealed.salt.hex()}
        return json.dumps(told, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


@dataclass(frozen=True, slots=True)
class Examined:
    """What a receipt proves. `faults` has a sentence for each thing that is wrong; where there is one, nothing is proved."""

    faults: tuple[str, ...]
    checkpoint: Checkpoint
    signers: Signers
    decision: ev.DecisionTaken | None


def issue(entries: Sequence[Entry], sealed: Iterable[Sealed], seq: int, note: Note) -> Receipt:
    """The receipt for the decision in entry `seq`, under a checkpoint. Raises `Refused` where the checkpoint does not hold it."""
    checkpoint = parse(note.text)
    if found := departures(checkpoint, entries):
        raise Refused(f"This checkpoint is not of this record as it stands: {found[0].kind}. See `pastoral audit verify --against FILE`.")
    if checkpoint.size < seq:
        raise Refused(
            f"The checkpoint is of {checkpoint.size} entries, and the decision is entry {seq}: wanted one made after the decision."
        )
    entry = entries[seq - 1]
    own = [row for row in sealed if (row.seq, row.subject, row.kind) == (seq, entry.open()["pupil"], "case")]
    return Receipt(entry, own[0] if own else None, merkle.inclusion(seq - 1, leaves(entries[: checkpoint.size])), note)


def receipt_of(raw: bytes) -> Receipt:
    """The receipt in a file. Raises `NotAReceipt` where one byte is not as receipts are written."""
    try:
        told = _File.model_validate_json(raw)
        one = told.entry
        body = canonical(one.body)
        entry = Entry(one.seq, one.recorded_at, one.actor, one.kind, body.decode(), one.previous, _digest(one, body))
        found = Receipt(entry, _sealed_of(told), tuple(map(bytes.fromhex, told.path)), read("\n".join((*told.checkpoint, "")).encode())[1])
        whole = str(found).encode() == raw
    except (ValidationError, ValueError, Refused, NotCanonical, LedgerBroken):
        # The cause is not repeated: it could quote what is sealed.
        whole = False
    if not whole:
        raise NotAReceipt("this is not a receipt in the exact form in which `pastoral audit receipt` writes one: the file was changed")
    return found


def examine(receipt: Receipt, keys: Iterable[PublicKey]) -> Examined:
    """What the receipt proves to somebody who trusts these keys, each of which must have signed."""
    checkpoint = parse(receipt.note.text)
    found = signers(receipt.note, keys)
    decision = _decision(receipt)
    faults = [f"the signature of {key.name} (key {key.id.hex()}) is not over this checkpoint" for key in found.wrong]
    faults += [f"the checkpoint has no signature of {key.name} (key {key.id.hex()})" for key in found.absent]
    if not found.signed and not faults:
        faults.append("no key was named whose signature counts")
    data = bytes.fromhex(receipt.entry.digest)
    if not merkle.included(data, receipt.entry.seq - 1, checkpoint.size, receipt.path, checkpoint.root):
        faults.append(f"this is not entry {receipt.entry.seq} of the record that the checkpoint commits to")
    if decision is None:
        faults.append("its entry is no decision that this program can read")
    elif receipt.sealed is not None and not _committed(receipt.entry, receipt.sealed):
        faults.append("its sealed part is not the one that the entry commits to")
    return Examined(tuple(faults), checkpoint, found, decision)


def _digest(entry: _Entry, body: bytes) -> str:
    return link(entry.seq, entry.recorded_at, entry.actor, entry.kind, body, entry.previous)


def _sealed_of(told: _File) -> Sealed | None:
    if told.sealed is None:
        return None
    pupil = str(told.entry.body.get("pupil", ""))
    return Sealed(told.entry.seq, pupil, "case", bytes.fromhex(told.sealed.salt), canonical(told.sealed.content).decode())


def _decision(receipt: Receipt) -> ev.DecisionTaken | None:
    entry, sealed = receipt.entry, receipt.sealed
    parts = {(sealed.subject, sealed.kind): sealed.open()} if sealed is not None else {}
    try:
        event = ev.read(entry.kind, entry.open(), parts, seq=entry.seq)
    except LedgerBroken:
        return None
    return event if isinstance(event, ev.DecisionTaken) else None


def _committed(entry: Entry, sealed: Sealed) -> bool:
    seals = entry.open().get(SEALS)
    one = {"class": sealed.kind, "commitment": sealed.commitment(), "subject": sealed.subject}
    return len(sealed.salt) == SALT_BYTES and isinstance(seals, list) and one in seals
