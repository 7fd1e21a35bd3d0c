"""Vacancies first, beside a quota of excluded pupils: the book allows what no certificate can prove, and every answer says so."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.certificate_checker import verify
from tests.running import ASHDOWN, BIRCH, BOOK, CEDAR, DELL, FILES, HOME, MEETS, Panel

CROSSING: Final = (
    BOOK.replace("settings:\n", "proof: solvers\nsettings:\n")
    .replace("limits:\n", "  excluded: {of: placements, where: admission.after_exclusion, over: academic_year}\nlimits:\n", 1)
    .replace("room: year.pan - year.on_roll", "room: year.pan - year.on_roll + 2")
    .replace("year.on_roll: 179}, expect: 1}", "year.on_roll: 181}, expect: 1}")
    .replace("year.on_roll: 180}, expect: 0}", "year.on_roll: 182}, expect: 0}")
    .replace(
        "  - share: {load: load, per: roll}\n",
        "  - quota: {count: on_roll, limit: year.pan, beyond: free}\n"
        "  - quota: {count: excluded, limit: 0, of: permanently_excluded}\n"
        "  - share: {load: load, per: roll}\n",
    )
)
PLACES: Final = "urn,year_group,pan,on_roll,as_at\n" + "".join(
    f"{urn},{year},180,{roll},2026-09-15\n"
    for urn, rolls in {ASHDOWN: (179, 179), BIRCH: (179, 180), CEDAR: (180, 180), DELL: (180, 180)}.items()
    for year, roll in zip((9, 10), rolls, strict=True)
)
HEADER: Final = (
    "referral,pupil,kind,permanently_excluded,year_group,home_school,excluded_by,made_on,easting,northing,ehcp,"
    "parent_agrees_on,home_school_agrees_on\n"
)


def moved(number: int, year: int) -> str:
    return f"P{number},U{number},managed_move,no,{year},{CEDAR},,2026-10-01,{HOME},no,2026-09-30,2026-09-30\n"


def excluded(number: int, year: int) -> str:
    return f"P{number},U{number},permanent_exclusion,yes,{year},,{CEDAR},2026-10-01,{HOME},no,,\n"


def opened(folder: Path, *referrals: str, book: str = CROSSING) -> Panel:
    """Of year 9 Ashdown and Birch have one vacancy each, of year 10 Ashdown alone; every school may go two above its PAN."""
    panel = Panel(folder / "vacancies.db")
    panel("init", "--rulebook", str(panel.file("vacancies.yaml", book)))
    for name, text in {**FILES, "places.csv": PLACES, "referrals.csv": HEADER + "".join(referrals)}.items():
        if name.endswith(".csv"):
            panel("load", name.removesuffix(".csv"), str(panel.file(name, text)))
    panel("meeting", "open", "--date", MEETS, "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    return panel


@pytest.fixture
def panel(tmp_path: Path) -> Panel:
    """P1 and P2 of year 9, P3 of year 10; P2 and P3 were excluded by Cedar, so nobody may go back there, nor P1, whose home it is.

    P3 takes the vacancy of year 10 at Ashdown. Of excluded pupils the most level is one at each: so P2 takes that of year 9 at
    Birch, and P1 that at Ashdown. Nobody is above a PAN; by the shares alone it would have been two at Ashdown as well.
    """
    return opened(tmp_path, moved(1, 9), excluded(2, 9), excluded(3, 10))


def test_both_are_kept_to(panel: Panel) -> None:
    data = panel.json("allocate")
    assert {one["referral"]: one["school"] for one in data["placements"]} == {"P1": ASHDOWN, "P2": BIRCH, "P3": ASHDOWN}
    roll, quota = data["objectives"][1:3]
    assert roll["value"]["excess"] == 0
    assert quota["value"] == {"excess": 2, "by_school": [1, 1, 0, 0]}


def test_what_is_proved_is_said_and_why_there_is_no_certificate(panel: Panel) -> None:
    certificate = panel.json("allocate", "--dry-run")["certificate"]
    assert (certificate["optimal"], certificate["means"], certificate["because"]) == (True, "solved twice", ["crossing"])
    assert certificate["steps"] == certificate["proved"] == certificate["rechecked"]
    said = " ".join(panel("allocate").out.split())
    assert "No better answer exists, and no other answer is as good: so one solver proved" in said
    assert "As counts cross, there is no certificate; `pastoral audit replay` solves it again." in said
    assert "Proved: " not in said


def test_why_not_there(panel: Panel) -> None:
    """P2 at Ashdown: of the excluded two would be there. P1 at Ashdown too, or at Birch: no matter, the quota is worse before."""
    panel("allocate")
    told = panel.json("explain", "P2", "--why-not", ASHDOWN)["why_not"]
    assert (told["verdict"], told["first_worse"]["objective"]) == ("worse", "quota")
    page = panel("explain", "--matrix").out
    assert "Q quota" in page
    assert "not worked out" not in page
    assert panel("whatif", "--force", f"P2={ASHDOWN}").out.count("so one solver proved") == 2


def test_it_comes_out_the_same_again(panel: Panel) -> None:
    entry = panel.json("allocate")["entry"]
    panel("decide", "P1", "P2", "P3", "--confirm")
    assert panel.json("audit", "replay") == {"ok": True, "decisions": 1, "divergences": []}
    assert "levels counts that cross, and has no certificate" in panel.refused("audit", "certificate", str(entry))


def test_a_meeting_in_which_nothing_crosses_has_a_certificate(tmp_path: Path) -> None:
    """Only year 9 comes: the excluded of it are some of it. What can be proved is, whatever the book would allow."""
    panel = opened(tmp_path, moved(1, 9), excluded(2, 9))
    data = panel.json("allocate")
    assert data["certificate"]["means"] == "certificate"
    assert verify(panel.json("audit", "certificate", str(data["entry"]))).leaves == data["certificate"]["leaves"]
    assert panel.json("audit", "replay")["ok"]


def test_without_the_key_the_book_is_refused(tmp_path: Path) -> None:
    panel = Panel(tmp_path / "vacancies.db")
    path = panel.file("vacancies.yaml", CROSSING.replace("proof: solvers\n", ""))
    said = panel("init", "--rulebook", str(path), code=3).err
    assert "quota of excluded (of: permanently_excluded), which crosses quota of on_roll in each year group (of: everybody)" in said
    assert "say `proof: solvers` at the top of the book" in said


def test_whoever_reads_the_book_is_told(panel: Panel) -> None:
    book = str(panel.folder / "vacancies.yaml")
    assert panel.json("rules", "check", book)["proof"] == "solvers"
    for words in (("check", book), ("show", book)):
        said = " ".join(panel("rules", *words).out.split())
        assert "Placements are proved by two solvers, not by a certificate (`proof: solvers`): quota of excluded" in said
    said = panel("rules", "record", book).out
    assert "what one solver found and another checked, step by step, of whether a better one exists" in said
