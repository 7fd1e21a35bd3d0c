"""A pupil's case before the panel: the referral, who agrees to it, and the journeys from home."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Literal, get_args

from pydantic import Field, field_validator

from panel.events.event import AboutPupil, Kind, OnDay, Reason, Record, SettingKind, Signatory


class ReferralCase(Record):
    """What is sealed of a referral. A yes/no that is blank is unknown; a list that is blank is empty.

    `suited_to` is the kind of setting that the pupil is to go to, or several of which any will do, in the order of `SettingKind`.
    `preferences` are URNs, first choice first; `attended_until` has the last day at those of `attended` of which it was said;
    `kept_apart` names why pupil and school must be kept apart; `not_with` are references of pupils from whom this one is to be
    kept apart, `together_with` of those with whom it is to be placed; `papers` those of the rulebook that the panel has; `points` what the
    panel gave it by a form of its own, in place of the tariff's; `needs` whether the pupil needs each of what the rulebook then named.
    Home is on the National Grid in metres and never leaves this part.
    """

    category: str | None = None
    suited_to: SettingKind | tuple[SettingKind, ...] = "mainstream"
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
    behaviour_is_primary_need: bool | None = None
    interventions_evidenced: bool | None = None
    caseworker_consents: bool | None = None
    low_income: bool | None = None
    cannot_walk: bool | None = None
    attendance: int | None = None
    suspended_days: int | None = None
    from_alternative_provision: bool | None = None
    meets_selection: bool | None = None
    on_a_roll: bool | None = None
    in_area: bool | None = None
    suitable_offer_refused: bool | None = None
    excluded_times: int | None = None
    earlier_placement_broke_down: bool | None = None
    conversation_on: dt.date | None = None
    attended: tuple[str, ...] | None = None
    attended_until: Mapping[str, dt.date] | None = None
    not_with: tuple[str, ...] | None = None
    out_of_education_since: dt.date | None = None
    papers: tuple[str, ...] | None = None
    together_with: tuple[str, ...] | None = None
    area: str | None = None
    points: int | None = None
    needs: Mapping[str, bool] | None = None

    @field_validator("suited_to")
    @classmethod
    def _one_way_to_say_it(cls, said: SettingKind | tuple[SettingKind, ...]) -> SettingKind | tuple[SettingKind, ...]:
        several = tuple(kind for kind in get_args(SettingKind) if kind in said)
        if isinstance(said, tuple) and (len(said) < 2 or said != several):
            raise ValueError("several kinds of setting are two or more, each once, in their order")
        return said

    @property
    def suited(self) -> tuple[SettingKind, ...]:
        """The kinds of setting of which any will do."""
        return self.suited_to if isinstance(self.suited_to, tuple) else (self.suited_to,)


class YearGroupFrom(Record):
    """The year group of a pupil on a day, as it was said then for its academic year and those after it."""

    on: dt.date
    year_group: int


class ReferralMade(AboutPupil):
    """A pupil's case is put to the panel. `follows` is the earlier referral that it comes back from;
    `no_home_school` is true where it was said that there is none: the pupil comes from no school of this panel.
    `year_group` is that of the day it was made; `later_year_groups` what corrections said for a later academic year, by day.
    """

    kind = "referral made"
    referral: str
    referral_kind: Kind
    permanently_excluded: bool = False
    year_group: int
    home_school: str | None = None
    no_home_school: bool | None = None
    excluded_by: str | None = None
    made_on: dt.date
    accepted_on: dt.date | None = None
    follows: str | None = None
    later_year_groups: tuple[YearGroupFrom, ...] | None = None
    case: ReferralCase | None = None

    @property
    def day(self) -> dt.date | None:
        return self.made_on


class Identity(Record):
    """Who a pupil is. No rule reads any of it, and no replay needs it; it is for letters and for monitoring equality."""

    upn: str | None = None
    family_name: str | None = None
    given_names: str | None = None
    born_on: dt.date | None = None
    sex: str | None = None
    ethnicity: str | None = None
    fsm: bool | None = None
    sen: str | None = None
    address: str | None = None


class IdentityRecorded(AboutPupil):
    """A pupil's identity, all of it sealed in a class of its own."""

    kind = "identity recorded"
    identity: Identity | None = None


class ReferralWithdrawn(OnDay, AboutPupil):
    """A referral is taken back before it was decided."""

    kind = "referral withdrawn"
    referral: str
    case: Reason | None = None


class AgreementSigned(OnDay):
    """The parent, the pupil or the home school agrees to look for a move."""

    kind = "agreement signed"
    referral: str
    by: Signatory


class AgreementWithdrawn(OnDay):
    """The parent, the pupil or the home school takes that agreement back.

    `school` is the one that had been decided, where this stops a managed move: the decision is undone.
    """

    kind = "agreement withdrawn"
    referral: str
    by: Signatory
    school: str | None = None


class PaperCase(Record):
    """Which paper of the rulebook, and whether the panel has it now."""

    paper: str
    here: bool


class PaperRecorded(OnDay, AboutPupil):
    """A paper that the rulebook names comes to the panel, or is taken back. Which one is sealed: it may tell what a child is."""

    kind = "paper recorded"
    referral: str
    case: PaperCase | None = None


class Journey(Record):
    """One way from home to a setting. `metres` along the route that `method` names; pence a year; blank is unknown.

    `safe_route`: whether it is safe to walk; `on_belief`: whether the family asked for this setting on grounds of religion or belief.
    """

    urn: str
    metres: int | None = None
    minutes: int | None = None
    pence_per_year: int | None = None
    method: str | None = None
    estimate: bool = False
    within_walking_distance: bool | None = None
    transport_entitled: bool | None = None
    safe_route: bool | None = None
    on_belief: bool | None = None


class JourneyRows(Record):
    """All journeys recorded for a pupil in one step."""

    journeys: tuple[Journey, ...]


class JourneysRecorded(AboutPupil):
    """Results of measuring, or estimates, sealed: together they would show where a child lives."""

    kind = "journeys recorded"
    case: JourneyRows | None = None
