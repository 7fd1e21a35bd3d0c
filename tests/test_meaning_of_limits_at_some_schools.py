"""Limits at schools that select, or at the others: the placing equals the judge's, who tries every one, on random small panels."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Final

import pytest

from panel import events as ev
from rules.rulebook import Shelf
from tests import test_meaning
from tests.judge import Judge
from tests.random_books import Book, Cap, Count, as_yaml, random_book
from tests.random_panels import ON, random_events

BOOKS: Final = 30
PANELS: Final = 10


def selecting(rng: random.Random) -> list[ev.Event]:
    """A random panel in which some schools select, most do not, and of a few nobody said."""
    events = random_events(rng)
    words = {
        event.urn: rng.choice((True, True, False, False, False, False, None)) for event in events if isinstance(event, ev.SchoolRecorded)
    }
    return [event.model_copy(update={"selective": words[event.urn]}) if isinstance(event, ev.SchoolRecorded) else event for event in events]


def a_book(number: int) -> Book:
    """A random book with one number for the schools that select and another for those that do not, or only one of them."""
    rng = random.Random(f"at some schools {number}")
    book = random_book(rng)
    by_year = rng.random() < 0.4
    count = Count("taken_here", "everybody", ("placements",), "academic_year", sent=0, drop=False, by_year=by_year, points=False)
    caps = [Cap("everybody", "taken_here", rng.choice((1, 1, 2)), by_year, selective=selective) for selective in (True, False)]
    return replace(book, counts=(*book.counts, count), caps=(*book.caps, *rng.choice((caps, caps[:1], caps[1:]))))


@pytest.mark.parametrize("number", range(BOOKS))
def test_the_placing_is_the_one_that_the_rulebook_means(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(test_meaning, "random_events", selecting)
    book = a_book(number)
    rulebook = Shelf.of([(as_yaml(book), "random.yaml")]).in_force("random", ON)
    test_meaning.judge_panels(number, book, rulebook, PANELS)


def test_the_panels_are_worth_judging() -> None:
    """Of sixty meetings in many such a limit has one place left, in some none, and in some nobody can tell whether it is there."""
    scarce = full = untold = 0
    for number in range(20):
        book = a_book(number)
        for panel in range(3):
            judge = Judge(book, selecting(random.Random(f"book {number} panel {panel}")), "", {}, frozenset())
            pairs = [(p, s) for p in judge.playing for s in judge.schools]
            left = [left for p, s in pairs for cap, left in judge.caps(p, s) if cap.selective is not None]
            scarce += 1 in left
            full += any(number < 1 for number in left)
            untold += any(
                judge.schools[s].selective is None and any(cap.selective is not None for cap in judge.speaking(p, s)) for p, s in pairs
            )
    assert scarce >= 15
    assert full >= 8
    assert untold >= 8
