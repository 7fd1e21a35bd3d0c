"""Clocks: for whom they run, how long they are, and that no layer makes one of those below it slower or for fewer children."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.book import Clock, Rulebook
from rules.clocks import EVENTS, no_narrower
from rules.evaluate import CLOCK, Evaluation
from rules.examples import run_examples
from rules.explaining import explanation, lines_of
from rules.facts import BY_NAME, Value
from rules.finding import FIRES, SILENT, Outcome
from rules.oracle import Oracle
from rules.reach import facts_named, reach_of, unused
from rules.reader import markdown, page_of
from rules.rulebook import Shelf, check, read_edition
from rules.terms import All, Any
from tests.benchmarks.fuzz_rules import FACTS, Maker, a_row
from tests.test_record_and_schema import objections
from tests.test_rulebook import book, read, refused, shelf_of

EXAMPLES = "examples: [{name: x, given: {referral.%s: true}, expect: fires}, {name: y, given: {referral.%s: false}, expect: silent}]"
BOTH = "examples: [{name: x, given: {referral.looked_after: true, referral.ehcp: true}, expect: fires}, {name: y, expect: silent}]"


def clock(within: str = "within: 20 school days", *, when: str = "", kinds: str = "", name: str = "soon") -> str:
    parts = [f"id: {name}, from: referral.accepted, until: decision.taken"]
    parts += [within, f"when: {when}" if when else "", f"applies_to: [{kinds}]" if kinds else ""]
    if when:
        facts = [word.removeprefix("referral.") for word in when.split() if word.startswith("referral.")]
        parts.append(BOTH if len(facts) > 1 and "and" in when else EXAMPLES % (facts[0], facts[0]))
    return f"clocks: [{{{', '.join(part for part in parts if part)}}}]\n"


def law(body: str) -> Shelf:
    return shelf_of(book(f"statutory: true\n{body}", name="law", objectives=""))


def over(below: str, above: str) -> Rulebook:
    return check(read_edition(book(f"extends: law\n{above}"), "x"), law(below))


def only(rulebook: Rulebook) -> Clock:
    (one,) = rulebook.clocks
    return one


def case(**given: Value | None) -> dict[str, Value]:
    row: dict[str, Value | None] = {fact.name: fact.usual for fact in BY_NAME.values() if fact.family in CLOCK}
    row |= {f"referral.{name}": value for name, value in given.items()}
    return {name: value for name, value in row.items() if value is not None}


# --- for whom ---


def test_a_clock_runs_for_some_does_not_for_others_and_may_not_be_told() -> None:
    evaluation = Evaluation(read(clock(when="referral.looked_after", kinds="fair_access")))
    for kind, looked_after, wanted in (
        ("fair_access", True, Outcome.FIRES),
        ("fair_access", False, Outcome.SILENT),
        ("fair_access", None, Outcome.CANNOT_TELL),
        ("managed_move", True, Outcome.OUT_OF_SCOPE),
    ):
        finding = evaluation.clocks(case(kind=kind, looked_after=looked_after)).finding("soon")
        assert (finding.kind, finding.outcome) == ("clock", wanted)
        assert finding.missing == (("referral.looked_after",) if wanted is Outcome.CANNOT_TELL else ())


def test_a_clock_without_a_condition_runs_for_all_and_needs_no_example() -> None:
    assert Evaluation(read(clock())).clocks(case()).outcome("soon") is Outcome.FIRES


def test_the_examples_of_a_clock_are_run() -> None:
    right = read(clock(when="referral.looked_after"))
    assert [(result.rule, result.ok) for result in run_examples(right)] == [("soon", True), ("soon", True)]
    turned = clock(when="referral.looked_after").replace("fires", "nobody").replace("silent", "fires").replace("nobody", "silent")
    assert [result.ok for result in run_examples(read(turned))] == [False, False]


def test_no_meeting_freezes_what_only_a_clock_reads() -> None:
    assert "referral.on_a_roll" not in facts_named(read(clock(when="referral.on_a_roll")))


# --- how long ---


@pytest.mark.parametrize(
    ("settings", "within", "said"),
    [
        ("", "20 school days", "20 school days"),
        ("", "1 week", "1 week"),
        ("", "1 calendar day", "1 calendar day"),
        ("settings: {days: 15}\n", "settings.days school days", "15 school days"),
        ("settings: {days: {value: 15, unit: school days}}\n", "settings.days school days", "15 school days"),
        ("settings: {days: {value: 15, unit: school days}}\n", "settings.days", "15 school days"),
        ("settings: {days: {value: 15, unit: days}}\n", "settings.days calendar days", "15 calendar days"),
        ("settings: {days: {value: 1, unit: weeks}}\n", "settings.days", "1 week"),
    ],
)
def test_a_length_may_be_a_setting(settings: str, within: str, said: str) -> None:
    assert str(only(read(f"{settings}{clock(f'within: {within}')}")).within) == said


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("settings: {days: {value: 15, unit: school days}}\n" + clock("within: settings.days calendar days"), "a setting in calendar days"),
        ("settings: {days: {value: 15, unit: days}}\n" + clock("within: settings.days school days"), "a setting in school days"),
        (
            "settings: {days: {value: 15, unit: days}}\n" + clock("within: settings.days"),
            "and its unit: school days, calendar days or weeks",
        ),
        ("settings: {days: soon}\n" + clock("within: settings.days weeks"), "wanted a setting that is a whole number"),
        ("settings: {days: 10000}\n" + clock("within: settings.days weeks"), "which is 10000; wanted a setting of 1 to 9999"),
        (
            "settings: {days: {value: 15, unit: pupils}}\nmeeting: {notice: settings.days school days}\n",
            "meeting, notice: found settings.days",
        ),
        (
            "settings: {n: 3}\nlifecycle: {off_site_direction: {reviews: [6 weeks, settings.n]}}\n",
            "reviews 2: found settings.n, a setting without a unit",
        ),
        (
            "settings: {n: 60}\nlifecycle: {managed_move: {trial: {weeks: settings.n, at_end: return, ends_as: [return]}}}\n",
            "found settings.n, which is 60",
        ),
        (clock("within: 4 weeks, not_before: 5 weeks"), "found not before 5 weeks and within 4 weeks"),
    ],
)
def test_a_length_that_makes_no_sense_is_refused(body: str, words: str) -> None:
    message = refused(book(body))
    assert words in message
    assert message.count("\n") == 1, message


def test_every_length_and_number_of_a_book_may_be_a_setting() -> None:
    made = read(
        """
        settings:
          n: {value: 3, unit: school days}
          w: {value: 6, unit: weeks}
          q: {value: 5, unit: schools}
        meeting: {quorum: settings.q, notice: settings.n}
        lifecycle:
          off_site_direction: {notice: settings.n school days, reviews: [settings.w, 12 weeks]}
          managed_move: {trial: {weeks: settings.w, at_end: return, ends_as: [return]}}
        """
    )
    assert dict(made.meeting) == {"quorum": 5, "invite": "all", "absent": "bound", "notice": "3 school days"}
    assert made.lifecycle["off_site_direction"] == {"notice": "3 school days", "reviews": ("6 weeks", "12 weeks")}
    assert made.lifecycle["managed_move"]["trial"]["weeks"] == 6  # type: ignore[index]


# --- layers ---

STRICTER = (
    ("within: 20 school days", "within: 20 school days"),
    ("within: 20 school days", "within: 19 school days"),
    ("within: 20 school days", "within: 20 calendar days"),  # never more school days than calendar days
    ("within: 20 school days", "within: 2 weeks"),
    ("within: 6 weeks", "within: 42 calendar days"),
    ("within: 6 weeks", "within: 3 weeks, not_before: 1 week"),
    ("not_before: 5 calendar days", "not_before: 5 school days"),
    ("not_before: 5 school days", "not_before: 6 school days"),
)
LOOSER = (
    ("within: 20 school days", "within: 21 school days", "within 20 school days or sooner"),
    ("within: 20 school days", "within: 3 weeks", "within 20 school days or sooner"),
    ("within: 20 calendar days", "within: 10 school days", "within 20 calendar days or sooner"),
    ("within: 20 school days", "not_before: 2 school days", "within 20 school days or sooner"),
    ("not_before: 5 school days", "not_before: 4 school days", "not before 5 school days or later"),
    ("not_before: 5 school days", "not_before: 30 calendar days", "not before 5 school days or later"),
    ("not_before: 5 school days", "within: 30 calendar days", "not before 5 school days or later"),
)


@pytest.mark.parametrize(("below", "above"), STRICTER)
def test_a_local_clock_may_be_stricter(below: str, above: str) -> None:
    assert only(over(clock(below), clock(above))).rule.book == "hilltop"


@pytest.mark.parametrize(("below", "above", "wanted"), LOOSER)
def test_a_local_clock_may_not_be_looser(below: str, above: str, wanted: str) -> None:
    message = refused(book(f"extends: law\n{clock(above)}"), law(clock(below)))
    assert wanted in message
    assert message.count("\n") == 1, message


def test_a_setting_makes_a_clock_looser_by_whoever_chose_it() -> None:
    area = book("extends: law\nsettings: {d: {value: 15, unit: school days, choice: true}}\n" + clock("within: settings.d"), name="area")
    shelf = Shelf((*law(clock()).editions, read_edition(area, "area.yaml")))
    assert str(only(check(read_edition(book("extends: area\nsettings: {d: 20}\n"), "x"), shelf)).within) == "20 school days"
    message = refused(book("extends: area\nsettings: {d: 21}\n"), shelf)
    assert "clocks soon: found a clock looser than the book below has it; wanted within 20 school days or sooner." in message
    assert "`settings.d` has its value from hilltop." in message


def test_a_clock_of_the_law_may_leave_its_length_to_the_local_book_within_bounds() -> None:
    below = "settings: {d: {value: 20, unit: school days, choice: true, at_most: 20}}\n" + clock("within: settings.d")
    assert str(only(over(below, "settings: {d: 12}\n")).within) == "12 school days"
    assert "found 21; wanted at most 20" in refused(book("extends: law\nsettings: {d: 21}\n"), law(below))
    assert "within 12 school days or sooner" in refused(
        book("extends: law\nsettings: {d: 12}\n" + clock("within: 13 school days")), law(below)
    )


WIDER = (
    ("referral.looked_after", "referral.looked_after"),
    ("referral.looked_after", ""),
    ("referral.looked_after", "referral.looked_after or referral.ehcp"),
    ("referral.looked_after and referral.ehcp", "referral.looked_after"),
    ("referral.looked_after and referral.ehcp", "referral.ehcp and referral.looked_after"),
)
NARROWER = (
    ("", "referral.looked_after"),
    ("referral.looked_after", "referral.ehcp"),
    ("referral.looked_after", "referral.looked_after and referral.ehcp"),
    # where nobody has said, the law's clock cannot be told, and the local one would be silent
    ("referral.looked_after", "referral.looked_after is known and referral.looked_after"),
)


@pytest.mark.parametrize(("below", "above"), WIDER)
def test_a_local_clock_may_run_for_more_children(below: str, above: str) -> None:
    assert over(clock(when=below), clock(when=above)).clocks[0].rule.book == "hilltop"


@pytest.mark.parametrize(("below", "above"), NARROWER)
def test_a_local_clock_may_not_run_for_fewer(below: str, above: str) -> None:
    text = clock(when=above).replace("{name: y, expect: silent}", "{name: y, given: {referral.looked_after: false}, expect: silent}")
    assert "a condition that is true wherever the one below is, or none" in refused(book(f"extends: law\n{text}"), law(clock(when=below)))


@given(st.integers(0, 10**9))
def test_what_counts_as_no_narrower_is_so_on_every_row(seed: int) -> None:
    chance = random.Random(seed)
    maker = Maker(chance, FACTS[:10])
    one, other = maker.condition(2), maker.condition(2)
    below, above = chance.choice([(one, other), (one, Any((one, other))), (All((one, other)), one), (one, All((one, other)))])
    certain = no_narrower(below, above)
    for _ in range(20):
        first, second = Oracle([below, above]).verdicts(a_row(chance, FACTS, 0.3))
        assert not certain or second == FIRES or first != FIRES
        assert not certain or second != SILENT or first == SILENT


@given(st.integers(0, 10**9))
def test_one_more_alternative_is_never_narrower(seed: int) -> None:
    chance = random.Random(seed)
    maker = Maker(chance, FACTS[:10])
    one, other = maker.condition(1), maker.condition(1)
    assert no_narrower(one, Any((other, one)))
    assert no_narrower(All((one, other)), other)


ENDS = (  # below, above, what was wanted; nothing where the one above is no looser
    ("until: [decision.taken, decision.declined], within: 4 weeks", "until: [decision.declined, decision.taken], within: 4 weeks", ""),
    ("until: [decision.taken, decision.declined], within: 4 weeks", "until: decision.taken, within: 4 weeks", ""),
    (
        "until: decision.taken, within: 4 weeks",
        "until: [decision.taken, decision.deferred], within: 1 week",
        "until decision.taken and no other event",
    ),
    ("until: placement.started, not_before: 2 weeks", "until: [placement.started, placement.ended], not_before: 2 weeks", ""),
    # what may not come too soon below may come whenever it likes above
    (
        "until: [placement.started, placement.ended], not_before: 2 weeks",
        "until: placement.started, not_before: 3 weeks",
        "until placement.ended too",
    ),
    (
        "from: [referral.made, referral.accepted], until: decision.taken, within: 4 weeks",
        "until: decision.taken, within: 4 weeks",
        "from referral.made or referral.accepted until decision.taken",
    ),
    # an earlier start may come before an earlier end, and then nothing is asked after the later start
    (
        "until: decision.taken, within: 4 weeks",
        "from: [referral.made, referral.accepted], until: decision.taken, within: 4 weeks",
        "from referral.accepted until decision.taken",
    ),
)


@pytest.mark.parametrize(("below", "above", "wanted"), ENDS)
def test_a_clock_above_ends_with_no_event_that_does_not_end_it_below(below: str, above: str, wanted: str) -> None:
    texts = [f"clocks: [{{id: soon, {one if one.startswith('from') else f'from: referral.accepted, {one}'}}}]\n" for one in (below, above)]
    if not wanted:
        assert only(over(*texts)).rule.book == "hilltop"
        return
    message = refused(book(f"extends: law\n{texts[1]}"), law(texts[0]))
    assert f"found a clock looser than the book below has it; wanted {wanted}. " in message
    assert message.count("\n") == 1, message


def test_a_clock_that_ends_with_the_first_of_several_events_is_read_and_told() -> None:
    made = read("clocks: [{id: soon, from: decision.taken, until: [placement.started, decision.declined], within: 1 week}]\n")
    assert (only(made).from_, only(made).until) == (("decision.taken",), ("placement.started", "decision.declined"))
    assert "It runs from decision.taken until placement.started or decision.declined, within 1 week." in lines_of(explanation(made, "soon"))
    assert "| soon | from decision.taken until placement.started or decision.declined | within 1 week |" in markdown(page_of(made))


# --- papers ---

FILE = "papers: {file: the file of the pupil}\n"
SENT = "clocks: [{id: file, from: %s, until: %s, within: 5 school days}]\n"


def test_a_clock_runs_until_a_paper_of_the_book_or_of_the_one_below() -> None:
    made = read(FILE + SENT % ("decision.taken", "paper.file"))
    assert (only(made).from_, only(made).until) == (("decision.taken",), ("paper.file",))
    assert only(over(FILE, SENT % ("paper.file", "[decision.taken, decision.declined]"))).from_ == ("paper.file",)
    assert "found the event paper.letter; wanted one of paper.file" in refused(book(FILE + SENT % ("referral.made", "paper.letter")))


def test_a_paper_for_which_there_is_a_clock_is_not_idle() -> None:
    asked, idle = (read(FILE + SENT % (event, "decision.taken")) for event in ("paper.file", "referral.made"))
    assert unused(asked, ()) == ()
    assert [dict(one.facts) for one in reach_of(asked) if one.kind == "clock"] == [{"referral.paper_file": ()}]
    assert unused(idle, ()) == (("paper file", None, "no rule asks for it, and no clock"),)


def test_an_editor_knows_papers_among_events() -> None:
    for event, sound in (("paper.file", True), ("[paper.file, decision.taken]", True), ("papers.file", False), ("paper.File", False)):
        assert bool(objections(book(FILE + SENT % ("referral.made", event)))) is not sound


def test_a_paper_that_cannot_be_read_is_told_once() -> None:
    assert refused(book("papers: {file: [a file]}\n" + SENT % ("referral.made", "paper.file"))).count("found") == 1


# --- what people read ---


def test_a_clock_is_explained_and_stands_on_the_page() -> None:
    made = read(clock("not_before: 2 school days, within: 4 weeks", when="referral.looked_after", kinds="fair_access"))
    told = lines_of(explanation(made, "soon"))
    assert told[:2] == (
        "soon: a clock of hilltop, line 5: how soon one thing must follow another.",
        "It runs from referral.accepted until decision.taken, not before 2 school days, within 4 weeks.",
    )
    timed = read("settings: {d: {value: 9, unit: weeks, say: the time}}\n" + clock("within: settings.d"))
    assert "  d = 9 weeks (hilltop): the time" in lines_of(explanation(timed, "soon"))
    assert "When it cannot tell: whether it runs is unknown, and the missing fact is named." in told
    row = "| soon | from referral.accepted until decision.taken | not before 2 school days, within 4 weeks |"
    assert f"{row} When referral.looked_after. Only for fair access. |" in markdown(page_of(made))


def test_events_are_said_in_words() -> None:
    assert all(name.count(".") == 1 and meaning and meaning[0].islower() for name, meaning in EVENTS.items())


# --- a meeting that part of the schools makes ---


def test_a_quorum_may_be_a_part_of_the_schools_and_only_a_larger_one_above() -> None:
    assert over("meeting: {quorum: half}\n", "meeting: {quorum: two_thirds}\n").meeting["quorum"] == "two_thirds"
    assert over("meeting: {quorum: half}\n", "").meeting["quorum"] == "half"
    assert "wanted two thirds or more" in refused(book("extends: law\nmeeting: {quorum: half}\n"), law("meeting: {quorum: two_thirds}\n"))
    assert "wanted half; a number of schools and a part" in refused(
        book("extends: law\nmeeting: {quorum: 9}\n"), law("meeting: {quorum: half}\n")
    )
