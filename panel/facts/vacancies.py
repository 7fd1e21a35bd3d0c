"""How many vacancies there are for a pupil, over the mainstream schools that could receive this one, and how far it is to the nearest.

    s            a mainstream school that `near` ranks for the pupil; a selective one unless the pupil has not reached its standard
    left(s)      max(0, PAN(s, y) - on roll(s, y)) in the pupil's year group y
    vacancies    sum over s of left(s)
    metres       min over s with left(s) > 0 of metres(s)

It knows no rule: what a rulebook closes, or a vote exempts, has its vacancies all the same. A meeting takes up none of them: they stay
as they were when it opened.
"""

from __future__ import annotations

from collections.abc import Mapping

from panel import events as ev
from panel.facts.near import could_receive
from panel.state.records import Referral, State
from rules.facts import Value

Schools = Mapping[str, ev.SchoolRecorded]
Years = Mapping[tuple[str, int], Mapping[str, Value]]


def vacancies(state: State, referral: Referral, schools: Schools, years: Years, year_group: int) -> dict[str, Value | None]:
    """The vacancies and the metres to the nearest; None where the PAN or the roll of one school, or one of the ways, is unknown."""
    left: dict[str, int] = {}
    for urn in could_receive(state, referral, schools, year_group):
        if schools[urn].setting != "mainstream" or _standard_not_reached(schools[urn], referral):
            continue
        row = years.get((urn, year_group), {})
        pan, taken = row.get("year.pan"), row.get("year.on_roll")
        if not isinstance(pan, int) or not isinstance(taken, int):
            return {}
        left[urn] = max(0, pan - taken)
    ways = state.journeys.get(referral.made.pupil, {})
    metres = [ways[urn].metres if urn in ways else None for urn, number in left.items() if number]
    known = [far for far in metres if far is not None]
    return {"vacancies_in_year": sum(left.values()), "metres_to_vacancy": min(known) if known and len(known) == len(metres) else None}


def _standard_not_reached(school: ev.SchoolRecorded, referral: Referral) -> bool:
    return school.selective is True and referral.case.meets_selection is False
