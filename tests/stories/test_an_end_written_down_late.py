"""P1 has moved from Beech to Cob when the clerk writes down that the placement at Beech is over: the child is at Cob all the same.

P9 is to be kept apart from P1, and wishes for Cob before Beech.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.courses import ASH, BEECH, BOOK, COB, agreed, clean, loads, meet, placed, refer, weir
from tests.running import Panel

APART = (
    BOOK.replace("counts:\n", "counts:\n  there: {of: placements, over: at_present}\n")
    .replace("bars:\n", "limits:\n  - {id: never-both, per: kept_apart_pupils, room: 1, say: Not both there.}\nbars:\n", 1)
    .replace(
        "bars:\n",
        """\
bars:
  - id: apart-there
    waivable: false
    when: candidate.kept_apart_pupil_here
    say: A pupil from whom this one is kept apart is at {school.name}.
    examples:
      - {name: is, given: {candidate.kept_apart_pupil_here: true}, expect: fires}
      - {name: is not, given: {candidate.kept_apart_pupil_here: false}, expect: silent}
""",
        1,
    )
)


def moved_on(folder: Path) -> Panel:
    """P1 at Beech since 12 October, and by a move from there at Cob since 9 November 2026."""
    panel = weir(folder, book=APART)
    refer(panel, "R1", "P1")
    assert placed(meet(panel, "2026-10-08", "R1")) == {"R1": BEECH}
    agreed(panel, "R1", on="2026-10-09")
    panel("start", "R1", "--on", "2026-10-12")
    refer(panel, "R3", "P1", home=BEECH)
    assert placed(meet(panel, "2026-11-05", "R3")) == {"R3": COB}
    agreed(panel, "R3", school=COB, on="2026-11-06")
    panel("start", "R3", "--on", "2026-11-09")
    return panel


@pytest.mark.parametrize("last", [None, "2026-11-06", "2026-11-09", "2026-11-12"])
def test_the_other_is_kept_from_where_the_child_is(last: str | None, tmp_path: Path) -> None:
    panel = moved_on(tmp_path)
    if last:
        panel("end", "R1", "--as", "left", "--on", last)
    assert loads(panel, "--as-of", "2026-11-16", count="there") == {COB: 1}
    refer(panel, "R9", "P9", "managed_move", "--preferences", f"{COB};{BEECH}", "--not-with", "P1", home=ASH)
    assert placed(meet(panel, "2026-11-19", "R9")) == {"R9": BEECH}
    clean(panel)
