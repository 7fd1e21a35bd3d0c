"""`pastoral school`: what changes about the schools of a panel."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import click

from panel.commands.frame import Day, Desk, command, group

if TYPE_CHECKING:
    from panel.steps.office import Office

ON = click.option("--on", "on", type=Day(), required=True, help="The day from which it is so.")


@group()
def school() -> None:
    """Schools change: they merge, close, take another name or number, join and leave.

    History goes on, and still replays.

    \b
    Example:
      pastoral school merge 900003 900004 --into 900012 --on 2027-09-01
    """


@command(school, example="pastoral school merge 900003 900004 --into 900012 --on 2027-09-01")
@click.argument("schools", nargs=-1, required=True, metavar="URN...")
@click.option(
    "--into", required=True, metavar="URN", help="The one that they become. It goes on if it is among them, else it begins that day."
)
@ON
def merge(desk: Desk, schools: tuple[str, ...], into: str, on: dt.date) -> None:
    """Schools become one: what they took, sent and excluded, their turns and whoever must be kept from them are then the new one's.

    Its share is by its own roll. Load the row of the register for a school that begins first; of one that goes on, load roll and
    places as they are afterwards.
    """
    from panel.steps import changing

    with desk.open() as office:
        event = changing.merge(office, schools=schools, into=into, on=on)
        names = {urn: one.name for urn, one in office.state.schools.items()}
        lacking = changing.still_unknown(office.state, into, on)
    who = " and ".join(f"{names[urn]} ({urn})" for urn in event.merged if urn != into)
    does = "merges" if len(event.merged) - (into in event.merged) == 1 else "merge"
    data = {"school": into, "merged": list(event.merged), "on": on.isoformat(), "to_load": list(lacking)}
    desk.answer(data, f"{who} {does} into {names[into]} ({into}), {on}.", *_to_load(lacking))


@command(school, example="pastoral school convert 900003 --to 900013 --on 2027-01-01")
@click.argument("urn")
@click.option("--to", required=True, metavar="URN", help="Its new URN, of which the row of the register is loaded.")
@ON
def convert(desk: Desk, urn: str, to: str, on: dt.date) -> None:
    """A school goes on under another URN, as when it becomes an academy: everything that was said of it is then said of the new one."""
    from panel.steps import changing

    with desk.open() as office:
        changing.convert(office, urn=urn, to=to, on=on)
        name = office.state.schools[to].name
        lacking = changing.still_unknown(office.state, to, on)
    data = {"school": to, "before": urn, "on": on.isoformat(), "to_load": list(lacking)}
    desk.answer(data, f"{urn} goes on as {name} ({to}), {on}.", *_to_load(lacking))


@command(school, example='pastoral school rename 900003 --name "Fell Academy" --on 2027-01-01')
@click.argument("urn")
@click.option("--name", required=True, metavar="TEXT", help="Its new name.")
@ON
def rename(desk: Desk, urn: str, name: str, on: dt.date) -> None:
    """A school takes another name."""
    from panel.steps import changing

    with desk.open() as office:
        event = changing.rename(office, urn=urn, name=name, on=on)
    desk.answer({"school": urn, "name": event.name, "on": on.isoformat()}, f"{urn} is called {event.name}, {on}.")


@command(school, example="pastoral school close 900003 --on 2027-08-31")
@click.argument("urn")
@ON
def close(desk: Desk, urn: str, on: dt.date) -> None:
    """A school closes: from that day it receives nobody. What it took stays in the record."""
    from panel.steps import changing

    with desk.open() as office:
        changing.close(office, urn=urn, on=on)
        told = _named(office, urn)
    desk.answer({"school": urn, "on": on.isoformat()}, f"{told} closes, {on}: from that day it receives nobody.")


@command(school, example="pastoral school join 900014 --on 2027-01-04")
@click.argument("urn")
@ON
def join(desk: Desk, urn: str, on: dt.date) -> None:
    """A school joins the panel: it receives from that day, and takes the share of the rest of the academic year.

    Load its row of the register first.
    """
    from panel.steps import changing

    with desk.open() as office:
        changing.join(office, urn=urn, on=on)
        told = _named(office, urn)
        days = _days(office, urn, on)
        lacking = changing.still_unknown(office.state, urn, on)
    desk.answer(
        {"school": urn, "on": on.isoformat(), **days, "to_load": list(lacking)}, f"{told} joins, {on}.{_part(days)}", *_to_load(lacking)
    )


@command(school, example="pastoral school leave 900014 --on 2027-04-01")
@click.argument("urn")
@ON
def leave(desk: Desk, urn: str, on: dt.date) -> None:
    """A school leaves the panel: from that day it receives nobody, and until then its share is that of the part of the year."""
    from panel.steps import changing

    with desk.open() as office:
        changing.leave(office, urn=urn, on=on)
        told = _named(office, urn)
        days = _days(office, urn, on - dt.timedelta(days=1))
    desk.answer({"school": urn, "on": on.isoformat(), **days}, f"{told} leaves, {on}.{_part(days)}")


def _named(office: Office, urn: str) -> str:
    return f"{office.state.schools[urn].name} ({urn})"


def _days(office: Office, urn: str, on: dt.date) -> dict[str, Any]:
    """The days on which a school takes its share, and those of the academic year."""
    from panel.facts.part_year import days_of

    days, of = days_of(office.state, urn, on)
    return {"member_days": {"days": days, "of": of}}


def _part(days: dict[str, Any]) -> str:
    told = days["member_days"]
    return f" Its share is for {told['days']} of the {told['of']} days of the academic year."


def _to_load(lacking: tuple[str, ...]) -> list[str]:
    return [f"Load {' and '.join(lacking)} as they are from that day: until then they are unknown."] if lacking else []
