"""What the fold makes of an exclusion that was reversed, and of a placement that is over: whose counts, which roll, since when."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import pytest

from panel import events as ev
from panel.cases.coming_back import follow_up, next_name
from panel.facts.apart import whereabouts
from panel.facts.rolls import occupied, on_roll, on_roll_who
from panel.reports.monitored import look
from panel.state.fold import fold
from panel.state.records import Admission, Recorded, State
from panel.state.reversals import of_none_recorded

ASH, BEECH, COB, UNIT = "200001", "200002", "200003", "200009"
R: Final[dict[str, Any]] = {"referral": "R1", "pupil": "P1"}


def day(text: str) -> dt.date:
    """`10-15` is in autumn 2026, `02-15` in the spring after it."""
    return dt.date.fromisoformat(f"{2026 if text >= '08' else 2027}-{text}")


def written(*events: ev.Event) -> list[Recorded]:
    return [Recorded(seq, "2027-08-01T12:00:00.000000Z", event) for seq, event in enumerate(events, start=1)]


def made(name: str = "R1", kind: ev.Kind = "managed_move", on: str = "10-01", **more: Any) -> ev.ReferralMade:
    told = {"referral": name, "pupil": "P1", "referral_kind": kind, "year_group": 9, "home_school": ASH, "made_on": day(on), **more}
    return ev.ReferralMade(**told)


def met(number: int, on: str, name: str, school: str | None) -> tuple[ev.Event, ...]:
    """A meeting that decides one referral for a school, or declines it; it starts on the same day."""
    digests: dict[str, Any] = {"agenda_digest": "", "rulebook": "b", "edition": day("09-01"), "rulebook_digest": ""}
    outcome: dict[str, Any] = {"outcome": "confirmed", "school": school, "starts": day(on)} if school else {"outcome": "declined"}
    return (
        ev.MeetingOpened(meeting=number, on=day(on), chair="C", agenda=(name,), **digests),
        ev.DecisionTaken(meeting=number, on=day(on), referral=name, pupil="P1", **outcome),
        ev.MeetingClosed(meeting=number, on=day(on)),
    )


def excluded(on: str = "09-28", school: str = ASH) -> ev.PermanentlyExcluded:
    return ev.PermanentlyExcluded(pupil="P1", school=school, on=day(on), year_group=9)


def quashed(on: str, of: str = "09-28", school: str = ASH) -> ev.ExclusionReversed:
    return ev.ExclusionReversed(pupil="P1", school=school, excluded_on=day(of), how="quashed", on=day(on))


def started(on: str = "10-22", school: str = BEECH) -> ev.PlacementStarted:
    return ev.PlacementStarted(on=day(on), school=school, **R)


def ended(on: str, how: ev.End) -> ev.PlacementEnded:
    return ev.PlacementEnded(on=day(on), end=how, **R)


# --- what rested on it ---


def test_a_referral_that_named_only_who_excluded_is_of_that_school_again() -> None:
    one = made(home_school=None, excluded_by=ASH, permanently_excluded=True, case=ev.ReferralCase(excluded_times=2))
    held = fold(written(excluded(), one, quashed("10-05"))).referrals["R1"]
    assert (held.made.home_school, held.made.excluded_by, held.made.permanently_excluded) == (ASH, None, False)
    assert held.reversed_on == day("10-05")
    assert held.case.excluded_times == 1
    assert held.last("exclusion.reversed") == day("10-05")


@pytest.mark.parametrize(
    ("more", "events", "told"),
    [
        ({"excluded_by": ASH}, (excluded(),), False),
        ({"excluded_by": ASH}, (excluded(school=BEECH),), True),
        ({"excluded_by": ASH}, (excluded(on="10-11"),), True),
        # Quashed before the case was made, which speaks of another; or after it, and then it is after none.
        ({"excluded_by": ASH}, (excluded(), quashed("10-05")), True),
        ({"excluded_by": ASH}, (excluded(), quashed("10-12")), False),
        # Who names no school may mean any exclusion of the pupil.
        ({"home_school": None}, (excluded(school=BEECH),), False),
        ({"home_school": None}, (), True),
    ],
)
def test_of_which_referrals_no_exclusion_is_recorded(more: dict[str, Any], events: tuple[ev.Event, ...], told: bool) -> None:
    state = fold(written(made(on="10-10", permanently_excluded=True, **more), *events))
    assert [held.made.referral for held in of_none_recorded(state)] == (["R1"] if told else [])


def test_a_referral_made_after_the_reversal_speaks_of_another_exclusion() -> None:
    later = made(on="10-10", excluded_by=ASH, permanently_excluded=True)
    held = fold(written(excluded(), quashed("10-05"), later)).referrals["R1"]
    assert (held.made.permanently_excluded, held.reversed_on) == (True, None)


def test_a_reversal_of_what_is_not_recorded_is_nothing() -> None:
    state = fold(written(excluded(), made(permanently_excluded=True), quashed("10-05", of="09-27")))
    assert [one.on for one in state.exclusions] == [day("09-28")]
    assert state.reversals == ()
    assert state.referrals["R1"].made.permanently_excluded


@pytest.mark.parametrize(("on", "after_exclusion"), [("09-27", True), ("09-28", False), ("10-04", False), ("10-06", True)])
def test_an_admission_outside_the_panel_rests_on_the_latest_exclusion_elsewhere(on: str, after_exclusion: bool) -> None:
    admitted = ev.AdmittedOutside(pupil="P1", school=BEECH, on=day(on), year_group=9, permanently_excluded=True)
    state = fold(written(excluded(), excluded("09-01", BEECH), admitted, quashed("10-05")))
    assert state.admissions[0].permanently_excluded is after_exclusion


def test_a_year_that_is_looked_back_on_counts_it_no_more() -> None:
    """The pupil came by an exclusion that does not stand: sent by Ash, and not after an exclusion."""
    record = written(excluded(), made(kind="permanent_exclusion", permanently_excluded=True), *met(1, "10-22", "R1", BEECH))
    then = look(record, 2026, 99, per="equal", identities=False)
    now = look([*record, Recorded(99, "2027-08-01T12:00:00.000000Z", quashed("11-01"))], 2026, 100, per="equal", identities=False)
    assert (then.excluded_by, then.pupils[0].after_exclusion, then.pupils[0].sent_by) == ((ASH,), True, ASH)
    assert (now.excluded_by, now.pupils[0].after_exclusion, now.pupils[0].sent_by) == ((), False, ASH)


# --- a placement that is over ---


def places(urn: str, as_at: str, count: int = 100) -> ev.PlacesRecorded:
    return ev.PlacesRecorded(urn=urn, as_at=day(as_at), years=(ev.YearPlaces(year_group=9, pan=180, on_roll=count),))


def rolls(as_at: str, on: str, *events: ev.Event) -> tuple[int | None, int | None]:
    """Year 9 of Ash and Beech at the end of a day; 100 each were counted on `as_at`."""
    state = fold(written(places(ASH, as_at), places(BEECH, as_at), *events), as_of=day(on))
    return on_roll(state, ASH, 9, day(on)), on_roll(state, BEECH, 9, day(on))


TRIAL: Final = (made(), *met(1, "10-22", "R1", BEECH), started(), ended("01-15", "return"))
DIRECTED: Final = (made(kind="off_site_direction"), *met(1, "10-22", "R1", BEECH), started())


@pytest.mark.parametrize(
    ("as_at", "on", "events", "wanted"),
    [
        ("09-15", "01-14", TRIAL, (99, 101)),  # counted before it all
        ("09-15", "01-15", TRIAL, (100, 100)),
        ("11-15", "01-14", TRIAL, (100, 100)),  # counted while the pupil was at Beech
        ("11-15", "01-15", TRIAL, (101, 99)),
        ("02-01", "02-02", TRIAL, (100, 100)),  # counted after it all
        ("09-15", "01-15", (*DIRECTED, ended("01-15", "return")), (100, 100)),
        ("11-15", "01-15", (*DIRECTED, ended("01-15", "return")), (100, 99)),
        ("11-15", "01-15", (*DIRECTED, ended("01-15", "left")), (99, 99)),
    ],
)
def test_whoever_returns_is_on_one_roll(as_at: str, on: str, events: tuple[ev.Event, ...], wanted: tuple[int, int]) -> None:
    assert rolls(as_at, on, *events) == wanted


@pytest.mark.parametrize(("as_at", "wanted"), [("09-15", 3), ("11-15", 2), ("02-01", 3)])
def test_a_looked_after_child_who_returns_is_counted_where_the_child_is(as_at: str, wanted: int) -> None:
    """3 were counted in year 9 of Beech: without the child, with the child, without the child again."""
    case = ev.ReferralCase(looked_after=True)
    counted = ev.YearPlaces(year_group=9, pan=180, on_roll=100, looked_after=3)
    state = fold(written(ev.PlacesRecorded(urn=BEECH, as_at=day(as_at), years=(counted,)), made(case=case), *TRIAL[1:]))
    assert on_roll_who(state, BEECH, 9, "looked_after", day("10-22")) == wanted


BACK: Final = made("R2", on="01-15", follows="R1")
GOES_ON: Final = (*DIRECTED, ended("01-15", "managed_move"), BACK)


MOVED: Final = ev.PlacementStarted(referral="R2", pupil="P1", on=day("02-08"), school="")


def placement(state: State, name: str = "R1") -> Admission:
    return next(one for one in state.admissions if one.referral == name)


@pytest.mark.parametrize(
    ("more", "gone_on", "wanted"),
    [
        ((), None, (100, 101)),
        (met(2, "02-04", "R2", BEECH), day("02-04"), (100, 101)),  # not begun: still at Beech by the direction, and Ash keeps the place
        (met(2, "02-04", "R2", COB), day("02-04"), (100, 101)),
        ((*met(2, "02-04", "R2", BEECH), MOVED), day("02-04"), (99, 101)),
        ((*met(2, "02-04", "R2", COB), MOVED), day("02-04"), (99, 100)),
        (met(2, "02-04", "R2", None), day("02-04"), (100, 100)),
        ((ev.ReferralWithdrawn(referral="R2", pupil="P1", on=day("02-10")),), day("02-10"), (100, 100)),
    ],
)
def test_a_direction_goes_on_until_the_move_is_decided(more: tuple[ev.Event, ...], gone_on: dt.date | None, wanted: Any) -> None:
    assert placement(fold(written(*GOES_ON, *more))).gone_on == gone_on
    assert rolls("09-15", "02-15", *GOES_ON, *more) == wanted


@pytest.mark.parametrize(("counted_after", "wanted"), [(0, 2), (4, 2), (5, 1), (6, 2)])
def test_a_place_in_a_unit_is_given_back_once(counted_after: int, wanted: int) -> None:
    """2 places were taken when somebody counted: before the pupil was sent or came, while there (then one fewer now), after the return."""
    events = [made(kind="off_site_direction"), *met(1, "10-22", "R1", UNIT), started(school=UNIT), ended("01-15", "return")]
    events.insert(counted_after, ev.SchoolRecorded(urn=UNIT, name="Unit", setting="pru", places=8, occupied=2))
    assert occupied(fold(written(*events)), UNIT) == wanted


def test_a_pupil_who_left_is_at_none_of_these_schools() -> None:
    assert whereabouts(fold(written(*DIRECTED)), "P1", dt.date(2027, 7, 1)) == frozenset({ASH, BEECH})
    assert whereabouts(fold(written(*DIRECTED, ended("01-15", "return"))), "P1", dt.date(2027, 7, 1)) == frozenset({ASH})
    assert whereabouts(fold(written(*DIRECTED, ended("01-15", "left"))), "P1", dt.date(2027, 7, 1)) == frozenset()


# --- the referral that follows ---


def test_a_pupil_who_is_excluded_where_the_placement_breaks_down() -> None:
    broke = ev.PlacementBrokeDown(on=day("01-15"), returned=False, **R)
    state = fold(written(made(excluded_by=COB, permanently_excluded=True), *met(1, "10-22", "R1", BEECH), started(), broke))
    given: dict[str, Any] = {"on": day("01-15"), "returned": False, "year_groups": range(7, 12)}
    same = follow_up(state, state.referrals["R1"], name="R2", kind="fair_access", **given)
    assert (same.home_school, same.excluded_by, same.permanently_excluded) == (BEECH, COB, True)
    anew = follow_up(state, state.referrals["R1"], name="R2", kind="permanent_exclusion", **given)
    assert (anew.home_school, anew.excluded_by, anew.permanently_excluded) == (BEECH, BEECH, True)
    assert next_name(state, "R1") == "R1-2"
