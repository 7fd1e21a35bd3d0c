"""A vote that exempts a school from excluded pupils only: it goes on receiving everybody else.

Harbour's R1 (from Birch) goes to Ashdown; X1 was permanently excluded and would go to Cedar, the family's choice, but for the vote.
"""

from __future__ import annotations

from pathlib import Path

from tests.running import ASHDOWN, BIRCH, CEDAR, HOME, MEETS, Panel, harbour

X1 = "referral,pupil,kind,year_group,home_school,excluded_by,made_on,easting,northing,preferences,ehcp\n"
X1 += f"X1,PX1,permanent_exclusion,8,{BIRCH},{BIRCH},2026-10-01,{HOME},{CEDAR},no\n"
SPAN = ("--from", "2026-10-01", "--until", "2026-12-18", "--reason", "two arrivals at once")


def loaded(folder: Path) -> Panel:
    panel = harbour(folder, "loaded")
    panel("load", "referrals", str(panel.file("x1.csv", X1)))
    return panel


def exempt_at(panel: Panel, school: str) -> list[str]:
    """The cases of a meeting to which the vote closes the school."""
    panel("meeting", "open", "--date", MEETS, "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    panel("allocate")
    cases = ("R1", "R2", "X1")
    return [name for name in cases if "The panel has voted" in panel("explain", name, "--why-not", school).out]


def test_the_vote_keeps_excluded_pupils_away_and_nobody_else(tmp_path: Path) -> None:
    panel = loaded(tmp_path)
    said = panel("exempt", CEDAR, "--of", "permanently_excluded", *SPAN)
    assert said.out == f"{CEDAR}: exempt from permanently excluded pupils, 2026-10-01 to 2026-12-18.\n"
    assert exempt_at(panel, CEDAR) == ["X1"]
    assert {row["referral"]: row["school"] for row in panel.json("allocate", "--again")["placements"]}["X1"] == ASHDOWN
    panel("meeting", "close")
    assert panel.json("audit", "replay")["divergences"] == []


def test_without_whom_it_is_from_everybody_and_a_correction_says_from_whom(tmp_path: Path) -> None:
    panel = loaded(tmp_path)
    assert panel("exempt", CEDAR, *SPAN).out == f"{CEDAR}: exempt from 2026-10-01 to 2026-12-18.\n"
    entry = panel.column("seq", "exemption voted")
    panel("correct", "--entry", entry, "--set", "of=managed_move;permanently_excluded", "--reason", "not from fair access")
    assert exempt_at(panel, CEDAR) == ["R1", "R2", "X1"]


def test_from_both_is_from_everybody_and_is_refused(tmp_path: Path) -> None:
    panel = loaded(tmp_path)
    both = ("--of", "permanently_excluded", "--of", "not_permanently_excluded")
    assert panel.refused("exempt", CEDAR, *both, *SPAN) == (
        "--of: found permanently_excluded and not_permanently_excluded; wanted one of the two, or no --of for everybody.\n"
    )
    panel("exempt", CEDAR, "--of", "managed_move", *SPAN)
    entry = panel.column("seq", "exemption voted")
    words = "of=permanently_excluded;not_permanently_excluded"
    assert "wanted one of the two, or neither for everybody" in panel.refused("correct", "--entry", entry, "--set", words, "--reason", "x")
