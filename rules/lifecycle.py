"""Lifecycles and meetings: what they come to, and that a layer above is only stricter than those below.

It keeps them as plain data and runs none of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from typing import Final, get_args

from rules.book import Length, Setting
from rules.edition import NO_TRIAL, Edition
from rules.errors import Fault
from rules.forms import Part
from rules.layers import whole_of
from rules.lengths import at_least, length_of
from rules.yaml_text import Path, Plain

Told = dict[str, Plain]
"""What a layer says, with its settings resolved, and lengths as lengths."""

NO_TRIALS_FROM: Final = dt.date(2026, 7, 26)
"""Suspension and permanent exclusion guidance: from this day a managed move cannot be a trial."""


class Numbers:
    """Reads the numbers and lengths of a stack, of which a setting may name any; what cannot be read becomes a fault and is left out."""

    def __init__(self, settings: Mapping[str, Setting], lost: Collection[str], faults: list[Fault]) -> None:
        self._settings, self._lost, self._faults = settings, lost, faults

    def whole(self, edition: Edition, path: Path, amount: int | str, low: int, high: int) -> int | None:
        """The whole number that an amount comes to, from low to high."""
        many = whole_of(edition, path, amount, self._settings, self._lost, self._faults)
        if many is not None and not low <= many <= high:
            found = str(many) if isinstance(amount, int) else f"{amount}, which is {many}"
            self._faults.append(edition.fault(path, found=found, wanted=f"a whole number, {low} to {high}"))
            return None
        return many

    def length(self, edition: Edition, path: Path, text: str) -> Length | None:
        """The length of time that a text comes to."""
        return length_of(edition, path, text, self._settings, self._lost, self._faults)

    def stricter(self, *values: Plain | None) -> str:
        """What to do where a layer is looser than those below it, and whose setting made it so."""
        named = [value.setting for value in values if isinstance(value, Length) and value.setting]
        chosen = (f"`settings.{name}` has its value from {self._settings[name].book}." for name in named)
        return " ".join((STRICTER, *chosen))


def lifecycle_of(stack: tuple[Edition, ...], numbers: Numbers, faults: list[Fault]) -> Mapping[str, Mapping[str, Plain]]:
    """Kind of referral -> what becomes of it, the layers from the lowest up, each only stricter."""
    made: dict[str, Told] = {}
    for edition in stack:
        for kind, shape in edition.shape.lifecycle.items():
            said = _lifecycle(edition, ("lifecycle", kind), shape.model_dump(by_alias=True, exclude_none=True), numbers)
            faults.extend(_trials(edition, kind, said))
            below = made.setdefault(kind, {})
            for key, value in said.items():
                if key in below and (why := _looser(key, below[key], value)):
                    stricter = numbers.stricter(*(value if isinstance(value, tuple) else (value,)))
                    law = key == "trial" and below[key] == "never" and any(one.name == "england" for one in stack)
                    advice = NO_TRIAL if law else stricter
                    faults.append(edition.fault(("lifecycle", kind, key), found="less than the book below asks", wanted=why, advice=advice))
                else:
                    below[key] = value
            faults.extend(_disguised(edition, kind, said, below))
    return {kind: _plain(said) for kind, said in made.items()}


def _lifecycle(edition: Edition, path: Path, said: Told, numbers: Numbers) -> Told:
    """What a layer says of one kind, without what cannot be read."""
    told = dict(said)
    if "notice" in said:
        told["notice"] = numbers.length(edition, (*path, "notice"), said["notice"])
    if "reviews" in said:
        reviews = tuple(numbers.length(edition, (*path, "reviews", n), text) for n, text in enumerate(said["reviews"]))
        told["reviews"] = None if None in reviews else reviews
    if isinstance(said.get("trial"), Mapping):
        weeks = numbers.whole(edition, (*path, "trial", "weeks"), said["trial"]["weeks"], 1, LONGEST_TRIAL)
        told["trial"] = None if weeks is None else {**said["trial"], "weeks": weeks}
    return {key: value for key, value in told.items() if value is not None}


def _plain(said: Told) -> dict[str, Plain]:
    """With its lengths as text."""
    return {key: tuple(map(str, value)) if key == "reviews" else str(value) if key == "notice" else value for key, value in said.items()}


def meeting_of(stack: tuple[Edition, ...], numbers: Numbers, faults: list[Fault]) -> Mapping[str, Plain]:
    """What makes decisions stand: what each layer says over those below, only stricter."""
    made: Told = {}
    defaults: Told = {}
    for edition in stack:
        if edition.shape.meeting is None:
            continue
        defaults = edition.shape.meeting.model_dump(exclude_none=True)
        for key, value in _meeting(edition, edition.shape.meeting.model_dump(exclude_unset=True, exclude_none=True), numbers).items():
            if key in made and (why := _weaker(key, made[key], value)):
                advice = numbers.stricter(value)
                faults.append(edition.fault(("meeting", key), found="less than the book below asks", wanted=why, advice=advice))
            made[key] = value
    plain = {key: value for key, value in defaults.items() if key not in {"quorum", "notice"}}
    return _plain({**plain, **made})


def _meeting(edition: Edition, said: Told, numbers: Numbers) -> Told:
    """What a layer says of a meeting, without what cannot be read."""
    told = dict(said)
    if "notice" in said:
        told["notice"] = numbers.length(edition, ("meeting", "notice"), said["notice"])
    if "quorum" in said and said["quorum"] not in SHARES:
        told["quorum"] = numbers.whole(edition, ("meeting", "quorum"), said["quorum"], 1, MOST_SCHOOLS)
    return {key: value for key, value in told.items() if value is not None}


def _weaker(key: str, below: Plain, above: Plain) -> str:
    """What was wanted, if a meeting's rule above asks for less than the one below; else nothing."""
    match key:
        case "quorum" if (below in SHARES) != (above in SHARES):
            return f"{_quorum(below)}; a number of schools and a part of them cannot be compared"
        case "quorum" if below in SHARES and SHARES.index(above) < SHARES.index(below):
            return f"{_quorum(below)} or more"
        case "quorum" if below not in SHARES and above < below:
            return f"{below} or more"
        case "invite" if below == "all" and above != "all":
            return "invite: all"
        case "absent" | "chair" | "own_referral" | "interest" if above != below and below not in LOOSEST:
            return f"{key}: {below}"
        case "members" if lacking := [kind for kind in below if kind not in above]:
            return f"also {' and '.join(lacking)}"
        case "notice" if not at_least(above, below):
            return f"at least {below}"
    return ""


def _quorum(value: Plain) -> str:
    return str(value).replace("_", " ")


LOOSEST: Final = frozenset({"any", "vote"})
"""What a layer says of a meeting that leaves any other word to those above."""
SHARES: Final[tuple[str, ...]] = get_args(Part)
MOST_SCHOOLS: Final = 1000
LONGEST_TRIAL: Final = 52

STRICTER: Final = "A local book may be stricter than the book below it, never looser."


def _trials(edition: Edition, kind: str, said: Mapping[str, Plain]) -> Iterator[Fault]:
    if edition.shape.statutory and edition.edition >= NO_TRIALS_FROM and isinstance(said.get("trial"), Mapping):
        yield edition.fault(
            ("lifecycle", kind, "trial"),
            found="a trial",
            wanted="trial: never",
            advice=f"From {NO_TRIALS_FROM} the statutory guidance allows no trial; a historic trial belongs to a local book of its time.",
        )


def _disguised(edition: Edition, kind: str, said: Mapping[str, Plain], whole: Mapping[str, Plain]) -> Iterator[Fault]:
    """A trial by another name: a permanent placement that may end in a return, or a trial of what is no permanent placement."""
    back = [end for end in whole.get("ends_as", ()) if end in {"return", "extend"}]
    if whole.get("trial") == "never" and back and said.keys() & {"trial", "ends_as"}:
        yield edition.fault(
            ("lifecycle", kind, "ends_as"),
            found=f"{kind} that ends as {' or '.join(back)}",
            wanted="no such end where there is `trial: never`",
            advice="A move that can be taken back is a trial by another name; temporary means off_site_direction.",
        )
    if isinstance(said.get("trial"), Mapping) and whole.get("placement", "permanent") != "permanent":
        yield edition.fault(
            ("lifecycle", kind, "trial"),
            found=f"a trial where the placement is {whole['placement']}",
            wanted="no trial",
            advice="Only a permanent placement ever began with a trial.",
        )


def _looser(key: str, below: Plain, above: Plain) -> str:
    """What was wanted, if the value above asks for less than the one below; else nothing."""
    match key:
        case "agreed_by" if lacking := [who for who in below if who not in above]:
            return f"also the agreement of {' and '.join(lacking)}"
        case "ends_as" if added := [end for end in above if end not in below]:
            return f"no other end than {', '.join(below)}, so not {' or '.join(added)}"
        case "trial" if below == "never" and above != "never":
            return "trial: never"
        case "trial" if below != "never" and above != "never" and _longer_trial(below, above):
            ends = ", ".join(below["ends_as"])
            return f"at most {below['weeks']} weeks, at_end: {below['at_end']}, and no other end than {ends}"
        case "notice" if not at_least(above, below):
            return f"at least {below}"
        case "reviews" if len(above) < len(below) or not all(at_least(first, other) for first, other in zip(below, above, strict=False)):
            return f"reviews no later than after {', '.join(map(str, below))}"
        case "placement" | "decided_by" | "register" if above != below:
            return f"{below}"
    return ""


def _longer_trial(below: Mapping[str, Plain], above: Mapping[str, Plain]) -> bool:
    return bool(above["weeks"] > below["weeks"] or above["at_end"] != below["at_end"] or set(above["ends_as"]) - set(below["ends_as"]))
