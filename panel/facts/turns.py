"""When each school had its last turn, for whatever an objective calls a turn.

    a turn      a placement by the panel that stands: decided, and neither refused nor withdrawn since, or loaded as history
    its day     the first day that was decided
    its list    the year group in which the pupil took the place, where each year group has its own list: who moves up afterwards
                leaves the turn where it was taken. Of one who comes after the summer it is, until then, the year group before

It numbers no turns and places nobody.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from panel.errors import Refused
from panel.facts.counts import dropped, no_end
from panel.facts.doubts import Doubt, told
from panel.state.records import Admission, State
from panel.state.schooldays import Terms
from panel.state.stays import goes_on
from panel.state.year_groups import year_group_there
from rules.book import Rulebook
from rules.turns import Turns, turns_of


def turning(rulebook: Rulebook, year_groups: Iterable[int]) -> tuple[Turns, ...]:
    """Whose placements are turns: everybody's, and those that an objective of the book looks at, in each of these year groups."""
    years = tuple(year_groups)
    asked = (
        turns_of(objective, year)
        for objective in rulebook.objectives
        if objective.by_turns
        for year in (years if objective.part == "year_group" else (None,))
    )
    return tuple(dict.fromkeys((Turns(), *asked)))


def last_turns(
    state: State, rulebook: Rulebook, on: dt.date, year_groups: Iterable[int], agenda: Collection[str] = ()
) -> Mapping[str, Mapping[str, dt.date]]:
    """Which turns -> the day of each school's last, as it stands on a day; a school that never had one is absent.

    A placement that went on as another at the same school is one turn with it; one that a case of its agenda is to take up is none yet.
    Raises `Refused` naming every placement of which cannot be told whether it was a school's last turn.
    """
    faults: dict[Doubt, None] = {}
    found = {str(turns): _last(_each_once(state, turns, agenda), turns, on, faults) for turns in turning(rulebook, year_groups)}
    if faults:
        raise Refused("Some placements in the record do not say enough to tell whether they were a turn.", told(faults, state))
    return found


def _each_once(state: State, turns: Turns, agenda: Collection[str]) -> State:
    """The state without the placements whose turn is the later one's, as which they went on."""
    terms = Terms.of(state.terms)
    stand = {one.referral for one in state.admissions if dropped(turns, one, terms) is False}
    asked = {name: held for name, held in goes_on(state).items() if held.made.referral in stand or held.made.referral in agenda}
    before = {name for name, held in asked.items() if turns.of.has(held.made.referral_kind, held.made.permanently_excluded)}
    return replace(state, admissions=tuple(one for one in state.admissions if one.referral not in before))


def _last(state: State, turns: Turns, on: dt.date, faults: dict[Doubt, None]) -> dict[str, dt.date]:
    terms = Terms.of(state.terms)
    last: dict[str, dt.date] = {}
    unsure: list[Admission] = []
    for admission in state.admissions:
        if not _is_one(state, turns, admission, on) or (out := dropped(turns, admission, terms)):
            continue
        if out is None:
            unsure.append(admission)
        else:
            last[admission.school] = max(admission.on, last.get(admission.school, admission.on))
    # One that a certain turn has followed since cannot be the last, whatever became of it.
    late = (one for one in unsure if one.school not in last or one.on > last[one.school])
    faults.update(dict.fromkeys(no_end("its turn", turns, one) for one in late))
    return dict(sorted(last.items()))


def _is_one(state: State, turns: Turns, admission: Admission, on: dt.date) -> bool:
    """Whether an admission is a placement of those whose turns they are, however it ended."""
    whom = admission.by_panel and turns.of.has(admission.kind, admission.permanently_excluded)
    return whom and turns.year_group in (None, year_group_there(state, admission, on))
