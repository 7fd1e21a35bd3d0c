"""The panel's office: one open ledger, and the only place where the clock, salts and the writer's name come in.

Each step is one transaction: everything of it is recorded, or nothing. It decides nothing and prints nothing.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from panel import events as ev
from panel.errors import LedgerBroken, Refused
from panel.order.days_ahead import slips
from panel.quoting import Place, references
from panel.record.chain import Draft, Entry
from panel.record.flaws import Key
from panel.record.keyring import Keys
from panel.record.ledger import Ledger
from panel.state.adoption import adoptions, lines_below, recorded, shelf_of
from panel.state.erasure import restored
from panel.state.fold import fold
from panel.state.records import Recorded, State
from rules.book import Rulebook
from rules.evaluate import Evaluation
from rules.phrases import listed
from rules.rulebook import Shelf

Clock = Callable[[], str]
MOST_NAMED: Final = 10


def utc_now() -> str:
    """The present moment as the ledger writes it."""
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def fresh_salts() -> Iterator[bytes]:
    """32 random bytes for each sealed part."""
    while True:
        yield secrets.token_bytes(32)


def salted(events: Iterable[ev.Event], salts: Iterator[bytes]) -> tuple[Draft, ...]:
    """Events as they are written: each body with 32 random bytes of its own, in hex.

    Without them somebody who holds the digests on both sides of an entry, as those of two receipts, could try out what
    it says of another child until the digest between fits.
    """
    drafts = (event.draft() for event in events)
    return tuple(replace(draft, body={**draft.body, ev.SALT: next(salts).hex()}) for draft in drafts)


def read_entries(entries: tuple[Entry, ...]) -> tuple[Recorded, ...]:
    """Entries as the ledger holds them -> events, with what was kept of erased cases in its place.

    Raises `LedgerBroken` where one cannot be read.
    """
    return restored(
        tuple(Recorded(entry.seq, entry.recorded_at, ev.read(entry.kind, entry.open(), entry.parts, seq=entry.seq)) for entry in entries)
    )


class Office:
    """An open ledger and what may be asked of it. Close it, or use it in a `with` block."""

    def __init__(self, ledger: Ledger, *, actor: str, clock: Clock = utc_now, salts: Iterator[bytes] | None = None) -> None:
        self.ledger = ledger
        self._actor = actor
        self._clock = clock
        self._salts = salts if salts is not None else fresh_salts()
        self._record: tuple[Recorded, ...] | None = None
        self._head = ""
        self._state: State | None = None
        self._shelf: Shelf | None = None
        self._evaluations: dict[str, Evaluation] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.ledger.close()

    @property
    def record(self) -> tuple[Recorded, ...]:
        """Every entry, read."""
        if self._record is None:
            entries = self.ledger.entries()
            if not entries:
                raise LedgerBroken("This ledger has no entries: no panel was founded in it. Found one with `pastoral init`.")
            self._record = read_entries(entries)
            self._head = entries[-1].digest
        return self._record

    def blind(self) -> Office:
        """The office over what is open alone, to be read only: for what needs no case, where the key of the cases is not here."""
        seen = Office(self.ledger, actor=self._actor, clock=self._clock)
        seen._record = read_entries(self.ledger.chain())
        return seen

    @property
    def state(self) -> State:
        """What is so now."""
        if self._state is None:
            self._state = fold(self.record)
        return self._state

    def write(self, *events: ev.Event) -> tuple[Entry, ...]:
        """Record one step. Raises `LedgerConflict` where somebody wrote since this office read the record, and `Refused` where a day
        is so far ahead that it cannot be meant."""
        before, now = self.record, self._clock()
        self._not_too_far_ahead(events, dt.date.fromisoformat(now[:10]))
        drafts = salted(events, self._salts)
        entries = self.ledger.append(drafts, actor=self._actor, now=now, salts=self._salts, expected_head=self._head)
        self._record = (*before, *read_entries(entries))
        self._head = entries[-1].digest if entries else self._head
        self._state = self._shelf = None
        return entries

    def _not_too_far_ahead(self, events: Iterable[ev.Event], clock: dt.date) -> None:
        state = self.state
        latest = max((clock, *(meeting.on for meeting in state.meetings)))
        if wrong := slips(events, self.record, latest=latest, terms=state.terms, referrals=state.referrals.keys()):
            more = f" And {len(wrong) - MOST_NAMED} more." if len(wrong) > MOST_NAMED else ""
            raise Refused(f"{' '.join(wrong[:MOST_NAMED])}{more} Nothing was recorded.")

    def erase(self, parts: Collection[Key], event: ev.PersonErased) -> tuple[Entry, ...]:
        """Delete sealed parts and record it, both or neither. Raises `LedgerConflict` as `write` does."""
        if self._record is None:
            raise AssertionError("what is to be erased was read before")
        drafts = salted([event], self._salts)
        entries = self.ledger.erase(parts, drafts, actor=self._actor, now=self._clock(), salts=self._salts, expected_head=self._head)
        self._record = self._state = self._shelf = None
        return entries

    def shelf(self) -> Shelf:
        """The editions that the panel has adopted."""
        if self._shelf is None:
            self._shelf = shelf_of(self.state.editions)
        return self._shelf

    def adopt(self, book: str | Path) -> tuple[ev.RulebookAdopted, ...]:
        """Record a new edition, and the lines it extends where the ledger has none of them yet.

        Raises `Refused` where it is neither of the panel's line nor of one that this line stands on: no meeting would ever be held by it.
        """
        new, line = adoptions(book, self.state.editions), self.state.rulebook
        whole = Shelf((*self.shelf().editions, *new))
        name = new[-1].name
        if name != line and name not in (below := lines_below(line, whole)):
            stands = f" and what it stands on ({listed(sorted(below))})" if below else ", which stands on no other book"
            raise Refused(
                f"This panel decides by the line '{line}', as it was founded{stands}; '{name}' is another line, and no meeting would open"
                f" under it. Nothing was adopted. Write it as the next edition of '{line}': `rulebook: {line}`, with a day of its own in"
                f" `edition`. Such an edition may stand on another book with `extends`, which is then adopted with it."
            )
        events = tuple(recorded(edition) for edition in new)
        self.write(*events)
        return events

    def rulebook(self, on: dt.date) -> Rulebook:
        """The panel's rulebook in force on the day."""
        return self.shelf().in_force(self.state.rulebook, on)

    def book_then(self, state: State, opened: ev.MeetingOpened) -> Rulebook:
        """The panel's rulebook in force on a meeting's day, by the editions that were in the record before it opened."""
        return shelf_of(state.editions).in_force(state.rulebook, opened.on)

    def known_at(self, when: str) -> Office:
        """The office as it was at a moment, to be read only. Raises `Refused` where nothing was recorded by then."""
        known = tuple(item for item in self.record if item.recorded_at <= when)
        if not known:
            raise Refused(f"--known-at: nothing was recorded by {when}; the record begins at {self.record[0].recorded_at}.")
        then = Office(self.ledger, actor=self._actor, clock=lambda: when)
        then._record = known
        return then

    def today(self) -> dt.date:
        """The day of the latest meeting; before the first meeting, the clock's."""
        meetings = self.state.meetings
        return max(meeting.on for meeting in meetings) if meetings else dt.date.fromisoformat(self._clock()[:10])

    def clock_day(self) -> dt.date:
        """The clock's day."""
        return dt.date.fromisoformat(self._clock()[:10])

    def evaluation(self, rulebook: Rulebook) -> Evaluation:
        """Both evaluations of a rulebook, made once."""
        if rulebook.digest not in self._evaluations:
            self._evaluations[rulebook.digest] = Evaluation(rulebook)
        return self._evaluations[rulebook.digest]


def found(
    url: str,
    *,
    name: str | None,
    book: str | Path,
    actor: str,
    clock: Clock = utc_now,
    salts: Iterator[bytes] | None = None,
    keys: Keys | None = None,
) -> Office:
    """Found a panel's ledger at a place where there is none; the editions it decides by are recorded in the same step.

    `book` is the name of one that ships, or a file. Without a name the panel takes the book's title. `keys`: where those of
    the ledger are to be kept.
    """
    editions = adoptions(book)
    line = editions[-1]
    if not line.shape.objectives:
        raise Refused(f"'{line.name}' has no objectives: it is a layer that other books extend, and a panel cannot decide by it alone.")
    first = (ev.PanelFounded(name=name or line.title, rulebook=line.name), *(recorded(edition) for edition in editions))
    salts = salts if salts is not None else fresh_salts()
    ledger = Ledger.found(url, salted(first, salts), actor=actor, now=clock(), salts=salts, keys=keys)
    return Office(ledger, actor=actor, clock=clock, salts=salts)


def referral_of(state: State, name: str) -> ev.ReferralMade:
    """The referral of that name. Raises `Refused` with the nearest names where there is none."""
    if name in state.referrals:
        return state.referrals[name].made
    known = tuple(state.referrals)
    more = f" and {len(known) - MOST_NAMED} more" if len(known) > MOST_NAMED else ""
    there = f" In the record: {', '.join(known[:MOST_NAMED])}{more}." if known else " None is recorded yet."
    advice = " Put one to the panel with `pastoral load referrals FILE` or `pastoral refer`."
    raise Refused(f"There is no referral{references(known).named(name) or ' of that name'}.{_nearest(name, known) or there}{advice}")


def school_of(state: State, urn: str) -> ev.SchoolRecorded:
    """The school of that URN. Raises `Refused` with the nearest URNs where there is none."""
    if urn in state.schools:
        return state.schools[urn]
    known = Place(words=(*state.schools, *(school.name for school in state.schools.values())), urns=True)
    said = f"URN {urn}" if known.may_quote(urn) else "that URN"
    advice = " `pastoral position` lists the schools; another one comes in with `pastoral load schools FILE`."
    raise Refused(f"There is no school with {said} in this panel.{_nearest(urn, tuple(state.schools))}{advice}")


def in_words(reason: str) -> ev.Reason:
    """A reason as it is sealed. Raises `Refused` where there are no words."""
    if not reason.strip():
        raise Refused("--reason: found nothing; wanted the reason in words. It is sealed, and goes with the record.")
    return ev.Reason(reason=reason.strip())


def _nearest(word: str, words: tuple[str, ...]) -> str:
    import difflib

    close = difflib.get_close_matches(word, words, n=3, cutoff=0.6)
    return f" Nearest: {', '.join(close)}." if close else ""
