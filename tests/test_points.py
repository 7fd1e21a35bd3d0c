"""What an admission weighs by a tariff: the largest line that fits, or all of them added; worked by hand."""

from __future__ import annotations

import datetime as dt
from itertools import product
from typing import Final

import pytest

from rules.errors import RulebookError
from rules.evaluate import Evaluation
from rules.facts import Value
from rules.rulebook import Shelf, check_text
from tests.benchmarks.fuzz_tariffs import compare

ON: Final = dt.date(2026, 10, 22)
HEAD: Final = "rulebook: sheet\nedition: {from: 2026-09-01}\ntitle: A sheet\nauthority: {instrument: Nobody}\n"
FITS: Final = {
    "excluded": (3, "admission.after_exclusion", "admission.after_exclusion: true", "admission.after_exclusion: false"),
    "eleven": (1, "admission.year_group == 11", "admission.year_group: 11", "admission.year_group: 10"),
    "attendance": (1, "admission.attendance < 850", "admission.attendance: 849", "admission.attendance: 850"),
    "suspended": (2, "admission.suspended_days >= 15", "admission.suspended_days: 15", "admission.suspended_days: 14"),
    "provision": (4, "admission.from_alternative_provision", "admission.from_alternative_provision: true",
                  "admission.from_alternative_provision: false"),
    "out": (5, "admission.days_out_of_education > 20", "admission.days_out_of_education: 21", "admission.days_out_of_education: 20"),
    "record": (6, "admission.persistent_disruptive_behaviour", "admission.persistent_disruptive_behaviour: true",
               "admission.persistent_disruptive_behaviour: false"),
}  # fmt: skip
"""Line -> its points, when it fits, and an example of each."""
REST: Final = "counts: {points: {of: [placements, outside_admissions], over: academic_year, weigh: points}}\nobjectives: [place]\n"


def line(name: str, points: int | None = None) -> str:
    worth, when, fires, silent = FITS[name]
    return (
        f"  - id: {name}\n    points: {worth if points is None else points}\n    when: {when}\n    examples:\n"
        f"      - {{name: it does, given: {{{fires}}}, expect: fires}}\n"
        f"      - {{name: it does not, given: {{{silent}}}, expect: silent}}\n"
    )


def sheet(how: str = "", lines: str = "".join(map(line, FITS))) -> str:
    return f"{HEAD}{how}tariff:\n{lines}{REST}"


def evaluation(text: str) -> Evaluation:
    return Evaluation(check_text(text, "sheet.yaml", Shelf.of([])))


def admission(fits: tuple[bool, ...]) -> dict[str, Value]:
    """An admission that each line fits or not, in the order of the sheet."""
    excluded, eleven, attendance, suspended, provision, out, record = fits
    return {
        "admission.by_panel": True, "admission.kind": "fair_access", "admission.after_exclusion": excluded,
        "admission.year_group": 11 if eleven else 10, "admission.attendance": 849 if attendance else 850,
        "admission.suspended_days": 15 if suspended else 14, "admission.from_alternative_provision": provision,
        "admission.days_out_of_education": 21 if out else 20, "admission.persistent_disruptive_behaviour": record,
    }  # fmt: skip


@pytest.mark.parametrize(("how", "several"), [("points: added\n", sum), ("points: largest\n", max), ("", max)])
def test_every_set_of_lines_that_fit(how: str, several: object) -> None:
    read = evaluation(sheet(how)).admission
    worth = [points for points, *_ in FITS.values()]
    for fits in product((False, True), repeat=len(FITS)):
        fired = [points for points, one in zip(worth, fits, strict=True) if one]
        reading = read(admission(fits))
        assert reading.points == (several(fired) if fired else 0), fits  # type: ignore[operator]
        assert reading.lines == tuple(name for name, one in zip(FITS, fits, strict=True) if one)


def test_what_is_unknown_is_named_and_left_out() -> None:
    """Excluded, in year 11, and nobody knows the attendance: 3 and 1, and that the line on attendance cannot tell."""
    known = admission((True, True, False, False, False, False, False))
    reading = evaluation(sheet("points: added\n")).admission({name: value for name, value in known.items() if "attendance" not in name})
    assert reading.points == 4
    assert [(one.rule, one.missing) for one in reading.cannot_tell] == [("attendance", ("admission.attendance",))]


def test_the_heaviest_that_anybody_can_be() -> None:
    """3 + 1 + 1 + 2 + 4 + 5 + 6; and the largest of them."""
    assert check_text(sheet("points: added\n"), "a.yaml", Shelf.of([])).heaviest == 22
    assert check_text(sheet(), "a.yaml", Shelf.of([])).heaviest == 6


def test_lines_that_are_added_come_to_a_thousand_at_most() -> None:
    lines = line("excluded", 600) + line("eleven", 400)
    assert evaluation(sheet("points: added\n", lines)).admission(admission((True, True, *[False] * 5))).points == 1000
    too_much = line("excluded", 600) + line("eleven", 401)
    with pytest.raises(RulebookError, match="found lines that are added and come to 1001 points together; wanted 1000 at most"):
        check_text(sheet("points: added\n", too_much), "a.yaml", Shelf.of([]))
    assert check_text(sheet("", too_much), "a.yaml", Shelf.of([])).heaviest == 600


LOCAL: Final = HEAD.replace("sheet", "local", 1) + "extends: sheet\n"


@pytest.mark.parametrize(
    ("below", "above", "found"),
    [
        ("", "points: added\n", "found points: added; wanted points: largest, as in sheet"),
        ("points: added\n", "points: largest\n", "found points: largest; wanted points: added, as in sheet"),
        ("points: added\n", "", ""),
        ("points: added\n", "points: added\n", ""),
    ],
)
def test_a_book_above_reads_the_lines_as_the_book_below(below: str, above: str, found: str) -> None:
    shelf = Shelf.of([(sheet(below, line("excluded")), "sheet.yaml")])
    text = f"{LOCAL}{above}tariff:\n{line('eleven')}objectives: [place]\n"
    if found:
        with pytest.raises(RulebookError) as caught:
            check_text(text, "local.yaml", shelf)
        assert found in str(caught.value)
        assert len(caught.value.faults) == 1
    else:
        assert check_text(text, "local.yaml", shelf).weight(["excluded", "eleven"]) == 4


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ("referral.attendance < 850", "Write admission.attendance. "),
        ("referral.permanently_excluded", "Write admission.after_exclusion. "),
        ("referral.ehcp", "What a pupil weighs goes by what happened: admission.after_exclusion, admission.attendance"),
        ('referral.category == "a"', "What a pupil weighs goes by what happened: admission.after_exclusion, admission.attendance"),
        ("admission.looked_after", "What a pupil weighs goes by what happened: admission.after_exclusion, admission.attendance"),
        ('admission.category == "a"', "goes by what happened: admission.after_exclusion, admission.from_alternative_provision"),
    ],
)
def test_what_a_tariff_may_not_read_says_what_to_write_instead(named: str, told: str) -> None:
    with pytest.raises(RulebookError) as caught:
        check_text(sheet("", line("excluded").replace("when: admission.after_exclusion", f"when: '{named}'")), "a.yaml", Shelf.of([]))
    assert told in str(caught.value)


def test_a_plain_reading_of_generated_tariffs_comes_to_the_same() -> None:
    compared, differences = compare(20261122, 600)
    assert compared >= 600
    assert differences == []
