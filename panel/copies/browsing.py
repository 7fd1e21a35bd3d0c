"""A copy of the open parts that any SQLite browser opens: the entries as they are, and views in the panel's own words.

The views are in `open_copy.sql`. The database itself works each out from the entries' bodies, so that whoever asks can see
how. It reads no sealed part, and is no ledger: nobody can go on writing in it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from importlib import resources
from operator import attrgetter
from typing import Any, Final

from panel.record.chain import Entry
from panel.record.sqlite import PATIENCE, SqliteStore
from panel.spreadsheets import text_cell

COLUMNS: Final = attrgetter("seq", "recorded_at", "actor", "kind", "body", "previous", "digest")
TABLES: Final = "SELECT name FROM sqlite_master WHERE type = 'view' OR name IN ('positions', 'counts') ORDER BY name"

Row = Sequence[Any]


def browsable(entries: Iterable[Entry], positions: Iterable[Row], counts: Iterable[Row]) -> tuple[bytes, dict[str, bytes]]:
    """The SQLite file, and every view of it as CSV, by name. `positions` and `counts`: the rows of the tables of that name."""
    store = SqliteStore(None, PATIENCE)
    try:
        store.do("PRAGMA trusted_schema = ON")  # only the views made here are ever asked
        with store.writing():
            for statement in statements():
                store.do(statement)
            store.write("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)", map(COLUMNS, entries))
            store.write("INSERT INTO positions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", map(tuple, positions))
            store.write("INSERT INTO counts VALUES (?, ?, ?, ?, ?)", map(tuple, counts))
        return store.as_bytes(), {name: _as_csv(store, name) for (name,) in store.read(TABLES)}
    finally:
        store.close()


def statements() -> Iterator[str]:
    """What `open_copy.sql` asks for, one by one."""
    said = ""
    for line in (resources.files("panel.copies") / "open_copy.sql").read_text(encoding="utf-8").splitlines(keepends=True):
        said += line if said or not line.startswith(("--", "\n")) else ""
        if said.endswith(";\n"):
            yield said.removesuffix(";\n")
            said = ""


def _as_csv(store: SqliteStore, name: str) -> bytes:
    """UTF-8, comma, LF; the first row has the names of the columns. A cell of which nothing is known is empty."""
    paper = io.StringIO()
    writer = csv.writer(paper, lineterminator="\n")
    writer.writerow([column for _, column, *_ in store.read(f'PRAGMA table_info("{name}")')])
    for row in store.read(f'SELECT * FROM "{name}"'):  # noqa: S608 - a name of our own
        writer.writerow([text_cell(cell) if isinstance(cell, str) else cell for cell in row])
    return paper.getvalue().encode()
