"""The Merkle tree over a record, as RFC 9162 (2.1) has it: its root, and short proofs about it.

    MTH({})  = H()
    MTH({d}) = H(0x00 + d)
    MTH(D)   = H(0x01 + MTH(D[:k]) + MTH(D[k:])),   k = the largest power of two below len(D);   H = SHA-256

The same tree from below: neighbours are joined in pairs, level by level; the last one, where it has no neighbour, goes up
as it is. Leaves are numbered from 0. It knows no entries, no files and no signatures.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

Path = tuple[bytes, ...]
"""A proof: hashes of 32 bytes, from the leaves upwards."""


def leaf(data: bytes) -> bytes:
    """The hash of a leaf that stands for `data`."""
    return hashlib.sha256(b"\x00" + data).digest()


def joined(left: bytes, right: bytes) -> bytes:
    """The hash of the node above two others."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over the hashes of the leaves; without leaves the hash of nothing."""
    level = list(leaves)
    while len(level) > 1:
        level = _above(level)
    return level[0] if level else hashlib.sha256(b"").digest()


def inclusion(index: int, leaves: Sequence[bytes]) -> Path:
    """What proves that leaf `index` is in the tree. Raises `IndexError` where there is no such leaf."""
    if not 0 <= index < len(leaves):
        raise IndexError(f"leaf {index} of a tree of {len(leaves)}")
    path = []
    level = list(leaves)
    while len(level) > 1:
        if (index ^ 1) < len(level):
            path.append(level[index ^ 1])
        level, index = _above(level), index >> 1
    return tuple(path)


def included(data: bytes, index: int, size: int, path: Path, of: bytes) -> bool:
    """Whether `path` proves that leaf `index` of the tree of `size` leaves with the root `of` stands for `data`."""
    if not 0 <= index < size:
        return False
    found, way = leaf(data), iter(path)
    while size > 1:
        if (index ^ 1) < size:
            beside = next(way, b"")
            found = joined(beside, found) if index & 1 else joined(found, beside)
        index, size = index >> 1, size + 1 >> 1
    return found == of and next(way, None) is None


def consistency(first: int, leaves: Sequence[bytes]) -> Path:
    """What proves that the tree of the first `first` leaves became this one by adding only. Raises `IndexError` outside 1 to its size."""
    if not 1 <= first <= len(leaves):
        raise IndexError(f"the first {first} leaves of a tree of {len(leaves)}")
    return _consistency(first, leaves, known=True)


def consistent(first: int, size: int, path: Path, before: bytes, of: bytes) -> bool:
    """Whether `path` proves that the tree of `first` leaves with the root `before` became that of `size` leaves with the root `of`."""
    if not 1 <= first <= size:
        return False
    if first == size:
        return not path and before == of
    whole = first & (first - 1) == 0
    proof = (before, *path) if whole else path
    if not path:
        return False
    place, last = first - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = proof[0]
    for sibling in proof[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = joined(sibling, old), joined(sibling, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = joined(new, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and old == before and new == of


def _above(level: Sequence[bytes]) -> list[bytes]:
    pairs = [joined(level[n], level[n + 1]) for n in range(0, len(level) - 1, 2)]
    return [*pairs, level[-1]] if len(level) % 2 else pairs


def _consistency(first: int, leaves: Sequence[bytes], *, known: bool) -> Path:
    """RFC 9162, 2.1.4.1: `known` says that the verifier holds the root over all of these leaves' first ones already."""
    if first == len(leaves):
        return () if known else (root(leaves),)
    k = 1 << (len(leaves) - 1).bit_length() - 1
    if first <= k:
        return *_consistency(first, leaves[:k], known=known), root(leaves[k:])
    return *_consistency(first - k, leaves[k:], known=False), root(leaves[:k])
