"""How far the examples of a book show what its rules mean: which clause never fired, which condition never decided.

It judges by the normal form and asks the second opinion about each comparison on each example's facts. A condition of a
clause has decided where the rule stays silent, it does not hold, and every other condition of its clause does.

    shown(c)     some example in scope in which clause c holds
    shown(a, c)  some example in which the rule is silent, a does not hold, and every b of c but a holds

A condition that can never be the sole reason, because another clause would fire in its place, is not asked for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rules.attributes import Attribute, Clause, Comparison, Linear, Same, needs, possible
from rules.book import ALWAYS, Derived, Limit, Rule, Rulebook
from rules.checks import kind_of
from rules.clauses import NEGATED, both_sides
from rules.evaluate import limit_scope
from rules.examples import ExampleResult, rows_of
from rules.facts import Fact, Facts
from rules.finding import FIRES, SILENT, Outcome
from rules.oracle import Oracle
from rules.phrases import said_clause, said_condition
from rules.reach import reached_by
from rules.terms import Compare, Condition, Day, Flag, Known, Not, Plus, Read, Sum, Text, Times, Whole

Literal = frozenset[Comparison]
"""What a reader takes for one condition: one comparison, or that a word is none of several."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A clause that no example fired (`condition` is empty), or a condition that was never the sole reason for silence."""

    rule: str
    kind: str
    book: str
    line: int
    clause: str
    condition: str = ""

    def __str__(self) -> str:
        if self.condition:
            return f"{self.rule}: no example stays silent only because of `{self.condition}` (in: {self.clause})"
        return f"{self.rule}: no example fires by `{self.clause}`"


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many clauses and conditions there are, and those that no example shows."""

    clauses: int
    conditions: int
    gaps: tuple[Gap, ...]

    @property
    def complete(self) -> bool:
        return not self.gaps

    @property
    def clauses_shown(self) -> int:
        return self.clauses - sum(not gap.condition for gap in self.gaps)

    @property
    def conditions_shown(self) -> int:
        return self.conditions - sum(bool(gap.condition) for gap in self.gaps)


def coverage(rulebook: Rulebook, results: Sequence[ExampleResult]) -> Coverage:
    """What the examples that were run show of every rule and of every derived yes/no that a rule reads."""
    rows = rows_of(results)
    clauses = conditions = 0
    gaps: list[Gap] = []
    for item, condition, seen in _asked(rulebook, rows):
        whole = _Form.of(condition)
        clauses += len(whole.clauses)
        conditions += sum(len(literals) for literals in whole.clauses.values())
        kind = kind_of(item)
        for clause, literals in whole.missing(seen):
            said = said_clause(clause)
            words = sorted(" and ".join(sorted(map(said_condition, literal))) for literal in literals) or [""]
            gaps.extend(Gap(item.id, kind, item.book, item.line, said, one) for one in words)
    return Coverage(clauses, conditions, tuple(gaps))


def _asked(
    rulebook: Rulebook, rows: Mapping[str, Sequence[tuple[Outcome, Facts]]]
) -> Iterable[tuple[Rule | Limit | Derived, Condition, Sequence[tuple[bool, Facts]]]]:
    """Every rule whose examples were run, every limit that is not everywhere and every derived yes/no, with the rows that tell of it and
    whether it held.
    """
    book = rulebook
    rules = [rule for rule in book.rules if isinstance(rule, Rule) and rule.id in rows]
    told = (Outcome.FIRES, Outcome.SILENT)
    for rule in rules:
        yield rule, rule.condition, [(outcome is Outcome.FIRES, row) for outcome, row in rows[rule.id] if outcome in told]
    for limit in book.limits:
        if limit.condition != ALWAYS and limit.id in rows:
            yield limit, limit.condition, list(_where(limit, book, [row for _, row in rows[limit.id]]))
    for one in book.derived:
        if isinstance(one.term, Condition):
            asking: tuple[Rule | Limit, ...] = (*rules, *book.limits)
            readers = [item.id for item in asking if one.fact.name in reached_by(book, item)]
            known = [row for reader in readers for _, row in rows.get(reader, ()) if one.fact.name in row]
            if known:
                yield one, one.term, [(row[one.fact.name] is True, row) for row in known]


def _where(limit: Limit, book: Rulebook, rows: Iterable[Facts]) -> Iterable[tuple[bool, Facts]]:
    """The rows of which a limit speaks, where it can be told whether it is there."""
    opinion = Oracle([limit_scope(limit, book), limit.condition])
    for row in rows:
        scope, there = opinion.verdicts(row)
        if scope == FIRES and there in (FIRES, SILENT):
            yield there == FIRES, row


@dataclass(frozen=True, slots=True)
class _Form:
    """The clauses of a condition, each with the conditions in it that may be the sole reason for silence."""

    clauses: Mapping[Clause, tuple[Literal, ...]]

    @classmethod
    def of(cls, condition: Condition) -> _Form:
        both = both_sides(condition)
        if both is None:  # refused when a book is loaded
            return cls({})
        true, false = both
        return cls({clause: tuple(_deciding(clause, false)) for clause in true if clause})

    def missing(self, seen: Sequence[tuple[bool, Facts]]) -> Iterable[tuple[Clause, tuple[Literal, ...]]]:
        """Each clause that never held (with no conditions), or its conditions that never decided."""
        comparisons = tuple(dict.fromkeys(comparison for clause in self.clauses for comparison in clause))
        opinion = Oracle([_condition(comparison) for comparison in comparisons])
        held = [
            (fired, {comparison for comparison, code in zip(comparisons, opinion.verdicts(row), strict=True) if code == FIRES})
            for fired, row in seen
        ]
        for clause, literals in self.clauses.items():
            if not any(clause <= true for _, true in held):
                yield clause, ()
            undecided = tuple(one for one in literals if not any(not fired and _sole(one, clause - true) for fired, true in held))
            if undecided:
                yield clause, undecided


def _sole(literal: Literal, failing: Clause) -> bool:
    """Whether a clause fails by this condition alone; what is unknown fails with the condition that asks whether it is known."""
    if not literal & failing:
        return False
    unknown = {c.attribute.fact for c in literal if isinstance(c.attribute, Known) and (c.op == "==") == c.constant}
    return all(other in literal or unknown & set(needs(other.attribute)) for other in failing)


def _deciding(clause: Clause, false: Sequence[Clause]) -> Iterable[Literal]:
    """The conditions of the clause that can be the sole reason for silence."""
    for literal in _literals(clause, false):
        rest = clause - literal
        for comparison in literal:
            against = _negated(comparison)
            kept = frozenset(c for c in rest if not _asks_unknown(against, c))
            if any(possible(kept | {against} | other) for other in false):
                yield literal
                break


def _asks_unknown(against: Comparison, other: Comparison) -> bool:
    """Where a fact is unknown, what reads its value is not to be satisfied as well."""
    attribute = against.attribute
    return isinstance(attribute, Known) and ((against.op == "==") != against.constant) and attribute.fact in needs(other.attribute)


def _literals(clause: Clause, false: Sequence[Clause]) -> Iterable[Literal]:
    excluded: dict[Fact, set[Comparison]] = {}
    explicit = {(c.attribute, c.op, c.constant) for other in false for c in other if isinstance(c.attribute, Known)}
    for comparison in clause:
        attribute = comparison.attribute
        if isinstance(attribute, Fact) and attribute.type == "word" and comparison.op == "!=":
            excluded.setdefault(attribute, set()).add(comparison)
        elif isinstance(attribute, Known):
            # A clause holds also that what it reads is known; only where the author asks it can it be a reason for silence.
            against = _negated(comparison)
            if (against.attribute, against.op, against.constant) in explicit:
                yield frozenset({comparison})
        else:
            yield frozenset({comparison})
    yield from map(frozenset, excluded.values())


def _negated(comparison: Comparison) -> Comparison:
    if isinstance(comparison.constant, bool):
        return Comparison(comparison.attribute, comparison.op, not comparison.constant)
    return Comparison(comparison.attribute, NEGATED[comparison.op], comparison.constant)


def _condition(comparison: Comparison) -> Condition:
    """The comparison as a condition that the second opinion can be asked."""
    told = _told(comparison.attribute, comparison)
    holds = not isinstance(comparison.constant, bool) or (comparison.op == "==") == comparison.constant
    return told if holds else Not(told)


def _told(attribute: Attribute, comparison: Comparison) -> Condition:
    match attribute:
        case Known():
            return attribute
        case Same(left=left, right=right):
            return Compare("==", Read(left), Read(right))
        case Fact(type="yes/no") as fact:
            return Flag(fact)
        case Fact(type="word") as fact:
            return Compare(comparison.op, Read(fact), Text(str(comparison.constant)))
        case Fact(type="date") as fact:
            return Compare(comparison.op, Read(fact), Day(dt.date.fromordinal(int(comparison.constant))))
        case Fact() as fact:
            return Compare(comparison.op, Read(fact), Whole(int(comparison.constant)))
        case Linear(parts=parts):
            total: Sum = Whole(0)
            for part, coefficient in parts:
                total = Plus(total, Times(Whole(coefficient), part))
            return Compare(comparison.op, total, Whole(int(comparison.constant)))
