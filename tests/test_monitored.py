"""A year as it stood when it was over: which entry closed it, and what became of whom, by then."""

from __future__ import annotations

import datetime as dt
from typing import Final

import pytest

from panel import events as ev
from panel.deciding.chance import BITS, bits, seed
from panel.reports.monitored import Year, closings, look
from panel.state.records import Recorded

AUTUMN: Final = dt.date(2026, 10, 1)
SUMMER: Final = dt.date(2027, 6, 10)


def opened(number: int, on: dt.date, *agenda: str, chair: str = "Okafor") -> ev.MeetingOpened:
    return ev.MeetingOpened(
        meeting=number, on=on, chair=chair, agenda=agenda, agenda_digest="ab" * 32, rulebook="harbour",
        edition=dt.date(2026, 9, 1), rulebook_digest="cd" * 32,
    )  # fmt: skip


def referred(name: str, made_on: dt.date, pupil: str = "", **more: object) -> ev.ReferralMade:
    given = {"referral": name, "pupil": pupil or f"P-{name}", "referral_kind": "managed_move", "year_group": 9, "home_school": "1"}
    case = {"suited_to": "mainstream", "looked_after": False}
    return ev.ReferralMade.model_validate({**given, "made_on": made_on, "case": case, **more})


def decided(number: int, on: dt.date, name: str, outcome: str = "confirmed", **more: object) -> ev.DecisionTaken:
    given = {"meeting": number, "on": on, "referral": name, "pupil": f"P-{name}", "outcome": outcome, "school": "2", "starts": on}
    return ev.DecisionTaken.model_validate({**given, **more})


def school(urn: str, roll: int | None, setting: str = "mainstream") -> ev.SchoolRecorded:
    return ev.SchoolRecorded.model_validate({"urn": urn, "name": f"School {urn}", "roll": roll, "setting": setting})


def record(*events: ev.Event) -> tuple[Recorded, ...]:
    return tuple(Recorded(n, "2026-09-01T09:00:00.000000Z", event) for n, event in enumerate(events, start=1))


def seen(*events: ev.Event, identities: bool = False, per: str = "roll") -> Year:
    entries = record(*events, opened(99, dt.date(2027, 9, 23)))
    return look(entries, 2026, closings(entries)[2026], per=per, identities=identities)


SCHOOLS: Final = (school("1", 1000), school("2", 500), school("3", None, "pru"))


def test_a_child_of_no_school_was_sent_by_none() -> None:
    from_nowhere = referred("R1", AUTUMN, referral_kind="fair_access", home_school=None, no_home_school=True)
    excluded_here = referred("R2", AUTUMN, referral_kind="fair_access", home_school=None, no_home_school=True, excluded_by="2")
    assert [pupil.sent_by for pupil in seen(*SCHOOLS, from_nowhere, excluded_here).pupils] == ["", "2"]


def test_the_first_meeting_of_a_later_year_closes_a_year_for_ever() -> None:
    """Also where a later entry opens a meeting of an earlier day: else one day would show the year as it stood at 4, another as at 5."""
    late, early = opened(2, dt.date(2027, 10, 1)), opened(3, dt.date(2027, 9, 10))
    entries = record(referred("R1", AUTUMN), opened(1, SUMMER), referred("R2", SUMMER), late, early)
    assert closings(entries) == {2026: 4}
    assert closings(entries, dt.date(2027, 9, 20)) == {}
    assert closings(entries, dt.date(2027, 10, 1)) == {2026: 4}
    assert closings(entries[:3]) == {}


def test_a_pupil_is_there_once_by_the_latest_referral() -> None:
    withdrawn = ev.ReferralWithdrawn(referral="R1", pupil="P", on=SUMMER)
    year = seen(*SCHOOLS, referred("R1", AUTUMN, "P"), withdrawn, referred("R2", SUMMER, "P"), referred("R3", dt.date(2026, 8, 31)))
    (pupil,) = year.pupils
    assert (pupil.sent_by, pupil.received_by, pupil.waited) == ("1", None, 82)  # 10 June to 31 August


def test_what_became_of_a_pupil() -> None:
    proposed = ev.PlacementsProposed(
        meeting=1, on=SUMMER, seed="ef" * 32, rulebook_digest="cd" * 32, placements={"R1": "1", "R2": "1"}, objectives=(),
        leaves=1, unique=True,
    )  # fmt: skip
    over = decided(1, SUMMER, "R1", "overridden", proposal=9)
    excluded = referred("R2", AUTUMN, referral_kind="permanent_exclusion", home_school=None, excluded_by="2", permanently_excluded=True)
    drawn = ev.MeetingDrawn(meeting=1, on=SUMMER, words=("heron",), seed=seed("ab" * 32, ["heron"]))
    refused = ev.SchoolRefused(referral="R2", pupil="P-R2", school="1", on=SUMMER)
    year = seen(
        *SCHOOLS, referred("R1", AUTUMN), excluded, referred("R3", AUTUMN), opened(1, SUMMER, "R1", "R2"), drawn, proposed,
        over, decided(1, SUMMER, "R2", school="1"), refused,
    )  # fmt: skip
    one, two, three = year.pupils
    assert (one.received_by, one.chair, one.overridden, one.proposed, one.waited) == ("2", "Okafor", True, "1", 252)
    assert (two.sent_by, two.after_exclusion, two.received_by, two.chair) == ("2", True, None, None)
    assert one.lots == ((bits(drawn.seed, "P-R1") + 0.5) / 2**BITS,)
    assert one.pair_lots == {urn: ((bits(drawn.seed, "P-R1", urn) + 0.5) / 2**BITS,) for urn in ("1", "2")}
    assert (three.lots, three.received_by) == ((), None)


def test_who_was_declined_or_withdrawn_was_placed_nowhere() -> None:
    """One was told after 252 days; nobody waits for an answer to what was taken back."""
    no = decided(1, SUMMER, "R1", "declined", school=None, starts=None)
    back = ev.ReferralWithdrawn(referral="R2", pupil="P-R2", on=SUMMER)
    one, two = seen(*SCHOOLS, referred("R1", AUTUMN), referred("R2", AUTUMN), opened(1, SUMMER, "R1", "R2"), no, back).pupils
    assert [(pupil.received_by, pupil.chair, pupil.waited) for pupil in (one, two)] == [(None, None, 252), (None, None, None)]


def test_identities_are_read_where_asked_for_and_only_what_equality_needs() -> None:
    identity = ev.Identity(upn="A1", family_name="Quillfeather", sex=" F ", ethnicity="White  British", fsm=True)
    events = (*SCHOOLS, referred("R1", AUTUMN), ev.IdentityRecorded(pupil="P-R1", identity=identity))
    assert seen(*events).pupils[0].groups == {"looked_after": "no"}
    year = seen(*events, identities=True)
    assert year.pupils[0].groups == {"looked_after": "no", "sex": "f", "ethnicity": "white british", "fsm": "yes", "sen": "not known"}
    assert "Quillfeather" not in repr(year)
    assert "P-R1" not in repr(year)


def test_what_is_no_longer_held() -> None:
    events = (*SCHOOLS, referred("R1", AUTUMN), ev.IdentityRecorded(pupil="P-R1"))
    assert seen(*events, identities=True).gone == {"sex", "ethnicity", "fsm", "sen"}
    assert seen(*SCHOOLS, referred("R1", AUTUMN, case=None)).gone == {"looked_after"}


@pytest.mark.parametrize(("per", "share"), [("roll", (1000, 500)), ("equal", (1, 1)), ("pan", (360, None))])
def test_what_receiving_is_measured_by(per: str, share: tuple[int | None, int | None]) -> None:
    years = tuple(ev.YearPlaces(year_group=year, pan=180, on_roll=170, looked_after=2) for year in (8, 9))
    year = seen(*SCHOOLS, ev.PlacesRecorded(urn="1", as_at=AUTUMN, years=years), referred("R1", AUTUMN), per=per)
    assert tuple(one.share for one in year.schools.values()) == share
    assert year.population == {}  # school 2 was never counted


def test_a_weight_is_the_one_that_was_agreed() -> None:
    agreed = [one.model_copy(update={"share_weight": weight}) for one, weight in zip(SCHOOLS, (4, None, 9), strict=True)]
    assert [one.share for one in seen(*agreed, referred("R1", AUTUMN), per="weight").schools.values()] == [4, None]


def test_a_pan_of_which_a_part_is_unknown_is_unknown() -> None:
    years = (ev.YearPlaces(year_group=8, pan=180), ev.YearPlaces(year_group=9))
    year = seen(*SCHOOLS, ev.PlacesRecorded(urn="1", as_at=AUTUMN, years=years), referred("R1", AUTUMN), per="pan")
    assert year.schools["1"].share is None


def test_who_is_looked_after_where_every_count_says_so() -> None:
    years = tuple(ev.YearPlaces(year_group=year, pan=180, on_roll=170, looked_after=2) for year in (8, 9))
    counted = tuple(ev.PlacesRecorded(urn=urn, as_at=AUTUMN, years=years) for urn in ("1", "2"))
    assert seen(*SCHOOLS, *counted, referred("R1", AUTUMN)).population == {"looked_after": {"yes": 8, "no": 672}}
