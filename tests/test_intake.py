"""Files -> events: what is read, and the exact words for what is not."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from pathlib import Path
from random import Random

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.errors import IntakeError
from panel.events import (
    AdmissionCase,
    AdmittedOutside,
    AgreementSigned,
    Event,
    Journey,
    JourneyRows,
    JourneysRecorded,
    PermanentlyExcluded,
    PlacedBefore,
    PlacesRecorded,
    ReferralCase,
    ReferralMade,
    SchoolRecorded,
    TermRecorded,
    YearPlaces,
)
from panel.intake import LOADERS, Known, Table, read_table
from panel.intake.schools import compare, unknown_rolls
from panel.intake.tables import parse

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


# --- tables ---


def table_faults(data: bytes) -> list[str]:
    with pytest.raises(IntakeError) as caught:
        parse("x.csv", data)
    return [str(fault) for fault in caught.value.faults]


def test_rows_have_the_numbers_of_a_spreadsheet() -> None:
    table = parse("x.csv", b'\n URN ,Name\n1,"two\nlines"\n\n , \n2,b\n')
    assert table.header == ("urn", "name")
    assert [(row.number, row.cells) for row in table.rows] == [(3, ("1", "two\nlines")), (6, ("2", "b"))]


def test_short_rows_are_blank_at_the_end_and_blank_cells_beyond_the_header_do_not_count() -> None:
    assert [row.cells for row in parse("x.csv", b"a,b\n1\n1,2,,\n").rows] == [("1", ""), ("1", "2")]


def test_semicolons_separate_where_the_header_has_no_comma() -> None:
    assert parse("x.csv", b"a;b\n1,5;2\n").rows[0].cells == ("1,5", "2")
    assert parse("x.csv", b"a,b;c\n1;2,3\n").rows[0].cells == ("1;2", "3")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_encodings(encoding: str) -> None:
    assert parse("x.csv", "name\nÉcole Brontë – £5\n".encode(encoding)).rows[0].cells == ("École Brontë – £5",)


def test_an_accent_is_the_same_however_it_is_typed() -> None:
    assert parse("x.csv", "name\nE\u0301cole\n".encode()) == parse("x.csv", "name\n\u00c9cole\n".encode())


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "x.csv: found an empty file; wanted a header row and rows under it"),
        (b"\xef\xbb\xbf\n \n", "x.csv: found an empty file; wanted a header row and rows under it"),
        (
            b"a,b\n1,2\n1,2,3\n",
            (
                "x.csv row 3: found 3 cells; wanted at most 2, as in the header. "
                "A cell with the separator in it must stand in quotation marks."
            ),
        ),
        (
            b'a,b\n1,"2\n',
            (
                "x.csv row 2: found a row that is not CSV (unexpected end of data); wanted cells separated by commas. "
                'A quotation mark that opens a cell must close it; inside, write it twice ("").'
            ),
        ),
        (
            b"a,b\n1,\x002\n",
            (
                "x.csv row 2: found a control character: a damaged or binary file; wanted CSV or XLSX. "
                "Save the sheet as 'CSV UTF-8' and load that."
            ),
        ),
        (
            "a,b\n".encode("utf-16"),
            "x.csv: found text in UTF-16; wanted UTF-8 or Windows-1252. Save the sheet as 'CSV UTF-8' and load that.",
        ),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            "x.csv: found an old Excel file (.xls); wanted CSV or XLSX. Save the sheet as 'CSV UTF-8' and load that.",
        ),
        (b"a\n\x81\n", "x.csv: found bytes that are not text; wanted UTF-8 or Windows-1252. Save the sheet as 'CSV UTF-8' and load that."),
        (b"PK\x03\x04 cut off", "x.csv: found a damaged XLSX file; wanted CSV or XLSX. Save the sheet as 'CSV UTF-8' and load that."),
    ],
)
def test_what_is_not_a_table(data: bytes, said: str) -> None:
    assert table_faults(data) == [said]


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match="cannot be opened"):
        read_table(tmp_path)


def test_xlsx_reads_as_its_csv_would(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["URN", "year_group", "pan", "on_roll", "as_at", "ehcp"])
    sheet.append([900001, 7, 180.0, "171", dt.date(2026, 9, 14), None])
    sheet.append([])
    sheet.append(["900002", 8, 150, 151, "14/09/2026", 3])
    path = tmp_path / "places.xlsx"
    book.save(path)
    table = read_table(path)
    assert [row.number for row in table.rows] == [2, 4]
    as_csv = "urn,year_group,pan,on_roll,as_at,ehcp\n900001,7,180,171,2026-09-14,\n900002,8,150,151,2026-09-14,3\n"
    assert LOADERS["places"](table, KNOWN) == load("places", as_csv)


def test_an_archive_that_is_no_workbook() -> None:
    for files in ({}, {"[Content_Types].xml": "<unclosed"}, {"xl/workbook.xml": "<a/>", "[Content_Types].xml": "<a/>"}):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("readme.txt", "not a workbook")
            for name, text in files.items():
                archive.writestr(name, text)
        assert table_faults(out.getvalue()) == [
            "x.csv: found a damaged XLSX file; wanted CSV or XLSX. Save the sheet as 'CSV UTF-8' and load that."
        ]


# --- columns and cells ---

PLACES = "urn,year_group,pan,on_roll,as_at\n"


def test_a_missing_column_is_named_with_the_one_that_may_be_it() -> None:
    assert faults("places", "urn,year_grp,pan,as_at\n900001,7,180,2026-09-14\n") == [
        "places.csv, year_group: found no such column; wanted a column year_group. The header has 'year_grp': is that the one?",
        "places.csv, on_roll: found no such column; wanted a column on_roll",
    ]


def test_a_column_twice_is_refused_only_where_it_is_read() -> None:
    assert faults("exclusions", "pupil,school,on,year_group,ON\nA,900001,2026-10-01,9,\n") == [
        "exclusions.csv, on: found two columns of this name; wanted one"
    ]
    assert len(load("exclusions", "pupil,school,on,year_group,note,note\nA,900001,2026-10-01,9,,\n")) == 1


def test_ten_bad_rows_are_ten_faults() -> None:
    bad = (
        "900001,7,180,170,31/02/2026", "900001,8,180,170,1/9/26", "900001,9,180,170,09-14-2026", "900001,10,180,170,",
        "900001,x,180,170,2026-09-14",
        "900001,15,180,170,2026-09-14", "900001,11,180.5,170,2026-09-14", "900001,7,180,2001,2026-09-14", "90001,7,180,170,2026-09-14",
        "900012,7,180,170,2026-09-14",
    )  # fmt: skip
    date = "a date as YYYY-MM-DD, DD/MM/YYYY or DD-MM-YYYY"
    digits = "Write digits only, without separators, decimals or units."
    assert faults("places", PLACES + "900002,7,180,170,2026-09-14\n" + "\n".join(bad)) == [
        f"places.csv row 3, as_at: found '31/02/2026'; wanted {date}. There is no such day.",
        f"places.csv row 4, as_at: found '1/9/26'; wanted {date}. Write the year with four digits.",
        f"places.csv row 5, as_at: found '09-14-2026'; wanted {date}. There is no such day.",
        f"places.csv row 6, as_at: found nothing; wanted {date}",
        f"places.csv row 7, year_group: found 'x'; wanted a whole number, 0 to 14. {digits}",
        "places.csv row 8, year_group: found '15'; wanted 0 to 14",
        f"places.csv row 9, pan: found '180.5'; wanted a whole number, 0 to 2000. {digits}",
        "places.csv row 10, on_roll: found '2001'; wanted 0 to 2000",
        "places.csv row 11, urn: found '90001'; wanted a URN of six digits",
        "places.csv row 12, urn: found '900012'; wanted the URN of a school of this panel. The nearest is 900002, Brackwater Academy.",
    ]


def test_the_message_counts_problems_and_rows() -> None:
    with pytest.raises(IntakeError) as caught:
        load("places", PLACES + "x,7,180,170,y\n900001,8,z,1,2026-09-14\n")
    assert caught.value.message == "places.csv: 3 problems in 2 rows; nothing was recorded."


@pytest.mark.parametrize("day", ["2026-09-14", "14/09/2026", "14-09-2026"])
def test_three_ways_to_write_a_day(day: str) -> None:
    assert load("places", f"{PLACES}900001,7,180,,{day}\n") == (
        PlacesRecorded(urn="900001", as_at=D("2026-09-14"), years=(YearPlaces(year_group=7, pan=180),)),
    )


@given(st.dates(D("1990-01-01"), D("2200-12-31")), st.sampled_from(["%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y"]))
def test_every_day_is_read_back(day: dt.date, form: str) -> None:
    (event,) = load("exclusions", f"pupil,school,on,year_group\nA,900001,{day.strftime(form)},9\n")
    assert event.day == day


def test_the_same_year_group_on_the_same_day_twice() -> None:
    rows = "900001,7,180,170,2026-09-14\n900001,8,180,170,2026-09-14\n900001,7,180,171,14/09/2026\n"
    assert faults("places", PLACES + rows) == [
        "places.csv row 4, year_group: found year 7 of 900001 on 2026-09-14 twice, first in row 2; wanted one row for each"
    ]


def test_places_recorded_already_are_not_recorded_again() -> None:
    (event,) = load("places", f"{PLACES}900001,7,180,170,2026-09-14\n")
    assert isinstance(event, PlacesRecorded)
    again = Known(schools=SCHOOLS, places={"900001": event})
    assert load("places", f"{PLACES}900001,7,180,170,2026-09-14\n", again) == ()
    assert len(load("places", f"{PLACES}900001,7,180,171,2026-09-14\n", again)) == 1


def test_without_schools_the_advice_is_to_load_them() -> None:
    assert faults("exclusions", "pupil,school,on,year_group\nA,900001,2026-10-01,9\n", Known()) == [
        (
            "exclusions.csv row 2, school: found '900001'; wanted the URN of a school of this panel. "
            "No schools are recorded yet; load them first (pastoral load schools FILE)."
        )
    ]


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
    known = Known(schools=SCHOOLS, referrals=frozenset({"R7", "R0"}), undecided={"P8": "R0"})
    assert faults("referrals", SHORT + "\n".join(rows), known) == [
        (
            "referrals.csv row 2, kind: found 'managed_moves'; wanted managed_move, off_site_direction, permanent_exclusion, "
            "reintegration or fair_access. Did you mean managed_move?"
        ),
        (
            "referrals.csv row 2, year_group: found '12'; wanted 7 to 11. "
            "This panel places pupils of compulsory secondary age; a sixth-form case is not a referral."
        ),
        "referrals.csv row 3, home_school: found nothing, nor in excluded_by; wanted a URN in at least one of the two",
        (
            "referrals.csv row 4, home_school: found '900003'; wanted the URN of a school of this panel. "
            "The nearest is 900001, Aldermere School."
        ),
        "referrals.csv row 6, referral: found referral R4 twice, first in row 5; wanted one row for each",
        "referrals.csv row 7, pupil: found pupil P4 twice, first in row 5; wanted one row for each",
        "referrals.csv row 8, referral: found 'R7', which is recorded already; wanted a reference of its own for each referral",
        (
            "referrals.csv row 9, pupil: found 'P8', whose referral R0 is not decided yet; wanted one open referral for each pupil. "
            "Withdraw or decide that one first."
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
    said = f"{what}.csv row 2, pupil: found pupil A at 900001 on 2026-10-01, which is recorded already; wanted rows that are new"
    assert faults(what, header + row, known) == [said]
    assert faults(what, header + row + row) == [
        f"{what}.csv row 3, pupil: found pupil A at 900001 on 2026-10-01 twice, first in row 2; wanted one row for each"
    ]


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
