"""`pastoral correct`: what an entry should have said."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import click

from panel.commands.cases import COLUMNS
from panel.commands.frame import Day, Desk, command
from panel.quoting import Place

if TYPE_CHECKING:
    from panel.steps.correcting import Change


@command(
    example='pastoral correct R-031 --set ehcp=no --reason "the plan was another child\'s"\n'
    'pastoral correct R-031 --set "preferences=900004;900002" \\\n'
    '    --set year_group=9 --reason "the form says so"\n'
    'pastoral correct --entry 57 --void --reason "never admitted"\n'
    "pastoral correct --entry 12 --set year_group=9 --set on_roll=179 \\\n"
    '    --reason "counted again"'
)
@click.argument("referral", required=False)
@click.option("--entry", "seq", type=click.IntRange(min=1), metavar="SEQ", default=None, help="Any other entry, by its number.")
@click.option(
    "--set",
    "said",
    multiple=True,
    metavar="COLUMN=VALUE",
    help="A column of the file it came from, as it should be; nothing after = is a blank.",
)
@click.option("--void", is_flag=True, help="With --entry: it should never have been; of a correction: take it back.")
@click.option("--reason", default=None, metavar="TEXT", help="Why; must be given, and is sealed.")
@click.option("--on", "on", type=Day(), default=None, help="The day it was corrected; by default that of the latest meeting, else today.")
def correct(
    desk: Desk, referral: str | None, seq: int | None, said: tuple[str, ...], *, void: bool, reason: str | None, on: dt.date | None
) -> None:
    """Correct an entry that says something wrong, or lacks something, by another entry that points at it.

    What was believed stays readable (`position --known-at`), and a meeting goes by what was known when it opened. A decision
    made on facts that are corrected now is flagged in `explain`, `position` and `audit replay`; it is not rewritten.
    The year group of a referral is that of the day of the correction: see docs/new-academic-year.md.
    """
    from panel.steps import correcting

    if (referral is None) == (seq is None):
        raise click.UsageError("Name one referral, or --entry SEQ.")
    if void == bool(said) or (void and seq is None):
        raise click.UsageError("Say --set COLUMN=VALUE, once for each column, or with --entry also --void.")
    if reason is None:
        raise click.UsageError("--reason: found nothing; wanted the reason in words. It is sealed, and goes with the record.")
    cells = _cells(said)
    with desk.open() as office:
        if seq is None:
            changes = correcting.correct_referral(office, referral=str(referral), cells=cells, reason=reason, on=on)
        else:
            changes = correcting.correct_entry(office, seq=seq, cells=None if void else cells, reason=reason, on=on)
        meeting = office.state.open_meeting
    lines = [_line(change) for change in changes]
    if meeting is not None:
        lines.append(f"Meeting {meeting.number} of {meeting.on} is open and goes by what it froze.")
    desk.answer({"corrections": [change.as_data() for change in changes]}, *lines)


def _cells(said: tuple[str, ...]) -> dict[str, str]:
    cells: dict[str, str] = {}
    for one in said:
        column, equals, cell = one.partition("=")
        name = column.strip().casefold()
        if not equals or not name:
            # What was given is not repeated: a cell may be about a child.
            raise click.UsageError("--set: found no COLUMN=VALUE; wanted one, as ehcp=no.")
        if name in cells:
            raise click.UsageError(f"--set: found{Place(words=COLUMNS).named(name) or ' one'} twice; wanted each column once.")
        cells[name] = cell
    return cells


def _line(change: Change) -> str:
    if change.taken_back:
        return f"Entry {change.entry} takes correction {change.corrects} back."
    if change.void:
        return f"Entry {change.entry} corrects entry {change.corrects} ({change.kind}): it should never have been."
    what = ", ".join(name.replace("_", " ") for name in change.fields)
    return f"Entry {change.entry} corrects entry {change.corrects} ({change.kind}){f': {what}' if what else ''}."
