"""The annual report of a year that is over: the children admitted to each school under the fair access protocol, and by every other
way, by category and year group; how soon they were on roll; and those who were not placed, and why.

    referred       whoever was referred in the year = the rows of `receiving`, the table of the equity report, cell by cell
    not placed     of those referred, partitioned by why
    admitted       whose first day at a school is of the year (`begun.py`), whenever they were referred: under the protocol (the
                   referral is one of fair access), and by other ways, each a set of its own

A table of one key is shown by `suppression.py`, schools beside another key by `by_school.py`, and one of a part only where
the size of the part is shown, so that no table tells of another what it hides. The weeks come from the rulebook, never from
who asks, for two reports that differ by a week would show the child between them. It names no child and decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from panel.reports.admitted import ALL, FAIR, OTHER, Admitted, admitted
from panel.reports.begun import cases_of
from panel.reports.by_school import Crossed
from panel.reports.equity import NOT_PLACED, receiving
from panel.reports.monitored import closings, latest_of, look
from panel.reports.partitions import Table, by_category, by_why, by_year_group, within
from panel.reports.suppression import ENOUGH
from panel.state.fold import fold
from panel.state.records import Recorded, Referral
from rules.book import Rulebook

WEEKS: Final = 4
"""How soon a child should be on roll, where the rulebook does not say: the setting `on_roll_within`, in weeks."""

MOST_WEEKS: Final = 52
DARK: Final = (
    "Where a table shows nothing but its totals, nearly every count in it is under 5: so few children cannot be told apart by two things."
)


@dataclass(frozen=True, slots=True)
class Annual:
    """Everything that is told of a year. A number of children is None where it is below 20 or would tell what is hidden.

    `tables` have one key, `crossed` schools beside another; `bands` is what is told roughly, by what it is; `names` are those
    of schools and categories; `untold` says what is not there, and why.
    """

    year: int
    weeks: int
    names: Mapping[str, str]
    referred: int | None = None
    not_placed: int | None = None
    admitted: int | None = None
    fair_access: int | None = None
    other_ways: int | None = None
    tables: tuple[Table, ...] = ()
    crossed: tuple[Crossed, ...] = ()
    bands: tuple[tuple[str, str], ...] = ()
    untold: tuple[str, ...] = ()

    @property
    def within(self) -> str:
        """What a child is who was on roll in time."""
        return within(self.weeks)


def annual(record: Sequence[Recorded], year: int, closing: int, *, per: str, rulebook: Rulebook | None) -> Annual:
    """The report on the year, from the entries before `closing`. `per` is what the equity report measures receiving by; `rulebook`
    the one in force when the year ended, None where there was none yet."""
    seen = look(record, year, closing, per=per, identities=False)
    weeks, schools = weeks_of(rulebook), receiving(seen)
    names = {urn: school.name for urn, school in seen.schools.items()}
    if schools is None:
        return Annual(year, weeks, names, untold=(f"Fewer than {ENOUGH} children were referred in the year: of so few nothing is shown.",))
    everybody = tuple(latest_of(fold(item for item in record if item.seq < closing), year).values())
    left = tuple(referral for referral in everybody if referral.status != "decided")
    missing = next(cell.count for cell in schools.cells if cell.label == NOT_PLACED)
    told = admitted(cases_of(record, year, {**closings(record), year: closing}), seen, schools, missing)
    categories = rulebook.categories if rulebook else {}
    tables = [Table("receiving", "referred", schools)]
    if missing is None and not told.sets:
        tables += [*by_category("referred", everybody, categories), by_year_group("referred", everybody)]
    elif missing is not None and len(left) >= ENOUGH:
        tables.append(by_why(left))
    of_admitted = tuple(told.tables(weeks, categories))
    by_school = tuple(told.crossed(of_admitted))
    return Annual(
        year=year,
        weeks=weeks,
        names=names | {f"category {letter}": category.say for letter, category in categories.items()},
        referred=schools.total,
        not_placed=missing,
        admitted=told.all_told,
        fair_access=told.number(FAIR),
        other_ways=told.number(OTHER),
        tables=(*tables, *of_admitted),
        crossed=by_school,
        bands=tuple(told.bands(next((table for table in by_school if table.part == "school"), None))),
        untold=(*_untold(missing, left, everybody, told), *([DARK] if any(not table.tells for table in by_school) else [])),
    )


def weeks_of(rulebook: Rulebook | None) -> int:
    """The rulebook's weeks; 4 where it has none that make sense."""
    setting = rulebook.settings.get("on_roll_within") if rulebook else None
    if setting is None or setting.unit != "weeks" or isinstance(setting.value, bool) or not isinstance(setting.value, int):
        return WEEKS
    return setting.value if 1 <= setting.value <= MOST_WEEKS else WEEKS


def _untold(missing: int | None, left: Sequence[Referral], everybody: Sequence[Referral], told: Admitted) -> Iterator[str]:
    if not told.sets:
        yield f"Of those admitted in the year there is no table of their own: {told.why_none}."
    if missing is None:
        yield "How many were not placed is hidden, and so is why." + (
            "" if told.sets else " The tables below are of all who were referred."
        )
    elif missing and len(left) < ENOUGH:
        yield f"Fewer than {ENOUGH} children were not placed: of so few it is not told why."
    yield from _of_the_sets(told)
    those = [one for its in told.sets.values() for one in its] if told.sets else everybody if missing is None else ()
    if any(one.made.case is None for one in those):
        yield "Of some cases the category is no longer held. A new table beside an older one would show whose; use the older report."


def _of_the_sets(told: Admitted) -> Iterator[str]:
    if FAIR in told.sets and told.number(OTHER) is None:
        yield f"By other ways than fair access came fewer than {ENOUGH}, or how many would tell what is hidden: of these there is no table."
    if ALL in told.sets and told.number(FAIR) is None:
        yield f"Fewer than {ENOUGH} were admitted under the fair access protocol: the tables are of all who were admitted, by every way."
    if told.sets and told.no_school:
        yield "By school nothing can be shown of those admitted: nearly every count is under 5, or would tell one that is."
    elif told.sets and told.away:
        yield "Schools that admitted 1 to 4, or whose number another report hides, are one row, with as many others as that takes."
