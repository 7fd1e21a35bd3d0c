"""Lifecycles, clocks and meetings: that they speak of known events, and that a layer above is only stricter than those below.

It keeps them as plain data and runs none of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Final

from rules.edition import Edition, nearest
from rules.errors import Fault
from rules.facts import KINDS
from rules.yaml_text import Path, Plain

EVENTS: Final = (
    "referral.made",
    "referral.accepted",
    "referral.withdrawn",
    "exclusion.made",
    "meeting.called",
    "meeting.opened",
    "meeting.closed",
    "decision.taken",
    "receiving_school.accepted",
    "receiving_school.refused",
    "school.directed",
    "placement.started",
    "placement.reviewed",
    "placement.extended",
    "placement.ended",
)
"""What a clock may run from and until."""

NO_TRIALS_FROM: Final = dt.date(2026, 7, 26)
"""Suspension and permanent exclusion guidance: from this day a managed move cannot be a trial."""


def lifecycle_of(stack: tuple[Edition, ...], faults: list[Fault]) -> Mapping[str, Mapping[str, Plain]]:
    """Kind of referral -> what becomes of it, the layers from the lowest up, each only stricter."""
    made: dict[str, dict[str, Plain]] = {}
    for edition in stack:
        for kind, shape in edition.shape.lifecycle.items():
            said = shape.model_dump(by_alias=True, exclude_none=True)
            faults.extend(_trials(edition, kind, said))
            below = made.setdefault(kind, {})
            for key, value in said.items():
                if key in below and (why := _looser(key, below[key], value)):
                    faults.append(
                        edition.fault(("lifecycle", kind, key), found="less than the book below asks", wanted=why, advice=_STRICTER)
                    )
                else:
                    below[key] = value
            faults.extend(_disguised(edition, kind, said, below))
    return made


def meeting_of(stack: tuple[Edition, ...], faults: list[Fault]) -> Mapping[str, Plain]:
    """What makes decisions stand: what each layer says over those below, only stricter."""
    made: dict[str, Plain] = {}
    defaults: dict[str, Plain] = {}
    for edition in stack:
        if edition.shape.meeting is None:
            continue
        defaults = edition.shape.meeting.model_dump(exclude_none=True)
        for key, value in edition.shape.meeting.model_dump(exclude_unset=True).items():
            if key in made and (why := _weaker(key, made[key], value)):
                faults.append(edition.fault(("meeting", key), found="less than the book below asks", wanted=why, advice=_STRICTER))
            made[key] = value
    return {**defaults, **made}


def _weaker(key: str, below: Plain, above: Plain) -> str:
    """What was wanted, if a meeting's rule above asks for less than the one below; else nothing."""
    match key:
        case "quorum" if above < below:
            return f"{below} or more"
        case "invite" if below == "all" and above != "all":
            return "invite: all"
        case "absent" if above != below:
            return f"absent: {below}"
        case "notice" if not _at_least(above, below):
            return f"at least {below}"
    return ""


def clocks_of(stack: tuple[Edition, ...], faults: list[Fault]) -> tuple[Mapping[str, Plain], ...]:
    """The clocks of all layers; one from below may be named again with a shorter time."""
    made: dict[str, dict[str, Plain]] = {}
    home: dict[str, Edition] = {}
    for edition in stack:
        for number, shape in enumerate(edition.shape.clocks):
            path: Path = ("clocks", number)
            clock = shape.model_dump(by_alias=True, exclude_none=True)
            faults.extend(_no_event(edition, path, clock))
            if home.get(shape.id) is edition:
                faults.append(edition.fault(path, found=f"the id {shape.id} a second time", wanted="an id of its own"))
            elif shape.id in made and (why := _slower(made[shape.id], clock)):
                faults.append(edition.fault(path, found="a clock looser than the book below has it", wanted=why, advice=_STRICTER))
            made[shape.id], home[shape.id] = clock, edition
    return tuple(made.values())


def _no_event(edition: Edition, path: Path, clock: Mapping[str, Plain]) -> Iterator[Fault]:
    for end in ("from", "until"):
        if clock[end] not in EVENTS:
            found, wanted = f"the event {clock[end]}", f"one of {', '.join(EVENTS)}"
            yield edition.fault((*path, end), found=found, wanted=wanted, advice=nearest(clock[end], EVENTS))


_STRICTER: Final = "A local book may be stricter than the book below it, never looser."


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
        case "notice" if not _at_least(above, below):
            return f"at least {below}"
        case "reviews" if len(above) < len(below) or not all(_at_least(first, other) for first, other in zip(below, above, strict=False)):
            return f"reviews no later than after {', '.join(below)}"
        case "placement" | "decided_by" | "register" if above != below:
            return f"{below}"
    return ""


def _longer_trial(below: Mapping[str, Plain], above: Mapping[str, Plain]) -> bool:
    return bool(above["weeks"] > below["weeks"] or above["at_end"] != below["at_end"] or set(above["ends_as"]) - set(below["ends_as"]))


def _slower(below: Mapping[str, Plain], above: Mapping[str, Plain]) -> str:
    if any(above[end] != below[end] for end in ("from", "until")):
        return f"from {below['from']} until {below['until']}"
    if "applies_to" in above and not set(below.get("applies_to", KINDS)) <= set(above["applies_to"]):
        return "every kind that it applies to below"
    return "" if _at_least(below["within"], above["within"]) else f"within {below['within']} or sooner"


def _at_least(long: str, short: str) -> bool:
    """Whether the first length is certainly no shorter: only lengths of one unit can be compared."""
    (many, unit), (few, other) = _length(long), _length(short)
    return unit == other and many >= few


def _length(text: str) -> tuple[int, str]:
    """(5, "school day"); weeks are seven calendar days."""
    number, _, unit = text.partition(" ")
    return (int(number) * 7, "calendar day") if unit.startswith("week") else (int(number), unit.removesuffix("s"))
