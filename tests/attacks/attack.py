"""What an attack is: where it can be made, what it does there, and what must be found."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Literal

from tests.attacks.forgery import Copy

ShownBy = Literal["verify", "replay", "checkpoint"]


@dataclass(frozen=True, slots=True)
class Forged:
    """A forged copy, the first entry that must be named, and how what is said of it begins."""

    copy: Copy
    seq: int
    what: str


@dataclass(frozen=True, slots=True)
class Attack:
    """`name` goes on from "Somebody ..."; `sites` are the entries at which it can be made."""

    name: str
    shown_by: ShownBy
    sites: Callable[[Copy], Iterable[int]]
    do: Callable[[Copy, int], Forged]


ATTACKS: Final[list[Attack]] = []
"""In the order in which the modules that hold them are read."""


def attack(
    name: str, shown_by: ShownBy, sites: Callable[[Copy], Iterable[int]]
) -> Callable[[Callable[[Copy, int], Forged]], Callable[[Copy, int], Forged]]:
    """Put an attack on the list."""

    def keep(do: Callable[[Copy, int], Forged]) -> Callable[[Copy, int], Forged]:
        ATTACKS.append(Attack(name, shown_by, sites, do))
        return do

    return keep


def every(copy: Copy) -> Iterable[int]:
    """Every entry."""
    return (entry.seq for entry in copy.entries)


def but_the_last(copy: Copy) -> Iterable[int]:
    """Every entry that another one follows."""
    return (entry.seq for entry in copy.entries[:-1])


def sealing(copy: Copy) -> Iterable[int]:
    """Every entry with a sealed part."""
    return sorted({row.seq for row in copy.sealed})


def of(*kinds: str) -> Callable[[Copy], Iterable[int]]:
    """Every entry of some kinds."""
    return lambda copy: copy.of(*kinds)
