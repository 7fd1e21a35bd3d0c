"""The keys of a panel's ledger: an auditor's bundle, a change of the keys, a lost file, another ledger's, and a ledger from before."""

from __future__ import annotations

import json
import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from panel.record.keyfile import KeyFile
from panel.record.keyring import KeyMissing
from panel.record.ledger import Ledger
from tests.running import Panel, Said, harbour, keys_of, pastoral, put, taken, url

IDENTITIES = """\
pupil,family_name,given_names,born_on,address
P1,Tallowfield,Merrion,2013-02-03,4 Quince Row
P2,Wren,Ada,2013-03-04,1 Elm Row
"""
PHRASE = {"PASTORAL_KEYS_PASSPHRASE": "a long enough one"}


def flat(said: str) -> str:
    return " ".join(said.split())


def closed(folder: Path) -> Panel:
    """Harbour after a meeting, with two identities in it."""
    panel = harbour(folder, "closed")
    panel("load", "identities", str(panel.file("identities.csv", IDENTITIES)))
    return panel


def parts(panel: Panel) -> dict[str, int]:
    """How many sealed parts there are of each class."""
    with closing(sqlite3.connect(panel.ledger)) as connection:
        return dict(connection.execute("SELECT class, COUNT(*) FROM sealed GROUP BY class").fetchall())


# --- where the keys are ---


def test_a_founding_makes_the_keys_and_says_where(tmp_path: Path) -> None:
    panel = Panel(tmp_path / "harbour.db")
    said = panel("init", "--rulebook", "minimal", "--name", "Harbour")
    assert said.err == (
        f"The keys of what is sealed are in {keys_of(panel.ledger)}. Whoever can read that file can read the cases: keep it apart from "
        "the ledger, and a copy in a safe place.\n"
    )
    assert stat.S_IMODE(keys_of(panel.ledger).stat().st_mode) == 0o600
    told = json.loads(keys_of(panel.ledger).read_text())
    assert [(one["class"], one["generation"], len(one["key"])) for one in told["keys"]] == [("case", 1, 64), ("identity", 1, 64)]
    assert told["ledger"] == panel.column("digest", "panel founded")
    shown = panel("keys", "show", str(keys_of(panel.ledger))).out
    assert "case (generation 1), identity (generation 1)" in flat(shown)
    assert not any(one["key"] in shown for one in told["keys"])


def test_the_keys_may_be_elsewhere(tmp_path: Path) -> None:
    ledger, keys = tmp_path / "harbour.db", tmp_path / "safe" / "harbour.keys"
    keys.parent.mkdir()
    told = pastoral("init", "--rulebook", "minimal", "--json", ledger=ledger, env={"PASTORAL_KEYS": str(keys)})
    assert told.json["keys"] == str(keys)
    assert not keys_of(ledger).exists()
    assert pastoral("refer", "R1", "--pupil", "P1", "--kind", "managed_move", "--year-group", "9", "--made-on", "2026-10-01",
                    "--home-school", "100001", "--keys", str(keys), ledger=ledger).code == 3  # fmt: skip
    assert pastoral("audit", "verify", "--keys", str(keys), ledger=ledger).code == 0
    assert pastoral("audit", "verify", "--keys", str(tmp_path / "nowhere"), ledger=ledger).code == 2


def test_a_founding_that_fails_leaves_neither_file(tmp_path: Path) -> None:
    panel = Panel(tmp_path / "harbour.db")
    keys_of(panel.ledger).write_text("somebody else's")
    said = panel("init", "--rulebook", "minimal", code=3)
    assert "is already there, and may be the keys of another ledger" in said.err
    assert [path.name for path in tmp_path.iterdir()] == ["harbour.db.keys"]
    assert keys_of(panel.ledger).read_text() == "somebody else's"
    keys_of(panel.ledger).unlink()
    panel("init", "--rulebook", "minimal")
    before = taken(panel.ledger)
    panel("init", "--rulebook", "minimal", code=3)
    assert taken(panel.ledger) == before


def test_keys_that_others_may_read_are_refused(tmp_path: Path) -> None:
    panel = closed(tmp_path)
    keys_of(panel.ledger).chmod(0o640)
    said = panel("position", code=3)
    assert said.err == (
        f"{keys_of(panel.ledger)}: found mode 0640, so that others may read or change these keys; wanted 0600: "
        f"chmod 600 {keys_of(panel.ledger)}\n"
    )


def test_a_passphrase(tmp_path: Path) -> None:
    ledger = tmp_path / "harbour.db"
    assert pastoral("init", "--rulebook", "minimal", "--passphrase", ledger=ledger, env=PHRASE).code == 0
    told = json.loads(keys_of(ledger).read_text())
    assert set(told) == {"pastoral_ledger_keys", "ledger", "salt", "sealed"}
    exempt = ("exempt", "100001", "--from", "2026-10-01", "--until", "2026-12-18", "--reason", "building work")
    assert pastoral("audit", "verify", ledger=ledger, env=PHRASE).code == 0
    assert "needs a passphrase" in pastoral("audit", "verify", ledger=ledger).err
    wrong = pastoral("position", ledger=ledger, env={"PASTORAL_KEYS_PASSPHRASE": "another"})
    assert (wrong.code, wrong.err) == (3, f"{keys_of(ledger)}: this passphrase does not open it\n")
    assert pastoral(*exempt, ledger=ledger, env=PHRASE).code == 3  # no such school, which only an opened record can say
    assert pastoral("keys", "rotate", ledger=ledger, env=PHRASE).code == 0
    assert "sealed" in json.loads(keys_of(ledger).read_text())
    assert pastoral("audit", "verify", ledger=ledger, env=PHRASE).code == 0


def test_a_passphrase_that_is_no_text(tmp_path: Path) -> None:
    """Told as that, and not as a file that cannot be read."""
    broken = {"PASTORAL_KEYS_PASSPHRASE": "caf\udce9"}
    said = pastoral("init", "--rulebook", "minimal", "--passphrase", ledger=tmp_path / "harbour.db", env=broken)
    wanted = "PASTORAL_KEYS_PASSPHRASE: found bytes that are no text in this terminal's encoding; wanted text.\n"
    assert (said.code, said.err, list(tmp_path.iterdir())) == (3, wanted, [])
    assert pastoral("init", "--rulebook", "minimal", "--passphrase", ledger=tmp_path / "harbour.db", env=PHRASE).code == 0
    said = pastoral("audit", "verify", ledger=tmp_path / "harbour.db", env=broken)
    assert (said.code, said.err) == (3, wanted)


def test_a_copy_keeps_the_passphrase(tmp_path: Path) -> None:
    """Or the keys of the same ledger would lie beside the copy for whoever comes by."""
    ledger, keys = tmp_path / "harbour.db", tmp_path / "elsewhere.keys"
    pastoral("init", "--rulebook", "minimal", "--passphrase", ledger=ledger, env=PHRASE)
    for name, more, there in (("copy", (), keys_of(tmp_path / "copy.db")), ("other", ("--keys-to", str(keys)), keys)):
        assert pastoral("audit", "copy", url(tmp_path / f"{name}.db"), *more, ledger=ledger, env=PHRASE).code == 0
        assert set(json.loads(there.read_text())) == {"pastoral_ledger_keys", "ledger", "salt", "sealed"}
        at = {**PHRASE, "PASTORAL_KEYS": str(there)}
        assert pastoral("position", ledger=tmp_path / f"{name}.db", env=at).code == 0
    panel = Panel(tmp_path / "plain.db")
    panel("init", "--rulebook", "minimal")
    panel("audit", "copy", url(tmp_path / "third.db"))
    assert "keys" in json.loads(keys_of(tmp_path / "third.db").read_text())


# --- an auditor ---


@pytest.fixture
def audited(tmp_path: Path) -> tuple[Panel, Path]:
    """A panel, and a copy of its ledger with an auditor who has the bundle and nothing else."""
    panel = closed(tmp_path)
    (tmp_path / "auditor").mkdir()
    bundle = tmp_path / "auditor" / "bundle"
    panel("keys", "auditor", "-o", str(bundle))
    copy = Panel(tmp_path / "auditor" / "copy.db")
    copy.ledger.write_bytes(panel.ledger.read_bytes())
    return copy, bundle


def test_an_auditor_with_the_bundle_checks_everything_but_who_it_was(audited: tuple[Panel, Path]) -> None:
    panel, bundle = audited
    assert stat.S_IMODE(bundle.stat().st_mode) == 0o600
    assert [one["class"] for one in json.loads(bundle.read_text())["keys"]] == ["case"]
    verified = panel.json("audit", "verify", "--keys", str(bundle))
    assert (verified["ok"], verified["problems"], verified["unopened"]) == (True, [], {"identity": 2})
    said = flat(panel("audit", "verify", "--keys", str(bundle)).out)
    assert "every seal that could be opened matches. Not opened, and so not compared: 2 sealed parts (2 of class identity)" in said
    replayed = panel.json("audit", "replay", "--keys", str(bundle))
    assert (replayed["ok"], replayed["decisions"]) == (True, 1)
    assert panel.json("audit", "replay", "--jobs", "2", "--keys", str(bundle)) == replayed
    assert panel.json("explain", "R1", "--keys", str(bundle))["status"] == "confirmed"
    panel("audit", "export", "-o", str(panel.folder / "x.zip"), "--with-cases", "--keys", str(bundle))


def test_an_identity_is_told_as_closed_never_as_erased(audited: tuple[Panel, Path]) -> None:
    panel, bundle = audited
    shown = panel.json("person", "show", "P1", "--keys", str(bundle))
    identity = next(entry for entry in shown["entries"] if entry["kind"] == "identity recorded")
    assert (identity["sealed"], identity["erased"], identity["withheld"]) == ({}, [], ["identity"])
    said = panel("person", "show", "P1", "--keys", str(bundle)).out
    assert "sealed (identity): under a key that is not here" in said
    assert "Tallowfield" not in said
    assert "erased" not in said
    for words in (
        ("person", "erase", "P1", "--reason", "six years", "--yes"),
        ("load", "identities", str(panel.file("more.csv", IDENTITIES.replace("P1", "P3")))),
        ("keys", "rotate"),
    ):
        before = panel.ledger.read_bytes()
        refused = panel(*words, "--keys", str(bundle), code=4).err
        assert "holds the key of class case, not that of class identity" in refused
        assert panel.ledger.read_bytes() == before


def test_a_report_by_identities_needs_their_key(audited: tuple[Panel, Path]) -> None:
    panel, bundle = audited
    with Ledger.open(url(panel.ledger), keys=KeyFile(bundle)) as ledger:
        ledger.must_open("case")
        with pytest.raises(KeyMissing, match=r"not that of class identity: 2 sealed part\(s\) of class identity cannot be read"):
            ledger.must_open("identity")


def test_what_an_auditor_sees_of_a_change_by_somebody_without_a_key(audited: tuple[Panel, Path]) -> None:
    panel, bundle = audited
    of_p1 = "subject = 'P1' AND seq = (SELECT MIN(seq) FROM sealed WHERE subject = 'P1')"
    panel.alter(f"UPDATE sealed SET box = zeroblob(100) WHERE {of_p1}")
    (problem,) = panel.json("audit", "verify", "--keys", str(bundle), code=1)["problems"]
    assert problem["kind"] == "seal does not match"
    without = panel.json("audit", "verify")
    assert (without["ok"], without["unopened"]) == (True, parts(panel))  # it cannot tell, and says so
    panel.alter("DELETE FROM wrapped WHERE subject = 'P2' AND class = 'identity'")
    problems = panel.json("audit", "verify", code=1)["problems"]
    assert [problem["kind"] for problem in problems] == ["key missing"]  # that one can be seen without any


# --- changing the keys ---


def test_after_a_change_older_keys_open_nothing(audited: tuple[Panel, Path], tmp_path: Path) -> None:
    copy, bundle = audited
    panel = Panel(tmp_path / "harbour.db")
    head, bodies, old = panel.json("audit", "verify")["head"], panel.bodies(), keys_of(panel.ledger).read_bytes()
    told = panel.json("keys", "rotate")
    assert (told["generation"], told["swept"]) == (2, True)
    assert (panel.json("audit", "verify")["head"], panel.bodies()) == (head, bodies)  # nothing is recorded
    assert panel.json("audit", "replay")["ok"] is True
    assert "Tallowfield" in panel("person", "show", "P1").out
    older = tmp_path / "older.keys"
    older.touch(0o600)
    older.write_bytes(old)
    for keys, holds in ((bundle, "case"), (older, "case")):
        said = panel("audit", "replay", "--keys", str(keys), code=4).err
        assert "holds the keys of generation 1, and this ledger's are of generation 2" in said
        assert holds in said
        assert panel.json("audit", "verify", "--keys", str(keys))["unopened"] == parts(panel)
    # What it cannot do, and says: a copy from before opens with what there was before.
    assert copy.json("audit", "replay", "--keys", str(bundle))["ok"] is True
    assert "whoever copied the ledger and its keys before has what was in it then" in flat(panel("keys", "rotate").out)
    raw = panel.ledger.read_bytes()
    with closing(sqlite3.connect(copy.ledger)) as connection:
        assert not any(box in raw for (box,) in connection.execute("SELECT box FROM wrapped"))
    panel("exempt", "100001", "--from", "2026-10-01", "--until", "2026-12-18", "--reason", "building work")
    assert panel.json("audit", "verify")["ok"] is True


def test_a_clerk_in_the_middle_of_something_goes_on_after_a_change(tmp_path: Path) -> None:
    """One process has read the keys; another changes them; the first writes on, under the new ones."""
    panel = closed(tmp_path)
    with Ledger.open(url(panel.ledger)) as mine:
        mine.entries()
        panel("keys", "rotate")
        from panel.record.chain import Draft, Part

        mine.append(
            [Draft("noted", {}, (Part("P1", "case", {"a": 1}), Part("P77", "case", {"a": 2})))],
            actor="clerk", now="2027-01-01T00:00:00.000000Z", salts=iter([bytes(32), bytes(32)]),
        )  # fmt: skip
        assert mine.flaws() == ()
    with closing(sqlite3.connect(panel.ledger)) as connection:
        assert connection.execute("SELECT DISTINCT generation FROM wrapped").fetchall() == [(2,)]


# --- a lost key, another ledger's, no key at all ---


def test_a_lost_key_is_said_with_what_is_lost_what_stays_and_what_to_do(tmp_path: Path) -> None:
    panel = closed(tmp_path)
    count = parts(panel)
    keys_of(panel.ledger).unlink()
    verified = panel.json("audit", "verify")
    assert (verified["ok"], verified["unopened"]) == (True, count)
    for words in (
        ("audit", "replay"),
        ("position",),
        ("explain", "R1"),
        ("person", "show", "P1"),
        ("decide", "R5", "--decline", "--reason", "x"),
    ):
        said = panel(*words, code=4)
        assert said.out == ""
        for told in (
            f"({keys_of(panel.ledger)} is not there)",
            f"{count['case']} sealed part(s) of class case",
            "Name their file with --keys or PASTORAL_KEYS",
            "the cases and identities are lost for good",
            "the chain, the checkpoints, who was placed where and when, and every other open part stay",
            "docs/sealing.md says how to go on",
        ):
            assert told in said.err
    assert panel.json("position", code=4)["error"]["kind"] == "keys"
    panel("audit", "checkpoint", "-o", str(tmp_path / "kept"))
    assert panel.json("audit", "verify", "--against", str(tmp_path / "kept"))["ok"] is True
    assert panel.json("audit", "copy", url(tmp_path / "copy.db"))["head"] == verified["head"]


def test_what_is_open_is_exported_without_any_key(tmp_path: Path) -> None:
    panel = closed(tmp_path)
    whole = panel.json("audit", "export", "-o", str(tmp_path / "whole.zip"))
    keys_of(panel.ledger).unlink()
    told = panel.json("audit", "export", "-o", str(tmp_path / "open.zip"))
    assert told["head"] == whole["head"]
    assert {file["name"] for file in told["files"]} == {file["name"] for file in whole["files"]}
    by_name = {file["name"]: file["sha256"] for file in whole["files"]}
    differ = {file["name"] for file in told["files"] if by_name[file["name"]] != file["sha256"]}
    assert differ <= {"README.txt", "SHA256SUMS", "open.db", "tables/positions.csv", "tables/counts.csv", "tables/where-schools-stood.csv"}
    assert any("the key of the cases is not here" in note for note in told["notes"])
    assert panel("audit", "export", "-o", str(tmp_path / "cases.zip"), "--with-cases", code=4).out == ""


def test_keys_of_another_ledger_are_told_as_that(tmp_path: Path) -> None:
    panel = closed(tmp_path)
    other = Panel(tmp_path / "other.db")
    other("init", "--rulebook", "minimal")
    named = ("--keys", str(keys_of(other.ledger)))
    said = panel("position", *named, code=3).err
    assert "holds the keys of another ledger: its first entry has the digest" in said
    assert panel.json("position", *named, code=3)["error"]["kind"] == "keys"
    (problem,) = panel.json("audit", "verify", *named, code=1)["problems"]
    assert (problem["seq"], problem["kind"]) == (1, "another ledger's keys")
    assert panel("audit", "verify", "--keys", str(panel.file("text.keys", "{}")), code=3).err.endswith(
        "holds no keys of a ledger; wanted the file that `pastoral init` or `pastoral keys auditor` made\n"
    )


# --- a ledger from before ---


def plain(folder: Path) -> Panel:
    """The golden ledger of the first format, in which nothing is encrypted."""
    from fixtures.golden.make import FOLDER

    panel = Panel(folder / "plain.db")
    panel.ledger.write_bytes((FOLDER / "plain-0.1.0.db").read_bytes())
    return panel


def test_a_ledger_of_the_first_format_goes_on_and_moves(tmp_path: Path) -> None:
    panel = plain(tmp_path)
    assert panel.json("audit", "replay")["ok"] is True
    panel("exempt", "900001", "--from", "2026-11-01", "--until", "2026-12-18", "--reason", "a burst pipe in the west wing")
    head = panel.json("audit", "verify")["head"]
    assert b"burst pipe" in panel.ledger.read_bytes()
    assert not keys_of(panel.ledger).exists()
    assert "not encrypted, so it has no keys: `pastoral audit copy` makes one that is" in panel("keys", "rotate", code=3).err
    assert "not encrypted" in panel("keys", "auditor", "-o", str(tmp_path / "b"), code=3).err
    said = panel("audit", "copy", url(tmp_path / "sealed.db"))
    assert "What is sealed was not encrypted, and now is" in flat(said.out)
    moved = Panel(tmp_path / "sealed.db")
    assert moved.json("audit", "verify")["head"] == head
    assert moved.json("audit", "replay") == panel.json("audit", "replay")
    assert b"burst pipe" not in moved.ledger.read_bytes()
    moved("keys", "rotate")
    with Ledger.open(url(panel.ledger)) as before, Ledger.open(url(moved.ledger)) as after:
        assert (before.entries(), before.sealed()) == (after.entries(), after.sealed())


def test_a_copy_has_the_keys_of_the_old_one(tmp_path: Path) -> None:
    panel = closed(tmp_path)
    elsewhere = tmp_path / "copy.keys"
    panel("audit", "copy", url(tmp_path / "copy.db"), "--keys-to", str(elsewhere))
    assert elsewhere.read_bytes() == keys_of(panel.ledger).read_bytes()
    copy = Panel(tmp_path / "copy.db")
    assert not keys_of(copy.ledger).exists()
    with closing(sqlite3.connect(panel.ledger)) as one, closing(sqlite3.connect(copy.ledger)) as other:
        for table in ("entry", "sealed", "wrapped"):
            asked = f"SELECT * FROM {table} ORDER BY 1, 2, 3"
            assert one.execute(asked).fetchall() == other.execute(asked).fetchall()
    assert copy.json("audit", "replay", "--keys", str(elsewhere))["ok"] is True


def test_the_demo_leaves_its_keys_and_takes_nobody_elses(tmp_path: Path) -> None:
    mine = tmp_path / "mine.keys"
    told: Said = pastoral("demo", "--keep", str(tmp_path / "kept"), env={"PASTORAL_KEYS": str(mine)})
    assert told.code == 0
    assert not mine.exists()
    ledger = put(taken(tmp_path / "kept" / "shire11.db"), tmp_path / "shire11.db")
    verified: Any = pastoral("audit", "verify", "--json", ledger=ledger).json
    assert (verified["ok"], "unopened" in verified) == (True, False)
