"""A panel in which nobody takes more than one above what falls to it by its roll, or above the plain average."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.running import ASHDOWN, BIRCH, BOOK, CEDAR, FILES, MEETS, SCHOOLS, Panel

BY_ROLL, AVERAGE = "school.even_load_by_roll", "panel.average_load"
LIMIT: Final = """\
limits:
  - id: even
    per: school
    at: [mainstream]
    room: {fact} + 1 - school.load
    say: "{{school.name}} has taken {{school.load}}, where {{{fact}}} would be even."
    examples:
      - {{name: as many as would be even, given: {{{fact}: 2, school.load: 2}}, expect: 1}}
      - {{name: one more than that, given: {{{fact}: 2, school.load: 3}}, expect: 0}}
"""
MOVE: Final = "2026-10-01,no,2026-09-30,2026-09-30,622000,400000"
REFERRALS: Final = f"""\
referral,pupil,kind,year_group,home_school,made_on,ehcp,parent_agrees_on,home_school_agrees_on,easting,northing
B,P2,managed_move,10,{BIRCH},{MOVE}
C,P3,managed_move,10,{CEDAR},{MOVE}
"""
TAKEN: Final = {ASHDOWN: 4, BIRCH: 1, CEDAR: 2}
"""Seven together, of whom 2, 1 and 2 fall to them by 1000, 500 and 800 of 2600 on roll; Dell has 300 and takes none. 7 // 4 is 1."""


def opened(folder: Path, fact: str, schools: str = SCHOOLS) -> Panel:
    made = Panel(folder / "harbour.db")
    rows = [f"Q{urn}{n},{urn},2026-09-10,8" for urn, many in TAKEN.items() for n in range(many)]
    files = {"schools.csv": schools, "referrals.csv": REFERRALS, "admissions.csv": "\n".join(("pupil,school,on,year_group", *rows, ""))}
    book = BOOK.replace("limits:\n", LIMIT.format(fact=fact))
    for name, text in {**FILES, **files, "harbour.yaml": book}.items():
        made.file(name, text)
    made("init", "--rulebook", str(folder / "harbour.yaml"))
    for what in ("schools", "places", "terms", "referrals", "admissions"):
        made("load", what, str(folder / f"{what}.csv"))
    made("meeting", "open", "--date", MEETS, "--chair", "Okafor")
    made("meeting", "draw", "--words", "heron")
    return made


def test_by_its_roll_a_school_has_had_enough(tmp_path: Path) -> None:
    """Ashdown has 4 and may have 2 + 1; Birch has 1 of 1 + 1, Cedar 2 of 2 + 1. Without the limit B would be nearest to Ashdown too."""
    panel = opened(tmp_path, BY_ROLL)
    data = panel.json("allocate")
    assert {row["referral"]: row["school"] for row in data["placements"]} == {"B": CEDAR, "C": BIRCH}
    assert "Ashdown School has taken 4, where 2 would be even." in " ".join(panel("explain", "B", "--why-not", ASHDOWN).out.split())
    panel("decide", "B", "C", "--confirm")
    assert panel.json("audit", "replay")["ok"]


def test_by_the_plain_average_cedar_has_had_enough_too(tmp_path: Path) -> None:
    """Seven among four schools is 1 and some: Birch alone has room, for one, and B cannot go back there."""
    data = opened(tmp_path, AVERAGE).json("allocate")
    assert {row["referral"]: row["school"] for row in data["placements"]} == {"C": BIRCH}
    assert [row["referral"] for row in data["unplaced"]] == ["B"]


def test_without_a_roll_nobody_can_tell_and_it_is_said_where_it_is_told(tmp_path: Path) -> None:
    panel = opened(tmp_path, BY_ROLL, SCHOOLS.replace("11,18,500", "11,18,"))
    data = panel.json("allocate", "--dry-run")
    assert [row["cannot_tell"] for row in data["held"]] == [[{"rule": "even", "missing": [BY_ROLL]}]] * 2
    said = " ".join(panel("explain", "C").out.split())
    assert f"{BY_ROLL} is told by a file of schools (`pastoral load schools`), column NumberOfPupils, of every mainstream school." in said


@pytest.mark.parametrize("fact", [BY_ROLL, AVERAGE])
def test_the_facts_are_explained_with_the_rule(fact: str, tmp_path: Path) -> None:
    panel = Panel(tmp_path / "none.db")
    book = panel.file("harbour.yaml", BOOK.replace("limits:\n", LIMIT.format(fact=fact)))
    assert fact in panel("rules", "explain", "even", "--book", str(book)).out
    assert fact in " ".join(panel("rules", "explain", "load", "--book", str(book)).out.split())
