"""Schools that take part for a part of the academic year alone, and what that leaves of their share and of their quota.

    share(u)    what u is measured by, times its days as a member: of a school of 500 that joins on 1 January it is 500 x 243,
                and of one that was there all year its roll x 365, so that loads by share compare as they would by a year
    whole(u)    what a quota lets u take in a year, or what a share starts from there, times its days by those of the year, to the
                nearest whole, halves up: who joins at half of the year with half of its start has taken no more than the others

Both only where a count begins anew with the academic year: what is counted over several years, weeks, a term or for
ever knows no part of one. Days are those of the calendar, 1 September to 31 August. It is worked out when a meeting opens, and frozen
with it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from panel.state.records import Span, State
from panel.state.schooldays import academic_year
from panel.state.succession import days_within
from rules.book import Rulebook


@dataclass(frozen=True, slots=True)
class PartYear:
    """`days` of each setting that is no member for all `of` days of the academic year, and the `counts` that begin anew with it."""

    days: Mapping[str, int]
    of: int
    counts: tuple[str, ...]

    def share(self, share: int, urn: str, count: str) -> int:
        """A share times the days of membership."""
        return share * self.days.get(urn, self.of) if count in self.counts else share

    def whole(self, number: int, urn: str, count: str) -> int:
        """A quota's limit, or what a share starts from, for the part of the year, to the nearest whole, halves up."""
        days = self.days.get(urn, self.of)
        return (2 * number * days + self.of) // (2 * self.of) if count in self.counts else number

    def part(self, urn: str, count: str) -> Fraction:
        """The part of the year for which a setting is a member, where a count knows one; else all of it."""
        return Fraction(self.days.get(urn, self.of), self.of) if count in self.counts else Fraction(1)

    def as_data(self) -> dict[str, Any]:
        """As it is frozen."""
        return {"days": dict(sorted(self.days.items())), "of": self.of, "counts": list(self.counts)}

    @classmethod
    def from_data(cls, data: Mapping[str, Any] | None) -> PartYear | None:
        return None if data is None else cls(data["days"], data["of"], tuple(data["counts"]))


def days_of(state: State, urn: str, on: dt.date) -> tuple[int, int]:
    """The days of the academic year of a day on which a setting takes its share, and those that the year has."""
    year = academic_year(on)
    first, last = dt.date(year, 9, 1), dt.date(year + 1, 8, 31)
    return days_within(state.sharing.get(urn, (Span(),)), first, last), (last - first).days + 1


def part_year(state: State, rulebook: Rulebook, urns: Iterable[str], on: dt.date) -> PartYear | None:
    """Of these settings, in the academic year of a day; None where all of them are members for the whole of it."""
    if not state.sharing:
        return None
    told = {urn: days_of(state, urn, on) for urn in urns}
    part = {urn: days for urn, (days, of) in told.items() if days < of}
    counts = tuple(sorted(count.id for count in rulebook.counts if count.over.kind == "academic_year"))
    return PartYear(part, next(of for _, of in told.values()), counts) if part and counts else None
