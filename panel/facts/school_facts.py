"""State -> the facts of each setting, as they stand on the meeting's day.

What is unknown is absent: nothing is guessed. It looks at no pupil by itself and evaluates no rule.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from panel import events as ev
from panel.facts.counts import Counts
from panel.facts.of_schools import asked_by_the_book
from panel.facts.phases import of_phases
from panel.facts.rolls import occupied
from panel.facts.taking_part import meetings_missed, refusals
from panel.state.records import State
from panel.state.schooldays import academic_year
from rules.book import Rulebook
from rules.facts import Value


def school_facts(
    state: State, rulebook: Rulebook, counts: Counts, schools: Mapping[str, ev.SchoolRecorded], on: dt.date
) -> dict[str, dict[str, Value]]:
    """URN -> the facts `school.*` on the day `on`; what is unknown is absent."""
    refused, missed = refusals(state, on), meetings_missed(state, rulebook, on)
    rows: dict[str, dict[str, Value]] = {}
    for urn, school in schools.items():
        facts = {**_of(state, rulebook, counts, school, on), "refusals": refused[urn], "meetings_missed": missed[urn]}
        facts |= {**asked_by_the_book(rulebook, school), **of_phases(state, rulebook, school, on)}
        rows[urn] = {f"school.{name}": value for name, value in facts.items() if value is not None}
    return rows


def _of(state: State, rulebook: Rulebook, counts: Counts, school: ev.SchoolRecorded, on: dt.date) -> dict[str, Value | None]:
    this_year = academic_year(on)
    opened_on = state.began.get(school.urn, school.opened_on)
    facts: dict[str, Value | None] = {
        "name": school.name,
        "setting": school.setting,
        "roll": school.roll,
        "places": school.places,
        "occupied": occupied(state, school.urn),
        "agreed_number": school.agreed_number,
        "share_weight": school.share_weight,
        "rota_place": school.rota_place,
        "special_measures": school.special_measures,
        "selective": school.selective,
        "closing": school.closing,
        "federation": school.federation,
        "ofsted": school.ofsted,
        "years_open": None if opened_on is None else max(0, this_year - academic_year(opened_on)),
        "opened_this_year": opened_on is not None and academic_year(opened_on) == this_year,
        "head_in_first_term": school.head_in_first_term,
        "permanent_exclusions": sum(e.school == school.urn and academic_year(e.on) == this_year and e.on <= on for e in state.exclusions),
    }
    facts.update({count.id: counts.of(count.id, school.urn) for count in rulebook.counts if count.per == "school"})
    return facts
