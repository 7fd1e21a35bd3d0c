"""A score that each school has before it has taken anybody: the load is that and what its pupils come to, from the book to the answer."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Final

import pytest

from panel.deciding.opening import frozen_names
from rules.errors import RulebookError
from rules.rulebook import Shelf, check_text
from tests.running import ASHDOWN, BIRCH, BOOK, CEDAR, DELL, MEETS, Panel
from tests.stories.test_points_that_add_up import ADDED, REFERRALS
from tests.stories.test_what_the_schools_agreed import founded, told, weights

STARTED: Final = BOOK.replace("{load: load, per: roll}", "{load: load, per: equal, start: school.agreed_number}")
MAY: Final = {"R1": (ASHDOWN, CEDAR), "R2": (BIRCH, CEDAR), "R6": (BIRCH,)}
"""Where the three pupils who are not held may go; Cedar has one place in year 9, of which R1 and R2 both are."""


def scored(folder: Path, *scores: int | str, book: str = STARTED, on: str = MEETS) -> Panel:
    """The panel with these scores in the order Ashdown, Birch, Cedar, Dell, its meeting opened and drawn."""
    folder.mkdir(exist_ok=True)
    panel = founded(folder, book, weights(*map(str, scores), column="agreed_number"))
    panel("meeting", "open", "--date", on, "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    return panel


def proposed(panel: Panel) -> tuple[dict[str, str], list[str]]:
    answer = panel.json("allocate")
    return {one["referral"]: one["school"] for one in answer["placements"]}, answer["objectives"][1]["value"]


def by_hand(scores: dict[str, int]) -> list[int]:
    """The loads of the best of all placings, the heaviest first: every way in which the three can go, tried."""
    ways = [dict(zip(MAY, goes, strict=True)) for goes in product(*MAY.values())]
    lawful = [way for way in ways if [way["R1"], way["R2"]] != [CEDAR, CEDAR]]
    return min(sorted((number + [*way.values()].count(urn) for urn, number in scores.items()), reverse=True) for way in lawful)


def test_the_school_whose_sum_is_lowest_takes_the_pupil(tmp_path: Path) -> None:
    """Ashdown starts from 5, Birch from 0, Cedar from 4, Dell from 9.

    R1 Ashdown, R2 Birch: 9 6 4 2. R1 Ashdown, R2 Cedar: 9 6 5 1, which it would be without the scores. R1 Cedar, R2 Birch: 9 5 5 2.
    """
    panel = scored(tmp_path, 5, 0, 4, 9)
    assert proposed(panel) == ({"R1": CEDAR, "R2": BIRCH, "R6": BIRCH}, ["9/1", "5/1", "5/1", "2/1"])
    said = told(panel("explain", "R1", "--why-not", ASHDOWN).out)
    assert "Ashdown School: 5 -> 6, starting from 5" in said
    assert "Cedar High School: 5 -> 4, starting from 4" in said
    worse = panel.json("explain", "R1", "--why-not", ASHDOWN)["why_not"]["first_worse"]
    assert {one["school"]: (one["before"], one["after"], one["start"]) for one in worse["schools"]} == {
        ASHDOWN: ("5/1", "6/1", 5),
        CEDAR: ("5/1", "4/1", 4),
    }
    panel("decide", "R1", "R2", "R6", "--confirm")
    assert "1 proposal(s) replayed" in panel("audit", "replay").out


def test_position_shows_the_sum(tmp_path: Path) -> None:
    panel = scored(tmp_path, 5, 0, 4, 9)
    panel("allocate")
    panel("decide", "R1", "R2", "R6", "--confirm")
    schools = {one["school"]: one for one in panel.json("position")["schools"]}
    assert {urn: (one["start"], one["counts"]["load"], one["load"]) for urn, one in schools.items()} == {
        ASHDOWN: (5, 0, 5),
        BIRCH: (0, 2, 2),
        CEDAR: (4, 1, 5),
        DELL: (9, 0, 9),
    }
    shares = {urn: [(m["start"], m["taken"], m["load"], m["ratio"]) for m in one["shares"]] for urn, one in schools.items()}
    assert shares[CEDAR] == [(4, 1, 5, "5/1")]
    out = panel("position").out
    head, *rows = out.splitlines()[1:6]
    assert head.split() == ["school", "roll", "start", "load", "load", "(count)", "turn"]
    assert rows[2].split()[-5:] == ["800", "4", "5", "1", "1"]
    assert "start: school.agreed_number, what the share starts from. load: start and pupils taken that count." in told(out)


def test_a_panel_without_a_start_says_no_word_of_it(tmp_path: Path) -> None:
    panel = scored(tmp_path, 5, 0, 4, 9, book=BOOK)
    one = panel.json("position")["schools"][0]
    assert "start" not in one
    assert "start" not in one["shares"][0]
    assert "start" not in panel("position").out


def test_points_are_added_to_the_score(tmp_path: Path) -> None:
    """Ashdown starts from 5. X weighs 6, C 1 (not Cedar, its home), D 2 (not Ashdown, its home), B nothing.

    X at Ashdown makes 11. X Birch, D Cedar, C Ashdown: 6 6 2. X Cedar, D Birch, C Birch: 6 5 3, the best.
    """
    book = ADDED.replace("{load: load, per: roll}", "{load: load, per: equal, start: school.agreed_number}")
    panel = founded(tmp_path, book, weights("5", "0", "0", "0", column="agreed_number"), referrals=REFERRALS)
    panel("meeting", "open", "--date", MEETS, "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    placed, value = proposed(panel)
    assert value == ["6/1", "5/1", "3/1", "0/1"]
    assert (placed["X"], placed["C"], placed["D"]) == (CEDAR, BIRCH, BIRCH)
    panel("decide", *placed, "--confirm")
    assert panel.json("audit", "replay")["ok"] is True
    told_then = panel("position").out
    assert "load: start and points of the pupils taken that count." in told(told_then)


def test_a_start_may_be_below_nothing(tmp_path: Path) -> None:
    """Five less everywhere changes no place: 4 0 0 -3."""
    below = STARTED.replace("start: school.agreed_number", "start: school.agreed_number - 5")
    panel = scored(tmp_path, 5, 0, 4, 9, book=below)
    assert proposed(panel) == ({"R1": CEDAR, "R2": BIRCH, "R6": BIRCH}, ["4/1", "0/1", "0/1", "-3/1"])


@pytest.mark.parametrize("scores", [*product((0, 1, 3), repeat=3)][::3], ids=str)
def test_whatever_the_scores_nothing_is_better(tmp_path: Path, scores: tuple[int, int, int]) -> None:
    """The law of a share, against every placing there is."""
    _, value = proposed(scored(tmp_path, *scores, 0))
    assert value == [f"{load}/1" for load in by_hand(dict(zip((ASHDOWN, BIRCH, CEDAR, DELL), (*scores, 0), strict=True)))]


def test_a_score_that_nobody_has_said_closes_the_school_and_says_so(tmp_path: Path) -> None:
    panel = founded(tmp_path, STARTED, weights("5", "", "4", "9", column="agreed_number"))
    said = told(panel("meeting", "open", "--date", MEETS, "--chair", "Okafor").err)
    assert "school.agreed_number" in said
    assert "Birch Academy (100002)" in said
    assert "unknown: school.agreed_number" in told(panel("explain", "R6", "--why-not", BIRCH).out)
    schools = {one["school"]: one for one in panel.json("position")["schools"]}
    assert (schools[BIRCH]["start"], schools[BIRCH]["load"], schools[BIRCH]["ratio"]) == (None, None, None)


def test_a_school_that_joins_later_starts_from_a_part(tmp_path: Path) -> None:
    """A member from 1 January is one for 243 of 365 days, and 6 x 243/365 is 3.99, so 4: as much a day as 6 in a whole year.

    R1 Ashdown, R2 Cedar: 7/365, 5/243, 4/365. With R2 at Birch it has 6/243. Starting from 6 whole it would be 7/243.
    """
    panel = founded(tmp_path, STARTED, weights("6", "6", "3", "0", column="agreed_number"))
    panel("school", "join", BIRCH, "--on", "2027-01-01")
    panel("meeting", "open", "--date", "2027-01-14", "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    placed, value = proposed(panel)
    assert (placed, value) == ({"R1": ASHDOWN, "R2": CEDAR, "R6": BIRCH}, ["5/243", "7/365", "4/365", "0/1"])
    assert {one["school"]: one["start"] for one in panel.json("position")["schools"]}[BIRCH] == 4


def test_year_groups_may_start_from_their_own_numbers(tmp_path: Path) -> None:
    """Each year group from its roll over 100: 179 at Ashdown and Cedar, 175 at Birch, all 1. Then who is placed adds one."""
    book = BOOK.replace("limits:\n", "  in_year: {of: placements, over: academic_year, per: year_group}\nlimits:\n", 1)
    book = book.replace("{load: load, per: roll}", "{load: in_year, per: equal, start: year.on_roll // 100}")
    panel = scored(tmp_path, 0, 0, 0, 0, book=book)
    _, value = proposed(panel)
    assert value == ["2/1"] * 3 + ["1/1"] * 9
    assert "in year in each year group: load with its start." in panel("position").out


def test_what_the_pages_say(tmp_path: Path) -> None:
    panel = scored(tmp_path, 5, 0, 4, 9)
    book, plain = panel.file("book.yaml", STARTED), panel.file("plain.yaml", BOOK)
    aims = "school.agreed_number and the count load together, of each mainstream school, are in proportion to equal parts"
    assert aims in told(panel("rules", "show", str(book)).out)
    assert aims in told(panel("rules", "diff", str(plain), str(book)).out)
    assert "objective share: school.load, school.agreed_number, school.setting" in told(panel("rules", "check", str(book)).out)
    frozen = [frozen_names(check_text(text, "book.yaml")) for text in (BOOK, STARTED)]
    assert frozen[1] - frozen[0] == {"school.agreed_number"}


def test_a_book_above_keeps_the_start() -> None:
    """A share with another start is another objective."""
    area = STARTED.replace("rulebook: harbour", "rulebook: area")
    local = "rulebook: local\nedition: {from: 2026-09-01}\ntitle: Local\nauthority: {instrument: Own}\nextends: area\nobjectives: [place, "
    shelf = Shelf.of([(area, "area.yaml")])
    rest = "preference: {unranked: 4}, journey, ticket, lottery]\n"
    assert check_text(f"{local}share: {{load: load, per: equal, start: school.agreed_number}}, {rest}", "local.yaml", shelf)
    with pytest.raises(RulebookError, match="objectives without share"):
        check_text(f"{local}share: {{load: load, per: equal}}, {rest}", "local.yaml", shelf)
