"""The tables of a ledger as SQLModel has them: what a new ledger is made of.

Nothing reads or writes through them. `ledger.py` and `seals.py` name the same columns in plain statements, so that an
open ledger does not wait for models that it never fills, nor for the libraries that they are made with; a test holds
the two against each other.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, LargeBinary, MetaData, String, make_url
from sqlalchemy.schema import CreateTable
from sqlmodel import Field, SQLModel

TABLES: Final = MetaData()
"""The tables of a ledger, apart from whatever else uses SQLModel in the same program."""

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
    """One sealed part with its salt; `class` is case or identity, `content` canonical JSON."""

    __tablename__ = "sealed"
    metadata = TABLES

    seq: int = Field(primary_key=True, foreign_key="entry.seq")
    subject: str = Field(sa_column=Column("subject", IN_ORDER, primary_key=True))
    kind: str = Field(sa_column=Column("class", IN_ORDER, primary_key=True))
    salt: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    content: str


def creation(database: str) -> tuple[str, ...]:
    """The statements that make the tables in a database of that kind: `sqlite`, or another that SQLAlchemy knows by name."""
    dialect = make_url(f"{database}://").get_dialect()()
    return tuple(str(CreateTable(table).compile(dialect=dialect)).strip() for table in TABLES.sorted_tables)
