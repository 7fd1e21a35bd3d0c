"""A panel that goes round the table within one meeting: the school whose turn was longest ago takes the next pupil, then the next."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.certificate_checker import verify
from tests.running import ASHDOWN, BIRCH, BOOK, CEDAR, DELL, FILES, HOME, MEETS, Panel

TURNS: Final = BOOK.replace("  - share: {load: load, per: roll}\n", "  - rota\n")
HISTORY: Final = f"""\
pupil,school,on,kind,permanently_excluded,year_group,outcome
A1,{ASHDOWN},2026-09-10,managed_move,no,10,
B1,{BIRCH},2026-09-17,managed_move,no,10,
"""
HEADER: Final = (
    "referral,pupil,kind,year_group,home_school,made_on,easting,northing,preferences,ehcp,parent_agrees_on,home_school_agrees_on\n"
)


def referral(number: int, home: str, choice: str) -> str:
    return f"K{number},P{number},managed_move,10,{home},2026-10-01,{HOME},{choice},no,2026-09-30,2026-09-30\n"


TWO: Final = HEADER + referral(1, BIRCH, CEDAR) + referral(2, ASHDOWN, BIRCH)
FOUR: Final = HEADER + referral(1, BIRCH, CEDAR) + referral(2, ASHDOWN, CEDAR) + referral(3, CEDAR, BIRCH) + referral(4, DELL, "")


def drawn(folder: Path, referrals: str, book: str = TURNS) -> Panel:
    """Cedar and Dell never had a turn: theirs is turn 1, Ashdown's turn 2, Birch's turn 3; Dell is to close, and is passed over."""
    panel = Panel(folder / "turns.db")
    panel("init", "--rulebook", str(panel.file("turns.yaml", book)))
    for name, text in {**FILES, "history.csv": HISTORY, "referrals.csv": referrals}.items():
        if name.endswith(".csv"):
            panel("load", name.removesuffix(".csv"), str(panel.file(name, text)))
    panel("meeting", "open", "--date", MEETS, "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    return panel


@pytest.fixture
def two(tmp_path: Path) -> Panel:
    panel = drawn(tmp_path, TWO)
    panel("allocate")
    return panel


def test_nobody_has_a_second_turn_before_everybody_has_had_one(tmp_path: Path) -> None:
    """Cedar 1, Ashdown 2, Birch 3, and Cedar again as turn 4: 10. Then K1, K2 and K3 can all have their first choice."""
    panel = drawn(tmp_path, FOUR)
    data = panel.json("allocate")
    assert {one["referral"]: one["school"] for one in data["placements"]} == {"K1": CEDAR, "K2": CEDAR, "K3": BIRCH, "K4": ASHDOWN}
    assert data["objectives"][1] == {"name": "rota", "of": "everybody", "value": 10}
    panel("decide", "K1", "K2", "K3", "K4", "--confirm")
    assert panel.json("audit", "replay")["ok"]


def test_turns_as_the_meeting_opened_would_not_do(tmp_path: Path) -> None:
    """By `longest_ago` Cedar takes everybody who may go there."""
    placed = drawn(tmp_path, FOUR, TURNS.replace("  - rota\n", "  - longest_ago\n")).json("allocate")["placements"]
    assert {one["referral"]: one["school"] for one in placed} == {"K1": CEDAR, "K2": CEDAR, "K3": ASHDOWN, "K4": CEDAR}


def test_why_a_choice_had_to_wait_for_the_turn(two: Panel) -> None:
    """Cedar and Ashdown are to take one each: K1, who may not go back to Birch, goes to Ashdown, K2, who may not stay there, to Cedar.

    With K1 at Cedar it is Birch that takes K2: turn 3 instead of turn 2.
    """
    said = " ".join(two("explain", "K1", "--why-not", CEDAR).out.split())
    assert "It would be worse for rota: the order of turns; nothing before that would be better." in said
    assert "Ashdown School: 1 -> 0 in this meeting, turn 2 of 3 Birch Academy: 0 -> 1 in this meeting, turn 3 of 3" in said
    assert "later by 1 turn, all together K2 would move to Birch Academy" in said
    told = two.json("explain", "K1", "--why-not", CEDAR)["why_not"]["first_worse"]
    assert (told["objective"], told["by"]) == ("rota", 1)
    assert told["schools"][0] == {"school": ASHDOWN, "before": 1, "after": 0, "turn": 2, "turns": 3}


def test_everybody_at_once(two: Panel) -> None:
    page = two("explain", "--matrix").out
    assert "R rota: the order of turns" in page
    cells = {one["school"]: one for one in two.json("explain", "--matrix")["referrals"][0]["verdicts"]}
    assert (cells[CEDAR]["verdict"], cells[CEDAR]["objective"]) == ("worse", "rota")


def test_what_if_the_panel_met_the_choice(two: Panel) -> None:
    """K1 forced to Cedar: the rota goes from 3 to 4, and the choices are met."""
    objectives = two.json("whatif", "--force", f"K1={CEDAR}")["objectives"]
    found = {one["name"]: (one["before"], one["after"], one["change"]) for one in objectives}
    assert found["rota"] == (3, 4, "worse")
    assert found["preference"] == (8, 2, "better")


def test_the_auditors_own_checker_agrees(two: Panel) -> None:
    data = two.json("audit", "certificate", two.column("seq", "placements proposed"))
    rota = next(one for one in data["problem"]["objectives"] if one["kind"] == "rota")
    assert rota["turns"] == 3
    assert {tally["setting"]: (tally["already"], tally["against"]) for tally in rota["tallies"]} == {
        CEDAR: (0, 1), DELL: (0, 1), ASHDOWN: (0, 2), BIRCH: (0, 3),
    }  # fmt: skip
    assert verify(data).unique


def test_the_next_meeting_begins_where_this_one_ended(two: Panel) -> None:
    """Cedar and Ashdown took one each on the day of this meeting: Dell never, then Birch, then those two with one number."""
    before = {one["school"]: one["rotas"] for one in two.json("position")["schools"]}
    assert before[BIRCH] == [{"of": "everybody", "turn": 3}]
    two("decide", "K1", "K2", "--confirm")
    two("meeting", "close")
    after = {one["school"]: one["rotas"][0]["turn"] for one in two.json("position", "--as-of", "2026-11-30")["schools"]}
    assert after == {DELL: 1, BIRCH: 2, ASHDOWN: 3, CEDAR: 3}
    assert "rota: the number of the school's next turn, from 1." in two("position").out
