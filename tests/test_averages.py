"""What would fall to each school were a count even, worked by hand: the average, and the part of the total that goes by roll."""

from __future__ import annotations

import datetime as dt
from typing import Final

import pytest

from panel import events as ev
from panel.facts.candidates import MeetingFacts, meeting_facts
from panel.facts.counts import Counts
from panel.state.fold import fold
from panel.state.records import Recorded
from rules.book import Rulebook
from rules.errors import RulebookError
from rules.facts import Value
from rules.rulebook import Shelf, check_text

ON: Final = dt.date(2026, 10, 22)
ASH, BIRCH, CEDAR, UNIT = "100001", "100002", "100003", "100009"
ROLLS: Final[dict[str, int | None]] = {ASH: 1000, BIRCH: 500, CEDAR: 800}
HEAD: Final = "rulebook: even\nedition: {from: 2026-09-01}\ntitle: Even\nauthority: {instrument: Nobody}\n"
COUNTS: Final = """\
counts:
  load: {of: [placements, outside_admissions], over: academic_year}
  ever: {of: placements, over: for_ever}
  outside: {of: outside_admissions, over: academic_year}
  in_year: {of: placements, over: academic_year, per: year_group}
"""
BOOK: Final = check_text(f"{HEAD}{COUNTS}objectives: [place]\n", "even.yaml", Shelf.of([]))


def schools(rolls: dict[str, int | None]) -> list[ev.Event]:
    mainstream = [ev.SchoolRecorded(urn=urn, name=f"School {urn}", low_age=11, high_age=16, roll=roll) for urn, roll in rolls.items()]
    return [*mainstream, ev.SchoolRecorded(urn=UNIT, name="Unit", setting="pru", roll=40)]


def year(urn: str, **rolls: int | None) -> ev.PlacesRecorded:
    rows = tuple(ev.YearPlaces(year_group=int(name[1:]), pan=180, on_roll=roll) for name, roll in rolls.items())
    return ev.PlacesRecorded(urn=urn, as_at=dt.date(2026, 10, 1), years=rows)


def met(*events: ev.Event, counts: Counts, book: Rulebook = BOOK, also: tuple[int, ...] = ()) -> MeetingFacts:
    state = fold(Recorded(n, "", event) for n, event in enumerate(events, start=1))
    return meeting_facts(state, (), book, counts, ON, also)


def by_school(**taken: tuple[int, ...]) -> Counts:
    """How many Ash, Birch, Cedar and the unit have, by count."""
    urns = (ASH, BIRCH, CEDAR, UNIT)
    return Counts({(count, urn): n for count, each in taken.items() for urn, n in zip(urns, each, strict=True) if n}, {})


def even(facts: MeetingFacts, count: str = "load") -> dict[str, Value]:
    name = f"school.even_{count}_by_roll"
    return {urn: row[name] for urn, row in facts.schools.items() if name in row}


@pytest.mark.parametrize(
    ("taken", "total", "average", "parts"),
    [
        ((4, 1, 2, 0), 7, 2, (3, 1, 2)),  # 7 x 1000 / 2300 = 3.04, 7 x 500 / 2300 = 1.52, 7 x 800 / 2300 = 2.43; 7 / 3 = 2.33
        ((0, 0, 0, 0), 0, 0, (0, 0, 0)),
        ((23, 0, 0, 9), 23, 7, (10, 5, 8)),  # what the unit took is in neither; 23 / 3 = 7.67
        ((3, -4, 0, 0), -1, -1, (-1, -1, -1)),  # rounded down: below 0 away from it
    ],
)
def test_the_average_and_what_falls_to_each(taken: tuple[int, ...], total: int, average: int, parts: tuple[int, ...]) -> None:
    facts = met(*schools(ROLLS), counts=by_school(load=taken))
    assert (facts.panel["panel.total_load"], facts.panel["panel.average_load"]) == (total, average)
    assert even(facts) == dict(zip((ASH, BIRCH, CEDAR), parts, strict=True))


def test_without_one_roll_nothing_falls_to_anybody() -> None:
    facts = met(*schools({**ROLLS, BIRCH: None}), counts=by_school(load=(4, 1, 2, 0)))
    assert even(facts) == {}
    assert facts.panel["panel.average_load"] == 2


def test_of_no_pupils_at_all_nothing_falls_to_anybody() -> None:
    assert even(met(*schools({ASH: 0, BIRCH: 0}), counts=by_school(load=(4, 1, 0, 0)))) == {}


def test_without_a_mainstream_school_the_average_is_nought() -> None:
    assert met(*schools({}), counts=by_school(load=(0, 0, 0, 5))).panel["panel.average_load"] == 0


def test_a_year_group_goes_by_its_own_rolls_and_its_own_total() -> None:
    """Nine in year 9, by 180, 90 and 150 of 420: 3.86, 1.93, 3.21. What they took in year 10 is another sum: 1 by 150 of 300."""
    counts = Counts(
        {("in_year", ASH): 9, ("in_year", CEDAR): 1},
        {("in_year", ASH, 9): 8, ("in_year", CEDAR, 9): 1, ("in_year", ASH, 10): 1},
    )
    events = (*schools(ROLLS), year(ASH, y9=180, y10=150), year(BIRCH, y9=90, y10=0), year(CEDAR, y9=150, y10=150))
    facts = met(*events, counts=counts, also=(9, 10))
    name = "year.even_in_year_by_roll"
    assert {key: row[name] for key, row in facts.years.items() if name in row} == {
        (ASH, 9): 3, (BIRCH, 9): 1, (CEDAR, 9): 3, (ASH, 10): 0, (BIRCH, 10): 0, (CEDAR, 10): 0,
    }  # fmt: skip
    assert facts.panel["panel.average_in_year"] == 3  # 10 // 3, of all year groups, as the total
    without = met(*schools(ROLLS), year(ASH, y9=180), year(BIRCH, y9=90), year(CEDAR, y10=150), counts=counts, also=(9,))
    assert not any(name in row for row in without.years.values())


def test_a_school_that_has_no_such_year_group_is_not_asked_for_it() -> None:
    """Cedar begins at 14: of nine in year 9 the 180 of Ash take 6 and the 90 of Birch 3."""
    later = ev.SchoolRecorded(urn=CEDAR, name="Cedar", low_age=14, high_age=18, roll=800)
    counts = Counts({("in_year", ASH): 9}, {("in_year", ASH, 9): 9})
    facts = met(*schools({ASH: 1000, BIRCH: 500}), later, year(ASH, y9=180), year(BIRCH, y9=90), counts=counts, also=(9,))
    assert {key: row["year.even_in_year_by_roll"] for key, row in facts.years.items() if "year.pan" in row} == {(ASH, 9): 6, (BIRCH, 9): 3}


def test_a_school_that_joined_late_is_weighed_by_its_days() -> None:
    """Birch joined on 1 January, for 243 of 365 days: 500 x 243 = 121,500 beside 365,000 and 292,000, of 778,500 together.

    Of ten that is 4.69, 1.56 and 3.75; a count for ever knows no part of a year: 10 x 500 / 2300 = 2.17.
    """
    joined = ev.SchoolJoined(urn=BIRCH, on=dt.date(2027, 1, 1))
    state_on = dt.date(2027, 2, 1)
    events = [*schools(ROLLS), joined]
    state = fold(Recorded(n, "", event) for n, event in enumerate(events, start=1))
    facts = meeting_facts(state, (), BOOK, by_school(load=(10, 0, 0, 0), ever=(10, 0, 0, 0)), state_on)
    assert even(facts) == {ASH: 4, BIRCH: 1, CEDAR: 3}
    assert even(facts, "ever") == {ASH: 4, BIRCH: 2, CEDAR: 3}


LIMIT: Final = """\
limits:
  - id: even
    per: {per}
    at: [mainstream]
    room: {even} + 1 - {own}
    examples:
      - {{name: at it, given: {{{even}: 2, {own}: 2}}, expect: 1}}
      - {{name: above it, given: {{{even}: 2, {own}: 3}}, expect: 0}}
objectives: [place]
"""


@pytest.mark.parametrize(
    ("per", "even_", "own"),
    [
        ("school", "school.even_load_by_roll", "school.load"),
        ("school", "panel.average_load", "school.load"),
        ("year_group", "year.even_in_year_by_roll", "year.in_year"),
    ],
)
def test_a_limit_reads_them(per: str, even_: str, own: str) -> None:
    book = check_text(HEAD + COUNTS + LIMIT.format(per=per, even=even_, own=own), "even.yaml", Shelf.of([]))
    assert book.facts[even_].optional == ("even_" in even_)
    assert "rounded down" in book.facts[even_].meaning or "average" in book.facts[even_].meaning


BAR: Final = """\
bars:
  - id: above
    when: {fact} > 3
    examples:
      - {{name: above, given: {{{fact}: 4}}, expect: fires}}
      - {{name: not above, given: {{{fact}: 3}}, expect: silent}}
objectives: [place]
"""


@pytest.mark.parametrize("fact", ["school.even_load_by_roll", "panel.average_load", "year.even_in_year_by_roll"])
def test_no_bar_reads_them_for_the_meeting_moves_them(fact: str) -> None:
    with pytest.raises(RulebookError, match=f"found {fact}, which the meeting itself changes"):
        check_text(HEAD + COUNTS + BAR.format(fact=fact), "even.yaml", Shelf.of([]))


def test_a_count_of_what_the_panel_does_not_place_may_bar() -> None:
    assert check_text(HEAD + COUNTS + BAR.format(fact="school.even_outside_by_roll"), "even.yaml", Shelf.of([])).bars


def test_a_name_that_one_of_them_has_is_taken() -> None:
    derived = "derive: [{id: a, fact: panel.average_load, is: panel.total_load}]\n"
    with pytest.raises(RulebookError, match=r"found panel\.average_load, which exists already"):
        check_text(f"{HEAD}{COUNTS}{derived}objectives: [place]\n", "even.yaml", Shelf.of([]))
