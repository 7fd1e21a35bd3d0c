"""What is due as a calendar that other programs read (RFC 5545): an all-day event for each deadline.

It knows no clock of the machine: each event is stamped with the moment at which the record was last written, so that the same
record gives the same file. Nothing of a child is in it but the reference of the referral.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

PRODUCT: Final = "-//pastoral//due//EN"


@dataclass(frozen=True, slots=True)
class Deadline:
    """One all-day event. `key` names it for ever, whatever its day; `say` is a line for the calendar, `more` what stands behind it."""

    key: tuple[str, ...]
    on: dt.date
    say: str
    more: str


def calendar(panel: str, ledger: str, recorded_at: str, deadlines: Iterable[Deadline]) -> bytes:
    """The file. `ledger`: the digest of its first entry, that no two panels' events are one; `recorded_at`: its last moment."""
    import icalendar  # here, because only this needs it

    stamp = dt.datetime.fromisoformat(recorded_at).astimezone(dt.UTC)
    made = icalendar.Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("x-wr-calname", icalendar.vText(f"{panel}: due"))  # a name that no standard has: not escaped unless said
    for deadline in deadlines:
        event = icalendar.Event()
        event.add("uid", uid(ledger, deadline.key))
        event.add("dtstamp", stamp)
        event.add("dtstart", deadline.on)
        event.add("dtend", deadline.on + dt.timedelta(days=1))
        event.add("summary", deadline.say)
        event.add("description", deadline.more)
        event.add("transp", "TRANSPARENT")
        made.add_component(event)
    return bytes(made.to_ical())


def uid(ledger: str, key: tuple[str, ...]) -> str:
    """The name of an event: the same in every file of this ledger, and of no other."""
    said = "\n".join(("pastoral/due/1", ledger, *key))
    return f"{hashlib.sha256(said.encode()).hexdigest()[:40]}@pastoral"
