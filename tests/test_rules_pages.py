"""`rules check`, `explain` and `show`: what a head, an auditor and a citizen read of a book."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from rules.book import Limit, Rule, Rulebook
from rules.errors import RulebookError
from rules.explaining import explanation, lines_of
from rules.facts import BY_NAME, PROCESS_ONLY
from rules.reach import reach_of
from rules.reader import markdown, page_of
from rules.rulebook import Shelf, check_text, shipped, shipped_text
from tests.running import harbour, pastoral

TEXT = """\
rulebook: hilltop
edition: {from: 2026-09-01}
title: Hilltop partnership
authority: {instrument: Agreement, paragraph: "4"}
settings:
  furthest: {value: 9000, unit: metres, choice: true, say: how far a pupil may be sent}
counts:
  taken: {of: placements, where: admission.after_exclusion, over: academic_year}
  heavy: {of: placements, over: term, per: year_group, weigh: points, broken_down: drop}
derive:
  - {id: far, fact: candidate.far, is: candidate.metres > settings.furthest}
tariff:
  - id: older
    points: 3
    when: admission.year_group > 9
    examples:
      - {name: ten, given: {admission.year_group: 10}, expect: fires}
      - {name: nine, given: {admission.year_group: 9}, expect: silent}
limits:
  - id: full
    per: year_group
    at: [mainstream]
    room: year.pan - year.on_roll
    say: "{school.name} may take {room} more in year {referral.year_group}."
    examples:
      - {name: one, given: {year.pan: 180, year.on_roll: 179}, expect: 1}
      - {name: none, given: {year.pan: 180, year.on_roll: 180}, expect: 0}
holds:
  - id: plan
    applies_to: [fair_access]
    when: referral.ehcp
    say: A plan has its own law.
    examples:
      - {name: a plan, given: {referral.ehcp: true}, expect: fires}
      - {name: none, expect: silent}
bars:
  - id: too-far
    waivable: false
    when: candidate.far
    unless: candidate.sibling_here
    say: "{school.name} is {candidate.metres} metres away; nobody is sent further than {settings.furthest}."
    authority: {instrument: Minutes of June}
    examples:
      - {name: far, given: {candidate.metres: 9001}, expect: fires}
      - {name: near, given: {candidate.metres: 9000}, expect: silent}
      - {name: a sister, given: {candidate.metres: 9001, candidate.sibling_here: true}, expect: silent}
      - {name: unmeasured, given: {candidate.metres: unknown}, expect: cannot tell}
charges:
  - id: bus
    pence: 65000
    when: candidate.metres > 4828
    examples:
      - {name: a ride, given: {candidate.metres: 4829}, expect: fires}
      - {name: a walk, given: {candidate.metres: 4828}, expect: silent}
tiers:
  - {id: anywhere, tier: 1, when: true}
objectives:
  - place
  - quota: {count: taken, limit: 2, of: permanently_excluded}
  - tier
  - transport
"""

BOOK = check_text(TEXT, "hilltop.yaml")
SHELF = Shelf.of((text, name) for name in shipped() for text in shipped_text(name))


def rules_of(book: Rulebook) -> tuple[Rule | Limit, ...]:
    return (*book.tariff, *book.limits, *book.holds, *book.bars, *book.charges, *book.tiers, *book.notices)


REACHES = """\
hilltop, edition of 2026-09-01: sound. 1 hold, 1 bar, 1 limit, 1 charge, 1 tier,
    2 counts, 1 derived.
Remark: count heavy, line 9: no rule, objective or sentence goes by it;
    `position` shows it.
What each part of it reaches:
  count taken: admission.after_exclusion
  count heavy: admission.year_group (by way of tariff)
  tariff older: admission.year_group
  hold plan: referral.ehcp, referral.kind
  bar too-far: candidate.far, candidate.sibling_here, candidate.metres (by way
    of candidate.far)
  limit full: year.pan, year.on_roll, school.setting, referral.year_group
  charge bus: candidate.metres
  tier anywhere: no fact
  objective place: no fact
  objective quota: school.taken, admission.after_exclusion (by way of
    school.taken), referral.permanently_excluded
  objective tier: no fact
  objective transport: candidate.quoted_pence, candidate.metres (by way of
    charge bus)
  objective lottery: no fact
"""


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "hilltop.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return str(path)


# what reaches a decision


def test_check_says_what_each_part_reaches(file: str) -> None:
    told = pastoral("rules", "check", file)
    assert (told.code, told.err, told.out) == (0, "", REACHES)
    data = pastoral("rules", "check", file, "--json").json
    assert data["reaches"][4] == {
        "id": "too-far",
        "kind": "bar",
        "book": "hilltop",
        "facts": [
            {"fact": "candidate.far", "by_way_of": []},
            {"fact": "candidate.sibling_here", "by_way_of": []},
            {"fact": "candidate.metres", "by_way_of": ["candidate.far"]},
        ],
    }


@pytest.mark.parametrize(("name", "day"), [(edition.name, edition.edition) for edition in SHELF.editions], ids=str)
def test_nothing_that_decides_reaches_what_only_process_may(name: str, day: dt.date) -> None:
    deciding = {"bar", "charge", "tier", "limit", "tariff", "objective"}
    reached = {fact for one in reach_of(SHELF.in_force(name, day)) if one.kind in deciding for fact in one.facts}
    assert not reached & PROCESS_ONLY
    assert not any(word in fact for fact in reached for word in ("sex", "ethnic", "religion", "disab", "race", "gender"))


def test_a_count_in_a_rule_brings_what_it_counts_by() -> None:
    examples = "[{name: x, given: {panel.total_taken: 4}, expect: fires}, {name: y, given: {panel.total_taken: 3}, expect: silent}]"
    notices = f"notices:\n  - {{id: n, when: panel.total_taken > 3, examples: {examples}}}\n"
    text = TEXT.replace("objectives:\n", f"{notices}objectives:\n")
    (notice,) = [one for one in reach_of(check_text(text, "x")) if one.id == "n"]
    assert notice.facts == {"panel.total_taken": (), "admission.after_exclusion": ("panel.total_taken",)}


# one rule


def test_explain_says_all_of_a_bar(file: str) -> None:
    told = pastoral("rules", "explain", "too-far", "--book", file)
    assert (told.code, told.err) == (0, "")
    assert list(lines_of(explanation(BOOK, "too-far"))) == [
        "too-far: a bar of hilltop, line 37: why a school may not receive a pupil.",
        "It says: The school is [metres] metres away; nobody is sent further than 9,000.",
        "When: candidate.far, unless candidate.sibling_here",
        "For every referral, everywhere.",
        "The panel may not override it.",
        "It reads:",
        "  candidate.far: worked out: candidate.metres > settings.furthest; may be unknown",
        "  candidate.sibling_here: a brother or sister is on roll here",
        f"  candidate.metres (metres), by way of candidate.far: {BY_NAME['candidate.metres'].meaning}; may be unknown",
        "Settings:",
        "  furthest = 9,000 metres (hilltop, a choice of the local book): how far a pupil may be sent",
        "When it cannot tell: the referral is held and the missing fact is named, unless something else closes this school anyway.",
        "Source: Minutes of June",
        "Examples:",
        "  far (candidate.metres 9,001): fires",
        "  near (candidate.metres 9,000): silent",
        "  a sister (candidate.metres 9,001, candidate.sibling_here true): silent",
        "  unmeasured (candidate.metres unknown): cannot tell",
    ]
    assert " ".join(told.out.split()) == " ".join(" ".join(lines_of(explanation(BOOK, "too-far"))).split())


@pytest.mark.parametrize(
    ("rule", "lines"),
    [
        (
            "plan",
            ("Only for fair access.", "When it cannot tell: the referral is held, and the missing fact is named.", "Source: Agreement, 4"),
        ),
        ("full", ("Room: year.pan - year.on_roll", "Only at mainstream schools.", "The panel may override it.")),
        ("bus", ("Pence a year: 65,000",)),
        ("anywhere", ("Tier: 1", "When: always", "  nothing", "It can always tell.")),
        ("older", ("Points: 3", "It can always tell.")),
    ],
)
def test_explain_knows_every_kind_of_rule(rule: str, lines: tuple[str, ...]) -> None:
    assert set(lines) <= set(lines_of(explanation(BOOK, rule)))


def test_every_rule_that_ships_can_be_explained() -> None:
    for edition in SHELF.editions:
        book = SHELF.in_force(edition.name, edition.edition)
        for rule in rules_of(book):
            told = explanation(book, rule.id)
            assert told.source
            assert len(lines_of(told)) >= 6


def test_several_ways_to_fire_are_listed() -> None:
    told = explanation(SHELF.in_force("england", dt.date(2026, 10, 1)), "agreement-to-seek")
    assert told.clauses == ("not referral.parent_agrees", "not referral.home_school_agrees")
    assert "  not referral.home_school_agrees" in lines_of(told)


def test_a_rule_that_is_not_there_is_answered_with_the_nearest(file: str) -> None:
    with pytest.raises(RulebookError, match=r"hilltop has no rule to-far\. Did you mean `too-far`\?"):
        explanation(BOOK, "to-far")
    told = pastoral("rules", "explain", "zzz", "--book", file)
    assert (told.code, told.out) == (3, "")
    assert "It has older, plan, too-far, full, bus and anywhere." in " ".join(told.err.split())


def test_without_a_book_the_ledgers_is_asked(tmp_path: Path) -> None:
    told = harbour(tmp_path, "loaded").json("rules", "explain", "kept-apart")
    assert (told["book"], told["kind"], told["waivable"]) == ("harbour", "bar", False)
    assert [fact["fact"] for fact in told["reads"]] == ["candidate.kept_apart"]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("kept-apart", "bradford, england, fell and shire11 have a rule kept-apart: pastoral rules explain kept-apart --book shire11"),
        ("trial-reviewed", "fell has a rule trial-reviewed: pastoral rules explain trial-reviewed --book fell"),
        ("zzz", "No book that ships has a rule zzz; name the file of yours: --book FILE."),
    ],
)
def test_without_a_book_and_a_ledger_the_books_that_have_the_rule_are_named(
    rule: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told = pastoral("rules", "explain", rule, ledger=None)
    assert (told.code, told.out) == (2, "")
    assert told.err.endswith(f"Error: found no --book, and no ledger here that a book is in force in; wanted a book. {words}\n")
    named = pastoral("rules", "explain", rule, ledger=tmp_path / "not-there.db")
    assert (named.code, named.out) == (4, ""), "a ledger that somebody named must be there"


# the whole book

PAGE = """\
# Hilltop partnership

hilltop, in force from 2026-09-01. Source: Agreement, 4.

## What holds a case

| rule | the panel cannot decide yet |
| --- | --- |
| plan | A plan has its own law. When referral.ehcp. Only for fair access. |

## What bars a school

Where one of these fires the pupil is not proposed there. The panel may override those that are waivable, with a reason.

| rule | this school may not receive the pupil | waivable |
| --- | --- | --- |
| too-far | The school is [metres] metres away; nobody is sent further than 9,000. When candidate.far, unless candidate.sibling_here. | no |

## Room

Shared by all who are placed in one meeting; where several limits speak, the smallest room holds.

| rule | how many more | what is said | waivable |
| --- | --- | --- | --- |
| full | year.pan - year.on_roll | The school may take [room] more in year [year group]. Only at mainstream schools. | yes |

## Order of approach

A school belongs to the lowest tier that fits it.

| tier | rule | schools |
| --- | --- | --- |
| 1 | anywhere | always |

## Cost to the authority

Charges add up; a quoted cost of the journey takes their place.

| rule | pence a year | when |
| --- | --- | --- |
| bus | 65,000 | candidate.metres > 4828 |

## What is aimed for, in order

A later aim never outweighs an earlier one.

|   | objective | aim |
| --- | --- | --- |
| 1 | place | as few pupils as possible stay without a place |
| 2 | quota | no mainstream school goes above 2 by the count taken; beyond that, as evenly as can be (only permanently excluded pupils) |
| 3 | tier | schools come in the order of approach |
| 4 | transport | the cost of transport to the authority is low |
| 5 | lottery | chance decides what is left |

## Counts

| count | what it counts |
| --- | --- |
| taken | placements by the panel, where admission.after_exclusion, over the academic year, for each school |
| heavy | points of placements by the panel, over the term, for each year group of a school, without those that broke down |

## Points

An admission has the points of the largest line that fits it.

| line | points | of an admission |
| --- | --- | --- |
| older | 3 | admission.year_group > 9 |

## Names for parts of rules

| name | is |
| --- | --- |
| candidate.far | candidate.metres > settings.furthest (9,000 metres) |

## Settings

A book above may change those marked choice.

| setting | value | what it is |
| --- | --- | --- |
| furthest | 9,000 metres | how far a pupil may be sent Choice. |

## Sources

| source | rules |
| --- | --- |
| Agreement, 4 | plan, full, anywhere, bus, older |
| Minutes of June | too-far |
"""


def test_show_as_markdown(file: str) -> None:
    told = pastoral("rules", "show", file, "--format", "markdown")
    assert (told.code, told.err) == (0, "")
    assert told.out == PAGE


def test_show_as_a_table_has_the_same_words_in_80_columns(file: str) -> None:
    told = pastoral("rules", "show", file)
    assert (told.code, told.err) == (0, "")
    assert all(len(line) <= 80 for line in told.out.splitlines())
    for heading in (line[3:] for line in PAGE.splitlines() if line.startswith("## ")):
        assert f"\n{heading.upper()}\n" in told.out
    assert "nobody is" in told.out


def test_show_as_data_has_the_same_tables(file: str) -> None:
    data = pastoral("rules", "show", file, "--json").json
    assert [table["title"] for table in data["tables"]] == [line[3:] for line in PAGE.splitlines() if line.startswith("## ")]
    assert data["rules"][1] == {
        "id": "too-far", "kind": "bar", "book": "hilltop", "when": "candidate.far, unless candidate.sibling_here",
        "say": "{school.name} is {candidate.metres} metres away; nobody is sent further than {settings.furthest}.",
    }  # fmt: skip


@pytest.mark.parametrize(("name", "day"), [(edition.name, edition.edition) for edition in SHELF.editions], ids=str)
def test_every_rule_and_setting_of_a_book_is_on_its_page(name: str, day: dt.date) -> None:
    book = SHELF.in_force(name, day)
    text = markdown(page_of(book))
    rules = rules_of(book)
    for named in (
        *(rule.id for rule in rules),
        *book.settings,
        *(count.id for count in book.counts),
        *(clock.id for clock in book.clocks),
    ):
        assert f"| {named} |" in text, named
    assert "{" not in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert all(line.endswith("|") for line in rows)
