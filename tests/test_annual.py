"""The annual report's parts: what is told where few were placed or few were not, how many weeks, and why a child was not placed.

A year through the command line is in stories/test_the_annual_report.py.
"""

from __future__ import annotations

import datetime as dt

import pytest

from panel import events as ev
from panel.annual import DECLINED, FAMILY_REFUSED, OPEN, PUT_OFF, SCHOOL_REFUSED, WEEKS, WITHDRAWN, Annual, annual, weeks_of, why
from panel.annual_page import as_csv, as_data
from panel.fold import fold
from panel.monitored import closings
from rules.book import Rulebook
from rules.rulebook import check_text
from tests.test_layers_of_books import book
from tests.test_monitored import AUTUMN, SCHOOLS, SUMMER, decided, opened, record, referred


def year(*events: ev.Event, rulebook: Rulebook | None = None) -> Annual:
    """The report on 2026-27 of School 1 with 1,000 on roll, School 2 with 500, and a pupil referral unit."""
    entries = record(*SCHOOLS, *events, opened(99, dt.date(2027, 9, 23)))
    return annual(entries, 2026, closings(entries)[2026], per="roll", rulebook=rulebook)


def children(placed: int, left: int, **case: object) -> list[ev.Event]:
    """So many who were placed at School 2, and so many who still wait; all in year 9."""
    names = [f"R{n:02}" for n in range(placed + left)]
    sealed = {"suited_to": "mainstream", "looked_after": False, **case}
    made = [referred(name, AUTUMN, case=sealed) for name in names]
    return [*made, opened(1, AUTUMN, *names), *(decided(1, AUTUMN, name) for name in names[:placed])]


def counts(report: Annual, part: str) -> list[tuple[str, int | None]]:
    return [(cell.label, cell.count) for table in report.tables if table.part == part for cell in table.shown.cells]


def test_of_a_few_nothing_is_told() -> None:
    report = year(*children(19, 0))
    assert (report.referred, report.admitted, report.not_placed, report.tables) == (None, None, None, ())
    assert report.untold == ("Fewer than 20 children were referred in the year: of so few nothing is shown.",)


def test_where_how_many_were_not_placed_is_hidden_nothing_tells_how_many_were() -> None:
    """Three of thirty were not placed: hidden, and School 2's twenty-seven with them. A table of those admitted would say 27."""
    report = year(*children(27, 3))
    assert (report.referred, report.admitted, report.not_placed) == (30, None, None)
    assert counts(report, "receiving") == [("2", None), ("1", 0), ("not placed by the end", None), ("other settings", 0)]
    assert [(table.part, table.of, table.shown.total) for table in report.tables] == [
        ("receiving", "referred", 30), ("category", "referred", 30), ("year_group", "referred", 30),
    ]  # fmt: skip
    assert "27" not in " ".join(report.untold)


def test_where_many_were_not_placed_it_is_told_why() -> None:
    """Twenty were placed, and twenty-five not: nine deferred, seven declined, six withdrawn, three waiting.

    Of the three nobody may be told, and with them the first larger row is hidden, the nine.
    """
    names = [f"R{n:02}" for n in range(20, 45)]
    outcomes = [decided(1, AUTUMN, name, "deferred", school=None, starts=None) for name in names[:9]]
    outcomes += [decided(1, AUTUMN, name, "declined", school=None, starts=None) for name in names[9:16]]
    gone = [ev.ReferralWithdrawn(referral=name, pupil=f"P-{name}", on=SUMMER) for name in names[16:22]]
    report = year(*children(20, 25), *outcomes, *gone)
    assert (report.admitted, report.not_placed) == (20, 25)
    assert [(label, count) for label, count in counts(report, "why") if count != 0] == [
        (PUT_OFF, None), (OPEN, None), (WITHDRAWN, 6), (DECLINED, 7),
    ]  # fmt: skip


def test_the_category_of_a_case_that_is_gone_is_not_reported_anew() -> None:
    events = children(25, 0, category="a")
    assert counts(year(*events), "category") == [("category a", 25), ("no category recorded", 0)]
    first = events[0]
    assert isinstance(first, ev.ReferralMade)
    without = year(first.model_copy(update={"case": None}), *events[1:])
    assert counts(without, "category") == []
    assert counts(without, "year_group") == [("year 9", 25)]
    assert "Of some cases the category is no longer held." in without.untold[-1]


def test_a_category_that_the_book_names_is_there_with_nought() -> None:
    named = check_text(book("categories: {a: a child in need, b: in a refuge}\n"), "book.yaml")
    report = year(*children(25, 0, category="a"), rulebook=named)
    assert counts(report, "category") == [("category a", 25), ("category b", 0), ("no category recorded", 0)]
    assert report.names["category b"] == "in a refuge"


def shown_as(events: list[ev.Event]) -> object:
    report = year(*events)
    return as_data("Panel", report), as_csv(report)


def of_categories(*letters: tuple[str, int]) -> list[ev.Event]:
    """So many placed children of each category."""
    events = children(sum(many for _, many in letters), 0)
    each = iter([letter for letter, many in letters for _ in range(many)])
    return [
        event.model_copy(update={"case": event.case.model_copy(update={"category": next(each)})})
        if isinstance(event, ev.ReferralMade) and event.case
        else event
        for event in events
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # Whoever reads that 27 of 30 were placed, or 28, reads the same.
        (children(27, 3), children(28, 2)),
        (children(26, 4), children(29, 1)),
        # Three of category b and nine of a, or four and eight; beside them thirteen of c.
        (of_categories(("a", 9), ("b", 3), ("c", 13)), of_categories(("a", 8), ("b", 4), ("c", 13))),
        (of_categories(("a", 2), ("b", 3), ("c", 1), ("d", 19)), of_categories(("a", 1), ("b", 1), ("c", 4), ("d", 19))),
    ],
)
def test_two_years_that_differ_in_what_is_hidden_are_told_alike(one: list[ev.Event], other: list[ev.Event]) -> None:
    assert shown_as(one) == shown_as(other)


@pytest.mark.parametrize(
    ("setting", "weeks"),
    [
        ("", WEEKS),
        ("settings: {on_roll_within: {value: 2, unit: weeks, say: s}}\n", 2),
        ("settings: {on_roll_within: {value: 10, unit: school days, say: s}}\n", WEEKS),
        ("settings: {on_roll_within: {value: 0, unit: weeks, say: s}}\n", WEEKS),
        ("settings: {on_roll_within: {value: 53, unit: weeks, say: s}}\n", WEEKS),
    ],
)
def test_how_many_weeks_the_book_gives(setting: str, weeks: int) -> None:
    assert weeks_of(check_text(book(setting), "book.yaml")) == weeks
    assert weeks_of(None) == WEEKS


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ([], OPEN),
        ([decided(1, AUTUMN, "R1", "deferred", school=None, starts=None)], PUT_OFF),
        ([decided(1, AUTUMN, "R1", "declined", school=None, starts=None)], DECLINED),
        ([decided(1, AUTUMN, "R1"), ev.SchoolRefused(referral="R1", pupil="P-R1", school="2", on=SUMMER)], SCHOOL_REFUSED),
        ([decided(1, AUTUMN, "R1"), ev.FamilyRefused(referral="R1", pupil="P-R1", school="2", on=SUMMER, by="parent")], FAMILY_REFUSED),
        ([ev.ReferralWithdrawn(referral="R1", pupil="P-R1", on=SUMMER)], WITHDRAWN),
    ],
)
def test_why_a_child_was_not_placed(events: list[ev.Event], said: str) -> None:
    state = fold(record(*SCHOOLS, referred("R1", AUTUMN), opened(1, AUTUMN, "R1"), *events))
    assert why(state.referrals["R1"]) == said
