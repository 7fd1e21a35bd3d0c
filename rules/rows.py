"""A row of facts at the door: only names of the schema, each with a value of exactly its type, within its bounds.

It corrects nothing and fills nothing in. A fact that may be unknown may be absent; no other may.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from rules.errors import EvaluationError, Fault
from rules.facts import Fact, Facts, Type

LONGEST_WORD: Final = 60_000  # bytes as JSON; the engine compares lengths modulo 65,536
PYTHON: Final[Mapping[Type, type]] = {"number": int, "yes/no": bool, "word": str, "date": dt.date}


def unfit(fact: Fact, value: object) -> Fault | None:
    """What is wrong with a value of a fact, if anything."""
    found = (value if isinstance(value, str) else repr(value))[:40]
    wanted = ""
    if type(value) is not PYTHON[fact.type]:
        found, wanted = f"{found} ({type(value).__name__})", {"number": "a whole number", "date": "a date"}.get(fact.type, f"a {fact.type}")
    elif isinstance(value, int) and fact.type == "number" and not fact.low <= value <= fact.high:
        wanted = f"{fact.low} to {fact.high} {fact.unit}".rstrip()
    elif isinstance(value, str):
        wanted = _word(fact, value)
    return Fault(column=fact.name, found=found, wanted=wanted) if wanted else None


def _word(fact: Fact, value: str) -> str:
    if fact.words and value not in fact.words:
        return f"one of {', '.join(fact.words)}"
    if value.isascii() and value.isprintable() and len(value) < LONGEST_WORD // 2:  # as JSON at most two bytes a letter
        return ""
    if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        return "text that can be written out"
    return "" if len(json.dumps(value)) <= LONGEST_WORD else f"at most {LONGEST_WORD} bytes"


@dataclass(frozen=True, slots=True)
class _Shape:
    """What the rows of the same names are checked by: nearly all rows of a meeting have the same few sets of names."""

    types: tuple[type, ...]
    numbers: tuple[tuple[str, int, int], ...]
    words: tuple[tuple[str, frozenset[str], Fact], ...]


class Schema:
    """The facts a row may hold, and those of them it must."""

    def __init__(self, facts: Iterable[Fact], required: Iterable[Fact]) -> None:
        self._facts = {fact.name: fact for fact in facts}
        self._required = frozenset(fact.name for fact in required if not fact.optional)
        self._shapes: dict[tuple[str, ...], _Shape | None] = {}

    def check(self, row: Facts) -> None:
        """Raises `EvaluationError` with a fault for every fact that is missing, not in the schema, or unfit."""
        if not self._sound(row):
            raise EvaluationError("These facts cannot be put to the rules.", self._faults(row))

    def _sound(self, row: Facts) -> bool:
        names = tuple(row)
        if names not in self._shapes:
            self._shapes[names] = self._shape(names)
        shape = self._shapes[names]
        if shape is None or tuple(map(type, row.values())) != shape.types:
            return False
        for name, low, high in shape.numbers:
            if not low <= row[name] <= high:  # type: ignore[operator]  # a whole number here
                return False
        return all(row[name] in words or unfit(fact, row[name]) is None for name, words, fact in shape.words)

    def _shape(self, names: tuple[str, ...]) -> _Shape | None:
        """What a row of these names must be; None where it lacks one or has a strange one."""
        if not self._required <= set(names) <= self._facts.keys():
            return None
        facts = [self._facts[name] for name in names]
        return _Shape(
            tuple(PYTHON[fact.type] for fact in facts),
            tuple((fact.name, fact.low, fact.high) for fact in facts if fact.type == "number"),
            tuple((fact.name, frozenset(fact.words), fact) for fact in facts if fact.type == "word"),
        )

    def _faults(self, row: Facts) -> tuple[Fault, ...]:
        strange = [
            Fault(column=str(name), found="a fact that is not of this question", wanted="a fact of its families that is not derived")
            for name in row
            if name not in self._facts
        ]
        wrong = [fault for name, value in row.items() if name in self._facts and (fault := unfit(self._facts[name], value))]
        missing = [
            Fault(column=name, found="no value", wanted="one: this fact is never unknown") for name in sorted(self._required - row.keys())
        ]
        return (*strange, *wrong, *missing)
