"""Which editions a panel writes into its ledger: a book, and the lines that it extends, checked together.

It reads texts and records nothing. A shipped line comes with all its editions, so that a case of any day finds its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from panel import events as ev
from panel.errors import Refused
from rules.rulebook import Edition, Shelf, check, check_text, shipped, shipped_text


def shelf_of(adopted: Iterable[ev.RulebookAdopted]) -> Shelf:
    """The editions that a ledger holds. Raises `RulebookError` where this program can no longer read one."""
    return Shelf.of((edition.text, f"{edition.name} of {edition.edition}") for edition in adopted)


def adoptions(book: str | Path, adopted: Sequence[ev.RulebookAdopted] = ()) -> tuple[Edition, ...]:
    """The editions to adopt for a shipped book's name or a file, lowest line first, without those adopted already.

    Raises `RulebookError` with every problem of every edition, and `Refused` where there is nothing new.
    """
    shelf = shelf_of(adopted)
    own = _own(book, shelf)
    below: list[Edition] = []
    reach = own[-1].extends
    while reach is not None and reach not in shelf.lines() and reach in shipped():
        line = _shipped(reach)
        below = [*line, *below]
        reach = line[-1].extends
    whole = Shelf((*shelf.editions, *below))
    for edition in own:
        whole = whole.with_edition(edition)
    for edition in own:
        check(edition, whole)
    held = {edition.digest for edition in adopted}
    new = tuple(edition for edition in (*below, *own) if edition.digest not in held)
    if not new:
        raise Refused(f"'{own[-1].name}' of {own[-1].edition} is adopted already, word for word; nothing is to be done.")
    return new


def _own(book: str | Path, shelf: Shelf) -> tuple[Edition, ...]:
    if isinstance(book, str):
        return _shipped(book)
    text = book.read_text(encoding="utf-8")
    known = Shelf((*shelf.editions, *(edition for name in shipped() if name not in shelf.lines() for edition in _shipped(name))))
    check_text(text, book.name, known)
    return Shelf.of([(text, book.name)]).editions


def _shipped(name: str) -> tuple[Edition, ...]:
    return Shelf.of((text, f"{name} (shipped)") for text in shipped_text(name)).editions


def recorded(edition: Edition) -> ev.RulebookAdopted:
    """The entry that an adoption writes."""
    return ev.RulebookAdopted(name=edition.name, edition=edition.edition, digest=edition.digest, text=edition.text)
