"""A limit by points is never passed within one meeting; a credit for a pupil who leaves counts from the next one, on the same day too."""

from __future__ import annotations

from pathlib import Path

from tests.running import Panel

BOOK = """\
rulebook: weir
edition: {from: 2026-09-01}
title: Weir partnership
authority: {instrument: Weir agreement (invented)}
settings:
  most: {value: 7, unit: points, say: what a school takes in a year}
tariff:
  - id: excluded
    points: 3
    when: admission.after_exclusion
    examples:
      - {name: excluded, given: {admission.after_exclusion: true}, expect: fires}
      - {name: not excluded, given: {admission.after_exclusion: false}, expect: silent}
  - {id: anybody, points: 1, when: true, examples: [{name: one, expect: fires}]}
counts:
  points: {of: placements, over: academic_year, weigh: points}
  net: {of: placements, over: academic_year, minus: own_referrals_placed}
limits:
  - id: not-above-seven-points
    per: school
    room: (settings.most - school.points) // 3
    say: "{school.name} has {school.points} of {settings.most} points."
    examples:
      - {name: room for one of three, given: {school.points: 4}, expect: 1}
      - {name: two points are left, given: {school.points: 5}, expect: 0}
bars:
  - id: home-school
    when: candidate.is_home_school
    say: "{school.name} is the home school."
    examples:
      - {name: it is, given: {candidate.is_home_school: true}, expect: fires}
      - {name: it is not, given: {candidate.is_home_school: false}, expect: silent}
objectives: [place, {share: {load: net, per: equal}}, lottery]
"""
SCHOOLS = "URN,EstablishmentName,PhaseOfEducation (name)\n900001,One,Secondary\n900002,Two,Secondary\n"
HEADER = "referral,pupil,kind,year_group,made_on,home_school,permanently_excluded\n"


def weir(tmp_path: Path, schools: str = SCHOOLS) -> Panel:
    panel = Panel(tmp_path / "weir.db")
    panel("init", "--rulebook", str(panel.file("weir.yaml", BOOK)))
    panel("load", "schools", str(panel.file("schools.csv", schools)))
    return panel


def refer(panel: Panel, *rows: str) -> None:
    panel("load", "referrals", str(panel.file(f"{rows[0][:2]}.csv", HEADER + "\n".join(rows))))


def meet(panel: Panel, day: str) -> dict[str, str]:
    panel("meeting", "open", "--date", day, "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    placed = {row["referral"]: row["school"] for row in panel.json("allocate")["placements"]}
    if placed:
        panel("decide", *placed, "--confirm")
    panel("meeting", "close")
    return placed


def points(panel: Panel) -> dict[str, int]:
    return {row["school"]: row["counts"]["points"] for row in panel.json("position")["schools"]}


def test_a_school_is_not_taken_past_its_points_in_one_meeting(tmp_path: Path) -> None:
    """Two has 7 // 3 = 2 seats: two excluded pupils of three points each are 6; the third waits, and then 1 // 3 leaves none."""
    panel = weir(tmp_path)
    refer(panel, *(f"R{n},P{n},fair_access,9,2026-09-03,900001,yes" for n in (1, 2, 3)))
    assert len(meet(panel, "2026-09-10")) == 2
    assert points(panel) == {"900001": 0, "900002": 6}
    assert meet(panel, "2026-09-24") == {}
    assert points(panel) == {"900001": 0, "900002": 6}
    assert panel.json("audit", "replay")["ok"] is True


def test_a_credit_counts_from_the_next_meeting_also_on_the_same_day(tmp_path: Path) -> None:
    """One sends A1 to Two or Three: from then on One has -1, so that the next pupil, who comes from no school, is One's."""
    panel = weir(tmp_path, SCHOOLS + "900003,Three,Secondary\n")
    refer(panel, "A1,PA,managed_move,9,2026-09-03,900001,no")
    sent = meet(panel, "2026-09-10")
    assert sent["A1"] in {"900002", "900003"}
    net = {row["school"]: row["counts"]["net"] for row in panel.json("position")["schools"]}
    assert net == {"900001": -1, "900002": 0, "900003": 0} | {sent["A1"]: 1}
    refer(panel, "B1,PB,fair_access,9,2026-09-03,none,no")
    assert meet(panel, "2026-09-10") == {"B1": "900001"}
    assert panel.json("audit", "replay")["ok"] is True
