"""Decide again from the record, and list every difference from what was recorded.

Each meeting's facts are worked out from the entries before it, each draw from its words, each proposal from facts, rules
and seed; then every recorded value is compared with the replayed one, and each confirmation with the proposal that it
names. A divergence is a value: nothing is repaired here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from panel import events as ev
from panel.candidates import MeetingFacts
from panel.canonical import canonical
from panel.casework import Casework, Evaluate, hear
from panel.chance import seed
from panel.decision import Case, Place, decide, proposal
from panel.errors import PlacementError
from panel.opening import freeze, settled
from panel.state import Meeting, Recorded, State, fold
from rules.book import Rulebook
from rules.errors import PanelError

Books = Callable[[State, ev.MeetingOpened], Rulebook]
"""The state before an opening, and the opening -> the rulebook in force."""


@dataclass(frozen=True, slots=True)
class Divergence:
    """One difference: the entry, what differs in it, what was recorded and what the replay found."""

    seq: int
    what: str
    recorded: Any
    replayed: Any


@dataclass(frozen=True, slots=True)
class Replay:
    """`decisions` counts every proposal replayed, confirmed or not."""

    decisions: int
    divergences: tuple[Divergence, ...]

    @property
    def ok(self) -> bool:
        return not self.divergences


@dataclass(frozen=True, slots=True)
class Replayer:
    """A record, and how to read its rules and place by them."""

    record: Sequence[Recorded]
    books: Books
    evaluation: Callable[[Rulebook], Evaluate]
    place: Place

    def replay(self, meeting: int | None = None) -> Replay:
        """Replay every meeting of the record, or the one numbered `meeting`."""
        decisions = 0
        divergences: list[Divergence] = []
        for held in fold(self.record).meetings:
            if meeting is not None and held.number != meeting:
                continue
            decisions += len(held.proposals)
            try:
                divergences.extend(self._meeting(held))
            except PanelError as error:
                divergences.append(Divergence(held.opened_seq, "cannot be replayed", f"meeting {held.number}", error.message))
        return Replay(decisions, tuple(divergences))

    def _meeting(self, held: Meeting) -> Iterator[Divergence]:
        opened = held.opened
        if opened.semantics != ev.SEMANTICS:
            yield Divergence(held.opened_seq, "semantics", opened.semantics, f"this program knows {ev.SEMANTICS}")
            return
        before = self.record[: held.opened_seq - 1]
        rulebook = self.books(fold(before), opened)
        again = freeze(before, rulebook, self.evaluation(rulebook), meeting=opened.meeting, on=opened.on, chair=opened.chair)
        yield from compare(held.opened_seq, opened, again)
        sitting = _Sitting(again, MeetingFacts.frozen(again, rulebook), rulebook, self.evaluation(rulebook))
        for item in self.record[held.opened_seq :]:
            match item.event:
                case ev.MeetingDrawn(meeting=held.number) as drawn:
                    yield from sitting.draw(item.seq, drawn)
                case ev.PlacementsProposed(meeting=held.number) as proposed:
                    yield from self._proposal(sitting, item.seq, proposed)
                case ev.DecisionTaken(meeting=held.number) as decision:
                    yield from sitting.decide(item.seq, decision)

    def _proposal(self, sitting: _Sitting, seq: int, proposed: ev.PlacementsProposed) -> Iterator[Divergence]:
        sitting.newest = (seq, proposed)
        if sitting.seed is None:
            yield Divergence(seq, "seed", proposed.seed, "no draw before this proposal")
            return
        state = fold(self.record[: seq - 1])
        held = next(other for other in state.meetings if other.number == proposed.meeting)
        standing = settled(state, replace(held, opened=sitting.opened))
        case = Case(sitting.facts, sitting.seed, standing.fixed, standing.absent)
        try:
            decision = decide(case, sitting.rulebook, evaluate=sitting.evaluate, place=self.place)
        except PlacementError as error:
            yield Divergence(seq, "placement", "a proposal", error.message)
            return
        sitting.casework = decision.casework
        yield from compare(seq, proposed, proposal(decision, sitting.opened, sitting.rulebook))


@dataclass(slots=True)
class _Sitting:
    """One meeting while it is replayed: its opening as worked out again, the seed drawn, and the newest proposal."""

    opened: ev.MeetingOpened
    facts: MeetingFacts
    rulebook: Rulebook
    evaluate: Evaluate
    seed: str | None = None
    newest: tuple[int, ev.PlacementsProposed] | None = None
    casework: Casework | None = None

    def draw(self, seq: int, drawn: ev.MeetingDrawn) -> Iterator[Divergence]:
        """The seed that follows from the words. There is one draw for a meeting."""
        if self.seed is not None:
            yield Divergence(seq, "words", list(drawn.words), "a draw before this one")
            return
        self.seed = seed(self.opened.agenda_digest, drawn.words)
        if drawn.seed != self.seed:
            yield Divergence(seq, "seed", drawn.seed, self.seed)

    def decide(self, seq: int, decision: ev.DecisionTaken) -> Iterator[Divergence]:
        """A confirmation follows the newest proposal; what a placement costs is what the rules say of that pair."""
        if decision.referral not in self.opened.agenda:
            yield Divergence(seq, "referral", decision.referral, "not on the agenda")
            return
        newest, proposed = self.newest or (0, None)
        if decision.outcome == "confirmed":
            if decision.proposal != newest:
                yield Divergence(seq, "proposal", decision.proposal or "nothing", newest or "nothing")
            school = proposed.placements.get(decision.referral) if proposed else None
            if decision.school != school:
                yield Divergence(seq, "school", decision.school or "nothing", school or "nothing")
        if decision.school is None:
            return
        if self.casework is None:
            self.casework = hear(self.facts, self.rulebook, self.evaluate)
        verdict = self.casework.hearings[decision.referral].verdicts.get(decision.school)
        pence = verdict.pence if verdict else None
        if decision.transport_pence != pence:
            yield Divergence(seq, "transport_pence", _or_nothing(decision.transport_pence), _or_nothing(pence))


def _or_nothing(value: int | None) -> int | str:
    return "nothing" if value is None else value


def compare(seq: int, recorded: ev.Event, replayed: ev.Event) -> Iterator[Divergence]:
    """Every place in which two events differ, open and sealed parts alike."""
    one, other = (event.model_dump(mode="json", exclude_none=True) for event in (recorded, replayed))
    if canonical(one) != canonical(other):  # nearly always they are the same, and that is quicker seen at once than value by value
        yield from _differences(seq, "", one, other)


def _differences(seq: int, where: str, recorded: Any, replayed: Any) -> Iterator[Divergence]:
    if isinstance(recorded, dict) and isinstance(replayed, dict):
        for key in sorted(recorded.keys() | replayed.keys()):
            yield from _differences(seq, f"{where}.{key}" if where else key, recorded.get(key, "nothing"), replayed.get(key, "nothing"))
    elif isinstance(recorded, list) and isinstance(replayed, list) and len(recorded) == len(replayed):
        for number, pair in enumerate(zip(recorded, replayed, strict=True)):
            yield from _differences(seq, f"{where}[{number}]", *pair)
    elif recorded != replayed or type(recorded) is not type(replayed):
        yield Divergence(seq, where, recorded, replayed)
