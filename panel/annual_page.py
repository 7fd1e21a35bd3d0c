"""The annual report as it is read: JSON, CSV and a workbook. A hidden count stays hidden in each of them.

It computes nothing and opens no file.
"""

from __future__ import annotations

import csv
import io
from typing import Any, Final

from panel.annual import Annual, Table
from panel.equity_page import in_words
from panel.spreadsheets import text_cell
from panel.suppression import MARK

HEADER: Final = ("academic_year", "table", "of", "row", "name", "children")
TITLES: Final = {
    "receiving": "Where the children went",
    "category": "By category",
    "year_group": "By year group",
    "on_roll": "How soon they were on roll",
    "why": "Not placed by the end of the year, and why",
}


def title_of(table: Table) -> str:
    """What a table is called, and whose it is."""
    return f"{TITLES[table.part]}: {table.shown.total} {table.of}"


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
        "admitted": report.admitted,
        "not_placed": report.not_placed,
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
        "untold": list(report.untold),
    }


def _lines(report: Annual) -> list[tuple[str | int, ...]]:
    return [
        (in_words(report.year), table.part, table.of, row, name, MARK if count is None else count)
        for table in report.tables
        for row, name, count in rows_of(report, table)
    ]


def as_csv(report: Annual) -> str:
    """The tables as rows, LF line ends; a hidden count is marked."""
    out = io.StringIO()
    safe = ([text_cell(one) if isinstance(one, str) else one for one in line] for line in _lines(report))
    csv.writer(out, lineterminator="\n").writerows([HEADER, *safe])
    return out.getvalue()


def as_workbook(report: Annual) -> bytes:
    """The tables as an XLSX workbook, a sheet each; one more says what is not told."""
    import openpyxl  # here, because it is slow to import

    book = openpyxl.Workbook(write_only=True)
    for table in report.tables:
        sheet = book.create_sheet(TITLES[table.part][:31])
        sheet.append(HEADER)
        for line in _lines(report):
            if line[1] == table.part:
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
