"""How long a pupil stayed at the school of a decision: the first day there, the last, and which placement came next.

It works out no money and judges no transition.

    first    the day on which it began; until it has, the day that was planned
    next     the placement of the same pupil that begins next after it, on the same day the one that was decided later
    left     the last day there, where the pupil left for the home school or elsewhere, or where what was to follow came to nothing
    until    the last day there by either: `left`, or the day before `next` begins
    planned  the last day of what is temporary, as it was planned last; None once it has ended, whatever followed
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from panel.state.records import Referral, State

DAY = dt.timedelta(days=1)
GOES_ON = ("managed_move", "admission")
"""How a placement ends that is to go on as another."""


@dataclass(frozen=True, slots=True)
class Stay:
    """One placement by a decision that stands."""

    first: dt.date
    left: dt.date | None = None
    next: Referral | None = None
    planned: dt.date | None = None

    def last(self, as_of: dt.date) -> dt.date | None:
        """The last day there as it looks on a day: a planned last day that has passed, and no end recorded, ended nothing."""
        ends = [day for day in (self.until, self.planned if self.planned and self.planned >= as_of else None) if day is not None]
        return min(ends, default=None)

    @property
    def until(self) -> dt.date | None:
        """The last day at that school; None while the pupil is there."""
        ends = [day for day in (self.left, first_day(self.next) - DAY if self.next else None) if day is not None]
        return min(ends, default=None)


def first_day(held: Referral) -> dt.date:
    """The first day at the school of a decision, as it was or is planned."""
    if held.decision is None or held.decision.starts is None:
        raise AssertionError("a decided referral has a first day")
    return held.started or held.decision.starts


def sent_by(held: Referral) -> str | None:
    """The school that the pupil came from: the one that excluded, or else the home school."""
    return held.made.excluded_by or held.made.home_school


def is_here_already(state: State, referral: Referral) -> str | None:
    """The school of the placement that this referral takes up: a direction that is to become a move. None of any other referral."""
    before = state.referrals.get(referral.made.follows or "")
    return before.decision.school if before is not None and before.decision is not None and before.end in GOES_ON else None


def goes_on(state: State) -> Mapping[str, Referral]:
    """Each placement that ended to go on as another -> the referral that is to take it up, or did, at the same school.

    So what counts the later one has no need to count the earlier: no child counts twice. Under meaning 1 of the rules there is none.
    """
    after = ((held, state.referrals.get(held.made.follows or "")) for held in state.referrals.values())
    return {
        before.made.referral: held
        for held, before in (after if state.each_child_once else ())
        if before is not None and before.end in GOES_ON and (held.status == "waiting" or _there(before, held))
    }


def _there(before: Referral, after: Referral) -> bool:
    """Whether what a placement ended to go on as was decided for the same school, and stands; two that became one later were two."""
    if after.status != "decided" or after.moved_on:
        return False
    return bool(after.decision and before.decision and after.decision.school == before.decision.school)


def stays(state: State) -> dict[str, Stay]:
    """Every placement that was decided and stands, by its referral."""
    placed = [held for held in state.referrals.values() if held.status == "decided"]
    gone = {one.referral: one.gone_on for one in state.admissions if one.referral is not None}
    pupils: dict[str, list[Referral]] = {}
    for held in sorted(placed, key=lambda one: (first_day(one), one.decision_seq)):
        pupils.setdefault(held.made.pupil, []).append(held)
    following = {one.made.referral: after for row in pupils.values() for one, after in pairwise(row)}
    return {
        (name := held.made.referral): Stay(
            first_day(held),
            held.left_on or (gone.get(name) if name not in following else None),
            following.get(name),
            held.until if held.end is None else None,
        )
        for held in placed
    }
