"""The closed list of things that can be recorded: what is open in each, and what is sealed.

An event says what became so; it decides nothing and knows no SQL. The open part holds references, dates, schools and
outcomes: what counts need. What belongs to a child's case lies in a sealed part, of which the chain holds only a salted
commitment: `case` (an auditor may read it) or `identity` (nobody needs it to replay). Where one event seals parts of
several children (`cases`), each is sealed by itself. A body's `version` says how to read it; old versions are read for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from panel.errors import LedgerBroken
from panel.events.admissions import AdmissionCase, AdmittedOutside, CountedCase, PermanentlyExcluded, PlacedBefore, PlacedBeforeCase
from panel.events.changes import (
    Correction,
    CorrectionCase,
    OfSchool,
    SchoolClosed,
    SchoolConverted,
    SchoolJoined,
    SchoolLeft,
    SchoolMerged,
    SchoolRenamed,
)
from panel.events.event import (
    MEANINGS,
    PANEL,
    SALT,
    SEMANTICS,
    Event,
    Kind,
    Outcome,
    Reason,
    Record,
    SettingKind,
    Signatory,
    Vote,
    Votes,
    unknown_meaning,
)
from panel.events.lifecycle import (
    BoardDeclined,
    BoardDirected,
    DirectionStep,
    EducationStarted,
    End,
    ExclusionReversed,
    Family,
    FamilyAgreed,
    FamilyRefused,
    FamilyTold,
    NoticeGiven,
    OfReferral,
    Partner,
    PartnerAgreed,
    PartnerRefused,
    PlacementBrokeDown,
    PlacementEnded,
    PlacementExtended,
    PlacementMadePermanent,
    PlacementReviewed,
    PlacementStarted,
    SharingAgreed,
    SharingWithdrawn,
)
from panel.events.meetings import (
    DecisionTaken,
    InterestDeclared,
    MeetingAttended,
    MeetingClosed,
    MeetingDrawn,
    MeetingInvited,
    MeetingOpened,
    OfMeeting,
    PanelsReason,
    PlacementsProposed,
    SchoolAgreed,
    SchoolRefused,
)
from panel.events.panels import (
    BudgetSet,
    ExemptionVoted,
    FundSet,
    PanelFounded,
    PlacesRecorded,
    RulebookAdopted,
    SaidOfSchool,
    SchoolRecorded,
    TermRecorded,
    YearPlaces,
)
from panel.events.persons import ErasedPart, ErasureCase, Kept, PersonErased
from panel.events.referrals import (
    AgreementSigned,
    AgreementWithdrawn,
    Identity,
    IdentityRecorded,
    Journey,
    JourneyRows,
    JourneysRecorded,
    PaperCase,
    PaperRecorded,
    ReferralCase,
    ReferralMade,
    ReferralWithdrawn,
    YearGroupFrom,
)
from panel.events.travel import TransportClaimed
from panel.record.chain import SEALS

__all__ = [
    "BY_KIND",
    "EVENTS",
    "MEANINGS",
    "PANEL",
    "SALT",
    "SEMANTICS",
    "AdmissionCase",
    "AdmittedOutside",
    "AgreementSigned",
    "AgreementWithdrawn",
    "BoardDeclined",
    "BoardDirected",
    "BudgetSet",
    "Correction",
    "CorrectionCase",
    "CountedCase",
    "DecisionTaken",
    "DirectionStep",
    "EducationStarted",
    "End",
    "ErasedPart",
    "ErasureCase",
    "Event",
    "ExclusionReversed",
    "ExemptionVoted",
    "Family",
    "FamilyAgreed",
    "FamilyRefused",
    "FamilyTold",
    "FundSet",
    "Identity",
    "IdentityRecorded",
    "InterestDeclared",
    "Journey",
    "JourneyRows",
    "JourneysRecorded",
    "Kept",
    "Kind",
    "MeetingAttended",
    "MeetingClosed",
    "MeetingDrawn",
    "MeetingInvited",
    "MeetingOpened",
    "NoticeGiven",
    "OfMeeting",
    "OfReferral",
    "OfSchool",
    "Outcome",
    "PanelFounded",
    "PanelsReason",
    "PaperCase",
    "PaperRecorded",
    "Partner",
    "PartnerAgreed",
    "PartnerRefused",
    "PermanentlyExcluded",
    "PersonErased",
    "PlacedBefore",
    "PlacedBeforeCase",
    "PlacementBrokeDown",
    "PlacementEnded",
    "PlacementExtended",
    "PlacementMadePermanent",
    "PlacementReviewed",
    "PlacementStarted",
    "PlacementsProposed",
    "PlacesRecorded",
    "Reason",
    "Record",
    "ReferralCase",
    "ReferralMade",
    "ReferralWithdrawn",
    "RulebookAdopted",
    "SaidOfSchool",
    "SchoolAgreed",
    "SchoolClosed",
    "SchoolConverted",
    "SchoolJoined",
    "SchoolLeft",
    "SchoolMerged",
    "SchoolRecorded",
    "SchoolRefused",
    "SchoolRenamed",
    "SettingKind",
    "SharingAgreed",
    "SharingWithdrawn",
    "Signatory",
    "TermRecorded",
    "TransportClaimed",
    "Vote",
    "Votes",
    "YearGroupFrom",
    "YearPlaces",
    "read",
    "unknown_meaning",
]

EVENTS: Final[tuple[type[Event], ...]] = (
    PanelFounded,
    RulebookAdopted,
    SchoolRecorded,
    PlacesRecorded,
    TermRecorded,
    BudgetSet,
    FundSet,
    ExemptionVoted,
    AdmittedOutside,
    PlacedBefore,
    PermanentlyExcluded,
    ReferralMade,
    ReferralWithdrawn,
    AgreementSigned,
    AgreementWithdrawn,
    PaperRecorded,
    JourneysRecorded,
    IdentityRecorded,
    MeetingOpened,
    MeetingInvited,
    MeetingAttended,
    InterestDeclared,
    MeetingDrawn,
    PlacementsProposed,
    DecisionTaken,
    MeetingClosed,
    SchoolAgreed,
    SchoolRefused,
    FamilyAgreed,
    FamilyRefused,
    PartnerAgreed,
    PartnerRefused,
    SharingAgreed,
    SharingWithdrawn,
    FamilyTold,
    BoardDirected,
    BoardDeclined,
    NoticeGiven,
    EducationStarted,
    PlacementStarted,
    PlacementReviewed,
    PlacementExtended,
    PlacementMadePermanent,
    PlacementEnded,
    PlacementBrokeDown,
    ExclusionReversed,
    DirectionStep,
    TransportClaimed,
    SchoolMerged,
    SchoolClosed,
    SchoolRenamed,
    SchoolConverted,
    SchoolJoined,
    SchoolLeft,
    Correction,
    PersonErased,
)
BY_KIND: Final[Mapping[str, type[Event]]] = {event.kind: event for event in EVENTS}


def read(kind: str, body: Mapping[str, Any], parts: Mapping[tuple[str, str], Mapping[str, Any]], *, seq: int = 0) -> Event:
    """An entry's body and what is still held of its sealed parts -> the event.

    A part that is no longer held leaves its field empty. Raises `LedgerBroken` where this version cannot read the entry.
    """
    found = BY_KIND.get(kind)
    fields = {key: value for key, value in body.items() if key not in {"version", SALT, SEALS}}
    if found is None or body.get("version") != found.version:
        raise LedgerBroken(
            f"Entry {seq} is of kind '{kind}', version {body.get('version')}; this program cannot read that. Use a newer one."
        )
    for (subject, sealed), content in parts.items():
        if sealed == "identity":
            fields["identity"] = content
        elif "cases" in found.model_fields:
            if subject == PANEL:
                fields["shared"] = content
            else:
                fields.setdefault("cases", {})[subject] = content
        else:
            fields["case"] = content
    try:
        return found.model_validate(fields)
    except ValueError as error:
        # The cause is not repeated: it could quote what is sealed.
        raise LedgerBroken(f"Entry {seq} ({kind}) does not have the fields of its kind: {type(error).__name__}.") from None
