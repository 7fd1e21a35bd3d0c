"""Days too far ahead to be meant: what is recorded has happened or is about to, and what is planned is planned some years ahead.

    latest       the clock's day, or the latest meeting's if that is later
    happened     at most a year after the latest, or in an academic year whose terms are loaded
    planned      at most five years after the latest: a last day, a closing, a term, an exemption

A day that is over is nobody's business here. It reads no clock: the latest day is handed in.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final

from panel import events as ev
from panel.errors import LedgerBroken
from panel.state.records import Recorded
from panel.state.schooldays import academic_year

HAPPENED: Final = ("on", "made_on", "accepted_on", "conversation_on", "out_of_education_since", "as_at", "told_on", "excluded_on")
PLANNED: Final = ("starts", "until", "first", "last", "opened_on", "closes_on")
CALLED: Final[Mapping[str, str]] = {"first": "from", "last": "until", "opened_on": "OpenDate", "closes_on": "CloseDate"}
"""A field -> what a file or a command calls it, where that is another word."""

YEAR: Final = 366
PLANS: Final = 5 * YEAR


def slips(
    events: Iterable[ev.Event], record: Sequence[Recorded], *, latest: dt.date, terms: Iterable[ev.TermRecorded], referrals: Collection[str]
) -> tuple[str, ...]:
    """A sentence for each day of these entries that cannot be meant; none where all can.

    `record` is what is corrected by corrections among them; of the references only those in `referrals` are named.
    """
    events = tuple(events)
    loaded = {academic_year(term.first) for term in (*terms, *(one for one in events if isinstance(one, ev.TermRecorded)))}
    told = [one for event in events for one in _said(event, record)]
    found = ((_of(event, referrals), name, day) for event in told for name, day in _days(event))
    return tuple(dict.fromkeys(said for what, name, day in found if (said := _slip(what, name, day, latest, loaded))))


def _days(event: ev.Event) -> Iterator[tuple[str, dt.date]]:
    for name in (*HAPPENED, *PLANNED):
        day = getattr(event, name, None) or getattr(getattr(event, "case", None), name, None)
        if isinstance(day, dt.date):
            if isinstance(event, ev.OfSchool) and name == "on":
                yield "planned", day
            else:
                yield ("to" if isinstance(event, ev.TermRecorded) and name == "last" else name), day


def _slip(what: str, name: str, day: dt.date, latest: dt.date, loaded: Collection[int]) -> str:
    if name not in HAPPENED:
        last = latest + dt.timedelta(days=PLANS)
        called = "on" if name == "planned" else CALLED.get(name, name)
        why = "nobody plans more than five years ahead"
        return f"{what}, {called}: found {day}; wanted {last} or earlier: {why}. Check the year." if day > last else ""
    wanted = too_far(day, latest, loaded)
    if wanted is None:
        return ""
    why = "what is recorded has happened, or is about to"
    return f"{what}, {name}: found {day}; wanted {wanted} or earlier, or a day of a year whose terms are loaded: {why}. Check the year."


def too_far(day: dt.date, latest: dt.date, loaded: Collection[int]) -> dt.date | None:
    """The last day that can be meant of what has happened, where a day lies after it and in no academic year of which terms are loaded."""
    last = latest + dt.timedelta(days=YEAR)
    return None if day <= last or academic_year(day) in loaded else last


def _of(event: ev.Event, referrals: Collection[str]) -> str:
    """What an entry is, and what it is about: the school, or the case if that is in the record already."""
    name, urn = getattr(event, "referral", None), getattr(event, "urn", None)
    kind = event.kind[:1].upper() + event.kind[1:]
    return f"{name} ({event.kind})" if name in referrals else f"{kind}, {urn}" if urn else kind


def _said(event: ev.Event, record: Sequence[Recorded]) -> Iterator[ev.Event]:
    """What an entry says; of a correction also what the other entry should have said."""
    yield event
    if isinstance(event, ev.Correction) and event.body is not None and 1 <= event.corrects <= len(record):
        sealed = event.case.case if event.case else None
        parts = {(event.subject, "case"): sealed} if sealed else {}
        with contextlib.suppress(LedgerBroken):
            yield ev.read(record[event.corrects - 1].event.kind, event.body, parts, seq=event.corrects)
