"""Whether each entry could follow those before it: what the program itself would never have recorded.

A chain can be in order though somebody wrote it with other means: a second opening, a decision in a meeting that was
closed, a second word on one referral, an answer by a school that was not asked. A misstep is a value. It looks at no
fact, rule or placement; the replay works those out again.
"""

from __future__ import annotations

import collections
import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from panel import events as ev
from panel.errors import LedgerBroken
from panel.order.corrections import wrong_with
from panel.order.courses import Courses
from panel.order.directions import Directions
from panel.order.erasures import Erasures
from panel.order.meetings import WhoIsThere
from panel.order.schools import SchoolsSoFar
from panel.state.corrections import corrected
from panel.state.records import Recorded
from panel.state.succession import Succession, item_now
from rules.edition import digest_of


@dataclass(frozen=True, slots=True)
class Misstep:
    """One thing in an entry that cannot follow those before it: what, as recorded, and what was wanted."""

    seq: int
    what: str
    recorded: Any
    wanted: Any


OTHERWISE: Final = (ev.Correction, ev.SchoolMerged, ev.SchoolConverted)
"""After one of these the entries before it say something else."""

Wrong = Iterator[tuple[str, Any, Any]]
"""What is wrong with one entry: what, as recorded, what was wanted."""


def missteps(record: Iterable[Recorded]) -> Iterator[Misstep]:
    """Everything in a record that its own earlier entries rule out, in its order."""
    items = tuple(record)
    before, successors = _Before(), dict[str, str]()
    for n, item in enumerate(items, start=1):
        for what, recorded, wanted in before.take(item_now(item, successors)):
            yield Misstep(item.seq, what, recorded, wanted)
        if isinstance(item.event, ev.Correction):
            yield from (Misstep(item.seq, *wrong) for wrong in wrong_with(items[:n], _steps))
        if isinstance(item.event, OTHERWISE):
            before, successors = _so_far(items[:n]) or (before, successors)


def _steps(record: Sequence[Recorded]) -> Iterator[tuple[int, str]]:
    """Each entry that cannot follow those before it, and what is wrong with it, corrections aside."""
    return ((one.seq, one.what) for one in missteps([item for item in record if not isinstance(item.event, ev.Correction)]))


def _so_far(record: Sequence[Recorded]) -> tuple[_Before, dict[str, str]] | None:
    """What entries have settled as they were corrected, and by the schools that are there now; None where that cannot be read."""
    before = _Before()
    try:
        known = corrected(record)
    except LedgerBroken:
        return None
    successors = Succession([item.event for item in known if isinstance(item.event, ev.OfSchool)]).successors()
    for item in known:
        collections.deque(before.take(item_now(item, successors)), maxlen=0)
    return before, successors


@dataclass(slots=True)
class _Referral:
    """A referral so far. `status`: waiting, withdrawn, declined or decided; `signed`: who agrees to it now."""

    pupil: str
    status: str = "waiting"
    school: str | None = None
    accepted: bool = False
    erased: bool = False
    signed: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Before:
    """What the entries so far have settled. `newest`: the number of the open meeting's latest proposal, and that proposal."""

    meetings: int = 0
    latest: dt.date = dt.date.min
    opened: ev.MeetingOpened | None = None
    newest: tuple[int, ev.PlacementsProposed] | None = None
    heard: set[str] = field(default_factory=set)
    counted: set[tuple[str, str, str, dt.date]] = field(default_factory=set)
    referrals: dict[str, _Referral] = field(default_factory=dict)
    company: WhoIsThere = field(default_factory=WhoIsThere)
    courses: Courses = field(default_factory=Courses)
    directions: Directions = field(default_factory=Directions)
    erasures: Erasures = field(default_factory=Erasures)
    schools: SchoolsSoFar = field(default_factory=SchoolsSoFar)

    def take(self, item: Recorded) -> Wrong:
        """What is wrong with the next entry; then it is one of those before."""
        if (item.seq == 1) != isinstance(item.event, ev.PanelFounded):
            yield "kind", item.event.kind, "panel founded" if item.seq == 1 else "another kind: a panel is founded once, by entry 1"
        yield from self.schools.take(item.event)
        yield from self.company.take(item.event)
        yield from self.directions.take(item.event)
        yield from self.erasures.take(item)
        yield from self.courses.take(item)
        match item.event:
            case ev.RulebookAdopted(digest=digest, text=text):
                if digest != digest_of(text):
                    yield "digest", digest, digest_of(text)
            case ev.ExemptionVoted() | ev.TermRecorded() as span:
                if span.last < span.first:
                    yield "last", f"{span.last}", f"{span.first} or later"
            case ev.BudgetSet(transport_pence=pence) | ev.FundSet(pence=pence) if pence < 0:
                yield "pence", pence, "0 or more"
            case ev.OfMeeting() as of_meeting:
                yield from self._meeting(item.seq, of_meeting)
            case _:
                yield from self._referral(item.event)

    # --- meetings ---

    def _meeting(self, seq: int, event: ev.OfMeeting) -> Wrong:
        if isinstance(event, ev.MeetingOpened):
            yield from self._open(event)
            return
        if self.opened is None or event.meeting != self.opened.meeting:
            yield "meeting", event.meeting, f"{self.opened.meeting}, which is open" if self.opened else "none: no meeting is open"
        elif event.on != self.opened.on:
            yield "on", f"{event.on}", f"{self.opened.on}, the meeting's day"
        match event:
            case ev.PlacementsProposed() as proposed:
                self.newest = seq, proposed
            case ev.DecisionTaken() as decision:
                yield from self._decide(decision)
            case ev.MeetingClosed():
                self.opened = self.newest = None

    def _open(self, event: ev.MeetingOpened) -> Wrong:
        if self.opened is not None:
            yield "meeting", event.meeting, f"none: meeting {self.opened.meeting} is still open"
        elif event.meeting != self.meetings + 1:
            yield "meeting", event.meeting, self.meetings + 1
        if event.on < self.latest:
            yield "on", f"{event.on}", f"{self.latest} or later, the day of the latest meeting"
        self.meetings, self.latest, self.opened, self.newest = event.meeting, max(self.latest, event.on), event, None
        self.heard.clear()

    def _decide(self, decision: ev.DecisionTaken) -> Wrong:
        held = self.referrals.setdefault(decision.referral, _Referral(decision.pupil))
        yield from _of_pupil(held, decision.pupil)
        if decision.referral in self.heard or held.status != "waiting":
            settled = "decided at this meeting already" if decision.referral in self.heard else held.status
            yield "outcome", decision.outcome, f"nothing: {decision.referral} is {settled}"
        placed = decision.outcome in ("confirmed", "overridden")
        for what, given in (("school", decision.school), ("starts", decision.starts)):
            if placed != (given is not None):
                yield what, "nothing" if given is None else f"{given}", f"a {what}" if placed else "nothing"
        if decision.outcome != "confirmed":
            yield from self._otherwise(decision)
        self.heard.add(decision.referral)
        if decision.outcome != "deferred":
            held.status, held.school, held.accepted = ("decided" if placed else "declined"), decision.school, False

    def _otherwise(self, decision: ev.DecisionTaken) -> Wrong:
        """The panel decided otherwise than proposed: with a reason, and looking at the newest proposal."""
        newest, proposed = self.newest or (None, None)
        if decision.proposal != newest:
            yield "proposal", decision.proposal or "nothing", newest or "nothing"
        later = decision.starts is not None and decision.starts > decision.on  # then something may be in the way that was not: replay asks
        same = proposed is not None and proposed.placements.get(decision.referral) == decision.school
        if decision.outcome == "overridden" and same and not later:
            yield "outcome", "overridden", "confirmed: it is the school that was proposed"
        if decision.case is None:
            yield "case", "nothing", "the panel's reason"

    # --- referrals ---

    def _referral(self, event: ev.Event) -> Wrong:
        match event:
            case ev.ReferralMade(referral=name, pupil=pupil):
                if name in self.referrals:
                    yield "referral", name, "another name: there is a referral of that name already"
                elif other := next((of for of, held in self.referrals.items() if (held.pupil, held.status) == (pupil, "waiting")), None):
                    # One that is decided and has not begun is refused before it is recorded; earlier records have such.
                    yield "pupil", pupil, f"a pupil whose case is not waiting: {other} is"
                self.referrals[name] = _Referral(pupil)
            case ev.AgreementSigned() | ev.AgreementWithdrawn():
                yield from self._agreement(event)
            case ev.ReferralWithdrawn(referral=name, pupil=pupil):
                held = self.referrals.setdefault(name, _Referral(pupil, "unknown"))
                yield from _waiting(held, name)
                yield from _of_pupil(held, pupil)
                held.status = "withdrawn"
            case ev.PaperRecorded(referral=name, pupil=pupil):
                held = self.referrals.setdefault(name, _Referral(pupil, "unknown"))
                if held.status != "decided" or held.erased:
                    yield from _waiting(held, name)
                yield from _of_pupil(held, pupil)
            case ev.SchoolAgreed() | ev.SchoolRefused():
                yield from self._answer(event)
            case ev.FamilyRefused() | ev.PartnerRefused() | ev.BoardDeclined():
                _undo(self.referrals.setdefault(event.referral, _Referral(event.pupil, "unknown")))
            case ev.PlacementEnded(end="not_taken_up", referral=name) if name in self.referrals:
                self.referrals[name].status = "not taken up"  # whether it could be is a question of its course
            case ev.PersonErased(pupil=pupil):
                yield from self._erase(pupil)
            case _:
                yield from self._besides(event)

    def _besides(self, event: ev.Event) -> Wrong:
        """Of what changes no referral: that it counts once, or that there is such a referral, and that it is the pupil's."""
        if isinstance(event, ev.AdmittedOutside | ev.PlacedBefore | ev.PermanentlyExcluded):
            key = (event.kind, event.pupil, event.school, event.on)
            if key in self.counted:
                yield "pupil", event.pupil, f"another pupil, school or day: {event.on} at {event.school} is recorded already"
            self.counted.add(key)
        if isinstance(event, ev.TransportClaimed | ev.FamilyTold | ev.EducationStarted | ev.SharingAgreed | ev.SharingWithdrawn):
            held = self.referrals.get(event.referral)
            if held is not None:
                yield from _of_pupil(held, event.pupil)
            elif isinstance(event, ev.TransportClaimed):
                yield "referral", event.referral, "a referral that an entry before it made"
        if isinstance(event, ev.TransportClaimed) and event.pence < 1:
            yield "pence", event.pence, "1 or more"

    def _agreement(self, event: ev.AgreementSigned | ev.AgreementWithdrawn) -> Wrong:
        held = self.referrals.setdefault(event.referral, _Referral("", "unknown"))
        signs = isinstance(event, ev.AgreementSigned)
        if isinstance(event, ev.AgreementWithdrawn) and event.school is not None:
            _undo(held)  # whether it could be undone is a question of its course
        else:
            yield from _waiting(held, event.referral)
        if signs == (event.by in held.signed):
            yield "by", event.by, "somebody who had not agreed yet" if signs else "somebody who had agreed"
        (held.signed.add if signs else held.signed.discard)(event.by)

    def _answer(self, event: ev.SchoolAgreed | ev.SchoolRefused) -> Wrong:
        held = self.referrals.setdefault(event.referral, _Referral(event.pupil, "unknown"))
        if held.status != "decided":
            yield "referral", event.referral, f"one that is decided: {event.referral} is {held.status}"
        elif event.school != held.school:
            yield "school", event.school, f"{held.school}, the receiving school"
        elif held.accepted:
            yield "school", event.school, f"nobody: {event.school} agreed already"
        yield from _of_pupil(held, event.pupil)
        if isinstance(event, ev.SchoolAgreed):
            held.accepted = True
        else:
            _undo(held)

    def _erase(self, pupil: str) -> Wrong:
        """Nobody is erased whose case has still to be decided, or is weighed against others by an open meeting."""
        agenda = self.opened.agenda if self.opened else ()
        for name, held in self.referrals.items():
            if held.pupil == pupil and not held.erased:
                if held.status == "waiting" or name in agenda:
                    yield "pupil", pupil, f"nobody whose case is open: {name} is {'on an open agenda' if name in agenda else 'waiting'}"
                held.erased = True


def _undo(held: _Referral) -> None:
    """What was decided no longer is."""
    held.status, held.school, held.accepted = "erased" if held.erased else "waiting", None, False


def _of_pupil(held: _Referral, pupil: str) -> Wrong:
    if pupil != held.pupil:
        yield "pupil", pupil, held.pupil


def _waiting(held: _Referral, name: str) -> Wrong:
    if held.status != "waiting":
        yield "referral", name, f"one that is waiting: {name} is {held.status}"
