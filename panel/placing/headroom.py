"""What counting alone proves of a levelled objective: so many tallies must be at a level, or the others could not take everybody.

No solver, and no search for a placing. A bound only: what binds beside it is left out, so it may say less than is so, and
never more.

    kept    (level, c) of the steps so far, worst first: of the tallies, worst first, those up to the c-th are at that level at most
    slots   m of those kept, and then of the level that is asked about, one for each tally; the others lie below that level
    hold    the most that the tallies can count together, each in a slot of its own
    come    the least that they count together, with those who have to be placed

With hold < come, m are too few.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Final

import numpy as np

from panel.placing.objectives import passing, reaching
from panel.placing.problem import Problem, Quota, Share, Sum, Tally, tallies_of, weighs

NOWHERE: Final = -(2**40)
"""What a slot holds for a tally that is beyond it from the start."""

Level = int | Fraction
Kept = Sequence[tuple[Level, int]]


class Headroom:
    """What can be said of one levelled objective while every one of `sums` is kept at so much."""

    def __init__(self, problem: Problem, objective: Quota | Share, sums: Iterable[tuple[Sum, int]]) -> None:
        self.objective = objective
        self.already = [tally.already for tally in objective.tallies]
        self.most = [_most(problem, tally) for tally in objective.tallies]
        self.come = sum(self.already) + _coming(problem, objective, sums)

    def too_few(self, kept: Kept, level: Level, m: int) -> bool:
        """Whether no placing has only m tallies at a level or above, of all that keep the levels above it that are `kept`.

        As each slot holds at least what the next holds, nor is any with fewer.
        """
        tallies = len(self.already)
        slots = [self._slot(passing, one) for one in [*_spelled_out(kept), *[level] * tallies][:m]]
        below = self._slot(reaching, level)
        return self._hold([*slots, *[below] * (tallies - len(slots))]) < self.come

    def _slot(self, beyond: Callable[[Quota | Share, Tally, Level], int], level: Level) -> list[int]:
        """What each tally can count without going beyond."""
        bounds = [beyond(self.objective, tally, level) - 1 for tally in self.objective.tallies]
        return [min(n, most) if n >= already else NOWHERE for n, already, most in zip(bounds, self.already, self.most, strict=True)]

    def _hold(self, slots: Sequence[Sequence[int]]) -> int:
        from scipy.optimize import linear_sum_assignment  # here: only a book that is settled by solvers waits for it

        most = np.array(slots, dtype=np.int64)
        return int(most[linear_sum_assignment(most, maximize=True)].sum())


def _spelled_out(kept: Kept) -> list[Level]:
    """The level of each tally that is settled already, worst first."""
    levels: list[Level] = []
    for level, most in kept:
        levels += [level] * (most - len(levels))
    return levels


def _coming(problem: Problem, objective: Quota | Share, sums: Iterable[tuple[Sum, int]]) -> int:
    """How much the placed add at the least: everybody where it adds least, but for those whom the sums let stay unplaced."""
    here: dict[str, list[Tally]] = {}
    for tally in tallies_of(objective):
        here.setdefault(tally.setting, []).append(tally)
    adds = {p: min((sum(weighs(tally, p) for tally in here.get(s, ())) for s in problem.eligible[p]), default=0) for p in problem.referrals}
    everybody = sum(adds.values())
    return max([sum(adds[p] for p in problem.fixed), *[everybody - _left_out(problem, one, most, adds) for one, most in sums]])


def _left_out(problem: Problem, one: Sum, most: int, adds: dict[str, int]) -> int:
    """How much those can add at the most who stay unplaced while a sum is kept; in parts of a pupil, which is never too little."""
    free, dear = 0, []
    for p in problem.referrals:
        if p not in one.of:
            free += 0 if p in problem.fixed else adds[p]
            continue
        ways = [one.cost[p, s] for s in problem.eligible[p]]
        least = min(ways if p in problem.fixed else [one.unplaced[p], *ways])
        most -= least
        if p not in problem.fixed and adds[p]:
            dear.append((one.unplaced[p] - least, adds[p]))
    for cost, add in sorted(dear, key=lambda way: Fraction(*way)):
        part = min(add, add * most // cost) if cost else add
        free += part
        most -= cost if part == add else most
    return free


def _most(problem: Problem, tally: Tally) -> int:
    """What a tally comes to if all go there who may, as far as there is room. Rooms are looked at one after the other."""
    left = {p: weighs(tally, p) for p in tally.of if tally.setting in problem.eligible.get(p, ())}
    most = tally.already
    for room in problem.rooms:
        if room.setting == tally.setting and room.points is None:
            inside = sorted((left.pop(p) for p in room.of & left.keys()), reverse=True)
            most += sum(inside[: max(0, room.places)])
    return most + sum(left.values())
