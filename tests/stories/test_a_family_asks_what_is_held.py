"""What is held about one child is shown to that family, and nothing of a child from whom it is to be kept apart."""

from __future__ import annotations

import json
from pathlib import Path

from tests.running import harbour


def test_pupils_to_be_kept_apart_are_counted_and_never_named(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "loaded")
    made = ("--kind", "managed_move", "--year-group", "9", "--made-on", "2026-10-01", "--home-school", "100002")
    panel("refer", "R9", "--pupil", "P9", *made, "--not-with", "P6;P66")
    mine = panel("person", "show", "P9")
    assert "not with others: 2" in mine.out
    assert not any(other in mine.out for other in ("P6", "P66"))
    for other in ("P6", "P66"):  # of P66 the record says nothing else
        page, data = panel("person", "show", other), panel.json("person", "show", other)
        assert "1 other case in the record: to be kept apart from this pupil." in " ".join(page.out.split())
        assert data["others_apart"] == 1
        assert "P9" not in page.out + json.dumps(data)
    panel("withdraw", "R9", "--on", "2026-10-02", "--reason", "gone")
    assert panel.json("person", "erase", "P9", "--reason", "kept as long as the policy says", "--yes")["kept"] == 1
    assert panel.json("person", "show", "P6")["others_apart"] == 1
    kept = next(one for one in panel.json("person", "show", "P9")["entries"] if one["kind"] == "person erased")["sealed"]["case"]["kept"]
    assert list(kept.values()) == [{"not_with_others": 2}]


def test_a_reference_of_two_children_is_refused(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "loaded")
    made = ("--kind", "managed_move", "--year-group", "9", "--made-on", "2026-10-01", "--home-school", "100002")
    panel("refer", "P1", "--pupil", "P9", *made)
    said = panel.refused("person", "erase", "P1", "--reason", "kept as long as the policy says", "--yes")
    assert said == (
        "P1 is a pupil's reference, and also that of a referral of P9. Nothing was done; "
        "name the pupil P9, or for the pupil P1 one of its referrals (R1).\n"
    )
    assert panel.json("person", "show", "R1")["pupil"] == "P1"
