"""A pupil whom the rules keep from every mainstream school: what is open instead, how the case comes to say so, and what follows."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.running import BOOK, FILES, MEETS, SCHOOLS, Panel

UNIT, SMALL, FULL = "100005", "100006", "100007"
BARS: Final = """\
bars:
  - id: exam-year
    at: [mainstream]
    when: referral.year_group == 11
    say: Year 11 does not change school any more.
    examples:
      - {name: it is, given: {referral.year_group: 11}, expect: fires}
      - {name: a younger one, given: {referral.year_group: 10}, expect: silent}
  - id: does-not-admit
    waivable: false
    when: not candidate.admits
    say: "{school.name} does not take pupils like this one."
    examples:
      - {name: it does not, given: {candidate.admits: false}, expect: fires}
      - {name: it does, given: {candidate.admits: true}, expect: silent}
"""
PLACES: Final = """\
  - id: unit-full
    per: school
    at: [pru]
    room: school.places - school.occupied
    examples:
      - {name: one, given: {school.places: 8, school.occupied: 7}, expect: 1}
      - {name: none, given: {school.places: 8, school.occupied: 8}, expect: 0}
"""
TO_UNITS: Final = BOOK.replace("    per: year_group\n", "    per: year_group\n    at: [mainstream]\n").replace("bars:\n", BARS)
HEAD, *ROWS = SCHOOLS.splitlines()
WITH_UNITS: Final = "\n".join(
    (
        f"{HEAD},Setting,Places,occupied",
        *(f"{row},,," for row in ROWS),
        f"{UNIT},Lighthouse Unit,Open,11,16,,624000,400000,pru,8,7",
        f"{SMALL},Pebble Unit,Open,5,11,,624000,400000,pru,8,0",
        f"{FULL},Sandbank Unit,Open,11,16,,624000,400000,pru,8,8",
        "",
    )
)


def founded(folder: Path, book: str = TO_UNITS) -> Panel:
    panel = Panel(folder / "panel.db")
    panel("init", "--rulebook", str(panel.file("book.yaml", book.replace("holds:\n", f"{PLACES}holds:\n"))))
    for what, text in {"schools": WITH_UNITS, **{name: FILES[f"{name}.csv"] for name in ("places", "terms", "referrals")}}.items():
        panel("load", what, str(panel.file(f"{what}.csv", text)))
    return panel


def meet(panel: Panel, on: str) -> dict[str, str]:
    panel("meeting", "open", "--date", on, "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    return {one["referral"]: one["school"] for one in panel.json("allocate")["placements"]}


def test_explain_names_the_units_that_would_take_a_pupil_of_that_kind(tmp_path: Path) -> None:
    """R5 is in year 11. The Lighthouse has a place and takes the age; Pebble takes younger ones, Sandbank is full."""
    panel = founded(tmp_path)
    assert "R5" not in meet(panel, MEETS)
    said = panel("explain", "R5").out
    assert "No mainstream school may take this pupil." in said
    assert f"Lighthouse Unit ({UNIT}), pru:" in said
    assert "Pebble Unit (100006), pru" not in said
    assert "Sandbank Unit (100007), pru" not in said
    (unit,) = panel.json("explain", "R5")["units"]
    assert unit == {"school": UNIT, "suited_to": "pru", "command": "pastoral correct R5 --set suited_to=pru --reason TEXT"}
    assert "units" not in panel.json("explain", "R1")
    panel("decide", "R1", "R2", "R6", "--confirm")
    panel("meeting", "close")
    words = unit["command"].removeprefix("pastoral ").split()
    panel(*words[:-1], "the panel asks for it")
    assert meet(panel, "2026-11-12")["R5"] == UNIT
    assert "2 proposal(s) replayed" in panel("audit", "replay").out


def test_where_mainstream_schools_are_only_full_no_unit_is_named(tmp_path: Path) -> None:
    """Dell is to close, which bars it; year 11 is full at Ashdown and Cedar, which no bar says; Birch is the home school."""
    book = TO_UNITS.replace(BARS, BARS.replace("11", "8").replace("10", "9"))
    panel = founded(tmp_path, book)
    assert "R5" not in meet(panel, MEETS)
    assert "units" not in panel.json("explain", "R5")
    assert "No mainstream school may take" not in panel("explain", "R5").out
