"""How a school took part in this academic year, by the record: decisions that it did not agree to, and meetings that it missed.

    refusals         by the day of the decision
    meetings missed  closed meetings, of which it is recorded who came, at which the school was a member and is not among them

It judges nobody, and says nothing of whether a meeting stands.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Final

from panel.state.records import Referral, State
from panel.state.schooldays import academic_year
from rules.book import Rulebook

MEMBERS: Final = ("mainstream", "special", "pru")
"""Who is a member where the book does not say: every setting but the inclusion centres, which are part of a school."""


def refusals(state: State, on: dt.date) -> Counter[str]:
    """School -> the decisions of the academic year to which it did not agree."""
    year = academic_year(on)
    return Counter(
        school
        for held in state.referrals.values()
        if held.refusals
        for school, decided_on in _refused(held)
        if academic_year(decided_on) == year and decided_on <= on
    )


def _refused(held: Referral) -> list[tuple[str, dt.date]]:
    """Each school that did not agree, with the day of the decision that it was asked about."""
    schools, days, decided_on = iter(held.refusals), list[dt.date](), held.made.made_on
    for one in held.happened:
        if one.event == "decision.taken":
            decided_on = one.on
        elif one.event == "receiving_school.refused":
            days.append(decided_on)
    return list(zip(schools, days, strict=True))


def meetings_missed(state: State, rulebook: Rulebook, on: dt.date) -> Counter[str]:
    """School -> the meetings of the academic year that it missed. Schools that go on as another are that one."""
    members, year, missed = rulebook.meeting.get("members") or MEMBERS, academic_year(on), Counter[str]()
    for meeting in state.meetings:
        if meeting.closed and meeting.attended and meeting.on <= on and academic_year(meeting.on) == year:
            froze = (meeting.opened.shared or {}).get("schools", {})
            seats = {state.successors.get(urn, urn) for urn, row in froze.items() if row["school.setting"] in tuple(members)}  # type: ignore[arg-type]
            missed.update(seats - {state.successors.get(urn, urn) for urn in meeting.attended})
    return missed
