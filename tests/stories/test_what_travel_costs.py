"""The authority looks at what travel costs it: committed, beyond the cheapest lawful school, entitled, claimed."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.running import ASHDOWN, BIRCH, CEDAR, FILES, MEETS, Panel

JOURNEYS: Final = f"""\
pupil,urn,metres,pence_per_year,method
P1,{ASHDOWN},3000,10000,walked
P1,{CEDAR},5000,45000,walked
P2,{BIRCH},2000,0,walked
P2,{CEDAR},6000,50000,walked
P6,{BIRCH},4829,30000,walked
"""


REFERRALS: Final = "".join(line + (",low_income\n" if n == 0 else ",no\n") for n, line in enumerate(FILES["referrals.csv"].splitlines()))


@pytest.fixture
def panel(tmp_path: Path) -> Panel:
    """R1 to Ashdown, R2 to Cedar, R6 to Birch, from 22 October 2026; a budget of 800.00."""
    panel = Panel(tmp_path / "travel.db")
    files = {**FILES, "journeys.csv": JOURNEYS, "referrals.csv": REFERRALS}
    panel("init", "--rulebook", str(panel.file("harbour.yaml", FILES["harbour.yaml"])))
    for what in ("schools", "places", "terms", "referrals", "journeys"):
        panel("load", what, str(panel.file(f"{what}.csv", files[f"{what}.csv"])))
    panel("budget", "set", "--year", "2026", "--pence", "80000")
    panel("meeting", "open", "--date", MEETS, "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    placed = {one["referral"]: one["school"] for one in panel.json("allocate")["placements"]}
    assert placed == {"R1": ASHDOWN, "R2": CEDAR, "R6": BIRCH}
    panel("decide", "R1", "R2", "R6", "--confirm")
    panel("meeting", "close")
    return panel


def test_each_placement_beside_the_cheapest_lawful_one(panel: Panel) -> None:
    """R2 could lawfully have gone to Birch for nothing; the share of the load came first. R1 could not have gone to Cedar:
    its one place in year 9 went to R2. 314 of the year's 365 days are left from 22 October."""
    seen = panel.json("transport", "show")
    assert (seen["academic_year"], seen["budget_pence"], seen["committed_pence_a_year"]) == (2026, 80000, 90000)
    assert seen["falls_in_year_pence"] == 8603 + 43014 + 25808
    assert seen["beyond_cheapest_pence_a_year"] == 50000
    assert seen["months"] == [{"month": "2026-10", "placements": 3, "committed_pence_a_year": 90000, "so_far_pence_a_year": 90000}]
    by_referral = {one["referral"]: one for one in seen["placements"]}
    assert by_referral["R2"]["cheapest"] == {"school": BIRCH, "pence_a_year": 0}
    assert [by_referral[name]["lawful"] for name in ("R1", "R2", "R6")] == [1, 2, 1]
    said = panel("transport", "show").out
    assert "Budget: £800.00; £100.00 beyond it." in said
    assert "R2        Cedar High School  £500.00     £0.00  £500.00             no" in said


def test_who_is_entitled(panel: Panel) -> None:
    """R6 lives 4,829 metres from the only school that could take it. R1 is within three miles, and nobody has said more."""
    answers = {one["referral"]: one["entitlement"] for one in panel.json("transport", "show")["placements"]}
    assert answers["R6"] == {"answer": "yes", "by": ["the distance"], "missing": [], "nearer": []}
    assert answers["R1"] == {"answer": "cannot tell", "by": [], "missing": [f"safe_route to {ASHDOWN}", "cannot_walk"], "nearer": []}
    assert answers["R2"] == {"answer": "no", "by": [], "missing": [], "nearer": [BIRCH]}
    said = " ".join(panel("transport", "show").out.split())
    assert "R1: whether travel is free cannot be told; not recorded: safe_route to Ashdown School; cannot_walk." in said
    assert "R2: no entitlement by what is recorded; whether the panel's own placing entitles is for the authority to say;" in said


def test_claims_of_one_placement(panel: Panel) -> None:
    autumn = ("--from", "2026-11-02", "--until", "2026-12-18")
    assert panel("transport", "claim", "R6", "--pence", "9000", *autumn).out == "R6: £90.00 claimed for 2026-11-02 to 2026-12-18.\n"
    assert "was claimed for R6 already" in panel.refused(
        "transport", "claim", "R6", "--pence", "1", "--from", "2026-12-18", "--until", "2026-12-18"
    )
    early = ("--from", "2026-10-21", "--until", "2026-10-23")
    assert "wanted 2026-10-22 or later" in panel.refused("transport", "claim", "R6", "--pence", "1", *early)
    assert "R4 is waiting" in panel.refused("transport", "claim", "R4", "--pence", "1", *autumn)
    panel("transport", "claim", "R6", "--pence", "11000", "--from", "2027-01-04", "--until", "2027-03-25")
    assert panel.json("transport", "show", "--as-of", "2026-12-31")["claimed_pence"] == 9000
    assert panel.json("transport", "show", "--as-of", "2027-03-31")["claimed_pence"] == 20000
    assert panel.json("audit", "replay")["ok"]


def test_what_was_taken_back_costs_nothing(panel: Panel) -> None:
    """Cedar does not agree: R2 returns to the next agenda, and its 500.00 with it."""
    panel("refuse", "R2", "--by", CEDAR, "--reason", "the group is full")
    seen = panel.json("transport", "show")
    assert seen["committed_pence_a_year"] == 40000
    assert [one["referral"] for one in seen["placements"]] == ["R1", "R6"]


def test_another_year(panel: Panel) -> None:
    seen = panel.json("transport", "show", "--year", "2025")
    assert seen["placements"] == []
    assert "No budget is recorded" in panel("transport", "show", "--year", "2025").out
