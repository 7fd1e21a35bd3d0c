"""Lifecycles and meetings: what they come to, and that a layer above is only stricter than those below.

It keeps them as plain data and runs none of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from typing import Final, Literal, get_args

from rules.book import Length, Setting
from rules.edition import NO_TRIAL, Edition
from rules.errors import Fault
from rules.forms import Part
from rules.layers import whole_of
from rules.lengths import at_least, length_of
from rules.yaml_text import Path, Plain

Told = dict[str, Plain]
"""What a layer says, with its settings resolved, and lengths as lengths."""

MEANT: Final[Mapping[str, Literal["permanent", "temporary", "admission"]]] = {
    "managed_move": "permanent",
    "off_site_direction": "temporary",
}
"""What a placement by a kind of referral is where no book says so; by all others it is an admission."""
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

    def fault(self, fault: Fault) -> None:
        """Keep what else cannot be read."""
        self._faults.append(fault)

    def stricter(self, *values: Plain | None) -> str:
        """What to do where a layer is looser than those below it, and whose setting made it so."""
        named = [value.setting for value in values if isinstance(value, Length) and value.setting]
        chosen = (f"`settings.{name}` has its value from {self._settings[name].book}." for name in named)
        return " ".join((STRICTER, *chosen))


def for_good(lifecycle: Mapping[str, object], kind: str) -> bool:
    """Whether a placement by that kind is permanent from its first day: it begins with no trial, and is not for a time."""
    said = lifecycle.get(kind)
    told: Mapping[str, object] = said if isinstance(said, Mapping) else {}
    temporary = told.get("placement", MEANT.get(kind, "admission")) == "temporary"
    return not (kind == "off_site_direction" or temporary or isinstance(told.get("trial"), Mapping))


def lifecycle_of(stack: tuple[Edition, ...], numbers: Numbers, faults: list[Fault]) -> Mapping[str, Mapping[str, Plain]]:
    """Kind of referral -> what becomes of it, the layers from the lowest up, each only stricter."""
    made: dict[str, Told] = {}
    for edition in stack:
        for kind, shape in edition.shape.lifecycle.items():
            said = _lifecycle(edition, ("lifecycle", kind), shape.model_dump(by_alias=True, exclude_none=True), numbers)
            faults.extend(_trials(edition, kind, said))
            below = made.setdefault(kind, {})
            over = dict(below)
            for key, value in said.items():
                if why := _looser(key, over[key], value) if key in over else _adds(key, over):
                    stricter = numbers.stricter(*(value if isinstance(value, tuple) else (value,)))
                    law = key == "trial" and below[key] == "never" and any(one.name == "england" for one in stack)
                    advice = NO_TRIAL if law else _who_admits(key, below.get(key), value) or stricter
                    faults.append(edition.fault(("lifecycle", kind, key), found="less than the book below asks", wanted=why, advice=advice))
                else:
                    below[key] = value
            faults.extend(_disguised(edition, kind, said, below))
            faults.extend(_for_a_time(edition, kind, said, below))
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
        told["trial"] = _trial(edition, (*path, "trial"), said["trial"], numbers)
    if "lasts" in said:
        told["lasts"] = _short(edition, (*path, "lasts"), said["lasts"], numbers)
    if "extension" in said:
        told["extension"] = _more(edition, (*path, "extension"), said["extension"], numbers)
    return {key: value for key, value in told.items() if value is not None}


def _trial(edition: Edition, path: Path, said: Told, numbers: Numbers) -> Told | None:
    """A trial with its lengths; None where one of them cannot be read."""
    lasts: Length | None = None
    if ("weeks" in said) == ("lasts" in said):
        found = "weeks and lasts" if "weeks" in said else "a trial of no length"
        numbers.fault(edition.fault(path, found=found, wanted="`weeks: 12`, or `lasts: 30 school days`", advice=WEEKS_OF_SCHOOL))
    elif "weeks" in said:
        many = numbers.whole(edition, (*path, "weeks"), said["weeks"], 1, LONGEST_TRIAL["weeks"])
        lasts = None if many is None else Length(many, "weeks")
    else:
        lasts = _short(edition, (*path, "lasts"), said["lasts"], numbers)
    told = {"lasts": lasts, "at_end": said["at_end"], "ends_as": said["ends_as"]}
    if "extension" in said:
        told["extension"] = _more(edition, (*path, "extension"), said["extension"], numbers)
    return None if None in told.values() else told


def _more(edition: Edition, path: Path, more: Told, numbers: Numbers) -> Told | None:
    """By how much something may be made longer, and how often; None where that cannot be read."""
    by = _short(edition, (*path, "by"), more["by"], numbers)
    times = numbers.whole(edition, (*path, "times"), more["times"], 1, MOST_EXTENSIONS)
    return None if by is None or times is None else {"by": by, "times": times}


def _short(edition: Edition, path: Path, text: str, numbers: Numbers) -> Length | None:
    """A length of no more than a year."""
    length = numbers.length(edition, path, text)
    if length is not None and length.many > (most := LONGEST_TRIAL[length.unit]):
        numbers.fault(edition.fault(path, found=str(length), wanted=f"at most {most} {length.unit}", advice=TOO_LONG))
        return None
    return length


def _plain(said: Told) -> dict[str, Plain]:
    """With its lengths as text; of a trial in weeks their number."""
    told = {
        key: tuple(map(str, value)) if key == "reviews" else str(value) if key in {"notice", "lasts", "exemption"} else value
        for key, value in said.items()
    }
    if "extension" in said:
        told["extension"] = {**said["extension"], "by": str(said["extension"]["by"])}
    if isinstance(trial := said.get("trial"), Mapping):
        lasts: Length = trial["lasts"]
        length = {"weeks": lasts.many} if lasts.unit == "weeks" else {"lasts": str(lasts)}
        more = {"extension": {**trial["extension"], "by": str(trial["extension"]["by"])}} if "extension" in trial else {}
        told["trial"] = {**length, "at_end": trial["at_end"], "ends_as": trial["ends_as"], **more}
    return told


def meeting_of(stack: tuple[Edition, ...], numbers: Numbers, faults: list[Fault]) -> Mapping[str, Plain]:
    """What makes decisions stand: what each layer says over those below, only stricter."""
    made: Told = {}
    defaults: Told = {}
    for edition in stack:
        if edition.shape.meeting is None:
            continue
        defaults = edition.shape.meeting.model_dump(exclude_none=True)
        for key, value in _meeting(edition, edition.shape.meeting.model_dump(exclude_unset=True, exclude_none=True), numbers).items():
            if key == "votes" and value.get("others") and not (made.get("others") or edition.shape.meeting.others):
                faults.append(edition.fault(("meeting", "votes", "others"), **NO_OTHERS))
            if key == "votes" and value["casting_vote"] != "none" and value["majority"] != "simple":
                faults.append(edition.fault(("meeting", "votes", "casting_vote"), **NO_TIE))
            if key in made and (why := _weaker(key, made[key], value)):
                advice = numbers.stricter(value)
                faults.append(edition.fault(("meeting", key), found="less than the book below asks", wanted=why, advice=advice))
            made[key] = value
    plain = {key: value for key, value in defaults.items() if key not in {"quorum", "notice", "exemption"}}
    return _plain({**plain, **made})


def _meeting(edition: Edition, said: Told, numbers: Numbers) -> Told:
    """What a layer says of a meeting, without what cannot be read."""
    told = dict(said)
    if "notice" in said:
        told["notice"] = numbers.length(edition, ("meeting", "notice"), said["notice"])
    if "exemption" in said:
        told["exemption"] = _short(edition, ("meeting", "exemption"), said["exemption"], numbers)
    if "quorum" in said and said["quorum"] not in SHARES:
        told["quorum"] = numbers.whole(edition, ("meeting", "quorum"), said["quorum"], 1, MOST_SCHOOLS)
    if edition.shape.meeting is not None and edition.shape.meeting.votes is not None:
        votes = edition.shape.meeting.votes.model_dump()  # whole: what is left out has its usual meaning
        told["votes"] = {part: word for part, word in votes.items() if (part, word) != ("others", "no_vote")}
    return {key: value for key, value in told.items() if value is not None}


def _weaker(key: str, below: Plain, above: Plain) -> str:
    """What was wanted, if a meeting's rule above asks for less than the one below; else nothing."""
    match key:
        case "quorum":
            return _fewer(below, above)
        case "invite" if below == "all" and above != "all":
            return "invite: all"
        case "absent" | "chair" | "own_referral" | "interest" if above != below and below not in LOOSEST:
            return f"{key}: {below}"
        case "members" if lacking := [kind for kind in below if kind not in above]:
            return f"also {' and '.join(lacking)}"
        case "others" if lacking := [who for who in below if who not in above]:
            return f"also {' and '.join(lacking)}"
        case "notice" | "exemption" if not at_least(*((above, below) if key == "notice" else (below, above))):
            return f"at {'least' if key == 'notice' else 'most'} {below}"
        case "votes" if any(_asks(above, part) < _asks(below, part) for part in VOTES):
            return f"votes that ask as much as {', '.join(f'{part}: {word}' for part, word in below.items())}"
    return ""


def _asks(votes: Mapping[str, str], part: str) -> int:
    """How much a part of what is said of votes asks for; what is left out asks least."""
    return VOTES[part].index(votes.get(part, VOTES[part][0]))


def _fewer(below: Plain, above: Plain) -> str:
    """What was wanted, if a quorum above is less than the one below."""
    if (below in SHARES) != (above in SHARES):
        return f"{_quorum(below)}; a number of schools and a part of them cannot be compared"
    less = SHARES.index(above) < SHARES.index(below) if below in SHARES else above < below
    return f"{_quorum(below)} or more" if less else ""


def _quorum(value: Plain) -> str:
    return str(value).replace("_", " ")


LOOSEST: Final = frozenset({"any", "vote"})
"""What a layer says of a meeting that leaves any other word to those above."""
SHARES: Final[tuple[str, ...]] = get_args(Part)
VOTES: Final[Mapping[str, tuple[str, ...]]] = {
    "majority": ("simple", "two_thirds", "three_quarters", "all"),
    "of": ("voting", "present"),
    "casting_vote": ("chair", "none"),
    "others": ("no_vote", "vote"),
}
"""The parts of what votes a book asks for, of each the loosest word first."""
NO_TIE: Final = {
    "found": "a casting vote of the chair",
    "wanted": "none, or majority: simple",
    "advice": "It settles votes that are equal, and those are no two thirds, no three quarters, and not all, whatever the chair says.",
}
NO_OTHERS: Final = {
    "found": "a vote of others",
    "wanted": "`others: [local_authority]` and the like, under `meeting`",
    "advice": "Nobody is named beside the schools.",
}
MOST_SCHOOLS: Final = 1000
LONGEST_TRIAL: Final[Mapping[str, int]] = {"school days": 200, "calendar days": 366, "weeks": 52}
A_YEAR: Final = "at most {}, {} or {}".format(*(f"{most} {unit}" for unit, most in LONGEST_TRIAL.items()))
TOO_LONG: Final = f"A trial, what is temporary, what makes either longer and an exemption may each be a year: {A_YEAR}."
MOST_EXTENSIONS: Final = 10
WEEKS_OF_SCHOOL: Final = "`weeks` are those of the calendar; 6 weeks of school are `lasts: 30 school days`."

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


def _for_a_time(edition: Edition, kind: str, said: Mapping[str, Plain], whole: Mapping[str, Plain]) -> Iterator[Fault]:
    """A longest time or an extension of what has no planned last day, or an extension of what may not be extended."""
    temporary = whole.get("placement", MEANT.get(kind, "admission")) == "temporary"
    for key in ("lasts", "extension"):
        if key in said and not temporary:
            yield edition.fault(
                ("lifecycle", kind, key),
                found=f"{key} of a placement that is not temporary",
                wanted=f"no `{key}`, or `placement: temporary`",
                advice=f"Of a trial it is said within it: `trial: {{..., {key}: ...}}`.",
            )
        elif key == "extension" and key in said and "extend" not in whole.get("ends_as", ("extend",)):
            yield edition.fault(
                ("lifecycle", kind, key),
                found="an extension where nothing is extended",
                wanted=f"no `extension`, or ends_as with extend; it is {', '.join(whole['ends_as'])}",
            )


def _adds(key: str, below: Mapping[str, Plain]) -> str:
    """What was wanted, if something that is new above asks for less than what the book below says; else nothing."""
    if key == "extension" and "lasts" in below:
        return f"no extension: what is temporary lasts {below['lasts']} at the longest"
    return ""


def _looser(key: str, below: Plain, above: Plain) -> str:
    """What was wanted, if the value above asks for less than the one below; else nothing."""
    match key:
        case "notice" | "lasts" | "extension":
            return _length(key, below, above)
        case "agreed_by" if lacking := [who for who in below if who not in above]:
            return f"also the agreement of {' and '.join(lacking)}"
        case "ends_as" if added := [end for end in above if end not in below]:
            return f"no other end than {', '.join(below)}, so not {' or '.join(added)}"
        case "trial" if below == "never" and above != "never":
            return "trial: never"
        case "trial" if below != "never" and above != "never" and _longer_trial(below, above):
            ends = ", ".join(below["ends_as"])
            return f"at most {below['lasts']}, at_end: {below['at_end']}, and no other end than {ends}{_extension(below)}"
        case "reviews" if len(above) < len(below) or not all(at_least(first, other) for first, other in zip(below, above, strict=False)):
            return f"reviews no later than after {', '.join(map(str, below))}"
        case "placement" | "decided_by" | "register" if above != below:
            return f"{below}"
    return ""


def _who_admits(key: str, below: Plain | None, above: Plain) -> str:
    """What to write where the school is named, and the book below asks for whoever admits to it."""
    if key != "agreed_by" or below is None or WHO_ADMITS not in below or WHO_ADMITS in above or "receiving_school" not in above:
        return ""
    return (
        f"Write {WHO_ADMITS} in place of receiving_school: a move that ends on another roll is agreed by whoever decides on admissions "
        "there, the school's own head, its trust or the authority, and `pastoral accept --by URN` records it. receiving_school is for a "
        "direction, by which nobody is admitted."
    )


WHO_ADMITS: Final = "receiving_admission_authority"


def _length(key: str, below: Plain, above: Plain) -> str:
    """The same of a length of time: a notice that is shorter, or a time that is longer."""
    if key == "notice":
        return "" if at_least(above, below) else f"at least {below}"
    if key == "lasts":
        return "" if at_least(below, above) else f"at most {below}"
    return f"at most {below['times']} times by {below['by']}" if _extends_more(below, above) else ""


def _longer_trial(below: Mapping[str, Plain], above: Mapping[str, Plain]) -> bool:
    longer, more = not at_least(below["lasts"], above["lasts"]), above.get("extension")
    if more is not None and not longer:
        most = below.get("extension")
        longer = most is None or _extends_more(most, more)
    return bool(longer or above["at_end"] != below["at_end"] or set(above["ends_as"]) - set(below["ends_as"]))


def _extends_more(most: Mapping[str, Plain], more: Mapping[str, Plain]) -> bool:
    return bool(more["times"] > most["times"] or not at_least(most["by"], more["by"]))


def _extension(trial: Mapping[str, Plain]) -> str:
    more = trial.get("extension")
    return f", extended at most {more['times']} times by {more['by']}" if more else ", and no extension"
