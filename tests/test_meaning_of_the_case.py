"""Books that say who comes first by a fact of the case, and whom they count by a kind and an exclusion both: judged by brute force."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace
from typing import Final

import pytest

from panel import events as ev
from panel.deciding.decision import Case, decide
from panel.deciding.opening import freeze
from panel.facts.candidates import MeetingFacts
from panel.placing.placement import place
from panel.state.records import Recorded
from rules.evaluate import Evaluation
from rules.rulebook import Shelf
from tests import test_meaning
from tests.judge import Judge
from tests.random_books import EVERYBODY, NARROWED, SAID, Aim, Book, Cap, Count, as_yaml, random_book
from tests.random_panels import ON, random_events

BOOKS: Final = 40
PANELS: Final = 8
DERIVED: Final = {
    "older": "referral.year_group == 10",
    "long_out": "referral.days_out_of_education >= 20",
    "excluded_or_out": "referral.permanently_excluded or referral.days_out_of_education >= 20",
    "twice_out": "2 * referral.days_out_of_education",
}
CHOSEN: Final = ("referral.older", "referral.long_out", "referral.excluded_or_out")
WEIGHED: Final = ("referral.days_out_of_education", "referral.twice_out", "referral.days_since_made")
ORDERED: Final = (*WEIGHED, "referral.year_group")
SUMS: Final = ("place", "place", "tier", "preference", "journey", "transport", "waiting", "ticket")
LEVELS: Final = ("quota", "share", "rota")


def out_of_education(rng: random.Random) -> list[ev.Event]:
    """A random panel; of most of its pupils somebody said since when they are in no education, of one now and then a day to come."""
    days = [None, *(ON - dt.timedelta(n) for n in (-3, 0, 5, 5, 12, 19, 20, 20, 33, 60))]
    return [
        event.model_copy(update={"case": event.case.model_copy(update={"out_of_education_since": rng.choice(days)})})
        if isinstance(event, ev.ReferralMade) and event.case
        else event
        for event in random_events(rng)
    ]


def by_the_case(number: int) -> Book:
    """A random book with one to three of its aims by facts of the case, anywhere after the first."""
    rng = random.Random(f"by the case {number}")
    book = random_book(rng)
    aims = list(book.aims)
    for _ in range(rng.randint(1, 3)):
        name = rng.choice((*SUMS, "waiting", "case_by_case", "case_by_case"))
        aim = Aim(name, fact=rng.choice((*CHOSEN, "")))
        aim = aim if aim.fact else replace(aim, whom=rng.choice((EVERYBODY, *SAID, *NARROWED)))
        if name == "waiting":
            aim = replace(aim, goes_by=rng.choice(WEIGHED))
        if name == "case_by_case":
            measures = ["place", "tier", "preference", "journey", "transport", *([] if aim.fact else ["longest_ago"])]
            aim = replace(aim, by=tuple(rng.sample(measures, rng.randint(1, 3))), goes_by=rng.choice((*ORDERED, "")))
        if aim not in aims:
            aims.insert(rng.randint(1, len(aims) - 1), aim)
    return replace(book, aims=tuple(aims), derived=tuple(DERIVED.items()))


def narrowed(number: int) -> Book:
    """A random book that levels, rotates or caps pupils of some kinds who were, or were not, excluded; and pupils apart from these."""
    rng = random.Random(f"narrowed {number}")
    book = random_book(rng)
    aims = [aim for aim in book.aims if aim.name not in LEVELS]
    counts = list(book.counts)

    def count(of: str) -> str:
        name = f"count_{len(counts)}"
        counts.append(Count(name, of, ("placements",), "academic_year", sent=0, drop=False))
        return name

    for whom in rng.sample((*NARROWED, EVERYBODY), 2):
        name = rng.choice(LEVELS)
        aim = Aim(name, whom, "" if name == "rota" else count(whom), limit=rng.randint(0, 1), per=rng.choice(("roll", "equal")))
        aims.insert(rng.randint(1, len(aims) - 1), aim)
    caps = [Cap(whom, count(whom), rng.randint(1, 2), by_year=False) for whom in NARROWED if rng.random() < 0.4]
    return replace(book, aims=tuple(aims), counts=tuple(counts), caps=(*book.caps, *caps))


@pytest.mark.parametrize("number", range(BOOKS))
@pytest.mark.parametrize("make", [by_the_case, narrowed])
def test_the_placing_is_the_one_that_the_rulebook_means(make: object, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(test_meaning, "random_events", out_of_education)
    book = by_the_case(number) if make is by_the_case else narrowed(number)
    rulebook = Shelf.of([(as_yaml(book), "random.yaml")]).in_force("random", ON)
    test_meaning.judge_panels(number, book, rulebook, PANELS)


def told_to(events: list[ev.Event], **said: bool) -> list[ev.Event]:
    """The same panel, with that said of every pupil."""
    return [
        event.model_copy(update={"case": event.case.model_copy(update=said)})
        if isinstance(event, ev.ReferralMade) and event.case
        else event
        for event in events
    ]


@pytest.mark.parametrize("number", range(10))
def test_what_decides_process_only_puts_nobody_first(number: int) -> None:
    """Looked after or not, before or now, and whatever the main need is: the same pupils go to the same schools."""
    book = Shelf.of([(as_yaml(by_the_case(number)), "random.yaml")]).in_force("random", ON)
    evaluation = Evaluation(book)
    for panel in range(3):
        events = out_of_education(random.Random(f"process {number} {panel}"))
        found = []
        for so in (True, False):
            said = told_to(events, looked_after=so, previously_looked_after=not so, behaviour_is_primary_need=so)
            record = [Recorded(seq, "", event) for seq, event in enumerate(said, start=1)]
            opened = freeze(record, book, evaluation, meeting=2, on=ON, chair="C")
            decision = decide(Case(MeetingFacts.frozen(opened, book), "00" * 32, {}), book, evaluate=evaluation, place=place)
            found.append((decision.placing, decision.held, decision.objectives(book)))
        assert found[0] == found[1]


def test_the_panels_are_worth_judging() -> None:
    """In many meetings somebody is held for want of such a fact, somebody chosen is left out, and cases differ in what they go by."""
    held = chosen = apart = 0
    for number in range(BOOKS):
        book = by_the_case(number)
        for panel in range(PANELS):
            judge = Judge(book, out_of_education(random.Random(f"book {number} panel {panel}")), "", {}, frozenset())
            aims = [aim for aim in book.aims if aim.fact or aim.goes_by]
            held += any(judge.said(p, aim.fact or aim.goes_by) is None for p in judge.held for aim in aims)
            chosen += any(0 < sum(judge.speaks_of(aim, p) for p in judge.playing) < len(judge.playing) for aim in aims if aim.fact)
            apart += any(len({judge.said(p, aim.goes_by) for p in judge.playing}) > 1 for aim in aims if aim.goes_by)
    assert held > 60
    assert chosen > 60
    assert apart > 60
