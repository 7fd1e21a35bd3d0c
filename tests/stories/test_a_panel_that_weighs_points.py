"""A panel whose schools are levelled by points, not heads: what is proved is said, what is not is said, and it comes out the same again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.running import ASHDOWN, BIRCH, BOOK, CEDAR, CHECKOUT, DELL, FILES, MEETS, Panel

EXCLUDED = """\
  - id: excluded
    points: 3
    when: admission.after_exclusion
    examples:
      - {name: excluded, given: {admission.after_exclusion: true}, expect: fires}
      - {name: not excluded, given: {admission.after_exclusion: false}, expect: silent}
"""
ANYBODY = """\
  - id: anybody
    points: 1
    when: true
    examples:
      - {name: everybody weighs one, given: {}, expect: fires}
"""
BEHAVIOUR = "admission.behaviour_is_primary_need"
POINTS = BOOK.replace("counts:\n", f"tariff:\n{EXCLUDED}{ANYBODY}counts:\n").replace(
    "over: academic_year}\nlimits:", "over: academic_year, weigh: points}\nlimits:"
)
REFERRALS = f"""\
referral,pupil,kind,permanently_excluded,year_group,home_school,excluded_by,made_on,ehcp,parent_agrees_on,home_school_agrees_on,easting,northing
X,P1,permanent_exclusion,yes,10,,{DELL},2026-10-01,no,,,622000,400000
B,P2,managed_move,no,10,{BIRCH},,2026-10-01,no,2026-09-30,2026-09-30,622000,400000
C,P3,managed_move,no,10,{CEDAR},,2026-10-01,no,2026-09-30,2026-09-30,622000,400000
D,P4,managed_move,no,10,{ASHDOWN},,2026-10-01,no,2026-09-30,2026-09-30,622000,400000
"""


def opened(folder: Path, book: str = POINTS) -> Panel:
    """Ashdown has 1000 on roll, Birch 500, Cedar 800, five places each in year 10; X weighs 3 points, B, C and D 1 each.

    3/1000 at Ashdown is the least that X can weigh anywhere. Then 2/800 and 1/500: one more at Ashdown or two at Birch
    would be 4/1000. C may not go back to Cedar, nor B to Birch, nor D to Ashdown: so C goes to Birch, B and D to Cedar.
    By heads it would have been 2/1000, 1/500, 1/800.
    """
    made = Panel(folder / "harbour.db")
    for name, text in {**FILES, "harbour.yaml": book, "referrals.csv": REFERRALS}.items():
        made.file(name, text)
    made("init", "--rulebook", str(folder / "harbour.yaml"))
    for what in ("schools", "places", "terms", "referrals"):
        made("load", what, str(folder / f"{what}.csv"))
    made("meeting", "open", "--date", MEETS, "--chair", "Okafor")
    return made


@pytest.fixture
def panel(tmp_path: Path) -> Panel:
    return opened(tmp_path)


def test_the_schools_are_levelled_by_points(panel: Panel) -> None:
    panel("meeting", "draw", "--words", "heron")
    data = panel.json("allocate")
    assert {row["referral"]: row["school"] for row in data["placements"]} == {"X": ASHDOWN, "B": CEDAR, "C": BIRCH, "D": CEDAR}
    assert [row["value"] for row in data["objectives"] if row["name"] == "share"] == [["3/1000", "1/400", "1/500", "0/1"]]
    certificate = data["certificate"]
    del certificate["digest"]
    assert certificate == {
        "optimal": True,
        "unique": True,
        "leaves": 1,
        "means": "solved twice",
        "because": ["points"],
        "steps": 9,
        "proved": 9,
        "rechecked": 9,
    }


def test_points_that_nobody_can_tell_hold_a_pupil(tmp_path: Path) -> None:
    """Whether behaviour is the primary need is not known of a pupil before the placement, and this tariff does not say what then."""
    line = EXCLUDED.replace("excluded", "behaviour").replace("admission.after_exclusion", BEHAVIOUR)
    data = opened(tmp_path, POINTS.replace(EXCLUDED, EXCLUDED + line)).json("allocate", "--dry-run")
    doubt = {"rule": "behaviour", "missing": [BEHAVIOUR]}
    assert data["held"] == [{"referral": name, "holds": [], "cannot_tell": [doubt]} for name in "BCDX"]


def test_what_is_proved_is_said(panel: Panel) -> None:
    panel("meeting", "draw", "--words", "heron")
    said = panel("allocate").out
    assert "No better answer exists, and no other answer is as good: so one solver proved" in said
    assert "Another solver looked for a better one: 9 of 9 steps settled, nothing found." in said
    assert "As pupils count points, there is no certificate" in said
    assert "Proved: " not in said


def test_before_the_draw_equal_answers_are_named(panel: Panel) -> None:
    """Without the draw nothing is left to decide: every step before it leaves one placing."""
    certificate = panel.json("allocate", "--dry-run")["certificate"]
    assert (certificate["unique"], certificate["steps"]) == (True, 7)


def test_why_not_there(panel: Panel) -> None:
    panel("meeting", "draw", "--words", "heron")
    panel("allocate")
    told = panel.json("explain", "X", "--why-not", CEDAR)["why_not"]
    assert told["verdict"] == "worse"
    # X at Cedar is 3/800; the rest then goes 1/500 at Birch and 2/1000 at Ashdown, which B and C can fill, D at Birch.
    assert told["first_worse"]["objective"] == "share"
    assert told["first_worse"]["by"] == "3/4000"
    assert {move["referral"]: move["to"] for move in told["moves"]} == {"B": ASHDOWN, "C": ASHDOWN, "D": BIRCH}
    page = panel("explain", "--matrix").out
    assert "S share" in page
    assert "not worked out" not in page


def test_it_comes_out_the_same_again(panel: Panel) -> None:
    panel("meeting", "draw", "--words", "heron")
    entry = panel.json("allocate")["entry"]
    panel("decide", "X", "B", "C", "D", "--confirm")
    replayed = panel.json("audit", "replay")
    assert (replayed["ok"], replayed["decisions"], replayed["divergences"]) == (True, 1, [])
    assert panel.json("audit", "verify")["ok"]
    assert "no certificate" in panel.refused("audit", "certificate", str(entry))
    loads = {school["school"]: school["load"] for school in panel.json("position")["schools"]}
    assert (loads[ASHDOWN], loads[BIRCH], loads[CEDAR]) == (3, 1, 2)


def test_what_if(panel: Panel) -> None:
    panel("meeting", "draw", "--words", "heron")
    panel("allocate")
    said = panel("whatif", "--force", f"X={CEDAR}").out
    assert said.count("so one solver") == 2


def test_heads_wait_for_no_other_solver(tmp_path: Path) -> None:
    """A book that counts heads loads neither of the two solvers for points."""
    program = (
        "import sys; from tests.running import harbour; from pathlib import Path; "
        f"panel = harbour(Path({str(tmp_path)!r}), 'drawn'); panel('allocate'); "
        "sys.exit(any(name.startswith(('ortools.sat.python', 'scipy.optimize')) for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=CHECKOUT, check=False).returncode == 0
