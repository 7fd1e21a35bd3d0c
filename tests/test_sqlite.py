"""One SQLite file as the place of a ledger: each bad file told apart, the tables that a new one has, and what an open one loads."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from panel.errors import LedgerError
from panel.record import ledger, seals
from panel.record.ledger import Ledger
from panel.record.sqlite import APPLICATION, FORMAT
from panel.record.tables import PLAIN, TABLES
from tests.test_ledger import REFERRED, address, flaws, founded

# --- what is no ledger ---


def text(path: Path) -> None:
    path.write_text("referral,pupil\n" * 20)


def other_sqlite(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE entry (seq INTEGER PRIMARY KEY)")


def newer(path: Path) -> None:
    founded(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {FORMAT + 1}")


def no_tables(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute("PRAGMA user_version = 1")


def cut_off(path: Path) -> None:
    founded(path, *[REFERRED] * 30)
    path.write_bytes(path.read_bytes()[:9000])


def scrambled(path: Path) -> None:
    founded(path, *[REFERRED] * 30)
    raw = path.read_bytes()
    path.write_bytes(raw[:4096] + b"\xff" * (len(raw) - 4096))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda _: None, "there is no ledger at {path}; `pastoral init` founds one"),
        (Path.mkdir, "{path} is a folder, not a ledger"),
        (Path.touch, "{path} is empty: it is not a ledger"),
        (text, "{path} is not a ledger: it is no SQLite file"),
        (other_sqlite, "{path} is a SQLite file, but not a ledger"),
        (newer, "{path} was written by a newer pastoral (format 3; this one reads up to 2): use that one"),
        (no_tables, "{path} is damaged"),
        (cut_off, "{path} is damaged"),
        (scrambled, "{path} is damaged"),
    ],
)
def test_each_bad_file_gets_its_own_sentence(tmp_path: Path, make: Callable[[Path], None], said: str) -> None:
    path = tmp_path / "panel.db"
    make(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(LedgerError) as refused, Ledger.open(address(path)) as ledger:
        ledger.flaws()
    assert refused.value.message.startswith(said.format(path=path))
    assert "\n" not in refused.value.message
    assert refused.value.exit_code == 4
    assert (path.read_bytes() if path.is_file() else None) == before


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("panel.db", "found 'panel.db'; wanted one such as sqlite:///pastoral.db"),
        ("", "found ''; wanted one such as sqlite:///pastoral.db"),
        ("mysql://clerk:secret@host/panel", "found one of mysql; wanted sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE"),
        ("mysql+pymysql://clerk:secret@host/panel", "found one of mysql+pymysql; wanted sqlite:///FILE or"),
        ("nonsense://x", "found one of nonsense; wanted sqlite:///FILE or"),
        ("clerk:secret@host/panel", "found something else; wanted one such as sqlite:///pastoral.db"),
        ("sqlite://host/panel.db", "wanted sqlite:///FILE and nothing else"),
        ("sqlite:///panel.db?mode=ro", "wanted sqlite:///FILE and nothing else"),
        ("sqlite:///panel?.db", "wanted sqlite:///FILE and nothing else"),
        ("sqlite://", "a ledger in memory can be founded, but not opened again"),
    ],
)
def test_any_other_address_is_refused(url: str, said: str) -> None:
    with pytest.raises(LedgerError) as refused:
        Ledger.open(url)
    assert said in refused.value.message
    assert "secret" not in refused.value.message


def test_a_name_with_odd_characters_is_only_a_name(tmp_path: Path) -> None:
    path = founded(tmp_path / "a panel 50% #1 é.db")
    assert path.is_file()
    assert flaws(path) == []


def test_an_auditor_may_read_a_file_that_nobody_may_write(tmp_path: Path) -> None:
    path = founded(tmp_path / "panel.db")
    path.chmod(0o400)
    assert flaws(path) == []


# --- tables and statements ---


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        (
            "entry",
            [
                ("seq", "INTEGER", 1, 1),
                ("recorded_at", "VARCHAR", 1, 0),
                ("actor", "VARCHAR", 1, 0),
                ("kind", "VARCHAR", 1, 0),
                ("body", "VARCHAR", 1, 0),
                ("previous", "VARCHAR", 1, 0),
                ("digest", "VARCHAR", 1, 0),
            ],
        ),
        (
            "sealed",
            [
                ("seq", "INTEGER", 1, 1),
                ("subject", "VARCHAR", 1, 2),
                ("class", "VARCHAR", 1, 3),
                ("box", "BLOB", 1, 0),
            ],
        ),
        (
            "wrapped",
            [
                ("subject", "VARCHAR", 1, 1),
                ("class", "VARCHAR", 1, 2),
                ("generation", "INTEGER", 1, 0),
                ("box", "BLOB", 1, 0),
            ],
        ),
    ],
)
def test_a_new_ledger_has_these_tables(tmp_path: Path, table: str, columns: list[tuple[str, str, int, int]]) -> None:
    """Each column's name and type, whether it must be filled, and its place in the primary key."""
    with closing(sqlite3.connect(founded(tmp_path / "panel.db"))) as connection:
        assert connection.execute(f'SELECT name, type, "notnull", pk FROM pragma_table_info({table!r})').fetchall() == columns


@pytest.mark.parametrize(
    ("table", "written", "found"),
    [
        ("entry", ledger.WRITE, (ledger.READ, ledger.READ_UPTO)),
        ("sealed", seals.KEEP, (seals.HELD, seals.HELD_UPTO)),
        ("wrapped", seals.WRAP, (seals.WRAPPED, seals.WRAPPED_FOR)),
        ("plain", seals.KEEP_PLAIN, (seals.PLAIN_HELD, seals.PLAIN_HELD_UPTO)),
    ],
)
def test_the_statements_name_the_columns_of_the_models(table: str, written: str, found: tuple[str, str]) -> None:
    columns = [column.name for column in (PLAIN.tables["sealed"] if table == "plain" else TABLES.tables[table]).columns]
    table = "sealed" if table == "plain" else table
    assert written == f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' for _ in columns)})"
    for statement in found:
        assert statement.startswith(f"SELECT {', '.join(columns)} FROM {table} ")


def test_an_open_ledger_does_not_wait_for_models() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import sys, panel.steps.office; print({'sqlmodel', 'sqlalchemy'} & set(sys.modules))"],
        capture_output=True, text=True, check=True, cwd=Path(__file__).resolve().parent.parent,
    )  # fmt: skip
    assert told.stdout == "set()\n"
