"""The children admitted in a year, in the sets in which they may be told: fair access, and every other way, or all together.

A child is of the year of the first day at the school (`begun.py`). Of fewer than 20 there is no set. Whoever also holds the
equity report knows how many were placed of those referred, by school, and how many came after an exclusion: what that and
these tables would show together is not told, or only in bands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from panel.events.event import Kind
from panel.reports.begun import YearOfCases
from panel.reports.by_school import Crossed, by_way, crossed, unshown
from panel.reports.equity import NOT_PLACED, OTHER_SETTINGS, tells_after_exclusion
from panel.reports.monitored import Year
from panel.reports.partitions import (
    FAIR_ACCESS,
    KINDS,
    Table,
    by_category,
    by_kind,
    by_on_roll,
    by_year_group,
    category,
    when_admitted,
)
from panel.reports.suppression import ENOUGH, FEW, Shown, band, bands_tell
from panel.state.lifecycle import kind_in_words
from panel.state.records import Referral
from rules.book import Category

FAIR: Final = "fair access"
OTHER: Final = "other ways"
ALL: Final = "every way"
SETS: Final[Mapping[str, str]] = {
    FAIR: "admitted under the fair access protocol",
    OTHER: "admitted by other ways",
    ALL: "admitted, by every way",
}
BROUGHT: Final = "admitted in the year after a referral of an earlier one"
TO_BEGIN: Final = "a school was decided, but no first day recorded by the end: told in the year in which they begin"
WAITING: Final = "referred in an earlier year, and not decided by the end of this one"


@dataclass(frozen=True, slots=True)
class Admitted:
    """The sets that are told, by name; no child is in two. `received` is the equity report's table of schools, `missing` how many
    were not placed (None: hidden), `away` the schools that no table of those admitted names, `after` whether it may be told how many
    came after a permanent exclusion, `why_none` why there is no set."""

    cases: YearOfCases
    seen: Year
    received: Shown
    missing: int | None
    sets: Mapping[str, tuple[Referral, ...]]
    away: frozenset[str]
    after: bool
    why_none: str

    @property
    def all_told(self) -> int | None:
        """How many were admitted, where everybody is in a set."""
        there = sum(map(len, self.sets.values()))
        return there if self.sets and there == len(self.cases.begun) else None

    def number(self, name: str) -> int | None:
        """How many are in a set; nought where nobody is and all others are told."""
        if name in self.sets:
            return len(self.sets[name])
        return 0 if self.sets and not _in(name, self.cases.begun) else None

    @property
    def no_school(self) -> bool:
        """Whether no school can be named."""
        return all(label in self.away for label in _of_schools(self.received))

    def tables(self, weeks: int, categories: Mapping[str, Category]) -> Iterator[Table]:
        """Each set by one key."""
        for name, its in self.sets.items():
            yield from by_category(SETS[name], its, categories)
            yield by_year_group(SETS[name], its, when_admitted)
            if name != FAIR and self.after:
                yield by_kind(SETS[name], its, _kinds(but_fair=name == OTHER))
            yield by_on_roll(SETS[name], its, weeks)

    def crossed(self, tables: Sequence[Table]) -> Iterator[Crossed]:
        """Schools by way; then each set's schools by category and by year group, beside the tables of these keys alone."""
        if not self.sets or self.no_school:
            return
        counts = {name: Counter(self._place(one) for one in its) for name, its in self.sets.items()}
        yield by_way(_of_schools(self.received), self.away, counts)
        alone = {(table.part, table.of): table.shown for table in tables}
        for name, its in self.sets.items():
            of, places = SETS[name], [self._place(one) for one in its]
            if ("category", of) in alone:
                yield from crossed("school_by_category", of, places, list(map(category, its)), self.away, alone["category", of])
            years = [f"year {when_admitted(one)}" for one in its]
            yield from crossed("school_by_year_group", of, places, years, self.away, alone["year_group", of])

    def _place(self, one: Referral) -> str:
        return place(one, self.seen)

    def bands(self, by_school: Crossed | None) -> Iterator[tuple[str, str]]:
        """What is told roughly: the ways of which there is no table, what goes over from year to year, and directions of schools.

        `by_school`: the table of schools by way, where there is one."""
        kinds = tuple(self._of_kinds())
        yield from kinds
        yield from self._over_the_years_end(by_school, kinds_told=bool(kinds))
        yield WAITING, band(len(self.cases.waiting))
        directions = self.cases.directions
        yield "directions announced to a school", band(len(directions))
        yield "of these, the school was directed", band(sum(one.directed is not None for one in directions))
        for stands, said in (("admitted", "the school admitted"), ("dropped", "it was given up"), ("open", "it was open at the end")):
            yield f"of these, {said}", band(sum(one.stands == stands for one in directions))

    def _of_kinds(self) -> Iterator[tuple[str, str]]:
        """Each kind roughly, where no set has a table of them: not where it is hidden how many came after an exclusion, nor where
        their sum, with or without these, would make the bands tell counts under 5."""
        if not self.cases.begun or not self.after or {OTHER, ALL} & self.sets.keys():
            return
        counts = Counter(one.made.referral_kind for one in self.cases.begun)
        kinds = _kinds(but_fair=FAIR in self.sets)
        together = sum(counts[kind] for kind in kinds)
        if bands_tell(together, len(kinds)) or bands_tell(together - counts["permanent_exclusion"], len(kinds) - 1):
            return
        for kind in kinds:
            yield f"admitted by {kind_in_words(kind)}", band(counts[kind])

    def _over_the_years_end(self, by_school: Crossed | None, *, kinds_told: bool) -> Iterator[tuple[str, str]]:
        """Who came from the year before and who goes on into the next, as far as the schools' numbers in both reports do not tell it.

        Of those placed and those admitted, the difference is shown, and so one of the two numbers follows from the other: then
        only the smaller one is told. At least so many of either as the differences of the schools: not where that is a band's end.
        """
        if self.missing is None:
            return
        placed, all_told = self.received.total - self.missing, self.all_told
        gone, come = self._by_the_schools(by_school, placed)
        if all_told is None:
            at_least = placed - sum(map(len, self.sets.values())) - (ENOUGH - 1)
            brought, to_begin = True, not kinds_told and not bands_tell(at_least, 1)
        else:
            brought, to_begin = placed >= all_told, placed <= all_told and not bands_tell(gone, 1)
        if brought and not bands_tell(come, 1):
            yield BROUGHT, band(len(self.cases.brought))
        if to_begin:
            yield TO_BEGIN, band(len(self.cases.to_begin))

    def _by_the_schools(self, by_school: Crossed | None, placed: int) -> tuple[int, int]:
        """How many more were placed than admitted, and admitted than placed, over the schools that show both, and all others together."""
        rows = {row: counts[-1] for row, counts in by_school.rows} if by_school else {}
        received = _of_schools(self.received)
        both = [(many, came) for label, many in received.items() if many is not None and (came := rows.get(label)) is not None]
        apart = [many - came for many, came in both]
        apart.append(placed - sum(map(len, self.sets.values())) - sum(apart))
        return sum(one for one in apart if one > 0), -sum(one for one in apart if one < 0)


def admitted(cases: YearOfCases, seen: Year, received: Shown, missing: int | None) -> Admitted:
    """What may be told of those admitted. `missing`: how many of those referred were not placed, None where that is hidden."""
    fair, other = _in(FAIR, cases.begun), _in(OTHER, cases.begun)
    after = tells_after_exclusion(seen)
    sets: dict[str, tuple[Referral, ...]] = {}
    if len(fair) >= ENOUGH:
        sets[FAIR] = fair
        if len(other) >= ENOUGH and (after or sum(one.made.referral_kind != "permanent_exclusion" for one in other) >= FEW):
            sets[OTHER] = other
    elif len(cases.begun) >= ENOUGH:
        sets[ALL] = cases.begun
    why_none = f"there were fewer than {ENOUGH} whose first day was recorded (pastoral start)"
    told = sum(map(len, sets.values())) == len(cases.begun)
    if sets and missing is None and told and received.total - len(cases.begun) in (1, 2):
        sets, why_none = {}, "their number would tell how many were not placed"
    one, rest = (cases.begun, ()) if ALL in sets else (fair, other)
    counts = [Counter(place(each, seen) for each in its) for its in (one, rest)]
    away = unshown(_of_schools(received), *counts, both=OTHER in sets)
    return Admitted(cases, seen, received, missing, sets, away, after, why_none)


def place(one: Referral, seen: Year) -> str:
    """The row of the equity report that a placement is in."""
    school = one.decision.school if one.decision else None
    return school if school is not None and school in seen.schools else OTHER_SETTINGS


def _in(name: str, begun: Sequence[Referral]) -> tuple[Referral, ...]:
    return tuple(one for one in begun if (one.made.referral_kind == FAIR_ACCESS) is (name == FAIR))


def _of_schools(received: Shown) -> dict[str, int | None]:
    return {cell.label: cell.count for cell in received.cells if cell.label != NOT_PLACED}


def _kinds(*, but_fair: bool) -> tuple[Kind, ...]:
    return tuple(kind for kind in KINDS if not (but_fair and kind == FAIR_ACCESS))
