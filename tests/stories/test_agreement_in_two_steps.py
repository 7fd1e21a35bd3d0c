"""Agreement in two steps: to look for a move, before the panel; to this school, after its decision. Nobody is bound to a managed move."""

from __future__ import annotations

from pathlib import Path

from tests.courses import ASH, BEECH, COB, clean, flat, loads, meet, placed, refer, weir
from tests.running import Panel

QUASHED = ("--excluded-on", "2026-09-28", "--how", "quashed", "--on", "2026-10-12", "--reason", "x")


def bars(panel: Panel) -> list[str]:
    """What closed Beech to R1 at the latest meeting."""
    closed: list[str] = panel.json("explain", "R1", "--why-not", BEECH)["why_not"]["bars"]
    return closed


def test_all_agree_by_name_and_day_before_anything_starts(tmp_path: Path) -> None:
    panel = weir(tmp_path)
    refer(panel)
    assert placed(meet(panel, "2026-10-22", "R1")) == {"R1": BEECH}
    assert panel.refused("start", "R1", "--on", "2026-11-02") == (
        "R1: the parent, the pupil and the receiving admission authority have not agreed yet, and nothing starts before all have. "
        "What may come next: `pastoral accept R1 --by WHO`; `pastoral refuse R1 --by WHO --reason TEXT`; "
        "`pastoral agree R1 --by WHO --withdrawn --on DATE`; `pastoral end R1 --as not-taken-up --on DATE`.\n"
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
        "--by: found 'mother'; wanted the receiving school's URN, or one of receiving-school, "
        "receiving-admission-authority, parent, pupil, home-school, local-authority.\n"
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
    # Nobody is bound to a managed move, so Beech is not asked again: the family's next wish is Cob. Beech agreed to the first
    # decision; to a second one everybody is asked again.
    panel("meeting", "open", "--date", "2026-11-05", "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    assert placed(panel.json("allocate")) == {"R1": COB}
    assert "The family did not agree to Beech School. Nobody is bound to a managed move." in flat(
        panel("explain", "R1", "--why-not", BEECH)
    )
    panel("decide", "R1", "--confirm")
    assert panel.json("case", "R1")["still_to_agree"] == ["parent", "pupil", "receiving_admission_authority"]
    panel("meeting", "close")
    clean(panel)


def test_a_refusal_by_the_family_is_no_refusal_by_the_school(tmp_path: Path) -> None:
    """It was the pupil who did not agree to Beech, and Beech who later did not agree to the pupil: each by its own bar."""
    panel = weir(tmp_path)
    refer(panel)
    meet(panel, "2026-10-22", "R1")
    panel("refuse", "R1", "--by", "pupil", "--on", "2026-10-28", "--reason", "wants to think")
    # Beech is out, and Cob, the second wish, is proposed. The pupil has thought, and wants Beech: the panel waives the bar.
    panel("meeting", "open", "--date", "2026-11-05", "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    assert placed(panel.json("allocate")) == {"R1": COB}
    assert bars(panel) == ["family-did-not-agree"]
    taken = panel.json("decide", "R1", "--school", BEECH, "--reason", "the pupil has thought, and wants to go there")
    assert taken["decisions"][0]["waived"] == ["family-did-not-agree"]
    panel("meeting", "close")
    # Now the school does not agree, and the family's wish alone brings it back no more: Cob is proposed again.
    panel("refuse", "R1", "--by", BEECH, "--on", "2026-11-06", "--reason", "the governors do not agree")
    assert placed(meet(panel, "2026-11-19")) == {"R1": COB}
    assert sorted(bars(panel)) == ["did-not-agree", "family-did-not-agree"]
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


def test_only_those_agree_whom_the_edition_asks(tmp_path: Path) -> None:
    """Weir asks the parent, the pupil and the receiving school of a managed move; of an exclusion the law asks nobody."""
    panel = weir(tmp_path)
    panel("load", "exclusions", str(panel.file("exclusions.csv", f"pupil,school,on,year_group\nP2,{ASH},2026-09-28,9\n")))
    refer(panel)
    refer(panel, "R2", "P2", "permanent_exclusion", "--permanently-excluded", "yes")
    meet(panel, "2026-10-22", "R1", "R2")
    for who in ("local-authority", "home-school"):
        assert panel.refused("accept", "R1", "--by", who, "--on", "2026-10-28").startswith(
            f"R1: weir of 2026-09-01 asks no agreement of the {who.replace('-', ' ')} for a managed move, "
            "only of the parent, the pupil and the receiving admission authority. What may come next: "
        )
    assert panel.refused("accept", "R2", "--by", "parent", "--on", "2026-10-28").startswith(
        "R2: weir of 2026-09-01 asks no agreement of the parent for a permanent exclusion, nor of anybody else. "
    )
    clean(panel)


def test_nobody_answers_a_decision_before_it_was_taken(tmp_path: Path) -> None:
    panel = weir(tmp_path)
    refer(panel)
    meet(panel, "2026-10-22", "R1")
    for words in (["accept"], ["refuse", "--reason", "x"]):
        command, *options = words
        assert panel.refused(command, "R1", "--by", BEECH, "--on", "2026-10-21", *options) == (
            "R1: found 2026-10-21; wanted 2026-10-22 or later, the day of the decision: nobody answers one before it.\n"
        )
        for who in ("parent", "pupil"):
            assert panel.refused(command, "R1", "--by", who, "--on", "2026-10-21", *options).startswith(
                "R1: found 2026-10-21; wanted 2026-10-22 or later"
            )
    assert panel("accept", "R1", "--by", BEECH, "--on", "2026-10-22").code == 0
    clean(panel)


def test_education_does_not_begin_before_the_case(tmp_path: Path) -> None:
    """Excluded on 28 September, referred on 1 October: the sixth school day may lie between, a day before the exclusion may not."""
    panel = weir(tmp_path)
    panel("load", "exclusions", str(panel.file("exclusions.csv", f"pupil,school,on,year_group\nP2,{ASH},2026-09-28,9\n")))
    refer(panel)
    refer(panel, "R2", "P2", "permanent_exclusion", "--permanently-excluded", "yes")
    refer(panel, "R3", "P3", "permanent_exclusion", "--permanently-excluded", "yes")
    assert panel.refused("education", "R1", "--on", "2020-01-01") == (
        "R1: found 2020-01-01; wanted 2026-10-01 or later, the day of the referral.\n"
    )
    assert panel.refused("education", "R2", "--on", "2026-09-27") == (
        "R2: found 2026-09-27; wanted 2026-09-28 or later, the day of the exclusion that it follows.\n"
    )
    # Of P3 no exclusion is recorded, so nobody can tell from when: the clerk is told how to say it.
    assert panel.refused("education", "R3", "--on", "2026-09-30") == (
        "R3: found 2026-09-30; wanted 2026-10-01 or later, the day of the referral. "
        "If it follows an earlier exclusion, record that first: `pastoral exclusion record`.\n"
    )
    assert panel("education", "R2", "--on", "2026-09-30").out == "R2: in full-time education from 2026-09-30.\n"
    # Though the exclusion is quashed since, that day was no earlier than the case.
    panel("exclusion", "reverse", "--pupil", "P2", "--school", ASH, *QUASHED)
    panel("education", "R2", "--on", "2026-09-29")
    clean(panel)


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
        "What may come next: `pastoral end R1 --as left --on DATE`; `pastoral break-down R1 --on DATE --reason TEXT`.\n"
    )
    assert panel.refused("refuse", "R1", "--by", BEECH, "--reason", "x") == "200002 agreed to R1 already.\n"
    for words in (["review"], ["permanent"], ["end", "--as", "return"], ["extend", "--until", "2026-12-01", "--reason", "x"]):
        command, *options = words
        asks_for_none = (
            "weir of 2026-09-01 has no `reviews` for a managed move: an edition that asks for one says "
            "`lifecycle: {managed_move: {reviews: [6 weeks]}}`. "
        )
        assert panel.refused(command, "R1", *options, "--on", "2026-11-20") == (
            "R1: the placement is permanent: after its start nothing follows but a break-down, or that the pupil leaves. "
            f"{asks_for_none if command == 'review' else ''}"
            "What may come next: `pastoral end R1 --as left --on DATE`; `pastoral break-down R1 --on DATE --reason TEXT`.\n"
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
