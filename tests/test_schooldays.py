"""School days: counted by hand, by walking the calendar, and refused where terms are missing."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.events import TermRecorded
from panel.schooldays import Terms, academic_year

D = dt.date.fromisoformat

AUTUMN_1 = TermRecorded(first=D("2026-09-02"), last=D("2026-10-23"))
AUTUMN_2 = TermRecorded(first=D("2026-11-02"), last=D("2026-12-18"))
SPRING = TermRecorded(first=D("2027-01-04"), last=D("2027-03-25"))
SUMMER = TermRecorded(first=D("2027-04-12"), last=D("2027-07-21"), closed=(D("2027-05-03"), D("2027-05-31")))
YEAR = Terms.of((SUMMER, AUTUMN_1, SPRING, AUTUMN_2))


@pytest.mark.parametrize(
    ("after", "upto", "days"),
    [
        ("2026-09-14", "2026-09-24", 8),  # Tue to Fri, Mon to Thu
        ("2026-09-24", "2026-09-24", 0),
        ("2026-09-25", "2026-09-24", 0),
        ("2026-09-18", "2026-09-20", 0),  # a weekend
        ("2026-10-22", "2026-11-02", 2),  # Friday, half-term, Monday
        ("2027-04-30", "2027-05-05", 2),  # the bank holiday is no school day
        ("2027-07-20", "2027-08-31", 1),
        ("2026-08-31", "2026-09-02", 1),
    ],
)
def test_days_by_hand(after: str, upto: str, days: int) -> None:
    assert YEAR.between(D(after), D(upto)) == days


def test_a_day_closed_twice_or_at_a_weekend_is_taken_off_once() -> None:
    term = TermRecorded(first=D("2026-09-02"), last=D("2026-10-23"), closed=(D("2026-09-05"), D("2026-09-07"), D("2026-09-07")))
    assert Terms.of((term,)).between(D("2026-09-04"), D("2026-09-08")) == 1


@pytest.mark.parametrize(
    ("terms", "day", "covered"),
    [
        ((AUTUMN_1,), "2026-10-23", True),
        ((AUTUMN_1,), "2026-10-24", False),  # the next half of the term may have begun, for all we know
        ((AUTUMN_1, AUTUMN_2), "2026-10-28", True),
        ((AUTUMN_1, AUTUMN_2), "2027-01-04", False),
        ((SUMMER,), "2027-08-20", True),
        ((SUMMER,), "2027-09-01", False),
        ((TermRecorded(first=D("2027-04-12"), last=D("2027-06-30")),), "2027-07-01", False),
        ((TermRecorded(first=D("2027-04-12"), last=D("2027-07-01")),), "2027-08-31", True),
        ((), "2026-10-01", False),
    ],
)
def test_what_is_covered(terms: tuple[TermRecorded, ...], day: str, covered: bool) -> None:
    assert Terms.of(terms).covers(D(day)) is covered


def test_a_span_is_only_told_where_every_year_of_it_is_covered() -> None:
    assert YEAR.between(D("2026-08-01"), D("2026-09-10")) is None  # August belongs to a year without terms
    assert Terms.of((AUTUMN_1, AUTUMN_2)).between(D("2026-09-14"), D("2027-01-14")) is None
    assert YEAR.between(D("2027-07-20"), D("2027-09-02")) is None


def test_the_term_of_a_day() -> None:
    assert YEAR.term_of(D("2026-10-23")) == AUTUMN_1
    assert YEAR.term_of(D("2026-10-24")) is None
    assert YEAR.term_of(D("2026-11-02")) == AUTUMN_2


@pytest.mark.parametrize(("day", "year"), [("2026-08-31", 2025), ("2026-09-01", 2026), ("2027-01-01", 2026)])
def test_the_academic_year(day: str, year: int) -> None:
    assert academic_year(D(day)) == year


SCHOOL_YEAR = st.dates(D("2026-09-01"), D("2027-08-31"))


@given(SCHOOL_YEAR, SCHOOL_YEAR)
def test_counting_equals_walking_the_calendar(after: dt.date, upto: dt.date) -> None:
    open_days = sum(
        day.weekday() < 5 and any(term.first <= day <= term.last and day not in term.closed for term in YEAR.terms)
        for n in range(1, (upto - after).days + 1)
        for day in [after + dt.timedelta(days=n)]
    )
    assert YEAR.between(after, upto) == open_days


@given(st.permutations(YEAR.terms))
def test_the_order_of_terms_does_not_matter(terms: list[TermRecorded]) -> None:
    assert Terms.of(terms) == YEAR
