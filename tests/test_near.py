"""The nearest settings that could receive a pupil, worked out by hand: who is counted, who is not, and under which meaning."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from panel import events as ev
from panel.answering.why import choice, nearest
from panel.facts.candidates import meeting_facts
from panel.facts.counts import Counts
from panel.state.fold import fold
from panel.state.records import Recorded
from rules.book import Authority, Rulebook
from rules.facts import BY_NAME

ON = dt.date(2026, 10, 22)
BOOK = Rulebook(name="b", title="b", edition=dt.date(2026, 9, 1), layers=(), authority=Authority("x"), facts=dict(BY_NAME))

# At 800 m a girls' school, 900 a primary school, 1,000 the home school, 1,100 one that excluded the pupil two years ago, 1,200 a
# closed one, 1,300 a unit, 7,000 and 7,500 two schools that take everybody.
METRES = {"G": 800, "P": 900, "H": 1000, "X": 1100, "C": 1200, "U": 1300, "A": 7000, "B": 7500}
SCHOOLS: dict[str, dict[str, Any]] = {
    "G": {"intake": "girls"},
    "P": {"low_age": 4, "high_age": 11},
    "H": {},
    "X": {},
    "C": {"closed": True},
    "U": {"setting": "pru"},
    "A": {},
    "B": {},
}


def ranks(fact: str, case: ev.ReferralCase, *, meaning: int = ev.SEMANTICS, **made: Any) -> dict[str, Any]:
    """URN -> the fact, of a pupil of year 9 who comes from H."""
    schools = [
        ev.SchoolRecorded(**{"urn": urn, "name": f"School {urn}", "low_age": 11, "high_age": 16, "intake": "mixed", **fields})
        for urn, fields in SCHOOLS.items()
    ]
    usual: dict[str, Any] = {"referral_kind": "managed_move", "year_group": 9, "home_school": "H", "made_on": dt.date(2026, 10, 1)}
    referral = ev.ReferralMade(referral="R", pupil="K", case=case, **{**usual, **made})
    excluded = ev.PermanentlyExcluded(pupil="K", school="X", on=dt.date(2024, 11, 5), year_group=7)
    ways = ev.JourneyRows(journeys=tuple(ev.Journey(urn=urn, metres=metres) for urn, metres in METRES.items()))
    events = (*schools, excluded, referral, ev.JourneysRecorded(pupil="K", case=ways))
    state = fold(Recorded(n, "", event) for n, event in enumerate(events, start=1))
    facts = meeting_facts(state, ("R",), BOOK, Counts({}, {}), ON, meaning=meaning)
    return {urn: row[fact] for urn, row in facts.candidates["R"].items() if fact in row}


def test_the_nearest_is_the_nearest_that_could_receive() -> None:
    assert ranks("candidate.nearness", ev.ReferralCase(single_sex_schools="boys")) == {"A": 1, "B": 2}


@pytest.mark.parametrize(
    ("case", "made", "expected"),
    [
        ({"single_sex_schools": "girls"}, {}, {"G": 1, "A": 2, "B": 3}),
        ({}, {}, {"G": 1, "A": 2, "B": 3}),  # nobody has said whether a girls' school may be considered: it counts
        ({"single_sex_schools": "none"}, {"referral_kind": "reintegration"}, {"H": 1, "A": 2, "B": 3}),
        ({"single_sex_schools": "none"}, {"excluded_by": "A"}, {"B": 1}),
        ({"single_sex_schools": "none", "suited_to": "pru"}, {}, {"U": 1}),
        ({"single_sex_schools": "none", "suited_to": ("mainstream", "pru")}, {}, {"U": 1, "A": 2, "B": 3}),
        ({"single_sex_schools": "none"}, {"year_group": 5}, {"P": 1}),
    ],
)
def test_who_could(case: dict[str, Any], made: dict[str, Any], expected: dict[str, int]) -> None:
    assert ranks("candidate.nearness", ev.ReferralCase(**case), **made) == expected


def test_so_is_the_nearest_of_the_catchments() -> None:
    case = ev.ReferralCase(single_sex_schools="boys", catchment=("H", "G", "B"))
    assert ranks("candidate.catchment_nearness", case) == {"P": 0, "X": 0, "U": 0, "A": 0, "B": 1}


def test_a_meeting_of_the_first_meaning_keeps_what_it_had() -> None:
    case = ev.ReferralCase(single_sex_schools="boys", catchment=("H", "G", "B"))
    assert ranks("candidate.nearness", case, meaning=1) == {"G": 1, "P": 2, "H": 3, "X": 4, "A": 5, "B": 6}
    assert ranks("candidate.catchment_nearness", case, meaning=1) == {"G": 1, "H": 2, "B": 3, "P": 0, "X": 0, "U": 0, "A": 0}


def test_the_area_where_the_pupil_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the words of the school's federation, and unknown where either is."""
    for urn, federation in (("A", "North"), ("B", "South")):
        monkeypatch.setitem(SCHOOLS, urn, {"federation": federation})
    assert ranks("candidate.in_area_of_home", ev.ReferralCase(area="North")) == {"A": True, "B": False}
    assert ranks("candidate.in_area_of_home", ev.ReferralCase()) == {}


@pytest.mark.parametrize(
    ("rank", "said"),
    [(None, ""), (1, "the nearest"), (2, "the 2nd nearest"), (3, "the 3rd nearest"), (11, "the 11th nearest"), (22, "the 22nd nearest")],
)
def test_how_a_rank_is_said(rank: int | None, said: str) -> None:
    assert nearest(rank, 2) == (f", {said} that could receive this pupil" if said else "")
    assert nearest(rank, 1) == (f", {said} of all settings of a kind that suits this pupil" if said else "")


@pytest.mark.parametrize(("rank", "said"), [(1, "first"), (4, "4th"), (11, "11th"), (21, "21st"), (22, "22nd")])
def test_how_a_choice_is_said(rank: int, said: str) -> None:
    assert choice(rank) == f"The family's {said} choice."
