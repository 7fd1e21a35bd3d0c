"""What protocols say of the list beside that schools take turns: one for each year group, in an agreed order, and back to the top."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.certificate_checker import verify
from tests.running import ASHDOWN, BIRCH, BOOK, CEDAR, DELL, FILES, HOME, MEETS, SCHOOLS, Panel
from tests.stories.test_schools_take_turns import HEADER

HISTORY: Final = "pupil,school,on,kind,permanently_excluded,year_group,outcome,ended_on\n"


def book(keys: str, name: str = "rota") -> str:
    return BOOK.replace("  - share: {load: load, per: roll}\n", f"  - {name}: {{{keys}}}\n")


def took(school: str, on: str, year_group: int = 10, outcome: str = "", ended_on: str = "") -> str:
    return f"H{school}{on},{school},{on},managed_move,no,{year_group},{outcome},{ended_on}\n"


def referral(number: int, home: str, choice: str, year_group: int = 10) -> str:
    return f"K{number},P{number},managed_move,{year_group},{home},2026-10-01,{HOME},{choice},no,2026-09-30,2026-09-30\n"


def founded(folder: Path, rota: str, history: str, referrals: str, schools: str = SCHOOLS, name: str = "rota") -> Panel:
    panel = Panel(folder / "list.db")
    panel("init", "--rulebook", str(panel.file("list.yaml", book(rota, name))))
    given = {**FILES, "schools.csv": schools, "history.csv": HISTORY + history, "referrals.csv": HEADER + referrals}
    for file, text in given.items():
        if file.endswith(".csv"):
            panel("load", file.removesuffix(".csv"), str(panel.file(file, text)))
    return panel


def drawn(panel: Panel) -> Panel:
    panel("meeting", "open", "--date", MEETS, "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    return panel


def placed(panel: Panel) -> dict[str, str]:
    return {one["referral"]: one["school"] for one in panel.json("allocate")["placements"]}


def turns(panel: Panel, as_of: str = MEETS) -> dict[str, list[int]]:
    """The numbers of each school's next turns, list after list."""
    return {one["school"]: [turn["turn"] for turn in one.get("rotas", ())] for one in panel.json("position", "--as-of", as_of)["schools"]}


# --- a list for each year group ---

TOOK: Final = took(ASHDOWN, "2026-09-10") + took(BIRCH, "2026-09-17") + took(CEDAR, "2026-09-24", 9, "broken_down")
NINE_AND_TEN: Final = referral(1, BIRCH, CEDAR, 9) + referral(2, CEDAR, BIRCH, 10)


@pytest.fixture
def years(tmp_path: Path) -> Panel:
    """In year 9 Cedar had a turn; in year 10 Ashdown had one, and then Birch. Dell is to close, and is passed over."""
    return drawn(founded(tmp_path, "per: year_group", TOOK, NINE_AND_TEN))


def test_a_turn_in_one_year_group_is_none_in_another(years: Panel) -> None:
    """Year 9: Ashdown, Birch, Dell 1, Cedar 2. Year 10: Cedar, Dell 1, Ashdown 2, Birch 3. So K1 and K2 both go to Ashdown: 1 + 2."""
    data = years.json("allocate")
    assert {one["referral"]: one["school"] for one in data["placements"]} == {"K1": ASHDOWN, "K2": ASHDOWN}
    assert data["objectives"][1] == {"name": "rota", "of": "everybody", "value": 3}
    years("decide", "K1", "K2", "--confirm")
    assert years.json("audit", "replay")["ok"]


def test_one_list_for_all_would_send_them_to_two_schools(tmp_path: Path) -> None:
    """Dell 1, Ashdown 2, Birch 3, Cedar 4: K1 to Ashdown and K2 to Birch come to 5, K1 to Cedar and K2 to Ashdown to 6."""
    assert placed(drawn(founded(tmp_path, "per: school", TOOK, NINE_AND_TEN))) == {"K1": ASHDOWN, "K2": BIRCH}


def test_longest_ago_goes_by_the_same_lists(tmp_path: Path) -> None:
    """Cedar had its turn before Ashdown, but only Cedar's was in year 9."""
    before, one = took(CEDAR, "2026-09-10", 9, "broken_down") + took(ASHDOWN, "2026-09-24"), referral(1, BIRCH, "", 9)
    assert placed(drawn(founded(tmp_path, "per: year_group", before, one, name="longest_ago"))) == {"K1": ASHDOWN}
    (tmp_path / "all").mkdir()
    assert placed(drawn(founded(tmp_path / "all", "per: school", before, one, name="longest_ago"))) == {"K1": CEDAR}


def test_why_not_says_whose_turn_it_is_in_that_year_group(years: Panel) -> None:
    years("allocate")
    said = " ".join(years("explain", "K2", "--why-not", BIRCH).out.split())
    assert "Ashdown School, year 10: 1 -> 0 in this meeting, turn 2 of 3" in said
    assert "Birch Academy, year 10: 0 -> 1 in this meeting, turn 3 of 3 later by 1 turn, all together" in said
    told = years.json("explain", "K1", "--why-not", CEDAR)["why_not"]["first_worse"]["schools"]
    assert told == [
        {"school": ASHDOWN, "part": "year 9", "before": 1, "after": 0, "turn": 1, "turns": 2},
        {"school": CEDAR, "part": "year 9", "before": 0, "after": 1, "turn": 2, "turns": 2},
    ]


def test_of_two_rotas_each_has_its_own_turns(tmp_path: Path) -> None:
    """Nobody took an excluded pupil yet, so that in that rota every school has turn 1; K2 was not excluded, and Birch had the last turn."""
    both = "of: not_permanently_excluded}\n  - rota: {of: permanently_excluded"
    panel = drawn(founded(tmp_path, both, took(ASHDOWN, "2026-09-10") + took(BIRCH, "2026-09-17"), referral(2, CEDAR, BIRCH)))
    assert placed(panel) == {"K2": ASHDOWN}
    said = " ".join(panel("explain", "K2", "--why-not", BIRCH).out.split())
    assert "Birch Academy: 0 -> 1 in this meeting, turn 3 of 3" in said
    assert {one["school"]: [rota["turn"] for rota in one["rotas"]] for one in panel.json("position")["schools"]} == {
        ASHDOWN: [2, 1], BIRCH: [3, 1], CEDAR: [1, 1], DELL: [1, 1],
    }  # fmt: skip


def test_the_auditors_own_checker_agrees(years: Panel) -> None:
    years("allocate")
    data = years.json("audit", "certificate", years.column("seq", "placements proposed"))
    rota = next(one for one in data["problem"]["objectives"] if one["kind"] == "rota")
    assert rota["turns"] == 3
    assert {(tally["setting"], data["problem"]["groups"][tally["of"]][0]): tally["against"] for tally in rota["tallies"]} == {
        (ASHDOWN, "K1"): 1, (BIRCH, "K1"): 1, (CEDAR, "K1"): 2, (DELL, "K1"): 1,
        (ASHDOWN, "K2"): 2, (BIRCH, "K2"): 3, (CEDAR, "K2"): 1, (DELL, "K2"): 1,
    }  # fmt: skip
    assert verify(data).unique


def test_position_has_a_table_of_the_lists(years: Panel) -> None:
    """Years 8 and 11 have had no turn; the numbers are those of years 8 to 11, which are the year groups of the files."""
    assert turns(years) == {ASHDOWN: [1, 1, 2, 1], BIRCH: [1, 1, 3, 1], CEDAR: [1, 2, 1, 1], DELL: [1, 1, 1, 1]}
    first = years.json("position", "--as-of", MEETS)["schools"][0]
    assert first["rotas"][1] == {"of": "everybody", "year_group": 9, "turn": 1}
    table = years("position", "--as-of", MEETS).out.partition("rota in each year group: the number of the school's next turn, from 1.\n")[2]
    assert [line.split()[-4:] for line in table.splitlines()[1:5]] == [
        ["1", "1", "2", "1"], ["1", "1", "3", "1"], ["1", "2", "1", "1"], ["1", "1", "1", "1"],
    ]  # fmt: skip
    assert "rota: the number" not in years("position").out


def test_the_next_meeting_begins_where_this_one_ended(years: Panel) -> None:
    """Ashdown had a turn in both: now it comes last in year 9 and in year 10, and Birch is before it there."""
    years("allocate")
    years("decide", "K1", "K2", "--confirm")
    years("meeting", "close")
    after = turns(years, "2026-11-30")
    assert {school: numbers[1:3] for school, numbers in after.items()} == {ASHDOWN: [3, 3], BIRCH: [1, 2], CEDAR: [2, 1], DELL: [1, 1]}


def test_what_past_meetings_would_have_decided(tmp_path: Path) -> None:
    panel = drawn(founded(tmp_path, "per: school", TOOK, NINE_AND_TEN))
    assert placed(panel) == {"K1": ASHDOWN, "K2": BIRCH}
    new, ledger = panel.file("new.yaml", book("per: year_group")), f"sqlite:///{panel.ledger}"
    said = " ".join(panel("rules", "diff", str(tmp_path / "list.yaml"), str(new), "--ledger", ledger).out.split())
    assert f"K2: was placed at {BIRCH}; under the new rules placed at {ASHDOWN}" in said
    assert "objective rota in each year group: added" in said
    assert "1 of 2 answers would be another" in said


# --- in an agreed order ---

TWO: Final = referral(1, BIRCH, ASHDOWN) + referral(2, ASHDOWN, CEDAR)


def listed(ashdown: str, birch: str, cedar: str, dell: str) -> str:
    head, *rows = SCHOOLS.splitlines()
    places = zip(rows, (ashdown, birch, cedar, dell), strict=True)
    return "\n".join((f"{head},rota_place", *(f"{row},{place}" for row, place in places), ""))


def test_nobody_had_a_turn_and_the_list_says_who_is_first(tmp_path: Path) -> None:
    """Cedar 1, Birch 2, Ashdown 3: K1 at Cedar and K2 at Birch come to 3, both at their choice, Ashdown and Cedar, to 4."""
    panel = drawn(founded(tmp_path, "list: school.rota_place", "", TWO, listed("3", "2", "1", "4")))
    assert turns(panel) == {ASHDOWN: [3], BIRCH: [2], CEDAR: [1], DELL: [4]}
    assert "rota: schools whose claims are equal stand in the order of school.rota_place." in panel("position").out
    assert placed(panel) == {"K1": CEDAR, "K2": BIRCH}


def test_without_a_list_their_claims_are_equal(tmp_path: Path) -> None:
    panel = drawn(founded(tmp_path, "per: school", "", TWO, listed("3", "2", "1", "4")))
    assert placed(panel) == {"K1": ASHDOWN, "K2": CEDAR}
    opened = panel("meeting", "show").out
    assert "rota_place" not in opened


def test_the_list_comes_after_whose_turn_was_longest_ago(tmp_path: Path) -> None:
    """Cedar had a turn: first Birch and Ashdown, by the list, and Dell, then Cedar, although it is the first on the list."""
    panel = founded(tmp_path, "list: school.rota_place", took(CEDAR, "2026-09-10"), TWO, listed("3", "2", "1", "4"))
    assert turns(panel) == {ASHDOWN: [2], BIRCH: [1], CEDAR: [4], DELL: [3]}


def test_who_is_not_on_the_list_comes_after_those_who_are_and_the_meeting_says_so(tmp_path: Path) -> None:
    """Cedar's place was not written down: Birch 1, Ashdown 2, Dell 3, Cedar 4, until somebody loads it."""
    panel = founded(tmp_path, "list: school.rota_place", "", TWO, listed("3", "2", "", "4"))
    assert turns(panel) == {ASHDOWN: [2], BIRCH: [1], CEDAR: [4], DELL: [3]}
    said = " ".join(panel("meeting", "open", "--date", MEETS, "--chair", "Okafor").err.split())
    assert "school.rota_place is unknown of Cedar High School (100003), and the rota lists schools by it: where claims are equal" in said
    assert "column rota_place" in said


def test_the_same_order_serves_each_year_group(tmp_path: Path) -> None:
    panel = founded(tmp_path, "list: school.rota_place, per: year_group", TOOK, NINE_AND_TEN, listed("3", "2", "1", "4"))
    assert {school: numbers[1:3] for school, numbers in turns(panel).items()} == {
        ASHDOWN: [2, 3], BIRCH: [1, 4], CEDAR: [4, 1], DELL: [3, 2],
    }  # fmt: skip


def test_a_list_that_nothing_goes_by_is_told(tmp_path: Path) -> None:
    panel = founded(tmp_path, "per: school", "", TWO, listed("3", "2", "1", "4"))
    said = " ".join(panel("meeting", "open", "--date", MEETS, "--chair", "Okafor").err.split())
    assert "a number in rota_place, and nothing in 'harbour' goes by it: that needs a rota with `list: school.rota_place`." in said


# --- back to the top ---

BROKE: Final = took(ASHDOWN, "2026-09-03") + took(BIRCH, "2026-09-04") + took(ASHDOWN, "2026-09-10", 9, "broken_down", "2026-09-30")


@pytest.mark.parametrize(
    ("rota", "numbers"),
    [
        ("broken_down: keep", {ASHDOWN: [3], BIRCH: [2]}),
        ("broken_down: drop", {ASHDOWN: [2], BIRCH: [3]}),
        ("broken_down: drop within 6 weeks", {ASHDOWN: [2], BIRCH: [3]}),
        ("broken_down: drop within 2 weeks", {ASHDOWN: [3], BIRCH: [2]}),
        ("left: drop", {ASHDOWN: [3], BIRCH: [2]}),
    ],
)
def test_a_placement_that_broke_down_gives_the_school_its_turn_back(tmp_path: Path, rota: str, numbers: dict[str, list[int]]) -> None:
    """Ashdown's second pupil was there for not quite three weeks: without that turn its last was on 3 September, before Birch's."""
    panel = founded(tmp_path, rota, BROKE, TWO)
    assert {school: found for school, found in turns(panel).items() if school in numbers} == numbers


def test_who_does_not_know_how_long_it_lasted_is_asked(tmp_path: Path) -> None:
    """But only of a placement that would be the last turn: one that a later turn followed is none, whatever became of it."""
    panel = founded(tmp_path, "broken_down: drop within 6 weeks", took(ASHDOWN, "2026-09-10", 9, "broken_down"), TWO)
    refused = panel("position", "--as-of", MEETS, code=3)
    assert "whether it was within 6 weeks" in " ".join(refused.err.split())
    panel("load", "history", str(panel.file("more.csv", HISTORY + took(ASHDOWN, "2026-09-17"))))
    assert turns(panel)[ASHDOWN] == [2]


@pytest.mark.parametrize(
    "comes_to_nothing",
    [
        ("refuse", "K1", "--by", "receiving-school", "--reason", "no room", "--on", MEETS),
        ("refuse", "K1", "--by", "parent", "--reason", "too far", "--on", MEETS),
        ("agree", "K1", "--by", "parent", "--withdrawn", "--on", MEETS),
        ("end", "K1", "--as", "not-taken-up", "--on", MEETS, "--reason", "moved away"),
    ],
)
def test_a_decision_that_came_to_nothing_was_no_turn(tmp_path: Path, comes_to_nothing: tuple[str, ...]) -> None:
    panel = drawn(founded(tmp_path, "per: school", "", referral(1, BIRCH, CEDAR)))
    assert placed(panel) == {"K1": CEDAR}
    panel("decide", "K1", "--confirm")
    assert turns(panel)[CEDAR] == [2]
    panel(*comes_to_nothing)
    assert turns(panel)[CEDAR] == [1]
