"""Pupils for whom a mainstream school or a unit will do: a school where one is open, else the unit, and what is said where neither is."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Final

from tests.running import ASHDOWN, BIRCH, BOOK, CEDAR, FILES, MEETS, SCHOOLS, Panel
from tests.stories.test_the_way_to_a_unit import BARS

CENTRE, UNIT = "100005", "100006"
PLACES: Final = """\
  - id: unit-full
    per: school
    at: [pru, inclusion_centre]
    room: school.places - school.occupied
    examples:
      - {name: one, given: {school.places: 8, school.occupied: 7}, expect: 1}
      - {name: none, given: {school.places: 8, school.occupied: 8}, expect: 0}
"""
TIERS: Final = """\
tiers:
  - {id: a-school-first, tier: 1, at: [mainstream], when: true}
  - {id: else-a-unit, tier: 2, when: true}
"""
HOLD: Final = """\
holds:
  - id: for-the-unit
    when: referral.suited_to == "pru"
    say: The unit asks for a report.
    examples:
      - {name: the unit, given: {referral.suited_to: pru}, expect: fires}
      - {name: a school, given: {referral.suited_to: mainstream}, expect: silent}
"""
CLOCK: Final = """\
clocks:
  - id: back-again
    from: placement.started
    until: placement.ended
    within: 6 weeks
    when: referral.suited_to == "inclusion_centre"
    examples:
      - {name: the centre, given: {referral.suited_to: inclusion_centre}, expect: fires}
      - {name: a school, given: {referral.suited_to: mainstream}, expect: silent}
"""
TWO_KINDS: Final = (
    BOOK.replace("    per: year_group\n", "    per: year_group\n    at: [mainstream]\n")
    .replace("bars:\n", BARS)
    .replace("holds:\n", f"{PLACES}holds:\n")
    .replace("objectives:\n  - place\n", f"{TIERS}objectives:\n  - place\n  - tier\n")
)
HEAD, *ROWS = SCHOOLS.splitlines()
HOME: Final = "622000,400000"
REFERRALS: Final = f"""\
referral,pupil,kind,year_group,home_school,made_on,easting,northing,ehcp,parent_agrees_on,home_school_agrees_on,suited_to
S1,P1,managed_move,9,{BIRCH},2026-10-01,{HOME},no,2026-09-30,2026-09-30,inclusion_centre;mainstream
S2,P2,managed_move,11,{BIRCH},2026-10-01,{HOME},no,2026-09-30,2026-09-30,mainstream; inclusion_centre
S3,P3,managed_move,11,{BIRCH},2026-10-01,{HOME},no,2026-09-30,2026-09-30,mainstream
S4,P4,managed_move,11,{ASHDOWN},2026-10-01,{HOME},no,2026-09-30,2026-09-30,mainstream;pru
"""


def founded(folder: Path, *, free: int, book: str = TWO_KINDS) -> Panel:
    """The centre, a kilometre away and nearer than any school but Dell, has so many places; the unit has none."""
    centre = f"{CENTRE},Lantern Centre,Open,11,16,,622800,400000,inclusion_centre,8,{8 - free}"
    unit = f"{UNIT},Sandbank Unit,Open,11,16,,624000,400000,pru,8,8"
    schools = "\n".join((f"{HEAD},Setting,Places,occupied", *(f"{row},,," for row in ROWS), centre, unit, ""))
    panel = Panel(folder / "panel.db")
    panel("init", "--rulebook", str(panel.file("book.yaml", book)))
    files = {"schools": schools, "places": FILES["places.csv"], "terms": FILES["terms.csv"], "referrals": REFERRALS}
    for what, text in files.items():
        panel("load", what, str(panel.file(f"{what}.csv", text)))
    return panel


def meet(panel: Panel, on: str) -> dict[str, str]:
    panel("meeting", "open", "--date", on, "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    return {one["referral"]: one["school"] for one in panel.json("allocate")["placements"]}


def test_a_school_where_one_is_open_and_else_the_centre(tmp_path: Path) -> None:
    """S1 could go to the centre, which is nearer and empty, and goes to Ashdown: a school comes first, and 1/1000 is less than 1/800.

    Every mainstream school is barred to S2, S3 and S4, who are in year 11: the centre will do for S2 alone, the full unit for S4.
    """
    panel = founded(tmp_path, free=3)
    assert meet(panel, MEETS) == {"S1": ASHDOWN, "S2": CENTRE}
    assert "exam-year" in panel("explain", "S2", "--why-not", CEDAR).out
    assert "does not take pupils like this one" in panel("explain", "S2", "--why-not", UNIT).out
    said = panel("explain", "S1", "--why-not", CENTRE).out
    assert "order of approach" in said
    assert "1 proposal(s) replayed" in panel("audit", "replay").out


def test_explain_names_what_is_open_beside_the_kinds_that_were_looked_at(tmp_path: Path) -> None:
    """S3 is for a school alone, so the centre would take its place; S4 keeps the unit, which the case names already and is full."""
    panel = founded(tmp_path, free=3)
    meet(panel, MEETS)
    (for_s3,), (for_s4,) = (panel.json("explain", name)["units"] for name in ("S3", "S4"))
    assert for_s3 == {
        "school": CENTRE, "suited_to": "inclusion_centre",
        "command": "pastoral correct S3 --set suited_to=inclusion_centre --reason TEXT",
    }  # fmt: skip
    assert for_s4 == {
        "school": CENTRE, "suited_to": "inclusion_centre;pru",
        "command": "pastoral correct S4 --set 'suited_to=inclusion_centre;pru' --reason TEXT",
    }  # fmt: skip
    assert f"Lantern Centre ({CENTRE}), inclusion_centre:" in panel("explain", "S4").out
    assert "Sandbank Unit (100006), pru" not in panel("explain", "S4").out
    panel("decide", "S1", "S2", "--confirm")
    panel("meeting", "close")
    for one in (for_s3, for_s4):
        _, *words, _ = shlex.split(one["command"])
        panel(*words, "the panel asks for it")
    assert meet(panel, "2026-11-12") == {"S3": CENTRE, "S4": CENTRE}
    assert "2 proposal(s) replayed" in panel("audit", "replay").out


def test_those_of_several_kinds_give_way_to_nobody_and_take_what_is_left(tmp_path: Path) -> None:
    """One place in the centre: S2 needs it, and S1, for whom it would do too, has a school."""
    panel = founded(tmp_path, free=1)
    assert meet(panel, MEETS) == {"S1": ASHDOWN, "S2": CENTRE}
    rows = panel.json("explain", "--matrix")["referrals"]
    there = {row["referral"]: next(one for one in row["verdicts"] if one["school"] == CENTRE) for row in rows}
    assert {name: one["verdict"] for name, one in there.items()} == {"S1": "worse", "S2": "chosen", "S3": "barred", "S4": "barred"}
    assert there["S1"]["objective"] == "place"
    assert there["S3"]["bars"] == ["does-not-admit"]


def test_a_rule_by_the_one_kind_holds_them_and_says_what_to_write(tmp_path: Path) -> None:
    panel = founded(tmp_path, free=3, book=TWO_KINDS.replace("holds:\n", HOLD))
    placed = meet(panel, MEETS)
    assert placed == {}  # S3 is for a mainstream school alone, and none may take it; the others are held
    said = " ".join(panel("explain", "S1").out.split())
    assert "for-the-unit: cannot tell without referral.suited_to (the kind of setting that the pupil is to go to; unknown where" in said
    assert "the rulebook asks by referral.suited_to_mainstream and the like" in said
    assert "for-the-unit" not in panel("explain", "S3").out


def test_a_clock_by_the_one_kind_cannot_be_told_of_them_and_due_says_why(tmp_path: Path) -> None:
    panel = founded(tmp_path, free=3, book=TWO_KINDS.replace("objectives:\n", f"{CLOCK}objectives:\n"))
    meet(panel, MEETS)
    panel("decide", "S1", "S2", "--confirm")
    panel("meeting", "close")
    panel("start", "S2", "--on", "2026-11-02")
    words = "several kinds of setting will do, and the clock asks by referral.suited_to, which names one"
    assert f"S2, back-again: {words}." in " ".join(panel("due", "--as-of", "2026-11-05").out.split())
    panel("correct", "S2", "--set", "suited_to=inclusion_centre", "--reason", "it is the centre now")
    assert "S2, back-again" not in panel("due", "--as-of", "2026-11-05").out.split("The clocks:")[0].partition("Cannot be told")[2]
    assert "2026-12-14" in panel("due", "--as-of", "2026-12-01").out  # six weeks from Monday 2 November


def test_the_nearest_suitable_setting_is_of_any_of_these_kinds(tmp_path: Path) -> None:
    """S1 goes 6 km to Ashdown, further than 3 miles; but the centre, where there was a place, is 900 m away and would do. Only a low
    income, of which nobody has said anything, could entitle.
    """
    panel = founded(tmp_path, free=3)
    ways = f"pupil,urn,metres,method\nP1,{ASHDOWN},6000,walking\nP1,{CEDAR},7000,walking\nP1,{CENTRE},900,walking\n"
    panel("load", "journeys", str(panel.file("journeys.csv", ways)))
    assert meet(panel, MEETS)["S1"] == ASHDOWN
    panel("decide", "S1", "--confirm")
    panel("meeting", "close")
    (told,) = panel.json("transport", "show")["placements"]
    assert [told["entitlement"][key] for key in ("answer", "by", "nearer")] == ["cannot tell", [], [CENTRE]]
    assert told["entitlement"]["missing"][0] == "low_income"


def test_a_family_is_shown_every_kind_that_the_referral_names(tmp_path: Path) -> None:
    panel = founded(tmp_path, free=3)
    (kept,) = [entry for entry in panel.json("person", "show", "P1")["entries"] if entry["kind"] == "referral made"]
    assert kept["sealed"]["case"]["suited_to"] == ["mainstream", "inclusion_centre"]
