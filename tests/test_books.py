"""The books that ship: they load, their examples hold, and every rule has been seen to fire and to stay silent."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from rules.book import Limit, Rule, Rulebook
from rules.checks import always_on_purpose
from rules.coverage import coverage
from rules.errors import RulebookError
from rules.evaluate import Evaluation
from rules.examples import run_examples
from rules.facts import BY_NAME, PROCESS_ONLY, Facts, Value
from rules.finding import Outcome
from rules.reach import moved_by_the_meeting, reached
from rules.rulebook import Shelf, check_text, read_edition, shipped, shipped_text

AUTUMN = dt.date(2026, 10, 1)
BEFORE = dt.date(2023, 3, 1)
BOOKS = ("bradford", "england", "fell", "minimal", "shire11")
EDITIONS = (("bradford", AUTUMN), ("england", BEFORE), ("england", AUTUMN), ("fell", BEFORE), ("minimal", AUTUMN), ("shire11", AUTUMN))


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


@pytest.mark.parametrize(("name", "on"), EDITIONS)
def test_every_example_holds(name: str, on: dt.date, shelf: Shelf) -> None:
    results = run_examples(shelf.in_force(name, on))
    assert results
    assert [result for result in results if not result.ok] == []


@pytest.mark.parametrize(("name", "on"), EDITIONS)
def test_every_rule_has_fired_and_stayed_silent(name: str, on: dt.date, shelf: Shelf) -> None:
    book = shelf.in_force(name, on)
    got: dict[str, set[object]] = {}
    for result in run_examples(book):
        closed = result.got < 1 if isinstance(result.got, int) else result.got is Outcome.FIRES
        open_ = result.got >= 1 if isinstance(result.got, int) else result.got is Outcome.SILENT
        got.setdefault(result.rule, set()).update(word for word, so in (("fires", closed), ("silent", open_)) if so)
    for rule in rules_of(book):
        if isinstance(rule, Limit) and rule.per == "kept_apart_pupils":
            continue  # its room is always one; tests/test_apart.py shows that it keeps two apart
        if not (isinstance(rule, Rule) and always_on_purpose(rule)):
            assert got[rule.id] == {"fires", "silent"}, rule.id


@pytest.mark.parametrize(("name", "on"), EDITIONS)
def test_the_examples_show_every_clause_and_every_condition(name: str, on: dt.date, shelf: Shelf) -> None:
    book = shelf.in_force(name, on)
    assert [str(gap) for gap in coverage(book, run_examples(book)).gaps] == []


@pytest.mark.parametrize(("name", "on"), EDITIONS)
def test_no_bar_reads_what_may_not_decide(name: str, on: dt.date, shelf: Shelf) -> None:
    book = shelf.in_force(name, on)
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


def test_every_edition_that_ships_is_tested(shelf: Shelf) -> None:
    assert {(name, shelf.edition(name, on)) for name, on in EDITIONS} == {(edition.name, edition) for edition in shelf.editions}


TOLD = {
    "shire11": {
        *("places-in-the-centre", "stands-aside-by-vote", "nobody-stands-aside", "bus-pass", "taxi", "new-head", "above-the-target"),
        *("sends-more-than-it-takes", "transport-budget"),
    },
    "bradford": {"two-already", "others-take-its-pupils"},
}


@pytest.mark.parametrize("name", TOLD)
def test_a_rule_that_the_accounts_do_not_tell_says_so(name: str, shelf: Shelf) -> None:
    own = [rule for rule in rules_of(shelf.in_force(name, AUTUMN)) if rule.book == name]
    assert {rule.id for rule in own if rule.authority.instrument.startswith("Accounts of")} == TOLD[name]


def test_trials_end_with_the_edition_that_allowed_them(shelf: Shelf) -> None:
    """England until 25 July 2026 forbids no trial; from the day after it does, and Fell of 2021 ends on the day before."""
    last, first = dt.date(2026, 7, 25), dt.date(2026, 7, 26)
    moves = [shelf.in_force("england", on).lifecycle["managed_move"] for on in (last, first)]
    assert [move.get("trial") for move in moves] == [None, "never"]  # type: ignore[attr-defined]
    trial = shelf.in_force("fell", last).lifecycle["managed_move"]["trial"]  # type: ignore[index]
    assert trial == {"weeks": 12, "at_end": "permanent", "ends_as": ("permanent", "return")}
    with pytest.raises(RulebookError, match="the last ended on 2026-07-25"):
        shelf.in_force("fell", first)


@pytest.mark.parametrize("ends", ["", ", until: 2026-07-26"])
def test_a_trial_that_would_outlive_the_law_is_refused(ends: str, shelf: Shelf) -> None:
    (text,) = shipped_text("fell")
    with pytest.raises(RulebookError, match=r"from 2026-07-26 on.*\n.*trial: found .*; wanted trial: never"):
        check_text(text.replace(", until: 2026-07-25", ends), "fell.yaml", shelf)


def test_nobody_stands_aside_from_a_managed_move(shelf: Shelf) -> None:
    evaluation = Evaluation(shelf.in_force("shire11", AUTUMN))
    said = {}
    for kind in ("managed_move", "permanent_exclusion"):
        reading = evaluation.pair(_counted(shelf, "shire11", referral__kind=kind, candidate__exempt=True))
        said[kind] = [finding.rule for finding in (*reading.fires("bar"), *reading.fires("notice"))]
    assert said == {"managed_move": ["nobody-stands-aside"], "permanent_exclusion": ["stands-aside-by-vote"]}


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
    assert dict(reading.room) == {"not-together": 1, "over-number": None, "places-in-the-centre": 2}
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
