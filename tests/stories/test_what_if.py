"""A head asks: and if we took one more? Another answer beside the one that stands, both proved, and nothing recorded."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from tests.running import ASHDOWN, BIRCH, BOOK, CEDAR, DELL, MEETS, Panel, harbour


def gone(data: Any, side: str = "after") -> dict[str, str]:
    """Referral -> URN in one of the two answers."""
    return {row["referral"]: row["school"] for row in data[side]["placements"]}


def differing(data: Any) -> dict[str, tuple[str | None, str | None]]:
    return {row["referral"]: (row["before"]["school"], row["after"]["school"]) for row in data["differences"]}


def changes(data: Any) -> dict[str, str]:
    return {row["name"]: row["change"] for row in data["objectives"]}


# --- one thing otherwise ---


def test_a_pupil_is_forced_and_another_makes_way(tmp_path: Path) -> None:
    """R1 at Cedar takes its only seat in year 9: R2 must go to Birch, which is then 2/500, and was 1/500."""
    panel = harbour(tmp_path, "proposed")
    data = panel.json("whatif", "--force", f"R1={CEDAR}")
    assert differing(data) == {"R1": (ASHDOWN, CEDAR), "R2": (CEDAR, BIRCH)}
    assert gone(data, "before") == {"R1": ASHDOWN, "R2": CEDAR, "R6": BIRCH}
    assert changes(data)["place"] == "same"
    assert changes(data)["share"] == "worse"
    assert [row["after"] for row in data["objectives"] if row["name"] == "share"] == [["1/250", "1/800", "0/1", "0/1"]]
    assert data["set_aside"] == [{"referral": "R1", "school": CEDAR, "bars": []}]
    assert data["before"]["certificate"]["unique"] is data["after"]["certificate"]["unique"] is True
    assert data["recorded"] is False


def test_both_answers_as_a_chair_reads_them(tmp_path: Path) -> None:
    said = harbour(tmp_path, "proposed")("whatif", "--force", f"R1={CEDAR}").out.splitlines()
    assert said[:10] == [
        f"Meeting 1 of {MEETS}, as it stands and what if; nothing is recorded.",
        "  what if R1 goes to Cedar High School (100003), which nothing bars",
        "",
        "referral  as it stands                        what if",
        "R1        Ashdown School (100001)           > forced: Cedar High Sc... (100003)",
        "R2        Cedar High School (100003)        > Birch Academy (100002)",
        "R3        held                                the same",
        "R4        held                                the same",
        "R5        no place                            the same",
        "R6        Birch Academy (100002)              the same",
    ]
    assert said[-1] == "Both proved: no better answer exists, and no other is as good."
    assert max(map(len, said)) <= 80


def test_one_place_more_for_the_pupil_who_has_none(tmp_path: Path) -> None:
    """With a place in year 11 at Ashdown, R5 makes it 2/1000 there; the order of the others stays."""
    panel = harbour(tmp_path, "proposed")
    data = panel.json("whatif", "--room", f"{ASHDOWN}:11=+1")
    assert differing(data) == {"R5": (None, ASHDOWN)}
    assert changes(data)["place"] == "better"
    assert changes(data)["share"] == "worse"
    (row,) = data["differences"]
    assert (row["before"]["standing"], row["after"]["standing"]) == ("unplaced", "placed")
    assert f"Ashdown School ({ASHDOWN}): year-group-full" in row["before"]["because"]
    assert panel.json("whatif", "--room", f"{ASHDOWN}:9=-1")["asked"]["room"] == [{"school": ASHDOWN, "year_group": 9, "more": -1}]
    assert differing(panel.json("whatif", "--room", f"{ASHDOWN}:9=-1")) == {"R1": (ASHDOWN, CEDAR), "R2": (CEDAR, BIRCH)}


def test_a_school_left_out_and_a_pupil_withdrawn(tmp_path: Path) -> None:
    """Without Birch, R6 has no place. Without R1 as well, R2 stays at Cedar: at Birch nobody may be."""
    panel = harbour(tmp_path, "proposed")
    data = panel.json("whatif", "--without", BIRCH, "--withdraw", "R1")
    assert differing(data) == {"R1": (ASHDOWN, None), "R6": (BIRCH, None)}
    assert [row["after"]["standing"] for row in data["differences"]] == ["left out", "unplaced"]
    assert "Birch Academy (100002): left out" in data["differences"][1]["after"]["because"]


def test_a_bar_is_waived_for_one_pupil_and_stands_for_the_others(tmp_path: Path) -> None:
    """Dell is to close. For R5, year 11 is full there; for R6 Dell has room and is nearer, and its share 1/300 is more than 1/500."""
    panel = harbour(tmp_path, "proposed")
    waived = panel.json("whatif", "--waive", f"R5={DELL}:closing", "--room", f"{DELL}:11=+1")
    assert differing(waived) == {"R5": (None, DELL)}
    assert panel.json("whatif", "--waive", f"R6={DELL}:closing")["differences"] == []


def test_a_vote_lifted(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "loaded")
    panel("exempt", ASHDOWN, "--year-group", "9", "--from", MEETS, "--until", MEETS, "--reason", "ill")
    for words in (("open", "--date", MEETS, "--chair", "Okafor"), ("draw", "--words", "heron")):
        panel("meeting", *words)
    panel("allocate")
    data = panel.json("whatif", "--lift", f"{ASHDOWN}:9")
    assert differing(data) == {"R1": (CEDAR, ASHDOWN), "R2": (BIRCH, CEDAR)}
    assert "no vote keeps year 9 from Ashdown School (100001)" in panel("whatif", "--lift", f"{ASHDOWN}:9").out
    assert "No vote keeps anybody of year 8" in panel.refused("whatif", "--lift", f"{ASHDOWN}:8")


# --- another rulebook ---


def test_another_edition_of_the_rulebook(tmp_path: Path) -> None:
    """Where nobody may be sent further than 5 km: Ashdown is 2.6 km from home, Birch 5.2, Cedar 10.4."""
    panel = harbour(tmp_path, "proposed")
    newer = panel.file("newer.yaml", BOOK.replace("2026-09-01", "2027-09-01").replace("value: 20000", "value: 5000"))
    data = panel.json("whatif", "--rulebook", str(newer))
    assert differing(data) == {"R2": (CEDAR, None), "R6": (BIRCH, None)}
    assert data["after"]["rulebook"]["edition"] == "2027-09-01"
    assert data["after"]["seed"] == data["before"]["seed"]
    assert set(changes(data).values()) == {"not compared"}
    assert "what if the rulebook were harbour, edition of 2027-09-01" in panel("whatif", "--rulebook", str(newer)).out
    both = panel.json("whatif", "--rulebook", str(newer), "--waive", f"R6={BIRCH}:too-far")
    assert gone(both)["R6"] == BIRCH


# --- before the draw, after it, and long after ---


def test_before_the_draw_ties_are_ties_and_after_it_the_draw_stays(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "loaded")
    for n in ("7", "8"):
        alike = ("--kind", "permanent_exclusion", "--year-group", "10", "--made-on", "2026-10-01", "--excluded-by", DELL, "--ehcp", "no")
        panel("refer", f"R{n}", "--pupil", f"P{n}", *alike, "--easting", "622000", "--northing", "400000")
    panel("meeting", "open", "--date", MEETS, "--chair", "Okafor")
    undrawn = panel.json("whatif", "--withdraw", "R6")
    assert undrawn["before"]["seed"] is None
    assert {"R7", "R8"} <= set(undrawn["before"]["certificate"]["tied"])
    assert "(not drawn yet)" in panel("whatif", "--withdraw", "R6").out
    panel("meeting", "draw", "--words", "heron maple")
    drawn = panel.json("whatif", "--withdraw", "R4")
    assert drawn["before"]["seed"] == drawn["after"]["seed"] is not None
    assert differing(drawn) == {"R4": (None, None)}


def test_what_the_panel_has_decided_stands_unless_it_is_asked_otherwise(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "proposed")
    panel("decide", "R1", "--school", CEDAR, "--reason", "the family's choice")
    data = panel.json("whatif", "--room", f"{CEDAR}:9=+1")
    assert differing(data) == {"R2": (BIRCH, CEDAR)}  # one place more on top of the one that was given away
    assert differing(panel.json("whatif", "--force", f"R1={ASHDOWN}")) == {"R1": (CEDAR, ASHDOWN), "R2": (BIRCH, CEDAR)}


def test_a_past_meeting_from_what_it_knew(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "closed")
    assert "No meeting is open. Name a past one by its day: --meeting 2026-10-22." in panel.refused("whatif", "--withdraw", "R1")
    before = panel.json("whatif", "--force", f"R1={CEDAR}", "--meeting", MEETS)
    assert differing(before) == {"R1": (ASHDOWN, CEDAR), "R2": (CEDAR, BIRCH)}
    panel("exempt", BIRCH, "--from", "2026-10-01", "--until", "2026-12-18", "--reason", "voted too late for that meeting")
    panel("withdraw", "R5", "--on", "2026-11-02", "--reason", "moved away")
    panel("meeting", "open", "--date", "2026-11-05", "--chair", "Okafor")
    assert panel.json("whatif", "--force", f"R1={CEDAR}", "--meeting", MEETS) == before
    assert "wanted the day of a meeting: 2026-10-22, 2026-11-05" in panel.refused("whatif", "--withdraw", "R1", "--meeting", "2026-10-23")


def test_a_past_meeting_that_proposed_nothing_knows_no_later_word(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "drawn")
    panel("meeting", "close")
    panel("withdraw", "R6", "--on", "2026-11-02", "--reason", "moved away")
    data = panel.json("whatif", "--withdraw", "R4", "--meeting", MEETS)
    assert gone(data) == {"R1": ASHDOWN, "R2": CEDAR, "R6": BIRCH}


def test_nothing_is_recorded(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "proposed")
    before = panel.ledger.read_bytes()
    panel("whatif", "--force", f"R1={CEDAR}", "--room", f"{ASHDOWN}:11=+1", "--withdraw", "R6", "--without", BIRCH)
    panel("explain", "--matrix")
    panel("explain", "R5")
    assert panel.ledger.read_bytes() == before


# --- what is refused ---

REFUSED: list[tuple[str, str]] = [
    (f"--force R6={CEDAR}", f"R6 cannot be forced to {CEDAR}: kept-apart may not be waived."),
    (f"--waive R6={CEDAR}:kept-apart", f"kept-apart keeps R6 from {CEDAR}, and may not be waived."),
    (f"--waive R5={CEDAR}:year-group-full", "year-group-full is a limit and not a bar: ask for places more with --room instead."),
    (f"--force R4={ASHDOWN}", "R4 is held by both-agree: the panel cannot decide it, so it cannot be forced."),
    (f"--force R3={ASHDOWN}", "R3 is held by plan: the panel cannot decide it, so it cannot be forced."),
    (f"--force R1={ASHDOWN} --withdraw R1", "R1 cannot be both forced and withdrawn."),
    (f"--force R1={CEDAR} --without {CEDAR}", f"R1 cannot be forced to {CEDAR}, which is to be left out."),
    (f"--room {ASHDOWN}=+1", f"No limit says how much room {ASHDOWN} as a whole has"),
    ("--withdraw R9", "There is no referral 'R9'."),
    ("--without 100009", "There is no school with URN 100009 in this panel. Nearest: 10000"),
]


@pytest.mark.parametrize(("asked", "said"), REFUSED)
def test_what_cannot_be_supposed_is_refused(tmp_path: Path, asked: str, said: str) -> None:
    assert said in harbour(tmp_path, "proposed").refused("whatif", *asked.split())


def test_a_bar_that_may_be_waived_is_set_aside_and_said(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "proposed")
    data = panel.json("whatif", "--force", f"R5={DELL}")
    assert data["set_aside"] == [{"referral": "R5", "school": DELL, "bars": ["closing", "year-group-full"]}]
    said = " ".join(panel("whatif", "--force", f"R5={DELL}").out.split())
    assert "R5 goes to Dell School (100004), setting aside closing, year-group-full" in said


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("", "Say what is to be otherwise"),
        ("--force R1", "--force: found 'R1'; wanted R=URN."),
        ("--room 100001:9=1", "--room: found '100001:9=1'; wanted URN:YEAR=+1"),
        ("--room 100001:9=+0", "wanted a number of places that is not 0"),
        ("--waive R1=100001", "--waive: found 'R1=100001'; wanted R=URN:RULE."),
        (f"--force R1={ASHDOWN} --force R1={CEDAR}", "wanted one school for one pupil"),
    ],
)
def test_what_cannot_be_read_is_a_usage_error(tmp_path: Path, asked: str, said: str) -> None:
    found = harbour(tmp_path, "proposed")("whatif", *asked.split(), code=2)
    assert said in " ".join(found.err.split())


# --- everybody at every school ---

LETTERS = """\
referral year 1 2 3 4
R1          9 * . S .
R2          9 . S * .
R3          9 h h h h
R4          9 h h h h
R5         11 o . o .

R6          8 . * . ."""


def test_the_matrix(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "proposed")
    said = panel("explain", "--matrix").out
    assert said.startswith(f"Every pupil at every school, meeting 1 of {MEETS}, by entry ")
    assert LETTERS in said
    assert "S share: the most loaded schools for their size" in said
    assert " 1 Ashdown School (100001)                3 Cedar High School (100003)" in said
    assert said.endswith("Left unplaced: R5\n")


def test_every_cell_of_the_matrix_is_what_explain_says_of_that_pair(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "proposed")
    data = panel.json("explain", "--matrix")
    for row in data["referrals"]:
        for cell in row["verdicts"]:
            told = panel.json("explain", row["referral"], "--why-not", cell["school"])["why_not"]
            assert (cell["verdict"], cell["objective"]) == (told["verdict"], told.get("first_worse", {}).get("objective"))
            assert told["verdict"] == "chosen" or cell["bars"] == told["bars"]


def test_the_matrix_as_a_file(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "proposed")
    path = tmp_path / "matrix.csv"
    assert panel("explain", "--matrix", "-o", str(path)).out.split()[-5:] == ["6", "referrals", "at", "4", "schools."]
    header, *rows = csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig")))
    assert header[:4] == ["referral", "year_group", "Ashdown School (100001)", "Birch Academy (100002)"]
    assert rows[0] == ["R1", "9", "chosen", "barred: home-school", "worse: share", "barred: closing"]
    assert rows[4][2:] == [
        "no room: year-group-full",
        "barred: home-school",
        "no room: year-group-full",
        "barred: closing; year-group-full",
    ]


def test_the_matrix_of_a_meeting_whose_panel_decided_otherwise(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "proposed")
    panel("decide", "R1", "--school", CEDAR, "--reason", "the family's choice")
    assert "Decided otherwise by the panel since: R1" in panel("explain", "--matrix").out
    panel("meeting", "close")
    panel("meeting", "open", "--date", "2026-11-05", "--chair", "Okafor")
    assert panel.json("explain", "--matrix")["meeting"] == 2
    past = panel.json("explain", "--matrix", "--meeting", MEETS)
    assert (past["meeting"], past["decided_otherwise"]) == (1, ["R1"])


def test_the_matrix_around_what_the_panel_decided(tmp_path: Path) -> None:
    """R1 was given Cedar's only seat in year 9, so R2 finds no room there; R6 is put off, so that nothing is open to ask about."""
    panel = harbour(tmp_path, "proposed")
    panel("decide", "R1", "--school", CEDAR, "--reason", "the family's choice")
    panel("decide", "R6", "--defer", "--reason", "the family visits first")
    panel("allocate", "--again")
    rows = {row["referral"]: [cell["verdict"] for cell in row["verdicts"]] for row in panel.json("explain", "--matrix")["referrals"]}
    assert rows["R1"] == ["decided", "decided", "chosen", "decided"]
    assert rows["R2"] == ["barred", "chosen", "no room", "barred"]
    assert rows["R6"] == ["decided"] * 4


@pytest.mark.parametrize("words", ["", "R1 --matrix", "R1 -o matrix.csv", f"R1 --meeting {MEETS}", f"--matrix --why-not {CEDAR}"])
def test_one_referral_or_all_of_them(tmp_path: Path, words: str) -> None:
    said = harbour(tmp_path, "proposed")("explain", *words.split(), code=2)
    assert (said.out, "Error: " in said.err) == ("", True)


def test_before_any_meeting_there_is_no_matrix(tmp_path: Path) -> None:
    assert "There has been no meeting yet." in harbour(tmp_path, "loaded").refused("explain", "--matrix")


# --- what would be enough ---


def test_what_would_give_the_unplaced_pupil_a_place(tmp_path: Path) -> None:
    """R5: one place more in year 11 at Ashdown (2/1000 there is 1/500 again) or at Cedar (2/800); at Dell two things stand in the way."""
    panel = harbour(tmp_path, "proposed")
    found = panel.json("explain", "R5")["relaxation"]
    place: dict[str, Any] = {"kind": "place", "year_group": 11, "rule": None}
    assert (found["things"], found["whole"]) == (1, True)
    assert [way["things"] for way in found["ways"]] == [[{**place, "school": ASHDOWN}], [{**place, "school": CEDAR}]]
    assert [(way["school"], way["moves"], way["first"]) for way in found["ways"]] == [(ASHDOWN, [], []), (CEDAR, [], [])]
    assert all("share" in way["worse"] for way in found["ways"])
    check_shown(panel, found)
    assert "one place more in year 11 at Ashdown School (100001):" in panel("explain", "R5").out


def check_shown(panel: Panel, found: Any) -> None:
    """The command that a way names shows that way."""
    for way in found["ways"]:
        name, *words = way["whatif"].split()[1:]
        assert gone(panel.json(name, *words))["R5"] == way["school"]


def test_a_place_that_somebody_else_would_be_given_first(tmp_path: Path) -> None:
    """R8 is as R5, and was referred earlier: by a book in which the waiting counts, a place more is R8's."""
    panel = harbour(tmp_path, "loaded")
    waiting_counts(panel)
    refer(panel, "R8", "11", "2026-09-10", "622000")
    meet(panel)
    found = panel.json("explain", "R5")["relaxation"]
    assert [way["first"] for way in found["ways"]] == [["R8"], ["R8"]]
    assert found["ways"][0]["whatif"] == f"pastoral whatif --room {ASHDOWN}:11=+1 --force R5={ASHDOWN}"
    check_shown(panel, found)
    assert "by the rulebook the place would go to R8 first" in " ".join(panel("explain", "R5").out.split())
    assert [way["first"] for way in panel.json("explain", "R8")["relaxation"]["ways"]] == [[], []]


def waiting_counts(panel: Panel) -> None:
    """Adopt the book with the waiting after the places."""
    book = BOOK.replace("2026-09-01", "2026-10-01").replace("  - place\n", "  - place\n  - waiting\n")
    panel("rules", "adopt", str(panel.file("waiting.yaml", book)))


def refer(panel: Panel, name: str, year_group: str, made_on: str, easting: str, *more: str) -> None:
    """A pupil of Birch's on whom all agree."""
    agreed = ("--home-school", BIRCH, "--ehcp", "no", "--parent-agrees-on", "2026-09-09", "--home-school-agrees-on", "2026-09-09")
    where = ("--easting", easting, "--northing", "400000")
    pupil = name.replace("R", "P")
    panel(
        "refer", name, "--pupil", pupil, "--kind", "managed_move", "--year-group", year_group, "--made-on", made_on, *where, *agreed, *more
    )


def meet(panel: Panel) -> None:
    for words in (("meeting", "open", "--date", MEETS, "--chair", "Okafor"), ("meeting", "draw", "--words", "heron"), ("allocate",)):
        panel(*words)


def ways(panel: Panel, name: str) -> set[tuple[tuple[str, str, int | None, str | None], ...]]:
    found = panel.json("explain", name)["relaxation"]["ways"]
    return {tuple((t["kind"], t["school"], t["year_group"], t["rule"]) for t in way["things"]) for way in found}


def test_a_place_at_the_expense_of_another_is_not_enough(tmp_path: Path) -> None:
    """Cedar has one seat in year 11 now, and R5 has it. R8 waited longer, too far from Cedar: that waived, R5 would lose it."""
    panel = harbour(tmp_path, "loaded")
    waiting_counts(panel)
    panel("load", "places", str(panel.file("more.csv", f"urn,year_group,pan,on_roll,as_at\n{CEDAR},11,180,179,2026-09-16\n")))
    refer(panel, "R8", "11", "2026-09-10", "605000")
    meet(panel)
    assert panel.json("explain", "R5")["proposed"] == CEDAR
    assert ways(panel, "R8") == {(("place", ASHDOWN, 11, None),)}


def test_a_vote_lifted_lets_another_make_way(tmp_path: Path) -> None:
    """R7 may only go to Ashdown, where R1 has the seat; R1 could go to Cedar, but for the vote. And Dell has room, but is to close."""
    panel = harbour(tmp_path, "loaded")
    waiting_counts(panel)
    panel("exempt", CEDAR, "--year-group", "9", "--from", MEETS, "--until", MEETS, "--reason", "ill")
    refer(panel, "R7", "9", "2026-10-12", "622000", "--kept-apart", f"{CEDAR}:safeguarding")
    meet(panel)
    assert panel.json("explain", "R1")["proposed"] == ASHDOWN
    assert ways(panel, "R7") == {(("place", ASHDOWN, 9, None),), (("vote", CEDAR, 9, None),), (("bar", DELL, None, "closing"),)}
    said = " ".join(panel("explain", "R7").out.split())
    assert "the vote lifted that keeps year 9 from Cedar High School (100003): then R7 goes to Ashdown School; R1 moves from" in said
