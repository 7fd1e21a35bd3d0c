"""`pastoral position`: the living record to start a meeting from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import click

from panel.commands.frame import Day, Desk, Moment, command, in_a_row

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from panel.deciding.position import Measured, Standing
    from rules.book import Count, Objective, Rulebook

OWN: Final = ("roll", "start", "turn", "PEX")
"""Columns that are no count's of the book."""
LOAD: Final = "load"
ITS_COUNT: Final = " (count)"
TAKEN: Final = frozenset({"placements", "outside_admissions"})
"""What a count of pupils who came to a school is of."""


@command(example="pastoral position --as-of 2026-10-22")
@click.option("--as-of", type=Day(), default=None, help="The day; by default that of the latest meeting, else today.")
@click.option("--known-at", type=Moment(), default=None, help="Only what was written by then, e.g. 2026-10-22T16:00:00Z.")
def position(desk: Desk, as_of: dt.date | None, known_at: str | None) -> None:
    """The living record: each school's roll, load, share, quota and turn."""
    from panel.answering import answers, flagged
    from panel.deciding.position import position as standing
    from panel.facts.counts import since_when, since_which_years

    with desk.open() as office:
        then = office.known_at(known_at) if known_at else office
        day = as_of or then.today()
        rulebook = then.rulebook(day)
        where = standing(then.record, rulebook, then.evaluation(rulebook), day)
        name = then.state.name
        since = [one for one in (since_when(then.state, rulebook, day), *since_which_years(rulebook, day)) if one]
        mistakes = flagged.flagged(then, as_of=day)
    from rich.table import Table

    columns = _columns(where.schools, rulebook)
    shown = {column: cells for column, cells in columns.items() if any(cells)}
    table = Table(box=None, pad_edge=False, show_edge=False)
    table.add_column("school")
    for column, cells in shown.items():
        table.add_column(column, justify="right", min_width=max(map(len, (*column.split(), *cells))))
    for row, school in enumerate(where.schools):
        table.add_row(in_a_row(school.name, school.urn), *(cells[row] for cells in shown.values()))
    year = f"{where.academic_year}-{(where.academic_year + 1) % 100:02d}"
    desk.answer(
        answers.standing(name, where) | answers.corrected_since(mistakes),
        f"{name}: where each school stands on {where.as_of}, academic year {year}.",
        table,
        *_legend(shown, rulebook),
        *since,
        *_part_of_a_year(where.schools),
        f"PEX, permanent exclusions made this academic year: {where.permanent_exclusions} in all"
        f"{f'; target {where.target}' if 'target_permanent_exclusions' in rulebook.settings else ''}.",
        *_by_year_group(where.schools),
        *_counts_by_year_group(where.schools, rulebook),
        *_lists_of_year_groups(where.schools, rulebook),
        *(flagged.one_line(one, {school.urn: school.name for school in where.schools}) for one in mistakes),
    )


def _columns(schools: Sequence[Standing], rulebook: Rulebook) -> dict[str, list[str]]:
    """The heading of each column and its cells; one without any is not shown."""
    shares, quotas, rotas = _measuring(rulebook, "share"), _measuring(rulebook, "quota"), _rotas(rulebook)
    counts, load = {name: count for name, count in _headed(rulebook).items() if not _left_of(rulebook, count)}, _load(rulebook)
    levelled = {name: n for name, n in _numbered("rate", shares).items() if shares[n].per != "equal"}
    return {
        "roll": [_roll(school.roll, school.setting) for school in schools],
        "start": [_or(school.start) if school.starts else "" for school in schools],
        **({load: [_level(school, shares[0]) for school in schools]} if load else {}),
        **{name: [_rate(one.ratio) if (one := _nth(school, "share", n)) else "" for school in schools] for name, n in levelled.items()},
        **{name: [str(school.counts[count.id]) for school in schools] for name, count in counts.items() if name != load},
        **{
            name: [_or(one.left) if (one := _nth(school, "quota", n)) else "" for school in schools]
            for name, n in _numbered("left", quotas).items()
        },
        "turn": [str(school.turn) for school in schools],
        **{column: [_next(school, n) for school in schools] for column, (n, rota) in rotas.items() if rota.part == "school"},
        "PEX": [str(school.permanent_exclusions or "") for school in schools],
    }


def _measuring(rulebook: Rulebook, name: str) -> list[Objective]:
    """The shares, or the quotas, of the book that count settings as a whole."""
    return [objective for objective in rulebook.objectives if objective.name == name and objective.part == "school"]


def _nth(school: Standing, name: str, n: int) -> Measured | None:
    """What the nth share or quota of settings as a whole measures at a setting; None at one that it does not speak of."""
    here = [one for one in school.measured if one.name == name and one.year_group is None]
    return here[n] if here else None


def _level(school: Standing, share: Objective) -> str:
    """The load of the first share; at a setting of which it does not speak what its count comes to."""
    one = _nth(school, "share", 0)
    return _or(one.load) if one else "" if share.starts else str(school.counts[share.count])


def _left_of(rulebook: Rulebook, count: Count) -> bool:
    """Whether of a count it is shown what its quota leaves, and it is no share's."""
    by = {objective.name for objective in rulebook.objectives if (objective.count, objective.part) == (count.id, "school")}
    return by == {"quota"}


def _numbered(name: str, of: Sequence[Objective]) -> dict[str, int]:
    """`rate`, then `rate 2`: what the first and each further one are called."""
    return {name if n == 0 else f"{name} {n + 1}": n for n in range(len(of))}


def _load(rulebook: Rulebook) -> str:
    """What heads the load of the first share: its count, but where the share starts from something besides; nothing without a share."""
    first = next(iter(_measuring(rulebook, "share")), None)
    if first is None or first.starts:
        return LOAD if first else ""
    return next(name for name, count in _headed(rulebook).items() if count.id == first.count)


def _headed(rulebook: Rulebook) -> dict[str, Count]:
    """A heading for each count per school: its name, and that it is a count where another column is called so."""
    shares, quotas = _measuring(rulebook, "share"), _measuring(rulebook, "quota")
    taken = {
        *OWN,
        *_numbered("rate", shares),
        *_numbered("left", quotas),
        *_rotas(rulebook),
        *([LOAD] if any(one.starts for one in shares) else []),
    }
    named = {count: count.id.replace("_", " ") for count in rulebook.counts if count.per == "school"}
    return {f"{name}{ITS_COUNT}" if name in taken else name: count for count, name in named.items()}


def _legend(shown: Collection[str], rulebook: Rulebook) -> Iterator[str]:
    """What the columns that are there mean; of the book's other counts those whose name does not say it."""
    shares, quotas, load = _measuring(rulebook, "share"), _measuring(rulebook, "quota"), _load(rulebook)
    loads = next((count for count in rulebook.counts if shares and count.id == shares[0].count), None)
    start = " ".join(shares[0].start_text.split()) if shares else ""
    words = {
        "start": f"start: {start}, what the share starts from.",
        **({load: f"{load}: {'start and ' if 'start' in shown else ''}{_counted(loads)}."} if load else {}),
        **{
            name: f"{name}: {load if n == 0 else _spaced(shares[n])} per 1,000 of what it is measured by."
            for name, n in _numbered("rate", shares).items()
        },
        **{
            name: f"{name}: what the quota{f' of {_spaced(quotas[n])}' if len(quotas) > 1 else ''} leaves."
            for name, n in _numbered("left", quotas).items()
        },
    }
    first = " ".join(said for column, said in words.items() if column in shown)
    yield from [first] if first else []
    for column, count in _headed(rulebook).items():
        told = count.minus or count.plus or count.weigh == "points" or column.endswith(ITS_COUNT) or not set(count.of) <= TAKEN
        if column in shown and column != load and told:
            yield f"{column}: {_counted(count)}."
    yield "turn: whose last turn is longest ago comes first; 0 never had one."
    whole = {column: rota for column, (_, rota) in _rotas(rulebook).items() if rota.part == "school"}
    whose = ", ".join(f"{column}{_whose(rota)}" for column, rota in whole.items())
    yield from [f"{whose}: the number of the school's next turn, from 1."] if whose else []
    yield from (f"{column}: {said}" for column, rota in whole.items() if (said := _in_order(rota)))


def _spaced(objective: Objective) -> str:
    return objective.count.replace("_", " ")


def _counted(count: Count | None) -> str:
    """What a count of the book counts; pupils sent elsewhere are taken off or added where it says so."""
    if count is None:
        return "pupils taken that count"
    if not set(count.of) <= TAKEN:  # of what the school sent or brought
        from rules.counts_in_words import said_count

        return said_count(count)
    whose = "points of the pupils" if count.weigh == "points" else "pupils"
    how = " without the panel" if count.of == ("outside_admissions",) else ""
    credit = ", less those placed elsewhere for the school" if count.minus else ""
    return f"{whose} taken{how} that count{credit}{', with those placed elsewhere for the school' if count.plus else ''}"


def _part_of_a_year(schools: tuple[Standing, ...]) -> Iterator[str]:
    """The schools whose share and quota are those of a part of the year."""
    for school in schools:
        if school.member_days:
            days, of = school.member_days
            yield f"{school.name} is a member for {days} of the {of} days of the year: its share and its quota are by these."


def _by_year_group(schools: tuple[Standing, ...]) -> Iterator[RenderableType]:
    """A table for each quota and each share that counts year groups."""
    measured = [(school, one) for school in schools for one in school.measured if one.year_group is not None]
    years = sorted({one.year_group for _, one in measured if one.year_group is not None})
    for name, count, of in dict.fromkeys((one.name, one.count, one.of) for _, one in measured):
        whose = "" if of == "everybody" else f", {of.replace('_', ' ')}"
        rows = {
            school.urn: {m.year_group: m for m in school.measured if (m.name, m.count, m.of) == (name, count, of)} for school in schools
        }
        equal = all(one.against in (1, None) for cells in rows.values() for one in cells.values())
        load = "load with its start" if any(one.starts for cells in rows.values() for one in cells.values()) else "load"
        what = "what the quota leaves" if name == "quota" else load if equal else f"{load} per 1,000 of what it is measured by"
        yield f"\n{count.replace('_', ' ')} in each year group{whose}: {what}."
        there = ((school, rows[school.urn]) for school in schools if rows[school.urn])
        cells = ((school, [_cell(here[year], equal) if year in here else "" for year in years]) for school, here in there)
        yield _table_of_year_groups(years, cells)


def _counts_by_year_group(schools: Sequence[Standing], rulebook: Rulebook) -> Iterator[RenderableType]:
    """A table for each count per year group that no quota and no share of year groups shows already."""
    shown = {objective.count for objective in rulebook.objectives if objective.part == "year_group"}
    for count in (one for one in rulebook.counts if one.per == "year_group" and one.id not in shown):
        years = sorted({year for school in schools for year in school.year_counts[count.id]})
        rows = [(school, school.year_counts[count.id]) for school in schools]
        yield f"\n{count.id.replace('_', ' ')} in each year group: {_counted(count)}."
        yield _table_of_year_groups(years, [(school, [str(here.get(year, "")) for year in years]) for school, here in rows if here])


def _table_of_year_groups(years: Sequence[int], rows: Iterable[tuple[Standing, Sequence[str]]]) -> Table:
    """A row for each of these schools, a column for each year group."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_edge=False)
    table.add_column("year group", no_wrap=True)
    for year_group in years:
        table.add_column(str(year_group), justify="right", no_wrap=True)
    for school, cells in rows:
        table.add_row(in_a_row(school.name, school.urn), *cells)
    return table


def _rotas(rulebook: Rulebook) -> dict[str, tuple[int, Objective]]:
    """What each rota of the book is called -> its number among them, and the rota."""
    rotas = [objective for objective in rulebook.objectives if objective.name == "rota"]
    return {f"rota {n}" if len(rotas) > 1 else "rota": (n, rota) for n, rota in enumerate(rotas, start=1)}


def _whose(rota: Objective) -> str:
    return "" if str(rota.of) == "everybody" else f" ({str(rota.of).replace('_', ' ')})"


def _in_order(rota: Objective) -> str:
    """By what a rota tells equal claims apart, as a sentence; nothing where it does not."""
    return f"schools whose claims are equal stand in the order of {' '.join(rota.listed_text.split())}." if rota.has_a_list else ""


def _next(school: Standing, rota: int, year_group: int | None = None) -> str:
    """The number of a school's next turn in a rota."""
    return next((str(turn.number) for turn in school.rotas if (turn.rota, turn.year_group) == (rota, year_group)), "")


def _lists_of_year_groups(schools: tuple[Standing, ...], rulebook: Rulebook) -> Iterator[RenderableType]:
    """A table for each rota that has a list for each year group."""
    for name, (n, rota) in _rotas(rulebook).items():
        years = sorted({turn.year_group for school in schools for turn in school.rotas if turn.rota == n and turn.year_group is not None})
        if years:
            order = f" {said.capitalize()}" if (said := _in_order(rota)) else ""
            yield f"\n{name} in each year group{_whose(rota)}: the number of the school's next turn, from 1.{order}"
            rows = [(school, [_next(school, n, year) for year in years]) for school in schools]
            yield _table_of_year_groups(years, [row for row in rows if any(row[1])])


def _cell(one: Measured, equal: bool) -> str:
    """What is left of a quota; of a share the load, where it is equal for all, else the rate."""
    if one.name == "quota":
        return _or(one.left)
    return _or(one.load) if equal else _rate(one.ratio)


def _rate(ratio: Fraction | None) -> str:
    """Load per 1,000 of the share, to two places, halves up."""
    if ratio is None:
        return ""
    hundredths = (ratio * 100_000 + Fraction(1, 2)).__floor__()
    sign = "-" if hundredths < 0 else ""
    return f"{sign}{abs(hundredths) // 100}.{abs(hundredths) % 100:02d}"


def _or(value: int | None) -> str:
    return "" if value is None else str(value)


def _roll(roll: int | None, setting: str) -> str:
    if roll is not None:
        return str(roll)
    return "unknown" if setting == "mainstream" else ""
