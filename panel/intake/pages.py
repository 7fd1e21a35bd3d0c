"""A table being read: the columns it must have, its rows one by one, and everything that is wrong with it.

It collects faults and refuses once, at the end. It knows nothing of what a column means. What stands in a cell is quoted
where that can tell nothing of a person (`panel.quoting`); files that are not about pupils say so, and are quoted freely.
"""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Callable, Hashable, Iterator
from typing import TypeVar

from panel.errors import Fault
from panel.events import Event
from panel.intake.cells import EASTING, NORTHING, Cell, CellRefused
from panel.intake.places_of_cells import place_of
from panel.intake.tables import Row, Table, refused
from panel.quoting import Place, references, shortened

T = TypeVar("T")
E = TypeVar("E", bound=Event)


class Page:
    """One table being read for one purpose: `needs` are the columns that it must have, `takes` those it may have.

    `about_pupils` is false only of a file in which no child can be named, whatever column its cells have slipped into. What was
    written by hand is never such a file.
    """

    def __init__(self, table: Table, *, needs: tuple[str, ...], takes: tuple[str, ...] = (), about_pupils: bool = True) -> None:
        """Raises `IntakeError` where a column is missing or there twice."""
        self.table = table
        self.about_pupils = about_pupils or not table.file
        self.faults: list[Fault] = []
        self._seen: dict[Hashable, int | None] = {}
        self._index = {column: n for n, column in enumerate(table.header)}
        twice = [column for column in (*needs, *takes) if table.header.count(column) > 1]
        self.faults.extend(Fault(file=table.file, column=column, found="two columns of this name", wanted="one") for column in twice)
        self.faults.extend(self._missing(column, (*needs, *takes)) for column in needs if column not in self._index)
        self.faults.extend(self._misspelt(takes))
        if self.faults:
            raise refused(table.file, self.faults)

    def has(self, column: str) -> bool:
        return column in self._index

    def lines(self) -> Iterator[Line]:
        """The rows, each ready to be read."""
        return (Line(self, row) for row in self.table.rows)

    def cell(self, row: Row, column: str) -> str:
        n = self._index.get(column)
        return "" if n is None else row.cells[n]

    def once(self, line: Line, column: str, key: Hashable, what: str) -> None:
        """Refuse a row whose key an earlier row of this table has. `what` says the key in words."""
        if not line.clean:
            return
        if key in self._seen:
            line.refuse(column, found=f"{what} twice, first in row {self._seen[key]}", wanted="one row for each")
        else:
            self._seen[key] = line.number

    def new(self, line: Line, key: tuple[str, str, dt.date], recorded: frozenset[tuple[str, str, dt.date]]) -> None:
        """Refuse a row about a pupil, a school and a day that is recorded already or is here twice: it would count twice."""
        pupil, urn, on = key
        what = f"{named('pupil', pupil)} at {urn} on {on}"
        if line.clean and key in recorded:
            line.refuse("pupil", found=f"{what}, which is recorded already", wanted="rows that are new")
        self.once(line, "pupil", key, what)

    def finish(self, events: list[E], key: Callable[[E], tuple[str | int | dt.date, ...]]) -> tuple[E, ...]:
        """The events in an order that does not depend on the order of rows. Raises `IntakeError` with every fault."""
        if self.faults:
            raise refused(self.table.file, self.faults)
        return tuple(sorted(events, key=key))

    def _misspelt(self, columns: tuple[str, ...]) -> Iterator[Fault]:
        """Columns that would be passed over, and are one slip away from one that is read and is not there.

        Other columns are nobody's business here; but a misspelt `kept_apart` would send a child to the wrong school.
        """
        absent = [column for column in columns if column not in self._index]
        for column in self.table.header:
            near = (
                [] if column in columns else difflib.get_close_matches(column.replace(" ", "_").replace("-", "_"), absent, n=1, cutoff=0.85)
            )
            if near:
                yield Fault(
                    file=self.table.file, column=column, found="a column that is not read", wanted=near[0],
                    advice=f"If it is not meant to be {near[0]}, give it another name.",
                )  # fmt: skip

    def _missing(self, column: str, columns: tuple[str, ...]) -> Fault:
        near = difflib.get_close_matches(column, [other for other in self.table.header if other and other not in columns], n=1)
        # A file without a header has a child in its first row.
        quoted = near and (not self.about_pupils or Place(words=columns).may_quote(near[0]))
        return Fault(
            file=self.table.file, column=column, found="no such column", wanted=f"a column {column}",
            advice=f"The header has '{near[0]}': is that the one?" if quoted else "",
        )  # fmt: skip


def named(what: str, reference: str) -> str:
    """`pupil P1`; of a reference that could be somebody's name only `a pupil`."""
    return f"{what} {reference}" if references().may_quote(reference) else f"a {what}"


class Line:
    """One row being read."""

    def __init__(self, page: Page, row: Row) -> None:
        self._page = page
        self._row = row
        self.number = row.number
        self.clean = True

    def must(self, column: str, cell: Cell[T]) -> T:
        """The value of a cell that must be filled."""
        if not self._page.cell(self._row, column):
            self.refuse(column, found="nothing", wanted=cell.wanted)
            return cell.stand_in
        return self._read(column, cell, quote=True)

    def may(self, column: str, cell: Cell[T], *, quote: bool = True) -> T | None:
        """The value of a cell, or None where it is blank. What is found is not quoted where it would tell too much."""
        if not self._page.cell(self._row, column):
            return None
        return self._read(column, cell, quote=quote)

    def if_it_says(self, column: str, cell: Cell[T]) -> T | None:
        """The value of a cell that may mean something else instead: then, as where it is blank, None."""
        text = self._page.cell(self._row, column)
        try:
            return cell.read(text) if text else None
        except CellRefused:
            return None

    def home(self) -> tuple[int | None, int | None]:
        """Easting and northing in metres, both or neither; never quoted. 0, 0 is how registers say that they do not know."""
        east, north = self.may("easting", EASTING, quote=False), self.may("northing", NORTHING, quote=False)
        if (east is None) != (north is None):
            self.refuse("easting" if east is None else "northing", found="one coordinate alone", wanted="easting and northing, or neither")
        return (None, None) if (east, north) == (0, 0) else (east, north)

    def refuse(self, column: str, *, found: str, wanted: str, advice: str = "") -> None:
        """Something is wrong with this row."""
        self.clean = False
        self._page.faults.append(
            Fault(file=self._page.table.file, row=self.number, column=column, found=found, wanted=wanted, advice=advice)
        )

    def _read(self, column: str, cell: Cell[T], *, quote: bool) -> T:
        text = self._page.cell(self._row, column)
        try:
            return cell.read(text)
        except CellRefused as refusal:
            said = place_of(cell).found(text) if self._page.about_pupils else f"'{shortened(text)}'"
            self.refuse(column, found=said if quote else "", wanted=refusal.wanted, advice=refusal.advice)
            return cell.stand_in
