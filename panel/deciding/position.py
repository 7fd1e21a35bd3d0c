"""The living record: where each school stands on a day, to begin a meeting from.

Everything here is a fold of the ledger and a count of the rulebook; nothing is decided by it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from panel.deciding.casework import Evaluate, Part, quota_limits
from panel.deciding.opening import facts_on
from panel.deciding.weighing import rota, turn_ranks
from panel.facts.candidates import MeetingFacts, turning, whole
from panel.state.records import Recorded
from panel.state.schooldays import academic_year
from rules.book import Objective, Rulebook


@dataclass(frozen=True, slots=True)
class Measured:
    """What one quota or share counts at a setting, or at one year group of it, and the limit or share that it is held against.

    None is unknown. `left` is what a quota leaves, below 0 beyond it; `ratio` is load / share, for a school that is a member for
    a part of the year per that part of its share.
    """

    name: str
    count: str
    of: str
    year_group: int | None
    taken: int | None
    against: int | None
    part_of_year: Fraction = Fraction(1)

    @property
    def left(self) -> int | None:
        return None if self.against is None or self.taken is None else self.against - self.taken

    @property
    def ratio(self) -> Fraction | None:
        return Fraction(self.taken) / (self.against * self.part_of_year) if self.taken is not None and self.against else None


@dataclass(frozen=True, slots=True)
class Standing:
    """One setting: its roll, the share it is measured by, its load, and what it has taken.

    `share`, `load`, `ratio` and `quota_left` are those of the first share and the first quota of the book, if they count the
    setting as a whole; None elsewhere, where unknown, and outside them. `measured` are all quotas and shares in the book's
    order, those per year group for every year group of the setting. `turn` is its place in the turn, 0 for never; `rotas` has
    for each rota of the book whose it is and the number of the setting's turn, from 1; `permanent_exclusions` those that it made in
    the academic year, up to the day.
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
    measured: tuple[Measured, ...] = ()
    member_days: tuple[int, int] | None = None
    rotas: tuple[tuple[str, int], ...] = ()


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
    facts = facts_on(record, (), rulebook, evaluate, as_of, rulebook.year_groups)
    limits = quota_limits(facts, rulebook, evaluate)
    share = next((objective for objective in rulebook.objectives if objective.name == "share"), None)
    quota = next((objective for objective in rulebook.objectives if objective.name == "quota"), None)
    turns = turn_ranks(facts, turning(rulebook)[-1])
    rotas = {str(objective.of): rota(facts, objective.of) for objective in rulebook.objectives if objective.name == "rota"}
    return Position(
        as_of=as_of,
        academic_year=academic_year(as_of),
        schools=tuple(_standing(urn, facts, rulebook, share, quota, limits, turns[urn], rotas) for urn in facts.schools),
        permanent_exclusions=whole(facts.panel, "panel.permanent_exclusions"),
        target=whole(facts.panel, "panel.target_permanent_exclusions"),
    )


def _standing(
    urn: str,
    facts: MeetingFacts,
    rulebook: Rulebook,
    share: Objective | None,
    quota: Objective | None,
    limits: Mapping[Part, int | tuple[str, ...]],
    turn: int,
    rotas: Mapping[str, Mapping[str, int]],
) -> Standing:
    school = facts.schools[urn]
    roll = school.get("school.roll")
    measured = tuple(_measured(urn, facts, rulebook, limits))
    whole_share = share if share and share.part == "school" else None
    part = facts.share(urn, whole_share.per) if whole_share else None
    load = facts.taken(whole_share, urn, None) if whole_share else None
    part_year = facts.part_year
    of_year = part_year.part(urn, whole_share.count) if part_year and whole_share else Fraction(1)
    first = next((one for one in measured if one.name == "quota"), None)
    return Standing(
        urn=urn,
        name=str(school["school.name"]),
        setting=str(school["school.setting"]),
        roll=roll if isinstance(roll, int) else None,
        share=part,
        load=load,
        ratio=Fraction(load) / (part * of_year) if load is not None and part else None,
        counts={count.id: whole(school, f"school.{count.id}") for count in rulebook.counts if count.per == "school"},
        quota_left=first.left if first and quota and quota.part == "school" else None,
        turn=turn,
        permanent_exclusions=whole(school, "school.permanent_exclusions"),
        measured=measured,
        member_days=(part_year.days[urn], part_year.of) if part_year and urn in part_year.days else None,
        rotas=tuple((of, numbers[urn]) for of, numbers in rotas.items() if urn in numbers),
    )


def _measured(urn: str, facts: MeetingFacts, rulebook: Rulebook, limits: Mapping[Part, int | tuple[str, ...]]) -> Iterator[Measured]:
    for n, objective in enumerate(rulebook.objectives):
        if objective.name not in ("quota", "share") or facts.schools[urn]["school.setting"] != "mainstream":
            continue
        for year in rulebook.year_groups if objective.part == "year_group" else (None,):
            if year is not None and "year.pan" not in (known := facts.years.get((urn, year), {})) and "year.on_roll" not in known:
                continue  # the setting has no such year group
            limit = limits.get((n, urn, year))
            against = facts.share(urn, objective.per, year) if objective.name == "share" else limit if isinstance(limit, int) else None
            taken = facts.taken(objective, urn, year)
            of_year = facts.part_year.part(urn, objective.count) if facts.part_year and objective.name == "share" else Fraction(1)
            yield Measured(objective.name, objective.count, str(objective.of), year, taken, against, of_year)
