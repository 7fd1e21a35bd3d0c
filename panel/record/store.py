"""What a ledger asks of the database that keeps it: the few things that differ from one driver to another.

Statements are the same everywhere, with `?` where a value goes; a store whose driver wants another sign puts that in its
place. It knows no entries and no database.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol


class Store(Protocol):
    """An open connection to a ledger. Whatever its database refuses is a `LedgerError` with one plain sentence."""

    number: int
    """Of the format that the ledger has."""

    def writing(self) -> AbstractContextManager[None]:
        """One step: takes the write lock first, so that what it reads still holds when it writes; all of it or nothing."""

    def reading(self) -> AbstractContextManager[None]:
        """Everything read inside is of one moment."""

    def read(self, statement: str, *values: object) -> Sequence[tuple[Any, ...]]:
        """Every row that a SELECT finds."""

    def write(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        """Put each row through an INSERT, an UPDATE or a DELETE, in order, inside a step."""

    def sweep(self) -> str:
        """Leave nothing of deleted rows behind in the database's files; what is left for its keeper to do, in words, or nothing.

        Raises `LedgerError` where somebody else is in the way.
        """

    def close(self) -> None:
        """Let go of the database; doing so twice is no harm."""
