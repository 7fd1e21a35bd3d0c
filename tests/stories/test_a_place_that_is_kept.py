"""While a pupil is tried elsewhere, the place that it came from is kept: the next meeting gives it to nobody until it is given up."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.courses import ASH, BEECH, COB, SCHOOLS, UNIT, clean, rolls, taken_at_the_unit
from tests.running import Panel

ROOM = """\
  - id: unit-full
    at: [pru]
    per: school
    room: school.places - school.occupied
    say: "{school.name} may take {room} more."
    examples:
      - {name: one place, given: {school.places: 8, school.occupied: 7}, expect: 1}
      - {name: full, given: {school.places: 8, school.occupied: 8}, expect: 0}
  - id: year-full
    at: [mainstream]
    per: year_group
    room: year.pan - year.on_roll
    say: "{school.name} may take {room} more in year {referral.year_group}."
    examples:
      - {name: one place, given: {year.pan: 180, year.on_roll: 179}, expect: 1}
      - {name: full, given: {year.pan: 180, year.on_roll: 180}, expect: 0}
"""
BOOK = f"""\
rulebook: weir
edition: {{from: 2021-09-01}}
title: Weir partnership
authority: {{instrument: Weir agreement (invented)}}
limits:
{ROOM}
bars:
  - id: right-kind
    when: not candidate.admits
    say: "{{school.name}} is not the kind of setting."
    examples:
      - {{name: it is not, given: {{candidate.admits: false}}, expect: fires}}
      - {{name: it is, given: {{candidate.admits: true}}, expect: silent}}
  - id: home-school
    when: candidate.is_home_school
    say: "{{school.name}} is the home school."
    examples:
      - {{name: it is, given: {{candidate.is_home_school: true}}, expect: fires}}
      - {{name: it is not, given: {{candidate.is_home_school: false}}, expect: silent}}
objectives: [place, {{preference: {{unranked: 4}}}}, lottery]
lifecycle:
  managed_move: {{trial: {{weeks: 12, at_end: permanent, ends_as: [permanent, return]}}}}
  reintegration: {{placement: permanent, trial: {{weeks: 12, at_end: permanent, ends_as: [permanent, return]}}}}
"""


@pytest.fixture
def panel(tmp_path: Path) -> Panel:
    """The unit has 8 places, 8 of them taken, T1's among them; in year 9 Ash has 179 of 180, M1 among them, Beech 170, and Cob is full."""
    panel = Panel(tmp_path / "weir.db")
    panel("init", "--rulebook", str(panel.file("weir.yaml", BOOK)))
    panel("load", "schools", str(panel.file("schools.csv", SCHOOLS.replace("pru,,8,2", "pru,,8,8"))))
    rows = f"{ASH},9,180,179,2026-09-15\n{BEECH},9,180,170,2026-09-15\n{COB},9,180,180,2026-09-15\n"
    panel("load", "places", str(panel.file("places.csv", f"urn,year_group,pan,on_roll,as_at\n{rows}")))
    return panel


def refer(panel: Panel, name: str, kind: str, home: str, *more: str) -> None:
    case = ("--kind", kind, "--year-group", "9", "--made-on", "2026-10-01", "--home-school", home, *more)
    panel("refer", name, "--pupil", f"P{name}", *case)


def meet(panel: Panel, day: str, *confirmed: str) -> tuple[dict[str, str], list[str]]:
    """A meeting in which those named are confirmed: where it proposed to send whom, and whom nowhere."""
    panel("meeting", "open", "--date", day, "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    proposed = panel.json("allocate")
    if confirmed:
        panel("decide", *confirmed, "--confirm")
    panel("meeting", "close")
    return {row["referral"]: row["school"] for row in proposed["placements"]}, [row["referral"] for row in proposed["unplaced"]]


def test_the_unit_keeps_the_place_of_a_pupil_who_is_tried_at_a_school(panel: Panel) -> None:
    refer(panel, "T1", "reintegration", UNIT, "--preferences", BEECH)
    assert meet(panel, "2026-10-08", "T1")[0] == {"T1": BEECH}
    panel("start", "T1", "--on", "2026-10-12")
    assert rolls(panel, "2026-10-12")[BEECH] == 171  # at Beech, and a place at the unit besides
    assert taken_at_the_unit(panel, "2026-10-12") == 8
    refer(panel, "T2", "fair_access", ASH, "--suited-to", "pru")
    assert meet(panel, "2026-11-05") == ({}, ["T2"])
    panel("end", "T1", "--as", "return", "--on", "2026-11-12")
    assert (taken_at_the_unit(panel, "2026-11-12"), rolls(panel, "2026-11-12")[BEECH]) == (8, 170)  # 8 of 8, not 9
    clean(panel)


def test_it_is_given_up_when_the_trial_becomes_permanent(panel: Panel) -> None:
    refer(panel, "T1", "reintegration", UNIT, "--preferences", BEECH)
    meet(panel, "2026-10-08", "T1")
    panel("start", "T1", "--on", "2026-10-12")
    panel("permanent", "T1", "--on", "2026-12-14")
    assert [taken_at_the_unit(panel, day) for day in ("2026-12-13", "2026-12-14")] == [8, 7]
    refer(panel, "T2", "fair_access", ASH, "--suited-to", "pru")
    assert meet(panel, "2027-01-07", "T2")[0] == {"T2": UNIT}
    assert taken_at_the_unit(panel, "2027-01-07") == 8
    clean(panel)


def test_a_pupil_who_leaves_the_trial_for_somewhere_else_has_left_the_unit_too(panel: Panel) -> None:
    refer(panel, "T1", "reintegration", UNIT, "--preferences", BEECH)
    meet(panel, "2026-10-08", "T1")
    panel("start", "T1", "--on", "2026-10-12")
    panel("end", "T1", "--as", "left", "--on", "2026-11-12")
    assert (taken_at_the_unit(panel, "2026-11-12"), rolls(panel, "2026-11-12")[BEECH]) == (7, 170)


def test_the_home_school_keeps_the_place_of_a_pupil_on_trial(panel: Panel) -> None:
    """Ash has one place in year 9, and M1's is no second one: of two who ask for Ash one comes in, and M1 has somewhere to return to."""
    refer(panel, "M1", "managed_move", ASH, "--preferences", BEECH)
    assert meet(panel, "2026-10-08", "M1")[0] == {"M1": BEECH}
    panel("start", "M1", "--on", "2026-10-12")
    assert rolls(panel, "2026-10-12") == {ASH: 179, BEECH: 171}
    for name in ("N1", "N2"):
        refer(panel, name, "managed_move", BEECH, "--preferences", ASH)
    placed, unplaced = meet(panel, "2026-11-05")
    assert (set(placed.values()), len(placed), len(unplaced)) == ({ASH}, 1, 1)
    panel("meeting", "open", "--date", "2026-11-12", "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    proposed = panel.json("allocate")
    (one,) = [row["referral"] for row in proposed["placements"]]
    panel("decide", one, "--confirm")
    panel("meeting", "close")
    panel("start", one, "--on", "2026-11-16")
    panel("end", "M1", "--as", "return", "--on", "2026-11-20")
    assert rolls(panel, "2026-11-20")[ASH] == 180
    panel("load", "places", str(panel.file("again.csv", f"urn,year_group,pan,on_roll,as_at\n{ASH},9,180,180,2026-11-18\n")))
    # Counted while M1 was away, M1 was among them: to come back adds nobody.
    assert rolls(panel, "2026-11-20")[ASH] == 180
    clean(panel)


def test_from_the_day_on_which_it_becomes_permanent_the_home_school_has_the_place_to_give(panel: Panel) -> None:
    refer(panel, "M1", "managed_move", ASH, "--preferences", BEECH)
    meet(panel, "2026-10-08", "M1")
    panel("start", "M1", "--on", "2026-10-12")
    panel("permanent", "M1", "--on", "2026-12-14")
    assert [rolls(panel, day)[ASH] for day in ("2026-12-13", "2026-12-14")] == [179, 178]
