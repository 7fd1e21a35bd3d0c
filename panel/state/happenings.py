"""What an event does to a referral: how it changes what is so of it, and what a clock would say has happened.

It reads no rulebook: whether a step was allowed is not asked here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from panel import events as ev
from panel.state.records import Happening, Recorded, Referral
from rules.facts import PAPER_EVENT

NAMED: Final[Mapping[type[ev.Event], str]] = {
    ev.ReferralWithdrawn: "referral.withdrawn",
    ev.SchoolAgreed: "receiving_school.accepted",
    ev.SchoolRefused: "receiving_school.refused",
    ev.FamilyAgreed: "family.agreed",
    ev.FamilyRefused: "family.refused",
    ev.PartnerAgreed: "partner.agreed",
    ev.PartnerRefused: "partner.refused",
    ev.SharingAgreed: "sharing.agreed",
    ev.SharingWithdrawn: "sharing.withdrawn",
    ev.FamilyTold: "family.told",
    ev.BoardDirected: "board.directed",
    ev.BoardDeclined: "board.declined",
    ev.NoticeGiven: "notice.given",
    ev.EducationStarted: "education.started",
    ev.PlacementStarted: "placement.started",
    ev.PlacementReviewed: "placement.reviewed",
    ev.PlacementExtended: "placement.extended",
    ev.PlacementMadePermanent: "placement.made_permanent",
    ev.PlacementEnded: "placement.ended",
    ev.PlacementBrokeDown: "placement.broke_down",
    ev.TransportClaimed: "transport.claimed",
}
"""What happens to a referral by each event, as a clock names it."""

STEPS: Final[Mapping[str, str]] = {
    "announced": "direction.announced",
    "answered": "direction.answered",
    "referred": "direction.referred",
    "directed": "school.directed",
    "admitted": "school.admitted",
    "dropped": "direction.dropped",
}
OUTCOMES: Final[Mapping[str, str]] = {"deferred": "decision.deferred", "declined": "decision.declined"}
TAKEN_BACK: Final = ".taken_back"
"""What follows the event of a paper where the panel no longer has it. No clock can name that, and no paper is called so."""


def happenings(item: Recorded) -> Iterator[Happening]:
    """All that an entry says has happened to its referral, each with its day."""
    yield from (Happening(name, on, item.seq) for name, on in _named(item.event))


def _named(event: ev.Event) -> Iterator[tuple[str, dt.date]]:
    match event:
        case ev.ReferralMade():
            yield from _referred(event, event.case or ev.ReferralCase())
        case ev.PaperRecorded(case=case, on=on):
            if case is not None:  # sealed under a key that is not here, or erased: which paper it is nobody can tell
                yield f"{PAPER_EVENT}{case.paper}{'' if case.here else TAKEN_BACK}", on
        case ev.AgreementSigned(by=by, on=on):
            yield f"{by}.agreed", on
        case ev.AgreementWithdrawn(by=by, on=on):
            yield f"{by}.withdrew", on
        case ev.DecisionTaken(outcome=outcome, on=on):
            yield OUTCOMES.get(outcome, "decision.taken"), on
        case ev.DirectionStep(step=step, on=on):
            yield STEPS[step], on
        case ev.PlacementEnded(end="not_taken_up", on=on):
            yield "placement.not_taken_up", on
        case _:
            if type(event) in NAMED and event.day is not None:
                yield NAMED[type(event)], event.day


def _referred(made: ev.ReferralMade, case: ev.ReferralCase) -> Iterator[tuple[str, dt.date]]:
    """What has happened by the day of a referral, and what came with it."""
    if case.conversation_on is not None:
        yield "conversation.held", case.conversation_on
    if case.out_of_education_since is not None:
        yield "education.stopped", case.out_of_education_since
    yield "referral.made", made.made_on
    if made.accepted_on is not None:
        yield "referral.accepted", made.accepted_on
    yield from ((f"{PAPER_EVENT}{paper}", made.made_on) for paper in case.papers or ())


def changed(before: Referral, event: ev.Event) -> Referral:
    """The referral after an event about it."""
    match event:
        case ev.AgreementWithdrawn(by=by, school=school):
            signed = replace(before, agreements=_without(before.agreements, by))
            return signed if school is None else _undecided(signed)
        case (
            ev.AgreementSigned() | ev.SharingAgreed() | ev.SharingWithdrawn() | ev.FamilyAgreed() | ev.PartnerAgreed() | ev.PaperRecorded()
        ):
            return _signed(before, event)
        case ev.ReferralWithdrawn():
            return replace(before, withdrawn=True)
        case ev.SchoolAgreed():
            return replace(before, agreed_by_school=True)
        case ev.SchoolRefused(school=school):
            return replace(_undecided(before), refusals=(*before.refusals, school))
        case ev.FamilyRefused(school=school):
            return replace(_undecided(before), family_refusals=tuple(dict.fromkeys((*before.family_refusals, school))))
        case ev.PartnerRefused() | ev.BoardDeclined():
            return _undecided(before)
        case ev.OfReferral():
            return _placed(before, event)
        case _:
            raise AssertionError(f"{event.kind} does not change a referral")


def decided(before: Referral, decision: ev.DecisionTaken, seq: int) -> Referral:
    """The referral after the panel's word on it."""
    happened = (*before.happened, *happenings(Recorded(seq, "", decision)))
    if decision.outcome == "deferred":
        return replace(before, happened=happened, deferrals=before.deferrals + 1)
    return replace(before, happened=happened, decision=decision, decision_seq=seq)


def _signed(
    before: Referral,
    event: ev.AgreementSigned | ev.SharingAgreed | ev.SharingWithdrawn | ev.FamilyAgreed | ev.PartnerAgreed | ev.PaperRecorded,
) -> Referral:
    """Who agrees to what, and since when; and which papers the panel has."""
    match event:
        case ev.PaperRecorded(case=case):
            return before if case is None else replace(before, papers={**before.papers, case.paper: case.here})
        case ev.AgreementSigned(by=by, on=on):
            return replace(before, agreements={**before.agreements, by: on})
        case ev.SharingAgreed(by=by, on=on):
            return replace(before, sharing={**before.sharing, by: on})
        case ev.SharingWithdrawn(by=by):
            return replace(before, sharing=_without(before.sharing, by))
        case ev.FamilyAgreed(by=by, on=on):
            return replace(before, family={**before.family, by: on})
        case ev.PartnerAgreed(by=by, on=on):
            return replace(before, partners={**before.partners, by: on})


def _without(signed: Mapping[str, dt.date], by: str) -> dict[str, dt.date]:
    return {who: on for who, on in signed.items() if who != by}


def _undecided(before: Referral) -> Referral:
    """The decision is taken back, with everything that was agreed to it."""
    return replace(before, decision=None, decision_seq=0, agreed_by_school=False, family={}, partners={})


def _placed(before: Referral, event: ev.OfReferral) -> Referral:
    """What becomes of the placement."""
    match event:
        case ev.PlacementStarted(until=until):
            return replace(before, until=until)
        case ev.PlacementExtended(until=until):
            return replace(before, until=until)
        case ev.TransportClaimed():
            return replace(before, claims=(*before.claims, event))
        case ev.PlacementMadePermanent():
            return replace(before, end="permanent")
        case ev.PlacementEnded(end=end):
            return replace(before, end=end, returned=end == "return")
        case ev.PlacementBrokeDown(returned=returned):
            return replace(before, end="broken_down", returned=returned)
        case ev.DirectionStep():
            return replace(before, directions=(*before.directions, event))
        case _:
            return before
