"""One cell -> one value, or why not: whole numbers, days, yes or no, words of a closed list, URNs, lists.

A cell kind knows what it wants and says so; it knows neither files nor columns, and never reads a blank cell: what a
blank means is the loader's to say.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Generic, Literal, Protocol, TypeVar

from panel.events import PANEL
from panel.spreadsheets import text_cell
from rules.facts import BY_NAME

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
W = TypeVar("W", bound=str)

KeptApart = Literal["complaint", "police", "safeguarding"]
WHY_APART: Final[tuple[KeptApart, ...]] = ("complaint", "police", "safeguarding")

DATE_FORMS: Final = (
    re.compile(r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)", re.ASCII),
    re.compile(r"(?P<day>\d\d)/(?P<month>\d\d)/(?P<year>\d{4})", re.ASCII),
    re.compile(r"(?P<day>\d\d)-(?P<month>\d\d)-(?P<year>\d{4})", re.ASCII),
)
SHORT_YEAR: Final = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d\d", re.ASCII)
NUMBER: Final = re.compile(r"[+-]?\d{1,18}", re.ASCII)
MEANS_SOMETHING: Final = frozenset('<>&"`[]{}|\\;,')
"""Marks of a page, of a table or of a list: not in a reference."""
PLAIN: Final = "write letters, digits, / - . or _"
SIX_DIGITS: Final = re.compile(r"\d{6}", re.ASCII)
YES_NO: Final = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


class CellRefused(ValueError):
    """What was wanted in a cell, and what to do."""

    def __init__(self, wanted: str, advice: str = "") -> None:
        super().__init__(wanted)
        self.wanted = wanted
        self.advice = advice


class Cell(Protocol[T_co]):
    """A kind of cell: what it wants in words, how it is read, and a value to go on with when a cell is bad.

    No event ever holds `stand_in`: a row with a bad cell makes none. It lets the rest of the row be checked too.
    """

    @property
    def wanted(self) -> str: ...
    @property
    def stand_in(self) -> T_co: ...
    def read(self, text: str) -> T_co:
        """The value of a cell that is not blank. Raises `CellRefused`."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number, bounds included."""

    low: int
    high: int
    advice: str = ""
    stand_in: int = 0

    @classmethod
    def of_fact(cls, name: str, advice: str = "") -> Whole:
        """Within the bounds of a fact, so that no file brings a number that no rule may read."""
        return cls(BY_NAME[name].low, BY_NAME[name].high, advice)

    @property
    def wanted(self) -> str:
        return f"a whole number, {self.low} to {self.high}"

    def read(self, text: str) -> int:
        if not NUMBER.fullmatch(text):
            raise CellRefused(self.wanted, self.advice or "Write digits only, without separators, decimals or units.")
        if not self.low <= int(text) <= self.high:
            raise CellRefused(f"{self.low} to {self.high}", self.advice)
        return int(text)


@dataclass(frozen=True, slots=True)
class Day:
    """A date in one of the three promised forms, within years that a panel can mean."""

    since: int = 1990
    wanted: str = "a date as YYYY-MM-DD, DD/MM/YYYY or DD-MM-YYYY"
    stand_in: dt.date = dt.date.min

    def read(self, text: str) -> dt.date:
        if SHORT_YEAR.fullmatch(text):
            raise CellRefused(self.wanted, "Write the year with four digits.")
        found = next((match for form in DATE_FORMS if (match := form.fullmatch(text))), None)
        if found is None:
            raise CellRefused(self.wanted)
        year, month, day = (int(found[part]) for part in ("year", "month", "day"))
        if not self.since <= year <= 2200:
            raise CellRefused(f"a year from {self.since} to 2200")
        try:
            return dt.date(year, month, day)
        except ValueError:
            raise CellRefused(self.wanted, "There is no such day.") from None


@dataclass(frozen=True, slots=True)
class YesNo:
    """Yes or no. A blank is not no: the loader says what it is."""

    wanted: str = "yes, no, true, false, 1, 0 or blank"
    stand_in: bool = False

    def read(self, text: str) -> bool:
        said = YES_NO.get(text.casefold())
        if said is None:
            raise CellRefused(self.wanted)
        return said


@dataclass(frozen=True, slots=True)
class Choice(Generic[T]):
    """One of a closed list of words, each with its meaning. Capitals, spaces and hyphens do not matter."""

    meanings: Mapping[str, T]

    @property
    def wanted(self) -> str:
        *others, last = self.meanings
        return f"{', '.join(others)} or {last}" if others else last

    @property
    def stand_in(self) -> T:
        return next(iter(self.meanings.values()))

    def read(self, text: str) -> T:
        by_key = {_key(word): word for word in self.meanings}
        key = _key(text)
        if key in by_key:
            return self.meanings[by_key[key]]
        near = difflib.get_close_matches(key, by_key, n=1)
        raise CellRefused(self.wanted, f"Did you mean {by_key[near[0]]}?" if near else "")


def one_of(words: tuple[W, ...]) -> Choice[W]:
    """A choice of words that mean themselves."""
    return Choice({word: word for word in words})


@dataclass(frozen=True, slots=True)
class Words:
    """Several words of a closed list separated by semicolons, none of them twice, in the order of the list.

    `none` is what to say where the list has no words. A cell of semicolons alone is empty, if it may be: `least` is 0.
    """

    words: tuple[str, ...]
    none: str = ""
    least: int = 0
    stand_in: tuple[str, ...] = ()

    @property
    def wanted(self) -> str:
        return f"{one_of(self.words).wanted}; several are separated by ;" if self.words else "nothing"

    def read(self, text: str) -> tuple[str, ...]:
        if not self.words:
            raise CellRefused(self.wanted, self.none)
        try:
            said = [one_of(self.words).read(piece) for piece in text.split(";") if piece.strip()]
        except CellRefused as refusal:
            raise CellRefused(self.wanted, refusal.advice) from None
        if len(set(said)) < len(said):
            raise CellRefused("each of them once")
        if len(said) < self.least:
            raise CellRefused(self.wanted)
        return tuple(word for word in self.words if word in said)


@dataclass(frozen=True, slots=True)
class WordsOrNone:
    """Several words of a closed list, or the word `none`: then it is none of them, which a blank cell does not say."""

    each: Words
    stand_in: tuple[str, ...] = ()

    @property
    def wanted(self) -> str:
        return f"none, {self.each.wanted}" if self.each.words else self.each.wanted

    def read(self, text: str) -> tuple[str, ...]:
        if self.each.words and _key(text) == "none":
            return ()
        try:
            return self.each.read(text)
        except CellRefused as refusal:
            raise CellRefused(self.wanted, refusal.advice) from None


@dataclass(frozen=True, slots=True)
class Text:
    """Free text; blanks and line breaks inside it become single blanks."""

    longest: int = 500
    stand_in: str = ""

    @property
    def wanted(self) -> str:
        return f"text of at most {self.longest} characters"

    def read(self, text: str) -> str:
        said = " ".join(text.split())
        if len(said) > self.longest:
            raise CellRefused(self.wanted)
        return said


@dataclass(frozen=True, slots=True)
class Reference:
    """A pupil's or a referral's reference: visible characters without spaces, so that it is not a name.

    A `new` one begins no formula of a spreadsheet and has no character that means something on a page or in a list. What a
    ledger has already may have one, and must be found by it.
    """

    wanted: str = "a reference of at most 60 characters without spaces, never a name"
    stand_in: str = ""
    new: bool = False

    def read(self, text: str) -> str:
        if len(text) > 60 or not text.isprintable() or " " in text:
            raise CellRefused(self.wanted)
        if text == PANEL:
            raise CellRefused(self.wanted, f"'{PANEL}' is kept for what belongs to no single child.")
        if self.new and (text_cell(text) != text or text.startswith("'")):
            raise CellRefused(self.wanted, f"A spreadsheet would take {text[0]} at the beginning for a formula: {PLAIN}.")
        if self.new and (odd := [one for one in text if one in MEANS_SOMETHING]):
            raise CellRefused(self.wanted, f"{' '.join(dict.fromkeys(odd))} has a meaning of its own on a page or in a list: {PLAIN}.")
        return text


@dataclass(frozen=True, slots=True)
class References:
    """Several references separated by semicolons, none of them twice, in an order that does not depend on how they were written."""

    wanted: str = "references separated by ;"
    stand_in: tuple[str, ...] = ()

    def read(self, text: str) -> tuple[str, ...]:
        said = [Reference().read(piece.strip()) for piece in text.split(";") if piece.strip()]
        if len(set(said)) < len(said):
            raise CellRefused("each reference once")
        return tuple(sorted(said))


@dataclass(frozen=True, slots=True)
class Urn:
    """A school's unique reference number; with `names`, one of the schools of this panel (URN -> name)."""

    names: Mapping[str, str] | None = None
    stand_in: str = ""

    @property
    def wanted(self) -> str:
        return "a URN of six digits" if self.names is None else "the URN of a school of this panel"

    def read(self, text: str) -> str:
        if not SIX_DIGITS.fullmatch(text):
            raise CellRefused("a URN of six digits")
        if self.names is not None and text not in self.names:
            raise CellRefused(self.wanted, self._nearest(text))
        return text

    def _nearest(self, text: str) -> str:
        if not self.names:
            return "No schools are recorded yet; load them first (pastoral load schools FILE)."
        slips, near = min((sum(a != b for a, b in zip(text, urn, strict=True)), urn) for urn in self.names)
        if slips > 3:
            return "If it is one of the panel's, load it first (pastoral load schools FILE)."
        return f"The nearest is {near}, {self.names[near]}."


@dataclass(frozen=True, slots=True)
class UrnOrNone:
    """A URN, or the word `none`, which says that there is no such school and is read as an empty text."""

    each: Urn
    stand_in: str = ""

    @property
    def wanted(self) -> str:
        return f"{self.each.wanted}, or none"

    def read(self, text: str) -> str:
        if _key(text) == "none":
            return ""
        try:
            return self.each.read(text)
        except CellRefused as refusal:
            raise CellRefused(f"{refusal.wanted}, or none", refusal.advice) from None


@dataclass(frozen=True, slots=True)
class Several:
    """A list of URNs separated by semicolons, in the order written, none of them twice."""

    each: Urn
    stand_in: tuple[str, ...] = ()

    @property
    def wanted(self) -> str:
        return "URNs separated by ;"

    def read(self, text: str) -> tuple[str, ...]:
        said = tuple(self.each.read(piece.strip()) for piece in text.split(";") if piece.strip())
        if len(set(said)) < len(said):
            raise CellRefused("each URN once")
        return said


@dataclass(frozen=True, slots=True)
class Apart:
    """Schools from which a pupil must be kept apart: `100001:safeguarding;100002:complaint`.

    A URN without a reason is read as safeguarding, the reason that nobody may waive.
    """

    each: Urn
    stand_in: Mapping[str, KeptApart] = field(default_factory=dict)

    @property
    def wanted(self) -> str:
        return "URN:reason separated by ;, the reason being complaint, police or safeguarding"

    def read(self, text: str) -> Mapping[str, KeptApart]:
        why = one_of(WHY_APART)
        said: dict[str, KeptApart] = {}
        for piece in filter(None, (piece.strip() for piece in text.split(";"))):
            urn, colon, reason = (part.strip() for part in piece.partition(":"))
            if self.each.read(urn) in said:
                raise CellRefused("each URN once")
            said[urn] = why.read(reason) if colon else "safeguarding"
        return dict(sorted(said.items()))


@dataclass(frozen=True, slots=True)
class Attended:
    """Schools that a pupil was at, some with the last day there: `100001;100002:2026-05-22`. A school without a day has None."""

    each: Urn
    stand_in: Mapping[str, dt.date | None] = field(default_factory=dict)

    @property
    def wanted(self) -> str:
        return "URNs separated by ;, each alone or as URN:DATE with the last day there"

    def read(self, text: str) -> Mapping[str, dt.date | None]:
        said: dict[str, dt.date | None] = {}
        for piece in filter(None, (piece.strip() for piece in text.split(";"))):
            urn, colon, day = (part.strip() for part in piece.partition(":"))
            if self.each.read(urn) in said:
                raise CellRefused("each URN once")
            said[urn] = DAY.read(day) if colon else None
        return said


def _key(text: str) -> str:
    return re.sub(r"[\s_-]+", "_", text.strip().casefold())


URN: Final = Urn()
DAY: Final = Day()
YES_OR_NO: Final = YesNo()
REFERENCE: Final = Reference(new=True)
KNOWN_REFERENCE: Final = Reference()
"""Of somebody who is recorded already, if the file is right."""
EASTING: Final = Whole(0, 700_000)
NORTHING: Final = Whole(0, 1_300_000)
ANY_YEAR: Final = Whole(0, 14)
PANEL_YEAR: Final = Whole.of_fact("admission.year_group", "This panel places pupils of compulsory secondary age.")
