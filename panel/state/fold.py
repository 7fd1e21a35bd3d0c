"""Entries up to a moment -> what is so.

It reads no clock and writes nothing. `as_of` leaves out what happened after that day, `known_at` what was written after
that moment; entries are taken in their order, each as the corrections among them leave it, whenever that was. Two folds
of the same entries are equal. Raises `LedgerBroken` where an entry speaks of a meeting or a referral that no entry before
it made.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from panel import events as ev
from panel.errors import LedgerBroken
from panel.state.corrections import corrected
from panel.state.fold_of_schools import Named, Schools
from panel.state.happenings import changed, decided, happenings
from panel.state.records import Admission, Meeting, Recorded, Referral, State
from panel.state.reversals import Exclusions
from panel.state.succession import memberships, shares
from panel.state.year_groups import year_group_on


def fold(record: Iterable[Recorded], *, as_of: dt.date | None = None, known_at: str | None = None) -> State:
    """The state that the record shows. `known_at` is a moment written like `recorded_at`."""
    folding = _Folding()
    known = tuple(record) if known_at is None else tuple(itertools.takewhile(lambda item: item.recorded_at <= known_at, record))
    items = corrected(known)
    for item in items:
        day = item.event.day
        if as_of is None or day is None or day <= as_of:
            folding.take(item)
    # Of a membership it is known beforehand when it begins and ends, as of a term.
    steps = tuple(item.event for item in items if isinstance(item.event, ev.OfSchool))
    return replace(folding.state(), members=memberships(steps), sharing=shares(steps))


class _Folding:
    """The tables while they are being filled."""

    def __init__(self) -> None:
        self.name = self.rulebook = ""
        self.editions: list[ev.RulebookAdopted] = []
        self.schools = Schools()
        self.budgets: dict[int, int] = {}
        self.funds: dict[int, int] = {}
        self.identified: set[str] = set()
        self.terms: list[ev.TermRecorded] = []
        self.exemptions: list[ev.ExemptionVoted] = []
        self.journeys: dict[str, dict[str, ev.Journey]] = {}
        self.referrals: dict[str, Referral] = {}
        self.taken: list[Admission] = []
        self.exclusions: list[ev.PermanentlyExcluded] = []
        self.reversals: list[tuple[int, ev.ExclusionReversed]] = []
        self.meetings: dict[int, Meeting] = {}

    def take(self, item: Recorded) -> None:
        match item.event:
            case ev.PanelFounded(name=name, rulebook=rulebook):
                self.name, self.rulebook = name, rulebook
            case ev.RulebookAdopted() as adopted:
                self.editions.append(adopted)
            case ev.SchoolRecorded() as school:
                self.schools.recorded(item.seq, school)
            case ev.PlacesRecorded() | ev.TermRecorded() | ev.BudgetSet() | ev.FundSet() | ev.ExemptionVoted():
                self._year(item.event)
            case ev.OfMeeting() as of_meeting:
                self._meeting(item.seq, of_meeting)
            case ev.IdentityRecorded() | ev.JourneysRecorded() | ev.PersonErased():
                self._person(item)
            case ev.AdmittedOutside() | ev.PlacedBefore() | ev.PermanentlyExcluded() | ev.ExclusionReversed():
                self._pupil(item.seq, item.event)
            case ev.OfSchool() as change:
                self.schools.changed(item.seq, change)
            case ev.Correction():
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

    def _pupil(self, seq: int, event: ev.AdmittedOutside | ev.PlacedBefore | ev.PermanentlyExcluded | ev.ExclusionReversed) -> None:
        match event:
            case ev.AdmittedOutside():
                self.taken.append(replace(_outside(event), entry=seq))
            case ev.PlacedBefore():
                self.taken.append(replace(_before(event), entry=seq))
            case ev.PermanentlyExcluded():
                self.exclusions.append(event)
            case ev.ExclusionReversed():
                self.reversals.append((seq, event))

    def _erased(self, seq: int, pupil: str) -> None:
        """What was known of a pupil is gone; whatever is recorded of the same reference later is new."""
        self.identified.discard(pupil)
        self.journeys.pop(pupil, None)
        for name, held in self.referrals.items():
            if held.made.pupil == pupil and not held.erased_by:
                self.referrals[name] = replace(held, erased_by=seq)

    def _year(self, event: ev.PlacesRecorded | ev.TermRecorded | ev.BudgetSet | ev.FundSet | ev.ExemptionVoted) -> None:
        match event:
            case ev.PlacesRecorded():
                self.schools.places(event)
            case ev.TermRecorded():
                self.terms.append(event)
            case ev.FundSet(financial_year=year, pence=pence):
                self.funds[year] = pence
            case ev.BudgetSet(academic_year=year, transport_pence=pence):
                self.budgets[year] = pence
            case ev.ExemptionVoted(meeting=number):
                self.exemptions.append(event)
                if number in self.meetings:
                    held = self.meetings[number]
                    self.meetings[number] = replace(held, exemptions=(*held.exemptions, event))

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
            case ev.MeetingInvited(schools=schools, told_on=told_on):
                told = {**meeting.told, **{urn: min(told_on, meeting.told.get(urn, told_on)) for urn in schools}}
                meeting = replace(meeting, invited=tuple(sorted(told)), told=told)
            case ev.MeetingAttended(schools=schools, others=others):
                there, beside = {*meeting.attended, *schools}, {*meeting.others, *(others or ())}
                meeting = replace(meeting, attended=tuple(sorted(there)), others=tuple(sorted(beside)))
            case ev.InterestDeclared() as interest:
                meeting = replace(meeting, interests=(*meeting.interests, interest))
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
        self.referrals[decision.referral] = decided(before, decision, seq)

    def state(self) -> State:
        # By the schools that are there now, from here on.
        named = self.schools.named(Named(self.referrals, self.taken, self.exclusions, self.reversals, self.journeys, self.exemptions))
        exclusions = Exclusions(tuple(named.exclusions), tuple(named.reversals))
        moved_on = {name: replace(named.referrals[name], moved_on=True) for name in named.moved_on}
        referrals, taken = {**named.referrals, **moved_on}, named.taken
        if self.reversals:
            referrals = {name: exclusions.without(held) for name, held in referrals.items()}
            taken = [exclusions.of_no_exclusion(admission) for admission in taken]
        after = {held.made.follows: held for held in referrals.values() if held.made.follows is not None}
        placed = [_decided(name, held, after.get(name)) for name, held in referrals.items() if held.status == "decided"]
        placed = [replace(one, moved_within=True) if one.referral in named.moved_within else one for one in placed]
        return State(
            name=self.name,
            rulebook=self.rulebook,
            editions=tuple(self.editions),
            schools=dict(sorted(self.schools.by_urn.items())),
            occupied_seqs=self.schools.occupied_seqs,
            years=self.schools.years,
            terms=tuple(sorted(self.terms, key=lambda term: term.first)),
            budgets=self.budgets,
            funds=self.funds,
            identified=frozenset(self.identified),
            exemptions=tuple(named.exemptions),
            journeys=named.journeys,
            referrals=dict(sorted(referrals.items())),
            admissions=(*taken, *placed),
            exclusions=exclusions.standing(),
            reversals=exclusions.reversals(),
            meetings=tuple(self.meetings[number] for number in sorted(self.meetings)),
            successors=self.schools.successors(),
            began=self.schools.began(),
        )


TOLD: Final = (
    *("ehcp", "looked_after", "behaviour_is_primary_need", "persistent_disruptive_behaviour"),
    *("attendance", "suspended_days", "from_alternative_provision"),
)
"""What a referral and an admission say by the same name."""


def _days(since: dt.date | None, on: dt.date) -> int | None:
    return None if since is None or since > on else (on - since).days


def _decided(name: str, referral: Referral, after: Referral | None) -> Admission:
    """The admission that a decision comes to. `after` is the referral that follows it, where there is one."""
    made, decision = referral.made, referral.decision
    if decision is None or decision.school is None or decision.starts is None:
        raise AssertionError("a decided referral names a school and a first day")
    gone_on = _gone_on(referral, after)
    return Admission(
        pupil=made.pupil,
        referral=name,
        school=decision.school,
        on=decision.starts,
        year_group=year_group_on(made, decision.starts),
        by_panel=True,
        kind=made.referral_kind,
        permanently_excluded=made.permanently_excluded,
        **{name: getattr(referral.case, name) for name in TOLD},
        days_out_of_education=_days(referral.case.out_of_education_since, decision.on),
        sent_by=made.excluded_by or made.home_school,
        points=referral.case.points,
        pence_per_year=decision.transport_pence,
        over_number=decision.over_number,
        failed=referral.end == "broken_down" or (referral.end == "return" and made.referral_kind != "off_site_direction"),
        departed=referral.end == "left",
        ended_on=referral.ended,
        for_good=referral.for_good,
        gone=gone_on is not None,
        gone_on=gone_on,
        began=referral.started,
        left=_left(referral, after),
    )


def _left(referral: Referral, after: Referral | None) -> dt.date | None:
    """The day from which the pupil was really no longer there: where it goes on by another decision, that on which this began."""
    if after is not None and after.status == "decided" and referral.end in ("managed_move", "admission"):
        return after.started
    return _gone_on(referral, after)


def _gone_on(referral: Referral, after: Referral | None) -> dt.date | None:
    """The day from which the pupil is no longer there by this decision.

    A placement that ends as a managed move or an admission lasts until that is decided, and then goes on, elsewhere or there, by
    that decision; where it comes to nothing the pupil is back.
    """
    if referral.returned or referral.end == "left":
        return referral.ended
    if referral.end in ("managed_move", "admission") and after is not None and after.status != "waiting":
        if after.status == "decided" and after.decision is not None:
            return after.decision.starts
        return after.last("referral.withdrawn") or after.last("decision.declined") or after.ended or referral.ended
    return None


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
        **{name: getattr(case, name) for name in (*TOLD, "days_out_of_education")},
        points=event.points,
        over_number=event.over_number,
        for_good=True,
    )


def _before(event: ev.PlacedBefore) -> Admission:
    case = event.case or ev.PlacedBeforeCase()
    return Admission(
        pupil=event.pupil,
        school=event.school,
        on=event.on,
        year_group=event.year_group,
        by_panel=True,
        kind=event.referral_kind,
        permanently_excluded=event.permanently_excluded,
        **{name: getattr(case, name) for name in (*TOLD, "days_out_of_education")},
        sent_by=event.home_school,
        failed=event.outcome == "broken_down" or (event.outcome == "returned" and event.referral_kind != "off_site_direction"),
        departed=event.outcome == "left",
        ended_on=event.ended_on,
        for_good=_for_good_before(event),
        gone=event.outcome in ENDED,
        gone_on=event.ended_on if event.outcome in ENDED else None,
    )


ENDED: Final = ("returned", "broken_down", "left")


def _for_good_before(event: ev.PlacedBefore) -> bool | None:
    """Whether a placement from before the ledger is permanent; of a move or a return to school on trial only its outcome tells."""
    if event.outcome is not None:
        return event.outcome != "on_trial"
    return None if event.referral_kind in ("managed_move", "reintegration") else event.referral_kind != "off_site_direction"
