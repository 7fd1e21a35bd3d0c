"""The clerk of a small panel asks every morning what is due: for whom, by which rule, and what there is to do.

The panel is called Quay: three schools, and a book that stands on England's and adds two clocks. Terms are those of two
school years. Every day below was worked out with a wall planner:

    Christmas 2027   schools close on Friday 17 December; the spring term is loaded from Monday 3 January 2028, and that day
                     is a bank holiday, since New Year's Day is a Saturday
    half-term        Saturday 24 October to Sunday 1 November 2026
"""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

import icalendar
import pytest

from tests.running import Panel

BOOK = """\
rulebook: quay
edition: {from: 2026-09-01}
title: Quay partnership
authority: {instrument: Quay agreement (invented)}
extends: england
lifecycle:
  off_site_direction: {reviews: [6 weeks, 12 weeks]}
clocks:
  - {id: on-roll, from: decision.taken, until: placement.started, within: 5 school days, applies_to: [fair_access, permanent_exclusion]}
  - id: urgent
    from: referral.accepted
    until: decision.taken
    within: 10 calendar days
    applies_to: [fair_access]
    when: referral.category in ["b", "g"]
    say: A child without a home waits no longer than ten days.
    authority: {instrument: Quay agreement (invented), paragraph: "7"}
    examples:
      - {name: homeless, given: {referral.category: g}, expect: fires}
      - {name: in a refuge, given: {referral.category: b}, expect: fires}
      - {name: a carer, given: {referral.category: f}, expect: silent}
objectives: [place, lottery]
"""
SCHOOLS = """\
URN,EstablishmentName,PhaseOfEducation (name)
900001,Abbey School,Secondary
900002,Bridge Academy,Secondary
900003,Castle High School,Secondary
"""
TERMS = """\
from,to
2026-09-02,2026-10-23
2026-11-02,2026-12-18
2027-01-04,2027-03-25
2027-04-12,2027-07-21
2027-09-02,2027-10-22
2027-11-01,2027-12-17
2028-01-03,2028-02-11
2028-02-21,2028-03-31
2028-04-24,2028-07-21
"""


def quay(folder: Path, *, terms: str = TERMS) -> Panel:
    panel = Panel(folder / "quay.db")
    panel("init", "--rulebook", str(panel.file("quay.yaml", BOOK)))
    panel("load", "schools", str(panel.file("schools.csv", SCHOOLS)))
    if terms:
        panel("load", "terms", str(panel.file("terms.csv", terms)))
    return panel


def refer(panel: Panel, name: str, kind: str, made_on: str, *more: str) -> None:
    case = ("--year-group", "9", "--home-school", "900001", "--ehcp", "no", "--looked-after", "no")
    panel("refer", name, "--pupil", f"P-{name}", "--kind", kind, "--made-on", made_on, *case, *more)


def meet(panel: Panel, on: str, *words: str) -> None:
    """One meeting, at which one thing is decided."""
    panel("meeting", "open", "--date", on, "--chair", "Okafor")
    panel("decide", *words)
    panel("meeting", "close")


def due(panel: Panel, on: str, *more: str) -> dict[str, list[tuple[Any, ...]]]:
    """What is late and what comes next: referral, clock, the day, and how many days."""
    told = panel.json("due", "--as-of", on, *more)
    return {
        "late": [(one["referral"], one["clock"], one["due"], one["late"]) for one in told["late"]],
        "next": [(one["referral"], one["clock"], one["due"] or one["not_before"], one["left"]) for one in told["next"]],
    }


def last_moment(panel: Panel) -> str:
    """When the last entry was written."""
    with contextlib.closing(sqlite3.connect(panel.ledger)) as connection:
        return str(connection.execute("SELECT recorded_at FROM entry ORDER BY seq DESC LIMIT 1").fetchone()[0])


def test_twenty_school_days_from_the_acceptance_over_christmas(tmp_path: Path) -> None:
    """Accepted on Wednesday 1 December 2027: 2, 3, 6-10 and 13-17 December are twelve, 4-7 January sixteen, 13 January the 20th."""
    panel = quay(tmp_path)
    refer(panel, "R1", "fair_access", "2027-11-29", "--accepted-on", "2027-12-01", "--category", "f")
    assert due(panel, "2027-12-01") == {"late": [], "next": []}  # 13 January is not within four weeks
    assert due(panel, "2027-12-01", "--within", "60")["next"] == [("R1", "place-allocated", "2028-01-13", 20)]
    assert due(panel, "2027-12-25")["next"] == [("R1", "place-allocated", "2028-01-13", 8)]
    assert due(panel, "2028-01-13")["next"] == [("R1", "place-allocated", "2028-01-13", 0)]
    assert due(panel, "2028-01-17") == {"late": [("R1", "place-allocated", "2028-01-13", 2)], "next": []}
    said = panel("due", "--as-of", "2028-01-17")
    assert said.err == ""
    assert said.out == (
        "Quay partnership: what is due on 2028-01-17.\n"
        "\n"
        "Late, the longest first:\n"
        "due         late           referral  school                 clock          \n"
        "2028-01-13  2 school days  R1        Abbey School (900001)  place-allocated\n"
        "\n"
        "Nothing else within 28 days.\n"
        "\n"
        "The clocks:\n"
        "  place-allocated: from referral.accepted until decision.taken, within 20 school\n"
        "days.\n"
        "    Source: School Admissions Code 2021, 3.14-3.22 (rulebook england).\n"
        "    To do: decide it at a meeting: pastoral decide REFERRAL --confirm.\n"
    )
    panel("due", "--as-of", "2028-01-13", "--strict")
    panel("due", "--as-of", "2028-01-17", "--strict", code=1)


def test_a_place_that_a_school_refuses_was_no_place(tmp_path: Path) -> None:
    """Accepted on 14 September 2026; the twentieth school day after it is Monday 12 October. A refusal gives the panel no new days."""
    panel = quay(tmp_path)
    refer(panel, "R1", "fair_access", "2026-09-10", "--accepted-on", "2026-09-14", "--category", "f")
    meet(panel, "2026-09-24", "R1", "--school", "900002", "--reason", "the nearest")
    assert due(panel, "2026-09-25")["next"] == [("R1", "on-roll", "2026-10-01", 4)]
    panel("refuse", "R1", "--by", "900002", "--reason", "says it is full", "--on", "2026-09-28")
    assert due(panel, "2026-09-28") == {"late": [], "next": [("R1", "place-allocated", "2026-10-12", 10)]}
    assert due(panel, "2026-10-14")["late"] == [("R1", "place-allocated", "2026-10-12", 2)]
    # Whoever asked on the day before the refusal was told what was so then.
    assert due(panel, "2026-09-27")["next"] == [("R1", "on-roll", "2026-10-01", 4)]
    meet(panel, "2026-10-15", "R1", "--school", "900003", "--reason", "has room", "--starts", "2026-10-19")
    panel("start", "R1", "--on", "2026-10-19")
    assert due(panel, "2026-10-20") == {"late": [], "next": []}
    settled = panel.json("due", "--as-of", "2026-10-20", "--all")["settled"]
    place = next(one for one in settled if one["clock"] == "place-allocated")
    assert (place["standing"], place["met"]["on"], place["late"], place["unit"]) == ("met late", "2026-10-15", 3, "school days")


def test_the_sixth_school_day_after_an_exclusion(tmp_path: Path) -> None:
    """Excluded on Wednesday 30 September 2026: 1, 2, 5, 6, 7 and 8 October. England's book says that nobody checked the paragraph."""
    panel = quay(tmp_path)
    panel("exclusion", "record", "--pupil", "P-R1", "--school", "900001", "--on", "2026-09-30", "--year-group", "9")
    alone = panel.json("due", "--as-of", "2026-10-01")["look_at"]
    assert [(one["what"], one["school"]) for one in alone] == [("no-referral", "900001")]
    refer(panel, "R1", "permanent_exclusion", "2026-10-02", "--excluded-by", "900001", "--permanently-excluded", "yes")
    told = panel.json("due", "--as-of", "2026-10-08")
    assert told["look_at"] == []
    (one,) = told["next"]
    assert (one["clock"], one["due"], one["left"]) == ("sixth-day", "2026-10-08", 0)
    assert one["source"] == "Common to published protocols; paragraph of the law not checked (rulebook england)"
    assert one["to_do"] == "see that full-time education begins: pastoral education R1 --on DATE"
    assert due(panel, "2026-10-12")["late"] == [("R1", "sixth-day", "2026-10-08", 2)]
    # That the panel declines the case changes nothing for the child.
    meet(panel, "2026-10-12", "R1", "--decline", "--reason", "belongs to another area")
    assert due(panel, "2026-10-13")["late"] == [("R1", "sixth-day", "2026-10-08", 3)]
    panel("education", "R1", "--on", "2026-10-14")
    assert due(panel, "2026-10-15")["late"] == []


def test_a_child_excluded_in_july_is_not_forgotten_in_september(tmp_path: Path) -> None:
    """Excluded on Friday 17 July 2026 and never referred: told on 31 August, on 1 September, and for 183 days, to 16 January."""
    panel = quay(tmp_path)
    panel("exclusion", "record", "--pupil", "P-R1", "--school", "900001", "--on", "2026-07-17", "--year-group", "9")
    for on in ("2026-08-31", "2026-09-01", "2027-01-16"):
        assert [one["what"] for one in panel.json("due", "--as-of", on)["look_at"]] == ["no-referral"]
    assert panel.json("due", "--as-of", "2027-01-17")["look_at"] == []
    refer(panel, "R1", "permanent_exclusion", "2026-09-03", "--excluded-by", "900001", "--permanently-excluded", "yes")
    assert panel.json("due", "--as-of", "2026-09-03")["look_at"] == []


def test_a_second_exclusion_is_not_hidden_by_the_case_of_the_first(tmp_path: Path) -> None:
    """The first led to a case that was decided in September 2026; in March the new school excludes, and nobody refers."""
    panel = quay(tmp_path)
    panel("exclusion", "record", "--pupil", "P-R1", "--school", "900001", "--on", "2026-09-08", "--year-group", "9")
    refer(panel, "R1", "permanent_exclusion", "2026-09-10", "--excluded-by", "900001", "--permanently-excluded", "yes")
    meet(panel, "2026-09-24", "R1", "--school", "900002", "--reason", "the nearest", "--starts", "2026-09-28")
    panel("exclusion", "record", "--pupil", "P-R1", "--school", "900002", "--on", "2027-03-01", "--year-group", "9")
    (told,) = panel.json("due", "--as-of", "2027-03-02")["look_at"]
    assert (told["what"], told["school"]) == ("no-referral", "900002")


def test_a_decision_whose_exclusion_is_quashed_before_the_first_day_is_told(tmp_path: Path) -> None:
    """The sixth day is over with the exclusion; whether the child goes back or on must not be forgotten."""
    panel = quay(tmp_path)
    panel("exclusion", "record", "--pupil", "P-R1", "--school", "900001", "--on", "2026-09-08", "--year-group", "9")
    refer(panel, "R1", "permanent_exclusion", "2026-09-10", "--excluded-by", "900001", "--permanently-excluded", "yes")
    meet(panel, "2026-09-24", "R1", "--school", "900002", "--reason", "the nearest", "--starts", "2026-10-12")
    quashed = ("--how", "quashed", "--on", "2026-10-01", "--reason", "unfair")
    panel("exclusion", "reverse", "--pupil", "P-R1", "--school", "900001", "--excluded-on", "2026-09-08", *quashed)
    assert panel.json("due", "--as-of", "2026-09-30")["look_at"] == []
    (told,) = panel.json("due", "--as-of", "2026-10-20")["look_at"]
    assert (told["what"], told["referral"]) == ("reversed", "R1")
    assert told["say"] == ("the exclusion that it rests on was reversed on 2026-10-01, and nothing has started; say whether it goes on")
    panel("start", "R1", "--on", "2026-10-21")
    assert panel.json("due", "--as-of", "2026-10-21")["look_at"] == []


def test_a_placement_that_has_not_begun_is_not_forgotten(tmp_path: Path) -> None:
    """A move planned for Monday 5 October has no clock of the book: told from the 6th on, until it begins or a school refuses."""
    panel = quay(tmp_path)
    for name in ("R1", "R2"):
        refer(panel, name, "managed_move", "2026-09-10", "--parent-agrees-on", "2026-09-09", "--home-school-agrees-on", "2026-09-09")
    panel("meeting", "open", "--date", "2026-09-24", "--chair", "Okafor")
    for name in ("R1", "R2"):
        panel("decide", name, "--school", "900002", "--reason", "the nearest", "--starts", "2026-10-05")
    panel("meeting", "close")
    assert panel.json("due", "--as-of", "2026-10-05")["look_at"] == [], "all of the day is in time"
    told = panel.json("due", "--as-of", "2026-10-06")["look_at"]
    assert [(one["what"], one["referral"], one["school"]) for one in told] == [
        ("not-started", "R1", "900002"),
        ("not-started", "R2", "900002"),
    ]
    page = " ".join(panel("due", "--as-of", "2026-10-06").out.split())
    words = "R1, 900002: it was to start on 2026-10-05, and no first day is recorded; record it (pastoral start R1 --on DATE), or what came"
    assert f"To be looked at: {words} between; if the place is not taken up, pastoral end R1 --as not-taken-up --on DATE." in page
    for who in ("parent", "900002"):
        panel("accept", "R1", "--by", who, "--on", "2026-10-07")
    panel("start", "R1", "--on", "2026-10-07")
    panel("refuse", "R2", "--by", "900002", "--on", "2026-10-07", "--reason", "is full")
    assert panel.json("due", "--as-of", "2026-10-08")["look_at"] == []


def test_what_a_clock_tells_is_not_told_twice(tmp_path: Path) -> None:
    """The roll by 1 October, five school days after 24 September: that clock tells of it, late or not. A direction has only a wait."""
    panel = quay(tmp_path)
    refer(panel, "R1", "fair_access", "2026-09-10", "--accepted-on", "2026-09-14", "--category", "f")
    meet(panel, "2026-09-24", "R1", "--school", "900002", "--reason", "the nearest", "--starts", "2026-09-28")
    for on in ("2026-09-29", "2026-10-12"):
        assert panel.json("due", "--as-of", on)["look_at"] == []
    assert due(panel, "2026-10-12")["late"] == [("R1", "on-roll", "2026-10-01", 7)]
    refer(panel, "R2", "off_site_direction", "2026-09-25")
    meet(panel, "2026-09-28", "R2", "--school", "900002", "--reason", "a fresh start", "--starts", "2026-10-05")
    (told,) = panel.json("due", "--as-of", "2026-10-06")["look_at"]
    assert (told["what"], told["referral"]) == ("not-started", "R2")
    # A wait that runs says when it may begin at the earliest, not that it has not begun.
    panel("board", "R2", "--on", "2026-10-01")
    panel("notice", "R2", "--on", "2026-10-05")
    later = panel.json("due", "--as-of", "2026-10-06")
    assert ("R2", "notice-of-direction") in [(one["referral"], one["clock"]) for one in later["next"]]
    assert [one["referral"] for one in later["look_at"]] == ["R2"]


def test_a_placement_that_another_one_took_the_place_of_is_not_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a record from before a pupil had one open case at most: it is read on."""
    for step in ("casebook", "agendas"):
        monkeypatch.setattr(f"panel.steps.{step}.open_cases", lambda _referrals: {})
    panel = quay(tmp_path)
    signed = ("--parent-agrees-on", "2026-09-09", "--home-school-agrees-on", "2026-09-09")
    refer(panel, "R1", "managed_move", "2026-09-10", *signed)
    meet(panel, "2026-09-24", "R1", "--school", "900002", "--reason", "the nearest", "--starts", "2026-09-28")
    refer(panel, "R2", "managed_move", "2026-09-30", *signed, "--pupil", "P-R1")
    meet(panel, "2026-10-08", "R2", "--school", "900003", "--reason", "has room", "--starts", "2026-10-12")
    assert [one["referral"] for one in panel.json("due", "--as-of", "2026-10-13")["look_at"]] == ["R2"]


def test_whom_nobody_referred_is_told_with_the_sixth_day(tmp_path: Path) -> None:
    """Excluded on Wednesday 21 October 2026: the 22nd and 23rd, then half-term, and the sixth school day is Thursday 5 November."""
    (tmp_path / "short").mkdir()
    for panel, sixth in (
        (quay(tmp_path), "is 2026-11-05"),
        (quay(tmp_path / "short", terms="from,to\n2026-09-02,2026-10-23\n"), "cannot be told: no terms are loaded from 2026-10-24 on"),
    ):
        panel("exclusion", "record", "--pupil", "P1", "--school", "900001", "--on", "2026-10-21", "--year-group", "9")
        (told,) = panel.json("due", "--as-of", "2026-10-22")["look_at"]
        assert told["say"] == (
            "P1 was permanently excluded on 2026-10-21, and no referral or admission since is about this pupil; "
            f"the sixth school day after it {sixth}"
        )


def test_a_case_put_off_twice_is_told_and_its_clock_runs_on(tmp_path: Path) -> None:
    panel = quay(tmp_path)
    refer(panel, "R1", "fair_access", "2026-09-10", "--accepted-on", "2026-09-14", "--category", "f")
    for on in ("2026-09-24", "2026-10-08"):
        assert panel.json("due", "--as-of", on)["look_at"] == []
        meet(panel, on, "R1", "--defer", "--reason", "the family is away")
    told = panel.json("due", "--as-of", "2026-10-09")
    assert told["look_at"] == [
        {
            "what": "put-off",
            "referral": "R1",
            "school": None,
            "say": "put off 2 times, the last time on 2026-10-08; decide it, or say what it waits for",
        }
    ]
    assert [(one["clock"], one["due"], one["left"]) for one in told["next"]] == [("place-allocated", "2026-10-12", 1)]
    assert "the family is away" not in panel("due", "--as-of", "2026-10-09").out


def test_a_fact_that_nobody_has_said(tmp_path: Path) -> None:
    """Ten calendar days from Monday 14 September are Thursday the 24th, for a child without a home: of R2 nobody has said."""
    panel = quay(tmp_path)
    for name, category in (("R1", "g"), ("R2", ""), ("R3", "f")):
        refer(panel, name, "fair_access", "2026-09-10", "--accepted-on", "2026-09-14", "--category", category)
    told = panel.json("due", "--as-of", "2026-09-16", "--within", "14")
    assert [(one["referral"], one["clock"], one["due"], one["left"], one["unit"]) for one in told["next"]] == [
        ("R1", "urgent", "2026-09-24", 8, "calendar days")
    ]
    assert [(one["referral"], one["clock"], one["missing"]) for one in told["cannot_tell"]] == [("R2", "urgent", ["referral.category"])]
    page = panel("due", "--as-of", "2026-09-16", "--within", "14").out
    assert "  R2, urgent: nobody has said referral.category.\n" in page
    assert "A child without a home waits no longer than ten days." in " ".join(page.split())


def test_terms_that_nobody_has_loaded(tmp_path: Path) -> None:
    panel = quay(tmp_path, terms="from,to\n2026-09-02,2026-10-23\n2027-01-04,2027-03-25\n")
    refer(panel, "R1", "fair_access", "2027-03-15", "--accepted-on", "2027-03-17", "--category", "f")
    (one,) = panel.json("due", "--as-of", "2027-03-19")["cannot_tell"]
    assert (one["due"], one["left"], one["no_terms_from"]) == (None, 18, "2027-03-26")
    said = panel("due", "--as-of", "2027-03-19")
    words = "R1, place-allocated: no terms are loaded from 2027-03-26 on; 18 school days are left: pastoral load terms FILE."
    assert words in " ".join(said.out.split())
    assert said.err == ("No term is loaded from 2026-10-24 to 2027-01-03. If schools were open then, load it: the days are not counted.\n")


def test_reviews_and_the_end_of_what_is_temporary(tmp_path: Path) -> None:
    """Six weeks after Monday 5 October 2026 is 16 November, twelve weeks 28 December: in the holidays, and not moved."""
    panel = quay(tmp_path)
    refer(panel, "R1", "off_site_direction", "2026-09-10")
    meet(panel, "2026-09-24", "R1", "--school", "900002", "--reason", "a fresh start", "--starts", "2026-10-05")
    # Two school days before Monday 5 October: Friday and that Monday, so Thursday 1 October at the latest.
    assert due(panel, "2026-09-25")["next"] == [("R1", "give-notice", "2026-10-01", 6)]
    panel("board", "R1", "--on", "2026-09-28")
    panel("notice", "R1", "--on", "2026-09-30")
    assert due(panel, "2026-09-30")["next"] == [("R1", "notice-of-direction", "2026-10-02", None)]
    panel("start", "R1", "--on", "2026-10-05", "--until", "2027-01-08")
    assert due(panel, "2026-11-10")["next"] == [("R1", "review-1", "2026-11-16", 6)]
    assert due(panel, "2026-11-18")["late"] == [("R1", "review-1", "2026-11-16", 2)]
    panel("review", "R1", "--on", "2026-11-19", "--said", "settling")
    page = panel("due", "--as-of", "2026-12-15").out
    assert "R1, review-2: 2026-12-28 is a day in the holidays; it is not moved.\n" in page
    assert "the lifecycle of off site direction in quay and what it extends" in " ".join(page.split())
    assert due(panel, "2027-01-12") == {
        "late": [("R1", "review-2", "2026-12-28", 15), ("R1", "planned-end", "2027-01-08", 4)],
        "next": [],
    }
    panel("extend", "R1", "--on", "2027-01-12", "--until", "2027-02-12", "--reason", "it goes well")
    assert due(panel, "2027-01-20")["next"] == [("R1", "planned-end", "2027-02-12", 23)]
    panel("end", "R1", "--as", "return", "--on", "2027-02-12")
    assert due(panel, "2027-02-20") == {"late": [], "next": []}


def test_a_calendar_for_the_clerk(tmp_path: Path) -> None:
    """All-day events, folded and escaped as calendars want it, the same for the same record, and without a word of a child."""
    panel = quay(tmp_path)
    for name in ("R1", "R2"):
        refer(panel, name, "fair_access", "2027-11-29", "--accepted-on", "2027-12-01", "--category", "g", "--postcode", "ZZ9 9ZZ")
    file = tmp_path / "due.ics"
    said = panel("due", "--as-of", "2027-12-02", "--within", "60", "--ics", str(file))
    assert said.err == f"4 deadlines in {file}.\n"
    raw = file.read_bytes()
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    assert b"\r\n " in raw  # folded
    assert rb"School Admissions Code 2021\, 3.14-3.22" in raw.replace(b"\r\n ", b"")  # escaped
    assert not [secret for secret in (b"P-R1", b"ZZ9", b"category", b"without a home", b"urgent", b"Quay agreement") if secret in raw]
    events = icalendar.Calendar.from_ical(raw).walk("VEVENT")
    assert [(str(event["summary"]), f"{event.decoded('dtstart')}", f"{event.decoded('dtend')}") for event in events] == [
        ("R1: a clock on what is sealed (Abbey School)", "2027-12-11", "2027-12-12"),
        ("R2: a clock on what is sealed (Abbey School)", "2027-12-11", "2027-12-12"),
        ("R1: place allocated (Abbey School)", "2028-01-13", "2028-01-14"),
        ("R2: place allocated (Abbey School)", "2028-01-13", "2028-01-14"),
    ]
    assert str(events[0]["description"]) == "Which one, and what there is to do, says pastoral due."
    assert str(events[2]["description"]).splitlines() == [
        "from referral.accepted until decision.taken, within 20 school days",
        "Source: School Admissions Code 2021, 3.14-3.22 (rulebook england)",
        "To do: decide it at a meeting: pastoral decide R1 --confirm",
    ]
    names = {str(event["uid"]) for event in events}
    assert len(names) == 4
    # Asked again it is the same file; on another day, or with other terms, the same events have the same names.
    panel("due", "--as-of", "2027-12-02", "--within", "60", "--ics", str(file))
    assert file.read_bytes() == raw
    panel("due", "--as-of", "2028-01-20", "--ics", str(file))
    late = icalendar.Calendar.from_ical(file.read_bytes()).walk("VEVENT")
    assert {str(event["uid"]) for event in late} == names
    (recorded,) = {event.decoded("dtstamp") for event in late}
    assert f"{recorded:%Y-%m-%dT%H:%M:%S}" == last_moment(panel)[:19]
