"""What can be said of a condition or a sum without any row of facts: the facts it reads, its bounds, whether it can be unknown.

It evaluates nothing. Sums are bounded by interval arithmetic:

    [a, b] + [c, d] = [a + c, b + d]        [a, b] - [c, d] = [a - d, b - c]
    [a, b] * [c, d] = [min, max] of ac, ad, bc, bd        [a, b] // k = [a // k, b // k] for k >= 1

A comparison of two sums is one linear sum against one constant:

    l < r   <=>   (sum of terms of l - terms of r) < (constant of r - constant of l)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import assert_never

from rules.facts import Fact
from rules.terms import (
    All,
    Always,
    Among,
    Any,
    Compare,
    Day,
    Divided,
    Flag,
    Known,
    Minus,
    Not,
    Operand,
    Plus,
    Read,
    Sum,
    Term,
    Text,
    Times,
    Whole,
)

Part = Read | Times | Divided
"""What a sum of coefficient * part is made of."""


def reads(term: Term) -> tuple[Fact, ...]:
    """The facts that a condition or a sum reads, each once, in the order it first names them."""
    return tuple(dict.fromkeys(_named(term)))


def undivided(sum_: Sum, by: int) -> tuple[Fact, ...]:
    """The facts that a sum reads other than in a part that is divided by so much or more, each once."""
    match sum_:
        case Divided(by=divisor) if divisor >= by:
            return ()
        case Divided(left=left):
            return undivided(left, by)
        case Plus(left=left, right=right) | Minus(left=left, right=right) | Times(left=left, right=right):
            return tuple(dict.fromkeys((*undivided(left, by), *undivided(right, by))))
        case Read() | Whole():
            return reads(sum_)
        case _:
            assert_never(sum_)


def may_be_unknown(term: Term) -> bool:
    """Whether a row can leave it untold: it reads a fact that may be unknown, other than to ask whether it is known."""
    return any(fact.optional for fact in needed(term))


def needed(term: Term) -> tuple[Fact, ...]:
    """The facts whose values it reads, each once; a fact that is only asked whether it is known is not among them."""
    return tuple(dict.fromkeys(_named(term, with_known=False)))


def words_compared(term: Term) -> Iterator[tuple[Fact, str]]:
    """Each fact that is a word, with each word that the condition holds it against."""
    match term:
        case Compare(left=Read(fact=fact), right=Text(value=word)) | Compare(left=Text(value=word), right=Read(fact=fact)):
            yield fact, word
        case Among(fact=fact, values=values):
            yield from ((fact, value) for value in values if isinstance(value, str))
        case Not(part=part):
            yield from words_compared(part)
        case All(parts=parts) | Any(parts=parts):
            for part in parts:
                yield from words_compared(part)
        case _:
            return


def bounds(sum_: Sum) -> tuple[int, int]:
    """The lowest and the highest value that a sum can take, both included; dates count as their day numbers."""
    match sum_:
        case Whole(value=value):
            return value, value
        case Read(fact=fact):
            return fact_bounds(fact)
        case Plus(left=left, right=right):
            (a, b), (c, d) = bounds(left), bounds(right)
            return a + c, b + d
        case Minus(left=left, right=right):
            (a, b), (c, d) = bounds(left), bounds(right)
            return a - d, b - c
        case Times(left=left, right=right):
            (a, b), (c, d) = bounds(left), bounds(right)
            corners = (a * c, a * d, b * c, b * d)
            return min(corners), max(corners)
        case Divided(left=left, by=by):
            a, b = bounds(left)
            return a // by, b // by
        case _:
            assert_never(sum_)


def fact_bounds(fact: Fact) -> tuple[int, int]:
    """The bounds of a number; of a date, the day numbers of the calendar."""
    return (dt.date.min.toordinal(), dt.date.max.toordinal()) if fact.type == "date" else (fact.low, fact.high)


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


def linear_bounds(parts: Iterable[tuple[Part, int]]) -> tuple[int, int]:
    """The lowest and highest value of a linear sum."""
    low = high = 0
    for part, coefficient in parts:
        a, b = bounds(part)
        low, high = low + min(a * coefficient, b * coefficient), high + max(a * coefficient, b * coefficient)
    return low, high


def _named(term: Term | Operand, *, with_known: bool = True) -> Iterator[Fact]:
    match term:
        case Flag(fact=fact) | Among(fact=fact) | Read(fact=fact):
            yield fact
        case Known(fact=fact):
            if with_known:
                yield fact
        case Compare(left=left, right=right) | Plus(left=left, right=right) | Minus(left=left, right=right) | Times(left=left, right=right):
            yield from _named(left, with_known=with_known)
            yield from _named(right, with_known=with_known)
        case Not(part=part):
            yield from _named(part, with_known=with_known)
        case Divided(left=left):
            yield from _named(left, with_known=with_known)
        case All(parts=parts) | Any(parts=parts):
            for part in parts:
                yield from _named(part, with_known=with_known)
        case Always() | Whole() | Text() | Day():
            return
        case _:
            assert_never(term)
