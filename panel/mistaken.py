"""Which meetings went by facts that were corrected since: what they froze beside what the corrected entries would have given.

Both sides are worked out from the entries before the opening, once as the corrections before it left them and once as
they are left now, so that nothing but a correction makes a difference. A decision is told of, never changed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from panel import events as ev
from panel.candidates import MeetingFacts
from panel.casework import Evaluate
from panel.corrections import as_corrected, stacks, with_stacks
from panel.decision import Case, Place, decide
from panel.erasure import cannot_be_replayed
from panel.fold import fold
from panel.hindsight import Outcome, recorded, under
from panel.opening import estimates, facts_on, frozen_names, settled
from panel.state import Meeting, Recorded, State
from rules.book import Rulebook
from rules.errors import PanelError

Books = Callable[[State, ev.MeetingOpened], Rulebook]
Stacks = Mapping[int, Sequence[Recorded]]
Where = tuple[str, ...]
"""What a fact is about: ("panel",), ("school", URN), ("year", URN, year group), ("referral", R) or ("pair", R, URN)."""


@dataclass(frozen=True, slots=True)
class Cause:
    """A correction since the opening: its entry, and the entry before the opening that it corrects."""

    entry: int
    corrects: int


@dataclass(frozen=True, slots=True)
class Differs:
    """One fact: what it is about, its name, what the meeting went by and what is known now (None: unknown), and by which corrections."""

    where: Where
    fact: str
    then: Any
    now: Any
    causes: tuple[Cause, ...]

    def as_data(self) -> dict[str, Any]:
        """One of the `facts` of `corrected_since`."""
        kind, *named = self.where
        names = {"panel": (), "pair": ("referral", "school"), "year": ("school", "year_group")}.get(kind, (kind,))
        about: dict[str, Any] = dict(zip(names, (int(one) if kind == "year" and n else one for n, one in enumerate(named)), strict=True))
        causes = [{"entry": cause.entry, "corrects": cause.corrects} for cause in self.causes]
        return {**about, "fact": self.fact, "then": _plain(self.then), "now": _plain(self.now), "by": causes}


@dataclass(frozen=True, slots=True)
class Mistake:
    """A meeting that went by facts that were corrected since."""

    meeting: Meeting
    differs: tuple[Differs, ...]

    @property
    def referrals(self) -> tuple[str, ...]:
        """Those whose own facts, or whose facts with some school, were corrected."""
        return tuple(sorted({one.where[1] for one in self.differs if one.where[0] in ("referral", "pair")}))

    @property
    def schools(self) -> tuple[str, ...]:
        """URNs of the schools whose facts, for everybody, were corrected."""
        return tuple(sorted({one.where[1] for one in self.differs if one.where[0] in ("school", "year")}))

    @property
    def causes(self) -> tuple[Cause, ...]:
        return tuple(sorted({cause for one in self.differs for cause in one.causes}, key=lambda cause: (cause.entry, cause.corrects)))

    def of(self, referral: str, year_group: int, urn: str | None) -> tuple[Differs, ...]:
        """What of it is about a referral, and about the school where it goes."""
        mine = (("school", urn), ("year", urn, str(year_group))) if urn else ()
        return tuple(
            one for one in self.differs if one.where in mine or (one.where[0] in ("referral", "pair") and one.where[1] == referral)
        )

    def as_data(self) -> dict[str, Any]:
        """One of the `corrected_since` of `position --json` and `audit replay --json`: whose facts, never what they say."""
        return {
            "meeting": self.meeting.number,
            "date": self.meeting.on.isoformat(),
            "referrals": list(self.referrals),
            "schools": list(self.schools),
            "by": [{"entry": cause.entry, "corrects": cause.corrects} for cause in self.causes],
        }


def mistakes(
    record: Sequence[Recorded], books: Books, evaluation: Callable[[Rulebook], Evaluate], *, as_of: dt.date | None = None
) -> Iterator[Mistake]:
    """Every meeting up to the day `as_of` that went by facts that were corrected since, in order."""
    now = stacks(record)
    latest = max((item.seq for item in record if isinstance(item.event, ev.Correction)), default=0)
    for meeting in fold(record).meetings if latest else ():
        if (
            latest > meeting.opened_seq
            and (as_of is None or meeting.on <= as_of)
            and (found := _mistake(record, now, meeting, books, evaluation))
        ):
            yield found


def _mistake(
    record: Sequence[Recorded], now: Stacks, meeting: Meeting, books: Books, evaluation: Callable[[Rulebook], Evaluate]
) -> Mistake | None:
    before = record[: meeting.opened_seq - 1]
    then = stacks(before)
    causes = {seq: cause for seq in sorted({*then, *now}) if (cause := _cause(record, seq, then, now, meeting)) is not None}
    if not causes:
        return None
    rulebook = books(fold(before), meeting.opened)
    evaluate = evaluation(rulebook)

    def known(entries: Collection[int]) -> dict[tuple[Where, str], Any]:
        return _rows(_facts(before, _changed(then, now, entries), meeting, rulebook, evaluate))

    try:
        frozen, rows = known(()), known(causes)
        alone = {seq: known((seq,)) for seq in causes}
        others = {seq: known(causes.keys() - {seq}) for seq in causes}
    except PanelError as error:
        return Mistake(meeting, (Differs(("panel",), "everything", "worked out", f"cannot be: {error.message}", tuple(causes.values())),))
    # A year group that only one side has was not looked at by the other: nothing was believed of it.
    both = {where for where, _ in frozen} & {where for where, _ in rows}
    differs = []
    for key in sorted(frozen.keys() | rows.keys()):
        if frozen.get(key) != rows.get(key) and (key[0][0] != "year" or key[0] in both):
            # By each that would make a difference alone, or without which there would be another.
            by = (seq for seq in causes if alone[seq].get(key) != frozen.get(key) or others[seq].get(key) != rows.get(key))
            differs.append(Differs(*key, frozen.get(key), rows.get(key), tuple(causes[seq] for seq in by) or tuple(causes.values())))
    return Mistake(meeting, tuple(differs)) if differs else None


def _cause(record: Sequence[Recorded], seq: int, then: Stacks, now: Stacks, meeting: Meeting) -> Cause | None:
    """The last correction of an entry before the opening, where it reads otherwise now than it did then."""
    if seq >= meeting.opened_seq or as_corrected(record[seq - 1], then.get(seq, ())) == as_corrected(record[seq - 1], now.get(seq, ())):
        return None
    about = {seq, *(item.seq for item in record if isinstance(item.event, ev.Correction) and item.event.corrects == seq)}
    return Cause(max(item.seq for item in record if isinstance(item.event, ev.Correction) and item.event.corrects in about), seq)


def _changed(then: Stacks, now: Stacks, entries: Collection[int]) -> Stacks:
    """The corrections before the opening, with those of these entries as they stand now."""
    return {seq: now.get(seq, ()) if seq in entries else then.get(seq, ()) for seq in {*then, *entries}}


def _facts(before: Sequence[Recorded], by_entry: Stacks, meeting: Meeting, rulebook: Rulebook, evaluate: Evaluate) -> MeetingFacts:
    """The facts that the opening would have frozen, had these corrections been known: also the estimates that it would have made."""
    written = [item for item in before if not isinstance(item.event, ev.Correction)]
    known = with_stacks(written, by_entry)
    guesses = (Recorded(meeting.opened_seq, "", guess) for guess in estimates(known, meeting.on))
    return facts_on((*known, *guesses), meeting.opened.agenda, rulebook, evaluate, meeting.on).only(frozen_names(rulebook))


def _rows(facts: MeetingFacts) -> dict[tuple[Where, str], Any]:
    """Every fact by what it is about and its name."""
    rows: dict[Where, Mapping[str, Any]] = {("panel",): facts.panel}
    rows.update({("school", urn): row for urn, row in facts.schools.items()})
    rows.update({("year", urn, str(year)): row for (urn, year), row in facts.years.items()})
    rows.update({("referral", name): row for name, row in facts.referrals.items()})
    rows.update({("pair", name, urn): row for name, there in facts.candidates.items() for urn, row in there.items()})
    found = {(where, fact): value for where, row in rows.items() for fact, value in row.items()}
    found.update({(("school", urn), f"turn of {whose}"): day for whose, turns in facts.turns.items() for urn, day in turns.items()})
    found.update({(("school", urn), "sum of PANs"): pan for urn, pan in facts.pans.items()})
    found.update({(("referral", name), "kept apart from"): others for name, others in facts.apart.items()})
    return found


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else list(value) if isinstance(value, tuple) else value


# --- would it have been otherwise? ---


@dataclass(frozen=True, slots=True)
class Again:
    """What a proposal said of a referral, and what it would have said; or why that cannot be told."""

    recorded: Outcome | None = None
    corrected: Outcome | None = None
    cannot_tell: str = ""

    @property
    def differs(self) -> bool | None:
        """Whether the pupil would have been placed elsewhere, held, or left without a place; None where nobody can tell."""
        if self.recorded is None or self.corrected is None:
            return None
        return (self.recorded.standing, self.recorded.school) != (self.corrected.standing, self.corrected.school)


def again(
    record: Sequence[Recorded],
    mistake: Mistake,
    referral: str,
    seq: int,
    books: Books,
    evaluation: Callable[[Rulebook], Evaluate],
    place: Place,
) -> Again:
    """The proposal at entry `seq` decided again on the corrected facts, with the same draw and what the panel had settled."""
    meeting = mistake.meeting
    opened, proposed = meeting.opened, dict(meeting.proposals)[seq]
    if opened.shared is None or len(opened.cases) < len(opened.agenda):
        return Again(cannot_tell=cannot_be_replayed(record, meeting) or "A case that it decided is no longer held.")
    before = record[: meeting.opened_seq - 1]
    rulebook = books(fold(before), opened)
    evaluate = evaluation(rulebook)
    state = fold(record[: seq - 1])
    standing = settled(state, next(other for other in state.meetings if other.number == meeting.number))
    if referral in standing.fixed or referral in standing.absent:
        return Again(cannot_tell="The panel had settled it before that proposal.")
    try:
        now = stacks(record)
        facts = _facts(before, {n: stack for n, stack in now.items() if n < meeting.opened_seq}, meeting, rulebook, evaluate)
        decision = decide(Case(facts, proposed.seed or None, standing.fixed, standing.absent), rulebook, evaluate=evaluate, place=place)
    except PanelError as error:
        return Again(cannot_tell=error.message)
    except LookupError:
        return Again(cannot_tell="By the corrected record a school of that meeting could receive nobody, or a referral was not there.")
    hearings = {heard["referral"]: heard for heard in proposed.cases.values()}
    return Again(recorded(proposed, referral, hearings.get(referral, {})), under(decision, referral))
