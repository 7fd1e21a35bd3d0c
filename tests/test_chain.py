"""The chain: what is written, and that every way of changing it afterwards is found and located."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.canonical import NotCanonical
from panel.errors import PanelError
from panel.record.chain import NOTHING, ZEROS, Draft, Entry, Head, Held, Part, Sealed, extend, link, seal
from panel.record.flaws import check_seals, walk

NOON: Final = "2026-11-10T12:00:00.000000Z"
LATER: Final = "2026-11-10T12:00:01.000000Z"


def salts() -> Iterator[bytes]:
    """32 bytes that say which one they are."""
    return (n.to_bytes(32, "big") for n in count(1))


def chain(size: int, *, parts: bool = False) -> tuple[tuple[Entry, ...], tuple[Sealed, ...]]:
    drafts = [
        Draft(
            "referral made",
            {"referral": f"R{n}", "year_group": 8},
            (Part(f"P{n}", "identity", {"name": f"N{n}"}), Part(f"P{n}", "case", {"why": f"W{n}"})) if parts else (),
        )
        for n in range(1, size + 1)
    ]
    return extend(NOTHING, drafts, actor="clerk", recorded_at=NOON, salts=salts())


def relink(entries: Sequence[Entry], start: int) -> tuple[Entry, ...]:
    """What somebody does who changes an entry and makes its digest anew, but not the following ones."""
    entry = entries[start]
    own = link(entry.seq, entry.recorded_at, entry.actor, entry.kind, entry.body.encode(), entry.previous)
    return (*entries[:start], replace(entry, digest=own), *entries[start + 1 :])


def flaws(entries: Sequence[Entry]) -> list[tuple[int, str]]:
    return [(flaw.seq, flaw.kind) for flaw in walk(entries)]


def test_an_entry_worked_out_by_hand() -> None:
    (entry,), (row,) = extend(
        NOTHING, [Draft("noted", {"b": 1, "a": "x"}, (Part("P1", "case", {"k": True}),))], actor="clerk", recorded_at=NOON, salts=salts()
    )
    salt = bytes(31) + b"\x01"
    commitment = hashlib.sha256(b"pastoral/seal/1\n" + salt + b'{"k":true}').hexdigest()
    body = f'{{"a":"x","b":1,"seals":[{{"class":"case","commitment":"{commitment}","subject":"P1"}}]}}'
    header = (
        f'{{"actor":"clerk","body":"{hashlib.sha256(body.encode()).hexdigest()}","kind":"noted","previous":"{"0" * 64}",'
        f'"recorded_at":"{NOON}","seq":1}}'
    )
    assert entry.body == body
    assert entry.digest == hashlib.sha256(b"pastoral/entry/1\n" + header.encode()).hexdigest()
    assert entry.parts == {("P1", "case"): {"k": True}}
    assert row == Sealed(1, "P1", "case", salt, '{"k":true}')
    assert seal({"k": True}, salt) == commitment == row.commitment()


def test_parts_are_sealed_in_the_order_of_subject_and_class_however_they_come() -> None:
    parts = [Part("P2", "case", {}), Part("P1", "identity", {}), Part("P1", "case", {})]
    written = [
        extend(NOTHING, [Draft("noted", {}, tuple(order))], actor="a", recorded_at=NOON, salts=salts()) for order in (parts, parts[::-1])
    ]
    assert written[0] == written[1]
    assert [(row.subject, row.kind, row.salt[-1]) for row in written[0][1]] == [("P1", "case", 1), ("P1", "identity", 2), ("P2", "case", 3)]


def test_a_step_goes_on_from_the_head_and_never_back_in_time() -> None:
    first, _ = extend(NOTHING, [Draft("a", {}), Draft("b", {})], actor="x", recorded_at=LATER, salts=salts())
    head = Head(2, LATER, first[1].digest)
    (third,), _ = extend(head, [Draft("c", {})], actor="x", recorded_at=NOON, salts=salts())
    assert [entry.previous for entry in (*first, third)] == [ZEROS, first[0].digest, first[1].digest]
    assert (third.seq, third.recorded_at) == (3, LATER)
    assert walk((*first, third)) == ()


@pytest.mark.parametrize(
    ("draft", "actor", "moment", "salt", "said"),
    [
        (Draft("a", {}), "clerk", "2026-11-10T12:00:00Z", b"", "recorded_at: found '2026-11-10T12:00:00Z'"),
        (Draft("a", {}), "clerk", "2026-11-10T12:00:00.000000+00:00", b"", "wanted UTC"),
        (Draft("a", {}), "", NOON, b"", "actor: found ''"),
        (Draft("a", {}), "a\nb", NOON, b"", "actor: found"),
        (Draft("a", {"seals": []}), "clerk", NOON, b"", "kept for the commitments"),
        (Draft("a", {}, (Part("P", "case", {}),)), "clerk", NOON, b"short", "a salt of 5 bytes; wanted 32"),
        (Draft("a", {}, (Part("P", "case", {}),)), "clerk", NOON, None, "a salt of 0 bytes"),
        (Draft("a", {}, (Part("P", "case", {}), Part("P", "case", {}))), "clerk", NOON, bytes(32), "two sealed parts"),
        (Draft("a", {"x": 0.5}), "clerk", NOON, b"", "x: found float 0.5"),
        (Draft("a", {}, (Part("P", "case", {"x": None}),)), "clerk", NOON, bytes(32), "x: found NoneType"),
    ],
)
def test_what_cannot_be_written_is_refused(draft: Draft, actor: str, moment: str, salt: bytes | None, said: str) -> None:
    with pytest.raises(PanelError) as refused:
        extend(NOTHING, [draft], actor=actor, recorded_at=moment, salts=iter(() if salt is None else (salt,)))
    assert said in refused.value.message


def test_a_whole_chain_has_no_flaw() -> None:
    entries, sealed = chain(5, parts=True)
    assert walk(entries) == check_seals(entries, Held(sealed)) == walk(()) == ()


@given(size=st.integers(1, 6), data=st.data())
def test_one_character_changed_anywhere_is_found_and_located(size: int, data: st.DataObject) -> None:
    entries, _ = chain(size)
    at = data.draw(st.integers(0, size - 1))
    name = data.draw(st.sampled_from(["recorded_at", "actor", "kind", "body", "previous", "digest"]))
    text = getattr(entries[at], name)
    place = data.draw(st.integers(0, len(text) - 1))
    char = data.draw(st.characters().filter(lambda char: char != text[place]))
    changed = replace(entries[at], **{name: text[:place] + char + text[place + 1 :]})
    assert flaws((*entries[:at], changed, *entries[at + 1 :])) == [(at + 1, "changed")]


@pytest.mark.parametrize("value", [b"bytes", None, 7, "\udcff"])
@pytest.mark.parametrize("name", ["recorded_at", "actor", "kind", "body", "previous", "digest"])
def test_a_column_of_another_type_is_a_flaw_and_no_failure(name: str, value: object) -> None:
    entries, _ = chain(3)
    broken = replace(entries[1], **{name: value})  # type: ignore[arg-type]
    assert flaws((entries[0], broken, entries[2])) == [(2, "changed")]


def test_a_header_that_was_written_in_another_form_is_not_canonical() -> None:
    entries, _ = chain(1)
    for change in ({"actor": 7}, {"kind": True}, {"recorded_at": "yesterday"}, {"body": '{"a": 1}'}, {"body": "[]"}, {"body": "{"}):
        assert flaws(relink([replace(entries[0], **change)], 0)) == [(1, "not canonical")]


def test_missing_entries_are_named() -> None:
    entries, _ = chain(6)
    assert flaws(entries[2:]) == [(1, "missing")]
    assert flaws((*entries[:1], *entries[4:])) == [(2, "missing")]
    assert walk((*entries[:1], *entries[4:]))[0].detail == "entries 2 to 4 are not there"


def test_an_entry_cut_out_with_the_rest_renumbered_is_found() -> None:
    entries, _ = chain(4)
    renumbered = (entries[0], replace(entries[2], seq=2), replace(entries[3], seq=3))
    assert [seq for seq, _ in flaws(renumbered)] == [2, 3]


def test_exchanged_entries_are_reordered() -> None:
    entries, _ = chain(5)
    swapped = [*entries]
    swapped[1], swapped[3] = replace(entries[3], seq=2), replace(entries[1], seq=4)
    assert flaws(swapped) == [(2, "reordered"), (4, "reordered")]
    assert [flaw.detail for flaw in walk(swapped)] == ["it was written as entry 4", "it was written as entry 2"]


def test_entries_listed_in_another_order_are_reordered() -> None:
    entries, _ = chain(3)
    assert (2, "reordered") in flaws((entries[0], entries[2], entries[1]))


@given(st.permutations(range(5)))
def test_any_shuffle_of_contents_is_found(order: list[int]) -> None:
    entries, _ = chain(5)
    shuffled = [replace(entries[n], seq=seq) for seq, n in enumerate(order, 1)]
    assert flaws(shuffled) == [(seq, "reordered") for seq, n in enumerate(order, 1) if seq != n + 1]


def test_an_entry_written_anew_with_its_own_digest_shows_in_the_next() -> None:
    entries, _ = chain(4)
    forged = relink([entries[0], replace(entries[1], body='{"referral":"R9"}'), *entries[2:]], 1)
    assert flaws(forged) == [(3, "previous does not match")]


def test_time_going_back_is_found() -> None:
    (first,), _ = extend(NOTHING, [Draft("a", {})], actor="x", recorded_at=LATER, salts=salts())
    (second,), _ = extend(Head(1, "", first.digest), [Draft("b", {})], actor="x", recorded_at=NOON, salts=salts())
    assert flaws((first, second)) == [(2, "time goes back")]


def test_a_changed_moment_blames_nobody_else() -> None:
    entries, _ = chain(3)
    assert flaws((entries[0], replace(entries[1], recorded_at=LATER), entries[2])) == [(2, "changed")]


def test_several_flaws_are_all_named() -> None:
    entries, _ = chain(9)
    broken = [*entries]
    broken[1] = replace(entries[1], body='{"referral":"R7"}')
    broken[5] = replace(entries[5], actor="nobody")
    del broken[7]
    assert flaws(broken) == [(2, "changed"), (6, "changed"), (8, "missing")]


def seal_flaws(sealed: Sequence[Sealed], entries: Sequence[Entry] | None = None) -> list[tuple[int, str]]:
    entries = chain(3, parts=True)[0] if entries is None else entries
    return [(flaw.seq, flaw.kind) for flaw in check_seals(entries, Held(tuple(sealed)))]


def test_a_changed_or_lost_or_added_sealed_part_is_found() -> None:
    _, sealed = chain(3, parts=True)
    # Sorted: P1 case, P1 identity, P2 case, P2 identity, ...
    assert seal_flaws((*sealed[:2], replace(sealed[2], content='{"why":"W9"}'), *sealed[3:])) == [(2, "seal does not match")]
    assert seal_flaws((*sealed[:2], replace(sealed[2], salt=bytes(32)), *sealed[3:])) == [(2, "seal does not match")]
    assert seal_flaws(sealed[1:]) == [(1, "sealed part missing")]
    assert seal_flaws((*sealed, Sealed(3, "P9", "case", bytes(32), "{}"))) == [(3, "sealed part without an entry")]
    assert seal_flaws((*sealed, Sealed(9, "P9", "case", bytes(32), "{}"))) == [(9, "sealed part without an entry")]


@pytest.mark.parametrize("change", [{"content": None}, {"content": b"{}"}, {"content": "\udcff"}, {"salt": None}, {"salt": 5}])
def test_a_sealed_column_of_another_type_is_a_flaw_and_no_failure(change: dict[str, object]) -> None:
    _, sealed = chain(3, parts=True)
    assert seal_flaws((replace(sealed[0], **change), *sealed[1:])) == [(1, "seal does not match")]  # type: ignore[arg-type]


@pytest.mark.parametrize("change", [{"subject": 7}, {"subject": b"P1"}, {"kind": 7}, {"kind": None}])
def test_a_sealed_part_under_a_name_of_another_type_is_a_flaw_and_no_failure(change: dict[str, object]) -> None:
    _, sealed = chain(3, parts=True)
    found = seal_flaws((replace(sealed[0], **change), *sealed[1:]))  # type: ignore[arg-type]
    assert sorted(found) == [(1, "sealed part missing"), (1, "sealed part without an entry")]


@pytest.mark.parametrize("seq", ["1", b"1", None, 1.5])
def test_a_sealed_part_of_an_entry_without_a_number_is_a_flaw_and_no_failure(seq: object) -> None:
    _, sealed = chain(3, parts=True)
    lost = (replace(sealed[0], seq=seq), Sealed(9, "P9", "case", bytes(32), "{}"), *sealed[1:])  # type: ignore[arg-type]
    assert sorted(seal_flaws(lost)) == [
        (0, "sealed part without an entry"),
        (1, "sealed part missing"),
        (9, "sealed part without an entry"),
    ]


def test_a_sealed_part_that_was_written_in_another_form_does_not_match() -> None:
    row = Sealed(1, "P1", "case", bytes(32), '{"k": true}')
    body = f'{{"seals":[{{"class":"case","commitment":"{row.commitment()}","subject":"P1"}}]}}'
    entry = Entry(1, NOON, "x", "noted", body, ZEROS, "")
    assert seal_flaws([row], [entry]) == [(1, "seal does not match")]


def test_commitments_of_another_shape_are_a_flaw() -> None:
    for body in ('{"seals":[{}]}', '{"seals":7}', '{"seals":["x"]}'):
        assert seal_flaws([], relink([Entry(1, NOON, "x", "noted", body, ZEROS, "")], 0)) == [(1, "seal does not match")]


def test_a_draft_is_never_edited() -> None:
    content, body = {"k": 1}, {"a": 1}
    extend(NOTHING, [Draft("a", body, (Part("P", "case", content),))], actor="x", recorded_at=NOON, salts=salts())
    assert (content, body) == ({"k": 1}, {"a": 1})


def test_a_body_keeps_no_float_however_deep() -> None:
    rng = random.Random(7)
    deep: object = 0.25
    for _ in range(rng.randrange(3, 9)):
        deep = [deep] if rng.random() < 0.5 else {"x": deep}
    with pytest.raises(NotCanonical, match=r"float 0\.25"):
        extend(NOTHING, [Draft("a", {"x": deep})], actor="x", recorded_at=NOON, salts=salts())
