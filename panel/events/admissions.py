"""What happened outside the panel or before its ledger began: admissions, earlier placements, permanent exclusions."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from panel.events.event import AboutPupil, Kind, OnDay, Record

Outcome = Literal["permanent", "on_trial", "returned", "broken_down", "left"]
"""What became of a placement from before the ledger, as far as anybody knew."""


class CountedCase(Record):
    """What is sealed of an admission or placement and may be counted or weighed: what was so when the pupil came; blank is unknown.

    `attendance` is per mille; `suspended_days` and `days_out_of_education` are whole days.
    """

    ehcp: bool | None = None
    looked_after: bool | None = None
    behaviour_is_primary_need: bool | None = None
    persistent_disruptive_behaviour: bool | None = None
    attendance: int | None = None
    suspended_days: int | None = None
    from_alternative_provision: bool | None = None
    days_out_of_education: int | None = None


class AdmissionCase(CountedCase):
    """What is sealed of an admission."""

    why: str | None = None


class AdmittedOutside(OnDay, AboutPupil):
    """A school admitted a pupil without the panel. `points` where somebody else's tariff already weighed it;
    `over_number` how many pupils the year group then had above PAN."""

    kind = "outside admission"
    school: str
    year_group: int
    permanently_excluded: bool = False
    points: int | None = None
    over_number: int | None = None
    case: AdmissionCase | None = None


class PlacedBeforeCase(CountedCase):
    """What is sealed of a placement from before the ledger."""


class PlacedBefore(OnDay, AboutPupil):
    """A placement from before the ledger began. `home_school` is the school that sent the pupil, where somebody said so; `ended_on` the
    last day of one that has ended."""

    kind = "placement before the ledger"
    school: str
    referral_kind: Kind
    permanently_excluded: bool = False
    year_group: int
    outcome: Outcome | None = None
    ended_on: dt.date | None = None
    home_school: str | None = None
    case: PlacedBeforeCase | None = None


class PermanentlyExcluded(OnDay):
    """A school permanently excluded a pupil."""

    kind = "permanent exclusion"
    pupil: str
    school: str
    year_group: int
