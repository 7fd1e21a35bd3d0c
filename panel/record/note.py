"""Signed notes: a text, and below it lines that say who signed it. The form is C2SP's signed-note, with Ed25519 only.

    note      = text LF signature*,   where text ends in LF
    signature = "— " name " " base64(key ID + Ed25519(text)) LF
    key ID    = the first 4 bytes of SHA-256(name + LF + 0x01 + public key)
    public key, written = name "+" hex(key ID) "+" base64(0x01 + public key)

It reads no files, keeps no private key and knows nothing of what a text says. Whose signatures count is for the reader:
those of other keys are passed over.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from panel.errors import Refused

ED25519: Final = b"\x01"
"""The byte that stands for this kind of signature in a key ID and a written key."""

KEY_BYTES: Final = 32
ID_BYTES: Final = 4
MOST_SIGNATURES: Final = 100
DASH: Final = "— "
FORM: Final = "NAME+8 hex digits+44 characters of base64"


class NotANote(Refused):
    """A text that has not the form of a signed note, or of a public key."""

    kind: ClassVar[str] = "note"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """What a signature is checked with: the signer's name, without spaces or plus signs, and 32 bytes."""

    name: str
    raw: bytes

    @property
    def id(self) -> bytes:
        """4 bytes that, with the name, say which key is meant; no proof of anything."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.raw).digest()[:ID_BYTES]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(ED25519 + self.raw).decode()}"

    def verifies(self, signature: bytes, text: str) -> bool:
        """Whether the owner of this key signed exactly this text."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: the signer's name, the key's ID (4 bytes), what was made with the key."""

    name: str
    key_id: bytes
    signed: bytes

    def __str__(self) -> str:
        return f"{DASH}{self.name} {base64.b64encode(self.key_id + self.signed).decode()}\n"

    def by(self, key: PublicKey) -> bool:
        """Whether the line says that it is by that key. Whether it is, the key must tell."""
        return (self.name, self.key_id) == (key.name, key.id)


@dataclass(frozen=True, slots=True)
class Note:
    """A text that ends in a line feed, and its signatures; without any it is only the text."""

    text: str
    signatures: tuple[Signature, ...] = ()

    def __str__(self) -> str:
        return self.text + ("\n" if self.signatures else "") + "".join(map(str, self.signatures))


@dataclass(frozen=True, slots=True)
class Signers:
    """What some keys say of a note: who signed it, whose line is wrong, who has no line; and the lines of other keys."""

    signed: tuple[PublicKey, ...]
    wrong: tuple[PublicKey, ...]
    absent: tuple[PublicKey, ...]
    unknown: tuple[Signature, ...]


def signers(note: Note, keys: Iterable[PublicKey]) -> Signers:
    """Check every signature that is by one of the keys. Lines by other keys, also of the same name, count for nothing."""
    keys = tuple(dict.fromkeys(keys))
    lines = {key: [line for line in note.signatures if line.by(key)] for key in keys}
    right = {key: all(key.verifies(line.signed, note.text) for line in found) for key, found in lines.items() if found}
    return Signers(
        signed=tuple(key for key in keys if right.get(key) is True),
        wrong=tuple(key for key in keys if right.get(key) is False),
        absent=tuple(key for key in keys if key not in right),
        unknown=tuple(line for line in note.signatures if not any(line.by(key) for key in keys)),
    )


def signed(note: Note, key: PublicKey, secret: Ed25519PrivateKey) -> Note:
    """The note with one more signature, made with the private half of the key."""
    return Note(note.text, (*note.signatures, Signature(key.name, key.id, secret.sign(note.text.encode()))))


def read_note(raw: bytes) -> Note:
    """The note whose form these bytes are; a text alone, without an empty line, is a note that nobody signed.

    Raises `NotANote` for everything that is not exactly such bytes.
    """
    try:
        whole = raw.decode()
    except UnicodeDecodeError:
        raise NotANote("found bytes that are not UTF-8; wanted a signed note") from None
    if any(letter < " " and letter != "\n" for letter in whole):
        raise NotANote("found a control character (a tab, or line ends of another system?); wanted lines that end in a line feed alone")
    head, empty, lines = whole.rpartition("\n\n")
    text = head + "\n" if empty else whole
    if not text.strip("\n") or not whole.endswith("\n") or (empty and not lines):
        raise NotANote("found no complete lines of text; wanted a text and, below an empty line, its signatures")
    told = lines.removesuffix("\n").split("\n") if empty else []
    if len(told) > MOST_SIGNATURES:
        raise NotANote(f"found {len(told)} signatures; wanted at most {MOST_SIGNATURES}")
    return Note(text, tuple(map(_signature, told)))


def read_public(text: str) -> PublicKey:
    """A public key as it is written: one line. Raises `NotANote` where its parts do not belong together."""
    name, _, rest = text.removesuffix("\n").partition("+")
    key_id, _, encoded = rest.partition("+")
    raw = _decoded(encoded)
    if not is_name(name) or raw[:1] != ED25519 or len(raw) != 1 + KEY_BYTES:
        raise NotANote(f"found what is no Ed25519 public key; wanted one line: {FORM}")
    key = PublicKey(name, raw[1:])
    if key.id.hex() != key_id:
        raise NotANote(f"found the key ID '{key_id}'; the name and key beside it have '{key.id.hex()}': one of them was changed")
    return key


def is_name(name: str) -> bool:
    """Whether a signer may be called so: something, in printable characters, without spaces or plus signs."""
    return name.isprintable() and bool(name) and not any(letter.isspace() or letter == "+" for letter in name)


def unbase64(text: str) -> bytes:
    """The bytes that are written so in base64, and in no other way. Raises `NotANote`."""
    raw = _decoded(text)
    if not raw and text:
        raise NotANote(f"found {text!r}; wanted base64")
    return raw


def _decoded(text: str) -> bytes:
    """As above; nothing where the text is no base64. Unused bits must be zero: one value is written in one way."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
    return raw if base64.b64encode(raw).decode() == text else b""


def _signature(line: str) -> Signature:
    name, _, encoded = line.removeprefix(DASH).partition(" ")
    raw = _decoded(encoded)
    if not line.startswith(DASH) or not is_name(name) or len(raw) <= ID_BYTES:
        raise NotANote("found a signature line of another form; wanted an em dash, the signer's name and base64, one space between them")
    return Signature(name, raw[:ID_BYTES], raw[ID_BYTES:])
