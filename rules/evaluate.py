"""A rulebook put to rows of facts, by both evaluations, which must agree on every row.

It decides nothing: what follows from a hold, a bar or a limit is the panel's. Three kinds of row are read: an admission
or placement in the record (`admission.*`), a referral (`referral.*`, `panel.*`), and a pair of a referral and a setting
(all but `admission.*`). Derived facts come first, each reading only earlier ones; one that cannot be told is absent.

A rule is out of scope where the kind of referral is not in `applies_to`, the kind of setting not in `at`, or the
meeting's day outside `in_force`. So is a limit where the pupil is not whom its `of` names; a limit per year group also
where there are no year groups: at a setting that is not mainstream and has no known PAN in the pupil's year; and any limit where
its own condition is silent.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from rules.book import Count, Limit, Objective, Rule, Rulebook
from rules.both import MakeOpinion
from rules.engine import Engine
from rules.errors import RulebookError
from rules.facts import BY_NAME, EXACT, POINTS_GIVEN, Fact, Facts
from rules.measure import reads
from rules.oracle import Oracle
from rules.reading import AdmissionReading, PairReading, Reading, ReferralReading
from rules.table import Question, Room, RoomQuestion, Table, derived_within
from rules.terms import All, Always, Among, Any, Compare, Condition, Day, Flag, Known, Not, Read, Text, Whole

__all__ = ["AdmissionReading", "Evaluation", "PairReading", "Reading", "ReferralReading"]

ADMISSION: Final = ("admission",)
CLOCK: Final = ("referral",)
REFERRAL: Final = ("referral", "panel")
PAIR: Final = ("referral", "school", "year", "candidate", "panel")
LEVEL: Final = ("school", "year", "panel")
KIND: Final = BY_NAME["referral.kind"]
EXCLUDED: Final = BY_NAME["referral.permanently_excluded"]
SETTING: Final = BY_NAME["school.setting"]
MEETS_ON: Final = BY_NAME["panel.meets_on"]
PAN: Final = BY_NAME["year.pan"]
YEAR_GROUP: Final = BY_NAME["referral.year_group"]


class Evaluation:
    """Both evaluations of a rulebook. Made once for a book; each method takes one row, in which unknown is absent.

    Each raises `EvaluationError` where a row has a name outside its families, a value that does not fit its fact, or no
    value for a fact that the book reads and that is never unknown; and where the two evaluations differ.
    """

    def __init__(self, rulebook: Rulebook, *, engine: MakeOpinion = Engine, oracle: MakeOpinion = Oracle) -> None:
        """Raises `RulebookError` where a rule reads what its rows do not have, `EvaluationError` where the engine is missing."""
        self._weight = rulebook.weight
        known = {*(one.fact.name for one in derived_within(rulebook, REFERRAL))}
        own = [rule for rule in rulebook.notices if _of_the_referral(rule, known)]
        other = [rule for rule in rulebook.notices if rule not in own]
        admission = [*map(_tariff, rulebook.tariff), *map(_counting, rulebook.counts)]
        referral = [*map(_question, rulebook.holds), *map(_question, own)]
        pair = [*map(_question, rulebook.bars), *map(_question, rulebook.charges), *map(_question, rulebook.tiers), *map(_question, other)]
        limits = [RoomQuestion(limit.id, limit.room, limit_scope(limit, rulebook), limit.condition) for limit in rulebook.limits]
        self._admission = Table(rulebook, ADMISSION, admission, engine=engine, oracle=oracle)
        self._referral = Table(rulebook, REFERRAL, referral, engine=engine, oracle=oracle)
        self._pair = Table(rulebook, PAIR, pair, limits, engine=engine, oracle=oracle)
        self._lowest = {n: {"quota": 0}.get(one.name, -EXACT) for n, one in levelled(rulebook)}
        self._fixed = {n: max(self._lowest[n], one.level.value) for n, one in levelled(rulebook) if isinstance(one.level, Whole)}
        self._levels = functools.cache(lambda: self._level_table(rulebook, engine, oracle))
        self._transfers = functools.cache(lambda: self._transfer_table(rulebook, engine, oracle))  # nor for this
        self._clocks = functools.cache(lambda: self._clock_table(rulebook, engine, oracle))  # no meeting asks for it

    def admission(self, facts: Facts) -> AdmissionReading:
        """The points of an admission, and the counts that take it in. `facts`: admission.*, and the points that it was given, if any."""
        given = facts.get(POINTS_GIVEN)
        row, codes, _ = self._admission.ask({name: value for name, value in facts.items() if name != POINTS_GIVEN})
        reading = Reading(row, codes, self._admission.roster)
        counted, doubts = frozenset(finding.rule for finding in reading.fires("count")), reading.cannot_tell("count")
        if isinstance(given, int):
            return AdmissionReading(given, (), counted, doubts, given=True)
        lines = tuple(finding.rule for finding in reading.fires("tariff"))
        return AdmissionReading(self._weight(lines), lines, counted, (*reading.cannot_tell("tariff"), *doubts))

    def referral(self, facts: Facts) -> ReferralReading:
        """Holds, and the notices that read only the referral and the panel. `facts`: referral.* and panel.*"""
        row, codes, _ = self._referral.ask(facts)
        return ReferralReading(row, codes, self._referral.roster)

    def pair(self, facts: Facts) -> PairReading:
        """Bars, charges, tiers, the other notices and limits. `facts`: every family but admission."""
        row, codes, room = self._pair.ask(facts)
        return PairReading(row, codes, self._pair.roster, room)

    def levels(self, facts: Facts) -> Mapping[int, int | tuple[str, ...]]:
        """The limit of each quota, what each share starts from, and where a rota lists the school, by the place among the objectives;
        or the facts that it lacks.

        `facts`: school.*, year.* and panel.* A limit below 0 is as 0; the others may be below 0.
        """
        table = self._levels()
        if table is None:
            return self._fixed
        row, codes, amounts = table.ask(facts)
        reading = Reading(row, codes, table.roster)
        known = {n: max(self._lowest[n], amount) for n, amount in _numbered(amounts) if amount is not None}
        lacking = {n: reading.finding(str(n)).missing for n, amount in _numbered(amounts) if amount is None}
        return {**self._fixed, **known, **lacking}

    def clocks(self, facts: Facts) -> Reading:
        """Which clocks run for a referral (fires), which do not, and of which that cannot be told. `facts`: referral.*"""
        table = self._clocks()
        row, codes, _ = table.ask(facts)
        return Reading(row, codes, table.roster)

    def transfers(self, facts: Facts) -> Reading:
        """Which transfers follow a placement (fires), which do not, and of which that cannot be told. `facts`: admission.*"""
        table = self._transfers()
        row, codes, _ = table.ask(facts)
        return Reading(row, codes, table.roster)

    @staticmethod
    def _transfer_table(rulebook: Rulebook, engine: MakeOpinion, oracle: MakeOpinion) -> Table:
        return Table(rulebook, ADMISSION, [_question(rule) for rule in rulebook.transfers], engine=engine, oracle=oracle)

    @staticmethod
    def _level_table(rulebook: Rulebook, engine: MakeOpinion, oracle: MakeOpinion) -> Table | None:
        sums = {n: objective.level for n, objective in levelled(rulebook)}
        asked = [RoomQuestion(str(n), level, Always(value=True)) for n, level in sums.items() if not isinstance(level, Whole)]
        return Table(rulebook, LEVEL, (), asked, engine=engine, oracle=oracle) if asked else None

    @staticmethod
    def _clock_table(rulebook: Rulebook, engine: MakeOpinion, oracle: MakeOpinion) -> Table:
        questions = [_question(clock.rule) for clock in rulebook.clocks]
        return Table(rulebook, CLOCK, questions, engine=engine, oracle=oracle)

    def pairs(self, rows: Iterable[Facts]) -> list[PairReading]:
        """A reading for each row, in their order."""
        return [self.pair(row) for row in rows]


def levelled(rulebook: Rulebook) -> Iterator[tuple[int, Objective]]:
    """The quotas, shares and rotas with a list of a book, with their places among its objectives."""
    return ((n, one) for n, one in enumerate(rulebook.objectives) if one.name in ("quota", "share") or one.has_a_list)


def _numbered(amounts: Room) -> Iterator[tuple[int, int | None]]:
    return ((int(n), amount) for n, amount in amounts.items())


def _question(rule: Rule) -> Question:
    return Question(rule.id, rule.kind, rule.condition, _scope(rule))


def _tariff(rule: Rule) -> Question:
    if (rule.applies_to, rule.at, rule.in_force) != (None, None, None):
        raise RulebookError(
            f"tariff {rule.id}: found a scope; wanted none. An admission is weighed by admission.* alone; test admission.kind in `when`."
        )
    return _question(rule)


def _counting(count: Count) -> Question:
    return Question(count.id, "count", Always(value=True) if count.where is None else count.where, Always(value=True))


def _of_the_referral(rule: Rule, derived: set[str]) -> bool:
    return rule.at is None and all(fact.name in derived or fact.family in REFERRAL for fact in reads(rule.condition))


def _scope(rule: Rule | Limit) -> Condition:
    """Where and when a rule holds, as a condition of its own, so that it never multiplies the rule's clauses."""
    kinds, excluded = (rule.of.kinds, rule.of.excluded) if isinstance(rule, Limit) else (rule.applies_to, None)
    whom: list[Condition] = []
    if kinds is not None:
        whom.append(_one_of(KIND, kinds))
    if excluded is not None:
        whom.append(Flag(EXCLUDED) if excluded else Not(Flag(EXCLUDED)))
    both = isinstance(rule, Limit) and rule.of.both
    parts: list[Condition] = [Any(tuple(whom))] if len(whom) > 1 and not both else whom
    if rule.at is not None:
        parts.append(_one_of(SETTING, rule.at))
    first, last = rule.in_force or (None, None)
    if first is not None:
        parts.append(Compare(">=", Read(MEETS_ON), Day(first)))
    if last is not None:
        parts.append(Compare("<=", Read(MEETS_ON), Day(last)))
    return parts[0] if len(parts) == 1 else All(tuple(parts)) if parts else Always(value=True)


def limit_scope(limit: Limit, rulebook: Rulebook) -> Condition:
    """Whom and where a limit speaks of, but for its own condition."""
    scope = _scope(limit)
    if limit.years is not None:
        year = Read(rulebook.facts.get(YEAR_GROUP.name, YEAR_GROUP))
        scope = All((scope, Compare(">=", year, Whole(limit.years[0])), Compare("<=", year, Whole(limit.years[-1]))))
    if limit.per != "year_group":
        return scope
    return All((scope, Any((Compare("==", Read(SETTING), Text("mainstream")), Known(PAN)))))


def _one_of(fact: Fact, words: frozenset[str]) -> Condition:
    values: tuple[int | str | dt.date, ...] = tuple(sorted(words))
    return Among(fact, values) if values else Always(value=False)
