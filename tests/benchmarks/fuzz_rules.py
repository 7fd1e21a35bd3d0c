"""Generated rulebooks and rows with unknown facts: the engine, the second opinion and a plain reading of the language agree.

`Evaluation` itself refuses where the engine and the second opinion differ; here its answers are also held against a
third evaluator that walks the trees with Kleene's three values and knows neither. Run it as a script for a long run.
"""

from __future__ import annotations

import argparse
import datetime as dt
import operator
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any as Anything
from typing import Final

from rules.audience import Audience
from rules.book import Authority, Derived, Limit, Rule, Rulebook
from rules.evaluate import Evaluation
from rules.facts import BY_NAME, EXACT, Fact, Facts, Type, Value
from rules.finding import Outcome
from rules.grammar import bounds, clause_count, may_be_unknown
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
    Operator,
    Plus,
    Read,
    Sum,
    Text,
    Times,
    Whole,
)

DAYS: Final = tuple(dt.date(2026, 9, 1) + dt.timedelta(days=n) for n in range(0, 60, 12))
WORDS: Final = ("complaint", "police", "none", "safeguarding")
OPEN_WORDS: Final = ("", "a", "aa", "é", "Ω\u2003", 'say "no"', "back\\slash", "true", "1", "null", "{}", "a\nb")
SIGNS: Final[Mapping[Operator, Callable[[Anything, Anything], bool]]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
SCOPES: Final = tuple(
    BY_NAME[name] for name in ("referral.kind", "school.setting", "panel.meets_on", "year.pan", "referral.permanently_excluded")
)
AUTHORITY: Final = Authority("Partnership agreement")


def _fact(name: str, type_: Type, *, optional: bool, low: int = 0, high: int = 0, words: tuple[str, ...] = ()) -> Fact:
    return Fact(name=name, type=type_, meaning="made up", low=low, high=high, words=words, optional=optional)


FACTS: Final = (
    *SCOPES,
    *(_fact(f"candidate.flag{n}", "yes/no", optional=n % 2 == 0) for n in range(6)),
    *(_fact(f"candidate.few{n}", "number", low=-3, high=4, optional=n % 2 == 0) for n in range(6)),
    _fact("school.vast", "number", low=-EXACT, high=EXACT, optional=False),
    _fact("school.vast_or_unknown", "number", low=-EXACT, high=EXACT, optional=True),
    *(_fact(f"referral.word{n}", "word", words=WORDS, optional=n % 2 == 0) for n in range(3)),
    *(_fact(f"referral.text{n}", "word", optional=n % 2 == 0) for n in range(3)),
    *(_fact(f"year.day{n}", "date", optional=n % 2 == 0) for n in range(3)),
)


# --- generated conditions, books and rows ---


@dataclass(frozen=True, slots=True)
class Maker:
    """Draws terms over some facts; everything it draws is decided by `chance`."""

    chance: random.Random
    facts: tuple[Fact, ...]

    def condition(self, depth: int = 3) -> Condition:
        chance = self.chance
        if depth == 0 or chance.random() < 0.3:
            return self.leaf()
        match chance.randrange(5):
            case 0 | 1:
                return All(tuple(self.condition(depth - 1) for _ in range(chance.randint(1, 3))))
            case 2 | 3:
                return Any(tuple(self.condition(depth - 1) for _ in range(chance.randint(1, 3))))
            case _:
                return Not(self.condition(depth - 1))

    def small(self) -> Condition:
        """A condition that a rulebook may have."""
        while True:
            condition = self.condition()
            if clause_count(condition) <= 16:
                return condition

    def leaf(self) -> Condition:
        chance = self.chance
        fact = chance.choice(self.facts)
        if fact.optional and chance.random() < 0.15:
            return Known(fact)
        if chance.random() < 0.03:
            return Always(chance.random() < 0.5)
        match fact.type:
            case "yes/no":
                return Flag(fact)
            case "number":
                return self._numbers(fact)
            case "word":
                return self._words(fact)
            case "date":
                other = (
                    Read(chance.choice([one for one in self.facts if one.type == "date"]))
                    if chance.random() < 0.3
                    else Day(chance.choice(DAYS))
                )
                op = chance.choice(tuple(SIGNS))
                return Compare(op, Read(fact), other) if chance.random() < 0.5 else Compare(op, other, Read(fact))

    def _numbers(self, fact: Fact) -> Condition:
        chance = self.chance
        if abs(fact.low) > 10:
            near = chance.choice((fact.low, fact.high, 0, 1)) + chance.choice((-1, 0, 1))
            return Compare(chance.choice(tuple(SIGNS)), Read(fact), Whole(max(fact.low, min(fact.high, near))))
        if chance.random() < 0.2:
            return Among(fact, tuple(dict.fromkeys(chance.randint(-4, 5) for _ in range(chance.randint(1, 3)))))
        return Compare(chance.choice(tuple(SIGNS)), self.sum(2), self.sum(1))

    def _words(self, fact: Fact) -> Condition:
        chance = self.chance
        words = fact.words or OPEN_WORDS
        match chance.randrange(3):
            case 0:
                return Among(fact, tuple(chance.sample(words, chance.randint(1, 3))))
            case 1:
                other = chance.choice([one for one in self.facts if one.type == "word"])
                return Compare(chance.choice(("==", "!=")), Read(fact), Read(other))
            case _:
                return Compare(chance.choice(("==", "!=")), Read(fact), Text(chance.choice(words)))

    def sum(self, depth: int) -> Sum:
        chance = self.chance
        few = [fact for fact in self.facts if fact.type == "number" and abs(fact.low) < 1000]
        if depth == 0 or chance.random() < 0.35:
            return Read(chance.choice(few)) if few and chance.random() < 0.7 else Whole(chance.randint(-5, 5))
        match chance.randrange(5):
            case 0 | 1:
                return Plus(self.sum(depth - 1), self.sum(depth - 1))
            case 2:
                return Minus(self.sum(depth - 1), self.sum(depth - 1))
            case 3:
                return Times(self.sum(depth - 1), self.sum(depth - 1))
            case _:
                return Divided(self.sum(depth - 1), chance.randint(1, 4))


def book(chance: random.Random, rules: int) -> Rulebook:
    """A rulebook of two levels of derived facts, bars with scopes, and limits."""
    facts = list(FACTS)
    derived: list[Derived] = []
    for level in range(2):
        maker = Maker(chance, tuple(facts))
        for n in range(3):
            term: Condition | Sum = maker.sum(2) if chance.random() < 0.3 else maker.small()
            name, optional = f"candidate.derived{level}{n}", may_be_unknown(term)
            if isinstance(term, Sum):
                low, high = bounds(term)
                fact = _fact(name, "number", low=low, high=high, optional=optional)
            else:
                fact = _fact(name, "yes/no", optional=optional)
            derived.append(Derived(name, fact, term, "", "made up", 1))
        facts.extend(one.fact for one in derived[-3:])
    maker = Maker(chance, tuple(facts))
    return Rulebook(
        name="made up", title="", edition=DAYS[0], layers=(), authority=AUTHORITY,
        derived=tuple(derived),
        bars=tuple(_bar(maker, f"bar{n}") for n in range(rules)),
        limits=tuple(_limit(maker, f"limit{n}") for n in range(3)),
        facts={fact.name: fact for fact in facts},
    )  # fmt: skip


def _scope(chance: random.Random) -> dict[str, object]:
    scope: dict[str, object] = {}
    if chance.random() < 0.3:
        scope["applies_to"] = frozenset(chance.sample(SCOPES[0].words, chance.randint(1, 3)))
    if chance.random() < 0.3:
        scope["at"] = frozenset(chance.sample(SCOPES[1].words, chance.randint(1, 3)))
    if chance.random() < 0.2:
        scope["in_force"] = (chance.choice((None, DAYS[1])), chance.choice((None, DAYS[3])))
    return scope


def _bar(maker: Maker, name: str) -> Rule:
    return Rule(id=name, kind="bar", condition=maker.small(), authority=AUTHORITY, book="made up", line=1, **_scope(maker.chance))  # type: ignore[arg-type]


def _limit(maker: Maker, name: str) -> Limit:
    per, scope = maker.chance.choice(("school", "year_group")), _scope(maker.chance)
    kinds = scope.pop("applies_to", None)
    excluded = maker.chance.random() < 0.5 if maker.chance.random() < 0.4 else None
    both = None not in (kinds, excluded) and maker.chance.random() < 0.5
    of = Audience(kinds=kinds, excluded=excluded, both=both)  # type: ignore[arg-type]
    if maker.chance.random() < 0.5:
        scope["condition"] = maker.small()
    return Limit(
        id=name, per=per, of=of, room=maker.sum(2), room_text="", authority=AUTHORITY, book="made up", line=1, **scope  # type: ignore[arg-type]
    )  # fmt: skip


def a_row(chance: random.Random, facts: Sequence[Fact], unknown: float) -> dict[str, Value]:
    """A value for each fact; one that may be unknown is so with the probability `unknown`."""
    return {fact.name: _value(chance, fact) for fact in facts if not (fact.optional and chance.random() < unknown)}


def _value(chance: random.Random, fact: Fact) -> Value:
    match fact.type:
        case "yes/no":
            return chance.random() < 0.5
        case "date":
            return chance.choice(DAYS)
        case "word":
            return chance.choice(fact.words or OPEN_WORDS)
        case "number":
            if abs(fact.low) > 10:
                return max(fact.low, min(fact.high, chance.choice((fact.low, fact.high, 0)) + chance.choice((-2, -1, 0, 1, 2))))
            return chance.randint(fact.low, fact.high)


# --- the third evaluator ---


def kleene(condition: Condition, row: Facts) -> bool | None:
    """True, False, or None where it cannot be told."""
    match condition:
        case Always(value=value):
            return value
        case Flag(fact=fact):
            found = row.get(fact.name)
            return None if found is None else bool(found)
        case Known(fact=fact):
            return fact.name in row
        case Among(fact=fact, values=values):
            return None if fact.name not in row else any(row[fact.name] == value for value in values)
        case Compare(op=op, left=left, right=right):
            one, other = worth(left, row), worth(right, row)
            return None if one is None or other is None else SIGNS[op](one, other)
        case Not(part=part):
            said = kleene(part, row)
            return None if said is None else not said
        case All(parts=parts):
            answers = [kleene(part, row) for part in parts]
            return False if False in answers else None if None in answers else True
        case Any(parts=parts):
            answers = [kleene(part, row) for part in parts]
            return True if True in answers else None if None in answers else False


def worth(term: Sum | Text | Day, row: Facts) -> Value | None:
    """The value of an operand, None where a fact that it reads is unknown."""
    match term:
        case Whole(value=value) | Text(value=value) | Day(value=value):
            return value
        case Read(fact=fact):
            return row.get(fact.name)
        case Divided(left=left, by=by):
            shared = worth(left, row)
            return shared // by if isinstance(shared, int) else None
    one, other = worth(term.left, row), worth(term.right, row)
    if not isinstance(one, int) or not isinstance(other, int):
        return None
    return one + other if isinstance(term, Plus) else one - other if isinstance(term, Minus) else one * other


def expected(rulebook: Rulebook, facts: Facts) -> tuple[dict[str, Outcome], dict[str, int | None], dict[str, Value]]:
    """The outcome of every bar and limit, the room of every limit, and the row with its derived facts."""
    row = dict(facts)
    for one in rulebook.derived:
        told = worth(one.term, row) if isinstance(one.term, Sum) else kleene(one.term, row)
        if told is not None:
            row[one.fact.name] = told
    outcomes = {rule.id: _outcome(kleene(rule.condition, row)) if _in_scope(rule, row) else Outcome.OUT_OF_SCOPE for rule in rulebook.bars}
    room: dict[str, int | None] = {}
    for limit in rulebook.limits:
        grouped = limit.per == "school" or row["school.setting"] == "mainstream" or "year.pan" in row
        there = kleene(limit.condition, row) if grouped and _in_scope(limit, row) else False
        left = worth(limit.room, row)
        room[limit.id] = left if there and isinstance(left, int) else None
        outcomes[limit.id] = Outcome.OUT_OF_SCOPE
        if there is not False:
            outcomes[limit.id] = _outcome(left < 1 if there and isinstance(left, int) else None)
    return outcomes, room, row


def _outcome(said: bool | None) -> Outcome:
    return Outcome.CANNOT_TELL if said is None else Outcome.FIRES if said else Outcome.SILENT


def _in_scope(rule: Rule | Limit, row: Facts) -> bool:
    first, last = rule.in_force or (None, None)
    day = row["panel.meets_on"]
    assert isinstance(day, dt.date)
    kinds = rule.of.kinds if isinstance(rule, Limit) else rule.applies_to
    whom = [row["referral.kind"] in kinds] if kinds is not None else []
    if isinstance(rule, Limit) and rule.of.excluded is not None:
        whom.append(row["referral.permanently_excluded"] == rule.of.excluded)
    return (
        (not whom or True in whom)
        and (all(whom) or not (isinstance(rule, Limit) and rule.of.both))
        and (rule.at is None or row["school.setting"] in rule.at)
        and (first is None or first <= day)
        and (last is None or day <= last)
    )


def compare(seed: int, verdicts: int, *, rules: int = 40, rows: int = 60) -> tuple[int, list[str]]:
    """Compares at least so many verdicts; how many they were, and a line for each difference."""
    chance = random.Random(seed)
    compared = 0
    differences: list[str] = []
    while compared < verdicts:
        rulebook = book(chance, rules)
        evaluation = Evaluation(rulebook)
        for n in range(rows):
            row = a_row(chance, FACTS, (0.0, 0.2, 0.9)[n % 3])
            reading = evaluation.pair(row)
            outcomes, room, facts = expected(rulebook, row)
            compared += len(outcomes)
            differences.extend(
                f"{rule}: {reading.outcome(rule)}, wanted {outcome}, of {row}"
                for rule, outcome in outcomes.items()
                if reading.outcome(rule) is not outcome
            )
            if dict(reading.room) != room or dict(reading.facts) != facts:
                differences.append(f"room or derived facts of {row}")
    return compared, differences


def main(n: int = 200_000, seed: int = 1) -> int:
    """Prints what was compared and what differed; 1 if anything did."""
    compared, differences = compare(seed, n)
    print(f"{compared} verdicts compared, {len(differences)} differences")
    for line in differences[:20]:
        print(f"  {line}")
    return 1 if differences else 0


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("-n", type=int, default=200_000, help="how many verdicts")
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    sys.exit(main(given.n, given.seed))
