"""A recorded book derived something under a name that has since become a fact's: it means what it meant, and freezes what it froze."""

from __future__ import annotations

from pathlib import Path

import pytest

from panel.record.ledger import Ledger
from panel.state.fold import fold
from panel.steps.office import read_entries
from tests.courses import clean
from tests.running import ASHDOWN, BOOK, CEDAR, DELL, SCHOOLS, pastoral, url
from tests.stories.test_what_a_book_leaves_open import as_it_was_before, loaded


@pytest.mark.parametrize(
    ("fact", "is_", "fires", "silent"),
    [
        ("referral.earlier_managed_moves", "referral.year_group - 7", "referral.year_group: 11", "referral.year_group: 9"),
        ("referral.deferred_times", "referral.year_group - 7", "referral.year_group: 11", "referral.year_group: 9"),
        ("candidate.days_since_attended", "candidate.metres // 10000", "candidate.metres: 40000", "candidate.metres: 3000"),
        ("school.refusals", "school.permanent_exclusions", "school.permanent_exclusions: 4", "school.permanent_exclusions: 3"),
    ],
)
def test_it_goes_on_as_it_was(tmp_path: Path, fact: str, is_: str, fires: str, silent: str) -> None:
    section = "holds:\n" if fact.startswith("referral") else "bars:\n"
    shown = f"{{name: a, given: {{{fires}}}, expect: fires}}, {{name: b, given: {{{silent}}}, expect: silent}}"
    rule = f"{section}  - {{id: own, when: {fact} > 3, examples: [{shown}]}}\n"
    derive = f"derive:\n  - {{id: own-name, fact: {fact}, is: {is_}}}\nlimits:\n"
    book = BOOK.replace(section, rule).replace("limits:\n", derive, 1)
    path = tmp_path / "new.yaml"
    path.write_text(book, encoding="utf-8")
    assert f"found {fact}, which exists already; wanted a new name" in pastoral("rules", "check", str(path)).err
    with as_it_was_before():
        panel = loaded(tmp_path, book)
    panel("meeting", "open", "--date", "2026-10-22", "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    held = [row["referral"] for row in panel.json("allocate")["held"]]
    assert ("R5" in held) is fact.startswith("referral")  # the one of year 11
    with Ledger.open(url(panel.ledger)) as ledger:
        opened = fold(read_entries(ledger.entries())).meetings[-1].opened
    rows = [row for case in opened.cases.values() for row in (case["facts"], *case["candidates"].values())]
    assert all(fact not in row for row in (*rows, *(opened.shared or {})["schools"].values()))
    clean(panel)


@pytest.mark.parametrize(
    ("name", "unit", "above", "shown", "cells"),
    [
        ("rota_place", "", "", ("true", "false"), ("yes", "no", "no", "no")),
        ("share_weight", "", "", ("true", "false"), ("yes", "no", "no", "no")),
        ("federation", "", "", ("true", "false"), ("yes", "no", "no", "no")),
        ("rota_place", ", unit: per mille", " > 350", ("351", "350"), ("900", "0", "1", "350")),
    ],
)
def test_what_it_asks_of_schools_is_still_read(
    tmp_path: Path, name: str, unit: str, above: str, shown: tuple[str, str], cells: tuple[str, ...]
) -> None:
    """A column of that name is now the program's too; the book's own meaning goes on, and its file is loaded. Only Ashdown is barred."""
    fact = f"school.{name}"
    examples = f"{{name: a, given: {{{fact}: {shown[0]}}}, expect: fires}}, {{name: b, given: {{{fact}: {shown[1]}}}, expect: silent}}"
    rule = f"bars:\n  - {{id: own, when: {fact}{above}, say: own, examples: [{examples}]}}\n"
    book = BOOK.replace("bars:\n", f"school_facts:\n  {name}: {{say: what we ask{unit}}}\n{rule}")
    with as_it_was_before():
        panel = loaded(tmp_path, book)
    header, *rows = SCHOOLS.splitlines()
    file = "\n".join((f"{header},{name}", *(f"{row},{cell}" for row, cell in zip(rows, cells, strict=True)), ""))
    panel("load", "schools", str(panel.file("asked.csv", file)))
    assert "0 entries recorded" in panel("load", "schools", str(panel.file("asked.csv", file))).out
    panel("meeting", "open", "--date", "2026-10-22", "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron")
    panel("allocate")
    told = {urn: panel.json("explain", "R1", "--why-not", urn)["why_not"]["bars"] for urn in (ASHDOWN, CEDAR, DELL)}
    assert {urn: "own" in bars for urn, bars in told.items()} == {ASHDOWN: True, CEDAR: False, DELL: False}
    clean(panel)
