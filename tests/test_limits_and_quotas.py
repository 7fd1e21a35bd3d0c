"""Limits of some pupils, quotas that differ by school or by year group, vacancies, and two kept apart: panels worked by hand.

Schools are Ash (900 on roll, or as said) and Elm, 600; every year group has 180 of 180 on roll unless said otherwise; nothing else bars.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import pytest

from panel import events as ev
from panel.answering.explain import Explainer
from panel.commands.explaining import in_full
from panel.deciding.decision import Case, Decision, decide
from panel.deciding.opening import freeze
from panel.deciding.position import position
from panel.facts.candidates import MeetingFacts
from panel.placing.placement import place
from panel.state.records import Recorded
from rules.book import Rulebook
from rules.errors import RulebookError
from rules.evaluate import Evaluation
from rules.rulebook import Shelf, check_text

ON: Final = dt.date(2026, 10, 22)
ASH, ELM = "100001", "100002"
HEAD: Final = "rulebook: hand\nedition: {from: 2026-09-01}\ntitle: By hand\nauthority: {instrument: Nobody}\n"
EXCLUDED: Final = "{of: placements, where: admission.after_exclusion, over: academic_year}"


def book(text: str) -> Rulebook:
    return Shelf.of([(HEAD + text, "hand.yaml")]).in_force("hand", ON)


def school(urn: str, roll: int | None, **years: tuple[int | None, int | None]) -> list[ev.Event]:
    """A school with PAN and roll of some year groups, as `y9=(180, 179)`; 180 and 180 in the others."""
    rows = {9: (180, 180), 10: (180, 180), **{int(year[1:]): row for year, row in years.items()}}
    return [
        ev.SchoolRecorded(urn=urn, name="Ash" if urn == ASH else "Elm", low_age=11, high_age=16, roll=roll),
        ev.PlacesRecorded(
            urn=urn, as_at=dt.date(2026, 9, 15), years=tuple(ev.YearPlaces(year_group=y, pan=p, on_roll=r) for y, (p, r) in rows.items())
        ),
    ]


def taken(urn: str, many: int, year: int = 10) -> list[ev.Event]:
    """Excluded pupils whom a school took by the panel this year."""
    return [
        ev.PlacedBefore(
            pupil=f"H{urn}{year}{n}",
            school=urn,
            on=dt.date(2026, 9, 20),
            referral_kind="fair_access",
            permanently_excluded=True,
            year_group=year,
        )
        for n in range(many)
    ]


def referral(name: str, *, year: int = 9, excluded: bool = False, wishes: tuple[str, ...] = (), **case: Any) -> ev.Event:
    return ev.ReferralMade(
        referral=name,
        pupil=f"P{name}",
        referral_kind="fair_access",
        permanently_excluded=excluded,
        year_group=year,
        home_school=None if excluded else "900009",
        excluded_by="900009" if excluded else None,
        made_on=dt.date(2026, 10, 1),
        case=ev.ReferralCase(preferences=wishes, **case),
    )


def recorded(*events: ev.Event) -> list[Recorded]:
    return [Recorded(n, "", event) for n, event in enumerate(events, start=1)]


def decided(rulebook: Rulebook, *events: ev.Event, **fixed: str) -> Decision:
    evaluation = Evaluation(rulebook)
    opened = freeze(recorded(*events), rulebook, evaluation, meeting=1, on=ON, chair="C")
    facts = MeetingFacts.frozen(opened, rulebook)
    return decide(Case(facts, "00" * 32, fixed), rulebook, evaluate=evaluation, place=place)


def numbers(decision: Decision) -> dict[str, int]:
    """How many go to each school."""
    return {urn: sum(urn == to for to in decision.placing.values()) for urn in sorted(set(decision.placing.values()))}


def value(decision: Decision, rulebook: Rulebook, n: int) -> Any:
    return decision.objectives(rulebook)[n]["value"]


# --- a cap on some pupils ---

CAP = book(f"""
counts:
  excluded_taken: {EXCLUDED}
limits:
  - id: two-a-year
    per: school
    of: permanently_excluded
    room: 2 - school.excluded_taken
    say: "{{school.name}} may take {{room}} more."
    examples:
      - {{name: one, given: {{school.excluded_taken: 1}}, expect: 1}}
      - {{name: two, given: {{school.excluded_taken: 2}}, expect: 0}}
      - {{name: another, given: {{school.excluded_taken: 2, referral.permanently_excluded: false}}, expect: out of scope}}
objectives: [place, preference: {{unranked: 3}}, ticket]
""")


def test_a_cap_on_excluded_pupils_is_no_cap_on_others() -> None:
    """Ash has taken one of two: of three excluded pupils one goes there, of two others both."""
    events = [*school(ASH, 900), *taken(ASH, 1), *(referral(f"X{n}", excluded=True) for n in range(3)), referral("M0"), referral("M1")]
    decision = decided(CAP, *events)
    assert sorted(decision.placing) == ["M0", "M1", next(name for name in decision.placing if name.startswith("X"))]
    assert value(decision, CAP, 0) == 2, "two excluded pupils are left"


def test_a_full_cap_is_no_room_for_those_whom_it_speaks_of() -> None:
    decision = decided(CAP, *school(ASH, 900), *taken(ASH, 2), referral("X", excluded=True), referral("M"))
    assert decision.placing == {"M": ASH}
    told = Explainer(decision, CAP, Evaluation(CAP)).why_not("X", ASH)
    assert (told.verdict, told.bars, told.reasons[0].say) == ("no room", ("two-a-year",), "Ash may take 0 more.")


def test_whom_the_panel_put_there_itself_takes_a_place_under_the_cap() -> None:
    """One place is left; the panel gives it to X0 by its own word, so X1 has none, while M0 is none of its business."""
    decision = decided(CAP, *school(ASH, 900), *taken(ASH, 1), referral("X0", excluded=True), referral("X1", excluded=True), X0=ASH)
    assert decision.placing == {"X0": ASH}
    decision = decided(CAP, *school(ASH, 900), *taken(ASH, 1), referral("X1", excluded=True), referral("M0"), M0=ASH)
    assert decision.placing == {"X1": ASH, "M0": ASH}
    pair = [referral("X0", excluded=True), referral("X1", excluded=True)]
    assert decided(CAP, *school(ASH, 900), *taken(ASH, 1), *pair, X0=ASH, X1=ASH).placing == {"X0": ASH, "X1": ASH}, "a limit set aside"


# --- a quota of each school's own ---

BY_SIZE = book(f"""
counts:
  excluded_taken: {EXCLUDED}
objectives:
  - place
  - quota: {{count: excluded_taken, limit: school.roll // 300, of: permanently_excluded}}
  - preference: {{unranked: 3}}
  - ticket
""")


def test_each_school_has_a_quota_by_its_size() -> None:
    """Ash 900 // 300 = 3, Elm 600 // 300 = 2, one taken at each: room for two and one; the fourth levels the excess somewhere."""
    schools = [*school(ASH, 900), *school(ELM, 600), *taken(ASH, 1), *taken(ELM, 1)]
    decision = decided(BY_SIZE, *schools, *(referral(f"X{n}", excluded=True, wishes=(ELM,)) for n in range(3)))
    assert numbers(decision) == {ASH: 2, ELM: 1}
    assert value(decision, BY_SIZE, 1) == {"excess": 0, "by_school": [0, 0]}
    decision = decided(BY_SIZE, *schools, *(referral(f"X{n}", excluded=True, wishes=(ELM,)) for n in range(5)))
    assert numbers(decision) == {ASH: 3, ELM: 2}
    assert value(decision, BY_SIZE, 1) == {"excess": 2, "by_school": [1, 1]}


def test_a_school_whose_quota_is_unknown_is_closed_to_those_whom_it_counts() -> None:
    decision = decided(BY_SIZE, *school(ASH, None), referral("X", excluded=True), referral("M"))
    assert decision.placing == {"M": ASH}
    assert decision.casework.hearings["X"].verdicts[ASH].unknown == ("school.roll",)
    assert value(decision, BY_SIZE, 1) == {"excess": 0, "by_school": []}


def test_a_quota_below_nought_is_nought() -> None:
    """0 - 900 // 900 = -1 at Ash, 0 at Elm: the first pupil is one too many at either, so the family's wish settles it."""
    rulebook = book(f"""
counts:
  excluded_taken: {EXCLUDED}
objectives:
  - place
  - quota: {{count: excluded_taken, limit: 0 - school.roll // 900, of: permanently_excluded}}
  - preference: {{unranked: 3}}
""")
    decision = decided(rulebook, *school(ASH, 900), *school(ELM, 600), referral("X", excluded=True, wishes=(ASH, ELM)))
    assert decision.placing == {"X": ASH}
    assert value(decision, rulebook, 1) == {"excess": 1, "by_school": [1, 0]}


def test_the_position_shows_what_each_quota_leaves() -> None:
    schools = [*school(ASH, 900), *school(ELM, None), *taken(ASH, 1)]
    ash, elm = position(recorded(*schools), BY_SIZE, Evaluation(BY_SIZE), ON).schools
    assert (ash.quota_left, elm.quota_left) == (2, None)
    assert [(m.taken, m.against, m.left) for m in (*ash.measured, *elm.measured)] == [(1, 3, 2), (0, None, None)]


# --- within a year group ---

BY_YEAR = book(f"""
counts:
  in_year: {EXCLUDED[:-1]}, per: year_group}}
objectives:
  - place
  - quota: {{count: in_year, limit: 1, of: permanently_excluded}}
  - preference: {{unranked: 3}}
  - ticket
""")


def test_a_quota_of_a_year_group_does_not_look_at_the_other() -> None:
    """Two of year 9 and one of year 10, all for Ash: one of each year may go, and the other of year 9 is one too many there."""
    pupils = [referral(name, year=year, excluded=True, wishes=(ASH, ELM)) for name, year in (("A", 9), ("B", 9), ("C", 10))]
    decision = decided(BY_YEAR, *school(ASH, 900), *school(ELM, 600), *pupils)
    assert decision.placing["C"] == ASH
    assert {decision.placing["A"], decision.placing["B"]} == {ASH, ELM}
    assert value(decision, BY_YEAR, 1) == {"excess": 0, "by_school": [0, 0, 0, 0]}, "two schools, two year groups"


def test_what_a_year_group_has_taken_counts_there_alone() -> None:
    """Ash took one in year 10 before: now year 10 goes to Elm and year 9 to Ash. Put to Ash, C would be the second of year 10."""
    pupils = [referral("A", year=9, excluded=True, wishes=(ASH, ELM)), referral("C", year=10, excluded=True, wishes=(ASH, ELM))]
    decision = decided(BY_YEAR, *school(ASH, 900), *school(ELM, 600), *taken(ASH, 1, year=10), *pupils)
    assert decision.placing == {"A": ASH, "C": ELM}
    told = Explainer(decision, BY_YEAR, Evaluation(BY_YEAR)).why_not("C", ASH)
    worse = told.worse
    assert worse is not None
    assert [(c.school, c.part, c.before, c.after) for c in worse.schools] == [(ASH, "year 10", 1, 2), (ELM, "year 10", 1, 0)]
    assert in_full(told, {ASH: "Ash", ELM: "Elm"})[1:3] == ["  Ash, year 10: 1 -> 2, limit 1", "  Elm, year 10: 1 -> 0, limit 1"]


def test_the_position_of_each_year_group() -> None:
    (ash,) = position(recorded(*school(ASH, 900), *taken(ASH, 1)), BY_YEAR, Evaluation(BY_YEAR), ON).schools
    assert ash.quota_left is None, "it has none for the school as a whole"
    assert [(m.year_group, m.taken, m.left) for m in ash.measured] == [(9, 0, 1), (10, 1, 0)]


@pytest.mark.parametrize(
    ("per", "ratios", "goes"),
    [
        ("equal", ["1/1", "1/1"], ELM),
        ("pan", ["1/30", "0/1"], ASH),
        ("roll", ["2/11", "0/1"], ASH),
    ],
)
def test_a_share_of_a_year_group_is_by_its_own_size(per: str, ratios: list[str], goes: str) -> None:
    """Ash: PAN 60, 10 on roll and one taken since; Elm: PAN 10, 4 on roll. The highest with C at Ash, or at Elm:

    equal: 2, or 1. pan: 2/60, or 1/10. roll: 2/11, or 1/4.
    """
    share = f"share: {{load: in_year, per: {per}, of: permanently_excluded}}"
    rulebook = book(f"counts:\n  in_year: {EXCLUDED[:-1]}, per: year_group}}\nobjectives: [place, {share}]\n")
    schools = [*school(ASH, 900, y10=(60, 10)), *school(ELM, 600, y10=(10, 4)), *taken(ASH, 1, year=10)]
    decision = decided(rulebook, *schools, referral("C", year=10, excluded=True))
    assert decision.placing == {"C": goes}
    assert value(decision, rulebook, 1) == ratios


# --- the roll itself ---

VACANCIES = book("""
objectives:
  - place
  - quota: {count: on_roll, limit: year.pan, beyond: free}
  - preference: {unranked: 3}
  - ticket
""")


def test_vacancies_come_first_and_only_then_the_familys_wish() -> None:
    """Elm has one vacancy, Ash none: one of two must go to Elm although both want Ash; the other is over number at either school."""
    pupils = [referral(name, wishes=(ASH, ELM)) for name in ("A", "B")]
    decision = decided(VACANCIES, *school(ASH, 900), *school(ELM, 600, y9=(180, 179)), *pupils)
    assert numbers(decision) == {ASH: 1, ELM: 1}
    assert value(decision, VACANCIES, 1) == {"excess": 1, "by_school": [1, 0]}


@pytest.mark.parametrize(("row", "missing"), [((None, 180), "year.pan"), ((180, None), "year.on_roll")])
def test_an_unknown_roll_or_number_closes_the_school(row: tuple[int | None, int | None], missing: str) -> None:
    decision = decided(VACANCIES, *school(ASH, 900, y9=row), *school(ELM, 600), referral("A", wishes=(ASH,)))
    assert decision.placing == {"A": ELM}
    assert decision.casework.hearings["A"].verdicts[ASH].unknown == (missing,)


def test_a_tier_may_go_by_the_rolls_as_the_meeting_opened() -> None:
    """What the refusal of a crossing roll advises is a book that is sound, and sends the pupil to the vacancy."""
    rulebook = book("""
tiers:
  - id: vacancy
    tier: 1
    when: year.on_roll < year.pan
    examples:
      - {name: one, given: {year.pan: 180, year.on_roll: 179}, expect: fires}
      - {name: none, given: {year.pan: 180, year.on_roll: 180}, expect: silent}
  - {id: any, tier: 2, when: true}
objectives: [place, tier, preference: {unranked: 3}]
""")
    decision = decided(rulebook, *school(ASH, 900), *school(ELM, 600, y9=(180, 179)), referral("A", wishes=(ASH,)))
    assert decision.placing == {"A": ELM}


# --- whom two objectives count ---

COUNTS: Final = """
counts:
  excluded: {of: placements, where: admission.after_exclusion, over: term}
  everybody: {of: placements, over: term}
  excluded_in_year: {of: placements, where: admission.after_exclusion, over: term, per: year_group}
  everybody_in_year: {of: placements, over: term, per: year_group}
  others_in_year: {of: placements, where: not admission.after_exclusion, over: term, per: year_group}
  younger: {of: placements, where: admission.year_group < 10, over: term}
  without_plans: {of: placements, where: not admission.ehcp, over: term}
"""
OF: Final = {
    "excluded": ", of: permanently_excluded",
    "excluded_in_year": ", of: permanently_excluded",
    "others_in_year": ", of: not_permanently_excluded",
}


@pytest.mark.parametrize(
    ("first", "second", "nest"),
    [
        ("everybody", "excluded", True),
        ("everybody", "excluded_in_year", True),
        ("everybody", "everybody_in_year", True),
        ("everybody", "younger", True),
        ("excluded", "excluded_in_year", True),
        ("excluded", "others_in_year", True),
        ("excluded_in_year", "everybody_in_year", True),
        ("excluded_in_year", "others_in_year", True),
        ("younger", "everybody_in_year", True),  # each year group is within the younger, or apart from them
        ("everybody_in_year", "on_roll", True),
        ("everybody", "on_roll", True),
        ("excluded", "on_roll", False),
        ("excluded", "everybody_in_year", False),
        ("excluded", "younger", False),
        ("excluded", "without_plans", False),
        ("without_plans", "excluded_in_year", False),
        ("without_plans", "everybody", True),
    ],
)
def test_two_counts_of_pupils_nest_or_are_refused(first: str, second: str, nest: bool) -> None:
    for one, other in ((first, second), (second, first)):
        quotas = "".join(f"  - quota: {{count: {count}, limit: 2{OF.get(count, '')}}}\n" for count in (one, other))
        text = HEAD + COUNTS + "objectives:\n  - place\n" + quotas
        if nest:
            assert len(check_text(text, "x").objectives) == 4
        else:
            with pytest.raises(RulebookError, match=f"found quota of {other}.* which crosses quota of {one}"):
                check_text(text, "x")
