"""One meeting, from its opening to its close, and the receiving school's answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from pydantic import Field

from panel.events.event import SEMANTICS, AboutPupil, OnDay, Outcome, Reason, Votes


class OfMeeting(OnDay):
    """Something that belongs to one meeting: its number, from 1, and its day."""

    meeting: int


class MeetingOpened(OfMeeting):
    """The frozen agenda, edition and facts. `cases` holds each pupil's facts, `shared` those of schools and panel.

    `chair_of` is the school that has the chair, where the record says which.
    """

    kind = "meeting opened"
    chair: str
    chair_of: str | None = None
    agenda: tuple[str, ...]
    agenda_digest: str
    rulebook: str
    edition: dt.date
    rulebook_digest: str
    semantics: int = SEMANTICS
    cases: Mapping[str, Mapping[str, Any]] = Field(default_factory=dict)
    shared: Mapping[str, Any] | None = None


class MeetingInvited(OfMeeting):
    """Schools were told of the meeting."""

    kind = "meeting invited"
    schools: tuple[str, ...]
    told_on: dt.date


class MeetingAttended(OfMeeting):
    """Schools were represented at the meeting; `others` whom the rulebook names beside them, by the names that it gives them."""

    kind = "meeting attended"
    schools: tuple[str, ...]
    others: tuple[str, ...] | None = None


class InterestDeclared(OfMeeting, AboutPupil):
    """A school says that it has an interest in a case on the agenda. What interest is sealed."""

    kind = "interest declared"
    school: str
    referral: str
    case: Reason | None = None


class MeetingDrawn(OfMeeting):
    """The representatives' words, in the order given, and the seed that follows from them."""

    kind = "meeting drawn"
    words: tuple[str, ...]
    seed: str


class PlacementsProposed(OfMeeting):
    """What the program proposes: no effect until the panel confirms it.

    `fixed` are pupils whom the panel had already decided in this meeting. `cases` holds what the rules said of each pupil
    at each school; `shared` the proof that nothing better was there, and what the placing is worth: of a single pupil the
    values would tell how far from home. `objectives` are those values in records that have them in the open.
    """

    kind = "placements proposed"
    seed: str
    rulebook_digest: str
    semantics: int = SEMANTICS
    placements: Mapping[str, str]
    unplaced: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    fixed: Mapping[str, str] = Field(default_factory=dict)
    objectives: tuple[Mapping[str, Any], ...] | None = None
    leaves: int
    unique: bool
    cases: Mapping[str, Mapping[str, Any]] = Field(default_factory=dict)
    shared: Mapping[str, Any] | None = None

    @property
    def values(self) -> tuple[Mapping[str, Any], ...]:
        """What the placing is worth, objective by objective; nothing where that is no longer held."""
        return self.objectives if self.objectives is not None else tuple((self.shared or {}).get("objectives", ()))


class PanelsReason(Reason):
    """Why the panel decided otherwise than proposed, and the bars and limits it set aside: which ones may tell of the child."""

    waived: tuple[str, ...] = ()


class DecisionTaken(OfMeeting, AboutPupil):
    """The panel's word on one referral. `proposal` is the entry it follows or departs from, where there is one.

    `starts` is the planned first day at `school`; `transport_pence` what the
    placement costs the authority a year, as far as it was known (it counts against the budget, so it is open);
    `over_number` how many pupils the year group then has above PAN, where that is known. `voted` are the schools that
    voted on it; None where nobody wrote down who did. `votes` says how, where somebody wrote it down. `keeps_place` is true where
    the place that the pupil came from is kept for now, by the lifecycle: what was decided is temporary, or begins with a trial.
    """

    kind = "decision taken"
    referral: str
    outcome: Outcome
    school: str | None = None
    starts: dt.date | None = None
    proposal: int | None = None
    transport_pence: int | None = None
    over_number: int | None = None
    keeps_place: bool | None = None
    voted: tuple[str, ...] | None = None
    votes: Votes | None = None
    case: PanelsReason | None = None


class MeetingClosed(OfMeeting):
    """Nothing more is decided in this meeting."""

    kind = "meeting closed"


class SchoolAgreed(OnDay):
    """The receiving school's admission authority agrees to the decision."""

    kind = "receiving school agreed"
    referral: str
    pupil: str
    school: str


class SchoolRefused(OnDay, AboutPupil):
    """The receiving school does not agree. Its count is taken back; the referral returns to the next agenda."""

    kind = "receiving school refused"
    referral: str
    school: str
    case: Reason | None = None
