"""How schools took part in an academic year: by hand, from a small record.

Four schools. The meeting is on 22 October 2026; the academic year began on 1 September.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from panel import events as ev
from panel.facts.candidates import MeetingFacts, meeting_facts
from panel.facts.counts import Counts
from panel.state.fold import fold
from panel.state.records import Recorded
from rules.book import Authority, Rulebook
from rules.facts import BY_NAME

ON = dt.date(2026, 10, 22)
KINDS = {"1": "mainstream", "2": "mainstream", "3": "inclusion_centre", "4": "mainstream"}


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def school(urn: str, **fields: Any) -> ev.SchoolRecorded:
    return ev.SchoolRecorded(**{"urn": urn, "name": f"School {urn}", "setting": KINDS[urn], "low_age": 11, "high_age": 16, **fields})


def case(name: str = "R", on: str = "2026-10-01") -> ev.ReferralMade:
    return ev.ReferralMade(referral=name, pupil=f"P{name}", referral_kind="managed_move", year_group=9, home_school="1", made_on=day(on))


def meeting(number: int, on: str, *there: str, members: str = "1234", closed: bool = True) -> tuple[ev.Event, ...]:
    """A meeting of which it is recorded who came, if anybody is named."""
    edition: dict[str, Any] = {"rulebook": "b", "edition": day("2024-09-01"), "rulebook_digest": "", "agenda": (), "agenda_digest": ""}
    shared = {"schools": {urn: {"school.name": urn, "school.setting": KINDS[urn]} for urn in members}}
    opened = ev.MeetingOpened(meeting=number, on=day(on), chair="x", shared=shared, **edition)
    came = (ev.MeetingAttended(meeting=number, on=day(on), schools=there),) if there else ()
    return opened, *came, *((ev.MeetingClosed(meeting=number, on=day(on)),) if closed else ())


def facts(*events: ev.Event, members: tuple[str, ...] | None = None) -> MeetingFacts:
    asked = {"members": members} if members else {}
    layers: dict[str, Any] = {"layers": (), "authority": Authority("x"), "facts": dict(BY_NAME)}
    book = Rulebook(name="b", title="b", edition=day("2026-09-01"), meeting=asked, **layers)
    there = [school(urn) for urn in KINDS]
    state = fold(Recorded(n, "", event) for n, event in enumerate([*there, *events, case()], start=1))
    return meeting_facts(state, ("R",), book, Counts({}, {}), ON)


def missed(*events: ev.Event, **more: Any) -> dict[str, Any]:
    rows = facts(*events, **more).schools
    return {urn: row["school.meetings_missed"] for urn, row in rows.items() if row["school.meetings_missed"]}


@pytest.mark.parametrize(
    ("events", "found"),
    [
        ((), {}),
        (meeting(1, "2026-09-24", "1", "2"), {"4": 1}),  # a centre is no member unless the book says so
        ((*meeting(1, "2026-09-24", "1"), *meeting(2, "2026-10-08", "2")), {"1": 1, "2": 1, "4": 2}),
        (meeting(1, "2026-09-24"), {}),  # nobody wrote down who came
        (meeting(1, "2026-07-09", "1"), {}),  # of the year before
        (meeting(1, "2026-09-24", "1", members="12"), {"2": 1}),  # 4 was no member yet
        (meeting(1, "2026-10-22", "1", closed=False), {}),  # this one
    ],
)
def test_meetings_missed(events: tuple[ev.Event, ...], found: dict[str, int]) -> None:
    assert missed(*events) == found


def test_who_is_a_member_is_for_the_book_to_say() -> None:
    assert missed(*meeting(1, "2026-09-24", "1"), members=("mainstream", "inclusion_centre")) == {"2": 1, "3": 1, "4": 1}


def test_a_school_under_a_new_number_was_there_under_the_old() -> None:
    renumbered = ev.SchoolConverted(urn="4", before="2", on=day("2026-10-01"))
    assert missed(*meeting(1, "2026-09-24", "2", members="12"), renumbered) == {"1": 1}


def decided(name: str, number: int, on: str, urn: str) -> ev.DecisionTaken:
    said: dict[str, Any] = {"referral": name, "pupil": f"P{name}", "outcome": "confirmed", "school": urn, "starts": day(on)}
    return ev.DecisionTaken(meeting=number, on=day(on), **said)


def refused(name: str, on: str, urn: str) -> ev.SchoolRefused:
    return ev.SchoolRefused(referral=name, pupil=f"P{name}", school=urn, on=day(on))


def test_refusals_go_by_the_day_of_the_decision() -> None:
    events = (
        *(case("A", "2026-06-01"), case("B", "2026-09-01")),
        *(*meeting(1, "2026-07-09", closed=False), decided("A", 1, "2026-07-09", "2"), ev.MeetingClosed(meeting=1, on=day("2026-07-09"))),
        refused("A", "2026-09-03", "2"),  # a decision of the year before
        *(*meeting(2, "2026-09-24", closed=False), decided("A", 2, "2026-09-24", "4"), decided("B", 2, "2026-09-24", "2")),
        *(ev.MeetingClosed(meeting=2, on=day("2026-09-24")), refused("A", "2026-09-28", "4"), refused("B", "2026-09-28", "2")),
        *(*meeting(3, "2026-10-08", closed=False), decided("A", 3, "2026-10-08", "2"), refused("A", "2026-10-09", "2")),
        ev.FamilyRefused(referral="B", pupil="PB", by="parent", school="4", on=day("2026-10-09")),
        ev.MeetingClosed(meeting=3, on=day("2026-10-08")),
    )
    rows = facts(*events).schools
    assert {urn: row["school.refusals"] for urn, row in rows.items()} == {"1": 0, "2": 2, "3": 0, "4": 1}
