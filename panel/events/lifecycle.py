"""What becomes of a decision: who agrees to it, what starts, how it is looked at, and how it ends.

Which of these may follow which is the lifecycle's of the edition of the decision; nothing here knows it.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

from panel.events.event import AboutPupil, OnDay, Reason

Family = Literal["parent", "pupil"]
Partner = Literal["home_school", "local_authority"]
End = Literal["return", "managed_move", "admission", "left", "not_taken_up"]


class OfReferral(OnDay, AboutPupil):
    """Something that happened to one referral on a day. Words about the child are sealed."""

    referral: str


class FamilyAgreed(OfReferral):
    """The family agrees to the school that was decided, after the decision."""

    kind = "family agreed"
    by: Family
    school: str


class FamilyRefused(OfReferral):
    """The family does not agree to the school that was decided. Its count is taken back; the referral returns to the next agenda."""

    kind = "family refused"
    by: Family
    school: str
    case: Reason | None = None


class PartnerAgreed(OfReferral):
    """The home school or the local authority agrees to the school that was decided, where a lifecycle asks for its agreement."""

    kind = "partner agreed"
    by: Partner
    school: str


class PartnerRefused(OfReferral):
    """The home school or the local authority does not agree to the school that was decided. It is undone as by a family's refusal."""

    kind = "partner refused"
    by: Partner
    school: str
    case: Reason | None = None


class SharingAgreed(OfReferral):
    """The family agrees that the schools of the panel are told what they need to know of the case."""

    kind = "information-sharing agreed"
    by: Family


class SharingWithdrawn(OfReferral):
    """The family takes back its agreement that information is shared."""

    kind = "information-sharing withdrawn"
    by: Family


class FamilyTold(OfReferral):
    """The family was told what was decided, and why."""

    kind = "family told"


class BoardDirected(OfReferral):
    """Whose word it is, mostly the home school's governing board, follows the panel's advice and directs the pupil off site."""

    kind = "governing board directed"
    school: str


class BoardDeclined(OfReferral):
    """The governing board does not follow the panel's advice. The count is taken back; the referral returns to the next agenda."""

    kind = "governing board declined"
    school: str
    case: Reason | None = None


class NoticeGiven(OfReferral):
    """The parents were told in writing of an off-site direction."""

    kind = "notice given"


class EducationStarted(OfReferral):
    """Full-time education begins again, wherever it is."""

    kind = "education started"


class PlacementStarted(OfReferral):
    """The first day at the receiving school. `until` is the planned last day of what is temporary, or of a trial;
    `register_code` the attendance code that the edition names for it."""

    kind = "placement started"
    school: str
    until: dt.date | None = None
    register_code: str | None = None


class PlacementReviewed(OfReferral):
    """A review; what was said is sealed."""

    kind = "placement reviewed"
    case: Reason | None = None


class PlacementExtended(OfReferral):
    """What is temporary lasts until a later day."""

    kind = "placement extended"
    until: dt.date
    case: Reason | None = None


class PlacementMadePermanent(OfReferral):
    """A trial ended well, or what was temporary lasts: the pupil stays."""

    kind = "placement made permanent"


class PlacementEnded(OfReferral):
    """A placement ends: with a return to the home school, because the pupil left, or as a managed move or an admission; or it never
    began, for the family did not take the place up.

    The last two are decided by themselves: the case comes back as a referral that names this one, in the same step.
    """

    kind = "placement ended"
    end: End
    case: Reason | None = None


class PlacementBrokeDown(OfReferral):
    """A placement breaks down, and the case comes back as a referral that names this one.

    `returned`: the pupil is on the roll of the home school alone again, as after a trial or a direction.
    """

    kind = "placement broken down"
    returned: bool
    case: Reason | None = None


class ExclusionReversed(OnDay, AboutPupil):
    """A permanent exclusion no longer stands: rescinded by the head, quashed on review, or the pupil reinstated."""

    kind = "permanent exclusion reversed"
    school: str
    excluded_on: dt.date
    how: Literal["rescinded", "quashed", "reinstated"]
    case: Reason | None = None


class DirectionStep(OfReferral):
    """One step towards directing a school to admit a pupil whom it does not take."""

    kind = "direction step"
    school: str
    step: Literal["announced", "answered", "referred", "directed", "admitted", "dropped"]
    case: Reason | None = None
