"""Editions that follow one another, and layers that change below a book."""

from __future__ import annotations

import datetime as dt
import textwrap
from pathlib import Path

import pytest

from panel.errors import Refused
from panel.state.adoption import adoptions, recorded, rulebook_of
from rules.errors import RulebookError
from rules.rulebook import Shelf, check, check_above, check_text, read_edition

HEAD = """\
rulebook: {name}
edition: {{from: {days}}}
title: {name}
authority: {{instrument: Agreement}}
"""
LATER = dt.date(2027, 3, 1)


def book(body: str = "", *, name: str = "local", days: str = "2026-09-01", objectives: str = "objectives: [place]") -> str:
    return HEAD.format(name=name, days=days) + textwrap.dedent(body) + objectives + "\n"


def law(body: str = "", *, days: str = "2026-01-01") -> str:
    return book("statutory: true\n" + textwrap.dedent(body), name="law", days=days, objectives="")


def shelf_of(*texts: str) -> Shelf:
    return Shelf.of((text, f"file {number}") for number, text in enumerate(texts, start=1))


def refused(text: str, *below: str) -> str:
    with pytest.raises(RulebookError) as caught:
        check_text(text, "local.yaml", shelf_of(*below))
    return str(caught.value)


# editions follow one another


def test_two_editions_on_one_shelf_each_on_its_days() -> None:
    shelf = shelf_of(book("settings: {x: 1}\n"), book("settings: {x: 2}\n", days="2027-03-01"))
    assert shelf.in_force("local", dt.date(2027, 2, 28)).settings["x"].value == 1
    assert shelf.in_force("local", LATER).settings["x"].value == 2
    assert [str(edition.edition) for edition in shelf.line("local")] == ["2026-09-01", "2027-03-01"]


def test_an_edition_may_end_of_itself() -> None:
    shelf = shelf_of(book(days="2026-09-01, until: 2027-02-28"))
    assert shelf.in_force("local", dt.date(2027, 2, 28)).name == "local"
    with pytest.raises(RulebookError, match="no edition of local is in force on 2027-03-01; the last ended on 2027-02-28"):
        shelf.in_force("local", LATER)


def test_an_edition_that_ends_the_day_before_the_next_is_neither_gap_nor_overlap() -> None:
    shelf = shelf_of(book(days="2026-09-01, until: 2027-02-28"), book("settings: {x: 2}\n", days="2027-03-01"))
    assert "x" in shelf.in_force("local", LATER).settings


@pytest.mark.parametrize(
    ("until", "words"),
    [
        (
            "2027-03-01",
            "found until 2027-03-01, while the next edition (file 2) begins on 2027-03-01; wanted until 2027-02-28, or no `until`.",
        ),
        ("2027-02-27", "From 2027-02-28 to 2027-02-28 no edition of local would be in force."),
        ("2026-12-31", "From 2027-01-01 to 2027-02-28 no edition of local would be in force."),
    ],
)
def test_overlaps_and_gaps_are_refused_with_their_dates(until: str, words: str) -> None:
    with pytest.raises(RulebookError) as caught:
        shelf_of(book(days=f"2026-09-01, until: {until}"), book(days="2027-03-01"))
    assert "the editions of local do not follow one another\n  file 1 line 2, edition, until: " in str(caught.value)
    assert words in str(caught.value)


def test_two_editions_of_one_day_are_refused() -> None:
    with pytest.raises(RulebookError, match="file 2 line 2, edition: found 2026-09-01, the day of file 1; wanted another day"):
        shelf_of(book(), book("settings: {x: 1}\n"))


def test_the_last_day_of_the_calendar_is_an_end_like_any_other() -> None:
    shelf = shelf_of(book(days="2026-09-01, until: 9999-12-31"))
    assert shelf.turns(shelf.editions[0]) == ()
    assert check(shelf.editions[0], shelf).name == "local"


# the layer below changes


def test_a_local_edition_spans_a_change_of_the_law_and_both_are_composed() -> None:
    days = "settings:\n  days: {value: %d, unit: school days, say: how long}\n"
    shelf = shelf_of(law(days % 20), law(days % 15, days="2027-03-01"), book("extends: law\n"))
    local = shelf.line("local")[0]
    assert shelf.turns(local) == (LATER,)
    assert check(local, shelf).settings["days"].value == 20
    assert [shelf.in_force("local", day).settings["days"].value for day in (dt.date(2027, 2, 28), LATER)] == [20, 15]


def test_what_the_second_law_forbids_is_refused_with_the_day_and_the_way_out() -> None:
    trial = "lifecycle: {managed_move: {trial: {weeks: 12, at_end: permanent, ends_as: [permanent, return]}}}\n"
    laws = (
        law("lifecycle: {managed_move: {placement: permanent}}\n"),
        law("lifecycle: {managed_move: {trial: never}}\n", days="2027-03-01"),
    )
    assert refused(book("extends: law\n" + trial), *laws) == (
        "local.yaml cannot be used from 2027-03-01 on, when a book below it changes. "
        "One that ends before that day says so: `edition: {from: 2026-09-01, until: 2027-02-28}`\n"
        "  local.yaml line 6, lifecycle, managed_move, trial: found less than the book below asks; wanted trial: never. "
        "A local book may be stricter than the book below it, never looser."
    )
    ended = check_text(book("extends: law\n" + trial, days="2026-09-01, until: 2027-02-28"), "local.yaml", shelf_of(*laws))
    assert ended.lifecycle["managed_move"]["trial"]["weeks"] == 12  # type: ignore[index]


def test_a_name_that_the_second_law_takes_is_told_with_its_day() -> None:
    notice = "notices:\n  - {id: exams, when: true, at: special, examples: [{name: x, expect: fires}]}\n"
    message = refused(book("extends: law\n" + notice), law(), law(notice, days="2027-03-01"))
    assert "local.yaml cannot be used from 2027-03-01 on" in message
    assert "local.yaml line 7, notices exams: found the id exams a second time" in message


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ("2026-03-01", "No edition of law is in force on 2025-09-01; the first begins on 2026-03-01"),
        ("2025-01-01, until: 2027-02-28", "No edition of law is in force on 2027-03-01; the last ended on 2027-02-28"),
    ],
)
def test_a_gap_below_is_refused_with_its_dates(days: str, words: str) -> None:
    assert words in refused(book("extends: law\n", days="2025-09-01"), law(days=days))


def test_a_second_edition_of_the_line_ends_what_the_first_must_answer_for() -> None:
    """The law changes after the first local edition has ended, so the first need not fit it."""
    notice = "notices:\n  - {id: exams, when: true, at: special, examples: [{name: x, expect: fires}]}\n"
    later = book("extends: law\n", days="2027-01-01")
    shelf = shelf_of(law(), law(notice, days="2027-03-01"), later)
    assert check_text(book("extends: law\n" + notice), "local.yaml", shelf).name == "local"


def test_a_new_law_is_checked_with_the_books_that_stand_on_it() -> None:
    notice = "notices:\n  - {id: exams, when: true, at: special, examples: [{name: x, expect: fires}]}\n"
    new = read_edition(law(notice, days="2027-03-01"), "new law")
    middle = book("extends: law\n", name="area")
    shelf = shelf_of(law(), middle, book("extends: area\n" + notice)).with_edition(new)
    with pytest.raises(RulebookError, match="cannot be used from 2027-03-01 on"):
        check_above(new, shelf)
    check_above(new, shelf_of(law(), middle, book("extends: area\n")).with_edition(new))


def test_adopting_a_law_that_breaks_the_panels_book_is_refused(tmp_path: Path) -> None:
    notice = "notices:\n  - {id: exams, when: true, at: special, examples: [{name: x, expect: fires}]}\n"
    held = [recorded(edition) for edition in shelf_of(law(), book("extends: law\n" + notice)).editions]
    new = tmp_path / "law-2027.yaml"
    new.write_text(law(notice, days="2027-03-01"), encoding="utf-8")
    with pytest.raises(RulebookError, match="cannot be used from 2027-03-01 on"):
        adoptions(new, held)
    new.write_text(law(days="2027-03-01"), encoding="utf-8")
    (adopted,) = adoptions(new, held)
    assert (adopted.name, adopted.edition) == ("law", LATER)


def test_the_second_edition_of_a_panels_book_is_adopted_beside_the_first(tmp_path: Path) -> None:
    held = [recorded(edition) for edition in shelf_of(book()).editions]
    new = tmp_path / "local-2027.yaml"
    new.write_text(book("settings: {x: 2}\n", days="2027-03-01"), encoding="utf-8")
    (adopted,) = adoptions(new, held)
    assert str(adopted.edition) == "2027-03-01"
    with pytest.raises(Refused, match="adopted already, word for word"):
        adoptions(new, [*held, recorded(adopted)])
    new.write_text(book("settings: {x: 3}\n"), encoding="utf-8")
    with pytest.raises(RulebookError, match="the editions of local do not follow one another"):
        adoptions(new, held)


def test_a_book_is_named_by_line_and_day() -> None:
    held = [recorded(edition) for edition in shelf_of(book("settings: {x: 1}\n"), book("settings: {x: 2}\n", days="2027-03-01")).editions]
    assert rulebook_of("local", adopted=held).settings["x"].value == 2
    assert rulebook_of("local", dt.date(2027, 2, 28), held).settings["x"].value == 1
    assert rulebook_of("england", dt.date(2025, 9, 1)).edition == dt.date(2021, 9, 1)
    with pytest.raises(RulebookError, match="no edition of england is in force on 1999-01-01; the first begins on 2021-09-01"):
        rulebook_of("england", dt.date(1999, 1, 1))
