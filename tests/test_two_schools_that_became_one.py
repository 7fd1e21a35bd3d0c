"""A direction at one school and the move that it became at another: two placements, also when the schools are one by now."""

from __future__ import annotations

from typing import Any

import pytest

from panel import events as ev
from panel.facts.counts import tally
from panel.state.fold import fold
from rules.evaluate import Evaluation
from rules.rulebook import check_text
from tests.test_schools_that_change import BOOK, A, B, C, D, converted, day, merged, school
from tests.test_state import decided, made, opened, written

HEARD = day("01-14")
COUNTS = BOOK.replace(
    "counts:\n", "counts:\n  now: {of: placements, over: at_present}\n  sent: {of: own_referrals_placed, over: for_ever}\n"
)


def child(move_to: str) -> list[ev.Event]:
    """D's pupil, directed to A from 15 October, goes on from 14 December as a managed move, decided on 14 January for A or another."""
    one: dict[str, Any] = {"pupil": "P1"}
    direction = made("R1", "10-01").model_copy(update={**one, "home_school": D, "referral_kind": "off_site_direction"})
    move = made("R2", "12-14").model_copy(update={**one, "home_school": D, "follows": "R1"})
    return [
        *(school(urn) for urn in (A, B, D)),
        *(direction, opened(), decided(name="R1", school=A).model_copy(update=one)),
        ev.PlacementStarted(referral="R1", on=day("10-15"), school=A, **one),
        ev.PlacementEnded(referral="R1", on=day("12-14"), end="managed_move", **one),
        *(move, opened(2, agenda=("R2",)).model_copy(update={"on": HEARD})),
        decided(number=2, name="R2", school=move_to).model_copy(update={**one, "on": HEARD, "starts": HEARD}),
        ev.PlacementStarted(referral="R2", on=HEARD, school=move_to, **one),
    ]


@pytest.mark.parametrize(
    ("move_to", "change", "load", "sent"),
    [
        (B, (), {A: 1, B: 1}, 2),
        (B, (merged(B, A, B, on="02-05"),), {B: 2}, 2),  # added together
        (B, (merged(C, A, B, on="02-05"),), {C: 2}, 2),
        (B, (merged(B, A, B, on="01-15"),), {B: 2}, 2),
        (B, (merged(B, A, B, on="01-14"),), {B: 1}, 1),  # one already, when it was decided: the child stayed
        (B, (merged(B, A, B, on="01-04"),), {B: 1}, 1),
        (A, (), {A: 1}, 1),
        (A, (merged(B, A, B, on="02-05"),), {B: 1}, 1),  # the child stayed, whatever became of the school
        (A, (converted(A, C, on="02-05"),), {C: 1}, 1),
        (C, (converted(A, C),), {C: 1}, 1),  # the same school under its new number
        (C, (converted(A, C), merged(B, B, C, on="02-05")), {B: 1}, 1),
        (B, (converted(A, C), merged(B, B, C, on="02-05")), {B: 2}, 2),
    ],
)
def test_it_counts_by_the_schools_that_there_were(move_to: str, change: tuple[ev.Event, ...], load: dict[str, int], sent: int) -> None:
    """At D as at the school, and at one school now whichever it is: who is there is there once."""
    known = [school(C)] if C in load or move_to == C or len(change) > 1 else []
    rulebook = check_text(COUNTS, "net.yaml")
    counts = tally(fold(written(*known, *child(move_to), *change)), rulebook, Evaluation(rulebook).admission, day("02-10"))
    assert {urn: found for urn in (A, B, C) if (found := counts.of("load", urn))} == load
    assert counts.of("sent", D) == sent
    assert sum(counts.of("now", urn) for urn in (A, B, C)) == 1
