"""Whether counts differ from shares by more than chance: exact intervals, funnel limits, and the one judgement over all tests.

k of n children in a row whose share is p (0 < p < 1). Floats are right here: nothing is decided by them.

    interval   Clopper and Pearson: the shares that k of n does not speak against, at either end by (1 - confidence) / 2
    rare       the same for events that come one by one, k of them:  the means m with  P[X <= k], P[X >= k]  above that,  X ~ Poisson(m)
    chance     of a count as far out or further, at either end, twice the smaller:  min(1, 2 min(P[X <= k], P[X >= k])),  X ~ Bin(n, p)
    funnel     the counts k whose nearer end has more than (1 - confidence) / 2
    judgement  Holm: sorted, the m chances c_1 <= c_2 <= ... are beyond chance as long as  c_i <= 5% / (m - i + 1);  so that
               whoever is treated like everybody else is named at most 5 times in 100, over all tests together

Where not all of n is known, each end takes the n that speaks less for a difference. It knows nothing of schools or pupils.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isclose, sqrt
from typing import Final, Literal

import numpy as np
from scipy import special

JUDGED_AT: Final = 0.05
EXACT_RANKS: Final = 10
"""The largest smaller group whose ranks are compared exactly; above it by the normal law."""

Zone = Literal["within", "outside 95%", "outside 99.8%"]
Side = Literal["more", "fewer"]


@dataclass(frozen=True, slots=True)
class Out:
    """A share, k / n, beside the share it is compared with. Intervals are of k / n, at 95%."""

    low: float
    high: float
    zone: Zone
    chance: float
    side: Side


def against(k: int, n: tuple[int, int], p: float) -> Out:
    """How far out k is, where n lies between two numbers."""
    least, most = n
    fewer, more = float(special.bdtr(k, max(least, k), p)), (1.0 if k == 0 else float(special.bdtrc(k - 1, most, p)))
    end = min(fewer, more)
    return Out(
        low=interval(k, most)[0],
        high=interval(k, max(least, k))[1],
        zone="outside 99.8%" if end <= 0.001 else "outside 95%" if end <= 0.025 else "within",
        chance=min(1.0, 2 * end),
        side="more" if more < fewer else "fewer",
    )


def interval(k: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """The exact interval of Clopper and Pearson for the share that k of n shows."""
    tail = (1 - confidence) / 2
    low = 0.0 if k == 0 else float(special.betaincinv(k, n - k + 1, tail))
    high = 1.0 if k == n else float(special.betaincinv(k + 1, n - k, 1 - tail))
    return low, high


def rare(k: int, confidence: float = 0.95) -> tuple[float, float]:
    """The exact interval of Garwood for the mean number of events of which k were counted."""
    tail = (1 - confidence) / 2
    low = 0.0 if k == 0 else float(special.gammaincinv(k, tail))
    return low, float(special.gammaincinv(k + 1, 1 - tail))


def funnel(n: int, p: float, confidence: float) -> tuple[int, int]:
    """The least and the largest count that lie within the funnel's limits."""
    tail = (1 - confidence) / 2
    counts = np.arange(n + 1)
    inside = (special.bdtr(counts, n, p) > tail) & (np.where(counts == 0, 1.0, special.bdtrc(counts - 1, n, p)) > tail)
    within = counts[inside]
    return int(within[0]), int(within[-1])


def in_excess(k: int, of: int, drawn: int, everybody: int) -> float:
    """The chance of k or more marked ones among `drawn`, where `of` among `everybody` are marked (Fisher, one-sided)."""
    from scipy import stats  # here, because it is slow to import and seldom needed

    return float(stats.hypergeom.sf(k - 1, everybody, of, drawn))


def evenly(k: int, n: int) -> float:
    """The chance of k of n or further out, where either of two ways is as likely."""
    return min(1.0, 2 * float(special.bdtr(min(k, n - k), n, 0.5)))


def uniform_means(lots: Mapping[str, Sequence[float]]) -> tuple[float, str, Side]:
    """The chance that means of independent lots from 0 to 1 lie as far from the mean of all (chi squared), and whose lies furthest.

    Of two or more groups. A mean's tails are lighter than the normal law's, so the chance told is too large rather than too small.
    """
    middle = sum(sum(its) for its in lots.values()) / sum(len(its) for its in lots.values())
    far = {name: (sum(its) / len(its) - middle) * sqrt(12 * len(its)) for name, its in lots.items()}
    furthest = max(far, key=lambda name: abs(far[name]))
    chance = float(special.chdtrc(len(far) - 1, sum(one * one for one in far.values())))
    return chance, furthest, "more" if far[furthest] > 0 else "fewer"


def ranks(values: Sequence[float], others: Sequence[float]) -> tuple[float, Side]:
    """The chance of ranks as far apart where both groups are of one kind (Wilcoxon, ties in the middle).

    Exact for a smaller group of at most 10, by counting every choice of as many ranks; else by the normal law.
    """
    from scipy import stats

    if len(values) > len(others):
        chance, theirs = ranks(others, values)
        return chance, "fewer" if theirs == "more" else "more"
    n, m = len(values), len(values) + len(others)
    doubled = np.rint(2 * stats.rankdata([*values, *others])).astype(int)
    found, middle = int(doubled[:n].sum()), n * (m + 1)
    side: Side = "more" if found > middle else "fewer"
    if n > EXACT_RANKS:
        spread = sqrt(n * (m - n) / (m * (m - 1)) * float(((doubled - (m + 1)) ** 2).sum()))
        return (1.0 if isclose(spread, 0) else 2 * float(special.ndtr(-max(0.0, abs(found - middle) - 1) / spread))), side
    ways = np.zeros((n + 1, int(np.sort(doubled)[-n:].sum()) + 1))
    ways[0, 0] = 1
    for rank in doubled:
        ways[1:, rank:] += ways[:-1, : ways.shape[1] - rank].copy()
    sums = np.arange(ways.shape[1])
    low, high = (float(ways[n][kept].sum() / ways[n].sum()) for kept in (sums <= found, sums >= found))
    return min(1.0, 2 * min(low, high)), side


def beyond_chance(chances: Sequence[float], *, judged_at: float = JUDGED_AT) -> tuple[bool, ...]:
    """Holm's judgement over all of them, in their order."""
    order = sorted(range(len(chances)), key=lambda n: chances[n])
    named = 0
    while named < len(order) and chances[order[named]] <= judged_at / (len(order) - named):
        named += 1
    out = set(order[:named])
    return tuple(n in out for n in range(len(chances)))
