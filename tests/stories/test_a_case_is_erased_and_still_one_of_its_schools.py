"""A declined case is erased, and is still one of those that its school brought: the cases after it keep their numbers.

By the book a school's third case of a year of a pupil suspended for five days or more waits. Ash brought R1, who was placed, R2, who
was declined, and R3, the third. Without R2 the third would be the second.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.courses import BEECH, BOOK, clean, meet, placed, refer, weir
from tests.running import Panel

HOLD = """holds:
  - id: third
    when: referral.home_school_brought > 2
    say: The school has brought two cases this year.
    examples:
      - {name: third, given: {referral.home_school_brought: 3}, expect: fires}
      - {name: second, given: {referral.home_school_brought: 2}, expect: silent}
"""
SUSPENDED = "admission.suspended_days >= 5"


def book(where: str) -> str:
    count = f"counts:\n  brought: {{of: own_referrals, over: academic_year, where: {where}}}\n"
    return BOOK.replace("counts:\n", count).replace("bars:\n", f"{HOLD}bars:\n", 1)


def brought(folder: Path, where: str) -> Panel:
    """R1 is placed and R2 declined on 8 October 2026, R3 held on the 15th."""
    panel = weir(folder, book=book(where))
    refer(panel, "R1", "P1", "managed_move", "--suspended-days", "6")
    refer(panel, "R2", "P2", "managed_move", "--suspended-days", "7")
    panel("meeting", "open", "--date", "2026-10-08", "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    panel("allocate")
    panel("decide", "R1", "--confirm")
    panel("decide", "R2", "--decline", "--reason", "nothing was tried")
    panel("meeting", "close")
    refer(panel, "R3", "P3", "managed_move", "--suspended-days", "7")
    return panel


def held(proposed: object) -> list[str]:
    assert isinstance(proposed, dict)
    return [row["referral"] for row in proposed["held"]]


@pytest.mark.parametrize("where", [SUSPENDED, f"admission.suspended_days is known and {SUSPENDED}"])
def test_the_third_case_is_the_third_after_the_second_was_erased(where: str, tmp_path: Path) -> None:
    panel = brought(tmp_path, where)
    assert held(meet(panel, "2026-10-15")) == ["R3"]
    position = panel.json("position", "--as-of", "2026-10-16")
    panel("person", "erase", "P2", "--reason", "their family asked for it", "--yes")
    assert panel.json("position", "--as-of", "2026-10-16") == position
    clean(panel)
    proposed = meet(panel, "2026-10-22")
    assert (held(proposed), placed(proposed)) == (["R3"], {})
    clean(panel)


def test_a_case_withdrawn_after_a_meeting_was_one_of_them_at_that_meeting(tmp_path: Path) -> None:
    """R2, put off on the 8th, is withdrawn on the 19th and erased: the meeting of the 15th had it, and that of the 22nd has not."""
    panel = weir(tmp_path, book=book(SUSPENDED))
    for name in ("R1", "R2", "R3"):
        refer(panel, name, f"P{name[1]}", "managed_move", "--suspended-days", "6")
    assert held(meet(panel, "2026-10-08", "R1")) == ["R3"]
    panel("withdraw", "R2", "--on", "2026-10-19", "--reason", "the family has moved")
    panel("person", "erase", "P2", "--reason", "their family asked for it", "--yes")
    replayed = panel.json("audit", "replay")
    assert (replayed["divergences"], len(replayed["erased"]) > 0) == ([], True)
    assert placed(meet(panel, "2026-10-22")) == {"R3": BEECH}
