"""`pastoral due`: what is late, what comes next, for whom, and what there is to do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from panel.commands.frame import Day, Desk, command, in_a_row, several, talk
from panel.commands.keys import NEW_FILE

if TYPE_CHECKING:
    from rich.console import RenderableType

    from panel.clocks.deadlines import Timed
    from panel.clocks.due import Due
    from panel.state.records import State

WITHIN: Final = 28
SCHOOL: Final = 24
"""Letters of a school in the table."""


@command(example="pastoral due\npastoral due --as-of 2026-11-20 --within 14\npastoral due --within 365 --ics due.ics")
@click.option("--as-of", type=Day(), default=None, help="The day; by default today, or the latest meeting's day if that is later.")
@click.option("--within", type=click.IntRange(1, 400), default=WITHIN, show_default=True, metavar="N", help="How many days ahead to look.")
@click.option("--ics", type=NEW_FILE, default=None, metavar="FILE", help="Write what is late and what comes next as a calendar.")
@click.option("--all", "settled", is_flag=True, help="Also the clocks that were met or stopped, and those that have time.")
@click.option("--strict", is_flag=True, help="Exit with 1 if something is late.")
def due(desk: Desk, as_of: dt.date | None, within: int, ics: Path | None, *, settled: bool, strict: bool) -> int:
    """Clocks: what is late, the longest overdue first, and what comes next.

    Each case is asked by the edition under which it was decided. A clock in school days counts the terms that are loaded,
    without bank holidays; where they do not reach it says that it cannot tell. A last day in calendar days is not moved.
    """
    from panel.answering import docket
    from panel.clocks.calendars import calendar

    with desk.open() as office:
        day = as_of or max(office.clock_day(), office.today())
        state, found = docket.due_of(office, day, within)
        first, last = office.ledger.entries(1)[0], office.record[-1]
    if ics is not None:
        _write(ics, calendar(state.name, first.digest, last.recorded_at, docket.deadlines(state, found)))
    for start, end in found.gaps:
        talk(f"No term is loaded from {start} to {end}. If schools were open then, load it: the days are not counted.")
    desk.answer(docket.answer(state, found, settled=settled), *_page(state, found, settled=settled))
    if ics is not None and not desk.json:
        talk(f"{several(len(found.late) + len(found.next), 'deadline')} in {ics}.")
    return 1 if strict and found.late else 0


def _write(path: Path, raw: bytes) -> None:
    """A calendar is made anew each time, so an older one is written over."""
    from panel.files import put_new, write_over

    if path.exists():
        write_over(path, raw.decode())
    else:
        put_new(path, raw)


def _page(state: State, found: Due, *, settled: bool) -> Iterator[RenderableType]:
    from panel.answering.docket import doubt

    yield f"{state.name}: what is due on {found.as_of}."
    if found.late:
        yield from _table(state, "\nLate, the longest first", "late", found.late, _late)
    else:
        yield "\nNothing is late."
    if found.next:
        yield from _table(state, f"\nNext, within {found.within} days", "left", found.next, _left)
    else:
        yield f"\nNothing else within {found.within} days."
    if found.too_early:
        yield from _table(state, f"\nCame too early, in the last {found.within} days", "came on", found.too_early, _came)
    if found.cannot_tell:
        yield "\nCannot be told:"
        yield from (f"  {one.referral}, {one.asked.id}: {doubt(one)}." for one in found.cannot_tell)
    if found.look_at:
        yield "\nTo be looked at:"
        yield from (f"  {_whom(told.referral, told.school)}: {told.say}." for told in found.look_at)
    if settled and found.settled:
        yield "\nAll other clocks:"
        yield from (f"  {one.referral}, {one.asked.id}: {_settled(one)}." for one in found.settled)
    yield from _explained((*found.late, *found.next, *found.too_early, *found.cannot_tell))


def _table(state: State, heading: str, column: str, some: Sequence[Timed], cell: Callable[[Timed], str]) -> Iterator[RenderableType]:
    from rich.table import Table

    from panel.clocks.due import school_of_clock

    yield f"{heading}:"
    table = Table(box=None, pad_edge=False, show_edge=False)
    for name in ("due", column, "referral", "school", "clock"):
        table.add_column(name, no_wrap=name == "due")
    for one in some:
        urn = school_of_clock(state, one) or ""
        school = in_a_row(state.schools[urn].name, urn, SCHOOL) if urn in state.schools else urn
        table.add_row(_day(one), cell(one), one.referral, school, one.asked.id)
    yield table
    yield from (f"{one.referral}, {one.asked.id}: {one.due} is {one.falls}; it is not moved." for one in some if one.falls)


def _day(one: Timed) -> str:
    if one.due is None and one.due_at_latest is not None:
        return f"by {one.due_at_latest}"
    return str(one.due or one.earliest or "")


def _late(one: Timed) -> str:
    from panel.answering.docket import in_days

    said = in_days(one.late, one.unit)
    return said.replace(" ", "+ ", 1) if one.due is None else said or "yes"


def _left(one: Timed) -> str:
    from panel.answering.docket import in_days

    if one.due is None:
        return "not before"
    return "today" if one.left == 0 else in_days(one.left, one.unit)


def _came(one: Timed) -> str:
    return str(one.met.on) if one.met else ""


def _settled(one: Timed) -> str:
    from panel.answering.docket import in_days

    match one.standing:
        case "met" | "met late" | "too early" if one.met is not None:
            late = f", {in_days(one.late, one.unit)} late" if one.late else ", late" if one.standing == "met late" else ""
            return f"{one.met.event} on {one.met.on}{late or (', too early' if one.standing == 'too early' else '')}"
        case "stopped":
            return f"stopped by {one.stopped}"
        case "running":
            return f"due on {one.due}" if one.due else f"from {one.earliest} on" if one.earliest else "running"
        case "cannot tell":
            return "cannot be told"
        case _:
            return f"waits for {' or '.join(one.asked.from_)}"


def _whom(referral: str | None, school: str | None) -> str:
    return ", ".join(part for part in (referral, school) if part)


def _explained(some: Iterable[Timed]) -> Iterator[str]:
    """Each clock once: its words, its source, and what there is to do."""
    from panel.answering.docket import run_of, source_of, to_do

    shown = {(one.asked.id, one.asked.book, run_of(one.asked), to_do(one, "REFERRAL") if one.open else ""): one for one in some}
    if shown:
        yield "\nThe clocks:"
    for (name, _, run, _), one in sorted(shown.items()):
        yield f"  {name}: {run}."
        yield f"    Source: {source_of(one.asked)}."
        if one.open:
            yield f"    To do: {to_do(one, 'REFERRAL')}."
