"""What a year shows: each school's receiving, sending and excluding against its share, each group's referrals against the
population, waiting, overrides and the draw; and which of the differences are more than chance, judged over all of them together.

What is printed of a count follows from the table as it may be shown, so it tells no more than that table. Of waiting, overrides
and lots only bands, rounded days and the judgement are told. It finds differences; it does not know why they are there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from panel.reports import comparing
from panel.reports.comparing import Out, Side
from panel.reports.monitored import CHARACTERISTICS, UNKNOWN, Pupil, School, Year
from panel.reports.suppression import ENOUGH, FEW, Cell, Shown, band, shown

Part = Literal["receiving", "sending", "excluding", "group", "waiting", "overrides", "direction", "draw"]
AFTER_EXCLUSION: Final = "after a permanent exclusion"
OTHER_SETTINGS: Final = "other settings"
NOT_PLACED: Final = "not placed by the end"
OF_NO_SCHOOL: Final = (AFTER_EXCLUSION, OTHER_SETTINGS, NOT_PLACED)
TO_DAYS: Final = 5


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table: what is shown, and how it compares. Of a hidden row, and one that cannot be compared, there is no `out`.

    `expected` is the count by its share; `ratio` the count over it, or for a group its rate over everybody else's; with its 95%
    interval; `limits` the funnel's, at 95% and 99.8%. `days` is the middle waiting time, to the nearest 5.
    """

    cell: Cell
    expected: float | None = None
    ratio: float | None = None
    interval: tuple[float, float] | None = None
    limits: tuple[tuple[int, int], tuple[int, int]] | None = None
    out: Out | None = None
    days: int | None = None
    found: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A partition of the year's pupils, or of its exclusions, by school or by the groups of one characteristic."""

    part: Part
    name: str
    shown: Shown
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Band:
    """Overrides under a chair, or at a school: only roughly how many."""

    part: Literal["overrides", "direction"]
    label: str
    counts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Test:
    """One question put to the year, and what chance alone would make of it. `of`: the characteristic, where the label is a group."""

    part: Part
    label: str
    side: Side
    chance: float
    of: str = ""
    found: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that is told of a year. `pupils` and `excluded` are None below 20; `untold` says what could not be compared, and why."""

    year: int
    pupils: int | None
    excluded: int | None
    tables: tuple[Table, ...]
    bands: tuple[Band, ...]
    tests: tuple[Test, ...]
    untold: tuple[str, ...]

    @property
    def found(self) -> tuple[Test, ...]:
        """The differences that are more than chance."""
        return tuple(test for test in self.tests if test.found)


def report(year: Year, population: Mapping[str, Mapping[str, int]], *, identities: bool) -> Report:
    """Put every question to the year at once. `population`: characteristic -> group -> pupils; what the record knows is added."""
    known = {**(year.population or {}), **population}
    asked = [name for name in CHARACTERISTICS if (identities or name == "looked_after") and name not in year.gone]
    enough = len(year.pupils) >= ENOUGH
    tables = [*_school_tables(year)]
    if enough:
        tables += [_groups(year, name, known.get(name, {})) for name in asked]
    counted = {cell.label for table in tables if table.part == "receiving" for cell in table.shown.cells if cell.count is not None}
    bands, of_overrides = _overrides(year, counted) if enough else ((), ())
    tests = [test for table in tables for test in _asked(table)]
    tests += [test for table in tables for test in (*_waiting(year, table), *_draw(year, table))]
    tests += [*of_overrides, *(_school_draws(year) if enough else ())]
    judged = comparing.beyond_chance([test.chance for test in tests])
    told = tuple(replace(test, found=found) for test, found in zip(tests, judged, strict=True))
    return Report(
        year=year.year,
        pupils=len(year.pupils) if enough else None,
        excluded=len(year.excluded_by) if len(year.excluded_by) >= ENOUGH else None,
        tables=tuple(_marked(_with_days(year, table), told) for table in tables),
        bands=bands,
        tests=told,
        untold=tuple(_untold(year, known, asked, identities=identities)),
    )


# --- schools ---


def _school_tables(year: Year) -> Iterator[Table]:
    urns = sorted(year.schools, key=lambda urn: (year.schools[urn].roll is None, year.schools[urn].roll, urn))

    def table(part: Part, keys: Iterable[str], extra: tuple[str, ...], weight: Callable[[School], int | None]) -> Iterator[Table]:
        keys = [key if key in year.schools or key in extra else OTHER_SETTINGS for key in keys]
        weights = {urn: weight(year.schools[urn]) for urn in urns}
        labels = [*(urn for urn in urns if weights[urn]), *(urn for urn in urns if not weights[urn]), *extra, OTHER_SETTINGS]
        if len(keys) >= ENOUGH:
            seen = shown(labels, [keys.count(label) for label in labels], [weights.get(label) for label in labels])
            yield Table(part, part, seen, tuple(_against_share(seen, cell) for cell in seen.cells))

    yield from table("receiving", (pupil.received_by or NOT_PLACED for pupil in year.pupils), (NOT_PLACED,), lambda one: one.share)
    sent = (AFTER_EXCLUSION if pupil.after_exclusion else pupil.sent_by for pupil in year.pupils)
    yield from table("sending", sent, (AFTER_EXCLUSION,), lambda one: one.roll)
    yield from table("excluding", year.excluded_by, (), lambda one: one.roll)


def receiving(year: Year) -> Shown | None:
    """The year's pupils by where they went, as every report shows them; None where they are too few for any table."""
    return next((table.shown for table in _school_tables(year) if table.part == "receiving"), None)


def tells_after_exclusion(year: Year) -> bool:
    """Whether it is shown how many were referred after a permanent exclusion."""
    cells = (cell for table in _school_tables(year) if table.part == "sending" for cell in table.shown.cells)
    return any(cell.label == AFTER_EXCLUSION and cell.count is not None for cell in cells)


def _share(seen: Shown, cell: Cell) -> float | None:
    """The share of a row of known weight among all such rows, if it is neither nothing nor everything."""
    everybody = sum(other.weight or 0 for other in seen.cells)
    return cell.weight / everybody if cell.weight and cell.weight < everybody else None


def _against_share(seen: Shown, cell: Cell) -> Line:
    """A row against its share of all the rows."""
    share, n = _share(seen, cell), seen.compared
    if share is None or cell.count is None or n[1] == 0:
        return Line(cell)
    out = comparing.against(cell.count, n, share)
    return Line(
        cell,
        expected=n[1] * share,
        ratio=cell.count / (n[1] * share),
        interval=(out.low / share, out.high / share),
        limits=(comparing.funnel(n[1], share, 0.95), comparing.funnel(n[1], share, 0.998)),
        out=out,
    )


# --- groups ---


def _group_of(pupil: Pupil, name: str) -> str:
    return pupil.groups.get(name, UNKNOWN)


def _groups(year: Year, name: str, population: Mapping[str, int]) -> Table:
    """The groups of one characteristic. The population adds rows of nobody at most: which counts are hidden, the record says alone."""
    groups = [_group_of(pupil, name) for pupil in year.pupils]
    labels = [*sorted({*groups, *population} - {UNKNOWN}, reverse=True), UNKNOWN]
    seen = shown(labels, [groups.count(label) for label in labels], [population.get(label) for label in labels])
    return Table("group", name, seen, tuple(_against_others(seen, cell, population) for cell in seen.cells))


def _against_others(seen: Shown, cell: Cell, population: Mapping[str, int]) -> Line:
    """A group's rate of referral beside everybody else's in the population."""
    there, n = sum(population.values()), seen.compared
    if cell.count is None or not cell.weight or cell.weight >= there or n[1] == 0:
        return Line(cell)
    share = cell.weight / there
    out = comparing.against(cell.count, n, share)
    odds = (there - cell.weight) / cell.weight
    low, high, ratio = (_odds(value) * odds for value in (out.low, out.high, cell.count / n[1]))
    limits = (comparing.funnel(n[1], share, 0.95), comparing.funnel(n[1], share, 0.998))
    return Line(cell, expected=n[1] * share, ratio=ratio, interval=(low, high), limits=limits, out=out)


def _odds(share: float) -> float:
    return share / (1 - share) if share < 1 else float("inf")


def _asked(table: Table) -> Iterator[Test]:
    """The questions of a table. Where two rows share everything between them, the one with fewer answers nothing new."""
    lines = sorted((line for line in table.lines if line.out), key=lambda line: line.out is not None and line.out.side == "fewer")
    weighed = [line for line in table.lines if line.cell.weight]
    for line in lines[:1] if len(weighed) == 2 else lines:
        if line.out:
            yield Test(table.part, line.cell.label, line.out.side, line.out.chance, table.name if table.part == "group" else "")


def _told_of(table: Table) -> list[str]:
    """The groups of which something may be told beside their count."""
    return [cell.label for cell in table.shown.cells if cell.label != UNKNOWN and cell.count]


# --- waiting, and the draw ---


def _waiting(year: Year, table: Table) -> Iterator[Test]:
    """Whether a group waited longer or shorter than the others."""
    return _ranked(year, table, "waiting", lambda pupil: () if pupil.waited is None else (pupil.waited,))


def _draw(year: Year, table: Table) -> Iterator[Test]:
    """Whether a group's lots were better than the others'. The lower lot goes first, so they are told with the sign turned."""
    return _ranked(year, table, "draw", lambda pupil: tuple(-lot for lot in pupil.lots))


def _ranked(year: Year, table: Table, part: Part, values: Callable[[Pupil], tuple[float, ...]]) -> Iterator[Test]:
    """Each group of which something may be told beside everybody else of whom the group is known."""
    if table.part != "group":
        return
    told, tests = _told_of(table), []
    groups = [(_group_of(pupil, table.name), values(pupil)) for pupil in year.pupils]
    known = [(group, value) for group, its in groups if group != UNKNOWN for value in its]
    for label in told:
        mine, others = ([value for group, value in known if (group == label) is own] for own in (True, False))
        if min(len(mine), len(others)) >= FEW:
            chance, side = comparing.ranks(mine, others)
            tests.append(Test(part, label, side, chance, table.name))
    tests.sort(key=lambda test: test.side == "fewer")
    yield from tests[:1] if len({group for group, _ in known}) == 2 else tests


def _days(year: Year, name: str, label: str) -> list[int]:
    return [pupil.waited for pupil in year.pupils if pupil.waited is not None and _group_of(pupil, name) == label]


def _with_days(year: Year, table: Table) -> Table:
    """The table of a characteristic with the middle waiting time of each group that is shown."""
    if table.part != "group":
        return table
    told = set(_told_of(table))
    days = {label: sorted(_days(year, table.name, label)) for label in told}
    middle = {label: TO_DAYS * round(its[len(its) // 2] / TO_DAYS) for label, its in days.items() if len(its) >= FEW}
    return replace(table, lines=tuple(replace(line, days=middle.get(line.cell.label)) for line in table.lines))


# --- overrides ---


def _overrides(year: Year, counted: Collection[str]) -> tuple[tuple[Band, ...], tuple[Test, ...]]:
    """Under which chair the panel decided otherwise than proposed, and which schools that spared or asked.

    Schools only where what they received is shown (`counted`): of hidden rows it would tell which is the larger one, and so the other.
    """
    bands: list[Band] = []
    tests: list[Test] = []
    decided = [pupil for pupil in year.pupils if pupil.chair is not None]
    otherwise = [pupil for pupil in decided if pupil.overridden]
    for chair in sorted({pupil.chair or "" for pupil in decided}):
        here = sum(pupil.chair == chair for pupil in decided)
        over = sum(pupil.chair == chair for pupil in otherwise)
        bands.append(Band("overrides", chair, {"overrides": band(over)}))
        if over >= FEW and here < len(decided):
            tests.append(Test("overrides", chair, "more", comparing.in_excess(over, len(otherwise), here, len(decided))))
    for urn in sorted(year.schools):
        spared = sum(pupil.proposed == urn != pupil.received_by for pupil in otherwise)
        asked = sum(pupil.received_by == urn != pupil.proposed for pupil in otherwise)
        if urn in counted and max(spared, asked) >= FEW:
            bands.append(Band("direction", urn, {"asked": band(asked), "spared": band(spared)}))
            tests.append(Test("direction", urn, "more" if asked > spared else "fewer", comparing.evenly(asked, asked + spared)))
    return tuple(bands), tuple(tests)


# --- the draw and the schools ---


def _school_draws(year: Year) -> Iterator[Test]:
    """Whether lots differed by the school that sent the pupils, and by the school they are drawn for: one question each for all schools."""
    of_senders = {urn: [lot for pupil in year.pupils if pupil.sent_by == urn for lot in pupil.lots] for urn in year.schools}
    of_pairs = {urn: [lot for pupil in year.pupils for lot in (pupil.pair_lots or {}).get(urn, ())] for urn in year.schools}
    for of, lots in (("sending", of_senders), ("receiving", of_pairs)):
        enough = {urn: its for urn, its in lots.items() if len(its) >= FEW}
        if len(enough) >= 2:
            chance, furthest, side = comparing.uniform_means(enough)
            yield Test("draw", furthest, "fewer" if side == "more" else "more", chance, of)


# --- the whole ---


def _marked(table: Table, tests: Iterable[Test]) -> Table:
    """The table with what was found more than chance."""
    found = {(test.part, test.of, test.label) for test in tests if test.found}
    of = table.name if table.part == "group" else ""
    pair = sum(bool(line.cell.weight) for line in table.lines) == 2
    beyond = {line.cell.label for line in table.lines if (table.part, of, line.cell.label) in found}
    lines = (replace(line, found=line.out is not None and (line.cell.label in beyond or (pair and bool(beyond)))) for line in table.lines)
    return replace(table, lines=tuple(lines))


def _untold(year: Year, known: Mapping[str, Mapping[str, int]], asked: list[str], *, identities: bool) -> Iterator[str]:
    if len(year.pupils) < ENOUGH:
        yield f"Fewer than {ENOUGH} pupils were referred in the year: of so few no shares and no groups are shown."
    if len(year.excluded_by) < ENOUGH:
        yield f"Fewer than {ENOUGH} pupils were permanently excluded in the year: of so few no shares are shown."
    missing = sorted(urn for urn, school in year.schools.items() if school.roll is None)
    if missing:
        yield f"The record has no roll for {', '.join(missing)}: they are compared with nothing."
    if year.gone:
        gone = ", ".join(name.replace("_", " ") for name in CHARACTERISTICS if name in year.gone)
        yield f"Of some pupils it is no longer held: {gone}. A new table beside an older one would show whose; use the older report."
    without = [name.replace("_", " ") for name in asked if name not in known]
    if without and len(year.pupils) >= ENOUGH:
        yield f"The record does not say how many of the panel's pupils are in each group of: {', '.join(without)}. --population FILE does."
    if not identities:
        yield "Sex, ethnicity, free school meals and SEN lie in the sealed identities; --with-identities reads them."
