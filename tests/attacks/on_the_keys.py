"""Attacks on what lies encrypted in the file: boxes and wrapped keys, by somebody who has no key, or another one than the auditor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from tests.attacks.attack import Forged, attack, sealing
from tests.attacks.forgery import Copy, chained, put


def also(copy: Copy, statement: str, *values: object) -> Copy:
    return replace(copy, also=(*copy.also, (statement, values)))


def first(copy: Copy, seq: int) -> tuple[int, str, str]:
    """The first sealed part of an entry."""
    row = copy.parts(seq)[0]
    return row.seq, row.subject, row.kind


def before(copy: Copy, seq: int) -> list[int]:
    """Earlier entries that seal a part about the same subject, under the same key."""
    _, subject, kind = first(copy, seq)
    return [row.seq for row in copy.sealed if row.seq < seq and (row.subject, row.kind) == (subject, kind)]


def alone(copy: Copy) -> Iterable[int]:
    """Entries with the first part of all about the first subject that they seal anything of."""
    return (seq for seq in sealing(copy) if not before(copy, seq) and first(copy, seq)[1] != "panel")


def of_several(copy: Copy) -> Iterable[int]:
    """Entries that seal something of several subjects."""
    return (seq for seq in sealing(copy) if len(copy.parts(seq)) > 1)


HERE: Final = "seq = ? AND subject = ? AND class = ?"
EXCHANGE: Final = f"UPDATE sealed SET box = (SELECT box FROM sealed WHERE {HERE}) WHERE {HERE}"


@attack("changes the encrypted bytes of a sealed part", "verify", sealing)
def box(copy: Copy, seq: int) -> Forged:
    told = also(copy, f"UPDATE sealed SET box = substr(box, 1, 40) || zeroblob(1) || substr(box, 42) WHERE {HERE}", *first(copy, seq))
    return Forged(told, seq, "seal does not match")


@attack("cuts the encrypted bytes of a sealed part short", "verify", sealing)
def box_short(copy: Copy, seq: int) -> Forged:
    return Forged(also(copy, f"UPDATE sealed SET box = substr(box, 1, 20) WHERE {HERE}", *first(copy, seq)), seq, "seal does not match")


@attack("puts the encrypted bytes of an earlier part about the same child in the place of a later one", "verify",
        lambda copy: (seq for seq in sealing(copy) if before(copy, seq)))  # fmt: skip
def box_of_before(copy: Copy, seq: int) -> Forged:
    earlier = before(copy, seq)[-1]
    _, subject, kind = first(copy, seq)
    told = also(
        copy, f"UPDATE sealed SET box = (SELECT box FROM sealed WHERE {HERE}) WHERE {HERE}", earlier, subject, kind, seq, subject, kind
    )
    return Forged(told, seq, "seal does not match")


@attack(
    "puts the encrypted bytes of another child's part in its place",
    "verify",
    lambda copy: (s for s in sealing(copy) if len(copy.parts(s)) > 1),
)
def box_of_another(copy: Copy, seq: int) -> Forged:
    one, other, *_ = copy.parts(seq)
    values = (other.seq, other.subject, other.kind, one.seq, one.subject, one.kind)
    return Forged(
        also(copy, f"UPDATE sealed SET box = (SELECT box FROM sealed WHERE {HERE}) WHERE {HERE}", *values), seq, "seal does not match"
    )


@attack("changes a child's key", "verify", alone)
def key(copy: Copy, seq: int) -> Forged:
    told = also(copy, "UPDATE wrapped SET box = zeroblob(60) WHERE subject = ? AND class = ?", *first(copy, seq)[1:])
    return Forged(told, seq, "key does not open")


@attack("puts another child's key in the place of a child's", "verify", alone)
def key_of_another(copy: Copy, seq: int) -> Forged:
    _, subject, kind = first(copy, seq)
    other = "SELECT box FROM wrapped WHERE class = ? AND subject NOT IN (?, 'panel') LIMIT 1"
    told = also(copy, f"UPDATE wrapped SET box = ({other}) WHERE subject = ? AND class = ?", kind, subject, subject, kind)
    return Forged(told, seq, "key does not open")


@attack("says that a child's key is of another generation", "verify", alone)
def key_of_another_time(copy: Copy, seq: int) -> Forged:
    told = also(copy, "UPDATE wrapped SET generation = 2 WHERE subject = ? AND class = ?", *first(copy, seq)[1:])
    return Forged(told, seq, "key does not open")


@attack("takes a child's key away", "verify", alone)
def key_away(copy: Copy, seq: int) -> Forged:
    return Forged(also(copy, "DELETE FROM wrapped WHERE subject = ? AND class = ?", *first(copy, seq)[1:]), seq, "key missing")


@attack("takes the panel's own key of the identities away, under which nothing lies", "verify", lambda _: [1])
def key_of_the_panel(copy: Copy, seq: int) -> Forged:
    return Forged(also(copy, "DELETE FROM wrapped WHERE subject = 'panel' AND class = 'identity'"), seq, "key missing")


@attack("puts a key back of which nothing is sealed any more", "verify", lambda _: [0])
def key_of_nobody(copy: Copy, seq: int) -> Forged:
    return Forged(also(copy, "INSERT INTO wrapped VALUES ('P99', 'case', 1, zeroblob(60))"), seq, "key without a sealed part")


@attack("writes the whole record anew with other keys, where somebody kept the old ones", "verify", lambda _: [1])
def another_ledger(copy: Copy, seq: int) -> Forged:
    return Forged(replace(chained(put(copy, 1, actor="somebody")), kept=True), seq, "another ledger's keys")
