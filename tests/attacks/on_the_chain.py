"""Attacks that leave the chain or a seal broken: `audit verify` finds each of them, at the entry."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from panel.canonical import canonical
from panel.record.chain import SEALS, Sealed, link
from tests.attacks.attack import Forged, attack, but_the_last, every, sealing
from tests.attacks.forgery import Copy, chained, put, retold

STRANGER = "somebody"


def other(text: str, at: int) -> str:
    """The text with one letter or digit changed."""
    return f"{text[:at]}{'1' if text[at] != '1' else '2'}{text[at + 1 :]}"


@attack("changes one letter of what an entry says", "verify", every)
def a_letter(copy: Copy, seq: int) -> Forged:
    body = copy.at(seq).body
    return Forged(put(copy, seq, body=other(body, len(body) // 2)), seq, "changed")


@attack("changes who recorded an entry", "verify", every)
def the_actor(copy: Copy, seq: int) -> Forged:
    return Forged(put(copy, seq, actor=STRANGER), seq, "changed")


@attack("changes the kind of an entry", "verify", every)
def the_kind(copy: Copy, seq: int) -> Forged:
    kind = "budget set" if copy.at(seq).kind != "budget set" else "meeting closed"
    return Forged(put(copy, seq, kind=kind), seq, "changed")


@attack("changes the moment at which an entry was recorded", "verify", every)
def the_moment(copy: Copy, seq: int) -> Forged:
    return Forged(put(copy, seq, recorded_at="2026-01-01T00:00:00.000000Z"), seq, "changed")


@attack("changes the digest that an entry names as the one before it", "verify", every)
def the_previous(copy: Copy, seq: int) -> Forged:
    return Forged(put(copy, seq, previous=other(copy.at(seq).previous, 9)), seq, "changed")


@attack("changes the digest of an entry", "verify", every)
def the_digest(copy: Copy, seq: int) -> Forged:
    return Forged(put(copy, seq, digest=other(copy.at(seq).digest, 9)), seq, "changed")


@attack("puts bytes that are no text into an entry", "verify", every)
def bytes_in_a_body(copy: Copy, seq: int) -> Forged:
    body: Any = b"\xff\x00"
    return Forged(put(copy, seq, body=body), seq, "changed")


@attack("takes an entry out", "verify", but_the_last)
def out(copy: Copy, seq: int) -> Forged:
    entries = (*copy.entries[: seq - 1], *copy.entries[seq:])
    return Forged(replace(copy, entries=entries), seq, "missing")


@attack("takes an entry out and closes the gap in the numbers", "verify", but_the_last)
def out_and_renumbered(copy: Copy, seq: int) -> Forged:
    moved = tuple(replace(entry, seq=entry.seq - 1) for entry in copy.entries[seq:])
    return Forged(replace(copy, entries=(*copy.entries[: seq - 1], *moved)), seq, "changed")


@attack("exchanges an entry with the next one", "verify", but_the_last)
def exchanged(copy: Copy, seq: int) -> Forged:
    this, that = copy.at(seq), copy.at(seq + 1)
    swapped = (replace(that, seq=seq), replace(this, seq=seq + 1))
    return Forged(replace(copy, entries=(*copy.entries[: seq - 1], *swapped, *copy.entries[seq + 1 :])), seq, "reordered")


@attack("writes an entry in a second time", "verify", every)
def twice(copy: Copy, seq: int) -> Forged:
    later = tuple(replace(entry, seq=entry.seq + 1) for entry in copy.entries[seq - 1 :])
    return Forged(replace(copy, entries=(*copy.entries[:seq], *later)), seq + 1, "reordered")


@attack("changes an entry and makes its own digest fit", "verify", but_the_last)
def own_digest(copy: Copy, seq: int) -> Forged:
    entry = copy.at(seq)
    own = link(seq, entry.recorded_at, STRANGER, entry.kind, entry.body.encode(), entry.previous)
    return Forged(put(copy, seq, actor=STRANGER, digest=own), seq + 1, "previous does not match")


@attack("puts a new entry in, with a digest that fits, and moves the rest on", "verify", but_the_last)
def put_between(copy: Copy, seq: int) -> Forged:
    entry = copy.at(seq)
    own = link(seq + 1, entry.recorded_at, STRANGER, entry.kind, entry.body.encode(), entry.digest)
    new = replace(entry, seq=seq + 1, actor=STRANGER, previous=entry.digest, digest=own)
    later = tuple(replace(one, seq=one.seq + 1) for one in copy.entries[seq:])
    return Forged(replace(copy, entries=(*copy.entries[:seq], new, *later)), seq + 2, "reordered")


def after_another_moment(copy: Copy) -> Iterable[int]:
    return (entry.seq for entry in copy.entries[1:])


@attack("dates an entry back before the one before it, and makes every digest fit", "verify", after_another_moment)
def back_in_time(copy: Copy, seq: int) -> Forged:
    return Forged(chained(put(copy, seq, recorded_at="2026-01-01T00:00:00.000000Z")), seq, "time goes back")


@attack("writes an entry in a form that is not canonical, and makes every digest fit", "verify", every)
def not_canonical(copy: Copy, seq: int) -> Forged:
    return Forged(chained(put(copy, seq, body=f" {copy.at(seq).body}")), seq, "not canonical")


@attack("writes a moment in another form, and makes every digest fit", "verify", every)
def another_clock(copy: Copy, seq: int) -> Forged:
    return Forged(chained(put(copy, seq, recorded_at=copy.at(seq).recorded_at.replace("T", " "))), seq, "not canonical")


# --- seals ---


def with_part(copy: Copy, seq: int, *rows: Sealed) -> Copy:
    """Another first sealed part of an entry, or several, or none."""
    first = copy.parts(seq)[0]
    return replace(copy, sealed=tuple(one for row in copy.sealed for one in (rows if row is first else (row,))))


@attack("changes what is sealed", "verify", sealing)
def sealed_content(copy: Copy, seq: int) -> Forged:
    row = copy.parts(seq)[0]
    return Forged(with_part(copy, seq, replace(row, content=other(row.content, len(row.content) // 2))), seq, "seal does not match")


@attack("changes the salt of a sealed part", "verify", sealing)
def sealed_salt(copy: Copy, seq: int) -> Forged:
    row = copy.parts(seq)[0]
    return Forged(with_part(copy, seq, replace(row, salt=bytes(32))), seq, "seal does not match")


@attack("writes a sealed part in a form that is not canonical", "verify", sealing)
def sealed_form(copy: Copy, seq: int) -> Forged:
    row = copy.parts(seq)[0]
    return Forged(with_part(copy, seq, replace(row, content=f" {row.content}")), seq, "seal does not match")


@attack("takes a sealed part away", "verify", sealing)
def sealed_away(copy: Copy, seq: int) -> Forged:
    return Forged(with_part(copy, seq), seq, "sealed part missing")


@attack("adds a sealed part to an entry", "verify", every)
def sealed_added(copy: Copy, seq: int) -> Forged:
    new = Sealed(seq, "P99", "case", bytes(32), "{}")
    return Forged(replace(copy, sealed=(*copy.sealed, new)), seq, "sealed part without an entry")


@attack("makes a case an identity, which nobody replays", "verify", sealing)
def sealed_class(copy: Copy, seq: int) -> Forged:
    row = copy.parts(seq)[0]
    return Forged(with_part(copy, seq, replace(row, kind="identity")), seq, "sealed part missing")


@attack("gives a sealed part to another child", "verify", sealing)
def sealed_of_another(copy: Copy, seq: int) -> Forged:
    row = copy.parts(seq)[0]
    wrong = replace(row, subject="A00")  # sorts before every subject of the story, so the part without an entry is named first
    return Forged(with_part(copy, seq, wrong), seq, "sealed part without an entry")


def sealing_two(copy: Copy) -> Iterable[int]:
    return (seq for seq in sealing(copy) if len(copy.parts(seq)) > 1)


@attack("exchanges what is sealed of two children", "verify", sealing_two)
def sealed_exchanged(copy: Copy, seq: int) -> Forged:
    one, two, *_ = copy.parts(seq)
    swapped = {one: replace(one, content=two.content, salt=two.salt), two: replace(two, content=one.content, salt=one.salt)}
    return Forged(replace(copy, sealed=tuple(swapped.get(row, row) for row in copy.sealed)), seq, "seal does not match")


@attack("changes a commitment, and makes every digest fit", "verify", sealing)
def commitment(copy: Copy, seq: int) -> Forged:
    first, *rest = copy.body(seq)[SEALS]
    return Forged(retold(copy, seq, seals=[{**first, "commitment": "0" * 64}, *rest]), seq, "seal does not match")


@attack("takes the commitments out of an entry, leaves the sealed parts, and makes every digest fit", "verify", sealing)
def commitments_out(copy: Copy, seq: int) -> Forged:
    body = {key: value for key, value in copy.body(seq).items() if key != SEALS}
    return Forged(chained(put(copy, seq, body=canonical(body).decode())), seq, "sealed part without an entry")
