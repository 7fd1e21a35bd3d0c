"""What one meeting has to settle, as plain whole numbers: pupils, settings, rooms, and objectives in order.

Nothing here knows of rules, facts or the ledger, and nothing solves: the network, the certificate and
the brute force of the tests all read the same few tables.

    pupils p, settings s, eligible pairs E;  each pupil goes to one setting of its row of E, or stays unplaced
    rooms       at most so many of some pupils at a setting: of a year group, of all, of a class, of two to be kept apart
    objectives  compared in order; an earlier one outweighs any amount of a later one; all are minimised
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Room:
    """At most `places` of the pupils in `of` at a setting; below 0 is as 0.

    `name` says who they are, as in "pupils of year 9"; no two rooms of a setting have the same.
    """

    setting: str
    name: str
    of: frozenset[str]
    places: int


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
class Tally:
    """A number counted at a setting: `already` there, which may be below 0, plus the pupils in `of` who are placed there.

    Each counts as one, or as the `points` it has, from 0, where there are any.

    It is held `against` a limit (of a quota) or a share (at least 1). `part` says which part of the setting it speaks of,
    such as "year 9"; it is empty where it speaks of the whole.
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


Objective = Sum | Quota | Share


@dataclass(frozen=True, slots=True)
class Problem:
    """One meeting's placement problem.

    `referrals` and `settings` are sorted, and so is each row of `eligible`. A referral in `fixed` must go to the
    setting named there, which is its only eligible one, and may not stay unplaced. No objective has two tallies of one
    setting that count the same pupil.
    """

    referrals: tuple[str, ...]
    settings: tuple[str, ...]
    eligible: Mapping[str, tuple[str, ...]]
    rooms: tuple[Room, ...]
    objectives: tuple[Objective, ...]
    fixed: Mapping[str, str] = field(default_factory=dict)


def weighed(problem: Problem) -> bool:
    """Whether any tally counts points: then no flow can level it."""
    return any(in_points(objective) for objective in problem.objectives)


def in_points(objective: Objective) -> bool:
    """Whether any tally of the objective counts points."""
    return not isinstance(objective, Sum) and any(tally.points is not None for tally in objective.tallies)


Placing = Mapping[str, str]
"""Referral -> URN for those placed; an unplaced referral is absent."""
