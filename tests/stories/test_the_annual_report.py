"""The authority asks for its annual report: how many children each school admitted, of which category, and who was left.

Twenty-eight children come before Harbour's panel in October 2026, all from Birch. Twenty-two are placed: twelve at Ashdown, eight at
Cedar, two at Dell. Three are put off, one is declined and two are withdrawn. The year is over when the next one's first meeting opens.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.running import ASHDOWN, BIRCH, BOOK, CEDAR, DELL, MEETS, Panel, harbour, put, taken

CHILDREN = [f"C{n:02}" for n in range(1, 29)]
PLACED = dict(zip(CHILDREN, [ASHDOWN] * 12 + [CEDAR] * 8 + [DELL] * 2, strict=False))
LATE = CHILDREN[12:17]
"""Their first day is the 20th of November, four weeks and a day after the meeting; twelve start in time, and of five nobody wrote it."""

NEXT_YEAR = "from,to\n2027-09-02,2027-10-22\n"


def category(n: int) -> str:
    """Of the twenty-two placed: nine of category a, three of b, five of d, and of five none is recorded. Of the others all are of a."""
    return "a" if n < 9 else "b" if n < 12 else "d" if n < 17 else "" if n < 22 else "a"


def year_group(n: int) -> int:
    """Ten of the placed are in year 8, twelve in year 9."""
    return 8 if n < 10 else 9


@pytest.fixture(scope="module")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Panel:
    """Harbour a year later."""
    folder = tmp_path_factory.mktemp("harbour")
    harbour(folder, "loaded")
    panel = Panel(folder / "year.db")
    panel("init", "--rulebook", str(panel.file("harbour.yaml", BOOK)))
    rows = [f"{urn},{year},180,100,2026-09-15" for urn in (ASHDOWN, BIRCH, CEDAR, DELL) for year in (8, 9)]
    panel.file("places.csv", "\n".join(("urn,year_group,pan,on_roll,as_at", *rows, "")))
    head = "referral,pupil,kind,category,year_group,home_school,made_on,easting,northing,ehcp"
    made = [
        f"{name},P{name},fair_access,{category(n)},{year_group(n)},{BIRCH},2026-10-01,622000,400000,no" for n, name in enumerate(CHILDREN)
    ]
    panel.file("children.csv", "\n".join((head, *made, "")))
    for what, file in (("schools", "schools"), ("places", "places"), ("terms", "terms"), ("referrals", "children")):
        panel("load", what, str(panel.folder / f"{file}.csv"))
    panel("meeting", "open", "--date", MEETS, "--chair", "Okafor")
    for name, school in PLACED.items():
        panel("decide", name, "--school", school, "--reason", "as the panel agreed")
    for name in CHILDREN[22:25]:
        panel("decide", name, "--defer", "--reason", "a visit first")
    panel("decide", CHILDREN[25], "--decline", "--reason", "the family has moved")
    for name in CHILDREN[26:]:
        panel("withdraw", name, "--on", MEETS, "--reason", "found a place")
    panel("meeting", "close")
    for name in CHILDREN[:17]:
        panel("start", name, "--on", "2026-11-20" if name in LATE else "2026-11-19")
    return panel


def over(panel: Panel, folder: Path) -> Panel:
    """The same panel when the year is over."""
    later = Panel(folder / "year.db")
    put(taken(panel.ledger), later.ledger)
    later("load", "terms", str(later.file("next.csv", NEXT_YEAR)))
    later("meeting", "open", "--date", "2027-09-23", "--chair", "Okafor")
    return later


def rows(report: Any, table: str) -> dict[str, int | None]:
    (found,) = [one for one in report["tables"] if one["table"] == table]
    return {row["row"]: row["children"] for row in found["rows"]}


def test_a_year_is_reported_once_it_is_over(panel: Panel) -> None:
    said = panel.refused("report", "annual", "--academic-year", "2026")
    assert said.startswith("2026-27 is not over in this record. A year is reported from when the first meeting of a later one is opened")


def test_the_years_numbers_by_hand(panel: Panel, tmp_path: Path) -> None:
    """Of Dell's two nobody may be told. Of the larger rows the first, the smallest school's, is hidden with them: Cedar's eight."""
    later = over(panel, tmp_path)
    report = later.json("report", "annual")
    assert (report["academic_year"], report["weeks"]) == (2026, 4)
    assert (report["referred"], report["admitted"], report["not_placed"]) == (28, 22, 6)
    assert rows(report, "receiving") == {
        DELL: None, BIRCH: 0, CEDAR: None, ASHDOWN: 12, "not placed by the end": 6, "other settings": 0,
    }  # fmt: skip
    # Three of b are hidden, and with them the nine of a.
    assert rows(report, "category") == {"category a": None, "category b": None, "category d": 5, "no category recorded": 5}
    assert rows(report, "year_group") == {"year 8": 10, "year 9": 12}
    assert rows(report, "on_roll") == {
        "on roll within 4 weeks of the decision": 12,
        "on roll later": 5,
        "no first day recorded by the time the year was over": 5,
    }
    assert report["untold"] == ["Fewer than 20 children were not placed: of so few it is not told why."]


def test_it_says_no_more_than_the_equity_report_on_the_same_children(panel: Panel, tmp_path: Path) -> None:
    """Beside a table that hides other rows, one report would show what the other hides."""
    later = over(panel, tmp_path)
    equity = later.json("audit", "equity", code=1)  # Birch alone has referred anybody
    (received,) = [table for table in equity["tables"] if table["table"] == "receiving"]
    assert {row["row"]: row["count"] for row in received["rows"]} == rows(later.json("report", "annual"), "receiving")


def test_what_is_recorded_after_the_year_changes_nothing_in_its_report(panel: Panel, tmp_path: Path) -> None:
    """Five first days that nobody had written down come in later: beside the older report a newer one would show those children."""
    later = over(panel, tmp_path)
    before = later("report", "annual").out
    for name in CHILDREN[17:22]:
        later("start", name, "--on", "2026-11-02")
    assert later("report", "annual").out == before


def test_what_is_shown_and_written(panel: Panel, tmp_path: Path) -> None:
    later = over(panel, tmp_path)
    said = later("report", "annual", "-o", str(tmp_path / "annual.csv"))
    lines = [" ".join(line.split()) for line in said.out.splitlines()]
    assert lines[:4] == ["Harbour panel: children in the academic year 2026-27.", "", "Where the children went: 28 referred", "children"]
    assert f"Cedar High School ({CEDAR}) <5*" in lines
    assert "By category: 22 admitted" in lines
    assert "<5* under 5, or hidden so that nobody can work out those that are." in lines
    written = list(csv.DictReader(io.StringIO((tmp_path / "annual.csv").read_text(encoding="utf-8"))))
    assert {(row["academic_year"], row["of"]) for row in written} == {("2026-27", "referred"), ("2026-27", "admitted")}
    assert [row["children"] for row in written if row["table"] == "category"] == ["<5*", "<5*", "5", "5"]
    later("report", "annual", "-o", str(tmp_path / "annual.xlsx"))
    book = openpyxl.load_workbook(tmp_path / "annual.xlsx", read_only=True)
    assert book.sheetnames == ["Where the children went", "By category", "By year group", "How soon they were on roll", "Notes"]
    assert [row[5] for row in book["By year group"].iter_rows(values_only=True)] == ["children", 10, 12]
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
    merged("load", "terms", str(merged.file("next.csv", NEXT_YEAR)))
    merged("meeting", "open", "--date", "2027-09-23", "--chair", "Okafor")
    unmerged = over(panel, tmp_path)
    assert merged.json("report", "annual") == unmerged.json("report", "annual")
    assert merged("audit", "equity", "--json", code=1).json == unmerged("audit", "equity", "--json", code=1).json
