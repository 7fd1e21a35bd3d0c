"""The year group of a pupil on a day, and what a summer does to rolls, counts and facts: worked out by hand from a small record."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from panel import events as ev
from panel.deciding.opening import freeze
from panel.facts.candidates import meeting_facts
from panel.facts.counts import Counts, tally
from panel.facts.rolls import occupied, on_roll
from panel.reports.partitions import when_admitted, when_referred
from panel.state.fold import fold
from panel.state.records import Recorded, State
from panel.state.year_groups import as_said_on, under, year_group_on
from rules.evaluate import Evaluation
from rules.rulebook import Shelf
from tests.test_candidates import BOOK, NOTHING

ASH, BEECH, UNIT = "200001", "200002", "200009"


def day(text: str) -> dt.date:
    """`10-15` is in autumn 2026, `02-15` and `07-15` in 2027, and `1-09-15` in autumn 2027."""
    if text.startswith("1-"):
        return dt.date.fromisoformat(f"2027-{text[2:]}")
    return dt.date.fromisoformat(f"{2026 if text >= '08' else 2027}-{text}")


def made(**more: Any) -> ev.ReferralMade:
    usual: dict[str, Any] = {"referral": "R1", "pupil": "P1", "referral_kind": "managed_move", "year_group": 8, "home_school": ASH}
    return ev.ReferralMade(**{**usual, "made_on": day("07-01"), **more})


def said(on: str, year_group: int) -> ev.YearGroupFrom:
    return ev.YearGroupFrom(on=day(on), year_group=year_group)


@pytest.mark.parametrize(
    ("later", "on", "wanted"),
    [
        ((), "07-01", 8),
        ((), "1-08-31", 8),
        ((), "1-09-01", 9),
        ((("1-09-10", 8),), "07-15", 8),  # kept back from September: in July as it was said in July
        ((("1-09-10", 8),), "1-09-01", 8),  # the whole academic year of the day on which it was said
        ((("1-09-10", 8),), "1-12-01", 8),
        ((("1-09-10", 10),), "07-15", 8),
    ],
)
def test_a_pupil_is_a_year_older_in_each_academic_year(later: tuple[tuple[str, int], ...], on: str, wanted: int) -> None:
    referral = made(later_year_groups=tuple(said(*one) for one in later) or None)
    assert year_group_on(referral, day(on)) == wanted


def test_after_two_summers_it_is_two_years_and_one_who_was_kept_back_one() -> None:
    in_2028 = dt.date(2028, 10, 1)
    assert year_group_on(made(), in_2028) == 10
    assert year_group_on(made(later_year_groups=(said("1-09-10", 8),)), in_2028) == 9


@pytest.mark.parametrize(
    ("cell", "on", "year_group", "later"),
    [
        (7, "07-08", 7, None),  # in the referral's own academic year it says what the referral should have said
        (8, "1-09-10", 8, (("1-09-10", 8),)),
        (9, "1-09-10", 8, None),  # what it is by then anyway
    ],
)
def test_a_correction_says_the_year_group_of_its_day(cell: int, on: str, year_group: int, later: Any) -> None:
    now = as_said_on(made(), made(year_group=cell), day(on))
    assert now == made(year_group=year_group, later_year_groups=later and tuple(said(*one) for one in later))


def test_the_last_correction_of_an_academic_year_is_what_it_says() -> None:
    was = made(later_year_groups=(said("1-09-10", 8),))
    now = as_said_on(was, was.model_copy(update={"year_group": 10}), day("1-10-05"))
    assert now.later_year_groups == (said("1-10-05", 10),)
    assert now.year_group == 8


def test_what_is_absent_is_not_written() -> None:
    assert "later_year_groups" not in made().draft().body
    assert made(later_year_groups=(said("1-09-10", 8),)).draft().body["later_year_groups"] == [{"on": "2027-09-10", "year_group": 8}]


# --- facts ---


def state(*events: ev.Event, as_of: dt.date | None = None) -> State:
    return fold([Recorded(n, "", event) for n, event in enumerate(events, start=1)], as_of=as_of)


@pytest.mark.parametrize(
    ("year_group", "on", "wanted"),
    [(10, "07-08", (10, False)), (10, "1-09-16", (11, False)), (11, "07-08", (11, False)), (11, "1-09-16", (11, True))],
)
def test_a_pupil_beyond_the_highest_year_group_is_said_to_be(year_group: int, on: str, wanted: tuple[int, bool]) -> None:
    row = meeting_facts(state(made(year_group=year_group)), ("R1",), BOOK, NOTHING, day(on)).referrals["R1"]
    assert (row["referral.year_group"], row["referral.past_highest_year"]) == wanted


def test_a_child_is_under_8_until_the_summer_after_year_2_and_a_vote_is_about_the_year_group_by_then() -> None:
    """3,500 metres are beyond 2 miles (3,218) and within 3 (4,828): of a child of year 2 not within walking distance, of year 4 within."""
    way = ev.JourneysRecorded(pupil="P1", case=ev.JourneyRows(journeys=(ev.Journey(urn=BEECH, metres=3500, safe_route=True),)))
    vote = ev.ExemptionVoted(urn=BEECH, year_group=4, first=day("07-01"), last=dt.date(2029, 7, 1))
    schools = [ev.SchoolRecorded(urn=urn, name=urn, low_age=4, high_age=11, intake="mixed") for urn in (ASH, BEECH)]
    events = (*schools, made(year_group=2), way, vote)
    book = replace(BOOK, year_groups=range(7))
    told = {
        on: meeting_facts(state(*events), ("R1",), book, NOTHING, on).candidates["R1"][BEECH] for on in (day("07-08"), dt.date(2028, 9, 5))
    }
    assert [row["candidate.within_walking_distance"] for row in told.values()] == [False, True]
    assert [row["candidate.exempt"] for row in told.values()] == [False, True]


# --- rolls and counts ---


def decided(starts: str, *, on: str = "07-08", keeps: bool | None = None, school: str = BEECH) -> ev.DecisionTaken:
    return ev.DecisionTaken(
        meeting=1, on=day(on), referral="R1", pupil="P1", outcome="confirmed", school=school, starts=day(starts), keeps_place=keeps
    )


def meeting(on: str = "07-08") -> ev.MeetingOpened:
    return ev.MeetingOpened(
        meeting=1, on=day(on), chair="C", agenda=("R1",), agenda_digest="", rulebook="b", edition=day("09-01"), rulebook_digest=""
    )


def places(as_at: str) -> tuple[ev.PlacesRecorded, ...]:
    rows = tuple(ev.YearPlaces(year_group=year, pan=180, on_roll=100) for year in (8, 9))
    return tuple(ev.PlacesRecorded(urn=urn, as_at=day(as_at), years=rows) for urn in (ASH, BEECH))


@pytest.mark.parametrize(
    ("as_at", "on", "began", "ash", "beech"),
    [
        # Decided in July for September: until then a place in year 8 is promised, of those who are year 9 in September; Ash's is kept.
        ("06-01", "07-15", "", (100, 100), (101, 100)),
        # Counted anew on 1 September, and not there yet: a place in year 9.
        ("1-09-01", "1-09-16", "1-09-06", (100, 99), (100, 101)),
        # Counted anew after the first day: counted there.
        ("1-09-10", "1-09-16", "1-09-06", (100, 100), (100, 100)),
        # Counted anew, and not begun: counted at Ash still, and to come to year 9 of Beech.
        ("1-09-10", "1-09-16", "", (100, 100), (100, 101)),
    ],
)
def test_who_is_decided_in_july_for_september_is_in_year_9_by_september(
    as_at: str, on: str, began: str, ash: tuple[int, int], beech: tuple[int, int]
) -> None:
    begun = (ev.PlacementStarted(referral="R1", pupil="P1", on=day(began), school=BEECH),) if began else ()
    now = state(*places(as_at), made(), meeting(), decided("1-09-06"), *begun, as_of=day(on))
    rolls = {urn: tuple(on_roll(now, urn, year, day(on)) for year in (8, 9)) for urn in (ASH, BEECH)}
    assert rolls == {ASH: ash, BEECH: beech}


def test_a_count_per_year_group_has_the_pupil_in_the_year_group_of_the_first_day() -> None:
    text = "rulebook: c\nedition: {from: 2020-09-01}\ntitle: C\nauthority: {instrument: X}\nobjectives: [place]\n"
    text += "counts:\n  taken: {of: placements, over: academic_year, per: year_group}\n"
    book = Shelf.of([(text, "c.yaml")]).in_force("c", day("07-08"))
    now = state(made(), meeting(), decided("1-09-06"))
    counts: Counts = tally(now, book, Evaluation(book).admission, day("1-09-16"))
    assert [counts.of("taken", BEECH, year) for year in (8, 9)] == [0, 1]
    assert tally(now, book, Evaluation(book).admission, day("07-15")).per_year == {}


def test_the_annual_report_has_a_child_in_the_year_group_of_the_referral_and_of_the_first_day() -> None:
    begun = ev.PlacementStarted(referral="R1", pupil="P1", on=day("1-09-06"), school=BEECH)
    one = state(made(), meeting(), decided("1-09-06"), begun).referrals["R1"]
    assert (when_referred(one), when_admitted(one)) == (8, 9)


# --- a place that is kept ---


@pytest.mark.parametrize(
    ("keeps", "end", "wanted"),
    [
        (True, None, 8),
        (True, ev.PlacementMadePermanent(referral="R1", pupil="P1", on=day("02-01")), 7),
        (True, ev.PlacementEnded(referral="R1", pupil="P1", on=day("02-01"), end="return"), 8),
        (True, ev.PlacementEnded(referral="R1", pupil="P1", on=day("02-01"), end="left"), 7),
        (True, ev.PlacementBrokeDown(referral="R1", pupil="P1", on=day("02-01"), returned=True), 8),
        (None, None, 7),  # as a record has it from before places were kept
        (None, ev.PlacementEnded(referral="R1", pupil="P1", on=day("02-01"), end="return"), 8),
    ],
)
@pytest.mark.parametrize("counted", ["before", "during"])
def test_the_places_of_a_unit(keeps: bool | None, end: ev.Event | None, wanted: int, counted: str) -> None:
    """8 places are taken, the pupil's among them; counted again while the pupil is away on trial, it is among them still."""
    unit = ev.SchoolRecorded(urn=UNIT, name="Unit", setting="pru", places=8, occupied=8)
    other = unit.model_copy(update={"occupied": 7})
    case = made(referral_kind="reintegration", home_school=UNIT, made_on=day("10-01"))
    began = ev.PlacementStarted(referral="R1", pupil="P1", on=day("10-12"), school=BEECH, until=day("02-28"))
    events: list[ev.Event] = [unit, case, meeting("10-08"), decided("10-08", on="10-08", keeps=keeps), began]
    if counted == "during":
        events += [other, unit]
        wanted = (9 if end else 8) if keeps is None else wanted  # away without a place when it was counted, and back on top of it
    assert occupied(state(*events, *([end] if end else [])), UNIT) == wanted


# --- meetings of before ---


@pytest.mark.parametrize(("meaning", "wanted"), [(1, 8), (2, 9)])
def test_a_meeting_of_before_reads_the_year_group_that_it_read_then(meaning: int, wanted: int) -> None:
    """Under meaning 1 of the rules a pupil stayed in the year group of the referral; such a meeting replays so."""
    text = "rulebook: c\nedition: {from: 2020-09-01}\ntitle: C\nauthority: {instrument: X}\nobjectives: [place]\n"
    book = Shelf.of([(text, "c.yaml")]).in_force("c", day("1-09-16"))
    schools = [ev.SchoolRecorded(urn=urn, name=urn) for urn in (ASH, BEECH)]
    record = [Recorded(n, "", one) for n, one in enumerate((*schools, *places("1-09-01"), made()), start=1)]
    opened = freeze(record, book, Evaluation(book), meeting=1, on=day("1-09-16"), chair="C", meaning=meaning)
    assert opened.cases["P1"]["facts"]["referral.year_group"] == wanted
    assert set((opened.shared or {})["years"][ASH]) == {str(wanted)}
    assert opened.semantics == meaning


def test_a_roll_of_before_had_the_pupil_in_the_year_group_of_the_referral() -> None:
    now = under(1, state(*places("1-09-01"), made(), meeting(), decided("1-09-06")))
    assert [on_roll(now, BEECH, year, day("1-09-16")) for year in (8, 9)] == [101, 100]
    assert [on_roll(now, ASH, year, day("1-09-16")) for year in (8, 9)] == [99, 100]
