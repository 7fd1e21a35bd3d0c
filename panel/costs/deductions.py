"""What a school pays for a permanent exclusion, whether the pupil is placed or not: the levy, and lines that begin with the exclusion.

    levy      pence for each permanent exclusion of a financial year that stands: for the school's first, its second and so on
    lines     pence a year x rest / days of the year, as of a placement, from the day of the exclusion; to the end of the year, of the
              school year for whoever leaves then, or to the day on which the pupil left the panel's schools
    after     counted from the exclusion: due on the day so long after it, if it stands then

Each goes by the book in force on the day of the exclusion; one that was reversed is none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from panel.costs.payments import Evaluate, Transfer, Year, leaves_on, length_of, paid, rest_of, why_then
from panel.events import PermanentlyExcluded
from panel.facts.counts import admission_facts
from panel.state.records import Admission, State
from panel.state.reversals import of_none_recorded
from panel.state.stays import sent_by
from rules.accounts import Money
from rules.book import Flow, Rulebook
from rules.reading import Reading

BookOn = Callable[[dt.date], tuple[Rulebook, Evaluate] | None]
"""The book in force on a day, and how to ask it; None where none was."""


@dataclass(frozen=True, slots=True)
class Levy:
    """What a school pays to the fund or the authority for one permanent exclusion, its `number` of the financial year."""

    pupil: str
    payer: str
    payee: str
    on: dt.date
    number: int
    pence: int


def levies(state: State, book_on: BookOn, year: Year, as_of: dt.date) -> tuple[Levy, ...]:
    """What schools pay for the permanent exclusions of a year up to a day that stand, in the order of their days."""
    asked: list[Levy] = []
    so_far: dict[str, int] = {}
    for one in _lately(state, year, as_of):
        number = so_far[one.school] = so_far.get(one.school, 0) + 1
        money = _money(book_on, one.on)
        if any(money.levy):
            asked.append(Levy(one.pupil, one.school, money.levy_to, one.on, number, money.levy[min(number, len(money.levy)) - 1]))
    return tuple(sorted(asked, key=lambda levy: (levy.on, levy.payer, levy.number)))


def deductions(state: State, book_on: BookOn, year: Year, money: Money, as_of: dt.date) -> Iterator[Transfer]:
    """What follows each permanent exclusion of the year from its own day on, a sum for all lines that are paid alike."""
    for one in _lately(state, year, as_of):
        both = book_on(one.on)
        flows = dict.fromkeys(rule.flow for rule in both[0].transfers if rule.flow.begins == "exclusion") if both else {}
        if both is None or not flows:
            continue
        rulebook, evaluate = both
        reading = evaluate.transfers(admission_facts(_as_told(one)))
        for flow in flows:
            made = _deduction(_Deducting(state, one, rulebook, reading, year, money, as_of), flow)
            if made is not None:
                yield made


@dataclass(frozen=True, slots=True)
class _Deducting:
    """One exclusion, what the book of its day says of it, and the year and day that are asked about."""

    state: State
    exclusion: PermanentlyExcluded
    rulebook: Rulebook
    reading: Reading
    year: Year
    money: Money
    as_of: dt.date


def _deduction(asked: _Deducting, flow: Flow) -> Transfer | None:
    """What the lines that are paid alike come to together; None where none of them is asked for."""
    one, reading = asked.exclusion, asked.reading
    amounts = {rule.id: rule.amount for rule in asked.rulebook.transfers if rule.flow == flow}
    lines = tuple(finding.rule for finding in reading.fires("transfer") if finding.rule in amounts)
    untold = [finding for finding in reading.cannot_tell("transfer") if finding.rule in amounts]
    missing = tuple(dict.fromkeys(fact for finding in untold for fact in finding.missing))
    if not lines and not missing:
        return None
    left = _left_school(asked.state, one)
    leaves = leaves_on(asked.rulebook.money, one.year_group, one.on)
    last = min(day for day in (asked.year[1], left, leaves) if day is not None)
    due = None if flow.after is None else one.on + length_of(flow.after)
    if due is not None and min(day for day in (left, leaves, due) if day is not None) < due:
        return None
    waits = due is not None and asked.as_of < due
    rest, whole = (0, 0) if flow.once else rest_of(one.on, last, asked.year, asked.money)
    full = sum(amounts[line] for line in lines)
    pence = 0 if missing or waits else paid(full, rest, whole, once=flow.once)
    return Transfer(
        referral="",
        payer=one.school,
        payee=flow.to,
        first=one.on,
        last=last,
        planned=False,
        rest=rest,
        whole=whole,
        full=full,
        pence=pence,
        lines=lines,
        missing=missing,
        flow=flow,
        due=due,
        waits=waits,
        why="" if flow.once or last == asked.year[1] else why_then(last, left, leaves, asked.rulebook.money),
        pupil=one.pupil,
    )


def _lately(state: State, year: Year, as_of: dt.date) -> list[PermanentlyExcluded]:
    """The exclusions of a year up to a day that stand, in the order of their days; of one day as they were recorded."""
    return sorted((one for one in state.exclusions if year[0] <= one.on <= min(year[1], as_of)), key=lambda one: one.on)


def _as_told(one: PermanentlyExcluded) -> Admission:
    """What is known of an exclusion, in the words of an admission after one: its kind and the year group, and nothing else of the child."""
    return Admission(one.pupil, "", one.on, one.year_group, by_panel=False, kind="permanent_exclusion", permanently_excluded=True)


def _left_school(state: State, one: PermanentlyExcluded) -> dt.date | None:
    """The day on which the pupil left, after the exclusion, a school to which the panel sent it; None where it is there, or came again."""
    later = [held for held in state.referrals.values() if held.made.pupil == one.pupil and held.status == "decided" and held.decision]
    since = sorted((held for held in later if held.decision and held.decision.on >= one.on), key=lambda held: held.decision_seq)
    return since[-1].ended if since and since[-1].end == "left" else None


def _money(book_on: BookOn, on: dt.date) -> Money:
    both = book_on(on)
    return Money() if both is None else both[0].money


def unrecorded(state: State, book_on: BookOn, year: Year, as_of: dt.date) -> tuple[str, ...]:
    """Referrals that say that the pupil was excluded, of whom no exclusion is recorded: whether something is due cannot be told."""
    said = [held.made for held in of_none_recorded(state) if not held.withdrawn and sent_by(held) is not None]
    return tuple(made.referral for made in said if year[0] <= made.made_on <= min(year[1], as_of) and _asks(book_on, made.made_on))


def _asks(book_on: BookOn, on: dt.date) -> bool:
    """Whether the book of a day asks a school for anything because of an exclusion."""
    both = book_on(on)
    return both is not None and (any(both[0].money.levy) or any(rule.flow.begins == "exclusion" for rule in both[0].transfers))
