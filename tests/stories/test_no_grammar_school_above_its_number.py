"""Grammar schools never go above PAN, the others by one in twenty-five; of a school of which nobody said which it is, it is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.running import ASHDOWN, BIRCH, BOOK, CEDAR, FILES, MEETS, SCHOOLS, Panel

AT_PAN: Final = """\
  - id: grammar-at-pan
    per: year_group
    when: school.selective
    waivable: false
    room: year.pan - year.on_roll
    say: "{school.name} selects; it may take {room} more in year {referral.year_group}, never above PAN."
    examples:
      - {name: one place, given: {school.selective: true, year.pan: 180, year.on_roll: 179}, expect: 1}
      - {name: full, given: {school.selective: true, year.pan: 180, year.on_roll: 180}, expect: 0}
      - {name: does not select, given: {school.selective: false}, expect: out of scope}
      - {name: nobody said, given: {school.selective: unknown}, expect: cannot tell}
  - id: one-in-twenty-five
    per: year_group
    unless: school.selective
    room: year.pan + year.pan // 25 - year.on_roll
    say: "{school.name} may take {room} more in year {referral.year_group}."
    examples:
      - {name: seven over, given: {school.selective: false, year.pan: 180, year.on_roll: 180}, expect: 7}
      - {name: none over, given: {school.selective: false, year.pan: 180, year.on_roll: 187}, expect: 0}
      - {name: selects, given: {school.selective: true}, expect: out of scope}
"""
MOVE: Final = "2026-10-01,no,2026-09-30,2026-09-30,622000,400000"
ON_ROLL: Final = {ASHDOWN: 179, BIRCH: 180, CEDAR: 180}
POLICIES: Final = {ASHDOWN: "Selective"}


def opened(folder: Path, policies: dict[str, str], *names: str) -> Panel:
    """Pupils of Birch in year 10, for which Ashdown has one place left and Cedar none but those over number; Dell is to close."""
    made = Panel(folder / "harbour.db")
    before, rest = BOOK.split("limits:\n")
    head, *rows = SCHOOLS.splitlines()
    schools = (f"{head},AdmissionsPolicy (name)", *(f"{row},{policies.get(row[:6], 'Non-selective')}" for row in rows), "")
    columns = "referral,pupil,kind,year_group,home_school,made_on,ehcp,parent_agrees_on,home_school_agrees_on,easting,northing"
    files = {
        "harbour.yaml": f"{before}limits:\n{AT_PAN}holds:{rest.split('holds:')[1]}",
        "schools.csv": "\n".join(schools),
        "places.csv": "\n".join(
            ("urn,year_group,pan,on_roll,as_at", *(f"{urn},10,180,{there},2026-09-15" for urn, there in ON_ROLL.items()), "")
        ),
        "referrals.csv": "\n".join((columns, *(f"{name},P{name},managed_move,10,{BIRCH},{MOVE}" for name in names), "")),
    }
    for name, text in {**FILES, **files}.items():
        made.file(name, text)
    made("init", "--rulebook", str(folder / "harbour.yaml"))
    for what in ("schools", "places", "terms", "referrals"):
        made("load", what, str(folder / f"{what}.csv"))
    made("meeting", "open", "--date", MEETS, "--chair", "Okafor")
    made("meeting", "draw", "--words", "heron")
    return made


def test_the_grammar_school_fills_up_to_its_number_and_the_other_goes_above(tmp_path: Path) -> None:
    """By the share alone two of the three would go to Ashdown, which has 1,000 on roll to Cedar's 800."""
    panel = opened(tmp_path, POLICIES, "A", "B", "C")
    proposed = panel.json("allocate")
    placed = {row["referral"]: row["school"] for row in proposed["placements"]}
    assert sorted(placed.values()) == [ASHDOWN, CEDAR, CEDAR]
    panel("decide", *placed, "--confirm")
    assert panel.json("audit", "replay")["ok"]
    panel("meeting", "close")


def test_neither_number_is_for_the_other_schools(tmp_path: Path) -> None:
    """Nobody selects: Ashdown too may go seven above its number, so two of three go there."""
    panel = opened(tmp_path, {}, "A", "B", "C")
    assert sorted(row["school"] for row in panel.json("allocate")["placements"]) == [ASHDOWN, ASHDOWN, CEDAR]


def test_of_which_kind_a_school_is_is_asked_for_where_nobody_said(tmp_path: Path) -> None:
    panel = opened(tmp_path, {**POLICIES, CEDAR: ""}, "A")
    doubts = [{"rule": rule, "missing": ["school.selective"]} for rule in ("grammar-at-pan", "one-in-twenty-five")]
    assert panel.json("allocate", "--dry-run")["held"] == [{"referral": "A", "holds": [], "cannot_tell": doubts}]
    assert "column AdmissionsPolicy (name)" in " ".join(panel("explain", "A").out.split())


def test_the_book_says_where_each_number_holds(tmp_path: Path) -> None:
    panel = opened(tmp_path, POLICIES, "A")
    book = str(tmp_path / "harbour.yaml")
    said = " ".join(panel("rules", "explain", "grammar-at-pan", "--book", book).out.split())
    assert "Room: year.pan - year.on_roll, when school.selective" in said
    assert "school.selective: " in said
    assert "year.pan + year.pan // 25 - year.on_roll, unless school.selective" in str(panel.json("rules", "show", book))
    assert "0 wrong" in panel("rules", "test", book).out
