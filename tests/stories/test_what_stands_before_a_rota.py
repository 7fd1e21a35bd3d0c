"""Turns that are not equal, by what stands before a rota; and a quota for one year group alone."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Final

from tests.running import ASHDOWN, BIRCH, BOOK, CEDAR, DELL, FILES, Panel
from tests.stories.test_what_the_schools_agreed import weights

TAKEN: Final = "{of: placements, over: for_ever}"
AIMS: Final = "  - share: {load: load, per: roll}\n  - preference: {unranked: 4}\n  - journey\n"
HEAD: Final = "referral,pupil,kind,year_group,home_school,made_on,ehcp,parent_agrees_on,home_school_agrees_on,easting,northing"


def book(aims: str, count: str = TAKEN) -> str:
    return BOOK.replace("{of: [placements, outside_admissions], over: academic_year}", count).replace(AIMS, aims)


def rows(names: str, year_group: int = 10) -> str:
    """Pupils of Dell, which is to close: Ashdown, Birch and Cedar are open to all of them."""
    told = [f"{name},P{name},managed_move,{year_group},{DELL},2026-10-01,no,2026-09-30,2026-09-30,622000,400000" for name in names.split()]
    return "\n".join((HEAD, *told, ""))


def founded(folder: Path, text: str, schools: str, **more: str) -> Panel:
    folder.mkdir(exist_ok=True)
    panel = Panel(folder / "panel.db")
    panel("init", "--rulebook", str(panel.file("book.yaml", text)))
    for what, told in {"schools": schools, "places": FILES["places.csv"], "terms": FILES["terms.csv"], **more}.items():
        panel("load", what, str(panel.file(f"{what}.csv", told)))
    return panel


def met(panel: Panel, day: str, names: str) -> dict[str, str]:
    """One meeting that decides these pupils as proposed -> where each goes."""
    panel("load", "referrals", str(panel.file(f"{day}.csv", rows(names))))
    panel("meeting", "open", "--date", day, "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    placed = {one["referral"]: one["school"] for one in panel.json("allocate")["placements"]}
    panel("decide", *placed, "--confirm")
    panel("meeting", "close")
    return placed


def test_a_large_school_stands_on_the_list_twice(tmp_path: Path) -> None:
    """Weights 2, 1, 1: of four pupils in one meeting Ashdown takes two; of four meetings with one each, too, before the others' one."""
    twice = book("  - share: {load: load, per: weight}\n  - rota\n")
    schools = weights("2", "1", "1", "1")
    together = met(founded(tmp_path, twice, schools), "2026-10-22", "A B C D")
    assert Counter(together.values()) == {ASHDOWN: 2, BIRCH: 1, CEDAR: 1}
    panel = founded(tmp_path / "one by one", twice, schools)
    days = ("2026-10-05", "2026-10-12", "2026-10-19", "2026-11-09")
    turns = [met(panel, day, name)[name] for day, name in zip(days, "ABCD", strict=True)]
    assert turns[:2] == [ASHDOWN, ASHDOWN]
    assert {*turns[2:]} == {BIRCH, CEDAR}
    rota = met(founded(tmp_path / "rota", book("  - rota\n"), schools), "2026-10-22", "A B C")
    assert Counter(rota.values()) == {ASHDOWN: 1, BIRCH: 1, CEDAR: 1}


def test_a_school_that_excludes_takes_the_next_one(tmp_path: Path) -> None:
    """Cedar excluded one pupil this year: it takes the next pupil, whoever's turn it is, and then turns go on as ever.

    The first is at the one school whose turn comes first by the draw of equals otherwise; with the quota it is Cedar. Of the second no
    school has one left, so Ashdown or Birch: Cedar's turn was the last.
    """
    excludes = book("  - quota: {count: load, limit: school.permanent_exclusions, beyond: free}\n  - rota\n  - journey\n")
    excludes = excludes.replace("over: for_ever}", "over: academic_year}")
    excluded = f"pupil,school,on,year_group\nX1,{CEDAR},2026-09-10,10\n"
    panel = founded(tmp_path, excludes, FILES["schools.csv"], exclusions=excluded)
    assert met(panel, "2026-10-05", "A") == {"A": CEDAR}
    turns = [met(panel, day, name)[name] for day, name in zip(("2026-10-12", "2026-10-19", "2026-11-09"), "BCD", strict=True)]
    assert turns == [ASHDOWN, BIRCH, CEDAR], "by the rota, equal turns by the shorter journey"
    nobody = founded(tmp_path / "nobody", excludes, FILES["schools.csv"])
    assert met(nobody, "2026-10-05", "A") == {"A": ASHDOWN}


def test_a_quota_for_one_year_group(tmp_path: Path) -> None:
    """Nobody takes a second of year 11 before each has one. Both year 10 pupils and the first of year 11 go to the nearest, Ashdown."""
    count = "{of: placements, where: admission.year_group == 11, over: academic_year}"
    eleven = book("  - quota: {count: load, limit: 1}\n  - journey\n", count)
    places = FILES["places.csv"].replace(",11,180,180", ",11,180,175")
    panel = founded(tmp_path, eleven, FILES["schools.csv"])
    panel("load", "places", str(panel.file("more.csv", places)))
    panel("load", "referrals", str(panel.file("ten.csv", rows("A B"))))
    panel("load", "referrals", str(panel.file("eleven.csv", rows("C D", 11))))
    panel("meeting", "open", "--date", "2026-10-22", "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    answer = panel.json("allocate")
    placed = {one["referral"]: one["school"] for one in answer["placements"]}
    assert (placed["A"], placed["B"]) == (ASHDOWN, ASHDOWN)
    assert {placed["C"], placed["D"]} == {ASHDOWN, BIRCH}
    assert answer["objectives"][1]["value"] == {"excess": 0, "by_school": [0, 0, 0, 0]}
    assert "Proved: no better answer exists" in panel("allocate", "--dry-run", "--again").out
