"""May a failure quote what it found? Only a text that can tell nothing of a person; of another it says how long it is.

A file whose columns have shifted holds a name, an address or a date of birth where a yes or a number should be, and a
failure is printed, logged and sent on. So a text is quoted only where it has no letters and is no more than what may stand
there, where all its words are near those that its place knows, or where it looks like a reference. It reads nothing, knows
no column and cannot know a person: whoever asks says what the place knows. What never may be quoted must not come here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

LONGEST: Final = 40
"""Characters of a text that are quoted."""
NEAR: Final = 0.8
NEAR_FROM: Final = 5
"""Letters from which on a word may be a slip away from one that is known; a shorter one would be near to many names."""
SWAPPED: Final = 4
"""Letters of a word that is near to one with the same letters in another order."""
LONG: Final = 8
NEAR_IF_LONG: Final = 0.9
FEW_DIGITS: Final = 4
NOBODY: Final = frozenset(
    (
        *("yes", "no", "y", "n", "true", "false", "unknown", "known", "not", "maybe", "perhaps", "none", "null", "nil", "na", "n/a"),
        *("tbc", "tbd", "pending", "asked", "applicable"),
    )
)
"""What people write where they cannot say yes or no."""
OF_THE_FIELD: Final = (
    *("pupil", "pupils", "child", "children", "parent", "parents", "mother", "father", "family", "carer", "head"),
    *("school", "schools", "panel", "meeting", "meetings", "referral", "case", "cases"),
)
"""What somebody types who looks for a word of the command line."""

SIGNS: Final = re.compile(r"[\s!-/:-@\[-`{-~£€–]*", re.ASCII)
FIGURE: Final = re.compile(r"[<>~=+-]?\s?£?\s?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?\s?%?", re.ASCII)
DAY: Final = re.compile(r"\d{1,4}[/.\s-]{1,3}\d{1,2}[/.\s-]{1,3}\d{1,4}", re.ASCII)
URN: Final = re.compile(r"\d{1,6}", re.ASCII)
REFERENCE: Final = re.compile(r"([A-Z]{1,3}|[a-z]{1,2})?[-/._]?\d{1,6}([-/._]\d{1,6}){0,2}[a-z]?", re.ASCII)
"""R1, R-031, MM/2026/14, 8a: a few letters and short numbers. A UPN has a longer number; a postcode goes on after its number."""
NUMBERED: Final = re.compile(r"[-/._]*\d{0,6}[-/._]?\d{0,4}", re.ASCII)
BETWEEN: Final = re.compile(r"\s*[;:,=]\s*")
"""Between the parts of a list; blanks alone separate words, and the two halves of a telephone number."""
WORD: Final = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Place:
    """What is known where a text was found: words, how many digits a number may have, and whether days, URNs or references stand there."""

    words: tuple[str, ...] = ()
    digits: int = FEW_DIGITS
    days: bool = False
    urns: bool = False
    references: bool = False

    def found(self, text: str) -> str:
        """What a failure says that it found: the text in quotation marks, or else how long it is."""
        return f"'{shortened(text)}'" if self.may_quote(text) else f"text of {_several(len(text))}, which is not quoted"

    def named(self, text: str) -> str:
        """The text in quotation marks with a blank before it, or nothing: for a sentence that can do without it."""
        return f" '{shortened(text)}'" if self.may_quote(text) else ""

    def may_quote(self, text: str) -> bool:
        """Whether nothing can be learnt of a person from the text."""
        whole = text.strip()
        if SIGNS.fullmatch(whole) or whole.casefold() in NOBODY or self._whole_word(whole):
            return True
        if self.days and DAY.fullmatch(whole):
            return True
        if any(letter.isdigit() for letter in whole) and self._number(whole):
            return True
        return bool(WORD.search(whole)) and all(self._piece(piece) for piece in BETWEEN.split(whole) if piece)

    def _number(self, text: str) -> bool:
        if FIGURE.fullmatch(text) and sum(letter.isdigit() for letter in text) <= self.digits:
            return True
        pieces = [piece for piece in BETWEEN.split(text) if piece]
        return (self.urns and all(map(URN.fullmatch, pieces))) or (self.references and all(map(_reference, pieces)))

    def _whole_word(self, text: str) -> bool:
        """All of the text is one of the words, however it is written, or a long one with a slip."""
        import difflib  # here, because only a failure needs it

        bare, words = _bare(text), len(WORD.findall(text))
        near = [known for known, of in self._whole.items() if abs(len(known) - len(bare)) <= 1 and len(known) >= LONG and words <= of]
        return bare in self._whole or bool(difflib.get_close_matches(bare, near, 1, NEAR_IF_LONG))

    def _piece(self, piece: str) -> bool:
        """A part of a list."""
        if (self.references and _reference(piece)) or (self.urns and URN.fullmatch(piece)):
            return True
        words = WORD.findall(piece)
        more = NUMBERED if self.references else SIGNS
        return bool(words) and all(map(self._near, words)) and more.fullmatch(WORD.sub("", piece).strip()) is not None

    def _near(self, word: str) -> bool:
        import difflib

        said = word.casefold()
        if said in self._words or said in NOBODY or (len(said) == 1 and any(len(known) == 1 for known in self._words)):
            return True
        if len(said) == SWAPPED and any(sorted(said) == sorted(known) for known in self._words):
            return True
        return len(said) >= NEAR_FROM and bool(difflib.get_close_matches(said, [w for w in self._words if len(w) >= NEAR_FROM], 1, NEAR))

    @cached_property
    def _words(self) -> frozenset[str]:
        return frozenset(word.casefold() for known in self.words for word in WORD.findall(known))

    @cached_property
    def _whole(self) -> dict[str, int]:
        """The words as they are compared, and of how many parts each is."""
        return {bare: len(WORD.findall(word)) for word in self.words if (bare := _bare(word))}


def shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def references(known: Iterable[str] = ()) -> Place:
    """Where the reference of a referral or a pupil was given: one such as those of the record, or one that looks like a reference."""
    return Place(words=tuple(known), references=True)


def of_usage(message: str, words: Iterable[str] = ()) -> str:
    """What the command line says of words that it did not expect, without those that could be about a person. `words` could stand there."""
    for form in UNEXPECTED:
        if match := form.fullmatch(message):
            choices = re.findall(r"'([^']*)'", match["after"])
            place = Place(words=(*choices, *words, *OF_THE_FIELD), digits=6, days=True, references=True)
            return message if place.may_quote(match["given"]) else f"{match['before']}{place.found(match['given'])}{match['after']}"
    return message


UNEXPECTED: Final = (
    re.compile(r"(?P<before>)['\"](?P<given>.*)['\"](?P<after> is not (one of|a valid) .*)", re.DOTALL),
    re.compile(r"(?P<before>No such command )['\"](?P<given>.*?)['\"](?P<after>\..*)", re.DOTALL),
    re.compile(r"(?P<before>Got unexpected extra arguments? \()(?P<given>.*)(?P<after>\))", re.DOTALL),
)


def _reference(piece: str) -> bool:
    return REFERENCE.fullmatch(piece.strip("=+@'\"()[]<>*#!?")) is not None and not DAY.fullmatch(piece)


def _bare(text: str) -> str:
    """A word without what may be written in several ways."""
    return re.sub(r"[\s_-]+", "", text).casefold()


def _several(characters: int) -> str:
    return "1 character" if characters == 1 else f"{characters} characters"
