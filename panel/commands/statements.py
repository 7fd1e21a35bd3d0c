"""`pastoral statement`: what each school pays and receives with pupils in a financial year, and what it draws from the fund."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from panel.commands.frame import Day, Desk, command

if TYPE_CHECKING:
    from rich.console import RenderableType

    from panel.money import Account, Draws, Statement, Transfer
    from panel.office import Office


@command(example="pastoral statement 900003 --year 2026")
@click.argument("urn", required=False)
@click.option("--year", type=click.IntRange(1990, 2200), default=None, help="The calendar year in which the financial year begins.")
@click.option("--as-of", type=Day(), default=None, help="The day; by default that of the latest meeting, else today.")
def statement(desk: Desk, urn: str | None, year: int | None, as_of: dt.date | None) -> None:
    """Money that follows the pupils, and the partnership's fund: a statement for one school, or all of them."""
    from panel.office import school_of

    with desk.open() as office:
        if urn is not None:
            school_of(office.state, urn)
        account = _account(office, year, as_of)
    shown = [one for one in account.statements if urn in (None, one.urn)]
    desk.answer(_data(account, shown), *_lines(account, shown))


def _account(office: Office, year: int | None, as_of: dt.date | None) -> Account:
    from panel.fold import fold
    from panel.meeting import rulebook_of
    from panel.money import account, year_of
    from panel.state import Referral
    from rules.book import Rulebook

    day = as_of or office.today()
    state = fold(office.record, as_of=day)
    meetings = {meeting.number: meeting for meeting in state.meetings}

    def books(referral: Referral) -> tuple[Rulebook, Any]:
        if referral.decision is None:
            raise AssertionError("only what was decided moves money")
        book = rulebook_of(office, meetings[referral.decision.meeting])
        return book, office.evaluation(book)

    book = office.rulebook(day)
    return account(state, (book, office.evaluation(book)), books, year_of(day, book.money) if year is None else year, day)


# --- as data ---


def _data(account: Account, shown: list[Statement]) -> dict[str, Any]:
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
                "drawn_pence": one.drawn,
                "total_pence": one.total,
            }
            for one in shown
        ],
        **({"fund": _fund(account.draws)} if account.draws else {}),
        "cannot_tell": [{"referral": one.referral, "missing": list(one.missing)} for one in account.untold],
        "no_school_sent": list(account.nowhere),
    }


def _transfer(one: Transfer) -> dict[str, Any]:
    return {
        "referral": one.referral,
        "from_school": one.payer,
        "to_school": one.payee,
        "first": one.first.isoformat(),
        "last": one.last.isoformat(),
        "planned": one.planned,
        "rest": one.rest,
        "of": one.whole,
        "pence_a_year": one.full,
        "pence": one.pence,
        "lines": list(one.lines),
    }


def _fund(draws: Draws) -> dict[str, Any]:
    return {
        "pence": draws.pence,
        "shared": draws.fund.shared,
        "left_pence": draws.left,
        "meetings": draws.meetings,
        "wanted": draws.wanted,
        "shut_out": [{"school": urn, "came": draws.came[urn]} for urn in draws.shut_out],
        **({"why_not": draws.why_not} if draws.why_not else {}),
    }


# --- in words ---


def _lines(account: Account, shown: list[Statement]) -> Iterator[RenderableType]:
    names = {one.urn: one.name for one in account.statements}
    yield f"Financial year {account.first} to {account.last}, as of {account.as_of}."
    for one in shown:
        if _moved(one):
            yield ""
            yield f"{one.name} ({one.urn})"
            yield _table(one, account, names)
    quiet = [one.name for one in shown if not _moved(one)]
    if quiet:
        yield ""
        yield f"Nothing to pay, receive or draw: {', '.join(quiet)}."
    yield from _of_the_fund(account, names)
    if account.untold:
        yield ""
        yield from (f"{one.referral}: cannot be told; not recorded: {', '.join(one.missing)}." for one in account.untold)
    if account.nowhere:
        yield ""
        yield f"No school sent these pupils, so none pays: {', '.join(account.nowhere)}."


def _moved(one: Statement) -> bool:
    return bool(one.received or one.paid or one.drawn)


def _table(one: Statement, account: Account, names: Mapping[str, str]) -> RenderableType:
    from rich.table import Table

    unit = "weeks" if account.money.counted == "weeks" else "days"
    table = Table(box=None, pad_edge=False, show_edge=False)
    table.add_column("")
    table.add_column("from")
    for column in (unit, "a year", ""):
        table.add_column(column, justify="right")
    for each in one.received:
        table.add_row(f"{each.referral} from {names.get(each.payer, each.payer)}", *_worked_out(each), _signed(each.pence))
    for each in one.paid:
        table.add_row(f"{each.referral} to {names.get(each.payee, each.payee)}", *_worked_out(each), _signed(-each.pence))
    if one.drawn:
        table.add_row("from the fund", "", "", "", _signed(one.drawn))
    table.add_row("total", "", "", "", _signed(one.total))
    return table


def _worked_out(each: Transfer) -> tuple[str, str, str]:
    from panel.why import pounds

    return f"{each.first}" + (" planned" if each.planned else ""), f"{each.rest}/{each.whole}", pounds(each.full)


def _signed(pence: int) -> str:
    from panel.why import pounds

    return f"-{pounds(-pence)}" if pence < 0 else pounds(pence)


def _of_the_fund(account: Account, names: Mapping[str, str]) -> Iterator[str]:
    from panel.why import pounds
    from rules.phrases import said_fund

    draws = account.draws
    if draws is None:
        return
    yield ""
    if draws.why_not:
        yield f"The fund of {pounds(draws.pence)} cannot be shared: {draws.why_not}."
        return
    left = f"; {pounds(draws.left)} cannot be shared in whole pence and stays in it" if draws.left else ""
    yield f"The fund of {pounds(draws.pence)} is {said_fund(draws.fund)}{left}."
    for urn in draws.shut_out:
        yield f"  {names[urn]} draws nothing: it came to {draws.came[urn]} of {draws.meetings} meetings; wanted {draws.wanted}."
