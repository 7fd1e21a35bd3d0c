"""Exit code 4: a ledger that cannot be used is told in one sentence, and nothing is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.running import harbour, pastoral

# --- exit code 4: a ledger that cannot be used ---


def cut_off(ledger: Path) -> None:
    ledger.write_bytes(ledger.read_bytes()[: ledger.stat().st_size // 2])


def overwritten(ledger: Path) -> None:
    data = bytearray(ledger.read_bytes())
    data[8192:12288] = b"\xff" * 4096
    ledger.write_bytes(data)


def misspelt(ledger: Path) -> None:
    """What is malformed has a name that is no text any more, so that the driver cannot even say it."""
    data = ledger.read_bytes().replace(b"entry_is_never_changed", b"\xa0ntry_is_never_changed")
    ledger.write_bytes(data.replace(b"BEFORE UPDATE ON entry", b"BEFORE UPDATX ON entry"))


def emptied(ledger: Path) -> None:
    ledger.write_bytes(b"")


def a_letter(ledger: Path) -> None:
    ledger.write_text("Dear clerk, here is the ledger.", encoding="utf-8")


def removed(ledger: Path) -> None:
    ledger.unlink()


def a_folder(ledger: Path) -> None:
    ledger.unlink()
    ledger.mkdir()


def newer(ledger: Path) -> None:
    data = bytearray(ledger.read_bytes())
    data[60:64] = (99).to_bytes(4, "big")  # SQLite's user_version
    ledger.write_bytes(data)


def another_file(ledger: Path) -> None:
    data = bytearray(ledger.read_bytes())
    data[68:72] = (7).to_bytes(4, "big")  # SQLite's application_id
    ledger.write_bytes(data)


BROKEN = [
    (cut_off, "{} is damaged (database disk image is malformed); keep it as it is, and go on with a copy made before"),
    (overwritten, "{} is damaged (database disk image is malformed); keep it as it is, and go on with a copy made before"),
    (misspelt, "{} is damaged; keep it as it is, and go on with a copy made before"),
    (emptied, "{} is empty: it is not a ledger. If a founding was cut short, remove the file and found again"),
    (a_letter, "{} is not a ledger: it is no SQLite file"),
    (removed, "there is no ledger at {}; `pastoral init` founds one"),
    (a_folder, "{} is a folder, not a ledger"),
    (newer, "{} was written by a newer pastoral (format 99; this one reads up to 2): use that one"),
    (another_file, "{} is a SQLite file, but not a ledger"),
]


@pytest.mark.parametrize(("breaks", "sentence"), BROKEN, ids=[breaks.__name__ for breaks, _ in BROKEN])
def test_a_ledger_that_cannot_be_used(tmp_path: Path, breaks: Any, sentence: str) -> None:
    ledger = harbour(tmp_path, "drawn").ledger
    breaks(ledger)
    before = ledger.read_bytes() if ledger.is_file() else None
    wanted = sentence.format(ledger)
    by_hand = ("agree", "R4", "--by", "parent", "--on", "2026-10-01")
    for words in (("position",), ("allocate",), ("audit", "replay"), ("audit", "verify"), by_hand):
        said = pastoral(*words, ledger=ledger)
        assert (said.code, said.out, said.err) == (4, "", f"{wanted}\n")
        assert pastoral(*words, "--json", ledger=ledger).json == {"error": {"kind": "ledger", "message": wanted, "problems": []}}
    assert (ledger.read_bytes() if ledger.is_file() else None) == before


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("pastoral.db", "the ledger's address: found 'pastoral.db'; wanted one such as sqlite:///pastoral.db"),
        (
            "mysql://clerk:sesame@host/panel",
            "the ledger's address: found one of mysql; wanted sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE",
        ),
        ("sqlite://", "a ledger in memory can be founded, but not opened again"),
    ],
)
def test_an_address_that_names_no_ledger(address: str, sentence: str) -> None:
    said = pastoral("position", "--ledger", address)
    assert (said.code, said.out, said.err) == (4, "", f"{sentence}\n")


def test_a_panel_is_founded_once_and_in_a_folder_that_is_there(tmp_path: Path) -> None:
    ledger = harbour(tmp_path, "loaded").ledger
    before = ledger.read_bytes()
    said = pastoral("init", "--rulebook", "minimal", ledger=ledger)
    assert (said.code, said.err) == (3, f"{ledger} is already there; a panel is founded once, in a new file\n")
    assert ledger.read_bytes() == before
    nowhere = tmp_path / "nowhere" / "new.db"
    said = pastoral("init", "--rulebook", "minimal", ledger=nowhere)
    assert (said.code, said.err) == (4, f"{nowhere} cannot be made: No such file or directory\n")


def test_a_new_ledger_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    assert pastoral("init", "--rulebook", "minimal", ledger=tmp_path / "new.db").code == 0
    assert (tmp_path / "new.db").stat().st_mode & 0o777 == 0o600
