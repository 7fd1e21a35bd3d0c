"""Money that follows the pupil, and the partnership's fund: what each school pays, receives and draws in a financial year.

It moves no money and knows no bank: it says what the rulebook comes to. All of it in pence.

    rest      days (or complete weeks) from the first day at the receiving school to the year's last, or to the last there: of a pupil
              who moves on by another decision the school that is left pays from then, else the payment ends the day before
    transfer  pence a year x rest / days of the year (or 52 weeks), to the nearest penny, halves up; the same for both schools
    draw      fund x weight / all weights, whole pence only; what cannot be shared in whole pence stays in the fund
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from panel.counts import admission_facts, tally
from panel.errors import Refused
from panel.state import Referral, State
from panel.stays import Stay, sent_by, stays
from rules.book import Fund, Money, Rulebook
from rules.evaluate import AdmissionReading
from rules.facts import Facts
from rules.reading import Reading

WEEKS: Final = 52


class Evaluate(Protocol):
    """Asks a rulebook which transfers follow a placement, and what a count takes in."""

    def transfers(self, facts: Facts, /) -> Reading: ...
    def admission(self, facts: Facts, /) -> AdmissionReading: ...


Books = Callable[[Referral], tuple[Rulebook, Evaluate]]
"""A referral that was decided -> the book that it was decided by, and how to ask it."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """What follows one pupil: from `payer` to `payee`, for `rest` of `whole` days or weeks, at `full` pence a year.

    `planned` where nothing has started yet, so that the first day is the one that was planned; `missing` names the facts
    without which nobody can tell, and then there is no money in it.
    """

    referral: str
    payer: str
    payee: str
    first: dt.date
    last: dt.date
    planned: bool
    rest: int
    whole: int
    full: int
    pence: int
    lines: tuple[str, ...]
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draws:
    """How the fund is shared: URN -> pence; `left` stays in it. `came`: meetings that each school came to, of `meetings`.

    `shut_out` are the schools that came to fewer than `wanted`. `why_not`: why it cannot be shared, or nothing.
    """

    fund: Fund
    pence: int
    by_school: Mapping[str, int]
    left: int
    meetings: int
    wanted: int
    came: Mapping[str, int]
    shut_out: tuple[str, ...]
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """One school's year: what it pays and receives with pupils, and what it draws."""

    urn: str
    name: str
    received: tuple[Transfer, ...]
    paid: tuple[Transfer, ...]
    drawn: int

    @property
    def total(self) -> int:
        """Pence to the school; below 0 from it."""
        return sum(one.pence for one in self.received) - sum(one.pence for one in self.paid) + self.drawn


@dataclass(frozen=True, slots=True)
class Account:
    """A panel's financial year up to a day: every statement, and the fund where the book has one and its pence are recorded.

    `untold` are transfers of which a fact is missing; `nowhere` referrals placed although no school sent them.
    """

    first: dt.date
    last: dt.date
    as_of: dt.date
    money: Money
    statements: tuple[Statement, ...]
    draws: Draws | None
    untold: tuple[Transfer, ...]
    nowhere: tuple[str, ...]


def bounds(year: int, money: Money) -> tuple[dt.date, dt.date]:
    """The first and last day of the financial year that begins in a calendar year."""
    month = 4 if money.year == "april" else 9
    return dt.date(year, month, 1), dt.date(year + 1, month, 1) - dt.timedelta(days=1)


def year_of(day: dt.date, money: Money) -> int:
    """The calendar year in which the financial year of a day begins."""
    return day.year if day >= bounds(day.year, money)[0] else day.year - 1


def account(state: State, book: tuple[Rulebook, Evaluate], books: Books, year: int, as_of: dt.date) -> Account:
    """The financial year that begins in a calendar year, as the state shows it on a day. `book` is the one in force then."""
    money = book[0].money
    first, last = bounds(year, money)
    placed = stays(state)
    decided = [state.referrals[name] for name in placed]
    made = [
        one
        for referral in decided
        if (one := _transfer(state, referral, placed[referral.made.referral], books, (first, last), money)) is not None
    ]
    told = [one for one in made if not one.missing]
    draws = _draws(state, book, (first, last), year, as_of)
    by_school = draws.by_school if draws else {}
    named = {*(one.payer for one in told), *(one.payee for one in told), *by_school, *mainstream(state, first, min(last, as_of))}
    return Account(
        first=first,
        last=last,
        as_of=as_of,
        money=money,
        statements=tuple(
            Statement(
                urn,
                state.schools[urn].name if urn in state.schools else urn,
                tuple(one for one in told if one.payee == urn),
                tuple(one for one in told if one.payer == urn),
                by_school.get(urn, 0),
            )
            for urn in sorted(named)
        ),
        draws=draws,
        untold=tuple(one for one in made if one.missing),
        nowhere=tuple(r.made.referral for r in decided if sent_by(r) is None and first <= placed[r.made.referral].first <= last),
    )


def mainstream(state: State, first: dt.date, last: dt.date) -> tuple[str, ...]:
    """The schools that a fund is shared among: mainstream, not closed nor merged into another, and members on a day between two."""
    return tuple(
        urn
        for urn, school in state.schools.items()
        if school.setting == "mainstream" and not school.closed and urn not in state.successors and _was_member(state, urn, first, last)
    )


def _was_member(state: State, urn: str, first: dt.date, last: dt.date) -> bool:
    """Whether a school takes part on a day between two, both included."""
    return urn not in state.members or any(
        (span.first is None or span.first <= last) and (span.until is None or first < span.until) for span in state.members[urn]
    )


# --- what follows a pupil ---


def _until(stay: Stay, payee: str) -> dt.date | None:
    """The last day that is paid for: whoever moves on is paid for by the school that is left, so that its own payment goes on."""
    return stay.left if stay.next is not None and sent_by(stay.next) == payee else stay.until


def _transfer(state: State, referral: Referral, stay: Stay, books: Books, year: tuple[dt.date, dt.date], money: Money) -> Transfer | None:
    """What follows the pupil of one referral; nothing where no school sent, it starts in another year, or no line fires."""
    payer, payee, first = sent_by(referral), referral.decision.school if referral.decision else None, stay.first
    if payer is None or payee is None or payer == payee or not year[0] <= first <= year[1]:
        return None
    rulebook, evaluate = books(referral)
    admission = next(one for one in state.admissions if one.referral == referral.made.referral)
    reading = evaluate.transfers(admission_facts(admission))
    amounts = {rule.id: rule.amount for rule in rulebook.transfers}
    lines = tuple(finding.rule for finding in reading.fires("transfer"))
    missing = tuple(dict.fromkeys(fact for finding in reading.cannot_tell("transfer") for fact in finding.missing))
    if not lines and not missing:
        return None
    last = min(year[1], _until(stay, payee) or year[1])
    rest, whole = _rest(first, last, year, money)
    full = sum(amounts[line] for line in lines)
    pence = 0 if missing else (2 * full * rest + whole) // (2 * whole)
    name = referral.made.referral
    return Transfer(name, payer, payee, first, last, referral.started is None, rest, whole, full, pence, lines, missing)


def _rest(first: dt.date, last: dt.date, year: tuple[dt.date, dt.date], money: Money) -> tuple[int, int]:
    """Days, or complete weeks, from the first day to the last, both included; and those of the whole year."""
    days = max(0, (last - first).days + 1)
    if money.counted == "weeks":
        return min(WEEKS, days // 7), WEEKS
    return days, (year[1] - year[0]).days + 1


# --- the fund ---


def _draws(state: State, book: tuple[Rulebook, Evaluate], year: tuple[dt.date, dt.date], named: int, as_of: dt.date) -> Draws | None:
    fund, pence = book[0].money.fund, state.funds.get(named)
    if fund is None or pence is None:
        return None
    held = [meeting for meeting in state.meetings if meeting.closed and year[0] <= meeting.on <= min(year[1], as_of)]
    attended = [{state.successors.get(urn, urn) for urn in meeting.attended} for meeting in held]
    came = {urn: sum(urn in there for there in attended) for urn in mainstream(state, year[0], min(year[1], as_of))}
    wanted = _wanted(fund, len(held))
    open_to = [urn for urn, many in came.items() if many >= wanted]
    weights, why_not = _weights(state, book, fund, open_to, min(year[1], as_of))
    total = sum(weights.values())
    if not why_not and total == 0:
        why_not = "no school may draw on it" if not open_to else "nobody has any of what it is shared by"
    by_school = {} if why_not else {urn: pence * weight // total for urn, weight in weights.items()}
    shut_out = tuple(urn for urn in came if urn not in open_to)
    return Draws(fund, pence, by_school, pence - sum(by_school.values()), len(held), wanted, came, shut_out, why_not)


def _wanted(fund: Fund, meetings: int) -> int:
    """How many of the meetings a school came to, at least, to draw on the fund: parts are rounded up."""
    match fund.took_part:
        case None:
            return 0
        case "half":
            return -(-meetings // 2)
        case "two_thirds":
            return -(-2 * meetings // 3)
        case "all":
            return meetings
        case int() as many:
            return many


def _weights(state: State, book: tuple[Rulebook, Evaluate], fund: Fund, open_to: Iterable[str], on: dt.date) -> tuple[dict[str, int], str]:
    """What each school that may draw is weighed by, and why it cannot be told, or nothing."""
    match fund.shared:
        case "equally":
            return dict.fromkeys(open_to, 1), ""
        case "roll":
            rolls = {urn: state.schools[urn].roll for urn in open_to}
            unknown = [urn for urn, roll in rolls.items() if roll is None]
            return {urn: roll for urn, roll in rolls.items() if roll is not None}, (
                f"the roll of {', '.join(unknown)} is not recorded (`pastoral load schools`, column NumberOfPupils)" if unknown else ""
            )
        case "need":
            rulebook, evaluate = book
            try:
                counts = tally(state, rulebook, evaluate.admission, on)
            except Refused as why:
                return {}, why.message
            return {urn: max(0, counts.of(fund.count, urn)) for urn in open_to}, ""


def in_words(year: int, money: Money) -> str:
    """A financial year as people name it."""
    first, last = bounds(year, money)
    return f"{first:%-d %B %Y} to {last:%-d %B %Y}"
