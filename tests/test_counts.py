"""Counts, each worked out by hand: who took how many over which span."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import pytest

from panel import events as ev
from panel.errors import Refused
from panel.facts.counts import Counts, tally
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
        keeps = case.pop("keeps_place", None)
        made.append(ev.ReferralMade(**name, **{"made_on": day("09-30"), **case}))
        taken.append(ev.DecisionTaken(**meeting, **name, outcome="confirmed", school=school, starts=starts, keeps_place=keeps))
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


def test_history_gives_no_credit_where_nobody_says_who_sent_the_pupil() -> None:
    made = counts(folded(before("H1", "10-08")), "  load: {of: placements, over: for_ever, minus: [own_referrals_placed]}")
    assert {urn: made.of("load", urn) for urn in (ASH, BIRCH, CEDAR)} == {ASH: 0, BIRCH: 0, CEDAR: 1}


def test_history_credits_the_school_that_it_names() -> None:
    sent = folded(before("H1", "10-08", home_school=BIRCH), before("H2", "10-08", home_school=CEDAR, referral_kind="reintegration"))
    made = counts(sent, "  load: {of: placements, over: for_ever, minus: [own_referrals_placed]}")
    assert {urn: made.of("load", urn) for urn in (ASH, BIRCH, CEDAR)} == {
        ASH: 0,
        BIRCH: -1,
        CEDAR: 2,
    }  # a return to itself is sent by nobody


def test_a_count_of_those_whom_a_school_sent() -> None:
    """One of each kind from Birch, one of its own that comes back to it, one before the ledger, and one that broke down."""
    state = folded(
        *placed({"year_group": 10}, {"referral_kind": "fair_access"}, {"home_school": CEDAR}), before("H1", "10-08", home_school=BIRCH),
        before("H2", "10-08", home_school=BIRCH, outcome="broken_down"), outside("Q1", "10-08"),
    )  # fmt: skip
    made = counts(
        state,
        "  sent: {of: own_referrals_placed, over: academic_year}\n"
        '  moved: {of: own_referrals_placed, over: academic_year, where: admission.kind == "managed_move", broken_down: drop}\n'
        "  years: {of: own_referrals_placed, over: academic_year, per: year_group}",
    )
    assert {urn: (made.of("sent", urn), made.of("moved", urn)) for urn in (ASH, BIRCH, CEDAR)} == {
        ASH: (0, 0),
        BIRCH: (4, 2),
        CEDAR: (0, 0),
    }
    assert [made.of("years", BIRCH, year) for year in (9, 10)] == [3, 1]


def test_a_decision_that_the_school_refused_counts_nothing() -> None:
    refused = ev.SchoolRefused(referral="R1", pupil="P1", school=CEDAR, on=day("10-20"))
    made = counts(folded(*placed({}), refused), "  load: {of: placements, over: for_ever, minus: [own_referrals_placed]}")
    assert (made.of("load", CEDAR), made.of("load", BIRCH)) == (0, 0)


def test_what_cannot_be_told_is_named_and_nothing_counted() -> None:
    state = folded(outside("H1", "10-09"), outside("H2", "10-09", case=ev.AdmissionCase(ehcp=True)), outside("H3", "10-10"))
    with pytest.raises(Refused) as caught:
        counts(state, "  plans: {of: outside_admissions, over: for_ever, where: admission.ehcp}")
    (fault,) = caught.value.faults
    assert (fault.file, fault.found) == ("2 admissions outside the panel", "nothing for admission.ehcp")
    seqs = {one.pupil: one.entry for one in state.admissions}
    assert (
        f"`pastoral correct --entry N --set ehcp=VALUE --reason TEXT`, N being each of {seqs['H1']} (H1), {seqs['H3']} (H3))"
        in fault.advice
    )
    known = "  plans: {of: outside_admissions, over: for_ever, where: admission.ehcp is known and admission.ehcp}"
    assert counts(state, known).of("plans", CEDAR) == 1


def test_what_cannot_be_told_outside_the_span_does_not_matter() -> None:
    state = folded(outside("H1", "08-31"), outside("H2", "10-09", case=ev.AdmissionCase(ehcp=True)))
    assert counts(state, "  plans: {of: outside_admissions, over: academic_year, where: admission.ehcp}").of("plans", CEDAR) == 1


def test_what_cannot_be_told_of_whom_the_count_is_not_of_does_not_matter() -> None:
    state = folded(outside("H1", "10-09"), before("H2", "10-09", case=ev.PlacedBeforeCase(persistent_disruptive_behaviour=True)))
    plain = "  hard: {of: placements, over: academic_year, where: admission.persistent_disruptive_behaviour}"
    assert counts(state, plain).of("hard", CEDAR) == 1
    with pytest.raises(Refused):
        counts(state, plain.replace("of: placements", "of: [placements, outside_admissions]"))


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
