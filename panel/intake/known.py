"""What the ledger already knows, as far as reading a file needs it.

Filled from a state by whoever loads; it looks nothing up by itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from panel.events import PlacesRecorded, SchoolRecorded, TermRecorded
from panel.intake.cells import Urn, Whole, Words, WordsOrNone
from panel.state.open_cases import OpenCase
from rules.facts import YEAR_GROUPS, Fact


@dataclass(frozen=True, slots=True)
class Naming:
    """The other pupils whom a referral in the record names: to be kept apart from, and, while it waits, to be placed with."""

    referral: str
    pupil: str
    not_with: tuple[str, ...]
    together_with: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Schools by URN; every referral ever made, and every pupil of whom one was; pupil -> the case of it that is open; the terms.

    `places` holds the latest count of each URN, `taken` the places of a setting that are taken, by its figure and what happened since.
    `history`, `admissions` and `exclusions` hold (pupil, URN, day) of what
    is recorded, so that a file loaded twice does not count twice. `categories` are the rulebook's; None where any will do;
    `year_groups` too, from the lowest to the highest of its editions, `papers`, `offers`, and `school_facts`, by column; `others` are
    those whom the edition names beside the schools of whose meeting an entry is read again. `naming` are the referrals that name other
    pupils.
    """

    schools: Mapping[str, SchoolRecorded] = field(default_factory=dict)
    referrals: frozenset[str] = frozenset()
    pupils: frozenset[str] = frozenset()
    open_cases: Mapping[str, OpenCase] = field(default_factory=dict)
    places: Mapping[str, PlacesRecorded] = field(default_factory=dict)
    taken: Mapping[str, int] = field(default_factory=dict)
    terms: tuple[TermRecorded, ...] = ()
    history: frozenset[tuple[str, str, dt.date]] = frozenset()
    admissions: frozenset[tuple[str, str, dt.date]] = frozenset()
    exclusions: frozenset[tuple[str, str, dt.date]] = frozenset()
    categories: tuple[str, ...] | None = None
    rulebook: str = ""
    year_groups: range = YEAR_GROUPS
    papers: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    school_facts: Mapping[str, Fact] = field(default_factory=dict)
    others: tuple[str, ...] = ()
    naming: tuple[Naming, ...] = ()

    def year_group(self, secondary: Whole) -> Whole:
        """A cell that holds a year group of the rulebook; `secondary` where that is the usual one."""
        if self.year_groups == YEAR_GROUPS:
            return secondary
        lowest, highest = self.year_groups[0], self.year_groups[-1]
        reception = " Reception is 0." if lowest == 0 else ""
        return Whole(lowest, highest, f"The rulebook {self.rulebook} is for year groups {lowest} to {highest}.{reception}")

    def paper(self) -> Words:
        """A cell that holds papers of the rulebook."""
        return Words(self.papers, f"The rulebook {self.rulebook} names no papers." if self.rulebook else "The rulebook names no papers.")

    def offer(self) -> WordsOrNone:
        """A cell that holds what a school offers, or a pupil needs, of what the rulebook names."""
        says = f"The rulebook {self.rulebook} says" if self.rulebook else "The rulebook says"
        return WordsOrNone(Words(self.offers, f"{says} nothing under `offers`."))

    def each_offer(self, said: tuple[str, ...] | None) -> dict[str, bool] | None:
        """Of each that the rulebook names whether it was said; None where nothing was."""
        return None if said is None else {offer: offer in said for offer in self.offers}

    def urn(self) -> Urn:
        """A cell that holds the URN of one of these schools."""
        return Urn({urn: school.name for urn, school in self.schools.items()})
