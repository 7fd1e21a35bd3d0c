"""What a rule, a count or an objective of a book reaches: the facts it reads, and those behind its derived facts and counts.

It evaluates nothing and refuses nothing; `checks.py` says what may not be reached.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from rules.beforehand import of_the_case
from rules.book import ALWAYS, Clock, Count, Limit, Objective, Rule, Rulebook, Setting
from rules.facts import AS_A_REFERRAL, MOVED_BY_THE_MEETING, PAPER, PAPER_EVENT, POINTS, POINTS_GIVEN, Fact, names_of
from rules.measure import reads, undivided
from rules.terms import Read, Term

Ways = Mapping[str, tuple[str, ...]]
"""Every fact that is reached -> the derived facts and counts by way of which; none where it is named itself."""


@dataclass(frozen=True, slots=True)
class Reach:
    """One item of a book and all that it reaches."""

    id: str
    kind: str
    book: str
    facts: Ways


def reached(rulebook: Rulebook, term: Term) -> Ways:
    """Every fact that a term reaches, by way of which derived facts."""
    derived = {one.fact.name: one for one in rulebook.derived}
    found: dict[str, tuple[str, ...]] = {}
    ways: list[tuple[Fact, tuple[str, ...]]] = [(fact, ()) for fact in reads(term)]
    while ways:
        fact, by = ways.pop(0)
        if fact.name in found:
            continue
        found[fact.name] = by
        if fact.name in derived:
            ways.extend((inner, (*by, fact.name)) for inner in reads(derived[fact.name].term))
        elif fact.name == POINTS:
            ways.extend((inner, (*by, *way)) for inner, way in _weighed_by(rulebook))
    return found


def _weighed_by(rulebook: Rulebook) -> Iterator[tuple[Fact, tuple[str, ...]]]:
    """What the weight of a pupil goes by: the facts of the referral that each line of the tariff asks, and the points that it was given."""
    for line in rulebook.tariff:
        yield from ((of_the_case(fact, rulebook), (POINTS, f"tariff {line.id}")) for fact in reads(line.condition))
    yield rulebook.facts[AS_A_REFERRAL[POINTS_GIVEN]], (POINTS,)


def reads_points(rulebook: Rulebook) -> bool:
    """Whether a rule, a clock or a sentence of the book goes by what a pupil of the agenda weighs."""
    clocks = (name for clock in rulebook.clocks for name in reached(rulebook, clock.rule.condition))
    return POINTS in {*facts_named(rulebook), *clocks} - {one.fact.name for one in rulebook.derived}


def terms_of(rule: Rule | Limit) -> tuple[Term, ...]:
    """All that it reads facts by: its condition, and of a limit its room."""
    if isinstance(rule, Rule):
        return (rule.condition,)
    return (rule.room,) if rule.condition == ALWAYS else (rule.condition, rule.room)


def reached_by(rulebook: Rulebook, rule: Rule | Limit) -> Ways:
    """Every fact that a rule reaches by its condition, a limit also by its room."""
    found: dict[str, tuple[str, ...]] = {}
    for term in terms_of(rule):
        _add(found, reached(rulebook, term), ())
    return found


def facts_named(rulebook: Rulebook) -> frozenset[str]:
    """Every fact that a rule, a limit, a quota's limit, a share's start or a derived fact of the book reads, or that a sentence of it says.

    And the weight that schools agreed, where a share goes by it, and the days of a case, where cases are taken in their order; rolls
    and PANs are read whatever the book says.
    """
    rules: tuple[Rule, ...] = (*rulebook.holds, *rulebook.bars, *rulebook.charges, *rulebook.tiers, *rulebook.notices)
    sums = (*(term for limit in rulebook.limits for term in terms_of(limit)), *(objective.level for objective in rulebook.objectives))
    terms = [*(rule.condition for rule in rules), *sums, *(one.term for one in rulebook.derived)]
    said = " ".join([*(rule.say for rule in rules), *(limit.say for limit in rulebook.limits)])
    named = {*(fact.name for term in terms for fact in reads(term)), *re.findall(r"\{([a-z_]+\.[a-z0-9_]+)\}", said)}
    named.update(*(measure(one) for one in rulebook.objectives if one.name == "share" and one.per == "weight"))
    named.update(*(one.of_the_case for one in rulebook.objectives))
    return frozenset(named.union(*(WEIGHED["case_by_case"] for one in rulebook.objectives if one.by and not one.first)))


def read_of_admissions(rulebook: Rulebook) -> frozenset[str]:
    """The facts that the book's counts and its tariff reach; and the points that an admission was given, where anything weighs."""
    terms = [*(count.where for count in rulebook.counts if count.where is not None), *(rule.condition for rule in rulebook.tariff)]
    found = frozenset(name for term in terms for name in reached(rulebook, term))
    return found | {POINTS_GIVEN} if weighs_points(rulebook) else found


def read_of_referrals(rulebook: Rulebook) -> frozenset[str]:
    """The facts that the book's counts of the referrals that schools made reach."""
    terms = (count.where for count in rulebook.counts if "own_referrals" in count.of and count.where is not None)
    return frozenset(name for term in terms for name in reached(rulebook, term))


def weighs_points(rulebook: Rulebook) -> bool:
    """Whether anything in the book goes by what pupils weigh."""
    counts, limits = (one.weigh for one in rulebook.counts), (one.weigh for one in rulebook.limits)
    return reads_points(rulebook) or "points" in {*counts, *limits}


def settings_named(rulebook: Rulebook, rule: Rule | Limit) -> tuple[Setting, ...]:
    """The settings that a rule's text names, itself or by way of derived facts or the tariff."""
    texts = [*rule.when_text, *rule.unless_text, *([rule.room_text] if isinstance(rule, Limit) else [])]
    by = reached_by(rulebook, rule)
    texts += [one.text for one in rulebook.derived if one.fact.name in by]
    texts += [text for line in rulebook.tariff if POINTS in by for text in (*line.when_text, *line.unless_text)]
    named = set(re.findall(r"\bsettings\.([a-z][a-z0-9_]*)", " ".join(texts)))
    return tuple(setting for name, setting in rulebook.settings.items() if name in named)


def moved_by_the_meeting(rulebook: Rulebook) -> frozenset[str]:
    """The facts that placing a pupil changes: room, rolls, budget spent, and counts of placements with their panel totals."""
    moved = set(MOVED_BY_THE_MEETING)
    for count in rulebook.counts:
        if {"placements", "own_referrals_placed"} & {*count.of} or count.minus or count.plus:
            moved |= named_by(count)
    own = {one.fact.name for one in rulebook.derived} | {fact.name for fact in rulebook.school_facts.values()}
    return frozenset(moved - own | {f"school.on_roll_{phase}" for phase in rulebook.phases})


def named_by(count: Count) -> frozenset[str]:
    """The facts that a count is read by."""
    return names_of(count.id)


def points_in_rooms(rulebook: Rulebook) -> Iterator[tuple[Limit, str, int]]:
    """Limits in pupils whose room reads a count of points other than divided by the heaviest line of the tariff, the fact, and that
    line's points. Where no line has more than one point, a pupil takes no more of the room than it has.
    """
    heaviest = rulebook.heaviest
    if heaviest <= 1:
        return
    points = frozenset[str]().union(*(named_by(count) for count in rulebook.counts if count.weigh == "points"))
    points -= {one.fact.name for one in rulebook.derived}
    for limit in (limit for limit in rulebook.limits if limit.weigh == "heads"):
        found = (name for fact in undivided(limit.room, heaviest) for name in reached(rulebook, Read(fact)))
        yield from ((limit, name, heaviest) for name in dict.fromkeys(found) if name in points)


def divided_by_points(rulebook: Rulebook) -> tuple[str, ...]:
    """The limits in pupils whose room reads a count of points: it holds for pupils of no more points than the heaviest line has."""
    points = frozenset[str]().union(*(named_by(count) for count in rulebook.counts if count.weigh == "points"))
    heads = (limit for limit in rulebook.limits if limit.weigh == "heads")
    return tuple(limit.id for limit in heads if points & reached(rulebook, limit.room).keys())


def reach_of(rulebook: Rulebook) -> tuple[Reach, ...]:
    """Every rule, limit, tariff line, clock, count and objective of the book with all that it reaches, in the book's order."""
    counts = {name: count for count in rulebook.counts for name in named_by(count)}
    return (
        *(Reach(count.id, "count", count.book, _of_count(rulebook, count)) for count in rulebook.counts),
        *(_of_rule(rulebook, rule, counts) for rule in rulebook.rules),
        *(Reach(objective.name, "objective", "", _of_objective(rulebook, objective)) for objective in rulebook.objectives),
    )


def used_by(rulebook: Rulebook, count: Count) -> tuple[str, ...]:
    """What goes by a count, as `notice asked-again` or `objective share`: rules, limits, objectives, the fund, and sentences."""
    names = named_by(count)
    found = [f"{one.kind} {one.id}" for one in reach_of(rulebook) if one.kind != "count" and names & one.facts.keys()]
    found += [f"objective {one.name}" for one in rulebook.objectives if one.count == count.id]
    found += ["money, fund"] if count.id in [share.count for share in (rulebook.money.fund.shares if rulebook.money.fund else ())] else []
    said: tuple[Rule | Limit, ...] = (*rulebook.holds, *rulebook.bars, *rulebook.notices, *rulebook.limits)
    found += [f"the sentence of {rule.id}" for rule in said if any(f"{{{name}}}" in rule.say for name in names)]
    return tuple(dict.fromkeys(found))


def unused(rulebook: Rulebook, texts: Iterable[str]) -> tuple[tuple[str, int | None, str], ...]:
    """The book's own counts and settings that nothing in it goes by: (what, its line if known, what that means).

    `texts` are the files of all its layers: what a rule's amount names is no longer in the rulebook itself.
    """
    own, whole = rulebook.layers[0].name, "\n".join(texts)
    counts = [count for count in rulebook.counts if count.book == own and not used_by(rulebook, count)]
    settings = [setting.id for setting in rulebook.settings.values() if setting.book == own and setting.id not in READ_BY_NAME]
    idle = [name for name in settings if not re.search(rf"\bsettings\.{name}\b", whole)]
    named = {fact.name for rule in rulebook.rules for term in terms_of(rule) for fact in reads(term)}
    named |= {fact.name for one in rulebook.derived for fact in reads(one.term)}
    named |= {name for clock in rulebook.clocks for name in papers_timed(clock)}
    papers = [paper for paper in rulebook.papers if f"{PAPER}{paper}" not in named]
    read = facts_named(rulebook)
    facts = [name for name, fact in rulebook.school_facts.items() if fact.name not in read]
    phases = [
        name
        for name in rulebook.phases
        if not {f"school.on_roll_{name}", f"school.pan_{name}"} & read and not re.search(rf"\byear_groups:\s*[\"']?{name}\b", whole)
    ]
    offers = [name for name in rulebook.offers if not {"candidate.offers_what_is_needed", f"referral.needs_{name}"} & read]
    return (
        *((f"paper {paper}", None, "no rule asks for it, and no clock") for paper in papers),
        *((f"school fact {name}", None, "no rule, limit or objective goes by it") for name in facts),
        *((f"phase {name}", None, "no limit is for it, and no rule adds it up") for name in phases),
        *((f"offer {name}", None, "no rule asks whether a school offers what is needed, or for this need") for name in offers),
        *((f"count {count.id}", count.line, "no rule, objective or sentence goes by it; `position` shows it") for count in counts),
        *((f"setting {name}", None, "nothing names it") for name in idle),
    )


READ_BY_NAME: Final = frozenset({"target_permanent_exclusions", "on_roll_within"})
"""Settings that a fact or a report has its value from, without being named in the book."""


def _of_rule(rulebook: Rulebook, rule: Rule | Limit, counts: Mapping[str, Count]) -> Reach:
    kind = rule.kind if isinstance(rule, Rule) else "limit"
    ways: dict[str, tuple[str, ...]] = {}
    for name, by in reached_by(rulebook, rule).items():
        ways.setdefault(name, by)
        if name in counts:
            _add(ways, _of_count(rulebook, counts[name]), (*by, name))
    kinds, excluded = (rule.of.kinds, rule.of.excluded) if isinstance(rule, Limit) else (rule.applies_to, None)
    scope = {
        "referral.kind": kinds,
        "referral.permanently_excluded": excluded,
        "school.setting": rule.at,
        "panel.meets_on": rule.in_force,
        "referral.year_group": rule.years if isinstance(rule, Limit) else None,
    }
    _add(ways, {name: () for name, narrowed in scope.items() if narrowed is not None}, ())
    if isinstance(rule, Limit) and rule.per == "year_group":
        _add(ways, {"referral.year_group": (), "school.setting": ()}, ())
    if isinstance(rule, Limit) and rule.weigh == "points":
        for line in rulebook.tariff:
            _add(ways, reached(rulebook, line.condition), ("tariff",))
    for clock in rulebook.clocks:
        if clock.rule is rule:
            _add(ways, dict.fromkeys(papers_timed(clock), ()), ())
    return Reach(rule.id, kind, rule.book, ways)


def papers_timed(clock: Clock) -> tuple[str, ...]:
    """The papers that a clock waits for, or begins with, as facts."""
    return tuple(f"{PAPER}{event.removeprefix(PAPER_EVENT)}" for event in (*clock.from_, *clock.until) if event.startswith(PAPER_EVENT))


def _of_count(rulebook: Rulebook, count: Count) -> Ways:
    ways: dict[str, tuple[str, ...]] = {} if count.where is None else dict(reached(rulebook, count.where))
    if count.weigh == "points":
        for line in rulebook.tariff:
            _add(ways, reached(rulebook, line.condition), ("tariff",))
    return ways


WEIGHED: Final[Mapping[str, tuple[str, ...]]] = {
    "waiting": ("referral.waiting",),
    "preference": ("candidate.rank",),
    "journey": ("candidate.metres",),
    "transport": ("candidate.quoted_pence",),
    "case_by_case": ("referral.accepted_on", "referral.made_on"),
}
"""What an objective weighs of itself; the others weigh a count, the tiers, whose turn it is, or the draw."""


def measure(objective: Objective) -> tuple[str, ...]:
    """The fact that a share measures loads by; none where all are equal."""
    roll = "year.on_roll" if objective.part == "year_group" else "school.roll"
    return {"roll": (roll,), "pan": ("year.pan",), "weight": ("school.share_weight",), "equal": ()}[objective.per]


def _of_objective(rulebook: Rulebook, objective: Objective) -> Ways:
    of_itself = () if objective.days or objective.first else WEIGHED.get(objective.name, ())
    ways: dict[str, tuple[str, ...]] = dict.fromkeys((*of_itself, *(fact for one in objective.by for fact in WEIGHED.get(one, ()))), ())
    if objective.count:
        _add(ways, {objective.counted: ()}, ())
    for count in rulebook.counts:
        if count.id == objective.count:
            _add(ways, _of_count(rulebook, count), (objective.counted,))
    _add(ways, reached(rulebook, objective.level), ())
    if objective.name == "rota":
        _add(ways, {"school.setting": ()}, ())
    if objective.name == "share":
        _add(ways, dict.fromkeys((*measure(objective), "school.setting"), ()), ())
    if objective.part == "year_group":
        _add(ways, {"referral.year_group": ()}, ())
    sections: Mapping[str, tuple[Rule, ...]] = {"tier": rulebook.tiers, "transport": rulebook.charges}
    section = [rule for one in objective.measures for rule in sections.get(one, ())]
    for rule in section:
        _add(ways, _of_rule(rulebook, rule, {}).facts, (f"{rule.kind} {rule.id}",))
    if objective.of.excluded is not None:
        _add(ways, {"referral.permanently_excluded": ()}, ())
    if objective.of.kinds is not None:
        _add(ways, {"referral.kind": ()}, ())
    for name in objective.of_the_case:
        _add(ways, reached(rulebook, Read(rulebook.facts[name])), ())
    return ways


def _add(ways: dict[str, tuple[str, ...]], more: Ways, by: tuple[str, ...]) -> None:
    for name, inner in more.items():
        ways.setdefault(name, (*by, *inner))
