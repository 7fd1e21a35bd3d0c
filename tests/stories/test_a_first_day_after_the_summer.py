"""What is decided in July for September is counted in September: so July's meetings look at September's count before they decide."""

from __future__ import annotations

from pathlib import Path

import pytest

from panel.deciding.ahead import Then
from tests.running import Panel

BOOK = """\
rulebook: strand
edition: {from: 2026-09-01}
title: Strand partnership
authority: {instrument: Strand agreement (invented)}
counts:
  excluded_taken: {of: [placements], where: admission.after_exclusion, over: academic_year}
  taken: {of: [placements], over: academic_year}
limits:
  - id: one-excluded-a-year
    of: permanently_excluded
    per: school
    room: 1 - school.excluded_taken
    say: "{school.name} takes one excluded pupil a year, and may take {room} more."
    examples:
      - {name: none yet, given: {school.excluded_taken: 0}, expect: 1}
      - {name: one, given: {school.excluded_taken: 1}, expect: 0}
bars:
  - id: who-excluded
    when: candidate.excluded_from
    say: "{school.name} excluded the pupil."
    examples:
      - {name: it did, given: {candidate.excluded_from: true}, expect: fires}
      - {name: it did not, given: {candidate.excluded_from: false}, expect: silent}
objectives: [place, {quota: {count: taken, limit: 1}}, lottery]
"""
ALDER, BIRCH, CEDAR = "900001", "900002", "900003"
SCHOOLS = f"URN,EstablishmentName,PhaseOfEducation (name)\n{ALDER},Alder,Secondary\n{BIRCH},Birch,Secondary\n"
TERMS = "from,to\n2027-04-12,2027-07-21\n2027-09-02,2027-12-17\n"


def partnership(folder: Path, book: str = BOOK) -> Panel:
    panel = Panel(folder / "strand.db")
    panel("init", "--rulebook", str(panel.file("strand.yaml", book)))
    panel("load", "schools", str(panel.file("schools.csv", SCHOOLS)))
    panel("load", "terms", str(panel.file("terms.csv", TERMS)))
    return panel


def refer(panel: Panel, name: str, made_on: str, year_group: str = "8") -> None:
    """A pupil whom Alder excluded, so that only Birch is open."""
    case = ("--kind", "permanent_exclusion", "--year-group", year_group, "--made-on", made_on, "--excluded-by", ALDER)
    panel("refer", name, "--pupil", f"P{name[1:]}", *case)


def opened(panel: Panel, day: str) -> str:
    said = panel("meeting", "open", "--date", day, "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    panel("allocate")
    return " ".join((said.out + said.err).split())


def first_for_september(panel: Panel) -> None:
    refer(panel, "J1", "2027-07-01")
    assert "Decided already" not in opened(panel, "2027-07-08")
    panel("decide", "J1", "--confirm", "--starts", "2027-09-06")
    panel("meeting", "close")
    refer(panel, "J2", "2027-07-09")


def test_the_second_for_september_is_refused_by_september_s_count(tmp_path: Path) -> None:
    panel = partnership(tmp_path)
    first_for_september(panel)
    opening = opened(panel, "2027-07-15")
    said = "Decided already for a later academic year, and counted in that one: J1 at Birch (900002) from 2027-09-06."
    assert said in opening
    why = " ".join(panel.refused("decide", "J2", "--confirm", "--starts", "2027-09-06").split())
    assert why.startswith("J2: on 2027-09-06, with all that is decided for then, 900002 is closed by one-excluded-a-year.")
    # The panel may set it aside, with its reason, and that is what stands in the record.
    command = ("decide", "J2", "--school", BIRCH, "--starts", "2027-09-06", "--reason", "Birch asks for both")
    (decision,) = panel.json(*command)["decisions"]
    assert (decision["outcome"], decision["waived"]) == ("overridden", ["one-excluded-a-year"])
    panel("meeting", "close")
    assert panel.json("audit", "replay")["ok"] is True


def test_two_of_one_meeting_are_one_too_many_and_neither_is_recorded(tmp_path: Path) -> None:
    """In July Birch has had nobody this year; the book's limit lets only one of the two be proposed, so the other is sent there by hand."""
    panel = partnership(
        tmp_path, BOOK.replace("1 - school.excluded_taken", "2 - 2 * school.excluded_taken").replace("expect: 1", "expect: 2")
    )
    refer(panel, "J1", "2027-07-01")
    refer(panel, "J2", "2027-07-01")
    opened(panel, "2027-07-08")
    why = " ".join(panel.refused("decide", "J1", "J2", "--confirm", "--starts", "2027-09-06").split())
    assert why.startswith("J2: on 2027-09-06, with all that is decided for then, 900002 is closed by one-excluded-a-year.")
    assert why.endswith("Nothing was recorded, nor for J1: name again those that can be confirmed.")


def test_this_year_s_first_day_asks_nothing_of_next_year(tmp_path: Path) -> None:
    panel = partnership(tmp_path)
    first_for_september(panel)
    opened(panel, "2027-07-15")
    panel("decide", "J2", "--confirm", "--starts", "2027-07-19")
    panel("meeting", "close")
    assert panel.json("audit", "replay")["ok"] is True


def test_a_limit_that_nobody_may_set_aside_is_not_set_aside_for_september(tmp_path: Path) -> None:
    panel = partnership(tmp_path, BOOK.replace("    of: permanently_excluded\n", "    of: permanently_excluded\n    waivable: false\n"))
    first_for_september(panel)
    opened(panel, "2027-07-15")
    why = panel.refused("decide", "J2", "--school", BIRCH, "--starts", "2027-09-06", "--reason", "Birch asks for both")
    assert "one-excluded-a-year may not be waived" in why


def test_a_quota_is_told_and_refuses_nobody(tmp_path: Path) -> None:
    """Birch is to take one in a year: with J1 and J2 it has two of September's year."""
    panel = partnership(tmp_path, BOOK.replace("1 - school.excluded_taken", "9 - school.excluded_taken").replace("expect: 1", "expect: 9")
                        .replace("school.excluded_taken: 1}", "school.excluded_taken: 9}"))  # fmt: skip
    first_for_september(panel)
    opened(panel, "2027-07-15")
    said = panel("decide", "J2", "--confirm", "--starts", "2027-09-06")
    told = "J2: on 2027-09-06 Birch (900002) then has 2 of the count taken, beyond its quota of 1."
    assert told in " ".join((said.out + said.err).split())


def test_a_pupil_of_year_11_is_not_placed_for_the_next_year(tmp_path: Path) -> None:
    panel = partnership(tmp_path)
    refer(panel, "J1", "2027-07-01", "11")
    opened(panel, "2027-07-08")
    why = " ".join(panel.refused("decide", "J1", "--confirm", "--starts", "2027-09-06").split())
    assert why.startswith("J1: on 2027-09-06 the pupil has left year 11, the highest that this rulebook is for")
    panel("decide", "J1", "--confirm", "--starts", "2027-07-12")


def test_a_count_over_a_term_is_asked_in_the_term_of_the_first_day(tmp_path: Path) -> None:
    """Two in December for January: the autumn's count is not January's, and January's is full after the first."""
    book = BOOK.replace("where: admission.after_exclusion, over: academic_year", "where: admission.after_exclusion, over: term")
    panel = partnership(tmp_path, book)
    panel("load", "terms", str(panel.file("spring.csv", "from,to\n2028-01-04,2028-03-31\n")))
    for name, day in (("J1", "2027-12-02"), ("J2", "2027-12-09")):
        refer(panel, name, day)
        assert "Decided already" not in opened(panel, day)  # the same academic year
        if name == "J1":
            panel("decide", name, "--confirm", "--starts", "2028-01-04")
            panel("meeting", "close")
    assert "closed by one-excluded-a-year" in panel.refused("decide", "J2", "--confirm", "--starts", "2028-01-10")
    panel("decide", "J2", "--confirm", "--starts", "2027-12-13")
    panel("meeting", "close")
    assert panel.json("audit", "replay")["ok"] is True


def test_a_school_that_closes_in_the_summer_takes_nobody_in_september(tmp_path: Path) -> None:
    panel = partnership(tmp_path)
    panel("school", "close", BIRCH, "--on", "2027-08-31")
    refer(panel, "J1", "2027-07-01")
    opened(panel, "2027-07-08")
    why = " ".join(panel.refused("decide", "J1", "--confirm", "--starts", "2027-09-06").split())
    assert why.startswith("J1: on 2027-09-06 Birch (900002) can receive nobody.")


def test_whoever_wrote_it_in_without_asking_is_found_by_a_replay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    panel = partnership(tmp_path)
    first_for_september(panel)
    opened(panel, "2027-07-15")
    with monkeypatch.context() as careless:
        careless.setattr("panel.steps.meeting.in_the_way", lambda *_, **__: Then())
        panel("decide", "J2", "--confirm", "--starts", "2027-09-06")
    (found,) = panel.json("audit", "replay", code=1)["divergences"]
    assert (found["what"], found["recorded"]) == ("starts", "2027-09-06")
    assert found["replayed"] == "a first day on which it is not closed (one-excluded-a-year)"


@pytest.mark.parametrize(
    ("year_group", "closes", "said"),
    [
        ("11", False, "another: on 2027-09-06 the pupil has left year 11, the highest that this rulebook is for"),
        ("8", True, "another: on 2027-09-06 Birch (900002) can receive nobody."),
    ],
)
def test_and_so_is_a_first_day_that_can_never_be(
    year_group: str, closes: bool, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = partnership(tmp_path)
    if closes:
        panel("school", "close", BIRCH, "--on", "2027-08-31")
    refer(panel, "J1", "2027-07-01", year_group)
    opened(panel, "2027-07-08")
    with monkeypatch.context() as careless:
        careless.setattr("panel.steps.meeting.in_the_way", lambda *_, **__: Then())
        careless.setattr("panel.deciding.ahead.beyond_quota", lambda *_: ())
        panel("decide", "J1", "--confirm", "--starts", "2027-09-06")
    (found,) = panel.json("audit", "replay", code=1)["divergences"]
    assert (found["what"], found["recorded"]) == ("starts", "2027-09-06")
    assert found["replayed"].startswith(said)
