"""A school that lies elsewhere: which ways are estimated anew, and what is said of those that are not."""

from __future__ import annotations

from typing import Final

from panel import events as ev
from panel.costs.moved import estimated_anew
from panel.state.fold import fold
from tests.test_monitored import AUTUMN, record, referred

HOME: Final = {"easting": 620_000, "northing": 400_000}
SCHOOL: Final = ev.SchoolRecorded(urn="1", name="Ash School", easting=621_000, northing=400_000)
FURTHER: Final = SCHOOL.model_copy(update={"easting": 624_000})


def way(pupil: str, metres: int, *, estimate: bool) -> ev.JourneysRecorded:
    return ev.JourneysRecorded(pupil=pupil, case=ev.JourneyRows(journeys=(ev.Journey(urn="1", metres=metres, estimate=estimate),)))


def moved(school: ev.SchoolRecorded) -> tuple[dict[str, int | None], tuple[str, ...]]:
    """R1's way is estimated, R2's measured; R3 has been withdrawn, and its estimate stays as it was."""
    made = [referred(name, AUTUMN, case=HOME) for name in ("R1", "R2", "R3")]
    gone = ev.ReferralWithdrawn(referral="R3", pupil="P-R3", on=AUTUMN)
    ways = (way("P-R1", 1300, estimate=True), way("P-R2", 1200, estimate=False), way("P-R3", 1300, estimate=True))
    events, said = estimated_anew(fold(record(SCHOOL, *made, gone, *ways)), [school])
    return {one.pupil: row.metres for one in events if one.case for row in one.case.journeys}, said


def test_an_estimate_is_made_anew_and_what_was_measured_is_named() -> None:
    """4,000 metres x 1.3 = 5,200."""
    anew, said = moved(FURTHER)
    assert anew == {"P-R1": 5200}
    assert said[0].startswith(
        "1 Ash School lies elsewhere; ways of pupils who wait, estimated anew: 1 of 1; measured and left as they are: 1 ("
    )
    assert len(said) == 1


def test_a_school_that_lies_where_it_lay_changes_nothing() -> None:
    assert moved(SCHOOL.model_copy(update={"roll": 700})) == ({}, ())


def test_a_school_of_which_nobody_knows_any_more_where_it_lies() -> None:
    anew, said = moved(SCHOOL.model_copy(update={"easting": None, "northing": None}))
    assert anew == {}
    assert "estimated and left as they are, for nobody says where it lies now: 1" in said[0]
