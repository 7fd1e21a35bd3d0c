"""Counts of pupils who overlap without nesting, where the book lets solvers prove them: brute force is the judge of both."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from panel.deciding.decision import proved
from panel.errors import CertificateRefused, PlacementError
from panel.placing.certificate import Certificate, check
from panel.placing.objectives import steps
from panel.placing.packed_rivals import PackedRivals
from panel.placing.packing import first_difference, harms
from panel.placing.placement import place
from panel.placing.problem import InTurn, Objective, Placing, Problem, Quota, Room, Rota, Sum, Tally, Together, crosses, packed, weighed
from panel.placing.proof import Level, Packing
from panel.placing.recheck import Rechecked, recheck
from tests import brute

Judged = tuple[Problem, brute.Worth, list[brute.Placed]]


def crossing(rng: random.Random) -> Problem | None:
    """A random problem whose objectives each count pupils of their own; None where they happen to nest."""
    problem = brute.random_problem(rng)
    everybody = list(problem.referrals)

    def own(objective: Objective) -> Objective:
        if isinstance(objective, Sum | InTurn | Together):
            return objective
        parts = [frozenset(p for p in everybody if rng.random() < 0.6)]
        if rng.random() < 0.3:  # as two year groups
            parts = [parts[0], frozenset(everybody) - parts[0]]
        counted = {tally.setting: tally for tally in objective.tallies}
        tallies = tuple(replace(tally, of=of, part=f"part {n}") for tally in counted.values() for n, of in enumerate(parts))
        return replace(objective, tallies=tallies)

    made = replace(problem, objectives=tuple(map(own, problem.objectives)), by_solvers=True)
    return made if crosses(made) else None


def judged(seed: int, number: int) -> Iterator[Judged]:
    """Random problems that cross, each with the least worth and every placing that has it."""
    rng = random.Random(seed)
    while number:
        problem = crossing(rng)
        best = brute.best(problem) if problem else None
        if problem and best:
            number -= 1
            yield problem, *best


def claimed(problem: Problem, placing: Placing) -> Packing:
    """What somebody might claim of a placing: its own steps, all called proved."""
    levels = tuple(Level(problem.objectives[n].name, level, most, proved=True) for n, level, most in steps(problem, placing))
    return Packing(tuple(sorted(placing.items())), levels, only=True)


def test_brute_force_agrees() -> None:
    """Four hundred problems: the placing, that all of it is proved by the one solver and settled by the other, and who else could move."""
    ties = rotas = 0
    for problem, worth, best in judged(31, 400):
        found = place(problem)
        assert isinstance(found.proof, Packing)
        assert dict(found.placing) in best, problem
        told = proved(problem, found)
        assert isinstance(told, Rechecked)
        assert (told.optimal, told.rechecked, told.because) == (True, told.steps, ("crossing",)), problem
        assert told.unique == (len(best) == 1), problem
        assert set(told.tied) == {p for p in problem.referrals if len({placed.get(p) for placed in best}) > 1}, problem
        assert brute.worth(problem, dict(found.placing)) == worth
        ties += not told.unique
        rotas += any(isinstance(one, Rota) for one in problem.objectives)
    assert ties > 10
    assert rotas > 40


def test_a_worse_placing_is_refused() -> None:
    refused = 0
    for problem, worth, _ in judged(32, 200):
        for placed in brute.placings(problem):
            if brute.worth(problem, placed) > worth:
                with pytest.raises(CertificateRefused, match="Solved again"):
                    recheck(problem, claimed(problem, placed))
                refused += 1
                break
    assert refused > 120


def test_what_gets_worse_first_if_a_pair_is_forced() -> None:
    pairs = 0
    for problem, worth, _ in judged(33, 60):
        found = place(problem)
        assert isinstance(found.proof, Packing)
        valued = [(brute.worth(problem, placed), placed) for placed in brute.placings(problem)]
        for (p, s), first in harms(problem, found.proof).items():
            through = [value for value, placed in valued if placed.get(p) == s]
            wanted = first_difference(worth, min(through)) if through else -1
            assert first == wanted, (problem, p, s)
            pairs += 1
        rivals = PackedRivals(problem, found, found.proof)
        for p in problem.referrals[:1]:
            worse = rivals.first_worse(p)
            assert {s: rivals.rival(p, s).objective for s in worse} == worse
    assert pairs > 200


def vacancies(excluded: str, *, by_solvers: bool = True) -> Problem:
    """p and q of year 9, r of year 10. a has a vacancy in each year group, b in year 9; each has one excluded pupil left in its quota.

    Vacancies first: of year 9 one at a and one at b, of year 10 the one at a.
    """
    pupils, everybody = ("p", "q", "r"), frozenset("pqr")
    year = {"9": frozenset("pq"), "10": frozenset("r")}
    cost = {(p, s): 0 for p in pupils for s in "ab"}
    on_roll = {("a", "9"): 179, ("a", "10"): 179, ("b", "9"): 179, ("b", "10"): 180}
    objectives: tuple[Objective, ...] = (
        Sum("place", everybody, cost, dict.fromkeys(pupils, 1)),
        Quota("quota", tuple(Tally(s, year[y], n, 180, f"year {y}") for (s, y), n in on_roll.items()), "free"),
        Quota("quota", tuple(Tally(s, frozenset(excluded), 0, 1) for s in "ab")),
    )
    rooms = tuple(Room(s, "pupils", everybody, 3) for s in "ab")
    return Problem(pupils, ("a", "b"), dict.fromkeys(pupils, ("a", "b")), rooms, objectives, by_solvers=by_solvers)


def test_vacancies_first_beside_a_quota_of_excluded_pupils() -> None:
    """q and r are excluded. r takes the vacancy of year 10 at a; the quota there is then used up, so q goes to b and p to a."""
    problem = vacancies("qr")
    found = place(problem)
    assert found.placing == {"p": "a", "q": "b", "r": "a"}
    assert found.values == (0, 0, (0, 0))
    told = proved(problem, found)
    assert (told.optimal, told.unique) == (True, True)


def test_where_this_meetings_pupils_nest_there_is_a_certificate() -> None:
    """With p and q excluded, or nobody, the sets are those of year 9 or none: the stronger proof is given, whatever the book allows."""
    for excluded in ("pq", "r", ""):
        problem = vacancies(excluded)
        assert not packed(problem)
        found = place(problem)
        assert isinstance(proved(problem, found), Certificate)


def test_it_is_refused_where_the_book_does_not_say_so() -> None:
    problem = vacancies("qr", by_solvers=False)
    assert crosses(problem)
    assert not packed(problem)
    with pytest.raises(PlacementError, match="overlap without one kind containing the other"):
        place(problem)


def test_no_certificate_is_claimed() -> None:
    problem = vacancies("qr")
    found = place(problem)
    with pytest.raises(CertificateRefused, match="counts cross"):
        check(problem, found.placing, found.proof)


def test_pupils_of_nobody_in_this_meeting_cross_nothing() -> None:
    """What an objective says of others, who are not to be placed, is no reason to do without a certificate."""
    problem = vacancies("pq")
    first, *others, last = problem.objectives
    assert isinstance(last, Quota)
    wider = replace(last, tallies=tuple(replace(tally, of=tally.of | {"somebody else"}) for tally in last.tallies))
    assert not crosses(replace(problem, objectives=(first, *others, wider)))


def test_points_and_crossing_counts_together() -> None:
    """Brute force does not weigh; here by hand. q weighs 2: with the quota in points it fills b's one, and is one beyond it."""
    problem = vacancies("qr")
    first, roll, last = problem.objectives
    assert isinstance(last, Quota)
    heavy = replace(last, tallies=tuple(replace(tally, points={"q": 2, "r": 1}) for tally in last.tallies))
    problem = replace(problem, objectives=(first, roll, heavy))
    assert weighed(problem)
    found = place(problem)
    told = proved(problem, found)
    assert isinstance(told, Rechecked)
    assert told.because == ("points", "crossing")
    assert (found.placing, found.values) == ({"p": "a", "q": "b", "r": "a"}, (0, 0, (1, 0)))
