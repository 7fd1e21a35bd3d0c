"""A case that comes back: the referral that follows one whose placement broke down, or is to go on as another.

It knows its history: the same pupil, the case as it was told, where the pupil is on roll now. What was true only of the
earlier case is left out, not guessed on: agreements, the conversation, what the other school tried, this year's attendance,
an offer that was refused. It reads the state and writes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from panel import events as ev
from panel.errors import Refused
from panel.state.open_cases import open_cases
from panel.state.records import Referral, State
from panel.state.year_groups import year_group_on


def next_name(state: State, name: str) -> str:
    """The reference of a case that comes back: the first one's, and a number from 2."""
    first = name
    while (before := state.referrals[first].made.follows) is not None and before in state.referrals:
        first = before
    n = 2
    while f"{first}-{n}" in state.referrals:
        n += 1
    return f"{first}-{n}"


def follow_up(
    state: State, held: Referral, *, name: str, kind: ev.Kind, on: dt.date, returned: bool, year_groups: Collection[int]
) -> ev.ReferralMade:
    """The referral that follows one, made on a day. `returned`: the pupil is on the roll of the home school alone, or as well.

    Raises `Refused` where it cannot be put to the panel.
    """
    made, decision = held.made, held.decision
    if decision is None or decision.school is None:
        raise AssertionError("only a placement comes back")
    if name in state.referrals:
        raise Refused(f"There is a referral {name} already. Name another one with --as.")
    other = open_cases(state.referrals, but=made.referral).get(made.pupil)
    if other is not None:
        raise Refused(f"{other.referral} of the same pupil {other.stands}; there is one open case for each pupil. {other.advice}")
    if held.erased_by:
        erased = f"The case of {made.referral} was erased (entry {held.erased_by}), so it cannot come back."
        raise Refused(f"{erased} Refer the pupil anew with `pastoral refer`.")
    year_group = year_group_on(made, on)
    if year_group not in year_groups:
        raise Refused(
            f"The pupil is of year {year_group} by {on}; this panel places pupils of years {min(year_groups)} to {max(year_groups)}."
        )
    home = (made.home_school or decision.school) if returned else decision.school
    newly = kind == "permanent_exclusion" and made.referral_kind != "permanent_exclusion"
    excluded_by = home if newly else (made.excluded_by or made.home_school) if made.permanently_excluded else made.excluded_by
    return ev.ReferralMade(
        referral=name,
        pupil=made.pupil,
        referral_kind=kind,
        permanently_excluded=newly or made.permanently_excluded,
        year_group=year_group,
        home_school=home,
        excluded_by=excluded_by,
        made_on=on,
        follows=made.referral,
        case=_case(held, home),
    )


def _case(held: Referral, home: str) -> ev.ReferralCase | None:
    """The case as it was told, less what was true of the earlier one alone; and the schools that the pupil was at."""
    made = held.made
    if made.case is None:
        return None
    forgotten: dict[str, object] = {
        "conversation_on": None,
        "attendance": None,
        "suspended_days": None,
        "suitable_offer_refused": None,
        "out_of_education_since": None,
        "papers": None,
    }
    if home != made.home_school:
        forgotten |= {"interventions_evidenced": None, "from_alternative_provision": None}
    attended = dict.fromkeys((*(made.case.attended or ()), *((made.home_school,) if made.home_school and made.home_school != home else ())))
    return made.case.model_copy(update={**forgotten, "on_a_roll": True, "attended": tuple(attended) or None})
