"""One SQLite file as the place of a ledger: made, opened, told from every other kind of file, guarded by triggers.

It knows no entries. What SQLite refuses becomes one plain sentence here. A ledger keeps SQLite's ordinary rollback
journal, so that between two writes it is one file, which may be copied as it stands.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from panel.errors import LedgerError, Refused

APPLICATION: Final = 0x70617374
"""SQLite's application_id of a ledger: "past" in ASCII."""

FORMAT: Final = 2
"""SQLite's user_version of a ledger: the newest format that this program reads."""

PLAIN: Final = 1
"""The first format, whose sealed parts are not encrypted."""

EMPTY: Final = "empty: it is not a ledger. If a founding was cut short, remove the file and found again"

PATIENCE: Final = 5
"""Seconds to wait for somebody else's write."""

GUARDS: Final = (
    """CREATE TRIGGER entry_is_never_changed BEFORE UPDATE ON entry
       BEGIN SELECT RAISE(ABORT, 'an entry is never changed'); END""",
    """CREATE TRIGGER entry_is_never_deleted BEFORE DELETE ON entry
       BEGIN SELECT RAISE(ABORT, 'an entry is never deleted'); END""",
    # Without this INSERT OR REPLACE would slip past the two above.
    """CREATE TRIGGER entry_follows_the_last BEFORE INSERT ON entry
       WHEN NEW.seq IS NOT (SELECT COALESCE(MAX(seq), 0) + 1 FROM entry)
         OR NEW.previous IS NOT COALESCE((SELECT digest FROM entry ORDER BY seq DESC LIMIT 1), printf('%064d', 0))
       BEGIN SELECT RAISE(ABORT, 'an entry follows the last one and names its digest'); END""",
    """CREATE TRIGGER sealed_is_never_changed BEFORE UPDATE ON sealed
       BEGIN SELECT RAISE(ABORT, 'a sealed part is never changed'); END""",
    """CREATE TRIGGER sealed_is_never_replaced BEFORE INSERT ON sealed
       WHEN EXISTS (SELECT 1 FROM sealed WHERE seq = NEW.seq AND subject = NEW.subject AND class = NEW.class)
       BEGIN SELECT RAISE(ABORT, 'a sealed part is never replaced'); END""",
)
"""Entries are inserted and nothing else; sealed parts may also be deleted, for that is how a person is erased."""

KEY_GUARDS: Final = (
    """CREATE TRIGGER wrapped_is_only_rewrapped BEFORE UPDATE ON wrapped
       WHEN NEW.subject IS NOT OLD.subject OR NEW.class IS NOT OLD.class OR NEW.generation IS NOT OLD.generation + 1
       BEGIN SELECT RAISE(ABORT, 'a key is only ever wrapped anew, under the next generation'); END""",
    """CREATE TRIGGER wrapped_is_never_replaced BEFORE INSERT ON wrapped
       WHEN EXISTS (SELECT 1 FROM wrapped WHERE subject = NEW.subject AND class = NEW.class)
       BEGIN SELECT RAISE(ABORT, 'a key is never replaced'); END""",
    """CREATE TRIGGER wrapped_is_kept_while_needed BEFORE DELETE ON wrapped
       WHEN OLD.subject = 'panel' OR EXISTS (SELECT 1 FROM sealed WHERE subject = OLD.subject AND class = OLD.class)
       BEGIN SELECT RAISE(ABORT, 'a key is kept as long as anything is sealed under it'); END""",
)
"""Keys are inserted, wrapped anew, and deleted once nothing is sealed under them any more."""


class SqliteStore:
    """A ledger in one SQLite file or, where `path` is None, in memory."""

    def __init__(self, path: Path | None, patience: float) -> None:
        self.number = FORMAT
        self._path = path
        with self._told():
            # The driver's own transactions are off: a step says itself where it begins. mode=rw never makes a file.
            self._connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=rw" if path else ":memory:", uri=path is not None, timeout=patience, isolation_level=None
            )
        self._connection.text_factory = _text
        try:
            for pragma in ("foreign_keys = ON", "secure_delete = ON", "trusted_schema = OFF"):
                self.do(f"PRAGMA {pragma}")
        except BaseException:
            self.close()
            raise

    def do(self, statement: str) -> None:
        """Carry out a statement that finds nothing."""
        with self._told():
            self._connection.execute(statement)

    def read(self, statement: str, *values: object) -> Sequence[tuple[Any, ...]]:
        """Every row that a SELECT finds."""
        with self._told():
            return self._connection.execute(statement, values).fetchall()

    def write(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        """Put each row through an INSERT, an UPDATE or a DELETE, in order, inside a step."""
        with self._told():
            self._connection.executemany(statement, rows)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One step: takes the write lock first, so that what it reads still holds when it writes; all of it or nothing."""
        self.do("BEGIN IMMEDIATE")
        try:
            yield
            self.do("COMMIT")
        except BaseException:
            self._undo()
            raise

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Everything read inside is of one moment."""
        self.do("BEGIN")
        try:
            yield
        finally:
            self._undo()

    def as_bytes(self) -> bytes:
        """The whole database as the bytes of a file."""
        with self._told():
            return self._connection.serialize()

    def sweep(self) -> str:
        """Make the file anew without free pages, and empty a write-ahead log. Raises `LedgerError` where somebody else is in the way."""
        self.do("PRAGMA temp_store = MEMORY")  # what is copied meanwhile is other children's, and goes to no file
        self.do("VACUUM")
        ((busy, *_),) = self.read("PRAGMA wal_checkpoint(TRUNCATE)")
        if busy:
            raise LedgerError(f"{self._path} is being read by somebody else: its write-ahead log could not be emptied")
        return ""

    def close(self) -> None:
        """Let go of the file; doing so twice is no harm."""
        self._connection.close()

    def _undo(self) -> None:
        if self._connection.in_transaction:
            self.do("ROLLBACK")

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What SQLite refuses inside, as one sentence."""
        try:
            yield
        except sqlite3.Error as error:
            raise LedgerError(_sentence(self._path or Path("the ledger in memory"), error)) from error
        except UnicodeDecodeError as error:
            # The driver says in text what is malformed, and what that is called is text no longer.
            raise LedgerError(_damaged(self._path or Path("the ledger in memory"))) from error


def place_of(url: str) -> Path | None:
    """The file that an address names; None is memory. Raises `LedgerError` for one of another shape."""
    parsed = re.fullmatch(r"sqlite[\w+]*://(?P<host>[^/]*)/?(?P<file>.*)", url, re.DOTALL)
    if parsed is None:
        raise LedgerError(f"the ledger's address: found {url!r}; wanted one such as sqlite:///pastoral.db")
    if "?" in url or parsed["host"]:
        raise LedgerError(f"the ledger's address: found {url!r}; wanted sqlite:///FILE and nothing else")
    return None if parsed["file"] in {"", ":memory:"} else Path(parsed["file"])


def opened(url: str, patience: float) -> SqliteStore:
    """A ledger that is there. Raises `LedgerError` with one sentence for everything that is none."""
    path = place_of(url)
    if path is None:
        raise LedgerError("a ledger in memory can be founded, but not opened again")
    _look(path)
    store = SqliteStore(path, patience)
    try:
        _recognise(store, path)
    except BaseException:
        store.close()
        raise
    return store


@contextmanager
def founding(url: str, patience: float, number: int = FORMAT) -> Iterator[SqliteStore]:
    """A new ledger of that format with its tables and guards, inside the step that founds it.

    Whatever fails inside, no file is left behind. Raises `Refused` if something is already there.
    """
    from panel.record.tables import creation  # here: an open ledger needs no models

    path = place_of(url)
    if path is not None:
        try:
            # Only its owner may read a new ledger: it will hold children's cases.
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            raise Refused(f"{path} is already there; a panel is founded once, in a new file") from None
        except OSError as error:
            raise LedgerError(f"{path} cannot be made: {error.strerror}") from None
    store = None
    try:
        store = SqliteStore(path, patience)
        store.number = number
        marks = (f"PRAGMA application_id = {APPLICATION}", f"PRAGMA user_version = {number}")
        with store.writing():
            for statement in (*marks, *creation("sqlite", number), *GUARDS, *(KEY_GUARDS if number > PLAIN else ())):
                store.do(statement)
            yield store
    except BaseException:
        if store is not None:
            store.close()
        if path is not None:
            path.unlink(missing_ok=True)
        raise


def _look(path: Path) -> None:
    """What can be seen without SQLite, which would make a missing file and misname others."""
    try:
        with path.open("rb") as file:
            start = file.read(16)
    except FileNotFoundError:
        raise LedgerError(f"there is no ledger at {path}; `pastoral init` founds one") from None
    except IsADirectoryError:
        raise LedgerError(f"{path} is a folder, not a ledger") from None
    except OSError as error:
        raise LedgerError(f"{path} cannot be read: {error.strerror}") from None
    if start != b"SQLite format 3\x00":
        raise LedgerError(f"{path} is {'not a ledger: it is no SQLite file' if start else EMPTY}")


def _recognise(store: SqliteStore, path: Path) -> None:
    ((application,),) = store.read("PRAGMA application_id")
    ((version,),) = store.read("PRAGMA user_version")
    if application != APPLICATION and not path.stat().st_size:  # reading took back what a founding had begun to write
        raise LedgerError(f"{path} is {EMPTY}")
    if application != APPLICATION:
        raise LedgerError(f"{path} is a SQLite file, but not a ledger")
    if version > FORMAT:
        raise LedgerError(f"{path} was written by a newer pastoral (format {version}; this one reads up to {FORMAT}): use that one")
    store.number = version


def _text(raw: bytes) -> str:
    """Text as it stands, also where somebody broke its UTF-8: the walk along the chain must be able to say so."""
    return raw.decode("utf-8", "surrogateescape")


def _damaged(path: Path, how: str = "") -> str:
    return f"{path} is damaged{how}; keep it as it is, and go on with a copy made before"


def _sentence(path: Path, error: sqlite3.Error) -> str:
    name = str(getattr(error, "sqlite_errorname", ""))
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return f"{path} is locked: somebody else is writing to it; nothing was recorded, try again"
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")) or "no such table" in str(error):
        return _damaged(path, f" ({error})")
    if name.startswith("SQLITE_FULL"):
        return f"{path} cannot be written: the disk is full; nothing was recorded. Make room, then repeat"
    if name.startswith("SQLITE_IOERR"):
        return f"{path}: the disk did not do what was asked ({error}); nothing was recorded. Look whether it is full or failing"
    if name.startswith(("SQLITE_READONLY", "SQLITE_PERM", "SQLITE_CANTOPEN")):
        return f"{path} cannot be written ({error}); nothing was recorded"
    return f"{path}: SQLite says '{error}'; nothing was recorded"
