"""What follows one pupil to another school: who pays whom, from which day, how many pence.

It adds nothing up and shares no fund: that is `money.py`. What a school pays for an exclusion, placed or not, is in `deductions.py`.

    rest      days (or complete weeks) from the first day at the receiving school to the year's last, or to the last there: of a pupil
              who moves on by another decision the school that is left pays from then, else the payment ends the day before
    transfer  pence a year x rest / days of the year (or 52 weeks), to the nearest penny, halves up; what is paid once is not divided;
              the same for both parties
    first     the first day there; or of a line that says so the day on which a trial became permanent
    last      of what is temporary, or a trial that ends in a return by itself, the planned last day while that is to come
    leavers   a pupil of the last year group is paid for until the end of the school year at the latest
    after     a line that asks how long the placement stands is due on the day so long after the first, if the pupil is there that day
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from panel.facts.counts import admission_facts
from panel.state.lifecycle import course_of
from panel.state.records import Referral, State
from panel.state.schooldays import academic_year
from panel.state.stays import Stay, sent_by
from panel.state.year_groups import year_group_on
from rules.accounts import Money
from rules.book import Flow, Length, Rule, Rulebook
from rules.evaluate import AdmissionReading
from rules.facts import Facts
from rules.reading import Reading

WEEKS: Final = 52
WEEK: Final = 7
AUTHORITY: Final = "authority"
FUND: Final = "fund"
OTHERS: Final = (AUTHORITY, FUND)
"""Parties that are no schools; a school is named by its URN."""
OUTSIDE: Final = "outside"
"""Where what is put into the fund comes from: no party to any payment."""
NOBODY: Final = ""
"""The school that sent, of a pupil whom none sent: what it would pay, or be paid, nobody does."""

Year = tuple[dt.date, dt.date]
"""The first and the last day of a financial year."""


class Evaluate(Protocol):
    """Asks a rulebook which transfers follow a placement, and what a count takes in."""

    def transfers(self, facts: Facts, /) -> Reading: ...
    def admission(self, facts: Facts, /) -> AdmissionReading: ...


Travel = Callable[[Referral], int | None]
"""A referral that was decided -> what the decision recorded that the journey costs, pence a year; None where nobody said it."""

UNPRICED: Final = "what the journey costs"
"""What is missing where nobody recorded a cost when it was decided, and the book had no charges to work it out by."""


def as_recorded(held: Referral) -> int | None:
    """The pence that the decision has."""
    return held.decision.transport_pence if held.decision else None


Books = Callable[[Referral], tuple[Rulebook, Evaluate]]
"""A referral that was decided -> the book that it was decided by, and how to ask it."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """What follows one pupil: from `payer` to `payee`, for `rest` of `whole` days or weeks, at `full` pence a year.

    A party is a school's URN, `authority` or `fund`, or `NOBODY`: then no money moves. What is paid once has neither rest nor whole.
    `planned` where nothing has started yet, so that the first day is the one that was planned. `due` is the day until which the
    placement must stand for it, and `waits` says that it has not come, or that a trial is not permanent yet; `missing` names the facts
    without which nobody can tell. By either there is no money in it yet. `why` says what ended it before the year did. For an exclusion
    there is no referral, and `pupil` is who was excluded.
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
    why: str = ""
    pupil: str = ""


def transfers_of(
    state: State, referral: Referral, stay: Stay, books: Books, year: Year, money: Money, as_of: dt.date, travel: Travel = as_recorded
) -> Iterator[Transfer]:
    """What follows the pupil of one referral, a sum for all lines that are paid alike; nothing where it begins in another year."""
    school = referral.decision.school if referral.decision else None
    if school is None or stay.first > year[1]:
        return
    rulebook, evaluate = books(referral)
    flows = [flow for flow in dict.fromkeys(rule.flow for rule in rulebook.transfers) if flow.begins != "exclusion"]
    if not flows or (stay.first < year[0] and all(flow.begins == "first_day" for flow in flows)):
        return
    admission = next(one for one in state.admissions if one.referral == referral.made.referral)
    reading = evaluate.transfers(admission_facts(admission))
    making = _Making(referral, stay, school, rulebook, reading, year, money, as_of, travel)
    for flow in flows:
        made = making.transfer(flow, [rule for rule in rulebook.transfers if rule.flow == flow])
        if made is not None:
            yield made


@dataclass(frozen=True, slots=True)
class _Making:
    """One placement, what the book says of it, and the year and day that are asked about."""

    referral: Referral
    stay: Stay
    school: str
    rulebook: Rulebook
    reading: Reading
    year: Year
    money: Money
    as_of: dt.date
    travel: Travel

    def transfer(self, flow: Flow, rules: list[Rule]) -> Transfer | None:
        """What the lines that are paid alike come to together."""
        payer, payee = self._party(flow.from_), self._party(flow.to)
        begins, first = self._begins(flow)
        if payer == payee or not begins or not self.year[0] <= (first or self.year[1]) <= self.year[1]:
            return None
        amounts = {rule.id: rule.amount for rule in rules}
        lines = tuple(finding.rule for finding in self.reading.fires("transfer") if finding.rule in amounts)
        untold = [finding for finding in self.reading.cannot_tell("transfer") if finding.rule in amounts]
        missing = tuple(dict.fromkeys(fact for finding in untold for fact in finding.missing))
        journey = self.travel(self.referral) if flow.travel and lines else 0
        missing = missing if journey is not None else (*missing, UNPRICED)
        from_ = first or self.stay.first
        since = max(from_, self.year[0])
        due = None if flow.after is None or first is None else first + length_of(flow.after)
        leaves = leaves_on(self.rulebook.money, year_group_on(self.referral.made, since), since)
        there = min((day for day in (self.stay.until, leaves) if day is not None), default=None)
        if (not lines and not missing) or (due is not None and there is not None and there < due):
            return None
        planned = self.referral.started is None
        waits = first is None or (due is not None and (planned or self.as_of < due))
        left, ends = self._until(flow), self._planned()
        last = min(day for day in (self.year[1], left, ends, leaves) if day is not None)
        rest, whole = (0, 0) if flow.once else rest_of(since, last, self.year, self.money)
        full = (journey or 0) if flow.travel else sum(amounts[line] for line in lines)
        pence = 0 if missing or waits else paid(full, rest, whole, once=flow.once)
        why = "" if flow.once or last == self.year[1] else why_then(last, left, leaves, self.rulebook.money, ends)
        name = self.referral.made.referral
        return Transfer(name, payer, payee, from_, last, planned, rest, whole, full, pence, lines, missing, flow, due, waits, why)

    def _begins(self, flow: Flow) -> tuple[bool, dt.date | None]:
        """Whether a line is ever paid, and from which day; no day while a trial is not permanent."""
        if flow.begins != "permanent":
            return True, self.stay.first
        course = course_of(self.rulebook, self.referral.made.referral_kind)
        if course.trial is None:
            return course.placement != "temporary", self.stay.first
        since = self.referral.since("placement.made_permanent")
        return since is not None or self.stay.until is None, since

    def _planned(self) -> dt.date | None:
        """The planned last day, while it has not passed, of what ends then unless somebody says otherwise."""
        course = course_of(self.rulebook, self.referral.made.referral_kind)
        ends = course.trial.at_end == "return" if course.trial else course.placement == "temporary"
        return self.stay.planned if ends and self.stay.planned and self.stay.planned >= self.as_of else None

    def _party(self, word: str) -> str:
        """Whom a word of the book means here."""
        return {"sending_school": sent_by(self.referral) or NOBODY, "receiving_school": self.school}.get(word, word)

    def _until(self, flow: Flow) -> dt.date | None:
        """The last day that is paid for.

        From school to school whoever moves on is paid for by the school that is left, so that its own payment goes on; between
        any others it ends with the stay, so that no day is paid for twice.
        """
        stay, usual = self.stay, Flow()
        chained = (flow.from_, flow.to) == (usual.from_, usual.to)
        return stay.left if chained and stay.next is not None and sent_by(stay.next) == self.school else stay.until


def leaves_on(money: Money, year_group: int, on: dt.date) -> dt.date | None:
    """The last day of the school year, where a pupil who is in a year group on a day leaves school then."""
    if money.leavers is None or year_group < money.leavers:
        return None
    return dt.date(academic_year(on) + 1, 7 if money.leave_in == "july" else 8, 31)


def why_then(last: dt.date, left: dt.date | None, leaves: dt.date | None, money: Money, planned: dt.date | None = None) -> str:
    """Why a payment ends on its last day, where that is not the year's."""
    if last == leaves:
        return f"until {last}, the end of the school year: the pupil is in year {money.leavers}, the last"
    if last == left:
        return f"until {last}, the last day there"
    return f"until {last}, the planned last day: what is extended is paid for longer" if last == planned else ""


def paid(full: int, rest: int, whole: int, *, once: bool) -> int:
    """Pence: all of it once, else the rest of a year, to the nearest penny, halves up."""
    return full if once else (2 * full * rest + whole) // (2 * whole)


def length_of(length: Length) -> dt.timedelta:
    return dt.timedelta(days=length.many * (WEEK if length.unit == "weeks" else 1))


def rest_of(first: dt.date, last: dt.date, year: Year, money: Money) -> tuple[int, int]:
    """Days, or complete weeks, from the first day to the last, both included; and those of the whole year."""
    days = max(0, (last - first).days + 1)
    if money.counted == "weeks":
        return min(WEEKS, days // WEEK), WEEKS
    return days, (year[1] - year[0]).days + 1
