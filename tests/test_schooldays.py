"""School days: counted by hand, by walking the calendar, and refused where terms are missing."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.events import TermRecorded
from panel.intake.terms import bank_holidays
from panel.state.schooldays import Terms, academic_year

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


# --- the n-th school day after a day ---


@pytest.mark.parametrize(
    ("day", "many", "wanted"),
    [
        ("2026-09-14", 1, "2026-09-15"),
        ("2026-09-18", 1, "2026-09-21"),  # a Friday: the next is Monday
        ("2026-09-19", 1, "2026-09-21"),  # a Saturday
        ("2026-10-22", 2, "2026-11-02"),  # Friday, half-term, Monday
        ("2026-12-16", 3, "2027-01-04"),  # Thursday, Friday, Christmas, Monday
        ("2027-04-30", 1, "2027-05-04"),  # Monday is the bank holiday
        ("2027-07-20", 1, "2027-07-21"),
        ("2026-08-31", 1, "2026-09-02"),
    ],
)
def test_the_nth_school_day_by_hand(day: str, many: int, wanted: str) -> None:
    assert YEAR.after(D(day), many) == D(wanted)


def test_the_nth_school_day_is_not_told_where_terms_are_missing() -> None:
    assert YEAR.after(D("2027-07-20"), 2) is None  # September is not loaded
    assert YEAR.after(D("2026-08-30"), 1) is None  # neither is the August before
    assert Terms.of((AUTUMN_1, AUTUMN_2)).after(D("2026-12-16"), 2) == D("2026-12-18")
    assert Terms.of((AUTUMN_1, AUTUMN_2)).after(D("2026-12-16"), 3) is None
    assert Terms.of(()).after(D("2026-12-16"), 1) is None


def test_there_is_no_school_day_before_the_first() -> None:
    with pytest.raises(ValueError, match="first"):
        YEAR.after(D("2026-09-14"), 0)
    with pytest.raises(ValueError, match="one"):
        YEAR.before(D("2026-09-14"), 0)


@pytest.mark.parametrize(
    ("day", "many", "wanted"),
    [
        ("2026-09-16", 2, "2026-09-14"),  # Wednesday: Monday at the latest
        ("2026-09-14", 1, "2026-09-13"),  # Monday: the Sunday will do, for Monday is one school day later
        ("2026-11-03", 3, "2026-10-22"),  # Tuesday, Monday, half-term, Friday 23 October
        ("2027-05-04", 1, "2027-05-03"),
        ("2027-05-04", 2, "2027-04-29"),
    ],
)
def test_the_latest_day_of_a_notice_by_hand(day: str, many: int, wanted: str) -> None:
    assert YEAR.before(D(day), many) == D(wanted)


def test_no_day_of_a_notice_is_told_where_terms_are_missing() -> None:
    assert YEAR.before(D("2026-09-03"), 3) is None
    assert Terms.of((AUTUMN_1,)).before(D("2026-11-10"), 2) is None


DAYS = st.dates(D("2026-08-01"), D("2028-09-30"))


@st.composite
def some_terms(draw: st.DrawFn) -> Terms:
    """Up to five terms that share no day, each in one academic year, with some days closed."""
    bounds = sorted(draw(st.sets(DAYS, max_size=10)))
    terms = []
    for first, last in zip(bounds[::2], bounds[1::2], strict=False):
        if academic_year(first) == academic_year(last):
            closed = draw(st.lists(st.dates(first, last), max_size=4))
            terms.append(TermRecorded(first=first, last=last, closed=tuple(closed)))
    return Terms.of(terms)


@given(some_terms(), DAYS, st.integers(1, 40))
def test_the_nth_school_day_is_the_first_on_which_so_many_have_passed(terms: Terms, day: dt.date, many: int) -> None:
    """By walking the calendar, as somebody with a wall planner would."""
    walked, passed = day, 0
    while passed is not None and passed < many and walked < D("2031-01-01"):
        walked += dt.timedelta(days=1)
        passed = terms.between(day, walked)  # type: ignore[assignment]
    assert terms.after(day, many) == (walked if passed == many else None)


@given(some_terms(), DAYS, st.integers(1, 10))
def test_a_notice_given_later_is_too_late(terms: Terms, day: dt.date, many: int) -> None:
    latest = terms.before(day, many)
    if latest is not None:
        assert (terms.between(latest, day) or 0) >= many
        assert (terms.between(latest + dt.timedelta(days=1), day) or 0) < many


@given(some_terms(), DAYS)
def test_a_day_is_one_where_one_more_has_passed_by_its_end(terms: Terms, day: dt.date) -> None:
    is_one = terms.is_one(day)
    in_a_term = any(term.first <= day <= term.last and day not in term.closed for term in terms.terms)
    assert is_one == (False if day.weekday() >= 5 else in_a_term if terms.covers(day) else None)


@given(some_terms(), DAYS)
def test_the_terms_reach_as_far_as_a_count_is_told(terms: Terms, day: dt.date) -> None:
    reach = terms.reach(day)
    assert terms.between(day, reach or day) is not None
    assert terms.between(day, (reach or day) + dt.timedelta(days=1)) is None


def test_a_term_that_was_never_loaded_is_a_gap() -> None:
    assert YEAR.gaps() == ()
    assert Terms.of((AUTUMN_1, SPRING, SUMMER)).gaps() == ((D("2026-10-24"), D("2027-01-03")),)
    assert Terms.of((SPRING, SUMMER)).gaps() == ((D("2026-09-01"), D("2027-01-03")),)


# --- bank holidays of England ---


@pytest.mark.parametrize(
    ("year", "days"),
    [
        # Scotland has 2 January and 30 November, Northern Ireland 17 March and 12 July; England none of them.
        # 26 December 2026 is a Saturday: Monday the 28th stands in for it.
        (2026, "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28"),
        # Christmas on a Saturday, Boxing Day on a Sunday: Monday and Tuesday stand in for them.
        (2027, "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28"),
        # New Year's Day on a Saturday: Monday 3 January.
        (2028, "01-03 04-14 04-17 05-01 05-29 08-28 12-25 12-26"),
        # Moved for the Jubilee, and the day of the state funeral.
        (2022, "01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27"),
        (2020, "01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-28"),
    ],
)
def test_bank_holidays_are_those_of_england_with_their_substitutes(year: int, days: str) -> None:
    assert bank_holidays(dt.date(year, 1, 1), dt.date(year, 12, 31)) == tuple(D(f"{year}-{day}") for day in days.split())
