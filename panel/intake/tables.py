"""A CSV or XLSX file -> rows of text, each with the number that a spreadsheet shows for it.

It knows nothing of what the columns mean. It refuses what is not a table of text, and guesses nothing but the encoding
(UTF-8, else Windows-1252) and the separator (comma; semicolon where the header has semicolons and no comma).
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from panel.errors import Fault, IntakeError

AS_CSV: Final = "Save the sheet as 'CSV UTF-8' and load that."
# Windows-1252 gives a meaning to nearly every byte, so what tells a picture or a PDF from text is what text never holds.
NEVER_IN_TEXT: Final = re.compile(r"[\x00-\x08\x0e-\x1f]")


# What the parts of an XLSX file fail with: the archive, its compression, its encryption, its XML (a SyntaxError), and what is not in it.
DAMAGED: Final = (zipfile.BadZipFile, zlib.error, RuntimeError, SyntaxError, LookupError, ValueError, TypeError, AttributeError, OSError)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number (None where it was written by hand, not in a file) and its cells, in the order of the header."""

    number: int | None
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A header (lower case, surrounding blanks gone) and the rows under it, blank rows left out."""

    file: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]

    @classmethod
    def by_hand(cls, cells: Mapping[str, str], *, name: str = "") -> Table:
        """One row that was never in a file: column -> cell."""
        return cls(name, tuple(_column(column) for column in cells), (Row(None, tuple(cell.strip() for cell in cells.values())),))


def read_table(path: Path) -> Table:
    """The table in a file. Raises `IntakeError` where it cannot be read as one."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise refused(path.name, (Fault(file=path.name, found=f"a file that cannot be opened ({error.strerror})"),)) from None
    return parse(path.name, data)


def parse(name: str, data: bytes) -> Table:
    """The table in the bytes of a file called `name`. Raises `IntakeError` where they are not one."""
    records = _sheet(name, data) if data.startswith(b"PK\x03\x04") else _comma_separated(name, data)
    filled = ((number, cells) for number, cells in enumerate(records, start=1) if any(cells))
    _, first = next(filled, (0, ()))
    if not first:
        raise refused(name, (Fault(file=name, found="an empty file", wanted="a header row and rows under it"),))
    header = tuple(_column(cell) for cell in first)
    rows: list[Row] = []
    faults: list[Fault] = []
    same: dict[str, str] = {}  # a national register repeats most of its cells: hold each text once
    for number, cells in filled:
        if any(cells[len(header) :]):
            faults.append(_too_wide(name, number, cells, header))
        rows.append(Row(number, tuple(same.setdefault(cell, cell) for cell in _fit(cells, len(header)))))
    if faults:
        raise refused(name, faults)
    return Table(name, header, tuple(rows))


def refused(name: str, faults: Sequence[Fault]) -> IntakeError:
    """The failure that says all of it at once."""
    rows = len({fault.row for fault in faults if fault.row is not None})
    where = f" in {rows} row{'s' if rows > 1 else ''}" if rows else ""
    said = f"{len(faults)} problem{'s' if len(faults) > 1 else ''}{where}; nothing was recorded."
    return IntakeError(f"{name}: {said}" if name else said.capitalize(), faults)


def _column(text: str) -> str:
    return " ".join(text.split()).casefold()


def _too_wide(name: str, number: int, cells: Sequence[str], header: Sequence[str]) -> Fault:
    return Fault(
        file=name, row=number, found=f"{_width(cells)} cells", wanted=f"at most {len(header)}, as in the header",
        advice="A cell with the separator in it must stand in quotation marks.",
    )  # fmt: skip


def _width(cells: Sequence[str]) -> int:
    """How many cells there are up to the last that is filled."""
    return max((n for n, cell in enumerate(cells, start=1) if cell), default=0)


def _fit(cells: tuple[str, ...], width: int) -> tuple[str, ...]:
    return cells[:width] + ("",) * (width - len(cells))


def _comma_separated(name: str, data: bytes) -> Iterator[tuple[str, ...]]:
    text = _decoded(name, data)
    header = next((line for line in io.StringIO(text) if line.strip()), "")
    bare = re.sub(r'"[^"]*"', "", header)  # what stands in quotation marks separates nothing
    separator = ";" if ";" in bare and "," not in bare else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = 0
    try:
        for record in reader:
            number += 1
            yield tuple(cell.strip() for cell in record)
    except csv.Error as error:
        fault = Fault(
            file=name, row=number + 1, found=f"a row that is not CSV ({error})", wanted="cells separated by commas",
            advice='A quotation mark that opens a cell must close it; inside, write it twice ("").',
        )  # fmt: skip
        raise refused(name, (fault,)) from None


def _decoded(name: str, data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise refused(name, (Fault(file=name, found="text in UTF-16", wanted="UTF-8 or Windows-1252", advice=AS_CSV),))
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise refused(name, (Fault(file=name, found="an old Excel file (.xls)", wanted="CSV or XLSX", advice=AS_CSV),))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("cp1252")
        except UnicodeDecodeError:
            fault = Fault(file=name, found="bytes that are not text", wanted="UTF-8 or Windows-1252", advice=AS_CSV)
            raise refused(name, (fault,)) from None
    if found := NEVER_IN_TEXT.search(text):
        line = 1 + text.count("\n", 0, found.start())
        fault = Fault(file=name, row=line, found="a control character: a damaged or binary file", wanted="CSV or XLSX", advice=AS_CSV)
        raise refused(name, (fault,))
    # One name, one spelling: an accent typed as a character of its own would otherwise make another pupil reference.
    return unicodedata.normalize("NFC", text)


def _sheet(name: str, data: bytes) -> Iterator[tuple[str, ...]]:
    """The rows of the first sheet of an XLSX file, as text."""
    import openpyxl  # here, because most files are CSV and it is slow to import

    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        rows: Iterable[tuple[object, ...]] = book.worksheets[0].iter_rows(values_only=True)
        for row in rows:
            yield tuple(unicodedata.normalize("NFC", _written(value)).strip() for value in row)
    except DAMAGED:
        raise refused(name, (Fault(file=name, found="a damaged XLSX file", wanted="CSV or XLSX", advice=AS_CSV),)) from None


def _written(value: object) -> str:
    """A value as a spreadsheet holds it -> the text that a CSV would have."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
