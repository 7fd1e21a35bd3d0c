"""What goes with the panel's word on one referral: what it sets aside, and how full the year group then is.

The same for the meeting that records it and for the replay that checks it. It records nothing and refuses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from panel.deciding.casework import Casework, Verdict
from panel.facts.candidates import MeetingFacts
from rules.book import Rulebook


def over_number(facts: MeetingFacts, casework: Casework, taken: Mapping[str, str], urn: str, year_group: int) -> int | None:
    """Pupils above PAN in the year group once everybody in `taken`, referral -> URN, is there; None where the record does not say."""
    year = facts.years.get((urn, year_group), {})
    pan, on_roll = year.get("year.pan"), year.get("year.on_roll")
    if not isinstance(pan, int) or not isinstance(on_roll, int):
        return None
    coming = [casework.hearings[name] for name, school in taken.items() if school == urn]
    came = sum(hearing.year_group == year_group and hearing.here != urn for hearing in coming)
    return max(0, on_roll + came - pan)


def set_aside(verdict: Verdict, full: Sequence[str]) -> tuple[str, ...]:
    """The bars, limits and doubts that stand between a referral and a school; `full`: limits that leave no seat."""
    return (*verdict.bars, *full, *(doubt.rule for doubt in verdict.doubts))


def standing_fast(rules: Iterable[str], rulebook: Rulebook) -> tuple[str, ...]:
    """Those among the rules that nobody may waive."""
    waivable = {rule.id: rule.waivable for rule in rulebook.bars} | {limit.id: limit.waivable for limit in rulebook.limits}
    return tuple(rule for rule in rules if not waivable[rule])
