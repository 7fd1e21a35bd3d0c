"""A rulebook in force, as frozen records: what the evaluations and the panel read of it.

It is made by `rulebook.py` and checks nothing itself. A `Rulebook` is one edition of a line together with the editions
of the lines it extends that are in force on the same day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from rules.facts import YEAR_GROUPS, Fact, Value
from rules.finding import Outcome, RuleKind
from rules.forms import Measure, ObjectiveName
from rules.terms import Always, Condition, Sum, Whole

ON_ROLL: Final = "on_roll"
"""What a quota or a share may count instead of a count of the book: the roll of the year group."""


NONE: Final = Whole(0)
ALWAYS: Final = Always(value=True)


Points = Literal["largest", "added"]
"""Whether an admission has the points of the largest line of the tariff that fires, or of all that fire together."""

Proof = Literal["certificate", "solvers"]
"""By what a placement is proved to be the best."""


@dataclass(frozen=True, slots=True)
class Authority:
    """Where a rule comes from."""

    instrument: str
    paragraph: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """`given` overlays the facts' usual values; `unknown` names facts that are not known here.

    `expect` is an outcome; for a limit the room, for a tariff the outcome.
    """

    name: str
    given: Mapping[str, Value]
    unknown: frozenset[str]
    expect: Outcome | int
    line: int


@dataclass(frozen=True, slots=True)
class Setting:
    """A number, yes/no, word or date that the book names. `choice` leaves it to the local book, within the bounds."""

    id: str
    value: Value
    unit: str
    say: str
    choice: bool = False
    at_least: int | None = None
    at_most: int | None = None
    book: str = ""  # whose value holds


@dataclass(frozen=True, slots=True)
class Flow:
    """Of a transfer: who pays whom; whether it is paid once or is pence a year; how long the placement must stand for it; and what it
    begins with: the first day there, the day on which the placement is permanent, or the exclusion, whether anybody is placed or not."""

    from_: Literal["sending_school", "authority", "fund"] = "sending_school"
    to: Literal["receiving_school", "sending_school", "authority", "fund"] = "receiving_school"
    once: bool = False
    after: Length | None = None
    begins: Literal["first_day", "permanent", "exclusion"] = "first_day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One hold, bar, charge, tier, notice, transfer or tariff line. `condition` is `when` and not any line of `unless`.

    Scope: kinds of referral (`applies_to`), kinds of setting (`at`), days (`in_force`, both ends included); None means all.
    `amount` is pence for a charge or a transfer, the tier for a tier, points for a tariff, else 0.
    """

    id: str
    kind: RuleKind
    condition: Condition
    applies_to: frozenset[str] | None = None
    at: frozenset[str] | None = None
    in_force: tuple[dt.date | None, dt.date | None] | None = None
    waivable: bool = True
    amount: int = 0
    flow: Flow = Flow()  # of a transfer
    say: str = ""
    when_text: tuple[str, ...] = ()
    unless_text: tuple[str, ...] = ()
    authority: Authority
    examples: tuple[Example, ...] = ()
    book: str
    line: int


@dataclass(frozen=True, slots=True)
class Audience:
    """Whose placements an objective or a limit counts: some kinds, the permanently excluded (`excluded` is True) or all others (False).

    Where it names kinds and one of these two, whoever is any of them. `everybody` where `of:` is absent.
    """

    kinds: frozenset[str] | None = None
    excluded: bool | None = None

    def has(self, kind: str, excluded: bool) -> bool:
        """Whether a pupil who comes by this kind is one of them."""
        if self.excluded is None:
            return self.kinds is None or kind in self.kinds
        return excluded is self.excluded or kind in (self.kinds or ())

    def __str__(self) -> str:
        which = {None: (), True: ("permanently_excluded",), False: ("not_permanently_excluded",)}[self.excluded]
        return ", ".join((*sorted(self.kinds or ()), *which)) or "everybody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """Room: how many more pupils of its audience a setting, or one year group of it, may take. Scope as for a rule.

    It has no `applies_to`: whom it speaks of, `of` says and `years`, their year groups; all of them who are placed in one meeting
    share the room. It is there only where `condition` holds, `when` and not any line of `unless`, which a meeting does not change.
    Per `kept_apart_pupils` it is 1, for every two pupils of a meeting who are to be kept apart from each other.
    `weigh`: room is in pupils, or in points; then each takes what the tariff gives to the placement.
    """

    id: str
    per: Literal["year_group", "school", "kept_apart_pupils"]
    of: Audience = Audience()
    years: range | None = None
    room: Sum
    room_text: str
    condition: Condition = ALWAYS
    when_text: tuple[str, ...] = ()
    unless_text: tuple[str, ...] = ()
    weigh: Literal["heads", "points"] = "heads"
    at: frozenset[str] | None = None
    in_force: tuple[dt.date | None, dt.date | None] | None = None
    waivable: bool = True
    say: str = ""
    authority: Authority
    examples: tuple[Example, ...] = ()
    book: str
    line: int


@dataclass(frozen=True, slots=True)
class Span:
    """How far back a count looks: the academic year of the meeting, its term, so many weeks before it, or for ever."""

    kind: Literal["academic_year", "term", "weeks", "for_ever"]
    weeks: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A question to the ledger, per school or per school and year group. `where` reads `admission.*` only.

    Pupils whom the panel placed elsewhere for a school are taken off its count (`minus`: a credit) or added to it
    (`plus`: a debit), if either.
    """

    id: str
    of: tuple[Literal["placements", "outside_admissions"], ...]
    where: Condition | None = None
    where_text: tuple[str, ...] = ()
    over: Span
    per: Literal["school", "year_group"] = "school"
    minus: tuple[Literal["own_referrals_placed"], ...] = ()
    plus: tuple[Literal["own_referrals_placed"], ...] = ()
    broken_down: Literal["keep", "drop"] = "keep"
    weigh: Literal["heads", "points"] = "heads"
    book: str
    line: int


@dataclass(frozen=True, slots=True)
class Derived:
    """A named part of other conditions: a yes/no from a condition, or a whole number from a sum."""

    id: str
    fact: Fact
    term: Condition | Sum
    text: str
    book: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """One objective, in the book's order. `part`: what a quota or a share counts at, a setting or each year group of it.

    `limit` is a sum of facts of the setting, the year group and the panel, mostly one whole number; `unranked` is one.
    """

    name: ObjectiveName
    of: Audience = Audience()
    count: str = ""  # quota: the count; share: the load; `on_roll` for the roll of the year group
    part: Literal["school", "year_group"] = "school"
    limit: Sum = NONE  # quota
    limit_text: str = field(default="", compare=False)
    beyond: Literal["level", "free"] = "level"  # quota
    per: Literal["roll", "pan", "weight", "equal"] = "roll"  # share
    unranked: int = 0  # preference
    by: tuple[Measure, ...] = ()  # case_by_case: what is asked of one case after the other

    @property
    def measures(self) -> tuple[str, ...]:
        """What it weighs of each pupil, by the names of objectives: itself, or what it asks case by case."""
        return self.by or (self.name,)

    @property
    def counted(self) -> str:
        """The fact that a quota or a share starts from."""
        return f"{'year' if self.part == 'year_group' else 'school'}.{self.count}"

    @property
    def levels(self) -> bool:
        """Whether it counts the pupils who are placed at a setting together, so that sets of them must nest."""
        return bool(self.count) or self.name == "rota"

    @property
    def by_a_count(self) -> bool:
        """Whether a count of the book says whom it counts."""
        return bool(self.count) and self.count != ON_ROLL


@dataclass(frozen=True, slots=True)
class Length:
    """A length of time: so many school days, calendar days, or weeks of seven calendar days. `setting` names the number, if one does."""

    many: int
    unit: Literal["school days", "calendar days", "weeks"]
    setting: str = ""

    def __str__(self) -> str:
        return f"{self.many} {self.unit.removesuffix('s') if self.many == 1 else self.unit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """How soon `until` must follow `from_` (`within`), how long it must wait (`not_before`), or both.

    It runs for the referrals for which `rule`, of kind clock, fires: from the first of the events `from_` that happens, to the
    first of the events `until` that happens after it.
    """

    rule: Rule
    from_: tuple[str, ...]
    until: tuple[str, ...]
    within: Length | None = None
    not_before: Length | None = None

    @property
    def id(self) -> str:
        return self.rule.id

    @property
    def run(self) -> str:
        """From what until what, in words."""
        return f"from {' or '.join(self.from_)} until {' or '.join(self.until)}"

    @property
    def settings(self) -> tuple[str, ...]:
        """The settings that its lengths are made of."""
        return tuple(length.setting for length in (self.within, self.not_before) if length is not None and length.setting)


@dataclass(frozen=True, slots=True)
class Category:
    """A category of fair access: `say` is what the top book calls it; it comes from `book`, which calls it `letter`, by `words`."""

    say: str
    book: str
    letter: str
    words: str


@dataclass(frozen=True, slots=True)
class Layer:
    """One edition that a rulebook is made of. `digest` is the hex SHA-256 of its tagged text."""

    name: str
    edition: dt.date
    digest: str


@dataclass(frozen=True, slots=True)
class Fund:
    """How a partnership's fund is shared among the mainstream schools: equally, by roll, by the weight that they agreed, or by need,
    which is a `count` of the book.

    `took_part`: the least part of a financial year's meetings that a school attended to draw on it; None where all may.
    """

    shared: Literal["equally", "roll", "weight", "need"]
    count: str = ""
    took_part: int | Literal["half", "two_thirds", "all"] | None = None


@dataclass(frozen=True, slots=True)
class Money:
    """The financial year, which begins on 1 April or 1 September; by what its rest is counted; the fund, if there is one.

    `levy` is pence that a school pays to the fund or the authority for its first permanent exclusion of the year that stands, its second
    and so on, the last for all that follow. Pupils of the year group `leavers` leave at the end of `leave_in`.
    """

    year: Literal["april", "september"] = "april"
    counted: Literal["days", "weeks"] = "days"
    fund: Fund | None = None
    levy: tuple[int, ...] = ()
    levy_to: Literal["fund", "authority"] = "fund"
    leavers: int | None = None
    leave_in: Literal["july", "august"] = "august"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """What is in force on one day. `layers` from the local book down to the statutory one."""

    name: str
    title: str
    edition: dt.date
    layers: tuple[Layer, ...]
    authority: Authority
    year_groups: range = YEAR_GROUPS
    papers: Mapping[str, str] = field(default_factory=dict)  # name -> what it is
    proof: Proof = "certificate"
    points: Points = "largest"
    settings: Mapping[str, Setting] = field(default_factory=dict)
    tariff: tuple[Rule, ...] = ()
    counts: tuple[Count, ...] = ()
    derived: tuple[Derived, ...] = ()  # in an order in which each reads only earlier ones
    limits: tuple[Limit, ...] = ()
    holds: tuple[Rule, ...] = ()
    bars: tuple[Rule, ...] = ()
    charges: tuple[Rule, ...] = ()
    transfers: tuple[Rule, ...] = ()
    tiers: tuple[Rule, ...] = ()
    notices: tuple[Rule, ...] = ()
    objectives: tuple[Objective, ...] = ()
    meeting: Mapping[str, object] = field(default_factory=dict)
    categories: Mapping[str, Category] = field(default_factory=dict)
    lifecycle: Mapping[str, object] = field(default_factory=dict)
    clocks: tuple[Clock, ...] = ()
    money: Money = Money()
    facts: Mapping[str, Fact] = field(default_factory=dict)  # every fact a rule may name: the closed list, counts, derived

    @property
    def rules(self) -> tuple[Rule | Limit, ...]:
        """Every rule and limit, part after part, and last those that say whom a clock runs for."""
        clocks = (clock.rule for clock in self.clocks)
        closing = (*self.tariff, *self.holds, *self.bars)
        return (*closing, *self.limits, *self.charges, *self.transfers, *self.tiers, *self.notices, *clocks)

    @property
    def heaviest(self) -> int:
        """The most points that an admission may have by the tariff: no admission has more, though perhaps none has as many."""
        return self.weight(line.id for line in self.tariff)

    def weight(self, lines: Iterable[str]) -> int:
        """The points of an admission for which these lines of the tariff fire; 0 for none."""
        fired = frozenset(lines)
        points = [line.amount for line in self.tariff if line.id in fired]
        return sum(points) if self.points == "added" else max(points, default=0)

    @property
    def digest(self) -> str:
        """The digests of all layers, local book first, joined by +."""
        return "+".join(layer.digest for layer in self.layers)
