"""The judge of meetings: a brute force that is written from what a rulebook means.

It shares nothing with the path from events to a placement but the events themselves: it has its own counts, rolls, rooms,
bars, own-worst values, lots and tickets, tries every placing, and compares objective after objective.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

from panel import events as ev
from tests.random_books import Aim, Book, Cap, audience
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
    sender: str | None = None
    home: str | None = None
    direction: bool = False
    began: dt.date | None = None


def points(*, excluded: bool, year: int) -> int:
    """What the tariff of the random books gives."""
    return 3 if excluded else 1 if year == 9 else 0


def school_year(day: dt.date) -> int:
    return day.year - (day < dt.date(day.year, 9, 1))


class Judge:
    """One meeting, worked out from the events alone."""

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
                failed=e.outcome in ("returned", "broken_down"), began=e.on,
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
            if year not in (None, one.year) or not self.in_span(count.over, one.on) or not audience(count.whom, one.kind, one.excluded):
                continue
            weight = points(excluded=one.excluded, year=one.year) if count.points else 1
            if (("placements" if one.by_panel else "outside_admissions") in count.of) and not (one.failed and count.drop):
                total += weight * (one.school == urn)
            if one.by_panel and one.sender != one.school:
                total += weight * count.sent * (one.sender == urn)
        return total

    def in_span(self, over: str, day: dt.date) -> bool:
        if over == "academic_year":
            return school_year(day) == 2026
        if over == "term":
            return bool(self.of(ev.TermRecorded)) and dt.date(2026, 11, 2) <= day <= dt.date(2026, 12, 18)
        return over == "for_ever" or day > ON - dt.timedelta(42)

    def roll(self, urn: str, year: int) -> int | None:
        counted = self.years[urn, year].on_roll
        if counted is None:
            return None
        here = [one for one in self.taken if one.year == year]
        came = {
            one.pupil for one in here if one.school == urn != one.home and not one.failed and (one.began is None or one.began > COUNTED)
        }
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
        left = {self.made[name].pupil for name in self.began if self.decided[name].school != urn == self.made[name].home_school}
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
        taken = [one for one in self.taken if one.pupil == pupil and not one.failed]
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
        held |= any(aim.name == "waiting" for aim in self.book.aims) and self.waited(p) is None
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

    def worth(self, aim: Aim, p: str, s: str) -> int | None:
        """What an aim counts for a pupil at a setting; None is unknown."""
        metres = self.metres(p, s)
        match aim.name:
            case "tier":
                able = {t: self.metres(p, t) for t in self.schools if self.could_take(p, t)}
                near = s in able and metres == min(filter(None, able.values()), default=None)
                return None if metres is None else 1 if near else 2 if metres <= 4000 else 5
            case "preference":
                liked = self.case(p).preferences
                return liked.index(s) + 1 if s in liked else self.book.unranked
            case "journey":
                return metres
            case "longest_ago":
                last = self.last_turns(aim, self.schools)
                return sorted({dt.date.min, *last.values()}).index(last[s])
            case "transport":
                way = self.journeys[self.made[p].pupil].get(s)
                charged = None if metres is None else 65000 * (metres > 5000) + 9000 * (self.made[p].year_group == 9)
                return charged if way is None or way.pence_per_year is None else way.pence_per_year
            case "lottery":
                return self.lot(f"{self.made[p].pupil}\n{s}")
            case "share" | "quota":
                year = self.made[p].year_group if aim.by_year else None
                return 0 if s not in self.mainstream or self.held_against(aim, s, year) is not None else None
            case _:
                return 0

    def number(self, aim: Aim, s: str, year: int | None) -> int | None:
        """What a quota or share starts from."""
        return self.roll(s, year or 0) if aim.count == "on_roll" else self.count(aim.count, s, year)

    def held_against(self, aim: Aim, s: str, year: int | None) -> tuple[int, int] | None:
        """What is counted so far, and the limit or share; None where either is unknown, or a share is none."""
        number = self.number(aim, s, year)
        against = self.share(aim.per, s, year) or None if aim.name == "share" else self.limit(aim, s, year)
        return None if number is None or against is None else (number, against)

    def limit(self, aim: Aim, s: str, year: int | None) -> int | None:
        """A quota's limit at a school, nought where it comes to less; None where it is unknown."""
        known: int | None = 0
        if aim.form == "by roll":
            known = None if (roll := self.schools[s].roll) is None else roll // 900
        elif aim.form == "by exclusions":
            known = -sum(e.school == s and school_year(e.on) == 2026 for e in self.exclusions)
        elif aim.form == "by total":
            rolls = [self.schools[t].roll for t in self.mainstream]
            known = None if None in rolls else sum(filter(None, rolls)) // 2000 - 1
        elif aim.form == "by pan":
            known = None if (pan := self.years[s, year or 0].pan) is None else pan // 3 - 1
        return None if known is None else max(0, known + aim.limit)

    def share(self, per: str, s: str, year: int | None = None) -> int | None:
        if year is not None:
            return {"equal": 1, "roll": self.roll(s, year), "pan": self.years[s, year].pan}[per]
        pans = [self.years[s, year].pan for year in (9, 10)]
        pan = None if None in pans else sum(filter(None, pans))
        return {"equal": 1, "roll": self.schools[s].roll, "pan": pan}[per]

    def lot(self, told: str) -> int:
        return int.from_bytes(hashlib.sha256(f"pastoral/lottery/1\n{self.seed}\n{told}".encode()).digest()[:4]) // 4

    def left(self, aim: Aim, p: str) -> int:
        """What an aim counts for a pupil who stays unplaced."""
        if aim.name in ("place", "waiting", "ticket", "lottery"):
            return {"place": 1, "waiting": self.waited(p) or 0, "ticket": self.lot(self.made[p].pupil), "lottery": 0}[aim.name]
        return max(filter(None, (self.worth(aim, p, s) for s in self.schools)), default=0)

    def speaks_of(self, aim: Aim, p: str) -> bool:
        return audience(aim.whom, self.made[p].referral_kind, self.made[p].permanently_excluded)

    def open(self, p: str, s: str) -> bool:
        known = all(self.worth(part, p, s) is not None for aim in self.book.aims if self.speaks_of(aim, p) for part in aim.parts)
        return known and self.shut[p, s] == (False, False)

    def placings(self) -> Iterator[dict[str, str]]:
        here = {p: [self.fixed[p]] if p in self.fixed else [s for s in self.schools if self.open(p, s)] for p in self.playing}

        def space(p: str, s: str, placed: dict[str, str]) -> bool:
            """Whether there is a seat; a fixed pupil has one whatever the room."""
            same = [
                q for q in (*placed, *(q for q in self.fixed if q not in placed)) if (placed.get(q) or self.fixed.get(q)) == s and q != p
            ]
            year = [q for q in same if self.made[q].year_group == self.made[p].year_group]
            seats = self.seats(p, s)
            capped = all(
                self.takes(cap, p) == 0 or self.takes(cap, p) + sum(self.takes(cap, q) for q in (year if cap.by_year else same)) <= left
                for cap, left in self.caps(p, s)
            )
            others = self.apart(self.made[p].pupil) if "together" in self.book.rules else set()
            alone = not any(self.made[q].pupil in others for q in same)
            return capped and alone and (seats is None or len(year if s in self.mainstream else same) < seats)

        def extend(n: int, placed: dict[str, str]) -> Iterator[dict[str, str]]:
            if n == len(self.playing):
                yield dict(placed)
                return
            p = self.playing[n]
            if p not in self.fixed:
                yield from extend(n + 1, placed)
            for s in here[p]:
                if p in self.fixed or space(p, s, placed):
                    placed[p] = s
                    yield from extend(n + 1, placed)
                    del placed[p]

        return extend(0, {})

    def takes(self, cap: Cap, p: str) -> int:
        """How much of a cap's room a pupil takes."""
        made = self.made[p]
        weight = points(excluded=made.permanently_excluded, year=made.year_group) if cap.points else 1
        return weight * audience(cap.whom, made.referral_kind, made.permanently_excluded)

    def family(self) -> set[frozenset[str]]:
        """Every two of the playing of whom one names the other as somebody to be placed with."""
        named = {p: self.case(p).together_with or () for p in self.playing}
        return {frozenset({p, q}) for p in named for q in named if p != q and self.made[q].pupil in named[p]}

    def value(self, aim: Aim, placed: dict[str, str]) -> object:
        if aim.by:  # the cases by their days, and of each day first what is named first
            days = sorted(
                {
                    (self.made[p].accepted_on or self.made[p].made_on, n)
                    for p in self.playing
                    if self.speaks_of(aim, p)
                    for n in range(len(aim.by))
                }
            )
            return [
                sum(self.sent(aim.parts[n], p, placed[p]) if p in placed else self.left(aim.parts[n], p) for p in self.of_day(aim, day))
                for day, n in days
            ]
        if aim.name in ("quota", "share"):
            found = []
            for s in self.mainstream:
                for year in sorted({self.made[p].year_group for p in self.agenda}) if aim.by_year else (None,):
                    came = sum(placed[p] == s and self.speaks_of(aim, p) and year in (None, self.made[p].year_group) for p in placed)
                    if told := self.held_against(aim, s, year):
                        found.append((told[0] + came, told[1]))
            if aim.name == "share":
                return sorted((Fraction(n, share) for n, share in found), reverse=True)
            over = sorted((max(0, n - limit) for n, limit in found), reverse=True)
            return over if aim.beyond == "level" else sum(over)
        if aim.name == "together":
            return sum(len({placed.get(p, f"nowhere, {p}") for p in two}) > 1 for two in self.family())
        if aim.name == "rota":  # all stand in a queue once, by their last turn, then all once more, and so on
            last = self.last_turns(aim, self.mainstream)
            queue = sorted(set(last.values()))
            here = {s: sum(placed[p] == s and self.speaks_of(aim, p) for p in placed) for s in last}
            return sum(queue.index(last[s]) + 1 + again * len(queue) for s in here for again in range(here[s]))
        return sum(self.sent(aim, p, placed[p]) if p in placed else self.left(aim, p) for p in self.playing if self.speaks_of(aim, p))

    def of_day(self, aim: Aim, day: dt.date) -> list[str]:
        """The playing whom an aim speaks of, of one day."""
        return [p for p in self.playing if self.speaks_of(aim, p) and (self.made[p].accepted_on or self.made[p].made_on) == day]

    def last_turns(self, aim: Aim, schools: Iterable[str]) -> dict[str, dt.date]:
        """The day of each school's last turn; the first of all days where it had none."""
        turns = [one for one in self.taken if one.by_panel and audience(aim.whom, one.kind, one.excluded)]
        return {s: max([dt.date.min, *[one.on for one in turns if one.school == s]]) for s in schools}

    def sent(self, aim: Aim, p: str, s: str) -> int:
        """What an aim counts for a pupil who is placed; where the panel sent it and that is unknown, as if it stayed unplaced."""
        if aim.name in ("place", "waiting", "ticket"):
            return 0
        known = self.worth(aim, p, s)
        return self.left(aim, p) if known is None else known

    def best(self) -> tuple[dict[str, str], list[object]]:
        """The only placing that no other is better than, and what it is worth."""
        still, values = list(self.placings()), []
        for aim in self.book.aims:
            worth = [self.value(aim, placed) for placed in still]
            least: object = min(worth)  # type: ignore[type-var]
            values.append(least)
            still = [placed for placed, value in zip(still, worth, strict=True) if value == least]
        (only,) = still
        return only, values
