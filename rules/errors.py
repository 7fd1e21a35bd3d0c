"""Failures of the program or of what it was given, each with the exit code it ends in.

A fact about the world (a finding, an unplaced pupil, a tampered entry) is a value, never one of these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong with an input: where it is, what was found, what was wanted, what to do.

    `row` counts from 1 and includes a header row, so that it is the number a spreadsheet or an editor shows; `counted` is
    what the file is counted in.
    """

    file: str = ""
    row: int | None = None
    column: str = ""
    found: str = ""
    wanted: str = ""
    advice: str = ""
    counted: Literal["row", "line"] = "row"

    def __str__(self) -> str:
        place = self.file
        if self.row is not None:
            place = f"{place} {self.counted} {self.row}".lstrip()
        if self.column:
            place = f"{place}, {self.column}" if place else self.column
        said = "; ".join(
            part for part in (f"found {self.found}" if self.found else "", f"wanted {self.wanted}" if self.wanted else "") if part
        )
        sentence = ": ".join(part for part in (place, said) if part)
        return f"{sentence}. {self.advice}" if self.advice and sentence else (sentence or self.advice)


class PanelError(Exception):
    """The base of every failure that a user may see. Its message is one plain sentence."""

    exit_code: ClassVar[int] = 4
    kind: ClassVar[str] = "error"

    def __init__(self, message: str, faults: Sequence[Fault] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.faults = tuple(faults)

    def __str__(self) -> str:
        return "\n".join((self.message, *(f"  {fault}" for fault in self.faults)))


class RulebookError(PanelError):
    """A rulebook that cannot be used. `faults` holds every problem in it; `row` is the line in the file."""

    exit_code = 3
    kind = "rulebook"


class EvaluationError(PanelError):
    """The two evaluations differ, or the engine did something it must not. Nothing may be decided on it."""

    exit_code = 4
    kind = "evaluation"
