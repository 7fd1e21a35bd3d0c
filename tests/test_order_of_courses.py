"""What a replay says of a course that the program itself would never have recorded, and what of what an exclusion's reversal leaves."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, Final

import pytest

from panel import events as ev
from panel.errors import Refused
from panel.facts.rolls import on_roll
from panel.order.entries import missteps
from panel.state.adoption import adoptions, recorded
from panel.state.fold import fold
from panel.state.records import Recorded
from panel.steps import casebook
from panel.steps.office import found as founded

ASH, BEECH = "200001", "200002"
NOON: Final = "2026-12-01T12:00:00.000000Z"
R: Final[dict[str, Any]] = {"referral": "R1", "pupil": "P1"}


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(f"2026-{text}")


def written(*events: ev.Event) -> list[Recorded]:
    return [Recorded(seq, NOON, event) for seq, event in enumerate(events, start=1)]


def made(kind: ev.Kind = "managed_move", name: str = "R1", on: str = "10-01", **more: Any) -> ev.ReferralMade:
    return ev.ReferralMade(
        **{"referral": name, "pupil": "P1", "referral_kind": kind, "year_group": 9, "home_school": ASH, "made_on": day(on), **more}
    )


def opened(number: int = 1, on: str = "10-22", agenda: tuple[str, ...] = ("R1",)) -> ev.MeetingOpened:
    digests: dict[str, Any] = {"agenda_digest": "", "rulebook": "shire11", "edition": day("09-01"), "rulebook_digest": ""}
    return ev.MeetingOpened(meeting=number, on=day(on), chair="C", agenda=agenda, **digests)


DECIDED: Final = ev.DecisionTaken(meeting=1, on=day("10-22"), outcome="confirmed", school=BEECH, starts=day("10-22"), **R)
CLOSED: Final = ev.MeetingClosed(meeting=1, on=day("10-22"))
SIGNED: Final = tuple(ev.AgreementSigned(referral="R1", by=by, on=day("10-01")) for by in ("parent", "home_school"))
SCHOOLS: Final = tuple(ev.SchoolRecorded(urn=urn, name=urn) for urn in (ASH, BEECH))
FOUNDED: Final = (ev.PanelFounded(name="P", rulebook="shire11"), *map(recorded, adoptions("shire11")), *SCHOOLS)
TERM: Final = ev.TermRecorded(first=day("09-02"), last=day("12-18"))
AGREED: Final = (ev.SchoolAgreed(school=BEECH, on=day("10-27"), **R), ev.FamilyAgreed(by="parent", school=BEECH, on=day("10-28"), **R))
START: Final = ev.PlacementStarted(school=BEECH, on=day("11-02"), **R)
FAILED: Final = ev.PlacementBrokeDown(returned=False, on=day("12-01"), **R)
BACK: Final = made(name="R1-2", on="12-01", home_school=BEECH, follows="R1")
EXCLUDED: Final = ev.PermanentlyExcluded(pupil="P1", school=ASH, on=day("09-28"), year_group=9)
STOPPED: Final = ev.AgreementWithdrawn(referral="R1", by="parent", on=day("10-20"), school=BEECH)
REVIEW: Final = ev.PlacementReviewed(on=day("11-20"), **R)
LASTING: Final = ev.PlacementMadePermanent(on=day("11-20"), **R)
ELSEWHERE: Final = ev.FamilyAgreed(by="parent", school=ASH, on=day("10-28"), **R)
OTHER: Final = ev.ExclusionReversed(pupil="P1", school=ASH, excluded_on=day("09-29"), how="quashed", on=day("11-20"))
NOT_YET: Final = "not agreed yet, and nothing starts before all have"
NO_MORE: Final = "after its start nothing follows but a break-down, or that the pupil leaves"
NOT_ASKED: Final = (
    "shire11 of 2026-09-01 asks no agreement of the local authority for a managed move, "
    "only of the parent and the receiving admission authority"
)
STARTED: Final = "nothing: it started on 2026-11-02, and this comes before the start"
QUASHED: Final = ev.ExclusionReversed(pupil="P1", school=ASH, excluded_on=day("09-28"), how="quashed", on=day("11-20"))


def wrong(*events: ev.Event, kind: ev.Kind = "managed_move") -> list[tuple[str, str]]:
    """What is wrong with a case of shire11 that was decided for Beech on 22 October and went on so: what, and what was wanted."""
    record = written(*FOUNDED, TERM, EXCLUDED, made(kind), *SIGNED, opened(), DECIDED, CLOSED, *events)
    return [(misstep.what, str(misstep.wanted)) for misstep in missteps(record)]


@pytest.mark.parametrize(
    "events",
    [
        (*AGREED, START, FAILED, BACK),
        (*AGREED, ev.FamilyRefused(by="parent", school=BEECH, on=day("10-29"), **R)),
        (*AGREED, START, REVIEW),
        (STOPPED, ev.AgreementSigned(referral="R1", by="parent", on=day("11-01"))),
        (ev.FamilyTold(on=day("10-22"), **R), ev.EducationStarted(on=day("10-05"), **R), QUASHED),
        (ev.SharingAgreed(by="parent", on=day("10-05"), **R), ev.SharingWithdrawn(by="parent", on=day("10-06"), **R)),
    ],
)
def test_what_is_right(events: tuple[ev.Event, ...]) -> None:
    assert wrong(*events) == []


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ((START,), ("step", f"nothing: the parent and the receiving admission authority have {NOT_YET}")),
        ((*AGREED, START, START), ("step", STARTED)),
        ((*AGREED, FAILED), ("step", "nothing: it has not started")),
        ((*AGREED, START, LASTING), ("step", f"nothing: the placement is permanent: {NO_MORE}")),
        ((*AGREED, START, FAILED, FAILED), ("step", "nothing: its placement broke down on 2026-12-01")),
        ((ELSEWHERE,), ("step", "nothing: found 200001; wanted 200002, the school that was decided")),
        ((*AGREED, START, ev.SchoolRefused(school=BEECH, on=day("11-05"), **R)), ("step", STARTED)),
        ((*AGREED, START.model_copy(update={"pupil": "P2"})), ("pupil", "P1")),
        ((START.model_copy(update={"referral": "R8"}),), ("referral", "a referral that an entry before it made")),
        ((BACK,), ("follows", "a referral whose placement broke down, or ended to go on as another")),
        ((*AGREED, START, FAILED, BACK, BACK.model_copy(update={"referral": "R1-3"})), ("follows", "a referral that none follows yet")),
        ((*AGREED, START, FAILED, BACK.model_copy(update={"pupil": "P2"})), ("pupil", "P1")),
        ((QUASHED, QUASHED), ("excluded_on", "a permanent exclusion that is recorded and stands")),
        ((OTHER,), ("excluded_on", "a permanent exclusion that is recorded and stands")),
        ((QUASHED.model_copy(update={"on": day("09-27")}),), ("on", "2026-09-28 or later")),
        ((ev.SharingWithdrawn(by="parent", on=day("10-06"), **R),), ("by", "somebody who had agreed")),
        ((ev.SharingAgreed(by="parent", on=day("10-05"), **R),) * 2, ("by", "somebody who had not agreed yet")),
        ((ev.FamilyTold(on=day("10-21"), **R),), ("on", "the day of a decision, or a later one")),
        ((ev.SchoolAgreed(school=BEECH, on=day("10-21"), **R),), ("on", "2026-10-22 or later, the day of the decision")),
        ((ev.SchoolRefused(school=BEECH, on=day("10-21"), **R),), ("on", "2026-10-22 or later, the day of the decision")),
        ((ev.EducationStarted(on=day("09-30"), **R),), ("on", "2026-10-01 or later, the day of the referral")),
        ((ev.PartnerAgreed(by="local_authority", school=BEECH, on=day("10-28"), **R),), ("step", f"nothing: {NOT_ASKED}")),
    ],
)
def test_what_is_wrong(events: tuple[ev.Event, ...], said: tuple[str, str]) -> None:
    assert said in wrong(*events)


def test_a_step_is_judged_by_the_book_of_its_decision() -> None:
    """Shire11 asks for notice of a direction, and for the board's decision before it."""
    board = ev.BoardDirected(school=BEECH, on=day("10-23"), **R)
    notice = ev.NoticeGiven(on=day("11-05"), **R)
    early = ev.PlacementStarted(school=BEECH, on=day("11-06"), until=day("12-18"), register_code="D", **R)
    kind: ev.Kind = "off_site_direction"
    assert wrong(notice, kind=kind) == [("step", "nothing: the home governing board has not decided it yet")]
    assert wrong(board, notice, early, kind=kind) == [
        ("step", "nothing: notice was given on 2026-11-05, and 2 school days from then is 2026-11-09: wanted that day or a later one")
    ]
    assert wrong(board, notice, early.model_copy(update={"on": day("11-09")}), kind=kind) == []


def test_education_that_follows_an_exclusion_may_begin_before_the_referral() -> None:
    """Excluded by Ash on 28 September, referred on 1 October: from the 28th on, though the exclusion is quashed since."""
    made_after = made("permanent_exclusion", permanently_excluded=True)

    def begins(on: str, *before: ev.Event) -> list[tuple[str, str]]:
        record = written(*FOUNDED, *before, made_after, QUASHED, ev.EducationStarted(on=day(on), **R))
        return [(one.what, one.wanted) for one in missteps(record) if one.seq == len(record)]

    assert begins("09-28", EXCLUDED) == []
    assert begins("09-27", EXCLUDED) == [("on", "2026-09-28 or later, the day of the exclusion that it follows")]
    assert begins("09-30") == [("on", "2026-10-01 or later, the day of the referral")]
    elsewhere = EXCLUDED.model_copy(update={"school": BEECH})
    assert begins("09-30", elsewhere) == [("on", "2026-10-01 or later, the day of the referral")]


NOWHERE: Final = "200099"
AT: Final[dict[str, Any]] = {"pupil": "P9", "school": NOWHERE, "year_group": 9, "on": day("10-05")}


@pytest.mark.parametrize(
    ("event", "what"),
    [
        (ev.AdmittedOutside(**AT), "school"),
        (ev.PlacedBefore(**AT, referral_kind="managed_move"), "school"),
        (ev.PermanentlyExcluded(**AT), "school"),
        (ev.ExemptionVoted(urn=NOWHERE, first=day("10-05"), last=day("10-06")), "urn"),
        (ev.PlacesRecorded(urn=NOWHERE, as_at=day("10-05"), years=()), "urn"),
        (ev.JourneysRecorded(pupil="P9", case=ev.JourneyRows(journeys=(ev.Journey(urn=ASH), ev.Journey(urn=NOWHERE)))), "urn"),
    ],
)
def test_nothing_is_said_of_a_school_that_nobody_recorded(event: ev.Event, what: str) -> None:
    assert wrong(event) == [(what, "a school that was recorded before")]
    assert wrong(ev.SchoolRecorded(urn=NOWHERE, name="N"), event) == []


@pytest.mark.parametrize(("pence", "found"), [(-1, [("pence", "0 or more")]), (0, [])])
def test_no_fund_or_budget_is_less_than_nothing(pence: int, found: list[tuple[str, str]]) -> None:
    assert wrong(ev.FundSet(financial_year=2026, pence=pence)) == found
    assert wrong(ev.BudgetSet(academic_year=2026, transport_pence=pence)) == found


@pytest.mark.parametrize("said", [{"financial_year": 2026}, {"academic_year": 2026}])
def test_none_is_recorded_either(tmp_path: Path, said: dict[str, int]) -> None:
    with founded(f"sqlite:///{tmp_path / 'p.db'}", name="P", book="shire11", actor="clerk") as office:
        record = casebook.set_fund if "financial_year" in said else casebook.set_budget
        with pytest.raises(Refused, match="--pence: found -1; wanted 0 or more"):
            record(office, **said, pence=-1)
        record(office, **said, pence=0)


# --- what a reversal leaves on the rolls ---


def roll(as_at: str, on: str, *more: ev.Event) -> int | None:
    """Year 9 of Ash at the end of a day: 100 were counted on `as_at`, and P1 was excluded on 28 September."""
    places = ev.PlacesRecorded(urn=ASH, as_at=day(as_at), years=(ev.YearPlaces(year_group=9, pan=120, on_roll=100),))
    state = fold(written(*FOUNDED, places, EXCLUDED, made("permanent_exclusion", permanently_excluded=True), *more), as_of=day(on))
    return on_roll(state, ASH, 9, day(on))


PLACED: Final = (opened(), DECIDED, CLOSED)
BEGUN: Final = (*PLACED, ev.PlacementStarted(referral="R1", pupil="P1", on=dt.date(2026, 10, 22), school=BEECH))


@pytest.mark.parametrize(
    ("as_at", "on", "more", "wanted"),
    [
        ("09-15", "11-19", (QUASHED,), 99),  # counted with P1, who was then excluded
        ("09-15", "11-20", (QUASHED,), 100),
        ("10-15", "11-19", (QUASHED,), 100),  # counted without P1
        ("10-15", "11-20", (QUASHED,), 101),
        ("11-25", "11-30", (QUASHED,), 100),  # counted with P1 again
        ("09-15", "11-20", (*BEGUN, QUASHED), 99),  # P1 is at Beech since 22 October
        ("10-15", "11-20", (*BEGUN, QUASHED), 100),
        ("10-25", "11-20", (*BEGUN, QUASHED), 100),
        ("09-15", "11-20", (*PLACED, QUASHED), 100),  # decided for Beech, and not begun there: Ash has P1 again
        ("10-25", "11-20", (*PLACED, QUASHED), 101),
    ],
)
def test_a_pupil_whose_exclusion_was_reversed_is_on_roll_once(as_at: str, on: str, more: tuple[ev.Event, ...], wanted: int) -> None:
    assert roll(as_at, on, *more) == wanted
