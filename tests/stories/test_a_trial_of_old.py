"""A trial, as local books had it before 26 July 2026: it goes on under the book that decided it, also when the next one knows no trials."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.courses import ASH, BEECH, COB, SCHOOLS, clean, flat, loads
from tests.running import Panel

TERMS = "from,to\n2026-04-13,2026-07-21\n2026-09-02,2026-10-23\n2026-11-02,2026-12-18\n"
PLACES = "urn,year_group,pan,on_roll,as_at\n" + "".join(
    f"{urn},{year},180,170,2026-04-15\n" for urn in (ASH, BEECH, COB) for year in (9, 10)
)
NEXT = """\
rulebook: fell
edition: {from: 2026-07-26}
title: Fell partnership, no trials
authority: {instrument: Fell partnership agreement of 2026 (invented)}
extends: england
counts:
  load: {of: [placements, outside_admissions], over: academic_year, broken_down: drop}
bars:
  - id: trial-failed-here
    when: candidate.broke_down_here
    say: A trial of this pupil at {school.name} ended in a return.
    examples:
      - {name: it did, given: {candidate.broke_down_here: true}, expect: fires}
      - {name: it did not, given: {candidate.broke_down_here: false}, expect: silent}
objectives: [place, {preference: {unranked: 4}}, lottery]
"""


@pytest.fixture
def panel(tmp_path: Path) -> Panel:
    """R1 was decided for Beech on 11 June 2026, all have agreed, and the trial began on 15 June."""
    panel = Panel(tmp_path / "fell.db")
    panel("init", "--rulebook", "fell")
    panel("load", "schools", str(panel.file("schools.csv", SCHOOLS)))
    panel("load", "places", str(panel.file("places.csv", PLACES)))
    panel("load", "terms", str(panel.file("terms.csv", TERMS)))
    ways = "pupil,urn,metres\n" + "".join(f"P1,{urn},{metres}\n" for urn, metres in ((ASH, 900), (BEECH, 2000), (COB, 5000)))
    case = ("--kind", "managed_move", "--year-group", "9", "--made-on", "2026-06-01", "--home-school", ASH, "--ehcp", "no")
    panel("refer", "R1", "--pupil", "P1", *case, "--parent-agrees-on", "2026-06-01", "--home-school-agrees-on", "2026-06-01")
    panel("load", "journeys", str(panel.file("journeys.csv", ways)))
    panel("meeting", "open", "--date", "2026-06-11", "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    panel("allocate")
    panel("decide", "R1", "--confirm")
    panel("meeting", "close")
    for who in (BEECH, "parent"):
        panel("accept", "R1", "--by", who, "--on", "2026-06-12")
    # 12 weeks from Monday 15 June are 84 days: the last is Sunday 6 September.
    assert panel.refused("start", "R1", "--on", "2026-06-15", "--until", "2026-09-07").startswith(
        "R1: --until: found 2026-09-07; wanted 2026-09-06 at the latest, the last of 12 weeks."
    )
    assert panel("start", "R1", "--on", "2026-06-15").out == "R1: first day at Beech School (200002), 2026-06-15, until 2026-09-06.\n"
    panel("rules", "adopt", str(panel.file("fell-next.yaml", NEXT)))
    return panel


def test_it_goes_on_under_its_own_book_and_becomes_permanent(panel: Panel) -> None:
    panel("review", "R1", "--on", "2026-07-20")
    case = flat(panel("case", "R1"))
    assert case.startswith("R1 (managed move): at Beech School (200002) since 2026-06-15, a trial until 2026-09-06.")
    assert "by fell of 2021-09-01 it becomes permanent then, unless it is said otherwise." in case
    assert panel.refused("extend", "R1", "--on", "2026-09-01", "--until", "2026-10-01", "--reason", "x").startswith(
        "R1: by fell of 2021-09-01 a trial ends as permanent or a return, not as an extension. What may come next: "
    )
    assert panel("permanent", "R1", "--on", "2026-09-04").out == "R1: permanent, 2026-09-04.\n"
    assert panel.refused("end", "R1", "--as", "return", "--on", "2026-09-07").startswith("R1: the placement is permanent: after its start")
    clean(panel)


def test_it_ends_in_a_return_and_the_school_has_its_turn_back(panel: Panel) -> None:
    assert loads(panel, "--as-of", "2026-07-01") == {BEECH: 1}
    panel("end", "R1", "--as", "return", "--on", "2026-07-10", "--reason", "he asks to go back")
    assert loads(panel, "--as-of", "2026-07-09") == {BEECH: 1}
    assert loads(panel, "--as-of", "2026-07-10") == {}  # `broken_down: drop`
    # The next book knows of it: the pupil is in year 10 now, and Beech is closed to him.
    case = ("--kind", "managed_move", "--year-group", "10", "--made-on", "2026-10-01", "--home-school", ASH, "--ehcp", "no")
    panel("refer", "R2", "--pupil", "P1", *case, "--parent-agrees-on", "2026-10-01", "--home-school-agrees-on", "2026-10-01")
    panel("meeting", "open", "--date", "2026-10-08", "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    assert [(row["referral"], row["school"]) for row in panel.json("allocate")["placements"]] == [("R2", COB)]
    assert panel.json("explain", "R2", "--why-not", BEECH)["why_not"]["bars"] == ["trial-failed-here"]
    panel("meeting", "close")
    clean(panel)


def test_it_may_break_down_before_its_end(panel: Panel) -> None:
    """The pupil is back on the roll of Ash, and a year older by the time that the case comes back."""
    said = panel.json("break-down", "R1", "--on", "2026-09-03", "--reason", "a fight", "--as", "R9")
    assert (said["follows"], said["home_school"]) == ("R9", ASH)
    panel("meeting", "open", "--date", "2026-09-10", "--chair", "Okafor")
    assert panel.json("case", "R9")["history"][0]["said"] == "referred: managed move, year 10, following R1"
    clean(panel)
