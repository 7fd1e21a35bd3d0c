"""Receipts: whole ones prove one decision, changed ones nothing, and no other child is in them."""

from __future__ import annotations

import functools
import json
import re
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from panel import events as ev
from panel.copies.receipt import NotAReceipt, Receipt, examine, issue, receipt_of
from panel.errors import Refused
from panel.record.chain import Entry, Sealed
from panel.record.checkpoint import commit
from panel.record.ledger import Ledger
from panel.record.note import Note, PublicKey, signed
from tests.running import ASHDOWN, CEDAR, harbour

SECRET: Final = Ed25519PrivateKey.from_private_bytes(bytes(32))
CLERK: Final = PublicKey("harbour/clerk", SECRET.public_key().public_bytes_raw())
REASON: Final = "the family asks for «Cedar»"


@functools.cache
def ledger() -> tuple[tuple[Entry, ...], tuple[Sealed, ...]]:
    """Harbour: R2 and R6 confirmed, R1 sent to Cedar with a reason, R5 deferred; the meeting closed."""
    with tempfile.TemporaryDirectory() as folder:
        panel = harbour(Path(folder), "proposed")
        panel("decide", "R5", "--defer", "--reason", "wants to wait")
        panel("decide", "R6", "--confirm")
        panel("decide", "R1", "--school", CEDAR, "--reason", REASON)
        panel("meeting", "close")
        with Ledger.open(f"sqlite:///{panel.ledger}") as opened:
            return opened.entries(), opened.sealed()


def decision(referral: str) -> int:
    return next(e.seq for e in ledger()[0] if e.kind == ev.DecisionTaken.kind and e.open()["referral"] == referral)


def checkpoint(size: int | None = None) -> Note:
    return signed(Note(str(commit(ledger()[0][:size]))), CLERK, SECRET)


@functools.cache
def receipt(referral: str) -> Receipt:
    return issue(*ledger(), decision(referral), checkpoint())


def test_a_whole_receipt_proves_the_decision() -> None:
    raw = str(receipt("R1")).encode()
    assert receipt_of(raw) == replace(receipt("R1"), entry=replace(receipt("R1").entry, parts={}))
    found = examine(receipt_of(raw), [CLERK])
    assert found.faults == ()
    decided = found.decision
    assert decided
    assert (decided.meeting, decided.referral, decided.pupil, decided.outcome, decided.school) == (1, "R1", "P1", "overridden", CEDAR)
    assert (decided.on.isoformat(), str(decided.starts), decided.case) == ("2026-10-22", "2026-10-22", ev.PanelsReason(reason=REASON))
    assert found.checkpoint.size == len(ledger()[0])


def test_one_without_a_sealed_part_too() -> None:
    found = examine(receipt_of(str(receipt("R6")).encode()), [CLERK])
    assert (found.faults, receipt("R6").sealed) == ((), None)
    assert found.decision
    assert (found.decision.outcome, found.decision.pupil) == ("confirmed", "P6")


@pytest.mark.parametrize("referral", ["R1", "R6"])
def test_any_byte_changed_is_refused(referral: str) -> None:
    """Every byte of the file, each with two of its bits and one other value."""
    raw = str(receipt(referral)).encode()
    proved = []
    for at, byte in enumerate(raw):
        for other in {byte ^ 1, byte ^ 32, 48} - {byte}:
            try:
                found = examine(receipt_of(raw[:at] + bytes([other]) + raw[at + 1 :]), [CLERK])
            except (NotAReceipt, Refused):
                continue
            if not found.faults:
                proved.append((at, chr(byte), chr(other)))
    assert proved == []


@pytest.mark.parametrize("change", [lambda raw: raw[:-1], lambda raw: raw + b"\n", lambda raw: raw.replace(b"\n", b"\r\n"), lambda _: b""])
def test_another_layout_is_no_receipt(change: Callable[[bytes], bytes]) -> None:
    with pytest.raises(NotAReceipt):
        receipt_of(change(str(receipt("R1")).encode()))


def changed(referral: str, change: Callable[[dict[str, Any]], object]) -> bytes:
    """The file with something else in it, laid out as receipts are."""
    told = json.loads(str(receipt(referral)))
    change(told)
    return (json.dumps(told, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


def put(*way: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(told: dict[str, Any]) -> None:
        for key in way[:-1]:
            told = told[key]
        told[way[-1]] = value

    return change


NOT_HERE: Final = r"this is not entry \d+ of the record that the checkpoint commits to"


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (put("entry", "body", "school", value=ASHDOWN), NOT_HERE),
        (put("entry", "body", "outcome", value="confirmed"), NOT_HERE),
        (put("entry", "seq", value=1), NOT_HERE),
        (put("entry", "seq", value=99), NOT_HERE),
        (put("entry", "actor", value="somebody"), NOT_HERE),
        (put("entry", "recorded_at", value="2026-10-22T00:00:00.000000Z"), NOT_HERE),
        (put("path", value=[]), NOT_HERE),
        (lambda told: told["path"].append("00" * 32), NOT_HERE),
        (lambda told: told["path"].reverse(), NOT_HERE),
        (put("sealed", "content", "reason", value="because"), "its sealed part is not the one that the entry commits to"),
        (put("sealed", "salt", value="00" * 32), "its sealed part is not the one that the entry commits to"),
        (put("entry", "kind", value="meeting closed"), "its entry is no decision that this program can read"),
        (put("sealed", "content", value={"else": 1}), "its entry is no decision that this program can read"),
        (put("entry", "body", "seals", value=5), "its sealed part is not the one that the entry commits to"),
    ],
)
def test_what_is_changed_is_named(change: Callable[[dict[str, Any]], None], fault: str) -> None:
    faults = examine(receipt_of(changed("R1", change)), [CLERK]).faults
    assert any(re.fullmatch(fault, found) for found in faults), faults


@pytest.mark.parametrize(
    "change",
    [
        put("entry", "seq", value=True), put("entry", "seq", value="1"), put("entry", "seq", value=1.0), put("entry", "more", value=1),
        put("more", value=1), put("about", value="another"), put("pastoral_receipt", value=2), put("path", value=["zz"]),
        put("path", value="00"),
        put("entry", "body", value=[]), put("entry", "body", "x", value=0.5), put("entry", "body", "x", value=None),
        put("sealed", value=None),
        put("sealed", "salt", value="0 0"), put("checkpoint", value=[]), put("checkpoint", value=["pastoral"]), put("entry", value={}),
        put("entry", "body", "x", value=2**53), lambda told: told.pop("path"),
    ],
)  # fmt: skip
def test_what_has_another_form_is_no_receipt(change: Callable[[dict[str, Any]], None]) -> None:
    with pytest.raises(NotAReceipt) as refused:
        receipt_of(changed("R1", change))
    assert "P1" not in refused.value.message


@pytest.mark.parametrize("raw", [b"{}", b"[]", b"null", b"\xff", b"[" * 5000, b'{"a":' * 5000, b"9" * 5000])
def test_what_is_no_receipt_at_all(raw: bytes) -> None:
    with pytest.raises(NotAReceipt):
        receipt_of(raw)


def test_the_keys_that_count() -> None:
    other = PublicKey("chair", Ed25519PrivateKey.from_private_bytes(bytes([1]) * 32).public_key().public_bytes_raw())
    namesake = PublicKey(CLERK.name, other.raw)
    assert examine(receipt("R1"), []).faults == ("no key was named whose signature counts",)
    assert examine(receipt("R1"), [namesake]).faults == (f"the checkpoint has no signature of harbour/clerk (key {namesake.id.hex()})",)
    assert examine(receipt("R1"), [CLERK, other]).faults == (f"the checkpoint has no signature of chair (key {other.id.hex()})",)
    forged = replace(receipt("R1"), note=Note(receipt("R1").note.text, checkpoint(40).signatures))
    assert examine(forged, [CLERK]).faults == (f"the signature of harbour/clerk (key {CLERK.id.hex()}) is not over this checkpoint",)


def test_every_decision_under_every_later_checkpoint() -> None:
    entries, sealed = ledger()
    for referral in ("R1", "R5", "R6"):
        seq = decision(referral)
        for size in range(seq, len(entries) + 1):
            assert examine(issue(entries, sealed, seq, checkpoint(size)), [CLERK]).faults == ()
        with pytest.raises(Refused, match=r"wanted one made after the decision"):
            issue(entries, sealed, seq, checkpoint(seq - 1))


def test_no_receipt_under_a_checkpoint_of_another_record() -> None:
    entries, sealed = ledger()
    other = replace(commit(entries), root=bytes(32))
    with pytest.raises(Refused, match=r"not of this record as it stands: rewritten"):
        issue(entries, sealed, decision("R1"), Note(str(other)))


def test_a_reason_that_is_no_longer_held_is_left_out_and_the_decision_still_proved() -> None:
    found = examine(receipt_of(str(issue(ledger()[0], (), decision("R1"), checkpoint())).encode()), [CLERK])
    assert found.faults == ()
    assert found.decision
    assert found.decision.case is None


@pytest.mark.parametrize(("referral", "own"), [("R1", "1"), ("R5", "5"), ("R6", "6")])
def test_no_other_child_is_in_it(referral: str, own: str) -> None:
    text = str(receipt(referral))
    assert f'"P{own}"' in text
    for other in set("123456") - {own}:
        assert f'"P{other}"' not in text
        assert f'"R{other}"' not in text
    for row in ledger()[1]:
        if row.seq != receipt(referral).entry.seq:
            assert row.salt.hex() not in text
            assert row.commitment() not in text


def test_nobody_can_try_out_what_an_entry_beside_it_says() -> None:
    """Every body has 32 random bytes of its own, and a receipt has those of its own entry only."""
    entries, _ = ledger()
    salts = {entry.seq: entry.open()[ev.SALT] for entry in entries}
    assert len(set(salts.values())) == len(entries)
    assert {len(bytes.fromhex(salt)) for salt in salts.values()} == {32}
    text = str(receipt("R6"))
    assert [seq for seq, salt in salts.items() if salt in text] == [decision("R6")]
