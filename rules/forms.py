"""The kinds of value that a rulebook's YAML holds: ids, lines of conditions, amounts, lengths of time, lists of kinds.

Each says in words what it wants. Which key has which of them is for `shape.py`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Discriminator, PlainValidator, Tag, WithJsonSchema
from pydantic_core import PydanticCustomError, core_schema

from rules.facts import ANY_YEAR_GROUP, EXACT

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
Part = Literal["half", "two_thirds", "all"]
"""Of the panel's schools, the smallest part first."""
ObjectiveName = Literal[
    "place",
    "waiting",
    "together",
    "quota",
    "share",
    "tier",
    "preference",
    "journey",
    "longest_ago",
    "rota",
    "transport",
    "case_by_case",
    "ticket",
    "lottery",
]
Measure = Literal["place", "tier", "preference", "journey", "longest_ago", "transport"]
"""An objective that adds up what each pupil comes to, so that it can also be asked of one pupil after another."""


def refused(wanted: str) -> PydanticCustomError:
    """What a validator raises: what was wanted, in words."""
    return PydanticCustomError("wanted", "{wanted}", {"wanted": wanted})


def _as_text(value: object) -> object:
    """A condition such as `true` or a room such as `8` is text, although YAML types it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else value


def _as_list(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _as_amounts(value: object) -> object:
    return value if isinstance(value, tuple) else (value,)


def _as_lines(value: object) -> object:
    return tuple(_as_text(line) for line in value) if isinstance(value, tuple) else _as_list(_as_text(value))


def _filled(value: tuple[object, ...]) -> tuple[object, ...]:
    if not value:
        raise refused("at least one")
    return value


def _each_once(value: tuple[object, ...]) -> tuple[object, ...]:
    if len(set(value)) < len(value):
        raise refused("each of them once")
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
            raise refused(self.wanted)

        return core_schema.no_info_plain_validator_function(valid)

    def __get_pydantic_json_schema__(self, schema: object, handler: object) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^(?:{self.pattern})$", "description": self.wanted}


TRAVEL: Final = "transport"
"""In place of an amount: what the decision recorded that the journey costs."""


def _amount(value: object) -> object:
    whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) <= EXACT
    if whole or (isinstance(value, str) and re.fullmatch(r"settings\.[a-z][a-z0-9_]*", value)):
        return value
    raise refused("a whole number, or settings.NAME")


def _paid(value: object) -> object:
    try:
        return value if value == TRAVEL else _amount(value)
    except PydanticCustomError:
        raise refused(f"a whole number, settings.NAME, or {TRAVEL}: what the journey costs") from None


def _total(value: object) -> object:
    whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) <= EXACT
    if whole or isinstance(value, str):
        return value
    raise refused("a whole number, settings.NAME, or a sum such as 1 + school.roll // 500")


def _year_group(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool) and value in ANY_YEAR_GROUP:
        return value
    raise refused(f"a year group, {ANY_YEAR_GROUP[0]} (Reception) to {ANY_YEAR_GROUP[-1]}")


def _quorum(value: object) -> object:
    try:
        return value if value in get_args(Part) else _amount(value)
    except PydanticCustomError:
        raise refused("a whole number, settings.NAME, half, two_thirds or all") from None


def _scalar(value: object) -> object:
    if isinstance(value, (str, bool, dt.date)) or (isinstance(value, int) and abs(value) <= EXACT):
        return value
    raise refused("a whole number, true or false, a word or a date")


def _one_or_more(words: Sequence[str] = ()) -> WithJsonSchema:
    """For editors: one value, or a list that is not empty; without words any line of text, which YAML may also read as true or 8."""
    one: dict[str, Any] = {"enum": list(words)} if words else {"type": ["string", "boolean", "integer"]}
    return WithJsonSchema({"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]})


_A_FACT = "FAMILY.NAME, such as candidate.far; a family is referral, school, year, candidate or panel"
_A_LENGTH = "a length of time such as 20 school days, 15 calendar days, 6 weeks, or settings.NAME school days"
_A_SPAN = "academic_year, 2 academic_years (up to 9), term, for_ever, at_present, or a number of weeks such as 6 weeks"

Text = Annotated[str, BeforeValidator(_as_text), WithJsonSchema({"type": ["string", "number", "boolean"]})]
Lines = Annotated[tuple[str, ...], BeforeValidator(_as_lines), AfterValidator(_filled), _one_or_more()]
"""One condition, or several of which each is enough."""
Scalar = Annotated[
    int | bool | str | dt.date,
    PlainValidator(_scalar),
    WithJsonSchema({"type": ["integer", "boolean", "string"], "maximum": EXACT, "minimum": -EXACT}),
]
Total = Annotated[int | str, PlainValidator(_total), WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string"}]})]
AnyTotal = Annotated[int | str, PlainValidator(_total), WithJsonSchema({"anyOf": [{"type": "integer"}, {"type": "string"}]})]
"""The same, which may also be below 0."""
_AN_AMOUNT: dict[str, Any] = {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": r"^settings\.[a-z][a-z0-9_]*$"}]}
Amount = Annotated[int | str, PlainValidator(_amount), WithJsonSchema(_AN_AMOUNT)]
Paid = Annotated[int | str, PlainValidator(_paid), WithJsonSchema({"anyOf": [*_AN_AMOUNT["anyOf"], {"const": TRAVEL}]})]
"""The pence of a transfer, which may also be what the journey costs."""
Amounts = Annotated[
    tuple[Amount, ...],
    BeforeValidator(_as_amounts),
    AfterValidator(_filled),
    WithJsonSchema({"anyOf": [_AN_AMOUNT, {"type": "array", "items": _AN_AMOUNT, "minItems": 1}]}),
]
"""One amount, or several in their order."""
Quorum = Annotated[
    int | str,
    PlainValidator(_quorum),
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": list(get_args(Part))},
                {"type": "integer", "minimum": 1},
                {"type": "string", "pattern": r"^settings\.[a-z][a-z0-9_]*$"},
            ]
        }
    ),
]
YearGroup = Annotated[
    int,
    PlainValidator(_year_group),
    WithJsonSchema({"type": "integer", "minimum": ANY_YEAR_GROUP[0], "maximum": ANY_YEAR_GROUP[-1]}),
]
RuleId = Annotated[str, _Form(r"[a-z][a-z0-9-]*", "an id of small letters, digits and hyphens, such as too-far")]
FactId = Annotated[str, _Form(r"[a-z][a-z0-9_]*", "a name of small letters, digits and underscores, such as excluded_taken")]
_ROLE = r"[a-z][a-z0-9_]*"
Role = Annotated[str, _Form(_ROLE, "a role in small letters, digits and underscores, such as local_authority; no person's name")]
_A_ROLE: dict[str, Any] = {"type": "string", "pattern": f"^(?:{_ROLE})$"}
Roles = Annotated[
    tuple[Role, ...],
    BeforeValidator(_as_list),
    AfterValidator(_filled),
    AfterValidator(_each_once),
    WithJsonSchema({"anyOf": [_A_ROLE, {"type": "array", "items": _A_ROLE, "minItems": 1, "uniqueItems": True}]}),
]
"""Who is at the table beside the schools, by names that the book gives them."""
FactName = Annotated[str, _Form(r"(referral|school|year|candidate|panel)\.[a-z][a-z0-9_]*", _A_FACT)]
Letter = Annotated[str, _Form(r"[a-z][a-z0-9_]*", "a letter or a short word of small letters")]
_UNIT = r"((school|calendar) days?|weeks?)"
_A_TIME = rf"[1-9][0-9]{{0,3}} {_UNIT}|settings\.[a-z][a-z0-9_]*( {_UNIT})?"
Length = Annotated[str, _Form(_A_TIME, _A_LENGTH)]
Events = Annotated[tuple[str, ...], BeforeValidator(_as_list), AfterValidator(_filled), AfterValidator(_each_once)]
"""One event, or several of which the first that happens counts."""
OverSpan = Annotated[str, _Form(r"academic_year|[2-9] academic_years|term|for_ever|at_present|[1-9][0-9]{0,2} weeks?", _A_SPAN)]
_A_FATE = "keep, drop, or drop within a length of time such as drop within 6 weeks"
Fate = Annotated[str, _Form(rf"keep|drop|drop within ({_A_TIME})", _A_FATE)]
"""Whether what is over goes on counting, or not, or not where it lasted no longer than that."""
Kinds = Annotated[tuple[Kind, ...], BeforeValidator(_as_list), AfterValidator(_filled), _one_or_more(get_args(Kind))]
SettingKinds = Annotated[tuple[SettingKind, ...], BeforeValidator(_as_list), AfterValidator(_filled), _one_or_more(get_args(SettingKind))]
Source = Literal["placements", "outside_admissions", "own_referrals", "own_referrals_placed"]
Sources = Annotated[tuple[Source, ...], BeforeValidator(_as_list), AfterValidator(_filled), _one_or_more(get_args(Source))]
Sent = Annotated[tuple[Literal["own_referrals_placed"], ...], BeforeValidator(_as_list), _one_or_more(("own_referrals_placed",))]
OfReferral = Annotated[str, _Form(r"referral\.[a-z][a-z0-9_]*", "a fact of the referral by its name, such as referral.year_group")]
Measures = Annotated[tuple[Measure, ...], BeforeValidator(_as_list), AfterValidator(_filled), _one_or_more(get_args(Measure))]
OfWords = Annotated[tuple[OfWord, ...], BeforeValidator(_as_list), AfterValidator(_filled), _one_or_more(get_args(OfWord))]


def form_of(value: object) -> str:
    """Which form a value has where a fact may stand, words, or keys: a word with a dot names a fact."""
    return "fact" if isinstance(value, str) and "." in value else "keys" if isinstance(value, Mapping) else "words"


class Shape(BaseModel):
    """Every mapping of a rulebook: frozen, strict, no key that it does not know."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", defer_build=True, populate_by_name=False)


class SomeShape(Shape):
    """Of pupils who come by these kinds only those who were permanently excluded, or only the others."""

    kinds: Kinds
    permanently_excluded: bool


class SchoolFactShape(Shape):
    """What a book asks of every school: yes or no, or with a unit a whole number of it, from 0; `number` goes with any."""

    say: Text
    unit: str = ""
    at_most: int | None = None


Of = Annotated[
    Annotated[OfWords, Tag("words")] | Annotated[SomeShape, Tag("keys")] | Annotated[OfReferral, Tag("fact")],
    Discriminator(form_of),
]
"""Words of whom any will do; a kind and an exclusion together; or a fact of the case."""
By = Annotated[
    Annotated[Measures, Tag("words")] | Annotated[OfReferral, Tag("fact")],
    Discriminator(lambda value: "fact" if form_of(value) == "fact" else "words"),
]
"""Of case_by_case what it asks of each case, of waiting the fact that counts its days."""
OF_DAYS: Final = "a fact of the referral that counts days, such as referral.days_out_of_education"


KEYS: Final[Mapping[str, frozenset[str]]] = {
    "waiting": frozenset({"by"}),
    "quota": frozenset({"count", "limit", "beyond"}),
    "share": frozenset({"load", "per", "start"}),
    "preference": frozenset({"unranked"}),
    "longest_ago": frozenset({"per", "broken_down", "left"}),
    "rota": frozenset({"per", "list", "broken_down", "left"}),
    "case_by_case": frozenset({"by", "unranked", "first"}),
}
"""The keys of an objective beside `of`."""
MAY_LACK: Final[Mapping[str, frozenset[str]]] = {
    "waiting": frozenset({"by"}),
    "quota": frozenset({"beyond"}),
    "share": frozenset({"per", "start"}),
    "longest_ago": frozenset({"per", "broken_down", "left"}),
    "rota": frozenset({"per", "list", "broken_down", "left"}),
    "case_by_case": frozenset({"unranked", "first"}),
}
"""Those of them that may be left out: `beyond` is level then, `per` is roll, `start` is 0, and `unranked` is needed only with preference;
`waiting` goes by the school days waited, `case_by_case` by the day on which a case was accepted."""
PER: Final[Mapping[str, tuple[str, ...]]] = {
    "share": ("roll", "pan", "weight", "equal"),
    "longest_ago": ("school", "year_group"),
    "rota": ("school", "year_group"),
}
"""What `per` may be: what the loads of a share are measured by; whether a school has one turn, or one in each year group."""
