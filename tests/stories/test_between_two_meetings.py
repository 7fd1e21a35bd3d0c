"""What becomes of a case after the panel's word: accepted, refused, deferred, declined, withdrawn; and what that does to the counts."""

from __future__ import annotations

from pathlib import Path

from tests.running import ASHDOWN, BIRCH, CEDAR, Panel, harbour


def loads(panel: Panel, *options: str) -> dict[str, int]:
    return {row["school"]: row["load"] for row in panel.json("position", *options)["schools"] if row["load"]}


def next_agenda(panel: Panel) -> list[str]:
    agenda: list[str] = panel.json("meeting", "open", "--date", "2026-11-05", "--chair", "Okafor")["agenda"]
    return agenda


def test_a_school_accepts(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "closed")
    assert panel.refused("accept", "R1", "--by", CEDAR) == "R1 was decided for 100001, not for 100003: only the receiving school answers.\n"
    assert panel.refused("accept", "R3", "--by", CEDAR) == "R3 is waiting; a school answers only to a decision.\n"
    assert panel("accept", "R1", "--by", ASHDOWN, "--on", "2026-10-28").out == "R1: 100001 agrees.\n"
    assert panel.refused("accept", "R1", "--by", ASHDOWN) == "100001 agreed to R1 already.\n"
    assert panel.refused("refuse", "R1", "--by", ASHDOWN, "--reason", "after all") == "100001 agreed to R1 already.\n"


def test_a_school_refuses_and_its_count_is_taken_back(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "closed")
    assert loads(panel) == {ASHDOWN: 1, BIRCH: 1, CEDAR: 1}
    said = panel("refuse", "R2", "--by", CEDAR, "--on", "2026-10-28", "--reason", "the governors do not agree")
    assert said.out == "R2: 100003 does not agree; the case returns to the next agenda.\n"
    assert loads(panel, "--as-of", "2026-10-27") == {ASHDOWN: 1, BIRCH: 1, CEDAR: 1}
    assert loads(panel, "--as-of", "2026-10-28") == {ASHDOWN: 1, BIRCH: 1}
    assert panel.json("explain", "R2")["status"] == "refused"
    assert next_agenda(panel) == ["R2", "R3", "R4", "R5"]


def test_a_refusal_while_the_meeting_is_open_frees_the_seat_for_others(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "proposed")
    panel("decide", "R2", "--confirm")
    panel("refuse", "R2", "--by", CEDAR, "--reason", "the governors do not agree")
    again = panel.json("allocate", "--again")
    assert {row["referral"] for row in again["placements"]} == {"R1", "R6"}
    assert panel.refused("decide", "R2", "--defer", "--reason", "once more").startswith("R2 was decided at this meeting already")
    panel("decide", "R1", "R6", "--confirm")
    panel("meeting", "close")
    assert next_agenda(panel) == ["R2", "R3", "R4", "R5"]
    assert panel.json("audit", "replay") == {"ok": True, "decisions": 2, "divergences": []}


def test_a_family_refuses_while_the_meeting_is_open_and_another_takes_the_seat(tmp_path: Path) -> None:
    """Cedar has one seat in year 9. The book has no lifecycle, but nobody is bound to a managed move."""
    panel = harbour(tmp_path, "proposed")
    panel("decide", "R2", "--confirm")
    panel("refuse", "R2", "--by", "parent", "--reason", "too far")
    assert panel("decide", "R1", "--school", CEDAR, "--reason", "the family asked for it").out.endswith("from 2026-10-22\n")
    panel("meeting", "close")
    assert "R2" in next_agenda(panel)
    assert panel.json("audit", "replay")["divergences"] == []


def test_deferred_comes_again_declined_does_not(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "proposed")
    assert panel("decide", "R1", "--defer", "--reason", "the report is missing").out == "R1: deferred\n"
    assert panel("decide", "R2", "--decline", "--reason", "moved away").out == "R2: declined\n"
    panel("decide", "R6", "--confirm")
    assert {row["referral"] for row in panel.json("allocate", "--again")["placements"]} == {"R6"}
    closed = panel.json("meeting", "close")
    assert closed["outcomes"] == {"deferred": 1, "declined": 1, "confirmed": 1}
    assert closed["waiting"] == ["R1", "R3", "R4", "R5"]
    assert loads(panel) == {BIRCH: 1}
    assert panel("explain", "R1").out.startswith("R1: deferred by meeting 1 of 2026-10-22.\n")
    assert next_agenda(panel) == ["R1", "R3", "R4", "R5"]


def test_a_pupil_who_was_declined_may_be_referred_anew_and_one_who_waits_may_not(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "proposed")
    panel("decide", "R2", "--decline", "--reason", "no longer wanted")
    panel("meeting", "close")
    anew = ("--kind", "managed_move", "--year-group", "9", "--made-on", "2026-10-29", "--home-school", ASHDOWN)
    assert panel("refer", "R9", "--pupil", "P2", *anew).out == "R9 is referred; 1 entry recorded.\n"
    assert panel.refused("refer", "R10", "--pupil", "P3", *anew) == (
        "1 problem; nothing was recorded.\n"
        "  pupil: found 'P3', whose referral R3 is not decided yet; wanted one open case for each pupil. "
        "Decide that one, or withdraw it first: `pastoral withdraw R3 --on DATE --reason TEXT`.\n"
    )


def test_a_referral_withdrawn_during_the_meeting_is_left_out(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "proposed")
    assert panel("withdraw", "R2", "--on", "2026-10-22", "--reason", "moved away").out == "R2 is withdrawn, 2026-10-22.\n"
    assert panel.refused("decide", "R2", "--confirm") == "R2 is withdrawn; only a waiting referral can be decided.\n"
    assert panel.refused("withdraw", "R2", "--on", "2026-10-22", "--reason", "again") == (
        "R2 is withdrawn; this is for a referral that is still waiting.\n"
    )
    assert {row["referral"] for row in panel.json("allocate", "--again")["placements"]} == {"R1", "R6"}
    panel("meeting", "close")
    assert "R2" not in next_agenda(panel)
    assert panel.json("explain", "R2")["status"] == "withdrawn"


def test_an_agreement_taken_back_after_the_opening_stops_the_decision(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "proposed")
    assert panel("agree", "R1", "--by", "parent", "--withdrawn", "--on", "2026-10-22").out == (
        "R1: the parent no longer agrees, 2026-10-22.\n"
    )
    held = "R1 is held by both-agree: the panel cannot decide it as things stand. See `pastoral explain R1`.\n"
    assert panel.refused("decide", "R1", "--confirm") == held
    assert panel.refused("decide", "R1", "--school", CEDAR, "--reason", "all the same") == held
    assert panel("decide", "R1", "--defer", "--reason", "the parent thinks it over").code == 0


def test_an_agreement_is_signed_once_and_lifts_the_hold_at_the_next_meeting(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "closed")
    assert panel.refused("agree", "R4", "--by", "parent", "--withdrawn", "--on", "2026-10-29") == (
        "The parent has not agreed to R4, so there is no agreement to withdraw.\n"
    )
    assert panel("agree", "R4", "--by", "parent", "--on", "2026-10-29").out == "R4: the parent agrees, 2026-10-29.\n"
    assert panel.refused("agree", "R4", "--by", "parent", "--on", "2026-10-30") == "The parent agreed to R4 on 2026-10-29 already.\n"
    next_agenda(panel)
    assert [held["referral"] for held in panel.json("allocate", "--dry-run")["held"]] == ["R3"]


def test_what_the_first_meeting_gave_is_gone_at_the_second(tmp_path: Path) -> None:
    """Ashdown had one seat in year 9, which R1 has taken: R4, signed since and of year 9 too, can only go to Birch."""
    panel = harbour(tmp_path, "proposed")
    panel("decide", "R1", "--confirm")
    panel("meeting", "close")
    panel("agree", "R4", "--by", "parent", "--on", "2026-10-29")
    next_agenda(panel)
    panel("meeting", "draw", "--words", "maple")
    placed = {row["referral"]: row["school"] for row in panel.json("allocate")["placements"]}
    assert placed == {"R2": CEDAR, "R4": BIRCH, "R6": BIRCH}
    assert panel.json("explain", "R4", "--why-not", ASHDOWN)["why_not"]["verdict"] == "no room"


def test_who_moves_away_leaves_a_seat_behind(tmp_path: Path) -> None:
    """R2 left Ashdown's year 9 for Cedar, so that R4 finds a seat there: 2/1000 is a smaller share than Birch's 2/500."""
    panel = harbour(tmp_path, "closed")
    panel("start", "R2", "--on", "2026-10-26")
    panel("agree", "R4", "--by", "parent", "--on", "2026-10-29")
    next_agenda(panel)
    panel("meeting", "draw", "--words", "maple")
    assert [(row["referral"], row["school"]) for row in panel.json("allocate")["placements"]] == [("R4", ASHDOWN)]


def test_the_panel_exempts_a_school(tmp_path: Path) -> None:
    """Birch was the only school open to R6."""
    panel = harbour(tmp_path, "loaded")
    dates = ("--from", "2026-10-01", "--until", "2026-10-22", "--reason", "three arrivals at once")
    assert panel("exempt", BIRCH, *dates).out == "100002: exempt from 2026-10-01 to 2026-10-22.\n"
    panel("meeting", "open", "--date", "2026-10-22", "--chair", "Okafor")
    assert [left["referral"] for left in panel.json("allocate", "--dry-run")["unplaced"]] == ["R5", "R6"]
    assert panel.json("explain", "R6", "--why-not", BIRCH)["why_not"]["bars"] == ["exempt"]
    panel("meeting", "close")
    next_agenda(panel)
    assert [left["referral"] for left in panel.json("allocate", "--dry-run")["unplaced"]] == ["R5"]


def test_the_panel_exempts_one_year_group(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "loaded")
    dates = ("--from", "2026-10-01", "--until", "2026-12-18", "--reason", "three arrivals at once")
    assert panel("exempt", BIRCH, "--year-group", "8", *dates).out == "100002, year 8: exempt from 2026-10-01 to 2026-12-18.\n"
    panel("meeting", "open", "--date", "2026-10-22", "--chair", "Okafor")
    assert [left["referral"] for left in panel.json("allocate", "--dry-run")["unplaced"]] == ["R5", "R6"]
    # R2 is of year 9, for which Birch is as open as before: only the shares speak against it.
    assert panel.json("explain", "R2", "--why-not", BIRCH)["why_not"]["verdict"] == "worse"


def test_a_vote_needs_a_school_days_in_order_and_words(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "loaded")
    assert panel.refused("exempt", "100005", "--from", "2026-10-01", "--until", "2026-10-02", "--reason", "x") == (
        "There is no school with URN 100005 in this panel. Nearest: 100004, 100003, 100002. "
        "`pastoral position` lists the schools; another one comes in with `pastoral load schools FILE`.\n"
    )
    assert panel.refused("exempt", BIRCH, "--from", "2026-10-02", "--until", "2026-10-01", "--reason", "x") == (
        "--until: found 2026-10-01, before --from 2026-10-02; wanted the same day or a later one.\n"
    )
    assert panel.refused("exempt", BIRCH, "--from", "2026-10-01", "--until", "2026-10-02", "--reason", "").startswith("--reason: found")


def test_the_position_as_it_was_and_as_it_was_known(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "closed")
    assert loads(panel, "--as-of", "2026-10-21") == {}
    assert loads(panel, "--as-of", "2026-10-22") == {ASHDOWN: 1, BIRCH: 1, CEDAR: 1}
    proposed_at = panel.column("recorded_at", "placements proposed")
    decided_at = panel.column("recorded_at", "decision taken")
    assert loads(panel, "--known-at", proposed_at) == {}
    assert loads(panel, "--known-at", decided_at) == {ASHDOWN: 1, BIRCH: 1, CEDAR: 1}
    founded_at = panel.column("recorded_at", "panel founded")
    assert panel.json("position", "--known-at", founded_at)["schools"] == []
    assert panel.refused("position", "--known-at", "2020-01-01") == (
        f"--known-at: nothing was recorded by 2020-01-01T23:59:59.999999Z; the record begins at {founded_at}.\n"
    )
