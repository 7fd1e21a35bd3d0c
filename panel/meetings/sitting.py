"""What is known of one meeting as it sat: its members, who was told and who came, and of each decision whether it stands.

Records alone; `standing.py` makes them of the record and of what the rulebook asks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from panel import events as ev
from panel.state.records import Meeting

Verdict = Literal["stands", "does not stand", "cannot tell", "open", "not judged"]
Rule = Literal["told", "quorum", "others", "chair", "vote", "absent", "schools"]


@dataclass(frozen=True, slots=True)
class Ground:
    """One reason: what of the rulebook was not kept to, or cannot be told, in words."""

    rule: Rule
    say: str
    schools: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seat:
    """One member of the panel at one meeting. `told` is the first day it was told; `notice` how long before the meeting, in the
    book's unit; `in_time` and `there` are None where the record cannot tell."""

    urn: str
    name: str
    told: dt.date | None
    notice: int | None
    in_time: bool | None
    there: bool | None

    @property
    def named(self) -> str:
        return f"{self.name} ({self.urn})"

    @property
    def chance(self) -> bool | None:
        """Whether the school had its chance to contribute."""
        if self.there or self.in_time:
            return True
        return None if self.there is None or self.in_time is None else False


@dataclass(frozen=True, slots=True)
class Word:
    """Whether something stands: `against` is why it does not, `untold` what would have to be known to tell."""

    verdict: Verdict
    against: tuple[Ground, ...]
    untold: tuple[Ground, ...]


@dataclass(frozen=True, slots=True)
class Judged(Word):
    """Whether one decision stands."""

    decision: ev.DecisionTaken


@dataclass(frozen=True, slots=True)
class Exempted(Word):
    """Whether a vote that exempts a school stands."""

    exemption: ev.ExemptionVoted


@dataclass(frozen=True, slots=True)
class Since:
    """What was recorded while a meeting was open of who is a member on its day: schools that are, and those that are not any more."""

    joined: Mapping[str, ev.SchoolRecorded] = field(default_factory=dict)
    gone: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """One meeting: what its book asks, who was told, who came, and whether each decision stands. `quorum` is how many must be
    there; None where the book asks for none. `chair` is the school that had the chair, by the number that it had then, where
    somebody wrote it down."""

    meeting: Meeting
    asked: Mapping[str, object]
    seats: tuple[Seat, ...]
    quorum: int | None
    decisions: tuple[Judged, ...]
    chair: str | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    exemptions: tuple[Exempted, ...] = ()

    @property
    def there(self) -> int:
        """How many members were there, as far as anybody wrote down."""
        return sum(seat.there is True for seat in self.seats)

    def of(self, referral: str) -> Judged | None:
        """The decision on one referral, if the meeting took one."""
        return next((judged for judged in self.decisions if judged.decision.referral == referral), None)

    def called(self, urn: str) -> str:
        """A school by its name, as it was before the meeting if it was recorded then, and its number; anybody else by what they are."""
        name = next((seat.named for seat in self.seats if seat.urn == urn), None)
        return name or (f"{self.names[urn]} ({urn})" if urn in self.names else said_other(urn))

    @property
    def chair_there(self) -> bool | None:
        """Whether the school that had the chair was there; None where nobody wrote down which it was, or who was there."""
        attended = self.meeting.attended
        return self.chair in attended if self.chair and attended else None


def said_other(who: str) -> str:
    """Somebody beside the schools, as people read it; a number as it is."""
    return who if who.isdigit() else f"the {who.replace('_', ' ')}"


Found = Iterator[tuple[bool | None, Ground]]
"""What was not kept to (False), and what cannot be told (None)."""
