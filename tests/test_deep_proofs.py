"""Proofs with many branches one below the other: recorded as a list, read back, and checked by the program and by the page."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from typing import Any, Final

import pytest

from panel.canonical import NotCanonical, canonical
from panel.errors import CertificateRefused
from panel.placing import problem_data
from panel.placing.certificate import check
from panel.placing.placement import place
from panel.placing.problem import Problem
from panel.placing.proof import MOST_NESTED, Branch, Leaf, Proof, as_data, from_data, leaves
from panel.placing.rivals import Rivals
from tests import certificate_checker
from tests.benchmarks.fuzz_certificates import Case, by_the_page, by_the_program
from tests.brute import quota
from tests.certificate_network import Refused
from tests.test_placement import panel, sums

DEEP: Final = 44


def contested(n: int) -> Problem:
    """n places in year 9 at a. A quota of n/2 counts x01 to x{n}, and z of year 10; o01 to o{n} it does not count. All want a.

    Nothing but branching keeps the two kinds within the room together: x 0 and o at most n, x at most 1 and o at most
    n - 1, and so on, one inside the other.
    """
    counted, others = ([f"{letter}{i:02}" for i in range(1, n + 1)] for letter in "xo")
    metres = {p: {"a": i} for i, p in enumerate(counted, 1)} | {p: {"a": 100 + i} for i, p in enumerate(others, 1)}
    return panel(
        {**dict.fromkeys(counted + others, "a"), "z": "a"},
        quota("turns", {*counted, "z"}, {"a": 0}, n // 2),
        sums("metres", {**metres, "z": {"a": 0}}),
        room={("a", 9): n},
        years={"z": 10},
    )


def depth(data: Any) -> int:
    """How many branches lie one inside the other, as the proof is written."""
    if "nodes" in data:
        below = [0] * len(data["nodes"])
        for number, node in reversed(list(enumerate(data["nodes"]))):
            below[number] = max((1 + below[way["node"]] for way in node.get("ways", ())), default=0)
        return below[0]
    return max((1 + depth(way["proof"]) for way in data.get("ways", ())), default=0)


def test_a_proof_deeper_than_json_nests_is_a_list() -> None:
    """z and the nearest 21 x fill the quota; 23 o take what is left of the room: 1 + ... + 21 = 231 metres, and 2300 + 276 = 2576."""
    problem = contested(DEEP)
    found = place(problem)
    assert sorted(found.placing) == [*(f"o{i:02}" for i in range(1, 24)), *(f"x{i:02}" for i in range(1, 22)), "z"]
    assert found.values == (DEEP, (0,), 231 + 2576)
    data = as_data(found.proof)
    assert list(data) == ["nodes"]
    assert depth(data) > MOST_NESTED
    recorded = json.loads(canonical({"shared": {"proof": data}}))["shared"]["proof"]
    assert recorded == data
    assert as_data(from_data(recorded)) == data
    certificate = check(problem, found.placing, from_data(recorded))
    assert (certificate.unique, certificate.leaves, certificate.tied) == (True, leaves(found.proof), ())
    page = certificate_checker.check(problem_data.as_data(problem), found.placing, recorded)
    assert (page.unique, page.leaves, page.objectives) == (True, certificate.leaves, [DEEP, {"excess": 0, "by_school": [0]}, 2807])
    with pytest.raises(Refused, match="better"):
        certificate_checker.check(problem_data.as_data(problem), {p: s for p, s in found.placing.items() if p != "o23"}, recorded)


def test_what_nests_is_nested_and_one_more_is_a_list() -> None:
    """As far as a record can nest, proofs are written as they always were."""
    proof: Proof = Leaf((("p", "a"),), ((0,),))
    for _ in range(MOST_NESTED):
        proof = Branch("a", "pupils", ((0, 0, proof),))
    nested = as_data(proof)
    assert (list(nested), depth(nested)) == (["setting", "room", "ways"], 20)
    assert canonical({"proof": nested})
    deeper = as_data(Branch("a", "pupils", ((0, 0, proof),)))
    assert (list(deeper), depth(deeper)) == (["nodes"], 21)
    assert canonical({"proof": deeper})
    with pytest.raises(NotCanonical, match="inside"):
        canonical({"proof": {"setting": "a", "room": "pupils", "ways": [{"gate": 0, "at_most": 0, "proof": nested}]}})


def test_the_order_of_a_list_is_from_the_top_down() -> None:
    one, two, three = (Leaf(((p, "a"),), ((n,),)) for n, p in enumerate("pqr"))
    proof: Proof = Branch("a", "inner", ((0, 1, one), (1, 2, two)))
    for _ in range(MOST_NESTED):
        proof = Branch("b", "outer", ((0, 0, proof), (1, 0, three)))
    nodes: Any = as_data(proof)["nodes"]
    assert nodes[0] == {
        "setting": "b",
        "room": "outer",
        "ways": [{"gate": 0, "at_most": 0, "node": 1}, {"gate": 1, "at_most": 0, "node": 42}],
    }
    ways = [{"gate": 0, "at_most": 1, "node": 21}, {"gate": 1, "at_most": 2, "node": 22}]
    assert nodes[20] == {"setting": "a", "room": "inner", "ways": ways}
    assert nodes[21:23] == [{"placing": [["p", "a"]], "prices": [[0]]}, {"placing": [["q", "a"]], "prices": [[1]]}]
    assert all(node["placing"] == [["r", "a"]] for node in nodes[23:])
    assert len(nodes) == 43
    assert leaves(from_data({"nodes": nodes})) == 22


def test_no_depth_is_too_deep() -> None:
    proof: Proof = Leaf((), ((0,),))
    for n in range(5_000):
        proof = Branch("a", "pupils", ((0, n, proof), (1, n, Leaf((), ()))))
    data = as_data(proof)
    assert leaves(proof) == 5_001
    assert as_data(from_data(json.loads(canonical(data)))) == data
    with pytest.raises(CertificateRefused, match="which no two gates share"):
        check(contested(2), {}, proof)


def two_nodes(**changed: Any) -> dict[str, Any]:
    """A branch with one way, to a leaf."""
    leaf: dict[str, Any] = {"placing": [], "prices": []}
    return {"nodes": [{"setting": "a", "room": "pupils", "ways": [{"gate": 0, "at_most": 0, "node": 1, **changed}]}, leaf]}


LEAF: Final = two_nodes()["nodes"][1]
BRANCH: Final = two_nodes()["nodes"][0]


@pytest.mark.parametrize(
    "data",
    [
        {"nodes": []},
        {"nodes": [LEAF], "more": 1},
        {"nodes": {"0": LEAF}},
        {"nodes": [LEAF, LEAF]},
        {"nodes": [{"nodes": [LEAF]}]},
        {"nodes": [{**LEAF, "more": 1}]},
        {"nodes": [BRANCH]},
        {"nodes": [BRANCH, BRANCH, LEAF]},
        {"nodes": [LEAF, BRANCH]},
        {"nodes": [{**BRANCH, "more": 1}, LEAF]},
        {"nodes": [{**BRANCH, "ways": BRANCH["ways"] * 2}, LEAF]},
        two_nodes(node=0),
        two_nodes(node=-1),
        two_nodes(node=2),
        two_nodes(node=True),
        two_nodes(node=1.0),
        two_nodes(node="1"),
        two_nodes(node=[1]),
        two_nodes(gate="0"),
        two_nodes(at_most=False),
        two_nodes(proof=LEAF),
        {"nodes": [{**BRANCH, "ways": [{"gate": 0, "at_most": 0, "proof": LEAF}]}]},
        {"setting": "a", "room": "pupils", "ways": [{"gate": 0, "at_most": 0, "proof": {"nodes": [LEAF]}}]},
    ],
)
def test_a_list_that_is_no_tree_is_refused_by_both(data: Any) -> None:
    with pytest.raises(CertificateRefused, match="cannot be read"):
        from_data(data)
    with pytest.raises(Refused):
        certificate_checker.check(problem_data.as_data(contested(4)), {}, data)


# --- false proofs ---


def a_way_less(chance: random.Random, nodes: list[Any]) -> None:
    """The nodes behind it go too, so that the list is one all the same."""
    branch = chance.choice([node for node in nodes if "ways" in node])
    gone = {branch["ways"].pop(chance.randrange(len(branch["ways"])))["node"]}
    for number, node in enumerate(nodes):
        gone |= {way["node"] for way in node.get("ways", ()) if number in gone}
    left = [number for number in range(len(nodes)) if number not in gone]
    for way in [way for number in left for way in nodes[number].get("ways", ())]:
        way["node"] = left.index(way["node"])
    nodes[:] = [nodes[number] for number in left]


def a_wider_way(chance: random.Random, nodes: list[Any]) -> None:
    chance.choice(chance.choice([node for node in nodes if "ways" in node])["ways"])["at_most"] += 1


def another_price(chance: random.Random, nodes: list[Any]) -> None:
    row = chance.choice(chance.choice([node for node in nodes if "prices" in node])["prices"])
    row[chance.randrange(len(row))] += chance.choice((-1, 1))


def two_ways_crossed(chance: random.Random, nodes: list[Any]) -> None:
    one, other = chance.sample([way for node in nodes for way in node.get("ways", ())], 2)
    one["node"], other["node"] = other["node"], one["node"]


def somebody_else(chance: random.Random, nodes: list[Any]) -> None:
    placing = chance.choice([node for node in nodes if "placing" in node])["placing"]
    placing[chance.randrange(len(placing))][0] = f"x{chance.randrange(1, DEEP + 1):02}"


CHANGES: Final[tuple[Callable[[random.Random, list[Any]], None], ...]] = (
    a_way_less,
    a_wider_way,
    another_price,
    two_ways_crossed,
    somebody_else,
)


@pytest.mark.parametrize("change", CHANGES)
def test_both_agree_on_a_deep_proof_with_something_changed(change: Callable[[random.Random, list[Any]], None]) -> None:
    """A changed price may prove as much as before; whatever else is changed, something is no longer proved most of the time."""
    problem, chance = contested(DEEP), random.Random(change.__name__)
    found = place(problem)
    data, refused = as_data(found.proof), 0
    for _ in range(12):
        false: Any = copy.deepcopy(data)
        change(chance, false["nodes"])
        case = Case(problem, found.placing, false)
        verdict = by_the_program(case)
        assert verdict == by_the_page(case)
        refused += verdict is None
    assert refused >= (4 if change is another_price else 8)


def test_rivals_are_told_from_a_deep_proof() -> None:
    """x22 could come in place of x21, who is a metre nearer; the quota stays full, and so does the room."""
    problem = contested(DEEP)
    rivals = Rivals(problem, place(problem))
    assert rivals.first_worse("x22") == {"a": "metres"}
    assert rivals.rival("x22", "a").by == 1
