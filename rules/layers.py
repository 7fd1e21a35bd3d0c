"""How the layers of a rulebook meet: settings that a local book may choose, and names that it may not take.

It parses no condition. A stack of editions stands from the statutory book up to the local one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping

from rules.book import Setting
from rules.edition import Edition, nearest, shown
from rules.errors import Fault
from rules.shape import SettingShape, YearGroupsShape
from rules.yaml_text import Path

Stack = tuple[Edition, ...]


def settings_of(stack: Stack, faults: list[Fault]) -> Mapping[str, Setting]:
    """Every setting with the value that holds, the bounds that the layers below leave, and whose value it is."""
    made: dict[str, Setting] = {}
    for edition in stack:
        for name, shape in edition.shape.settings.items():
            below = made.get(name)
            if below is None:
                made[name] = _new(edition, name, shape)
                faults.extend(_unbounded(edition, name, shape))
            elif problems := list(_locked(edition, name, shape, below)):
                faults.extend(problems)
            else:
                made[name] = _chosen(edition, shape, below)
    return made


def _new(edition: Edition, name: str, shape: SettingShape) -> Setting:
    return Setting(name, shape.value, shape.unit, shape.say, bool(shape.choice), shape.at_least, shape.at_most, edition.name)


def _chosen(edition: Edition, shape: SettingShape, below: Setting) -> Setting:
    lows = [bound for bound in (below.at_least, shape.at_least) if bound is not None]
    highs = [bound for bound in (below.at_most, shape.at_most) if bound is not None]
    return Setting(
        id=below.id,
        value=shape.value,
        unit=below.unit,
        say=shape.say or below.say,
        choice=shape.choice is not False,
        at_least=max(lows, default=None),
        at_most=min(highs, default=None),
        book=edition.name,
    )


def _unbounded(edition: Edition, name: str, shape: SettingShape) -> Iterator[Fault]:
    """Bounds belong to whole numbers, and a book keeps to its own."""
    if type(shape.value) is not int:
        if shape.at_least is not None or shape.at_most is not None:
            yield edition.fault(
                ("settings", name), found=f"bounds on {shown(shape.value)}", wanted="at_least and at_most only on a whole number"
            )
    else:
        yield from _outside(edition, name, shape.value, shape.at_least, shape.at_most)


def _outside(edition: Edition, name: str, value: int, low: int | None, high: int | None) -> Iterator[Fault]:
    if (low is not None and value < low) or (high is not None and value > high):
        bounds = " and ".join(
            part for part in (f"at least {low}" if low is not None else "", f"at most {high}" if high is not None else "") if part
        )
        yield edition.fault(("settings", name), found=f"{value}", wanted=bounds)


def _locked(edition: Edition, name: str, shape: SettingShape, below: Setting) -> Iterator[Fault]:
    path: Path = ("settings", name)
    if not below.choice:
        yield edition.fault(
            path,
            found=f"a new value for a setting of {below.book}",
            wanted=f"{shown(below.value)} left as it is",
            advice=f"{below.book} does not leave `{name}` to a local book (no `choice: true`); give your own setting another name.",
        )
    elif type(shape.value) is not type(below.value):
        yield edition.fault(path, found=shown(shape.value), wanted=f"{_called(below.value)}, as in {below.book}")
    elif shape.unit not in {"", below.unit}:
        yield edition.fault(
            path, found=f"the unit {shape.unit}", wanted=below.unit or "no unit", advice=f"The unit is that of {below.book}."
        )
    elif type(shape.value) is int:
        yield from _outside(edition, name, shape.value, below.at_least, below.at_most)


def year_groups_of(stack: Stack, faults: list[Fault]) -> range | None:
    """The year groups that the stack is for, those of a layer within those of the layers below; None where no layer says any."""
    made: range | None = None
    for edition in stack:
        shape = edition.shape.year_groups
        if shape is None:
            continue
        said = range(shape.lowest, shape.highest + 1)
        found = f"lowest {shape.lowest}, highest {shape.highest}"
        if not said:
            faults.append(edition.fault(("year_groups",), found=found, wanted="a lowest year group that is not above the highest"))
        elif made is not None and (said[0] not in made or said[-1] not in made):
            advice = "A book may be for fewer year groups than the book below it, never for others."
            faults.append(edition.fault(("year_groups",), found=found, wanted=f"year groups from {made[0]} to {made[-1]}", advice=advice))
        else:
            made = said
    return made


def years_within(edition: Edition, path: Path, shape: YearGroupsShape | None, whole: range, faults: list[Fault]) -> range | None:
    """The year groups that a part of a book is for, within those of the book; None where it says none, or none that there are."""
    if shape is None:
        return None
    years = range(shape.lowest, shape.highest + 1)
    if years and years[0] in whole and years[-1] in whole:
        return years
    found, wanted = f"lowest {shape.lowest}, highest {shape.highest}", f"year groups from {whole[0]} to {whole[-1]}, the lowest first"
    faults.append(edition.fault(path, found=found, wanted=wanted))
    return None


def papers_of(stack: Stack, faults: list[Fault]) -> dict[str, str]:
    """Every paper that the layers name, with its words; a name from below is not taken again."""
    made: dict[str, str] = {}
    whose: dict[str, Edition] = {}
    for edition in stack:
        for name, words in edition.shape.papers.items():
            if name in made:
                wanted = f"a name of its own; {whose[name].name} has this one"
                faults.append(edition.fault(("papers", name), found=f"the paper {name} a second time", wanted=wanted))
            else:
                made[name], whose[name] = words, edition
    return made


def whole_of(
    edition: Edition, path: Path, amount: int | str, settings: Mapping[str, Setting], lost: Collection[str], faults: list[Fault]
) -> int | None:
    """The whole number that an amount comes to: itself, or the setting that it names; None where it names no number."""
    if isinstance(amount, int):
        return amount
    name = amount.removeprefix("settings.")
    if amount in lost or "settings." in lost:
        return None
    if name not in settings:
        known = [f"settings.{setting}" for setting in settings]
        faults.append(edition.fault(path, found=amount, wanted="a setting of the book", advice=nearest(amount, known)))
        return None
    value = settings[name].value
    if type(value) is not int:
        faults.append(edition.fault(path, found=f"{amount}, which is {shown(value)}", wanted="a setting that is a whole number"))
        return None
    return value


def _called(value: object) -> str:
    match value:
        case bool():
            return "true or false"
        case int():
            return "a whole number"
        case dt.date():
            return "a date"
    return "a word"


def names_taken(stack: Stack) -> Iterator[Fault]:
    """Every id that is used twice: in one book, or again above a book that already has it, whatever kind of rule it names."""
    seen: dict[str, tuple[Edition, Path]] = {}
    for edition in stack:
        for path, name in _ids(edition):
            if name not in seen:
                seen[name] = (edition, path)
                continue
            first, where = seen[name]
            same = first is edition
            place = f"line {first.document.line(where)}" + ("" if same else f" of {first.source}")
            advice = "Every rule, limit and derived name has an id of its own." if same else _ADDS.format(first.name)
            yield edition.fault(
                path, found=f"the id {name} a second time", wanted=f"an id of its own; {where[0]} {name} has it on {place}", advice=advice
            )
    for edition in stack:
        own = [clock.id for clock in edition.shape.clocks]
        for number, clock in enumerate(edition.shape.clocks):  # a clock from below may be named again, but no rule's name is a clock's
            if clock.id in seen and clock.id not in own[:number]:
                wanted = f"an id of its own; {seen[clock.id][1][0]} {clock.id} has it"
                yield edition.fault(("clocks", number), found=f"the id {clock.id} a second time", wanted=wanted)


_ADDS = "A local book adds to {}: it cannot change, replace or hide a rule of it."


def _ids(edition: Edition) -> Iterator[tuple[Path, str]]:
    shape = edition.shape
    for section in ("tariff", "derive", "limits", "holds", "bars", "charges", "transfers", "tiers", "notices"):
        for number, item in enumerate(getattr(shape, section)):
            yield (section, number), item.id
    for name in shape.counts:
        yield ("counts", name), name
