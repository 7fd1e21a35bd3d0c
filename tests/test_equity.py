"""What is unfair is found, what is fair is not accused, and what is printed of a count tells no more than the table that is shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import pytest

from panel.reports.equity import Report, Table, report
from panel.reports.equity_page import as_csv, as_data
from panel.reports.monitored import Pupil, School, Year
from tests.fair_years import POPULATION, SCHOOLS, fair_year

NAMES: Final = {urn: school.name for urn, school in SCHOOLS.items()}
TWO: Final = {"1": School("One", 1000, 1000), "2": School("Two", 3000, 3000)}


def table(found: Report, name: str) -> Table:
    return next(one for one in found.tables if one.name == name)


def pupils(*rows: tuple[int, Pupil]) -> tuple[Pupil, ...]:
    return tuple(pupil for times, pupil in rows for _ in range(times))


def case(fsm: str = "no", sent_by: str = "1", received_by: str | None = "2", **more: object) -> Pupil:
    made = Pupil(
        sent_by, after_exclusion=False, groups={"looked_after": "no", "fsm": fsm}, received_by=received_by, chair="Okafor", waited=10
    )
    return replace(made, **more)  # type: ignore[arg-type]


# --- found, and not accused ---


def test_a_rate_of_three_times_is_found_in_150_cases() -> None:
    found = 0
    for n in range(100):
        told = report(fair_year(f"unfair {n}", times={("fsm", "yes"): 3.0}), POPULATION, identities=True)
        found += any((test.part, test.of) == ("group", "fsm") for test in told.found)
    assert found >= 80


def test_fair_years_are_accused_at_most_five_times_in_a_hundred() -> None:
    """Over all questions of a report together: schools, groups, waiting, overrides and the draw."""
    accused = Counter(bool(report(fair_year(f"fair {n}"), POPULATION, identities=True).found) for n in range(200))
    assert accused[True] <= 10


def test_a_school_that_excludes_three_times_as_often() -> None:
    """900009 has 376 of 10,722 on roll: 60 exclusions are 2.1; twelve of them are more than chance."""
    year = fair_year("one school")
    others = tuple(urn for urn in year.excluded_by if urn != "900009")[:48]
    (test,) = (one for one in report(replace(year, excluded_by=(*others, *["900009"] * 12)), {}, identities=False).found)
    assert (test.part, test.label, test.side) == ("excluding", "900009", "more")


def test_a_chair_who_overrides() -> None:
    year = fair_year("a chair")
    unfair = tuple(replace(pupil, overridden=pupil.chair == "Okafor", proposed="900001") for pupil in year.pupils)
    told = {(test.part, test.label) for test in report(replace(year, pupils=unfair), {}, identities=False).found}
    assert told == {("overrides", "Okafor"), ("direction", "900001")}


@pytest.mark.parametrize(("times", "told"), [(4, []), (5, [("direction", "2", {"asked": "5 to 9", "spared": "fewer than 5"})])])
def test_overrides_at_a_school_are_told_from_five_on(times: int, told: list[object]) -> None:
    year = Year(2026, TWO, pupils((times, case(overridden=True)), (40, case())), ())
    bands = report(year, {}, identities=False).bands
    assert [(band.part, band.label, dict(band.counts)) for band in bands if band.part == "direction"] == told
    assert bands[0].counts == {"overrides": "fewer than 5" if times < 5 else "5 to 9"}


def test_overrides_at_a_school_of_a_hidden_row_are_not_told() -> None:
    """Six are hidden together: five at one school and one at the other. "5 to 9 sent there" would say which is which, to the child."""
    few = pupils((5, case(overridden=True)), (1, case(received_by="1")), (20, case(received_by=None)))
    found = report(Year(2026, TWO, few, ()), {}, identities=False)
    assert table(found, "receiving").shown.hidden == 6
    assert [band.part for band in found.bands] == ["overrides"]
    assert [test.label for test in found.tests if test.part == "direction"] == []


def test_a_group_that_waits() -> None:
    year = fair_year("waiting")
    late = tuple(replace(pupil, waited=(pupil.waited or 0) + 15 * (pupil.groups["sex"] == "f")) for pupil in year.pupils)
    (test,) = report(replace(year, pupils=late), POPULATION, identities=True).found
    assert (test.part, test.of, test.side) == ("waiting", "sex", "more")


def test_lots_that_were_not_drawn_by_lot() -> None:
    year = fair_year("lots")
    low = tuple(replace(p, lots=tuple(lot / 10 for lot in p.lots) if p.sent_by == "900001" else p.lots) for p in year.pupils)
    (test,) = report(replace(year, pupils=low), {}, identities=False).found
    assert (test.part, test.of, test.label, test.side) == ("draw", "sending", "900001", "more")


# --- the figures ---


def test_a_year_by_hand() -> None:
    """12 of 40 pupils with free meals, where a quarter of the population has them: 10 expected, odds 12/28 over 25/75 = 1.29.

    School 1 sends all 40 with a quarter of the roll: 10 expected, 4 times. The interval's lower end is 0.025^(1/40) over a quarter.
    """
    year = Year(2026, TWO, pupils((12, case("yes")), (28, case())), ())
    told = report(year, {"fsm": {"yes": 250, "no": 750}}, identities=True)
    yes = next(line for line in table(told, "fsm").lines if line.cell.label == "yes")
    assert (yes.cell.count, yes.expected) == (12, 10.0)
    assert yes.ratio == pytest.approx(12 / 28 * 3)
    assert (yes.out and yes.out.zone, yes.found) == ("within", False)
    one, two = table(told, "sending").lines[:2]
    assert (one.cell.count, one.expected, one.ratio) == (40, 10.0, 4.0)
    assert one.interval == pytest.approx((4 * 0.025 ** (1 / 40), 4.0))
    assert one.limits == ((5, 16), (2, 19))  # P[X <= 4] 1.6%, P[X >= 17] 1.2%; P[X <= 1] 0.014%, P[X >= 20] 0.06%
    assert (one.found, two.found) == (True, True)  # the other side of the same difference
    assert [test.part for test in told.found] == ["receiving", "sending"]


def test_without_a_population_nothing_is_compared_and_that_is_said() -> None:
    year = Year(2026, TWO, pupils((12, case("yes")), (28, case())), ())
    told = report(year, {}, identities=True)
    assert all(line.out is None for line in table(told, "fsm").lines)
    assert any("group of: looked after, sex, ethnicity, fsm, sen." in sentence for sentence in told.untold)


def test_identities_only_where_asked_for() -> None:
    told = report(fair_year("sealed"), POPULATION, identities=False)
    assert {one.name for one in told.tables if one.part == "group"} == {"looked_after"}


def test_a_few_pupils_make_no_report() -> None:
    told = report(Year(2026, TWO, pupils((19, case("yes"))), ("1",) * 19), POPULATION, identities=True)
    assert (told.pupils, told.excluded, told.tables, told.bands, told.tests) == (None, None, (), (), ())


def test_what_was_erased_is_not_reported_anew() -> None:
    told = report(replace(fair_year("erased"), gone=frozenset({"looked_after"})), POPULATION, identities=True)
    assert "looked_after" not in {one.name for one in told.tables}
    assert any("no longer held: looked after" in sentence for sentence in told.untold)


# --- nothing hidden comes back ---


def everything(told: Report) -> tuple[object, str]:
    return as_data("A panel", told, NAMES), as_csv(told, NAMES)


def with_ethnicities(counts: Mapping[str, int]) -> Year:
    made = [replace(case(), groups={"looked_after": "no", "ethnicity": name}) for name, times in counts.items() for _ in range(times)]
    return Year(2026, TWO, tuple(made), ("1",) * 30 + ("2",) * 30)


@pytest.mark.parametrize("waited", [10, 11])
def test_two_years_that_are_shown_alike_are_told_alike(waited: int) -> None:
    """1 and 4, or 3 and 2, with 30 and 25 others: every number of the report is the same."""
    told = []
    for small in ({"b": 1, "c": 4}, {"b": 3, "c": 2}):
        year = with_ethnicities({"a": 30, **small, "d": 25})
        alike = replace(year, pupils=tuple(replace(pupil, waited=waited) for pupil in year.pupils))
        told.append(everything(report(alike, {"ethnicity": {"a": 500, "b": 100, "c": 100, "d": 300}}, identities=True)))
    assert told[0] == told[1]


def test_another_population_hides_the_same_rows() -> None:
    """Else two files, which put the groups together otherwise, would show by their difference what each of them hides."""
    year = with_ethnicities({"a": 30, "b": 2, "c": 6, "d": 25})
    files: tuple[Mapping[str, int], ...] = ({}, {"a": 9, "d": 3}, {"b": 7, "c": 2}, dict.fromkeys("abcdexyz", 100))
    hidden = set()
    for there in files:
        cells = table(report(year, {"ethnicity": there} if there else {}, identities=True), "ethnicity").shown.cells
        hidden.add(frozenset((cell.label, cell.count) for cell in cells if cell.count != 0))
    assert hidden == {frozenset({("a", 30), ("b", None), ("c", 6), ("d", None)})}


def test_a_group_of_a_few_is_not_named_where_no_population_names_it() -> None:
    year = with_ethnicities({"a": 30, "one of a kind": 2, "d": 25})
    for there in ({}, {"ethnicity": {"a": 500, "d": 300}}):
        data, text = everything(report(year, there, identities=True))
        assert "one of a kind" not in f"{data}{text}"


def test_what_belongs_to_a_hidden_row_is_blank() -> None:
    data, _ = everything(report(fair_year("a small panel", cases=40), POPULATION, identities=True))
    assert isinstance(data, dict)
    rows = [row for one in data["tables"] for row in one["rows"]]
    blank = [row for row in rows if row["count"] is None]
    assert len(blank) > 10
    figures = ("expected", "ratio", "interval", "funnel_95", "funnel_998", "funnel", "chance", "waiting_days")
    assert all(row[key] is None for row in blank for key in figures)
    assert all(row["count"] is None or row["count"] == 0 or row["count"] >= 5 for row in rows)


def test_a_spreadsheet_works_nothing_out() -> None:
    assert "'=1+1" in as_csv(report(with_ethnicities({"a": 30, "=1+1": 10}), {}, identities=True), {})
