"""One PostgreSQL database as the place of a ledger: founded, opened, written to by several people at once.

It knows no entries. What PostgreSQL refuses becomes one plain sentence here, in which no password can stand: an address
is taken apart before it is used, and only the words of the database itself are quoted.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from psycopg.pq import TransactionStatus

from panel.errors import LedgerError, Refused
from panel.record.addresses import Address, address_of
from panel.record.postgresql_schema import FORMAT, LONGEST, MARKS, SCHEMA, grants, guards, quoted, roles_of

LOCK: Final = 1885434740
"""The advisory lock that every writer takes; such locks belong to one database."""

OLDEST: Final = 130000
"""PostgreSQL 13, the first that can tell a transaction's end by its whole number."""

REACHED_WITHIN: Final = 10
"""Seconds to wait for a server that does not answer."""

LONGEST_STEP: Final = 60
"""Seconds after which the server ends a step whose writer went silent, so that the others can go on."""

TAKE_TURN: Final = f"SELECT pg_advisory_xact_lock({LOCK}), pg_current_xact_id()::text"
FATE: Final = "SELECT pg_xact_status(?::text::xid8)"
PLACE: Final = """
SELECT current_setting('server_encoding'), to_regnamespace(?) IS NOT NULL, has_database_privilege(current_database(), 'CREATE')"""
THERE: Final = """
SELECT to_regnamespace(?) IS NOT NULL, coalesce(has_schema_privilege(to_regnamespace(?)::oid, 'USAGE'), FALSE),
       current_user, current_database()"""
NOTHING_RECORDED: Final = "nothing was recorded"

LOCKED: Final = {"55P03"}
READ_ONLY: Final = {"25006"}
FORBIDDEN: Final = {"42501"}
DAMAGED: Final = {"42P01", "42703", "3F000", "XX001", "XX002"}


class PostgresqlStore:
    """A ledger in one PostgreSQL database."""

    def __init__(self, address: Address, patience: float) -> None:
        self.number = FORMAT
        self._address = address
        self._patience = patience
        self._connection = self._connected()

    def do(self, statement: str) -> None:
        """Carry out a statement that finds nothing."""
        self.read(statement)

    def read(self, statement: str, *values: object) -> Sequence[tuple[Any, ...]]:
        """Every row that a SELECT finds."""
        with self._told():
            found = self._connection.execute(_asked(statement), values or None)
            return found.fetchall() if found.description else ()

    def write(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        """Put each row through an INSERT, an UPDATE or a DELETE, in order, inside a step."""
        with self._told(), self._connection.cursor() as cursor:
            cursor.executemany(_asked(statement), rows)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One step: takes the write lock first, so that what it reads still holds when it writes; all of it or nothing."""
        # What is read after the lock was given must be as it is then: so no snapshot of the whole transaction.
        self.do("BEGIN ISOLATION LEVEL READ COMMITTED")
        try:
            ((_, step),) = self.read(TAKE_TURN)
            yield
            self._finish(step)
        except BaseException:
            self._undo()
            raise

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Everything read inside is of one moment."""
        self.do("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            yield
        finally:
            self._undo()

    def sweep(self) -> str:
        """What the keeper of the server has to do: only the owner of a table may make its file anew, and nobody here owns it."""
        return (
            "On PostgreSQL a deleted row stays on the server's disk until the owner of the tables says "
            f"VACUUM FULL {SCHEMA}.sealed, {SCHEMA}.wrapped, and in the write-ahead log, its archive and standbys until they are recycled."
        )

    def close(self) -> None:
        """Let go of the connection; doing so twice is no harm."""
        self._connection.close()

    def version(self) -> int:
        """The server's, as PostgreSQL counts: 150004 is 15.4."""
        return self._connection.info.server_version

    def _connected(self) -> psycopg.Connection[tuple[Any, ...]]:
        options = {
            "search_path": f"{SCHEMA},pg_temp",
            "lock_timeout": f"{max(1, math.ceil(self._patience * 1000))}",
            "idle_in_transaction_session_timeout": f"{LONGEST_STEP * 1000}",
        }
        where: dict[str, Any] = dict(self._address.settings)
        try:
            return psycopg.connect(
                **where,
                autocommit=True,  # a step says itself where it begins
                options=" ".join(f"-c {name}={value}" for name, value in options.items()),
                connect_timeout=REACHED_WITHIN,
                keepalives_idle=30,
                tcp_user_timeout=30_000,
                client_encoding="UTF8",
                application_name="pastoral",
            )
        except psycopg.Error as error:
            raise LedgerError(f"{self._address.name} cannot be reached: {_reason(error)}") from error

    def _finish(self, step: str) -> None:
        try:
            ended = self._connection.execute("COMMIT")
        except psycopg.Error as error:
            if not self._connection.closed:
                raise LedgerError(self._sentence(error)) from error
            self._find_out(step, error)
            return
        if ended.statusmessage != "COMMIT":
            raise LedgerError(f"{self._address.name}: PostgreSQL took the step back; {NOTHING_RECORDED}")

    def _find_out(self, step: str, error: psycopg.Error) -> None:
        """Whether a step was recorded whose connection was lost while it ended; returns if it was."""
        try:
            self._connection = self._connected()
            with self._turn():
                ((fate,),) = self.read(FATE, step)
        except LedgerError:
            fate = None
        if fate == "committed":
            return
        if fate == "aborted":
            raise LedgerError(self._lost()) from error
        raise LedgerError(
            f"the connection to {self._address.name} was lost while a step was being recorded, and whether it was cannot be told; "
            "look what the record says (`pastoral audit verify` prints its head) before you repeat it"
        ) from error

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """A turn in which nothing is written; once it is given, every step before it has ended."""
        self.do("BEGIN ISOLATION LEVEL READ COMMITTED")
        try:
            self.read(f"SELECT pg_advisory_xact_lock({LOCK})")
            yield
        finally:
            self._undo()

    def _undo(self) -> None:
        if self._connection.info.transaction_status in {TransactionStatus.INTRANS, TransactionStatus.INERROR}:
            self.do("ROLLBACK")

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What PostgreSQL refuses inside, as one sentence."""
        try:
            yield
        except psycopg.Error as error:
            raise LedgerError(self._sentence(error)) from error

    def _lost(self) -> str:
        return f"the connection to {self._address.name} was lost; {NOTHING_RECORDED}, try again"

    def _sentence(self, error: psycopg.Error) -> str:
        name, state = self._address.name, error.sqlstate or ""
        if self._connection.closed:
            return self._lost()
        if state in LOCKED:
            return f"{name} is locked: somebody else is writing to it; {NOTHING_RECORDED}, try again"
        if state in READ_ONLY or (state in {"0A000", "55000"} and "recovery" in _reason(error)):
            return f"{name} cannot be written: the server takes only reading ({_reason(error)}); {NOTHING_RECORDED}"
        if state in FORBIDDEN:
            return f"{name} does not let {self._connection.info.user} do this ({_reason(error)}); {NOTHING_RECORDED}"
        if state in DAMAGED:
            return f"{name} is damaged ({_reason(error)}); keep it as it is, and go on with a copy made before"
        return f"{name}: PostgreSQL says '{_reason(error)}'; {NOTHING_RECORDED}"


def opened(url: str, patience: float) -> PostgresqlStore:
    """A ledger that is there. Raises `LedgerError` with one sentence for everything that is none."""
    address = address_of(url)
    store = PostgresqlStore(address, patience)
    try:
        _recognise(store, address)
    except BaseException:
        store.close()
        raise
    return store


@contextmanager
def founding(url: str, patience: float) -> Iterator[PostgresqlStore]:
    """A new ledger with its tables, guards and roles, inside the step that founds it.

    Whatever fails inside, nothing of it is there. Raises `Refused` if the database has a ledger already.
    """
    from panel.record.tables import creation  # here: an open ledger needs no models

    address = address_of(url)
    store = PostgresqlStore(address, patience)
    try:
        with store.writing():
            _free(store, address.name)
            ((database, user),) = store.read("SELECT current_database(), current_user")
            roles = _new_roles(store, address.name, database, user)
            for statement in (*roles, *MARKS, *creation("postgresql", FORMAT), *guards(), *grants(database)):
                store.do(statement)
            yield store
    except BaseException:
        store.close()
        raise


def _free(store: PostgresqlStore, name: str) -> None:
    """Raises unless the database can hold a new ledger."""
    if store.version() < OLDEST:
        raise LedgerError(f"{name}: found PostgreSQL {store.version() // 10000}; wanted {OLDEST // 10000} or newer")
    ((encoding, there, allowed),) = store.read(PLACE, SCHEMA)
    if there:
        raise Refused(f"{name} is already there, or another schema named {SCHEMA}; a panel is founded once, in a new database")
    if encoding != "UTF8":
        raise LedgerError(f"{name}: found a database whose encoding is {encoding}; wanted one made with ENCODING 'UTF8' TEMPLATE template0")
    if not allowed:
        raise LedgerError(f"{name} cannot be made: the role may make nothing in this database; let its owner found the panel")


def _new_roles(store: PostgresqlStore, name: str, database: str, user: str) -> tuple[str, ...]:
    """The statements that make the roles which the server does not have yet."""
    roles = tuple(roles_of(database).values())
    if any(len(role.encode()) > LONGEST for role in roles):
        raise LedgerError(f"{name}: found a database whose name is longer than {LONGEST - len('_writer')} bytes; wanted a shorter one")
    there = {row[0] for row in store.read("SELECT rolname FROM pg_roles")}
    missing = tuple(f"CREATE ROLE {quoted(role)} NOLOGIN" for role in roles if role not in there)
    ((able,),) = store.read("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
    if missing and not able:
        raise LedgerError(f"{name} cannot be made: {user} may make no roles; let an administrator say first: {'; '.join(missing)}")
    return missing


def _recognise(store: PostgresqlStore, address: Address) -> None:
    name = address.name
    ((there, readable, user, database),) = store.read(THERE, SCHEMA, SCHEMA)
    if not there:
        raise LedgerError(f"there is no ledger in {address.place}; `pastoral init` founds one")
    if not readable:
        reader = quoted(roles_of(database)["reader"])
        raise LedgerError(f"{name} may not be read by {user}; an administrator can say GRANT {reader} TO {quoted(user)}")
    ((marked,),) = store.read("SELECT to_regclass(?) IS NOT NULL", f"{SCHEMA}.format")
    if not marked:
        raise LedgerError(f"{name} is none: its database has a schema named {SCHEMA} that this program did not make")
    ((version,),) = store.read("SELECT max(number) FROM format")
    if version is None or version > FORMAT:
        raise LedgerError(f"{name} was written by a newer pastoral (format {version}; this one reads up to {FORMAT}): use that one")
    store.number = version


def _asked(statement: str) -> Any:
    return statement.replace("?", "%s")


def _reason(error: psycopg.Error) -> str:
    """The database's own words, on one line."""
    words = error.diag.message_primary or str(error).rpartition("FATAL:")[2].partition("\n")[0]
    return " ".join(words.split()) or type(error).__name__
