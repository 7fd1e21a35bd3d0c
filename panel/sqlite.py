"""One SQLite file as the place of a ledger: made, opened, told from every other kind of file, guarded by triggers.

It knows no entries. What SQLite refuses becomes one plain sentence here. A ledger keeps SQLite's ordinary rollback
journal, so that between two writes it is one file, which may be copied as it stands. PostgreSQL, when it comes, is a
module beside this one with the same functions.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import Connection, MetaData, create_engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import NullPool

from panel.errors import LedgerError, Refused

APPLICATION: Final = 0x70617374
"""SQLite's application_id of a ledger: "past" in ASCII."""

FORMAT: Final = 1
"""SQLite's user_version of a ledger: the newest format that this program reads."""

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


def place_of(url: str) -> Path | None:
    """The file that an address names; None is memory. Raises `LedgerError` for any other kind of address."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise LedgerError(f"the ledger's address: found {url!r}; wanted one such as sqlite:///pastoral.db") from None
    if parsed.get_backend_name() != "sqlite":
        # The address itself may hold a password.
        raise LedgerError(f"the ledger's address: found one of {parsed.get_backend_name()}; wanted sqlite:///FILE")
    if "?" in url or parsed.host:
        raise LedgerError(f"the ledger's address: found {url!r}; wanted sqlite:///FILE and nothing else")
    return None if parsed.database in {None, "", ":memory:"} else Path(str(parsed.database))


def opened(url: str, patience: float) -> Connection:
    """A connection to a ledger that is there. Raises `LedgerError` with one sentence for everything that is none."""
    path = place_of(url)
    if path is None:
        raise LedgerError("a ledger in memory can be founded, but not opened again")
    _look(path)
    connection = _connected(path, patience)
    try:
        _recognise(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def founding(url: str, tables: MetaData, patience: float) -> Iterator[Connection]:
    """A connection to a new ledger with its tables and guards, inside the transaction that founds it.

    Whatever fails inside, no file is left behind. Raises `Refused` if something is already there.
    """
    path = place_of(url)
    if path is not None:
        try:
            # Only its owner may read a new ledger: it will hold children's cases.
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            raise Refused(f"{path} is already there; a panel is founded once, in a new file") from None
        except OSError as error:
            raise LedgerError(f"{path} cannot be made: {error.strerror}") from None
    connection = None
    try:
        connection = _connected(path, patience)
        with writing(connection, path):
            connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION}")
            connection.exec_driver_sql(f"PRAGMA user_version = {FORMAT}")
            tables.create_all(connection, checkfirst=False)
            for guard in GUARDS:
                connection.exec_driver_sql(guard)
            yield connection
    except BaseException:
        if connection is not None:
            connection.close()
        if path is not None:
            path.unlink(missing_ok=True)
        raise


@contextmanager
def writing(connection: Connection, path: Path | None) -> Iterator[None]:
    """One step: takes the write lock first, so that what it reads still holds when it writes; all of it or nothing."""
    with told(path):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            yield
            connection.exec_driver_sql("COMMIT")
        except BaseException:
            _undo(connection)
            raise


@contextmanager
def reading(connection: Connection, path: Path | None) -> Iterator[None]:
    """Everything read inside is of one moment."""
    with told(path):
        connection.exec_driver_sql("BEGIN")
        try:
            yield
        finally:
            _undo(connection)


@contextmanager
def told(path: Path | None) -> Iterator[None]:
    """What SQLite refuses inside, as one sentence."""
    try:
        yield
    except DBAPIError as error:
        raise LedgerError(_sentence(path or Path("the ledger in memory"), error.orig)) from error


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
        raise LedgerError(f"{path} is {'not a ledger: it is no SQLite file' if start else 'empty: it is not a ledger'}")


def _recognise(connection: Connection, path: Path) -> None:
    with told(path):
        application = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
        version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    if application != APPLICATION:
        raise LedgerError(f"{path} is a SQLite file, but not a ledger")
    if version > FORMAT:
        raise LedgerError(f"{path} was written by a newer pastoral (format {version}; this one reads up to {FORMAT}): use that one")


def _connected(path: Path | None, patience: float) -> Connection:
    # The driver's own transactions are off: a step says itself where it begins. mode=rw never makes a file.
    url = URL.create("sqlite", database=f"file:{quote(str(path.absolute()))}", query={"mode": "rw", "uri": "true"}) if path else "sqlite://"
    engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool, connect_args={"timeout": patience})
    with told(path):
        connection = engine.connect()
        driver: Any = connection.connection.dbapi_connection
        driver.text_factory = _text
        for pragma in ("foreign_keys = ON", "secure_delete = ON", "trusted_schema = OFF"):
            connection.exec_driver_sql(f"PRAGMA {pragma}")
    return connection


def _text(raw: bytes) -> str:
    """Text as it stands, also where somebody broke its UTF-8: the walk along the chain must be able to say so."""
    return raw.decode("utf-8", "surrogateescape")


def _undo(connection: Connection) -> None:
    driver: Any = connection.connection.dbapi_connection
    if driver.in_transaction:
        connection.exec_driver_sql("ROLLBACK")


def _sentence(path: Path, error: BaseException | None) -> str:
    name = str(getattr(error, "sqlite_errorname", ""))
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return f"{path} is locked: somebody else is writing to it; nothing was recorded, try again"
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")) or "no such table" in str(error):
        return f"{path} is damaged ({error}); keep it as it is, and go on with a copy made before"
    if name.startswith(("SQLITE_READONLY", "SQLITE_PERM", "SQLITE_CANTOPEN")):
        return f"{path} cannot be written ({error}); nothing was recorded"
    return f"{path}: SQLite says '{error}'; nothing was recorded"
