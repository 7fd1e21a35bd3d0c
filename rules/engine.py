"""Conditions as clauses, asked of durable-rules in the subset where it is exact; its only importer.

It decides nothing and reads no rulebook. What it hands the library is narrow on purpose: flat facts with exactly the
attributes a ruleset reads, each a bounded whole number, a yes/no or a word; rules that are pure conjunctions of an
attribute with a constant; at most 56 comparisons a ruleset; one fact at a time, asserted, read and retracted. Joins,
`$or`, `$nex`, `$not`, batches, timers, actions, floats and nulls are never generated: there the library is not exact.

    verdict(c) = fires        where a clause of T(c) holds
               = silent       where none does, and everything c needs is known or a clause of F(c) holds
               = cannot tell  otherwise
"""

from __future__ import annotations

import itertools
import json
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from types import ModuleType
from typing import Final

from rules.attributes import Attribute, Clause, Comparison, Linear, Same, needs
from rules.clauses import LONGEST, TooManyClauses, normal_form
from rules.encoding import BLANK, exact, member, worked, working
from rules.errors import EvaluationError
from rules.facts import Fact, Facts
from rules.finding import CANNOT_TELL, FIRES, SILENT
from rules.measure import may_be_unknown, needed, reads
from rules.terms import Condition, Known, Operator, Sum

SIGNS: Final[Mapping[Operator, str]] = {"==": "$eq", "!=": "$neq", "<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte"}
MATCHED: Final = 0
NOT_MATCHED: Final = 1
ALWAYS: Final[Clause] = frozenset()

# The library tells rulesets and states apart by a 32-bit hash of their names: no two of one process share a name.
_NUMBERS: Final = itertools.count(1)


@dataclass(frozen=True, slots=True)
class _Ruleset:
    """`rules`: which condition each rule answers for; `slots`: the attributes it reads; `needs`: their optional facts."""

    handle: int
    head: str
    pick: Callable[[list[str]], tuple[str, ...]]
    rules: Mapping[str, int]
    needs: frozenset[str]


class Engine:
    """Conditions and sums, compiled once; rows are put to them one at a time."""

    def __init__(self, conditions: Sequence[Condition], sums: Sequence[Sum] = ()) -> None:
        """Raises `EvaluationError` where the library is missing or a condition does not fit into its exact subset."""
        self._library = _library()
        self._handles: list[int] = []
        self.close: Callable[[], object] = weakref.finalize(self, _release, self._library, self._handles)
        self._base = bytearray(len(conditions))
        self._needs = [frozenset(fact.name for fact in needed(condition) if fact.optional) for condition in conditions]
        true: list[tuple[int, Clause]] = []
        false: list[tuple[int, Clause]] = []
        for index, condition in enumerate(conditions):
            firing, silencing = _sides(condition)
            if ALWAYS in firing:
                self._base[index] = FIRES
            elif ALWAYS not in silencing:
                true.extend((index, clause) for clause in firing)
                false.extend((index, clause) for clause in silencing)
        self._lay_out((*conditions, *sums), [clause for _, clause in (*true, *false)])
        # Clauses of the same attributes share a ruleset, so that its facts are short. To refute, only rules that an unknown
        # fact touches are asked: nearly every rule is silent, and each that is found so costs a message.
        true.sort(key=lambda entry: self._order(entry[1]))
        false.sort(key=lambda entry: (sorted(self._needs[entry[0]]), self._order(entry[1])))
        self._true, self._false = self._rulesets(true, apart=False), self._rulesets(false, apart=True)
        self._untold = _by_fact(self._needs, {index for index, _ in (*true, *false)})
        self._sums = tuple((frozenset(fact.name for fact in reads(sum_) if fact.optional), working(sum_)) for sum_ in sums)

    def verdicts(self, row: Facts) -> bytes:
        """`SILENT`, `FIRES` or `CANNOT_TELL` for each condition. Raises `EvaluationError` on a row that does not fit."""
        written, missing = self._written(row)
        codes = bytearray(self._base)
        for name in missing:
            for index in self._untold.get(name, ()):
                codes[index] = CANNOT_TELL
        try:
            for ruleset in self._true:
                for index in self._ask(ruleset, written):
                    codes[index] = FIRES
            for ruleset in self._false if missing else ():
                if not ruleset.needs.isdisjoint(missing):
                    for index in self._ask(ruleset, written):
                        if codes[index] == FIRES:
                            raise EvaluationError(f"The rule engine found condition {index} both true and false.")
                        codes[index] = SILENT
        except self._library.error as failure:
            raise EvaluationError(f"The rule engine failed: {failure}. Nothing was decided.") from failure
        return bytes(codes)

    def amounts(self, row: Facts) -> tuple[int | None, ...]:
        """The value of each sum, None where a fact that it reads is unknown."""
        return tuple([exact(work(row)) if known <= row.keys() else None for known, work in self._sums])

    def _lay_out(self, terms: Iterable[Condition | Sum], clauses: Iterable[Clause]) -> None:
        """A slot for every fact that is read, for every companion, and for all that is worked out beforehand."""
        facts = dict.fromkeys(fact for term in terms for fact in reads(term))
        asked: dict[Attribute, None] = dict.fromkeys(facts)
        asked |= dict.fromkeys(Known(fact) for fact in facts if fact.optional)
        asked |= dict.fromkeys(comparison.attribute for clause in clauses for comparison in sorted(clause, key=repr))
        slots = self._slots = {attribute: slot for slot, attribute in enumerate(asked)}
        self._required = tuple((fact.name, slots[fact], member(fact, f"a{slots[fact]}")) for fact in facts if not fact.optional)
        self._optional = tuple(
            (fact.name, slots[fact], member(fact, f"a{slots[fact]}"), slots[known], f'"a{slots[known]}":false')
            for fact, known in ((fact, Known(fact)) for fact in facts if fact.optional)
        )
        # A row is written over what stands where nothing is worked out: every value blank, every companion saying known.
        self._blank = [f'"a{slot}":{_blank(attribute)}' for attribute, slot in slots.items()]
        self._worked = tuple(
            (slot, frozenset(fact.name for fact in needs(attribute)), worked(attribute, f"a{slot}"))
            for attribute, slot in slots.items()
            if isinstance(attribute, Linear | Same)
        )

    def _order(self, clause: Clause) -> list[int]:
        return sorted(self._slots[comparison.attribute] for comparison in clause)

    def _written(self, row: Facts) -> tuple[list[str], list[str]]:
        """The row as JSON members, one a slot, and the names of the facts that are unknown."""
        written = self._blank.copy()
        missing: list[str] = []
        for name, slot, encode in self._required:
            if name not in row:
                raise EvaluationError(f"{name}: found no value; this fact is never unknown.")
            written[slot] = encode(row[name])
        for name, slot, encode, companion, unknown in self._optional:
            if name in row:
                written[slot] = encode(row[name])
            else:
                written[companion] = unknown
                missing.append(name)
        for slot, facts, encode_all in self._worked:
            if not missing or facts.isdisjoint(missing):
                written[slot] = encode_all(row)
        return written, missing

    def _ask(self, ruleset: _Ruleset, written: list[str]) -> list[int]:
        """The conditions whose rules fired for one fact, which is gone again afterwards."""
        library, handle = self._library, ruleset.handle
        fact = ruleset.head + ",".join(ruleset.pick(written)) + "}"
        code, state = library.assert_fact(handle, fact)
        if code == NOT_MATCHED:
            return []
        if code != MATCHED:
            raise EvaluationError(f"The rule engine answered a fact with code {code}; wanted {MATCHED} or {NOT_MATCHED}.")
        fired: dict[str, int] = {}
        started = library.start_action_for_state(handle, state)
        message = started[1] if started else None
        while message is not None:
            rule = message[2 : message.index('"', 2)]
            if rule in fired or rule not in ruleset.rules:
                raise EvaluationError(f"The rule engine fired {rule} {'twice' if rule in fired else 'unasked'}.")
            fired[rule] = ruleset.rules[rule]
            message = library.complete_and_start_action(handle, state)
        library.retract_fact(handle, ruleset.head + '"a":0}')  # found by its id and state alone
        if not fired:
            raise EvaluationError("The rule engine matched a fact and fired nothing.")
        return list(fired.values())

    def _rulesets(self, clauses: Sequence[tuple[int, Clause]], *, apart: bool) -> tuple[_Ruleset, ...]:
        """The clauses in their order, as many to a ruleset as it holds exactly; `apart`: only clauses that need the same facts."""
        made: list[_Ruleset] = []
        chunk: list[tuple[int, Clause]] = []
        for index, clause in clauses:
            size = sum(len(other) for _, other in chunk)
            if chunk and (size + len(clause) > LONGEST or (apart and self._needs[index] != self._needs[chunk[0][0]])):
                made.append(self._ruleset(chunk))
                chunk = []
            chunk.append((index, clause))
        return (*made, self._ruleset(chunk)) if chunk else tuple(made)

    def _ruleset(self, clauses: Sequence[tuple[int, Clause]]) -> _Ruleset:
        name = f"pastoral-{next(_NUMBERS)}"
        rules = {f"r{number}": index for number, (index, _) in enumerate(clauses)}
        slots = sorted({self._slots[comparison.attribute] for _, clause in clauses for comparison in clause})
        text = json.dumps({rule: {"all": [{"m": self._pattern(clause)}]} for rule, (_, clause) in zip(rules, clauses, strict=True)})
        try:
            handle = self._library.create_ruleset(name, text)
        except self._library.error as failure:
            raise EvaluationError(f"The rule engine refused a ruleset: {failure}.") from failure
        self._handles.append(handle)
        optional = frozenset().union(*(self._needs[index] for index, _ in clauses))
        pick = itemgetter(*slots) if len(slots) > 1 else lambda written: (written[slots[0]],)
        return _Ruleset(handle, f'{{"id":"1","sid":"{name}",', pick, rules, optional)

    def _pattern(self, clause: Clause) -> object:
        ordered = sorted(
            clause, key=lambda comparison: (isinstance(comparison.attribute, Known), self._slots[comparison.attribute], repr(comparison))
        )
        comparisons = [self._comparison(comparison) for comparison in ordered]
        return {"$and": comparisons} if len(comparisons) > 1 else comparisons[0]

    def _comparison(self, comparison: Comparison) -> object:
        key = f"a{self._slots[comparison.attribute]}"
        if type(comparison.constant) is int:
            exact(comparison.constant)
        return {key: comparison.constant} if comparison.op == "==" else {SIGNS[comparison.op]: {key: comparison.constant}}


def _sides(condition: Condition) -> tuple[tuple[Clause, ...], tuple[Clause, ...]]:
    """The true side, and the false side where something can be unknown."""
    try:
        sides = normal_form(condition, side=True), normal_form(condition, side=False) if may_be_unknown(condition) else ()
    except TooManyClauses:
        raise EvaluationError("A condition has too many clauses for the rule engine; name a part of it under `derive`.") from None
    if max((len(clause) for side in sides for clause in side), default=0) > LONGEST:
        raise EvaluationError(f"A clause has more than {LONGEST} comparisons; name a part of it under `derive`.")
    return sides


def _by_fact(needs_: Sequence[frozenset[str]], open_: set[int]) -> Mapping[str, tuple[int, ...]]:
    """For each optional fact, the conditions that its absence may leave untold."""
    found: dict[str, list[int]] = {}
    for index in sorted(open_):
        for name in needs_[index]:
            found.setdefault(name, []).append(index)
    return {name: tuple(indexes) for name, indexes in found.items()}


def _blank(attribute: Attribute) -> str:
    match attribute:
        case Fact(type=type_):
            return BLANK[type_]
        case Known():
            return "true"
        case Same():
            return BLANK["yes/no"]
        case Linear():
            return BLANK["number"]


def _library() -> ModuleType:
    try:
        import durable_rules_engine
    except ImportError as failure:
        raise EvaluationError(
            f"The rules cannot be evaluated: durable-rules does not load ({failure}). Build durable-rules 2.0.28 from source, "
            "without pip's cache, with CPPFLAGS=-DPyEval_CallObject=PyObject_CallObject in the environment."
        ) from None
    return durable_rules_engine  # type: ignore[no-any-return]  # the library has no types


def _release(library: ModuleType, handles: list[int]) -> None:
    while handles:
        library.delete_ruleset(handles.pop())
