"""A head asks: why us, and why not them? One answer for every pair, in words and as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.running import ASHDOWN, BIRCH, BOOK, CEDAR, DELL, harbour


def test_before_any_meeting_there_is_nothing_to_explain(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "loaded")
    assert panel("explain", "R1").out == "R1: waiting; it has not been before a meeting yet.\n"


def test_why_here(tmp_path: Path) -> None:
    said = harbour(tmp_path, "proposed")("explain", "R1").out
    assert said.splitlines()[:3] == [
        "R1: Ashdown School (100001) is proposed to meeting 1 of 2026-10-22.",
        "  2.6 km from home.",
        "  Of 1 other open setting: 1 worse for the most loaded schools for their size.",
    ]
    assert [line.split()[-2:] for line in said.splitlines()[5:]] == [
        ["(100001)", "chosen"],
        ["barred", "home-school"],
        ["worse", "share"],
        ["barred", "closing"],
    ]


VERDICTS: list[tuple[str, str, str, list[str]]] = [
    ("R1", ASHDOWN, "chosen", []),
    ("R1", BIRCH, "barred", ["home-school"]),
    ("R1", CEDAR, "worse", []),
    ("R1", DELL, "barred", ["closing"]),
    ("R3", ASHDOWN, "held", []),
    ("R4", BIRCH, "held", []),
    ("R5", ASHDOWN, "no room", ["year-group-full"]),
    ("R5", DELL, "barred", ["closing", "year-group-full"]),
    ("R6", CEDAR, "barred", ["kept-apart"]),
]


@pytest.mark.parametrize(("referral", "school", "verdict", "bars"), VERDICTS)
def test_why_not_there(tmp_path: Path, referral: str, school: str, verdict: str, bars: list[str]) -> None:
    panel = harbour(tmp_path, "proposed")
    answer = panel.json("explain", referral, "--why-not", school)["why_not"]
    assert (answer["school"], answer["verdict"], answer["bars"]) == (school, verdict, bars)
    assert f"({school})? {verdict.capitalize()}." in panel("explain", referral, "--why-not", school).out


def test_what_would_get_worse_and_for_whom(tmp_path: Path) -> None:
    """R1 at Cedar takes its only seat in year 9, so R2 must go to Birch, which R6 makes the second there: 2/500 for 1/500."""
    panel = harbour(tmp_path, "proposed")
    answer = panel.json("explain", "R1", "--why-not", CEDAR)["why_not"]
    assert answer["first_worse"] == {
        "objective": "share",
        "by": "1/500",
        "schools": [
            {"school": ASHDOWN, "before": "1/1000", "after": "0/1"},
            {"school": BIRCH, "before": "1/500", "after": "1/250"},
        ],
    }
    assert answer["moves"] == [{"referral": "R2", "to": BIRCH}]
    said = panel("explain", "R1", "--why-not", CEDAR).out
    assert "    Birch Academy: 1 -> 2 for 500 on roll (4.00 per 1,000)\n    R2 would move to Birch Academy\n" in said


def test_whom_the_panel_decided_without_a_proposal_is_decided_everywhere_else(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "opened")
    panel("decide", "R1", "--school", CEDAR, "--reason", "the family's choice")
    for school, verdict in ((CEDAR, "chosen"), (ASHDOWN, "decided"), (BIRCH, "decided")):
        assert panel.json("explain", "R1", "--why-not", school)["why_not"]["verdict"] == verdict


def test_a_seat_that_the_panel_gave_away_is_no_room_for_others(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "proposed")
    panel("decide", "R1", "--school", CEDAR, "--reason", "the family's choice")
    panel("allocate", "--again")
    answer = panel.json("explain", "R2", "--why-not", CEDAR)["why_not"]
    assert (answer["verdict"], answer["bars"]) == ("no room", ["year-group-full"])


def test_two_alike_can_only_be_told_apart_by_the_draw(tmp_path: Path) -> None:
    """R7, R8 and R9 are alike in everything, so that before the draw any two of them could change places."""
    panel = harbour(tmp_path, "loaded")
    alike = ("--kind", "permanent_exclusion", "--year-group", "10", "--made-on", "2026-10-01", "--excluded-by", DELL, "--ehcp", "no")
    here = ("--easting", "622000", "--northing", "400000")
    for n in ("7", "8", "9"):
        panel("refer", f"R{n}", "--pupil", f"P{n}", *alike, *here)
    panel("meeting", "open", "--date", "2026-10-22", "--chair", "Okafor")
    rehearsed = panel.json("allocate", "--dry-run")
    assert rehearsed["certificate"]["unique"] is False
    assert set(rehearsed["certificate"]["tied"]) >= {"R7", "R8", "R9"}
    placed: dict[str, Any] = {row["referral"]: row["school"] for row in rehearsed["placements"]}
    rival = next(other for name, other in placed.items() if name in ("R8", "R9") and other != placed["R7"])
    assert "It would be just as good: only the draw can settle it." in panel("explain", "R7", "--why-not", rival).out
    panel("meeting", "draw", "--words", "heron maple")
    assert panel.json("allocate")["certificate"]["unique"] is True


def test_after_an_override_the_reasons_of_the_proposal_are_said_to_be_the_proposals(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "proposed")
    panel("decide", "R1", "--school", DELL, "--reason", "for one term")
    said = panel("explain", "R1").out.splitlines()
    assert said[:4] == [
        "R1: meeting 1 of 2026-10-22 chose Dell School (100004); proposed was Ashdown ",
        "School (100001).",
        "  Ashdown School was proposed for these reasons:",
        "    2.6 km from home.",
    ]
    data = panel.json("explain", "R1")
    assert (data["status"], data["proposed"], data["decided"]) == ("overridden", ASHDOWN, DELL)
    assert [(reason["rule"], reason["facts"]) for reason in data["reasons"]] == [("closing", {"school.closing": True})]


def test_a_meeting_is_explained_by_the_edition_that_it_froze(tmp_path: Path) -> None:
    """A book adopted later for the same day does not change what an old decision is explained by."""
    panel = harbour(tmp_path, "closed")
    newer = panel.file("newer.yaml", BOOK.replace("2026-09-01", "2026-10-01").replace("value: 20000", "value: 5000"))
    panel("rules", "adopt", str(newer))
    assert panel.json("explain", "R1", "--why-not", CEDAR)["why_not"]["verdict"] == "worse"  # now it would be too far
    assert panel("explain", "R1").out.startswith("R1: meeting 1 of 2026-10-22 confirmed Ashdown School (100001).\n")
    assert panel.json("audit", "replay")["ok"] is True


def test_an_unplaced_pupil_sees_the_nearest_schools_and_what_stands_in_the_way(tmp_path: Path) -> None:
    (left,) = harbour(tmp_path, "drawn").json("allocate")["unplaced"]
    assert left == {
        "referral": "R5",
        "nearest": [
            {"school": DELL, "bars": ["closing", "year-group-full"]},
            {"school": ASHDOWN, "bars": ["year-group-full"]},
            {"school": BIRCH, "bars": ["home-school"]},
            {"school": CEDAR, "bars": ["year-group-full"]},
        ],
    }


def test_what_a_meeting_closed_without_deciding_is_waiting_again(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "proposed")
    panel("meeting", "close")
    assert panel.json("explain", "R1")["status"] == "waiting"
    assert panel("explain", "R1").out.splitlines()[:2] == [
        "R1: waiting; meeting 1 of 2026-10-22 closed without deciding it; proposed was ",
        "Ashdown School (100001).",
    ]
    panel("meeting", "open", "--date", "2026-11-05", "--chair", "Okafor")
    assert panel("explain", "R1").out.startswith("R1: on the agenda of meeting 2 of 2026-11-05; nothing is proposed yet.\n")
