"""The condition language: what a text means, and what each mistake that a person makes is told."""

from __future__ import annotations

import datetime as dt
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.book import Setting
from rules.facts import BY_NAME, EXACT, Fact
from rules.grammar import Misread, Slip, bounds, clause_count, may_be_unknown, parse_condition, parse_either, parse_sum, reads, verdict_of
from rules.terms import All, Always, Among, Any, Compare, Condition, Day, Divided, Flag, Known, Minus, Not, Plus, Read, Text, Times, Whole

SETTINGS: Final = {
    "furthest": Setting("furthest", 12000, "metres", "how far"),
    "quota": Setting("quota", 2, "pupils", "a year"),
    "bare": Setting("bare", 3, "", "a bare number"),
    "strict": Setting("strict", value=True, unit="", say="yes or no"),
    "start": Setting("start", dt.date(2026, 9, 1), "", "a day"),
    "reason": Setting("reason", "police", "", "a word"),
}
CLOSING: Final = Flag(BY_NAME["school.closing"])
MEASURES: Final = Flag(BY_NAME["school.special_measures"])
METRES: Final = Read(BY_NAME["candidate.metres"])
APART: Final = BY_NAME["candidate.kept_apart"]
RANK: Final = BY_NAME["candidate.rank"]
MEETS: Final = Read(BY_NAME["panel.meets_on"])
ROLL: Final = Read(BY_NAME["year.on_roll"])
PAN: Final = Read(BY_NAME["year.pan"])


def condition(text: str) -> Condition:
    return parse_condition(text, BY_NAME, SETTINGS)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("school.closing", CLOSING),
        ("true", Always(value=True)),
        ("not school.closing", Not(CLOSING)),
        ("school.closing and school.special_measures", All((CLOSING, MEASURES))),
        ("school.closing or school.closing and school.special_measures", Any((CLOSING, All((CLOSING, MEASURES))))),
        ("not (school.closing or school.special_measures)", Not(Any((CLOSING, MEASURES)))),
        ("candidate.metres > settings.furthest", Compare(">", METRES, Whole(12000, "furthest"))),
        ("candidate.metres >= -5", Compare(">=", METRES, Minus(Whole(0), Whole(5)))),
        ("1000 < candidate.metres <= 2000", All((Compare("<", Whole(1000), METRES), Compare("<=", METRES, Whole(2000))))),
        ('candidate.kept_apart == "police"', Compare("==", Read(APART), Text("police"))),
        ("candidate.kept_apart != settings.reason", Compare("!=", Read(APART), Text("police"))),
        ('candidate.kept_apart in ["police", "complaint", "police"]', Among(APART, ("police", "complaint"))),
        ('candidate.kept_apart not in ["none"]', Not(Among(APART, ("none",)))),
        ("candidate.rank in [1, settings.bare]", Among(RANK, (1, 3))),
        ("candidate.rank is known", Known(RANK)),
        ("candidate.rank is unknown", Not(Known(RANK))),
        ("candidate.rank is not known", Not(Known(RANK))),
        ("candidate.rank is not unknown", Known(RANK)),
        ("panel.meets_on >= 2026-09-01", Compare(">=", MEETS, Day(dt.date(2026, 9, 1)))),
        ("settings.start <= panel.meets_on", Compare("<=", Day(dt.date(2026, 9, 1)), MEETS)),
        ("panel.meets_on in [2026-09-01, 2026-10-02]", Among(BY_NAME["panel.meets_on"], (dt.date(2026, 9, 1), dt.date(2026, 10, 2)))),
        ("year.on_roll - year.pan > 6", Compare(">", Minus(ROLL, PAN), Whole(6))),
        ("year.on_roll >= year.pan + year.pan // 30", Compare(">=", ROLL, Plus(PAN, Divided(PAN, 30)))),
        ("2 * year.on_roll > year.pan", Compare(">", Times(Whole(2), ROLL), PAN)),
        ("referral.suited_to != school.setting", Compare("!=", Read(BY_NAME["referral.suited_to"]), Read(BY_NAME["school.setting"]))),
        ("settings.strict and school.closing", All((Always(value=True), CLOSING))),
        ("school.closing == true", CLOSING),
        ("school.closing == false", Not(CLOSING)),
        ("school.closing != true", Not(CLOSING)),
        ("settings.quota > 1", Always(value=True)),
        ("  school.closing\n  and school.special_measures ", All((CLOSING, MEASURES))),
    ],
)
def test_a_text_means_its_tree(text: str, tree: Condition) -> None:
    assert condition(text) == tree


MISTAKES: Final = [
    # text, column, found, wanted, advice
    ("school.clsing", 1, "school.clsing", "a fact or a setting", "Did you mean school.closing?"),
    ("closing", 1, "closing", "a fact or a setting", "Did you mean school.closing?"),
    ("candidate.metres > settings.farthest", 20, "settings.farthest", "a fact or a setting", "Did you mean settings.furthest?"),
    ('candidate.kept_apart == "polise"', 25, '"polise"', "one of complaint, police, safeguarding, none", 'Did you mean "police"?'),
    ("candidate.kept_apart == police", 25, "police", "a fact or a setting", "Words stand in quotes"),
    ('candidate.kept_apart in ["police", "polise"]', 25, '"polise"', "one of complaint", 'Did you mean "police"?'),
    ("candidate.metres > candidate.minutes", 20, "metres > minutes", "one unit", "a bare number goes with any"),
    ("candidate.metres + candidate.quoted_pence > 3", 1, "metres + pence a year", "one unit", "a bare number goes with any"),
    ("candidate.metres > settings.quota", 20, "metres > pupils", "one unit", "a bare number goes with any"),
    ("panel.meets_on > 20260901", 18, "a date and a number", "two of one kind", "without quotes"),
    ('panel.meets_on > "2026-09-01"', 18, "a date and a word", "two of one kind", "without quotes"),
    ("panel.meets_on + 3 > referral.made_on", 1, "panel.meets_on + 3", "whole numbers", "Nothing is added to a date"),
    ("panel.meets_on > 2026-02-30", 18, "2026-02-30", "a day of the calendar", "year-month-day"),
    ('candidate.kept_apart < "police"', 24, "a word compared with <", "== or !=", "no order"),
    ("school.closing > school.special_measures", 18, "a yes/no compared with >", "== or !=", "no order"),
    ('school.roll == "many"', 16, "a number and a word", "two of one kind", "Only things of one kind"),
    ("referral.kind is known", 1, "referral.kind", "a fact that may be unknown", "always known"),
    ("year.pan + 1 is known", 1, "year.pan + 1", "a fact before `is known`", "one fact by itself"),
    ("candidate.rank is 3", 19, "is 3", "is known or is unknown", "compared with =="),
    ("school.roll", 1, "a number by itself", "a condition", "Compare it with something"),
    ("school.closing and school.roll", 20, "a number by itself, school.roll", "a condition", "Compare it with something"),
    ("school.roll = 3", 13, "=", "==", "nothing is assigned"),
    ("school.closing && school.special_measures", 16, "&&", "and", "Write the word"),
    ("school.closing || school.special_measures", 16, "||", "or", "Write the word"),
    ("!school.closing", 1, "!", "not", "Write the word"),
    ("candidate.rank == null", 19, "null", "is known or is unknown", "Nothing is ever null"),
    ("candidate.rank == None", 19, "None", "is known or is unknown", "Nothing is ever null"),
    ("school.closing AND true", 16, "AND", "small letters", "Write true, false, and"),
    ("True", 1, "True", "small letters", "Write true, false, and"),
    ("school.roll > 3.5", 15, "3.5", "a whole number", "Amounts are whole"),
    ("school.roll > 1_000", 15, "1_000", "a whole number", "digits only"),
    ("school.roll > 0x1F", 15, "0x1F", "a whole number", "digits only"),
    ("school.roll > 1and school.closing", 15, "1and", "a whole number", "words stand apart"),
    ("school.roll / 3 > 1", 13, "/", "//", "rounds down"),
    ("school.roll ** 2 > 1", 13, "**", "*", "Write the product out"),
    ("candidate.kept_apart == “police”", 25, "“", "a straight quote", "Write straight quotes"),
    ("school.roll => 3", 13, "=>", ">=", "The sign comes first"),
    ("school.roll <> 3", 13, "<>", "!=", "compared with !="),
    ("len(school.name) > 3", 1, "len(school.name)", "a condition", "There are no functions"),
    ("candidate.rank in (1, 2)", 19, "(1, 2)", "a list in square brackets", "Write: fact in"),
    ("candidate.rank in []", 19, "[]", "a list in square brackets", "Write: fact in"),
    ("candidate.rank in [school.roll]", 19, "[school.roll]", "a list of written values", "Only numbers, words"),
    ("candidate.rank in [settings.quota]", 19, "rank == pupils", "one unit", "a bare number"),
    ("[1] == 1", 1, "[1]", "a single value", "only after `in`"),
    ("school.closing if true else false", 1, "school.closing if true else false", "a condition", "and, or, not"),
    ("school.roll // 0 > 1", 1, "0", "at least 1 after //", ""),
    ("school.roll // year.pan > 1", 1, "school.roll // year.pan", "a written number or a setting after //", "Multiply the other side"),
    ("school.closing and", 16, "nothing after and", "a condition", ""),
    ("(school.closing", 1, "1 opening and 0 closing brackets", "as many of each", ""),
    ("school.closing school.closing", 16, "'school.closing'", "a condition", "Two conditions need"),
    ('candidate.kept_apart == "police', 25, "an opening quote", "a closing one too", ""),
    ("", 1, "nothing", "a condition", "Write `true`"),
    (f"school.roll > {EXACT + 1}", 15, str(EXACT + 1), f"at most {EXACT}", "not compared exactly"),
    ("panel.transport_spent_pence * 10000 > 1", 1, "panel.transport_spent_pence * 10000", f"a sum that stays within {EXACT}", "reach 100"),
    (" or ".join(["school.closing"] * 200), 2001, "3596 characters", "at most 2000", "derive"),
    ("not " * 61 + "true", 1, "more than 60 things one inside another", "a condition", "derive"),
    ("school.name == f'x'", 16, "f'x'", "a condition", "The signs are"),
    ("school['roll'] > 1", 1, "school['roll']", "a fact", "name them with a dot"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "column", "found", "wanted", "advice"), MISTAKES, ids=[mistake[0][:40] for mistake in MISTAKES])
def test_a_mistake_is_shown_where_it_is_and_what_to_write(text: str, column: int, found: str, wanted: str, advice: str) -> None:
    with pytest.raises(Misread) as caught:
        condition(text)
    misread = caught.value
    assert (misread.column, misread.found) == (column, found)
    assert misread.wanted.startswith(wanted)
    assert advice in misread.advice


def test_all_slips_of_a_text_are_told_at_once() -> None:
    with pytest.raises(Misread) as caught:
        condition('school.clsing and candidate.metres > candidate.minutes or candidate.kept_apart == "polise"')
    assert [(slip.column, slip.found) for slip in caught.value.slips] == [(1, "school.clsing"), (38, "metres > minutes"), (83, '"polise"')]


def test_columns_stay_true_after_dates_and_letters_with_accents() -> None:
    with pytest.raises(Misread) as caught:
        condition('school.name == "Ysgol Gŵyr" and panel.meets_on > 2026-09-01 and schol.roll > 1')
    assert caught.value.column == 65


def test_a_plain_value_serves_as_a_setting_without_a_unit() -> None:
    assert parse_condition("candidate.metres > settings.far", BY_NAME, {"far": 5}) == Compare(">", METRES, Whole(5, "far"))


def test_units_follow_sums_and_products() -> None:
    assert isinstance(condition("school.roll * 1000 > year.pan * settings.bare"), Compare)
    assert isinstance(condition("school.roll * referral.attendance > year.pan * 900"), Compare)
    assert isinstance(condition("panel.transport_spent_pence + candidate.quoted_pence > panel.transport_budget_pence"), Compare)
    assert isinstance(condition("year.pan * panel.total_roll > school.roll * year.on_roll"), Compare)
    with pytest.raises(Misread, match="pupils times pupils > pupils"):
        condition("year.pan * year.on_roll > school.roll")


def test_a_sum_is_a_whole_number() -> None:
    assert parse_sum("year.pan - year.on_roll + year.pan // 30", BY_NAME, {}) == Plus(Minus(PAN, ROLL), Divided(PAN, 30))
    with pytest.raises(Misread, match="found a yes/no; wanted a whole number"):
        parse_sum("school.closing", BY_NAME, {})


def test_either_takes_a_condition_or_a_sum_and_no_word() -> None:
    assert parse_either("school.closing", BY_NAME, {}) == CLOSING
    assert parse_either("year.pan", BY_NAME, {}) == PAN
    with pytest.raises(Misread, match="a word by itself"):
        parse_either("school.name", BY_NAME, {})


def test_reads_in_order_of_first_mention() -> None:
    tree = condition("candidate.metres > 3 and (candidate.rank is known or school.closing) and candidate.metres < 9")
    assert [fact.name for fact in reads(tree)] == ["candidate.metres", "candidate.rank", "school.closing"]


def test_only_values_that_may_be_missing_make_a_condition_unsure() -> None:
    assert may_be_unknown(condition("candidate.metres > 3"))
    assert not may_be_unknown(condition("candidate.metres is known or school.closing"))


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("year.pan", 0, 2000),
        ("year.pan - year.on_roll", -2000, 2000),
        ("year.pan - year.on_roll + year.pan // 30", -2000, 2066),
        ("-3 * year.pan", -6000, 0),
        ("(0 - year.pan) // 7", -286, 0),
        ("(year.pan - 5) * (year.pan - 5)", -9975, 3980025),
    ],
)
def test_bounds_by_interval(text: str, low: int, high: int) -> None:
    assert bounds(parse_sum(text, BY_NAME, {})) == (low, high)


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("school.closing", "can be either"),
        ("referral.year_group > 11", "never"),
        ("referral.year_group >= 7", "always"),
        ("7 <= referral.year_group <= 11", "always"),
        ("year.pan - year.on_roll > 2000", "never"),
        ("year.pan - year.on_roll > 1999", "can be either"),
        ("candidate.rank == 3 and candidate.rank == 4", "never"),
        ("candidate.rank > 3 and candidate.rank < 4", "never"),
        ('candidate.kept_apart == "police" and candidate.kept_apart != "police"', "never"),
        ('candidate.kept_apart in ["complaint", "police", "safeguarding", "none"]', "always"),
        ("school.closing and not school.closing", "never"),
        ("school.closing or not school.closing", "always"),
        # Attributes are looked at one by one, so that year.pan > year.on_roll > year.pan is not seen through.
        ("year.pan - year.on_roll > 0 and year.on_roll > 1999 and year.pan < 1", "can be either"),
        ("candidate.rank is known and candidate.rank is unknown", "never"),
        ("candidate.rank == 3 and candidate.rank is unknown", "never"),
        ("true", "always"),
        ("settings.quota > 5", "never"),
        ("panel.meets_on > 2026-09-01 and panel.meets_on < 2026-09-02", "never"),
    ],
)
def test_a_rule_that_can_never_or_always_fire_is_found(text: str, verdict: str) -> None:
    assert verdict_of(condition(text)) == verdict


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("school.closing", 1),
        ("school.closing or candidate.excluded_from", 2),
        ("not (school.closing or candidate.excluded_from)", 1),
        ('candidate.kept_apart in ["complaint", "police"]', 1),  # a closed vocabulary is told by exclusion
        ("candidate.rank in [1, 5, 9]", 3),
        # true: 1 clause; false, since a rank may be unknown: 2
        ("candidate.rank > 3 and school.closing", 2),
        (" or ".join(f"(school.closing and panel.permanent_exclusions > {n})" for n in range(3)), 3),
        (" or ".join(f"(candidate.rank > {n} and candidate.metres > {n})" for n in range(1, 6)), 32),
    ],
)
def test_clauses_are_counted_on_the_longer_side(text: str, clauses: int) -> None:
    assert clause_count(condition(text)) == clauses


def test_a_condition_too_large_to_write_out_is_still_counted() -> None:
    assert clause_count(condition(" and ".join(f"(candidate.rank != {n} or candidate.metres != {n})" for n in range(1, 13)))) == 2**12


def test_a_clause_longer_than_a_ruleset_counts_as_too_many() -> None:
    facts = {f"school.f{n}": Fact(name=f"school.f{n}", type="yes/no", meaning="made up") for n in range(57)}
    assert clause_count(parse_condition(" and ".join(facts), facts, {})) > 16
    assert clause_count(parse_condition(" and ".join(list(facts)[:56]), facts, {})) == 1


ALPHABET: Final = [
    *("school.closing", "candidate.rank", "year.pan", '"police"', "2026-09-01", "3", "and", "or", "not", "in", "is", "known"),
    *("(", ")", "[", "]", ",", "==", "=", "<", "+", "//", "-", "!", "“", ".", "f(", "lambda", ":", "*", "null", "1e5", "0x1f", "'", "\\"),
]


def read_or_slips(text: str) -> Condition | tuple[Slip, ...]:
    try:
        return condition(text)
    except Misread as misread:
        return misread.slips


@given(st.lists(st.sampled_from(ALPHABET), max_size=12).map(" ".join))
def test_any_text_is_a_condition_or_a_misreading(text: str) -> None:
    said = read_or_slips(text)
    assert isinstance(said, Condition) or (said and all(1 <= slip.column <= len(text) + 1 and slip.found and slip.wanted for slip in said))


@given(st.text(max_size=30))
def test_any_letters_are_a_condition_or_a_misreading(text: str) -> None:
    assert read_or_slips(text)


def test_a_part_of_something_keeps_its_unit() -> None:
    """Two in a hundred of PAN are pupils, whichever part is meant, and no part is compared with pupils."""
    parts = {name: Setting(name, value=2, unit=unit, say="a part") for name, unit in (("cent", "per cent"), ("mille", "per mille"))}
    for name, of in (("cent", 100), ("mille", 1000)):
        assert parse_sum(f"year.pan * settings.{name} // {of} - year.on_roll", BY_NAME, parts)
    with pytest.raises(Misread, match="pupils > per cent"):
        parse_condition("year.pan > settings.cent", BY_NAME, parts)
