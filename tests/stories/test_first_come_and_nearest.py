"""A protocol that takes cases in the order of their days, asks the nearest school that could take each, and has boards by area."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.certificate_checker import verify
from tests.running import ASHDOWN, BIRCH, BOOK, CEDAR, DELL, FILES, MEETS, SCHOOLS, Panel

AIMS: Final = "  - share: {load: load, per: roll}\n  - preference: {unranked: 4}\n  - journey\n"
TIERS: Final = """\
tiers:
  - id: nearest
    tier: 1
    when: candidate.nearness is known and candidate.nearness == 1
    examples:
      - {name: the nearest, given: {candidate.nearness: 1}, expect: fires}
      - {name: the second, given: {candidate.nearness: 2}, expect: silent}
      - {name: nobody has measured, given: {candidate.nearness: unknown}, expect: silent}
  - {id: others, tier: 2, when: true}
objectives:
"""
IN_ORDER: Final = BOOK.replace("objectives:\n", TIERS).replace(AIMS, "  - case_by_case: {by: [tier, journey]}\n")
HEAD: Final = (
    "referral,pupil,kind,year_group,home_school,made_on,accepted_on,easting,northing,ehcp,parent_agrees_on,home_school_agrees_on,area\n"
)


def referral(number: int, accepted: str, easting: int, area: str = "") -> str:
    return f"K{number},P{number},managed_move,9,{DELL},2026-09-01,{accepted},{easting},400000,no,2026-09-01,2026-09-01,{area}\n"


TWO: Final = HEAD + referral(1, "2026-09-23", 620000) + referral(2, "2026-09-02", 622000)


def loaded(folder: Path, book: str, referrals: str = TWO, **files: str) -> Panel:
    panel = Panel(folder / "order.db")
    panel("init", "--rulebook", str(panel.file("order.yaml", book)))
    for name, text in {**FILES, "referrals.csv": referrals, **{f"{what}.csv": text for what, text in files.items()}}.items():
        if name.endswith(".csv"):
            panel("load", name.removesuffix(".csv"), str(panel.file(name, text)))
    return panel


def drawn(panel: Panel) -> Panel:
    panel("meeting", "open", "--date", MEETS, "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    return panel


def placed(panel: Panel) -> dict[str, str]:
    return {one["referral"]: one["school"] for one in panel.json("allocate")["placements"]}


def test_the_earlier_case_has_the_one_place_at_its_nearest_school(tmp_path: Path) -> None:
    """Ashdown has one place in year 9, and is nearest to both: K1 lives beside it, K2 2.6 km away. Birch is 7.8 and 5.2 km away.

    All journeys together are shortest with K1 at Ashdown. K2 was accepted three weeks before K1.
    """
    assert placed(drawn(loaded(tmp_path, BOOK.replace(AIMS, "  - journey\n")))) == {"K1": ASHDOWN, "K2": BIRCH}
    (tmp_path / "other").mkdir()
    panel = drawn(loaded(tmp_path / "other", IN_ORDER))
    assert placed(panel) == {"K2": ASHDOWN, "K1": BIRCH}
    data = panel.json("allocate", "--again")
    assert data["objectives"][1] == {"name": "case_by_case", "of": "everybody", "value": [1, 2600, 2, 7800]}
    panel("decide", "K1", "K2", "--confirm")
    assert panel.json("audit", "replay")["ok"]
    seq = int(panel.column("seq", "placements proposed"))
    assert verify(panel.json("audit", "certificate", str(seq))).unique


def test_why_the_later_case_gives_way(tmp_path: Path) -> None:
    panel = drawn(loaded(tmp_path, IN_ORDER))
    panel("allocate")
    said = " ".join(panel("explain", "K1", "--why-not", ASHDOWN).out.split())
    assert "worse for case by case: the cases in the order of their days; nothing before that would be better." in said
    assert "worse by 1 in the order of approach for K2, whose case is earlier K2 would move to Birch Academy" in said
    worse = panel.json("explain", "K1", "--why-not", ASHDOWN)["why_not"]["first_worse"]
    assert (worse["objective"], worse["by"], worse["measure"], worse["referrals"]) == ("case_by_case", 1, "tier", ["K2"])


def test_every_page_shows_what_each_case_comes_to(tmp_path: Path) -> None:
    """Case after case, tier and metres: K2 1 and 2600, then K1 2 and 7800; with K1 at Ashdown K2 comes to 2 and 5200 first."""
    panel = drawn(loaded(tmp_path, IN_ORDER))
    said = panel("allocate").out
    assert "case by case: the cases in the order of their days" in " ".join(said.split())
    assert "1, 2600, 2, ..." in said
    assert "1, 2600, 2" in panel("whatif", "--force", f"K1={ASHDOWN}").out
    (worth,) = [one for one in panel.json("whatif", "--force", f"K1={ASHDOWN}")["objectives"] if one["name"] == "case_by_case"]
    assert (worth["before"], worth["after"], worth["change"]) == ([1, 2600, 2, 7800], [2, 5200, 1, 0], "worse")
    # Without K2 the first case of all is K1's: its tier stands where K2's stood, and nothing is better or worse by that.
    (worth,) = [one for one in panel.json("whatif", "--withdraw", "K2")["objectives"] if one["name"] == "case_by_case"]
    assert (worth["before"], worth["after"], worth["change"]) == ([1, 2600, 2, 7800], [1, 0], "not compared")
    assert "C" in panel("explain", "--matrix").out
    panel("decide", "K1", "K2", "--confirm")
    panel("meeting", "close")
    assert panel("position").code == 0


def test_the_home_school_is_not_the_nearest(tmp_path: Path) -> None:
    """Dell, 1.3 km from K2, is where K2 comes from: the nearest that could receive K2 is Ashdown."""
    panel = drawn(loaded(tmp_path, IN_ORDER))
    panel("allocate")
    assert "2.6 km from home, the nearest that could receive this pupil." in " ".join(panel("explain", "K2").out.split())
    assert "7.8 km from home, the 2nd nearest that could receive this pupil." in " ".join(panel("explain", "K1").out.split())


FEDERATIONS: Final = {ASHDOWN: "North", BIRCH: "South", CEDAR: "South", DELL: "North"}
BOARDS: Final = BOOK.replace(
    "bars:\n",
    """\
bars:
  - id: another-board
    when: not candidate.in_area_of_home
    say: "{school.name} is not of the board where the child lives."
    examples:
      - {name: of the same, given: {candidate.in_area_of_home: true}, expect: silent}
      - {name: of another, given: {candidate.in_area_of_home: false}, expect: fires}
      - {name: nobody has said where, given: {candidate.in_area_of_home: unknown}, expect: cannot tell}
""",
)


def boards(folder: Path, *areas: str) -> Panel:
    head, *rows = SCHOOLS.splitlines()
    schools = "\n".join((f"{head},Federation", *(f"{row},{FEDERATIONS[row[:6]]}" for row in rows), ""))
    referrals = HEAD + "".join(referral(n, "2026-09-02", 622000, area) for n, area in enumerate(areas, start=1))
    return loaded(folder, BOARDS, referrals, schools=schools)


def test_a_board_takes_the_children_who_live_in_its_area(tmp_path: Path) -> None:
    """K1 lives in the south, though the north is nearer, and comes from a school of the north; K2 lives in the north."""
    panel = drawn(boards(tmp_path, "South", "North"))
    assert placed(panel) == {"K1": CEDAR, "K2": ASHDOWN}
    assert "Ashdown School is not of the board where the child lives." in panel("explain", "K1", "--why-not", ASHDOWN).out
    assert "South" not in panel.column("body", "referral made")


@pytest.mark.parametrize("area", ["", "Sout"])
def test_where_nobody_has_said_it_the_case_is_held_and_a_word_of_no_board_is_told(area: str, tmp_path: Path) -> None:
    panel = boards(tmp_path, area, "North")
    opened = panel("meeting", "open", "--date", MEETS, "--chair", "Okafor")
    said = " ".join((opened.out + opened.err).split())
    assert ("K1: the area of the case is no school's Federation" in said) is (area == "Sout")
    panel("meeting", "draw", "--words", "heron")
    held = panel.json("allocate")["held"]
    assert [one["referral"] for one in held] == (["K1"] if area == "" else [])
    if area == "":
        told = " ".join(panel("explain", "K1").out.split())
        assert "candidate.in_area_of_home is told by the referral's column area, and" in told
    panel("correct", "K1", "--set", "area=South", "--reason", "told by the family")


def test_the_opening_says_nothing_of_settings_that_could_not_receive(tmp_path: Path) -> None:
    """An unguarded tier is unknown at the home school, which a bar closes anyway; where nobody has measured it is told."""
    book = IN_ORDER.replace("candidate.nearness is known and candidate.nearness == 1", "candidate.nearness == 1")
    book = book.replace("      - {name: nobody has measured, given: {candidate.nearness: unknown}, expect: silent}\n", "")
    opened = loaded(tmp_path, book)("meeting", "open", "--date", MEETS, "--chair", "Okafor")
    assert "candidate.nearness" not in opened.out + opened.err
