"""docs/comparison.md is what the program and its rivals still come to, as far as two years tell, and says where it is worse."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest

from rules.book import Rulebook
from tests.benchmarks import comparison
from tests.benchmarks.comparison import FEW, LOADS, PAGE, REASONS, RIVALS, WAYS, WISHES
from tests.benchmarks.policies import nearest_school, spreadsheet, strict_rota
from tests.benchmarks.years import MEASURES, PROGRAM, Change, Outcome, Pupil, School, Year, book, figures, gini, lived, outcome

BEHIND = "docs/comparison.md is behind the program; run `make comparison`"

Table = dict[str, dict[str, float]]
"""Row -> column -> the number that is printed."""


@pytest.fixture(scope="module")
def rules() -> Rulebook:
    return book()


@pytest.fixture(scope="module")
def outcomes(rules: Rulebook) -> list[Outcome]:
    return [outcome(number, rules) for number in range(1, FEW + 1)]


@pytest.fixture(scope="module")
def written() -> str:
    return PAGE.read_text(encoding="utf-8")


def skeleton(page: str) -> list[str]:
    """Headings and rows of tables, with a 0 for every number."""
    return [re.sub(r"\d[\d,.]*", "0", line) for line in page.splitlines() if line.startswith(("#", "|"))]


def table(page: str, column: str) -> Table:
    """The first table of the page that has a column."""
    lines = page.splitlines()
    first = next(n for n, line in enumerate(lines) if line.startswith("|") and column in line)
    _, *columns = (cell.strip() for cell in lines[first].strip("|").split("|"))
    found: Table = {}
    for line in lines[first + 2 :]:
        if not line.startswith("|"):
            return found
        row, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        found[row] = {name: float(cell.replace(",", "")) for name, cell in zip(columns, cells, strict=True)}
    return found


def test_the_first_years_come_out_as_the_page_says(written: str, outcomes: list[Outcome]) -> None:
    assert comparison.one_by_one(outcomes) in written, BEHIND


def test_the_page_has_the_shape_that_is_written_now(written: str, outcomes: list[Outcome], rules: Rulebook) -> None:
    page = comparison.page(outcomes, comparison.reordered(range(1, FEW + 1), rules), rules)
    assert skeleton(written) == skeleton(page), BEHIND
    assert comparison.BEGINNING in written, BEHIND
    assert comparison.ENDING in written, BEHIND


def test_the_page_says_wherever_this_program_is_worse(written: str) -> None:
    """A rival's mean that is printed as better is named, with its reason, and none that is printed as worse."""
    means = table(written, f"less is better | {RIVALS[0]}")
    assert tuple(means) == MEASURES
    bullets = re.search(r"## Where this program is worse.*?(?=^## )", written, re.MULTILINE | re.DOTALL)
    assert bullets
    said = {(measure, rival) for measure in MEASURES for rival in RIVALS if f"{measure}, than the {rival} by " in bullets[0]}
    for measure, row in means.items():
        for rival in RIVALS:
            if row[rival] != row[PROGRAM]:
                assert ((measure, rival) in said) == (row[rival] < row[PROGRAM]), (measure, rival)
    assert all(REASONS[measure] in bullets[0] for measure, _ in said)
    assert said


def test_what_it_is_worse_in_is_the_price_of_the_order(written: str) -> None:
    """The reasons say that with another objective first it would be better: the last table bears them out."""
    means, others = table(written, f"less is better | {RIVALS[0]}"), table(written, "as in the book")
    first = {LOADS: ("share before quota", "spreadsheet"), WISHES: ("preference before quota", "nearest school")}
    first[WAYS] = ("transport before quota", "nearest school")
    for measure, reason in REASONS.items():
        assert others[measure]["as in the book"] == means[measure][PROGRAM]
        if reason in first:
            order, rival = first[reason]
            assert others[measure][order] < means[measure][rival], measure
    quota = "schools over quota at the end"
    assert means[quota]["spreadsheet"] > means[quota][PROGRAM]


def test_a_worse_column_without_a_reason_is_not_written(monkeypatch: pytest.MonkeyPatch, outcomes: list[Outcome]) -> None:
    monkeypatch.setattr(comparison, "REASONS", {})
    with pytest.raises(KeyError):
        comparison.worse(comparison.differences(outcomes))


def test_no_rival_is_better_from_the_same_state(outcomes: list[Outcome]) -> None:
    """`outcome` refuses a year in which one is; every meeting is counted once for each rival, and each rival is worse in most."""
    for found in outcomes:
        assert [sum(found.differs[rival].values()) for rival in RIVALS] == [10, 10, 10]
        assert all(found.differs[rival]["nothing"] < 5 for rival in RIVALS)


def small_year() -> Year:
    """Two schools of 1,000 and 500 on roll; three pupils of year 9 from elsewhere, who all live 1,300 m from A and 6,500 m from B.

    A has one place, B two, and one more for the second meeting. R1 (excluded) and R2 come to the first meeting on day 19,
    R3 to the second on day 38. On day 30 somebody with a plan comes to B, and takes one of its places.
    """
    schools = (
        School("A", (0, 0), 1000, dict.fromkeys(range(7, 12), 0) | {9: 1}),
        School("B", (0, 0), 500, dict.fromkeys(range(7, 12), 0) | {9: 2}),
    )
    excluded, metres, near = True, {"A": 1300, "B": 6500}, ("A", "B")
    pupils = (
        Pupil("R1", 5, 9, excluded, "C", "", {"B": 1}, metres, near),
        Pupil("R2", 15, 9, not excluded, "A", "", {}, metres, near),
        Pupil("R3", 25, 9, not excluded, "B", "", {"A": 2}, metres, near),
    )
    return Year(0, schools, pupils, (Change(30, "B", 9, -1, counted=1),))


def test_a_small_year_by_hand(rules: Rulebook) -> None:
    """By the rota R1 goes to A, R2 from A to B, which frees a seat at A; on day 38 R3, from B, may go to A alone, and does.

    Loads: A 2 of 1,000, B 1 and the one who came, 2 of 500: 4 and 2 for 1,000 on roll. Gini (|4-2| twice) / (2 x 2 x 6) = 1/6.
    Ranks: 4 (A was not named), 4, 2. One journey beyond three miles, by bus: 65,000 pence. Waited 14, 4 and 13 days.
    """
    year = small_year()
    past, held = lived(year, strict_rota, rules)
    assert past.placed == {"R1": ("A", 19), "R2": ("B", 19), "R3": ("A", 38)}
    assert [desk.line for _, desk, _ in held[:3]] == [("A", "B"), ("A", "B"), ("B", "A")]
    assert past.room["A", 9] == 1 - 1 + 1 - 1
    assert past.room["B", 9] == 2 - 1 - 1 + 1
    assert past.excluded == {"A": 1, "B": 0}
    found: tuple[int | Fraction, ...] = (0, 0, 0, 4, 2, Fraction(1, 6), Fraction(10, 3), 65_000, 1, Fraction(31, 3))
    assert list(figures(year, past, rules).values()) == list(found)


def test_the_same_year_by_the_other_two(rules: Rulebook) -> None:
    """R1: 1/1000 at A before 1/500 at B, and A is nearer: both begin alike, and bars leave no other choice."""
    for policy in (spreadsheet, nearest_school):
        assert lived(small_year(), policy, rules)[0].placed == {"R1": ("A", 19), "R2": ("B", 19), "R3": ("A", 38)}


def test_gini_by_hand() -> None:
    assert gini([Fraction(3)] * 4) == 0
    assert gini([Fraction(0), Fraction(0), Fraction(0), Fraction(8)]) == Fraction(3, 4)
    assert gini([Fraction(0), Fraction(0)]) == 0
