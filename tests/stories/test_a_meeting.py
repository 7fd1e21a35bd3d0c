"""A meeting from nothing to the minutes: found, load, open, draw, allocate, decide, close, verify, replay."""

from __future__ import annotations

from pathlib import Path

from tests.running import ASHDOWN, BIRCH, CEDAR, DELL, Panel, harbour


def test_the_clerk_founds_the_panel_and_loads_what_is_known(tmp_path: Path) -> None:
    files = harbour(tmp_path, "loaded").folder
    panel = Panel(tmp_path / "new.db")
    book = str(files / "harbour.yaml")
    founded = panel.json("init", "--rulebook", book, "--name", "Our panel")
    assert (founded["panel"], founded["entries"]) == ("Our panel", 2)
    assert panel("load", "schools", str(files / "schools.csv")).out == "schools.csv: 4 rows read; 4 entries recorded.\n"
    assert panel("load", "places", str(files / "places.csv")).out == "places.csv: 16 rows read; 4 entries recorded.\n"
    assert panel("load", "terms", str(files / "terms.csv")).out == "terms.csv: 4 rows read; 4 entries recorded.\n"
    # Six referrals, and eleven signatures: R4's parent has not signed.
    assert panel("load", "referrals", str(files / "referrals.csv")).out == "referrals.csv: 6 rows read; 17 entries recorded.\n"


def test_a_file_can_be_checked_without_recording_it(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "loaded")
    more = panel.file("more.csv", f"pupil,school,on,year_group\nP1,{BIRCH},2026-09-20,9\n")
    before = panel.entries()
    said = panel("load", "exclusions", str(more), "--check")
    assert said.out == "more.csv: 1 row read; 1 entry would be recorded (nothing was: --check).\n"
    assert panel.entries() == before


def test_opening_freezes_the_agenda_and_names_what_is_unknown(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "loaded")
    said = panel("meeting", "open", "--date", "22/10/2026", "--chair", "M. Okafor")
    assert said.out == (
        "Meeting 1 of 2026-10-22 is open; M. Okafor in the chair; harbour, edition of \n2026-09-01.\n"
        "Agenda of 6: R1, R2, R3, R4, R5, R6\n"
        'Next: pastoral meeting draw --words "WORD WORD ..."\n'
    )
    assert said.err == (
        "  R3 is held: plan cannot tell without referral.ehcp (an education, health and care plan is in force).\n"
        "  R4 is held by both-agree.\n"
    )


def test_a_referral_made_after_the_opening_comes_to_the_next_meeting(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "opened")
    late = ("--kind", "permanent_exclusion", "--year-group", "10", "--made-on", "2026-10-20", "--excluded-by", BIRCH, "--ehcp", "no")
    panel("refer", "R7", "--pupil", "P7", *late)
    panel("meeting", "draw", "--words", "heron")
    assert "R7" not in panel("allocate").out
    assert panel.refused("decide", "R7", "--decline", "--reason", "too late") == (
        "R7 is not on the agenda of meeting 1, which was frozen when it opened. It comes to the next one.\n"
    )
    panel("meeting", "close")
    assert "R7" in panel.json("meeting", "open", "--date", "2026-11-05", "--chair", "Okafor")["agenda"]


def test_invitation_and_attendance_are_recorded_and_hold_nothing_up(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "opened")
    assert panel("meeting", "invite").out == "Meeting 1: 4 schools invited, entry 39.\n"
    assert panel("meeting", "attend", ASHDOWN, CEDAR).out == "Meeting 1: 2 schools represented, entry 40.\n"
    assert panel.json("meeting", "attend", BIRCH)["attended"] == [ASHDOWN, BIRCH, CEDAR]
    assert panel.refused("meeting", "attend", "999999") == (
        "There is no school with URN 999999 in this panel. "
        "`pastoral position` lists the schools; another one comes in with `pastoral load schools FILE`.\n"
    )


def test_what_is_proposed_follows_from_the_rulebook_by_hand(tmp_path: Path) -> None:
    said = harbour(tmp_path, "drawn")("allocate")
    assert [" ".join(line.split()) for line in said.out.splitlines()[1:5]] == [
        "referral goes to choice km others are worse for",
        "R1 Ashdown School (100001) - 2.6 share 1",
        "R2 Cedar High School (100003) - 10.4 share 1",
        "R6 Birch Academy (100002) - 5.2 no other is open",
    ]
    for line in (
        "Left unplaced: R5. Nearest, and what stands in the way:",
        "  Ashdown School (100001): Ashdown School may take 0 more in year 11.",
        "  Birch Academy (100002): Birch Academy is the home school.",
        "Held: R3, by plan: cannot tell without referral.ehcp (an education, health and ",
        "Held: R4, by both-agree: The family and the home school must both agree.",
        "share: the most loaded schools for their size  1/500, 1/800, 1/1000, ...",
    ):
        assert f"{line}\n" in said.out
    assert "Proved: no better answer exists, and no other answer is as good." in said.out


def test_the_panel_takes_what_was_proposed_and_closes(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "proposed")
    assert panel("decide", "R1", "R2", "R6", "--confirm", "--starts", "2026-11-02").out == (
        "R1: confirmed, Ashdown School (100001), from 2026-11-02\n"
        "R2: confirmed, Cedar High School (100003), from 2026-11-02\n"
        "R6: confirmed, Birch Academy (100002), from 2026-11-02\n"
    )
    closed = panel("meeting", "close").out.splitlines()
    head = panel.json("audit", "verify")["head"]
    assert closed == [
        "Meeting 1 of 2026-10-22 is closed: 3 confirmed.",
        "To the next agenda: R3, R4, R5",
        f"The ledger's head, entry {panel.entries()}:",
        f"  {head}",
        "Write it in the minutes: it shows later whether the record was changed.",
    ]


def test_afterwards_each_school_stands_where_the_decisions_put_it(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "closed")
    schools = {row["school"]: row for row in panel.json("position")["schools"]}
    assert {urn: (row["load"], row["ratio"]) for urn, row in schools.items()} == {
        ASHDOWN: (1, "1/1000"),
        BIRCH: (1, "1/500"),
        CEDAR: (1, "1/800"),
        DELL: (0, "0/1"),
    }
    assert panel("audit", "replay").out == "1 proposal(s) replayed; each came out the same, to the byte.\n"


def test_the_same_words_make_the_same_draw_and_a_rehearsal_needs_none(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "opened")
    before = panel.entries()
    rehearsed = panel.json("allocate", "--dry-run")
    assert (rehearsed["seed"], rehearsed["entry"], panel.entries()) == (None, None, before)
    assert rehearsed["certificate"]["unique"] is True
    drawn = panel.json("meeting", "draw", "--words", "heron maple heron")
    assert drawn["words"] == ["heron", "maple", "heron"]
    proposed = panel.json("allocate")
    assert proposed["seed"] == drawn["seed"]
    assert proposed["entry"] == before + 2
    assert proposed["placements"] == rehearsed["placements"]


def test_words_need_no_quotation_marks(tmp_path: Path) -> None:
    """The same seed either way: the order of the words counts, not how the shell hands them on."""
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    one, other = (harbour(tmp_path / name, "opened") for name in ("one", "other"))
    apart = one.json("meeting", "draw", "--words", "heron", "maple", "42")
    together = other.json("meeting", "draw", "--words", "heron maple 42")
    assert apart["words"] == together["words"] == ["heron", "maple", "42"]
    assert apart["seed"] == together["seed"]
