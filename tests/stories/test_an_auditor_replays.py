"""An auditor replays a term: all of it, one meeting, up to a day, by one process or several; and each change is told where it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.attacks.forgery import shire11
from tests.running import Panel, harbour, put, spawned

FIRST, SECOND, THIRD = "2026-09-24", "2026-10-22", "2026-11-26"


@pytest.fixture
def term(tmp_path: Path) -> Panel:
    """Three meetings and four proposals."""
    panel = Panel(tmp_path / "shire11.db")
    put(shire11(), panel.ledger)
    return panel


@pytest.fixture
def tampered(term: Panel) -> Panel:
    """A word of the second meeting's draw is another, and R27 goes elsewhere in what was proposed to the third."""
    term.alter("UPDATE entry SET body = replace(body, '\"thrush\"', '\"thrash\"') WHERE kind = 'meeting drawn'")
    term.alter("UPDATE entry SET body = replace(body, '\"R27\":\"9000', '\"R27\":\"9001') WHERE kind = 'placements proposed'")
    return term


def where(told: dict[str, Any]) -> list[tuple[int, str]]:
    return [(one["seq"], one["what"]) for one in told["divergences"]]


def test_a_whole_term_and_parts_of_it(term: Panel) -> None:
    def decisions(*words: str) -> int:
        told = term.json("audit", "replay", *words)
        assert (told["ok"], told["divergences"]) == (True, [])
        return int(told["decisions"])

    assert decisions() == 4
    assert [decisions("--meeting", meeting) for meeting in ("1", "2", "3", FIRST, SECOND, "22/10/2026", THIRD)] == [1, 2, 1, 1, 2, 2, 1]
    assert [decisions("--as-of", day) for day in ("2026-09-23", FIRST, "2026-10-21", SECOND, "2027-01-01")] == [0, 1, 1, 3, 4]
    assert term("audit", "replay", "--as-of", "2026-09-23").out == "No proposal was replayed: there was none that could be.\n"


def test_what_was_changed_is_told_in_its_meeting_and_in_no_other(tampered: Panel) -> None:
    (drawn,) = (int(seq) for seq in [tampered.column("seq", "meeting drawn")])
    everything = where(tampered.json("audit", "replay", code=1))
    of_second = where(tampered.json("audit", "replay", "--meeting", SECOND, code=1))
    of_third = where(tampered.json("audit", "replay", "--meeting", "3", code=1))
    assert tampered.json("audit", "replay", "--meeting", FIRST)["ok"] is True
    assert (of_second[0][1], of_third[0][1]) == ("seed", "placements.R27")
    assert everything == [*of_second, *of_third]
    assert where(tampered.json("audit", "replay", "--as-of", SECOND, code=1)) == of_second
    assert tampered.json("audit", "replay", "--as-of", FIRST)["ok"] is True
    assert drawn < of_second[0][0] < of_third[0][0]


def test_several_processes_say_the_same(tampered: Panel) -> None:
    for jobs, words in (("2", ("audit", "replay")), ("3", ("audit", "replay", "--json", "--as-of", SECOND))):
        alone = tampered(*words, code=1)
        assert spawned(*words, "--jobs", jobs, ledger=tampered.ledger) == alone


def test_a_change_between_meetings_counts_as_of_its_day(term: Panel) -> None:
    """The receiving school's answer to R08, of 28 October, given by another school: no meeting's, but wrong as of that day."""
    term.alter(
        'UPDATE entry SET body = replace(body, \'"school":"900008"\', \'"school":"900009"\') WHERE kind = \'receiving school agreed\''
    )
    seq = int(term.column("seq", "receiving school agreed"))
    assert where(term.json("audit", "replay", code=1)) == [(seq, "school")]
    assert where(term.json("audit", "replay", "--as-of", "2026-10-28", code=1)) == [(seq, "school")]
    for words in (("--as-of", "2026-10-27"), ("--meeting", "2")):
        assert term.json("audit", "replay", *words)["ok"] is True


def test_what_cannot_be_asked(term: Panel, tmp_path: Path) -> None:
    there = "The record has these: 1 of 2026-09-24, 2 of 2026-10-22, 3 of 2026-11-26.\n"
    assert term.refused("audit", "replay", "--meeting", "4") == f"--meeting: there is no meeting number 4. {there}"
    assert term.refused("audit", "replay", "--meeting", "2026-10-23") == f"--meeting: there is no meeting of 2026-10-23. {there}"
    for words in (("--meeting", "soon"), ("--meeting", "0"), ("--jobs", "0"), ("--meeting", "1", "--as-of", FIRST)):
        assert term("audit", "replay", *words, code=2).out == ""
    (tmp_path / "new").mkdir()
    new = harbour(tmp_path / "new", "loaded")
    assert new.refused("audit", "replay", "--meeting", "1") == "--meeting: there is no meeting number 1. The record has none yet.\n"
