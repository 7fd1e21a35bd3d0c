"""Which limits have the seat of a pupil already, who is at a setting by a placement that the case may make last. It judges no rule."""

from __future__ import annotations

from panel.facts.candidates import MeetingFacts, whole
from rules.book import Rulebook


def seated_at(urn: str, facts: MeetingFacts, rulebook: Rulebook, referral: str, points: int) -> frozenset[str]:
    """The limits that have the seat of a pupil already who is at that setting, and weighs so much; none at any other."""
    already = facts.already.get(referral)
    if already is None or already.school != urn:
        return frozenset()
    year_group = whole(facts.referrals[referral], "referral.year_group")
    return frozenset(limit.id for limit in rulebook.limits if already.has(limit, rulebook, year_group, points))
