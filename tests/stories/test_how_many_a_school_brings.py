"""No school brings more than two cases to a meeting: the first two by the day accepted are heard, and the third waits.

Harbour's three cases of Birch for 22 October 2026 were accepted on the 12th (B1), the 5th (B2) and the 12th (B3, recorded last); one
of Cedar comes besides, and one of no school.
"""

from __future__ import annotations

from pathlib import Path

from tests.running import BIRCH, BOOK, CEDAR, FILES, HOME, MEETS, Panel

TWO = BOOK.replace(
    "holds:\n",
    """\
holds:
  - id: two-at-a-meeting
    when: referral.nth_of_home_school is known and referral.nth_of_home_school > 2
    say: The home school brings no more than two cases to a meeting.
    examples:
      - {name: the third, given: {referral.nth_of_home_school: 3}, expect: fires}
      - {name: the second, given: {referral.nth_of_home_school: 2}, expect: silent}
      - {name: of no school, given: {referral.nth_of_home_school: unknown}, expect: silent}
""",
    1,
)
COLUMNS = "referral,pupil,kind,year_group,home_school,made_on,accepted_on,easting,northing,ehcp,parent_agrees_on,home_school_agrees_on\n"


def case(name: str, home: str, accepted: str, kind: str = "managed_move") -> str:
    agreed = "2026-10-01,2026-10-01" if kind == "managed_move" else ","
    return f"{name},P{name},{kind},8,{home},2026-10-02,{accepted},{HOME},no,{agreed}\n"


def opened(folder: Path) -> Panel:
    panel = Panel(folder / "harbour.db")
    panel("init", "--rulebook", str(panel.file("harbour.yaml", TWO)))
    for kind in ("schools", "terms", "places"):
        panel("load", kind, str(panel.file(f"{kind}.csv", FILES[f"{kind}.csv"])))
    rows = case("B1", BIRCH, "2026-10-12") + case("B2", BIRCH, "2026-10-05") + case("C1", CEDAR, "2026-10-19")
    rows += case("N1", "none", "2026-10-19", "fair_access") + case("B3", BIRCH, "2026-10-12")
    panel("load", "referrals", str(panel.file("referrals.csv", COLUMNS + rows)))
    panel("meeting", "open", "--date", MEETS, "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    return panel


def test_the_third_case_of_a_school_waits_also_when_the_first_two_are_decided(tmp_path: Path) -> None:
    panel = opened(tmp_path)
    proposed = panel.json("allocate")
    assert [(row["referral"], row["holds"]) for row in proposed["held"]] == [("B3", ["two-at-a-meeting"])]
    assert "The home school brings no more than two cases to a meeting." in panel("explain", "B3").out
    panel("decide", "B1", "B2", "C1", "N1", "--confirm")
    assert "two-at-a-meeting" in panel.refused("decide", "B3", "--school", CEDAR, "--reason", "there is time")
    panel("meeting", "close")
    assert panel.json("audit", "replay")["divergences"] == []
    # At the next meeting it is the first of its school.
    panel("meeting", "open", "--date", "2026-11-05", "--chair", "Okafor")
    panel("meeting", "draw", "--words", "wren")
    assert panel.json("allocate")["held"] == []


def test_a_case_that_is_accepted_later_goes_behind(tmp_path: Path) -> None:
    """B1 of the 12th is before B3 of the 12th, which was recorded after it; B2 of the 5th is before both."""
    panel = opened(tmp_path)
    panel("meeting", "close")
    panel("correct", "B1", "--set", "accepted_on=2026-10-13", "--reason", "the letter is of the 13th")
    panel("meeting", "open", "--date", "2026-10-29", "--chair", "Okafor")
    panel("meeting", "draw", "--words", "wren")
    assert [row["referral"] for row in panel.json("allocate")["held"]] == ["B1"]
