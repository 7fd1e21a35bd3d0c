"""Every field of entries of every kind, open and sealed, changed once by somebody who makes all digests and seals fit.

Nobody says beforehand what must be found: what the replay finds is counted by kind and field, and the fields in which it
never finds anything are those of `ONLY_KEPT`.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from panel.record.chain import SEALS
from tests.attacks.forgery import Body, Copy, resealed, retold

LEFT_OUT: Final = (SEALS, "version")
"""The seals have attacks of their own; of a version that it does not know the program says so."""

OTHERS: Final[dict[str, dict[str, str]]] = {
    "by": {"parent": "home_school", "home_school": "parent"},
    "intake": {"mixed": "girls", "girls": "boys", "boys": "girls"},
    "outcome": {"confirmed": "overridden", "overridden": "confirmed", "deferred": "declined", "permanent": "returned"},
    "referral_kind": {"managed_move": "fair_access"},
    "setting": {"mainstream": "special"},
    "single_sex_schools": {"none": "girls"},
    "suited_to": {"mainstream": "pru"},
    "estimate": {},
}
"""Field -> value -> another that is allowed there."""
ELSE: Final = {
    "outcome": "broken_down",
    "referral_kind": "managed_move",
    "setting": "mainstream",
    "single_sex_schools": "none",
    "suited_to": "mainstream",
}

NEVER: Final[dict[str, str]] = {
    "agreement signed": "on, salt",
    "budget set": "salt",
    "decision taken": "reason (sealed), salt",
    "exemption voted": "first, last, reason (sealed), salt",
    "family agreed": "on, salt",
    "journeys recorded": "salt",
    "meeting attended": "salt, schools",
    "meeting closed": "salt",
    "meeting drawn": "salt",
    "meeting invited": "salt, schools, told_on",
    "meeting opened": "chair, salt",
    "outside admission": "behaviour_is_primary_need (sealed), on, permanently_excluded, pupil, salt, why (sealed)",
    "panel founded": "name, salt",
    "permanent exclusion": "on, pupil, salt, school, year_group",
    "placement before the ledger": "on, outcome, permanently_excluded, pupil, referral_kind, salt, school",
    "placement started": "on, salt",
    "placements proposed": "salt",
    "places recorded": "as_at, salt",
    "receiving school agreed": "on, salt",
    "receiving school refused": "on, reason (sealed), salt",
    "referral made": (
        "attendance (sealed), caseworker_consents (sealed), category (sealed), easting (sealed), in_area (sealed), "
        "low_income (sealed), northing (sealed), on_a_roll (sealed), previously_looked_after (sealed), salt, "
        "single_sex_schools (sealed), suitable_offer_refused (sealed)"
    ),
    "referral withdrawn": "on, reason (sealed), salt",
    "rulebook adopted": "edition, name, salt",
    "school recorded": "easting, high_age, northing, phase, salt",
    "term recorded": "last, salt",
}
"""Kind of entry -> the fields of it in which the replay finds no change."""

ONLY_KEPT: Final = frozenset((kind, field) for kind, fields in NEVER.items() for field in fields.split(", "))


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one entry: `field` as the page names it, and what forges the copy."""

    seq: int
    kind: str
    field: str
    forge: Callable[[], Copy]


def other(field: str, value: Any) -> Any:
    """A value like the one there, and another."""
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case str() if field in OTHERS:
            return OTHERS[field].get(value, ELSE.get(field, value))
        case str():
            return _other_text(value)
        case [first, *rest]:
            return [other(field, first), *rest] if isinstance(first, dict) else rest
        case []:
            return ["900001"]
        case dict() if value:
            key = "metres" if "metres" in value else min(value)
            return {**value, key: other(key, value[key])}
        case _:
            return {"900001": "police"}


def _other_text(value: str) -> str:
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return (dt.date.fromisoformat(value) + dt.timedelta(days=1)).isoformat()
    if re.fullmatch(r"[0-9a-f]{64}", value):
        return "0" * 64
    if re.fullmatch(r"9000\d\d", value):
        return "900002" if value != "900002" else "900001"
    if re.fullmatch(r"[RP]\d\d", value):
        return f"{value[0]}{'02' if value[1:] != '02' else '01'}"
    return f"{value}x"


MOST: Final = 4
"""So many entries of a kind, spread evenly over all of them."""


def changes(copy: Copy) -> Iterator[Change]:
    """Every open field, and every field of the first and the last sealed part, of up to so many entries that have it."""
    by_field: dict[tuple[str, str], list[Change]] = {}
    for change in _changes(copy):
        by_field.setdefault((change.kind, change.field), []).append(change)
    for found in by_field.values():
        most = min(MOST, len(found))
        yield from (found[number * len(found) // most] for number in range(most))


def _changes(copy: Copy) -> Iterator[Change]:
    for entry in copy.entries:
        body = copy.body(entry.seq)
        for field in sorted(body.keys() - set(LEFT_OUT)):
            yield Change(entry.seq, entry.kind, field, partial(retold, copy, entry.seq, **{field: other(field, body[field])}))
        parts = copy.parts(entry.seq)
        for row in dict.fromkeys((*parts[:1], *parts[-1:])):
            content: Body = json.loads(row.content)
            for field in sorted(content):
                told = {**content, field: other(field, content[field])}
                yield Change(
                    entry.seq, entry.kind, f"{field} (sealed)", partial(resealed, copy, entry.seq, row.subject, partial(_instead, told))
                )


def _instead(told: Body, _: Body) -> Body:
    return told
