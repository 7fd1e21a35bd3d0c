"""Real schools at real places: a whole Bradford meeting from the published files; and the invented city's year under the two-a-year deal.

The schools are real, everything else about the meeting is invented: pupils, places, who excluded whom. It says nothing about
how any school behaves.
"""

from __future__ import annotations

import csv
import datetime as dt
import random
from collections import Counter
from pathlib import Path
from typing import Any, Final

import pytest

from fixtures.bradford28.make import MEETINGS
from fixtures.written import as_csv
from panel import events as ev
from panel.answering.replay import Replay, Replayer
from panel.deciding.position import Position, position
from panel.placing.placement import place
from panel.record.ledger import Ledger
from panel.steps import casebook, meeting
from panel.steps.office import Office, found
from panel.story import made_up_clock, made_up_salts
from tests.running import Panel

FIXTURE: Final = Path(__file__).resolve().parent.parent / "fixtures" / "bradford28"
WITHOUT_ROLL: Final = {"140429", "141002", "146198", "147067", "147100", "147177", "147204"}
CLOSING: Final = "107439"
PUPILS: Final = 24

Row = dict[str, Any]


# --- the real city ---


def rows_of(path: Path, encoding: str = "utf-8") -> list[dict[str, str]]:
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file))


def invented_places(rng: random.Random, urns: list[str]) -> list[Row]:
    """Every year group counted; about one in five is full, with the over-number places taken too."""
    rows: list[Row] = []
    for urn in urns:
        pan = 30 * rng.randint(5, 9)
        for year in range(7, 12):
            on_roll = pan + pan // 30 if rng.random() < 0.2 else pan - rng.randint(0, 8)
            rows.append({"urn": urn, "year_group": year, "pan": pan, "on_roll": on_roll, "as_at": "2026-09-04"})
    return rows


def invented_referrals(rng: random.Random, schools: list[dict[str, str]], postcodes: list[dict[str, str]]) -> list[Row]:
    """Pupils at real postcodes. Who excluded whom is drawn by lot among the mixed schools."""
    mixed = [row["URN"] for row in schools if row["Gender (name)"] == "Mixed"]
    rows: list[Row] = []
    for n in range(1, PUPILS + 1):
        home = rng.choice(postcodes)
        kind = ("permanent_exclusion", "permanent_exclusion", "fair_access", "managed_move")[n % 4]
        rows.append(
            {
                "referral": f"BD{n:02}", "pupil": f"Q{n:02}", "kind": kind, "category": "d" if kind == "fair_access" else "",
                "year_group": rng.choice((7, 8, 9, 9, 10, 11)), "single_sex_schools": rng.choice(("none", "none", "girls", "boys")),
                "home_school": "" if kind == "permanent_exclusion" else rng.choice(mixed),
                "excluded_by": rng.choice(mixed) if kind == "permanent_exclusion" else "",
                "made_on": f"2026-10-{rng.randint(1, 12):02}", "accepted_on": "2026-10-13" if kind == "fair_access" else "",
                "postcode": home["postcode"], "easting": home["easting"], "northing": home["northing"],
                "preferences": ";".join(rng.sample(mixed, rng.randint(0, 3))), "ehcp": "no", "looked_after": "no",
                "persistent_disruptive_behaviour": rng.choice(("yes", "no")), "interventions_evidenced": "yes",
                "parent_agrees_on": "2026-10-01", "home_school_agrees_on": "2026-10-01",
            }
        )  # fmt: skip
    return rows


@pytest.fixture(scope="module")
def bradford(open_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Panel:
    """The panel founded, everything loaded, nothing opened yet."""
    folder = tmp_path_factory.mktemp("bradford")
    panel = Panel(folder / "bradford.db")
    rng = random.Random("bradford")
    schools = rows_of(open_data / "schools-bradford.csv", "cp1252")
    postcodes = rows_of(open_data / "postcodes-bd.csv")
    panel("init", "--rulebook", "bradford", "--name", "Bradford")
    said = panel("load", "schools", str(open_data / "schools-bradford.csv"))
    assert "35 rows read; 35 entries recorded" in said.out
    assert "7 schools have no roll in this file" in said.err
    panel("load", "places", str(panel.file("places.csv", as_csv(invented_places(rng, [row["URN"] for row in schools])))))
    panel("load", "terms", str(FIXTURE / "terms.csv"))
    panel("load", "referrals", str(panel.file("referrals.csv", as_csv(invented_referrals(rng, schools, postcodes)))))
    return panel


@pytest.fixture(scope="module")
def met(bradford: Panel) -> tuple[Panel, Row, Row]:
    """The meeting opened, drawn, allocated, decided and closed: the panel, what the opening said, what was proposed."""
    opening = bradford.json("meeting", "open", "--date", "2026-10-15", "--chair", "A chair")
    bradford("meeting", "draw", "--words", "wool worsted mohair alpaca")
    proposal = bradford.json("allocate")
    placed = [row["referral"] for row in proposal["placements"]]
    bradford("decide", *placed, "--confirm")
    bradford("meeting", "close")
    return bradford, opening, proposal


def test_the_real_meeting_is_held_from_the_published_files(met: tuple[Panel, Row, Row]) -> None:
    panel, opening, proposal = met
    assert len(opening["agenda"]) == PUPILS
    assert len(proposal["placements"]) + len(proposal["unplaced"]) == PUPILS
    assert len(proposal["placements"]) >= 15
    for left in proposal["unplaced"]:  # some of the postcodes lie far out
        assert left["nearest"]
        assert all(near["bars"] for near in left["nearest"])
    assert proposal["held"] == []
    assert proposal["certificate"]["unique"] is True
    replay = panel.json("audit", "replay")
    assert (replay["ok"], replay["decisions"]) == (True, 1)
    assert panel.json("audit", "verify")["ok"] is True


def test_a_blank_roll_is_said_where_it_matters_and_its_school_receives_nobody(met: tuple[Panel, Row, Row]) -> None:
    panel, opening, proposal = met
    told = " ".join(opening["unknown"])
    assert all(urn in told for urn in WITHOUT_ROLL)
    assert "roll" in told
    assert not {row["school"] for row in proposal["placements"]} & WITHOUT_ROLL
    standing = {row["school"]: row for row in panel.json("position", "--as-of", "2026-10-15")["schools"]}
    assert {urn for urn, row in standing.items() if row["ratio"] is None} == WITHOUT_ROLL
    answer = panel.json("explain", "BD01", "--why-not", "140429")["why_not"]
    assert answer["verdict"] == "barred"
    assert answer["unknown"] == ["school.roll"]


def test_nobody_goes_where_the_rules_forbid(met: tuple[Panel, Row, Row], open_data: Path) -> None:
    """Worked out from the files, not from the rules: closing, one sex, far away, from where, and full year groups."""
    panel, _, proposal = met
    referrals = {row["referral"]: row for row in rows_of(panel.folder / "referrals.csv")}
    room = {
        (row["urn"], row["year_group"]): int(row["pan"]) + int(row["pan"]) // 30 - int(row["on_roll"])
        for row in rows_of(panel.folder / "places.csv")
    }
    intake = {row["URN"]: row["Gender (name)"] for row in rows_of(open_data / "schools-bradford.csv", "cp1252")}
    came: Counter[tuple[str, str]] = Counter()
    for row in proposal["placements"]:
        case = referrals[row["referral"]]
        assert row["school"] not in (CLOSING, case["home_school"], case["excluded_by"])
        assert row["metres"] <= 12_000
        assert row["metres"] % 100 == 0
        assert intake[row["school"]] in ("Mixed", case["single_sex_schools"].title())
        came[row["school"], case["year_group"]] += 1
    assert all(n <= room[seat] for seat, n in came.items())


def test_who_was_confirmed_counts_from_then_on(met: tuple[Panel, Row, Row]) -> None:
    panel, _, proposal = met
    took = Counter(row["school"] for row in proposal["placements"])
    for row in panel.json("position", "--as-of", "2026-10-15")["schools"]:
        assert row["load"] == took[row["school"]]
    assert all(row["load"] == 0 for row in panel.json("position", "--as-of", "2026-10-14")["schools"])


# --- the invented city: a year ---


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[Position]]:
    """Nine meetings of eight pupils, everything confirmed; and where everybody stood after each."""
    url = f"sqlite:///{tmp_path_factory.mktemp('year') / 'bradford28.db'}"
    clock, salts = made_up_clock(dt.datetime(2026, 9, 1, tzinfo=dt.UTC)), made_up_salts("bradford28")
    stood = []
    with found(url, name="Bradford28", book="bradford", actor="clerk", clock=clock, salts=salts) as office:
        for what in ("schools", "places", "terms", "exclusions"):
            casebook.load(office, what, FIXTURE / f"{what}.csv")
        for n, day in enumerate(MEETINGS, start=1):
            on = dt.date.fromisoformat(day)
            casebook.load(office, "referrals", FIXTURE / f"referrals-{n:02}.csv")
            meeting.open_meeting(office, on=on, chair="A chair")
            meeting.draw(office, words=["bradford", str(n)])
            proposed = meeting.allocate(office)
            meeting.confirm(office, referrals=sorted(proposed.decision.placing))
            meeting.close(office)
            rulebook = office.rulebook(on)
            stood.append(position(office.record, rulebook, office.evaluation(rulebook), on))
    return url, stood


def taken(position: Position) -> list[int]:
    return sorted(school.counts["excluded_taken"] for school in position.schools)


def test_the_deal_fills_and_then_some_are_asked_for_a_third(year: tuple[str, list[Position]]) -> None:
    """72 pupils, 28 schools: 56 fill the deal in seven meetings, and 16 more are asked for a third, nobody for a fourth."""
    _, stood = year
    assert [sum(taken(position)) for position in stood] == [8 * n for n in range(1, 10)]
    assert taken(stood[6]) == [2] * 28
    assert taken(stood[7]) == [2] * 20 + [3] * 8
    assert taken(stood[8]) == [2] * 12 + [3] * 16
    assert sorted(school.quota_left or 0 for school in stood[8].schools) == [-1] * 16 + [0] * 12


def test_nobody_is_sent_back(year: tuple[str, list[Position]]) -> None:
    url, _ = year
    with Office(Ledger.open(url), actor="auditor") as office:
        decided = [referral for referral in office.state.referrals.values() if referral.decision]
        assert len(decided) == 72
        assert all(referral.decision and referral.decision.school != referral.made.excluded_by for referral in decided)


def test_the_whole_year_replays(year: tuple[str, list[Position]]) -> None:
    url, _ = year
    with Office(Ledger.open(url), actor="auditor") as office:
        assert office.ledger.flaws() == ()
        assert Replayer(office.record, office.book_then, office.evaluation, place).replay() == Replay(decisions=9, divergences=())
        proposals = [item.event for item in office.record if isinstance(item.event, ev.PlacementsProposed)]
        assert all(proposed.unique and not proposed.unplaced for proposed in proposals)
