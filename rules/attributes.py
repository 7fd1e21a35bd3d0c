"""What a clause compares: attributes of one row, each a fact, a sum worked out beforehand, or a question about two facts.

It builds no clauses and works nothing out; it says which facts an attribute needs and which clauses no row can satisfy.
"""

from __future__ import annotations

from dataclasses import dataclass

from rules.facts import Fact
from rules.measure import Part, fact_bounds, linear_bounds, reads
from rules.terms import Known, Operator


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


def possible(clause: Clause) -> bool:
    """Whether some row within the bounds and vocabularies satisfies a clause, as far as single attributes tell."""
    found: dict[Attribute, list[Comparison]] = {}
    for comparison in clause:
        found.setdefault(comparison.attribute, []).append(comparison)
    return all(_possible(attribute, comparisons) for attribute, comparisons in found.items())


def _possible(attribute: Attribute, comparisons: list[Comparison]) -> bool:
    if len(comparisons) == 1 and (isinstance(attribute, Same | Known) or (isinstance(attribute, Fact) and attribute.type == "yes/no")):
        return True
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
