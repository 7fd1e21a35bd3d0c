"""How many vacancies there are for a pupil, how far the nearest is, and how far the home school: by hand, from a small record.

Four mainstream schools and a unit; a pupil of year 9 comes from H. In year 9 there are 10 vacancies at H, none at A, which is two over,
1 at B and 4 at C.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from panel import events as ev
from panel.facts.candidates import meeting_facts
from panel.facts.counts import Counts
from panel.state.fold import fold
from panel.state.records import Recorded
from rules.book import Authority, Rulebook
from rules.facts import BY_NAME, Value

ON = dt.date(2026, 10, 22)
BOOK = Rulebook(name="b", title="b", edition=dt.date(2026, 9, 1), layers=(), authority=Authority("x"), facts=dict(BY_NAME))
ROWS: dict[str, tuple[int | None, int | None]] = {"H": (180, 170), "A": (150, 152), "B": (120, 119), "C": (90, 86), "U": (20, 5)}
METRES: dict[str, int | None] = {"H": 1000, "A": 2000, "B": 7000, "C": 3000, "U": 500}


def places(urn: str, pan: int | None, taken: int | None, year: int = 9) -> ev.PlacesRecorded:
    return ev.PlacesRecorded(urn=urn, as_at=dt.date(2026, 9, 10), years=(ev.YearPlaces(year_group=year, pan=pan, on_roll=taken),))


def row(*events: ev.Event, schools: Any = None, rows: Any = None, metres: Any = None, case: Any = None, **made: Any) -> dict[str, Value]:
    """The facts of the referral, where some of what is above is otherwise."""
    told = {urn: {"setting": "pru" if urn == "U" else "mainstream", **(schools or {}).get(urn, {})} for urn in ROWS}
    there = [ev.SchoolRecorded(**{"urn": urn, "name": urn, "low_age": 11, "high_age": 16, **fields}) for urn, fields in told.items()]
    counted = [places(urn, *row) for urn, row in {**ROWS, **(rows or {})}.items()]
    usual: dict[str, Any] = {"referral_kind": "fair_access", "year_group": 9, "home_school": "H", "made_on": dt.date(2026, 10, 1)}
    referral = ev.ReferralMade(referral="R", pupil="K", case=ev.ReferralCase(**(case or {})), **{**usual, **made})
    journeys = {**METRES, **(metres or {})}
    ways = tuple(ev.Journey(urn=urn, metres=far) for urn, far in journeys.items() if far != -1)
    record = (*there, *counted, referral, ev.JourneysRecorded(pupil="K", case=ev.JourneyRows(journeys=ways)), *events)
    state = fold(Recorded(n, "", event) for n, event in enumerate(record, start=1))
    return dict(meeting_facts(state, ("R",), BOOK, Counts({}, {}), ON).referrals["R"])


def found(*events: ev.Event, **more: Any) -> tuple[Value | None, Value | None]:
    facts = row(*events, **more)
    return facts.get("referral.vacancies_in_year"), facts.get("referral.metres_to_vacancy")


GIRLS = {"C": {"intake": "girls"}}
GRAMMAR = {"C": {"selective": True}}
OUT = ev.PermanentlyExcluded(pupil="K", school="C", on=dt.date(2024, 11, 5), year_group=7)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, (5, 3000)),  # not at H, where the pupil comes from; two over at A are no vacancies less at another
        ({"referral_kind": "reintegration"}, (15, 1000)),  # H may have the pupil back
        ({"home_school": "A"}, (15, 1000)),
        ({"excluded_by": "C"}, (1, 7000)),
        ({"schools": GIRLS, "case": {"single_sex_schools": "boys"}}, (1, 7000)),
        ({"schools": GIRLS, "case": {"single_sex_schools": "girls"}}, (5, 3000)),
        ({"schools": GIRLS}, (5, 3000)),  # nobody has said that it may not be: it counts, as it does for the nearest
        ({"schools": GRAMMAR, "case": {"meets_selection": False}}, (1, 7000)),
        ({"schools": GRAMMAR, "case": {"meets_selection": True}}, (5, 3000)),
        ({"schools": GRAMMAR}, (5, 3000)),
        ({"schools": {"C": {"selective": False}}, "case": {"meets_selection": False}}, (5, 3000)),
        ({"schools": {"C": {"closed": True}}}, (1, 7000)),
        ({"schools": {"C": {"low_age": 4, "high_age": 11}}}, (1, 7000)),  # a primary school has no year 9
        ({"case": {"suited_to": "pru"}}, (0, None)),  # no mainstream school would do
    ],
)
def test_only_what_could_receive_this_pupil(more: dict[str, Any], expected: tuple[int | None, int | None]) -> None:
    assert found(**more) == expected


def test_a_school_that_excluded_the_pupil_before_has_none_for_this_one() -> None:
    assert found(OUT) == (1, 7000)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"rows": {"C": (None, 86)}}, (None, None)),
        ({"rows": {"C": (90, None)}}, (None, None)),
        ({"rows": {"H": (None, None)}}, (5, 3000)),  # what is not known of a school that could not receive stands in nobody's way
        ({"rows": {"C": (None, None)}, "schools": {"C": {"low_age": None, "high_age": None}}}, (None, None)),
        ({"rows": {"C": (None, None)}, "schools": GRAMMAR, "case": {"meets_selection": False}}, (1, 7000)),
        ({"metres": {"B": None}}, (5, None)),  # it may be the nearer one
        ({"metres": {"B": -1}}, (5, None)),  # nobody recorded that way at all
        ({"metres": {"A": None}}, (5, 3000)),  # A has none: how far it is does not matter
        ({"metres": {"B": 2999}}, (5, 2999)),
        ({"rows": {"B": (120, 120), "C": (90, 95)}}, (0, None)),
        ({"rows": {"B": (120, 120)}}, (4, 3000)),
        ({"year_group": 10}, (None, None)),  # nobody counted that year group
    ],
)
def test_what_is_unknown_is_not_guessed(more: dict[str, Any], expected: tuple[int | None, int | None]) -> None:
    assert found(**more) == expected


def test_each_year_group_has_its_own() -> None:
    tens = (places("A", 150, 148, 10), places("B", 120, 120, 10), places("C", 90, 90, 10))
    assert found(*tens, year_group=10) == (2, 2000)


@pytest.mark.parametrize(
    ("more", "metres"),
    [
        ({}, 1000),
        ({"home_school": "B"}, 7000),
        ({"schools": {"H": {"closed": True}}}, 1000),  # how far it is, whoever it can receive
        ({"metres": {"H": None}}, None),
        ({"metres": {"H": -1}}, None),
        ({"home_school": None, "excluded_by": "C"}, None),
        ({"home_school": None, "no_home_school": True}, None),
    ],
)
def test_how_far_the_home_school_is(more: dict[str, Any], metres: int | None) -> None:
    assert row(**more).get("referral.metres_to_home_school") == metres
