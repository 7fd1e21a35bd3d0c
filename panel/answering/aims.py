"""What each objective makes as small as it can be, in a few words. It weighs nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rules.audience import EVERYBODY
from rules.book import Objective, Rulebook

OBJECTIVES: Final[Mapping[str, str]] = {
    "place": "pupils left without a place",
    "waiting": "school days waited by those left out",
    "together": "pairs parted who are to be together",
    "quota": "pupils beyond a school's quota",
    "share": "the most loaded schools for their size",
    "tier": "the order of approach",
    "preference": "the families' choices",
    "journey": "metres travelled",
    "longest_ago": "whose turn was longest ago",
    "rota": "the order of turns",
    "transport": "pence a year for transport",
    "case_by_case": "the cases in the order of their days",
    "ticket": "the draw, between pupils",
    "lottery": "the draw, between schools",
}


def in_short(name: str, rulebook: Rulebook) -> str:
    """What the book's objective of that name makes small; where it has several, of other pupils or by other facts, each of them."""
    those = [objective for objective in rulebook.objectives if objective.name == name]
    return " or ".join(dict.fromkeys(aim_of(objective) for objective in those)) or OBJECTIVES[name]


def aim_of(objective: Objective) -> str:
    """The same of one objective of a book: by which fact of the case it goes, and whom it counts."""
    return f"{said(objective.name, objective.goes_by)}{whom(str(objective.of))}"


def whom(of: str) -> str:
    """` (permanently excluded)`, or a fact by its name; nothing where everybody counts."""
    return "" if of == str(EVERYBODY) else f" ({of if '.' in of else of.replace('_', ' ')})"


def said(name: str, fact: str = "") -> str:
    """What an objective makes small, which goes by a fact of the case or by what is usual."""
    if not fact:
        return OBJECTIVES[name]
    return f"{fact} of those left out" if name == "waiting" else f"the cases in their order, the largest {fact} first"
