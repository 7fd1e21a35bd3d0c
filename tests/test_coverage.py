"""What the examples of a book leave unshown: worked out by hand for small rules, and complete for every book that ships."""

from __future__ import annotations

import datetime as dt
import itertools
from pathlib import Path

import pytest

from rules.book import Rulebook
from rules.coverage import Coverage, coverage
from rules.examples import run_examples
from rules.rulebook import Shelf, check_text, shipped, shipped_text
from tests.running import pastoral

HEAD = """\
rulebook: hilltop
edition: {from: 2026-09-01}
title: Hilltop
authority: {instrument: Agreement}
objectives: [place]
"""


def made(body: str) -> Rulebook:
    return check_text(HEAD + body, "hilltop.yaml")


def covered(body: str) -> Coverage:
    book = made(body)
    return coverage(book, run_examples(book))


def said(body: str) -> list[str]:
    return [str(gap) for gap in covered(body).gaps]


FAR = {
    "far": "{candidate.metres: 9001, candidate.sibling_here: false}, expect: fires",
    "closing": "{candidate.metres: 5, school.closing: true}, expect: fires",
    "near": "{candidate.metres: 9000}, expect: silent",
    "a sister": "{candidate.metres: 9001, candidate.sibling_here: true}, expect: silent",
    "exempt and far": "{candidate.metres: 9001, candidate.exempt: true}, expect: silent",
    "exempt and closing": "{candidate.metres: 5, school.closing: true, candidate.exempt: true}, expect: silent",
}
"""Two clauses: far, no sister, not exempt; and closing, not exempt. Every one of these shows something that no other does,
but `near`, which also shows that a school stays open: it is the sole reason in either clause."""


def far(names: tuple[str, ...]) -> str:
    examples = "".join(f"      - {{name: {name}, given: {FAR[name]}}}\n" for name in names)
    return f"""\
bars:
  - id: far
    when:
      - candidate.metres > 9000 and not candidate.sibling_here
      - school.closing
    unless: candidate.exempt
    examples:
{examples}"""


FIRST = "candidate.metres > 9000 and not candidate.exempt and not candidate.sibling_here"
SECOND = "not candidate.exempt and school.closing"
LOST = {
    "far": f"far: no example fires by `{FIRST}`",
    "closing": f"far: no example fires by `{SECOND}`",
    "near": f"far: no example stays silent only because of `candidate.metres > 9000` (in: {FIRST})",
    "a sister": f"far: no example stays silent only because of `not candidate.sibling_here` (in: {FIRST})",
    "exempt and far": f"far: no example stays silent only because of `not candidate.exempt` (in: {FIRST})",
    "exempt and closing": f"far: no example stays silent only because of `not candidate.exempt` (in: {SECOND})",
}


def test_all_that_a_rule_means_can_be_shown() -> None:
    shown = covered(far(tuple(FAR)))
    assert (shown.clauses, shown.conditions, shown.clauses_shown, shown.conditions_shown) == (2, 5, 2, 5)
    assert shown.complete


@pytest.mark.parametrize("left_out", FAR)
def test_without_one_example_what_it_showed_is_named(left_out: str) -> None:
    assert said(far(tuple(name for name in FAR if name != left_out))) == [LOST[left_out]]


def test_the_order_of_examples_makes_no_difference() -> None:
    names = ("far", "near", "exempt and closing")
    assert {tuple(said(far(order))) for order in itertools.permutations(names)} == {tuple(said(far(names)))}


def bar(when: str, *examples: str) -> str:
    lines = "".join(
        f"      - {{name: x{n}, given: {{{given}}}, expect: {expect}}}\n"
        for n, (given, _, expect) in enumerate(e.partition(" -> ") for e in examples)
    )
    return f"bars:\n  - id: b\n    when: '{when}'\n    examples:\n{lines}"


@pytest.mark.parametrize(
    ("when", "examples", "gaps"),
    [
        # one of several words is one condition, and any other word shows it
        (
            'candidate.kept_apart in ["police", "complaint"]',
            ("candidate.kept_apart: police -> fires", "candidate.kept_apart: none -> silent"),
            [],
        ),
        # what must be known is only a condition where the author asks it
        ("candidate.rank > 3", ("candidate.rank: 4 -> fires", "candidate.rank: 3 -> silent"), []),
        (
            "candidate.rank is known and candidate.rank > 3",
            ("candidate.rank: 4 -> fires", "candidate.rank: 3 -> silent"),
            ["b: no example stays silent only because of `candidate.rank is known` (in: candidate.rank > 3)"],
        ),
        (
            "candidate.rank is known and candidate.rank > 3",
            ("candidate.rank: 4 -> fires", "candidate.rank: 3 -> silent", "candidate.rank: unknown -> silent"),
            [],
        ),
        ("candidate.rank is unknown", ("candidate.rank: unknown -> fires", "candidate.rank: 3 -> silent"), []),
        # what cannot be told is no silence
        (
            "candidate.rank > 3 and school.closing",
            ("candidate.rank: 4, school.closing: true -> fires", "candidate.rank: unknown, school.closing: true -> cannot tell",
             "candidate.rank: 4, school.closing: false -> silent"),
            ["b: no example stays silent only because of `candidate.rank > 3` (in: candidate.rank > 3 and school.closing)"],
        ),
        # two reasons at once show neither
        (
            "school.closing and candidate.exempt",
            ("school.closing: true, candidate.exempt: true -> fires", "school.closing: false, candidate.exempt: false -> silent"),
            [
                "b: no example stays silent only because of `candidate.exempt` (in: candidate.exempt and school.closing)",
                "b: no example stays silent only because of `school.closing` (in: candidate.exempt and school.closing)",
            ],
        ),
        # a condition whose failing makes another clause fire is not asked for
        (
            "school.closing or (not school.closing and candidate.exempt)",
            ("school.closing: true -> fires", "candidate.exempt: true -> fires", "school.closing: false -> silent"),
            [],
        ),
        # sums, dates, words of two facts
        (
            "candidate.nearness + 2 * candidate.rank > 5",
            ("candidate.nearness: 2, candidate.rank: 2 -> fires", "candidate.nearness: 1, candidate.rank: 2 -> silent"),
            [],
        ),
        (
            "referral.made_on >= 2026-09-01",
            ("referral.made_on: 2026-09-01 -> fires", "referral.made_on: 2026-08-31 -> silent"),
            [],
        ),
        (
            "referral.suited_to != school.setting",
            ("school.setting: pru -> fires", "school.setting: mainstream -> silent"),
            [],
        ),
        # both ends of a stretch
        (
            "3 < candidate.rank < 6",
            ("candidate.rank: 5 -> fires", "candidate.rank: 6 -> silent"),
            ["b: no example stays silent only because of `candidate.rank > 3` (in: candidate.rank < 6 and candidate.rank > 3)"],
        ),
    ],
)  # fmt: skip
def test_what_is_left_unshown_by_hand(when: str, examples: tuple[str, ...], gaps: list[str]) -> None:
    assert said(bar(when, *examples)) == gaps


def test_a_condition_of_two_facts_is_quoted_as_it_could_be_written() -> None:
    def quoted(when: str, examples: tuple[str, ...] = ("candidate.nearness: 9 -> silent",)) -> list[str]:
        return said(bar(when, "school.closing: true, candidate.nearness: 9 -> fires", *examples))

    assert quoted("candidate.nearness < candidate.rank or school.closing") == [
        "b: no example fires by `candidate.nearness < candidate.rank`"
    ]
    assert quoted("candidate.nearness < candidate.rank + 3 or school.closing") == [
        "b: no example fires by `candidate.nearness < candidate.rank + 3`"
    ]
    assert quoted("candidate.nearness + 3 < candidate.rank or school.closing") == [
        "b: no example fires by `candidate.nearness < candidate.rank - 3`"
    ]


def test_an_example_out_of_scope_shows_nothing() -> None:
    body = bar("school.closing", "school.closing: true -> fires", "school.closing: false -> silent").replace(
        "    when", "    applies_to: [fair_access]\n    when"
    )
    assert said(body) == []
    assert (
        said(
            body.replace(
                "{school.closing: false}, expect: silent",
                "{school.closing: false}, expect: silent}\n      - {name: out, given: {referral.kind: managed_move}, expect: out of scope",
            )
        )
        == []
    )
    gaps = said(
        body.replace(
            "{school.closing: true}, expect: fires",
            "{school.closing: true, referral.kind: managed_move}, expect: out of scope}\n      - {name: out, expect: fires",
        )
    )
    assert gaps == ["b: no example fires by `school.closing`"], "that example expects what does not happen, and shows nothing"


def test_a_derived_condition_is_shown_by_the_examples_of_those_that_read_it() -> None:
    derive = "derive:\n  - {id: hard, fact: candidate.hard, is: candidate.metres > 9000 or candidate.minutes > 75}\n"
    body = derive + bar("candidate.hard", "candidate.metres: 9001 -> fires", "candidate.metres: 9000 -> silent")
    (gap,) = covered(body).gaps
    assert (gap.rule, gap.kind, gap.line, gap.clause, gap.condition) == ("hard", "derive", 7, "candidate.minutes > 75", "")
    assert said(body + "      - {name: slow, given: {candidate.minutes: 76}, expect: fires}\n") == []


def test_where_a_limit_is_is_covered_too() -> None:
    """An example outside the limit's scope shows nothing of its condition."""
    body = """\
limits:
  - id: at-pan
    per: year_group
    at: [mainstream]
    when: school.selective and not school.closing
    room: year.pan - year.on_roll
    examples:
      - {name: one, given: {school.selective: true, year.pan: 180, year.on_roll: 179}, expect: 1}
      - {name: full, given: {school.selective: true, year.pan: 180, year.on_roll: 180}, expect: 0}
      - {name: a centre, given: {school.selective: true, school.closing: true, school.setting: pru}, expect: out of scope}
"""
    selects = "      - {name: does not select, given: {school.selective: false}, expect: out of scope}\n"
    closing = "      - {name: closing, given: {school.selective: true, school.closing: true}, expect: out of scope}\n"
    told = "at-pan: no example stays silent only because of `{}` (in: not school.closing and school.selective)"
    assert said(body) == [told.format("not school.closing"), told.format("school.selective")]
    assert said(body + selects) == [told.format("not school.closing")]
    assert (covered(body + selects + closing).clauses, said(body + selects + closing)) == (1, [])


def test_a_line_of_the_tariff_is_covered_too() -> None:
    line = "tariff:\n  - id: old\n    points: 2\n    when: admission.year_group > 9 and admission.after_exclusion\n    examples:\n"
    fires = "      - {name: a, given: {admission.year_group: 10, admission.after_exclusion: true}, expect: fires}\n"
    silent = "      - {name: b, given: {admission.year_group: 10}, expect: silent}\n"
    clause = "admission.after_exclusion and admission.year_group > 9"
    assert said(line + fires + silent) == [f"old: no example stays silent only because of `admission.year_group > 9` (in: {clause})"]


def test_a_rule_below_whose_setting_was_chosen_anew_is_not_asked_for() -> None:
    law = HEAD.replace("objectives: [place]\n", "statutory: true\nsettings: {far: {value: 9, choice: true}}\n").replace("hilltop", "law")
    rule = bar("candidate.metres > settings.far", "candidate.metres: 10 -> fires", "candidate.metres: 9 -> silent")
    shelf = Shelf.of([(law + rule, "law")])
    local = check_text(HEAD + "extends: law\nsettings: {far: 20}\n", "local", shelf)
    assert coverage(local, run_examples(local)) == Coverage(0, 0, ())


SHELF = Shelf.of((text, name) for name in shipped() for text in shipped_text(name))


@pytest.mark.parametrize(("name", "day"), [(edition.name, edition.edition) for edition in SHELF.editions], ids=str)
def test_the_books_that_ship_show_all_that_they_mean(name: str, day: dt.date) -> None:
    book = SHELF.in_force(name, day)
    shown = coverage(book, run_examples(book))
    assert [str(gap) for gap in shown.gaps] == []
    assert shown.clauses > 5


# the command


def test_the_command_names_what_is_unshown(tmp_path: Path) -> None:
    file = tmp_path / "hilltop.yaml"
    file.write_text(HEAD + far(("far", "closing", "near")), encoding="utf-8")
    told = pastoral("rules", "test", str(file))
    assert (told.code, told.err) == (0, "")
    assert told.out.split() == "\n".join(
        (LOST["exempt and closing"], LOST["exempt and far"], LOST["a sister"],
         "3 examples, 0 wrong. They fire 2 of 2 clauses, and show 2 of 5 conditions as the only reason for silence.")
    ).split()  # fmt: skip
    assert pastoral("rules", "test", str(file), "--coverage").code == 1
    data = pastoral("rules", "test", str(file), "--coverage", "--json")
    assert data.code == 1
    assert data.json["ok"] is True
    shown = data.json["coverage"]
    assert (shown["complete"], shown["clauses"], shown["clauses_shown"], shown["conditions"], shown["conditions_shown"]) == (
        False,
        2,
        2,
        5,
        2,
    )
    assert {"rule": "far", "kind": "bar", "book": "hilltop", "line": 7, "clause": SECOND, "condition": "not candidate.exempt"} in shown[
        "missing"
    ]


def test_complete_examples_end_well(tmp_path: Path) -> None:
    file = tmp_path / "hilltop.yaml"
    file.write_text(HEAD + far(tuple(FAR)), encoding="utf-8")
    told = pastoral("rules", "test", str(file), "--coverage")
    assert told.code == 0
    said = "6 examples, 0 wrong. They fire 2 of 2 clauses, and show 5 of 5 conditions as the only reason for silence."
    assert " ".join(told.out.split()) == said


def test_a_wrong_example_is_an_adverse_answer_with_or_without_coverage(tmp_path: Path) -> None:
    file = tmp_path / "hilltop.yaml"
    file.write_text(
        HEAD + far(tuple(FAR)).replace("{candidate.metres: 9000}, expect: silent", "{candidate.metres: 9001}, expect: silent"),
        encoding="utf-8",
    )
    told = pastoral("rules", "test", str(file))
    assert told.code == 1
    assert "far, 'near': expected silent, got fires" in told.out
