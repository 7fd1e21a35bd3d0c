"""The fixtures: written by their generators to the byte, loadable, and telling the stories that their READMEs tell."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

from fixtures.bradford28 import make as bradford28
from fixtures.shire11 import make as shire11
from panel.events import Event, PermanentlyExcluded, PlacesRecorded, ReferralMade, SchoolRecorded
from panel.intake import LOADERS, Known, read_table

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"


def known_of(name: str) -> Known:
    schools = LOADERS["schools"](read_table(FIXTURES / name / "schools.csv"), Known())
    return Known(schools={school.urn: school for school in schools if isinstance(school, SchoolRecorded)})


def events_of(name: str, pattern: str) -> list[Event]:
    known = known_of(name)
    return [
        event for path in sorted((FIXTURES / name).glob(pattern)) for event in LOADERS[path.stem.partition("-")[0]](read_table(path), known)
    ]


def referrals_of(name: str) -> dict[str, ReferralMade]:
    return {event.referral: event for event in events_of(name, "referrals-*.csv") if isinstance(event, ReferralMade)}


@pytest.mark.parametrize(("name", "make"), [("shire11", shire11), ("bradford28", bradford28)])
def test_the_generator_writes_what_lies_here(name: str, make: ModuleType) -> None:
    made = make.files()
    assert set(made) == {path.name for path in (FIXTURES / name).glob("*.csv")}
    for file, text in made.items():
        assert (FIXTURES / name / file).read_bytes() == text.encode(), file


@pytest.mark.parametrize("name", ["shire11", "bradford28"])
def test_every_place_lies_in_the_open_sea(name: str) -> None:
    """East of 620 km and north of 390 km on the National Grid there is only the North Sea: nobody lives there."""
    for path in sorted((FIXTURES / name).glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                low = {column.casefold(): cell for column, cell in row.items()}
                if "easting" in low:
                    assert int(low["easting"]) >= 615_000
                    assert int(low["northing"]) >= 395_000


def test_shire11_has_its_settings_and_its_kinds() -> None:
    settings = Counter(school.setting for school in known_of("shire11").schools.values())
    assert settings == {"mainstream": 11, "inclusion_centre": 4, "pru": 1}
    kinds = {made.referral_kind for made in referrals_of("shire11").values()}
    assert kinds == {"managed_move", "off_site_direction", "permanent_exclusion", "reintegration", "fair_access"}
    made = [len(read_table(FIXTURES / "shire11" / f"referrals-{n}.csv").rows) for n in (1, 2, 3)]
    assert made == [11, 10, 10]


def test_the_school_that_excludes_more_readily() -> None:
    of_2026 = Counter(
        e.school for e in events_of("shire11", "exclusions.csv") if isinstance(e, PermanentlyExcluded) and e.on.isoformat() > "2026-09"
    )
    assert of_2026 == {"900004": 5, "900002": 1, "900008": 1}


def test_year_10_is_full_everywhere_but_at_two_schools() -> None:
    left = {
        places.urn: (year.pan or 0) + (year.pan or 0) // 30 - (year.on_roll or 0)
        for places in events_of("shire11", "places.csv") if isinstance(places, PlacesRecorded)
        for year in places.years if year.year_group == 10
    }  # fmt: skip
    assert {urn: room for urn, room in left.items() if room > 0} == {"900006": 2, "900008": 1}
    assert len(left) == 11


def test_the_cast_of_shire11() -> None:
    cases = referrals_of("shire11")
    schools = known_of("shire11").schools
    assert [urn for urn, school in schools.items() if school.closing] == ["900009"]
    assert [urn for urn, school in schools.items() if school.head_in_first_term] == ["900007"]
    assert cases["R03"].case is not None
    assert cases["R03"].case.kept_apart == {"900002": "safeguarding"}
    assert [name for name, made in cases.items() if made.case is not None and made.case.ehcp is None] == ["R09"]
    assert [name for name, made in cases.items() if made.case is not None and made.case.ehcp] == ["R31"]
    assert cases["R22"].case is not None
    assert (cases["R22"].year_group, cases["R22"].excluded_by) == (10, "900008")
    assert cases["R22"].case.kept_apart == {"900006": "safeguarding"}


def test_bradford28_has_more_excluded_pupils_than_two_for_each_school() -> None:
    cases = referrals_of("bradford28")
    assert len(known_of("bradford28").schools) == 28
    assert len(cases) == 72 > 2 * 28
    assert all(made.permanently_excluded for made in cases.values())
    assert Counter(made.excluded_by for made in cases.values()).most_common(3) == [("910025", 10), ("910014", 9), ("910015", 8)]
    assert [made.pupil for made in cases.values() if made.case is not None and made.case.kept_apart] == ["B012", "B042", "B049"]
    with (FIXTURES / "bradford28" / "schools.csv").open(encoding="utf-8", newline="") as file:
        assert len({row["Federation"] for row in csv.DictReader(file)}) == 5


def test_every_exclusion_of_bradford28_is_of_a_referral() -> None:
    cases = referrals_of("bradford28")
    exclusions = [event for event in events_of("bradford28", "exclusions.csv") if isinstance(event, PermanentlyExcluded)]
    assert {(e.pupil, e.school) for e in exclusions} == {(made.pupil, made.excluded_by) for made in cases.values()}
    made_on = {made.pupil: made.made_on for made in cases.values()}
    assert all(e.on < made_on[e.pupil] for e in exclusions)
