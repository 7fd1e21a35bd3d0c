"""How soon the home school sends what it knows of a pupil: a clock on a paper, met, late, taken back; and never told outside.

The panel is called Quay. All days are school days of October 2026 but the weekends: the 10th is a Saturday.
"""

from __future__ import annotations

from pathlib import Path

import icalendar

from panel.clocks.calendars import uid
from tests.running import Panel

BOOK = """\
rulebook: quay
edition: {from: 2026-09-01}
title: Quay partnership
authority: {instrument: Quay protocol (invented), paragraph: "6"}
papers:
  full_information: all that the home school knows of the pupil
  medical_letter: a letter of whoever treats the child
  file: the pupil's file, for the receiving school
clocks:
  - {id: full-information, from: referral.made, until: paper.full_information, within: 5 school days}
  - id: letter
    from: referral.made
    until: paper.medical_letter
    within: 10 school days
    when: referral.ehcp
    examples:
      - {name: a plan, given: {referral.ehcp: true}, expect: fires}
      - {name: no plan, given: {referral.ehcp: false}, expect: silent}
  - {id: heard, from: paper.full_information, until: decision.taken, within: 15 school days}
  - {id: file-sent, from: decision.taken, until: paper.file, within: 2 school days}
objectives: [place, lottery]
"""
SCHOOLS = "URN,EstablishmentName,PhaseOfEducation (name)\n900001,Abbey School,Secondary\n900002,Bridge Academy,Secondary\n"
HEADER = "referral,pupil,kind,year_group,made_on,home_school,ehcp,papers,out_of_education_since\n"
REFERRALS = f"""\
{HEADER}R1,P1,fair_access,9,2026-10-05,900001,no,,2026-09-28
R2,P2,fair_access,9,2026-10-05,900001,yes,full_information,
"""
SECRET = ("full", "information", "letter", "medical", "plan", "heard")


def quay(folder: Path, book: str = BOOK) -> Panel:
    panel = Panel(folder / "quay.db")
    panel("init", "--rulebook", str(panel.file("quay.yaml", book)))
    panel("load", "schools", str(panel.file("schools.csv", SCHOOLS)))
    panel("load", "terms", str(panel.file("terms.csv", "from,to\n2026-09-02,2026-12-18\n")))
    panel("load", "referrals", str(panel.file("referrals.csv", REFERRALS)))
    return panel


def clocks(panel: Panel, day: str) -> set[tuple[str, str, str, str]]:
    """Every clock that has begun: the referral, the clock, how it stands, and the last day or that on which it was met."""
    told = panel.json("due", "--as-of", day, "--within", "60", "--all")
    every = (one for part in ("late", "next", "settled") for one in told[part] if one["begun"])
    return {(one["referral"], one["clock"], one["standing"], one["met"]["on"] if one["met"] else one["due"]) for one in every}


def test_five_school_days_to_all_that_the_home_school_knows(tmp_path: Path) -> None:
    """From Monday the 5th: the 6th to the 9th are four, Monday the 12th the fifth. Ten are Monday the 19th. R2's came with it."""
    panel = quay(tmp_path)
    first = {
        ("R2", "full-information", "met", "2026-10-05"),
        ("R2", "heard", "running", "2026-10-26"),
        ("R2", "letter", "running", "2026-10-19"),
    }
    assert clocks(panel, "2026-10-12") == {("R1", "full-information", "running", "2026-10-12"), *first}
    assert clocks(panel, "2026-10-13") == {("R1", "full-information", "late", "2026-10-12"), *first}
    (late,) = panel.json("due", "--as-of", "2026-10-13")["late"]
    assert (late["late"], late["to_do"]) == (1, "ask for it: pastoral paper R1 full_information --on DATE")
    panel("paper", "R1", "full_information", "--on", "2026-10-14")
    # Fifteen school days after Wednesday the 14th: two to the 16th, seven to the 23rd, twelve to the 30th, Wednesday 4 November.
    came = {("R1", "full-information", "met late", "2026-10-14"), ("R1", "heard", "running", "2026-11-04")}
    assert clocks(panel, "2026-10-14") == {*came, *first}
    panel("paper", "R1", "full_information", "--on", "2026-10-15", "--withdrawn")
    back = {("R1", "full-information", "late", "2026-10-12"), ("R1", "heard", "stopped", "2026-11-04")}
    assert clocks(panel, "2026-10-15") == {*back, *first}


def test_what_is_sent_after_the_decision_has_its_clock(tmp_path: Path) -> None:
    """Decided on Thursday the 8th: Friday and Monday are two school days. A paper is brought for a decided case too."""
    panel = quay(tmp_path)
    panel("meeting", "open", "--date", "2026-10-08", "--chair", "Okafor")
    panel("decide", "R1", "--school", "900002", "--reason", "the nearest")
    panel("meeting", "close")
    assert ("R1", "file-sent", "late", "2026-10-12") in clocks(panel, "2026-10-13")
    panel("paper", "R1", "file", "--on", "2026-10-12")
    assert ("R1", "file-sent", "met", "2026-10-12") in clocks(panel, "2026-10-13")
    panel("withdraw", "R2", "--on", "2026-10-13", "--reason", "moved away")
    words = panel.refused("paper", "R2", "file", "--on", "2026-10-14")
    assert words == "R2 is withdrawn; a paper is brought for a referral that is waiting or decided.\n"
    assert panel.json("audit", "replay")["ok"] is True


def test_a_calendar_does_not_tell_which_paper(tmp_path: Path) -> None:
    """A calendar is shared. That a letter is wanted of this child would tell of a plan; so it is a clock on what is sealed, and no more."""
    panel = quay(tmp_path)
    raw = calendar(panel, "2026-10-13")
    assert not [word for word in SECRET if word.encode() in raw.lower()]
    events = icalendar.Calendar.from_ical(raw).walk("VEVENT")
    assert sorted((str(one["summary"]), f"{one.decoded('dtstart')}") for one in events) == [
        ("R1: a clock on what is sealed (Abbey School)", "2026-10-12"),
        ("R2: a clock on what is sealed (Abbey School)", "2026-10-19"),
        ("R2: a clock on what is sealed (Abbey School)", "2026-10-26"),
    ]
    assert {str(one["description"]) for one in events} == {"Which one, and what there is to do, says pastoral due."}
    names = {str(one["uid"]) for one in events}
    assert len(names) == 3
    assert {str(one["uid"]) for one in icalendar.Calendar.from_ical(calendar(panel, "2026-10-15")).walk("VEVENT")} == names
    # Whoever has the book could else try which of its clocks gives the name.
    first = panel.column("digest", "panel founded")
    assert names == {uid(first, ("R1", "sealed", "1")), uid(first, ("R2", "sealed", "1")), uid(first, ("R2", "sealed", "2"))}


def test_the_day_since_which_a_child_is_out_of_education(tmp_path: Path) -> None:
    """Since Monday 28 September: twenty school days after it are Monday 26 October. R2 is in education: no clock."""
    clock = "  - {id: back, from: education.stopped, until: education.started, within: 20 school days}\nobjectives:"
    panel = quay(tmp_path, BOOK.replace("objectives:", clock))
    back = {one for one in clocks(panel, "2026-10-26") if one[1] == "back"}
    assert back == {("R1", "back", "running", "2026-10-26")}
    panel("education", "R1", "--on", "2026-10-27")
    assert ("R1", "back", "met late", "2026-10-27") in clocks(panel, "2026-10-27")


def calendar(panel: Panel, day: str) -> bytes:
    file = panel.folder / "due.ics"
    panel("due", "--as-of", day, "--within", "60", "--ics", str(file))
    return file.read_bytes().replace(b"\r\n ", b"")
