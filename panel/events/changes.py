"""What changes about the panel itself: schools merge, close, take another name or number, join and leave; money; corrections."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from panel.events.event import PANEL, OnDay, Record


class OfSchool(OnDay):
    """Something that became so of one school on a day."""

    urn: str


class SchoolMerged(OfSchool):
    """Schools become one: what `merged` took and were is from that day the successor's, `urn`."""

    kind = "school merged"
    merged: tuple[str, ...]


class SchoolClosed(OfSchool):
    """A school closes: from that day it receives nobody."""

    kind = "school closed"


class SchoolRenamed(OfSchool):
    """A school takes another name."""

    kind = "school renamed"
    name: str


class SchoolConverted(OfSchool):
    """A school goes on under another URN, as when it becomes an academy: `urn` is the new one."""

    kind = "school converted"
    before: str


class SchoolJoined(OfSchool):
    """A school joins the panel, and takes its share from that day."""

    kind = "school joined"


class SchoolLeft(OfSchool):
    """A school leaves the panel: from that day it receives nobody through it, and its share ends."""

    kind = "school left"


class CorrectionCase(Record):
    """Why, and the whole sealed case as it should have been; no `case` where that stays as it was, or there is none."""

    reason: str | None = None
    case: Mapping[str, Any] | None = None


class Correction(OnDay):
    """What an earlier entry should have said: `body` in its place, or nothing where it should never have been.

    `corrects` is the entry's number, `body` the whole open part that replaces it, with its version. `pupil` is whom the entry
    is about, if it is about one. `on` is the day on which it was corrected; what it corrects keeps a day of its own. A
    correction that names a correction, and says nothing, takes that one back.
    """

    kind = "correction"
    corrects: int
    pupil: str | None = None
    body: Mapping[str, Any] | None = None
    case: CorrectionCase | None = None

    @property
    def subject(self) -> str:
        return self.pupil or PANEL
