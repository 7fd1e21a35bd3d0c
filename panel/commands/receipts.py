"""`pastoral audit receipt` and `check-receipt`: what a family keeps of a decision, and what it proves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from panel.commands.checkpoints import kept_in, made, signer, unchecked
from panel.commands.frame import Desk, command, several
from panel.commands.keys import FILE, NEW_FILE, signer_of

if TYPE_CHECKING:
    from panel.copies.receipt import Examined, Receipt
    from panel.record.note import Note
    from panel.steps.office import Office


@command(
    example="pastoral audit receipt R-007 --key clerk.key -o R-007.receipt\n"
    "pastoral audit receipt R-007 --checkpoint oct.checkpoint -o R-007.receipt"
)
@click.argument("referral")
@click.option("--key", type=FILE, default=None, metavar="FILE", help="The private key to sign a checkpoint of now with.")
@click.option("--checkpoint", "kept", type=FILE, default=None, metavar="FILE", help="A signed checkpoint made since the decision.")
@click.option("--meeting", type=click.IntRange(min=1), default=None, help="The decision of this meeting; by default the latest.")
@click.option("-o", "--output", type=NEW_FILE, required=True, metavar="FILE", help="Where to write it: a new file that only you may read.")
def receipt(desk: Desk, referral: str, key: Path | None, kept: Path | None, meeting: int | None, output: Path) -> None:
    """Write what a family can keep of the decision about one child: checkable without the ledger, with no other child in it."""
    if (key is None) == (kept is None):
        raise click.UsageError("Name --key to sign a checkpoint of now, or --checkpoint for a signed one that you have.")
    from panel.copies.receipt import issue
    from panel.files import new_file
    from panel.record.checkpoint import sound

    signs = signer_of(key)
    with desk.open() as office:
        seq = decision_of(office, referral, meeting)
        entries, sealed, erased = office.ledger.chain(), office.ledger.sealed(), office.ledger.erased()
    sound(entries)
    note = made(entries, signs) if kept is None else _signed(kept)
    one = issue(entries, sealed, seq, note)
    with new_file(output, mode=0o600) as write:
        write(str(one))
    said = ["It holds the panel's reason, word for word: read it before you hand it on."] if one.sealed else []
    data: dict[str, Any] = {"referral": referral, "entry": seq, "written": str(output), "sealed": one.sealed is not None}
    if (by := next((by for (of, *_), by in erased.items() if of == seq), None)) is not None and one.sealed is None:
        data["erased_by"] = by
        said.append(f"The panel's reason is not in it: it was erased by entry {by}.")
    names = ", ".join(line.name for line in note.signatures)
    desk.answer(data, f"Written: {output}, a receipt for the decision on {referral} (entry {seq}), signed by {names}.", *said)


@command(name="check-receipt", example="pastoral audit check-receipt R-007.receipt --key clerk.pub")
@click.argument("file", type=FILE)
@click.option(
    "--key", "keys", type=FILE, required=True, multiple=True, metavar="PUBLIC", help="A public key that must have signed. Repeatable."
)
def check_receipt(desk: Desk, file: Path, keys: tuple[Path, ...]) -> int:
    """Check a receipt, without the ledger, and say what it proves. Exit 1: it proves nothing. Exit 3: it is no receipt."""
    from panel.copies.receipt import examine, receipt_of
    from panel.files import read_bytes
    from panel.record.keys import read_key

    trusted = [read_key(key) for key in keys]
    one = receipt_of(read_bytes(file))
    found = examine(one, trusted)
    if found.faults:
        lines = (f"{file} proves nothing:", *(f"  {fault}" for fault in found.faults))
        desk.answer({"ok": False, "problems": list(found.faults)}, *lines)
        return 1
    desk.answer(_data(one, found), *_proved(one, found))
    return 0


def decision_of(office: Office, referral: str, meeting: int | None) -> int:
    """The entry of the latest decision on a referral, or of that meeting's. Raises `Refused` where there is none."""
    from panel import events as ev
    from panel.errors import Refused
    from panel.steps.office import referral_of

    referral_of(office.state, referral)
    taken = {
        item.event.meeting: item.seq
        for item in office.record
        if isinstance(item.event, ev.DecisionTaken) and item.event.referral == referral
    }
    if not taken:
        raise Refused(f"{referral} has not been decided yet; a receipt is for a decision.")
    if meeting is not None and meeting not in taken:
        raise Refused(f"Meeting {meeting} took no decision on {referral}; found one of meeting {', '.join(map(str, taken))}.")
    return taken[max(taken) if meeting is None else meeting]


def _signed(path: Path) -> Note:
    from panel.errors import Refused

    _, note = kept_in(path)
    if not note.signatures:
        raise Refused(f"{path}: nobody has signed this checkpoint, so a receipt under it would prove nothing. Sign it first.")
    return note


def _data(one: Receipt, found: Examined) -> dict[str, Any]:
    decision = found.decision
    assert decision is not None  # noqa: S101 - a receipt without a fault has one
    return {
        "ok": True,
        "problems": [],
        "referral": decision.referral,
        "pupil": decision.pupil,
        "outcome": decision.outcome,
        "school": decision.school,
        "starts": decision.starts.isoformat() if decision.starts else None,
        "meeting": decision.meeting,
        "date": decision.on.isoformat(),
        "reason": decision.case.reason if decision.case else None,
        "waived": list(decision.case.waived) if decision.case else [],
        "entry": one.entry.seq,
        "recorded_at": one.entry.recorded_at,
        "actor": one.entry.actor,
        "entries": found.checkpoint.size,
        "last_entry": found.checkpoint.last,
        "signed_by": [signer(key) for key in found.signers.signed],
        "not_checked": unchecked(found.signers.unknown),
    }


def _proved(one: Receipt, found: Examined) -> Iterator[str]:
    told = _data(one, found)
    yield f"Proved: this decision stands in the panel's record, as entry {told['entry']} of {told['entries']}, exactly as told here."
    yield f"  {told['referral']}, pupil {told['pupil']}: {_outcome(told)}"
    yield f"  at meeting {told['meeting']} of {told['date']}; written down by {told['actor']}, {_moment(told['recorded_at'])}"
    if told["reason"] is not None:
        yield f"  the panel's reason: {told['reason']}"
    if told["waived"]:
        yield f"  set aside by the panel: {', '.join(told['waived'])}"
    if one.sealed is None and "seals" in one.entry.open():
        yield "  a reason was recorded under seal, and is not in this receipt"
    signers = ", ".join(f"{key['name']} (key {key['key_id']})" for key in told["signed_by"])
    size = several(told["entries"], "entry", "entries")
    yield f"The record had {size} then, the last of {_moment(told['last_entry'])}. Signed by {signers}."
    if told["not_checked"]:
        yield f"Not checked: the signature of {', '.join(told['not_checked'])}, whose key was not named."
    yield "It does not show what was decided before or after, nor that the key is whose it says: ask its owner for the key ID."


def _outcome(told: dict[str, Any]) -> str:
    to = f"school {told['school']}" + (f", from {told['starts']}" if told["starts"] else "")
    words = {
        "confirmed": f"to {to}, as proposed",
        "overridden": f"to {to}, as the panel chose",
        "deferred": "deferred",
        "declined": "declined",
    }
    return words[told["outcome"]]


def _moment(moment: str) -> str:
    return f"{moment[:10]} {moment[11:16]} UTC"
