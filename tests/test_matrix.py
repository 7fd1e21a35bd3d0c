"""Every pupil at every school on one page: nothing wider than the page, every letter in the key, every school in the legend."""

from __future__ import annotations

import csv
import io
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panel.answering.aims import OBJECTIVES
from panel.answering.explain import Explainer
from panel.answering.matrix import LETTERS, WORSE, Cell, Matrix, Row, as_csv, matrix, on_a_page
from tests.test_hypothesis import Sitting

CELLS = [
    *(Cell("", verdict) for verdict in ("chosen", "barred", "no room", "tie", "held", "decided", "unknown")),
    *(Cell("", "worse", objective) for objective in OBJECTIVES),
]


def any_matrix(pupils: int, schools: int, name: str = "Somewhere School") -> Matrix:
    rng = random.Random(pupils * 1000 + schools)
    return Matrix(
        {f"{900001 + n}": f"{name} {n}" for n in range(schools)},
        tuple(Row(f"R-2026-{n:04}", 7 + n % 5, tuple(rng.choice(CELLS) for _ in range(schools))) for n in range(pupils)),
    )


def test_thirty_pupils_and_twenty_eight_schools_are_one_block_of_eighty_columns() -> None:
    page = on_a_page(any_matrix(30, 28), 80)
    assert max(map(len, page)) <= 80
    assert sum(line.startswith("referral") for line in page) == 1
    assert sum(line.startswith("R-2026-") for line in page) == 30


@pytest.mark.parametrize(("schools", "blocks"), [(0, 0), (1, 1), (27, 1), (60, 3), (120, 5)])
def test_more_schools_than_fit_go_on_in_another_block(schools: int, blocks: int) -> None:
    page = on_a_page(any_matrix(7, schools, "A School with a Name that Goes on and on and on"), 80)
    assert max(map(len, page)) <= 80
    assert sum(line.startswith("referral") for line in page) == blocks
    assert [line for line in page if line.startswith("R-2026-0003")] == [line for line in page if "-0003" in line]
    for n in range(schools):
        assert any(f"({900001 + n})" in line for line in page)


@given(st.integers(1, 12), st.integers(1, 40))
def test_the_letters_of_a_row_are_its_cells_in_order(pupils: int, schools: int) -> None:
    found = any_matrix(pupils, schools)
    page = on_a_page(found, 80)
    for row in found.rows:
        letters = [line.removeprefix(row.referral).split()[1:] for line in page if line.startswith(row.referral)]
        assert [letter for line in letters for letter in line] == [cell.letter for cell in row.cells]
        assert all(any(line.startswith(f"{cell.letter} ") for line in page) for cell in row.cells)


def test_no_letter_means_two_things() -> None:
    """But the draw, which is one thing to a reader."""
    assert set(WORSE) == set(OBJECTIVES)
    told = [*LETTERS.values(), *(letter for name, letter in WORSE.items() if name != "lottery")]
    assert len(told) == len(set(told))


@given(st.integers(0, 10**9))
@settings(max_examples=40)
def test_every_cell_is_what_the_explainer_says_of_the_pair(number: int) -> None:
    sitting = Sitting(number)
    explainer = Explainer(sitting.decision, sitting.rulebook, sitting.evaluation)
    for row in matrix(explainer).rows:
        for cell in row.cells:
            told = explainer.why_not(row.referral, cell.school)
            bare = cell.verdict == "unknown"
            assert ("barred" if bare else cell.verdict) == told.verdict
            assert not bare or not sitting.decision.casework.hearings[row.referral].verdicts[cell.school].bars
            assert (cell.objective or None) == (told.worse.objective if told.worse else None)
            assert told.verdict in ("chosen", "tie") or cell.bars == told.bars


def test_a_file_has_words_in_its_cells_and_no_formulas() -> None:
    cells = (Cell("900001", "barred", bars=("closing", "too-far")), Cell("900002", "worse", "longest_ago"))
    text = as_csv(Matrix({"900001": "=cmd()", "900002": "Élan, the school"}, (Row("-R1", 9, cells),)))
    assert list(csv.reader(io.StringIO(text))) == [
        ["referral", "year_group", "'=cmd() (900001)", "Élan, the school (900002)"],
        ["'-R1", "9", "barred: closing; too-far", "worse: longest ago"],
    ]
