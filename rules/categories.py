"""The categories of fair access and their letters: what each layer calls them, and that no layer loses one of those below it.

A local book may add categories, and may call one of those below by letters of its own (`stands_for`). Each layer's conditions and
examples speak in the letters of that layer; files and facts speak in those of the top. It decides nothing by a category.

    letter l of a layer means, in the letters of the layer above it, every letter there that stands for l; else l itself
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from rules.book import Category, Example, Setting
from rules.edition import Edition, nearest
from rules.errors import Fault
from rules.facts import BY_NAME, Fact, Value
from rules.shape import CategoryShape
from rules.terms import All, Among, Any, Compare, Condition, Known, Not, Operand, Read, Sum, Term, Text
from rules.yaml_text import Path

CATEGORY: Final = BY_NAME["referral.category"]
NONE: Final = str(CATEGORY.usual)
Written = TypeVar("Written", bound=Term)
Spoken = Mapping[str, tuple[str, ...]]
"""A letter of one layer -> the letters of the top layer that mean it, one or more."""


@dataclass(frozen=True, slots=True)
class Letters:
    """The categories by the letters of the top layer, and what the letters of each layer, by its book, mean in them."""

    categories: Mapping[str, Category] = field(default_factory=dict)
    spoken: Mapping[str, Spoken] = field(default_factory=dict)

    @property
    def fact(self) -> Fact:
        """`referral.category` in the letters of the top layer; any word where no layer has categories."""
        return dataclasses.replace(CATEGORY, words=(*self.categories, NONE)) if self.categories else CATEGORY

    def fact_of(self, book: str) -> Fact:
        """`referral.category` as a layer writes it."""
        return self.fact if self.same(book) else dataclasses.replace(CATEGORY, words=(*self.spoken[book], NONE))

    def same(self, book: str) -> bool:
        """Whether every letter of a layer means itself in the top layer."""
        return all(others == (letter,) for letter, others in self.spoken.get(book, {}).items())

    @property
    def changed(self) -> bool:
        """Whether the letters of some layer mean others in the top layer."""
        return not all(map(self.same, self.spoken))

    def term(self, book: str, term: Written) -> Written:
        """What a layer wrote, in the letters of the top layer."""
        if isinstance(term, Sum) or self.same(book):
            return term
        told: Written = self._condition({**self.spoken[book], NONE: (NONE,)}, term)  # type: ignore[assignment]  # a condition stays one
        return told

    def example(self, book: str, example: Example) -> Example:
        """What a layer gave as an example, with the first letter of the top layer that means the category."""
        letter = example.given.get(CATEGORY.name)
        if not isinstance(letter, str) or self.same(book):
            return example
        first: Value = {**self.spoken[book], NONE: (NONE,)}[letter][0]
        return dataclasses.replace(example, given={**example.given, CATEGORY.name: first})

    def mixed(self, edition: Edition, path: Path, text: str, settings: Mapping[str, Setting]) -> Iterator[Fault]:
        """A category compared with a word of another layer, which has other letters for the same categories."""
        if CATEGORY.name not in text or not self.changed:
            return
        for name in re.findall(r"\bsettings\.([a-z][a-z0-9_]*)", text):
            setting = settings.get(name)
            if setting is not None and isinstance(setting.value, str) and setting.book != edition.name:
                yield edition.fault(
                    path,
                    found=f"settings.{name}, a letter of {setting.book}, beside {CATEGORY.name}",
                    wanted=f"a letter of {edition.name} written out",
                    advice=f"The two books have different letters for the same categories; only {edition.name}'s can be meant here.",
                )

    def _condition(self, spoken: Spoken, condition: Condition) -> Condition:
        match condition:
            case Not(part=part):
                return Not(self._condition(spoken, part))
            case All(parts=parts):
                return All(tuple(self._condition(spoken, part) for part in parts))
            case Any(parts=parts):
                return Any(tuple(self._condition(spoken, part) for part in parts))
            case Known(fact=fact) if fact.name == CATEGORY.name:
                return Known(self.fact)
            case Among(fact=fact, values=values) if fact.name == CATEGORY.name:
                return Among(self.fact, tuple(letter for value in values for letter in spoken[str(value)]))
            case (
                Compare(op=op, left=Read(fact=fact), right=Text(value=value))
                | Compare(op=op, left=Text(value=value), right=Read(fact=fact))
            ) if fact.name == CATEGORY.name:
                among = Among(self.fact, spoken[value])
                return among if op == "==" else Not(among)
            case Compare(op=op, left=left, right=right):
                return Compare(op, self._read(left), self._read(right))
        return condition

    def _read(self, operand: Operand) -> Operand:
        return Read(self.fact) if isinstance(operand, Read) and operand.fact.name == CATEGORY.name else operand


def letters_of(stack: Sequence[Edition], faults: list[Fault]) -> Letters:
    """The letters of a stack of editions, the lowest layer first."""
    categories: dict[str, Category] = {}
    spoken: dict[str, Spoken] = {}
    for edition in stack:
        given = edition.shape.categories
        faults.extend(_slips(edition, given, categories))
        meant: dict[str, tuple[str, ...]] = {}
        for letter in categories:
            stands = tuple(own for own, shape in given.items() if shape.stands_for == letter)
            meant[letter] = stands or (letter,)
        made = {letter: category for letter, category in categories.items() if meant[letter] == (letter,) and letter not in given}
        for letter, shape in given.items():
            below = categories.get(shape.stands_for or "")
            made[letter] = (
                Category(shape.say, edition.name, letter, shape.say)
                if below is None
                else dataclasses.replace(below, say=shape.say or below.say)
            )
        spoken = {book: {letter: _through(others, meant) for letter, others in letters.items()} for book, letters in spoken.items()}
        spoken[edition.name] = {letter: (letter,) for letter in made}
        categories = made
    return Letters(categories, spoken)


def letter_now(letter: str, then: Mapping[str, Category], now: Mapping[str, Category]) -> str | None:
    """The letter by which one book calls the category that another called `letter`; None where it no longer has it.

    Letters change from edition to edition, so a category is known by the book that it comes from and its words there.
    """
    if letter not in then or letter == NONE:
        return letter if letter in now or letter == NONE else None
    meant = then[letter]
    same = [other for other, category in now.items() if (category.book, category.words) == (meant.book, meant.words)]
    return letter if letter in same else next(iter(same), None)


def _through(letters: Iterable[str], meant: Spoken) -> tuple[str, ...]:
    return tuple(other for letter in letters for other in meant.get(letter, (letter,)))


def _slips(edition: Edition, given: Mapping[str, CategoryShape], below: Mapping[str, Category]) -> Iterator[Fault]:
    """What a layer may not do with the categories below it: name none of them, or lose one."""
    stood_for = {shape.stands_for for shape in given.values()}
    for letter, shape in given.items():
        path: Path = ("categories", letter)
        if letter == NONE:
            yield edition.fault(path, found=f"the letter {NONE}", wanted="another", advice=f"`{NONE}` stands for no category.")
        elif shape.stands_for is not None and shape.stands_for not in below:
            yield _stands_for_nothing(edition, path, shape.stands_for, below)
        elif shape.stands_for is None and not shape.say:
            yield edition.fault(path, found="a category that says nothing", wanted="words, or `stands_for: LETTER`")
        elif letter in below and letter not in stood_for:
            yield _lost(edition, path, letter, below[letter], shape)


def _stands_for_nothing(edition: Edition, path: Path, letter: str, below: Collection[str]) -> Fault:
    wanted = f"a category of the book below: {', '.join(below)}" if below else "a book below that has categories"
    return edition.fault((*path, "stands_for"), found=f"stands_for: {letter}", wanted=wanted, advice=nearest(letter, below))


def _lost(edition: Edition, path: Path, letter: str, below: Category, shape: CategoryShape) -> Fault:
    under = f"what {below.book} calls {letter} under a letter of its own (`LETTER: {{stands_for: {letter}}}`)"
    same = f"If it is the same category in other words, write `{letter}: {{stands_for: {letter}, say: WORDS}}`."
    advice = f"Say {under}" if shape.stands_for else f"{same} Else say {under}, or give this category another letter"
    return edition.fault(
        path,
        found=f"the letter {letter} for another category",
        wanted=f"a letter for `{below.say}` too, which {below.book} calls {below.letter}",
        advice=f"{advice}. No category of a book below may be lost.",
    )
