"""What entries should have said: a record -> the same record with every corrected entry as it was corrected, in its place.

    stack(n)     the corrections of entry n that stand, in their order; one that was taken back is not among them
    entry n      what was written, then each of its stack in turn: the open part that it says, and the case, if it says one;
                 where the last of the stack says nothing, the entry should never have been, and is not there

It reads only the entries that it is given: who hands it those before a decision sees what was believed then. It corrects
nothing that a meeting did, only who is said to have been told of it, to have come, to have had the chair
or an interest: a decision on wrong facts is flagged
(`panel/answering/mistaken.py`), never rewritten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from panel import events as ev
from panel.state.records import Recorded

CORRECTABLE: Final[tuple[type[ev.Event], ...]] = (
    ev.SchoolRecorded,
    ev.PlacesRecorded,
    ev.TermRecorded,
    ev.ExemptionVoted,
    ev.AdmittedOutside,
    ev.PlacedBefore,
    ev.PermanentlyExcluded,
    ev.ExclusionReversed,
    ev.ReferralMade,
    ev.AgreementSigned,
    ev.AgreementWithdrawn,
    ev.JourneysRecorded,
    ev.MeetingOpened,
    ev.MeetingInvited,
    ev.MeetingAttended,
    ev.InterestDeclared,
    ev.SchoolAgreed,
    ev.OfReferral,
    ev.OfSchool,
)
"""What may be corrected. All else is founded, adopted, decided or erased, or is simply said again."""

FIXED: Final[tuple[type[ev.Event], ...]] = (
    *(ev.SchoolRecorded, ev.ReferralMade, ev.MeetingOpened),
    *(ev.FamilyRefused, ev.PartnerRefused, ev.BoardDeclined),
)
"""What may be said otherwise, and never taken out of the record: later entries stand on it, or a decision was undone by it."""

WHOSE: Final = ("pupil", "referral")
"""Fields that no correction changes: what is sealed about one child never becomes another's."""

KEPT: Final = (*WHOSE, "meeting")
"""Nor does what was done at one meeting become another's."""


ONLY: Final[Mapping[type[ev.Event], frozenset[str]]] = {ev.MeetingOpened: frozenset({"chair_of"})}
"""Kinds of which nothing but these may be said otherwise: all else is what the meeting froze."""


def changed_beside(event: ev.Event, body: Mapping[str, Any]) -> tuple[str, ...]:
    """The open fields in which a body differs from an entry, and of that kind no correction may: none where it may say all otherwise."""
    if type(event) not in ONLY:
        return ()
    was = event.draft().body
    return tuple(name for name in sorted({*was, *body} - ONLY[type(event)]) if was.get(name) != body.get(name))


def is_fixed(event: ev.Event) -> bool:
    """Whether an entry stays in the record, whatever it should have said."""
    return isinstance(event, FIXED) or (isinstance(event, ev.AgreementWithdrawn) and event.school is not None)


def stacks(record: Sequence[Recorded]) -> dict[int, tuple[Recorded, ...]]:
    """Entry number -> the corrections of it that stand. Those that no program would have recorded, of what may not be corrected or
    so that it would be gone or another child's, are passed over: replay names them (`order_of_corrections.py`), not what follows."""
    found: dict[int, tuple[Recorded, ...]] = {}
    said = [(item, item.event) for item in record if isinstance(item.event, ev.Correction)]
    events = {item.seq: item.event for item in record} if said else {}
    for item, correction in said:
        target, about = correction.corrects, events.get(correction.corrects)
        if isinstance(about, ev.Correction):
            standing = found.get(about.corrects, ())
            if standing and standing[-1].seq == target:
                found[about.corrects] = standing[:-1]
        elif isinstance(about, CORRECTABLE) and target < item.seq and _could_be(about, correction):
            found[target] = (*found.get(target, ()), item)
    return {seq: stack for seq, stack in found.items() if stack}


def _could_be(about: ev.Event, correction: ev.Correction) -> bool:
    """Whether an entry that stays in the record is left there, under its own name."""
    if correction.body is None:
        return not is_fixed(about)
    return not changed_beside(about, correction.body) and all(correction.body.get(name) == getattr(about, name, None) for name in KEPT)


def corrected(record: Sequence[Recorded]) -> tuple[Recorded, ...]:
    """The record for those who ask what is so: each entry as the corrections in this same record leave it."""
    return with_stacks(record, stacks(record))


def with_stacks(record: Sequence[Recorded], by_entry: Mapping[int, Sequence[Recorded]]) -> tuple[Recorded, ...]:
    """The record with these corrections, entry number -> its stack, and no others."""
    if not by_entry:
        return tuple(record)
    found = ((item, as_corrected(item, by_entry.get(item.seq, ()))) for item in record)
    return tuple(item if event is item.event else replace(item, event=event) for item, event in found if event is not None)


def as_corrected(item: Recorded, stack: Sequence[Recorded]) -> ev.Event | None:
    """An entry as its stack leaves it; None where it should never have been. Raises `LedgerBroken` where it cannot be read."""
    event: ev.Event | None = item.event
    case = getattr(item.event, "case", None)
    for correction in stack:
        said = correction.event
        if not isinstance(said, ev.Correction):
            raise TypeError(f"entry {correction.seq} is no correction")
        if said.body is None:
            event = None
            continue
        sealed = said.case.case if said.case else None
        event = ev.read(item.event.kind, said.body, {} if sealed is None else {(said.subject, "case"): sealed}, seq=correction.seq)
        if sealed is None and case is not None:
            event = event.model_copy(update={"case": case})
        if isinstance(item.event, ev.MeetingOpened):
            event = event.model_copy(update={"cases": item.event.cases, "shared": item.event.shared})
        case = getattr(event, "case", None)
    return event
