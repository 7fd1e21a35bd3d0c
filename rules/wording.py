"""The text of a condition, made ready to be read: dates named, and the slips of other languages caught where they stand.

It knows nothing of facts or types. Every replacement keeps its length, so that a column is a column of what was written.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Final

LONGEST: Final = 2000
DEEPEST: Final = 60
SIGNS: Final = "The signs are: and or not == != < <= > >= in is + - * // ( ) [ ]."
SPLIT: Final = "Name a part of it under `derive`."


@dataclass(frozen=True, slots=True)
class Slip:
    """One thing wrong in a text. `column` counts characters from 1."""

    column: int
    found: str
    wanted: str
    advice: str = ""

    def __str__(self) -> str:
        return f"column {self.column}: found {self.found}; wanted {self.wanted}. {self.advice}".rstrip()


class Misread(Exception):
    """A text that is not a condition or a sum. `slips` holds all that was found in it; the other fields are the first."""

    def __init__(self, slips: tuple[Slip, ...]) -> None:
        super().__init__("; ".join(map(str, slips)))
        self.slips = slips
        self.column, self.found, self.wanted, self.advice = slips[0].column, slips[0].found, slips[0].wanted, slips[0].advice


@dataclass(frozen=True, slots=True)
class Wording:
    """A text whose dates stand under names of the same length."""

    text: str
    days: dict[str, dt.date]


_PIECES: Final = re.compile(
    r"""(?P<quoted>"[^"\\]*"|'[^'\\]*')
      | (?P<date>(?<![\w.])\d{4}-\d{2}-\d{2}(?!\w))
      | (?P<odd>(?<![\w.])\d+[A-Za-z_]\w*)
      | (?P<float>(?<![\w.])\d+\.\d*|(?<![\w.\])])\.\d+)
      | (?P<alien>[\u2018\u2019\u201a-\u201f\u00ab\u00bb]|\\|&&?|\|\|?|!(?!=)|<>|=>|={3}|(?<![=!<>])=(?!=)|/(?!/)(?<!//)
                 |\*\*|:=|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f#;?`@$^~%{}])
      | (?P<name>(?<![\w.])(?:null|None|nil|NULL|undefined|True|False|TRUE|FALSE|AND|OR|NOT|IN)(?!\w))""",
    re.VERBOSE,
)

_QUOTES: Final = ("a straight quote", 'Write straight quotes: "police".')
_AND: Final = ("and", "Write the word: a and b.")
_OR: Final = ("or", "Write the word: a or b.")
_UNKNOWN: Final = ("is known or is unknown", "Nothing is ever null; ask whether a fact `is known`.")
_SMALL: Final = ("small letters", "Write true, false, and, or, not, in.")

_TEACHES: Final[dict[str, tuple[str, str]]] = {
    "&": _AND,
    "&&": _AND,
    "|": _OR,
    "||": _OR,
    "!": ("not", "Write the word: not a."),
    "<>": ("!=", "Two things that differ are compared with !=."),
    "=>": (">=", "The sign comes first: a >= b."),
    "=": ("==", "Two things are compared with ==; nothing is assigned."),
    "===": ("==", "Two equal signs are enough: types never mix."),
    "/": ("//", "Only whole numbers: // divides and rounds down."),
    "**": ("*", "Write the product out."),
    "\\": ("a word without a backslash", "Words are written as they stand."),
    "%": ("a whole number", "Write a share as a product: 100 * a > 5 * b."),
    "#": ("a condition", "A comment belongs outside the text, in the YAML."),
    **dict.fromkeys(("null", "None", "nil", "NULL", "undefined"), _UNKNOWN),
    **dict.fromkeys(("True", "False", "TRUE", "FALSE", "AND", "OR", "NOT", "IN"), _SMALL),
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u00ab\u00bb", _QUOTES),
}


def prepare(written: str) -> Wording:
    """The text with its dates named, line ends as blanks. Raises `Misread` with every slip that shows before parsing."""
    text = re.sub(r"[\r\n\t]", " ", written)
    if not text.strip():
        raise Misread((Slip(1, "nothing", "a condition", "Write `true` for what always holds."),))
    if len(text) > LONGEST:
        raise Misread((Slip(LONGEST + 1, f"{len(text)} characters", f"at most {LONGEST}", SPLIT),))
    slips: list[Slip] = []
    days: dict[str, dt.date] = {}

    def named(piece: re.Match[str]) -> str:
        found, column = piece.group(), piece.start() + 1
        match piece.lastgroup:
            case "date":
                try:
                    day = dt.date.fromisoformat(found)
                except ValueError:
                    slips.append(Slip(column, found, "a day of the calendar", "Dates are written year-month-day: 2026-09-01."))
                    return found
                name = f"_day_{len(days):05}"
                days[name] = day
                return name
            case "odd":
                slips.append(Slip(column, found, "a whole number", "Numbers are written with digits only, and words stand apart."))
            case "float":
                slips.append(Slip(column, found, "a whole number", "Amounts are whole: pence, metres, minutes, per mille."))
            case "alien" | "name":
                wanted, advice = _TEACHES.get(found, ("a condition", SIGNS))
                slips.append(Slip(column, repr(found) if not found.isprintable() else found, wanted, advice))
        return found

    text = _PIECES.sub(named, text)
    if slips:
        raise Misread(tuple(slips))
    return Wording(text, days)
