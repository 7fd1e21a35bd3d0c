"""Decide again from the record, and list every difference from what was recorded.

Each meeting's facts are worked out from the entries before it, each draw from its words, each proposal from facts, rules
and seed; then every recorded value is compared with the replayed one, and each confirmation with the proposal that it
names, and each entry with what those before it allow (`order.py`). A divergence is a value: nothing is repaired here.
What needs a case that the record says was erased is no divergence: it is told, and what is left of it is compared.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from panel import events as ev
from panel.canonical import alike
from panel.deciding.ahead import Then, in_the_way
from panel.deciding.casework import Casework, Evaluate, Hearing, Verdict, hear
from panel.deciding.chance import seed
from panel.deciding.decision import Case, Place, decide, proposal
from panel.deciding.opening import freeze, holds_now, settled
from panel.deciding.word import over_number, set_aside, standing_fast
from panel.errors import PlacementError
from panel.facts.candidates import MeetingFacts
from panel.order.entries import missteps
from panel.state.erasure import erasures, lost
from panel.state.fold import fold
from panel.state.lifecycle import course_of, keeps_place
from panel.state.records import Meeting, Recorded, State
from rules.book import Rulebook
from rules.errors import PanelError

Books = Callable[[State, ev.MeetingOpened], Rulebook]
"""The state before an opening, and the opening -> the rulebook in force."""

Each = Callable[[Sequence[int]], Iterable[tuple["Divergence", ...]]]
"""The numbers of meetings -> what differs in each of them, in the same order."""


@dataclass(frozen=True, slots=True)
class Divergence:
    """One difference: the entry, what differs in it, what was recorded and what the replay found."""

    seq: int
    what: str
    recorded: Any
    replayed: Any


@dataclass(frozen=True, slots=True)
class Unreplayed:
    """An entry that needed cases which were erased since: what of it was not worked out again, whose, and the entries that erased them."""

    seq: int
    what: str
    referrals: tuple[str, ...]
    erased_by: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Replay:
    """`decisions` counts every proposal replayed, confirmed or not; `erased` what cannot be, because a case that it needed was erased."""

    decisions: int
    divergences: tuple[Divergence, ...]
    erased: tuple[Unreplayed, ...] = ()

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

    def replay(
        self, meeting: int | None = None, *, on: dt.date | None = None, as_of: dt.date | None = None, each: Each | None = None
    ) -> Replay:
        """Replay every meeting; or the one numbered `meeting`, those held `on` a day, those up to the day `as_of`.

        Meetings are replayed one by one, or by `each`, which may do so in any order and elsewhere.
        """
        chosen = tuple(
            held
            for held in fold(self.record).meetings
            if meeting in (None, held.number) and on in (None, held.on) and (as_of is None or held.on <= as_of)
        )
        numbers = tuple(held.number for held in chosen)
        divergences = [*self._missteps(frozenset(numbers), alone=meeting is not None or on is not None, as_of=as_of)]
        for found in each(numbers) if each else map(self._differences_in, chosen):
            divergences.extend(found)
        gone = {held.number: lost(self.record, held) for held in chosen}
        return Replay(
            decisions=sum(len(held.proposals) for held in chosen if not gone[held.number]),
            divergences=tuple(sorted(divergences, key=lambda divergence: divergence.seq)),
            erased=tuple(one for held in chosen for one in self._unreplayed(held, gone[held.number])),
        )

    def sitting(self, number: int) -> tuple[Divergence, ...]:
        """What differs in one meeting, by its number."""
        return self._differences_in(next(held for held in fold(self.record).meetings if held.number == number))

    def _differences_in(self, held: Meeting) -> tuple[Divergence, ...]:
        found: list[Divergence] = []
        try:
            found.extend(self._meeting(held, lost(self.record, held)))
        except PanelError as error:
            found.append(Divergence(held.opened_seq, "cannot be replayed", f"meeting {held.number}", error.message))
        except LookupError as error:
            said = f"an entry of it speaks of {error}, which the entries before it do not have"
            found.append(Divergence(held.opened_seq, "cannot be replayed", f"meeting {held.number}", said))
        return tuple(found)

    def _missteps(self, numbers: frozenset[int], *, alone: bool, as_of: dt.date | None) -> Iterator[Divergence]:
        """What no step of this program would have recorded: in the entries of these meetings `alone`, else in all up to the day."""
        gone = erasures(self.record)
        for misstep in missteps(self.record):
            event = self.record[misstep.seq - 1].event
            if misstep.what == "case" and (misstep.seq, event.subject, "case") in gone:
                continue  # the reason was given, and erased since
            within = isinstance(event, ev.OfMeeting) and event.meeting in numbers
            by_then = as_of is None or event.day is None or event.day <= as_of
            if within or (by_then and not alone):
                yield Divergence(misstep.seq, misstep.what, misstep.recorded, misstep.wanted)

    def _unreplayed(self, held: Meeting, gone: Mapping[str, int]) -> Iterator[Unreplayed]:
        """The entries of a meeting that cannot be worked out again in whole without the cases that are gone."""
        if not gone:
            return
        whose = tuple(gone), tuple(sorted(set(gone.values())))
        yield Unreplayed(held.opened_seq, "facts", *whose)
        yield from (Unreplayed(seq, "placement", *whose) for seq, _ in held.proposals)
        for item in self.record[held.opened_seq :]:
            if isinstance(item.event, ev.DecisionTaken) and item.event.meeting == held.number and item.event.school is not None:
                yield Unreplayed(item.seq, "seat", *whose)

    def _meeting(self, held: Meeting, gone: Mapping[str, int]) -> Iterator[Divergence]:
        opened = held.opened
        if unknown := ev.unknown_meaning(opened.semantics):
            yield Divergence(held.opened_seq, "semantics", opened.semantics, f"cannot be replayed: {unknown}")
            return
        before = self.record[: held.opened_seq - 1]
        state = fold(before)
        rulebook = self.books(state, opened)
        evaluate, who = self.evaluation(rulebook), (opened.chair, opened.chair_of)
        number, on, meaning = opened.meeting, opened.on, opened.semantics
        again = freeze(before, rulebook, evaluate, meeting=number, on=on, chair=who[0], chair_of=who[1], meaning=meaning)
        again = _without(again, gone, state)
        yield from compare(held.opened_seq, opened, again)
        sitting = _Sitting(again, MeetingFacts.frozen(again, rulebook), rulebook, evaluate, frozenset(gone), self.record)
        for item in self.record[held.opened_seq :]:
            match item.event:
                case ev.MeetingDrawn(meeting=held.number) as drawn:
                    yield from sitting.draw(item.seq, drawn)
                case ev.PlacementsProposed(meeting=held.number) as proposed:
                    yield from self._proposal(sitting, item.seq, proposed)
                case ev.DecisionTaken(meeting=held.number) as decision:
                    yield from sitting.decide(item.seq, decision)
                    yield from self._held(sitting, item.seq, decision)
                case ev.SchoolRefused() | ev.FamilyRefused() | ev.PartnerRefused() | ev.BoardDeclined() as refused:
                    sitting.taken.pop(refused.referral, None)
                case ev.AgreementWithdrawn(referral=referral, school=str()):
                    sitting.taken.pop(referral, None)

    def _held(self, sitting: _Sitting, seq: int, decision: ev.DecisionTaken) -> Iterator[Divergence]:
        """Nobody is placed whose case was held as things stood then: as the meeting froze it, or by an agreement taken back since."""
        hearing = sitting.hearings.get(decision.referral)
        before = self.record[: seq - 1]
        if decision.school is None or hearing is None:
            return
        if hearing.held or any(isinstance(one.event, ev.Correction) or _taken_back(one.event, decision.referral) for one in before):
            holds = holds_now(before, decision.referral, sitting.rulebook, sitting.evaluate, sitting.opened)
            if holds:
                yield Divergence(seq, "outcome", decision.outcome, f"nothing: it is held by {', '.join(holds)}")

    def _proposal(self, sitting: _Sitting, seq: int, proposed: ev.PlacementsProposed) -> Iterator[Divergence]:
        sitting.newest = (seq, proposed)
        if sitting.seed is None:
            yield Divergence(seq, "seed", proposed.seed, "no draw before this proposal")
            return
        if sitting.gone:
            yield from self._what_is_left(sitting, seq, proposed)
            return
        state = fold(self.record[: seq - 1])
        held = next(other for other in state.meetings if other.number == proposed.meeting)
        standing = settled(state, replace(held, opened=sitting.opened))
        if strangers := {name: urn for name, urn in standing.fixed.items() if urn not in sitting.receiving(name)}:
            yield Divergence(seq, "fixed", strangers, "schools that could receive them when the meeting opened")
            return
        case = Case(sitting.facts, sitting.seed, standing.fixed, standing.absent)
        try:
            decision = decide(case, sitting.rulebook, evaluate=sitting.evaluate, place=self.place)
        except PlacementError as error:
            yield Divergence(seq, "placement", "a proposal", error.message)
            return
        sitting.casework = decision.casework
        yield from compare(seq, proposed, proposal(decision, sitting.opened, sitting.rulebook, openly=proposed.objectives is not None))

    def _what_is_left(self, sitting: _Sitting, seq: int, proposed: ev.PlacementsProposed) -> Iterator[Divergence]:
        """A proposal that cannot be made again: draw and rules are compared, and the findings on every child whose case is still held."""
        found = {hearing.pupil: hearing.as_data() for hearing in sitting.hearings.values()}
        again = {"seed": sitting.seed, "rulebook_digest": sitting.rulebook.digest, "cases": found}
        yield from compare(seq, proposed, proposed.model_copy(update=again))
        if proposed.shared is None and (seq, ev.PANEL, "case") not in erasures(self.record):
            yield Divergence(seq, "shared", "nothing", "a proof")


def _taken_back(event: ev.Event, referral: str) -> bool:
    return isinstance(event, ev.AgreementWithdrawn) and event.referral == referral


def _without(opened: ev.MeetingOpened, gone: Mapping[str, int], state: State) -> ev.MeetingOpened:
    """An opening without the cases that are gone."""
    pupils = {state.referrals[name].made.pupil for name in gone}
    return opened.model_copy(update={"cases": {pupil: case for pupil, case in opened.cases.items() if pupil not in pupils}})


@dataclass(slots=True)
class _Sitting:
    """One meeting while it is replayed: its opening as worked out again, the seed drawn, and the newest proposal.

    Of the referrals that are `gone` the case was erased.
    """

    opened: ev.MeetingOpened
    facts: MeetingFacts
    rulebook: Rulebook
    evaluate: Evaluate
    gone: frozenset[str] = frozenset()
    record: Sequence[Recorded] = ()
    seed: str | None = None
    newest: tuple[int, ev.PlacementsProposed] | None = None
    casework: Casework | None = None
    taken: dict[str, str] = field(default_factory=dict)

    @property
    def hearings(self) -> Mapping[str, Hearing]:
        if self.casework is None:
            self.casework = hear(self.facts, self.rulebook, self.evaluate)
        return self.casework.hearings

    def receiving(self, referral: str) -> Collection[str]:
        """The schools that were looked at for a referral."""
        return self.hearings[referral].verdicts if referral in self.hearings else ()

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
        if decision.school is None or decision.referral in self.gone:
            return
        hearing = self.hearings.get(decision.referral)
        if hearing is None:
            yield Divergence(seq, "referral", decision.referral, "no case of that referral, as the record now stands")
            return
        verdict = hearing.verdicts.get(decision.school)
        if verdict is None:
            yield Divergence(seq, "school", decision.school, "a school that could receive somebody when the meeting opened")
            return
        if decision.transport_pence != verdict.pence:
            yield Divergence(seq, "transport_pence", _or_nothing(decision.transport_pence), _or_nothing(verdict.pence))
        kind = str(self.facts.referrals[decision.referral]["referral.kind"])
        keeps = keeps_place(course_of(self.rulebook, kind))
        if decision.keeps_place != keeps and (decision.keeps_place or self.opened.semantics > 1):
            yield Divergence(seq, "keeps_place", _or_nothing(decision.keeps_place), _or_nothing(keeps))
        if not self.gone:  # else nobody can tell who took which seat
            yield from self._seat(seq, decision, hearing.year_group, verdict)

    def _seat(self, seq: int, decision: ev.DecisionTaken, year_group: int, verdict: Verdict) -> Iterator[Divergence]:
        """A seat is there, or the panel set aside what it may: exactly the rules that stand between this pupil and this school."""
        casework = self.casework
        if casework is None or decision.school is None:
            return
        full = casework.without_seat(decision.referral, decision.school, self.taken)
        self.taken[decision.referral] = decision.school
        over = over_number(self.facts, casework, self.taken, decision.school, year_group)
        if decision.over_number != over:
            yield Divergence(seq, "over_number", _or_nothing(decision.over_number), _or_nothing(over))
        first_day = self._then(seq, decision)
        if first_day.never:
            yield Divergence(seq, "starts", f"{decision.starts}", f"another: {first_day.never}")
        then = first_day.rules
        if decision.outcome == "confirmed":
            if full:
                yield Divergence(seq, "school", decision.school, f"a school with a seat left ({', '.join(full)})")
            if then:
                yield Divergence(seq, "starts", f"{decision.starts}", f"a first day on which it is not closed ({', '.join(then)})")
            return
        standing = tuple(dict.fromkeys((*set_aside(verdict, full), *then)))
        if fast := standing_fast(standing, self.rulebook):
            yield Divergence(seq, "school", decision.school, f"another school: {', '.join(fast)} may not be waived")
        proposed = self.newest[1].placements.get(decision.referral) if self.newest else None
        if proposed == decision.school and not then and decision.starts != decision.on:
            yield Divergence(seq, "outcome", "overridden", "confirmed: it is the school that was proposed")
        if decision.case is not None and decision.case.waived != standing:
            yield Divergence(seq, "case.waived", list(decision.case.waived), list(standing))

    def _then(self, seq: int, decision: ev.DecisionTaken) -> Then:
        """What is in the way on the first day, where it is in another span of a count or another year. Under meaning 1 nobody asked."""
        if decision.school is None or decision.starts is None or self.opened.semantics == 1:
            return Then()
        before, name, on = self.record[: seq - 1], decision.referral, decision.on
        return in_the_way(before, self.rulebook, self.evaluate, referral=name, school=decision.school, on=on, starts=decision.starts)


def _or_nothing(value: int | None) -> int | str:
    return "nothing" if value is None else value


def compare(seq: int, recorded: ev.Event, replayed: ev.Event) -> Iterator[Divergence]:
    """Every place in which two events differ, open and sealed parts alike."""
    one, other = (event.model_dump(mode="json", exclude_none=True) for event in (recorded, replayed))
    if not alike(one, other):  # nearly always they are the same, and that is quicker seen at once than value by value
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
