"""Pupils placed together, and limits in points: the placing equals the judge's, who tries every one, on random small panels."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Final

import pytest

from panel import events as ev
from rules.rulebook import Shelf
from tests import test_meaning
from tests.judge import Judge
from tests.random_books import Aim, Book, Cap, Count, as_yaml, random_book
from tests.random_panels import ON, random_events

BOOKS: Final = 30
PANELS: Final = 10


def families(rng: random.Random) -> list[ev.Event]:
    """A random panel in which half of this meeting's pupils name one or two others, or somebody unknown, to be placed with."""
    events = random_events(rng)
    pupils = [event.pupil for event in events if isinstance(event, ev.ReferralMade) and event.referral.startswith("B")]

    def named(event: ev.Event) -> ev.Event:
        if not isinstance(event, ev.ReferralMade) or event.case is None or rng.random() < 0.5:
            return event
        others = sorted({"PX", *pupils} - {event.pupil})
        told = tuple(sorted(rng.sample(others, min(len(others), rng.choice((1, 1, 2))))))
        return event.model_copy(update={"case": event.case.model_copy(update={"together_with": told})})

    return [named(event) for event in events]


def a_book(number: int) -> Book:
    """A random book with the objective `together` somewhere after `place`, a limit in points, or both."""
    rng = random.Random(f"families and points {number}")
    book = random_book(rng)
    if number % 3:
        aims = list(book.aims)
        aims.insert(rng.randint(1, len(aims) - 1), Aim("together"))
        book = replace(book, aims=tuple(aims))
    if number % 3 != 1:
        by_year = rng.random() < 0.3
        count = Count("heavy", "everybody", ("placements",), "academic_year", sent=0, drop=False, by_year=by_year, points=True)
        most = rng.choice((1, 2, 3, 4, 4, 5, 7))
        book = replace(book, counts=(*book.counts, count), caps=(*book.caps, Cap("everybody", "heavy", most, by_year, points=True)))
    return book


@pytest.mark.parametrize("number", range(BOOKS))
def test_the_placing_is_the_one_that_the_rulebook_means(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(test_meaning, "random_events", families)
    book = a_book(number)
    rulebook = Shelf.of([(as_yaml(book), "random.yaml")]).in_force("random", ON)
    test_meaning.judge_panels(number, book, rulebook, PANELS)


def test_the_panels_are_worth_judging(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of sixty meetings in many solvers settle it, in some a family is parted, and points keep out somebody who would fit by heads."""
    monkeypatch.setattr(test_meaning, "random_events", families)
    solved = 0
    parted = kept_out = 0
    for number in range(20):
        book = a_book(number)
        rulebook = Shelf.of([(as_yaml(book), "random.yaml")]).in_force("random", ON)
        solved += test_meaning.judge_panels(number, book, rulebook, 3)["solved"]
        for panel in range(3):
            judge = Judge(book, families(random.Random(f"book {number} panel {panel}")), "", {}, frozenset())
            parted += bool(judge.family())
            kept_out += any(
                cap.points and 0 < left < judge.takes(cap, p)
                for p in judge.playing
                for s in judge.schools
                for cap, left in judge.caps(p, s)
            )
    assert solved >= 15
    assert parted >= 15
    assert kept_out >= 8
