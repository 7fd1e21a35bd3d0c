"""The certificate refuses what was changed: placings, leaves, stages, branches; and reads its proofs back from JSON."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from panel.errors import CertificateRefused
from panel.placing import placement
from panel.placing.certificate import check
from panel.placing.network import build
from panel.placing.placement import Placement, place
from panel.placing.problem import Problem
from panel.placing.proof import Branch, Leaf, Proof, as_data, from_data, leaves
from tests import brute
from tests.brute import quota
from tests.test_placement import contested_room, panel, sums


def proved(seed: int, count: int) -> Iterator[tuple[Problem, Placement]]:
    """Random panels with one optimum, each with its placement."""
    rng = random.Random(seed)
    while count:
        problem = brute.random_problem(rng, lottery=True)
        if problem.fixed:
            continue
        found = place(problem)
        if check(problem, found.placing, found.proof).unique:
            count -= 1
            yield problem, found


def changed(problem: Problem, placing: dict[str, str]) -> Iterator[dict[str, str]]:
    """Every swap, move, drop and addition that really changes the placing, lawful or not."""
    for p in problem.referrals:
        for s in (*problem.settings, ""):
            other = {q: t for q, t in {**placing, p: s}.items() if t}
            if other != placing:
                yield other
        for q in problem.referrals:
            if p < q and p in placing and q in placing and placing[p] != placing[q]:
                yield {**placing, p: placing[q], q: placing[p]}


def with_leaf(proof: Proof, n: int, leaf: Leaf) -> Proof:
    """The proof with its n-th leaf replaced."""
    if not isinstance(proof, Branch):
        return leaf if n == 0 else proof
    ways = []
    for door, at_most, below in proof.ways:
        ways.append((door, at_most, with_leaf(below, n, leaf) if 0 <= n < leaves(below) else below))
        n -= leaves(below)
    return replace(proof, ways=tuple(ways))


def all_leaves(proof: Proof) -> list[Leaf]:
    if isinstance(proof, Branch):
        return [leaf for _, _, below in proof.ways for leaf in all_leaves(below)]
    return [proof] if isinstance(proof, Leaf) else []


def pruned(proof: Proof) -> Iterator[Proof]:
    """The proof with one way out missing, at any branch."""
    if isinstance(proof, Branch):
        for n, (door, at_most, below) in enumerate(proof.ways):
            yield replace(proof, ways=proof.ways[:n] + proof.ways[n + 1 :])
            for less in pruned(below):
                yield replace(proof, ways=(*proof.ways[:n], (door, at_most, less), *proof.ways[n + 1 :]))


def test_refuses_every_changed_placing() -> None:
    tried = 0
    for problem, found in proved(3, 250):
        for other in changed(problem, dict(found.placing)):
            tried += 1
            with pytest.raises(CertificateRefused):
                check(problem, other, found.proof)
    assert tried > 2000


def test_refuses_a_placing_changed_in_the_proof_too() -> None:
    """Whoever changes the answer and the leaf that holds it meets the prices."""
    tried = 0
    for problem, found in proved(4, 150):
        if isinstance(found.proof, Branch):
            continue
        for other in changed(problem, dict(found.placing)):
            tried += 1
            with pytest.raises(CertificateRefused):
                check(problem, other, replace(found.proof, placing=tuple(sorted(other.items()))))
    assert tried > 1000


def test_refuses_a_proof_with_a_stage_missing_or_one_too_many() -> None:
    for problem, found in proved(5, 100):
        for n, leaf in enumerate(all_leaves(found.proof)):
            for stage, row in enumerate(leaf.prices):
                without = replace(leaf, prices=leaf.prices[:stage] + leaf.prices[stage + 1 :])
                short = replace(leaf, prices=(*leaf.prices[:stage], row[:-1], *leaf.prices[stage + 1 :]))
                more = replace(leaf, prices=(*leaf.prices, row))
                for doctored in (without, short, more):
                    with pytest.raises(CertificateRefused, match="stages"):
                        check(problem, found.placing, with_leaf(found.proof, n, doctored))


def test_refuses_a_proof_with_a_leaf_missing() -> None:
    branched = 0
    for problem, found in proved(6, 400):
        for less in pruned(found.proof):
            branched += 1
            with pytest.raises(CertificateRefused, match="does not cover every way"):
                check(problem, found.placing, less)
    assert branched > 40


def test_refuses_prices_that_prove_nothing() -> None:
    """With all prices 0 only what costs nothing is proved; a changed price is refused or still a proof of the same answer."""
    problem = panel({"p": "ab", "q": "ab"}, sums("metres", {"p": {"a": 1, "b": 4}, "q": {"a": 2, "b": 9}}), room={("a", 9): 1})
    found = place(problem)
    assert isinstance(found.proof, Leaf)
    assert found.placing == {"p": "b", "q": "a"}
    nothing = replace(found.proof, prices=tuple((0,) * len(row) for row in found.proof.prices))
    with pytest.raises(CertificateRefused, match="stage 2 \\(metres\\)"):
        check(problem, found.placing, nothing)
    for stage, row in enumerate(found.proof.prices):
        for node in range(len(row)):
            for step in (-1, 1, 1000):
                prices = (*row[:node], row[node] + step, *row[node + 1 :])
                doctored = replace(found.proof, prices=(*found.proof.prices[:stage], prices, *found.proof.prices[stage + 1 :]))
                try:
                    certificate = check(problem, found.placing, doctored)
                except CertificateRefused:
                    continue
                assert certificate.values == found.values


def test_refuses_branches_on_nothing_doors_that_are_not_there_and_limits_below_none() -> None:
    problem = contested_room()
    found = place(problem)
    assert isinstance(found.proof, Branch)
    (door, at_most, below), second = found.proof.ways
    assert (door, at_most, second[0], second[1]) == (0, 0, 1, 1)
    for doctored, words in (
        (replace(found.proof, room="pupils of year 8"), "no two gates share"),
        (replace(found.proof, ways=((9, at_most, below), second)), "gate 9"),
        (replace(found.proof, ways=((door, -1, below), second)), "to -1"),
        (replace(found.proof, ways=((door, at_most, below), (1, 0, second[2]))), "does not cover"),
    ):
        with pytest.raises(CertificateRefused, match=words):
            check(problem, found.placing, doctored)


def test_refuses_a_leaf_that_overfills_a_room_as_well_as_the_answer_does_not() -> None:
    """The unbranched optimum of a contested room is below the answer: a proof by that leaf alone must not pass."""
    problem = contested_room()
    roomy = place(replace(problem, rooms=tuple(replace(room, places=3) for room in problem.rooms)))
    found = place(problem)
    assert roomy.values < found.values
    leaf = all_leaves(found.proof)[0]
    with pytest.raises(CertificateRefused):
        check(problem, found.placing, leaf)


@pytest.mark.parametrize("wanted", ["a", "b"])
def test_refuses_a_leaf_that_leaves_open_whether_another_placing_is_as_good(wanted: str) -> None:
    """x likes both alike, o needs the one place at `wanted`: the unbranched flow cannot see that x may not go there too."""
    problem = panel(
        {"x": "ab", "o": wanted, "z": wanted},
        quota("turns", {"x", "z"}, {"a": 5 - (wanted == "a"), "b": 5 - (wanted == "b")}, 5),
        sums("metres", {"x": {"a": 1, "b": 1}, "o": {wanted: 1}, "z": {wanted: 1}}),
        room={(wanted, 9): 1},
        years={"z": 10},
    )
    found = place(problem)
    assert isinstance(found.proof, Branch)
    unbranched = placement._Node(problem, build(problem), {}).leaf
    with pytest.raises(CertificateRefused, match="leaves open"):
        check(problem, found.placing, unbranched)


def test_says_in_words_what_is_unlawful() -> None:
    problem = panel({"p": "ab", "q": "a"}, room={("a", 9): 1}, room_total={"b": 0}, fixed={"q": "a"})
    proof = place(problem).proof
    for placing, words in (
        ({"q": "a", "z": "a"}, "z is not a referral"),
        ({"p": "a", "q": "a"}, "2 pupils of year 9 at a, where there is room for 1"),
        ({"p": "b", "q": "a"}, "1 pupils at b, where there is room for 0"),
        ({"q": "b"}, "q is fixed at a, found b"),
        ({"p": "c", "q": "a"}, "p may not go to c"),
    ):
        with pytest.raises(CertificateRefused, match=words):
            check(problem, placing, proof)


def test_a_proof_survives_json_and_another_reading_gives_the_same_bytes() -> None:
    for problem, found in proved(8, 100):
        text = json.dumps(as_data(found.proof), sort_keys=True)
        again = from_data(json.loads(text))
        assert again == found.proof
        assert json.dumps(as_data(again), sort_keys=True) == text
        assert check(problem, found.placing, again) == check(problem, found.placing, found.proof)


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"placing": []},
        {"placing": [], "prices": [], "more": 1},
        {"placing": [["p"]], "prices": []},
        {"placing": [], "prices": [[1.5]]},
        {"placing": [], "prices": [[True]]},
        {"placing": [], "prices": ["12"]},
        {"setting": "a", "room": "pupils", "ways": [{"gate": 0, "at_most": 1}]},
        {"setting": "a", "room": 9, "ways": []},
    ],
)
def test_refuses_data_that_is_no_proof(data: object) -> None:
    with pytest.raises(CertificateRefused, match="cannot be read"):
        from_data(data)
