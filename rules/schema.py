"""A JSON Schema of a rulebook's YAML, made from its shape, so that editors complete and check it while it is written.

It says what a file may look like, not whether it makes sense: conditions, names and layers are checked by `rules check`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, get_args

from rules.clocks import EVENTS
from rules.facts import ANY_YEAR_GROUP, FACTS, PAPER_EVENT, Fact, year_group_facts
from rules.forms import KEYS, MAY_LACK, PER, ObjectiveName
from rules.given import OUTCOMES
from rules.shape import BookShape

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

MEANINGS: Final[Mapping[str, str]] = {
    "rulebook": "the name of the line of editions that this one belongs to",
    "edition": "the day from which it is in force: until the next edition of its line, or until a last day of its own",
    "title": "what people call it",
    "authority": "where it comes from; a rule that says nothing else has this source",
    "statutory": "true for a layer of law: it has no objectives and extends nothing",
    "extends": "the line that it stands on; on any day the edition of it in force on that day",
    "year_groups": "the year groups of the pupils whom the panel places, 0 for Reception; 7 to 11 where nothing is said",
    "proof": "`certificate` (usual), or `solvers` where quotas, shares or rotas count pupils who overlap without nesting",
    "settings": "named values; those with `choice: true` may be changed by a book above",
    "points": "`largest` (usual): an admission has the points of the largest line of the tariff that fires; `added`: of all that fire",
    "tariff": "points of an admission or placement: of the largest line that fires, or with `points: added` of all that fire",
    "counts": "questions to the record, per school or per year group",
    "derive": "names for parts of conditions",
    "limits": "room: how many more pupils, or points of pupils (`weigh: points`), a setting, or a year group of it, may take; with"
    " `when` or `unless` at some schools only",
    "holds": "why the panel cannot decide a referral yet",
    "bars": "why a school may not receive a pupil",
    "charges": "pence a year to the authority, summed",
    "transfers": "pence that follow a pupil, usually a year and from school to school, summed",
    "tiers": "the order of approach; the last is `when: true`",
    "notices": "what the panel is told",
    "objectives": "what is aimed for, in order; `place` first",
    "meeting": "what makes a meeting's decisions stand",
    "papers": "papers that the panel may want of a case, by a name for files and rules; a hold asks for one as referral.paper_NAME, "
    "a clock runs until paper.NAME",
    "phases": "groups of year groups by a name: school.on_roll_NAME and school.pan_NAME add them up, and a limit may be for one",
    "offers": "what a school may offer and a pupil may need, by a name for the columns `offers` of schools and `needs` of referrals",
    "school_facts": "what the book asks of every school and the program does not know, by a name for rules (school.NAME) and for the "
    "column of the schools file",
    "categories": "the lettered categories of fair access",
    "lifecycle": "what becomes of a referral, by its kind",
    "money": "the financial year, and how a partnership's fund is filled and shared",
    "clocks": "how soon one thing must follow another",
}


def schema() -> dict[str, Any]:
    """The schema as plain data, draft 2020-12."""
    made: dict[str, Any] = _tidied(BookShape.model_json_schema())
    shapes = made["$defs"]
    properties = made["properties"]
    for name, meaning in MEANINGS.items():
        properties[name]["description"] = meaning
    scalar = shapes["SettingShape"]["properties"]["value"]
    named = properties["settings"]["patternProperties"]
    properties["settings"]["patternProperties"] = {name: {"anyOf": [scalar, shape]} for name, shape in named.items()}
    named = properties["categories"]["patternProperties"]
    properties["categories"]["patternProperties"] = {name: {"anyOf": [{"type": "string"}, shape]} for name, shape in named.items()}
    for name in ("settings", "counts", "papers", "school_facts", "offers", "phases", "categories"):
        properties[name] = {**properties[name], "additionalProperties": False}
    levy = shapes["MoneyShape"]["properties"]
    levy["levy"] = {"anyOf": [shapes["LevyShape"]["properties"]["pence"], {"$ref": "#/$defs/LevyShape"}]}
    fund, share = shapes["FundShape"]["properties"], shapes["ShareShape"]
    share["required"] = ["by", "part"]
    fund["shared"] = {"anyOf": [share["properties"]["by"], {"type": "array", "items": {"$ref": "#/$defs/ShareShape"}, "minItems": 2}]}
    properties["objectives"]["items"] = _objective(shapes.pop("ObjectiveShape"))
    shapes["ExampleShape"]["properties"] |= {"given": _given(), "expect": {"anyOf": [{"enum": list(OUTCOMES)}, {"type": "integer"}]}}
    event = {"anyOf": [{"enum": list(EVENTS)}, {"type": "string", "pattern": rf"^{re.escape(PAPER_EVENT)}[a-z][a-z0-9_]*$"}]}
    several = {"type": "array", "items": event, "minItems": 1, "uniqueItems": True}
    shapes["ClockShape"]["properties"] |= {key: {"anyOf": [*event["anyOf"], several]} for key in ("from", "until")}
    title = "A rulebook of pastoral"
    return {"$schema": DIALECT, "title": title, **{key: value for key, value in made.items() if key != "title"}}


def _tidied(value: Any) -> Any:
    """Without the titles, defaults and forms of names that say nothing more, and the nulls that YAML cannot write here."""
    if isinstance(value, list):
        return [_tidied(one) for one in value]
    if not isinstance(value, dict):
        return value
    kept = {key: inner if key in {"enum", "const", "required"} else _tidied(inner) for key, inner in value.items() if key != "default"}
    if isinstance(kept.get("title"), str):
        del kept["title"]
    if "patternProperties" in kept:
        kept.pop("propertyNames", None)
    choices = [one for one in kept.pop("anyOf", []) if one != {"type": "null"}]
    if len(choices) == 1:
        kept = {**choices[0], **kept}
    elif choices:
        kept["anyOf"] = choices
    return kept


def _objective(shape: Mapping[str, Any]) -> dict[str, Any]:
    """An objective by its name alone, or the name with its keys."""
    names = get_args(ObjectiveName)
    alone = [name for name in names if KEYS.get(name, frozenset()) <= MAY_LACK.get(name, frozenset())]
    spoken = {name: _keyed(name, shape, KEYS.get(name, frozenset())) for name in names}
    keyed = {"type": "object", "properties": spoken, "additionalProperties": False, "minProperties": 1, "maxProperties": 1}
    return {"anyOf": [{"enum": alone}, keyed]}


def _keyed(name: str, shape: Mapping[str, Any], keys: frozenset[str]) -> dict[str, Any]:
    properties = {key: told for key, told in shape["properties"].items() if key in keys or (key == "of" and name != "together")}
    if "per" in properties:
        properties["per"] = {"enum": list(PER[name])}
    if "by" in properties:
        words, fact = properties["by"]["oneOf"]
        properties["by"] = fact if name == "waiting" else words
    needed = sorted(keys - MAY_LACK.get(name, frozenset()))
    return {"type": "object", "properties": properties, "required": needed, "additionalProperties": False}


def _given() -> dict[str, Any]:
    """The facts that an example may give, each with its meaning; a book's own counts have names that nobody knows beforehand."""
    counts = r"^(school|year|panel|referral)\.[a-z][a-z0-9_]*$"
    years = year_group_facts(ANY_YEAR_GROUP)
    known = {fact.name: _value(years.get(fact.name, fact)) for fact in FACTS}
    return {"type": "object", "properties": known, "patternProperties": {counts: {}}, "additionalProperties": False}


def _value(fact: Fact) -> dict[str, Any]:
    match fact.type:
        case "number":
            told: dict[str, Any] = {"type": "integer", "minimum": fact.low, "maximum": fact.high}
        case "yes/no":
            told = {"type": "boolean"}
        case "date":
            told = {"type": "string", "format": "date"}
        case "word":
            told = {"enum": list(fact.words)} if fact.words else {"type": "string"}
    meaning = f"{fact.meaning} ({fact.unit})" if fact.unit else fact.meaning
    return {"anyOf": [told, {"const": "unknown"}], "description": meaning} if fact.optional else {**told, "description": meaning}
