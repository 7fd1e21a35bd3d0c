"""Key files: a private key that only its owner may read, and beside it the public key that everybody may have.

The public file is one line, as `note.py` writes a public key. The private file is JSON with that line and either the 32
bytes of the Ed25519 seed, or those sealed under a passphrase: AES-256-GCM, bound to the line, with a key by scrypt (N =
2**17, r = 8, p = 1). It signs nothing itself, and asks for no passphrase: whoever calls it does.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from panel.errors import Refused
from panel.files import new_file, read_bytes
from panel.record.boxes import NONCE_BYTES, SALT_BYTES, Lock, stretched
from panel.record.note import NotANote, Note, PublicKey, is_name, read_public, signed, unbase64

FORMAT: Final = "pastoral_private_key"
SEED_BYTES: Final = 32
LARGEST: Final = 4096
"""No key file has more bytes."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Somebody who can sign: the public key, and its private half."""

    public: PublicKey
    secret: Ed25519PrivateKey

    def sign(self, note: Note) -> Note:
        """The note with this signature added."""
        return signed(note, self.public, self.secret)


def make(path: Path, name: str, passphrase: str | None) -> tuple[PublicKey, Path]:
    """Make a new key: the private file at `path` (mode 0600), the public one beside it. Neither may be there already.

    Returns the public key and its file. Raises `Refused`.
    """
    if not is_name(name):
        raise Refused(f"found the name {name!r}; wanted printable characters without spaces or plus signs, such as shire11/clerk")
    beside = public_file(path)
    secret = Ed25519PrivateKey.generate()
    public = PublicKey(name, secret.public_key().public_bytes_raw())
    with new_file(path, mode=0o600) as write, new_file(beside) as write_public:
        write(_private_text(public, secret.private_bytes_raw(), passphrase))
        write_public(f"{public}\n")
    return public, beside


def public_file(path: Path) -> Path:
    """Where the public key lies that belongs to a private file: clerk.key -> clerk.pub."""
    return path.with_suffix(".pub") if path.suffix == ".key" else path.with_name(path.name + ".pub")


def load(path: Path, passphrase: Callable[[], str]) -> Signer:
    """The private key in a file. `passphrase` is called where the file needs one. Raises `Refused`."""
    told = _private(path)
    public = _public_of(told, path)
    seed = _seed(told, public, path, passphrase)
    secret = Ed25519PrivateKey.from_private_bytes(seed)
    if secret.public_key().public_bytes_raw() != public.raw:
        raise Refused(f"{path}: the private key and the public key in it do not belong together; the file was changed")
    return Signer(public, secret)


def read_key(path: Path) -> PublicKey:
    """The public key in a public file. Raises `Refused`, also for a private file: that one is not for handing round."""
    text = _text(path)
    if FORMAT in text:
        raise Refused(f"{path} is a private key; wanted the public one, {public_file(path)}. Never hand the private one on.")
    try:
        return read_public(text)
    except NotANote as error:
        raise Refused(f"{path}: {error.message}") from None


def describe(path: Path) -> tuple[PublicKey, str]:
    """The public key in a file of either kind, and what the file is: public, private, or private under a passphrase."""
    if FORMAT not in _text(path):
        return read_key(path), "public"
    told = _private(path)
    return _public_of(told, path), "private" if "seed" in told else "private, under a passphrase"


def _private_text(public: PublicKey, seed: bytes, passphrase: str | None) -> str:
    told: dict[str, object] = {FORMAT: 1, "public": str(public)}
    if passphrase is None:
        told["seed"] = _base64(seed)
    else:
        salt, nonce = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(NONCE_BYTES)
        told["salt"] = _base64(salt)
        told["sealed"] = _base64(Lock(stretched(passphrase, salt)).close(seed, str(public).encode(), nonce))
    return json.dumps(told, indent=2) + "\n"


def _private(path: Path) -> dict[str, str]:
    """What a private file says. Raises `Refused` where others may read it, or it is of another form."""
    told = _object(_text(path))
    found = told.pop(FORMAT, None)
    if found is None:
        raise Refused(f"{path} is no private key of pastoral; `pastoral keys new` makes one")
    mode = stat.S_IMODE(path.stat().st_mode)
    if os.name == "posix" and mode & 0o077:
        raise Refused(f"{path}: found mode {mode:04o}, so that others may read or change this private key; wanted 0600: chmod 600 {path}")
    if found != 1 or set(told) not in ({"public", "seed"}, {"public", "salt", "sealed"}):
        raise Refused(f"{path}: found a private key of another form; wanted one that `pastoral keys new` of this version made")
    return {key: str(value) for key, value in told.items()}


def _object(text: str) -> dict[str, object]:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _public_of(told: dict[str, str], path: Path) -> PublicKey:
    try:
        return read_public(told["public"])
    except NotANote as error:
        raise Refused(f"{path}: {error.message}") from None


def _seed(told: dict[str, str], public: PublicKey, path: Path, passphrase: Callable[[], str]) -> bytes:
    try:
        if "seed" in told:
            seed = unbase64(told["seed"])
        else:
            sealed = unbase64(told["sealed"])
            opened = Lock(stretched(passphrase(), unbase64(told["salt"]))).open(sealed, str(public).encode())
            if opened is None:
                raise Refused(f"{path}: this passphrase does not open it")
            seed = opened
    except (NotANote, ValueError):
        seed = b""
    if len(seed) != SEED_BYTES:
        raise Refused(f"{path}: found a private key that is damaged; use a copy, or make a new one with `pastoral keys new`")
    return seed


def _text(path: Path) -> str:
    return read_bytes(path, most=LARGEST).decode("utf-8", "replace")


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
