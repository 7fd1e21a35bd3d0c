"""Which unknown facts leave a condition or a sum untold: those whose values could settle it, and no others.

It decides nothing: it is asked after both evaluations could not tell, and says what to find out.

    p is open              where it is neither true nor false in Kleene's sense
    lacking(all p)         what the open p lack, where no p is false
    lacking(any p)         what the open p lack, where no p is true
    lacking(f is known)    nothing: that is always told, so what a guard keeps out is not asked for
    lacking(a < b)         the unknown facts of a and of b
    lacking(derived fact)  what its own condition or sum lacks; of what is worked out in another way, what that way says it lacks
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any as Anything
from typing import Final, assert_never

from rules.facts import Facts, Value
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
    Known,
    Minus,
    Not,
    Operand,
    Operator,
    Plus,
    Read,
    Sum,
    Term,
    Text,
    Times,
    Whole,
)

Behind = Term | Callable[[Facts], tuple[str, ...]]
"""What a fact is worked out from: a condition or a sum, or the facts that it lacks in a row."""

Told = bool | tuple[str, ...]
"""True, false, or the facts that leave it open."""

SIGNS: Final[Mapping[Operator, Callable[[Anything, Anything], bool]]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


def lacking(term: Term, row: Facts, derived: Mapping[str, Behind]) -> tuple[str, ...]:
    """The facts of the row's families that the term lacks, each once, in the order it names them; none where it can be told."""
    told = tuple(_unread(term, row, derived)) if isinstance(term, Sum) else _told(term, row, derived)
    return () if isinstance(told, bool) else tuple(dict.fromkeys(told))


def behind(name: str, row: Facts, derived: Mapping[str, Behind]) -> tuple[str, ...]:
    """The facts for want of which a fact of the row is unknown: itself, or those behind it where it is worked out."""
    of = derived.get(name)
    found = () if of is None else lacking(of, row, derived) if isinstance(of, Term) else of(row)
    return found or (name,)


def _told(condition: Condition, row: Facts, derived: Mapping[str, Behind]) -> Told:
    match condition:
        case Always(value=value):
            return value
        case Known(fact=fact):
            return fact.name in row
        case Not(part=part):
            told = _told(part, row, derived)
            return not told if isinstance(told, bool) else told
        case All(parts=parts) | Any(parts=parts):
            settles = isinstance(condition, Any)
            answers = [_told(part, row, derived) for part in parts]
            if settles in [answer for answer in answers if isinstance(answer, bool)]:
                return settles
            return tuple(name for answer in answers if not isinstance(answer, bool) for name in answer) or not settles
        case Flag(fact=fact):
            return tuple(_unread(Read(fact), row, derived)) or row[fact.name] is True
        case Among(fact=fact, values=values):
            return tuple(_unread(Read(fact), row, derived)) or row[fact.name] in values
        case Compare(op=op, left=left, right=right):
            unread = (*_unread(left, row, derived), *_unread(right, row, derived))
            return unread or SIGNS[op](_value(left, row), _value(right, row))
        case _:
            assert_never(condition)


def _unread(term: Operand, row: Facts, derived: Mapping[str, Behind]) -> Iterator[str]:
    """The unknown facts whose values a sum, a word or a date needs; for a derived one those behind it."""
    match term:
        case Read(fact=fact):
            if fact.name not in row:
                yield from behind(fact.name, row, derived)
        case Plus(left=left, right=right) | Minus(left=left, right=right) | Times(left=left, right=right):
            yield from _unread(left, row, derived)
            yield from _unread(right, row, derived)
        case Divided(left=left):
            yield from _unread(left, row, derived)
        case Whole() | Text() | Day():
            return
        case _:
            assert_never(term)


def _value(term: Operand, row: Facts) -> Value:
    match term:
        case Whole(value=value) | Text(value=value) | Day(value=value):
            return value
        case Read(fact=fact):
            return row[fact.name]
        case Plus(left=left, right=right):
            return _number(left, row) + _number(right, row)
        case Minus(left=left, right=right):
            return _number(left, row) - _number(right, row)
        case Times(left=left, right=right):
            return _number(left, row) * _number(right, row)
        case Divided(left=left, by=by):
            return _number(left, row) // by
        case _:
            assert_never(term)


def _number(sum_: Sum, row: Facts) -> int:
    return int(_value(sum_, row))  # type: ignore[arg-type]  # the parser lets only numbers into a sum
