"""Boxes: bytes under a key, bound to the one place where they belong, and a key made from a passphrase.

A box is 12 bytes of nonce and what AES-256-GCM makes of the bytes, the tag last. It knows no ledger and no file, and draws no
nonce itself: whoever closes a box hands it in, fresh each time. The library is loaded when the first box is touched.
"""

from __future__ import annotations

import functools
from typing import Any, Final

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
SALT_BYTES: Final = 16
"""Of a key from a passphrase."""


class Lock:
    """One key, and what it closes and opens."""

    __slots__ = ("_aead",)

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:  # AES would take a shorter one too
            raise ValueError(f"found a key of {len(key)} bytes; wanted {KEY_BYTES}")
        self._aead = _library()[0](key)

    def close(self, plain: bytes, bound: bytes, nonce: bytes) -> bytes:
        """A box. `bound` is not in it, but without it the box does not open; no `nonce` may serve twice under one key."""
        if len(nonce) != NONCE_BYTES:
            raise ValueError(f"found a nonce of {len(nonce)} bytes; wanted {NONCE_BYTES}")
        return nonce + bytes(self._aead.encrypt(nonce, plain, bound))

    def open(self, box: bytes, bound: bytes) -> bytes | None:
        """What is in a box; None where it was closed with another key or for another place, or was changed since."""
        if type(box) is not bytes or len(box) <= NONCE_BYTES:
            return None
        try:
            return bytes(self._aead.decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], bound))
        except _library()[1]:
            return None


def stretched(passphrase: str, salt: bytes) -> bytes:
    """A key from a passphrase: scrypt with N = 2**17, r = 8, p = 1."""
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    return Scrypt(salt=salt, length=KEY_BYTES, n=2**17, r=8, p=1).derive(passphrase.encode())


@functools.cache
def _library() -> tuple[Any, type[Exception]]:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM, InvalidTag
