"""Which database an address means: the store of a ledger on SQLite or on PostgreSQL, opened or founded."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from pathlib import Path

from panel.errors import LedgerError
from panel.record import sqlite
from panel.record.addresses import address_of
from panel.record.keyfile import Ask, KeyFile, nobody_to_ask
from panel.record.keyring import InMemory, Keys
from panel.record.store import Store

PATIENCE = sqlite.PATIENCE


def opened(url: str, patience: float) -> Store:
    """A ledger that is there. Raises `LedgerError` with one sentence for everything that is none."""
    if _kind(url) == "sqlite":
        return sqlite.opened(url, patience)
    from panel.record.postgresql import opened as on_postgresql

    return on_postgresql(url, patience)


def founding(url: str, patience: float) -> AbstractContextManager[Store]:
    """A new ledger, inside the step that founds it. Raises `Refused` if something is already there."""
    if _kind(url) == "sqlite":
        return sqlite.founding(url, patience)
    from panel.record.postgresql import founding as on_postgresql

    return on_postgresql(url, patience)


def keys_beside(url: str, ask: Ask = nobody_to_ask) -> Keys:
    """Where a ledger's keys are kept if nobody says otherwise: beside a SQLite file; for PostgreSQL in the current folder."""
    if _kind(url) == "postgresql":
        return KeyFile(Path(f"{address_of(url).settings['dbname'].replace('/', '-')}.keys"), ask)
    path = sqlite.place_of(url)
    return InMemory() if path is None else KeyFile(path.with_name(f"{path.name}.keys"), ask)


def _kind(url: str) -> str:
    """`sqlite` or `postgresql`, whose driver is then there. Raises `LedgerError` for every other address."""
    found = re.match(r"(?P<kind>\w*)(?P<driver>[\w+]*)://", url)
    if found is None:
        # Without a kind it may be anything, a password too: only what looks like a file's name is quoted.
        named = repr(url) if re.fullmatch(r"[\w./ -]*", url) else "something else"
        raise LedgerError(f"the ledger's address: found {named}; wanted one such as sqlite:///pastoral.db")
    if found["kind"] == "sqlite":
        return "sqlite"
    if found["kind"] != "postgresql" or found["driver"] not in {"", "+psycopg"}:
        named = found["kind"] + found["driver"]
        raise LedgerError(f"the ledger's address: found one of {named}; wanted sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE")
    try:
        import panel.record.postgresql  # noqa: F401 - only whether its driver is there
    except ImportError as error:
        raise LedgerError("a ledger on PostgreSQL needs psycopg, which is not installed: pip install 'pastoral[postgresql]'") from error
    return "postgresql"
