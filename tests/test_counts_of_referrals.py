"""Counts of the referrals that a school made: how many, over which span, and which number a case has; worked out by hand."""

from __future__ import annotations

from typing import Any, Final

import pytest

from panel import events as ev
from panel.errors import Refused
from panel.facts.counts import Counts
from panel.facts.referral_facts import referral_facts
from panel.state.records import State
from rules.errors import RulebookError
from rules.remarks import remarks_of
from rules.rulebook import Shelf, check_text
from tests.test_counts import ASH, BIRCH, CEDAR, ON, TERMS, counts, day, folded

HEAD: Final = "rulebook: c\nedition: {from: 2020-09-01}\ntitle: C\nauthority: {instrument: X}\n"


def made(name: str, on: str = "11-03", home: str | None = BIRCH, **more: Any) -> ev.ReferralMade:
    fields: dict[str, Any] = {"referral_kind": "managed_move", "year_group": 9, "home_school": home, **more}
    return ev.ReferralMade(referral=name, pupil=f"P{name}", made_on=day(on), **fields)


def of(state: State, more: str = "", over: str = "term") -> Counts:
    return counts(state, f"  brought: {{of: own_referrals, over: {over}{more}}}")


def numbers(state: State, more: str = "", over: str = "term") -> dict[str, object]:
    text = f"  brought: {{of: own_referrals, over: {over}{more}}}"
    rulebook = Shelf.of([(f"{HEAD}counts:\n{text}\nobjectives: [place]\n", "c.yaml")]).in_force("c", ON)
    found = of(state, more, over)
    rows = {name: referral_facts(state, held, rulebook, found, ON) for name, held in state.referrals.items()}
    return {name: row["referral.home_school_brought"] for name, row in rows.items()}


def test_the_cases_of_a_school_have_numbers_in_the_order_of_the_record() -> None:
    """By the record and not by name; each school by itself."""
    state = folded(*TERMS, made("R9"), made("R2", home=CEDAR), made("R1"), made("R5"))
    assert (of(state).of("brought", BIRCH), of(state).of("brought", CEDAR), of(state).of("brought", ASH)) == (3, 1, 0)
    assert numbers(state) == {"R9": 1, "R2": 1, "R1": 2, "R5": 3}


def test_withdrawn_cases_are_left_out_and_the_rest_move_up() -> None:
    state = folded(*TERMS, made("R1"), made("R2"), made("R3"), ev.ReferralWithdrawn(referral="R2", pupil="PR2", on=day("11-10")))
    assert of(state).of("brought", BIRCH) == 2
    assert numbers(state) == {"R1": 1, "R2": 0, "R3": 2}


@pytest.mark.parametrize(
    ("over", "expected"), [("term", 1), ("academic_year", 3), ("6 weeks", 2), ("for_ever", 4)]
)  # 31 August, 1 September, 19 October, 3 November; the meeting is on 12 November
def test_a_referral_counts_by_the_day_on_which_it_was_made(over: str, expected: int) -> None:
    state = folded(*TERMS, made("R1", "08-31"), made("R2", "09-01"), made("R3", "10-19"), made("R4", "11-03"))
    assert of(state, over=over).of("brought", BIRCH) == expected
    assert numbers(state, over=over)["R4"] == expected
    assert numbers(state, over="term")["R3"] == 0  # of the term before: no case of this one


def test_the_school_is_the_one_that_excluded_else_the_home_school() -> None:
    state = folded(
        *TERMS,
        made("R1", home=None, excluded_by=CEDAR, permanently_excluded=True),
        made("R2", excluded_by=CEDAR, permanently_excluded=True),
        made("R3", home=None, no_home_school=True),
    )
    found = of(state)
    assert (found.of("brought", CEDAR), found.of("brought", BIRCH)) == (2, 0)
    assert numbers(state) == {"R1": 1, "R2": 2, "R3": 0}


def test_where_chooses_and_a_case_that_it_leaves_out_has_no_number() -> None:
    state = folded(*TERMS, made("R1"), made("R2", referral_kind="fair_access"), made("R3"))
    assert numbers(state, ', where: admission.kind == "managed_move"') == {"R1": 1, "R2": 0, "R3": 2}
    assert numbers(state, ", where: admission.year_group == 9") == {"R1": 1, "R2": 2, "R3": 3}


def test_what_a_referral_does_not_say_is_not_guessed() -> None:
    with pytest.raises(Refused) as refused:
        of(folded(*TERMS, made("R1")), ", where: admission.attendance < 850")
    assert "pastoral correct R1 --set attendance=VALUE" in str(refused.value)
    said = made("R2", case=ev.ReferralCase(attendance=800, out_of_education_since=day("10-04")))
    assert numbers(folded(*TERMS, said), ", where: admission.attendance < 850") == {"R2": 1}
    assert numbers(folded(*TERMS, said), ", where: admission.days_out_of_education == 30") == {"R2": 1}  # 4 October to 3 November


def test_admissions_do_not_add_to_it_whatever_they_do_not_say() -> None:
    before = ev.PlacedBefore(pupil="P", school=BIRCH, on=day("11-03"), referral_kind="managed_move", year_group=9)
    assert of(folded(*TERMS, before), ", where: admission.attendance < 850").of("brought", BIRCH) == 0


def book(count: str, objectives: str = "[place]", more: str = "") -> str:
    return f"{HEAD}counts:\n  brought: {count}\n{more}objectives: {objectives}\n"


@pytest.mark.parametrize("objective", ["quota: {count: brought, limit: 2}", "share: {load: brought}"])
def test_no_placement_adds_to_it_so_nothing_is_levelled_by_it(objective: str) -> None:
    with pytest.raises(RulebookError) as refused:
        check_text(book("{of: own_referrals, over: term}", f"[place, {{{objective}}}]"), "c.yaml", Shelf.of([]))
    assert "brought, which no placement adds to" in str(refused.value)


@pytest.mark.parametrize(
    ("count", "words"),
    [
        ("{of: [own_referrals, placements], over: term}", "wanted own_referrals by itself"),
        ("{of: own_referrals, over: term, per: year_group}", "found `per` with of: own_referrals"),
        ("{of: own_referrals, over: term, broken_down: drop}", "found `broken_down` with of: own_referrals"),
        ("{of: own_referrals, over: term, left: keep}", "found `left` with of: own_referrals"),
        ("{of: own_referrals, over: term, minus: [own_referrals_placed]}", "found `minus` with of: own_referrals"),
        ("{of: own_referrals, over: at_present}", "found over: at_present with of: own_referrals"),
        ("{of: own_referrals, over: term, where: admission.over_number > 1}", "found admission.over_number with of: own_referrals"),
        ("{of: own_referrals, over: term, where: admission.looked_after}", "found admission.looked_after with of: own_referrals"),
        ("{of: own_referrals, over: term, where: not admission.ehcp}", "`unless: referral.looked_after`"),
        ("{of: placements, over: at_present, broken_down: drop}", "found `broken_down` with over: at_present"),
        ("{of: placements, over: at_present, left: keep}", "found `left` with over: at_present"),
    ],
)
def test_keys_that_mean_nothing_beside_each_other(count: str, words: str) -> None:
    with pytest.raises(RulebookError) as refused:
        check_text(book(count), "c.yaml", Shelf.of([]))
    assert words in str(refused.value)
    assert len(refused.value.faults) == 1


HOLD: Final = """holds:
  - id: two-a-term
    when: referral.home_school_brought > 2
    say: "A school brings two cases a term."
    examples:
      - {name: the third, given: {referral.home_school_brought: 3}, expect: fires}
      - {name: the second, given: {referral.home_school_brought: 2}, expect: silent}
"""


def test_a_hold_by_the_number_of_a_case_is_a_cap_and_nothing_is_remarked_of_it() -> None:
    text = book("{of: own_referrals, over: academic_year}", more=HOLD)
    checked = check_text(text, "c.yaml", Shelf.of([]))
    assert checked.facts["referral.home_school_brought"].optional is False
    assert "hold two-a-term" not in {about for about, _, _ in remarks_of(checked, [text])}
