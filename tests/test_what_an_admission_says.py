"""What an admission or placement says that a tariff may weigh: from a file, by a decision, after an erasure; and selective schools."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import pytest

from panel import events as ev
from panel.deciding.opening import frozen_names
from panel.errors import IntakeError, Refused
from panel.facts.counts import SAID, admission_facts, tally
from panel.intake import LOADERS, Known
from panel.intake.tables import parse
from panel.state.fold import fold
from panel.state.records import Admission, Recorded
from rules.book import Rulebook
from rules.evaluate import Evaluation
from rules.facts import AS_AN_ADMISSION, BY_NAME, POINTS_GIVEN
from rules.rulebook import Shelf, check_text

ON: Final = dt.date(2026, 10, 22)
KNOWN: Final = Known(schools={"900001": ev.SchoolRecorded(urn="900001", name="A", selective=True)})


def load(what: str, text: str) -> tuple[ev.Event, ...]:
    return LOADERS[what](parse(f"{what}.csv", text.encode()), KNOWN)


# --- from files ---


@pytest.mark.parametrize(
    ("policy", "selective"),
    [("Selective", True), ("Non-selective", False), ("Not applicable", None), ("", None), ("yes", True), ("no", False)],
)
def test_whether_a_school_is_selective(policy: str, selective: bool | None) -> None:
    (school,) = load("schools", f"URN,EstablishmentName,AdmissionsPolicy (name)\n900001,A,{policy}\n")
    assert isinstance(school, ev.SchoolRecorded)
    assert school.selective is selective
    (left,) = load("schools", "URN,EstablishmentName\n900001,A\n")
    assert isinstance(left, ev.SchoolRecorded)
    assert left.selective is True


WEIGHED: Final = (
    "persistent_disruptive_behaviour,attendance,suspended_days,from_alternative_provision,days_out_of_education",
    "yes,843,15,no,31",
)


def test_what_a_tariff_may_weigh_of_an_admission_and_of_history() -> None:
    case: dict[str, Any] = {
        "persistent_disruptive_behaviour": True,
        "attendance": 843,
        "suspended_days": 15,
        "from_alternative_provision": False,
    }
    columns, cells = WEIGHED
    (came,) = load("admissions", f"pupil,school,on,year_group,{columns}\nP1,900001,2026-10-01,9,{cells}\n")
    assert isinstance(came, ev.AdmittedOutside)
    assert came.case == ev.AdmissionCase(**case, days_out_of_education=31)
    (before,) = load("history", f"pupil,school,on,kind,year_group,{columns}\nP1,900001,2026-10-01,managed_move,9,{cells}\n")
    assert isinstance(before, ev.PlacedBefore)
    assert before.case == ev.PlacedBeforeCase(**case, days_out_of_education=31)
    bad = "pupil,school,on,year_group,attendance,suspended_days\nP1,900001,2026-10-01,9,84.3%,14.5\n"
    with pytest.raises(IntakeError) as caught:
        load("admissions", bad)
    assert [fault.column for fault in caught.value.faults] == ["attendance", "suspended_days"]


# --- by a decision ---

CASE: Final[dict[str, Any]] = {
    "ehcp": False, "looked_after": True, "behaviour_is_primary_need": False, "persistent_disruptive_behaviour": True,
    "attendance": 843, "suspended_days": 15, "from_alternative_provision": False,
}  # fmt: skip


def decided(**case: Any) -> Admission:
    """What the record has of a pupil who was decided on 22 October and begins on 2 November."""
    made = ev.ReferralMade(
        referral="R1", pupil="P1", referral_kind="fair_access", year_group=9, made_on=dt.date(2026, 10, 1), home_school="900002",
        case=ev.ReferralCase(**case),
    )  # fmt: skip
    opened = ev.MeetingOpened(meeting=1, on=ON, chair="C", agenda=("R1",), agenda_digest="", rulebook="c", edition=ON, rulebook_digest="")
    taken = ev.DecisionTaken(meeting=1, on=ON, referral="R1", pupil="P1", outcome="confirmed", school="900001", starts=dt.date(2026, 11, 2))
    (admission,) = fold([Recorded(n, "", event) for n, event in enumerate((made, opened, taken), start=1)]).admissions
    return admission


def test_a_placement_has_what_its_referral_said() -> None:
    """Out of education since 1 October: 21 days to the meeting of the 22nd, as the meeting itself counted, not 32 to the first day."""
    facts = admission_facts(decided(**CASE, out_of_education_since=dt.date(2026, 10, 1)))
    assert {name: facts[f"admission.{name}"] for name in CASE} == CASE
    assert facts["admission.days_out_of_education"] == 21


def test_what_nobody_said_is_unknown_of_the_placement() -> None:
    assert {name for name in SAID if f"admission.{name}" in admission_facts(decided())} == {"for_good"}  # which the panel itself decided
    later = admission_facts(decided(out_of_education_since=dt.date(2026, 10, 23)))
    assert "admission.days_out_of_education" not in later


def test_every_fact_that_a_placement_has_from_a_referral_is_of_the_same_kind() -> None:
    for name, to in AS_AN_ADMISSION.items():
        if to == POINTS_GIVEN:  # no rule can name it
            assert to not in BY_NAME
            continue
        one, other = BY_NAME[name], BY_NAME[to]
        assert (one.type, one.unit, one.low, one.high, one.optional) == (other.type, other.unit, other.low, other.high, other.optional), to


# --- what a meeting freezes ---

HEAD: Final = "rulebook: c\nedition: {from: 2026-09-01}\ntitle: C\nauthority: {instrument: X}\n"
LINE: Final = """\
points: added
tariff:
  - id: attendance
    points: 2
    when: admission.attendance < 850
    examples:
      - {name: low, given: {admission.attendance: 849}, expect: fires}
      - {name: not low, given: {admission.attendance: 850}, expect: silent}
  - id: anybody
    points: 1
    when: true
    examples:
      - {name: anybody, given: {}, expect: fires}
"""
COUNT: Final = "counts: {points: {of: [placements, outside_admissions], over: academic_year, weigh: points}}\n"


def book(text: str) -> Rulebook:
    return check_text(f"{HEAD}{text}objectives: [place]\n", "c.yaml", Shelf.of([]))


def test_a_meeting_freezes_of_a_case_what_the_tariff_weighs_and_no_more() -> None:
    plain, weighed = frozen_names(book("")), frozen_names(book(LINE + COUNT))
    assert weighed - plain == {"referral.attendance", "referral.points_given", "school.points"}
    assert not plain & {"referral.attendance", "referral.suspended_days", "referral.days_out_of_education", "school.selective"}


# --- counted ---


def test_points_that_are_added_are_counted() -> None:
    """Of the outside admissions one weighs 2 + 1, one 1, and one has 7 by somebody else's tariff."""
    rulebook = book(LINE + COUNT)
    came = [
        ev.AdmittedOutside(pupil=f"P{n}", school="900001", on=ON, year_group=9, points=points, case=ev.AdmissionCase(attendance=attendance))
        for n, (attendance, points) in enumerate([(849, None), (850, None), (None, 7)])
    ]
    state = fold([Recorded(n, "", event) for n, event in enumerate(came, start=1)])
    assert tally(state, rulebook, Evaluation(rulebook).admission, ON).of("points", "900001") == 3 + 1 + 7


@pytest.mark.parametrize(
    ("column", "told"),
    [("attendance", "attendance"), ("days_out_of_education", "out_of_education_since")],
)
def test_what_an_admission_does_not_say_is_asked_for_by_its_column(column: str, told: str) -> None:
    """Of an admission outside the panel by the file's column, of a placement by the referral's, which may have another name."""
    lines = LINE.replace("admission.attendance", f"admission.{column}").replace("849", "1").replace(": 850", ": 900")
    rulebook = book(lines + COUNT)
    read = Evaluation(rulebook).admission
    outside = fold([Recorded(1, "", ev.AdmittedOutside(pupil="P", school="900001", on=ON, year_group=9))])
    with pytest.raises(Refused) as caught:
        tally(outside, rulebook, read, ON)
    (fault,) = caught.value.faults
    assert f"the column {column} of admissions: `pastoral correct --entry 1 --set {column}=VALUE" in fault.advice
    assert fault.wanted == "what was so when the pupil came"
    placed = fold(
        [
            Recorded(1, "", ev.ReferralMade(referral="R", pupil="P", referral_kind="fair_access", year_group=9, made_on=ON)),
            Recorded(2, "", ev.MeetingOpened(meeting=1, on=ON, chair="C", agenda=("R",), agenda_digest="", rulebook="c", edition=ON,
                                             rulebook_digest="")),
            Recorded(3, "", ev.DecisionTaken(meeting=1, on=ON, referral="R", pupil="P", outcome="confirmed", school="900001", starts=ON)),
        ]
    )  # fmt: skip
    with pytest.raises(Refused) as caught:
        tally(placed, rulebook, read, ON)
    (fault,) = caught.value.faults
    assert f"`pastoral correct R --set {told}=VALUE" in fault.advice
