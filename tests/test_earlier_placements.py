"""What the record says of a pupil's earlier placements and last days at schools, worked out by hand on a wall planner.

The meeting is on Thursday 22 October 2026. From 1 October to it are 21 days, from 22 September 30, from 22 October 2025 365.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest

from panel import events as ev
from panel.facts.candidates import meeting_facts
from panel.facts.counts import Counts
from panel.state.fold import fold
from panel.state.records import Recorded
from rules.book import Authority, Rulebook
from rules.facts import BY_NAME, Value

ON = dt.date(2026, 10, 22)
BOOK = Rulebook(name="b", title="b", edition=dt.date(2026, 9, 1), layers=(), authority=Authority("x"), facts=dict(BY_NAME))


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def school(urn: str) -> ev.SchoolRecorded:
    return ev.SchoolRecorded(urn=urn, name=f"School {urn}", low_age=11, high_age=16, intake="mixed", setting="mainstream")


def made(name: str = "R", on: str = "2026-10-01", **fields: Any) -> ev.ReferralMade:
    usual = {"pupil": "P", "referral_kind": "managed_move", "year_group": 9, "home_school": "1", "made_on": day(on)}
    return ev.ReferralMade(**{"referral": name, **usual, **fields})


def decided(name: str, urn: str, starts: str) -> ev.DecisionTaken:
    said: dict[str, Any] = {"referral": name, "pupil": "P", "outcome": "confirmed", "school": urn, "starts": day(starts)}
    return ev.DecisionTaken(meeting=1, on=day("2025-10-01"), **said)


OPENED = ev.MeetingOpened(
    meeting=1, on=day("2025-10-01"), chair="x", agenda=(), agenda_digest="", rulebook="b", edition=day("2025-09-01"), rulebook_digest=""
)


def placed(urn: str, began: str, *, name: str = "A", until: str = "", **fields: Any) -> tuple[ev.Event, ...]:
    """An earlier case of the pupil, decided for a school and begun."""
    start = ev.PlacementStarted(referral=name, pupil="P", on=day(began), school=urn, until=day(until) if until else None)
    return made(name, "2025-09-10", **fields), OPENED, decided(name, urn, began), start


def began(urn: str, on: str) -> ev.Event:
    return ev.PlacementStarted(referral="A", pupil="P", on=day(on), school=urn)


def ended(how: Any, on: str, name: str = "A") -> ev.Event:
    return ev.PlacementEnded(referral=name, pupil="P", on=day(on), end=how)


def broke_down(on: str, *, returned: bool = False) -> ev.Event:
    return ev.PlacementBrokeDown(referral="A", pupil="P", on=day(on), returned=returned)


def history(urn: str, on: str, **fields: Any) -> ev.PlacedBefore:
    return ev.PlacedBefore(**{"pupil": "P", "school": urn, "on": day(on), "referral_kind": "managed_move", "year_group": 8, **fields})


def excluded(urn: str, on: str) -> ev.PermanentlyExcluded:
    return ev.PermanentlyExcluded(pupil="P", school=urn, on=day(on), year_group=9)


def facts(*events: ev.Event, referral: str = "R", **case: Any) -> Mapping[str, Mapping[str, Value]]:
    """The facts of R of P, from school 1, at every school, by URN."""
    own = () if any(isinstance(one, ev.ReferralMade) and one.referral == "R" for one in events) else (made(case=ev.ReferralCase(**case)),)
    record = [*map(school, "1234"), *events, *own]
    state = fold(Recorded(n, "", event) for n, event in enumerate(record, start=1))
    found = meeting_facts(state, (referral,), BOOK, Counts({}, {}), ON)
    return {urn: found.pair_row(referral, urn) for urn in found.schools}


def of(name: str, *events: ev.Event) -> Value | None:
    return facts(*events)["2"].get(f"referral.{name}")


def refused(urn: str) -> ev.Event:
    return ev.SchoolRefused(referral="A", pupil="P", school=urn, on=day("2025-10-09"))


@pytest.mark.parametrize(
    ("events", "moves", "since"),
    [
        ((), 0, None),
        (placed("2", "2026-10-01"), 1, 21),
        (placed("2", "2025-10-22"), 1, 365),
        ((*placed("2", "2026-09-22"), broke_down("2026-10-01")), 1, 30),  # one that broke down was made
        ((*placed("2", "2026-09-22", until="2026-10-10"), ended("return", "2026-10-01")), 1, 30),
        (placed("2", "2026-09-22", referral_kind="fair_access"), 0, 30),  # a placement, and no managed move
        ((history("2", "2025-10-22"),), 1, 365),
        ((history("2", "2025-10-22"), *placed("3", "2026-10-01")), 2, 21),
        ((history("3", "2025-10-22", referral_kind="reintegration"),), 0, 365),
        ((made("A", "2025-09-10"), OPENED, decided("A", "2", "2025-11-03"), refused("2")), 0, None),  # came to nothing
        ((ev.AdmittedOutside(pupil="P", school="2", on=day("2026-10-01"), year_group=9),), 0, None),  # not by the panel
        ((history("2", "2025-10-22", pupil="Q"),), 0, None),
        ((made("A", "2025-09-10"), OPENED, decided("A", "2", "2026-10-12"), began("2", "2026-10-01")), 1, 21),  # not as it was planned
        ((made(), OPENED, decided("R", "2", "2026-10-01")), 0, None),  # its own decision
    ],
)
def test_earlier_placements(events: tuple[ev.Event, ...], moves: int, since: int | None) -> None:
    assert of("earlier_managed_moves", *events) == moves
    assert of("days_since_last_placement", *events) == since


@pytest.mark.parametrize(
    ("events", "since"),
    [
        (placed("2", "2026-09-22"), None),
        ((*placed("2", "2026-09-22"), broke_down("2026-10-01")), 21),
        ((*placed("2", "2026-09-01", until="2026-10-10"), ended("return", "2026-09-22")), 30),
        # A direction that ends with the return was meant to: nothing broke down.
        ((*placed("2", "2026-09-01", referral_kind="off_site_direction", until="2026-10-10"), ended("return", "2026-09-22")), None),
        ((history("2", "2025-09-22", outcome="broken_down"),), None),  # nobody said when
        ((history("2", "2025-09-22", outcome="broken_down", ended_on=day("2025-10-22")),), 365),
        ((history("2", "2025-09-22", outcome="broken_down", ended_on=day("2025-10-22")),
          *placed("3", "2026-09-22"), broke_down("2026-10-01")), 21),
    ],
)  # fmt: skip
def test_days_since_one_broke_down(events: tuple[ev.Event, ...], since: int | None) -> None:
    assert of("days_since_broke_down", *events) == since


FROM_2: dict[str, Any] = {"home_school": "2"}
DIRECTED: dict[str, Any] = {"referral_kind": "off_site_direction", "until": "2026-12-18"}


@pytest.mark.parametrize(
    ("events", "case", "days"),
    [
        ((), {}, {"1": 0}),  # on the roll of its home school
        ((), {"on_a_roll": False}, {}),
        ((), {"attended": ("2", "3"), "attended_until": {"3": day("2026-10-01")}}, {"1": 0, "3": 21}),
        ((excluded("2", "2026-09-22"),), {}, {"1": 0, "2": 30}),
        ((excluded("1", "2026-10-01"),), {}, {"1": 21}),  # since the home school referred the pupil
        ((excluded("1", "2025-10-22"),), {}, {"1": 0}),  # on its roll again
        ((excluded("2", "2025-10-22"), excluded("2", "2026-10-01")), {}, {"1": 0, "2": 21}),
        # Of an exclusion and the referral's own word the later day counts.
        ((excluded("2", "2026-10-01"),), {"attended": ("2",), "attended_until": {"2": day("2026-09-22")}}, {"1": 0, "2": 21}),
        ((*placed("2", "2026-09-01", **DIRECTED),), {}, {"1": 0, "2": 0}),  # here by a direction
        ((*placed("2", "2026-09-01", **DIRECTED), ended("return", "2026-09-22")), {}, {"1": 0, "2": 30}),
        ((*placed("2", "2026-09-01"), ended("left", "2026-10-01")), {}, {"1": 0, "2": 21}),
        # Moved from 2 to 3 for good on 23 September, and is now referred from 3.
        ((*placed("3", "2026-09-23", **FROM_2), made(home_school="3")), {}, {"2": 30, "3": 0}),
        # The same, and 3 excluded the pupil.
        ((*placed("3", "2026-09-23", **FROM_2), excluded("3", "2026-10-01"), made(home_school=None, excluded_by="3")), {},
         {"2": 30, "3": 21}),
        # At 2 again since an exclusion from there, and nobody says until when: now at 1.
        ((excluded("2", "2025-10-22"), ev.AdmittedOutside(pupil="P", school="2", on=day("2026-01-12"), year_group=9)), {}, {"1": 0}),
        ((history("2", "2025-09-22", outcome="returned", ended_on=day("2025-10-22")),), {}, {"1": 0, "2": 365}),
        ((history("2", "2025-09-22", outcome="returned"),), {}, {"1": 0}),
        ((excluded("2", "2026-10-01"), made(home_school=None, excluded_by="2", permanently_excluded=True)), {}, {"2": 21}),
    ],
)  # fmt: skip
def test_days_since_the_pupil_was_there(events: tuple[ev.Event, ...], case: dict[str, Any], days: dict[str, int]) -> None:
    found = {urn: row.get("candidate.days_since_attended") for urn, row in facts(*events, **case).items()}
    assert {urn: since for urn, since in found.items() if since is not None} == days


@pytest.mark.parametrize(
    ("end", "here"),
    [(ended("managed_move", "2026-10-01"), ["2"]), (ended("admission", "2026-10-01"), ["2"]), (broke_down("2026-10-01"), [])],
)
def test_a_direction_that_is_to_become_a_move_is_at_its_school_already(end: ev.Event, here: list[str]) -> None:
    rows = facts(*placed("2", "2026-09-01", **DIRECTED), end, made(follows="A"))
    assert [urn for urn, row in rows.items() if row["candidate.already_here"] is True] == here
    assert not any(row["candidate.already_here"] for row in facts(*placed("2", "2026-09-01", **DIRECTED), end).values())


def test_when_schools_merge_their_last_days_are_those_of_the_one_that_they_become() -> None:
    merged = ev.SchoolMerged(urn="4", on=day("2026-09-01"), merged=("2", "3"))
    both = {"2": day("2025-10-22"), "3": day("2026-10-01")}
    told = facts(made(case=ev.ReferralCase(attended=("2", "3"), attended_until=both)), merged)
    assert told["4"]["candidate.days_since_attended"] == 21
    one = facts(made(case=ev.ReferralCase(attended=("2", "3"), attended_until={"2": both["2"]})), merged)
    assert "candidate.days_since_attended" not in one["4"]
    assert one["4"]["candidate.attended_before"] is True
