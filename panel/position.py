"""The living record: where each school stands on a day, to begin a meeting from.

Everything here is a fold of the ledger and a count of the rulebook; nothing is decided by it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from panel.candidates import MeetingFacts, whole
from panel.casework import Evaluate
from panel.opening import facts_on
from panel.schooldays import academic_year
from panel.state import Recorded
from panel.weighing import turn_ranks
from rules.book import Objective, Rulebook


@dataclass(frozen=True, slots=True)
class Standing:
    """One setting: its roll, the share it is measured by, its load, and what it has taken.

    `ratio` is load / share; None where the setting is outside the share or its share is unknown. `quota_left` is what the
    first quota of the book leaves; `turn` its place in the turn, 0 for never; `permanent_exclusions` those that
    it made in the academic year, up to the day.
    """

    urn: str
    name: str
    setting: str
    roll: int | None
    share: int | None
    load: int | None
    ratio: Fraction | None
    counts: dict[str, int]
    quota_left: int | None
    turn: int
    permanent_exclusions: int


@dataclass(frozen=True, slots=True)
class Position:
    """The panel on one day. Permanent exclusions of the academic year beside the target."""

    as_of: dt.date
    academic_year: int
    schools: tuple[Standing, ...]
    permanent_exclusions: int
    target: int


def position(record: Sequence[Recorded], rulebook: Rulebook, evaluate: Evaluate, as_of: dt.date) -> Position:
    """Where everybody stands at the end of the day `as_of`, by the rulebook in force then."""
    facts = facts_on(record, (), rulebook, evaluate, as_of)
    share = next((objective for objective in rulebook.objectives if objective.name == "share"), None)
    quota = next((objective for objective in rulebook.objectives if objective.name == "quota"), None)
    turns = turn_ranks(facts)
    return Position(
        as_of=as_of,
        academic_year=academic_year(as_of),
        schools=tuple(_standing(urn, facts, rulebook, share, quota, turns[urn]) for urn in facts.schools),
        permanent_exclusions=whole(facts.panel, "panel.permanent_exclusions"),
        target=whole(facts.panel, "panel.target_permanent_exclusions"),
    )


def _standing(urn: str, facts: MeetingFacts, rulebook: Rulebook, share: Objective | None, quota: Objective | None, turn: int) -> Standing:
    school = facts.schools[urn]
    mainstream = school["school.setting"] == "mainstream"
    roll = school.get("school.roll")
    part = facts.share(urn, share.per) if share else None
    load = whole(school, f"school.{share.count}") if share else None
    return Standing(
        urn=urn,
        name=str(school["school.name"]),
        setting=str(school["school.setting"]),
        roll=roll if isinstance(roll, int) else None,
        share=part,
        load=load,
        ratio=Fraction(load, part) if load is not None and part else None,
        counts={count.id: whole(school, f"school.{count.id}") for count in rulebook.counts if count.per == "school"},
        quota_left=quota.limit - whole(school, f"school.{quota.count}") if quota and mainstream else None,
        turn=turn,
        permanent_exclusions=whole(school, "school.permanent_exclusions"),
    )
