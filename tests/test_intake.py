"""Schools and referrals as files -> events: what is read, and the exact words for what is not; and the laws of every file."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.errors import IntakeError
from panel.events import (
    AgreementSigned,
    Event,
    ReferralCase,
    ReferralMade,
    SchoolRecorded,
)
from panel.intake import LOADERS, Known, Table, read_table
from panel.intake.schools import compare, unknown_rolls
from panel.intake.tables import parse
from panel.state.open_cases import OpenCase

D = dt.date.fromisoformat
SCHOOLS = {
    urn: SchoolRecorded(urn=urn, name=name)
    for urn, name in (("900001", "Aldermere School"), ("900002", "Brackwater Academy"), ("900011", "Larkmoor School"))
}
KNOWN = Known(schools=SCHOOLS)


def load(what: str, text: str, known: Known = KNOWN) -> tuple[Event, ...]:
    return LOADERS[what](parse(f"{what}.csv", text.encode()), known)


def faults(what: str, text: str, known: Known = KNOWN) -> list[str]:
    with pytest.raises(IntakeError) as caught:
        load(what, text, known)
    assert caught.value.exit_code == 3
    return [str(fault) for fault in caught.value.faults]


# --- schools ---


def test_the_real_file_loads_as_it_is(open_data: Path) -> None:
    events = LOADERS["schools"](read_table(open_data / "schools-bradford.csv"), Known())
    schools = [event for event in events if isinstance(event, SchoolRecorded)]
    assert len(schools) == 35
    assert {school.urn for school in schools if school.roll is None} == {
        "140429", "141002", "146198", "147067", "147100", "147177", "147204",
    }  # fmt: skip
    assert unknown_rolls(schools).startswith(
        "7 schools have no roll in this file (NumberOfPupils is blank): 140429 Bradford Forster Academy, "
    )
    assert [school.urn for school in schools if school.closing] == ["107439"]
    assert [school.urn for school in schools if school.special_measures] == ["140204", "143113"]
    by_urn = {school.urn: school for school in schools}
    assert by_urn["107395"] == SchoolRecorded(
        urn="107395", name="Titus Salt School", phase="Secondary", intake="mixed", low_age=11, high_age=18, roll=1205,
        special_measures=False, easting=413653, northing=438458,
    )  # fmt: skip
    eden = by_urn["147204"]
    assert (eden.low_age, eden.high_age, eden.intake, eden.opened_on, eden.phase) == (None, None, "boys", D("2019-09-02"), "All-through")


def test_a_school_needs_no_more_than_a_urn_and_a_name() -> None:
    assert load("schools", "urn,EstablishmentName\n900009,Ivelcombe\n900001,Aldermere School\n", Known()) == (
        SchoolRecorded(urn="900001", name="Aldermere School"),
        SchoolRecorded(urn="900009", name="Ivelcombe"),
    )


@pytest.mark.parametrize(
    ("status", "opened", "closes", "closed", "closing"),
    [
        ("Open", "", "", False, False),
        ("", "", "", False, False),
        ("Open, but proposed to close", "", "", False, True),
        ("Open", "", "31-08-2027", False, True),
        ("Closed", "", "31-08-2019", True, True),
        ("Proposed to open", "", "", True, False),
        ("Proposed to open", "01-09-2027", "", False, False),
    ],
)
def test_open_closed_and_closing(status: str, opened: str, closes: str, closed: bool, closing: bool) -> None:
    text = f'URN,EstablishmentName,EstablishmentStatus (name),OpenDate,CloseDate\n900001,A,"{status}",{opened},{closes}\n'
    (school,) = load("schools", text, Known())
    assert isinstance(school, SchoolRecorded)
    assert (school.closed, school.closing) == (closed, closing)


def test_a_setting_without_year_groups() -> None:
    text = "URN,EstablishmentName,Setting,Places,occupied,head_in_first_term,Ofsted\n900021,Centre,Inclusion centre,8,3,yes,Good\n"
    assert load("schools", text, Known()) == (
        SchoolRecorded(
            urn="900021", name="Centre", setting="inclusion_centre", places=8, occupied=3, head_in_first_term=True, ofsted="Good"
        ),
    )


def test_bad_schools() -> None:
    text = (
        "URN,EstablishmentName,EstablishmentStatus (name),Gender (name),Setting,NumberOfPupils,Easting,Northing\n"
        '900004,A,Opne,Grils,main stream,"1,205",5,\n900001,B,,,,,,\n900001,C,,,,,,\n,D,,,,,,\n900003,,,,,,,\n'
    )
    assert faults("schools", text, Known()) == [
        (
            "schools.csv row 2, numberofpupils: found '1,205'; wanted a whole number, 0 to 10000. "
            "Write digits only, without separators, decimals or units."
        ),
        "schools.csv row 2, setting: found 'main stream'; wanted mainstream, inclusion_centre, pru or special. Did you mean mainstream?",
        (
            "schools.csv row 2, gender (name): found 'Grils'; wanted Mixed, Girls, Boys, Not applicable, Does not apply, Not known, "
            "Unknown or None. Did you mean Girls?"
        ),
        "schools.csv row 2, northing: found one coordinate alone; wanted easting and northing, or neither",
        (
            "schools.csv row 2, establishmentstatus (name): found 'Opne'; wanted Open, Open, but proposed to close, Closed, "
            "Proposed to open, Pending approval, Rejected opening, De-registered, Quarantine or Created in error. Did you mean Open?"
        ),
        "schools.csv row 4, urn: found URN 900001 twice, first in row 3; wanted one row for each",
        "schools.csv row 5, urn: found nothing; wanted a URN of six digits",
        "schools.csv row 6, establishmentname: found nothing; wanted text of at most 200 characters",
    ]


def test_a_second_load_says_what_changes_and_an_absent_column_changes_nothing() -> None:
    before = SchoolRecorded(urn="900021", name="Centre", setting="pru", roll=20, places=8)
    known = Known(schools={"900021": before, "900001": SCHOOLS["900001"]})
    events = load("schools", "URN,EstablishmentName,NumberOfPupils,CloseDate\n900021,Centre,,31/08/2027\n900003,New School,700,\n"
                  "900001,Aldermere School,,\n", known)  # fmt: skip
    changing, lines = compare(known, [event for event in events if isinstance(event, SchoolRecorded)])
    assert changing == (
        SchoolRecorded(urn="900003", name="New School", roll=700),
        SchoolRecorded(urn="900021", name="Centre", setting="pru", places=8, closes_on=D("2027-08-31"), closing=True),
    )
    assert lines == ("900003 New School: new", "900021 Centre: closes_on unknown -> 2027-08-31; closing no -> yes; roll 20 -> unknown")


def test_a_first_load_has_nothing_to_say() -> None:
    new = SchoolRecorded(urn="900001", name="A")
    assert compare(Known(), [new]) == ((new,), ())
    assert compare(Known(schools={"900001": new}), [new]) == ((), ())


def test_coordinates_of_nought_are_unknown() -> None:
    assert load("schools", "URN,EstablishmentName,Easting,Northing\n900001,A,0,0\n", Known()) == (SchoolRecorded(urn="900001", name="A"),)


def test_taking_a_closing_date_back() -> None:
    before = SchoolRecorded(urn="900001", name="A", closes_on=D("2027-08-31"), closing=True)
    (after,) = load("schools", "URN,EstablishmentName,CloseDate\n900001,A,\n", Known(schools={"900001": before}))
    assert after == SchoolRecorded(urn="900001", name="A")


# --- referrals ---

FULL = (
    "referral,pupil,kind,permanently_excluded,category,suited_to,year_group,single_sex_schools,home_school,excluded_by,made_on,accepted_on,"
    "easting,northing,postcode,preferences,kept_apart,siblings_at,catchment,ehcp,looked_after,previously_looked_after,"
    "persistent_disruptive_behaviour,interventions_evidenced,low_income,parent_agrees_on,home_school_agrees_on,attendance,in_area\n"
)


def test_a_full_referral_and_its_agreements() -> None:
    row = (
        "R2,P2,Managed Move,no,f,,9,none,900001,,14/09/2026,2026-09-15,632000,411000,SH1 1AA,900011; 900002,"
        "900002:safeguarding;900011:complaint,900011,900001,no,,yes,TRUE,1,0,2026-09-12,2026-09-10,931,\n"
    )
    assert load("referrals", FULL + row) == (
        ReferralMade(
            referral="R2", pupil="P2", referral_kind="managed_move", year_group=9, home_school="900001",
            made_on=D("2026-09-14"), accepted_on=D("2026-09-15"),
            case=ReferralCase(
                category="f", single_sex_schools="none", preferences=("900011", "900002"),
                kept_apart={"900002": "safeguarding", "900011": "complaint"}, siblings_at=("900011",), catchment=("900001",),
                easting=632000, northing=411000, postcode="SH1 1AA", ehcp=False, previously_looked_after=True,
                persistent_disruptive_behaviour=True, interventions_evidenced=True, low_income=False, attendance=931,
            ),
        ),
        AgreementSigned(referral="R2", by="home_school", on=D("2026-09-10")),
        AgreementSigned(referral="R2", by="parent", on=D("2026-09-12")),
    )  # fmt: skip


def test_where_a_pupil_was_before_and_since_when_it_is_nowhere() -> None:
    """What is not said is not recorded at all, so that older ledgers and newer ones hold the same of the same case."""
    header = "referral,pupil,kind,year_group,made_on,home_school,attended,out_of_education_since\n"
    said, unsaid = load(
        "referrals",
        f"{header}R1,P1,fair_access,9,2026-09-14,900001,900002;900011,2026-08-01\nR2,P2,fair_access,9,2026-09-14,900001,,\n",
    )
    assert isinstance(said, ReferralMade)
    assert isinstance(unsaid, ReferralMade)
    assert said.case == ReferralCase(attended=("900002", "900011"), out_of_education_since=D("2026-08-01"))
    assert unsaid.case == ReferralCase()


SHORT = "referral,pupil,kind,year_group,made_on,home_school,excluded_by\n"


@pytest.mark.parametrize(
    ("row", "excluded"),
    [
        ("R1,P1,permanent_exclusion,9,2026-09-14,,900001", True),
        ("R1,P1,fair_access,9,2026-09-14,,900001", True),
        ("R1,P1,permanent_exclusion,9,2026-09-14,900001,", True),
        ("R1,P1,managed_move,9,2026-09-14,900001,", False),
    ],
)
def test_few_columns_are_enough_and_the_rest_is_unknown(row: str, excluded: bool) -> None:
    (made,) = load("referrals", SHORT + row)
    assert isinstance(made, ReferralMade)
    assert made.permanently_excluded is excluded
    assert made.case == ReferralCase()


def test_a_referral_by_hand_goes_through_the_same_reader() -> None:
    cells = {"referral": "R1", "pupil": "P1", "kind": "managed_move", "year_group": "12", "made_on": "2026-09-14", "home_school": "900001"}
    with pytest.raises(IntakeError) as caught:
        LOADERS["referrals"](Table.by_hand(cells), KNOWN)
    assert str(caught.value) == (
        "1 problem; nothing was recorded.\n  year_group: found '12'; wanted 7 to 11. "
        "This panel places pupils of compulsory secondary age; a sixth-form case is not a referral."
    )
    assert LOADERS["referrals"](Table.by_hand(cells | {"year_group": "9"}), KNOWN) == load(
        "referrals", SHORT + "R1,P1,managed_move,9,2026-09-14,900001,\n"
    )


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"kind": "permanent_exclusion"}, "kind is permanent_exclusion"),
        ({"kind": "fair_access", "excluded_by": "900002"}, "excluded_by names a school"),
        ({"kind": "permanent_exclusion", "excluded_by": "900002"}, "kind is permanent_exclusion and excluded_by names a school"),
    ],
)
def test_an_exclusion_that_is_none_is_refused(cells: dict[str, str], told: str) -> None:
    """It would weigh less and escape a quota, while the row says that a school excluded the pupil."""
    row = {"referral": "R1", "pupil": "P1", "year_group": "9", "made_on": "2026-09-14", "home_school": "900001", **cells}
    with pytest.raises(IntakeError, match=f"permanently_excluded: found no, while {told}; wanted yes, or nothing: then it is yes."):
        LOADERS["referrals"](Table.by_hand(row | {"permanently_excluded": "no"}), KNOWN)
    for blank in ("", "yes"):
        (made,) = LOADERS["referrals"](Table.by_hand(row | {"permanently_excluded": blank}), KNOWN)
        assert made.model_dump()["permanently_excluded"] is True


def test_bad_referrals() -> None:
    rows = (
        "R1,P1,managed_moves,12,2026-09-14,900001,",
        "R2,P2,managed_move,9,2026-09-14,,",
        "R3,P3,managed_move,9,2026-09-14,900003,",
        "R4,P4,managed_move,9,2026-09-14,900001,",
        "R4,P5,managed_move,9,2026-09-14,900001,",
        "R6,P4,managed_move,9,2026-09-14,900001,",
        "R7,P7,managed_move,9,2026-09-14,900001,",
        "R8,P8,managed_move,9,2026-09-14,900001,",
        "R9,panel,managed_move,9,2026-09-14,900001,",
    )
    known = Known(schools=SCHOOLS, referrals=frozenset({"R7", "R0"}), open_cases={"P8": OpenCase("R0")})
    assert faults("referrals", SHORT + "\n".join(rows), known) == [
        (
            "referrals.csv row 2, kind: found 'managed_moves'; wanted managed_move, off_site_direction, permanent_exclusion, "
            "reintegration or fair_access. Did you mean managed_move?"
        ),
        (
            "referrals.csv row 2, year_group: found '12'; wanted 7 to 11. "
            "This panel places pupils of compulsory secondary age; a sixth-form case is not a referral."
        ),
        (
            "referrals.csv row 3, home_school: found nothing, nor in excluded_by; wanted a URN in at least one of the two, or none as "
            "home_school. Write none for a child who comes from no school of this panel: new to the country or the area, never on a roll, "
            "or educated at home."
        ),
        (
            "referrals.csv row 4, home_school: found '900003'; wanted the URN of a school of this panel, or none. "
            "The nearest is 900001, Aldermere School."
        ),
        "referrals.csv row 6, referral: found referral R4 twice, first in row 5; wanted one row for each",
        "referrals.csv row 7, pupil: found pupil P4 twice, first in row 5; wanted one row for each",
        "referrals.csv row 8, referral: found 'R7', which is recorded already; wanted a reference of its own for each referral",
        (
            "referrals.csv row 9, pupil: found 'P8', whose referral R0 is not decided yet; wanted one open case for each pupil. "
            "Decide that one, or withdraw it first: `pastoral withdraw R0 --on DATE --reason TEXT`."
        ),
        (
            "referrals.csv row 10, pupil: found 'panel'; wanted a reference of at most 60 characters without spaces, never a name. "
            "'panel' is kept for what belongs to no single child."
        ),
    ]


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        ("preferences", "900001;900001", "found '900001;900001'; wanted each URN once"),
        ("preferences", "900001,900002", "found '900001,900002'; wanted a URN of six digits"),
        (
            "kept_apart",
            "900001:safegarding",
            "found '900001:safegarding'; wanted complaint, police or safeguarding. Did you mean safeguarding?",
        ),
        ("kept_apart", "900001:police;900001", "found '900001:police;900001'; wanted each URN once"),
        ("ehcp", "maybe", "found 'maybe'; wanted yes, no, true, false, 1, 0 or blank"),
        ("attendance", "93.5%", "found '93.5%'; wanted a whole number, 0 to 1000. Attendance is per mille: 93.5% is 935."),
        ("easting", "secret", "wanted a whole number, 0 to 700000. Write digits only, without separators, decimals or units."),
        ("easting", "", "found one coordinate alone; wanted easting and northing, or neither"),
        ("postcode", "12 Harbour Terrace, Aldermere", "wanted text of at most 12 characters"),
        ("category", "z", "found 'z'; wanted a, b or l"),
    ],
)
def test_bad_cells_of_a_case(column: str, cell: str, said: str) -> None:
    cells = {
        "referral": "R1", "pupil": "P1", "kind": "managed_move", "year_group": "9", "made_on": "2026-09-14", "home_school": "900001",
        "easting": "632000", "northing": "411000", column: cell,
    }  # fmt: skip
    known = Known(schools=SCHOOLS, categories=("a", "b", "l"))
    with pytest.raises(IntakeError) as caught:
        LOADERS["referrals"](Table.by_hand(cells, name="r.csv"), known)
    assert [str(fault) for fault in caught.value.faults] == [f"r.csv, {column}: {said}"]


def test_a_school_to_keep_away_from_without_a_reason_is_read_as_safeguarding() -> None:
    (made,) = load("referrals", SHORT.strip() + ",kept_apart\nR1,P1,managed_move,9,2026-09-14,900001,,900011;900002:police\n")
    assert isinstance(made, ReferralMade)
    assert made.case == ReferralCase(kept_apart={"900002": "police", "900011": "safeguarding"})


# --- laws ---


def shuffled(text: str, seed: int) -> str:
    header, *rows = csv.reader(io.StringIO(text))
    Random(seed).shuffle(rows)
    out = io.StringIO()
    csv.writer(out).writerows([header, *rows])
    return out.getvalue()


@pytest.mark.parametrize("name", ["shire11", "bradford28"])
@pytest.mark.parametrize("seed", range(5))
def test_shuffled_rows_give_the_same_events(name: str, seed: int) -> None:
    folder = Path(__file__).resolve().parent.parent / "fixtures" / name
    text = (folder / "schools.csv").read_text(encoding="utf-8")
    schools = load("schools", text, Known())
    assert load("schools", shuffled(text, seed), Known()) == schools
    known = Known(schools={school.urn: school for school in schools if isinstance(school, SchoolRecorded)})
    for path in sorted(folder.glob("*.csv")):
        what = path.stem.partition("-")[0]
        if what != "schools":
            text = path.read_text(encoding="utf-8")
            assert load(what, shuffled(text, seed), known) == load(what, text, known)


@given(st.binary(max_size=200))
def test_no_bytes_make_anything_but_a_table_or_a_refusal(data: bytes) -> None:
    for what, loader in LOADERS.items():
        try:
            events = loader(parse(f"{what}.csv", data), KNOWN)
        except IntakeError as error:
            refusal = error
        else:
            assert events == ()  # no 200 bytes of noise are a school, a referral or a day
            continue
        assert refusal.faults


COLUMNS = ("referral", "pupil", "kind", "year_group", "made_on", "home_school", "kept_apart", "preferences", "ehcp", "easting", "northing")
CELL = st.text(max_size=8) | st.sampled_from(["R", "managed_move", "9", "2026-09-14", "900001", "yes", "0"])


@given(st.fixed_dictionaries(dict.fromkeys(COLUMNS, CELL)))
def test_no_cell_makes_anything_but_a_referral_or_a_refusal(cells: dict[str, str]) -> None:
    try:
        (made,) = LOADERS["referrals"](Table.by_hand(cells), KNOWN)
    except IntakeError as error:
        refusal = error
    else:
        assert isinstance(made, ReferralMade)
        assert made.home_school == "900001"
        return
    assert {fault.column for fault in refusal.faults} <= set(COLUMNS)
