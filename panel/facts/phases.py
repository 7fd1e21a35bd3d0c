"""The year groups of a book's phase at one school: which of them it has, and what they come to together.

has      those that are recorded for it, and those that its ages say it has
sum      unknown where one of those has no number, and where it has none of them: nobody's room is guessed
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from panel.events import SchoolRecorded
from panel.facts.admits import age_fits
from panel.facts.rolls import on_roll
from panel.state.records import State
from rules.book import Rulebook


def of_phases(state: State, rulebook: Rulebook, school: SchoolRecorded, on: dt.date) -> dict[str, int | None]:
    """Rolls and published numbers of the book's phases on a day, by the name after the family."""
    facts: dict[str, int | None] = {}
    for phase, years in rulebook.phases.items():
        there = has(state, school, years)
        facts[f"on_roll_{phase}"] = _sum(on_roll(state, school.urn, year, on) for year in there)
        facts[f"pan_{phase}"] = _sum(_pan(state, school.urn, year) for year in there)
    return facts


def has(state: State, school: SchoolRecorded, years: range) -> tuple[int, ...]:
    """Which of these year groups a school has."""
    return tuple(year for year in years if (school.urn, year) in state.years or age_fits(school, year) is True)


def uncounted(state: State, school: SchoolRecorded, years: range, column: str) -> tuple[int, ...]:
    """Of which of them nobody has said a roll (`on_roll`) or a published number (`pan`); all where it has none of them."""
    there = has(state, school, years) or tuple(years)
    return tuple(year for year in there if getattr(state.years.get((school.urn, year)), column, None) is None)


def _pan(state: State, urn: str, year_group: int) -> int | None:
    year = state.years.get((urn, year_group))
    return None if year is None else year.pan


def _sum(numbers: Iterable[int | None]) -> int | None:
    known = tuple(numbers)
    return None if not known or None in known else sum(number for number in known if number is not None)
