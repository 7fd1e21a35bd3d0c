"""The annual report of a year that is over: the children admitted to each school through the panel, by category and year group,
how soon they were on roll, and those who were not placed, and why.

    all referred     = the rows of `receiving`: each school, other settings, not placed      (the table of the equity report, cell by cell)
    admitted         = all referred - not placed: partitioned by category, by year group, by how soon on roll
    not placed       partitioned by why

Every table is a partition of its own children and is shown by `suppression.py` alone; one of a part is made only where the size of
the part is shown, so that no table tells of another what it hides. The weeks come from the rulebook, never from who asks, for two
reports that differ by a week would show the child between them. It names no child and decides nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from panel.equity import NOT_PLACED, receiving
from panel.fold import fold
from panel.monitored import latest_of, look
from panel.state import Recorded, Referral
from panel.suppression import ENOUGH, Shown, shown
from rules.book import Category, Rulebook

WEEKS: Final = 4
"""How soon a child should be on roll, where the rulebook does not say: the setting `on_roll_within`, in weeks."""

MOST_WEEKS: Final = 52
NO_CATEGORY: Final = "no category recorded"
NO_START: Final = "no first day recorded by the time the year was over"
Part = Literal["receiving", "category", "year_group", "on_roll", "why"]

PUT_OFF: Final = "outstanding: put off to a later meeting"
SCHOOL_REFUSED: Final = "outstanding: the school did not agree"
FAMILY_REFUSED: Final = "outstanding: the family did not agree"
OPEN: Final = "outstanding: no place found yet, or not decided"
WITHDRAWN: Final = "the referral was withdrawn"
DECLINED: Final = "the panel declined it"
ERASED: Final = "the case was erased"
WHY: Final = (PUT_OFF, SCHOOL_REFUSED, FAMILY_REFUSED, OPEN, WITHDRAWN, DECLINED, ERASED)
WAITING: Final = {
    "decision.deferred": PUT_OFF,
    "receiving_school.refused": SCHOOL_REFUSED,
    "family.refused": FAMILY_REFUSED,
}
"""What happened last to a referral that waits, and what that makes of it."""


@dataclass(frozen=True, slots=True)
class Table:
    """A partition of the children `of`: all who were referred, those admitted, or those not placed."""

    part: Part
    of: Literal["referred", "admitted", "not placed"]
    shown: Shown


@dataclass(frozen=True, slots=True)
class Annual:
    """Everything that is told of a year. `referred` is None below 20, `admitted` and `not_placed` also where that could be worked
    out of a hidden count. `names` are those of schools and categories; `untold` says what is not there, and why."""

    year: int
    weeks: int
    referred: int | None
    admitted: int | None
    not_placed: int | None
    tables: tuple[Table, ...]
    names: Mapping[str, str]
    untold: tuple[str, ...]

    @property
    def within(self) -> str:
        """What a child is who was on roll in time."""
        return f"on roll within {self.weeks} weeks of the decision"


def annual(record: Sequence[Recorded], year: int, closing: int, *, per: str, rulebook: Rulebook | None) -> Annual:
    """The report on the year, from the entries before `closing`. `per` is what the equity report measures receiving by; `rulebook`
    the one in force when the year ended, None where there was none yet."""
    seen = look(record, year, closing, per=per, identities=False)
    everybody = tuple(latest_of(fold(item for item in record if item.seq < closing), year).values())
    weeks = weeks_of(rulebook)
    schools = receiving(seen)
    names = {urn: school.name for urn, school in seen.schools.items()}
    categories = rulebook.categories if rulebook else {}
    if schools is None:
        few = f"Fewer than {ENOUGH} children were referred in the year: of so few nothing is shown."
        return Annual(year, weeks, None, None, None, (), names, (few,))
    missing = next(cell.count for cell in schools.cells if cell.label == NOT_PLACED)
    placed = tuple(referral for referral in everybody if referral.status == "decided")
    left = tuple(referral for referral in everybody if referral.status != "decided")
    told = Table("receiving", "referred", schools)
    tables = [told, *(_parts(placed, left, weeks, categories) if missing is not None else _of_all(everybody, categories))]
    return Annual(
        year=year,
        weeks=weeks,
        referred=schools.total,
        admitted=None if missing is None else schools.total - missing,
        not_placed=missing,
        tables=tuple(tables),
        names=names | {f"category {letter}": category.say for letter, category in categories.items()},
        untold=tuple(_untold(missing, placed, left, everybody)),
    )


def weeks_of(rulebook: Rulebook | None) -> int:
    """The rulebook's weeks; 4 where it has none that make sense."""
    setting = rulebook.settings.get("on_roll_within") if rulebook else None
    if setting is None or setting.unit != "weeks" or isinstance(setting.value, bool) or not isinstance(setting.value, int):
        return WEEKS
    return setting.value if 1 <= setting.value <= MOST_WEEKS else WEEKS


def _parts(placed: Sequence[Referral], left: Sequence[Referral], weeks: int, categories: Mapping[str, Category]) -> Iterator[Table]:
    """The tables of those admitted, and of those not placed, where there are enough of them."""
    if len(placed) >= ENOUGH:
        yield from _who("admitted", placed, categories)
        labels = (_within(weeks), "on roll later", NO_START)
        yield Table("on_roll", "admitted", _partition(placed, labels, lambda one: labels[_on_roll(one, weeks)]))
    if len(left) >= ENOUGH:
        yield Table("why", "not placed", _partition(left, WHY, why))


def _of_all(everybody: Sequence[Referral], categories: Mapping[str, Category]) -> Iterator[Table]:
    """Where how many were not placed is hidden, all together: a table of those admitted would have their number as its total."""
    yield from _who("referred", everybody, categories)


def _who(of: Literal["referred", "admitted"], children: Sequence[Referral], categories: Mapping[str, Category]) -> Iterator[Table]:
    if all(one.made.case is not None for one in children):
        letters = {one.case.category for one in children if one.case.category}
        labels = (*(f"category {letter}" for letter in sorted(letters | categories.keys())), NO_CATEGORY)
        yield Table("category", of, _partition(children, labels, _category))
    years = sorted({one.made.year_group for one in children})
    yield Table("year_group", of, _partition(children, [f"year {year}" for year in years], lambda one: f"year {one.made.year_group}"))


def _partition(children: Sequence[Referral], labels: Sequence[str], key: Callable[[Referral], str]) -> Shown:
    keys = [key(one) for one in children]
    return shown(labels, [keys.count(label) for label in labels], [None] * len(labels))


def _category(one: Referral) -> str:
    return f"category {one.case.category}" if one.case.category else NO_CATEGORY


def _within(weeks: int) -> str:
    return f"on roll within {weeks} weeks of the decision"


def _on_roll(one: Referral, weeks: int) -> int:
    """0: within so many weeks of the decision; 1: later; 2: nobody wrote down a first day."""
    if one.started is None or one.decision is None:
        return 2
    return 0 if one.started <= one.decision.on + dt.timedelta(weeks=weeks) else 1


def why(one: Referral) -> str:
    """Why a child was not placed, when the year was over."""
    match one.status:
        case "withdrawn":
            return WITHDRAWN
        case "declined":
            return DECLINED
        case "erased":
            return ERASED
        case _:
            return next((WAITING[happened.event] for happened in reversed(one.happened) if happened.event in WAITING), OPEN)


def _untold(missing: int | None, placed: Sequence[Referral], left: Sequence[Referral], everybody: Sequence[Referral]) -> Iterator[str]:
    if missing is None:
        yield "How many were not placed is hidden, so nothing is told of those admitted by themselves: these tables are of all referred."
    elif len(placed) >= ENOUGH and all(one.started is None for one in placed):
        yield "Nobody's first day at the school was recorded in that year: pastoral start records it."
    elif len(placed) < ENOUGH:
        yield f"Fewer than {ENOUGH} children were admitted: of so few there is no table of their own."
    if missing and len(left) < ENOUGH:
        yield f"Fewer than {ENOUGH} children were not placed: of so few it is not told why."
    if any(one.made.case is None for one in (everybody if missing is None else placed)):
        yield "Of some cases the category is no longer held. A new table beside an older one would show whose; use the older report."
