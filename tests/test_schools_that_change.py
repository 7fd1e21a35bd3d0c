"""Succession and membership as values: what goes on under another name, for how long somebody takes a share, and in which order."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from panel import events as ev
from panel.deciding.opening import facts_on
from panel.facts.candidates import MeetingFacts
from panel.facts.counts import tally
from panel.facts.part_year import PartYear, days_of
from panel.order.entries import missteps
from panel.reports.monitored import look
from panel.state.fold import fold
from panel.state.records import Recorded, Span, State
from panel.state.succession import Succession, days_within, memberships, shares
from rules.evaluate import Evaluation
from rules.rulebook import check_text
from tests.test_state import decided, made, opened, written

A, B, C, D = "100001", "100002", "100003", "100004"


def day(text: str) -> dt.date:
    """`01-04` is 4 January 2027; the months from September on are those of 2026."""
    return dt.date.fromisoformat(f"{2026 if text >= '09' else 2027}-{text}")


def merged(into: str, *schools: str, on: str = "01-04") -> ev.SchoolMerged:
    return ev.SchoolMerged(urn=into, merged=schools, on=day(on))


def converted(before: str, urn: str, on: str = "01-04") -> ev.SchoolConverted:
    return ev.SchoolConverted(urn=urn, before=before, on=day(on))


def school(urn: str, **more: Any) -> ev.SchoolRecorded:
    return ev.SchoolRecorded(urn=urn, name=urn, phase="Secondary", **more)


# --- who goes on as whom ---


def test_successors_are_followed_to_the_end_and_a_circle_ends() -> None:
    steps: list[ev.OfSchool] = [merged(B, A, B), converted(B, C), merged(D, C, D)]
    assert Succession(steps).successors() == {A: D, B: D, C: D}
    assert Succession(steps).successors(renumbered=True) == {B: C}
    assert Succession([converted(A, B), converted(B, A)]).successors() == {A: B, B: A}


def test_when_schools_are_members() -> None:
    steps = [
        ev.SchoolLeft(urn=A, on=day("04-01")),
        ev.SchoolJoined(urn=A, on=day("11-01")),
        merged(C, B, D),
        ev.SchoolClosed(urn=C, on=day("07-01")),
    ]
    assert memberships(steps) == {
        A: (Span(day("11-01"), day("04-01")),),
        B: (Span(None, day("01-04")),),
        D: (Span(None, day("01-04")),),
        C: (Span(day("01-04"), day("07-01")),),
    }
    span = Span(day("11-01"), day("04-01"))
    assert [span.has(day(on)) for on in ("10-31", "11-01", "03-31", "04-01")] == [False, True, True, False]


def test_what_schools_become_takes_the_share_that_they_took() -> None:
    """B joins in January, merges with A, which was always there, into C in February, and C leaves in April."""
    steps = [ev.SchoolJoined(urn=B, on=day("01-04")), merged(C, A, B, on="02-01"), ev.SchoolLeft(urn=C, on=day("04-01"))]
    found = shares(steps)
    year = day("09-01"), day("08-31")
    # B: 4 January to 31 August, 240 days, as if it had stayed; C: all year until 31 March, as A was, 30+31+30+31+31+28+31.
    assert {urn: days_within(spans, *year) for urn, spans in found.items()} == {B: 240, C: 212}
    assert days_within((Span(),), *year) == 365
    assert days_of(State(sharing=found), D, day("01-01")) == (365, 365)
    assert days_of(State(sharing=found), C, dt.date(2028, 2, 29)) == (0, 366)


def test_a_part_of_a_year_in_whole_numbers() -> None:
    part = PartYear({B: 240}, 365, ("load",))
    assert (part.share(900, B, "load"), part.share(900, A, "load"), part.share(900, B, "ever")) == (216_000, 328_500, 900)
    # 2 x 240/365 = 1.3; 3 x 240/365 = 1.97; 1 x 182/364 is a half and goes up, 1 x 181/364 is less.
    assert [part.whole(n, B, "load") for n in (0, 1, 2, 3, 10)] == [0, 1, 1, 2, 7]
    assert part.whole(2, A, "load") == 2
    assert part.whole(2, B, "ever") == 2
    assert (PartYear({B: 182}, 364, ("load",)).whole(1, B, "load"), PartYear({B: 181}, 364, ("load",)).whole(1, B, "load")) == (1, 0)
    assert PartYear.from_data(part.as_data()) == part


# --- the record seen from there ---

BOOK = """\
rulebook: net
edition: {from: 2026-09-01}
title: Net
authority: {instrument: invented}
counts:
  net: {of: placements, over: for_ever, minus: [own_referrals_placed]}
  load: {of: [placements, outside_admissions], over: academic_year}
notices:
  - id: known
    when: candidate.excluded_from or candidate.did_not_agree or candidate.attended_before or candidate.sibling_here or candidate.rank == 1
    say: x
    examples:
      - {name: one, given: {candidate.excluded_from: true}, expect: fires}
      - name: none
        given: {candidate.excluded_from: false, candidate.did_not_agree: false, candidate.attended_before: false,
                candidate.sibling_here: false, candidate.rank: 2}
        expect: silent
  - id: new
    when: school.opened_this_year or school.permanent_exclusions > 0 or candidate.kept_apart != "none" or candidate.catchment_nearness == 1
    say: x
    examples:
      - {name: one, given: {school.opened_this_year: true}, expect: fires}
      - name: none
        given: {school.opened_this_year: false, school.permanent_exclusions: 0, candidate.kept_apart: none,
                candidate.catchment_nearness: 0}
        expect: silent
objectives:
  - place
  - quota: {count: load, limit: 2}
"""


def book() -> Any:
    return check_text(BOOK, "net.yaml")


def facts(*events: ev.Event, on: str = "02-01", agenda: tuple[str, ...] = ()) -> MeetingFacts:
    rulebook = book()
    return facts_on(written(*events), agenda, rulebook, Evaluation(rulebook), day(on))


def test_counts_are_those_of_all_that_became_one() -> None:
    """A sent R1 to B: A has -1, B +1. Together they have sent nobody away and taken nobody in."""
    sent = made("R1", "10-01").model_copy(update={"home_school": A})
    record = (school(A), school(B), school(C), sent, opened(), decided("confirmed", school=B))
    rulebook = book()

    def net(*more: ev.Event) -> dict[str, int]:
        counts = tally(fold(written(*record, *more)), rulebook, Evaluation(rulebook).admission, day("02-01"))
        return {urn: counts.of("net", urn) for urn in (A, B, C)}

    assert net() == {A: -1, B: 1, C: 0}
    assert net(merged(C, A, B)) == {A: 0, B: 0, C: 0}
    assert net(merged(B, A, B)) == {A: 0, B: 0, C: 0}
    assert net(converted(B, C)) == {A: -1, B: 0, C: 1}


def test_every_bar_on_a_school_is_one_on_the_school_that_it_becomes() -> None:
    case = ev.ReferralCase(
        preferences=(B, A), siblings_at=(A,), catchment=(A,), kept_apart={A: "complaint", B: "safeguarding"}, attended=(A,)
    )
    referral = made("R1", "10-01", case=case).model_copy(update={"home_school": D, "excluded_by": B, "permanently_excluded": True})
    excluded = ev.PermanentlyExcluded(pupil="PR1", school=B, on=day("09-20"), year_group=9)
    refused = ev.SchoolRefused(referral="R1", pupil="PR1", school=A, on=day("10-20"))
    record = (*map(school, (A, B, C, D)), excluded, referral, opened(), decided("confirmed", school=A), refused)
    way = ev.JourneysRecorded(pupil="PR1", case=ev.JourneyRows(journeys=(ev.Journey(urn=A, metres=900), ev.Journey(urn=C, metres=700))))
    found = facts(*record, way, merged(C, A, B), agenda=("R1",))
    row = found.candidates["R1"][C]
    assert set(found.schools) == {C, D}
    assert {name for name, value in row.items() if value is True} == {
        f"candidate.{name}" for name in ("excluded_from", "did_not_agree", "attended_before", "sibling_here")
    } | ({"candidate.admits"} if row.get("candidate.admits") is True else set()) | (
        {"candidate.within_walking_distance"} if row.get("candidate.within_walking_distance") is True else set()
    )
    # Of two reasons the one that nobody may waive; of two wishes the first; the way is the one to C itself.
    assert (row["candidate.kept_apart"], row["candidate.rank"], row["candidate.metres"]) == ("safeguarding", 1, 700)
    assert found.schools[C]["school.permanent_exclusions"] == 1
    # A way to what was only a part of it, and a vote about it, end with it.
    vote = ev.ExemptionVoted(urn=A, first=day("09-01"), last=day("07-01"))
    only_a = ev.JourneysRecorded(pupil="PR1", case=ev.JourneyRows(journeys=(ev.Journey(urn=A, metres=900),)))
    told = facts(*record, only_a, vote, merged(C, A, B), agenda=("R1",)).candidates["R1"][C]
    assert (told.get("candidate.metres"), told["candidate.exempt"]) == (None, False)
    told = facts(*record, only_a, vote, converted(A, C), agenda=("R1",)).candidates["R1"][C]
    assert (told["candidate.metres"], told["candidate.exempt"]) == (900, True)
    # Of two ways to it the one that was measured to its new number.
    assert facts(*record, way, converted(A, C), agenda=("R1",)).candidates["R1"][C]["candidate.metres"] == 700


def test_under_another_number_every_fact_of_a_meeting_is_the_same() -> None:
    """Whatever was said of A, in every kind of entry, is said of C: the two meetings differ in the number and in nothing else."""
    case = ev.ReferralCase(preferences=(B, A), siblings_at=(A,), catchment=(A,), kept_apart={A: "police"}, attended=(A, B))
    grid = {"easting": 620_000, "northing": 400_000}
    said: tuple[ev.Event, ...] = (
        school(A, roll=700, opened_on=dt.date(1990, 9, 1), federation="F", intake="mixed", ofsted="Good", **grid),
        school(B, roll=600, federation="F", **grid),
        school(D, setting="pru", places=30, occupied=20),
        ev.PlacesRecorded(urn=A, as_at=day("09-15"), years=(ev.YearPlaces(year_group=9, pan=180, on_roll=150, ehcp=2),)),
        ev.PermanentlyExcluded(pupil="PR1", school=A, on=day("09-20"), year_group=9),
        ev.PlacedBefore(pupil="Q1", school=A, on=day("09-21"), referral_kind="managed_move", year_group=9, outcome="broken_down"),
        ev.AdmittedOutside(pupil="Q2", school=A, on=day("09-22"), year_group=9, case=ev.AdmissionCase(ehcp=True)),
        ev.ExemptionVoted(urn=A, year_group=9, first=day("09-01"), last=day("07-01")),
        ev.JourneysRecorded(pupil="PR1", case=ev.JourneyRows(journeys=(ev.Journey(urn=A, metres=900), ev.Journey(urn=B, metres=800)))),
        made("R1", "10-01", case=case).model_copy(update={"home_school": A, "excluded_by": A, "permanently_excluded": True}),
        made("R2", "10-01", case=ev.ReferralCase(not_with=("Q1",))).model_copy(update={"home_school": B}),
        opened(agenda=("R1", "R2")),
        decided("confirmed", school=A),
        ev.SchoolRefused(referral="R1", pupil="PR1", school=A, on=day("10-20")),
        decided("confirmed", name="R2", school=A),
        made("R3", "10-25", case=ev.ReferralCase(not_with=("PR2",))).model_copy(update={"home_school": A}),
    )
    was = facts(*said, agenda=("R1", "R3"))
    now = facts(*said, ev.SchoolRecorded(urn=C, name=A, opened_on=day("01-04")), converted(A, C), agenda=("R1", "R3"))
    assert {A, B, D} == set(was.schools)
    as_text = json.dumps([was.shared(), was.cases()], sort_keys=True).replace(A, C)
    assert json.loads(as_text.replace(f'"school.name": "{C}"', f'"school.name": "{A}"')) == [now.shared(), now.cases()]


def test_another_number_is_no_new_school() -> None:
    old = school(A, opened_on=dt.date(1950, 9, 1), roll=700, ofsted="Good")
    new = school(C, opened_on=day("01-04"), ofsted="None yet")
    row = facts(old, school(B), new, converted(A, C)).schools[C]
    assert (row["school.opened_this_year"], row["school.years_open"]) == (False, 76)
    assert (row["school.roll"], row["school.ofsted"]) == (700, "None yet")
    row = facts(old, school(B), new, merged(C, A, B)).schools[C]
    assert row["school.opened_this_year"] is True
    assert "school.roll" not in row


def test_an_exclusion_is_reversed_under_the_new_number() -> None:
    excluded = ev.PermanentlyExcluded(pupil="Q1", school=A, on=day("10-01"), year_group=9)
    gone = ev.ExclusionReversed(pupil="Q1", school=C, excluded_on=day("10-01"), on=day("01-20"), how="quashed")
    record = (school(A), school(C), excluded, converted(A, C), gone)
    assert fold(written(*record[:4])).exclusions[0].school == C
    assert fold(written(*record)).exclusions == ()


def test_what_was_counted_before_others_came_is_not_counted_any_more() -> None:
    def places(urn: str, as_at: str) -> ev.PlacesRecorded:
        return ev.PlacesRecorded(urn=urn, as_at=day(as_at), years=(ev.YearPlaces(year_group=9, pan=180, on_roll=150),))

    record = (school(A, roll=700), school(B, roll=500), places(A, "09-15"), places(B, "09-15"), merged(B, A, B))
    state = fold(written(*record))
    assert (state.schools[B].roll, set(state.years)) == (None, {(A, 9)})
    assert set(fold(written(*record, places(B, "01-05"))).years) == {(A, 9), (B, 9)}
    assert fold(written(*record), as_of=day("01-03")).schools[B].roll == 500
    # Under another number the count goes on; and a later one that still comes under the old number is the school's too.
    renumbered = (school(A), school(C), places(A, "09-15"), converted(A, C))
    assert fold(written(*renumbered)).years[C, 9].as_at == day("09-15")
    assert fold(written(*renumbered, places(A, "01-20"))).years[C, 9].as_at == day("01-20")


def test_the_quota_of_a_part_of_the_year() -> None:
    """Two a year; from 4 January it is 2 x 240/365 = 1.3, so one. And what is frozen of it comes back as it was."""
    from panel.deciding.levels import quota_limits

    rulebook = book()
    found = facts(school(A), school(B), ev.SchoolJoined(urn=B, on=day("01-04")))
    assert quota_limits(found, rulebook, Evaluation(rulebook)) == {(1, A, None): 2, (1, B, None): 1}
    assert found.shared()["part_year"] == {"days": {B: 240}, "of": 365, "counts": ["load"]}
    frozen = opened().model_copy(update={"shared": found.shared()})
    assert MeetingFacts.frozen(frozen, rulebook).part_year == found.part_year
    assert "part_year" not in facts(school(A), school(B)).shared()
    # A year later it is there for all of it.
    assert facts_on(written(school(A), ev.SchoolJoined(urn=A, on=day("01-04"))), (), rulebook, Evaluation(rulebook),
                    dt.date(2027, 9, 1)).part_year is None  # fmt: skip


def test_a_report_on_a_year_knows_the_schools_that_there_were_in_the_end() -> None:
    """A and B are C; D left on 1 April, after 212 days: then all shares are by the roll times the days."""
    schools = (school(A, roll=500), school(B, roll=400), school(C, roll=900), school(D, roll=800))
    excluded = ev.PermanentlyExcluded(pupil="Q1", school=A, on=day("10-01"), year_group=9)
    sent = made("R1", "10-01").model_copy(update={"home_school": A})
    record = written(*schools, excluded, sent, opened(), decided("confirmed", school=B), merged(C, A, B))
    year = look(record, 2026, len(record) + 1, per="roll", identities=False)
    assert {urn: one.share for urn, one in year.schools.items()} == {C: 900, D: 800}
    assert (year.excluded_by, year.pupils[0].sent_by, year.pupils[0].received_by) == ((C,), C, C)
    record = written(*(item.event for item in record), ev.SchoolLeft(urn=D, on=day("04-01")))
    year = look(record, 2026, len(record) + 1, per="roll", identities=False)
    assert {urn: one.share for urn, one in year.schools.items()} == {C: 900 * 365, D: 800 * 212}


# --- in which order ---


def wrong(*events: ev.Event) -> list[tuple[int, str]]:
    schools = (school(A), school(B), school(C))
    found = missteps(written(ev.PanelFounded(name="P", rulebook="b"), *schools, *events))
    return [(one.seq, one.what) for one in found]


@pytest.mark.parametrize(
    ("events", "found"),
    [
        ((merged(C, A, B),), []),
        ((merged(B, A, B), converted(B, C)), []),
        ((ev.SchoolLeft(urn=A, on=day("01-04")), ev.SchoolJoined(urn=A, on=day("02-04"))), []),
        ((merged(D, A, B),), [(5, "urn")]),
        ((merged(C, A),), [(5, "merged")]),
        ((merged(C, A, A),), [(5, "merged"), (5, "urn")]),
        ((converted(A, C), converted(B, C)), [(6, "urn")]),
        ((merged(C, A, B), ev.SchoolClosed(urn=A, on=day("02-04"))), [(6, "urn")]),
        ((merged(C, A, B), ev.SchoolJoined(urn=A, on=day("02-04"))), [(6, "urn")]),
        ((ev.SchoolClosed(urn=A, on=day("01-04")), ev.SchoolRenamed(urn=A, name="x", on=day("02-04"))), [(6, "urn")]),
        ((ev.SchoolJoined(urn=A, on=day("01-04")), ev.SchoolJoined(urn=A, on=day("02-04"))), [(6, "urn")]),
        ((ev.SchoolJoined(urn=A, on=day("01-04")), ev.SchoolLeft(urn=A, on=day("01-03"))), [(6, "on")]),
    ],
)
def test_missteps_of_schools(events: tuple[ev.Event, ...], found: list[tuple[int, str]]) -> None:
    assert wrong(*events) == found


def test_answers_are_those_of_the_school_that_is_there() -> None:
    """Decided for A, which becomes C: C agrees, and A may not."""
    record = (made(), opened(), decided("confirmed", school=A), converted(A, C, on="10-20"))

    def answer(urn: str) -> ev.SchoolAgreed:
        return ev.SchoolAgreed(referral="R1", pupil="PR1", school=urn, on=day("10-21"))

    before = wrong(*record)
    assert wrong(*record, answer(C)) == before
    # Whoever goes on as C is C: an answer under the old number is C's too.
    assert wrong(*record, answer(A)) == before
    assert wrong(*record, answer(B)) == [*before, (9, "school")]


def test_a_merger_may_be_taken_out_of_the_record_unless_something_rests_on_it() -> None:
    void = ev.Correction(corrects=5, on=day("02-01"), case=ev.CorrectionCase(reason="not so"))
    assert wrong(merged(C, A, B), void) == []
    assert fold(written(school(A), school(B), school(C), ev.SchoolLeft(urn=A, on=day("01-04")), merged(C, A, B), void)).successors == {}
    renamed = ev.SchoolRenamed(urn=C, name="x", on=day("01-20"))
    assert wrong(merged(C, A, B), renamed, void) == []
    closed = ev.SchoolClosed(urn=C, on=day("01-20"))
    back = ev.SchoolJoined(urn=C, on=day("01-25"))
    assert [one for one in wrong(ev.SchoolLeft(urn=C, on=day("01-04")), back, void) if one[0] == 7] == []
    assert wrong(closed, back) == [(6, "urn")]


def test_the_record_keeps_its_numbers() -> None:
    record: list[Recorded] = written(school(A), school(B), school(C), merged(C, A, B))
    assert fold(record).successors == {A: C, B: C}
    assert fold(record, as_of=day("01-03")).successors == {}
    assert fold(record, as_of=day("01-03")).is_member(C, day("01-03")) is False
    assert fold(record, known_at=record[2].recorded_at).is_member(C, day("01-03")) is True
