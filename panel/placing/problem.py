"""What one meeting has to settle, as plain whole numbers: pupils, settings, rooms, and objectives in order.

Nothing here knows of rules, facts or the ledger, and nothing solves: the network, the certificate and
the brute force of the tests all read the same few tables.

    pupils p, settings s, eligible pairs E;  each pupil goes to one setting of its row of E, or stays unplaced
    rooms       at most so many of some pupils, or so many points of them, at a setting: of a year group, of all, of a class,
                of two to be kept apart
    objectives  compared in order; an earlier one outweighs any amount of a later one; all are minimised
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations


@dataclass(frozen=True, slots=True)
class Room:
    """At most `places` of the pupils in `of` at a setting; below 0 is as 0.

    Each takes one, or as much as the `points` it has, from 0, where there are any. `name` says who they are, as in "pupils of
    year 9"; no two rooms of a setting have the same.
    """

    setting: str
    name: str
    of: frozenset[str]
    places: int
    points: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Sum:
    """A plain sum over the pupils in `of`: what each pair costs, and what staying unplaced costs.

    `cost` has an entry for every eligible pair of a pupil in `of`; `unplaced` one for every pupil in `of`.
    All are whole numbers from 0 to 2**40.
    """

    name: str
    of: frozenset[str]
    cost: Mapping[tuple[str, str], int]
    unplaced: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class InTurn:
    """Sums that are compared one after the other, as if each were an objective: case by case, what matters first to the earliest.

    Each `Sum` is named after what it measures, and counts those whose turn is the same.
    """

    name: str
    sums: tuple[Sum, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """A number counted at a setting: `already` there, which may be below 0, plus the pupils in `of` who are placed there.

    Each counts as one, or as the `points` it has, from 0, where there are any.

    It is held `against` a limit (of a quota), a share (at least 1), or the number of a turn (of a rota, at least 1). `part`
    says which part of the setting it speaks of, such as "year 9"; it is empty where it speaks of the whole.
    """

    setting: str
    of: frozenset[str]
    already: int
    against: int
    part: str = ""
    points: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Quota:
    """Numbers that should not go beyond their limits. An unplaced pupil costs nothing.

    `level`: the excess is levelled, the k-th pupil costs `max(0, already + k - limit)`.
    `free`: only the total excess counts, the k-th pupil costs 1 if `already + k > limit`, else 0.
    """

    name: str
    tallies: tuple[Tally, ...]
    beyond: str = "level"


@dataclass(frozen=True, slots=True)
class Share:
    """Leximin of `load / share`: the most loaded tally as little loaded as possible, then the second, and so on.

    The load is what the tally counts. An unplaced pupil adds nothing.
    """

    name: str
    tallies: tuple[Tally, ...]


@dataclass(frozen=True, slots=True)
class Rota:
    """Turns that move with every pupil who is placed. An unplaced pupil takes none and costs nothing.

        r    the number of a tally's turn (its `against`), from 1; equal claims share one
        n    `turns`, no less than any r: how many turns a round has
        k    the k-th pupil at that setting (`already` and those placed) takes turn r of round k, and costs r + (k - 1) n

    So every turn of one round comes before all of the next: nobody has a second before everybody has had one who can. Which
    turns the pupils can take together are the independent sets of a matroid wherever a flow can place them; where only
    their number is settled, the least sum is then the earliest turn that can be taken, then the next, and so on.
    """

    name: str
    tallies: tuple[Tally, ...]
    turns: int


@dataclass(frozen=True, slots=True)
class Together:
    """How many of these pairs of pupils are not placed at one setting; a pair of whom somebody stays unplaced is not.

    `pairs` are sorted, and so is each of them; there is at least one. Where a meeting has none, a `Sum` over nobody stands in its
    place: the value is 0 whatever the placing, and a flow can have it.
    """

    name: str
    pairs: tuple[tuple[str, str], ...]


Objective = Sum | InTurn | Quota | Share | Rota | Together


@dataclass(frozen=True, slots=True)
class Problem:
    """One meeting's placement problem.

    `referrals` and `settings` are sorted, and so is each row of `eligible`. A referral in `fixed` must go to the
    setting named there, which is its only eligible one, and may not stay unplaced. No objective has two tallies of one
    setting that count the same pupil. `by_solvers`: where the sets of pupils that tallies count do not nest, so that no flow
    can level them, whole-number solvers may.
    """

    referrals: tuple[str, ...]
    settings: tuple[str, ...]
    eligible: Mapping[str, tuple[str, ...]]
    rooms: tuple[Room, ...]
    objectives: tuple[Objective, ...]
    fixed: Mapping[str, str] = field(default_factory=dict)
    by_solvers: bool = False


def packed(problem: Problem) -> bool:
    """Whether the problem is settled by solvers, without a certificate: for points, for pupils who are to be placed together,
    or where tallies cross and that is allowed.
    """
    return weighed(problem) or paired(problem) or (problem.by_solvers and crosses(problem))


def weighed(problem: Problem) -> bool:
    """Whether any tally or room counts points: then no flow can level it, or keep to it."""
    return any(room.points is not None for room in problem.rooms) or any(map(in_points, problem.objectives))


def paired(problem: Problem) -> bool:
    """Whether any two pupils are to be placed together: where one goes then hangs on the other, which is no flow."""
    return any(isinstance(objective, Together) for objective in problem.objectives)


def crosses(problem: Problem) -> bool:
    """Whether two tallies count pupils who overlap without one set holding the other: then no flow can level them either."""
    among = frozenset(problem.referrals)
    sets = {tally.of & among for objective in problem.objectives for tally in tallies_of(objective)}
    return any(one & other not in (frozenset(), one, other) for one, other in combinations(sets, 2))


def in_points(objective: Objective) -> bool:
    """Whether any tally of the objective counts points."""
    return any(tally.points is not None for tally in tallies_of(objective))


def tallies_of(objective: Objective) -> tuple[Tally, ...]:
    """What the objective counts at settings; nothing for sums or for pairs."""
    return () if isinstance(objective, Sum | InTurn | Together) else objective.tallies


def sums_of(objective: Sum | InTurn) -> tuple[Sum, ...]:
    """The sums that it is made of, one after the other."""
    return objective.sums if isinstance(objective, InTurn) else (objective,)


def takes(room: Room, p: str) -> int:
    """How much of a room a pupil takes who goes there."""
    if p not in room.of:
        return 0
    return 1 if room.points is None else room.points[p]


def weighs(tally: Tally, p: str) -> int:
    """How much a pupil adds to a tally who goes there."""
    if p not in tally.of:
        return 0
    return 1 if tally.points is None else tally.points[p]


Placing = Mapping[str, str]
"""Referral -> URN for those placed; an unplaced referral is absent."""
