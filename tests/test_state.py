"""The fold of the record: what is so on a day, as known at a moment; what decisions, deferrals and refusals make of a referral."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel import events as ev
from panel.errors import LedgerBroken
from panel.state.fold import fold
from panel.state.records import Admission, Recorded, Referral, State

BIRCH, CEDAR = "100002", "100003"


def day(text: str) -> dt.date:
    """`10-15` is 15 October 2026."""
    return dt.date.fromisoformat(f"2026-{text}")


def written(*events: ev.Event) -> list[Recorded]:
    """Entry n is written at noon on the nth day of December 2026, long after it happened."""
    return [Recorded(n, f"2026-12-{n:02}T12:00:00.000000Z", event) for n, event in enumerate(events, start=1)]


def made(name: str = "R1", made_on: str = "10-01", **more: Any) -> ev.ReferralMade:
    return ev.ReferralMade(
        referral=name, pupil=f"P{name}", referral_kind="managed_move", year_group=9, home_school=BIRCH, made_on=day(made_on), **more
    )


def opened(number: int = 1, on: str = "10-15", agenda: tuple[str, ...] = ("R1",)) -> ev.MeetingOpened:
    return ev.MeetingOpened(
        meeting=number, on=day(on), chair="C", agenda=agenda, agenda_digest="", rulebook="b", edition=day("09-01"), rulebook_digest=""
    )


def decided(outcome: ev.Outcome = "confirmed", number: int = 1, on: str = "10-15", name: str = "R1", **more: Any) -> ev.DecisionTaken:
    if outcome in ("confirmed", "overridden"):
        more = {"school": CEDAR, "starts": day(on), **more}
    return ev.DecisionTaken(meeting=number, on=day(on), referral=name, pupil=f"P{name}", outcome=outcome, **more)


def refused(on: str = "10-20", name: str = "R1", school: str = CEDAR) -> ev.SchoolRefused:
    return ev.SchoolRefused(referral=name, pupil=f"P{name}", school=school, on=day(on))


def referral(state: State, name: str = "R1") -> Referral:
    return state.referrals[name]


# --- which entries count ---


def test_as_of_leaves_out_what_happened_later() -> None:
    record = written(made("R1", "10-01"), made("R2", "10-03"), opened(), decided())
    assert set(fold(record, as_of=day("10-02")).referrals) == {"R1"}
    assert referral(fold(record, as_of=day("10-14"))).status == "waiting"
    assert referral(fold(record, as_of=day("10-15"))).status == "decided"


def test_known_at_leaves_out_what_was_written_later() -> None:
    record = written(made("R1", "10-01"), made("R2", "10-03"))
    assert set(fold(record, known_at="2026-12-01T12:00:00.000000Z").referrals) == {"R1"}
    assert fold(record, known_at="2026-12-01T11:59:59.999999Z") == State()


def test_what_has_no_day_holds_whenever_it_was_loaded() -> None:
    """Terms, journeys and a school without an opening date; but a school is not there before the day it opened."""
    record = written(
        ev.TermRecorded(first=day("11-02"), last=day("12-18")),
        ev.JourneysRecorded(pupil="P1", case=ev.JourneyRows(journeys=(ev.Journey(urn=CEDAR, metres=900),))),
        ev.SchoolRecorded(urn=BIRCH, name="Birch"),
        ev.SchoolRecorded(urn=CEDAR, name="Cedar", opened_on=day("10-01")),
    )
    state = fold(record, as_of=day("09-01"))
    assert [term.first for term in state.terms] == [day("11-02")]
    assert state.journeys["P1"][CEDAR].metres == 900
    assert list(state.schools) == [BIRCH]
    assert list(fold(record, as_of=day("10-01")).schools) == [BIRCH, CEDAR]


@given(st.integers(0, 12), st.permutations(range(6)))
def test_a_fold_of_a_part_is_the_fold_of_what_was_known(cut: int, order: list[int]) -> None:
    names = [f"R{n}" for n in order]
    record = written(*(made(name) for name in names), opened(agenda=tuple(names)), *(decided(name=name) for name in names[:5]))
    moment = record[cut - 1].recorded_at if cut else ""
    assert fold(record, known_at=moment) == fold(record[:cut])
    assert list(fold(record).referrals) == sorted(names)


# --- referrals ---


def test_a_confirmed_referral_is_decided_and_its_pupil_admitted_on_the_planned_day() -> None:
    case = ev.ReferralCase(ehcp=False, looked_after=True)
    record = written(made(case=case), opened(), decided(starts=day("11-02"), transport_pence=65000, over_number=2))
    state = fold(record)
    assert referral(state).status == "decided"
    assert referral(state).decision_seq == 3
    assert state.admissions == (
        Admission(
            pupil="PR1", school=CEDAR, on=day("11-02"), year_group=9, by_panel=True, kind="managed_move", permanently_excluded=False,
            ehcp=False, looked_after=True, sent_by=BIRCH, pence_per_year=65000, over_number=2, referral="R1",
            for_good=True,
        ),
    )  # fmt: skip


@pytest.mark.parametrize(("excluded_by", "sent_by"), [(CEDAR, CEDAR), (None, BIRCH)])
def test_the_school_that_excluded_sent_the_pupil_else_the_home_school(excluded_by: str | None, sent_by: str) -> None:
    state = fold(written(made(excluded_by=excluded_by, permanently_excluded=True), opened(), decided()))
    assert state.admissions[0].sent_by == sent_by


def test_a_deferred_referral_waits_and_says_how_often() -> None:
    state = fold(written(made(), opened(), decided("deferred"), opened(2, "11-12"), decided("deferred", 2, "11-12")))
    assert (referral(state).status, referral(state).deferrals) == ("waiting", 2)
    assert state.admissions == ()


def test_a_declined_referral_is_over_and_counts_nothing() -> None:
    state = fold(written(made(), opened(), decided("declined")))
    assert referral(state).status == "declined"
    assert state.admissions == ()


def test_a_refusal_takes_the_decision_back_on_its_day() -> None:
    record = written(made(), opened(), decided(), refused("10-20"))
    state = fold(record)
    assert (referral(state).status, referral(state).refusals, referral(state).decision) == ("waiting", (CEDAR,), None)
    assert state.admissions == ()
    assert state.meetings[0].decisions["R1"].school == CEDAR  # the meeting's own record of it stays
    assert referral(fold(record, as_of=day("10-19"))).status == "decided"


def test_after_a_refusal_it_may_be_decided_again() -> None:
    again = decided("overridden", 2, "11-12", school=BIRCH)
    state = fold(written(made(), opened(), decided(), refused(), opened(2, "11-12"), again))
    assert (referral(state).status, referral(state).refusals) == ("decided", (CEDAR,))
    assert [(admission.school, admission.on) for admission in state.admissions] == [(BIRCH, day("11-12"))]


def test_a_school_that_agreed_is_remembered_until_it_refuses() -> None:
    agreed = ev.SchoolAgreed(referral="R1", pupil="PR1", school=CEDAR, on=day("10-16"))
    assert referral(fold(written(made(), opened(), decided(), agreed))).agreed_by_school
    assert not referral(fold(written(made(), opened(), decided(), agreed, refused()))).agreed_by_school


def test_a_withdrawn_referral_stays_withdrawn() -> None:
    withdrawn = ev.ReferralWithdrawn(referral="R1", pupil="PR1", on=day("10-05"))
    record = written(made(), withdrawn)
    assert referral(fold(record)).status == "withdrawn"
    assert referral(fold(record, as_of=day("10-04"))).status == "waiting"


def test_agreements_are_those_in_force() -> None:
    record = written(
        made(),
        ev.AgreementSigned(referral="R1", by="parent", on=day("10-02")),
        ev.AgreementSigned(referral="R1", by="home_school", on=day("10-02")),
        ev.AgreementWithdrawn(referral="R1", by="parent", on=day("10-09")),
    )
    assert referral(fold(record)).agreements == {"home_school": day("10-02")}
    assert set(referral(fold(record, as_of=day("10-08"))).agreements) == {"home_school", "parent"}


def test_an_agreement_dated_before_its_referral_waits_for_it() -> None:
    record = written(made(made_on="10-05"), ev.AgreementSigned(referral="R1", by="parent", on=day("10-01")))
    assert fold(record, as_of=day("10-02")).referrals == {}
    assert referral(fold(record, as_of=day("10-05"))).agreements == {"parent": day("10-01")}


# --- schools, places, history ---


def places(as_at: str, *, on_roll: int, year_group: int = 9) -> ev.PlacesRecorded:
    return ev.PlacesRecorded(urn=BIRCH, as_at=day(as_at), years=(ev.YearPlaces(year_group=year_group, pan=180, on_roll=on_roll),))


def test_the_latest_count_holds_whichever_was_loaded_last() -> None:
    record = written(
        places("10-01", on_roll=178), places("10-01", on_roll=179), places("09-01", on_roll=170), places("09-15", on_roll=1, year_group=8)
    )
    state = fold(record)
    assert (state.years[BIRCH, 9].on_roll, state.years[BIRCH, 8].on_roll) == (179, 1)
    assert fold(record, as_of=day("09-30")).years[BIRCH, 9].on_roll == 170


def test_a_school_is_what_was_recorded_last() -> None:
    first, second = ev.SchoolRecorded(urn=BIRCH, name="Birch", roll=900), ev.SchoolRecorded(urn=BIRCH, name="Birch Academy", roll=901)
    assert fold(written(first, second)).schools == {BIRCH: second}


def test_only_a_new_figure_of_places_taken_begins_the_count_anew() -> None:
    """Entry 2 is about a new head, entry 3 about the places: 6 are taken since entry 1, 7 since entry 3."""
    pru = ev.SchoolRecorded(urn=BIRCH, name="Birch Centre", setting="pru", places=8, occupied=6)
    events = (pru, pru.model_copy(update={"head_in_first_term": True}), pru.model_copy(update={"occupied": 7}))
    assert [fold(written(*events[:n])).occupied_seqs[BIRCH] for n in (1, 2, 3)] == [1, 1, 3]


@pytest.mark.parametrize(("outcome", "failed"), [(None, False), ("permanent", False), ("returned", True), ("broken_down", True)])
def test_a_placement_from_before_failed_where_it_ended(outcome: Any, failed: bool) -> None:
    before = ev.PlacedBefore(pupil="H1", school=BIRCH, on=day("03-02"), referral_kind="fair_access", year_group=8, outcome=outcome)
    (admission,) = fold(written(before)).admissions
    assert (admission.failed, admission.by_panel, admission.kind, admission.sent_by) == (failed, True, "fair_access", None)


def test_an_admission_outside_the_panel_is_not_the_panels() -> None:
    outside = ev.AdmittedOutside(pupil="H1", school=BIRCH, on=day("10-02"), year_group=8, points=2, case=ev.AdmissionCase(ehcp=True))
    (admission,) = fold(written(outside)).admissions
    assert (admission.by_panel, admission.kind, admission.ehcp, admission.looked_after, admission.points) == (
        False,
        "outside",
        True,
        None,
        2,
    )


def test_later_journeys_replace_earlier_ones_school_by_school() -> None:
    def ways(*rows: tuple[str, int]) -> ev.JourneysRecorded:
        return ev.JourneysRecorded(
            pupil="P1", case=ev.JourneyRows(journeys=tuple(ev.Journey(urn=urn, metres=metres) for urn, metres in rows))
        )

    state = fold(written(ways((BIRCH, 900), (CEDAR, 1200)), ways((CEDAR, 1300))))
    assert {urn: way.metres for urn, way in state.journeys["P1"].items()} == {BIRCH: 900, CEDAR: 1300}


# --- meetings ---


def test_a_meeting_gathers_what_belongs_to_it() -> None:
    record = written(
        made(),
        opened(),
        ev.MeetingInvited(meeting=1, on=day("10-15"), schools=(CEDAR,), told_on=day("10-01")),
        ev.MeetingInvited(meeting=1, on=day("10-15"), schools=(BIRCH, CEDAR), told_on=day("10-02")),
        ev.MeetingAttended(meeting=1, on=day("10-15"), schools=(BIRCH,)),
        ev.MeetingDrawn(meeting=1, on=day("10-15"), words=("oak",), seed="00"),
        decided("deferred"),
        ev.MeetingClosed(meeting=1, on=day("10-15")),
        opened(2, "11-12"),
    )
    state = fold(record)
    first, second = state.meetings
    assert (first.invited, first.attended, first.closed, first.opened_seq) == ((BIRCH, CEDAR), (BIRCH,), True, 2)
    assert first.drawn is not None
    assert first.decisions["R1"].outcome == "deferred"
    assert state.open_meeting == second
    assert fold(record[:8]).open_meeting is None


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ((made(), decided()), "Entry 2 (decision taken) speaks of meeting 1, which no entry before it opened."),
        ((opened(agenda=()), decided(name="R9")), "Entry 2 (decision taken) decides R9, which no entry before it made."),
    ],
)
def test_an_entry_about_nothing_is_named(events: tuple[ev.Event, ...], said: str) -> None:
    with pytest.raises(LedgerBroken) as caught:
        fold(written(*events))
    assert caught.value.message == said
