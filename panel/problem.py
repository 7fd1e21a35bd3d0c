"""What one meeting has to settle, as plain whole numbers: pupils, settings, room, and objectives in order.

Nothing here knows of rules, facts or the ledger, and nothing solves: the network, the certificate and
the brute force of the tests all read the same few tables.

    pupils p, settings s, eligible pairs E;  each pupil goes to one setting of its row of E, or stays unplaced
    room[s, y]    at most so many pupils of year group y at s          (absent: not limited)
    room_total[s] at most so many pupils at s, whatever their year     (absent: not limited)
    objectives    compared in order; an earlier one outweighs any amount of a later one; all are minimised
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


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
class Quota:
    """A number each setting should not go beyond: `taken[s]` already, plus the pupils in `of` placed there.

    `level`: the excess is levelled, the k-th pupil at s costs `max(0, taken[s] + k - limit)`.
    `free`: only the total excess counts, the k-th pupil costs 1 if `taken[s] + k > limit`, else 0.
    An unplaced pupil costs nothing. Settings absent from `taken` do not count.
    """

    name: str
    of: frozenset[str]
    taken: Mapping[str, int]
    limit: int
    beyond: str = "level"


@dataclass(frozen=True, slots=True)
class Share:
    """Leximin of `load / share`: the most loaded setting as little loaded as possible, then the second, and so on.

    The load of s is `load[s]` (may be negative) plus the pupils in `of` placed there; `share[s]` is at least 1.
    Settings absent from `share` do not count. An unplaced pupil adds nothing.
    """

    name: str
    of: frozenset[str]
    load: Mapping[str, int]
    share: Mapping[str, int]


Objective = Sum | Quota | Share


@dataclass(frozen=True, slots=True)
class Problem:
    """One meeting's placement problem.

    `referrals` and `settings` are sorted, and so is each row of `eligible`. A referral in `fixed` must go to the
    setting named there, which is its only eligible one, and may not stay unplaced.
    """

    referrals: tuple[str, ...]
    settings: tuple[str, ...]
    year_group: Mapping[str, int]
    eligible: Mapping[str, tuple[str, ...]]
    room: Mapping[tuple[str, int], int]
    room_total: Mapping[str, int]
    objectives: tuple[Objective, ...]
    fixed: Mapping[str, str] = field(default_factory=dict)


Placing = Mapping[str, str]
"""Referral -> URN for those placed; an unplaced referral is absent."""
