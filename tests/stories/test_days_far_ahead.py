"""A year that was mistyped: what is recorded has happened or is about to, and what is planned is planned some years ahead.

Whatever day it is today, the year 2190 is neither.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from panel import events as ev
from panel.errors import Refused
from panel.order.days_ahead import slips
from panel.record.ledger import Ledger
from panel.state.records import Recorded
from panel.steps.office import Office
from panel.story import made_up_clock
from tests.running import ASHDOWN, BIRCH, CEDAR, harbour, url

REASON = ("--reason", "as agreed")


@pytest.mark.parametrize(
    "words",
    [
        ("agree", "R3", "--by", "home-school", "--withdrawn", "--on", "2190-10-26"),
        ("agree", "R4", "--by", "parent", "--on", "2190-10-26"),
        ("withdraw", "R3", "--on", "2190-10-26", *REASON),
        ("accept", "R1", "--by", ASHDOWN, "--on", "2190-10-26"),
        ("accept", "R1", "--by", "parent", "--on", "2190-10-26"),
        ("refuse", "R1", "--by", ASHDOWN, "--on", "2190-10-26", *REASON),
        ("tell", "R1", "--on", "2190-10-26"),
        ("education", "R1", "--on", "2190-10-26"),
        ("start", "R1", "--on", "2190-10-26"),
        ("exclusion", "record", "--pupil", "P9", "--school", CEDAR, "--on", "2190-10-26", "--year-group", "9"),
        ("refer", "R9", "--pupil", "P9", "--kind", "fair_access", "--year-group", "9", "--home-school", CEDAR, "--made-on", "2190-10-26"),
        ("correct", "R3", "--set", "accepted_on=2190-10-26", *REASON),
        ("correct", "R3", "--set", "conversation_on=2190-10-26", *REASON),
        ("correct", "R3", "--set", "ehcp=no", "--on", "2190-10-26", *REASON),
        ("transport", "claim", "R1", "--pence", "500", "--from", "2026-10-22", "--until", "2190-10-23"),
        ("exempt", CEDAR, "--from", "2026-11-02", "--until", "2190-12-18", *REASON),
        ("school", "close", CEDAR, "--on", "2190-08-31"),
        ("school", "leave", CEDAR, "--on", "2190-08-31"),
        ("meeting", "open", "--date", "2190-11-05", "--chair", "Okafor"),
    ],
)
def test_a_day_in_another_century_is_a_slip(tmp_path: Path, words: tuple[str, ...]) -> None:
    panel = harbour(tmp_path, "closed")
    assert "2190-" in panel.refused(*words)


def test_it_says_what_where_and_what_to_do(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "closed")
    told = panel.refused("start", "R1", "--on", "2190-10-26")
    assert told.startswith("R1 (placement started), on: found 2190-10-26; wanted ")
    assert told.endswith("what is recorded has happened, or is about to. Check the year. Nothing was recorded.\n")
    told = panel.refused("exempt", CEDAR, "--from", "2190-11-02", "--until", "2190-12-18", *REASON)
    assert [part.partition(";")[0] for part in told.split("Check the year. ")[:2]] == [
        "Exemption voted, 100003, from: found 2190-11-02",
        "Exemption voted, 100003, until: found 2190-12-18",
    ]
    # Of a child that is not in the record yet nothing is repeated, however its columns have slipped.
    rows = "pupil,school,on,year_group\nSmith,100003,2190-10-05,9\nJones,100003,2190-10-05,9\n"
    told = panel.refused("load", "exclusions", str(panel.file("exclusions.csv", rows)))
    assert told.startswith("Permanent exclusion, on: found 2190-10-05; wanted ")
    assert ("Smith" in told, told.count("2190")) == (False, 1)


def test_what_is_planned_some_years_ahead_is_meant(tmp_path: Path) -> None:
    """Terms of the next year, a school that is to close in two, an exemption to the year's end."""
    panel = harbour(tmp_path, "closed")
    panel("load", "terms", str(panel.file("next.csv", "from,to\n2027-09-02,2027-12-17\n2028-01-04,2028-07-20\n")))
    panel("school", "close", BIRCH, "--on", "2028-08-31")
    panel("exempt", CEDAR, "--from", "2026-11-02", "--until", "2028-07-21", *REASON)
    # In a year whose terms are loaded a day may be recorded too, as in a story that is told ahead of its time.
    assert panel("start", "R1", "--on", "2028-07-03").out.startswith("R1: first day at ")


# --- the sums, on days that are handed in ---

LATEST = dt.date(2026, 10, 22)
FIRST = ev.TermRecorded(first=dt.date(2026, 9, 2), last=dt.date(2026, 12, 18))


def slipped(event: ev.Event, *terms: ev.TermRecorded) -> tuple[str, ...]:
    return slips([event], [], latest=LATEST, terms=terms, referrals={"R1"})


@pytest.mark.parametrize(
    ("on", "terms", "fine"),
    [
        ("2025-01-01", (), True),
        # 366 days after 22 October 2026, and one more.
        ("2027-10-23", (FIRST,), True),
        ("2027-10-24", (FIRST,), False),
        ("2027-10-24", (ev.TermRecorded(first=dt.date(2027, 9, 2), last=dt.date(2027, 12, 17)),), True),
    ],
)
def test_what_has_happened_is_at_most_a_year_ahead(on: str, terms: tuple[ev.TermRecorded, ...], fine: bool) -> None:
    event = ev.PlacementStarted(referral="R1", pupil="P1", on=dt.date.fromisoformat(on), school=CEDAR)
    assert (slipped(event, *terms) == ()) == fine


@pytest.mark.parametrize(("last", "fine"), [("2031-10-26", True), ("2031-10-27", False)])
def test_what_is_planned_is_at_most_five_years_ahead(last: str, fine: bool) -> None:
    """Five times 366 days after 22 October 2026 is 26 October 2031."""
    day = dt.date.fromisoformat(last)
    for event in (
        ev.ExemptionVoted(urn=CEDAR, first=LATEST, last=day),
        ev.TermRecorded(first=LATEST, last=day),
        ev.SchoolClosed(urn=CEDAR, on=day),
        ev.PlacementExtended(referral="R1", pupil="P1", on=LATEST, until=day),
        ev.SchoolRecorded(urn=CEDAR, name="C", closes_on=day),
    ):
        assert (slipped(event) == ()) == fine, event.kind


def test_a_correction_is_asked_for_what_the_entry_should_have_said() -> None:
    was = ev.PermanentlyExcluded(pupil="P1", school=CEDAR, on=dt.date(2026, 10, 1), year_group=9)
    wrong = was.model_copy(update={"on": dt.date(2036, 10, 1)})
    said = ev.Correction(corrects=1, pupil="P1", on=LATEST, body=dict(wrong.draft().body))
    (told,) = slips([said], [Recorded(1, "", was)], latest=LATEST, terms=(), referrals=())
    assert told.startswith("Permanent exclusion, on: found 2036-10-01; wanted 2027-10-23 or earlier")


def test_the_clock_that_is_handed_in_says_what_day_it_is(tmp_path: Path) -> None:
    """Before any meeting the clock alone: in May 2028 a referral of July 2029 is a year and two months ahead, in July 2028 it is not."""
    panel = harbour(tmp_path, "loaded")
    excluded = ev.PermanentlyExcluded(pupil="P7", school=CEDAR, on=dt.date(2029, 7, 2), year_group=9)

    def office(month: int, day: int) -> Office:
        clock = made_up_clock(dt.datetime(2028, month, day, tzinfo=dt.UTC))
        return Office(Ledger.open(url(panel.ledger)), actor="clerk", clock=clock)

    with office(5, 1) as may, pytest.raises(Refused, match="wanted 2029-05-02 or earlier"):
        may.write(excluded)
    with office(7, 2) as july:
        assert len(july.write(excluded)) == 1
