"""One kind of row and all that is asked of it: derived facts level by level, then the rules with their scopes, then room.

It knows neither which rules belong to which kind of row nor what follows from an outcome.

    level of a derived fact = 1 + the highest level that it reads; the facts of the row are level 0
    code of a rule          = its verdict where its scope fires, else out of scope
    code of a limit         = out of scope where its condition is silent; where that fires: fires where room < 1, silent where room >= 1;
                              else cannot tell
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from rules.beforehand import unweighed
from rules.book import ALWAYS, Derived, Rulebook
from rules.both import Both, MakeOpinion
from rules.errors import EvaluationError, Fault, RulebookError
from rules.facts import BY_NAME, POINTS, Facts, Value, names_of
from rules.finding import CANNOT_TELL, FIRES, OUT_OF_SCOPE, SILENT, RuleKind
from rules.measure import reads
from rules.reading import Roster
from rules.rows import Schema
from rules.terms import All, Compare, Condition, Sum, Term

Room = Mapping[str, int | None]
ROOM_TOLD: Final = (FIRES, SILENT)


@dataclass(frozen=True, slots=True)
class Question:
    """A rule as a row is asked it. The scope reads only facts that are never unknown, or asks whether they are known."""

    id: str
    kind: RuleKind
    condition: Condition
    scope: Condition


@dataclass(frozen=True, slots=True)
class RoomQuestion:
    """A limit as a row is asked it."""

    id: str
    room: Sum
    scope: Condition
    condition: Condition = ALWAYS

    @property
    def told(self) -> Term:
        """What can be told where the limit can: whether it is there, and its room, which is itself wherever it is known."""
        return self.room if self.condition == ALWAYS else All((self.condition, Compare("==", self.room, self.room)))


class Table:
    """Questions of one kind of row; `ask` takes one row."""

    def __init__(
        self,
        rulebook: Rulebook,
        families: Sequence[str],
        questions: Sequence[Question],
        limits: Sequence[RoomQuestion] = (),
        *,
        engine: MakeOpinion,
        oracle: MakeOpinion,
    ) -> None:
        """Raises `RulebookError` where a question reads a fact that such rows do not have."""
        derived = derived_within(rulebook, families)
        names = {one.fact.name for one in derived}
        everywhere = {one.fact.name for one in rulebook.derived}
        given = {name: fact for name, fact in rulebook.facts.items() if fact.family in families and name not in everywhere}
        asked = [(f"{question.kind} {question.id}", question.condition, question.scope) for question in questions]
        asked_room = [(f"limit {limit.id}", limit.room, limit.scope) for limit in limits]
        asked_where = [(f"limit {limit.id}", limit.condition, limit.scope) for limit in limits]
        terms = [*(one.term for one in derived), *(term for _, *both in (*asked, *asked_room, *asked_where) for term in both)]
        _refuse_strangers((*asked, *asked_where), asked_room, {*given, *names})
        self._own = everywhere & {*BY_NAME, *(name for count in rulebook.counts for name in names_of(count.id))}
        self._schema = Schema(given.values(), {fact for term in terms for fact in reads(term) if fact.name in given})
        self._levels = tuple((level, _both(level, engine, oracle)) for level in _levels(derived))
        self._scopes = tuple(dict.fromkeys(scope for _, _, scope in (*asked, *asked_room)))
        self._scope_of = tuple(self._scopes.index(scope) for _, _, scope in (*asked, *asked_room))
        self._both = Both(
            [*((name, condition) for name, condition, _ in (*asked, *asked_where)), *(("a scope", scope) for scope in self._scopes)],
            [(name, room) for name, room, _ in asked_room],
            engine=engine,
            oracle=oracle,
        )
        self._limits = tuple(limit.id for limit in limits)
        self._rules = len(asked)
        self._overlays: dict[bytes, int] = {}
        self.roster = Roster(
            (
                *((question.id, question.kind, _names(question.condition)) for question in questions),
                *((limit.id, "limit", tuple(dict.fromkeys(_names(limit.told)))) for limit in limits),
            ),
            (*(question.condition for question in questions), *(limit.told for limit in limits)),
            {POINTS: partial(unweighed, rulebook), **{one.fact.name: one.term for one in derived}},
        )

    def ask(self, facts: Facts) -> tuple[Facts, bytes, Room]:
        """The row with its derived facts, a code for each rule of the roster, and the room that each limit leaves.

        What the book derives under the name of a fact takes its place.
        """
        if self._own:
            facts = {name: value for name, value in facts.items() if name not in self._own}
        self._schema.check(facts)
        row = dict(facts)
        for level, both in self._levels:
            row.update(_told(level, *both.ask(row)))
        verdicts, amounts = self._both.ask(row)
        limits = self._rules + len(self._limits)
        scopes = verdicts[limits:]
        codes = verdicts[: self._rules] + bytes(map(_code, verdicts[self._rules : limits], amounts))
        overlay = self._overlays.get(scopes)
        if overlay is None:
            overlay = self._overlays[scopes] = self._overlay(scopes)
        # Out of scope is both bits of a byte, so laying it over a verdict is one `or` for all the rules at once.
        codes = (int.from_bytes(codes) | overlay).to_bytes(len(codes))
        room = {
            limit: amount if code in ROOM_TOLD else None
            for limit, code, amount in zip(self._limits, codes[self._rules :], amounts, strict=True)
        }
        return row, codes, room

    def _overlay(self, scopes: bytes) -> int:
        if CANNOT_TELL in scopes:
            raise EvaluationError("A rule's scope cannot be told. Nothing was decided.")
        return int.from_bytes(bytes([SILENT if scopes[scope] == FIRES else OUT_OF_SCOPE for scope in self._scope_of]))


def derived_within(rulebook: Rulebook, families: Sequence[str]) -> tuple[Derived, ...]:
    """The derived facts that such a row can settle: those that reach, through whatever they read, only facts of the families."""
    within: dict[str, Derived] = {}
    everywhere = {one.fact.name for one in rulebook.derived}
    for one in rulebook.derived:
        if all(fact.name in within if fact.name in everywhere else fact.family in families for fact in reads(one.term)):
            within[one.fact.name] = one
    return tuple(within.values())


def _levels(derived: Sequence[Derived]) -> list[list[Derived]]:
    height: dict[str, int] = {}
    levels: list[list[Derived]] = []
    for one in derived:
        level = height[one.fact.name] = max((height[fact.name] + 1 for fact in reads(one.term) if fact.name in height), default=0)
        if level == len(levels):
            levels.append([])
        levels[level].append(one)
    # Conditions before sums, as their answers come.
    return [sorted(level, key=lambda one: isinstance(one.term, Sum)) for level in levels]


def _both(level: Sequence[Derived], engine: MakeOpinion, oracle: MakeOpinion) -> Both:
    conditions = [(f"derive {one.id}", one.term) for one in level if not isinstance(one.term, Sum)]
    return Both(conditions, [(f"derive {one.id}", one.term) for one in level if isinstance(one.term, Sum)], engine=engine, oracle=oracle)


def _told(level: Sequence[Derived], verdicts: bytes, amounts: Sequence[int | None]) -> dict[str, Value]:
    answers: list[Value | None] = [None if code == CANNOT_TELL else code == FIRES for code in verdicts]
    return {one.fact.name: answer for one, answer in zip(level, (*answers, *amounts), strict=True) if answer is not None}


def _code(there: int, room: int | None) -> int:
    """The code of a limit in its scope, by the verdict of its condition."""
    if there != FIRES:
        return OUT_OF_SCOPE if there == SILENT else CANNOT_TELL
    return CANNOT_TELL if room is None else FIRES if room < 1 else SILENT


def _names(term: Term) -> tuple[str, ...]:
    return tuple(fact.name for fact in reads(term))


def _refuse_strangers(
    asked: Sequence[tuple[str, Condition, Condition]], asked_room: Sequence[tuple[str, Sum, Condition]], known: set[str]
) -> None:
    faults = [
        Fault(column=name, found=fact, wanted="facts of the rows that such a rule is asked of")
        for name, *terms in (*asked, *asked_room)
        for term in terms
        for fact in _names(term)
        if fact not in known
    ]
    if faults:
        raise RulebookError("Rules read facts that they cannot have.", faults)
