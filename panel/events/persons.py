"""What became of a person's record: the sealed parts that were erased, and what stays for those whom it still concerns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from panel.events.admissions import CountedCase
from panel.events.event import Event, Reason, Record


class ErasedPart(Record):
    """One sealed part that was deleted: its entry, whom it was about, and its class."""

    seq: int
    subject: str
    sealed: Literal["case", "identity"]


class Kept(CountedCase):
    """What stays of a case because schools' counts, or the safety of other children, need it; what nobody needs is blank.

    `not_with` are references of pupils who are to be kept apart from this one; a referral has the day `out_of_education_since` in place
    of the days that follow from it; `points` are those that it was given.
    """

    out_of_education_since: dt.date | None = None
    not_with: tuple[str, ...] | None = None
    points: int | None = None


class ErasureCase(Reason):
    """Why, and what stays: entry number -> what is kept of its case."""

    kept: Mapping[str, Kept] = Field(default_factory=dict)


class PersonErased(Event):
    """A pupil's sealed parts were deleted, each of `parts` in the step that recorded this. The reason is sealed under the panel."""

    kind = "person erased"
    pupil: str
    parts: tuple[ErasedPart, ...]
    case: ErasureCase | None = None
