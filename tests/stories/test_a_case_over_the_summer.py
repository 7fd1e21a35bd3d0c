"""A case that is put off in July is a year older in September: its room, its age, and whether it is still the panel's at all."""

from __future__ import annotations

from pathlib import Path

from tests.running import Panel

BOOK = """\
rulebook: quay
edition: {from: 2026-09-01}
title: Quay partnership
authority: {instrument: Quay agreement (invented)}
limits:
  - id: full
    per: year_group
    room: year.pan - year.on_roll
    say: "{school.name} may take {room} more in year {referral.year_group}."
    examples:
      - {name: one place, given: {year.pan: 180, year.on_roll: 179}, expect: 1}
      - {name: full, given: {year.pan: 180, year.on_roll: 180}, expect: 0}
bars:
  - id: home-school
    when: candidate.is_home_school
    say: "{school.name} is the home school."
    examples:
      - {name: it is, given: {candidate.is_home_school: true}, expect: fires}
      - {name: it is not, given: {candidate.is_home_school: false}, expect: silent}
objectives: [place, lottery]
"""
ALDER, BIRCH, CEDAR = "900001", "900002", "900003"
SCHOOLS = f"""\
URN,EstablishmentName,PhaseOfEducation (name)
{ALDER},Alder,Secondary
{BIRCH},Birch,Secondary
{CEDAR},Cedar,Secondary
"""


def rolls(as_at: str, rooms: dict[str, dict[int, int]]) -> str:
    """A PAN of 180 everywhere, and the room that is named; full where none is."""
    rows = [f"{urn},{year},180,{180 - of.get(year, 0)},{as_at}" for urn, of in rooms.items() for year in range(7, 12)]
    return "\n".join(("urn,year_group,pan,on_roll,as_at", *rows, ""))


JULY = {ALDER: {}, BIRCH: {8: 1, 11: 1}, CEDAR: {}}
SEPTEMBER = {ALDER: {}, BIRCH: {8: 1, 11: 1}, CEDAR: {9: 1}}
"""In September the only place in year 9 is at Cedar; Birch has one in year 8 and one in year 11."""


def partnership(folder: Path) -> Panel:
    panel = Panel(folder / "quay.db")
    panel("init", "--rulebook", str(panel.file("quay.yaml", BOOK)))
    panel("load", "schools", str(panel.file("schools.csv", SCHOOLS)))
    panel("load", "places", str(panel.file("july.csv", rolls("2027-06-01", JULY))))
    return panel


def refer(panel: Panel, name: str, year_group: int, made_on: str = "2027-07-01") -> None:
    pupil, home = f"P{name[1:]}", ("--home-school", ALDER)
    panel("refer", name, "--pupil", pupil, "--kind", "managed_move", "--year-group", str(year_group), "--made-on", made_on, *home)


def meeting(panel: Panel, day: str) -> str:
    said = panel("meeting", "open", "--date", day, "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    return " ".join((said.out + said.err).split())


def placed(panel: Panel) -> dict[str, str]:
    return {one["referral"]: one["school"] for one in panel.json("allocate")["placements"]}


def deferred(panel: Panel, *names: str) -> None:
    meeting(panel, "2027-07-08")
    for name in names:
        panel("decide", name, "--defer", "--reason", "the family is away")
    panel("meeting", "close")
    panel("load", "places", str(panel.file("september.csv", rolls("2027-09-01", SEPTEMBER))))


def test_a_pupil_of_year_8_in_july_has_the_room_of_year_9_in_september(tmp_path: Path) -> None:
    panel = partnership(tmp_path)
    refer(panel, "R1", 8)
    deferred(panel, "R1")
    opening = meeting(panel, "2027-09-16")
    assert "A new academic year has begun since they were referred: R1 was in year 8 and is in year 9." in opening
    assert placed(panel) == {"R1": CEDAR}
    assert "Birch may take 0 more in year 9." in panel("explain", "R1", "--why-not", BIRCH).out
    panel("decide", "R1", "--confirm")
    panel("meeting", "close")
    refer(panel, "R2", 9, "2027-09-20")
    meeting(panel, "2027-09-30")
    assert [one["referral"] for one in panel.json("allocate")["unplaced"]] == ["R2"]  # Cedar's only place in year 9 is R1's
    panel("meeting", "close")
    assert panel.json("audit", "replay")["ok"] is True


def test_a_pupil_of_year_11_in_july_has_left_in_september_and_is_held_by_name(tmp_path: Path) -> None:
    panel = partnership(tmp_path)
    refer(panel, "R1", 11)
    deferred(panel, "R1")
    left = "R1 has left year 11, the highest that this rulebook is for; withdraw the case, or correct the year group"
    opening = meeting(panel, "2027-09-16")
    assert left in opening
    assert "A new academic year has begun" not in opening  # of year 12 nobody is
    held = panel.json("allocate")["held"]
    assert [(one["referral"], one["holds"]) for one in held] == [("R1", ["left-year-11"])]
    assert left.removeprefix("R1 ") in " ".join(panel("explain", "R1").out.split())
    why = panel.refused("decide", "R1", "--school", BIRCH, "--reason", "there is room")
    assert "R1 is held by left-year-11" in why
    panel("meeting", "close")
    # The pupil does the year again: that is so from September, and not before.
    panel("correct", "R1", "--set", "year_group=11", "--on", "2027-09-17", "--reason", "does year 11 again")
    opening = meeting(panel, "2027-09-30")
    assert "has left year 11" not in opening
    assert placed(panel) == {"R1": BIRCH}
    panel("decide", "R1", "--confirm")
    panel("meeting", "close")
    replayed = panel.json("audit", "replay")
    assert replayed["ok"] is True


def test_a_pupil_who_is_kept_back_was_in_july_what_was_said_in_july(tmp_path: Path) -> None:
    panel = partnership(tmp_path)
    refer(panel, "R1", 8)
    deferred(panel, "R1")
    said = panel.refused("correct", "R1", "--set", "year_group=8", "--reason", "kept back")
    assert "year 8 on 2027-07-08" in " ".join(said.split())
    assert "--on" in said
    done = panel.json("correct", "R1", "--set", "year_group=8", "--on", "2027-09-10", "--reason", "kept back")
    assert [one["fields"] for one in done["corrections"]] == [["year_group"]]
    opening = meeting(panel, "2027-09-16")
    assert "A new academic year has begun" not in opening
    assert placed(panel) == {"R1": BIRCH}
    panel("meeting", "close")
    # July's meeting went by year 8, and by year 8 it would go still: nothing of it was wrong.
    assert panel.json("audit", "replay")["ok"] is True
    assert "2027-07-08" not in panel("position").out.partition("facts")[2]
