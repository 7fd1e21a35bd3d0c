"""`pastoral meeting`: open, invite, attend, interest, draw, close, show."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from panel.commands.frame import Day, Desk, Moment, command, group, in_a_row, several, talk
from panel.commands.keys import FILE, NEW_FILE, signer_of

if TYPE_CHECKING:
    from rich.console import RenderableType

    from panel.answering.notices import Notice
    from panel.meetings.sitting import Standing
    from panel.state.records import Meeting
    from panel.steps.office import Office

BY_A_FILE: Final = (
    *("referral.waiting", "referral.days_since_excluded", "referral.vacancies_in_year"),
    *("referral.metres_to_vacancy", "referral.metres_to_home_school"),
)
"""Facts of a case that no column of the referral tells."""


@group()
def meeting() -> None:
    """Open, invite, attend, draw, close and show a meeting.

    \b
    Example:
      pastoral meeting open --date 2026-10-22 --chair "M. Okafor"
    """


@command(
    meeting,
    name="open",
    example='pastoral meeting open --date 2026-10-22 --chair "M. Okafor"\n'
    "pastoral meeting open --date 2026-10-22 --chair Okafor --chair-of 900004",
)
@click.option("--date", "on", type=Day(), required=True, help="The meeting's day.")
@click.option("--chair", required=True, metavar="NAME", help="Who is in the chair.")
@click.option("--chair-of", "chair_of", metavar="URN", default=None, help="The school that has the chair, where it passes on.")
def open_(desk: Desk, on: dt.date, chair: str, chair_of: str | None) -> None:
    """Open a meeting: its agenda, its rulebook's edition and all facts are frozen."""
    from panel.steps import meeting as steps

    with desk.open() as office:
        opened = steps.open_meeting(office, on=on, chair=chair, chair_of=chair_of)
        lines, notices, cases = _told(office, opened)
    for line in () if desk.json else lines:
        talk(f"  {line}")
    frozen = opened.opened
    book = f"{frozen.rulebook}, edition of {frozen.edition}"
    agenda = [
        f"Agenda of {len(frozen.agenda)}: {', '.join(frozen.agenda)}" if frozen.agenda else "The agenda is empty: no referral is waiting."
    ]
    data = {
        **_meeting_data(opened),
        "chair": chair,
        "chair_of": chair_of,
        "agenda": list(frozen.agenda),
        "agenda_digest": frozen.agenda_digest,
        "unknown": list(lines),
        "notices": list(notices),
        "case_notices": [notice.as_data() for notice in cases],
    }
    data["rulebook"] = {"name": frozen.rulebook, "edition": frozen.edition.isoformat(), "digest": frozen.rulebook_digest}
    desk.answer(
        data,
        f"Meeting {opened.number} of {on} is open; {chair} in the chair; {book}.",
        *agenda,
        *notices,
        *(f"Notice: {notice.in_words({})}" for notice in cases),
        'Next: pastoral meeting draw --words "WORD WORD ..."',
    )


def _told(office: Office, opened: Meeting) -> tuple[tuple[str, ...], tuple[str, ...], tuple[Notice, ...]]:
    """What is unknown or was not said when a meeting opens, and by which files it is told; the book's notices."""
    from panel.answering.explain import of_the_panel, unknowns
    from panel.answering.notices import of_cases
    from panel.deciding.ahead import new_year
    from panel.deciding.unread import unread
    from panel.deciding.unsaid import unsaid
    from panel.facts.candidates import MeetingFacts
    from panel.facts.counts import since_when
    from panel.facts.remedies import source_of
    from panel.facts.rolls import counted_in_another_year
    from panel.state.fold import fold
    from panel.steps import meeting as steps
    from panel.steps.travel import counted_as_nothing

    casework, rulebook = steps.casework_of(office, opened)
    facts = MeetingFacts.frozen(opened.opened, rulebook)
    lines = list(unknowns(casework, rulebook, facts))
    if stale := counted_in_another_year(office.state, opened.on):
        lines.append(
            f"The places of {', '.join(stale)} were counted in another academic year; their pupils have moved up a year group since. "
            "Load new counts."
        )
    then = fold(office.record, as_of=opened.on)
    lines += [
        *new_year(then, opened.opened.agenda, opened.on, rulebook.year_groups[-1]),
        *unsaid(then, rulebook, facts),
        *unread(then, rulebook, facts),
    ]
    if uncounted := counted_as_nothing(office, then, rulebook, opened.on):
        lines.append(uncounted)
    counted = since_when(office.state, rulebook, opened.on)
    lines += [counted] if counted.endswith(" 0.") else []
    lacking = {fact for hearing in casework.hearings.values() for doubt in hearing.doubts for fact in doubt.missing}
    lines += [f"{fact} is told by {source_of(fact)}." for fact in BY_A_FILE if fact in lacking]
    return tuple(lines), of_the_panel(office.evaluation(rulebook), rulebook, facts), of_cases(casework, facts, rulebook)


@command(meeting, example="pastoral meeting invite\npastoral meeting invite 900001 900002 --on 2026-10-12")
@click.argument("urns", nargs=-1)
@click.option("--on", "--told-on", "on", type=Day(), default=None, help="The day they were told; by default the meeting's day.")
def invite(desk: Desk, urns: tuple[str, ...], on: dt.date | None) -> None:
    """Record that schools were told of the meeting; without URNs, all of them. `meeting show` says whether it was in time."""
    from panel.steps import attendance as steps

    with desk.open() as office:
        held = steps.invite(office, schools=urns, told_on=on)
        entry = office.record[-1].seq
    desk.answer(
        {**_meeting_data(held), "invited": list(held.invited), "entry": entry},
        f"Meeting {held.number}: {several(len(held.invited), 'school')} invited, entry {entry}.",
    )


@command(
    meeting,
    example="pastoral meeting attend 900001 900002 900003\npastoral meeting attend 900001 900002 --other local-authority",
)
@click.argument("urns", nargs=-1)
@click.option(
    "--other", "others", metavar="WHO", multiple=True, help="Who is there beside the schools, as the rulebook names them; once for each."
)
def attend(desk: Desk, urns: tuple[str, ...], others: tuple[str, ...]) -> None:
    """Record which schools are represented at the meeting, and who else whom the rulebook asks for."""
    from panel.steps import attendance as steps

    if not urns and not others:
        raise click.UsageError("Say who is there: URNs of schools, or --other WHO.")
    with desk.open() as office:
        held = steps.attend(office, schools=urns, others=others)
        entry = office.record[-1].seq
        wanted = steps.wanted_beside(office, held)
    named = ", ".join(who.replace("_", " ") for who in held.others)
    beside = f", and the {named}" if named else ""
    away = [who.replace("_", "-") for who in wanted if who not in held.others]
    desk.answer(
        {**_meeting_data(held), "attended": list(held.attended), "entry": entry, **({"others": list(held.others)} if wanted else {})},
        f"Meeting {held.number}: {several(len(held.attended), 'school')} represented{beside}, entry {entry}.",
        *(f"If the {who.replace('-', ' ')} is there too: `pastoral meeting attend --other {who}`." for who in away),
    )


@command(meeting, example='pastoral meeting interest 900002 R-001 --reason "a relative"')
@click.argument("urn")
@click.argument("referral")
@click.option("--reason", metavar="TEXT", required=True, help="What interest it is; sealed.")
def interest(desk: Desk, urn: str, referral: str, reason: str) -> None:
    """Record that a school declares an interest in a case on the agenda."""
    from panel.steps import attendance as steps

    with desk.open() as office:
        held = steps.declare(office, school=urn, referral=referral, reason=reason)
        entry = office.record[-1].seq
    interests = [{"school": one.school, "referral": one.referral} for one in held.interests]
    data = {**_meeting_data(held), "interests": interests, "entry": entry}
    desk.answer(data, f"Meeting {held.number}: {urn} has an interest in {referral}, entry {entry}.")


@command(meeting, example='pastoral meeting draw --words "heron maple 42"')
@click.option("--words", required=True, metavar="TEXT", help="One or more words separated by spaces, one from each representative.")
@click.argument("more", metavar="", nargs=-1)
def draw(desk: Desk, words: str, more: tuple[str, ...]) -> None:
    """Draw: each representative gives a word, all written down before any is read out. Once for a meeting."""
    from panel.steps import meeting as steps

    # Without quotation marks around them the shell hands on the words after the first by themselves.
    given = " ".join((words, *more)).split()
    with desk.open() as office:
        held = steps.draw(office, words=given)
        entry = office.record[-1].seq
    seed = held.drawn.seed if held.drawn else ""
    desk.answer(
        {**_meeting_data(held), "words": given, "seed": seed, "entry": entry},
        f"Meeting {held.number} is drawn with {several(len(given), 'word')}; seed {seed[:16]}...; entry {entry}.",
        "Anybody can work the seed out again from the agenda's digest and the words.",
        "Next: pastoral allocate",
    )


@command(meeting, example="pastoral meeting close\npastoral meeting close --key clerk.key -o oct.checkpoint")
@click.option("--key", type=FILE, default=None, metavar="FILE", help="Sign a checkpoint with this private key.")
@click.option("-o", "--output", type=NEW_FILE, default=None, metavar="FILE", help="Write the checkpoint to a new file.")
def close(desk: Desk, key: Path | None, output: Path | None) -> None:
    """Close the meeting. What was not decided comes to the next agenda.

    With --key or -o also a checkpoint of the record as it then stands, for every school.
    """
    from panel.commands.checkpoints import made, paper, put
    from panel.meetings.minutes import decision as told_of
    from panel.meetings.minutes import fallen
    from panel.steps import attendance
    from panel.steps import meeting as steps

    signer = signer_of(key)
    wanted = signer is not None or output is not None
    with paper(output) as write, desk.open() as office:
        if wanted:
            made(office.ledger.chain(), None)  # before anything is recorded: a record that was changed has no checkpoint
        held = steps.close(office)
        sitting = attendance.standing_of(office, held)
        head = office.ledger.head()
        left = [name for name in held.opened.agenda if office.state.referrals[name].status == "waiting"]
        note = made(office.ledger.chain(), signer) if wanted else None
        write(str(note) if note else "")
    outcomes: dict[str, int] = {}
    for decision in held.decisions.values():
        outcomes[decision.outcome] = outcomes.get(decision.outcome, 0) + 1
    told = ", ".join(f"{n} {outcome}" for outcome, n in sorted(outcomes.items())) or "nothing decided"
    data = {**_meeting_data(held), "outcomes": outcomes, "waiting": left, "entries": head.seq, "head": head.digest}
    data |= {"standing": [told_of(judged) for judged in sitting.decisions]}
    data |= {"checkpoint": str(note) if note else None, "written": str(output) if output else None}
    desk.answer(
        data,
        f"Meeting {held.number} of {held.on} is closed: {told}.",
        *([f"To the next agenda: {', '.join(left)}"] if left else []),
        *fallen(sitting),
        f"The ledger's head, entry {head.seq}:",
        f"  {head.digest}",
        "Write it in the minutes: it shows later whether the record was changed.",
        *([f"Its checkpoint is in {output}: give it to every school."] if output else []),
        *(["Its checkpoint, for every school:"] if note and not output else []),
    )
    if note and not (output or desk.json):
        put(note)


@command(meeting, example="pastoral meeting show\npastoral meeting show 2026-10-22 --json\npastoral meeting show --strict")
@click.argument("on", type=Day(), required=False, metavar="[DATE]")
@click.option("--strict", is_flag=True, help="Exit code 1 unless every decision stands.")
@click.option("--known-at", type=Moment(), default=None, help="Only what was written by then, e.g. 2026-10-22T16:00:00Z.")
def show(desk: Desk, on: dt.date | None, strict: bool, known_at: str | None) -> int:
    """The head of the minutes: who was told when, who came, and which decisions stand; why those do not that do not.

    Of the latest meeting, or of the one on that day. It is judged by the rulebook's edition of the meeting, and changes nothing:
    docs/meetings.md says what each part of it means. With --known-at it is as it read before what was corrected later.
    """
    from panel.meetings.minutes import as_data, entries, entries_in_words
    from panel.steps import attendance

    with desk.open() as office:
        then = office.known_at(known_at) if known_at else office
        sitting = attendance.standing_of(then, attendance.meeting_on(then, on))
        names = {urn: school.name for urn, school in then.state.schools.items()}
        written = entries(then.record, sitting.meeting.number)
    shown = [] if desk.json else [*_shown(sitting, names), *entries_in_words(written)]
    desk.answer({**as_data(sitting), "entries": written}, *shown)
    return 1 if strict and any(judged.verdict != "stands" for judged in (*sitting.decisions, *sitting.exemptions)) else 0


def _shown(sitting: Standing, names: dict[str, str]) -> list[RenderableType]:
    from rich.table import Table

    from panel.meetings.minutes import lines_of, rest_of

    table = Table(box=None, pad_edge=False, show_edge=False)
    for column in ("school", "told", "notice", "in time", "there"):
        table.add_column(column, no_wrap=True)
    for seat in sitting.seats:
        long = "" if seat.notice is None else str(seat.notice)
        table.add_row(in_a_row(seat.name, seat.urn), str(seat.told or "-"), long, _yes(seat.in_time), _yes(seat.there))
    return [*lines_of(sitting, names), *([table] if sitting.seats else []), *rest_of(sitting, names)]


def _yes(value: bool | None) -> str:
    return "?" if value is None else "yes" if value else "no"


def _meeting_data(held: Meeting) -> dict[str, object]:
    return {"meeting": held.number, "date": held.on.isoformat()}
