"""`pastoral refer`, `agree`, `paper`, `withdraw`, `exempt`: one case or one vote, by hand."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, get_args

import click

from panel.commands.frame import Day, Desk, command, several, talk
from panel.commands.voting import in_numbers, voted_on
from panel.events import Kind, Signatory
from rules.audience import BY_EXCLUSION

if TYPE_CHECKING:
    from panel.steps.ballots import Said

COLUMNS = (
    *("permanently_excluded", "category", "suited_to", "single_sex_schools", "home_school", "excluded_by", "accepted_on"),
    *("easting", "northing", "postcode", "preferences", "kept_apart", "siblings_at", "catchment", "ehcp", "looked_after"),
    *("previously_looked_after", "persistent_disruptive_behaviour", "behaviour_is_primary_need", "interventions_evidenced"),
    *("caseworker_consents", "low_income"),
    "cannot_walk",
    *(
        "parent_agrees_on",
        "pupil_agrees_on",
        "home_school_agrees_on",
        "sharing_agreed_on",
        "attendance",
        "suspended_days",
        "from_alternative_provision",
        "meets_selection",
        "on_a_roll",
        "in_area",
        "suitable_offer_refused",
    ),
    *("excluded_times", "earlier_placement_broke_down", "conversation_on", "attended", "out_of_education_since"),
    *("not_with", "together_with", "papers", "area", "needs", "points"),
)


def _columns(function: Any) -> Any:
    for column in reversed(COLUMNS):
        option = f"--{column.replace('_', '-')}"
        function = click.option(option, column, default="", metavar="VALUE", help=f"As the column {column} of a referrals file.")(function)
    return function


@command(
    example="pastoral refer R-031 --pupil P-031 --kind managed_move --year-group 9 \\\n"
    "    --made-on 2026-10-01 --home-school 900003 --parent-agrees-on 2026-09-30"
)
@click.argument("referral")
@click.option("--pupil", required=True, metavar="REFERENCE", help="The pupil's reference: never a name.")
@click.option(
    "--kind", required=True, metavar="KIND", help="managed_move, off_site_direction, permanent_exclusion, reintegration or fair_access."
)
@click.option("--year-group", required=True, metavar="N", help="7 to 11, or what the rulebook says under year_groups; 0 is Reception.")
@click.option("--made-on", required=True, metavar="DATE", help="The day the referral was made.")
@_columns
def refer(desk: Desk, **cells: str) -> None:
    """Put one referral to the panel by hand. Lists are separated by semicolons: URNs, references of pupils, or kinds of setting."""
    from panel.steps import casebook

    with desk.open() as office:
        loaded = casebook.refer(office, {column: cell for column, cell in cells.items() if cell})
    desk.answer(
        {"referral": cells["referral"], "recorded": loaded.entries},
        f"{cells['referral']} is referred; {several(loaded.entries, 'entry', 'entries')} recorded.",
    )


@command(example="pastoral agree R-031 --by parent --on 2026-10-02\npastoral agree R-031 --by parent --sharing --on 2026-10-02")
@click.argument("referral")
@click.option("--by", type=click.Choice(["parent", "pupil", "home-school"]), required=True, help="Who signs.")
@click.option("--on", "on", type=Day(), required=True, help="The day it was signed, or taken back.")
@click.option("--sharing", is_flag=True, help="Agreement that the schools of the panel are told of the case, and to nothing else.")
@click.option("--withdrawn", is_flag=True, help="The agreement is taken back. A managed move that has not started is stopped by it.")
def agree(desk: Desk, referral: str, by: str, on: dt.date, sharing: bool, withdrawn: bool) -> None:
    """Record that the parent, the pupil or the home school agrees to look for a move, or takes that back."""
    from panel.steps import casebook

    if sharing and by == "home-school":
        raise click.UsageError("--sharing goes with --by parent or --by pupil: it is the family's to agree to.")
    who: Signatory = "parent" if by == "parent" else "pupil" if by == "pupil" else "home_school"
    undone = None
    with desk.open() as office:
        if sharing:
            from panel.steps import course

            course.share(office, referral=referral, by="parent" if by == "parent" else "pupil", on=on, withdrawn=withdrawn)
        elif withdrawn and (held := office.state.referrals.get(referral)) is not None and held.status == "decided":
            from panel.steps import course

            undone = course.take_back(office, referral=referral, by=who, on=on).event
        else:
            casebook.agree(office, referral=referral, by=who, on=on, withdrawn=withdrawn)
    said = "no longer agrees" if withdrawn else "agrees"
    data = {"referral": referral, "by": who, "on": on.isoformat(), "agrees": not withdrawn, **({"to": "sharing"} if sharing else {})}
    stops = getattr(undone, "school", None)
    desk.answer(
        {**data, **({"undone": stops} if stops else {})},
        f"{referral}: the {by.replace('-', ' ')} {said}{' that information is shared' if sharing else ''}, {on}.",
        *(
            [f"  The decision for {stops} is undone; the case returns to the next agenda, and is held until they agree again."]
            if stops
            else []
        ),
    )


@command(example="pastoral paper R-031 risk_assessment --on 2026-10-02")
@click.argument("referral")
@click.argument("paper")
@click.option("--on", "on", type=Day(), required=True, help="The day it came, or was taken back.")
@click.option("--withdrawn", is_flag=True, help="The paper is taken back, or is no longer good.")
def paper(desk: Desk, referral: str, paper: str, on: dt.date, withdrawn: bool) -> None:
    """Record that a paper of the case is with the panel. PAPER is one that the rulebook names under `papers`."""
    from panel.steps import casebook

    with desk.open() as office:
        _, name = casebook.paper(office, referral=referral, paper=paper, on=on, withdrawn=withdrawn)
    said = "is taken back" if withdrawn else "is with the panel"
    desk.answer({"referral": referral, "paper": name, "on": on.isoformat(), "here": not withdrawn}, f"{referral}: the {name} {said}, {on}.")


@command(example='pastoral withdraw R-031 --on 2026-10-05 --reason "the family has moved away"')
@click.argument("referral")
@click.option("--on", "on", type=Day(), required=True, help="The day it was withdrawn.")
@click.option("--reason", default=None, metavar="TEXT", help="Why; must be given, and is sealed.")
def withdraw(desk: Desk, referral: str, on: dt.date, reason: str | None) -> None:
    """Take a referral back before it is decided."""
    from panel.steps import casebook

    if reason is None:
        raise click.UsageError("--reason: found nothing; wanted the reason in words. It is sealed, and goes with the record.")
    with desk.open() as office:
        casebook.withdraw(office, referral=referral, on=on, reason=reason)
    desk.answer({"referral": referral, "status": "withdrawn", "on": on.isoformat()}, f"{referral} is withdrawn, {on}.")


@command(example='pastoral exempt 900004 --year-group 8 --from 2026-10-01 --until 2026-12-18 \\\n    --reason "three arrivals at once"')
@click.argument("urn")
@click.option("--year-group", type=click.IntRange(0, 11), default=None, help="Only this year group; without it the whole school.")
@click.option(
    "--of",
    "of",
    type=click.Choice((*get_args(Kind), *BY_EXCLUSION)),
    multiple=True,
    metavar="WHOM",
    help="Only from these: a kind, permanently_excluded or not_permanently_excluded; may be repeated.",
)
@click.option("--from", "first", type=Day(), required=True, help="The first day.")
@click.option("--until", "last", type=Day(), required=True, help="The last day.")
@click.option("--reason", required=True, metavar="TEXT", help="Why the panel voted so; sealed.")
@voted_on
def exempt(
    desk: Desk, urn: str, year_group: int | None, of: tuple[str, ...], first: dt.date, last: dt.date, reason: str, how: Said
) -> None:
    """Record a vote of the panel that exempts a school, or one year group of it, from all pupils or from some.

    With how the schools voted it is a vote of the open meeting, and `meeting show` says whether it stands.
    """
    from panel.deciding.unread import exempts_nothing
    from panel.meetings.minutes import exempt as told
    from panel.meetings.minutes import votes_data
    from panel.steps import attendance, casebook, meeting

    with desk.open() as office:
        vote = meeting.ballot_of(office, how).votes
        event = casebook.exempt(office, urn=urn, year_group=year_group, of=of, first=first, last=last, reason=reason, vote=vote)
        wrong = [*attendance.wrong_votes_for(office, event), *filter(None, [exempts_nothing(office.rulebook(first))])]
    whom = urn if year_group is None else f"{urn}, year {year_group}"
    of_year = {} if year_group is None else {"year_group": year_group}
    data = {"school": urn, "from": first.isoformat(), "until": last.isoformat(), **of_year, **({"of": list(event.of)} if event.of else {})}
    data |= {"meeting": event.meeting, "votes": votes_data(event.votes)} if event.votes else {}
    desk.answer(data, f"{whom}: {told(event)}{in_numbers(event.votes)}.")
    for sentence in wrong:
        talk(sentence)
