"""The fewest things that would give an unplaced pupil a place: every set of things is tried, and none that is smaller works.

The judge knows nothing of chains: it supposes every bar, every vote and every room, one and two together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations_with_replacement

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panel.answering.hypothesis import voted
from panel.answering.relaxation import MOST_THINGS, Relaxation, Relaxations, Thing, as_options, hypothesis_of, in_words, relaxations
from panel.placing.placement import place
from rules.book import Rulebook
from tests.test_hypothesis import Sitting

FAST = ("never-back", "admits")
"""Bars of the random books that these tests take for fast ones."""


class Panel(Sitting):
    """A random meeting whose book has bars that may not be waived."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.fast: Rulebook = replace(self.rulebook, bars=tuple(replace(bar, waivable=bar.id not in FAST) for bar in self.rulebook.bars))

    def relaxed(self, name: str) -> Relaxations:
        return relaxations(self.decision, self.fast, name, evaluate=self.evaluation, place=place)

    def works(self, name: str, things: tuple[Thing, ...]) -> bool:
        """Whether this pupil and all who had a place can have one, the others who had none set aside."""
        others = frozenset(self.decision.unplaced) - {name}
        after = self.supposed(replace(hypothesis_of(name, things), withdrawn=others), self.fast).placing
        return after.keys() == self.decision.placing.keys() | {name}

    def things(self, name: str) -> Iterator[Thing]:
        """Everything that may be otherwise, wherever it is."""
        casework, facts = self.decision.casework, self.decision.case.facts
        for urn, verdict in casework.hearings[name].verdicts.items():
            row = {**facts.pair_row(name, urn), "candidate.exempt": False}
            stays = {finding.rule for finding in self.evaluation.pair(row).fires("bar")}
            yield from (Thing("bar", urn, rule=bar) for bar in verdict.bars if bar not in FAST and bar in stays)
        yield from {Thing("place", seats.urn, seats.year_group) for seats in self.rooms()}
        yield from {
            Thing("vote", urn, hearing.year_group)
            for other, hearing in casework.hearings.items() for urn in hearing.verdicts if voted(facts, other, urn)
        }  # fmt: skip

    def judged(self, name: str) -> tuple[int, set[tuple[Thing, ...]]]:
        """The fewest things that work, and every set of so many; (3, nothing) where two are not enough."""
        things = sorted(self.things(name))
        for number in (1, 2):
            sets = [
                one for one in combinations_with_replacement(things, number)
                if all(thing.kind == "place" or n == 1 for thing, n in Counter(one).items())
            ]  # fmt: skip
            working = {one for one in sets if self.works(name, one)}
            if working:
                return number, working
        return 3, set()


@given(number=st.integers(0, 10**9))
@settings(max_examples=40, deadline=None)
def test_no_fewer_things_would_do_and_none_is_passed_over(number: int) -> None:
    panel = Panel(number)
    for name in panel.decision.unplaced[:2]:
        relaxed = panel.relaxed(name)
        fewest, working = panel.judged(name)
        assert relaxed.whole
        if fewest < 3:
            assert {one.things for one in relaxed.found} == working
        for one in relaxed.found:
            assert len(one.things) >= fewest
            assert panel.works(name, one.things)
            assert not any(thing.rule in FAST for thing in one.things)
            check_told(panel, name, one)
        worths = [(bool(one.first), one.decision.placement.values) for one in relaxed.found]
        assert worths == sorted(worths)


def check_told(panel: Panel, name: str, one: Relaxation) -> None:
    """Who goes first by the rulebook, and who moves, are what placing everybody with these things shows."""
    by_the_book = panel.supposed(hypothesis_of(name, one.things), panel.fast)
    kept = panel.decision.placing.keys() <= by_the_book.placing.keys()
    assert bool(one.first) == (not kept or name not in by_the_book.placing)
    assert set(one.first) <= by_the_book.placing.keys() - panel.decision.placing.keys() - {name}
    after = panel.supposed(one.hypothesis, panel.fast)
    assert after.placing == one.decision.placing
    assert after.placing[name] == one.school
    assert panel.decision.placing.keys() | {name} <= after.placing.keys()
    assert one.hypothesis.forced == ({name: one.school, **dict(one.kept)} if one.first else {})
    assert {other for other, _, _ in one.moves} == {
        other for other, urn in panel.decision.placing.items() if after.placing.get(other) != urn
    }


def test_the_law_is_not_empty() -> None:
    """Among these panels are pupils for whom one thing is enough, for whom two are, and for whom none is; bars, places and votes."""
    sizes, kinds, contested = Counter[int](), Counter[str](), 0
    for number in range(100):
        panel = Panel(number)
        for name in panel.decision.unplaced[:2]:
            found = panel.relaxed(name).found
            sizes[len(found[0].things) if found else 0] += 1
            kinds.update({thing.kind for one in found for thing in one.things})
            contested += any(one.first for one in found)
    assert sizes[1] >= 10
    assert sizes[2] >= 5
    assert sizes[0] >= 1
    assert min(kinds[kind] for kind in ("bar", "place", "vote")) >= 2
    assert max(sizes) <= MOST_THINGS
    assert contested >= 5


@pytest.mark.parametrize("number", [88, 470, 945, 1988, 2663])
def test_nobody_loses_a_place_in_what_is_offered(number: int) -> None:
    """Here others left out would be given the place of somebody who has one: the panel's word keeps it, and is said."""
    panel, kept = Panel(number), 0
    for name in panel.decision.unplaced:
        for one in panel.relaxed(name).found:
            check_told(panel, name, one)
            if not one.kept:
                continue
            kept += 1
            without = panel.supposed(replace(hypothesis_of(name, one.things), forced={name: one.school}), panel.fast)
            lost = panel.decision.placing.keys() - without.placing.keys()
            assert lost
            assert lost <= {other for other, _ in one.kept}
            assert all(one.decision.placing[other] == urn for other, urn in one.kept)
            shown = as_options(name, one.things, one.hypothesis.forced)
            assert all(f"--force {other}={urn}" in shown for other, urn in ((name, one.school), *one.kept))
    assert kept


def test_what_is_told_and_the_command_that_shows_it() -> None:
    names = {"100001": "Ashdown School", "100002": "The Bridge"}
    things = (
        Thing("place", "100001", 9),
        Thing("place", "100002"),
        Thing("place", "100001", 9),
        Thing("vote", "100001", 9),
        Thing("place", "100001"),
        Thing("bar", "100002", rule="too-far"),
    )
    assert in_words(things, names) == (
        "too-far waived at The Bridge (100002) and one place more at Ashdown School (100001) "
        "and two places more in year 9 at Ashdown School (100001) and one place more at The Bridge (100002) "
        "and the vote lifted that keeps year 9 from Ashdown School (100001)"
    )
    assert as_options("R1", things) == "--waive R1=100002:too-far --room 100001=+1 --room 100001:9=+2 --room 100002=+1 --lift 100001:9"
