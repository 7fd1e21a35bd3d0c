"""Placement equals a brute force that is written from what a rulebook means, on 2,000 random small panels.

The judge below shares nothing with the path from events to a placement but the events themselves: it has its own counts,
rolls, rooms, bars, own-worst values, lots and tickets, tries every placing, and compares objective after objective.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal, TypeVar, get_args

import pytest

from panel import events as ev
from panel.candidates import MeetingFacts
from panel.decision import Case, decide
from panel.opening import freeze
from panel.placement import place
from panel.state import Recorded
from rules.evaluate import Evaluation
from rules.rulebook import Shelf

E = TypeVar("E", bound=ev.Event)

BOOKS, PANELS = 125, 16
KINDS: Final = get_args(ev.Kind)
OUTCOMES: Final[tuple[Literal["permanent", "returned", "broken_down"] | None, ...]] = (None, "permanent", "returned", "broken_down")
ON = dt.date(2026, 11, 12)
EARLIER = dt.date(2026, 10, 8)
COUNTED = dt.date(2026, 10, 20)
TERMS = (
    ev.TermRecorded(first=dt.date(2026, 9, 3), last=dt.date(2026, 10, 23)),
    ev.TermRecorded(first=dt.date(2026, 11, 2), last=dt.date(2026, 12, 18), closed=(dt.date(2026, 11, 10),)),
)
EVERYBODY = "everybody"
AUDIENCES = {  # a list that nests -> (as `of` says it, as a count's `where` says it)
    "excluded": {EVERYBODY: ("", ""), "permanently_excluded": ("permanently_excluded", "admission.after_exclusion")},
    "kinds": {
        EVERYBODY: ("", ""),
        "returning": ("[permanent_exclusion, reintegration]", 'admission.kind in ["permanent_exclusion", "reintegration"]'),
        "expelled": ("[permanent_exclusion]", 'admission.kind == "permanent_exclusion"'),
        "moving": ("[managed_move, off_site_direction]", 'admission.kind in ["managed_move", "off_site_direction"]'),
    },
}


# --- a random book: what it says, and the YAML that says it ---


@dataclass(frozen=True)
class Aim:
    name: str
    whom: str = EVERYBODY
    count: str = ""
    limit: int = 0
    beyond: str = "level"
    per: str = "roll"


@dataclass(frozen=True)
class Count:
    name: str
    whom: str
    of: tuple[str, ...]
    over: str
    sent: int  # what each own referral placed elsewhere adds to the home school: -1, 0 or 1
    drop: bool


@dataclass(frozen=True)
class Book:
    family: str
    counts: tuple[Count, ...]
    rules: frozenset[str]
    aims: tuple[Aim, ...]
    furthest: int
    unranked: int
    every: int


RULES = {
    "room": """
limits:
  - id: over-number
    per: year_group
    at: [mainstream]
    room: year.pan - year.on_roll + year.pan // {every}
    examples:
      - {{name: some, given: {{year.pan: {every}, year.on_roll: {every}}}, expect: 1}}
      - {{name: none, given: {{year.pan: {every}, year.on_roll: {full}}}, expect: 0}}
  - id: places
    per: school
    at: [pru, inclusion_centre]
    room: school.places - school.occupied
    examples:
      - {{name: one, given: {{school.places: 2, school.occupied: 1}}, expect: 1}}
      - {{name: none, given: {{school.places: 2, school.occupied: 2}}, expect: 0}}
""",
    "holds": """
holds:
  - id: plan
    when: referral.ehcp
    examples:
      - {{name: a plan, given: {{referral.ehcp: true}}, expect: fires}}
      - {{name: none, given: {{referral.ehcp: false}}, expect: silent}}
  - id: agreement
    applies_to: [managed_move]
    when: not (referral.parent_agrees and referral.home_school_agrees)
    examples:
      - {{name: both, given: {{referral.parent_agrees: true, referral.home_school_agrees: true}}, expect: silent}}
      - {{name: no parent, given: {{referral.parent_agrees: false}}, expect: fires}}
      - {{name: no school, given: {{referral.home_school_agrees: false}}, expect: fires}}
""",
    "bars": """
bars:
  - id: never-back
    when: candidate.excluded_from
    examples:
      - {{name: it did, given: {{candidate.excluded_from: true}}, expect: fires}}
      - {{name: it did not, given: {{candidate.excluded_from: false}}, expect: silent}}
  - id: another
    applies_to: [managed_move, off_site_direction, permanent_exclusion, fair_access]
    when: candidate.is_home_school
    examples:
      - {{name: home, given: {{candidate.is_home_school: true}}, expect: fires}}
      - {{name: another, given: {{candidate.is_home_school: false}}, expect: silent}}
  - id: voted
    when:
      - candidate.exempt
      - school.closing
    examples:
      - {{name: a vote, given: {{candidate.exempt: true}}, expect: fires}}
      - {{name: closing, given: {{school.closing: true}}, expect: fires}}
      - {{name: neither, given: {{candidate.exempt: false, school.closing: false}}, expect: silent}}
""",
    "far": """
  - id: far
    when: candidate.metres > {furthest}
    unless: candidate.sibling_here
    examples:
      - {{name: far, given: {{candidate.metres: {further}}}, expect: fires}}
      - {{name: near, given: {{candidate.metres: {furthest}}}, expect: silent}}
      - {{name: a sister, given: {{candidate.metres: {further}, candidate.sibling_here: true}}, expect: silent}}
""",
    "apart": """
  - id: apart
    when: candidate.kept_apart != "none"
    examples:
      - {{name: police, given: {{candidate.kept_apart: police}}, expect: fires}}
      - {{name: none, given: {{candidate.kept_apart: none}}, expect: silent}}
""",
    "admits": """
  - id: admits
    when:
      - not candidate.admits
      - candidate.admits is unknown
    examples:
      - {{name: does, given: {{candidate.admits: true}}, expect: silent}}
      - {{name: does not, given: {{candidate.admits: false}}, expect: fires}}
      - {{name: unknown, given: {{candidate.admits: unknown}}, expect: fires}}
""",
    "tiers": """
tiers:
  - id: nearest
    tier: 1
    when: candidate.nearness is known and candidate.nearness == 1
    examples:
      - {{name: it is, given: {{candidate.nearness: 1}}, expect: fires}}
      - {{name: it is not, given: {{candidate.nearness: 2}}, expect: silent}}
      - {{name: unknown, given: {{candidate.nearness: unknown}}, expect: silent}}
  - id: short
    tier: 2
    when: candidate.metres <= 4000
    examples:
      - {{name: short, given: {{candidate.metres: 4000}}, expect: fires}}
      - {{name: long, given: {{candidate.metres: 4001}}, expect: silent}}
  - {{id: anywhere, tier: 5, when: true}}
charges:
  - id: bus
    pence: 65000
    when: candidate.metres > 5000
    examples:
      - {{name: bus, given: {{candidate.metres: 5001}}, expect: fires}}
      - {{name: walk, given: {{candidate.metres: 5000}}, expect: silent}}
  - id: escort
    pence: 9000
    when: referral.year_group == 9
    examples:
      - {{name: year 9, given: {{referral.year_group: 9}}, expect: fires}}
      - {{name: year 10, given: {{referral.year_group: 10}}, expect: silent}}
""",
}
OVERS = ("academic_year", "academic_year", "for_ever", "term", "6 weeks")


def random_book(rng: random.Random) -> Book:
    family = rng.choice(tuple(AUDIENCES))
    whom = tuple(AUDIENCES[family])
    counts: list[Count] = []

    def count(of: str) -> str:
        name = f"count_{len(counts)}"
        sources = rng.choice((("placements",), ("placements", "outside_admissions")))
        counts.append(Count(name, of, sources, rng.choice(OVERS), sent=rng.choice((-1, -1, -1, 0, 1)), drop=rng.random() < 0.3))
        return name

    aims: list[Aim] = []
    plain = ["waiting", "tier", "preference", "journey", "longest_ago", "transport", "ticket"]
    for name in rng.sample([*plain, "quota", "quota", "quota", "share", "share"], rng.randint(2, 7)):
        of = rng.choice(whom)
        if name == "quota":
            aims.append(Aim(name, of, count(of), rng.randint(0, 2), rng.choice(("level", "free"))))
        elif name == "share":
            aims.append(Aim(name, of, count(of), per=rng.choice(("roll", "pan", "equal"))))
        else:
            aims.append(Aim(name, rng.choice((EVERYBODY, of))))
    rules = {"room", "bars", "tiers"} | {
        rule for rule, odds in (("holds", 0.5), ("far", 0.5), ("apart", 0.5), ("admits", 0.6)) if rng.random() < odds
    }
    return Book(
        family,
        tuple(counts),
        frozenset(rules),
        (Aim("place"), *aims, Aim("lottery")),
        rng.choice((4500, 7000, 9000)),
        rng.randint(1, 4),
        rng.choice((2, 5)),
    )


def as_yaml(book: Book) -> str:
    said = AUDIENCES[book.family]
    lines = ["rulebook: random", "edition: {from: 2026-09-01}", "title: Random", "authority: {instrument: Chance}"]
    if book.counts:
        lines.append("counts:")
    for count in book.counts:
        where = f", where: '{said[count.whom][1]}'" if count.whom != EVERYBODY else ""
        sent = {-1: ", minus: [own_referrals_placed]", 0: "", 1: ", plus: [own_referrals_placed]"}[count.sent]
        broken = "drop" if count.drop else "keep"
        lines.append(f"  {count.name}: {{of: [{', '.join(count.of)}], over: {count.over}{where}{sent}, broken_down: {broken}}}")
    lines.extend(
        text.format(every=book.every, full=book.every + 1, furthest=book.furthest, further=book.furthest + 1)
        for rule, text in RULES.items()
        if rule in book.rules
    )
    lines.append("objectives:")
    for aim in book.aims:
        of = f"of: {said[aim.whom][0]}" if aim.whom != EVERYBODY else ""
        keys = [of] if of else []
        if aim.name == "quota":
            keys += [f"count: {aim.count}", f"limit: {aim.limit}", f"beyond: {aim.beyond}"]
        elif aim.name == "share":
            keys += [f"load: {aim.count}", f"per: {aim.per}"]
        elif aim.name == "preference":
            keys += [f"unranked: {book.unranked}"]
        lines.append(f"  - {aim.name}: {{{', '.join(keys)}}}" if keys else f"  - {aim.name}")
    return "\n".join(lines) + "\n"


# --- a random panel: events up to the meeting ---


def random_events(rng: random.Random) -> list[ev.Event]:
    urns = [str(100001 + n) for n in range(rng.choice((1, 2, 3, 3, 4, 4, 5)))]
    events: list[ev.Event] = list(TERMS) if rng.random() < 0.93 else []
    events += [random_school(rng, urn) for urn in urns]
    events += [random_places(rng, urn) for urn in urns]
    events += [
        ev.ExemptionVoted(
            urn=rng.choice(urns), year_group=rng.choice((None, 9, 10)), first=EARLIER, last=rng.choice((ON, ON - dt.timedelta(1)))
        )
        for _ in range(rng.choice((0, 0, 0, 1)))
    ]
    for n in range(rng.choice((0, 1, 3, 6))):
        day = rng.choice((dt.date(2025, 11, 3), dt.date(2026, 9, 14), dt.date(2026, 10, 2), dt.date(2026, 11, 4), dt.date(2026, 11, 20)))
        kind = rng.choice(KINDS)
        where, year = rng.choice(urns), rng.choice((9, 10))
        if rng.random() < 0.6:
            excluded, outcome = rng.random() < 0.5, rng.choice(OUTCOMES)
            events.append(
                ev.PlacedBefore(
                    pupil=f"H{n}", school=where, on=day, referral_kind=kind, permanently_excluded=excluded, year_group=year, outcome=outcome
                )
            )
        else:
            events.append(ev.AdmittedOutside(pupil=f"H{n}", school=where, on=day, year_group=year, permanently_excluded=rng.random() < 0.5))
    before, now = rng.choice((0, 1, 2, 3)), rng.choice((2, 3, 4, 4, 5, 5))
    for n in range(before):
        events += random_referral(rng, f"A{n}", urns, EARLIER - dt.timedelta(rng.randint(0, 9)))
    events += earlier_meeting(rng, urns, [f"A{n}" for n in range(before)])
    for n in range(now):
        events += random_referral(rng, f"B{n}", urns, ON - dt.timedelta(rng.randint(-1, 20)))
    return events


def random_school(rng: random.Random, urn: str) -> ev.SchoolRecorded:
    setting = "mainstream" if rng.random() < 0.85 else rng.choice(("pru", "inclusion_centre"))
    ages = rng.choice(((11, 16),) * 4 + ((11, 18), (11, 18), (13, 18), (None, None)))
    return ev.SchoolRecorded(
        urn=urn,
        name=urn,
        setting=setting,  # type: ignore[arg-type]
        phase=rng.choice(("Secondary", "Secondary", None)),
        intake=rng.choice(("mixed",) * 7 + (None, "girls")),
        low_age=ages[0],
        high_age=ages[1],
        opened_on=rng.choice((None,) * 12 + (EARLIER, EARLIER, dt.date(2027, 1, 1))),
        closes_on=rng.choice((None,) * 30 + (ON,)),
        closing=rng.random() < 0.05,
        closed=rng.random() < 0.03,
        roll=rng.choice((600, 900, 900, 1200, 1217) + (None,) * (rng.random() < 0.15)),
        places=None if setting == "mainstream" else rng.choice((2, 3, 3, 3, None)),
        occupied=None if setting == "mainstream" else rng.choice((0, 1, 2)),
    )


def random_places(rng: random.Random, urn: str) -> ev.PlacesRecorded:
    years = tuple(
        ev.YearPlaces(
            year_group=year, pan=rng.choice((4, 4, 4, 4, 4, 5) + (None,) * (rng.random() < 0.05)), on_roll=rng.choice((3, 3, 4, 5))
        )
        for year in (9, 10)
    )
    return ev.PlacesRecorded(urn=urn, as_at=COUNTED, years=years)


def random_referral(rng: random.Random, name: str, urns: list[str], made_on: dt.date) -> list[ev.Event]:
    kind = rng.choice((*KINDS, "permanent_exclusion"))
    excluded = kind == "permanent_exclusion" or (kind != "managed_move" and rng.random() < 0.4)
    by = rng.choice(urns) if excluded and rng.random() < 0.8 else None
    home = rng.choice(urns) if by is None or rng.random() < 0.3 else None
    case = ev.ReferralCase(
        suited_to="mainstream" if rng.random() < 0.9 else "pru",
        single_sex_schools=rng.choice(("girls", "none", None)),
        preferences=tuple(rng.sample(urns, rng.randint(0, len(urns)))),
        kept_apart={rng.choice(urns): "police"} if rng.random() < 0.2 else {},
        siblings_at=tuple(rng.sample(urns, 1)) if rng.random() < 0.2 else (),
        ehcp=rng.choice((False,) * 20 + (True, None)),
    )
    year = rng.choice((9, 9, 9, 10))
    made = ev.ReferralMade(
        referral=name,
        pupil=f"P{name}",
        referral_kind=kind,
        permanently_excluded=excluded,
        year_group=year,
        home_school=home,
        excluded_by=by,
        made_on=made_on,
        accepted_on=rng.choice((None, made_on + dt.timedelta(1))),
        case=case,
    )
    gone: list[ev.Event] = []
    if by is not None and rng.random() < 0.7:
        day = rng.choice((made_on - dt.timedelta(3), COUNTED + dt.timedelta(2)))
        gone.append(ev.PermanentlyExcluded(pupil=made.pupil, school=by, on=day, year_group=year))
    if rng.random() < 0.15:
        gone.append(ev.PermanentlyExcluded(pupil=made.pupil, school=rng.choice(urns), on=dt.date(2024, 11, 5), year_group=year - 2))
    rows = tuple(
        ev.Journey(urn=urn, metres=rng.choice((1000, 3900, 4100, 5200, 7100)), pence_per_year=rng.choice((None, None, 100)))
        for urn in urns
        if rng.random() < 0.98
    )
    signed: list[ev.Event] = [
        ev.AgreementSigned(referral=name, by="home_school", on=made_on),
        ev.AgreementSigned(referral=name, by="parent", on=made_on),
    ]
    taken_back: list[ev.Event] = [ev.AgreementWithdrawn(referral=name, by="parent", on=ON)] if rng.random() < 0.1 else []
    return [*gone, made, *signed, *taken_back, ev.JourneysRecorded(pupil=made.pupil, case=ev.JourneyRows(journeys=rows))]


def earlier_meeting(rng: random.Random, urns: list[str], names: list[str]) -> list[ev.Event]:
    """Placed, placed and refused by the school, deferred or declined: what an earlier meeting leaves behind."""
    opened = ev.MeetingOpened(
        meeting=1, on=EARLIER, chair="C", agenda=tuple(names), agenda_digest="", rulebook="random", edition=EARLIER, rulebook_digest=""
    )
    events: list[ev.Event] = [opened]
    for name in names:
        word = rng.choice(("placed", "placed", "placed", "refused", "deferred", "declined"))
        common = {"meeting": 1, "on": EARLIER, "referral": name, "pupil": f"P{name}"}
        if word in ("placed", "refused"):
            urn = rng.choice(urns)
            starts = rng.choice((EARLIER, COUNTED, COUNTED + dt.timedelta(1), ON + dt.timedelta(4)))
            events.append(ev.DecisionTaken(**common, outcome="overridden", school=urn, starts=starts))  # type: ignore[arg-type]
            if word == "refused":
                events.append(ev.SchoolRefused(referral=name, pupil=f"P{name}", school=urn, on=EARLIER + dt.timedelta(2)))
        else:
            events.append(ev.DecisionTaken(**common, outcome=word))  # type: ignore[arg-type]
    return [*events, ev.MeetingClosed(meeting=1, on=EARLIER)]


# --- the judge ---


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


def audience(whom: str, kind: str, excluded: bool) -> bool:
    return {
        EVERYBODY: True,
        "permanently_excluded": excluded,
        "returning": kind in ("permanent_exclusion", "reintegration"),
        "expelled": kind == "permanent_exclusion",
        "moving": kind in ("managed_move", "off_site_direction"),
    }[whom]


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
            Taken(e.pupil, e.school, e.on, e.year_group, by_panel=False, kind="outside", excluded=e.permanently_excluded)
            for e in self.of(ev.AdmittedOutside)
        ]
        taken += [
            Taken(
                e.pupil, e.school, e.on, e.year_group, by_panel=True, kind=e.referral_kind, excluded=e.permanently_excluded,
                failed=e.outcome in ("returned", "broken_down"),
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
                    direction=made.referral_kind == "off_site_direction",
                )
            )  # fmt: skip
        return taken

    def count(self, name: str, urn: str) -> int:
        count = next(count for count in self.book.counts if count.name == name)
        total = 0
        for one in self.taken:
            if not self.in_span(count.over, one.on) or not audience(count.whom, one.kind, one.excluded):
                continue
            if (("placements" if one.by_panel else "outside_admissions") in count.of) and not (one.failed and count.drop):
                total += one.school == urn
            if one.by_panel and one.sender != one.school:
                total += count.sent * (one.sender == urn)
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
        later = [one for one in self.taken if one.year == year and one.on > COUNTED]
        came = {one.pupil for one in later if one.school == urn != one.home and not one.failed}
        left = {one.pupil for one in later if one.home == urn != one.school and not one.direction}
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
        came = {self.made[name].pupil for name, decision in self.decided.items() if decision.school == urn}
        left = {self.made[name].pupil for name, decision in self.decided.items() if decision.school != urn == self.made[name].home_school}
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
        seats = self.seats(p, s)
        return closed or (seats is not None and seats < 1), unsure or seats is None

    def admits(self, p: str, s: str) -> bool:
        school, year = self.schools[s], self.made[p].year_group
        if school.low_age is not None and school.high_age is not None:
            fits = school.low_age <= year + 4 and school.high_age >= year + 5
        else:
            fits = school.phase == "Secondary" or school.setting != "mainstream"
        girls = school.intake != "girls" or self.case(p).single_sex_schools == "girls"
        return fits and girls and school.setting == self.case(p).suited_to

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
                suited = {t: self.metres(p, t) for t in self.schools if self.schools[t].setting == self.case(p).suited_to}
                near = s in suited and metres == min(filter(None, suited.values()), default=None)
                return None if metres is None else 1 if near else 2 if metres <= 4000 else 5
            case "preference":
                liked = self.case(p).preferences
                return liked.index(s) + 1 if s in liked else self.book.unranked
            case "journey":
                return metres
            case "longest_ago":
                turns = [one for one in self.taken if one.by_panel and one.school in self.schools]
                last = {one.school: max(other.on for other in turns if other.school == one.school) for one in turns}
                return 1 + sorted(set(last.values())).index(last[s]) if s in last else 0
            case "transport":
                way = self.journeys[self.made[p].pupil].get(s)
                charged = None if metres is None else 65000 * (metres > 5000) + 9000 * (self.made[p].year_group == 9)
                return charged if way is None or way.pence_per_year is None else way.pence_per_year
            case "lottery":
                return self.lot(f"{self.made[p].pupil}\n{s}")
            case "share":
                return 0 if s not in self.mainstream or self.share(aim.per, s) else None
            case _:
                return 0

    def share(self, per: str, s: str) -> int | None:
        pans = [self.years[s, year].pan for year in (9, 10)]
        pan = None if None in pans else sum(filter(None, pans))
        return {"equal": 1, "roll": self.schools[s].roll, "pan": pan}[per]

    def lot(self, told: str) -> int:
        raw = hashlib.sha256(f"pastoral/lottery/1\n{self.seed}\n{told}".encode()).digest()
        return int.from_bytes(raw[:4]) // 4

    def left(self, aim: Aim, p: str) -> int:
        """What an aim counts for a pupil who stays unplaced."""
        if aim.name in ("place", "waiting", "ticket", "lottery"):
            return {"place": 1, "waiting": self.waited(p) or 0, "ticket": self.lot(self.made[p].pupil), "lottery": 0}[aim.name]
        return max(filter(None, (self.worth(aim, p, s) for s in self.schools)), default=0)

    def speaks_of(self, aim: Aim, p: str) -> bool:
        return audience(aim.whom, self.made[p].referral_kind, self.made[p].permanently_excluded)

    def open(self, p: str, s: str) -> bool:
        known = all(self.worth(aim, p, s) is not None for aim in self.book.aims if self.speaks_of(aim, p))
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
            return seats is None or len(year if s in self.mainstream else same) < seats

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

    def value(self, aim: Aim, placed: dict[str, str]) -> object:
        came = [placed[p] for p in placed if self.speaks_of(aim, p)]
        if aim.name == "quota":
            over = sorted((max(0, self.count(aim.count, s) + came.count(s) - aim.limit) for s in self.mainstream), reverse=True)
            return over if aim.beyond == "level" else sum(over)
        if aim.name == "share":
            shares = {s: share for s in self.mainstream if (share := self.share(aim.per, s))}
            return sorted((Fraction(self.count(aim.count, s) + came.count(s), share) for s, share in shares.items()), reverse=True)
        mine = [p for p in self.playing if self.speaks_of(aim, p)]
        return sum(
            (self.worth(aim, p, placed[p]) or 0) * (aim.name not in ("place", "waiting", "ticket")) if p in placed else self.left(aim, p)
            for p in mine
        )

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


def as_told(aim: Aim, value: object) -> object:
    """A value as the command's JSON has it, but a quota's excess alone where only that counts."""
    return [f"{ratio.numerator}/{ratio.denominator}" for ratio in value] if aim.name == "share" and isinstance(value, list) else value


def settle(rng: random.Random, judge: Judge) -> tuple[dict[str, str], frozenset[str]]:
    """Now and then the panel has put one pupil somewhere itself, and another one off."""
    names = list(judge.agenda)
    rng.shuffle(names)
    fixed = {names.pop(): rng.choice(list(judge.schools))} if names and judge.schools and rng.random() < 0.15 else {}
    absent = frozenset({names.pop()}) if names and rng.random() < 0.1 else frozenset()
    return fixed, absent


@pytest.mark.parametrize("number", range(BOOKS))
def test_the_placing_is_the_one_that_the_rulebook_means(number: int) -> None:
    rng = random.Random(f"book {number}")
    book = random_book(rng)
    rulebook = Shelf.of([(as_yaml(book), "random.yaml")]).in_force("random", ON)
    evaluation = Evaluation(rulebook)
    for panel in range(PANELS):
        rng = random.Random(f"book {number} panel {panel}")
        events = random_events(rng)
        seed = hashlib.sha256(rng.randbytes(8)).hexdigest()
        record = [Recorded(seq, "", event) for seq, event in enumerate(events, start=1)]
        opened = freeze(record, rulebook, evaluation, meeting=2, on=ON, chair="C")
        judge = Judge(book, events, seed, {}, frozenset())
        assert list(opened.agenda) == judge.agenda
        judge = Judge(book, events, seed, *settle(rng, judge))
        case = Case(MeetingFacts.frozen(opened, rulebook), seed, judge.fixed, judge.absent)
        decision = decide(case, rulebook, evaluate=evaluation, place=place)
        where = f"book {number}, panel {panel}"
        assert set(decision.held) == judge.held - judge.fixed.keys() - judge.absent, where
        assert list(decision.problem.referrals) == judge.playing, where
        placed, values = judge.best()
        assert decision.placing == placed, where
        assert decision.certificate.unique, where
        for aim, mine, told in zip(book.aims, values, decision.objectives(rulebook), strict=True):
            theirs = told["value"]
            if aim.name == "quota":
                theirs = theirs["by_school"] if aim.beyond == "level" else theirs["excess"]
            assert theirs == as_told(aim, mine), f"{where}: {aim.name}"


def test_the_panels_are_worth_judging() -> None:
    """They have rooms for one, loads below nought, and pupils who compete: a judge of easy cases would judge nothing."""
    scarce = negative = choice = rivals = 0
    for number in range(100):
        book = random_book(random.Random(f"book {number}"))
        judge = Judge(book, random_events(random.Random(f"book {number} panel 0")), "", {}, frozenset())
        open_to = {p: [s for s in judge.schools if judge.open(p, s)] for p in judge.playing}
        scarce += any(judge.room(s, 9) == 1 for s in judge.mainstream)
        negative += any(judge.count(count.name, s) < 0 for count in book.counts for s in judge.schools)
        choice += any(len(schools) > 1 for schools in open_to.values())
        most = max((len(placed) for placed in judge.placings()), default=0)
        rivals += most < sum(bool(schools) for schools in open_to.values())
    assert scarce >= 25
    assert negative >= 5
    assert choice >= 30
    assert rivals >= 8


def test_the_judge_is_not_asleep() -> None:
    """One place, two pupils alike but for their wait: the judge, by itself, leaves the one who waited less."""
    school = ev.SchoolRecorded(urn="100001", name="S", low_age=11, high_age=16, roll=900)
    places = ev.PlacesRecorded(
        urn="100001", as_at=COUNTED, years=(ev.YearPlaces(year_group=9, pan=4, on_roll=5), ev.YearPlaces(year_group=10))
    )
    book = Book("excluded", (), frozenset({"room", "bars", "tiers"}), (Aim("place"), Aim("waiting"), Aim("lottery")), 4000, 1, 2)
    events: list[ev.Event] = [*TERMS, school, places]
    for name, day in (("B0", 9), ("B1", 5)):
        events.append(
            ev.ReferralMade(
                referral=name,
                pupil=name,
                referral_kind="fair_access",
                year_group=9,
                made_on=dt.date(2026, 11, day),
                home_school="1",
                case=ev.ReferralCase(),
            )
        )
        events.append(ev.JourneysRecorded(pupil=name, case=ev.JourneyRows(journeys=())))
    placed, values = Judge(book, events, "00", {}, frozenset()).best()
    # Room 4 - 5 + 4 // 2 = 1. B0 waited the 11th and 12th (the 10th is closed), B1 the 6th, 9th, 11th and 12th.
    assert placed == {"B1": "100001"}
    assert values[:2] == [1, 2]
    later = [event if not isinstance(event, ev.ReferralMade) else replace_made(event) for event in events]
    assert Judge(book, later, "00", {}, frozenset()).best()[0] == {"B0": "100001"}


def replace_made(made: ev.ReferralMade) -> ev.ReferralMade:
    """The two days changed about."""
    return made.model_copy(update={"made_on": dt.date(2026, 11, 14 - made.made_on.day)})
