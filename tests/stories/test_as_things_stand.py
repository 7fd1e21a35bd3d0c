"""The panel decides one pupil after the other, and somebody asks about the next: the answer is the one that holds now.

To the six of Harbour come pupils of year 9, for whom Ashdown and Cedar have one seat each. R7 may only go to Cedar and R9 only to
Ashdown. R1 may go to either and wishes for Cedar, so that R7 is the one who is left out; with one more at Ashdown R1 could make way.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.running import ASHDOWN, BIRCH, CEDAR, DELL, HOME, MEETS, Panel, harbour
from tests.stories.test_what_if import gone

EAST, NORTH = HOME.split(",")
AGREED = ("--kind", "managed_move", "--made-on", "2026-10-01", "--parent-agrees-on", "2026-09-30", "--home-school-agrees-on", "2026-09-30")


def crowded(folder: Path) -> Panel:
    """The meeting with R7 and R9, proposed: R1 and R9 have the two seats, R7 none."""
    panel = harbour(folder, "loaded")
    for name, home, apart in (("R7", ASHDOWN, BIRCH), ("R9", BIRCH, CEDAR)):
        who = (f"P{name[1:]}", "--year-group", "9", "--home-school", home, "--kept-apart", f"{apart}:police")
        panel("refer", name, "--pupil", *who, *AGREED, "--ehcp", "no", "--easting", EAST, "--northing", NORTH)
    panel("meeting", "open", "--date", MEETS, "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    panel("allocate")
    return panel


def offered(told: Any) -> set[tuple[str, str]]:
    """The single things that would be enough, and where."""
    ways = told["relaxation"]["ways"]
    assert {len(way["things"]) for way in ways} == {1}
    return {(way["things"][0]["kind"], way["things"][0]["school"]) for way in ways}


def check_commands(panel: Panel, told: Any) -> None:
    """Every printed command sends the pupil where its way says, and moves those whom it names."""
    for way in told["relaxation"]["ways"]:
        shown = panel.json(*way["whatif"].split()[1:])
        assert gone(shown)[told["referral"]] == way["school"]
        moved = {row["referral"] for row in shown["differences"]} - {told["referral"]}
        assert moved == {move["referral"] for move in way["moves"]}


def test_no_way_moves_a_pupil_whom_the_panel_has_confirmed(tmp_path: Path) -> None:
    panel = crowded(tmp_path)
    before = panel.json("explain", "R7")
    assert offered(before) == {("place", CEDAR), ("place", ASHDOWN), ("bar", DELL)}
    check_commands(panel, before)
    panel("decide", "R1", "--confirm")
    after = panel.json("explain", "R7")
    assert offered(after) == {("place", CEDAR), ("bar", DELL)}
    check_commands(panel, after)


def test_what_was_proposed_is_not_open_any_more_once_the_panel_gave_the_seat_away(tmp_path: Path) -> None:
    """R1 takes Cedar's only seat in year 9 by the panel's word: R2, proposed there, would now go to Birch."""
    panel = harbour(tmp_path, "proposed")
    panel("decide", "R1", "--school", CEDAR, "--reason", "the family's choice")
    told = panel.json("explain", "R2", "--why-not", CEDAR)
    assert (told["status"], told["proposed"], told["as_things_stand"]) == ("proposed", CEDAR, {"school": BIRCH})
    assert (told["why_not"]["verdict"], told["why_not"]["bars"]) == ("no room", ["year-group-full"])
    assert panel.json("explain", "R2", "--why-not", BIRCH)["why_not"]["verdict"] == "chosen"
    assert "would go to Birch Academy (100002)." in " ".join(panel("explain", "R2").out.split())
    verdicts = {row["referral"]: [cell["verdict"] for cell in row["verdicts"]] for row in panel.json("explain", "--matrix")["referrals"]}
    assert verdicts["R1"] == ["decided", "decided", "chosen", "decided"]
    assert verdicts["R2"] == ["barred", "chosen", "no room", "barred"]


def test_the_panels_word_is_the_answer_for_every_school_also_when_the_meeting_is_over(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "proposed")
    panel("decide", "R1", "--school", DELL, "--reason", "for one term")
    for _ in range(2):
        answers = {urn: panel.json("explain", "R1", "--why-not", urn)["why_not"]["verdict"] for urn in (ASHDOWN, BIRCH, CEDAR, DELL)}
        assert answers == {ASHDOWN: "decided", BIRCH: "decided", CEDAR: "decided", DELL: "chosen"}
        assert panel.json("explain", "R1")["waived"] == ["closing"]
        said = panel("explain", "R1", "--why-not", ASHDOWN).out
        assert "  At Dell School:\n    closing: Dell School is to close. Waived by the panel.\n" in said
        assert "Why not Ashdown School (100001)? Decided.\n" in said
        if panel.json("explain", "--matrix")["as_things_stand"]:
            panel("meeting", "close")


def test_a_pupil_who_was_withdrawn_would_be_worse_nowhere(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "proposed")
    assert panel.json("explain", "R2", "--why-not", BIRCH)["why_not"]["verdict"] == "worse"
    panel("withdraw", "R2", "--on", MEETS, "--reason", "moved away")
    assert panel.json("explain", "R2", "--why-not", BIRCH)["why_not"]["verdict"] == "decided"
    panel("meeting", "close")
    assert panel.json("explain", "R2", "--why-not", BIRCH)["why_not"]["verdict"] == "decided"


def test_a_pupil_who_was_left_out_and_put_off_keeps_what_would_have_been_enough(tmp_path: Path) -> None:
    panel = crowded(tmp_path)
    panel("decide", "R7", "--defer", "--reason", "no place this month")
    assert "is told once the meeting has closed" in panel("explain", "R7").out
    panel("meeting", "close")
    told = panel.json("explain", "R7")
    assert told["status"] == "deferred"
    assert offered(told) == {("place", CEDAR), ("place", ASHDOWN), ("bar", DELL)}
    assert all(way["whatif"].endswith(f" --meeting {MEETS}") for way in told["relaxation"]["ways"])
    check_commands(panel, told)
    panel("meeting", "open", "--date", "2026-11-05", "--chair", "Okafor")
    assert panel.json("explain", "R7")["status"] == "waiting"
    assert panel.json("explain", "R7")["relaxation"] == told["relaxation"]
    assert "to meeting 1 of 2026-10-22, which left this pupil out:" in " ".join(panel("explain", "R7").out.split())


def test_a_confirmed_pupil_is_explained_by_the_proposal_and_that_is_said(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "proposed")
    panel("decide", "R1", "--confirm")
    assert panel.json("explain", "R1", "--why-not", CEDAR)["by"]["decided_since"] is False
    panel("decide", "R2", "--school", BIRCH, "--reason", "a brother is there")
    told = panel.json("explain", "R1", "--why-not", CEDAR)
    assert told["why_not"]["verdict"] == "worse"
    assert told["by"]["decided_since"] is True
    assert f"By the proposal at entry {told['by']['entry']}, before the panel's decisions since:\n" in panel("explain", "R1").out
