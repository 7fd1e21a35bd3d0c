"""What a judge of meetings knows before anybody is placed: counts, rolls, rooms, what closes a pair, who is held.

Written from what a rulebook means. It shares nothing with the path from events to facts but the events themselves.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TypeVar

from panel import events as ev
from tests.random_books import Book, Cap, audience
from tests.random_panels import COUNTED, ON, TERMS

E = TypeVar("E", bound=ev.Event)


@dataclass(frozen=True)
class Taken:
    pupil: str
    school: str
    on: dt.date
    year: int
    by_panel: bool
    kind: str
    excluded: bool
    failed: bool = False
    over: bool = False
    sender: str | None = None
    home: str | None = None
    direction: bool = False
    began: dt.date | None = None


def points(*, excluded: bool, year: int) -> int:
    """What the tariff of the random books gives."""
    return 3 if excluded else 1 if year == 9 else 0


def school_year(day: dt.date) -> int:
    return day.year - (day < dt.date(day.year, 9, 1))


class Judged:
    """One meeting as it opens, worked out from the events alone."""

    def __init__(self, book: Book, events: list[ev.Event], seed: str, fixed: dict[str, str], absent: frozenset[str]) -> None:
        self.book, self.seed, self.fixed, self.absent = book, seed, fixed, absent
        self.events = [event for event in events if event.day is None or event.day <= ON]
        self.schools = {
            event.urn: event
            for event in self.of(ev.SchoolRecorded)
            if not event.closed and (event.closes_on is None or event.closes_on > ON)
        }
        self.years = {(event.urn, year.year_group): year for event in self.of(ev.PlacesRecorded) for year in event.years}
        self.made = {event.referral: event for event in self.of(ev.ReferralMade)}
        self.decided = self.standing()
        finished = {e.referral for e in self.of(ev.DecisionTaken) if e.outcome == "declined"} | self.decided.keys()
        self.agenda = sorted(name for name in self.made if name not in finished)
        self.began = {event.referral: event.on for event in self.of(ev.PlacementStarted)}
        self.taken = self.admissions()
        self.mainstream = [urn for urn, school in self.schools.items() if school.setting == "mainstream"]
        self.journeys = {event.pupil: {row.urn: row for row in event.case.journeys} for event in self.of(ev.JourneysRecorded) if event.case}
        self.exclusions = self.of(ev.PermanentlyExcluded)
        self.shut = {(p, s): self.shut_by(p, s) for p in self.agenda for s in self.schools}
        self.held = {p for p in self.agenda if self.is_held(p)}
        self.playing = [p for p in self.agenda if p in fixed or not (p in absent or p in self.held)]

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    def standing(self) -> dict[str, ev.DecisionTaken]:
        decided: dict[str, ev.DecisionTaken] = {}
        for event in self.events:
            if isinstance(event, ev.DecisionTaken) and event.school:
                decided[event.referral] = event
            elif isinstance(event, ev.SchoolRefused):
                del decided[event.referral]
        return decided

    def admissions(self) -> list[Taken]:
        taken = [
            Taken(e.pupil, e.school, e.on, e.year_group, by_panel=False, kind="outside", excluded=e.permanently_excluded, began=e.on)
            for e in self.of(ev.AdmittedOutside)
        ]
        taken += [
            Taken(
                e.pupil, e.school, e.on, e.year_group, by_panel=True, kind=e.referral_kind, excluded=e.permanently_excluded,
                failed=e.outcome == "broken_down" or (e.outcome == "returned" and e.referral_kind != "off_site_direction"),
                over=e.outcome in ("returned", "broken_down"), began=e.on,
            )
            for e in self.of(ev.PlacedBefore)
        ]  # fmt: skip
        for name, decision in self.decided.items():
            made = self.made[name]
            assert decision.school is not None
            assert decision.starts is not None
            taken.append(
                Taken(
                    made.pupil, decision.school, decision.starts, made.year_group, by_panel=True, kind=made.referral_kind,
                    excluded=made.permanently_excluded, sender=made.excluded_by or made.home_school,
                    home=None if made.permanently_excluded and made.excluded_by in (None, made.home_school) else made.home_school,
                    direction=made.referral_kind == "off_site_direction", began=self.began.get(name),
                )
            )  # fmt: skip
        return taken

    def count(self, name: str, urn: str, year: int | None = None) -> int:
        count = next(count for count in self.book.counts if count.name == name)
        total = 0
        for one in self.taken:
            now = count.over == "at_present"
            if year not in (None, one.year + (2026 - school_year(one.on)) * now) or not audience(count.whom, one.kind, one.excluded):
                continue
            if not (self.is_there(one) if now else self.in_span(count.over, one.on)):
                continue
            weight = points(excluded=one.excluded, year=one.year) if count.points else 1
            if (("placements" if one.by_panel else "outside_admissions") in count.of) and not (one.failed and count.drop):
                total += weight * (one.school == urn)
            if one.by_panel and one.sender != one.school:
                total += weight * count.sent * (one.sender == urn)
        return total

    def is_there(self, one: Taken) -> bool:
        """Each pupil of a random panel has one placement: it stands unless it is over, or that school excluded the pupil afterwards."""
        since = [e for e in self.exclusions if one.began and (e.pupil, e.school) == (one.pupil, one.school) and e.on > one.began]
        return not one.over and not since

    def in_span(self, over: str, day: dt.date) -> bool:
        if over == "academic_year":
            return school_year(day) == 2026
        if over == "2 academic_years":
            return school_year(day) in (2025, 2026)
        if over == "term":
            return bool(self.of(ev.TermRecorded)) and dt.date(2026, 11, 2) <= day <= dt.date(2026, 12, 18)
        return over == "for_ever" or day > ON - dt.timedelta(42)

    def roll(self, urn: str, year: int) -> int | None:
        counted = self.years[urn, year].on_roll
        if counted is None:
            return None
        here = [one for one in self.taken if one.year == year]
        came = {one.pupil for one in here if one.school == urn != one.home and not one.over and (one.began is None or one.began > COUNTED)}
        left = {one.pupil for one in here if one.home == urn != one.school and not one.direction and one.began and one.began > COUNTED}
        out = {e.pupil for e in self.exclusions if e.school == urn and e.year_group == year and e.on > COUNTED}
        return max(0, counted + len(came) - len(left | out))

    def room(self, urn: str, year: int) -> int | None:
        """Room in a year group of a mainstream school; None where it cannot be told."""
        pan, roll = self.years[urn, year].pan, self.roll(urn, year)
        return None if pan is None or roll is None else max(0, pan - roll + pan // self.book.every)

    def places(self, urn: str) -> int | None:
        school = self.schools[urn]
        if school.places is None or school.occupied is None:
            return None
        by_panel = [one for one in self.taken if one.sender or one.home]
        came = {one.pupil for one in by_panel if one.school == urn != one.home}
        left = {
            self.made[name].pupil
            for name in self.began
            if self.decided[name].school != urn == self.made[name].home_school and self.made[name].referral_kind != "off_site_direction"
        }
        return max(0, school.places - max(0, school.occupied + len(came) - len(left)))

    def seats(self, p: str, s: str) -> int | None:
        return self.room(s, self.made[p].year_group) if s in self.mainstream else self.places(s)

    def case(self, p: str) -> ev.ReferralCase:
        case = self.made[p].case
        assert case is not None
        return case

    def shut_by(self, p: str, s: str) -> tuple[bool, bool]:
        """Whether a bar or a full room closes the pair, and whether something about it cannot be told."""
        made, case, school, rules = self.made[p], self.case(p), self.schools[s], self.book.rules
        voted = any(e.urn == s and e.year_group in (None, made.year_group) and e.first <= ON <= e.last for e in self.of(ev.ExemptionVoted))
        closed = voted or school.closing
        closed |= made.excluded_by == s or any(e.pupil == made.pupil and e.school == s for e in self.exclusions)
        closed |= made.home_school == s and made.referral_kind != "reintegration"
        closed |= "apart" in rules and s in case.kept_apart
        closed |= "admits" in rules and not self.admits(p, s)
        unsure = False
        if "far" in rules and s not in case.siblings_at:
            metres = self.metres(p, s)
            unsure |= metres is None
            closed |= metres is not None and metres > self.book.furthest
        if "together" in rules:
            found = [self.at(other) for other in self.apart(made.pupil)]
            closed |= any(place is not None and s in place for place in found)
            unsure |= None in found
        closed |= any(self.takes(cap, p) > max(0, left) for cap, left in self.caps(p, s))
        unsure |= school.selective is None and any(cap.selective is not None for cap in self.speaking(p, s))
        seats = self.seats(p, s)
        return closed or (seats is not None and seats < 1), unsure or seats is None

    def caps(self, p: str, s: str) -> list[tuple[Cap, int]]:
        """What each cap that speaks of the pupil and is at the school leaves."""
        there = [cap for cap in self.speaking(p, s) if cap.selective in (None, self.schools[s].selective)]
        return [(cap, cap.most - self.count(cap.count, s, self.made[p].year_group if cap.by_year else None)) for cap in there]

    def speaking(self, p: str, s: str) -> list[Cap]:
        """The caps that speak of the pupil at such a setting, whether they are at this one or not."""
        made = self.made[p]
        year_group = s in self.mainstream or self.years[s, made.year_group].pan is not None
        whom = [cap for cap in self.book.caps if audience(cap.whom, made.referral_kind, made.permanently_excluded)]
        return [cap for cap in whom if year_group or not cap.by_year]

    def apart(self, pupil: str) -> set[str]:
        said = {(e.pupil, other) for e in self.made.values() if e.case for other in e.case.not_with or ()}
        return {b for a, b in said if a == pupil} | {a for a, b in said if b == pupil}

    def at(self, pupil: str) -> set[str] | None:
        """Where a pupil is: by the last that was recorded, and wherever directed; None where nothing was."""
        taken = [one for one in self.taken if one.pupil == pupil and not one.over]
        directed = {one.school for one in taken if one.kind == "off_site_direction"}
        cases = [e for e in self.made.values() if e.pupil == pupil]
        days = sorted({one.on for one in taken} | {e.made_on for e in cases} | {e.on for e in self.exclusions if e.pupil == pupil})
        here: set[str] | None = None
        for day in days:
            for e in cases:
                if e.made_on == day:
                    thrown_out = e.permanently_excluded and (e.excluded_by is None or e.excluded_by == e.home_school)
                    here = {e.home_school} if e.home_school and not thrown_out else set()
            if here and any(e.pupil == pupil and e.on == day and e.school in here for e in self.exclusions):
                here = set()
            here = next((({one.school}) for one in taken if one.on == day and one.kind != "off_site_direction"), here)
        return here if here is None and not directed else (here or set()) | directed

    def admits(self, p: str, s: str) -> bool:
        school, year = self.schools[s], self.made[p].year_group
        if school.low_age is not None and school.high_age is not None:
            fits = school.low_age <= year + 4 and school.high_age >= year + 5
        else:
            fits = school.phase == "Secondary" or school.setting != "mainstream"
        girls = school.intake != "girls" or self.case(p).single_sex_schools == "girls"
        return fits and girls and self.suits(p, s)

    def could_take(self, p: str, s: str) -> bool:
        """Whether nothing but rules, votes and room stands in the way, as far as anybody has said."""
        made, school, year = self.made[p], self.schools[s], self.made[p].year_group
        ages = (school.low_age, school.high_age)
        wrong_age = None not in ages and not (ages[0] or 0) <= year + 4 < (ages[1] or 0)
        wrong_sex = school.intake == "girls" and self.case(p).single_sex_schools not in (None, "girls")
        returns = s == made.home_school and made.referral_kind != "reintegration"
        out = made.excluded_by == s or any(e.pupil == made.pupil and e.school == s for e in self.exclusions)
        return self.suits(p, s) and not (wrong_age or wrong_sex or returns or out)

    def suits(self, p: str, s: str) -> bool:
        said = self.case(p).suited_to
        return self.schools[s].setting in ([said] if isinstance(said, str) else said)

    def is_held(self, p: str) -> bool:
        made, held = self.made[p], False
        if "holds" in self.book.rules:
            signed: set[str] = set()
            for event in self.events:
                if isinstance(event, ev.AgreementSigned) and event.referral == p:
                    signed.add(event.by)
                elif isinstance(event, ev.AgreementWithdrawn) and event.referral == p:
                    signed.discard(event.by)
            held = self.case(p).ehcp is not False or (made.referral_kind == "managed_move" and len(signed) < 2)
        held |= any(aim.name == "waiting" and not aim.goes_by for aim in self.book.aims) and self.waited(p) is None
        return held or any(unsure and not closed for (q, _), (closed, unsure) in self.shut.items() if q == p)

    def waited(self, p: str) -> int | None:
        day, days = self.made[p].accepted_on or self.made[p].made_on, 0
        if day < ON and not self.of(ev.TermRecorded):
            return None
        while day < ON:
            day += dt.timedelta(1)
            term = any(term.first <= day <= term.last and day not in term.closed for term in TERMS)
            days += term and day.weekday() < 5
        return days

    def metres(self, p: str, s: str) -> int | None:
        way = self.journeys[self.made[p].pupil].get(s)
        return way.metres if way else None

    def takes(self, cap: Cap, p: str) -> int:
        """How much of a cap's room a pupil takes."""
        made = self.made[p]
        weight = points(excluded=made.permanently_excluded, year=made.year_group) if cap.points else 1
        return weight * audience(cap.whom, made.referral_kind, made.permanently_excluded)
