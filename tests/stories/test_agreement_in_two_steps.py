"""Agreement in two steps: to look for a move, before the panel; to this school, after its decision. Nobody is bound to a managed move."""

from __future__ import annotations

from pathlib import Path

from tests.courses import ASH, BEECH, COB, clean, loads, meet, placed, refer, weir


def test_all_agree_by_name_and_day_before_anything_starts(tmp_path: Path) -> None:
    panel = weir(tmp_path)
    refer(panel)
    assert placed(meet(panel, "2026-10-22", "R1")) == {"R1": BEECH}
    assert panel.refused("start", "R1", "--on", "2026-11-02") == (
        "R1: the parent, the pupil and the receiving admission authority have not agreed yet, and nothing starts before all have. "
        "What may come next: `pastoral accept R1 --by WHO`; `pastoral refuse R1 --by WHO --reason TEXT`; "
        "`pastoral agree R1 --by WHO --withdrawn --on DATE`.\n"
    )
    assert panel("accept", "R1", "--by", BEECH, "--on", "2026-10-28").out == "R1: 200002 agrees.\n  Still to agree: parent, pupil.\n"
    assert panel.json("accept", "R1", "--by", "parent", "--on", "2026-10-27") == {
        "referral": "R1",
        "school": BEECH,
        "agreed": True,
        "by": "parent",
        "still_to_agree": ["pupil"],
    }
    assert panel.refused("accept", "R1", "--by", "parent", "--on", "2026-10-28").startswith("R1: the parent agreed on 2026-10-27 already.")
    assert panel.refused("accept", "R1", "--by", "pupil", "--on", "2026-10-21").startswith(
        "R1: found 2026-10-21; wanted 2026-10-22 or later"
    )
    assert panel.refused("accept", "R1", "--by", "mother") == (
        "--by: found 'mother'; wanted the receiving school's URN, or one of parent, pupil, home-school, local-authority.\n"
    )
    assert panel("accept", "R1", "--by", "pupil", "--on", "2026-10-29").out == "R1: the pupil agrees.\n"
    assert panel.refused("start", "R1", "--on", "2026-10-28").startswith("R1: found 2026-10-28; wanted 2026-10-29 or later")
    assert panel("start", "R1", "--on", "2026-11-02").out == "R1: first day at Beech School (200002), 2026-11-02.\n"
    assert panel("case", "R1").out.splitlines()[0] == "R1 (managed move): at Beech School (200002) since 2026-11-02, to stay."
    clean(panel)


def test_a_family_that_does_not_agree_brings_the_case_back(tmp_path: Path) -> None:
    panel = weir(tmp_path)
    refer(panel)
    meet(panel, "2026-10-22", "R1")
    panel("accept", "R1", "--by", BEECH, "--on", "2026-10-27")
    assert loads(panel) == {BEECH: 1}
    said = panel("refuse", "R1", "--by", "parent", "--on", "2026-10-28", "--reason", "two buses each way with Sam Sands")
    assert said.out == "R1: the parent does not agree; the case returns to the next agenda.\n"
    assert loads(panel, "--as-of", "2026-10-27") == {BEECH: 1}
    assert loads(panel, "--as-of", "2026-10-28") == {}
    assert "Sands" not in panel.bodies()
    told = " ".join(panel("explain", "R1").out.split())
    assert told.startswith("R1: meeting 1 of 2026-10-22 chose Beech School (200002), to which the family did not agree; the case")
    case = panel.json("case", "R1")
    assert (case["status"], case["phase"]) == ("waiting", "undecided")
    assert case["history"][-1] == {
        "on": "2026-10-28",
        "kind": "family refused",
        "said": "the parent does not agree to Beech School (200002); the case goes back to the panel",
        "reason": "two buses each way with Sam Sands",
        "entry": panel.entries(),
    }
    # Beech agreed to the first decision; to a second one everybody is asked again.
    panel("meeting", "open", "--date", "2026-11-05", "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    panel("allocate")
    panel("decide", "R1", "--school", COB, "--reason", "the family asks for Cob")
    assert panel.json("case", "R1")["still_to_agree"] == ["parent", "pupil", "receiving_admission_authority"]
    panel("meeting", "close")
    clean(panel)


def test_a_refusal_by_the_family_is_no_refusal_by_the_school(tmp_path: Path) -> None:
    """The bar `did-not-agree` is for a school that was asked and refused: Beech may be proposed again, and says so nowhere."""
    panel = weir(tmp_path)
    refer(panel)
    meet(panel, "2026-10-22", "R1")
    panel("refuse", "R1", "--by", "pupil", "--on", "2026-10-28", "--reason", "wants to think")
    assert placed(meet(panel, "2026-11-05", "R1")) == {"R1": BEECH}
    panel("refuse", "R1", "--by", BEECH, "--on", "2026-11-06", "--reason", "the governors do not agree")
    assert placed(meet(panel, "2026-11-19")) == {"R1": COB}
    clean(panel)


def test_a_refusal_while_the_meeting_is_open_frees_the_seat(tmp_path: Path) -> None:
    panel = weir(tmp_path)
    refer(panel)
    panel("meeting", "open", "--date", "2026-10-22", "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    panel("allocate")
    panel("decide", "R1", "--confirm")
    panel("refuse", "R1", "--by", "parent", "--reason", "the family left the room")
    assert panel.json("allocate", "--again")["placements"] == []
    panel("meeting", "close")
    clean(panel)


def test_whom_the_edition_does_not_ask_cannot_undo_a_decision(tmp_path: Path) -> None:
    panel = weir(tmp_path)
    panel("load", "exclusions", str(panel.file("exclusions.csv", f"pupil,school,on,year_group\nP1,{ASH},2026-09-28,9\n")))
    refer(panel, "R1", "P1", "permanent_exclusion")
    meet(panel, "2026-10-22", "R1")
    assert panel.refused("refuse", "R1", "--by", "parent", "--reason", "no").startswith(
        "R1: weir of 2026-09-01 asks no agreement of the parent for a permanent exclusion, so the decision stands. What may come next: "
    )
    assert panel("start", "R1", "--on", "2026-10-27").code == 0


def test_an_agreement_that_is_taken_back_stops_the_move(tmp_path: Path) -> None:
    panel = weir(tmp_path)
    refer(panel)
    meet(panel, "2026-10-22", "R1")
    panel("accept", "R1", "--by", BEECH, "--on", "2026-10-27")
    assert panel("agree", "R1", "--by", "parent", "--withdrawn", "--on", "2026-10-29").out == (
        "R1: the parent no longer agrees, 2026-10-29.\n"
        "  The decision for 200002 is undone; the case returns to the next agenda, and is\nheld until they agree again.\n"
    )
    assert loads(panel, "--as-of", "2026-10-28") == {BEECH: 1}
    assert loads(panel, "--as-of", "2026-10-29") == {}
    assert panel.refused("start", "R1", "--on", "2026-11-02").startswith("R1: it is waiting; this follows a decision for a school.")
    again = meet(panel, "2026-11-05")
    assert [(row["referral"], row["holds"]) for row in again["held"]] == [("R1", ["agreement-to-seek"])]
    panel("agree", "R1", "--by", "parent", "--on", "2026-11-10")
    assert placed(meet(panel, "2026-11-19", "R1")) == {"R1": BEECH}
    assert panel("explain", "R1").out.startswith("R1: meeting 3 of 2026-11-19 confirmed Beech School (200002).")
    clean(panel)


def test_after_the_start_a_managed_move_cannot_be_taken_back(tmp_path: Path) -> None:
    panel = weir(tmp_path)
    refer(panel)
    meet(panel, "2026-10-22", "R1")
    for who in (BEECH, "parent", "pupil"):
        panel("accept", "R1", "--by", who, "--on", "2026-10-28")
    panel("start", "R1", "--on", "2026-11-02")
    assert panel.refused("agree", "R1", "--by", "parent", "--withdrawn", "--on", "2026-11-03") == (
        "R1: it started on 2026-11-02, and this comes before the start. "
        "What may come next: `pastoral break-down R1 --on DATE --reason TEXT`.\n"
    )
    assert panel.refused("refuse", "R1", "--by", BEECH, "--reason", "x") == "200002 agreed to R1 already.\n"
    for words in (["review"], ["permanent"], ["end", "--as", "return"], ["extend", "--until", "2026-12-01", "--reason", "x"]):
        command, *options = words
        assert panel.refused(command, "R1", *options, "--on", "2026-11-20") == (
            "R1: the placement is permanent: after its start nothing follows but a break-down. "
            "What may come next: `pastoral break-down R1 --on DATE --reason TEXT`.\n"
        )


def test_sharing_is_agreed_by_itself(tmp_path: Path) -> None:
    panel = weir(tmp_path)
    refer(panel)
    refer(panel, "R2", "P2", "managed_move", "--sharing-agreed-on", "2026-10-01")
    assert panel.json("case", "R2")["sharing_agreed"] == ["parent"]
    panel("withdraw", "R2", "--on", "2026-10-02", "--reason", "x")
    assert panel("agree", "R1", "--by", "parent", "--sharing", "--on", "2026-10-02").out == (
        "R1: the parent agrees that information is shared, 2026-10-02.\n"
    )
    assert panel.refused("agree", "R1", "--by", "parent", "--sharing", "--on", "2026-10-03") == (
        "The parent agreed on 2026-10-02 already that information about R1 is shared.\n"
    )
    assert panel("agree", "R1", "--by", "home-school", "--sharing", "--on", "2026-10-03", code=2).err.endswith(
        "--sharing goes with --by parent or --by pupil: it is the family's to agree to.\n"
    )
    meet(panel, "2026-10-22")
    assert "not-to-be-shared" not in panel("explain", "R1").out
    taken_back = panel.json("agree", "R1", "--by", "parent", "--sharing", "--withdrawn", "--on", "2026-10-30")
    assert taken_back == {"referral": "R1", "by": "parent", "on": "2026-10-30", "agrees": False, "to": "sharing"}
    assert panel.refused("agree", "R1", "--by", "parent", "--sharing", "--withdrawn", "--on", "2026-10-30").startswith(
        "The parent has not agreed"
    )
    meet(panel, "2026-11-05")
    assert "not-to-be-shared: The parent has not agreed" in panel("explain", "R1").out
    clean(panel)
