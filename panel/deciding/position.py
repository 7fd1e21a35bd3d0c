"""The living record: where each school stands on a day, to begin a meeting from.

Everything here is a fold of the ledger and a count of the rulebook; nothing is decided by it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from panel.deciding.casework import Evaluate
from panel.deciding.levels import Part, Told, listed, quota_limits, starts
from panel.deciding.opening import facts_on
from panel.deciding.weighing import rota, turn_ranks
from panel.facts.candidates import MeetingFacts, whole
from panel.facts.turns import turning
from panel.state.records import Recorded
from panel.state.schooldays import academic_year
from rules.book import Objective, Rulebook


@dataclass(frozen=True, slots=True)
class Measured:
    """What one quota or share counts at a setting, or at one year group of it, and the limit or share that it is held against.

    None is unknown. `taken` is what is counted, `start` what a share starts from before that, 0 where the book says nothing, and
    `load` both together. `left` is what a quota leaves, below 0 beyond it; `ratio` is load / share, for a school that is a member
    for a part of the year per that part of its share.
    """

    name: str
    count: str
    of: str
    year_group: int | None
    taken: int | None
    against: int | None
    part_of_year: Fraction = Fraction(1)
    start: int | None = 0
    starts: bool = False  # whether the book says what it starts from

    @property
    def load(self) -> int | None:
        return None if self.start is None or self.taken is None else self.start + self.taken

    @property
    def left(self) -> int | None:
        return None if self.against is None or self.taken is None else self.against - self.taken

    @property
    def ratio(self) -> Fraction | None:
        return Fraction(self.load) / (self.against * self.part_of_year) if self.load is not None and self.against else None


@dataclass(frozen=True, slots=True)
class Turn:
    """The `number` of a school's next turn, from 1, in the book's nth `rota`, from 1; in a year group where each has its own list."""

    rota: int
    of: str
    year_group: int | None
    number: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """One setting: its roll, the share it is measured by, what that starts from, its load, and what it has taken.

    `share`, `start`, `load`, `ratio` and `quota_left` are those of the first share and the first quota of the book, if they count the
    setting as a whole; None elsewhere, where unknown, and outside them. `starts`: the book says what that share starts from.
    `year_counts` are the counts per year group. `measured` are all quotas and shares in the book's order, those per year group for
    every year group of the setting. `turn` is its place in the turn, 0 for never; `rotas` has for each rota of the book whose it is and
    the number of the setting's turn, from 1; `permanent_exclusions` those that it made in the academic year, up to the day.
    """

    urn: str
    name: str
    setting: str
    roll: int | None
    share: int | None
    start: int | None
    load: int | None
    ratio: Fraction | None
    counts: dict[str, int]
    year_counts: dict[str, dict[int, int]]
    quota_left: int | None
    turn: int
    permanent_exclusions: int
    measured: tuple[Measured, ...] = ()
    member_days: tuple[int, int] | None = None
    rotas: tuple[Turn, ...] = ()
    starts: bool = False


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
    told = {**quota_limits(facts, rulebook, evaluate), **starts(facts, rulebook, evaluate)}
    share = next((objective for objective in rulebook.objectives if objective.name == "share"), None)
    quota = next((objective for objective in rulebook.objectives if objective.name == "quota"), None)
    turns = turn_ranks(facts, turning(rulebook, ())[-1])
    lists = tuple(_lists(facts, rulebook, listed(facts, rulebook, evaluate)))
    return Position(
        as_of=as_of,
        academic_year=academic_year(as_of),
        schools=tuple(_standing(urn, facts, rulebook, share, quota, told, turns[urn], lists) for urn in facts.schools),
        permanent_exclusions=whole(facts.panel, "panel.permanent_exclusions"),
        target=whole(facts.panel, "panel.target_permanent_exclusions"),
    )


def _standing(
    urn: str,
    facts: MeetingFacts,
    rulebook: Rulebook,
    share: Objective | None,
    quota: Objective | None,
    told: Mapping[Part, Told],
    turn: int,
    lists: Sequence[tuple[Turn, Mapping[str, int]]],
) -> Standing:
    school = facts.schools[urn]
    roll = school.get("school.roll")
    measured = tuple(_measured(urn, facts, rulebook, told))
    shared = next((one for one in measured if one.name == "share"), None) if share and share.part == "school" else None
    part_year = facts.part_year
    first = next((one for one in measured if one.name == "quota"), None)
    return Standing(
        urn=urn,
        name=str(school["school.name"]),
        setting=str(school["school.setting"]),
        roll=roll if isinstance(roll, int) else None,
        share=shared.against if shared else None,
        start=shared.start if shared else None,
        load=shared.load if shared else facts.taken(share, urn, None) if share and share.part == "school" else None,
        ratio=shared.ratio if shared else None,
        counts={count.id: whole(school, f"school.{count.id}") for count in rulebook.counts if count.per == "school"},
        year_counts={count.id: _of_years(facts, rulebook, urn, count.id) for count in rulebook.counts if count.per == "year_group"},
        quota_left=first.left if first and quota and quota.part == "school" else None,
        turn=turn,
        permanent_exclusions=whole(school, "school.permanent_exclusions"),
        measured=measured,
        member_days=(part_year.days[urn], part_year.of) if part_year and urn in part_year.days else None,
        starts=shared is not None and shared.starts,
        rotas=tuple(replace(turn, number=numbers[urn]) for turn, numbers in lists if urn in numbers and _has(facts, urn, turn.year_group)),
    )


def _of_years(facts: MeetingFacts, rulebook: Rulebook, urn: str, count: str) -> dict[int, int]:
    """What a count comes to in each year group that a setting has, or in which it has counted somebody."""
    known = {year: facts.years.get((urn, year), {}).get(f"year.{count}", 0) for year in rulebook.year_groups}
    return {year: many for year, many in known.items() if isinstance(many, int) and (many or _has(facts, urn, year))}


def _lists(facts: MeetingFacts, rulebook: Rulebook, places: Mapping[tuple[int, str], int]) -> Iterator[tuple[Turn, Mapping[str, int]]]:
    """Each list of turns of the book, and every mainstream setting's number in it."""
    rotas = [(n, objective) for n, objective in enumerate(rulebook.objectives) if objective.name == "rota"]
    for nth, (n, objective) in enumerate(rotas, start=1):
        here = {urn: place for (one, urn), place in places.items() if one == n}
        for year in facts.parts(objective):
            yield Turn(nth, str(objective.of), year), rota(facts, objective, here, year)


def _has(facts: MeetingFacts, urn: str, year_group: int | None) -> bool:
    """Whether a setting is known to have a year group."""
    return year_group is None or bool({"year.pan", "year.on_roll"} & facts.years.get((urn, year_group), {}).keys())


def _measured(urn: str, facts: MeetingFacts, rulebook: Rulebook, told: Mapping[Part, Told]) -> Iterator[Measured]:
    for n, objective in enumerate(rulebook.objectives):
        if objective.name not in ("quota", "share") or facts.schools[urn]["school.setting"] != "mainstream":
            continue
        for year in rulebook.year_groups if objective.part == "year_group" else (None,):
            if not _has(facts, urn, year):
                continue
            number = level if isinstance(level := told.get((n, urn, year)), int) else None
            taken, of = facts.taken(objective, urn, year), str(objective.of)
            if objective.name == "quota":
                yield Measured("quota", objective.count, of, year, taken, number)
                continue
            of_year = facts.part_year.part(urn, objective.count) if facts.part_year else Fraction(1)
            share = facts.share(urn, objective.per, year)
            yield Measured("share", objective.count, of, year, taken, share, of_year, number, objective.starts)
