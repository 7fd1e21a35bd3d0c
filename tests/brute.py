"""The judge of placements: every placing of a small problem is tried, and valued straight from what the objectives mean.

Shares nothing with the network, the certificate or `panel.objectives`; also makes the random problems that are judged.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction

from panel.problem import Objective, Problem, Quota, Share, Sum

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
        y = problem.year_group[p]
        for s in problem.eligible[p]:
            same = sum(1 for q, t in sofar.items() if t == s and problem.year_group[q] == y)
            if same < problem.room.get((s, y), 99) and sum(t == s for t in sofar.values()) < problem.room_total.get(s, 99):
                sofar[p] = s
                yield from extend(n + 1, sofar)
                del sofar[p]

    yield from extend(0, {})


def worth(problem: Problem, placed: Placed) -> Worth:
    return tuple(_worth(problem, objective, placed) for objective in problem.objectives)


def _worth(problem: Problem, objective: Objective, placed: Placed) -> object:
    if isinstance(objective, Sum):
        mine = [p for p in problem.referrals if p in objective.of]
        return sum(objective.unplaced[p] if p not in placed else objective.cost[p, placed[p]] for p in mine)
    came = [placed[p] for p in placed if p in objective.of]
    if isinstance(objective, Share):
        return sorted((Fraction(objective.load[s] + came.count(s), objective.share[s]) for s in objective.share), reverse=True)
    over = [max(objective.taken[s] + came.count(s) - objective.limit, 0) for s in objective.taken]
    return sum(over) if objective.beyond == "free" else sorted(over, reverse=True)


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
    some = frozenset(p for p in pupils if rng.random() < 0.6)
    few = frozenset(p for p in sorted(some) if rng.random() < 0.6)
    rest = frozenset(pupils) - some
    doors = (frozenset(pupils), frozenset(pupils), some, few, rest)
    objectives: list[Objective] = []
    if rng.random() < 0.85:
        objectives.append(Sum("place", frozenset(pupils), {(p, s): 0 for p in pupils for s in settings}, dict.fromkeys(pupils, 1)))
    objectives += [random_objective(rng, f"o{n}", pupils, settings, rng.choice(doors)) for n in range(rng.randint(1, 4))]
    if rng.random() < 0.75 if lottery is None else lottery:
        cost = {(p, s): rng.randrange(2**30) for p in pupils for s in settings}
        objectives.append(Sum("lottery", frozenset(pupils), cost, {p: rng.randrange(2**30) for p in pupils}))
    return Problem(pupils, settings, year_group, eligible, room, room_total, tuple(objectives), fixed)


def random_objective(rng: random.Random, name: str, pupils: tuple[str, ...], settings: tuple[str, ...], of: frozenset[str]) -> Objective:
    counted = [s for s in settings if rng.random() < 0.85]
    kind = rng.choice(("sum", "quota", "share", "share"))
    if kind == "sum":
        most = rng.choice((1, 3, 20))
        cost = {(p, s): rng.randint(0, most) for p in sorted(of) for s in settings}
        return Sum(name, of, cost, {p: rng.randint(0, most) for p in sorted(of)})
    if kind == "quota":
        taken = {s: rng.randint(-1, 3) for s in counted}
        return Quota(name, of, taken, rng.randint(0, 3), rng.choice(("level", "free")))
    shares = rng.choice(((1,), (1, 2, 3), (3, 4, 5, 7), (600, 900, 1200, 1217)))
    return Share(name, of, {s: rng.randint(-2, 4) for s in counted}, {s: rng.choice(shares) for s in counted})
