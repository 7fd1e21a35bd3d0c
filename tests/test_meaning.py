"""Placement equals a brute force that is written from what a rulebook means, on 2,000 random small panels."""

from __future__ import annotations

import datetime as dt
import hashlib
import random
from collections import Counter
from typing import Final

import pytest

from panel import events as ev
from panel.deciding.decision import Case, decide
from panel.deciding.opening import freeze
from panel.facts.candidates import MeetingFacts
from panel.placing.certificate import Certificate
from panel.placing.placement import place
from panel.state.records import Recorded
from rules.book import Rulebook
from rules.errors import RulebookError
from rules.evaluate import Evaluation
from rules.rulebook import Shelf
from tests.judge import Judge
from tests.random_books import Aim, Book, as_yaml, case_by_case, random_book
from tests.random_panels import COUNTED, ON, TERMS, random_events

BOOKS: Final = 125
PANELS: Final = 16


def as_told(aim: Aim, value: object) -> object:
    """A value as the command's JSON has it, but a quota's excess alone where only that counts."""
    return [f"{ratio.numerator}/{ratio.denominator}" for ratio in value] if aim.name == "share" and isinstance(value, list) else value


def settle(rng: random.Random, judge: Judge) -> tuple[dict[str, str], frozenset[str]]:
    """Now and then the panel has put one pupil somewhere itself, and another one off."""
    names = list(judge.agenda)
    rng.shuffle(names)
    fixed = {names.pop(): rng.choice(list(judge.schools))} if names and judge.schools and rng.random() < 0.15 else {}
    absent = frozenset({names.pop()}) if names and rng.random() < 0.1 else frozenset()
    return fixed, absent


@pytest.mark.parametrize("number", range(BOOKS))
def test_the_placing_is_the_one_that_the_rulebook_means(number: int) -> None:
    book = random_book(random.Random(f"book {number}"))
    rulebook = Shelf.of([(as_yaml(book), "random.yaml")]).in_force("random", ON)
    judge_panels(number, book, rulebook, PANELS)


def test_so_it_is_where_counts_cross_and_the_book_lets_solvers_prove_it() -> None:
    """Thirty books, ten panels each; in some of their meetings nobody makes the difference, and there is a certificate all the same."""
    books = solved = certified = 0
    for number in range(1000, 1400):
        book = random_book(random.Random(f"book {number}"), nests=False)
        text = as_yaml(book).replace("objectives:\n", "proof: solvers\nobjectives:\n")
        try:
            rulebook = Shelf.of([(text, "random.yaml")]).in_force("random", ON)
        except RulebookError as error:
            if "Leave the key out" not in str(error):
                raise
            continue
        by = judge_panels(number, book, rulebook, 10)
        books, solved, certified = books + 1, solved + by["solved"], certified + by["certified"]
        if books == 30:
            break
    assert books == 30
    assert solved > 40
    assert certified > 40


def test_cases_one_after_the_other_are_judged_alike() -> None:
    """Forty books, each with `case_by_case` somewhere among what it aims for."""
    compared = 0
    for number in range(40):
        rng = random.Random(f"case by case {number}")
        book = case_by_case(rng, random_book(rng))
        rulebook = Shelf.of([(as_yaml(book), "random.yaml")]).in_force("random", ON)
        compared += judge_panels(number, book, rulebook, 4).total()
    assert compared == 160


def judge_panels(number: int, book: Book, rulebook: Rulebook, panels: int) -> Counter[str]:
    """Judge random panels under a book; by what their placements were proved."""
    evaluation, by = Evaluation(rulebook), Counter[str]()
    for panel in range(panels):
        rng = random.Random(f"book {number} panel {panel}")
        events = random_events(rng)
        seed = hashlib.sha256(rng.randbytes(8)).hexdigest()
        record = [Recorded(seq, "", event) for seq, event in enumerate(events, start=1)]
        opened = freeze(record, rulebook, evaluation, meeting=2, on=ON, chair="C")
        judge = Judge(book, events, seed, {}, frozenset())
        assert list(opened.agenda) == judge.agenda
        judge = Judge(book, events, seed, *settle(rng, judge))
        case = Case(MeetingFacts.frozen(opened, rulebook), seed, judge.fixed, judge.absent)
        decision = decide(case, rulebook, evaluate=evaluation, place=place)
        where = f"book {number}, panel {panel}"
        assert set(decision.held) == judge.held - judge.fixed.keys() - judge.absent, where
        assert list(decision.problem.referrals) == judge.playing, where
        placed, values = judge.best()
        assert decision.placing == placed, where
        assert decision.certificate.unique, where
        for aim, mine, told in zip(book.aims, values, decision.objectives(rulebook), strict=True):
            theirs = told["value"]
            if aim.name == "quota":
                theirs = theirs["by_school"] if aim.beyond == "level" else theirs["excess"]
            assert theirs == as_told(aim, mine), f"{where}: {aim.name}"
        by["certified" if isinstance(decision.certificate, Certificate) else "solved"] += 1
    return by


def test_the_panels_are_worth_judging() -> None:
    """They have rooms for one, loads below nought, and pupils who compete: a judge of easy cases would judge nothing."""
    scarce = negative = choice = rivals = capped = apart = own = 0
    for number in range(100):
        book = random_book(random.Random(f"book {number}"))
        judge = Judge(book, random_events(random.Random(f"book {number} panel 0")), "", {}, frozenset())
        open_to = {p: [s for s in judge.schools if judge.open(p, s)] for p in judge.playing}
        scarce += any(judge.room(s, 9) == 1 for s in judge.mainstream)
        negative += any(judge.count(count.name, s) < 0 for count in book.counts for s in judge.schools)
        choice += any(len(schools) > 1 for schools in open_to.values())
        most = max((len(placed) for placed in judge.placings()), default=0)
        rivals += most < sum(bool(schools) for schools in open_to.values())
        capped += any(left == 1 for p in judge.playing for s in open_to[p] for _, left in judge.caps(p, s))
        apart += "together" in book.rules and any(
            judge.made[q].pupil in judge.apart(judge.made[p].pupil) and set(open_to[p]) & set(open_to[q]) for p in open_to for q in open_to
        )
        own += any(len({judge.limit(aim, s, 9) for s in judge.mainstream} - {None}) > 1 for aim in book.aims if aim.name == "quota")
    assert capped >= 10
    assert apart >= 5
    assert own >= 5
    assert scarce >= 25
    assert negative >= 5
    assert choice >= 30
    assert rivals >= 8


def test_the_judge_is_not_asleep() -> None:
    """One place, two pupils alike but for their wait: the judge, by itself, leaves the one who waited less."""
    school = ev.SchoolRecorded(urn="100001", name="S", low_age=11, high_age=16, roll=900)
    places = ev.PlacesRecorded(
        urn="100001", as_at=COUNTED, years=(ev.YearPlaces(year_group=9, pan=4, on_roll=5), ev.YearPlaces(year_group=10))
    )
    book = Book("excluded", (), frozenset({"room", "bars", "tiers"}), (Aim("place"), Aim("waiting"), Aim("lottery")), 4000, 1, 2)
    events: list[ev.Event] = [*TERMS, school, places]
    for name, day in (("B0", 9), ("B1", 5)):
        events.append(
            ev.ReferralMade(
                referral=name,
                pupil=name,
                referral_kind="fair_access",
                year_group=9,
                made_on=dt.date(2026, 11, day),
                home_school="1",
                case=ev.ReferralCase(),
            )
        )
        events.append(ev.JourneysRecorded(pupil=name, case=ev.JourneyRows(journeys=())))
    placed, values = Judge(book, events, "00", {}, frozenset()).best()
    # Room 4 - 5 + 4 // 2 = 1. B0 waited the 11th and 12th (the 10th is closed), B1 the 6th, 9th, 11th and 12th.
    assert placed == {"B1": "100001"}
    assert values[:2] == [1, 2]
    later = [event if not isinstance(event, ev.ReferralMade) else replace_made(event) for event in events]
    assert Judge(book, later, "00", {}, frozenset()).best()[0] == {"B0": "100001"}


def replace_made(made: ev.ReferralMade) -> ev.ReferralMade:
    """The two days changed about."""
    return made.model_copy(update={"made_on": dt.date(2026, 11, 14 - made.made_on.day)})
