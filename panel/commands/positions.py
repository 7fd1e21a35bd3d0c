"""`pastoral position`: the living record to start a meeting from."""

from __future__ import annotations

import datetime as dt

import click

from panel.commands.frame import Day, Desk, command


@command(example="pastoral position --as-of 2026-10-22")
@click.option("--as-of", type=Day(), default=None, help="The day; by default that of the latest meeting, else today.")
@click.option("--known-at", metavar="MOMENT", default=None, help="Only what was written by then, e.g. 2026-10-22T16:00:00Z.")
def position(desk: Desk, as_of: dt.date | None, known_at: str | None) -> None:
    """The living record: each school's roll, load, share, quota and turn."""
    from panel import answers
    from panel.office import moment
    from panel.position import position as standing

    with desk.open() as office:
        day = as_of or office.today()
        rulebook = office.rulebook(day)
        record = office.known_at(moment(known_at)) if known_at else office.record
        where = standing(record, rulebook, office.evaluation(rulebook), day)
        name = office.state.name
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_edge=False)
    table.add_column("school")
    for column in ("roll", "load", "load/share", *rulebook_columns(where.schools[0].counts if where.schools else {}), "quota left", "turn"):
        table.add_column(column, justify="right")
    for school in where.schools:
        ratio = "" if school.ratio is None else f"{school.load}/{school.share}"
        quota = "" if school.quota_left is None else str(school.quota_left)
        counts = (str(number) for number in school.counts.values())
        table.add_row(f"{school.name} ({school.urn})", _or_unknown(school.roll, school.setting), _or(school.load), ratio, *counts, quota, str(school.turn))
    year = f"{where.academic_year}-{(where.academic_year + 1) % 100:02d}"
    desk.answer(
        answers.standing(name, where),
        f"{name}: where each school stands on {where.as_of}, academic year {year}.",
        table,
        f"Permanent exclusions this academic year: {where.permanent_exclusions}; target {where.target}.",
    )


def rulebook_columns(counts: dict[str, int]) -> list[str]:
    """The counts' ids as headings that wrap."""
    return [count.replace("_", " ") for count in counts]


def _or(value: int | None) -> str:
    return "" if value is None else str(value)


def _or_unknown(roll: int | None, setting: str) -> str:
    if roll is not None:
        return str(roll)
    return "unknown" if setting == "mainstream" else ""
