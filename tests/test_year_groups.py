"""Panels for other year groups than 7 to 11: what a book may say, what its rules may read, and which schools such pupils may go to."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from panel import events as ev
from rules.differences import differences
from rules.examples import run_examples
from rules.facts import ANY_YEAR_GROUP, YEAR_GROUPS, year_group_facts
from rules.phrases import scope_of
from rules.reach import reach_of
from rules.reader import page_of
from rules.rulebook import Shelf, check, read_edition
from tests.test_candidates import pair, referral, school
from tests.test_rulebook import book, read, refused, shelf_of

PRIMARY = "year_groups: {lowest: 0, highest: 6}\n"
YOUNG = """\
notices:
  - id: young
    when: referral.year_group <= 2
    examples:
      - {name: reception, given: {referral.year_group: 0}, expect: fires}
      - {name: year 3, given: {referral.year_group: 3}, expect: silent}
"""


def test_a_book_that_says_nothing_is_for_7_to_11() -> None:
    made = read("")
    assert made.year_groups == YEAR_GROUPS
    assert (made.facts["referral.year_group"].low, made.facts["admission.year_group"].high) == (7, 11)
    assert not any("year groups" in line for line in page_of(made).lead)
    assert "found 0; wanted a whole number of year group, 7 to 11" in refused(book(YOUNG))


def test_rules_of_a_primary_book_may_speak_of_reception() -> None:
    made = read(PRIMARY + YOUNG)
    assert list(made.year_groups) == [0, 1, 2, 3, 4, 5, 6]
    assert [result.ok for result in run_examples(made)] == [True, True]
    assert "For pupils in year groups 0 to 6; 0 is Reception." in page_of(made).lead


def test_what_an_example_usually_has_is_a_year_group_of_the_book() -> None:
    usual = {
        years: year_group_facts(range(*years))["referral.year_group"].usual
        for years in ((0, 7), (0, 12), (7, 12), (0, 3), (4, 7), (10, 12))
    }
    assert usual == {(0, 7): 3, (0, 12): 9, (7, 12): 9, (0, 3): 0, (4, 7): 4, (10, 12): 10}


def test_an_upper_book_may_be_for_fewer_year_groups_and_never_for_others() -> None:
    below = shelf_of(book("statutory: true\n" + PRIMARY, name="law", objectives=""))
    fewer = check(read_edition(book("extends: law\nyear_groups: {lowest: 3, highest: 6}\n"), "x"), below)
    assert list(fewer.year_groups) == [3, 4, 5, 6]
    assert check(read_edition(book("extends: law\n"), "x"), below).year_groups == range(7)
    message = refused(book("extends: law\nyear_groups: {lowest: 5, highest: 7}\n"), below)
    assert "year_groups: found lowest 5, highest 7; wanted year groups from 0 to 6. A book may be for fewer" in message


def test_a_line_is_for_the_year_groups_of_all_its_editions() -> None:
    first = read_edition(book(PRIMARY), "1")
    second = read_edition(book("year_groups: {lowest: 3, highest: 11}\n").replace("2026-09-01", "2027-09-01"), "2")
    assert Shelf((first, second)).year_groups("hilltop") == range(12)
    assert Shelf((first,)).year_groups("hilltop") == range(7)


def test_a_difference_of_year_groups_is_told() -> None:
    told = [str(one) for one in differences(read(""), read(PRIMARY))]
    assert told == ["book: year groups: was 7 to 11; is 0 to 6"]


def test_counts_of_young_and_of_older_pupils_cross_in_a_book_for_both() -> None:
    """Of infants, and of everybody permanently excluded: some infants are excluded and some are not, so neither holds the other."""
    counts = """\
counts:
  infants: {of: placements, where: admission.year_group <= 2, over: academic_year}
  excluded: {of: placements, where: admission.after_exclusion, over: academic_year}
"""
    shares = "[place, {share: {load: infants, of: fair_access}}, {share: {load: excluded, of: permanently_excluded}}]"
    text = book(PRIMARY + counts, objectives=f"objectives: {shares}\n")
    assert "which crosses share of infants" in refused(text)


LIMIT = """\
limits:
  - id: two-over
    per: school
    year_groups: {lowest: 10, highest: 11}
    room: 2 - school.taken
    examples:
      - {name: one taken, given: {school.taken: 1}, expect: 1}
      - {name: two taken, given: {school.taken: 2}, expect: 0}
      - {name: year 9, given: {referral.year_group: 9, school.taken: 2}, expect: out of scope}
"""
COUNTED = "counts: {taken: {of: placements, where: admission.year_group >= 10, over: term}}\n"


def test_a_limit_may_be_for_some_year_groups() -> None:
    """An example that names no year group has one of the limit's: 9 is the usual one, and out of its scope."""
    made = read(COUNTED + LIMIT)
    assert [(result.ok, result.facts["referral.year_group"]) for result in run_examples(made)] == [(True, 10), (True, 10), (True, 9)]
    assert "in years 10 to 11" in scope_of(made.limits[0])
    (reach,) = [one for one in reach_of(made) if one.id == "two-over"]
    assert "referral.year_group" in reach.facts
    other = read(COUNTED.replace(">= 10", "== 10") + LIMIT.replace("highest: 11", "highest: 10"))
    assert "limit two-over: scope: was in years 10 to 11; is in year 10" in [str(one) for one in differences(made, other)]


def test_two_to_be_kept_apart_are_so_in_every_year_group() -> None:
    text = "limits: [{id: apart, per: kept_apart_pupils, year_groups: {lowest: 7, highest: 8}, room: 1}]\n"
    assert "found year_groups; wanted no `year_groups`. It speaks of every two whom the record keeps apart." in refused(book(text))


AGES: tuple[tuple[dict[str, Any], int, bool | None], ...] = (
    ({"low_age": 4, "high_age": 11}, 0, True),
    ({"low_age": 4, "high_age": 11}, 6, True),
    ({"low_age": 4, "high_age": 11}, 7, False),
    ({"low_age": 5, "high_age": 11}, 0, None),  # is there a reception class?
    ({"low_age": 5, "high_age": 11}, 1, True),
    ({"low_age": 7, "high_age": 11}, 0, False),
    ({"low_age": 7, "high_age": 11}, 2, False),  # a junior school
    ({"low_age": 7, "high_age": 11}, 3, True),
    ({"low_age": 4, "high_age": 7}, 2, True),  # an infant school
    ({"low_age": 4, "high_age": 7}, 3, False),
    ({"phase": "Primary", "low_age": None, "high_age": None}, 4, None),  # infant, junior or both
    ({"phase": "All-through", "low_age": None, "high_age": None}, 4, None),
    ({"phase": "All-through", "low_age": None, "high_age": None}, 8, True),
    ({"phase": "Secondary", "low_age": None, "high_age": None}, 6, False),
    ({"phase": "Primary", "low_age": None, "high_age": None}, 8, None),
)


@pytest.mark.parametrize(("fields", "year_group", "admits"), AGES)
def test_which_schools_take_a_child_of_that_age(fields: dict[str, Any], year_group: int, admits: bool | None) -> None:
    row = pair(school("1"), school("2", **fields), referral(year_group=year_group))
    assert row.get("candidate.admits") is admits


def test_a_year_group_that_was_counted_is_there() -> None:
    """The register says 5 or nothing; somebody counted the reception class."""
    counted = ev.PlacesRecorded(
        urn="2", as_at=dt.date(2026, 9, 15), years=(ev.YearPlaces(year_group=0, pan=30, on_roll=None, looked_after=None, ehcp=None),)
    )
    for fields in ({"low_age": 5, "high_age": 11}, {"phase": "Primary", "low_age": None, "high_age": None}):
        assert pair(school("1"), school("2", **fields), counted, referral(year_group=0)).get("candidate.admits") is True
        assert pair(school("1"), school("2", **fields), counted, referral(year_group=1, pupil="Q")).get("candidate.admits") is not False
    junior = school("2", low_age=7, high_age=11)
    assert pair(school("1"), junior, counted, referral(year_group=0)).get("candidate.admits") is False


def test_every_year_group_that_a_book_may_say_is_one_that_a_rule_may_read() -> None:
    for fact in year_group_facts(range(7, 12)).values():
        assert (fact.low, fact.high) == (ANY_YEAR_GROUP[0], ANY_YEAR_GROUP[-1])
