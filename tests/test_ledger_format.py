"""A second verifier, written from docs/ledger-format.md and docs/sealing.md alone, against real ledger files.

With the standard library and a library for AES-GCM.

Nothing of the ledger's own code is used to verify; it only writes the files.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from panel.record import chain
from panel.record.chain import Draft
from panel.record.ledger import Ledger

CHECKOUT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = CHECKOUT / "docs" / "ledger-format.md"
ZEROS: Final = "0" * 64
ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


def sha(*parts: bytes) -> str:
    return hashlib.sha256(b"".join(parts)).hexdigest()


def write(value: Any, depth: int = 0) -> str:
    """'Canonical JSON', item by item; ValueError for what it does not allow."""
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, int) and abs(value) <= 9007199254740991:
        return str(value)
    if isinstance(value, str):
        value.encode()
        return '"' + "".join(ESCAPES.get(c) or (f"\\u{ord(c):04x}" if c < " " else c) for c in value) + '"'
    if isinstance(value, list) and depth < 64:
        return "[" + ",".join(write(item, depth + 1) for item in value) + "]"
    if isinstance(value, dict) and depth < 64 and all(key.isascii() for key in value):
        return "{" + ",".join(f"{write(key)}:{write(value[key], depth + 1)}" for key in sorted(value)) + "}"
    raise ValueError("not of the restricted kind")


def is_canonical_object(text: str) -> bool:
    try:
        value = json.loads(text)
        return isinstance(value, dict) and write(value) == text
    except (ValueError, TypeError, RecursionError):
        return False


def unbox(key: bytes, box: bytes, bound: str) -> bytes | None:
    """'A box': what is in it, if it opens."""
    try:
        return AESGCM(key).decrypt(box[:12], box[12:], bound.encode())
    except (InvalidTag, ValueError):
        return None


Part = tuple[int, str, str, bytes, bytes]
"""seq, subject, class, salt, content; salt and content are empty where the box does not open."""


def opened(connection: sqlite3.Connection, keys: Path) -> tuple[list[Part], list[str]]:
    """'Opening a sealed part', with the keys of docs/sealing.md, and step 8."""
    told = json.loads(keys.read_text(encoding="utf-8"))
    assert told["pastoral_ledger_keys"] == 1
    panel = {(one["class"], one["generation"]): bytes.fromhex(one["key"]) for one in told["keys"]}
    ledger = told["ledger"]
    own: dict[tuple[str, str], bytes | None] = {}
    for subject, kind, generation, box in connection.execute('SELECT subject, "class", generation, box FROM wrapped').fetchall():
        key = panel.get((kind, generation))
        own[subject, kind] = unbox(key, box, f"pastoral/key/2\n{ledger}\n{generation}\n{kind}\n{subject}") if key else None
    rows = connection.execute('SELECT seq, subject, "class", box FROM sealed').fetchall()
    parts = []
    for seq, subject, kind, box in rows:
        key = own.get((subject, kind))
        plain = unbox(key, box, f"pastoral/part/2\n{ledger}\n{seq}\n{kind}\n{subject}") if key else None
        parts.append((seq, subject, kind, (plain or b"")[:32], (plain or b"")[32:].rstrip(b"\0")))
    wrong = [f"8: {row[0]}" for row in rows if row[1:3] not in own]
    wrong += ["8: 0" for pair in own.keys() - {row[1:3] for row in rows} if pair[0] != "panel"]
    return parts, wrong + ["8: 1" for kind in ("case", "identity") if ("panel", kind) not in own]


def verify(path: Path) -> list[str]:
    """'To verify', step by step."""
    keyless: list[str] = []
    with closing(sqlite3.connect(path)) as connection:
        found = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")]
        entries = connection.execute("SELECT seq, recorded_at, actor, kind, body, previous, digest FROM entry ORDER BY seq").fetchall()
        if found[1] == 1:
            rows = connection.execute('SELECT seq, subject, "class", salt, content FROM sealed').fetchall()
            sealed = [(*row[:4], row[4].encode()) for row in rows]
        else:
            sealed, keyless = opened(connection, path.with_name(f"{path.name}.keys"))
    wrong = [] if found in ([1885434740, 1], [1885434740, 2]) else ["not a ledger"]
    last, moment, committed = ZEROS, "", {}
    ever: set[tuple[int, str, str]] = set()
    gone: dict[tuple[int, str, str], int] = {}
    for n, (seq, recorded_at, actor, kind, body, previous, digest) in enumerate(entries, 1):
        if seq != n:
            wrong.append(f"1: {seq}")
        if (
            not is_canonical_object(body)
            or not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", recorded_at)
            or recorded_at < moment
        ):
            wrong.append(f"2: {seq}")
        if previous != last:
            wrong.append(f"3: {seq}")
        header = {"actor": actor, "body": sha(body.encode()), "kind": kind, "previous": previous, "recorded_at": recorded_at, "seq": seq}
        if digest != sha(b"pastoral/entry/1\n", write(header).encode()):
            wrong.append(f"4: {seq}")
        last, moment = digest, recorded_at
        if is_canonical_object(body):
            committed.update({(seq, one["subject"], one["class"]): one["commitment"] for one in json.loads(body).get("seals", [])})
            ever |= committed.keys()
            if kind == "person erased":
                gone |= {(one["seq"], one["subject"], one["sealed"]): seq for one in json.loads(body)["parts"]}
    for seq, subject, kind, salt, content in sealed:
        commitment = sha(b"pastoral/seal/1\n", salt, content)
        if committed.pop((seq, subject, kind), None) != commitment or not is_canonical_object(content.decode(errors="replace")):
            wrong.append(f"5: {seq}")
    wrong += [f"6: {part[0]}" for part in committed.keys() - gone.keys()]
    wrong += [f"7: {gone[part]}" for part in gone if part in {row[:3] for row in sealed} or part not in ever]
    return wrong + keyless


SEALED: Final = (chain.Part("P2", "identity", {"name": "Ø"}), chain.Part("P1", "case", {"list": [[], {}]}))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    drafts = [
        Draft("panel founded", {"name": 'Shire "11" \\ é \u2028\x1f\n', "limits": [9007199254740991, -1, 0], "open": True}),
        Draft("referral made", {"referral": "R1"}, SEALED),
        Draft("noted", {}),
    ]
    salts = iter([b"\n" * 32, b"\xff" * 32])
    with Ledger.found(
        f"sqlite:///{tmp_path / 'panel.db'}", drafts, actor="clerk", now="2026-09-01T09:00:00.000000Z", salts=salts
    ) as ledger:
        ledger.append([Draft("noted", {"n": 1})], actor="Zoë", now="2026-09-02T09:00:00.000000Z", salts=salts)
    return tmp_path / "panel.db"


def test_an_outsider_finds_a_ledger_whole(path: Path) -> None:
    assert verify(path) == []
    with Ledger.open(f"sqlite:///{path}") as ledger:
        ledger.rotate()
    assert verify(path) == []


def test_an_outsider_finds_a_ledger_of_the_first_format_whole() -> None:
    """One that was recorded before anything was encrypted; and its copy, which is."""
    assert verify(CHECKOUT / "fixtures" / "golden" / "plain-0.1.0.db") == []


def test_an_outsider_finds_its_encrypted_copy_whole(tmp_path: Path) -> None:
    with Ledger.open(f"sqlite:///{CHECKOUT / 'fixtures' / 'golden' / 'plain-0.1.0.db'}") as plain:
        plain.copy_to(f"sqlite:///{tmp_path / 'copy.db'}").close()
    assert verify(tmp_path / "copy.db") == []


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ("UPDATE entry SET body = '{\"n\":2}' WHERE seq = 4", ["4: 4"]),
        ("UPDATE entry SET body = '{ }' WHERE seq = 3", ["2: 3", "4: 3"]),
        ("UPDATE entry SET actor = 'Zoe' WHERE seq = 4", ["4: 4"]),
        ("UPDATE entry SET recorded_at = '2026-08-01T09:00:00.000000Z' WHERE seq = 4", ["2: 4", "4: 4"]),
        ("UPDATE entry SET digest = previous WHERE seq = 2", ["4: 2", "3: 3"]),
        ("DELETE FROM sealed WHERE subject = 'P1'", ["6: 2", "8: 0"]),
        ("UPDATE sealed SET box = zeroblob(64) WHERE subject = 'P1'", ["5: 2"]),
        ("UPDATE sealed SET box = (SELECT box FROM sealed WHERE subject = 'P2') WHERE subject = 'P1'", ["5: 2"]),
        ("UPDATE wrapped SET box = zeroblob(60) WHERE subject = 'P1'", ["5: 2"]),
        ("UPDATE wrapped SET generation = 2 WHERE subject = 'P1'", ["5: 2"]),
        ("DELETE FROM wrapped WHERE subject = 'panel' AND class = 'identity'", ["8: 1"]),
    ],
)
def test_an_outsider_finds_what_the_program_finds(path: Path, change: str, wrong: list[str]) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for guard in ("entry_is_never_changed", "sealed_is_never_changed", "wrapped_is_only_rewrapped", "wrapped_is_kept_while_needed"):
            connection.execute(f"DROP TRIGGER {guard}")
        connection.execute(change)
    assert verify(path) == wrong
    with Ledger.open(f"sqlite:///{path}") as ledger:
        assert {flaw.seq for flaw in ledger.flaws()} == {int(one.rpartition(" ")[2]) for one in wrong if not one.startswith("3")}


PART: Final = {"seq": 2, "subject": "P1", "sealed": "case"}


@pytest.mark.parametrize(
    ("takes", "says", "wrong"),
    [
        ([(2, "P1", "case")], [PART], []),
        ([], [PART], ["7: 5"]),
        ([(2, "P1", "case")], [], ["6: 2"]),
        ([(2, "P1", "case")], [PART, {**PART, "seq": 3}], ["7: 5"]),
    ],
)
def test_an_outsider_sees_what_was_erased(
    path: Path, takes: list[tuple[int, str, str]], says: list[dict[str, Any]], wrong: list[str]
) -> None:
    erasure = Draft("person erased", {"pupil": "P1", "parts": says})
    with Ledger.open(f"sqlite:///{path}") as ledger:
        ledger.erase(takes, [erasure], actor="clerk", now="2026-09-03T09:00:00.000000Z", salts=iter(()))
        assert len(ledger.flaws()) == len(wrong)
    assert verify(path) == wrong


def test_the_worked_example_is_right() -> None:
    page = PAGE.read_text(encoding="utf-8")
    header = next(line.strip() for line in page.splitlines() if line.startswith('    {"actor"'))
    assert json.loads(header)["body"] == sha(b'{"name":"Shire11"}')
    for digest in (sha(b"pastoral/entry/1\n", header.encode()), sha(b"pastoral/seal/1\n", bytes(32), b'{"name":"A"}')):
        assert f"    {digest}\n" in page
    draft = Draft("panel founded", {"name": "Shire11"})
    with Ledger.found("sqlite://", [draft], actor="clerk", now="2026-09-01T09:00:00.000000Z", salts=iter(())) as ledger:
        assert f"    {ledger.head().digest}\n" in page


def test_the_example_on_the_page_is_canonical() -> None:
    (example,) = re.findall(r"For example: `(.*)`", PAGE.read_text(encoding="utf-8"))
    assert is_canonical_object(example)
    assert not is_canonical_object(example.replace(",", ", "))
