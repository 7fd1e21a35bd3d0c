"""Turns that move within one meeting: worked by hand, and against a panel that goes round the table turn by turn."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace

import pytest

from panel.errors import PlacementError
from panel.placing.certificate import check
from panel.placing.objectives import value
from panel.placing.placement import place
from panel.placing.problem import Problem, Quota, Room, Rota, Sum, Tally
from tests import brute


def taking_turns(may: Mapping[str, str], turns: Mapping[str, int], *, room: int = 9, of: str = "") -> Problem:
    """Everybody is placed first; then the schools take turns. `may`: pupil -> the letters of the schools; `turns`: school -> its turn."""
    pupils, settings = tuple(sorted(may)), tuple(sorted(turns))
    everybody = frozenset(pupils)
    rota = Rota("rota", tuple(Tally(s, frozenset(of) or everybody, 0, r) for s, r in turns.items()), max(turns.values()))
    first = Sum("place", everybody, {(p, s): 0 for p in pupils for s in settings}, dict.fromkeys(pupils, 1))
    rooms = tuple(Room(s, "pupils", everybody, room) for s in settings)
    return Problem(pupils, settings, {p: tuple(sorted(row)) for p, row in may.items()}, rooms, (first, rota))


def taken(problem: Problem) -> tuple[dict[str, int], object]:
    """How many pupils each school takes, and what the rota comes to; the proof is checked."""
    found = place(problem)
    check(problem, found.placing, found.proof)
    return {s: list(found.placing.values()).count(s) for s in problem.settings}, found.values[1]


TURNS = {"a": 1, "b": 2, "c": 2}


@pytest.mark.parametrize(
    ("pupils", "there", "numbers"),
    [
        # a has turn 1, b and c turn 2; in the second round a has turn 3, b and c turn 4.
        ("p", {"a": 1, "b": 0, "c": 0}, [1]),
        ("pqr", {"a": 1, "b": 1, "c": 1}, [1, 2, 2]),
        ("pqrt", {"a": 2, "b": 1, "c": 1}, [1, 2, 2, 3]),
        ("pqrtuv", {"a": 2, "b": 2, "c": 2}, [1, 2, 2, 3, 4, 4]),
        ("pqrtuvw", {"a": 3, "b": 2, "c": 2}, [1, 2, 2, 3, 4, 4, 5]),
    ],
)
def test_nobody_has_a_second_turn_before_everybody_has_had_one(pupils: str, there: dict[str, int], numbers: list[int]) -> None:
    assert taken(taking_turns(dict.fromkeys(pupils, "abc"), TURNS)) == (there, sum(numbers))


def test_who_cannot_take_its_turn_is_passed_over() -> None:
    """Only p may go to a, nobody to c: a has turn 1, b turn 2 and then, before c has had its turn, turn 4."""
    assert taken(taking_turns({"p": "ab", "q": "b", "r": "b"}, TURNS)) == ({"a": 1, "b": 2, "c": 0}, 1 + 2 + 4)
    assert taken(taking_turns({"p": "b", "q": "b"}, TURNS)) == ({"a": 0, "b": 2, "c": 0}, 2 + 4)


def test_room_ends_a_schools_turns() -> None:
    """One place at each: the fourth pupil is left out, and no turn is counted for it."""
    assert taken(taking_turns(dict.fromkeys("pqrt", "abc"), TURNS, room=1)) == ({"a": 1, "b": 1, "c": 1}, 5)


def test_only_the_pupils_of_the_rota_take_turns() -> None:
    """p and q are of the rota, r and t are not: p and q go to a and b or c, whatever r and t do."""
    problem = taking_turns(dict.fromkeys("pqrt", "abc"), TURNS, of="pq")
    found = place(problem)
    check(problem, found.placing, found.proof)
    assert found.values[1] == 1 + 2
    assert min(found.placing["p"], found.placing["q"]) == "a"


def as_the_panel_goes_round(problem: Problem) -> list[int]:
    """The turns in their order, each taken if, with all that were taken before it, as many as possible can still be placed."""
    (rota,) = (one for one in problem.objectives if isinstance(one, Rota))
    placings = list(brute.placings(problem))
    most = max(map(len, placings))
    counts = [{s: list(placed.values()).count(s) for s in problem.settings} for placed in placings if len(placed) == most]
    here, numbers = dict.fromkeys(problem.settings, 0), []
    for number, s in sorted((t.against + k * rota.turns, t.setting) for t in rota.tallies for k in range(most)):
        turn = {**here, s: here[s] + 1}
        if any(all(one[at] >= n for at, n in turn.items()) for one in counts):
            here = turn
            numbers.append(number)
    return numbers


def test_the_least_sum_is_what_a_panel_does_that_goes_round_the_table() -> None:
    """Three hundred random meetings with rooms of the settings and of year groups: the very turns, not only their sum."""
    rng, told = random.Random(5), 0
    while told < 300:
        problem = brute.random_problem(rng, lottery=False)
        rooms = tuple(room for room in problem.rooms if room.name not in ("a few", "two who are kept apart"))
        everybody = frozenset(problem.referrals)
        turns = {s: rng.randint(1, 3) for s in problem.settings}
        tallies = tuple(Tally(s, everybody, 0, r) for s, r in turns.items())
        first = Sum("place", everybody, {(p, s): 0 for p in everybody for s in problem.settings}, dict.fromkeys(everybody, 1))
        problem = replace(problem, rooms=rooms, objectives=(first, Rota("rota", tallies, max(turns.values()))), fixed={})
        wanted = as_the_panel_goes_round(problem)
        found = place(problem)
        there = {s: list(found.placing.values()).count(s) for s in problem.settings}
        assert sorted(turns[s] + k * max(turns.values()) for s, n in there.items() for k in range(n)) == wanted, problem
        told += len(wanted) > 1


def test_a_rota_beside_the_other_objectives_is_proved() -> None:
    """A rota before and after what levels, of everybody or of some: brute force agrees, and the proof holds."""
    rng, told = random.Random(6), 0
    while told < 250:
        problem = brute.random_problem(rng)
        if not any(isinstance(one, Rota) for one in problem.objectives) or (best := brute.best(problem)) is None:
            continue
        found = place(problem)
        assert dict(found.placing) in best[1], problem
        assert check(problem, found.placing, found.proof).unique == (len(best[1]) == 1)
        told += 1


def test_what_a_rota_comes_to() -> None:
    """Turn 2 of 3, three pupils: 2, 5 and 8. One who counts already has taken turn 2, so that two more take 5 and 8."""
    placing = dict.fromkeys("pqr", "a")
    everybody = frozenset("pqr")
    assert value(Rota("rota", (Tally("a", everybody, 0, 2),), 3), placing) == 15
    assert value(Rota("rota", (Tally("a", everybody, 1, 2),), 3), {"p": "a", "q": "a"}) == 13
    assert value(Rota("rota", (Tally("b", everybody, 0, 1),), 3), placing) == 0


def test_a_rota_that_crosses_is_refused() -> None:
    problem = taking_turns(dict.fromkeys("pqr", "abc"), TURNS, of="pq")
    crossing = Quota("quota", (Tally("a", frozenset("qr"), 0, 1),), "level")
    with pytest.raises(PlacementError, match="'rota' and 'quota' count pupils who overlap"):
        place(replace(problem, objectives=(*problem.objectives, crossing)))
