"""Rules that go by what was before: earlier moves, the last day at a school, a direction that is to become a move, and vacancies.

From 21 July 2026 to the meeting on 22 October are 93 days, from 22 May 153; R1 begins on Monday 2 November.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from panel.record.ledger import Ledger
from panel.state.fold import fold
from panel.steps.office import read_entries
from tests.courses import ASH, BEECH, BOOK, COB, agreed, clean, meet, placed, refer, weir
from tests.running import Panel, url

HOLDS = """\
holds:
  - id: one-a-year
    applies_to: [managed_move]
    when: referral.earlier_managed_moves >= 1 and referral.days_since_last_placement is known and referral.days_since_last_placement < 365
    say: This pupil moved within the last year.
    examples:
      - {name: in spring, given: {referral.earlier_managed_moves: 1, referral.days_since_last_placement: 200}, expect: fires}
      - {name: later, given: {referral.earlier_managed_moves: 1, referral.days_since_last_placement: 365}, expect: silent}
      - {name: none before, given: {referral.days_since_last_placement: unknown}, expect: silent}
  - id: vacancy-first
    applies_to: [fair_access]
    when: referral.vacancies_in_year > 0
    say: "The schools have {referral.vacancies_in_year} vacancies in year {referral.year_group}."
    examples:
      - {name: there is one, given: {referral.vacancies_in_year: 1}, expect: fires}
      - {name: there is none, given: {referral.vacancies_in_year: 0}, expect: silent}
tiers:
  - id: here
    tier: 1
    when: candidate.already_here
    examples:
      - {name: it is, given: {candidate.already_here: true}, expect: fires}
      - {name: it is not, given: {candidate.already_here: false}, expect: silent}
  - id: back
    tier: 2
    when: candidate.days_since_attended is known and candidate.days_since_attended <= 120
    examples:
      - {name: last term, given: {candidate.days_since_attended: 93}, expect: fires}
      - {name: before that, given: {candidate.days_since_attended: 153}, expect: silent}
      - {name: never, given: {candidate.days_since_attended: unknown}, expect: silent}
  - {id: anywhere, tier: 3, when: true}
objectives: [place, tier, {preference: {unranked: 4}}, lottery]
"""
OWN = BOOK.replace("objectives: [place, {preference: {unranked: 4}}, lottery]\n", HOLDS)
FIRST_BEECH = ("--preferences", f"{BEECH};{COB}")


def moved(folder: Path) -> Panel:
    """R1 of P1 has moved from Ash to Beech, for good, on 2 November 2026."""
    panel = weir(folder, book=OWN)
    refer(panel, "R1", "P1", "managed_move", *FIRST_BEECH)
    meet(panel, "2026-10-22", "R1")
    agreed(panel)
    panel("start", "R1", "--on", "2026-11-02")
    return panel


@pytest.mark.parametrize(
    ("cell", "school"),
    [
        ("", BEECH),
        (COB, BEECH),  # nobody says until when
        (f"{COB}:2026-07-21", COB),
        (f"{COB}:2026-05-22", BEECH),
        (f"{BEECH}; {COB} : 21/07/2026", COB),
    ],
)
def test_who_left_a_school_within_a_term_goes_back_there(tmp_path: Path, cell: str, school: str) -> None:
    panel = weir(tmp_path, book=OWN)
    refer(panel, "R1", "P1", "managed_move", *FIRST_BEECH, "--attended", cell)
    assert placed(meet(panel, "2026-10-22", "R1")) == {"R1": school}
    clean(panel)


def test_a_last_day_is_put_right_and_taken_out(tmp_path: Path) -> None:
    panel = weir(tmp_path, book=OWN)
    refer(panel, "R1", "P1", "managed_move", *FIRST_BEECH, "--attended", f"{COB}:2026-05-22")
    panel("correct", "R1", "--set", f"attended={COB}:2026-07-21", "--reason", "the school's own register")
    assert placed(meet(panel, "2026-10-22")) == {"R1": COB}
    panel("correct", "R1", "--set", f"attended={COB}", "--reason", "it was another pupil's")
    assert placed(meet(panel, "2026-11-05")) == {"R1": BEECH}
    clean(panel)


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (f"{COB}:2026-10-02", "attended: found 2026-10-02; wanted 2026-10-01, the day of the referral, or earlier. A day here is the last"),
        (f"{COB}:yes", "wanted a date"),
        (f"{COB};{COB}:2026-05-22", "wanted each URN once"),
        ("200007:2026-05-22", "wanted the URN of a school of this panel"),
    ],
)
def test_a_last_day_that_cannot_be(tmp_path: Path, cell: str, said: str) -> None:
    panel = weir(tmp_path, book=OWN)
    row = ("--kind", "fair_access", "--year-group", "9", "--made-on", "2026-10-01", "--home-school", ASH, "--attended", cell)
    assert said in panel.refused("refer", "R1", "--pupil", "P1", *row)


def test_one_managed_move_a_year(tmp_path: Path) -> None:
    panel = moved(tmp_path)
    refer(panel, "R2", "P1", "managed_move", *FIRST_BEECH, "--made-on", "2027-06-01", home=BEECH)
    held = meet(panel, "2027-07-08")
    assert [row["referral"] for row in held["held"]] == ["R2"]
    panel("load", "terms", str(panel.file("next.csv", "from,to\n2027-09-01,2027-12-17\n")))
    assert [row["referral"] for row in meet(panel, "2027-11-01")["held"]] == ["R2"]
    assert placed(meet(panel, "2027-11-02")) == {"R2": COB}  # 365 days after 2 November 2026
    clean(panel)


def test_a_direction_that_is_to_become_a_move_finds_its_school_first(tmp_path: Path) -> None:
    panel = weir(tmp_path, book=OWN)
    refer(panel, "R1", "P1", "off_site_direction", "--preferences", COB)
    assert placed(meet(panel, "2026-10-22")) == {"R1": COB}
    panel("meeting", "open", "--date", "2026-10-29", "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    panel("allocate")
    panel("decide", "R1", "--school", BEECH, "--reason", "Cob cannot have the pupil before Christmas")
    panel("meeting", "close")
    panel("board", "R1", "--on", "2026-10-30")
    panel("notice", "R1", "--on", "2026-10-30")
    panel("start", "R1", "--on", "2026-11-09", "--until", "2026-12-18")
    panel("end", "R1", "--as", "managed-move", "--on", "2026-12-10")
    panel("agree", "R1-2", "--by", "parent", "--on", "2026-12-11")
    panel("agree", "R1-2", "--by", "home-school", "--on", "2026-12-11")
    assert placed(meet(panel, "2027-01-21")) == {"R1-2": BEECH}
    clean(panel)


def test_fair_access_waits_while_there_is_a_vacancy(tmp_path: Path) -> None:
    panel = weir(tmp_path, book=OWN)
    refer(panel, "R1", "P1", "fair_access")
    held = meet(panel, "2026-10-22")
    assert [row["referral"] for row in held["held"]] == ["R1"]
    # Ten each at Beech and Cob: those of Ash, where the pupil comes from, are none for this one.
    assert "The schools have 20 vacancies in year 9." in " ".join(panel("explain", "R1").out.split())
    full = "".join(f"{urn},9,180,{taken},2026-11-02\n" for urn, taken in ((ASH, 180), (BEECH, 183), (COB, 180)))
    panel("load", "places", str(panel.file("full.csv", f"urn,year_group,pan,on_roll,as_at\n{full}")))
    assert list(placed(meet(panel, "2026-11-05"))) == ["R1"]
    clean(panel)


REACH = OWN.replace(
    "    when: referral.vacancies_in_year > 0\n",
    "    when:\n      - referral.vacancies_in_year > 0 and referral.metres_to_vacancy <= 5000\n"
    "      - referral.metres_to_home_school <= 5000\n",
).replace(
    "{name: there is none, given: {referral.vacancies_in_year: 0}, expect: silent}",
    "{name: none, given: {referral.vacancies_in_year: 0, referral.metres_to_home_school: 5001}, expect: silent}",
)
FAR = {ASH: 5001, BEECH: 6000, COB: 7000}


def journeys(panel: Panel, ways: dict[str, int]) -> None:
    rows = "".join(f"P1,{urn},{metres}\n" for urn, metres in ways.items())
    panel("load", "journeys", str(panel.file("journeys.csv", f"pupil,urn,metres\n{rows}")))


@pytest.mark.parametrize(
    ("ways", "held", "told"),
    [
        (FAR, False, ""),
        ({**FAR, COB: 5000}, True, ""),
        ({**FAR, ASH: 5000}, True, ""),
        (
            {ASH: 5001, BEECH: 6000},
            True,
            "referral.metres_to_vacancy is told by a file of journeys (`pastoral load journeys`), column metres,",
        ),
        (
            {BEECH: 6000, COB: 7000},
            True,
            "referral.metres_to_home_school is told by a file of journeys (`pastoral load journeys`), column metres,",
        ),
    ],
)
def test_fair_access_is_for_whom_no_school_within_reach_has_a_place(tmp_path: Path, ways: dict[str, int], held: bool, told: str) -> None:
    panel = weir(tmp_path, book=REACH)
    refer(panel, "R1", "P1", "fair_access")
    journeys(panel, ways)
    opening = panel("meeting", "open", "--date", "2026-10-22", "--chair", "Okafor")
    assert told in " ".join(opening.err.split())
    panel("meeting", "draw", "--words", "heron")
    proposed = panel.json("allocate")
    assert [row["referral"] for row in proposed["held"]] == ["R1"] * held
    assert placed(proposed) == ({} if held else {"R1": BEECH})
    said = " ".join(panel("explain", "R1").out.split())
    assert told in said
    assert ("cannot tell" in said) == bool(told)
    clean(panel)


NEW = (
    "metres_to_vacancy",
    "metres_to_home_school",
    "earlier_managed_moves",
    "days_since_last_placement",
    "days_since_broke_down",
    "vacancies_in_year",
    "days_since_attended",
    "already_here",
)


@pytest.mark.parametrize(
    ("book", "read"), [(BOOK, set()), (OWN, {*NEW[2:]} - {"days_since_broke_down"}), (REACH, {*NEW} - {"days_since_broke_down"})]
)
def test_only_what_the_book_reads_is_frozen(tmp_path: Path, book: str, read: set[str]) -> None:
    panel = weir(tmp_path, book=book)
    history = f"pupil,school,on,kind,year_group\nP1,{COB},2025-10-22,managed_move,8\n"
    panel("load", "history", str(panel.file("history.csv", history)))
    refer(panel, "R1", "P1", "managed_move", "--attended", f"{COB}:2026-07-21")
    journeys(panel, FAR)
    panel("meeting", "open", "--date", "2026-10-22", "--chair", "Okafor")
    with Ledger.open(url(panel.ledger)) as ledger:
        opened = fold(read_entries(ledger.entries())).meetings[-1].opened
    case = opened.cases["P1"]
    names = {name.partition(".")[2] for name in (*case["facts"], *(name for row in case["candidates"].values() for name in row))}
    assert names & {*NEW} == read
