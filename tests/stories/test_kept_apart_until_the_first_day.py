"""Two pupils who must not meet, and one of them is decided for another school from a later day: until then it is where it was.

P1 is on the roll of Ash and decided in October for Beech from January; P2, who is to be kept apart from it, is heard in November.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.courses import ASH, BEECH, BOOK, COB, clean, placed, refer, weir

APART = BOOK.replace(
    "bars:\n",
    """\
limits:
  - {id: not-together, per: kept_apart_pupils, room: 1, waivable: false, say: Two pupils are to be kept apart.}
bars:
  - id: the-other-is-there
    when: candidate.kept_apart_pupil_here
    say: A pupil from whom this one is to be kept apart is there.
    examples:
      - {name: it is, given: {candidate.kept_apart_pupil_here: true}, expect: fires}
      - {name: it is not, given: {candidate.kept_apart_pupil_here: false}, expect: silent}
""",
    1,
)


@pytest.mark.parametrize("school", [ASH, BEECH])
def test_neither_where_it_is_nor_where_it_is_to_come(tmp_path: Path, school: str) -> None:
    panel = weir(tmp_path, book=APART)
    refer(panel, "R1", "P1")
    panel("meeting", "open", "--date", "2026-10-08", "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    assert placed(panel.json("allocate")) == {"R1": BEECH}
    panel("decide", "R1", "--confirm", "--starts", "2027-01-04")
    panel("meeting", "close")
    refer(panel, "R2", "P2", "fair_access", "--not-with", "P1", home=COB)
    panel("meeting", "open", "--date", "2026-11-05", "--chair", "Okafor")
    panel("meeting", "draw", "--words", "wren")
    panel("allocate")
    assert "A pupil from whom this one is to be kept apart is there." in panel("explain", "R2", "--why-not", school).out
    clean(panel)
