"""A pupil who is at a school already, and whose case is to make that last: a direction that is to become a managed move.

The child is one child. What is counted of the school has it in it already, so where the case goes on at that school it takes no seat
that was not taken, and adds nothing to what a share or a quota has counted of it. Everybody else finds the school as it is, with the
child there: while the case is held or put off, and where the child is sent elsewhere after all, its seat is not another's. A turn
(`turns.py`) is the later placement's from the day on which the case comes before the panel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from panel.facts.counts import Counts
from panel.state.records import State
from panel.state.schooldays import academic_year
from panel.state.stays import goes_on, is_here_already
from rules.book import Limit, Rulebook
from rules.reach import named_by, reached
from rules.takers import taken_off

ROLLS: Final = frozenset({"school.occupied", "year.on_roll", "year.looked_after", "year.ehcp"})
"""What has a pupil in it who is at a school for a time, beside the counts of the book."""


@dataclass(frozen=True, slots=True)
class Already:
    """Where a pupil is already, and for each count of the book that has it, how much it added, and in which year group."""

    school: str
    counts: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    def as_data(self) -> dict[str, Any]:
        """What is frozen of it, with the case."""
        return {"school": self.school, "counts": {count: list(added) for count, added in self.counts.items()}}

    def added(self, count: str, year_group: int | None) -> int:
        """What a count has of the pupil, in all or in one year group."""
        weight, year = self.counts.get(count, (0, 0))
        return weight if year_group in (None, year) else 0

    def has(self, limit: Limit, rulebook: Rulebook, year_group: int, points: int) -> bool:
        """Whether what a limit leaves at that school has the pupil in it already, with all that it weighs by now."""
        room, weight = reached(rulebook, limit.room), points if limit.weigh == "points" else 1
        counts = (count for count in rulebook.counts if not named_by(count).isdisjoint(room))
        has = any(
            self.added(count.id, year_group if count.per == "year_group" else None) >= weight for count in counts if count.id in self.counts
        )
        rolls = ROLLS | {f"school.on_roll_{phase}" for phase in rulebook.phases}
        return has or (limit.weigh == "heads" and not rolls.isdisjoint(taken_off(rulebook, limit).facts))


def already_there(state: State, agenda: Sequence[str], counts: Counts) -> dict[str, Already]:
    """Of each case of an agenda that is to take up a placement; none under meaning 1 of the rules."""
    found: dict[str, Already] = {}
    for name in agenda if state.each_child_once else ():
        held = state.referrals[name]
        if (urn := is_here_already(state, held)) is not None:
            found[name] = Already(urn, counts.taken_up.get(held.made.follows or "", {}))
    return found


def transport_spent(state: State, year: int) -> int:
    """Pence a year for travel of the placements of an academic year; of one that went on as another in it only the other's."""
    placed = [one for one in state.admissions if academic_year(one.on) == year]
    there = {one.referral for one in placed if one.referral is not None}
    again = {name for name, held in goes_on(state).items() if held.made.referral in there}
    return sum(one.pence_per_year or 0 for one in placed if one.referral not in again)


def from_data(cases: Mapping[str, tuple[str, Mapping[str, Any]]]) -> dict[str, Already]:
    """The same as an opening froze it: referral -> pupil and the content of its case."""
    held = {name: content["already"] for name, (_, content) in cases.items() if "already" in content}
    return {
        name: Already(told["school"], {count: (weight, year) for count, (weight, year) in told["counts"].items()})
        for name, told in held.items()
    }
