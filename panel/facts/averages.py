"""What would fall to each mainstream school were a count even: the average of all, and the part of the total that goes by roll.

    average(c)   the panel's total of a count // the number of mainstream schools
    even(c, u)   the panel's total x the roll of u // the rolls of all; of a year group by the rolls and the total of that year group

Both rounded down, as the meeting found them when it opened. A roll is weighed by the days of membership where the count knows
parts of a year, as in a share. Of a count without one roll nothing is known; a year group that a school has not is not asked for.
"""

from __future__ import annotations

from collections.abc import Mapping

from panel import events as ev
from panel.facts.admits import age_fits
from panel.facts.counts import Counts
from panel.facts.part_year import PartYear
from rules.book import Count, Rulebook
from rules.facts import Facts, Value, even_by_roll

Row = dict[str, Value]
Year = tuple[str, int]
"""A URN and a year group."""


def average(taken: list[int]) -> int:
    """The sum of what each has // their number; 0 of none."""
    return sum(taken) // len(taken) if taken else 0


def with_even(
    rulebook: Rulebook,
    counts: Counts,
    schools: Mapping[str, ev.SchoolRecorded],
    rows: Mapping[str, Row],
    years: Mapping[Year, Row],
    part: PartYear | None,
) -> tuple[dict[str, Row], dict[Year, Row]]:
    """The rows of settings and of year groups with school.even_ID_by_roll and year.even_ID_by_roll, where these are known."""
    by_school, by_year = dict(rows), dict(years)
    mainstream = [urn for urn, school in schools.items() if school.setting == "mainstream"]
    rolls = {urn: _roll(rows[urn], "school.roll") for urn in mainstream}
    of_year = {
        year_group: {
            urn: _roll(years.get((urn, year_group), {}), "year.on_roll")
            for urn in mainstream
            if age_fits(schools[urn], year_group) is not False
        }
        for year_group in sorted({year for _, year in years})
    }
    for count in rulebook.counts:
        name = even_by_roll(count.id)
        if count.per == "school":
            total = sum(counts.of(count.id, urn) for urn in mainstream)
            for urn, number in _evened(total, rolls, count, part).items():
                by_school[urn] = {**by_school[urn], f"school.{name}": number}
            continue
        for year_group, there in of_year.items():
            total = sum(counts.of(count.id, urn, year_group) for urn in there)
            for urn, number in _evened(total, there, count, part).items():
                by_year[urn, year_group] = {**by_year[urn, year_group], f"year.{name}": number}
    return by_school, by_year


def _roll(row: Facts, name: str) -> int | None:
    roll = row.get(name)
    return roll if isinstance(roll, int) else None


def _evened(total: int, rolls: Mapping[str, int | None], count: Count, part: PartYear | None) -> dict[str, int]:
    """The parts of a total by weight, each rounded down; none where a roll is unknown, or all are 0."""
    known = {urn: roll for urn, roll in rolls.items() if roll is not None}
    weights = known if part is None else {urn: part.share(roll, urn, count.id) for urn, roll in known.items()}
    whole = sum(weights.values())
    return {urn: total * weight // whole for urn, weight in weights.items()} if whole and len(known) == len(rolls) else {}
