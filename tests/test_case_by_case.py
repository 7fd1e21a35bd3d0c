"""Cases in the order of their days: the first has its best by everything that counts before anybody looks at the second."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from panel.answering.why import first_case
from panel.errors import CertificateRefused
from panel.placing.certificate import check
from panel.placing.packing import harms, pack
from panel.placing.placement import place
from panel.placing.problem import InTurn, Placing, Problem, Room, Sum
from panel.placing.problem_data import as_data as problem_data
from panel.placing.proof import as_data
from panel.placing.recheck import recheck
from panel.placing.rivals import Rivals
from tests import brute, certificate_checker, test_packing


def some(name: str, cost: dict[str, dict[str, int]], unplaced: int = 9) -> Sum:
    return Sum(name, frozenset(cost), {(p, s): n for p, row in cost.items() for s, n in row.items()}, dict.fromkeys(cost, unplaced))


def two(*sums: Sum, seats: int = 1) -> Problem:
    """P and Q may both go to A or B; A has so many seats; as few as possible stay without one."""
    everybody = frozenset({"P", "Q"})
    pairs = {(p, s): 0 for p in "PQ" for s in "AB"}
    rooms = (Room("A", "pupils", everybody, seats),)
    objectives = (Sum("place", everybody, pairs, {"P": 1, "Q": 1}), InTurn("case_by_case", sums))
    return Problem(("P", "Q"), ("A", "B"), {"P": ("A", "B"), "Q": ("A", "B")}, rooms, objectives)


def test_the_earlier_case_has_the_seat_however_dear_that_is_to_the_later() -> None:
    """P gains 1 m by A and Q 8,000. Together they would give it to Q; P's case is a day older, so P has it."""
    early, late = some("journey", {"P": {"A": 999, "B": 1000}}), some("journey", {"Q": {"A": 0, "B": 8000}})
    found = place(two(early, late))
    assert (found.placing, found.values) == ({"P": "A", "Q": "B"}, (0, (999, 8000)))
    assert check(found.problem, found.placing, found.proof).unique
    assert place(two(late, early)).placing == {"P": "B", "Q": "A"}


def test_of_one_day_they_are_level() -> None:
    both = some("journey", {"P": {"A": 999, "B": 1000}, "Q": {"A": 0, "B": 8000}})
    found = place(two(both))
    assert (found.placing, found.values) == ({"P": "B", "Q": "A"}, (0, (1000,)))


def test_everything_of_the_first_comes_before_anything_of_the_second() -> None:
    """To P both are alike by tier, and A is its second wish; to Q, A is a tier nearer. Tier of all first gives A to Q; so does the
    tier of P, then of Q, then the wishes. Case by case P's wish for B leaves A to Q; were it for A, Q would have B in spite of the tier.
    """
    tiers = [some("tier", {"P": {"A": 1, "B": 1}}), some("tier", {"Q": {"A": 1, "B": 2}})]
    for wish, expected in (({"A": 2, "B": 1}, {"P": "B", "Q": "A"}), ({"A": 1, "B": 2}, {"P": "A", "Q": "B"})):
        wishes = some("preference", {"P": wish})
        found = place(two(tiers[0], wishes, tiers[1]))
        assert found.placing == expected
        assert place(two(*tiers, wishes)).placing == {"P": "B", "Q": "A"}


def listed(values: tuple[object, ...]) -> tuple[object, ...]:
    return tuple(list(value) if isinstance(value, tuple) else value for value in values)


def test_brute_force_agrees_and_so_does_the_checker_of_the_page() -> None:
    rng = random.Random(31)
    tied = branched = 0
    for _ in range(300):
        problem = brute.case_by_case(rng, brute.random_problem(rng, lottery=rng.random() < 0.3))
        judged = brute.best(problem)
        if judged is None:
            continue
        least, optima = judged
        found = place(problem)
        proved = check(problem, found.placing, found.proof)
        assert listed(found.values) == least, problem
        assert found.placing in optima
        assert proved.unique == (len(optima) == 1), problem
        told = certificate_checker.check(problem_data(problem), dict(found.placing), as_data(found.proof))
        assert (told.unique, told.leaves) == (proved.unique, proved.leaves)
        tied += not proved.unique
        branched += proved.leaves > 1
    assert tied > 5, tied
    assert branched > 3, branched


def test_a_worse_placing_has_no_certificate() -> None:
    rng = random.Random(32)
    refused = 0
    while refused < 100:
        problem = brute.case_by_case(rng, brute.random_problem(rng))
        judged = brute.best(problem)
        worse = [p for p in brute.placings(problem) if judged and brute.worth(problem, p) > judged[0]]
        if worse:
            with pytest.raises(CertificateRefused):
                check(problem, rng.choice(worse), place(problem).proof)
            refused += 1


def test_what_gets_worse_first_is_what_brute_force_finds() -> None:
    rng = random.Random(33)
    asked = 0
    for _ in range(120):
        problem = brute.case_by_case(rng, brute.random_problem(rng, lottery=True))
        judged = brute.best(problem)
        if judged is None:
            continue
        found = place(problem)
        rivals, names = Rivals(problem, found), [one.name for one in problem.objectives]
        for p in problem.referrals:
            for s, first in rivals.first_worse(p).items():
                forced = brute.best(forced_to(problem, p, s))
                assert forced is not None
                n = next((n for n, (one, other) in enumerate(zip(judged[0], forced[0], strict=True)) if one != other), None)
                assert first == (None if n is None else names[n])
                asked += 1
    assert asked > 300


def forced_to(problem: Problem, p: str, s: str) -> Problem:
    return replace(problem, eligible={**problem.eligible, p: (s,)}, fixed={**problem.fixed, p: s})


def test_where_points_are_weighed_the_solvers_settle_it() -> None:
    """The placing, what is proved of it, and which objective gets worse first; a worse placing is refused by the second solver."""
    rng, settled, refused = random.Random(34), 0, 0
    while settled < 60:
        problem = test_packing.in_points(rng, brute.case_by_case(rng, brute.random_problem(rng, lottery=True)))
        valued = sorted(((test_packing.worth(problem, p), p) for p in brute.placings(problem)), key=lambda one: one[0])
        if not valued:
            continue
        found = pack(problem)
        best: list[Placing] = [p for value, p in valued if value == valued[0][0]]
        assert dict(found.placing) in best, problem
        assert recheck(problem, found).optimal
        for (p, s), first in harms(problem, found).items():
            those = [value for value, other in valued if other.get(p) == s]
            n = next((n for n, one in enumerate(min(those)) if one != valued[0][0][n]), len(problem.objectives)) if those else -1
            assert first == n
        worse = [p for value, p in valued if value > valued[0][0]]
        if worse:
            with pytest.raises(CertificateRefused):
                recheck(problem, test_packing.as_packing(problem, rng.choice(worse)))
            refused += 1
        settled += 1
    assert refused > 30


@pytest.mark.parametrize(
    ("asked", "said"),
    [("P", " for P"), ("Q", " for P, whose case is earlier"), ("R", " for P")],
)
def test_whose_case_gets_worse_first(asked: str, said: str) -> None:
    """R is taken in nobody's turn: no case is earlier than one that has no day."""
    turns = InTurn("case_by_case", (some("ticket", {"P": {"A": 1}}), some("ticket", {"Q": {"A": 1}})))
    found = first_case(turns, (1, 1), (2, 1), asked)
    assert found is not None
    assert found.in_words() == said
