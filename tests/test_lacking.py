"""What a rule that cannot tell is said to lack: enough to settle it, and nothing that a guard keeps out or that is settled already."""

from __future__ import annotations

import datetime as dt
import random
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.evaluate import Evaluation
from rules.facts import BY_NAME, Fact, Facts, Value
from rules.finding import CANNOT_TELL, Outcome
from rules.grammar import parse_either
from rules.lacking import lacking
from rules.measure import needed, reads
from rules.oracle import Oracle
from rules.rulebook import Shelf, shipped, shipped_text
from rules.terms import All, Any, Condition, Known, Not, Sum, Term
from tests.benchmarks.fuzz_rules import FACTS, Maker, a_row
from tests.test_protocols import FOLDER, _pair

ROW: Final[Facts] = {
    "candidate.metres": 3000,
    "candidate.sibling_here": False,
    "referral.kind": "fair_access",
    "school.permanent_exclusions": 2,
}


def lacks(text: str, row: Facts = ROW, **derived: str) -> tuple[str, ...]:
    facts = dict(BY_NAME)
    terms: dict[str, Term] = {}
    for name, written in derived.items():
        fact = f"candidate.{name}"
        terms[fact] = parse_either(written, facts, {})
        facts[fact] = Fact(name=fact, type="number" if isinstance(terms[fact], Sum) else "yes/no", meaning="made up", optional=True)
    return lacking(parse_either(text, facts, {}), row, terms)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("candidate.minutes > 60", ("candidate.minutes",)),
        ("candidate.metres > 60", ()),
        ("candidate.minutes > 60 and candidate.nearness > 2", ("candidate.minutes", "candidate.nearness")),
        # one part settles the rest
        ("candidate.minutes > 60 and candidate.sibling_here", ()),
        ("candidate.minutes > 60 or candidate.metres == 3000", ()),
        ("candidate.minutes > 60 or candidate.nearness > 2 and candidate.sibling_here", ("candidate.minutes",)),
        ("not (candidate.minutes > 60 or candidate.sibling_here)", ("candidate.minutes",)),
        # a guard says what an unknown means, so that nobody is asked for it
        ("candidate.minutes > 60 and not (candidate.rank is known and candidate.rank == 1)", ("candidate.minutes",)),
        ("candidate.minutes > 60 and (candidate.rank is unknown or candidate.rank > 1)", ("candidate.minutes",)),
        ("candidate.rank is unknown or candidate.minutes > 60", ()),
        ("candidate.rank is unknown and candidate.minutes > 60", ("candidate.minutes",)),
        # words, lists, sums, dates
        ('school.ofsted == "Good" or referral.kind in ["managed_move"]', ("school.ofsted",)),
        ('referral.category in ["a", "b"]', ("referral.category",)),
        ("year.pan - year.on_roll + school.permanent_exclusions > 3", ("year.pan", "year.on_roll")),
        ("year.pan // 30 - school.permanent_exclusions", ("year.pan",)),
        ("candidate.metres * 2", ()),
        ("referral.accepted_on > 2026-09-01", ("referral.accepted_on",)),
    ],
)
def test_what_is_lacking(text: str, wanted: tuple[str, ...]) -> None:
    assert lacks(text) == wanted


def test_a_derived_fact_lacks_what_its_own_condition_lacks() -> None:
    near = "candidate.minutes < 30 or candidate.rank is known and candidate.rank == 1 or candidate.nearness == 1 and candidate.sibling_here"
    assert lacks("candidate.near and candidate.quoted_pence > 5", near=near) == ("candidate.minutes", "candidate.quoted_pence")
    assert lacks("candidate.nearer", near=near, nearer="not candidate.near") == ("candidate.minutes",)
    assert lacks("candidate.room > 3", room="year.pan - school.permanent_exclusions") == ("year.pan",)
    assert lacks("candidate.near", {**ROW, "candidate.near": True}, near=near) == ()


def _without_known(condition: Condition) -> bool:
    match condition:
        case Known():
            return False
        case Not(part=part):
            return _without_known(part)
        case All(parts=parts) | Any(parts=parts):
            return all(map(_without_known, parts))
    return True


def _filled(row: Facts, names: tuple[str, ...], other: Facts) -> dict[str, Value]:
    return {**row, **{name: other[name] for name in names}}


@given(st.integers(0, 10**9))
def test_something_is_lacking_exactly_where_the_second_opinion_cannot_tell(seed: int) -> None:
    chance = random.Random(seed)
    condition = Maker(chance, FACTS).small()
    row = a_row(chance, FACTS, 0.5)
    found = lacking(condition, row, {})
    assert bool(found) == (Oracle([condition]).verdicts(row)[0] == CANNOT_TELL)
    assert set(found) <= {fact.name for fact in needed(condition)} - row.keys()


@given(st.integers(0, 10**9))
def test_to_find_it_out_settles_the_rule_whatever_it_is(seed: int) -> None:
    """Where no guard speaks: with what is lacking known, and nothing else, it can be told."""
    chance = random.Random(seed)
    condition = Maker(chance, FACTS).small()
    row, other = a_row(chance, FACTS, 0.5), a_row(chance, FACTS, 0)
    if _without_known(condition):
        filled = _filled(row, lacking(condition, row, {}), other)
        assert Oracle([condition]).verdicts(filled)[0] != CANNOT_TELL


@given(st.integers(0, 10**9))
def test_what_is_not_lacking_settles_nothing(seed: int) -> None:
    """Where no guard speaks: all the other unknown facts together leave it open."""
    chance = random.Random(seed)
    condition = Maker(chance, FACTS).small()
    row, other = a_row(chance, FACTS, 0.5), a_row(chance, FACTS, 0)
    found = lacking(condition, row, {})
    if found and _without_known(condition):
        rest = tuple(fact.name for fact in reads(condition) if fact.name not in row and fact.name not in found)
        assert Oracle([condition]).verdicts(_filled(row, rest, other))[0] == CANNOT_TELL


def test_carr_does_not_ask_for_a_rank_that_the_family_never_gave() -> None:
    shelf = Shelf.of(
        [*((text, name) for name in shipped() for text in shipped_text(name)), ((FOLDER / "carr.yaml").read_text(encoding="utf-8"), "carr")]
    )
    book = shelf.in_force("carr", dt.date(2026, 10, 1))
    reading = _pair(book)
    row = {name: value for name, value in reading.facts.items() if name not in {"candidate.rank", "candidate.nearness"}}
    finding = Evaluation(book).pair(row).finding("not-among-the-nearest")
    assert (finding.outcome, finding.missing) == (Outcome.CANNOT_TELL, ("candidate.nearness",))
    fired = Evaluation(book).pair({**row, "candidate.nearness": 5}).finding("not-among-the-nearest")
    assert (fired.outcome, fired.missing) == (Outcome.FIRES, ()), "a rule that fires lacks nothing"
