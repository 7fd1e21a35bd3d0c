"""An auditor asks whether a year was fair: on the demo's panel, on the city of the two-a-year deal, and as one who digs for more."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import Counter
from pathlib import Path
from typing import Any, Final

import pytest

from fixtures.bradford28.make import MEETINGS
from panel.steps import casebook, meeting
from panel.steps.office import found
from panel.story import made_up_clock, made_up_salts
from tests.running import Panel, pastoral, put, taken

FIXTURE: Final = Path(__file__).resolve().parents[2] / "fixtures" / "bradford28"
NEXT_TERM: Final = "from,to\n2027-09-02,2027-10-22\n"
SURNAME: Final = "Quillfeather"
ETHNICITIES: Final = ("white british",) * 9 + ("pakistani",) * 5 + ("roma",) * 2
POPULATION: Final = """\
characteristic,group,pupils
FSM,yes,6000
fsm,no,24000
ethnicity,White British,18000
ethnicity,Pakistani,11000
ethnicity,Roma,1000
"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Panel:
    """The demo's panel as the demo leaves it."""
    folder = tmp_path_factory.mktemp("demo")
    assert pastoral("demo", "--keep", str(folder)).code == 0
    return Panel(folder / "shire11.db")


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Panel:
    """The city's whole year, with identities: every second pupil has free meals, and every one has the same family name."""
    folder = tmp_path_factory.mktemp("city")
    panel = Panel(folder / "bradford28.db")
    rows = [
        f"B{n:03},{SURNAME},{'f' if n % 2 else 'm'},{ETHNICITIES[n % 16]},{'yes' if n % 2 else 'no'},{'plan' if n % 16 == 0 else 'none'}"
        for n in range(1, 73)
    ]
    identities = panel.file("identities.csv", "\n".join(("pupil,family_name,sex,ethnicity,fsm,sen", *rows, "")))
    clock, salts = made_up_clock(dt.datetime(2026, 9, 1, tzinfo=dt.UTC)), made_up_salts("bradford28")
    with found(f"sqlite:///{panel.ledger}", name="Bradford28", book="bradford", actor="clerk", clock=clock, salts=salts) as office:
        for what in ("schools", "places", "terms", "exclusions"):
            casebook.load(office, what, FIXTURE / f"{what}.csv")
        casebook.load(office, "identities", identities)
        for n, day in enumerate(MEETINGS, start=1):
            casebook.load(office, "referrals", FIXTURE / f"referrals-{n:02}.csv")
            meeting.open_meeting(office, on=dt.date.fromisoformat(day), chair="A chair")
            meeting.draw(office, words=["bradford", str(n)])
            meeting.confirm(office, referrals=sorted(meeting.allocate(office).decision.placing))
            meeting.close(office)
    panel.file("population.csv", POPULATION)
    return panel


@pytest.fixture
def a_year_later(city: Panel, tmp_path: Path) -> Panel:
    """The same, and the first meeting of the next year."""
    panel = Panel(tmp_path / "bradford28.db")
    put(taken(city.ledger), panel.ledger)
    panel.file("population.csv", POPULATION)
    panel("load", "terms", str(panel.file("terms.csv", NEXT_TERM)))
    panel("meeting", "open", "--date", "2027-09-23", "--chair", "A chair")
    return panel


def rows_of(report: Any, name: str) -> dict[str, Any]:
    return {row["row"]: row for one in report["tables"] if one["table"] == name for row in one["rows"]}


def test_a_term_is_not_a_year(demo: Panel) -> None:
    """The demo ends in November: its year is not over, and the year before had too few for any table."""
    told = demo.json("audit", "equity")
    assert (told["from"], told["until"], told["tables"]) == ("2025-09-01", "2026-08-31", [])
    said = demo.refused("audit", "equity", "--from", "2026-09-01")
    assert said.startswith("2026-27 is not over in this record. A year is reported from when the first meeting of a later one is opened")
    assert "Years that are over: 2025-26" in said or "2024-25, 2025-26" in said


def test_the_demos_year_once_it_is_over(demo: Panel, tmp_path: Path) -> None:
    panel = Panel(tmp_path / "shire11.db")
    put(taken(demo.ledger), panel.ledger)
    panel("load", "terms", str(panel.file("terms.csv", NEXT_TERM)))
    panel("meeting", "open", "--date", "2027-09-23", "--chair", "Okafor")
    told = panel.json("audit", "equity")
    assert (told["academic_year"], told["pupils"], told["excluded"]) == (2026, 31, None)  # R32 is R09's pupil, put again
    assert [one["table"] for one in told["tables"]] == ["receiving", "sending", "looked_after"]
    assert rows_of(told, "looked_after")["no"]["count"] == 31
    assert rows_of(told, "looked_after")["yes"]["weight"] == 77  # the year groups' own counts are the population
    assert rows_of(told, "sending")["after a permanent exclusion"]["count"] == 9
    page = panel("audit", "equity").out
    assert max(map(len, page.splitlines())) <= 80
    assert "under J. Penhale: fewer than 5\n" in page
    assert "More than chance, judged over all" in page


def test_the_citys_year(a_year_later: Panel) -> None:
    """72 pupils, all after an exclusion; 57 of those exclusions were made in the year. Zetlow has 737 of 28,780 on roll and made 8."""
    made = Counter(
        row["school"]
        for row in csv.DictReader((FIXTURE / "exclusions.csv").read_text(encoding="utf-8").splitlines())
        if "2026-09-01" <= row["on"] <= "2027-08-31"
    )
    told = a_year_later.json("audit", "equity", code=1)
    assert (told["pupils"], told["excluded"]) == (72, sum(made.values()))
    excluding = {urn: row for urn, row in rows_of(told, "excluding").items() if row["weight"]}
    assert {urn: row["count"] for urn, row in excluding.items() if row["count"]} == {urn: n for urn, n in made.items() if n >= 5}
    roll = sum(row["weight"] for row in excluding.values())
    zetlow = excluding["910025"]
    assert zetlow["expected"] == pytest.approx(57 * 737 / roll, abs=1e-4)
    assert zetlow["ratio"] == pytest.approx(8 / (57 * 737 / roll), abs=1e-4)
    assert [one["say"].partition(":")[0] for one in told["found"]] == [
        "Zetlow Academy (910025) permanently excluded more pupils than its share",
        "Oxlode Academy (910015) permanently excluded more pupils than its share",
    ]


def test_the_groups_of_the_city(a_year_later: Panel) -> None:
    """36 of 72 have free meals and a fifth of the population: odds 1 over 1/4. Of 16, 9, 5 and 2 are of the three groups: 64 are
    36, 20 and 8, and the last 8 all of the first. Four have a plan, and nobody says how many there are: so that row has no name."""
    words = ("audit", "equity", "--with-identities", "--population", str(a_year_later.folder / "population.csv"))
    told = a_year_later.json(*words, code=1)
    free = rows_of(told, "fsm")["yes"]
    assert (free["count"], free["expected"], free["ratio"], free["beyond_chance"]) == (36, 14.4, 4.0, True)
    assert {name: row["count"] for name, row in rows_of(told, "ethnicity").items() if row["count"] != 0} == {
        "white british": 44, "pakistani": 20, "roma": 8,
    }  # fmt: skip
    (sen,) = (one for one in told["tables"] if one["table"] == "sen")
    assert [(row["row"], row["count"]) for row in sen["rows"]] == [("a group that is not named", None)] * 2 + [("not known", 0)]
    assert sen["hidden"] == sen["total"] == 72
    page = a_year_later(*words, code=1)
    assert "Pupils of fsm 'yes' were referred more often than everybody else: 36 where 14.4" in " ".join(page.out.split())
    assert max(map(len, page.out.splitlines())) <= 80
    assert "…" not in page.out  # nothing is cut off
    assert SURNAME not in page.out + page.err + str(told)
    assert "B001" not in page.out + str(told)


def test_the_same_year_is_the_same_on_every_day(a_year_later: Panel) -> None:
    """Late entries, another day, later meetings: nothing that came after may be subtracted from what was reported before."""
    words = ("audit", "equity", "--from", "2026-09-01", "--with-identities", "--population", str(a_year_later.folder / "population.csv"))
    before = a_year_later(*words, code=1).out
    late = "pupil,school,on,year_group\nB900,910001,2026-10-05,9\nB901,910001,2026-10-06,9\n"
    a_year_later("load", "exclusions", str(a_year_later.file("late.csv", late)))
    known = "pupil,sex,ethnicity,fsm,sen\nB001,m,roma,no,support\n"
    a_year_later("load", "identities", str(a_year_later.file("late-identities.csv", known)))
    a_year_later("meeting", "close")
    a_year_later("meeting", "open", "--date", "2027-10-21", "--chair", "A chair")
    assert a_year_later(*words, code=1).out == before
    assert a_year_later(*words, "--as-of", "2027-12-01", code=1).out == before


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--from", "2026-10-01"), "found 2026-10-01 to 2027-08-31; wanted one academic year, as 2026-09-01 to 2027-08-31."),
        (("--until", "2027-03-31"), "found 2026-09-01 to 2027-03-31; wanted one academic year"),
        (("--from", "2025-09-01", "--until", "2027-08-31"), "found 2025-09-01 to 2027-08-31; wanted one academic year"),
        (("--from", "2026-09-01", "--as-of", "2027-09-01"), "2026-27 is not over in this record by 2027-09-01."),
        (("--from", "2027-09-01"), "2027-28 is not over in this record."),
        (("--as-of", "2020-01-01"), "No academic year is over in this record by 2020-01-01."),
    ],
)
def test_spans_that_would_overlap_are_refused(a_year_later: Panel, words: tuple[str, ...], told: str) -> None:
    assert told in a_year_later.refused("audit", "equity", *words)


def test_the_csv_says_what_the_answer_says(a_year_later: Panel) -> None:
    file = a_year_later.folder / "equity.csv"
    told = a_year_later.json("audit", "equity", "-o", str(file), code=1)
    rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"))))
    assert [row["count"] for row in rows] == [
        "<5*" if row["count"] is None else str(row["count"]) for one in told["tables"] for row in one["rows"]
    ]
    assert [row["row"] for row in rows if row["beyond_chance"]] == ["910025", "910015"]  # the smaller roll first
    assert "is there already" in a_year_later.refused("audit", "equity", "-o", str(file))


def test_what_was_erased_is_in_no_new_table(a_year_later: Panel) -> None:
    a_year_later.alter("DELETE FROM sealed WHERE class = 'identity' AND subject = 'B001'")
    told = a_year_later.json("audit", "equity", "--with-identities", code=1)
    assert {one["table"] for one in told["tables"]} == {"receiving", "sending", "excluding", "looked_after"}
    assert "Of some pupils it is no longer held: sex, ethnicity, fsm, sen." in " ".join(told["untold"])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("characteristic,group,pupils\nshoe size,9,12\n", "row 2, characteristic: found 'shoe size'; wanted looked_after, sex"),
        ("characteristic,group,pupils\nfsm,maybe,12\n", "row 2, group: found 'maybe'; wanted yes or no"),
        ("characteristic,group,pupils\nsex,f,0\n", "row 2, pupils: found '0'; wanted 1 to 10000000"),
        ("characteristic,group,pupils\nsex,f,9\nsex,F,9\n", "row 3, group: found sex f twice, first in row 2"),
        ("characteristic,group\nsex,f\n", "pupils: found no such column"),
    ],
)
def test_a_population_that_cannot_be_read(a_year_later: Panel, text: str, told: str) -> None:
    file = a_year_later.file("bad.csv", text)
    assert told in a_year_later.refused("audit", "equity", "--population", str(file))
