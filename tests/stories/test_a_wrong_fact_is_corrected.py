"""Somebody wrote down what was not so. It is corrected, what was believed stays readable, and what was decided on it is flagged."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from panel import events as ev
from panel.record.ledger import Ledger
from panel.steps.office import Office
from tests.running import ASHDOWN, BIRCH, CEDAR, MEETS, Panel, harbour, url

NEXT = ("meeting", "open", "--date", "2026-11-05", "--chair", "Okafor")


def loads(panel: Panel, *options: str) -> dict[str, int]:
    return {row["school"]: row["load"] for row in panel.json("position", *options)["schools"] if row["load"]}


def straight(text: str) -> str:
    return " ".join(text.split())


def entry(panel: Panel, kind: str) -> str:
    return panel.column("seq", kind)


def outside(panel: Panel) -> str:
    """Two pupils whom Cedar took without the panel; the entry of the first."""
    rows = f"pupil,school,on,year_group,ehcp\nQ1,{CEDAR},2026-10-05,10,no\nQ2,{CEDAR},2026-10-06,10,no\n"
    panel("load", "admissions", str(panel.file("admissions.csv", rows)))
    return entry(panel, "outside admission")


# --- before a decision ---


def test_what_was_left_blank_is_added_and_the_case_is_no_longer_held(tmp_path: Path) -> None:
    """R3 is held because nobody said whether there is a plan. It is asked, and told."""
    panel = harbour(tmp_path, "loaded")
    said = panel("correct", "R3", "--set", "ehcp=no", "--reason", "the mother was asked")
    assert said.out == "Entry 32 corrects entry 21 (referral made): ehcp.\n"
    panel("meeting", "open", "--date", MEETS, "--chair", "Okafor")
    assert [one["referral"] for one in panel.json("allocate", "--dry-run")["held"]] == ["R4"]
    assert panel.json("audit", "replay")["ok"] is True
    assert "the mother was asked" not in panel.bodies()


def test_an_open_meeting_goes_by_what_it_froze_and_the_next_one_by_what_is_so(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "opened")
    said = panel("correct", "R3", "--set", "ehcp=no", "--reason", "the mother was asked")
    assert said.out.endswith("Meeting 1 of 2026-10-22 is open and goes by what it froze.\n")
    assert [one["referral"] for one in panel.json("allocate", "--dry-run")["held"]] == ["R3", "R4"]
    panel("meeting", "close")
    panel(*NEXT)
    assert [one["referral"] for one in panel.json("allocate", "--dry-run")["held"]] == ["R4"]


def test_a_plan_that_comes_to_light_during_the_meeting_stops_the_decision(tmp_path: Path) -> None:
    """A child with a plan has a law of its own: the panel may not decide, though the meeting opened before anybody knew."""
    panel = harbour(tmp_path, "proposed")
    panel("correct", "R1", "--set", "ehcp=yes", "--reason", "the plan was found")
    assert panel.refused("decide", "R1", "--confirm") == (
        "R1 is held by plan: the panel cannot decide it as things stand. See `pastoral explain R1`.\n"
    )
    panel("decide", "R1", "--defer", "--reason", "it goes to the authority")
    panel("meeting", "close")
    assert panel.json("audit", "replay")["ok"] is True


def test_a_wrong_distance_is_corrected_in_its_row(tmp_path: Path) -> None:
    """P1's way to Cedar was written as 26 km, too far; it is 2.6. Ashdown (0/1000) stays the better one; the bar is gone."""
    panel = harbour(tmp_path, "loaded")
    rows = f"pupil,urn,metres,method\nP1,{CEDAR},26000,measured\nP1,{ASHDOWN},3000,measured\n"
    panel("load", "journeys", str(panel.file("journeys.csv", rows)))
    seq = entry(panel, "journeys recorded")
    assert panel.refused("correct", "--entry", seq, "--set", "metres=2600", "--reason", "a slip") == (
        "1 problem; nothing was recorded.\n  urn: found nothing; wanted the row to correct: 100001, 100003\n"
    )
    panel("correct", "--entry", seq, "--set", f"urn={CEDAR}", "--set", "metres=2600", "--reason", "a slip")
    panel("meeting", "open", "--date", MEETS, "--chair", "Okafor")
    assert panel.json("explain", "R1", "--why-not", CEDAR)["why_not"]["bars"] == []
    assert panel.json("audit", "verify")["ok"] is True


def test_a_home_that_was_wrong_takes_its_estimates_with_it(tmp_path: Path) -> None:
    """From 622000,400000 Ashdown is 2 km east in a straight line, 2.6 km as estimated; from 626000,400000 it is 6, so 7.8 km."""
    panel = harbour(tmp_path, "opened")
    panel("meeting", "close")
    said = panel.json("correct", "R1", "--set", "easting=626000", "--set", "northing=400000", "--reason", "another child's address")
    assert [(one["kind"], one["fields"], one["void"]) for one in said["corrections"]] == [
        ("referral made", ["easting"], False),
        ("journeys recorded", [], True),
    ]
    panel(*NEXT)
    panel("meeting", "draw", "--words", "maple")
    placed = {row["referral"]: row for row in panel.json("allocate")["placements"]}
    assert (placed["R1"]["school"], placed["R1"]["metres"]) == (ASHDOWN, 7800)


def test_a_decision_that_somebody_wrote_all_the_same_is_found(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "proposed")
    panel("correct", "R1", "--set", "ehcp=yes", "--reason", "the plan was found")
    with Office(Ledger.open(url(panel.ledger)), actor="somebody") as office:
        (meeting,) = office.state.meetings
        first = dt.date.fromisoformat(MEETS)
        decision = ev.DecisionTaken(
            meeting=1, on=first, referral="R1", pupil="P1", outcome="confirmed", school=ASHDOWN, starts=first,
            proposal=meeting.proposals[-1][0], transport_pence=0, over_number=0,
        )  # fmt: skip
        office.write(decision)
    (found,) = panel.json("audit", "replay", code=1)["divergences"]
    assert (found["what"], found["replayed"]) == ("outcome", "nothing: it is held by plan")


# --- what was believed, and what is so ---


def test_a_child_who_was_never_admitted_weighs_on_nobody(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "loaded")
    seq = outside(panel)
    assert loads(panel) == {CEDAR: 2}
    believed = panel.column("recorded_at", "outside admission")
    said = panel("correct", "--entry", seq, "--void", "--reason", "the offer was not taken up", "--on", "2026-10-09")
    assert said.out == f"Entry 34 corrects entry {seq} (outside admission): it should never have been.\n"
    assert loads(panel) == {CEDAR: 1}
    assert loads(panel, "--as-of", "2026-10-05") == {}
    assert loads(panel, "--as-of", "2026-10-05", "--known-at", believed) == {CEDAR: 1}
    assert loads(panel, "--known-at", believed) == {CEDAR: 2}
    # The same child may be loaded again, now that the record says that it was not there.
    panel("load", "admissions", str(panel.file("again.csv", f"pupil,school,on,year_group,ehcp\nQ1,{CEDAR},2026-10-05,10,no\n")))
    assert loads(panel) == {CEDAR: 2}


def test_a_correction_is_corrected_and_taken_back(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "loaded")
    seq = outside(panel)
    panel("correct", "--entry", seq, "--set", f"school={BIRCH}", "--reason", "the wrong school")
    assert loads(panel) == {BIRCH: 1, CEDAR: 1}
    panel("correct", "--entry", seq, "--set", f"school={ASHDOWN}", "--reason", "wrong again")
    assert loads(panel) == {ASHDOWN: 1, CEDAR: 1}
    assert panel.refused("correct", "--entry", "34", "--void", "--reason", "no") == (
        f"Entry 34 is not a correction that can be taken back: the last one of entry {seq} is entry 35.\n"
    )
    assert panel("correct", "--entry", "35", "--void", "--reason", "it was Birch").out == "Entry 36 takes correction 35 back.\n"
    assert loads(panel) == {BIRCH: 1, CEDAR: 1}
    assert panel.json("audit", "replay")["ok"] is True


# --- after a decision ---


def flagged(panel: Panel) -> Any:
    return panel.json("audit", "replay")["corrected_since"]


def test_a_decision_on_a_wrong_fact_is_flagged_and_stands(tmp_path: Path) -> None:
    """R1 went to Ashdown; it turns out that there was a plan, with which the panel could not have decided at all."""
    panel = harbour(tmp_path, "closed")
    panel("correct", "R1", "--set", "ehcp=yes", "--reason", "the plan came to light")
    told = straight(panel("explain", "R1").out)
    assert told.startswith("R1: meeting 1 of 2026-10-22 confirmed Ashdown School (100001).")
    assert "Meeting 1 of 2026-10-22 went by facts that were corrected since; what it decided stands:" in told
    assert "referral.ehcp: no then, yes now (entry 45 corrects entry 15)" in told
    assert "By the corrected facts it would have been held by plan." in told
    # Nobody else's facts were wrong, and nobody else would have gone elsewhere but those who were with R1.
    assert flagged(panel) == [
        {"meeting": 1, "date": MEETS, "referrals": ["R1"], "schools": [], "by": [{"entry": 45, "corrects": 15}]},
    ]
    replay = panel("audit", "replay").out
    assert replay.startswith("1 proposal(s) replayed; each came out the same, to the byte.\n")
    assert "corrected since: R1 (entry 45 corrects entry 15). It stands, as it was made." in straight(replay)
    assert "went by facts that were corrected since: R1" in straight(panel("position").out)
    assert loads(panel) == {ASHDOWN: 1, BIRCH: 1, CEDAR: 1}


def test_it_is_said_too_that_it_made_no_difference(tmp_path: Path) -> None:
    """R6 can go only to Birch, whatever the family would choose first."""
    panel = harbour(tmp_path, "closed")
    panel("correct", "R6", "--set", f"preferences={ASHDOWN};{BIRCH}", "--reason", "the form says so")
    (flag,) = panel.json("explain", "R6")["corrected_since"]
    assert {(one["fact"], one["school"], one["then"], one["now"]) for one in flag["facts"]} == {
        ("candidate.rank", ASHDOWN, None, 1),
        ("candidate.rank", BIRCH, None, 2),
    }
    assert flag["proposal_differs"] is False
    assert "By the corrected facts the same would have been proposed." in straight(panel("explain", "R6").out)


def test_a_school_whose_load_was_wrong_flags_whoever_would_have_gone_there(tmp_path: Path) -> None:
    """Two admissions made Cedar 2/800. Without them R2 goes there (1/800); with them Birch took it, 2 of 500 being R6's and its own.

    By hand: R1 at Ashdown 1/1000, R6 at Birch; R2 at Cedar is 3/800 = 3.75 per 1,000, at Birch 2/500 = 4.00. So R2 goes to
    Cedar all the same with 2; with 3 it would be 4/800 = 5.00, and Birch is better. Three are recorded, and one of them is wrong.
    """
    panel = harbour(tmp_path, "loaded")
    seq = outside(panel)
    panel("load", "admissions", str(panel.file("third.csv", f"pupil,school,on,year_group,ehcp\nQ3,{CEDAR},2026-10-07,10,no\n")))
    for step in (f"meeting open --date {MEETS} --chair Okafor", "meeting draw --words heron", "allocate", "decide R2 --confirm"):
        panel(*step.split())
    assert panel.json("explain", "R2")["decided"] == BIRCH
    panel("meeting", "close")
    assert "corrected_since" not in panel.json("position")
    panel("correct", "--entry", seq, "--void", "--reason", "the offer was not taken up")
    (flag,) = panel.json("explain", "R2")["corrected_since"]
    assert flag["would_be_proposed"] == {"standing": "placed", "school": CEDAR, "because": []}
    assert flag["proposal_differs"] is True
    (meeting,) = flagged(panel)
    assert (meeting["referrals"], meeting["schools"]) == ([], [CEDAR])
    assert "corrected_since" not in panel.json("position", "--as-of", "2026-10-21")
    believed = panel.column("recorded_at", "meeting closed")
    assert "corrected_since" not in panel.json("position", "--known-at", believed)


def test_each_fact_is_told_with_the_correction_that_it_is_by(tmp_path: Path) -> None:
    """Two things were wrong: R1's plan, and where R1 lives. 622000 is 2 km from Ashdown, 626000 is 6: times 1.3, 2.6 and 7.8 km."""
    panel = harbour(tmp_path, "closed")
    panel("correct", "R1", "--set", "easting=626000", "--set", "northing=400000", "--reason", "another child's address")
    panel("correct", "R4", "--set", "ehcp=yes", "--reason", "the plan came to light")
    (flag,) = panel.json("explain", "R1")["corrected_since"]
    ways = {one["school"]: (one["then"], one["now"], [by["corrects"] for by in one["by"]]) for one in flag["facts"]}
    assert ways[ASHDOWN] == (2600, 7800, [15, 32])
    (flag,) = panel.json("explain", "R4")["corrected_since"]
    assert [(one["fact"], [by["corrects"] for by in one["by"]]) for one in flag["facts"]] == [("referral.ehcp", [24])]


def test_two_corrections_of_one_entry_are_told_each_with_its_own_facts(tmp_path: Path) -> None:
    """Entry 45 says that R1 had a plan, entry 46 what the family would choose; entry 47 says of the plan that nobody knows."""
    panel = harbour(tmp_path, "closed")
    panel("correct", "R1", "--set", "ehcp=yes", "--reason", "the plan came to light")
    panel("correct", "R1", "--set", f"preferences={BIRCH}", "--reason", "the form says so")

    def by(fact: str) -> list[list[int]]:
        (flag,) = panel.json("explain", "R1")["corrected_since"]
        return [[cause["entry"] for cause in one["by"]] for one in flag["facts"] if one["fact"] == fact]

    assert (by("referral.ehcp"), by("candidate.rank")) == ([[45]], [[46], [46]])
    told = straight(panel("explain", "R1").out)
    assert "referral.ehcp: no then, yes now (entry 45 corrects entry 15)" in told
    assert "candidate.rank at Birch Academy: unknown then, 1 now (entry 46 corrects entry 15)" in told
    assert flagged(panel)[0]["by"] == [{"entry": 45, "corrects": 15}, {"entry": 46, "corrects": 15}]
    # What is known now of the plan is by both that spoke of it; by neither once the second is taken back and says no again.
    panel("correct", "R1", "--set", "ehcp=", "--reason", "that was another child's")
    assert (by("referral.ehcp"), by("candidate.rank")) == ([[45, 47]], [[46], [46]])
    panel("correct", "R1", "--set", "ehcp=no", "--reason", "there is none")
    assert (by("referral.ehcp"), by("candidate.rank")) == ([], [[46], [46]])


def test_a_correction_that_a_meeting_went_by_and_that_is_taken_back_since_is_told_by_what_took_it_back(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "loaded")
    panel("correct", "R1", "--set", f"preferences={ASHDOWN}", "--reason", "the form says so")
    panel("correct", "R1", "--set", "ehcp=", "--reason", "nobody knows")
    for step in (f"meeting open --date {MEETS} --chair Okafor", "meeting draw --words heron", "allocate", "meeting close"):
        panel(*step.split())
    last = int(panel.column("seq", "meeting closed"))
    panel("correct", "--entry", "33", "--void", "--reason", "it was asked")
    panel("correct", "R1", "--set", "ehcp=yes", "--reason", "there is one")
    (flag,) = panel.json("explain", "R1")["corrected_since"]
    (plan,) = (one for one in flag["facts"] if one["fact"] == "referral.ehcp")
    assert (plan["then"], plan["now"], [cause["entry"] for cause in plan["by"]]) == (None, True, [last + 1, last + 2])


def test_a_correction_taken_back_takes_the_flag_with_it(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "closed")
    panel("correct", "R1", "--set", "ehcp=yes", "--reason", "the plan came to light")
    panel("correct", "--entry", "45", "--void", "--reason", "another child's plan")
    assert "corrected_since" not in panel.json("audit", "replay")
    assert "corrected since" not in panel("explain", "R1").out


# --- what cannot be ---


def test_what_was_done_is_not_corrected(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "closed")
    no = ("--void", "--reason", "a mistake")
    assert panel.refused("correct", "--entry", entry(panel, "decision taken"), *no).startswith(
        "Entry 41 (decision taken) cannot be corrected: a decision is not corrected: the panel decides anew"
    )
    assert panel.refused("correct", "--entry", entry(panel, "meeting drawn"), *no) == (
        "Entry 39 (meeting drawn) cannot be corrected: what a meeting did stays as it was.\n"
    )
    assert panel.refused("correct", "--entry", "15", *no) == (
        "Entry 15 (referral made) is not taken out of the record: withdraw it with `pastoral withdraw R1`.\n"
    )
    late = panel.refused("correct", "R1", "--set", "made_on=2026-10-23", "--reason", "a slip")
    assert late == (
        "The record would contradict itself: Entry 41 (decision taken) decides R1, which no entry before it made. "
        "What was done on it is undone first, or it stands. Nothing was recorded.\n"
    )
    assert panel.refused("correct", "R1", "--set", "pupil=P9", "--reason", "a slip").splitlines()[1].startswith("  pupil: found a column")
    assert panel.refused("correct", "R9", "--set", "ehcp=no", "--reason", "a slip").startswith("There is no referral 'R9'.")


def test_a_correction_says_what_and_why(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "loaded")
    assert panel("correct", "R1", "--void", "--reason", "x", code=2).err.endswith(
        "Say --set COLUMN=VALUE, once for each column, or with --entry also --void.\n"
    )
    assert panel("correct", "--set", "ehcp=no", "--reason", "x", code=2).err.endswith("Name one referral, or --entry SEQ.\n")
    assert panel("correct", "R1", "--set", "ehcp", "--reason", "x", code=2).err.endswith(
        "--set: found no COLUMN=VALUE; wanted one, as ehcp=no.\n"
    )
    assert panel.refused("correct", "R1", "--set", "ehcp=no", "--reason", " ").startswith("Nothing would change")
    assert panel.refused("correct", "R1", "--set", "ehcp=yes", "--reason", " ").startswith("--reason: found nothing")
    assert panel("correct", "R1", "--set", "ehcp=no", code=2).err.startswith("Usage:")


def test_the_day_of_an_agreement_is_corrected_with_its_referral(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "loaded")
    assert panel.refused("correct", "R4", "--set", "parent_agrees_on=2026-09-30", "--reason", "x") == (
        "parent_agrees_on: the parent has not agreed to R4. Record it with `pastoral agree R4 --by parent --on DATE`.\n"
    )
    panel("correct", "R1", "--set", "parent_agrees_on=", "--reason", "it was R4's parent")
    panel("meeting", "open", "--date", MEETS, "--chair", "Okafor")
    held = {one["referral"]: one["holds"] for one in panel.json("allocate", "--dry-run")["held"]}
    assert held["R1"] == ["both-agree"]


# --- what cannot be, and what goes with a correction ---


def test_a_referral_that_a_meeting_heard_was_not_made_after_it(tmp_path: Path) -> None:
    """R3 was not decided in October, but it was on the agenda: made in November, nobody could tell any more what October went by."""
    panel = harbour(tmp_path, "closed")
    said = straight(panel.refused("correct", "R3", "--set", "made_on=2026-11-01", "--reason", "the form says so"))
    assert "R3 had been on the agenda of meeting 1 of 2026-10-22 before it was made." in said
    panel("correct", "R3", "--set", "made_on=2026-10-22", "--reason", "the form says so")
    assert panel.json("audit", "replay")["ok"] is True
    panel("position", "--as-of", MEETS)


def test_a_pupil_did_not_come_back_before_the_placement_broke_down(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "closed")
    for who in (ASHDOWN, "parent"):
        panel("accept", "R1", "--by", who, "--on", "2026-10-23")
    panel("start", "R1", "--on", "2026-11-02")
    panel("break-down", "R1", "--on", "2026-11-20", "--reason", "seldom there")
    broke = entry(panel, "placement broken down")
    said = panel.refused("correct", "--entry", broke, "--set", "on=2026-11-21", "--reason", "the letter says so")
    assert "(referral made: made on) could then not follow" in straight(said)
    panel("correct", "--entry", broke, "--set", "on=2026-11-19", "--reason", "the letter says so")


def test_a_column_that_is_read_with_another_can_be_corrected_by_itself(tmp_path: Path) -> None:
    """The ages of a school are read together: its entry knows the other one."""
    panel = harbour(tmp_path, "loaded")
    said = panel.json("correct", "--entry", "4", "--set", "StatutoryLowAge=13", "--reason", "the register says so")
    assert said["corrections"][0]["fields"] == ["low_age"]
    said = panel.json("correct", "--entry", "4", "--set", "easting=627000", "--reason", "a typing error")
    assert said["corrections"][0]["fields"] == ["easting"]


def metres(panel: Panel, pupil: str, urn: str) -> list[int]:
    """The ways from a pupil's home to a school that stand in the record, as its latest meeting froze them."""
    entries = panel.json("person", "show", pupil)["entries"]
    frozen = [one["sealed"]["case"] for one in entries if one["kind"] == "meeting opened"][-1]
    return [row["candidate.metres"] for school, row in frozen["candidates"].items() if school == urn]


def test_when_the_place_of_a_school_was_wrong_its_estimates_are_made_anew(tmp_path: Path) -> None:
    """Dell is 11 km from R5's home and not 1: times 1.3, 14,300 metres. R1, who is placed, keeps what was gone by."""
    panel = harbour(tmp_path, "closed")
    assert metres(panel, "P5", "100004") == [1300]
    said = panel.json("correct", "--entry", "6", "--set", "easting=633000", "--reason", "a typing error")
    # R3, R4 and R5 still wait.
    assert [one["kind"] for one in said["corrections"]] == ["school recorded", *["journeys recorded"] * 3]
    panel(*NEXT)
    assert (metres(panel, "P5", "100004"), metres(panel, "P5", CEDAR)) == ([14300], [10400])
    assert metres(panel, "P1", "100004") == [1300]
    assert panel.json("audit", "replay")["ok"] is True


def test_when_a_wrong_home_is_taken_back_the_estimates_from_it_go_too(tmp_path: Path) -> None:
    """R5's home is put right by mistake in between; November estimates from there, and December from the old home again."""
    panel = harbour(tmp_path, "closed")
    wrong = panel.json("correct", "R5", "--set", "easting=633000", "--reason", "another child's")["corrections"][0]["entry"]
    panel(*NEXT)
    assert metres(panel, "P5", "100004") == [13000]
    panel("meeting", "close")
    panel("correct", "--entry", str(wrong), "--void", "--reason", "it was right before")
    panel("meeting", "open", "--date", "2026-12-03", "--chair", "Okafor")
    assert metres(panel, "P5", "100004") == [1300]


def test_a_placement_that_never_broke_down_goes_on_once_what_came_of_it_is_withdrawn(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "closed")
    for who in (ASHDOWN, "parent"):
        panel("accept", "R1", "--by", who, "--on", "2026-10-23")
    panel("start", "R1", "--on", "2026-11-02")
    panel("break-down", "R1", "--on", "2026-11-20", "--reason", "another child's")
    broke = ("correct", "--entry", entry(panel, "placement broken down"), "--void", "--reason", "another child's")
    assert "(referral made: follows) could then not follow" in straight(panel.refused(*broke))
    panel("withdraw", "R1-2", "--on", "2026-11-23", "--reason", "another child's")
    panel(*broke)
    assert "at Ashdown School (100001) since 2026-11-02, to stay" in straight(panel("case", "R1").out)
    # And it may break down after all.
    assert panel("break-down", "R1", "--on", "2027-01-20", "--reason", "seldom there").out.endswith("comes back as R1-3, from 100001.\n")
    assert panel.json("audit", "replay")["ok"] is True
