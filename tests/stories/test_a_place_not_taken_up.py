"""A family moves away after the decision and before the first day: the place is free, nobody was admitted, and the case is over."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from panel import events as ev
from panel.order.entries import missteps
from panel.record.ledger import Ledger
from panel.reports.partitions import NOT_TAKEN_UP, WHY, by_why, why
from panel.state.fold import fold
from panel.state.records import Recorded, Referral
from panel.steps.office import Office
from tests.courses import ASH, BEECH, BOOK, clean, flat, loads, meet, placed, refer, rolls, weir
from tests.running import Panel, url
from tests.test_state import day, decided, referral, written
from tests.test_state import made as referred
from tests.test_state import opened as opening

CLOCK = """clocks:
  - {id: on-roll, from: decision.taken, until: placement.started, within: 5 school days}
  - {id: sixth-day, from: exclusion.made, until: education.started, within: 6 school days}
  - {id: moved-away, from: decision.taken, until: [placement.started, placement.not_taken_up], within: 20 school days}
"""


@pytest.fixture
def panel(tmp_path: Path) -> Panel:
    """P1 of Ash was decided for Beech on 8 October, and has not begun."""
    panel = weir(tmp_path, book=f"{BOOK}{CLOCK}")
    refer(panel, "R1", "P1", "fair_access")
    assert placed(meet(panel, "2026-10-08", "R1")) == {"R1": BEECH}
    return panel


def gone(panel: Panel, on: str = "2026-10-12") -> str:
    return panel("end", "R1", "--as", "not-taken-up", "--on", on, "--reason", "moved away").out


def test_the_place_is_free_and_nobody_was_admitted(panel: Panel) -> None:
    assert (loads(panel), rolls(panel, "2026-10-08")) == ({BEECH: 1}, {ASH: 170, BEECH: 171})
    assert gone(panel) == "R1: not taken up, and the case is over, 2026-10-12.\n"
    assert loads(panel, "--as-of", "2026-10-11") == {BEECH: 1}
    assert loads(panel, "--as-of", "2026-10-12") == {}
    assert rolls(panel, "2026-10-12") == {ASH: 170, BEECH: 170}
    clean(panel)


def test_the_case_says_so_and_nothing_more_may_come(panel: Panel) -> None:
    gone(panel)
    told = flat(panel("case", "R1"))
    assert told.startswith("R1 (fair access): the placement at Beech School (200002) was not taken up (2026-10-12).")
    assert "2026-10-12 not taken up: the case is over In words: moved away" in told
    assert panel.json("case", "R1")["status"] == "not taken up"
    assert panel.json("case", "R1")["may_come"] == []
    assert flat(panel("explain", "R1")).startswith(
        "R1: meeting 1 of 2026-10-08 chose Beech School (200002); the place was not taken up, and the case is over."
    )
    assert panel.json("explain", "R1")["status"] == "not taken up"
    assert panel.refused("start", "R1", "--on", "2026-10-13").startswith("R1: its placement was not taken up (2026-10-12).")
    assert panel.refused("accept", "R1", "--by", BEECH).startswith("R1 is not taken up; a school answers only to a decision.")
    assert "R1 is not taken up" in panel.refused("withdraw", "R1", "--on", "2026-10-13", "--reason", "x")
    clean(panel)


def test_no_clock_runs_on_for_it(panel: Panel) -> None:
    asked = ("due", "--as-of", "2026-12-01")
    assert {row["clock"] for row in panel.json(*asked)["late"] if row["referral"] == "R1"} == {"on-roll", "moved-away"}
    gone(panel)
    due = panel.json(*asked)
    assert [row for key in ("late", "next") for row in due[key] if row["referral"] == "R1"] == []
    assert "R1" not in str(due["look_at"])


def test_a_child_who_was_excluded_is_excluded_all_the_same(tmp_path: Path) -> None:
    panel = weir(tmp_path, book=f"{BOOK}{CLOCK}")
    panel("exclusion", "record", "--pupil", "P1", "--school", ASH, "--on", "2026-09-28", "--year-group", "9")
    refer(panel, "R1", "P1", "permanent_exclusion", "--permanently-excluded", "yes", "--excluded-by", ASH)
    meet(panel, "2026-10-08", "R1")
    gone(panel)
    late = {row["clock"] for row in panel.json("due", "--as-of", "2026-12-01")["late"] if row["referral"] == "R1"}
    assert {"sixth-day"} <= late
    assert not {"on-roll", "moved-away"} & late


def test_a_new_referral_may_follow(panel: Panel) -> None:
    said = panel.refused("withdraw", "R1", "--on", "2026-10-12", "--reason", "x")
    assert "R1 is decided" in said
    assert "pastoral end R1 --as not-taken-up --on DATE" in said
    case = ("--pupil", "P1", "--kind", "fair_access", "--year-group", "9", "--made-on", "2026-11-02", "--home-school", ASH, "--ehcp", "no")
    more = ("--looked-after", "no", "--preferences", BEECH, "--interventions-evidenced", "yes")
    assert "pastoral end R1 --as not-taken-up" in panel.refused("refer", "R2", *case, *more)
    gone(panel)
    panel("refer", "R2", *case, *more)
    assert placed(meet(panel, "2026-11-05", "R2")) == {"R2": BEECH}
    assert loads(panel) == {BEECH: 1}
    clean(panel)


def test_only_before_the_first_day(panel: Panel) -> None:
    assert "wanted 2026-10-08 or later" in panel.refused("end", "R1", "--as", "not-taken-up", "--on", "2026-10-07")
    panel("start", "R1", "--on", "2026-10-12")
    said = panel.refused("end", "R1", "--as", "not-taken-up", "--on", "2026-10-13")
    assert said.startswith("R1: it started on 2026-10-12, and this comes before the start.")
    refer(panel, "R2", "P2", "fair_access")
    said = panel.refused("end", "R2", "--as", "not-taken-up", "--on", "2026-10-13")
    assert said.startswith("R2: it is waiting; this follows a decision for a school.")
    clean(panel)


def test_in_an_open_meeting_its_seat_is_free_again(tmp_path: Path) -> None:
    panel = weir(tmp_path)
    refer(panel, "R1", "P1", "fair_access")
    panel("meeting", "open", "--date", "2026-10-08", "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    panel("allocate")
    panel("decide", "R1", "--confirm")
    gone(panel, "2026-10-08")
    assert panel.json("allocate", "--dry-run")["placements"] == []
    panel("meeting", "close")
    clean(panel)


def test_a_year_counts_the_child_once_among_those_not_placed() -> None:
    end = ev.PlacementEnded(referral="R1", pupil="PR1", on=day("10-20"), end="not_taken_up")
    held = referral(fold(written(referred(), opening(), decided(), end)))
    assert (held.status, why(held)) == ("not taken up", NOT_TAKEN_UP)
    others: list[Referral] = [referral(fold(written(referred(), opening(), decided("declined"))))] * 20
    assert [cell.label for cell in by_why(others).shown.cells] == [label for label in WHY if label != NOT_TAKEN_UP]
    table = by_why([*others, *[held] * 20]).shown
    assert {cell.label: cell.count for cell in table.cells}[NOT_TAKEN_UP] == 20
    assert table.total == 40


def test_a_move_after_a_direction_that_is_not_taken_up_leaves_the_direction_over(tmp_path: Path) -> None:
    """P1 was directed to Beech until the 4th of November, when the move to Beech that was decided came to nothing."""
    panel = weir(tmp_path, book=BOOK.replace("counts:\n", "counts:\n  here: {of: placements, over: at_present}\n"))
    refer(panel, "R1", "P1", "off_site_direction")
    meet(panel, "2026-10-08", "R1")
    panel("board", "R1", "--on", "2026-10-09")
    panel("notice", "R1", "--on", "2026-10-09")
    panel("start", "R1", "--on", "2026-10-14", "--until", "2026-11-20")
    panel("end", "R1", "--as", "managed-move", "--on", "2026-10-20")
    for who in ("parent", "home-school"):
        panel("agree", "R1-2", "--by", who, "--on", "2026-10-20")
    assert placed(meet(panel, "2026-10-22", "R1-2")) == {"R1-2": BEECH}
    assert (loads(panel), loads(panel, count="here")) == ({BEECH: 1}, {BEECH: 1})
    panel("end", "R1-2", "--as", "not-taken-up", "--on", "2026-11-04")
    asked = ("--as-of", "2026-11-04")
    assert loads(panel, *asked) == {BEECH: 1}  # the direction was made, and counts for the year
    assert loads(panel, *asked, count="here") == {}
    assert rolls(panel, "2026-11-04") == {ASH: 170, BEECH: 170}
    assert flat(panel("case", "R1")).startswith("R1 (off-site direction): the placement at Beech School (200002) ended on 2026-10-20")
    with Office(Ledger.open(url(panel.ledger)), actor="test") as office:
        (direction,) = office.state.admissions
    assert str(direction.gone_on) == "2026-11-04"  # there until the move came to nothing
    clean(panel)


def test_a_replay_knows_that_nobody_answers_for_a_place_that_was_not_taken_up(panel: Panel) -> None:
    gone(panel)
    with Office(Ledger.open(url(panel.ledger)), actor="test") as office:
        entries = office.record
    answer = ev.SchoolRefused(referral="R1", pupil="P1", school=BEECH, on=entries[-1].event.day or dt.date.max)
    late = Recorded(entries[-1].seq + 1, entries[-1].recorded_at, answer)
    assert list(missteps(entries)) == []
    assert "one that is decided: R1 is not taken up" in [one.wanted for one in missteps([*entries, late])]
