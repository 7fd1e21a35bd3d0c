"""The tables of a ledger as SQLModel has them: what a new ledger is made of.

Nothing reads or writes through them. `ledger.py` and `seals.py` name the same columns in plain statements, so that an
open ledger does not wait for models that it never fills, nor for the libraries that they are made with; a test holds
the two against each other.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, MetaData, String, Table, make_url
from sqlalchemy.schema import CreateTable
from sqlmodel import Field, SQLModel

TABLES: Final = MetaData()
"""The tables of a ledger, apart from whatever else uses SQLModel in the same program."""

PLAIN: Final = MetaData()
"""The sealed parts as the first format has them, which nothing encrypts: still made for an export of cases."""

IN_ORDER: Final = String().with_variant(String(collation="C"), "postgresql")
"""Text in the order of its code points, which is SQLite's own."""


class EntryRow(SQLModel, table=True):
    """One entry, as docs/ledger-format.md has it."""

    __tablename__ = "entry"
    metadata = TABLES

    # No UNIQUE beside it: INSERT OR REPLACE would delete through that.
    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    recorded_at: str
    actor: str
    kind: str
    body: str
    previous: str
    digest: str


class SealedRow(SQLModel, table=True):
    """One sealed part, encrypted with its salt under its subject's key; `class` is case or identity."""

    __tablename__ = "sealed"
    metadata = TABLES

    seq: int = Field(primary_key=True, foreign_key="entry.seq")
    subject: str = Field(sa_column=Column("subject", IN_ORDER, primary_key=True))
    kind: str = Field(sa_column=Column("class", IN_ORDER, primary_key=True))
    box: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class WrappedRow(SQLModel, table=True):
    """The key of one subject's parts of one class, encrypted under a generation of the panel's key of that class."""

    __tablename__ = "wrapped"
    metadata = TABLES

    subject: str = Field(sa_column=Column("subject", IN_ORDER, primary_key=True))
    kind: str = Field(sa_column=Column("class", IN_ORDER, primary_key=True))
    generation: int
    box: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class PlainRow(SQLModel, table=True):
    """One sealed part of the first format with its salt; `content` is canonical JSON."""

    __tablename__ = "sealed"
    metadata = PLAIN

    seq: int = Field(sa_column=Column("seq", Integer, ForeignKey(TABLES.tables["entry"].c.seq), primary_key=True))
    subject: str = Field(sa_column=Column("subject", IN_ORDER, primary_key=True))
    kind: str = Field(sa_column=Column("class", IN_ORDER, primary_key=True))
    salt: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    content: str


def creation(database: str, number: int) -> tuple[str, ...]:
    """The statements that make the tables of that format in a database of that kind: `sqlite`, or another that SQLAlchemy knows by name."""
    dialect = make_url(f"{database}://").get_dialect()()
    tables: list[Table] = [TABLES.tables["entry"], PLAIN.tables["sealed"]] if number == 1 else TABLES.sorted_tables
    return tuple(str(CreateTable(table).compile(dialect=dialect)).strip() for table in tables)
