"""What a limit's room is counted in, held against what it reads: pupils or points, never one where the other is meant; and where it is.

Each pupil of a meeting takes one of a room in pupils, and of a room in points what the tariff gives to the placement. It refuses
nothing itself; `checks.py` does.

    in pupils   a count of points stands in it only divided by the heaviest that one pupil can be, or the room would be passed
    in points   what it reads that placements move is a count of points; and there is a tariff to weigh pupils by
    where       by what no meeting changes, or a limit could come and go between two pupils
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from rules.book import ALWAYS, Limit, Rulebook
from rules.reach import moved_by_the_meeting, named_by, points_in_rooms, reached


class Wrong(NamedTuple):
    """A limit, and what is wrong with its room, in the parts of a fault."""

    limit: Limit
    found: str
    wanted: str
    advice: str


def wrongly_weighed(rulebook: Rulebook, *, tariff: bool) -> Iterator[Wrong]:
    """Every limit whose room is in one and reads the other. `tariff`: whether there is one, read or not."""
    for limit, name, heaviest in points_in_rooms(rulebook):
        advice = (
            "Each pupil whom a meeting places takes one of the room, so it would be passed. Divide by the heaviest line of the tariff:"
            f" (settings.most - {name}) // {heaviest}; or say `weigh: points`, and each takes its own points: settled by solvers, without"
            " a certificate; or level points with a quota or a share."
        )
        yield Wrong(limit, f"{name}, which counts points", "room in pupils, or `weigh: points`", advice)
    moved = moved_by_the_meeting(rulebook)
    points = frozenset[str]().union(*(named_by(count) for count in rulebook.counts if count.weigh == "points"))
    for limit in (limit for limit in rulebook.limits if limit.weigh == "points"):
        if limit.per == "kept_apart_pupils":
            advice = "Of two pupils who are to be kept apart one may go there, whatever they weigh."
            yield Wrong(limit, "weigh: points", "no `weigh`", advice)
        if not tariff:
            advice = "Say under `tariff` how many points a placement has, or let the room be in pupils."
            yield Wrong(limit, "weigh: points in a book without a tariff", "a `tariff`", advice)
        for name in [name for name in reached(rulebook, limit.room) if name in moved - points][:1]:
            advice = "Take a count with `weigh: points` off a number of points: settings.most - school.points."
            yield Wrong(limit, f"{name}, which counts pupils", "room in points", advice)


def wrongly_placed(rulebook: Rulebook) -> Iterator[Wrong]:
    """Every limit that is there or not by what placing a pupil changes; and one for pupils to be kept apart that is not everywhere."""
    moved = moved_by_the_meeting(rulebook)
    for limit in (limit for limit in rulebook.limits if limit.when_text or limit.unless_text):
        if limit.condition == ALWAYS:
            yield Wrong(limit, "a condition that always holds", "one that can do either", "A limit without `when` is everywhere.")
        if limit.per == "kept_apart_pupils":
            advice = "Two pupils who are to be kept apart are kept apart wherever they go."
            yield Wrong(limit, "`when` or `unless`", "neither", advice)
        for name, by in reached(rulebook, limit.condition).items():
            if name in moved:
                way = f" (by way of {', '.join(by)})" if by else ""
                advice = "What placing a pupil changes belongs in its `room`; `when` and `unless` say at which schools it is."
                yield Wrong(limit, f"{name}{way} in `when` or `unless`, which the meeting itself changes", "what stays as it is", advice)
