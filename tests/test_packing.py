"""Placements that weigh points: brute force is the judge of both solvers, and a placing that is not the best is refused."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import pytest

from panel.canonical import canonical
from panel.errors import CertificateRefused, PlacementError
from panel.placing import packing
from panel.placing.certificate import check
from panel.placing.climb import climbed
from panel.placing.objectives import steps, unlawful, values
from panel.placing.packed_rivals import PackedRivals
from panel.placing.packing import harms, pack
from panel.placing.placement import Placement, place
from panel.placing.problem import InTurn, Objective, Placing, Problem, Room, Rota, Share, Sum, Tally, Together, weighed
from panel.placing.proof import Level, Packing, as_data, from_data
from panel.placing.recheck import Rechecked, recheck
from panel.placing.rivals import OPEN
from tests import brute

Judged = tuple[Problem, list[tuple[brute.Worth, Placing]]]


def in_points(rng: random.Random, problem: Problem) -> Problem:
    """The same with 0 to 3 points a pupil, in four of five of the objectives that count pupils."""
    points = {p: rng.choice((0, 1, 1, 2, 3)) for p in problem.referrals}

    def heavy(objective: Objective) -> Objective:
        if isinstance(objective, Sum | InTurn | Rota | Together) or rng.random() < 0.2:
            return objective
        return replace(objective, tallies=tuple(replace(t, points={p: points[p] for p in t.of}) for t in objective.tallies))

    return replace(problem, objectives=tuple(heavy(objective) for objective in problem.objectives))


def worth(problem: Problem, placed: Placing) -> brute.Worth:
    """What a placing is worth, straight from what points mean."""
    found: list[object] = []
    for objective in problem.objectives:
        if isinstance(objective, Sum):
            found.append(sum(objective.cost[p, placed[p]] if p in placed else objective.unplaced[p] for p in objective.of))
            continue
        if isinstance(objective, InTurn | Rota | Together):
            found.extend(brute.worth(replace(problem, objectives=(objective,)), dict(placed)))
            continue
        came = [
            (t.already + sum(1 if t.points is None else t.points[p] for p in t.of if placed.get(p) == t.setting), t.against)
            for t in objective.tallies
        ]
        if isinstance(objective, Share):
            found.append(sorted((Fraction(load, share) for load, share in came), reverse=True))
        else:
            excess = sorted((max(0, n - limit) for n, limit in came), reverse=True)
            found.append(sum(excess) if objective.beyond == "free" else excess)
    return tuple(found)


def judged(seed: int, number: int, *, draw: bool | None = None) -> Iterator[Judged]:
    """Random problems in points, each with every lawful placing and its worth, best first."""
    rng = random.Random(seed)
    while number:
        problem = in_points(rng, brute.random_problem(rng, lottery=draw))
        valued = [(worth(problem, placed), placed) for placed in brute.placings(problem)]
        if valued and weighed(problem):
            number -= 1
            yield problem, sorted(valued, key=lambda one: one[0])


def best_of(valued: list[tuple[brute.Worth, Placing]]) -> list[Placing]:
    return [placed for value, placed in valued if value == valued[0][0]]


def as_packing(problem: Problem, placing: Placing) -> Packing:
    """What somebody might claim of a placing: its own steps, all called proved."""
    levels = tuple(Level(problem.objectives[n].name, level, most, proved=True) for n, level, most in steps(problem, placing))
    return Packing(tuple(sorted(placing.items())), levels, only=True)


def one_share(points: dict[str, int], shares: dict[str, int], load: dict[str, int] | None = None, room: int = 9) -> Problem:
    """Everybody may go everywhere, and must be placed first; then the schools are levelled."""
    everybody, pupils, settings = frozenset(points), tuple(sorted(points)), tuple(sorted(shares))
    tallies = tuple(Tally(s, everybody, (load or {}).get(s, 0), shares[s], points=points) for s in settings)
    rooms = tuple(Room(s, "pupils", everybody, room) for s in settings)
    cost = {(p, s): 0 for p in pupils for s in settings}
    objectives = (Sum("place", everybody, cost, dict.fromkeys(pupils, 1)), Share("share", tallies))
    return Problem(pupils, settings, dict.fromkeys(pupils, settings), rooms, objectives)


def test_brute_force_agrees() -> None:
    """Five hundred problems: the placing, that all is proved, whether it is the only one, and everybody who could go elsewhere."""
    ties = 0
    for problem, valued in judged(11, 500):
        best = best_of(valued)
        found = pack(problem)
        assert dict(found.placing) in best, problem
        assert [step.proved for step in found.levels] == [True] * len(found.levels)
        assert found.only == (len(best) == 1), problem
        assert set(found.tied) == {p for p in problem.referrals if len({placed.get(p) for placed in best}) > 1}, problem
        ties += not found.only
    assert ties > 20


def test_the_other_solver_finds_nothing_better() -> None:
    for problem, _ in judged(12, 150):
        found = pack(problem)
        again = recheck(problem, found)
        assert (again.steps, again.proved, again.rechecked) == (len(found.levels),) * 3
        assert (again.unique, again.tied, again.optimal) == (found.only, found.tied, True)


def test_a_worse_placing_is_refused() -> None:
    """Three hundred, each with the steps that are honestly its own."""
    refused = 0
    rng = random.Random(13)
    for problem, valued in judged(13, 400):
        worse = [placed for value, placed in valued if value > valued[0][0]]
        for placed in rng.sample(worse, min(2, len(worse))):
            with pytest.raises(CertificateRefused, match="Solved again"):
                recheck(problem, as_packing(problem, placed))
            refused += 1
    assert refused >= 300


def test_one_of_several_equals_may_not_be_called_the_only_one() -> None:
    refused = 0
    for problem, valued in judged(14, 80, draw=False):
        for placed in best_of(valued)[1:2]:
            with pytest.raises(CertificateRefused, match="as good"):
                recheck(problem, as_packing(problem, placed))
            refused += 1
    assert refused > 10


def test_small_steps_never_make_it_worse() -> None:
    for problem, valued in judged(15, 150):
        for value, placed in valued[-1:]:
            better = climbed(problem, placed)
            assert not unlawful(problem, better)
            assert worth(problem, better) <= value


def test_what_gets_worse_first_if_a_pair_is_forced() -> None:
    pairs = 0
    for problem, valued in judged(16, 120):
        best = valued[0][0]
        found = harms(problem, pack(problem))
        for (p, s), first in found.items():
            through = [value for value, placed in valued if placed.get(p) == s]
            wanted = (
                next((n for n, (one, two) in enumerate(zip(best, min(through), strict=True)) if one != two), len(best)) if through else -1
            )
            assert first == wanted, (problem, p, s)
            pairs += 1
    assert pairs > 300


def test_the_rival_of_one_pair() -> None:
    """Of every rival: what gets worse first, as for all pairs together, and a placing that is the best with the pair."""
    for problem, valued in judged(17, 30):
        found = place(problem)
        assert isinstance(found.proof, Packing)
        rivals = PackedRivals(problem, found, found.proof)
        for p in problem.referrals:
            worse = rivals.first_worse(p)
            for s in (s for s in problem.eligible[p] if s != found.placing.get(p)):
                rival = rivals.rival(p, s)
                assert rival.possible == (s in worse)
                assert not rival.open
                assert rival.objective == worse.get(s)
                if rival.possible:
                    moved = {**found.placing, p: s, **{move.referral: move.after for move in rival.moves}}
                    forced = {q: t for q, t in moved.items() if t}
                    assert worth(problem, forced) == min(value for value, placed in valued if placed.get(p) == s)


def test_by_hand() -> None:
    """3, 2, 2 and 1 points over shares 2, 1 and 1: 4/2, 2/1 and 2/1, as 3 and 1 points are the only ones that make 4 beside twos."""
    problem = one_share({"p": 3, "q": 2, "r": 2, "t": 1}, {"a": 2, "b": 1, "c": 1})
    found = place(problem)
    assert isinstance(found.proof, Packing)
    assert {p: found.placing[p] for p in "pt"} == {"p": "a", "t": "a"}
    assert {found.placing["q"], found.placing["r"]} == {"b", "c"}
    assert [(step.level, step.most, step.proved) for step in found.proof.levels] == [("", 0, True), ("2", 3, True)]
    assert found.proof.tied == ("q", "r")


def test_negative_loads_and_nobody_to_place() -> None:
    assert pack(one_share({"p": 2, "q": 0}, {"a": 3, "b": 5}, {"a": -4, "b": -1})).levels[1:] == (
        Level("share", "-1/5", 1, proved=True),
        Level("share", "-2/3", 2, proved=True),
    )
    nobody = one_share({}, {"a": 3})
    assert recheck(nobody, pack(nobody)) == Rechecked(True, (0, (Fraction(0),)), (), 2, 2, 2, ("points",))  # noqa: FBT003


def test_where_nobody_may_go() -> None:
    problem = one_share({"p": 2, "q": 1}, {"a": 3}, room=0)
    found = pack(problem)
    assert found.placing == ()
    assert (found.only, recheck(problem, found).unique) == (True, True)


def test_without_work_nothing_is_called_proved() -> None:
    """A limit of nothing: small steps find a placing, and no step that needs the solver is proved.

    Six points at the first school and two at one other is the best, but counting alone would have five, two and one. Nobody is
    below nothing, so of that as many as there are is proved.
    """
    problem = one_share({"p": 3, "q": 3, "r": 2}, {"a": 2, "b": 1, "c": 1})
    found = pack(problem, whole=0)
    assert not unlawful(problem, dict(found.placing))
    assert [(step.level, step.proved) for step in found.levels] == [("", True), ("3", False), ("2", False), ("0", True)]
    assert not found.only
    assert found.others == ()
    told = recheck(problem, found) if values(problem, dict(found.placing)) == values(problem, dict(pack(problem).placing)) else None
    assert told is None or not (told.optimal or told.unique)
    assert set(harms(problem, found).values()) == {None}
    rivals = PackedRivals(problem, Placement(dict(found.placing), found, problem), found)
    assert set(rivals.first_worse("p").values()) == {OPEN}
    assert rivals.rival("p", next(s for s in "abc" if s != dict(found.placing)["p"])).open


def test_counting_proves_levels_without_the_solver() -> None:
    """Eight points on four parts: two at each, and less than that at one is too much for the others."""
    found = pack(one_share({"p": 3, "q": 2, "r": 2, "t": 1}, {"a": 2, "b": 1, "c": 1}), whole=0)
    assert [(step.level, step.most, step.proved) for step in found.levels] == [("", 0, True), ("2", 3, True)]


def test_what_is_called_proved_is_so_wherever_the_limit_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A poor beginning, and one question that comes to its limit: what is proved is the best there is, and equals are equal."""
    rng = random.Random(19)
    solve = packing._Search._solved
    left = [0]

    def stopping(search: packing._Search, *given: object, **named: object) -> tuple[Placing | None, bool]:
        left[0] -= 1
        return (None, False) if left[0] == 0 else solve(search, *given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(packing._Search, "_solved", stopping)
    monkeypatch.setattr(packing, "climbed", lambda _problem, placing: dict(placing))
    stopped = 0
    for problem, valued in judged(19, 150, draw=False):
        left[0] = rng.choice((1, 2, 3))
        found = pack(problem)
        told, best = worth(problem, dict(found.placing)), valued[0][0]
        numbers = [n for n, _, _ in steps(problem, dict(found.placing))]
        first_open = next((n for n, step in zip(numbers, found.levels, strict=True) if not step.proved), len(best))
        assert told[:first_open] == best[:first_open], problem
        assert all(worth(problem, dict(other)) == told for other in found.others), problem
        assert not found.only or len(best_of(valued)) == 1
        stopped += first_open < len(best)
    assert stopped > 20


def test_the_fixed_must_leave_a_lawful_placing() -> None:
    problem = replace(one_share({"p": 3}, {"a": 2}, room=0), fixed={"p": "a"})
    with pytest.raises(PlacementError, match="fixed"):
        pack(problem)


def test_there_is_no_certificate_for_points() -> None:
    problem = one_share({"p": 3, "q": 1}, {"a": 2, "b": 3})
    found = place(problem)
    with pytest.raises(CertificateRefused, match="two solvers"):
        check(problem, found.placing, found.proof)


def test_heads_are_placed_as_ever() -> None:
    problem = one_share({"p": 1, "q": 1}, {"a": 2, "b": 3})
    plain = replace(
        problem,
        objectives=tuple(
            o if isinstance(o, Sum | InTurn | Together) else replace(o, tallies=tuple(replace(t, points=None) for t in o.tallies))
            for o in problem.objectives
        ),
    )
    assert not isinstance(place(plain).proof, Packing)
    assert values(plain, place(plain).placing) == values(problem, place(problem).placing)


def test_the_same_again_whatever_the_order_of_sets() -> None:
    for problem, _ in judged(18, 20):
        found = pack(problem)
        turned = replace(problem, rooms=problem.rooms[::-1])
        assert canonical(as_data(found)) == canonical(as_data(pack(turned)))
        assert from_data(as_data(found)) == found


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"levels": ()}, "not those of its placing"),
        ({"others": ((("p", "a"),),)}, "calls as good"),
        ({"placing": (("p", "z"),)}, "not lawful"),
    ],
)
def test_a_changed_packing_is_refused(changed: dict[str, tuple[object, ...]], words: str) -> None:
    problem = one_share({"p": 3, "q": 1}, {"a": 2, "b": 3})
    with pytest.raises(CertificateRefused, match=words):
        recheck(problem, replace(pack(problem), **changed))  # type: ignore[arg-type]
