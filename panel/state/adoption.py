"""Which editions a panel writes into its ledger: a book, and the lines that it extends, checked together.

It reads texts and records nothing. A line that a book extends is looked for among what is adopted, then among what ships, then among the
YAML files of the book's own folder. It comes with all its editions that are there, so that a case of any day finds its own.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from panel.errors import Refused
from rules.book import Rulebook
from rules.errors import Fault, RulebookError
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
    _, below = _shelved(own, shelf_of(adopted), _folder(book))
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
    shelf, own = _looked_up(book, adopted)
    return shelf.in_force(own.name, on or own.edition)


def texts_of(book: str | Path, adopted: Sequence[ev.RulebookAdopted] = ()) -> tuple[str, ...]:
    """The texts of every edition that a line or a file is made of on some day. Raises `RulebookError`."""
    shelf, own = _looked_up(book, adopted)
    lines = {own.name, *lines_below(own.name, shelf)}
    return tuple(edition.text for edition in shelf.editions if edition.name in lines)


def lines_below(name: str, shelf: Shelf) -> frozenset[str]:
    """The lines that an edition of the line stands on, itself or by way of others."""
    reached: set[str] = set()
    left = [name]
    while left:
        extended = {edition.extends for edition in shelf.line(left.pop()) if edition.extends is not None}
        left += sorted(extended - reached)
        reached |= extended
    return frozenset(reached - {name})


def _looked_up(book: str | Path, adopted: Sequence[ev.RulebookAdopted]) -> tuple[Shelf, Edition]:
    """The shelf that a book stands on, checked, and its latest edition."""
    shelf = shelf_of(adopted)
    if isinstance(book, str) and book in shelf.lines():
        return shelf, shelf.line(book)[-1]
    own = _own(book)
    days = {(edition.name, edition.edition) for edition in own}
    shelf, _ = _shelved(own, Shelf(tuple(one for one in shelf.editions if (one.name, one.edition) not in days)), _folder(book))
    return shelf, own[-1]


def _own(book: str | Path) -> tuple[Edition, ...]:
    """The editions of a shipped line, or the draft of a file."""
    return _shipped(book) if isinstance(book, str) else (draft_edition(book.read_text(encoding="utf-8"), book.name),)


def _folder(book: str | Path) -> Path | None:
    """Where the books may lie that a file extends; a book that ships has none."""
    return None if isinstance(book, str) else book.parent


def _shelved(own: tuple[Edition, ...], shelf: Shelf, folder: Path | None) -> tuple[Shelf, tuple[Edition, ...]]:
    """All editions together, checked, and those among them that the book stands on and the shelf had not. Raises `RulebookError`."""
    below: list[Edition] = []
    there = {own[-1].name, *shelf.lines()}
    reach = own[-1].extends
    while reach is not None and reach not in there and (line := _shipped(reach) if reach in shipped() else _beside(reach, folder)):
        below = [*line, *below]
        there.add(reach)
        reach = line[-1].extends
    if reach is not None and reach not in there:  # what is there is named in the refusal
        below += [edition for name in shipped() if name not in there for edition in _shipped(name)]
    whole = Shelf((*shelf.editions, *below))
    for edition in own:
        whole = whole.with_edition(edition) if not edition.faults else whole
    try:
        for edition in (*own, *(one for one in below if one.name not in shipped())):
            check(edition, whole)
            check_above(edition, whole)
    except RulebookError as error:
        raise RulebookError(error.message, [_with_where(fault, reach, folder) for fault in error.faults]) from None
    return whole, tuple(below)


def _with_where(fault: Fault, reach: str | None, folder: Path | None) -> Fault:
    """A fault, and for a book that is not there also where one of a partnership's own is looked for."""
    if folder is None or fault.found != f"extends: {reach}":
        return fault
    where = f"A book of your own is found in the same folder, in a .yaml file with `rulebook: {reach}`, or in the ledger of --ledger."
    return replace(fault, advice=f"{fault.advice} {where}".strip())


def _beside(name: str, folder: Path | None) -> tuple[Edition, ...]:
    """The editions of a line in the YAML files of a folder, by their days, each text once. Raises `RulebookError` where one is no book."""
    if folder is None:
        return ()
    named = re.compile(rf"""^rulebook:\s*["']?{re.escape(name)}["']?\s*(#.*)?$""".encode(), re.MULTILINE)
    texts: dict[str, str] = {}
    for file in sorted((*folder.glob("*.yaml"), *folder.glob("*.yml"))):
        content = file.read_bytes() if file.is_file() else b""
        if not named.search(content.removeprefix(b"\xef\xbb\xbf")):
            continue
        try:
            texts.setdefault(content.decode("utf-8"), file.name)
        except UnicodeDecodeError:
            raise RulebookError(f"{file.name}, the book {name} that is extended, is not UTF-8 text; save it as UTF-8") from None
    return Shelf.of(texts.items()).line(name)


def _shipped(name: str) -> tuple[Edition, ...]:
    return Shelf.of((text, f"{name} (shipped)") for text in shipped_text(name)).editions


def recorded(edition: Edition) -> ev.RulebookAdopted:
    """The entry that an adoption writes."""
    from panel import events as ev

    return ev.RulebookAdopted(name=edition.name, edition=edition.edition, digest=edition.digest, text=edition.text)
