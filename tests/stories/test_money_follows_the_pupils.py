"""Money follows three pupils from school to school, and the partnership shares its fund: every penny worked out by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.courses import ASH, BEECH, agreed, meet, refer, weir
from tests.courses import BOOK as WEIR
from tests.running import ASHDOWN, BIRCH, BOOK, CEDAR, DELL, FILES, MEETS, Panel

PAYS: Final = (
    BOOK.replace(
        "objectives:\n",
        """\
transfers:
  - id: per-pupil
    pence: 420000
    when: admission.kind == "managed_move"
    examples:
      - {name: a move, given: {admission.kind: managed_move}, expect: fires}
      - {name: an exclusion, given: {admission.kind: permanent_exclusion}, expect: silent}
  - id: upper-years
    pence: 60000
    when: admission.year_group >= 9
    examples:
      - {name: year 9, given: {admission.year_group: 9}, expect: fires}
      - {name: year 8, given: {admission.year_group: 8}, expect: silent}
objectives:
""",
        1,
    )
    + "money: {counted: weeks, fund: {shared: roll, took_part: half}}\n"
)


def decided(folder: Path, book: str) -> Panel:
    """R1 to Ashdown, R2 to Cedar and R6 to Birch, all from 22 October 2026; only Ashdown and Birch came."""
    panel = Panel(folder / "money.db")
    panel("init", "--rulebook", str(panel.file("pays.yaml", book)))
    for what in ("schools", "places", "terms", "referrals"):
        panel("load", what, str(panel.file(f"{what}.csv", FILES[f"{what}.csv"])))
    panel("meeting", "open", "--date", MEETS, "--chair", "Okafor")
    panel("meeting", "attend", ASHDOWN, BIRCH)
    panel("meeting", "draw", "--words", "heron")
    panel("allocate")
    panel("decide", "R1", "R2", "R6", "--confirm")
    return panel


def test_a_fund_is_shared_once_a_meeting_is_closed(tmp_path: Path) -> None:
    panel = decided(tmp_path, PAYS)
    panel("budget", "fund", "--year", "2026", "--pence", "100000")
    fund = panel.json("statement")["fund"]
    assert (fund["meetings"], fund["shut_out"], fund["left_pence"]) == (0, [], 100000)
    page = " ".join(panel("statement").out.split())
    assert "cannot be shared: no meeting of the year is closed yet, so that nobody can tell who took part." in page


def test_a_statement_for_every_school(tmp_path: Path) -> None:
    """From 22 October to 31 March there are 161 days: 23 complete weeks of 52.

    R1 and R2 are in year 9: 4,800.00 a year, 480000 x 23 / 52 = 212307.7 pence. R6 is in year 8: 420000 x 23 / 52 =
    185769.2 pence. Of a fund of 1,000.00 Ashdown (1,000 on roll) draws two thirds and Birch (500) a third, in whole
    pence; Cedar and Dell did not come to the one meeting.
    """
    panel = decided(tmp_path, PAYS)
    panel("budget", "fund", "--year", "2026", "--pence", "100000")
    panel("meeting", "close")
    account = panel.json("statement")
    assert (account["from"], account["until"]) == ("2026-04-01", "2027-03-31")
    by_school = {one["school"]: one for one in account["statements"]}
    drawn = {urn: (one["drawn_pence"], one["total_pence"]) for urn, one in by_school.items()}
    assert drawn == {
        ASHDOWN: (66666, 212308 - 212308 - 185769 + 66666),
        BIRCH: (33333, 185769 - 212308 + 33333),
        CEDAR: (0, 212308),
        DELL: (0, 0),
    }
    (received,) = by_school[BIRCH]["received"]
    assert received == {
        "referral": "R6",
        "from_school": ASHDOWN,
        "to_school": BIRCH,
        "first": "2026-10-22",
        "last": "2027-03-31",
        "planned": True,
        "rest": 23,
        "of": 52,
        "pence_a_year": 420000,
        "pence": 185769,
        "lines": ["per-pupil"],
    }
    assert account["fund"]["left_pence"] == 1
    others = {one["party"]: (one.get("put_in_pence", 0), one["drawn_pence"], one["total_pence"]) for one in account["others"]}
    assert others == {"authority": (0, 0, 0), "fund": (100000, -99999, 1), "outside": (-100000, 0, -100000)}
    assert sum(one["total_pence"] for one in (*account["statements"], *account["others"])) == 0
    assert account["fund"]["shut_out"] == [{"school": urn, "came": 0, "meetings": 1, "wanted": 1} for urn in (CEDAR, DELL)]

    said = panel("statement", CEDAR).out
    assert "R2 from Ashdown School  2026-10-22 planned  23/52  £4,800.00  £2,123.08" in said
    assert "Birch" not in said
    assert "  Cedar High School draws nothing: it came to 0 of 1 meetings; wanted 1." in said
    assert said_in_order(panel("statement", ASHDOWN).out) == ["£2,123.08", "-£2,123.08", "-£1,857.69", "£666.66", "-£1,191.03"]


def test_a_school_that_joins_after_the_meeting_draws_nothing_of_that_year(tmp_path: Path) -> None:
    """Dell takes part from November: of the one meeting, in October, it could not be asked."""
    panel = decided(tmp_path, PAYS)
    panel("meeting", "close")
    panel("budget", "fund", "--year", "2026", "--pence", "100000")
    panel("school", "leave", DELL, "--on", "2026-09-30")
    panel("school", "join", DELL, "--on", "2026-11-02")
    account = panel.json("statement", "--as-of", "2026-12-01")
    assert account["fund"]["shut_out"][1:] == [{"school": DELL, "came": 0, "meetings": 0, "wanted": 1}]
    said = " ".join(panel("statement", "--as-of", "2026-12-01").out.split())
    assert "Dell School draws nothing: it came to 0 of 0 meetings that were held while it was a member; wanted 1." in said


def said_in_order(statement: str) -> list[str]:
    """The amounts at the ends of a statement's lines."""
    ends = [line.split()[-1] for line in statement.splitlines() if line.startswith(("R", "from the fund", "total"))]
    return [end for end in ends if "£" in end]


def test_in_days_and_by_need(tmp_path: Path) -> None:
    """161 of 365 days: 480000 x 161 / 365 = 211726.03 pence. By need, of which each of the three that took somebody has one."""
    book = PAYS.replace("{counted: weeks, fund: {shared: roll, took_part: half}}", "{fund: {shared: need, count: load}}")
    panel = decided(tmp_path, book)
    panel("budget", "fund", "--year", "2026", "--pence", "100000")
    account = panel.json("statement")
    by_school = {one["school"]: one for one in account["statements"]}
    assert [one["pence"] for one in by_school[CEDAR]["received"]] == [211726]
    assert {urn: one["drawn_pence"] for urn, one in by_school.items()} == {ASHDOWN: 33333, BIRCH: 33333, CEDAR: 33333, DELL: 0}
    assert sum(one["total_pence"] for one in by_school.values()) == 99999, "what one pays another receives"


def test_a_part_that_nobody_can_draw_is_not_what_whole_pence_leave_over(tmp_path: Path) -> None:
    """No school has a weight: two sevenths of 100001 pence, 28571.71, stay. Of the rest each of four has 17857 (17857.32): 2 are over."""
    parts = "[{by: weight, part: 2}, {by: equally, part: 5}]"
    panel = decided(tmp_path, PAYS.replace("shared: roll, took_part: half", f"shared: {parts}"))
    panel("budget", "fund", "--year", "2026", "--pence", "100001")
    assert panel.json("statement")["fund"]["left_pence"] == 28573
    page = " ".join(panel("statement").out.split())
    assert "; £0.02 cannot be shared in whole pence and stays in it." in page
    assert "The part that is shared by the weight that the schools agreed, £285.71, stays in it: " in page


def test_a_september_year_and_another_year(tmp_path: Path) -> None:
    """An academy's year runs to 31 August: 314 of 365 days from 22 October. In the year before nothing moved."""
    panel = decided(tmp_path, PAYS.replace("{counted: weeks, fund: {shared: roll, took_part: half}}", "{year: september}"))
    (received,) = {one["school"]: one for one in panel.json("statement")["statements"]}[CEDAR]["received"]
    assert (received["rest"], received["of"], received["pence"]) == (314, 365, 412932)  # 480000 x 314 / 365 = 412931.5
    before = panel.json("statement", "--year", "2025")
    assert all(one["total_pence"] == 0 for one in before["statements"])
    assert "Nothing to pay, receive or draw: Ashdown School, Birch Academy" in panel("statement", "--year", "2025").out


DAILY: Final = """\
transfers:
  - id: a-thousand-a-day
    pence: 365000
    when: admission.kind in ["managed_move", "off_site_direction"]
    examples:
      - {name: a move, given: {admission.kind: managed_move}, expect: fires}
      - {name: a direction, given: {admission.kind: off_site_direction}, expect: fires}
      - {name: an exclusion, given: {admission.kind: permanent_exclusion}, expect: silent}
objectives:"""


def test_a_direction_that_becomes_a_move_is_paid_for_once(tmp_path: Path) -> None:
    """At Beech by direction from 14 October, by a move of its own from 25 January: 18 + 30 + 31 + 24 = 103 days and 7 + 28 + 31 = 66."""
    panel = weir(tmp_path, book=WEIR.replace("objectives:", DAILY, 1))
    refer(panel, "R1", "P1", "off_site_direction")
    meet(panel, "2026-10-08", "R1")
    panel("board", "R1", "--on", "2026-10-09")
    panel("notice", "R1", "--on", "2026-10-12")
    panel("start", "R1", "--on", "2026-10-14", "--until", "2026-12-18")
    panel("end", "R1", "--as", "managed-move", "--on", "2026-12-14")
    for who in ("parent", "home-school"):
        panel("agree", "R1-2", "--by", who, "--on", "2027-01-08")
    meet(panel, "2027-01-21", "R1-2")
    agreed(panel, "R1-2", on="2027-01-22")
    panel("start", "R1-2", "--on", "2027-01-25")
    (beech,) = panel.json("statement", BEECH, "--as-of", "2027-03-31")["statements"]
    assert [(one["referral"], one["last"], one["pence"]) for one in beech["received"]] == [
        ("R1", "2027-01-24", 103_000),
        ("R1-2", "2027-03-31", 66_000),
    ]
    (ash,) = panel.json("statement", ASH, "--as-of", "2027-03-31")["statements"]
    assert ash["total_pence"] == -169_000


def test_a_school_that_is_not_of_the_panel(tmp_path: Path) -> None:
    panel = decided(tmp_path, PAYS)
    assert "999999" in panel.refused("statement", "999999")


AGREED: Final = """\
transfers:
  - id: settling-in
    pence: 300000
    from: authority
    once: true
    when: admission.kind == "off_site_direction"
    examples:
      - {name: a direction, given: {admission.kind: off_site_direction}, expect: fires}
      - {name: a move, given: {admission.kind: managed_move}, expect: silent}
  - id: once-it-holds
    pence: 365000
    after: 6 weeks
    when: admission.kind == "off_site_direction"
    examples:
      - {name: a direction, given: {admission.kind: off_site_direction}, expect: fires}
      - {name: a move, given: {admission.kind: managed_move}, expect: silent}
money: {levy: 250000}
objectives:"""


def test_the_authority_pays_once_a_school_once_it_holds_and_an_exclusion_costs(tmp_path: Path) -> None:
    """At Beech from 14 October, as planned to 18 December: 18 + 30 + 18 = 66 days. Six weeks after the first is 25 November.

    Extended to 12 February it is 18 + 30 + 31 + 31 + 12 = 122 days; and once that day has passed, and nobody recorded an end, until
    31 March: 18 + 30 + 31 + 31 + 28 + 31 = 169 days.

    Ash excluded two pupils at 2,500.00 each, and one of these exclusions was quashed.
    """
    panel = weir(tmp_path, book=WEIR.replace("objectives:", AGREED, 1))
    refer(panel, "R1", "P1", "off_site_direction")
    meet(panel, "2026-10-08", "R1")
    panel("board", "R1", "--on", "2026-10-09")
    panel("notice", "R1", "--on", "2026-10-12")
    panel("start", "R1", "--on", "2026-10-14", "--until", "2026-12-18")
    for pupil in ("P8", "P9"):
        panel("exclusion", "record", "--pupil", pupil, "--school", ASH, "--on", "2026-11-02", "--year-group", "9")
    quashed = ("--how", "quashed", "--on", "2026-11-20", "--reason", "unfair")
    panel("exclusion", "reverse", "--pupil", "P9", "--school", ASH, "--excluded-on", "2026-11-02", *quashed)

    before = panel("statement", "--as-of", "2026-11-24").out
    assert "not due before 2026-11-25, and only if the placement stands then." in " ".join(before.split())
    account = panel.json("statement", "--as-of", "2026-11-25")
    totals = {one.get("school", one.get("party")): one["total_pence"] for one in (*account["statements"], *account["others"])}
    assert {party: pence for party, pence in totals.items() if pence} == {
        ASH: -66_000 - 250_000,
        BEECH: 300_000 + 66_000,
        "authority": -300_000,
        "fund": 250_000,
    }
    page = panel("statement", "--as-of", "2026-11-25").out
    assert page.index("The authority\n") < page.index("The fund\n")
    assert said_in_order(page) == [
        *("-£660.00", "-£3,160.00"),  # Ash; the levy's line begins with another word
        *("£3,000.00", "£660.00", "£3,660.00"),  # Beech
        *("-£3,000.00", "-£3,000.00"),  # the authority
        "£2,500.00",  # the fund
    ]
    assert "R1: until 2026-12-18, the planned last day: what is extended is paid for longer." in " ".join(page.split())
    panel("extend", "R1", "--on", "2026-12-14", "--until", "2027-02-12", "--reason", "it goes well")
    for on, days, why in (
        ("2026-12-18", 122, "until 2027-02-12, the planned last day: what is extended is paid for longer"),
        ("2027-02-12", 122, "until 2027-02-12, the planned last day: what is extended is paid for longer"),
        ("2027-02-13", 169, None),
    ):
        (beech,) = panel.json("statement", BEECH, "--as-of", on)["statements"]
        (daily,) = [one for one in beech["received"] if "rest" in one]
        assert (daily["rest"], daily["pence"], daily.get("why")) == (days, 1_000 * days, why)


def test_what_is_put_into_the_fund_is_in_its_statement(tmp_path: Path) -> None:
    """Ash pays 2,500.00 for an exclusion into a fund of 1,000.00, of which three schools draw 333.33 each: 2,500.01 stay in it."""
    panel = weir(tmp_path, book=WEIR.replace("objectives:", AGREED.replace("{levy: 250000}", "{levy: 250000, fund: {shared: equally}}"), 1))
    panel("exclusion", "record", "--pupil", "P8", "--school", ASH, "--on", "2026-11-02", "--year-group", "9")
    panel("budget", "fund", "--year", "2026", "--pence", "100000")
    page = panel("statement", "--as-of", "2026-11-25").out
    fund = page[page.index("The fund\n") : page.index("The fund of ")]
    assert [line.split()[-1] for line in fund.splitlines() if "£" in line] == ["£2,500.00", "£1,000.00", "-£999.99", "£2,500.01"]
    account = panel.json("statement", "--as-of", "2026-11-25")
    assert sum(one["total_pence"] for one in (*account["statements"], *account["others"])) == 0


def test_a_fund_half_by_roll_and_half_by_need(tmp_path: Path) -> None:
    """Ashdown (1,000 on roll) and Birch (500) came, and each took one pupil. Of 1,000.00 half goes by roll: 333.33 and 166.66, and half
    by need: 250.00 each; a penny stays."""
    halves = "[{by: roll, part: 50}, {by: need, count: load, part: 50}]"
    panel = decided(tmp_path, PAYS.replace("shared: roll", f"shared: {halves}"))
    panel("budget", "fund", "--year", "2026", "--pence", "100000")
    panel("meeting", "close")
    account = panel.json("statement")
    by_school = {one["school"]: one for one in account["statements"]}
    assert by_school[ASHDOWN]["drawn"] == [{"by": "roll", "pence": 33333}, {"by": "need", "count": "load", "pence": 25000}]
    assert [by_school[urn]["drawn_pence"] for urn in (ASHDOWN, BIRCH, CEDAR)] == [58333, 41666, 0]
    assert account["fund"]["left_pence"] == 1
    assert account["fund"]["shared"] == [
        {"by": "roll", "part": 50, "drawn_pence": 49999},
        {"by": "need", "count": "load", "part": 50, "drawn_pence": 50000},
    ]
    assert sum(one["total_pence"] for one in (*account["statements"], *account["others"])) == 0
    said = panel("statement", BIRCH).out
    ends = {line.split("  ")[0]: line.split()[-1] for line in said.splitlines() if line.startswith("from the fund")}
    assert ends == {"from the fund, by roll": "£166.66", "from the fund, by need (load)": "£250.00"}
    words = "The fund of £1,000.00 is shared in 100 parts, 50 by roll and 50 by need, which is the count load, by the mainstream schools"
    assert words in " ".join(said.split())
