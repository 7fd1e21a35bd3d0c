"""A case that the panel puts off is counted, and a rulebook can say what follows; a school asks nobody to take before it has taken."""

from __future__ import annotations

from pathlib import Path

from tests.running import Panel

BOOK = """\
rulebook: lane
edition: {from: 2026-09-01}
title: Lane partnership
authority: {instrument: Lane agreement (invented)}
counts:
  net: {of: placements, over: for_ever, minus: [own_referrals_placed]}
holds:
  - id: take-first
    when: referral.home_school_net is known and referral.home_school_net < 0
    say: The home school has sent out more than it has taken ({referral.home_school_net}).
    examples:
      - {name: one more, given: {referral.home_school_net: -1}, expect: fires}
      - {name: as many, given: {referral.home_school_net: 0}, expect: silent}
      - {name: on no roll, given: {referral.home_school_net: unknown}, expect: silent}
notices:
  - id: put-off
    when: referral.deferred_times >= 2
    say: Put off {referral.deferred_times} times, and {referral.days_since_made} days on the agenda.
    examples:
      - {name: twice, given: {referral.deferred_times: 2}, expect: fires}
      - {name: once, given: {referral.deferred_times: 1}, expect: silent}
objectives: [place]
"""
SCHOOLS = "URN,EstablishmentName,PhaseOfEducation (name)\n900001,One,Secondary\n900002,Two,Secondary\n"
CASE = ("--kind", "managed_move", "--year-group", "9", "--made-on", "2026-09-03", "--home-school", "900001")


def opened(panel: Panel, day: str) -> None:
    panel("meeting", "open", "--date", day, "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")


def test_a_case_put_off_twice_is_told_and_the_next_of_its_school_waits(tmp_path: Path) -> None:
    panel = Panel(tmp_path / "lane.db")
    panel("init", "--rulebook", str(panel.file("lane.yaml", BOOK)))
    panel("load", "schools", str(panel.file("schools.csv", SCHOOLS)))
    panel("refer", "R1", "--pupil", "P1", *CASE)
    for day in ("2026-09-10", "2026-10-01"):
        opened(panel, day)
        panel("allocate")
        assert "put-off" not in panel("explain", "R1").out
        panel("decide", "R1", "--defer", "--reason", "the family is away")
        panel("meeting", "close")
    opened(panel, "2026-10-22")
    panel("allocate")
    assert "Put off 2 times, and 49 days on the agenda." in " ".join(panel("explain", "R1").out.split())
    panel("decide", "R1", "--confirm")
    panel("meeting", "close")
    panel("refer", "R2", "--pupil", "P2", *CASE)
    opened(panel, "2026-11-12")
    held = panel.json("allocate")["held"]
    assert [(one["referral"], one["holds"]) for one in held] == [("R2", ["take-first"])]
    assert panel.json("audit", "replay")["ok"] is True
