"""The engine inside its exact subset: each way the library is known to go wrong outside it is shut here."""

from __future__ import annotations

import builtins
import datetime as dt
import gc
import json
from typing import Any as Anything
from typing import Final

import pytest

from rules.engine import Engine
from rules.errors import EvaluationError
from rules.facts import EXACT, Fact, Type, Value
from rules.finding import CANNOT_TELL, FIRES, SILENT
from rules.grammar import parse_condition, parse_sum
from rules.terms import All, Any, Compare, Condition, Flag, Not, Read, Text, Times, Whole

LONG: Final = "x" * 59_990


def fact(name: str, type_: Type, *, low: int = 0, high: int = 100, words: tuple[str, ...] = (), optional: bool = False) -> Fact:
    return Fact(name=name, type=type_, meaning="made up", low=low, high=high, words=words, optional=optional)


FACTS: Final = {
    one.name: one
    for one in (
        fact("school.n", "number"),
        fact("school.m", "number"),
        fact("school.many", "number", high=20_000),
        fact("school.vast", "number", low=-EXACT, high=EXACT),
        fact("school.yes", "yes/no"),
        fact("school.word", "word"),
        fact("school.other", "word"),
        fact("school.closed", "word", words=("a", "b", "c")),
        fact("school.day", "date"),
        fact("school.u", "number", low=-100, optional=True),
        fact("school.v", "number", optional=True),
        fact("school.maybe", "yes/no", optional=True),
        fact("school.say", "word", optional=True),
        fact("school.when", "date", optional=True),
    )
}


def parsed(*texts: str) -> list[Condition]:
    return [parse_condition(text, FACTS, {}) for text in texts]


def verdicts(texts: list[str], **row: Value) -> list[int]:
    return list(Engine(parsed(*texts)).verdicts({f"school.{name}": value for name, value in row.items()}))


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Anything]]:
    """Everything that goes to the library: its function and what it is handed."""
    import durable_rules_engine as library

    calls: list[tuple[str, Anything]] = []

    class Spy:
        error = library.error

        def __getattr__(self, name: str) -> Anything:
            def call(*arguments: Anything) -> Anything:
                calls.append((name, arguments))
                return getattr(library, name)(*arguments)

            return call

    spy = Spy()
    monkeypatch.setattr("rules.engine._library", lambda: spy)
    return calls


# --- what it answers ---


@pytest.mark.parametrize(
    ("text", "fires", "silent"),
    [
        ("school.n > 3", 4, 3),
        ("school.n >= 3", 3, 2),
        ("school.n < 3", 2, 3),
        ("school.n <= 3", 3, 4),
        ("school.n == 3", 3, 4),
        ("school.n != 3", 4, 3),
        ("3 < school.n", 4, 3),
        ("2 * school.n - 1 > 8", 5, 4),
        ("(school.n + 1) // 3 == 2", 7, 8),
        ("school.n * school.n > 48", 7, 6),
        ("school.n in [1, 5]", 5, 4),
        ("not (school.n in [1, 5])", 4, 5),
    ],
)
def test_numbers(text: str, fires: int, silent: int) -> None:
    assert verdicts([text], n=fires) == [FIRES]
    assert verdicts([text], n=silent) == [SILENT]


def test_sums_on_both_sides_become_one_sum_against_one_constant() -> None:
    texts = ["school.n + 3 > school.m - 4", "school.m - school.n < 7", "school.n - school.m == 0 - 7"]
    assert verdicts(texts, n=1, m=7) == [FIRES, FIRES, SILENT]
    assert verdicts(texts, n=0, m=7) == [SILENT, SILENT, FIRES]


def test_words_and_dates() -> None:
    texts = ['school.word == "é\\u2003"'.replace("\\u2003", "\u2003"), "school.word != school.other", "school.day >= 2026-09-01"]
    assert verdicts(texts, word="é\u2003", other="é", day=dt.date(2026, 9, 1)) == [FIRES, FIRES, FIRES]
    assert verdicts(texts, word="é", other="é", day=dt.date(2026, 8, 31)) == [SILENT, SILENT, SILENT]


@pytest.mark.parametrize(
    ("text", "row", "wanted"),
    [
        ("school.maybe", {}, CANNOT_TELL),
        ("not school.maybe", {}, CANNOT_TELL),
        ("school.maybe or school.yes", {"yes": True}, FIRES),
        ("school.maybe or school.yes", {"yes": False}, CANNOT_TELL),
        ("school.maybe and school.yes", {"yes": False}, SILENT),
        ("school.maybe and school.yes", {"yes": True}, CANNOT_TELL),
        ("school.maybe or not school.maybe", {}, CANNOT_TELL),  # two tests of the same unknown are not combined
        ("school.maybe is known", {}, SILENT),
        ("school.maybe is unknown or school.maybe", {}, FIRES),
        ("school.u + school.v > 3", {"u": 9}, CANNOT_TELL),
        ("school.u - school.u == 0", {}, CANNOT_TELL),
        ("school.u - school.u == 0", {"u": 9}, FIRES),
        ("0 * school.u == 0", {}, CANNOT_TELL),
        ("school.u < 1", {}, CANNOT_TELL),  # what stands in for an unknown number is not read
        ('school.say == ""', {}, CANNOT_TELL),
        ("school.when < 2026-01-01", {}, CANNOT_TELL),
    ],
)
def test_unknown_is_neither_true_nor_false(text: str, row: dict[str, Value], wanted: int) -> None:
    assert verdicts([text], **row) == [wanted]


def test_sums_are_worked_out_and_unknown_where_a_part_is() -> None:
    engine = Engine((), [parse_sum(text, FACTS, {}) for text in ("school.n - 7", "school.u + school.n", "school.u * 2", "-7 // 2")])
    assert engine.amounts({"school.n": 3, "school.u": -5}) == (-4, -2, -10, -4)
    assert engine.amounts({"school.n": 3}) == (-4, None, None, -4)


# --- what it refuses ---


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("school.n == 1", {"n": True}),  # elsewhere True == 1 == "true"
        ("school.n == 1", {"n": "1"}),
        ("school.n == 1", {"n": 1.0}),
        ("school.n == 1", {"n": None}),
        ("school.n == 1", {"n": [1]}),
        ("school.n == 1", {"n": 101}),
        ("school.n == 1", {"n": -1}),
        ("school.vast == 1", {"vast": EXACT + 1}),
        ("school.vast == 1", {"vast": -EXACT - 1}),
        ("school.yes", {"yes": 1}),
        ("school.yes", {"yes": "true"}),
        ("school.day > 2026-01-01", {"day": "2026-09-01"}),
        ("school.day > 2026-01-01", {"day": dt.datetime(2026, 9, 1, tzinfo=dt.UTC)}),
        ('school.word == "a"', {"word": "a\0b"}),
        ('school.word == "a"', {"word": "x" * 60_001}),
        ('school.word == "a"', {"word": "é" * 10_001}),  # six bytes each, as JSON
        ('school.word == "a"', {"word": "\ud800"}),
        ('school.word == "a"', {"word": 1}),
        ('school.closed == "a"', {"closed": "d"}),
        ("school.maybe", {"maybe": None}),
        ("school.n == 1", {}),
        ("school.n + school.m > 1", {"n": 1}),  # a missing attribute is read from anywhere, elsewhere
    ],
)  # fmt: skip
def test_a_value_that_is_not_exactly_the_facts_is_refused_and_named(text: str, row: dict[str, Anything]) -> None:
    missing = next((name for name in ("school.n", "school.m") if name in text and name.partition(".")[2] not in row), None)
    with pytest.raises(EvaluationError) as caught:
        verdicts([text], **row)
    assert (missing or text.split(maxsplit=1)[0]) in str(caught.value)


def test_a_sum_beyond_what_is_exact_is_refused() -> None:
    vast = FACTS["school.vast"]
    engine = Engine([Compare(">", Times(Read(vast), Whole(3)), Whole(0))])
    assert engine.verdicts({"school.vast": EXACT // 3}) == bytes([FIRES])
    with pytest.raises(EvaluationError, match="exactly"):
        engine.verdicts({"school.vast": EXACT // 2})
    with pytest.raises(EvaluationError, match="exactly"):
        Engine([Compare("!=", Read(vast), Whole(EXACT + 1))])


@pytest.mark.parametrize("edge", [-EXACT, -EXACT + 1, -1, 0, 1, EXACT - 1, EXACT])
def test_neighbours_are_told_apart_up_to_the_edge_of_what_is_exact(edge: int) -> None:
    texts = [f"school.vast {op} {edge}" for op in ("<", "<=", "==", "!=", ">=", ">")]
    engine = Engine(parsed(*texts))
    for value in (edge - 1, edge, edge + 1):
        if abs(value) <= EXACT:
            wanted = [value < edge, value <= edge, value == edge, value != edge, value >= edge, value > edge]
            assert [code == FIRES for code in engine.verdicts({"school.vast": value})] == wanted


def test_long_words_are_compared_to_the_end() -> None:
    engine = Engine([Compare("==", Read(FACTS["school.word"]), Text(LONG + "a"))])
    assert [list(engine.verdicts({"school.word": LONG + end})) for end in ("a", "b", "aa", "")] == [[FIRES], [SILENT], [SILENT], [SILENT]]


@pytest.mark.parametrize(
    "word", ["", "a", "aa", 'say "no"', "back\\slash", "null", "true", "1", "{}", "a\nb", "\u2028", "🎒", "é", "e\u0301"]
)
def test_every_word_equals_itself_alone(word: str) -> None:
    words = ["", "a", "aa", 'say "no"', "back\\slash", "null", "true", "1", "{}", "a\nb", "\u2028", "🎒", "é", "e\u0301"]
    engine = Engine([Compare("==", Read(FACTS["school.word"]), Text(other)) for other in words])
    assert [code == FIRES for code in engine.verdicts({"school.word": word})] == [word == other for other in words]


def test_a_condition_with_too_many_clauses_is_refused() -> None:
    pairs = [Any((Compare("!=", Read(FACTS["school.n"]), Whole(n)), Compare("!=", Read(FACTS["school.m"]), Whole(n)))) for n in range(12)]
    with pytest.raises(EvaluationError, match="derive"):
        Engine([All(tuple(pairs))])


def test_a_clause_longer_than_a_ruleset_is_refused() -> None:
    flags = tuple(Flag(fact(f"school.f{n}", "yes/no")) for n in range(57))
    with pytest.raises(EvaluationError, match="more than 56 comparisons"):
        Engine([All(flags)])
    assert Engine([All(flags[:56])]).verdicts({f"school.f{n}": True for n in range(57)}) == bytes([FIRES])


# --- what the library is handed ---


def test_only_pure_conjunctions_of_at_most_56_comparisons_with_constants_are_handed_over(sent: list[tuple[str, Anything]]) -> None:
    texts = [f"not (school.n > {n} and (school.maybe or school.word == school.other)) or school.u + school.v < {n}" for n in range(60)]
    Engine(parsed(*texts))
    handed = [json.loads(arguments[1]) for function, arguments in sent if function == "create_ruleset"]
    assert len(handed) > 2
    for ruleset in handed:
        clauses = [pattern["all"][0]["m"] for pattern in ruleset.values()]
        comparisons = [comparison for clause in clauses for comparison in clause.get("$and", [clause])]
        assert len(comparisons) <= 56
        for comparison in comparisons:
            ((first, second),) = comparison.items()
            if first.startswith("$"):
                assert first in {"$neq", "$lt", "$lte", "$gt", "$gte"}
                ((first, second),) = second.items()
            assert first.startswith("a")
            assert type(second) in (int, bool, str)


def test_each_fact_has_exactly_the_attributes_of_its_ruleset_and_is_gone_afterwards(sent: list[tuple[str, Anything]]) -> None:
    engine = Engine(parsed(*(f"school.n > {n} and school.yes" for n in range(40)), "school.word == school.other or school.maybe"))
    rulesets = [json.loads(arguments[1]) for function, arguments in sent if function == "create_ruleset"]
    sent.clear()
    engine.verdicts({"school.n": 99, "school.yes": True, "school.word": "x", "school.other": "x"})
    assert {function for function, _ in sent} <= {"assert_fact", "start_action_for_state", "complete_and_start_action", "retract_fact"}
    asserted = [json.loads(arguments[1]) for function, arguments in sent if function == "assert_fact"]
    called = [function for function, _ in sent]
    assert called.count("retract_fact") == called.count("start_action_for_state") == 2  # what matched; the rest was never kept
    read = [set(json.dumps(ruleset).replace('"', " ").split()) for ruleset in rulesets]
    for row in asserted:
        keys = {key for key in row if key not in ("id", "sid")}
        assert any(keys == {word for word in words if word[0] == "a" and word[1:].isdigit()} for words in read)
        assert row["id"] == "1"


def test_where_all_is_known_nothing_is_refuted(sent: list[tuple[str, Anything]]) -> None:
    engine = Engine(parsed("school.maybe and school.u > 3"))
    sent.clear()
    assert engine.verdicts({"school.maybe": False, "school.u": 9}) == bytes([SILENT])
    assert [function for function, _ in sent] == ["assert_fact"]


# --- what it must hold out ---


def test_three_hundred_conditions_true_of_one_fact_all_fire() -> None:
    engine = Engine(parsed(*(f"school.vast > {n}" for n in range(300))))
    assert engine.verdicts({"school.vast": 1000}) == bytes([FIRES] * 300)
    assert engine.verdicts({"school.vast": 150}) == bytes([FIRES] * 150 + [SILENT] * 150)


def test_three_hundred_rules_on_one_condition_all_fire() -> None:
    engine = Engine(parsed(*(["school.yes"] * 300)))
    assert engine.verdicts({"school.yes": True}) == bytes([FIRES] * 300)
    assert engine.verdicts({"school.yes": False}) == bytes([SILENT] * 300)


def test_a_rule_whose_clauses_hold_together_fires_once() -> None:
    assert verdicts(["school.n > 1 or school.n > 2 or school.m > 3 or school.yes"], n=9, m=9, yes=True) == [FIRES]


def test_more_attributes_than_one_fact_of_the_library_holds() -> None:
    facts = [fact(f"school.f{n}", "number") for n in range(400)]
    engine = Engine([Compare(">", Read(one), Whole(50)) for one in facts])
    assert engine.verdicts({one.name: 49 + n % 3 for n, one in enumerate(facts)}) == bytes(
        [FIRES if n % 3 == 2 else SILENT for n in range(400)]
    )


def test_twenty_thousand_facts_in_one_process() -> None:
    engine = Engine(parsed("school.many > 10000", "school.many // 2 * 2 == school.many"))
    for n in range(20_000):
        assert engine.verdicts({"school.many": n}) == bytes([n > 10000, n % 2 == 0])


def test_engines_alive_together_share_nothing() -> None:
    above = [Engine(parsed(f"school.n > {n}")) for n in range(50)]
    for value in (10, 10, 40):
        assert [engine.verdicts({"school.n": value})[0] for engine in above] == [value > n for n in range(50)]


def test_an_engine_given_up_releases_its_rulesets_and_the_others_go_on(sent: list[tuple[str, Anything]]) -> None:
    kept, given_up = Engine(parsed("school.n > 3")), Engine(parsed("school.n > 3", "school.m > 3"))
    created = sum(function == "create_ruleset" for function, _ in sent)
    del given_up
    gc.collect()
    assert [function for function, _ in sent].count("delete_ruleset") == created - 1
    assert kept.verdicts({"school.n": 4}) == bytes([FIRES])
    kept.close()
    kept.close()
    assert [function for function, _ in sent].count("delete_ruleset") == created


# --- the library's own failures ---


class Broken:
    """A library that answers as it is told to."""

    error = RuntimeError

    def __init__(self, code: int = 0, messages: tuple[str | None, ...] = (None,)) -> None:
        self.code, self.messages = code, list(messages)

    def create_ruleset(self, *_: object) -> int:
        return 1

    def delete_ruleset(self, *_: object) -> None: ...

    def retract_fact(self, *_: object) -> None: ...

    def assert_fact(self, *_: object) -> tuple[int, int]:
        if self.code < 0:
            raise self.error("no memory")
        return self.code, 0

    def start_action_for_state(self, *_: object) -> tuple[str, str | None]:
        return "", self.messages.pop(0)

    def complete_and_start_action(self, *_: object) -> str | None:
        return self.messages.pop(0)


@pytest.mark.parametrize(
    ("library", "said"),
    [
        (Broken(code=2), "code 2"),
        (Broken(code=-1), "no memory"),
        (Broken(messages=('{"r9":{}}', None)), "r9 unasked"),
        (Broken(messages=('{"r0":{}}', '{"r0":{}}', None)), "r0 twice"),
        (Broken(messages=(None,)), "fired nothing"),
    ],
)
def test_anything_the_library_should_not_answer_is_an_error(monkeypatch: pytest.MonkeyPatch, library: Broken, said: str) -> None:
    monkeypatch.setattr("rules.engine._library", lambda: library)
    with pytest.raises(EvaluationError, match=said):
        verdicts(["school.yes"], yes=True)


def test_true_and_false_at_once_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    library = Broken(messages=('{"r0":{}}', None, '{"r0":{}}', None))
    monkeypatch.setattr("rules.engine._library", lambda: library)
    with pytest.raises(EvaluationError, match="both true and false"):
        verdicts(["school.maybe and school.yes"], yes=False)


def test_without_the_library_the_message_says_how_to_build_it(monkeypatch: pytest.MonkeyPatch) -> None:
    original = builtins.__import__

    def missing(name: str, *arguments: Anything, **more: Anything) -> Anything:
        if name == "durable_rules_engine":
            raise ImportError("undefined symbol: PyEval_CallObject")
        return original(name, *arguments, **more)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(EvaluationError, match="CPPFLAGS=-DPyEval_CallObject=PyObject_CallObject"):
        Engine([])


def test_nothing_to_ask_is_nothing_answered() -> None:
    assert Engine([]).verdicts({}) == b""
    assert Engine([Not(Flag(FACTS["school.yes"]))]).verdicts({"school.yes": False}) == bytes([FIRES])
