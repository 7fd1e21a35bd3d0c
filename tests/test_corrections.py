"""Corrections as values: in the place of what they correct, the last one wins, and what no clerk could have written is named."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from panel import events as ev
from panel.intake import Known, again, referrals
from panel.intake.again import columns_of, read_again
from panel.order.corrections import pupil_of
from panel.order.entries import missteps
from panel.record.ledger import Ledger
from panel.state.corrections import CORRECTABLE, corrected, stacks
from panel.state.erasure import kept, restored
from panel.state.fold import fold
from panel.state.open_cases import OpenCase
from panel.state.records import Recorded
from panel.steps.office import read_entries
from rules.errors import PanelError
from tests.running import ASHDOWN, BIRCH, CEDAR, harbour, url
from tests.test_state import day, decided, made, opened, written

WHY = ev.CorrectionCase(reason="a slip")


def admitted(pupil: str = "Q1", on: str = "10-05", school: str = CEDAR, ehcp: bool | None = None) -> ev.AdmittedOutside:
    case = None if ehcp is None else ev.AdmissionCase(ehcp=ehcp)
    return ev.AdmittedOutside(pupil=pupil, school=school, on=day(on), year_group=9, case=case)


def correction(n: int, event: ev.Event | None, pupil: str | None = "Q1", **case: bool) -> ev.Correction:
    body = None if event is None else dict(event.draft().body)
    return ev.Correction(corrects=n, pupil=pupil, on=day("11-01"), body=body, case=ev.CorrectionCase(reason="a slip", case=case or None))


SCHOOLS = tuple(ev.SchoolRecorded(urn=urn, name=urn) for urn in (ASHDOWN, BIRCH, CEDAR))


def wrong(*events: ev.Event) -> list[tuple[int, str]]:
    """What is wrong with a record that these entries go on, the first of them numbered 2: the schools before them have no number here."""
    found, many = ev.PanelFounded(name="P", rulebook="b"), len(SCHOOLS)
    moved = (
        one.model_copy(update={"corrects": one.corrects + many}) if isinstance(one, ev.Correction) and one.corrects > 1 else one
        for one in events
    )
    return [(one.seq - many, one.what) for one in missteps(written(found, *SCHOOLS, *moved))]


# --- in the place of what they correct ---


def test_the_last_correction_stands_in_the_place_of_the_entry() -> None:
    record = written(admitted(), admitted("Q2"), correction(1, admitted(school=BIRCH)), correction(1, admitted(school=ASHDOWN)))
    assert [(a.pupil, a.school) for a in fold(record).admissions] == [("Q1", ASHDOWN), ("Q2", CEDAR)]
    assert [(a.pupil, a.school) for a in fold(record[:3]).admissions] == [("Q1", BIRCH), ("Q2", CEDAR)]
    assert [a.school for a in fold(record, known_at=record[1].recorded_at).admissions] == [CEDAR, CEDAR]


def test_what_was_so_on_a_day_is_as_corrected_whenever_that_was() -> None:
    """The correction is of November; it moves the admission from 5 October to 20 October for every day."""
    record = written(admitted(), correction(1, admitted(on="10-20")))
    assert fold(record, as_of=day("10-10")).admissions == ()
    assert len(fold(record, as_of=day("10-20")).admissions) == 1


def test_an_entry_that_should_never_have_been_is_not_there_and_may_come_back() -> None:
    record = written(admitted(), correction(1, None), correction(1, admitted(school=BIRCH)))
    assert fold(record[:2]).admissions == ()
    assert [a.school for a in fold(record).admissions] == [BIRCH]


def test_a_correction_that_is_taken_back_was_none() -> None:
    record = written(admitted(), correction(1, admitted(school=BIRCH)), correction(1, None), correction(3, None))
    assert [a.school for a in fold(record).admissions] == [BIRCH]
    assert {n: [one.seq for one in stack] for n, stack in stacks(record).items()} == {1: [2]}
    # Only the last of them can be: 2 is not the last one here.
    assert fold(written(*(item.event for item in record[:3]), correction(2, None))).admissions == ()


def test_a_case_that_a_correction_does_not_say_stays_as_it_was_before_it() -> None:
    record = written(admitted(ehcp=False), correction(1, admitted(), ehcp=True), correction(1, admitted(school=BIRCH)))
    (admission,) = fold(record).admissions
    assert (admission.school, admission.ehcp) == (BIRCH, True)


RIGHT: tuple[ev.Event, ...] = (
    ev.SchoolRecorded(urn=CEDAR, name="Cedar", roll=800, occupied=3),
    ev.PlacesRecorded(urn=CEDAR, as_at=day("09-15"), years=(ev.YearPlaces(year_group=9, pan=180, on_roll=150),)),
    ev.TermRecorded(first=day("09-02"), last=day("10-23")),
    ev.ExemptionVoted(urn=CEDAR, first=day("10-01"), last=day("10-09"), case=ev.Reason(reason="full")),
    admitted(ehcp=True),
    ev.PlacedBefore(pupil="Q2", school=CEDAR, on=day("09-03"), referral_kind="fair_access", year_group=9),
    ev.PermanentlyExcluded(pupil="Q3", school=CEDAR, on=day("09-03"), year_group=9),
    made(case=ev.ReferralCase(ehcp=False, preferences=(CEDAR,))),
    ev.AgreementSigned(referral="R1", by="parent", on=day("10-02")),
    ev.JourneysRecorded(pupil="PR1", case=ev.JourneyRows(journeys=(ev.Journey(urn=CEDAR, metres=900),))),
    opened(),
    decided(),
    ev.SchoolRenamed(urn=CEDAR, name="Cedar Academy", on=day("10-20")),
    ev.MeetingInvited(meeting=1, on=day("10-15"), schools=(BIRCH, CEDAR), told_on=day("10-02")),
    ev.MeetingAttended(meeting=1, on=day("10-15"), schools=(BIRCH,)),
)
WRONG: tuple[ev.Event, ...] = (
    ev.SchoolRecorded(urn=CEDAR, name="Cedra", roll=80, occupied=1),
    ev.PlacesRecorded(urn=CEDAR, as_at=day("09-16"), years=(ev.YearPlaces(year_group=9, pan=180, on_roll=105),)),
    ev.TermRecorded(first=day("09-02"), last=day("10-24")),
    ev.ExemptionVoted(urn=BIRCH, first=day("10-01"), last=day("10-09"), case=ev.Reason(reason="full")),
    admitted(on="10-06", school=BIRCH, ehcp=False),
    ev.PlacedBefore(pupil="Q2", school=CEDAR, on=day("09-04"), referral_kind="managed_move", year_group=9, outcome="returned"),
    ev.PermanentlyExcluded(pupil="Q3", school=BIRCH, on=day("09-03"), year_group=10),
    made(case=ev.ReferralCase(ehcp=True), accepted_on=day("10-02")),
    ev.AgreementSigned(referral="R1", by="parent", on=day("10-03")),
    ev.JourneysRecorded(pupil="PR1", case=ev.JourneyRows(journeys=(ev.Journey(urn=CEDAR, metres=90_000),))),
    opened(),
    decided(),
    ev.SchoolRenamed(urn=CEDAR, name="Cedar Acadmy", on=day("10-21")),
    ev.MeetingInvited(meeting=1, on=day("10-15"), schools=(BIRCH, CEDAR), told_on=day("10-12")),
    ev.MeetingAttended(meeting=1, on=day("10-15"), schools=(CEDAR,)),
)


@pytest.mark.parametrize("n", [n for n, event in enumerate(RIGHT) if event != WRONG[n]])
def test_a_record_that_was_corrected_is_one_that_was_right_from_the_beginning(n: int) -> None:
    right, whose = RIGHT[n], pupil_of(RIGHT[n], written(*RIGHT))
    sealed = right.draft().parts
    said = ev.Correction(
        corrects=n + 1,
        pupil=whose,
        on=day("11-01"),
        body=dict(right.draft().body),
        case=ev.CorrectionCase(reason="a slip", case=dict(sealed[0].content) if sealed else None),
    )
    wrong = (*RIGHT[:n], WRONG[n], *RIGHT[n + 1 :])
    for as_of in (None, day("09-10"), day("10-05"), day("10-20")):
        assert fold(written(*wrong), as_of=as_of) != fold(written(*RIGHT), as_of=as_of) or as_of is not None
        assert fold(written(*wrong, said), as_of=as_of) == fold(written(*RIGHT), as_of=as_of)


def test_without_corrections_a_record_is_what_it_is() -> None:
    record = tuple(written(admitted(), admitted("Q2")))
    assert corrected(record) == record


# --- what no clerk could have written ---


@pytest.mark.parametrize(
    ("events", "found"),
    [
        ((admitted(), correction(2, admitted(school=BIRCH))), []),
        ((admitted(), correction(9, None)), [(3, "corrects")]),
        ((admitted(), correction(3, None)), [(3, "corrects")]),
        ((correction(1, None, None),), [(2, "corrects")]),
        ((admitted(), correction(2, admitted("Q9"), "Q9")), [(3, "pupil"), (3, "body.pupil")]),
        ((admitted(), correction(2, admitted("Q9"))), [(3, "body.pupil")]),
        ((admitted(), ev.Correction(corrects=2, pupil="Q1", on=day("11-01"), body={"version": 1}, case=WHY)), [(3, "body")]),
        ((admitted(), ev.Correction(corrects=2, pupil="Q1", on=day("11-01"))), [(3, "case")]),
        ((made(), ev.Correction(corrects=2, pupil="PR1", on=day("11-01"), case=WHY)), [(3, "body")]),
        ((admitted(), correction(2, admitted(school=BIRCH)), correction(3, admitted())), [(4, "body")]),
        ((admitted(), correction(2, None), correction(3, None), correction(4, None)), [(5, "corrects")]),
        ((admitted(), correction(2, admitted(school="300009"))), [(3, "corrects")]),
    ],
)
def test_missteps_of_a_correction(events: tuple[ev.Event, ...], found: list[tuple[int, str]]) -> None:
    assert wrong(*events) == found


def test_what_follows_a_correction_follows_what_it_says() -> None:
    """The parent signed once; the entry is voided, so that the next signature is no second one; and without that it is one."""
    signed = ev.AgreementSigned(referral="R1", by="parent", on=day("10-02"))
    void = ev.Correction(corrects=3, pupil="PR1", on=day("10-03"), case=WHY)
    assert wrong(made(), signed, void, signed) == []
    assert wrong(made(), signed, signed) == [(4, "by")]
    # And what would make an entry impossible that was rightly written is a misstep of the correction.
    taken_back = ev.AgreementWithdrawn(referral="R1", by="parent", on=day("10-03"))
    assert wrong(made(), signed, taken_back, void) == [(5, "corrects")]


@pytest.mark.parametrize(("body", "what"), [(None, "body"), ({**made().draft().body, "referral": "R9"}, "body.referral")])
def test_a_forged_correction_is_named_and_not_what_it_would_leave_without_ground(body: dict[str, object] | None, what: str) -> None:
    """Without the referral nobody could decide it: the correction is wrong, and the decision, entry 4, stays as right as it was."""
    forged = ev.Correction(corrects=2, pupil="PR1", on=day("11-01"), body=body, case=WHY)
    record = (made(), opened(), decided("confirmed"))
    assert wrong(*record, forged) == [*wrong(*record), (5, what)]
    known = fold(written(*record, forged.model_copy(update={"corrects": 1})))
    assert known == fold(written(*record))


def test_who_came_to_one_meeting_never_becomes_who_came_to_another() -> None:
    """Entry 5 says who came to meeting 1, which is closed; a correction that moves them to meeting 2 is named and passed over."""
    came = ev.MeetingAttended(meeting=1, on=day("10-15"), schools=(BIRCH,))
    two = opened().model_copy(update={"meeting": 2, "on": day("10-22"), "agenda": ()})
    record = (made(), opened(), came, ev.MeetingClosed(meeting=1, on=day("10-15")), two)
    body = {**came.draft().body, "meeting": 2, "on": "2026-10-22"}
    forged = ev.Correction(corrects=4, on=day("11-01"), body=body, case=WHY)
    assert wrong(*record, forged) == [*wrong(*record), (7, "body.meeting")]
    assert fold(written(*record, forged.model_copy(update={"corrects": 3}))) == fold(written(*record))


def test_a_referral_is_not_made_after_the_meeting_that_decided_it() -> None:
    later = ev.Correction(corrects=2, pupil="PR1", on=day("11-01"), body=dict(made(made_on="10-16").draft().body), case=WHY)
    earlier = ev.Correction(corrects=2, pupil="PR1", on=day("11-01"), body=dict(made(made_on="09-30").draft().body), case=WHY)
    # The reason of a deferral is missing in this short record; it is no matter of the correction's.
    record = (made(), opened(), decided("confirmed"))
    assert [one for one in wrong(*record, later) if one[0] == 5] == [(5, "corrects")]
    assert [one for one in wrong(*record, earlier) if one[0] == 5] == []


# --- read again by the same reader ---


def test_every_entry_of_a_record_reads_again_as_it_is(tmp_path: Path) -> None:
    """Nothing is lost on the way from an entry to the row of a file and back."""
    panel = harbour(tmp_path, "opened")
    files = {
        "admissions": f"pupil,school,on,year_group,permanently_excluded,ehcp,points,why\nQ1,{CEDAR},2026-10-05,10,yes,no,3,moved\n",
        "history": "pupil,school,on,kind,year_group,home_school,permanently_excluded,outcome\n"
        f"Q2,{CEDAR},2026-01-05,fair_access,10,{BIRCH},no,returned\n",
        "exclusions": f"pupil,school,on,year_group\nQ3,{CEDAR},2026-10-05,10\n",
        "journeys": f"pupil,urn,metres,method,transport_entitled\nP1,{CEDAR},2600,measured,yes\nP1,{BIRCH},900,measured,\n",
    }
    for what, text in files.items():
        panel("load", what, str(panel.file(f"{what}.csv", text)))
    extra = (
        "--attended",
        f"{BIRCH}:2026-07-21;{CEDAR}",
        "--not-with",
        "P1;P2",
        "--kept-apart",
        f"{CEDAR}:police",
        "--attendance",
        "900",
        "--excluded-by",
        CEDAR,
    )
    panel("refer", "R8", "--pupil", "P8", "--kind", "fair_access", "--year-group", "9", "--made-on", "2026-10-01", *extra)
    panel("refer", "R9", "--pupil", "P9", "--kind", "fair_access", "--year-group", "9", "--made-on", "2026-10-01", "--home-school", "none")
    panel("exempt", BIRCH, "--year-group", "8", "--from", "2026-10-01", "--until", "2026-10-22", "--reason", "x")
    with Ledger.open(url(panel.ledger)) as ledger:
        record = read_entries(ledger.entries())
    state = fold(record)
    known = Known(schools=state.schools, referrals=frozenset(state.referrals), terms=state.terms, open_cases={"P8": OpenCase("R8")})
    read = [item.event for item in record if isinstance(item.event, CORRECTABLE)]
    kinds = {type(event) for event in read}
    assert len(kinds) == 11
    for event in read:
        assert read_again(event, {}, known) == event
        assert columns_of(event, Known())


def test_nothing_of_a_referral_is_lost_for_want_of_a_column() -> None:
    """Whoever adds a column, or a field of the case, has to say here what a correction makes of it."""
    cells = set(again._referral(made()))
    assert {*referrals.NEEDS, *referrals.TAKES} - cells == {column for column, _ in referrals.AGREEMENTS} | {referrals.SHARING, "needs"}
    assert set(ev.ReferralCase.model_fields) <= cells | {"attended_until", "needs"}  # in the cell `attended`; kept as it was asked for
    assert set(ev.ReferralMade.model_fields) - cells == {"referral_kind", "no_home_school", "follows", "later_year_groups", "case"}


def test_a_column_of_an_exclusion_follows_and_is_not_contradicted() -> None:
    """Who is excluded follows from `excluded_by`; where somebody said otherwise, that is put right with it."""
    schools = {urn: ev.SchoolRecorded(urn=urn, name=urn) for urn in (BIRCH, CEDAR)}
    read = read_again(made(), {"kind": "fair_access", "excluded_by": CEDAR}, Known(schools=schools))
    assert isinstance(read, ev.ReferralMade)
    assert read.permanently_excluded
    said = made().model_copy(update={"excluded_by": CEDAR, "permanently_excluded": False})
    with pytest.raises(PanelError, match="permanently_excluded: found no, while excluded_by names a school"):
        read_again(said, {"year_group": "10"}, Known(schools=schools))
    read = read_again(said, {"year_group": "10", "permanently_excluded": "yes"}, Known(schools=schools))
    assert isinstance(read, ev.ReferralMade)
    assert (read.permanently_excluded, read.year_group) == (True, 10)


def test_what_a_file_may_not_say_a_correction_may_not_either() -> None:
    known = Known(schools={CEDAR: ev.SchoolRecorded(urn=CEDAR, name="Cedar")})
    for cells, words in (({"school": "100009"}, "the URN of a school of this panel"), ({"yaer_group": "9"}, "Did you mean year_group?")):
        with pytest.raises(PanelError) as refusal:
            read_again(admitted(), cells, known)
        assert words in str(refusal.value)


# --- erased with the rest ---


def test_an_erasure_keeps_what_each_of_them_said() -> None:
    """A replay of a meeting between entry and correction needs the one, a meeting after it the other."""
    record = written(admitted(ehcp=True), correction(1, admitted(), ehcp=False), correction(1, admitted(school=BIRCH)))
    places = ev.PlacesRecorded(urn=CEDAR, as_at=day("09-01"), years=(ev.YearPlaces(year_group=9, on_roll=1, ehcp=0),))
    record = [*record, Recorded(4, "", places)]
    stays = kept(record, "Q1", [(1, "Q1", "case"), (2, "Q1", "case"), (3, "Q1", "case")])
    assert stays == {"1": ev.Kept(ehcp=True), "2": ev.Kept(ehcp=False)}
    gone = [item if item.seq == 4 else Recorded(item.seq, "", item.event.model_copy(update={"case": None})) for item in record]
    erased = ev.PersonErased(pupil="Q1", parts=(), case=ev.ErasureCase(reason="x", kept=stays))
    left = restored((*gone, Recorded(5, "", erased)))
    assert [fold(left[:n]).admissions[0].ehcp for n in (1, 2, 3)] == [True, False, False]
    assert fold(left).admissions[0].school == BIRCH


def test_a_correction_to_unknown_is_kept_though_it_says_nothing() -> None:
    record = [*written(admitted(ehcp=True)), Recorded(2, "", ev.Correction(corrects=1, pupil="Q1", on=dt.date(2026, 11, 1),
              body=dict(admitted().draft().body), case=ev.CorrectionCase(reason="x", case={})))]  # fmt: skip
    places = ev.PlacesRecorded(urn=CEDAR, as_at=day("09-01"), years=(ev.YearPlaces(year_group=9, on_roll=1, ehcp=0),))
    stays = kept([*record, Recorded(3, "", places)], "Q1", [(1, "Q1", "case"), (2, "Q1", "case")])
    assert stays == {"1": ev.Kept(ehcp=True), "2": ev.Kept()}


def test_a_persons_erasure_takes_what_was_said_in_corrections(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "closed")
    panel("correct", "R1", "--set", "ehcp=yes", "--set", f"kept_apart={BIRCH}:police", "--reason", "Zebedee told us")
    panel("correct", "R1", "--set", "not_with=P6", "--reason", "they fought")
    assert "P6" not in panel("person", "show", "P1", "--json").out
    panel("person", "erase", "P1", "--reason", "asked for", "--yes")
    shown = panel("person", "show", "P1", "--json").out
    assert "Zebedee" not in shown
    assert "police" not in shown
    assert panel.json("audit", "verify")["ok"] is True
    assert panel.json("audit", "replay")["ok"] is True
    assert panel.refused("correct", "R1", "--set", "ehcp=no", "--reason", "x").startswith("What entry 15 said of the case was erased")
