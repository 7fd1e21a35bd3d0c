"""A placement problem as plain data, for somebody else's checker: docs/certificate.md says what each part means.

groups      sets of referrals that a room or a tally speaks of, each once; elsewhere a group goes by its number in this list
objectives  a sum by referral (`unplaced` has everybody who is counted), sums in turn, a quota, a share or a rota by tallies,
            `together` by pairs
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from panel.placing.problem import InTurn, Objective, Problem, Quota, Room, Rota, Sum, Tally, Together, tallies_of

Groups = Mapping[frozenset[str], int]


def as_data(problem: Problem) -> dict[str, Any]:
    """The problem as maps, lists, text and whole numbers. What it says of a group is about the problem's own referrals."""
    among = frozenset(problem.referrals)
    tallied = [tally.of for objective in problem.objectives for tally in tallies_of(objective)]
    spoken = dict.fromkeys(of & among for of in (*[room.of for room in problem.rooms], *tallied))
    numbers = {of: n for n, of in enumerate(spoken)}
    return {
        "referrals": list(problem.referrals),
        "settings": list(problem.settings),
        "eligible": {p: list(problem.eligible[p]) for p in problem.referrals},
        "fixed": dict(sorted(problem.fixed.items())),
        "groups": [sorted(of) for of in spoken],
        "rooms": [_room(room, problem, numbers[room.of & among]) for room in problem.rooms],
        "objectives": [_objective(objective, problem, numbers) for objective in problem.objectives],
    }


def _room(room: Room, problem: Problem, of: int) -> dict[str, Any]:
    told = {"setting": room.setting, "name": room.name, "of": of, "places": room.places}
    return told if room.points is None else {**told, "points": {p: room.points[p] for p in problem.referrals if p in room.of}}


def _objective(objective: Objective, problem: Problem, groups: Groups) -> dict[str, Any]:
    if isinstance(objective, Sum):
        return {"name": objective.name, "kind": "sum", **_sum(objective, problem)}
    if isinstance(objective, InTurn):
        return {"name": objective.name, "kind": "in turn", "sums": [{"name": one.name, **_sum(one, problem)} for one in objective.sums]}
    if isinstance(objective, Together):
        return {"name": objective.name, "kind": "together", "pairs": [list(pair) for pair in objective.pairs]}
    told = [_tally(tally, problem, groups) for tally in objective.tallies]
    if isinstance(objective, Quota):
        return {"name": objective.name, "kind": "quota", "beyond": objective.beyond, "tallies": told}
    if isinstance(objective, Rota):
        return {"name": objective.name, "kind": "rota", "turns": objective.turns, "tallies": told}
    return {"name": objective.name, "kind": "share", "tallies": told}


def _sum(one: Sum, problem: Problem) -> dict[str, Any]:
    counted = [p for p in problem.referrals if p in one.of]
    cost = {p: {s: one.cost[p, s] for s in problem.eligible[p]} for p in counted}
    return {"unplaced": {p: one.unplaced[p] for p in counted}, "cost": cost}


def _tally(tally: Tally, problem: Problem, groups: Groups) -> dict[str, Any]:
    of = groups[tally.of & frozenset(problem.referrals)]
    told = {"setting": tally.setting, "of": of, "already": tally.already, "against": tally.against}
    return told if tally.points is None else {**told, "points": {p: tally.points[p] for p in problem.referrals if p in tally.of}}
