"""One pupil's record: all that the ledger holds about that child and no other, and its erasure.

A child goes by a reference; other children never show, not even by theirs. It weighs nothing and decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from panel import events as ev
from panel.errors import LedgerError, Refused
from panel.quoting import references
from panel.record.chain import Entry, Sealed
from panel.record.flaws import Key
from panel.record.keyring import IDENTITY
from panel.state.erasure import erasures, kept, taken
from panel.state.records import Recorded, State
from panel.steps.office import Office, in_words

NAMES_OTHERS: Final[Mapping[str, str]] = {
    "not_with": "not_with_others",
    "apart": "apart_from_others",
    "together_with": "together_with_others",
    "together": "together_with_others_here",
}
"""Fields of a sealed part that hold other pupils' references -> the field that says how many instead."""

TELLING: Final = ("upn", "family_name", "given_names", "born_on", "address", "postcode")
"""Sealed fields that no reason for an erasure may repeat."""


@dataclass(frozen=True, slots=True)
class Told:
    """What one entry says of the pupil: `open` for ever, `sealed` by class as long as it is held.

    `erased` classes are gone; `withheld` ones are held, under a key that is not here.
    """

    seq: int
    recorded_at: str
    kind: str
    open: Mapping[str, Any]
    sealed: Mapping[str, Mapping[str, Any]]
    erased: tuple[str, ...]
    withheld: tuple[str, ...] = ()

    def as_data(self) -> dict[str, Any]:
        """One of the `entries` of `person show --json`."""
        sealed = {name: dict(content) for name, content in self.sealed.items()}
        data = {"seq": self.seq, "recorded_at": self.recorded_at, "kind": self.kind, "open": dict(self.open), "sealed": sealed}
        return {**data, "erased": list(self.erased), **({"withheld": list(self.withheld)} if self.withheld else {})}


@dataclass(frozen=True, slots=True)
class Person:
    """A pupil's record. `others_apart`: how many other pupils' cases ask that this one be kept apart from theirs; `others_together`
    how many that it be placed with theirs.
    """

    pupil: str
    referrals: tuple[str, ...]
    entries: tuple[Told, ...]
    erased_by: tuple[int, ...]
    others_apart: int
    others_together: int = 0

    def as_data(self) -> dict[str, Any]:
        """`person show --json`."""
        return {
            "pupil": self.pupil,
            "referrals": list(self.referrals),
            "entries": [told.as_data() for told in self.entries],
            "erased_by": list(self.erased_by),
            "others_apart": self.others_apart,
            "others_together": self.others_together,
        }


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did: the entry that records it, or None where nothing was left and the files were only swept once more.

    `left` is what the database's keeper still has to do, in words; `unswept` why its files could not be cleaned.
    """

    pupil: str
    entry: int | None
    parts: tuple[Key, ...]
    kept: int
    left: str
    unswept: str

    def as_data(self) -> dict[str, Any]:
        """`person erase --json`."""
        parts = [{"seq": seq, "subject": subject, "class": sealed} for seq, subject, sealed in self.parts]
        data = {"pupil": self.pupil, "entry": self.entry, "parts": parts, "kept": self.kept, "swept": not self.unswept}
        return {**data, "left_to_do": self.unswept or self.left}


# --- whose record it is ---


def pupil_of(record: Sequence[Recorded], state: State, name: str) -> str:
    """The pupil whom a reference means: the pupil's own, or that of a referral. Raises `Refused` with the nearest where there is none."""
    pupils = {pupil for item in record if isinstance(pupil := getattr(item.event, "pupil", None), str)} | _named_by_others(state)
    referred = state.referrals[name].made.pupil if name in state.referrals else None
    if name in pupils and referred not in (None, name):
        own = ", ".join(of for of, held in state.referrals.items() if held.made.pupil == name) or "none"
        raise Refused(
            f"{name} is a pupil's reference, and also that of a referral of {referred}. Nothing was done; "
            f"name the pupil {referred}, or for the pupil {name} one of its referrals ({own})."
        )
    if name in pupils:
        return name
    if referred is not None:
        return referred
    known = (*sorted(pupils), *state.referrals)
    said = references(known).named(name) or " of that name"
    raise Refused(f"There is no pupil{said}, and no referral of that name.{_nearest(name, known)}")


def _named_by_others(state: State) -> set[str]:
    cases = [held.case for held in state.referrals.values()]
    return {other for case in cases for other in (*(case.not_with or ()), *(case.together_with or ()))}


def _nearest(word: str, words: Sequence[str]) -> str:
    import difflib

    close = dict.fromkeys(difflib.get_close_matches(word, words, n=3, cutoff=0.6))
    return f" Nearest: {', '.join(close)}." if close else ""


# --- what is held ---


def show(office: Office, name: str) -> Person:
    """All that the ledger holds about one child. Raises `Refused` where there is no such pupil."""
    state = office.state
    pupil = pupil_of(office.record, state, name)
    referrals = tuple(of for of, held in state.referrals.items() if held.made.pupil == pupil)
    gone = erasures(office.record)
    # As it stands in the ledger, without what was put back for the counts.
    away = {part for parts in office.ledger.withheld().values() for part in parts}
    found = (_told(entry, pupil, referrals, gone, away) for entry in office.ledger.entries())
    others = [held.case for held in state.referrals.values() if held.made.pupil != pupil]
    apart = sum(pupil in (case.not_with or ()) for case in others)
    together = sum(pupil in (case.together_with or ()) for case in others)
    by = sorted({item.seq for item in office.record if isinstance(item.event, ev.PersonErased) and item.event.pupil == pupil})
    return Person(pupil, referrals, tuple(told for told in found if told is not None), tuple(by), apart, together)


def _told(entry: Entry, pupil: str, referrals: Sequence[str], gone: Mapping[Key, int], away: Collection[Key]) -> Told | None:
    event = ev.read(entry.kind, entry.open(), entry.parts, seq=entry.seq)
    sealed = {kind: _alone(content) for (subject, kind), content in sorted(entry.parts.items()) if subject == pupil}
    if isinstance(event, ev.PersonErased) and event.pupil == pupil and event.case is not None:
        kept_here = {seq: _alone(one.model_dump(mode="json", exclude_none=True)) for seq, one in event.case.kept.items()}
        sealed["case"] = {"reason": event.case.reason, **({"kept": kept_here} if kept_here else {})}
    opened = _open(event, pupil, referrals)
    erased = tuple(kind for seq, subject, kind in sorted(gone) if (seq, subject) == (entry.seq, pupil))
    withheld = tuple(kind for seq, subject, kind in sorted(away) if (seq, subject) == (entry.seq, pupil))
    if opened is None and not sealed and not erased and not withheld:
        return None
    return Told(entry.seq, entry.recorded_at, entry.kind, opened or {}, sealed, erased, withheld)


def _alone(content: Mapping[str, Any]) -> dict[str, Any]:
    """A sealed part, and the case within it that a correction says, without the references of other pupils."""
    kept_out = {NAMES_OTHERS[key]: len(value) for key, value in content.items() if key in NAMES_OTHERS}
    own = {key: value for key, value in content.items() if key not in NAMES_OTHERS}
    return {key: _alone(value) if key == "case" and isinstance(value, dict) else value for key, value in own.items()} | kept_out


def _open(event: ev.Event, pupil: str, referrals: Sequence[str]) -> dict[str, Any] | None:
    """What the open part of an event says of the pupil; None where it says nothing."""
    match event:
        case ev.MeetingOpened(agenda=agenda):
            mine = [name for name in agenda if name in referrals]
            return {"meeting": event.meeting, "on": event.on.isoformat(), "agenda": mine} if mine else None
        case ev.PlacementsProposed():
            told = {
                **{name: {of: urn for of, urn in getattr(event, name).items() if of in referrals} for name in ("placements", "fixed")},
                **{name: [of for of in getattr(event, name) if of in referrals] for name in ("unplaced", "held")},
            }
            mine_only = {name: value for name, value in told.items() if value}
            return {"meeting": event.meeting, "on": event.on.isoformat(), **mine_only} if mine_only else None
        case ev.PersonErased():
            return {"pupil": pupil, "parts": len(event.parts)} if event.pupil == pupil else None
        case _:
            if getattr(event, "pupil", None) != pupil and getattr(event, "referral", None) not in referrals:
                return None
            return event.model_dump(mode="json", exclude=set(event.sealed_fields), exclude_none=True)


# --- erasure ---


def erase(office: Office, name: str, *, reason: str, sure: bool) -> Erased:
    """Delete all sealed parts of a pupil and record that, both or neither; then leave nothing of them in the database's files.

    Raises `Refused` where the case is still open, where there is nothing to erase, where the reason says who it is, or where
    nobody is `sure`.
    """
    record, state = office.record, office.state
    pupil = pupil_of(record, state, name)
    _no_longer_needed(state, pupil)
    parts = taken(record, office.ledger.held(), pupil)
    before = [item.seq for item in record if isinstance(item.event, ev.PersonErased) and item.event.pupil == pupil]
    if not any(subject == pupil for _, subject, _ in parts):
        if not before:
            raise Refused(f"Nothing sealed is held about {pupil}, so there is nothing to erase. See `pastoral person show {pupil}`.")
        return _swept(office, Erased(pupil, None, (), 0, "", ""))
    why = in_words(reason).reason
    office.ledger.must_open(IDENTITY)  # or nobody could tell whether the reason says who it is
    _says_nothing(why, (row for row in office.ledger.sealed() if row.subject == pupil))
    if not sure:
        raise Refused(_what_it_means(pupil, parts))
    stays = kept(record, pupil, parts)
    listed = tuple(ev.ErasedPart.model_validate({"seq": seq, "subject": subject, "sealed": of}) for seq, subject, of in parts)
    (entry,) = office.erase(parts, ev.PersonErased(pupil=pupil, parts=listed, case=ev.ErasureCase(reason=why, kept=stays)))
    return _swept(office, Erased(pupil, entry.seq, parts, len(stays), "", ""))


def _swept(office: Office, done: Erased) -> Erased:
    """What was done, and how it went to clean the files: a failure there undoes nothing."""
    try:
        left, unswept = office.ledger.sweep(), ""
    except LedgerError:
        left, unswept = "", "Somebody else is using the ledger, so its file could not be cleaned yet: give the same command once more."
    return Erased(done.pupil, done.entry, done.parts, done.kept, left, unswept)


def _no_longer_needed(state: State, pupil: str) -> None:
    """Refuse to erase a case that somebody has still to decide, or that an open meeting weighs against others."""
    own = [name for name, held in state.referrals.items() if held.made.pupil == pupil]
    meeting = state.open_meeting
    here = [name for name in own if meeting is not None and name in meeting.opened.agenda]
    if meeting is not None and here:
        raise Refused(
            f"{', '.join(here)} is on the agenda of meeting {meeting.number} of {meeting.on}, which is open: without it nobody else's "
            f"place could be worked out. Decide or withdraw it, close the meeting with `pastoral meeting close`, and erase then."
        )
    waiting = [name for name in own if state.referrals[name].status == "waiting"]
    if waiting:
        raise Refused(
            f"{', '.join(waiting)} is still waiting to be decided. Withdraw it with `pastoral withdraw`, "
            f"or let a meeting decide it, and erase then."
        )


def _says_nothing(reason: str, own: Iterable[Sealed]) -> None:
    """Refuse a reason that repeats what is to be erased: it would outlive it."""
    for row in own:
        part = row.open()
        held = {**part, **part["case"]} if isinstance(part.get("case"), dict) else part
        for field in TELLING:
            if any(re.search(rf"\b{re.escape(word)}\b", reason, re.IGNORECASE) for word in _words(held.get(field), field)):
                raise Refused(f"--reason: it repeats the pupil's {field.replace('_', ' ')}, which is to go. Say it without.")


def _words(value: object, field: str) -> Iterator[str]:
    """What of a sealed field tells who it is: the whole of it, each of several names, and a date the other way round."""
    if not isinstance(value, str) or not value:
        return
    yield value
    if field in ("family_name", "given_names"):
        yield from value.split()
    if field == "born_on":
        year, month, day = value.split("-")
        yield from (f"{day}/{month}/{year}", f"{day}-{month}-{year}")


def _what_it_means(pupil: str, parts: Sequence[Key]) -> str:
    own = sum(subject == pupil for _, subject, _ in parts)
    proofs = len(parts) - own
    also = f", and {proofs} proof(s) of proposals that weighed this case: these cannot be replayed again" if proofs else ""
    return f"This would erase {own} sealed part(s) about {pupil}{also}. It cannot be undone. Nothing was erased; to erase them: --yes."
