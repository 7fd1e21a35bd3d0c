"""Values -> one byte string -> a tagged SHA-256: the same value is the same bytes on any machine, years later.

It keeps nothing and coerces nothing. The form is RFC 8785 restricted to what a record needs: objects, arrays, strings,
booleans, and whole numbers of at most 2**53 - 1 in size. Floats are refused, for no rule may depend on their rounding;
nulls, for what is unknown is absent; dates, for their text is chosen where they are recorded. Keys are ASCII, so that
every way of sorting them (bytes, code points, UTF-16 units) is the same way.
"""

from __future__ import annotations

import hashlib
from itertools import repeat
from typing import ClassVar, Final, NoReturn

import orjson

from panel.errors import PanelError

MOST: Final = 2**53 - 1
"""The largest whole number that every JSON reader keeps exactly."""

DEEPEST: Final = 64
"""Objects and arrays inside one another, at most; far more than any record has."""

Where = tuple["Where", str] | None
"""The way from the outermost value inwards, innermost last; put into words only when something is refused."""


class NotCanonical(PanelError):
    """A value or a text that has no canonical form; the message says where in it, what was found and what was wanted."""

    kind: ClassVar[str] = "record"


def canonical(value: object) -> bytes:
    """The canonical JSON of a value, as UTF-8 bytes. Raises `NotCanonical`.

    An object is a `dict`, an array a `list` or a `tuple`, and so on: exactly these types, never one derived from them.
    """
    _guard(value, None, 0)
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        raise NotCanonical(f"{_unwritable(value)!a} has no UTF-8 form; wanted text without lone surrogates") from None


def alike(one: object, other: object) -> bool:
    """Whether two values of plain types are the same, to the type of every part, whatever the order of their keys.

    Quicker than two canonical forms, as it refuses nothing: of values that cannot be written out it says no, even where they are the same.
    """
    try:
        return orjson.dumps(one, option=orjson.OPT_SORT_KEYS) == orjson.dumps(other, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        return False


def digest(tag: str, *parts: bytes | str) -> str:
    """The hex SHA-256 of the tag, a line feed, and the parts one after another; text as UTF-8.

    The tag keeps what is hashed for one purpose from being taken for another. Nothing stands between the parts: all but
    the last must have a length that the tag settles.
    """
    hashed = hashlib.sha256(tag.encode() + b"\n")
    for part in parts:
        hashed.update(part if isinstance(part, bytes) else part.encode())
    return hashed.hexdigest()


def parse(raw: bytes) -> object:
    """The value whose canonical form these bytes are. Raises `NotCanonical` where they are no value's."""
    try:
        value: object = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise NotCanonical(f"found what is not JSON ({error}); wanted canonical JSON") from None
    if canonical(value) != raw:
        raise NotCanonical("found JSON in another form; wanted the canonical one (keys once and sorted, no spaces, no needless escapes)")
    return value


def _guard(value: object, where: Where, depth: int) -> None:
    """Refuses what the writer would take or coerce. Lone surrogates are left to the writer, which refuses them."""
    kind = type(value)
    if kind is str or kind is bool:
        return
    if kind is int:
        if not -MOST <= value <= MOST:  # type: ignore[operator]
            _refuse(where, f"{value}", f"a whole number of at most {MOST} in size")
    elif kind is dict or kind is list or kind is tuple:
        if depth == DEEPEST:
            _refuse(where, "one inside too many others", f"at most {DEEPEST} objects and arrays inside one another")
        for key, inner in value.items() if kind is dict else zip(repeat("[]"), value):  # type: ignore[attr-defined, call-overload]
            if type(key) is not str or not key.isascii():
                _refuse(where, f"the key {key!a}", "ASCII text")
            inside = type(inner)  # what nearly all of a record is, looked at here: a call for each would take most of the time
            if inside is not str and inside is not bool and not (inside is int and -MOST <= inner <= MOST):
                _guard(inner, (where, key), depth + 1)
    else:
        _refuse(where, f"{kind.__name__} {value!a}", "an object, array, text, yes/no or whole number of exactly the plain type")


def _refuse(where: Where, found: str, wanted: str) -> NoReturn:
    names: list[str] = []
    while where:
        where, name = where
        names.append(name)
    raise NotCanonical(f"{'.'.join(reversed(names)) or 'the value'}: found {found}; wanted {wanted}")


def _unwritable(value: object) -> str:
    """The first text in a guarded value that UTF-8 cannot hold."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            try:
                one.encode()
            except UnicodeEncodeError:
                return one
        elif isinstance(one, dict):
            waiting.extend(one.values())
        elif isinstance(one, (list, tuple)):
            waiting.extend(one)
    return ""
