"""An auditor trusts nobody: what was changed behind the program's back is found, and named."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from pathlib import Path

import pytest

from tests.running import ASHDOWN, CEDAR, Panel, harbour, put, taken

LAST_LINE = "This record is not as it was written."


def test_a_record_that_nobody_touched(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "closed")
    entries = panel.entries()
    said = panel("audit", "verify").out
    assert said.startswith(f"{entries} entries; every one is unchanged since it was written, and every seal matches.\nHead: ")
    assert "only a head or \ncheckpoint kept elsewhere shows one rewritten or cut off." in said
    verified = panel.json("audit", "verify")
    assert (verified["ok"], verified["entries"], verified["problems"]) == (True, entries, [])
    assert len(verified["head"]) == 64
    assert panel.json("audit", "replay", "--meeting", "1") == {"ok": True, "decisions": 1, "divergences": []}


def test_one_byte_of_one_body(tmp_path: Path) -> None:
    """Whichever entry it is, `audit verify` names it and no other, and exits 1."""
    panel = harbour(tmp_path, "closed")
    for seq in range(1, panel.entries() + 1):
        forged = Panel(panel.folder / "forged.db")
        put(taken(panel.ledger), forged.ledger)
        with contextlib.closing(sqlite3.connect(forged.ledger)) as connection:
            body = bytearray(str(connection.execute("SELECT body FROM entry WHERE seq = ?", (seq,)).fetchone()[0]).encode())
        middle = len(body) // 2
        body[middle] ^= 1
        forged.alter("UPDATE entry SET body = CAST(? AS TEXT) WHERE seq = ?", bytes(body), seq)
        verified = forged.json("audit", "verify", code=1)
        assert [(problem["seq"], problem["kind"]) for problem in verified["problems"]] == [(seq, "changed")]
        assert verified["ok"] is False


def test_the_words_for_a_changed_entry(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "closed")
    seq = int(panel.column("seq", "decision taken"))
    panel.alter("UPDATE entry SET body = replace(body, ?, ?) WHERE seq = ?", ASHDOWN, CEDAR, seq)
    assert panel("audit", "verify", code=1).out == (
        f"entry {seq}: changed: its body or header is not what its digest was made of\n"
        f"1 problem(s) found in {panel.entries()} entries. {LAST_LINE}\n"
        "Keep this file as it is, record nothing more in it, and compare it with an \nearlier copy.\n"
    )


def test_a_byte_of_the_file_itself(tmp_path: Path) -> None:
    """No SQL at all: a letter of the chair's name, changed in the raw bytes of the file."""
    panel = harbour(tmp_path, "closed")
    data = panel.ledger.read_bytes()
    assert data.count(b'"chair":"Okafor"') == 1
    panel.ledger.write_bytes(data.replace(b'"chair":"Okafor"', b'"chair":"Okaxor"'))
    (problem,) = panel.json("audit", "verify", code=1)["problems"]
    assert (problem["seq"], problem["kind"]) == (int(panel.column("seq", "meeting opened")), "changed")


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("UPDATE entry SET actor = 'somebody' WHERE seq = 20", "changed"),
        ("UPDATE entry SET kind = 'nothing' WHERE seq = 20", "changed"),
        ("UPDATE entry SET recorded_at = '2020-01-01T00:00:00.000000Z' WHERE seq = 20", "changed"),
        ("UPDATE entry SET body = x'00ff' WHERE seq = 20", "changed"),
        ("DELETE FROM entry WHERE seq = 20", "missing"),
    ],
)
def test_other_ways_to_change_an_entry(tmp_path: Path, statement: str, kind: str) -> None:
    panel = harbour(tmp_path, "closed")
    panel.alter(statement)
    assert (20, kind) in [(problem["seq"], problem["kind"]) for problem in panel.json("audit", "verify", code=1)["problems"]]


def test_a_sealed_part_that_was_changed_or_taken_away(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "closed")
    seq = int(panel.column("seq", "referral made"))
    panel.reseal(seq, "P1", "ZZ9", "ZZ8")
    panel.alter("DELETE FROM sealed WHERE seq = ?", seq + 3)
    assert [(problem["seq"], problem["kind"]) for problem in panel.json("audit", "verify", code=1)["problems"]] == [
        (seq, "seal does not match"),
        (seq + 3, "sealed part missing"),
    ]


def test_the_guards_refuse_to_change_or_delete_an_entry(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "closed")
    for statement in ("UPDATE entry SET actor = 'x'", "DELETE FROM entry", "UPDATE sealed SET box = ''", "UPDATE wrapped SET box = ''"):
        with contextlib.closing(sqlite3.connect(panel.ledger)) as connection, pytest.raises(sqlite3.IntegrityError, match="ever"):
            connection.execute(statement)


def test_a_proposal_that_was_changed_does_not_replay(tmp_path: Path) -> None:
    """A forger who mends every digest afterwards is found all the same: the placements do not follow from the facts."""
    panel = harbour(tmp_path, "closed")
    seq = int(panel.column("seq", "placements proposed"))
    panel.alter("UPDATE entry SET body = replace(body, ?, ?) WHERE seq = ?", f'"R1":"{ASHDOWN}"', f'"R1":"{CEDAR}"', seq)
    replayed = panel.json("audit", "replay", code=1)
    assert (replayed["ok"], replayed["decisions"]) == (False, 1)
    assert {"seq": seq, "what": "placements.R1", "recorded": CEDAR, "replayed": ASHDOWN} in replayed["divergences"]
    said = panel("audit", "replay", code=1).out
    assert f"entry {seq}: placements.R1: recorded {CEDAR}; replayed {ASHDOWN}\n" in said
    assert said.endswith(f"{len(replayed['divergences'])} divergence(s) in 1 proposal(s).\n")


def test_a_draw_that_was_changed_does_not_replay(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "closed")
    panel.alter("UPDATE entry SET body = replace(body, '\"heron\"', '\"herons\"') WHERE kind = 'meeting drawn'")
    assert "seed" in [divergence["what"] for divergence in panel.json("audit", "replay", code=1)["divergences"]]


@pytest.mark.parametrize("kind", ["meeting opened", "referral made"])
def test_a_ledger_that_contradicts_itself_is_said_to(tmp_path: Path, kind: str) -> None:
    panel = harbour(tmp_path, "closed")
    panel.alter("DELETE FROM entry WHERE kind = ?", kind)
    for command in (("position",), ("audit", "replay"), ("explain", "R1"), ("meeting", "close")):
        said = panel(*command, code=4)
        assert said.out == ""
        assert re.fullmatch(r"Entry \d+ \([a-z ]+\) .*, which no entry before it (made|opened)\.\n", said.err)
    assert panel.json("audit", "verify", code=1)["problems"][0]["kind"] == "missing"


def test_a_case_that_is_no_longer_held_cannot_be_explained(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "closed")
    panel.alter("DELETE FROM sealed WHERE subject = 'P1'")
    said = panel("explain", "R1", "--why-not", CEDAR).out
    assert " ".join(said.split()) == ("R1: decided; its case is no longer held, so what meeting 1 of 2026-10-22 found cannot be explained.")
    assert panel.json("explain", "R2")["status"] == "confirmed"
