"""Which past proposals would have been others under another rulebook, from the same record, facts and draws.

Each meeting is opened again from the entries before it, by the other rules; the draw stays what it was. A difference is
a value. It records nothing, and says nothing about which of the two answers is the better one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from panel import events as ev
from panel.deciding.casework import Evaluate
from panel.deciding.decision import Case, Decision, Place, decide
from panel.deciding.opening import freeze, settled
from panel.errors import Refused
from panel.facts.candidates import MeetingFacts
from panel.state.erasure import cannot_be_replayed
from panel.state.fold import fold
from panel.state.records import Meeting, Recorded
from rules.book import Rulebook
from rules.errors import PanelError

Standing = Literal["placed", "unplaced", "held"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a proposal says of one referral; `school` where it is placed, `because` the rules that hold it."""

    standing: Standing
    school: str = ""
    because: tuple[str, ...] = ()

    def as_data(self) -> dict[str, Any]:
        """As `rules diff --json` says it."""
        return {"standing": self.standing, "school": self.school or None, "because": list(self.because)}

    def __str__(self) -> str:
        if self.standing == "placed":
            return f"placed at {self.school}"
        return f"{self.standing} by {', '.join(self.because)}" if self.because else self.standing


@dataclass(frozen=True, slots=True)
class Otherwise:
    """One referral of one recorded proposal, and what the other rules answer."""

    seq: int
    meeting: int
    referral: str
    recorded: Outcome
    under_new: Outcome

    @property
    def differs(self) -> bool:
        """Whether the pupil would have been placed elsewhere, held, or left without a place; other reasons alone are no difference."""
        return (self.recorded.standing, self.recorded.school) != (self.under_new.standing, self.under_new.school)


@dataclass(frozen=True, slots=True)
class Untold:
    """A meeting that the other rules cannot be put to, and why."""

    meeting: int
    why: str


@dataclass(frozen=True, slots=True)
class Hindsight:
    """`proposals` counts every recorded proposal that was decided again, `answers` the referrals that they answered."""

    proposals: int
    answers: int
    otherwise: tuple[Otherwise, ...]
    untold: tuple[Untold, ...]


def hindsight(record: Sequence[Recorded], new: Rulebook, evaluation: Callable[[Rulebook], Evaluate], place: Place) -> Hindsight:
    """Decide every recorded proposal again under `new`. Raises nothing: what cannot be decided again is told."""
    evaluate = evaluation(new)
    proposals = answers = 0
    otherwise: list[Otherwise] = []
    untold: list[Untold] = []
    for meeting in fold(record).meetings:
        if not meeting.proposals:
            continue
        try:
            found = list(_again(record, meeting, new, evaluate, place))
        except PanelError as error:
            untold.append(Untold(meeting.number, error.message))
            continue
        proposals += len(meeting.proposals)
        answers += len(found)
        otherwise.extend(one for one in found if one.differs)
    return Hindsight(proposals, answers, tuple(otherwise), tuple(untold))


def _again(record: Sequence[Recorded], meeting: Meeting, new: Rulebook, evaluate: Evaluate, place: Place) -> Iterator[Otherwise]:
    """Every referral that a proposal of the meeting answered, beside the answer under the new rules. Raises `PanelError`."""
    opened = meeting.opened
    if opened.shared is None or len(opened.cases) < len(opened.agenda):
        raise Refused(cannot_be_replayed(record, meeting) or "A case that it decided is no longer held.")
    again = freeze(
        record[: meeting.opened_seq - 1], new, evaluate, meeting=opened.meeting, on=opened.on, chair=opened.chair, meaning=opened.semantics
    )
    facts = MeetingFacts.frozen(again, new)
    for seq, proposed in meeting.proposals:
        state = fold(record[: seq - 1])
        standing = settled(state, next(other for other in state.meetings if other.number == opened.meeting))
        decision = decide(Case(facts, proposed.seed or None, standing.fixed, standing.absent), new, evaluate=evaluate, place=place)
        hearings = {heard["referral"]: heard for heard in proposed.cases.values()}
        for name in sorted(set(opened.agenda) - standing.fixed.keys() - standing.absent):
            yield Otherwise(seq, opened.meeting, name, recorded(proposed, name, hearings.get(name, {})), under(decision, name))


def recorded(proposed: ev.PlacementsProposed, name: str, heard: Mapping[str, Any]) -> Outcome:
    """What a recorded proposal says of a referral; `heard` is what the rules then said of it."""
    if name in proposed.placements:
        return Outcome("placed", proposed.placements[name])
    if name in proposed.held:
        return Outcome("held", because=(*heard.get("holds", ()), *(doubt["rule"] for doubt in heard.get("cannot_tell", ()))))
    return Outcome("unplaced")


def under(decision: Decision, name: str) -> Outcome:
    """What another decision says of it."""
    if name in decision.placing:
        return Outcome("placed", decision.placing[name])
    hearing = decision.casework.hearings[name]
    return Outcome("held", because=(*hearing.holds, *(doubt.rule for doubt in hearing.doubts))) if hearing.held else Outcome("unplaced")
