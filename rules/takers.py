"""Who takes of a limit's room and who adds to what that room reads: where they are not the same pupils, the limit is passed, or shuts
out pupils of whom it does not speak.

It refuses nothing itself; `on_adoption.py` does. A pupil is a kind, whether it was permanently excluded, and a year group.

    takes(l)   the pupils whom `of` and `year_groups` of the limit name: each who is placed takes one
    off(l, p)  how much less room there is at the next meeting for a placement of p: the counts that the room takes off one for one
    sound      off(l, p) is 1 for whoever takes, and 0 for whoever does not
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from itertools import combinations, product
from typing import Final, NamedTuple

from rules.audience import Audience
from rules.book import Count, Limit, Rulebook, Span
from rules.clauses import verdict_of
from rules.facts import BY_NAME, KINDS, OVER_THE_PANEL
from rules.measure import linear
from rules.objectives import CLASSES, Class, members_of, settled
from rules.phases import rolls_of
from rules.reach import reached
from rules.terms import All, Always, Among, Any, Compare, Condition, Minus, Not, Plus, Read, Sum, Times, Whole

NEVER: Final[Class] = ("permanent_exclusion", False)
"""A pupil who comes by a permanent exclusion and was not excluded: there is none."""

WHOEVER_COMES: Final = frozenset({"year.on_roll", "school.roll", "school.occupied"})
"""What every pupil who comes adds to."""

YEAR_GROUP: Final = "admission.year_group"
ONE_FOR_ONE: Final = (-1, 1)


class TakenOff(NamedTuple):
    """What a limit's room takes off one for one: counts of the book at the setting, all facts, and those over the whole panel."""

    counts: tuple[tuple[Count, int], ...]
    facts: tuple[str, ...]
    over_the_panel: tuple[str, ...]

    @property
    def names(self) -> str:
        return " and ".join(count.id for count, factor in self.counts if factor == -1)


class Uneven(NamedTuple):
    """The pupils who take of a limit and do not, or not all, add to its counts; and those who add to them and take nothing."""

    left_out: frozenset[Class]
    years_left_out: tuple[int, ...]
    some_left_out: bool
    others: frozenset[Class]
    other_years: tuple[int, ...]


def taken_off(rulebook: Rulebook, limit: Limit) -> TakenOff:
    """What a placement takes off the room of a limit at later meetings."""
    parts, _ = linear(_written_out(limit.room, {one.fact.name: one.term for one in rulebook.derived}), Whole(0))
    factors = {part.fact.name: factor for part, factor in parts.items() if isinstance(part, Read) and factor in ONE_FOR_ONE}
    facts = tuple(name for name, factor in factors.items() if factor == -1)
    counts = [
        (count, factors[name])
        for count in (*rulebook.counts, *_rolls(rulebook))
        if "placements" in count.of
        for name in (f"school.{count.id}", f"year.{count.id}")
        if name in factors
    ]
    totals = {f"panel.{which}_{count.id}" for count in rulebook.counts for which in OVER_THE_PANEL}
    return TakenOff(
        tuple(counts) if any(factor == -1 for _, factor in counts) else (), facts, tuple(name for name in facts if name in totals)
    )


def _rolls(rulebook: Rulebook) -> Iterator[Count]:
    """The rolls of the book's phases, as counts of whoever is placed in their year groups."""
    for name, years in rolls_of(rulebook.phases).items():
        where = Among(BY_NAME[YEAR_GROUP], tuple(years))
        yield Count(id=name.removeprefix("school."), of=("placements",), where=where, over=Span("at_present"), book="", line=1)


def named(classes: frozenset[Class]) -> Audience | None:
    """The shortest `of` that names these pupils and nobody else; None where no `of` does, or there are none."""
    if classes <= {NEVER}:
        return None
    some = [frozenset(kinds) for many in range(len(KINDS) + 1) for kinds in combinations(KINDS, many)]
    said = [
        Audience(kinds=kinds or None, excluded=excluded, both=both)
        for kinds, excluded, both in product(some, (None, True, False), (False, True))
        if (kinds and excluded is not None) or not both
    ]
    fitting = [one for one in said if members_of(one) - {NEVER} == classes - {NEVER}]
    return min(fitting, key=lambda one: (len(one.as_written), one.as_written), default=None)


def uneven(rulebook: Rulebook, limit: Limit, counts: tuple[tuple[Count, int], ...]) -> Uneven:
    """Of whom a limit speaks and its counts do not, and the other way round."""
    years, mine = rulebook.year_groups, limit.years or rulebook.year_groups
    everybody = bool(WHOEVER_COMES & reached(rulebook, limit.room).keys())
    members = members_of(limit.of)
    own = tuple(pair for pair in counts if pair[0].per == "school")  # a year group's own count is of nobody else
    off = {(who, year): _off(rulebook, counts if year in mine else own, who, year) for who in CLASSES - {NEVER} for year in years}
    takes = {(who, year) for who, year in off if who in members and year in mine}
    lacking = set() if everybody else {pupil for pupil in takes if off[pupil][1] >= 0}
    never = {pupil for pupil in lacking if off[pupil][0] >= 0}
    classes = frozenset(who for who, _ in takes if all((who, year) in never for year in mine))
    rest = [year for who, year in never if who not in classes]
    adding = {pupil for pupil in off.keys() - takes if off[pupil] != (0, 0)}
    return Uneven(
        classes,
        tuple(sorted(set(rest))),
        bool(lacking - never),
        frozenset(who for who, _ in adding if who not in members),
        tuple(sorted({year for who, year in adding if who in members})),
    )


def _off(rulebook: Rulebook, counts: tuple[tuple[Count, int], ...], who: Class, year: int) -> tuple[int, int]:
    """The least and the most by which one placement of such a pupil changes the room, in pupils or in weights of one."""
    low = high = 0
    for count, factor in counts:
        verdict = "always" if count.where is None else verdict_of(_in_year(settled(count.where, who, rulebook), year))
        if verdict != "never":
            low += factor if verdict == "always" else min(0, factor)
            high += factor if verdict == "always" else max(0, factor)
    return low, high


def _in_year(condition: Condition, year: int) -> Condition:
    """The condition on a placement in that year group."""
    match condition:
        case Among(fact=fact, values=values) if fact.name == YEAR_GROUP:
            return Always(year in values)
        case Compare(op=op, left=Read(fact=fact), right=Whole(value=other)) if fact.name == YEAR_GROUP:
            return Always(_holds(op, year, other))
        case Compare(op=op, left=Whole(value=other), right=Read(fact=fact)) if fact.name == YEAR_GROUP:
            return Always(_holds(op, other, year))
        case Not(part=part):
            return Not(_in_year(part, year))
        case All(parts=parts):
            return All(tuple(_in_year(part, year) for part in parts))
        case Any(parts=parts):
            return Any(tuple(_in_year(part, year) for part in parts))
    return condition


def _holds(op: str, a: int, b: int) -> bool:
    return {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b, "==": a == b, "!=": a != b}[op]


def _written_out(sum_: Sum, derived: Mapping[str, object]) -> Sum:
    """The sum with what its derived numbers are."""
    match sum_:
        case Read(fact=fact) if isinstance(term := derived.get(fact.name), Sum):
            return _written_out(term, derived)
        case Plus(left=left, right=right) | Minus(left=left, right=right) | Times(left=left, right=right):
            return dataclasses.replace(sum_, left=_written_out(left, derived), right=_written_out(right, derived))
    return sum_
