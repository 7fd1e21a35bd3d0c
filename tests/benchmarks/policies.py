"""Four ways to settle one meeting, all lawful: a rota, a spreadsheet, the nearest school, and this program.

The first three take the pupils one by one, as a panel does that has no program: whoever comes up goes to one of the
schools that no bar closes to them and that still has room, and that is not looked at again. They differ in which one.

    strict rota     the school at the head of the line; then it goes to the end. Whom it may not take leaves it at the head
    spreadsheet     the school whose load over share would be the lowest with this pupil; then the upper row
    nearest school  the fewest metres; then the upper row
    this program    the placement that `place` proves best by the objectives of the rulebook

Whole numbers and exact fractions; no chance but what the problem holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from panel.placing.certificate import check
from panel.placing.placement import place
from panel.placing.problem import Problem

Placed = dict[str, str]
"""Referral -> URN, in the order in which they were placed."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What lies on the clerk's desk beside the problem.

    `agenda` has every referral in the order in which they come up, `line` every setting, the next turn first. `load` counts
    the pupils whom a setting has taken, `share` (at least 1) is what they are measured by; `metres` are those of each pair.
    """

    agenda: tuple[str, ...]
    line: tuple[str, ...]
    load: Mapping[str, int]
    share: Mapping[str, int]
    metres: Mapping[tuple[str, str], int]


Policy = Callable[[Problem, Desk], Placed]
Choose = Callable[[str, list[str], Placed], str]
"""A referral, the settings that are open to it and have room, who is placed so far -> the setting."""


def turned(line: Iterable[str], taken: Iterable[str]) -> tuple[str, ...]:
    """The line once these settings, one after the other, have had a turn and gone to its end."""
    after = list(line)
    for urn in taken:
        after.remove(urn)
        after.append(urn)
    return tuple(after)


def strict_rota(problem: Problem, desk: Desk) -> Placed:
    def head_of_the_line(referral: str, settings: list[str], placed: Placed) -> str:
        return next(urn for urn in turned(desk.line, placed.values()) if urn in settings)

    return _one_by_one(problem, desk, head_of_the_line)


def spreadsheet(problem: Problem, desk: Desk) -> Placed:
    def lowest_ratio(referral: str, settings: list[str], placed: Placed) -> str:
        taken = list(placed.values())
        return min(settings, key=lambda urn: (Fraction(desk.load[urn] + taken.count(urn) + 1, desk.share[urn]), urn))

    return _one_by_one(problem, desk, lowest_ratio)


def nearest_school(problem: Problem, desk: Desk) -> Placed:
    def fewest_metres(referral: str, settings: list[str], placed: Placed) -> str:
        return min(settings, key=lambda urn: (desk.metres[referral, urn], urn))

    return _one_by_one(problem, desk, fewest_metres)


def this_program(problem: Problem, desk: Desk) -> Placed:
    """The best placing, proved. Raises `CertificateRefused` where it is not."""
    found = place(problem)
    check(problem, found.placing, found.proof)
    return dict(found.placing)


POLICIES: Final[Mapping[str, Policy]] = {
    "strict rota": strict_rota,
    "spreadsheet": spreadsheet,
    "nearest school": nearest_school,
    "this program": this_program,
}


def _one_by_one(problem: Problem, desk: Desk, choose: Choose) -> Placed:
    placed = dict(problem.fixed)
    for referral in desk.agenda:
        if referral in placed:
            continue
        settings = [urn for urn in problem.eligible[referral] if _has_room(problem, placed, referral, urn)]
        if settings:
            placed[referral] = choose(referral, settings, placed)
    return placed


def _has_room(problem: Problem, placed: Placed, referral: str, urn: str) -> bool:
    here = {other for other, setting in placed.items() if setting == urn}
    return all(len(here & room.of) < room.places for room in problem.rooms if room.setting == urn and referral in room.of)
