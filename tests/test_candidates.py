"""The facts of a pair, worked out by hand from a small record."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from panel import events as ev
from panel.facts.candidates import meeting_facts, receiving
from panel.facts.counts import Counts
from panel.state.fold import fold
from panel.state.records import Recorded, State
from rules.book import Authority, Count, Rulebook, Span
from rules.facts import BY_NAME, Value

ON = dt.date(2026, 10, 22)
BOOK = Rulebook(name="b", title="b", edition=dt.date(2026, 9, 1), layers=(), authority=Authority("x"), facts=dict(BY_NAME))
NOTHING = Counts({}, {})


def school(urn: str, **fields: Any) -> ev.SchoolRecorded:
    return ev.SchoolRecorded(**{"urn": urn, "name": f"School {urn}", "low_age": 11, "high_age": 16, "intake": "mixed", **fields})


def referral(**fields: Any) -> ev.ReferralMade:
    usual: dict[str, Any] = {"referral": "R", "pupil": "P", "referral_kind": "managed_move", "year_group": 9, "home_school": "1"}
    return ev.ReferralMade(**{**usual, "made_on": dt.date(2026, 10, 1), **fields})


def state(*events: ev.Event) -> State:
    return fold(Recorded(n, "", event) for n, event in enumerate(events, start=1))


def pair(*events: ev.Event, urn: str = "2") -> dict[str, Value]:
    return meeting_facts(state(*events), ("R",), BOOK, NOTHING, ON).pair_row("R", urn)


@pytest.mark.parametrize(
    ("fields", "year_group", "case", "admits"),
    [
        ({}, 9, {}, True),
        ({"low_age": 11, "high_age": 14}, 9, {}, True),  # year 9 is 13 turning 14
        ({"low_age": 11, "high_age": 14}, 10, {}, False),
        ({"low_age": 14, "high_age": 19}, 9, {}, False),
        ({"low_age": None, "high_age": None, "phase": "Secondary"}, 11, {}, True),
        ({"low_age": None, "high_age": None, "phase": "All-through"}, 7, {}, True),
        ({"low_age": None, "high_age": None}, 9, {}, None),  # nobody has said
        ({"intake": "girls"}, 9, {"single_sex_schools": "girls"}, True),
        ({"intake": "girls"}, 9, {"single_sex_schools": "boys"}, False),
        ({"intake": "girls"}, 9, {"single_sex_schools": "none"}, False),
        ({"intake": "girls"}, 9, {}, None),
        ({"setting": "pru"}, 9, {}, False),
        ({"setting": "pru", "low_age": None, "high_age": None}, 9, {"suited_to": "pru"}, True),
        ({}, 9, {"suited_to": "pru"}, False),
    ],
)
def test_admits(fields: dict[str, Any], year_group: int, case: dict[str, Any], admits: bool | None) -> None:
    row = pair(school("1"), school("2", **fields), referral(year_group=year_group, case=ev.ReferralCase(**case)))
    assert row.get("candidate.admits") is admits


def test_days_since() -> None:
    row = pair(
        school("1", closing=True),
        school("2"),
        referral(case=ev.ReferralCase(conversation_on=dt.date(2026, 10, 20))),
        ev.AgreementSigned(referral="R", by="parent", on=dt.date(2026, 10, 8)),
        ev.PermanentlyExcluded(pupil="P", school="2", on=dt.date(2025, 10, 22), year_group=8),
        ev.PermanentlyExcluded(pupil="P", school="3", on=dt.date(2026, 10, 2), year_group=9),
        ev.PermanentlyExcluded(pupil="P", school="3", on=dt.date(2026, 11, 2), year_group=9),
    )
    assert row["referral.days_since_parent_agreed"] == 14
    assert row["referral.days_since_conversation"] == 2
    # The exclusion of 2 November has not happened yet on the meeting's day, but nothing here leaves it out: the fold's `as_of` does.
    assert "referral.days_since_excluded" not in row
    assert row["referral.home_school_closing"] is True
    assert row["candidate.excluded_from"] is True
    assert row["panel.month"] == 10


def test_how_long_it_waits_and_where_the_pupil_was() -> None:
    case = ev.ReferralCase(attended=("2",), out_of_education_since=dt.date(2026, 9, 22))
    record = (school("1"), school("2"), school("3"), referral(case=case))
    row = pair(*record)
    assert (row["referral.days_since_made"], row["referral.days_out_of_education"]) == (21, 30)
    assert [pair(*record, urn=urn)["candidate.attended_before"] for urn in ("1", "2", "3")] == [False, True, False]
    admitted = ev.AdmittedOutside(pupil="P", school="3", on=dt.date(2025, 9, 1), year_group=8)
    assert pair(*record, admitted, urn="3")["candidate.attended_before"] is True
    unsaid = pair(school("1"), school("2"), referral())
    assert (unsaid["candidate.attended_before"], "referral.days_out_of_education" in unsaid) == (False, False)


def test_a_child_of_no_school_is_of_no_federation_and_no_home_school_is_to_close() -> None:
    """Of a child whose exclusion alone is known nothing follows; of one who comes from none it is no."""
    here, there = school("1", federation="North", closing=True), school("2", federation="North")
    by_none = pair(here, there, referral(home_school=None, no_home_school=True, referral_kind="fair_access"))
    assert (by_none["referral.has_home_school"], by_none["candidate.same_federation"]) == (False, False)
    assert (by_none["referral.home_school_closing"], by_none["candidate.is_home_school"]) == (False, False)
    excluded = pair(here, there, referral(home_school=None, no_home_school=True, excluded_by="1", referral_kind="fair_access"))
    assert (excluded["candidate.same_federation"], excluded["referral.has_home_school"]) == (True, False)
    blank = pair(here, there, referral(home_school=None, excluded_by="1", referral_kind="fair_access"))
    assert "referral.has_home_school" not in blank
    assert "referral.home_school_closing" not in blank
    assert pair(here, there, referral())["referral.has_home_school"] is True


def test_the_counts_of_the_home_school() -> None:
    """School 1 has sent two more than it took; where nobody is on a roll there is no such count."""
    per_year = Count(id="by_year", of=("placements",), over=Span("for_ever"), per="year_group", book="b", line=1)
    book = replace(BOOK, counts=(Count(id="net", of=("placements",), over=Span("for_ever"), book="b", line=1), per_year))
    counts = Counts({("net", "1"): -2, ("net", "2"): 5}, {})
    made = meeting_facts(state(school("1"), school("2"), referral()), ("R",), book, counts, ON).referral_row("R")
    assert made["referral.home_school_net"] == -2
    assert "referral.home_school_by_year" not in made
    excluded = state(school("1"), school("2"), referral(home_school=None, excluded_by="1"))
    assert "referral.home_school_net" not in meeting_facts(excluded, ("R",), book, counts, ON).referral_row("R")


def test_days_since_an_exclusion_are_calendar_days() -> None:
    record: list[ev.Event] = [
        school("1"),
        school("2"),
        referral(),
        ev.PermanentlyExcluded(pupil="P", school="2", on=dt.date(2025, 10, 22), year_group=8),
        ev.PermanentlyExcluded(pupil="P", school="3", on=dt.date(2026, 11, 2), year_group=9),
    ]
    seen = fold((Recorded(n, "", event) for n, event in enumerate(record, start=1)), as_of=ON)
    row = meeting_facts(seen, ("R",), BOOK, NOTHING, ON).pair_row("R", "2")
    assert row["referral.days_since_excluded"] == 365
    assert row["referral.excluded_times"] == 1


@pytest.mark.parametrize(
    ("home", "there", "same"), [("North", "North", True), ("North", "South", False), (None, "North", None), ("North", None, None)]
)
def test_same_federation(home: str | None, there: str | None, same: bool | None) -> None:
    row = pair(school("1", federation=home), school("2", federation=there), referral())
    assert row.get("candidate.same_federation") is same


def test_the_federation_of_an_excluded_pupil_is_that_of_the_school_that_excluded() -> None:
    made = referral(home_school=None, excluded_by="1", permanently_excluded=True)
    row = pair(school("1", federation="North"), school("2", federation="North"), made)
    assert row["candidate.same_federation"] is True
    assert row["referral.excluded_times"] == 1
    assert "referral.home_school_closing" not in row


def test_years_open_and_opened_this_year() -> None:
    old = pair(school("1"), school("2", opened_on=dt.date(2024, 9, 1)), referral())
    assert (old["school.years_open"], old["school.opened_this_year"]) == (2, False)
    new = pair(school("1"), school("2", opened_on=dt.date(2026, 9, 1)), referral())
    assert (new["school.years_open"], new["school.opened_this_year"]) == (0, True)


def test_an_exemption_is_for_its_days_and_its_year_group() -> None:
    vote: dict[str, Any] = {"urn": "2", "first": dt.date(2026, 10, 22), "last": dt.date(2026, 10, 31)}
    assert pair(school("1"), school("2"), referral(), ev.ExemptionVoted(**vote))["candidate.exempt"] is True
    assert pair(school("1"), school("2"), referral(), ev.ExemptionVoted(**vote, year_group=8))["candidate.exempt"] is False
    before: dict[str, Any] = {**vote, "first": dt.date(2026, 10, 23)}
    assert pair(school("1"), school("2"), referral(), ev.ExemptionVoted(**before))["candidate.exempt"] is False


def test_who_can_receive() -> None:
    known = state(school("1"), school("2", closed=True), school("3", closes_on=ON), school("4", closes_on=dt.date(2026, 10, 23)))
    assert sorted(receiving(known, ON)) == ["1", "4"]


def test_nearness_is_among_settings_of_the_suited_kind() -> None:
    ways = ev.JourneyRows(
        journeys=(
            ev.Journey(urn="1", metres=500),
            ev.Journey(urn="2", metres=900),
            ev.Journey(urn="3", metres=100),
            ev.Journey(urn="4", metres=900),
        )
    )
    away = referral(home_school="9")
    record = (school("1"), school("2"), school("3", setting="pru"), school("4"), away, ev.JourneysRecorded(pupil="P", case=ways))
    assert [pair(*record, urn=urn).get("candidate.nearness") for urn in ("1", "2", "3", "4")] == [1, 2, None, 2]
