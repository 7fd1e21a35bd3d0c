"""Betters a placing by small steps until none of them helps: a good place to begin from, not the best and no proof.

A step moves one pupil, exchanges two, or moves two to one setting who are to be placed together. It changes few terms of the
objectives, and what it leaves alone may be left out of the comparison: sums by subtraction, levelled lists because a list
sorted worst first compares as it does without what both have in common. So a step is judged by the tallies at the settings
that it touches, the pairs that it parts or joins, and the costs of its pupils.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from panel.placing.objectives import together, turns_taken
from panel.placing.problem import (
    InTurn,
    Placing,
    Problem,
    Quota,
    Room,
    Rota,
    Share,
    Sum,
    Tally,
    Together,
    sums_of,
    takes,
    tallies_of,
    weighs,
)

Steps = dict[str, str | None]
"""Referral -> where it goes instead; None: left out."""


def climbed(problem: Problem, placing: Placing) -> dict[str, str]:
    """A lawful placing at least as good as this lawful one, the same whenever it is asked."""
    there = _There(problem, placing)
    better = True
    while better:
        better = False
        for steps in there.steps():
            if there.helps(steps):
                there.take(steps)
                better = True
    return dict(there.placing)


class _There:
    """A placing with what it comes to at each room and tally."""

    def __init__(self, problem: Problem, placing: Placing) -> None:
        self.problem = problem
        self.placing: dict[str, str] = {}
        self.rooms: dict[str, list[Room]] = {s: [] for s in problem.settings}
        self.tallies: list[dict[str, list[_Counted]]] = []
        for room in problem.rooms:
            self.rooms[room.setting].append(room)
        for objective in problem.objectives:
            here: dict[str, list[_Counted]] = {}
            for tally in tallies_of(objective):
                here.setdefault(tally.setting, []).append(_Counted(tally, tally.already))
            self.tallies.append(here)
        self.pairs = sorted({pair for one in problem.objectives if isinstance(one, Together) for pair in one.pairs})
        self.taken = {(room.setting, room.name): 0 for room in problem.rooms}
        self.take(dict(placing))

    def steps(self) -> Iterator[Steps]:
        """Every step from wherever the placing is by then."""
        free = [p for p in self.problem.referrals if p not in self.problem.fixed]
        for n, p in enumerate(free):
            for s in (*self.problem.eligible[p], None):
                if s != self.placing.get(p):
                    yield {p: s}
            for q in free[:n]:
                here, other = self.placing.get(p), self.placing.get(q)
                if (
                    here != other
                    and (other is None or other in self.problem.eligible[p])
                    and (here is None or here in self.problem.eligible[q])
                ):
                    yield {p: other, q: here}
        for p, q in self.pairs:
            for s in self.problem.eligible[p]:
                if s in self.problem.eligible[q] and p not in self.problem.fixed and q not in self.problem.fixed:
                    yield {p: s, q: s}

    def take(self, steps: Steps) -> None:
        for p, s in steps.items():
            self._count(p, self.placing.pop(p, None), -1)
            self._count(p, s, 1)
            if s is not None:
                self.placing[p] = s

    def _count(self, p: str, s: str | None, sign: int) -> None:
        if s is None:
            return
        for room in self.rooms[s]:
            self.taken[s, room.name] += sign * takes(room, p)
        for here in self.tallies:
            for one in here.get(s, ()):
                one.count += sign * weighs(one.tally, p)

    def helps(self, steps: Steps) -> bool:
        """Whether the step is lawful, and makes the first objective that it changes better."""
        touched = {s for p, after in steps.items() for s in (self.placing.get(p), after) if s is not None}
        if any(self._overfull(s, steps) for s in touched):
            return False
        for objective, here in zip(self.problem.objectives, self.tallies, strict=True):
            if isinstance(objective, Sum | InTurn):
                change = self._dearer(sums_of(objective), steps)
            elif isinstance(objective, Together):
                change = self._parted(objective, steps)
            else:
                change = self._counted(objective, [one for s in touched for one in here.get(s, ())], steps)
            if change:
                return change < 0
        return False

    def _dearer(self, sums: Iterable[Sum], steps: Steps) -> int:
        """How much more the first of the sums comes to that comes to something else after the step."""
        changes = (sum(_cost(one, p, s) - _cost(one, p, self.placing.get(p)) for p, s in steps.items()) for one in sums)
        return next((change for change in changes if change), 0)

    def _overfull(self, s: str, steps: Steps) -> bool:
        return any(
            (more := self._more(s, room, steps)) > 0 and self.taken[s, room.name] + more > max(0, room.places) for room in self.rooms[s]
        )

    def _more(self, s: str, room: Room, steps: Steps) -> int:
        return sum(takes(room, p) * ((after == s) - (self.placing.get(p) == s)) for p, after in steps.items())

    def _parted(self, objective: Together, steps: Steps) -> int:
        """How many pairs more are parted after the step."""
        touched = [pair for pair in objective.pairs if steps.keys() & pair]
        after = {p: steps.get(p, self.placing.get(p)) for pair in touched for p in pair}
        then = {p: s for p, s in after.items() if s is not None}
        return sum(together(self.placing, pair) - together(then, pair) for pair in touched)

    def _counted(self, objective: Quota | Share | Rota, touched: list[_Counted], steps: Steps) -> int:
        """Below 0 if these tallies are better after the step, above 0 if they are worse."""
        came = [self._came(one.tally, steps) for one in touched]
        if not any(came):
            return 0
        if isinstance(objective, Rota):
            found = [(one.tally, one.count, one.count + more) for one, more in zip(touched, came, strict=True)]
            return sum(turns_taken(objective, tally, now) - turns_taken(objective, tally, then) for tally, then, now in found)
        counts = [(one.count, one.count + more, one.tally.against) for one, more in zip(touched, came, strict=True)]
        if isinstance(objective, Quota):
            beyond = [(max(0, then - limit), max(0, now - limit)) for then, now, limit in counts]
            if objective.beyond == "free":
                return sum(now - then for then, now in beyond)
            return _compared(beyond)
        return _compared([(Fraction(then, share), Fraction(now, share)) for then, now, share in counts])

    def _came(self, tally: Tally, steps: Steps) -> int:
        return sum(weighs(tally, p) * ((after == tally.setting) - (self.placing.get(p) == tally.setting)) for p, after in steps.items())


@dataclass(slots=True)
class _Counted:
    """A tally and what it comes to."""

    tally: Tally
    count: int


def _compared(levels: Sequence[tuple[int, int]] | Sequence[tuple[Fraction, Fraction]]) -> int:
    """Levels before and after, as lists worst first: below 0 where the second is less, above 0 where it is more."""
    then, now = (sorted(row, reverse=True) for row in zip(*levels, strict=True))
    return (now > then) - (now < then)


def _cost(objective: Sum, p: str, s: str | None) -> int:
    if p not in objective.of:
        return 0
    return objective.unplaced[p] if s is None else objective.cost[p, s]
