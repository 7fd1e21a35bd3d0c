"""Looks for a better placing than a packing's with another solver, and settles nothing itself.

Each step of the packing is asked again: is there anything less, given all that the steps before it settled? Both solvers
work by whole-number programming, but share no code, and this one reckons in floating point: what it finds is recounted
in whole numbers, so that a better placing is never imagined; that it finds none is a second opinion, not a proof.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import numpy as np

from panel.errors import CertificateRefused
from panel.objectives import Value, passing, reaching, steps, unlawful, values
from panel.problem import Objective, Placing, Problem, Quota, Sum, Tally
from panel.proof import Packing

if TYPE_CHECKING:
    from highspy import Highs

SETTINGS: Final = {
    "output_flag": False,
    "threads": 1,
    "random_seed": 0,
    "mip_max_nodes": 2_000,
    "simplex_iteration_limit": 100_000,
}
"""One thread, a fixed seed, and limits counted in the solver's own steps, never in seconds, so that it says the same again."""
LARGEST: Final = 20
"""Bits of the largest number in a row: with larger ones the solver's tolerance would swallow the smallest."""


@dataclass(frozen=True, slots=True)
class Rechecked:
    """What two solvers say of a placing; no certificate. `values` are the objectives', recounted.

    Of so many `steps` the one solver `proved` that no less is possible, and the other `rechecked`, finding nothing better.
    `unique` says whether both found that no other placing is as good; `tied` are the referrals whom one that is sends elsewhere.
    """

    unique: bool
    values: tuple[Value, ...]
    tied: tuple[str, ...]
    steps: int
    proved: int
    rechecked: int

    leaves = 1
    means = "solved twice"

    @property
    def optimal(self) -> bool:
        """Whether every step is proved."""
        return self.proved == self.steps


def recheck(problem: Problem, packing: Packing) -> Rechecked:
    """Ask every step of a packing again, and whether another placing is as good.

    Raises `CertificateRefused` where the steps are not those of the placing, or something better, or as good, is found.
    """
    placing = dict(packing.placing)
    best = _recounted(problem, placing)
    expected = [(problem.objectives[n].name, level, most) for n, level, most in steps(problem, placing)]
    if [(step.objective, step.level, step.most) for step in packing.levels] != expected or len(placing) != len(packing.placing):
        raise CertificateRefused("The steps of the packing are not those of its placing.")
    for other in map(dict, packing.others):
        if other == placing or _recounted(problem, other) != best or packing.only:
            raise CertificateRefused("A placing that the packing calls as good is not, or is the placing itself.")
    again = _Again(problem, placing, best)
    settled = 0
    for n, objective in enumerate(problem.objectives):
        settled += again.settle(n, objective, [(level, most) for number, level, most in steps(problem, placing) if number == n])
    return Rechecked(
        unique=packing.only and again.no_other(),
        values=best,
        tied=packing.tied,
        steps=len(packing.levels),
        proved=sum(step.proved for step in packing.levels),
        rechecked=settled,
    )


def _recounted(problem: Problem, placing: Placing) -> tuple[Value, ...]:
    if wrong := unlawful(problem, placing):
        raise CertificateRefused("This placing is not lawful: " + "; ".join(wrong) + ".")
    return values(problem, placing)


@dataclass(frozen=True, slots=True)
class _Line:
    """A whole number that depends on the placing: so much, and so much more for each column that is 1."""

    fixed: int = 0
    columns: tuple[tuple[int, int], ...] = ()

    def __add__(self, other: _Line) -> _Line:
        return _Line(self.fixed + other.fixed, self.columns + other.columns)

    @property
    def least(self) -> int:
        return self.fixed + sum(min(0, cost) for _, cost in self.columns)


class _Again:
    """The problem as a linear one, with everything that the steps so far settle."""

    def __init__(self, problem: Problem, placing: Placing, best: Sequence[Value]) -> None:
        from highspy import Highs

        self.problem, self.placing, self.best = problem, placing, best
        self.solver: Highs = Highs()
        for option, value in SETTINGS.items():
            self.solver.setOptionValue(option, value)
        self.reached: dict[tuple[int, int, int], int] = {}
        self.columns = 0
        self.goes = {(p, s): self._column() for p in problem.referrals for s in problem.eligible[p]}
        for p in problem.referrals:
            self._row(_Line(0, tuple([(self.goes[p, s], 1) for s in problem.eligible[p]])), 1, least=int(p in problem.fixed))
        for room in problem.rooms:
            here = [(self.goes[p, room.setting], 1) for p in sorted(room.of) if (p, room.setting) in self.goes]
            self._row(_Line(0, tuple(here)), max(0, room.places))

    def settle(self, n: int, objective: Objective, settled: Sequence[tuple[str, int]]) -> int:
        """Ask the steps of one objective again, then keep them; how many the solver settled within its limit."""
        if isinstance(objective, Sum):
            return sum(self._settle(n, self._total(objective), most, self._floor(objective)) for _, most in settled)
        if isinstance(objective, Quota) and objective.beyond == "free":
            excess = sum([self._beyond(tally) for tally in objective.tallies], _Line())
            return sum(self._settle(n, excess, most, excess.least) for _, most in settled)
        above = found = 0
        for level, most in settled:
            self._row(self._from(n, [passing(objective, tally, Fraction(level)) for tally in objective.tallies]), above)
            here = self._from(n, [reaching(objective, tally, Fraction(level)) for tally in objective.tallies])
            found += self._settle(n, here, most, max(here.least, above))
            above = most
        if isinstance(objective, Quota):
            self._row(self._from(n, [tally.against + 1 for tally in objective.tallies]), above)
        return found

    def no_other(self) -> bool:
        """Whether the solver finds that no other placing is as good. Raises `CertificateRefused` where it finds one."""
        stay = [(column, 1 if p in self.placing else -1) for (p, s), column in self.goes.items() if self.placing.get(p, s) == s]
        other = self._found(_Line(0, tuple(stay)), len(self.placing) - 1)
        if isinstance(other, bool):
            return other
        if other != self.placing and self._worth(other) == self.best:
            raise CertificateRefused("Solved again, another placing is as good as the one that was recorded.")
        return False

    def _settle(self, n: int, what: _Line, most: int, floor: int) -> bool:
        """Ask for less than so much of something, and keep it at so much; whether the solver settled it."""
        settled = most <= floor
        if not settled:
            found = self._found(what, most - 1)
            settled = found is True
            if not isinstance(found, bool) and (worth := self._worth(found)) is not None and worth < self.best:
                name = self.problem.objectives[n].name.replace("_", " ")
                raise CertificateRefused(f"Solved again, {name} has a better placing than the one that was recorded.")
        self._row(what, most)
        return settled

    def _worth(self, placing: Placing) -> tuple[Value, ...] | None:
        """What a placing is worth, recounted; nothing where it is not lawful."""
        return None if unlawful(self.problem, placing) else values(self.problem, placing)

    def _found(self, what: _Line, most: int) -> Placing | bool:
        """A placing with at most so much of something; True where the solver finds that there is none, False where it cannot tell."""
        import highspy

        if not what.columns:
            return what.fixed > most
        self._row(what, most)
        self.solver.run()
        there = self.solver.getInfo().primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        worth = self.solver.getSolution().col_value if there else []
        none = self.solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible
        self.solver.deleteRows(1, np.array([self.solver.getNumRow() - 1], dtype=np.int32))
        return {p: s for (p, s), column in self.goes.items() if worth[column] > 0.5} if there else bool(none)

    # --- the model ---

    def _column(self, most: int = 1) -> int:
        import highspy

        nowhere = np.array([], dtype=np.int32)
        self.solver.addCol(0, 0, most, 0, nowhere, nowhere.astype(float))
        self.columns += 1
        self.solver.changeColIntegrality(self.columns - 1, highspy.HighsVarType.kInteger)
        return self.columns - 1

    def _row(self, what: _Line, most: int, least: int | None = None) -> None:
        """At most so much of something, and at least so much, in a row whose numbers are halved until they are small: which is exact."""
        if not what.columns:
            return
        scale = 2.0 ** -max(0, max(abs(cost) for _, cost in what.columns).bit_length() - LARGEST)
        columns = np.array([column for column, _ in what.columns], dtype=np.int32)
        costs = np.array([cost * scale for _, cost in what.columns])
        least_of_all = -self.solver.inf if least is None else (least - what.fixed) * scale
        self.solver.addRow(least_of_all, (most - what.fixed) * scale, len(columns), columns, costs)

    def _total(self, objective: Sum) -> _Line:
        of = [p for p in self.problem.referrals if p in objective.of]
        out = {p: 0 if p in self.problem.fixed else objective.unplaced[p] for p in of}
        pairs = [(self.goes[p, s], objective.cost[p, s] - out[p]) for p in of for s in self.problem.eligible[p]]
        return _Line(sum(out.values()), tuple([pair for pair in pairs if pair[1]]))

    def _floor(self, objective: Sum) -> int:
        """What each pupil costs at the least, wherever the others go."""
        least = 0
        for p in objective.of:
            ways = [objective.cost[p, s] for s in self.problem.eligible[p]]
            least += min(ways if p in self.problem.fixed else [objective.unplaced[p], *ways])
        return least

    def _from(self, n: int, least: Sequence[int]) -> _Line:
        """How many tallies of an objective count so much or more, each its own number; or more than that."""
        objective = self.problem.objectives[n]
        tallies = () if isinstance(objective, Sum) else objective.tallies
        return sum([self._reaches(n, t, tally, bound) for (t, tally), bound in zip(enumerate(tallies), least, strict=True)], _Line())

    def _reaches(self, n: int, t: int, tally: Tally, least: int) -> _Line:
        count = self._count(tally)
        most = count.fixed + sum(points for _, points in count.columns)
        if tally.already >= least or most < least:
            return _Line(int(tally.already >= least))
        if (n, t, least) not in self.reached:
            reached = self.reached[n, t, least] = self._column()
            self._row(count + _Line(0, ((reached, least - 1 - most),)), least - 1)
            for less, more in ((least - 1, least), (least, least + 1)):
                if (n, t, less) in self.reached and (n, t, more) in self.reached:
                    self._row(_Line(0, ((self.reached[n, t, more], 1), (self.reached[n, t, less], -1))), 0)
        return _Line(0, ((self.reached[n, t, least], 1),))

    def _beyond(self, tally: Tally) -> _Line:
        """The excess of a tally over its limit, or more."""
        count = self._count(tally)
        already = max(0, tally.already - tally.against)
        more = count.fixed + sum(points for _, points in count.columns) - tally.against - already
        if more <= 0:
            return _Line(already)
        beyond = self._column(more)
        self._row(count + _Line(0, ((beyond, -1),)), tally.against + already)
        return _Line(already, ((beyond, 1),))

    def _count(self, tally: Tally) -> _Line:
        came = [(self.goes[p, tally.setting], 1 if tally.points is None else tally.points[p]) for p in sorted(tally.of) if (p, tally.setting) in self.goes]
        return _Line(tally.already, tuple([one for one in came if one[1]]))
