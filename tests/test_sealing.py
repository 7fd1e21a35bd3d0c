"""Boxes, key files and the change of keys, below the commands: what opens, what does not, and what a kill leaves."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from panel.errors import LedgerError, Refused
from panel.record import keyfile, seals
from panel.record.boxes import Lock
from panel.record.chain import Draft, Part
from panel.record.keyfile import KeyFile, bundle
from panel.record.keyring import CLASSES, ClassKeys, InMemory, KeyMissing, WrongKeys, first_keys
from panel.record.ledger import Ledger
from tests.running import keys_of
from tests.test_ledger import FOUNDED, NOON, REFERRED, address, founded, salts

KEY: Final = bytes(range(32))
NONCE: Final = bytes(12)


# --- boxes ---


@given(plain=st.binary(max_size=100), bound=st.binary(max_size=40), data=st.data())
def test_a_box_opens_with_its_key_for_its_place_unchanged_and_not_otherwise(plain: bytes, bound: bytes, data: st.DataObject) -> None:
    box = Lock(KEY).close(plain, bound, NONCE)
    assert Lock(KEY).open(box, bound) == plain
    assert Lock(bytes(32)).open(box, bound) is None
    assert Lock(KEY).open(box, bound + b"x") is None
    at = data.draw(st.integers(0, len(box) - 1))
    changed = bytearray(box)
    changed[at] ^= data.draw(st.integers(1, 255))
    assert Lock(KEY).open(bytes(changed), bound) is None
    assert Lock(KEY).open(box[:-1], bound) is None


@pytest.mark.parametrize("box", [b"", b"short", "text", None, 12, bytes(12), bytes(28)])
def test_what_is_no_box_does_not_open(box: Any) -> None:
    assert Lock(KEY).open(box, b"") is None


def test_shorter_keys_and_nonces_are_refused() -> None:
    with pytest.raises(ValueError, match="wanted 32"):
        Lock(bytes(16))
    with pytest.raises(ValueError, match="wanted 12"):
        Lock(KEY).close(b"", b"", bytes(8))


def test_no_two_places_are_bound_alike() -> None:
    places = [("a", 1, "P1", "case"), ("b", 1, "P1", "case"), ("a", 2, "P1", "case"), ("a", 1, "P2", "case"), ("a", 1, "P1", "identity")]
    bounds = [bound(*place) for place in places for bound in (seals.of_part, seals.of_key)]
    assert len(set(bounds)) == len(bounds)


# --- files ---


def keys() -> ClassKeys:
    return first_keys("ab" * 32, os.urandom)


@pytest.mark.parametrize("passphrase", [None, "sesame öffne dich"])
def test_a_file_says_what_was_put_into_it(tmp_path: Path, passphrase: str | None) -> None:
    own = keys()
    bundle(tmp_path / "keys", own, passphrase)
    assert KeyFile(tmp_path / "keys", lambda _: passphrase or "").read() == own
    raw = (tmp_path / "keys").read_text()
    assert all((key.hex() in raw) == (passphrase is None) for key in own.keys.values())


def test_an_outsider_opens_a_sealed_file_from_the_page_alone(tmp_path: Path) -> None:
    """docs/sealing.md, 'The file of the keys': scrypt from the standard library."""
    own = keys()
    bundle(tmp_path / "keys", own, "sesame öffne dich")
    told = json.loads((tmp_path / "keys").read_text())
    stretched = hashlib.scrypt("sesame öffne dich".encode(), salt=bytes.fromhex(told["salt"]), n=131072, r=8, p=1, maxmem=2**28, dklen=32)
    box = bytes.fromhex(told["sealed"])
    opened = AESGCM(stretched).decrypt(box[:12], box[12:], f"pastoral/keys/1\n{told['ledger']}".encode())
    assert {(one["class"], one["generation"]): bytes.fromhex(one["key"]) for one in json.loads(opened)} == own.keys


def test_a_sealed_file_is_bound_to_its_ledger(tmp_path: Path) -> None:
    bundle(tmp_path / "keys", keys(), "sesame")
    told = json.loads((tmp_path / "keys").read_text())
    (tmp_path / "keys").write_text(json.dumps({**told, "ledger": "cd" * 32}))
    with pytest.raises(Refused, match="this passphrase does not open it"):
        KeyFile(tmp_path / "keys", lambda _: "sesame").read()


@pytest.mark.parametrize(
    "told",
    [
        "",
        "[]",
        '{"pastoral_ledger_keys": 2, "ledger": "x", "keys": []}',
        '{"pastoral_ledger_keys": 1, "ledger": "x"}',
        '{"pastoral_ledger_keys": 1, "ledger": "x", "keys": 1}',
        '{"pastoral_ledger_keys": 1, "ledger": "x", "keys": [{"class": "case", "generation": 1, "key": "00"}]}',
        '{"pastoral_ledger_keys": 1, "ledger": "x", "keys": [{"class": "all", "generation": 1, "key": "%s"}]}' % ("00" * 32),
        '{"pastoral_ledger_keys": 1, "ledger": "x", "salt": "zz", "sealed": ""}',
        "x" * 9000,
    ],
)
def test_another_form_is_refused_in_one_sentence(tmp_path: Path, told: str) -> None:
    path = tmp_path / "keys"
    path.touch(0o600)
    path.write_text(told)
    with pytest.raises(Refused) as refused:
        KeyFile(path, lambda _: "x").read()
    assert refused.value.message.startswith(f"{path}")
    assert "\n" not in refused.value.message
    assert "00" * 32 not in refused.value.message


# --- which keys open what ---


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return founded(tmp_path / "panel.db", REFERRED)


def test_each_subject_and_class_has_a_key_of_its_own(path: Path) -> None:
    with Ledger.open(address(path)) as ledger:
        ledger.append([REFERRED, Draft("noted", {}, (Part("P2", "case", {}),))], actor="clerk", now=NOON, salts=salts())
        wrapped = ledger._store.read(seals.WRAPPED)
        own = ledger.keys()
        assert own is not None
        opened = {row[:2]: seals._unwrapped(own, *row) for row in wrapped}
    assert set(opened) == {("P1", "case"), ("P1", "identity"), ("P2", "case"), ("panel", "case"), ("panel", "identity")}
    assert len(set(opened.values())) == 5
    assert not set(opened.values()) & set(own.keys.values())


def test_the_case_key_alone_writes_cases_and_no_identity(path: Path) -> None:
    with Ledger.open(address(path)) as whole:
        own = whole.keys()
    assert own is not None
    with Ledger.open(address(path), keys=InMemory(own.only(kinds=("case",), generation=1))) as ledger:
        assert ledger.flaws() == ()
        assert ledger.withheld() == {"identity": ((2, "P1", "identity"),)}
        assert ledger.entries()[1].parts == {("P1", "case"): {"why": "moved"}}
        ledger.must_open("case")
        with pytest.raises(KeyMissing, match="holds the key of class case, not that of class identity"):
            ledger.must_open("identity")
        with pytest.raises(KeyMissing):
            ledger.append([REFERRED], actor="clerk", now=NOON, salts=salts())
        assert ledger.head().seq == 2
        ledger.append([Draft("noted", {}, (Part("P3", "case", {}),))], actor="clerk", now=NOON, salts=salts())
    with Ledger.open(address(path)) as ledger:
        assert ledger.flaws() == ()


def test_a_key_that_only_looks_right_is_called_wrong(path: Path) -> None:
    """The same ledger, class and generation, and other bytes: as after two changes from one backup."""
    with Ledger.open(address(path)) as ledger:
        own = ledger.keys()
    assert own is not None
    false = ClassKeys(own.ledger, dict.fromkeys(own.keys, bytes(32)))
    with Ledger.open(address(path), keys=InMemory(false)) as ledger:
        with pytest.raises(WrongKeys, match="opens nothing in this ledger"):
            ledger.entries()
        assert [(flaw.seq, flaw.kind) for flaw in ledger.flaws()] == [(1, "another ledger's keys")]


def test_an_erased_childs_key_is_gone_and_a_new_one_is_another(path: Path) -> None:
    parts = [(2, "P1", kind) for kind in CLASSES]
    said = Draft("person erased", {"parts": [{"seq": 2, "subject": "P1", "sealed": kind} for kind in CLASSES]})
    with Ledger.open(address(path)) as ledger:
        ((before,),) = ledger._store.read("SELECT box FROM wrapped WHERE subject = 'P1' AND class = 'case'")
        ledger.erase(parts, [said], actor="clerk", now=NOON, salts=salts())
        assert ledger._store.read(seals.WRAPPED_FOR, "P1", "case") == []
        assert ledger.flaws() == ()
        ledger._store.write(seals.WRAP, [("P1", "case", 1, before)])
        (flaw,) = ledger.flaws()
        assert (flaw.seq, flaw.kind) == (3, "key without a sealed part")
        assert "though they were erased by entry 3" in flaw.detail


def test_a_box_does_not_tell_by_its_length_what_is_in_it(path: Path) -> None:
    """A yes and a no, a short paper's name and a long one: whoever has no key sees the same."""
    said = (
        {"here": True, "paper": "letter"},
        {"here": False, "paper": "draft-of-an-ehc-plan"},
        {"reason": "x" * 150},
        {"reason": "x" * 250},
    )
    with Ledger.open(address(path)) as ledger:
        first = ledger.head().seq + 1
        ledger.append([Draft("noted", {}, (Part("P9", "case", one),)) for one in said], actor="clerk", now=NOON, salts=salts())
        rows = ledger._store.read("SELECT length(box) FROM sealed WHERE seq >= ? ORDER BY seq", first)
        assert [length for (length,) in rows] == [12 + 256 + 16] * 3 + [12 + 512 + 16]
        assert [row.open() for row in ledger.sealed() if row.seq >= first] == [*said]
        assert ledger.flaws() == ()


def test_parts_that_were_sealed_without_anything_to_make_them_longer_open_too(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Ledger.open(address(path)) as ledger:
        monkeypatch.setattr(seals, "STEP", 1)
        ledger.append([Draft("noted", {}, (Part("P9", "case", {"a": 1}),))], actor="clerk", now=NOON, salts=salts())
        assert ledger._store.read("SELECT length(box) FROM sealed WHERE subject = 'P9'") == [(12 + 32 + len('{"a":1}') + 16,)]
        assert ledger.sealed()[-1].open() == {"a": 1}
        assert ledger.flaws() == ()


# --- a change of the keys that is stopped ---

MOMENTS: Final = ("before the file", "the file has both", "half the rows", "before the old ones go")


def _dies(path: Path, moment: str) -> None:
    """Change the keys, and be killed at a moment of it."""
    with Ledger.open(address(path)) as ledger:
        vault: Any = ledger._vault
        store: Any = ledger._store
        if moment == "before the file":
            vars(keyfile)["write_over"] = lambda *_: os._exit(9)
        if moment == "the file has both":
            write = store.write
            store.write = lambda statement, rows: os._exit(9) if statement == seals.REWRAP else write(statement, rows)
        if moment == "half the rows":
            write = store.write

            def half(statement: str, rows: Any) -> None:
                rows = list(rows)
                write(statement, rows[: len(rows) // 2] if statement == seals.REWRAP else rows)
                if statement == seals.REWRAP:
                    os._exit(9)

            store.write = half
        if moment == "before the old ones go":
            vault.forget_old = lambda: os._exit(9)
        ledger.rotate()


@pytest.mark.parametrize("moment", MOMENTS)
def test_whoever_is_killed_while_changing_the_keys_leaves_a_ledger_that_opens(path: Path, moment: str) -> None:
    with Ledger.open(address(path)) as ledger:
        before = ledger.entries()
    process = multiprocessing.get_context("fork").Process(target=_dies, args=(path, moment))
    process.start()
    process.join(60)
    assert process.exitcode == 9
    done = moment == "before the old ones go"
    with Ledger.open(address(path)) as ledger:
        assert ledger.generation() == (2 if done else 1)
        assert ledger.entries() == before
        assert ledger.flaws() == ()
        held = KeyFile(keys_of(path)).read()
        assert held is not None
        assert held.generations("case") == ((1,) if moment == "before the file" else (1, 2))
        ledger.append([REFERRED], actor="clerk", now=NOON, salts=salts())
        assert ledger.flaws() == ()
        # The next change clears up.
        assert ledger.rotate() == (3 if done else 2)
        held = KeyFile(keys_of(path)).read()
        assert held is not None
        assert held.generations("identity") == ((3,) if done else (2,))
        assert [entry.parts for entry in ledger.entries()[:2]] == [entry.parts for entry in before]
    assert sorted(one.name for one in path.parent.iterdir() if not one.name.startswith(".")) == ["panel.db", "panel.db.keys"]


def test_a_change_that_the_database_refuses_changes_nothing(path: Path) -> None:
    with Ledger.open(address(path)) as ledger:
        before, own = ledger._store.read(seals.WRAPPED), keys_of(path).read_bytes()
        store: Any = ledger._store
        store.do("CREATE TRIGGER full BEFORE UPDATE ON wrapped BEGIN SELECT RAISE(ABORT, 'the disk is full'); END")
        with pytest.raises(LedgerError, match="the disk is full"):
            ledger.rotate()
        assert (ledger._store.read(seals.WRAPPED), keys_of(path).read_bytes()) == (before, own)
        assert ledger.flaws() == ()


def test_a_link_to_the_keys_stays_one(path: Path, tmp_path: Path) -> None:
    """Keys that are kept on another disk must not end up beside the ledger."""
    safe = tmp_path / "safe"
    safe.mkdir()
    keys_of(path).rename(safe / "own.keys")
    keys_of(path).symlink_to(safe / "own.keys")
    with Ledger.open(address(path)) as ledger:
        assert ledger.rotate() == 2
    assert keys_of(path).is_symlink()
    held = KeyFile(safe / "own.keys").read()
    assert held is not None
    assert held.generations("case") == (2,)
    assert (safe / "own.keys").stat().st_mode & 0o777 == 0o600
    assert [one.name for one in safe.iterdir()] == ["own.keys"]
    with Ledger.open(address(path)) as ledger:
        assert ledger.flaws() == ()


def _rotates(path: Path) -> None:
    for _ in range(5):
        with Ledger.open(address(path), patience=30) as ledger:
            ledger.rotate()


def test_two_who_change_the_keys_at_once_lose_none(path: Path) -> None:
    with Ledger.open(address(path)) as ledger:
        before = ledger.entries()
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=_rotates, args=(path,)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    with Ledger.open(address(path)) as ledger:
        assert ledger.generation() == 16
        assert ledger.entries() == before


def test_a_founding_whose_last_moment_fails_takes_the_keys_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from panel.record.sqlite import SqliteStore

    do = SqliteStore.do

    def fails(self: SqliteStore, statement: str) -> None:
        if statement == "COMMIT":
            raise LedgerError("the disk is full")
        do(self, statement)

    monkeypatch.setattr(SqliteStore, "do", fails)
    with pytest.raises(LedgerError, match="the disk is full"):
        founded(tmp_path / "panel.db")
    assert list(tmp_path.iterdir()) == []


def test_a_ledger_begins_with_an_entry() -> None:
    with pytest.raises(Exception, match="found no first entry"), suppress(KeyError):
        Ledger.found("sqlite://", [], actor="clerk", now=NOON, salts=salts())
    with Ledger.found("sqlite://", [FOUNDED], actor="clerk", now=NOON, salts=salts()) as ledger:
        assert ledger.encrypted()
