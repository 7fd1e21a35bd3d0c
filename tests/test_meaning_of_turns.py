"""Rotas with a list for each year group, with an agreed order, with turns that a broken placement gives back: judged by brute force."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace
from typing import Final

import pytest

from panel import events as ev
from rules.rulebook import Shelf
from tests import test_meaning
from tests.judge import Judge
from tests.random_books import AUDIENCES, EVERYBODY, LISTS, SAID, Aim, Book, as_yaml, crosses, random_book
from tests.random_panels import KINDS, ON, random_events

BOOKS: Final = 40
PANELS: Final = 8
DAYS: Final = tuple(dt.date(2026, 9, day) for day in (10, 17, 24))
OUTCOMES: Final = (None, "permanent", "broken_down", "broken_down", "returned")


def with_turns(rng: random.Random) -> list[ev.Event]:
    """A random panel whose schools took pupils on three days of September, some of whom are no longer there."""
    events = random_events(rng)
    urns = [event.urn for event in events if isinstance(event, ev.SchoolRecorded)]
    before = [
        ev.PlacedBefore(
            pupil=f"T{n}",
            school=rng.choice(urns),
            on=rng.choice(DAYS),
            referral_kind=rng.choice(KINDS),
            permanently_excluded=rng.random() < 0.4,
            year_group=rng.choice((9, 10)),
            outcome=rng.choice(OUTCOMES),
        )
        for n in range(rng.randint(0, 6))
    ]
    return [*before, *events]


def by_turns(number: int) -> Book:
    """A random book with one to three more aims that go by turns, anywhere after the first."""
    rng = random.Random(f"by turns {number}")
    book = random_book(rng)
    aims = [aim for aim in book.aims if aim.name not in ("rota", "longest_ago")]
    for _ in range(rng.randint(1, 3)):
        aim = Aim(rng.choice(("rota", "rota", "longest_ago")), rng.choice((*AUDIENCES[book.family],)), by_year=rng.random() < 0.6)
        aim = replace(aim, drop=rng.random() < 0.4, listed=rng.choice((*LISTS, "")) if aim.name == "rota" else "")
        if aim.name == "longest_ago":
            aim = replace(aim, whom=rng.choice((EVERYBODY, *SAID)))
        elif crosses(aim.whom, aim.by_year, aims):
            continue
        if aim not in aims:
            aims.insert(rng.randint(1, len(aims) - 1), aim)
    return replace(book, aims=tuple(aims))


@pytest.mark.parametrize("number", range(BOOKS))
def test_the_placing_is_the_one_that_the_rulebook_means(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(test_meaning, "random_events", with_turns)
    book = by_turns(number)
    rulebook = Shelf.of([(as_yaml(book), "random.yaml")]).in_force("random", ON)
    test_meaning.judge_panels(number, book, rulebook, PANELS)


def test_the_panels_are_worth_judging() -> None:
    """In many of them the lists of year groups differ, the agreed order tells schools apart or is unknown, and a turn is given back."""
    differ = apart = unlisted = back = 0
    for number in range(BOOKS):
        book = by_turns(number)
        for panel in range(PANELS):
            judge = Judge(book, with_turns(random.Random(f"book {number} panel {panel}")), "", {}, frozenset())
            for aim in (aim for aim in book.aims if aim.name == "rota"):
                years = sorted({judge.made[p].year_group for p in judge.playing}) if aim.by_year else [None]
                lists = [judge.claims(aim, year) for year in years]
                differ += any(one != lists[0] for one in lists)
                plain = [judge.claims(replace(aim, listed=""), year) for year in years]
                apart += any(len(set(one.values())) > len(set(other.values())) for one, other in zip(lists, plain, strict=True))
                unlisted += any(place == float("inf") for one in lists for _, place in one.values())
                kept = [judge.last_turns(replace(aim, drop=False), judge.mainstream, year) for year in years]
                back += kept != [judge.last_turns(aim, judge.mainstream, year) for year in years]
    assert differ > 60
    assert apart > 60
    assert unlisted > 20
    assert back > 40
