"""Placements: hand-worked panels, and brute force as the judge of two thousand small ones."""

from __future__ import annotations

import random
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from panel.errors import PlacementError
from panel.placing import placement
from panel.placing.certificate import check
from panel.placing.marginals import Integers
from panel.placing.network import build
from panel.placing.placement import place
from panel.placing.problem import Objective, Problem, Room, Sum
from panel.placing.proof import Branch, Leaf, as_data, leaves
from tests import brute
from tests.brute import quota, share


def sums(name: str, cost: dict[str, dict[str, int]], unplaced: dict[str, int] | None = None) -> Sum:
    """cost[p][s]; staying unplaced costs 0 unless said."""
    flat = {(p, s): c for p, row in cost.items() for s, c in row.items()}
    return Sum(name, frozenset(cost), flat, dict.fromkeys(cost, 0) | (unplaced or {}))


def panel(
    eligible: dict[str, str],
    *objectives: Objective,
    room: dict[tuple[str, int], int] | None = None,
    room_total: dict[str, int] | None = None,
    fixed: dict[str, str] | None = None,
    years: dict[str, int] | None = None,
) -> Problem:
    """Settings are single letters; everybody is in year 9 unless said; placing as many as possible comes first."""
    place_all = sums("place", {p: dict.fromkeys(row, 0) for p, row in eligible.items()}, dict.fromkeys(eligible, 1))
    return Problem(
        referrals=tuple(sorted(eligible)),
        settings=tuple(sorted({s for row in eligible.values() for s in row})),
        eligible={p: tuple(sorted(row)) for p, row in eligible.items()},
        rooms=brute.rooms(dict.fromkeys(eligible, 9) | (years or {}), room or {}, room_total or {}),
        objectives=(place_all, *objectives),
        fixed=fixed or {},
    )


def listed(values: tuple[object, ...]) -> tuple[object, ...]:
    return tuple(list(value) if isinstance(value, tuple) else value for value in values)


def test_equals_brute_force() -> None:
    """Two thousand random panels: the same worth, a placing that has it, and unique exactly where brute force finds one optimum."""
    rng = random.Random(20261121)
    branched = tied = impossible = 0
    for _ in range(2000):
        problem = brute.random_problem(rng)
        judged = brute.best(problem)
        if judged is None:
            impossible += 1
            with pytest.raises(PlacementError, match="fixed"):
                place(problem)
            continue
        least, optima = judged
        found = place(problem)
        certificate = check(problem, found.placing, found.proof)
        assert listed(found.values) == least, problem
        assert found.placing in optima, problem
        assert certificate.values == found.values
        assert certificate.unique == (len(optima) == 1), problem
        assert set(certificate.tied) <= {p for p in problem.referrals if len({placed.get(p) for placed in optima}) > 1}
        assert bool(certificate.tied) != certificate.unique
        assert certificate.leaves == leaves(found.proof)
        branched += certificate.leaves > 1
        tied += not certificate.unique
    assert branched > 50
    assert tied > 100
    assert impossible > 20


def test_an_earlier_objective_outweighs_any_amount_of_a_later_one() -> None:
    problem = panel({"p": "ab"}, sums("rank", {"p": {"a": 1, "b": 2}}), sums("metres", {"p": {"a": 2**40, "b": 0}}))
    found = place(problem)
    assert found.placing == {"p": "a"}
    assert found.values == (0, 1, 2**40)


def test_level_quota_spreads_and_free_quota_only_adds_up() -> None:
    """Four pupils, limit 1, a has taken 1: level wants the excesses 2 and 1, with two
    pupils at each; free cares only that 3 are beyond, and sends as many to a, which is near, as it can."""
    everybody = {f"p{n}": "ab" for n in range(4)}
    nearest_a = sums("metres", {p: {"a": 1, "b": 5} for p in everybody})
    turns = quota("turns", frozenset(everybody), {"a": 1, "b": 0}, 1)
    level = place(panel(everybody, turns, nearest_a))
    assert level.values == (0, (2, 1), 2 * 1 + 2 * 5)
    free = place(panel(everybody, replace(turns, beyond="free"), nearest_a))
    assert free.values == (0, 3, 3 * 1 + 1 * 5)


def test_share_goes_by_the_ratio_after_and_then_by_the_one_before() -> None:
    """Roll 2 with load 1 and roll 3 with load 2: one pupil makes either full (2/2, 3/3). Left behind are 2/3 or 1/2: the
    pupil goes to b, so that a stays at 1/2. The ratio after the move alone ties, and the nearer school, a, would win."""
    problem = panel(
        {"p": "ab"},
        share("share", frozenset({"p"}), {"a": 1, "b": 2}, {"a": 2, "b": 3}),
        sums("metres", {"p": {"a": 1, "b": 9}}),
    )
    found = place(problem)
    assert found.placing == {"p": "b"}
    assert found.values == (0, (Fraction(1), Fraction(1, 2)), 9)


def test_loads_of_a_thousand_million_are_told_apart() -> None:
    """With t = 41666: (24000 t - 1) / 24000 is 1 / (24000 x 23999) more than (23999 t - 1) / 23999, so that p goes to b."""
    loads = {"a": 24000 * 41666 - 2, "b": 23999 * 41666 - 2}
    for far, near in (("a", "b"), ("b", "a")):
        levels = share("share", frozenset({"p"}), loads, {"a": 24000, "b": 23999})
        problem = panel({"p": "ab"}, levels, sums("metres", {"p": {far: 9, near: 1}}))
        found = place(problem)
        assert found.placing == {"p": "b"}
        assert found.values[1] == (Fraction(loads["b"] + 1, 23999), Fraction(loads["a"], 24000))


def test_a_place_that_nobody_counts_is_better_than_the_best_that_counts() -> None:
    """Setting b has no known share: going there adds to nobody's load, so it must not tie with the lowest rank."""
    problem = panel({"p": "ab"}, share("share", frozenset({"p"}), {"a": -3}, {"a": 7}), sums("metres", {"p": {"a": 1, "b": 9}}))
    assert place(problem).placing == {"p": "b"}


def test_loads_below_zero_attract() -> None:
    problem = panel({"p": "ab", "q": "ab"}, share("share", frozenset("pq"), {"a": -2, "b": 1}, {"a": 1, "b": 1}))
    found = place(problem)
    assert found.placing == {"p": "a", "q": "a"}
    assert found.values[1] == (Fraction(1), Fraction(0))


def test_ranks_would_mislead_where_room_binds_further_out() -> None:
    """Only d1 to d3 are counted, but o needs one of the single places of b and c. Worst first, 9 9 8 5 0 (d1 to b, d2 to d)
    beats 10 8 7 5 1 (d1 to a, d2 to c). Ranked by the load after (c 1, e 5, b 8, d 9, a 10) it would be 3 + 4 against 5 + 1."""
    problem = panel(
        {"d1": "ab", "o": "bc", "d2": "cd", "d3": "e"},
        share("share", frozenset({"d1", "d2", "d3"}), {"a": 9, "b": 7, "c": 0, "d": 8, "e": 4}, dict.fromkeys("abcde", 1)),
        room_total={"b": 1, "c": 1},
    )
    found = place(problem)
    assert found.placing == {"d1": "b", "o": "c", "d2": "d", "d3": "e"}
    assert found.values == (0, (9, 9, 8, 5, 0))


def test_room_of_a_year_group_is_shared_and_room_elsewhere_is_not() -> None:
    """One place in year 9 at a, one in year 10: the two of year 9 compete, the nearer wins; the one of year 10 is not concerned."""
    problem = panel(
        {"p": "a", "q": "a", "r": "a"},
        sums("metres", {"p": {"a": 5}, "q": {"a": 4}, "r": {"a": 9}}, dict.fromkeys("pqr", 20)),
        room={("a", 9): 1, ("a", 10): 1},
        years={"r": 10},
    )
    found = place(problem)
    assert found.placing == {"q": "a", "r": "a"}
    assert found.values == (1, 20 + 4 + 9)


def contested_room() -> Problem:
    """x1, x2, o1, o2 are of year 9, z of year 10; a quota counts x1, x2 and z. a has two places in year 9, which those whom
    the quota counts and those whom it does not both want; b is far away; z goes to a."""
    near = {"x1": 1, "x2": 2, "o1": 3, "o2": 4}
    return panel(
        {**dict.fromkeys(near, "ab"), "z": "a"},
        quota("turns", {"x1", "x2", "z"}, {"a": -1, "b": 0}, 1),
        sums("metres", {**{p: {"a": metres, "b": 50 * metres} for p, metres in near.items()}, "z": {"a": 0}}),
        room={("a", 9): 2},
        years={"z": 10},
    )


def test_two_gates_that_overfill_a_year_group_are_told_apart_by_branching() -> None:
    """The quota sends one of x1, x2 to each school. Each gate alone fits into a with x2, o1 and o2, three for two places;
    of the three, x2 (or x1), o1 or o2 must give way. a takes x2 and o2, the two who have furthest to b:
    metres x1 to b 50, x2 2, o1 150, o2 4, together 206; any other lawful choice is further."""
    problem = contested_room()
    found = place(problem)
    assert found.placing == {"x1": "b", "x2": "a", "o1": "b", "o2": "a", "z": "a"}
    assert found.values == (0, (0, 0), 206)
    assert isinstance(found.proof, Branch)
    assert (found.proof.setting, found.proof.room) == ("a", "pupils of year 9")
    assert check(problem, found.placing, found.proof).unique


def test_a_room_that_nests_needs_no_branching() -> None:
    """The same without z: whom the quota counts are all of year 9, so the room of that year is a door around theirs."""
    near = {"x1": 1, "x2": 2, "o1": 3, "o2": 4}
    problem = panel(
        dict.fromkeys(near, "ab"),
        quota("turns", {"x1", "x2"}, {"a": 0, "b": 0}, 1),
        sums("metres", {p: {"a": metres, "b": 50 * metres} for p, metres in near.items()}),
        room={("a", 9): 2},
    )
    found = place(problem)
    assert found.placing == {"x1": "b", "x2": "a", "o1": "b", "o2": "a"}
    assert isinstance(found.proof, Leaf)


def test_two_who_are_kept_apart_go_to_two_schools_also_across_year_groups() -> None:
    """p and q both have a nearest. Apart, the one whom b costs less more goes there: q, 2 more, not p, 8 more."""
    metres = sums("metres", {"p": {"a": 1, "b": 9}, "q": {"a": 1, "b": 3}})
    apart = tuple(Room(s, "two who are kept apart", frozenset("pq"), 1) for s in "ab")
    problem = panel({"p": "ab", "q": "ab"}, metres, room={("a", 9): 1, ("a", 10): 1}, years={"q": 10})
    assert place(problem).placing == {"p": "a", "q": "a"}
    found = place(replace(problem, rooms=(*problem.rooms, *apart)))
    assert found.placing == {"p": "a", "q": "b"}


def test_a_class_of_pupils_may_have_less_room_than_all() -> None:
    """a has room for two, and for one of x, y only: z goes there, and x, who is nearer than y."""
    metres = sums("metres", {"x": {"a": 1, "b": 9}, "y": {"a": 2, "b": 9}, "z": {"a": 5, "b": 9}})
    problem = panel(dict.fromkeys("xyz", "ab"), metres, room={("a", 9): 2})
    assert place(problem).placing == {"x": "a", "y": "a", "z": "b"}
    one = Room("a", "pupils who were excluded", frozenset("xy"), 1)
    assert place(replace(problem, rooms=(*problem.rooms, one))).placing == {"x": "a", "y": "b", "z": "a"}


def test_fixed_pupils_stay_and_take_room() -> None:
    metres = sums("metres", {"p": {"a": 1, "b": 9}, "q": {"a": 1}})
    problem = panel({"p": "ab", "q": "a"}, metres, room={("a", 9): 1}, fixed={"q": "a"})
    assert place(problem).placing == {"p": "b", "q": "a"}


def test_fixed_pupils_beyond_the_room_are_refused_by_name_of_the_setting() -> None:
    problem = panel({"p": "a", "q": "a"}, room={("a", 9): 1}, fixed={"p": "a", "q": "a"})
    with pytest.raises(PlacementError, match="2 pupils of year 9 at a, where there is room for 1"):
        place(problem)


def test_objectives_whose_pupils_overlap_are_refused_by_name() -> None:
    problem = panel(
        dict.fromkeys(("p", "q", "r"), "a"),
        quota("excluded", frozenset("pq"), {"a": 0}, 1),
        share("looked after", frozenset("qr"), {"a": 0}, {"a": 1}),
    )
    with pytest.raises(PlacementError, match="'excluded' and 'looked after'"):
        place(problem)


def test_stages_settled_together_prove_the_same_as_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(5)
    problems = [problem for problem in (brute.random_problem(rng) for _ in range(300)) if brute.best(problem) is not None]
    calls: list[int] = []
    solve = placement._solve

    def counted(*given: Any) -> Any:
        calls.append(len(given[0]))
        return solve(*given)

    monkeypatch.setattr(placement, "_solve", counted)
    together = [as_data(place(problem).proof) for problem in problems]
    few = len(calls)
    monkeypatch.setattr(placement, "FEW_ARCS", 0)
    assert [as_data(place(problem).proof) for problem in problems] == together
    assert len(calls) - few > 1.2 * few


def test_stages_are_weighed_together_only_as_far_as_numbers_go() -> None:
    """Pence go by twenties, so that place weighs 3 + 1 as much; both weigh 2**40 + 1 as much as the first sum of metres.

    The second sum would need 2**40 times as much again.
    """
    far = {"p": {"a": 5}}
    metres = [sums(name, far, {"p": 2**40}) for name in ("one way", "another")]
    network = build(panel({"p": "a"}, sums("pence", {"p": {"a": 20}}, {"p": 60}), *metres))
    joined, settled = placement._joined(network, 0, np.arange(len(network.head)))
    assert settled == 3
    assert dict(zip(network.option, joined.tolist(), strict=False)) == {"": (4 + 3) * (2**40 + 1) + 2**40, "a": (2**40 + 1) + 5}


def test_too_many_cases_name_the_year_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("panel.placing.placement.MOST_LEAVES", 1)
    with pytest.raises(PlacementError, match="pupils of year 9 at a"):
        place(contested_room())


def test_nobody_to_place_and_nowhere_to_go() -> None:
    nobody = panel({}, sums("metres", {}))
    assert place(nobody).placing == {}
    assert check(nobody, {}, place(nobody).proof).unique
    nowhere = panel({"p": ""})
    assert place(nowhere).values == (1,)


def test_a_tie_is_shown_as_a_tie() -> None:
    problem = panel({"p": "ab", "q": "c"}, sums("metres", {"p": {"a": 3, "b": 3}, "q": {"c": 1}}))
    found = place(problem)
    certificate = check(problem, found.placing, found.proof)
    assert (certificate.unique, certificate.tied) == (False, ("p",))


def test_ties_that_only_overfill_a_room_are_no_ties() -> None:
    """x and o both like a and b alike; a has one place, which o must have. Without room shared between doors x could swap in."""
    problem = panel(
        {"x": "ab", "o": "a", "z": "a"},
        quota("turns", {"x", "z"}, {"a": 5, "b": 5}, 5),
        sums("metres", {"x": {"a": 1, "b": 1}, "o": {"a": 1}, "z": {"a": 1}}),
        room={("a", 9): 1},
        years={"z": 10},
    )
    found = place(problem)
    assert found.placing == {"x": "b", "o": "a", "z": "a"}
    assert check(problem, found.placing, found.proof).unique


def test_more_room_never_makes_the_objectives_worse() -> None:
    rng = random.Random(7)
    for _ in range(150):
        problem = replace(brute.random_problem(rng), fixed={})
        wider = replace(problem, rooms=tuple(replace(room, places=max(0, room.places) + 1) for room in problem.rooms))
        assert listed(place(wider).values) <= listed(place(problem).values)


def test_lots_that_swap_swap_two_schools_that_are_alike() -> None:
    lots = {"p": {"a": 11, "b": 12}, "q": {"a": 30, "b": 40}}
    swapped = {p: {"a": row["b"], "b": row["a"]} for p, row in lots.items()}
    turns = quota("turns", frozenset("pq"), {"a": 0, "b": 0}, 1)
    here = place(panel({"p": "ab", "q": "ab"}, turns, sums("lottery", lots))).placing
    there = place(panel({"p": "ab", "q": "ab"}, turns, sums("lottery", swapped))).placing
    assert here == {"p": "b", "q": "a"}
    assert there == {"p": "a", "q": "b"}


def test_the_proof_does_not_depend_on_the_order_of_sets_and_maps() -> None:
    """The same bytes in processes that hash text differently, ties and branches included."""
    script = (
        "import json, random\n"
        "from panel.placing.placement import place\n"
        "from panel.errors import PlacementError\n"
        "from panel.placing.proof import as_data\n"
        "from tests.brute import random_problem\n"
        "rng = random.Random(5)\n"
        "for _ in range(60):\n"
        "    problem = random_problem(rng)\n"
        "    try:\n"
        "        found = place(problem)\n"
        "    except PlacementError as refused:\n"
        "        print(refused)\n"
        "    else:\n"
        "        print(json.dumps([as_data(found.proof), sorted(found.placing.items())]))\n"
    )
    root = brute.__file__.rsplit("/tests/", 1)[0]
    said = {
        subprocess.run(
            [sys.executable, "-c", script], env={"PYTHONHASHSEED": seed, "PYTHONPATH": root}, check=True, capture_output=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1
    assert len(said.pop()) > 10_000


def test_the_proof_does_not_depend_on_which_optimum_the_solver_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A solver that is handed the arcs backwards finds other optima on the way; the proof stays."""
    from panel.placing import placement

    rng = random.Random(11)
    problems = [problem for problem in (brute.random_problem(rng) for _ in range(150)) if brute.best(problem)]
    before = [(place(problem).placing, as_data(place(problem).proof)) for problem in problems]
    solve = placement._solve

    def backwards(
        tail: Integers,
        head: Integers,
        capacity: Integers,
        cost: Integers,
        supply: Integers,
    ) -> Integers:
        return solve(tail[::-1], head[::-1], capacity[::-1], cost[::-1], supply)[::-1]

    monkeypatch.setattr(placement, "_solve", backwards)
    assert [(place(problem).placing, as_data(place(problem).proof)) for problem in problems] == before
    assert any(isinstance(place(problem).proof, Leaf) for problem in problems)
