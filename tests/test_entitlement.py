"""Who is entitled to free travel: each ground by itself, at its limits, and what is left open where nobody has recorded it.

School A is the one in question; B and C had places too. Miles are 1,609.344 metres: 2 are 3,218.688, 3 are 4,828.032,
6 are 9,656.064 and 15 are 24,140.16, so that 4,828 whole metres are within 3 miles and 4,829 beyond.
"""

from __future__ import annotations

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.events import Journey
from panel.facts.entitlement import Entitlement, Traveller, entitlement

A, B, C, D, E = (f"10000{n}" for n in range(1, 6))
KNOWN: Final = {"safe_route": True, "on_belief": False}


def asked(
    metres: int | None,
    *,
    others: dict[str, int | None] | None = None,
    year: int = 9,
    low: bool | None = False,
    cannot: bool | None = False,
    **way: Any,
) -> Entitlement:
    """Pupil and way with everything recorded, but for what a case changes; `others`: metres to the other settings with places."""
    others = {} if others is None else others
    ways = {urn: Journey(urn=urn, metres=far, on_belief=False) for urn, far in others.items() if far is not None}
    ways[A] = Journey(urn=A, metres=metres, **{**KNOWN, **way})
    return entitlement(Traveller(year, low, cannot, ways), A, (A, *others))


@pytest.mark.parametrize(
    ("year", "metres", "answer"),
    [
        (9, 4828, False),
        (9, 4829, True),
        (2, 3218, False),  # turns 7 in the year: under 8 all year
        (2, 3219, True),
        (4, 3219, False),  # 8 or 9
        (3, 3218, False),  # 7 or 8: the same either way
        (3, 4829, True),
        (3, 4000, None),  # beyond 2 miles, within 3: it depends on the birthday
    ],
)
def test_the_distance_by_age(year: int, metres: int, answer: bool | None) -> None:
    found = asked(metres, year=year)
    assert found.answer is answer
    assert found.by == (("the distance",) if answer else ())
    assert found.missing == (("whether the pupil is 8",) if answer is None else ())


def test_only_the_nearest_suitable_school_with_a_place() -> None:
    assert asked(5000, others={B: 5000}).answer is True, "as near is not nearer"
    far = asked(5000, others={B: 4999})
    assert (far.answer, far.nearer) == (False, (B,))
    unmeasured = asked(5000, others={B: None})
    assert (unmeasured.answer, unmeasured.missing) == (None, (f"metres to {B}",))


def test_an_estimate_decides_nothing() -> None:
    found = asked(9000, estimate=True)
    assert (found.answer, found.missing) == (None, (f"metres to {A}",))
    near = Journey(urn=B, metres=100, estimate=True)
    ways = {A: Journey(urn=A, metres=9000, safe_route=True, on_belief=False), B: near}
    beside = entitlement(Traveller(9, low_income=False, cannot_walk=False, ways=ways), A, (A, B))
    assert (beside.answer, beside.missing) == (None, (f"metres to {B}",)), "nor does it make another school nearer"


@pytest.mark.parametrize(
    ("case", "by"),
    [
        ({"safe_route": False}, "a way that is not safe to walk"),
        ({"cannot": True}, "what the pupil can walk"),
        ({"low": True, "metres": 3219}, "low income, one of the three nearest"),
        ({"low": True, "metres": 4000, "others": {B: 1, C: 2}}, "low income, one of the three nearest"),
        ({"low": True, "metres": 24140, "on_belief": True, "others": {B: 1, C: 2, D: 3}}, "low income, religion or belief"),
    ],
)
def test_other_grounds(case: dict[str, Any], by: str) -> None:
    """Within walking distance, so that the distance by itself gives nothing; or with nearer schools."""
    assert asked(**{"metres": 1000, **case}).by == (by,)


@pytest.mark.parametrize(
    "case",
    [
        {"low": True, "metres": 3218},  # within 2 miles
        {"low": True, "metres": 9657, "others": {B: 1}},  # beyond 6
        {"low": True, "metres": 4000, "others": {B: 1, C: 2, D: 3}},  # the fourth nearest
        {"low": True, "metres": 4000, "others": {B: 1, C: 2, D: 3}, "on_belief": False},
        {"low": True, "metres": 24141, "others": {B: 1, C: 2, D: 3}, "on_belief": True},  # beyond 15
        {"low": True, "metres": 4000, "year": 5, "others": {B: 1}},  # not yet 11, and not the nearest
        {"safe_route": False, "metres": 1000, "others": {B: 1}},  # unsafe, but not the nearest
    ],
)
def test_what_gives_nothing(case: dict[str, Any]) -> None:
    found = asked(**{"metres": 1000, **case})
    assert (found.answer, found.by, found.missing) == (False, (), ())


def test_the_only_setting_with_a_place_is_the_nearest_whatever_its_distance() -> None:
    """The authority has said that the way is no walking distance; nobody needs to measure it against nothing."""
    assert asked(None, within_walking_distance=False).by == ("the distance",)
    assert asked(9000, estimate=True, safe_route=False).by == ("a way that is not safe to walk",)
    found = asked(None, within_walking_distance=False, others={B: 100})
    assert (found.answer, found.missing) == (None, (f"metres to {A}",)), "B was measured, and is not what is missing"


@pytest.mark.parametrize(
    ("year", "metres", "others", "answer", "missing"),
    [
        (4, 3219, {}, True, ()),  # 8 or 9, beyond 2 miles and within 3
        (4, 3218, {}, False, ()),
        (4, 3219, {B: 3218}, False, ()),  # not the nearest
        (3, 3219, {}, True, ()),  # at 7 by the distance, at 8 by the income
        (6, 3219, {}, True, ()),  # at 10 the nearest, at 11 one of the three nearest
        (6, 5000, {B: 4000}, None, ("whether the pupil is 11",)),
        (2, 3218, {}, False, ()),
    ],
)
def test_a_low_income_before_the_age_of_11(
    year: int, metres: int, others: dict[str, int | None], answer: bool | None, missing: tuple[str, ...]
) -> None:
    found = asked(metres, others=others, year=year, low=True)
    assert (found.answer, found.missing) == (answer, missing)


@pytest.mark.parametrize(("there", "answer"), [(False, True), (True, False), (None, None)])
def test_belief_entitles_to_the_nearest_that_was_asked_for_on_it(there: bool | None, answer: bool | None) -> None:
    """Four schools are nearer than A, so that it is not one of the three nearest. Whether B is of the belief, and so nearer, differs."""
    ways = {urn: Journey(urn=urn, metres=far, on_belief=False) for urn, far in ((C, 3), (D, 4), (E, 5))}
    ways |= {A: Journey(urn=A, metres=12000, safe_route=True, on_belief=True), B: Journey(urn=B, metres=4000, on_belief=there)}
    found = entitlement(Traveller(9, low_income=True, cannot_walk=False, ways=ways), A, (A, B, C, D, E))
    assert (found.answer, found.missing) == (answer, (f"on_belief to {B}",) if answer is None else ())


def test_a_nearer_setting_of_which_the_rules_could_not_tell_leaves_it_open() -> None:
    ways = {
        A: Journey(urn=A, metres=5000, safe_route=True, on_belief=False),
        B: Journey(urn=B, metres=4000),
        C: Journey(urn=C, metres=6000),
    }
    pupil = Traveller(9, low_income=False, cannot_walk=False, ways=ways)
    found = entitlement(pupil, A, (A,), (B, C))
    assert (found.answer, found.missing, found.nearer) == (None, (f"what the rules ask of a way to {B}",), ())
    assert entitlement(pupil, A, (A,), (C,)).answer is True, "one that is further changes nothing"


def test_what_is_not_recorded_leaves_it_open_and_is_named() -> None:
    assert asked(1000, safe_route=None).missing == (f"safe_route to {A}",)
    assert asked(1000, cannot=None).missing == ("cannot_walk",)
    assert asked(4000, low=None).missing == ("low_income",)
    assert asked(4000, low=True, others={B: 1, C: 2, D: None}).missing == (f"metres to {D}",), "it may be nearer too, or not"
    assert asked(1000, low=None).answer is False, "within 2 miles no income entitles"


def test_what_the_authority_said_itself_stands() -> None:
    assert asked(100, transport_entitled=True).by == ("the authority's own word",)
    assert asked(9000, transport_entitled=False).answer is False


@given(
    metres=st.one_of(st.none(), st.integers(0, 30000)),
    others=st.dictionaries(st.sampled_from([B, C, D, E]), st.one_of(st.none(), st.integers(0, 30000))),
    year=st.integers(0, 11),
    low=st.sampled_from([None, True, False]),
    cannot=st.sampled_from([None, True, False]),
    safe=st.sampled_from([None, True, False]),
    belief=st.sampled_from([None, True, False]),
)
def test_learning_more_never_takes_an_answer_back(
    metres: int | None,
    others: dict[str, int | None],
    year: int,
    low: bool | None,
    cannot: bool | None,
    safe: bool | None,
    belief: bool | None,
) -> None:
    """An answer with something unknown is the answer whatever the unknown turns out to be."""
    before = asked(metres, others=others, year=year, low=low, cannot=cannot, safe_route=safe, on_belief=belief)
    if before.answer is None:
        assert before.missing
        return
    for learnt in (True, False):
        after = asked(
            7000 if metres is None else metres,
            others={urn: 6000 if far is None else far for urn, far in others.items()},
            year=year,
            low=learnt if low is None else low,
            cannot=learnt if cannot is None else cannot,
            safe_route=learnt if safe is None else safe,
            on_belief=learnt if belief is None else belief,
        )
        assert after.answer in (before.answer, None), (before, after)
