"""The shape of a rulebook's YAML: which keys it may have, and what kind of value each of them holds.

It knows no facts and parses no condition. pydantic does the checking; `edition.py` says its errors in the words of a rulebook,
and `schema.py` writes the shape out for editors.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError, core_schema

from rules.facts import EXACT

Kind = Literal["managed_move", "off_site_direction", "permanent_exclusion", "reintegration", "fair_access"]
OfWord = Literal[
    "managed_move",
    "off_site_direction",
    "permanent_exclusion",
    "reintegration",
    "fair_access",
    "permanently_excluded",
    "not_permanently_excluded",
]
SettingKind = Literal["mainstream", "inclusion_centre", "pru", "special"]
ObjectiveName = Literal[
    "place", "waiting", "quota", "share", "tier", "preference", "journey", "longest_ago", "transport", "ticket", "lottery"
]


def _refused(wanted: str) -> PydanticCustomError:
    return PydanticCustomError("wanted", "{wanted}", {"wanted": wanted})


def _as_text(value: object) -> object:
    """A condition such as `true` or a room such as `8` is text, although YAML types it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else value


def _as_list(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _as_lines(value: object) -> object:
    return tuple(_as_text(line) for line in value) if isinstance(value, tuple) else _as_list(_as_text(value))


def _filled(value: tuple[object, ...]) -> tuple[object, ...]:
    if not value:
        raise _refused("at least one")
    return value


@dataclass(frozen=True, slots=True)
class _Form:
    """A word of one form; `wanted` says it to people, the pattern to editors."""

    pattern: str
    wanted: str

    def __get_pydantic_core_schema__(self, source: object, handler: object) -> core_schema.CoreSchema:
        form = re.compile(self.pattern)

        def valid(value: object) -> object:
            if isinstance(value, str) and form.fullmatch(value):
                return value
            raise _refused(self.wanted)

        return core_schema.no_info_plain_validator_function(valid)

    def __get_pydantic_json_schema__(self, schema: object, handler: object) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^(?:{self.pattern})$", "description": self.wanted}


def _amount(value: object) -> object:
    whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) <= EXACT
    if whole or (isinstance(value, str) and re.fullmatch(r"settings\.[a-z][a-z0-9_]*", value)):
        return value
    raise _refused("a whole number, or settings.NAME")


def _scalar(value: object) -> object:
    if isinstance(value, (str, bool, dt.date)) or (isinstance(value, int) and abs(value) <= EXACT):
        return value
    raise _refused("a whole number, true or false, a word or a date")


def _one_or_more(words: Sequence[str] = ()) -> WithJsonSchema:
    """For editors: one value, or a list that is not empty; without words any line of text, which YAML may also read as true or 8."""
    one: dict[str, Any] = {"enum": list(words)} if words else {"type": ["string", "boolean", "integer"]}
    return WithJsonSchema({"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]})


_A_FACT = "FAMILY.NAME, such as candidate.far; a family is referral, school, year, candidate or panel"
_A_LENGTH = "a length of time such as 20 school days, 15 calendar days or 6 weeks"
_A_SPAN = "academic_year, term, for_ever, or a number of weeks such as 6 weeks"

Text = Annotated[str, BeforeValidator(_as_text), WithJsonSchema({"type": ["string", "number", "boolean"]})]
Lines = Annotated[tuple[str, ...], BeforeValidator(_as_lines), AfterValidator(_filled), _one_or_more()]
"""One condition, or several of which each is enough."""
Scalar = Annotated[
    int | bool | str | dt.date,
    PlainValidator(_scalar),
    WithJsonSchema({"type": ["integer", "boolean", "string"], "maximum": EXACT, "minimum": -EXACT}),
]
Amount = Annotated[
    int | str,
    PlainValidator(_amount),
    WithJsonSchema({"anyOf": [{"type": "integer"}, {"type": "string", "pattern": r"^settings\.[a-z][a-z0-9_]*$"}]}),
]
RuleId = Annotated[str, _Form(r"[a-z][a-z0-9-]*", "an id of small letters, digits and hyphens, such as too-far")]
FactId = Annotated[str, _Form(r"[a-z][a-z0-9_]*", "a name of small letters, digits and underscores, such as excluded_taken")]
FactName = Annotated[str, _Form(r"(referral|school|year|candidate|panel)\.[a-z][a-z0-9_]*", _A_FACT)]
Letter = Annotated[str, _Form(r"[a-z][a-z0-9_]*", "a letter or a short word of small letters")]
Length = Annotated[str, _Form(r"[1-9][0-9]{0,3} (school|calendar) days?|[1-9][0-9]{0,2} weeks?", _A_LENGTH)]
OverSpan = Annotated[str, _Form(r"academic_year|term|for_ever|[1-9][0-9]{0,2} weeks?", _A_SPAN)]
Kinds = Annotated[tuple[Kind, ...], BeforeValidator(_as_list), AfterValidator(_filled), _one_or_more(get_args(Kind))]
SettingKinds = Annotated[tuple[SettingKind, ...], BeforeValidator(_as_list), AfterValidator(_filled), _one_or_more(get_args(SettingKind))]
Source = Literal["placements", "outside_admissions"]
Sources = Annotated[tuple[Source, ...], BeforeValidator(_as_list), AfterValidator(_filled), _one_or_more(get_args(Source))]
Sent = Annotated[tuple[Literal["own_referrals_placed"], ...], BeforeValidator(_as_list), _one_or_more(("own_referrals_placed",))]
OfWords = Annotated[tuple[OfWord, ...], BeforeValidator(_as_list), AfterValidator(_filled), _one_or_more(get_args(OfWord))]


class Shape(BaseModel):
    """Every mapping of a rulebook: frozen, strict, no key that it does not know."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", defer_build=True, populate_by_name=False)


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
    broken_down: Literal["keep", "drop"] = "keep"
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
    """How many more pupils a setting, or a year group of it, may take, whatever kind of referral they come by."""

    at: SettingKinds | None = None
    in_force: DaysShape | None = None
    per: Literal["year_group", "school"]
    room: Text
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


class TierShape(NoticeShape):
    """A step in the order of approach."""

    tier: Amount


class ObjectiveShape(Shape):
    """One objective; which of the keys it has depends on its name."""

    name: ObjectiveName
    of: OfWords | None = None
    count: FactId | None = None
    load: FactId | None = None
    limit: Amount | None = None
    beyond: Literal["level", "free"] | None = None
    per: Literal["roll", "pan", "equal"] | None = None
    unranked: Amount | None = None


class MeetingShape(Shape):
    """What makes a meeting's decisions stand."""

    quorum: Annotated[int, Field(ge=1)] | None = None
    invite: Literal["all", "some"] = "all"
    absent: Literal["bound", "free"] = "bound"
    notice: Length | None = None


class TrialShape(Shape):
    """A trial placement, as local protocols had it before 26 July 2026."""

    weeks: Annotated[int, Field(ge=1, le=52)]
    at_end: Literal["permanent", "return"]
    ends_as: tuple[Literal["permanent", "return"], ...]


def _trial(value: object) -> object:
    if value == "never" or isinstance(value, (dict, TrialShape)):
        return value
    raise _refused("never, or {weeks: 12, at_end: permanent, ends_as: [permanent, return]}")


class LifecycleShape(Shape):
    """What becomes of a referral of one kind."""

    placement: Literal["permanent", "temporary", "admission"] | None = None
    agreed_by: (
        tuple[Literal["parent", "home_school", "receiving_school", "receiving_admission_authority", "local_authority"], ...] | None
    ) = None
    trial: Annotated[Literal["never"] | TrialShape, BeforeValidator(_trial)] | None = None
    decided_by: str | None = None
    register_: str | None = Field(None, alias="register")
    notice: Length | None = None
    reviews: tuple[Length, ...] | None = None
    ends_as: tuple[Literal["return", "extend", "managed_move", "permanent", "admission"], ...] | None = None
    authority: AuthorityShape | None = None


class ClockShape(Shape):
    """How soon one event must follow another."""

    id: RuleId
    from_: str = Field(alias="from")
    until: str
    within: Length
    applies_to: Kinds | None = None
    authority: AuthorityShape | None = None


def _setting(value: object) -> object:
    """`furthest: 9000` is short for `furthest: {value: 9000}`."""
    return value if isinstance(value, (dict, SettingShape)) else {"value": value}


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
    raise _refused("the name of an objective, or the name with its keys: quota: {count: excluded_taken, limit: 2}")


class BookShape(Shape):
    """The whole file."""

    rulebook: RuleId
    edition: EditionShape
    title: str
    authority: AuthorityShape
    statutory: bool = False
    extends: RuleId | None = None
    settings: Mapping[FactId, Annotated[SettingShape, BeforeValidator(_setting)]] = {}
    tariff: tuple[TariffShape, ...] = ()
    counts: Mapping[FactId, CountShape] = {}
    derive: tuple[DeriveShape, ...] = ()
    limits: tuple[LimitShape, ...] = ()
    holds: tuple[HoldShape, ...] = ()
    bars: tuple[BarShape, ...] = ()
    charges: tuple[ChargeShape, ...] = ()
    tiers: tuple[TierShape, ...] = ()
    notices: tuple[NoticeShape, ...] = ()
    objectives: tuple[Annotated[ObjectiveShape, BeforeValidator(_objective)], ...] | None = None
    meeting: MeetingShape | None = None
    categories: Mapping[Letter, str] = {}
    lifecycle: Mapping[Kind, LifecycleShape] = {}
    clocks: tuple[ClockShape, ...] = ()
