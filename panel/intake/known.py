"""What the ledger already knows, as far as reading a file needs it.

Filled from a state by whoever loads; it looks nothing up by itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from panel.events import PlacesRecorded, SchoolRecorded, TermRecorded
from panel.intake.cells import Urn


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Schools by URN; every referral ever made; pupil -> the referral that is still undecided; the terms.

    `places` holds the latest count of each URN. `history`, `admissions` and `exclusions` hold (pupil, URN, day) of what
    is recorded, so that a file loaded twice does not count twice. `categories` are the rulebook's; None where any will do.
    """

    schools: Mapping[str, SchoolRecorded] = field(default_factory=dict)
    referrals: frozenset[str] = frozenset()
    undecided: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, PlacesRecorded] = field(default_factory=dict)
    terms: tuple[TermRecorded, ...] = ()
    history: frozenset[tuple[str, str, dt.date]] = frozenset()
    admissions: frozenset[tuple[str, str, dt.date]] = frozenset()
    exclusions: frozenset[tuple[str, str, dt.date]] = frozenset()
    categories: tuple[str, ...] | None = None

    def urn(self) -> Urn:
        """A cell that holds the URN of one of these schools."""
        return Urn({urn: school.name for urn, school in self.schools.items()})
