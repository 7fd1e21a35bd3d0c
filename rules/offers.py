"""What a school may offer and a pupil may need, in words that a book chooses: `offers: {NAME: what it is}`.

A need tells what a child is, so `referral.needs_NAME` decides process only. A bar or a tier reads no need, only whether the school offers
what is needed, `candidate.offers_what_is_needed`. It reads no file and works nothing out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from rules.book import Rulebook
from rules.edition import Edition
from rules.errors import Fault
from rules.facts import Fact, paper_facts
from rules.yaml_text import Path

NEEDS: Final = "referral.needs_"
OFFERED: Final = "candidate.offers_what_is_needed"
NOTHING: Final = "none"
"""What a file says where nothing is offered, or needed: no offer is called so."""


def need_facts(offers: Mapping[str, str]) -> dict[str, Fact]:
    """Whether the pupil needs each of them; nobody need have said it."""
    return {
        f"{NEEDS}{name}": Fact(name=f"{NEEDS}{name}", type="yes/no", meaning=f"the pupil needs this: {words}", optional=True)
        for name, words in offers.items()
    }


def process_facts(rulebook: Rulebook) -> frozenset[str]:
    """The facts that a book adds of a child and that decide process only: which papers the panel has, and what the pupil needs."""
    return frozenset({*paper_facts(rulebook.papers), *need_facts(rulebook.offers)})


def offers_of(stack: Iterable[Edition]) -> dict[str, str]:
    """All that the layers name, with its words."""
    return {name: words for edition in stack for name, words in edition.shape.offers.items()}


def own_offers(edition: Edition, below: Mapping[str, str], taken: Mapping[str, Fact], faults: list[Fault]) -> dict[str, str]:
    """What one layer names, without the names that it may not take: `below` are those of the layers below, `taken` all facts."""
    made: dict[str, str] = {}
    for name, words in edition.shape.offers.items():
        path: Path = ("offers", name)
        if name == NOTHING:
            advice = "In a file it says that nothing is offered, or needed."
            faults.append(edition.fault(path, found=f"the name {name}", wanted="another name", advice=advice))
        elif name in below or f"{NEEDS}{name}" in taken:
            advice = "A book below has this one." if name in below else f"{NEEDS}{name} is already a fact."
            faults.append(edition.fault(path, found=f"the name {name}", wanted="a name of its own", advice=advice))
        else:
            made[name] = words
    return made
