"""What is so: a fold of the ledger's entries up to a moment.

It reads no clock and writes nothing. `as_of` leaves out what happened after that day, `known_at` what was written after
that moment; entries are taken in their order. Two folds of the same entries are equal. Raises `LedgerBroken` where an
entry speaks of a meeting or a referral that no entry before it made.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from panel import events as ev
from panel.errors import LedgerBroken

Status = Literal["waiting", "withdrawn", "declined", "decided", "erased"]


@dataclass(frozen=True, slots=True)
class Recorded:
    """One entry, read: its number, the moment it was written (UTC, as text), and what it says."""

    seq: int
    recorded_at: str
    event: ev.Event


@dataclass(frozen=True, slots=True)
class Referral:
    """A referral and what has become of it. `agreements` holds those in force; `refusals` the schools that did not agree.

    `erased_by` is the entry that erased its case, or 0.
    """

    made: ev.ReferralMade
    agreements: Mapping[str, dt.date] = field(default_factory=dict)
    withdrawn: bool = False
    decision: ev.DecisionTaken | None = None
    decision_seq: int = 0
    deferrals: int = 0
    agreed_by_school: bool = False
    refusals: tuple[str, ...] = ()
    erased_by: int = 0

    @property
    def status(self) -> Status:
        """A deferred case and one that the receiving school refused are waiting again, unless they were erased."""
        if self.withdrawn:
            return "withdrawn"
        if self.decision is None:
            return "erased" if self.erased_by else "waiting"
        return "declined" if self.decision.outcome == "declined" else "decided"

    @property
    def case(self) -> ev.ReferralCase:
        """The sealed part; with everything unknown where it is no longer held."""
        return self.made.case or ev.ReferralCase()


@dataclass(frozen=True, slots=True)
class YearCount:
    """One year group of one setting, and the day it was counted."""

    as_at: dt.date
    pan: int | None
    on_roll: int | None
    looked_after: int | None
    ehcp: int | None


@dataclass(frozen=True, slots=True)
class Admission:
    """A pupil taken by a school: decided by the panel, before the ledger began, or outside the panel.

    `kind` is the referral's kind, or `outside`. `sent_by` is the school that the pupil came from, where the record says.
    `failed` is a placement that broke down or ended in a return.
    """

    pupil: str
    school: str
    on: dt.date
    year_group: int
    by_panel: bool
    kind: str
    permanently_excluded: bool
    ehcp: bool | None = None
    looked_after: bool | None = None
    behaviour_is_primary_need: bool | None = None
    points: int | None = None
    over_number: int | None = None
    sent_by: str | None = None
    failed: bool = False
    pence_per_year: int | None = None


@dataclass(frozen=True, slots=True)
class Meeting:
    """One meeting, from its opening."""

    opened: ev.MeetingOpened
    opened_seq: int
    invited: tuple[str, ...] = ()
    attended: tuple[str, ...] = ()
    drawn: ev.MeetingDrawn | None = None
    proposals: tuple[tuple[int, ev.PlacementsProposed], ...] = ()
    decisions: Mapping[str, ev.DecisionTaken] = field(default_factory=dict)
    closed: bool = False

    @property
    def number(self) -> int:
        return self.opened.meeting

    @property
    def on(self) -> dt.date:
        return self.opened.on


@dataclass(frozen=True, slots=True)
class State:
    """Everything that later modules ask of the record. `occupied_seqs`: the entry that says how many places of a setting are taken;
    `budgets`: pence for transport by academic year; `identified`: pupils whose identity is recorded (it is not read here)."""

    name: str = ""
    rulebook: str = ""
    editions: tuple[ev.RulebookAdopted, ...] = ()
    schools: Mapping[str, ev.SchoolRecorded] = field(default_factory=dict)
    occupied_seqs: Mapping[str, int] = field(default_factory=dict)
    years: Mapping[tuple[str, int], YearCount] = field(default_factory=dict)
    terms: tuple[ev.TermRecorded, ...] = ()
    budgets: Mapping[int, int] = field(default_factory=dict)
    identified: frozenset[str] = frozenset()
    exemptions: tuple[ev.ExemptionVoted, ...] = ()
    journeys: Mapping[str, Mapping[str, ev.Journey]] = field(default_factory=dict)
    referrals: Mapping[str, Referral] = field(default_factory=dict)
    admissions: tuple[Admission, ...] = ()
    exclusions: tuple[ev.PermanentlyExcluded, ...] = ()
    meetings: tuple[Meeting, ...] = ()

    @property
    def open_meeting(self) -> Meeting | None:
        """The latest meeting that is not closed."""
        return next((meeting for meeting in reversed(self.meetings) if not meeting.closed), None)


def fold(record: Iterable[Recorded], *, as_of: dt.date | None = None, known_at: str | None = None) -> State:
    """The state that the record shows. `known_at` is a moment written like `recorded_at`."""
    folding = _Folding()
    for item in record:
        if known_at is not None and item.recorded_at > known_at:
            break
        day = item.event.day
        if as_of is None or day is None or day <= as_of:
            folding.take(item)
    return folding.state()


class _Folding:
    """The tables while they are being filled."""

    def __init__(self) -> None:
        self.name = self.rulebook = ""
        self.editions: list[ev.RulebookAdopted] = []
        self.schools: dict[str, ev.SchoolRecorded] = {}
        self.occupied_seqs: dict[str, int] = {}
        self.years: dict[tuple[str, int], YearCount] = {}
        self.budgets: dict[int, int] = {}
        self.identified: set[str] = set()
        self.terms: list[ev.TermRecorded] = []
        self.exemptions: list[ev.ExemptionVoted] = []
        self.journeys: dict[str, dict[str, ev.Journey]] = {}
        self.referrals: dict[str, Referral] = {}
        self.taken: list[Admission] = []
        self.exclusions: list[ev.PermanentlyExcluded] = []
        self.meetings: dict[int, Meeting] = {}

    def take(self, item: Recorded) -> None:
        match item.event:
            case ev.PanelFounded(name=name, rulebook=rulebook):
                self.name, self.rulebook = name, rulebook
            case ev.RulebookAdopted() as adopted:
                self.editions.append(adopted)
            case ev.SchoolRecorded() as school:
                self._school(item.seq, school)
            case ev.PlacesRecorded() | ev.TermRecorded() | ev.BudgetSet() | ev.ExemptionVoted():
                self._year(item.event)
            case ev.IdentityRecorded(pupil=pupil):
                self.identified.add(pupil)
            case ev.JourneysRecorded(pupil=pupil, case=case):
                self.journeys.setdefault(pupil, {}).update({row.urn: row for row in (case.journeys if case else ())})
            case ev.AdmittedOutside() as outside:
                self.taken.append(_outside(outside))
            case ev.PlacedBefore() as before:
                self.taken.append(_before(before))
            case ev.PermanentlyExcluded() as exclusion:
                self.exclusions.append(exclusion)
            case ev.PersonErased(pupil=pupil):
                self._erased(item.seq, pupil)
            case ev.OfMeeting() as of_meeting:
                self._meeting(item.seq, of_meeting)
            case _:
                self._referral(item.event)

    def _erased(self, seq: int, pupil: str) -> None:
        """What was known of a pupil is gone; whatever is recorded of the same reference later is new."""
        self.identified.discard(pupil)
        self.journeys.pop(pupil, None)
        for name, held in self.referrals.items():
            if held.made.pupil == pupil and not held.erased_by:
                self.referrals[name] = replace(held, erased_by=seq)

    def _year(self, event: ev.PlacesRecorded | ev.TermRecorded | ev.BudgetSet | ev.ExemptionVoted) -> None:
        match event:
            case ev.PlacesRecorded():
                self._places(event)
            case ev.TermRecorded():
                self.terms.append(event)
            case ev.BudgetSet(academic_year=year, transport_pence=pence):
                self.budgets[year] = pence
            case ev.ExemptionVoted():
                self.exemptions.append(event)

    def _school(self, seq: int, school: ev.SchoolRecorded) -> None:
        before = self.schools.get(school.urn)
        if before is None or before.occupied != school.occupied:
            # A school recorded again for another reason (a new head) carries the old figure, which decisions since have moved on from.
            self.occupied_seqs[school.urn] = seq
        self.schools[school.urn] = school

    def _places(self, places: ev.PlacesRecorded) -> None:
        for year in places.years:
            key = (places.urn, year.year_group)
            if key not in self.years or self.years[key].as_at <= places.as_at:
                self.years[key] = YearCount(places.as_at, year.pan, year.on_roll, year.looked_after, year.ehcp)

    def _referral(self, event: ev.Event) -> None:
        match event:
            case ev.ReferralMade() as made:
                self.referrals[made.referral] = Referral(made)
                return
            case ev.ReferralWithdrawn() | ev.AgreementSigned() | ev.AgreementWithdrawn() | ev.SchoolAgreed() | ev.SchoolRefused():
                # An agreement may be dated before its referral; seen as of a day between them there is nothing to change yet.
                before = self.referrals.get(event.referral)
            case _:
                raise AssertionError(f"no place in the state for {event.kind}")
        if before is not None:
            self.referrals[event.referral] = _changed(before, event)

    def _meeting(self, seq: int, event: ev.OfMeeting) -> None:
        if isinstance(event, ev.MeetingOpened):
            self.meetings[event.meeting] = Meeting(event, seq)
            return
        if event.meeting not in self.meetings:
            raise LedgerBroken(f"Entry {seq} ({event.kind}) speaks of meeting {event.meeting}, which no entry before it opened.")
        meeting = self.meetings[event.meeting]
        match event:
            case ev.MeetingInvited(schools=schools):
                meeting = replace(meeting, invited=tuple(sorted({*meeting.invited, *schools})))
            case ev.MeetingAttended(schools=schools):
                meeting = replace(meeting, attended=tuple(sorted({*meeting.attended, *schools})))
            case ev.MeetingDrawn() as drawn:
                meeting = replace(meeting, drawn=drawn)
            case ev.PlacementsProposed() as proposed:
                meeting = replace(meeting, proposals=(*meeting.proposals, (seq, proposed)))
            case ev.DecisionTaken() as decision:
                meeting = replace(meeting, decisions={**meeting.decisions, decision.referral: decision})
                self._decision(seq, decision)
            case ev.MeetingClosed():
                meeting = replace(meeting, closed=True)
            case _:
                raise AssertionError(f"no place in the state for {event.kind}")
        self.meetings[event.meeting] = meeting

    def _decision(self, seq: int, decision: ev.DecisionTaken) -> None:
        before = self.referrals.get(decision.referral)
        if before is None:
            raise LedgerBroken(f"Entry {seq} ({decision.kind}) decides {decision.referral}, which no entry before it made.")
        if decision.outcome in ("confirmed", "overridden") and (decision.school is None or decision.starts is None):
            raise LedgerBroken(f"Entry {seq} ({decision.kind}) places {decision.referral}, and names no school or no first day.")
        if decision.outcome == "deferred":
            self.referrals[decision.referral] = replace(before, deferrals=before.deferrals + 1)
        else:
            self.referrals[decision.referral] = replace(before, decision=decision, decision_seq=seq)

    def state(self) -> State:
        decided = [_decided(referral) for referral in self.referrals.values() if referral.status == "decided"]
        return State(
            name=self.name,
            rulebook=self.rulebook,
            editions=tuple(self.editions),
            schools=dict(sorted(self.schools.items())),
            occupied_seqs=self.occupied_seqs,
            years=self.years,
            terms=tuple(sorted(self.terms, key=lambda term: term.first)),
            budgets=self.budgets,
            identified=frozenset(self.identified),
            exemptions=tuple(self.exemptions),
            journeys=self.journeys,
            referrals=dict(sorted(self.referrals.items())),
            admissions=(*self.taken, *decided),
            exclusions=tuple(self.exclusions),
            meetings=tuple(self.meetings[number] for number in sorted(self.meetings)),
        )


def _changed(before: Referral, event: ev.Event) -> Referral:
    match event:
        case ev.ReferralWithdrawn():
            return replace(before, withdrawn=True)
        case ev.AgreementSigned(by=by, on=on):
            return replace(before, agreements={**before.agreements, by: on})
        case ev.AgreementWithdrawn(by=by):
            return replace(before, agreements={who: on for who, on in before.agreements.items() if who != by})
        case ev.SchoolAgreed():
            return replace(before, agreed_by_school=True)
        case ev.SchoolRefused(school=school):
            return replace(before, decision=None, decision_seq=0, agreed_by_school=False, refusals=(*before.refusals, school))
        case _:
            raise AssertionError(f"{event.kind} does not change a referral")


def _outside(event: ev.AdmittedOutside) -> Admission:
    case = event.case or ev.AdmissionCase()
    return Admission(
        pupil=event.pupil,
        school=event.school,
        on=event.on,
        year_group=event.year_group,
        by_panel=False,
        kind="outside",
        permanently_excluded=event.permanently_excluded,
        ehcp=case.ehcp,
        looked_after=case.looked_after,
        behaviour_is_primary_need=case.behaviour_is_primary_need,
        points=event.points,
        over_number=event.over_number,
    )


def _before(event: ev.PlacedBefore) -> Admission:
    return Admission(
        pupil=event.pupil,
        school=event.school,
        on=event.on,
        year_group=event.year_group,
        by_panel=True,
        kind=event.referral_kind,
        permanently_excluded=event.permanently_excluded,
        failed=event.outcome in ("returned", "broken_down"),
    )


def _decided(referral: Referral) -> Admission:
    made, decision = referral.made, referral.decision
    if decision is None or decision.school is None or decision.starts is None:
        raise AssertionError("a decided referral names a school and a first day")
    return Admission(
        pupil=made.pupil,
        school=decision.school,
        on=decision.starts,
        year_group=made.year_group,
        by_panel=True,
        kind=made.referral_kind,
        permanently_excluded=made.permanently_excluded,
        ehcp=referral.case.ehcp,
        looked_after=referral.case.looked_after,
        sent_by=made.excluded_by or made.home_school,
        pence_per_year=decision.transport_pence,
        over_number=decision.over_number,
    )
