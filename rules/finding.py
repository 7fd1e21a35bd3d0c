"""What one rule says of one row of facts: fires, silent, out of scope, or cannot tell, with the facts that caused it.

A finding is a value. It decides nothing: what follows from a hold, a bar or a limit is settled by the panel's modules.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from rules.facts import Value

RuleKind = Literal["hold", "bar", "limit", "charge", "tier", "notice", "tariff", "count", "derive", "clock", "transfer"]


class Outcome(StrEnum):
    """The four outcomes; `cannot tell` is never silence."""

    FIRES = "fires"
    SILENT = "silent"
    OUT_OF_SCOPE = "out of scope"
    CANNOT_TELL = "cannot tell"


# A row's verdicts travel as bytes, one a rule; out of scope has both bits, so that it can be laid over any other.
SILENT: Final = 0
FIRES: Final = 1
CANNOT_TELL: Final = 2
OUT_OF_SCOPE: Final = 3
OUTCOMES: Final = (Outcome.SILENT, Outcome.FIRES, Outcome.CANNOT_TELL, Outcome.OUT_OF_SCOPE)


@dataclass(frozen=True, slots=True)
class Finding:
    """`facts` are the known ones that the rule reads, in the order it names them.

    `missing`, only where it cannot tell: the facts of the record that nobody has told it and that could settle it.
    """

    rule: str
    kind: RuleKind
    outcome: Outcome
    facts: tuple[tuple[str, Value], ...] = ()
    missing: tuple[str, ...] = ()
