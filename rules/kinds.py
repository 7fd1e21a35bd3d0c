"""What an operand of a condition is (yes/no, number, word or date, with its unit or vocabulary) and what may meet what.

It reads no text and no rows. A meeting that makes no sense is answered with a tuple (found, wanted, advice) for the
parser to place; an empty `found` stands for the words as written.

    unit of a + b, a - b   the unit of both; a bare number takes the other's
    unit of a * b          both units; bare numbers, per cent and per mille count for nothing
    unit of a // k         the unit of a; none where k has the same
"""

from __future__ import annotations

import datetime as dt
import difflib
from dataclasses import dataclass
from typing import ClassVar, Final, TypeVar

from rules.facts import EXACT, Fact, Value
from rules.measure import bounds, linear, linear_bounds
from rules.terms import (
    All,
    Always,
    Among,
    Any,
    Compare,
    Condition,
    Day,
    Divided,
    Flag,
    Minus,
    Not,
    Operator,
    Plus,
    Read,
    Sum,
    Text,
    Times,
    Whole,
)

Refusal = tuple[str, str, str]
PARTS: Final = ("per cent", "per mille")
"""Units of what is a part of something else."""


@dataclass(frozen=True, slots=True)
class YesNo:
    """A condition."""

    noun: ClassVar[str] = "a yes/no"
    term: Condition


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number with its unit; a bare one has none and goes with any."""

    noun: ClassVar[str] = "a number"
    term: Sum
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Word:
    """A word; `words` is its closed vocabulary, empty where any word may be."""

    noun: ClassVar[str] = "a word"
    term: Text | Read
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Date:
    """A day."""

    noun: ClassVar[str] = "a date"
    term: Day | Read


Typed = YesNo | Number | Word | Date
Met = TypeVar("Met", YesNo, Number)


def a_fact(fact: Fact) -> Typed:
    """A fact's value as an operand."""
    match fact.type:
        case "yes/no":
            return YesNo(Flag(fact))
        case "number":
            return Number(Read(fact), fact.unit)
        case "word":
            return Word(Read(fact), fact.words)
        case "date":
            return Date(Read(fact))


def fact_of(typed: Typed) -> Fact | None:
    """The fact that an operand is, if it is one by itself."""
    match typed:
        case YesNo(term=Flag(fact=fact)) | Number(term=Read(fact=fact)) | Word(term=Read(fact=fact)) | Date(term=Read(fact=fact)):
            return fact
    return None


def a_value(value: Value, unit: str, setting: str) -> Typed:
    """A setting's value as an operand."""
    match value:
        case bool():
            return YesNo(Always(value))
        case int():
            return Number(Whole(value, setting), unit)
        case str():
            return Word(Text(value))
        case dt.date():
            return Date(Day(value))


def worked(sign: str, left: Typed, right: Typed) -> Number | Refusal:
    """left + right, left - right, left * right or left // right."""
    if isinstance(left, Date) or isinstance(right, Date):
        return "", "whole numbers", "Nothing is added to a date; use a fact that counts days, such as referral.waiting."
    if not isinstance(left, Number):
        return left.noun, f"a whole number before {sign}", ""
    if not isinstance(right, Number):
        return right.noun, f"a whole number after {sign}", ""
    if sign == "//":
        return _divided(left, right)
    made: Sum
    if sign == "*":
        made, unit = Times(left.term, right.term), _product(left.unit, right.unit)
    elif not _same(left.unit, right.unit):
        return _two_units(sign, left, right)
    else:
        made = Plus(left.term, right.term) if sign == "+" else Minus(left.term, right.term)
        unit = left.unit or right.unit
    return _within(Number(made, unit))


def compared(sign: str, left: Typed, right: Typed) -> YesNo | Refusal:
    """left OP right, for the six comparisons."""
    match left, right:
        case Number(), Number():
            return _apart(sign, left, right) or _settled(sign, left.term, right.term)
        case Date(), Date():
            return _settled(sign, left.term, right.term)
        case (Word(), Word()) | (YesNo(), YesNo()) if sign not in ("==", "!="):
            return f"{left.noun} compared with {sign}", "== or !=", "Words, yes and no have no order."
        case Word(), Word():
            return _stranger(left, right) or _stranger(right, left) or _settled(sign, left.term, right.term)
        case YesNo(), YesNo():
            same = _alike(left.term, right.term)
            return YesNo(same if sign == "==" else Not(same))
    dated = isinstance(left, Date) or isinstance(right, Date)
    advice = "Dates are written without quotes: 2026-09-01." if dated else "Only things of one kind are compared."
    return f"{left.noun} and {right.noun}", "two of one kind", advice


def listed(first: Typed, values: tuple[Typed, ...]) -> YesNo | Refusal:
    """first in [values]; the values are constants."""
    links: list[Condition] = []
    told: list[int | str | dt.date] = []
    for value in values:
        if isinstance(value, YesNo) or not isinstance(value.term, Whole | Text | Day):
            return "", "a list of written values", "Only numbers, words, dates and settings may stand in a list."
        link = compared("==", first, value)
        if isinstance(link, tuple):
            return link
        links.append(link.term)
        told.append(value.term.value)
    fact = fact_of(first)
    return YesNo(Any(tuple(links)) if fact is None else Among(fact, tuple(dict.fromkeys(told))))


def _divided(left: Number, right: Number) -> Number | Refusal:
    if not isinstance(right.term, Whole):
        return "", "a written number or a setting after //", "Multiply the other side instead."
    if right.term.value < 1:
        return str(right.term.value), "at least 1 after //", ""
    return Number(Divided(left.term, right.term.value), "" if left.unit == right.unit else left.unit)


def _settled(sign: str, left: Sum | Text | Day, right: Sum | Text | Day) -> YesNo:
    """The comparison, or what two written values come to."""
    op: Operator = sign  # type: ignore[assignment]  # the parser hands on only the six signs of Operator
    if isinstance(left, Whole | Text | Day) and isinstance(right, Whole | Text | Day):
        a, b = left.value, right.value
        if sign in ("==", "!="):
            return YesNo(Always((a == b) == (sign == "==")))
        below, level = a < b, a == b  # type: ignore[operator]  # both are of one type here
        return YesNo(Always({"<": below, "<=": below or level, ">": not below and not level, ">=": not below}[sign]))
    return YesNo(Compare(op, left, right))


def _alike(left: Condition, right: Condition) -> Condition:
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Always):
            return other if one.value else Not(other)
    return Any((All((left, right)), All((Not(left), Not(right)))))


def _apart(sign: str, left: Number, right: Number) -> Refusal | None:
    """Why two numbers cannot be compared: their units, or a difference that is not held exactly."""
    if not _same(left.unit, right.unit):
        return _two_units(sign, left, right)
    parts, constant = linear(left.term, right.term)
    return _beyond(*linear_bounds(parts.items()), constant)


def _two_units(sign: str, left: Number, right: Number) -> Refusal:
    """Two numbers that do not meet. Where one is of a product of units, the factor nearly always was meant to have none."""
    advice = "Only numbers of one unit meet; a bare number goes with any."
    product = next((unit for unit in (left.unit, right.unit) if " times " in unit), "")
    if product:
        advice += f" {product} is what two numbers with a unit come to: leave `unit` out of the setting by which something is multiplied."
    return f"{left.unit} {sign} {right.unit}", "one unit", advice


def _within(number: Number) -> Number | Refusal:
    return _beyond(*bounds(number.term)) or number


def _beyond(*reached: int) -> Refusal | None:
    furthest = max(reached, key=abs)
    if abs(furthest) <= EXACT:
        return None
    return "", f"a sum that stays within {EXACT}", f"By the bounds of its facts it can reach {furthest}; multiply less."


def _stranger(word: Word, other: Word) -> Refusal | None:
    if not word.words or not isinstance(other.term, Text) or other.term.value in word.words:
        return None
    near = difflib.get_close_matches(other.term.value, word.words, n=1, cutoff=0.5)
    return f'"{other.term.value}"', f"one of {', '.join(word.words)}", f'Did you mean "{near[0]}"?' if near else ""


def _same(left: str, right: str) -> bool:
    """A yearly cost is spent from a yearly budget: pence a year are pence."""
    return not left or not right or left.removesuffix(" a year") == right.removesuffix(" a year")


def _product(left: str, right: str) -> str:
    units = sorted(part for unit in (left, right) for part in unit.split(" times ") if part and part not in PARTS)
    return " times ".join(units) or next((part for part in PARTS if part in (left, right)), "")
