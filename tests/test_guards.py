"""What no guard keeps out could leave a condition untold, and nothing else could: also by way of what the book derives."""

from __future__ import annotations

import itertools
import random
from typing import Final

import pytest

from rules.explaining import explanation, lines_of
from rules.facts import BY_NAME, Fact, Value
from rules.grammar import parse_condition
from rules.guards import unguarded
from rules.lacking import lacking
from rules.remarks import remarks_of
from rules.rulebook import check_text
from rules.terms import All, Any, Condition, Flag, Known, Not, Term

OPTIONAL: Final = tuple(BY_NAME[f"referral.{name}"] for name in ("on_a_roll", "in_area", "ehcp"))
DERIVED: Final = tuple(Fact(name=f"referral.worked_out_{n}", type="yes/no", meaning="", optional=True) for n in range(2))


def anything(rng: random.Random, facts: tuple[Fact, ...], depth: int) -> Condition:
    """A condition by chance over some yes/no facts."""
    if depth == 0 or rng.random() < 0.2:
        fact = rng.choice(facts)
        leaf: Condition = Flag(fact) if rng.random() < 0.5 else Known(fact)
        return leaf if rng.random() < 0.6 else Not(leaf)
    parts = tuple(anything(rng, facts, depth - 1) for _ in range(rng.choice((2, 2, 3))))
    whole: Condition = All(parts) if rng.random() < 0.5 else Any(parts)
    return Not(whole) if rng.random() < 0.2 else whole


def rows(names: tuple[str, ...]) -> list[dict[str, Value]]:
    told = itertools.product((True, False, None), repeat=len(names))
    return [{name: value for name, value in zip(names, values, strict=True) if value is not None} for values in told]


def with_derived(row: dict[str, Value], derived: dict[str, Term]) -> dict[str, Value]:
    """The row with what is derived, by the three values of Kleene worked out again, or absent."""
    found = dict(row)
    for name, term in derived.items():
        value = kleene(term, found)
        found |= {} if value is None else {name: value}
    return found


def kleene(term: Term, row: dict[str, Value]) -> bool | None:
    match term:
        case Flag(fact=fact):
            return None if fact.name not in row else row[fact.name] is True
        case Known(fact=fact):
            return fact.name in row
        case Not(part=part):
            value = kleene(part, row)
            return None if value is None else not value
        case All(parts=parts) | Any(parts=parts):
            settles, values = isinstance(term, Any), [kleene(part, row) for part in parts]
            return settles if settles in values else None if None in values else not settles
        case _:
            raise AssertionError(term)


@pytest.mark.parametrize("seed", range(300))
def test_where_nothing_is_left_open_every_row_tells(seed: int) -> None:
    rng = random.Random(seed)
    derived: dict[str, Term] = {}
    for n, fact in enumerate(DERIVED):
        derived[fact.name] = anything(rng, (*OPTIONAL, *DERIVED[:n]), 2)
    term = anything(rng, (*OPTIONAL, *DERIVED), 2)
    left_open = unguarded(term, derived)
    for row in rows(tuple(fact.name for fact in OPTIONAL)):
        whole = with_derived(row, derived)
        untold = kleene(term, whole) is None
        assert untold == bool(lacking(term, whole, derived))
        assert left_open or not untold, (term, derived, row)


def parsed(when: str, facts: dict[str, Fact]) -> Condition:
    return parse_condition(when, facts, {})


@pytest.mark.parametrize(
    ("is_", "when", "names"),
    [
        ("referral.on_a_roll is known and not referral.on_a_roll", "{d}", []),
        ("not referral.on_a_roll", "{d}", ["{d}"]),
        ("not referral.on_a_roll", "referral.on_a_roll is known and {d}", []),
        ("not referral.on_a_roll", "{d} is known and {d}", []),
        ("not referral.on_a_roll", "referral.in_area is known and {d}", ["{d}"]),
        ("referral.on_a_roll is unknown or referral.on_a_roll", "{d} and referral.in_area", ["referral.in_area"]),
    ],
)
def test_what_is_derived_is_seen_through(is_: str, when: str, names: list[str]) -> None:
    d = DERIVED[0]
    facts = {**BY_NAME, d.name: d}
    found = unguarded(parsed(when.format(d=d.name), facts), {d.name: parsed(is_, facts)})
    assert [fact.name for fact in found] == [name.format(d=d.name) for name in names]


BOOK: Final = """\
rulebook: guards
edition: {{from: 2026-09-01}}
title: Guards
authority: {{instrument: x}}
derive:
  - id: comes-back
    fact: candidate.comes_back
    is: {is_}
tiers:
  - id: back
    tier: 1
    when: candidate.comes_back
    say: The pupil was there, and is on no roll now.
    examples:
      - {{name: was there, given: {{candidate.attended_before: true, referral.on_a_roll: false}}, expect: fires}}
      - {{name: was not, given: {{candidate.attended_before: false, referral.on_a_roll: false}}, expect: silent}}
  - {{id: rest, tier: 2, when: true}}
objectives: [place, tier, lottery]
"""
GUARDED: Final = "candidate.attended_before and referral.on_a_roll is known and not referral.on_a_roll"


@pytest.mark.parametrize(
    ("is_", "open_"),
    [(GUARDED, False), ("candidate.attended_before and not referral.on_a_roll", True)],
)
def test_a_derived_fact_that_guards_itself_is_not_remarked_on_and_can_always_tell(is_: str, open_: bool) -> None:
    text = BOOK.format(is_=is_)
    book = check_text(text, "guards.yaml")
    assert ("tier back" in {about for about, _, _ in remarks_of(book, [text])}) is open_
    lines = lines_of(explanation(book, "back"))
    assert ("It can always tell." in lines) is not open_
    (derived,) = [line for line in lines if line.startswith("  candidate.comes_back")]
    assert derived.endswith("; may be unknown") is open_
    (inner,) = [line for line in lines if line.startswith("  referral.on_a_roll")]
    assert inner.endswith("; may be unknown")
