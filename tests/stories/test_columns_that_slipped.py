"""A clerk's file has slipped sideways, or a sentence stands where a yes should: the failure says where, and nothing of the child."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

import openpyxl
import pytest

from panel.intake import admissions, exclusions, history, identities, journeys, referrals
from panel.steps import meeting
from tests.running import ASHDOWN, BIRCH, Panel, harbour, pastoral

CHILD = ("Wren Hollis", "Hollis", "14/03/2012", "A123456789012", "4 Elm Row", "ZZ9 8YX", "631234", "an aunt saw the bruises")
"""A name, a family name, a day of birth, a UPN, a street, a postcode, half of where the home is, and words of the case."""
NEVER = ("wren", "hollis", "14/03/2012", "2012-03-14", "a123456789012", "elm row", "zz9", "631234", "aunt", "bruises")

COLUMNS = {
    "referrals": (*referrals.NEEDS, *referrals.TAKES),
    "exclusions": exclusions.NEEDS,
    "admissions": (*admissions.NEEDS, *admissions.TAKES),
    "history": (*history.NEEDS, *history.TAKES),
    "journeys": (*journeys.NEEDS, *journeys.TAKES),
    "identities": (*identities.NEEDS, *identities.CELLS),
}
SCHOOLS = ("home_school", "excluded_by", "school", "urn", "preferences", "kept_apart", "siblings_at", "catchment", "attended")


def nothing_of_the_child(said: str) -> None:
    assert [secret for secret in NEVER if secret in said.casefold()] == []


def slipped(columns: tuple[str, ...], by: int) -> list[str]:
    """A row of such cells, each in a column that is not its own."""
    cells = [CHILD[(place + by) % len(CHILD)] for place in range(len(columns))]
    places = [place for place, cell in enumerate(cells) if cell == "631234" and columns[place] in (*SCHOOLS, "referral", "pupil")]
    for place in places:  # six digits are a school's number there, and a short number is a reference
        cells[place] = "Wren"
    return cells


def written(columns: tuple[str, ...], *rows: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([columns, *rows])
    return out.getvalue()


@pytest.mark.parametrize("what", COLUMNS)
@pytest.mark.parametrize("by", range(len(CHILD)))
def test_no_file_about_pupils_is_quoted_when_its_columns_have_slipped(tmp_path: Path, what: str, by: int) -> None:
    panel = harbour(tmp_path, "loaded")
    row = slipped(COLUMNS[what], by)
    file = panel.file("slipped.csv", written(COLUMNS[what], row, row))
    plain = panel.refused("load", what, str(file))
    assert "slipped.csv row 2" in plain
    assert what == "identities" or "which is not quoted" in plain
    nothing_of_the_child(plain)
    nothing_of_the_child(panel("load", what, str(file), "--check", "--json", code=3).out)
    debug = pastoral("load", what, str(file), "--debug", ledger=panel.ledger)
    nothing_of_the_child(debug.out + debug.err)


def test_nor_a_workbook(tmp_path: Path) -> None:
    import datetime as dt

    panel = harbour(tmp_path, "loaded")
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(COLUMNS["exclusions"])
    sheet.append(["Wren Hollis", "4 Elm Row", "an aunt saw the bruises", dt.date(2012, 3, 14)])
    book.save(tmp_path / "slipped.xlsx")
    said = panel.refused("load", "exclusions", str(tmp_path / "slipped.xlsx"))
    assert said == (
        "slipped.xlsx: 4 problems in 1 row; nothing was recorded.\n"
        "  slipped.xlsx row 2, pupil: found text of 11 characters, which is not quoted; "
        "wanted a reference of at most 60 characters without spaces, never a name\n"
        "  slipped.xlsx row 2, school: found text of 9 characters, which is not quoted; wanted a URN of six digits\n"
        "  slipped.xlsx row 2, on: found text of 23 characters, which is not quoted; "
        "wanted a date as YYYY-MM-DD, DD/MM/YYYY or DD-MM-YYYY\n"
        "  slipped.xlsx row 2, year_group: found text of 10 characters, which is not quoted; wanted a whole number, 0 to 14. "
        "Write digits only, without separators, decimals or units.\n"
    )


def test_a_file_without_a_header_has_a_child_in_its_first_row(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "loaded")
    said = panel.refused("load", "exclusions", str(panel.file("bare.csv", f"Pupil Wren,Schoolhollis,{ASHDOWN},14/03/2012\nWren,x,y,z\n")))
    nothing_of_the_child(said)
    assert "wanted a column pupil" in said


def test_the_same_name_twice_is_not_told(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "loaded")
    row = f"Hollis,{BIRCH},2026-09-20,9\n"
    said = panel.refused("load", "exclusions", str(panel.file("twice.csv", "pupil,school,on,year_group\n" + row + row)))
    assert said.splitlines()[1] == (
        f"  twice.csv row 3, pupil: found a pupil at {BIRCH} on 2026-09-20 twice, first in row 2; wanted one row for each"
    )


@pytest.mark.parametrize("column", ["ehcp", "year_group", "preferences", "kept_apart", "home_school", "attendance", "postcode", "not_with"])
def test_nor_a_correction(tmp_path: Path, column: str) -> None:
    panel = harbour(tmp_path, "loaded")
    wrong = ("correct", "R1", "--set", f"{column}=Wren Hollis lives at 4 Elm Row with an aunt", "--reason", "it was wrong")
    said = panel.refused(*wrong)
    assert f"  {column}: " in said
    nothing_of_the_child(said)
    nothing_of_the_child(panel(*wrong, "--json", code=3).out)
    nothing_of_the_child(panel.refused("correct", "R1", "--set", "Wren Hollis=no", "--reason", "it was wrong"))


def test_a_correction_says_how_it_looks(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "loaded")
    said = panel.refused("correct", "R1", "--set", "ehcp=X lives at 4 Elm Row with an aunt", "--reason", "it was wrong")
    assert said.splitlines()[1] == ("  ehcp: found text of 33 characters, which is not quoted; wanted yes, no, true, false, 1, 0 or blank")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (3, ("agree", "Wren Hollis", "--by", "parent", "--on", "2026-10-02")),
        (3, ("person", "show", "Wren Hollis")),
        (3, ("paper", "R2", "an aunt saw the bruises", "--on", "2026-10-02")),
        (3, ("refer", "R9", "--pupil", "Wren Hollis", "--kind", "managed_move", "--year-group", "14/03/2012", "--made-on", "2026-10-01")),
        (3, ("exempt", "4 Elm Row", "--from", "2026-10-01", "--until", "2026-10-02", "--reason", "x")),
        (2, ("withdraw", "R4", "--on", "2026-10-22", "--reason", "an", "aunt", "saw", "the", "bruises")),
        (2, ("withdraw", "R4", "--on", "Wren Hollis", "--reason", "x")),
        (2, ("agree", "R1", "--by", "Wren Hollis", "--on", "2026-10-02")),
        (2, ("exempt", ASHDOWN, "--year-group", "Wren", "--from", "2026-10-01", "--until", "2026-10-02", "--reason", "x")),
        (2, ("correct", "R1", "--set", "ehcp: Wren Hollis", "--reason", "x")),
        (2, ("correct", "R1", "--set", "Wren Hollis=a", "--set", "Wren Hollis=b", "--reason", "x")),
        (2, ("person", "Wren Hollis")),
        (2, ("whatif", "--force", "Wren Hollis")),
    ],
)  # fmt: skip
def test_nor_what_was_typed(tmp_path: Path, code: int, words: tuple[str, ...]) -> None:
    panel = harbour(tmp_path, "loaded")
    plain = panel(*words, code=code)
    assert plain.err
    nothing_of_the_child(plain.out + plain.err)
    debug = pastoral(*words, "--json", "--debug", ledger=panel.ledger)
    assert debug.code == code
    nothing_of_the_child(debug.out + debug.err)


def test_a_slip_that_tells_nothing_is_still_shown(tmp_path: Path) -> None:
    panel: Panel = harbour(tmp_path, "loaded")
    assert panel.refused("agree", "R77", "--by", "parent", "--on", "2026-10-02").startswith("There is no referral 'R77'.")
    said = panel.refused("correct", "R1", "--set", "kind=mangaed-move", "--set", "year_group=12", "--reason", "it was wrong")
    assert "kind: found 'mangaed-move'; wanted managed_move, off_site_direction" in said
    assert "Did you mean managed_move?" in said
    assert "year_group: found '12'; wanted 7 to 11." in said


def test_where_the_program_itself_failed_is_shown_and_not_with_what(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*given: object, **named: object) -> None:
        try:
            os.environ["WREN HOLLIS"]
        except KeyError as cause:
            raise RuntimeError("14/03/2012") from cause

    panel = harbour(tmp_path, "proposed")
    monkeypatch.setattr(meeting, "the_open_meeting", fails)
    said = pastoral("decide", "R1", "--confirm", "--debug", ledger=panel.ledger)
    assert said.code == 4
    assert "builtins.KeyError\n" in said.err
    assert "builtins.RuntimeError\n" in said.err
    assert said.err.count("Traceback (most recent call last):\n") == 2
