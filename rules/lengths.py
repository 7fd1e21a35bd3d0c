"""Lengths of time in a rulebook: `20 school days`, `6 weeks`, or a number that a setting names; and which of two is the longer.

It counts no days; what a school day is depends on term dates, which are the panel's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final, Literal

from rules.book import Length, Setting
from rules.edition import Edition
from rules.errors import Fault
from rules.layers import whole_of
from rules.yaml_text import Path

Unit = Literal["school days", "calendar days", "weeks"]
UNITS: Final[tuple[Unit, ...]] = ("school days", "calendar days", "weeks")
LONGEST: Final = 9999
WEEK: Final = 7


def length_of(
    edition: Edition, path: Path, text: str, settings: Mapping[str, Setting], lost: Collection[str], faults: list[Fault]
) -> Length | None:
    """The length that a text comes to; None where the setting that it names is none."""
    number, _, word = text.partition(" ")
    unit = _unit(word)
    if number.isdigit():
        return Length(int(number), unit or "school days")
    many = whole_of(edition, path, number, settings, lost, faults)
    if many is None:
        return None
    setting = settings[number.removeprefix("settings.")]
    if not 1 <= many <= LONGEST:
        faults.append(edition.fault(path, found=f"{number}, which is {many}", wanted=f"a setting of 1 to {LONGEST}"))
        return None
    if unit is None:
        unit = next((unit for unit in UNITS if unit == setting.unit), None)
    if unit is None or setting.unit not in _FITS[unit]:
        what = f"in {setting.unit}" if setting.unit else "without a unit"
        wanted = f"a setting in {unit}" if unit else f"{number} and its unit: {', '.join(UNITS[:-1])} or {UNITS[-1]}"
        faults.append(edition.fault(path, found=f"{number}, a setting {what}", wanted=wanted))
        return None
    return Length(many, unit, setting.id)


_FITS: Final[Mapping[Unit, tuple[str, ...]]] = {
    "school days": ("", "school days"),
    "calendar days": ("", "calendar days", "days"),
    "weeks": ("", "weeks"),
}
"""The units of a setting that a length may be made of."""


def length_in(text: str) -> Length:
    """The length that a lifecycle says of itself, as `30 school days`."""
    many, _, word = text.partition(" ")
    return Length(int(many), _unit(word) or "school days")


def _unit(word: str) -> Unit | None:
    """The unit that a word is, in the singular too; None where it is none."""
    return next((unit for unit in UNITS if word and unit.removesuffix("s") == word.removesuffix("s")), None)


def at_least(long: Length, short: Length) -> bool:
    """Whether the first is certainly no shorter, whatever the term dates.

    So many school days are never fewer calendar days; of nothing else in school days and calendar days is that sure.
    """
    if long.unit != "school days" and short.unit == "school days":
        return False
    return _days(long) >= _days(short)


def _days(length: Length) -> int:
    return length.many * (WEEK if length.unit == "weeks" else 1)
