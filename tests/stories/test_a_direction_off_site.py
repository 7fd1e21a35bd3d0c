"""An off-site direction, from the panel's advice to an agreed managed move: the board decides, notice is given, reviews are held."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from panel import events as ev
from panel.record.ledger import Ledger
from panel.steps.office import Office
from tests.courses import ASH, BEECH, BOOK, COB, UNIT, agreed, clean, flat, loads, meet, placed, refer, rolls, taken_at_the_unit, weir
from tests.running import Panel, url

SHORT = BOOK.replace("reviews: [3 weeks, 6 weeks]", "lasts: 6 weeks, extension: {by: 4 weeks}")
ONLY = BOOK.replace("reviews: [3 weeks, 6 weeks]", "lasts: 30 school days")


def advised(folder: Path, *, terms: bool = True, book: str = BOOK) -> Panel:
    """The panel has advised that R1 goes to Beech for a time."""
    panel = weir(folder, terms=terms, book=book)
    refer(panel, "R1", "P1", "off_site_direction")
    assert placed(meet(panel, "2026-10-08", "R1")) == {"R1": BEECH}
    return panel


def test_from_the_advice_to_the_return(tmp_path: Path) -> None:
    panel = advised(tmp_path)
    assert panel.refused("notice", "R1", "--on", "2026-10-09").startswith("R1: the home governing board has not decided it yet.")
    assert panel("board", "R1", "--on", "2026-10-12").out == "R1: the home governing board directs it, 2026-10-12.\n"
    assert panel.refused("board", "R1", "--on", "2026-10-13").startswith("R1: the home governing board decided it on 2026-10-12.")
    assert panel.refused("start", "R1", "--on", "2026-10-14", "--until", "2026-12-18").startswith(
        "R1: no notice was given, and weir of 2026-09-01 asks for 2 school days."
    )
    # Thursday 22 October: the first school day after it is Friday 23, and the second, after half-term, Monday 2 November.
    panel("notice", "R1", "--on", "2026-10-22")
    assert panel.refused("start", "R1", "--on", "2026-10-23", "--until", "2026-12-18").startswith(
        "R1: notice was given on 2026-10-22, and 2 school days from then is 2026-11-02: wanted that day or a later one."
    )
    assert panel.refused("start", "R1", "--on", "2026-11-02").startswith("R1: --until: found nothing; wanted the planned last day")
    assert flat(panel("start", "R1", "--on", "2026-11-02", "--until", "2026-12-18")) == (
        "R1: first day at Beech School (200002), 2026-11-02, until 2026-12-18; register code D."
    )
    assert rolls(panel, "2026-11-02") == {ASH: 170, BEECH: 171}  # on both rolls
    case = panel.json("case", "R1")
    assert case["reviews"] == [
        {"after": "3 weeks", "due": "2026-11-23", "held": False},
        {"after": "6 weeks", "due": "2026-12-14", "held": False},
    ]
    panel("review", "R1", "--on", "2026-11-23", "--said", "settling")
    assert panel.refused("extend", "R1", "--on", "2026-11-24", "--until", "2026-12-18", "--reason", "x").startswith(
        "R1: --until: found 2026-12-18; wanted a day after 2026-12-18, the last day so far."
    )
    panel("extend", "R1", "--on", "2026-12-14", "--until", "2027-01-29", "--reason", "it goes well")
    assert panel.refused("permanent", "R1", "--on", "2027-01-29").startswith(
        "R1: by weir of 2026-09-01 this placement ends as a return or an extension or a managed move, not as permanent."
    )
    assert panel("end", "R1", "--as", "return", "--on", "2027-01-29").out == "R1: ended with a return to the home school, 2027-01-29.\n"
    assert panel.refused("review", "R1", "--on", "2027-02-01") == (
        "R1: its placement ended on 2027-01-29 with a return to the home school. Nothing more may come.\n"
    )
    assert rolls(panel, "2027-01-28") == {ASH: 170, BEECH: 171}
    assert rolls(panel, "2027-01-29") == {ASH: 170, BEECH: 170}
    assert [line["said"] for line in panel.json("case", "R1")["history"]] == [
        "referred: off-site direction, year 9",
        "meeting 1: confirmed for Beech School (200002), from 2026-10-08",
        "the governing board directs the pupil to Beech School (200002)",
        "notice given to the parents in writing",
        "first day at Beech School (200002), until 2026-12-18, register code D",
        "reviewed",
        "extended until 2027-01-29",
        "ended: back at the home school",
    ]
    clean(panel)


def test_without_term_dates_nobody_can_tell_whether_notice_was_kept(tmp_path: Path) -> None:
    panel = advised(tmp_path, terms=False)
    panel("board", "R1", "--on", "2026-10-12")
    panel("notice", "R1", "--on", "2026-10-13")
    said = panel("start", "R1", "--on", "2026-10-14", "--until", "2026-12-18")
    assert "Whether 2 school days lay between 2026-10-13 and 2026-10-14 cannot be told: load the terms." in flat(said)
    clean(panel)


def test_a_board_that_does_not_follow_brings_the_case_back(tmp_path: Path) -> None:
    panel = advised(tmp_path)
    said = panel("board", "R1", "--on", "2026-10-12", "--against", "--reason", "more can be tried first")
    assert flat(said) == "R1: the home governing board does not follow the panel's advice; the case returns to the next agenda."
    assert loads(panel, "--as-of", "2026-10-11") == {BEECH: 1}
    assert loads(panel, "--as-of", "2026-10-12") == {}
    assert placed(meet(panel, "2026-11-05")) == {"R1": BEECH}
    clean(panel)


def test_it_ends_as_a_managed_move_that_is_agreed_and_decided_by_itself(tmp_path: Path) -> None:
    panel = advised(tmp_path)
    panel("board", "R1", "--on", "2026-10-09")
    panel("notice", "R1", "--on", "2026-10-12")
    panel("start", "R1", "--on", "2026-10-14", "--until", "2026-12-18")
    said = panel("end", "R1", "--as", "managed-move", "--on", "2026-12-14", "--reason", "she wishes to stay")
    assert said.out == "R1: ends to go on as a managed move, 2026-12-14; R1-2 is put to the panel.\n"
    # Nobody has agreed to a move yet, so the panel cannot decide it; meanwhile the pupil is where she was.
    held = meet(panel, "2027-01-07")["held"]
    assert [(row["referral"], row["holds"]) for row in held] == [("R1-2", ["agreement-to-seek"])]
    assert rolls(panel, "2027-01-07") == {ASH: 170, BEECH: 171}
    for who in ("parent", "home-school"):
        panel("agree", "R1-2", "--by", who, "--on", "2027-01-08")
    assert placed(meet(panel, "2027-01-21", "R1-2")) == {"R1-2": BEECH}
    agreed(panel, "R1-2", on="2027-01-22")
    panel("start", "R1-2", "--on", "2027-01-25")
    assert rolls(panel, "2027-01-25") == {ASH: 169, BEECH: 171}  # now on one roll
    assert panel("case", "R1-2").out.splitlines()[:2] == [
        "R1-2 (managed move): at Beech School (200002) since 2027-01-25, to stay.",
        "  It follows R1.",
    ]
    assert panel.json("case", "R1")["followed_by"] == "R1-2"
    clean(panel)


def test_a_move_that_comes_to_nothing_means_the_pupil_is_back(tmp_path: Path) -> None:
    panel = advised(tmp_path)
    panel("board", "R1", "--on", "2026-10-09")
    panel("notice", "R1", "--on", "2026-10-12")
    panel("start", "R1", "--on", "2026-10-14", "--until", "2026-12-18")
    panel("end", "R1", "--as", "managed-move", "--on", "2026-12-14")
    panel("withdraw", "R1-2", "--on", "2027-01-05", "--reason", "the family prefers Ash")
    assert rolls(panel, "2027-01-04") == {ASH: 170, BEECH: 171}
    assert rolls(panel, "2027-01-05") == {ASH: 170, BEECH: 170}


def test_a_direction_to_the_unit_takes_a_place_and_gives_it_back(tmp_path: Path) -> None:
    """The Weir Unit has 8 places, 2 of them taken."""
    panel = weir(tmp_path)
    refer(panel, "R1", "P1", "off_site_direction", "--suited-to", "pru")
    assert placed(meet(panel, "2026-10-08", "R1")) == {"R1": UNIT}

    panel("board", "R1", "--on", "2026-10-09")
    panel("notice", "R1", "--on", "2026-10-12")
    panel("start", "R1", "--on", "2026-10-14", "--until", "2026-12-18")
    panel("end", "R1", "--as", "left", "--on", "2026-12-01", "--reason", "the family has moved")
    assert [taken_at_the_unit(panel, day) for day in ("2026-10-07", "2026-10-08", "2026-11-30", "2026-12-01")] == [2, 3, 3, 2]
    assert rolls(panel, "2026-12-01") == {ASH: 169, BEECH: 170}  # the pupil has left Ash too
    clean(panel)


def test_a_direction_may_break_down_and_come_back_elsewhere(tmp_path: Path) -> None:
    panel = advised(tmp_path)
    panel("board", "R1", "--on", "2026-10-09")
    panel("notice", "R1", "--on", "2026-10-12")
    panel("start", "R1", "--on", "2026-10-14", "--until", "2026-12-18")
    said = panel("break-down", "R1", "--on", "2026-11-10", "--reason", "did not attend")
    assert said.out == "R1: broke down, 2026-11-10. The case comes back as R1-2, from 200001.\n"
    assert rolls(panel, "2026-11-10") == {ASH: 170, BEECH: 170}
    assert placed(meet(panel, "2026-11-19")) == {"R1-2": COB}  # it broke down at Beech
    assert "second-time: An earlier placement of this pupil broke down." in panel("explain", "R1-2").out
    clean(panel)


def under_way(panel: Panel, until: str) -> None:
    """The board directs it, and it starts on Monday 2 November."""
    panel("board", "R1", "--on", "2026-10-12")
    panel("notice", "R1", "--on", "2026-10-13")
    panel("start", "R1", "--on", "2026-11-02", "--until", until)


def test_six_weeks_at_the_longest_and_four_more_once(tmp_path: Path) -> None:
    """Six weeks from Monday 2 November end on Sunday 13 December; four more from Friday 11 December on Friday 8 January."""
    panel = advised(tmp_path, book=SHORT)
    panel("board", "R1", "--on", "2026-10-12")
    panel("notice", "R1", "--on", "2026-10-13")
    assert panel.refused("start", "R1", "--on", "2026-11-02", "--until", "2026-12-14").startswith(
        "R1: --until: found 2026-12-14; wanted 2026-12-13 at the latest, the last of 6 weeks."
    )
    panel("start", "R1", "--on", "2026-11-02", "--until", "2026-12-11")
    assert "it is extended or ends. Record which." in flat(panel("case", "R1"))
    assert panel.refused("extend", "R1", "--on", "2026-12-07", "--until", "2027-01-09", "--reason", "x").startswith(
        "R1: --until: found 2027-01-09; wanted 2027-01-08 at the latest, 4 weeks after 2026-12-11, the last day so far."
    )
    panel("extend", "R1", "--on", "2026-12-07", "--until", "2027-01-08", "--reason", "it goes well")
    assert panel.refused("extend", "R1", "--on", "2027-01-04", "--until", "2027-01-11", "--reason", "x").startswith(
        "R1: by weir of 2026-09-01 this placement is extended once at most, and it was."
    )
    assert "it ends. Record how." in flat(panel("case", "R1"))
    clean(panel)
    # Whoever writes past the program is found by a replay.
    with Office(Ledger.open(url(panel.ledger)), actor="test") as office:
        reason = ev.Reason(reason="x")
        office.write(ev.PlacementExtended(referral="R1", pupil="P1", on=date(2027, 1, 5), until=date(2027, 1, 15), case=reason))
    (found,) = panel.json("audit", "replay", code=1)["divergences"]
    assert "this placement is extended once at most, and it was" in str(found)


def test_without_an_extension_it_may_be_made_longer_within_its_longest_time(tmp_path: Path) -> None:
    """30 school days from Monday 2 November are six weeks of school, to Friday 11 December."""
    panel = advised(tmp_path, book=ONLY)
    under_way(panel, "2026-11-20")
    for until in ("2026-11-27", "2026-12-11"):
        panel("extend", "R1", "--on", "2026-11-16", "--until", until, "--reason", "it goes well")
    assert panel.refused("extend", "R1", "--on", "2026-12-07", "--until", "2026-12-12", "--reason", "x").startswith(
        "R1: --until: found 2026-12-12; wanted 2026-12-11 at the latest, the last of 30 school days, and weir of 2026-09-01"
        " has no extension."
    )
    clean(panel)


def test_without_term_dates_its_longest_time_cannot_be_told(tmp_path: Path) -> None:
    panel = advised(tmp_path, book=ONLY, terms=False)
    panel("board", "R1", "--on", "2026-10-12")
    panel("notice", "R1", "--on", "2026-10-13")
    said = flat(panel("start", "R1", "--on", "2026-11-02", "--until", "2026-12-18"))
    assert "Whether 2026-12-18 is within 30 school days from 2026-11-02 cannot be told: load the terms." in said
    said = flat(panel("extend", "R1", "--on", "2026-12-07", "--until", "2027-01-08", "--reason", "x"))
    assert "Whether that is 30 school days at most cannot be told: load the terms." in said


@pytest.mark.parametrize(
    ("lifecycle", "words"),
    [
        (
            "managed_move: {lasts: 6 weeks}",
            "found lasts of a placement that is not temporary; wanted no `lasts`, or",
        ),
        (
            "off_site_direction: {ends_as: [return], extension: {by: 2 weeks}}",
            "or ends_as with extend; it is return",
        ),
        ("off_site_direction: {lasts: 60 weeks}", "found 60 weeks; wanted at most 52 weeks"),
        ("off_site_direction: {extension: {by: 2 weeks, times: 0}}", "found 0; wanted a whole number, 1 to 10"),
    ],
)
def test_what_a_longest_time_may_not_say(tmp_path: Path, lifecycle: str, words: str) -> None:
    panel = Panel(tmp_path / "x.db")
    path = panel.file("weir.yaml", BOOK[: BOOK.index("lifecycle:")] + f"lifecycle:\n  {lifecycle}\n")
    said = panel("rules", "check", str(path), code=3)
    assert words in " ".join(said.err.split())
