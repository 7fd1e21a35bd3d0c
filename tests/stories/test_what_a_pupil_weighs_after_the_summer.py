"""A pupil of year 9 weighs 1 and one of year 10 weighs 5: who is decided in July for September is weighed as September's pupil.

Birch has room for six points, counted over whichever span. J1 and J2 are of year 9 in July 2027 and of year 10 in September.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.running import Panel
from tests.stories.test_a_first_day_after_the_summer import BIRCH, BOOK, opened, partnership, refer

OLD_LIMIT = BOOK[BOOK.index("limits:\n") : BOOK.index("bars:\n")]
TARIFF = """\
tariff:
  - id: year-ten
    points: 5
    when: admission.year_group == 10
    examples:
      - {name: year 10, given: {admission.year_group: 10}, expect: fires}
      - {name: year 9, given: {admission.year_group: 9}, expect: silent}
  - {id: anybody, points: 1, when: true, examples: [{name: any, given: {}, expect: fires}]}
counts:
"""
LIMIT = """\
limits:
  - id: six-points
    per: school
    weigh: points
    room: 6 - school.points
    say: "{school.name} has room for {room} points."
    examples:
      - {name: full, given: {school.points: 6}, expect: 0}
      - {name: one, given: {school.points: 1}, expect: 5}
"""
BAR = """\
  - id: too-heavy
    when: referral.points > 4
    say: Nobody of more than four points.
    examples:
      - {name: five, given: {referral.points: 5}, expect: fires}
      - {name: one, given: {referral.points: 1}, expect: silent}
objectives:"""


def book(over: str, tariff: str = TARIFF) -> str:
    text = BOOK.replace(OLD_LIMIT, LIMIT).replace("counts:\n", f"{tariff}  points: {{of: placements, over: {over}, weigh: points}}\n", 1)
    return text.replace("{count: taken, limit: 1}", "{count: taken, limit: 9}")


def in_july(folder: Path, text: str, *pupils: str) -> Panel:
    panel = partnership(folder, text)
    for name in pupils:
        refer(panel, name, "2027-07-01", "9")
    opened(panel, "2027-07-08")
    return panel


@pytest.mark.parametrize("over", ["at_present", "for_ever", "academic_year"])
def test_the_second_weighs_more_than_september_leaves(over: str, tmp_path: Path) -> None:
    """In July both have room, 1 and 1 of six; on 6 September J1 takes five, and J2 would take five of the one that is left."""
    panel = in_july(tmp_path, book(over), "J1", "J2")
    panel("decide", "J1", "--confirm", "--starts", "2027-09-06")
    why = " ".join(panel.refused("decide", "J2", "--confirm", "--starts", "2027-09-06").split())
    assert why.startswith("J2: on 2027-09-06, with all that is decided for then, 900002 is closed by six-points.")
    command = ("decide", "J2", "--school", BIRCH, "--starts", "2027-09-06", "--reason", "Birch asks for both")
    (decision,) = panel.json(*command)["decisions"]
    assert decision["waived"] == ["six-points"]
    panel("meeting", "close")
    assert panel.json("audit", "replay")["ok"] is True


def test_one_who_is_of_year_10_alone_has_room_and_two_of_this_year_have(tmp_path: Path) -> None:
    panel = in_july(tmp_path, book("at_present"), "J1", "J2")
    panel("decide", "J1", "J2", "--confirm", "--starts", "2027-07-12")
    panel("meeting", "close")
    assert panel.json("audit", "replay")["ok"] is True


def test_a_bar_by_what_the_pupil_weighs_is_asked_as_of_that_day(tmp_path: Path) -> None:
    panel = in_july(tmp_path, book("for_ever").replace("objectives:", BAR), "J1")
    assert "closed by too-heavy" in panel.refused("decide", "J1", "--confirm", "--starts", "2027-09-06")
    panel("decide", "J1", "--confirm", "--starts", "2027-07-12")


def test_days_out_of_education_weigh_as_of_the_decision(tmp_path: Path) -> None:
    """Out of education since 25 June: 13 days in July, as the record will have it, and not the 73 of September."""
    long = TARIFF.replace("admission.year_group == 10", "admission.days_out_of_education is known and admission.days_out_of_education > 60")
    long = long.replace("admission.year_group: 10", "admission.days_out_of_education: 61")
    long = long.replace("admission.year_group: 9", "admission.days_out_of_education: 60").replace("points: 5", "points: 7")
    panel = partnership(tmp_path, book("at_present", long).replace("objectives:", BAR))
    case = ("--kind", "permanent_exclusion", "--year-group", "9", "--made-on", "2027-07-01", "--excluded-by", "900001")
    panel("refer", "J1", "--pupil", "P1", *case, "--out-of-education-since", "2027-06-25")
    opened(panel, "2027-07-08")
    panel("decide", "J1", "--confirm", "--starts", "2027-09-06")
    panel("meeting", "close")
    assert panel.json("audit", "replay")["ok"] is True
    (birch,) = [row for row in panel.json("position", "--as-of", "2027-09-06")["schools"] if row["school"] == BIRCH]
    assert birch["counts"]["points"] == 1


def test_what_nobody_has_said_of_a_pupil_of_year_10_is_not_guessed(tmp_path: Path) -> None:
    """Of year 9 the line asks nothing more; of year 10 it asks the attendance, which nobody has said."""
    asks = TARIFF.replace("== 10\n", "== 10 and admission.attendance < 850\n")
    asks = asks.replace("admission.year_group: 10}", "admission.year_group: 10, admission.attendance: 800}")
    panel = in_july(tmp_path, book("at_present", asks), "J1")
    assert "closed by six-points" in panel.refused("decide", "J1", "--confirm", "--starts", "2027-09-06")
    panel("decide", "J1", "--confirm", "--starts", "2027-07-12")


def test_a_quota_in_points_is_told(tmp_path: Path) -> None:
    """A quota of four points: J1 is 1 in July and 5 in September."""
    text = book("for_ever").replace("{count: taken, limit: 9}", "{count: points, limit: 4}")
    panel = in_july(tmp_path, text, "J1")
    said = panel("decide", "J1", "--confirm", "--starts", "2027-09-06")
    told = "J1: on 2027-09-06 Birch (900002) then has 5 of the count points, beyond its quota of 4."
    assert told in " ".join((said.out + said.err).split())
