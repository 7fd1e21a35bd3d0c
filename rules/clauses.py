"""The normal form of a condition: clauses of comparisons of one attribute with one constant, at least one of which must hold.

It evaluates nothing, and the oracle never sees it. Only the engine and the checks at loading stand on it.

    true side    T(all p) = products of T(p)   T(any p) = union of T(p)     T(not p) = F(p)
    false side   F(all p) = union of F(p)      F(any p) = products of F(p)  F(not p) = T(p)

A clause that reads a fact which may be unknown contains that it is known, so T and F are Kleene's `true` and `false`,
and a row that satisfies neither is `cannot tell`.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from itertools import product
from typing import Final, Literal, assert_never

from rules.attributes import Clause, Comparison, Linear, Same, needs, possible
from rules.facts import Fact
from rules.measure import Part, linear, may_be_unknown
from rules.terms import (
    All,
    Always,
    Among,
    Any,
    Compare,
    Condition,
    Day,
    Flag,
    Known,
    Not,
    Operator,
    Read,
    Sum,
    Text,
)

LONGEST: Final = 56  # comparisons of one ruleset that the engine holds without error, and so of one clause
TOO_MANY: Final = 512  # clauses; where the products pass it they are only counted


NEGATED: Final[dict[Operator, Operator]] = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
MIRRORED: Final[dict[Operator, Operator]] = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


class TooManyClauses(Exception):
    """The products pass `TOO_MANY`."""


def normal_form(condition: Condition, *, side: bool) -> tuple[Clause, ...]:
    """The clauses under which a condition is true (`side` True) or false, none implied by another, none impossible.

    No clause: never; one empty clause: always. Raises `TooManyClauses`.
    """
    match condition:
        case Always(value=value):
            return (frozenset(),) if value == side else ()
        case Not(part=part):
            return normal_form(part, side=not side)
        case All(parts=parts) | Any(parts=parts):
            sides = [normal_form(part, side=side) for part in parts]
            if isinstance(condition, All) == side:
                return _products(sides)
            return _fewest(clause for clauses in sides for clause in clauses)
        case Flag(fact=fact):
            return _fewest([_told(Comparison(fact, "==", side), (fact,))])
        case Known(fact=fact):
            return (frozenset({Comparison(condition, "==", side)}),) if fact.optional else normal_form(Always(value=True), side=side)
        case Among(fact=fact, values=values):
            return _among(fact, tuple(value if isinstance(value, int | str) else value.toordinal() for value in values), side)
        case Compare(op=op, left=left, right=right):
            return _fewest([_compare(op if side else NEGATED[op], left, right)])
        case _:
            assert_never(condition)


@functools.lru_cache(maxsize=512)
def both_sides(condition: Condition) -> tuple[tuple[Clause, ...], tuple[Clause, ...]] | None:
    """The clauses of the true and of the false side; None where the products of either pass `TOO_MANY`."""
    try:
        return normal_form(condition, side=True), normal_form(condition, side=False)
    except TooManyClauses:
        return None


def clause_count(condition: Condition) -> int:
    """How many clauses the longer side of the normal form has; more than 16 are refused when a book is loaded.

    The false side counts only where something can be unknown. A clause longer than a ruleset counts as too many.
    """
    sides = (True, False) if may_be_unknown(condition) else (True,)
    both = both_sides(condition)
    if both is None:
        return max(_counted(condition, side) for side in sides)
    forms = both[: len(sides)]
    longest = max((len(clause) for form in forms for clause in form), default=0)
    return max(*(len(form) for form in forms), 0 if longest <= LONGEST else TOO_MANY)


def verdict_of(condition: Condition) -> Literal["can be either", "always", "never"]:
    """Whether the bounds and vocabularies of its facts leave a condition two answers (where everything is known or not)."""
    both = both_sides(condition)
    if both is None:
        return "can be either"
    true, false = both
    return "never" if not true else "can be either" if false else "always"


def _told(comparison: Comparison, facts: Iterable[Fact]) -> Clause:
    return frozenset({comparison, *(Comparison(Known(fact), "==", constant=True) for fact in facts if fact.optional)})


def _products(sides: list[tuple[Clause, ...]]) -> tuple[Clause, ...]:
    made = sides[0] if sides else (frozenset(),)
    for clauses in sides[1:]:
        if len(made) * len(clauses) > TOO_MANY:
            raise TooManyClauses
        made = _fewest(one | other for one, other in product(made, clauses))
    return made


def _fewest(clauses: Iterable[Clause]) -> tuple[Clause, ...]:
    """Without those that cannot hold, and those that hold only where a shorter one does."""
    kept: list[Clause] = []
    for clause in sorted(dict.fromkeys(clauses), key=len):
        if not any(shorter <= clause for shorter in kept) and possible(clause):
            kept.append(clause)
    if len(kept) > TOO_MANY:
        raise TooManyClauses
    return tuple(kept)


def _counted(condition: Condition, side: bool) -> int:
    match condition:
        case Not(part=part):
            return _counted(part, not side)
        case All(parts=parts) | Any(parts=parts):
            counts = [_counted(part, side) for part in parts]
            if isinstance(condition, Any) == side:
                return sum(counts)
            total = 1
            for count in counts:
                total *= count
            return total
        case _:
            return len(normal_form(condition, side=side))


def _among(fact: Fact, values: tuple[int | str, ...], side: bool) -> tuple[Clause, ...]:
    """A closed vocabulary is told by exclusion in one clause; an open one needs a clause a value."""
    if side and not fact.words and len(values) > 1:
        return _fewest(_told(Comparison(fact, "==", value), (fact,)) for value in values)
    if side and len(values) == 1:
        return _fewest([_told(Comparison(fact, "==", values[0]), (fact,))])
    others = [word for word in fact.words if word not in values] if side else list(values)
    return _fewest([frozenset().union(*(_told(Comparison(fact, "!=", other), (fact,)) for other in others), _known(fact))])


def _known(fact: Fact) -> Clause:
    return frozenset({Comparison(Known(fact), "==", constant=True)} if fact.optional else ())


def _compare(op: Operator, left: Sum | Text | Day, right: Sum | Text | Day) -> Clause:
    if isinstance(left, Text | Day) and not isinstance(right, Text | Day):
        left, right, op = right, left, MIRRORED[op]
    match left, right:
        case Read(fact=Fact(type="word") as fact), Text(value=word):
            return _told(Comparison(fact, op, word), (fact,))
        case Read(fact=Fact(type="word") as one), Read(fact=Fact(type="word") as other):
            return _told(Comparison(Same(one, other), "==", op == "=="), (one, other))
    return _number(op, *linear(left, right))


def _number(op: Operator, parts: Mapping[Part, int], constant: int) -> Clause:
    if len(parts) == 1:
        ((part, coefficient),) = parts.items()
        if isinstance(part, Read) and coefficient in (1, -1):
            comparison = Comparison(part.fact, op if coefficient == 1 else MIRRORED[op], constant * coefficient)
            return _told(comparison, (part.fact,))
    ordered = sorted(parts.items(), key=lambda item: repr(item[0]))
    if ordered and ordered[0][1] < 0:
        ordered, op, constant = [(part, -coefficient) for part, coefficient in ordered], MIRRORED[op], -constant
    attribute = Linear(tuple(ordered))
    return _told(Comparison(attribute, op, constant), needs(attribute))
