"""A panel whose clerks work at several desks: its ledger in PostgreSQL, where nobody who writes may take anything away."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.postgresql_server import Server
from tests.running import CHECKOUT, FILES, STEPS, Said, harbour, pastoral, url

pytestmark = pytest.mark.usefixtures("in_a_folder")


def at(ledger: str, folder: Path, words: str) -> Said:
    """A command on a ledger at an address, with the panel's files."""
    return pastoral(*(str(folder / word) if word in FILES else word for word in words.split()), env={"PASTORAL_LEDGER": ledger})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def done(said: Said) -> Said:
    assert said.code == 0, said
    return said


def test_a_term_from_founding_to_audit(postgresql: Server, folder: Path) -> None:
    """The founder founds; a clerk does all the rest; an auditor, who may only read, verifies and replays it."""
    name = postgresql.new()
    founding, *loading = STEPS["loaded"]
    done(at(postgresql.address(name), folder, founding))
    clerk = postgresql.address(name, postgresql.role("ann", f"{name}_writer"))
    auditor = postgresql.address(name, postgresql.role("ben", f"{name}_reader"))
    for step in (*loading, *STEPS["opened"], *STEPS["drawn"], *STEPS["proposed"], *STEPS["closed"]):
        done(at(clerk, folder, step))
    verified: Any = done(at(auditor, folder, "audit verify --json")).json
    assert verified["ok"] is True
    replayed: Any = done(at(auditor, folder, "audit replay --json")).json
    assert (replayed["ok"], replayed["decisions"], replayed["divergences"]) == (True, 1, [])
    said = at(auditor, folder, "exempt 100001 --from 2026-11-01 --until 2026-11-30 --reason works")
    assert said.code == 4
    assert said.err.endswith("does not let ben do this (permission denied for table entry); nothing was recorded\n")
    assert at(clerk, folder, f"{founding} --json").json["error"]["kind"] == "refused"
    assert at(clerk, folder, founding).code == 3


def test_a_panel_moves_from_a_file_to_postgresql_and_back(postgresql: Server, tmp_path: Path) -> None:
    """Checkpoints and receipts that were made before hold afterwards; so does every replay."""
    panel = harbour(tmp_path, "closed")
    panel("keys", "new", "harbour/clerk", "-o", str(tmp_path / "clerk.key"))
    panel("audit", "checkpoint", "--key", str(tmp_path / "clerk.key"), "-o", str(tmp_path / "october"))
    server, back = postgresql.address(postgresql.new()), url(tmp_path / "back.db")
    told = panel.json("audit", "copy", server)
    assert told["head"] == panel.json("audit", "verify")["head"]
    assert told["entries"] == panel.entries()
    assert told["copy"] == server
    done(at(server, tmp_path, f"audit copy {back}"))
    assert (tmp_path / "back.db.keys").read_bytes() == (tmp_path / "harbour.db.keys").read_bytes()
    for ledger in (server, back):
        check = f"audit verify --against {tmp_path / 'october'} --key {tmp_path / 'clerk.pub'} --json"
        assert done(at(ledger, tmp_path, check)).json["head"] == told["head"]
        assert done(at(ledger, tmp_path, "audit replay --json")).json["ok"] is True
        assert done(at(ledger, tmp_path, "position")).out == panel("position").out
    assert at(back, tmp_path, f"audit copy {server}").code == 3


def test_a_record_that_was_changed_is_not_copied(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "loaded")
    panel.alter("UPDATE entry SET actor = 'x' WHERE seq = 2")
    said = panel("audit", "copy", url(tmp_path / "copy.db"), code=4)
    assert said.err == "this ledger has 1 flaw(s), the first in entry 2: changed; it was not copied (`pastoral audit verify` names them)\n"
    assert not (tmp_path / "copy.db").exists()


def test_a_password_is_in_no_answer(postgresql: Server, folder: Path) -> None:
    """The server of these tests asks for none, so one may be given."""
    name = postgresql.new()
    address = postgresql.address(name).replace("founder@", "founder:sesame@")
    for words in (
        STEPS["loaded"][0],
        f"{STEPS['loaded'][0]} --json",
        "audit verify",
        f"audit copy {address}",
        f"audit copy {address} --json",
    ):
        said = at(address, folder, words)
        assert "sesame" not in said.out + said.err
    panel = harbour(folder, "loaded")
    for more in ("", " --json"):
        copy = done(at(url(panel.ledger), folder, f"audit copy {address.replace(name, postgresql.new())}{more}"))
        assert "founder:***@" in copy.out
        assert "sesame" not in copy.out + copy.err
    back = done(at(address, folder, f"audit copy {url(folder / 'back.db')} --json"))
    assert "founder:***@" in back.json["ledger"]
    assert "sesame" not in back.out + back.err


def test_the_page_does_what_it_says(postgresql: Server, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every statement and every command of docs/postgresql.md, in their order."""
    monkeypatch.chdir(folder)
    page = (CHECKOUT / "docs" / "postgresql.md").read_text(encoding="utf-8")
    for language, block in re.findall(r"^```(sql)?\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            if language:
                postgresql.do(line)
            else:
                _, *words = line.replace("@db.example/shire", f"@/shire?host={postgresql.folder}").split()
                done(pastoral(*words))
    checked = pastoral("audit", "verify", "--json", ledger=folder / "shire.db").json
    assert checked["ok"] is True
