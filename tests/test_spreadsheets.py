"""What is written for a spreadsheet is never worked out by it, and no new reference can mean anything but itself."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from panel.intake.cells import KNOWN_REFERENCE, REFERENCE, CellRefused
from panel.reports.annual_page import as_csv, as_workbook
from panel.spreadsheets import text_cell
from tests.running import BIRCH, harbour
from tests.test_annual import children, year

FORMULA = '=HYPERLINK("http://example.org")'


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1+1", "\u00a0=1", "\uff1d1+1"])
def test_what_begins_like_a_formula_is_text(text: str) -> None:
    assert text_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "St Mary's", "R-031", "1+1", "a=b", "<5*", "'"])
def test_what_does_not_stays_as_it_is(text: str) -> None:
    assert text_cell(text) == text


def test_the_annual_report_has_no_formula() -> None:
    """The second school of the report has a name that is one: a text cell in the workbook, an apostrophe before it in the CSV file."""
    report = replace(year(*children(25, 0)), names={"2": FORMULA})
    rows = list(csv.DictReader(io.StringIO(as_csv(report))))
    assert {row["name"] for row in rows if row["row"] == "2"} == {f"'{FORMULA}"}
    book = openpyxl.load_workbook(io.BytesIO(as_workbook(report)))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells if cell.value == FORMULA} == {"s"}
    assert not [cell.value for cell in cells if cell.data_type == "f"]
    assert [cell.value for cell in cells if cell.data_type == "n" and cell.value == 25], "a number is a number"


@pytest.mark.parametrize("text", ["R-031", "2026/17", "BR001", "P.7_b", "É1", "A-VERY-LONG-REFERENCE-2026/10/0001", "O'Hara-1"])
def test_a_reference(text: str) -> None:
    assert REFERENCE.read(text) == text


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        *((f"{first}R1", f"A spreadsheet would take {first} at the beginning for a formula: ") for first in "=+-@'"),
        ("<b>R1", "< > has a meaning of its own on a page or in a list: "),
        ("R1;R2", "; has a meaning of its own on a page or in a list: "),
        ("[red]", "[ ] has a meaning of its own on a page or in a list: "),
    ],
)
def test_a_reference_that_means_something_else_is_refused(text: str, advice: str) -> None:
    with pytest.raises(CellRefused) as refused:
        REFERENCE.read(text)
    assert refused.value.advice == f"{advice}write letters, digits, / - . or _."


@pytest.mark.parametrize("text", ["R\t1", "R\x001", "R\u202e1", "R\u200b1", "R 1"])
def test_what_cannot_be_seen_is_in_no_reference(text: str) -> None:
    for cell in (REFERENCE, KNOWN_REFERENCE):
        with pytest.raises(CellRefused, match="without spaces"):
            cell.read(text)


def test_who_is_recorded_already_is_found_by_the_old_reference() -> None:
    assert KNOWN_REFERENCE.read("-R&1") == "-R&1"


def test_a_file_with_such_a_reference_is_refused_with_its_row(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "loaded")
    text = f"referral,pupil,kind,year_group,home_school,made_on\n=R7,P<7>,managed_move,9,{BIRCH},2026-10-01\n"
    said = panel.refused("load", "referrals", str(panel.file("more.csv", text)))
    assert "more.csv row 2, referral: " in said
    assert "A spreadsheet would take = at the beginning for a formula: " in said
    assert "more.csv row 2, pupil: " in said
    assert "< > has a meaning of its own on a page or in a list: write letters, digits, / - . or _." in said
