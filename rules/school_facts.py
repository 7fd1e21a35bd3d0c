"""Facts about schools that a book names for itself: `school.NAME`, which a column NAME of the schools file says.

Each is about a school as a whole and stays as it is while a meeting lasts; nobody need have said it. It reads no file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from rules.edition import Edition
from rules.errors import Fault
from rules.facts import BY_NAME, EXACT, Fact
from rules.forms import SchoolFactShape
from rules.yaml_text import Path

FAMILY: Final = "school."
MOST: Final = 10_000
MOST_OF: Final[Mapping[str, int]] = {"per cent": 100, "per mille": 1000}
"""The largest number where the book says none, by unit; `MOST` of every other."""

BARE: Final = "number"
"""The unit of a number that goes with any, as a bare one in a rule does: `30 * school.classes` are pupils."""

TAKEN_COLUMNS: Final = frozenset(
    {
        *("urn", "establishmentname", "opendate", "closedate", "numberofpupils", "statutorylowage", "statutoryhighage"),
        *("easting", "northing", "offers"),
    }
)
"""Columns that the schools file has for something else, beside those that are called as their facts."""

MADE: Final = re.compile(r"even_.*_by_roll|(on_roll|pan)_.*")
"""Names of facts that are made from a book's counts and phases."""


def fact_of(name: str, shape: SchoolFactShape) -> Fact:
    """The fact that a name stands for: yes or no, or with a unit a whole number."""
    if not shape.unit:
        return Fact(name=f"{FAMILY}{name}", type="yes/no", meaning=shape.say, optional=True)
    most = shape.at_most if shape.at_most is not None and 1 <= shape.at_most <= EXACT else MOST_OF.get(shape.unit, MOST)
    unit = "" if shape.unit == BARE else shape.unit
    return Fact(name=f"{FAMILY}{name}", type="number", unit=unit, high=most, meaning=shape.say, usual=0, optional=True)


def school_facts_of(stack: Iterable[Edition]) -> dict[str, Fact]:
    """All that the layers name, by the name of the column."""
    return {name: fact_of(name, shape) for edition in stack for name, shape in edition.shape.school_facts.items()}


def own_school_facts(edition: Edition, taken: Mapping[str, Fact], faults: list[Fault]) -> dict[str, Fact]:
    """What one layer names, without the names that it may not take. `taken` are the facts that there are already.

    Where the program itself has a fact of that name a recorded book keeps its own; a new book is refused the name (`on_adoption.py`).
    """
    made: dict[str, Fact] = {}
    for name, shape in edition.shape.school_facts.items():
        path: Path = ("school_facts", name)
        faults.extend(_slips(edition, path, shape))
        if advice := _not_free(name, taken):
            faults.append(edition.fault(path, found=f"the name {name}", wanted="a name of its own", advice=advice))
        else:
            made[name] = fact_of(name, shape)
    return made


def _not_free(name: str, taken: Mapping[str, Fact]) -> str:
    """Why a name cannot be taken; nothing where it can."""
    fact = f"{FAMILY}{name}"
    if fact in taken and fact not in BY_NAME:
        return f"{fact} is already a fact: of a book below, of a count, or derived."
    if fact == "school.setting":
        return f"{fact} is already a fact."
    if name in TAKEN_COLUMNS:
        return f"The schools file has a column {name} for something else."
    if MADE.fullmatch(name):
        return "Facts that are made from counts and phases are called so."
    return ""


def _slips(edition: Edition, path: Path, shape: SchoolFactShape) -> Iterator[Fault]:
    if not shape.say.strip():
        yield edition.fault(path, found="no words in `say`", wanted="what it is", advice="Whoever fills the column reads it.")
    if shape.unit in ("yes/no", "yes or no"):
        yield edition.fault(path, found=f"the unit {shape.unit}", wanted="no `unit`", advice="What has no unit is yes or no.")
    elif shape.at_most is not None and not shape.unit:
        yield edition.fault(path, found="at_most without a unit", wanted="a `unit`", advice="What has no unit is yes or no.")
    elif shape.at_most is not None and not 1 <= shape.at_most <= EXACT:
        yield edition.fault(path, found=f"at_most: {shape.at_most}", wanted=f"a whole number, 1 to {EXACT}")
