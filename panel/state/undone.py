"""What undid a decision of the panel, in words: who did not agree to it, or took back that a move be looked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from panel.state.records import Referral


def undone_by(held: Referral) -> str:
    """What undid the latest decision of a case, to follow the school's name; nothing where nothing did."""
    taken = max((one.seq for one in held.happened if one.event == "decision.taken"), default=0)
    since = (one.event for one in held.happened if one.seq > taken > held.decision_seq)
    return next((said for event in since if (said := UNDONE.get(event))), "")


UNDONE: Final[Mapping[str, str]] = {
    "receiving_school.refused": "which did not agree",
    "family.refused": "to which the family did not agree",
    "partner.refused": "to which a partner did not agree",
    "board.declined": "and the governing board did not follow its advice",
    "parent.withdrew": "and the parent took the agreement to look for a move back",
    "pupil.withdrew": "and the pupil took the agreement to look for a move back",
    "home_school.withdrew": "and the home school took the agreement to look for a move back",
}
