"""docs/certificate.md is enough: a checker written from it agrees with the program's own, and its example is right."""

from __future__ import annotations

import ast
import json
import random
import re
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from panel.deciding.decision import proof_digest
from panel.placing import problem_data
from panel.placing.network import build
from panel.placing.placement import place
from panel.placing.problem import Problem, Quota, Room, Share, Sum, Tally
from panel.placing.proof import as_data
from tests import certificate_checker, certificate_network
from tests.benchmarks.fuzz_certificates import CHANGES, Case, by_the_page, by_the_program, compare, true_ones
from tests.certificate_checker import verify
from tests.certificate_network import Refused
from tests.running import CHECKOUT, pastoral

PAGE: Final = (CHECKOUT / "docs" / "certificate.md").read_text(encoding="utf-8")


# --- the checker ---


def test_it_knows_nothing_of_the_program() -> None:
    for module in (certificate_checker, certificate_network):
        for node in ast.walk(ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))):
            names = {alias.name for alias in node.names} if isinstance(node, ast.Import) else set()
            names |= {str(node.module)} if isinstance(node, ast.ImportFrom) else set()
            assert {name.split(".")[0] for name in names - {"tests.certificate_network"}} <= sys.stdlib_module_names


@pytest.mark.parametrize("seed", [2, 3])
def test_it_agrees_with_the_program_on_true_and_false_proofs(seed: int) -> None:
    """`make fuzz` does so on ten times as many."""
    tried = compare(seed, 50, 375)
    assert tried.differences == []
    assert tried.branching >= 12
    assert tried.tied > 1
    assert tried.refused.total() > 250
    assert {change.__name__ for change in CHANGES} <= tried.refused.keys() | tried.still.keys()


def test_gates_without_a_place_have_no_number() -> None:
    """A, whom a room of no places shuts out, comes before D and B, who share the one place: theirs are gates 0 and 1."""
    referrals = ("A", "B", "D", "E", "F")
    rooms = (Room("s", "three", frozenset("ABD"), 1), Room("s", "nobody", frozenset("AF"), 0))
    counting = (Tally("s", frozenset("A"), 1, 1), Tally("s", frozenset("D"), 1, 1))
    pairs = {(p, "s"): 0 for p in referrals}
    unplaced = Sum("place", frozenset(referrals), pairs, dict.fromkeys(referrals, 1))
    problem = Problem(referrals, ("s",), dict.fromkeys(referrals, ("s",)), rooms, (unplaced, Quota("quota", counting)))
    found = place(problem)
    case = Case(problem, found.placing, as_data(found.proof))
    assert found.placing == {"B": "s", "E": "s"}  # D would go beyond the quota
    assert [way["gate"] for way in case.proof["ways"]] == [0, 1]
    # Gates: A by the door {A} (no place), D by {D}, B and F (no place) by the outermost; doors: {A}, {D}, the setting.
    assert len(build(problem).names) == 5 + 4 + 3 + 1
    assert by_the_page(case) == by_the_program(case) == (True, 2, [], [3, {"excess": 0, "by_school": [0, 0]}])


def test_a_way_that_another_way_of_its_gate_covers() -> None:
    """Everything is proved once over, within a limit that takes nothing away; the narrower way proves what is known already."""
    data, proof, objectives = example()
    wide = {"gate": 0, "at_most": 1, "proof": proof}
    for ways in ([wide, proof["ways"][0]], [proof["ways"][0], wide]):
        case = Case(read(data), {"B": "10", "C": "20"}, {**proof, "ways": ways})
        assert by_the_page(case) == by_the_program(case) == (True, 3, [], [one["value"] for one in objectives])


def test_a_pupil_sent_to_no_setting_is_refused_by_both() -> None:
    """The program writes "" to itself where somebody stays unplaced; in a proof that is no setting."""
    cases = true_ones(random.Random(7))
    case = next(one for one in cases if "prices" in one.proof and len(one.placing) < len(one.problem.referrals))
    left = next(p for p in case.problem.referrals if p not in case.placing)
    case.proof["placing"].append([left, ""])
    assert (by_the_program(case), by_the_page(case)) == (None, None)


@pytest.mark.parametrize(("key", "odd"), [("at_most", False), ("gate", False), ("at_most", 0.0), ("gate", "0")])
def test_what_is_no_whole_number_is_refused_by_both(key: str, odd: object) -> None:
    data, proof, _ = example()
    first, second = proof["ways"]
    case = Case(read(data), {"B": "10", "C": "20"}, {**proof, "ways": [{**first, key: odd}, second]})
    assert first[key] == odd or str(first[key]) == odd
    assert (by_the_program(case), by_the_page(case)) == (None, None)


# --- the worked example ---


def example() -> tuple[Any, Any, Any]:
    """The problem, the proof and the objectives on the page."""
    problem, proof, objectives = (json.loads(block) for block in re.findall(r"^```json\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
    return problem, proof, objectives


def read(problem: Any) -> Problem:
    """The problem on the page as the program has it."""
    groups = [frozenset(group) for group in problem["groups"]]
    objectives: list[Any] = []
    for one in problem["objectives"]:
        tallies = tuple(Tally(t["setting"], groups[t["of"]], t["already"], t["against"]) for t in one.get("tallies", ()))
        if one["kind"] == "sum":
            cost = {(p, s): n for p, row in one["cost"].items() for s, n in row.items()}
            objectives.append(Sum(one["name"], frozenset(one["unplaced"]), cost, one["unplaced"]))
        else:
            objectives.append(Quota(one["name"], tallies, one["beyond"]) if one["kind"] == "quota" else Share(one["name"], tallies))
    rooms = tuple(Room(room["setting"], room["name"], groups[room["of"]], room["places"]) for room in problem["rooms"])
    eligible = {p: tuple(row) for p, row in problem["eligible"].items()}
    return Problem(tuple(problem["referrals"]), tuple(problem["settings"]), eligible, rooms, tuple(objectives), problem["fixed"])


def test_the_example_is_what_the_program_finds() -> None:
    data, proof, objectives = example()
    problem = read(data)
    assert problem_data.as_data(problem) == data
    found = place(problem)
    assert as_data(found.proof) == proof
    assert f"The answer is `{json.dumps(found.placing)}`" in PAGE
    assert f"    {proof_digest(proof)}\n" in PAGE
    assert certificate_checker.digest(proof) == proof_digest(proof)
    verdict = by_the_program(Case(problem, found.placing, proof))
    assert verdict == (True, 2, [], [one["value"] for one in objectives])


def test_the_example_is_right_by_the_page_itself() -> None:
    data, proof, objectives = example()
    found = certificate_checker.check(data, {"B": "10", "C": "20"}, proof)
    assert (found.unique, found.leaves, found.tied) == (True, 2, [])
    assert found.objectives == [one["value"] for one in objectives]
    for worse in ({"A": "10", "C": "20"}, {"A": "20", "B": "10"}, {"C": "20"}):
        with pytest.raises(Refused, match="better"):
            certificate_checker.check(data, worse, proof)
    with pytest.raises(Refused, match="cover"):
        certificate_checker.check(data, {"B": "10", "C": "20"}, {**proof, "ways": proof["ways"][:1]})


def test_the_table_of_the_example_is_its_network() -> None:
    data, _, _ = example()
    rows = re.findall(r"^\| (\d) to (\d)(?:, place \d)? \|(.*)\|$", PAGE, re.MULTILINE)
    told = [(int(tail), int(head), tuple(int(cost) for cost in costs.split("|"))) for tail, head, costs in rows]
    by_page = [(arc.tail, arc.head, arc.costs) for arcs in certificate_network.network_of(data).out for arc in arcs]
    network = build(read(data))
    by_program = zip(network.tail.tolist(), network.head.tolist(), map(tuple, network.columns.T.tolist()), strict=True)
    assert told == by_page == list(by_program)


# --- the real command ---


def test_every_proposal_of_the_demo(tmp_path: Path) -> None:
    """Founded, proposed and handed out by the real commands; then anything in the file that is changed is noticed."""
    assert pastoral("demo", "--keep", str(tmp_path / "kept")).code == 0
    ledger = tmp_path / "kept" / "shire11.db"
    said = pastoral("audit", "certificate", "1", "--json", ledger=ledger)
    seqs = re.findall(r"\d+", said.json["error"]["message"].partition("The proposals are: ")[2])
    assert len(seqs) == 4
    for seq in seqs:
        file = tmp_path / f"{seq}.json"
        assert pastoral("audit", "certificate", seq, "-o", str(file), ledger=ledger).code == 0
        certificate = json.loads(file.read_text(encoding="utf-8"))
        assert len(verify(certificate).objectives) == 9
        assert len(certificate["placement"]) >= 9
        for referral, school in certificate["placement"].items():
            for other in {school, *certificate["problem"]["eligible"][referral]} - {school}:
                with pytest.raises(Refused):
                    verify({**certificate, "placement": {**certificate["placement"], referral: other}})
        with pytest.raises(Refused, match="digest"):
            verify({**certificate, "digest": "0" * 64})
