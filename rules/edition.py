"""The text of one rulebook file -> an `Edition`: its digest, its shape, and the line of everything in it.

It does not look at what the conditions say, nor at other books; `compile.py` and `checks.py` do.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, get_args

from pydantic import ValidationError

from rules.errors import Fault, RulebookError
from rules.facts import PAPER, names_of
from rules.forms import KEYS, OF_DAYS, PER, Shape
from rules.shape import BookShape, ObjectiveShape
from rules.yaml_text import Document, Path, Plain, read_yaml

TAG: Final = b"pastoral/rulebook/1\n"


@dataclass(frozen=True, slots=True)
class Edition:
    """One file, read. Two editions are the same where their texts are; `source` is what messages call the file.

    It is in force from its day until the next one of its line begins, or until a last day of its own, both included.
    `faults` is empty but in a draft: there `shape` is what could be read, and `lost` names what could not, so that
    one mistake is not told again wherever its name is used.
    """

    name: str
    edition: dt.date
    digest: str
    until: dt.date | None = field(compare=False)
    title: str = field(compare=False)
    extends: str | None = field(compare=False)
    text: str = field(compare=False, repr=False)
    source: str = field(compare=False)
    shape: BookShape = field(compare=False, repr=False)
    document: Document = field(compare=False, repr=False)
    faults: tuple[Fault, ...] = field(default=(), compare=False, repr=False)
    lost: frozenset[str] = field(default=frozenset(), compare=False, repr=False)

    def fault(self, path: Path, *, found: str = "", wanted: str = "", advice: str = "") -> Fault:
        """A fault at the path, with its line and the words that a reader finds it by."""
        return _fault(self.document, self.source, path, found=found, wanted=wanted, advice=advice)


def digest_of(text: str) -> str:
    """Hex SHA-256 of the tag `pastoral/rulebook/1` and the text's UTF-8 bytes with LF line ends."""
    return hashlib.sha256(TAG + with_lf(text).encode("utf-8")).hexdigest()


def with_lf(text: str) -> str:
    """The same text, whichever machine it was written on."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_edition(text: str, source: str) -> Edition:
    """Read one file. Raises RulebookError with every problem of its YAML and of its shape."""
    edition = draft_edition(text, source)
    if edition.faults:
        raise RulebookError(f"{source} is not a rulebook", edition.faults)
    return edition


@functools.lru_cache(maxsize=64)
def draft_edition(text: str, source: str) -> Edition:
    """Read what can be read, with its faults beside it. Raises RulebookError only where the YAML breaks off.

    The same object for the same text and source.
    """
    text = with_lf(text)
    document, faults = read_yaml(text, source)
    told = {fault.row for fault in faults}
    lost: set[str] = set()
    try:
        shape = BookShape.model_validate(document.value)
    except ValidationError as error:
        faults += tuple(fault for fault in _said(error, document, source) if fault.row not in told)
        shape, document = _pruned(error, document, lost)
    return Edition(
        name=shape.rulebook,
        edition=shape.edition.from_,
        digest=digest_of(text),
        until=shape.edition.until,
        title=shape.title,
        extends=shape.extends,
        text=text,
        source=source,
        shape=shape,
        document=document,
        faults=tuple(sorted(faults, key=lambda fault: fault.row or 0)),
        lost=frozenset(lost),
    )


_STAND_IN: Final[Mapping[str, Plain]] = {
    "rulebook": "unnamed",
    "edition": {"from": dt.date(2026, 9, 1)},
    "title": "Untitled",
    "authority": {"instrument": "none"},
}
"""What a draft has where the file has nothing, so that the rest of it can be checked."""


def _pruned(error: ValidationError, document: Document, lost: set[str]) -> tuple[BookShape, Document]:
    """The shape of what is left when every part that is wrong is taken out; a part that lacks something goes whole."""
    while True:
        paths = {_in_file(document, one["loc"]) for one in error.errors(include_url=False)} - {()}
        for path in sorted(paths, key=lambda path: [(isinstance(part, int), part) for part in path], reverse=True):
            if path in document.lines:
                lost |= _names_lost(document.value, path)
                document = document.without(path)
        value = {**_STAND_IN, **document.value}
        document = Document(value=value, lines={**{(key,): 1 for key in _STAND_IN}, **document.lines})
        try:
            return BookShape.model_validate(value), document
        except ValidationError as again:
            error = again


def _names_lost(value: Plain, path: Path) -> set[str]:
    """What rules can no longer name, and the rules whose examples are no longer whole, without the part at the path."""
    section, name = path[0], path[-1]
    if len(path) == 1:
        return {f"{section}."}
    if len(path) == 2 and (lost := _part_lost(value, path)):
        return lost
    if section == "objectives":
        return {f"objective {path[1]}"}  # what is left of it may say more than was meant
    if path[:2] == ("money", "fund"):
        return {"money.fund"}
    if section == "clocks" and name in {"within", "not_before"}:
        return {f"time of {_item(value, path).get('id')}"}
    return {f"examples of {_item(value, path).get('id')}"} if "examples" in path else set()


def _part_lost(value: Plain, path: Path) -> set[str]:
    """The same without a whole part of a section; nothing where no rule could name it."""
    section, name = str(path[0]), path[1]
    named = {"settings": f"settings.{name}", "papers": f"{PAPER}{name}"}
    named |= {"school_facts": f"school.{name}", "offers": f"referral.needs_{name}"}
    match section:
        case "counts":
            return set(names_of(str(name)))
        case "phases":
            return {f"phases.{name}", f"school.on_roll_{name}", f"school.pan_{name}"}
        case "derive":
            return {str(_item(value, path).get("fact"))}
        case "tariff" | "tiers" | "objectives":
            return {f"{section}."}  # without one of them their order says nothing
    return {named[section]} if section in named else set()


def _item(value: Plain, path: Path) -> Mapping[str, Plain]:
    """The rule that the path leads into; empty where there is none."""
    for part in path[:2]:
        value = value[part]
    return value if isinstance(value, Mapping) else {}


def nearest(word: str, words: Iterable[str]) -> str:
    """`Did you mean ...?`, or nothing where no word is near."""
    import difflib

    close = difflib.get_close_matches(word, list(words), n=1, cutoff=0.6)
    return f"Did you mean `{close[0]}`?" if close else ""


def shown(value: Plain) -> str:
    """A value as the file has it, short."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"'{value}'" if len(value) <= 60 else f"'{value[:57]}...'"
    if isinstance(value, tuple):
        return "a list"
    return "keys with values" if isinstance(value, Mapping) else str(value)


def _fault(document: Document, source: str, path: Path, *, found: str, wanted: str, advice: str) -> Fault:
    return Fault(
        file=source,
        row=document.line(path),
        counted="line",
        column=_label(document.value, path),
        found=found,
        wanted=wanted,
        advice=advice,
    )


def _label(value: Plain, path: Path) -> str:
    """`bars too-far, examples 'a long way', given candidate.metres`: a list item by its id or name, else by its number."""
    words: list[str] = []
    for part in path:
        if isinstance(part, str):
            words.append(part)
            value = value.get(part) if isinstance(value, Mapping) else None
            continue
        if not isinstance(value, tuple):
            continue  # one condition where a list of them could stand
        value = value[part] if part < len(value) else None
        item = value if isinstance(value, Mapping) else {}
        if isinstance(item.get("id"), str):
            called = item["id"]
        elif isinstance(item.get("name"), str):
            called = f"'{item['name']}'"
        else:
            called = str(part + 1)
        words[-1:] = [f"{words[-1]} {called}"] if words else [called]
    return ", ".join(words)


def _said(error: ValidationError, document: Document, source: str) -> Iterator[Fault]:
    """Each error of pydantic as one sentence; those of the branches of one choice as one."""
    seen: set[tuple[Path, str]] = set()
    for one in error.errors(include_url=False):
        path = _in_file(document, one["loc"])
        lacking = str(one["loc"][-1]) if one["type"] == "missing" else ""
        if (path, lacking) in seen or _never(path, one):
            continue
        seen.add((path, lacking))
        found, wanted, advice = _words(one, path, lacking)
        yield _fault(document, source, path, found=found, wanted=wanted, advice=advice)


def _never(path: Path, one: Any) -> bool:
    """Whether an error says no more than that a trial is not the word `never`: what is wrong with it is said by itself."""
    said = path[:1] == ("lifecycle",) and path[-1] == "trial"
    return said and one["type"] == "literal_error" and isinstance(one["input"], Mapping)


def _in_file(document: Document, loc: tuple[int | str, ...]) -> Path:
    """The parts of pydantic's location that are places in the file; names of branches and of objectives are not."""
    path: Path = ()
    value: Plain = document.value
    for part in loc:
        if isinstance(value, Mapping) and len(value) == 1 and part not in value and len(path) == 2 and path[0] == "objectives":
            ((name, value),) = value.items()  # quota: {...} is read as one objective of that name
            path = (*path, name)
        if (*path, part) in document.lines:
            path = (*path, part)
            value = value[part]
    return path


_WANTED: Final[Mapping[str, str]] = {
    "string_type": "a word or a sentence",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "date_type": "a day as YYYY-MM-DD",
    "tuple_type": "a list: one `- ` line for each, or [one, two]",
    "model_type": "keys with values",
    "mapping_type": "keys with values",
    "dict_type": "keys with values",
}


_SHARED: Final = (
    "Room is shared by all who are placed in one meeting. A limit for some of them says whom it is for with `of`:"
    " kinds of referral, permanently_excluded or not_permanently_excluded."
)
_WEIGHED: Final = "Points are given by what is recorded of an admission alone; test admission.kind or admission.year_group in `when`."
_FOLLOWS: Final = "Money follows a placement by what is recorded of it alone; test admission.kind or admission.year_group in `when`."
_BEFORE: Final = "A hold is asked before any school is looked at."
_NOT_HERE: Final[Mapping[tuple[str, str], str]] = {
    ("limits", "applies_to"): _SHARED,
    ("tariff", "applies_to"): _WEIGHED,
    ("tariff", "at"): _WEIGHED,
    ("tariff", "in_force"): _WEIGHED,
    ("transfers", "applies_to"): _FOLLOWS,
    ("transfers", "at"): _FOLLOWS,
    ("transfers", "in_force"): _FOLLOWS,
    ("holds", "at"): _BEFORE,
    ("holds", "waivable"): "The panel cannot decide past a hold; what holds a case must be put right, or left out of the book.",
    ("tiers", "waivable"): "An order of approach closes nothing, so there is nothing to waive.",
    ("notices", "waivable"): "A notice closes nothing, so there is nothing to waive.",
}
"""Keys that other sections have, and why this one has not."""


NO_TRIAL: Final = (
    "By `england` in its edition from 26 July 2026 a managed move is permanent at once. A local book may have trials only where its"
    " edition ends before that day, `edition: {from: ..., until: 2026-07-25}`."
)
"""What to do about a trial where there may be none."""


def _words(one: Any, path: Path, lacking: str) -> tuple[str, str, str]:
    """Found, wanted, what to do."""
    if path[:1] == ("objectives",) and path[2:4] == ("waiting", "by"):
        return shown(one["input"]), OF_DAYS, ""
    return _key_of_another(path) or _wrong(one, path, lacking)


def _key_of_another(path: Path) -> tuple[str, str, str] | None:
    """What is said of a key that an objective does not take, though another may."""
    if path[:1] != ("objectives",) or len(path) < 4 or str(path[3]) in (own := _keys_of(str(path[2]))):
        return None
    known = ", ".join(f"`{key}`" for key in own)
    return f"the key `{path[3]}` in {path[2]}", f"no other key than {known}" if own else f"{path[2]} by itself", ""


def _wrong(one: Any, path: Path, lacking: str) -> tuple[str, str, str]:
    kind: str = one["type"]
    if lacking:
        return f"no `{lacking}`", f"`{lacking}: ...`", NO_TRIAL if {"managed_move", "trial"} <= {*path} else ""
    if kind == "extra_forbidden":
        keys = _keys_at(path[:-1])
        wanted = ", ".join(keys)
        advice = _NOT_HERE.get((str(path[0]), str(path[-1]))) or nearest(str(path[-1]), keys)
        return f"the key `{path[-1]}`", f"one of {wanted}" if wanted else "no key of that name", advice
    found = shown(one["input"])
    if kind == "wanted" and "length of time" in one["msg"] and isinstance(one["input"], str):
        return found, one["msg"], _no_length(one["input"])
    if path[:1] == ("clocks",) and kind != "wanted" and {"from", "until"} & set(path[2:3]):
        return found, "an event of docs/facts.md, or a list of them", "Of several events the first that happens counts."
    if kind == "literal_error":
        wanted = one["ctx"]["expected"].replace("'", "")
        if path[:1] == ("objectives",) and path[-1] == "per":
            wanted = " or ".join((", ".join(PER[str(path[2])][:-1]), PER[str(path[2])][-1]))
        if path[2:4] == ("trial", "ends_as") and one["input"] == "extend":
            return found, wanted, "How often a trial may be made longer is said beside `ends_as`: `extension: {by: 6 weeks, times: 1}`."
        return found, wanted, nearest(str(one["input"]), wanted.replace(" or ", ", ").split(", "))
    if kind in _WANTED:
        quote = kind == "string_type" and not isinstance(one["input"], (tuple, Mapping))
        return found, _WANTED[kind], "Put it in double quotes." if quote else ""
    return found, one["msg"].removeprefix("Input should be "), ""


def _no_length(text: str) -> str:
    """What to write in place of a length of time in a unit that there is not."""
    number, _, unit = text.strip().partition(" ")
    if not number.isdigit():
        return ""
    if unit in ("school week", "school weeks", "weeks of school", "term weeks"):
        return f"{number} weeks of school are `{5 * int(number)} school days`; `{number} weeks` are {7 * int(number)} days of the calendar."
    if unit in ("day", "days"):
        return f"Say which days: `{number} school days` or `{number} calendar days`."
    return "Months and terms are not all of one length." if unit in ("month", "months", "term", "terms", "half terms") else ""


def _keys_of(objective: str) -> tuple[str, ...]:
    """The keys that an objective takes; none that another takes."""
    own = KEYS.get(objective, frozenset())
    return (*(() if objective == "together" else ("of",)), *(key for key in _fields(ObjectiveShape) if key in own))


def _keys_at(path: Path) -> tuple[str, ...]:
    """The keys that the mapping at the path may have."""
    shape: type[Shape] | None = BookShape
    for part in path:
        if shape is None:
            return ()
        if isinstance(part, int) or part not in (names := _fields(shape)):
            continue  # an item of the list, or a name that the author chose
        shape = _shape_in(names[part])
    return tuple(name for name in _fields(shape) if name != "name" or shape.__name__ != "ObjectiveShape") if shape else ()


def _fields(shape: type[Shape]) -> dict[str, Any]:
    return {info.alias or name: info.annotation for name, info in shape.model_fields.items()}


def _shape_in(annotation: Any) -> type[Shape] | None:
    """The first Shape that the annotation speaks of."""
    if isinstance(annotation, type) and issubclass(annotation, Shape):
        return annotation
    return next((inner for part in get_args(annotation) if (inner := _shape_in(part))), None)
