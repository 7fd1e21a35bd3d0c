"""A placement from before the ledger says who sent the pupil; and a column that nobody reads is not passed over without a word."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.running import ASHDOWN, BIRCH, BOOK, CEDAR, FILES, MEETS, Panel

FERN: Final = "100008"
COUNTS: Final = """\
  net: {of: placements, over: academic_year, minus: [own_referrals_placed]}
  sent: {of: own_referrals_placed, over: academic_year}
limits:
"""
NET: Final = BOOK.replace("limits:\n", COUNTS, 1)
HISTORY: Final = f"""\
pupil,school,on,kind,year_group,home_school,outcome
H1,{CEDAR},2026-09-10,managed_move,10,{BIRCH},
H2,{CEDAR},2026-09-17,permanent_exclusion,9,{ASHDOWN},
H3,{ASHDOWN},2026-09-17,fair_access,9,none,
"""


def founded(folder: Path) -> Panel:
    panel = Panel(folder / "net.db")
    panel("init", "--rulebook", str(panel.file("net.yaml", NET)))
    for what in ("schools", "places", "terms"):
        panel("load", what, str(panel.file(f"{what}.csv", FILES[f"{what}.csv"])))
    return panel


def net(panel: Panel) -> dict[str, int]:
    return {one["school"]: one["counts"]["net"] for one in panel.json("position", "--as-of", MEETS)["schools"] if "net" in one["counts"]}


def test_the_sender_has_its_credit_for_what_was_before(tmp_path: Path) -> None:
    """Cedar took two, 2; Ashdown took one and sent one, 0; Birch sent one, -1."""
    panel = founded(tmp_path)
    panel("load", "history", str(panel.file("history.csv", HISTORY)))
    assert [net(panel)[urn] for urn in (ASHDOWN, BIRCH, CEDAR)] == [0, -1, 2]
    sent = {one["school"]: one["counts"]["sent"] for one in panel.json("position", "--as-of", MEETS)["schools"]}
    assert [sent[urn] for urn in (ASHDOWN, BIRCH, CEDAR)] == [1, 1, 0]
    told = " ".join(panel("position", "--as-of", MEETS).out.split())
    assert "sent: pupils whom the panel placed elsewhere for the school, over the academic year, for each school." in told


def test_who_sent_is_corrected_and_goes_on_as_the_school_does(tmp_path: Path) -> None:
    """It was Ashdown that sent the first, -1 - 1 + 1; then Ashdown goes on under another number, and takes its credits along."""
    panel = founded(tmp_path)
    panel("load", "history", str(panel.file("history.csv", HISTORY)))
    last = panel.entries()  # by day, school and pupil: H1, then Ashdown's H3, then H2
    panel("correct", "--entry", str(last - 2), "--set", f"home_school={ASHDOWN}", "--reason", "the letter says so")
    assert [net(panel)[urn] for urn in (ASHDOWN, BIRCH, CEDAR)] == [-1, 0, 2]
    panel("load", "schools", str(panel.file("fern.csv", f"URN,EstablishmentName,NumberOfPupils\n{FERN},Fern School,1000\n")))
    panel("school", "convert", ASHDOWN, "--to", FERN, "--on", "2026-10-01")
    assert net(panel)[FERN] == -1
    panel("correct", "--entry", str(last), "--set", "home_school=", "--reason", "nobody knows")
    assert net(panel)[FERN] == 0
    assert "recorded already" in panel.refused("load", "history", str(panel.file("again.csv", HISTORY)))


def test_no_school_sends_a_move_to_itself_nor_one_that_nobody_knows(tmp_path: Path) -> None:
    panel = founded(tmp_path)
    rows = (f"H1,{CEDAR},2026-09-10,managed_move,10,{CEDAR}", f"H2,{CEDAR},2026-09-10,fair_access,10,999999")
    bad = "\n".join(("pupil,school,on,kind,year_group,home_school", *rows, ""))
    said = panel.refused("load", "history", str(panel.file("bad.csv", bad)))
    assert f"row 2, home_school: found {CEDAR}, where the pupil went; wanted the school that sent the pupil, or nothing" in said
    assert "row 3, home_school: found '999999'; wanted" in said


def test_a_column_that_nobody_reads_is_told(tmp_path: Path) -> None:
    """The figures of `score` and of the column without a name were not heard; `remarks` says nothing in any row."""
    panel = founded(tmp_path)
    file = panel.file("more.csv", f"pupil,school,on,year_group,score,remarks,\nQ1,{CEDAR},2026-10-05,10,9,,x\n")
    told = "Nothing reads the columns 'score', one without a name of a file of exclusions: what stands there was passed over."
    assert " ".join(panel("load", "exclusions", str(file), "--check").err.split()) == told
    assert panel.json("load", "exclusions", str(file))["notes"] == [told]


def test_of_a_register_of_schools_nothing_is_told(tmp_path: Path) -> None:
    panel = founded(tmp_path)
    more = FILES["schools.csv"].replace("Easting", "Telephone,Easting", 1).replace(",620000", ",01632 960001,620000", 1)
    rows = [more.splitlines()[0], *(line for line in more.splitlines()[1:] if "960001" in line)]
    assert "Telephone" not in panel("load", "schools", str(panel.file("more.csv", "\n".join(rows) + "\n"))).err
