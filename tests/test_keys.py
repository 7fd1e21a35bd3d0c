"""Key files: made once, read by their owner only, opened by the right passphrase only, and bound to their name."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import NoReturn

import pytest

from panel.errors import Refused
from panel.record.keys import describe, load, make, public_file, read_key
from panel.record.note import Note, read_public, signers


def no_passphrase() -> NoReturn:
    raise AssertionError("no passphrase is needed")


def test_a_key_signs_what_its_public_file_checks(tmp_path: Path) -> None:
    path = tmp_path / "clerk.key"
    public, beside = make(path, "harbour/clerk", None)
    assert (beside, path.stat().st_mode & 0o777) == (tmp_path / "clerk.pub", 0o600)
    assert read_key(beside) == public == read_public(beside.read_text(encoding="utf-8"))
    note = load(path, no_passphrase).sign(Note("a text\n"))
    assert signers(note, [public]).signed == (public,)
    assert describe(path) == (public, "private")
    assert describe(beside) == (public, "public")


def test_two_keys_are_two(tmp_path: Path) -> None:
    assert make(tmp_path / "a", "clerk", None)[0].raw != make(tmp_path / "b", "clerk", None)[0].raw
    assert public_file(tmp_path / "a") == tmp_path / "a.pub"


def test_a_passphrase_opens_it_and_another_does_not(tmp_path: Path) -> None:
    path = tmp_path / "clerk.key"
    public, _ = make(path, "clerk", "red door é")
    assert load(path, lambda: "red door é").public == public
    with pytest.raises(Refused, match=r"this passphrase does not open it"):
        load(path, lambda: "red door e")
    told = json.loads(path.read_text(encoding="utf-8"))
    assert set(told) == {"pastoral_private_key", "public", "salt", "sealed"}
    assert len(base64.b64decode(told["sealed"])) == 12 + 32 + 16
    assert describe(path) == (public, "private, under a passphrase")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o700 | 0o001, 0o644])
def test_a_private_key_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "clerk.key"
    make(path, "clerk", None)
    path.chmod(mode)
    with pytest.raises(Refused, match=rf"found mode {mode:04o}.*chmod 600"):
        load(path, no_passphrase)
    path.chmod(0o400)
    assert load(path, no_passphrase).public.name == "clerk"


def test_nothing_is_written_over(tmp_path: Path) -> None:
    path = tmp_path / "clerk.key"
    path.with_suffix(".pub").write_text("somebody's", encoding="utf-8")
    with pytest.raises(Refused, match=r"clerk\.pub is there already"):
        make(path, "clerk", None)
    assert not path.exists()
    path.with_suffix(".pub").unlink()
    make(path, "clerk", None)
    before = path.read_bytes()
    with pytest.raises(Refused, match=r"clerk\.key is there already"):
        make(path, "clerk", None)
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\nb", "\u200b"])
def test_names_that_no_signature_line_could_hold(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refused, match=r"found the name"):
        make(tmp_path / "x.key", name, None)
    assert list(tmp_path.iterdir()) == []


def altered(tmp_path: Path, changes: dict[str, object], passphrase: str | None = None) -> Path:
    path = tmp_path / "clerk.key"
    make(path, "clerk", passphrase)
    told = json.loads(path.read_text(encoding="utf-8")) | changes
    path.write_text(json.dumps({key: value for key, value in told.items() if value is not None}), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"seed": base64.b64encode(bytes(32)).decode()}, "do not belong together"),
        ({"seed": base64.b64encode(bytes(31)).decode()}, "damaged"),
        ({"seed": "seed"}, "damaged"),
        ({"seed": 5}, "damaged"),
        ({"seed": None}, "of another form"),
        ({"more": "x"}, "of another form"),
        ({"pastoral_private_key": 2}, "of another form"),
        ({"pastoral_private_key": None}, "no private key of pastoral"),
        ({"public": "clerk"}, "no Ed25519 public key"),
    ],
)
def test_a_private_file_that_was_changed(tmp_path: Path, changes: dict[str, object], said: str) -> None:
    with pytest.raises(Refused, match=said):
        load(altered(tmp_path, changes), no_passphrase)


def test_a_sealed_key_is_bound_to_its_name(tmp_path: Path) -> None:
    """Or somebody could have the clerk sign as the chair."""
    other, _ = make(tmp_path / "chair.key", "chair", None)
    with pytest.raises(Refused, match=r"this passphrase does not open it"):
        load(altered(tmp_path, {"public": str(other)}, "pass"), lambda: "pass")


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"\xff", b"[" * 2000, b"x" * 5000])
def test_files_that_are_no_keys(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(raw)
    path.chmod(0o600)
    for read in (read_key, describe):
        with pytest.raises(Refused):
            read(path)
    with pytest.raises(Refused):
        load(path, no_passphrase)


def test_a_private_key_is_not_taken_for_a_public_one(tmp_path: Path) -> None:
    make(tmp_path / "clerk.key", "clerk", None)
    with pytest.raises(
        Refused, match=r"clerk\.key is a private key; wanted the public one, .*clerk\.pub\. Never hand the private one on\."
    ):
        read_key(tmp_path / "clerk.key")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"cannot be read"):
        read_key(tmp_path / "none.pub")
