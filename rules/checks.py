"""What a rulebook may not do, as a list of checks from what a rule reads to what a reader needs.

Each looks at the compiled book alone and yields every fault that it finds. None of them changes anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from rules.audience import Audience
from rules.book import ALWAYS, Count, Derived, Limit, Rule, Rulebook
from rules.counting import SENT
from rules.edition import Edition, nearest
from rules.errors import Fault
from rules.facts import BY_THE_DAY, NEVER_WEIGHED, OF_THE_SENDER, PROCESS_ONLY
from rules.finding import Outcome
from rules.grammar import bounds, clause_count, reads, verdict_of
from rules.offers import process_facts
from rules.phases import rolls_of
from rules.phrases import NOT_WEIGHED, in_the_record
from rules.points import MOST_POINTS
from rules.reach import moved_by_the_meeting, reached, settings_named, terms_of
from rules.rooms import wrongly_placed, wrongly_weighed
from rules.terms import Condition, Sum, Term, Whole

Item = Rule | Limit | Count | Derived

SECTIONS: Final[Mapping[str, str]] = {
    "tariff": "tariff", "hold": "holds", "bar": "bars", "charge": "charges", "tier": "tiers", "notice": "notices", "limit": "limits",
    "transfer": "transfers", "count": "counts", "derive": "derive", "clock": "clocks",
}  # fmt: skip

EVERYWHERE: Final = ("referral", "school", "year", "candidate", "panel")
MAY_READ: Final[Mapping[str, tuple[str, ...]]] = {
    "tariff": ("admission",),
    "transfer": ("admission",),
    "count": ("admission",),
    "hold": ("referral", "panel"),
    "clock": ("referral",),
    "limit": ("school", "year", "panel"),
    "bar": EVERYWHERE,
    "charge": EVERYWHERE,
    "tier": EVERYWHERE,
    "notice": EVERYWHERE,
}
"""The families of facts that are there when a rule of that kind is asked."""

DERIVED_MAY_READ: Final[Mapping[str, tuple[str, ...]]] = {
    "referral": ("referral", "panel"),
    "panel": ("panel",),
    "school": ("school", "panel"),
    "year": ("year", "school", "panel"),
    "candidate": EVERYWHERE,
}

WHY_NOT: Final[Mapping[str, str]] = {
    "hold": "A hold is about the referral, before any school is looked at; about one school write a bar.",
    "limit": "Room is the same for every pupil of a year group, so it reads the setting, the year group and the panel.",
    "tariff": "Points are given to an admission by what is recorded of it.",
    "transfer": "Money follows a placement by what is recorded of it.",
    "count": "A count asks the record, where only admissions are.",
    "clock": "A clock runs between meetings and before any school is chosen, so it is scoped by the referral alone.",
}

KEPT_APART_HERE: Final = "candidate.kept_apart_pupil_here"
MAY_BE_ALWAYS: Final = frozenset({"tier", "tariff", "charge", "transfer", "clock"})
MOST_CLAUSES: Final = 16


@dataclass(frozen=True, slots=True)
class Checked:
    """A compiled book, the files that it is made of by name, and what could not be read in them."""

    rulebook: Rulebook
    editions: Mapping[str, Edition]
    lost: frozenset[str]

    @property
    def rules(self) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.rulebook.rules if isinstance(rule, Rule))

    @property
    def spoken(self) -> tuple[Rule | Limit, ...]:
        """What has examples and a sentence."""
        return (*self.rules, *self.rulebook.limits)

    @property
    def terms(self) -> Iterator[tuple[Item, Term]]:
        """Everything that reads facts, with what it reads them by."""
        book = self.rulebook
        yield from ((count, count.where) for count in book.counts if count.where is not None)
        yield from ((derived, derived.term) for derived in book.derived)
        yield from ((limit, term) for limit in book.limits for term in terms_of(limit))
        yield from ((rule, rule.condition) for rule in self.rules)

    def fault(self, item: Item, *, found: str, wanted: str, advice: str = "") -> Fault:
        label = f"{SECTIONS[kind_of(item)]} {item.id}"
        return Fault(
            file=self.editions[item.book].source, row=item.line, counted="line", column=label, found=found, wanted=wanted, advice=advice
        )


def kind_of(item: Item) -> str:
    """The kind of rule, in the words of a finding."""
    match item:
        case Rule(kind=kind):
            return kind
        case Limit():
            return "limit"
        case Count():
            return "count"
        case Derived():
            return "derive"


def reads_what_is_there(checked: Checked) -> Iterator[Fault]:
    """A rule reads only the families of facts that are known when it is asked."""
    for item, term in checked.terms:
        kind = kind_of(item)
        allowed = DERIVED_MAY_READ[item.fact.family] if isinstance(item, Derived) else MAY_READ[kind]
        year = isinstance(item, Limit) and item.per == "year_group"
        for fact in reads(term):
            if fact.family in allowed and not (fact.family == "year" and isinstance(item, Limit) and not year):
                continue
            if year and fact.name == "referral.year_group":
                continue
            here = f"a derived {item.fact.family} fact" if isinstance(item, Derived) else f"a {kind}"
            there = tuple(family for family in allowed if family != fact.family)  # a limit per school has no year group
            wanted = f"only {' and '.join(f'{family}.*' for family in there)} in {here}"
            if kind == "derive":
                advice = "Name it candidate.*, which may read all of them." if fact.family != "admission" else WHY_NOT["count"]
            else:
                advice = in_the_record(kind, fact.name) + WHY_NOT.get(kind, "Only `tariff` and the `where` of a count look at admissions.")
            yield checked.fault(item, found=fact.name, wanted=wanted, advice=advice)


AS_IT_OPENED: Final = ("year.on_roll", "school.occupied", "year.looked_after", "year.ehcp")
"""Where there is a vacancy and whom a year group has, as it stood when the meeting opened: an order of approach closes nothing."""
OF_A_TIER: Final = f"""A tier may ask how it stood when the meeting opened: {", ".join(AS_IT_OPENED)}. That who has taken \
fewest comes first is an objective: `share` or `quota` by a count, `rota` by turns."""


def bars_nothing_that_moves(checked: Checked) -> Iterator[Fault]:
    """No bar, hold, charge or tier looks at what the meeting changes while it places pupils.

    A hold may ask what the school that sends the pupil has taken or sent before the meeting: it opens and closes no school. A tier
    may ask where there was a vacancy, and whom the year group had.
    """
    moved, rolls = moved_by_the_meeting(checked.rulebook), rolls_of(checked.rulebook.phases)
    for rule in checked.rules:
        if rule.kind in {"bar", "hold", "charge", "tier"}:
            for name, by in reached(checked.rulebook, rule.condition).items():
                if name in moved and not _as_it_opened(rule, name, rolls):
                    found = f"{name}{_by_way_of(by)}, which the meeting itself changes"
                    yield checked.fault(rule, found=found, wanted="facts that stay as they are", advice=_where_it_moves(rule, name))


def _as_it_opened(rule: Rule, name: str, rolls: Collection[str]) -> bool:
    return (rule.kind == "hold" and name.startswith(OF_THE_SENDER)) or (rule.kind == "tier" and name in (*AS_IT_OPENED, *rolls))


def _where_it_moves(rule: Rule, name: str) -> str:
    """Where a fact that the meeting changes may be read instead."""
    if name.startswith(OF_THE_SENDER):
        return "A hold may ask what the home school has taken or sent; no bar, charge or tier may."
    if rule.kind == "tier":
        return OF_A_TIER
    return "Make it one of the `limits`: room is shared by all who are placed in one meeting."


def decides_nothing_by_process(checked: Checked) -> Iterator[Fault]:
    """EHCP, looked-after, category, papers and needs decide how a referral is handled, never which school or how much it weighs."""
    for item, term in checked.terms:
        kind = kind_of(item)
        forbidden = NEVER_WEIGHED if kind == "tariff" else PROCESS_ONLY | process_facts(checked.rulebook)
        if kind not in {"tariff", "bar", "tier", "charge", "limit"}:
            continue
        for name, by in reached(checked.rulebook, term).items():
            if name in forbidden:
                advice = NOT_WEIGHED if kind == "tariff" else "It decides process only: use it in a hold or a notice."
                yield checked.fault(item, found=f"{name}{_by_way_of(by)}", wanted=f"no such fact in a {kind}", advice=advice)


def _by_way_of(by: tuple[str, ...]) -> str:
    return f" (by way of {', '.join(by)})" if by else ""


def keeps_two_apart(checked: Checked) -> Iterator[Fault]:
    """Two pupils who are to be kept apart share one place, whoever they are; a bar sees only those who are there before."""
    limits = [limit for limit in checked.rulebook.limits if limit.per == "kept_apart_pupils"]
    for limit in limits:
        if limit.room != Whole(1):
            advice = "Of two pupils who are to be kept apart one may go there."
            yield checked.fault(limit, found=f"room: {limit.room_text}", wanted="room: 1", advice=advice)
        if limit.years is not None:
            yield checked.fault(
                limit, found="year_groups", wanted="no `year_groups`", advice="It speaks of every two whom the record keeps apart."
            )
        if limit.of != Audience():
            yield checked.fault(
                limit, found=f"of: {limit.of}", wanted="no `of`", advice="It speaks of every two whom the record keeps apart."
            )
    for bar in checked.rulebook.bars:
        if not limits and KEPT_APART_HERE in reached(checked.rulebook, bar.condition):
            yield checked.fault(
                bar,
                found=f"{KEPT_APART_HERE} in a book without such a limit",
                wanted="a limit `per: kept_apart_pupils` besides",
                advice="A bar sees where the other pupil is when the meeting opens, not where the meeting sends both.",
            )


def clocks_stand_still(checked: Checked) -> Iterator[Fault]:
    """A clock runs for a referral or not, whatever day it is asked on."""
    for clock in checked.rulebook.clocks:
        for name, by in reached(checked.rulebook, clock.rule.condition).items():
            if name in BY_THE_DAY or (by and name.startswith("panel.")):
                yield checked.fault(
                    clock.rule,
                    found=f"{name}{_by_way_of(by)}, which changes from day to day",
                    wanted="what is so of the case on any day",
                    advice="A clock counts days itself: say `from`, `until` and `within`.",
                )


def can_fire_and_stay_silent(checked: Checked) -> Iterator[Fault]:
    """No condition is too long, and none can never or always hold; a plain `true` only where that is meant."""
    for item, term in checked.terms:
        if isinstance(item, Limit) and isinstance(term, Sum):
            if bounds(term)[1] < 1:
                yield checked.fault(
                    item, found="room that is never 1 or more", wanted="room that can be there", advice="To close a setting write a bar."
                )
        elif isinstance(item, Rule) or isinstance(term, Condition):
            yield from _fires(checked, item, term)  # type: ignore[arg-type]  # only a limit or a derived number has a sum


def _fires(checked: Checked, item: Item, condition: Condition) -> Iterator[Fault]:
    clauses = clause_count(condition)
    if clauses > MOST_CLAUSES:
        yield checked.fault(
            item, found=f"a condition of {clauses} clauses", wanted=f"at most {MOST_CLAUSES}", advice="Name a part of it under `derive`."
        )
        return
    if (isinstance(item, Rule) and always_on_purpose(item)) or (isinstance(item, Rule | Limit) and changed_above(checked.rulebook, item)):
        return
    verdict = verdict_of(condition)
    if verdict != "can be either":
        word = "fires" if isinstance(item, Rule) else "holds"
        yield checked.fault(
            item,
            found=f"a condition that {verdict} {word}",
            wanted="one that can do either",
            advice="Look at the bounds of the facts and the values of the settings that it compares.",
        )


def always_on_purpose(rule: Rule) -> bool:
    """`when: true` written out: in a tier, a tariff or a charge, or in a rule that its scope keeps silent."""
    scoped = (rule.applies_to, rule.at, rule.in_force) != (None, None, None)
    return rule.when_text == ("true",) and not rule.unless_text and (scoped or rule.kind in MAY_BE_ALWAYS)


def changed_above(rulebook: Rulebook, item: Rule | Limit) -> bool:
    """Whether a book above the rule's own has chosen another value of a setting that it names, itself or by way of derived facts."""
    order = [layer.name for layer in rulebook.layers]
    return any(order.index(setting.book) < order.index(item.book) for setting in settings_named(rulebook, item))


def tiers_end_in_true(checked: Checked) -> Iterator[Fault]:
    """The order of approach reaches every school: its last tier is `when: true`; and the tier objective has tiers."""
    tiers = sorted(checked.rulebook.tiers, key=lambda rule: rule.amount)
    if not tiers or "tiers." in checked.lost:
        return
    last = tiers[-1]
    if last.when_text != ("true",) or last.unless_text or last.applies_to is not None or last.at is not None or last.in_force is not None:
        yield checked.fault(last, found="a last tier that does not always fire", wanted="`when: true` in the tier with the highest number")
    for tier in tiers:
        if tier.amount < 1:
            yield checked.fault(tier, found=f"tier {tier.amount}", wanted="1 or more")


def charges_cost_something(checked: Checked) -> Iterator[Fault]:
    """Pence a year, never below nothing."""
    for charge in (*checked.rulebook.charges, *checked.rulebook.transfers):
        if charge.amount < 0:
            yield checked.fault(charge, found=f"{charge.amount} pence", wanted="0 or more")


def days_in_order(checked: Checked) -> Iterator[Fault]:
    """A rule is in force from a day until a later one."""
    for item in checked.spoken:
        first, last = item.in_force or (None, None)
        if first and last and last < first:
            yield checked.fault(item, found=f"in force from {first} until {last}", wanted="an end that is not before the beginning")


def counts_add_up(checked: Checked) -> Iterator[Fault]:
    """Points are whole and few, a count that weighs them has a tariff to weigh by, and pupils sent out are a credit or a debit."""
    for line in checked.rulebook.tariff:
        if not 0 <= line.amount <= MOST_POINTS:
            yield checked.fault(line, found=f"{line.amount} points", wanted=f"0 to {MOST_POINTS}")
    for count in checked.rulebook.counts:
        placed = not {"placements", *SENT}.isdisjoint(count.of)
        if count.weigh == "points" and placed and not checked.rulebook.tariff and "tariff." not in checked.lost:
            advice = "Say under `tariff` how many points a placement has, or weigh heads."
            yield checked.fault(count, found="weigh: points in a book without a tariff", wanted="a `tariff`", advice=advice)
        if count.minus and count.plus:
            advice = "Pupils whom a school sent out are taken off its count (minus: it is asked sooner) or added to it (plus: later)."
            yield checked.fault(count, found="own_referrals_placed under both minus and plus", wanted="one of them", advice=advice)


def room_weighs_what_it_counts(checked: Checked) -> Iterator[Fault]:
    """Room in pupils goes by pupils, room in points by points; and where a limit is there, the meeting does not change."""
    tariff = bool(checked.rulebook.tariff) or "tariff." in checked.lost
    for limit, found, wanted, advice in (*wrongly_weighed(checked.rulebook, tariff=tariff), *wrongly_placed(checked.rulebook)):
        yield checked.fault(limit, found=found, wanted=wanted, advice=advice)


def every_rule_has_examples(checked: Checked) -> Iterator[Fault]:
    """Each rule has an example in which it fires and one in which it stays silent."""
    for item in checked.spoken:
        if f"examples of {item.id}" in checked.lost:
            continue
        fires, silent = _wanted_examples(item)
        expected = [example.expect for example in item.examples]
        if isinstance(item, Limit):
            has = [any(type(told) is int and (told >= 1) is room for told in expected) for room in (False, True)]
            wanted = [("without room (expect: 0)", fires, has[0]), ("with room (expect: 1 or more)", silent, has[1])]
            wanted.append(("where it is not (expect: out of scope)", item.condition != ALWAYS, Outcome.OUT_OF_SCOPE in expected))
            lacking = [word for word, needed, got in wanted if needed and not got]
        else:
            lacking = [
                f"where it {word}"
                for word, needed, outcome in (("fires", fires, Outcome.FIRES), ("stays silent", silent, Outcome.SILENT))
                if needed and outcome not in expected
            ]
        if lacking:
            yield checked.fault(
                item,
                found=f"no example {' and none '.join(lacking)}",
                wanted="one of each",
                advice="An example shows a reader what the rule means, and `rules test` that it does.",
            )


def _wanted_examples(item: Rule | Limit) -> tuple[bool, bool]:
    """Whether it needs an example that fires, and one that stays silent."""
    if isinstance(item, Limit) and item.per == "kept_apart_pupils":
        return False, False  # no fact moves it
    if isinstance(item, Limit):
        return bounds(item.room)[0] < 1, True
    if always_on_purpose(item):
        return item.kind not in {"tier", "clock"}, False
    return True, True


def says_what_it_can(checked: Checked) -> Iterator[Fault]:
    """Every {name} in a sentence is a fact that the rule could read, a setting, or the room of a limit."""
    facts = checked.rulebook.facts
    for item in checked.spoken:
        families = {*MAY_READ[kind_of(item)], *({"referral"} if isinstance(item, Limit) else ())}
        known = {name for name, fact in facts.items() if fact.family in families} | {
            f"settings.{name}" for name in checked.rulebook.settings
        }
        if isinstance(item, Limit):
            known.add("room")
        names = re.findall(r"\{([^{}]*)\}", item.say)
        if item.say.count("{") != len(names) or item.say.count("}") != len(names):
            yield checked.fault(item, found="braces in `say` that do not pair", wanted="{school.name} and the like")
        for name in names:
            if name not in known and name not in checked.lost:
                where = f"a fact that a {kind_of(item)} may read, {'room, ' if isinstance(item, Limit) else ''}or settings.NAME"
                yield checked.fault(item, found=f"{{{name}}} in `say`", wanted=where, advice=nearest(name, known))


Check = Callable[[Checked], Iterator[Fault]]

CHECKS: Final[tuple[Check, ...]] = (
    reads_what_is_there,
    bars_nothing_that_moves,
    keeps_two_apart,
    decides_nothing_by_process,
    clocks_stand_still,
    can_fire_and_stay_silent,
    tiers_end_in_true,
    charges_cost_something,
    days_in_order,
    counts_add_up,
    room_weighs_what_it_counts,
    every_rule_has_examples,
    says_what_it_can,
)
