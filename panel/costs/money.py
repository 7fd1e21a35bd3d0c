"""Money that follows the pupil, and the partnership's fund: what each school pays, receives and draws in a financial year.

It moves no money and knows no bank: it says what the rulebook comes to. All of it in pence. What follows one pupil is in `payments.py`,
what an exclusion costs in `deductions.py`.

    total     received - paid + drawn - levied + put in; of the authority, the fund and what is outside likewise, so that all totals
              add up to nothing
    draw      fund x part / all parts x weight / all weights, whole pence only, for each part that is shared by a measure of its own, and
              their sum; what cannot be shared in whole pence stays in the fund
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from panel.costs.deductions import BookOn, Levy, deductions, levies, unrecorded
from panel.costs.payments import FUND, NOBODY, OTHERS, OUTSIDE, Books, Evaluate, Transfer, Travel, as_recorded, transfers_of
from panel.errors import Refused
from panel.facts.counts import tally
from panel.state.records import Meeting, Span, State
from panel.state.stays import stays
from rules.accounts import Fund, Money, Share
from rules.book import Rulebook


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is drawn of one part of the fund: URN -> pence. `why_not`: why nobody draws of it, or nothing."""

    share: Share
    by_school: Mapping[str, int]
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Draws:
    """How the fund is shared: URN -> pence, all `parts` together; `left` stays in it. `came`: meetings that each school came to, of
    `meetings`.

    `asked` has, by school, the meetings that were held while it was a member, and to how many of them it had to come; `wanted`
    is that of a member for the whole year. `shut_out` are the schools that came to fewer. `why_not`: why none of it can be shared, or
    nothing.
    """

    fund: Fund
    pence: int
    by_school: Mapping[str, int]
    left: int
    meetings: int
    wanted: int
    came: Mapping[str, int]
    asked: Mapping[str, tuple[int, int]]
    shut_out: tuple[str, ...]
    parts: tuple[Drawn, ...]
    why_not: str = ""

    def kept(self, one: Drawn) -> int:
        """The whole pence of a part that stays in the fund because nobody can be said to draw on it."""
        return self.pence * one.share.part // self.fund.parts if one.why_not else 0

    @property
    def over(self) -> int:
        """What stays only because it cannot be shared in whole pence."""
        return self.left - sum(self.kept(one) for one in self.parts)


@dataclass(frozen=True, slots=True)
class Statement:
    """One party's year: what it pays and receives with pupils, what it draws, and what it pays for exclusions.

    `urn` is a school's, or `authority`, `fund` or `outside`. The fund draws below 0; it or the authority collects what the schools are
    `levied`. `put_in` is what was recorded as the fund's pence: to the fund, from outside.
    """

    urn: str
    name: str
    received: tuple[Transfer, ...]
    paid: tuple[Transfer, ...]
    drawn: int
    levied: tuple[Levy, ...] = ()
    collected: tuple[Levy, ...] = ()
    put_in: int = 0

    @property
    def total(self) -> int:
        """Pence to the party; below 0 from it."""
        levied = sum(one.pence for one in self.collected) - sum(one.pence for one in self.levied)
        return sum(one.pence for one in self.received) - sum(one.pence for one in self.paid) + self.drawn + levied + self.put_in


@dataclass(frozen=True, slots=True)
class Account:
    """A panel's financial year up to a day: every statement, and the fund where the book has one and its pence are recorded.

    `others` are the statements of the authority and the fund, and of `outside` where the fund was given pence. `untold` are transfers
    of which a fact is missing; `waiting` those that are due only if the placement still stands on a day to come; `nowhere` referrals
    for which the school that sent would pay or be paid, by a line that fires or cannot be told, and no school did; `unrecorded` those
    that speak of an exclusion that nobody recorded, so that what it costs is not known.
    """

    first: dt.date
    last: dt.date
    as_of: dt.date
    money: Money
    statements: tuple[Statement, ...]
    draws: Draws | None
    untold: tuple[Transfer, ...]
    nowhere: tuple[str, ...]
    others: tuple[Statement, ...] = ()
    waiting: tuple[Transfer, ...] = ()
    unrecorded: tuple[str, ...] = ()


def bounds(year: int, money: Money) -> tuple[dt.date, dt.date]:
    """The first and last day of the financial year that begins in a calendar year."""
    month = 4 if money.year == "april" else 9
    return dt.date(year, month, 1), dt.date(year + 1, month, 1) - dt.timedelta(days=1)


def year_of(day: dt.date, money: Money) -> int:
    """The calendar year in which the financial year of a day begins."""
    return day.year if day >= bounds(day.year, money)[0] else day.year - 1


def account(
    state: State,
    book: tuple[Rulebook, Evaluate],
    books: Books,
    year: int,
    as_of: dt.date,
    book_on: BookOn | None = None,
    travel: Travel = as_recorded,
) -> Account:
    """The financial year that begins in a calendar year, as the state shows it on a day. `book` is the one in force then.

    `book_on`: the book of a day, for what an exclusion costs; without it `book`. `travel`: what the journey to a school costs.
    """
    money = book[0].money
    of_a_day: BookOn = book_on or (lambda _: book)
    first, last = span = bounds(year, money)
    placed = stays(state)
    held = state.referrals
    made = [one for name, stay in placed.items() for one in transfers_of(state, held[name], stay, books, span, money, as_of, travel)]
    no_sender = tuple(dict.fromkeys(one.referral for one in made if NOBODY in (one.payer, one.payee)))
    made = [one for one in made if NOBODY not in (one.payer, one.payee)]
    made += deductions(state, of_a_day, span, money, as_of)
    told = [one for one in made if not one.missing and not one.waits]
    asked = levies(state, of_a_day, span, as_of)
    draws = _draws(state, book, span, year, as_of)
    by_school = draws.by_school if draws else {}
    named = {*by_school, *mainstream(state, first, min(last, as_of)), *(one.payer for one in asked)}
    named |= {urn for one in told for urn in (one.payer, one.payee)} - {*OTHERS}
    drawn = {**by_school, FUND: -sum(by_school.values())}
    put_in = {FUND: draws.pence, OUTSIDE: -draws.pence} if draws else {}
    parties = {party: f"the {party}" for party in OTHERS} | ({OUTSIDE: "outside the partnership"} if put_in else {})
    return Account(
        first=first,
        last=last,
        as_of=as_of,
        money=money,
        statements=tuple(_statement(urn, _name(state, urn), told, asked, drawn) for urn in sorted(named)),
        draws=draws,
        untold=tuple(one for one in made if one.missing),
        nowhere=no_sender,
        others=tuple(replace(_statement(party, name, told, asked, drawn), put_in=put_in.get(party, 0)) for party, name in parties.items()),
        waiting=tuple(one for one in made if one.waits and not one.missing),
        unrecorded=unrecorded(state, of_a_day, span, as_of),
    )


def _statement(party: str, name: str, told: Iterable[Transfer], asked: Iterable[Levy], drawn: Mapping[str, int]) -> Statement:
    return Statement(
        party,
        name,
        tuple(one for one in told if one.payee == party),
        tuple(one for one in told if one.payer == party),
        drawn.get(party, 0),
        tuple(one for one in asked if one.payer == party),
        tuple(one for one in asked if one.payee == party),
    )


def _name(state: State, urn: str) -> str:
    return state.schools[urn].name if urn in state.schools else urn


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


# --- the fund ---


def _draws(state: State, book: tuple[Rulebook, Evaluate], year: tuple[dt.date, dt.date], named: int, as_of: dt.date) -> Draws | None:
    fund, pence = book[0].money.fund, state.funds.get(named)
    if fund is None or pence is None:
        return None
    held = [meeting for meeting in state.meetings if meeting.closed and year[0] <= meeting.on <= min(year[1], as_of)]
    attended = {meeting.number: {state.successors.get(urn, urn) for urn in meeting.attended} for meeting in held}
    own = {urn: _while_a_member(state, urn, held) for urn in mainstream(state, year[0], min(year[1], as_of))}
    came = {urn: sum(urn in attended[meeting.number] for meeting in its) for urn, its in own.items()}
    wanted = _wanted(fund, len(held), len(held))
    asked = {urn: (len(its), _wanted(fund, len(its), len(held))) for urn, its in own.items()}
    open_to = [urn for urn, many in came.items() if many >= asked[urn][1]]
    parts = tuple(_drawn(state, book, one, pence, fund.parts, open_to, min(year[1], as_of)) for one in fund.shares)
    why_not = "; ".join(dict.fromkeys(one.why_not for one in parts)) if all(one.why_not for one in parts) else ""
    if fund.took_part is not None and not held:
        why_not = "no meeting of the year is closed yet, so that nobody can tell who took part"
        parts = tuple(replace(one, by_school={}, why_not=why_not) for one in parts)
    by_school = {urn: sum(one.by_school.get(urn, 0) for one in parts) for urn in (() if why_not else open_to)}
    shut_out = tuple(urn for urn in came if urn not in open_to)
    return Draws(fund, pence, by_school, pence - sum(by_school.values()), len(held), wanted, came, asked, shut_out, parts, why_not)


def _drawn(
    state: State, book: tuple[Rulebook, Evaluate], share: Share, pence: int, parts: int, open_to: Sequence[str], on: dt.date
) -> Drawn:
    """What the schools that may draw have of one part of the fund's pence."""
    weights, why_not = _weights(state, book, share, open_to, on)
    if not why_not and not any(weights.values()):
        why_not = "no school may draw on it" if not open_to else "nobody has any of what it is shared by"
    return Drawn(share, {} if why_not else shared_out(pence, share.part, parts, weights), why_not)


def shared_out(pence: int, part: int, parts: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Part of so many parts of the pence, in proportion to weights that are not all nothing: rounded down once, to whole pence."""
    total = parts * sum(weights.values())
    return {urn: pence * part * weight // total for urn, weight in weights.items()}


def _while_a_member(state: State, urn: str, held: Iterable[Meeting]) -> list[Meeting]:
    """The meetings that were held while a school, or one that goes on as it, took part."""
    spans = state.sharing.get(urn, (Span(),))
    return [meeting for meeting in held if any(span.has(meeting.on) for span in spans)]


def _wanted(fund: Fund, own: int, held: int) -> int:
    """To how many of its own meetings a school must have come to draw on the fund; parts are rounded up. A member for only some of
    the meetings is asked for no more than were held while it was one, and for one at least."""
    match fund.took_part:
        case None:
            return 0
        case "half":
            wanted = -(-own // 2)
        case "two_thirds":
            wanted = -(-2 * own // 3)
        case "all":
            wanted = own
        case int() as many:
            wanted = many if own == held else min(many, own)
    return wanted if own == held else max(1, wanted)


def _weights(
    state: State, book: tuple[Rulebook, Evaluate], share: Share, open_to: Iterable[str], on: dt.date
) -> tuple[dict[str, int], str]:
    """What each school that may draw is weighed by, and why it cannot be told, or nothing."""
    match share.by:
        case "equally":
            return dict.fromkeys(open_to, 1), ""
        case "roll":
            rolls = {urn: state.schools[urn].roll for urn in open_to}
            unknown = [urn for urn, roll in rolls.items() if roll is None]
            return {urn: roll for urn, roll in rolls.items() if roll is not None}, (
                f"the roll of {', '.join(unknown)} is not recorded (`pastoral load schools`, column NumberOfPupils)" if unknown else ""
            )
        case "weight":
            agreed = {urn: state.schools[urn].share_weight for urn in open_to}
            unsaid = [urn for urn, weight in agreed.items() if weight is None]
            return {urn: weight for urn, weight in agreed.items() if weight is not None}, (
                f"the weight of {', '.join(unsaid)} is not recorded (`pastoral load schools`, column share_weight)" if unsaid else ""
            )
        case "need":
            rulebook, evaluate = book
            try:
                counts = tally(state, rulebook, evaluate.admission, on)
            except Refused as why:
                return {}, why.message
            return {urn: max(0, counts.of(share.count, urn)) for urn in open_to}, ""


def in_words(year: int, money: Money) -> str:
    """A financial year as people name it."""
    first, last = bounds(year, money)
    return f"{first:%-d %B %Y} to {last:%-d %B %Y}"
