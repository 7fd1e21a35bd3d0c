"""Who pays whom by a line that says so, once or by the rest of the year, half now and half later; and the levy for an exclusion."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panel import events as ev
from panel.costs.money import Account, account
from panel.costs.payments import AUTHORITY, FUND
from panel.state.records import Happening, State
from rules.errors import RulebookError
from rules.evaluate import Evaluation
from rules.rulebook import Shelf, check_text
from tests.test_money import MEETS, moved_on, state

HEAD: Final = """\
rulebook: ours
edition: {from: 2026-01-01}
title: Ours
authority: {instrument: Invented}
counts:
  load: {of: [placements, outside_admissions], over: for_ever}
objectives: [place, {share: {load: load, per: roll}}, lottery]
"""
BEGAN: Final = Happening("placement.started", dt.date(2026, 10, 5), 9)


def line(name: str, pence: int, more: str = "") -> str:
    examples = (
        "[{name: it is, given: {admission.after_exclusion: true}, expect: fires}, "
        "{name: not, given: {admission.after_exclusion: false}, expect: silent}]"
    )
    return f"  - {{id: {name}, pence: {pence}, when: admission.after_exclusion, {more}examples: {examples}}}\n"


def accounted(shown: State, lines: str, money: str = "", as_of: dt.date = dt.date(2027, 3, 1)) -> Account:
    text = HEAD + (f"transfers:\n{lines}" if lines else "") + (f"money: {money}\n" if money else "")
    book = Shelf.of([(text, "ours.yaml")]).in_force("ours", MEETS)
    both = (book, Evaluation(book))
    return account(shown, both, lambda _: both, 2026, as_of)


def totals(shown: Account) -> Mapping[str, int]:
    """Of every party that pays or is paid."""
    return {one.urn: one.total for one in (*shown.statements, *shown.others) if one.total}


HALVES: Final = line("now", 182_500) + line("later", 182_500, "after: 12 weeks, ")


@pytest.mark.parametrize(("as_of", "paid", "waits"), [("2026-12-27", 89_000, ["later"]), ("2026-12-28", 178_000, [])])
def test_half_now_and_half_after_twelve_weeks(as_of: str, paid: int, waits: list[str]) -> None:
    """From Monday 5 October 178 days at 500 pence each half; twelve weeks after it is Monday 28 December."""
    shown = accounted(state(then=(BEGAN,)), HALVES, as_of=dt.date.fromisoformat(as_of))
    assert totals(shown) == {"100001": -paid, "100002": paid}
    assert [(*one.lines, one.due) for one in shown.waiting] == [(name, dt.date(2026, 12, 28)) for name in waits]


@pytest.mark.parametrize(("ended", "paid"), [("2026-12-27", 42_000), ("2026-12-28", 85_000)])
def test_who_left_before_the_day_is_not_paid_the_second_half(ended: str, paid: int) -> None:
    """To 27 December 84 days of one half, 42,000 pence; a day longer 85 days of both halves."""
    end = Happening("placement.ended", dt.date.fromisoformat(ended), 10)
    shown = accounted(state(then=(BEGAN, end), end="return", returned=True), HALVES)
    assert totals(shown) == {"100001": -paid, "100002": paid}
    assert shown.waiting == ()


def test_what_never_began_has_not_stood() -> None:
    """Planned for 1 October and never begun: the first half by what was planned, 182 days, and the second waits."""
    shown = accounted(state(), HALVES)
    assert totals(shown) == {"100001": -91_000, "100002": 91_000}
    assert [(one.lines, one.planned) for one in shown.waiting] == [(("later",), True)]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("", {"100001": -182_000, "100002": 182_000}),
        ("once: true, ", {"100001": -365_000, "100002": 365_000}),
        ("from: authority, ", {AUTHORITY: -182_000, "100002": 182_000}),
        ("from: authority, to: sending_school, once: true, ", {AUTHORITY: -365_000, "100001": 365_000}),
        ("from: fund, once: true, ", {FUND: -365_000, "100002": 365_000}),
        ("to: fund, ", {"100001": -182_000, FUND: 182_000}),
        ("from: authority, to: fund, ", {AUTHORITY: -182_000, FUND: 182_000}),
    ],
)
def test_who_pays_whom(more: str, expected: Mapping[str, int]) -> None:
    """1,000 pence a day for 182 days, or 3,650.00 once."""
    assert totals(accounted(state(), line("it", 365_000, more))) == expected


def test_the_authority_pays_no_day_twice() -> None:
    """From 1 October to 3 January 31 + 30 + 31 + 3 = 95 days at the first school, then 87 at the next."""
    shown = accounted(moved_on("100002"), line("it", 365_000, "from: authority, "))
    assert totals(shown) == {AUTHORITY: -182_000, "100002": 95_000, "100003": 87_000}


def test_no_school_sent_and_none_need() -> None:
    both = line("it", 365_000, "from: authority, once: true, ") + line("other", 100)
    assert accounted(state(home=None), line("it", 365_000, "from: authority, ")).nowhere == ()
    shown = accounted(state(home=None), both)
    assert (totals(shown), shown.nowhere) == ({AUTHORITY: -365_000, "100002": 365_000}, ("R1",))


def test_for_whom_no_line_fires_no_sender_is_missed() -> None:
    """An excluded pupil of no home school, a line for the others: nobody would pay, had a school sent the pupil."""
    others = line("it", 100).replace("when: admission.after_exclusion", "when: not admission.after_exclusion")
    assert accounted(state(home=None), others).nowhere == ()
    assert accounted(state(home=None), line("it", 100)).nowhere == ("R1",)
    assert accounted(state(home=None), "").nowhere == ()
    unknown = line("it", 100).replace("admission.after_exclusion", "admission.behaviour_is_primary_need")
    assert accounted(state(home=None), unknown).nowhere == ("R1",)
    assert accounted(state(home=None), unknown).untold == ()


def excluded(school: str, on: str, pupil: str = "P7") -> ev.PermanentlyExcluded:
    return ev.PermanentlyExcluded(pupil=pupil, school=school, on=dt.date.fromisoformat(on), year_group=9)


def test_a_levy_for_each_exclusion_of_the_year() -> None:
    """The first and last day of the year count; the day before it and the day after the statement do not."""
    some = (
        *(excluded("100001", on, f"P{on}") for on in ("2026-03-31", "2026-04-01", "2027-03-01", "2027-03-02")),
        excluded("100003", "2026-11-02"),
    )
    shown = accounted(replace(state(), exclusions=some), "", "{levy: 250000}")
    assert totals(shown) == {"100001": -500_000, "100003": -250_000, FUND: 750_000}
    assert shown.unrecorded == ("R1",), "it says permanently excluded, and nobody recorded it"
    assert accounted(replace(state(), exclusions=(excluded("100001", "2026-09-15", "P1"),)), "", "{levy: 250000}").unrecorded == ()


WORDS: Final = st.tuples(
    st.sampled_from(["sending_school", "authority", "fund"]),
    st.sampled_from(["receiving_school", "sending_school", "authority", "fund"]),
).filter(lambda pair: pair[0] != pair[1])
LINES: Final = st.lists(
    st.tuples(WORDS, st.booleans(), st.sampled_from(["", "after: 1 week, ", "after: 100 calendar days, "]), st.integers(0, 999_999)),
    min_size=1,
    max_size=4,
)


@settings(max_examples=40, deadline=None)
@given(
    lines=LINES,
    levy=st.integers(0, 300_000),
    fund=st.sampled_from(["", "{shared: equally}", "{shared: roll}"]),
    home=st.sampled_from(["100001", "100002", None]),
    began=st.booleans(),
    as_of=st.dates(dt.date(2026, 10, 1), dt.date(2027, 6, 1)),
)
def test_all_totals_add_up_to_nothing(
    lines: list[tuple[tuple[str, str], bool, str, int]], levy: int, fund: str, home: str | None, *, began: bool, as_of: dt.date
) -> None:
    """Over schools, authority and fund; and each payment stands once with who pays and once with who is paid."""
    text = "".join(
        line(f"l{n}", pence, f"from: {pair[0]}, to: {pair[1]}, once: {str(once).lower()}, {after}")
        for n, (pair, once, after, pence) in enumerate(lines)
    )
    money = f"{{levy: {levy}{f', fund: {fund}' if fund else ''}}}"
    held = state(home=home, then=(BEGAN,) if began else ())
    shown = accounted(replace(held, exclusions=(excluded("100003", "2026-09-30"),), funds={2026: 1000}), text, money, as_of)
    parties = (*shown.statements, *shown.others)
    assert sum(one.total for one in parties) == 0
    assert sum(len(one.paid) for one in parties) == sum(len(one.received) for one in parties)
    assert {one.urn for one in parties} >= {AUTHORITY, FUND}


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("from: fund, to: fund, ", "found from and to fund; wanted two that are not the same"),
        ("after: 12 school days, ", "found 12 school days; wanted weeks or calendar days"),
        ("from: council, ", "wanted sending_school, authority or fund"),
    ],
)
def test_a_line_that_cannot_be_is_refused(more: str, words: str) -> None:
    with pytest.raises(RulebookError, match=words):
        check_text(f"{HEAD}transfers:\n{line('it', 100, more)}", "ours.yaml", Shelf.of([]))
