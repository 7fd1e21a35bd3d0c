"""The judge of placements: every placing of a small problem is tried, and valued straight from what the objectives mean.

Shares nothing with the network, the certificate or `panel.placing.objectives`; also makes the random problems that are judged.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction

from panel.placing.problem import InTurn, Objective, Problem, Quota, Room, Rota, Share, Sum, Tally, Together

Placed = dict[str, str]
Worth = tuple[object, ...]


def placings(problem: Problem) -> Iterator[Placed]:
    """Every lawful placing."""

    def extend(n: int, sofar: Placed) -> Iterator[Placed]:
        if n == len(problem.referrals):
            yield dict(sofar)
            return
        p = problem.referrals[n]
        if p not in problem.fixed:
            yield from extend(n + 1, sofar)
        for s in problem.eligible[p]:
            sofar[p] = s
            here = [room for room in problem.rooms if room.setting == s and p in room.of]
            if all(max(0, room.places) >= sum((room.points or {}).get(q, 1) for q in room.of if sofar.get(q) == s) for room in here):
                yield from extend(n + 1, sofar)
            del sofar[p]

    yield from extend(0, {})


def worth(problem: Problem, placed: Placed) -> Worth:
    return tuple(_worth(problem, objective, placed) for objective in problem.objectives)


def _worth(problem: Problem, objective: Objective, placed: Placed) -> object:
    if isinstance(objective, Sum):
        mine = [p for p in problem.referrals if p in objective.of]
        return sum(objective.unplaced[p] if p not in placed else objective.cost[p, placed[p]] for p in mine)
    if isinstance(objective, InTurn):
        return [_worth(problem, one, placed) for one in objective.sums]
    if isinstance(objective, Together):
        return len(objective.pairs) - sum(p in placed and q in placed and placed[p] == placed[q] for p, q in objective.pairs)
    if isinstance(objective, Rota):
        return sum(sum(_turns(objective, tally, sum(placed.get(p) == tally.setting for p in tally.of))) for tally in objective.tallies)
    found = [(sum(placed.get(p) == tally.setting for p in tally.of) + tally.already, tally.against) for tally in objective.tallies]
    if isinstance(objective, Share):
        return sorted((Fraction(load, share) for load, share in found), reverse=True)
    over = [max(n - limit, 0) for n, limit in found]
    return sum(over) if objective.beyond == "free" else sorted(over, reverse=True)


def _turns(rota: Rota, tally: Tally, came: int) -> list[int]:
    """The numbers of the turns that those who came take: all settings' turns of a round stand before those of the next."""
    return [list(range(tally.against, 1000, rota.turns))[tally.already + n] for n in range(came)]


def quota(name: str, of: Iterable[str], taken: dict[str, int], limit: int, beyond: str = "level") -> Quota:
    """The same limit at each setting of `taken`."""
    return Quota(name, tuple(Tally(s, frozenset(of), already, limit) for s, already in taken.items()), beyond)


def share(name: str, of: Iterable[str], load: dict[str, int], shares: dict[str, int]) -> Share:
    return Share(name, tuple(Tally(s, frozenset(of), load[s], part) for s, part in shares.items()))


def rooms(years: dict[str, int], in_year: dict[tuple[str, int], int], in_all: dict[str, int]) -> tuple[Room, ...]:
    """Rooms of a year group and of a setting."""
    inside = {y: frozenset(p for p, year in years.items() if year == y) for _, y in in_year}
    return (
        *(Room(s, f"pupils of year {y}", inside[y], n) for (s, y), n in in_year.items()),
        *(Room(s, "pupils", frozenset(years), n) for s, n in in_all.items()),
    )


def best(problem: Problem) -> tuple[Worth, list[Placed]] | None:
    """The least worth, objective by objective, and every placing that has it; None if nothing is lawful."""
    valued = [(worth(problem, placed), placed) for placed in placings(problem)]
    if not valued:
        return None
    least = min(value for value, _ in valued)
    return least, [placed for value, placed in valued if value == least]


def random_problem(rng: random.Random, lottery: bool | None = None) -> Problem:
    """Up to six pupils and five settings; scarce rooms, loads below zero, doors that nest, now and then somebody fixed."""
    pupils = tuple(f"p{n}" for n in range(rng.choice((1, 2, 3, 3, 4, 4, 4, 5, 5, 6))))
    settings = tuple(f"s{n}" for n in range(rng.choice((1, 2, 2, 3, 3, 4, 5) if len(pupils) < 6 else (2, 2, 3))))
    years = rng.choice(((9,), (9, 10)))
    year_group = {p: rng.choice(years) for p in pupils}
    keen = rng.choice((0.6, 0.8, 1))
    eligible = {p: tuple(s for s in settings if rng.random() < keen) for p in pupils}
    fixed: dict[str, str] = {}
    for p in pupils:
        if eligible[p] and rng.random() < 0.06:
            fixed[p] = rng.choice(eligible[p])
            eligible[p] = (fixed[p],)
    room = {(s, y): rng.choice((0, 1, 1, 2, 2, 3)) for s in settings for y in years if rng.random() < 0.6}
    room_total = {s: rng.choice((0, 1, 2, 2, 3, 4)) for s in settings if rng.random() < 0.25}
    if rng.random() < 0.1:
        room[settings[0], 9] = -1
    inside = rooms(year_group, room, room_total)
    some = frozenset(p for p in pupils if rng.random() < 0.6)
    few = frozenset(p for p in sorted(some) if rng.random() < 0.6)
    rest = frozenset(pupils) - some
    doors = (frozenset(pupils), frozenset(pupils), some, few, rest)
    if rng.random() < 0.3:
        inside += tuple(Room(s, "a few", few or some, rng.choice((0, 1, 1, 2))) for s in settings if rng.random() < 0.7)
    if len(pupils) > 1 and rng.random() < 0.6:
        two = frozenset(rng.sample(pupils, 2))
        inside += tuple(Room(s, "two who are kept apart", two, 1) for s in settings)
    objectives: list[Objective] = []
    if rng.random() < 0.85:
        objectives.append(Sum("place", frozenset(pupils), {(p, s): 0 for p in pupils for s in settings}, dict.fromkeys(pupils, 1)))
    split = rng.random() < 0.2
    for n in range(rng.randint(1, 4)):
        counting = random_objective(rng, f"o{n}", pupils, settings, frozenset(pupils) if split else rng.choice(doors))
        objectives.append(by_year_group(rng, counting, year_group) if split and rng.random() < 0.6 else counting)
    if rng.random() < 0.75 if lottery is None else lottery:
        cost = {(p, s): rng.randrange(2**30) for p in pupils for s in settings}
        objectives.append(Sum("lottery", frozenset(pupils), cost, {p: rng.randrange(2**30) for p in pupils}))
    return Problem(pupils, settings, eligible, inside, tuple(objectives), fixed)


def random_objective(rng: random.Random, name: str, pupils: tuple[str, ...], settings: tuple[str, ...], of: frozenset[str]) -> Objective:
    counted = [s for s in settings if rng.random() < 0.85]
    kind = rng.choice(("sum", "quota", "share", "share", "rota"))
    if kind == "sum":
        most = rng.choice((1, 3, 20))
        cost = {(p, s): rng.randint(0, most) for p in sorted(of) for s in settings}
        return Sum(name, of, cost, {p: rng.randint(0, most) for p in sorted(of)})
    if kind == "quota":
        limits = {s: rng.randint(0, 3) for s in counted} if rng.random() < 0.5 else dict.fromkeys(counted, rng.randint(0, 3))
        tallies = tuple(Tally(s, of, rng.randint(-1, 3), limits[s]) for s in counted)
        return Quota(name, tallies, rng.choice(("level", "free")))
    if kind == "rota":
        turns = rng.randint(1, 4)
        return Rota(name, tuple(Tally(s, of, rng.choice((0, 0, 0, 1)), rng.randint(1, turns)) for s in counted), turns)
    shares = rng.choice(((1,), (1, 2, 3), (3, 4, 5, 7), (600, 900, 1200, 1217)))
    return Share(name, tuple(Tally(s, of, rng.randint(-2, 4), rng.choice(shares)) for s in counted))


def case_by_case(rng: random.Random, problem: Problem) -> Problem:
    """The problem with one more objective among the others: up to three sums for each of one to three days."""
    days = {p: rng.randint(1, 3) for p in problem.referrals}
    sums = []
    for day in sorted(set(days.values())):
        of = frozenset(p for p in problem.referrals if days[p] == day)
        for name in ("tier", "preference", "journey")[: rng.randint(1, 3)]:
            cost = {(p, s): rng.randint(0, rng.choice((1, 3))) for p in sorted(of) for s in problem.settings}
            sums.append(Sum(name, of, cost, {p: rng.randint(0, 3) for p in sorted(of)}))
    at = rng.randint(0, len(problem.objectives))
    objectives = (*problem.objectives[:at], InTurn("case_by_case", tuple(sums)), *problem.objectives[at:])
    return replace(problem, objectives=objectives)


def by_year_group(rng: random.Random, objective: Objective, years: dict[str, int]) -> Objective:
    """The objective counting each year group for itself."""
    if isinstance(objective, Sum | InTurn | Together):
        return objective
    parts = [(y, frozenset(p for p, year in years.items() if year == y)) for y in sorted(set(years.values()))]
    tallies = tuple(
        replace(tally, of=tally.of & inside, part=f"year {y}", already=rng.randint(0 if isinstance(objective, Rota) else -1, 3))
        for tally in objective.tallies
        for y, inside in parts
    )
    return replace(objective, tallies=tallies)
