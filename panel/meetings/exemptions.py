"""How long a vote of the panel may exempt a school: by the `meeting` of the rulebook in force on the first day.

It reads no vote and judges no meeting: whether the vote carried is for `standing.py`.
"""

from __future__ import annotations

import datetime as dt

from panel.state.lifecycle import after
from panel.state.schooldays import Terms
from rules.book import Rulebook
from rules.lengths import length_in

DAY = dt.timedelta(days=1)


def too_long(rulebook: Rulebook, first: dt.date, last: dt.date, terms: Terms) -> str:
    """Why an exemption may not last from a day to a day, both included; nothing where it may."""
    asked = rulebook.meeting.get("exemption")
    if not isinstance(asked, str):
        return ""
    most = after(length_in(asked), first - DAY, terms)
    by = f"which {rulebook.name} of {rulebook.edition} lets a vote exempt a school at the longest"
    if most is None:
        untold = f"the last of {asked} from {first}, {by}, at the latest: that cannot be told"
        return f"--until: found {last}; wanted {untold}. Load the terms: `pastoral load terms FILE`."
    again = "A new vote may follow it."
    return f"--until: found {last}; wanted {most} at the latest, the last of {asked} from {first}, {by}. {again}" if last > most else ""
