"""From YAML to a rulebook: words stay words, every mistake at once, editions by day, rules and their examples."""

from __future__ import annotations

import datetime as dt
import hashlib
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.audience import Audience
from rules.book import Fate, Objective, Rulebook, Span
from rules.errors import Fault, RulebookError
from rules.examples import run_examples
from rules.finding import Outcome
from rules.rulebook import Shelf, check, check_text, digest_of, draft_edition, read_edition, shipped_text
from rules.terms import Whole
from rules.yaml_text import read_yaml

DAY = dt.date(2026, 10, 1)

HEAD = """\
rulebook: {name}
edition: {{from: {day}}}
title: Hilltop
authority: {{instrument: Agreement, paragraph: "4"}}
"""


def book(body: str = "", *, name: str = "hilltop", day: str = "2026-09-01", objectives: str = "objectives: [place]") -> str:
    return HEAD.format(name=name, day=day) + textwrap.dedent(body) + objectives + "\n"


def read(body: str = "", **kind: str) -> Rulebook:
    return check(read_edition(book(body, **kind), "hilltop.yaml"))


def shelf_of(*texts: str) -> Shelf:
    return Shelf.of((text, f"file {number}") for number, text in enumerate(texts, start=1))


def refused(text: str, shelf: Shelf = Shelf()) -> str:  # noqa: B008 - a Shelf is frozen
    with pytest.raises(RulebookError) as caught:
        check_text(text, "hilltop.yaml", shelf)
    assert caught.value.exit_code == 3
    return str(caught.value)


# YAML


def test_words_stay_words_and_plain_values_are_typed() -> None:
    document, faults = read_yaml("a: on\nb: no\nc: 3.10\nd: 007\ne: '12'\nf: 12\ng: true\nh: True\ni: 2026-09-01\nj: null\n", "x.yaml")
    assert faults == ()
    assert document.value == {
        "a": "on", "b": "no", "c": "3.10", "d": "007", "e": "12", "f": 12, "g": True, "h": "True", "i": dt.date(2026, 9, 1), "j": "null",
    }  # fmt: skip


def test_every_key_and_item_has_its_line() -> None:
    document, _ = read_yaml("a:\n  - x: 1\n    y:\n      - first\n      - second\nb: {c: 2}\n", "x.yaml")
    assert document.line(("a", 0, "y", 1)) == 5
    assert document.line(("b", "c")) == 6
    assert document.line(("a", 0, "z", 9)) == 2, "of what is not there: the thing around it"


def test_without_an_item_the_later_ones_keep_their_lines() -> None:
    document, _ = read_yaml("a:\n  - one\n  - two\n  - three\n", "x.yaml")
    left = document.without(("a", 1))
    assert left.value == {"a": ("one", "three")}
    assert left.line(("a", 1)) == 4


def test_a_deep_file_is_refused_rather_than_read() -> None:
    with pytest.raises(RulebookError, match="more than 12 levels"):
        read_yaml("a: " + "[" * 100_000, "x.yaml")


# what is made


def test_a_rulebook_is_what_its_text_says() -> None:
    made = read(
        """
        settings:
          quota: {value: 2, unit: pupils, say: a year}
        counts:
          taken: {of: placements, where: admission.after_exclusion, over: 6 weeks}
          load: {of: [placements, outside_admissions], over: for_ever, minus: [own_referrals_placed], broken_down: drop}
        derive:
          - {id: second, fact: school.second, is: school.first + 1}
          - {id: first, fact: school.first, is: school.roll // 10}
        bars:
          - id: far
            waivable: false
            applies_to: [managed_move, fair_access]
            at: mainstream
            in_force: {from: 2026-09-01, until: 2027-08-31}
            when: [candidate.metres > 9000, candidate.minutes > 75]
            unless: candidate.sibling_here
            say: "{school.name} is far."
            authority: {instrument: Minutes}
            examples:
              - {name: far, given: {candidate.metres: 9001}, expect: fires}
              - {name: near, given: {candidate.minutes: unknown, candidate.sibling_here: true}, expect: silent}
        """,
        objectives="objectives:\n  - place\n  - quota: {count: taken, limit: settings.quota, beyond: free, of: permanently_excluded}\n"
        "  - share: {load: load}",
    )
    assert [objective.name for objective in made.objectives] == ["place", "quota", "share", "lottery"]
    assert made.objectives[1] == Objective(name="quota", of=Audience(excluded=True), count="taken", limit=Whole(2), beyond="free")
    assert [derived.fact.name for derived in made.derived] == ["school.first", "school.second"], "each after what it reads"
    assert (made.facts["school.second"].low, made.facts["school.second"].high) == (1, 1001), "a roll is 0 to 10,000"
    taken, load = made.counts
    assert (taken.over, taken.per, taken.where_text) == (Span("weeks", 6), "school", ("admission.after_exclusion",))
    assert (load.of, load.over, load.broken_down) == (("placements", "outside_admissions"), Span("for_ever"), Fate(drop=True))
    (bar,) = made.bars
    assert (bar.waivable, bar.applies_to, bar.at) == (False, frozenset({"managed_move", "fair_access"}), frozenset({"mainstream"}))
    assert bar.in_force == (dt.date(2026, 9, 1), dt.date(2027, 8, 31))
    assert bar.authority.instrument == "Minutes"
    assert bar.examples[1].unknown == frozenset({"candidate.minutes"})
    assert bar.line == HEAD.count("\n") + 11


def test_a_rule_without_an_authority_has_the_books() -> None:
    (bar,) = read("bars:\n  - {id: far, when: true, at: special, examples: [{name: x, expect: fires}]}\n").bars
    assert (bar.authority.instrument, bar.authority.paragraph) == ("Agreement", "4")


def test_a_sum_over_settings_is_worked_out() -> None:
    made = read(
        "charges:\n  - {id: bus, pence: settings.fare, when: true, examples: [{name: x, expect: fires}]}\nsettings: {fare: 65000}\n"
    )
    assert made.charges[0].amount == 65_000


def test_digest_is_of_the_tagged_text_with_lf() -> None:
    text = book()
    expected = hashlib.sha256(b"pastoral/rulebook/1\n" + text.encode()).hexdigest()
    assert read_edition(text, "x").digest == digest_of(text.replace("\n", "\r\n")) == expected


# every mistake at once


def test_many_mistakes_are_many_lines_in_one_message() -> None:
    text = book(
        """
        extends: engand
        titel: Hill
        settings:
          furthest: {value: 9000, unit: metres, choise: true}
          quota: {valu: 2}
        counts:
          load: {of: placement, over: term}
          taken: {of: placements, where: admission.after_exclusoin, over: six weeks}
        derive:
          - {id: far, fact: candidate.far, is: candidate.metres > settings.furthst}
        holds:
          - id: wait
            when: school.closing
            examples:
              - {name: closing, given: {school.closing: true}, expect: fires}
              - {name: open, given: {}, expect: silence}
        bars:
          - id: wait
            waivable: maybe
            when: candidate.excludd_from
            examples:
              - {name: excluded, given: {candidate.excluded_from: 1}, expect: fires}
          - id: distant
            when: candidate.far
          - id: full
            when: year.on_roll > 180
            say: "{school.nam} is full"
            examples:
              - {name: full, given: {year.on_roll: 181}, expect: fires}
              - {name: not full, given: {year.on_roll: 180}, expect: silent}
        """,
        objectives="objectives:\n  - share: {load: load}\n  - place\n  - quota: {count: taken, limit: settings.quota}",
    )
    lines = text.splitlines()
    message = refused(text)
    expected = {
        "extends: engand": "there is no rulebook called engand",
        "titel: Hill": "Did you mean `title`?",
        "choise": "Did you mean `choice`?",
        "valu: 2": "no `value`",
        "of: placement,": "Did you mean `placements`?",
        "six weeks": "a number of weeks such as 6 weeks",
        "settings.furthst": "Did you mean settings.furthest?",
        "- id: wait": "found school.closing; wanted only referral.* and panel.* in a hold",
        "expect: silence": "Did you mean `silent`?",
        "waivable: maybe": "true or false",
        "candidate.excludd_from": "Did you mean candidate.excluded_from?",
        "candidate.excluded_from: 1": "true or false",
        "- id: full": "Make it one of the `limits`",
    }
    for place, words in expected.items():
        number = next(number for number, line in enumerate(lines, start=1) if place in line)
        assert any(f"line {number}" in line and words.lower() in line.lower() for line in message.splitlines()), (place, words, message)
    for words in ("found the id wait a second time", "{school.nam} in `say`", "share first; wanted `place` first"):
        assert words in message
    assert "candidate.far" not in message.replace("is: candidate.far", ""), "what cannot be read is told once, not again where it is used"


def test_a_draft_keeps_its_faults() -> None:
    draft = draft_edition(book("titel: x\n"), "x.yaml")
    assert [fault.row for fault in draft.faults] == [5]
    assert draft.title == "Hilltop"
    with pytest.raises(RulebookError, match="titel"):
        read_edition(book("titel: x\n"), "x.yaml")


SHIPPED = shipped_text("shire11")[0]


@given(st.data())
def test_no_text_ends_in_anything_but_a_rulebook_or_a_refusal(data: st.DataObject) -> None:
    lines = SHIPPED.splitlines()
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(lines) - 1))
        change = data.draw(st.sampled_from(["drop", "double", "indent", "cut", "swap", "character"]))
        line = lines[place]
        match change:
            case "drop":
                del lines[place]
            case "double":
                lines.insert(place, line)
            case "indent":
                lines[place] = "  " + line
            case "cut":
                lines[place] = line[: data.draw(st.integers(0, len(line)))]
            case "swap":
                other = data.draw(st.integers(0, len(lines) - 1))
                lines[place], lines[other] = lines[other], line
            case "character":
                where = data.draw(st.integers(0, len(line)))
                lines[place] = line[:where] + data.draw(st.sampled_from(list("{}[]:,-#&*!|>'\"%@`xé\x07\U0001f600 0"))) + line[where + 1 :]
    shelf = shelf_of(*shipped_text("england"))
    faults: tuple[Fault, ...] = ()
    try:
        check_text("\n".join(lines), "changed.yaml", shelf)
    except RulebookError as refusal:
        faults = refusal.faults or (Fault(),)
    assert all(fault.row is not None and 1 <= fault.row <= len(lines) + 1 for fault in faults)


@given(st.text(max_size=60))
def test_no_text_at_all_ends_in_a_traceback(text: str) -> None:
    with pytest.raises(RulebookError):
        read_edition(text, "noise.yaml")


# editions


def test_the_meetings_day_chooses_the_edition() -> None:
    shelf = shelf_of(book(day="2026-09-01"), book("settings: {later: 1}\n", day="2027-09-01"))
    assert shelf.in_force("hilltop", dt.date(2027, 8, 31)).settings == {}
    assert "later" in shelf.in_force("hilltop", dt.date(2027, 9, 1)).settings
    with pytest.raises(RulebookError, match="no edition of hilltop is in force on 2026-08-31; the first begins on 2026-09-01"):
        shelf.in_force("hilltop", dt.date(2026, 8, 31))
    with pytest.raises(RulebookError, match=r"no rulebook called hiltop; there is hilltop\. Did you mean `hilltop`"):
        shelf.in_force("hiltop", DAY)


def test_two_editions_of_one_day_are_refused_and_the_same_one_twice_is_not() -> None:
    with pytest.raises(RulebookError, match="the editions of hilltop do not follow one another"):
        shelf_of(book(), book("settings: {x: 1}\n"))
    edition = read_edition(book(), "x")
    assert Shelf((edition,)).with_edition(edition) == Shelf((edition,))


def test_the_layer_below_is_that_of_the_day() -> None:
    law = "statutory: true\nsettings: {days: {value: %d}}\n"
    shelf = shelf_of(
        book(law % 20, name="law", day="2026-01-01", objectives=""),
        book(law % 15, name="law", day="2026-11-01", objectives=""),
        book("extends: law\n"),
    )
    before, after = shelf.in_force("hilltop", DAY), shelf.in_force("hilltop", dt.date(2026, 11, 1))
    assert (before.settings["days"].value, after.settings["days"].value) == (20, 15)
    assert before.digest.partition("+")[0] == after.digest.partition("+")[0]
    assert before.digest != after.digest
    assert [layer.name for layer in after.layers] == ["hilltop", "law"]
    assert shelf.in_force("hilltop", DAY) is before


def test_a_book_is_checked_with_each_layer_of_its_time() -> None:
    """The second edition of the law takes the name that the local book has already."""
    notice = "notices:\n  - {id: exams, when: true, at: special, examples: [{name: x, expect: fires}]}\n"
    shelf = shelf_of(
        book("statutory: true\n", name="law", day="2026-01-01", objectives=""),
        book("statutory: true\n" + notice, name="law", day="2027-01-01", objectives=""),
    )
    assert "found the id exams a second time" in refused(book("extends: law\n" + notice), shelf)


def test_a_cycle_in_extends_is_named() -> None:
    shelf = shelf_of(book("extends: b\n", name="a"), book("extends: a\n", name="b"))
    with pytest.raises(RulebookError, match="a extends b extends a"):
        shelf.in_force("a", DAY)
    assert "a cycle: hilltop extends hilltop" in refused(book("extends: hilltop\n"))


# rules and their examples


def test_a_plain_true_is_meant_where_a_scope_or_an_amount_stands_beside_it() -> None:
    scoped = "notices:\n  - {id: told, when: true, applies_to: [fair_access], examples: [{name: x, expect: fires}]}\n"
    points = "tariff:\n  - {id: everyone, points: 1, when: true, examples: [{name: x, expect: fires}]}\n"
    assert [result.got for result in run_examples(read(scoped + points))] == [Outcome.FIRES, Outcome.FIRES]
    assert "a condition that always fires" in refused(book(scoped.replace("applies_to: [fair_access], ", "")))


@pytest.mark.parametrize(
    ("given_", "expect", "got"),
    [
        ("{}", "silent", Outcome.SILENT),
        ("{referral.year_group: 11}", "fires", Outcome.FIRES),
        ("{referral.year_group: 11, referral.attendance: unknown}", "cannot tell", Outcome.CANNOT_TELL),
        ("{referral.kind: managed_move}", "out of scope", Outcome.OUT_OF_SCOPE),
        ("{panel.meets_on: 2026-12-31}", "out of scope", Outcome.OUT_OF_SCOPE),
        ("{referral.year_group: 11}", "silent", Outcome.FIRES),
    ],
)
def test_an_example_is_in_scope_unless_it_says_otherwise(given_: str, expect: str, got: Outcome) -> None:
    made = read(
        f"""
        holds:
          - id: exams
            applies_to: [reintegration]
            in_force: {{from: 2027-01-01, until: 2027-06-30}}
            when: referral.year_group == 11 and referral.attendance >= 0
            unless: referral.waiting > 1000
            examples:
              - {{name: this, given: {given_}, expect: {expect}}}
              - {{name: fires, given: {{referral.year_group: 11}}, expect: fires}}
              - {{name: silent, given: {{}}, expect: silent}}
        """
    )
    result = run_examples(made)[0]
    assert (result.rule, result.example, result.got, result.ok) == ("exams", "this", got, str(got) == expect)


def test_an_example_of_a_rule_of_the_past_is_on_a_day_of_it() -> None:
    made = read("notices:\n  - {id: old, when: true, in_force: {until: 2026-09-30}, examples: [{name: x, expect: fires}]}\n")
    assert run_examples(made)[0].ok


def test_a_tariff_line_is_asked_alone() -> None:
    made = read(
        """
        tariff:
          - id: small
            points: 0
            when: admission.over_number >= 1
            examples:
              - {name: over, given: {admission.over_number: 1}, expect: fires}
              - {name: not over, given: {admission.over_number: 0}, expect: silent}
              - {name: who knows, given: {admission.over_number: unknown}, expect: cannot tell}
          - {id: large, points: 5, when: true, examples: [{name: x, expect: fires}]}
        """
    )
    assert all(result.ok for result in run_examples(made))


def test_categories_are_the_words_of_their_fact() -> None:
    notice = """
notices:
  - id: j
    when: referral.category == "%s"
    examples:
      - {name: x, given: {referral.category: %s}, expect: fires}
      - {name: y, expect: silent}
"""
    assert all(result.ok for result in run_examples(read("categories: {j: refused}\n" + notice % ("j", "j"))))
    assert 'found "k"; wanted one of j, none' in refused(book("categories: {j: refused}\n" + notice % ("k", "j")))
    assert read(notice % ("k", "k")).notices[0].id == "j", "without categories any word will do"
