"""A story of a made-up panel: what is told, and the commands that are run, in order.

A line that begins with `$ ` is a command; every other line is told as it stands. It runs nothing itself, and its clock
and salts are made up like its pupils: they come from the story, never from the machine.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """Something to tell, or a command to run: its words without the `pastoral` in front."""

    told: str = ""
    command: tuple[str, ...] = ()


def read_story(text: str) -> tuple[Step, ...]:
    """The steps of a story. A command may go on over lines that end in a backslash. Raises `ValueError` for a line that is no command."""
    steps: list[Step] = []
    for line in text.replace("\\\n", " ").splitlines():
        if not line.startswith("$ "):
            steps.append(Step(told=line))
            continue
        name, *words = shlex.split(line.removeprefix("$ "))
        if name != "pastoral" or not words:
            raise ValueError(f"found {line!r}; wanted `$ pastoral COMMAND ...`")
        steps.append(Step(command=tuple(words)))
    return tuple(steps)


def made_up_clock(first: dt.datetime) -> Callable[[], str]:
    """A clock that is a minute later each time it is read."""
    read = 0

    def now() -> str:
        nonlocal read
        moment = first + dt.timedelta(minutes=read)
        read += 1
        return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    return now


def made_up_salts(story: str) -> Iterator[bytes]:
    """32 bytes at a time that anybody can work out: good for a made-up panel only."""
    number = 0
    while True:
        yield hashlib.sha256(f"{story}\n{number}".encode()).digest()
        number += 1
