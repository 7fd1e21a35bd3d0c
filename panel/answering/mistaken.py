"""Which meetings went by facts that were corrected since: what they froze beside what the corrected entries would have given.

Both sides are worked out from the entries before the opening, once as the corrections before it left them and once as
they are left now, so that nothing but a correction makes a difference. A decision is told of, never changed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from panel import events as ev
from panel.answering.hindsight import Outcome, recorded, under
from panel.deciding.casework import Evaluate
from panel.deciding.decision import Case, Place, decide
from panel.deciding.opening import as_frozen, estimates, facts_on, settled
from panel.facts.candidates import MeetingFacts
from panel.state.corrections import as_corrected, stacks, with_stacks
from panel.state.erasure import cannot_be_replayed
from panel.state.fold import fold
from panel.state.records import Meeting, Recorded, State
from rules.book import Rulebook
from rules.errors import PanelError

Books = Callable[[State, ev.MeetingOpened], Rulebook]
Stacks = Mapping[int, Sequence[Recorded]]
Where = tuple[str, ...]
"""What a fact is about: ("panel",), ("school", URN), ("year", URN, year group), ("referral", R) or ("pair", R, URN)."""
Rows = dict[tuple[Where, str], Any]


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
    steps = {seq: found for seq in sorted({*then, *now}) if (found := _steps(record, seq, then, now, meeting))}
    if not steps:
        return None
    every = tuple(step.cause for found in steps.values() for step in found)
    rulebook = books(fold(before), meeting.opened)
    evaluate = evaluation(rulebook)

    def known(by_entry: Stacks) -> Rows:
        return _rows(_facts(before, by_entry, meeting, rulebook, evaluate))

    def path(seq: int, others: Collection[int]) -> list[Rows]:
        """One entry as it read then, and after each of its corrections since; the others are as they read then, but for these."""
        stood = {**_changed(then, now, others), seq: then.get(seq, ())}
        return [known({**stood, seq: stack}) for stack in (stood[seq], *(step.stack for step in steps[seq]))]

    try:
        frozen, rows = known(_changed(then, now, ())), known(_changed(then, now, steps))
        paths = {seq: (path(seq, ()), path(seq, steps.keys() - {seq})) for seq in steps}
    except PanelError as error:
        return Mistake(meeting, (Differs(("panel",), "everything", "worked out", f"cannot be: {error.message}", every),))
    # A year group that only one side has was not looked at by the other: nothing was believed of it.
    both = {where for where, _ in frozen} & {where for where, _ in rows}
    differs = []
    for key in sorted(frozen.keys() | rows.keys()):
        if frozen.get(key) != rows.get(key) and (key[0][0] != "year" or key[0] in both):
            by = tuple(step.cause for seq, found in steps.items() for n, step in enumerate(found) if _differs_at(key, n, paths[seq]))
            differs.append(Differs(*key, frozen.get(key), rows.get(key), by or every))
    return Mistake(meeting, tuple(differs)) if differs else None


@dataclass(frozen=True, slots=True)
class _Step:
    """One correction since the opening, and the corrections of its entry as it left them."""

    cause: Cause
    stack: tuple[Recorded, ...]


def _steps(record: Sequence[Recorded], seq: int, then: Stacks, now: Stacks, meeting: Meeting) -> tuple[_Step, ...]:
    """From how an entry before the opening read then to how it reads now, correction by correction: first those that were taken back
    since, the last one first, then those that came and stand. None where it reads now as it did then."""
    was, reads = tuple(then.get(seq, ())), tuple(now.get(seq, ()))
    if seq >= meeting.opened_seq or as_corrected(record[seq - 1], was) == as_corrected(record[seq - 1], reads):
        return ()
    same = next((n for n, (one, other) in enumerate(zip(was, reads, strict=False)) if one.seq != other.seq), min(len(was), len(reads)))
    back = {item.event.corrects: item.seq for item in record if isinstance(item.event, ev.Correction)}
    gone = (_Step(Cause(back[was[n].seq], seq), was[:n]) for n in reversed(range(same, len(was))))
    come = (_Step(Cause(reads[n].seq, seq), reads[: n + 1]) for n in range(same, len(reads)))
    return (*gone, *come)


def _differs_at(key: tuple[Where, str], n: int, paths: Iterable[Sequence[Rows]]) -> bool:
    """Whether a fact is another by one correction of an entry: with no other entry corrected since, or with all of them."""
    return any(path[n].get(key) != path[n + 1].get(key) for path in paths)


def _changed(then: Stacks, now: Stacks, entries: Collection[int]) -> Stacks:
    """The corrections before the opening, with those of these entries as they stand now."""
    return {seq: now.get(seq, ()) if seq in entries else then.get(seq, ()) for seq in {*then, *entries}}


def _facts(before: Sequence[Recorded], by_entry: Stacks, meeting: Meeting, rulebook: Rulebook, evaluate: Evaluate) -> MeetingFacts:
    """The facts that the opening would have frozen, had these corrections been known: also the estimates that it would have made."""
    written = [item for item in before if not isinstance(item.event, ev.Correction)]
    known = with_stacks(written, by_entry)
    guesses = (Recorded(meeting.opened_seq, "", guess) for guess in estimates(known, meeting.on))
    opened = meeting.opened
    facts = facts_on((*known, *guesses), opened.agenda, rulebook, evaluate, meeting.on, meaning=opened.semantics)
    return as_frozen(facts, rulebook)


def _rows(facts: MeetingFacts) -> Rows:
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
    found.update({(("referral", name), "placed together with"): others for name, others in facts.together.items()})
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
