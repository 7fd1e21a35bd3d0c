"""What happened outside the panel or before its ledger began: admissions, earlier placements, permanent exclusions."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from panel.events.event import Event, Kind, Record


class AdmissionCase(Record):
    """What is sealed of an admission."""

    ehcp: bool | None = None
    looked_after: bool | None = None
    behaviour_is_primary_need: bool | None = None
    why: str | None = None


class AdmittedOutside(Event):
    """A school admitted a pupil without the panel. `points` where somebody else's tariff already weighed it;
    `over_number` how many pupils the year group then had above PAN."""

    kind = "outside admission"
    pupil: str
    school: str
    on: dt.date
    year_group: int
    permanently_excluded: bool = False
    points: int | None = None
    over_number: int | None = None
    case: AdmissionCase | None = None

    @property
    def day(self) -> dt.date | None:
        return self.on

    @property
    def subject(self) -> str:
        return self.pupil


class PlacedBefore(Event):
    """A placement from before the ledger began."""

    kind = "placement before the ledger"
    pupil: str
    school: str
    on: dt.date
    referral_kind: Kind
    permanently_excluded: bool = False
    year_group: int
    outcome: Literal["permanent", "returned", "broken_down"] | None = None

    @property
    def day(self) -> dt.date | None:
        return self.on


class PermanentlyExcluded(Event):
    """A school permanently excluded a pupil."""

    kind = "permanent exclusion"
    pupil: str
    school: str
    on: dt.date
    year_group: int

    @property
    def day(self) -> dt.date | None:
        return self.on
