"""What may come next in a case, for each kind and at each point of it: a table worked out by hand, and every other step refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

import pytest

from panel import events as ev
from panel.order.courses import against
from panel.state.adoption import rulebook_of
from panel.state.happenings import changed, decided, happenings
from panel.state.lifecycle import (
    COMMANDS,
    Course,
    Trial,
    after,
    course_of,
    kept,
    lacking,
    may_come,
    next_steps,
    phase,
    trial_ends,
    why_not,
)
from panel.state.records import Recorded, Referral
from panel.state.schooldays import Terms
from panel.state.undone import undone_by
from rules.book import Length

ASH, BEECH = "200001", "200002"
R: Final[dict[str, Any]] = {"referral": "R1", "pupil": "P1"}
BOTH: Final = ("parent", "receiving_admission_authority")
COURSES: Final = {
    "move": Course("managed_move", "b", dt.date(2026, 9, 1), "permanent", agreed_by=BOTH),
    "trial": Course(
        "managed_move",
        "b",
        dt.date(2021, 9, 1),
        "permanent",
        agreed_by=BOTH,
        trial=Trial(Length(12, "weeks"), "permanent", ("permanent", "return")),
    ),
    "direction": Course(
        "off_site_direction",
        "b",
        dt.date(2026, 9, 1),
        "temporary",
        decided_by="home governing board",
        register_code="D",
        notice=Length(2, "school days"),
        ends_as=("return", "extend", "managed_move"),
    ),
    "exclusion": Course("permanent_exclusion", "b", dt.date(2026, 9, 1), "admission"),
    "reviewed": Course("reintegration", "b", dt.date(2026, 9, 1), "admission", reviews=(Length(6, "weeks"),)),
    "unit": Course("fair_access", "b", dt.date(2026, 9, 1), "temporary", ends_as=("return", "admission")),
}


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(f"2026-{text}")


DECIDED: Final = ev.DecisionTaken(meeting=1, on=day("10-22"), outcome="confirmed", school=BEECH, starts=day("11-02"), **R)
SCHOOL: Final = ev.SchoolAgreed(school=BEECH, on=day("10-27"), **R)
PARENT: Final = ev.FamilyAgreed(by="parent", school=BEECH, on=day("10-28"), **R)
BOARD: Final = ev.BoardDirected(school=BEECH, on=day("10-28"), **R)
NOTICE: Final = ev.NoticeGiven(on=day("10-29"), **R)
START: Final = ev.PlacementStarted(school=BEECH, on=day("11-02"), **R)
KEPT: Final = ev.PlacementMadePermanent(on=day("12-01"), **R)
RETURN: Final = ev.PlacementEnded(end="return", on=day("12-01"), **R)
BACK_HOME: Final = ev.PlacementBrokeDown(returned=True, on=day("12-01"), **R)
FAILED: Final = ev.PlacementBrokeDown(returned=False, on=day("12-01"), **R)
NEVER_BEGAN: Final = ev.PlacementEnded(end="not_taken_up", on=day("10-30"), **R)


def case(course: Course, *events: ev.Event) -> Referral:
    """A referral of the course's kind, after these events."""
    told: dict[str, Any] = {**R, "referral_kind": course.kind}
    made = ev.ReferralMade(year_group=9, home_school=ASH, made_on=day("10-01"), **told)
    held = Referral(made, agreements={"parent": day("10-01"), "home_school": day("10-01")})
    for seq, event in enumerate(events, start=2):
        if isinstance(event, ev.DecisionTaken):
            held = decided(held, event, seq)
        else:
            then = changed(held, event)
            held = replace(then, happened=(*then.happened, *happenings(Recorded(seq, "", event))))
    return held


BEFORE: Final = {"refuse", "not_taken_up"}
MOVING: Final = {*BEFORE, "withdraw"}
TABLE: Final[tuple[tuple[str, tuple[ev.Event, ...], str, set[str]], ...]] = (
    ("move", (), "undecided", set()),
    ("move", (DECIDED,), "to start", {"agree", *MOVING}),
    ("move", (DECIDED, SCHOOL), "to start", {"agree", *MOVING}),
    ("move", (DECIDED, SCHOOL, PARENT), "to start", {"start", *MOVING}),
    ("move", (DECIDED, SCHOOL, PARENT, START), "settled", {"left", "break-down"}),
    ("move", (DECIDED, SCHOOL, PARENT, START, FAILED), "over", set()),
    ("trial", (DECIDED,), "to start", {"agree", *MOVING}),
    ("trial", (DECIDED, SCHOOL, PARENT), "to start", {"start", *MOVING}),
    ("trial", (DECIDED, SCHOOL, PARENT, START), "trial", {"review", "permanent", "return", "left", "break-down"}),
    ("trial", (DECIDED, SCHOOL, PARENT, START, KEPT), "settled", {"left", "break-down"}),
    ("trial", (DECIDED, SCHOOL, PARENT, START, RETURN), "over", set()),
    ("direction", (DECIDED,), "to start", {"board", *BEFORE}),
    ("direction", (DECIDED, BOARD), "to start", {"notice", *BEFORE}),
    ("direction", (DECIDED, BOARD, NOTICE), "to start", {"notice", "start", *BEFORE}),
    ("direction", (DECIDED, BOARD, NOTICE, START), "temporary", {"review", "extend", "return", "managed_move", "left", "break-down"}),
    ("direction", (DECIDED, BOARD, NOTICE, START, RETURN), "over", set()),
    ("exclusion", (DECIDED,), "to start", {"start", *BEFORE}),
    ("exclusion", (DECIDED, NEVER_BEGAN), "over", set()),
    ("move", (DECIDED, SCHOOL, NEVER_BEGAN), "over", set()),
    ("exclusion", (DECIDED, START), "settled", {"left", "break-down"}),
    ("reviewed", (DECIDED, START), "settled", {"review", "left", "break-down"}),
    ("unit", (DECIDED,), "to start", {"notice", "start", *BEFORE}),
    ("unit", (DECIDED, START), "temporary", {"review", "return", "admission", "left", "break-down"}),
)


@pytest.mark.parametrize(("name", "events", "where", "may"), TABLE)
def test_what_may_come_next(name: str, events: tuple[ev.Event, ...], where: str, may: set[str]) -> None:
    course = COURSES[name]
    held = case(course, *events)
    steps = next_steps(held, course)
    assert phase(held, course) == where
    assert {step.name for step in steps if not step.why_not} == may
    assert [step.name for step in steps] == list(COMMANDS)
    assert all(step.why_not for step in steps if step.name not in may)


def test_every_point_of_every_kind_is_in_the_table() -> None:
    """Each step is allowed somewhere and refused somewhere."""
    allowed = set[str]().union(*(may for _, _, _, may in TABLE))
    assert allowed == set(COMMANDS)


BOOK: Final = "b of 2026-09-01"
NOT_YET: Final = "not agreed yet, and nothing starts before all have"
NO_MORE: Final = "after its start nothing follows but a break-down, or that the pupil leaves"
NO_REVIEWS: Final = (
    "b of 2026-09-01 has no `reviews` for a permanent exclusion: an edition that asks for one says "
    "`lifecycle: {permanent_exclusion: {reviews: [6 weeks]}}`"
)
ASKS_NOT: Final = "b of 2026-09-01 asks no agreement of the"
ONLY: Final = "only of the parent and the receiving admission authority"
BY_THAT: Final = "by an agreement that is taken back, and this is a"
ENDS: Final = "a return or an extension or a managed move"


@pytest.mark.parametrize(
    ("name", "events", "step", "who", "why"),
    [
        ("move", (), "start", "", "it is waiting; this follows a decision for a school"),
        ("move", (DECIDED,), "start", "", f"the parent and the receiving admission authority have {NOT_YET}"),
        ("move", (DECIDED, SCHOOL), "start", "", f"the parent has {NOT_YET}"),
        ("move", (DECIDED,), "refuse", "pupil", f"{BOOK} asks no agreement of the pupil for a managed move, so the decision stands"),
        ("move", (DECIDED,), "refuse", "parent", ""),
        (
            "exclusion",
            (DECIDED,),
            "refuse",
            "parent",
            f"{BOOK} asks no agreement of the parent for a permanent exclusion, so the decision stands",
        ),
        ("exclusion", (DECIDED,), "refuse", "receiving_school", ""),
        ("exclusion", (DECIDED,), "withdraw", "", f"only a managed move is stopped {BY_THAT} permanent exclusion"),
        ("move", (DECIDED,), "agree", "local_authority", f"{ASKS_NOT} local authority for a managed move, {ONLY}"),
        ("move", (DECIDED,), "agree", "pupil", f"{ASKS_NOT} pupil for a managed move, {ONLY}"),
        ("exclusion", (DECIDED,), "agree", "home_school", f"{ASKS_NOT} home school for a permanent exclusion, nor of anybody else"),
        ("move", (DECIDED, PARENT), "agree", "parent", "the parent agreed on 2026-10-28 already"),
        ("move", (DECIDED, SCHOOL, PARENT, START), "withdraw", "", "it started on 2026-11-02, and this comes before the start"),
        ("move", (DECIDED,), "board", "", "b of 2026-09-01 has nobody but the panel decide a managed move"),
        ("move", (DECIDED,), "notice", "", "b of 2026-09-01 asks no notice for a managed move"),
        ("move", (DECIDED,), "break-down", "", "it has not started"),
        ("direction", (DECIDED,), "start", "", "the home governing board has not decided it yet"),
        ("direction", (DECIDED, BOARD), "board", "", "the home governing board decided it on 2026-10-28"),
        ("direction", (DECIDED, BOARD), "start", "", "no notice was given, and b of 2026-09-01 asks for 2 school days"),
        ("direction", (DECIDED, BOARD, NOTICE, START), "permanent", "", f"by {BOOK} this placement ends as {ENDS}, not as permanent"),
        (
            "trial",
            (DECIDED, SCHOOL, PARENT, START),
            "extend",
            "",
            "by b of 2021-09-01 a trial ends as permanent or a return, not as an extension",
        ),
        ("trial", (DECIDED, SCHOOL, PARENT, START, KEPT), "return", "", f"the placement is permanent: {NO_MORE}"),
        ("exclusion", (DECIDED, START), "review", "", f"the placement is an admission: {NO_MORE}. {NO_REVIEWS}"),
        ("exclusion", (DECIDED, START), "extend", "", f"the placement is an admission: {NO_MORE}"),
        (
            "direction",
            (DECIDED, BOARD, NOTICE, START, RETURN),
            "review",
            "",
            "its placement ended on 2026-12-01 with a return to the home school",
        ),
    ],
)
def test_why_not(name: str, events: Iterable[ev.Event], step: str, who: str, why: str) -> None:
    assert why_not(case(COURSES[name], *events), COURSES[name], step, who) == why


def test_a_parent_may_always_answer_to_a_managed_move() -> None:
    """Though the book names nobody: nothing waits for the parent's word, and the parent may give it."""
    course = Course("managed_move", "b", dt.date(2026, 9, 1), "permanent")
    held = case(course, DECIDED)
    assert why_not(held, course, "refuse", "parent") == ""
    assert why_not(held, course, "agree", "parent") == ""
    assert why_not(held, course, "agree", "home_school") == f"{ASKS_NOT} home school for a managed move, only of the parent"


def test_who_has_still_to_agree() -> None:
    course = replace(COURSES["move"], agreed_by=("parent", "pupil", "home_school", "local_authority", "receiving_school"))
    held = case(course, DECIDED)
    assert lacking(held, course) == ("parent", "pupil", "local_authority", "receiving_school")  # the home school agreed to look for it
    assert lacking(replace(held, agreements={}), course)[2] == "home_school"
    pupil = ev.FamilyAgreed(by="pupil", school=BEECH, on=day("10-28"), **R)
    authority = ev.PartnerAgreed(by="local_authority", school=BEECH, on=day("10-28"), **R)
    assert lacking(case(course, DECIDED, PARENT, pupil, authority), course) == ("receiving_school",)
    assert lacking(case(course, DECIDED, PARENT, pupil, authority, SCHOOL), course) == ()
    assert may_come(case(course, DECIDED, PARENT, pupil, authority, SCHOOL), course).startswith("What may come next: `pastoral refuse R1")


def test_what_undid_a_decision() -> None:
    move = COURSES["move"]
    assert undone_by(case(move, DECIDED)) == ""
    assert (
        undone_by(case(move, DECIDED, ev.FamilyRefused(by="parent", school=BEECH, on=day("10-28"), **R)))
        == "to which the family did not agree"
    )
    assert undone_by(case(move, DECIDED, ev.SchoolRefused(school=BEECH, on=day("10-28"), **R))) == "which did not agree"
    back = ev.AgreementWithdrawn(referral="R1", by="parent", on=day("10-28"), school=BEECH)
    assert undone_by(case(move, DECIDED, back)) == "and the parent took the agreement to look for a move back"
    assert undone_by(case(move, DECIDED, back, at_meeting(2))) == ""


def at_meeting(number: int) -> ev.DecisionTaken:
    return DECIDED.model_copy(update={"meeting": number, "on": day("11-05")})


def test_all_that_was_agreed_to_one_decision_is_asked_anew_for_the_next() -> None:
    move = COURSES["move"]
    refused = ev.FamilyRefused(by="parent", school=BEECH, on=day("10-29"), **R)
    held = case(move, DECIDED, SCHOOL, PARENT, refused, at_meeting(2))
    assert lacking(held, move) == BOTH
    assert held.family_refusals == (BEECH,)
    assert held.refusals == ()
    direction = COURSES["direction"]
    declined = ev.BoardDeclined(school=BEECH, on=day("10-30"), **R)
    again = case(direction, DECIDED, BOARD, NOTICE, declined, at_meeting(2))
    assert why_not(again, direction, "notice") == "the home governing board has not decided it yet"


# --- days and schools ---

TERMS: Final = Terms.of([ev.TermRecorded(first=day("09-02"), last=day("10-23")), ev.TermRecorded(first=day("11-02"), last=day("12-18"))])


@pytest.mark.parametrize(
    ("length", "given", "starts", "met"),
    [
        (Length(2, "school days"), "10-12", "10-13", False),
        (Length(2, "school days"), "10-12", "10-14", True),
        (Length(2, "school days"), "10-16", "10-19", False),  # Friday to Monday is one
        (Length(2, "school days"), "10-22", "10-31", False),  # half-term
        (Length(2, "school days"), "10-22", "11-02", True),
        (Length(3, "calendar days"), "10-12", "10-14", False),
        (Length(3, "calendar days"), "10-12", "10-15", True),
        (Length(1, "weeks"), "10-12", "10-18", False),
        (Length(1, "weeks"), "10-12", "10-19", True),
    ],
)
def test_whether_a_length_of_time_lies_between(length: Length, given: str, starts: str, met: bool) -> None:
    assert kept(length, day(given), day(starts), TERMS) is met


def test_without_terms_it_cannot_be_told() -> None:
    assert kept(Length(2, "school days"), day("10-12"), day("10-14"), Terms()) is None
    assert after(Length(2, "school days"), day("10-12"), Terms()) is None
    assert after(Length(2, "school days"), day("10-22"), TERMS) == day("11-02")
    assert after(Length(6, "weeks"), day("11-02"), Terms()) == day("12-14")
    assert trial_ends(COURSES["trial"], dt.date(2026, 6, 15), Terms()) == dt.date(2026, 9, 6)


def taken_back(on: str) -> ev.AgreementWithdrawn:
    return ev.AgreementWithdrawn(referral="R1", by="parent", on=day(on), school=BEECH)


def start(on: str = "11-02", until: str | None = None, code: str | None = None, school: str = BEECH) -> ev.PlacementStarted:
    return ev.PlacementStarted(on=day(on), until=day(until) if until else None, register_code=code, school=school, **R)


@pytest.mark.parametrize(
    ("name", "events", "event", "why"),
    [
        ("move", (DECIDED, SCHOOL, PARENT), start("10-27"), "found 2026-10-27; wanted 2026-10-28 or later"),
        ("move", (DECIDED, SCHOOL, PARENT), start(school=ASH), "found 200001; wanted 200002, the school that was decided"),
        ("move", (DECIDED, SCHOOL, PARENT), start(until="12-18"), "--until: found 2026-12-18; wanted nothing"),
        ("move", (DECIDED, SCHOOL, PARENT), start(code="D"), "found the register code D; wanted none"),
        ("move", (DECIDED, SCHOOL, PARENT), start(), ""),
        ("trial", (DECIDED, SCHOOL, PARENT), start(), "--until: found nothing; wanted the planned last day"),
        ("trial", (DECIDED, SCHOOL, PARENT), start("06-15", "09-06"), "found 2026-06-15; wanted 2026-10-28 or later"),
        (
            "direction",
            (DECIDED, BOARD, NOTICE),
            start("11-02", "12-18", "D"),
            "notice was given on 2026-10-29, and 2 school days from then",
        ),
        ("direction", (DECIDED, BOARD, NOTICE), start("11-03", "12-18", "D"), ""),
        ("direction", (DECIDED, BOARD, NOTICE), start("11-03", "11-02", "D"), "--until: found 2026-11-02; wanted 2026-11-03 or later"),
        ("direction", (DECIDED, BOARD, NOTICE), start("11-03", "12-18"), "found the register code none; wanted D"),
        ("move", (DECIDED, SCHOOL, PARENT, START), BACK_HOME, "the pupil is back on the roll"),
        ("trial", (DECIDED, SCHOOL, PARENT, START), FAILED, "the pupil is back on the roll"),
        ("trial", (DECIDED, SCHOOL, PARENT, START), BACK_HOME, ""),
        (
            "move",
            (DECIDED,),
            ev.FamilyAgreed(by="parent", school=BEECH, on=day("10-21"), **R),
            "found 2026-10-21; wanted 2026-10-22 or later",
        ),
        ("move", (DECIDED,), taken_back("10-15"), ""),
        ("move", (DECIDED,), taken_back("09-30"), "found 2026-09-30; wanted 2026-10-01"),
    ],
)
def test_days_and_schools(name: str, events: Iterable[ev.Event], event: ev.Event, why: str) -> None:
    said = against(case(COURSES[name], *events), COURSES[name], event, TERMS)
    assert said.startswith(why) if why else said == ""


# --- what a book says ---


def test_the_books_that_ship() -> None:
    move = course_of(rulebook_of("england", dt.date(2026, 9, 1)), "managed_move")
    assert (move.placement, move.agreed_by, move.trial) == ("permanent", BOTH, None)
    direction = course_of(rulebook_of("shire11", dt.date(2026, 10, 1)), "off_site_direction")
    assert (direction.decided_by, direction.register_code, str(direction.notice)) == ("home governing board", "D", "2 school days")
    assert tuple(map(str, direction.reviews)) == ("6 weeks", "12 weeks")
    assert direction.ends == ("return", "extend", "managed_move")
    old = course_of(rulebook_of("fell", dt.date(2022, 9, 1)), "managed_move")
    assert old.trial == Trial(Length(12, "weeks"), "permanent", ("permanent", "return"))
    assert old.ends == ("permanent", "return")
    silent = course_of(rulebook_of("england", dt.date(2026, 9, 1)), "reintegration")
    assert (silent.placement, silent.agreed_by, silent.ends) == ("admission", (), ())
