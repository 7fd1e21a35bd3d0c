"""Looks for a better placing than a packing's with another solver, and settles nothing itself.

Each step of the packing is asked again: is there anything less, given all that the steps before it settled? Both solvers
work by whole-number programming, but share no code, and this one reckons in floating point: what it finds is recounted
in whole numbers, so that a better placing is never imagined; that it finds none is a second opinion, not a proof.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Final

import numpy as np

from panel.errors import CertificateRefused
from panel.placing.objectives import Value, passing, reaching, steps, turn_of, unlawful, values
from panel.placing.problem import (
    InTurn,
    Objective,
    Placing,
    Problem,
    Quota,
    Rota,
    Sum,
    Tally,
    Together,
    crosses,
    in_points,
    paired,
    sums_of,
    takes,
    tallies_of,
    weighed,
)
from panel.placing.proof import Packing

NODES: Final = 2_000
"""How many nodes of its tree the solver may look at for each question."""
NUMBERS: Final = 3_000_000
"""How many numbers of the problem it may look at for each, all nodes together; so a large problem is given fewer nodes."""
WHOLE: Final = 500_000
"""How many numbers all questions together may have. All are counted, never timed, so that it says the same again."""
INFEASIBLE: Final = 2
LARGEST: Final = 20
"""Bits of the largest number in a row: with larger ones the solver's tolerance would swallow the smallest."""


@dataclass(frozen=True, slots=True)
class Rechecked:
    """What two solvers say of a placing; no certificate. `values` are the objectives', recounted.

    Of so many `steps` the one solver `proved` that no less is possible, and the other `rechecked`, finding nothing better.
    `unique` says whether both found that no other placing is as good; `tied` are the referrals whom one that is sends elsewhere.
    `because` says why there is no certificate: pupils count points, are to be placed together, or the counts are crossing.
    """

    unique: bool
    values: tuple[Value, ...]
    tied: tuple[str, ...]
    steps: int
    proved: int
    rechecked: int
    because: tuple[str, ...]

    @property
    def leaves(self) -> int:
        """As a certificate has them: the placing itself."""
        return 1

    @property
    def optimal(self) -> bool:
        """Whether every step is proved, by the one solver."""
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
        because=tuple(why for why, so in (("points", weighed), ("crossing", crosses), ("together", paired)) if so(problem)),
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


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows of a linear problem, one after the other: numbers and columns from `first` to the next `first`, and what they may come to."""

    numbers: tuple[float, ...]
    columns: tuple[int, ...]
    first: tuple[int, ...]
    least: tuple[float, ...]
    most: tuple[float, ...]

    def with_one(self, what: _Line, most: int, least: int | None = None) -> _Rows:
        """One more: at most so much of something, and at least so much. Large numbers are halved until they are small, which is exact."""
        scale = 2.0 ** -max(0, max(abs(number) for _, number in what.columns).bit_length() - LARGEST)
        return _Rows(
            (*self.numbers, *[number * scale for _, number in what.columns]),
            (*self.columns, *[column for column, _ in what.columns]),
            (*self.first, len(self.numbers) + len(what.columns)),
            (*self.least, -np.inf if least is None else (least - what.fixed) * scale),
            (*self.most, (most - what.fixed) * scale),
        )


class _Again:
    """Another placing as a linear problem, with everything that the steps so far settle.

    The recorded one is left out from the start: within the solver's tolerance it would pass for a little less than it is.
    """

    def __init__(self, problem: Problem, placing: Placing, best: tuple[Value, ...]) -> None:
        self.problem, self.placing, self.best = problem, placing, best
        self.heads = not any(map(in_points, problem.objectives))
        self.reached: dict[tuple[int, int], dict[int, int]] = {}
        self.came: dict[tuple[int, int], int] = {}
        self.seats: dict[int, list[int]] = {}
        self.most: list[int] = []
        self.rows = _Rows((), (), (0,), (), ())
        self.left = WHOLE
        self.goes = {(p, s): self._column() for p in problem.referrals for s in problem.eligible[p]}
        for p in problem.referrals:
            self._row(_Line(0, tuple([(self.goes[p, s], 1) for s in problem.eligible[p]])), 1, least=int(p in problem.fixed))
        for room in problem.rooms:
            here = [(self.goes[p, room.setting], takes(room, p)) for p in sorted(room.of) if (p, room.setting) in self.goes]
            self._row(_Line(0, tuple([one for one in here if one[1]])), max(0, room.places))
        stay = [(column, 1 if p in placing else -1) for (p, s), column in self.goes.items() if placing.get(p, s) == s]
        self._row(_Line(0, tuple(stay)), len(placing) - 1)

    def settle(self, n: int, objective: Objective, settled: Sequence[tuple[str, int]]) -> int:
        """Ask the steps of one objective again, then keep them; how many the solver settled within its limit."""
        if isinstance(objective, Sum | InTurn):
            each = zip(sums_of(objective), settled, strict=True)
            return sum(self._settle(n, self._total(one), most, self._floor(one)) for one, (_, most) in each)
        if isinstance(objective, Quota) and objective.beyond == "free":
            excess = sum([self._beyond(tally) for tally in objective.tallies], _Line())
            return sum(self._settle(n, excess, most, excess.least) for _, most in settled)
        if isinstance(objective, Rota):
            taken = self._turns(objective)
            return sum(self._settle(n, taken, most, taken.least) for _, most in settled)
        if isinstance(objective, Together):
            parted = self._parted(objective)
            return sum(self._settle(n, parted, most, sum(not self._shared(pair) for pair in objective.pairs)) for _, most in settled)
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
        other = self._found(None, 0)
        if isinstance(other, bool):
            return other
        if self._worth(other) == self.best:
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

    def _found(self, what: _Line | None, most: int) -> Placing | bool:
        """Another placing with at most so much of something; True where the solver finds that there is none, False where it cannot tell."""
        from scipy.optimize import Bounds, LinearConstraint, milp  # here: only a book that is settled by solvers waits for it
        from scipy.sparse import csr_array

        if not self.goes or (what and not what.columns):
            return True
        rows = self.rows.with_one(what, most) if what else self.rows
        self.left -= len(rows.numbers)
        if self.left < 0:
            return False
        matrix = csr_array((rows.numbers, rows.columns, rows.first), shape=(len(rows.most), len(self.most)))
        answer = milp(
            np.zeros(len(self.most)),
            integrality=np.ones(len(self.most)),
            bounds=Bounds(0, self.most),
            constraints=LinearConstraint(matrix, rows.least, rows.most),
            options={"node_limit": min(NODES, 1 + NUMBERS // len(rows.numbers))},
        )
        if answer.x is None:
            return bool(answer.status == INFEASIBLE)
        return {p: s for (p, s), column in self.goes.items() if answer.x[column] > 0.5}

    # --- the model ---

    def _column(self, most: int = 1) -> int:
        self.most.append(most)
        return len(self.most) - 1

    def _row(self, what: _Line, most: int, least: int | None = None) -> None:
        if what.columns:
            self.rows = self.rows.with_one(what, most, least)

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
        tallies = tallies_of(objective)
        return sum([self._reaches(n, t, tally, bound) for (t, tally), bound in zip(enumerate(tallies), least, strict=True)], _Line())

    def _reaches(self, n: int, t: int, tally: Tally, least: int) -> _Line:
        count = self._count(tally)
        most = count.fixed + sum(points for _, points in count.columns)
        if tally.already >= least or most < least:
            return _Line(int(tally.already >= least))
        if self.heads:
            return _Line(0, ((self._taken(tally)[least - tally.already - 1], 1),))
        return _Line(0, ((self._threshold((n, t), count, most, least), 1),))

    def _threshold(self, which: tuple[int, int], count: _Line, most: int, least: int) -> int:
        """A number that is 1 if a tally counts `least` or more, else 0 or 1.

        Between thresholds a < b < ... it counts at most a - 1, and b - a more if a is reached, and so on: all that is known of it
        as one row, which leaves the solver little between whole numbers.
        """
        here = self.reached.setdefault(which, {})
        if least not in here:
            if which not in self.came:
                came = self.came[which] = self._column(most - count.fixed)
                self._row(_Line(0, (*count.columns, (came, -1))), 0, least=0)
            here[least] = self._column()
            bounds = sorted(here)
            at = bounds.index(least)
            passing_by = [(here[low], low - high) for low, high in pairwise([*bounds[at:], most + 1])]
            self._row(_Line(count.fixed, ((self.came[which], 1), *passing_by)), least - 1)
            for low, high in pairwise(bounds[max(0, at - 1) : at + 2]):
                self._row(_Line(0, ((here[high], 1), (here[low], -1))), 0)
        return here[least]

    def _turns(self, rota: Rota) -> _Line:
        """The sum of the turns that are taken, or more."""
        taken = [
            (column, turn_of(rota, tally, k)) for tally in rota.tallies for k, column in enumerate(self._taken(tally), tally.already + 1)
        ]
        return _Line(0, tuple(taken))

    def _parted(self, objective: Together) -> _Line:
        """How many pairs are not at one setting, or more."""
        at_one = []
        for pair in objective.pairs:
            for s in self._shared(pair):
                both = self._column()
                at_one.append((both, -1))
                for p in pair:
                    self._row(_Line(0, ((both, 1), (self.goes[p, s], -1))), 0)
        return _Line(len(objective.pairs), tuple(at_one))

    def _shared(self, pair: tuple[str, str]) -> list[str]:
        one, other = pair
        return [s for s in self.problem.eligible[one] if s in self.problem.eligible[other]]

    def _taken(self, tally: Tally) -> list[int]:
        """For each who may come to a tally of heads a column, taken one after the other: at least as many as do come."""
        taken = self.seats.get(id(tally))
        if taken is None:
            count = self._count(tally)
            taken = self.seats[id(tally)] = [self._column() for _ in count.columns]
            self._row(count + _Line(0, tuple([(column, -1) for column in taken])), tally.already)
            for one, later in pairwise(taken):
                self._row(_Line(0, ((later, 1), (one, -1))), 0)
        return taken

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
        came = [
            (self.goes[p, tally.setting], 1 if tally.points is None else tally.points[p])
            for p in sorted(tally.of)
            if (p, tally.setting) in self.goes
        ]
        return _Line(tally.already, tuple([one for one in came if one[1]]))
