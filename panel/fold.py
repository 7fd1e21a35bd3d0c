"""Entries up to a moment -> what is so.

It reads no clock and writes nothing. `as_of` leaves out what happened after that day, `known_at` what was written after
that moment; entries are taken in their order. Two folds of the same entries are equal. Raises `LedgerBroken` where an
entry speaks of a meeting or a referral that no entry before it made.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace

from panel import events as ev
from panel.errors import LedgerBroken
from panel.happenings import changed, happenings
from panel.state import Admission, Meeting, Recorded, Referral, State, YearCount


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
        self.reversed: set[tuple[str, str]] = set()
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
            case ev.OfMeeting() as of_meeting:
                self._meeting(item.seq, of_meeting)
            case ev.IdentityRecorded() | ev.JourneysRecorded() | ev.PersonErased():
                self._person(item)
            case ev.AdmittedOutside() | ev.PlacedBefore() | ev.PermanentlyExcluded() | ev.ExclusionReversed():
                self._pupil(item.event)
            case ev.OfSchool() | ev.Correction():
                pass
            case _:
                self._referral(item)

    def _person(self, item: Recorded) -> None:
        match item.event:
            case ev.IdentityRecorded(pupil=pupil):
                self.identified.add(pupil)
            case ev.JourneysRecorded(pupil=pupil, case=case):
                self.journeys.setdefault(pupil, {}).update({row.urn: row for row in (case.journeys if case else ())})
            case ev.PersonErased(pupil=pupil):
                self._erased(item.seq, pupil)

    def _pupil(self, event: ev.AdmittedOutside | ev.PlacedBefore | ev.PermanentlyExcluded | ev.ExclusionReversed) -> None:
        match event:
            case ev.AdmittedOutside():
                self.taken.append(_outside(event))
            case ev.PlacedBefore():
                self.taken.append(_before(event))
            case ev.PermanentlyExcluded():
                self.exclusions.append(event)
            case ev.ExclusionReversed():
                self._reversed(event)

    def _reversed(self, event: ev.ExclusionReversed) -> None:
        """The exclusion no longer stands: nobody counts it, and what followed from it counts as what follows no exclusion."""
        gone = (event.pupil, event.school, event.excluded_on)
        self.exclusions = [one for one in self.exclusions if (one.pupil, one.school, one.on) != gone]
        self.reversed.add((event.pupil, event.school))

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

    def _referral(self, item: Recorded) -> None:
        event = item.event
        if isinstance(event, ev.ReferralMade):
            self.referrals[event.referral] = Referral(event, happened=tuple(happenings(item)))
            return
        name: str | None = getattr(event, "referral", None)
        if name is None:
            raise AssertionError(f"no place in the state for {event.kind}")
        # An agreement may be dated before its referral; seen as of a day between them there is nothing to change yet.
        before = self.referrals.get(name)
        if before is not None:
            after = changed(before, event)
            self.referrals[name] = replace(after, happened=(*after.happened, *happenings(item)))

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
        before = replace(before, happened=(*before.happened, *happenings(Recorded(seq, "", decision))))
        if decision.outcome == "deferred":
            self.referrals[decision.referral] = replace(before, deferrals=before.deferrals + 1)
        else:
            self.referrals[decision.referral] = replace(before, decision=decision, decision_seq=seq)

    def state(self) -> State:
        decided = [self._decided(referral) for referral in self.referrals.values() if referral.status == "decided"]
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

    def _decided(self, referral: Referral) -> Admission:
        made, decision = referral.made, referral.decision
        if decision is None or decision.school is None or decision.starts is None:
            raise AssertionError("a decided referral names a school and a first day")
        back = (made.pupil, made.excluded_by or made.home_school or "") in self.reversed
        return Admission(
            pupil=made.pupil,
            school=decision.school,
            on=decision.starts,
            year_group=made.year_group,
            by_panel=True,
            kind=made.referral_kind,
            permanently_excluded=made.permanently_excluded and not back,
            ehcp=referral.case.ehcp,
            looked_after=referral.case.looked_after,
            sent_by=made.excluded_by or made.home_school,
            pence_per_year=decision.transport_pence,
            over_number=decision.over_number,
            failed=referral.end == "broken_down" or (referral.end == "return" and made.referral_kind != "off_site_direction"),
            gone=referral.returned or referral.end == "left",
        )


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
        gone=event.outcome in ("returned", "broken_down"),
    )
