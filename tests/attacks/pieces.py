"""What the attacks on meaning are made of: kinds of entry, changed contents, and where decisions are."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, Final

from tests.attacks.forgery import Body, Copy

COUNTED: Final = "2026-09-11"
"""The day on which the schools of the story counted their rolls."""
OPENED: Final = "meeting opened"
DRAWN: Final = "meeting drawn"
PROPOSED: Final = "placements proposed"
DECIDED: Final = "decision taken"
CLOSED: Final = "meeting closed"
EARLIER: Final = "2026-09-23"


def inside(*keys: str, value: Any) -> Callable[[Body], Body]:
    """A sealed content with another value somewhere inside; None takes it away."""

    def change(content: Body) -> Body:
        head, *rest = keys
        told = dict(content)
        told[head] = inside(*rest, value=value)(content[head]) if rest else value
        if told[head] is None:
            del told[head]
        return told

    return change


def content(copy: Copy, seq: int, subject: str) -> Body:
    return dict(json.loads(next(row.content for row in copy.parts(seq) if row.subject == subject)))


def pupils(copy: Copy, seq: int) -> list[str]:
    """The pupils about whom an entry seals something."""
    return [row.subject for row in copy.parts(seq) if row.subject != "panel"]


def decisions(*outcomes: str) -> Callable[[Copy], Iterable[int]]:
    return lambda copy: [seq for seq in copy.of(DECIDED) if copy.body(seq)["outcome"] in outcomes]


def elsewhere(urn: str) -> str:
    return "900002" if urn != "900002" else "900001"
