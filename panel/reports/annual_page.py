"""The annual report as it is read: JSON, CSV and a workbook. A hidden count stays hidden in each of them.

It computes nothing and opens no file.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any, Final

from panel.reports.annual import Annual
from panel.reports.by_school import Crossed
from panel.reports.equity_page import in_words
from panel.reports.partitions import Table
from panel.reports.suppression import MARK
from panel.spreadsheets import text_cell

HEADER: Final = ("academic_year", "table", "of", "row", "name", "column", "children")
TITLES: Final = {
    "receiving": "Where those referred went",
    "category": "By category",
    "year_group": "By year group",
    "kind": "By kind of referral",
    "on_roll": "How soon they were on roll",
    "why": "Not placed by the end of the year, and why",
    "school": "Admitted by school",
    "school_by_category": "By school and category",
    "school_by_year_group": "By school and year group",
}
BANDS: Final = "roughly"


def title_of(table: Table | Crossed) -> str:
    """What a table is called, and whose it is."""
    total = table.shown.total if isinstance(table, Table) else table.rows[-1][1][-1]
    return f"{TITLES[table.part]}: {total} {table.of}"


def rows_of(report: Annual, table: Table) -> list[tuple[str, str, int | None]]:
    """Row, name and count of each row; rows of nobody at which nobody could be (no such category, no such school) stay, with nought."""
    return [(cell.label, report.names.get(cell.label, ""), cell.count) for cell in table.shown.cells]


def as_data(panel: str, report: Annual) -> dict[str, Any]:
    """`report annual --json`."""
    return {
        "panel": panel,
        "academic_year": report.year,
        "weeks": report.weeks,
        "referred": report.referred,
        "not_placed": report.not_placed,
        "admitted": report.admitted,
        "admitted_under_fair_access": report.fair_access,
        "admitted_by_other_ways": report.other_ways,
        "tables": [
            {
                "table": table.part,
                "of": table.of,
                "total": table.shown.total,
                "hidden": table.shown.hidden,
                "rows": [{"row": row, "name": name or None, "children": count} for row, name, count in rows_of(report, table)],
            }
            for table in report.tables
        ],
        "schools": [
            {
                "table": table.part,
                "of": table.of,
                "columns": list(table.columns),
                "rows": [{"row": row, "name": report.names.get(row), "children": list(counts)} for row, counts in table.rows],
            }
            for table in report.crossed
        ],
        "roughly": [{"what": what, "children": words} for what, words in report.bands],
        "untold": list(report.untold),
    }


def _lines(report: Annual) -> Iterator[tuple[str | int, ...]]:
    year = in_words(report.year)
    for table in report.tables:
        for row, name, count in rows_of(report, table):
            yield year, table.part, table.of, row, name, "", MARK if count is None else count
    for one in report.crossed:
        for row, counts in one.rows:
            for column, count in zip(one.columns, counts, strict=True):
                yield year, one.part, one.of, row, report.names.get(row, ""), column, MARK if count is None else count
    for what, words in report.bands:
        yield year, BANDS, "", what, "", "", words


def as_csv(report: Annual) -> str:
    """The tables as rows, LF line ends; a hidden count is marked, and what is told roughly is in words."""
    out = io.StringIO()
    safe = ([text_cell(one) if isinstance(one, str) else one for one in line] for line in _lines(report))
    csv.writer(out, lineterminator="\n").writerows([HEADER, *safe])
    return out.getvalue()


def as_workbook(report: Annual) -> bytes:
    """The tables as an XLSX workbook, a sheet for each kind of table; one more says what is not told."""
    import openpyxl  # here, because it is slow to import

    book = openpyxl.Workbook(write_only=True)
    sheets = {title[:31]: part for part, title in (*TITLES.items(), (BANDS, "Told roughly"))}
    lines = list(_lines(report))
    for title, part in sheets.items():
        here = [line for line in lines if line[1] == part]
        if here:
            sheet = book.create_sheet(title)
            sheet.append(HEADER)
            for line in here:
                sheet.append([_cell(sheet, one) for one in line])
    notes = book.create_sheet("Notes")
    for sentence in (f"{MARK}: under 5, or hidden so that nobody can work out those that are.", *report.untold):
        notes.append((_cell(notes, sentence),))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet: Any, value: str | int) -> Any:
    """A cell; text is said to be text, whatever it begins with."""
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        cell.data_type = "s"
    return cell
