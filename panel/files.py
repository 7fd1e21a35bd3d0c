"""Files that are handed round: made new and never over another, there whole or not at all.

It knows nothing of what they say.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from panel.errors import Refused


@contextmanager
def new_file(path: Path, *, mode: int = 0o644) -> Iterator[Callable[[str], None]]:
    """Make the file at once, and write it inside with the function that is yielded; whatever fails inside, no file is left.

    Raises `Refused` where something is there already, or nothing can be written there.
    """
    with os.fdopen(_made(path, mode), "w", encoding="utf-8", newline="\n") as out:

        def write(text: str) -> None:
            try:
                out.write(text)
                out.flush()
            except OSError as error:
                raise Refused(f"{path} cannot be written: {error.strerror}") from None

        try:
            yield write
        except BaseException:
            path.unlink(missing_ok=True)
            raise


def put_new(path: Path, raw: bytes, *, mode: int = 0o644) -> None:
    """Make a file of these bytes, whole or not at all. Raises `Refused` where something is there already, or nothing can be written."""
    with os.fdopen(_made(path, mode), "wb") as out:
        try:
            out.write(raw)
            out.flush()
        except BaseException as error:
            path.unlink(missing_ok=True)
            if isinstance(error, OSError):
                raise Refused(f"{path} cannot be written: {error.strerror}") from None
            raise


def _made(path: Path, mode: int) -> int:
    try:
        return os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode)
    except FileExistsError:
        raise Refused(f"{path} is there already, and is not written over; wanted the name of a new file") from None
    except OSError as error:
        raise Refused(f"{path} cannot be written: {error.strerror}") from None


def write_over(path: Path, text: str) -> None:
    """Put a text in the place of what a file says: at every moment the file says the one or the other. Raises `Refused`.

    A link stays one: what it leads to is written. What is new is on the disk before it takes the old one's name.
    """
    beside = None
    try:
        there = path.resolve()
        mode = there.stat().st_mode & 0o777
        file, beside = tempfile.mkstemp(dir=there.parent, prefix=f".{there.name}.")
        with os.fdopen(file, "w", encoding="utf-8", newline="\n") as out:
            out.write(text)
            out.flush()
            os.fsync(file)
        Path(beside).chmod(mode)
        Path(beside).replace(there)
    except OSError as error:
        if beside is not None:
            Path(beside).unlink(missing_ok=True)
        raise Refused(f"{path} cannot be written: {error.strerror}") from None


def durable(path: Path) -> None:
    """Wait until what a file says, and its name, are on the disk. Raises `Refused`."""
    try:
        for one in (path, path.resolve().parent):
            file = os.open(one, os.O_RDONLY)
            try:
                os.fsync(file)
            finally:
                os.close(file)
    except OSError as error:
        raise Refused(f"{path} cannot be written: {error.strerror}") from None


def read_bytes(path: Path, *, most: int = 1 << 20) -> bytes:
    """What a file says, if it is no longer than `most` bytes. Raises `Refused`."""
    try:
        with path.open("rb") as file:
            raw = file.read(most + 1)
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}") from None
    if len(raw) > most:
        raise Refused(f"{path} is longer than {most} bytes; wanted a file that this program wrote")
    return raw
