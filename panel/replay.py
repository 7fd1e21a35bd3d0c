"""Decide again from the record, and list every difference from what was recorded.

Each meeting's facts are worked out from the entries before it, each draw from its words, each proposal from facts, rules
and seed; then every recorded value is compared with the replayed one. A divergence is a value: nothing is repaired here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from panel import events as ev
from panel.candidates import MeetingFacts
from panel.casework import Evaluate
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
        evaluate = self.evaluation(rulebook)
        again = freeze(before, rulebook, evaluate, meeting=opened.meeting, on=opened.on, chair=opened.chair)
        yield from compare(held.opened_seq, opened, again)
        if held.drawn is None:
            return
        drawn = seed(again.agenda_digest, held.drawn.words)
        if drawn != held.drawn.seed:
            yield Divergence(held.opened_seq, "seed", held.drawn.seed, drawn)
        facts = MeetingFacts.frozen(again, rulebook)
        for seq, proposed in held.proposals:
            state = fold(self.record[: seq - 1])
            standing = settled(state, next(other for other in state.meetings if other.number == opened.meeting))
            case = Case(facts, drawn, standing.fixed, standing.absent)
            try:
                decision = decide(case, rulebook, evaluate=evaluate, place=self.place)
            except PlacementError as error:
                yield Divergence(seq, "placement", "a proposal", error.message)
                continue
            yield from compare(seq, proposed, proposal(decision, again, rulebook))


def compare(seq: int, recorded: ev.Event, replayed: ev.Event) -> Iterator[Divergence]:
    """Every place in which two events differ, open and sealed parts alike."""
    yield from _differences(
        seq, "", recorded.model_dump(mode="json", exclude_none=True), replayed.model_dump(mode="json", exclude_none=True)
    )


def _differences(seq: int, where: str, recorded: Any, replayed: Any) -> Iterator[Divergence]:
    if isinstance(recorded, dict) and isinstance(replayed, dict):
        for key in sorted(recorded.keys() | replayed.keys()):
            yield from _differences(seq, f"{where}.{key}" if where else key, recorded.get(key, "nothing"), replayed.get(key, "nothing"))
    elif isinstance(recorded, list) and isinstance(replayed, list) and len(recorded) == len(replayed):
        for number, pair in enumerate(zip(recorded, replayed, strict=True)):
            yield from _differences(seq, f"{where}[{number}]", *pair)
    elif recorded != replayed or type(recorded) is not type(replayed):
        yield Divergence(seq, where, recorded, replayed)
