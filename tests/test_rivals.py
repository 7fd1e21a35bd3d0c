"""Why not there: every pair that was not chosen, judged by forcing it upon the brute force; and cases worked by hand."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from panel.errors import PlacementError
from panel.placing.placement import place
from panel.placing.problem import Problem
from panel.placing.proof import Branch
from panel.placing.rivals import Load, Move, Rival, Rivals
from tests import brute
from tests.brute import quota, share
from tests.test_placement import contested_room, panel, sums


def moved(problem: Problem, placing: dict[str, str], rival: Rival) -> dict[str, str]:
    """The placing that a rival describes."""
    other = {**placing, rival.referral: rival.setting}
    for move in rival.moves:
        assert placing.get(move.referral) == move.before
        other[move.referral] = move.after or ""
    return {p: s for p, s in other.items() if s}


def test_equals_brute_force_with_the_pair_forced() -> None:
    rng = random.Random(17)
    asked = ties = impossible = branched = 0
    while asked < 5000:
        problem = brute.random_problem(rng)
        everything = [(brute.worth(problem, placed), placed) for placed in brute.placings(problem)]
        if not everything:
            continue
        found = place(problem)
        now = brute.worth(problem, dict(found.placing))
        rivals = Rivals(problem, found).all()
        wanted = [(p, s) for p in problem.referrals for s in problem.eligible[p] if found.placing.get(p) != s]
        assert [(rival.referral, rival.setting) for rival in rivals] == wanted
        for p in problem.referrals:
            told = {rival.setting: rival.objective for rival in rivals if rival.referral == p and rival.possible}
            assert Rivals(problem, found).first_worse(p) == told, problem
        branched += len(rivals) if isinstance(found.proof, Branch) else 0
        for rival in rivals:
            asked += 1
            forced = [(value, placed) for value, placed in everything if placed.get(rival.referral) == rival.setting]
            assert rival.possible == bool(forced), (problem, rival)
            if not forced:
                impossible += 1
                continue
            least = min(value for value, _ in forced)
            assert (least, moved(problem, dict(found.placing), rival)) in forced, (problem, rival)
            worse = [n for n, (before, after) in enumerate(zip(now, least, strict=True)) if before != after]
            ties += not worse
            if not worse:
                assert (rival.objective, rival.before, rival.after, rival.by) == (None, None, None, None)
                continue
            n = worse[0]
            assert rival.objective == problem.objectives[n].name
            before, after = (list(value) if isinstance(value, tuple) else value for value in (rival.before, rival.after))
            assert (before, after) == (now[n], least[n])
            assert rival.by == (after - before if isinstance(before, int) and isinstance(after, int) else None)
    assert ties > 100
    assert impossible > 200
    assert branched > 200


def test_says_who_makes_way_and_how_much_worse() -> None:
    """q holds the one place at a. p there sends q to b: metres 9 + 2 instead of 1 + 3."""
    problem = panel({"p": "ab", "q": "ab"}, sums("metres", {"p": {"a": 2, "b": 3}, "q": {"a": 1, "b": 9}}), room={("a", 9): 1})
    found = place(problem)
    assert found.placing == {"p": "b", "q": "a"}
    assert Rivals(problem, found).rival("p", "a") == Rival(
        "p", "a", objective="metres", before=4, after=11, by=7, moves=(Move("q", "a", "b"),)
    )


def test_says_the_two_ratios_of_a_share_and_the_numbers_that_change() -> None:
    problem = panel({"p": "ab"}, share("share", frozenset("p"), {"a": 1, "b": 1}, {"a": 10, "b": 4}))
    found = place(problem)
    assert found.placing == {"p": "a"}
    assert Rivals(problem, found).rival("p", "b") == Rival(
        "p",
        "b",
        objective="share",
        before=(Fraction(1, 4), Fraction(1, 5)),
        after=(Fraction(1, 2), Fraction(1, 10)),
        pupils=(("a", 1, 0), ("b", 0, 1)),
        loads=(Load("share", "a", Fraction(1, 5), Fraction(1, 10)), Load("share", "b", Fraction(1, 4), Fraction(1, 2))),
    )


def test_counts_those_whom_a_quota_counts_and_no_others() -> None:
    problem = panel(
        {"x": "ab", "o": "ab"},
        quota("turns", frozenset("x"), {"a": 1, "b": 0}, 1),
        sums("metres", {"x": {"a": 1, "b": 1}, "o": {"a": 1, "b": 2}}),
    )
    found = place(problem)
    assert found.placing == {"x": "b", "o": "a"}
    rivals = Rivals(problem, found)
    x = rivals.rival("x", "a")
    assert (x.objective, x.before, x.after, x.by) == ("turns", (0, 0), (1, 0), None)
    assert x.loads == (Load("turns", "a", 1, 2), Load("turns", "b", 1, 0))
    o = rivals.rival("o", "b")
    assert (o.objective, o.by, o.pupils, o.loads) == ("metres", 1, (("a", 1, 0), ("b", 1, 2)), ())


def test_an_unplaced_pupil_is_told_who_has_the_seat() -> None:
    problem = panel({"p": "a", "q": "a"}, sums("waiting", {"p": {"a": 0}, "q": {"a": 0}}, {"p": 5, "q": 8}), room={("a", 9): 1})
    found = place(problem)
    assert found.placing == {"q": "a"}
    assert Rivals(problem, found).of("p") == (Rival("p", "a", objective="waiting", before=5, after=8, by=3, moves=(Move("q", "a", None),)),)


def test_a_tie_is_called_a_tie() -> None:
    problem = panel({"p": "ab"}, sums("metres", {"p": {"a": 3, "b": 3}}))
    found = place(problem)
    (rival,) = Rivals(problem, found).of("p")
    assert rival.possible
    assert rival.objective is None
    assert {n for _, *numbers in rival.pupils for n in numbers} == {0, 1}


def test_a_seat_of_somebody_fixed_cannot_be_had() -> None:
    problem = panel({"p": "ab", "q": "a"}, room={("a", 9): 1}, fixed={"q": "a"})
    found = place(problem)
    assert Rivals(problem, found).of("p") == (Rival("p", "a", possible=False),)
    assert Rivals(problem, found).of("q") == ()


def test_a_room_shared_between_doors_is_kept_when_a_pair_is_forced() -> None:
    """o1 at a: one of x2, o2 must leave, though each door alone would have room. o2's way to b is 196 longer, o1's 147 shorter."""
    problem = contested_room()
    found = place(problem)
    assert found.placing == {"x1": "b", "x2": "a", "o1": "b", "o2": "a", "z": "a"}
    rival = Rivals(problem, found).rival("o1", "a")
    assert (rival.objective, rival.before, rival.after, rival.by) == ("metres", 206, 255, 49)
    assert rival.moves == (Move("o2", "a", "b"),)


def test_the_chosen_pair_and_a_barred_one_are_no_rivals() -> None:
    problem = panel({"p": "ab", "q": "c"}, sums("metres", {"p": {"a": 1, "b": 2}, "q": {"c": 1}}))
    rivals = Rivals(problem, place(problem))
    for referral, setting in (("p", "a"), ("p", "c"), ("z", "a")):
        with pytest.raises(PlacementError, match="no rival"):
            rivals.rival(referral, setting)
