"""Which pupils a quota, a share or a rota counts, and which two of them count pupils who overlap without nesting.

A flow levels several numbers with a proof only where of any two sets of pupils one holds the other, or they are apart.
It looks at no meeting: a pupil is whatever the record can say of a placement by the panel beforehand.

    pupils(o)   the kinds of pupil whom `of` names and the `where` of the count takes in; a rota has no count: all whom `of` names
    sets(o)     pupils(o), or one for each year group of them where the count is per year group
    o, o' nest  every set of sets(o) and every one of sets(o') nest: A within B, B within A, or nobody in both
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations, product
from typing import Final, TypeVar

from rules.audience import Audience
from rules.book import Count, Objective
from rules.facts import KINDS, YEAR_GROUPS, Fact, Facts, Value
from rules.finding import FIRES
from rules.measure import reads
from rules.oracle import Oracle
from rules.terms import Condition, Whole

Set = frozenset[int]
Key = TypeVar("Key")

TOLD: Final = (True, False, None)


WHO: Final = ("admission.by_panel", "admission.kind", "admission.after_exclusion", "admission.year_group")
PLAN: Final = ("admission.ehcp", "admission.looked_after")


@functools.cache
def _pupils(years: range, also: tuple[tuple[str, tuple[Value | None, ...]], ...]) -> tuple[Facts, ...]:
    """Every kind of pupil, as what `admission.*` would be of a placement by the panel, with what else may be asked of it; what is unknown
    is absent.
    """
    names = (*WHO, *(name for name, _ in also))
    rows = product((True,), KINDS, (True, False), years, *(told for _, told in also))
    return tuple({name: value for name, value in zip(names, row, strict=True) if value is not None} for row in rows)


def crossing(
    objectives: Mapping[Key, Objective], counts: Iterable[Count], years: range = YEAR_GROUPS, *, by_anything: bool = True
) -> tuple[tuple[Key, Key], ...]:
    """The pairs of quotas, shares and rotas, by their keys, that count pupils who overlap without nesting; each two sets told once.

    `years` are all the year groups that a pupil may be of. Not `by_anything`: as far as kind, exclusion, year group, a plan and
    being looked after tell it, which is as far as books were once asked.
    """
    known = {count.id: count for count in counts}
    asked = [known[one.count].where for one in objectives.values() if one.levels and one.count in known]
    pupils = _pupils(years, tuple(_told([where for where in asked if where is not None], by_anything=by_anything)))
    sets = {key: _sets(objective, known.get(objective.count), pupils) for key, objective in objectives.items() if objective.levels}
    found: list[tuple[Key, Key]] = []
    told: set[frozenset[frozenset[Set]]] = set()
    for first, second in combinations(sets, 2):
        pair = frozenset({sets[first], sets[second]})
        if pair not in told and not all(_nest(one, other) for one in sets[first] for other in sets[second]):
            told.add(pair)
            found.append((first, second))
    return tuple(found)


def _told(asked: Iterable[Condition], *, by_anything: bool) -> Iterator[tuple[str, tuple[Value | None, ...]]]:
    """What else the `where` of counts asks of a pupil, and values of it that tell every answer apart: about each number that it names."""
    asked = tuple(asked)
    facts = dict.fromkeys(fact for where in asked for fact in reads(where) if fact.name not in WHO)
    numbers = {number for where in asked for number in _numbers(where)}
    for fact in facts:
        if fact.name in PLAN or (by_anything and fact.type == "yes/no"):
            yield fact.name, TOLD
        elif by_anything and fact.type == "number":
            about = {near for number in numbers for near in (number - 1, number, number + 1)}
            yield fact.name, (*sorted({min(max(near, fact.low), fact.high) for near in (*about, fact.low, fact.high)}), None)


def _numbers(term: object) -> Iterator[int]:
    """Every whole number that stands in a condition."""
    if isinstance(term, Whole):
        yield term.value
    elif isinstance(term, tuple):
        yield from (number for part in term for number in _numbers(part))
    elif dataclasses.is_dataclass(term) and not isinstance(term, Fact):
        yield from (number for field in dataclasses.fields(term) for number in _numbers(getattr(term, field.name)))
    elif isinstance(term, int) and not isinstance(term, bool):
        yield term


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
