"""What a local book may not loosen, and objectives that make sense together."""

from __future__ import annotations

import pytest

from rules.examples import run_examples
from rules.rulebook import check, check_text, read_edition
from tests.test_rulebook import DAY, book, read, refused, shelf_of

# layers

LAW = book(
    """
    statutory: true
    settings:
      fixed: {value: 3, unit: pupils, say: s}
      free: {value: 10, unit: metres, choice: true, at_least: 5, at_most: 20, say: s}
      word: {value: near, choice: true, say: s}
    derive:
      - {id: far, fact: candidate.far, is: candidate.metres > settings.free}
    bars:
      - id: too-far
        when: candidate.far
        examples:
          - {name: eleven, given: {candidate.metres: 11}, expect: fires}
          - {name: ten, given: {candidate.metres: 10}, expect: silent}
    lifecycle:
      managed_move: {placement: permanent, agreed_by: [parent, receiving_school], trial: never}
      off_site_direction: {notice: 2 school days, reviews: [6 weeks, 12 weeks], ends_as: [return, extend], register: D}
    clocks:
      - {id: soon, from: referral.accepted, until: decision.taken, within: 20 school days, applies_to: [fair_access]}
    """,
    name="law",
    objectives="",
)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("settings: {fixed: 4}", "law does not leave `fixed` to a local book"),
        ("settings: {free: 4}", "settings, free: found 4; wanted at least 5 and at most 20"),
        ("settings: {free: 21}", "settings, free: found 21; wanted at least 5 and at most 20"),
        ("settings: {free: far}", "found 'far'; wanted a whole number, as in law"),
        ("settings: {word: 3}", "found 3; wanted a word, as in law"),
        ("settings: {free: {value: 9, unit: minutes}}", "found the unit minutes; wanted metres"),
        ("derive: [{id: far, fact: school.far, is: school.roll > 3}]", "found the id far a second time"),
        ("derive: [{id: near, fact: candidate.far, is: candidate.metres > 3}]", "found candidate.far, which exists already"),
        ("counts: {far: {of: placements, over: term}}", "found the id far a second time"),
        ("notices: [{id: too-far, when: true, at: pru, examples: [{name: x, expect: fires}]}]", "bars too-far has it on line"),
        ("lifecycle: {managed_move: {trial: {weeks: 4, at_end: return, ends_as: [return]}}}", "wanted trial: never"),
        ("lifecycle: {managed_move: {agreed_by: [parent]}}", "wanted also the agreement of receiving_school"),
        ("lifecycle: {managed_move: {placement: temporary}}", "wanted permanent"),
        ("lifecycle: {off_site_direction: {notice: 1 school day}}", "wanted at least 2 school days"),
        ("lifecycle: {off_site_direction: {notice: 9 calendar days}}", "wanted at least 2 school days"),
        ("lifecycle: {off_site_direction: {reviews: [6 weeks]}}", "wanted reviews no later than after 6 weeks, 12 weeks"),
        ("lifecycle: {off_site_direction: {reviews: [6 weeks, 13 weeks]}}", "wanted reviews no later than after 6 weeks, 12 weeks"),
        ("lifecycle: {off_site_direction: {ends_as: [return, managed_move]}}", "so not managed_move"),
        ("clocks: [{id: soon, from: referral.accepted, until: decision.taken, within: 21 school days}]", "within 20 school days or sooner"),
        ("clocks: [{id: soon, from: referral.made, until: decision.taken, within: 5 school days}]", "from referral.accepted until"),
        (
            "clocks: [{id: soon, from: referral.accepted, until: decision.taken, within: 5 school days, applies_to: [managed_move]}]",
            "every kind",
        ),
    ],
)
def test_what_stands_below_cannot_be_loosened(body: str, words: str) -> None:
    message = refused(book(f"extends: law\n{body}\n"), shelf_of(LAW))
    assert words in message
    assert message.count("\n") == 1, message


@pytest.mark.parametrize(
    "body",
    [
        "settings: {free: 20}",
        "settings: {free: {value: 5, say: ours}}",
        "settings: {word: far}",
        "lifecycle: {managed_move: {agreed_by: [parent, receiving_school, home_school]}}",
        "lifecycle: {off_site_direction: {notice: 3 school days, reviews: [4 weeks, 12 weeks, 20 weeks], ends_as: [return]}}",
        "clocks: [{id: soon, from: referral.accepted, until: decision.taken, within: 20 school days}]",
        "clocks: [{id: other, from: referral.made, until: decision.taken, within: 6 weeks}]",
    ],
)
def test_a_local_book_may_choose_and_be_stricter(body: str) -> None:
    assert check(read_edition(book(f"extends: law\n{body}\n"), "x"), shelf_of(LAW)).name == "hilltop"


def test_a_chosen_setting_reaches_the_rules_below() -> None:
    made = check(read_edition(book("extends: law\nsettings: {free: 20}\n"), "x"), shelf_of(LAW))
    setting = made.settings["free"]
    assert (setting.value, setting.unit, setting.choice, setting.at_most, setting.book) == (20, "metres", True, 20, "hilltop")
    assert run_examples(made) == (), "the examples of the law speak of ten metres, not of twenty"
    assert [result.ok for result in run_examples(shelf_of(LAW).in_force("law", DAY))] == [True, True]


@pytest.mark.parametrize(
    ("area", "words"),
    [
        ("{value: 10, at_least: 8}", "found 7; wanted at least 8 and at most 20"),
        ("{value: 10, at_least: 2}", ""),
        ("{value: 10, choice: false}", "area does not leave `free` to a local book"),
    ],
)
def test_a_book_between_may_narrow_the_choice_and_not_widen_it(area: str, words: str) -> None:
    shelf = shelf_of(LAW, book(f"extends: law\nsettings: {{free: {area}}}\n", name="area"))
    local = book("extends: area\nsettings: {free: 7}\n")
    if words:
        assert words in refused(local, shelf)
    else:
        assert check_text(local, "x", shelf).settings["free"].at_least == 5


def test_objectives_below_are_kept_in_order() -> None:
    shelf = shelf_of(book("", name="area", objectives="objectives: [place, waiting, journey]"))
    kept = check(read_edition(book("extends: area\n", objectives="objectives: [place, ticket, waiting, journey]"), "x"), shelf)
    assert [objective.name for objective in kept.objectives] == ["place", "ticket", "waiting", "journey", "lottery"]
    assert "objectives without journey" in refused(book("extends: area\n", objectives="objectives: [place, waiting]"), shelf)
    assert "objectives without journey" in refused(book("extends: area\n", objectives="objectives: [place, journey, waiting]"), shelf)
    same = check(read_edition(book("extends: area\n", objectives=""), "x"), shelf)
    assert [objective.name for objective in same.objectives] == ["place", "waiting", "journey", "lottery"]


# objectives

COUNTS = """
counts:
  everyone: {of: placements, over: term}
  excluded: {of: placements, where: admission.after_exclusion, over: term}
  others: {of: placements, where: not admission.after_exclusion, over: term}
  moves: {of: placements, where: 'admission.kind == "managed_move"', over: term}
  two_kinds: {of: placements, where: 'admission.by_panel and admission.kind in ["managed_move", "fair_access"]', over: term}
  without_plans: {of: placements, where: not admission.ehcp, over: term}
  by_year: {of: placements, per: year_group, over: term}
  outside: {of: outside_admissions, over: term}
"""


@pytest.mark.parametrize(
    ("share", "words"),
    [
        ("load: everyone", ""),
        ("load: everyone, of: permanently_excluded", "of: permanently_excluded, while everyone counts every placement"),
        ("load: excluded, of: permanently_excluded", ""),
        ("load: excluded", "of: everybody, while excluded counts admission.after_exclusion"),
        ("load: excluded, of: [permanent_exclusion]", "of: permanent_exclusion, while excluded counts"),
        ("load: others, of: permanently_excluded", "while others counts not admission.after_exclusion"),
        ("load: moves, of: [managed_move]", ""),
        ("load: moves, of: [managed_move, fair_access]", "while moves counts"),
        ("load: two_kinds, of: [managed_move, fair_access]", ""),
        ("load: two_kinds, of: [managed_move]", "while two_kinds counts"),
        ("load: without_plans", ""),
        ("load: by_year", ""),
        ("load: outside", "outside, which no placement adds to"),
    ],
)
def test_an_objective_counts_those_it_speaks_of(share: str, words: str) -> None:
    text = book(COUNTS, objectives=f"objectives: [place, {{share: {{{share}}}}}]")
    if words:
        assert words in refused(text)
    else:
        assert check_text(text, "x").objectives[1].name == "share"


@pytest.mark.parametrize(
    ("objectives", "words"),
    [
        ("[place, lottery, ticket]", "wanted `lottery` last"),
        ("[place, waiting, waiting]", "found waiting a second time"),
        ("[{place: {of: [fair_access]}}]", "wanted `place` first, for everybody"),
        ("[place, preference]", "found preference without `unranked`"),
        ("[place, {preference: {unranked: 0}}]", "found unranked: 0; wanted at least 1"),
        ("[place, plce]", "Did you mean `place`?"),
        (
            "[place, {tier: {of: [permanently_excluded, fair_access, not_permanently_excluded]}}]",
            "Together they are everybody: then leave `of` out.",
        ),
    ],
)
def test_objectives_that_make_no_sense(objectives: str, words: str) -> None:
    message = refused(book(objectives=f"objectives: {objectives}"))
    assert words in message
    assert message.count("\n") == 1, message


def test_audiences_may_nest_or_be_apart() -> None:
    nested = "[place, {waiting: {of: [fair_access, managed_move]}}, {tier: {of: [managed_move]}}, {journey: {of: [reintegration]}}]"
    assert len(read(objectives=f"objectives: {nested}").objectives) == 5
