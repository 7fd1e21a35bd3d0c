"""Whoever holds the annual report and the equity report together works out no hidden count: a judge who reads nothing else says so.

The judge looks for the least and the most that each hidden count can be, in whole numbers, over all years that would show
what both reports show. A child is of one school, way, category and year group, and was referred in the year, or came in it
after a referral of an earlier one; or was placed and has not come; or was not placed.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Final

import numpy as np
import pytest
from scipy.optimize import LinearConstraint, milp
from scipy.sparse import csr_matrix

from panel import events as ev
from panel.reports.admitted import BROUGHT, FAIR, OTHER, TO_BEGIN
from panel.reports.annual import Annual, annual
from panel.reports.by_school import ALL, OTHERS, REST
from panel.reports.equity import NOT_PLACED, OTHER_SETTINGS
from panel.reports.monitored import closings
from panel.reports.suppression import BANDS
from tests.test_monitored import AUTUMN, decided, opened, record, referred, school

URNS: Final = ("1", "2", "4", "5", "6")
PLACES: Final = (*URNS, OTHER_SETTINGS)
WAYS: Final = (FAIR, OTHER)
CATEGORIES: Final = ("category a", "category b", "no category recorded")
YEARS: Final = ("year 8", "year 9", "year 10", "year 11")
EARLIER: Final = dt.date(2026, 6, 1)


def invented(seed: int, *, carried: bool) -> Annual:
    """A year of five schools and a unit, with few children at some of them."""
    rng = random.Random(f"annual {seed} {carried}")
    odds = [rng.choice((1, 2, 4, 9)) for _ in PLACES]
    made: list[ev.Event] = []
    later: list[ev.Event] = []
    for n in range(rng.randint(45, 130)):
        name, place = f"R{n:03}", rng.choices(("1", "2", "4", "5", "6", "3"), odds)[0]
        fate = rng.choices(("begun", "to begin", "waiting", "brought"), (30, carried, rng.choice((0, 1, 4)), carried))[0]
        kind = rng.choices(("fair_access", "managed_move", "permanent_exclusion"), (6, seed % 4, 1))[0]
        case = {"category": rng.choice("aaab ").strip() or None, "suited_to": "mainstream"}
        made.append(
            referred(name, EARLIER if fate == "brought" else AUTUMN, referral_kind=kind, year_group=rng.choice((8, 9, 9, 10)), case=case)
        )
        if fate != "waiting":
            later.append(decided(1, AUTUMN, name, school=place))
        if fate in ("begun", "brought"):
            later.append(ev.PlacementStarted(referral=name, pupil=f"P-{name}", on=AUTUMN, school=place))
    schools = [*(school(urn, 500 + 100 * n) for n, urn in enumerate(URNS)), school("3", None, "pru")]
    agenda = [one.referral for one in made if isinstance(one, ev.ReferralMade)]
    entries = record(*schools, *made, opened(1, AUTUMN, *agenda), *later, opened(99, dt.date(2027, 9, 23)))
    return annual(entries, 2026, closings(entries)[2026], per="roll", rulebook=None)


@dataclass(frozen=True)
class Kind:
    """One kind of child: those of it are an unknown number."""

    place: str
    fate: str
    way: str = ""
    category: str = ""
    year: str = ""


ADMITTED: Final = [Kind(*one) for one in product(PLACES, ("begun", "brought"), WAYS, CATEGORIES, YEARS)]
KINDS: Final = (*ADMITTED, *(Kind(place, "to begin") for place in PLACES), Kind(NOT_PLACED, "waiting"))
Which = Callable[[Kind], bool]


def _received(label: str, kind: Kind) -> bool:
    return kind.fate != "brought" and kind.place == label


def _of_the_key(label: str, ways: tuple[str, ...], kind: Kind) -> bool:
    return kind.way in ways and label in (kind.category, kind.year)


def told(report: Annual) -> Iterator[tuple[str, Which, int | None]]:
    """Every count of both reports: what it is called, whose it is, and what is shown of it."""
    ways = {"under the fair": (FAIR,), "by other": (OTHER,), "by every": WAYS, FAIR: (FAIR,), OTHER: (OTHER,), ALL: WAYS, "every way": WAYS}
    for table in report.tables:
        if table.part == "receiving":
            yield "all referred", lambda kind: kind.fate != "brought", table.shown.total
            for cell in table.shown.cells:
                yield f"received {cell.label}", partial(_received, cell.label), cell.count
        elif table.part in ("category", "year_group") and "admitted" in table.of:
            of = next(its for said, its in ways.items() if said in table.of)
            for cell in table.shown.cells:
                yield f"{table.of} {cell.label}", partial(_of_the_key, cell.label, of), cell.count
    dark = {row for crossed in report.crossed if crossed.part == "school" for row, counts in crossed.rows if counts[0] is None}
    for crossed in report.crossed:
        named = crossed.columns[:-1]
        of = WAYS if crossed.part == "school" else next(its for said, its in ways.items() if said in crossed.of)
        for row, counts in crossed.rows:
            for column, count in zip(crossed.columns, counts, strict=True):

                def which(kind: Kind, row: str = row, column: str = column, of: tuple[str, ...] = of) -> bool:
                    here = row in (kind.place, ALL) or (row == REST and kind.place in dark)
                    if crossed.part == "school":  # noqa: B023 - used before the next table
                        return here and kind.way in ways[column]
                    keys = (kind.category, kind.year)
                    there = column == ALL or column in keys or (column == OTHERS and not {*keys} & {*named})  # noqa: B023
                    return here and kind.way in of and there

                yield f"{crossed.part} {crossed.of} {row} {column}", which, count


def judged(report: Annual, *, nobody_carried: bool) -> list[str]:
    """The hidden counts that have but one value, other than nought.

    `nobody_carried`: the judge knows besides that nobody came from an earlier year, as in a panel's first; and that whoever was
    placed has come, where it is shown how many were not placed.
    """
    known = [(name, np.array([float(which(kind)) for kind in KINDS]), count) for name, which, count in told(report)]
    rows = [(row, count, count) for _, row, count in known if count is not None]
    bands = dict(report.bands)
    missing = next(count for name, _, count in known if name == f"received {NOT_PLACED}")
    for said, fate in ((BROUGHT, "brought"), (TO_BEGIN, "to begin")):
        row = np.array([float(kind.fate == fate) for kind in KINDS])
        least, most = (0, 0) if nobody_carried and (missing is not None or fate == "brought") else within(bands.get(said))
        rows.append((row, least, most))
    given = LinearConstraint(csr_matrix(np.array([row for row, _, _ in rows])), [low for _, low, _ in rows], [high for _, _, high in rows])
    found = []
    over = [(said, rows[n - 2][0], None) for n, said in enumerate((BROUGHT, TO_BEGIN)) if said in bands and not nobody_carried]
    for name, goal, count in [*known, *over]:
        if count is None:
            ends = [milp(sign * goal, constraints=given, integrality=np.ones(len(KINDS))) for sign in (1, -1)]
            assert all(end.x is not None for end in ends), "no year at all would show this"
            least, most = (round(end.x @ goal) for end in ends)
            found += [f"{name}: {least}"] if least == most > 0 else []
    return found


def within(words: str | None) -> tuple[int, int]:
    """The least and the most of a band; anything where there is none."""
    starts = [least for least, said in BANDS if said == words]
    return (starts[0], next((more - 1 for more, _ in BANDS if more > starts[0]), 10_000)) if starts else (0, 10_000)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("carried", [False, True])
def test_nothing_hidden_is_worked_out_of_both_reports(seed: int, carried: bool) -> None:
    assert judged(invented(seed, carried=carried), nobody_carried=not carried) == []


@pytest.mark.parametrize(("gone", "told"), [(4, False), (3, True)])
def test_who_goes_over_the_years_end_is_not_worked_out_school_by_school(gone: int, told: bool) -> None:
    """Each school received eight. At 1 and 2 some have not come, at 4 and 5 as many came from the year before: so at least four are to
    begin, and "fewer than 5" would be four; of three and "fewer than 5" there may be four as well."""
    names = [f"R{n:02}" for n in range(40)]
    old = [f"O{n}" for n in range(gone)]
    at = {name: URNS[n // 8] for n, name in enumerate(names)} | {name: URNS[3 + n % 2] for n, name in enumerate(old)}
    absent = ["R00", "R08", "R01", "R09"][:gone]
    made = [referred(name, EARLIER if name in old else AUTUMN, case={"suited_to": "mainstream"}) for name in at]
    placed = [decided(1, AUTUMN, name, school=urn) for name, urn in at.items()]
    begun = [ev.PlacementStarted(referral=one, pupil=f"P-{one}", on=AUTUMN, school=at[one]) for one in at if one not in absent]
    schools = [school(urn, 500 + 100 * n) for n, urn in enumerate(URNS)]
    entries = record(*schools, *made, opened(1, AUTUMN, *at), *placed, *begun, opened(99, dt.date(2027, 9, 23)))
    report = annual(entries, 2026, closings(entries)[2026], per="roll", rulebook=None)
    assert (report.referred, report.admitted) == (40, 40)
    assert ({BROUGHT, TO_BEGIN} <= dict(report.bands).keys()) is told
    assert judged(report, nobody_carried=False) == []


def test_the_invented_years_show_and_hide_schools() -> None:
    """Else the judge would have nothing to judge."""
    made = [invented(seed, carried=carried) for seed in range(5) for carried in (False, True)]
    rows = [counts for report in made for table in report.crossed for _, counts in table.rows[:-1]]
    assert sum(None in row for row in rows) > 25
    assert sum(None not in row for row in rows) > 25
    assert {table.part for report in made for table in report.crossed} == {"school", "school_by_category", "school_by_year_group"}
