"""What somebody who writes a protocol and sits with a panel is told: what to do, nothing cut, and no more than is so."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import pytest
from rich.console import Console

from panel.commands.allocation import _worth
from panel.facts.counts import _unsure
from panel.facts.doubts import told as told_of
from panel.facts.remedies import CORRECT, SOURCES, remedies, source_of
from panel.state.records import Admission, State
from rules.facts import FACTS
from tests.running import ASHDOWN, BOOK, CEDAR, harbour, pastoral
from tests.test_counts import day


def told(out: str) -> str:
    """The words of an output, without its line ends."""
    return " ".join(out.split())


# --- what is missing, and where it is told ---


def test_every_fact_that_may_be_unknown_has_a_source() -> None:
    unknown = [fact.name for fact in FACTS if fact.optional]
    assert all(source_of(name) for name in unknown)
    assert SOURCES.keys() <= set(unknown)


def test_what_a_file_tells_is_not_asked_of_a_referral() -> None:
    minutes = remedies(["candidate.minutes", "candidate.minutes"])
    assert minutes[0] == "candidate.minutes is told by a file of journeys (`pastoral load journeys`), column minutes."
    assert len(minutes) == 2
    assert all(CORRECT not in line for line in minutes)
    ehcp = remedies(["referral.ehcp"])
    assert ehcp[:2] == ("referral.ehcp is told by the referral's column ehcp.", f"{CORRECT}.")
    assert ehcp[2:] == ("What is recorded now counts from the next opening of a meeting: an open one goes by what it froze.",)
    assert remedies(["school.load"]) == ()


def test_explain_names_the_file_and_the_column(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "loaded")
    book = BOOK.replace("candidate.metres", "candidate.minutes").replace("unit: metres", "unit: minutes")
    panel.file("minutes.yaml", book.replace("20000", "75").replace("20001", "76"))
    ledger = tmp_path / "minutes.db"
    for step in (
        f"init --rulebook {tmp_path / 'minutes.yaml'}",
        *(f"load {what} {tmp_path / what}.csv" for what in ("schools", "places", "terms", "referrals")),
        "meeting open --date 2026-10-22 --chair Okafor",
    ):
        said = pastoral(*step.split(), ledger=ledger)
        assert said.code == 0, said
    out = told(pastoral("explain", "R1", ledger=ledger).out)
    assert "candidate.minutes is told by a file of journeys (`pastoral load journeys`), column minutes." in out
    assert "pastoral correct" not in out
    out = told(pastoral("explain", "R3", ledger=ledger).out)
    assert "referral.ehcp is told by the referral's column ehcp." in out
    assert "added to it with `pastoral correct REFERRAL --set COLUMN=VALUE --reason TEXT`" in out


def test_the_part_of_the_book_that_reads_the_fact_is_named() -> None:
    outside = Admission("P1", ASHDOWN, day("10-01"), 9, by_panel=False, kind="outside", permanently_excluded=False)
    (fault,) = told_of([_unsure("count points, tariff full", "tariff line's `when`", outside, ("admission.over_number",))], State())
    assert fault.advice == (
        "Record it (the column over_number of admissions: `pastoral correct --entry N --set over_number=VALUE --reason TEXT`, "
        "N being the entry of its row), or let the tariff line's `when` say what an unknown means (`is known`)."
    )


# --- the panel's word ---


def test_confirming_names_everybody_who_stops_it_and_records_nothing(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "proposed")
    said = panel.refused("decide", "R1", "R3", "R5", "R2", "--confirm")
    assert "R3 was held in the proposal" in said
    assert "R5 was left unplaced in the proposal" in said
    assert said.endswith("Nothing was recorded, nor for R1, R2: name again those that can be confirmed.\n")
    assert panel.refused("decide", "R3", "R5", "--confirm").endswith("Nothing was recorded.\n")


def test_a_withdrawal_without_a_reason_is_a_usage_error(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "loaded")
    assert "--reason: found nothing; wanted the reason in words." in panel("withdraw", "R1", "--on", "2026-10-05", code=2).err


def test_a_book_without_a_name_is_a_usage_error_and_the_other_book_is_told(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "proposed")
    assert "--rulebook: found ''; wanted a file" in panel("whatif", "--rulebook", "", code=2).err
    other = panel.file("other.yaml", BOOK.replace("  - journey\n", ""))
    asked = panel.json("whatif", "--rulebook", str(other))["asked"]["rulebook"]
    assert (asked["name"], asked["edition"]) == ("harbour", "2026-09-01")
    assert panel.json("whatif", "--without", CEDAR)["asked"]["rulebook"] is None


# --- 80 columns ---


def test_no_number_is_cut_in_a_proposal(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "proposed")
    values = {one["name"]: one["value"] for one in panel.json("allocate", "--dry-run", "--again")["objectives"]}
    out = panel("allocate", "--dry-run", "--again").out
    line = next(line for line in out.splitlines() if line.startswith("journey: metres travelled"))
    assert line.split()[-1] == str(values["journey"])
    assert "\u2026" not in out


def test_words_give_way_before_a_number_does() -> None:
    names = {"journey": 2_103_456_789, "share": ["20/900", "4/300"], "quota": {"excess": 12, "by_school": [1234567] * 9}}
    whom = "permanent exclusions, reintegration, fair_access and off_site_direction"
    data = {"objectives": [{"name": name, "of": whom, "value": value} for name, value in names.items()]}
    problem = SimpleNamespace(objectives=[SimpleNamespace(weights=())] * len(names))
    with mock.patch("panel.placing.problem.in_points", return_value=False):
        page = _worth(data, problem)  # type: ignore[arg-type]
    out = io.StringIO()
    Console(file=out, width=80).print(page)
    words = out.getvalue().replace(",", " ").replace(")", " ").split()
    assert "2103456789" in words
    assert words.count("1234567") == 9
    assert {"20/900", "4/300", "12"} <= set(words)
    assert all(len(line) <= 80 for line in out.getvalue().splitlines())


def test_position_says_only_what_its_columns_are(tmp_path: Path) -> None:
    out = harbour(tmp_path, "closed")("position").out
    assert "load: pupils taken that count. rate: load per 1,000" in out
    assert "left:" not in out
    assert "left" not in out.splitlines()[1].split()
    assert "target" not in out


# --- a book, read and checked ---


def test_a_bar_is_shown_with_its_threshold(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "loaded")
    out = panel("rules", "show", str(tmp_path / "harbour.yaml"), "--format", "markdown").out
    assert "When candidate.metres > settings.furthest (20,000 metres)." in out
    assert "When referral.ehcp." in out


def test_a_quorum_is_told_in_words_and_headings_are_whole(tmp_path: Path) -> None:
    path = tmp_path / "book.yaml"
    path.write_text(BOOK + "meeting: {quorum: two_thirds}\n", encoding="utf-8")
    out = pastoral("rules", "show", str(path)).out
    assert "two thirds of the schools" in out
    assert "two_thirds" not in out
    heading = next(line for line in out.splitlines() if line.startswith("rule") and "how many more" in line)
    assert heading.split()[-1] == "waivable"


def test_what_nothing_uses_is_a_remark_and_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "book.yaml"
    idle = "  idle: {value: 3, unit: pupils}\n  pounds: {value: 5, unit: pence a year}\ncounts:\n  lonely: {of: placements, over: term}\n"
    charge = (
        "charges:\n  - {id: bus, pence: settings.pounds, when: candidate.metres > 9, examples: ["
        "{name: far, given: {candidate.metres: 10}, expect: fires}, {name: near, given: {candidate.metres: 9}, expect: silent}]}\n"
    )
    path.write_text(BOOK.replace("counts:\n", idle).replace("objectives:\n", f"{charge}objectives:\n"), encoding="utf-8")
    said = pastoral("rules", "check", str(path), "--json")
    assert said.code == 0
    assert [one["about"] for one in said.json["remarks"]] == ["count lonely", "setting idle", "limit year-group-full", "charges"]
    assert "Remark: setting idle: nothing names it." in pastoral("rules", "check", str(path)).out
    assert pastoral("rules", "check", "shire11", "--json").json["remarks"] == []


def test_a_count_can_be_explained() -> None:
    said = pastoral("rules", "explain", "load", "--book", "shire11")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("load: a count of shire11, line ")
    assert "What goes by it: objective share" in said.out
    assert pastoral("rules", "explain", "load", "--book", "shire11", "--json").json["kind"] == "count"
    assert "Did you mean `load`?" in pastoral("rules", "explain", "loda", "--book", "shire11").err


TRIALS = """\
rulebook: x
edition: {from: 2026-09-01}
title: t
authority: {instrument: i}
objectives: [place]
extends: england
lifecycle:
  managed_move: {trial: {weeks: 12REST}}
"""


@pytest.mark.parametrize("rest", ["", ", at_end: permanent, ends_as: [permanent, return]"])
def test_a_trial_is_told_from_when_there_is_none(rest: str, tmp_path: Path) -> None:
    path = tmp_path / "book.yaml"
    path.write_text(TRIALS.replace("REST", rest), encoding="utf-8")
    said = pastoral("rules", "check", str(path))
    assert said.code == 3
    assert "from 26 July 2026 a managed move is permanent at once" in said.err
    assert "`edition: {from: ..., until: 2026-07-25}`" in said.err


def test_a_clock_ends_with_either_of_two_events_and_with_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "book.yaml"
    clock = BOOK + "clocks:\n  - {id: a, from: referral.made, until: [decision.taken, decision.declined], within: 5 weeks}\n"
    path.write_text(clock)
    assert pastoral("rules", "check", str(path)).code == 0
    path.write_text(clock.replace("[decision.taken, decision.declined]", "{either: decision.taken}"))
    said = pastoral("rules", "check", str(path))
    assert said.code == 3
    assert "wanted an event of docs/facts.md, or a list of them" in said.err


def test_a_school_that_is_not_there_is_told_with_what_to_do(tmp_path: Path) -> None:
    said = harbour(tmp_path, "loaded").refused("exempt", "999999", "--from", "2026-10-01", "--until", "2026-10-02", "--reason", "x")
    assert said.endswith("`pastoral position` lists the schools; another one comes in with `pastoral load schools FILE`.\n")
