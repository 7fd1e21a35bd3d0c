"""Which editions a panel writes into its ledger: a book, and the lines that it extends, checked together.

It reads texts and records nothing. A shipped line comes with all its editions, so that a case of any day finds its own.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from panel.errors import Refused
from rules.book import Rulebook
from rules.rulebook import Edition, Shelf, check, check_above, draft_edition, shipped, shipped_text

if TYPE_CHECKING:
    from panel import events as ev


def shelf_of(adopted: Iterable[ev.RulebookAdopted]) -> Shelf:
    """The editions that a ledger holds. Raises `RulebookError` where this program can no longer read one."""
    return _shelf(tuple((edition.text, f"{edition.name} of {edition.edition}") for edition in adopted))


@functools.lru_cache(maxsize=8)
def _shelf(texts: tuple[tuple[str, str], ...]) -> Shelf:
    """Read once for all the meetings of a replay."""
    return Shelf.of(texts)


def adoptions(book: str | Path, adopted: Sequence[ev.RulebookAdopted] = ()) -> tuple[Edition, ...]:
    """The editions to adopt for a shipped book's name or a file, lowest line first, without those adopted already.

    Raises `RulebookError` with every problem of every edition, and `Refused` where there is nothing new.
    """
    own = _own(book)
    _, below = _shelved(own, shelf_of(adopted))
    held = {edition.digest for edition in adopted}
    new = tuple(edition for edition in (*below, *own) if edition.digest not in held)
    if not new:
        raise Refused(f"'{own[-1].name}' of {own[-1].edition} is adopted already, word for word; nothing is to be done.")
    return new


def rulebook_of(book: str | Path, on: dt.date | None = None, adopted: Sequence[ev.RulebookAdopted] = ()) -> Rulebook:
    """The rulebook of a line or a file as it is on a day; without a day on the first of its latest edition. Nothing is adopted by this.

    A name is first looked up among the `adopted` lines, then among those that ship; a file stands in for what was adopted
    for its day. Raises `RulebookError`.
    """
    shelf = shelf_of(adopted)
    if isinstance(book, str) and book in shelf.lines():
        own = shelf.line(book)
    else:
        own = _own(book)
        days = {(edition.name, edition.edition) for edition in own}
        shelf, _ = _shelved(own, Shelf(tuple(one for one in shelf.editions if (one.name, one.edition) not in days)))
    return shelf.in_force(own[-1].name, on or own[-1].edition)


def _own(book: str | Path) -> tuple[Edition, ...]:
    """The editions of a shipped line, or the draft of a file."""
    return _shipped(book) if isinstance(book, str) else (draft_edition(book.read_text(encoding="utf-8"), book.name),)


def _shelved(own: tuple[Edition, ...], shelf: Shelf) -> tuple[Shelf, tuple[Edition, ...]]:
    """All editions together, checked, and those among them that the book stands on and the shelf had not. Raises `RulebookError`."""
    below: list[Edition] = []
    reach = own[-1].extends
    while reach is not None and reach not in shelf.lines() and reach in shipped():
        line = _shipped(reach)
        below = [*line, *below]
        reach = line[-1].extends
    if reach is not None and reach not in shelf.lines():  # what is there is named in the refusal
        below = [edition for name in shipped() if name not in shelf.lines() for edition in _shipped(name)]
    whole = Shelf((*shelf.editions, *below))
    for edition in own:
        whole = whole.with_edition(edition) if not edition.faults else whole
    for edition in own:
        check(edition, whole)
        check_above(edition, whole)
    return whole, tuple(below)


def _shipped(name: str) -> tuple[Edition, ...]:
    return Shelf.of((text, f"{name} (shipped)") for text in shipped_text(name)).editions


def recorded(edition: Edition) -> ev.RulebookAdopted:
    """The entry that an adoption writes."""
    from panel import events as ev

    return ev.RulebookAdopted(name=edition.name, edition=edition.edition, digest=edition.digest, text=edition.text)
