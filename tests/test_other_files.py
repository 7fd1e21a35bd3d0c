"""Journeys, terms, exclusions, admissions and history as files."""

from __future__ import annotations

import pytest

from panel.events import (
    AdmissionCase,
    AdmittedOutside,
    Journey,
    JourneyRows,
    JourneysRecorded,
    PermanentlyExcluded,
    PlacedBefore,
    TermRecorded,
)
from panel.intake import Known
from tests.test_intake import SCHOOLS, D, faults, load

# --- the other files ---


def test_journeys_of_a_pupil_are_one_record() -> None:
    text = (
        "pupil,urn,metres,minutes,pence_per_year,method,transport_entitled\n"
        "P2,900002,,,,Estimate by map,\nP1,900011,5100,30,,walked,\nP1,900001,900,,65000,,no\n"
    )
    assert load("journeys", text) == (
        JourneysRecorded(
            pupil="P1",
            case=JourneyRows(
                journeys=(
                    Journey(urn="900001", metres=900, pence_per_year=65000, transport_entitled=False),
                    Journey(urn="900011", metres=5100, minutes=30, method="walked"),
                )
            ),
        ),
        JourneysRecorded(pupil="P2", case=JourneyRows(journeys=(Journey(urn="900002", method="Estimate by map", estimate=True),))),
    )
    assert faults("journeys", "pupil,urn\nP1,900001\nP1,900001\n") == [
        "journeys.csv row 3, urn: found the journey of pupil P1 to 900001 twice, first in row 2; wanted one row for each"
    ]


def test_terms_know_the_bank_holidays_in_them() -> None:
    assert load("terms", "from,to\n12/04/2027,2027-07-21\n2026-09-02,2026-12-18\n") == (
        TermRecorded(first=D("2026-09-02"), last=D("2026-12-18")),
        TermRecorded(first=D("2027-04-12"), last=D("2027-07-21"), closed=(D("2027-05-03"), D("2027-05-31"))),
    )


def test_a_holiday_at_a_weekend_closes_no_school_day() -> None:
    (term,) = load("terms", "from,to\n2026-12-21,2026-12-31\n")
    assert isinstance(term, TermRecorded)
    assert term.closed == (D("2026-12-25"), D("2026-12-28"))  # the 26th was a Saturday


def test_bad_terms() -> None:
    known = Known(terms=(TermRecorded(first=D("2027-01-04"), last=D("2027-03-25")),))
    rows = "2026-12-18,2026-09-02\n2027-06-07,2027-09-10\n2026-09-02,2026-10-23\n2026-10-23,2026-12-18\n2027-03-25,2027-05-28\n"
    assert faults("terms", "from,to\n" + rows, known) == [
        "terms.csv row 2, to: found 2026-09-02; wanted a day on or after 2026-12-18. Are from and to the wrong way round?",
        "terms.csv row 3, to: found 2027-09-10; wanted a day by 2027-08-31: a term lies in one academic year",
        (
            "terms.csv row 5, from: found 2026-10-23 to 2026-12-18, which shares days with 2026-09-02 to 2026-10-23, row 4; "
            "wanted terms that share no day"
        ),
        (
            "terms.csv row 6, from: found 2027-03-25 to 2027-05-28, which shares days with 2027-01-04 to 2027-03-25, which is recorded "
            "already; wanted terms that share no day"
        ),
    ]


def test_what_happened_before_and_beside_the_panel() -> None:
    assert load("exclusions", "pupil,school,on,year_group\nB,900002,2026-10-01,13\nA,900001,2026-10-01,9\n") == (
        PermanentlyExcluded(pupil="A", school="900001", on=D("2026-10-01"), year_group=9),
        PermanentlyExcluded(pupil="B", school="900002", on=D("2026-10-01"), year_group=13),
    )
    text = "pupil,school,on,year_group,permanently_excluded,ehcp,points,why\n"
    text += "A,900001,2026-10-01,9,,yes,3,a plan\nB,900001,2026-09-01,9,yes,,,\n"
    assert load("admissions", text) == (
        AdmittedOutside(pupil="B", school="900001", on=D("2026-09-01"), year_group=9, permanently_excluded=True),
        AdmittedOutside(
            pupil="A", school="900001", on=D("2026-10-01"), year_group=9, points=3, case=AdmissionCase(ehcp=True, why="a plan")
        ),
    )
    text = "pupil,school,on,kind,year_group,outcome\n"
    text += "A,900001,2025-10-01,permanent_exclusion,9,Broken down\nB,900001,2025-09-01,managed_move,8,\n"
    assert load("history", text) == (
        PlacedBefore(pupil="B", school="900001", on=D("2025-09-01"), referral_kind="managed_move", year_group=8),
        PlacedBefore(
            pupil="A", school="900001", on=D("2025-10-01"), referral_kind="permanent_exclusion", permanently_excluded=True, year_group=9,
            outcome="broken_down",
        ),
    )  # fmt: skip


@pytest.mark.parametrize("what", ["exclusions", "admissions", "history"])
def test_what_is_recorded_would_count_twice(what: str) -> None:
    header, row = "pupil,school,on,year_group,kind\n", "A,900001,2026-10-01,9,managed_move\n"
    key = frozenset({("A", "900001", D("2026-10-01"))})
    known = Known(schools=SCHOOLS, exclusions=key, admissions=key, history=key)
    said = f"{what}.csv row 2, pupil: found a pupil at 900001 on 2026-10-01, which is recorded already; wanted rows that are new"
    assert faults(what, header + row, known) == [said]
    assert faults(what, header + row + row) == [
        f"{what}.csv row 3, pupil: found a pupil at 900001 on 2026-10-01 twice, first in row 2; wanted one row for each"
    ]


def test_an_exclusion_in_the_history_that_is_none_is_refused() -> None:
    """As of a referral: it would weigh less, while the row says that the pupil came by a permanent exclusion."""
    header, row = "pupil,school,on,kind,year_group,permanently_excluded\n", "A,900001,2025-10-01,{},9,{}\n"
    (told,) = faults("history", header + row.format("permanent_exclusion", "no"))
    assert told == (
        "history.csv row 2, permanently_excluded: found no, while kind is permanent_exclusion; wanted yes, or nothing: then it is yes. "
        "If the pupil was not permanently excluded, or the exclusion no longer stands, correct kind instead."
    )
    said = {
        (kind, word): load("history", header + row.format(kind, word))[0].model_dump()["permanently_excluded"]
        for kind, word in (("permanent_exclusion", ""), ("permanent_exclusion", "yes"), ("fair_access", "yes"), ("fair_access", "no"))
    }
    assert list(said.values()) == [True, True, True, False]
