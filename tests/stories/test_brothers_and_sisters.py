"""Brothers and sisters go to one school wherever that can be: from the referrals file to the explanation, the proof and the replay.

Two of year 9 and one of year 8; R2 and R3 are of one family. Ashdown (1000 on roll) and Cedar (800) have one place each in year 9.
By the share alone two go to Ashdown (2/1000 is no more than 1/500 at Birch) and one to Cedar: by the families' choices R1 and R2 to
Ashdown, R3 to Cedar. Together R2 and R3 are at Ashdown, as lightly loaded, and R1 is at Cedar.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.running import ASHDOWN, BIRCH, BOOK, CEDAR, DELL, FILES, HOME, MEETS, Panel

TOGETHER = BOOK.replace("  - place\n", "  - place\n  - together\n", 1)
HEADER = "referral,pupil,kind,permanently_excluded,year_group,excluded_by,made_on,ehcp,easting,northing,together_with,preferences,not_with"


def referrals(*others: str) -> str:
    """What R1, R2 and R3 say in the columns together_with, preferences and not_with."""
    rows = zip(("R1,P1", "R2,P2", "R3,P3"), (9, 8, 9), others, strict=True)
    made = [f"{who},permanent_exclusion,yes,{year},{DELL},2026-10-01,no,{HOME},{said}" for who, year, said in rows]
    return "\n".join([HEADER, *made, ""])


FAMILY = referrals(f",{ASHDOWN},", "P3,,", f",{CEDAR},")
NOBODY = referrals(f",{ASHDOWN},", ",,", f",{CEDAR},")


def loaded(folder: Path, text: str = FAMILY, book: str = TOGETHER) -> Panel:
    made = Panel(folder / "harbour.db")
    for name, content in {**FILES, "harbour.yaml": book, "referrals.csv": text}.items():
        made.file(name, content)
    made("init", "--rulebook", str(folder / "harbour.yaml"))
    for what in ("schools", "places", "terms", "referrals"):
        made("load", what, str(folder / f"{what}.csv"))
    return made


def opened(folder: Path, text: str = FAMILY, book: str = TOGETHER) -> Panel:
    made = loaded(folder, text, book)
    made("meeting", "open", "--date", MEETS, "--chair", "Okafor")
    made("meeting", "draw", "--words", "heron")
    return made


def schools(data: dict[str, Any]) -> dict[str, str]:
    return {row["referral"]: row["school"] for row in data["placements"]}


def worth(data: dict[str, Any], name: str) -> Any:
    return next(one["value"] for one in data["objectives"] if one["name"] == name)


def test_they_go_to_one_school(tmp_path: Path) -> None:
    data = opened(tmp_path).json("allocate")
    assert schools(data) == {"R1": CEDAR, "R2": ASHDOWN, "R3": ASHDOWN}
    assert worth(data, "together") == 0
    assert worth(data, "preference") == 12
    told = data["certificate"]
    assert (told["means"], told["because"], told["optimal"], told["unique"]) == ("solved twice", ["together"], True, True)
    assert told["steps"] == told["proved"] == told["rechecked"]


def test_where_nobody_is_to_go_with_another_there_is_a_certificate(tmp_path: Path) -> None:
    panel = opened(tmp_path, NOBODY)
    data = panel.json("allocate")
    assert schools(data) == {"R1": ASHDOWN, "R2": ASHDOWN, "R3": CEDAR}
    assert (worth(data, "together"), worth(data, "preference")) == (0, 6)
    assert data["certificate"]["means"] == "certificate"
    assert panel.json("audit", "certificate", str(data["entry"]))["ok"]


def test_what_is_said_of_it(tmp_path: Path) -> None:
    panel = opened(tmp_path)
    said = panel("allocate").out
    assert "together: pairs parted who are to be together" in " ".join(said.split())
    assert "As pupils are to be placed together, there is no certificate" in said
    told = " ".join(panel("explain", "R3").out.split())
    assert "A pupil with whom this one is to be placed goes here too." in told
    assert "R2" not in told, "families read it too"
    assert "goes here too" not in panel("explain", "R1").out


def test_of_several_it_is_said_once(tmp_path: Path) -> None:
    """Three of one family, of years 9, 8 and 9: Birch alone takes all."""
    panel = opened(tmp_path, referrals("P2;P3,,", "P3,,", ",,"))
    assert schools(panel.json("allocate")) == {"R1": BIRCH, "R2": BIRCH, "R3": BIRCH}
    told = " ".join(panel("explain", "R2").out.split())
    assert told.count("with whom this one is to be placed") == 1
    assert "2 pupils with whom this one is to be placed go here too." in told


def test_a_referrals_reference_is_no_pupils(tmp_path: Path) -> None:
    """R3 says R2 for P2. In one file it is refused; where R2 comes later, the opening tells it."""
    panel = loaded(tmp_path, NOBODY)
    row = f"R4,P4,permanent_exclusion,yes,9,{DELL},2026-10-01,no,{HOME}"
    for said, column in ((",,R3", "not_with"), ("R3,,", "together_with")):
        slip = panel.file("slip.csv", f"{HEADER}\n{row},{said}\n")
        refused = panel("load", "referrals", str(slip), code=3).err
        assert f"{column}: found 'R3', a referral's reference and no pupil's; wanted references of pupils." in refused
    early = panel.file("early.csv", f"{HEADER}\n{row},R5,,\n")
    panel("load", "referrals", str(early))
    later = f"R5,{row.split(',', 1)[1].replace('P4', 'P5')},,,"
    panel("load", "referrals", str(panel.file("later.csv", f"{HEADER}\n{later}\n")))
    said = " ".join(panel("meeting", "open", "--date", MEETS, "--chair", "Okafor").err.split())
    assert "R4: its together_with has R5, the reference of a referral and not of a pupil, so nothing is done for it." in said
    assert "R4 is to be placed together with a pupil who is not on this agenda" not in said


OF_ONE_YEAR = FAMILY.replace("R2,P2,permanent_exclusion,yes,8", "R2,P2,permanent_exclusion,yes,9")
"""Of year 9 all three: only at Birch is there room for two, so R2 and R3 go there."""


def test_why_not_to_another_school_than_the_other(tmp_path: Path) -> None:
    panel = opened(tmp_path, OF_ONE_YEAR)
    assert schools(panel.json("allocate")) == {"R1": ASHDOWN, "R2": BIRCH, "R3": BIRCH}
    why = panel.json("explain", "R3", "--why-not", CEDAR)["why_not"]
    assert (why["verdict"], why["first_worse"]["objective"], why["first_worse"]["by"]) == ("worse", "together", 1)
    told = " ".join(panel("explain", "R3", "--why-not", CEDAR).out.split())
    assert "It would be worse for together: pairs parted who are to be together" in told
    page = panel("explain", "--matrix").out
    assert "B together: pairs parted who are to be together" in page


def test_what_the_panel_does_with_one_draws_the_other(tmp_path: Path) -> None:
    panel = opened(tmp_path)
    panel("allocate")
    panel("decide", "R2", "--school", BIRCH, "--reason", "the form tutor knows them")
    again = panel.json("allocate", "--again")
    assert schools(again)["R3"] == BIRCH
    assert worth(again, "together") == 0
    panel("decide", "R1", "R3", "--confirm")
    replayed = panel.json("audit", "replay")
    assert (replayed["ok"], replayed["decisions"], replayed["divergences"]) == (True, 2, [])
    assert "places pupils together" in panel.refused("audit", "certificate", str(again["entry"]))
    assert panel.json("audit", "verify")["ok"]


@pytest.mark.parametrize("word", ["--defer", "--decline"])
def test_one_whom_nothing_places_is_told(word: str, tmp_path: Path) -> None:
    """R3 is put off or declined by the panel: R2 goes where it goes, and it is said that the other is not placed."""
    panel = opened(tmp_path)
    panel("allocate")
    panel("decide", "R3", word, "--reason", "a paper is missing")
    again = panel.json("allocate", "--again")
    assert again["certificate"]["means"] == "certificate"
    assert "is not placed at this meeting: held, put off, declined or withdrawn." in " ".join(panel("explain", "R2").out.split())


def test_nobody_stays_without_a_place_for_it(tmp_path: Path) -> None:
    """Without Birch there are two places of year 9 for three, at two schools: both are taken, and the family is parted."""
    panel = opened(tmp_path, OF_ONE_YEAR)
    panel("allocate")
    after = panel.json("whatif", "--without", BIRCH)["after"]
    assert (len(after["placements"]), len(after["unplaced"]), worth(after, "together")) == (2, 1, 1)
    assert {row["school"] for row in after["placements"]} == {ASHDOWN, CEDAR}


def test_it_is_sealed(tmp_path: Path) -> None:
    panel = opened(tmp_path)
    panel("allocate")
    assert "together_with" not in panel.bodies()
    held = panel.json("person", "show", "P2")
    kept = [content for entry in held["entries"] for content in entry["sealed"].values()]
    assert any(content.get("together_with_others") == 1 for content in kept)
    assert "P3" not in str(held)
    assert panel.json("person", "show", "P3")["others_together"] == 1
    assert "1 other case in the record: to be placed with this pupil." in " ".join(panel("person", "show", "P3").out.split())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (referrals("P2,,P2", ",,", ",,"), "row 2, together_with: found 'P2', from whom this one is to be kept apart (not_with)"),
        (referrals("P2,,", ",,P1", ",,"), "row 2, together_with: found 'P2', from whom this one is to be kept apart (not_with)"),
        (referrals("P2,,", ",,P1", ",,"), "row 3, not_with: found 'P1', with whom this one is to be placed (together_with)"),
        (referrals("P1,,", ",,", ",,"), "row 2, together_with: found 'P1', the pupil's own reference"),
    ],
)
def test_what_contradicts_is_refused(tmp_path: Path, text: str, words: str) -> None:
    panel = loaded(tmp_path, NOBODY.replace("R1", "R7").replace("R2", "R8").replace("R3", "R9").replace("P", "Q"))
    said = " ".join(panel.refused("load", "referrals", str(panel.file("more.csv", text))).split())
    assert words in said


def test_what_contradicts_the_record_is_refused_too(tmp_path: Path) -> None:
    panel = loaded(tmp_path)
    said = panel.refused("correct", "R3", "--set", "not_with=P2", "--reason", "they fought")
    assert "with whom this one is to be placed (together_with)" in " ".join(said.split())
    panel("correct", "R2", "--set", "together_with=", "--reason", "it was the cousin")
    panel("correct", "R3", "--set", "not_with=P2", "--reason", "they fought")
    cells = ("--pupil", "P4", "--kind", "managed_move", "--year-group", "8", "--home-school", BIRCH, "--made-on", "2026-10-01")
    panel("refer", "R4", *cells, "--together-with", "P2;P3")


def test_the_opening_says_who_goes_with_nobody(tmp_path: Path) -> None:
    panel = loaded(tmp_path, referrals("P44,,", "P3,,", ",,"))
    said = " ".join(panel("meeting", "open", "--date", MEETS, "--chair", "Okafor").err.split())
    assert "R1 is to be placed together with a pupil who is not on this agenda, so nothing is done for it." in said
    assert "R2 is to be" not in said


def test_a_book_that_does_nothing_for_it_says_so(tmp_path: Path) -> None:
    panel = loaded(tmp_path, book=BOOK)
    said = " ".join(panel("meeting", "open", "--date", MEETS, "--chair", "Okafor").err.split())
    assert "R2: to be placed together with another pupil (together_with), and 'harbour' has no objective `together`" in said
    panel("meeting", "draw", "--words", "heron")
    assert schools(panel.json("allocate")) == {"R1": ASHDOWN, "R2": ASHDOWN, "R3": CEDAR}


def test_the_book_says_what_it_does_and_does_not_prove(tmp_path: Path) -> None:
    panel = loaded(tmp_path)
    book = str(tmp_path / "harbour.yaml")
    said = " ".join(panel("rules", "check", book).out.split())
    assert "Placements are proved by two solvers, not by a certificate: together places pupils with one another." in said
    assert "pupils who are to be placed together, as brothers and sisters are, are at one school" in " ".join(
        panel("rules", "show", book).out.split()
    )
    panel.file("other.yaml", BOOK)
    assert "together" in panel("rules", "diff", str(tmp_path / "other.yaml"), book).out
    wrong = panel.file("wrong.yaml", BOOK.replace("  - place\n", "  - place\n  - together: {of: [managed_move]}\n", 1))
    assert "`of` in together; wanted together by itself" in " ".join(panel.refused("rules", "check", str(wrong)).split())
