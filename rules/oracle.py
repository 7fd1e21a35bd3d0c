"""The second opinion: the same conditions, written out from their trees as Python for the interpreter to run.

It shares nothing with the engine but the trees: no clauses, no sums worked out beforehand, dates left as dates. So a
mistake in the normal form, in the library or in what the library is handed shows as a difference.

For each condition two expressions are written, true and false in Kleene's sense; where neither holds, it cannot be told:

    true(all p)  = every true(p)      false(all p) = some false(p)      true(not p) = false(p)
    true(any p)  = some true(p)       false(any p) = every false(p)     false(not p) = true(p)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any as Anything
from typing import Final, assert_never

from rules.errors import EvaluationError
from rules.facts import Fact, Facts
from rules.finding import CANNOT_TELL, FIRES, SILENT
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
    Text,
    Times,
    Whole,
)

OPPOSITE: Final[dict[Operator, Operator]] = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


class Oracle:
    """Conditions and sums, written out once; rows are put to them one at a time."""

    def __init__(self, conditions: Sequence[Condition], sums: Sequence[Sum] = ()) -> None:
        """Raises `EvaluationError` where a condition is too deep to be written out."""
        self._verdicts: Callable[[Facts], bytes] = _function(conditions, _Script.verdict, "bytes")
        self._amounts: Callable[[Facts], tuple[int | None, ...]] = _function(sums, _Script.amount, "tuple")

    def verdicts(self, row: Facts) -> bytes:
        """`SILENT`, `FIRES` or `CANNOT_TELL` for each condition. The row has been checked."""
        return self._verdicts(row)

    def amounts(self, row: Facts) -> tuple[int | None, ...]:
        """The value of each sum, None where a fact that it reads is unknown."""
        return self._amounts(row)


def _function(terms: Sequence[Anything], write: Callable[[_Script, Anything], str], made_by: str) -> Callable[[Facts], Anything]:
    """def answers(row): read every fact once; return made_by((answer, answer, ...))"""
    script = _Script()
    answers = [write(script, term) for term in terms]
    reads = [f" {name} = {reading}" for name, reading in script.readings.values()]
    told = "".join(f"  {answer},\n" for answer in answers)
    text = "\n".join(("def answers(row):", " get = row.get", *reads, f" return {made_by}((\n{told} ))"))
    try:
        exec(compile(text, "the second opinion", "exec"), script.names)  # noqa: S102  # only names and signs written by this module, no text of a rulebook
    except (RecursionError, MemoryError, SyntaxError) as failure:
        raise EvaluationError(f"A condition is too deep for the second opinion: {failure}. Name a part of it under `derive`.") from None
    answers_: Callable[[Facts], Anything] = script.names["answers"]
    return answers_


class _Script:
    """Expressions of one function. Values stand under names, so no word of a rulebook becomes code."""

    def __init__(self) -> None:
        self.names: dict[str, Anything] = {"__builtins__": {"bytes": bytes, "tuple": tuple}}
        self.readings: dict[Fact, tuple[str, str]] = {}

    def verdict(self, condition: Condition) -> str:
        fires = f"{FIRES} if {self.holds(condition, side=True)} else {SILENT}"
        unsure = dict.fromkeys(fact for fact in self._values(condition) if fact.optional)
        if not unsure:
            return fires
        known = " and ".join(self._known(fact) for fact in unsure)
        return f"{fires} if ({known}) or {self.holds(condition, side=False)} else {CANNOT_TELL}"

    def amount(self, sum_: Sum) -> str:
        known = " and ".join(self._known(fact) for fact in dict.fromkeys(self._values(sum_)) if fact.optional)
        return f"{self._operand(sum_)} if {known} else None" if known else self._operand(sum_)

    def holds(self, condition: Condition, *, side: bool) -> str:
        """An expression for `condition` being true (`side` True) or being false."""
        match condition:
            case Always(value=value):
                return str(value == side)
            case Not(part=part):
                return self.holds(part, side=not side)
            case All(parts=parts) | Any(parts=parts):
                every = isinstance(condition, All) == side
                return f"({(' and ' if every else ' or ').join(self.holds(part, side=side) for part in parts)})" if parts else str(every)
            case Known(fact=fact):
                return self._known(fact) if side else f"(not {self._known(fact)})"
            case Flag(fact=fact):
                return self._told(condition, self._read(fact) if side else f"not {self._read(fact)}")
            case Among(fact=fact, values=values):
                return self._told(condition, f"{self._read(fact)} {'in' if side else 'not in'} {self._constant(frozenset(values))}")
            case Compare(op=op, left=left, right=right):
                sign = op if side else OPPOSITE[op]
                return self._told(condition, f"{self._operand(left)} {sign} {self._operand(right)}")
            case _:
                assert_never(condition)

    def _told(self, condition: Condition, expression: str) -> str:
        """The expression, only where all that it reads is known."""
        return f"({' and '.join((*(self._known(fact) for fact in dict.fromkeys(self._values(condition)) if fact.optional), expression))})"

    def _known(self, fact: Fact) -> str:
        return f"({self._read(fact)} is not None)" if fact.optional else "True"

    def _operand(self, term: Operand) -> str:
        match term:
            case Whole(value=value) | Text(value=value) | Day(value=value):
                return self._constant(value)
            case Read(fact=fact):
                return self._read(fact)
            case Plus(left=left, right=right):
                return f"({self._operand(left)} + {self._operand(right)})"
            case Minus(left=left, right=right):
                return f"({self._operand(left)} - {self._operand(right)})"
            case Times(left=left, right=right):
                return f"({self._operand(left)} * {self._operand(right)})"
            case Divided(left=left, by=by):
                return f"({self._operand(left)} // {self._constant(by)})"
            case _:
                assert_never(term)

    def _constant(self, value: object) -> str:
        if type(value) is int:
            return f"({value})"
        name = f"c{len(self.names)}"
        self.names[name] = value
        return name

    def _read(self, fact: Fact) -> str:
        if fact not in self.readings:
            key = self._constant(fact.name)
            self.readings[fact] = (f"f{len(self.readings)}", f"get({key})" if fact.optional else f"row[{key}]")
        return self.readings[fact][0]

    def _values(self, term: Condition | Operand) -> list[Fact]:
        """The facts whose values a term needs, each time it names one."""
        match term:
            case Flag(fact=fact) | Among(fact=fact) | Read(fact=fact):
                return [fact]
            case (
                Compare(left=left, right=right)
                | Plus(left=left, right=right)
                | Minus(left=left, right=right)
                | Times(left=left, right=right)
            ):
                return [*self._values(left), *self._values(right)]
            case Not(part=part):
                return self._values(part)
            case Divided(left=left):
                return self._values(left)
            case All(parts=parts) | Any(parts=parts):
                return [fact for part in parts for fact in self._values(part)]
            case Always() | Known() | Whole() | Text() | Day():
                return []
            case _:
                assert_never(term)
