"""A panel records what its rulebook does not read: it is told so at once, or when the meeting opens, and nothing is told otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.running import ASHDOWN, BIRCH, BOOK, CEDAR, FILES, MEETS, SCHOOLS, Panel

EXEMPT: Final = BOOK[BOOK.index("  - id: exempt\n") : BOOK.index("  - id: too-far\n")]
APART: Final = BOOK[BOOK.index("  - id: kept-apart\n") : BOOK.index("  - id: home-school\n")]
VOTE: Final = ("exempt", ASHDOWN, "--from", "2026-10-01", "--until", "2026-12-18", "--reason", "a new head")
HEAD, *ROWS = SCHOOLS.splitlines()
AGREED: Final = "\n".join((f"{HEAD},agreed_number,share_weight", *(f"{row},3,8" for row in ROWS), ""))
REFERRALS: Final = f"""\
referral,pupil,kind,year_group,home_school,made_on,easting,northing,kept_apart,ehcp,parent_agrees_on,home_school_agrees_on,area
R1,P1,managed_move,9,{BIRCH},2026-10-01,622000,400000,{CEDAR}:police,no,2026-09-30,2026-09-30,North
"""


def panel_with(folder: Path, book: str) -> Panel:
    panel = Panel(folder / "harbour.db")
    panel("init", "--rulebook", str(panel.file("harbour.yaml", book)))
    for name, text in {**FILES, "schools.csv": AGREED, "referrals.csv": REFERRALS}.items():
        if name.endswith(".csv"):
            panel("load", name.removesuffix(".csv"), str(panel.file(name, text)))
    return panel


def told(panel: Panel, *words: str) -> str:
    said = panel(*words)
    return " ".join((said.out + said.err).split())


def test_a_vote_that_no_rule_reads_is_told_at_once_and_when_the_meeting_opens(tmp_path: Path) -> None:
    panel = panel_with(tmp_path, BOOK.replace(EXEMPT, ""))
    nothing = "No bar, limit or hold of 'harbour' reads candidate.exempt, so the vote keeps nobody from going there."
    assert nothing in told(panel, *VOTE)
    assert f"Exempt by vote: {ASHDOWN}. {nothing}" in told(panel, "meeting", "open", "--date", MEETS, "--chair", "Okafor")


def test_a_vote_that_a_bar_reads_is_not(tmp_path: Path) -> None:
    panel = panel_with(tmp_path, BOOK)
    assert "candidate.exempt" not in told(panel, *VOTE)
    assert "Exempt by vote" not in told(panel, "meeting", "open", "--date", MEETS, "--chair", "Okafor")


def test_a_vote_that_a_notice_alone_reads_keeps_nobody_away(tmp_path: Path) -> None:
    notice = f"notices:\n{EXEMPT}objectives:\n"
    panel = panel_with(tmp_path, BOOK.replace(EXEMPT, "").replace("objectives:\n", notice))
    assert "reads candidate.exempt, so the vote keeps nobody" in told(panel, *VOTE)


@pytest.mark.parametrize(
    ("taken_out", "said"),
    [
        (APART, "R1: to be kept apart from a school (kept_apart), and no bar, limit or hold of 'harbour' reads candidate.kept_apart"),
        ("", "Schools have a number in agreed_number, and nothing in 'harbour' goes by it: that needs a quota or a limit."),
        ("", "Schools have a number in share_weight, and nothing in 'harbour' goes by it: that needs a share `per: weight`."),
        ("", "R1: the case says where the child lives (area), and no rule of 'harbour' goes by it."),
    ],
)
def test_what_else_is_told_when_the_meeting_opens(taken_out: str, said: str, tmp_path: Path) -> None:
    panel = panel_with(tmp_path, BOOK.replace(taken_out, ""))
    opened = told(panel, "meeting", "open", "--date", MEETS, "--chair", "Okafor")
    assert said in opened
    assert "Exempt by vote" not in opened
    assert ("candidate.kept_apart" in opened) is bool(taken_out)


def test_what_a_rule_goes_by_is_not_told(tmp_path: Path) -> None:
    book = BOOK.replace("share: {load: load, per: roll}", "share: {load: load, per: weight}").replace(
        "year.pan - year.on_roll\n", "year.pan - year.on_roll + school.agreed_number - 3\n"
    )
    book = book.replace("{name: one place, given: {", "{name: one place, given: {school.agreed_number: 3, ").replace(
        "{name: full, given: {", "{name: full, given: {school.agreed_number: 3, "
    )
    opened = told(panel_with(tmp_path, book), "meeting", "open", "--date", MEETS, "--chair", "Okafor")
    assert "agreed_number" not in opened
    assert "share_weight" not in opened
