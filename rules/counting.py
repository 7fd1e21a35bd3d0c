"""A count as a book writes it: what becomes of placements that are over, and which of its keys have nothing to do with each other.

It counts nothing; `panel/facts/counts.py` does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from rules.book import Fate, Span
from rules.edition import Edition
from rules.errors import Fault
from rules.facts import FOR_GOOD, NEVER_WEIGHED, OF_THE_SENDER, Fact, count_facts
from rules.lifecycle import Numbers
from rules.shape import CountShape
from rules.yaml_text import Path

OWN: Final = ("own_referrals",)
SENT: Final = ("own_referrals_placed",)
NO_PLACEMENT: Final = "A referral is no placement: it takes no place in a year group, has no end, and is one case whatever it weighs."
UNDECIDED: Final = "A referral that nobody has decided has no such thing."
TELLS: Final = "The number of a case would tell it of the child. To spare such cases write it in the hold: `unless: referral.looked_after`."
NOT_OF_A_REFERRAL: Final[Mapping[str, str]] = {
    **dict.fromkeys(("admission.by_panel", "admission.over_number", FOR_GOOD), UNDECIDED),
    **dict.fromkeys((*sorted(NEVER_WEIGHED), "admission.behaviour_is_primary_need"), TELLS),
}
"""What the `where` of a count of referrals may not ask, and why."""
NUMBER_OF_A_CASE: Final = (
    "the number of this case among those that the book's count {} takes in of the school that made it, in the order of the record: 1 for "
    "the first; 0 where it takes in others only"
)
SPANS: Final = "academic_year, 2 academic_years (up to 9), term, for_ever, or a number of weeks such as 6 weeks"
"""How far back a count may look that is not of who is there."""
IS_THERE: Final = "Who has left, or whose placement broke down, is not there, and is not counted."


def span_of(over: str) -> Span:
    """How far back a count looks."""
    match over:
        case "academic_year" | "term" | "for_ever" | "at_present":
            return Span(over)
        case _:
            number, _, unit = over.partition(" ")
            return Span("academic_years", years=int(number)) if unit == "academic_years" else Span("weeks", int(number))


def fate_of(edition: Edition, path: Path, said: str, numbers: Numbers) -> Fate:
    """What becomes of a placement that is over; where its length cannot be read, which is then told, it is kept."""
    within = said.removeprefix("drop within ")
    if within == said:
        return Fate(drop=said == "drop")
    length = numbers.length(edition, path, within)
    return Fate(drop=length is not None, within=length)


def as_facts(name: str, shape: CountShape) -> Iterator[Fact]:
    """The facts that a count adds; of one of referrals the number of a case, which is always known."""
    for fact in count_facts([(name, shape.per)]):
        own = "own_referrals" in shape.of and fact.name.startswith(OF_THE_SENDER)
        yield replace(fact, low=0, optional=False, meaning=NUMBER_OF_A_CASE.format(name)) if own else fact


def at_odds(edition: Edition, path: Path, shape: CountShape) -> Iterator[Fault]:
    """Keys that mean nothing beside what the count is of, or over."""
    if "own_referrals" in shape.of:
        yield from _of_referrals(edition, path, shape)
    elif "own_referrals_placed" in shape.of:
        yield from _of_those_sent(edition, path, shape)
    elif shape.over == "at_present":
        for key in ("broken_down", "left"):
            if key in shape.model_fields_set:
                yield _needless(edition, path, key, "over: at_present", IS_THERE)


def _of_referrals(edition: Edition, path: Path, shape: CountShape) -> Iterator[Fault]:
    if shape.of != OWN:
        advice = "A count is of pupils who came to a school, or of the referrals that it made: define two counts, and add them in a rule."
        yield edition.fault((*path, "of"), found=f"of: {', '.join(shape.of)}", wanted="own_referrals by itself", advice=advice)
    unusual = [key for key, usual in (("per", "school"), ("weigh", "heads")) if getattr(shape, key) != usual]
    for key in (*(one for one in ("minus", "plus", "broken_down", "left") if one in shape.model_fields_set), *unusual):
        yield _needless(edition, path, key, "of: own_referrals", NO_PLACEMENT)
    if shape.over == "at_present":
        found = "over: at_present with of: own_referrals"
        yield edition.fault((*path, "over"), found=found, wanted=SPANS, advice="A referral counts by the day on which it was made.")
    for fact, advice in NOT_OF_A_REFERRAL.items():
        if any(re.search(rf"{re.escape(fact)}\b", line) for line in shape.where or ()):
            yield edition.fault((*path, "where"), found=f"{fact} with of: own_referrals", wanted="another fact, or none", advice=advice)


def _of_those_sent(edition: Edition, path: Path, shape: CountShape) -> Iterator[Fault]:
    """A count at the school that sent has nothing to do with who came there, and counts nobody twice."""
    if shape.of != SENT:
        others = ", ".join(one for one in shape.of if one not in SENT)
        advice = f"Those who came and those who were sent, together, are `of: {others}` with `plus: [own_referrals_placed]`."
        yield edition.fault((*path, "of"), found=f"of: {', '.join(shape.of)}", wanted="own_referrals_placed by itself", advice=advice)
    for key in (one for one in ("minus", "plus") if one in shape.model_fields_set):
        yield _needless(edition, path, key, "of: own_referrals_placed", "It counts those pupils already.")
    if shape.over == "at_present":
        found = "over: at_present with of: own_referrals_placed"
        yield edition.fault(
            (*path, "over"), found=found, wanted=SPANS, advice="Who was sent is elsewhere: it counts by the first day there."
        )


def _needless(edition: Edition, path: Path, key: str, beside: str, advice: str) -> Fault:
    return edition.fault((*path, key), found=f"`{key}` with {beside}", wanted=f"no `{key}`", advice=advice)
