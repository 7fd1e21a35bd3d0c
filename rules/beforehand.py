"""What a referral says of its placement before there is one: the facts that the record will have of it, and why its weight is unknown.

It weighs nobody; `evaluate.py` does. What no referral can say beforehand is unknown.
"""

from __future__ import annotations

from rules.book import Rulebook
from rules.facts import AS_A_REFERRAL, AS_AN_ADMISSION, POINTS_GIVEN, Fact, Facts, Value
from rules.lacking import lacking


def beforehand(facts: Facts) -> dict[str, Value]:
    """The facts `admission.*` of a placement by the panel, as far as the facts of its referral say them."""
    return {"admission.by_panel": True, **{to: facts[name] for name, to in AS_AN_ADMISSION.items() if name in facts}}


def of_the_case(fact: Fact, rulebook: Rulebook) -> Fact:
    """The fact of the referral that says beforehand what a fact of its placement will be; that itself where no referral says it."""
    return rulebook.facts.get(AS_A_REFERRAL.get(fact.name, ""), fact)


def unweighed(rulebook: Rulebook, facts: Facts) -> tuple[str, ...]:
    """The facts of a referral for want of which a line of the tariff cannot tell; none where its points are given."""
    row = beforehand(facts)
    if POINTS_GIVEN in row:
        return ()
    found = dict.fromkeys(name for line in rulebook.tariff for name in lacking(line.condition, row, {}))
    return tuple(AS_A_REFERRAL.get(name, name) for name in found)
