"""A child who comes from no school of the panel, and a pupil who is asked: said outright, seen by rules, never guessed from a blank."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.running import Panel

BOOK = """\
rulebook: haven
edition: {from: 2026-09-01}
title: Haven partnership
authority: {instrument: Haven agreement (invented)}
counts:
  taken: {of: placements, over: academic_year}
  net: {of: placements, over: academic_year, minus: [own_referrals_placed]}
holds:
  - id: the-school-agrees
    when: referral.has_home_school and not referral.home_school_agrees
    say: The home school has not agreed.
    examples:
      - {name: it has not, given: {referral.home_school_agrees: false}, expect: fires}
      - {name: it has, given: {referral.home_school_agrees: true}, expect: silent}
      - {name: there is none to ask, given: {referral.has_home_school: false, referral.home_school_agrees: false}, expect: silent}
      - {name: nobody has said, given: {referral.has_home_school: unknown, referral.home_school_agrees: false}, expect: cannot tell}
  - id: ask-the-pupil
    when: not referral.pupil_agrees
    say: Nobody has asked the pupil yet.
    examples:
      - {name: not asked, given: {referral.pupil_agrees: false}, expect: fires}
      - {name: willing, given: {referral.pupil_agrees: true}, expect: silent}
  - id: ask-again
    when: referral.days_since_pupil_agreed is known and referral.days_since_pupil_agreed > 30
    say: The pupil was asked {referral.days_since_pupil_agreed} days ago.
    examples:
      - {name: long ago, given: {referral.days_since_pupil_agreed: 31}, expect: fires}
      - {name: of late, given: {referral.days_since_pupil_agreed: 30}, expect: silent}
      - {name: never, given: {referral.days_since_pupil_agreed: unknown}, expect: silent}
notices:
  - id: new-here
    when: not referral.has_home_school
    say: This child has no school to bring anything from.
    examples:
      - {name: comes from none, given: {referral.has_home_school: false}, expect: fires}
      - {name: comes from one, given: {referral.has_home_school: true}, expect: silent}
lifecycle:
  managed_move: {agreed_by: [parent, pupil, receiving_admission_authority]}
clocks:
  - {id: willing, from: [referral.made, conversation.held], until: [pupil.agreed, referral.withdrawn], within: 10 school days}
objectives: [place, {share: {load: taken, per: equal}}, lottery]
"""
SCHOOLS = """\
URN,EstablishmentName,PhaseOfEducation (name),Federation
900001,One,Secondary,North
900002,Two,Secondary,North
"""
HEADER = "referral,pupil,kind,year_group,made_on,home_school,excluded_by,home_school_agrees_on,pupil_agrees_on\n"


def haven(tmp_path: Path) -> Panel:
    panel = Panel(tmp_path / "haven.db")
    panel("init", "--rulebook", str(panel.file("haven.yaml", BOOK)))
    panel("load", "schools", str(panel.file("schools.csv", SCHOOLS)))
    return panel


def said(panel: Panel, *rows: str) -> str:
    """What is said of a file of referrals that is refused."""
    return panel.refused("load", "referrals", str(panel.file("referrals.csv", HEADER + "\n".join(rows))))


def meet(panel: Panel, day: str) -> Any:
    panel("meeting", "open", "--date", day, "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    return panel.json("allocate")


def test_a_blank_is_not_none(tmp_path: Path) -> None:
    panel = haven(tmp_path)
    words = said(panel, "R1,P1,fair_access,9,2026-09-03,,,,2026-09-03")
    assert (
        "row 2, home_school: found nothing, nor in excluded_by; wanted a URN in at least one of the two, or none as home_school." in words
    )
    assert "never on a roll" in words


def test_what_a_home_school_does_needs_one(tmp_path: Path) -> None:
    panel = haven(tmp_path)
    rows = [
        "R1,P1,managed_move,9,2026-09-03,none,,,",
        "R2,P2,off_site_direction,9,2026-09-03,None,900001,,",
        "R3,P3,fair_access,9,2026-09-03,none,,2026-09-03,",
        "R4,P4,fair_access,9,2026-09-03,nobody,,,",
    ]
    words = said(panel, *rows)
    wanted = "while home_school is none; wanted permanent_exclusion, reintegration or fair_access. A managed move and an off-site direction"
    assert f"row 2, kind: found 'managed_move', {wanted}" in words
    assert f"row 3, kind: found 'off_site_direction', {wanted}" in words
    assert "row 4, home_school_agrees_on: found a day, while home_school is none; wanted nothing: there is no home school to agree" in words
    assert "row 5, home_school: found 'nobody'; wanted a URN of six digits, or none" in words
    assert "4 problems in 4 rows; nothing was recorded." in words


def test_a_child_of_no_school_is_placed_and_no_school_is_its_sender(tmp_path: Path) -> None:
    panel = haven(tmp_path)
    panel("refer", "R1", "--pupil", "P1", "--kind", "fair_access", "--year-group", "9", "--made-on", "2026-09-03", "--home-school", "none")
    assert panel.refused("agree", "R1", "--by", "home-school", "--on", "2026-09-04") == (
        "R1 has no home school (home_school: none), so there is none to agree or to take an agreement back.\n"
    )
    assert panel("agree", "R1", "--by", "pupil", "--on", "2026-09-04").out == "R1: the pupil agrees, 2026-09-04.\n"
    answer = meet(panel, "2026-09-10")
    assert [row["referral"] for row in answer["placements"]] == ["R1"]
    assert "This child has no school to bring anything from." in " ".join(panel("explain", "R1").out.split())
    panel("decide", "R1", "--confirm")
    panel("meeting", "close")
    counted = {row["school"]: (row["counts"]["taken"], row["counts"]["net"]) for row in panel.json("position")["schools"]}
    assert sorted(counted.values()) == [(0, 0), (1, 1)]  # nobody is credited
    assert panel.json("audit", "replay")["ok"] is True


def test_where_nobody_said_from_which_school_the_rule_cannot_tell(tmp_path: Path) -> None:
    panel = haven(tmp_path)
    rows = (
        "R1,P1,permanent_exclusion,9,2026-09-03,,900001,,2026-09-03",
        "R2,P2,permanent_exclusion,9,2026-09-03,none,900001,,2026-09-03",
        "R3,P3,permanent_exclusion,9,2026-09-03,900001,900001,,2026-09-03",
    )
    panel("load", "referrals", str(panel.file("referrals.csv", HEADER + "\n".join(rows))))
    answer = meet(panel, "2026-09-10")
    assert {row["referral"]: row["holds"] for row in answer["held"]} == {"R1": [], "R3": ["the-school-agrees"]}
    assert [row["referral"] for row in answer["placements"]] == ["R2"]
    told = " ".join(panel("explain", "R1").out.split())
    assert "referral.has_home_school is told by the referral's column home_school, `none` where there is none." in told


def test_a_pupil_is_asked_and_may_think_again(tmp_path: Path) -> None:
    panel = haven(tmp_path)
    row = "R1,P1,managed_move,9,2026-09-03,900001,,2026-09-03,2026-09-03"
    panel("load", "referrals", str(panel.file("referrals.csv", f"{HEADER}{row}\n")))
    assert panel.refused("agree", "R1", "--by", "pupil", "--on", "2026-09-04") == "The pupil agreed to R1 on 2026-09-03 already.\n"
    assert panel("agree", "R1", "--by", "pupil", "--on", "2026-09-07", "--withdrawn").out == "R1: the pupil no longer agrees, 2026-09-07.\n"
    assert [row["holds"] for row in meet(panel, "2026-09-10")["held"]] == [["ask-the-pupil"]]
    panel("meeting", "close")
    panel("agree", "R1", "--by", "pupil", "--on", "2026-09-11")
    assert [row["holds"] for row in meet(panel, "2026-10-12")["held"]] == [["ask-again"]]  # 31 days later
    assert "The pupil was asked 31 days ago." in " ".join(panel("explain", "R1").out.split())


def test_what_the_book_says_of_it_is_told(tmp_path: Path) -> None:
    panel = haven(tmp_path)
    page = " ".join(panel("rules", "show", str(tmp_path / "haven.yaml"), "--format", "markdown").out.split())
    assert "parent, pupil, receiving admission authority" in page
    assert "from referral.made or conversation.held until pupil.agreed or referral.withdrawn" in page


def test_a_clock_begins_with_the_first_of_two_events_and_ends_with_either_of_two(tmp_path: Path) -> None:
    """Ten school days from 3 September, a Thursday, end on the 17th; R4's parents were talked to on the 1st, so its end on the 15th."""
    panel = haven(tmp_path)
    panel("load", "terms", str(panel.file("terms.csv", "from,to\n2026-09-01,2026-10-23\n")))
    columns = "referral,pupil,kind,year_group,made_on,home_school,conversation_on,pupil_agrees_on\n"
    rows = [
        "R1,P1,fair_access,9,2026-09-03,none,,",
        "R2,P2,fair_access,9,2026-09-03,none,,2026-09-10",
        "R3,P3,fair_access,9,2026-09-03,none,,",
        "R4,P4,fair_access,9,2026-09-03,none,2026-09-01,",
    ]
    panel("load", "referrals", str(panel.file("referrals.csv", columns + "\n".join(rows))))
    panel("withdraw", "R3", "--on", "2026-09-14", "--reason", "the family has moved away")
    due = panel.json("due", "--as-of", "2026-09-18", "--all")
    assert {one["referral"]: (one["begun"]["event"], one["due"], one["late"]) for one in due["late"]} == {
        "R1": ("referral.made", "2026-09-17", 1),
        "R4": ("conversation.held", "2026-09-15", 3),
    }
    assert {one["referral"]: one["met"]["event"] for one in due["settled"]} == {"R2": "pupil.agreed", "R3": "referral.withdrawn"}
