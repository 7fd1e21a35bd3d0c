"""A county whose areas decide by themselves: a ledger for each, on one shared book. What is the area's own, and what nobody knows there.

North has Ash and Beech, South has Cob and Dene; of the shared book are the count and who must be there.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from panel.record.ledger import Ledger
from panel.state.fold import fold
from panel.steps.office import read_entries
from tests.courses import clean, loads, meet, placed
from tests.running import Panel, url

COUNTY = """\
rulebook: county
edition: {from: 2026-09-01}
title: County agreement
authority: {instrument: County agreement (invented)}
counts:
  load: {of: placements, over: academic_year}
objectives: [place, lottery]
meeting: {quorum: all, invite: all}
notices:
  - id: average
    when: panel.average_load < 99
    say: "Each school of this panel took {panel.average_load} on average, all of them {panel.total_load}."
    examples:
      - {name: few, given: {panel.average_load: 98}, expect: fires}
      - {name: many, given: {panel.average_load: 99}, expect: silent}
"""
AREA = """\
rulebook: {name}
edition: {{from: 2026-09-01}}
title: {name}
authority: {{instrument: Agreement of the area (invented)}}
extends: county
objectives: [place, {{share: {{load: load, per: equal}}}}, lottery]
"""
SCHOOLS = {"north": {"300001": "Ash", "300002": "Beech"}, "south": {"300003": "Cob", "300004": "Dene"}}


@pytest.fixture
def areas(tmp_path: Path) -> dict[str, Panel]:
    made = {}
    for name, schools in SCHOOLS.items():
        panel = made[name] = Panel(tmp_path / f"{name}.db")
        panel.file("county.yaml", COUNTY)
        panel("init", "--rulebook", str(panel.file(f"{name}.yaml", AREA.format(name=name))))
        rows = "".join(f"{urn},{school} School,Secondary,mainstream,900\n" for urn, school in schools.items())
        head = "URN,EstablishmentName,PhaseOfEducation (name),Setting,NumberOfPupils\n"
        panel("load", "schools", str(panel.file(f"{name}.csv", head + rows)))
    return made


def averages(panel: Panel) -> tuple[int, int]:
    """What the latest meeting froze: the average and the total of what the schools had taken."""
    with Ledger.open(url(panel.ledger)) as ledger:
        shared = fold(read_entries(ledger.entries())).meetings[-1].opened.shared or {}
    return shared["panel"]["panel.average_load"], shared["panel"]["panel.total_load"]


def refer(panel: Panel, name: str, home: str, *, kind: str = "fair_access", pupil: str = "") -> None:
    case = ("--kind", kind, "--year-group", "9", "--made-on", "2026-09-14", "--home-school", home)
    panel("refer", name, "--pupil", pupil or f"P{name}", *case)


def test_who_meets_and_what_is_average_is_the_areas_own(areas: dict[str, Panel]) -> None:
    north, south = areas["north"], areas["south"]
    for name in ("N1", "N2"):
        refer(north, name, "none")
    meet(north, "2026-09-24", "N1", "N2")
    refer(north, "N3", "none")
    refer(south, "S1", "none")
    assert loads(north) == {"300001": 1, "300002": 1}
    meet(north, "2026-10-08")
    assert averages(north) == (1, 2)
    assert list(placed(meet(south, "2026-10-08"))) == ["S1"]
    assert averages(south) == (0, 0)
    south("meeting", "open", "--date", "2026-10-22", "--chair", "X")
    south("meeting", "invite")
    south("meeting", "attend", "300003", "300004")
    south("meeting", "draw", "--words", "heron")
    south("allocate")
    south("decide", "S1", "--confirm")
    south("meeting", "close")
    assert {one["verdict"] for one in south.json("meeting", "show")["decisions"]} == {"stands"}  # both of two schools are all
    for panel in areas.values():
        clean(panel)


def test_who_needs_a_place_in_another_area_is_withdrawn_and_referred_there(areas: dict[str, Panel]) -> None:
    north, south = areas["north"], areas["south"]
    refer(north, "N1", "300001", pupil="P1")
    refer(south, "S1", "none", pupil="P1")  # nobody there knows that the case is open in the other area
    north("withdraw", "N1", "--on", "2026-09-20", "--reason", "moves to the south")
    row = ("--kind", "managed_move", "--year-group", "9", "--made-on", "2026-09-14", "--home-school", "none")
    assert "A managed move and an off-site direction lead away from a home school." in south.refused("refer", "S2", "--pupil", "P2", *row)
    meet(south, "2026-09-24", "S1")
    assert sum(loads(south).values()) == 1
    assert loads(north) == {}
