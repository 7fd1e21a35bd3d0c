"""What a book asks of every school under names of its own: from its column of the schools file to the answer, and what nobody has said."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from panel.intake.schools import NEEDS, TAKES
from rules.facts import BY_NAME
from rules.school_facts import TAKEN_COLUMNS
from tests.running import ASHDOWN, BIRCH, BOOK, CEDAR, DELL, FILES, MEETS, SCHOOLS, Panel

ASKED: Final = """\
school_facts:
  deprivation: {unit: per mille, say: pupils eligible for free school meals}
  eal_programme: {say: has a programme for pupils new to English}
"""
BAR: Final = """\
  - id: enough-already
    when: school.deprivation > 300 and not school.eal_programme
    say: "{school.name} has {school.deprivation} per mille eligible, and no programme."
    examples:
      - {name: more, given: {school.deprivation: 301}, expect: fires}
      - {name: not more, given: {school.deprivation: 300}, expect: silent}
      - {name: it has a programme, given: {school.deprivation: 301, school.eal_programme: true}, expect: silent}
      - {name: nobody has said, given: {school.deprivation: unknown}, expect: cannot tell}
"""
ASKING: Final = BOOK.replace("counts:\n", f"{ASKED}counts:\n", 1).replace("objectives:\n", f"{BAR}objectives:\n", 1)
HEAD, *ROWS = SCHOOLS.splitlines()
NEW: Final = "100009"
SAID: Final = {"deprivation": ("120", "301", "300", "90"), "eal_programme": ("no", "no", "no", "no")}


def schools(**said: tuple[str, str, str, str]) -> str:
    """The schools file with a column for each, in the order Ashdown, Birch, Cedar, Dell."""
    rows = (",".join((row, *(cells[n] for cells in said.values()))) for n, row in enumerate(ROWS))
    return "\n".join((",".join((HEAD, *said)), *rows, ""))


def founded(folder: Path, book: str = ASKING, file: str = schools(**SAID)) -> Panel:
    folder.mkdir(exist_ok=True)
    panel = Panel(folder / "panel.db")
    panel("init", "--rulebook", str(panel.file("book.yaml", book)))
    for what, text in {"schools": file, **{name: FILES[f"{name}.csv"] for name in ("places", "terms", "referrals")}}.items():
        panel("load", what, str(panel.file(f"{what}.csv", text)))
    return panel


def opened(panel: Panel) -> str:
    """What is told as the meeting opens."""
    return told(panel("meeting", "open", "--date", MEETS, "--chair", "Okafor").err)


def answered(panel: Panel) -> dict[str, str]:
    panel("meeting", "draw", "--words", "heron")
    return {one["referral"]: one["school"] for one in panel.json("allocate")["placements"]}


def told(out: str) -> str:
    return " ".join(out.split())


# --- what a rule makes of it ---


def test_a_bar_goes_by_what_a_school_said(tmp_path: Path) -> None:
    """Birch has 301 per mille and no programme: R6, who may go nowhere else, stays without a place; with a programme it goes there."""
    panel = founded(tmp_path / "none")
    assert "deprivation" not in opened(panel)
    assert answered(panel) == {"R1": ASHDOWN, "R2": CEDAR}
    assert "Birch Academy has 301 per mille eligible, and no programme." in told(panel("explain", "R6", "--why-not", BIRCH).out)
    panel("decide", "R1", "R2", "--confirm")
    assert "1 proposal(s) replayed" in panel("audit", "replay").out
    other = founded(tmp_path / "one", file=schools(**{**SAID, "eal_programme": ("no", "yes", "no", "no")}))
    opened(other)
    assert answered(other) == {"R1": ASHDOWN, "R2": CEDAR, "R6": BIRCH}


def test_a_limit_a_quota_and_a_share_go_by_it(tmp_path: Path) -> None:
    """One class of 30 with 29 pupils in it leaves one place, and R1 and R2 cannot both go to Cedar; a share starts from what was said."""
    book = BOOK.replace("counts:\n", "school_facts:\n  agreed: {unit: pupils, say: how many it agreed to}\ncounts:\n", 1)
    limit = """\
  - id: as-agreed
    per: school
    room: school.agreed - school.load
    say: "{school.name} agreed to {school.agreed}."
    examples:
      - {name: one, given: {school.agreed: 1}, expect: 1}
      - {name: none, given: {school.agreed: 0}, expect: 0}
"""
    at_most = founded(tmp_path / "limit", book.replace("holds:\n", f"{limit}holds:\n", 1), schools(agreed=("1", "1", "0", "0")))
    opened(at_most)
    assert answered(at_most) == {"R1": ASHDOWN, "R6": BIRCH}
    quota = book.replace("  - share:", "  - quota: {count: load, limit: school.agreed, beyond: free}\n  - share:")
    two = founded(tmp_path / "quota", quota, schools(agreed=("1", "2", "0", "0")))
    opened(two)
    assert answered(two) == {"R1": ASHDOWN, "R2": BIRCH, "R6": BIRCH}
    start = book.replace("per: roll}", "per: roll, start: school.agreed}")
    full = founded(tmp_path / "start", start, schools(agreed=("0", "0", "500", "0")))
    opened(full)
    assert answered(full)["R2"] == BIRCH


# --- what is recorded ---


def test_a_book_that_asks_nothing_leaves_no_word_of_it(tmp_path: Path) -> None:
    panel = founded(tmp_path, BOOK)
    assert '"facts"' not in panel.bodies()
    assert "deprivation" not in panel.bodies()


def test_what_no_rule_reads_is_not_frozen(tmp_path: Path) -> None:
    idle = BOOK.replace("counts:\n", f"{ASKED}counts:\n", 1)
    panel = founded(tmp_path, idle)
    opened(panel)
    frozen = panel.json("meeting", "show")
    assert "school.deprivation" not in str(frozen)
    remarks = panel.json("rules", "check", str(tmp_path / "book.yaml"))["remarks"]
    assert {one["about"] for one in remarks} >= {"school fact deprivation", "school fact eal_programme"}


def test_a_cell_that_is_neither_number_nor_yes_nor_no_is_refused_with_its_row_and_column(tmp_path: Path) -> None:
    panel = founded(tmp_path)
    bad = schools(deprivation=("120", "1001", "many", "90"), eal_programme=("no", "no", "no", "perhaps"))
    said = panel.refused("load", "schools", str(panel.file("bad.csv", bad)))
    assert "row 3, deprivation: found '1001'; wanted 0 to 1000" in said
    assert "row 4, deprivation: found 'many'; wanted a whole number, 0 to 1000" in said
    assert "row 5, eal_programme: found 'perhaps'; wanted yes, no" in said


def test_it_is_loaded_again_and_corrected(tmp_path: Path) -> None:
    panel = founded(tmp_path)
    again = schools(deprivation=("120", "299", "", "90"))
    said = told(panel("load", "schools", str(panel.file("again.csv", again))).err)
    assert "school.deprivation 301 per mille -> 299 per mille" in said
    assert "school.deprivation 300 per mille -> unknown" in said
    assert "eal_programme" not in said
    seq = panel.column("seq", "school recorded")
    fixed = panel.json("correct", "--entry", seq, "--set", "deprivation=310", "--set", "eal_programme=yes", "--reason", "a slip")
    assert fixed["corrections"][0]["fields"] == ["facts"]
    assert '"facts":{"deprivation":{"unit":"per mille","value":310},"eal_programme":{"value":true}}' in panel.bodies()
    assert "wanted 0 to 1000" in panel.refused("correct", "--entry", seq, "--set", "deprivation=1001", "--reason", "a slip")
    assert "Did you mean deprivation?" in panel.refused("correct", "--entry", seq, "--set", "deprivations=1", "--reason", "a slip")


def test_what_was_said_goes_on_under_another_number_and_not_through_a_merger(tmp_path: Path) -> None:
    panel = founded(tmp_path)
    row = ROWS[1].replace(BIRCH, NEW)
    panel("load", "schools", str(panel.file("new.csv", f"{HEAD},eal_programme\n{row},yes\n")))
    panel("school", "convert", BIRCH, "--to", NEW, "--on", "2026-10-05")
    panel("school", "merge", ASHDOWN, CEDAR, "--into", CEDAR, "--on", "2026-10-06")
    said = opened(panel)
    assert f"school.deprivation (pupils eligible for free school meals) is unknown of Cedar High School ({CEDAR}); by it go:" in said
    assert f"school.eal_programme (has a programme for pupils new to English) is unknown of Cedar High School ({CEDAR})" in said
    assert NEW not in said  # 301 per mille as Birch said, and a programme as the new school says


# --- what nobody has said ---


def test_what_nobody_has_said_is_told_with_its_column_and_holds_the_case(tmp_path: Path) -> None:
    panel = founded(tmp_path, file=SCHOOLS)
    said = opened(panel)
    assert (
        "school.deprivation (pupils eligible for free school meals) is unknown of Ashdown School (100001), Birch Academy (100002), "
        "Cedar High School (100003) and Dell School (100004); by it go: bar enough-already. Load the schools again with a column "
        "deprivation (`pastoral load schools FILE`): it counts from the next opening." in said
    )
    panel("meeting", "draw", "--words", "heron")
    panel("allocate")
    assert "school.deprivation is told by a file of schools (`pastoral load schools`), column deprivation." in told(
        panel("explain", "R6").out
    )


def test_a_load_says_which_columns_the_book_asks_for(tmp_path: Path) -> None:
    panel = founded(tmp_path, file=SCHOOLS)
    said = told(panel("load", "schools", str(panel.file("one.csv", schools(deprivation=SAID["deprivation"])))).err)
    assert "The rulebook harbour asks for the column eal_programme (`school_facts`), and this file does not say it: it is unknown." in said
    said = told(panel("load", "schools", str(panel.file("all.csv", schools(**SAID)))).err)
    assert "asks for" not in said
    assert "asks for" not in told(panel("load", "schools", str(panel.file("none.csv", SCHOOLS))).err)


def test_a_column_that_is_a_slip_away_is_not_passed_over(tmp_path: Path) -> None:
    panel = founded(tmp_path)
    said = panel.refused("load", "schools", str(panel.file("slip.csv", schools(**{"eal programm": SAID["eal_programme"]}))))
    assert "found a column that is not read; wanted eal_programme" in said


def test_a_file_loaded_before_the_book_asked_is_loaded_again(tmp_path: Path) -> None:
    """The first edition asks nothing, so the columns were not read; the meeting under the second says what to do."""
    panel = founded(tmp_path, BOOK)
    later = ASKING.replace("edition: {from: 2026-09-01}", "edition: {from: 2026-10-01}")
    panel("rules", "adopt", str(panel.file("later.yaml", later)))
    said = panel("load", "schools", str(panel.file("schools.csv", SCHOOLS))).err
    assert "asks for the columns deprivation, eal_programme" in told(said)
    panel("load", "schools", str(panel.file("schools.csv", schools(**SAID))))
    assert "deprivation" not in opened(panel)
    assert answered(panel) == {"R1": ASHDOWN, "R2": CEDAR}


def test_a_number_in_another_unit_is_no_answer(tmp_path: Path) -> None:
    """An edition of October asks per cent for what was said per mille: 120 per mille is not 120 per cent, and nobody guesses."""
    panel = founded(tmp_path)
    later = ASKING.replace("edition: {from: 2026-09-01}", "edition: {from: 2026-10-01}").replace("unit: per mille", "unit: per cent")
    panel("rules", "adopt", str(panel.file("later.yaml", later.replace("30", "3").replace("{value: 2000", "{value: 20000"))))
    said = opened(panel)
    assert f"is unknown of Ashdown School ({ASHDOWN}, where it was said as 120 per mille)" in said
    assert f"Dell School ({DELL}, where it was said as 90 per mille)" in said


def test_a_number_beyond_what_an_edition_lets_it_be_is_no_answer(tmp_path: Path) -> None:
    panel = founded(tmp_path)
    later = ASKING.replace("edition: {from: 2026-09-01}", "edition: {from: 2026-10-01}").replace("per mille,", "per mille, at_most: 300,")
    later = later.replace("> 300", "> 200").replace("deprivation: 301", "deprivation: 201").replace("deprivation: 300", "deprivation: 200")
    panel("rules", "adopt", str(panel.file("later.yaml", later)))
    said = opened(panel)
    assert f"is unknown of Birch Academy ({BIRCH}, where it was said as 301 per mille); by it go" in said


# --- whose name it is ---


def test_a_book_above_reads_what_one_below_asks_and_does_not_ask_it_otherwise(tmp_path: Path) -> None:
    below = f"rulebook: county\nedition: {{from: 2026-09-01}}\ntitle: County\nauthority: {{instrument: County}}\nstatutory: true\n{ASKED}"
    (tmp_path / "county.yaml").write_text(below)
    above = BOOK.replace("settings:\n", "extends: county\nsettings:\n", 1).replace("objectives:\n", f"{BAR}objectives:\n", 1)
    panel = founded(tmp_path, above)
    opened(panel)
    assert answered(panel) == {"R1": ASHDOWN, "R2": CEDAR}
    again = above.replace("counts:\n", "school_facts:\n  deprivation: {say: poor}\ncounts:\n", 1)
    said = told(panel.refused("rules", "check", str(panel.file("again.yaml", again))))
    assert "found the name deprivation; wanted a name of its own. school.deprivation is already a fact: of a book below" in said


def test_the_words_of_it_are_told(tmp_path: Path) -> None:
    panel = founded(tmp_path)
    other = panel.file("other.yaml", ASKING.replace("free school meals", "the pupil premium"))
    was, now = (f"pupils eligible for {what} (0 to 1,000 per mille)" for what in ("free school meals", "the pupil premium"))
    assert f"school fact deprivation: is: was {was}; is {now}" in told(panel("rules", "diff", str(tmp_path / "book.yaml"), str(other)).out)
    assert "eal_programme has a programme for pupils new to English (yes/no)" in told(panel("rules", "show", str(other)).out)
    record = told(panel("rules", "record", str(other)).out)
    assert f"It asks of every school: deprivation = {now}; eal_programme = has a programme for pupils new to English (yes/no)." in record


def test_no_name_is_that_of_a_column_with_another_meaning() -> None:
    """Whatever column the loader reads for something else is a name that no book may take."""
    names = {column for column in (*NEEDS, *TAKES) if column.isidentifier()}
    assert {name for name in names if f"school.{name}" not in BY_NAME} == TAKEN_COLUMNS
