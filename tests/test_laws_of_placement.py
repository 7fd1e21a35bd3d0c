"""Laws of a placement, on small random problems: what can only help does no harm, and neither order nor names decide.

The laws of whole decisions, from events and a rulebook, are in `test_laws.py`; here every objective and every kind of room is
tried, and one thing is changed at a time.
"""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from panel.placing.certificate import check
from panel.placing.objectives import unlawful, values
from panel.placing.placement import place
from panel.placing.problem import InTurn, Objective, Placing, Problem, Sum, Tally, Together
from panel.placing.proof import as_data
from tests import brute

K = TypeVar("K")
V = TypeVar("V")

NUMBERS = st.integers(0, 10**9)
EASED = ("a place", "a room", "a bar")


def random_problem(rng: random.Random) -> Problem:
    """One in which nobody is fixed, for those who are may stand in each other's way."""
    return replace(brute.random_problem(rng), fixed={})


# --- what can only help ---


def eased(rng: random.Random, problem: Problem, what: str) -> Problem | None:
    """The problem with one place more in one room, without one of its rooms, or with one more pair open; None if there is none."""
    if what == "a bar":
        closed = [(p, s) for p in problem.referrals for s in problem.settings if s not in problem.eligible[p]]
        if not closed:
            return None
        pupil, setting = rng.choice(closed)
        return replace(problem, eligible={**problem.eligible, pupil: tuple(sorted((*problem.eligible[pupil], setting)))})
    if not problem.rooms:
        return None
    n = rng.randrange(len(problem.rooms))
    wider = (replace(problem.rooms[n], places=max(0, problem.rooms[n].places) + 1),) if what == "a place" else ()
    return replace(problem, rooms=(*problem.rooms[:n], *wider, *problem.rooms[n + 1 :]))


@pytest.mark.parametrize("what", EASED)
@given(number=NUMBERS)
@settings(max_examples=150)
def test_one_hindrance_less_never_makes_the_objectives_worse(what: str, number: int) -> None:
    rng = random.Random(number)
    problem = random_problem(rng)
    easier = eased(rng, problem, what)
    assume(easier is not None)
    assert easier is not None
    assert values(easier, place(easier).placing) <= values(problem, place(problem).placing)


@pytest.mark.parametrize("what", EASED)
def test_one_hindrance_less_now_and_then_makes_them_better(what: str) -> None:
    better = 0
    for number in range(150):
        rng = random.Random(number)
        problem = random_problem(rng)
        easier = eased(rng, problem, what)
        better += easier is not None and brute.worth(easier, dict(place(easier).placing)) < brute.worth(
            problem, dict(place(problem).placing)
        )
    assert better >= 10


# --- order ---


def shuffled(rng: random.Random, problem: Problem) -> Problem:
    """The same problem, with every mapping and every tuple whose order means nothing in another order."""

    def mixed(rows: Mapping[K, V]) -> dict[K, V]:
        return dict(rng.sample(list(rows.items()), len(rows)))

    objectives: tuple[Objective, ...] = tuple(
        replace(o, cost=mixed(o.cost), unplaced=mixed(o.unplaced))
        if isinstance(o, Sum)
        else o
        if isinstance(o, InTurn | Together)
        else replace(o, tallies=tuple(rng.sample(o.tallies, len(o.tallies))))
        for o in problem.objectives
    )
    rooms = tuple(rng.sample(problem.rooms, len(problem.rooms)))
    return replace(problem, eligible=mixed(problem.eligible), rooms=rooms, objectives=objectives, fixed=mixed(problem.fixed))


@given(number=NUMBERS, order=st.randoms(use_true_random=False))
@settings(max_examples=200)
def test_the_answer_does_not_depend_on_the_order_of_rows(number: int, order: random.Random) -> None:
    """Nor does its proof, but for the order of rooms, which `panel.deciding.weighing` settles: branches and leaves go by it."""
    problem = brute.random_problem(random.Random(number))
    assume(not unlawful(problem, problem.fixed))
    mixed = shuffled(order, problem)
    usual, other = place(problem), place(mixed)
    assert other.placing == usual.placing
    assert other.values == usual.values
    assert check(mixed, other.placing, other.proof).unique == check(problem, usual.placing, usual.proof).unique
    assert as_data(place(replace(mixed, rooms=problem.rooms)).proof) == as_data(usual.proof)


def test_decisions_do_not_depend_on_how_a_process_hashes() -> None:
    """Random panels under random books, decided in processes that hash text differently: the same problems, placings and proofs."""
    script = (
        "import random\n"
        "from tests.random_books import random_book\n"
        "from tests.random_panels import random_events\n"
        "from tests.test_laws import decided\n"
        "from panel.placing.proof import as_data\n"
        "for number in range(15):\n"
        "    rng = random.Random(number)\n"
        "    book = random_book(rng)\n"
        "    found = decided(random_events(rng), book)\n"
        "    print(found.problem.referrals, list(found.problem.eligible.items()), found.held, found.certificate)\n"
        "    print(sorted(found.placing.items()), as_data(found.placement.proof))\n"
    )
    root = str(Path(__file__).resolve().parent.parent)
    said = [
        subprocess.run(
            [sys.executable, "-c", script], env={"PYTHONHASHSEED": seed, "PYTHONPATH": root}, check=True, capture_output=True, text=True
        ).stdout
        for seed in ("1", "2")
    ]
    assert said[0] == said[1]
    assert said[0].count("\n") == 30


# --- names ---


def renamed(problem: Problem, names: Mapping[str, str]) -> Problem:
    """The same problem with its pupils and settings under other names, sorted by those."""

    def name(old: str) -> str:
        return names.get(old, old)

    def all_of(old: frozenset[str]) -> frozenset[str]:
        return frozenset(map(name, old))

    def tallied(tally: Tally) -> Tally:
        points = tally.points and {name(p): n for p, n in tally.points.items()}
        return replace(tally, setting=name(tally.setting), of=all_of(tally.of), points=points)

    def other(o: Objective) -> Objective:
        if isinstance(o, Sum):
            cost = {(name(p), name(s)): weight for (p, s), weight in o.cost.items()}
            return replace(o, of=all_of(o.of), cost=cost, unplaced={name(p): weight for p, weight in o.unplaced.items()})
        if isinstance(o, InTurn):
            return replace(o, sums=tuple(made for each in o.sums if isinstance(made := other(each), Sum)))
        if isinstance(o, Together):
            return replace(o, pairs=tuple(sorted((min(name(p), name(q)), max(name(p), name(q))) for p, q in o.pairs)))
        return replace(o, tallies=tuple(map(tallied, o.tallies)))

    return replace(
        problem,
        referrals=tuple(sorted(map(name, problem.referrals))),
        settings=tuple(sorted(map(name, problem.settings))),
        eligible={name(p): tuple(sorted(map(name, row))) for p, row in problem.eligible.items()},
        rooms=tuple(replace(room, setting=name(room.setting), of=all_of(room.of)) for room in problem.rooms),
        objectives=tuple(map(other, problem.objectives)),
        fixed={name(p): name(s) for p, s in problem.fixed.items()},
    )


def under(names: Mapping[str, str], placing: Placing) -> dict[str, str]:
    return {names.get(p, p): names.get(s, s) for p, s in placing.items()}


@given(number=NUMBERS, order=st.randoms(use_true_random=False))
@settings(max_examples=200)
def test_names_mean_nothing(number: int, order: random.Random) -> None:
    """Pupils and schools change names among themselves, and their lots with them: the answer is the same under the new names."""
    problem = brute.random_problem(random.Random(number))
    assume(not unlawful(problem, problem.fixed))
    names: dict[str, str] = {}
    for kind in (problem.referrals, problem.settings):
        names |= dict(zip(kind, order.sample(kind, len(kind)), strict=True))
    usual, other = place(problem), place(renamed(problem, names))
    assert other.values == usual.values
    if check(problem, usual.placing, usual.proof).unique:
        assert other.placing == under(names, usual.placing)


# --- alike in everything ---


def with_a_twin_school(problem: Problem, one: str, twin: str) -> Problem:
    """A second setting like one of the problem's: the same pairs, rooms, tallies and weights."""

    def beside(row: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted((*row, twin))) if one in row else row

    def other(o: Objective) -> Objective:
        if isinstance(o, Sum):
            return replace(o, cost={**o.cost, **{(p, twin): weight for (p, s), weight in o.cost.items() if s == one}})
        if isinstance(o, InTurn):
            return replace(o, sums=tuple(made for each in o.sums if isinstance(made := other(each), Sum)))
        if isinstance(o, Together):
            return o
        return replace(o, tallies=(*o.tallies, *(replace(tally, setting=twin) for tally in o.tallies if tally.setting == one)))

    return replace(
        problem,
        settings=beside(problem.settings),
        eligible={p: beside(row) for p, row in problem.eligible.items()},
        rooms=(*problem.rooms, *(replace(room, setting=twin) for room in problem.rooms if room.setting == one)),
        objectives=tuple(map(other, problem.objectives)),
    )


def with_a_twin_pupil(problem: Problem, one: str, twin: str) -> Problem:
    """A second pupil like one of the problem's: the same pairs and weights, and counted wherever that one is."""

    def both(of: frozenset[str]) -> frozenset[str]:
        return of | {twin} if one in of else of

    def tallied(tally: Tally) -> Tally:
        points = tally.points and {**tally.points, **({twin: tally.points[one]} if one in tally.points else {})}
        return replace(tally, of=both(tally.of), points=points)

    def other(o: Objective) -> Objective:
        if isinstance(o, Sum):
            cost = {**o.cost, **{(twin, s): weight for (p, s), weight in o.cost.items() if p == one}}
            return replace(o, of=both(o.of), cost=cost, unplaced={**o.unplaced, **({twin: o.unplaced[one]} if one in o.unplaced else {})})
        if isinstance(o, InTurn):
            return replace(o, sums=tuple(made for each in o.sums if isinstance(made := other(each), Sum)))
        if isinstance(o, Together):
            return o
        return replace(o, tallies=tuple(map(tallied, o.tallies)))

    return replace(
        problem,
        referrals=tuple(sorted((*problem.referrals, twin))),
        eligible={**problem.eligible, twin: problem.eligible[one]},
        rooms=tuple(replace(room, of=both(room.of)) for room in problem.rooms),
        objectives=tuple(map(other, problem.objectives)),
    )


def with_lots(problem: Problem, rng: random.Random) -> Problem:
    """Tickets and lots at the end, as after a draw: nobody's are alike."""
    everybody, pairs = frozenset(problem.referrals), [(p, s) for p in problem.referrals for s in problem.settings]
    tickets = dict(zip(problem.referrals, rng.sample(range(2**30), len(problem.referrals)), strict=True))
    lots = dict(zip(pairs, rng.sample(range(2**30), len(pairs)), strict=True))
    ticket = Sum("ticket", everybody, dict.fromkeys(pairs, 0), tickets)
    lottery = Sum("lottery", everybody, lots, dict.fromkeys(problem.referrals, 0))
    return replace(problem, objectives=(*(o for o in problem.objectives if o.name != "lottery"), ticket, lottery))


def lots_swapped(problem: Problem, swap: Mapping[str, str]) -> Problem:
    """Nothing but the tickets and lots of two who are alike changes hands."""
    other = renamed(problem, swap)
    return replace(problem, objectives=(*problem.objectives[:-2], *other.objectives[-2:]))


@pytest.mark.parametrize("whom", ["schools", "pupils"])
@given(number=NUMBERS)
@settings(max_examples=150)
def test_two_alike_in_everything_swap_their_answers_when_their_lots_are_swapped(whom: str, number: int) -> None:
    rng = random.Random(number)
    problem = random_problem(rng)
    one, twin = (problem.settings[0], "s9") if whom == "schools" else (problem.referrals[0], "p9")
    add = with_a_twin_school if whom == "schools" else with_a_twin_pupil
    problem = with_lots(add(problem, one, twin), rng)
    swap = {one: twin, twin: one}
    usual, swapped = place(problem), place(lots_swapped(problem, swap))
    assert check(problem, usual.placing, usual.proof).unique
    assert swapped.placing == under(swap, usual.placing)


@pytest.mark.parametrize("whom", ["schools", "pupils"])
def test_the_lots_of_two_alike_decide_between_them_now_and_then(whom: str) -> None:
    """The swap changes who goes where in many of the problems: the law is not empty."""
    moved = 0
    for number in range(100):
        rng = random.Random(number)
        problem = random_problem(rng)
        one, twin = (problem.settings[0], "s9") if whom == "schools" else (problem.referrals[0], "p9")
        add = with_a_twin_school if whom == "schools" else with_a_twin_pupil
        problem = with_lots(add(problem, one, twin), rng)
        moved += place(lots_swapped(problem, {one: twin, twin: one})).placing != place(problem).placing
    assert moved >= 25
