"""Why not there? where a placement is packed, for points or for counts that cross: the solver is asked, as there are no paths to walk.

It decides nothing. What gets worse first is found for all pairs of a meeting together. What else follows, and who moves, is
asked for one pair alone: it is forced, and everybody packed again. Where the solver's limit came first, it says so.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import Final

from panel.errors import PlacementError
from panel.placing.objectives import unlawful, values
from panel.placing.packing import first_difference, harms, pack
from panel.placing.placement import Placement
from panel.placing.problem import Problem
from panel.placing.proof import Level, Packing
from panel.placing.rivals import OPEN, Rival, compared

STEP: Final = 5.0
WHOLE: Final = 30.0
"""How much work one forced pair may take, in the solver's own measure; all pairs together take at most twice that."""


class PackedRivals:
    """The pairs of one packed placement that were not chosen."""

    def __init__(self, problem: Problem, placement: Placement, packing: Packing) -> None:
        self.problem, self.placement, self.packing = problem, placement, packing

    @cached_property
    def _harms(self) -> dict[tuple[str, str], int | None]:
        return harms(self.problem, self.packing, 2 * WHOLE)

    def first_worse(self, referral: str) -> dict[str, str | None]:
        """Setting -> the first objective that gets worse, None if none does, for every rival of one referral that is possible.

        `OPEN` where the solver did not settle it.
        """
        names = [objective.name for objective in self.problem.objectives]
        found = {s: first for (p, s), first in self._harms.items() if p == referral and first != -1}
        return {s: OPEN if first is None else (*names, None)[first] for s, first in found.items()}

    def rival(self, referral: str, setting: str) -> Rival:
        """One rival. Raises `PlacementError` if the pair is not eligible, or is the one that was chosen."""
        if setting not in self.problem.eligible.get(referral, ()) or self.placement.placing.get(referral) == setting:
            raise PlacementError(f"{referral} to {setting} is no rival: wanted an eligible pair that was not chosen.")
        fixed = {**self.problem.fixed, referral: setting}
        forced = replace(self.problem, eligible={**self.problem.eligible, referral: (setting,)}, fixed=fixed)
        if unlawful(forced, fixed):
            return Rival(referral, setting, possible=False)
        found = pack(forced, STEP, WHOLE)
        placing = dict(found.placing)
        first = first_difference(self.placement.values, values(self.problem, placing))
        if not (self._settled(self.packing, first) and self._settled(found, first)):
            return Rival(referral, setting, open=True)
        return compared(self.problem, self.placement, Rival(referral, setting), placing)

    def _settled(self, packing: Packing, last: int) -> bool:
        """Whether every step of the objectives up to that one is proved."""
        names = [objective.name for objective in self.problem.objectives]
        done = _objectives_of(packing.levels, names)
        return all(step.proved for step, n in zip(packing.levels, done, strict=True) if n <= last)


def _objectives_of(levels: tuple[Level, ...], names: list[str]) -> list[int]:
    """The number of the objective that each step belongs to: steps stand in the order of the objectives."""
    numbers, n = list[int](), 0
    for level in levels:
        while names[n] != level.objective:
            n += 1
        numbers.append(n)
    return numbers
