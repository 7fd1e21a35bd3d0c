"""Whom an `of` names that has kinds and the excluded in one list: whoever is any of them, wherever a book is read."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import pytest

from panel import events as ev
from panel.deciding.decision import Case, Decision, decide
from panel.deciding.opening import freeze
from panel.facts.candidates import MeetingFacts
from panel.placing.placement import place
from panel.state.records import Recorded
from rules.audience import Audience
from rules.book import Rulebook
from rules.coverage import coverage
from rules.differences import differences
from rules.errors import RulebookError
from rules.evaluate import Evaluation
from rules.examples import run_examples
from rules.facts import Value
from rules.finding import Outcome
from rules.phrases import said_audience, scope_of
from rules.reach import reach_of
from rules.remarks import remarks_of
from rules.rulebook import check_text

ON: Final = dt.date(2026, 10, 22)
ASH: Final = "900001"
HEAD: Final = "rulebook: x\nedition: {from: 2026-09-01}\ntitle: t\nauthority: {instrument: i}\n"
WHERE: Final = "where: ['admission.kind == \"reintegration\"', admission.after_exclusion]"
CAP: Final = f"""{HEAD}
counts:
  back_or_excluded: {{of: placements, over: academic_year, {WHERE}}}
limits:
  - id: one-a-year
    per: school
    of: [reintegration, permanently_excluded]
    room: 1 - school.back_or_excluded
    say: "{{school.name}} may take {{room}} more."
    examples:
      - {{name: none yet, given: {{school.back_or_excluded: 0}}, expect: 1}}
      - {{name: one, given: {{school.back_or_excluded: 1}}, expect: 0}}
      - {{name: comes back, given: {{referral.permanently_excluded: false, referral.kind: reintegration}}, expect: 1}}
      - {{name: neither, given: {{referral.permanently_excluded: false}}, expect: out of scope}}
objectives: [place, ticket]
"""


@pytest.mark.parametrize(
    ("audience", "members"),
    [
        (Audience(), "mx m fx f rx r"),
        (Audience(kinds=frozenset({"reintegration"})), "rx r"),
        (Audience(excluded=True), "mx fx rx"),
        (Audience(excluded=False), "m f r"),
        (Audience(kinds=frozenset({"reintegration"}), excluded=True), "mx fx rx r"),
        (Audience(kinds=frozenset({"reintegration", "fair_access"}), excluded=False), "m fx f rx r"),
        (Audience(kinds=frozenset({"reintegration", "fair_access"}), excluded=True, both=True), "fx rx"),
        (Audience(kinds=frozenset({"fair_access"}), excluded=False, both=True), "f"),
    ],
)
def test_whoever_is_any_of_them(audience: Audience, members: str) -> None:
    """By a letter for the kind, and an x for who was excluded."""
    kinds = {"m": "managed_move", "f": "fair_access", "r": "reintegration"}
    found = [f"{letter}{x}" for letter, kind in kinds.items() for x in ("x", "") if audience.has(kind, excluded=bool(x))]
    assert found == members.split()


def test_a_list_reads_the_same_in_any_order() -> None:
    orders = ("[fair_access, permanently_excluded]", "[permanently_excluded, fair_access]")
    one, other = (check_text(f"{HEAD}objectives: [place, {{waiting: {{of: {of}}}}}]", "x") for of in orders)
    assert one.objectives[1].of == other.objectives[1].of == Audience(kinds=frozenset({"fair_access"}), excluded=True)
    assert str(one.objectives[1].of) == "fair_access, permanently_excluded"


def test_its_examples_hold_and_the_usual_pupil_is_one_who_was_excluded() -> None:
    book = check_text(CAP, "x")
    results = run_examples(book)
    assert [result for result in results if not result.ok] == []
    assert coverage(book, results).gaps == ()


@pytest.mark.parametrize(
    ("kind", "excluded", "outcome"),
    [
        ("reintegration", False, Outcome.FIRES),
        ("reintegration", True, Outcome.FIRES),
        ("fair_access", True, Outcome.FIRES),
        ("fair_access", False, Outcome.OUT_OF_SCOPE),
    ],
)
def test_a_limit_is_for_whoever_is_any_of_them(kind: str, excluded: bool, outcome: Outcome) -> None:
    book = check_text(CAP, "x")
    row = {name: fact.usual for name, fact in book.facts.items() if fact.family != "admission"}
    given: dict[str, Value] = {"referral.kind": kind, "referral.permanently_excluded": excluded, "school.back_or_excluded": 1}
    assert Evaluation(book).pair({**row, **given}).outcome("one-a-year") is outcome


def referral(name: str, kind: str, *, excluded: bool = False) -> ev.Event:
    return ev.ReferralMade(
        referral=name, pupil=f"P{name}", referral_kind=kind, permanently_excluded=excluded, year_group=9,  # type: ignore[arg-type]
        home_school="900009", made_on=dt.date(2026, 10, 1), case=ev.ReferralCase(),
    )  # fmt: skip


def decided(book: Rulebook, *events: ev.Event) -> Decision:
    evaluation = Evaluation(book)
    record = [Recorded(n, "", event) for n, event in enumerate(events, start=1)]
    facts = MeetingFacts.frozen(freeze(record, book, evaluation, meeting=1, on=ON, chair="C"), book)
    return decide(Case(facts, "00" * 32, {}), book, evaluate=evaluation, place=place)


def test_they_share_one_room_and_nobody_else_takes_of_it() -> None:
    """One of the two who come back or were excluded has the one place; both of the others are placed."""
    ash = ev.SchoolRecorded(urn=ASH, name="Ash", low_age=11, high_age=16, roll=900)
    pupils = (
        referral("B", "reintegration"),
        referral("X", "fair_access", excluded=True),
        referral("M", "fair_access"),
        referral("N", "fair_access"),
    )
    placing = decided(check_text(CAP, "x"), ash, *pupils).placing
    assert len(placing) == 3
    assert {"M", "N"} < set(placing)


def test_their_turns_are_counted_together() -> None:
    """Elm had a turn by a reintegration, Oak by an excluded pupil, Fir by neither: Fir's turn is the first."""
    schools = [ev.SchoolRecorded(urn=urn, name=urn, low_age=11, high_age=16, roll=900) for urn in ("900001", "900002", "900003")]
    usual: dict[str, Any] = {"on": dt.date(2026, 9, 10), "year_group": 9}
    before = (
        ev.PlacedBefore(pupil="H1", school="900001", referral_kind="reintegration", **usual),
        ev.PlacedBefore(pupil="H2", school="900002", referral_kind="fair_access", permanently_excluded=True, **usual),
        ev.PlacedBefore(pupil="H3", school="900003", referral_kind="fair_access", **usual),
    )
    book = check_text(f"{HEAD}objectives: [place, {{rota: {{of: [reintegration, permanently_excluded]}}}}, ticket]", "x")
    decision = decided(book, *schools, *before, referral("B", "reintegration"))
    assert decision.placing == {"B": "900003"}
    assert decision.objectives(book)[1] == {"name": "rota", "of": "reintegration, permanently_excluded", "value": 1}


COUNTS: Final = f"""
counts:
  both: {{of: placements, over: term, {WHERE}}}
  excluded: {{of: placements, over: term, where: admission.after_exclusion}}
  back: {{of: placements, over: term, where: 'admission.kind == "reintegration"'}}
  moved: {{of: placements, over: term, where: 'admission.kind == "managed_move"'}}
  rest: {{of: placements, over: term, where: 'not (admission.kind == "reintegration" or admission.after_exclusion)'}}
"""
OF: Final = {
    "both": "[reintegration, permanently_excluded]",
    "excluded": "permanently_excluded",
    "back": "[reintegration]",
    "moved": "[managed_move]",
}


@pytest.mark.parametrize(("other", "nests"), [("excluded", True), ("back", True), ("moved", False)])
def test_what_holds_and_what_crosses_it(other: str, nests: bool) -> None:
    """A managed move may follow an exclusion in the past, so that it is one of them or not."""
    quotas = ", ".join(f"{{quota: {{count: {count}, limit: 1, of: {OF[count]}}}}}" for count in ("both", other))
    text = f"{HEAD}{COUNTS}objectives: [place, {quotas}]"
    if nests:
        assert len(check_text(text, "x").objectives) == 4
    else:
        with pytest.raises(RulebookError, match=r"moved .*, which crosses quota of both \(of: reintegration, permanently_excluded\)"):
            check_text(text, "x")


@pytest.mark.parametrize(
    ("count", "of", "agrees"),
    [
        ("both", "[reintegration, permanently_excluded]", True),
        ("both", "[reintegration]", False),
        ("both", "permanently_excluded", False),
        ("both", "[reintegration, fair_access, permanently_excluded]", False),
        ("excluded", "[reintegration, permanently_excluded]", False),
        ("rest", "[managed_move, not_permanently_excluded]", False),
    ],
)
def test_the_count_counts_those_whom_of_names(count: str, of: str, agrees: bool) -> None:
    text = f"{HEAD}{COUNTS}objectives: [place, {{share: {{load: {count}, of: {of}}}}}]"
    if agrees:
        assert check_text(text, "x").objectives[1].count == count
    else:
        with pytest.raises(RulebookError, match=f"while {count} counts"):
            check_text(text, "x")


def test_it_is_said_so_that_nobody_takes_it_for_those_who_are_both() -> None:
    book = check_text(CAP, "x")
    assert said_audience(book.limits[0].of) == "reintegration, and also permanently excluded pupils"
    assert scope_of(book.limits[0]) == "for reintegration, and also permanently excluded pupils"
    (reach,) = [one for one in reach_of(book) if one.id == "one-a-year"]
    assert {"referral.kind", "referral.permanently_excluded"} <= reach.facts.keys()


def test_two_editions_differ_in_it_and_a_remark_writes_it_as_a_list() -> None:
    texts = [f"{HEAD}objectives: [place, {{waiting: {{of: {of}}}}}]" for of in ("[fair_access]", "[fair_access, permanently_excluded]")]
    old, new = (check_text(text, "x") for text in texts)
    assert any("and also permanently excluded pupils" in f"{one.old} {one.new}" for one in differences(old, new))
    ((about, _, said),) = remarks_of(new, [texts[1]])
    assert about == "objective waiting of fair_access, permanently_excluded"
    assert "`place: {of: [fair_access, permanently_excluded]}`" in said
