"""`pastoral statement`: what each school pays and receives with pupils in a financial year, and what it draws from the fund."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from panel.commands.frame import Day, Desk, command

if TYPE_CHECKING:
    from rich.console import RenderableType

    from panel.costs.deductions import Levy
    from panel.costs.money import Account, Drawn, Draws, Statement
    from panel.costs.payments import Transfer
    from panel.steps.office import Office
    from rules.accounts import Share


@command(example="pastoral statement 900003 --year 2026")
@click.argument("urn", required=False)
@click.option("--year", type=click.IntRange(1990, 2200), default=None, help="The calendar year in which the financial year begins.")
@click.option("--as-of", type=Day(), default=None, help="The day; by default that of the latest meeting, else today.")
def statement(desk: Desk, urn: str | None, year: int | None, as_of: dt.date | None) -> None:
    """Money that follows the pupils, and the partnership's fund: a statement for one school, or all of them."""
    from panel.steps.office import school_of

    with desk.open() as office:
        if urn is not None:
            school_of(office.state, urn)
        account = _account(office, year, as_of)
    shown = [one for one in account.statements if urn in (None, one.urn)]
    waiting = [one for one in account.waiting if urn in (None, one.payer, one.payee)]
    others = account.others if urn is None else ()
    desk.answer(_data(account, shown, others, waiting), *_lines(account, shown, others, waiting))


def _account(office: Office, year: int | None, as_of: dt.date | None) -> Account:
    from panel.costs.money import account, year_of
    from panel.state.fold import fold
    from panel.state.records import Referral
    from panel.steps.meeting import rulebook_of
    from panel.steps.travel import costs_recorded
    from rules.book import Rulebook
    from rules.errors import RulebookError

    day = as_of or office.today()
    state = fold(office.record, as_of=day)
    meetings = {meeting.number: meeting for meeting in state.meetings}

    def books(referral: Referral) -> tuple[Rulebook, Any]:
        if referral.decision is None:
            raise AssertionError("only what was decided moves money")
        book = rulebook_of(office, meetings[referral.decision.meeting])
        return book, office.evaluation(book)

    def book_on(on: dt.date) -> tuple[Rulebook, Any] | None:
        try:
            then = office.rulebook(on)
        except RulebookError:  # no edition was in force yet
            return None
        return then, office.evaluation(then)

    book = office.rulebook(day)
    which = year_of(day, book.money) if year is None else year
    return account(state, (book, office.evaluation(book)), books, which, day, book_on, costs_recorded(office, state))


# --- as data ---


def _data(account: Account, shown: list[Statement], others: Iterable[Statement], waiting: list[Transfer]) -> dict[str, Any]:
    return {
        "from": account.first.isoformat(),
        "until": account.last.isoformat(),
        "as_of": account.as_of.isoformat(),
        "statements": [
            {
                "school": one.urn,
                "name": one.name,
                "received": [_transfer(each) for each in one.received],
                "paid": [_transfer(each) for each in one.paid],
                "levied": [_levy(each) for each in one.levied],
                **({"drawn": parts} if (parts := _drawn(one, account)) else {}),
                "drawn_pence": one.drawn,
                "total_pence": one.total,
            }
            for one in shown
        ],
        "others": [
            {
                "party": one.urn,
                "received": [_transfer(each) for each in one.received],
                "paid": [_transfer(each) for each in one.paid],
                "collected": [_levy(each) for each in one.collected],
                **({"put_in_pence": one.put_in} if one.put_in else {}),
                "drawn_pence": one.drawn,
                "total_pence": one.total,
            }
            for one in others
        ],
        "waiting": [_transfer(one) for one in waiting],
        **({"fund": _fund(account.draws)} if account.draws else {}),
        "cannot_tell": [{**_of(one), "missing": list(one.missing)} for one in account.untold],
        "no_school_sent": list(account.nowhere),
        "no_exclusion_recorded": list(account.unrecorded),
    }


def _levy(one: Levy) -> dict[str, Any]:
    return {
        "pupil": one.pupil,
        "excluded_on": one.on.isoformat(),
        "school": one.payer,
        "to": one.payee,
        "number": one.number,
        "pence": one.pence,
    }


def _of(one: Transfer) -> dict[str, Any]:
    """What it is for: a placement, or an exclusion."""
    return {"excluded": one.pupil} if one.pupil else {"referral": one.referral}


def _transfer(one: Transfer) -> dict[str, Any]:
    return {
        **_of(one),
        "from_school": one.payer,
        "to_school": one.payee,
        "first": one.first.isoformat(),
        "last": one.last.isoformat(),
        "planned": one.planned,
        **({"once": True} if one.flow.once else {"rest": one.rest, "of": one.whole, "pence_a_year": one.full}),
        "pence": one.pence,
        "lines": list(one.lines),
        **({"why": one.why} if one.why else {}),
        **({"after": str(one.flow.after), "due": one.due.isoformat()} if one.due else {}),
    }


def _drawn(one: Statement, account: Account) -> list[dict[str, Any]]:
    """What a school draws of each part of the fund, where there are several."""
    return [{**_share(each), "pence": each.by_school[one.urn]} for each in _parts_of(account) if one.urn in each.by_school]


def _parts_of(account: Account) -> tuple[Drawn, ...]:
    return account.draws.parts if account.draws and len(account.draws.parts) > 1 else ()


def _share(drawn: Drawn) -> dict[str, Any]:
    return {"by": drawn.share.by, **({"count": drawn.share.count} if drawn.share.count else {})}


def _part(drawn: Drawn) -> dict[str, Any]:
    told = {"part": drawn.share.part, "drawn_pence": sum(drawn.by_school.values())}
    return {**_share(drawn), **told, **({"why_not": drawn.why_not} if drawn.why_not else {})}


def _fund(draws: Draws) -> dict[str, Any]:
    return {
        "pence": draws.pence,
        "shared": draws.fund.shares[0].by if len(draws.parts) == 1 else [_part(one) for one in draws.parts],
        "left_pence": draws.left,
        "meetings": draws.meetings,
        "wanted": draws.wanted,
        "shut_out": [
            {"school": urn, "came": draws.came[urn], "meetings": draws.asked[urn][0], "wanted": draws.asked[urn][1]}
            for urn in draws.shut_out
        ],
        **({"why_not": draws.why_not} if draws.why_not else {}),
    }


# --- in words ---


def _lines(account: Account, shown: list[Statement], others: Iterable[Statement], waiting: list[Transfer]) -> Iterator[RenderableType]:
    names = {one.urn: one.name for one in (*account.statements, *account.others)}
    yield f"Financial year {account.first} to {account.last}, as of {account.as_of}."
    for one in (*shown, *(other for other in others if other.received or other.paid or other.collected)):
        if _moved(one):
            yield ""
            yield f"{one.name} ({one.urn})" if one.name != f"the {one.urn}" else one.name.capitalize()
            yield _table(one, account, names)
            yield from dict.fromkeys(f"  {_what(each)}: {each.why}." for each in (*one.received, *one.paid) if each.why)
    quiet = [one.name for one in shown if not _moved(one)]
    if quiet:
        yield ""
        yield f"Nothing to pay, receive or draw: {', '.join(quiet)}."
    yield from _of_the_fund(account, names)
    if waiting:
        yield ""
        yield from (_waits(one, names) for one in waiting)
    if account.untold:
        yield ""
        yield from (f"{_what(one)}: cannot be told; not recorded: {', '.join(one.missing)}." for one in account.untold)
    if account.nowhere:
        yield ""
        yield f"No school sent these pupils, so none pays or is paid as the one that sent them: {', '.join(account.nowhere)}."
    if account.unrecorded:
        yield ""
        said = "These say that the pupil was permanently excluded, and no exclusion is recorded, so that nothing is known of what it costs"
        yield f"{said}: {', '.join(account.unrecorded)} (`pastoral exclusion record`)."


def _waits(one: Transfer, names: Mapping[str, str]) -> str:
    who = f"{_what(one)}, {names.get(one.payer, one.payer)} to {names.get(one.payee, one.payee)}, {', '.join(one.lines)}"
    if one.flow.begins == "permanent" and one.due is None:
        return f"{who}: not due before the trial is permanent."
    if one.planned:
        return f"{who}: not due, for no first day is recorded; wanted the placement to stand {one.flow.after}."
    what = "exclusion" if one.pupil else "placement"
    return f"{who}: not due before {one.due}, and only if the {what} stands then."


def _what(one: Transfer) -> str:
    return f"{one.pupil}, excluded" if one.pupil else one.referral


def _moved(one: Statement) -> bool:
    return bool(one.received or one.paid or one.drawn or one.levied or one.collected)


def _table(one: Statement, account: Account, names: Mapping[str, str]) -> RenderableType:
    from rich.table import Table

    unit = "weeks" if account.money.counted == "weeks" else "days"
    table = Table(box=None, pad_edge=False, show_edge=False)
    table.add_column("")
    table.add_column("from")
    for column in (unit, "a year", ""):
        table.add_column(column, justify="right")
    for each in one.received:
        table.add_row(f"{_what(each)} from {names.get(each.payer, each.payer)}{_which(each)}", *_worked_out(each), _signed(each.pence))
    for each in one.paid:
        table.add_row(f"{_what(each)} to {names.get(each.payee, each.payee)}{_which(each)}", *_worked_out(each), _signed(-each.pence))
    for levy in one.levied:
        table.add_row(f"levy for {levy.pupil}{_number(levy, account)}", f"{levy.on}", "once", "", _signed(-levy.pence))
    for levy in one.collected:
        what = f"levy for {levy.pupil}{_number(levy, account)} from {names.get(levy.payer, levy.payer)}"
        table.add_row(what, f"{levy.on}", "once", "", _signed(levy.pence))
    if one.put_in:
        table.add_row("put in (`budget fund`)", "", "", "", _signed(one.put_in))
    parts = [each for each in _parts_of(account) if one.urn in each.by_school]
    for part in parts:
        table.add_row(f"from the fund, {_by(part.share)}", "", "", "", _signed(part.by_school[one.urn]))
    if one.drawn and not parts:
        table.add_row("from the fund" if one.drawn > 0 else "drawn by the schools", "", "", "", _signed(one.drawn))
    table.add_row("total", "", "", "", _signed(one.total))
    return table


def _by(share: Share) -> str:
    from rules.phrases import said_share

    return f"by need ({share.count})" if share.count else said_share(share)


def _number(levy: Levy, account: Account) -> str:
    """Which exclusion of the school's year it is, where some cost less than others."""
    several = len({one.pence for statement in account.statements for one in statement.levied}) > 1
    return f", number {levy.number} of the year" if several else ""


def _worked_out(each: Transfer) -> tuple[str, str, str]:
    from panel.answering.why import pounds

    first = f"{each.first}" + (" planned" if each.planned else "")
    return (first, "once", "") if each.flow.once else (first, f"{each.rest}/{each.whole}", pounds(each.full))


def _which(each: Transfer) -> str:
    """The lines, where they are not paid as usual: there may be several payments with one pupil."""
    from rules.phrases import said_flow

    return f" ({', '.join(each.lines)})" if said_flow(each.flow) else ""


def _signed(pence: int) -> str:
    from panel.answering.why import pounds

    return f"-{pounds(-pence)}" if pence < 0 else pounds(pence)


def _of_the_fund(account: Account, names: Mapping[str, str]) -> Iterator[str]:
    from panel.answering.why import pounds
    from rules.phrases import said_fund, said_share

    draws = account.draws
    if draws is None:
        return
    yield ""
    if draws.why_not:
        yield f"The fund of {pounds(draws.pence)} cannot be shared: {draws.why_not}."
        return
    left = f"; {pounds(draws.over)} cannot be shared in whole pence and stays in it" if draws.over else ""
    yield f"The fund of {pounds(draws.pence)} is {said_fund(draws.fund)}{left}."
    for one in draws.parts:
        if one.why_not:
            yield f"  The part that is shared {said_share(one.share)}, {pounds(draws.kept(one))}, stays in it: {one.why_not}."
    for urn in draws.shut_out:
        meetings, wanted = draws.asked[urn]
        member = "" if meetings == draws.meetings else " that were held while it was a member"
        yield f"  {names[urn]} draws nothing: it came to {draws.came[urn]} of {meetings} meetings{member}; wanted {wanted}."
