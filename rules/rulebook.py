"""YAML -> `Rulebook`: the editions on a shelf, the one in force on a day with its layers, and the books that ship.

It knows no ledger and no clock: texts and days are handed in. Whatever is wrong is told all at once.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from rules.book import Category, Rulebook
from rules.categories import letters_of
from rules.checks import CHECKS, Checked
from rules.compile import compiled
from rules.edition import Edition, digest_of, draft_edition, nearest, read_edition, with_lf
from rules.errors import Fault, RulebookError
from rules.facts import YEAR_GROUPS, Fact
from rules.layers import Stack, names_taken, papers_of, year_groups_of
from rules.offers import offers_of
from rules.on_adoption import ON_ADOPTION
from rules.school_facts import school_facts_of

__all__ = [
    "Edition",
    "Shelf",
    "check",
    "check_above",
    "check_text",
    "digest_of",
    "draft_edition",
    "read_edition",
    "shipped",
    "shipped_text",
]


@dataclass(frozen=True, slots=True)
class Shelf:
    """Editions of any number of lines. Raises RulebookError where those of one line overlap or leave a gap."""

    editions: tuple[Edition, ...] = ()

    def __post_init__(self) -> None:
        for name in self.lines():
            if faults := [fault for pair in pairwise(self.line(name)) for fault in _joint(*pair)]:
                raise RulebookError(f"the editions of {name} do not follow one another", faults)

    @classmethod
    def of(cls, texts: Iterable[tuple[str, str]]) -> Shelf:
        """From pairs of text and source. Raises RulebookError with the problems of all of them."""
        editions: list[Edition] = []
        faults: list[Fault] = []
        for text, source in texts:
            try:
                editions.append(read_edition(text, source))
            except RulebookError as error:
                faults.extend(error.faults)
        if faults:
            raise RulebookError("the rulebooks cannot be read", faults)
        return cls(tuple(editions))

    def with_edition(self, edition: Edition) -> Shelf:
        """The same shelf with one more edition; one that is there already stays alone."""
        return self if edition in self.editions else Shelf((*self.editions, edition))

    def lines(self) -> tuple[str, ...]:
        """The names of the lines, in alphabetical order."""
        return tuple(sorted({edition.name for edition in self.editions}))

    def line(self, name: str) -> tuple[Edition, ...]:
        """The editions of a line by their days; none where there is no such line."""
        return tuple(sorted((edition for edition in self.editions if edition.name == name), key=lambda edition: edition.edition))

    def edition(self, name: str, on: dt.date) -> Edition:
        """The edition of the line in force on the day. Raises RulebookError where there is none."""
        line = self.line(name)
        if not line:
            sound = sorted({edition.name for edition in self.editions if not edition.faults})
            raise RulebookError(
                f"there is no rulebook called {name}; there is {', '.join(sound) or 'none'}. {nearest(name, sound)}".rstrip()
            )
        begun = [edition for edition in line if edition.edition <= on]
        if not begun:
            raise RulebookError(f"no edition of {name} is in force on {on}; the first begins on {line[0].edition}")
        if (until := begun[-1].until) is not None and until < on:
            raise RulebookError(f"no edition of {name} is in force on {on}; the last ended on {until}")
        return begun[-1]

    def stack(self, name: str, on: dt.date) -> Stack:
        """The layers of the line on the day, the lowest first. Raises RulebookError where one is missing, or where they go round."""
        layers = [self.edition(name, on)]
        while (below := layers[-1].extends) is not None:
            top = layers[-1]
            if below in (names := [edition.name for edition in layers]):
                ring = " extends ".join([*names[names.index(below) :], below])
                fault = top.fault(("extends",), found=f"a cycle: {ring}", wanted="a book that does not come back to this one")
                raise RulebookError(f"the layers of {name} go round in a cycle", [fault])
            try:
                layers.append(self.edition(below, on))
            except RulebookError as error:
                fault = top.fault(
                    ("extends",),
                    found=f"extends: {below}",
                    wanted=f"a line with an edition in force on {on}",
                    advice=f"{error.message[:1].upper()}{error.message[1:]}",
                )
                raise RulebookError(f"{top.source} stands on a book that is not there", [fault]) from None
        return tuple(reversed(layers))

    def categories(self, name: str, on: dt.date) -> Mapping[str, Category]:
        """The categories of the line on the day, by its letters. Raises RulebookError where no edition is in force."""
        return letters_of(self.stack(name, on), []).categories

    def letters(self, name: str) -> frozenset[str]:
        """Every letter that a category has on some day of the line."""
        days = {day for edition in self.line(name) for day in (edition.edition, *self.turns(edition))}
        return frozenset(letter for day in days for letter in self.categories(name, day))

    def papers(self, name: str) -> frozenset[str]:
        """Every paper that an edition of the line, or of one that it stands on, names on some day."""
        days = {day for edition in self.line(name) for day in (edition.edition, *self.turns(edition))}
        return frozenset(paper for day in days for paper in papers_of(self.stack(name, day), []))

    def offers(self, name: str) -> frozenset[str]:
        """Everything that a school may offer by an edition of the line, or of one that it stands on, on some day."""
        days = {day for edition in self.line(name) for day in (edition.edition, *self.turns(edition))}
        return frozenset(offer for day in days for offer in offers_of(self.stack(name, day)))

    def school_facts(self, name: str) -> Mapping[str, Fact]:
        """What an edition of the line, or of one that it stands on, asks of every school on some day: as the last of them says it."""
        days = sorted({day for edition in self.line(name) for day in (edition.edition, *self.turns(edition))})
        return {fact: told for day in days for fact, told in school_facts_of(self.stack(name, day)).items()}

    def year_groups(self, name: str) -> range:
        """From the lowest to the highest year group that any edition of the line is for."""
        said = [year_groups_of(self.stack(name, edition.edition), []) or YEAR_GROUPS for edition in self.line(name)]
        return range(min(years[0] for years in said), max(years[-1] for years in said) + 1)

    def turns(self, edition: Edition) -> tuple[dt.date, ...]:
        """The days, after its first and while it is in force, on which an edition of another line begins or is no longer in force."""
        later = (other.edition for other in self.line(edition.name) if other.edition > edition.edition)
        end = min(later, default=_after(edition.until))
        others = [other for other in self.editions if other.name != edition.name]
        days = {other.edition for other in others} | {_after(other.until) for other in others}
        return tuple(sorted(day for day in days if edition.edition < day < end))

    def in_force(self, name: str, on: dt.date) -> Rulebook:
        """The rulebook of the line on the day, with its layers; the same object for the same texts.

        Raises RulebookError with every problem of every layer.
        """
        return _whole(self.stack(name, on))


def _after(until: dt.date | None) -> dt.date:
    """The first day on which an edition is no longer in force; the last day of the calendar where it has no end."""
    return dt.date.max if until is None or until == dt.date.max else until + dt.timedelta(days=1)


def _joint(first: Edition, second: Edition) -> Iterable[Fault]:
    """Two editions of one line that follow one another: the second begins the day after the first ends."""
    if first.edition == second.edition and first != second:
        yield second.fault(
            ("edition",),
            found=f"{second.edition}, the day of {first.source}",
            wanted="another day",
            advice="Two editions of one line cannot begin on the same day.",
        )
    elif first.until is not None and first.until >= second.edition:
        yield first.fault(
            ("edition", "until"),
            found=f"until {first.until}, while the next edition ({second.source}) begins on {second.edition}",
            wanted=f"until {second.edition - dt.timedelta(days=1)}, or no `until`",
            advice="Two editions of one line cannot be in force on one day.",
        )
    elif _after(first.until) < second.edition:
        gap = f"{_after(first.until)} to {second.edition - dt.timedelta(days=1)}"
        yield first.fault(
            ("edition", "until"),
            found=f"until {first.until}, while the next edition ({second.source}) begins on {second.edition}",
            wanted=f"until {second.edition - dt.timedelta(days=1)}, or no `until`",
            advice=f"From {gap} no edition of {first.name} would be in force.",
        )


def check(edition: Edition, shelf: Shelf = Shelf(), *, adopted: bool = False) -> Rulebook:
    """The edition with its layers on its first day, once it is also right on every later day that brings a new layer below.

    Raises RulebookError with every problem, those of a draft included. One that is `adopted` is not refused for what only a book
    that is being written is.
    """
    others = tuple(other for other in shelf.editions if (other.name, other.edition) != (edition.name, edition.edition))
    try:
        whole = Shelf((*others, edition))
        stack = whole.stack(edition.name, edition.edition)
    except RulebookError as error:  # what can be said of the book alone is said too
        _, faults, _ = _read((edition,))
        raise RulebookError(error.message, _in_order((edition,), [*error.faults, *faults])) from None
    first = _whole(stack) if adopted else _new(stack)
    for day in whole.turns(edition):
        try:
            _whole(whole.stack(edition.name, day))
        except RulebookError as error:
            ends = f"`edition: {{from: {edition.edition}, until: {day - dt.timedelta(days=1)}}}`"
            told = f"{edition.source} cannot be used from {day} on, when a book below it changes."
            raise RulebookError(f"{told} One that ends before that day says so: {ends}", error.faults) from None
    return first


def check_above(edition: Edition, shelf: Shelf) -> None:
    """Check every edition of the shelf that stands on the line of this one, on its days.

    Raises RulebookError where a new layer below takes from a book above what it needs, or forbids what it says.
    """
    for other in shelf.editions:
        if other.name != edition.name and any(
            edition.name in {layer.name for layer in shelf.stack(other.name, day)} for day in (other.edition, *shelf.turns(other))
        ):
            check(other, shelf, adopted=True)


def check_text(text: str, source: str, shelf: Shelf = Shelf()) -> Rulebook:
    """`check` of a file as it is: the problems of its shape and of its meaning in one RulebookError."""
    return check(draft_edition(text, source), shelf)


def _whole(stack: Stack) -> Rulebook:
    return _sound(stack)[0]


def _new(stack: Stack) -> Rulebook:
    """The same, where the highest book is not adopted yet."""
    try:
        rulebook, sound = _sound(stack)
    except RulebookError:
        sound = False
    if sound:
        return rulebook
    _, faults, new = _read(stack)
    raise RulebookError(f"{stack[-1].source} cannot be used as a rulebook", _in_order(stack, [*faults, *new]))


@functools.lru_cache(maxsize=64)
def _sound(stack: Stack) -> tuple[Rulebook, bool]:
    """The rulebook, and whether a new book may be so. No fault is remembered: the same text may come from another file the next time."""
    rulebook, faults, new = _read(stack)
    if faults:
        raise RulebookError(f"{stack[-1].source} cannot be used as a rulebook", _in_order(stack, faults))
    return rulebook, not new


def _read(stack: Stack) -> tuple[Rulebook, tuple[Fault, ...], tuple[Fault, ...]]:
    """The rulebook, what is wrong with it, and what of the highest book is refused only while it is being written."""
    rulebook, faults, lost = compiled(stack)
    checked = Checked(rulebook, {edition.name: edition for edition in stack}, lost)
    new = (fault for one in ON_ADOPTION for fault in one(checked) if fault.file == stack[-1].source)
    wrong = (*faults, *names_taken(stack), *_founded(stack), *(fault for one in CHECKS for fault in one(checked)))
    return rulebook, wrong, tuple(new)


def _in_order(stack: Stack, faults: Iterable[Fault]) -> list[Fault]:
    """Each fault once: those of the highest book first, and each book's by line."""
    order = {edition.source: number for number, edition in enumerate(reversed(stack))}
    return sorted(dict.fromkeys(faults), key=lambda fault: (order.get(fault.file, 0), fault.row or 0))


def _founded(stack: Stack) -> Iterable[Fault]:
    """A statutory book stands on nothing, and no edition ends before it begins."""
    for edition in stack:
        if edition.until is not None and edition.until < edition.edition:
            found = f"from {edition.edition} until {edition.until}"
            yield edition.fault(("edition",), found=found, wanted="an end that is not before the beginning")
        if edition.shape.statutory and edition.extends is not None:
            yield edition.fault(
                ("statutory",), found=f"a statutory book that extends {edition.extends}", wanted="no `extends`, or not `statutory`"
            )


_SHIPPED: Final = re.compile(r"(?P<name>[a-z0-9-]+?)-\d{4}-\d{2}-\d{2}\.yaml")


@functools.cache
def _books() -> dict[str, tuple[str, ...]]:
    """Line -> the texts of its editions, by day."""
    books: dict[str, list[str]] = {}
    for file in sorted((Path(__file__).parent / "books").iterdir()):
        if found := _SHIPPED.fullmatch(file.name):
            books.setdefault(found["name"], []).append(with_lf(file.read_text(encoding="utf-8")))
    return {name: tuple(texts) for name, texts in books.items()}


def shipped() -> tuple[str, ...]:
    """The names of the books that ship."""
    return tuple(_books())


def shipped_text(name: str) -> tuple[str, ...]:
    """The texts of a shipped book's editions, the oldest first. Raises RulebookError where there is no such book."""
    if name not in _books():
        raise RulebookError(
            f"no rulebook called {name} comes with this program; there are {', '.join(shipped())}. {nearest(name, shipped())}".rstrip()
        )
    return _books()[name]
