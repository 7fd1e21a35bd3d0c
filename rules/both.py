"""Both evaluations of the same conditions and sums on every row: one answer, or a refusal that shows where they differ.

It prefers neither. A difference means that one of them is wrong, and nothing may be decided on it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from rules.errors import EvaluationError, Fault
from rules.facts import Facts
from rules.finding import OUTCOMES
from rules.measure import reads
from rules.terms import Condition, Sum

Amounts = tuple[int | None, ...]


class Opinion(Protocol):
    """One way to evaluate conditions and sums."""

    def verdicts(self, row: Facts, /) -> bytes: ...

    def amounts(self, row: Facts, /) -> Amounts: ...


MakeOpinion = Callable[[Sequence[Condition], Sequence[Sum]], Opinion]
Named = tuple[str, Condition]
NamedSum = tuple[str, Sum]


class Both:
    """Conditions and sums under the names of their rules."""

    def __init__(self, conditions: Sequence[Named], sums: Sequence[NamedSum], *, engine: MakeOpinion, oracle: MakeOpinion) -> None:
        self._named = (*conditions, *sums)
        self._engine, self._oracle = (
            make(tuple(condition for _, condition in conditions), tuple(sum_ for _, sum_ in sums)) for make in (engine, oracle)
        )

    def ask(self, row: Facts) -> tuple[bytes, Amounts]:
        """A verdict for each condition, a value for each sum. Raises `EvaluationError` where the two differ."""
        verdicts, amounts = self._engine.verdicts(row), self._engine.amounts(row)
        second, second_amounts = self._oracle.verdicts(row), self._oracle.amounts(row)
        if verdicts != second or amounts != second_amounts:
            raise self._difference(row, (*_words(verdicts), *amounts), (*_words(second), *second_amounts))
        return verdicts, amounts

    def _difference(self, row: Facts, first: tuple[object, ...], second: tuple[object, ...]) -> EvaluationError:
        if len(first) != len(second) or len(first) != len(self._named):
            return EvaluationError("The two evaluations differ in how many rules they answer. Nothing was decided.")
        faults = tuple(
            Fault(
                column=name,
                found=f"{_said(one)} from the rule engine, {_said(other)} from the second opinion",
                wanted="one answer",
                advice="With " + ", ".join(f"{fact.name} {row.get(fact.name, 'unknown')}" for fact in reads(term)) + ".",
            )
            for (name, term), one, other in zip(self._named, first, second, strict=True)
            if one != other
        )
        return EvaluationError("The two evaluations of the rules differ. Nothing was decided.", faults)


def _words(verdicts: bytes) -> tuple[object, ...]:
    return tuple(OUTCOMES[code] for code in verdicts)


def _said(answer: object) -> str:
    return "cannot tell" if answer is None else str(answer)
