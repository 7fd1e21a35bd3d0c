"""Claims for travel: whether one may be recorded for a placement, beside those that were.

It knows no budget and no journey: what a claim is held against is for `transport.py`.
"""

from __future__ import annotations

import datetime as dt

from panel.state.records import Referral
from panel.state.schooldays import academic_year


def against(held: Referral, first: dt.date, last: dt.date) -> str:
    """Why travel from a day to a day, both included, cannot be claimed for a referral; nothing where it can."""
    name, decision = held.made.referral, held.decision
    if held.status != "decided" or decision is None:
        return f"{name} is {held.status}; travel is claimed for a placement that was decided"
    if last < first:
        return f"until: found {last}, before {first}, the first day; wanted the same day or a later one"
    if academic_year(first) != academic_year(last):
        return f"{first} and {last} lie in two academic years; each year's days are claimed by themselves"
    begins = held.started or decision.starts
    if begins is not None and first < begins:
        return f"from: found {first}; wanted {begins} or later, the first day at {decision.school}"
    for before in held.claims:
        if first <= before.last and before.first <= last:
            return f"{before.first} to {before.last} was claimed for {name} already ({before.pence} pence, on {before.on})"
    return ""
