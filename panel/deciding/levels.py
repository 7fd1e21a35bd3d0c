"""What quotas, shares and rotas go by at each setting, and at each year group of it, when a meeting opens.

It places nobody. A setting of which something is not known has what is lacking in the place of its number.

    limit    what a quota holds its count against
    load     what a share begins with: what its count has, and what the book starts it from
    listed   where a rota lists a school, as long as claims are equal
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from panel.facts.candidates import MeetingFacts
from rules.book import Objective, Rulebook
from rules.facts import Facts
from rules.reach import measure

Part = tuple[int, str, int | None]
"""The place of a quota or share among the book's objectives, a URN, and a year group, or None for the whole setting."""

Told = int | tuple[str, ...]
"""A number, or the facts that it lacks."""


class Levels(Protocol):
    """What the rules of one book say of the quotas and shares at a setting."""

    def levels(self, facts: Facts, /) -> Mapping[int, Told]: ...


def quota_limits(facts: MeetingFacts, rulebook: Rulebook, evaluate: Levels) -> Mapping[Part, Told]:
    """The limit of each quota at each setting that it counts, or the facts that it lacks, the number counted among them."""
    return {
        (n, urn, year): (objective.counted,) if facts.taken(objective, urn, year) is None else told
        for (n, urn, year), objective, told in _each("quota", facts, rulebook, evaluate)
    }


def starts(facts: MeetingFacts, rulebook: Rulebook, evaluate: Levels) -> Mapping[Part, Told]:
    """What each share starts from at each setting that it counts, before anything is counted; 0 where the book says nothing."""
    return {part: told for part, _, told in _each("share", facts, rulebook, evaluate)}


def loads(facts: MeetingFacts, rulebook: Rulebook, evaluate: Levels) -> Mapping[Part, Told]:
    """What each share begins with at each setting that it counts, or all the facts that it lacks, those that measure it first."""
    found: dict[Part, Told] = {}
    for (n, urn, year), start in starts(facts, rulebook, evaluate).items():
        objective = rulebook.objectives[n]
        taken = facts.taken(objective, urn, year)
        lacking = tuple(_lacking(objective, urn, year, facts, start))
        found[n, urn, year] = lacking if lacking or taken is None or isinstance(start, tuple) else start + taken
    return found


def listed(facts: MeetingFacts, rulebook: Rulebook, evaluate: Levels) -> Mapping[tuple[int, str], int]:
    """Where each rota that has a list has each setting on it, by the rota's place among the objectives and the URN; where that is known."""
    rotas = [n for n, one in enumerate(rulebook.objectives) if one.has_a_list]
    told = {urn: evaluate.levels(facts.setting_row(urn, None)) for urn in facts.mainstream()} if rotas else {}
    return {(n, urn): number for urn, numbers in told.items() for n in rotas if isinstance(number := numbers[n], int)}


def _lacking(objective: Objective, urn: str, year_group: int | None, facts: MeetingFacts, start: Told) -> Iterator[str]:
    """The facts for want of which a share cannot measure a setting, or a year group of it."""
    if facts.share(urn, objective.per, year_group) is None:
        yield from measure(objective)
    if facts.taken(objective, urn, year_group) is None:
        yield objective.counted
    if isinstance(start, tuple):
        yield from start


def _each(name: str, facts: MeetingFacts, rulebook: Rulebook, evaluate: Levels) -> Iterator[tuple[Part, Objective, Told]]:
    """Of all quotas, or all shares: what the book says at each setting, for the days of membership that a count knows."""
    parts = {n: facts.parts(one) for n, one in enumerate(rulebook.objectives) if one.name == name}
    years = dict.fromkeys(year for part in parts.values() for year in part)
    for urn in facts.mainstream() if parts else ():
        told = {year: evaluate.levels(facts.setting_row(urn, year)) for year in years}
        for n, part in parts.items():
            objective = rulebook.objectives[n]
            for year in part:
                number = told[year][n]
                if isinstance(number, int) and facts.part_year is not None:
                    number = facts.part_year.whole(number, urn, objective.count)
                yield (n, urn, year), objective, number
