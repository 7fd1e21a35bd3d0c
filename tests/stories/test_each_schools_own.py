"""A quota of each school's own and one of each year group, at the table: opened with a fact missing, allocated, looked back on."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.running import ASHDOWN, BIRCH, BOOK, CEDAR, DELL, FILES, MEETS, Panel

OWN: Final = BOOK.replace(
    "limits:\n",
    "  excluded: {of: placements, where: admission.after_exclusion, over: academic_year}\n"
    "  in_year: {of: placements, over: academic_year, per: year_group}\nlimits:\n",
    1,
).replace(
    "  - share: {load: load, per: roll}\n",
    "  - quota: {count: in_year, limit: year.pan // 90 - school.permanent_exclusions}\n  - share: {load: in_year, per: pan}\n",
)


def test_what_each_year_group_has_left(tmp_path: Path) -> None:
    """PAN 180 leaves two a year group, one at Ashdown, which excluded somebody. R1 and R2 are the second and third of year 9.

    R1 (not to Birch, its home) and R2 (not to Ashdown): one at Ashdown and one at Cedar, or R1 at Cedar and R2 at Birch. R6
    may go to Birch alone. Nobody is beyond a quota, and each year group has at most one; the choice of R1 is Cedar.
    """
    panel = Panel(tmp_path / "own.db")
    panel("init", "--rulebook", str(panel.file("own.yaml", OWN)))
    for what in ("schools", "places", "terms", "referrals"):
        panel("load", what, str(panel.file(f"{what}.csv", FILES[f"{what}.csv"])))
    excluded = f"pupil,school,on,year_group\nX1,{ASHDOWN},2026-09-10,10\n"
    panel("load", "exclusions", str(panel.file("exclusions.csv", excluded)))
    panel("meeting", "open", "--date", MEETS, "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    answer = panel.json("allocate")
    assert {one["referral"]: one["school"] for one in answer["placements"]} == {"R1": CEDAR, "R2": BIRCH, "R6": BIRCH}
    quota, share = answer["objectives"][1:3]
    assert quota["value"] == {"excess": 0, "by_school": [0] * 12}, "four schools, years 8, 9 and 11"
    assert share["value"] == ["1/180"] * 3 + ["0/1"] * 9
    panel("decide", "R1", "R2", "R6", "--confirm")
    schools = {one["school"]: one for one in panel.json("position")["schools"]}
    assert schools[ASHDOWN]["quota_left"] is None
    left = {urn: [quota["left"] for quota in one["quotas"]] for urn, one in schools.items()}
    assert left == {ASHDOWN: [1, 1, 1, 1], BIRCH: [1, 1, 2, 2], CEDAR: [2, 1, 2, 2], DELL: [2, 2, 2, 2]}
    assert schools[CEDAR]["shares"][1] == {
        "count": "in_year",
        "of": "everybody",
        "year_group": 9,
        "load": 1,
        "share": 180,
        "ratio": "1/180",
    }
    said = panel("position").out
    assert "in year in each year group: what the quota leaves." in said
    assert f"{'Cedar High School (100003)':28}2  1   2   2" in said
    assert "1 proposal(s) replayed" in panel("audit", "replay").out
