"""A pupil has one open case at most: else one child would have two places, and count twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.courses import ASH, BEECH, agreed, clean, loads, meet, refer, weir
from tests.running import Panel

HEADER = "referral,pupil,kind,year_group,home_school,made_on,ehcp,parent_agrees_on,home_school_agrees_on,interventions_evidenced\n"
AGAIN = f"R9,P1,managed_move,9,{ASH},2026-10-25,no,2026-10-24,2026-10-24,yes\n"


def second(panel: Panel) -> str:
    """What is said of a second referral for P1, from a file of its own."""
    return panel.refused("load", "referrals", str(panel.file("second.csv", HEADER + AGAIN)))


def decided(folder: Path, kind: str = "managed_move") -> Panel:
    """R1 of P1 is decided for Beech at the meeting of 22 October 2026."""
    panel = weir(folder)
    refer(panel, "R1", "P1", kind)
    meet(panel, "2026-10-22", "R1")
    return panel


def test_what_is_decided_and_has_not_begun_is_not_decided_again(tmp_path: Path) -> None:
    panel = decided(tmp_path)
    assert second(panel) == (
        "second.csv: 1 problem in 1 row; nothing was recorded.\n"
        f"  second.csv row 2, pupil: found 'P1', whose referral R1 is decided for {BEECH} and has not begun; "
        "wanted one open case for each pupil. If the pupil is there by now, say since when: `pastoral start R1 --on DATE`. "
        "If somebody did not agree: `pastoral refuse R1 --by WHO --reason TEXT`. "
        "If the family does not take the place up: `pastoral end R1 --as not-taken-up --on DATE`. "
        "`pastoral case R1` lists what may come next.\n"
    )
    by_hand = ("--kind", "fair_access", "--year-group", "9", "--made-on", "2026-10-25", "--home-school", ASH)
    assert f"R1 is decided for {BEECH} and has not begun" in panel.refused("refer", "R9", "--pupil", "P1", *by_hand)
    assert loads(panel) == {BEECH: 1}


def test_a_place_that_is_not_taken_up_leaves_room_for_another_case(tmp_path: Path) -> None:
    panel = decided(tmp_path, "fair_access")
    panel("end", "R1", "--as", "not-taken-up", "--on", "2026-10-24")
    panel("load", "referrals", str(panel.file("second.csv", HEADER + AGAIN)))
    meet(panel, "2026-11-05", "R9")
    assert sum(loads(panel).values()) == 1  # one child
    clean(panel)


def test_once_it_was_refused_it_waits_itself(tmp_path: Path) -> None:
    panel = decided(tmp_path)
    panel("refuse", "R1", "--by", "parent", "--on", "2026-10-24", "--reason", "too far")
    assert "whose referral R1 is not decided yet; wanted one open case for each pupil. Decide that one, or withdraw it first" in second(
        panel
    )
    panel("withdraw", "R1", "--on", "2026-10-25", "--reason", "a new one is better")
    panel("load", "referrals", str(panel.file("second.csv", HEADER + AGAIN)))
    clean(panel)


def test_who_came_to_stay_may_come_before_the_panel_again(tmp_path: Path) -> None:
    panel = decided(tmp_path)
    agreed(panel)
    panel("start", "R1", "--on", "2026-11-02")
    panel("load", "referrals", str(panel.file("second.csv", HEADER + AGAIN.replace("2026-10-25", "2027-01-11"))))
    meet(panel, "2027-01-21")
    clean(panel)
    # While that one is open the earlier placement cannot come back as a third.
    assert "R9 of the same pupil is not decided yet; there is one open case" in panel.refused(
        "break-down", "R1", "--on", "2027-01-22", "--reason", "x"
    )


def direction(folder: Path) -> Panel:
    """R1 of P1 is an off-site direction to Beech that runs until 18 December 2026."""
    panel = decided(folder, "off_site_direction")
    panel("board", "R1", "--on", "2026-10-23")
    panel("notice", "R1", "--on", "2026-10-23")
    panel("start", "R1", "--on", "2026-11-03", "--until", "2026-12-18")
    return panel


def test_what_is_temporary_ends_first_or_goes_on_as_its_own_case(tmp_path: Path) -> None:
    panel = direction(tmp_path)
    assert (
        f"whose referral R1 runs at {BEECH}, planned until 2026-12-18, and nobody has said how it ends; "
        "wanted one open case for each pupil. "
        "Say first how it ends; one that goes on as another comes back as a case by itself. `pastoral case R1` lists what may come next."
    ) in second(panel)
    panel("end", "R1", "--as", "managed-move", "--on", "2026-12-10")
    assert "whose referral R1-2 is not decided yet" in second(panel)
    meet(panel, "2027-01-21")
    clean(panel)


def test_once_it_has_ended_another_may_come(tmp_path: Path) -> None:
    panel = direction(tmp_path)
    panel("end", "R1", "--as", "return", "--on", "2026-12-10")
    loaded = panel.json("load", "referrals", str(panel.file("second.csv", HEADER + AGAIN)))
    assert loaded["rows"] == 1
    clean(panel)


@pytest.fixture
def as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are read as they were before a pupil had one open case at most."""
    monkeypatch.setattr("panel.steps.casebook.open_cases", lambda _referrals: {})


@pytest.mark.usefixtures("as_it_was")
def test_a_record_that_has_two_is_read_on_and_no_meeting_opens_over_both(tmp_path: Path) -> None:
    panel = decided(tmp_path)
    panel("load", "referrals", str(panel.file("second.csv", HEADER + AGAIN)))
    clean(panel)
    opening = ("meeting", "open", "--date", "2026-11-05", "--chair", "X")
    said = panel.refused(*opening)
    assert said.startswith(f"P1 has two open cases: R9 is on the agenda, and R1 is decided for {BEECH} and has not begun. ")
    assert said.endswith("Or withdraw R9: `pastoral withdraw R9 --on DATE --reason TEXT`.\n")
    panel("refuse", "R1", "--by", "parent", "--on", "2026-10-28", "--reason", "too far")
    assert "A pupil would be on the agenda more than once (P1: R1, R9)" in panel.refused(*opening)
    panel("withdraw", "R9", "--on", "2026-10-29", "--reason", "the older case goes on")
    assert panel.json(*opening)["agenda"] == ["R1"]
    clean(panel)
