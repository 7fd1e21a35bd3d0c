"""A book says how long a vote may exempt a school at the longest: `meeting: {exemption: 12 weeks}`.

The first day counts: 12 weeks from Thursday 1 October 2026 end on Wednesday 23 December. Of school days the half-term is left
out: 20 from 1 October are 17 until Friday 23 October and 2, 3 and 4 November.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.errors import RulebookError
from rules.rulebook import Shelf, check_text
from tests.running import BIRCH, BOOK, SCHOOLS, TERMS, Panel, pastoral

FIRST = ("--from", "2026-10-01", "--reason", "three arrivals at once")
BY = "which harbour of 2026-09-01 lets a vote exempt a school at the longest"


def panel_with(folder: Path, length: str, *, terms: bool = True) -> Panel:
    panel = Panel(folder / "harbour.db")
    meeting = f"meeting: {{exemption: {length}}}\n" if length else ""
    panel("init", "--rulebook", str(panel.file("harbour.yaml", BOOK + meeting)))
    panel("load", "schools", str(panel.file("schools.csv", SCHOOLS)))
    if terms:
        panel("load", "terms", str(panel.file("terms.csv", TERMS)))
    return panel


@pytest.mark.parametrize(
    ("length", "last", "after"),
    [
        ("12 weeks", "2026-12-23", "2026-12-24"),
        ("84 calendar days", "2026-12-23", "2026-12-24"),
        ("20 school days", "2026-11-04", "2026-11-05"),
        ("1 calendar day", "2026-10-01", "2026-10-02"),
    ],
)
def test_a_longer_one_is_refused_with_the_last_day(tmp_path: Path, length: str, last: str, after: str) -> None:
    panel = panel_with(tmp_path, length)
    assert panel.refused("exempt", BIRCH, *FIRST, "--until", after) == (
        f"--until: found {after}; wanted {last} at the latest, the last of {length} from 2026-10-01, {BY}. A new vote may follow it.\n"
    )
    assert panel("exempt", BIRCH, *FIRST, "--until", last).out == f"{BIRCH}: exempt from 2026-10-01 to {last}.\n"


def test_a_book_that_says_nothing_lets_it_be_as_long_as_the_panel_likes(tmp_path: Path) -> None:
    said = panel_with(tmp_path, "")("exempt", BIRCH, *FIRST, "--until", "2027-07-21")
    assert said.out == f"{BIRCH}: exempt from 2026-10-01 to 2027-07-21.\n"


def test_school_days_want_the_terms(tmp_path: Path) -> None:
    panel = panel_with(tmp_path, "20 school days", terms=False)
    assert panel.refused("exempt", BIRCH, *FIRST, "--until", "2026-10-05") == (
        f"--until: found 2026-10-05; wanted the last of 20 school days from 2026-10-01, {BY}, at the latest: that cannot be told. "
        "Load the terms: `pastoral load terms FILE`.\n"
    )


def test_nor_is_it_made_longer_by_a_correction(tmp_path: Path) -> None:
    panel = panel_with(tmp_path, "12 weeks")
    panel("exempt", BIRCH, *FIRST, "--until", "2026-12-18")
    entry = str(panel.entries())
    said = panel.refused("correct", "--entry", entry, "--set", "until=2027-01-08", "--reason", "x")
    assert said.startswith("until: found 2027-01-08; wanted 2026-12-23 at the latest")
    panel("correct", "--entry", entry, "--set", "until=2026-12-23", "--reason", "x")


HEAD = "rulebook: {name}\nedition: {{from: 2026-09-01}}\ntitle: t\nauthority: {{instrument: i}}\nobjectives: [place]\n"
COUNTY = HEAD.format(name="county") + "meeting: {exemption: 12 weeks}\n"


@pytest.mark.parametrize(
    ("length", "stands"), [("12 weeks", True), ("60 calendar days", True), ("13 weeks", False), ("50 school days", False)]
)
def test_a_book_above_may_only_make_it_shorter(length: str, stands: bool) -> None:
    """Whether 50 school days are within 12 weeks is for the holidays: that is not sure."""
    text = HEAD.format(name="area") + f"extends: county\nmeeting: {{exemption: {length}}}\n"
    shelf = Shelf.of([(COUNTY, "county.yaml")])
    if stands:
        assert check_text(text, "area.yaml", shelf).meeting["exemption"] == length
        return
    with pytest.raises(RulebookError, match="found less than the book below asks; wanted at most 12 weeks"):
        check_text(text, "area.yaml", shelf)


def test_it_is_shown(tmp_path: Path) -> None:
    book = tmp_path / "county.yaml"
    book.write_text(COUNTY, encoding="utf-8")
    said = " ".join(pastoral("rules", "show", str(book)).out.split())
    assert "exemption 12 weeks" in said
