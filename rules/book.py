"""A rulebook in force, as frozen records: what the evaluations and the panel read of it.

It is made by `rulebook.py` and checks nothing itself. A `Rulebook` is one edition of a line together with the editions
of the lines it extends that are in force on the same day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from rules.accounts import AS_USUAL, Money
from rules.audience import EVERYBODY, Audience
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
    begins with: the first day there, the day on which the placement is permanent, or the exclusion, whether anybody is placed or not.
    `travel`: it is what the decision recorded that the journey costs, and no amount of the book's."""

    from_: Literal["sending_school", "authority", "fund"] = "sending_school"
    to: Literal["receiving_school", "sending_school", "authority", "fund"] = "receiving_school"
    once: bool = False
    after: Length | None = None
    begins: Literal["first_day", "permanent", "exclusion"] = "first_day"
    travel: bool = False


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
    of: Audience = EVERYBODY
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
    """How far back a count looks: the academic year of the meeting, or so many up to that one, its term, so many weeks before it, for
    ever; or only at present."""

    kind: Literal["academic_year", "academic_years", "term", "weeks", "for_ever", "at_present"]
    weeks: int = 0
    years: int = 0


@dataclass(frozen=True, slots=True)
class Fate:
    """Whether a count, or turns, drop a placement that is over; with `within` only one that lasted no longer than that."""

    drop: bool = False
    within: Length | None = None


KEPT: Final = Fate()


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A question to the ledger, per school or per school and year group. `where` reads `admission.*` only.

    Pupils whom the panel placed elsewhere for a school are taken off its count (`minus`: a credit) or added to it
    (`plus`: a debit), if either. `broken_down` is what becomes of a placement that broke down or ended in a return, `left` of one that
    ended because the pupil left.
    """

    id: str
    of: tuple[Literal["placements", "outside_admissions", "own_referrals", "own_referrals_placed"], ...]
    where: Condition | None = None
    where_text: tuple[str, ...] = ()
    over: Span
    per: Literal["school", "year_group"] = "school"
    minus: tuple[Literal["own_referrals_placed"], ...] = ()
    plus: tuple[Literal["own_referrals_placed"], ...] = ()
    broken_down: Fate = Fate()
    left: Fate = Fate()
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
    """One objective, in the book's order. `part`: what a quota, a share or turns count at, a setting or each year group of it.

    `limit`, `start` and `listed` are sums of facts of the setting, the year group and the panel, mostly one whole number, as `unranked` is.
    """

    name: ObjectiveName
    of: Audience = EVERYBODY
    count: str = ""  # quota: the count; share: the load; `on_roll` for the roll of the year group
    part: Literal["school", "year_group"] = "school"
    limit: Sum = NONE  # quota
    limit_text: str = field(default="", compare=False)
    beyond: Literal["level", "free"] = "level"  # quota
    per: Literal["roll", "pan", "weight", "equal"] = "roll"  # share
    start: Sum = NONE  # share: what is there before anything is counted
    start_text: str = field(default="", compare=False)
    listed: Sum = NONE  # rota: where a school stands on the list as long as claims are equal, the smallest number first
    listed_text: str = field(default="", compare=False)
    broken_down: Fate = KEPT  # rota, longest_ago: whether a placement that broke down was a turn
    left: Fate = KEPT  # the same of one that the pupil left
    unranked: int = 0  # preference
    by: tuple[Measure, ...] = ()  # case_by_case: what is asked of one case after the other
    first: str = ""  # case_by_case: the fact of the case whose largest value comes first; else the earliest day does
    days: str = ""  # waiting: the fact of the case that says how much it weighs; else the school days that it has waited

    @property
    def measures(self) -> tuple[str, ...]:
        """What it weighs of each pupil, by the names of objectives: itself, or what it asks case by case."""
        return self.by or (self.name,)

    @property
    def level(self) -> Sum:
        """What a quota holds its count against, what a share adds to it, or what a rota lists schools by."""
        return {"share": self.start, "rota": self.listed}.get(self.name, self.limit)

    @property
    def starts(self) -> bool:
        """Whether it is a share that starts from more, or less, than what is counted."""
        return self.start != NONE

    @property
    def has_a_list(self) -> bool:
        """Whether it is a rota that says in which order schools stand whose claims are equal."""
        return self.listed != NONE

    @property
    def by_turns(self) -> bool:
        """Whether it looks at when each school had its last turn."""
        return bool({"longest_ago", "rota"} & {*self.measures})

    @property
    def goes_by(self) -> str:
        """The fact of the case by which it weighs or orders pupils, if not by what is usual."""
        return self.days or self.first

    @property
    def of_the_case(self) -> tuple[str, ...]:
        """The facts of the case by which it chooses, weighs or orders pupils, besides those that it always does."""
        return tuple(name for name in (self.of.fact, self.goes_by) if name)

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
    phases: Mapping[str, range] = field(default_factory=dict)  # name -> year groups that are counted together
    offers: Mapping[str, str] = field(default_factory=dict)  # name -> what a school may offer, and a pupil may need
    school_facts: Mapping[str, Fact] = field(default_factory=dict)  # name -> the fact school.NAME, which a file of schools says
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
    money: Money = AS_USUAL
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
