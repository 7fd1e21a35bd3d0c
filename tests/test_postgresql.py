"""One PostgreSQL database as the place of a ledger: who may do what, and each failure in one plain sentence."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from contextlib import closing
from typing import Any

import psycopg
import pytest

from panel.errors import LedgerError, Refused
from panel.record.addresses import address_of
from panel.record.chain import Draft
from panel.record.ledger import Ledger
from panel.record.postgresql import PostgresqlStore
from panel.record.postgresql_schema import FORMAT
from tests.postgresql_server import Server, running
from tests.test_ledger import FOUNDED, NOON, REFERRED, salts

pytestmark = pytest.mark.usefixtures("in_a_folder")

NOTED = Draft("noted", {})


def founded(server: Server, database: str, *more: Draft) -> Ledger:
    return Ledger.found(server.address(database), [FOUNDED, *more], actor="clerk", now=NOON, salts=salts())


def append(ledger: Ledger) -> int:
    return ledger.append([NOTED], actor="clerk", now=NOON, salts=salts())[0].seq


@pytest.fixture
def database(postgresql: Server) -> str:
    """A database with a ledger of two entries."""
    name = postgresql.emptied("again")
    founded(postgresql, name, REFERRED).close()
    return name


def store_of(ledger: Ledger) -> Any:
    return ledger._store


def sentence(what: Callable[[], object]) -> str:
    """The one line that a failure says, with exit code 4."""
    with pytest.raises(LedgerError) as failed:
        what()
    assert failed.value.exit_code == 4
    assert "\n" not in failed.value.message
    return failed.value.message


# --- who may do what ---

RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER", "REFERENCES")


@pytest.mark.parametrize(
    ("who", "entry", "sealed"),
    [
        ("{}_reader", {"SELECT"}, {"SELECT"}),
        ("{}_writer", {"SELECT", "INSERT"}, {"SELECT", "INSERT"}),
        ("{}_eraser", {"SELECT", "INSERT"}, {"SELECT", "INSERT", "DELETE"}),
        ("{}_keeper", {"SELECT"}, {"SELECT"}),
        ("founder", {"SELECT", "INSERT"}, {"SELECT", "INSERT"}),
        ("stranger", set(), set()),
    ],
)
def test_each_role_may_do_this_and_no_more(postgresql: Server, database: str, who: str, entry: set[str], sealed: set[str]) -> None:
    with postgresql.superuser(database) as connection:
        connection.execute("DO $$ BEGIN CREATE ROLE stranger; EXCEPTION WHEN duplicate_object THEN END $$")

        def may(table: str) -> set[str]:
            role = who.format(database)
            asked = "SELECT has_table_privilege(%s, %s, %s)"
            return {right for right in RIGHTS if connection.execute(asked, (role, f"pastoral.{table}", right)).fetchone() == (True,)}

        assert (may("entry"), may("sealed"), may("wrapped")) == (entry, sealed, sealed)
        of_columns = "SELECT has_column_privilege(%s, 'pastoral.wrapped', %s, 'UPDATE')"
        for column in ("subject", "class", "generation", "box"):
            rewraps = connection.execute(of_columns, (who.format(database), column)).fetchone()
            assert rewraps == (who == "{}_keeper" and column in {"generation", "box"},)


def test_only_a_keeper_changes_the_keys(postgresql: Server, database: str) -> None:
    writer, keeper = (postgresql.role(f"{what}s_{database}", f"{database}_{what}") for what in ("writer", "keeper"))
    with Ledger.open(postgresql.address(database, writer)) as ledger:
        before = ledger.keys()
        assert "permission denied for table wrapped" in sentence(ledger.rotate)
        assert ledger.keys() == before  # what had been put into the file for it is gone again
        assert ledger.flaws() == ()
    with Ledger.open(postgresql.address(database, keeper)) as ledger:
        assert ledger.rotate() == 2
        assert ledger.flaws() == ()
        assert "permission denied for table entry" in sentence(lambda: append(ledger))
    with Ledger.open(postgresql.address(database, writer)) as ledger:
        ledger.append([REFERRED], actor="clerk", now=NOON, salts=salts())
        assert ledger.flaws() == ()


def test_a_reader_reads_a_writer_writes_an_eraser_erases(postgresql: Server, database: str) -> None:
    for what in ("reader", "writer", "eraser"):
        postgresql.role(f"{what}_{database}", f"{database}_{what}")
    erase = "DELETE FROM sealed WHERE class = 'identity'"
    lone = (0, "key without a sealed part")
    with Ledger.open(postgresql.address(database, f"reader_{database}")) as reader:
        assert reader.flaws() == ()
        refusal = f"does not let reader_{database} do this (permission denied for table entry); nothing was recorded"
        assert refusal in sentence(lambda: append(reader))
    with Ledger.open(postgresql.address(database, f"writer_{database}")) as writer:
        writer.append([REFERRED], actor="clerk", now=NOON, salts=salts())
        assert "permission denied for table sealed" in sentence(lambda: store_of(writer).do(erase))
    with Ledger.open(postgresql.address(database, f"eraser_{database}")) as eraser:
        assert append(eraser) == 4
        store_of(eraser).do(erase)
        assert [(flaw.seq, flaw.kind) for flaw in eraser.flaws()] == [(2, "sealed part missing"), (3, "sealed part missing"), lone]


def test_a_clerk_of_another_panel_does_not_get_in(postgresql: Server, database: str) -> None:
    postgresql.role(f"other_{database}")
    said = sentence(lambda: Ledger.open(postgresql.address(database, f"other_{database}")))
    assert said.endswith(f'may not be read by other_{database}; an administrator can say GRANT "{database}_reader" TO "other_{database}"')


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE pastoral.entry SET body = '{}' WHERE seq = 2", "an entry is never changed"),
        ("DELETE FROM pastoral.entry WHERE seq = 2", "an entry is never deleted"),
        ("TRUNCATE pastoral.entry CASCADE", "never deleted|one by one"),
        ("UPDATE pastoral.sealed SET box = ''", "a sealed part is never changed"),
        ("UPDATE pastoral.wrapped SET box = ''", "a key is only ever wrapped anew, under the next generation"),
        ("UPDATE pastoral.wrapped SET subject = 'P2', generation = 2 WHERE subject = 'P1'", "a key is only ever wrapped anew"),
        ("DELETE FROM pastoral.wrapped WHERE subject = 'P1'", "a key is kept as long as anything is sealed under it"),
        ("DELETE FROM pastoral.wrapped WHERE subject = 'panel'", "a key is kept as long as anything is sealed under it"),
        ("TRUNCATE pastoral.wrapped", "keys are deleted one by one"),
        ("TRUNCATE pastoral.sealed", "sealed parts are deleted one by one"),
        (
            "INSERT INTO pastoral.sealed SELECT * FROM pastoral.sealed ON CONFLICT (seq, subject, class) DO UPDATE SET box = ''",
            "never changed",
        ),
    ],
)
@pytest.mark.parametrize("mode", ["origin", "replica"])
def test_the_guards_refuse_even_an_administrator(postgresql: Server, database: str, statement: str, said: str, mode: str) -> None:
    with postgresql.superuser(database) as connection:
        connection.execute(f"SET session_replication_role = {mode}")
        with pytest.raises(psycopg.IntegrityError, match=said):
            connection.execute(statement)
    with Ledger.open(postgresql.address(database)) as ledger:
        assert ledger.flaws() == ()


def test_what_an_administrator_changes_all_the_same_is_found(postgresql: Server, database: str) -> None:
    postgresql.do(
        "ALTER TABLE pastoral.entry DISABLE TRIGGER entry_is_never_changed",
        "UPDATE pastoral.entry SET actor = 'x' WHERE seq = 2",
        database=database,
    )
    with Ledger.open(postgresql.address(database)) as ledger:
        assert [(flaw.seq, flaw.kind) for flaw in ledger.flaws()] == [(2, "changed")]


# --- founding ---


def test_a_founder_who_may_make_no_roles_hears_what_to_ask_for(postgresql: Server) -> None:
    name = postgresql.new()
    postgresql.role("plain")
    postgresql.do(f"ALTER DATABASE {name} OWNER TO plain")
    url = postgresql.address(name, "plain")

    def found() -> Ledger:
        return Ledger.found(url, [FOUNDED], actor="clerk", now=NOON, salts=salts())

    said = sentence(found)
    assert "; ".join(f'CREATE ROLE "{name}_{what}" NOLOGIN' for what in ("reader", "writer", "eraser", "keeper")) in said
    postgresql.do(*said.rpartition("first: ")[2].split("; "))
    with found() as ledger:
        assert append(ledger) == 2
    postgresql.role("plainclerk", f"{name}_writer")
    with Ledger.open(postgresql.address(name, "plainclerk")) as ledger:
        # The owner is no superuser, and PostgreSQL checks the sealed part's entry in the owner's name.
        ledger.append([REFERRED], actor="clerk", now=NOON, salts=salts())
        assert ledger.flaws() == ()


def test_who_may_make_nothing_founds_nothing(postgresql: Server) -> None:
    name = postgresql.new()
    postgresql.role("guest")
    url = postgresql.address(name, "guest")
    assert "the role may make nothing in this database" in sentence(
        lambda: Ledger.found(url, [FOUNDED], actor="x", now=NOON, salts=salts())
    )


def test_a_database_of_another_encoding_is_refused(postgresql: Server) -> None:
    name = "latin"
    postgresql.do(f"CREATE DATABASE {name} OWNER founder TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
    assert "found a database whose encoding is LATIN1; wanted one made with ENCODING 'UTF8'" in sentence(lambda: founded(postgresql, name))


def test_a_name_so_long_that_two_roles_would_be_one_is_refused(postgresql: Server) -> None:
    name = "p" * 57
    postgresql.do(f"CREATE DATABASE {name} OWNER founder")
    assert "longer than 56 bytes" in sentence(lambda: founded(postgresql, name))


def test_a_name_with_quotes_is_only_a_name(postgresql: Server) -> None:
    postgresql.do("""CREATE DATABASE "it's ""ours"" 50%" OWNER founder""")
    with founded(postgresql, "it%27s%20%22ours%22%2050%25") as ledger:
        assert append(ledger) == 2


def test_another_schema_of_that_name_is_left_alone(postgresql: Server) -> None:
    name = postgresql.new()
    postgresql.do("CREATE SCHEMA pastoral AUTHORIZATION founder", database=name)
    with pytest.raises(Refused, match="or another schema named pastoral"):
        founded(postgresql, name)
    assert "has a schema named pastoral that this program did not make" in sentence(lambda: Ledger.open(postgresql.address(name)))


# --- what is no ledger, and what cannot be written ---


def test_a_database_without_a_ledger(postgresql: Server) -> None:
    said = sentence(lambda: Ledger.open(postgresql.address("postgres")))
    assert said == f"there is no ledger in postgres on {postgresql.folder}; `pastoral init` founds one"


def test_a_database_that_is_not_there(postgresql: Server) -> None:
    said = sentence(lambda: Ledger.open(postgresql.address("nowhere")))
    assert said == f'the ledger in nowhere on {postgresql.folder} cannot be reached: database "nowhere" does not exist'


def test_a_newer_format(postgresql: Server, database: str) -> None:
    postgresql.do(f"UPDATE pastoral.format SET number = {FORMAT + 1}", database=database)
    said = sentence(lambda: Ledger.open(postgresql.address(database)))
    assert said.endswith(f"was written by a newer pastoral (format {FORMAT + 1}; this one reads up to {FORMAT}): use that one")


def test_tables_that_are_gone(postgresql: Server, database: str) -> None:
    postgresql.do("DROP TABLE pastoral.sealed", database=database)
    with Ledger.open(postgresql.address(database)) as ledger:
        assert 'is damaged (relation "sealed" does not exist); keep it as it is' in sentence(ledger.flaws)


def test_a_server_that_takes_only_reading(postgresql: Server) -> None:
    database = postgresql.new()
    founded(postgresql, database).close()
    postgresql.do(f"ALTER DATABASE {database} SET default_transaction_read_only = on")
    with Ledger.open(postgresql.address(database)) as ledger:
        assert ledger.flaws() == ()
        said = sentence(lambda: append(ledger))
        assert "cannot be written: the server takes only reading" in said
        assert said.endswith("nothing was recorded")


# --- a connection that is lost ---


def cut(server: Server, ledger: Ledger) -> None:
    server.do(f"SELECT pg_terminate_backend({store_of(ledger)._connection.info.backend_pid}, 5000)")


def test_a_connection_lost_between_steps(postgresql: Server, database: str) -> None:
    with Ledger.open(postgresql.address(database)) as ledger:
        cut(postgresql, ledger)
        said = f"the connection to the ledger in {database} on {postgresql.folder} was lost; nothing was recorded, try again"
        assert sentence(lambda: append(ledger)) == said
        assert sentence(ledger.entries) == said
    with Ledger.open(postgresql.address(database)) as ledger:
        assert append(ledger) == 3


def test_a_connection_lost_within_a_step(postgresql: Server, database: str) -> None:
    with Ledger.open(postgresql.address(database)) as ledger:
        store = store_of(ledger)

        def step() -> None:
            with store.writing():
                store.write("INSERT INTO entry VALUES (3, ?, 'x', 'noted', '{}', ?, 'x')", [(NOON, ledger.head().digest)])
                cut(postgresql, ledger)
                store.read("SELECT 1")

        assert sentence(step).endswith("was lost; nothing was recorded, try again")
    with Ledger.open(postgresql.address(database)) as ledger:
        assert ledger.head().seq == 2


def test_a_step_that_the_server_took_back_is_not_taken_for_recorded(postgresql: Server, database: str) -> None:
    """After any failure PostgreSQL answers COMMIT with ROLLBACK, and calls that no error."""
    with Ledger.open(postgresql.address(database)) as ledger:
        store = store_of(ledger)

        def step() -> None:
            with store.writing(), pytest.raises(LedgerError):
                store.do("SELECT 1 / 0")

        assert sentence(step).endswith("PostgreSQL took the step back; nothing was recorded")
        assert append(ledger) == 3


def hang_up(store: PostgresqlStore) -> None:
    """End the connection's socket under it."""
    with closing(socket.socket(fileno=os.dup(store._connection.fileno()))) as line:
        line.shutdown(socket.SHUT_RDWR)


class Losing:
    """A connection that is lost around COMMIT: before the server has it, or before its answer is back."""

    def __init__(self, store: PostgresqlStore, *, after: bool) -> None:
        self._store, self._real, self._after = store, store._connection, after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def execute(self, statement: str, values: Any = None) -> Any:
        if statement == "COMMIT":
            if self._after:
                self._real.execute("COMMIT")
            hang_up(self._store)
        return self._real.execute(statement, values)


def test_a_step_that_was_recorded_although_the_answer_was_lost_is_recorded(postgresql: Server, database: str) -> None:
    with Ledger.open(postgresql.address(database)) as ledger:
        store = store_of(ledger)
        store._connection = Losing(store, after=True)
        assert append(ledger) == 3
        # It goes on over a new connection.
        assert append(ledger) == 4
        assert ledger.flaws() == ()


def test_a_step_that_was_lost_on_its_way_is_told_so(postgresql: Server, database: str) -> None:
    with Ledger.open(postgresql.address(database)) as ledger:
        store = store_of(ledger)
        store._connection = Losing(store, after=False)
        assert sentence(lambda: append(ledger)).endswith("was lost; nothing was recorded, try again")
        assert append(ledger) == 3


@pytest.mark.parametrize("after", [True, False])
def test_where_nobody_can_be_asked_it_is_said_that_it_is_not_known(postgresql: Server, database: str, *, after: bool) -> None:
    with Ledger.open(postgresql.address(database)) as ledger:
        store = store_of(ledger)
        store._connection = Losing(store, after=after)
        store._address = address_of("postgresql:///gone?host=/nowhere")
        said = sentence(lambda: append(ledger))
    assert "whether it was cannot be told" in said
    assert "nothing was recorded" not in said


@pytest.mark.usefixtures("postgresql")
def test_a_power_cut_takes_nothing_that_was_recorded() -> None:
    """On a server of its own: no other test waits while it recovers. (The fixture skips where there is none to start.)"""
    with running(durable=True) as server:
        name = server.new()
        with founded(server, name) as ledger:
            for _ in range(20):
                append(ledger)
            server.restart()
            assert "was lost" in sentence(lambda: append(ledger))
        with Ledger.open(server.address(name)) as ledger:
            assert ledger.head().seq == 21
            assert ledger.flaws() == ()
