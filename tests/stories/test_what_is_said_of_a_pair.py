"""What is unknown, tied, waived or taken is called so, by `explain`, by its matrix and by `whatif` alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from panel.answering.why import Change, Worse, in_a_line
from tests.running import ASHDOWN, BIRCH, BOOK, CEDAR, DELL, FILES, HOME, MEETS, Panel, harbour

EAST, NORTH = HOME.split(",")
APART = """\
  - id: not-together
    per: kept_apart_pupils
    room: 1
    say: "Two who are to be kept apart do not both go to {school.name}."
    examples:
      - {name: one, given: {}, expect: 1}
"""
SUITED = """\
  - id: another-kind
    when: school.setting == "mainstream" and not referral.suited_to_mainstream
    examples:
      - {name: it suits, given: {school.setting: mainstream, referral.suited_to_mainstream: true}, expect: silent}
      - {name: it does not, given: {school.setting: mainstream, referral.suited_to_mainstream: false}, expect: fires}
"""
AGREED = ("--kind", "managed_move", "--made-on", "2026-10-01", "--parent-agrees-on", "2026-09-30", "--home-school-agrees-on", "2026-09-30")
YEAR_8 = ("--year-group", "8", "--home-school", ASHDOWN, "--ehcp", "no")


def founded(folder: Path, book: str) -> Panel:
    """Harbour under another book, with everything loaded."""
    panel = Panel(folder / "harbour.db")
    for name, text in {**FILES, "harbour.yaml": book}.items():
        panel.file(name, text)
    panel("init", "--rulebook", str(folder / "harbour.yaml"))
    for what in ("schools", "places", "terms", "referrals"):
        panel("load", what, str(folder / f"{what}.csv"))
    return panel


def opened(panel: Panel, *, drawn: bool = True) -> Panel:
    panel("meeting", "open", "--date", MEETS, "--chair", "Okafor")
    if drawn:
        panel("meeting", "draw", "--words", "heron")
        panel("allocate")
    return panel


def cell(panel: Panel, name: str, urn: str) -> Any:
    rows = {row["referral"]: row["verdicts"] for row in panel.json("explain", "--matrix")["referrals"]}
    return next(one for one in rows[name] if one["school"] == urn)


# --- what nobody recorded ---


def half_known(folder: Path) -> Panel:
    """R7's way is known to Birch, 5,000 m, and to Dell, 9,000 m, which is to close; nobody has said how far Cedar is."""
    panel = founded(folder, BOOK.replace("when: candidate.metres > ", "when: candidate.metres is known and candidate.metres > "))
    panel("refer", "R7", "--pupil", "P7", *YEAR_8, *AGREED)
    journeys = panel.file("journeys.csv", f"pupil,urn,metres,method\nP7,{BIRCH},5000,measured\nP7,{DELL},9000,measured\n")
    panel("load", "journeys", str(journeys))
    return opened(panel)


def test_an_unknown_way_is_no_bar_and_both_say_so(tmp_path: Path) -> None:
    panel = half_known(tmp_path)
    told = panel.json("explain", "R7", "--why-not", CEDAR)["why_not"]
    assert (told["verdict"], told["bars"], told["unknown"]) == ("barred", [], ["candidate.metres"])
    assert cell(panel, "R7", CEDAR) == {
        "school": CEDAR, "verdict": "unknown", "objective": None, "bars": [], "unknown": ["candidate.metres"]
    }  # fmt: skip
    assert "  unknown: candidate.metres (from home to school" in panel("explain", "R7", "--why-not", CEDAR).out


def test_where_there_is_no_room_anyway_it_is_not_called_unknown(tmp_path: Path) -> None:
    """Cedar has no place in year 11, and nobody has said how far it is: R8 has no room there whatever the way is."""
    panel = founded(tmp_path, BOOK.replace("when: candidate.metres > ", "when: candidate.metres is known and candidate.metres > "))
    panel("refer", "R8", "--pupil", "P8", "--year-group", "11", "--home-school", BIRCH, "--ehcp", "no", *AGREED)
    opened(panel)
    one = cell(panel, "R8", CEDAR)
    assert (one["verdict"], one["bars"], one["unknown"]) == ("no room", ["year-group-full"], ["candidate.metres"])
    assert panel.json("explain", "R8", "--why-not", CEDAR)["why_not"]["verdict"] == "no room"


def test_an_unplaced_pupil_for_want_of_a_way_is_told_how_it_is_told(tmp_path: Path) -> None:
    panel = founded(tmp_path, BOOK.replace("when: candidate.metres > ", "when: candidate.metres is known and candidate.metres > "))
    panel("refer", "R7", "--pupil", "P7", *YEAR_8, *AGREED)
    opened(panel)
    said = " ".join(panel("explain", "R7").out.split())
    assert "candidate.metres is told by a file of journeys (`pastoral load journeys`), column metres." in said
    assert "load journeys" not in panel("explain", "R5").out


def test_where_no_setting_suits_it_is_said(tmp_path: Path) -> None:
    panel = founded(tmp_path, BOOK.replace("bars:\n", f"bars:\n{SUITED}", 1))
    panel("refer", "R7", "--pupil", "P7", *YEAR_8, *AGREED, "--suited-to", "special;pru", "--easting", EAST, "--northing", NORTH)
    said = " ".join(opened(panel)("allocate", "--again").out.split())
    assert "Left unplaced: R7. No setting was open that suits this pupil, by its suited_to: pru or special. Load one" in said
    assert said.count("Nearest, and what stands in the way:") == 1, "of R5"


def test_reasons_stand_apart() -> None:
    assert in_a_line(["It is full.", "too far", "unknown: x"]) == "It is full. too far; unknown: x"


def test_a_way_that_nobody_knows_is_never_the_shorter_one(tmp_path: Path) -> None:
    """Forced to Cedar, R7 counts its worst known way, 9,000 m, where it had 5,000: 4,000 more, and nobody else moves."""
    panel = half_known(tmp_path)
    told = panel.json("whatif", "--force", f"R7={CEDAR}")
    (journey,) = [row for row in told["objectives"] if row["name"] == "journey"]
    assert (journey["after"] - journey["before"], journey["change"]) == (4000, "worse")
    assert told["unknown"] == [{"referral": "R7", "school": CEDAR, "facts": ["candidate.metres"]}]
    said = " ".join(panel("whatif", "--force", f"R7={CEDAR}").out.split())
    assert "R7 at Cedar High School (100003): not recorded is candidate.metres" in said
    panel("decide", "R7", "--school", CEDAR, "--reason", "an aunt lives there")
    panel("allocate", "--again")
    assert panel.json("audit", "replay")["ok"] is True


# --- who is kept apart, and who was given the room ---


def kept_apart(folder: Path, *, drawn: bool = True) -> Panel:
    """R6 and R7 may go to Birch alone, and are to be kept apart: one of them, by the draw, has no place."""
    panel = founded(folder, BOOK.replace("holds:\n", f"{APART}holds:\n", 1))
    header = "referral,pupil,kind,year_group,home_school,made_on,easting,northing,kept_apart,not_with,ehcp"
    header += ",parent_agrees_on,home_school_agrees_on"
    row = f"R7,P7,managed_move,8,{ASHDOWN},2026-10-01,{HOME},{CEDAR}:safeguarding,P6,no,2026-09-30,2026-09-30"
    panel("load", "referrals", str(panel.file("more.csv", f"{header}\n{row}\n")))
    return opened(panel, drawn=drawn)


def test_that_two_are_kept_apart_may_be_waived_and_is_offered(tmp_path: Path) -> None:
    panel = kept_apart(tmp_path)
    (out,) = {row["referral"] for row in panel.json("allocate", "--again")["unplaced"]} - {"R5"}
    ways = panel.json("explain", out)["relaxation"]["ways"]
    assert {way["whatif"] for way in ways} == {
        f"pastoral whatif --waive {out}={BIRCH}:not-together", f"pastoral whatif --waive {out}={DELL}:closing"
    }  # fmt: skip
    shown = panel.json("whatif", "--waive", f"{out}={BIRCH}:not-together")
    assert {row["referral"]: row["after"]["school"] for row in shown["differences"]} == {out: BIRCH}
    assert "keeps R1 apart from nobody" in panel.refused("whatif", "--waive", f"R1={BIRCH}:not-together")


def test_where_the_panel_sends_one_of_them_that_is_why_the_other_has_no_place(tmp_path: Path) -> None:
    panel = kept_apart(tmp_path)
    (out,) = {row["referral"] for row in panel.json("allocate", "--again")["unplaced"]} - {"R5"}
    other = {"R6": "R7", "R7": "R6"}[out]
    told = {row["referral"]: row["after"] for row in panel.json("whatif", "--force", f"{out}={BIRCH}")["differences"]}
    assert (told[out]["school"], told[other]["standing"]) == (BIRCH, "unplaced")
    assert "Birch Academy (100002): not-together" in told[other]["because"]


def test_room_that_was_taken_away_went_to_nobody(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "proposed")
    told = panel.json("whatif", "--room", f"{BIRCH}:8=-5")
    (row,) = told["differences"]
    assert (row["referral"], row["after"]["standing"]) == ("R6", "unplaced")
    assert "Birch Academy (100002): year-group-full" in row["after"]["because"]


# --- before the draw ---


def test_before_the_draw_nobody_is_named_the_one_without_a_place(tmp_path: Path) -> None:
    panel = kept_apart(tmp_path, drawn=False)
    told = panel.json("explain", "--matrix")
    assert set(told["tied"]) == {"R6", "R7"}
    assert (cell(panel, "R6", BIRCH)["verdict"], cell(panel, "R7", BIRCH)["verdict"]) == ("tie", "tie")
    assert "(a tie: only the draw can settle it)" in panel("explain", "--matrix").out
    assert "(a tie: only the draw can settle it)" in panel("allocate", "--dry-run").out
    left = panel.json("allocate", "--dry-run")["unplaced"]
    assert [row.get("tie", False) for row in left] == [row["referral"] != "R5" for row in left]
    said = panel("whatif", "--withdraw", "R4").out.splitlines()
    assert [line.split()[0] for line in said if line.endswith("~ the same")] == ["R6", "R7"]


# --- in words ---


def test_differences_are_said_in_the_units_of_their_objective() -> None:
    assert Worse("transport", 420000, ()).in_words() == "worse by £4,200.00 a year"
    assert Worse("ticket", 123456789, ()).in_words() == Worse("lottery", 7, ()).in_words() == "the draw decides between them"
    assert Change(ASHDOWN, 2, 3, limit=2).in_words() == "2 -> 3, limit 2"
