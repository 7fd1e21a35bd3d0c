"""What becomes of a decision: `pastoral board`, `notice`, `tell`, `education`, `start`, `review`, `extend`, `permanent`, `end`,
`break-down`; and `case`, which tells one case from its beginning.

What may follow is the lifecycle's of the edition of the decision; here is only how it is asked and told.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

import click

from panel.commands.frame import Day, Desk, command

if TYPE_CHECKING:
    from panel.cases.course_told import Case
    from panel.steps.course import Done

KINDS: Final = ("managed_move", "off_site_direction", "permanent_exclusion", "reintegration", "fair_access")
ENDS: Final = ("return", "managed-move", "admission", "left", "not-taken-up")

SAID: Final = {
    "return": "ended with a return to the home school",
    "left": "ended, as the pupil left",
    "not-taken-up": "not taken up, and the case is over",
}
"""What is said of an end that is not decided by itself."""

_on = click.option("--on", "on", type=Day(), required=True, help="The day it happened.")


def _told(desk: Desk, done: Done, sentence: str, **more: Any) -> None:
    """Answer with what was recorded, what is to be known besides, and what may come next."""
    from panel.state.lifecycle import next_steps, phase

    held = done.held
    may = [step for step in next_steps(held, done.course) if not step.why_not]
    data = {
        "referral": held.made.referral,
        "on": done.event.day.isoformat() if done.event.day else None,
        "phase": phase(held, done.course),
        **{key: value.isoformat() if isinstance(value, dt.date) else value for key, value in more.items() if value is not None},
        **({"follows": done.follows.referral} if done.follows else {}),
        "notes": list(done.notes),
        "may_come": [{"step": step.name, "command": step.command} for step in may],
    }
    desk.answer(data, f"{held.made.referral}: {sentence}", *(f"  {note}" for note in done.notes))


@command(
    example="pastoral board R-001 --on 2026-10-28\n"
    'pastoral board R-001 --on 2026-10-28 --against \\\n    --reason "more can be tried at home first"'
)
@click.argument("referral")
@_on
@click.option("--against", "against_it", is_flag=True, help="The board does not follow the panel's advice; needs --reason.")
@click.option("--reason", default=None, metavar="TEXT", help="Why the board does not; sealed.")
def board(desk: Desk, referral: str, on: dt.date, against_it: bool, reason: str | None) -> None:
    """Record what the home school's governing board decides on the panel's advice, where the edition leaves it to the board."""
    from panel.steps import course

    if against_it != (reason is not None):
        raise click.UsageError("--against and --reason go together: a board that follows the advice needs no reason here.")
    with desk.open() as office:
        done = course.board(office, referral=referral, on=on, against_it=against_it, reason=reason or "")
    said = "does not follow the panel's advice; the case returns to the next agenda." if against_it else f"directs it, {on}."
    _told(desk, done, f"the {done.course.decided_by} {said}", directed=not against_it)


@command(example="pastoral notice R-001 --on 2026-10-29")
@click.argument("referral")
@_on
def notice(desk: Desk, referral: str, on: dt.date) -> None:
    """Record that the parents were told in writing of an off-site direction."""
    from panel.steps import course

    with desk.open() as office:
        done = course.notice(office, referral=referral, on=on)
    _told(desk, done, f"notice given in writing, {on}.")


@command(example="pastoral tell R-001 --on 2026-10-23")
@click.argument("referral")
@_on
def tell(desk: Desk, referral: str, on: dt.date) -> None:
    """Record that the family was told what was decided, and why."""
    from panel.steps import course

    with desk.open() as office:
        done = course.tell(office, referral=referral, on=on)
    _told(desk, done, f"the family was told, {on}.")


@command(example="pastoral education R-001 --on 2026-10-13")
@click.argument("referral")
@_on
def education(desk: Desk, referral: str, on: dt.date) -> None:
    """Record that full-time education began again, wherever it is."""
    from panel.steps import course

    with desk.open() as office:
        done = course.educated(office, referral=referral, on=on)
    _told(desk, done, f"in full-time education from {on}.")


@command(example="pastoral start R-001 --on 2026-11-02\npastoral start R-004 --on 2026-11-02 --until 2026-12-18")
@click.argument("referral")
@_on
@click.option("--until", type=Day(), default=None, help="The planned last day of what is temporary; of a trial its last day if left out.")
def start(desk: Desk, referral: str, on: dt.date, until: dt.date | None) -> None:
    """Record the first day at the receiving school. Nothing starts before all have agreed whom the edition names."""
    from panel.steps import course

    with desk.open() as office:
        done = course.start(office, referral=referral, on=on, until=until)
        school = office.state.schools[str(done.held.decision.school if done.held.decision else "")]
    last = f", until {done.held.until}" if done.held.until else ""
    code = done.course.register_code
    sentence = f"first day at {school.name} ({school.urn}), {on}{last}{f'; register code {code}' if code else ''}."
    _told(desk, done, sentence, school=school.urn, until=done.held.until, register_code=code)


@command(example='pastoral review R-001 --on 2026-12-14 --said "settling in"')
@click.argument("referral")
@_on
@click.option("--said", default="", metavar="TEXT", help="What was said; sealed.")
def review(desk: Desk, referral: str, on: dt.date, said: str) -> None:
    """Record a review of a placement that is temporary, of a trial, or of any for which the lifecycle says `reviews`."""
    from panel.steps import course

    with desk.open() as office:
        done = course.review(office, referral=referral, on=on, said=said)
    _told(desk, done, f"reviewed, {on}.")


@command(example='pastoral extend R-001 --on 2026-12-14 --until 2027-02-12 --reason "it helps"')
@click.argument("referral")
@_on
@click.option("--until", type=Day(), required=True, help="The new planned last day.")
@click.option("--reason", required=True, metavar="TEXT", help="Why; sealed.")
def extend(desk: Desk, referral: str, on: dt.date, until: dt.date, reason: str) -> None:
    """Record that what is temporary lasts longer."""
    from panel.steps import course

    with desk.open() as office:
        done = course.extend(office, referral=referral, on=on, until=until, reason=reason)
    _told(desk, done, f"extended until {until}.", until=until)


@command(example="pastoral permanent R-001 --on 2026-12-18")
@click.argument("referral")
@_on
def permanent(desk: Desk, referral: str, on: dt.date) -> None:
    """Record that a trial ended well: the pupil stays."""
    from panel.steps import course

    with desk.open() as office:
        done = course.permanent(office, referral=referral, on=on)
    _told(desk, done, f"permanent, {on}.")


@command(
    example='pastoral end R-001 --as return --on 2026-12-18 --reason "as agreed"\n'
    "pastoral end R-001 --as managed-move --on 2026-12-18 --name R-001-2"
)
@click.argument("referral")
@click.option(
    "--as",
    "how",
    type=click.Choice(ENDS),
    required=True,
    help="How it ends; managed-move and admission open a new referral, not-taken-up is for before the first day.",
)
@_on
@click.option("--reason", default="", metavar="TEXT", help="Why; sealed.")
@click.option("--name", default=None, metavar="REFERRAL", help="The new referral's reference; by default this one's with a number.")
def end(desk: Desk, referral: str, how: str, on: dt.date, reason: str, name: str | None) -> None:
    """Record that a placement ends. To go on as a managed move takes agreements and a decision of its own."""
    from panel.state.lifecycle import of_no_home
    from panel.steps import course

    end_: Any = how.replace("-", "_")
    with desk.open() as office:
        done = course.end(office, referral=referral, on=on, how=end_, reason=reason, name=name)
    said = of_no_home(SAID.get(how, f"ends to go on as a {how.replace('-', ' ')}"), done.held)
    back = f"; {done.follows.referral} is put to the panel" if done.follows else ""
    _told(desk, done, f"{said}, {on}{back}.", end=end_)


@command(
    name="break-down",
    example='pastoral break-down R-001 --on 2027-01-20 --reason "seldom there"\n'
    'pastoral break-down R-002 --on 2027-01-20 --reason "a fight" \\\n    --kind fair_access',
)
@click.argument("referral")
@_on
@click.option("--reason", required=True, metavar="TEXT", help="Why; sealed.")
@click.option(
    "--kind", type=click.Choice(KINDS), default=None, metavar="KIND", help="The kind of what follows, as for refer; by default the same."
)
@click.option("--as", "name", default=None, metavar="REFERRAL", help="The new referral's reference; by default this one's with a number.")
def break_down(desk: Desk, referral: str, on: dt.date, reason: str, kind: Any, name: str | None) -> None:
    """Record that a placement broke down. In the same step the case comes back to the panel as a referral that knows its history."""
    from panel.steps import course

    with desk.open() as office:
        done = course.break_down(office, referral=referral, on=on, reason=reason, kind=kind, name=name)
    back = done.follows
    home = back.home_school if back else None
    says = f"broke down, {on}. The case comes back as {back.referral if back else ''}, from {home}."
    _told(desk, done, says, home_school=home)


@command(example="pastoral case R-001")
@click.argument("referral")
def case(desk: Desk, referral: str) -> None:
    """Tell one case from its beginning: what happened, where it stands, and what may come next."""
    from panel.cases.course_told import case_of
    from panel.steps import course

    with desk.open() as office:
        told = case_of(office.record, office.state, *course.found(office, referral))
    desk.answer(told.as_data(), *([] if desk.json else _page(told)))


def _page(told: Case) -> list[str]:
    """The case as a person reads it."""
    from panel.state.lifecycle import COMMANDS, kind_in_words

    made = told.held.made
    lines = [f"{made.referral} ({kind_in_words(made.referral_kind)}): {told.standing}."]
    lines += [f"  It follows {made.follows}."] if made.follows else []
    lines += [f"  It came back as {told.followed_by}."] if told.followed_by else []
    for line in told.lines:
        lines.append(f"  {line.on}  {line.said}")
        lines += [f"              In words: {line.reason}"] if line.reason else []
    for one in told.reviews:
        when = "held" if one.held else f"due {one.due}" if one.due else "cannot tell when: load the terms"
        lines.append(f"  A review {one.after} after the start: {when}")
    lines += [f"  {note}" for note in told.notes]
    if not told.steps:
        return lines
    may = [step for step in told.steps if not step.why_not]
    lines.append(f"May come next, by {told.course.named}:" if may else f"Nothing more may come, by {told.course.named}.")
    lines += [f"  {step.command}" for step in may]
    if not may:
        return lines
    why: dict[str, list[str]] = {}
    for step in told.steps:
        if step.why_not:
            why.setdefault(step.why_not, []).append(step.name)
    order = list(COMMANDS)
    lines += ["Not now:"] if why else []
    lines += [f"  {', '.join(sorted(names, key=order.index))}: {reason}" for reason, names in why.items()]
    return lines
