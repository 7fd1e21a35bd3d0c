"""What the rules say of one row of facts: a finding a rule, the room that each limit leaves, the points of an admission.

Findings are made when they are asked for; until then a reading is the row and one byte a rule. It evaluates nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from rules.facts import Facts
from rules.finding import CANNOT_TELL, FIRES, OUTCOMES, Finding, Outcome, RuleKind
from rules.lacking import Behind, behind, lacking
from rules.terms import Term


@dataclass(frozen=True)
class Roster:
    """The rules that are put to one kind of row: (id, kind, facts read), those of a kind side by side.

    `terms` are their conditions and sums, in the same order; `derived` those of the derived facts, by name, and of what is worked out
    besides.
    """

    rules: tuple[tuple[str, RuleKind, tuple[str, ...]], ...]
    terms: tuple[Term, ...] = ()
    derived: Mapping[str, Behind] = field(default_factory=dict)

    @cached_property
    def spans(self) -> Mapping[RuleKind, tuple[int, int]]:
        """Where the rules of each kind begin and end."""
        kinds = [kind for _, kind, _ in self.rules]
        return {kind: (kinds.index(kind), kinds.index(kind) + kinds.count(kind)) for kind in dict.fromkeys(kinds)}

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Where each rule stands, by its id."""
        return {rule: place for place, (rule, _, _) in enumerate(self.rules)}

    def finding(self, place: int, code: int, facts: Facts) -> Finding:
        """The finding of the rule at a place; where it cannot tell, with the facts of the row that could settle it."""
        rule, kind, reads = self.rules[place]
        known = tuple([(name, facts[name]) for name in reads if name in facts])
        missing = lacking(self.terms[place], facts, self.derived) if code == CANNOT_TELL else ()
        return Finding(rule, kind, OUTCOMES[code], known, missing)


@dataclass(frozen=True, slots=True)
class Reading:
    """The row with its derived facts, and the verdict on it of every rule of the roster, a byte each."""

    facts: Facts
    codes: bytes
    roster: Roster = field(repr=False)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every rule's finding, in the roster's order; silent and out of scope too."""
        return tuple(self.roster.finding(place, code, self.facts) for place, code in enumerate(self.codes))

    def fires(self, kind: RuleKind) -> tuple[Finding, ...]:
        """The findings of the rules of a kind that fire."""
        return self._of(kind, FIRES)

    def firing(self, kind: RuleKind) -> tuple[str, ...]:
        """The rules of a kind that fire, by their ids alone."""
        start, stop = self.roster.spans.get(kind, (0, 0))
        if self.codes.find(FIRES, start, stop) < 0:
            return ()
        return tuple([self.roster.rules[place][0] for place in range(start, stop) if self.codes[place] == FIRES])

    def cannot_tell(self, kind: RuleKind) -> tuple[Finding, ...]:
        """The findings of the rules of a kind that cannot tell, with what is missing."""
        return self._of(kind, CANNOT_TELL)

    def outcome(self, rule: str) -> Outcome:
        """The outcome of one rule. Raises `KeyError` for a rule that is not put to such rows."""
        return OUTCOMES[self.codes[self.roster.places[rule]]]

    def finding(self, rule: str) -> Finding:
        """The finding of one rule. Raises `KeyError` for a rule that is not put to such rows."""
        place = self.roster.places[rule]
        return self.roster.finding(place, self.codes[place], self.facts)

    def missing(self, name: str) -> tuple[str, ...]:
        """The facts for want of which a fact of the row is unknown: itself, or those behind it where it is worked out."""
        return behind(name, self.facts, self.roster.derived)

    def _of(self, kind: RuleKind, code: int) -> tuple[Finding, ...]:
        start, stop = self.roster.spans.get(kind, (0, 0))
        if self.codes.find(code, start, stop) < 0:
            return ()
        return tuple([self.roster.finding(place, code, self.facts) for place in range(start, stop) if self.codes[place] == code])


@dataclass(frozen=True, slots=True)
class ReferralReading(Reading):
    """Holds, and the notices that read only the referral and the panel."""


@dataclass(frozen=True, slots=True)
class PairReading(Reading):
    """Bars, charges, tiers, limits and the other notices. `room` by limit: pupils, None where unknown or out of scope."""

    room: Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class AdmissionReading:
    """`points`: by the lines of the tariff that fire, `lines`, 0 if none; where it was `given` points, those, whatever the tariff says.

    `counted`: the counts that take the admission in; `cannot_tell`: the tariffs and counts for which a fact is missing; they are left
    out of both.
    """

    points: int
    lines: tuple[str, ...]
    counted: frozenset[str]
    cannot_tell: tuple[Finding, ...]
    given: bool = False

    @property
    def known_points(self) -> int | None:
        """The points; None where a line of the tariff cannot tell."""
        return None if any(finding.kind == "tariff" for finding in self.cannot_tell) else self.points
