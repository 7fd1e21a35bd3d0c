"""`pastoral direct` and `pastoral directions`: a school that does not admit, and what is done about it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

import click

from panel.commands.frame import Day, Desk, command, in_a_row
from panel.order.directions import STEPS, Step

if TYPE_CHECKING:
    from panel.cases.directions import Direction, Refusing

STEPS_SAID: Final = "; ".join(f"{step}: {what}" for step, what in STEPS.items()) + "."


@command(
    example='pastoral direct R-031 --school 900003 --step announced --on 2026-11-20 \\\n    --reason "the year group has places"\n'
    "pastoral direct R-031 --school 900003 --step admitted --on 2026-12-07"
)
@click.argument("referral")
@click.option("--school", required=True, metavar="URN", help="The school that was decided, or that did not agree.")
@click.option("--step", type=click.Choice(list(STEPS)), required=True, help=STEPS_SAID)
@click.option("--on", "on", type=Day(), required=True, help="The day of the step.")
@click.option("--reason", default=None, metavar="TEXT", help="Why, in words; needed for every step but admitted, and sealed.")
def direct(desk: Desk, referral: str, school: str, step: Step, on: dt.date, reason: str | None) -> None:
    """Record a step towards directing a school to admit a pupil whom it does not take.

    The steps come in their order: announced, answered, referred, directed, admitted; some may be left out, and dropped ends
    it. Whom the authority may direct, and by when, is for the law: days are clocks of your rulebook.
    """
    from panel.steps import directing

    with desk.open() as office:
        directing.direct(office, referral=referral, school=school, step=step, on=on, reason=reason)
        state = office.state
    held = state.referrals[referral]
    decided = held.decision is not None and held.decision.school == school
    lines = []
    if step == "admitted" and decided:
        lines = [f"Next, when the pupil starts: pastoral start {referral} --on DATE"]
    elif step == "admitted":
        lines = [f"{referral} still waits: decide it for {school} at the next meeting, or withdraw it."]
    desk.answer(
        {"referral": referral, "school": school, "step": step, "on": on.isoformat(), "decided": decided},
        f"{referral}, {in_a_row(state.schools[school].name, school)}: {STEPS[step]}, {on}.",
        *lines,
    )


@command(example="pastoral directions --as-of 2026-12-18")
@click.option("--as-of", type=Day(), default=None, help="The day; by default everything that is recorded.")
def directions(desk: Desk, as_of: dt.date | None) -> None:
    """Each school that did not agree to admit a pupil, or was to be directed: to which referrals, when, and what came of it."""
    from panel.cases.directions import refusing
    from panel.state.fold import fold

    with desk.open() as office:
        state = office.state if as_of is None else fold(office.record, as_of=as_of)
    found = refusing(state)
    lines = [line for one in found for line in _lines(one, state.schools[one.school].name if one.school in state.schools else "")]
    data = {"panel": state.name, "as_of": as_of.isoformat() if as_of else None, "schools": [_data(one) for one in found]}
    desk.answer(data, *(lines or ["No school refused, and none was to be directed."]))


def _lines(one: Refusing, name: str) -> list[str]:
    told = [f"  did not agree to {referral} on {on}" for referral, on in one.refusals]
    told += [f"  {direction.referral}: {_steps(direction)}" for direction in one.directions]
    return [in_a_row(name, one.school), *told]


def _steps(direction: Direction) -> str:
    return "; ".join(f"{step} {on}" for step, on in direction.steps)


def _data(one: Refusing) -> dict[str, Any]:
    return {
        "school": one.school,
        "refusals": [{"referral": referral, "on": on.isoformat()} for referral, on in one.refusals],
        "directions": [
            {
                "referral": direction.referral,
                "stands": direction.stands,
                "steps": [{"step": step, "on": on.isoformat()} for step, on in direction.steps],
            }
            for direction in one.directions
        ],
        "admitted": one.admitted,
    }
