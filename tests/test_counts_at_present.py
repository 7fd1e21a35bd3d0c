"""Counts of who is at a school now, by hand and against a tracker that walks through a pupil's days one by one."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any, Final

import pytest

from panel import events as ev
from panel.errors import Refused
from panel.facts.apart import whereabouts
from panel.state.lifecycle import course_of, keeps_place
from rules.facts import KINDS
from rules.lifecycle import for_good
from rules.rulebook import Shelf
from tests.test_counts import ASH, BIRCH, CEDAR, ON, before, counts, day, folded, outside, placed

NOW: Final = "  now: {of: placements, over: at_present}"
ON_TRIAL: Final = "  now: {of: placements, over: at_present, where: not admission.for_good}"
ONE: Final[dict[str, Any]] = {"referral": "R1", "pupil": "P1"}


def now(*events: ev.Event, text: str = NOW, school: str = CEDAR) -> int:
    return counts(folded(*events), text).of("now", school)


def ended(how: str, on: str = "10-20", **more: Any) -> ev.PlacementEnded:
    return ev.PlacementEnded.model_validate({**ONE, "on": day(on), "end": how, **more})


def broke_down(on: str, *, returned: bool = False) -> ev.PlacementBrokeDown:
    return ev.PlacementBrokeDown(**ONE, on=day(on), returned=returned)


EXCLUDED: Final = ev.PermanentlyExcluded(pupil="P1", school=CEDAR, on=day("10-20"), year_group=9)
ELSEWHERE: Final = ev.ReferralMade(
    referral="R9", pupil="P1", referral_kind="managed_move", year_group=9, home_school=ASH, made_on=day("11-02")
)


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        ((), 1),
        ((ended("left"),), 0),
        ((ended("return"),), 0),
        ((ended("managed_move"),), 1),  # until that is decided
        ((broke_down("10-20"),), 0),  # on the roll still, but no placement that stands
        ((broke_down("10-20", returned=True),), 0),
        ((EXCLUDED,), 0),
        ((ev.PermanentlyExcluded(pupil="P1", school=BIRCH, on=day("10-20"), year_group=9),), 1),  # from elsewhere
        ((EXCLUDED, ev.ExclusionReversed(pupil="P1", school=CEDAR, on=day("10-27"), excluded_on=day("10-20"), how="rescinded")), 1),
        ((ELSEWHERE,), 0),  # on another roll by then
        ((ELSEWHERE.model_copy(update={"home_school": CEDAR}),), 1),  # from here to the panel again
    ],
)
def test_a_placement_counts_until_the_pupil_is_elsewhere(since: tuple[ev.Event, ...], expected: int) -> None:
    assert now(*placed({}), *since) == expected


def test_who_is_decided_and_has_not_begun_counts_where_it_is_to_begin_and_where_it_still_is() -> None:
    """At Cedar since 8 October, decided for Ash: at both until Ash has begun."""
    to_ash = {"pupil": "P1", "school": ASH, "home_school": CEDAR, "starts": "10-15"}
    waits = placed({}, {**to_ash, "began": ""})
    assert (now(*waits), now(*waits, school=ASH)) == (1, 1)
    begun = placed({}, to_ash)
    assert (now(*begun), now(*begun, school=ASH)) == (0, 1)


def test_one_pupil_at_one_school_counts_once() -> None:
    again = placed({"pupil": "P1", "school": CEDAR, "home_school": CEDAR, "began": ""})
    assert now(before("P1", "10-01"), *again) == 1
    assert now(before("P1", "10-01"), before("P1", "11-02")) == 1


def test_a_direction_counts_beside_the_school_on_whose_roll_the_pupil_is() -> None:
    direction = {"pupil": "P1", "school": ASH, "referral_kind": "off_site_direction", "home_school": CEDAR, "starts": "10-15"}
    there = placed({}, direction)
    assert (now(*there), now(*there, school=ASH)) == (1, 1)


def test_who_is_excluded_by_the_school_of_a_direction_is_there_no_more() -> None:
    """Directed from Cedar to Ash on 15 October, and excluded by Ash on the 20th: at Cedar still. Reversed, the pupil is at Ash again."""
    there = placed({}, {"pupil": "P1", "school": ASH, "referral_kind": "off_site_direction", "home_school": CEDAR, "starts": "10-15"})
    by_ash = EXCLUDED.model_copy(update={"school": ASH})
    assert (now(*there, by_ash), now(*there, by_ash, school=ASH)) == (1, 0)
    reversed_ = ev.ExclusionReversed(pupil="P1", school=ASH, on=day("10-27"), excluded_on=day("10-20"), how="rescinded")
    assert now(*there, by_ash, reversed_, school=ASH) == 1
    assert (now(*there, EXCLUDED), now(*there, EXCLUDED, school=ASH)) == (0, 1)  # by Cedar: the direction stands


@pytest.mark.parametrize(("on", "elsewhere"), [("10-14", 1), ("10-15", 1), ("10-20", 1)])
def test_who_left_an_earlier_placement_is_where_the_next_one_began(on: str, elsewhere: int) -> None:
    """At Cedar since the 8th, at Ash since 15 October; that R1 is over is written down with whichever day."""
    moved = placed({}, {"pupil": "P1", "school": ASH, "home_school": CEDAR, "starts": "10-15"})
    assert (now(*moved, ended("left", on)), now(*moved, ended("left", on), school=ASH)) == (0, elsewhere)


def test_who_left_while_directed_has_left_the_school_at_home() -> None:
    """Directed from Birch to Cedar, and gone: at no school. With a move from there to Ash begun before that was written: at Ash."""
    direction = {"referral_kind": "off_site_direction"}
    to_ash = {"pupil": "P1", "school": ASH, "home_school": BIRCH, "starts": "10-15"}
    assert whereabouts(folded(*placed(direction)), "P1", dt.date(2027, 7, 1)) == frozenset({BIRCH, CEDAR})
    assert whereabouts(folded(*placed(direction), ended("left")), "P1", dt.date(2027, 7, 1)) == frozenset()
    assert whereabouts(folded(*placed(direction, to_ash), ended("left")), "P1", dt.date(2027, 7, 1)) == frozenset({ASH})


@pytest.mark.parametrize(
    ("outcome", "there", "on_trial"),
    [("permanent", 1, 0), ("on_trial", 1, 1), ("returned", 0, 0), ("broken_down", 0, 0), ("left", 0, 0)],
)
def test_a_placement_from_before_the_ledger(outcome: str, there: int, on_trial: int) -> None:
    row = before("P1", "10-01", outcome=outcome)
    assert (now(row), now(row, text=ON_TRIAL)) == (there, on_trial)


def test_of_a_move_before_the_ledger_nobody_said_whether_it_is_permanent() -> None:
    assert now(before("P1", "10-01")) == 1
    with pytest.raises(Refused) as refused:
        now(before("P1", "10-01"), text=ON_TRIAL)
    assert "--set outcome=VALUE" in str(refused.value)
    assert now(before("P1", "10-01", referral_kind="off_site_direction"), text=ON_TRIAL) == 1
    assert now(before("P1", "10-01", referral_kind="fair_access"), text=ON_TRIAL) == 0


def test_who_has_left_the_year_groups_of_the_book_is_there_no_more() -> None:
    """In year 10 in autumn 2025 is in year 11 in autumn 2026; a year older, and gone."""
    assert now(before("P1", dt.date(2025, 10, 1), year_group=10)) == 1
    assert now(before("P1", dt.date(2025, 10, 1), year_group=11)) == 0


def test_a_year_group_has_whom_it_has_on_the_day() -> None:
    made = counts(folded(before("P1", dt.date(2025, 10, 1), year_group=8)), "  now: {of: placements, over: at_present, per: year_group}")
    assert [made.of("now", CEDAR, year) for year in (8, 9)] == [0, 1]


@pytest.mark.parametrize(
    ("case", "since", "on_trial"),
    [
        ({}, (), 0),
        ({"keeps_place": True}, (), 1),
        ({"keeps_place": True, "began": ""}, (), 1),
        ({"keeps_place": True}, (ev.PlacementMadePermanent(**ONE, on=day("11-02")),), 0),
        ({"referral_kind": "off_site_direction"}, (), 1),
        ({"referral_kind": "fair_access"}, (), 0),
    ],
)
def test_what_is_for_good(case: dict[str, Any], since: tuple[ev.Event, ...], on_trial: int) -> None:
    events = (*placed(case), *since)
    assert (now(*events), now(*events, text=ON_TRIAL)) == (1, on_trial)


def test_outside_admissions_are_for_good() -> None:
    row = outside("P1", "10-01")
    text = "  now: {of: outside_admissions, over: at_present, where: admission.for_good}"
    assert now(row, text=text) == 1
    assert now(row, EXCLUDED, text=text) == 0


def test_a_credit_lasts_as_long_as_the_placement() -> None:
    text = "  now: {of: placements, over: at_present, minus: [own_referrals_placed]}"
    assert now(*placed({}), text=text, school=BIRCH) == -1
    assert now(*placed({}), ended("left"), text=text, school=BIRCH) == 0


@pytest.mark.parametrize(
    "said", ["", "lifecycle: {reintegration: {placement: permanent, trial: {weeks: 6, at_end: permanent, ends_as: [permanent]}}}\n"]
)
def test_what_is_for_good_beforehand_is_what_keeps_no_place(said: str) -> None:
    """The rules and the lifecycle of the panel say the same of every kind, whose place at home is kept or given up with it."""
    book = f"rulebook: c\nedition: {{from: 2020-09-01}}\ntitle: C\nauthority: {{instrument: X}}\n{said}objectives: [place]\n"
    rulebook = Shelf.of([(book, "c.yaml")]).in_force("c", ON)
    kept = {kind for kind in KINDS if keeps_place(course_of(rulebook, kind))}
    assert kept == {"off_site_direction", *(["reintegration"] if said else [])}
    assert {kind for kind in KINDS if not for_good(rulebook.lifecycle, kind)} == kept


# --- a pupil's days, one by one ---


def random_days(rng: random.Random) -> tuple[list[ev.Event], dict[str, int]]:
    """What happened to one pupil on days that follow one another, and how many placements stand at each school in the end.

    The tracker knows where the pupil is (`at`), by which placement (`by`), which was decided and has not begun (`coming`), and at which
    schools placements began whose end nobody has recorded (`open_`): one that is recorded late ends no other.
    """
    events: list[ev.Event] = []
    open_ = dict[str, str]()
    at, by, coming = BIRCH, "", dict[str, str]()
    on, n = day("09-01"), 0
    for _ in range(rng.randint(1, 20)):
        on += dt.timedelta(rng.randint(1, 3))
        said: dict[str, Any] = {"pupil": "P", "on": on}
        step = rng.choice(
            ("begin" if coming else "decide", "begin" if coming else "decide", "leave", "leave late", "break", "exclude", "hired")
        )
        if step == "decide" and not coming:
            n += 1
            name, school = f"R{n}", rng.choice((ASH, BIRCH, CEDAR))
            events += [
                ev.ReferralMade(referral=name, pupil="P", referral_kind="fair_access", year_group=9, home_school=at or ASH, made_on=on),
                ev.DecisionTaken(meeting=1, referral=name, outcome="confirmed", school=school, starts=on, **said),
            ]
            coming, at, by = {name: school}, at or ASH, by if at else ""
        elif step == "begin" and coming:
            ((name, at),) = coming.items()
            by, coming, open_ = name, {}, {**open_, name: at}
            events.append(ev.PlacementStarted(referral=name, school=at, **said))
        elif step == "leave" and by and at:
            events.append(ev.PlacementEnded(referral=by, end="left", **said))
            del open_[by]
            at = by = ""
        elif step == "leave late" and (late := next((name for name in open_ if name != by), "")):
            events.append(ev.PlacementEnded(referral=late, end="left", **said))
            if open_.pop(late) == at:
                at = by = ""
        elif step == "break" and by and at:
            events.append(ev.PlacementBrokeDown(referral=by, returned=False, **said))
            del open_[by]
            by = ""
        elif step == "exclude" and at:
            events.append(ev.PermanentlyExcluded(pupil="P", school=at, on=on, year_group=9))
            at = by = ""
        elif step == "hired":
            at, by = rng.choice((ASH, CEDAR)), ""
            events.append(ev.AdmittedOutside(school=at, year_group=9, **said))
    standing = {(at, "P")} if by and at else set()
    standing |= {(school, "P") for school in coming.values()}
    return events, {urn: sum(school == urn for school, _ in standing) for urn in (ASH, BIRCH, CEDAR)}


@pytest.mark.parametrize("seed", range(300))
def test_who_is_there_is_whom_a_tracker_finds(seed: int) -> None:
    events, expected = random_days(random.Random(seed))
    opening = ev.MeetingOpened(
        meeting=1, on=day("09-01"), chair="C", agenda=(), agenda_digest="", rulebook="c", edition=day("09-01"), rulebook_digest=""
    )
    made = counts(folded(opening, *events), NOW)
    assert {urn: made.of("now", urn) for urn in expected} == expected
