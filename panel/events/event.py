"""What every event has: an open body, sealed parts, and the day on which it became so.

It lists no event and knows no SQL.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict

from panel.record.chain import Draft, Part

SEMANTICS: Final = 2
"""The meaning under which decisions are made now. A replay uses the meaning that a decision names, or says that it cannot.

Whoever changes what a recorded meeting would come to (a fact, a count, an order of objectives, a tie, a proof's form) takes
the next number, keeps the old code for the old one, and chooses between them where a meeting's number is read: in
`replay.py`, `certified.py` and `MeetingFacts.frozen`. The ledgers in fixtures/golden/ show whether a change is one of these.

    1  nearness ranks every receiving setting of the kinds that suit, and in a catchment every school there; a pupil stays in the
       year group of the referral; a roll and the places of a unit go by planned first days; nobody asks the rules what they say
       on the first day, or whether a decision should say that the place at home is kept; a direction and the move that it goes on as
       count as two
    2  nearness ranks only settings that could receive the pupil; a pupil moves up in each academic year; a roll and the places of a
       unit go by what began; where the first day is in another span of a count, or another academic year, the rules are asked as of
       that day too; and `keeps_place` is there wherever the course of the referral keeps the place, and nowhere else; a placement
       that goes on as another at the same school counts once
"""

MEANINGS: Final = frozenset({1, SEMANTICS})
"""Every meaning that this program can still replay."""

PANEL: Final = "panel"
"""The subject of a sealed part that is about no single child."""

SALT: Final = "salt"
"""The key of a body under which its own random bytes stand. It is no field of any event."""

Kind = Literal["managed_move", "off_site_direction", "permanent_exclusion", "reintegration", "fair_access"]
SettingKind = Literal["mainstream", "inclusion_centre", "pru", "special"]
Signatory = Literal["parent", "home_school", "pupil"]
Outcome = Literal["confirmed", "overridden", "deferred", "declined"]
Vote = Literal["for", "against", "abstained"]


def unknown_meaning(number: int) -> str:
    """Which meanings this program knows and what to do, where this is none of them; nothing where it is one."""
    known = " and ".join(map(str, sorted(MEANINGS)))
    return "" if number in MEANINGS else f"this program knows {known}. Use the version that recorded it, or a newer one"


class Record(BaseModel):
    """A frozen record. Unknown keys are refused: a body that this version cannot read is never half read."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Event(Record):
    """Something that can be recorded. `day` is when it became so; None means always, whenever it was loaded."""

    kind: ClassVar[str]
    version: ClassVar[int] = 1
    sealed_fields: ClassVar[frozenset[str]] = frozenset({"case", "cases", "shared", "identity"})

    @property
    def day(self) -> dt.date | None:
        return None

    @property
    def subject(self) -> str:
        """Whom a single sealed part is about: a pupil reference, or the panel."""
        return PANEL

    def draft(self) -> Draft:
        """The open body and the sealed parts, ready for the chain."""
        body = self.model_dump(mode="json", exclude=set(self.sealed_fields), exclude_none=True)
        body["version"] = self.version
        return Draft(kind=self.kind, body=body, parts=self._parts())

    def _parts(self) -> tuple[Part, ...]:
        held = self.model_dump(mode="json", include=set(self.sealed_fields), exclude_none=True)
        parts = [Part(self.subject, "case", held["case"])] if held.get("case") else []
        if held.get("identity"):
            parts.append(Part(self.subject, "identity", held["identity"]))
        if held.get("shared"):
            parts.append(Part(PANEL, "case", held["shared"]))
        parts.extend(Part(subject, "case", content) for subject, content in sorted(held.get("cases", {}).items()))
        return tuple(parts)


class Votes(Record):
    """How the schools voted: each of them by its URN (`schools`), or how many for, against and neither (`numbers`).

    `casting` is the chair's casting vote, where it was given: only where the votes for and against are equal.
    """

    schools: Mapping[str, Vote] | None = None
    numbers: tuple[int, int, int] | None = None
    casting: Literal["for", "against"] | None = None

    @property
    def counted(self) -> tuple[int, int, int]:
        """How many for, against and neither, without the casting vote."""
        said = tuple((self.schools or {}).values())
        return self.numbers or (said.count("for"), said.count("against"), said.count("abstained"))

    @property
    def told(self) -> str:
        """`3 for, 2 against, 1 abstained`, without the casting vote; of those that abstained only where there are any."""
        ayes, noes, abstained = self.counted
        return f"{ayes} for, {noes} against" + (f", {abstained} abstained" if abstained else "")

    @property
    def voted(self) -> tuple[str, ...] | None:
        """The schools that voted for or against; None where only their numbers are known."""
        return None if self.schools is None else tuple(sorted(urn for urn, vote in self.schools.items() if vote != "abstained"))


class OnDay(Event):
    """Something that became so on a day."""

    on: dt.date

    @property
    def day(self) -> dt.date | None:
        return self.on


class AboutPupil(Event):
    """Something whose sealed parts are about one pupil, named by a reference."""

    pupil: str

    @property
    def subject(self) -> str:
        return self.pupil


class Reason(Record):
    """Words that a person wrote: always sealed, for they may be about a child."""

    reason: str
