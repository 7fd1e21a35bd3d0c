"""A direction that goes on as a managed move: the child is one child, at the meeting that is to make it one and ever after.

Beech and Cob each take one pupil of a year group in a year. R1 is at Beech, directed there by Ash since 14 October 2026; in December
the direction ends to go on as a managed move, R1-2, which the panel hears on 21 January 2027.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.courses import ASH, BEECH, BOOK, COB, agreed, clean, loads, meet, placed, refer, weir
from tests.running import Panel

ONE_A_YEAR = BOOK.replace(
    "  after_exclusion:",
    "  in_year: {of: placements, over: academic_year, per: year_group}\n"
    "  sent: {of: placements, over: academic_year, minus: [own_referrals_placed]}\n"
    "  after_exclusion:",
).replace(
    "bars:\n",
    """\
limits:
  - id: one-in-a-year-group
    per: year_group
    at: [mainstream]
    room: 1 - year.in_year
    say: "{school.name} has one in this year group."
    examples:
      - {name: none yet, given: {year.in_year: 0}, expect: 1}
      - {name: one, given: {year.in_year: 1}, expect: 0}
bars:
""",
    1,
)


def directed(folder: Path) -> Panel:
    return to_go_on(weir(folder, book=ONE_A_YEAR))


def to_go_on(panel: Panel) -> Panel:
    """R1 is at Beech, and R1-2, which is to make that a managed move, waits for the panel with every agreement."""
    refer(panel, "R1", "P1", "off_site_direction")
    assert placed(meet(panel, "2026-10-08", "R1")) == {"R1": BEECH}
    panel("board", "R1", "--on", "2026-10-09")
    panel("notice", "R1", "--on", "2026-10-12")
    panel("start", "R1", "--on", "2026-10-14", "--until", "2026-12-18")
    panel("end", "R1", "--as", "managed-move", "--on", "2026-12-14")
    for who in ("parent", "home-school"):
        panel("agree", "R1-2", "--by", who, "--on", "2026-12-15")
    return panel


def test_the_school_where_the_child_is_stands_as_without_it_and_counts_it_once(tmp_path: Path) -> None:
    panel = directed(tmp_path)
    assert loads(panel) == {BEECH: 1}  # between meetings the child is told where it is
    assert placed(meet(panel, "2027-01-21", "R1-2")) == {"R1-2": BEECH}
    agreed(panel, "R1-2", on="2027-01-22")
    panel("start", "R1-2", "--on", "2027-01-25")
    assert loads(panel) == {BEECH: 1}
    assert loads(panel, count="sent") == {ASH: -1, BEECH: 1}
    clean(panel)


def test_who_goes_on_elsewhere_was_taken_by_both(tmp_path: Path) -> None:
    panel = directed(tmp_path)
    panel("meeting", "open", "--date", "2027-01-21", "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    panel("allocate")
    panel("decide", "R1-2", "--school", COB, "--reason", "the family has moved")
    panel("meeting", "close")
    assert loads(panel) == {BEECH: 1, COB: 1}
    clean(panel)


def test_the_childs_own_place_is_nobody_elses(tmp_path: Path) -> None:
    """Beech takes one of year 9, and that is the child who is there: the other pupil goes to Cob."""
    panel = directed(tmp_path)
    refer(panel, "R2", "P2")
    assert placed(meet(panel, "2027-01-21", "R1-2", "R2")) == {"R1-2": BEECH, "R2": COB}
    assert loads(panel) == {BEECH: 1, COB: 1}
    clean(panel)


@pytest.mark.parametrize("why", ["held", "deferred"])
def test_the_place_is_kept_while_the_case_waits(tmp_path: Path, why: str) -> None:
    panel = directed(tmp_path)
    if why == "held":
        panel("agree", "R1-2", "--by", "parent", "--on", "2027-01-11", "--withdrawn")
    refer(panel, "R2", "P2")
    panel("meeting", "open", "--date", "2027-01-21", "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    panel("allocate")
    if why == "deferred":
        panel("decide", "R1-2", "--defer", "--reason", "the head is away")
    assert placed(panel.json("allocate", "--again"))["R2"] == COB
    panel("decide", "R2", "--confirm")
    panel("meeting", "close")
    if why == "held":
        panel("agree", "R1-2", "--by", "parent", "--on", "2027-01-25")
    assert placed(meet(panel, "2027-02-11", "R1-2")) == {"R1-2": BEECH}
    assert loads(panel) == {BEECH: 1, COB: 1}
    clean(panel)


def test_a_year_group_that_is_full_with_the_child_is_not_full_for_it(tmp_path: Path) -> None:
    """Year 9 of Beech has 170 of its 171 places taken, and the child has the last."""
    book = BOOK.replace(
        "bars:\n",
        "limits:\n  - {id: full, per: year_group, room: year.pan - year.on_roll - 9, say: full,\n"
        "     examples: [{name: a, given: {year.pan: 180, year.on_roll: 170}, expect: 1}, "
        "{name: b, given: {year.pan: 180, year.on_roll: 171}, expect: 0}]}\nbars:\n",
        1,
    )
    panel = to_go_on(weir(tmp_path, book=book))
    refer(panel, "R2", "P2")
    assert placed(meet(panel, "2027-01-21", "R1-2", "R2")) == {"R1-2": BEECH, "R2": COB}
    assert "full: full" not in panel("explain", "R1-2", "--why-not", BEECH).out
    assert "full: full" in panel("explain", "R2", "--why-not", BEECH).out
    clean(panel)


def test_a_move_that_begins_in_september_leaves_this_years_count_as_it_was(tmp_path: Path) -> None:
    panel = directed(tmp_path)
    panel("load", "terms", str(panel.file("next.csv", "from,to\n2027-09-02,2027-10-22\n")))
    panel("meeting", "open", "--date", "2027-07-08", "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    panel("allocate")
    panel("decide", "R1-2", "--confirm", "--starts", "2027-09-06")
    panel("meeting", "close")
    assert loads(panel, "--as-of", "2027-07-09") == {BEECH: 1}
    assert loads(panel, "--as-of", "2027-09-07") == {BEECH: 1}


def test_a_move_that_breaks_down_soon_leaves_the_direction_counted(tmp_path: Path) -> None:
    """Fourteen weeks of a direction, and a move that broke down in its second week and gives the turn back: the school had the child."""
    dropping = "  lately: {of: placements, over: academic_year, broken_down: drop within 6 weeks}\n  after_exclusion:"
    panel = to_go_on(weir(tmp_path, book=ONE_A_YEAR.replace("  after_exclusion:", dropping, 1)))
    assert placed(meet(panel, "2027-01-21", "R1-2")) == {"R1-2": BEECH}
    agreed(panel, "R1-2", on="2027-01-22")
    panel("start", "R1-2", "--on", "2027-01-25")
    assert loads(panel, count="lately") == {BEECH: 1}
    panel("break-down", "R1-2", "--on", "2027-02-03", "--reason", "it did")
    assert loads(panel, count="lately") == {BEECH: 1}


def test_while_the_case_is_withdrawn_the_direction_counts_as_it_was(tmp_path: Path) -> None:
    panel = directed(tmp_path)
    panel("withdraw", "R1-2", "--on", "2027-01-05", "--reason", "the family prefers Ash")
    refer(panel, "R2", "P2")
    assert placed(meet(panel, "2027-01-21", "R2")) == {"R2": COB}
    assert loads(panel) == {BEECH: 1, COB: 1}
    clean(panel)


def test_it_is_one_turn_of_the_school_too(tmp_path: Path) -> None:
    """By turns alone: Beech had its one turn by the child itself, and takes it again with the move; P2 then goes to Cob."""
    panel = to_go_on(weir(tmp_path, book=BOOK.replace("{preference: {unranked: 4}}", "rota, {preference: {unranked: 4}}")))
    assert placed(meet(panel, "2027-01-21", "R1-2")) == {"R1-2": BEECH}
    agreed(panel, "R1-2", on="2027-01-22")
    refer(panel, "R2", "P2")
    assert placed(meet(panel, "2027-02-04", "R2")) == {"R2": COB}
    clean(panel)


def test_a_limit_that_only_measures_by_the_roll_has_no_seat_of_the_childs(tmp_path: Path) -> None:
    """One managed move for each hundred on roll in the year group: 171 are, the child among them, whose direction was no move yet."""
    book = BOOK.replace(
        "  after_exclusion:",
        '  moves:\n    of: placements\n    where: admission.kind == "managed_move"\n    over: academic_year\n'
        "    per: year_group\n  after_exclusion:",
        1,
    ).replace(
        "bars:\n",
        "limits:\n  - {id: one-in-a-hundred, per: year_group, of: managed_move, room: year.on_roll // 100 - year.moves,\n     say: some,\n"
        "     examples: [{name: a, given: {year.on_roll: 199, year.moves: 0}, expect: 1}, "
        "{name: b, given: {year.on_roll: 199, year.moves: 1}, expect: 0}]}\nbars:\n",
        1,
    )
    panel = to_go_on(weir(tmp_path, book=book))
    refer(panel, "R2", "P2")
    assert sorted(placed(meet(panel, "2027-01-21", "R1-2", "R2")).values()) == [BEECH, COB]
    clean(panel)


def test_a_move_that_breaks_down_soon_leaves_the_turn_of_the_direction(tmp_path: Path) -> None:
    dropping = "{rota: {broken_down: drop within 6 weeks}}, {preference: {unranked: 4}}"
    panel = to_go_on(weir(tmp_path, book=BOOK.replace("{preference: {unranked: 4}}", dropping)))
    assert placed(meet(panel, "2027-01-21", "R1-2")) == {"R1-2": BEECH}
    agreed(panel, "R1-2", on="2027-01-22")
    panel("start", "R1-2", "--on", "2027-01-25")
    panel("break-down", "R1-2", "--on", "2027-02-03", "--reason", "it did")
    refer(panel, "R2", "P2")
    assert placed(meet(panel, "2027-02-11", "R2"))["R2"] == COB
