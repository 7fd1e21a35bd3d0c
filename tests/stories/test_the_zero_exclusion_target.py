"""Harbour aims at no permanent exclusions. The panel looks at where it is, beside last year, and where the next ones might come from.

    on roll              Ashdown 1,000, Birch 500, Cedar 800, Dell 300; all together 2,600
    last year            Ashdown 10 October and 2 March, Cedar 20 November: 3, of them 1 by 22 October
    this year so far     Birch 5 and 12 October, Cedar 20 October
    referred, term 1     R2 and R6 from Ashdown, R1 and R5 from Birch, R3 and R4 from Cedar

Garwood's interval of 0 events is 0 to 3.689, of 1 it is 0.0253 to 5.572, of 2 it is 0.2422 to 7.225, of 3 it is 0.6187 to 8.767.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.running import ASHDOWN, BIRCH, BOOK, CEDAR, DELL, Panel, harbour

AIM = "  target_permanent_exclusions: {value: 0, unit: pupils, say: the aim}\n"
EXCLUSIONS = f"""\
pupil,school,on,year_group
X1,{ASHDOWN},2025-10-10,9
X2,{ASHDOWN},2026-03-02,9
X3,{CEDAR},2025-11-20,8
Y1,{BIRCH},2026-10-05,9
Y2,{BIRCH},2026-10-12,10
Y3,{CEDAR},2026-10-20,11
"""


def founded(folder: Path, *, aim: str = AIM, exclusions: str = EXCLUSIONS, terms: bool = True) -> Panel:
    harbour(folder, "loaded")
    panel = Panel(folder / "aims.db")
    panel("init", "--rulebook", str(panel.file("harbour.yaml", BOOK.replace("settings:\n", f"settings:\n{aim}"))))
    panel.file("exclusions.csv", exclusions)
    for what in ("schools", "places", *(("terms",) if terms else ()), "referrals", "exclusions"):
        panel("load", what, str(panel.folder / f"{what}.csv"))
    return panel


def schools(told: Any) -> dict[str, Any]:
    return {row["school"]: row for row in told["schools"]}


def test_the_year_beside_the_target_and_last_year(tmp_path: Path) -> None:
    told = founded(tmp_path).json("report", "target", "--as-of", "2026-10-22")
    assert (told["permanent_exclusions"], told["target"], told["over_target"]) == (3, 0, 3)
    assert told["last_year"] == {"by": "2025-10-22", "by_then": 1, "whole": 3}
    birch, dell = schools(told)[BIRCH], schools(told)[DELL]
    # 2 of 500: 0.4 per 100; 0.2422 / 5 and 7.225 / 5.
    assert birch["per_100"] == {"rate": 0.4, "interval": [0.048, 1.445]}
    # None of 300: 0 per 100; 3.689 / 3.
    assert dell["per_100"] == {"rate": 0.0, "interval": [0.0, 1.23]}
    assert (birch["last_year"], dell["permanent_exclusions"]) == ({"by_then": 0, "whole": 0}, 0)
    # 3 of 2,600: 0.115 per 100; 0.6187 / 26 and 8.767 / 26.
    assert told["all"]["per_100"] == {"rate": 0.115, "interval": [0.024, 0.337]}
    assert told["untold"] == []


def test_early_signs_by_school_and_term(tmp_path: Path) -> None:
    """In the second term Birch refers somebody new, and R5's pupil once more: one pupil of the year, but one of each term."""
    panel = founded(tmp_path)
    for name, pupil in (("R8", "P8"), ("R9", "P5")):
        if name == "R9":
            panel("withdraw", "R5", "--on", "2026-11-04", "--reason", "put again")
        panel(
            "refer", name, "--pupil", pupil, "--kind", "fair_access", "--year-group", "9", "--home-school", BIRCH, "--made-on", "2026-11-05"
        )
    after = ("--kind", "permanent_exclusion", "--year-group", "9", "--excluded-by", CEDAR, "--made-on", "2026-11-06")
    panel("refer", "R10", "--pupil", "Y3", *after, "--permanently-excluded", "yes")
    told = panel.json("report", "target", "--as-of", "2026-11-10")
    assert told["terms"] == [{"from": "2026-09-02", "until": "2026-10-23"}, {"from": "2026-11-02", "until": "2026-12-18"}]
    here = {urn: [(one["referred"], one["per_1000"]["rate"]) for one in row["by_term"]] for urn, row in schools(told).items()}
    assert here == {
        ASHDOWN: [(2, 2.0), (0, 0.0)],
        BIRCH: [(2, 4.0), (2, 4.0)],
        CEDAR: [(2, 2.5), (0, 0.0)],
        DELL: [(0, 0.0), (0, 0.0)],
    }
    assert schools(told)[BIRCH]["by_term"][0]["per_1000"]["interval"] == [0.484, 14.449]
    # Three pupils of Birch in the year: P1, P5 and P8. R10 follows an exclusion, and is no early sign.
    assert (schools(told)[BIRCH]["referred"], schools(told)[CEDAR]["referred"], told["all"]["referred"]) == (3, 2, 7)


def test_an_exclusion_that_no_longer_stands_is_not_counted(tmp_path: Path) -> None:
    panel = founded(tmp_path)
    gone = ("--pupil", "Y1", "--school", BIRCH, "--excluded-on", "2026-10-05", "--how", "rescinded", "--on", "2026-10-14")
    panel("exclusion", "reverse", *gone, "--reason", "new facts")
    assert panel.json("report", "target", "--as-of", "2026-10-22")["permanent_exclusions"] == 2
    # On the day before it was rescinded, it stood.
    assert panel.json("report", "target", "--as-of", "2026-10-13")["permanent_exclusions"] == 2
    assert panel.json("report", "target", "--as-of", "2026-10-14")["permanent_exclusions"] == 1


def test_it_is_read_aloud(tmp_path: Path) -> None:
    said = founded(tmp_path)("report", "target", "--as-of", "2026-10-22").out
    lines = [" ".join(line.split()) for line in said.splitlines()]
    assert lines[:5] == [
        "Harbour panel: permanent exclusions in 2026-27, up to 2026-10-22.",
        "3 so far; the target for the year is 0.",
        "In 2025-26 there were 3, of them 1 by 2025-10-22.",
        "A target is tracked: nothing here keeps a school from excluding, and no rule",
        "may.",
    ]
    assert "school roll PEX by then last year per 100 95% interval" in lines
    assert f"Birch Academy ({BIRCH}) 500 2 0 0 0.40 0.05 to 1.44" in lines
    assert "all together 2600 3 1 3 0.12 0.02 to 0.34" in lines
    assert f"Cedar High School ({CEDAR}) 2 2.50 0.30 to 9.03" in lines
    assert "school 2/9" in lines
    assert f"Cedar High School ({CEDAR}) 2.50" in lines
    assert "For the panel itself: counts under 5 are not hidden here." in said


@pytest.mark.parametrize(
    ("changed", "told", "untold"),
    [
        ({"aim": ""}, {"target": None, "over_target": None}, []),
        ({"terms": False}, {"terms": None, "permanent_exclusions": 3}, []),
        (
            {"exclusions": "\n".join(line for line in EXCLUSIONS.splitlines() if not line.startswith("X"))},
            {"last_year": {"by": "2025-10-22", "by_then": None, "whole": None}},
            ["No permanent exclusion of an earlier year is recorded. If there were any: pastoral load exclusions FILE."],
        ),
    ],
)
def test_what_is_not_recorded_is_not_taken_for_nought(
    tmp_path: Path, changed: dict[str, Any], told: dict[str, Any], untold: list[str]
) -> None:
    found = founded(tmp_path, **changed).json("report", "target", "--as-of", "2026-10-22")
    assert {key: found[key] for key in told} == told
    assert found["untold"] == untold


def test_a_referral_after_an_exclusion_that_nobody_recorded_is_named(tmp_path: Path) -> None:
    panel = founded(tmp_path)
    after = ("--kind", "permanent_exclusion", "--year-group", "9", "--excluded-by", CEDAR, "--made-on", "2026-10-21")
    panel("refer", "R10", "--pupil", "Z1", *after, "--permanently-excluded", "yes")
    said = panel.json("report", "target", "--as-of", "2026-10-22")["untold"]
    assert said == ["Referred after a permanent exclusion that no entry records, and so not counted: R10."]


def test_a_day_of_another_year_is_refused(tmp_path: Path) -> None:
    panel = founded(tmp_path)
    assert panel.json("report", "target", "--academic-year", "2025")["as_of"] == "2026-08-31"
    said = panel.refused("report", "target", "--academic-year", "2025", "--as-of", "2026-10-22")
    assert said == "--academic-year, --as-of: found 2025 and 2026-10-22; wanted a day from 2025-09-01 to 2026-08-31.\n"


def test_a_year_that_nobody_can_have_seen_is_refused_unless_its_terms_are_loaded(tmp_path: Path) -> None:
    """Years ahead there is nothing to count, and noughts would read as none. The terms loaded are of 2026-27."""
    panel = founded(tmp_path)
    said = panel.refused("report", "target", "--as-of", "2036-10-22")
    assert said.startswith("--as-of: found 2036-10-22; wanted ")
    assert said.endswith(" or earlier, or a day of a year whose terms are loaded. Check the year.\n")
    assert panel.json("report", "target", "--as-of", "2027-07-20")["permanent_exclusions"] == 3


def test_where_all_of_last_year_were_reversed_there_were_none_and_that_is_said(tmp_path: Path) -> None:
    """Not that nobody knows: the one of last year was loaded, and quashed in April."""
    panel = founded(tmp_path, exclusions=f"pupil,school,on,year_group\nX1,{CEDAR},2026-03-05,9\n")
    named = ("--pupil", "X1", "--school", CEDAR, "--excluded-on", "2026-03-05")
    panel("exclusion", "reverse", *named, "--how", "quashed", "--on", "2026-04-20", "--reason", "unfair")
    told = panel.json("report", "target", "--as-of", "2026-10-22")
    assert (told["last_year"], told["untold"]) == ({"by": "2025-10-22", "by_then": 0, "whole": 0}, [])


def test_a_referral_after_an_exclusion_that_was_taken_out_of_the_record_is_told(tmp_path: Path) -> None:
    panel = founded(tmp_path, exclusions=f"pupil,school,on,year_group\nX1,{CEDAR},2026-09-25,9\n")
    entry = str(panel.entries())
    case = ("--kind", "permanent_exclusion", "--permanently-excluded", "yes", "--excluded-by", CEDAR, "--year-group", "9")
    panel("refer", "R8", "--pupil", "X1", *case, "--made-on", "2026-09-28", "--ehcp", "no", "--easting", "622000", "--northing", "400000")
    earlier = "No permanent exclusion of an earlier year is recorded. If there were any: pastoral load exclusions FILE."
    assert panel.json("report", "target", "--as-of", "2026-10-22")["untold"] == [earlier]
    panel("correct", "--entry", entry, "--void", "--reason", "it was a suspension")
    told = panel.json("report", "target", "--as-of", "2026-10-22")
    assert told["permanent_exclusions"] == 0
    untold = "Referred after a permanent exclusion that no entry records, and so not counted: R8."
    assert told["untold"] == [earlier, untold]
    # Another school's, a year before, is another one.
    panel("load", "exclusions", str(panel.file("old.csv", f"pupil,school,on,year_group\nX1,{DELL},2025-11-05,8\n")))
    assert panel.json("report", "target", "--as-of", "2026-10-22")["untold"] == [untold]


def test_a_line_that_leaves_schools_out_is_not_called_all_together(tmp_path: Path) -> None:
    """Cedar's roll is taken back: its exclusion is one of the three, and the line of all has two."""
    panel = founded(tmp_path)
    panel("correct", "--entry", "5", "--set", "NumberOfPupils=", "--reason", "it was another school's")
    told = panel.json("report", "target", "--as-of", "2026-10-22")
    assert (told["permanent_exclusions"], told["all"]["permanent_exclusions"], told["all"]["name"]) == (3, 2, "all with a roll")
    assert told["untold"] == [f"The record has no roll for {CEDAR}: no rate is told of them, and they are not among 'all with a roll'."]
