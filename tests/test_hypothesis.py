"""What if: a supposition answers as the meeting itself would have, had it been so; and what only helps does not harm.

Each is held against another way to the same answer: the record without the vote, the case with the pupil absent, the rival that
is forced, the placing by the objectives themselves.
"""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panel import events as ev
from panel.answering.hypothesis import Hypothesis, casework_if, closing, suppose
from panel.deciding.casework import Seats
from panel.deciding.decision import Case, Decision, decide
from panel.deciding.opening import agenda, facts_on
from panel.errors import Refused
from panel.facts.candidates import MeetingFacts
from panel.placing.objectives import values
from panel.placing.placement import place
from panel.placing.rivals import Rivals
from panel.state.records import Recorded
from rules.book import Rulebook
from tests.random_books import random_book
from tests.random_panels import ON, random_events
from tests.test_laws import SEED, Events, rulebook_of

PANELS = st.integers(0, 10**9)
ONCE = settings(max_examples=50)


class Sitting:
    """One random meeting and its answer."""

    def __init__(self, number: int) -> None:
        self.rng = random.Random(number)
        book = random_book(self.rng)
        self.events: Events = random_events(self.rng)
        self.rulebook, self.evaluation = rulebook_of(book)
        self.decision = self.decided(self.facts(self.events))

    def facts(self, events: Events) -> MeetingFacts:
        record = [Recorded(seq, "", event) for seq, event in enumerate(events, start=1)]
        return facts_on(record, agenda(record, ON), self.rulebook, self.evaluation, ON)

    def decided(self, facts: MeetingFacts, absent: frozenset[str] = frozenset()) -> Decision:
        return decide(Case(facts, SEED, {}, absent), self.rulebook, evaluate=self.evaluation, place=place)

    def rooms(self) -> dict[Seats, int]:
        """The places of settings and year groups; that two pupils are kept apart is no number of places."""
        return {seats: places for seats, places in self.decision.casework.rooms.items() if not seats.among}

    def supposed(self, hypothesis: Hypothesis, rulebook: Rulebook | None = None) -> Decision:
        return suppose(self.decision, hypothesis, rulebook or self.rulebook, evaluate=self.evaluation, place=place)


def worth(decision: Decision) -> tuple[object, ...]:
    return values(decision.problem, decision.placing)


# --- the same as if it had been so ---


@given(number=PANELS)
@ONCE
def test_a_vote_that_is_lifted_was_never_taken(number: int) -> None:
    sitting = Sitting(number)
    votes = [event for event in sitting.events if isinstance(event, ev.ExemptionVoted) and event.first <= ON <= event.last]
    there = {(urn, None) for urn in sitting.decision.case.facts.schools} & {(vote.urn, None) for vote in votes}
    lifted = Hypothesis(lifted=frozenset((vote.urn, None) for vote in votes if (vote.urn, None) in there))
    years = {hearing.year_group for hearing in sitting.decision.casework.hearings.values()}
    spoken = [vote for vote in votes if (vote.urn, None) in there and (vote.year_group is None or vote.year_group in years)]
    if not spoken or len(spoken) < len(votes) or not years:
        return
    never = sitting.decided(sitting.facts([event for event in sitting.events if event not in votes]))
    supposed = sitting.supposed(lifted)
    assert (supposed.casework, supposed.placement) == (never.casework, never.placement)


@given(number=PANELS)
@ONCE
def test_a_pupil_who_is_withdrawn_is_absent(number: int) -> None:
    sitting = Sitting(number)
    for name in list(sitting.decision.casework.hearings)[:2]:
        supposed = sitting.supposed(Hypothesis(withdrawn=frozenset({name})))
        assert supposed.placement == sitting.decided(sitting.decision.case.facts, frozenset({name})).placement
        assert name not in supposed.placing


@given(number=PANELS)
@ONCE
def test_a_pupil_who_is_forced_costs_what_the_rival_says(number: int) -> None:
    sitting = Sitting(number)
    decision = sitting.decision
    rivals = Rivals(decision.problem, decision.placement)
    for name in decision.problem.referrals[:3]:
        for rival in rivals.of(name)[:3]:
            supposed = sitting.supposed(Hypothesis(forced={name: rival.setting}))
            assert supposed.placing[name] == rival.setting
            first = next((n for n, (a, b) in enumerate(zip(worth(decision), worth(supposed), strict=True)) if a != b), None)
            assert (None if first is None else decision.problem.objectives[first].name) == rival.objective
            if first is not None:
                assert (worth(decision)[first], worth(supposed)[first]) == (rival.before, rival.after)
            moved = {name for name in decision.problem.referrals if decision.placing.get(name) != supposed.placing.get(name)}
            assert moved - {name} >= {move.referral for move in rival.moves} or not supposed.certificate.unique


@given(number=PANELS)
@ONCE
def test_a_school_that_is_left_out_takes_nobody_and_one_that_takes_nobody_may_be_left_out(number: int) -> None:
    sitting = Sitting(number)
    for urn in sorted(sitting.decision.case.facts.schools)[-2:]:
        supposed = sitting.supposed(Hypothesis(without=frozenset({urn})))
        assert urn not in supposed.placing.values()
        assert {name for name, h in supposed.casework.hearings.items() if urn in h.open_settings()} == set()
        if urn not in sitting.decision.placing.values() and supposed.problem.referrals == sitting.decision.problem.referrals:
            assert supposed.placing == sitting.decision.placing


@given(number=PANELS, more=st.integers(1, 2))
@ONCE
def test_one_place_fewer_after_one_place_more_is_as_before(number: int, more: int) -> None:
    sitting = Sitting(number)
    for seats, places in list(sitting.rooms().items())[:3]:
        key = (seats.urn, seats.year_group)
        once = sitting.supposed(Hypothesis(room={key: more}))
        assert once.casework.rooms[seats] == max(0, places) + more
        back = suppose(once, Hypothesis(room={key: -more}), sitting.rulebook, evaluate=sitting.evaluation, place=place)
        assert back.casework.rooms[seats] == max(0, places)
        assert back.placing == sitting.decision.placing or once.problem.referrals != sitting.decision.problem.referrals


def test_places_more_come_on_top_of_those_that_the_panel_gave_away() -> None:
    """One who was sent to a full year group leaves it as full as before: a place more there is a place for somebody else."""
    checked = 0
    for number in range(40):
        sitting = Sitting(number)
        casework = sitting.decision.casework
        fast = replace(sitting.rulebook, limits=tuple(replace(limit, waivable=False) for limit in sitting.rulebook.limits))
        for seats, places in sitting.rooms().items():
            there = [name for name, hearing in casework.hearings.items() if seats.speak_of(hearing)][:2]
            fixed, more = dict.fromkeys(there, seats.urn), Hypothesis(room={(seats.urn, seats.year_group): 1})
            assert casework_if(casework, more, fixed, sitting.rulebook).rooms[seats] == max(0, places, len(there)) + 1
            assert casework_if(casework, replace(more, forced=fixed), fixed, sitting.rulebook).rooms[seats] == max(0, places) + 1
            assert casework_if(casework, more, fixed, fast).rooms[seats] == places
            checked += places < len(there)
    assert checked >= 10


def test_what_a_pair_cannot_tell_holds_the_pupil_only_while_the_pair_is_open() -> None:
    freed = held = 0
    for number in range(100):
        sitting = Sitting(number)
        of_pairs = {rule.id for rule in closing(sitting.rulebook)}
        for name, hearing in sitting.decision.casework.hearings.items():
            doubtful = {urn for urn, verdict in hearing.verdicts.items() if verdict.doubts and not (verdict.bars or verdict.full)}
            if hearing.doubts and not hearing.holds and all(doubt.rule in of_pairs for doubt in hearing.doubts):
                left_out = sitting.supposed(Hypothesis(without=frozenset(doubtful)))
                assert not left_out.casework.hearings[name].held
                freed += 1
            for urn, verdict in hearing.verdicts.items():
                if not hearing.held and verdict.doubts and len(verdict.bars) == 1 and not verdict.full:
                    waived = sitting.supposed(Hypothesis(waived=frozenset({(name, urn, verdict.bars[0])})))
                    assert waived.casework.hearings[name].doubts == verdict.doubts
                    held += 1
    assert min(freed, held) >= 3


# --- what can only help ---


@given(number=PANELS)
@ONCE
def test_places_more_and_bars_waived_never_make_the_objectives_worse(number: int) -> None:
    sitting = Sitting(number)
    hearings = sitting.decision.casework.hearings
    bars = [(name, urn, bar) for name, h in hearings.items() for urn, verdict in h.verdicts.items() for bar in verdict.bars]
    for waived in sitting.rng.sample(bars, min(3, len(bars))):
        check_no_worse(sitting, Hypothesis(waived=frozenset({waived})))
    for seats in list(sitting.rooms())[:3]:
        check_no_worse(sitting, Hypothesis(room={(seats.urn, seats.year_group): 1}))


def check_no_worse(sitting: Sitting, hypothesis: Hypothesis) -> None:
    after = sitting.supposed(hypothesis)
    # A pair that opens may need a fact that nobody has recorded, and then the referral is held: another agenda, no comparison.
    if after.problem.referrals == sitting.decision.problem.referrals:
        assert worth(after) <= worth(sitting.decision)


def test_the_laws_are_not_empty() -> None:
    """In some of the panels a bar waived helps, a place more helps, and a school left out harms."""
    helped = harmed = 0
    for number in range(60):
        sitting = Sitting(number)
        rooms = {(seats.urn, seats.year_group): 1 for seats in sitting.rooms()}
        helped += worth(sitting.supposed(Hypothesis(room=rooms))) < worth(sitting.decision) if rooms else 0
        used = set(sitting.decision.placing.values())
        harmed += any(worth(sitting.supposed(Hypothesis(without=frozenset({urn})))) > worth(sitting.decision) for urn in used)
    assert helped >= 10
    assert harmed >= 10


# --- what cannot be supposed ---


def sitting_with_a_bar() -> tuple[Sitting, str, str, str]:
    """A meeting, a pupil who is not held, a school, and the one bar between them."""
    for number in range(1000):
        sitting = Sitting(number)
        for name, hearing in sitting.decision.casework.hearings.items():
            for urn, verdict in hearing.verdicts.items():
                if len(verdict.bars) == 1 and not (hearing.held or verdict.doubts or verdict.full or verdict.unknown):
                    return sitting, name, urn, verdict.bars[0]
    raise AssertionError("no such meeting among a thousand")


def test_a_bar_that_may_not_be_waived_stands() -> None:
    sitting, name, urn, bar = sitting_with_a_bar()
    fast = replace(sitting.rulebook, bars=tuple(replace(one, waivable=one.id != bar) for one in sitting.rulebook.bars))
    with pytest.raises(Refused, match=f"{name} cannot be forced to {urn}: {bar} may not be waived"):
        sitting.supposed(Hypothesis(forced={name: urn}), fast)
    with pytest.raises(Refused, match=f"{bar} keeps {name} from {urn}, and may not be waived"):
        sitting.supposed(Hypothesis(waived=frozenset({(name, urn, bar)})), fast)
    assert sitting.supposed(Hypothesis(forced={name: urn})).placing[name] == urn
    waived = sitting.supposed(Hypothesis(waived=frozenset({(name, urn, bar)})))
    assert urn in waived.casework.hearings[name].open_settings()


def test_everything_that_cannot_be_supposed_is_said_at_once() -> None:
    sitting, name, urn, bar = sitting_with_a_bar()
    wrong = Hypothesis(
        forced={"Z9": urn},
        without=frozenset({"999999"}),
        room={(urn, 6): 1},
        withdrawn=frozenset({"Z8"}),
        waived=frozenset({(name, urn, "no-such-bar")}),
        lifted=frozenset({("999998", 9)}),
    )
    with pytest.raises(Refused) as refused:
        sitting.supposed(wrong)
    said = refused.value.message
    for words in (
        "Z9 is not on the agenda",
        "School 999999 could receive nobody",
        f"how much room year 6 at {urn} has",
        "Z8 is not on the agenda",
        f"no-such-bar does not keep {name} from {urn}, so there is nothing to waive; what does: {bar}.",
        "No vote keeps anybody of year 9 on this agenda from 999998",
    ):
        assert words in said


def test_a_limit_that_may_not_be_waived_has_no_place_more() -> None:
    for number in range(1000):
        sitting = Sitting(number)
        for seats, places in sitting.rooms().items():
            fast = replace(sitting.rulebook, limits=tuple(replace(one, waivable=False) for one in sitting.rulebook.limits))
            with pytest.raises(Refused, match=f"{seats.limit} may not be waived"):
                sitting.supposed(Hypothesis(room={(seats.urn, seats.year_group): 1}), fast)
            fewer = sitting.supposed(Hypothesis(room={(seats.urn, seats.year_group): -1}), fast)
            assert fewer.casework.rooms[seats] == max(0, places - 1)
            return
    raise AssertionError("no room among a thousand")
