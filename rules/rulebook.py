"""YAML -> `Rulebook`: the editions on a shelf, the one in force on a day with its layers, and the books that ship.

It knows no ledger and no clock: texts and days are handed in. Whatever is wrong is told all at once.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rules.book import Rulebook
from rules.checks import CHECKS, Checked
from rules.compile import compiled
from rules.edition import Edition, digest_of, draft_edition, nearest, read_edition, with_lf
from rules.errors import Fault, RulebookError
from rules.layers import Stack, names_taken

__all__ = ["Edition", "Shelf", "check", "check_text", "digest_of", "draft_edition", "read_edition", "shipped", "shipped_text"]


@dataclass(frozen=True, slots=True)
class Shelf:
    """Editions of any number of lines. Raises RulebookError where two of one line begin on the same day."""

    editions: tuple[Edition, ...] = ()

    def __post_init__(self) -> None:
        seen: dict[tuple[str, dt.date], Edition] = {}
        for edition in self.editions:
            other = seen.setdefault((edition.name, edition.edition), edition)
            if other != edition:
                fault = edition.fault(
                    ("edition",),
                    found=f"{edition.edition}, the day of {other.source}",
                    wanted="another day",
                    advice="An edition is in force until the next one of its line.",
                )
                raise RulebookError(f"two editions of {edition.name} begin on one day", [fault])

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

    def edition(self, name: str, on: dt.date) -> Edition:
        """The edition of the line in force on the day. Raises RulebookError where there is none."""
        line = sorted((edition for edition in self.editions if edition.name == name), key=lambda edition: edition.edition)
        if not line:
            raise RulebookError(
                f"there is no rulebook called {name}; there is {', '.join(self.lines()) or 'none'}. {nearest(name, self.lines())}".rstrip()
            )
        begun = [edition for edition in line if edition.edition <= on]
        if not begun:
            raise RulebookError(f"no edition of {name} is in force on {on}; the first begins on {line[0].edition}")
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

    def in_force(self, name: str, on: dt.date) -> Rulebook:
        """The rulebook of the line on the day, with its layers; the same object for the same texts.

        Raises RulebookError with every problem of every layer.
        """
        return _whole(self.stack(name, on))


def check(edition: Edition, shelf: Shelf = Shelf()) -> Rulebook:
    """The edition with its layers on its first day, once it is also right on every later day that brings a new layer below.

    Raises RulebookError with every problem, those of a draft included.
    """
    others = Shelf(tuple(other for other in shelf.editions if (other.name, other.edition) != (edition.name, edition.edition)))
    whole = others.with_edition(edition)
    try:
        stack = whole.stack(edition.name, edition.edition)
    except RulebookError as error:  # what can be said of the book alone is said too
        _, faults = _read((edition,))
        raise RulebookError(error.message, _in_order((edition,), [*error.faults, *faults])) from None
    first = _whole(stack)
    below = {layer.name for layer in first.layers[1:]}
    until = min(
        (other.edition for other in others.editions if other.name == edition.name and other.edition > edition.edition), default=dt.date.max
    )
    for day in sorted({other.edition for other in others.editions if other.name in below and edition.edition < other.edition < until}):
        _whole(whole.stack(edition.name, day))
    return first


def check_text(text: str, source: str, shelf: Shelf = Shelf()) -> Rulebook:
    """`check` of a file as it is: the problems of its shape and of its meaning in one RulebookError."""
    return check(draft_edition(text, source), shelf)


@functools.lru_cache(maxsize=64)
def _whole(stack: Stack) -> Rulebook:
    rulebook, faults = _read(stack)
    if faults:
        raise RulebookError(f"{stack[-1].source} cannot be used as a rulebook", _in_order(stack, faults))
    return rulebook


def _read(stack: Stack) -> tuple[Rulebook, list[Fault]]:
    rulebook, faults, lost = compiled(stack)
    checked = Checked(rulebook, {edition.name: edition for edition in stack}, lost)
    return rulebook, [*faults, *names_taken(stack), *_founded(stack), *(fault for one in CHECKS for fault in one(checked))]


def _in_order(stack: Stack, faults: Iterable[Fault]) -> list[Fault]:
    """Each fault once: those of the highest book first, and each book's by line."""
    order = {edition.source: number for number, edition in enumerate(reversed(stack))}
    return sorted(dict.fromkeys(faults), key=lambda fault: (order.get(fault.file, 0), fault.row or 0))


def _founded(stack: Stack) -> Iterable[Fault]:
    """A statutory book stands on nothing."""
    for edition in stack:
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
