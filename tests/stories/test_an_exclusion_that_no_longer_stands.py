"""A permanent exclusion is rescinded, quashed or the pupil reinstated: nobody counts it, nor what followed as after an exclusion."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.courses import ASH, BEECH, COB, clean, flat, loads, meet, placed, refer, rolls, weir
from tests.running import Panel


def excluded(folder: Path, *more: tuple[str, str]) -> Panel:
    """Ash excluded P1, of year 9, on 28 September 2026; P1 is referred for it on 1 October. `more`: school and day of others."""
    panel = weir(folder)
    panel("exclusion", "record", "--pupil", "P1", "--school", ASH, "--on", "2026-09-28", "--year-group", "9")
    for school, day in more:
        panel("exclusion", "record", "--pupil", "P1", "--school", school, "--on", day, "--year-group", "9")
    refer(panel, "R1", "P1", "permanent_exclusion")
    return panel


def reverse(panel: Panel, on: str = "2026-11-20", how: str = "quashed", *, school: str = ASH, of: str = "2026-09-28") -> Any:
    words = ("--pupil", "P1", "--school", school, "--excluded-on", of, "--how", how, "--on", on)
    return panel.json("exclusion", "reverse", *words, "--reason", "the process was unfair to Sam Sands")


def counted(panel: Panel, as_of: str) -> int:
    found: int = panel.json("position", "--as-of", as_of)["permanent_exclusions"]
    return found


def test_a_case_that_waits_because_of_it_is_told(tmp_path: Path) -> None:
    panel = excluded(tmp_path)
    assert rolls(panel, "2026-10-01") == {ASH: 169, BEECH: 170}
    said = panel(
        *("exclusion", "reverse", "--pupil", "P1", "--school", ASH, "--excluded-on", "2026-09-28", "--how", "rescinded"),
        *("--on", "2026-10-05", "--reason", "the head thought again of Sam Sands"),
    )
    assert flat(said) == (
        "P1: the permanent exclusion by 200001 of 2026-09-28 no longer stands (rescinded, 2026-10-05). "
        "R1 waits because of it. It stays on the next agenda; to take it back: pastoral withdraw R1 --on DATE --reason TEXT"
    )
    assert "Sands" not in panel.bodies()
    assert [counted(panel, day) for day in ("2026-09-27", "2026-10-04", "2026-10-05")] == [0, 1, 0]
    assert rolls(panel, "2026-10-04") == {ASH: 169, BEECH: 170}
    assert rolls(panel, "2026-10-05") == {ASH: 170, BEECH: 170}
    assert "The permanent exclusion that this rests on was reversed on 2026-10-05." in flat(panel("case", "R1"))
    panel("withdraw", "R1", "--on", "2026-10-06", "--reason", "back at Ash")
    clean(panel)


def test_left_on_the_agenda_it_is_no_longer_after_an_exclusion(tmp_path: Path) -> None:
    """Ash is no school that excluded the pupil any more; it is the home school, and that is why no move leads there."""
    panel = excluded(tmp_path)
    reverse(panel, "2026-10-05")
    assert placed(meet(panel, "2026-10-22", "R1")) == {"R1": BEECH}
    assert panel.json("explain", "R1", "--why-not", ASH)["why_not"]["bars"] == ["another-school"]
    assert loads(panel, count="after_exclusion") == {}
    assert loads(panel) == {BEECH: 1}
    clean(panel)


def test_a_placement_already_made_stands_and_counts_as_after_none(tmp_path: Path) -> None:
    panel = excluded(tmp_path)
    assert placed(meet(panel, "2026-10-22", "R1")) == {"R1": BEECH}
    assert panel.json("explain", "R1", "--why-not", ASH)["why_not"]["bars"] == ["never-back", "another-school"]
    panel("start", "R1", "--on", "2026-11-02")
    assert reverse(panel) == {
        "pupil": "P1",
        "school": ASH,
        "excluded_on": "2026-09-28",
        "how": "quashed",
        "on": "2026-11-20",
        "waiting": [],
        "on_the_open_agenda": [],
        "placed": ["R1"],
    }
    assert loads(panel, "--as-of", "2026-11-19", count="after_exclusion") == {BEECH: 1}
    assert loads(panel, "--as-of", "2026-11-20", count="after_exclusion") == {}
    assert loads(panel, "--as-of", "2026-11-20") == {BEECH: 1}
    assert rolls(panel, "2026-11-20") == {ASH: 169, BEECH: 171}
    assert panel.json("case", "R1")["history"][-1]["said"] == "the permanent exclusion of 2026-09-28 was quashed on review"
    clean(panel)


def test_of_two_exclusions_by_one_school_each_is_reversed_by_itself(tmp_path: Path) -> None:
    """P1 was placed at Beech after the first, came back to Ash's roll, and was excluded again in January: only that one is quashed."""
    panel = excluded(tmp_path)
    meet(panel, "2026-10-22", "R1")
    panel("start", "R1", "--on", "2026-11-02")
    panel("exclusion", "record", "--pupil", "P1", "--school", ASH, "--on", "2027-01-11", "--year-group", "9")
    words = ("--kind", "permanent_exclusion", "--year-group", "9", "--made-on", "2027-01-12", "--home-school", ASH, "--ehcp", "no")
    panel("refer", "R2", "--pupil", "P1", *words, "--preferences", COB, "--looked-after", "no")
    told = reverse(panel, "2027-01-13", of="2027-01-11")
    assert (told["waiting"], told["placed"]) == (["R2"], [])
    assert loads(panel, "--as-of", "2027-01-13", count="after_exclusion") == {BEECH: 1}  # R1 rests on the first
    assert counted(panel, "2027-01-13") == 1
    # Ash did exclude the pupil once: that still closes it.
    meet(panel, "2027-01-21")
    assert panel.json("explain", "R2", "--why-not", ASH)["why_not"]["bars"] == ["never-back", "another-school"]
    clean(panel)


def test_a_meeting_that_is_open_goes_by_what_it_froze(tmp_path: Path) -> None:
    panel = excluded(tmp_path)
    panel("meeting", "open", "--date", "2026-10-22", "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    panel("allocate")
    told = reverse(panel, "2026-10-22")
    assert (told["waiting"], told["on_the_open_agenda"]) == (["R1"], ["R1"])
    assert panel.json("explain", "R1", "--why-not", ASH)["why_not"]["bars"] == ["never-back", "another-school"]
    panel("decide", "R1", "--defer", "--reason", "the exclusion was quashed today")
    panel("meeting", "close")
    meet(panel, "2026-11-05")
    assert panel.json("explain", "R1", "--why-not", ASH)["why_not"]["bars"] == ["another-school"]
    clean(panel)


def test_a_meeting_that_is_over_stays_as_it_was(tmp_path: Path) -> None:
    panel = excluded(tmp_path)
    meet(panel, "2026-10-22", "R1")
    before = panel.json("explain", "R1")
    reverse(panel, "2026-10-10")  # recorded after the meeting, and dated before it
    assert panel.json("explain", "R1") == before
    clean(panel)


def test_what_was_reversed_cannot_slip_in_again(tmp_path: Path) -> None:
    panel = excluded(tmp_path)
    reverse(panel)
    file = panel.file("exclusions.csv", f"pupil,school,on,year_group\nP1,{ASH},2026-09-28,9\n")
    assert "recorded already" in panel.refused("load", "exclusions", str(file))
    assert counted(panel, "2026-11-20") == 0


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (
            {"of": "2026-09-29"},
            "No permanent exclusion of P1 by 200001 on 2026-09-29 is recorded, so there is none to reverse. In the record of that pupil: ",
        ),
        ({"on": "2026-09-27"}, "--on: found 2026-09-27; wanted 2026-09-28 or later, the day of the exclusion.\n"),
        ({"school": "200004"}, "There is no school with URN 200004 in this panel. "),
    ],
)
def test_what_cannot_be_reversed(tmp_path: Path, words: dict[str, str], why: str) -> None:
    panel = excluded(tmp_path)
    said = {"on": "2026-11-20", "school": ASH, "of": "2026-09-28", **words}
    given = ("--pupil", "P1", "--school", said["school"], "--excluded-on", said["of"], "--how", "quashed", "--on", said["on"])
    assert panel.refused("exclusion", "reverse", *given, "--reason", "x").startswith(why)
    reverse(panel)
    again = ("--pupil", "P1", "--school", ASH, "--excluded-on", "2026-09-28", "--how", "rescinded", "--on", "2026-11-21")
    assert panel.refused("exclusion", "reverse", *again, "--reason", "x") == "That exclusion was quashed on 2026-11-20 already.\n"
