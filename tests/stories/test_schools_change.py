"""Fourteen schools become nine, two at a time: mergers, another number, joining and leaving. What was said of a school goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest

from tests.running import ASHDOWN, BIRCH, CEDAR, DELL, MEETS, TERMS, Panel, harbour

EAGLE, FERN = "100009", "100011"
NEW_YEAR: Final = "2027-01-04"
NEXT: Final = ("meeting", "open", "--date", "2027-01-14", "--chair", "Okafor")
COLUMNS: Final = "URN,EstablishmentName,StatutoryLowAge,StatutoryHighAge,NumberOfPupils,Easting,Northing,OpenDate"


def load(panel: Panel, what: str, *rows: str) -> None:
    panel("load", what, str(panel.file(f"more-{what}.csv", "\n".join((*rows, "")))))


def straight(text: str) -> str:
    return " ".join(text.split())


def standing(panel: Panel, *options: str) -> dict[str, Any]:
    return {row["school"]: row for row in panel.json("position", *options)["schools"]}


def refer(panel: Panel, name: str, home: str, *more: str) -> None:
    agreed = ("--parent-agrees-on", "2027-01-05", "--home-school-agrees-on", "2027-01-05", "--ehcp", "no")
    lives = ("--easting", "622000", "--northing", "400000")
    case = ("--kind", "managed_move", "--year-group", "9", "--made-on", "2027-01-05", "--home-school", home)
    panel("refer", name, "--pupil", f"P-{name}", *case, *agreed, *lives, *more)


def merged(folder: Path) -> Panel:
    """Ashdown (1000 on roll) and Cedar (800) become Eagle (1800), after a meeting that sent one pupil to each of them."""
    panel = harbour(folder, "closed")
    load(panel, "schools", COLUMNS, f"{EAGLE},Eagle School,11,18,1800,625000,400000,{NEW_YEAR}")
    panel("school", "merge", ASHDOWN, CEDAR, "--into", EAGLE, "--on", NEW_YEAR)
    return panel


# --- two schools become one ---


def test_what_two_schools_took_is_the_load_of_the_one_that_they_become(tmp_path: Path) -> None:
    """R1 went to Ashdown and R2 to Cedar: 1/1000 and 1/800. Eagle has both, by its own roll: 2/1800 = 1/900."""
    panel = merged(tmp_path)
    before = standing(panel, "--as-of", "2027-01-03")
    assert {urn: (row["load"], row["share"], row["ratio"]) for urn, row in before.items()} == {
        ASHDOWN: (1, 1000, "1/1000"),
        BIRCH: (1, 500, "1/500"),
        CEDAR: (1, 800, "1/800"),
        DELL: (0, 300, "0/1"),
    }
    after = standing(panel, "--as-of", NEW_YEAR)
    assert {urn: (row["load"], row["share"], row["ratio"]) for urn, row in after.items()} == {
        BIRCH: (1, 500, "1/500"),
        DELL: (0, 300, "0/1"),
        EAGLE: (2, 1800, "1/900"),
    }
    # It has had its turn, with them; and it is there for the whole year, as they were.
    assert (after[EAGLE]["turn"], "member_days" in after[EAGLE]) == (1, False)


def test_whom_to_keep_from_a_school_is_kept_from_the_one_that_it_became(tmp_path: Path) -> None:
    panel = merged(tmp_path)
    years = "\n".join(f"{EAGLE},{year},300,250,2027-01-05" for year in range(7, 12))
    load(panel, "places", "urn,year_group,pan,on_roll,as_at", years)
    refer(panel, "R7", DELL, "--preferences", f"{BIRCH};{CEDAR};{ASHDOWN}")
    refer(panel, "R8", DELL, "--kept-apart", f"{CEDAR}:safeguarding")
    refer(panel, "R9", ASHDOWN)
    panel(*NEXT)
    panel("meeting", "draw", "--words", "maple")
    placed = {row["referral"]: (row["school"], row["rank"]) for row in panel.json("allocate")["placements"]}
    # Birch would be 2/500, and with R8 and R9, who can go nowhere else, 3/500; Eagle is 3/1800 with R7, and R5 goes there too.
    assert placed == {"R5": (EAGLE, None), "R7": (EAGLE, 2), "R8": (BIRCH, None), "R9": (BIRCH, None)}
    assert panel.json("explain", "R8", "--why-not", EAGLE)["why_not"]["bars"] == ["kept-apart"]
    assert panel.json("explain", "R9", "--why-not", EAGLE)["why_not"]["bars"] == ["home-school"]
    panel("decide", "R5", "R7", "R8", "R9", "--confirm")
    panel("meeting", "close")
    # Both meetings come out the same, the one before the merger by the schools that there were.
    assert panel.json("audit", "replay") == {"ok": True, "decisions": 2, "divergences": []}
    assert panel.json("explain", "R2")["decided"] == CEDAR


def test_the_one_that_they_become_answers_for_them(tmp_path: Path) -> None:
    panel = merged(tmp_path)
    assert (
        panel.refused("accept", "R1", "--by", ASHDOWN) == "R1 was decided for 100009, not for 100001: only the receiving school answers.\n"
    )
    assert panel("accept", "R1", "--by", EAGLE, "--on", "2027-01-05").out == "R1: 100009 agrees.\n"
    panel("refuse", "R2", "--by", EAGLE, "--on", "2027-01-06", "--reason", "the governors do not agree")
    assert standing(panel, "--as-of", "2027-01-06")[EAGLE]["load"] == 1
    refer(panel, "R7", DELL)
    panel(*NEXT)
    assert "R2" in panel.json("explain", "--matrix")["held"] or "R2" in [
        row["referral"] for row in panel.json("explain", "--matrix")["referrals"]
    ]
    assert panel.json("audit", "replay")["ok"] is True


def test_of_a_school_that_others_merge_into_nobody_knows_the_roll_until_it_is_counted(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "closed")
    said = panel.json("school", "merge", CEDAR, ASHDOWN, "--into", ASHDOWN, "--on", NEW_YEAR)
    assert said["to_load"] == ["its roll (`pastoral load schools`, NumberOfPupils)", "its places (`pastoral load places`)"]
    row = standing(panel, "--as-of", NEW_YEAR)[ASHDOWN]
    assert (row["roll"], row["load"], row["ratio"]) == (None, 2, None)
    load(panel, "schools", "URN,EstablishmentName,NumberOfPupils", f"{ASHDOWN},Ashdown School,1700")
    assert standing(panel, "--as-of", NEW_YEAR)[ASHDOWN]["ratio"] == "1/850"


def test_a_merger_while_a_meeting_is_open_changes_nothing_in_it(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "proposed")
    load(panel, "schools", COLUMNS, f"{EAGLE},Eagle School,11,18,1800,625000,400000,{MEETS}")
    panel("school", "merge", ASHDOWN, CEDAR, "--into", EAGLE, "--on", MEETS)
    panel("decide", "R1", "R2", "R6", "--confirm")
    panel("meeting", "close")
    assert {urn: row["load"] for urn, row in standing(panel).items()} == {BIRCH: 1, DELL: 0, EAGLE: 2}
    assert panel.json("audit", "replay") == {"ok": True, "decisions": 1, "divergences": []}


# --- another number, another name ---


def test_under_another_number_a_school_is_the_school_that_it_was(tmp_path: Path) -> None:
    """Birch becomes an academy: its roll, its room, its load, the measured way to it and its first opening go on."""
    panel = harbour(tmp_path, "closed")
    load(panel, "schools", "URN,EstablishmentName,OpenDate", f"{FERN},Birch Academy Trust School,{NEW_YEAR}")
    load(panel, "journeys", "pupil,urn,metres,method", f"P-R7,{BIRCH},1234,measured")
    said = panel("school", "convert", BIRCH, "--to", FERN, "--on", NEW_YEAR)
    assert said.out == "100002 goes on as Birch Academy Trust School (100011), 2027-01-04.\n"
    row = standing(panel, "--as-of", NEW_YEAR)
    assert BIRCH not in row
    assert (row[FERN]["roll"], row[FERN]["load"], row[FERN]["ratio"], row[FERN]["turn"]) == (500, 1, "1/500", 1)
    refer(panel, "R7", ASHDOWN, "--preferences", BIRCH, "--kept-apart", f"{CEDAR}:police")
    refer(panel, "R8", BIRCH)
    panel(*NEXT)
    panel("meeting", "draw", "--words", "maple")
    placed = {row["referral"]: row for row in panel.json("allocate")["placements"]}
    assert (placed["R7"]["school"], placed["R7"]["rank"], placed["R7"]["metres"]) == (FERN, 1, 1234)
    assert panel.json("explain", "R8", "--why-not", FERN)["why_not"]["bars"] == ["home-school"]
    panel("decide", "R7", "--confirm")
    panel("meeting", "close")
    panel("school", "rename", FERN, "--name", "Fern Academy", "--on", "2027-02-01")
    assert standing(panel, "--as-of", "2027-01-31")[FERN]["name"] == "Birch Academy Trust School"
    assert standing(panel, "--as-of", "2027-02-01")[FERN]["name"] == "Fern Academy"
    assert panel.json("audit", "replay")["ok"] is True
    assert panel.json("audit", "verify")["ok"] is True


def test_an_old_file_is_not_counted_twice_under_another_number(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "loaded")
    rows = ("pupil,school,on,year_group", f"Q1,{BIRCH},2026-10-05,9")
    load(panel, "admissions", *rows)
    load(panel, "schools", "URN,EstablishmentName,OpenDate", f"{FERN},Fern Academy,{NEW_YEAR}")
    panel("school", "convert", BIRCH, "--to", FERN, "--on", NEW_YEAR)
    told = panel.refused("load", "admissions", str(panel.folder / "more-admissions.csv"))
    assert "Q1 at 100002 on 2026-10-05, which is recorded already" in told


# --- joining and leaving ---

TIDE: Final = """\
rulebook: tide
edition: {from: 2026-09-01}
title: Tide partnership
authority: {instrument: Tide agreement (invented)}
counts:
  load: {of: [placements, outside_admissions], over: academic_year}
objectives: [place, {share: {load: load, per: roll}}]
"""
ONE, TWO, THREE = "100001", "100002", "100003"


def tide(folder: Path) -> Panel:
    """Two schools of 1000 pupils that have taken three each; a third one of 1000 joins on 4 January, for 240 of 365 days."""
    panel = Panel(folder / "tide.db")
    panel("init", "--rulebook", str(panel.file("tide.yaml", TIDE)))
    load(panel, "schools", COLUMNS, *(f"{urn},School {urn[-1]},11,18,1000,,," for urn in (ONE, TWO, THREE)))
    load(panel, "terms", *TERMS.splitlines())
    taken = (f"Q{n},{ONE if n % 2 else TWO},2026-10-0{n},9" for n in range(1, 7))
    load(panel, "admissions", "pupil,school,on,year_group", *taken)
    said = panel("school", "join", THREE, "--on", NEW_YEAR)
    assert straight(said.out) == "School 3 (100003) joins, 2027-01-04. Its share is for 240 of the 365 days of the academic year."
    return panel


def place_four(panel: Panel) -> dict[str, int]:
    for n in range(1, 5):
        case = ("--kind", "fair_access", "--year-group", "9", "--made-on", "2027-01-05", "--home-school", "none")
        panel("refer", f"R{n}", "--pupil", f"P{n}", *case)
    panel(*NEXT)
    panel("meeting", "draw", "--words", "maple")
    placements = panel.json("allocate")["placements"]
    panel("decide", "R1", "R2", "R3", "R4", "--confirm")
    panel("meeting", "close")
    schools = [row["school"] for row in placements]
    return {urn: schools.count(urn) for urn in (ONE, TWO, THREE)}


def test_who_joins_in_january_takes_a_share_for_the_rest_of_the_year(tmp_path: Path) -> None:
    """Four pupils, loads 3, 3 and 0, shares 1000 x 365, 1000 x 365 and 1000 x 240.

    Two to the third school: 4/365, 4/365, 2/240; the worst is 0.01096. Three to it: 3/240 = 0.0125 is worse already. By the
    roll alone it would have been three or four of them: 3, 3, 4 against 4, 4, 2.
    """
    panel = tide(tmp_path)
    assert standing(panel, "--as-of", "2027-01-03").keys() == {ONE, TWO}
    assert place_four(panel) == {ONE: 1, TWO: 1, THREE: 2}
    where = standing(panel, "--as-of", "2027-01-14")
    # 2 for 1000 x 240/365 on roll: 2 x 365 / 240,000 = 73/24000.
    assert (where[THREE]["share"], where[THREE]["ratio"], where[THREE]["member_days"]) == (1000, "73/24000", {"days": 240, "of": 365})
    assert (where[ONE]["ratio"], "member_days" in where[ONE]) == ("1/250", False)
    told = panel("position", "--as-of", "2027-01-14").out
    assert "School 3 is a member for 240 of the 365 days of the year: its share and its" in told
    # One more: 3/240 = 0.0125 there, 5/365 = 0.0137 at either of the others. Per 1,000 of a year that is 3 x 365/240 = 4.5625, and 5.
    panel("refer", "R5", "--pupil", "P5", "--kind", "fair_access", "--year-group", "9", "--made-on", "2027-01-15", "--home-school", "none")
    panel("meeting", "open", "--date", "2027-01-21", "--chair", "Okafor")
    why = straight(panel("explain", "R5", "--why-not", ONE).out)
    assert "School 1: 4 -> 5 for 1000 on roll (5.00 per 1,000)" in why
    assert "School 3: 3 -> 2 for 1000 on roll, 240 of 365 days (3.04 per 1,000)" in why
    assert panel.json("allocate", "--dry-run")["placements"][0]["school"] == THREE
    assert panel.json("audit", "replay") == {"ok": True, "decisions": 1, "divergences": []}


def test_who_is_known_to_leave_takes_a_share_for_the_time_until_then(tmp_path: Path) -> None:
    """School 2 leaves on 1 April, after 212 days (30+31+30+31+31+28+31). By then it has had 3 of them: 3/212 = 0.01415.

    One, Two and Three take a, b and c of four: (3+a)/365, (3+b)/212, c/240. With b = 1 the worst is 4/212 = 0.01887; with none
    3/212 stays the worst, and then 2 to One (5/365 = 0.0137) and 2 to Three, or 1 (0.01096) and 3 (0.0125): the latter is better.
    """
    panel = tide(tmp_path)
    said = panel("school", "leave", TWO, "--on", "2027-04-01")
    assert straight(said.out) == "School 2 (100002) leaves, 2027-04-01. Its share is for 212 of the 365 days of the academic year."
    assert place_four(panel) == {ONE: 1, TWO: 0, THREE: 3}
    assert standing(panel, "--as-of", "2027-03-31").keys() == {ONE, TWO, THREE}
    assert standing(panel, "--as-of", "2027-04-01").keys() == {ONE, THREE}
    assert panel.json("audit", "replay")["ok"] is True


def test_a_wrong_day_is_corrected(tmp_path: Path) -> None:
    panel = tide(tmp_path)
    seq = panel.column("seq", "school joined")
    panel("correct", "--entry", seq, "--set", "on=2027-02-01", "--reason", "the governors voted later")
    assert THREE not in standing(panel, "--as-of", "2027-01-14")
    assert standing(panel, "--as-of", "2027-02-01")[THREE]["member_days"] == {"days": 212, "of": 365}


# --- what cannot be ---


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("merge", ASHDOWN, CEDAR, "--into", EAGLE, "--on", NEW_YEAR), "100009 is not recorded yet"),
        (("convert", ASHDOWN, "--to", EAGLE, "--on", NEW_YEAR), "100009 is not recorded yet"),
        (("merge", ASHDOWN, "--into", BIRCH, "--on", NEW_YEAR), "Name every school that takes part in the merger"),
        (("merge", ASHDOWN, CEDAR, "--into", BIRCH, "--on", NEW_YEAR), "100002 has taken or sent pupils of its own"),
        (("convert", ASHDOWN, "--to", ASHDOWN, "--on", NEW_YEAR), "--to: found 100001, the school's own URN"),
        (("convert", ASHDOWN, "--to", BIRCH, "--on", NEW_YEAR), "100002 has taken or sent pupils of its own"),
        (("join", BIRCH, "--on", NEW_YEAR), "100002 has been a member all the time"),
        (("rename", BIRCH, "--name", "Birch Academy", "--on", NEW_YEAR), "100002 is called Birch Academy already."),
        (("close", "100005", "--on", NEW_YEAR), "There is no school with URN 100005 in this panel."),
    ],
)
def test_a_change_that_cannot_be(tmp_path: Path, words: tuple[str, ...], told: str) -> None:
    assert harbour(tmp_path, "closed").refused("school", *words).startswith(told)


def test_a_school_that_is_there_no_more_does_not_change(tmp_path: Path) -> None:
    panel = merged(tmp_path)
    assert panel.refused("school", "close", ASHDOWN, "--on", "2027-02-01") == "100001 goes on as 100009 already.\n"
    panel("school", "close", BIRCH, "--on", "2027-02-01")
    assert panel.refused("school", "leave", BIRCH, "--on", "2027-03-01") == (
        "urn: found 100002, wanted a school that is there: 100002 closed. Nothing was recorded.\n"
    )
    assert panel.refused("school", "rename", EAGLE, "--name", "Kite", "--on", "2026-12-01") == (
        "on: found 2026-12-01, wanted 2027-01-04 or later, the day of the last change of 100009. Nothing was recorded.\n"
    )


def test_the_day_of_a_merger_is_not_put_after_those_who_were_sent_to_the_new_school(tmp_path: Path) -> None:
    """Else R5's place would be counted nowhere until the school begins. Before anybody is sent there, and no meeting open, it may be."""
    panel = merged(tmp_path)
    merger = panel.column("seq", "school merged")
    later = ("correct", "--entry", merger, "--set", "on=2027-01-15", "--reason", "the order says so")
    load(panel, "places", "urn,year_group,pan,on_roll,as_at", "\n".join(f"{EAGLE},{year},300,250,2027-01-05" for year in range(7, 12)))
    panel(*NEXT)
    assert "the open meeting 2 of 2027-01-14 may still send somebody to 100009; close it first" in straight(panel.refused(*later))
    panel("meeting", "draw", "--words", "maple")
    panel("allocate")
    panel("decide", "R5", "--confirm")
    panel("meeting", "close")
    said = straight(panel.refused(*later))
    assert "meeting 2 of 2027-01-14 sent R5 to 100009, which would then not have been there" in said
    panel("correct", "--entry", merger, "--set", "on=2027-01-13", "--reason", "the order says so")
    assert standing(panel, "--as-of", "2027-01-14")[EAGLE]["load"] == 3
    assert panel.json("audit", "replay")["ok"] is True
