"""Which two counts cross: over all values that a fact can have, with brute force as the judge, and by what a book says of its kinds."""

from __future__ import annotations

import random
from itertools import product

import pytest

from rules.audience import Audience
from rules.book import Count, Objective, Span
from rules.facts import BY_NAME, FACTS
from rules.finding import FIRES
from rules.grammar import parse_condition, parse_sum
from rules.nesting import crossing
from rules.oracle import Oracle
from rules.proving import crossings
from rules.rulebook import Shelf, check_text
from tests.test_rulebook import book, refused

YEARS = range(8, 10)
NUMBERS = tuple(fact for fact in FACTS if fact.family == "admission" and fact.type == "number")


def counted(name: str, where: str) -> Count:
    return Count(id=name, of=("placements",), where=parse_condition(where, BY_NAME, {}), over=Span("term"), book="b", line=1)


def cross(one: str, other: str, **said: bool) -> bool:
    """Whether shares of two counts cross, by what the `where` of each says."""
    shares = {name: Objective(name="share", count=name) for name in ("a", "b")}
    return bool(crossing(shares, [counted("a", one), counted("b", other)], {}, YEARS, **said))


def overlap(one: str, other: str, **values: tuple[object, ...]) -> bool:
    """The same by brute force, over rows of the values that are given."""
    told = Oracle([parse_condition(where, BY_NAME, {}) for where in (one, other)])
    pupils = (dict(zip(values, row, strict=True)) for row in product(*values.values()))
    rows = ({f"admission.{name}": value for name, value in row.items() if value is not None} for row in pupils)
    found = {tuple(verdict == FIRES for verdict in told.verdicts(row)) for row in rows}  # type: ignore[arg-type]
    return {(True, True), (True, False), (False, True)} <= found


@pytest.mark.parametrize(
    ("one", "other", "so"),
    [
        ("admission.attendance * 2 > 700", "admission.attendance * 2 < 900", True),
        ("admission.attendance * 2 > 700", "admission.attendance * 2 < 700", False),
        ("admission.attendance * 2 > 700", "admission.attendance * 2 < 702", False),
        ("admission.attendance * 2 > 700", "admission.attendance * 2 < 703", True),
        ("admission.attendance + 300 > 700", "admission.attendance + 300 < 950", True),
        ("admission.attendance + 300 > 700", "admission.attendance + 300 > 950", False),
        ("admission.attendance // 2 > 350", "admission.attendance // 2 < 400", True),
        ("admission.attendance // 2 > 350", "admission.attendance < 702", False),
        ("admission.attendance // 2 > 350", "admission.attendance < 703", True),
        ("900 - admission.attendance > 100", "admission.attendance * 3 + 1 > 2000", True),
        ("admission.attendance * admission.attendance > 250000", "admission.attendance < 502", True),
        ("admission.attendance * admission.attendance > 250000", "admission.attendance < 501", False),
        ("admission.year_group * 2 > 17", "admission.year_group * 2 < 18", False),
        ("admission.attendance * 2 > 2000", "admission.attendance < 500", False),
    ],
)
def test_the_values_that_tell_are_those_of_the_fact(one: str, other: str, so: bool) -> None:
    assert cross(one, other) == so
    assert overlap(one, other, attendance=(*range(1001), None), year_group=tuple(YEARS)) == so
    assert not cross(one, other, by_anything=False) or "year_group" in one, "what books were once asked stays as it was"


def test_every_number_of_an_admission_has_few_enough_values_to_try_them_all() -> None:
    assert all(fact.high - fact.low <= 10_000 for fact in NUMBERS)


def some_sum(rng: random.Random, fact: str) -> str:
    read = f"admission.{fact}"
    forms = (
        f"{read} * {{}}",
        f"{read} + {{}}",
        f"{{}} - {read}",
        f"{read} // {{}}",
        f"({read} + 7) // {{}} * 3",
        f"{read} * {read} - {{}}",
    )
    return rng.choice(forms).format(rng.randint(1, 9))


def some_condition(rng: random.Random, *sums: str) -> str:
    def one() -> str:
        if rng.random() < 0.15:
            return rng.choice(
                ("admission.ehcp", "admission.attendance is known", "admission.year_group == 9", "admission.attendance in [0, 400]")
            )
        one, some = rng.choice(sums), {fact.name: rng.randint(fact.low, min(fact.high, 1000)) for fact in NUMBERS}
        return f"{one} {rng.choice(('<', '<=', '>', '>=', '==', '!='))} {Oracle([], [parse_sum(one, BY_NAME, {})]).amounts(some)[0]}"

    joint = rng.choice((" and ", " or "))
    return f"{rng.choice(('', '', '', 'not '))}({joint.join(one() for _ in range(rng.randint(1, 3)))})"


def test_brute_force_agrees_of_one_fact() -> None:
    """A hundred and twenty pairs of conditions, against all that attendance, a plan and the year group can be."""
    rng = random.Random(41)
    crossed = 0
    for _ in range(120):
        sums = [some_sum(rng, "attendance") for _ in range(3)]
        one, other = some_condition(rng, *sums), some_condition(rng, *sums)
        so = overlap(one, other, attendance=(*range(1001), None), ehcp=(True, False, None), year_group=tuple(YEARS))
        assert cross(one, other) == so, (one, other)
        crossed += so
    assert 30 < crossed < 100


def test_no_crossing_is_missed_where_a_sum_reads_several_facts() -> None:
    rng = random.Random(42)
    crossed = 0
    for _ in range(80):
        several = [f"admission.suspended_days {rng.choice('+-')} {rng.randint(1, 3)} * admission.days_out_of_education" for _ in range(2)]
        one, other = some_condition(rng, *several), some_condition(rng, *several, some_sum(rng, "suspended_days"))
        suspended, out = (*range(0, 201, 9), None), (*range(0, 200, 21), 400, 1000, 10_000, None)
        plan, attendance = (True, False, None), (0, 7, 400, None)
        so = overlap(
            one, other, suspended_days=suspended, days_out_of_education=out, ehcp=plan, attendance=attendance, year_group=tuple(YEARS)
        )
        assert cross(one, other) or not so, (one, other)
        crossed += so
    assert crossed > 15


def test_sums_of_the_same_facts_are_one_number() -> None:
    """Also where one is a multiple of the other, or stands on the other side; of sums of other facts nothing is known."""
    days, out = "admission.suspended_days", "admission.days_out_of_education"
    assert not cross(f"{days} + {out} > 30", f"{out} * 2 + {days} * 2 > 81")
    assert not cross(f"{days} + {out} > 30", f"31 > {out} + {days}")
    assert cross(f"{days} + {out} > 30", f"40 > {out} + {days}")
    assert not cross(f"{days} > {out}", f"{out} - {days} < -5 and admission.ehcp")
    assert cross(f"{days} > {out}", f"{days} + {out} > 30")
    assert cross(f"{days} + {out} > 500", f"{out} < 200 and {days} > 20"), "in truth apart: no more than 200 days of suspension"


TRIAL = "lifecycle: {managed_move: {trial: {weeks: 12, at_end: permanent, ends_as: [permanent, return]}}}\n"


def two(one: str, other: str, body: str = "", of: tuple[str, str] = ("", "")) -> str:
    counts = "".join(f"  {name}: {{of: placements, over: academic_year, where: '{where}'}}\n" for name, where in (("a", one), ("b", other)))
    shares = ", ".join(f"{{share: {{load: {name}{whom and f', of: [{whom}]'}}}}}" for name, whom in zip("ab", of, strict=True))
    return book(f"{body}counts:\n{counts}", objectives=f"objectives: [place, {shares}, lottery]")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("admission.attendance * 2 > 700", "admission.attendance * 2 < 900"),
        ("admission.attendance + 300 > 700", "admission.attendance + 300 < 950"),
    ],
)
def test_a_book_whose_sums_cross_is_refused(one: str, other: str) -> None:
    assert "which crosses share of a" in refused(two(one, other))
    assert check_text(two(one, other.replace("<", ">")), "hilltop.yaml").proof == "certificate"


def test_whether_a_placement_is_for_good_goes_by_its_kind() -> None:
    """Fair access is permanent from its first day, so within all that is; a managed move on trial is apart from that."""
    good = "fair_access, permanent_exclusion, reintegration"
    fair = two("admission.for_good", 'admission.kind == "fair_access"', TRIAL, (good, "fair_access"))
    assert crossings((made := check_text(fair, "hilltop.yaml", Shelf())).objectives, made) == ()
    counts = [counted("a", "admission.for_good"), counted("b", 'admission.kind == "managed_move"')]
    shares = {"a": Objective(name="share", count="a"), "b": Objective(name="share", count="b", of=Audience())}
    for lifecycle in ({}, {"managed_move": {"trial": {"weeks": 12}}}, {"managed_move": {"trial": "never"}}):
        assert crossing(shares, counts, lifecycle) == ()
    moves = [counted("a", "admission.for_good"), counted("b", 'admission.kind in ["managed_move", "fair_access"]')]
    assert crossing(shares, moves, {}) == ()
    assert crossing(shares, moves, {"managed_move": {"trial": {"weeks": 12}}}) == (("a", "b"),)
