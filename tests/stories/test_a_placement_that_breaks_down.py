"""A placement breaks down, and in the same step the case comes back: as a referral that knows its history."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.courses import ASH, BEECH, BOOK, COB, agreed, clean, flat, loads, meet, placed, refer, rolls, weir
from tests.running import Panel


def at_beech(folder: Path, book: str = BOOK, *more: str) -> Panel:
    """R1 has moved from Ash to Beech, for good, on 2 November 2026."""
    panel = weir(folder, book=book)
    refer(panel, "R1", "P1", "managed_move", *more)
    meet(panel, "2026-10-22", "R1")
    agreed(panel)
    panel("start", "R1", "--on", "2026-11-02")
    return panel


def test_the_case_comes_back_from_where_the_pupil_is_on_roll(tmp_path: Path) -> None:
    panel = at_beech(tmp_path, BOOK, "--kept-apart", f"{COB}:complaint", "--attendance", "910", "--suspended-days", "12")
    assert rolls(panel, "2026-11-02") == {ASH: 169, BEECH: 171}
    said = panel("break-down", "R1", "--on", "2027-01-20", "--reason", "attendance fell to a third; Sam Sands")
    assert said.out == "R1: broke down, 2027-01-20. The case comes back as R1-2, from 200002.\n"
    assert rolls(panel, "2027-01-20") == {ASH: 169, BEECH: 171}  # Beech has the pupil until the panel finds another place
    assert "Sands" not in panel.bodies()
    entries = panel.json("person", "show", "P1")["entries"]
    made = next(one for one in entries if one["open"].get("referral") == "R1-2")
    assert made["open"] == {
        "pupil": "P1",
        "referral": "R1-2",
        "referral_kind": "managed_move",
        "permanently_excluded": False,
        "year_group": 9,
        "home_school": BEECH,
        "made_on": "2027-01-20",
        "follows": "R1",
    }
    case = made["sealed"]["case"]
    assert case["kept_apart"] == {COB: "complaint"}
    assert case["attended"] == [ASH]
    assert not {"attendance", "suspended_days"} & case.keys()  # this year's, at the other school
    assert "interventions_evidenced" not in case  # what Ash tried says nothing of Beech


def test_a_name_is_no_reference_of_the_case_that_comes_back(tmp_path: Path) -> None:
    """And what was typed is not repeated."""
    panel = at_beech(tmp_path)
    gone = ("break-down", "R1", "--on", "2027-01-20", "--reason", "x", "--as")
    said = panel.refused(*gone, "Sam Sands")
    assert said == "The new referral wants a reference of at most 60 characters without spaces, never a name.\n"
    assert "A spreadsheet would take = at the beginning for a formula" in panel.refused(*gone, "=R1")
    panel(*gone, "R1/2")


def test_the_next_meeting_hears_it_with_its_history(tmp_path: Path) -> None:
    panel = at_beech(tmp_path)
    panel("break-down", "R1", "--on", "2027-01-20", "--reason", "x")
    held = meet(panel, "2027-01-21")["held"]
    assert [row["holds"] for row in held] == [["agreement-to-seek"]]  # the agreements were to another move
    for who in ("parent", "home-school"):
        panel("agree", "R1-2", "--by", who, "--on", "2027-01-22")
    # Beech is the home school now, so it is barred twice; Ash is open again, but the family named Cob.
    assert placed(meet(panel, "2027-02-04", "R1-2")) == {"R1-2": COB}
    assert panel.json("explain", "R1-2", "--why-not", BEECH)["why_not"]["bars"] == ["another-school", "broke-down-here"]
    assert "second-time: An earlier placement of this pupil broke down." in panel("explain", "R1-2").out
    agreed(panel, "R1-2", COB, "2027-02-05")
    panel("start", "R1-2", "--on", "2027-02-08")
    assert rolls(panel, "2027-02-08") == {ASH: 169, BEECH: 170}
    assert loads(panel) == {BEECH: 1, COB: 1}  # it keeps counting unless the book says otherwise
    panel("break-down", "R1-2", "--on", "2027-03-01", "--reason", "x", "--kind", "fair_access")
    assert panel.json("case", "R1-3")["kind"] == "fair_access"
    clean(panel)


def test_a_book_may_give_the_school_its_turn_back(tmp_path: Path) -> None:
    panel = at_beech(tmp_path, BOOK.replace("over: academic_year}\n  after", "over: academic_year, broken_down: drop}\n  after"))
    panel("break-down", "R1", "--on", "2027-01-20", "--reason", "x")
    assert loads(panel, "--as-of", "2027-01-19") == {BEECH: 1}
    assert loads(panel, "--as-of", "2027-01-20") == {}
    clean(panel)


def test_a_school_the_pupil_was_at_is_known_for_one(tmp_path: Path) -> None:
    """`candidate.attended_before`, here as a bar, closes Ash, where the pupil came from, and Beech, where it broke down."""
    bar = """\
bars:
  - id: been-there
    when: candidate.attended_before
    say: The pupil was at {school.name} before.
    examples:
      - {name: was, given: {candidate.attended_before: true}, expect: fires}
      - {name: was not, given: {candidate.attended_before: false}, expect: silent}
"""
    panel = at_beech(tmp_path, BOOK.replace("bars:\n", bar))
    panel("break-down", "R1", "--on", "2027-01-20", "--reason", "x")
    meet(panel, "2027-01-21")
    for urn, bars in ((ASH, ["been-there"]), (BEECH, ["been-there", "broke-down-here", "another-school"]), (COB, [])):
        assert sorted(panel.json("explain", "R1-2", "--why-not", urn)["why_not"]["bars"]) == sorted(bars)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--on", "2026-11-01"), "R1: found 2026-11-01; wanted 2026-11-02 or later, the day of what came before it. What may come next:"),
        (("--on", "2027-01-20", "--as", "R1"), "There is a referral R1 already. Name another one with --as."),
        (("--on", "2029-09-20"), "The pupil is of year 12 by 2029-09-20; this panel places pupils of years 7 to 11.\n"),
    ],
)
def test_what_cannot_be(tmp_path: Path, words: tuple[str, ...], why: str) -> None:
    panel = at_beech(tmp_path)
    assert panel.refused("break-down", "R1", *words, "--reason", "x").startswith(why)


def test_there_is_one_open_referral_for_each_pupil(tmp_path: Path) -> None:
    panel = at_beech(tmp_path)
    refer(panel, "R7", "P1", home=BEECH)
    assert panel.refused("break-down", "R1", "--on", "2027-01-20", "--reason", "x") == (
        "R7 of the same pupil is not decided yet; there is one open case for each pupil. "
        "Decide that one, or withdraw it first: `pastoral withdraw R7 --on DATE --reason TEXT`.\n"
    )


def test_it_breaks_down_once(tmp_path: Path) -> None:
    panel = at_beech(tmp_path)
    panel("break-down", "R1", "--on", "2027-01-20", "--reason", "x")
    assert panel.refused("break-down", "R1", "--on", "2027-01-21", "--reason", "x") == (
        "R1: its placement broke down on 2027-01-20. Nothing more may come.\n"
    )
    assert "It came back as R1-2." in flat(panel("case", "R1"))
