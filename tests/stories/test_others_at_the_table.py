"""Whoever must be at a meeting beside the schools: without an officer of the authority no decision stands. A vote only by the book."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.rulebook import check_text
from tests.running import ASHDOWN, BIRCH, BOOK, CEDAR, DELL, Panel
from tests.stories.test_a_meeting_that_stands import said, sat, verdicts
from tests.test_layers_of_books import book, law, refused, shelf_of

OTHERS = "meeting: {quorum: 2, invite: all, absent: bound, others: [local_authority]VOTES}\n"
ASKED = OTHERS.replace("VOTES", "")
VOTING = OTHERS.replace("VOTES", ", votes: {majority: simple, others: vote}")


def at_the_table(panel: Panel, *words: str) -> str:
    """What is said when somebody is recorded as there, with all schools told before."""
    panel("meeting", "invite", "--on", "2026-10-15")
    return panel("meeting", "attend", *words).out


def test_two_heads_and_an_officer(tmp_path: Path) -> None:
    panel = sat(tmp_path, ASKED)
    told = at_the_table(panel, ASHDOWN, CEDAR)
    assert " ".join(told.split()) == (
        "Meeting 1: 2 schools represented, entry 42. "
        "If the local authority is there too: `pastoral meeting attend --other local-authority`."
    )
    panel("decide", "R1", "--confirm")
    assert said(panel, "R1") == "the local authority was not represented, and must be"
    assert panel("meeting", "attend", "--other", "local-authority").out == (
        "Meeting 1: 2 schools represented, and the local authority, entry 44.\n"
    )
    panel("meeting", "close")
    assert verdicts(panel) == {"R1": "stands"}
    shown = panel.json("meeting", "show")
    assert (shown["others"], shown["asked"]["others"]) == ([{"who": "local_authority", "there": True}], ["local_authority"])
    page = " ".join(panel("meeting", "show").out.split())
    assert "others: local authority" in page
    assert "Quorum 2: 2 of 4 there. The local authority: there." in page
    assert panel.json("audit", "replay")["ok"] is True


def test_without_an_officer_nothing_stands_and_it_is_corrected(tmp_path: Path) -> None:
    """The clerk forgot to write down that the officer was there; nothing can be added to a closed meeting, but a slip is put right."""
    panel = sat(tmp_path, ASKED)
    at_the_table(panel, ASHDOWN, CEDAR)
    panel("decide", "R1", "--confirm")
    assert "R1: does not stand: the local authority was not represented, and must be." in " ".join(panel("meeting", "close").out.split())
    seq = panel.column("seq", "meeting attended")
    assert panel.refused("correct", "--entry", seq, "--set", "others=Mary Jones", "--reason", "x").count("Mary") == 0
    panel("correct", "--entry", seq, "--set", "others=local_authority", "--reason", "she was there")
    assert verdicts(panel) == {"R1": "stands"}
    assert panel.json("audit", "replay")["ok"] is True
    assert panel.json("audit", "verify")["ok"] is True


def test_nobody_wrote_down_who_was_there(tmp_path: Path) -> None:
    panel = sat(tmp_path, ASKED)
    panel("meeting", "invite", "--on", "2026-10-15")
    panel("decide", "R1", "--confirm")
    closed = " ".join(panel("meeting", "close").out.split())
    assert "stands: nobody wrote down who was there; 2 schools must be there; the local authority must be represented." in closed
    assert said(panel, "R1").endswith("nobody wrote down who was there; the local authority must be represented")
    assert verdicts(panel) == {"R1": "cannot tell"}


def test_only_those_whom_the_book_names_and_no_person(tmp_path: Path) -> None:
    panel = sat(tmp_path, ASKED)
    assert panel.refused("meeting", "attend", ASHDOWN, "--other", "Mary Jones") == (
        "--other: found text of 10 characters, which is not quoted; wanted one of local-authority: harbour names only these beside the "
        "schools (`others` under `meeting`). Write down no person's name.\n"
    )
    assert panel("meeting", "attend", code=2).err.endswith("Say who is there: URNs of schools, or --other WHO.\n")
    (tmp_path / "plain").mkdir()
    plain = sat(tmp_path / "plain", "meeting: {quorum: 2}\n")
    assert panel_says(plain).startswith(
        "--other: found text of 15 characters, which is not quoted; wanted nothing: harbour names nobody beside the schools"
    )


def panel_says(panel: Panel) -> str:
    return panel.refused("meeting", "attend", "--other", "local-authority")


def test_a_vote_of_the_officer_counts_only_where_the_book_says_so(tmp_path: Path) -> None:
    """Ashdown is for it and Cedar against: with the officer two of three. Where others have no vote it is one of two, and is told."""
    votes = ("--confirm", "--for", ASHDOWN, "--for", "local-authority", "--against", CEDAR)
    panel = sat(tmp_path, VOTING)
    at_the_table(panel, ASHDOWN, CEDAR, "--other", "local_authority")
    panel("decide", "R1", *votes)
    panel("meeting", "close")
    assert verdicts(panel) == {"R1": "stands"}
    assert panel.json("meeting", "show")["asked"]["votes"]["others"] == "vote"
    assert panel.json("audit", "replay")["ok"] is True
    (tmp_path / "without").mkdir()
    without = sat(tmp_path / "without", VOTING.replace(", others: vote", ""))
    at_the_table(without, ASHDOWN, CEDAR, "--other", "local_authority")
    without("decide", "R1", *votes)
    without("meeting", "close")
    assert said(without, "R1") == (
        "the local authority voted, and is no member of the panel / "
        "no majority: 1 for, 1 against; more than half of those voting must be for it"
    )


def test_where_only_the_officer_is_written_down_nobody_knows_which_schools_came(tmp_path: Path) -> None:
    """Three votes for it and one against: whether four members were there to give them nobody wrote down."""
    panel = sat(tmp_path, VOTING)
    at_the_table(panel, "--other", "local-authority")
    panel("decide", "R1", "--confirm", "--votes", "3-1")
    panel("meeting", "close")
    assert said(panel, "R1") == "nobody wrote down who was there; 2 schools must be there"
    assert verdicts(panel) == {"R1": "cannot tell"}


def test_more_votes_than_there_were_people_where_the_book_says_nothing_of_votes(tmp_path: Path) -> None:
    """Ashdown and the officer are there: two, of whom one is no member."""
    panel = sat(tmp_path, ASKED.replace("quorum: 2", "quorum: 1"))
    at_the_table(panel, ASHDOWN, "--other", "local-authority")
    panel("decide", "R2", "--confirm", "--votes", "3-0")
    panel("meeting", "close")
    assert said(panel, "R2") == "3 votes were written down, and 2 were there"


def test_a_correction_names_only_those_whom_the_meetings_own_edition_names(tmp_path: Path) -> None:
    """From November on an officer must be there too. At the meeting of October nobody could be recorded as one."""
    panel = sat(tmp_path, "meeting: {quorum: 2}\n")
    at_the_table(panel, ASHDOWN, CEDAR)
    panel("meeting", "close")
    seq = panel.column("seq", "meeting attended")
    later = BOOK.replace("{from: 2026-09-01}", "{from: 2026-11-01}") + ASKED
    panel("rules", "adopt", str(panel.file("later.yaml", later)))
    refusal = panel.refused("correct", "--entry", seq, "--set", "others=local_authority", "--reason", "was there")
    assert refusal.endswith("wanted nothing. The rulebook harbour names nobody beside the schools.\n")
    panel("correct", "--entry", seq, "--set", f"schools={ASHDOWN};{BIRCH}", "--reason", "Birch it was")


def test_schools_that_fail_for_one_reason_are_told_in_one_sentence(tmp_path: Path) -> None:
    """Birch, Cedar and Dell heard of it on the 19th, three school days before; only Ashdown came."""
    panel = sat(tmp_path, "meeting: {invite: all, notice: 5 school days}\n")
    panel("meeting", "invite", "--on", "2026-10-19")
    panel("meeting", "attend", ASHDOWN)
    panel("decide", "R1", "--confirm")
    panel("meeting", "close")
    (ground,) = panel.json("meeting", "show")["decisions"][0]["because"]
    assert ground["schools"] == [BIRCH, CEDAR, DELL]
    assert ground["say"] == (
        "Birch Academy (100002), Cedar High School (100003), Dell School (100004) were told on 2026-10-19, 3 school days before, "
        "and were not there; 5 school days of notice are asked for"
    )


def test_a_book_above_may_ask_for_more_and_not_for_less() -> None:
    below = law("meeting: {others: [local_authority]}\n")
    assert "wanted also local_authority" in refused(book("extends: law\nmeeting: {others: [liaison]}\n"), below)
    more = check_text(book("extends: law\nmeeting: {others: [local_authority, liaison]}\n"), "x", shelf_of(below))
    assert more.meeting["others"] == ("local_authority", "liaison")
    voting = "extends: law\nmeeting: {votes: {majority: simple, others: vote}}\n"
    assert check_text(book(voting), "x", shelf_of(below)).meeting["votes"]["others"] == "vote"  # type: ignore[index]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("{others: [Mary Jones]}", "wanted a role in small letters, digits and underscores"),
        ("{others: []}", "wanted at least one"),
        ("{others: [officer, officer]}", "wanted each of them once"),
        ("{votes: {majority: simple, others: vote}}", "found a vote of others"),
    ],
)
def test_a_meeting_that_cannot_be_is_refused(asked: str, words: str) -> None:
    assert words in refused(BOOK + f"meeting: {asked}\n")
