"""Whether a setting takes pupils like this one: the kind of setting, the age, and for whom a single-sex school is.

It knows no rule: what follows where a setting does not, or where nobody has said, is for the rulebook.
"""

from __future__ import annotations

from panel import events as ev
from panel.state.records import Referral, State
from rules.facts import YEAR_GROUPS


def admits(state: State, school: ev.SchoolRecorded, referral: Referral, year_group: int) -> bool | None:
    """Whether the setting takes pupils like this one, who is of a year group by now; None where the record does not say."""
    fits = age_fits(school, year_group)
    if fits is None and year_group < YEAR_GROUPS[0] and (school.urn, year_group) in state.years:
        fits = True  # somebody has counted that year group there
    answers = (school.setting in referral.case.suited, fits, _intake_fits(school, referral.case))
    if False in answers:
        return False
    return None if None in answers else True


def age_fits(school: ev.SchoolRecorded, year_group: int) -> bool | None:
    """Whether it has pupils of a year group; None where the record does not say. Year y turns y + 5 in the year; year 7 begins at 11.

    A register that gives 5 as the lowest age leaves open whether there is a reception class, which begins at 4. Without ages, a
    primary school may be an infant or a junior one.
    """
    if school.low_age is not None and school.high_age is not None:
        if year_group == 0 and school.low_age == 5:
            return None
        return school.low_age <= year_group + 4 and year_group + 5 <= school.high_age
    if year_group < YEAR_GROUPS[0]:
        return False if school.phase == "Secondary" else None
    if school.phase in ("Secondary", "All-through") or school.setting != "mainstream":
        return year_group in YEAR_GROUPS
    return None


def _intake_fits(school: ev.SchoolRecorded, case: ev.ReferralCase) -> bool | None:
    if school.intake in (None, "mixed"):
        return True
    return None if case.single_sex_schools is None else case.single_sex_schools == school.intake
