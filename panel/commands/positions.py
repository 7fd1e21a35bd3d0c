"""`pastoral position`: the living record to start a meeting from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import click

from panel.commands.frame import Day, Desk, Moment, command, in_a_row

if TYPE_CHECKING:
    from rich.console import RenderableType

    from panel.deciding.position import Measured, Standing
    from rules.book import Count, Objective, Rulebook

OWN: Final = ("roll", "load", "rate", "left", "turn")
"""Columns that are no count's of the book."""
ITS_COUNT: Final = " (count)"


@command(example="pastoral position --as-of 2026-10-22")
@click.option("--as-of", type=Day(), default=None, help="The day; by default that of the latest meeting, else today.")
@click.option("--known-at", type=Moment(), default=None, help="Only what was written by then, e.g. 2026-10-22T16:00:00Z.")
def position(desk: Desk, as_of: dt.date | None, known_at: str | None) -> None:
    """The living record: each school's roll, load, share, quota and turn."""
    from panel.answering import answers, flagged
    from panel.deciding.position import position as standing
    from panel.facts.counts import since_when

    with desk.open() as office:
        then = office.known_at(known_at) if known_at else office
        day = as_of or then.today()
        rulebook = then.rulebook(day)
        where = standing(then.record, rulebook, then.evaluation(rulebook), day)
        name = then.state.name
        since = since_when(then.state, rulebook, day)
        mistakes = flagged.flagged(then, as_of=day)
    from rich.table import Table

    share = next((objective for objective in rulebook.objectives if objective.name == "share"), None)
    rotas = _rotas(rulebook)
    columns = {
        "roll": [_roll(school.roll, school.setting) for school in where.schools],
        "load": [_or(school.load) for school in where.schools],
        "rate": [_rate(school.ratio) if share and share.per != "equal" else "" for school in where.schools],
        **{column: [str(school.counts[count.id]) for school in where.schools] for column, count in _others(rulebook).items()},
        "left": [_or(school.quota_left) for school in where.schools],
        "turn": [str(school.turn) for school in where.schools],
        **{column: [_or(dict(school.rotas).get(of)) for school in where.schools] for column, of in rotas.items()},
        "PEX": [str(school.permanent_exclusions or "") for school in where.schools],
    }
    shown = {column: cells for column, cells in columns.items() if any(cells)}
    table = Table(box=None, pad_edge=False, show_edge=False)
    table.add_column("school", no_wrap=True)
    for column, cells in shown.items():
        table.add_column(column, justify="right", min_width=max(map(len, cells)))
    for row, school in enumerate(where.schools):
        table.add_row(in_a_row(school.name, school.urn), *(cells[row] for cells in shown.values()))
    year = f"{where.academic_year}-{(where.academic_year + 1) % 100:02d}"
    desk.answer(
        answers.standing(name, where) | answers.corrected_since(mistakes),
        f"{name}: where each school stands on {where.as_of}, academic year {year}.",
        table,
        *_legend(shown, rulebook, share),
        *([since] if since else []),
        *_part_of_a_year(where.schools),
        f"PEX, permanent exclusions made this academic year: {where.permanent_exclusions} in all"
        f"{f'; target {where.target}' if 'target_permanent_exclusions' in rulebook.settings else ''}.",
        *_by_year_group(where.schools),
        *(flagged.one_line(one, {school.urn: school.name for school in where.schools}) for one in mistakes),
    )


def _legend(shown: Collection[str], rulebook: Rulebook, share: Objective | None) -> Iterator[str]:
    """What the columns that are there mean; of the book's other counts those whose name does not say it."""
    loads = next((count for count in rulebook.counts if share is not None and count.id == share.count), None)
    words = {
        "load": f"load: {_counted(loads)}.",
        "rate": "rate: load per 1,000 of what it is measured by.",
        "left": "left: what the quota leaves.",
    }
    first = " ".join(said for column, said in words.items() if column in shown)
    yield from [first] if first else []
    for column, count in _others(rulebook).items():
        if column in shown and (count.minus or count.plus or count.weigh == "points" or column.endswith(ITS_COUNT)):
            yield f"{column}: {_counted(count)}."
    yield "turn: whose last turn is longest ago comes first; 0 never had one."
    whose = ", ".join(column if of == "everybody" else f"{column} ({of.replace('_', ' ')})" for column, of in _rotas(rulebook).items())
    yield from [f"{whose}: the number of the school's next turn, from 1."] if whose else []


def _counted(count: Count | None) -> str:
    """What a count of the book counts; pupils sent elsewhere are taken off or added where it says so."""
    if count is None:
        return "pupils taken that count"
    whose = "points of the pupils" if count.weigh == "points" else "pupils"
    credit = ", less those placed elsewhere for the school" if count.minus else ""
    return f"{whose} taken that count{credit}{', with those placed elsewhere for the school' if count.plus else ''}"


def _others(rulebook: Rulebook) -> dict[str, Count]:
    """A column for each count per school that no objective goes by; one named as a column of the table's own says that it is a count."""
    measured = {objective.count for objective in rulebook.objectives}
    columns = {*OWN, *_rotas(rulebook)}
    others = [count for count in rulebook.counts if count.per == "school" and count.id not in measured]
    named = {count.id: count.id.replace("_", " ") for count in others}
    return {f"{named[one.id]}{ITS_COUNT}" if named[one.id] in columns else named[one.id]: one for one in others}


def _part_of_a_year(schools: tuple[Standing, ...]) -> Iterator[str]:
    """The schools whose share and quota are those of a part of the year."""
    for school in schools:
        if school.member_days:
            days, of = school.member_days
            yield f"{school.name} is a member for {days} of the {of} days of the year: its share and its quota are by these."


def _by_year_group(schools: tuple[Standing, ...]) -> Iterator[RenderableType]:
    """A table for each quota and each share that counts year groups."""
    from rich.table import Table

    measured = [(school, one) for school in schools for one in school.measured if one.year_group is not None]
    years = sorted({one.year_group for _, one in measured if one.year_group is not None})
    for name, count, of in dict.fromkeys((one.name, one.count, one.of) for _, one in measured):
        whose = "" if of == "everybody" else f", {of.replace('_', ' ')}"
        rows = {
            school.urn: {m.year_group: m for m in school.measured if (m.name, m.count, m.of) == (name, count, of)} for school in schools
        }
        equal = all(one.against in (1, None) for cells in rows.values() for one in cells.values())
        what = "what the quota leaves" if name == "quota" else "load" if equal else "load per 1,000 of what it is measured by"
        yield f"\n{count.replace('_', ' ')} in each year group{whose}: {what}."
        table = Table(box=None, pad_edge=False, show_edge=False)
        table.add_column("year group", no_wrap=True)
        for year_group in years:
            table.add_column(str(year_group), justify="right", no_wrap=True)
        for school in schools:
            here = rows[school.urn]
            if here:
                table.add_row(in_a_row(school.name, school.urn), *(_cell(here[year], equal) if year in here else "" for year in years))
        yield table


def _rotas(rulebook: Rulebook) -> dict[str, str]:
    """A column for each rota of the book -> whose it is."""
    whose = [str(objective.of) for objective in rulebook.objectives if objective.name == "rota"]
    return {f"rota {n}" if len(whose) > 1 else "rota": of for n, of in enumerate(whose, start=1)}


def _cell(one: Measured, equal: bool) -> str:
    """What is left of a quota; of a share the load, where it is equal for all, else the rate."""
    if one.name == "quota":
        return _or(one.left)
    return _or(one.taken) if equal else _rate(one.ratio)


def _rate(ratio: Fraction | None) -> str:
    """Load per 1,000 of the share, to two places, halves up."""
    if ratio is None:
        return ""
    hundredths = (ratio * 100_000 + Fraction(1, 2)).__floor__()
    sign = "-" if hundredths < 0 else ""
    return f"{sign}{abs(hundredths) // 100}.{abs(hundredths) % 100:02d}"


def _or(value: int | None) -> str:
    return "" if value is None else str(value)


def _roll(roll: int | None, setting: str) -> str:
    if roll is not None:
        return str(roll)
    return "unknown" if setting == "mainstream" else ""
