"""A row of facts as the engine's attributes: exact JSON members, and sums worked out beforehand.

It knows nothing of the library or of clauses' meaning. A value that does not fit its fact is refused, never converted;
a date becomes its day number.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from operator import itemgetter
from typing import Final, NoReturn, assert_never

from rules.attributes import Linear, Same
from rules.errors import EvaluationError
from rules.facts import EXACT, Fact, Facts, Value
from rules.rows import unfit
from rules.terms import Divided, Minus, Plus, Read, Sum, Times, Whole

Encode = Callable[[Value], str]
Work = Callable[[Facts], int]
BLANK: Final = {"number": "0", "date": "0", "yes/no": "false", "word": '""'}  # where unknown; its companion says so


def member(fact: Fact, key: str) -> Encode:
    """How a value of a fact is written as the member `key`; refuses a value that is not exactly the fact's."""
    match fact.type:
        case "number":
            return _number(fact, key)
        case "date":
            return _date(fact, key)
        case "yes/no":
            return _yes_no(fact, key)
        case "word":
            return _word(fact, key)
        case _:
            assert_never(fact.type)


def _refuse(fact: Fact, value: object) -> NoReturn:
    fault = unfit(fact, value)
    raise EvaluationError("These facts cannot be put to the rules.", () if fault is None else (fault,))


def _number(fact: Fact, key: str) -> Encode:
    low, high = max(fact.low, -EXACT), min(fact.high, EXACT)

    def encode(value: Value) -> str:
        if type(value) is int and low <= value <= high:
            return f'"{key}":{value}'
        _refuse(fact, value)

    return encode


def _date(fact: Fact, key: str) -> Encode:
    def encode(value: Value) -> str:
        if type(value) is dt.date:
            return f'"{key}":{value.toordinal()}'
        _refuse(fact, value)

    return encode


def _yes_no(fact: Fact, key: str) -> Encode:
    true, false = f'"{key}":true', f'"{key}":false'

    def encode(value: Value) -> str:
        if value is True:
            return true
        if value is False:
            return false
        _refuse(fact, value)

    return encode


def _word(fact: Fact, key: str) -> Encode:
    closed = {word: f'"{key}":{json.dumps(word)}' for word in fact.words}

    def encode(value: Value) -> str:
        if type(value) is str and value in closed:
            return closed[value]
        if unfit(fact, value) is not None:
            _refuse(fact, value)
        return f'"{key}":{json.dumps(value)}'

    return encode


def worked(attribute: Linear | Same, key: str) -> Callable[[Facts], str]:
    """How an attribute that no fact is by itself is written as the member `key`, where all its facts are known."""
    if isinstance(attribute, Same):
        left, right = attribute.left.name, attribute.right.name
        return lambda row: f'"{key}":{"true" if row[left] == row[right] else "false"}'
    parts = tuple((working(part), coefficient) for part, coefficient in attribute.parts)
    return lambda row: f'"{key}":{exact(sum([work(row) * coefficient for work, coefficient in parts]))}'


def working(sum_: Sum) -> Work:
    """A function from a row, in which all that the sum reads is known, to its value; dates count as day numbers."""
    match sum_:
        case Whole(value=value):
            return lambda _: value
        case Read(fact=Fact(name=name, type="date")):
            return lambda row: row[name].toordinal()  # type: ignore[union-attr]  # a date, by its type
        case Read(fact=fact):
            return itemgetter(fact.name)
        case Plus(left=left, right=right):
            a, b = working(left), working(right)
            return lambda row: a(row) + b(row)
        case Minus(left=left, right=right):
            a, b = working(left), working(right)
            return lambda row: a(row) - b(row)
        case Times(left=left, right=right):
            a, b = working(left), working(right)
            return lambda row: a(row) * b(row)
        case Divided(left=left, by=by):
            a = working(left)
            return lambda row: a(row) // by
        case _:
            assert_never(sum_)


def exact(value: int) -> int:
    """The value, if the engine can hold it exactly; raises `EvaluationError` if not."""
    if -EXACT <= value <= EXACT:
        return value
    raise EvaluationError(f"A sum came to {value}; the rules hold whole numbers up to {EXACT} exactly.")
