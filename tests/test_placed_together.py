"""Pupils who are to be placed together, and rooms in points: brute force is the judge of both solvers."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations

import pytest

from panel.canonical import canonical
from panel.deciding.decision import proved
from panel.errors import CertificateRefused, PlacementError
from panel.placing.certificate import Certificate, check
from panel.placing.climb import climbed
from panel.placing.network import build
from panel.placing.objectives import steps, unlawful
from panel.placing.packed_rivals import PackedRivals
from panel.placing.packing import first_difference, harms, pack
from panel.placing.placement import place
from panel.placing.problem import Problem, Room, Sum, Together, packed, paired, weighed
from panel.placing.problem_data import as_data
from panel.placing.proof import Level, Packing
from panel.placing.recheck import Rechecked, recheck
from tests import brute

Judged = tuple[Problem, brute.Worth, list[brute.Placed]]


def with_pairs(rng: random.Random) -> Problem | None:
    """A random problem with one to three pairs, before, among or after its other objectives; None where there is one pupil."""
    problem = brute.random_problem(rng)
    pairs = list(combinations(problem.referrals, 2))
    if not pairs:
        return None
    told = Together("together", tuple(sorted(rng.sample(pairs, min(len(pairs), rng.choice((1, 1, 2, 3)))))))
    objectives = list(problem.objectives)
    objectives.insert(rng.randint(0, len(objectives)), told)
    return replace(problem, objectives=tuple(objectives))


def in_points(rng: random.Random) -> Problem | None:
    """A random problem in which some rooms count points; None where none does."""
    problem = brute.random_problem(rng)
    points = {p: rng.choice((0, 1, 1, 2, 3)) for p in problem.referrals}

    def heavy(room: Room) -> Room:
        return room if rng.random() < 0.3 else replace(room, places=room.places + rng.randint(0, 2), points={p: points[p] for p in room.of})

    found = replace(problem, rooms=tuple(map(heavy, problem.rooms)))
    return found if weighed(found) else None


def judged(make: Callable[[random.Random], Problem | None], seed: int, number: int) -> Iterator[Judged]:
    """Random problems, each with the least worth and every placing that has it."""
    rng = random.Random(seed)
    while number:
        problem = make(rng)
        best = brute.best(problem) if problem else None
        if problem and best:
            number -= 1
            yield problem, *best


def claimed(problem: Problem, placing: brute.Placed) -> Packing:
    """What somebody might claim of a placing: its own steps, all called proved."""
    levels = tuple(Level(problem.objectives[n].name, level, most, proved=True) for n, level, most in steps(problem, placing))
    return Packing(tuple(sorted(placing.items())), levels, only=True)


@pytest.mark.parametrize(("make", "why"), [(with_pairs, "together"), (in_points, "points")])
def test_brute_force_agrees(make: Callable[[random.Random], Problem | None], why: str) -> None:
    """Four hundred each: the placing, that all is proved by the one solver and settled by the other, and who else could move."""
    ties = 0
    for problem, worth, best in judged(make, 51, 400):
        found = place(problem)
        assert dict(found.placing) in best, problem
        assert brute.worth(problem, dict(found.placing)) == worth
        told = proved(problem, found)
        assert isinstance(told, Rechecked)
        assert (told.optimal, told.rechecked, told.because) == (True, told.steps, (why,)), problem
        assert told.unique == (len(best) == 1), problem
        assert set(told.tied) == {p for p in problem.referrals if len({placed.get(p) for placed in best}) > 1}, problem
        ties += not told.unique
    assert ties > 10


@pytest.mark.parametrize("make", [with_pairs, in_points])
def test_a_worse_placing_is_refused(make: Callable[[random.Random], Problem | None]) -> None:
    refused = 0
    for problem, worth, _ in judged(make, 52, 150):
        for placed in brute.placings(problem):
            if brute.worth(problem, placed) > worth:
                with pytest.raises(CertificateRefused, match="Solved again"):
                    recheck(problem, claimed(problem, placed))
                refused += 1
                break
    assert refused > 90


@pytest.mark.parametrize("make", [with_pairs, in_points])
def test_what_gets_worse_first_if_a_pair_is_forced(make: Callable[[random.Random], Problem | None]) -> None:
    pairs = 0
    for problem, worth, _ in judged(make, 53, 50):
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
    assert pairs > 150


@pytest.mark.parametrize("make", [with_pairs, in_points])
def test_small_steps_never_make_it_worse(make: Callable[[random.Random], Problem | None]) -> None:
    for problem, _, _ in judged(make, 54, 150):
        for placed in list(brute.placings(problem))[-2:]:
            better = climbed(problem, placed)
            assert not unlawful(problem, better)
            assert better in list(brute.placings(problem))
            assert brute.worth(problem, better) <= brute.worth(problem, placed)


@pytest.mark.parametrize("make", [with_pairs, in_points])
def test_more_room_is_never_worse(make: Callable[[random.Random], Problem | None]) -> None:
    """One place or point more anywhere leaves the worth as it is, or makes it better."""
    for problem, worth, _ in judged(make, 55, 60):
        for n, room in enumerate(problem.rooms):
            wider = (*problem.rooms[:n], replace(room, places=max(0, room.places) + 1), *problem.rooms[n + 1 :])
            found = place(replace(problem, rooms=wider))
            assert brute.worth(problem, dict(found.placing)) <= worth


# --- by hand ---


def brothers(*pairs: tuple[str, str], **rooms: int) -> Problem:
    """p and q want a and b, r wants a: by the families' choices alone p goes to a and q to b."""
    pupils, settings, everybody = ("p", "q", "r"), ("a", "b"), frozenset("pqr")
    wishes = {("p", "a"): 1, ("p", "b"): 2, ("q", "a"): 2, ("q", "b"): 1, ("r", "a"): 1, ("r", "b"): 3}
    told = Together("together", pairs) if pairs else Sum("together", frozenset(), {}, {})
    objectives = (
        Sum("place", everybody, dict.fromkeys(wishes, 0), dict.fromkeys(pupils, 1)),
        told,
        Sum("preference", everybody, wishes, dict.fromkeys(pupils, 3)),
    )
    inside = tuple(Room(s, "pupils", everybody, rooms.get(s, 3)) for s in settings)
    return Problem(pupils, settings, dict.fromkeys(pupils, settings), inside, objectives)


def test_without_pairs_there_is_a_certificate() -> None:
    problem = brothers()
    assert not packed(problem)
    found = place(problem)
    assert (found.placing, found.values) == ({"p": "a", "q": "b", "r": "a"}, (0, 0, 3))
    assert isinstance(proved(problem, found), Certificate)


def test_brothers_go_to_one_school() -> None:
    """Both at a costs 1 + 2 + 1, both at b 2 + 1 + 1: as good, so the two may be at either, and r is at a."""
    found = place(brothers(("p", "q")))
    assert found.values == (0, 0, 4)
    assert found.placing["p"] == found.placing["q"]
    assert isinstance(found.proof, Packing)
    assert found.proof.tied == ("p", "q")


def test_nobody_stays_without_a_place_for_the_sake_of_a_brother() -> None:
    """a has one place and b two; r may go nowhere but to b: then p and q are parted, and all have a place."""
    problem = brothers(("p", "q"), a=1, b=2)
    problem = replace(problem, eligible={**problem.eligible, "r": ("b",)})
    found = place(problem)
    assert len(found.placing) == 3
    assert found.values[:2] == (0, 1)


def test_one_whom_nothing_places_is_apart() -> None:
    """q may go nowhere: the pair is parted, whatever p does, and that is known without a search."""
    problem = brothers(("p", "q"))
    problem = replace(problem, eligible={**problem.eligible, "q": ()})
    found = place(problem)
    assert found.values == (1, 1, 1 + 3 + 1)
    assert found.placing == {"p": "a", "r": "a"}


def test_one_whom_the_panel_has_placed_draws_the_other() -> None:
    problem = replace(brothers(("p", "q")), fixed={"q": "b"})
    problem = replace(problem, eligible={**problem.eligible, "q": ("b",)})
    assert place(problem).placing == {"p": "b", "q": "b", "r": "a"}


def test_three_of_one_family() -> None:
    """p is to go with q and with r; a has two places, b one: two of them are together at a, and p is one of these."""
    found = place(brothers(("p", "q"), ("p", "r"), a=2, b=1))
    assert found.values[1] == 1
    assert found.placing["p"] == "a"


def test_a_room_in_points() -> None:
    """a has 3 points left: p (3) alone, or q (2) and r (1); b has 4. All three fit only if p and r, or q and r, are not at a together
    with the third: p 3 at a leaves q and r at b; q and r at a leave p at b. The choices: 1 + 1 + 3 and 2 + 2 + 1 are equal.
    """
    problem = brothers()
    points = {"p": 3, "q": 2, "r": 1}
    rooms = tuple(replace(room, places=3 + (room.setting == "b"), points=points) for room in problem.rooms)
    problem = replace(problem, rooms=rooms)
    found = place(problem)
    assert found.values == (0, 0, 5)
    assert paired(problem) is False
    assert weighed(problem)
    assert found.placing in ({"p": "a", "q": "b", "r": "b"}, {"p": "b", "q": "a", "r": "a"})
    assert unlawful(problem, {"p": "a", "r": "a"}) == ["4 points of pupils at a, where there is room for 3"]


def test_a_pupil_of_no_points_takes_none() -> None:
    problem = brothers()
    rooms = tuple(replace(room, places=0, points={"p": 0, "q": 2, "r": 1}) for room in problem.rooms)
    found = place(replace(problem, rooms=rooms))
    assert found.placing == {"p": "a"}


def test_no_certificate_and_no_flow_is_claimed() -> None:
    problem = brothers(("p", "q"))
    found = place(problem)
    with pytest.raises(CertificateRefused, match="go together"):
        check(problem, found.placing, found.proof)
    with pytest.raises(PlacementError, match="no flow"):
        build(problem)


def test_the_plain_data_says_pairs_and_points_only_where_there_are_any() -> None:
    problem = brothers(("p", "q"))
    told = as_data(replace(problem, rooms=(replace(problem.rooms[0], points={"p": 3, "q": 2, "r": 0}), problem.rooms[1])))
    assert told["objectives"][1] == {"name": "together", "kind": "together", "pairs": [["p", "q"]]}
    assert [room.get("points") for room in told["rooms"]] == [{"p": 3, "q": 2, "r": 0}, None]
    assert canonical(told)
    assert as_data(brothers())["objectives"][1] == {"name": "together", "kind": "sum", "unplaced": {}, "cost": {}}


def test_the_same_again() -> None:
    for make in (with_pairs, in_points):
        for problem, _, _ in judged(make, 56, 10):
            assert pack(problem) == pack(replace(problem, rooms=problem.rooms[::-1]))
