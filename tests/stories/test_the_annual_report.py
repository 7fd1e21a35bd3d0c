"""The authority asks for its annual report: how many children each school admitted under the protocol, of which category, and who was left.

Forty-nine children come before Harbour's panel in October 2026, all from Birch. Thirty-seven are placed under the fair access
protocol: twenty-one at Ashdown, thirteen at Cedar, three at Dell; six move to Ashdown by a managed move. Three are put off, one is
declined and two are withdrawn. All begin but the last whom Ashdown has. The year is over when the next one's first meeting opens.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.running import ASHDOWN, BIRCH, BOOK, CEDAR, DELL, MEETS, Panel, harbour, put, taken

CHILDREN = [f"C{n:02}" for n in range(1, 50)]
PLACED = dict(zip(CHILDREN, [ASHDOWN] * 20 + [CEDAR] * 13 + [DELL] * 3 + [ASHDOWN] * 7, strict=False))
LAST = CHILDREN[36]
MOVES = CHILDREN[37:43]
LATE = CHILDREN[20:25]
"""Their first day is the 20th of November, four weeks and a day after the meeting; all others start in time."""

NEXT_YEAR = "from,to\n2027-09-02,2027-10-22\n"


def category(n: int) -> str:
    """At Ashdown twelve of category a and eight of b; at Cedar five of a, six of b and two of d; at Dell three of b."""
    return "aaaaaaaaaaaabbbbbbbbaaaaabbbbbbddbbbb"[n] if n < 37 else "" if n < 43 else "a"


def year_group(n: int) -> int:
    """In year 8: eight of Ashdown's and six of Cedar's. All others are in year 9."""
    return 8 if n < 8 or 20 <= n < 26 else 9


@pytest.fixture(scope="module")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Panel:
    """Harbour a year later."""
    folder = tmp_path_factory.mktemp("harbour")
    harbour(folder, "loaded")
    panel = Panel(folder / "year.db")
    panel("init", "--rulebook", str(panel.file("harbour.yaml", BOOK)))
    rows = [f"{urn},{year},180,100,2026-09-15" for urn in (ASHDOWN, BIRCH, CEDAR, DELL) for year in (8, 9)]
    panel.file("places.csv", "\n".join(("urn,year_group,pan,on_roll,as_at", *rows, "")))
    head = "referral,pupil,kind,category,year_group,home_school,made_on,easting,northing,ehcp,parent_agrees_on,home_school_agrees_on"
    kind = dict.fromkeys(MOVES, ("managed_move", "2026-10-01,2026-10-01"))
    made = [
        f"{name},P{name},{of},{category(n)},{year_group(n)},{BIRCH},2026-10-01,622000,400000,no,{agreed}"
        for n, name in enumerate(CHILDREN)
        for of, agreed in [kind.get(name, ("fair_access", ","))]
    ]
    panel.file("children.csv", "\n".join((head, *made, "")))
    for what, file in (("schools", "schools"), ("places", "places"), ("terms", "terms"), ("referrals", "children")):
        panel("load", what, str(panel.folder / f"{file}.csv"))
    panel("load", "terms", str(panel.file("next.csv", NEXT_YEAR)))
    panel("meeting", "open", "--date", MEETS, "--chair", "Okafor")
    for name, school in PLACED.items():
        panel("decide", name, "--school", school, "--reason", "as the panel agreed")
    for name in CHILDREN[43:46]:
        panel("decide", name, "--defer", "--reason", "a visit first")
    panel("decide", CHILDREN[46], "--decline", "--reason", "the family has moved")
    for name in CHILDREN[47:]:
        panel("withdraw", name, "--on", MEETS, "--reason", "found a place")
    panel("meeting", "close")
    for name in (*CHILDREN[:36], *MOVES):
        if name in MOVES:
            panel("accept", name, "--by", "parent", "--on", MEETS)
            panel("accept", name, "--by", ASHDOWN, "--on", MEETS)
        panel("start", name, "--on", "2026-11-20" if name in LATE else "2026-11-19")
    return panel


def over(panel: Panel, folder: Path) -> Panel:
    """The same panel when the year is over."""
    later = Panel(folder / "over.db")
    put(taken(panel.ledger), later.ledger)
    later("meeting", "open", "--date", "2027-09-23", "--chair", "Okafor")
    return later


def rows(report: Any, table: str) -> dict[str, int | None]:
    (found,) = [one for one in report["tables"] if one["table"] == table]
    return {row["row"]: row["children"] for row in found["rows"]}


def schools(report: Any, table: str) -> tuple[list[str], dict[str, list[int | None]]]:
    (found,) = [one for one in report["schools"] if one["table"] == table]
    return found["columns"], {row["row"]: row["children"] for row in found["rows"]}


def test_a_year_is_reported_once_it_is_over(panel: Panel) -> None:
    said = panel.refused("report", "annual", "--academic-year", "2026")
    assert said.startswith("2026-27 is not over in this record. A year is reported from when the first meeting of a later one is opened")


def test_the_years_numbers_by_hand(panel: Panel, tmp_path: Path) -> None:
    """Of Dell's three nobody may be told. Of the larger rows the first, the smallest school's, is hidden with them: Cedar's thirteen.

    Of the six who moved there is no table, so that how many were admitted by every way is not told either.
    """
    later = over(panel, tmp_path)
    report = later.json("report", "annual")
    assert (report["academic_year"], report["weeks"]) == (2026, 4)
    assert (report["referred"], report["not_placed"]) == (49, 6)
    assert (report["admitted_under_fair_access"], report["admitted_by_other_ways"], report["admitted"]) == (36, None, None)
    assert rows(report, "receiving") == {
        DELL: None, BIRCH: 0, CEDAR: None, ASHDOWN: 27, "not placed by the end": 6, "other settings": 0,
    }  # fmt: skip
    # Two of d are hidden, and with them the seventeen of a.
    assert rows(report, "category") == {"category a": None, "category b": 17, "category d": None, "no category recorded": 0}
    assert rows(report, "year_group") == {"year 8": 14, "year 9": 22}
    assert rows(report, "on_roll") == {"on roll within 4 weeks of the decision": 31, "on roll later": 5}
    assert {one["what"]: one["children"] for one in report["roughly"]}["admitted by managed move"] == "5 to 9"
    assert "Fewer than 20 children were not placed: of so few it is not told why." in report["untold"]


def test_schools_by_category_and_year_group(panel: Panel, tmp_path: Path) -> None:
    """Cedar and Dell are one row: six of year 8 and ten of year 9; nine of category b, and seven of a and d together."""
    report = over(panel, tmp_path).json("report", "annual")
    rest = "schools that are not shown, together"
    assert schools(report, "school") == (
        ["fair access"],
        {ASHDOWN: [20], BIRCH: [0], DELL: [None], CEDAR: [None], "other settings": [0], rest: [16], "all": [36]},
    )
    assert schools(report, "school_by_category") == (
        ["category b", "not shown, together", "all"],
        {ASHDOWN: [8, 12, 20], rest: [9, 7, 16], "all": [17, 19, 36]},
    )
    assert schools(report, "school_by_year_group") == (
        ["year 8", "year 9", "all"],
        {ASHDOWN: [8, 12, 20], rest: [6, 10, 16], "all": [14, 22, 36]},
    )


@pytest.mark.parametrize(("first_day", "of_ashdown"), [("2027-08-31", 21), ("2027-09-01", 20)])
def test_who_begins_after_the_years_end_is_of_the_next(panel: Panel, tmp_path: Path, first_day: str, of_ashdown: int) -> None:
    """The panel decided in October; the first day is the last of August, or the next morning, and is written down the same week."""
    at_the_end = Panel(put(taken(panel.ledger), tmp_path / "end.db"))
    at_the_end("start", LAST, "--on", first_day)
    report = over(at_the_end, tmp_path).json("report", "annual")
    assert (report["admitted_under_fair_access"], schools(report, "school")[1][ASHDOWN]) == (16 + of_ashdown, [of_ashdown])


def test_it_says_no_more_than_the_equity_report_on_the_same_children(panel: Panel, tmp_path: Path) -> None:
    """Beside a table that hides other rows, one report would show what the other hides."""
    later = over(panel, tmp_path)
    equity = later.json("audit", "equity", code=1)  # Birch alone has referred anybody
    (received,) = [table for table in equity["tables"] if table["table"] == "receiving"]
    assert {row["row"]: row["count"] for row in received["rows"]} == rows(later.json("report", "annual"), "receiving")


def test_what_is_recorded_after_the_year_changes_nothing_in_its_report(panel: Panel, tmp_path: Path) -> None:
    """A first day that nobody had written down comes in later: beside the older report a newer one would show that child."""
    later = over(panel, tmp_path)
    before = later("report", "annual").out
    later("start", LAST, "--on", "2026-11-02")
    assert later("report", "annual").out == before


def test_what_is_shown_and_written(panel: Panel, tmp_path: Path) -> None:
    later = over(panel, tmp_path)
    said = later("report", "annual", "-o", str(tmp_path / "annual.csv"))
    lines = [" ".join(line.split()) for line in said.out.splitlines()]
    assert lines[:4] == [
        "Harbour panel: children in the academic year 2026-27.",
        "Admitted under the fair access protocol: 36.",
        "",
        "Where those referred went: 49 referred",
    ]
    assert f"Cedar High School ({CEDAR}) <5*" in lines
    assert "By category: 36 admitted under the fair access protocol" in lines
    assert "By school and year group: 36 admitted under the fair access protocol" in lines
    assert f"Ashdown School ({ASHDOWN}) 8 12 20" in lines
    assert "<5* under 5, or hidden so that nobody can work out those that are." in lines
    written = list(csv.DictReader(io.StringIO((tmp_path / "annual.csv").read_text(encoding="utf-8"))))
    assert {row["academic_year"] for row in written} == {"2026-27"}
    assert [row["children"] for row in written if row["table"] == "category"] == ["<5*", "17", "<5*", "0"]
    assert [(row["column"], row["children"]) for row in written if row["table"] == "school_by_year_group" and row["row"] == ASHDOWN] == [
        ("year 8", "8"), ("year 9", "12"), ("all", "20"),
    ]  # fmt: skip
    later("report", "annual", "-o", str(tmp_path / "annual.xlsx"))
    book = openpyxl.load_workbook(tmp_path / "annual.xlsx", read_only=True)
    assert book.sheetnames == [
        "Where those referred went",
        "By category", "By year group", "How soon they were on roll", "Admitted by school", "By school and category",
        "By school and year group", "Told roughly", "Notes",
    ]  # fmt: skip
    assert [row[6] for row in book["By year group"].iter_rows(values_only=True)] == ["children", 14, 22]
    assert "is there already" in later("report", "annual", "-o", str(tmp_path / "annual.csv"), code=3).err
    assert "a name that ends in .csv or .xlsx" in later("report", "annual", "-o", str(tmp_path / "annual.pdf"), code=2).err
    everything = said.out + (tmp_path / "annual.csv").read_text(encoding="utf-8")
    assert not any(f"P{name}" in everything or f"{name} " in everything for name in CHILDREN)


def test_schools_that_merge_when_the_year_is_over_are_reported_as_the_two_that_they_were(panel: Panel, tmp_path: Path) -> None:
    """Ashdown and Cedar become Eagle on 1 September 2027, as is known when the next meeting closes the year: it says nothing of it."""
    merged = Panel(tmp_path / "merged.db")
    put(taken(panel.ledger), merged.ledger)
    register = "URN,EstablishmentName,StatutoryLowAge,StatutoryHighAge,NumberOfPupils,OpenDate"
    merged("load", "schools", str(merged.file("eagle.csv", f"{register}\n100009,Eagle School,11,18,1800,2027-09-01\n")))
    merged("school", "merge", ASHDOWN, CEDAR, "--into", "100009", "--on", "2027-09-01")
    merged("meeting", "open", "--date", "2027-09-23", "--chair", "Okafor")
    unmerged = over(panel, tmp_path)
    assert merged.json("report", "annual") == unmerged.json("report", "annual")
    assert merged("audit", "equity", "--json", code=1).json == unmerged("audit", "equity", "--json", code=1).json
