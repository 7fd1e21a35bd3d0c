"""One rule of a book explained: what it reads, when it fires, what follows, what it leaves open, and where it comes from.

It asks no facts of any pupil; why one decision came out as it did is for the panel's modules.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rules.book import ALWAYS, Example, Limit, Rule, Rulebook, Setting
from rules.clauses import normal_form
from rules.counts_in_words import said_count, shown_by_position
from rules.edition import nearest
from rules.errors import RulebookError
from rules.facts import Fact
from rules.finding import RuleKind
from rules.guards import derived_by, unguarded
from rules.phrases import (
    UNTOLD,
    effect_of,
    listed,
    said,
    said_clause,
    said_flow,
    said_setting,
    said_times,
    said_value,
    scope_of,
    when_of,
)
from rules.reach import named_by, reached_by, settings_named, terms_of, used_by
from rules.reader import source_of


@dataclass(frozen=True, slots=True)
class FactRead:
    """A fact that the rule reaches; `by` names the derived facts by way of which."""

    name: str
    meaning: str
    unit: str
    may_be_unknown: bool
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A rule in words. `clauses` are the ways in which it fires, each enough by itself; a limit has none. `runs` is a clock's."""

    id: str
    kind: RuleKind
    book: str
    line: int
    effect: str
    runs: str
    say: str
    when: str
    clauses: tuple[str, ...]
    amount: int | None
    paid: str
    scope: str
    waivable: bool | None
    reads: tuple[FactRead, ...]
    settings: tuple[Setting, ...]
    source: str
    cannot_tell: str
    examples: tuple[tuple[str, str, str], ...]


def of_count(rulebook: Rulebook, name: str) -> tuple[tuple[str, ...], dict[str, object]] | None:
    """A count as lines for a person and as JSON; None where the book has no count of that name, or a rule has it."""
    count = next((one for one in rulebook.counts if one.id == name), None)
    if count is None or name in rule_ids(rulebook):
        return None
    facts, users = sorted(named_by(count) & rulebook.facts.keys()), used_by(rulebook, count)
    lines = (
        f"{name}: a count of {count.book}, line {count.line}: a question to the record.",
        f"It counts: {said_count(count)}.",
        f"Rules read it as: {', '.join(facts)}",
        f"What goes by it: {', '.join(users) or 'nothing'}",
        f"`pastoral position` shows {shown_by_position(rulebook, count)}.",
    )
    data: dict[str, object] = {"rule": name, "kind": "count", "book": count.book, "line": count.line, "effect": said_count(count)}
    return lines, {**data, "facts": facts, "used_by": list(users)}


ADDED = ", added to those of every other line that fits"


def rule_of(rulebook: Rulebook, name: str) -> Rule | Limit:
    """The rule, limit or clock of that id. Raises RulebookError with the nearest id where there is none."""
    rules = rulebook.rules
    ids = rule_ids(rulebook)
    if name not in ids:
        known = (*ids, *(count.id for count in rulebook.counts))
        have = f"It has {listed(ids)}." if ids else "It has none."
        raise RulebookError(f"{rulebook.name} has no rule {name}. {nearest(name, known) or have}")
    return rules[ids.index(name)]


def rule_ids(rulebook: Rulebook) -> tuple[str, ...]:
    """The ids of all that can be explained, in the book's order."""
    return tuple(rule.id for rule in rulebook.rules)


PAID_OR_COUNTED = frozenset({"charge", "transfer", "tier", "tariff"})
"""The kinds of rule that come to an amount."""


def explanation(rulebook: Rulebook, name: str) -> Explanation:
    """What a rule of the book means. Raises RulebookError where there is no such rule."""
    rule = rule_of(rulebook, name)
    kind: RuleKind = "limit" if isinstance(rule, Limit) else rule.kind
    clocks = [clock for clock in rulebook.clocks if clock.rule is rule]
    return Explanation(
        id=rule.id,
        kind=kind,
        book=rule.book,
        line=rule.line,
        effect=effect_of(rule) + (ADDED if kind == "tariff" and rulebook.points == "added" else ""),
        runs="".join(f"{clock.run}, {said_times(clock)}" for clock in clocks),
        say=said(rule, rulebook.settings),
        when=when_of(rule),
        clauses=_clauses(rule),
        amount=rule.amount if isinstance(rule, Rule) and kind in PAID_OR_COUNTED and not rule.flow.travel else None,
        paid=said_flow(rule.flow) if isinstance(rule, Rule) else "",
        scope=scope_of(rule),
        waivable=rule.waivable if kind in {"bar", "limit"} else None,
        reads=tuple(_reads(rulebook, rule)),
        settings=(*settings_named(rulebook, rule), *(rulebook.settings[one] for clock in clocks for one in clock.settings)),
        source=source_of(rule.authority),
        cannot_tell=UNTOLD[kind] if any(unguarded(term, derived_by(rulebook)) for term in terms_of(rule)) else "",
        examples=tuple((example.name, _given(example), str(example.expect)) for example in rule.examples),
    )


def _reads(rulebook: Rulebook, rule: Rule | Limit) -> Iterable[FactRead]:
    derived = derived_by(rulebook)
    for name, by in reached_by(rulebook, rule).items():
        fact: Fact = rulebook.facts[name]
        if name in derived:
            yield FactRead(name, f"worked out: {fact.meaning}", fact.unit, bool(unguarded(derived[name], derived)), by)
        else:
            yield FactRead(name, fact.meaning, fact.unit, fact.optional, by)


def _clauses(rule: Rule | Limit) -> tuple[str, ...]:
    """The clauses of its condition; none of a limit that is everywhere."""
    if isinstance(rule, Limit) and rule.condition == ALWAYS:
        return ()
    return tuple(said_clause(clause) for clause in normal_form(rule.condition, side=True))


def _given(example: Example) -> str:
    known = [f"{name} {said_value(value)}" for name, value in example.given.items()]
    return ", ".join([*known, *(f"{name} unknown" for name in sorted(example.unknown))]) or "nothing but what is usual"


def lines_of(told: Explanation) -> tuple[str, ...]:
    """The explanation as lines for a person to read."""
    return (
        f"{told.id}: a {told.kind} of {told.book}, line {told.line}: {told.effect}.",
        *([f"It runs {told.runs}."] if told.runs else []),
        *([f"It says: {told.say}"] if told.say else []),
        f"{'Room' if told.kind == 'limit' else 'When'}: {told.when}",
        *_amount(told),
        *([f"Paid {told.paid}."] if told.paid else []),
        *_ways(told),
        f"Only {told.scope}." if told.scope else "For every referral, everywhere.",
        *([f"The panel may {'' if told.waivable else 'not '}override it."] if told.waivable is not None else []),
        "It reads:",
        *(f"  {_fact(fact)}" for fact in told.reads),
        *(["  nothing"] if not told.reads else []),
        *(["Settings:", *(f"  {_setting(setting)}" for setting in told.settings)] if told.settings else []),
        f"When it cannot tell: {told.cannot_tell}." if told.cannot_tell else "It can always tell.",
        f"Source: {told.source}",
        *(["Examples:", *(f"  {name} ({given}): {expect}" for name, given, expect in told.examples)] if told.examples else []),
    )


def _ways(told: Explanation) -> Iterable[str]:
    if len(told.clauses) > 1:
        yield f"It {'is there' if told.kind == 'limit' else 'fires'} in any of these ways:"
        yield from (f"  {clause}" for clause in told.clauses)


def _amount(told: Explanation) -> Iterable[str]:
    words = {"charge": "Pence a year", "transfer": "Pence a year", "tier": "Tier", "tariff": "Points"}
    if told.amount is not None:
        once = "once" in told.paid.split(", ")
        yield f"{'Pence' if once else words[told.kind]}: {said_value(told.amount)}"


def _fact(fact: FactRead) -> str:
    unit = f" ({fact.unit})" if fact.unit else ""
    by = f", by way of {', '.join(fact.by)}" if fact.by else ""
    return f"{fact.name}{unit}{by}: {fact.meaning}{'; may be unknown' if fact.may_be_unknown else ''}"


def _setting(setting: Setting) -> str:
    choice = ", a choice of the local book" if setting.choice else ""
    return f"{setting.id} = {said_setting(setting)} ({setting.book}{choice}){f': {setting.say}' if setting.say else ''}"


def as_data(told: Explanation) -> dict[str, object]:
    """`rules explain --json`."""
    return {
        "rule": told.id,
        "kind": told.kind,
        "book": told.book,
        "line": told.line,
        "effect": told.effect,
        **({"runs": told.runs} if told.runs else {}),
        "say": told.say,
        "when": told.when,
        "clauses": list(told.clauses),
        "amount": told.amount,
        **({"paid": told.paid} if told.paid else {}),
        "scope": told.scope,
        "waivable": told.waivable,
        "reads": [
            {
                "fact": fact.name,
                "meaning": fact.meaning,
                "unit": fact.unit,
                "may_be_unknown": fact.may_be_unknown,
                "by_way_of": list(fact.by),
            }
            for fact in told.reads
        ],
        "settings": {
            setting.id: {"value": str(setting.value), "unit": setting.unit, "choice": setting.choice} for setting in told.settings
        },
        "source": told.source,
        "cannot_tell": told.cannot_tell,
        "examples": [{"name": name, "given": given, "expect": expect} for name, given, expect in told.examples],
    }
