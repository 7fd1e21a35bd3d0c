"""The shape of a rulebook's YAML: which keys it may have, and what kind of value each of them holds.

It knows no facts and parses no condition. pydantic does the checking; `edition.py` says its errors in the words of a rulebook,
and `schema.py` writes the shape out for editors.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from rules.forms import (
    Amount,
    AnyTotal,
    By,
    Events,
    FactId,
    FactName,
    Fate,
    Kind,
    Kinds,
    Length,
    Letter,
    Lines,
    ObjectiveName,
    Of,
    OfReferral,
    OverSpan,
    Paid,
    Quorum,
    Roles,
    RuleId,
    Scalar,
    SchoolFactShape,
    Sent,
    SettingKinds,
    Shape,
    Sources,
    Text,
    Total,
    YearGroup,
    refused,
)
from rules.shape_of_money import MoneyShape


class AuthorityShape(Shape):
    """Where a rule comes from; the paragraph only where it was checked."""

    instrument: str
    paragraph: Text = ""


class DaysShape(Shape):
    """From a day until a day, both included."""

    from_: dt.date | None = Field(None, alias="from")
    until: dt.date | None = None


class EditionShape(Shape):
    """The day from which an edition is in force, until the next one of its line, or until a last day of its own."""

    from_: dt.date = Field(alias="from")
    until: dt.date | None = None


class YearGroupsShape(Shape):
    """The year groups of the pupils whom the panel places, both included."""

    lowest: YearGroup
    highest: YearGroup


YearsOrPhase = Annotated[
    Annotated[YearGroupsShape, Tag("keys")] | Annotated[FactId, Tag("name")],
    Discriminator(lambda value: "name" if isinstance(value, str) else "keys"),
]
"""Year groups from the lowest to the highest, or a phase of the book by its name."""


class ExampleShape(Shape):
    """What a rule must say of one case."""

    name: Text
    given: Mapping[str, Scalar] = {}
    expect: Scalar


class SettingShape(Shape):
    """A named value; a local book that changes one from below gives the value alone."""

    value: Scalar
    unit: str = ""
    say: str = ""
    choice: bool | None = None
    at_least: int | None = None
    at_most: int | None = None


class CountShape(Shape):
    """A question to the ledger."""

    of: Sources
    where: Lines | None = None
    over: OverSpan
    per: Literal["school", "year_group"] = "school"
    minus: Sent = ()
    plus: Sent = ()
    broken_down: Fate = "keep"
    left: Fate = "keep"
    weigh: Literal["heads", "points"] = "heads"


class DeriveShape(Shape):
    """A name for a part of other conditions."""

    id: RuleId
    fact: FactName
    is_: Text = Field(alias="is")


class RuleShape(Shape):
    """What every rule and limit may have."""

    id: RuleId
    say: str = ""
    authority: AuthorityShape | None = None
    examples: tuple[ExampleShape, ...] = ()


class LimitShape(RuleShape):
    """How many more pupils a setting, or a year group of it, may take; with `of` how many of some, with `weigh` how many points of them."""

    of: Of | None = None
    year_groups: YearsOrPhase | None = None
    at: SettingKinds | None = None
    in_force: DaysShape | None = None
    when: Lines | None = None
    unless: Lines | None = None
    per: Literal["year_group", "school", "kept_apart_pupils"]
    room: Text
    weigh: Literal["heads", "points"] = "heads"
    waivable: bool = True


class TariffShape(RuleShape):
    """Points of an admission, which has no kind of referral, setting or meeting to be in scope of."""

    points: Amount
    when: Lines
    unless: Lines | None = None


class HoldShape(RuleShape):
    """Why the panel cannot decide a referral yet; it has no setting to be `at`."""

    applies_to: Kinds | None = None
    in_force: DaysShape | None = None
    when: Lines
    unless: Lines | None = None


class NoticeShape(HoldShape):
    """What the panel should know."""

    at: SettingKinds | None = None


class BarShape(NoticeShape):
    """Why a school may not receive a pupil."""

    waivable: bool = True


class ChargeShape(NoticeShape):
    """What a placement costs the authority."""

    pence: Amount


class TransferShape(RuleShape):
    """What follows a pupil, usually from the school that sent to the school that receives; it reads the placement alone."""

    pence: Paid
    when: Lines
    unless: Lines | None = None
    from_: Literal["sending_school", "authority", "fund"] = Field("sending_school", alias="from")
    to: Literal["receiving_school", "sending_school", "authority", "fund"] = "receiving_school"
    once: bool = False
    after: Length | None = None
    begins: Literal["first_day", "permanent", "exclusion"] = "first_day"


class TierShape(NoticeShape):
    """A step in the order of approach."""

    tier: Amount


class ObjectiveShape(Shape):
    """One objective; which of the keys it has depends on its name."""

    name: ObjectiveName
    of: Of | None = None
    count: FactId | None = None
    load: FactId | None = None
    limit: Total | None = None
    beyond: Literal["level", "free"] | None = None
    per: Literal["roll", "pan", "weight", "equal", "school", "year_group"] | None = None  # which of them, `PER` says
    list_: Total | None = Field(None, alias="list")
    broken_down: Fate | None = None
    left: Fate | None = None
    start: AnyTotal | None = None
    unranked: Amount | None = None
    by: By | None = None
    first: OfReferral | None = None


class VotesShape(Shape):
    """How many votes carry a decision: of those who voted for or against it, or of the members that are there and may."""

    majority: Literal["simple", "two_thirds", "three_quarters", "all"]
    of: Literal["voting", "present"] = "voting"
    casting_vote: Literal["none", "chair"] = "none"
    others: Literal["no_vote", "vote"] = "no_vote"


class MeetingShape(Shape):
    """What makes a meeting's decisions stand."""

    quorum: Quorum | None = None
    invite: Literal["all", "some"] = "all"
    absent: Literal["bound", "free"] = "bound"
    notice: Length | None = None
    members: SettingKinds | None = None
    others: Roles | None = None
    chair: Literal["any", "rotates"] | None = None
    own_referral: Literal["vote", "no_vote"] | None = None
    interest: Literal["vote", "no_vote"] | None = None
    votes: VotesShape | None = None
    exemption: Length | None = None


class ExtensionShape(Shape):
    """How much longer a trial, or what is temporary, may be made: by at most so much, so many times."""

    by: Length
    times: Amount = 1


class TrialShape(Shape):
    """A trial placement, as local protocols had it before 26 July 2026: so many weeks, or a length of any unit."""

    weeks: Amount | None = None
    lasts: Length | None = None
    extension: ExtensionShape | None = None
    at_end: Literal["permanent", "return"]
    ends_as: tuple[Literal["permanent", "return"], ...]


def _trial(value: object) -> object:
    if value == "never" or isinstance(value, (dict, TrialShape)):
        return value
    raise refused("never, or {weeks: 12, at_end: permanent, ends_as: [permanent, return]}")


class LifecycleShape(Shape):
    """What becomes of a referral of one kind."""

    placement: Literal["permanent", "temporary", "admission"] | None = None
    agreed_by: (
        tuple[Literal["parent", "pupil", "home_school", "receiving_school", "receiving_admission_authority", "local_authority"], ...] | None
    ) = None
    trial: Annotated[Literal["never"] | TrialShape, BeforeValidator(_trial)] | None = None
    decided_by: str | None = None
    register_: str | None = Field(None, alias="register")
    notice: Length | None = None
    reviews: tuple[Length, ...] | None = None
    lasts: Length | None = None
    extension: ExtensionShape | None = None
    ends_as: tuple[Literal["return", "extend", "managed_move", "permanent", "admission"], ...] | None = None
    authority: AuthorityShape | None = None


class ClockShape(RuleShape):
    """How soon one event must follow another, or how long it must wait; for which referrals, if not for all."""

    from_: Events = Field(alias="from")
    until: Events
    within: Length | None = None
    not_before: Length | None = None
    applies_to: Kinds | None = None
    when: Lines | None = None
    unless: Lines | None = None


class CategoryShape(Shape):
    """A category by its letter; `stands_for` is the letter that it has in the book below."""

    say: str = ""
    stands_for: Letter | None = None


def _setting(value: object) -> object:
    """`furthest: 9000` is short for `furthest: {value: 9000}`."""
    return value if isinstance(value, (dict, SettingShape)) else {"value": value}


def _category(value: object) -> object:
    """`a: a carer` is short for `a: {say: a carer}`."""
    if isinstance(value, str):
        return {"say": value}
    if isinstance(value, CategoryShape) or (isinstance(value, dict) and value):
        return value
    raise refused("words, or {stands_for: LETTER, say: words}")


def _objective(value: object) -> object:
    """`place`, or `quota: {...}` -> the keys of one ObjectiveShape."""
    if isinstance(value, str):
        return {"name": value}
    if isinstance(value, dict) and len(value) == 1:
        ((name, rest),) = value.items()
        if isinstance(rest, dict) and "name" not in rest:
            return {"name": name, **rest}
    if isinstance(value, ObjectiveShape):
        return value
    raise refused("the name of an objective, or the name with its keys: quota: {count: excluded_taken, limit: 2}")


class BookShape(Shape):
    """The whole file."""

    rulebook: RuleId
    edition: EditionShape
    title: str
    authority: AuthorityShape
    statutory: bool = False
    extends: RuleId | None = None
    year_groups: YearGroupsShape | None = None
    proof: Literal["certificate", "solvers"] | None = None
    settings: Mapping[FactId, Annotated[SettingShape, BeforeValidator(_setting)]] = {}
    points: Literal["largest", "added"] | None = None
    tariff: tuple[TariffShape, ...] = ()
    counts: Mapping[FactId, CountShape] = {}
    derive: tuple[DeriveShape, ...] = ()
    limits: tuple[LimitShape, ...] = ()
    holds: tuple[HoldShape, ...] = ()
    bars: tuple[BarShape, ...] = ()
    charges: tuple[ChargeShape, ...] = ()
    transfers: tuple[TransferShape, ...] = ()
    tiers: tuple[TierShape, ...] = ()
    notices: tuple[NoticeShape, ...] = ()
    objectives: tuple[Annotated[ObjectiveShape, BeforeValidator(_objective)], ...] | None = None
    meeting: MeetingShape | None = None
    papers: Mapping[FactId, Text] = {}
    school_facts: Mapping[FactId, SchoolFactShape] = {}
    offers: Mapping[FactId, Text] = {}
    phases: Mapping[FactId, YearGroupsShape] = {}
    categories: Mapping[Letter, Annotated[CategoryShape, BeforeValidator(_category)]] = {}
    lifecycle: Mapping[Kind, LifecycleShape] = {}
    clocks: tuple[ClockShape, ...] = ()
    money: MoneyShape | None = None
