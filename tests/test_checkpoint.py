"""Checkpoints: their text by hand, and every way in which a record departs from one."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from panel.errors import LedgerBroken
from panel.record import merkle
from panel.record.chain import NOTHING, Draft, Entry, Head, extend
from panel.record.checkpoint import Checkpoint, commit, compare, consistency, departures, leaves, parse, read, sound
from panel.record.note import NotANote, Note, PublicKey, signed

NOON: Final = "2026-11-10T12:00:00.000000Z"
SECRET: Final = Ed25519PrivateKey.from_private_bytes(bytes(32))
CLERK: Final = PublicKey("clerk", SECRET.public_key().public_bytes_raw())


def chain(*words: str, head: Head = NOTHING) -> tuple[Entry, ...]:
    return extend(head, [Draft("noted", {"word": word}) for word in words], actor="clerk", recorded_at=NOON, salts=iter(()))[0]


NINE: Final = chain(*"abcdefghi")


def rewritten(at: int, size: int = 9) -> tuple[Entry, ...]:
    """The nine entries as a forger leaves them who changes entry `at` and makes all digests after it anew."""
    kept = NINE[: at - 1]
    head = Head(at - 1, NOON, kept[-1].digest) if kept else NOTHING
    return kept + chain("X", *"abcdefghi"[at:size], head=head)


def kinds(checkpoint: Checkpoint, entries: Sequence[Entry], unchanged: int = 0) -> list[tuple[int, str]]:
    return [(found.seq, found.kind) for found in departures(checkpoint, entries, unchanged=unchanged)]


def test_the_text_by_hand() -> None:
    a, b, c = (hashlib.sha256(b"\x00" + bytes.fromhex(entry.digest)).digest() for entry in NINE[:3])
    root = hashlib.sha256(b"\x01" + hashlib.sha256(b"\x01" + a + b).digest() + c).digest()
    text = f"pastoral/ledger/1/{NINE[0].digest}\n3\n{base64.b64encode(root).decode()}\nlast entry {NOON}\n"
    made = commit(NINE[:3])
    assert str(made) == text
    assert parse(text) == made == read(text.encode())[0]


def test_a_signed_one_is_read_with_its_signatures() -> None:
    note = signed(Note(str(commit(NINE))), CLERK, SECRET)
    assert read(str(note).encode()) == (commit(NINE), note)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("pastoral/ledger/1/", "example.com/log/"), ("pastoral/ledger/1/", "pastoral/ledger/1/f"), ("\n9\n", "\n0\n"), ("\n9\n", "\n09\n"),
        ("\n9\n", "\n-9\n"), ("\n9\n", "\n٩\n"), ("\n9\n", "\nnine\n"), ("\n9\n", f"\n{10**16}\n"), ("=\nlast", "\nlast"),
        ("=\nlast", "=\n"),
        ("=\nlast", "=\nmore\nlast"), ("last entry ", "last "), ("last entry ", ""), (NOON, "2026-11-10"), (f"{NOON}\n", f"{NOON}\nmore\n"),
    ],
)  # fmt: skip
def test_a_text_of_another_form_is_no_checkpoint(old: str, new: str) -> None:
    text = str(commit(NINE))
    assert text.count(old) == 1
    with pytest.raises(NotANote):
        parse(text.replace(old, new))


@pytest.mark.parametrize("size", range(1, 10))
def test_a_record_that_only_grew_holds_everything_up_to_each_checkpoint(size: int) -> None:
    kept = commit(NINE[:size])
    for now in range(size, 10):
        assert departures(kept, NINE[:now]) == ()
        path = consistency(kept, NINE[:now])
        assert merkle.consistent(size, now, path, kept.root, commit(NINE[:now]).root)


@pytest.mark.parametrize("size", range(2, 10))
def test_a_record_that_was_cut_off_is_found(size: int) -> None:
    for now in range(1, size):
        assert kinds(commit(NINE[:size]), NINE[:now]) == [(now + 1, "cut off")]


@pytest.mark.parametrize("at", range(2, 10))
def test_a_record_that_was_rewritten_is_found_by_every_checkpoint_after_the_place(at: int) -> None:
    forged = rewritten(at)
    sound(forged)
    for size in range(1, 10):
        expected = [(1, "rewritten")] if size >= at else []
        assert kinds(commit(NINE[:size]), forged) == expected


def test_older_checkpoints_say_where() -> None:
    kept = [(commit(NINE[:size]), Note("")) for size in (9, 3, 6)]
    found = compare(rewritten(5), kept, [])
    assert [(one.checkpoint.size, one.ok, [(d.seq, d.kind) for d in one.departures]) for one in found] == [
        (3, True, []),
        (6, False, [(4, "rewritten")]),
        (9, False, [(4, "rewritten")]),
    ]
    assert found[1].departures[0].detail == "something in entries 4 to 6 was changed, put in or taken out since the checkpoint was made."
    (only,) = departures(commit(NINE), rewritten(9), unchanged=8)
    assert only.detail.startswith("something at entry 9 was changed")


def test_the_words_for_a_cut() -> None:
    (found,) = departures(commit(NINE), NINE[:7])
    assert found.detail == (
        "the checkpoint is of 9 entries, the record has 7: entries 8 to 9 are gone. "
        "Whether entries 1 to 7 changed, this checkpoint cannot show; an older one can."
    )
    (found,) = departures(commit(NINE), NINE[:8], unchanged=7)
    assert found.detail.endswith("entry 9 is gone. Whether entry 8 changed, this checkpoint cannot show; an older one can.")
    (found,) = departures(commit(NINE), NINE[:8], unchanged=8)
    assert found.detail.endswith("entry 9 is gone.")


def test_another_first_entry_is_another_ledger() -> None:
    for entries in (rewritten(1), (), (replace(NINE[0], digest=b"x"), *NINE[1:])):  # type: ignore[arg-type]
        assert kinds(commit(NINE), entries) == [(1, "another ledger")]


def test_entries_lost_from_the_middle_or_put_in_another_order() -> None:
    assert kinds(commit(NINE), NINE[:4] + NINE[5:]) == [(1, "rewritten")]
    assert kinds(commit(NINE), (*NINE[:4], NINE[5], NINE[4], *NINE[6:])) == [(1, "rewritten")]


def test_a_digest_that_is_none_is_no_leaf_of_the_tree() -> None:
    for digest in ("", "zz", NINE[3].digest.upper(), None):
        broken = (*NINE[:3], replace(NINE[3], digest=digest), *NINE[4:])  # type: ignore[arg-type]
        assert kinds(commit(NINE), broken) == [(1, "rewritten")]


def test_a_checkpoint_with_another_moment_lies() -> None:
    lying = replace(commit(NINE), last="2026-11-10T12:00:01.000000Z")
    assert kinds(lying, NINE) == [(9, "moment does not match")]


def test_signatures_count_beside_the_tree() -> None:
    note = signed(Note(str(commit(NINE))), CLERK, SECRET)
    other = PublicKey("chair", CLERK.raw)
    (right,) = compare(NINE, [(commit(NINE), note)], [CLERK])
    assert (right.ok, right.signers.signed) == (True, (CLERK,))
    (absent,) = compare(NINE, [(commit(NINE), note)], [CLERK, other])
    assert (absent.ok, absent.signers.absent) == (False, (other,))
    forged = Note(str(commit(NINE[:8])), note.signatures)
    (wrong,) = compare(NINE, [(commit(NINE[:8]), forged)], [CLERK])
    assert (wrong.ok, wrong.departures, wrong.signers.wrong) == (False, (), (CLERK,))


def test_nobody_signs_a_record_with_a_flaw() -> None:
    sound(NINE)
    changed = (*NINE[:3], replace(NINE[3], body='{"word":"z"}'), *NINE[4:])
    assert leaves(changed) == leaves(NINE)  # or the digests alone would do
    with pytest.raises(LedgerBroken, match=r"entry 4: changed"):
        sound(changed)
    with pytest.raises(LedgerBroken, match=r"no entries"):
        sound(())
