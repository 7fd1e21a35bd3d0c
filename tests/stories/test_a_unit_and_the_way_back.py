"""A pupil who was permanently excluded is admitted to a unit, and later finds the way back into a school: each decided by itself."""

from __future__ import annotations

from pathlib import Path

from tests.courses import ASH, BEECH, UNIT, clean, flat, loads, meet, placed, refer, rolls, taken_at_the_unit, weir


def test_into_the_unit_and_out_of_it(tmp_path: Path) -> None:
    """The Weir Unit has 8 places, 2 of them taken; year 9 of Ash counted 170 with the pupil."""
    panel = weir(tmp_path)
    panel("exclusion", "record", "--pupil", "P1", "--school", ASH, "--on", "2026-09-28", "--year-group", "9")
    refer(panel, "R1", "P1", "permanent_exclusion", "--suited-to", "pru")
    assert placed(meet(panel, "2026-10-08", "R1")) == {"R1": UNIT}
    panel("education", "R1", "--on", "2026-10-05")  # somewhere else meanwhile: the sixth school day did not wait for the panel
    panel("tell", "R1", "--on", "2026-10-09")
    panel("start", "R1", "--on", "2026-10-12")
    assert panel.refused("end", "R1", "--as", "return", "--on", "2026-12-01").startswith(
        "R1: the placement is an admission: after its start nothing follows but a break-down, or that the pupil leaves."
    )
    # The way back is a referral of its own, from the unit, made by those who think that the pupil is ready.
    refer(panel, "R2", "P1", "reintegration", "--made-on", "2026-12-01", home=UNIT)
    assert placed(meet(panel, "2027-01-07", "R2")) == {"R2": BEECH}
    panel("start", "R2", "--on", "2027-01-11")
    assert [taken_at_the_unit(panel, day) for day in ("2026-10-07", "2026-10-08", "2027-01-10", "2027-01-11")] == [2, 3, 3, 2]
    assert rolls(panel, "2027-01-11") == {ASH: 169, BEECH: 171}
    assert loads(panel) == {BEECH: 1, UNIT: 1}
    assert flat(panel("case", "R2")).startswith("R2 (reintegration): at Beech School (200002) since 2027-01-11, to stay.")
    assert [line["said"] for line in panel.json("case", "R1")["history"]] == [
        "referred: permanent exclusion, year 9",
        "full-time education began",
        "meeting 1: confirmed for Weir Unit (200009), from 2026-10-08",
        "the family was told of the decision",
        "first day at Weir Unit (200009)",
    ]
    clean(panel)


def test_back_in_a_school_it_may_break_down_too(tmp_path: Path) -> None:
    panel = weir(tmp_path)
    refer(panel, "R1", "P1", "reintegration", home=UNIT)
    assert placed(meet(panel, "2026-10-22", "R1")) == {"R1": BEECH}
    panel("start", "R1", "--on", "2026-11-02")
    said = panel.json("break-down", "R1", "--on", "2026-12-01", "--reason", "x", "--kind", "off_site_direction")
    assert (said["follows"], said["home_school"], said["phase"]) == ("R1-2", BEECH, "over")
    assert panel.json("case", "R1-2")["status"] == "waiting"
    assert UNIT not in placed(meet(panel, "2027-01-07")).values()  # no rule forbids it; the case is suited to a school
    clean(panel)
