"""From when until when a clock runs: said twice, taken back, put off, over with its case. Each day worked out by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from panel import events as ev
from panel.clocks.runs import Mark, Run, marks_of, runs_of
from panel.state.records import Happening, Meeting, Referral, State

D = dt.date.fromisoformat
LATE = D("2027-08-31")

Told = list[tuple[str, str]]
"""Events with the day of October 2026 on which each happened, in the order of the record."""


def day(number: str) -> dt.date:
    return D(f"2026-10-{number}")


def referral(happened: Told, **made: object) -> Referral:
    case = {"referral": "R1", "pupil": "P1", "referral_kind": "fair_access", "year_group": 9, "made_on": day("01"), "home_school": "900001"}
    happenings = tuple(Happening(event, day(on), seq) for seq, (event, on) in enumerate(happened, start=10))
    return Referral(ev.ReferralMade.model_validate({**case, **made}), happened=happenings)


def runs(from_: str, until: str, happened: Told, *, as_of: dt.date = LATE, state: State | None = None, **made: object) -> list[str]:
    """Each run as `first day - last day`, with `?` while it is open and the event where something stopped it."""
    held = referral(happened, **made)
    found = runs_of(from_.split(), until.split(), marks_of(state or State(), held, as_of))
    return [f"{run.marks[0].on.day} - {run.met.on.day if run.met else run.stopped or '?'}" for run in found]


@pytest.mark.parametrize(
    ("happened", "wanted"),
    [
        ([], []),
        ([("decision.taken", "05")], []),  # not yet accepted: nothing has begun
        ([("referral.accepted", "02")], ["2 - ?"]),
        ([("referral.accepted", "02"), ("decision.taken", "05")], ["2 - 5"]),
        ([("referral.accepted", "02"), ("decision.taken", "02")], ["2 - 2"]),
        ([("decision.taken", "05"), ("referral.accepted", "02")], ["2 - 5"]),  # recorded late, but it happened first
        ([("decision.taken", "05"), ("referral.accepted", "06")], ["6 - ?"]),
        # put off: the clock goes on
        ([("referral.accepted", "02"), ("decision.deferred", "05"), ("decision.deferred", "09")], ["2 - ?"]),
        ([("referral.accepted", "02"), ("decision.deferred", "05"), ("decision.taken", "09")], ["2 - 9"]),
        # refused: as if nobody had decided, and the time since the acceptance counts
        ([("referral.accepted", "02"), ("decision.taken", "05"), ("receiving_school.refused", "07")], ["2 - ?"]),
        (
            [("referral.accepted", "02"), ("decision.taken", "05"), ("receiving_school.refused", "07"), ("decision.taken", "12")],
            ["2 - 12"],
        ),
        ([("referral.accepted", "02"), ("decision.taken", "05"), ("family.refused", "07")], ["2 - ?"]),
        ([("referral.accepted", "02"), ("decision.taken", "05"), ("board.declined", "07")], ["2 - ?"]),
        # the end of the case
        ([("referral.accepted", "02"), ("referral.withdrawn", "07")], ["2 - referral.withdrawn"]),
        ([("referral.accepted", "02"), ("decision.declined", "07")], ["2 - decision.declined"]),
        ([("referral.accepted", "02"), ("decision.taken", "05"), ("referral.withdrawn", "07")], ["2 - 5"]),
    ],
)
def test_the_days_to_a_place(happened: Told, wanted: list[str]) -> None:
    assert runs("referral.accepted", "decision.taken", happened) == wanted


@pytest.mark.parametrize(
    ("happened", "wanted"),
    [
        ([("decision.taken", "05"), ("placement.started", "09")], ["5 - 9"]),
        # a decision that was taken back is over with it; the next one begins anew
        ([("decision.taken", "05"), ("receiving_school.refused", "07")], ["5 - receiving_school.refused"]),
        (
            [("decision.taken", "05"), ("family.refused", "07"), ("decision.taken", "12"), ("placement.started", "15")],
            ["5 - family.refused", "12 - 15"],
        ),
        ([("decision.taken", "05"), ("parent.withdrew", "07")], ["5 - parent.withdrew"]),
        # the refusal is dated before the decision that it takes back: that decision never began anything
        ([("decision.taken", "05"), ("receiving_school.refused", "04")], []),
    ],
)
def test_the_days_to_the_roll(happened: Told, wanted: list[str]) -> None:
    assert runs("decision.taken", "placement.started", happened) == wanted


def test_a_school_that_says_no_has_answered() -> None:
    happened = [("decision.taken", "05"), ("receiving_school.refused", "07"), ("decision.taken", "12"), ("receiving_school.accepted", "13")]
    assert runs("decision.taken", "receiving_school.accepted receiving_school.refused", happened) == ["5 - 7", "12 - 13"]


def test_what_hung_on_a_decision_goes_with_it() -> None:
    happened = [("decision.taken", "05"), ("notice.given", "06"), ("board.declined", "07"), ("decision.taken", "12")]
    assert runs("notice.given", "placement.started", happened) == ["6 - board.declined"]
    accepted = [("referral.made", "01"), ("decision.taken", "05"), ("receiving_school.accepted", "06"), ("family.refused", "07")]
    assert runs("referral.made", "receiving_school.accepted", accepted) == ["1 - ?"]


def test_an_agreement_taken_back_is_as_if_nobody_had_signed() -> None:
    assert runs("parent.agreed", "decision.taken", [("parent.agreed", "02"), ("parent.withdrew", "05")]) == ["2 - parent.withdrew"]
    again = [("parent.agreed", "02"), ("parent.withdrew", "05"), ("parent.agreed", "08")]
    assert runs("parent.agreed", "decision.taken", again) == ["2 - parent.withdrew", "8 - ?"]
    assert runs("conversation.held", "parent.agreed", [("conversation.held", "01"), *again]) == ["1 - 8"]
    # what another of them took back takes nothing from this one
    assert runs("parent.agreed", "decision.taken", [("parent.agreed", "02"), ("home_school.withdrew", "05")]) == ["2 - ?"]


PAPER = ("referral.made", "paper.plan")


@pytest.mark.parametrize(
    ("happened", "wanted"),
    [
        ([("referral.made", "02")], ["2 - ?"]),
        ([("referral.made", "02"), ("paper.plan", "05")], ["2 - 5"]),
        ([("referral.made", "02"), ("paper.letter", "05")], ["2 - ?"]),
        ([("referral.made", "02"), ("paper.plan", "02")], ["2 - 2"]),  # it came with the referral
        ([("paper.plan", "01"), ("referral.made", "02")], ["2 - 1"]),  # it was there before, and is brought no second time
        ([("referral.made", "02"), ("paper.plan", "05"), ("paper.plan.taken_back", "07")], ["2 - ?"]),
        ([("referral.made", "02"), ("paper.plan", "05"), ("paper.letter.taken_back", "07")], ["2 - 5"]),
        ([("referral.made", "02"), ("paper.plan", "05"), ("paper.plan.taken_back", "07"), ("paper.plan", "09")], ["2 - 9"]),
        ([("paper.plan", "01"), ("referral.made", "02"), ("paper.plan.taken_back", "03")], ["2 - ?"]),
        ([("referral.made", "02"), ("referral.withdrawn", "03"), ("paper.plan", "05")], ["2 - referral.withdrawn"]),
    ],
)
def test_the_days_to_a_paper(happened: Told, wanted: list[str]) -> None:
    assert runs(*PAPER, happened) == wanted


def test_what_runs_from_a_paper_goes_with_it() -> None:
    brought = [("referral.made", "02"), ("paper.plan", "05")]
    assert runs("paper.plan", "decision.taken", brought) == ["5 - ?"]
    back = [*brought, ("paper.plan.taken_back", "06")]
    assert runs("paper.plan", "decision.taken", back) == ["5 - paper.plan.taken_back"]
    assert runs("paper.plan", "decision.taken", [*back, ("paper.plan", "08")]) == ["5 - paper.plan.taken_back", "8 - ?"]
    assert runs("sharing.agreed", "meeting.opened", [("sharing.agreed", "03"), ("sharing.withdrawn", "04")]) == ["3 - sharing.withdrawn"]


def test_an_agreement_that_stands_is_not_asked_for_again() -> None:
    """Signed on the 1st, referred on the 2nd: nobody can sign again, so a clock until then would be late for ever."""
    signed = [("parent.agreed", "01"), ("referral.made", "02")]
    assert runs("referral.made", "parent.agreed", signed) == ["2 - 1"]
    assert runs("referral.made", "parent.agreed", [*signed, ("parent.withdrew", "04")]) == ["2 - ?"]
    assert runs("referral.made", "family.told", [("family.told", "01"), ("referral.made", "02")]) == ["2 - ?"]


def test_a_child_out_of_education_is_so_whatever_the_panel_says() -> None:
    out = [("education.stopped", "01"), ("referral.made", "02"), ("decision.declined", "05")]
    assert runs("education.stopped", "education.started", out) == ["1 - ?"]
    assert runs("education.stopped", "education.started", [*out, ("education.started", "07")]) == ["1 - 7"]
    assert runs("referral.made", "education.started", out) == ["2 - decision.declined"]


def test_said_twice_is_counted_from_the_first_for_a_deadline_and_kept_for_a_wait() -> None:
    happened = [("notice.given", "02"), ("notice.given", "06"), ("placement.started", "07")]
    (run,) = runs_of(["notice.given"], ["placement.started"], marks_of(State(), referral(happened), LATE))
    assert [mark.on.day for mark in run.marks] == [2, 6]
    assert run.met is not None
    assert run.met.on.day == 7


def test_a_review_ends_one_wait_and_begins_the_next() -> None:
    happened = [("placement.started", "01"), ("placement.reviewed", "08"), ("placement.reviewed", "20")]
    assert runs("placement.started placement.reviewed", "placement.reviewed", happened) == ["1 - 8", "8 - 20", "20 - ?"]
    ended = [*happened, ("placement.ended", "22")]
    assert runs("placement.started placement.reviewed", "placement.reviewed", ended) == ["1 - 8", "8 - 20", "20 - placement.ended"]
    # whoever must be told of a break-down must still be told
    assert runs("placement.broke_down", "family.told", [("placement.started", "01"), ("placement.broke_down", "08")]) == ["8 - ?"]


def test_a_clock_that_waits_for_a_direction_is_over_when_the_pupil_has_a_place() -> None:
    refused = [("decision.taken", "02"), ("receiving_school.refused", "05")]
    assert runs("receiving_school.refused", "school.directed", refused) == ["5 - ?"]
    elsewhere = [*refused, ("decision.taken", "12"), ("placement.started", "15")]
    assert runs("receiving_school.refused", "school.directed", elsewhere) == ["5 - placement.started"]
    dropped = [*refused, ("direction.announced", "06"), ("direction.dropped", "09"), ("direction.announced", "09")]
    assert runs("direction.announced", "school.directed", dropped) == ["6 - direction.dropped", "9 - ?"]


# --- exclusions ---


def excluded(*days: str, school: str = "900001", pupil: str = "P1") -> State:
    return State(exclusions=tuple(ev.PermanentlyExcluded(pupil=pupil, school=school, year_group=9, on=D(on)) for on in days))


SIXTH = ("exclusion.made", "education.started placement.started")


def test_the_exclusion_is_the_one_that_the_case_is_about() -> None:
    both = excluded("2025-03-04", "2026-09-28")
    assert runs(*SIXTH, [], state=both, permanently_excluded=True, excluded_by="900001") == ["28 - ?"]
    assert runs(*SIXTH, [], state=both, permanently_excluded=True) == ["28 - ?"]  # by the home school, for all that was said
    assert runs(*SIXTH, [], state=both, permanently_excluded=True, excluded_by="900002") == []
    assert runs(*SIXTH, [], state=excluded("2026-09-28", pupil="P2"), permanently_excluded=True) == []
    assert runs(*SIXTH, [], state=both) == []  # a managed move of a pupil who was once excluded
    assert runs(*SIXTH, [], state=excluded("2025-03-04", "2026-10-20")) == ["20 - ?"]  # excluded while the case waited


def test_education_ends_it_and_a_decision_to_decline_does_not() -> None:
    state = excluded("2026-09-28")
    assert runs(*SIXTH, [("education.started", "05")], state=state, permanently_excluded=True) == ["28 - 5"]
    assert runs(*SIXTH, [("placement.started", "06")], state=state, permanently_excluded=True) == ["28 - 6"]
    assert runs(*SIXTH, [("decision.declined", "06")], state=state, permanently_excluded=True) == ["28 - ?"]
    assert runs(*SIXTH, [("referral.withdrawn", "06")], state=state, permanently_excluded=True) == ["28 - referral.withdrawn"]


def test_a_case_that_comes_back_has_no_part_in_the_exclusion_of_the_first() -> None:
    first = referral([("placement.started", "05")], permanently_excluded=True)
    state = State(referrals={"R1": first}, exclusions=excluded("2026-09-28").exclusions)
    back: dict[str, Any] = {
        "referral": "R1-2",
        "made_on": day("20"),
        "follows": "R1",
        "permanently_excluded": True,
        "excluded_by": "900001",
    }
    assert runs(*SIXTH, [], state=state, **back) == []
    again = State(referrals={"R1": first}, exclusions=excluded("2026-09-28", "2026-10-19").exclusions)
    assert runs(*SIXTH, [], state=again, **back) == ["19 - ?"]


def test_education_that_began_by_another_referral_has_begun() -> None:
    first = referral([("education.started", "05"), ("referral.withdrawn", "06")], permanently_excluded=True)
    state = State(referrals={"R1": first}, exclusions=excluded("2026-09-28").exclusions)
    anew: dict[str, Any] = {"referral": "R2", "made_on": day("08"), "permanently_excluded": True}
    assert runs(*SIXTH, [], state=state, **anew) == ["28 - 5"]
    assert runs(*SIXTH, [], state=state, **anew, pupil="P2") == []


BACK = ("education.stopped", "education.started")


def test_education_that_began_by_another_referral_has_begun_without_an_exclusion_too() -> None:
    """The second case says that the child was out since the 1st, and nobody has recorded an exclusion, or only one by another school."""
    first = referral([("education.stopped", "01"), ("education.started", "05"), ("referral.withdrawn", "06")])
    for others in ((), excluded("2026-09-28", school="900002").exclusions):
        state = State(referrals={"R1": first}, exclusions=others)
        anew: dict[str, Any] = {"state": state, "referral": "R2", "made_on": day("08")}
        assert runs(*BACK, [("education.stopped", "01")], **anew) == ["1 - 5"]
        assert runs(*BACK, [("education.stopped", "06")], **anew) == ["6 - ?"]  # out again since then
        assert runs(*BACK, [("education.stopped", "01")], **anew, pupil="P2") == ["1 - ?"]
        assert runs("education.started", "meeting.opened", [("education.stopped", "06")], **anew) == []  # it began before this case


def test_nothing_after_the_day_that_is_asked_about_has_happened() -> None:
    happened = [("referral.accepted", "02"), ("decision.taken", "05")]
    assert runs("referral.accepted", "decision.taken", happened, as_of=day("04")) == ["2 - ?"]
    assert runs("referral.accepted", "decision.taken", happened, as_of=day("01")) == []
    assert runs(*SIXTH, [], state=excluded("2026-09-28"), permanently_excluded=True, as_of=D("2026-09-27")) == []


def test_an_erased_case_asks_nothing_any_more() -> None:
    marks = marks_of(State(), referral([("referral.accepted", "02")]), LATE)
    assert [run.stopped for run in runs_of(["referral.accepted"], ["decision.taken"], marks, erased=True)] == ["person.erased"]


# --- meetings ---


def meeting(number: int, on: str, agenda: tuple[str, ...], *, told: str | None = None, closed: bool = False) -> Meeting:
    opened = ev.MeetingOpened(
        meeting=number, on=day(on), chair="C", agenda=agenda, agenda_digest="", rulebook="r", edition=day("01"), rulebook_digest=""
    )
    return Meeting(opened, 10 * number, told={"900001": day(told), "900002": day(on)} if told else {}, closed=closed)


def test_a_meeting_is_one_of_the_case_where_it_was_on_the_agenda() -> None:
    state = State(
        meetings=(meeting(1, "05", ("R1",), told="02", closed=True), meeting(2, "12", ("R2",), closed=True), meeting(3, "19", ("R1",)))
    )
    assert runs("meeting.called", "meeting.opened", [], state=state) == ["2 - 5"]
    assert runs("meeting.opened", "meeting.closed", [], state=state) == ["5 - 5", "19 - ?"]
    told = [("decision.deferred", "05"), ("family.told", "05")]  # on the day itself, after the decision
    assert runs("meeting.closed", "family.told", told, state=state) == ["5 - 5"]
    assert runs("meeting.closed", "family.told", [("family.told", "04"), ("decision.deferred", "05")], state=state) == ["5 - ?"]


def test_a_run_is_open_until_something_ends_it() -> None:
    mark = Mark(day("02"), 1, 0, "referral.accepted")
    assert Run((mark,)).open
    assert not Run((mark,), met=mark).open
    assert not Run((mark,), stopped="referral.withdrawn").open
