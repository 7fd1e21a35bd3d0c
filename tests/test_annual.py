"""The annual report's parts: what is told where few were placed or few were not, how many weeks, and why a child was not placed.

A year through the command line is in stories/test_the_annual_report.py.
"""

from __future__ import annotations

import datetime as dt
from itertools import product
from typing import Final

import pytest

from panel import events as ev
from panel.reports.admitted import BROUGHT, TO_BEGIN, WAITING
from panel.reports.annual import WEEKS, Annual, annual, weeks_of
from panel.reports.annual_page import as_csv, as_data
from panel.reports.begun import cases_of
from panel.reports.monitored import closings
from panel.reports.partitions import DECLINED, FAMILY_REFUSED, OPEN, PUT_OFF, SCHOOL_REFUSED, WITHDRAWN, why
from panel.reports.suppression import FEW, band, bands_tell
from panel.state.fold import fold
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


def started(*names: str, on: dt.date = AUTUMN, school: str = "2") -> list[ev.Event]:
    return [ev.PlacementStarted(referral=name, pupil=f"P-{name}", on=on, school=school) for name in names]


def counts(report: Annual, part: str, of: str = "") -> list[tuple[str, int | None]]:
    return [(cell.label, cell.count) for table in report.tables if table.part == part and of in table.of for cell in table.shown.cells]


def numbers(report: Annual) -> tuple[int | None, ...]:
    return report.referred, report.not_placed, report.admitted, report.fair_access, report.other_ways


def test_of_a_few_nothing_is_told() -> None:
    report = year(*children(19, 0))
    assert (*numbers(report), report.tables) == (None, None, None, None, None, ())
    assert report.untold == ("Fewer than 20 children were referred in the year: of so few nothing is shown.",)


def test_where_how_many_were_not_placed_is_hidden_nothing_tells_how_many_were() -> None:
    """Three of thirty were not placed: hidden, and School 2's twenty-seven with them. A table of those admitted would say 27."""
    report = year(*children(27, 3))
    assert numbers(report) == (30, None, None, None, None)
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
    assert (report.referred, report.not_placed) == (45, 25)
    assert [(label, count) for label, count in counts(report, "why") if count != 0] == [
        (PUT_OFF, None), (OPEN, None), (WITHDRAWN, 6), (DECLINED, 7),
    ]  # fmt: skip


def test_the_category_of_a_case_that_is_gone_is_not_reported_anew() -> None:
    events = [*children(25, 0, category="a"), *started(*(f"R{n:02}" for n in range(25)))]
    assert counts(year(*events), "category") == [("category a", 25), ("no category recorded", 0)]
    first = events[0]
    assert isinstance(first, ev.ReferralMade)
    without = year(first.model_copy(update={"case": None}), *events[1:])
    assert counts(without, "category") == []
    assert counts(without, "year_group") == [("year 9", 25)]
    assert "Of some cases the category is no longer held." in without.untold[-1]


def test_a_category_that_the_book_names_is_there_with_nought() -> None:
    named = check_text(book("categories: {a: a child in need, b: in a refuge}\n"), "book.yaml")
    report = year(*children(25, 0, category="a"), *started(*(f"R{n:02}" for n in range(25))), rulebook=named)
    assert counts(report, "category") == [("category a", 25), ("category b", 0), ("no category recorded", 0)]
    assert report.names["category b"] == "in a refuge"


def mixed(fair: int, moved: int, left: int = 0, school: str = "2") -> list[ev.Event]:
    """So many admitted at School 2 under the protocol, and at one school by managed moves, who have begun; and so many not placed."""
    names = [f"R{n:02}" for n in range(fair + moved + left)]
    kind = {name: "fair_access" if n < fair else "managed_move" for n, name in enumerate(names)}
    at = {name: "2" if n < fair else school for n, name in enumerate(names[: fair + moved])}
    made = [referred(name, AUTUMN, referral_kind=kind[name]) for name in names]
    begun = [one for name, urn in at.items() for one in started(name, school=urn)]
    return [*made, opened(1, AUTUMN, *names), *(decided(1, AUTUMN, name, school=urn) for name, urn in at.items()), *begun]


def by_school(report: Annual, part: str = "school") -> dict[str, tuple[int | None, ...]]:
    return next((dict(table.rows) for table in report.crossed if table.part == part), {})


def test_fair_access_and_all_the_panels_are_told_apart() -> None:
    """Twenty-four under the protocol at School 2; twenty-one by managed moves at School 1."""
    report = year(*mixed(24, 21, school="1"))
    assert numbers(report) == (45, 0, 45, 24, 21)
    assert by_school(report) == {"2": (24, 0, 24), "1": (0, 21, 21), "other settings": (0, 0, 0), "all": (24, 21, 45)}
    assert dict(counts(report, "kind"))["managed move"] == 21


def test_of_a_few_by_other_ways_only_roughly_how_many() -> None:
    report = year(*mixed(24, 6))
    assert numbers(report) == (30, 0, None, 24, None)
    assert (dict(report.bands)["admitted by managed move"], "admitted by fair access" in dict(report.bands)) == ("5 to 9", False)
    assert by_school(report)["2"] == (24,)


def test_of_a_few_under_the_protocol_all_are_told_together() -> None:
    """Seven and fifteen: neither is told by itself, and by kind both are."""
    report = year(*mixed(7, 15))
    assert numbers(report) == (22, 0, 22, None, None)
    assert {label: count for label, count in counts(report, "kind") if count} == {"managed move": 15, "fair access": 7}
    assert any("Fewer than 20 were admitted under the fair access protocol" in one for one in report.untold)


def of_kinds(events: list[ev.Event], **kinds: int) -> list[ev.Event]:
    """The same, so many of the last referrals of each kind, in this order."""
    of = [kind for kind, many in kinds.items() for _ in range(many)]
    names = [one.referral for one in events if isinstance(one, ev.ReferralMade)][-len(of) :]
    kind_of = dict(zip(names, of, strict=True))
    return [
        one.model_copy(update={"referral_kind": kind_of[one.referral]})
        if isinstance(one, ev.ReferralMade) and one.referral in kind_of
        else one
        for one in events
    ]


def kinds_told(report: Annual) -> dict[str, str]:
    return {what: many for what, many in report.bands if what.startswith("admitted by ")}


def test_where_the_equity_report_hides_who_came_after_an_exclusion_no_kind_is_told() -> None:
    """Three of twenty-five: by kind, exactly or roughly, they could be told beside the row of that report."""
    report = year(*of_kinds(mixed(0, 25), permanent_exclusion=3))
    assert (report.admitted, counts(report, "kind"), kinds_told(report)) == (25, [], {})
    assert dict(counts(year(*mixed(0, 25)), "kind"))["managed move"] == 25


def test_five_kinds_of_four_are_not_told_by_bands_that_leave_nothing_else() -> None:
    """Twenty are shown, and five times "fewer than 5" would make each of them 4."""
    fours = dict.fromkeys(("managed_move", "off_site_direction", "permanent_exclusion", "reintegration", "fair_access"), 4)
    report = year(*of_kinds(mixed(0, 20), **fours))
    assert (report.admitted, counts(report, "kind"), kinds_told(report)) == (20, [], {})


@pytest.mark.parametrize(("moved", "told"), [(4, False), (3, True)])
def test_kinds_are_told_roughly_where_their_sum_leaves_more_than_one_year(moved: int, told: bool) -> None:
    """Of those by other ways the equity report tells the six after an exclusion: of eighteen 4, 4 and 4 are left; of seventeen
    3, 4 and 4 could be others."""
    report = year(*of_kinds(mixed(24, 14 + moved), off_site_direction=4, permanent_exclusion=6, reintegration=4))
    assert report.fair_access == 24
    assert bool(kinds_told(report)) is told


@pytest.mark.parametrize("rows", [2, 3, 4])
def test_bands_that_are_told_leave_every_count_under_five_another_value(rows: int) -> None:
    """Every set of so many counts with a sum of up to 24, beside all others of the same sum and the same bands."""
    alike: dict[tuple[object, ...], list[tuple[int, ...]]] = {}
    for its in product(range(25), repeat=rows):
        if sum(its) < 25 and not bands_tell(sum(its), rows):
            alike.setdefault((sum(its), *map(band, its)), []).append(its)
    told = [n for them in alike.values() for n in range(rows) if len({its[n] for its in them}) == 1 and 0 < them[0][n] < FEW]
    assert told == []
    assert bands_tell(4 * rows, rows)


def test_where_other_ways_are_few_at_a_school_its_fair_access_is_hidden_too() -> None:
    """The equity report says that School 2 received 27: beside 24 under the protocol it would tell the three who moved there."""
    report = year(*mixed(24, 3))
    assert report.fair_access == 24
    assert "2" not in by_school(report)


@pytest.mark.parametrize(("left", "told"), [(0, 25), (1, None), (2, None), (3, 25), (5, 25)])
def test_how_many_were_admitted_never_tells_how_few_were_not_placed(left: int, told: int | None) -> None:
    """One or two fewer than were referred, and where how many were not placed is hidden, that would be they."""
    assert year(*mixed(25, 0, left)).fair_access == told


NEXT: Final = dt.date(2027, 10, 1)


def test_a_child_is_of_exactly_one_year_by_the_first_day() -> None:
    """Decided in June 2027. R1 begins on the last day of August, R2 on the next; R3 began in June and is written down only in October."""
    names = ("R1", "R2", "R3", "R4")
    before = [*(referred(name, SUMMER) for name in names), opened(1, SUMMER, *names), *(decided(1, SUMMER, name) for name in names)]
    ends = [*started("R1", on=dt.date(2027, 8, 31)), *started("R2", on=dt.date(2027, 9, 1)), opened(2, NEXT)]
    entries = record(*SCHOOLS, *before, *ends, *started("R3", on=SUMMER), opened(3, dt.date(2028, 10, 1)))
    over = closings(entries)
    first, second = (cases_of(entries, one, over) for one in (2026, 2027))
    assert [one.made.referral for one in first.begun] == ["R1"]
    assert [one.made.referral for one in first.to_begin] == ["R2", "R3", "R4"]
    assert {one.made.referral for one in second.begun} == {one.made.referral for one in second.brought} == {"R2", "R3"}
    assert [one.made.referral for one in second.to_begin] == ["R4"]


def test_who_begins_twice_in_a_year_is_there_once_where_it_began_last() -> None:
    """R1 breaks down, and the same child begins at School 1 in June by R2."""
    broke = ev.PlacementBrokeDown(referral="R1", pupil="P-R1", on=dt.date(2027, 2, 1), returned=False)
    again = [referred("R2", dt.date(2027, 2, 1), "P-R1"), opened(2, SUMMER, "R2"), decided(2, SUMMER, "R2", school="1", pupil="P-R1")]
    second = ev.PlacementStarted(referral="R2", pupil="P-R1", on=SUMMER, school="1")
    events = [referred("R1", AUTUMN), opened(1, AUTUMN, "R1"), decided(1, AUTUMN, "R1"), *started("R1"), broke, *again, second]
    entries = record(*SCHOOLS, *events, opened(3, NEXT))
    (one,) = cases_of(entries, 2026, closings(entries)).begun
    assert (one.made.referral, one.decision and one.decision.school) == ("R2", "1")


def test_who_waits_over_the_years_end_and_what_goes_on_is_said() -> None:
    """Six referred in June 2026 still wait in August 2027; seven were decided and have not begun."""
    old = [referred(f"O{n}", dt.date(2026, 6, 10)) for n in range(6)]
    report = year(opened(7, dt.date(2026, 6, 11)), *old, *children(27, 9), *started(*(f"R{n:02}" for n in range(20))))
    bands = dict(report.bands)
    assert (bands[WAITING], bands[BROUGHT]) == ("5 to 9", "fewer than 5")
    assert TO_BEGIN not in bands  # seven more were placed than admitted, as both are shown: it follows from those brought


def test_what_the_difference_of_two_bands_would_tell_is_not_told() -> None:
    """Twenty placed and twenty-nine begun: of `5 to 9` brought and `fewer than 5` to come that leaves nine and none, so it is not said."""
    names = [f"O{n}" for n in range(9)]
    old = [*(referred(name, dt.date(2026, 6, 10)) for name in names), opened(7, dt.date(2026, 6, 11), *names)]
    brought = [*(decided(7, dt.date(2026, 6, 11), name, school="2") for name in names), *started(*names)]
    report = year(*old, *brought, *mixed(20, 0))
    assert (report.referred, report.fair_access, BROUGHT in dict(report.bands)) == (20, 20, True)
    together = year(*old, *brought, *mixed(0, 20))
    assert (together.referred, together.admitted, BROUGHT in dict(together.bands)) == (20, 29, False)


def test_directions_of_schools_are_told_roughly() -> None:
    """Six announced; five of the schools were directed and admitted, and one direction is open."""
    names = [f"R{n:02}" for n in range(6)]
    steps = [(name, step) for name in names for step in (("announced", "directed", "admitted") if name != "R05" else ("announced",))]
    taken = [
        ev.DirectionStep.model_validate({"referral": one, "pupil": f"P-{one}", "on": SUMMER, "school": "2", "step": step})
        for one, step in steps
    ]
    bands = dict(year(*children(25, 0), *taken).bands)
    assert bands["directions announced to a school"] == "5 to 9"
    assert bands["of these, the school admitted"] == "5 to 9"
    assert bands["of these, it was open at the end"] == "fewer than 5"


def shown_as(events: list[ev.Event]) -> object:
    report = year(*events)
    return as_data("Panel", report), as_csv(report)


def of_categories(*letters: tuple[str, int]) -> list[ev.Event]:
    """So many placed children of each category, who have begun."""
    all_of_them = sum(many for _, many in letters)
    events = [*children(all_of_them, 0), *started(*(f"R{n:02}" for n in range(all_of_them)))]
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
        (mixed(28, 0, 2), mixed(29, 0, 1)),
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
