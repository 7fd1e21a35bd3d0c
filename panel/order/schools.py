"""Whether a school could change so after what was said of schools before: who is there, who is there no more, and since when.

It looks at no pupil and no share.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from panel import events as ev

Wrong = Iterator[tuple[str, Any, Any]]


@dataclass(slots=True)
class SchoolsSoFar:
    """The schools that were recorded; which of them are there no more, and what they became; the day of each one's last change.

    `met`: those that were asked to a meeting or came to one; `own`: those that have taken or sent pupils of their own.
    """

    known: set[str] = field(default_factory=set)
    ended: dict[str, str] = field(default_factory=dict)
    joined: set[str] = field(default_factory=set)
    latest: dict[str, dt.date] = field(default_factory=dict)
    met: set[str] = field(default_factory=set)
    own: set[str] = field(default_factory=set)

    def take(self, event: ev.Event) -> Wrong:
        """What is wrong with the next entry, if it is about a school; then it is one of those before."""
        match event:
            case ev.SchoolRecorded(urn=urn):
                self.known.add(urn)
            case ev.MeetingInvited(schools=schools) | ev.MeetingAttended(schools=schools):
                self.met.update(schools)
            case ev.ReferralMade(home_school=home, excluded_by=by):
                self.own.update(urn for urn in (home, by) if urn is not None)
            case ev.AdmittedOutside(school=urn):
                self.own.add(urn)
            case ev.PlacedBefore(home_school=str(urn)):
                self.own.add(urn)
        if not isinstance(event, ev.OfSchool):
            yield from (wrong for wrong in _at(event) if wrong[1] not in self.known)
            return
        named = dict.fromkeys((event.urn, *_others(event)))
        for urn in named:
            if urn not in self.known:
                yield "urn", urn, "a school that was recorded before"
            elif self.latest.get(urn, dt.date.min) > event.on:
                yield "on", f"{event.on}", f"{self.latest[urn]} or later, the day of the last change of {urn}"
        yield from self._change(event)
        self.latest.update(dict.fromkeys(named, event.on))

    def _change(self, event: ev.OfSchool) -> Wrong:
        match event:
            case ev.SchoolJoined(urn=urn):
                if self.ended.get(urn, "left") != "left":
                    yield "urn", urn, f"a school that is there: {urn} {self.ended[urn]}"
                elif urn in self.joined or (urn in self.met and urn not in self.ended):
                    yield "urn", urn, "a school that is no member"
                self.ended.pop(urn, None)
                self.joined.add(urn)
            case ev.SchoolLeft(urn=urn) | ev.SchoolClosed(urn=urn):
                yield from self._is_there(urn)
                self._ends(urn, "left" if isinstance(event, ev.SchoolLeft) else "closed")
            case ev.SchoolRenamed(urn=urn):
                yield from self._is_there(urn)
            case ev.SchoolConverted(urn=urn, before=before):
                yield from self._is_there(before)
                yield from self._is_new(urn, before)
                self._ends(before, f"goes on as {urn}")
                self.joined.add(urn)
            case ev.SchoolMerged(urn=urn, merged=merged):
                if len(set(merged)) < 2 or len(set(merged)) < len(merged):
                    yield "merged", list(merged), "two schools or more, each once"
                for one in merged:
                    yield from self._is_there(one)
                    if one != urn:
                        self._ends(one, f"goes on as {urn}")
                if urn not in merged:
                    yield from self._is_new(urn)
                self.joined.add(urn)

    def _ends(self, urn: str, how: str) -> None:
        self.ended[urn] = how
        self.joined.discard(urn)

    def _is_there(self, urn: str) -> Wrong:
        if urn in self.ended:
            yield "urn", urn, f"a school that is there: {urn} {self.ended[urn]}"

    def _is_new(self, urn: str, before: str = "") -> Wrong:
        """A school that others become takes no part of its own before."""
        yield from self._is_there(urn)
        if urn == before:
            yield "urn", urn, "another number than the school had"
        elif urn in self.joined:
            yield "urn", urn, "a school that takes no part yet: name it among those that merge, if it goes on"
        elif urn in self.own:
            yield "urn", urn, "a school that begins on that day: this one has taken or sent pupils of its own"


def _at(event: ev.Event) -> Wrong:
    """Every school at which an entry says that something was, as what is wrong with it where nobody recorded that school."""
    wanted = "a school that was recorded before"
    if isinstance(event, ev.PlacedBefore) and event.home_school is not None:
        yield "home_school", event.home_school, wanted
    match event:
        case ev.ExemptionVoted(urn=urn) | ev.PlacesRecorded(urn=urn):
            yield "urn", urn, wanted
        case ev.AdmittedOutside(school=urn) | ev.PlacedBefore(school=urn) | ev.PermanentlyExcluded(school=urn):
            yield "school", urn, wanted
        case ev.JourneysRecorded(case=ev.JourneyRows(journeys=journeys)):
            yield from (("urn", one.urn, wanted) for one in journeys)


def _others(event: ev.OfSchool) -> tuple[str, ...]:
    match event:
        case ev.SchoolMerged(merged=merged):
            return merged
        case ev.SchoolConverted(before=before):
            return (before,)
        case _:
            return ()
