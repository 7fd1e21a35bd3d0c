"""The typed tree of a condition or a sum: what `grammar.py` makes of text, and all that the two evaluations share.

It parses nothing and evaluates nothing.

    condition := Always | Flag | Compare | Among | Known | Not | All | Any
    sum       := Whole | Read | Plus | Minus | Times | Divided
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from rules.facts import Fact

Operator = Literal["==", "!=", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number; `setting` names the setting it came from, if it did."""

    value: int
    setting: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """A quoted word."""

    value: str


@dataclass(frozen=True, slots=True)
class Day:
    """A date."""

    value: dt.date


@dataclass(frozen=True, slots=True)
class Read:
    """The value of a fact."""

    fact: Fact


@dataclass(frozen=True, slots=True)
class Plus:
    """left + right"""

    left: Sum
    right: Sum


@dataclass(frozen=True, slots=True)
class Minus:
    """left - right"""

    left: Sum
    right: Sum


@dataclass(frozen=True, slots=True)
class Times:
    """left * right"""

    left: Sum
    right: Sum


@dataclass(frozen=True, slots=True)
class Divided:
    """left // by, rounded down; `by` is at least 1."""

    left: Sum
    by: int


Sum = Whole | Read | Plus | Minus | Times | Divided
Operand = Sum | Text | Day


@dataclass(frozen=True, slots=True)
class Always:
    """`true` or `false` written out."""

    value: bool


@dataclass(frozen=True, slots=True)
class Flag:
    """A yes/no fact by itself."""

    fact: Fact


@dataclass(frozen=True, slots=True)
class Compare:
    """Two operands of one type. Words only `==` and `!=`."""

    op: Operator
    left: Operand
    right: Operand


@dataclass(frozen=True, slots=True)
class Among:
    """A word or number fact in a list of values of its type."""

    fact: Fact
    values: tuple[int | str | dt.date, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """Whether a fact is known: always answerable."""

    fact: Fact


@dataclass(frozen=True, slots=True)
class Not:
    """not part"""

    part: Condition


@dataclass(frozen=True, slots=True)
class All:
    """Every part."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """At least one part."""

    parts: tuple[Condition, ...]


Condition = Always | Flag | Compare | Among | Known | Not | All | Any
Term = Condition | Sum
