"""By which admissions pupils are at a school on a day, or are still to begin there: what a count `over: at_present` counts.

there     the last that the record says of the pupil, by what really began and was really left (`apart.last_said`)
to begin  decided, and not begun: as on a roll, the place is the pupil's
neither   what broke down or ended in a return, and a pupil who by its age has left the year groups of the book
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import TypeVar

from panel.facts.apart import last_said
from panel.facts.rolls import first_there, is_over
from panel.state.records import Admission, State
from panel.state.year_groups import in_year, moved_up

T = TypeVar("T")


def at_present(state: State, on: dt.date, highest: int) -> Mapping[Admission, int]:
    """Each admission by which a pupil is at a school on a day or is to begin there, with the pupil's year group on that day."""
    cases = _by_pupil((held.made.pupil, held) for held in state.referrals.values())
    exclusions = _by_pupil((one.pupil, one) for one in state.exclusions)
    found: dict[Admission, int] = {}
    for pupil, admissions in _by_pupil((one.pupil, one) for one in state.admissions).items():
        lasting = [(first_there(state, one), one) for one in admissions if not is_over(state, one)]
        began = [(day, one) for day, one in lasting if day is not None]
        there = (last_said(cases.get(pupil, ()), exclusions.get(pupil, ()), began) or {}).values()
        for one in (*(one for day, one in lasting if day is None), *there):
            if one is not None and not one.failed and (year := _year_group(state, one, on)) <= highest:
                found[one] = year
    return found


def _by_pupil(rows: Iterable[tuple[str, T]]) -> dict[str, list[T]]:
    found: dict[str, list[T]] = {}
    for pupil, row in rows:
        found.setdefault(pupil, []).append(row)
    return found


def _year_group(state: State, admission: Admission, on: dt.date) -> int:
    """The year group of the pupil of an admission on a day."""
    if admission.referral is not None:
        return in_year(state, state.referrals[admission.referral].made, on)
    return moved_up(admission.year_group, admission.on, on) if state.pupils_move_up else admission.year_group
