"""The examples of a rulebook, run: what each rule says of each of its cases, beside what the book says that it should.

It judges nothing: an example that fails is a value, and what follows from it is for whoever asked.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from rules.book import Example, Limit, Rule, Rulebook
from rules.checks import changed_above
from rules.evaluate import ADMISSION, CLOCK, PAIR, REFERRAL, Evaluation
from rules.facts import Facts
from rules.finding import Outcome
from rules.given import facts_of


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """One example: `expected` and `got` are outcomes, or for a limit the room; `line` is that of the example in the book's file.

    `facts` is the row that it describes, with the derived facts.
    """

    rule: str
    example: str
    expected: Outcome | int
    got: Outcome | int
    book: str
    line: int
    facts: Facts = field(default_factory=dict, compare=False, repr=False)

    @property
    def ok(self) -> bool:
        """Whether the rule does what the book says."""
        return self.expected == self.got

    @property
    def advice(self) -> str:
        """What an example that is wrong may have missed: its scope, or that room below 0 is given as it is; nothing where it is neither."""
        if self.got is Outcome.OUT_OF_SCOPE and isinstance(self.expected, int):
            return ". The limit is not there for what is given: give also what its `when` and its scope ask for"
        if self.expected == 0 and isinstance(self.got, int) and self.got < 0:
            return f". An example gives the room as it is worked out; what is below 0 is none too: write `expect: {self.got}`"
        if self.expected is not Outcome.OUT_OF_SCOPE:
            return ""
        what = "a kind, an exclusion, a setting, a day, a year group or, for a limit with a `when`, a school"
        return f". What `given` leaves out is of the rule's scope: give {what} of which it does not speak"


def run_examples(rulebook: Rulebook) -> tuple[ExampleResult, ...]:
    """Every example of every layer, in the book's order.

    Left out are those of a rule below whose setting a book above has chosen anew: they speak of the value that was there.
    Raises EvaluationError where the two evaluations differ.
    """
    evaluation = Evaluation(rulebook)
    rules: tuple[Rule | Limit, ...] = (
        *rulebook.tariff,
        *rulebook.limits,
        *rulebook.holds,
        *rulebook.bars,
        *rulebook.charges,
        *rulebook.transfers,
        *rulebook.tiers,
        *rulebook.notices,
        *(clock.rule for clock in rulebook.clocks),
    )
    return tuple(
        ExampleResult(rule.id, example.name, example.expect, got, rule.book, example.line, facts)
        for rule in rules
        if not changed_above(rulebook, rule)
        for example in rule.examples
        for got, facts in (_outcome(rulebook, evaluation, rule, example),)
    )


def rows_of(results: Iterable[ExampleResult]) -> Mapping[str, Sequence[tuple[Outcome, Facts]]]:
    """Rule -> the outcome and the facts of each of its examples; a limit without room fires."""
    rows: dict[str, list[tuple[Outcome, Facts]]] = {}
    for one in results:
        outcome = one.got if isinstance(one.got, Outcome) else Outcome.FIRES if one.got < 1 else Outcome.SILENT
        rows.setdefault(one.rule, []).append((outcome, one.facts))
    return rows


def _outcome(rulebook: Rulebook, evaluation: Evaluation, rule: Rule | Limit, example: Example) -> tuple[Outcome | int, Facts]:
    derived = {one.fact.name for one in rulebook.derived}
    row = facts_of(example, rule, {name: fact for name, fact in rulebook.facts.items() if name not in derived})
    if isinstance(rule, Limit):
        reading = evaluation.pair(_of(row, PAIR))
        room = reading.room[rule.id]
        return (reading.outcome(rule.id) if room is None else room), reading.facts
    if rule.kind == "tariff":
        return _weighed(rulebook, rule, row), row
    if rule.kind == "transfer":
        followed = evaluation.transfers(_of(row, ADMISSION))
        return followed.outcome(rule.id), followed.facts
    if rule.kind == "clock":
        clocks = evaluation.clocks(_of(row, CLOCK))
        return clocks.outcome(rule.id), clocks.facts
    referral = evaluation.referral(_of(row, REFERRAL))
    asked = referral if rule.id in referral.roster.places else evaluation.pair(_of(row, PAIR))
    return asked.outcome(rule.id), asked.facts


def _weighed(rulebook: Rulebook, rule: Rule, row: Facts) -> Outcome:
    """A line of the tariff by itself, of one point: of several the reading tells what they come to."""
    alone = Rulebook(
        name=rulebook.name,
        title=rulebook.title,
        edition=rulebook.edition,
        layers=rulebook.layers,
        authority=rulebook.authority,
        tariff=(dataclasses.replace(rule, amount=1),),
        facts=rulebook.facts,
    )
    reading = Evaluation(alone).admission(_of(row, ADMISSION))
    if reading.cannot_tell:
        return Outcome.CANNOT_TELL
    return Outcome.FIRES if reading.points else Outcome.SILENT


def _of(row: Facts, families: tuple[str, ...]) -> Facts:
    return {name: value for name, value in row.items() if name.partition(".")[0] in families}
