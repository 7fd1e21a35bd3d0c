"""Quotas, shares and limits by who is there now: the placing equals the judge's, who tries every one, on random small panels."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Final

import pytest

from rules.rulebook import Shelf
from tests import test_meaning
from tests.judge import Judge
from tests.random_books import Book, Cap, Count, as_yaml, random_book
from tests.random_panels import ON, random_events

BOOKS: Final = 30
PANELS: Final = 10


def a_book(number: int) -> Book:
    """A random book whose counts are all of who is there, with a limit by one of them besides."""
    rng = random.Random(f"at present {number}")
    book = random_book(rng)
    by_year = rng.random() < 0.4
    count = Count("there_now", "everybody", ("placements",), "at_present", sent=0, drop=False, by_year=by_year, points=False)
    counts = (*(replace(one, over="at_present", drop=False) for one in book.counts), count)
    return replace(book, counts=counts, caps=(*book.caps, Cap("everybody", "there_now", rng.choice((1, 1, 2)), by_year)))


@pytest.mark.parametrize("number", range(BOOKS))
def test_the_placing_is_the_one_that_the_rulebook_means(number: int) -> None:
    book = a_book(number)
    rulebook = Shelf.of([(as_yaml(book), "random.yaml")]).in_force("random", ON)
    test_meaning.judge_panels(number, book, rulebook, PANELS)


def test_the_panels_are_worth_judging() -> None:
    """Of sixty meetings in many somebody is there, in some nobody counts any more who would by the academic year, and some are full."""
    there = gone = full = 0
    for number in range(20):
        book = a_book(number)
        for panel in range(3):
            judge = Judge(book, random_events(random.Random(f"book {number} panel {panel}")), "", {}, frozenset())
            there += any(judge.is_there(one) for one in judge.taken if one.by_panel)
            gone += any(not judge.is_there(one) for one in judge.taken if one.by_panel)
            pairs = [(p, s) for p in judge.playing for s in judge.schools]
            full += any(left < 1 for p, s in pairs for cap, left in judge.caps(p, s) if cap.count == "there_now")
    assert there >= 30
    assert gone >= 10
    assert full >= 10
