"""Invented years of an invented panel, and how each policy comes through them.

Everything that no policy decides (schools, pupils, families' wishes, who comes and goes besides) follows from the year's
number alone and is the same for all. What a policy decided stays decided: loads, quotas, room, the line of the rota and
those left waiting carry over to its next meeting, so that each lives with its own past.

    20 schools in a square of 30 km, PAN 120 to 270, five of them four times as ready to send a pupil away
    10 meetings, one every 19 school days; 6 to 14 pupils referred before each, about a third permanently excluded
    room     three year groups in four are full as the year begins, over-number places included; then some come and some leave
    bars     the home school, a school to be kept apart from, a school further than the book allows
    counted  as in the Shire11 book: the load of the year, and how many excluded pupils each school took

The objectives are those of the book, by name and order, with its settings; the bars are written here, for rules are not what is
compared.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from random import Random
from typing import Final

from fixtures.written import Point, near
from panel.deciding.chance import bits, seed
from panel.facts.journeys import WALKING_METRES, estimated_metres
from panel.placing.objectives import unlawful, values
from panel.placing.problem import Objective, Problem, Quota, Room, Share, Sum, Tally
from rules.book import Rulebook
from rules.rulebook import Shelf, shipped_text
from tests.benchmarks.policies import POLICIES, Desk, Placed, Policy, turned

SEED: Final = 1997
SCHOOLS: Final = 20
MEETINGS: Final = tuple(range(19, 191, 19))
"""The school days of the year on which the panel meets."""
YEARS: Final = (7, 8, 9, 10, 11)
CORNER: Final = (620_000, 420_000)  # in the open sea
WIDE: Final = 15_000
ON: Final = dt.date(2026, 11, 12)
PROGRAM: Final = "this program"


@dataclass(frozen=True, slots=True)
class School:
    """`room` by year group, as the year begins."""

    urn: str
    place: Point
    roll: int
    room: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Pupil:
    """`made` is the school day of the referral; `ranks` the family's, by URN; `metres` to every school, `by_distance` the nearest first."""

    referral: str
    made: int
    year_group: int
    excluded: bool
    home_school: str
    apart: str
    ranks: Mapping[str, int]
    metres: Mapping[str, int]
    by_distance: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """Something that no policy decides: on a school day, `places` more or fewer in a year group, and `counted` pupils more in the load."""

    day: int
    urn: str
    year_group: int
    places: int
    counted: int = 0


@dataclass(frozen=True, slots=True)
class Year:
    number: int
    schools: tuple[School, ...]
    pupils: tuple[Pupil, ...]
    changes: tuple[Change, ...]


@dataclass(slots=True)
class Past:
    """What a policy has made of the year so far. `placed` is referral -> (URN, school day)."""

    load: dict[str, int]
    excluded: dict[str, int]
    room: dict[tuple[str, int], int]
    line: tuple[str, ...]
    placed: dict[str, tuple[str, int]] = field(default_factory=dict)
    left_out: int = 0


def book() -> Rulebook:
    """The Shire11 book that comes with the program."""
    texts = [(text, name) for name in ("england", "shire11") for text in shipped_text(name)]
    return Shelf.of(texts).in_force("shire11", ON)


def number(rules: Rulebook, setting: str) -> int:
    """A setting of the book that is a whole number."""
    value = rules.settings[setting].value
    if not isinstance(value, int):
        raise TypeError(f"{setting}: found {value!r}; wanted a whole number")
    return value


# --- what no policy decides ---


def year(number: int) -> Year:
    """The year of this number: the same on every machine."""
    chance = Random(f"{SEED}/{number}")
    schools = tuple(_school(chance, str(800_001 + n)) for n in range(SCHOOLS))
    senders = [school for n, school in enumerate(schools) for _ in range(4 if n < 5 else 1)]
    pupils: list[Pupil] = []
    for before, meets in zip((0, *MEETINGS), MEETINGS, strict=False):
        for _ in range(chance.randint(6, 14)):
            made = chance.randint(before + 1, meets - 1)
            pupils.append(_pupil(chance, f"R{len(pupils) + 1:03}", made, chance.choice(senders), schools))
    comings = [_coming(chance, school, meets) for meets in MEETINGS for school in schools for _ in YEARS if chance.randint(1, 5) == 1]
    left = [Change(pupil.made, pupil.home_school, pupil.year_group, 1) for pupil in pupils if pupil.excluded]
    return Year(number, schools, tuple(pupils), (*comings, *left))


def _school(chance: Random, urn: str) -> School:
    pan = 30 * chance.randint(4, 9)
    place = near(chance, CORNER, WIDE)
    roll = 5 * pan + chance.choice((0, 90, 140, 200)) - chance.randint(5, 60)
    return School(urn, place, roll, {year_group: chance.choice((0, 0, 0, 0, 0, 0, 1, 2)) for year_group in YEARS})


def _pupil(chance: Random, referral: str, made: int, home: School, schools: Sequence[School]) -> Pupil:
    lives = near(chance, home.place, 3_000)
    metres = {school.urn: estimated_metres(lives, school.place) for school in schools}
    by_distance = tuple(sorted(metres, key=lambda urn: (metres[urn], urn)))
    others = [urn for urn in by_distance if urn != home.urn]
    apart = others[0] if chance.randint(1, 12) == 1 else ""
    liked = chance.sample([urn for urn in others[:6] if urn != apart], chance.randint(0, 3))
    return Pupil(
        referral,
        made,
        chance.choice((7, 8, 8, 9, 9, 9, 10, 10, 10, 11)),
        chance.randint(1, 20) <= 7,
        home.urn,
        apart,
        {urn: rank for rank, urn in enumerate(liked, 1)},
        metres,
        by_distance,
    )


def _coming(chance: Random, school: School, day: int) -> Change:
    """Somebody leaves, somebody comes, or, one time in ten, somebody comes who counts: a plan or a foster placement named the school."""
    counted = chance.randint(1, 10) == 1
    return Change(day, school.urn, chance.choice(YEARS), -1 if counted else chance.choice((1, -1)), int(counted))


# --- one meeting ---


def meeting(this: Year, past: Past, agenda: Sequence[Pupil], day: int, rules: Rulebook) -> tuple[Problem, Desk]:
    """The problem of a meeting, and the clerk's desk: who has waited longest comes up first."""
    urns = tuple(school.urn for school in this.schools)
    roll = {school.urn: school.roll for school in this.schools}
    drawn = seed("0" * 64, [str(SEED), str(this.number), str(day)])
    settled = Problem(
        referrals=tuple(pupil.referral for pupil in agenda),
        settings=urns,
        eligible={pupil.referral: tuple(urn for urn in urns if is_open(pupil, urn, past, rules)) for pupil in agenda},
        rooms=tuple(_room(urn, year_group, agenda, past) for urn in urns for year_group in YEARS),
        objectives=tuple(_objective(objective.name, this, past, agenda, day, drawn, rules) for objective in rules.objectives),
    )
    waiting = sorted(agenda, key=lambda pupil: (pupil.made, pupil.referral))
    metres = {(pupil.referral, urn): pupil.metres[urn] for pupil in agenda for urn in urns}
    return settled, Desk(tuple(pupil.referral for pupil in waiting), past.line, dict(past.load), roll, metres)


def is_open(pupil: Pupil, urn: str, past: Past, rules: Rulebook) -> bool:
    """No bar fires, and there is room."""
    barred = urn in (pupil.home_school, pupil.apart) or pupil.metres[urn] > number(rules, "furthest")
    return not barred and past.room[urn, pupil.year_group] > 0


def _room(urn: str, year_group: int, agenda: Sequence[Pupil], past: Past) -> Room:
    of = frozenset(pupil.referral for pupil in agenda if pupil.year_group == year_group)
    return Room(urn, f"pupils of year {year_group}", of, past.room[urn, year_group])


def _objective(name: str, this: Year, past: Past, agenda: Sequence[Pupil], day: int, drawn: str, rules: Rulebook) -> Objective:
    """What the book's objective of this name weighs; an unplaced pupil weighs the largest of their own values over all schools."""
    everybody = frozenset(pupil.referral for pupil in agenda)
    if name == "quota":
        excluded = frozenset(pupil.referral for pupil in agenda if pupil.excluded)
        limit = number(rules, "excluded_a_year")
        return Quota(name, tuple(Tally(school.urn, excluded, past.excluded[school.urn], limit) for school in this.schools))
    if name == "share":
        return Share(name, tuple(Tally(school.urn, everybody, past.load[school.urn], school.roll) for school in this.schools))
    worth = {pupil.referral: {urn: _worth(name, pupil, urn, drawn, rules) for urn in pupil.metres} for pupil in agenda}
    cost = {(referral, urn): weight for referral, row in worth.items() for urn, weight in row.items()}
    return Sum(name, everybody, cost, {p.referral: _left_out(name, p, day, drawn, worth[p.referral]) for p in agenda})


def _left_out(name: str, pupil: Pupil, day: int, drawn: str, worth: Mapping[str, int]) -> int:
    match name:
        case "place":
            return 1
        case "waiting":
            return day - pupil.made
        case "ticket":
            return bits(drawn, pupil.referral)
        case "lottery":
            return 0
        case _:
            return max(worth.values())


def _worth(name: str, pupil: Pupil, urn: str, drawn: str, rules: Rulebook) -> int:
    match name:
        case "place" | "waiting" | "ticket":
            return 0
        case "tier":
            return 2 if urn in pupil.by_distance[: number(rules, "near")] else 3
        case "preference":
            return pupil.ranks.get(urn, number(rules, "unranked"))
        case "transport":
            return pence(pupil.metres[urn], rules)
        case "lottery":
            return bits(drawn, pupil.referral, urn)
        case _:
            raise ValueError(f"The book has an objective that these years do not know: {name}.")


def pence(metres: int, rules: Rulebook) -> int:
    """What the way costs the authority in a year, as the book charges it."""
    if metres > number(rules, "taxi_beyond"):
        return number(rules, "taxi")
    return number(rules, "bus_pass") if metres > WALKING_METRES else 0


# --- a whole year ---


def lived(this: Year, policy: Policy, rules: Rulebook) -> tuple[Past, list[tuple[Problem, Desk, Placed]]]:
    """A year under one policy: what became of it, and every meeting. Raises ValueError if the policy does what is not lawful."""
    past = Past(
        load={school.urn: 0 for school in this.schools},
        excluded={school.urn: 0 for school in this.schools},
        room={(school.urn, year_group): school.room[year_group] for school in this.schools for year_group in YEARS},
        line=tuple(school.urn for school in this.schools),
    )
    by_name = {pupil.referral: pupil for pupil in this.pupils}
    held = []
    for before, day in zip((0, *MEETINGS), MEETINGS, strict=False):
        for change in this.changes:
            if before < change.day <= day:
                past.room[change.urn, change.year_group] += change.places
                past.load[change.urn] += change.counted
        agenda = [pupil for pupil in this.pupils if pupil.made <= day and pupil.referral not in past.placed]
        to_settle, desk = meeting(this, past, agenda, day, rules)
        placed = policy(to_settle, desk)
        if wrong := unlawful(to_settle, placed):
            raise ValueError(f"year {this.number}, day {day}: {'; '.join(wrong)}")
        held.append((to_settle, desk, placed))
        for referral, urn in placed.items():
            _place(past, by_name[referral], urn, day)
        past.line = turned(past.line, placed.values())
        past.left_out += len(agenda) - len(placed)
    return past, held


def _place(past: Past, pupil: Pupil, urn: str, day: int) -> None:
    past.placed[pupil.referral] = urn, day
    past.load[urn] += 1
    past.excluded[urn] += pupil.excluded
    past.room[urn, pupil.year_group] -= 1
    if not pupil.excluded:  # who was excluded left a seat behind on that day
        past.room[pupil.home_school, pupil.year_group] += 1


# --- what a year came to ---

MEASURES: Final = (
    "pupils without a place at the end",
    "times a pupil was left out of a meeting",
    "schools over quota at the end",
    "worst load, pupils for 1,000 on roll",
    "second-worst load",
    "Gini of load over roll",
    "mean rank of preference, of those placed",
    "transport, pence a year",
    "pupils placed beyond three miles",
    "school days waited, mean",
)
"""Of each the less the better."""

Figures = dict[str, Fraction]


def figures(this: Year, past: Past, rules: Rulebook) -> Figures:
    """A year by every measure, exactly."""
    quota, unranked = number(rules, "excluded_a_year"), number(rules, "unranked")
    ratios = sorted((Fraction(1000 * past.load[school.urn], school.roll) for school in this.schools), reverse=True)
    placed = [(pupil, *past.placed[pupil.referral]) for pupil in this.pupils if pupil.referral in past.placed]
    last = MEETINGS[-1]
    waited = [past.placed.get(pupil.referral, ("", last))[1] - pupil.made for pupil in this.pupils]
    ranks = [pupil.ranks.get(urn, unranked) for pupil, urn, _ in placed]
    found: tuple[int | Fraction, ...] = (
        len(this.pupils) - len(placed),
        past.left_out,
        sum(taken > quota for taken in past.excluded.values()),
        ratios[0],
        ratios[1],
        gini(ratios),
        Fraction(sum(ranks), max(1, len(ranks))),
        sum(pence(pupil.metres[urn], rules) for pupil, urn, _ in placed),
        sum(pupil.metres[urn] > WALKING_METRES for pupil, urn, _ in placed),
        Fraction(sum(waited), len(waited)),
    )
    return {name: Fraction(figure) for name, figure in zip(MEASURES, found, strict=True)}


def gini(numbers: Sequence[Fraction]) -> Fraction:
    """0 where all are the same, towards 1 where one has everything: the mean difference of all pairs over twice the mean."""
    total = sum(numbers)
    apart = sum(abs(one - other) for one in numbers for other in numbers)
    return apart / (2 * len(numbers) * total) if total else Fraction(0)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A year by every policy; and, from the states that this program met, where each rival's placing first differs from it.

    `differs` is rival -> objective -> meetings in which the rival is worse by it; "nothing" where both are worth the same.
    """

    number: int
    figures: Mapping[str, Figures]
    differs: Mapping[str, Counter[str]]


def outcome(number: int, rules: Rulebook) -> Outcome:
    """One year. Raises ValueError if a rival were better than this program from the same state."""
    this = year(number)
    found: dict[str, Figures] = {}
    differs: dict[str, Counter[str]] = {}
    for name, policy in POLICIES.items():
        past, held = lived(this, policy, rules)
        found[name] = figures(this, past, rules)
        if name == PROGRAM:
            differs = {rival: Counter(first_worse(*settled, POLICIES[rival]) for settled in held) for rival in POLICIES if rival != PROGRAM}
    return Outcome(number, found, differs)


def first_worse(to_settle: Problem, desk: Desk, placed: Placed, rival: Policy) -> str:
    """The first objective by which a rival's placing of the same meeting is worse; "nothing" where there is none."""
    theirs = values(to_settle, rival(to_settle, desk))
    for objective, mine, other in zip(to_settle.objectives, values(to_settle, placed), theirs, strict=True):
        if mine < other:  # type: ignore[operator]
            return objective.name
        if mine != other:
            raise ValueError(f"A rival is better by {objective.name}: {other} before {mine}.")
    return "nothing"
