"""The file of a ledger's class keys: only its owner may read it, and what it says is JSON, in the clear or under a passphrase.

docs/sealing.md has its form. It asks for no passphrase: whoever hands it a way to ask does. It knows no ledger.
"""

from __future__ import annotations

import json
import os
import secrets
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from panel.errors import LedgerError, Refused
from panel.files import durable, put_new, read_bytes, write_over
from panel.record.boxes import KEY_BYTES, NONCE_BYTES, SALT_BYTES, Lock, stretched
from panel.record.keyring import CLASSES, ClassKeys

FORMAT: Final = "pastoral_ledger_keys"
LARGEST: Final = 8192
"""No file of class keys has more bytes."""

Ask = Callable[[Path], str]
"""The passphrase of a file."""


def nobody_to_ask(path: Path) -> str:
    """For a program that has nobody to ask."""
    raise Refused(f"{path} is sealed under a passphrase, and there is nobody to ask for it")


class KeyFile:
    """Class keys in a file, read when they are first needed. With a `passphrase` new keys are sealed under it."""

    def __init__(self, path: Path, ask: Ask = nobody_to_ask, *, passphrase: str | None = None) -> None:
        self.path = path
        self._ask = ask
        self._passphrase = passphrase
        self._keys: ClassKeys | None = None

    @property
    def where(self) -> str:
        """The file's name."""
        return str(self.path)

    def read(self, *, again: bool = False) -> ClassKeys | None:
        """The keys in the file; None where there is no file. Raises `Refused`."""
        if self._keys is None or again:
            self._keys = self._read() if self.path.exists() else None
        return self._keys

    @contextmanager
    def founding(self) -> Iterator[Callable[[ClassKeys], None]]:
        """Yields what makes the file; whatever fails inside, it is not there."""
        made = False

        def make(keys: ClassKeys) -> None:
            nonlocal made
            if self.path.exists():
                raise Refused(f"{self.path} is already there, and may be the keys of another ledger. Name another file, or move it away")
            try:
                put_new(self.path, text_of(keys, self._passphrase).encode(), mode=0o600)
                made = True
                durable(self.path)
            except Refused as refused:
                raise LedgerError(f"{refused.message}; nothing was recorded") from None
            self._keys = keys

        try:
            yield make
        except BaseException:
            if made:
                self.path.unlink(missing_ok=True)
            raise

    def replace(self, keys: ClassKeys) -> None:
        """Other keys in the file, sealed as it was."""
        try:
            write_over(self.path, text_of(keys, self._passphrase))
            durable(self.path)
        except Refused as refused:
            raise LedgerError(f"{refused.message}; nothing was changed") from None
        self._keys = keys

    def seal_under(self, passphrase: str) -> None:
        """Whatever is written from now on is sealed under this passphrase."""
        self._passphrase = passphrase

    def seal_as(self, other: KeyFile) -> None:
        """Whatever is written from now on is sealed as the keys of another file are, once these were read."""
        self._passphrase = other._passphrase if other.read() is not None else None

    def _read(self) -> ClassKeys:
        told = _told(self.path)
        mode = stat.S_IMODE(self.path.stat().st_mode)
        if os.name == "posix" and mode & 0o077:
            raise Refused(
                f"{self.path}: found mode {mode:04o}, so that others may read or change these keys; wanted 0600: chmod 600 {self.path}"
            )
        if "sealed" in told and self._passphrase is None:
            self._passphrase = self._ask(self.path)
        try:
            return _keys_in(told, self._passphrase)
        except (ValueError, TypeError, KeyError, AttributeError):
            raise Refused(f"{self.path}: found keys of a ledger in a form that cannot be read; use a copy of the file") from None
        except PassphraseRefused:
            self._passphrase = None
            raise Refused(f"{self.path}: this passphrase does not open it") from None


class PassphraseRefused(Exception):
    """A passphrase that does not open what it should."""


def is_key_file(path: Path) -> bool:
    """Whether a file says that it holds a ledger's class keys."""
    try:
        return FORMAT in json.loads(read_bytes(path, most=LARGEST))
    except (ValueError, RecursionError, TypeError, Refused):
        return False


def bundle(path: Path, keys: ClassKeys, passphrase: str | None) -> None:
    """A new file of some of the keys, to be handed on. Raises `Refused` where something is there already."""
    put_new(path, text_of(keys, passphrase).encode(), mode=0o600)


def text_of(keys: ClassKeys, passphrase: str | None) -> str:
    """What a file of these keys says. Random bytes come in here: a salt and a nonce for what a passphrase seals."""
    listed = [{"class": kind, "generation": generation, "key": key.hex()} for (kind, generation), key in sorted(keys.keys.items())]
    told: dict[str, object] = {FORMAT: 1, "ledger": keys.ledger}
    if passphrase is None:
        told["keys"] = listed
    else:
        salt, nonce = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(NONCE_BYTES)
        box = Lock(stretched(passphrase, salt)).close(json.dumps(listed).encode(), _bound(keys.ledger), nonce)
        told |= {"salt": salt.hex(), "sealed": box.hex()}
    return json.dumps(told, indent=2) + "\n"


def _told(path: Path) -> Mapping[str, Any]:
    try:
        told = json.loads(read_bytes(path, most=LARGEST))
    except (ValueError, RecursionError):
        told = {}
    if not isinstance(told, dict) or FORMAT not in told:
        raise Refused(f"{path} holds no keys of a ledger; wanted the file that `pastoral init` or `pastoral keys auditor` made")
    if told[FORMAT] != 1 or set(told) - {FORMAT, "ledger"} not in ({"keys"}, {"salt", "sealed"}):
        raise Refused(f"{path}: found keys of a ledger in another form; a newer pastoral may have written it")
    return told


def _keys_in(told: Mapping[str, Any], passphrase: str | None) -> ClassKeys:
    listed, ledger = told.get("keys"), str(told["ledger"])
    if listed is None:
        opened = Lock(stretched(passphrase or "", bytes.fromhex(told["salt"]))).open(bytes.fromhex(told["sealed"]), _bound(ledger))
        if opened is None:
            raise PassphraseRefused
        listed = json.loads(opened)
    keys = {(str(one["class"]), int(one["generation"])): bytes.fromhex(one["key"]) for one in listed}
    if len(keys) != len(listed) or any(kind not in CLASSES or len(key) != KEY_BYTES for (kind, _), key in keys.items()):
        raise ValueError("not keys as they are written")
    return ClassKeys(ledger, keys)


def _bound(ledger: str) -> bytes:
    return f"pastoral/keys/1\n{ledger}".encode()
