"""Files as tables of rows and cells: encodings, workbooks, days, and every bad row named."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.errors import IntakeError
from panel.events import (
    PlacesRecorded,
    YearPlaces,
)
from panel.intake import LOADERS, Known, read_table
from panel.intake.tables import parse
from tests.test_intake import KNOWN, SCHOOLS, D, faults, load

# --- tables ---


def table_faults(data: bytes) -> list[str]:
    with pytest.raises(IntakeError) as caught:
        parse("x.csv", data)
    return [str(fault) for fault in caught.value.faults]


def test_rows_have_the_numbers_of_a_spreadsheet() -> None:
    table = parse("x.csv", b'\n URN ,Name\n1,"two\nlines"\n\n , \n2,b\n')
    assert table.header == ("urn", "name")
    assert [(row.number, row.cells) for row in table.rows] == [(3, ("1", "two\nlines")), (6, ("2", "b"))]


def test_short_rows_are_blank_at_the_end_and_blank_cells_beyond_the_header_do_not_count() -> None:
    assert [row.cells for row in parse("x.csv", b"a,b\n1\n1,2,,\n").rows] == [("1", ""), ("1", "2")]


def test_semicolons_separate_where_the_header_has_no_comma() -> None:
    assert parse("x.csv", b"a;b\n1,5;2\n").rows[0].cells == ("1,5", "2")
    assert parse("x.csv", b"a,b;c\n1;2,3\n").rows[0].cells == ("1;2", "3")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_encodings(encoding: str) -> None:
    assert parse("x.csv", "name\nÉcole Brontë – £5\n".encode(encoding)).rows[0].cells == ("École Brontë – £5",)


def test_an_accent_is_the_same_however_it_is_typed() -> None:
    assert parse("x.csv", "name\nE\u0301cole\n".encode()) == parse("x.csv", "name\n\u00c9cole\n".encode())


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "x.csv: found an empty file; wanted a header row and rows under it"),
        (b"\xef\xbb\xbf\n \n", "x.csv: found an empty file; wanted a header row and rows under it"),
        (
            b"a,b\n1,2\n1,2,3\n",
            (
                "x.csv row 3: found 3 cells; wanted at most 2, as in the header. "
                "A cell with the separator in it must stand in quotation marks."
            ),
        ),
        (
            b'a,b\n1,"2\n',
            (
                "x.csv row 2: found a row that is not CSV (unexpected end of data); wanted cells separated by commas. "
                'A quotation mark that opens a cell must close it; inside, write it twice ("").'
            ),
        ),
        (
            b"a,b\n1,\x002\n",
            (
                "x.csv row 2: found a control character: a damaged or binary file; wanted CSV or XLSX. "
                "Save the sheet as 'CSV UTF-8' and load that."
            ),
        ),
        (
            "a,b\n".encode("utf-16"),
            "x.csv: found text in UTF-16; wanted UTF-8 or Windows-1252. Save the sheet as 'CSV UTF-8' and load that.",
        ),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            "x.csv: found an old Excel file (.xls); wanted CSV or XLSX. Save the sheet as 'CSV UTF-8' and load that.",
        ),
        (b"a\n\x81\n", "x.csv: found bytes that are not text; wanted UTF-8 or Windows-1252. Save the sheet as 'CSV UTF-8' and load that."),
        (b"PK\x03\x04 cut off", "x.csv: found a damaged XLSX file; wanted CSV or XLSX. Save the sheet as 'CSV UTF-8' and load that."),
    ],
)
def test_what_is_not_a_table(data: bytes, said: str) -> None:
    assert table_faults(data) == [said]


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match="cannot be opened"):
        read_table(tmp_path)


def test_xlsx_reads_as_its_csv_would(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["URN", "year_group", "pan", "on_roll", "as_at", "ehcp"])
    sheet.append([900001, 7, 180.0, "171", dt.date(2026, 9, 14), None])
    sheet.append([])
    sheet.append(["900002", 8, 150, 151, "14/09/2026", 3])
    path = tmp_path / "places.xlsx"
    book.save(path)
    table = read_table(path)
    assert [row.number for row in table.rows] == [2, 4]
    as_csv = "urn,year_group,pan,on_roll,as_at,ehcp\n900001,7,180,171,2026-09-14,\n900002,8,150,151,2026-09-14,3\n"
    assert LOADERS["places"](table, KNOWN) == load("places", as_csv)


def test_an_archive_that_is_no_workbook() -> None:
    for files in ({}, {"[Content_Types].xml": "<unclosed"}, {"xl/workbook.xml": "<a/>", "[Content_Types].xml": "<a/>"}):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("readme.txt", "not a workbook")
            for name, text in files.items():
                archive.writestr(name, text)
        assert table_faults(out.getvalue()) == [
            "x.csv: found a damaged XLSX file; wanted CSV or XLSX. Save the sheet as 'CSV UTF-8' and load that."
        ]


# --- columns and cells ---

PLACES = "urn,year_group,pan,on_roll,as_at\n"


def test_a_missing_column_is_named_with_the_one_that_may_be_it() -> None:
    assert faults("places", "urn,year_grp,pan,as_at\n900001,7,180,2026-09-14\n") == [
        "places.csv, year_group: found no such column; wanted a column year_group. The header has 'year_grp': is that the one?",
        "places.csv, on_roll: found no such column; wanted a column on_roll",
    ]


def test_a_column_twice_is_refused_only_where_it_is_read() -> None:
    assert faults("exclusions", "pupil,school,on,year_group,ON\nA,900001,2026-10-01,9,\n") == [
        "exclusions.csv, on: found two columns of this name; wanted one"
    ]
    assert len(load("exclusions", "pupil,school,on,year_group,note,note\nA,900001,2026-10-01,9,,\n")) == 1


def test_ten_bad_rows_are_ten_faults() -> None:
    bad = (
        "900001,7,180,170,31/02/2026", "900001,8,180,170,1/9/26", "900001,9,180,170,09-14-2026", "900001,10,180,170,",
        "900001,x,180,170,2026-09-14",
        "900001,15,180,170,2026-09-14", "900001,11,180.5,170,2026-09-14", "900001,7,180,2001,2026-09-14", "90001,7,180,170,2026-09-14",
        "900012,7,180,170,2026-09-14",
    )  # fmt: skip
    date = "a date as YYYY-MM-DD, DD/MM/YYYY or DD-MM-YYYY"
    digits = "Write digits only, without separators, decimals or units."
    assert faults("places", PLACES + "900002,7,180,170,2026-09-14\n" + "\n".join(bad)) == [
        f"places.csv row 3, as_at: found '31/02/2026'; wanted {date}. There is no such day.",
        f"places.csv row 4, as_at: found '1/9/26'; wanted {date}. Write the year with four digits.",
        f"places.csv row 5, as_at: found '09-14-2026'; wanted {date}. There is no such day.",
        f"places.csv row 6, as_at: found nothing; wanted {date}",
        f"places.csv row 7, year_group: found 'x'; wanted a whole number, 0 to 14. {digits}",
        "places.csv row 8, year_group: found '15'; wanted 0 to 14",
        f"places.csv row 9, pan: found '180.5'; wanted a whole number, 0 to 2000. {digits}",
        "places.csv row 10, on_roll: found '2001'; wanted 0 to 2000",
        "places.csv row 11, urn: found '90001'; wanted a URN of six digits",
        "places.csv row 12, urn: found '900012'; wanted the URN of a school of this panel. The nearest is 900002, Brackwater Academy.",
    ]


def test_the_message_counts_problems_and_rows() -> None:
    with pytest.raises(IntakeError) as caught:
        load("places", PLACES + "x,7,180,170,y\n900001,8,z,1,2026-09-14\n")
    assert caught.value.message == "places.csv: 3 problems in 2 rows; nothing was recorded."


@pytest.mark.parametrize("day", ["2026-09-14", "14/09/2026", "14-09-2026"])
def test_three_ways_to_write_a_day(day: str) -> None:
    assert load("places", f"{PLACES}900001,7,180,,{day}\n") == (
        PlacesRecorded(urn="900001", as_at=D("2026-09-14"), years=(YearPlaces(year_group=7, pan=180),)),
    )


@given(st.dates(D("1990-01-01"), D("2200-12-31")), st.sampled_from(["%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y"]))
def test_every_day_is_read_back(day: dt.date, form: str) -> None:
    (event,) = load("exclusions", f"pupil,school,on,year_group\nA,900001,{day.strftime(form)},9\n")
    assert event.day == day


def test_the_same_year_group_on_the_same_day_twice() -> None:
    rows = "900001,7,180,170,2026-09-14\n900001,8,180,170,2026-09-14\n900001,7,180,171,14/09/2026\n"
    assert faults("places", PLACES + rows) == [
        "places.csv row 4, year_group: found year 7 of 900001 on 2026-09-14 twice, first in row 2; wanted one row for each"
    ]


def test_places_recorded_already_are_not_recorded_again() -> None:
    (event,) = load("places", f"{PLACES}900001,7,180,170,2026-09-14\n")
    assert isinstance(event, PlacesRecorded)
    again = Known(schools=SCHOOLS, places={"900001": event})
    assert load("places", f"{PLACES}900001,7,180,170,2026-09-14\n", again) == ()
    assert len(load("places", f"{PLACES}900001,7,180,171,2026-09-14\n", again)) == 1


def test_without_schools_the_advice_is_to_load_them() -> None:
    assert faults("exclusions", "pupil,school,on,year_group\nA,900001,2026-10-01,9\n", Known()) == [
        (
            "exclusions.csv row 2, school: found '900001'; wanted the URN of a school of this panel. "
            "No schools are recorded yet; load them first (pastoral load schools FILE)."
        )
    ]
