"""Signed notes: the published example, what each byte of one is for, and who counts as a signer."""

from __future__ import annotations

import base64
import hashlib
from typing import Final

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from panel.record.note import NotANote, Note, PublicKey, Signature, read_note, read_public, signed, signers

# The example of the reference implementation (golang.org/x/mod/sumdb/note): its key, its seed, its text and its signature line.
NEUMANN: Final = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SEED: Final = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
TEXT: Final = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
LINE: Final = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"

# The example of c2sp.org/tlog-checkpoint; its public key is not published, so only its form can be held against ours.
CHECKPOINT: Final = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
)


def secret(n: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32)


def public(n: int, name: str) -> PublicKey:
    return PublicKey(name, secret(n).public_key().public_bytes_raw())


A, B, C = public(1, "harbour/clerk"), public(2, "harbour/chair"), public(3, "ashdown")
NOTE: Final = signed(signed(Note("one\n\ntwo é\n"), A, secret(1)), B, secret(2))


def test_the_published_example() -> None:
    key = read_public(NEUMANN)
    assert (key.name, key.id.hex(), str(key)) == ("PeterNeumann", "c74f20a3", NEUMANN)
    note = read_note(f"{TEXT}\n{LINE}".encode())
    assert (note.text, str(note)) == (TEXT, f"{TEXT}\n{LINE}")
    assert signers(note, [key]).signed == (key,)
    theirs = Ed25519PrivateKey.from_private_bytes(base64.b64decode(SEED)[1:])
    assert signed(Note(TEXT), key, theirs) == note


def test_the_published_checkpoint_has_our_form() -> None:
    note = read_note(CHECKPOINT.encode())
    assert note.text.split("\n")[1] == "20852163"
    (line,) = note.signatures
    assert (line.name, line.key_id.hex(), len(line.signed), str(note)) == ("example.com/behind-the-sofa", "033de0ae", 64, CHECKPOINT)


def test_a_key_id_by_hand() -> None:
    raw = secret(1).public_key().public_bytes_raw()
    assert A.id == hashlib.sha256(b"harbour/clerk\n\x01" + raw).digest()[:4]
    assert str(A) == f"harbour/clerk+{A.id.hex()}+{base64.b64encode(bytes([1]) + raw).decode()}"
    assert read_public(f"{A}\n") == read_public(str(A)) == A


def test_a_note_is_written_and_read_alike() -> None:
    assert read_note(str(NOTE).encode()) == NOTE
    assert NOTE.text == "one\n\ntwo é\n"
    assert str(NOTE).startswith("one\n\ntwo é\n\n— harbour/clerk ")
    assert read_note(b"only a text\n") == Note("only a text\n")


def test_who_signed() -> None:
    found = signers(NOTE, [A, C, A])
    assert (found.signed, found.wrong, found.absent) == ((A,), (), (C,))
    assert [line.name for line in found.unknown] == ["harbour/chair"]
    assert signers(NOTE, []).unknown == NOTE.signatures
    assert signers(Note("x\n"), [A]).absent == (A,)


def test_a_wrong_signature_by_a_known_key_is_told_and_one_by_an_unknown_key_is_passed_over() -> None:
    forged = Note("another text\n", NOTE.signatures)
    assert signers(forged, [A]).wrong == (A,)
    assert signers(forged, [C]).unknown == NOTE.signatures
    one_of_two = Note(NOTE.text, (*NOTE.signatures, Signature(A.name, A.id, bytes(64))))
    assert signers(one_of_two, [A, B]).wrong == (A,)
    assert signers(one_of_two, [A, B]).signed == (B,)


def test_a_key_of_the_same_name_or_the_same_id_is_another_key() -> None:
    namesake = public(9, A.name)
    assert signers(NOTE, [namesake]).absent == (namesake,)
    renamed = PublicKey("harbour/cleric", A.raw)
    assert renamed.id != A.id
    assert signers(NOTE, [renamed]).absent == (renamed,)
    same_id = Note(NOTE.text, (Signature("ashdown", A.id, NOTE.signatures[0].signed),))
    assert signers(same_id, [A]).absent == (A,)


@given(st.data())
def test_any_byte_changed_is_refused_or_no_longer_signed(data: st.DataObject) -> None:
    raw = bytearray(str(signed(Note("harbour\n34\nroot\n"), A, secret(1))).encode())
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] = data.draw(st.integers(0, 255).filter(lambda byte: byte != raw[at]))
    try:
        note = read_note(bytes(raw))
    except NotANote:
        return
    assert signers(note, [A]).signed == ()


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\n", b"\n\n", b"text", b"text\n\n", b"text\n\n\n", b"\xff\n", b"a\tb\n", b"a\r\n", b"a\x00\n", b"text\n\nno dash\n",
        b"text\n\n- harbour AAAAAAA=\n", "text\n\n— harbour\n".encode(), "text\n\n—harbour AAAAAAA=\n".encode(),
        "text\n\n— har+bour AAAAAAA=\n".encode(), "text\n\n— har\u00a0bour AAAAAAA=\n".encode(), "text\n\n—  AAAAAAA=\n".encode(),
        "text\n\n— harbour AAAAAA==\n".encode(), "text\n\n— harbour AAAAAAB=\n".encode(), "text\n\n— harbour AAAAAAA\n".encode(),
        "text\n\n— harbour AAAAAAA= \n".encode(), "text\n\n— harbour AAAAAAA=".encode(), "text\n\n— harbour AAA AAAA=\n".encode(),
        ("text\n\n" + "— harbour AAAAAAA=\n" * 101).encode(),
    ],
)  # fmt: skip
def test_what_is_no_note(raw: bytes) -> None:
    with pytest.raises(NotANote):
        read_note(raw)


def test_as_many_signatures_as_anybody_must_take() -> None:
    assert len(read_note(("text\n\n" + "— harbour AAAAAAA=\n" * 100).encode()).signatures) == 100


@pytest.mark.parametrize(
    "text",
    [
        "", "PeterNeumann", NEUMANN.replace("PeterNeumann", "PeterNeumanm"), NEUMANN.replace("c74f20a3", "c74f20a4"),
        NEUMANN.replace("c74f20a3", "C74F20A3"), NEUMANN[:-1], NEUMANN[:-4], NEUMANN + "A", NEUMANN.replace("+ARpc", "+AhpC"),
        NEUMANN.replace("Peter", "Peter "), NEUMANN + "\n\n", " " + NEUMANN, "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ],
)  # fmt: skip
def test_what_is_no_public_key(text: str) -> None:
    with pytest.raises(NotANote):
        read_public(text)
