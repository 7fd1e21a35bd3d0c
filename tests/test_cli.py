"""The command's promises: exit codes, streams, help, JSON, what fits a terminal, and one clear sentence for each bad input."""

from __future__ import annotations

import json
import os
import pty
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from cli import COMMANDS
from cli import pastoral as root
from tests.running import ASHDOWN, BIRCH, BOOK, CEDAR, CHECKOUT, DELL, Said, harbour, pastoral, places, spawned, url

# --- help ---


def every_command() -> Iterator[tuple[tuple[str, ...], click.Command]]:
    def below(path: tuple[str, ...], command: click.Command) -> Iterator[tuple[tuple[str, ...], click.Command]]:
        yield path, command
        if isinstance(command, click.Group):
            context = click.Context(command)
            for name in command.list_commands(context):
                inner = command.get_command(context, name)
                assert inner is not None
                yield from below((*path, name), inner)

    yield from below((), root)


EVERY = dict(every_command())
LEAVES = {path: command for path, command in EVERY.items() if not isinstance(command, click.Group)}
PATHS = [pytest.param(path, id=" ".join(path) or "pastoral") for path in EVERY]


@pytest.mark.parametrize("path", PATHS)
def test_every_command_has_help_with_an_example(path: tuple[str, ...]) -> None:
    said = pastoral(*path, "-h")
    assert (said.code, said.err) == (0, "")
    assert said.out == pastoral(*path, "--help").out
    assert "Example:\n" in said.out
    assert f"    {' '.join(('pastoral', *path))} " in said.out.replace("\n", " \n")
    assert max(map(len, said.out.splitlines())) <= 80


@pytest.mark.parametrize("path", [pytest.param(path, id=" ".join(path)) for path in LEAVES])
def test_every_example_names_options_that_there_are(path: tuple[str, ...]) -> None:
    command = LEAVES[path]
    options = {name for parameter in command.params for name in parameter.opts}
    example = (command.help or "").partition("Example:\n")[2].replace("\\\n", " ")
    lines = [shlex.split(line) for line in example.splitlines() if line.strip()]
    assert lines
    for line in lines:
        assert line[: 1 + len(path)] == ["pastoral", *path]
        assert {word for word in line if word.startswith("--")} <= options


def test_every_command_takes_the_common_options() -> None:
    for path, command in LEAVES.items():
        options = {name for parameter in command.params for name in parameter.opts}
        assert options >= ({"--debug"} if path == ("demo",) else {"--ledger", "--json", "--actor", "--debug"}), path


def test_help_lists_every_command_and_imports_none() -> None:
    said = pastoral("--help").out
    assert all(f"\n  {name} " in said for name in COMMANDS)
    code = (
        "import sys, cli; sys.argv = ['pastoral', '--help']\ntry: cli.main()\nexcept SystemExit: pass\nprint(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert not {"panel.commands", "pydantic", "sqlalchemy", "rich", "ortools"} & set(done.stderr.split())


# --- exit code 2: usage ---


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("positon",), "There is no command 'positon'. Did you mean position?"),
        (("frobnicate",), "There is no command 'frobnicate'. See pastoral --help."),
        (("meeting", "opne"), "No such command 'opne'."),
        (("position", "--as-off", "x"), "No such option '--as-off'."),
        (("position", "--as-of", "22.10.2026"), "found '22.10.2026'; wanted a date as YYYY-MM-DD, DD/MM/YYYY or DD-MM-YYYY"),
        (("position", "--as-of", "31/02/2026"), "found '31/02/2026'; wanted a date as YYYY-MM-DD, DD/MM/YYYY or DD-MM-YYYY"),
        (("meeting", "open", "--date", "9999-12-31", "--chair", "X"), "found '9999-12-31'; wanted a year from 1990 to 2200"),
        (("position", "--known-at", "noon"), "found 'noon'; wanted a moment as 2026-10-22T16:00:00Z, or a date as 2026-10-22"),
        (("position", "--known-at", "0001-01-01T00:00:00+14:00"), "wanted a moment as 2026-10-22T16:00:00Z"),
        (("load", "places", "nowhere.csv"), "File 'nowhere.csv' does not exist."),
        (("load", "schools", "/"), "File '/' is a directory."),
        (("load", "pupils", "nowhere.csv"), "'pupils' is not one of 'schools', 'places'"),
        (("init", "--rulebook", "nowhere.yaml"), "found 'nowhere.yaml', and there is no such file; wanted a YAML file, or"),
        (("decide", "--confirm"), "Missing argument 'REFERRALS...'."),
        (("decide", "R1"), "Say one of --confirm, --school URN, --defer, --decline."),
        (("decide", "R1", "--confirm", "--defer", "--reason", "x"), "Say one of --confirm, --school URN, --defer, --decline."),
        (("decide", "R1", "R2", "--defer", "--reason", "x"), "--school, --defer and --decline take one referral at a time"),
        (("decide", "R1", "--school", CEDAR), "--school, --defer and --decline need --reason TEXT."),
        (("decide", "R1", "--confirm", "--reason", "x"), "--confirm takes no --reason"),
        (("decide", "R1", "--defer", "--reason", "x", "--starts", "2026-11-02"), "--starts goes with --confirm or --school."),
        (("exempt", BIRCH, "--year-group", "6", "--from", "2026-10-01", "--until", "2026-10-02", "--reason", "x"), "6 is not in the range"),
        (("position", "--actor", ""), "found ''; wanted printable text that says who writes"),
        (("meeting", "draw", "--words", "\udcff"), "words: found bytes that are no text in this terminal's encoding"),
    ],
)  # fmt: skip
def test_usage(tmp_path: Path, words: tuple[str, ...], sentence: str) -> None:
    panel = harbour(tmp_path, "proposed")
    before = panel.entries()
    said = panel(*words, code=2)
    assert said.out == ""
    assert sentence in said.err
    assert said.err.startswith("Usage: pastoral")
    error = panel.json(*words, code=2)["error"]
    assert (error["kind"], error["problems"]) == ("usage", [])
    assert sentence in error["message"]
    assert panel.entries() == before


# --- exit code 3: refused, nothing recorded ---


def test_steps_of_a_meeting_out_of_order(tmp_path: Path) -> None:
    no_meeting = "No meeting is open. Open one with `pastoral meeting open --date YYYY-MM-DD --chair NAME`.\n"
    panel = harbour(tmp_path, "loaded")
    steps = (
        ("meeting", "draw", "--words", "heron"), ("meeting", "invite"), ("meeting", "attend", BIRCH), ("meeting", "close"),
        ("allocate",), ("allocate", "--dry-run"), ("decide", "R1", "--confirm"), ("decide", "R1", "--defer", "--reason", "x"),
    )  # fmt: skip
    for step in steps:
        assert panel.refused(*step) == no_meeting
    panel = harbour(tmp_path, "closed")
    for step in steps:
        assert panel.refused(*step) == no_meeting.replace("open. O", "open. Meeting 1 of 2026-10-22 is closed. O", 1)


def test_allocating_before_the_draw_and_drawing_twice(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "opened")
    assert panel.refused("allocate") == (
        "Meeting 1 has not been drawn, so ties cannot be settled. Draw first with `pastoral meeting draw --words ...`, or use --dry-run.\n"
    )
    panel("allocate", "--dry-run")
    assert panel.refused("meeting", "draw", "--words", "  ") == (
        "--words: found nothing; wanted one or more words, one from each representative.\n"
    )
    assert panel.refused("decide", "R1", "--confirm") == "Nothing is proposed yet for meeting 1. Run `pastoral allocate` first.\n"
    panel("meeting", "draw", "--words", "heron  maple")
    assert panel.refused("meeting", "draw", "--words", "heron") == (
        "Meeting 1 was drawn already, with the words: heron maple. There is one draw for a meeting.\n"
    )


def test_opening_a_meeting_that_cannot_be(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "loaded")
    outside = "found {}; wanted a day in an academic year whose terms are loaded (2026-27). Load terms, or check the date.\n"
    for day in ("2026-08-31", "2027-09-01", "2062-10-22"):
        assert panel.refused("meeting", "open", "--date", day, "--chair", "X") == f"the meeting's day: {outside.format(day)}"
    assert panel.refused("meeting", "open", "--date", "2026-10-22", "--chair", " ") == (
        "--chair: found nothing; wanted the name of whoever is in the chair.\n"
    )
    panel = harbour(tmp_path, "proposed")
    assert panel.refused("meeting", "open", "--date", "2026-11-05", "--chair", "X") == (
        "Meeting 1 of 2026-10-22 is still open. Close it first with `pastoral meeting close`.\n"
    )
    for words in (("--confirm",), ("--school", CEDAR, "--reason", "x")):
        assert panel.refused("decide", "R1", *words, "--starts", "2027-09-02") == f"--starts: {outside.format('2027-09-02')}"


def test_a_panel_without_schools_or_without_an_edition_for_the_day(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "loaded")
    ledger = tmp_path / "empty.db"
    assert pastoral("init", "--rulebook", str(panel.folder / "harbour.yaml"), ledger=ledger).code == 0
    said = pastoral("meeting", "open", "--date", "2026-10-22", "--chair", "X", ledger=ledger)
    assert (said.code, said.err) == (3, "This panel has no schools yet. Load them first with `pastoral load schools FILE`.\n")
    said = pastoral("position", "--as-of", "2026-08-31", ledger=ledger)
    assert (said.code, said.err) == (3, "no edition of harbour is in force on 2026-08-31; the first begins on 2026-09-01\n")


def test_unknown_names_are_refused_with_the_nearest(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "proposed")
    no_school = (
        "There is no school with URN 100005 in this panel. Nearest: 100004, 100003, 100002. "
        "`pastoral position` lists the schools; another one comes in with `pastoral load schools FILE`.\n"
    )
    assert panel.refused("explain", "R1", "--why-not", "100005") == no_school
    assert panel.refused("decide", "R1", "--school", "100005", "--reason", "x") == no_school
    assert panel.refused("accept", "R1", "--by", "100005") == no_school
    unknown = (
        ("explain", "X9"),
        ("decide", "X9", "--confirm"),
        ("accept", "X9", "--by", BIRCH),
        ("agree", "X9", "--by", "parent", "--on", "2026-10-01"),
    )
    for words in unknown:
        assert panel.refused(*words) == (
            "There is no referral 'X9'. In the record: R1, R2, R3, R4, R5, R6. "
            "Put one to the panel with `pastoral load referrals FILE` or `pastoral refer`.\n"
        )


TEN_BAD_ROWS = """\
urn,year_group,pan,on_roll,as_at
100009,9,180,170,2026-09-15
100001,fifteen,180,170,2026-09-15
100001,15,180,170,2026-09-15
100001,9,-1,170,2026-09-15
100001,9,180,17O,2026-09-15
100001,9,180,170,15.9.26
100001,9,180,170,2026-02-30
1001,9,180,170,2026-09-15
100001,10,180,170,
,10,180,170,2026-09-15
"""


def test_ten_bad_rows_are_ten_lines_and_nothing_is_recorded(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "loaded")
    bad = str(panel.file("bad.csv", TEN_BAD_ROWS))
    said = panel.refused("load", "places", bad).splitlines()
    assert said[0] == "bad.csv: 10 problems in 10 rows; nothing was recorded."
    assert (
        said[1] == "  bad.csv row 2, urn: found '100009'; wanted the URN of a school of this panel. The nearest is 100001, Ashdown School."
    )
    assert [line.split(":")[0] for line in said[1:]] == [
        f"  bad.csv row {row}, {column}"
        for row, column in enumerate(
            ("urn", "year_group", "year_group", "pan", "on_roll", "as_at", "as_at", "urn", "as_at", "urn"), start=2
        )
    ]  # fmt: skip
    error = panel.json("load", "places", bad, code=3)["error"]
    assert (error["kind"], error["message"]) == ("intake", said[0])
    assert [problem["row"] for problem in error["problems"]] == list(range(2, 12))
    assert all(problem.keys() >= {"file", "row", "column", "found", "wanted"} for problem in error["problems"])
    assert panel("load", "places", bad, "--check", code=3).err.splitlines() == said


def test_a_file_with_one_bad_row_among_good_ones_records_none(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "loaded")
    mixed = panel.file("mixed.csv", places().replace("2026-09-15", "2026-10-01") + "100001,9,180,170,2026-10-01\n")
    assert "row 18, year_group: found year 9 of 100001 on 2026-10-01 twice" in panel.refused("load", "places", str(mixed))


BAD_BOOK = """\
rulebook: harbour
edition: {from: 2027-09-01}
title: Harbour panel
authority: {instrument: What the four schools agreed}
colour: blue
bars:
  - id: home-school
    when: candidate.is_home_scool
    say: The home school.
    examples:
      - {name: it is, given: {candidate.is_home_school: true}, expect: fires}
      - {name: it is not, given: {candidate.is_home_school: false}, expect: silent}
  - id: home-school
    when: school.closing
    say: It is to close.
  - id: too-far
    when: candidate.metres > "far"
    say: Too far.
    examples:
      - {name: far, given: {candidate.metres: 20001}, expect: fires}
      - {name: near enough, given: {candidate.metres: 20000}, expect: silent}
objectives: [place, lottery]
"""


def test_a_bad_rulebook_is_refused_with_every_line(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "loaded")
    bad = str(panel.file("bad.yaml", BAD_BOOK))
    for words in (("rules", "check", bad), ("rules", "test", bad), ("rules", "show", bad), ("rules", "adopt", bad)):
        said = panel.refused(*words)
        assert all(f"bad.yaml line {line}" in said for line in (5, 8, 13, 17)), said
        assert "candidate.is_home_school" in said  # the nearest real name
    error = panel.json("rules", "check", bad, code=3)["error"]
    assert error["kind"] == "rulebook"
    assert {5, 8, 13, 17} <= {problem["row"] for problem in error["problems"]}
    ledger = tmp_path / "never.db"
    assert pastoral("init", "--rulebook", bad, ledger=ledger).code == 3
    assert not ledger.exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "wanted `rulebook: NAME` and so on"),
        (b"rulebook: harbour\n\ttitle: x\n", "line 2"),
        ("title: café".encode("cp1252"), "bytes that are not UTF-8"),
        (b"\n\x89PNG\xff\x00", "bad.yaml line 2: found bytes that are not UTF-8; wanted YAML saved as UTF-8"),
    ],
)
def test_a_file_that_is_no_rulebook(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_bytes(content)
    said = pastoral("rules", "check", str(path))
    assert (said.code, said.out) == (3, "")
    assert words in said.err


def test_books_that_are_not_there_or_cannot_decide(tmp_path: Path) -> None:
    said = pastoral("rules", "show", "shire12")
    assert said.code == 3
    assert "no rulebook called shire12 comes with this program" in said.err
    said = pastoral("init", "--rulebook", "england", ledger=tmp_path / "new.db")
    assert said.code == 3
    assert "has no objectives: it is a layer" in said.err
    assert not (tmp_path / "new.db").exists()


def test_a_failing_example_is_an_adverse_answer(tmp_path: Path) -> None:
    path = tmp_path / "book.yaml"
    path.write_text(BOOK, encoding="utf-8")
    assert pastoral("rules", "test", str(path)).code == 0
    path.write_text(BOOK.replace("{school.closing: true}, expect: fires", "{school.closing: true}, expect: silent"), encoding="utf-8")
    assert pastoral("rules", "test", str(path)).code in (1, 3)
    path.write_text(BOOK.replace("{candidate.metres: 20001}, expect: fires", "{candidate.metres: 19000}, expect: fires"), encoding="utf-8")
    said = pastoral("rules", "test", str(path), "--json")
    assert said.code == 1
    assert said.json["failures"] == [{"rule": "too-far", "example": "far", "expected": "fires", "got": "silent"}]
    assert "too-far, 'far': expected fires, got silent\n" in pastoral("rules", "test", str(path)).out


def test_an_edition_is_adopted_once(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "opened")
    assert panel.refused("rules", "adopt", str(panel.folder / "harbour.yaml")) == (
        "'harbour' of 2026-09-01 is adopted already, word for word; nothing is to be done.\n"
    )
    other = panel.file("other.yaml", BOOK.replace("value: 20000", "value: 30000"))
    assert "cannot begin on the same day" in panel.refused("rules", "adopt", str(other))
    newer = panel.file("newer.yaml", BOOK.replace("2026-09-01", "2026-10-01"))
    assert panel("rules", "adopt", str(newer)).out.startswith("Adopted: harbour, in force from 2026-10-01 (")
    # The open meeting goes on under the edition that it froze.
    assert panel.json("allocate", "--dry-run")["rulebook"]["edition"] == "2026-09-01"


# --- exit code 4: a ledger that cannot be used ---


def cut_off(ledger: Path) -> None:
    ledger.write_bytes(ledger.read_bytes()[: ledger.stat().st_size // 2])


def overwritten(ledger: Path) -> None:
    data = bytearray(ledger.read_bytes())
    data[8192:12288] = b"\xff" * 4096
    ledger.write_bytes(data)


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
    (emptied, "{} is empty: it is not a ledger. If a founding was cut short, remove the file and found again"),
    (a_letter, "{} is not a ledger: it is no SQLite file"),
    (removed, "there is no ledger at {}; `pastoral init` founds one"),
    (a_folder, "{} is a folder, not a ledger"),
    (newer, "{} was written by a newer pastoral (format 99; this one reads up to 1): use that one"),
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


# --- JSON, key by key ---


def keys(data: Any) -> set[str]:
    return set(data)


def test_allocate_json(tmp_path: Path) -> None:
    """Worked out by hand: R5 unplaced; Birch 1/500, Cedar 1/800, Ashdown 1/1000; metres 2600 + 10400 + 5200, and R5's own worst 10400."""
    panel = harbour(tmp_path, "drawn")
    data = panel.json("allocate")
    assert keys(data) >= {"panel", "date", "rulebook", "seed", "placements", "unplaced", "held", "objectives", "certificate", "entry"}
    assert (data["panel"], data["date"], data["entry"]) == ("Harbour panel", "2026-10-22", panel.entries())
    assert keys(data["rulebook"]) >= {"name", "edition", "digest"}
    assert re.fullmatch("[0-9a-f]{64}", data["seed"])
    assert [(row["referral"], row["school"], row["rank"], row["metres"], row["transport_pence"]) for row in data["placements"]] == [
        ("R1", ASHDOWN, None, 2600, 0),
        ("R2", CEDAR, None, 10400, 0),
        ("R6", BIRCH, None, 5200, 0),
    ]
    assert all(row["because"] and all(isinstance(line, str) for line in row["because"]) for row in data["placements"])
    assert data["held"] == [
        {"referral": "R3", "holds": [], "cannot_tell": [{"rule": "plan", "missing": ["referral.ehcp"]}]},
        {"referral": "R4", "holds": ["both-agree"], "cannot_tell": []},
    ]
    values = {objective["name"]: objective["value"] for objective in data["objectives"]}
    assert {name: values[name] for name in ("place", "share", "preference", "journey")} == {
        "place": 1,
        "share": ["1/500", "1/800", "1/1000", "0/1"],
        "preference": 16,
        "journey": 28600,
    }
    assert all(objective["of"] == "everybody" for objective in data["objectives"])
    certificate = data["certificate"]
    assert (certificate["optimal"], certificate["unique"], certificate["leaves"]) == (True, True, 1)
    assert re.fullmatch("[0-9a-f]{64}", certificate["digest"])


def test_explain_json(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "proposed")
    data = panel.json("explain", "R1", "--why-not", DELL)
    assert keys(data) >= {"referral", "status", "proposed", "decided", "reasons", "why_not"}
    assert (data["referral"], data["status"], data["proposed"], data["decided"]) == ("R1", "proposed", ASHDOWN, None)
    why_not = data["why_not"]
    assert (why_not["school"], why_not["verdict"], why_not["bars"]) == (DELL, "barred", ["closing"])
    held = panel.json("explain", "R4")
    assert held["status"] == "held"
    assert "why_not" not in held
    (reason,) = held["reasons"]
    assert (reason["rule"], reason["kind"], reason["outcome"]) == ("both-agree", "hold", "fires")
    assert reason["say"] == "The family and the home school must both agree."
    assert reason["facts"] == {"referral.parent_agrees": False, "referral.home_school_agrees": True}
    assert panel.json("explain", "R5")["status"] == "unplaced"


def test_position_json(tmp_path: Path) -> None:
    data = harbour(tmp_path, "closed").json("position")
    assert keys(data) >= {"panel", "as_of", "academic_year", "schools", "permanent_exclusions", "target"}
    assert (data["as_of"], data["academic_year"], data["permanent_exclusions"], data["target"]) == ("2026-10-22", 2026, 0, 0)
    wanted = {"school", "name", "roll", "share", "load", "ratio", "counts", "quota_left", "turn"}
    assert all(keys(school) >= wanted for school in data["schools"])
    ashdown = data["schools"][0]
    assert {key: ashdown[key] for key in wanted} == {
        "school": ASHDOWN, "name": "Ashdown School", "roll": 1000, "share": 1000, "load": 1, "ratio": "1/1000",
        "counts": {"load": 1}, "quota_left": None, "turn": 1,
    }  # fmt: skip


def test_audit_json(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "closed")
    verified = panel.json("audit", "verify")
    assert keys(verified) >= {"ok", "entries", "head", "problems"}
    assert panel.json("audit", "replay") == {"ok": True, "decisions": 1, "divergences": []}
    panel.alter("UPDATE entry SET actor = 'x' WHERE seq = 3")
    (problem,) = panel.json("audit", "verify", code=1)["problems"]
    assert keys(problem) >= {"seq", "kind", "detail"}


READ = (
    "position",
    "explain R1",
    "rules list",
    "rules show minimal",
    "rules check minimal",
    "audit verify",
    "audit replay",
    "allocate --dry-run",
)


@pytest.mark.parametrize("line", READ)
def test_json_is_one_document_with_nothing_around_it(tmp_path: Path, line: str) -> None:
    panel = harbour(tmp_path, "proposed")
    before = panel.entries()
    said = panel(*line.split(), "--json")
    assert isinstance(json.loads(said.out), dict)
    assert (said.err, panel.entries()) == ("", before)


# --- the demo ---


def test_the_demo_runs_and_keeps_what_it_made(tmp_path: Path) -> None:
    kept = tmp_path / "shire11"
    elsewhere = tmp_path / "elsewhere.db"
    said = pastoral("demo", "--keep", str(kept), ledger=elsewhere)
    assert (said.code, elsewhere.exists()) == (0, False)
    typed = [line for line in said.out.splitlines() if line.startswith("$ pastoral ")]
    assert len(typed) > 20
    assert [line for line in said.out.splitlines() if len(line) > 80 and line not in typed] == []
    assert pastoral("audit", "verify", ledger=kept / "shire11.db").code == 0
    again = pastoral("demo", "--keep", str(kept))
    assert (again.code, again.out) == (2, "")
    assert "--keep: there is a ledger in" in again.err
    other = tmp_path / "other"
    assert spawned("demo", "--keep", str(other)).out == said.out
    assert (other / "shire11.db").read_bytes() == (kept / "shire11.db").read_bytes()
