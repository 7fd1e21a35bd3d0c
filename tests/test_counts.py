"""Counts, rolls and places, each worked out by hand: who took how many over which span, and how many are on roll since it was counted."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import pytest

from panel import events as ev
from panel.errors import Refused
from panel.facts.counts import Counts, tally
from panel.facts.rolls import counted_in_another_year, occupied, on_roll, on_roll_who
from panel.state.fold import fold
from panel.state.records import Recorded, State
from rules.evaluate import Evaluation
from rules.rulebook import Shelf

ASH, BIRCH, CEDAR, PRU = "100001", "100002", "100003", "100009"
ON: Final = dt.date(2026, 11, 12)  # a Thursday of the term from 2 November to 18 December
COUNTED: Final = dt.date(2026, 10, 1)
TERMS: Final = (
    ev.TermRecorded(first=dt.date(2026, 9, 3), last=dt.date(2026, 10, 23)),
    ev.TermRecorded(first=dt.date(2026, 11, 2), last=dt.date(2026, 12, 18)),
)


def day(text: str) -> dt.date:
    """`10-15` is 15 October 2026."""
    return dt.date.fromisoformat(f"2026-{text}")


def folded(*events: ev.Event) -> State:
    return fold([Recorded(n, "", event) for n, event in enumerate(events, start=1)], as_of=ON)


def counts(state: State, text: str, *, tariff: str = "") -> Counts:
    """The counts of a book whose `counts:` are this text."""
    head = "rulebook: c\nedition: {from: 2020-09-01}\ntitle: C\nauthority: {instrument: X}\n"
    book = f"{head}{tariff}counts:\n{text}\nobjectives: [place]\n"
    rulebook = Shelf.of([(book, "c.yaml")]).in_force("c", ON)
    return tally(state, rulebook, Evaluation(rulebook).admission, ON)


def before(pupil: str, on: dt.date | str, school: str = CEDAR, **more: Any) -> ev.PlacedBefore:
    fields: dict[str, Any] = {"referral_kind": "managed_move", "year_group": 9, **more}
    return ev.PlacedBefore(pupil=pupil, school=school, on=day(on) if isinstance(on, str) else on, **fields)


def outside(pupil: str, on: str, school: str = CEDAR, **more: Any) -> ev.AdmittedOutside:
    fields: dict[str, Any] = {"year_group": 9, **more}
    return ev.AdmittedOutside(pupil=pupil, school=school, on=day(on), **fields)


def placed(*cases: dict[str, Any]) -> list[ev.Event]:
    """Referrals decided at one meeting on 8 October; each case: school, starts, `began` ("": not yet), and fields of its referral."""
    meeting: dict[str, Any] = {"meeting": 1, "on": day("10-08")}
    opening = ev.MeetingOpened(**meeting, chair="C", agenda=(), agenda_digest="", rulebook="c", edition=day("09-01"), rulebook_digest="")
    made, taken, begun = list[ev.Event](), list[ev.Event](), list[ev.Event]()
    usual = {"referral_kind": "managed_move", "year_group": 9, "home_school": BIRCH, "school": CEDAR, "starts": "10-08"}
    for n, case in enumerate(({**usual, **case} for case in cases), start=1):
        school, began, starts = case.pop("school"), case.pop("began", case["starts"]), day(case.pop("starts"))
        name = {"referral": f"R{n}", "pupil": case.pop("pupil", f"P{n}")}
        made.append(ev.ReferralMade(**name, made_on=day("09-30"), **case))
        taken.append(ev.DecisionTaken(**meeting, **name, outcome="confirmed", school=school, starts=starts))
        begun += [ev.PlacementStarted(**name, on=day(began), school=school)] if began else []
    return [*made, opening, *taken, *begun]


# --- spans ---


@pytest.mark.parametrize(
    ("over", "expected"),
    [
        ("academic_year", 4),  # from 1 September: all but the first two
        ("term", 1),  # 2 November to 18 December: the last but one; the last begins after the term
        ("6 weeks", 3),  # after 1 October
        ("5 weeks", 2),  # after 8 October, so that of 8 October itself no more
        ("for_ever", 6),
    ],
)
def test_a_span(over: str, expected: int) -> None:
    days = (dt.date(2020, 3, 2), dt.date(2026, 8, 31), day("09-01"), day("10-08"), day("11-03"))
    starting = placed({"pupil": "P", "school": CEDAR, "starts": "12-21"})
    state = folded(*TERMS, *(before(f"H{n}", on) for n, on in enumerate(days)), *starting)
    assert counts(state, f"  load: {{of: placements, over: {over}}}").of("load", CEDAR) == expected


def test_a_term_that_is_not_loaded_counts_nothing() -> None:
    assert counts(folded(before("H", "11-03")), "  load: {of: placements, over: term}").of("load", CEDAR) == 0


def test_the_academic_year_is_that_of_the_planned_start() -> None:
    """Decided in October for next September: not this year's load."""
    state = folded(*placed({"starts": "10-08"}), before("H", dt.date(2026, 8, 31)))
    later = state.admissions[-1]
    assert later.on == day("10-08")
    assert counts(state, "  load: {of: placements, over: academic_year}").of("load", CEDAR) == 1


# --- whom ---


def test_placements_and_outside_admissions_are_told_apart() -> None:
    state = folded(before("H1", "10-08"), outside("H2", "10-09"), outside("H3", "10-09"), *placed({}, {"school": ASH}))
    made = counts(
        state,
        "  panel: {of: placements, over: for_ever}\n  other: {of: outside_admissions, over: for_ever}\n"
        "  both: {of: [placements, outside_admissions], over: for_ever}",
    )
    assert [made.of(count, CEDAR) for count in ("panel", "other", "both")] == [2, 2, 4]
    assert [made.of(count, ASH) for count in ("panel", "other", "both")] == [1, 0, 1]
    assert made.of("both", BIRCH) == 0


def test_where_chooses() -> None:
    state = folded(
        before("H1", "10-08", permanently_excluded=True),
        before("H2", "10-08"),
        before("H3", "10-08", permanently_excluded=True, referral_kind="fair_access"),
        outside("H4", "10-08", permanently_excluded=True),
    )
    made = counts(
        state,
        "  excluded: {of: [placements, outside_admissions], over: for_ever, where: admission.after_exclusion}\n"
        '  fair: {of: placements, over: for_ever, where: admission.kind == "fair_access"}',
    )
    assert (made.of("excluded", CEDAR), made.of("fair", CEDAR)) == (3, 1)


def test_each_year_group_has_its_own_count() -> None:
    state = folded(before("H1", "10-08"), before("H2", "10-08", year_group=10), before("H3", "10-08"))
    made = counts(state, "  load: {of: placements, over: for_ever, per: year_group}")
    assert [made.of("load", CEDAR, year) for year in (8, 9, 10)] == [0, 2, 1]


@pytest.mark.parametrize(("word", "expected"), [("keep", 3), ("drop", 1)])
def test_a_placement_that_broke_down_counts_unless_the_book_drops_it(word: str, expected: int) -> None:
    state = folded(
        before("H1", "10-08", outcome="broken_down"), before("H2", "10-08", outcome="returned"), before("H3", "10-08", outcome="permanent")
    )
    assert counts(state, f"  load: {{of: placements, over: for_ever, broken_down: {word}}}").of("load", CEDAR) == expected


@pytest.mark.parametrize(("word", "birch"), [("minus", -2), ("plus", 2)])
def test_own_referrals_placed_elsewhere(word: str, birch: int) -> None:
    """Birch sent two to Cedar and took one back itself, which is nobody's; Cedar excluded the one that Ash took."""
    state = folded(
        *placed({}, {}, {"school": BIRCH}, {"school": ASH, "excluded_by": CEDAR, "home_school": None, "permanently_excluded": True}),
    )
    made = counts(state, f"  load: {{of: placements, over: for_ever, {word}: [own_referrals_placed]}}")
    sign = birch // 2
    assert (made.of("load", BIRCH), made.of("load", CEDAR), made.of("load", ASH)) == (birch + 1, 2 + sign, 1)


def test_own_referrals_are_of_the_same_span_and_kind() -> None:
    state = folded(*placed({"referral_kind": "fair_access"}, {}, {"starts": "12-21"}))
    made = counts(
        state,
        '  fair: {of: placements, over: for_ever, where: admission.kind == "fair_access", minus: [own_referrals_placed]}\n'
        "  term: {of: placements, over: 5 weeks, minus: [own_referrals_placed]}",
    )
    # Fair access: one sent. In the five weeks to 12 November, and planned after it: the one that starts in December.
    assert (made.of("fair", BIRCH), made.of("term", BIRCH)) == (-1, -1)


def test_a_credit_lies_in_the_year_group_of_the_pupil() -> None:
    made = counts(
        folded(*placed({"year_group": 10})), "  load: {of: placements, over: for_ever, per: year_group, minus: [own_referrals_placed]}"
    )
    assert [made.of("load", BIRCH, year) for year in (9, 10)] == [0, -1]


def test_history_gives_no_credit_for_nobody_says_who_sent_the_pupil() -> None:
    made = counts(folded(before("H1", "10-08")), "  load: {of: placements, over: for_ever, minus: [own_referrals_placed]}")
    assert {urn: made.of("load", urn) for urn in (ASH, BIRCH, CEDAR)} == {ASH: 0, BIRCH: 0, CEDAR: 1}


def test_a_decision_that_the_school_refused_counts_nothing() -> None:
    refused = ev.SchoolRefused(referral="R1", pupil="P1", school=CEDAR, on=day("10-20"))
    made = counts(folded(*placed({}), refused), "  load: {of: placements, over: for_ever, minus: [own_referrals_placed]}")
    assert (made.of("load", CEDAR), made.of("load", BIRCH)) == (0, 0)


def test_what_cannot_be_told_is_named_and_nothing_counted() -> None:
    state = folded(outside("H1", "10-09"), outside("H2", "10-09", case=ev.AdmissionCase(ehcp=True)), outside("H3", "10-10"))
    with pytest.raises(Refused) as caught:
        counts(state, "  plans: {of: outside_admissions, over: for_ever, where: admission.ehcp}")
    assert [(fault.file, fault.found) for fault in caught.value.faults] == [
        (f"pupil H1 at {CEDAR} on 2026-10-09", "nothing for admission.ehcp"),
        (f"pupil H3 at {CEDAR} on 2026-10-10", "nothing for admission.ehcp"),
    ]
    known = "  plans: {of: outside_admissions, over: for_ever, where: admission.ehcp is known and admission.ehcp}"
    assert counts(state, known).of("plans", CEDAR) == 1


def test_what_cannot_be_told_outside_the_span_does_not_matter() -> None:
    state = folded(outside("H1", "08-31"), outside("H2", "10-09", case=ev.AdmissionCase(ehcp=True)))
    assert counts(state, "  plans: {of: outside_admissions, over: academic_year, where: admission.ehcp}").of("plans", CEDAR) == 1


# --- rolls ---


def counted(on_roll: int | None = 180, urn: str = CEDAR, as_at: dt.date = COUNTED, **more: Any) -> ev.PlacesRecorded:
    return ev.PlacesRecorded(urn=urn, as_at=as_at, years=(ev.YearPlaces(year_group=9, pan=180, on_roll=on_roll, **more),))


def roll(*events: ev.Event, urn: str = CEDAR) -> int | None:
    return on_roll(folded(*events), urn, 9, ON)


def test_a_roll_is_what_was_counted() -> None:
    assert roll(counted()) == 180
    assert roll(counted(None)) is None
    assert roll() is None
    assert roll(counted(), urn=BIRCH) is None


def test_who_came_since_is_on_roll_and_who_came_before_was_counted() -> None:
    came = [outside("H1", "10-01"), outside("H2", "10-02"), before("H3", "10-02"), before("H4", "10-02", outcome="returned")]
    assert roll(counted(), *came, *placed({"starts": "10-08"}, {"starts": "09-30"})) == 180 + 3


def test_a_decision_that_has_not_reached_the_count_is_added_also_before_the_pupil_starts() -> None:
    assert roll(counted(), *placed({"starts": "12-01"})) == 181


@pytest.mark.parametrize(
    ("began", "there", "home"),
    [
        ("", 181, 180),  # planned for 20 September and not begun by the count of 1 October: to come, and its own place kept
        ("10-01", 180, 180),  # begun by then: counted there, and no longer at home
        ("09-05", 180, 180),  # before it was planned
        ("10-02", 181, 179),  # a day too late to be counted there, and counted at home
    ],
)
def test_a_roll_goes_by_the_day_on_which_a_placement_really_began(began: str, there: int, home: int) -> None:
    events = [counted(), counted(urn=BIRCH), *placed({"starts": "09-20", "began": began})]
    assert (roll(*events), roll(*events, urn=BIRCH)) == (there, home)


def test_who_is_there_and_is_sent_there_again_takes_one_place() -> None:
    direction = {"referral_kind": "off_site_direction", "starts": "09-20"}
    assert roll(counted(), *placed(direction, {"pupil": "P1", "began": ""})) == 180
    assert roll(counted(), *placed(direction, {"pupil": "P1"})) == 180
    assert roll(counted(), *placed(direction | {"began": "10-20"}, {"pupil": "P1", "began": ""})) == 181


def test_another_year_group_is_another_roll() -> None:
    assert roll(counted(), outside("H1", "10-02", year_group=10)) == 180


def test_a_pupil_is_one_pupil() -> None:
    assert roll(counted(), outside("P1", "10-05"), *placed({})) == 181


def test_who_moves_away_leaves_the_home_school() -> None:
    events = [counted(urn=BIRCH), *placed({}, {"starts": "09-30"}, {"year_group": 10}, {"school": BIRCH})]
    # P1 leaves; P2 had left when it was counted; P3 is in year 10; P4 stays where it was.
    assert roll(*events, urn=BIRCH) == 179


def test_off_site_direction_is_on_both_rolls() -> None:
    events = [counted(urn=BIRCH), counted(), *placed({"referral_kind": "off_site_direction"})]
    assert (roll(*events, urn=BIRCH), roll(*events)) == (180, 181)


def test_who_is_excluded_leaves_with_the_exclusion_not_with_the_decision() -> None:
    def excluded(on: str) -> ev.PermanentlyExcluded:
        return ev.PermanentlyExcluded(pupil="P1", school=BIRCH, on=day(on), year_group=9)

    case = {"referral_kind": "permanent_exclusion", "permanently_excluded": True, "excluded_by": BIRCH, "home_school": None}
    assert roll(counted(urn=BIRCH), excluded("10-05"), urn=BIRCH) == 179
    assert roll(counted(urn=BIRCH), excluded("10-05"), *placed(case), urn=BIRCH) == 179
    assert roll(counted(urn=BIRCH), excluded("09-28"), *placed(case), urn=BIRCH) == 180
    assert roll(counted(urn=BIRCH), excluded("09-28"), *placed({**case, "home_school": BIRCH}), urn=BIRCH) == 180


def test_who_was_excluded_elsewhere_leaves_the_home_school_with_the_decision() -> None:
    """Excluded by Ash last year, at Birch since, and now to Cedar."""
    case = {"referral_kind": "fair_access", "permanently_excluded": True, "excluded_by": ASH, "home_school": BIRCH}
    assert roll(counted(urn=BIRCH), *placed(case), urn=BIRCH) == 179


def test_an_exclusion_after_the_meeting_s_day_has_not_happened() -> None:
    later = ev.PermanentlyExcluded(pupil="P9", school=CEDAR, on=ON + dt.timedelta(1), year_group=9)
    state = fold([Recorded(1, "", counted()), Recorded(2, "", later)])
    assert on_roll(state, CEDAR, 9, ON) == 180


def test_no_roll_is_below_nought() -> None:
    assert roll(counted(0, urn=BIRCH), *placed({}), urn=BIRCH) == 0


def test_looked_after_children_and_plans_are_those_counted_and_those_who_came() -> None:
    def who(*events: ev.Event) -> tuple[int | None, int | None]:
        state = folded(*events)
        return on_roll_who(state, CEDAR, 9, "looked_after", ON), on_roll_who(state, CEDAR, 9, "ehcp", ON)

    assert who(counted()) == (None, None)
    assert who(counted(looked_after=2, ehcp=5)) == (2, 5)
    came = outside("H1", "10-02", case=ev.AdmissionCase(looked_after=True, ehcp=False))
    assert who(counted(looked_after=2, ehcp=5), came) == (3, 5)
    assert who(counted(looked_after=2, ehcp=5), came, outside("H2", "10-02", case=ev.AdmissionCase(looked_after=False))) == (3, None)


def test_rolls_of_another_academic_year_are_named() -> None:
    state = folded(counted(), counted(urn=BIRCH, as_at=dt.date(2026, 8, 31)))
    assert counted_in_another_year(state, ON) == (BIRCH,)


# --- places of a setting without year groups ---


def centre(**more: Any) -> ev.SchoolRecorded:
    return ev.SchoolRecorded(urn=PRU, name="Pru", setting="pru", **({"places": 8, "occupied": 5} | more))


def test_places_are_taken_by_decisions_since_and_freed_by_those_who_leave() -> None:
    coming = placed({"school": PRU}, {"school": PRU, "home_school": ASH}, {"home_school": PRU, "referral_kind": "reintegration"}, {})
    assert occupied(folded(centre(), *coming), PRU) == 5 + 2 - 1
    assert occupied(folded(*coming, centre()), PRU) == 5
    assert occupied(folded(centre(occupied=None), *coming), PRU) is None


def test_the_place_in_a_centre_of_a_pupil_who_has_not_begun_elsewhere_is_kept() -> None:
    leaving = {"home_school": PRU, "referral_kind": "reintegration", "began": ""}
    assert occupied(folded(centre(), *placed(leaving)), PRU) == 5
    assert occupied(folded(centre(), *placed({"school": PRU, "began": ""})), PRU) == 6
    assert occupied(folded(*placed({"school": PRU, "began": ""}), centre()), PRU) == 6
    assert occupied(folded(*placed({"school": PRU, "home_school": PRU, "began": ""}), centre()), PRU) == 5


def test_a_centre_recorded_again_for_another_reason_forgets_no_decision() -> None:
    coming = placed({"school": PRU}, {"school": PRU, "home_school": ASH})
    assert occupied(folded(centre(), *coming, centre(head_in_first_term=True)), PRU) == 7
    assert occupied(folded(centre(), *coming, centre(occupied=6)), PRU) == 6
    assert occupied(folded(centre(), *coming, centre(occupied_anew=True), centre(head_in_first_term=True)), PRU) == 5


def test_a_place_that_was_refused_is_free_again() -> None:
    refused = ev.SchoolRefused(referral="R1", pupil="P1", school=PRU, on=day("10-20"))
    assert occupied(folded(centre(), *placed({"school": PRU}), refused), PRU) == 5


# --- points ---

TARIFF: Final = """tariff:
  - id: after-exclusion
    points: 3
    when: admission.after_exclusion
    examples:
      - {name: excluded, given: {admission.after_exclusion: true}, expect: fires}
      - {name: not, given: {admission.after_exclusion: false}, expect: silent}
  - id: panel
    points: 1
    when: admission.by_panel
    examples:
      - {name: the panel, given: {admission.by_panel: true}, expect: fires}
      - {name: not, given: {admission.by_panel: false}, expect: silent}
"""


def test_points_are_those_of_the_largest_line_that_fires_or_what_somebody_else_gave() -> None:
    state = folded(
        before("H1", "10-08", permanently_excluded=True), before("H2", "10-08"), outside("H3", "10-08", points=7), outside("H4", "10-08")
    )
    made = counts(state, "  load: {of: [placements, outside_admissions], over: for_ever, weigh: points}", tariff=TARIFF)
    assert made.of("load", CEDAR) == 3 + 1 + 7 + 0
