"""A grammar school is considered only for a pupil who has reached its standard; what nobody has said of either is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.running import ASHDOWN, BIRCH, BOOK, CEDAR, FILES, MEETS, SCHOOLS, Panel

BAR: Final = """\
bars:
  - id: not-at-its-standard
    waivable: false
    when: school.selective and not referral.meets_selection
    say: "{school.name} selects, and this pupil has not reached its standard."
    examples:
      - {name: selects, given: {school.selective: true, referral.meets_selection: false}, expect: fires}
      - {name: has reached it, given: {school.selective: true, referral.meets_selection: true}, expect: silent}
      - {name: does not select, given: {school.selective: false, referral.meets_selection: false}, expect: silent}
      - {name: does not select and nobody asked, given: {school.selective: false, referral.meets_selection: unknown}, expect: silent}
      - {name: nobody asked, given: {school.selective: true, referral.meets_selection: unknown}, expect: cannot tell}
"""
POLICIES: Final = {ASHDOWN: "Selective", BIRCH: "Non-selective", CEDAR: "Non-selective"}
MOVE: Final = "2026-10-01,no,2026-09-30,2026-09-30,622000,400000"


def schools(policies: dict[str, str]) -> str:
    head, *rows = SCHOOLS.splitlines()
    return "\n".join((f"{head},AdmissionsPolicy (name)", *(f"{row},{policies.get(row[:6], 'Non-selective')}" for row in rows), ""))


def opened(folder: Path, policies: dict[str, str] = POLICIES, **reached: str) -> Panel:
    """A pupil from Birch for each of `reached`, to whom Ashdown is the nearest school and the least loaded."""
    made = Panel(folder / "harbour.db")
    head = "referral,pupil,kind,year_group,home_school,made_on,ehcp,parent_agrees_on,home_school_agrees_on,easting,northing,meets_selection"
    rows = [f"{name},P{name},managed_move,10,{BIRCH},{MOVE},{said}" for name, said in reached.items()]
    files = {"schools.csv": schools(policies), "referrals.csv": "\n".join((head, *rows, "")), "harbour.yaml": BOOK.replace("bars:\n", BAR)}
    for name, text in {**FILES, **files}.items():
        made.file(name, text)
    made("init", "--rulebook", str(folder / "harbour.yaml"))
    for what in ("schools", "places", "terms", "referrals"):
        made("load", what, str(folder / f"{what}.csv"))
    made("meeting", "open", "--date", MEETS, "--chair", "Okafor")
    made("meeting", "draw", "--words", "heron")
    return made


def test_who_has_reached_the_standard_may_go_there(tmp_path: Path) -> None:
    panel = opened(tmp_path, A="yes", B="no")
    data = panel.json("allocate")
    assert {row["referral"]: row["school"] for row in data["placements"]} == {"A": ASHDOWN, "B": CEDAR}
    said = " ".join(panel("explain", "B", "--why-not", ASHDOWN).out.split())
    assert "Ashdown School selects, and this pupil has not reached its standard." in said
    panel("decide", "A", "B", "--confirm")
    assert panel.json("audit", "replay")["ok"]
    assert "meets_selection" not in panel.column("body", "referral made")


def test_what_nobody_has_said_of_the_pupil_is_asked_for(tmp_path: Path) -> None:
    panel = opened(tmp_path, A="", B="no")
    doubt = {"rule": "not-at-its-standard", "missing": ["referral.meets_selection"]}
    assert panel.json("allocate", "--dry-run")["held"] == [{"referral": "A", "holds": [], "cannot_tell": [doubt]}]
    assert "referral.meets_selection is told by the referral's column meets_selection." in " ".join(panel("explain", "A").out.split())


@pytest.mark.parametrize("said", ["Not applicable", ""])
def test_what_nobody_has_said_of_the_school_is_asked_for(said: str, tmp_path: Path) -> None:
    panel = opened(tmp_path, {**POLICIES, CEDAR: said}, A="no")
    doubt = {"rule": "not-at-its-standard", "missing": ["school.selective"]}
    assert panel.json("allocate", "--dry-run")["held"] == [{"referral": "A", "holds": [], "cannot_tell": [doubt]}]
    assert "column AdmissionsPolicy (name)" in " ".join(panel("explain", "A").out.split())


def test_a_school_that_was_recorded_wrongly_is_corrected(tmp_path: Path) -> None:
    """Of Cedar the record says that it does not select; it does, so A, who has not reached a standard, may go nowhere."""
    panel = opened(tmp_path, A="no")
    assert [row["school"] for row in panel.json("allocate", "--dry-run")["placements"]] == [CEDAR]
    panel("meeting", "close")
    changed = panel.file("again.csv", f"URN,EstablishmentName,AdmissionsPolicy (name)\n{CEDAR},Cedar High School,Selective\n")
    said = panel("load", "schools", str(changed))
    assert "selective no -> yes" in said.out + said.err
    panel("meeting", "open", "--date", "2026-11-12", "--chair", "Okafor")
    assert panel.json("allocate", "--dry-run")["unplaced"][0]["referral"] == "A"
