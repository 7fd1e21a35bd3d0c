"""The panel's class keys: what they are of, what may be given to an auditor, and where they are kept while a program runs.

There is one key for each class of sealed parts and each generation, and all of them are of one ledger, which its first
entry's digest names. It knows no file and no table, and draws nothing: random bytes are handed in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, Protocol

from panel.errors import LedgerError, Refused
from panel.record.boxes import KEY_BYTES

CASE: Final = "case"
IDENTITY: Final = "identity"
CLASSES: Final = (CASE, IDENTITY)

Draw = Callable[[int], bytes]
"""So many random bytes, such as `secrets.token_bytes`."""


class KeyMissing(LedgerError):
    """What is sealed cannot be read, because a key is not here. Nothing was recorded."""

    kind = "keys"


class WrongKeys(Refused):
    """Keys that are not those of this ledger."""

    kind = "keys"


@dataclass(frozen=True, slots=True)
class ClassKeys:
    """Class keys of one ledger: (class, generation) -> 32 bytes."""

    ledger: str
    keys: Mapping[tuple[str, int], bytes] = field(repr=False)

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes of which there is any key."""
        return tuple(kind for kind in CLASSES if any(of == kind for of, _ in self.keys))

    def generations(self, kind: str) -> tuple[int, ...]:
        """The generations of a class, oldest first."""
        return tuple(sorted(generation for of, generation in self.keys if of == kind))

    def only(self, *, kinds: tuple[str, ...] = CLASSES, generation: int) -> ClassKeys:
        """Of these keys those of some classes and one generation."""
        return ClassKeys(self.ledger, {key: value for key, value in self.keys.items() if key[0] in kinds and key[1] == generation})

    def with_fresh(self, generation: int, draw: Draw) -> ClassKeys:
        """These keys, and new ones of every class as that generation."""
        return ClassKeys(self.ledger, {**self.keys, **{(kind, generation): draw(KEY_BYTES) for kind in CLASSES}})


def first_keys(ledger: str, draw: Draw) -> ClassKeys:
    """The keys of a new ledger."""
    return ClassKeys(ledger, {}).with_fresh(1, draw)


class Keys(Protocol):
    """Where the class keys of a ledger are kept. `where` says it in words; `named` is whether somebody named the place."""

    @property
    def where(self) -> str: ...

    def read(self, *, again: bool = False) -> ClassKeys | None:
        """The keys; None where there are none. Read once, or `again`. Raises `Refused` for what cannot be used."""

    @contextmanager
    def founding(self) -> Iterator[Callable[[ClassKeys], None]]:
        """Yields what puts keys where none are; whatever fails inside, they are not there. Raises `Refused` if some are."""
        yield lambda _: None

    def replace(self, keys: ClassKeys) -> None:
        """Put other keys in the place of those that are there: at every moment there are the one or the other."""


class InMemory:
    """Keys that nobody keeps: those of a ledger in memory, or handed from one process to another."""

    where: Final = "the memory of this program"

    def __init__(self, keys: ClassKeys | None = None) -> None:
        self._keys = keys

    def read(self, *, again: bool = False) -> ClassKeys | None:  # noqa: ARG002 - there is nowhere else to look
        """The keys."""
        return self._keys

    @contextmanager
    def founding(self) -> Iterator[Callable[[ClassKeys], None]]:
        """Nothing is left behind: whoever fails forgets them."""
        yield self.replace

    def replace(self, keys: ClassKeys) -> None:
        """Other keys from now on."""
        self._keys = keys
