"""Which placements by the panel were turns of a school, by the name under which an opening freezes when each school had its last.

It looks at no record: that is for `panel/facts/turns.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

from rules.audience import EVERYBODY, Audience
from rules.book import KEPT, Fate, Objective


@dataclass(frozen=True, slots=True)
class Turns:
    """The placements of an audience, in one year group where each has its own list.

    `broken_down`, `left`: whether one that broke down, or that the pupil left, was a turn all the same.
    """

    of: Audience = EVERYBODY
    year_group: int | None = None
    broken_down: Fate = KEPT
    left: Fate = KEPT

    def __str__(self) -> str:
        year = "" if self.year_group is None else f", year {self.year_group}"
        dropped = (
            f", without those that {what}{f' within {fate.within}' if fate.within else ''}"
            for what, fate in (("broke down", self.broken_down), ("left", self.left))
            if fate.drop
        )
        return f"{self.of}{year}{''.join(dropped)}"


def turns_of(objective: Objective, year_group: int | None = None) -> Turns:
    """Which placements were the turns that an objective looks at; of a year group where each has its own list."""
    return Turns(objective.of, year_group if objective.part == "year_group" else None, objective.broken_down, objective.left)
