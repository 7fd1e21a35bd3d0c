"""What goes where: streams, encodings, readers who have gone, colour, and what fits a terminal."""

from __future__ import annotations

import os
import pty
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.running import BIRCH, CEDAR, CHECKOUT, DELL, Said, harbour, spawned, url

# --- streams, as a process of its own ---


def test_data_goes_to_stdout_and_talk_to_stderr(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "loaded")
    said = spawned("meeting", "open", "--date", "2026-10-22", "--chair", "X", "--json", ledger=panel.ledger)
    assert (said.code, said.err) == (0, "")
    assert said.json["unknown"] == [
        "R3 is held: plan cannot tell without referral.ehcp (an education, health and care plan is in force).",
        "R4 is held by both-agree.",
    ]
    refused = spawned("decide", "R1", "--confirm", "--json", ledger=panel.ledger)
    assert (refused.code, refused.err) == (3, "")
    message = "Nothing is proposed yet for meeting 1. Run `pastoral allocate` first."
    assert refused.json == {"error": {"kind": "refused", "message": message, "problems": []}}


def test_a_traceback_only_with_debug(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "loaded")
    plain = spawned("allocate", ledger=panel.ledger)
    assert (plain.code, plain.out, plain.err.count("\n")) == (3, "", 1)
    debug = spawned("allocate", "--debug", ledger=panel.ledger)
    assert (debug.code, debug.out) == (3, "")
    assert debug.err.startswith("Traceback (most recent call last):")
    assert debug.err.endswith(plain.err)


def test_the_ledger_and_the_writer_come_from_the_environment_or_the_option(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "loaded")
    vote = ("exempt", BIRCH, "--from", "2026-10-01", "--until", "2026-10-02", "--reason", "x")
    said = spawned(*vote, "--ledger", url(panel.ledger), "--actor", "Ada")
    assert said.code == 0
    assert panel.column("actor", "exemption voted") == "Ada"
    assert panel.column("actor", "panel founded") == "clerk"
    default = spawned("position", cwd=tmp_path)
    assert (default.code, default.err) == (4, "there is no ledger at pastoral.db; `pastoral init` founds one\n")


def test_names_that_the_terminal_cannot_show_stop_nothing(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "loaded")
    panel("load", "schools", str(panel.file("more.csv", "URN,EstablishmentName,NumberOfPupils\n100008,Ysgol Llanŵ,100\n")))
    western = {"PYTHONUTF8": "0", "PYTHONIOENCODING": "cp1252"}
    said = spawned("position", ledger=panel.ledger, env=western)
    assert said.code == 0
    assert "Ysgol Llan? (100008)" in said.out
    names = [school["name"] for school in spawned("position", "--json", ledger=panel.ledger, env=western).json["schools"]]
    assert "Ysgol Llanŵ" in names


def test_a_reader_who_has_gone_and_an_output_that_is_closed(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "opened")
    command = f"{shlex.quote(sys.executable)} {shlex.quote(str(CHECKOUT / 'cli.py'))}"
    environment = {**os.environ, "PASTORAL_LEDGER": url(panel.ledger), "PASTORAL_ACTOR": "clerk"}
    for line in (f"{command} rules show shire11 | head -1 > /dev/null", f"{command} meeting draw --words heron >&-"):
        done = subprocess.run(["/bin/sh", "-c", line], env=environment, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), line
    assert "seed" in panel.bodies().rpartition("meeting drawn")[2]


def test_a_user_without_a_name_is_unnamed(monkeypatch: pytest.MonkeyPatch) -> None:
    import getpass

    from panel.commands import frame

    for failure in (KeyError("getpwuid(): uid not found: 54321"), OSError("No username set in the environment")):

        def nobody(failure: Exception = failure) -> str:
            raise failure

        monkeypatch.setattr(getpass, "getuser", nobody)
        assert frame._who() == "unnamed"


def test_no_colour_where_none_is_wanted() -> None:
    """On a terminal: styles may be there, colours may not."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "NO_COLOR": "1", "TERM": "xterm-256color"}
    with subprocess.Popen([sys.executable, str(CHECKOUT / "cli.py"), "rules", "list"], env=environment, stdout=theirs) as running:
        os.close(theirs)
        shown = b""
        while True:
            try:
                part = os.read(ours, 4096)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            shown += part
    os.close(ours)
    assert running.returncode == 0
    assert b"shire11" in shown
    for style in re.findall(rb"\x1b\[([0-9;]*)m", shown):
        assert not any(30 <= int(number) <= 107 for number in style.split(b";") if number), style


def test_completion_names_the_commands() -> None:
    complete = {"_PASTORAL_COMPLETE": "bash_complete", "COMP_WORDS": "pastoral al", "COMP_CWORD": "1"}
    assert spawned(env=complete).out == "plain,allocate\n"
    assert "_pastoral_completion" in spawned(env={"_PASTORAL_COMPLETE": "zsh_source"}).out


# --- what fits a terminal ---


def test_everything_that_is_printed_fits_80_columns(tmp_path: Path) -> None:
    long_names = {"Cedar High School": "The Blessed Saint Bartholomew and All Saints Catholic Voluntary Academy"}
    panel = harbour(tmp_path, "loaded")
    text = (panel.folder / "schools.csv").read_text(encoding="utf-8")
    for name, longer in long_names.items():
        text = text.replace(name, longer)
    answers: list[Said] = [panel("load", "schools", str(panel.file("longer.csv", text)))]
    late = ("--kind", "managed_move", "--year-group", "10", "--made-on", "2026-10-01", "--home-school", BIRCH, "--ehcp", "no")
    signed = ("--parent-agrees-on", "2026-10-01", "--home-school-agrees-on", "2026-10-01", "--easting", "622000", "--northing", "400000")
    answers += [panel("refer", "A-VERY-LONG-REFERENCE-2026/10/0001", "--pupil", "P77", *late, *signed)]
    for line in (
        "meeting open --date 2026-10-22 --chair Okafor", "meeting draw --words heron", "allocate",
        "explain R1", f"explain R1 --why-not {CEDAR}",
        "explain R5", f"decide R5 --school {DELL} --reason x", "explain R5", "decide R1 R2 R6 --confirm",
        "allocate --again", "meeting close",
        "position", "audit verify", "audit replay", "rules list", "rules show shire11", "rules show minimal", "rules check shire11",
    ):  # fmt: skip
        answers.append(panel(*line.split()))
    for said in answers:
        assert [line for line in said.out.splitlines() if len(line) > 80] == []
    whole = "\n".join(said.out for said in answers)
    assert "The Blessed Saint Bartholome... (100003)" in whole  # a name may be cut short, a URN never
    assert "…" not in whole
