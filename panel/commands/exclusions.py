"""`pastoral exclusion`: a permanent exclusion recorded by hand, and one that no longer stands."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import click

from panel.commands.frame import Day, Desk, command, group

HOW: Final = ("rescinded", "quashed", "reinstated")


@group()
def exclusion() -> None:
    """Permanent exclusions, by hand: one that was made, and one that no longer stands.

    \b
    Example:
      pastoral exclusion record --pupil P-031 --school 900003 \\
          --on 2026-10-05 --year-group 9
    """


@command(exclusion, name="record", example="pastoral exclusion record --pupil P-031 --school 900003 \\\n    --on 2026-10-05 --year-group 9")
@click.option("--pupil", required=True, metavar="REFERENCE", help="The pupil's reference: never a name.")
@click.option("--school", required=True, metavar="URN", help="The school that excluded.")
@click.option("--on", "on", type=Day(), required=True, help="The day of the exclusion.")
@click.option("--year-group", required=True, metavar="N", help="The pupil's year group then.")
def record(desk: Desk, pupil: str, school: str, on: dt.date, year_group: str) -> None:
    """Record one permanent exclusion, as a row of an exclusions file would."""
    from panel.steps import excluding

    with desk.open() as office:
        excluding.exclude(office, {"pupil": pupil, "school": school, "on": on.isoformat(), "year_group": year_group})
    data = {"pupil": pupil, "school": school, "on": on.isoformat()}
    desk.answer(data, f"{pupil}: permanently excluded by {school}, {on}.")


@command(
    exclusion,
    name="reverse",
    example="pastoral exclusion reverse --pupil P-031 --school 900003 \\\n"
    '    --excluded-on 2026-10-05 --how quashed --on 2026-11-20 --reason "unfair"',
)
@click.option("--pupil", required=True, metavar="REFERENCE", help="The pupil's reference: never a name.")
@click.option("--school", required=True, metavar="URN", help="The school that excluded.")
@click.option("--excluded-on", type=Day(), required=True, help="The day of the exclusion.")
@click.option("--how", type=click.Choice(HOW), required=True, help="Rescinded by the head, quashed on review, or the pupil reinstated.")
@click.option("--on", "on", type=Day(), required=True, help="The day from which it no longer stands.")
@click.option("--reason", required=True, metavar="TEXT", help="Why; sealed.")
def reverse(desk: Desk, pupil: str, school: str, excluded_on: dt.date, how: Any, on: dt.date, reason: str) -> None:
    """Record that a permanent exclusion no longer stands: nobody counts it any more, nor what followed as after an exclusion."""
    from panel.steps import excluding

    with desk.open() as office:
        done = excluding.reverse(office, pupil=pupil, school=school, excluded_on=excluded_on, how=how, on=on, reason=reason)
    data: dict[str, Any] = {"pupil": pupil, "school": school, "excluded_on": excluded_on.isoformat(), "how": how, "on": on.isoformat()}
    data |= {"waiting": list(done.waiting), "on_the_open_agenda": list(done.frozen), "placed": list(done.placed)}
    lines = [f"{pupil}: the permanent exclusion by {school} of {excluded_on} no longer stands ({how}, {on})."]
    lines += [
        f"  {name} waits because of it. It stays on the next agenda; to take it back: pastoral withdraw {name} --on DATE --reason TEXT"
        for name in done.waiting
    ]
    lines += [f"  {name} is before an open meeting, which goes by what it froze: defer it, and it is heard anew." for name in done.frozen]
    lines += [
        f"  {name} was placed because of it. The placement stands, and no longer counts as after an exclusion." for name in done.placed
    ]
    desk.answer(data, *lines)
