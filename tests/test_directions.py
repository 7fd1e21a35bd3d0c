"""The steps of a direction in a record that somebody else may have written, and what a report reads of them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from panel import events as ev
from panel.cases.directions import directions_of, open_directions, refusing
from panel.order.directions import FOLLOWS, STEPS, next_steps
from panel.order.entries import missteps
from panel.state.fold import fold
from panel.state.records import Recorded

D = dt.date.fromisoformat
ABBEY, BRIDGE = "900001", "900002"


def made(kind: str = "fair_access") -> ev.ReferralMade:
    case = {"referral": "R1", "pupil": "P1", "referral_kind": kind, "year_group": 9, "home_school": "900009", "made_on": "2026-09-01"}
    return ev.ReferralMade.model_validate(case)


def decision(outcome: str = "overridden", school: str | None = BRIDGE) -> ev.DecisionTaken:
    placed = {"school": school, "starts": "2026-09-28"} if school else {}
    body = {"meeting": 1, "on": "2026-09-24", "referral": "R1", "pupil": "P1", "outcome": outcome, "case": {"reason": "x"}, **placed}
    return ev.DecisionTaken.model_validate(body)


def refused(school: str = BRIDGE) -> ev.SchoolRefused:
    return ev.SchoolRefused(referral="R1", pupil="P1", school=school, on=D("2026-09-28"))


def started(school: str = BRIDGE) -> ev.PlacementStarted:
    return ev.PlacementStarted(referral="R1", pupil="P1", school=school, on=D("2026-09-28"))


def step(name: str, on: str = "2026-10-01", *, school: str = BRIDGE, pupil: str = "P1") -> ev.DirectionStep:
    return ev.DirectionStep.model_validate({"referral": "R1", "pupil": pupil, "school": school, "step": name, "on": on})


OPENED = ev.MeetingOpened(
    meeting=1,
    on=D("2026-09-24"),
    chair="C",
    agenda=("R1",),
    agenda_digest="",
    rulebook="r",
    edition=D("2026-09-01"),
    rulebook_digest="",
)


def record(*events: ev.Event) -> tuple[Recorded, ...]:
    founded = ev.PanelFounded(name="Quay", rulebook="quay")
    return tuple(Recorded(seq, "2026-11-01T00:00:00.000000Z", event) for seq, event in enumerate((founded, OPENED, *events), start=1))


def wrong(*events: ev.Event) -> list[tuple[str, Any, Any]]:
    """What is wrong with the last of these events."""
    items = record(*events)
    return [(one.what, one.recorded, one.wanted) for one in missteps(items) if one.seq == items[-1].seq]


FIRST = (made(), decision(), refused())


def test_every_step_may_follow_what_the_table_says_and_nothing_else() -> None:
    for last, allowed in FOLLOWS.items():
        before = (step("announced"), step(last)) if last not in (None, "announced") else (step("announced"),) if last else ()
        for name in STEPS:
            found = wrong(*FIRST, *before, step(name))
            assert (found == []) == (name in allowed), (last, name, found)


@pytest.mark.parametrize(
    ("events", "found"),
    [
        ((*FIRST, step("directed")), ("step", "directed", "announced")),
        ((*FIRST, step("announced"), step("admitted"), step("dropped")), ("step", "dropped", "none: it has admitted")),
        (
            (*FIRST, step("announced"), step("announced", school=ABBEY)),
            ("step", "announced", f"none: {BRIDGE} is being directed"),
        ),
        (
            (*FIRST, step("announced"), step("admitted"), step("announced", school=ABBEY)),
            ("step", "announced", f"none: {BRIDGE} has admitted"),
        ),
        ((*FIRST, step("announced", school=ABBEY)), ("school", ABBEY, "one that was decided and has not admitted, or that did not agree")),
        (
            (made(), decision(), started(), step("announced")),
            ("school", BRIDGE, "one that was decided and has not admitted, or that did not agree"),
        ),
        (
            (*FIRST, step("announced", "2026-10-05"), step("answered", "2026-10-04")),
            ("on", "2026-10-04", "2026-10-05 or later, the day of the step before"),
        ),
        ((*FIRST, step("announced", pupil="P2")), ("pupil", "P2", "P1")),
        (
            (made("managed_move"), decision(), refused(), step("announced")),
            ("referral", "R1", "a referral to which a school can be bound: this is a managed move"),
        ),
        ((made(), decision("declined", None), step("announced")), ("referral", "R1", "a referral that goes on: R1 is declined")),
    ],
)
def test_a_step_that_could_not_follow_is_a_misstep(events: tuple[ev.Event, ...], found: tuple[str, Any, Any]) -> None:
    assert found in wrong(*events)


def test_once_the_referral_is_over_a_direction_is_only_dropped() -> None:
    over = (*FIRST, step("announced"), decision("declined", None))
    assert wrong(*over, step("dropped", "2026-10-02")) == []
    assert [what for what, *_ in wrong(*over, step("directed", "2026-10-02"))] == ["referral"]


def test_a_family_that_did_not_agree_leaves_no_school_to_direct() -> None:
    declined = ev.FamilyRefused(referral="R1", pupil="P1", by="parent", school=BRIDGE, on=D("2026-09-28"))
    assert [what for what, *_ in wrong(made(), decision(), declined, step("announced"))] == ["school"]
    assert wrong(made(), decision(), step("announced")) == []


def test_the_next_steps_of_nothing_are_an_announcement() -> None:
    assert next_steps((), BRIDGE) == ("announced",)
    assert next_steps((step("announced"), step("dropped")), ABBEY) == ("announced",)
    assert next_steps((step("announced"),), ABBEY) == ()


# --- what a report reads ---


def test_each_direction_is_told_from_its_announcement_to_its_end() -> None:
    state = fold(
        record(
            *FIRST,
            step("announced", "2026-10-01"),
            step("dropped", "2026-10-05"),
            step("announced", "2026-10-06"),
            step("directed", "2026-10-20"),
            step("admitted", "2026-10-22"),
        )
    )
    first, second = directions_of(state.referrals["R1"])
    assert (first.stands, first.directed, [on.day for _, on in first.steps]) == ("dropped", None, [1, 5])
    assert (second.stands, second.directed) == ("admitted", D("2026-10-20"))
    (school,) = refusing(state)
    assert (school.school, school.refusals, school.admitted) == (BRIDGE, (("R1", D("2026-09-28")),), 1)
    assert [(name, urn) for name, urn, _ in open_directions(state)] == [("R1", BRIDGE)]  # admitted, and not yet decided for it
    before = fold(record(*FIRST, step("announced", "2026-10-01")), as_of=D("2026-09-30"))
    assert directions_of(before.referrals["R1"]) == ()
    assert [(one.school, len(one.refusals), one.directions) for one in refusing(before)] == [(BRIDGE, 1, ())]


def test_where_nobody_refused_there_is_nothing_to_tell() -> None:
    state = fold(record(made(), decision()))
    assert refusing(state) == ()
    assert list(open_directions(state)) == []
