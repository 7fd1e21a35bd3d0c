"""Year groups that are counted together: thirty in each infant class, over reception and years 1 and 2, from the file to the answer.

Panel of a primary: Elm has 3 infant classes with 29, 30 and 29 on roll, Fir 2 with 20, 20 and 19, Gorse is a junior school (years 3
to 6). Infants: 90 - 88 leaves 2 places at Elm, 60 - 59 leaves 1 at Fir.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.running import TERMS, Panel

ELM, FIR, GORSE = "100011", "100012", "100013"
MEETS: Final = "2026-10-22"

BOOK: Final = """\
rulebook: copse
edition: {from: 2026-09-01}
title: Copse primary panel
authority: {instrument: What the three schools agreed}
year_groups: {lowest: 0, highest: 6}
phases:
  infants: {lowest: 0, highest: 2}
school_facts:
  classes: {unit: number, say: classes for reception and years 1 and 2}
limits:
  - id: thirty-in-a-class
    per: school
    year_groups: infants
    waivable: false
    room: 30 * school.classes - school.on_roll_infants
    say: "{school.name} has {school.on_roll_infants} infants in {school.classes} classes of 30."
    examples:
      - {name: one place, given: {school.classes: 3, school.on_roll_infants: 89}, expect: 1}
      - {name: full, given: {school.classes: 3, school.on_roll_infants: 90}, expect: 0}
      - {name: nobody has counted, given: {school.on_roll_infants: unknown}, expect: cannot tell}
      - {name: a junior, given: {referral.year_group: 3}, expect: out of scope}
bars:
  - id: of-another-age
    when:
      - not candidate.admits
      - candidate.admits is unknown
    say: "{school.name} has no such year group."
    examples:
      - {name: it has, given: {candidate.admits: true}, expect: silent}
      - {name: it has not, given: {candidate.admits: false}, expect: fires}
      - {name: nobody knows, given: {candidate.admits: unknown}, expect: fires}
objectives: [place, ticket, lottery]
"""

SCHOOLS: Final = f"""\
URN,EstablishmentName,EstablishmentStatus (name),StatutoryLowAge,StatutoryHighAge,NumberOfPupils,classes
{ELM},Elm School,Open,4,11,200,3
{FIR},Fir School,Open,4,11,120,2
{GORSE},Gorse Junior School,Open,7,11,200,
"""
ROLLS: Final = {ELM: {0: 29, 1: 30, 2: 29, 3: 20}, FIR: {0: 20, 1: 20, 2: 19, 3: 20}, GORSE: {3: 50}}


def places(rolls: dict[str, dict[int, int]] = ROLLS) -> str:
    rows = (f"{urn},{year},2026-10-01,30,{roll}" for urn, years in rolls.items() for year, roll in years.items())
    return "\n".join(("urn,year_group,as_at,pan,on_roll", *rows, ""))


def referrals(*years: int) -> str:
    rows = (f"R{n},P{n},fair_access,{year},none,2026-10-01" for n, year in enumerate(years, start=1))
    return "\n".join(("referral,pupil,kind,year_group,home_school,made_on", *rows, ""))


def founded(folder: Path, *years: int, rolls: dict[str, dict[int, int]] = ROLLS, schools: str = SCHOOLS, book: str = BOOK) -> Panel:
    folder.mkdir(exist_ok=True)
    panel = Panel(folder / "panel.db")
    panel("init", "--rulebook", str(panel.file("book.yaml", book)))
    files = {"schools": schools, "places": places(rolls), "terms": TERMS, "referrals": referrals(*years)}
    for what, text in files.items():
        panel("load", what, str(panel.file(f"{what}.csv", text)))
    return panel


def opened(panel: Panel, on: str = MEETS) -> str:
    """What is told as the meeting opens."""
    return told(panel("meeting", "open", "--date", on, "--chair", "Okafor").err)


def answered(panel: Panel) -> dict[str, str]:
    panel("meeting", "draw", "--words", "heron")
    return {one["referral"]: one["school"] for one in panel.json("allocate")["placements"]}


def told(out: str) -> str:
    return " ".join(out.split())


def test_all_who_come_into_the_infants_share_their_classes(tmp_path: Path) -> None:
    """Five infants of three year groups for three places; two juniors take none of them."""
    panel = founded(tmp_path, 0, 1, 2, 0, 1, 3, 3)
    assert "school.on_roll" not in opened(panel)
    placed = answered(panel)
    infants = [placed.get(f"R{n}") for n in range(1, 6)]
    assert sorted(map(str, infants)) == [ELM, ELM, FIR, "None", "None"]
    assert {"R6", "R7"} <= placed.keys()
    left_out = next(f"R{n}" for n in range(1, 6) if f"R{n}" not in placed)
    said = told(panel("explain", left_out).out)
    assert "thirty-in-a-class" in said or "classes of 30" in said
    panel("decide", *placed, "--confirm")
    assert "1 proposal(s) replayed" in panel("audit", "replay").out


def test_the_next_meeting_counts_them(tmp_path: Path) -> None:
    """Whoever was decided has a place, begun or not: 90 of 90 at Elm and 60 of 60 at Fir, so the next infant goes nowhere."""
    panel = founded(tmp_path, 0, 1, 2)
    opened(panel)
    placed = answered(panel)
    assert sorted(placed.values()) == [ELM, ELM, FIR]
    panel("decide", *placed, "--confirm")
    panel("meeting", "close")
    later = referrals(2).replace("R1,P1", "R9,P9").replace("2026-10-01", "2026-10-23")
    panel("load", "referrals", str(panel.file("later.csv", later)))
    opened(panel, "2026-11-05")
    panel("meeting", "draw", "--words", "heron")
    assert panel.json("allocate")["placements"] == []
    assert "Elm School has 90 infants in 3 classes of 30." in told(panel("explain", "R9", "--why-not", ELM).out)


def test_a_place_more_is_a_place_more(tmp_path: Path) -> None:
    """Of four infants three have a place; one more at Fir, supposed or real, and all four have."""
    panel = founded(tmp_path, 0, 1, 2, 0, book=BOOK.replace("    waivable: false\n", ""))
    opened(panel)
    assert len(answered(panel)) == 3
    supposed = panel.json("whatif", "--room", f"{FIR}=+1")
    placed = [(row["before"]["school"], row["after"]["school"]) for row in supposed["differences"]]
    assert sum((after is not None) - (before is not None) for before, after in placed) == 1
    fourth = founded(tmp_path / "fourth", 0, 1, 2, 0, schools=SCHOOLS.replace("120,2", "120,3"))
    opened(fourth)
    assert len(answered(fourth)) == 4


def test_a_year_group_that_nobody_counted_leaves_the_phase_unknown(tmp_path: Path) -> None:
    """Elm takes children from 4 to 11, so it has a year 1; without its roll nobody knows how many infants there are."""
    panel = founded(tmp_path, 0, 3, rolls={**ROLLS, ELM: {0: 29, 2: 29, 3: 20}})
    said = opened(panel)
    assert (
        "school.on_roll_infants is unknown: nobody has said the roll of Elm School (100011) in year 1; "
        "by it go: limit thirty-in-a-class." in said
    )
    assert "R1 is held: thirty-in-a-class cannot tell without school.on_roll_infants" in said
    assert "R2 is held" not in said
    panel("meeting", "draw", "--words", "heron")
    panel("allocate")
    source = "school.on_roll_infants is told by a file of places (`pastoral load places`), column on_roll, of every year group of the phase"
    assert source in told(panel("explain", "R1").out)


def test_an_order_of_approach_asks_how_it_stood(tmp_path: Path) -> None:
    """Fir has more room for its number (59 of 90 published) than Elm (88 of 90), and comes first; juniors go by the same tiers."""
    tiers = """\
tiers:
  - id: half-full
    tier: 1
    when: school.on_roll_infants < school.pan_infants - 20
    examples:
      - {name: room, given: {school.on_roll_infants: 69, school.pan_infants: 90}, expect: fires}
      - {name: little, given: {school.on_roll_infants: 70, school.pan_infants: 90}, expect: silent}
  - {id: anywhere, tier: 2, when: true}
"""
    book = BOOK.replace("objectives: [place,", f"{tiers}objectives: [place, tier,")
    panel = founded(tmp_path, 1, book=book)
    opened(panel)
    assert answered(panel) == {"R1": FIR}


def test_it_is_told_in_words(tmp_path: Path) -> None:
    panel = founded(tmp_path, 0)
    path = str(tmp_path / "book.yaml")
    assert "infants year groups 0 to 2" in told(panel("rules", "show", path).out)
    said = told(panel("rules", "explain", "thirty-in-a-class", "--book", path).out)
    assert "school.on_roll_infants (pupils): pupils on roll in year groups 0 to 2 together, of those that the school has" in said
    assert "in years 0 to 2" in said
    assert panel.json("rules", "check", path)["remarks"] == []
    assert "7 examples, 0 wrong" in told(panel("rules", "test", path).out)
    other = str(panel.file("other.yaml", BOOK.replace("infants: {lowest: 0, highest: 2}", "infants: {lowest: 0, highest: 1}")))
    assert "phase infants: is: was year groups 0 to 2; is year groups 0 to 1" in told(panel("rules", "diff", path, other).out)
    idle = BOOK.replace("school_facts:", "  juniors: {lowest: 3, highest: 6}\nschool_facts:")
    remarks = panel.json("rules", "check", str(panel.file("idle.yaml", idle)))["remarks"]
    assert [one["about"] for one in remarks] == ["phase juniors"]
