"""`pastoral decide`, `accept`, `refuse`: the panel's word, and the answers of those who must agree to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from panel.commands.frame import Day, Desk, command, talk
from panel.commands.voting import in_numbers, voted_on

if TYPE_CHECKING:
    from panel.events import DecisionTaken, Outcome, SchoolRecorded
    from panel.steps.ballots import Said
    from panel.steps.office import Office

WHO: Final = (
    "The receiving school (its URN, or receiving-admission-authority), parent or pupil; home-school or local-authority where a "
    "rulebook asks for them."
)


@command(
    example="pastoral decide R-001 R-002 --confirm\n"
    'pastoral decide R-003 --school 900004 --reason "an older cousin is there"\n'
    'pastoral decide R-004 --defer --reason "the school report is missing"\n'
    "pastoral decide R-005 --confirm --for 900001 --for 900002 --against 900004\n"
    "pastoral decide R-006 --confirm --votes 3-3-1 --casting-vote for"
)
@click.argument("referrals", nargs=-1, required=True)
@click.option("--confirm", is_flag=True, help="Take what was proposed for each referral named.")
@click.option("--school", metavar="URN", default=None, help="Send one pupil here instead; needs --reason.")
@click.option("--defer", is_flag=True, help="Put one referral off to the next meeting; needs --reason.")
@click.option("--decline", is_flag=True, help="Decline one referral; needs --reason.")
@click.option("--reason", metavar="TEXT", default=None, help="The panel's reason; sealed.")
@click.option("--starts", type=Day(), default=None, help="The planned first day; by default the meeting's day.")
@click.option("--voted", metavar="URN", multiple=True, help="A school that voted on it; once for each. They must be recorded as there.")
@voted_on
def decide(  # noqa: PLR0913 - one for each option
    desk: Desk,
    referrals: tuple[str, ...],
    confirm: bool,
    school: str | None,
    defer: bool,
    decline: bool,
    reason: str | None,
    *,
    starts: dt.date | None,
    how: Said,
) -> None:
    """Record the panel's word. Every referral is named; there is no "all".

    A first day in another academic year or term than the meeting (--starts) is held against the counts of that day; a limit or a bar
    that is then in the way stops --confirm, and --school with --reason sets it aside. docs/new-academic-year.md says how.

    How the schools voted may be said by school (--for, --against, --abstained) or in numbers (--votes). Nothing is refused for want
    of a majority: `meeting show` says whether the decision stands by it, where the rulebook asks for one.
    """
    from panel.steps import attendance
    from panel.steps import meeting as steps

    if confirm + bool(school) + defer + decline != 1:
        raise click.UsageError("Say one of --confirm, --school URN, --defer, --decline.")
    if (defer or decline) and starts is not None:
        raise click.UsageError("--starts goes with --confirm or --school.")
    _with_reason(referrals, reason, confirm=confirm)
    with desk.open() as office:
        vote = steps.ballot_of(office, how)
        if confirm:
            taken = steps.confirm(office, referrals=referrals, starts=starts, vote=vote)
        elif school:
            taken = (steps.override(office, referral=referrals[0], school=school, reason=reason or "", starts=starts, vote=vote),)
        else:
            outcome: Outcome = "deferred" if defer else "declined"
            taken = (steps.put_off(office, referral=referrals[0], outcome=outcome, reason=reason or "", vote=vote),)
        schools = office.state.schools
        wrong = (*attendance.wrong_votes(office, taken), *_beyond_quotas(office, taken))
    desk.answer({"decisions": [_as_data(one) for one in taken]}, *(_in_words(one, schools) for one in taken))
    for sentence in wrong:
        talk(sentence)


def _with_reason(referrals: Sequence[str], reason: str | None, *, confirm: bool) -> None:
    """A proposal that is confirmed has its own reasons; whatever else the panel says of a referral has one of the panel's."""
    if confirm and reason is not None:
        raise click.UsageError("--confirm takes no --reason: the reasons are the proposal's own.")
    if not confirm and len(referrals) != 1:
        raise click.UsageError("--school, --defer and --decline take one referral at a time: each has a reason of its own.")
    if not confirm and reason is None:
        raise click.UsageError("--school, --defer and --decline need --reason TEXT.")


def _as_data(decision: DecisionTaken) -> dict[str, Any]:
    """What the JSON says of one decision: nothing of the child but the reference of the referral."""
    from panel.meetings.minutes import votes_data

    said = decision.model_dump(mode="json", exclude={"case", "pupil", "votes"}, exclude_none=True)
    votes = {"votes": votes_data(decision.votes)} if decision.votes else {}
    return {**said, **votes, "waived": list(decision.case.waived) if decision.case else []}


def _in_words(decision: DecisionTaken, schools: Mapping[str, SchoolRecorded]) -> str:
    there = f", {schools[decision.school].name} ({decision.school}), from {decision.starts}" if decision.school else ""
    waived = f"; waived: {', '.join(decision.case.waived)}" if decision.case and decision.case.waived else ""
    return f"{decision.referral}: {decision.outcome}{there}{in_numbers(decision.votes)}{waived}"


def _beyond_quotas(office: Office, taken: Sequence[DecisionTaken]) -> Iterator[str]:
    """A sentence for each quota that a school is beyond on a first day in another span of its count than the meeting."""
    from panel.deciding.ahead import beyond_quota
    from panel.steps import meeting as steps

    later = [one for one in taken if one.starts is not None and one.starts > one.on]
    if not later:
        return
    book = steps.rulebook_of(office, steps.the_open_meeting(office.state))
    for one in later:
        yield from beyond_quota(office.record, book, office.evaluation(book), one)


@command(example="pastoral accept R-001 --by 900004\npastoral accept R-001 --by parent --on 2026-10-28")
@click.argument("referral")
@click.option("--by", metavar="WHO", required=True, help=WHO)
@click.option("--on", "on", type=Day(), default=None, help="The day of the agreement; by default the meeting's day.")
def accept(desk: Desk, referral: str, by: str, on: dt.date | None) -> None:
    """Record who agrees to the school that was decided: that school's admission authority, the parent or the pupil."""
    from panel.steps import course

    with desk.open() as office:
        done = course.accept(office, referral=referral, by=_party(by), on=on)
    _answered(desk, done, by, agreed=True)


@command(
    example='pastoral refuse R-001 --by 900004 --reason "the governors do not agree"\n'
    'pastoral refuse R-001 --by parent --on 2026-10-28 --reason "too far"'
)
@click.argument("referral")
@click.option("--by", metavar="WHO", required=True, help=WHO)
@click.option("--reason", metavar="TEXT", required=True, help="Why; sealed.")
@click.option("--on", "on", type=Day(), default=None, help="The day of the refusal; by default the meeting's day.")
def refuse(desk: Desk, referral: str, by: str, reason: str, on: dt.date | None) -> None:
    """Record who does not agree to the school that was decided. Its count is taken back; the case returns to the next agenda."""
    from panel.steps import course

    with desk.open() as office:
        done = course.refuse(office, referral=referral, by=_party(by), reason=reason, on=on)
    _answered(desk, done, by, agreed=False)


def _party(by: str) -> str:
    """A URN, or somebody by the name that the lifecycle has for them."""
    return by if by.isdigit() else by.replace("-", "_")


def _answered(desk: Desk, done: Any, by: str, *, agreed: bool) -> None:
    """Answer with who agrees or does not; the receiving school by its URN, however it was named."""
    from panel.state.lifecycle import RECEIVING, lacking

    name, school = done.held.made.referral, done.event.school
    by = school if _party(by) in RECEIVING else by
    who = _party(by)
    said = {"referral": name, "school": school, "agreed": agreed}
    if who != school:
        said |= {"by": who}
    if agreed:
        said |= {"still_to_agree": list(lacking(done.held, done.course))}
    whose = by if who == school else f"the {by.replace('-', ' ')}"
    word = "agrees." if agreed else "does not agree; the case returns to the next agenda."
    desk.answer(said, f"{name}: {whose} {word}", *(f"  {note}" for note in done.notes))
