"""What of a case is sealed, as far as a clock of a book goes by it: what is shared outside may not tell it.

A fact of the referral is sealed unless it is named here as open, so that a new one is not told by mistake.
"""

from __future__ import annotations

from typing import Final

from rules.book import Clock, Rulebook
from rules.facts import OF_THE_SENDER, PAPER_EVENT
from rules.reach import reached

OPEN: Final = frozenset(
    {
        *("referral.kind", "referral.permanently_excluded", "referral.year_group", "referral.past_highest_year"),
        *("referral.made_on", "referral.accepted_on", "referral.days_since_made", "referral.waiting", "referral.deferred_times"),
        *("referral.parent_agrees", "referral.pupil_agrees", "referral.home_school_agrees", "referral.sharing_agreed"),
        *("referral.days_since_parent_agreed", "referral.days_since_pupil_agreed", "referral.days_since_excluded"),
        *("referral.has_home_school", "referral.home_school_closing", "referral.nth_of_home_school", "referral.vacancies_in_year"),
        "referral.schools_that_did_not_agree",
    }
)
"""The facts of a referral that follow from the open part of the record alone."""

SEALED_EVENTS: Final = frozenset({"conversation.held", "education.stopped"})
"""The events whose days stand in the sealed part of a referral; besides those of its papers."""


def tells_what_is_sealed(rulebook: Rulebook, clock: Clock) -> bool:
    """Whether that a clock runs for a case, or since when, tells something that is sealed of it."""
    if any(event in SEALED_EVENTS or event.startswith(PAPER_EVENT) for event in (*clock.from_, *clock.until)):
        return True
    derived = {one.fact.name for one in rulebook.derived}
    return any(_sealed(rulebook, name) for name in reached(rulebook, clock.rule.condition) if name not in derived)


def _sealed(rulebook: Rulebook, name: str) -> bool:
    """Whether a fact of the program is sealed; a count at the home school is where it asks what the pupils are, or weighs it."""
    if name in OPEN or not name.startswith("referral."):
        return False
    counts = (count for count in rulebook.counts if count.where is None and count.weigh == "heads")
    return name not in {f"{OF_THE_SENDER}{count.id}" for count in counts}
