"""Which pupils a quota, a share or a rota counts, and which two of them count pupils who overlap without nesting.

A flow levels several numbers with a proof only where of any two sets of pupils one holds the other, or they are apart.
It looks at no meeting: a pupil is whatever the record can say of a placement by the panel beforehand.

    pupils(o)   the kinds of pupil whom `of` names and the `where` of the count takes in; a rota has no count: all whom `of` names
    sets(o)     pupils(o), or one for each year group of them where the count is per year group
    o, o' nest  every set of sets(o) and every one of sets(o') nest: A within B, B within A, or nobody in both
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from itertools import combinations, product
from typing import Final, TypeVar

from rules.book import Audience, Count, Objective
from rules.facts import KINDS, YEAR_GROUPS, Facts, Value
from rules.finding import FIRES
from rules.oracle import Oracle

Set = frozenset[int]
Key = TypeVar("Key")

TOLD: Final = (True, False, None)


@functools.cache
def _pupils(years: range) -> tuple[Facts, ...]:
    """Every kind of pupil, as what `admission.*` would be of a placement by the panel; what is unknown is absent."""
    rows = []
    for kind, excluded, year, ehcp, looked_after in product(KINDS, (True, False), years, TOLD, TOLD):
        row: dict[str, Value | None] = {
            "admission.by_panel": True,
            "admission.kind": kind,
            "admission.after_exclusion": excluded,
            "admission.year_group": year,
            "admission.ehcp": ehcp,
            "admission.looked_after": looked_after,
        }
        rows.append({name: value for name, value in row.items() if value is not None})
    return tuple(rows)


def crossing(objectives: Mapping[Key, Objective], counts: Iterable[Count], years: range = YEAR_GROUPS) -> tuple[tuple[Key, Key], ...]:
    """The pairs of quotas, shares and rotas, by their keys, that count pupils who overlap without nesting; each two sets told once.

    `years` are all the year groups that a pupil may be of.
    """
    known = {count.id: count for count in counts}
    sets = {key: _sets(objective, known.get(objective.count), _pupils(years)) for key, objective in objectives.items() if objective.levels}
    found: list[tuple[Key, Key]] = []
    told: set[frozenset[frozenset[Set]]] = set()
    for first, second in combinations(sets, 2):
        pair = frozenset({sets[first], sets[second]})
        if pair not in told and not all(_nest(one, other) for one in sets[first] for other in sets[second]):
            told.add(pair)
            found.append((first, second))
    return tuple(found)


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
