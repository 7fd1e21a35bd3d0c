"""Whose turn it is: by the placements that an objective speaks of."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from panel.deciding.weighing import rota, turn_ranks
from panel.facts.candidates import MeetingFacts
from rules.book import Audience

EXCLUDED = Audience(excluded=True)


@pytest.fixture
def facts() -> MeetingFacts:
    """a took an excluded pupil first and another since; b took an excluded pupil between; c took none yet."""
    day = {n: dt.date(2026, 10, n) for n in (1, 8, 15)}
    turns = {"everybody": {"a": day[15], "b": day[8]}, "permanently_excluded": {"a": day[1], "b": day[8]}}
    return MeetingFacts(dt.date(2026, 11, 5), {}, {"a": {}, "b": {}, "c": {}}, {}, {}, {}, {}, turns, {})


def test_each_objective_has_the_turns_of_its_own_pupils(facts: MeetingFacts) -> None:
    assert turn_ranks(facts, Audience()) == {"a": 2, "b": 1, "c": 0}
    assert turn_ranks(facts, EXCLUDED) == {"a": 1, "b": 2, "c": 0}


def test_a_rota_counts_turns_from_one_at_mainstream_schools_only(facts: MeetingFacts) -> None:
    """A unit took the first pupil of all: it has no turn, and leaves no gap. Of two that never took any both have turn 1."""
    setting = {"a": "mainstream", "b": "mainstream", "c": "mainstream", "d": "mainstream", "u": "pru"}
    turns = {"everybody": {**facts.turns["everybody"], "u": dt.date(2026, 9, 10)}, "permanently_excluded": {"a": dt.date(2026, 10, 1)}}
    more = replace(facts, schools={urn: {"school.setting": kind} for urn, kind in setting.items()}, turns=turns)
    assert rota(more, Audience()) == {"c": 1, "d": 1, "b": 2, "a": 3}
    assert rota(more, EXCLUDED) == {"b": 1, "c": 1, "d": 1, "a": 2}


def test_where_all_have_had_a_turn_the_longest_ago_is_the_first(facts: MeetingFacts) -> None:
    two = replace(facts, schools={urn: {"school.setting": "mainstream"} for urn in "ab"})
    assert rota(two, Audience()) == {"b": 1, "a": 2}
