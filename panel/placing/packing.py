"""The best placing where no flow has it, for points, pairs or counts that cross: whole-number programming, step by step.

There is no short proof of such a placing. Each objective is settled in steps, each of which keeps all before it; every
step says whether the solver proved it. A levelled objective is settled from its worst tally down:

    w      the level of the next tally, worst first, of the best placing so far
    keep   no more tallies above w than are settled already
    least  tallies at w or above; if none but those settled, w was too high; else so many more are settled, at w

Small steps (`panel/placing/climb.py`) find most of it beforehand; the solver is asked for what they miss, and for the proof.
One worker, a fixed seed and a limit counted in the solver's own steps, never in seconds, so that it does the same again.
`panel/placing/recheck.py` looks for anything better with another solver.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from panel.errors import PlacementError
from panel.placing.climb import climbed
from panel.placing.headroom import Headroom
from panel.placing.objectives import by_setting, counted, passing, reaching, steps, turn_of, unlawful, value, values
from panel.placing.problem import (
    InTurn,
    Objective,
    Placing,
    Problem,
    Quota,
    Rota,
    Share,
    Sum,
    Tally,
    Together,
    in_points,
    sums_of,
    takes,
    weighs,
)
from panel.placing.proof import Level, Packing

if TYPE_CHECKING:
    from ortools.sat.python.cp_model import CpModel, IntVar, LinearExprT

STEP: Final = 20.0
"""How much work one step may take, in the solver's own deterministic measure: about seconds of a slow machine."""
WHOLE: Final = 60.0
"""How much all of them may take together."""

Pair = tuple[str, str]


def pack(problem: Problem, step: float = STEP, whole: float = WHOLE) -> Packing:
    """The best placing found, and how far it is proved. Raises `PlacementError` where those who are fixed leave none."""
    if wrong := unlawful(problem, problem.fixed):
        raise PlacementError("The pupils who are fixed leave no lawful placing: " + "; ".join(wrong) + ".")
    search = _Search(problem, step, whole, climbed(problem, problem.fixed))
    for n, objective in enumerate(problem.objectives):
        search.settle(n, objective)
    others, only = search.settle_ties()
    placing = search.placing
    levels = [
        Level(problem.objectives[n].name, level, most, (n, level, most) in search.proved) for n, level, most in steps(problem, placing)
    ]
    return Packing(_sorted(placing), tuple(levels), only, tuple(_sorted(other) for other in others))


def harms(problem: Problem, packing: Packing, whole: float = WHOLE) -> dict[Pair, int | None]:
    """For every rival pair the first objective, from 0, that gets worse if it is forced; their number where none does.

    -1 where no lawful placing has the pair; None where the limit came before that was known, and for all where a step of the
    packing is open. Found for all pairs together: what no placing has that keeps the objectives up to one is settled for all
    of them by one proof.
    """
    placing = dict(packing.placing)
    search = _Search(problem, STEP, whole, placing)
    best = values(problem, placing)
    rivals = [pair for pair in search.goes if placing.get(pair[0]) != pair[1]]
    if not all(level.proved for level in packing.levels):
        return dict.fromkeys(rivals, None)
    found: dict[Pair, int | None] = {pair: _at_first_sight(problem, placing, pair) for pair in rivals}
    for equal in packing.others:
        found.update((pair, len(best)) for pair in equal if pair in found)
    for n in range(-1, len(best)):
        if n >= 0:
            search.keep(problem.objectives[n], [(level, most) for number, level, most in steps(problem, placing) if number == n])
        while pairs := [pair for pair, first in found.items() if first == n]:
            other, proved = search.through(pairs)
            if other is None:
                found.update(dict.fromkeys([] if proved else pairs, None))
                break
            kept = first_difference(best, values(problem, other))
            found.update((pair, kept) for pair in pairs if other.get(pair[0]) == pair[1])
    return found


def _at_first_sight(problem: Problem, placing: Placing, pair: Pair) -> int:
    """The last objective, of those that get worse first, among a few placings with the pair: alone, or with somebody there making way."""
    p, s = pair
    best, last = values(problem, placing), -1
    for makes_way in [None, *[q for q in problem.referrals if placing.get(q) == s]]:
        other = {**placing, p: s}
        if makes_way is not None:
            there = other.pop(makes_way, None) and placing.get(p)
            other.update({makes_way: there} if there in problem.eligible[makes_way] else {})
        if not unlawful(problem, other):
            last = max(last, first_difference(best, values(problem, other)))
    return last


def first_difference(best: Sequence[object], other: Sequence[object]) -> int:
    """The number of the first objective at which two worths differ, from 0; how many there are if at none."""
    return next((n for n, (one, two) in enumerate(zip(best, other, strict=True)) if one != two), len(best))


class _Search:
    """The model with everything that is settled so far, the best placing found, and the steps that are proved."""

    def __init__(self, problem: Problem, step: float, whole: float, placing: Placing) -> None:
        from ortools.sat.python import cp_model  # here: only a book that is settled by solvers waits for it

        self.problem, self.step, self.left, self.sat = problem, step, whole, cp_model
        self.model: CpModel = cp_model.CpModel()
        self.placing = dict(placing)
        self.proved: set[tuple[int, str, int]] = set()
        self.open = False
        self.heads = not any(map(in_points, problem.objectives))
        """A number of heads is spelled out in ones, which the solver settles many times faster than a bound that points may pass."""
        self.reached: dict[tuple[int, int], IntVar] = {}
        self.seats: dict[int, list[IntVar]] = {}
        self.pairs: dict[tuple[Pair, str], IntVar] = {}
        self.sums: list[tuple[Sum, int]] = []
        self.goes: dict[Pair, IntVar] = {}
        for p in problem.referrals:
            row = [self.model.new_bool_var("") for _ in problem.eligible[p]]
            self.goes.update(zip([(p, s) for s in problem.eligible[p]], row, strict=True))
            (self.model.add_exactly_one if p in problem.fixed else self.model.add_at_most_one)(row)
        for room in problem.rooms:
            self.model.add(sum(self._at(room.setting, {p: takes(room, p) for p in room.of})) <= max(0, room.places))

    # --- one objective after the other ---

    def settle(self, n: int, objective: Objective) -> None:
        """Settle one objective, after all that was settled before it."""
        if isinstance(objective, Sum | InTurn):
            for level, one in _each(objective):
                floor = sum(min(row) for p in one.of if (row := self._costs(one, p)))
                self.sums.append((one, self._least(n, level, self._total(one), floor)))
        elif isinstance(objective, Quota) and objective.beyond == "free":
            floor = sum(max(0, tally.already - tally.against) for tally in objective.tallies)
            self._least(n, "", self._excess(objective), floor)
        elif isinstance(objective, Rota):
            self._least(n, "", self._turns(objective), 0)
        elif isinstance(objective, Together):
            self._least(n, "", self._parted(objective), sum(not self._shared(pair) for pair in objective.pairs))
        else:
            self._levelled(n, objective)

    def keep(self, objective: Objective, settled: Iterable[tuple[str, int]]) -> None:
        """Keep one objective as it was settled before, by levels and how much of each, without searching."""
        if isinstance(objective, Sum | InTurn):
            for (_, one), (_, most) in zip(_each(objective), settled, strict=True):
                self.model.add(self._total(one) <= most)
        elif isinstance(objective, Quota) and objective.beyond == "free":
            self.model.add(self._excess(objective) <= sum(most for _, most in settled))
        elif isinstance(objective, Rota):
            self.model.add(self._turns(objective) <= sum(most for _, most in settled))
        elif isinstance(objective, Together):
            self.model.add(self._parted(objective) <= sum(most for _, most in settled))
        else:
            above = 0
            for level, most in settled:
                self._keep_above(objective, Fraction(level), above)
                self.model.add(self._reaching(objective, Fraction(level)) <= most)
                above = most
            if isinstance(objective, Quota):
                self._keep_above(objective, Fraction(0), above)

    def _levelled(self, n: int, objective: Quota | Share) -> None:
        settled, kept = 0, list[tuple[Fraction, int]]()
        headroom = Headroom(self.problem, objective, self.sums)
        while settled < len(objective.tallies):
            level = sorted(self._levels(objective, self.placing), reverse=True)[settled]
            self._keep_above(objective, level, settled)
            if isinstance(objective, Quota) and not level:
                return
            most = self._now(n, str(level), self.placing)
            floor = most if headroom.too_few(kept, level, most - 1) else 0
            settled = max(settled, self._least(n, str(level), self._reaching(objective, level), floor))
            kept.append((level, settled))

    def _least(self, n: int, level: str, what: LinearExprT, floor: int) -> int:
        """How little something can be, given all that is settled; it is kept so. `floor`: it cannot be less."""
        most = self._now(n, level, self.placing)
        proved = most <= floor
        if not proved:
            found, proved = self._solved(least=what)
            if found is not None and self._now(n, level, found) < most:
                # A small step could undo what is kept, though not proved: then the solver's own word is taken.
                self.placing = dict(found) if self.open else climbed(self.problem, found)
                most = self._now(n, level, self.placing)
        self.model.add(what <= most)
        if proved:
            self.proved.add((n, level, most))
        self.open = self.open or not proved
        return most

    def _now(self, n: int, level: str, placing: Placing) -> int:
        """What a step counts in a placing."""
        objective = self.problem.objectives[n]
        if isinstance(objective, InTurn):
            objective, level = objective.sums[int(level) - 1], ""
        if level and not isinstance(objective, Sum | Rota | Together):
            return sum(one >= Fraction(level) for one in self._levels(objective, placing))
        total = value(objective, placing)
        if not isinstance(total, int):
            raise TypeError("a step without a level counts a sum or a total excess")
        return total

    def _levels(self, objective: Quota | Share, placing: Placing) -> list[Fraction]:
        counts = zip(counted(objective.tallies, by_setting(placing)), objective.tallies, strict=True)
        if isinstance(objective, Quota):
            return [Fraction(max(0, count - tally.against)) for count, tally in counts]
        return [Fraction(count, tally.against) for count, tally in counts]

    # --- when all are settled ---

    def settle_ties(self) -> tuple[list[Placing], bool]:
        """Other placings that are as good, and whether it is proved that there is none.

        Where there are any, the placing becomes one of them that does not depend on the solver; together they move everybody who
        can be moved, unless the limit came first. Where a step is open, another may be better, and none is looked for.
        """
        if self.open:
            return [], False
        first, proved = self._elsewhere(self.problem.referrals)
        if first is None:
            return [], proved
        self.placing = dict(self._solved(least=sum(_whim(*pair) * goes for pair, goes in self.goes.items()))[0] or self.placing)
        others: list[Placing] = []
        still = set(self.problem.referrals)
        while (other := self._elsewhere([p for p in self.problem.referrals if p in still])[0]) is not None:
            others.append(other)
            still -= {p for p in still if other.get(p) != self.placing.get(p)}
        return others, False

    def _elsewhere(self, pupils: Sequence[str]) -> tuple[Placing | None, bool]:
        """A placing as good that sends as many of these pupils elsewhere as can be, or at least one; if none, whether that is proved."""
        if not pupils:
            return None, True
        stay = sum(self.goes[p, s] if (s := self.placing.get(p)) else 1 - sum(self._of(p)) for p in pupils)
        return self._solved(least=stay, at_most=len(pupils) - 1)

    def through(self, pairs: Sequence[Pair]) -> tuple[Placing | None, bool]:
        """A placing that keeps what is settled, with as many of these pairs as can be; None if with none, and whether that is proved."""
        return self._solved(least=-sum(self.goes[pair] for pair in pairs), at_most=-1)

    # --- the model ---

    def _solved(self, least: LinearExprT, at_most: int | None = None) -> tuple[Placing | None, bool]:
        """With as little of something as the solver finds within its limit; whether that is proved, or, if None, that there is none."""
        if self.left <= 0:
            return None, False
        model = self.model.clone()
        model.minimize(least)
        if at_most is not None:
            model.add(least <= at_most)
        for pair, goes in self.goes.items():
            model.add_hint(goes, self.placing.get(pair[0]) == pair[1])
        solver = self.sat.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = 0
        solver.parameters.linearization_level = 2
        solver.parameters.max_deterministic_time = min(self.step, self.left)
        status = solver.solve(model)
        self.left -= solver.response_proto.deterministic_time
        if status not in (self.sat.OPTIMAL, self.sat.FEASIBLE):
            return None, status == self.sat.INFEASIBLE
        return {p: s for (p, s), goes in self.goes.items() if solver.value(goes)}, status == self.sat.OPTIMAL

    def _of(self, p: str) -> list[IntVar]:
        return [self.goes[p, s] for s in self.problem.eligible[p]]

    def _at(self, s: str, points: Mapping[str, int]) -> list[LinearExprT]:
        return [n * self.goes[p, s] for p, n in sorted(points.items()) if (p, s) in self.goes]

    def _costs(self, objective: Sum, p: str) -> list[int]:
        ways = [objective.cost[p, s] for s in self.problem.eligible[p]]
        return ways if p in self.problem.fixed else [objective.unplaced[p], *ways]

    def _total(self, objective: Sum) -> LinearExprT:
        of = [p for p in self.problem.referrals if p in objective.of]
        placed = sum(objective.cost[p, s] * self.goes[p, s] for p in of for s in self.problem.eligible[p])
        return placed + sum(objective.unplaced[p] * (1 - sum(self._of(p))) for p in of if p not in self.problem.fixed)

    def _keep_above(self, objective: Quota | Share, level: Fraction, most: int) -> None:
        """No more tallies above a level than so many."""
        self.model.add(sum(self._from(tally, passing(objective, tally, level)) for tally in objective.tallies) <= most)

    def _reaching(self, objective: Quota | Share, level: Fraction) -> LinearExprT:
        """How many tallies are at a level or above."""
        return sum(self._from(tally, reaching(objective, tally, level)) for tally in objective.tallies)

    def _from(self, tally: Tally, least: int) -> LinearExprT:
        """1 if a tally counts `least` or more, else 0 or 1: what is made little is 0 wherever it may be."""
        if tally.already >= least or self._most(tally) < least:
            return int(tally.already >= least)
        if self.heads:
            return self._taken(tally)[least - tally.already - 1]
        found = self.reached.get((id(tally), least))
        if found is None:
            found = self.reached[id(tally), least] = self.model.new_bool_var("")
            self.model.add(tally.already + self._came(tally) <= least - 1).only_enforce_if(~found)
            for less, more in ((least - 1, least), (least, least + 1)):
                if (id(tally), less) in self.reached and (id(tally), more) in self.reached:
                    self.model.add_implication(self.reached[id(tally), more], self.reached[id(tally), less])
        return found

    def _parted(self, objective: Together) -> LinearExprT:
        """How many pairs are not at one setting, or more: each is at one where it is said to be, and need not be said to be."""
        return len(objective.pairs) - sum(self._both(pair, s) for pair in objective.pairs for s in self._shared(pair))

    def _shared(self, pair: Pair) -> list[str]:
        """The settings that both of two pupils may go to."""
        one, other = pair
        return [s for s in self.problem.eligible[one] if s in self.problem.eligible[other]]

    def _both(self, pair: Pair, s: str) -> IntVar:
        """1 only if both go there."""
        found = self.pairs.get((pair, s))
        if found is None:
            found = self.pairs[pair, s] = self.model.new_bool_var("")
            for p in pair:
                self.model.add_implication(found, self.goes[p, s])
        return found

    def _excess(self, quota: Quota) -> LinearExprT:
        return sum(self._beyond(tally) for tally in quota.tallies)

    def _turns(self, rota: Rota) -> LinearExprT:
        """The sum of the turns that are taken."""
        taken = [(turn_of(rota, tally, k), one) for tally in rota.tallies for k, one in enumerate(self._taken(tally), tally.already + 1)]
        return sum(turn * one for turn, one in taken)

    def _taken(self, tally: Tally) -> list[IntVar]:
        """For each who may come to a tally of heads one of these, taken one after the other: as many as do come."""
        taken = self.seats.get(id(tally))
        if taken is None:
            taken = self.seats[id(tally)] = [self.model.new_bool_var("") for _ in range(self._most(tally) - tally.already)]
            self.model.add(sum(taken) == self._came(tally))
            for one, later in pairwise(taken):
                self.model.add_implication(later, one)
        return taken

    def _beyond(self, tally: Tally) -> LinearExprT:
        """The excess of a tally over its limit, or more: what is made little is no more than that."""
        least, most = (max(0, count - tally.against) for count in (tally.already, self._most(tally)))
        if most == least == 0:
            return 0
        beyond = self.model.new_int_var(least, most, "")
        self.model.add(beyond >= tally.already + self._came(tally) - tally.against)
        return beyond

    def _came(self, tally: Tally) -> LinearExprT:
        return sum(self._at(tally.setting, {p: weighs(tally, p) for p in tally.of}))

    def _most(self, tally: Tally) -> int:
        """What a tally comes to if everybody goes there who may."""
        return tally.already + sum(weighs(tally, p) for p in tally.of if (p, tally.setting) in self.goes)


def _each(objective: Sum | InTurn) -> list[tuple[str, Sum]]:
    """A sum without a level, or sums in turn by their numbers from 1."""
    return [("" if isinstance(objective, Sum) else str(k), one) for k, one in enumerate(sums_of(objective), start=1)]


def _sorted(placing: Placing) -> tuple[Pair, ...]:
    return tuple(sorted(placing.items()))


def _whim(p: str, s: str) -> int:
    """Which of several placings, equal by every objective, is shown: any will do, if only it does not depend on the solver."""
    return int.from_bytes(sha256(f"{p}\n{s}".encode()).digest()[:3])
