"""Fills docs/writing-a-rulebook.md and docs/what-protocols-say.md with what their commands really say: `make docs`.

The fenced blocks of a page are its program. `yaml` blocks of the guide, in their order, are one file, hilltop.yaml; a `diff` block of
either page changes that file for the next `console` block alone; a `console` block holds commands and what they answer. It judges nothing.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

PAGE: Final = Path(__file__).with_name("writing-a-rulebook.md")
MORE: Final = Path(__file__).with_name("what-protocols-say.md")
"""What else protocols say: every snippet of it changes the guide's book."""
BOOK: Final = "hilltop.yaml"
BLOCK: Final = re.compile(r"^```(?P<kind>yaml|diff|console)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)

Run = Callable[[str, str], str]
"""The text of hilltop.yaml, and a command line -> what the command answers."""


def blocks(page: str, kind: str) -> tuple[str, ...]:
    """The texts of all fenced blocks of one kind, in their order."""
    return tuple(block["text"] for block in BLOCK.finditer(page) if block["kind"] == kind)


def whole(page: str) -> str:
    """The file that the snippets make together."""
    return "".join(blocks(page, "yaml"))


def changed(book: str, diff: str) -> str:
    """The file with the `-` lines of a diff, which stand together in it once, replaced by its `+` lines; a line `@@` stands between two
    places. Raises ValueError if not.
    """
    for hunk in re.split(r"^@@\n", diff, flags=re.MULTILINE):
        old = "".join(f"{line[1:]}\n" for line in hunk.splitlines() if line.startswith("-"))
        new = "".join(f"{line[1:]}\n" for line in hunk.splitlines() if line.startswith("+"))
        if book.count(old) != 1:
            raise ValueError(f"found {book.count(old)} places; wanted one for:\n{old}")
        book = book.replace(old, new)
    return book


def filled(page: str, run: Run, book: str = "") -> str:
    """The page with every console block as it runs now; `book` is what its snippets change, if not the book that they make."""
    entire, diff = book or whole(page), ""

    def answer(block: re.Match[str]) -> str:
        nonlocal book, diff
        match block["kind"]:
            case "yaml":
                book += block["text"]
            case "diff":
                diff = block["text"]
            case _:
                text, diff = changed(entire, diff) if diff else book, ""
                commands = [line for line in block["text"].splitlines() if line.startswith("$ ")]
                told = [f"{command}\n{run(text, command.removeprefix('$ ')).rstrip()}\n" for command in commands]
                return "```console\n" + "\n".join(told) + "```"
        return block[0]

    return BLOCK.sub(answer, page)


def _run(book: str, command: str) -> str:
    """The command in a process of its own, in a new folder that holds the file."""
    name, *words = command.split()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / BOOK).write_text(book, encoding="utf-8")
        ran = subprocess.run(  # noqa: S603 - the commands are those of the page
            [str(Path(sys.executable).with_name(name)), *words], cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False
        )
    return ran.stdout + ran.stderr


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), _run), encoding="utf-8")
    book = whole(PAGE.read_text(encoding="utf-8"))
    MORE.write_text(filled(MORE.read_text(encoding="utf-8"), _run, book), encoding="utf-8")
