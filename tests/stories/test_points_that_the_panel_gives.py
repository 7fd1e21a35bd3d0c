"""The panel weighs a case by a form of its own: its points in place of those of the tariff, from the meeting to the record."""

from __future__ import annotations

from pathlib import Path

from tests.running import ASHDOWN, BIRCH, BOOK, CEDAR, Panel
from tests.stories.test_points_that_add_up import ADDED, REFERRALS, opened, told


def given(**points: str) -> str:
    """The referrals of that sheet, each with the points of the panel's form or without."""
    head, *rows = REFERRALS.splitlines()
    return "\n".join((f"{head},points", *(f"{row},{points.get(row.partition(',')[0], '')}" for row in rows), ""))


def placed(panel: Panel) -> dict[str, str]:
    panel("meeting", "draw", "--words", "heron")
    data = panel.json("allocate")
    return {row["referral"]: row["school"] for row in data["placements"]}


def loads(panel: Panel) -> dict[str, int]:
    return {one["school"]: one["load"] for one in panel.json("position")["schools"]}


def test_a_case_weighs_what_the_form_says_and_goes_on_doing_so(tmp_path: Path) -> None:
    """The sheet says X 6, B 0, C 1, D 2. The form says that B weighs 9 and X nothing.

    B may not stay at Birch: 9/1000 at Ashdown. Then D's 2 are 2/800 at Cedar, and C's 1 is 1/500 at Birch; X, of none, goes anywhere.
    """
    panel = opened(tmp_path, referrals=given(B="9", X="0"))
    schools = placed(panel)
    assert {name: schools[name] for name in ("B", "C", "D")} == {"B": ASHDOWN, "C": BIRCH, "D": CEDAR}
    assert "Weighs 9 points: given with the referral, in place of the tariff's." in told(panel, "B")
    assert panel.json("explain", "B")["weighs"] == {"points": 9, "lines": {}, "added": True, "given": True}
    assert "Weighs 1 point: poor-attendance 1." in told(panel, "C")
    panel("decide", "X", "B", "C", "D", "--confirm")
    assert {urn: loads(panel)[urn] for urn in (ASHDOWN, BIRCH, CEDAR)} == {ASHDOWN: 9, BIRCH: 1, CEDAR: 2}
    assert panel.json("audit", "replay")["ok"]


def test_whoever_was_given_points_is_not_held_for_what_the_tariff_asks(tmp_path: Path) -> None:
    panel = opened(tmp_path, referrals=given(C="4").replace("600,14", ",14"))
    assert panel.json("allocate", "--dry-run")["held"] == []
    assert "Weighs 4 points: given with the referral" in told(panel, "C")


def test_the_points_are_sealed_corrected_and_looked_at(tmp_path: Path) -> None:
    panel = opened(tmp_path, referrals=given(B="9"))
    assert "points" not in panel.column("body", "referral made")
    panel("meeting", "close")
    panel("correct", "B", "--set", "points=2", "--reason", "added up again")
    panel("meeting", "open", "--date", "2026-11-12", "--chair", "Okafor")
    assert panel.json("explain", "B")["weighs"]["points"] == 2
    said = panel.refused("correct", "B", "--set", "points=1001", "--reason", "added up again")
    assert "points: found '1001'; wanted 0 to 1000" in said


def test_who_is_erased_weighs_what_it_weighed(tmp_path: Path) -> None:
    panel = opened(tmp_path, referrals=given(B="9"))
    placed(panel)
    panel("decide", "X", "B", "C", "D", "--confirm")
    panel("meeting", "close")
    before = loads(panel)
    panel("person", "erase", "P2", "--reason", "moved away", "--yes")
    assert loads(panel) == before


def test_a_hold_waits_for_the_form(tmp_path: Path) -> None:
    hold = """\
holds:
  - id: form-first
    when: referral.points_given is unknown
    say: The form has not been filled in.
    examples:
      - {name: no form, given: {referral.points_given: unknown}, expect: fires}
      - {name: a form, given: {referral.points_given: 0}, expect: silent}
"""
    panel = opened(tmp_path, ADDED.replace("holds:\n", hold), given(B="9", X="0", C="1"))
    assert [one["referral"] for one in panel.json("allocate", "--dry-run")["held"]] == ["D"]


def test_points_that_nothing_weighs_are_told(tmp_path: Path) -> None:
    heads = opened_with(tmp_path / "heads", BOOK)
    assert "B: the case has points (points), and nothing in 'harbour' weighs them: that needs `weigh: points`." in heads


def test_points_beyond_what_a_limit_divides_by_are_told(tmp_path: Path) -> None:
    """The lines come to 6 together: B's 9 are more than the limit reckons with."""
    limit = """\
limits:
  - id: thirty
    per: school
    room: (30 - school.load) // 6
    say: "{school.name} takes no more than 30 points."
    examples:
      - {name: some left, given: {school.load: 23}, expect: 1}
      - {name: none left, given: {school.load: 25}, expect: 0}
"""
    said = opened_with(tmp_path / "divided", ADDED.replace("limits:\n", limit))
    assert "B: the case has more points (points) than any line of the tariff, 6, by which limit thirty divides what is left" in said


def opened_with(folder: Path, book: str) -> str:
    """What the opening of a meeting says to the clerk, with B of 9 points."""
    folder.mkdir()
    panel = opened(folder, book, given(B="9"))
    panel("meeting", "close")
    return " ".join(panel("meeting", "open", "--date", "2026-11-12", "--chair", "Okafor").err.split())


def test_what_a_case_weighs_is_what_a_hold_reads(tmp_path: Path) -> None:
    """B was given 9; X has 6 by the sheet."""
    hold = """\
holds:
  - id: heavy
    when: referral.points > 8
    say: "Weighs {referral.points}: another panel hears it."
    examples:
      - {name: heavy, given: {referral.points: 9}, expect: fires}
      - {name: light, given: {referral.points: 8}, expect: silent}
"""
    panel = opened(tmp_path, ADDED.replace("holds:\n", hold), given(B="9"))
    assert [(one["referral"], one["holds"]) for one in panel.json("allocate", "--dry-run")["held"]] == [("B", ["heavy"])]
