"""What an exclusion costs whether anybody is placed or not, who leaves within the year, and what begins when a trial is over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panel.costs.money import account
from panel.costs.payments import AUTHORITY, FUND, OUTSIDE
from panel.state.records import Happening, State
from rules.errors import RulebookError
from rules.evaluate import Evaluation
from rules.phrases import said_flow, said_leavers, said_levy
from rules.rulebook import Shelf, check_text
from tests.test_money import MEETS, moved_on, state
from tests.test_payments import BEGAN, HEAD, accounted, excluded, line, totals

DEDUCTED: Final = line("deducted", 365_000, "begins: exclusion, to: authority, ")
LASTS: Final = 150
"""Days from 2 November 2026 to 31 March 2027: 29 + 31 + 31 + 28 + 31."""


def with_exclusions(*some: tuple[str, str, str]) -> State:
    """Nobody is placed; who was excluded by which school, and when."""
    nobody = replace(state(), referrals={}, admissions=())
    return replace(nobody, exclusions=tuple(excluded(school, on, pupil) for pupil, school, on in some))


def test_an_exclusion_costs_from_its_own_day_placed_or_not() -> None:
    shown = accounted(with_exclusions(("P1", "100001", "2026-11-02")), DEDUCTED)
    assert totals(shown) == {"100001": -1000 * LASTS, AUTHORITY: 1000 * LASTS}
    placed = replace(state(then=(BEGAN,)), exclusions=(excluded("100001", "2026-09-15", "P1"),))
    # from 15 September 16 + 31 + 30 + 31 + 31 + 28 + 31 = 198 days, whatever the school that the pupil went to on 5 October
    assert totals(accounted(placed, DEDUCTED)) == {"100001": -198_000, AUTHORITY: 198_000}


def test_both_ways_beside_each_other() -> None:
    """The school that excluded pays the authority from 15 September, and that the school there from 5 October, 178 days."""
    placed = replace(state(then=(BEGAN,)), exclusions=(excluded("100001", "2026-09-15", "P1"),))
    shown = accounted(placed, DEDUCTED + line("passed-on", 365_000, "from: authority, "))
    assert totals(shown) == {"100001": -198_000, AUTHORITY: 198_000 - 178_000, "100002": 178_000}


@pytest.mark.parametrize(("as_of", "paid"), [("2027-01-24", 0), ("2027-01-25", 1000 * LASTS)])
def test_after_is_counted_from_the_exclusion(as_of: str, paid: int) -> None:
    """Twelve weeks after Monday 2 November is Monday 25 January."""
    later = line("deducted", 365_000, "begins: exclusion, to: fund, after: 12 weeks, ")
    shown = accounted(with_exclusions(("P1", "100001", "2026-11-02")), later, as_of=dt.date.fromisoformat(as_of))
    assert totals(shown) == ({"100001": -paid, FUND: paid} if paid else {})
    assert [(one.pupil, one.due) for one in shown.waiting] == ([] if paid else [("P1", dt.date(2027, 1, 25))])


def test_one_that_nobody_recorded_is_named() -> None:
    assert accounted(state(), DEDUCTED).unrecorded == ("R1",)
    assert accounted(replace(state(), exclusions=(excluded("100001", "2026-09-15", "P1"),)), DEDUCTED).unrecorded == ()


@pytest.mark.parametrize(("school", "on"), [("100003", "2026-04-20"), ("100001", "2026-09-21")])
def test_an_exclusion_by_another_school_or_of_a_later_day_tells_nothing_of_it(school: str, on: str) -> None:
    """The referral of 20 September is after an exclusion by 100001."""
    assert accounted(replace(state(), exclusions=(excluded(school, on, "P1"),)), DEDUCTED).unrecorded == ("R1",)


def test_what_is_not_known_of_an_exclusion_is_named() -> None:
    ehcp = DEDUCTED.replace("admission.after_exclusion", "admission.ehcp")
    (one,) = accounted(with_exclusions(("P1", "100001", "2026-11-02")), ehcp).untold
    assert (one.pupil, one.missing, one.pence) == ("P1", ("admission.ehcp",), 0)


# --- who leaves ---


@pytest.mark.parametrize(("until", "days"), [("july", 304), ("august", 335)])
def test_a_pupil_of_the_last_year_is_paid_for_to_the_end_of_the_school_year(until: str, days: int) -> None:
    """In a year from September: 1 October to 31 July 31 + 30 + 31 + 31 + 28 + 31 + 30 + 31 + 30 + 31 days, and 31 more."""
    shown = accounted(state(), line("it", 365_000), f"{{year: september, leavers: {{year_group: 9, until: {until}}}}}")
    assert totals(shown) == {"100001": -1000 * days, "100002": 1000 * days}
    why = "until 2027-07-31, the end of the school year: the pupil is in year 9, the last"
    assert [one.why for one in shown.statements[1].received] == [why if until == "july" else ""]


@pytest.mark.parametrize(("last", "on", "days"), [(9, "2026-05-04", 120), (10, "2026-05-04", 332), (9, "2026-09-01", 212)])
def test_an_exclusion_in_the_summer_term_of_the_last_year(last: int, on: str, days: int) -> None:
    """To 31 August 28 + 30 + 31 + 31 days; in the year before the last, and from 1 September on, to 31 March."""
    shown = accounted(with_exclusions(("P1", "100001", on)), DEDUCTED, f"{{leavers: {{year_group: {last}}}}}")
    assert totals(shown) == {"100001": -1000 * days, AUTHORITY: 1000 * days}


def test_who_left_is_paid_for_until_that_day() -> None:
    """From 5 October to 27 December 84 days; the exclusion of 15 September costs 104 days to then."""
    gone = state(then=(BEGAN, Happening("placement.ended", dt.date(2026, 12, 27), 10)), end="left")
    shown = accounted(replace(gone, exclusions=(excluded("100001", "2026-09-15", "P1"),)), DEDUCTED + line("it", 365_000))
    assert totals(shown) == {"100001": -84_000 - 104_000, "100002": 84_000, AUTHORITY: 104_000}
    assert {one.why for one in shown.statements[0].paid} == {"until 2026-12-27, the last day there"}


# --- trials ---

TRIAL: Final = (
    "lifecycle: {permanent_exclusion: {placement: permanent, trial: {weeks: 12, at_end: return, ends_as: [permanent, return]}}}\n"
)
LATER: Final = line("it", 365_000, "begins: permanent, ")


def on_trial(shown: State, as_of: str = "2027-03-01") -> tuple[Mapping[str, int], list[str]]:
    """The totals, and the lines that wait."""
    text = f"{HEAD}{TRIAL}transfers:\n{LATER}"
    book = Shelf.of([(text, "ours.yaml")]).in_force("ours", MEETS)
    both = (book, Evaluation(book))
    made = account(shown, both, lambda _: both, 2026, dt.date.fromisoformat(as_of))
    return totals(made), [line for one in made.waiting for line in one.lines]


def test_a_trial_is_paid_for_from_the_day_on_which_it_is_permanent() -> None:
    """It began on 5 October and became permanent on 28 December: 4 + 31 + 28 + 31 = 94 days."""
    kept = Happening("placement.made_permanent", dt.date(2026, 12, 28), 10)
    assert on_trial(state(then=(BEGAN,))) == ({}, ["it"])
    assert on_trial(state(then=(BEGAN, kept), end="permanent")) == ({"100001": -94_000, "100002": 94_000}, [])
    back = Happening("placement.ended", dt.date(2026, 12, 20), 10)
    assert on_trial(state(then=(BEGAN, back), end="return", returned=True)) == ({}, [])


def test_a_trial_of_the_year_before_waits_for_no_more_than_the_year() -> None:
    """It began on 5 October 2026. The year from April 2027 has 366 days, with 29 February 2028."""
    text = f"{HEAD}{TRIAL}transfers:\n{LATER}"
    book = Shelf.of([(text, "ours.yaml")]).in_force("ours", MEETS)
    both = (book, Evaluation(book))
    (one,) = account(state(then=(BEGAN,)), both, lambda _: both, 2027, dt.date(2027, 5, 1)).waiting
    assert (one.first, one.rest, one.whole, one.pence) == (dt.date(2026, 10, 5), 366, 366, 0)


def test_what_is_permanent_at_once_is_paid_for_from_the_first_day() -> None:
    lifecycle = "lifecycle: {permanent_exclusion: {placement: permanent}}\n"
    shown = accounted(state(then=(BEGAN,)), LATER + lifecycle)
    assert totals(shown) == {"100001": -178_000, "100002": 178_000}


# --- the levy, and the fund ---

FOUR: Final = (
    *(("P0", "100001", "2026-10-02"), ("P1", "100001", "2026-11-02"), ("P2", "100001", "2026-12-02")),
    *(("P9", "100001", "2027-01-04"), ("P5", "100003", "2026-12-02")),
)


@pytest.mark.parametrize(
    ("levy", "first", "third"),
    [("250000", -1_000_000, -250_000), ("[0, 100000, 250000]", -600_000, 0), ("[0, 0, 0, 250000]", -250_000, 0)],
)
@pytest.mark.parametrize("to", ["fund", "authority"])
def test_the_first_exclusions_may_cost_less(levy: str, first: int, third: int, to: str) -> None:
    """Four of one school and one of another; the last of the list is for all that follow."""
    shown = accounted(with_exclusions(*FOUR), "", f"{{levy: {{pence: {levy}, to: {to}}}}}")
    expected = {"100001": first, "100003": third, to: -first - third}
    assert totals(shown) == {party: pence for party, pence in expected.items() if pence}
    assert [one.number for one in shown.statements[0].levied] == [1, 2, 3, 4]


def test_a_fund_by_the_weight_that_the_schools_agreed() -> None:
    """1,001 pence by 2, 1 and 4: 286, 143 and 572; nothing is over. Without one of the weights nobody can tell."""
    weights = {"100001": 2, "100002": 1, "100003": 4}
    shown = replace(with_exclusions(), funds={2026: 1001})
    schools = {urn: school.model_copy(update={"share_weight": weights[urn]}) for urn, school in shown.schools.items()}
    assert totals(accounted(replace(shown, schools=schools), "", "{fund: {shared: weight}}")) == {
        "100001": 286,
        "100002": 143,
        "100003": 572,
        OUTSIDE: -1001,
    }
    told = accounted(replace(shown, schools={**schools, "100002": shown.schools["100002"]}), "", "{fund: {shared: weight}}").draws
    assert told is not None
    assert told.why_not == "the weight of 100002 is not recorded (`pastoral load schools`, column share_weight)"


@settings(max_examples=40, deadline=None)
@given(
    begins=st.lists(st.sampled_from(["first_day", "permanent", "exclusion"]), min_size=1, max_size=3),
    levy=st.lists(st.integers(0, 9999), min_size=1, max_size=3),
    to=st.sampled_from(["fund", "authority"]),
    days=st.lists(st.dates(dt.date(2026, 3, 25), dt.date(2027, 4, 5)), max_size=4),
    as_of=st.dates(dt.date(2026, 10, 1), dt.date(2027, 6, 1)),
    moved=st.booleans(),
)
def test_all_of_it_adds_up_to_nothing(
    begins: list[str], levy: list[int], to: str, days: list[dt.date], as_of: dt.date, *, moved: bool
) -> None:
    more = {"exclusion": f"begins: exclusion, to: {to}, ", "permanent": "begins: permanent, ", "first_day": ""}
    lines = "".join(line(f"l{n}", 123_457, more[how]) for n, how in enumerate(begins))
    some = tuple(excluded("100003", f"{day}", f"P{n}") for n, day in enumerate(days))
    held = moved_on("100002") if moved else state(then=(BEGAN,))
    money = f"{{levy: {{pence: {levy}, to: {to}}}, leavers: {{year_group: 9, until: july}}}}"
    shown = accounted(replace(held, exclusions=some), lines, money, as_of)
    assert sum(one.total for one in (*shown.statements, *shown.others)) == 0


# --- what is refused, and in words ---


@pytest.mark.parametrize(
    ("lines", "money", "words"),
    [
        (line("it", 1, "begins: exclusion, "), "{}", "wanted from: sending_school, to: authority or fund"),
        (line("it", 1, "begins: exclusion, from: fund, to: authority, "), "{}", "found from fund to authority, from the exclusion on"),
        (line("it", 1, "begins: trial, "), "{}", "wanted first_day, permanent or exclusion"),
        (line("it", 1), "{levy: []}", "wanted at least one"),
        (line("it", 1), "{levy: [0, -1]}", "found -1; wanted a whole number, 0 to"),
        (line("it", 1), "{levy: soon}", "wanted a whole number, or settings.NAME"),
        (line("it", 1), "{levy: {pence: 1, to: council}}", "wanted fund or authority"),
        (line("it", 1), "{leavers: {year_group: 11, until: june}}", "wanted july or august"),
    ],
)
def test_what_cannot_be_is_refused(lines: str, money: str, words: str) -> None:
    with pytest.raises(RulebookError) as told:
        check_text(f"{HEAD}transfers:\n{lines}money: {money}\n", "ours.yaml", Shelf.of([]))
    assert words in str(told.value)


def test_in_words() -> None:
    text = (
        f"{HEAD}transfers:\n{line('it', 1, 'begins: exclusion, to: authority, after: 2 weeks, ')}"
        "settings: {dear: 250000}\nmoney: {levy: {pence: [0, 0, settings.dear], to: authority}, leavers: {year_group: 11}}\n"
    )
    book = check_text(text, "ours.yaml", Shelf.of([]))
    assert said_flow(book.transfers[0].flow) == (
        "from the school that sent to the authority, "
        "from the day of the exclusion, placed or not, if the exclusion stands 2 weeks after that"
    )
    assert said_levy(book.money) == "0, 0 for the first 2, then 250,000 pence to the authority"
    assert said_leavers(book.money) == "until the end of August for a pupil in year 11"
