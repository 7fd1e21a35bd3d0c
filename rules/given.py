"""What an example gives: values of known facts, typed, over the usual values of all the others.

It evaluates nothing; `examples.py` runs examples.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Final

from rules.book import Example, Limit, Rule
from rules.edition import Edition, nearest, shown
from rules.errors import Fault
from rules.facts import KINDS, SETTINGS, SUITED_TO, Fact, Facts, Value
from rules.finding import Outcome
from rules.shape import ExampleShape
from rules.yaml_text import Path

UNKNOWN: Final = "unknown"
MEETS_ON: Final = dt.date(2026, 10, 1)
NOBODY: Final = frozenset({"permanent_exclusion"})
"""Whoever comes by this kind was excluded."""
OUTCOMES: Final = tuple(str(outcome) for outcome in Outcome)


def read_example(
    edition: Edition, path: Path, shape: ExampleShape, facts: Mapping[str, Fact], derived: Collection[str], *, of_a_limit: bool
) -> Example | list[Fault]:
    """One example with its values checked against the facts, or all that is wrong in it."""
    faults: list[Fault] = []
    given: dict[str, Value] = {}
    unknown: set[str] = set()
    for name, value in shape.given.items():
        place = (*path, "given", name)
        if name in derived:
            faults.append(edition.fault(place, found=f"{name}, which is worked out", wanted="the facts that it is worked out from"))
        elif name not in facts:
            faults.append(edition.fault(place, found=name, wanted="a fact", advice=nearest(name, facts)))
        elif value == UNKNOWN and facts[name].optional:
            unknown.add(name)
        elif wanted := _unfit(facts[name], value):
            faults.append(edition.fault(place, found=shown(value), wanted=wanted))
        else:
            given[name] = value
    expect = shape.expect
    if type(expect) is int and of_a_limit:
        told: Outcome | int = expect
    elif isinstance(expect, str) and expect in OUTCOMES and (not of_a_limit or expect in OUTCOMES[2:]):
        told = Outcome(expect)
    else:
        words = OUTCOMES[2:] if of_a_limit else OUTCOMES
        wanted = f"{'the room as a whole number, or ' if of_a_limit else ''}{', '.join(words[:-1])} or {words[-1]}"
        faults.append(edition.fault((*path, "expect"), found=shown(expect), wanted=wanted, advice=nearest(str(expect), words)))
    return faults or Example(shape.name, given, frozenset(unknown), told, edition.document.line(path))


def _unfit(fact: Fact, value: Value) -> str:
    """What was wanted instead of the value; nothing where it fits."""
    if value == UNKNOWN:
        return f"a value: {fact.name} is always known"
    match fact.type:
        case "yes/no":
            return "" if isinstance(value, bool) else "true or false"
        case "number":
            whole = type(value) is int and fact.low <= value <= fact.high
            return "" if whole else f"a whole number{f' of {fact.unit}' if fact.unit else ''}, {fact.low} to {fact.high}"
        case "date":
            return "" if isinstance(value, dt.date) else "a day as YYYY-MM-DD"
        case "word":
            if not isinstance(value, str):
                return "a word in double quotes"
            return "" if not fact.words or value in fact.words else f"one of {', '.join(fact.words)}"


def facts_of(example: Example, rule: Rule | Limit, facts: Mapping[str, Fact]) -> Facts:
    """The row that the example describes: usual values, in the rule's scope, overlaid by what is given; without derived facts."""
    row: dict[str, Value] = {name: fact.usual for name, fact in facts.items() if name not in example.unknown}
    row.update((name, value) for name, value in _in_scope(rule, row).items() if name in row)
    row.update(example.given)
    return _suited(row, example)


def _suited(row: Facts, example: Example) -> Facts:
    """The kinds of setting that suit the pupil, alike in the fact that names one and in those that ask for each."""
    each = {kind: f"{SUITED_TO}_{kind}" for kind in SETTINGS}
    if SUITED_TO in example.given:
        return {**row, **{name: kind == row[SUITED_TO] for kind, name in each.items() if name not in example.given}}
    if example.given.keys() & set(each.values()):
        several = [kind for kind, name in each.items() if row[name] is True]
        rest = {name: value for name, value in row.items() if name != SUITED_TO}
        return {**rest, SUITED_TO: several[0]} if len(several) == 1 else rest
    return row


def _in_scope(rule: Rule | Limit, row: Facts) -> Facts:
    """A kind, a setting, a day and a year group of which the rule speaks, where it does not of the usual ones."""
    applies_to, excluded = (rule.of.kinds, rule.of.excluded) if isinstance(rule, Limit) else (rule.applies_to, None)
    if isinstance(rule, Limit) and rule.of.both:
        applies_to = frozenset(applies_to or ()) - (NOBODY if excluded is False else frozenset())
    elif excluded is not None:
        applies_to = None  # of kinds and of the excluded together, the usual pupil is made one of the latter
    kinds, settings = applies_to or frozenset(KINDS), rule.at or frozenset(SETTINGS)
    first, last = rule.in_force or (None, None)
    day = MEETS_ON
    if last is not None:
        day = min(day, last)
    if first is not None:
        day = max(day, first)
    year = row.get("referral.year_group")
    years = rule.years if isinstance(rule, Limit) else None
    return {
        **({} if years is None or year in years else {"referral.year_group": years[0]}),
        "referral.kind": next(kind for kind in (row.get("referral.kind"), *KINDS) if kind in kinds),
        "school.setting": next(kind for kind in (row.get("school.setting"), *SETTINGS) if kind in settings),
        "panel.meets_on": day,
        **({} if excluded is None else {"referral.permanently_excluded": excluded}),
    }
