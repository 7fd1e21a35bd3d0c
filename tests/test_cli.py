"""The command's promises: exit codes 2 and 3 with one clear sentence for each bad input, JSON key by key, and the demo."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.attacks.forgery import read
from tests.running import ASHDOWN, BIRCH, BOOK, CEDAR, DELL, harbour, pastoral, places, spawned

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
        (("exempt", BIRCH, "--year-group", "-1", "--from", "2026-10-01", "--until", "2026-10-02"), "-1 is not in the range"),
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
        ("R1", ASHDOWN, None, 2600, None),
        ("R2", CEDAR, None, 10400, None),
        ("R6", BIRCH, None, 5200, None),
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
    assert read(other / "shire11.db") == read(kept / "shire11.db")
