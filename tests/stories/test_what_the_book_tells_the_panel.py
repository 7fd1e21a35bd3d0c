"""A book's notices where the panel meets them: of cases as the meeting opens, of schools with the proposal, each once.

Harbour: R5 is the one in year 11, Dell is to close, and of those proposed only R2 goes further than 10 km, to Cedar (10.4).
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.running import ASHDOWN, BIRCH, BOOK, CEDAR, DELL, MEETS, Panel
from tests.stories.test_what_is_said_of_a_pair import founded

NOTICES: Final = """\
notices:
  - id: exam-year
    when: referral.year_group >= 9
    say: "Year {referral.year_group}: ask what is being sat."
    examples:
      - {name: year 9, given: {referral.year_group: 9}, expect: fires}
      - {name: year 8, given: {referral.year_group: 8}, expect: silent}
  - id: to-close
    when: school.closing
    say: "{school.name} is on its last year."
    examples:
      - {name: it is, given: {school.closing: true}, expect: fires}
      - {name: it stays, given: {school.closing: false}, expect: silent}
  - id: far
    when: candidate.metres > 10000
    say: "{candidate.metres} metres: ask how the pupil gets there."
    examples:
      - {name: far, given: {candidate.metres: 10001}, expect: fires}
      - {name: near, given: {candidate.metres: 10000}, expect: silent}
objectives:
"""
TOLD: Final = BOOK.replace("objectives:\n", NOTICES)


@pytest.fixture
def panel(tmp_path: Path) -> Panel:
    return founded(tmp_path, TOLD)


def test_what_is_said_of_cases_is_told_as_the_meeting_opens(panel: Panel) -> None:
    """R1 to R4 are in year 9, R6 in year 8: those of whom the same is said stand together."""
    said = panel("meeting", "open", "--date", MEETS, "--chair", "Okafor").out.splitlines()
    assert [line for line in said if line.startswith("Notice: ")] == [
        "Notice: R1, R2, R3 and R4: Year 9: ask what is being sat.",
        "Notice: R5: Year 11: ask what is being sat.",
    ]


def test_and_in_json(panel: Panel) -> None:
    opened = panel.json("meeting", "open", "--date", MEETS, "--chair", "Okafor")
    assert opened["notices"] == []
    assert opened["case_notices"][1] == {
        "rule": "exam-year", "say": "Year 11: ask what is being sat.", "referrals": ["R5"], "school": None,
    }  # fmt: skip


def test_what_is_said_of_schools_is_told_with_the_proposal(panel: Panel) -> None:
    """Of Dell, though nobody goes there, and once; R5 would be further than 10 km from Cedar too, and does not go there."""
    panel("meeting", "open", "--date", MEETS, "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    told = panel.json("allocate", "--dry-run")
    assert {row["referral"]: row["school"] for row in told["placements"]} == {"R1": ASHDOWN, "R2": CEDAR, "R6": BIRCH}
    assert [(one["rule"], one["referrals"], one["school"]) for one in told["notices"]] == [("to-close", [], DELL), ("far", ["R2"], CEDAR)]
    said = panel("allocate").out
    assert [" ".join(line.split()) for line in said.splitlines() if line.startswith("Notice: ")] == [
        f"Notice: Dell School ({DELL}): Dell School is on its last year.",
        f"Notice: R2 at Cedar High School ({CEDAR}): 10400 metres: ask how the pupil gets",
    ]


def notice(name: str, when: str, say: str, given: str, silent: str) -> str:
    examples = (
        f"      - {{name: it is so, given: {{{given}}}, expect: fires}}\n      - {{name: it is not, given: {{{silent}}}, expect: silent}}\n"
    )
    return f'  - id: {name}\n    when: {when}\n    say: "{say}"\n    examples:\n{examples}'


OF_ONE: Final = "notices:\n" + "".join((
    notice("way", "school.roll > 0", "{candidate.metres} metres to {school.name}.", "school.roll: 1", "school.roll: 0"),
    notice("autumn", "panel.month > 8", "Year {referral.year_group} in month {panel.month}.", "panel.month: 10", "panel.month: 1"),
))  # fmt: skip


def test_what_names_a_case_only_in_what_it_says_is_told_of_that_case_alone(tmp_path: Path) -> None:
    """A notice that goes by a school, or by the panel, and says a fact of a child: never as a school's, or as the panel's."""
    book = BOOK.replace("objectives:\n", f"{OF_ONE}objectives:\n")
    panel = founded(tmp_path, book)
    data = panel.json("meeting", "open", "--date", MEETS, "--chair", "Okafor")
    assert data["notices"] == []
    assert [(one["say"], one["referrals"]) for one in data["case_notices"]] == [
        ("Year 9 in month 10.", ["R1", "R2", "R3", "R4"]), ("Year 11 in month 10.", ["R5"]), ("Year 8 in month 10.", ["R6"]),
    ]  # fmt: skip
    panel("meeting", "draw", "--words", "heron")
    told = panel.json("allocate")["notices"]
    assert [(one["rule"], one["referrals"], one["school"]) for one in told] == [
        ("way", [name], urn) for name, urn in (("R1", ASHDOWN), ("R2", CEDAR), ("R6", BIRCH))
    ]
    assert "Year 9 in month 10." in " ".join(panel("explain", "R1").out.split())
