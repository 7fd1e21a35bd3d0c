"""A case is asked by the clocks of the edition that decided it, also when another is in force since, and when trials were still allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.running import Panel
from tests.stories.test_what_is_due import SCHOOLS, TERMS, due, meet, refer

BOOK = """\
rulebook: quay
edition: {{from: {first}}}
title: Quay partnership
authority: {{instrument: Quay agreement (invented)}}
extends: england
clocks:
  - {{id: on-roll, from: decision.taken, until: placement.started, within: {within}}}
  - {{id: think-it-over, from: conversation.held, until: parent.agreed, not_before: 3 calendar days}}
objectives: [place, lottery]
"""


def quay(folder: Path) -> Panel:
    panel = Panel(folder / "quay.db")
    panel("init", "--rulebook", str(panel.file("quay.yaml", BOOK.format(first="2026-09-01", within="5 school days"))))
    panel("load", "schools", str(panel.file("schools.csv", SCHOOLS)))
    panel("load", "terms", str(panel.file("terms.csv", TERMS)))
    return panel


def test_a_new_edition_gives_no_other_days_to_what_was_decided_before(tmp_path: Path) -> None:
    """R1 is decided on Thursday 24 September, R2 on Thursday 8 October: five school days and, by the edition of October, three."""
    panel = quay(tmp_path)
    for name in ("R1", "R2"):
        refer(panel, name, "fair_access", "2026-09-10")
    meet(panel, "2026-09-24", "R1", "--school", "900002", "--reason", "the nearest")
    panel("rules", "adopt", str(panel.file("next.yaml", BOOK.format(first="2026-10-01", within="3 school days"))))
    meet(panel, "2026-10-08", "R2", "--school", "900002", "--reason", "the nearest")
    assert due(panel, "2026-10-09") == {"late": [("R1", "on-roll", "2026-10-01", 6)], "next": [("R2", "on-roll", "2026-10-13", 2)]}
    # An edition that is adopted later, though it says that it was in force from before the meeting, is not the one that decided it.
    panel("rules", "adopt", str(panel.file("late.yaml", BOOK.format(first="2026-09-20", within="1 school day"))))
    assert due(panel, "2026-10-09")["late"] == [("R1", "on-roll", "2026-10-01", 6)]
    # Sent back, R1 is no longer a case of the edition that decided it: the next decision has three days.
    panel("refuse", "R1", "--by", "900002", "--reason", "full", "--on", "2026-10-09")
    meet(panel, "2026-10-12", "R1", "--school", "900003", "--reason", "has room")
    assert due(panel, "2026-10-12")["next"] == [("R2", "on-roll", "2026-10-13", 1), ("R1", "on-roll", "2026-10-15", 3)]


def test_what_came_before_it_might(tmp_path: Path) -> None:
    """The parents talk with the school on Monday 7 September and sign on Wednesday: two days, where the agreement wants three."""
    panel = quay(tmp_path)
    refer(panel, "R1", "managed_move", "2026-09-10", "--conversation-on", "2026-09-07", "--parent-agrees-on", "2026-09-09")
    refer(panel, "R2", "managed_move", "2026-09-10", "--conversation-on", "2026-09-07", "--parent-agrees-on", "2026-09-10")
    refer(panel, "R3", "managed_move", "2026-09-10", "--conversation-on", "2026-09-10")
    told = panel.json("due", "--as-of", "2026-09-11")
    assert [(one["referral"], one["not_before"], one["met"]["on"]) for one in told["too_early"]] == [("R1", "2026-09-10", "2026-09-09")]
    assert [(one["referral"], one["clock"], one["not_before"]) for one in told["next"]] == [("R3", "think-it-over", "2026-09-13")]
    page = panel("due", "--as-of", "2026-09-11").out
    assert "Came too early, in the last 28 days:\n" in page
    assert "2026-09-10  2026-09-09  R1        Abbey School (900001)  think-it-over\n" in page
    assert panel.json("due", "--as-of", "2026-10-09")["too_early"] == []  # a month later it is history


def test_the_end_of_a_trial_under_an_old_book(tmp_path: Path) -> None:
    """Fell's book of 2021 has trials of twelve weeks, reviewed within six. From Monday 3 October 2022: 14 November and 25 December."""
    panel = Panel(tmp_path / "fell.db")
    panel("init", "--rulebook", "fell")
    panel("load", "schools", str(panel.file("schools.csv", SCHOOLS)))
    agreed = ("--parent-agrees-on", "2022-09-05", "--home-school-agrees-on", "2022-09-05", "--interventions-evidenced", "yes")
    refer(panel, "R1", "managed_move", "2022-09-06", *agreed)
    meet(panel, "2022-09-22", "R1", "--school", "900002", "--reason", "the nearest", "--starts", "2022-10-03")
    for by in ("parent", "900002"):
        panel("accept", "R1", "--by", by, "--on", "2022-09-26")
    panel("start", "R1", "--on", "2022-10-03")
    assert due(panel, "2022-11-01")["next"] == [("R1", "trial-reviewed", "2022-11-14", 13)]
    panel("review", "R1", "--on", "2022-11-14")
    assert due(panel, "2022-12-01") == {"late": [], "next": [("R1", "planned-end", "2022-12-25", 24)]}
    assert due(panel, "2023-01-09")["late"] == [("R1", "planned-end", "2022-12-25", 15)]
    panel("permanent", "R1", "--on", "2023-01-10")
    assert due(panel, "2023-01-11") == {"late": [], "next": []}


SENDS = """\
rulebook: quay
edition: {from: 2026-09-01}
title: Quay partnership
authority: {instrument: Quay agreement (invented)}
counts:
  taken: {of: outside_admissions, where: WHERE, over: academic_year}
clocks:
  - id: waits-longer
    from: referral.made
    until: decision.taken
    within: 2 weeks
    when: referral.home_school_taken >= 1
    examples:
      - {name: has taken, given: {referral.home_school_taken: 1}, expect: fires}
      - {name: has not, given: {referral.home_school_taken: 0}, expect: silent}
objectives: [place]
"""


def test_a_clock_may_ask_what_the_home_school_has_taken(tmp_path: Path) -> None:
    """900001 took a pupil of whom nobody said whether there is a plan: where the count asks for that, it cannot be told."""
    for where, standing in (("admission.year_group == 9", "next"), ("admission.ehcp", "cannot_tell")):
        folder = tmp_path / standing
        folder.mkdir()
        panel = Panel(folder / "quay.db")
        panel("init", "--rulebook", str(panel.file("quay.yaml", SENDS.replace("WHERE", where))))
        panel("load", "schools", str(panel.file("schools.csv", SCHOOLS)))
        panel("load", "admissions", str(panel.file("admissions.csv", "pupil,school,on,year_group\nP9,900001,2026-09-03,9\n")))
        refer(panel, "R1", "fair_access", "2026-09-10")
        panel(
            "refer",
            "R2",
            "--pupil",
            "P2",
            "--kind",
            "fair_access",
            "--year-group",
            "9",
            "--made-on",
            "2026-09-10",
            "--home-school",
            "900002",
        )
        told = panel.json("due", "--as-of", "2026-09-11")
        assert [one["referral"] for one in told[standing]] == (["R1"] if standing == "next" else ["R1", "R2"])
        assert all(one["missing"] == ["referral.home_school_taken"] for one in told["cannot_tell"])


@pytest.mark.parametrize("strict", [(), ("--strict",)])
def test_a_panel_without_a_clock_has_nothing_due(tmp_path: Path, strict: tuple[str, ...]) -> None:
    panel = Panel(tmp_path / "small.db")
    book = "rulebook: small\nedition: {from: 2026-09-01}\ntitle: Small\nauthority: {instrument: Invented}\nobjectives: [place]\n"
    panel("init", "--rulebook", str(panel.file("small.yaml", book)))
    assert panel("due", "--as-of", "2026-10-01", *strict).out == (
        "Small: what is due on 2026-10-01.\n\nNothing is late.\n\nNothing else within 28 days.\n"
    )
