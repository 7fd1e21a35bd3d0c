"""In which year group a pupil is on a day: as it was said of the referral, and one more with every academic year since.

    said      on the day on which the referral was made; and again by a correction of a later academic year, which speaks of its
              own year and of those after it: a pupil who is kept back was in the other year group before
    on a day  what was said last by then, and one more for each 1 September between

It knows no rulebook: whether a panel places pupils of that year group is not asked here.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from panel import events as ev
from panel.state.records import Admission, State
from panel.state.schooldays import academic_year


def year_group_on(made: ev.ReferralMade, day: dt.date) -> int:
    """The year group of a referral's pupil on a day, by everything that was said of it up to that day's academic year."""
    year, on = made.year_group, made.made_on
    for said in made.later_year_groups or ():
        if academic_year(said.on) <= academic_year(day):
            year, on = said.year_group, said.on
    return moved_up(year, on, day)


def in_year(state: State, made: ev.ReferralMade, day: dt.date) -> int:
    """The same as a meeting of that state reads it."""
    return year_group_on(made, day) if state.pupils_move_up else made.year_group


def under(meaning: int, state: State) -> State:
    """The state as a meeting under a meaning of the rules reads it.

    Under meaning 1 a pupil stayed in the year group of the referral, was where a decision sent it from the day that was planned, and
    counted twice where a placement went on as another.
    """
    if meaning > 1:
        return state
    said = {name: held.made.year_group for name, held in state.referrals.items()}
    admissions = (one if one.referral is None else replace(one, year_group=said[one.referral]) for one in state.admissions)
    return replace(state, admissions=tuple(admissions), pupils_move_up=False, as_it_began=False, each_child_once=False)


def moved_up(year_group: int, then: dt.date, now: dt.date) -> int:
    """The year group on another day of a pupil who was in this one on a day."""
    return year_group + academic_year(now) - academic_year(then)


def year_group_there(state: State, admission: Admission, on: dt.date) -> int:
    """The year group in which a pupil takes a place, seen from a day: of one who comes in a later academic year, the one before."""
    ahead = admission.on > on and state.pupils_move_up
    return moved_up(admission.year_group, admission.on, on) if ahead else admission.year_group


def as_said_on(was: ev.ReferralMade, now: ev.ReferralMade, on: dt.date) -> ev.ReferralMade:
    """A referral that was read again with another year group, which is that of a day.

    In an academic year after the referral's it says nothing of the years before: `now` is left as it `was` in them.
    """
    if academic_year(on) <= academic_year(now.made_on):
        return now
    before = now.model_copy(update={"year_group": was.year_group})
    if year_group_on(before, on) == now.year_group:
        return before
    others = [one for one in was.later_year_groups or () if academic_year(one.on) != academic_year(on)]
    said = sorted((*others, ev.YearGroupFrom(on=on, year_group=now.year_group)), key=lambda one: one.on)
    return before.model_copy(update={"later_year_groups": tuple(said)})
