"""What travel costs the authority through an academic year: what was committed, against the budget, and what was claimed.

    committed   pence a year of a placement, as the record had it when it was decided
    falls       committed x days from the first day there to 31 August (or to the last day there: as planned for what is
                temporary, or the day before the pupil's next placement begins) / days of the year, to the nearest penny, halves up
                of a placement of an earlier year that goes on: from 1 September
    cheapest    the least pence a year among the settings where the same pupil could lawfully have gone at that meeting:
                no bar, every fact known, and a seat beside those whom the panel placed there
    beyond      committed - cheapest: what the panel's other aims cost the authority with this pupil

A cost that nobody recorded is unknown and adds nothing; it is told beside the sums. Nothing here decides or pays.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from panel.deciding.casework import Casework
from panel.facts.entitlement import Entitlement
from panel.state.records import Referral
from panel.state.schooldays import academic_year
from panel.state.stays import Stay
from panel.state.year_groups import year_group_on

LAST_YEAR: Final = 11
LAST_PRIMARY: Final = 6
"""Year groups after which a pupil leaves, whatever was recorded."""

Costs = Mapping[str, int | None]
"""URN -> pence a year to the authority; None is unknown."""


@dataclass(frozen=True, slots=True)
class Trip:
    """One placement's travel. `lawful` are all settings where the pupil could have gone, the chosen one among them or not.

    `planned`: nothing has begun by the record, so that `first` is the day that was planned.
    """

    referral: str
    school: str
    meeting: int
    first: dt.date
    last: dt.date
    committed: int | None
    falls: int | None
    lawful: Costs
    claimed: int
    entitlement: Entitlement
    planned: bool = False

    @property
    def cheapest(self) -> tuple[str, int] | None:
        """The cheapest lawful setting, the chosen one before others that cost the same; None where no cost is known."""
        known = [(pence, urn != self.school, urn) for urn, pence in self.lawful.items() if pence is not None]
        return (min(known)[2], min(known)[0]) if known else None

    @property
    def beyond(self) -> int | None:
        """Pence a year beyond the cheapest; below nought where the panel set something aside to save it."""
        cheapest = self.cheapest
        return None if cheapest is None or self.committed is None else self.committed - cheapest[1]

    @property
    def untold(self) -> int:
        """Lawful settings whose cost nobody recorded."""
        return sum(pence is None for pence in self.lawful.values())


@dataclass(frozen=True, slots=True)
class Month:
    """What was decided for placements that begin in a month, and all up to it, in pence a year."""

    first: dt.date
    placements: int
    committed: int
    so_far: int


@dataclass(frozen=True, slots=True)
class Earlier:
    """A placement that began in an earlier academic year and goes on in this one: until a recorded or planned last day, or its end."""

    referral: str
    school: str
    committed: int | None
    last: dt.date
    falls: int | None


@dataclass(frozen=True, slots=True)
class TravelYear:
    """An academic year's travel: every placement that begins in it, month by month, against the budget.

    `earlier` are placements of earlier years that go on, by the record; `other_claims` what was claimed in the year for these, or
    for what stands no more: referral and pence. `committed` and `falls` are of the year's own placements, `standing` and
    `standing_falls` of the earlier ones.
    """

    academic_year: int
    budget: int | None
    trips: tuple[Trip, ...]
    months: tuple[Month, ...]
    earlier: tuple[Earlier, ...] = ()
    other_claims: tuple[tuple[str, int], ...] = ()

    @property
    def committed(self) -> int:
        return sum(trip.committed or 0 for trip in self.trips)

    @property
    def falls(self) -> int:
        return sum(trip.falls or 0 for trip in self.trips)

    @property
    def standing(self) -> int:
        return sum(one.committed or 0 for one in self.earlier)

    @property
    def standing_falls(self) -> int:
        return sum(one.falls or 0 for one in self.earlier)

    @property
    def claimed(self) -> int:
        """All that was claimed for days of the year, whatever became of the placement."""
        return sum(trip.claimed for trip in self.trips) + sum(pence for _, pence in self.other_claims)

    @property
    def beyond(self) -> int:
        return sum(trip.beyond or 0 for trip in self.trips)

    @property
    def untold(self) -> tuple[str, ...]:
        """Referrals whose cost nobody recorded."""
        here = [one.referral for one in self.trips if one.committed is None]
        return (*here, *(one.referral for one in self.earlier if one.committed is None))


def lawful(casework: Casework, referral: str, school: str, placed: Mapping[str, str]) -> Costs:
    """Where a pupil could have gone: open, and with a seat beside the others whom the panel `placed`, referral -> URN.

    Nowhere for a pupil whose case was erased; and not where somebody was placed whose case was, but for the chosen school.
    """
    hearing = casework.hearings.get(referral)
    if hearing is None:
        return {}
    unheard = _unheard(casework, placed)
    others = {name: urn for name, urn in placed.items() if name != referral and urn not in unheard}
    open_to = hearing.open_settings()
    free = {urn: hearing.verdicts[urn].pence for urn in open_to if urn not in unheard and not casework.without_seat(referral, urn, others)}
    if school not in free and school in hearing.verdicts and school in open_to:
        free[school] = hearing.verdicts[school].pence
    return free


def _unheard(casework: Casework, placed: Mapping[str, str]) -> frozenset[str]:
    """Where the panel placed somebody whose case was erased since: nobody can tell which seat that took."""
    return frozenset(urn for name, urn in placed.items() if name not in casework.hearings)


def perhaps(casework: Casework, referral: str, placed: Mapping[str, str]) -> tuple[str, ...]:
    """The settings that no rule bars to a pupil although nobody can tell all that the rules ask, or whether a seat was left."""
    unheard = _unheard(casework, placed)
    verdicts = casework.hearings[referral].verdicts.items()
    return tuple(
        sorted(urn for urn, one in verdicts if (one.doubts and not one.bars and not one.full) or (urn in unheard and not one.closed))
    )


def as_now(costs: Costs, school: str, successors: Mapping[str, str]) -> Costs:
    """Costs by the schools that are there now; of several that became one, that of the chosen `school`, else the least known."""
    now: dict[str, int | None] = {}
    for urn, pence in sorted(costs.items(), key=lambda one: (one[0] != school, one[1] is None, one[1] or 0)):
        now.setdefault(successors.get(urn, urn), pence)
    return now


def trip(referral: Referral, stay: Stay, pence: int | None, costs: Costs, entitled: Entitlement, year: int, as_of: dt.date) -> Trip:
    """One decided referral's travel in the academic year of its first day, at `pence` a year, with what was claimed up to a day."""
    decision = referral.decision
    if decision is None or decision.school is None:
        raise AssertionError("only what was decided travels")
    end = dt.date(year + 1, 8, 31)
    first, last = stay.first, min(end, stay.last(as_of) or end)
    return Trip(
        referral=referral.made.referral,
        school=decision.school,
        meeting=decision.meeting,
        first=first,
        last=last,
        committed=pence,
        falls=None if pence is None else part_of_year(pence, first, last, year),
        lawful=costs,
        claimed=claimed(referral, year, as_of),
        entitlement=entitled,
        planned=referral.started is None,
    )


def claimed(referral: Referral, year: int, as_of: dt.date) -> int:
    """Pence that were claimed for a referral's days of an academic year, up to a day."""
    return sum(claim.pence for claim in referral.claims if claim.on <= as_of and academic_year(claim.first) == year)


def earlier(referral: Referral, stay: Stay, year: int, as_of: dt.date) -> Earlier | None:
    """The placement where it began before the academic year, no end of it is recorded by then, and the pupil is still of school age."""
    began, decision = academic_year(stay.first), referral.decision
    first, end = dt.date(year, 9, 1), dt.date(year + 1, 8, 31)
    if began >= year or decision is None or decision.school is None:
        return None
    last = min(end, stay.last(as_of) or end)
    then, now = year_group_on(referral.made, stay.first), year_group_on(referral.made, first)
    if last < first or now > LAST_YEAR or then <= LAST_PRIMARY < now:
        return None
    pence = decision.transport_pence
    falls = None if pence is None else part_of_year(pence, first, last, year)
    return Earlier(referral.made.referral, decision.school, pence, last, falls)


def part_of_year(pence: int, first: dt.date, last: dt.date, year: int) -> int:
    """Pence a year -> what falls between two days of the academic year, both included, halves up."""
    whole = (dt.date(year + 1, 9, 1) - dt.date(year, 9, 1)).days
    days = max(0, (last - first).days + 1)
    return (2 * pence * days + whole) // (2 * whole)


def travel_year(
    year: int,
    trips: Iterable[Trip],
    budget: int | None,
    before: Iterable[Earlier] = (),
    other_claims: Iterable[tuple[str, int]] = (),
) -> TravelYear:
    """The trips of an academic year in the order of their first days, month by month."""
    made = tuple(sorted(trips, key=lambda one: (one.first, one.referral)))
    months: list[Month] = []
    so_far = 0
    for number in range(12):
        first = dt.date(year + (number + 8) // 12, (number + 8) % 12 + 1, 1)
        here = [one for one in made if (one.first.year, one.first.month) == (first.year, first.month)]
        if here:
            committed = sum(one.committed or 0 for one in here)
            so_far += committed
            months.append(Month(first, len(here), committed, so_far))
    return TravelYear(year, budget, made, tuple(months), tuple(before), tuple(other_claims))
