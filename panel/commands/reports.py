"""`pastoral report`: the zero-exclusion target, and the annual report's numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from panel.commands.frame import Day, Desk, command, group, in_a_row, talk

if TYPE_CHECKING:
    from rich.console import RenderableType

    from panel.reports.annual import Annual
    from panel.reports.by_school import Crossed
    from panel.reports.partitions import Table
    from panel.reports.target import Tracked

NAME_WIDTH = 30
YEAR = click.IntRange(1990, 2200)


@group()
def report() -> None:
    """What a year comes to: the target for permanent exclusions, and the annual report.

    \b
    Example:
      pastoral report target
    """


@command(report, example="pastoral report target\npastoral report target --academic-year 2025 --json")
@click.option("--academic-year", "year", type=YEAR, default=None, help="The calendar year in which it begins; by default the present one.")
@click.option("--as-of", type=Day(), default=None, help="Up to this day; by default the latest meeting's, else today's, or the year's end.")
def target(desk: Desk, year: int | None, as_of: dt.date | None) -> None:
    """Permanent exclusions against the target and last year, and early signs: referrals by school and term.

    Exclusions that were reversed are not counted. Rates have exact 95% intervals. It tracks; it forbids nothing:
    docs/annual-report.md.
    """
    from panel.errors import Refused
    from panel.order.days_ahead import too_far
    from panel.reports.target import tracked
    from panel.reports.target_page import as_data
    from panel.state.schooldays import academic_year
    from rules.errors import PanelError

    with desk.open() as office:
        last = dt.date.max if year is None else dt.date(year + 1, 8, 31)
        day = as_of or min(office.today(), last)
        if year is not None and academic_year(day) != year:
            raise Refused(f"--academic-year, --as-of: found {year} and {day}; wanted a day from {year}-09-01 to {year + 1}-08-31.")
        latest, loaded = max(office.clock_day(), office.today()), {academic_year(term.first) for term in office.state.terms}
        if wanted := too_far(day, latest, loaded):
            raise Refused(f"--as-of: found {day}; wanted {wanted} or earlier, or a day of a year whose terms are loaded. Check the year.")
        try:
            setting = office.rulebook(day).settings.get("target_permanent_exclusions")
        except PanelError:
            setting = None  # the day is before the first edition
        aim = setting.value if setting else None
        seen = tracked(office.record, day, aim if isinstance(aim, int) else None)
        panel = office.state.name
    desk.answer(as_data(panel, seen), *([] if desk.json else _tracked(panel, seen)))


def _tracked(panel: str, seen: Tracked) -> Iterator[RenderableType]:
    from panel.reports.target_page import FOR_THE_PANEL, by_term, early, excluding, headline

    yield from headline(panel, seen)
    yield ""
    lasts = ("by then", "last year") if seen.last_year is not None else ()
    cells = [row if lasts else (*row[:2], *row[4:]) for row in excluding(seen)]
    yield _grid(seen, ("roll", "PEX", *lasts, "per 100", "95% interval"), cells)
    yield "PEX: permanent exclusions so far that stand; by then: last year by the same day."
    yield "\nEarly signs: pupils referred in the year so far, each once, not after an exclusion"
    yield _grid(seen, ("pupils", "per 1,000", "95% interval"), list(early(seen)))
    if seen.by_term:
        yield "\nThe same in each term, per 1,000 on roll, under the term's first day"
        yield _grid(seen, tuple(f"{span.first.day}/{span.first.month}" for span in seen.spans), list(by_term(seen)))
        yield "Whoever is referred in two terms is in both. --json has the pupils and the interval of every term."
    else:
        yield f"No terms of {seen.year}-{(seen.year + 1) % 100:02d} are loaded, so it is not told by term."
    yield "Two schools differ by more than chance only where the intervals lie well apart."
    yield from (f"\n{sentence}" if n == 0 else sentence for n, sentence in enumerate(seen.untold))
    yield f"\n{FOR_THE_PANEL}"


def _grid(seen: Tracked, columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> RenderableType:
    from rich.table import Table

    grid = Table(box=None, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    grid.add_column("school", no_wrap=True)
    for column in columns:
        grid.add_column(column, justify="right", no_wrap=True)
    for line, row in zip((*seen.schools, seen.panel), rows, strict=True):
        grid.add_row(in_a_row(line.name, line.urn, NAME_WIDTH) if line.urn else line.name, *row)
    return grid


@command(report, example="pastoral report annual\npastoral report annual --academic-year 2025 -o annual.xlsx")
@click.option(
    "--academic-year", "year", type=YEAR, default=None, help="The calendar year in which it begins; by default the last year over."
)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), default=None, metavar="FILE", help="Write it as .csv or .xlsx too."
)
def annual(desk: Desk, year: int | None, output: Path | None) -> None:
    """Children admitted to each school under fair access, and by other ways, by category and year group; how soon on roll; who was not.

    Of one academic year, once the first meeting of a later one was opened; from then on its figures never change. A child is
    of the year of the first day there. Counts under 5 are hidden, so that no table and no report, `audit equity` neither,
    tells of another what it hides: docs/annual-report.md.
    """
    from panel.commands.equity import book_then, measured_by, year_over
    from panel.files import put_new
    from panel.reports.annual import annual as made
    from panel.reports.annual_page import as_csv, as_data, as_workbook

    if output is not None and output.suffix.lower() not in (".csv", ".xlsx"):
        raise click.UsageError(f"-o: found {output.name}; wanted a name that ends in .csv or .xlsx.")
    with desk.open() as office:
        one, closing = year_over(office, dt.date(year, 9, 1) if year else None, None, None)
        last = dt.date(one + 1, 8, 31)
        book = book_then(office, closing, last)
        found = made(office.record, one, closing, per=measured_by(office, closing, last), rulebook=book)
        panel = office.state.name
    if output is not None:
        put_new(output, as_workbook(found) if output.suffix.lower() == ".xlsx" else as_csv(found).encode())
        talk(f"Written: {output}.")
    desk.answer(as_data(panel, found), *([] if desk.json else _annual(panel, found)))


def _annual(panel: str, found: Annual) -> Iterator[RenderableType]:
    from panel.reports.annual_page import title_of
    from panel.reports.suppression import MARK

    yield f"{panel}: children in the academic year {found.year}-{(found.year + 1) % 100:02d}."
    for one, said in ((found.fair_access, "under the fair access protocol"), (found.other_ways, "by other ways")):
        if one is not None:
            yield f"Admitted {said}: {one}."
    if found.admitted is not None:
        yield f"Admitted by every way: {found.admitted}."
    for table in found.tables:
        yield f"\n{title_of(table)}"
        yield _of_one_key(found, table)
    for crossed in found.crossed:
        yield f"\n{title_of(crossed)}"
        yield _of_two_keys(found, crossed)
    if found.bands:
        yield "\nTold roughly"
        yield from (f"{what}: {words}" for what, words in found.bands)
    if any(cell.count is None for table in found.tables for cell in table.shown.cells) or any(
        count is None for crossed in found.crossed for _, counts in crossed.rows for count in counts
    ):
        yield f"\n{MARK} under 5, or hidden so that nobody can work out those that are."
    yield from (f"\n{sentence}" if n == 0 else sentence for n, sentence in enumerate(found.untold))


def _of_one_key(found: Annual, table: Table) -> RenderableType:
    from rich.table import Table as Grid

    from panel.reports.annual_page import rows_of
    from panel.reports.suppression import MARK

    grid = Grid(box=None, pad_edge=False, show_edge=False)
    grid.add_column("", no_wrap=True, max_width=64)
    grid.add_column("children", justify="right", no_wrap=True)
    for row, name, count in rows_of(found, table):
        if count != 0 or table.part in ("receiving", "on_roll"):
            said = in_a_row(name, row, 64) if table.part == "receiving" and name else f"{row}: {name}" if name else row
            grid.add_row(said, MARK if count is None else str(count))
    return grid


def _of_two_keys(found: Annual, table: Crossed) -> RenderableType:
    """Schools down, the other key across; a row of nobody is left out, as a column of nobody never was there."""
    from rich.table import Table as Grid

    from panel.reports.suppression import MARK

    grid = Grid(box=None, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    grid.add_column("", max_width=36)
    for column in table.columns:
        grid.add_column(column.removeprefix("category "), justify="right", max_width=12)
    for row, counts in table.rows:
        if any(count != 0 for count in counts):
            said = in_a_row(found.names[row], row, 36) if row in found.names else row
            grid.add_row(said, *(MARK if count is None else str(count) for count in counts))
    return grid
