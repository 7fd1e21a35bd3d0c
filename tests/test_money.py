"""Money that follows the pupil, at the edges: who left again, who never started, what nobody can tell, and pennies."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from panel import events as ev
from panel.costs.money import Account, account, bounds, year_of
from panel.state.fold import fold
from panel.state.records import Happening, Meeting, Recorded, Referral, Span, State
from rules.accounts import Money
from rules.book import Rulebook
from rules.evaluate import Evaluation
from rules.rulebook import Shelf

BOOK: Final = """\
rulebook: ours
edition: {from: 2026-01-01}
title: Ours
authority: {instrument: Invented}
counts:
  load: {of: [placements, outside_admissions], over: for_ever}
transfers:
  - id: after-exclusion
    pence: 365000
    when: admission.after_exclusion
    examples:
      - {name: excluded, given: {admission.after_exclusion: true}, expect: fires}
      - {name: not, given: {admission.after_exclusion: false}, expect: silent}
  - id: known-need
    pence: 36500
    when: admission.behaviour_is_primary_need
    examples:
      - {name: it is, given: {admission.behaviour_is_primary_need: true}, expect: fires}
      - {name: it is not, given: {admission.behaviour_is_primary_need: false}, expect: silent}
objectives: [place, {share: {load: load, per: roll}}, lottery]
"""
KNOWN: Final = BOOK.replace("when: admission.behaviour_is_primary_need", "when: admission.behaviour_is_primary_need is known")
MEETS: Final = dt.date(2026, 10, 1)
ROLLS: Final = {"100001": 700, "100002": 300, "100003": 1000}


def state(*, home: str | None = "100001", then: tuple[Happening, ...] = (), **changes: object) -> State:
    """One pupil, excluded by a school and decided on 1 October 2026 for 100002."""
    made = ev.ReferralMade(
        referral="R1",
        pupil="P1",
        referral_kind="permanent_exclusion",
        permanently_excluded=True,
        year_group=9,
        home_school=home,
        made_on=dt.date(2026, 9, 20),
    )
    decision = ev.DecisionTaken(meeting=1, on=MEETS, referral="R1", pupil="P1", outcome="confirmed", school="100002", starts=MEETS)
    schools = [ev.SchoolRecorded(urn=urn, name=f"School {urn}", roll=roll) for urn, roll in ROLLS.items()]
    opened = ev.MeetingOpened(
        meeting=1, on=MEETS, chair="A", agenda=("R1",), agenda_digest="", rulebook="ours", edition=MEETS, rulebook_digest=""
    )
    events: list[ev.Event] = [*schools, made, opened, decision]
    folded = fold(Recorded(n, "", event) for n, event in enumerate(events, start=1))
    held = replace(folded.referrals["R1"], **changes)  # type: ignore[arg-type]
    return replace(folded, referrals={"R1": replace(held, happened=(*held.happened, *then))})


def accounted(shown: State, text: str = KNOWN, year: int = 2026) -> Account:
    book = Shelf.of([(text, "ours.yaml")]).in_force("ours", MEETS)
    both = (book, Evaluation(book))
    return account(shown, both, lambda _: both, year, dt.date(2027, 3, 1))


def totals(shown: Account) -> Mapping[str, int]:
    return {one.urn: one.total for one in shown.statements}


def test_the_rest_of_the_year_in_days() -> None:
    """1 October to 31 March: 31 + 30 + 31 + 31 + 28 + 31 = 182 days of 365, at 365,000 pence a year 1,000 a day."""
    assert totals(accounted(state())) == {"100001": -182_000, "100002": 182_000, "100003": 0}


def test_the_day_it_really_began() -> None:
    """It was planned for 1 October and began on 2 November: 31 + 1 days later, 150 days."""
    began = Happening("placement.started", dt.date(2026, 11, 2), 9)
    (one,) = accounted(state(then=(began,))).statements[1].received
    assert (one.planned, one.first, one.rest, one.pence) == (False, dt.date(2026, 11, 2), 150, 150_000)


def test_who_left_again_is_paid_for_until_that_day() -> None:
    """From 1 to 31 October: 31 days, the last one counted."""
    ended = Happening("placement.ended", dt.date(2026, 10, 31), 10)
    (one,) = accounted(state(then=(ended,), end="return", returned=True)).statements[1].received
    assert (one.last, one.rest, one.pence) == (dt.date(2026, 10, 31), 31, 31_000)


def test_a_permanent_end_stops_nothing() -> None:
    ended = Happening("placement.made_permanent", dt.date(2026, 10, 31), 10)
    assert totals(accounted(state(then=(ended,), end="permanent")))["100002"] == 182_000


def moved_on(home: str) -> State:
    """The same pupil is decided for 100003 from 4 January 2027, sent by `home`."""
    shown = state()
    first = shown.referrals["R1"]
    made = first.made.model_copy(update={"referral": "R2", "home_school": home, "made_on": dt.date(2026, 12, 1)})
    assert first.decision is not None
    starts = dt.date(2027, 1, 4)
    decision = first.decision.model_copy(update={"referral": "R2", "school": "100003", "starts": starts})
    second = replace(first, made=made, decision=decision, decision_seq=99)
    (admission,) = shown.admissions
    there = replace(admission, referral="R2", school="100003", on=starts, sent_by=home)
    return replace(shown, referrals={"R1": first, "R2": second}, admissions=(admission, there))


def test_who_moves_on_is_paid_for_by_the_school_that_is_left() -> None:
    """100001 pays 100002 for 182 days, and that pays 100003 for the last 28 + 28 + 31 = 87 of them."""
    assert totals(accounted(moved_on("100002"))) == {"100001": -182_000, "100002": 95_000, "100003": 87_000}


def test_who_is_sent_on_by_the_first_school_is_paid_for_once() -> None:
    """Where the first school sent the pupil to both (a direction that became a move), it pays each for its own days: 95 and 87."""
    assert totals(accounted(moved_on("100001"))) == {"100001": -182_000, "100002": 95_000, "100003": 87_000}


def test_who_draws_is_a_member_in_the_year_and_a_school_of_its_own() -> None:
    """100001 left before the year began, 100002 came and has merged into 100003 since, 100004 joins the day after."""
    held = state()
    meeting = replace(held.meetings[0], attended=("100002", "100004"), closed=True)
    guest = ev.SchoolRecorded(urn="100004", name="School 100004", roll=500)
    shown = replace(
        held,
        meetings=(meeting,),
        funds={2026: 100},
        schools={**held.schools, "100004": guest},
        members={"100001": (Span(None, dt.date(2026, 4, 1)),), "100004": (Span(dt.date(2027, 3, 2), None),)},
        successors={"100002": "100003"},
    )
    draws = accounted(shown, KNOWN + "money: {fund: {shared: equally, took_part: all}}\n").draws
    assert draws is not None
    assert (draws.by_school, draws.came, draws.shut_out) == ({"100003": 100}, {"100003": 1}, ())


def test_what_nobody_can_tell_moves_no_money_and_is_named() -> None:
    shown = accounted(state(), BOOK)
    assert totals(shown) == {"100001": 0, "100002": 0, "100003": 0}
    assert [(one.referral, one.missing) for one in shown.untold] == [("R1", ("admission.behaviour_is_primary_need",))]


def test_who_came_from_no_school() -> None:
    shown = accounted(state(home=None))
    assert totals(shown) == {"100001": 0, "100002": 0, "100003": 0}
    assert shown.nowhere == ("R1",)


def test_another_year_is_another_account() -> None:
    assert totals(accounted(state(), year=2025)) == {"100001": 0, "100002": 0, "100003": 0}


@pytest.mark.parametrize(
    ("fund", "came", "expected", "left"),
    [
        ("{shared: equally}", (), {"100001": 33, "100002": 33, "100003": 33}, 1),
        ("{shared: roll}", (), {"100001": 35, "100002": 15, "100003": 50}, 0),
        ("{shared: roll, took_part: all}", ("100001", "100003"), {"100001": 41, "100003": 58}, 1),  # 41.2 and 58.8 of 100
        ("{shared: need, count: load}", (), {"100001": 0, "100002": 100, "100003": 0}, 0),
        ("{shared: equally, took_part: 2}", ("100001",), {}, 100),
    ],
)
def test_the_fund_is_shared_in_whole_pence(fund: str, came: tuple[str, ...], expected: dict[str, int], left: int) -> None:
    """100 pence, one meeting."""
    held = state()
    meeting: Meeting = replace(held.meetings[0], attended=came, closed=True)
    shown = accounted(replace(held, meetings=(meeting,), funds={2026: 100}), KNOWN + f"money: {{fund: {fund}}}\n")
    assert shown.draws is not None
    assert (dict(shown.draws.by_school), shown.draws.left) == (expected, left)
    assert bool(shown.draws.why_not) == (not expected)


@pytest.mark.parametrize(
    ("took_part", "by_school", "asked"),
    [
        # Half of four is two, half of two is one.
        ("half", {"100001": 50, "100003": 50}, {"100001": (4, 2), "100002": (2, 1), "100003": (2, 1), "100004": (0, 1)}),
        ("all", {"100001": 100}, {"100001": (4, 4), "100002": (2, 2), "100003": (2, 2), "100004": (0, 1)}),
        # Three meetings, or all of its own where there were fewer.
        ("3", {"100001": 100}, {"100001": (4, 3), "100002": (2, 2), "100003": (2, 2), "100004": (0, 1)}),
        ("1", {"100001": 50, "100003": 50}, {"100001": (4, 1), "100002": (2, 1), "100003": (2, 1), "100004": (0, 1)}),
    ],
)
def test_a_school_is_asked_only_about_the_meetings_while_it_was_a_member(
    took_part: str, by_school: Mapping[str, int], asked: Mapping[str, tuple[int, int]]
) -> None:
    """Four meetings. 100002 left after two and came, as a guest, only to the third; 100003 joined before the third and came to the
    last; 100004 joined when all were over."""
    held = state()
    days = (dt.date(2026, 10, 1), dt.date(2026, 11, 5), dt.date(2027, 1, 14), dt.date(2027, 2, 4))
    there = (("100001",), ("100001",), ("100001", "100002"), ("100001", "100003"))
    opened = held.meetings[0].opened
    meetings = tuple(
        replace(held.meetings[0], opened=opened.model_copy(update={"meeting": n, "on": on}), attended=came, closed=True)
        for n, (on, came) in enumerate(zip(days, there, strict=True), start=1)
    )
    joined = {"100003": dt.date(2027, 1, 14), "100004": dt.date(2027, 2, 5)}
    spans = {"100002": (Span(None, dt.date(2027, 1, 1)),), **{urn: (Span(on, None),) for urn, on in joined.items()}}
    schools = {**held.schools, "100004": ev.SchoolRecorded(urn="100004", name="School 100004", roll=500)}
    shown = replace(held, meetings=meetings, funds={2026: 100}, schools=schools, members=spans, sharing=spans)
    draws = accounted(shown, KNOWN + f"money: {{fund: {{shared: equally, took_part: {took_part}}}}}\n").draws
    assert draws is not None
    assert (dict(draws.by_school), dict(draws.asked)) == (by_school, asked)


def test_nothing_is_shared_before_anybody_could_come() -> None:
    """Half of no meetings is none, to which everybody came: the fund waits for the first meeting that is closed."""
    for part, shared in (("", True), (", took_part: half", False), (", took_part: all", False)):
        draws = accounted(replace(state(), funds={2026: 100}), KNOWN + f"money: {{fund: {{shared: equally{part}}}}}\n").draws
        assert draws is not None
        assert bool(draws.by_school) == shared
        assert draws.why_not == ("" if shared else "no meeting of the year is closed yet, so that nobody can tell who took part")


def test_a_roll_that_nobody_recorded_shares_nothing() -> None:
    held = state()
    schools = {**held.schools, "100003": held.schools["100003"].model_copy(update={"roll": None})}
    shown = accounted(replace(held, schools=schools, funds={2026: 100}), KNOWN + "money: {fund: {shared: roll}}\n")
    assert shown.draws is not None
    assert shown.draws.why_not.startswith("the roll of 100003 is not recorded")
    assert shown.draws.by_school == {}


@pytest.mark.parametrize(
    ("day", "april", "september"), [("2027-03-31", 2026, 2026), ("2027-04-01", 2027, 2026), ("2027-09-01", 2027, 2027)]
)
def test_financial_years(day: str, april: int, september: int) -> None:
    found = dt.date.fromisoformat(day)
    assert (year_of(found, Money()), year_of(found, Money(year="september"))) == (april, september)
    for money in (Money(), Money(year="september")):
        first, last = bounds(year_of(found, money), money)
        assert first <= found <= last


def test_a_book_that_speaks_of_no_money() -> None:
    silent = Rulebook(
        name="x", title="x", edition=MEETS, layers=(), authority=Shelf.of([(BOOK, "o.yaml")]).in_force("ours", MEETS).authority
    )
    assert silent.money == Money()
    assert not silent.transfers


def test_a_referral_is_not_decided_twice_over() -> None:
    """A refusal takes the decision back, and the money with it."""
    undecided: Referral = replace(state().referrals["R1"], decision=None, decision_seq=0)
    held = state()
    assert totals(accounted(replace(held, referrals={"R1": undecided}))) == {"100001": 0, "100002": 0, "100003": 0}


def test_the_page_about_money_is_a_rulebook() -> None:
    """The first snippet of docs/money.md, put into a book with a count of that name."""
    page = (Path(__file__).resolve().parent.parent / "docs" / "money.md").read_text(encoding="utf-8")
    snippet = page.split("```yaml\n")[1].split("```")[0]
    head = KNOWN.split("transfers:")[0]
    book = Shelf.of([(f"{head}{snippet}objectives: [place, {{share: {{load: load, per: roll}}}}, lottery]\n", "ours.yaml")])
    checked = book.in_force("ours", MEETS)
    assert [rule.amount for rule in checked.transfers] == [420_000]
    assert checked.money.fund is not None
    assert (checked.money.counted, checked.money.fund.took_part) == ("weeks", "half")
