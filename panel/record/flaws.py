"""What is wrong with a record: every entry that was changed, lost or moved, and every sealed part that does not fit.

A flaw is a value, never an exception: a record that was tampered with is still read to its end. Knows nothing of SQL.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from panel.canonical import NotCanonical
from panel.errors import LedgerBroken
from panel.record.chain import ERASED, MOMENT, SEALS, ZEROS, Closed, Entry, Held, Sealed, link
from panel.record.keyring import CLASSES

FlawKind = Literal[
    "changed",
    "missing",
    "reordered",
    "not canonical",
    "previous does not match",
    "time goes back",
    "seal does not match",
    "key does not open",
    "key missing",
    "key without a sealed part",
    "another ledger's keys",
    "sealed part missing",
    "sealed part without an entry",
    "erased part still held",
    "erasure does not match",
]

EVERYBODY: Final = "panel"
"""The subject of sealed parts that are about no single child; its keys are there from the founding on."""

Key = tuple[int, str, str]
"""A sealed part: the number of its entry, its subject, its class."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing wrong with a record: the entry, what is wrong, and how it shows."""

    seq: int
    kind: FlawKind
    detail: str


def walk(entries: Sequence[Entry]) -> tuple[Flaw, ...]:
    """Every flaw of a whole chain, in its order.

    None means that the chain is consistent within itself, not that it is complete: one that was cut off at its end, or
    written anew from some entry on, shows nothing here.
    """
    flaws: list[Flaw] = []
    written: Mapping[str, int] | None = None
    last, moment = 0, ""
    behind: tuple[str, ...] | None = (ZEROS,)
    for entry in entries:
        own = _own_digest(entry)
        if entry.seq > last + 1:
            flaws.append(Flaw(last + 1, "missing", _span(last + 1, entry.seq - 1)))
        elif entry.seq <= last:
            flaws.append(Flaw(entry.seq, "reordered", f"it stands after entry {last}"))
        elif own == entry.digest and behind is not None and entry.previous not in behind:
            flaws.append(Flaw(entry.seq, "previous does not match", f"it was not written after entry {last} as that now stands"))
        # Where an entry was changed, the next one still names one of its two digests: only the changed one is blamed.
        behind = (own, entry.digest)
        if own == entry.digest:
            flaws.extend(_misshapen(entry, moment))
            moment = entry.recorded_at
        else:
            written = _as_written(entries) if written is None else written
            flaws.append(_changed(entry, written.get(entry.digest, entry.seq)))
            behind = None if flaws[-1].kind == "reordered" else behind
        last = entry.seq
    return tuple(flaws)


def check_seals(entries: Iterable[Entry], parts: Held, *, passing_over: Collection[int] = ()) -> tuple[Flaw, ...]:
    """Every sealed part against its entry's commitment, in the order of the entries, and every one that is gone against an erasure.

    The commitments of a changed entry prove nothing: those that `walk` names are for `passing_over`, by number. Of a part
    that is withheld only that it is there is checked.
    """
    entries = tuple(entries)
    gone = erased(entry for entry in entries if entry.seq not in passing_over)
    unmatched = {key: by for key, by in gone.items() if key[0] not in passing_over}
    flaws: list[Flaw] = []
    rows: dict[int, list[Sealed | Closed]] = defaultdict(list)
    for row in _rows(parts):
        rows[row.seq].append(row)
    for entry in entries:
        held = {(row.subject, row.kind): row for row in rows.pop(entry.seq, ())}
        if entry.seq in passing_over or (not held and f'"{SEALS}":' not in entry.body):
            continue
        try:
            committed = {(one["subject"], one["class"]): one["commitment"] for one in entry.open().get(SEALS, ())}
        except (LedgerBroken, KeyError, TypeError):
            flaws.append(Flaw(entry.seq, "seal does not match", "its commitments are not a list of class, commitment and subject"))
            continue
        for key in sorted(committed.keys() | held.keys(), key=_as_text):
            by = gone.get((entry.seq, *key))
            flaws.extend(_sealed_flaw(entry.seq, key, committed.get(key), held.get(key), by))
            if key in committed:
                unmatched.pop((entry.seq, *key), None)
    lone = ((seq if isinstance(seq, int) else 0, seq) for seq in sorted(rows, key=_as_text))
    flaws.extend(Flaw(number, "sealed part without an entry", f"there is no entry {seq}") for number, seq in lone)
    flaws.extend(
        Flaw(by, "erasure does not match", f"it says that entry {seq} lost a {kind} part about {subject}, which it never had")
        for (seq, subject, kind), by in sorted(unmatched.items())
    )
    flaws.extend(_lone_keys(parts, gone))
    return tuple(flaws)


def _rows(parts: Held) -> Iterator[Sealed | Closed]:
    yield from parts.opened
    yield from parts.closed


def _lone_keys(parts: Held, gone: Mapping[Key, int]) -> Iterator[Flaw]:
    """Keys of subjects of whom nothing is held, in order: an erasure takes the key too. The panel's own is always there."""
    if parts.keys is None:
        return
    held = {(row.subject, row.kind) for row in _rows(parts)}
    for kind in CLASSES:
        why = parts.keys.get((EVERYBODY, kind), "no key")
        if why == "no key":
            yield Flaw(1, "key missing", f"the panel's own key of class {kind} is not there")
        elif why == "key" and (EVERYBODY, kind) not in held:
            yield Flaw(1, "key does not open", f"the panel's own key of class {kind} was changed, or is another's")
    for subject, kind in sorted(set(parts.keys) - held, key=_as_text):
        if subject == EVERYBODY and kind in CLASSES:
            continue
        by = max((by for (_, of, sealed), by in gone.items() if (of, sealed) == (subject, kind)), default=0)
        after = f", though they were erased by entry {by}" if by else ""
        yield Flaw(by, "key without a sealed part", f"the key of {kind} parts about {subject} is there{after}")


def erased(entries: Iterable[Entry]) -> dict[Key, int]:
    """Each sealed part that a later entry says was erased -> the number of that entry. What cannot be read says nothing."""
    found: dict[Key, int] = {}
    for entry in entries:
        if entry.kind != ERASED:
            continue
        try:
            parts = [(int(one["seq"]), str(one["subject"]), str(one["sealed"])) for one in entry.open()["parts"]]
        except (LedgerBroken, KeyError, TypeError, ValueError):
            continue
        for key in parts:
            if key[0] < entry.seq:
                found.setdefault(key, entry.seq)
    return found


def _sealed_flaw(
    seq: int, key: tuple[str, str], committed: str | None, row: Sealed | Closed | None, erased_by: int | None
) -> Iterator[Flaw]:
    whose = f"{key[1]} part about {key[0]}"
    if row is not None and committed is not None and erased_by is not None:
        yield Flaw(seq, "erased part still held", f"the {whose} was erased by entry {erased_by}, and is there again")
    if row is None:
        if erased_by is None:
            yield Flaw(seq, "sealed part missing", f"the {whose} is committed to, but not held")
    elif committed is None:
        yield Flaw(seq, "sealed part without an entry", f"a {whose} is held that the entry does not commit to")
    elif isinstance(row, Closed):
        yield from _closed_flaw(row, whose)
    elif not _matches(row, committed):
        yield Flaw(seq, "seal does not match", f"the {whose} or its salt was changed")


def _closed_flaw(row: Closed, whose: str) -> Iterator[Flaw]:
    match row.why:
        case "part":
            yield Flaw(row.seq, "seal does not match", f"the {whose} was changed, or is another's: it does not open")
        case "key":
            yield Flaw(row.seq, "key does not open", f"the key of {row.kind} parts about {row.subject} was changed, or is another's")
        case "no key":
            yield Flaw(row.seq, "key missing", f"the {whose} is held, but not the key that opens it")
        case "withheld":
            pass


def _matches(row: Sealed, committed: str) -> bool:
    try:
        row.open()
        return row.commitment() == committed
    except (LedgerBroken, TypeError, AttributeError, UnicodeEncodeError):
        return False


def _as_text(given: object) -> tuple[int, str]:
    """An order of whatever a file holds: SQLite keeps a number where somebody forged one into a column of text."""
    parts = given if isinstance(given, tuple) else (given,)
    return (given if isinstance(given, int) else 0), "\0".join(map(str, parts))


def _own_digest(entry: Entry) -> str:
    """The digest that the entry should have; "" where a column holds what no entry can."""
    try:
        return link(entry.seq, entry.recorded_at, entry.actor, entry.kind, entry.body.encode(), entry.previous)
    except (NotCanonical, AttributeError, UnicodeEncodeError):
        return ""


def _misshapen(entry: Entry, moment: str) -> Iterator[Flaw]:
    """What is wrong with an entry that was written so."""
    if not (type(entry.actor) is type(entry.kind) is type(entry.recorded_at) is str and MOMENT.fullmatch(entry.recorded_at)):
        yield Flaw(entry.seq, "not canonical", "its header is not text of the agreed form")
    elif entry.recorded_at < moment:
        yield Flaw(entry.seq, "time goes back", f"it says {entry.recorded_at}, the one before it {moment}")
    try:
        entry.open()
    except LedgerBroken as broken:
        yield Flaw(entry.seq, "not canonical", broken.message)


def _as_written(entries: Iterable[Entry]) -> dict[str, int]:
    """Digest -> the number that its entry was written under, found by following `previous` from the first entry."""
    after = {entry.previous: entry.digest for entry in entries}
    numbers: dict[str, int] = {}
    at = ZEROS
    while at in after and after[at] not in numbers:
        at = after[at]
        numbers[at] = len(numbers) + 1
    return numbers


def _changed(entry: Entry, written: int) -> Flaw:
    if written != entry.seq and _own_digest(replace(entry, seq=written)) == entry.digest:
        return Flaw(entry.seq, "reordered", f"it was written as entry {written}")
    return Flaw(entry.seq, "changed", "its body or header is not what its digest was made of")


def _span(first: int, last: int) -> str:
    return f"entry {first} is not there" if first == last else f"entries {first} to {last} are not there"
