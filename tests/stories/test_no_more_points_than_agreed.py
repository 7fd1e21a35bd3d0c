"""A limit in points that is never passed: room by what pupils weigh, what is told where it is short, and what would be enough.

Each school may have 5 points in a year, and has room for five more in year 10. An excluded pupil weighs 3, anybody else from year 9
on 1, a younger one nothing. Two excluded pupils are 6 points: never at one school.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from panel.answering import relaxation
from panel.answering.hypothesis import Hypothesis
from panel.answering.relaxation import Thing, hypothesis_of
from tests.running import ASHDOWN, BIRCH, BOOK, CEDAR, DELL, FILES, HOME, MEETS, Panel

TARIFF = """\
tariff:
  - id: excluded
    points: 3
    when: admission.after_exclusion
    examples:
      - {name: excluded, given: {admission.after_exclusion: true}, expect: fires}
      - {name: not excluded, given: {admission.after_exclusion: false}, expect: silent}
  - id: older
    points: 1
    when: admission.year_group > 8
    examples:
      - {name: year 9, given: {admission.year_group: 9}, expect: fires}
      - {name: year 8, given: {admission.year_group: 8}, expect: silent}
"""
MOST = """\
  - id: most-points
    per: school
    weigh: points
    room: settings.most - school.points
    say: "{school.name} takes no more than {settings.most} points in a year."
    examples:
      - {name: some, given: {school.points: 4}, expect: 1}
      - {name: none, given: {school.points: 5}, expect: 0}
"""
POINTS = (
    BOOK.replace("settings:\n", "settings:\n  most: {value: 5, unit: points}\n", 1)
    .replace("counts:\n", f"{TARIFF}counts:\n  points: {{of: [placements, outside_admissions], over: academic_year, weigh: points}}\n", 1)
    .replace("limits:\n", f"limits:\n{MOST}", 1)
)
HEADER = (
    "referral,pupil,kind,permanently_excluded,year_group,home_school,excluded_by,made_on,ehcp,easting,northing,"
    "parent_agrees_on,home_school_agrees_on"
)


def excluded(name: str, year: int = 10) -> str:
    return f"R{name},P{name},permanent_exclusion,yes,{year},,{DELL},2026-10-01,no,{HOME},,"


def moving(name: str, year: int, home: str) -> str:
    return f"R{name},P{name},managed_move,no,{year},{home},,2026-10-01,no,{HOME},2026-09-30,2026-09-30"


def opened(folder: Path, *rows: str, book: str = POINTS, admissions: str = "") -> Panel:
    made = Panel(folder / "harbour.db")
    for name, text in {**FILES, "harbour.yaml": book, "referrals.csv": "\n".join([HEADER, *rows, ""])}.items():
        made.file(name, text)
    made("init", "--rulebook", str(folder / "harbour.yaml"))
    for what in ("schools", "places", "terms", "referrals"):
        made("load", what, str(folder / f"{what}.csv"))
    if admissions:
        made("load", "admissions", str(made.file("admissions.csv", f"pupil,school,on,year_group,permanently_excluded\n{admissions}")))
    made("meeting", "open", "--date", MEETS, "--chair", "Okafor")
    made("meeting", "draw", "--words", "heron")
    return made


def schools(data: dict[str, Any]) -> dict[str, str]:
    return {row["referral"]: row["school"] for row in data["placements"]}


def test_no_school_passes_it(tmp_path: Path) -> None:
    """Three of 3 points are at three schools, with one of 1 point beside one of them; by the share alone none would be at Birch."""
    panel = opened(tmp_path, excluded("1"), excluded("2"), excluded("3"), moving("4", 9, CEDAR))
    data = panel.json("allocate")
    assert sorted(schools(data)[name] for name in ("R1", "R2", "R3")) == [ASHDOWN, BIRCH, CEDAR]
    assert (data["certificate"]["means"], data["certificate"]["because"]) == ("solved twice", ["points"])
    assert data["certificate"]["proved"] == data["certificate"]["rechecked"] == data["certificate"]["steps"]
    panel("decide", "R1", "R2", "R3", "R4", "--confirm")
    replayed = panel.json("audit", "replay")
    assert (replayed["ok"], replayed["divergences"]) == (True, [])


def test_where_all_weigh_the_same_there_is_a_certificate(tmp_path: Path) -> None:
    """5 points hold one pupil of 3: a room of one, which a flow can have."""
    data = opened(tmp_path, excluded("1"), excluded("2")).json("allocate")
    assert data["certificate"]["means"] == "certificate"
    assert len(set(schools(data).values())) == 2


def test_what_is_left_and_what_the_pupil_weighs_is_told(tmp_path: Path) -> None:
    """Three schools have 3 points from before: 2 are left, and nobody of 3 fits; one of year 9 does, one of year 8 weighs nothing."""
    before = "".join(f"H{n},{urn},2026-09-10,9,yes\n" for n, urn in enumerate((ASHDOWN, BIRCH, CEDAR)))
    panel = opened(tmp_path, excluded("1"), moving("2", 9, BIRCH), moving("3", 8, BIRCH), admissions=before)
    data = panel.json("allocate")
    assert set(schools(data)) == {"R2", "R3"}
    said = " ".join(panel("explain", "R1", "--why-not", BIRCH).out.split())
    assert "No room. most-points: Birch Academy takes no more than 5 points in a year. 2 points are left, and this pupil weighs 3." in said
    assert "1 more point at Birch Academy (100002):" in " ".join(panel("explain", "R1").out.split())
    assert panel.json("explain", "R1", "--why-not", BIRCH)["why_not"]["verdict"] == "no room"
    told = panel.json("explain", "R1")["relaxation"]
    assert told["things"] == 1
    things = [(thing["kind"], thing["school"], thing.get("points")) for way in told["ways"] for thing in way["things"]]
    assert sorted(things) == [("bar", DELL, None), *(("points", urn, 1) for urn in (ASHDOWN, BIRCH, CEDAR))]
    (first, *_) = told["ways"]
    assert "--points" in first["whatif"]
    what = panel.json(*first["whatif"].split()[1:])
    assert "R1" in {row["referral"] for row in what["after"]["placements"]}
    refused = panel.refused("whatif", "--room", f"{BIRCH}=+1")
    assert "Its room is asked for with --points." in refused


def test_nothing_is_tried_with_all_points_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """R5 has the one place of year 9 at Ashdown; with points enough R1 would have it by the draw: it is a place that is wanting too."""
    tried: list[tuple[Thing, ...]] = []

    def watched(name: str, things: tuple[Thing, ...]) -> Hypothesis:
        tried.append(things)
        return hypothesis_of(name, things)

    monkeypatch.setattr(relaxation, "hypothesis_of", watched)
    before = "".join(f"H{n},{urn},2026-09-10,9,yes\n" for n, urn in enumerate((ASHDOWN, BIRCH, CEDAR)))
    near = POINTS.replace("value: 20000", "value: 3000")
    for bar in ("too-far", "closing"):
        near = near.replace(f"  - id: {bar}\n", f"  - id: {bar}\n    waivable: false\n")
    panel = opened(tmp_path, *(excluded(name, 9) for name in "134"), moving("5", 9, BIRCH), book=near, admissions=before)
    assert schools(panel.json("allocate")) == {"R5": ASHDOWN}
    (way,) = panel.json("explain", "R1")["relaxation"]["ways"]
    assert [(thing["kind"], thing["school"]) for thing in way["things"]] == [("place", ASHDOWN), ("points", ASHDOWN)]
    assert not [things for things in tried if [thing.kind for thing in things].count("points") > 1]


def test_a_room_that_others_of_the_meeting_take(tmp_path: Path) -> None:
    """Cedar and Birch are full; of two of 3 points one goes to Ashdown, and of the other it is told what is left there: 2 of 5."""
    before = "".join(f"H{n}{m},{urn},2026-09-10,9,yes\n" for m, urn in enumerate((BIRCH, CEDAR)) for n in range(2))
    panel = opened(tmp_path, excluded("1"), excluded("2"), moving("3", 9, BIRCH), admissions=before)
    told = " ".join(panel("allocate").out.split())
    assert "Its room goes to other pupils of this meeting. 1 point is left, and this pupil weighs 3." in told
    data = panel.json("allocate", "--again")
    assert set(schools(data).values()) == {ASHDOWN}
    (left,) = {"R1", "R2"} - set(schools(data))
    said = " ".join(panel("explain", left, "--why-not", CEDAR).out.split())
    assert "No points are left: 1 beyond the room is taken, and this pupil weighs 3." in said
    assert "2 more points at Ashdown School" in " ".join(panel("explain", left).out.split())


def test_the_panels_word_takes_its_points(tmp_path: Path) -> None:
    """R1 is put at Ashdown by the panel's word beside one of 3 who is there: 6 of 5, and nothing is left for R2."""
    panel = opened(tmp_path, excluded("1"), moving("2", 9, BIRCH), admissions=f"H1,{ASHDOWN},2026-09-10,9,yes\n")
    panel("allocate")
    panel("decide", "R1", "--school", ASHDOWN, "--reason", "the family lives next door")
    assert schools(panel.json("allocate", "--again"))["R2"] == CEDAR
    assert panel.json("audit", "replay")["ok"]


def test_the_book_says_it(tmp_path: Path) -> None:
    panel = Panel(tmp_path / "none.db")
    book, heads = (
        panel.file("points.yaml", POINTS),
        panel.file(
            "heads.yaml",
            POINTS.replace("settings.most - school.points", "5 - school.load")
            .replace("{school.points:", "{school.load:")
            .replace("    weigh: points\n", ""),
        ),
    )
    said = " ".join(panel("rules", "check", str(book)).out.split())
    assert "the limit most-points has room in points" in said
    assert "settings.most - school.points, in points" in " ".join(panel("rules", "explain", "most-points", "--book", str(book)).out.split())
    assert "points" in panel("rules", "diff", str(heads), str(book)).out
