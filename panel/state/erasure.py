"""What an erasure takes of a pupil, what it leaves for those who still need it, and how the record is read afterwards.

    taken    every sealed part about the pupil, and the proofs of the meetings that had the pupil on their agenda: the
             prices in a proof follow from each child's case, and without one of these the proof shows nothing any more
    kept     of a case that was counted, what a count or a tariff of the panel's books, or a school's year group, reads of it: of one
             that was never placed, what a count of the referrals that schools made reads;
             and the references of pupils to be kept apart from this one, for it is their case too

It reads the record and writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from panel import events as ev
from panel.record.flaws import Key
from panel.state.adoption import shelf_of
from panel.state.fold import fold
from panel.state.records import Meeting, Recorded, State
from rules.book import Rulebook
from rules.errors import RulebookError
from rules.reach import read_of_admissions, read_of_referrals, weighs_points

COUNTED: Final = tuple(ev.CountedCase.model_fields)
"""What is sealed of an admission and may be counted."""

CANNOT: Final = "erased, cannot be replayed"


def erasures(record: Iterable[Recorded]) -> dict[Key, int]:
    """Each sealed part that the record says was erased -> the entry that says so."""
    return {
        (part.seq, part.subject, part.sealed): item.seq
        for item in record
        if isinstance(item.event, ev.PersonErased)
        for part in item.event.parts
        if part.seq < item.seq
    }


def lost(record: Sequence[Recorded], meeting: Meeting) -> dict[str, int]:
    """Referrals of a meeting's agenda whose frozen case was erased -> the entry that says so."""
    gone = erasures(record)
    if not gone:
        return {}
    pupils = {item.event.referral: item.event.pupil for item in record if isinstance(item.event, ev.ReferralMade)}
    found = {name: gone.get((meeting.opened_seq, pupils.get(name, ""), "case")) for name in meeting.opened.agenda}
    return {name: by for name, by in found.items() if by is not None and pupils[name] not in meeting.opened.cases}


def cannot_be_replayed(record: Sequence[Recorded], meeting: Meeting) -> str | None:
    """The sentence that says so of a meeting, where cases were erased and the record says it; otherwise nothing."""
    gone = lost(record, meeting)
    if not gone:
        return None
    names, entries = ", ".join(gone), ", ".join(str(by) for by in sorted(set(gone.values())))
    where = f"meeting {meeting.number} of {meeting.on}"
    return f"{CANNOT.capitalize()}: the case of {names}, which {where} decided, was erased (entry {entries})."


# --- what is taken ---


def proofs_of(record: Sequence[Recorded], referrals: Iterable[str]) -> tuple[int, ...]:
    """The proposals to every meeting that had one of these referrals on its agenda, by entry."""
    named = set(referrals)
    meetings = [meeting for meeting in fold(record).meetings if named & set(meeting.opened.agenda)]
    return tuple(seq for meeting in meetings for seq, _ in meeting.proposals)


def taken(record: Sequence[Recorded], held: Iterable[Key], pupil: str) -> tuple[Key, ...]:
    """Of the sealed parts that are still held, those that an erasure of the pupil deletes, in order."""
    state = fold(record)
    proofs = set(proofs_of(record, [name for name, referral in state.referrals.items() if referral.made.pupil == pupil]))
    return tuple(sorted(key for key in held if key[1] == pupil or (key[1] == ev.PANEL and key[0] in proofs)))


# --- what is kept ---


def kept(record: Sequence[Recorded], pupil: str, parts: Iterable[Key]) -> dict[str, ev.Kept]:
    """Entry number -> what stays of the cases that are about to be erased; entries of which nothing stays are absent."""
    gone = {seq for seq, subject, sealed in parts if (subject, sealed) == (pupil, "case")}
    events = {item.seq: item.event for item in record}
    placed = {item.event.referral for item in record if isinstance(item.event, ev.DecisionTaken) and item.event.school is not None}
    books = tuple(_books(fold(record)))
    needed, brought, weighed = _needed(books, record), _read(books, read_of_referrals), any(map(weighs_points, books))
    found: dict[str, ev.Kept] = {}
    for item in record:
        if item.seq not in gone:
            continue
        said = _said(item.event, events)
        match said:
            case ev.ReferralMade(referral=referral, case=ev.ReferralCase() as case):
                # Declined, withdrawn or never heard: it was one of its school's cases, and has a number among them.
                counted = needed if referral in placed else brought
                since = case.out_of_education_since if "days_out_of_education" in counted else None
                told = {name: getattr(case, name, None) for name in counted}
                points = case.points if weighed and referral in placed else None
                one = ev.Kept(**told, out_of_education_since=since, not_with=case.not_with or None, points=points)
            case ev.AdmittedOutside(case=ev.AdmissionCase() as case):
                one = ev.Kept(**{name: getattr(case, name) for name in needed})
            case ev.PlacedBefore(case=ev.PlacedBeforeCase() as case):
                one = ev.Kept(**{name: getattr(case, name) for name in needed})
            case _:
                continue
        # A correction that keeps nothing still says so: what it corrected said something else.
        if one != ev.Kept() or said is not item.event:
            found[str(item.seq)] = one
    return found


def _said(event: ev.Event, events: Mapping[int, ev.Event]) -> ev.Event:
    """What an entry says of a case: of a correction, what it says that the corrected entry should have said."""
    if not isinstance(event, ev.Correction) or event.case is None or event.case.case is None:
        return event
    match events.get(event.corrects):
        case ev.ReferralMade() as made:
            return made.model_copy(update={"case": ev.ReferralCase.model_validate(event.case.case)})
        case ev.AdmittedOutside() as admitted:
            return admitted.model_copy(update={"case": ev.AdmissionCase.model_validate(event.case.case)})
        case ev.PlacedBefore() as placed:
            return placed.model_copy(update={"case": ev.PlacedBeforeCase.model_validate(event.case.case)})
        case _:
            return event


def _needed(books: Iterable[Rulebook], record: Iterable[Recorded]) -> frozenset[str]:
    """What of an admission's case any count of the panel's editions, their tariffs, or any year group of a school reads."""
    years = [year for item in record if isinstance(item.event, ev.PlacesRecorded) for year in item.event.years]
    by_schools = {name for name in ("ehcp", "looked_after") if any(getattr(year, name) is not None for year in years)}
    return _read(books, read_of_admissions) | by_schools


def _read(books: Iterable[Rulebook], read: Callable[[Rulebook], frozenset[str]]) -> frozenset[str]:
    """What of a case these books read, by the facts of it that each does."""
    facts = frozenset[str]().union(*map(read, books))
    return frozenset(name for name in COUNTED if f"admission.{name}" in facts)


def _books(state: State) -> Iterator[Rulebook]:
    """The panel's rulebook as every adopted edition makes it."""
    shelf = shelf_of(state.editions)
    for on in sorted({edition.edition for edition in state.editions}):
        try:
            yield shelf.in_force(state.rulebook, on)
        except RulebookError:  # an edition of a line below, from before the panel's own first one
            continue


# --- how the record is read afterwards ---


def restored(record: tuple[Recorded, ...]) -> tuple[Recorded, ...]:
    """The record with what was kept of erased cases in their place: counts stand, and pupils who are to be kept apart stay so."""
    left = {
        int(seq): one
        for item in record
        if isinstance(item.event, ev.PersonErased) and item.event.case is not None
        for seq, one in item.event.case.kept.items()
    }
    return tuple(_with(item, left) for item in record) if left else record


def _with(item: Recorded, left: Mapping[int, ev.Kept]) -> Recorded:
    if item.seq not in left:
        return item
    known = left[item.seq].model_dump(exclude_none=True)
    match item.event:
        case ev.Correction(case=None):
            return replace(item, event=item.event.model_copy(update={"case": ev.CorrectionCase(case=known)}))
        case ev.ReferralMade(case=None):
            case: ev.ReferralCase | ev.AdmissionCase | ev.PlacedBeforeCase = ev.ReferralCase.model_validate(known)
        case ev.AdmittedOutside(case=None):
            case = ev.AdmissionCase.model_validate(known)
        case ev.PlacedBefore(case=None):
            case = ev.PlacedBeforeCase.model_validate(known)
        case _:
            return item
    return replace(item, event=item.event.model_copy(update={"case": case}))
