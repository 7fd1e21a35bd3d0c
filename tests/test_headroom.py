"""What counting alone proves of a levelled objective is never more than what every placing, tried one by one, shows."""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction

from panel.placing.headroom import Headroom
from panel.placing.objectives import by_setting, counted, value
from panel.placing.problem import Placing, Problem, Quota, Room, Share, Sum, Tally
from tests import brute
from tests.test_packing import in_points, one_share

Levelled = Quota | Share


def levels(objective: Levelled, placing: Placing) -> list[Fraction]:
    """Of every tally, worst first."""
    counts = counted(objective.tallies, by_setting(placing))
    if isinstance(objective, Quota):
        return sorted([Fraction(max(0, n - tally.against)) for n, tally in zip(counts, objective.tallies, strict=True)], reverse=True)
    return sorted([Fraction(n, tally.against) for n, tally in zip(counts, objective.tallies, strict=True)], reverse=True)


def total(one: Sum, placing: Placing) -> int:
    found = value(one, placing)
    assert isinstance(found, int)
    return found


def no_worse(mine: Sequence[Fraction], theirs: Sequence[Fraction], settled: int) -> bool:
    """Whether another keeps the first `settled` levels, and has no tally more above the next."""
    return all(one <= other for one, other in zip(mine[: settled + 1], theirs, strict=False))


def test_never_more_than_every_placing_shows() -> None:
    """Each step of random placings of 300 problems, heads and points, against all that keep the steps before it."""
    rng = random.Random(71)
    asked = told = 0
    for n in range(300):
        problem = brute.random_problem(rng)
        problem = in_points(rng, problem) if n % 3 else problem
        every = list(brute.placings(problem))
        for number, objective in enumerate(problem.objectives):
            if not isinstance(objective, Quota | Share) or (isinstance(objective, Quota) and objective.beyond == "free") or not every:
                continue
            placing = rng.choice(every)
            sums = [(one, total(one, placing)) for one in problem.objectives[:number] if isinstance(one, Sum)]
            headroom, mine = Headroom(problem, objective, sums), levels(objective, placing)
            others = [levels(objective, other) for other in every if all(total(one, other) <= most for one, most in sums)]
            kept: list[tuple[Fraction, int]] = []
            for level in dict.fromkeys(mine):
                if isinstance(objective, Quota) and not level:
                    break
                settled = kept[-1][1] if kept else 0
                least = min(sum(one >= level for one in other) for other in others if no_worse(other, mine, settled))
                found = [headroom.too_few(kept, level, m) for m in range(len(mine))]
                assert not any(found[least:]), (problem, placing, level)
                assert found == sorted(found, reverse=True)
                asked += least > 0
                told += least > 0 and found[least - 1]
                kept.append((level, sum(one >= level for one in mine)))
    assert asked > 500
    assert told > asked * 0.6


def forced(headroom: Headroom, kept: Sequence[tuple[Fraction, int]], level: Fraction) -> int:
    """How many tallies it says must be at a level or above."""
    return sum(headroom.too_few(kept, level, m) for m in range(len(headroom.already)))


def test_by_hand() -> None:
    """Five points for schools of 100 and 200: at 2/100 or more is the first with 2, the second with 4.

    Below it they could count 1 and 3, which is one point too few; with the first at 2/100, 2 and 3, which is enough.
    """
    problem = one_share({"a": 2, "b": 2, "c": 1}, {"1": 100, "2": 200})
    place, share = problem.objectives
    assert isinstance(place, Sum)
    assert isinstance(share, Share)
    everybody = Headroom(problem, share, [(place, 0)])
    assert everybody.come == 5
    assert forced(everybody, [], Fraction(2, 100)) == 1
    assert forced(everybody, [], Fraction(1, 100)) == 2
    # With one at 2/100: the second with 4 leaves one point for the first, which is 1/100; less than that would not do.
    assert forced(everybody, [(Fraction(2, 100), 1)], Fraction(3, 200)) == 1
    assert forced(everybody, [(Fraction(2, 100), 1)], Fraction(1, 100)) == 2
    assert forced(everybody, [], Fraction(3, 100)) == 0


def test_whom_the_sums_let_stay_unplaced() -> None:
    """One may be left out, and counts two points at the most; without any sum all may."""
    problem = one_share({"a": 2, "b": 2, "c": 1}, {"1": 100, "2": 200})
    place, share = problem.objectives
    assert isinstance(place, Sum)
    assert isinstance(share, Share)
    assert Headroom(problem, share, [(place, 1)]).come == 3
    assert Headroom(problem, share, []).come == 0
    waited = Sum("waiting", frozenset("abc"), place.cost, {"a": 3, "b": 5, "c": 9})
    # Six days leave out the first, and three fifths of the second.
    assert Headroom(problem, share, [(waited, 6)]).come == 2
    assert Headroom(problem, share, [(place, 1), (waited, 2)]).come == 4


def test_rooms_bound_what_a_school_can_count() -> None:
    """The larger school has room for one: the other has to count three points, three hundredths, wherever the one goes."""
    problem = one_share({"a": 2, "b": 2, "c": 1}, {"1": 100, "2": 200})
    everybody = frozenset("abc")
    narrow = Problem(
        problem.referrals, problem.settings, problem.eligible, (Room("2", "pupils", everybody, 1),), problem.objectives, problem.fixed
    )
    place, share = narrow.objectives
    assert isinstance(place, Sum)
    assert isinstance(share, Share)
    headroom = Headroom(narrow, share, [(place, 0)])
    assert headroom.most == [5, 2]
    assert forced(headroom, [], Fraction(3, 100)) == 1
    assert forced(headroom, [], Fraction(4, 100)) == 0


def test_a_tally_that_nobody_can_leave() -> None:
    """Who counts five from the start is at 5/100 whoever comes."""
    tallies = (Tally("1", frozenset("a"), 5, 100), Tally("2", frozenset("a"), 0, 100))
    share = Share("share", tallies)
    problem = Problem(("a",), ("1", "2"), {"a": ("1", "2")}, (), (share,))
    assert forced(Headroom(problem, share, []), [], Fraction(5, 100)) == 1
    assert forced(Headroom(problem, share, []), [], Fraction(6, 100)) == 0
