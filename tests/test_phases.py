"""Groups of year groups: what they come to at a school, whom a limit by them is for, and that no placing goes beyond it."""

from __future__ import annotations

import datetime as dt
import random
from itertools import product
from typing import Final

import pytest

from panel import events as ev
from panel.deciding.decision import Case, decide
from panel.deciding.opening import facts_on
from panel.facts.phases import has, of_phases, uncounted
from panel.placing.placement import place
from panel.state.fold import fold
from panel.state.records import Recorded
from rules.book import Rulebook
from rules.evaluate import Evaluation
from rules.reach import moved_by_the_meeting
from rules.rulebook import check_text
from tests.test_rulebook import book, read, refused, shelf_of

ON: Final = dt.date(2026, 10, 22)
COUNTED: Final = dt.date(2026, 10, 1)
A, B = "100001", "100002"
PHASES: Final = "year_groups: {lowest: 0, highest: 6}\nphases: {infants: {lowest: 0, highest: 2}, juniors: {lowest: 3, highest: 6}}\n"
LIMIT: Final = """\
year_groups: {lowest: 0, highest: 3}
phases:
  some: {lowest: %d, highest: %d}
limits:
  - id: thirty
    per: school
    year_groups: {lowest: %d, highest: %d}
    room: 90 - school.on_roll_some
    examples:
      - {name: room, given: {school.on_roll_some: 89}, expect: 1}
      - {name: full, given: {school.on_roll_some: 90}, expect: 0}
"""
RANGES: Final = [(low, high) for low in range(4) for high in range(low, 4)]


def written(*events: ev.Event) -> list[Recorded]:
    return [Recorded(n, f"2026-12-{n:02}T12:00:00.000000Z", event) for n, event in enumerate(events, start=1)]


def school(urn: str, **more: object) -> ev.SchoolRecorded:
    return ev.SchoolRecorded.model_validate({"urn": urn, "name": f"School {urn}", "low_age": 4, "high_age": 11, "roll": 200, **more})


def places(urn: str, rolls: dict[int, int | None], pan: int | None = 30) -> ev.PlacesRecorded:
    years = tuple(ev.YearPlaces(year_group=year, pan=pan, on_roll=roll) for year, roll in rolls.items())
    return ev.PlacesRecorded(urn=urn, as_at=COUNTED, years=years)


# --- what they come to ---


@pytest.mark.parametrize(
    ("ages", "rolls", "infants", "without"),
    [
        ((4, 11), {0: 28, 1: 30, 2: 29}, 87, ()),
        ((4, 11), {0: 28, 2: 29}, None, (1,)),  # by its ages there is a year 1, and nobody counted it
        ((4, 11), {0: 28, 1: None, 2: 29}, None, (1,)),
        ((4, 11), {0: 28, 1: 0, 2: 29}, 57, ()),
        ((5, 11), {1: 30, 2: 29}, 59, ()),  # from 5: whether there is a reception class is not said, and none is recorded
        ((5, 11), {0: 28, 1: 30, 2: 29}, 87, ()),
        ((None, None), {1: 30, 2: 29}, 59, ()),  # nobody has said its ages: those that are recorded
        ((7, 11), {3: 60}, None, (0, 1, 2)),  # a junior school has no infants, and no number of them
        ((4, 7), {}, None, (0, 1, 2)),
    ],
)
def test_a_phase_is_the_sum_of_what_the_school_has(
    ages: tuple[int | None, int | None], rolls: dict[int, int | None], infants: int | None, without: tuple[int, ...]
) -> None:
    one = school(A, low_age=ages[0], high_age=ages[1])
    state = fold(written(one, places(A, rolls)))
    rulebook = read(PHASES)
    assert of_phases(state, rulebook, one, ON)["on_roll_infants"] == infants
    assert uncounted(state, one, rulebook.phases["infants"], "on_roll") == without
    assert (infants is None) == bool(without)


def test_published_numbers_are_added_up_too() -> None:
    one, rulebook = school(A), read(PHASES)
    state = fold(written(one, places(A, dict.fromkeys(range(7), 20), pan=30)))
    facts = of_phases(state, rulebook, one, ON)
    assert facts == {"on_roll_infants": 60, "pan_infants": 90, "on_roll_juniors": 80, "pan_juniors": 120}
    assert has(state, one, rulebook.phases["juniors"]) == (3, 4, 5, 6)
    state = fold(written(one, places(A, dict.fromkeys(range(7), 20), pan=None)))
    assert of_phases(state, rulebook, one, ON)["pan_infants"] is None


# --- whom a limit by them is for ---


def test_a_limit_by_a_phase_is_for_its_year_groups_and_no_others() -> None:
    """Of a hundred pairs of year groups the ten that are alike: whoever takes a place adds to the roll, and nobody else does."""
    for phase, years in product(RANGES, RANGES):
        text = book(LIMIT % (*phase, *years))
        if phase == years:
            assert check_text(text, "hilltop.yaml").limits
        else:
            assert "on_roll_some" in refused(text), (phase, years)


def test_a_limit_for_some_kinds_does_not_go_by_everybodys_roll() -> None:
    some = (LIMIT % (0, 2, 0, 2)).replace("    room:", "    of: [fair_access]\n    room:")
    assert "on_roll_some also counts" in refused(book(some))


def test_a_name_stands_for_its_year_groups() -> None:
    named = read((LIMIT % (0, 2, 0, 2)).replace("year_groups: {lowest: 0, highest: 2}\n    room", "year_groups: some\n    room"))
    assert named.limits[0].years == range(3)
    assert named.limits == read(LIMIT % (0, 2, 0, 2)).limits


def test_what_placing_a_pupil_changes_is_its_roll_and_not_its_number() -> None:
    moved = moved_by_the_meeting(read(PHASES))
    assert "school.on_roll_infants" in moved
    assert "school.pan_infants" not in moved


# --- layers ---


def test_a_book_above_reads_the_phases_below_and_names_none_of_them_again() -> None:
    below = shelf_of(book(f"statutory: true\n{PHASES}", name="law", objectives=""))
    limit = (
        "limits:\n  - {id: room, per: school, year_groups: infants, room: school.pan_infants - school.on_roll_infants, examples: [%s]}\n"
    )
    examples = "{name: a, given: {school.pan_infants: 1}, expect: 1}, {name: b, given: {school.pan_infants: 0}, expect: 0}"
    above = check_text(book(f"extends: law\n{limit % examples}"), "hilltop.yaml", below)
    assert above.phases == {"infants": range(3), "juniors": range(3, 7)}
    again = refused(book("extends: law\nphases: {infants: {lowest: 0, highest: 1}}\n"), below)
    assert "found the name infants; wanted a name of its own. school.on_roll_infants is already a fact." in again
    narrow = check_text(book("extends: law\nyear_groups: {lowest: 3, highest: 6}\n"), "hilltop.yaml", below)
    assert narrow.phases["infants"] == range(3)


# --- and nobody is placed beyond it ---

ROOM: Final = """\
year_groups: {lowest: 0, highest: 4}
phases: {infants: {lowest: 0, highest: 2}}
school_facts: {classes: {unit: number, say: infant classes}}
limits:
  - id: thirty
    per: school
    year_groups: infants
    room: 30 * school.classes - school.on_roll_infants
    examples:
      - {name: room, given: {school.classes: 3, school.on_roll_infants: 89}, expect: 1}
      - {name: full, given: {school.classes: 3, school.on_roll_infants: 90}, expect: 0}
  - id: year-full
    per: year_group
    at: [mainstream]
    room: year.pan - year.on_roll
    examples:
      - {name: room, given: {year.pan: 30, year.on_roll: 29}, expect: 1}
      - {name: full, given: {year.pan: 30, year.on_roll: 30}, expect: 0}
"""


def meeting(rng: random.Random) -> tuple[list[ev.Event], dict[str, int], dict[str, tuple[int, dict[int, int]]]]:
    """Two schools, up to five pupils by their year groups, and of each school its classes and rolls."""
    schools = {urn: (rng.randint(1, 3), {year: rng.randint(26, 30) for year in range(5)}) for urn in (A, B)}
    pupils = {f"R{n}": rng.randint(0, 4) for n in range(1, rng.randint(3, 6))}
    events: list[ev.Event] = [school(urn, facts={"classes": {"value": classes}}) for urn, (classes, _) in schools.items()]
    events += [places(urn, dict(rolls), pan=30) for urn, (_, rolls) in schools.items()]
    events += [
        ev.ReferralMade(
            referral=name, pupil=f"P{name}", referral_kind="fair_access", year_group=year, no_home_school=True, made_on=COUNTED,
            case=ev.ReferralCase(),
        )
        for name, year in pupils.items()
    ]  # fmt: skip
    return events, pupils, schools


def most(pupils: dict[str, int], schools: dict[str, tuple[int, dict[int, int]]]) -> int:
    """How many can be placed at most: every placing is tried."""
    return max(sum(urn is not None for urn in went) for went in product((None, A, B), repeat=len(pupils)) if fits(pupils, schools, went))


def fits(pupils: dict[str, int], schools: dict[str, tuple[int, dict[int, int]]], went: tuple[str | None, ...]) -> bool:
    """Thirty in each infant class, over reception and years 1 and 2, and thirty in each year group."""
    for urn, (classes, rolls) in schools.items():
        there = [year for year, to in zip(pupils.values(), went, strict=True) if to == urn]
        infants = [year for year in there if year <= 2]
        if infants and sum(rolls[year] for year in range(3)) + len(infants) > 30 * classes:
            return False
        if any(rolls[year] + there.count(year) > 30 for year in there):
            return False
    return True


def test_as_many_as_can_be_are_placed_and_no_class_is_beyond_thirty() -> None:
    rulebook: Rulebook = read(ROOM)
    evaluation, bound = Evaluation(rulebook), 0
    for seed in range(150):
        events, pupils, schools = meeting(random.Random(f"phases {seed}"))
        facts = facts_on(written(*events), tuple(pupils), rulebook, evaluation, ON)
        placing = decide(Case(facts, "seed", {}), rulebook, evaluate=evaluation, place=place).placing
        assert fits(pupils, schools, tuple(placing.get(name) for name in pupils)), seed
        assert len(placing) == most(pupils, schools), seed
        without = {urn: (9, rolls) for urn, (_, rolls) in schools.items()}
        bound += most(pupils, without) > len(placing)
    assert bound > 50  # meetings in which it is the classes that nobody else can join
