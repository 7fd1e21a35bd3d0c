"""Checkpoints are given away when a meeting closes; later nobody can cut the record off or write it anew unseen."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from panel.record import merkle
from panel.record.chain import link
from panel.record.checkpoint import read
from tests.running import ASHDOWN, CEDAR, CHECKOUT, Panel, Said, harbour, pastoral, url

HELD = "exactly those of this checkpoint"


def flat(text: str) -> str:
    """What was said, whatever the width of the terminal."""
    return " ".join(text.split())


def at(panel: Panel, name: str) -> str:
    return str(panel.folder / name)


def signing(tmp_path: Path, stage: str) -> Panel:
    """Harbour with a key of its clerk's and one of Ashdown's."""
    panel = harbour(tmp_path, stage)
    panel("keys", "new", "harbour/clerk", "-o", at(panel, "clerk.key"))
    panel("keys", "new", "ashdown", "-o", at(panel, "ashdown.key"))
    return panel


def closed(tmp_path: Path) -> Panel:
    """A meeting closed with a checkpoint, and something recorded since."""
    panel = signing(tmp_path, "proposed")
    panel("decide", "R1", "R2", "R6", "--confirm")
    panel("meeting", "close", "--key", at(panel, "clerk.key"), "-o", at(panel, "m1.checkpoint"))
    panel("refuse", "R6", "--by", "100002", "--on", "2026-10-24", "--reason", "no room after all")
    return panel


def forge(panel: Panel, old: str, new: str, kind: str) -> int:
    """Change the bodies of a kind and make every digest after it anew, as somebody does who has the file and this program."""
    with contextlib.closing(sqlite3.connect(panel.ledger)) as connection:
        rows = connection.execute("SELECT seq, recorded_at, actor, kind, body, previous FROM entry ORDER BY seq").fetchall()
    first, previous = 0, "0" * 64
    for seq, recorded_at, actor, its, body, _ in rows:
        told = body.replace(old, new) if its == kind else body
        first = first or (seq if told != body else 0)
        own = link(seq, recorded_at, actor, its, told.encode(), previous)
        panel.alter("UPDATE entry SET body = ?, previous = ?, digest = ? WHERE seq = ?", told, previous, own, seq)
        previous = own
    assert first
    return first


def test_closing_gives_a_checkpoint_and_verifying_holds_the_record_against_it(tmp_path: Path) -> None:
    panel = closed(tmp_path)
    text = (tmp_path / "m1.checkpoint").read_text(encoding="utf-8")
    origin, size, _, last, empty, signature = text.removesuffix("\n").split("\n")
    assert origin == "pastoral/ledger/1/" + panel.column("digest", "panel founded")
    assert int(size) == panel.entries() - 1 == int(panel.column("seq", "meeting closed"))
    assert last == "last entry " + panel.column("recorded_at", "meeting closed")
    assert (empty, signature.split(" ")[:2]) == ("", ["—", "harbour/clerk"])
    said = flat(panel("audit", "verify", "--against", at(panel, "m1.checkpoint"), "--key", at(panel, "clerk.pub")).out)
    assert f": the first {size} entries are {HELD}; 1 entry was added since. signed by harbour/clerk (key " in said
    assert "only a head or checkpoint" not in said
    verified = panel.json("audit", "verify", "--against", at(panel, "m1.checkpoint"), "--key", at(panel, "clerk.pub"))
    assert (verified["ok"], verified["problems"], verified["against"][0]["entries"]) == (True, [], int(size))
    assert [key["name"] for key in verified["against"][0]["signed_by"]] == ["harbour/clerk"]


def test_the_proof_that_somebody_with_two_checkpoints_needs(tmp_path: Path) -> None:
    panel = closed(tmp_path)
    panel("audit", "checkpoint", "-o", at(panel, "now.checkpoint"))
    verified = panel.json("audit", "verify", "--against", at(panel, "m1.checkpoint"))
    (older, _), (newer, _) = (read((tmp_path / name).read_bytes()) for name in ("m1.checkpoint", "now.checkpoint"))
    assert verified["tree"] == {"entries": newer.size, "root": newer.root.hex()}
    path = tuple(map(bytes.fromhex, verified["against"][0]["consistency"]))
    assert merkle.consistent(older.size, newer.size, path, older.root, newer.root)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_a_checkpoint_on_stdout_is_the_same_bytes_at_any_terminal(tmp_path: Path, encoding: str) -> None:
    panel = signing(tmp_path, "closed")
    panel("audit", "checkpoint", "--key", at(panel, "clerk.key"), "-o", at(panel, "a.checkpoint"))
    done = subprocess.run(
        [sys.executable, str(CHECKOUT / "cli.py"), "audit", "checkpoint", "--key", at(panel, "clerk.key"), "--ledger", url(panel.ledger)],
        env={**os.environ, "PYTHONUTF8": "0", "PYTHONIOENCODING": encoding}, capture_output=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout == (tmp_path / "a.checkpoint").read_bytes()


def test_without_a_key_the_checkpoint_shows_as_much_as_the_place_where_it_was_kept(tmp_path: Path) -> None:
    panel = closed(tmp_path)
    said = flat(panel("audit", "verify", "--against", at(panel, "m1.checkpoint")).out)
    assert "not checked: the signature of harbour/clerk; name the public key with --key" in said
    assert "so this shows as much as the place where you kept the checkpoint" in said


def test_a_record_that_was_cut_off(tmp_path: Path) -> None:
    panel = closed(tmp_path)
    size = panel.entries() - 1
    panel.alter("DELETE FROM sealed WHERE seq > ?", size - 2)
    panel.alter("DELETE FROM entry WHERE seq > ?", size - 2)
    panel("audit", "verify")
    said = flat(panel("audit", "verify", "--against", at(panel, "m1.checkpoint"), code=1).out)
    assert f"cut off: the checkpoint is of {size} entries, the record has {size - 2}: entries {size - 1} to {size} are gone." in said
    assert said.endswith("This record is not as it was written.")


def test_a_record_that_was_written_anew(tmp_path: Path) -> None:
    panel = signing(tmp_path, "proposed")
    panel("audit", "checkpoint", "-o", at(panel, "before.checkpoint"))
    before = panel.entries()
    panel("decide", "R1", "R2", "R6", "--confirm")
    panel("meeting", "close", "-o", at(panel, "m1.checkpoint"))
    seq = forge(panel, f'"school":"{ASHDOWN}"', f'"school":"{CEDAR}"', "decision taken")
    assert seq == before + 1
    panel("audit", "verify")
    files = ("--against", at(panel, "m1.checkpoint"), "--against", at(panel, "before.checkpoint"))
    verified = panel.json("audit", "verify", *files, code=1)
    assert [(problem["seq"], problem["kind"]) for problem in verified["problems"]] == [(before + 1, "rewritten")]
    assert [(one["entries"], one["ok"]) for one in verified["against"]] == [(before, True), (panel.entries(), False)]
    said = flat(panel("audit", "verify", *files, code=1).out)
    assert f"rewritten: something in entries {before + 1} to {panel.entries()} was changed, put in or taken out" in said
    assert f": the first {before} entries are {HELD}; 4 entries were added since." in said


def test_a_record_of_another_panel(tmp_path: Path) -> None:
    panel = closed(tmp_path)
    forge(panel, "Harbour", "Harbor", "panel founded")
    problems = panel.json("audit", "verify", "--against", at(panel, "m1.checkpoint"), code=1)["problems"]
    assert [problem["kind"] for problem in problems] == ["another ledger's keys", "another ledger"]


def test_a_checkpoint_that_was_changed_or_is_not_signed_by_whom_it_should_be(tmp_path: Path) -> None:
    panel = closed(tmp_path)
    path = tmp_path / "m1.checkpoint"
    text = path.read_text(encoding="utf-8")
    named = ("--against", str(path), "--key", at(panel, "clerk.pub"), "--key", at(panel, "ashdown.pub"))
    (problem,) = panel.json("audit", "verify", *named, code=1)["problems"]
    assert (problem["kind"], "no signature of ashdown" in problem["detail"]) == ("not signed", True)
    assert flat(panel("audit", "verify", *named, code=1).out).endswith("In the record itself nothing is wrong.")
    size = int(text.split("\n")[1])
    path.write_text(text.replace(f"\n{size}\n", f"\n{size - 1}\n"), encoding="utf-8")
    kinds = [problem["kind"] for problem in panel.json("audit", "verify", *named[:4], code=1)["problems"]]
    assert kinds == ["rewritten", "signature does not match"]
    path.write_text(text.replace("\n", "\r\n"), encoding="utf-8", newline="")
    assert "m1.checkpoint: found a control character" in panel("audit", "verify", *named, code=3).err
    assert panel.json("audit", "verify", *named, code=3)["error"]["kind"] == "refused"


def test_a_changed_entry_is_still_named_beside_the_checkpoint(tmp_path: Path) -> None:
    panel = closed(tmp_path)
    panel.alter("UPDATE entry SET actor = 'somebody' WHERE seq = 20")
    verified = panel.json("audit", "verify", "--against", at(panel, "m1.checkpoint"), code=1)
    assert [(problem["seq"], problem["kind"]) for problem in verified["problems"]] == [(20, "changed")]
    panel.alter("UPDATE sealed SET box = x'00' WHERE seq = (SELECT MIN(seq) FROM sealed)")
    kinds = {problem["kind"] for problem in panel.json("audit", "verify", "--against", at(panel, "m1.checkpoint"), code=1)["problems"]}
    assert kinds == {"changed", "seal does not match"}


def test_a_second_signature(tmp_path: Path) -> None:
    """Ashdown's head signs days later what the clerk signed at the meeting; the record has grown meanwhile."""
    panel = closed(tmp_path)
    path = tmp_path / "m1.checkpoint"
    before = path.read_text(encoding="utf-8")
    said = flat(panel("audit", "checkpoint", "--key", at(panel, "ashdown.key"), "-o", str(path)).out)
    assert "Signed by harbour/clerk, ashdown." in said
    assert "The record has 1 entry more since." in said
    after = path.read_text(encoding="utf-8")
    assert after.startswith(before)
    assert after.removeprefix(before).startswith("— ashdown ")
    keys = ("--key", at(panel, "clerk.pub"), "--key", at(panel, "ashdown.pub"))
    panel("audit", "verify", "--against", str(path), *keys)
    assert "is signed by ashdown already" in panel.refused("audit", "checkpoint", "--key", at(panel, "ashdown.key"), "-o", str(path))
    assert "Name a new file, or a --key" in panel.refused("audit", "checkpoint", "-o", str(path))
    forge(panel, f'"school":"{ASHDOWN}"', f'"school":"{CEDAR}"', "decision taken")
    panel("keys", "new", "birch", "-o", at(panel, "birch.key"))
    assert "is not signed" in panel.refused("audit", "checkpoint", "--key", at(panel, "birch.key"), "-o", str(path))
    assert path.read_text(encoding="utf-8") == after


def test_nobody_signs_a_record_that_was_changed(tmp_path: Path) -> None:
    panel = signing(tmp_path, "proposed")
    panel.alter("UPDATE entry SET actor = 'somebody' WHERE seq = 20")
    entries = panel.entries()
    for words in (("audit", "checkpoint"), ("meeting", "close")):
        said = panel(*words, "--key", at(panel, "clerk.key"), "-o", at(panel, "x.checkpoint"), code=4)
        assert "not as it was written (entry 20: changed), so no checkpoint is made of it" in said.err
    assert panel.entries() == entries
    assert not (tmp_path / "x.checkpoint").exists()


def test_nothing_is_closed_where_the_checkpoint_could_not_be_written_or_signed(tmp_path: Path) -> None:
    panel = signing(tmp_path, "proposed")
    (tmp_path / "there").write_text("something", encoding="utf-8")
    assert "there is there already" in panel.refused("meeting", "close", "-o", at(panel, "there"))
    assert "cannot be written" in panel.refused("meeting", "close", "-o", at(panel, "nowhere/x"))
    assert "is no private key" in panel.refused("meeting", "close", "--key", at(panel, "clerk.pub"))
    assert (tmp_path / "there").read_text(encoding="utf-8") == "something"
    panel("meeting", "close")
    assert "No meeting is open" in panel.refused("meeting", "close", "-o", at(panel, "late"))
    assert not (tmp_path / "late").exists()


def test_a_checkpoint_on_stdout_is_the_file_byte_for_byte(tmp_path: Path) -> None:
    panel = signing(tmp_path, "proposed")
    shown = panel("audit", "checkpoint", "--key", at(panel, "clerk.key"))
    panel("audit", "checkpoint", "--key", at(panel, "clerk.key"), "-o", at(panel, "a.checkpoint"))
    assert shown.out == (tmp_path / "a.checkpoint").read_text(encoding="utf-8")
    assert "Signed by harbour/clerk." in shown.err
    unsigned = panel("audit", "checkpoint")
    assert shown.out.startswith(unsigned.out + "\n— ")
    assert "Nobody has signed it" in unsigned.err
    assert panel.json("audit", "checkpoint")["checkpoint"] == unsigned.out
    closing = panel("meeting", "close", "--key", at(panel, "clerk.key")).out
    assert "Its checkpoint, for every school:\npastoral/ledger/1/" in closing
    assert harbour(tmp_path, "proposed").json("meeting", "close")["checkpoint"] is None


PASS = {"PASTORAL_PASSPHRASE": "red door"}


def keyed(panel: Panel, *words: str, env: dict[str, str] | None = None) -> Said:
    return pastoral(*words, ledger=panel.ledger, env=env)


def test_a_passphrase_comes_from_the_environment_and_never_from_the_command_line(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "closed")
    made = keyed(panel, "keys", "new", "clerk", "--passphrase", "-o", at(panel, "clerk.key"), env=PASS)
    assert (made.code, "sealed under the passphrase" in flat(made.out)) == (0, True)
    assert "red door" not in (tmp_path / "clerk.key").read_text(encoding="utf-8")
    sign = ("audit", "checkpoint", "--key", at(panel, "clerk.key"))
    assert keyed(panel, *sign, env=PASS).code == 0
    wrong = keyed(panel, *sign, env={"PASTORAL_PASSPHRASE": "blue door"})
    assert (wrong.code, wrong.out, "this passphrase does not open it" in wrong.err) == (3, "", True)
    assert keyed(panel, *sign, env={"PASTORAL_PASSPHRASE": ""}).code == 3
    assert keyed(panel, "keys", "new", "x", "--passphrase", "red door").code == 2
    assert keyed(panel, "keys", "show", at(panel, "clerk.key")).out.startswith(
        f"{at(panel, 'clerk.key')} (private, under a passphrase): clerk"
    )


def at_a_terminal(*words: str, typed: Sequence[tuple[str, str]], folder: Path) -> tuple[int, str]:
    """Run the command at a terminal where somebody types each line after what is asked. Nothing waits for more than 20 seconds."""
    ours, theirs = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PASTORAL_")}
    run = subprocess.Popen(
        [sys.executable, str(CHECKOUT / "cli.py"), *words], cwd=folder, env=environment, stdin=theirs, stdout=theirs, stderr=theirs,
        start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    try:
        shown = "".join(_asked(ours, asked, answer) for asked, answer in typed) + _until(ours, "")
        return run.wait(timeout=20), shown
    finally:
        run.kill()
        run.wait()
        os.close(ours)


def _asked(terminal: int, asked: str, answer: str) -> str:
    shown = _until(terminal, asked)
    os.write(terminal, f"{answer}\n".encode())
    return shown


def _until(terminal: int, wanted: str) -> str:
    """What the terminal shows up to some words; without words, up to its end."""
    shown = b""
    with contextlib.suppress(OSError):  # Linux: the other end is closed
        while not (wanted and wanted in shown.decode(errors="replace")):
            ready, _, _ = select.select([terminal], [], [], 20)
            part = os.read(terminal, 4096) if ready else b""
            if not part:
                break
            shown += part
    return shown.decode(errors="replace")


@pytest.mark.skipif(sys.platform != "linux", reason="how a closed terminal shows differs elsewhere")
def test_a_passphrase_is_asked_for_at_a_terminal_and_not_shown(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "closed")
    twice = [("A new passphrase: ", "red door"), ("Repeat for confirmation: ", "red door")]
    code, shown = at_a_terminal("keys", "new", "clerk", "--passphrase", typed=twice, folder=tmp_path)
    assert (code, "key ID" in shown, "red door" in shown) == (0, True, False), shown
    words = ("audit", "checkpoint", "--key", "clerk.key", "--ledger", url(panel.ledger))
    code, shown = at_a_terminal(*words, typed=[("Passphrase of clerk.key: ", "red door")], folder=tmp_path)
    assert (code, "— clerk " in shown, "red door" in shown) == (0, True, False), shown


def test_usage(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "closed")
    assert "--key goes with --against" in panel("audit", "verify", "--key", str(panel.ledger), code=2).err
    assert "wanted printable characters without spaces" in panel("keys", "new", "a b", code=2).err
    assert panel("audit", "verify", "--against", at(panel, "none"), code=2).out == ""
    assert panel("keys", "show", code=2).out == ""
    panel("keys", "new", "harbour/clerk", "-o", at(panel, "clerk.key"))
    assert "is a private key; wanted the public one" in panel.refused(
        "audit", "verify", "--against", at(panel, "clerk.pub"), "--key", at(panel, "clerk.key")
    )
    shown = panel.json("keys", "show", at(panel, "clerk.key"), at(panel, "clerk.pub"))["keys"]
    assert [key["kind"] for key in shown] == ["private", "public"]
    assert shown[0]["public"] == shown[1]["public"] == (tmp_path / "clerk.pub").read_text(encoding="utf-8").strip()
