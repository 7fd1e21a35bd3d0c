"""`rules diff`: every kind of change in words, none where two files mean the same, and what the past would have been."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.book import Rulebook
from rules.differences import differences
from rules.rulebook import Shelf, check_text, shipped, shipped_text
from tests.running import BOOK, CEDAR, Panel, harbour, pastoral

OLD = """\
rulebook: hilltop
edition: {from: 2026-09-01}
title: Hilltop
authority: {instrument: Agreement, paragraph: "4"}
settings:
  furthest: {value: 9000, unit: metres, choice: true, at_least: 1, say: how far}
categories: {a: a carer}
counts:
  load: {of: placements, over: academic_year}
derive:
  - {id: far, fact: candidate.far, is: candidate.metres > settings.furthest}
limits:
  - {id: full, per: school, room: school.places, examples: [{name: x, expect: 8}, {name: y, given: {school.places: 0}, expect: 0}]}
holds:
  - {id: plan, when: referral.ehcp, examples: [{name: x, given: {referral.ehcp: true}, expect: fires}, {name: y, expect: silent}]}
bars:
  - id: too-far
    when: candidate.far
    say: "{school.name} is too far."
    examples: [{name: x, given: {candidate.metres: 9001}, expect: fires}, {name: y, expect: silent}]
charges:
  - {id: bus, pence: 65000, when: true, examples: [{name: x, expect: fires}]}
tiers:
  - {id: rest, tier: 1, when: true}
tariff:
  - {id: all, points: 2, when: true, examples: [{name: x, expect: fires}]}
notices:
  - {id: told, when: true, applies_to: fair_access, examples: [{name: x, expect: fires}]}
objectives: [place, waiting, tier, journey]
meeting: {quorum: 6}
lifecycle:
  managed_move: {placement: permanent}
clocks:
  - {id: soon, from: decision.taken, until: placement.started, within: 5 school days}
"""


def made(text: str) -> Rulebook:
    return check_text(text, "hilltop.yaml")


def changed(*pairs: tuple[str, str]) -> list[str]:
    text = OLD
    for old, new in pairs:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return [str(one) for one in differences(made(OLD), made(text)) if not (one.section == "book" and one.key == "layers")]


def test_a_book_does_not_differ_from_itself() -> None:
    assert differences(made(OLD), made(OLD)) == ()


def test_only_what_is_meant_counts() -> None:
    """Spacing, comments, the order of rules and the examples mean nothing; the file's digest changes all the same."""
    text = OLD.replace("is: candidate.metres > settings.furthest", "is:   candidate.metres  >  settings.furthest").replace(
        "title", "# so\ntitle"
    )
    text = text.replace("{name: y, expect: silent}]\ncharges", "{name: z, expect: silent}]\ncharges")
    assert made(text).digest != made(OLD).digest
    assert differences(made(OLD), made(text)) == ()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("title: Hilltop", "title: Hillside", "book: title: was 'Hilltop'; is 'Hillside'"),
        ("value: 9000", "value: 8000", "setting furthest: value: was 9,000 metres; is 8,000 metres (named by candidate.far)"),
        ("at_least: 1,", "at_least: 2,", "; is left to the local book and at least 2 (named by candidate.far)"),
        ("choice: true, at_least: 1, ", "", "setting furthest: choice: was left to the local book and at least 1; is nothing"),
        ("{a: a carer}", "{a: a carer, b: homeless}", "category b: added: homeless"),
        ("over: academic_year", "over: 6 weeks", "; is placements by the panel, over the 6 weeks before the meeting, for each school"),
        ("over: academic_year", "over: 3 academic_years", "; is placements by the panel, over the academic year and the 2 before it, for"),
        ("over: academic_year", "over: academic_year, weigh: points", "is points of placements by the panel, over"),
        (
            "over: academic_year",
            "over: term, plus: own_referrals_placed",
            "for each school, and the pupils whom the panel placed elsewhere for it",
        ),
        (
            "over: academic_year",
            "over: term, minus: own_referrals_placed",
            "for each school, less the pupils whom the panel placed elsewhere for it",
        ),
        (
            "is: candidate.metres >",
            "is: candidate.metres >=",
            "derived candidate.far: is: was candidate.metres > settings.furthest; is candidate.metres >=",
        ),
        (
            "room: school.places, examples: [",
            "room: school.places, unless: school.closing, examples: [{name: z, given: {school.closing: true}, expect: out of scope}, ",
            "limit full: where: was nothing; is unless school.closing",
        ),
        ("room: school.places,", "room: school.places + 0,", "limit full: room: was school.places; is school.places + 0"),
        ("- {id: full, per: school,", "- {id: full, per: school, waivable: false,", "limit full: waivable: was true; is false"),
        ("when: referral.ehcp", "when: referral.ehcp, applies_to: fair_access", "hold plan: scope: was nothing; is for fair access"),
        (
            "    when: candidate.far",
            "    unless: candidate.sibling_here\n    when: candidate.far",
            "when: was candidate.far; is candidate.far, unless candidate.sibling_here",
        ),
        ("    when: candidate.far", "    waivable: false\n    when: candidate.far", "bar too-far: waivable: was true; is false"),
        ("    when: candidate.far", "    at: pru\n    when: candidate.far", "bar too-far: scope: was nothing; is at pupil referral units"),
        ("    when: candidate.far", "    in_force: {from: 2027-01-01}\n    when: candidate.far", "scope: was nothing; is from 2027-01-01"),
        ("is too far.", "is far away.", "bar too-far: say: was '{school.name} is too far.'; is"),
        ("    when: candidate.far", "    authority: {instrument: Minutes}\n    when: candidate.far", "source: was Agreement 4; is Minutes"),
        ("pence: 65000", "pence: 70000", "charge bus: pence: was 65,000; is 70,000"),
        ("tier: 1,", "tier: 2,", "tier rest: tier: was 1; is 2"),
        ("points: 2", "points: 3", "tariff all: points: was 2; is 3"),
        (
            "applies_to: fair_access, ex",
            "applies_to: [fair_access, managed_move], ex",
            "was for fair access; is for managed moves and fair access",
        ),
        ("{id: told,", "{id: said,", "notice told: removed; it was: always"),
        ("{id: told,", "{id: said,", "notice said: added: always"),
        ("tier, journey]", "tier]", "objective journey: removed; it was: journeys are short"),
        (
            "tier, journey]",
            "tier, {share: {load: load}}, journey]",
            "objective share of load: added: each mainstream school's count load is in proportion",
        ),
        (
            "waiting, tier, journey]",
            "tier, waiting, journey]",
            "objectives: order: was place, waiting, tier, journey, lottery; is place, tier, waiting",
        ),
        (
            "waiting, tier,",
            "{waiting: {of: fair_access}}, tier,",
            "objective waiting for fair access: added: those who have waited longest",
        ),
        ("quorum: 6", "quorum: 7", "meeting: quorum: was 6; is 7"),
        ("placement: permanent}", "placement: permanent, trial: never}", "lifecycle managed_move: trial: was nothing; is never"),
        ("within: 5", "within: 4", "clock soon: within: was 5 school days; is 4 school days"),
        (
            "until: placement.started",
            "until: [placement.started, decision.declined]",
            "clock soon: until: was placement.started; is decision.declined or placement.started",
        ),
        ("{id: soon,", "{id: later,", "clock later: added: within 5 school days, from decision.taken, until placement.started"),
    ],
)
def test_each_kind_of_change_in_words(old: str, new: str, words: str) -> None:
    found = changed((old, new))
    assert any(words in one for one in found), found
    renamed = new.startswith(("{id: said", "{id: later", "{waiting:"))
    assert len(found) == (2 if renamed else 1), found


def test_going_back_is_the_same_list_turned_round() -> None:
    shelf = Shelf.of((text, name) for name in shipped() for text in shipped_text(name))
    first, second = (shelf.in_force("england", edition.edition) for edition in shelf.line("england"))
    there, back = differences(first, second), differences(second, first)
    swapped = {"added": "removed", "removed": "added", "changed": "changed"}
    assert {(d.section, d.id, swapped[d.change], d.key, d.new, d.old) for d in there} == {
        (d.section, d.id, d.change, d.key, d.old, d.new) for d in back
    }


# the command


def test_two_editions_of_the_law_by_their_days() -> None:
    told = pastoral("rules", "diff", "england@2026-07-25", "england@2026-07-26")
    assert (told.code, told.err) == (0, "")
    assert "lifecycle managed_move: trial: was nothing; is never\n" in told.out
    assert "lifecycle off_site_direction: notice: was nothing; is 2 school days\n" in told.out
    assert "decided again" not in told.out


def test_the_same_twice() -> None:
    told = pastoral("rules", "diff", "shire11", "shire11@2027-01-01")
    assert (told.code, told.out) == (0, "They mean the same.\n")
    data = pastoral("rules", "diff", "shire11", "shire11", "--json").json
    assert (data["same"], data["differences"]) == (True, [])
    assert "decisions" not in data


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("england@2019-01-01", "england"), 3, "no edition of england is in force on 2019-01-01; the first begins on 2021-09-01"),
        (("england@yesterday", "england"), 2, "found 'yesterday'; wanted a date as YYYY-MM-DD"),
        (("engand", "england"), 3, "Did you mean `england`?"),
        (("no-such.yaml", "england"), 2, "there is no such file"),
    ],
)
def test_what_cannot_be_compared_is_said(words: tuple[str, str], code: int, said: str) -> None:
    told = pastoral("rules", "diff", *words)
    assert (told.code, told.out) == (code, "")
    assert said in " ".join(told.err.split())


# hindsight: the meeting of Harbour, of which the expected answers stand in tests/running.py


def compared(panel: Panel, new: str) -> tuple[str, dict[str, object]]:
    file = str(panel.file("new.yaml", new))
    url = f"sqlite:///{panel.ledger}"
    told = pastoral("rules", "diff", "harbour", file, "--ledger", url)
    assert (told.code, told.err) == (0, ""), told
    return told.out, pastoral("rules", "diff", "harbour", file, "--ledger", url, "--json").json["decisions"]


def test_the_same_rules_would_have_answered_the_same(tmp_path: Path) -> None:
    panel = harbour(tmp_path, "closed")
    before = panel.entries()
    out, decisions = compared(panel, BOOK)
    assert out == "They mean the same.\n\n1 recorded proposal decided again: 0 of 6 answers would be another.\n"
    assert decisions == {"proposals": 1, "answers": 6, "otherwise": [], "untold": []}
    assert panel.entries() == before


def test_without_a_hold_the_held_are_placed(tmp_path: Path) -> None:
    """R4 was held because the parent had not signed. Without that rule it is placed: year 9 has seven places and three pupils."""
    start = BOOK.index("  - id: both-agree")
    new = BOOK[:start] + BOOK[BOOK.index("  - id: plan") :]
    out, decisions = compared(harbour(tmp_path, "closed"), new)
    assert "hold both-agree: removed; it was: not (referral.parent_agrees and referral.home_school_agrees)" in " ".join(out.split())
    (found,) = [one for one in decisions["otherwise"] if one["referral"] == "R4"]  # type: ignore[attr-defined]
    assert found["recorded"] == {"standing": "held", "school": None, "because": ["both-agree"]}
    assert found["under_new"]["standing"] == "placed"
    assert (found["meeting"], found["seq"]) == (1, next(iter(decisions["otherwise"]))["seq"])  # type: ignore[call-overload]


def test_a_new_bar_sends_a_pupil_elsewhere(tmp_path: Path) -> None:
    """Cedar is 8,000 metres and more from everybody's home; nobody may be sent so far. R2 went there."""
    out, decisions = compared(
        harbour(tmp_path, "proposed"), BOOK.replace("value: 20000", "value: 9000").replace("20001", "9001").replace("20000}", "9000}")
    )
    assert "setting furthest: value: was 20,000 metres; is 9,000 metres" in out
    (found,) = [one for one in decisions["otherwise"] if one["referral"] == "R2"]  # type: ignore[attr-defined]
    assert found["recorded"] == {"standing": "placed", "school": CEDAR, "because": []}
    assert found["under_new"]["school"] != CEDAR


def test_facts_that_only_the_new_rules_need_are_worked_out_from_the_record(tmp_path: Path) -> None:
    """No opening ever froze the new count; the entries before it hold what it asks."""
    notice = "notices:\n  - {id: n, when: school.moved > 0, examples: [%s]}\nobjectives:\n"
    shown = "{name: x, given: {school.moved: 1}, expect: fires}, {name: y, given: {school.moved: 0}, expect: silent}"
    new = BOOK.replace("  load: {of:", "  moved: {of: placements, over: for_ever}\n  load: {of:").replace("objectives:\n", notice % shown)
    out, decisions = compared(harbour(tmp_path, "closed"), new)
    assert "count moved: added: placements by the panel, over all the record, for each school" in " ".join(out.split())
    assert decisions == {"proposals": 1, "answers": 6, "otherwise": [], "untold": []}


def test_an_open_ledger_is_not_asked_unless_it_is_named(tmp_path: Path) -> None:
    """PASTORAL_LEDGER is set for every command; the past is looked at only where somebody asks for it."""
    panel = harbour(tmp_path, "closed")
    told = panel("rules", "diff", "minimal", "minimal")
    assert told.out == "They mean the same.\n"


def test_a_meeting_whose_counts_the_new_rules_cannot_tell_is_named(tmp_path: Path) -> None:
    """The new book counts by a plan; the record of an admission outside the panel does not say whether there was one."""
    panel = harbour(tmp_path, "loaded")
    panel("load", "admissions", str(panel.file("admissions.csv", f"pupil,school,on,year_group\nX1,{CEDAR},2026-09-20,9\n")))
    for line in ("meeting open --date 2026-10-22 --chair Okafor", "meeting draw --words heron", "allocate"):
        panel(*line.split())
    new = BOOK.replace("  load: {of:", "  plans: {of: outside_admissions, where: admission.ehcp, over: academic_year}\n  load: {of:")
    out, decisions = compared(panel, new)
    assert "meeting 1 cannot be decided again: Some admissions in the record do not say enough to be counted." in " ".join(out.split())
    assert (decisions["proposals"], decisions["otherwise"]) == (0, [])
