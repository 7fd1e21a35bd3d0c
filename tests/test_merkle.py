"""The tree against the definitions of RFC 9162, written naively: every tree up to 64 leaves, every proof, every wrong proof."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.record import merkle

DATA: Final = tuple(sha256(bytes([n])).digest() for n in range(64))
LEAVES: Final = tuple(map(merkle.leaf, DATA))


def split(n: int) -> int:
    """The largest power of two below n."""
    return max(1 << e for e in range(7) if 1 << e < n)


def tree(data: tuple[bytes, ...]) -> bytes:
    """MTH of 2.1.1."""
    if not data:
        return sha256(b"").digest()
    if len(data) == 1:
        return sha256(b"\x00" + data[0]).digest()
    k = split(len(data))
    return sha256(b"\x01" + tree(data[:k]) + tree(data[k:])).digest()


def path(m: int, data: tuple[bytes, ...]) -> list[bytes]:
    """PATH of 2.1.3.1."""
    if len(data) == 1:
        return []
    k = split(len(data))
    if m < k:
        return [*path(m, data[:k]), tree(data[k:])]
    return [*path(m - k, data[k:]), tree(data[:k])]


def subproof(m: int, data: tuple[bytes, ...], *, complete: bool) -> list[bytes]:
    """SUBPROOF of 2.1.4.1."""
    if m == len(data):
        return [] if complete else [tree(data)]
    k = split(len(data))
    if m <= k:
        return [*subproof(m, data[:k], complete=complete), tree(data[k:])]
    return [*subproof(m - k, data[k:], complete=False), tree(data[:k])]


ROOTS: Final = tuple(tree(DATA[:n]) for n in range(65))


def test_three_leaves_by_hand() -> None:
    a, b, c = (sha256(b"\x00" + data).digest() for data in (b"a", b"b", b"c"))
    ab = sha256(b"\x01" + a + b).digest()
    top = sha256(b"\x01" + ab + c).digest()
    leaves = [merkle.leaf(data) for data in (b"a", b"b", b"c")]
    assert leaves == [a, b, c]
    assert merkle.root(leaves) == top
    assert merkle.inclusion(0, leaves) == (b, c)
    assert merkle.inclusion(2, leaves) == (ab,)
    assert merkle.consistency(1, leaves) == (b, c)
    assert merkle.consistency(2, leaves) == (c,)
    assert merkle.root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("size", range(65))
def test_every_root_is_the_definitions(size: int) -> None:
    assert merkle.root(LEAVES[:size]) == ROOTS[size]


@pytest.mark.parametrize("size", range(1, 65))
def test_every_inclusion_proof_is_the_definitions_and_proves_that_leaf_only(size: int) -> None:
    for index in range(size):
        proof = merkle.inclusion(index, LEAVES[:size])
        assert list(proof) == path(index, DATA[:size])
        proved = [
            (data, n, of)
            for data in {index, (index + 1) % 64}
            for n in (*range(size), -1, size)
            for of in (size, size - 1)
            if merkle.included(DATA[data], n, size, proof, ROOTS[of])
        ]
        assert proved == [(index, index, size)]


@pytest.mark.parametrize("size", range(1, 65))
def test_every_consistency_proof_is_the_definitions_and_proves_that_growth_only(size: int) -> None:
    for first in range(1, size + 1):
        proof = merkle.consistency(first, LEAVES[:size])
        assert list(proof) == subproof(first, DATA[:size], complete=True)
        assert merkle.consistent(first, size, proof, ROOTS[first], ROOTS[size])
        for n in (0, first - 1, first + 1, 2 * first):
            if n <= 64 and n != first:
                assert not merkle.consistent(first, size, proof, ROOTS[n], ROOTS[size])
                assert not merkle.consistent(n, size, proof, ROOTS[n], ROOTS[size])
        assert not merkle.consistent(first, size, proof, ROOTS[first], ROOTS[size - 1])
        for other in (2 * size, 4 * size, size // 2, first):
            assert other == size or not merkle.consistent(first, other, proof, ROOTS[first], ROOTS[size])


def wrong(proof: merkle.Path) -> list[merkle.Path]:
    """Every proof with one hash changed, lost, doubled or exchanged with the next, or one more."""
    found = [(*proof, proof[0] if proof else ROOTS[1]), (ROOTS[2], *proof)]
    for n, one in enumerate(proof):
        before, after = proof[:n], proof[n + 1 :]
        found += [(*before, bytes([one[0] ^ 1]) + one[1:], *after), before + after, (*before, one, one, *after)]
        if after and after[0] != one:
            found.append((*before, after[0], one, *after[1:]))
    return found


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9, 21, 33, 63, 64])
def test_every_wrong_proof_is_refused(size: int) -> None:
    tried = 0
    for index in range(size):
        for proof in wrong(merkle.inclusion(index, LEAVES[:size])):
            tried += 1
            assert not merkle.included(DATA[index], index, size, proof, ROOTS[size])
    for first in range(1, size + 1):
        for proof in wrong(merkle.consistency(first, LEAVES[:size])):
            tried += 1
            assert not merkle.consistent(first, size, proof, ROOTS[first], ROOTS[size])
    assert tried >= 4 * size


@given(size=st.integers(1, 64), first=st.integers(1, 64), proof=st.lists(st.sampled_from((*LEAVES, *ROOTS)), max_size=8))
def test_hashes_of_the_tree_itself_in_another_order_prove_nothing(size: int, first: int, proof: list[bytes]) -> None:
    if first > size or proof != path(first - 1, DATA[:size]):
        assert not merkle.included(DATA[first - 1], first - 1, size, tuple(proof), ROOTS[size])
    if first > size or proof != subproof(first, DATA[:size], complete=True):
        assert not merkle.consistent(first, size, tuple(proof), ROOTS[first], ROOTS[size])


def test_what_is_in_no_tree_has_no_proof() -> None:
    for index in (-1, 3):
        with pytest.raises(IndexError):
            merkle.inclusion(index, LEAVES[:3])
    for first in (0, 4):
        with pytest.raises(IndexError):
            merkle.consistency(first, LEAVES[:3])
    assert not merkle.consistent(0, 3, (), ROOTS[0], ROOTS[3])
    assert not merkle.consistent(0, 0, (), ROOTS[0], ROOTS[0])
    assert not merkle.included(DATA[0], 0, 0, (), ROOTS[0])


def test_a_node_is_no_leaf() -> None:
    """Or two entries could be passed off as one."""
    assert merkle.joined(LEAVES[0], LEAVES[1]) != merkle.leaf(LEAVES[0] + LEAVES[1])
