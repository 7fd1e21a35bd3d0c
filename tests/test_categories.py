"""Letters of one's own for the categories of the law: nothing is lost, and every layer's rules mean what its own letters say."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.book import Category, Rulebook
from rules.categories import NONE, letter_now, letters_of
from rules.errors import RulebookError
from rules.evaluate import Evaluation
from rules.examples import run_examples
from rules.facts import BY_NAME, Value
from rules.reader import markdown, page_of
from rules.rulebook import check, read_edition
from tests.running import Panel
from tests.test_rulebook import book, refused, shelf_of

LAW = """
statutory: true
categories: {a: a carer, b: homeless, c: excluded}
settings:
  special: {value: b, choice: true, say: whose case is told}
notices:
  - id: carer
    when: referral.category == "a"
    examples:
      - {name: x, given: {referral.category: a}, expect: fires}
      - {name: y, given: {referral.category: b}, expect: silent}
  - id: some
    when: 'referral.category not in ["a", "b"]'
    examples:
      - {name: x, given: {referral.category: c}, expect: fires}
      - {name: y, given: {referral.category: a}, expect: silent}
      - {name: z, given: {referral.category: b}, expect: silent}
"""


def law(body: str = LAW) -> str:
    return book(body, name="law", objectives="")


def local(categories: str, more: str = "", *, extends: str = "law", name: str = "hilltop") -> str:
    return book(f"extends: {extends}\ncategories: {categories}\n{more}", name=name)


def over(*texts: str) -> Rulebook:
    return check(read_edition(texts[-1], "x"), shelf_of(*texts[:-1]))


def fired(rulebook: Rulebook, letter: str | None) -> set[str]:
    row: dict[str, Value] = {
        name: fact.usual for name, fact in rulebook.facts.items() if fact.family in ("referral", "panel") and name in BY_NAME
    }
    row.pop("referral.category")
    if letter is not None:
        row["referral.category"] = letter
    return {finding.rule for finding in Evaluation(rulebook).referral(row).fires("notice")}


def test_rules_of_the_law_follow_the_local_letters() -> None:
    """The law's a is x here, its c is a or c2, and its b stays."""
    made = over(law(), local("{x: {stands_for: a}, a: {stands_for: c, say: excluded from here}, c2: {stands_for: c}}"))
    assert dict(made.categories) == {
        "b": Category("homeless", "law", "b", "homeless"),
        "x": Category("a carer", "law", "a", "a carer"),
        "a": Category("excluded from here", "law", "c", "excluded"),
        "c2": Category("excluded", "law", "c", "excluded"),
    }
    assert {letter: fired(made, letter) for letter in ("x", "a", "c2", "b", NONE)} == {
        "x": {"carer"}, "a": {"some"}, "c2": {"some"}, "b": set(), NONE: {"some"},
    }  # fmt: skip
    assert fired(made, None) == set()
    assert all(result.ok for result in run_examples(made))


def test_other_words_alone_are_refused_and_the_way_to_say_them_is_told() -> None:
    """`a: words` could be another category, so nothing is changed in silence; what the refusal advises is what the officer meant."""
    with pytest.raises(RulebookError) as caught:
        over(law(), local("{a: somebody who cares for another}"))
    advised = "If it is the same category in other words, write `a: {stands_for: a, say: WORDS}`. Else say what law calls a"
    assert advised in str(caught.value)
    made = over(law(), local("{a: {stands_for: a, say: somebody who cares for another}}"))
    assert made.categories["a"] == Category("somebody who cares for another", "law", "a", "a carer")
    assert {letter: fired(made, letter) for letter in "abc"} == {"a": {"carer"}, "b": set(), "c": {"some"}}


def test_two_letters_may_change_places() -> None:
    made = over(law(), local("{a: {stands_for: b}, b: {stands_for: a}}"))
    assert (fired(made, "a"), fired(made, "b"), fired(made, "c")) == (set(), {"carer"}, {"some"})


def test_a_local_rule_speaks_in_local_letters() -> None:
    more = """
notices:
  - id: local
    when: referral.category == "a"
    examples:
      - {name: x, given: {referral.category: a}, expect: fires}
      - {name: y, given: {referral.category: x}, expect: silent}
"""
    made = over(law(), local("{x: {stands_for: a}, a: {stands_for: c}}", more))
    assert (fired(made, "a"), fired(made, "x")) == ({"local", "some"}, {"carer"})


def test_three_layers() -> None:
    """law a = area p = hilltop a; law b = area a = hilltop q or r."""
    area = local("{p: {stands_for: a}, a: {stands_for: b}}", name="area")
    made = over(law(), area, local("{a: {stands_for: p}, q: {stands_for: a}, r: {stands_for: a}}", extends="area"))
    assert {letter: (category.book, category.letter) for letter, category in made.categories.items()} == {
        "c": ("law", "c"), "a": ("law", "a"), "q": ("law", "b"), "r": ("law", "b"),
    }  # fmt: skip
    assert {letter: fired(made, letter) for letter in "acqr"} == {"a": {"carer"}, "c": {"some"}, "q": set(), "r": set()}


def test_a_freed_letter_may_be_given_to_a_category_of_ones_own() -> None:
    made = over(law(), local("{x: {stands_for: a}, a: moved here}"))
    assert made.categories["a"] == Category("moved here", "hilltop", "a", "moved here")
    assert fired(made, "a") == {"some"}, "for the law it is a category that it does not know"


LETTERS = st.sampled_from("abcdefgh")


@given(st.dictionaries(LETTERS, st.one_of(st.none(), st.sampled_from("abc"))))
def test_either_a_category_is_lost_or_all_are_there(given: dict[str, str | None]) -> None:
    """Brute force: what a book may say is what leaves every category of the law under some letter, and none under two meanings."""
    written = {letter: f"{{stands_for: {to}}}" if to else "own" for letter, to in given.items()}
    text = local("{" + ", ".join(f"{letter}: {words}" for letter, words in written.items()) + "}")
    faults: list[object] = []
    letters = letters_of((read_edition(law(), "l"), read_edition(text, "x")), faults)  # type: ignore[arg-type]
    kept = {letter for letter in "abc" if letter not in given and letter not in given.values()}
    there = kept | {to for to in given.values() if to}
    assert bool(faults) == (there != set("abc"))
    if not faults:
        assert {category.letter for category in letters.categories.values() if category.book == "law"} == set("abc")
        for letter in "abc":
            assert {letters.categories[other].letter for other in letters.spoken["law"][letter]} == {letter}


def test_a_word_of_another_book_is_not_taken_for_a_letter() -> None:
    rule = """
notices:
  - id: told
    when: referral.category == settings.special
    examples: [{name: x, given: {referral.category: b}, expect: fires}, {name: y, given: {referral.category: c}, expect: silent}]
"""
    message = refused(local("{x: {stands_for: a}}", rule), shelf_of(law()))
    assert "found settings.special, a letter of law, beside referral.category; wanted a letter of hilltop written out" in message
    assert over(law(), local("{x: moved here}", rule)).notices[-1].id == "told", "where all letters are the same it may be"


def test_the_page_says_what_a_letter_stands_for() -> None:
    text = markdown(page_of(over(law(), local("{x: {stands_for: a}, y: moved here}"))))
    assert "| x | a carer | a of law |\n| y | moved here |  |" in text
    assert "A rule of a book below is shown with the letters of its own book." in text
    assert "stands for" not in markdown(page_of(over(law(), local("{y: moved here}"))))


# --- from edition to edition ---


@pytest.mark.parametrize(
    ("letter", "now"),
    [("n", "broken_down"), ("a", "a"), ("b", "x"), (NONE, NONE), ("gone", None), ("new", "new"), ("strange", None)],
)
def test_a_letter_is_read_as_it_was_meant(letter: str, now: str | None) -> None:
    def own(words: str) -> Category:
        return Category(words, "garth", "?", words)

    carer, homeless = Category("carer", "law", "a", "a carer"), Category("homeless", "law", "b", "homeless")
    then = {"n": own("an earlier placement broke down"), "a": carer, "b": homeless, "gone": own("no longer")}
    later = {"n": own("moved here"), "broken_down": own("an earlier placement broke down"), "a": carer, "x": homeless, "new": own("new")}
    assert letter_now(letter, then, later) == now


FOLDER = Path(__file__).parent / "rulebooks" / "protocols"


def test_a_case_of_last_year_keeps_its_meaning_in_a_meeting_under_new_letters(tmp_path: Path) -> None:
    """Garth's n said that a placement broke down; from September it says something else, and the breakdown is broken_down."""
    panel = Panel(tmp_path / "panel.db")
    panel("init", "--rulebook", str(FOLDER / "garth-2025.yaml"))
    panel("rules", "adopt", str(FOLDER / "garth-2026.yaml"))
    schools = tmp_path / "schools.csv"
    schools.write_text("URN,EstablishmentName,PhaseOfEducation (name)\n900001,One,Secondary\n900002,Two,Secondary\n", encoding="utf-8")
    panel("load", "schools", str(schools))
    common = ("--kind", "fair_access", "--year-group", "9", "--home-school", "900001", "--ehcp", "no", "--looked-after", "no")
    panel("refer", "R1", "--pupil", "P1", *common, "--made-on", "2026-08-20", "--category", "n")
    panel("refer", "R2", "--pupil", "P2", *common, "--made-on", "2026-09-02", "--category", "n")
    panel("meeting", "open", "--date", "2026-09-24", "--chair", "Okafor")
    held = {one["referral"]: one["holds"] for one in panel.json("allocate", "--dry-run")["held"]}
    assert "nothing-broke-down" in held["R1"]
    assert "nothing-broke-down" not in held.get("R2", [])
