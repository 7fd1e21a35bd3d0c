"""Against what panels do today: from equal states this program is never worse, and all four policies are lawful.

The judge of what is worse is `tests.brute`, which shares nothing with the placement.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

from panel.placing.objectives import unlawful
from panel.placing.problem import Problem, Room, Share, Sum
from tests import brute
from tests.benchmarks.policies import POLICIES, Desk, nearest_school, spreadsheet, strict_rota, this_program, turned

MEETINGS = 2000


def random_desk(rng: random.Random, problem: Problem) -> Desk:
    """What the clerk sees of a random problem: its own loads and shares where it has any, and invented ones elsewhere."""
    load = {urn: rng.randint(0, 4) for urn in problem.settings}
    share = {urn: rng.choice((600, 900, 1200)) for urn in problem.settings}
    tallies = [tally for objective in problem.objectives if isinstance(objective, Share) for tally in objective.tallies]
    load |= {tally.setting: tally.already for tally in tallies}
    share |= {tally.setting: tally.against for tally in tallies}
    metres = {(p, urn): rng.randint(0, 20) for p in problem.referrals for urn in problem.settings}
    agenda, line = (tuple(rng.sample(names, len(names))) for names in (problem.referrals, problem.settings))
    return Desk(agenda, line, load, share, metres)


def test_the_program_is_never_worse_on_the_first_objective_that_differs() -> None:
    """Two thousand small meetings, each policy beginning from the same state; and each rival is worse in hundreds of them."""
    rng = random.Random(20261122)
    worse: Counter[str] = Counter()
    judged = 0
    while judged < MEETINGS:
        problem = brute.random_problem(rng)
        if unlawful(problem, problem.fixed):
            continue
        judged += 1
        desk = random_desk(rng, problem)
        placed = {name: policy(problem, desk) for name, policy in POLICIES.items()}
        worth = {name: brute.worth(problem, found) for name, found in placed.items()}
        for name, found in placed.items():
            assert unlawful(problem, found) == [], (name, problem)
            assert worth["this program"] <= worth[name], (name, problem)
            worse[name] += worth["this program"] != worth[name]
    assert worse.pop("this program") == 0
    assert all(worse[name] > 400 for name in POLICIES if name != "this program"), worse


def three_pupils() -> tuple[Problem, Desk]:
    """x, y, z come up in that order; a may not take x, and has room for one; b (twice the share) and c have room for two.

    Metres    a  b  c
         x    -  3  5
         y    1  2  9
         z    1  2  9
    """
    referrals, urns = ("x", "y", "z"), ("a", "b", "c")
    metres = {("x", "b"): 3, ("x", "c"): 5} | {(p, s): m for p in "yz" for s, m in zip(urns, (1, 2, 9), strict=True)}
    everybody = frozenset(referrals)
    problem = Problem(
        referrals,
        urns,
        {"x": ("b", "c"), "y": urns, "z": urns},
        (Room("a", "pupils", everybody, 1), Room("b", "pupils", everybody, 2), Room("c", "pupils", everybody, 2)),
        (
            Sum("place", everybody, dict.fromkeys(metres, 0), dict.fromkeys(referrals, 1)),
            Sum("journey", everybody, metres, dict.fromkeys(referrals, 9)),
        ),
    )
    return problem, Desk(referrals, urns, dict.fromkeys(urns, 0), {"a": 1, "b": 2, "c": 1}, metres)


def test_the_rota_goes_down_the_line_and_whoever_was_passed_over_stays_at_its_head() -> None:
    """x: a is barred, so b. y: a, at the head still. z: c, the only one that had no turn. Then the line is b, a, c."""
    problem, desk = three_pupils()
    placed = strict_rota(problem, desk)
    assert placed == {"x": "b", "y": "a", "z": "c"}
    assert turned(desk.line, placed.values()) == ("b", "a", "c")
    full = replace(problem, rooms=(Room("a", "pupils", frozenset("xyz"), 0), *problem.rooms[1:]))
    assert strict_rota(full, desk) == {"x": "b", "y": "c", "z": "b"}


def test_the_spreadsheet_looks_for_the_lowest_ratio_with_the_pupil() -> None:
    """x: b 1/2 before c 1/1. y: a, b and c would all be at 1, the upper row is a. z: a is full; b 2/2 before c 1/1 by its row."""
    problem, desk = three_pupils()
    assert spreadsheet(problem, desk) == {"x": "b", "y": "a", "z": "b"}
    assert spreadsheet(problem, replace(desk, load={"a": 0, "b": 2, "c": 0})) == {"x": "c", "y": "a", "z": "b"}


def test_the_nearest_school_with_room() -> None:
    """y takes the one place of a, z goes on to b. Here it is also the program's answer: 3 + 1 + 2 metres."""
    problem, desk = three_pupils()
    assert nearest_school(problem, desk) == {"x": "b", "y": "a", "z": "b"}
    assert brute.worth(problem, this_program(problem, desk)) == (0, 6)


def test_one_after_the_other_can_leave_somebody_out_whom_the_program_places() -> None:
    """y may go to a or b, z only to a: y comes first and takes the nearer, a. The program sends y to b and z to a."""
    problem, desk = three_pupils()
    only = replace(problem, eligible={"x": ("c",), "y": ("a", "b"), "z": ("a",)})
    assert nearest_school(only, desk) == {"x": "c", "y": "a"}
    assert this_program(only, desk) == {"x": "c", "y": "b", "z": "a"}
