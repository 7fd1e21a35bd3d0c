"""What the chair is told as a meeting opens: numbers that one school lacks, words that no school has, pupils of whom nobody has said it.

Harbour as in `running.py`, with 180 as PAN of every year group, 8 to 11, of every school.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from tests.running import ASHDOWN, BIRCH, BOOK, CEDAR, FILES, MEETS, Panel
from tests.running import places as all_places

BY_PAN: Final = BOOK.replace("per: roll", "per: pan")


def founded(folder: Path, book: str, **files: str) -> Panel:
    panel = Panel(folder / "panel.db")
    panel("init", "--rulebook", str(panel.file("book.yaml", book)))
    for what, text in ({what: FILES[f"{what}.csv"] for what in ("schools", "places", "terms", "referrals")} | files).items():
        panel("load", what, str(panel.file(f"{what}.csv", text)))
    return panel


def opened(panel: Panel, on: str = MEETS) -> str:
    return " ".join(panel("meeting", "open", "--date", on, "--chair", "Okafor").err.split())


def places(**rows: str) -> str:
    """The places file with the row of Cedar's year 11 otherwise, or left out."""
    there = [line for line in all_places().splitlines() if not line.startswith(f"{CEDAR},11,")]
    return "\n".join((*there, *rows.values(), ""))


# --- numbers ---


def test_a_year_group_that_one_school_lacks_is_told_with_what_it_makes_of_the_share(tmp_path: Path) -> None:
    """Cedar's years 8, 9 and 10 are 540; with year 11 it would be 720. R5 is in year 11, and the limit cannot tell of it there."""
    said = opened(founded(tmp_path, BY_PAN, places=places()))
    assert (
        f"Cedar High School ({CEDAR}) has no PAN of year 11, which other schools have: its share (load load, per pan) is that of its "
        "other year groups alone, 540; limit year-group-full cannot tell of it there without year.pan. "
        "Load it (`pastoral load places`, pan)."
    ) in said
    assert f"Cedar High School ({CEDAR}) has no roll of year 11, which other schools have: limit year-group-full cannot tell" in said
    assert "Ashdown School (100001) has no" not in said


def test_a_year_group_without_its_number_leaves_the_share_unknown(tmp_path: Path) -> None:
    said = opened(founded(tmp_path, BY_PAN, places=places(blank=f"{CEDAR},11,,180,2026-09-15")))
    assert "its share (load load, per pan) is unknown, so it is not considered" in said
    assert "has no roll" not in said
    # What the facts lack is told of the years of the pupils whom it closes the school to.
    assert "year.pan (published admission number of the year group) is unknown at 1, which cannot be considered: " in said
    assert f"Cedar High School ({CEDAR}) in years 8, 9 and 11." in said


def test_nothing_is_told_where_the_book_goes_by_no_such_number_or_the_school_has_no_such_year(tmp_path: Path) -> None:
    """Without the limit and with a share by roll nothing reads year.pan; and a school of 11 to 14 has no year 11."""
    start, end = BOOK.index("limits:\n"), BOOK.index("holds:\n")
    assert "has no PAN" not in opened(founded(tmp_path, BOOK[:start] + BOOK[end:], places=places()))
    schools = FILES["schools.csv"].replace("Cedar High School,Open,11,16", "Cedar High School,Open,11,14")
    (tmp_path / "young").mkdir()
    assert "has no PAN" not in opened(founded(tmp_path / "young", BY_PAN, places=places(), schools=schools))


# --- words ---

BAR: Final = """\
bars:
  - id: not-there
    when: CONDITION
    say: "{school.name} takes nobody."
    examples:
      - {name: so, given: {FACT: WORD}, expect: fires}
      - {name: not so, given: {FACT: Else}, expect: silent}
"""


def asking(fact: str, condition: str, word: str) -> str:
    bar = BAR.replace("CONDITION", condition).replace("FACT", fact).replace("WORD", word)
    return BOOK.replace("bars:\n", bar)


def test_a_school_that_is_misspelt_is_told_with_the_nearest(tmp_path: Path) -> None:
    said = opened(founded(tmp_path, asking("school.name", 'school.name == "Birch Acadmy"', "Birch Acadmy")))
    assert "No school of the panel has school.name 'Birch Acadmy', which bar not-there goes by. " in said
    assert "The nearest that one has is 'Birch Academy'." in said
    (tmp_path / "right").mkdir()
    right = opened(founded(tmp_path / "right", asking("school.name", 'school.name == "Birch Academy"', "Birch Academy")))
    assert "No school of the panel has" not in right


def test_a_federation_in_a_list_and_by_way_of_a_derived_fact(tmp_path: Path) -> None:
    book = asking("school.federation", "school.of_the_east", "Est").replace(
        "limits:\n", 'derive:\n  - {id: eastern, fact: school.of_the_east, is: \'school.federation in ["Est", "East"]\'}\nlimits:\n', 1
    )
    head, *rows = FILES["schools.csv"].splitlines()
    schools = "\n".join((f"{head},Federation", *(f"{row},East" for row in rows), ""))
    said = opened(founded(tmp_path, book, schools=schools))
    assert "No school of the panel has school.federation 'Est', which bar not-there goes by. The nearest that one has is 'East'." in said
    assert "school.federation 'East'" not in said


def test_a_grade_that_none_has_now_is_no_slip_unless_it_is_written_otherwise(tmp_path: Path) -> None:
    head, *rows = FILES["schools.csv"].splitlines()
    schools = "\n".join((f"{head},Ofsted", *(f"{row},Requires improvement" for row in rows), ""))
    said = opened(
        founded(tmp_path, asking("school.ofsted", 'school.ofsted == "Requires Improvement"', "Requires Improvement"), schools=schools)
    )
    assert "No school of the panel has school.ofsted 'Requires Improvement', which bar not-there goes by. " in said
    assert "The nearest that one has is 'Requires improvement'." in said
    (tmp_path / "other").mkdir()
    book = asking("school.ofsted", 'school.ofsted == "Requires improvement"', "Requires improvement")
    other = opened(founded(tmp_path / "other", book, schools=schools.replace("improvement", "Improvement")))
    assert "The nearest that one has is 'Requires Improvement'." in other, "the register's word, and a file that writes it otherwise"
    (tmp_path / "none").mkdir()
    none = opened(founded(tmp_path / "none", asking("school.ofsted", 'school.ofsted == "Inadequate"', "Inadequate"), schools=schools))
    assert "No school of the panel has" not in none


# --- pupils ---

NEEDS: Final = BOOK.replace(
    "holds:\n",
    """\
  - id: plans
    per: year_group
    room: 20 - year.ehcp
    examples:
      - {name: one, given: {year.ehcp: 19}, expect: 1}
      - {name: full, given: {year.ehcp: 20}, expect: 0}
holds:
""",
    1,
)


def test_a_pupil_of_whom_nobody_said_whether_there_is_a_plan_is_named(tmp_path: Path) -> None:
    """Birch's year 8 had 4 plans on 15 September; H1 came on 1 October, and the file does not say. R6 may go to Birch alone."""
    head, *rows = FILES["places.csv"].splitlines()
    counted = "\n".join((f"{head},ehcp", *(f"{row},4" for row in rows), ""))
    history = f"pupil,school,on,kind,year_group\nH1,{BIRCH},2026-10-01,managed_move,8\n"
    panel = founded(tmp_path, NEEDS, places=counted, history=history)
    said = opened(panel)
    assert (
        f"year.ehcp is unknown of year 8 at Birch Academy ({BIRCH}): it was counted, and nobody has said whether H1, who came there on "
        "2026-10-01, has an EHCP. Record it: the column ehcp of history: "
        "`pastoral correct --entry 32 --set ehcp=VALUE --reason TEXT`."
    ) in said
    assert panel.json("explain", "R6")["status"] == "held"
    (tmp_path / "said").mkdir()
    history = history.replace("year_group\n", "year_group,ehcp\n").replace(",8\n", ",8,no\n")
    told = founded(tmp_path / "said", NEEDS, places=counted, history=history)
    assert "year.ehcp is unknown" not in opened(told)
    assert "R6" in {one["referral"] for one in _proposed(told)}
    assert "ehcp" not in told.column("body", "placement before the ledger")


def _proposed(panel: Panel) -> list[dict[str, str]]:
    panel("meeting", "draw", "--words", "heron")
    placements: list[dict[str, str]] = panel.json("allocate")["placements"]
    return placements


# --- behaviour as the main need, of the panel's own placements ---

NEED: Final = BOOK.replace(
    "load: {of: [placements, outside_admissions], over: academic_year}",
    "load: {of: [placements, outside_admissions], over: academic_year, where: admission.behaviour_is_primary_need}",
)


def test_a_count_of_those_whose_need_is_behaviour_reads_the_referrals(tmp_path: Path) -> None:
    """R1 and R6 yes, R2 no. Those who count: R1 Ashdown 1/1000 or Cedar 1/800; R6 Birch 1/500. R2 goes where it counts for nothing."""
    head, *rows = FILES["referrals.csv"].splitlines()
    answers = {"R1": "yes", "R2": "no", "R3": "yes", "R4": "yes", "R5": "yes", "R6": "yes"}
    referrals = "\n".join((f"{head},behaviour_is_primary_need", *(f"{row},{answers[row[:2]]}" for row in rows), ""))
    panel = founded(tmp_path, NEED, referrals=referrals)
    opened(panel)
    assert {one["referral"]: one["school"] for one in _proposed(panel)}["R1"] == ASHDOWN
    assert panel.json("allocate", "--dry-run", "--again")["objectives"][1]["value"] == ["1/500", "1/1000", "0/1", "0/1"]
    panel("decide", "R1", "R2", "R6", "--confirm")
    panel("meeting", "close")
    loads = {one["school"]: one["load"] for one in panel.json("position", "--as-of", "2026-11-12")["schools"]}
    assert (loads[ASHDOWN], loads[BIRCH], sum(loads.values())) == (1, 1, 2)
    assert "behaviour_is_primary_need" not in panel.column("body", "referral made")
    assert "1 proposal(s) replayed" in panel("audit", "replay").out


def test_a_referral_that_does_not_say_it_is_held_and_told_by_which_column(tmp_path: Path) -> None:
    panel = founded(tmp_path, NEED)
    opened(panel)
    said = " ".join(panel("explain", "R1").out.split())
    assert "admission.behaviour_is_primary_need is told by the referral's column behaviour_is_primary_need" in said
    history = f"pupil,school,on,kind,year_group\nH1,{CEDAR},2026-10-01,managed_move,9\n"
    (tmp_path / "before").mkdir()
    before = founded(tmp_path / "before", NEED, history=history)
    refused = " ".join(before.refused("meeting", "open", "--date", MEETS, "--chair", "Okafor").split())
    assert f"pupil H1 at Cedar High School ({CEDAR}) on 2026-10-01" in refused
    told = re.search(r"the column behaviour_is_primary_need of history: `pastoral correct --entry (\d+) --set", refused)
    assert told is not None
    before("correct", "--entry", told[1], "--set", "behaviour_is_primary_need=no", "--reason", "asked")
    opened(before)


def test_all_that_lack_the_same_are_told_at_once_with_the_entry_of_each(tmp_path: Path) -> None:
    """Three came before the ledger and nobody says their need: one line, whose commands, one for each, let `position` tell its table."""
    rows = "".join(f"H{n},{CEDAR},2026-10-0{n},managed_move,9\n" for n in (1, 2, 3))
    panel = founded(tmp_path, NEED, history=f"pupil,school,on,kind,year_group\n{rows}")
    refused = " ".join(panel.refused("position", "--as-of", MEETS).split())
    assert refused.count("behaviour_is_primary_need=VALUE") == 1
    assert "3 placements before the ledger" in refused
    entries = re.findall(r"(\d+) \((H\d)\)", refused)
    assert [pupil for _, pupil in entries] == ["H1", "H2", "H3"]
    for entry, _ in entries:
        panel("correct", "--entry", entry, "--set", "behaviour_is_primary_need=no", "--reason", "asked")
    assert panel.json("position", "--as-of", MEETS)["schools"]


def test_what_history_says_is_sealed_corrected_and_kept_where_it_is_counted(tmp_path: Path) -> None:
    """H1 and H2 came to Cedar, one whose need is behaviour: its load is 1; corrected it is 2; and 2 when H1's case is erased."""
    history = "pupil,school,on,kind,year_group,looked_after,behaviour_is_primary_need\n"
    history += f"H1,{CEDAR},2026-10-01,managed_move,9,yes,yes\nH2,{CEDAR},2026-10-02,managed_move,9,,no\n"
    panel = founded(tmp_path, NEED, history=history)
    assert "looked_after" not in panel.column("body", "placement before the ledger")

    def load() -> int:
        schools = panel.json("position", "--as-of", MEETS)["schools"]
        return next(int(one["load"]) for one in schools if one["school"] == CEDAR)

    assert load() == 1
    panel("correct", "--entry", str(panel.entries()), "--set", "behaviour_is_primary_need=yes", "--reason", "the form says so")
    assert load() == 2
    panel("person", "erase", "H1", "--reason", "they asked", "--yes")
    assert load() == 2
    assert "looked_after" not in str(panel.json("person", "show", "H1"))
    panel("audit", "verify")


def test_no_bar_goes_by_what_the_need_is(tmp_path: Path) -> None:
    panel = Panel(tmp_path / "panel.db")
    book = asking("referral.behaviour_is_primary_need", "referral.behaviour_is_primary_need", "true").replace(": Else", ": false")
    said = " ".join(panel("rules", "check", str(panel.file("book.yaml", book)), code=3).err.split())
    assert "found referral.behaviour_is_primary_need; wanted no such fact in a bar" in said
