"""A panel for Reception to year 6: files, room, distance under the age of 8, the position, and what is refused there."""

from __future__ import annotations

from pathlib import Path

from tests import running as harbour
from tests.running import Panel

BOOK = """\
rulebook: brook
edition: {from: 2026-09-01}
title: Brook primary partnership
authority: {instrument: Brook agreement (invented)}
year_groups: {lowest: 0, highest: 6}
counts:
  in_year: {of: [placements, outside_admissions], over: academic_year, per: year_group}
  taken: {of: [placements, outside_admissions], over: academic_year}
limits:
  - id: infant-class
    per: year_group
    year_groups: {lowest: 0, highest: 2}
    room: year.pan - year.on_roll
    say: "{school.name} may take {room} more in its infant classes of year {referral.year_group}."
    examples:
      - {name: one place, given: {referral.year_group: 2, year.pan: 30, year.on_roll: 29}, expect: 1}
      - {name: full, given: {referral.year_group: 0, year.pan: 30, year.on_roll: 30}, expect: 0}
      - {name: a junior, given: {referral.year_group: 3, year.pan: 30, year.on_roll: 30}, expect: out of scope}
  - id: one-over-number
    per: year_group
    year_groups: {lowest: 3, highest: 6}
    room: year.pan + 1 - year.on_roll
    say: "{school.name} may take {room} more in year {referral.year_group}: one over number."
    examples:
      - {name: at number, given: {year.pan: 30, year.on_roll: 30}, expect: 1}
      - {name: over number, given: {year.pan: 30, year.on_roll: 31}, expect: 0}
      - {name: an infant, given: {referral.year_group: 2, year.pan: 30, year.on_roll: 31}, expect: out of scope}
bars:
  - id: home-school
    when: candidate.is_home_school
    say: "{school.name} is the home school."
    examples:
      - {name: it is, given: {candidate.is_home_school: true}, expect: fires}
      - {name: it is not, given: {candidate.is_home_school: false}, expect: silent}
  - id: other-ages
    when:
      - not candidate.admits
      - candidate.admits is unknown
    say: "{school.name} has no such year group, or nobody has said."
    examples:
      - {name: it does not, given: {candidate.admits: false}, expect: fires}
      - {name: nobody has said, given: {candidate.admits: unknown}, expect: fires}
      - {name: it does, given: {candidate.admits: true}, expect: silent}
notices:
  - id: beyond-walking
    when: not candidate.within_walking_distance
    say: "{school.name} is beyond walking distance for this child."
    examples:
      - {name: beyond, given: {candidate.within_walking_distance: false}, expect: fires}
      - {name: within, given: {candidate.within_walking_distance: true}, expect: silent}
      - {name: it depends on the birthday, given: {candidate.within_walking_distance: unknown}, expect: cannot tell}
  - id: infant
    when: referral.year_group <= 2
    say: An infant class has its own limit by law; ask the school.
    examples:
      - {name: reception, given: {referral.year_group: 0}, expect: fires}
      - {name: year 3, given: {referral.year_group: 3}, expect: silent}
objectives: [place, {quota: {count: in_year, limit: 1}}, {share: {load: taken, per: pan}}, journey, lottery]
"""
SCHOOLS = """\
URN,EstablishmentName,PhaseOfEducation (name),StatutoryLowAge,StatutoryHighAge
900001,Brook Infant School,Primary,4,7
900002,Brook Junior School,Primary,7,11
900003,Mill Primary School,Primary,5,11
900004,Ford Primary School,Primary,4,11
"""
PLACES = """\
urn,year_group,pan,on_roll,as_at
900001,0,60,58,2026-09-15
900001,2,60,60,2026-09-15
900002,3,60,61,2026-09-15
900003,2,30,29,2026-09-15
900003,3,30,30,2026-09-15
900004,0,30,30,2026-09-15
900004,2,30,28,2026-09-15
900004,3,30,30,2026-09-15
900004,8,30,29,2026-09-15
"""
HEADER = "referral,pupil,kind,year_group,made_on,home_school\n"
REFERRALS = f"""\
{HEADER}R0,P0,fair_access,0,2026-09-10,none
R2,P2,managed_move,2,2026-09-10,900001
R3,P3,managed_move,3,2026-09-10,900003
"""
JOURNEYS = "pupil,urn,metres\n" + "".join(f"{pupil},{urn},4000\n" for pupil in ("P0", "P2", "P3") for urn in range(900001, 900005))


LATE = """\
rulebook: late
edition: {from: 2026-09-01}
title: Late years
authority: {instrument: Late agreement (invented)}
counts:
  late: {of: placements, where: admission.year_group >= 10, over: academic_year}
limits:
  - id: one-in-the-last-years
    per: school
    year_groups: {lowest: 10, highest: 11}
    room: 1 - school.late
    say: "{school.name} may take {room} more in its last years."
    examples:
      - {name: none yet, given: {school.late: 0}, expect: 1}
      - {name: one, given: {school.late: 1}, expect: 0}
      - {name: year 9, given: {referral.year_group: 9, school.late: 1}, expect: out of scope}
bars:
  - id: home-school
    when: candidate.is_home_school
    say: "{school.name} is the home school."
    examples:
      - {name: it is, given: {candidate.is_home_school: true}, expect: fires}
      - {name: it is not, given: {candidate.is_home_school: false}, expect: silent}
objectives: [place, lottery]
"""
SECONDARY = "URN,EstablishmentName,PhaseOfEducation (name)\n900001,One,Secondary\n900002,Two,Secondary\n"


def brook(tmp_path: Path) -> Panel:
    panel = Panel(tmp_path / "brook.db")
    panel("init", "--rulebook", str(panel.file("brook.yaml", BOOK)))
    for what, text in (("schools", SCHOOLS), ("places", PLACES), ("referrals", REFERRALS), ("journeys", JOURNEYS)):
        panel("load", what, str(panel.file(f"{what}.csv", text)))
    return panel


def test_young_children_are_placed_by_their_own_year_groups(tmp_path: Path) -> None:
    """R0: the infants (Mill may have no reception, Ford is full). R2: Mill or Ford. R3: one over number at Ford, like the juniors."""
    panel = brook(tmp_path)
    panel("meeting", "open", "--date", "2026-09-24", "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    placed = {row["referral"]: row["school"] for row in panel.json("allocate")["placements"]}
    assert placed["R0"] == "900001"
    assert placed["R2"] in {"900003", "900004"}
    assert placed["R3"] == "900004"
    told = {name: " ".join(panel("explain", name).out.split()) for name in placed}
    assert "An infant class has its own limit" in told["R0"] + told["R2"]
    assert "An infant class has its own limit" not in told["R3"]
    assert "is beyond walking distance for this child." in told["R2"]
    assert "is beyond walking distance for this child." not in told["R3"]
    panel("decide", "R0", "R2", "R3", "--confirm")
    panel("meeting", "close")
    assert panel.json("audit", "replay")["ok"] is True
    rows = {row["school"]: row for row in panel.json("position")["schools"]}
    assert rows["900004"]["share"] == 90  # the PANs of reception, year 2 and year 3; year 8 is not this panel's
    years = {quota["year_group"] for row in rows.values() for quota in row["quotas"]}
    assert years == {0, 2, 3}


def test_what_a_file_of_other_year_groups_is_told(tmp_path: Path) -> None:
    panel = brook(tmp_path)
    words = panel.refused("load", "referrals", str(panel.file("more.csv", f"{HEADER}R9,P9,managed_move,7,2026-09-10,900001\n")))
    said = "year_group: found '7'; wanted 0 to 6. The rulebook brook is for year groups 0 to 6. Reception is 0."
    assert said in words
    admitted = panel.file("admissions.csv", "pupil,school,on,year_group\nX1,900001,2026-09-16,7\n")
    assert said in panel.refused("load", "admissions", str(admitted))
    before = panel.file("history.csv", "pupil,school,on,kind,year_group\nX1,900001,2025-09-16,managed_move,7\n")
    assert said in panel.refused("load", "history", str(before))


def test_reception_can_be_exempt_and_a_year_group_of_another_panel_not(tmp_path: Path) -> None:
    panel = brook(tmp_path)
    vote = ("--from", "2026-09-20", "--until", "2026-12-18", "--reason", "a new building")
    assert panel("exempt", "900001", "--year-group", "0", *vote).out == "900001, year 0: exempt from 2026-09-20 to 2026-12-18.\n"
    assert (
        panel.refused("exempt", "900001", "--year-group", "7", *vote) == "--year-group: found 7; wanted 0 to 6, the year groups of brook.\n"
    )
    assert panel.json("exempt", "900001", "--year-group", "0", *vote)["year_group"] == 0


def test_a_secondary_panel_stays_one(tmp_path: Path) -> None:
    panel = Panel(tmp_path / "harbour.db")
    panel("init", "--rulebook", str(panel.file("harbour.yaml", harbour.BOOK)))
    panel("load", "schools", str(panel.file("schools.csv", harbour.SCHOOLS)))
    vote = ("--from", "2026-09-20", "--until", "2026-12-18", "--reason", "a new building")
    assert (
        panel.refused("exempt", "100001", "--year-group", "6", *vote)
        == "--year-group: found 6; wanted 7 to 11, the year groups of harbour.\n"
    )


def test_a_school_wide_limit_for_some_year_groups_leaves_the_others_alone(tmp_path: Path) -> None:
    """Of four pupils from One, Two takes the one in year 9 and one of the three in years 10 and 11."""
    panel = Panel(tmp_path / "late.db")
    panel("init", "--rulebook", str(panel.file("late.yaml", LATE)))
    panel("load", "schools", str(panel.file("schools.csv", SECONDARY)))
    rows = "".join(f"R{n},P{n},fair_access,{year},2026-09-10,900001\n" for n, year in enumerate((9, 10, 10, 11), start=1))
    panel("load", "referrals", str(panel.file("referrals.csv", HEADER + rows)))
    panel("meeting", "open", "--date", "2026-09-24", "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    placed = [row["referral"] for row in panel.json("allocate")["placements"]]
    assert len(placed) == 2
    assert "R1" in placed
