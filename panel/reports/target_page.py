"""The zero-exclusion target as it is read: JSON, and the tables of schools in words.

It computes nothing. It is for the panel itself, like `position`: counts under 5 are not hidden in it, and it says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from panel.reports.equity_page import in_words
from panel.reports.target import Line, Rate, Tracked, year_before

TRACKED: Final = "A target is tracked: nothing here keeps a school from excluding, and no rule may."
FOR_THE_PANEL: Final = "For the panel itself: counts under 5 are not hidden here. What is handed on: pastoral report annual."


def as_data(panel: str, seen: Tracked) -> dict[str, Any]:
    """`report target --json`. Rates are rounded to three places."""
    return {
        "panel": panel,
        "academic_year": seen.year,
        "as_of": seen.as_of.isoformat(),
        "permanent_exclusions": seen.excluded,
        "target": seen.target,
        "over_target": None if seen.target is None else max(0, seen.excluded - seen.target),
        "last_year": {"by": year_before(seen.as_of).isoformat(), "by_then": seen.by_last, "whole": seen.last_year},
        "terms": [{"from": span.first.isoformat(), "until": span.last.isoformat()} for span in seen.spans] if seen.by_term else None,
        "schools": [_line(line) for line in seen.schools],
        "all": _line(seen.panel),
        "untold": list(seen.untold),
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "school": line.urn or None,
        "name": line.name,
        "roll": line.excluded.on_roll,
        "permanent_exclusions": line.excluded.count,
        "per_100": _rate(line.excluded, 100),
        "last_year": {"by_then": line.by_last, "whole": line.last_year},
        "referred": line.referred.count,
        "referred_per_1000": _rate(line.referred, 1000),
        "by_term": [{"referred": rate.count, "per_1000": _rate(rate, 1000)} for rate in line.terms],
    }


def _rate(rate: Rate, many: int) -> dict[str, Any] | None:
    found = rate.per(many)
    return None if found is None else {"rate": round(found[0], 3), "interval": [round(found[1], 3), round(found[2], 3)]}


def headline(panel: str, seen: Tracked) -> Iterator[str]:
    """The year against the target and last year."""
    yield f"{panel}: permanent exclusions in {in_words(seen.year)}, up to {seen.as_of}."
    target = "the rulebook sets no target" if seen.target is None else f"the target for the year is {seen.target}"
    yield f"{seen.excluded} so far; {target}."
    if seen.last_year is not None:
        yield f"In {in_words(seen.year - 1)} there were {seen.last_year}, of them {seen.by_last} by {year_before(seen.as_of)}."
    yield TRACKED


def excluding(seen: Tracked) -> Iterator[tuple[str, ...]]:
    """The rows of exclusions: roll, so far, last year by the same day, last year, per 100 on roll, interval."""
    for line in (*seen.schools, seen.panel):
        rate, interval = _words(line.excluded, 100)
        counts = (str(line.excluded.count), _or(line.by_last), _or(line.last_year))
        yield (_or(line.excluded.on_roll), *counts, rate, interval)


def by_term(seen: Tracked) -> Iterator[tuple[str, ...]]:
    """The rows of early signs: pupils referred per 1,000 on roll, in each term of the year that has begun."""
    for line in (*seen.schools, seen.panel):
        yield tuple(_words(rate, 1000)[0] for rate in line.terms)


def early(seen: Tracked) -> Iterator[tuple[str, ...]]:
    """The rows of the year so far: pupils referred, per 1,000 on roll, and the interval."""
    for line in (*seen.schools, seen.panel):
        yield (str(line.referred.count), *_words(line.referred, 1000))


def _words(rate: Rate, many: int) -> tuple[str, str]:
    found = rate.per(many)
    return ("", "") if found is None else (f"{found[0]:.2f}", f"{found[1]:.2f} to {found[2]:.2f}")


def _or(value: int | None) -> str:
    return "" if value is None else str(value)
