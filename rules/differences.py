"""How two rulebooks differ, in words: what was added, what was taken away, what changed and from what to what.

It compares what the books mean, not their files: where a line stands, or how a condition is spaced, makes no difference.
It knows no record; which decisions would have been others is for the panel's modules.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from rules.accounts import Money
from rules.aims import said_aim
from rules.book import Category, Clock, Count, Derived, Limit, Objective, Rule, Rulebook, Setting
from rules.counts_in_words import said_count
from rules.phases import said_years
from rules.phrases import (
    said_audience,
    said_flow,
    said_fund,
    said_leavers,
    said_levy,
    said_pence,
    said_school_fact,
    said_setting,
    said_value,
    scope_of,
    when_of,
    where_of,
)
from rules.yaml_text import Plain


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs. `key` says what of it; it is empty where the whole thing was added or removed."""

    section: str
    id: str
    change: Literal["added", "removed", "changed"]
    key: str = ""
    old: str = ""
    new: str = ""
    note: str = ""

    def __str__(self) -> str:
        what = f"{self.section} {self.id}".rstrip()
        note = f" ({self.note})" if self.note else ""
        if self.change == "added":
            return f"{what}: added: {self.new or '-'}{note}"
        if self.change == "removed":
            return f"{what}: removed; it was: {self.old or '-'}{note}"
        key = f"{self.key}: " if self.key else ""
        return f"{what}: {key}was {self.old or 'nothing'}; is {self.new or 'nothing'}{note}"


Told = Mapping[str, str]
"""What can be said of one thing, by key; the first says it best."""


def differences(old: Rulebook, new: Rulebook) -> tuple[Difference, ...]:
    """Every difference between what two books mean, in the order in which a reader of a book meets them."""
    return tuple(
        difference
        for section, things in SECTIONS
        for difference in _compared(section, things(old), things(new), _named_by(old, new) if section == "setting" else {})
    ) + tuple(_reordered(old, new))


def _compared(section: str, old: Mapping[str, Told], new: Mapping[str, Told], notes: Mapping[str, str]) -> Iterator[Difference]:
    for name in (*old, *(name for name in new if name not in old)):
        note = notes.get(name, "")
        if name not in new:
            yield Difference(section, name, "removed", old=_summary(section, old[name]), note=note)
        elif name not in old:
            yield Difference(section, name, "added", new=_summary(section, new[name]), note=note)
        else:
            for key in dict.fromkeys((*old[name], *new[name])):
                was, is_ = old[name].get(key, ""), new[name].get(key, "")
                if was != is_:
                    yield Difference(section, name, "changed", key, was, is_, note)


def _summary(section: str, told: Told) -> str:
    if section in {"meeting", "lifecycle", "clock"}:
        return ", ".join(f"{key} {text}" for key, text in told.items() if text and key not in {"say", "source"})
    if section == "limit":
        return ", ".join(text for key in ("room", "where") if (text := told[key]))
    return next((text for text in told.values() if text), "")


def _rules(section: str) -> Callable[[Rulebook], Mapping[str, Told]]:
    def told(rulebook: Rulebook) -> Mapping[str, Told]:
        rules: tuple[Rule | Limit, ...] = getattr(rulebook, section)
        return {rule.id: _of_rule(rule) for rule in rules}

    return told


AMOUNTS: Final[Mapping[str, str]] = {"charge": "pence", "transfer": "pence", "tier": "tier", "tariff": "points"}


def _of_rule(rule: Rule | Limit) -> Told:
    if isinstance(rule, Limit):
        told = {"room": rule.room_text, "where": where_of(rule), "in": rule.weigh, "per": rule.per}
    else:
        told = {"when": when_of(rule)}
    if isinstance(rule, Rule) and rule.kind in AMOUNTS:
        told[AMOUNTS[rule.kind]] = said_pence(rule)
    if isinstance(rule, Rule) and rule.kind == "transfer":
        told["pays"] = said_flow(rule.flow) or "from the school that sent to the school that receives"
    told["scope"] = scope_of(rule)
    if isinstance(rule, Limit) or rule.kind == "bar":
        told["waivable"] = said_value(rule.waivable)
    told["say"] = f"'{rule.say}'" if rule.say else ""
    told["source"] = f"{rule.authority.instrument} {rule.authority.paragraph}".rstrip()
    return told


def _book(rulebook: Rulebook) -> Mapping[str, Told]:
    source = f"{rulebook.authority.instrument} {rulebook.authority.paragraph}".rstrip()
    layers = " over ".join(f"{layer.name} from {layer.edition}" for layer in rulebook.layers)
    years = f"{rulebook.year_groups[0]} to {rulebook.year_groups[-1]}"
    told = {"title": f"'{rulebook.title}'", "layers": layers, "source": source, "year groups": years, "proved by": rulebook.proof}
    return {"": {**told, "points of several lines that fit": rulebook.points}}


def _settings(rulebook: Rulebook) -> Mapping[str, Told]:
    return {name: _of_setting(setting) for name, setting in rulebook.settings.items()}


def _of_setting(setting: Setting) -> Told:
    bounds = [
        f"{word} {said_value(bound)}" for word, bound in (("at least", setting.at_least), ("at most", setting.at_most)) if bound is not None
    ]
    choice = " and ".join(["left to the local book", *bounds]) if setting.choice else ""
    return {"value": said_setting(setting), "choice": choice, "say": f"'{setting.say}'" if setting.say else ""}


def _counts(rulebook: Rulebook) -> Mapping[str, Told]:
    return {count.id: _of_count(count) for count in rulebook.counts}


def _of_count(count: Count) -> Told:
    return {"counts": said_count(count)}


def _derived(rulebook: Rulebook) -> Mapping[str, Told]:
    def of(one: Derived) -> Told:
        return {"is": " ".join(one.text.split())}

    return {one.fact.name: of(one) for one in rulebook.derived}


def _objectives(rulebook: Rulebook) -> Mapping[str, Told]:
    return {_called(objective): {"aims": said_aim(objective)} for objective in rulebook.objectives}


def _called(objective: Objective) -> str:
    whose = said_audience(objective.of)
    part = " in each year group" if objective.part == "year_group" else ""
    count = f" of {objective.count}" if objective.count else ""
    return f"{objective.name}{count}{part}{f' for {whose}' if whose else ''}"


def _reordered(old: Rulebook, new: Rulebook) -> Iterator[Difference]:
    """Where the objectives that both have stand in another order."""
    was, is_ = ([_called(objective) for objective in book.objectives] for book in (old, new))
    if [name for name in was if name in is_] != [name for name in is_ if name in was]:
        yield Difference("objectives", "", "changed", "order", ", ".join(was), ", ".join(is_))


def _papers(rulebook: Rulebook) -> Mapping[str, Told]:
    return {paper: {"is": words} for paper, words in rulebook.papers.items()}


def _school_facts(rulebook: Rulebook) -> Mapping[str, Told]:
    return {name: {"is": said_school_fact(fact)} for name, fact in rulebook.school_facts.items()}


def _phases(rulebook: Rulebook) -> Mapping[str, Told]:
    return {name: {"is": said_years(years)} for name, years in rulebook.phases.items()}


def _offers(rulebook: Rulebook) -> Mapping[str, Told]:
    return {name: {"is": words} for name, words in rulebook.offers.items()}


def _categories(rulebook: Rulebook) -> Mapping[str, Told]:
    def of(letter: str, category: Category) -> Told:
        stands = "" if letter == category.letter else f"{category.letter} of {category.book}"
        return {"means": category.say, "stands for": stands}

    return {letter: of(letter, category) for letter, category in rulebook.categories.items()}


def _meeting(rulebook: Rulebook) -> Mapping[str, Told]:
    return {"": {key: plain(value) for key, value in rulebook.meeting.items()}} if rulebook.meeting else {}


def _lifecycle(rulebook: Rulebook) -> Mapping[str, Told]:
    kinds: Mapping[str, Plain] = rulebook.lifecycle
    return {kind: {key: plain(value) for key, value in said.items()} for kind, said in kinds.items()}


def _clocks(rulebook: Rulebook) -> Mapping[str, Told]:
    return {clock.id: _of_clock(clock) for clock in rulebook.clocks}


def _of_clock(clock: Clock) -> Told:
    when = when_of(clock.rule)
    return {
        "within": str(clock.within or ""),
        "not before": str(clock.not_before or ""),
        "from": " or ".join(sorted(clock.from_)),
        "until": " or ".join(sorted(clock.until)),
        "scope": scope_of(clock.rule),
        "when": "" if when == "always" else when,
        "say": f"'{clock.rule.say}'" if clock.rule.say else "",
        "source": f"{clock.rule.authority.instrument} {clock.rule.authority.paragraph}".rstrip(),
    }


def _money(rulebook: Rulebook) -> Mapping[str, Told]:
    money = rulebook.money
    if money == Money() and not rulebook.transfers:
        return {}
    fund = {"fund": said_fund(money.fund)} if money.fund else {}
    levy = {"for a permanent exclusion": said_levy(money)} if money.levy else {}
    leavers = {"who leaves": said_leavers(money)} if money.leavers is not None else {}
    return {"": {"the financial year begins in": money.year, "its rest is counted in": money.counted, **fund, **levy, **leavers}}


def plain(value: Plain) -> str:
    """A value of a lifecycle or a meeting as text."""
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {plain(inner)}" for key, inner in value.items() if inner != "")
    return ", ".join(map(str, value)) if isinstance(value, tuple) else said_value(value) if isinstance(value, bool) else str(value)


def _named_by(old: Rulebook, new: Rulebook) -> Mapping[str, str]:
    """Setting -> the rules, limits, derived facts and objectives of either book that name it."""
    found: dict[str, dict[str, None]] = {}
    for book in (old, new):
        texts = [(rule.id, f"{when_of(rule)} {rule.say}") for rule in book.rules] + [(one.fact.name, one.text) for one in book.derived]
        texts += [(f"the limit of {_called(objective)}", objective.limit_text) for objective in book.objectives if objective.limit_text]
        texts += [(f"what {_called(objective)} starts from", objective.start_text) for objective in book.objectives if objective.start_text]
        texts += [(f"the list of {_called(objective)}", objective.listed_text) for objective in book.objectives if objective.listed_text]
        fates = ((objective, fate.within) for objective in book.objectives for fate in (objective.broken_down, objective.left))
        texts += [(f"the turns of {_called(objective)}", f"settings.{within.setting}") for objective, within in fates if within]
        ends = ((count, fate.within) for count in book.counts for fate in (count.broken_down, count.left))
        texts += [(f"the count {count.id}", f"settings.{within.setting}") for count, within in ends if within]
        texts += [
            (clock.id, " ".join([when_of(clock.rule), clock.rule.say, *(f"settings.{name}" for name in clock.settings)]))
            for clock in book.clocks
        ]
        for item, text in texts:
            for name in re.findall(r"\bsettings\.([a-z][a-z0-9_]*)", text):
                found.setdefault(name, {})[item] = None
    return {name: f"named by {', '.join(items)}" for name, items in found.items()}


SECTIONS: Final[tuple[tuple[str, Callable[[Rulebook], Mapping[str, Told]]], ...]] = (
    ("book", _book),
    ("setting", _settings),
    ("paper", _papers),
    ("school fact", _school_facts),
    ("offer", _offers),
    ("phase", _phases),
    ("category", _categories),
    ("count", _counts),
    ("derived", _derived),
    ("hold", _rules("holds")),
    ("bar", _rules("bars")),
    ("limit", _rules("limits")),
    ("tier", _rules("tiers")),
    ("charge", _rules("charges")),
    ("transfer", _rules("transfers")),
    ("tariff", _rules("tariff")),
    ("notice", _rules("notices")),
    ("objective", _objectives),
    ("meeting", _meeting),
    ("lifecycle", _lifecycle),
    ("clock", _clocks),
    ("money", _money),
)
