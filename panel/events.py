"""The closed list of things that can be recorded: what is open in each, and what is sealed.

An event says what became so; it decides nothing and knows no SQL. The open part holds references, dates, schools and
outcomes: what counts need. What belongs to a child's case lies in a sealed part, of which the chain holds only a salted
commitment: `case` (an auditor may read it) or `identity` (nobody needs it to replay). Where one event seals parts of
several children (`cases`), each is sealed by itself. A body's `version` says how to read it; old versions are read for ever.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from panel.chain import Draft, Part
from panel.errors import LedgerBroken

SEMANTICS: Final = 1
"""The meaning under which decisions are made now. A replay uses the meaning that a decision names."""

PANEL: Final = "panel"
"""The subject of a sealed part that is about no single child."""

Kind = Literal["managed_move", "off_site_direction", "permanent_exclusion", "reintegration", "fair_access"]
SettingKind = Literal["mainstream", "inclusion_centre", "pru", "special"]
Signatory = Literal["parent", "home_school"]
Outcome = Literal["confirmed", "overridden", "deferred", "declined"]


class Record(BaseModel):
    """A frozen record. Unknown keys are refused: a body that this version cannot read is never half read."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Event(Record):
    """Something that can be recorded. `day` is when it became so; None means always, whenever it was loaded."""

    kind: ClassVar[str]
    version: ClassVar[int] = 1
    sealed_fields: ClassVar[frozenset[str]] = frozenset({"case", "cases", "shared"})

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
        if held.get("shared"):
            parts.append(Part(PANEL, "case", held["shared"]))
        parts.extend(Part(subject, "case", content) for subject, content in sorted(held.get("cases", {}).items()))
        return tuple(parts)


# --- the panel and its rules ---


class PanelFounded(Event):
    """A panel's ledger begins. `rulebook` is the line of editions that it decides by."""

    kind = "panel founded"
    name: str
    rulebook: str


class RulebookAdopted(Event):
    """An edition, with its full text. In force from its own date, whenever it was adopted."""

    kind = "rulebook adopted"
    name: str
    edition: dt.date
    digest: str
    text: str


# --- schools, places, terms ---


class SchoolRecorded(Event):
    """One receiving setting as the register shows it. Distances in metres on the National Grid; blank means unknown.

    `intake` is mixed, girls or boys. `roll` counts pupils, all years; `places` and `occupied` are for settings without
    year groups. `closing` is "open, but proposed to close" or a closing date.
    """

    kind = "school recorded"
    urn: str
    name: str
    setting: SettingKind = "mainstream"
    phase: str | None = None
    intake: Literal["mixed", "girls", "boys"] | None = None
    low_age: int | None = None
    high_age: int | None = None
    opened_on: dt.date | None = None
    closes_on: dt.date | None = None
    closing: bool = False
    closed: bool = False
    roll: int | None = None
    places: int | None = None
    occupied: int | None = None
    special_measures: bool | None = None
    ofsted: str | None = None
    head_in_first_term: bool | None = None
    easting: int | None = None
    northing: int | None = None

    @property
    def day(self) -> dt.date | None:
        return self.opened_on


class YearPlaces(Record):
    """One year group of a setting, counted on one day."""

    year_group: int
    pan: int | None = None
    on_roll: int | None = None
    looked_after: int | None = None
    ehcp: int | None = None


class PlacesRecorded(Event):
    """PAN and roll per year group as they stood on `as_at`."""

    kind = "places recorded"
    urn: str
    as_at: dt.date
    years: tuple[YearPlaces, ...]

    @property
    def day(self) -> dt.date | None:
        return self.as_at


class TermRecorded(Event):
    """A term, both days included, and the days within it on which schools are closed (bank holidays, as known when loaded)."""

    kind = "term recorded"
    first: dt.date
    last: dt.date
    closed: tuple[dt.date, ...] = ()


class ExemptionVoted(Event):
    """The panel exempts a school, or one year group of it, from a day to a day, both included. The reason is sealed."""

    kind = "exemption voted"
    urn: str
    year_group: int | None = None
    first: dt.date
    last: dt.date
    case: Reason | None = None

    @property
    def day(self) -> dt.date | None:
        return self.first


class Reason(Record):
    """Words that a person wrote: always sealed, for they may be about a child."""

    reason: str


# --- what happened outside the panel, and before it ---


class AdmissionCase(Record):
    """What is sealed of an admission."""

    ehcp: bool | None = None
    looked_after: bool | None = None
    behaviour_is_primary_need: bool | None = None
    why: str | None = None


class AdmittedOutside(Event):
    """A school admitted a pupil without the panel. `points` where somebody else's tariff already weighed it."""

    kind = "outside admission"
    pupil: str
    school: str
    on: dt.date
    year_group: int
    permanently_excluded: bool = False
    points: int | None = None
    case: AdmissionCase | None = None

    @property
    def day(self) -> dt.date | None:
        return self.on

    @property
    def subject(self) -> str:
        return self.pupil


class PlacedBefore(Event):
    """A placement from before the ledger began."""

    kind = "placement before the ledger"
    pupil: str
    school: str
    on: dt.date
    referral_kind: Kind
    permanently_excluded: bool = False
    year_group: int
    outcome: Literal["permanent", "returned", "broken_down"] | None = None

    @property
    def day(self) -> dt.date | None:
        return self.on


class PermanentlyExcluded(Event):
    """A school permanently excluded a pupil."""

    kind = "permanent exclusion"
    pupil: str
    school: str
    on: dt.date
    year_group: int

    @property
    def day(self) -> dt.date | None:
        return self.on


# --- referrals ---


class ReferralCase(Record):
    """What is sealed of a referral. A yes/no that is blank is unknown; a list that is blank is empty.

    `preferences` are URNs, first choice first; `kept_apart` names why pupil and school must be kept apart. Home is on the
    National Grid in metres and never leaves this part.
    """

    category: str | None = None
    suited_to: SettingKind = "mainstream"
    single_sex_schools: Literal["girls", "boys", "none"] | None = None
    preferences: tuple[str, ...] = ()
    kept_apart: Mapping[str, Literal["complaint", "police", "safeguarding"]] = Field(default_factory=dict)
    siblings_at: tuple[str, ...] = ()
    catchment: tuple[str, ...] = ()
    easting: int | None = None
    northing: int | None = None
    postcode: str | None = None
    ehcp: bool | None = None
    looked_after: bool | None = None
    previously_looked_after: bool | None = None
    persistent_disruptive_behaviour: bool | None = None
    interventions_evidenced: bool | None = None
    caseworker_consents: bool | None = None
    low_income: bool | None = None
    attendance: int | None = None
    on_a_roll: bool | None = None
    in_area: bool | None = None
    suitable_offer_refused: bool | None = None
    excluded_times: int | None = None
    earlier_placement_broke_down: bool | None = None


class ReferralMade(Event):
    """A pupil's case is put to the panel."""

    kind = "referral made"
    referral: str
    pupil: str
    referral_kind: Kind
    permanently_excluded: bool = False
    year_group: int
    home_school: str | None = None
    excluded_by: str | None = None
    made_on: dt.date
    accepted_on: dt.date | None = None
    case: ReferralCase | None = None

    @property
    def day(self) -> dt.date | None:
        return self.made_on

    @property
    def subject(self) -> str:
        return self.pupil


class ReferralWithdrawn(Event):
    """A referral is taken back before it was decided."""

    kind = "referral withdrawn"
    referral: str
    pupil: str
    on: dt.date
    case: Reason | None = None

    @property
    def day(self) -> dt.date | None:
        return self.on

    @property
    def subject(self) -> str:
        return self.pupil


class AgreementSigned(Event):
    """The parent or the home school agrees to look for a move."""

    kind = "agreement signed"
    referral: str
    by: Signatory
    on: dt.date

    @property
    def day(self) -> dt.date | None:
        return self.on


class AgreementWithdrawn(Event):
    """The parent or the home school takes that agreement back."""

    kind = "agreement withdrawn"
    referral: str
    by: Signatory
    on: dt.date

    @property
    def day(self) -> dt.date | None:
        return self.on


class Journey(Record):
    """One way from home to a setting. `metres` along the route that `method` names; pence a year; blank is unknown."""

    urn: str
    metres: int | None = None
    minutes: int | None = None
    pence_per_year: int | None = None
    method: str | None = None
    estimate: bool = False
    within_walking_distance: bool | None = None
    transport_entitled: bool | None = None


class JourneyRows(Record):
    """All journeys recorded for a pupil in one step."""

    journeys: tuple[Journey, ...]


class JourneysRecorded(Event):
    """Results of measuring, or estimates, sealed: together they would show where a child lives."""

    kind = "journeys recorded"
    pupil: str
    case: JourneyRows | None = None

    @property
    def subject(self) -> str:
        return self.pupil


# --- the meeting ---


class OfMeeting(Event):
    """Something that belongs to one meeting: its number, from 1, and its day."""

    meeting: int
    on: dt.date

    @property
    def day(self) -> dt.date | None:
        return self.on


class MeetingOpened(OfMeeting):
    """The frozen agenda, edition and facts. `cases` holds each pupil's facts, `shared` those of schools and panel."""

    kind = "meeting opened"
    chair: str
    agenda: tuple[str, ...]
    agenda_digest: str
    rulebook: str
    edition: dt.date
    rulebook_digest: str
    semantics: int = SEMANTICS
    cases: Mapping[str, Mapping[str, Any]] = Field(default_factory=dict)
    shared: Mapping[str, Any] | None = None


class MeetingInvited(OfMeeting):
    """Schools were told of the meeting."""

    kind = "meeting invited"
    schools: tuple[str, ...]
    told_on: dt.date


class MeetingAttended(OfMeeting):
    """Schools were represented at the meeting."""

    kind = "meeting attended"
    schools: tuple[str, ...]


class MeetingDrawn(OfMeeting):
    """The representatives' words, in the order given, and the seed that follows from them."""

    kind = "meeting drawn"
    words: tuple[str, ...]
    seed: str


class PlacementsProposed(OfMeeting):
    """What the program proposes: no effect until the panel confirms it.

    `fixed` are pupils whom the panel had already decided in this meeting. `cases` holds what the rules said of each pupil
    at each school; `shared` the proof that nothing better was there.
    """

    kind = "placements proposed"
    seed: str
    rulebook_digest: str
    semantics: int = SEMANTICS
    placements: Mapping[str, str]
    unplaced: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    fixed: Mapping[str, str] = Field(default_factory=dict)
    objectives: tuple[Mapping[str, Any], ...]
    leaves: int
    unique: bool
    cases: Mapping[str, Mapping[str, Any]] = Field(default_factory=dict)
    shared: Mapping[str, Any] | None = None


class DecisionTaken(OfMeeting):
    """The panel's word on one referral. `proposal` is the entry it follows or departs from, where there is one.

    `starts` is the planned first day at `school`; `waived` the bars set aside by an override; `transport_pence` what the
    placement costs the authority a year, as far as it was known (it counts against the budget, so it is open).
    """

    kind = "decision taken"
    referral: str
    pupil: str
    outcome: Outcome
    school: str | None = None
    starts: dt.date | None = None
    proposal: int | None = None
    waived: tuple[str, ...] = ()
    transport_pence: int | None = None
    case: Reason | None = None

    @property
    def subject(self) -> str:
        return self.pupil


class MeetingClosed(OfMeeting):
    """Nothing more is decided in this meeting."""

    kind = "meeting closed"


class SchoolAgreed(Event):
    """The receiving school's admission authority agrees to the decision."""

    kind = "receiving school agreed"
    referral: str
    pupil: str
    school: str
    on: dt.date

    @property
    def day(self) -> dt.date | None:
        return self.on


class SchoolRefused(Event):
    """The receiving school does not agree. Its count is taken back; the referral returns to the next agenda."""

    kind = "receiving school refused"
    referral: str
    pupil: str
    school: str
    on: dt.date
    case: Reason | None = None

    @property
    def day(self) -> dt.date | None:
        return self.on

    @property
    def subject(self) -> str:
        return self.pupil


EVENTS: Final[tuple[type[Event], ...]] = (
    PanelFounded,
    RulebookAdopted,
    SchoolRecorded,
    PlacesRecorded,
    TermRecorded,
    ExemptionVoted,
    AdmittedOutside,
    PlacedBefore,
    PermanentlyExcluded,
    ReferralMade,
    ReferralWithdrawn,
    AgreementSigned,
    AgreementWithdrawn,
    JourneysRecorded,
    MeetingOpened,
    MeetingInvited,
    MeetingAttended,
    MeetingDrawn,
    PlacementsProposed,
    DecisionTaken,
    MeetingClosed,
    SchoolAgreed,
    SchoolRefused,
)
BY_KIND: Final[Mapping[str, type[Event]]] = {event.kind: event for event in EVENTS}


def read(kind: str, body: Mapping[str, Any], parts: Mapping[tuple[str, str], Mapping[str, Any]], *, seq: int = 0) -> Event:
    """An entry's body and what is still held of its sealed parts -> the event.

    A part that is no longer held leaves its field empty. Raises `LedgerBroken` where this version cannot read the entry.
    """
    found = BY_KIND.get(kind)
    fields = {key: value for key, value in body.items() if key not in {"version", "seals"}}
    if found is None or body.get("version") != found.version:
        raise LedgerBroken(f"Entry {seq} is of kind '{kind}', version {body.get('version')}; this program cannot read that. Use a newer one.")
    for (subject, _class), content in parts.items():
        if "cases" in found.model_fields:
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
