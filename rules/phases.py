"""Groups of year groups that a book names, `phases: {infants: {lowest: 0, highest: 2}}`, and the facts of a school that follow from each.

school.on_roll_NAME   pupils on roll in these year groups together; placing a pupil changes it
school.pan_NAME       their published admission numbers together
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from rules.edition import Edition, nearest
from rules.errors import Fault
from rules.facts import Fact
from rules.shape import YearGroupsShape
from rules.yaml_text import Path

COLUMNS: Final[Mapping[str, str]] = {"on_roll": "pupils on roll", "pan": "published admission numbers"}
MOST: Final = 2000
"""In one year group."""


def name_of(column: str, phase: str) -> str:
    """The fact of a phase that adds up a column of the places file."""
    return f"school.{column}_{phase}"


def phase_facts(phases: Mapping[str, range]) -> dict[str, Fact]:
    """What each phase comes to at a school."""
    return {
        name_of(column, phase): Fact(
            name=name_of(column, phase),
            type="number",
            unit="pupils",
            high=MOST * len(years),
            meaning=f"{what} in {said_years(years)} together, of those that the school has",
            usual=0,
            optional=True,
        )
        for phase, years in phases.items()
        for column, what in COLUMNS.items()
    }


def rolls_of(phases: Mapping[str, range]) -> dict[str, range]:
    """The facts that placing a pupil changes, and in which year groups a pupil does."""
    return {name_of("on_roll", phase): years for phase, years in phases.items()}


def said_years(years: range) -> str:
    """`year group 9`, or `year groups 0 to 2`."""
    return f"year group {years[0]}" if len(years) == 1 else f"year groups {years[0]} to {years[-1]}"


def own_phases(edition: Edition, taken: Mapping[str, Fact], whole: range | None, faults: list[Fault]) -> dict[str, range]:
    """What one layer names, without what it may not. `whole` are the year groups of the book, where the layer is the highest of it."""
    made: dict[str, range] = {}
    for name, shape in edition.shape.phases.items():
        path: Path = ("phases", name)
        if any(name_of(column, name) in taken for column in COLUMNS):
            found = next(fact for fact in (name_of(column, name) for column in COLUMNS) if fact in taken)
            faults.append(edition.fault(path, found=f"the name {name}", wanted="a name of its own", advice=f"{found} is already a fact."))
        elif not (problems := list(_slips(edition, path, shape, whole))):
            made[name] = range(shape.lowest, shape.highest + 1)
        else:
            faults.extend(problems)
            made[name] = range(min(shape.lowest, shape.highest), max(shape.lowest, shape.highest) + 1)  # so that it is told once
    return made


def _slips(edition: Edition, path: Path, shape: YearGroupsShape, whole: range | None) -> Iterator[Fault]:
    found = f"lowest {shape.lowest}, highest {shape.highest}"
    if shape.lowest > shape.highest:
        yield edition.fault(path, found=found, wanted="a lowest year group that is not above the highest")
    elif whole is not None and not (shape.lowest in whole and shape.highest in whole):
        yield edition.fault(path, found=found, wanted=f"year groups from {whole[0]} to {whole[-1]}, those of the book")


def years_named(edition: Edition, path: Path, name: str, phases: Mapping[str, range], faults: list[Fault]) -> range | None:
    """The year groups that a name stands for; None where no phase has it."""
    if name not in phases:
        advice = nearest(name, phases) or "Name it under `phases`: `phases: {infants: {lowest: 0, highest: 2}}`."
        faults.append(edition.fault(path, found=name, wanted="`{lowest: ..., highest: ...}`, or a phase of the book", advice=advice))
    return phases.get(name)
