"""A pupil who was off site and came back on the day that was agreed: nothing broke down, whether the ledger or history says so.

P1 of Birch was at Ashdown, which is nearest; the case is heard on 26 November. The others that are open are Cedar alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.courses import clean
from tests.running import ASHDOWN, BIRCH, BOOK, CEDAR, FILES, HOME, Panel

RULES: Final = """\
notices:
  - id: before
    when: referral.earlier_placement_broke_down
    say: An earlier placement broke down.
    examples:
      - {name: it did, given: {referral.earlier_placement_broke_down: true}, expect: fires}
      - {name: none did, given: {referral.earlier_placement_broke_down: false}, expect: silent}
bars:
  - id: not-again
    when: candidate.broke_down_here
    say: "An earlier placement broke down at {school.name}."
    examples:
      - {name: it did, given: {candidate.broke_down_here: true}, expect: fires}
      - {name: none did, given: {candidate.broke_down_here: false}, expect: silent}
"""
OWN: Final = (
    BOOK.replace("title:", "extends: england\ntitle:")
    .replace("id: kept-apart", "id: apart")
    .replace("bars:\n", RULES)
    .replace("  - share: {load: load, per: roll}\n", "  - rota: {broken_down: drop}\n")
)
HEADER: Final = "referral,pupil,kind,year_group,home_school,made_on,easting,northing,ehcp,parent_agrees_on,home_school_agrees_on\n"
HISTORY: Final = "pupil,school,on,kind,home_school,year_group,outcome,ended_on\n"


def founded(folder: Path, referrals: str) -> Panel:
    panel = Panel(folder / "back.db")
    panel("init", "--rulebook", str(panel.file("back.yaml", OWN)))
    for what, text in {**FILES, "referrals.csv": HEADER + referrals}.items():
        if what.endswith(".csv"):
            panel("load", what.removesuffix(".csv"), str(panel.file(what, text)))
    return panel


def referral(name: str, kind: str, made: str) -> str:
    return f"{name},P1,{kind},10,{BIRCH},{made},{HOME},no,2026-09-02,2026-09-02\n"


def heard(panel: Panel) -> tuple[bool, bool, int]:
    """Whether Ashdown is barred, whether the panel is told of a break-down, and the turn in the rota that Ashdown has next."""
    panel("meeting", "open", "--date", "2026-11-26", "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    panel("allocate")
    told = panel.json("explain", "K1", "--why-not", ASHDOWN)
    assert panel.json("explain", "K1", "--why-not", CEDAR)["why_not"]["bars"] == []
    rota = {one["school"]: one for one in panel.json("position", "--as-of", "2026-11-26")["schools"]}
    return "not-again" in told["why_not"]["bars"], "broke down" in panel("explain", "K1").out, rota[ASHDOWN]["rotas"][0]["turn"]


@pytest.mark.parametrize(
    ("kind", "outcome", "broke_down"),
    [
        ("off_site_direction", "returned", False),
        ("off_site_direction", "broken_down", True),
        ("managed_move", "returned", True),
    ],
)
def test_from_before_the_ledger(tmp_path: Path, kind: str, outcome: str, broke_down: bool) -> None:
    panel = founded(tmp_path, referral("K1", "managed_move", "2026-11-20"))
    row = f"P1,{ASHDOWN},2026-09-07,{kind},{BIRCH},10,{outcome},2026-10-16\n"
    panel("load", "history", str(panel.file("history.csv", HISTORY + row)))
    assert heard(panel) == (broke_down, broke_down, 1 if broke_down else 2)
    clean(panel)


COURSE: Final = (
    "meeting open --date 2026-09-07 --chair Okafor",
    "meeting draw --words heron",
    f"decide D1 --school {ASHDOWN} --reason near --starts 2026-09-09",
    "meeting close",
    "board D1 --on 2026-09-07",
    f"accept D1 --by {ASHDOWN} --on 2026-09-07",
    "notice D1 --on 2026-09-07",
    "start D1 --on 2026-09-09 --until 2026-10-16",
    "review D1 --on 2026-09-21",
    "end D1 --as return --on 2026-10-16 --reason agreed",
)


def test_in_the_ledger(tmp_path: Path) -> None:
    panel = founded(tmp_path, referral("D1", "off_site_direction", "2026-09-03"))
    for step in COURSE:
        panel(*step.split())
    panel("load", "referrals", str(panel.file("then.csv", HEADER + referral("K1", "managed_move", "2026-11-20"))))
    assert heard(panel) == (False, False, 2)
    clean(panel)
