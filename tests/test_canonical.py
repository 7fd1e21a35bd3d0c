"""One value, one byte string: the canonical form against RFC 8785's own reference and against what it must refuse."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Final

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from panel.canonical import DEEPEST, MOST, NotCanonical, alike, canonical, digest, parse

TEXT: Final = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
KEYS: Final = st.text(st.characters(max_codepoint=127), max_size=8)
VALUES: Final[st.SearchStrategy[object]] = st.recursive(
    TEXT | st.booleans() | st.integers(-MOST, MOST),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


class Word(StrEnum):
    YES = "yes"


class Name(str):
    __slots__ = ()


@given(VALUES)
def test_it_is_what_the_reference_writes(value: object) -> None:
    assert canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


@given(VALUES)
def test_it_reads_back_as_the_same_value(value: object) -> None:
    assert parse(canonical(value)) == value


@given(st.dictionaries(KEYS, TEXT, min_size=2).map(lambda d: (d, dict(reversed(d.items())))))
def test_the_order_of_keys_in_memory_does_not_matter(pair: tuple[dict[str, str], dict[str, str]]) -> None:
    assert canonical(pair[0]) == canonical(pair[1])


def test_a_form_worked_out_by_hand() -> None:
    value = {"b": [True, -0, 10], "a": 'q"\\\n\x1f€\u2028', "A": ()}
    assert canonical(value) == '{"A":[],"a":"q\\"\\\\\\n\\u001f€\u2028","b":[true,0,10]}'.encode()


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (1.0, "the value: found float 1.0"),
        ({"a": {"b": [1, 0.5]}}, "a.b.[]: found float 0.5"),
        ({"a": None}, "a: found NoneType None"),
        ({"on": dt.date(2026, 9, 1)}, "on: found date datetime.date(2026, 9, 1)"),
        ({"on": b"x"}, "on: found bytes"),
        ({"of": {1, 2}}, "of: found set"),
        (Word.YES, "found Word"),
        ({"name": Name("x")}, "name: found Name"),
        ({"n": MOST + 1}, f"n: found {MOST + 1}; wanted a whole number of at most {MOST}"),
        ({"n": -MOST - 1}, f"n: found {-MOST - 1}"),
        ({1: "x"}, "the key 1; wanted ASCII text"),
        ({"école": 1}, "the key '\\xe9cole'; wanted ASCII text"),
        ({"a": ["\ud800"]}, "'\\ud800' has no UTF-8 form"),
        ("x\udcff", "'x\\udcff' has no UTF-8 form"),
    ],
)
def test_what_has_no_canonical_form_is_refused(value: object, said: str) -> None:
    with pytest.raises(NotCanonical) as refused:
        canonical(value)
    assert said in refused.value.message


def test_a_circle_and_a_tower_are_refused() -> None:
    circle: list[object] = []
    circle.append(circle)
    tower: object = 0
    for _ in range(DEEPEST):
        tower = [tower]
    assert parse(canonical(tower)) == tower
    for value in (circle, [tower]):
        with pytest.raises(NotCanonical, match="inside too many others"):
            canonical(value)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1}',
        '{"b":1,"a":1}',
        '{"a":1,"a":1}',
        '"\\u0041"',
        '"\\/"',
        "1.0",
        "1e2",
        "-0",
        "null",
        "[1,]",
        "",
        "{",
        '{"a":1}\n',
        "\ufeff1",
    ],
)
def test_any_other_text_is_not_canonical(text: str) -> None:
    with pytest.raises(NotCanonical):
        parse(text.encode())


@given(VALUES, st.data())
def test_one_byte_changed_is_another_value_or_none(value: object, data: st.DataObject) -> None:
    raw = bytearray(canonical(value))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        other = parse(bytes(raw))
    except NotCanonical:
        return
    assert canonical(other) == bytes(raw) != canonical(value)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"a": 1, "b": [True, "x"]}, {"b": [True, "x"], "a": 1}, True),
        ({"a": 1}, {"a": True}, False),
        ({"a": 0}, {"a": False}, False),
        ({"a": 1}, {"a": "1"}, False),
        ({"a": [1, 2]}, {"a": [2, 1]}, False),
        ({"a": {}}, {"a": []}, False),
        ({"a": 1}, {"a": 1, "b": 1}, False),
        ("\ud800", "\ud800", False),
    ],
)
def test_two_values_are_alike_to_the_type_whatever_the_order_of_keys(one: object, other: object, *, same: bool) -> None:
    assert alike(one, other) is same


@pytest.mark.parametrize("inside", [{"n": MOST + 1}, [MOST + 1], {"n": -MOST - 1}, [1, 1.0], [True, None], {"n": dt.date(2026, 9, 1)}])
def test_what_stands_inside_is_looked_at_as_closely(inside: object) -> None:
    with pytest.raises(NotCanonical):
        canonical(inside)
    with pytest.raises(NotCanonical):
        canonical({"deep": [inside]})


def test_a_digest_is_sha256_over_tag_line_feed_and_parts() -> None:
    # printf 'pastoral/test/1\nabc' | sha256sum
    assert digest("pastoral/test/1", b"a", "bc") == "2f04b23040fc13f863eb1223f327ad0fe16cfd032ddbd6a9d951f479464b11a2"
    assert digest("pastoral/test/2", b"a", "bc") != digest("pastoral/test/1", b"a", "bc")
