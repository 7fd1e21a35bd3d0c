"""Which pupils a quota, a share or a rota counts, and which two of them count pupils who overlap without nesting.

A flow levels several numbers with a proof only where of any two sets of pupils one holds the other, or they are apart.
It looks at no meeting: a pupil is whatever the record can say of a placement by the panel beforehand.

    pupils(o)   the kinds of pupil whom `of` names and the `where` of the count takes in; a rota has no count: all whom `of` names
    sets(o)     pupils(o), or one for each year group of them where the count is per year group
    o, o' nest  every set of sets(o) and every one of sets(o') nest: A within B, B within A, or nobody in both
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import combinations, product
from typing import Final, TypeVar

from rules.audience import Audience
from rules.book import Count, Objective
from rules.facts import FOR_GOOD, KINDS, YEAR_GROUPS, Fact, Facts, Value
from rules.finding import FIRES
from rules.lifecycle import for_good
from rules.measure import linear, linear_bounds, reads
from rules.oracle import Oracle
from rules.terms import All, Among, Any, Compare, Condition, Day, Not, Operator, Read, Sum, Text, Times, Whole

Set = frozenset[int]
Key = TypeVar("Key")

TOLD: Final = (True, False, None)
SUM: Final = "the sum "
"""What the name of a number begins with that stands for a sum of several facts."""
WHO: Final = ("admission.by_panel", "admission.kind", "admission.after_exclusion", "admission.year_group")
PLAN: Final = ("admission.ehcp", "admission.looked_after")

Values = tuple[Value | None, ...]


@functools.cache
def _pupils(years: range, good: frozenset[str] | None, also: tuple[tuple[str, Values], ...]) -> tuple[Facts, ...]:
    """Every kind of pupil, as what `admission.*` would be of a placement by the panel, with what else may be asked of it; what is unknown
    is absent. `good` are the kinds of referral whose placements are permanent from their first day; None leaves that untold.
    """
    names = (*WHO, *(name for name, _ in also))
    rows = product((True,), KINDS, (True, False), years, *(told for _, told in also))
    pupils = tuple({name: value for name, value in zip(names, row, strict=True) if value is not None} for row in rows)
    return pupils if good is None else tuple({**row, FOR_GOOD: row["admission.kind"] in good} for row in pupils)


def crossing(
    objectives: Mapping[Key, Objective],
    counts: Iterable[Count],
    lifecycle: Mapping[str, object],
    years: range = YEAR_GROUPS,
    *,
    by_anything: bool = True,
) -> tuple[tuple[Key, Key], ...]:
    """The pairs of quotas, shares and rotas, by their keys, that count pupils who overlap without nesting; each two sets told once.

    `years` are all the year groups that a pupil may be of. Not `by_anything`: as far as kind, exclusion, year group, a plan and
    being looked after tell it, which is as far as books were once asked.
    """
    read = {one.count for one in objectives.values() if one.levels}
    known = {count.id: replace(count, where=_apart(count.where)) if count.where else count for count in counts if count.id in read}
    asked = tuple(count.where for count in known.values() if count.where)
    good = frozenset(kind for kind in KINDS if for_good(lifecycle, kind)) if by_anything else None
    pupils = _pupils(years, good, tuple(_told(asked, by_anything=by_anything)))
    sets = {key: _sets(objective, known.get(objective.count), pupils) for key, objective in objectives.items() if objective.levels}
    found: list[tuple[Key, Key]] = []
    told: set[frozenset[frozenset[Set]]] = set()
    for first, second in combinations(sets, 2):
        pair = frozenset({sets[first], sets[second]})
        if pair not in told and not all(_nest(one, other) for one in sets[first] for other in sets[second]):
            told.add(pair)
            found.append((first, second))
    return tuple(found)


def _apart(where: Condition) -> Condition:
    """The condition with every sum of several facts read as one number of its own, that goes by none of them.

    Every pupil there may be has values of all these numbers, so no crossing is missed; two counts may be called crossing of which
    only pupils who cannot be are in both, as `a + b > 500` beside `a < 20`, where `b` is at most 300.
    """
    match where:
        case Compare(op=op, left=left, right=right) if not isinstance(left, Text) and not isinstance(right, Text) and len(reads(where)) > 1:
            return _compared(op, left, right)
        case Not(part=part):
            return Not(_apart(part))
        case All(parts=parts):
            return All(tuple(_apart(part) for part in parts))
        case Any(parts=parts):
            return Any(tuple(_apart(part) for part in parts))
    return where


def _compared(op: Operator, left: Sum | Day, right: Sum | Day) -> Condition:
    """l < r as factor * number < constant: sums that are multiples of each other are multiples of the one number."""
    parts, constant = linear(left, right)
    form = sorted(((part, many) for part, many in parts.items() if many), key=str)
    factor = math.gcd(*(many for _, many in form)) * (-1 if form and form[0][1] < 0 else 1)
    form = [(part, many // factor) for part, many in form]
    low, high = linear_bounds(form)
    number = Fact(name=f"{SUM}{form}", type="number", meaning="a sum of several facts", low=low, high=high, optional=True)
    return Compare(op, Times(Whole(factor), Read(number)), Whole(constant))


def _told(asked: tuple[Condition, ...], *, by_anything: bool) -> Iterator[tuple[str, Values]]:
    """What else the `where` of counts asks of a pupil, and values of it that tell every answer apart."""
    for fact in dict.fromkeys(fact for where in asked for fact in reads(where) if fact.name not in (*WHO, FOR_GOOD)):
        if fact.name in PLAN or (by_anything and fact.type == "yes/no"):
            yield fact.name, TOLD
        elif by_anything and fact.type == "number":
            about = dict.fromkeys(one for where in asked for one in _comparisons(where) if reads(one) == (fact,))
            yield fact.name, (*_telling(fact, tuple(about)), None)


@functools.lru_cache(maxsize=256)
def _telling(fact: Fact, about: tuple[Condition, ...]) -> tuple[int, ...]:
    """Of all values of a number one for each way in which the comparisons come out: of a fact by trying them all, of a sum
    those about what it is compared with.
    """
    if fact.name.startswith(SUM):
        near = {value + by for one in about for value in _thresholds(one) for by in (-1, 0, 1)}
        values: Iterable[int] = sorted({min(max(value, fact.low), fact.high) for value in (*near, fact.low, fact.high)})
    else:
        values = range(fact.low, fact.high + 1)
    told = Oracle(about)
    return tuple({told.verdicts({fact.name: value}): value for value in values}.values())


def _thresholds(comparison: Condition) -> Iterator[int]:
    match comparison:
        case Compare(left=Times(left=Whole(value=factor)), right=Whole(value=constant)):
            yield constant // factor if factor else 0


def _comparisons(where: Condition) -> Iterator[Condition]:
    """Every comparison that stands in a condition."""
    match where:
        case Compare() | Among():
            yield where
        case Not(part=part):
            yield from _comparisons(part)
        case All(parts=parts) | Any(parts=parts):
            for part in parts:
                yield from _comparisons(part)


def _nest(one: Set, other: Set) -> bool:
    return one <= other or other <= one or not one & other


def _sets(objective: Objective, count: Count | None, pupils: tuple[Facts, ...]) -> frozenset[Set]:
    whom = frozenset(n for n, row in enumerate(pupils) if _named(objective.of, row)) & _counted(count, pupils)
    if objective.part == "school":
        return frozenset({whom})
    years = {row["admission.year_group"] for row in pupils}
    return frozenset(frozenset(n for n in whom if pupils[n]["admission.year_group"] == year) for year in years)


def _named(audience: Audience, row: Facts) -> bool:
    return audience.has(str(row["admission.kind"]), row["admission.after_exclusion"] is True)


def _counted(count: Count | None, pupils: tuple[Facts, ...]) -> Set:
    """Whom a count takes in; one of whom that cannot be told is held, and so is in no set."""
    rows = range(len(pupils))
    if count is None or count.where is None:
        return frozenset(rows)
    told = Oracle([count.where])
    return frozenset(n for n in rows if told.verdicts(pupils[n])[0] == FIRES)
