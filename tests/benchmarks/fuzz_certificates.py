"""True and false proofs of random panels: the program's checker and the one written from docs/certificate.md say the same.

A false one is a true one with something changed: the placing, prices, stages, leaves or ways of the proof, its very
form, or the rooms and numbers of the problem. Where what was changed is still a proof, both must say so, and of what.
Run it as a script for a long run.
"""

from __future__ import annotations

import argparse
import copy
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from panel.deciding.decision import _plain_value
from panel.errors import PlacementError
from panel.placing import placement, problem_data
from panel.placing.certificate import check
from panel.placing.network import build
from panel.placing.placement import place
from panel.placing.problem import InTurn, Problem, Quota, Room, Share, Sum, Tally, Together
from panel.placing.proof import as_data, from_data
from tests import certificate_checker
from tests.brute import case_by_case, random_problem
from tests.certificate_network import Refused

Verdict = tuple[bool, int, list[str], list[Any]] | None
"""Unique, leaves, tied and values; None where the proof is refused."""

Maker = Callable[[random.Random], Problem]


@dataclass(frozen=True, slots=True)
class Case:
    """A problem, an answer and a proof as plain data."""

    problem: Problem
    placing: Mapping[str, str]
    proof: Any


def by_the_program(case: Case) -> Verdict:
    try:
        found = check(case.problem, case.placing, from_data(case.proof))
    except PlacementError:
        return None
    return found.unique, found.leaves, list(found.tied), [_plain_value(one, case.placing) for one in case.problem.objectives]


def by_the_page(case: Case) -> Verdict:
    try:
        found = certificate_checker.check(problem_data.as_data(case.problem), case.placing, case.proof)
    except Refused:
        return None
    return found.unique, found.leaves, found.tied, found.objectives


def many_levels(chance: random.Random) -> Problem:
    """A panel whose share is bound further out and has more levels than one stage holds: eight settings of unequal size."""
    pupils, settings = tuple(f"p{n}" for n in range(chance.randint(5, 8))), tuple(f"s{n}" for n in range(8))
    everybody, some = frozenset(pupils), frozenset(p for p in pupils if chance.random() < 0.7)
    eligible = {p: tuple(s for s in settings if chance.random() < 0.7) for p in pupils}
    pairs = [(p, s) for p in pupils for s in settings]
    objectives = (
        Sum("place", everybody, dict.fromkeys(pairs, 0), dict.fromkeys(pupils, 1)),
        Quota("turns", tuple(Tally(s, everybody, chance.randint(0, 1), 1) for s in settings)),
        Share("load", tuple(Tally(s, some, chance.randint(-1, 3), chance.randint(3, 9)) for s in settings)),
        Sum("metres", everybody, {pair: chance.randint(0, 9) for pair in pairs}, dict.fromkeys(pupils, 9)),
    )
    rooms = tuple(Room(s, "pupils", everybody, chance.randint(1, 2)) for s in settings)
    return Problem(pupils, settings, eligible, rooms, objectives)


def undrawn(chance: random.Random) -> Problem:
    """A panel before the draw: ties stay ties."""
    return random_problem(chance, lottery=False)


def true_ones(chance: random.Random, branching: bool = False, made: Maker = random_problem) -> Iterator[Case]:
    """Random panels with their proofs, for ever; only those whose proof branches, if that is asked for."""
    while True:
        problem = made(chance)
        try:
            found = place(problem)
        except PlacementError:
            continue  # nobody can be placed: those who are fixed overfill a room
        if not branching or "ways" in as_data(found.proof):
            yield Case(problem, found.placing, as_data(found.proof))


# --- what is changed ---


def nodes_of(proof: Any) -> list[Any]:
    """Every leaf and branch of a proof, itself first."""
    return [proof, *[node for way in proof.get("ways", ()) for node in nodes_of(way["proof"])]]


def a_leaf(chance: random.Random, case: Case) -> Any:
    return chance.choice([node for node in nodes_of(case.proof) if "prices" in node])


def a_branch(chance: random.Random, case: Case) -> Any:
    found = [node for node in nodes_of(case.proof) if "ways" in node]
    return chance.choice(found) if found else None


def another(chance: random.Random, problem: Problem, placing: Mapping[str, str]) -> dict[str, str]:
    """The placing with one pupil elsewhere or nowhere, or with two who changed places."""
    moved = dict(placing)
    if len(moved) > 1 and chance.random() < 0.4:
        p, q = chance.sample(sorted(moved), 2)
        moved[p], moved[q] = moved[q], moved[p]
        return moved
    p = chance.choice(problem.referrals)
    moved.pop(p, None)
    s = chance.choice((*problem.settings, *problem.eligible[p], "", ""))
    return {**moved, p: s} if s else moved


def the_answer(chance: random.Random, case: Case) -> Case:
    return replace(case, placing=another(chance, case.problem, case.placing))


def a_leafs_placing(chance: random.Random, case: Case) -> Case:
    leaf = a_leaf(chance, case)
    leaf["placing"] = [list(pair) for pair in sorted(another(chance, case.problem, dict(leaf["placing"])).items())]
    return case


def answer_and_leaf(chance: random.Random, case: Case) -> Case:
    leaf = a_leaf(chance, case)
    moved = another(chance, case.problem, case.placing)
    leaf["placing"] = [list(pair) for pair in sorted(moved.items())]
    return replace(case, placing=moved)


def another_leaf_as_the_answer(chance: random.Random, case: Case) -> Case:
    return replace(case, placing=dict(a_leaf(chance, case)["placing"]))


def a_price(chance: random.Random, case: Case) -> Case:
    if row := _a_row(chance, case):
        row[chance.randrange(len(row))] += chance.choice((-1000, -2, -1, -1, 1, 1, 2, 1000, 2**60, -(2**63), 2**70))
    return case


def a_stage(chance: random.Random, case: Case) -> Case:
    """A row of prices all alike, all more by as much (still a proof), shorter, longer, gone, doubled, or exchanged with another."""
    prices = a_leaf(chance, case)["prices"]
    if not prices:
        return case
    n = chance.randrange(len(prices))
    row, by = prices[n], chance.choice((-1, 1, 5))
    changed: list[list[list[int]]] = [[[0] * len(row)], [[price + by for price in row]], [row[:-1]], [[*row, 0]], [], [row, row]]
    if chance.random() < 0.2:
        prices.sort()
    else:
        prices[n : n + 1] = chance.choice(changed)
    return case


def a_few_prices(chance: random.Random, case: Case) -> Case:
    """The same more on several nodes of one stage: often still a proof."""
    if row := _a_row(chance, case):
        by = chance.choice((-1, 1))
        for node in chance.sample(range(len(row)), chance.randint(1, len(row))):
            row[node] += by
    return case


def _a_row(chance: random.Random, case: Case) -> list[int] | None:
    prices = a_leaf(chance, case)["prices"]
    return chance.choice(prices) if prices else None


def a_way(chance: random.Random, case: Case) -> Case:
    """One way missing, doubled, wider, narrower, or by another gate; or a branch on another room."""
    branch = a_branch(chance, case)
    if branch is None:
        return case
    n = chance.randrange(len(branch["ways"]))
    way = branch["ways"][n]
    match chance.randrange(7):
        case 0:
            del branch["ways"][n]
        case 1:
            again = {**copy.deepcopy(way), "at_most": max(0, way["at_most"] + chance.choice((-1, 0, 1)))}
            branch["ways"].insert(chance.randrange(len(branch["ways"]) + 1), again)
        case 2 | 3:
            way["at_most"] += chance.choice((-1, 1, 1, 7))
        case 4:
            way["gate"] += chance.choice((-1, 1))
        case 5:
            branch["room"] = chance.choice([room.name for room in case.problem.rooms])
        case _:
            branch["setting"] = chance.choice(case.problem.settings)
    return case


def one_way_alone(chance: random.Random, case: Case) -> Case:
    """The proof of one way in the place of the whole branch."""
    branch = a_branch(chance, case)
    if branch is not None:
        inner = chance.choice(branch["ways"])["proof"]
        branch.clear()
        branch.update(inner)
    return case


def no_branch_at_all(chance: random.Random, case: Case) -> Case:
    """The leaf that was branched on: it may overfill a room, or leave open whether another placing is as good."""
    whole = build(case.problem)
    return replace(case, proof=as_data(placement._Node(case.problem, whole, {}).leaf)) if whole.shared else case


def a_branch_around(chance: random.Random, case: Case) -> Case:
    """A branch, often one that covers everything, around a leaf or the whole."""
    shared = build(case.problem).shared
    if not shared:
        return case
    seats = chance.choice(shared)
    node = chance.choice(nodes_of(case.proof))
    inner = copy.deepcopy(node)
    most = [seats.places if chance.random() < 0.5 else chance.randint(0, seats.places) for _ in seats.arcs]
    node.clear()
    ways = [{"gate": gate, "at_most": at_most, "proof": copy.deepcopy(inner)} for gate, at_most in enumerate(most)]
    node.update({"setting": seats.setting, "room": seats.name, "ways": ways})
    return case


def the_form(chance: random.Random, case: Case) -> Case:
    """What is no proof at all: a number that is not whole, a key too many or too few, a pair of one, somebody named twice."""
    leaf, branch = a_leaf(chance, case), a_branch(chance, case)
    odd: Any = chance.choice((True, False, 1.0, "0", None, [], {}))
    match chance.randrange(9 if branch else 7):
        case 0 if row := _a_row(chance, case):
            row[chance.randrange(len(row))] = odd
        case 1:
            leaf["placing"] = odd if odd != [] else None
        case 2:
            leaf["prices"] = odd if odd != [] else None
        case 3:
            chance.choice(nodes_of(case.proof))["more"] = 1
        case 4:
            node = chance.choice(nodes_of(case.proof))
            del node[chance.choice(sorted(node))]
        case 5:
            leaf["placing"].append([chance.choice((*case.problem.referrals, "nobody")), chance.choice((*case.problem.settings, ""))])
        case 6:
            leaf["placing"].append(chance.choice(([], ["p0"], ["p0", "s0", "s1"], [odd, "s0"], "p0")))
        case _ if branch:
            chance.choice(branch["ways"])[chance.choice(("gate", "at_most"))] = odd
    return case


def a_room(chance: random.Random, case: Case) -> Case:
    """One place more or fewer somewhere, no room where there was one, or one for two pupils more."""
    rooms = list(case.problem.rooms)
    n = chance.randrange(len(rooms) + 1)
    if n == len(rooms):
        two = frozenset(chance.sample(case.problem.referrals, min(2, len(case.problem.referrals))))
        rooms.append(Room(chance.choice(case.problem.settings), "two more", two, chance.randint(0, 1)))
    elif chance.random() < 0.3:
        del rooms[n]
    else:
        rooms[n] = replace(rooms[n], places=rooms[n].places + chance.choice((-2, -1, -1, 1, 1, 2)))
    return replace(case, problem=replace(case.problem, rooms=tuple(rooms)))


def a_number(chance: random.Random, case: Case) -> Case:
    """A cost, or what a tally has already or is held against."""
    objectives = list(case.problem.objectives)
    if not objectives:
        return case
    n = chance.randrange(len(objectives))
    one = objectives[n]
    by = chance.choice((-1, 1, 2))
    if isinstance(one, Sum):
        if one.cost and chance.random() < 0.7:
            pair = chance.choice(sorted(one.cost))
            objectives[n] = replace(one, cost={**one.cost, pair: max(0, one.cost[pair] + by)})
        elif one.unplaced:
            p = chance.choice(sorted(one.unplaced))
            objectives[n] = replace(one, unplaced={**one.unplaced, p: max(0, one.unplaced[p] + by)})
    elif not isinstance(one, InTurn | Together) and one.tallies:
        tallies = list(one.tallies)
        m = chance.randrange(len(tallies))
        tally = tallies[m]
        against = tally.against + by
        changed = replace(tally, already=tally.already + by)
        if chance.random() < 0.4:
            changed = replace(tally, against=max(1, against) if isinstance(one, Share) else against)
        tallies[m] = changed
        objectives[n] = replace(one, tallies=tuple(tallies))
        if isinstance(one, Quota) and chance.random() < 0.1:
            objectives[n] = replace(one, beyond="free" if one.beyond == "level" else "level")
    return replace(case, problem=replace(case.problem, objectives=tuple(objectives)))


def a_pair(chance: random.Random, case: Case) -> Case:
    """A setting more or less for one pupil, or somebody fixed."""
    problem = case.problem
    p = chance.choice(problem.referrals)
    if p in problem.fixed:
        return replace(case, problem=replace(problem, fixed={q: s for q, s in problem.fixed.items() if q != p}))
    if p in case.placing and chance.random() < 0.3:
        alone = {**problem.eligible, p: (case.placing[p],)}
        return replace(case, problem=replace(problem, eligible=alone, fixed={**problem.fixed, p: case.placing[p]}))
    s = chance.choice(problem.settings)
    row = tuple(sorted({*problem.eligible[p]} ^ {s}))
    return replace(case, problem=replace(problem, eligible={**problem.eligible, p: row}))


CHANGES: Final[tuple[Callable[[random.Random, Case], Case], ...]] = (
    the_answer, a_leafs_placing, answer_and_leaf, another_leaf_as_the_answer,
    a_price, a_stage, a_few_prices,
    a_way, one_way_alone, no_branch_at_all, a_branch_around, the_form,
    a_room, a_number, a_pair,
)  # fmt: skip


def changed(chance: random.Random, case: Case) -> tuple[str, Case]:
    """The case with one thing changed, and what."""
    while True:
        change = chance.choice(CHANGES)
        other = change(chance, Case(case.problem, dict(case.placing), copy.deepcopy(case.proof)))
        if other != case:
            return change.__name__, other


# --- the comparison ---


@dataclass
class Tried:
    """How many proofs were put to both checkers: true ones, those that branch, those that are not the only answer; and, by what
    was changed, how many false ones were refused and how many still prove what they say."""

    true: int = 0
    branching: int = 0
    tied: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    still: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)


def compare(seed: int, true: int, false: int) -> Tried:
    """So many true proofs and so many changed ones.

    Of eight panels two have proofs that branch, and two are not drawn yet; one of twenty has many levels, two go case by case.
    """
    chance = random.Random(seed)
    kinds = (true_ones(chance, branching=True), true_ones(chance, branching=True, made=undrawn), true_ones(chance, made=undrawn))
    any_kind, levels = true_ones(chance), true_ones(chance, made=many_levels)
    days = true_ones(chance, made=lambda chance: case_by_case(chance, random_problem(chance)))
    tried = Tried()
    for n in range(true):
        case = next(levels if n % 20 == 3 else days if n % 10 == 6 else kinds[n % 8] if n % 8 < 3 else any_kind)
        found = by_the_program(case)
        tried.true += 1
        tried.branching += "ways" in case.proof
        tried.tied += found is not None and not found[0]
        if found is None or by_the_page(case) != found:
            tried.differences.append(f"true: {found}, by the page {by_the_page(case)}: {case}")
        for _ in range((n + 1) * false // true - n * false // true):
            what, other = changed(chance, case)
            verdicts = by_the_program(other), by_the_page(other)
            (tried.refused if verdicts[0] is None else tried.still)[what] += 1
            if verdicts[0] != verdicts[1]:
                tried.differences.append(f"{what}: {verdicts}: {other}")
    return tried


def main(true: int = 1_000, false: int = 7_500, seed: int = 1) -> int:
    """Prints what was tried and what differed; 1 if anything did."""
    tried = compare(seed, true, false)
    print(f"{tried.true} true proofs, {tried.branching} of them branching, {tried.tied} with other answers as good")
    print(f"{tried.refused.total()} false ones refused, {tried.still.total()} changed ones that still are proofs:")
    for change in CHANGES:
        print(f"  {change.__name__.replace('_', ' '):28}{tried.refused[change.__name__]:6}{tried.still[change.__name__]:6}")
    print(f"{len(tried.differences)} differences")
    for line in tried.differences[:5]:
        print(f"  {line}")
    return 1 if tried.differences else 0


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--true", type=int, default=1_000, help="how many true proofs")
    arguments.add_argument("--false", type=int, default=7_500, help="how many changed ones")
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    sys.exit(main(given.true, given.false, given.seed))
