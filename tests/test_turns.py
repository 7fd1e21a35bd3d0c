"""Whose turn it is: by the placements that an objective speaks of."""

from __future__ import annotations

import datetime as dt

import pytest

from panel.candidates import MeetingFacts
from panel.weighing import turn_ranks
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
