"""A scoring sheet that adds: what each pupil weighs, who is told how, what nobody has said, and the same again from the record."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.running import ASHDOWN, BIRCH, BOOK, CEDAR, DELL, FILES, MEETS, Panel


def line(name: str, points: int, when: str, fires: str, silent: str) -> str:
    fact = when.partition(" ")[0]
    return f"""\
  - id: {name}
    points: {points}
    when: {when}
    examples:
      - {{name: it fits, given: {{{fact}: {fires}}}, expect: fires}}
      - {{name: it does not, given: {{{fact}: {silent}}}, expect: silent}}
"""


SHEET: Final = (
    line("excluded", 3, "admission.after_exclusion", "true", "false")
    + line("poor-attendance", 1, "admission.attendance < 850", "849", "850")
    + line("long-suspended", 2, "admission.suspended_days >= 15", "15", "14")
)
ADDED: Final = BOOK.replace("counts:\n", f"points: added\ntariff:\n{SHEET}counts:\n").replace(
    "over: academic_year}\nlimits:", "over: academic_year, weigh: points}\nlimits:"
)
HEAD: Final = (
    "referral,pupil,kind,permanently_excluded,year_group,home_school,excluded_by,made_on,ehcp,parent_agrees_on,home_school_agrees_on,"
    "easting,northing,attendance,suspended_days"
)
MOVE: Final = "2026-10-01,no,2026-09-30,2026-09-30,622000,400000"
REFERRALS: Final = f"""\
{HEAD}
X,P1,permanent_exclusion,yes,10,,{DELL},2026-10-01,no,,,622000,400000,849,15
B,P2,managed_move,no,10,{BIRCH},,{MOVE},850,14
C,P3,managed_move,no,10,{CEDAR},,{MOVE},600,14
D,P4,managed_move,no,10,{ASHDOWN},,{MOVE},1000,22
"""
ADMISSIONS: Final = f"""\
pupil,school,on,year_group,permanently_excluded,attendance,suspended_days
Q1,{CEDAR},2026-09-10,9,no,840,0
"""


def opened(folder: Path, book: str = ADDED, referrals: str = REFERRALS, admissions: str = "") -> Panel:
    """X weighs 3 + 1 + 2, B nothing, C 1, D 2. Ashdown has 1000 on roll, Birch 500, Cedar 800, five places each in year 10."""
    made = Panel(folder / "harbour.db")
    for name, text in {**FILES, "harbour.yaml": book, "referrals.csv": referrals, "admissions.csv": admissions}.items():
        made.file(name, text)
    made("init", "--rulebook", str(folder / "harbour.yaml"))
    for what in ("schools", "places", "terms", "referrals", *(["admissions"] if admissions else [])):
        made("load", what, str(folder / f"{what}.csv"))
    made("meeting", "open", "--date", MEETS, "--chair", "Okafor")
    return made


def told(panel: Panel, referral: str) -> str:
    """What `explain` says, as one line."""
    return " ".join(panel("explain", referral).out.split())


def test_the_schools_are_levelled_by_what_adds_up(tmp_path: Path) -> None:
    """X is least at Ashdown, 6/1000. Then D's 2 at Cedar, 2/800, as Birch would have 2/500; and C's 1 at Birch, 1/500, as Ashdown
    would have 7/1000. B weighs nothing and goes to the nearest, Ashdown.
    """
    panel = opened(tmp_path)
    panel("meeting", "draw", "--words", "heron")
    data = panel.json("allocate")
    assert {row["referral"]: row["school"] for row in data["placements"]} == {"X": ASHDOWN, "B": ASHDOWN, "C": BIRCH, "D": CEDAR}
    assert [row["value"] for row in data["objectives"] if row["name"] == "share"] == [["3/500", "1/400", "1/500", "0/1"]]
    panel("decide", "X", "B", "C", "D", "--confirm")
    loads = {school["school"]: school["load"] for school in panel.json("position")["schools"]}
    assert (loads[ASHDOWN], loads[BIRCH], loads[CEDAR]) == (6, 1, 2)
    replayed = panel.json("audit", "replay")
    assert (replayed["ok"], replayed["divergences"]) == (True, [])


def test_by_the_largest_line_the_same_pupils_weigh_otherwise(tmp_path: Path) -> None:
    """X 3, B 0, C 1, D 2: at Ashdown X is 3/1000; D at Cedar 2/800; C at Birch 1/500."""
    panel = opened(tmp_path, ADDED.replace("points: added\n", ""))
    panel("meeting", "draw", "--words", "heron")
    data = panel.json("allocate")
    assert [row["value"] for row in data["objectives"] if row["name"] == "share"] == [["3/1000", "1/400", "1/500", "0/1"]]
    assert "Weighs 3 points: excluded 3, poor-attendance 1, long-suspended 2, of which the largest counts." in told(panel, "X")


def test_whoever_asks_is_told_what_a_pupil_weighs_and_why(tmp_path: Path) -> None:
    panel = opened(tmp_path)
    panel("meeting", "draw", "--words", "heron")
    panel("allocate")
    assert "Weighs 6 points: excluded 3, poor-attendance 1, long-suspended 2, added." in told(panel, "X")
    assert "Weighs 1 point: poor-attendance 1." in told(panel, "C")
    assert panel.json("explain", "D")["weighs"] == {"points": 2, "lines": {"long-suspended": 2}, "added": True}
    assert "Weighs 0 points: no line of the tariff fits." in told(panel, "B")


def test_an_admission_outside_the_panel_weighs_by_the_same_sheet(tmp_path: Path) -> None:
    """Q1 at Cedar weighs 1: D's 2 there would make 3/800, and 2/500 at Birch is more still; C's 1 still goes to Birch."""
    panel = opened(tmp_path, admissions=ADMISSIONS)
    loads = {school["school"]: school["load"] for school in panel.json("position")["schools"]}
    assert loads[CEDAR] == 1
    panel("meeting", "draw", "--words", "heron")
    data = panel.json("allocate")
    assert [row["value"] for row in data["objectives"] if row["name"] == "share"] == [["3/500", "3/800", "1/500", "0/1"]]


def test_what_nobody_has_said_holds_the_pupil_and_is_asked_for(tmp_path: Path) -> None:
    panel = opened(tmp_path, referrals=REFERRALS.replace("600,14", ",14"))
    data = panel.json("allocate", "--dry-run")
    assert data["held"] == [
        {"referral": "C", "holds": [], "cannot_tell": [{"rule": "poor-attendance", "missing": ["admission.attendance"]}]}
    ]
    said = told(panel, "C")
    assert "admission.attendance is told by the referral's column attendance, where the panel places the pupil" in said
    assert "Weighs" not in said
    panel("meeting", "close")
    panel("correct", "C", "--set", "attendance=600", "--reason", "the school has told us")
    panel("meeting", "open", "--date", "2026-11-12", "--chair", "Okafor")
    assert panel.json("allocate", "--dry-run")["held"] == []


def test_an_admission_that_does_not_say_stops_the_opening_and_is_named(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"pupil Q1 at .* on 2026-09-10, .*correct --entry \d+ --set attendance=VALUE"):
        opened(tmp_path, admissions=ADMISSIONS.replace(",840,", ",,"))


def test_what_a_case_says_stays_sealed(tmp_path: Path) -> None:
    panel = opened(tmp_path, admissions=ADMISSIONS)
    for kind in ("referral made", "outside admission", "meeting opened"):
        body = panel.column("body", kind)
        assert "attendance" not in body
        assert "suspended_days" not in body


def test_the_book_says_so_wherever_it_is_read(tmp_path: Path) -> None:
    panel = Panel(tmp_path / "none.db")
    book, before = panel.file("harbour.yaml", ADDED), panel.file("before.yaml", ADDED.replace("points: added\n", ""))
    assert "An admission has the points of all lines that fit it, added." in panel("rules", "show", str(book)).out
    assert "An admission has the points of the largest line that fits it." in panel("rules", "show", str(before)).out
    assert "points of several lines that fit: was largest; is added" in panel("rules", "diff", str(before), str(book)).out
    explained = " ".join(panel("rules", "explain", "long-suspended", "--book", str(book)).out.split())
    assert "admission.suspended_days (days)" in explained
    assert "added to those of every other line that fits" in explained


BOTH: Final = ADDED.replace(
    "counts:\n  load:",
    "counts:\n  load: {of: placements, over: academic_year}\n"
    "  net: {of: placements, over: academic_year, minus: [own_referrals_placed]}\n  weight:",
).replace("share: {load: load,", "share: {load: weight,")


def test_a_share_is_headed_by_its_count_and_a_count_by_its_name(tmp_path: Path) -> None:
    """Ashdown takes X and B, 6 points, and gives D; Birch takes C, 1, and gives B; Cedar takes D, 2, and gives C; X is Dell's exclusion."""
    panel = opened(tmp_path, BOTH)
    panel("meeting", "draw", "--words", "heron")
    panel("allocate")
    panel("decide", "X", "B", "C", "D", "--confirm")
    told = panel("position").out
    said = [line.split() for line in told.splitlines()]
    assert said[1][:7] == ["school", "roll", "weight", "rate", "load", "net", "turn"]
    cells = {line[-7]: line[-5:-2] + line[-2:-1] for line in said if line and line[0] in ("Ashdown", "Birch", "Cedar")}
    assert {urn.strip("()"): row for urn, row in cells.items()} == {
        ASHDOWN: ["6", "6.00", "2", "1"],
        BIRCH: ["1", "2.00", "1", "0"],
        CEDAR: ["2", "2.50", "1", "0"],
    }
    assert "weight: points of the pupils taken that count. rate: weight per 1,000 of what it\nis measured by.\n" in told
    assert "net: pupils taken that count, less those placed elsewhere for the school.\n" in told
    ashdown = next(one for one in panel.json("position")["schools"] if one["school"] == ASHDOWN)
    assert (ashdown["load"], ashdown["counts"]) == (6, {"load": 2, "net": 1, "weight": 6})


SEVERAL: Final = BOTH.replace("weight: {", "turn: {of: placements, over: academic_year, per: year_group}\n  weight: {", 1).replace(
    "  - preference",
    "  - share: {load: load, per: roll}\n  - quota: {count: load, limit: 3}\n  - quota: {count: net, limit: 1}\n  - preference",
)


def test_every_share_quota_and_count_is_shown(tmp_path: Path) -> None:
    """Two shares and two quotas: Ashdown's load of 2 is 2.00 per 1,000, 1 of 3 left; its net of 1 leaves none. Both are in year 10."""
    panel = opened(tmp_path, SEVERAL)
    panel("meeting", "draw", "--words", "heron")
    panel("allocate")
    panel("decide", "X", "B", "C", "D", "--confirm")
    told = panel("position").out
    lines = [line.split() for line in told.splitlines()]
    assert " ".join(lines[1]) == "school roll weight rate rate 2 load left left 2 turn"
    ashdown = next(line for line in lines if line[:1] == ["Ashdown"])
    assert ashdown[3:] == ["1000", "6", "6.00", "2.00", "2", "1", "0", "1"]
    legend = "rate 2: load per 1,000 of what it is measured by. left: what the quota of load leaves. left 2: what the quota of net leaves."
    assert legend in " ".join(told.split())
    assert "turn in each year group: pupils taken that count." in told
    after = told[told.index("turn in each year group") :].splitlines()
    assert after[1].split() == ["year", "group", "8", "9", "10", "11"]
    assert next(line.split()[-4:] for line in after if line.startswith("Ashdown")) == ["0", "0", "2", "0"]
    of_ashdown = next(one for one in panel.json("position")["schools"] if one["school"] == ASHDOWN)
    assert of_ashdown["year_counts"] == {"turn": {"8": 0, "9": 0, "10": 2, "11": 0}}
