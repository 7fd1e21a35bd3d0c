"""`pastoral decide`, `accept`, `refuse`: the panel's word, and the receiving school's answer."""

from __future__ import annotations

import datetime as dt

import click

from panel.commands.frame import Day, Desk, command


@command(
    example="pastoral decide R-001 R-002 --confirm\n"
    'pastoral decide R-003 --school 900004 --reason "an older cousin is there"\n'
    'pastoral decide R-004 --defer --reason "the school report is missing"'
)
@click.argument("referrals", nargs=-1, required=True)
@click.option("--confirm", is_flag=True, help="Take what was proposed for each referral named.")
@click.option("--school", metavar="URN", default=None, help="Send one pupil here instead; needs --reason.")
@click.option("--defer", is_flag=True, help="Put one referral off to the next meeting; needs --reason.")
@click.option("--decline", is_flag=True, help="Decline one referral; needs --reason.")
@click.option("--reason", metavar="TEXT", default=None, help="The panel's reason; sealed.")
@click.option("--starts", type=Day(), default=None, help="The planned first day; by default the meeting's day.")
def decide(
    desk: Desk,
    referrals: tuple[str, ...],
    confirm: bool,
    school: str | None,
    defer: bool,
    decline: bool,
    reason: str | None,
    starts: dt.date | None,
) -> None:
    """Record the panel's word. Every referral is named; there is no "all"."""
    from panel import meeting as steps

    if confirm + bool(school) + defer + decline != 1:
        raise click.UsageError("Say one of --confirm, --school URN, --defer, --decline.")
    if not confirm and len(referrals) != 1:
        raise click.UsageError("--school, --defer and --decline take one referral at a time: each has a reason of its own.")
    if not confirm and reason is None:
        raise click.UsageError("--school, --defer and --decline need --reason TEXT.")
    if confirm and reason is not None:
        raise click.UsageError("--confirm takes no --reason: the reasons are the proposal's own.")
    if (defer or decline) and starts is not None:
        raise click.UsageError("--starts goes with --confirm or --school.")
    with desk.open() as office:
        if confirm:
            taken = steps.confirm(office, referrals=referrals, starts=starts)
        elif school:
            taken = (steps.override(office, referral=referrals[0], school=school, reason=reason or "", starts=starts),)
        else:
            taken = (steps.put_off(office, referral=referrals[0], outcome="deferred" if defer else "declined", reason=reason or ""),)
        schools = office.state.schools
    data = [
        decision.model_dump(mode="json", exclude={"case", "pupil"}, exclude_none=True)
        | {"waived": list(decision.case.waived) if decision.case else []}
        for decision in taken
    ]
    lines = [
        f"{decision.referral}: {decision.outcome}"
        + (f", {schools[decision.school].name} ({decision.school}), from {decision.starts}" if decision.school else "")
        + (f"; waived: {', '.join(decision.case.waived)}" if decision.case and decision.case.waived else "")
        for decision in taken
    ]
    desk.answer({"decisions": data}, *lines)


@command(example="pastoral accept R-001 --by 900004")
@click.argument("referral")
@click.option("--by", metavar="URN", required=True, help="The receiving school.")
@click.option("--on", "on", type=Day(), default=None, help="The day it agreed; by default the meeting's day.")
def accept(desk: Desk, referral: str, by: str, on: dt.date | None) -> None:
    """Record that the receiving school's admission authority agrees to the decision."""
    from panel import casebook

    with desk.open() as office:
        casebook.accept(office, referral=referral, by=by, on=on)
    desk.answer({"referral": referral, "school": by, "agreed": True}, f"{referral}: {by} agrees.")


@command(example='pastoral refuse R-001 --by 900004 --reason "the governors do not agree"')
@click.argument("referral")
@click.option("--by", metavar="URN", required=True, help="The receiving school.")
@click.option("--reason", metavar="TEXT", required=True, help="Why; sealed.")
@click.option("--on", "on", type=Day(), default=None, help="The day it refused; by default the meeting's day.")
def refuse(desk: Desk, referral: str, by: str, reason: str, on: dt.date | None) -> None:
    """Record that the receiving school does not agree. Its count is taken back; the case returns to the next agenda."""
    from panel import casebook

    with desk.open() as office:
        casebook.refuse(office, referral=referral, by=by, reason=reason, on=on)
    desk.answer(
        {"referral": referral, "school": by, "agreed": False}, f"{referral}: {by} does not agree; the case returns to the next agenda."
    )
