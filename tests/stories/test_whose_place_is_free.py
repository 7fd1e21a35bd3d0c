"""A place is given once: it goes by who has come and who has gone, not by the days that were planned."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.courses import ASH, BEECH, COB, SCHOOLS, UNIT, clean, rolls, taken_at_the_unit
from tests.running import Panel
from tests.stories.test_a_place_that_is_kept import BOOK, meet

OPEN = BOOK.partition("lifecycle:")[0] + "lifecycle:\n  managed_move: {agreed_by: [parent]}\n"
ROW = "urn,year_group,pan,on_roll,as_at\n"


@pytest.fixture
def panel(tmp_path: Path) -> Panel:
    """In year 9 of Ash all 180 places are taken, at Beech 178 by 10 September, at Cob all."""
    panel = Panel(tmp_path / "weir.db")
    panel("init", "--rulebook", str(panel.file("weir.yaml", OPEN)))
    panel("load", "schools", str(panel.file("schools.csv", SCHOOLS)))
    rows = "".join(f"{urn},9,180,{taken},2026-09-10\n" for urn, taken in ((ASH, 180), (BEECH, 178), (COB, 180)))
    panel("load", "places", str(panel.file("places.csv", ROW + rows)))
    return panel


def refer(panel: Panel, name: str, home: str, *more: str, kind: str = "fair_access") -> None:
    case = ("--kind", kind, "--year-group", "9", "--made-on", "2026-09-14", "--home-school", home, *more)
    panel("refer", name, "--pupil", f"P{name}", *case)


@pytest.mark.parametrize(
    ("began", "proposed"),
    [("", {}), ("2026-10-05", {}), ("2026-09-28", {"B2": BEECH})],  # 149 and B1 to come; 149 and B1 since; B1 among the 149
)
def test_who_was_to_begin_before_a_count_and_did_not_is_not_in_it(panel: Panel, began: str, proposed: dict[str, str]) -> None:
    refer(panel, "B1", "none")
    assert meet(panel, "2026-09-24", "B1")[0] == {"B1": BEECH}
    panel("load", "places", str(panel.file("later.csv", f"{ROW}{BEECH},9,180,179,2026-09-30\n")))
    if began:
        panel("start", "B1", "--on", began)
    refer(panel, "B2", "none")
    assert meet(panel, "2026-10-15")[0] == proposed
    assert rolls(panel, "2026-10-15")[BEECH] == (179 if proposed else 180)
    clean(panel)


def test_the_place_of_a_pupil_who_has_not_begun_elsewhere_is_given_to_nobody(panel: Panel) -> None:
    refer(panel, "A1", ASH, "--preferences", BEECH, "--parent-agrees-on", "2026-09-10", "--home-school-agrees-on", "2026-09-10",
          "--interventions-evidenced", "yes", kind="managed_move")  # fmt: skip
    assert meet(panel, "2026-09-24", "A1")[0] == {"A1": BEECH}
    panel("load", "places", str(panel.file("later.csv", f"{ROW}{BEECH},9,180,179,2026-09-30\n")))
    refer(panel, "A2", "none", "--preferences", ASH)
    assert meet(panel, "2026-10-15") == ({}, ["A2"])  # 180 at Ash, A1 among them; at Beech 179 and A1 to come
    panel("refuse", "A1", "--by", "parent", "--on", "2026-10-20", "--reason", "x")
    assert rolls(panel, "2026-10-20") == {ASH: 180, BEECH: 179}
    clean(panel)


def test_it_is_free_once_the_pupil_has_begun(panel: Panel) -> None:
    refer(panel, "A1", ASH, "--preferences", BEECH, kind="fair_access")
    meet(panel, "2026-09-24", "A1")
    panel("start", "A1", "--on", "2026-10-05")
    refer(panel, "A2", "none", "--preferences", ASH)
    assert meet(panel, "2026-10-15", "A2")[0] == {"A2": ASH}
    assert rolls(panel, "2026-10-15") == {ASH: 180, BEECH: 179}
    clean(panel)


def test_a_unit_that_is_counted_again_and_comes_to_the_same_figure(panel: Panel) -> None:
    refer(panel, "U1", ASH, "--suited-to", "pru")
    assert meet(panel, "2026-09-24", "U1")[0] == {"U1": UNIT}
    panel("start", "U1", "--on", "2026-09-28")
    assert taken_at_the_unit(panel, "2026-10-01") == 3
    again = str(panel.file("again.csv", f"URN,EstablishmentName,occupied\n{UNIT},Weir Unit,2\n"))
    assert "occupied 3 -> 2" in " ".join((said := panel("load", "schools", again)).out.split() + said.err.split())
    assert taken_at_the_unit(panel, "2026-10-01") == 2  # U1 among them: somebody else has gone
    before = panel.entries()
    panel("load", "schools", again)
    assert panel.entries() == before
    clean(panel)
