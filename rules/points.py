"""How the lines of a tariff that fit an admission make its points: by the largest of them, or added.

It weighs nobody; `Rulebook.weight` does. A stack of editions stands from the statutory book up to the local one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from rules.book import Points, Rule
from rules.errors import Fault
from rules.layers import Stack

MOST_POINTS: Final = 1000
"""What an admission may have at most, so that no sum of points over all that a school can take passes the bound of a count."""


def points_of(stack: Stack, lines: Iterable[Rule], faults: list[Fault]) -> Points:
    """By which the whole stack goes, as the lowest layer says that has lines or says it; what is wrong of it is added to the faults."""
    made: Points | None = None
    home = ""
    for edition in stack:
        said = edition.shape.points
        if made is None and (said is not None or edition.shape.tariff):
            made, home = said or "largest", edition.name
        elif said is not None and said != made:
            advice = f"How the lines of a tariff are read is said once, by the lowest book that has any: {home}."
            faults.append(edition.fault(("points",), found=f"points: {said}", wanted=f"points: {made}, as in {home}", advice=advice))
    if made == "added":
        faults.extend(_too_many(stack, tuple(lines)))
    return made or "largest"


def _too_many(stack: Stack, lines: tuple[Rule, ...]) -> Iterable[Fault]:
    """The lines together come to no more than one line may; a line that is too much by itself is told elsewhere."""
    together = sum(max(0, line.amount) for line in lines)
    if together > MOST_POINTS and all(line.amount <= MOST_POINTS for line in lines):
        top = next(edition for edition in reversed(stack) if edition.shape.tariff)
        found = f"lines that are added and come to {together} points together"
        yield top.fault(("tariff",), found=found, wanted=f"{MOST_POINTS} at most", advice="Make one point worth more.")
