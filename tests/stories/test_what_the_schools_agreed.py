"""The number and the weight that schools agreed among themselves: from their file to the answer, and why; and what nobody has said."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.running import ASHDOWN, BIRCH, BOOK, CEDAR, DELL, FILES, MEETS, SCHOOLS, Panel

WEIGHED: Final = BOOK.replace("per: roll", "per: weight")
HEAD, *ROWS = SCHOOLS.splitlines()


def weights(*numbers: str, column: str = "share_weight") -> str:
    """The schools file with one column more, in the order Ashdown, Birch, Cedar, Dell."""
    return "\n".join((f"{HEAD},{column}", *(f"{row},{number}" for row, number in zip(ROWS, numbers, strict=True)), ""))


def founded(folder: Path, book: str, schools: str, **more: str) -> Panel:
    panel = Panel(folder / "panel.db")
    panel("init", "--rulebook", str(panel.file("book.yaml", book)))
    files = {what: FILES[f"{what}.csv"] for what in ("places", "terms", "referrals")} | {"schools": schools} | more
    for what in ("schools", *(name for name in files if name != "schools")):
        panel("load", what, str(panel.file(f"{what}.csv", files[what])))
    return panel


def answered(panel: Panel) -> dict[str, str]:
    panel("meeting", "open", "--date", MEETS, "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    return {one["referral"]: one["school"] for one in panel.json("allocate")["placements"]}


def told(out: str) -> str:
    return " ".join(out.split())


# --- a share by a weight ---


def test_loads_are_measured_by_the_weight_that_was_agreed(tmp_path: Path) -> None:
    """R6 must go to Birch, R1 may go to Ashdown or Cedar, R2 to Birch or Cedar; year 9 has one place at Ashdown and at Cedar.

    Weights 4, 8 and 2. R1 Ashdown, R2 Birch: 1/4, 2/8. R1 Ashdown, R2 Cedar: 1/2. R1 Cedar, R2 Birch: 1/2. The first has the
    lowest highest. By roll it is the second: 1/1000, 1/500, 1/800 (see `running.py`).
    """
    panel = founded(tmp_path, WEIGHED, weights("4", "8", "2", "3"))
    assert answered(panel) == {"R1": ASHDOWN, "R2": BIRCH, "R6": BIRCH}
    share = panel.json("allocate", "--dry-run", "--again")["objectives"][1]
    assert share["value"] == ["1/4", "1/4", "0/1", "0/1"]
    said = told(panel("explain", "R2", "--why-not", CEDAR).out)
    assert "Cedar High School: 0 -> 1 for 2 of agreed weight (500.00 per 1,000)" in said
    assert "Birch Academy: 2 -> 1 for 8 of agreed weight (125.00 per 1,000)" in said
    panel("decide", "R1", "R2", "R6", "--confirm")
    schools = {one["school"]: one for one in panel.json("position")["schools"]}
    assert {urn: (one["share"], one["ratio"]) for urn, one in schools.items()} == {
        ASHDOWN: (4, "1/4"),
        BIRCH: (8, "1/4"),
        CEDAR: (2, "0/1"),
        DELL: (3, "0/1"),
    }
    assert "1 proposal(s) replayed" in panel("audit", "replay").out


def test_a_file_without_the_columns_leaves_no_word_of_them(tmp_path: Path) -> None:
    bodies = founded(tmp_path, BOOK, SCHOOLS).bodies()
    assert "NumberOfPupils" not in bodies
    assert '"roll":1000' in bodies
    assert "share_weight" not in bodies
    assert "agreed_number" not in bodies


def test_a_weight_that_nobody_has_said_closes_the_school_and_says_so(tmp_path: Path) -> None:
    panel = founded(tmp_path, WEIGHED, weights("4", "8", "", "3"))
    said = told(panel("meeting", "open", "--date", MEETS, "--chair", "Okafor").err)
    assert "school.share_weight (the weight that the schools agreed for its share, whatever it was made from) is unknown at 1" in said
    assert "Cedar High School (100003)" in said
    assert "unknown: school.share_weight" in told(panel("explain", "R2", "--why-not", CEDAR).out)


def test_no_load_is_measured_by_a_weight_of_nothing(tmp_path: Path) -> None:
    panel = founded(tmp_path, WEIGHED, weights("4", "0", "2", "3"))
    assert f"No load can be measured by a weight of 0: {BIRCH}." in panel.refused("meeting", "open", "--date", MEETS, "--chair", "Okafor")


def test_a_school_that_joins_later_has_a_part_of_its_weight(tmp_path: Path) -> None:
    """A member from 1 January is one for 243 of 365 days: 8 x 243 is 1944, 4 x 365 is 1460, 2 x 365 is 730; 2/1944 is below 1/730."""
    panel = founded(tmp_path, WEIGHED, weights("4", "8", "2", "3"))
    panel("school", "join", BIRCH, "--on", "2027-01-01")
    panel("meeting", "open", "--date", "2027-01-14", "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    share = panel.json("allocate")["objectives"][1]
    assert share["value"] == ["1/972", "1/1460", "0/1", "0/1"]


def test_equal_weights_of_one_beside_others_are_rates_too(tmp_path: Path) -> None:
    """R1 goes where the weight is 1, R2 and R6 to Birch: 1/1 and 1/8. A 1 beside others is not taken for 'equal for all'."""
    book = WEIGHED.replace("limits:\n", "  in_year: {of: placements, over: academic_year, per: year_group}\nlimits:\n", 1)
    panel = founded(tmp_path, book.replace("load: load", "load: in_year"), weights("1", "8", "1", "3"))
    assert answered(panel)
    panel("decide", "R1", "R2", "R6", "--confirm")
    table = panel("position").out.partition("in year in each year group")[2]
    rates = {cell for line in table.splitlines()[2:] for cell in line.split()[-4:]}
    assert rates == {"0.00", "125.00", "1000.00"}


# --- a number that was agreed ---

AGREED: Final = BOOK.replace("  - share:", "  - quota: {count: load, limit: school.agreed_number, beyond: free}\n  - share:")


def test_a_quota_by_the_agreed_number(tmp_path: Path) -> None:
    """Birch agreed one, and R6 must go there: R2 goes to Cedar, and so R1 to Ashdown.

    With two at Birch and none at Cedar R2 goes to Birch.
    """
    assert answered(founded(tmp_path, AGREED, weights("1", "1", "1", "0", column="agreed_number"))) == {
        "R1": ASHDOWN,
        "R2": CEDAR,
        "R6": BIRCH,
    }
    (tmp_path / "two").mkdir()
    two = founded(tmp_path / "two", AGREED, weights("1", "2", "0", "0", column="agreed_number"))
    assert answered(two) == {"R1": ASHDOWN, "R2": BIRCH, "R6": BIRCH}


def test_a_number_that_was_not_agreed_is_unknown_and_its_column_is_named(tmp_path: Path) -> None:
    book = AGREED.replace("beyond: free}", "beyond: free}").replace("settings:\n", "settings:\n")
    panel = founded(tmp_path, book, weights("1", "", "1", "0", column="agreed_number"))
    panel("meeting", "open", "--date", MEETS, "--chair", "Okafor")
    assert "unknown: school.agreed_number" in told(panel("explain", "R6", "--why-not", BIRCH).out)
    schools = weights("1", "3", "1", "0", column="agreed_number")
    assert "agreed_number unknown -> 3" in told(panel("load", "schools", str(panel.file("schools.csv", schools))).err)
