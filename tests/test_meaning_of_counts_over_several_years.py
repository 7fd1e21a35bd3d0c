"""Quotas, shares and limits over two academic years: the placing equals the judge's, who tries every one, on random small panels."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Final

import pytest

from rules.rulebook import Shelf
from tests import test_meaning
from tests.judge import Judge
from tests.random_books import Book, as_yaml, random_book
from tests.random_panels import ON, random_events

BOOKS: Final = 20
PANELS: Final = 8
OVER: Final = "2 academic_years"


def a_book(number: int) -> Book:
    """A random book whose counts all look back over two academic years."""
    book = random_book(random.Random(f"two years {number}"))
    return replace(book, counts=tuple(replace(one, over=OVER) for one in book.counts))


@pytest.mark.parametrize("number", range(BOOKS))
def test_the_placing_is_the_one_that_the_rulebook_means(number: int) -> None:
    book = a_book(number)
    rulebook = Shelf.of([(as_yaml(book), "random.yaml")]).in_force("random", ON)
    test_meaning.judge_panels(number, book, rulebook, PANELS)


def test_the_panels_are_worth_judging() -> None:
    """Of sixty meetings many count somebody who came in the year before."""
    more = 0
    for number in range(20):
        book = a_book(number)
        one_year = replace(book, counts=tuple(replace(one, over="academic_year") for one in book.counts))
        for panel in range(3):
            judges = [
                Judge(which, random_events(random.Random(f"book {number} panel {panel}")), "", {}, frozenset())
                for which in (book, one_year)
            ]
            two, one = ([judge.count(count.name, urn) for count in book.counts for urn in judge.schools] for judge in judges)
            more += two != one
    assert more >= 10
