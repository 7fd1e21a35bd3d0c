"""What becomes of a placement that is over: it counts, or not, or not where it was soon; each day worked out by hand.

The pupil begins at Cedar on Thursday 8 October 2026. Six weeks from then are 42 days, of which that day is the first: the last is 18
November. Of the school days the tenth is Wednesday 21 October, as the half term ends on the 23rd.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import pytest

from panel import events as ev
from panel.errors import Refused
from panel.facts.counts import tally
from panel.state.fold import fold
from panel.state.records import Recorded
from rules.errors import RulebookError
from rules.evaluate import Evaluation
from rules.rulebook import Shelf
from tests.test_counts import BIRCH, CEDAR, TERMS, before, day, placed

LATER: Final = dt.date(2026, 12, 10)
ONE: Final[dict[str, Any]] = {"referral": "R1", "pupil": "P1"}


def count(keys: str, *events: ev.Event, urn: str = CEDAR, settings: str = "") -> int:
    head = f"rulebook: c\nedition: {{from: 2020-09-01}}\ntitle: C\nauthority: {{instrument: X}}\n{settings}"
    book = f"{head}counts:\n  load: {{of: placements, over: academic_year{keys}}}\nobjectives: [place]\n"
    rulebook = Shelf.of([(book, "c.yaml")]).in_force("c", LATER)
    state = fold([Recorded(n, "", event) for n, event in enumerate(events, start=1)], as_of=LATER)
    return tally(state, rulebook, Evaluation(rulebook).admission, LATER).of("load", urn)


def broke_down(on: str, *, returned: bool = False) -> ev.PlacementBrokeDown:
    return ev.PlacementBrokeDown(**ONE, on=day(on), returned=returned)


def ended(how: str, on: str) -> ev.PlacementEnded:
    return ev.PlacementEnded.model_validate({**ONE, "on": day(on), "end": how})


@pytest.mark.parametrize(
    ("keys", "on", "expected"),
    [
        ("", "10-09", 1),
        (", broken_down: keep", "10-09", 1),
        (", broken_down: drop", "12-09", 0),
        (", broken_down: drop within 6 weeks", "11-18", 0),
        (", broken_down: drop within 6 weeks", "11-19", 1),
        (", broken_down: drop within 42 calendar days", "11-18", 0),
        (", broken_down: drop within 42 calendar days", "11-19", 1),
        (", broken_down: drop within 10 school days", "10-21", 0),
        (", broken_down: drop within 10 school days", "10-22", 1),
        (", broken_down: drop within 1 week", "10-08", 0),
        (", left: drop", "10-09", 1),  # it did not leave
    ],
)
def test_a_break_down_within_some_time(keys: str, on: str, expected: int) -> None:
    assert count(keys, *TERMS, *placed({}), broke_down(on)) == expected


@pytest.mark.parametrize(
    ("keys", "on", "expected"),
    [
        ("", "10-09", 1),
        (", left: keep", "10-09", 1),
        (", left: drop", "12-09", 0),
        (", left: drop within 6 weeks", "11-18", 0),
        (", left: drop within 6 weeks", "11-19", 1),
        (", broken_down: drop", "10-09", 1),
    ],
)
def test_a_pupil_who_leaves_within_some_time(keys: str, on: str, expected: int) -> None:
    assert count(keys, *placed({}), ended("left", on)) == expected


def test_a_trial_that_ends_in_a_return_is_one_that_broke_down() -> None:
    assert count(", broken_down: drop within 6 weeks", *placed({"keeps_place": True}), ended("return", "11-18")) == 0
    assert count(", broken_down: drop within 6 weeks", *placed({"keeps_place": True}), ended("return", "11-19")) == 1


def test_the_time_begins_with_the_first_day_there_and_not_with_the_one_that_was_planned() -> None:
    """Planned for 8 October, begun on the 15th: 18 November is the 35th day, 25 November the 42nd."""
    late = placed({"began": "10-15"})
    assert count(", left: drop within 6 weeks", *late, ended("left", "11-25")) == 0
    assert count(", left: drop within 6 weeks", *late, ended("left", "11-26")) == 1


def test_the_credit_goes_with_the_count() -> None:
    keys = ", minus: [own_referrals_placed], broken_down: drop within 6 weeks"
    assert count(keys, *placed({}), broke_down("11-18"), urn=BIRCH) == 0
    assert count(keys, *placed({}), broke_down("11-19"), urn=BIRCH) == -1


def test_a_length_may_be_a_setting() -> None:
    settings = "settings: {soon: {value: 6, unit: weeks, say: how soon}}\n"
    events = (*placed({}), broke_down("11-18"))
    assert count(", broken_down: drop within settings.soon", *events, settings=settings) == 0
    assert count(", broken_down: drop within settings.soon weeks", *events, settings=settings.replace("value: 6", "value: 5")) == 1


def test_without_terms_nobody_can_tell_school_days() -> None:
    with pytest.raises(Refused) as refused:
        count(", broken_down: drop within 10 school days", *placed({}), broke_down("10-21"))
    assert "no terms from 2026-10-08 to 2026-10-21" in str(refused.value)
    assert "pastoral load terms" in str(refused.value)


def test_from_before_the_ledger_the_last_day_is_asked_for() -> None:
    soon = ", broken_down: drop within 6 weeks"
    with pytest.raises(Refused) as refused:
        count(soon, before("P1", "10-08", outcome="broken_down"))
    assert "column ended_on of history" in str(refused.value)
    assert count(soon, before("P1", "10-08", outcome="broken_down", ended_on=day("11-18"))) == 0
    assert count(soon, before("P1", "10-08", outcome="broken_down", ended_on=day("11-19"))) == 1
    assert count(", left: drop within 6 weeks", before("P1", "10-08", outcome="left", ended_on=day("11-18"))) == 0
    assert count(", broken_down: drop", before("P1", "10-08", outcome="broken_down")) == 0


def test_a_setting_of_another_unit_is_refused() -> None:
    with pytest.raises(RulebookError) as refused:
        count(", left: drop within settings.soon weeks", settings="settings: {soon: {value: 6, unit: pupils, say: how soon}}\n")
    assert "settings.soon, a setting in pupils" in str(refused.value)
