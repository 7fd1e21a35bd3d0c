"""The schools of a record while it is folded: what each is, its year groups, and how it changed; and everything that names one.

It decides nothing about who may receive whom: that is asked of the state (`candidates.py`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from panel import events as ev
from panel.state.records import Admission, Referral, YearCount
from panel.state.succession import Succession, admission_now, journeys_now, referral_now

GOES_ON: Final = (
    *("phase", "intake", "low_age", "high_age", "roll", "places", "occupied", "special_measures", "ofsted", "federation"),
    *("head_in_first_term", "selective", "easting", "northing", "agreed_number", "share_weight", "rota_place", "offers"),
)
"""What a school keeps under a new number, unless something else was recorded of it there."""

UNKNOWN: Final = dict.fromkeys(("roll", "places", "occupied", "agreed_number", "share_weight", "rota_place", "facts", "offers"))
"""What nobody knows of a school that others have merged into, until it is counted, or agreed, again."""


@dataclass(frozen=True, slots=True)
class Named:
    """All tables of a record that name schools. `moved_within`: referrals that left one school for another, which are one now;
    `moved_on`: those that follow a placement at one school and were decided for another, which are one now.
    """

    referrals: Mapping[str, Referral]
    taken: Sequence[Admission]
    exclusions: Sequence[ev.PermanentlyExcluded]
    reversals: Sequence[tuple[int, ev.ExclusionReversed]]
    journeys: Mapping[str, Mapping[str, ev.Journey]]
    exemptions: Sequence[ev.ExemptionVoted]
    moved_within: frozenset[str] = frozenset()
    moved_on: frozenset[str] = frozenset()


@dataclass(slots=True)
class Schools:
    """The tables of schools, by URN. `occupied_seqs`: the entry that says how many places of a setting are taken."""

    by_urn: dict[str, ev.SchoolRecorded] = field(default_factory=dict)
    occupied_seqs: dict[str, int] = field(default_factory=dict)
    years: dict[tuple[str, int], YearCount] = field(default_factory=dict)
    succession: Succession = field(default_factory=Succession)

    def recorded(self, seq: int, school: ev.SchoolRecorded) -> None:
        """A school as the register shows it."""
        before = self.by_urn.get(school.urn)
        if before is None or before.occupied != school.occupied or school.occupied_anew:
            # A school recorded again for another reason (a new head) carries the old figure, which decisions since have moved on from.
            self.occupied_seqs[school.urn] = seq
        self.by_urn[school.urn] = school.model_copy(update={"occupied_anew": None})

    def places(self, places: ev.PlacesRecorded) -> None:
        """Its year groups, as they were counted last; under whichever of its numbers."""
        urn = self.succession.successors(renumbered=True).get(places.urn, places.urn)
        for year in places.years:
            key = (urn, year.year_group)
            if key not in self.years or self.years[key].as_at <= places.as_at:
                self.years[key] = YearCount(places.as_at, year.pan, year.on_roll, year.looked_after, year.ehcp)

    def changed(self, seq: int, change: ev.OfSchool) -> None:
        """It has another name or number, or is another school: then what was counted of the one before is not its."""
        self.succession.steps.append(change)
        match change:
            case ev.SchoolRenamed(urn=urn, name=name) if urn in self.by_urn:
                self.by_urn[urn] = self.by_urn[urn].model_copy(update={"name": name})
            case ev.SchoolConverted(urn=urn, before=before) if urn in self.by_urn and before in self.by_urn:
                self._goes_on(seq, self.by_urn[before], self.by_urn[urn])
            case ev.SchoolMerged(urn=urn, merged=merged, on=on) if urn in merged and urn in self.by_urn:
                self.by_urn[urn] = self.by_urn[urn].model_copy(update=UNKNOWN)
                self.years = {key: year for key, year in self.years.items() if key[0] != urn or year.as_at >= on}

    def _goes_on(self, seq: int, old: ev.SchoolRecorded, new: ev.SchoolRecorded) -> None:
        """Under its new number a school is what it was, as far as nothing else was said of it."""
        same = {name: getattr(old, name) for name in GOES_ON if getattr(new, name) is None and getattr(old, name) is not None}
        if old.facts:
            same["facts"] = {**old.facts, **(new.facts or {})}
        self.by_urn[new.urn] = new.model_copy(update=same)
        if "occupied" in same:
            self.occupied_seqs[new.urn] = self.occupied_seqs.get(old.urn, seq)
        for (urn, year_group), year in tuple(self.years.items()):
            if urn == old.urn:
                self.years.setdefault((new.urn, year_group), year)

    def successors(self) -> dict[str, str]:
        """Each school that is there no more -> the one as which it goes on."""
        return self.succession.successors()

    def began(self) -> dict[str, dt.date | None]:
        """When each school opened that has another number since: another number is no new school."""
        found: dict[str, dt.date | None] = {}
        for step in self.succession.steps:
            if isinstance(step, ev.SchoolConverted) and step.before in self.by_urn:
                found[step.urn] = found.get(step.before, self.by_urn[step.before].opened_on)
        return found

    def named(self, tables: Named) -> Named:
        """The tables by the schools that are there now."""
        successors = self.successors()
        if not successors:
            return tables
        renumbered = self.succession.successors(renumbered=True)

        def now(urn: str) -> str:
            return successors.get(urn, urn)

        return Named(
            referrals={name: referral_now(held, now) for name, held in tables.referrals.items()},
            taken=[admission_now(admission, now) for admission in tables.taken],
            exclusions=[one.model_copy(update={"school": now(one.school)}) for one in tables.exclusions],
            reversals=[(seq, one.model_copy(update={"school": now(one.school)})) for seq, one in tables.reversals],
            journeys=journeys_now(tables.journeys, renumbered),
            exemptions=[vote.model_copy(update={"urn": renumbered.get(vote.urn, vote.urn)}) for vote in tables.exemptions],
            moved_within=frozenset(name for name, held in tables.referrals.items() if _moved_within(held, successors)),
            moved_on=frozenset(name for name, held in tables.referrals.items() if self._moved_on(held, tables.referrals, successors)),
        )

    def _moved_on(self, held: Referral, referrals: Mapping[str, Referral], successors: Mapping[str, str]) -> bool:
        """Whether the school that it was decided for and that of the placement that it follows were two on that day, and are one now."""
        before, decision = referrals.get(held.made.follows or ""), held.decision
        there, here = before.decision.school if before and before.decision else None, decision.school if decision else None
        if decision is None or there is None or here is None or successors.get(there, there) != successors.get(here, here):
            return False
        then = self.succession.successors(by=decision.on)
        return then.get(there, there) != then.get(here, here)


def _moved_within(held: Referral, successors: Mapping[str, str]) -> bool:
    sent_by, school = held.made.excluded_by or held.made.home_school, held.decision.school if held.decision else None
    if sent_by is None or school is None or sent_by == school:
        return False
    return successors.get(sent_by, sent_by) == successors.get(school, school)
