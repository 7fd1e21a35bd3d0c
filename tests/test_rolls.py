"""Rolls and places, each worked out by hand: how many are on roll since it was counted, and how many places are taken."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from panel import events as ev
from panel.facts.rolls import counted_in_another_year, occupied, on_roll, on_roll_who
from panel.state.fold import fold
from panel.state.records import Recorded
from tests.test_counts import ASH, BIRCH, CEDAR, COUNTED, ON, PRU, before, day, folded, outside, placed


def counted(on_roll: int | None = 180, urn: str = CEDAR, as_at: dt.date = COUNTED, **more: Any) -> ev.PlacesRecorded:
    return ev.PlacesRecorded(urn=urn, as_at=as_at, years=(ev.YearPlaces(year_group=9, pan=180, on_roll=on_roll, **more),))


def roll(*events: ev.Event, urn: str = CEDAR) -> int | None:
    return on_roll(folded(*events), urn, 9, ON)


def test_a_roll_is_what_was_counted() -> None:
    assert roll(counted()) == 180
    assert roll(counted(None)) is None
    assert roll() is None
    assert roll(counted(), urn=BIRCH) is None


def test_who_came_since_is_on_roll_and_who_came_before_was_counted() -> None:
    came = [outside("H1", "10-01"), outside("H2", "10-02"), before("H3", "10-02"), before("H4", "10-02", outcome="returned")]
    assert roll(counted(), *came, *placed({"starts": "10-08"}, {"starts": "09-30"})) == 180 + 3


def test_a_decision_that_has_not_reached_the_count_is_added_also_before_the_pupil_starts() -> None:
    assert roll(counted(), *placed({"starts": "12-01"})) == 181


@pytest.mark.parametrize(
    ("began", "there", "home"),
    [
        ("", 181, 180),  # planned for 20 September and not begun by the count of 1 October: to come, and its own place kept
        ("10-01", 180, 180),  # begun by then: counted there, and no longer at home
        ("09-05", 180, 180),  # before it was planned
        ("10-02", 181, 179),  # a day too late to be counted there, and counted at home
    ],
)
def test_a_roll_goes_by_the_day_on_which_a_placement_really_began(began: str, there: int, home: int) -> None:
    events = [counted(), counted(urn=BIRCH), *placed({"starts": "09-20", "began": began})]
    assert (roll(*events), roll(*events, urn=BIRCH)) == (there, home)


def test_who_is_there_and_is_sent_there_again_takes_one_place() -> None:
    direction = {"referral_kind": "off_site_direction", "starts": "09-20"}
    assert roll(counted(), *placed(direction, {"pupil": "P1", "began": ""})) == 180
    assert roll(counted(), *placed(direction, {"pupil": "P1"})) == 180
    assert roll(counted(), *placed(direction | {"began": "10-20"}, {"pupil": "P1", "began": ""})) == 181


def test_another_year_group_is_another_roll() -> None:
    assert roll(counted(), outside("H1", "10-02", year_group=10)) == 180


def test_a_pupil_is_one_pupil() -> None:
    assert roll(counted(), outside("P1", "10-05"), *placed({})) == 181


def test_who_moves_away_leaves_the_home_school() -> None:
    events = [counted(urn=BIRCH), *placed({}, {"starts": "09-30"}, {"year_group": 10}, {"school": BIRCH})]
    # P1 leaves; P2 had left when it was counted; P3 is in year 10; P4 stays where it was.
    assert roll(*events, urn=BIRCH) == 179


def test_off_site_direction_is_on_both_rolls() -> None:
    events = [counted(urn=BIRCH), counted(), *placed({"referral_kind": "off_site_direction"})]
    assert (roll(*events, urn=BIRCH), roll(*events)) == (180, 181)


def test_who_is_excluded_leaves_with_the_exclusion_not_with_the_decision() -> None:
    def excluded(on: str) -> ev.PermanentlyExcluded:
        return ev.PermanentlyExcluded(pupil="P1", school=BIRCH, on=day(on), year_group=9)

    case = {"referral_kind": "permanent_exclusion", "permanently_excluded": True, "excluded_by": BIRCH, "home_school": None}
    assert roll(counted(urn=BIRCH), excluded("10-05"), urn=BIRCH) == 179
    assert roll(counted(urn=BIRCH), excluded("10-05"), *placed(case), urn=BIRCH) == 179
    assert roll(counted(urn=BIRCH), excluded("09-28"), *placed(case), urn=BIRCH) == 180
    assert roll(counted(urn=BIRCH), excluded("09-28"), *placed({**case, "home_school": BIRCH}), urn=BIRCH) == 180


def test_who_was_excluded_elsewhere_leaves_the_home_school_with_the_decision() -> None:
    """Excluded by Ash last year, at Birch since, and now to Cedar."""
    case = {"referral_kind": "fair_access", "permanently_excluded": True, "excluded_by": ASH, "home_school": BIRCH}
    assert roll(counted(urn=BIRCH), *placed(case), urn=BIRCH) == 179


def test_an_exclusion_after_the_meeting_s_day_has_not_happened() -> None:
    later = ev.PermanentlyExcluded(pupil="P9", school=CEDAR, on=ON + dt.timedelta(1), year_group=9)
    state = fold([Recorded(1, "", counted()), Recorded(2, "", later)])
    assert on_roll(state, CEDAR, 9, ON) == 180


def test_no_roll_is_below_nought() -> None:
    assert roll(counted(0, urn=BIRCH), *placed({}), urn=BIRCH) == 0


def test_looked_after_children_and_plans_are_those_counted_and_those_who_came() -> None:
    def who(*events: ev.Event) -> tuple[int | None, int | None]:
        state = folded(*events)
        return on_roll_who(state, CEDAR, 9, "looked_after", ON), on_roll_who(state, CEDAR, 9, "ehcp", ON)

    assert who(counted()) == (None, None)
    assert who(counted(looked_after=2, ehcp=5)) == (2, 5)
    came = outside("H1", "10-02", case=ev.AdmissionCase(looked_after=True, ehcp=False))
    assert who(counted(looked_after=2, ehcp=5), came) == (3, 5)
    assert who(counted(looked_after=2, ehcp=5), came, outside("H2", "10-02", case=ev.AdmissionCase(looked_after=False))) == (3, None)


def test_rolls_of_another_academic_year_are_named() -> None:
    state = folded(counted(), counted(urn=BIRCH, as_at=dt.date(2026, 8, 31)))
    assert counted_in_another_year(state, ON) == (BIRCH,)


# --- places of a setting without year groups ---


def centre(**more: Any) -> ev.SchoolRecorded:
    return ev.SchoolRecorded(urn=PRU, name="Pru", setting="pru", **({"places": 8, "occupied": 5} | more))


def test_places_are_taken_by_decisions_since_and_freed_by_those_who_leave() -> None:
    coming = placed({"school": PRU}, {"school": PRU, "home_school": ASH}, {"home_school": PRU, "referral_kind": "reintegration"}, {})
    assert occupied(folded(centre(), *coming), PRU) == 5 + 2 - 1
    assert occupied(folded(*coming, centre()), PRU) == 5
    assert occupied(folded(centre(occupied=None), *coming), PRU) is None


def test_the_place_in_a_centre_of_a_pupil_who_has_not_begun_elsewhere_is_kept() -> None:
    leaving = {"home_school": PRU, "referral_kind": "reintegration", "began": ""}
    assert occupied(folded(centre(), *placed(leaving)), PRU) == 5
    assert occupied(folded(centre(), *placed({"school": PRU, "began": ""})), PRU) == 6
    assert occupied(folded(*placed({"school": PRU, "began": ""}), centre()), PRU) == 6
    assert occupied(folded(*placed({"school": PRU, "home_school": PRU, "began": ""}), centre()), PRU) == 5


def test_a_centre_recorded_again_for_another_reason_forgets_no_decision() -> None:
    coming = placed({"school": PRU}, {"school": PRU, "home_school": ASH})
    assert occupied(folded(centre(), *coming, centre(head_in_first_term=True)), PRU) == 7
    assert occupied(folded(centre(), *coming, centre(occupied=6)), PRU) == 6
    assert occupied(folded(centre(), *coming, centre(occupied_anew=True), centre(head_in_first_term=True)), PRU) == 5


def test_a_place_that_was_refused_is_free_again() -> None:
    refused = ev.SchoolRefused(referral="R1", pupil="P1", school=PRU, on=day("10-20"))
    assert occupied(folded(centre(), *placed({"school": PRU}), refused), PRU) == 5
