"""How a clock stands on a day: due when, late by how much, too early, or not to be told. By hand, and by walking the calendar."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.clocks.deadlines import Asked, Timed, falls_on, timed, timed_by
from panel.clocks.runs import Mark, Run
from panel.events import TermRecorded
from panel.state.schooldays import Terms
from rules.book import Authority, Length

D = dt.date.fromisoformat

AUTUMN = TermRecorded(first=D("2027-11-01"), last=D("2027-12-17"))
SPRING = TermRecorded(first=D("2028-01-03"), last=D("2028-03-31"), closed=(D("2028-01-03"),))  # the day in place of New Year's
TERMS = Terms.of((AUTUMN, SPRING))


def length(text: str) -> Length:
    many, _, unit = text.partition(" ")
    return Length(int(many), unit)  # type: ignore[arg-type]


def asked(within: str = "", not_before: str = "") -> Asked:
    return Asked(
        "soon",
        "clock",
        ("a",),
        ("b",),
        length(within) if within else None,
        length(not_before) if not_before else None,
        Authority("invented"),
    )


def mark(on: str) -> Mark:
    return Mark(D(on), 1, 0, "a")


def stands(
    begun: str,
    as_of: str,
    within: str = "",
    not_before: str = "",
    *,
    met: str = "",
    terms: Terms = TERMS,
    again: str = "",
    stopped: str = "",
) -> Timed:
    marks = (mark(begun), *((mark(again),) if again else ()))
    run = Run(marks, met=mark(met) if met else None, stopped=stopped or None)
    return timed("R1", asked(within, not_before), run, terms, D(as_of))


def told(one: Timed) -> tuple[object, ...]:
    return one.standing, str(one.due), one.left, one.late


@pytest.mark.parametrize(
    ("as_of", "wanted"),
    [
        # Wednesday 1 December 2027: 2, 3 (2), 6-10 (7), 13-17 (12), 4-7 January (16), 10-13 January (20).
        ("2027-12-01", ("running", "2028-01-13", 20, None)),
        ("2027-12-17", ("running", "2028-01-13", 8, None)),
        ("2027-12-25", ("running", "2028-01-13", 8, None)),
        ("2028-01-03", ("running", "2028-01-13", 8, None)),  # the bank holiday is none
        ("2028-01-04", ("running", "2028-01-13", 7, None)),
        ("2028-01-13", ("running", "2028-01-13", 0, None)),  # all of the last day is in time
        ("2028-01-14", ("late", "2028-01-13", None, 1)),
        ("2028-01-16", ("late", "2028-01-13", None, 1)),
        ("2028-01-17", ("late", "2028-01-13", None, 2)),
    ],
)
def test_twenty_school_days_over_christmas_and_a_bank_holiday(as_of: str, wanted: tuple[object, ...]) -> None:
    assert told(stands("2027-12-01", as_of, "20 school days")) == wanted


@pytest.mark.parametrize(
    ("met", "wanted"),
    [
        ("2027-12-01", ("met", "2028-01-13", None, None)),
        ("2028-01-13", ("met", "2028-01-13", None, None)),
        ("2028-01-14", ("met late", "2028-01-13", None, 1)),
        ("2028-01-15", ("met late", "2028-01-13", None, 1)),  # on the Saturday after
    ],
)
def test_what_came_is_judged_by_the_day_on_which_it_came(met: str, wanted: tuple[object, ...]) -> None:
    assert told(stands("2027-12-01", "2028-03-01", "20 school days", met=met)) == wanted


def test_on_a_weekend_after_the_last_day_it_is_late_by_no_school_day_yet() -> None:
    assert told(stands("2027-12-03", "2027-12-11", "5 school days")) == ("late", "2027-12-10", None, 0)


def test_calendar_days_and_weeks_are_counted_as_they_come() -> None:
    one = stands("2027-12-03", "2027-12-04", "15 calendar days")
    assert told(one) == ("running", "2027-12-18", 14, None)
    assert one.falls == "a Saturday"
    two = stands("2027-12-10", "2028-01-06", "3 weeks")
    assert told(two) == ("late", "2027-12-31", None, 6)
    assert two.falls == "a day in the holidays"
    assert stands("2027-12-03", "2027-12-04", "2 weeks").falls is None


def test_what_day_it_is() -> None:
    assert falls_on(D("2028-01-02"), TERMS) == "a Sunday"
    assert falls_on(D("2028-01-03"), TERMS) == "a day in a term on which schools are closed"
    assert falls_on(D("2028-04-05"), TERMS) == "a day of which no term tells whether it is a school day"
    assert falls_on(D("2028-01-04"), TERMS) is None


def test_where_the_terms_do_not_reach_it_cannot_be_told() -> None:
    one = stands("2027-12-01", "2027-12-06", "20 school days", terms=Terms.of((AUTUMN,)))
    assert told(one) == ("cannot tell", "None", 17, None)  # three have passed, so much is certain
    assert one.untold == D("2027-12-18")
    two = stands("2027-12-01", "2028-01-20", "20 school days", terms=Terms.of((AUTUMN,)))
    assert told(two) == ("cannot tell", "None", None, None)
    assert two.untold == D("2027-12-18")
    assert stands("2027-12-01", "2027-12-06", "20 school days", terms=Terms()).untold == D("2027-12-02")


def test_what_came_before_so_many_days_could_have_passed_is_in_time_all_the_same() -> None:
    assert stands("2027-12-01", "2028-01-20", "20 school days", met="2027-12-10", terms=Terms.of((AUTUMN,))).standing == "met"
    assert stands("2027-12-01", "2028-01-20", "20 school days", met="2028-01-05", terms=Terms.of((AUTUMN,))).standing == "cannot tell"


def test_it_is_late_once_the_school_days_that_are_loaded_are_too_many() -> None:
    """Excluded in June, and only the autumn's terms are loaded: the last day may have been in June, and was by 8 November."""
    one = stands("2027-06-10", "2027-11-08", "6 school days")
    assert told(one) == ("cannot tell", "None", None, None)  # 1-5 and 8 November: the sixth is today
    two = stands("2027-06-10", "2027-11-10", "6 school days")
    assert told(two) == ("late", "None", None, 2)
    assert (two.due_at_latest, two.untold) == (D("2027-11-08"), D("2027-06-11"))
    assert stands("2027-06-10", "2028-01-10", "6 school days", met="2027-11-09").standing == "met late"
    assert stands("2027-06-10", "2028-01-10", "6 school days", met="2027-11-08").standing == "cannot tell"
    assert stands("2027-06-10", "2028-01-10", not_before="6 school days", met="2027-11-08").standing == "met"


# --- a wait ---


@pytest.mark.parametrize(
    ("met", "wanted"),
    [
        ("2027-12-07", "too early"),  # notice on Monday, a start on Tuesday
        ("2027-12-08", "met"),  # on Wednesday: Tuesday and Wednesday are two
        ("2027-12-06", "too early"),
    ],
)
def test_two_school_days_of_notice(met: str, wanted: str) -> None:
    one = stands("2027-12-06", "2027-12-20", not_before="2 school days", met=met)
    assert (one.standing, one.earliest) == (wanted, D("2027-12-08"))


def test_a_wait_is_counted_from_the_last_word_and_a_deadline_from_the_first() -> None:
    one = stands("2027-12-01", "2027-12-20", "10 school days", "2 school days", met="2027-12-07", again="2027-12-06")
    assert (one.standing, one.due, one.earliest) == ("too early", D("2027-12-15"), D("2027-12-08"))


def test_a_wait_that_nothing_has_ended_runs() -> None:
    one = stands("2027-12-06", "2027-12-07", not_before="2 school days")
    assert (one.standing, one.due, one.earliest) == ("running", None, D("2027-12-08"))


def test_a_wait_over_days_of_which_no_term_tells() -> None:
    autumn = Terms.of((AUTUMN,))
    assert stands("2027-12-16", "2028-02-01", not_before="2 school days", terms=autumn).standing == "cannot tell"
    # one school day after the notice: too early, wherever the second may be
    assert stands("2027-12-16", "2028-02-01", not_before="2 school days", met="2027-12-17", terms=autumn).standing == "too early"
    assert stands("2027-12-16", "2028-02-01", not_before="2 school days", met="2028-01-04", terms=autumn).standing == "cannot tell"


# --- what stops, what is missing ---


def test_what_was_stopped_is_not_late() -> None:
    assert told(stands("2027-12-01", "2028-03-01", "20 school days", stopped="referral.withdrawn")) == ("stopped", "2028-01-13", None, None)


def test_a_missing_fact_leaves_it_open_whether_the_clock_runs() -> None:
    run = Run((mark("2027-12-01"),))
    one = timed("R1", asked("1 week"), run, TERMS, D("2028-01-20"), missing=("referral.category",))
    assert (one.standing, one.missing) == ("cannot tell", ("referral.category",))


def test_a_day_that_was_given_is_the_last() -> None:
    run = Run((mark("2027-12-01"),))
    assert told(timed_by("R1", asked(), run, D("2028-01-01"), TERMS, D("2027-12-31"))) == ("running", "2028-01-01", 1, None)
    assert told(timed_by("R1", asked(), run, D("2028-01-01"), TERMS, D("2028-01-03"))) == ("late", "2028-01-01", None, 2)


# --- by walking the calendar ---

DAYS = st.dates(D("2027-10-25"), D("2028-04-05"))


@given(DAYS, DAYS, st.integers(1, 40), st.sampled_from(["school days", "calendar days", "weeks"]))
def test_late_is_what_a_wall_planner_says(begun: dt.date, as_of: dt.date, many: int, unit: str) -> None:
    """Cross off each day that counts: late once all are crossed off and a day has passed since; never told where the planner ends."""
    if as_of < begun:
        begun, as_of = as_of, begun
    one = stands(str(begun), str(as_of), f"{many} {unit}")
    crossed, walked = 0, begun
    wanted = many * (7 if unit == "weeks" else 1)
    while crossed < wanted and walked < as_of:
        walked += dt.timedelta(days=1)
        counts = TERMS.is_one(walked) if unit == "school days" else True
        if counts is None:
            assert one.standing == "cannot tell"
            return
        crossed += counts
    late = crossed == wanted and walked < as_of
    assert one.standing in ({"late"} if late else {"running", "cannot tell"})
    assert one.standing != "cannot tell" or unit == "school days"
    if crossed == wanted:
        assert one.due == walked


EVERY = tuple(
    TermRecorded(first=D(first), last=D(last))
    for first, last in (
        *(("2026-09-02", "2026-10-23"), ("2026-11-02", "2026-12-18"), ("2027-01-04", "2027-03-25"), ("2027-04-12", "2027-07-21")),
        *(("2027-09-02", "2027-10-22"), ("2027-11-01", "2027-12-17"), ("2028-01-04", "2028-03-31"), ("2028-04-24", "2028-07-21")),
    )
)
ANY_DAY = st.dates(D("2026-08-01"), D("2028-08-31"))


@given(st.sampled_from([0, 4]), st.integers(1, 4), ANY_DAY, ANY_DAY, ANY_DAY | st.none(), st.integers(1, 60), st.integers(0, 20))
def test_terms_loaded_later_never_change_what_was_told(
    first: int, many: int, begun: dt.date, as_of: dt.date, met: dt.date | None, within: int, wait: int
) -> None:
    """With fewer terms it is told as with all of them, or not at all."""
    begun, as_of = min(begun, as_of), max(begun, as_of)
    met = met if met is not None and begun <= met <= as_of else None
    given = (str(begun), str(as_of), f"{within} school days", f"{wait} school days" if wait else "")
    some, all_ = (stands(*given, met=str(met or ""), terms=Terms.of(terms)) for terms in (EVERY[first : first + many], EVERY))
    assert some.standing in {all_.standing, "cannot tell"}
    if some.due is not None:
        assert (some.due, some.left) == (all_.due, all_.left)
    if some.due_at_latest is not None and all_.due is not None:
        assert all_.due <= some.due_at_latest
