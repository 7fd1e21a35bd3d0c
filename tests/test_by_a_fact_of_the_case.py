"""Whom an `of` names by two keys, or by a fact of the case: how it is read, written out, bounded, remarked on and kept out of counts."""

from __future__ import annotations

from typing import Final

import pytest

from rules.aims import said_aim
from rules.book import Rulebook
from rules.coverage import coverage
from rules.differences import differences
from rules.errors import RulebookError
from rules.evaluate import Evaluation
from rules.examples import run_examples
from rules.facts import Value
from rules.finding import Outcome
from rules.objectives import members_of
from rules.phrases import said_audience, scope_of
from rules.reach import facts_named, reach_of
from rules.remarks import remarks_of
from rules.rulebook import check_text
from rules.takers import NEVER, named

HEAD: Final = "rulebook: x\nedition: {from: 2026-09-01}\ntitle: t\nauthority: {instrument: i}\n"
SOME: Final = "{kinds: [fair_access, reintegration], permanently_excluded: false}"
CAP: Final = f"""{HEAD}
counts:
  others:
    of: placements
    where: admission.kind in ["fair_access", "reintegration"] and not admission.after_exclusion
    over: academic_year
limits:
  - id: one-a-year
    per: school
    of: {SOME}
    room: 1 - school.others
    say: "{{school.name}} may take {{room}} more."
    examples:
      - {{name: none yet, given: {{school.others: 0}}, expect: 1}}
      - {{name: one, given: {{school.others: 1}}, expect: 0}}
      - {{name: excluded, given: {{referral.permanently_excluded: true}}, expect: out of scope}}
      - {{name: moves, given: {{referral.kind: managed_move}}, expect: out of scope}}
objectives:
  - place
  - share: {{load: others, of: {SOME}}}
"""


def aims(*said: str, derive: str = "") -> Rulebook:
    named = f"derive:\n{derive}\n" if derive else ""
    return check_text(f"{HEAD}{named}objectives: [place, {', '.join(said)}]\ntiers:\n  - {{id: any, tier: 1, when: true}}\n", "x")


@pytest.mark.parametrize(
    ("of", "told", "written", "said"),
    [
        ("permanently_excluded", "permanently_excluded", "permanently_excluded", "permanently excluded pupils"),
        ("[fair_access]", "fair_access", "[fair_access]", "fair access"),
        (
            "[reintegration, permanently_excluded]",
            "reintegration, permanently_excluded",
            "[reintegration, permanently_excluded]",
            "reintegration, and also permanently excluded pupils",
        ),
        (
            "{kinds: fair_access, permanently_excluded: false}",
            "fair_access and not_permanently_excluded",
            "{kinds: [fair_access], permanently_excluded: false}",
            "pupils who come by fair access and were not permanently excluded",
        ),
        (
            "{kinds: [reintegration, fair_access], permanently_excluded: true}",
            "fair_access or reintegration, and permanently_excluded",
            "{kinds: [fair_access, reintegration], permanently_excluded: true}",
            "permanently excluded pupils who come by reintegration or fair access",
        ),
        ("referral.on_a_roll", "referral.on_a_roll", "referral.on_a_roll", "pupils with referral.on_a_roll"),
    ],
)
def test_an_of_in_the_words_of_a_record_of_a_book_and_of_a_page(of: str, told: str, written: str, said: str) -> None:
    """The first three are names under which older openings froze whose turn it is."""
    audience = aims(f"{{place: {{of: {of}}}}}").objectives[1].of
    assert (str(audience), audience.as_written, said_audience(audience)) == (told, written, said)
    assert aims(f"{{place: {{of: {audience.as_written}}}}}").objectives[1].of == audience


def test_a_book_of_both_is_sound_and_its_usual_pupil_is_both() -> None:
    book = check_text(CAP, "x")
    results = run_examples(book)
    assert [result for result in results if not result.ok] == []
    assert coverage(book, results).gaps == ()
    assert scope_of(book.limits[0]) == "for pupils who come by reintegration or fair access and were not permanently excluded"
    (reach,) = [one for one in reach_of(book) if one.id == "one-a-year"]
    assert {"referral.kind", "referral.permanently_excluded"} <= reach.facts.keys()


def test_the_usual_pupil_of_kinds_without_an_exclusion_does_not_come_by_one() -> None:
    book = check_text(CAP.replace("[fair_access, reintegration]", "[permanent_exclusion, fair_access, reintegration]", 1), "x")
    (first, *_) = run_examples(book)
    assert (first.facts["referral.kind"], first.facts["referral.permanently_excluded"]) == ("reintegration", False)


@pytest.mark.parametrize(
    ("kind", "excluded", "outcome"),
    [
        ("fair_access", False, Outcome.FIRES),
        ("reintegration", False, Outcome.FIRES),
        ("fair_access", True, Outcome.OUT_OF_SCOPE),
        ("managed_move", False, Outcome.OUT_OF_SCOPE),
    ],
)
def test_a_limit_is_for_those_who_are_both(kind: str, excluded: bool, outcome: Outcome) -> None:
    book = check_text(CAP, "x")
    row = {name: fact.usual for name, fact in book.facts.items() if fact.family != "admission"}
    given: dict[str, Value] = {"referral.kind": kind, "referral.permanently_excluded": excluded, "school.others": 1}
    assert Evaluation(book).pair({**row, **given}).outcome("one-a-year") is outcome


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        ("permanently_excluded: false", "permanently_excluded: true", "others counts nobody of fair_access after an exclusion"),
        ("[fair_access, reintegration], p", "[fair_access], p", "others also counts reintegration without an exclusion"),
        (SOME, "[fair_access, reintegration]", "others counts nobody of fair_access after an exclusion"),
    ],
)
def test_a_count_and_whom_it_is_for_agree(old: str, new: str, wrong: str) -> None:
    with pytest.raises(RulebookError, match=f"limits one-a-year.* while {wrong}"):
        check_text(CAP.replace(old, new, 1), "x")


def test_what_is_to_be_written_instead() -> None:
    """Those whom the count counts, in the shortest words."""
    with pytest.raises(RulebookError) as caught:
        check_text(CAP.replace(f"of: {SOME}", "of: [fair_access, reintegration]", 1), "x")
    assert f"says whom it is for: `of: {SOME}`." in str(caught.value)
    for of in ("[fair_access]", "permanently_excluded", "[reintegration, not_permanently_excluded]", SOME):
        assert named(members_of(aims(f"{{tier: {{of: {of}}}}}").objectives[1].of)) == aims(f"{{tier: {{of: {of}}}}}").objectives[1].of
    assert named(frozenset()) is None
    assert named(frozenset({NEVER})) is None
    assert named(frozenset({("fair_access", True), ("reintegration", False)})) is None


TWO: Final = """
counts:
  fair: {of: placements, where: 'admission.kind == "fair_access" and not admission.after_exclusion', over: term}
  excluded: {of: placements, where: admission.after_exclusion, over: term}
  kind: {of: placements, where: 'admission.kind == "fair_access"', over: term}
"""
OF: Final = {
    "fair": "{kinds: [fair_access], permanently_excluded: false}",
    "excluded": "permanently_excluded",
    "kind": "[fair_access]",
}


@pytest.mark.parametrize(("one", "other", "nests"), [("fair", "excluded", True), ("fair", "kind", True), ("excluded", "kind", False)])
def test_those_of_both_nest_with_either(one: str, other: str, nests: bool) -> None:
    """Apart from the excluded, within their kind; while the kind and the excluded cross, as ever."""
    shares = ", ".join(f"{{share: {{load: {count}, of: {OF[count]}}}}}" for count in (one, other))
    text = f"{HEAD}{TWO}objectives: [place, {shares}]"
    if nests:
        assert len(check_text(text, "x").objectives) == 4
    else:
        with pytest.raises(RulebookError, match="which crosses"):
            check_text(text, "x")


def test_two_editions_differ_in_it() -> None:
    old, new = (aims(f"{{waiting: {{of: {of}}}}}") for of in ("[fair_access]", "{kinds: [fair_access], permanently_excluded: true}"))
    assert any("permanently excluded pupils who come by fair access" in f"{one.old} {one.new}" for one in differences(old, new))


# by a fact of the case

OUT: Final = "  - {id: out, fact: referral.out, is: referral.days_out_of_education is known}"
LONG: Final = "  - {id: long, fact: referral.long_out, is: referral.days_out_of_education >= 30}"


def test_an_opening_freezes_what_the_book_goes_by_and_nothing_more() -> None:
    """The days of a case only where cases are taken in their order."""
    days, first = "referral.days_since_made", "referral.days_out_of_education"
    assert {days, first} & facts_named(aims("waiting")) == set()
    assert days in facts_named(aims(f"{{waiting: {{by: {days}}}}}"))
    named = facts_named(aims(f"{{case_by_case: {{by: [tier], first: {first}}}}}"))
    assert first in named
    assert "referral.made_on" not in named
    assert "referral.made_on" in facts_named(aims("{case_by_case: {by: [tier]}}"))
    assert "referral.on_a_roll" in facts_named(aims("{tier: {of: referral.on_a_roll}}"))


def test_an_auditor_sees_through_what_is_derived() -> None:
    book = aims("{waiting: {of: referral.out, by: referral.days_out_of_education}}", derive=OUT)
    (reach,) = [one for one in reach_of(book) if one.id == "waiting"]
    assert reach.facts == {"referral.out": (), "referral.days_out_of_education": ("referral.out",)}


BEFORE: Final = "the first has its best by that it has a place, before the next is looked at"


@pytest.mark.parametrize(
    ("aim", "said"),
    [
        ("{waiting: {by: referral.days_since_made}}", "those with most referral.days_since_made are not the ones left out"),
        (
            "{case_by_case: {by: [place], first: referral.year_group}}",
            f"case by case, the largest referral.year_group first: {BEFORE}",
        ),
        ("{tier: {of: referral.on_a_roll}}", "schools come in the order of approach (only pupils with referral.on_a_roll)"),
    ],
)
def test_what_it_aims_for(aim: str, said: str) -> None:
    assert said_aim(aims(aim).objectives[1]) == said


@pytest.mark.parametrize(
    ("aim", "derive", "said"),
    [
        ("{place: {of: referral.long_out}}", LONG, "ask in `derive` whether it is known"),
        ("{place: {of: referral.on_a_roll}}", "", "referral.on_a_roll may be unknown; where it is, the case is held"),
        ("{place: {of: referral.out}}", OUT, ""),
        ("{waiting: {by: referral.days_out_of_education}}", "", "say `of: referral.NAME`, where `derive` has"),
        ("{waiting: {by: referral.days_since_made}}", "", ""),
        ("{waiting: {of: referral.out, by: referral.days_out_of_education}}", OUT, "first write `place: {of: referral.out}` before it"),
        ("{place: {of: referral.out}}, {waiting: {of: referral.out, by: referral.days_out_of_education}}", OUT, ""),
        ("{case_by_case: {by: [tier], first: referral.days_out_of_education}}", "", "may be unknown; where it is, the case is held"),
        ("{case_by_case: {by: [tier], of: referral.out, first: referral.days_out_of_education}}", OUT, ""),
    ],
)
def test_what_may_hold_a_case_is_remarked_on(aim: str, derive: str, said: str) -> None:
    remarks = [text for about, _, text in remarks_of(aims(aim, derive=derive), [""]) if about.startswith("objective")]
    assert len(remarks) == bool(said), remarks
    assert not said or said in remarks[0]
