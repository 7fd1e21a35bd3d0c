"""What a clause compares: attributes of one row, each a fact, a sum worked out beforehand, or a question about two facts.

It builds no clauses and works nothing out; it says which facts an attribute needs and which clauses no row can satisfy.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import assert_never

from rules.facts import Fact
from rules.measure import bounds, fact_bounds, reads
from rules.terms import Day, Divided, Known, Minus, Operator, Plus, Read, Sum, Text, Times, Whole

Part = Read | Times | Divided


@dataclass(frozen=True, slots=True)
class Linear:
    """A whole number: the sum of coefficient * part. A coefficient may be 0: the part must still be known."""

    parts: tuple[tuple[Part, int], ...]


@dataclass(frozen=True, slots=True)
class Same:
    """Yes/no: whether two words are the same."""

    left: Fact
    right: Fact


Attribute = Fact | Linear | Same | Known


@dataclass(frozen=True, slots=True)
class Comparison:
    """attribute op constant; the constant is of the attribute's type, a date as its day number."""

    attribute: Attribute
    op: Operator
    constant: int | bool | str


Clause = frozenset[Comparison]


def needs(attribute: Attribute) -> tuple[Fact, ...]:
    """The facts that an attribute is worked out from."""
    match attribute:
        case Fact():
            return (attribute,)
        case Known(fact=fact):
            return (fact,)
        case Same(left=left, right=right):
            return (left, right)
        case Linear(parts=parts):
            return tuple(dict.fromkeys(fact for part, _ in parts for fact in reads(part)))


def linear(left: Sum | Text | Day, right: Sum | Text | Day) -> tuple[dict[Part, int], int]:
    """left - right as (parts with their coefficients, what they are compared with): l < r as parts < constant."""
    parts: dict[Part, int] = {}
    constant = _gather(left, 1, parts) + _gather(right, -1, parts)
    return parts, -constant


def _gather(term: Sum | Text | Day, factor: int, parts: dict[Part, int]) -> int:
    match term:
        case Whole(value=value):
            return factor * value
        case Day(value=day):
            return factor * day.toordinal()
        case Plus(left=left, right=right):
            return _gather(left, factor, parts) + _gather(right, factor, parts)
        case Minus(left=left, right=right):
            return _gather(left, factor, parts) + _gather(right, -factor, parts)
        case Times(left=Whole(value=value), right=many) | Times(left=many, right=Whole(value=value)):
            return _gather(many, factor * value, parts)
        case Read() | Times() | Divided():
            parts[term] = parts.get(term, 0) + factor
            return 0
        case Text():
            raise TypeError("a word is not a number")
        case _:
            assert_never(term)


def possible(clause: Clause) -> bool:
    """Whether some row within the bounds and vocabularies satisfies a clause, as far as single attributes tell."""
    found: dict[Attribute, list[Comparison]] = {}
    for comparison in clause:
        found.setdefault(comparison.attribute, []).append(comparison)
    return all(_possible(attribute, comparisons) for attribute, comparisons in found.items())


def _possible(attribute: Attribute, comparisons: list[Comparison]) -> bool:
    if isinstance(attribute, Fact) and attribute.type == "word":
        equal = {comparison.constant for comparison in comparisons if comparison.op == "=="}
        other = {comparison.constant for comparison in comparisons if comparison.op == "!="}
        words = set(attribute.words)
        return len(equal) < 2 and not equal & other and (not words or (equal <= words and bool(words - other)))
    if isinstance(attribute, Same | Known) or (isinstance(attribute, Fact) and attribute.type == "yes/no"):
        return len({(comparison.op == "==") == comparison.constant for comparison in comparisons}) == 1
    low, high = fact_bounds(attribute) if isinstance(attribute, Fact) else linear_bounds(attribute.parts)
    barred = set()
    for comparison in comparisons:
        constant = int(comparison.constant)
        match comparison.op:
            case "!=":
                barred.add(constant)
            case "<" | "<=":
                high = min(high, constant - (comparison.op == "<"))
            case ">" | ">=":
                low = max(low, constant + (comparison.op == ">"))
            case "==":
                low, high = max(low, constant), min(high, constant)
    return low <= high and not (high - low < len(barred) and all(value in barred for value in range(low, high + 1)))


def linear_bounds(parts: Iterable[tuple[Part, int]]) -> tuple[int, int]:
    """The lowest and highest value of a linear sum."""
    low = high = 0
    for part, coefficient in parts:
        a, b = bounds(part)
        low, high = low + min(a * coefficient, b * coefficient), high + max(a * coefficient, b * coefficient)
    return low, high
