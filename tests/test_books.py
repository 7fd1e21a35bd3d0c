"""The books that ship: they load, their examples hold, and every rule has been seen to fire and to stay silent."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from rules.book import Limit, Rule, Rulebook
from rules.checks import always_on_purpose, moved_by_the_meeting, reached
from rules.evaluate import Evaluation
from rules.examples import run_examples
from rules.facts import BY_NAME, PROCESS_ONLY, Facts, Value
from rules.finding import Outcome
from rules.rulebook import Shelf, read_edition, shipped, shipped_text

AUTUMN = dt.date(2026, 10, 1)
BOOKS = ("bradford", "england", "minimal", "shire11")


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    return Shelf.of((text, f"{name}.yaml") for name in shipped() for text in shipped_text(name))


def rules_of(book: Rulebook) -> tuple[Rule | Limit, ...]:
    return (*book.tariff, *book.limits, *book.holds, *book.bars, *book.charges, *book.tiers, *book.notices)


def pair_facts(**given: Value) -> Facts:
    """Usual values of every fact that a pair has, overlaid by the given ones, whose names have __ for the dot."""
    row = {name: fact.usual for name, fact in BY_NAME.items() if fact.family != "admission"}
    return {**row, **{name.replace("__", "."): value for name, value in given.items()}}


def test_these_books_ship() -> None:
    assert shipped() == BOOKS


@pytest.mark.parametrize("name", BOOKS)
def test_every_example_holds(name: str, shelf: Shelf) -> None:
    results = run_examples(shelf.in_force(name, AUTUMN))
    assert results
    assert [result for result in results if not result.ok] == []


@pytest.mark.parametrize("name", BOOKS)
def test_every_rule_has_fired_and_stayed_silent(name: str, shelf: Shelf) -> None:
    book = shelf.in_force(name, AUTUMN)
    got: dict[str, set[object]] = {}
    for result in run_examples(book):
        closed = result.got < 1 if isinstance(result.got, int) else result.got is Outcome.FIRES
        open_ = result.got >= 1 if isinstance(result.got, int) else result.got is Outcome.SILENT
        got.setdefault(result.rule, set()).update(word for word, so in (("fires", closed), ("silent", open_)) if so)
    for rule in rules_of(book):
        if not (isinstance(rule, Rule) and always_on_purpose(rule)):
            assert got[rule.id] == {"fires", "silent"}, rule.id


@pytest.mark.parametrize("name", BOOKS)
def test_no_bar_reads_what_may_not_decide(name: str, shelf: Shelf) -> None:
    book = shelf.in_force(name, AUTUMN)
    for rule in (*book.bars, *book.charges, *book.tiers):
        assert not reached(book, rule.condition).keys() & (PROCESS_ONLY | moved_by_the_meeting(book)), rule.id


@pytest.mark.parametrize("name", ["bradford", "minimal", "shire11"])
def test_nobody_is_sent_any_distance(name: str, shelf: Shelf) -> None:
    reading = Evaluation(shelf.in_force(name, AUTUMN)).pair(_counted(shelf, name, candidate__metres=46_000))
    assert "too-far" in {finding.rule for finding in reading.fires("bar")}


def _counted(shelf: Shelf, name: str, **given: Value) -> Facts:
    book = shelf.in_force(name, AUTUMN)
    derived = {one.fact.name for one in book.derived}
    counts = {fact.name: fact.usual for fact in book.facts.values() if fact.name not in BY_NAME and fact.name not in derived}
    return {**counts, **pair_facts(**given)}


def test_england_is_only_stood_upon(shelf: Shelf) -> None:
    england = shelf.in_force("england", AUTUMN)
    assert england.objectives == ()
    assert "".join(england.categories) == "abcdefghijklm"
    assert england.lifecycle["managed_move"]["trial"] == "never"  # type: ignore[index]


def test_england_cites_paragraphs_only_of_the_admissions_code(shelf: Shelf) -> None:
    cited = {(rule.authority.instrument, rule.authority.paragraph) for rule in rules_of(shelf.in_force("england", AUTUMN))}
    assert {pair for pair in cited if pair[1]} == {("School Admissions Code 2021", "3.14-3.22")}


@pytest.mark.parametrize("name", ["bradford", "shire11"])
def test_an_invented_figure_says_so(name: str, shelf: Shelf) -> None:
    """What the accounts do not tell is left to the panel, and the shipped value is called illustrative."""
    for setting in shelf.in_force(name, AUTUMN).settings.values():
        assert setting.say
        assert setting.choice == ("illustrative" in setting.say), setting.id


def test_a_new_head_takes_part(shelf: Shelf) -> None:
    reading = Evaluation(shelf.in_force("shire11", AUTUMN)).pair(_counted(shelf, "shire11", school__head_in_first_term=True))
    assert reading.fires("bar") == ()
    assert [finding.rule for finding in reading.fires("notice")] == ["new-head"]


def test_a_closing_school_receives_nobody(shelf: Shelf) -> None:
    reading = Evaluation(shelf.in_force("shire11", AUTUMN)).pair(_counted(shelf, "shire11", school__closing=True))
    assert [finding.rule for finding in reading.fires("bar")] == ["closing"]


def test_a_centre_has_its_own_room(shelf: Shelf) -> None:
    """8 places, 6 taken: 2; and the limit of the year groups is out of scope there."""
    row = dict(_counted(shelf, "shire11", school__setting="inclusion_centre", school__places=8, school__occupied=6))
    del row["year.pan"], row["year.on_roll"]
    reading = Evaluation(shelf.in_force("shire11", AUTUMN)).pair(row)
    assert dict(reading.room) == {"over-number": None, "places-in-the-centre": 2}
    assert reading.outcome("over-number") is Outcome.OUT_OF_SCOPE


def test_minimal_needs_only_schools_and_referrals(shelf: Shelf) -> None:
    """Without distances, ranks, places and what a referral may leave open, every rule of it still has an answer."""
    book = shelf.in_force("minimal", AUTUMN)
    row = {name: value for name, value in _counted(shelf, "minimal").items() if name not in BY_NAME or not BY_NAME[name].optional}
    referral = {name: value for name, value in row.items() if name.startswith(("referral.", "panel."))}
    evaluation = Evaluation(book)
    readings = (evaluation.referral(referral), evaluation.pair({**row, "candidate.admits": True}))
    assert all(finding.outcome in {Outcome.SILENT, Outcome.OUT_OF_SCOPE} for reading in readings for finding in reading.findings)


def test_the_marked_rules_of_minimal_are_those_that_england_has(shelf: Shelf) -> None:
    """Its first comment says: take out what is marked (england) and extend england; what is left stands."""
    (text,) = shipped_text("minimal")
    unmarked = re.sub(r"  - id: [a-z-]+ # \(england\)\n(?:    .*\n)+\n?", "", text).replace(
        "holds: # the panel cannot decide this referral yet\n", ""
    )
    assert text.count("(england)") - unmarked.count("(england)") == 5
    local = unmarked.replace("\nsettings:", "\nextends: england\n\nsettings:", 1).replace("2021-09-01", "2026-09-01")
    book = Shelf((*shelf.editions, read_edition(local.replace("rulebook: minimal", "rulebook: ours"), "ours.yaml"))).in_force(
        "ours", AUTUMN
    )
    assert [bar.id for bar in book.bars if bar.book == "ours"] == ["closing", "exempt-by-vote", "too-far"]
    assert all(result.ok for result in run_examples(book))


def test_the_limit_that_minimal_offers_works(shelf: Shelf) -> None:
    (text,) = shipped_text("minimal")
    before, offered, after = re.split(r"(?=^# limits:|^holds:)", text, flags=re.MULTILINE)
    limited = read_edition(before + re.sub("^# ", "", offered, flags=re.MULTILINE) + after, "limited.yaml")
    results = [result for result in run_examples(Shelf((limited,)).in_force("minimal", AUTUMN)) if result.rule == "year-group-full"]
    assert [result.got for result in results] == [1, 0]
