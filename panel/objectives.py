"""What a placing is worth, and what about it is unlawful: recounted from the placing itself.

Knows nothing of networks, prices or solvers. Values of one objective compare with `<`: less is better.

    Sum           the sum, a whole number
    Quota level   the excess of every setting over the limit, worst first
    Quota free    the total excess, a whole number
    Share         the ratio load / share of every setting, worst first
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from fractions import Fraction

from panel.problem import Objective, Placing, Problem, Quota, Share, Sum

Value = int | tuple[int, ...] | tuple[Fraction, ...]


def values(problem: Problem, placing: Placing) -> tuple[Value, ...]:
    """The value of each objective, in the problem's order. The tuples of two placings compare with `<`."""
    return tuple(value(problem, objective, placing) for objective in problem.objectives)


def value(problem: Problem, objective: Objective, placing: Placing) -> Value:
    match objective:
        case Sum(of=of, cost=cost, unplaced=unplaced):
            return sum(cost[p, placing[p]] if p in placing else unplaced[p] for p in problem.referrals if p in of)
        case Quota(taken=taken, limit=limit, beyond=beyond):
            came = arrivals(objective, placing)
            excess = [max(0, already + came.get(s, 0) - limit) for s, already in taken.items()]
            return sum(excess) if beyond == "free" else tuple(sorted(excess, reverse=True))
        case Share(load=load, share=share):
            came = arrivals(objective, placing)
            fine = fineness(share.values())
            ratios = [(load[s] + came.get(s, 0), part) for s, part in share.items()]
            ratios.sort(key=lambda ratio: (ratio[0] << fine) // ratio[1], reverse=True)
            return tuple(Fraction(whole, part) for whole, part in ratios)


def arrivals(objective: Quota | Share, placing: Placing) -> Mapping[str, int]:
    """How many pupils of the objective's `of` the placing sends to each setting; settings without any are absent."""
    came: dict[str, int] = {}
    for p, s in placing.items():
        if p in objective.of:
            came[s] = came.get(s, 0) + 1
    return came


def fineness(shares: Iterable[int]) -> int:
    """A shift f for which `(a << f) // b` orders, and tells apart, the fractions a / b over these shares exactly.

    Two different fractions over b and d are at least 1 / (b d) apart, so times 2**f > b d they are more than 1 apart.
    """
    return 2 * max(shares, default=1).bit_length()


def unlawful(problem: Problem, placing: Placing) -> list[str]:
    """Everything about the placing that the problem does not allow, in words."""
    wrong = [f"{p} is not a referral of this meeting" for p in sorted(set(placing) - set(problem.referrals))]
    for p in problem.referrals:
        s = placing.get(p)
        if s != problem.fixed.get(p, s):
            wrong.append(f"{p} is fixed at {problem.fixed[p]}, found {s or 'unplaced'}")
        elif s is not None and s not in problem.eligible[p]:
            wrong.append(f"{p} may not go to {s}")
    known = {p: s for p, s in placing.items() if p in problem.year_group}
    for (s, y), n in sorted(Counter((s, problem.year_group[p]) for p, s in known.items()).items()):
        if n > max(0, problem.room.get((s, y), n)):
            wrong.append(f"{n} pupils of year {y} at {s}, where there is room for {max(0, problem.room[s, y])}")
    for s, n in sorted(Counter(known.values()).items()):
        if n > max(0, problem.room_total.get(s, n)):
            wrong.append(f"{n} pupils at {s}, where there is room for {max(0, problem.room_total[s])}")
    return wrong
