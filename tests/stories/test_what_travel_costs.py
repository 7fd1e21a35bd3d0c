"""The authority looks at what travel costs it: committed, beyond the cheapest lawful school, entitled, claimed."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.running import ASHDOWN, BIRCH, CEDAR, FILES, MEETS, Panel

JOURNEYS: Final = f"""\
pupil,urn,metres,pence_per_year,method
P1,{ASHDOWN},3000,10000,walked
P1,{CEDAR},5000,45000,walked
P2,{BIRCH},2000,0,walked
P2,{CEDAR},6000,50000,walked
P6,{BIRCH},4829,30000,walked
"""


REFERRALS: Final = "".join(line + (",low_income\n" if n == 0 else ",no\n") for n, line in enumerate(FILES["referrals.csv"].splitlines()))


@pytest.fixture
def panel(tmp_path: Path) -> Panel:
    return closed(tmp_path, JOURNEYS)


def closed(folder: Path, journeys: str) -> Panel:
    """R1 to Ashdown, R2 to Cedar, R6 to Birch, from 22 October 2026; a budget of 800.00."""
    panel = Panel(folder / "travel.db")
    files = {**FILES, "journeys.csv": journeys, "referrals.csv": REFERRALS}
    panel("init", "--rulebook", str(panel.file("harbour.yaml", FILES["harbour.yaml"])))
    for what in ("schools", "places", "terms", "referrals", "journeys"):
        panel("load", what, str(panel.file(f"{what}.csv", files[f"{what}.csv"])))
    panel("budget", "set", "--year", "2026", "--pence", "80000")
    panel("meeting", "open", "--date", MEETS, "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    placed = {one["referral"]: one["school"] for one in panel.json("allocate")["placements"]}
    assert placed == {"R1": ASHDOWN, "R2": CEDAR, "R6": BIRCH}
    panel("decide", "R1", "R2", "R6", "--confirm")
    panel("meeting", "close")
    return panel


def opened(folder: Path, book: str, journeys: str) -> tuple[Panel, str]:
    """Harbour with its meeting opened and drawn, and what was said at the opening."""
    panel = Panel(folder / "opened.db")
    files = {**FILES, "journeys.csv": journeys, "referrals.csv": REFERRALS}
    panel("init", "--rulebook", str(panel.file("harbour.yaml", book)))
    for what in ("schools", "places", "terms", "referrals", "journeys"):
        panel("load", what, str(panel.file(f"{what}.csv", files[f"{what}.csv"])))
    said = panel("meeting", "open", "--date", MEETS, "--chair", "Okafor").err
    panel("meeting", "draw", "--words", "heron")
    return panel, " ".join(said.split())


UNQUOTED: Final = JOURNEYS.replace(f"P6,{BIRCH},4829,30000,walked", f"P6,{BIRCH},4829,,walked")


def test_who_allocates_reads_no_nought_for_a_cost_that_is_unknown(tmp_path: Path) -> None:
    """R6 goes to Birch, and nobody recorded what that costs."""
    panel, said = opened(tmp_path, FILES["harbour.yaml"], UNQUOTED)
    placed = {one["referral"]: one["transport_pence"] for one in panel.json("allocate")["placements"]}
    assert placed == {"R1": 10000, "R2": 50000, "R6": None}
    assert "No cost of travel is recorded" not in said, "no objective weighs it"


def test_the_chair_hears_which_costs_are_reckoned_at_nothing(tmp_path: Path) -> None:
    book = FILES["harbour.yaml"].replace("  - journey\n", "  - transport\n  - journey\n")
    _, said = opened(tmp_path, book, UNQUOTED)
    assert "No cost of travel is recorded, and 'harbour' has no charges: " in said
    assert "R6 (" in said
    assert "so that they come before any that has a cost." in said


def test_the_chair_hears_which_costs_are_counted_as_nothing(tmp_path: Path) -> None:
    """R6 went to Birch, and nobody recorded what that costs; R2's way costs nothing, which was said. A pupil of the history as well."""
    notice = """\
notices:
  - id: spent
    when: panel.transport_spent_pence >= 100000
    examples:
      - {name: spent, given: {panel.transport_spent_pence: 100000}, expect: fires}
      - {name: not yet, given: {panel.transport_spent_pence: 99999}, expect: silent}
objectives:
"""
    words = "No cost of travel is recorded for 1 placement of this academic year, which panel.transport_spent_pence counts as nothing: R6."
    for folder, book, told in (
        (tmp_path / "a", FILES["harbour.yaml"].replace("objectives:\n", notice, 1), True),
        (tmp_path / "b", FILES["harbour.yaml"], False),
    ):
        folder.mkdir()
        panel, said = opened(folder, book, UNQUOTED.replace(f"P2,{CEDAR},6000,50000", f"P2,{CEDAR},6000,0"))
        assert "counts as nothing" not in said, "nobody was placed yet"
        panel("allocate")
        panel("decide", "R1", "R2", "R6", "--confirm")
        panel("meeting", "close")
        said = " ".join(panel("meeting", "open", "--date", "2026-11-19", "--chair", "Okafor").err.split())
        assert (words in said) == told
        panel("meeting", "close")
        if told:
            history = "pupil,school,on,kind,year_group\nP90,100001,2026-09-10,managed_move,9\n"
            panel("load", "history", str(panel.file("history.csv", history)))
            said = " ".join(panel("meeting", "open", "--date", "2026-11-26", "--chair", "Okafor").err.split())
            assert (
                "for 2 placements of this academic year, which panel.transport_spent_pence counts as nothing: R6 and 1 from before" in said
            )
            assert panel.json("audit", "replay")["ok"]


def test_a_school_that_lies_elsewhere_is_estimated_anew(tmp_path: Path) -> None:
    """Opening the meeting estimated the way to Ashdown: 2000 metres x 1.3 = 2600. By the new file it lies 8000 away: 10400.

    R1 and R2 have measured ways to it, or none; what was measured stays, and is named.
    """
    panel, _ = opened(tmp_path, FILES["harbour.yaml"], JOURNEYS)
    panel("meeting", "close")
    moved = FILES["schools.csv"].replace(
        f"{ASHDOWN},Ashdown School,Open,11,18,1000,620000", f"{ASHDOWN},Ashdown School,Open,11,18,1000,614000"
    )
    before = panel.entries()
    said = " ".join(panel("load", "schools", str(panel.file("moved.csv", moved))).err.split())
    assert (
        f"{ASHDOWN} Ashdown School lies elsewhere; ways of pupils who wait, estimated anew: 5 of 5; measured and left as they are: 1"
        in said
    )
    assert panel.entries() == before + 1 + 5
    assert panel.json("audit", "replay")["ok"]


def test_each_placement_beside_the_cheapest_lawful_one(panel: Panel) -> None:
    """R2 could lawfully have gone to Birch for nothing; the share of the load came first. R1 could not have gone to Cedar:
    its one place in year 9 went to R2. 314 of the year's 365 days are left from 22 October."""
    seen = panel.json("transport", "show")
    assert (seen["academic_year"], seen["budget_pence"], seen["committed_pence_a_year"]) == (2026, 80000, 90000)
    assert seen["falls_in_year_pence"] == 8603 + 43014 + 25808
    assert seen["beyond_cheapest_pence_a_year"] == 50000
    assert seen["months"] == [{"month": "2026-10", "placements": 3, "committed_pence_a_year": 90000, "so_far_pence_a_year": 90000}]
    by_referral = {one["referral"]: one for one in seen["placements"]}
    assert by_referral["R2"]["cheapest"] == {"school": BIRCH, "pence_a_year": 0}
    assert [by_referral[name]["lawful"] for name in ("R1", "R2", "R6")] == [1, 2, 1]
    said = panel("transport", "show").out
    assert "Budget: £800.00; £100.00 beyond it." in said
    assert "By what falls in this year, £25.75 is left." in said
    assert "R2        Cedar High School  £500.00     £0.00  £500.00             no" in said


def test_who_is_entitled(panel: Panel) -> None:
    """R6 lives 4,829 metres from the only school that could take it. R1 is within three miles, and nobody has said more."""
    answers = {one["referral"]: one["entitlement"] for one in panel.json("transport", "show")["placements"]}
    assert answers["R6"] == {"answer": "yes", "by": ["the distance"], "missing": [], "nearer": []}
    assert answers["R1"] == {"answer": "cannot tell", "by": [], "missing": [f"safe_route to {ASHDOWN}", "cannot_walk"], "nearer": []}
    assert answers["R2"] == {"answer": "no", "by": [], "missing": [], "nearer": [BIRCH]}
    said = " ".join(panel("transport", "show").out.split())
    assert "R1: whether travel is free cannot be told; not recorded: safe_route to Ashdown School; cannot_walk." in said
    assert "R2: no entitlement by what is recorded; whether the panel's own placing entitles is for the authority to say;" in said


def test_claims_of_one_placement(panel: Panel) -> None:
    autumn = ("--from", "2026-11-02", "--until", "2026-12-18")
    assert panel("transport", "claim", "R6", "--pence", "9000", *autumn).out == "R6: £90.00 claimed for 2026-11-02 to 2026-12-18.\n"
    assert "was claimed for R6 already" in panel.refused(
        "transport", "claim", "R6", "--pence", "1", "--from", "2026-12-18", "--until", "2026-12-18"
    )
    early = ("--from", "2026-10-21", "--until", "2026-10-23")
    assert "wanted 2026-10-22 or later" in panel.refused("transport", "claim", "R6", "--pence", "1", *early)
    assert "R4 is waiting" in panel.refused("transport", "claim", "R4", "--pence", "1", *autumn)
    panel("transport", "claim", "R6", "--pence", "11000", "--from", "2027-01-04", "--until", "2027-03-25")
    assert panel.json("transport", "show", "--as-of", "2026-12-31")["claimed_pence"] == 9000
    assert panel.json("transport", "show", "--as-of", "2027-03-31")["claimed_pence"] == 20000
    assert panel.json("audit", "replay")["ok"]


def test_a_claim_that_was_typed_wrongly(panel: Panel) -> None:
    """9,000 pence for 900: the record says both, the sum only what is right. Nothing and less is no claim."""
    panel("transport", "claim", "R6", "--pence", "9000", "--from", "2026-11-02", "--until", "2026-12-18")
    entry = str(panel.entries())
    why = ("--reason", "a nought too many")
    assert "wanted 1 to 1000000000" in panel.refused("correct", "--entry", entry, "--set", "pence=0", *why)
    assert "wanted pence, on" in panel.refused("correct", "--entry", entry, "--set", "until=2026-12-17", *why)
    said = panel("correct", "--entry", entry, "--set", "pence=900", *why).out
    assert said == f"Entry {int(entry) + 1} corrects entry {entry} (transport claimed): pence.\n"
    assert panel.json("transport", "show", "--as-of", "2026-12-31")["claimed_pence"] == 900
    assert panel.json("audit", "replay")["ok"]
    panel("correct", "--entry", entry, "--void", "--reason", "never claimed")
    assert panel.json("transport", "show", "--as-of", "2026-12-31")["claimed_pence"] == 0


def test_a_lawful_setting_whose_cost_nobody_knows(tmp_path: Path) -> None:
    """What the way to Birch costs is not recorded for R2: it may be cheaper than Cedar, and that is said."""
    panel = closed(tmp_path, JOURNEYS.replace(f"P2,{BIRCH},2000,0,walked", f"P2,{BIRCH},5000,,walked"))
    (trip,) = [one for one in panel.json("transport", "show")["placements"] if one["referral"] == "R2"]
    assert (trip["lawful"], trip["lawful_cost_unknown"], trip["cheapest"]["school"]) == (2, 1, CEDAR)
    said = " ".join(panel("transport", "show").out.split())
    assert "of 2 lawful settings the cost of 1 is not recorded, so another may be cheaper." in said


def test_what_was_taken_back_costs_nothing(panel: Panel) -> None:
    """Cedar does not agree: R2 returns to the next agenda, and its 500.00 with it."""
    panel("refuse", "R2", "--by", CEDAR, "--reason", "the group is full")
    seen = panel.json("transport", "show")
    assert seen["committed_pence_a_year"] == 40000
    assert [one["referral"] for one in seen["placements"]] == ["R1", "R6"]


def breaks_down(panel: Panel) -> None:
    """R2 begins at Cedar on 2 November, does not get on there, and goes to Birch on 4 January."""
    panel("start", "R2", "--on", "2026-11-02")
    panel("break-down", "R2", "--on", "2026-12-01", "--reason", "could not settle")
    for who in ("parent", "home-school"):
        panel("agree", "R2-2", "--by", who, "--on", "2026-12-02")
    panel("meeting", "open", "--date", "2026-12-10", "--chair", "Okafor")
    panel("decide", "R2-2", "--school", BIRCH, "--reason", "is nearer", "--starts", "2027-01-04")
    panel("meeting", "close")


def test_a_pupil_travels_to_one_school_at_a_time(panel: Panel) -> None:
    """To Cedar from 2 November to 3 January: 29 + 31 + 3 = 63 days of 365, 50000 x 63 / 365 = 8630.1 pence."""
    breaks_down(panel)
    seen = {one["referral"]: one for one in panel.json("transport", "show", "--as-of", "2027-02-01")["placements"]}
    assert (seen["R2"]["last"], seen["R2"]["falls_in_year_pence"]) == ("2027-01-03", 8630)
    assert (seen["R2-2"]["first"], seen["R2-2"]["last"]) == ("2027-01-04", "2027-08-31")
    late = ("--from", "2026-12-14", "--until", "2027-01-04")
    assert "wanted 2027-01-03 or earlier, the last day of R2 at 100003" in panel.refused("transport", "claim", "R2", "--pence", "1", *late)


def test_a_placement_of_which_no_first_day_is_recorded(panel: Panel) -> None:
    """Planned for 22 October: R6 began on 2 November, and of the others nobody knows."""
    panel("start", "R6", "--on", "2026-11-02")
    seen = panel.json("transport", "show", "--as-of", "2026-11-30")["placements"]
    assert {one["referral"]: (one["first"], one["planned"]) for one in seen} == {
        "R1": ("2026-10-22", True),
        "R2": ("2026-10-22", True),
        "R6": ("2026-11-02", False),
    }
    said = "No first day is recorded of R1, R2 (`pastoral start`): counted from the day that was planned, which is over."
    assert said in " ".join(panel("transport", "show", "--as-of", "2026-11-30").out.split())
    assert "No first day" not in panel("transport", "show").out, "on the day itself nothing is over"


def test_what_was_claimed_stays_in_the_sum(panel: Panel) -> None:
    """Claimed for R1, and Ashdown then does not agree; and for R6 in the year after the one in which it began."""
    panel("transport", "claim", "R1", "--pence", "500", "--from", "2026-10-22", "--until", "2026-10-23")
    panel("refuse", "R1", "--by", ASHDOWN, "--reason", "the group is full", "--on", "2026-11-02")
    seen = panel.json("transport", "show", "--as-of", "2026-11-30")
    assert (seen["claimed_pence"], seen["claimed_for_others"]) == (500, [{"referral": "R1", "claimed_pence": 500}])

    panel("transport", "claim", "R6", "--pence", "7000", "--from", "2027-09-02", "--until", "2027-10-22")
    after = panel.json("transport", "show", "--as-of", "2027-10-31")
    assert (after["academic_year"], after["placements"]) == (2027, [])
    assert (after["claimed_pence"], after["claimed_for_others"]) == (7000, [{"referral": "R6", "claimed_pence": 7000}])
    assert after["of_earlier_years"] == [
        {"referral": "R2", "school": CEDAR, "last": "2028-08-31", "pence_a_year": 50000, "falls_in_year_pence": 50000},
        {"referral": "R6", "school": BIRCH, "last": "2028-08-31", "pence_a_year": 30000, "falls_in_year_pence": 30000},
    ]
    assert "Begun in earlier years" in panel("transport", "show", "--as-of", "2027-10-31").out
    # Both are in year 11 or below in 2028; R2, in year 9 in 2026, has left by September 2029.
    assert [one["referral"] for one in panel.json("transport", "show", "--year", "2029")["of_earlier_years"]] == ["R6"]


def test_a_placement_of_an_earlier_year_costs_this_one_too(panel: Panel) -> None:
    """2027-28 has 366 days. R6 goes on all year, 30000. R2 goes to Birch for nothing from 1 December, after 91 days at Cedar:
    50000 x 91 / 366 = 12431.7 pence. Of a budget of 500.00 that leaves 500.00 - 300.00 - 124.32 = 75.68."""
    panel("refuse", "R1", "--by", ASHDOWN, "--reason", "the group is full")
    panel("load", "terms", str(panel.file("next.csv", "from,to\n2027-09-02,2027-12-17\n")))
    panel("budget", "set", "--year", "2027", "--pence", "50000")
    panel("start", "R2", "--on", "2026-11-02")
    seen = panel.json("transport", "show", "--as-of", "2027-10-31")
    assert (seen["committed_pence_a_year"], seen["of_earlier_years_pence_a_year"]) == (0, 80000)
    assert seen["of_earlier_years_falls_in_year_pence"] == 80000, "nothing has ended yet"
    panel("break-down", "R2", "--on", "2027-11-01", "--reason", "could not settle")
    for who in ("parent", "home-school"):
        panel("agree", "R2-2", "--by", who, "--on", "2027-11-02")
    panel("meeting", "open", "--date", "2027-11-11", "--chair", "Okafor")
    panel("decide", "R2-2", "--school", BIRCH, "--reason", "is nearer", "--starts", "2027-12-01")
    panel("meeting", "close")
    seen = panel.json("transport", "show", "--as-of", "2027-12-10")
    assert (seen["falls_in_year_pence"], seen["of_earlier_years_falls_in_year_pence"]) == (0, 30000 + 12432)
    assert {one["referral"]: one["last"] for one in seen["of_earlier_years"]} == {"R2": "2027-11-30", "R6": "2028-08-31"}
    said = " ".join(panel("transport", "show", "--as-of", "2027-12-10").out.split())
    assert "Of earlier years that go on: £800.00 a year, of which £424.32 falls in this year." in said
    assert "Budget: £500.00; £300.00 beyond it. By what falls in this year, £75.68 is left." in said


def test_a_cost_that_nobody_recorded_is_never_read_as_nothing(tmp_path: Path) -> None:
    """The book has no charges, and what the way to Birch costs is recorded for nobody: R6 is placed there all the same.

    The meeting reckons it at nothing, as its record will always say; every answer for people says that it is unknown.
    """
    panel = closed(tmp_path, JOURNEYS.replace(f"P6,{BIRCH},4829,30000,walked", f"P6,{BIRCH},4829,,walked"))
    (trip,) = [one for one in panel.json("transport", "show")["placements"] if one["referral"] == "R6"]
    assert "pence_a_year" not in trip
    later = panel.json("transport", "show", "--year", "2027")
    assert [one for one in later["of_earlier_years"] if one["referral"] == "R6"] == [
        {"referral": "R6", "school": BIRCH, "last": "2028-08-31"}
    ]
    assert later["cost_not_recorded"] == ["R6"]
    assert "R6 ?" in panel("transport", "show", "--year", "2027").out
    assert panel.json("audit", "replay")["ok"]


def test_what_was_lawful_at_the_meeting_does_not_change_with_what_came_after(panel: Panel) -> None:
    """Cedar's one place in year 9 went to R2 at the meeting: that R2 never went there opens nothing to R1 in hindsight."""
    before = panel.json("transport", "show")["placements"][0]
    panel("refuse", "R2", "--by", CEDAR, "--reason", "the group is full")
    after = panel.json("transport", "show")["placements"][0]
    assert (before["referral"], before["lawful"]) == ("R1", 1)
    assert after == before


def test_a_child_who_was_erased(panel: Panel) -> None:
    """What R2 costs stays in the sums; what else was lawful, and whether travel is free, nobody can tell any more."""
    before = panel.json("transport", "show")
    panel("person", "erase", "P2", "--reason", "six years", "--yes")
    seen = panel.json("transport", "show")
    by_referral = {one["referral"]: one for one in seen["placements"]}
    assert (seen["committed_pence_a_year"], seen["falls_in_year_pence"]) == (90000, before["falls_in_year_pence"])
    assert (by_referral["R2"]["lawful"], by_referral["R2"]["entitlement"]["answer"]) == (0, "cannot tell")
    assert by_referral["R2"]["entitlement"]["missing"] == ["the case: it was erased"]
    assert by_referral["R1"]["lawful"] == 1, "nobody can tell whether R2 took the place at Cedar, so it was none that is known"
    assert "the case: it was erased" in " ".join(panel("transport", "show").out.split())


def test_two_schools_that_become_one(panel: Panel) -> None:
    """Birch is part of Cedar from 4 January: R6, who went to Birch, is at Cedar, and no school that is gone is named."""
    panel("school", "merge", BIRCH, CEDAR, "--into", CEDAR, "--on", "2027-01-04")
    seen = {one["referral"]: one for one in panel.json("transport", "show", "--as-of", "2027-02-01")["placements"]}
    assert (seen["R6"]["school"], seen["R6"]["cheapest"]) == (CEDAR, {"school": CEDAR, "pence_a_year": 30000})
    assert seen["R6"]["entitlement"]["missing"][0] == f"metres to {CEDAR}", "nobody has measured the way there"
    assert (seen["R2"]["lawful"], seen["R2"]["beyond_pence_a_year"]) == (1, 0), "both of its schools are one"
    assert BIRCH not in str(seen)


def test_another_year(panel: Panel) -> None:
    seen = panel.json("transport", "show", "--year", "2025")
    assert seen["placements"] == []
    assert "No budget is recorded" in panel("transport", "show", "--year", "2025").out
