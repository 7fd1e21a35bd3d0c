"""Agreements about how many at one time: two on trial at a school, and two cases that a school brings in a term.

Four pupils of Ash want Beech. Beech takes two on trial; the third goes to Cob. When one of the two is to stay, the fourth may come.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.courses import ASH, BEECH, BOOK, COB, UNIT, clean, flat, loads, meet, placed, refer, weir
from tests.running import Panel

TRIALS: Final = """\
rulebook: weir
edition: {from: 2026-09-01}
title: Weir partnership
authority: {instrument: Weir agreement (invented)}
counts:
  load: {of: placements, over: academic_year, broken_down: drop within 6 weeks, left: drop within 6 weeks}
  on_trial: {of: placements, over: at_present, where: admission.kind == "managed_move" and not admission.for_good}
  here: {of: placements, over: at_present}
limits:
  - id: two-on-trial
    per: school
    of: managed_move
    room: 2 - school.on_trial
    say: "{school.name} has {school.on_trial} on trial."
    examples:
      - {name: one, given: {school.on_trial: 1}, expect: 1}
      - {name: two, given: {school.on_trial: 2}, expect: 0}
bars:
  - id: another-school
    when: candidate.is_home_school
    say: "{school.name} is the home school."
    examples:
      - {name: it is, given: {candidate.is_home_school: true}, expect: fires}
      - {name: it is not, given: {candidate.is_home_school: false}, expect: silent}
objectives: [place, {preference: {unranked: 4}}, lottery]
lifecycle:
  managed_move: {placement: permanent, agreed_by: [parent], trial: {weeks: 12, at_end: permanent, ends_as: [permanent, return]}}
"""


@pytest.fixture
def trials(tmp_path: Path) -> Panel:
    """Three were decided on 8 October: two for Beech, one for Cob; the parents agreed, and all began on the 12th."""
    panel = weir(tmp_path, book=TRIALS)
    for n in (1, 2, 3):
        refer(panel, f"R{n}", f"P{n}")
    where = placed(meet(panel, "2026-10-08", "R1", "R2", "R3"))
    assert sorted(where.values()) == [BEECH, BEECH, COB]
    for name in where:
        panel("accept", name, "--by", "parent", "--on", "2026-10-09")
        panel("start", name, "--on", "2026-10-12")
    return panel


def at_beech(panel: Panel) -> list[str]:
    placements = {f"R{n}": panel.json("case", f"R{n}")["school"] for n in (1, 2, 3)}
    return sorted(name for name, school in placements.items() if school == BEECH)


def test_a_third_waits_until_one_of_two_is_to_stay(trials: Panel) -> None:
    assert loads(trials, count="on_trial") == {BEECH: 2, COB: 1}
    refer(trials, "R4", "P4")
    assert placed(meet(trials, "2026-10-20")) == {"R4": COB}
    assert "Beech School has 2 on trial." in flat(trials("explain", "R4", "--why-not", BEECH))
    trials("permanent", at_beech(trials)[0], "--on", "2026-11-03")
    assert loads(trials, "--as-of", "2026-11-02", count="on_trial") == {BEECH: 2, COB: 1}
    assert loads(trials, "--as-of", "2026-11-03", count="on_trial") == {BEECH: 1, COB: 1}
    assert loads(trials, "--as-of", "2026-11-03", count="here") == {BEECH: 2, COB: 1}
    assert placed(meet(trials, "2026-11-05", "R4")) == {"R4": BEECH}
    assert loads(trials, "--as-of", "2026-11-05", count="on_trial") == {BEECH: 2, COB: 1}
    clean(trials)


@pytest.mark.parametrize(("day", "load"), [("2026-11-22", 1), ("2026-11-23", 2)])
def test_a_return_within_six_weeks_gives_the_turn_back(trials: Panel, day: str, load: int) -> None:
    """Six weeks from Monday 12 October end on Sunday 22 November."""
    trials("end", at_beech(trials)[0], "--as", "return", "--on", day, "--reason", "x")
    assert loads(trials, "--as-of", day) == {BEECH: load, COB: 1}
    assert loads(trials, "--as-of", day, count="here") == {BEECH: 1, COB: 1}
    clean(trials)


def test_a_quota_of_those_on_trial_counts_whom_the_meeting_places(tmp_path: Path) -> None:
    """Three want Beech; one each goes to Beech and Cob, and the third to the unit, which no quota counts: not all three to Beech."""
    quota = "[place, {quota: {count: on_trial, limit: 1, of: managed_move}}, "
    panel = weir(tmp_path, book=TRIALS.replace("[place, ", quota).replace("room: 2 -", "room: 9 -").replace("expect: 1}", "expect: 8}")
                 .replace("given: {school.on_trial: 2}, expect: 0", "given: {school.on_trial: 9}, expect: 0"))  # fmt: skip
    for n in (1, 2, 3):
        refer(panel, f"R{n}", f"P{n}")
    assert sorted(placed(meet(panel, "2026-10-08")).values()) == [BEECH, COB, UNIT]


TWO_A_TERM: Final = BOOK.replace("counts:\n", "counts:\n  brought: {of: own_referrals, over: term}\n").replace(
    "notices:\n",
    """holds:
  - id: two-a-term
    when: referral.home_school_brought > 2
    say: This is case {referral.home_school_brought} of its school this term, and a school brings two.
    examples:
      - {name: the third, given: {referral.home_school_brought: 3}, expect: fires}
      - {name: the second, given: {referral.home_school_brought: 2}, expect: silent}
notices:
""",
)


def test_the_third_case_of_a_school_in_a_term_is_held_and_the_first_two_are_not(tmp_path: Path) -> None:
    """R4 of Cob is its first. In November, which is another row of the file of terms, R3 is no case of that term, and is heard."""
    panel = weir(tmp_path, book=TWO_A_TERM)
    for name, home in (("R1", ASH), ("R2", ASH), ("R4", COB), ("R3", ASH)):
        refer(panel, name, f"P{name}", "managed_move", "--pupil-agrees-on", "2026-09-30", home=home)
    proposed = meet(panel, "2026-10-08")
    assert [(row["referral"], row["holds"]) for row in proposed["held"]] == [("R3", ["two-a-term"])]
    assert sorted(placed(proposed)) == ["R1", "R2", "R4"]
    assert loads(panel, "--as-of", "2026-10-08", count="brought") == {ASH: 3, COB: 1}
    assert "This is case 3 of its school this term" in flat(panel("explain", "R3"))
    panel("withdraw", "R1", "--on", "2026-10-12", "--reason", "x")
    assert meet(panel, "2026-10-15")["held"] == []
    refer(panel, "R5", "PR5", "managed_move", "--pupil-agrees-on", "2026-09-30")
    assert [row["referral"] for row in meet(panel, "2026-10-20")["held"]] == ["R5"]
    assert meet(panel, "2026-11-05")["held"] == []
    assert loads(panel, "--as-of", "2026-11-05", count="brought") == {}
    clean(panel)


HISTORY: Final = "pupil,school,on,kind,year_group,outcome,ended_on\nH1,200002,2026-09-10,managed_move,9,"


def test_of_a_move_from_before_the_ledger_somebody_says_whether_it_is_a_trial(tmp_path: Path) -> None:
    """Nobody said: no meeting opens. On trial: it counts at Beech. It left on 1 October: it does not any more."""
    panel = weir(tmp_path, book=TRIALS)
    refused = panel.refused("load", "history", str(panel.file("history.csv", f"{HISTORY},2026-10-01\n")))
    assert "ended_on: found a last day; wanted nothing, or the outcome returned, broken_down or left" in refused
    refused = panel.refused("load", "history", str(panel.file("history.csv", f"{HISTORY}left,2026-09-09\n")))
    assert "ended_on: found 2026-09-09; wanted 2026-09-10 or later, the day of the placement" in refused
    panel("load", "history", str(panel.file("history.csv", f"{HISTORY},\n")))
    entry = str(panel.entries())
    said = panel.refused("meeting", "open", "--date", "2026-10-08", "--chair", "Okafor")
    assert "count on_trial: found nothing for admission.for_good; wanted a yes or no." in said
    assert f"`pastoral correct --entry {entry} --set outcome=VALUE --reason TEXT`" in said
    panel("correct", "--entry", entry, "--set", "outcome=on_trial", "--reason", "x")
    assert loads(panel, "--as-of", "2026-10-08", count="on_trial") == {BEECH: 1}
    panel("correct", "--entry", entry, "--set", "outcome=left", "--set", "ended_on=2026-10-01", "--reason", "x")
    assert loads(panel, "--as-of", "2026-10-08", count="on_trial") == {}
    assert loads(panel, "--as-of", "2026-10-08") == {}  # left: drop within 6 weeks
    clean(panel)
