"""Rulebooks modelled on kinds of published local protocols, all invented: each is sound, and its examples show all of it.

They stand for protocols that nobody has seen yet: whatever one of them asks for must be sayable in YAML.
"""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pytest

from rules.book import Rulebook
from rules.coverage import coverage
from rules.evaluate import Evaluation
from rules.examples import run_examples
from rules.facts import BY_NAME, Value
from rules.reading import PairReading
from rules.rulebook import Shelf, check_text, shipped, shipped_text
from tests.running import CHECKOUT, Panel
from tests.test_record_and_schema import objections

FOLDER = Path(__file__).parent / "rulebooks" / "protocols"
FILES = sorted(FOLDER.glob("*.yaml"))
SHIRE11 = CHECKOUT / "fixtures" / "shire11"


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    books = [(text, f"{name}.yaml") for name in shipped() for text in shipped_text(name)]
    return Shelf.of([*books, *((path.read_text(encoding="utf-8"), path.name) for path in FILES)])


def _pair(book: Rulebook, **given: Value) -> PairReading:
    """Usual values of every fact, overlaid by the given ones, whose names have __ for the dot."""
    derived = {one.fact.name for one in book.derived}
    row = {name: fact.usual for name, fact in book.facts.items() if fact.family != "admission" and name not in derived}
    return Evaluation(book).pair({**row, **{name.replace("__", "."): value for name, value in given.items()}})


def _in_letters_of(path: Path, shelf: Shelf, folder: Path) -> Path:
    """Shire11's first referrals, with the letters by which a book calls the law's categories."""
    book = check_text(path.read_text(encoding="utf-8"), path.name, shelf)
    letters = {category.letter: letter for letter, category in reversed([*book.categories.items()]) if category.book == "england"}
    with (SHIRE11 / "referrals-1.csv").open(encoding="utf-8", newline="") as file:
        rows = [{**row, "category": letters.get(row["category"], "")} for row in csv.DictReader(file)]
    made = folder / "referrals.csv"
    with made.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return made


def test_there_are_enough_of_them() -> None:
    assert len({path.stem.partition("-")[0] for path in FILES}) >= 10


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_is_sound_on_every_day_of_its_edition(path: Path, shelf: Shelf) -> None:
    book = check_text(path.read_text(encoding="utf-8"), path.name, shelf)
    assert [layer.name for layer in book.layers] == [path.stem.partition("-")[0], "england"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_its_examples_hold_and_show_all_of_it(path: Path, shelf: Shelf) -> None:
    book = check_text(path.read_text(encoding="utf-8"), path.name, shelf)
    results = run_examples(book)
    assert [result for result in results if not result.ok] == []
    assert [str(gap) for gap in coverage(book, results).gaps] == []


def _drawn(path: Path, shelf: Shelf, folder: Path) -> Panel:
    """Shire11's first meeting, drawn, under another book."""
    panel = Panel(folder / "panel.db")
    panel("init", "--rulebook", str(path))
    for what in ("schools", "places", "terms", "history", "exclusions", "admissions", "journeys"):
        panel("load", what, str(SHIRE11 / f"{what}.csv"))
    panel("load", "referrals", str(_in_letters_of(path, shelf, folder)))
    panel("meeting", "open", "--date", "2026-09-24", "--chair", "Okafor")
    panel("meeting", "draw", "--words", "heron maple")
    return panel


def _met(name: str, shelf: Shelf, folder: Path) -> tuple[dict[str, str], dict[tuple[str, str], object]]:
    """Who goes where under a book of that name, and what each of its objectives comes to, by its name and whom it counts."""
    data = _drawn(FOLDER / f"{name}.yaml", shelf, folder).json("allocate")
    values = {(one["name"], one["of"]): one["value"] for one in data["objectives"]}
    return {one["referral"]: one["school"] for one in data["placements"]}, values


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_panel_can_meet_under_it(path: Path, shelf: Shelf, tmp_path: Path) -> None:
    """From files to a proved proposal that comes out the same again: the record answers every question that the book asks."""
    panel = _drawn(path, shelf, tmp_path)
    proposed = panel("allocate").out
    assert "no better answer exists" in proposed.casefold()
    assert "R08, by agreement-to-seek" in proposed
    assert "1 proposal(s) replayed" in panel("audit", "replay").out


def test_schools_go_round_the_table(shelf: Shelf, tmp_path: Path) -> None:
    """Tor: four who were not excluded take turns 1, 2, 3 and 4. Of three excluded pupils two have the schools with turn 1.

    The third school with turn 1 is the one that excluded all of them: it is passed over, and the third pupil takes turn 2.
    """
    placed, values = _met("tor", shelf, tmp_path)
    assert values["rota", "not_permanently_excluded"] == 1 + 2 + 3 + 4
    assert values["rota", "permanently_excluded"] == 1 + 1 + 2
    assert len({placed[name] for name in ("R01", "R04", "R06", "R10")}) == 4


def test_each_year_group_has_a_list_of_its_own(shelf: Shelf, tmp_path: Path) -> None:
    """Weir: all seven who go to schools find one with turn 1 in their year group; Eastling Vale has it in years 7, 8 and 10."""
    placed, values = _met("weir", shelf, tmp_path)
    assert values["rota", "everybody"] == 7
    assert [name for name, school in placed.items() if school == "900005"] == ["R02", "R03", "R04"]


def test_vacancies_and_a_quota_that_crosses_them(shelf: Shelf, tmp_path: Path) -> None:
    """Brow: every year group but year 10 has vacancies everywhere, so the seven who go to schools take turns 1 to 7 of 11."""
    _, values = _met("brow", shelf, tmp_path)
    assert values["quota", "permanently_excluded"] == {"excess": 0, "by_school": [0] * 11}
    assert values["rota", "everybody"] == sum(range(1, 8))


def test_every_kind_of_rule_and_every_objective_is_used(shelf: Shelf) -> None:
    books = [check_text(path.read_text(encoding="utf-8"), path.name, shelf) for path in FILES]
    for section in (
        "settings",
        "tariff",
        "counts",
        "derived",
        "limits",
        "holds",
        "bars",
        "charges",
        "tiers",
        "notices",
        "meeting",
        "clocks",
    ):
        assert any(getattr(book, section) for book in books), section
    used = {objective.name for book in books for objective in book.objectives}
    assert used == {
        *("place", "waiting", "quota", "share", "tier", "preference", "journey", "longest_ago", "rota", "transport", "ticket", "lottery"),
        "case_by_case",
    }


def test_a_letter_means_what_its_edition_says(shelf: Shelf) -> None:
    days = (dt.date(2025, 10, 1), dt.date(2026, 10, 1))
    assert [shelf.in_force("garth", day).categories["n"].say for day in days] == [
        "an earlier placement broke down",
        "moved into the area in year 11",
    ]


def test_the_cases_of_an_order_of_approach(shelf: Shelf) -> None:
    """Wold: in two catchments, the nearer of them third nearest of all: catchment 1 before nearest before catchment 2 before second."""
    book = shelf.in_force("wold", dt.date(2026, 10, 1))
    amounts = {tier.id: tier.amount for tier in book.tiers}
    schools = {"first catchment": (3, 1), "nearest": (1, 0), "second catchment": (5, 2), "second": (2, 0), "sixth": (6, 0)}
    tiers = {
        name: min(amounts[f.rule] for f in _pair(book, candidate__nearness=near, candidate__catchment_nearness=catchment).fires("tier"))
        for name, (near, catchment) in schools.items()
    }
    assert tiers == {"first catchment": 2, "nearest": 3, "second catchment": 4, "second": 5, "sixth": 7}


def test_three_rotas_do_not_look_at_one_another(shelf: Shelf) -> None:
    book = shelf.in_force("dale", dt.date(2026, 10, 1))
    rotas = [(objective.count, str(objective.of)) for objective in book.objectives if objective.name in {"quota", "share"}]
    assert rotas == [
        ("excluded", "permanent_exclusion"),
        ("excluded", "permanent_exclusion"),
        ("moved", "managed_move"),
        ("under_the_protocol", "fair_access, reintegration"),
        ("everybody", "everybody"),
    ]


def test_a_school_past_its_cap_through_appeals_is_passed_over(shelf: Shelf) -> None:
    """Scar: PAN 180 is six over number; with 189 on roll there is none, and another limit does not make it more."""
    book = shelf.in_force("scar", dt.date(2026, 10, 1))
    reading = _pair(book, year__pan=180, year__on_roll=189, school__this_term=0)
    assert dict(reading.room) == {"one-for-every-thirty": -3, "two-a-term": 2}
    assert {finding.rule for finding in reading.fires("limit")} == {"one-for-every-thirty"}


def test_each_phase_has_a_share_of_its_own(shelf: Shelf) -> None:
    """Linn: a school that took nine juniors is none the worse for a pupil of year 9, and the rooms of infants are not juniors'."""
    book = shelf.in_force("linn", dt.date(2026, 10, 1))
    assert book.year_groups == range(12)
    rooms = {year: dict(_pair(book, referral__year_group=year, year__pan=30, year__on_roll=31).room) for year in (2, 3, 11)}
    assert {year: {name: room for name, room in told.items() if room is not None} for year, told in rooms.items()} == {
        2: {"infant-class": -1},
        3: {"over-number": 1},
        11: {"over-number": 1, "exam-years": 3},
    }
    counted = {year: Evaluation(book).admission(_admitted(book, year)).counted for year in (0, 6, 7, 11)}
    assert counted == {0: {"young"}, 6: {"young"}, 7: {"older"}, 11: {"older", "exam_years"}}


def _admitted(book: Rulebook, year_group: int) -> dict[str, Value]:
    usual = {name: fact.usual for name, fact in book.facts.items() if fact.family == "admission"}
    return {**usual, "admission.year_group": year_group}


def test_a_clock_that_either_of_several_decisions_stops(shelf: Shelf) -> None:
    """Brae: what the panel declines is answered too; and the pupil is one of those who must agree, besides those whom the law names."""
    book = shelf.in_force("brae", dt.date(2026, 10, 1))
    (answered,) = [clock for clock in book.clocks if clock.id == "answered"]
    assert answered.run == "from referral.accepted or exclusion.made until decision.taken or decision.declined or referral.withdrawn"
    assert str(answered.within) == "15 school days"
    move = book.lifecycle["managed_move"]
    assert isinstance(move, dict)
    assert move["agreed_by"] == ("parent", "pupil", "receiving_admission_authority")
    assert set(book.papers) == {"risk_assessment", "medical_letter", "own_words", "school_history"}


def test_the_shortest_clock_holds(shelf: Shelf) -> None:
    """Keld allows 15 school days where the law allows 20, and keeps the law's clock's name."""
    clocks = {clock.id: str(clock.within) for clock in shelf.in_force("keld", dt.date(2026, 10, 1)).clocks}
    assert clocks["place-allocated"] == "15 school days"
    assert clocks["direction"] == "15 calendar days"


def test_every_fact_of_the_closed_list_is_named_somewhere(shelf: Shelf) -> None:
    """By a protocol or a shipped book: a fact that no rule ever needed has no place in the list."""
    texts = [path.read_text(encoding="utf-8") for path in FILES] + [text for name in shipped() for text in shipped_text(name)]
    assert [name for name in BY_NAME if not any(name in text for text in texts)] == []


SLIPS = (
    ("linn", "{lowest: 0, highest: 11}", "{lowest: 0, highest: 12}"),
    ("linn", "year_groups: {lowest: 0, highest: 2}", "year_groups: [0, 1, 2]"),
    ("brae", "until: [decision.taken, decision.declined,", "until: [decision.takne, decision.declined,"),
    ("brae", "agreed_by: [parent, pupil,", "agreed_by: [parent, child,"),
    ("brae", "  own_words: what", "  Own words: what"),
)


@pytest.mark.parametrize("name", ["brae", "linn"])
def test_an_editor_takes_a_book_with_every_new_word(name: str) -> None:
    assert objections((FOLDER / f"{name}.yaml").read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(("name", "old", "new"), SLIPS)
def test_an_editor_marks_a_slip(name: str, old: str, new: str) -> None:
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    assert old in text
    assert objections(text.replace(old, new, 1)) != []
