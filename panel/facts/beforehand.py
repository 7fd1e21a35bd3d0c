"""What a pupil of the agenda weighs before anybody is placed: by its referral, as its placement would be in the record.

It evaluates through the function it is handed.
"""

from __future__ import annotations

from collections.abc import Callable

from rules.beforehand import beforehand
from rules.book import Rulebook
from rules.evaluate import AdmissionReading
from rules.facts import FOR_GOOD, Facts, Value
from rules.lifecycle import for_good

Read = Callable[[Facts], AdmissionReading]
"""Facts of one admission -> which counts take it in, and its points."""


def as_admission(facts: Facts, rulebook: Rulebook) -> dict[str, Value]:
    """What a referral's placement by the panel would be in the record, as far as it is known beforehand."""
    return {FOR_GOOD: for_good(rulebook.lifecycle, str(facts["referral.kind"])), **beforehand(facts)}


def points_of(facts: Facts, rulebook: Rulebook, read: Read) -> int | None:
    """What the tariff gives to a placement of the pupil; None where a line of it cannot tell."""
    return read(as_admission(facts, rulebook)).known_points
