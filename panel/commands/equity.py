"""`pastoral audit equity`: what a year shows of fairness, and what is more than chance."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from panel.commands.frame import Day, Desk, command, in_a_row, several, talk

if TYPE_CHECKING:
    from rich.console import RenderableType

    from panel.reports.equity import Line, Report, Table
    from panel.steps.office import Office
    from rules.book import Rulebook

NAME_WIDTH = 28
GROUP_WIDTH = 22


@command(example="pastoral audit equity\npastoral audit equity --with-identities --population census.csv")
@click.option("--from", "first", type=Day(), default=None, help="The year's first day, 1 September; by default of the last year over.")
@click.option("--until", "last", type=Day(), default=None, help="The year's last day, 31 August.")
@click.option("--as-of", type=Day(), default=None, help="Only years that were over by this day.")
@click.option("--with-identities", "identities", is_flag=True, help="Also by sex, ethnicity, free school meals and SEN.")
@click.option(
    "--population",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=None,
    metavar="FILE",
    help="How many of the panel's pupils are in each group.",
)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), default=None, metavar="FILE", help="Write it as CSV too.")
def equity(
    desk: Desk,
    first: dt.date | None,
    last: dt.date | None,
    as_of: dt.date | None,
    identities: bool,
    population: Path | None,
    output: Path | None,
) -> int:
    """Receiving, sending and excluding against each school's share; groups, waiting, overrides and the draw.

    Of one academic year, once the first meeting of a later one was opened; from then on its figures never change. Counts under
    5 are hidden. Exit code 1: something is more than chance, judged over all questions together. docs/equity.md says what
    each number means, and what it does not.
    """
    from panel.files import new_file
    from panel.intake import read_table
    from panel.intake.population import read
    from panel.reports.equity import report
    from panel.reports.equity_page import as_csv, as_data
    from panel.reports.monitored import look

    known = read(read_table(population)) if population else {}
    with desk.open() as office:
        year, closing = year_over(office, first, last, as_of)
        if identities:
            office.ledger.must_open("identity")
        seen = look(office.record, year, closing, per=measured_by(office, closing, dt.date(year + 1, 8, 31)), identities=identities)
        panel = office.state.name
    found = report(seen, known, identities=identities)
    names = {urn: school.name for urn, school in seen.schools.items()}
    if output is not None:
        with new_file(output) as write:
            write(as_csv(found, names))
        talk(f"Written: {output}.")
    desk.answer(as_data(panel, found, names), *([] if desk.json else _told(panel, found, names)))
    return 1 if found.found else 0


def year_over(office: Office, first: dt.date | None, last: dt.date | None, as_of: dt.date | None) -> tuple[int, int]:
    """The academic year asked for, and the entry that closed it. Raises `Refused` for any other span, and for a year not over."""
    from panel.errors import Refused
    from panel.reports.equity_page import in_words
    from panel.reports.monitored import closings
    from panel.state.schooldays import academic_year

    over = closings(office.record, as_of)
    one = academic_year(first or last or dt.date.min) if first or last else max(over, default=None)
    wanted = (dt.date(one, 9, 1), dt.date(one + 1, 8, 31)) if one is not None else (None, None)
    if one is not None and (first or wanted[0], last or wanted[1]) != wanted:
        raise Refused(
            f"--from, --until: found {first or wanted[0]} to {last or wanted[1]}; wanted one academic year, as {wanted[0]} to {wanted[1]}. "
            "From two spans that overlap, a count under 5 could be worked out, so there is one report for each year."
        )
    if one is None or one not in over:
        which = "No academic year" if one is None else in_words(one)
        raise Refused(
            f"{which} is {'' if one is None else 'not '}over in this record{f' by {as_of}' if as_of else ''}. A year is reported from when "
            f"the first meeting of a later one is opened, so that its figures are the same whenever they are asked for. "
            f"Years that are over: {', '.join(in_words(each) for each in sorted(over)) or 'none'}."
        )
    return one, over[one]


def measured_by(office: Office, closing: int, last: dt.date) -> str:
    """What the rulebook in force at the end of the year measures receiving by; the roll where it says nothing."""
    rulebook = book_then(office, closing, last)
    objectives = rulebook.objectives if rulebook else ()
    return next((objective.per for objective in objectives if objective.name == "share" and objective.part == "school"), "roll")


def book_then(office: Office, closing: int, last: dt.date) -> Rulebook | None:
    """The rulebook in force on the year's last day, by the editions before the entry that closed it; None before the first edition."""
    from panel.state.adoption import shelf_of
    from panel.state.fold import fold
    from rules.errors import PanelError

    state = fold(item for item in office.record if item.seq < closing)
    try:
        return shelf_of(state.editions).in_force(state.rulebook, last)
    except PanelError:
        return None


def _told(panel: str, found: Report, names: Mapping[str, str]) -> Iterator[RenderableType]:
    from panel.reports.equity_page import in_words, sentence
    from panel.reports.suppression import MARK

    yield f"{panel}: equity in the academic year {in_words(found.year)}."
    if found.pupils is not None:
        yield f"{several(found.pupils, 'pupil')} referred."
    if found.excluded is not None:
        yield f"{several(found.excluded, 'pupil')} permanently excluded."
    for table in found.tables:
        yield from _table(table, names)
    yield from _overrides(found, names)
    if found.tables:
        yield f"\n{MARK} under 5, or hidden so that nobody can work out those that are."
        yield "times: the count over the expected one; of a group, its rate over everybody else's."
        yield "funnel: outside the 95% or the 99.8% limits. Of 20 rows one is outside 95% by chance; ! is not."
    yield from (f"\n{sentence}" if n == 0 else sentence for n, sentence in enumerate(found.untold))
    yield f"\nMore than chance, judged over all {several(len(found.tests), 'question')} together at 5%: {len(found.found) or 'nothing'}."
    yield from (f"- {sentence(found, test, names)}" for test in found.found)
    if found.found:
        yield "That a difference is more than chance does not say why it is there: docs/equity.md."


def _table(table: Table, names: Mapping[str, str]) -> Iterator[RenderableType]:
    from rich.table import Table as Grid

    from panel.reports.equity_page import interval, named, rows_of_schools
    from panel.reports.suppression import MARK

    titles = {
        "receiving": "Receiving: where the pupils went, against each school's share",
        "sending": "Sending: which school referred the pupils, against its roll",
        "excluding": "Excluding: which school excluded, against its roll",
    }
    by = table.name.replace("_", " ")
    yield "\n" + titles.get(table.part, f"By {by}: pupils referred, against the population")
    grid = Grid(box=None, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    grid.add_column("school" if table.part != "group" else "group", no_wrap=True)
    for column in ("weight", "count", "expected", "times", "95% interval", "funnel", *(("days",) if table.part == "group" else ())):
        grid.add_column(column, justify="right", no_wrap=True)
    lines = rows_of_schools(table) if table.part != "group" else sorted(table.lines, key=lambda line: line.cell.label)
    for line in lines:
        label = named(table, line)
        grid.add_row(
            in_a_row(names[label], label, NAME_WIDTH) if label in names else label[:GROUP_WIDTH],
            _or(line.cell.weight),
            MARK if line.cell.count is None else str(line.cell.count),
            "" if line.expected is None else f"{line.expected:.1f}",
            "" if line.ratio is None or line.ratio == float("inf") else f"{line.ratio:.2f}",
            interval(line),
            _zone(line),
            *((_or(line.days),) if table.part == "group" else ()),
        )
    yield grid
    if table.shown.hidden:
        yield f"hidden together: {table.shown.hidden}"


def _zone(line: Line) -> str:
    if line.out is None or line.out.zone == "within":
        return ""
    return f"{line.out.zone.removeprefix('outside ')}{' !' if line.found else ''}"


def _or(value: int | None) -> str:
    return "" if value is None else str(value)


def _overrides(found: Report, names: Mapping[str, str]) -> Iterator[str]:
    chairs = [band for band in found.bands if band.part == "overrides"]
    if chairs:
        yield "\nOverrides, where the panel decided otherwise than proposed"
        yield from (f"under {band.label}: {band.counts['overrides']}" for band in chairs)
    for band in found.bands:
        if band.part == "direction":
            where = f"{names[band.label]} ({band.label})"
            yield f"{where}: overrides sent {band.counts['asked']} there, and {band.counts['spared']} elsewhere"
