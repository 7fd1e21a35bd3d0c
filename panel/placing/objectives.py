"""What a placing is worth, and what about it is unlawful: recounted from the placing itself.

Knows nothing of networks, prices or solvers. Values of one objective compare with `<`: less is better.

    Sum           the sum, a whole number
    InTurn        its sums, first turn first
    Quota level   the excess of every tally over its limit, worst first
    Quota free    the total excess, a whole number
    Share         the ratio load / share of every tally, worst first
    Rota          the sum of the turns that were taken, a whole number
    Together      the pairs that are not at one setting, a whole number
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from fractions import Fraction

from panel.placing.problem import InTurn, Objective, Placing, Problem, Quota, Room, Rota, Share, Sum, Tally, Together, takes

Value = int | tuple[int, ...] | tuple[Fraction, ...]
There = Mapping[str, frozenset[str]]
"""URN -> who is placed there; settings without anybody are absent."""

NOBODY: frozenset[str] = frozenset()


def values(problem: Problem, placing: Placing) -> tuple[Value, ...]:
    """The value of each objective, in the problem's order. The tuples of two placings compare with `<`."""
    there = by_setting(placing)
    return tuple(_value(objective, placing, there) for objective in problem.objectives)


def value(objective: Objective, placing: Placing) -> Value:
    return _value(objective, placing, by_setting(placing))


def by_setting(placing: Placing) -> There:
    """Who is placed where."""
    there: dict[str, list[str]] = {}
    for p, s in placing.items():
        there.setdefault(s, []).append(p)
    return {s: frozenset(pupils) for s, pupils in there.items()}


def counted(tallies: Iterable[Tally], there: There) -> list[int]:
    """What each tally comes to."""
    return [tally.already + _came(tally, there.get(tally.setting, NOBODY) & tally.of) for tally in tallies]


def _came(tally: Tally, here: frozenset[str]) -> int:
    return len(here) if tally.points is None else sum([tally.points[p] for p in here])


def reaching(objective: Quota | Share, tally: Tally, level: int | Fraction) -> int:
    """The least count at which a tally is at a level of its objective: a ratio of a share, an excess of a quota above 0."""
    if isinstance(objective, Quota):
        return tally.against + int(level)
    return -(-Fraction(level).numerator * tally.against // Fraction(level).denominator)


def passing(objective: Quota | Share, tally: Tally, level: int | Fraction) -> int:
    """The least count at which a tally is above a level of its objective."""
    if isinstance(objective, Quota):
        return tally.against + int(level) + 1
    return Fraction(level).numerator * tally.against // Fraction(level).denominator + 1


def excesses(quota: Quota, there: There) -> list[int]:
    """How far each tally of a quota is beyond its limit, worst first."""
    return sorted([max(0, n - tally.against) for n, tally in zip(counted(quota.tallies, there), quota.tallies, strict=True)], reverse=True)


def turn_of(rota: Rota, tally: Tally, count: int) -> int:
    """The number of the turn by which a tally comes to `count`, through all rounds."""
    return tally.against + (count - 1) * rota.turns


def turns_taken(rota: Rota, tally: Tally, count: int) -> int:
    """The sum of the turns by which a tally comes to `count`: of those from `already` + 1 on."""
    return sum([turn_of(rota, tally, k) for k in range(tally.already + 1, count + 1)])


def _value(objective: Objective, placing: Placing, there: There) -> Value:
    match objective:
        case Sum():
            return worth_of(objective, placing)
        case InTurn(sums=sums):
            return tuple([worth_of(one, placing) for one in sums])
        case Quota(beyond=beyond):
            excess = excesses(objective, there)
            return sum(excess) if beyond == "free" else tuple(excess)
        case Rota(tallies=tallies):
            return sum([turns_taken(objective, tally, n) for tally, n in zip(tallies, counted(tallies, there), strict=True)])
        case Together(pairs=pairs):
            return sum([not together(placing, pair) for pair in pairs])
        case Share(tallies=tallies):
            fine = fineness([tally.against for tally in tallies])
            ratios = [(n, tally.against) for n, tally in zip(counted(tallies, there), tallies, strict=True)]
            ratios.sort(key=lambda ratio: (ratio[0] << fine) // ratio[1], reverse=True)
            return tuple([Fraction(load, share) for load, share in ratios])


def worth_of(one: Sum, placing: Placing) -> int:
    """What a sum comes to."""
    return sum([one.cost[p, placing[p]] if p in placing else one.unplaced[p] for p in one.of])


def together(placing: Placing, pair: tuple[str, str]) -> bool:
    """Whether both are placed, at one setting."""
    one, other = map(placing.get, pair)
    return one is not None and one == other


def fineness(shares: Collection[int]) -> int:
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
    there = by_setting(placing)
    wrong.extend(
        f"{n} {'' if room.points is None else 'points of '}{room.name} at {room.setting}, where there is room for {max(0, room.places)}"
        for room in problem.rooms
        if room.setting in there and (n := _taken(room, there[room.setting])) > max(0, room.places)
    )
    return wrong


def _taken(room: Room, here: frozenset[str]) -> int:
    return len(here & room.of) if room.points is None else sum([takes(room, p) for p in here])


def steps(problem: Problem, placing: Placing) -> Iterator[tuple[int, str, int]]:
    """The steps in which a placing is settled: the number of the objective, the level, and how much of it.

    A sum, a free quota, a rota and pairs have one, without a level. A levelled objective has one for each level that a tally is at, worst
    first, with how many tallies are there or above; an excess of 0 is no level. Sums in turn have one each, at their number from 1.
    """
    for n, (objective, worth) in enumerate(zip(problem.objectives, values(problem, placing), strict=True)):
        if isinstance(worth, int):
            yield n, "", worth
            continue
        if isinstance(objective, InTurn):
            yield from ((n, str(k), worth_of(one, placing)) for k, one in enumerate(objective.sums, start=1))
            continue
        levels = [level for level in worth if level or not isinstance(objective, Quota)]
        yield from ((n, str(level), sum(one >= level for one in levels)) for level in dict.fromkeys(levels))
