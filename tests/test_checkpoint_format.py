"""A second checker of checkpoints and receipts, written from docs/ledger-format.md alone, against files of the real command.

Only Ed25519 itself comes from a library; nothing of the panel's own code is used to check.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.running import CEDAR, Panel, harbour
from tests.test_ledger_format import PAGE, sha, verify, write

TEXT: Final = re.compile(r"pastoral/ledger/1/([0-9a-f]{64})\n([1-9][0-9]*)\n(\S{44})\nlast entry (\S{27})\n")


def raw_sha(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def root(data: list[bytes]) -> bytes:
    """'The tree'."""
    if len(data) == 1:
        return raw_sha(b"\x00", data[0])
    k = 1
    while 2 * k < len(data):
        k *= 2
    return raw_sha(b"\x01", root(data[:k]), root(data[k:]))


def signed_by(checkpoint: str, public: str) -> bool:
    """'To check signatures', for one trusted key."""
    name, key_id, key = public.strip().split("+", 2)
    raw = base64.b64decode(key)
    assert raw[:1] == b"\x01"
    assert raw_sha(name.encode(), b"\n", raw)[:4].hex() == key_id
    text, _, lines = checkpoint.partition("\n\n")
    ours = []
    for line in lines.splitlines():
        dash, signer, encoded = line.split(" ")
        signature = base64.b64decode(encoded)
        if (dash, signer, signature[:4].hex()) == ("—", name, key_id):
            try:
                Ed25519PublicKey.from_public_bytes(raw[1:]).verify(signature[4:], f"{text}\n".encode())
                ours.append(True)
            except InvalidSignature:
                ours.append(False)
    return bool(ours) and all(ours)


def of(checkpoint: str) -> tuple[str, int, bytes, str]:
    found = TEXT.fullmatch(checkpoint.partition("\n\n")[0] + "\n")
    assert found
    return found[1], int(found[2]), base64.b64decode(found[3]), found[4]


def holds(ledger: Path, checkpoint: str) -> bool:
    """'To check a ledger against a checkpoint'."""
    with closing(sqlite3.connect(ledger)) as connection:
        rows = connection.execute("SELECT digest, recorded_at FROM entry ORDER BY seq").fetchall()
    first, size, top, last = of(checkpoint)
    kept = rows[:size]
    whole = len(kept) == size and kept[0][0] == first and kept[-1][1] == last
    return verify(ledger) == [] and whole and root([bytes.fromhex(digest) for digest, _ in kept]) == top


def proved(receipt: dict[str, Any], public: str) -> bool:
    """'A receipt', step by step."""
    checkpoint = "\n".join([*receipt["checkpoint"], ""])
    _, n, top, _ = of(checkpoint)
    entry = receipt["entry"]
    body = entry["body"]
    header = {**entry, "body": sha(write(body).encode())}
    h = raw_sha(b"\x00", bytes.fromhex(sha(b"pastoral/entry/1\n", write(header).encode())))
    i, path = entry["seq"] - 1, [bytes.fromhex(one) for one in receipt["path"]]
    while n > 1:
        if i % 2:
            h = raw_sha(b"\x01", path.pop(0), h)
        elif i + 1 < n:
            h = raw_sha(b"\x01", h, path.pop(0))
        i, n = i // 2, (n + 1) // 2
    right = signed_by(checkpoint, public) and entry["kind"] == "decision taken" and h == top and not path
    if sealed := receipt.get("sealed"):
        commitment = sha(b"pastoral/seal/1\n", bytes.fromhex(sealed["salt"]), write(sealed["content"]).encode())
        right = right and {"class": "case", "commitment": commitment, "subject": body["pupil"]} in body["seals"]
    return right


@pytest.fixture
def panel(tmp_path: Path) -> Panel:
    """Harbour with a meeting closed under a checkpoint, and receipts of R1 (with a reason) and R6 (without)."""
    panel = harbour(tmp_path, "proposed")
    panel("keys", "new", "harbour/clerk", "-o", str(tmp_path / "clerk.key"))
    panel("decide", "R1", "--school", CEDAR, "--reason", "the parent can only agree to «Cedar»")
    panel("decide", "R6", "--confirm")
    panel("meeting", "close", "--key", str(tmp_path / "clerk.key"), "-o", str(tmp_path / "m1.checkpoint"))
    for referral in ("R1", "R6"):
        panel("audit", "receipt", referral, "--checkpoint", str(tmp_path / "m1.checkpoint"), "-o", str(tmp_path / referral))
    panel("agree", "R4", "--by", "parent", "--on", "2026-10-30")
    return panel


def test_an_outsider_holds_a_ledger_against_a_checkpoint(panel: Panel) -> None:
    checkpoint = (panel.folder / "m1.checkpoint").read_text(encoding="utf-8")
    public = (panel.folder / "clerk.pub").read_text(encoding="utf-8")
    assert signed_by(checkpoint, public)
    assert holds(panel.ledger, checkpoint)
    size = of(checkpoint)[1]
    other = checkpoint.replace(f"\n{size}\n", f"\n{size - 1}\n")
    assert not signed_by(other, public)
    assert not holds(panel.ledger, other)
    panel.alter("DELETE FROM entry WHERE seq >= ?", size)
    assert verify(panel.ledger) == []
    assert not holds(panel.ledger, checkpoint)


@pytest.mark.parametrize("referral", ["R1", "R6"])
def test_an_outsider_checks_a_receipt(panel: Panel, referral: str) -> None:
    receipt = json.loads((panel.folder / referral).read_text(encoding="utf-8"))
    public = (panel.folder / "clerk.pub").read_text(encoding="utf-8")
    assert proved(receipt, public)
    assert ("sealed" in receipt) == (referral == "R1")
    receipt["entry"]["body"]["school"] = "100001"
    assert not proved(receipt, public)


def test_the_checkpoint_worked_out_on_the_page_is_right() -> None:
    page = PAGE.read_text(encoding="utf-8")
    (public,) = re.findall(r"^    (example/clerk\+\S+)$", page, re.MULTILINE)
    (checkpoint,) = re.findall(r"^```\n(pastoral/ledger/1/.*?)```$", page, re.MULTILINE | re.DOTALL)
    assert signed_by(checkpoint, public)
    first, size, top, last = of(checkpoint)
    assert f"    {first}\n" in page
    assert (size, top, last) == (1, root([bytes.fromhex(first)]), "2026-09-01T09:00:00.000000Z")


def test_every_body_has_the_salt_that_the_page_speaks_of(panel: Panel) -> None:
    with closing(sqlite3.connect(panel.ledger)) as connection:
        salts = [json.loads(body)["salt"] for (body,) in connection.execute("SELECT body FROM entry")]
    assert all(re.fullmatch("[0-9a-f]{64}", salt) for salt in salts)
    assert len(set(salts)) == len(salts) > 40
