"""What follows one pupil, and what a school pays for a permanent exclusion: who pays whom, from which day, how many pence.

It adds nothing up and shares no fund: that is `money.py`.

    rest      days (or complete weeks) from the first day at the receiving school to the year's last, or to the last there: of a pupil
              who moves on by another decision the school that is left pays from then, else the payment ends the day before
    transfer  pence a year x rest / days of the year (or 52 weeks), to the nearest penny, halves up; what is paid once is not divided;
              the same for both parties
    after     a line that asks how long the placement stands is due on the day so long after the first, if the pupil is there that day
    levy      pence for each permanent exclusion that stands, from the school to the fund
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from panel.counts import admission_facts
from panel.state import Referral, State
from panel.stays import Stay, sent_by
from rules.book import Flow, Length, Money, Rule, Rulebook
from rules.evaluate import AdmissionReading
from rules.facts import Facts
from rules.reading import Reading

WEEKS: Final = 52
WEEK: Final = 7
AUTHORITY: Final = "authority"
FUND: Final = "fund"
OTHERS: Final = (AUTHORITY, FUND)
"""Parties that are no schools; a school is named by its URN."""

Year = tuple[dt.date, dt.date]
"""The first and the last day of a financial year."""


class Evaluate(Protocol):
    """Asks a rulebook which transfers follow a placement, and what a count takes in."""

    def transfers(self, facts: Facts, /) -> Reading: ...
    def admission(self, facts: Facts, /) -> AdmissionReading: ...


Books = Callable[[Referral], tuple[Rulebook, Evaluate]]
"""A referral that was decided -> the book that it was decided by, and how to ask it."""

MoneyOn = Callable[[dt.date], Money]
"""What the book says of money that is in force on a day."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """What follows one pupil: from `payer` to `payee`, for `rest` of `whole` days or weeks, at `full` pence a year.

    A party is a school's URN, `authority` or `fund`. What is paid once has neither rest nor whole. `planned` where nothing has
    started yet, so that the first day is the one that was planned. `due` is the day until which the placement must stand for it,
    and `waits` says that it has not come; `missing` names the facts without which nobody can tell. By either there is no money in it yet.
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
    missing: tuple[str, ...]
    flow: Flow
    due: dt.date | None
    waits: bool


@dataclass(frozen=True, slots=True)
class Levy:
    """What a school pays into the fund for one permanent exclusion."""

    pupil: str
    payer: str
    on: dt.date
    pence: int


def transfers_of(
    state: State, referral: Referral, stay: Stay, books: Books, year: Year, money: Money, as_of: dt.date
) -> Iterator[Transfer]:
    """What follows the pupil of one referral, a sum for all lines that are paid alike; nothing where it starts in another year."""
    school = referral.decision.school if referral.decision else None
    if school is None or not year[0] <= stay.first <= year[1]:
        return
    rulebook, evaluate = books(referral)
    admission = next(one for one in state.admissions if one.referral == referral.made.referral)
    reading = evaluate.transfers(admission_facts(admission))
    making = _Making(referral, stay, school, reading, year, money, as_of)
    for flow in dict.fromkeys(rule.flow for rule in rulebook.transfers):
        made = making.transfer(flow, [rule for rule in rulebook.transfers if rule.flow == flow])
        if made is not None:
            yield made


@dataclass(frozen=True, slots=True)
class _Making:
    """One placement, what the book says of it, and the year and day that are asked about."""

    referral: Referral
    stay: Stay
    school: str
    reading: Reading
    year: Year
    money: Money
    as_of: dt.date

    def transfer(self, flow: Flow, rules: list[Rule]) -> Transfer | None:
        """What the lines that are paid alike come to together."""
        payer, payee = self._party(flow.from_), self._party(flow.to)
        if payer is None or payee is None or payer == payee:
            return None
        amounts = {rule.id: rule.amount for rule in rules}
        lines = tuple(finding.rule for finding in self.reading.fires("transfer") if finding.rule in amounts)
        untold = [finding for finding in self.reading.cannot_tell("transfer") if finding.rule in amounts]
        missing = tuple(dict.fromkeys(fact for finding in untold for fact in finding.missing))
        due = None if flow.after is None else self.stay.first + _days(flow.after)
        if (not lines and not missing) or (due is not None and self.stay.until is not None and self.stay.until < due):
            return None
        planned = self.referral.started is None
        waits = due is not None and (planned or self.as_of < due)
        last = min(self.year[1], self._until(flow) or self.year[1])
        rest, whole = (0, 0) if flow.once else _rest(self.stay.first, last, self.year, self.money)
        full = sum(amounts[line] for line in lines)
        pence = 0 if missing or waits else full if flow.once else (2 * full * rest + whole) // (2 * whole)
        name = self.referral.made.referral
        return Transfer(name, payer, payee, self.stay.first, last, planned, rest, whole, full, pence, lines, missing, flow, due, waits)

    def _party(self, word: str) -> str | None:
        """Whom a word of the book means here; None where no school sent the pupil."""
        return {"sending_school": sent_by(self.referral), "receiving_school": self.school}.get(word, word)

    def _until(self, flow: Flow) -> dt.date | None:
        """The last day that is paid for.

        From school to school whoever moves on is paid for by the school that is left, so that its own payment goes on; between
        any others it ends with the stay, so that no day is paid for twice.
        """
        stay, usual = self.stay, Flow()
        chained = (flow.from_, flow.to) == (usual.from_, usual.to)
        return stay.left if chained and stay.next is not None and sent_by(stay.next) == self.school else stay.until


def _days(length: Length) -> dt.timedelta:
    return dt.timedelta(days=length.many * (WEEK if length.unit == "weeks" else 1))


def _rest(first: dt.date, last: dt.date, year: Year, money: Money) -> tuple[int, int]:
    """Days, or complete weeks, from the first day to the last, both included; and those of the whole year."""
    days = max(0, (last - first).days + 1)
    if money.counted == "weeks":
        return min(WEEKS, days // WEEK), WEEKS
    return days, (year[1] - year[0]).days + 1


def needs_a_sender(rulebook: Rulebook) -> bool:
    """Whether a school that sent is asked for money: a book that says nothing of transfers counts as the usual one."""
    return not rulebook.transfers or any("sending_school" in (rule.flow.from_, rule.flow.to) for rule in rulebook.transfers)


# --- for a permanent exclusion ---


def levies(state: State, money_on: MoneyOn, year: Year, as_of: dt.date) -> tuple[Levy, ...]:
    """What schools pay for the permanent exclusions of a year up to a day that stand, each by the book of its day."""
    lately = [one for one in state.exclusions if year[0] <= one.on <= min(year[1], as_of)]
    asked = [Levy(one.pupil, one.school, one.on, money_on(one.on).levy) for one in lately]
    return tuple(sorted((levy for levy in asked if levy.pence), key=lambda levy: (levy.on, levy.payer, levy.pupil)))


def unrecorded(state: State, money_on: MoneyOn, year: Year, as_of: dt.date) -> tuple[str, ...]:
    """Referrals that say that the pupil was excluded, of whom no exclusion is recorded: whether a levy is due cannot be told."""
    known = {one.pupil for one in state.exclusions} | {one.exclusion.pupil for one in state.reversals}
    said = [
        held.made
        for held in state.referrals.values()
        if held.made.permanently_excluded and not held.withdrawn and held.made.pupil not in known and sent_by(held) is not None
    ]
    return tuple(made.referral for made in said if year[0] <= made.made_on <= min(year[1], as_of) and money_on(made.made_on).levy)
