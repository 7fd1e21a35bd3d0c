"""A rulebook put to rows: outcomes, derived facts, room, scope, and what is missing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any as Anything
from typing import Final

import pytest

from rules.book import Authority, Count, Derived, Limit, Rule, Rulebook, Span
from rules.errors import RulebookError
from rules.evaluate import Evaluation
from rules.facts import BY_NAME, FACTS, Fact, Value, count_facts
from rules.finding import Finding, Outcome, RuleKind
from rules.grammar import may_be_unknown, parse_condition, parse_either, parse_sum
from rules.terms import Sum

AUTHORITY: Final = Authority("Partnership agreement")
LOAD: Final = count_facts([("load", "year_group"), ("taken", "school")])


class Book:
    """A rulebook written a line at a time."""

    def __init__(self) -> None:
        self.facts: dict[str, Fact] = {**BY_NAME, **{fact.name: fact for fact in LOAD}}
        self.derived: list[Derived] = []
        self.rules: list[Rule] = []
        self.limits: list[Limit] = []
        self.counts: list[Count] = []

    def derive(self, name: str, text: str) -> Book:
        term = parse_either(text, self.facts, {})
        fact = Fact(
            name=name,
            type="number" if isinstance(term, Sum) else "yes/no",
            meaning=text,
            low=-10_000,
            high=10_000,
            optional=may_be_unknown(term),
        )
        self.derived.append(Derived(name, fact, term, text, "made up", 1))
        self.facts[name] = fact
        return self

    def rule(self, kind: RuleKind, name: str, text: str, **more: Anything) -> Book:
        condition = parse_condition(text, self.facts, {})
        self.rules.append(Rule(id=name, kind=kind, condition=condition, authority=AUTHORITY, book="made up", line=1, **more))
        return self

    def limit(self, name: str, text: str, **more: Anything) -> Book:
        room = parse_sum(text, self.facts, {})
        self.limits.append(
            Limit(id=name, room=room, room_text=text, authority=AUTHORITY, book="made up", line=1, **{"per": "year_group", **more})
        )
        return self

    def count(self, name: str, where: str | None) -> Book:
        condition = None if where is None else parse_condition(where, self.facts, {})
        self.counts.append(Count(id=name, of=("placements",), where=condition, over=Span("for_ever"), book="made up", line=1))
        return self

    def made(self) -> Rulebook:
        def of(kind: RuleKind) -> tuple[Rule, ...]:
            return tuple(rule for rule in self.rules if rule.kind == kind)

        return Rulebook(
            name="made up",
            title="",
            edition=dt.date(2026, 9, 1),
            layers=(),
            authority=AUTHORITY,
            facts=self.facts,
            derived=tuple(self.derived),
            tariff=of("tariff"),
            counts=tuple(self.counts),
            limits=tuple(self.limits),
            holds=of("hold"),
            bars=of("bar"),
            charges=of("charge"),
            tiers=of("tier"),
            notices=of("notice"),
        )

    def evaluation(self) -> Evaluation:
        return Evaluation(self.made())


def usual(*families: str, unknown: Sequence[str] = (), **given: Value) -> dict[str, Value]:
    """The usual value of every fact of the families, with others in some places: `school__roll=7`."""
    row = {fact.name: fact.usual for fact in (*FACTS, *LOAD) if fact.family in families and fact.name not in unknown}
    row = {
        name: 0 if name.partition("_")[2] in ("load", "taken") or name.endswith((".load", ".taken")) else value
        for name, value in row.items()
    }
    return {**row, **{name.replace("__", "."): value for name, value in given.items()}}


def pair(*, unknown: Sequence[str] = (), **given: Value) -> dict[str, Value]:
    return usual("referral", "school", "year", "candidate", "panel", unknown=unknown, **given)


def referral(*, unknown: Sequence[str] = (), **given: Value) -> dict[str, Value]:
    return usual("referral", "panel", unknown=unknown, **given)


def ids(findings: Sequence[Finding]) -> list[str]:
    return [finding.rule for finding in findings]


# --- rules ---


def test_a_bar_fires_is_silent_or_cannot_tell() -> None:
    evaluation = Book().rule("bar", "too-far", "candidate.metres > 12000 and not candidate.sibling_here").evaluation()
    assert evaluation.pair(pair(candidate__metres=12001)).outcome("too-far") is Outcome.FIRES
    assert evaluation.pair(pair(candidate__metres=12000)).outcome("too-far") is Outcome.SILENT
    unknown = evaluation.pair(pair(unknown=["candidate.metres"]))
    assert unknown.cannot_tell("bar") == (
        Finding("too-far", "bar", Outcome.CANNOT_TELL, (("candidate.sibling_here", False),), ("candidate.metres",)),
    )
    # A sibling settles it, however far.
    assert evaluation.pair(pair(unknown=["candidate.metres"], candidate__sibling_here=True)).outcome("too-far") is Outcome.SILENT


def test_a_finding_names_what_it_read_in_the_order_of_the_rule() -> None:
    evaluation = Book().rule("bar", "b", "candidate.rank > 3 and candidate.metres > 1 or school.closing").evaluation()
    assert evaluation.pair(pair(unknown=["candidate.rank"], school__closing=True)).fires("bar") == (
        Finding("b", "bar", Outcome.FIRES, (("candidate.metres", 3000), ("school.closing", True))),
    )


def test_findings_stand_by_kind_and_all_are_there_for_the_asking() -> None:
    evaluation = (
        Book()
        .rule("notice", "n", "school.closing")
        .rule("tier", "near", "candidate.nearness == 1")
        .rule("bar", "b1", "school.closing")
        .rule("tier", "anywhere", "true")
        .rule("charge", "bus", "candidate.transport_entitled")
        .rule("bar", "b2", "candidate.is_home_school")
        .limit("cap", "year.pan - year.on_roll")
        .evaluation()
    )
    reading = evaluation.pair(pair(school__closing=True, candidate__nearness=2, unknown=["candidate.transport_entitled"]))
    assert [ids(reading.fires(kind)) for kind in ("bar", "tier", "notice", "charge", "limit", "hold")] == [
        ["b1"],
        ["anywhere"],
        ["n"],
        [],
        [],
        [],
    ]
    assert [list(reading.firing(kind)) for kind in ("bar", "tier", "notice", "charge", "limit", "hold")] == [
        ["b1"],
        ["anywhere"],
        ["n"],
        [],
        [],
        [],
    ]
    assert ids(reading.cannot_tell("charge")) == ["bus"]
    outcomes = "b1 fires, b2 silent, bus cannot tell, near silent, anywhere fires, n fires, cap silent"
    assert ", ".join(f"{finding.rule} {finding.outcome}" for finding in reading.findings) == outcomes
    assert reading.finding("b2") == Finding("b2", "bar", Outcome.SILENT, (("candidate.is_home_school", False),))


def test_scope_is_kind_setting_and_day() -> None:
    evaluation = (
        Book()
        .rule("bar", "kind", "true", applies_to=frozenset({"managed_move", "fair_access"}))
        .rule("bar", "setting", "true", at=frozenset({"mainstream"}))
        .rule("bar", "days", "true", in_force=(dt.date(2026, 10, 1), dt.date(2026, 10, 31)))
        .rule("bar", "until", "true", in_force=(None, dt.date(2026, 10, 31)))
        .rule("bar", "nobody", "true", applies_to=frozenset())
        .rule("bar", "unsure", "school.special_measures", at=frozenset({"pru"}))
        .evaluation()
    )

    def fired(**given: Value) -> list[str]:
        return ids(evaluation.pair(pair(unknown=["school.special_measures"], **given)).fires("bar"))

    assert fired(panel__meets_on=dt.date(2026, 10, 1)) == ["kind", "setting", "days", "until"]
    assert fired(panel__meets_on=dt.date(2026, 10, 31)) == ["kind", "setting", "days", "until"]
    assert fired(panel__meets_on=dt.date(2026, 9, 30)) == ["kind", "setting", "until"]
    assert fired(panel__meets_on=dt.date(2026, 11, 1)) == ["kind", "setting"]
    assert fired(referral__kind="reintegration", school__setting="special", panel__meets_on=dt.date(2027, 1, 1)) == []
    reading = evaluation.pair(pair(unknown=["school.special_measures"]))
    assert [reading.outcome(rule) for rule in ("nobody", "unsure")] == [Outcome.OUT_OF_SCOPE] * 2
    assert ids(evaluation.pair(pair(unknown=["school.special_measures"], school__setting="pru")).cannot_tell("bar")) == ["unsure"]


# --- referrals ---


def test_a_referral_is_asked_holds_and_the_notices_that_need_no_setting() -> None:
    evaluation = (
        Book()
        .derive("referral.agreed", "referral.parent_agrees and referral.home_school_agrees")
        .derive("candidate.far", "candidate.metres > 9000")
        .rule("hold", "agreement", "not referral.agreed")
        .rule("hold", "plan", "referral.ehcp")
        .rule("notice", "looked-after", "referral.looked_after")
        .rule("notice", "agreed", "referral.agreed")
        .rule("notice", "far", "candidate.far")
        .rule("notice", "here", "true", at=frozenset({"mainstream"}))
        .evaluation()
    )
    reading = evaluation.referral(referral(unknown=["referral.ehcp"], referral__parent_agrees=False, referral__looked_after=True))
    assert ids(reading.fires("hold")) == ["agreement"]
    assert reading.cannot_tell("hold") == (Finding("plan", "hold", Outcome.CANNOT_TELL, (), ("referral.ehcp",)),)
    assert ids(reading.fires("notice")) == ["looked-after"]
    assert [finding.rule for finding in reading.findings] == ["agreement", "plan", "looked-after", "agreed"]
    assert reading.facts["referral.agreed"] is False
    assert ids(evaluation.pair(pair(candidate__metres=9001)).fires("notice")) == ["far", "here"]


# --- admissions ---


def test_an_admission_weighs_the_largest_tariff_that_fires_and_is_counted_where_it_belongs() -> None:
    evaluation = (
        Book()
        .rule("tariff", "any", "true", amount=1)
        .rule("tariff", "after-exclusion", "admission.after_exclusion", amount=3)
        .rule("tariff", "year-11", "admission.year_group == 11", amount=2)
        .count("load", None)
        .count("taken", "admission.after_exclusion and not admission.ehcp")
        .evaluation()
    )
    reading = evaluation.admission(usual("admission", admission__after_exclusion=True, admission__year_group=11))
    assert (reading.points, reading.counted, reading.cannot_tell) == (3, frozenset({"load", "taken"}), ())
    assert evaluation.admission(usual("admission", admission__year_group=11)).points == 2
    unsure = evaluation.admission(usual("admission", unknown=["admission.ehcp"], admission__after_exclusion=True))
    assert unsure.counted == {"load"}
    assert unsure.cannot_tell == (
        Finding("taken", "count", Outcome.CANNOT_TELL, (("admission.after_exclusion", True),), ("admission.ehcp",)),
    )
    assert Book().evaluation().admission(usual("admission")).points == 0


def test_a_tariff_has_no_scope() -> None:
    with pytest.raises(RulebookError, match="tariff t: found a scope"):
        Book().rule("tariff", "t", "true", amount=1, in_force=(None, dt.date(2026, 9, 1))).evaluation()


# --- limits ---


def test_room_is_told_and_a_limit_fires_where_there_is_none() -> None:
    evaluation = Book().limit("over", "year.pan - year.on_roll + year.pan // 30").evaluation()

    def told(pan: int, on_roll: int) -> tuple[int | None, Outcome]:
        reading = evaluation.pair(pair(year__pan=pan, year__on_roll=on_roll))
        return reading.room["over"], reading.outcome("over")

    assert told(180, 185) == (1, Outcome.SILENT)
    assert told(180, 186) == (0, Outcome.FIRES)
    assert told(180, 190) == (-4, Outcome.FIRES)
    unknown = evaluation.pair(pair(unknown=["year.pan"]))
    assert unknown.room == {"over": None}
    assert unknown.cannot_tell("limit") == (Finding("over", "limit", Outcome.CANNOT_TELL, (("year.on_roll", 170),), ("year.pan",)),)


def test_a_limit_per_year_group_skips_settings_without_year_groups() -> None:
    evaluation = (
        Book()
        .limit("year", "year.pan - year.on_roll")
        .limit("places", "school.places - school.occupied", per="school", at=frozenset({"pru"}))
        .evaluation()
    )
    pru = evaluation.pair(pair(school__setting="pru", unknown=["year.pan", "year.on_roll"]))
    assert (pru.room, pru.outcome("year")) == ({"year": None, "places": 8}, Outcome.OUT_OF_SCOPE)
    grouped = evaluation.pair(pair(school__setting="pru"))
    assert grouped.room == {"year": 10, "places": 8}
    school = evaluation.pair(pair(unknown=["year.pan"]))
    assert (school.room, school.outcome("year"), school.outcome("places")) == (
        {"year": None, "places": None}, Outcome.CANNOT_TELL, Outcome.OUT_OF_SCOPE,
    )  # fmt: skip


def grammar(text: str = "school.selective and not school.closing") -> Evaluation:
    book = Book()
    return book.limit("at-pan", "year.pan - year.on_roll", condition=parse_condition(text, book.facts, {})).evaluation()


def test_a_limit_is_there_only_where_its_condition_holds() -> None:
    def told(*unknown: str, **given: Value) -> tuple[int | None, Outcome, tuple[str, ...]]:
        reading = grammar().pair(pair(unknown=unknown, **{"school__closing": False, "year__pan": 180, "year__on_roll": 180, **given}))
        return reading.room["at-pan"], reading.outcome("at-pan"), reading.finding("at-pan").missing

    assert told(school__selective=True) == (0, Outcome.FIRES, ())
    assert told(school__selective=True, year__on_roll=179) == (1, Outcome.SILENT, ())
    assert told(school__selective=False) == (None, Outcome.OUT_OF_SCOPE, ())
    assert told("school.selective", school__closing=True) == (None, Outcome.OUT_OF_SCOPE, ())


def test_a_limit_of_which_nobody_knows_whether_it_is_there_cannot_be_told() -> None:
    """However much room there would be: two pupils may come who are one too many. What its room lacks is asked for at once."""

    def told(*unknown: str, **given: Value) -> tuple[int | None, Outcome, tuple[str, ...]]:
        reading = grammar().pair(pair(unknown=unknown, **{"school__closing": False, **given}))
        return reading.room["at-pan"], reading.outcome("at-pan"), reading.finding("at-pan").missing

    for on_roll in (0, 180, 190):
        there = told("school.selective", year__pan=180, year__on_roll=on_roll)
        assert there == (None, Outcome.CANNOT_TELL, ("school.selective",))
    assert told("year.pan", school__selective=True) == (None, Outcome.CANNOT_TELL, ("year.pan",))
    assert told("school.selective", "year.pan") == (None, Outcome.CANNOT_TELL, ("school.selective", "year.pan"))
    assert told("year.pan", school__selective=False) == (None, Outcome.OUT_OF_SCOPE, ())


# --- derived facts ---


def levels() -> Evaluation:
    return (
        Book()
        .derive("candidate.over", "year.on_roll - year.pan")
        .derive("candidate.crowded", "candidate.over > 5 or school.closing")
        .derive("candidate.far", "candidate.metres > 9000")
        .derive("candidate.poor", "candidate.crowded and candidate.far")
        .rule("bar", "poor", "candidate.poor and candidate.rank > 1")
        .limit("room", "0 - candidate.over")
        .evaluation()
    )


def test_derived_facts_stand_on_earlier_ones() -> None:
    reading = levels().pair(pair(year__on_roll=190, candidate__metres=9001, candidate__rank=2))
    assert {name: value for name, value in reading.facts.items() if name not in BY_NAME and name.startswith("candidate.")} == {
        "candidate.over": 10, "candidate.crowded": True, "candidate.far": True, "candidate.poor": True,
    }  # fmt: skip
    assert reading.outcome("poor") is Outcome.FIRES
    assert reading.room == {"room": -10}


def test_for_a_derived_fact_that_cannot_be_told_the_facts_behind_it_are_missing() -> None:
    reading = levels().pair(pair(unknown=["year.pan", "candidate.metres"], candidate__rank=2))
    assert not {"candidate.over", "candidate.crowded", "candidate.far", "candidate.poor"} & reading.facts.keys()
    assert reading.cannot_tell("bar") == (
        Finding("poor", "bar", Outcome.CANNOT_TELL, (("candidate.rank", 2),), ("year.pan", "candidate.metres")),
    )
    assert reading.cannot_tell("limit")[0].missing == ("year.pan",)
    # One false part settles it, whatever else is unknown.
    assert levels().pair(pair(unknown=["year.pan"])).facts["candidate.poor"] is False
