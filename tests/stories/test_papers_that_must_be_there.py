"""Papers without which a case is not discussed: named in the book, held for, brought later, taken back; never told in the open."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from panel import events as ev
from panel.order.entries import missteps
from panel.state.records import Recorded
from rules.differences import differences
from rules.reader import page_of
from tests.running import Panel
from tests.test_rulebook import book, read, refused, shelf_of

BOOK = """\
rulebook: quay
edition: {from: 2026-09-01}
title: Quay partnership
authority: {instrument: Quay protocol (invented), paragraph: "6"}
papers:
  attendance_record: attendance of this academic year and the last
  risk_assessment: the home school's assessment of the risks
  medical_letter: a letter of whoever treats the child
holds:
  - id: attendance-record
    when: not referral.paper_attendance_record
    say: The panel does not discuss a case without the attendance record.
    examples:
      - {name: it is there, given: {referral.paper_attendance_record: true}, expect: silent}
      - {name: it is not, given: {referral.paper_attendance_record: false}, expect: fires}
  - id: risk-assessment
    applies_to: [permanent_exclusion, reintegration]
    when: referral.persistent_disruptive_behaviour and not referral.paper_risk_assessment
    say: The home school has not yet assessed the risks.
    examples:
      - name: there is none
        given: {referral.kind: reintegration, referral.persistent_disruptive_behaviour: true, referral.paper_risk_assessment: false}
        expect: fires
      - name: there is one
        given: {referral.kind: reintegration, referral.persistent_disruptive_behaviour: true, referral.paper_risk_assessment: true}
        expect: silent
      - name: none is needed
        given: {referral.kind: reintegration, referral.persistent_disruptive_behaviour: false, referral.paper_risk_assessment: false}
        expect: silent
objectives: [place, lottery]
"""
SCHOOLS = "URN,EstablishmentName,PhaseOfEducation (name)\n900001,One,Secondary\n900002,Two,Secondary\n"
HEADER = "referral,pupil,kind,year_group,made_on,home_school,persistent_disruptive_behaviour,papers\n"
REFERRALS = f"""\
{HEADER}R1,P1,managed_move,9,2026-09-03,900001,yes,
R2,P2,reintegration,9,2026-09-03,900001,yes,Attendance record
R3,P3,reintegration,9,2026-09-03,900001,yes,risk-assessment; attendance_record
"""


def quay(tmp_path: Path) -> Panel:
    panel = Panel(tmp_path / "quay.db")
    panel("init", "--rulebook", str(panel.file("quay.yaml", BOOK)))
    panel("load", "schools", str(panel.file("schools.csv", SCHOOLS)))
    panel("load", "referrals", str(panel.file("referrals.csv", REFERRALS)))
    return panel


def held(panel: Panel, day: str) -> dict[str, Any]:
    panel("meeting", "open", "--date", day, "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    return {row["referral"]: row["holds"] for row in panel.json("allocate")["held"]}


def test_a_case_waits_for_its_papers_and_is_told_how_to_bring_them(tmp_path: Path) -> None:
    panel = quay(tmp_path)
    assert held(panel, "2026-09-10") == {"R1": ["attendance-record"], "R2": ["risk-assessment"]}
    told = " ".join(panel("explain", "R1").out.split())
    assert "The panel does not discuss a case without the attendance record." in told
    assert "referral.paper_attendance_record is told by `pastoral paper R1 attendance_record --on DATE` once the panel has it" in told
    panel("meeting", "close")
    said = panel("paper", "R1", "attendance-record", "--on", "2026-09-14").out
    assert said == "R1: the attendance_record is with the panel, 2026-09-14.\n"
    assert panel.json("paper", "R2", "risk_assessment", "--on", "2026-09-14") == {
        "referral": "R2", "paper": "risk_assessment", "on": "2026-09-14", "here": True,
    }  # fmt: skip
    panel("paper", "R3", "risk_assessment", "--on", "2026-09-15", "--withdrawn")
    assert held(panel, "2026-09-24") == {"R3": ["risk-assessment"]}
    assert panel.json("audit", "replay")["ok"] is True


def test_a_case_that_comes_back_brings_its_papers_again(tmp_path: Path) -> None:
    """What was read of the first case is not what the panel reads of the second: the risks and the attendance are others now."""
    panel = quay(tmp_path)
    assert "R3" not in held(panel, "2026-09-10")
    panel("decide", "R3", "--confirm")
    panel("meeting", "close")
    panel("start", "R3", "--on", "2026-09-21")
    panel("break-down", "R3", "--on", "2026-09-30", "--reason", "too far to travel", "--as", "R30")
    assert held(panel, "2026-10-08")["R30"] == ["attendance-record", "risk-assessment"]


def test_a_referral_that_is_corrected_keeps_its_papers(tmp_path: Path) -> None:
    panel = quay(tmp_path)
    panel("correct", "R3", "--set", "attendance=900", "--reason", "a slip")
    panel("correct", "R2", "--set", "papers=attendance_record;risk_assessment", "--reason", "both were there")
    assert held(panel, "2026-09-10") == {"R1": ["attendance-record"]}


def test_what_cannot_be_recorded_of_a_paper(tmp_path: Path) -> None:
    panel = quay(tmp_path)
    on = ("--on", "2026-09-14")
    known = "wanted attendance_record, medical_letter or risk_assessment."
    assert panel.refused("paper", "R1", "risk_assesment", *on) == (
        f"PAPER: found 'risk_assesment'; {known} Did you mean risk_assessment?\n"
    )
    assert panel.refused("paper", "R2", "attendance_record", *on) == "The panel has the attendance_record of R2 already.\n"
    assert panel.refused("paper", "R1", "medical_letter", *on, "--withdrawn") == (
        "The panel has no medical_letter of R1, so there is none to take back.\n"
    )
    panel("withdraw", "R1", "--on", "2026-09-14", "--reason", "moved away")
    assert panel.refused("paper", "R1", "medical_letter", *on).startswith("R1 is withdrawn")


def test_which_papers_there_are_is_not_told_in_the_open_or_in_an_error(tmp_path: Path) -> None:
    panel = quay(tmp_path)
    panel("paper", "R1", "medical_letter", "--on", "2026-09-14")
    held(panel, "2026-09-24")
    assert "medical_letter" not in panel.column("body", "paper recorded")
    row = "R9,P9,managed_move,9,2026-09-03,900001,,her own letter\n"
    words = panel.refused("load", "referrals", str(panel.file("more.csv", HEADER + row)))
    assert "letter;" not in words.replace("medical_letter", "")
    assert "row 2, papers: wanted attendance_record, medical_letter or risk_assessment" in words
    assert "her own" not in words


def test_a_paper_of_a_case_that_is_over_or_of_another_child_is_noticed() -> None:
    day = dt.date(2026, 9, 14)
    made = ev.ReferralMade(
        referral="R1", pupil="P1", referral_kind="fair_access", year_group=9, home_school="900001", made_on=dt.date(2026, 9, 3)
    )
    gone = ev.ReferralWithdrawn(referral="R1", pupil="P1", on=day)
    case = ev.PaperCase(paper="medical_letter", here=True)
    right, other = (ev.PaperRecorded(referral="R1", pupil=pupil, on=day, case=case) for pupil in ("P1", "P2"))

    def wrong(*events: ev.Event) -> list[str]:
        return [step.what for step in missteps(Recorded(n, "", event) for n, event in enumerate(events, start=1))]

    clean = wrong(made, gone)
    assert wrong(made, right, gone) == clean
    assert len(wrong(made, gone, right)) == len(clean) + 1
    assert len(wrong(made, other, gone)) == len(clean) + 1


def test_a_book_without_papers_takes_none(tmp_path: Path) -> None:
    panel = Panel(tmp_path / "quay.db")
    start, _, rest = BOOK.partition("papers:")
    plain = start + "objectives:" + rest.rpartition("objectives:")[2]
    panel("init", "--rulebook", str(panel.file("quay.yaml", plain)))
    panel("load", "schools", str(panel.file("schools.csv", SCHOOLS)))
    words = panel.refused("load", "referrals", str(panel.file("referrals.csv", REFERRALS)))
    assert "row 3, papers: wanted nothing. The rulebook quay names no papers." in words


def test_papers_of_two_layers() -> None:
    below = shelf_of(book("statutory: true\npapers: {plan: the plan}\n", name="law", objectives=""))
    message = refused(book("extends: law\npapers: {plan: our plan}\n"), below)
    assert "papers, plan: found the paper plan a second time; wanted a name of its own; law has this one" in message


def test_papers_stand_on_the_page_and_in_differences() -> None:
    made = read("papers: {plan: the support plan}\n")
    (table,) = [table for table in page_of(made).tables if table.title == "Papers"]
    assert table.rows == (("plan", "the support plan"),)
    assert [str(one) for one in differences(read(""), made)] == ["paper plan: added: the support plan"]


def test_a_paper_that_no_rule_asks_for_is_remarked(tmp_path: Path) -> None:
    panel = quay(tmp_path)
    told = " ".join(panel("rules", "check", str(tmp_path / "quay.yaml")).out.split())
    assert "paper medical_letter: no rule asks for it" in told
    assert "paper risk_assessment: no rule" not in told
