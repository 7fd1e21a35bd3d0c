"""What a sound book says and its writer probably does not mean, of numbers and caps: part of what `remarks.py` tells.

It refuses nothing and evaluates nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rules.audience import Audience
from rules.book import Limit, Rule, Rulebook
from rules.facts import OF_THE_SENDER, Fact
from rules.reach import moved_by_the_meeting, reached
from rules.takers import WHOEVER_COMES, taken_off
from rules.terms import All, Among, Any, Compare, Condition, Not, Read, Term, Whole

Remark = tuple[str, int | None, str]

ATTENDANCE: Final = ("referral.attendance", "admission.attendance")
NTH: Final = "referral.nth_of_home_school"
IN_PER_CENT: Final = range(1, 101)
"""Numbers that stand beside attendance where somebody thinks of per cent."""


def likely_slips(rulebook: Rulebook) -> Iterator[Remark]:
    """All of them in the highest layer of a book."""
    own = rulebook.layers[0].name
    yield from (remark for rule in rulebook.holds if rule.book == own for remark in _cap_on_sending(rulebook, rule))
    yield from (remark for limit in rulebook.limits if limit.book == own for remark in _limit(rulebook, limit))
    yield from (remark for what, book, line, term in _conditions(rulebook) if book == own for remark in _per_mille(what, line, term))


def _cap_on_sending(rulebook: Rulebook, rule: Rule) -> Iterator[Remark]:
    """A hold by a count of the school that sends, which stands still while a meeting lasts."""
    moved, reads = moved_by_the_meeting(rulebook), reached(rulebook, rule.condition)
    if NTH in reads:
        return
    for name in [name for name in reads if name.startswith(OF_THE_SENDER) and name in moved][:1]:
        say = (
            f"{name} stays what it is as the meeting opens: of several pupils whom one school sends to a meeting each is held against "
            "the same number, and all of them may be placed. As a cap on what a school sends it holds from one meeting to the next only; "
            f"`{name} + {NTH} > 5` holds within a meeting too, its cases being counted by the day on which they were accepted"
        )
        yield f"hold {rule.id}", rule.line, say


def _limit(rulebook: Rulebook, limit: Limit) -> Iterator[Remark]:
    about = f"limit {limit.id}"
    if limit.per == "year_group" and limit.at is None:
        say = (
            "a unit or a centre of which no PAN is recorded has no year groups, and this limit is never asked there. Write "
            "`at: [mainstream]` if that is meant, and for the others a limit `per: school`, as `school.places - school.occupied`"
        )
        yield about, limit.line, say
    off = taken_off(rulebook, limit)
    roll = next((name for name in off.facts if name in WHOEVER_COMES), None)
    some_years = limit.years is not None and limit.per == "school"
    if roll is not None and (limit.of != Audience() or some_years):
        say = (
            f"{roll} is of everybody who is there, and the limit is for some: others who are placed at the same meeting take none of its "
            "room, and may bring the setting beyond it. If nobody is to, leave out whom the limit is for"
        )
        yield about, limit.line, say


def _conditions(rulebook: Rulebook) -> Iterator[tuple[str, str, int, Term]]:
    """Every condition of the book: what it is of, its book and line."""
    yield from ((f"{one.kind} {one.id}", one.book, one.line, one.condition) for one in rulebook.rules if isinstance(one, Rule))
    yield from ((f"count {one.id}", one.book, one.line, one.where) for one in rulebook.counts if one.where is not None)
    yield from ((f"derive {one.id}", one.book, one.line, one.term) for one in rulebook.derived)


def _per_mille(what: str, line: int, term: Term) -> Iterator[Remark]:
    """Attendance, which is per mille, beside a number that looks like per cent."""
    for fact, many in dict.fromkeys(_attendance(term)):
        tenths = f"{many // 10}.{many % 10}" if many % 10 else f"{many // 10}"
        yield what, line, f"{fact.name} is per mille: {many} of it is {tenths} per cent. If {many} per cent is meant, write {10 * many}"


def _attendance(term: Term) -> Iterator[tuple[Fact, int]]:
    match term:
        case Compare(left=Read(fact=fact), right=Whole(value=many)) | Compare(left=Whole(value=many), right=Read(fact=fact)):
            if fact.name in ATTENDANCE and many in IN_PER_CENT:
                yield fact, many
        case Among(fact=fact, values=values) if fact.name in ATTENDANCE:
            yield from ((fact, many) for many in values if isinstance(many, int) and many in IN_PER_CENT)
        case Not(part=part):
            yield from _attendance(part)
        case All(parts=parts) | Any(parts=parts):
            yield from _parts(parts)


def _parts(parts: tuple[Condition, ...]) -> Iterator[tuple[Fact, int]]:
    for part in parts:
        yield from _attendance(part)
