"""The shapes of a stack of editions -> one `Rulebook` of typed trees, and every text in it that cannot be read.

It judges no rule: what a rule may read and when it can fire is for `checks.py`. A text that names something which could
itself not be read is left out, so that one mistake is told once.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import graphlib
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeVar

from rules.book import ALWAYS, ON_ROLL, Authority, Count, Derived, Example, Layer, Limit, Rule, Rulebook, Setting
from rules.categories import CATEGORY, letters_of
from rules.clocks import clocks_of
from rules.counting import as_facts, at_odds, fate_of, span_of
from rules.edition import Edition
from rules.errors import Fault
from rules.facts import BY_NAME, YEAR_GROUPS, Fact, even_names_of, paper_facts, year_group_facts
from rules.finding import RuleKind
from rules.forms import TRAVEL
from rules.given import read_example
from rules.grammar import Misread, bounds, may_be_unknown, parse_condition, parse_either, parse_sum, reads
from rules.layers import Stack, papers_of, settings_of, whole_of, year_groups_of, years_within
from rules.lifecycle import Numbers, lifecycle_of, meeting_of
from rules.money import flow_of, money_of
from rules.objectives import objectives_of
from rules.offers import need_facts, own_offers
from rules.phases import own_phases, phase_facts, years_named
from rules.points import points_of
from rules.school_facts import own_school_facts
from rules.shape import CountShape, DaysShape, DeriveShape, HoldShape, LimitShape, RuleShape, TariffShape, TransferShape, YearGroupsShape
from rules.terms import All, Always, Among, Any, Compare, Condition, Flag, Known, Not, Sum
from rules.whose import audience_of, told_of_the_case
from rules.yaml_text import Path

RULE_SECTIONS: Final[tuple[tuple[str, RuleKind, str], ...]] = (
    ("tariff", "tariff", "points"),
    ("holds", "hold", ""),
    ("bars", "bar", ""),
    ("charges", "charge", "pence"),
    ("transfers", "transfer", "pence"),
    ("tiers", "tier", "tier"),
    ("notices", "notice", ""),
)
"""Section, kind of rule, and the key of its amount."""

_NAMED: Final = re.compile(r"\b[a-z]+\.[a-z][a-z0-9_]*")
_QUOTED: Final = re.compile(r"\"[^\"]*\"|'[^']*'")
NAME_OF_ITS_OWN: Final = "A derived fact has a name of its own; a book cannot redefine a fact, a count, or what a book below derives."
READ_BY_SCOPES: Final = frozenset(
    {
        "referral.kind",
        "referral.category",
        "referral.permanently_excluded",
        "referral.year_group",
        "school.setting",
        "year.pan",
        "panel.meets_on",
    }
)
"""The facts by which it is told of whom and where a rule speaks: no book has these names for something else."""
CONDITIONS: Final = (Always, Flag, Compare, Among, Known, Not, All, Any)


def compiled(stack: Stack) -> tuple[Rulebook, list[Fault], frozenset[str]]:
    """What the stack says, the lowest layer first in it; all that could not be read; and the names lost by that."""
    compiler = _Compiler(stack)
    for edition in stack:
        compiler.take(edition)
    top, faults = stack[-1], compiler.faults
    numbers = Numbers(compiler.settings, compiler.lost, faults)
    rulebook = Rulebook(
        name=top.name,
        title=top.title,
        edition=top.edition,
        layers=tuple(Layer(edition.name, edition.edition, edition.digest) for edition in reversed(stack)),
        authority=_authority(top),
        year_groups=compiler.year_groups,
        papers=compiler.papers,
        phases=compiler.phases,
        offers=compiler.offers,
        school_facts=compiler.school_facts,
        points=points_of(stack, [rule for rule in compiler.rules if rule.kind == "tariff"], faults),
        settings=compiler.settings,
        counts=tuple(compiler.counts),
        derived=tuple(compiler.derived),
        limits=tuple(compiler.limits),
        **{section: tuple(rule for rule in compiler.rules if rule.kind == kind) for section, kind, _ in RULE_SECTIONS},  # type: ignore[arg-type]
        meeting=meeting_of(stack, numbers, faults),
        categories=compiler.letters.categories,
        lifecycle=lifecycle_of(stack, numbers, faults),
        clocks=clocks_of(stack, compiler, numbers, faults),
        money=money_of(stack, compiler.counts, numbers, faults),
        facts=compiler.facts,
    )
    objectives, proof = objectives_of(stack, rulebook, compiler.lost, faults, compiler.total)
    return dataclasses.replace(rulebook, objectives=objectives, proof=proof), faults, frozenset(compiler.lost)


Parsed = TypeVar("Parsed", bound=Condition | Sum)


class _Compiler:
    """Reads the layers from the lowest up; a layer may name what those below it define."""

    def __init__(self, stack: Stack) -> None:
        self.faults: list[Fault] = [fault for edition in stack for fault in edition.faults]
        self.lost = {name for edition in stack for name in edition.lost}
        self.settings = settings_of(stack, self.faults)
        self.letters = letters_of(stack, self.faults)
        year_groups = year_groups_of(stack, self.faults)
        self.year_groups = year_groups or YEAR_GROUPS
        years = year_group_facts(year_groups) if year_groups else {}
        self.papers = papers_of(stack, self.faults)
        self.facts: dict[str, Fact] = {**BY_NAME, CATEGORY.name: self.letters.fact, **years, **paper_facts(self.papers)}
        self.top = stack[-1]
        self.phases: dict[str, range] = {}
        self.offers: dict[str, str] = {}
        self.school_facts: dict[str, Fact] = {}
        self.counts: list[Count] = []
        self.derived: list[Derived] = []
        self.limits: list[Limit] = []
        self.rules: list[Rule] = []

    def take(self, edition: Edition) -> None:
        shape = edition.shape
        phases = own_phases(edition, self.facts, self.year_groups if edition is self.top else None, self.faults)
        self.phases.update(phases)
        self.facts.update(phase_facts(phases))
        offers = own_offers(edition, self.offers, self.facts, self.faults)
        self.offers.update(offers)
        self.facts.update(need_facts(offers))
        own = own_school_facts(edition, self.facts, self.faults)
        self.school_facts.update(own)
        self.facts.update({fact.name: fact for fact in own.values()})
        for name, count in shape.counts.items():
            self._count(edition, name, count)
        self._derive(edition)
        for section, kind, amount in RULE_SECTIONS:
            for number, rule in enumerate(getattr(shape, section)):
                self._rule(edition, (section, number), kind, rule, getattr(rule, amount) if amount else 0)
        for number, limit in enumerate(shape.limits):
            self._limit(edition, ("limits", number), limit)

    def _count(self, edition: Edition, name: str, shape: CountShape) -> None:
        path: Path = ("counts", name)
        told = self.lines(edition, (*path, "where"), shape.where or ())
        made = {fact.name: fact for fact in as_facts(name, shape)}
        if any(count.id == name for count in self.counts):
            return  # told with every other id that is taken
        own = {one.fact.name for one in self.derived} & even_names_of(name)  # what a book below derives keeps its name
        made = {fact: told for fact, told in made.items() if fact not in own}
        for taken in made.keys() & self.facts.keys():
            self.faults.append(
                edition.fault(path, found=f"the name {name}", wanted="a name of its own", advice=f"{taken} is already a fact.")
            )
            return
        if name == ON_ROLL:
            advice = "on_roll is the roll of a year group, which a quota or a share can count by itself."
            self.faults.append(edition.fault(path, found=f"the name {name}", wanted="a name of its own", advice=advice))
            return
        unit = "points" if shape.weigh == "points" else "pupils"
        self.facts.update({name: dataclasses.replace(fact, unit=unit) for name, fact in made.items()})
        if told is None:
            return
        self.faults.extend(at_odds(edition, path, shape))
        numbers = Numbers(self.settings, self.lost, self.faults)
        self.counts.append(
            Count(
                id=name,
                of=shape.of,
                where=(told[0] if len(told) == 1 else Any(told)) if told else None,
                where_text=shape.where or (),
                over=span_of(shape.over),
                per=shape.per,
                minus=shape.minus,
                plus=shape.plus,
                broken_down=fate_of(edition, (*path, "broken_down"), shape.broken_down, numbers),
                left=fate_of(edition, (*path, "left"), shape.left, numbers),
                weigh=shape.weigh,
                book=edition.name,
                line=edition.document.line(path),
            )
        )

    def _derive(self, edition: Edition) -> None:
        """The book's derived facts, each after those that it reads."""
        places: dict[str, tuple[Path, DeriveShape]] = {}
        for number, shape in enumerate(edition.shape.derive):
            path: Path = ("derive", number)
            if shape.fact in places or (shape.fact in self.facts and not self._gives_way(shape)):
                self.faults.append(
                    edition.fault((*path, "fact"), found=f"{shape.fact}, which exists already", wanted="a new name", advice=NAME_OF_ITS_OWN)
                )
            else:
                places[shape.fact] = (path, shape)
        graph = {fact: [name for name in _named(shape.is_) if name in places] for fact, (_, shape) in places.items()}
        for fact in self._in_order(edition, graph, places):
            self._derived(edition, *places[fact])

    def _gives_way(self, shape: DeriveShape) -> bool:
        """Whether a fact leaves its name to what this book derives, where nothing has read it: so a recorded book means what it meant.

        A new book is refused such a name (`on_adoption.py`).
        """
        own = {fact.name for fact in self.school_facts.values()}
        facts = (BY_NAME.keys() - READ_BY_SCOPES - own).union(*(even_names_of(count.id) for count in self.counts))
        if shape.fact not in facts or shape.fact in _named(shape.is_) or any(one.fact.name == shape.fact for one in self.derived):
            return False
        terms = [*(one.term for one in self.derived), *(rule.condition for rule in self.rules)]
        terms += [term for limit in self.limits for term in (limit.condition, limit.room)]
        return all(fact.name != shape.fact for term in terms for fact in reads(term))

    def _in_order(self, edition: Edition, graph: Mapping[str, list[str]], places: Mapping[str, tuple[Path, DeriveShape]]) -> Iterable[str]:
        try:
            return tuple(graphlib.TopologicalSorter(graph).static_order())
        except graphlib.CycleError as error:
            ring: list[str] = list(reversed(error.args[1]))
            start = ring.index(min(ring[:-1], key=lambda fact: edition.document.line(places[fact][0])))
            ring = [*ring[start:-1], *ring[:start], ring[start]]
            advice = "A derived fact cannot be worked out from itself, not even by way of others."
            self.faults.append(
                edition.fault(places[ring[0]][0], found=f"a cycle: {' reads '.join(ring)}", wanted="no cycle in `derive`", advice=advice)
            )
            self.lost.update(ring)
            rest = {fact: [name for name in named if name not in ring] for fact, named in graph.items() if fact not in ring}
            return self._in_order(edition, rest, places)

    def _derived(self, edition: Edition, path: Path, shape: DeriveShape) -> None:
        term = self._read(edition, (*path, "is"), shape.is_, parse_either)
        if term is None:
            self.lost.add(shape.fact)
            return
        optional = may_be_unknown(term)
        if isinstance(term, CONDITIONS):
            fact = Fact(name=shape.fact, type="yes/no", meaning=shape.is_, optional=optional)
        else:
            low, high = bounds(term)
            fact = Fact(name=shape.fact, type="number", meaning=shape.is_, low=low, high=high, usual=low, optional=optional)
        self.facts[fact.name] = fact
        self.derived.append(Derived(id=shape.id, fact=fact, term=term, text=shape.is_, book=edition.name, line=edition.document.line(path)))

    def _rule(
        self, edition: Edition, path: Path, kind: RuleKind, shape: TariffShape | TransferShape | HoldShape, amount: int | str
    ) -> None:
        when = self.lines(edition, (*path, "when"), shape.when)
        unless = self.lines(edition, (*path, "unless"), shape.unless or ())
        whole = 0 if amount == TRAVEL else self._whole(edition, path, amount)
        examples = self.examples(edition, path, shape)
        if when is None or unless is None or whole is None:
            self.lost.update({"tier": {"tiers."}, "tariff": {"tariff."}}.get(kind, ()))
            return
        self.rules.append(
            Rule(
                id=shape.id,
                kind=kind,
                condition=_condition(when, unless),
                applies_to=_among(getattr(shape, "applies_to", None)),
                at=_among(getattr(shape, "at", None)),
                in_force=_days(getattr(shape, "in_force", None)),
                waivable=getattr(shape, "waivable", True),
                amount=whole,
                flow=flow_of(edition, path, shape, Numbers(self.settings, self.lost, self.faults), self.faults),
                say=shape.say,
                when_text=shape.when,
                unless_text=shape.unless or (),
                authority=_authority(edition, shape),
                examples=examples,
                book=edition.name,
                line=edition.document.line(path),
            )
        )

    def _limit(self, edition: Edition, path: Path, shape: LimitShape) -> None:
        room = self._read(edition, (*path, "room"), shape.room, parse_sum)
        when = self.lines(edition, (*path, "when"), shape.when or ())
        unless = self.lines(edition, (*path, "unless"), shape.unless or ())
        examples = self.examples(edition, path, shape)
        of = audience_of(edition, path, shape.of, self.faults)
        years = self._years(edition, (*path, "year_groups"), shape.year_groups)
        self.faults.extend(told_of_the_case(edition, path, of, "limit"))
        if room is None or when is None or unless is None or (years is None and isinstance(shape.year_groups, str)):
            return
        self.limits.append(
            Limit(
                id=shape.id,
                per=shape.per,
                of=of,
                years=years,
                room=room,
                room_text=shape.room,
                condition=_condition(when, unless),
                when_text=shape.when or (),
                unless_text=shape.unless or (),
                weigh=shape.weigh,
                at=_among(shape.at),
                in_force=_days(shape.in_force),
                waivable=shape.waivable,
                say=shape.say,
                authority=_authority(edition, shape),
                examples=examples,
                book=edition.name,
                line=edition.document.line(path),
            )
        )

    def _years(self, edition: Edition, path: Path, said: YearGroupsShape | str | None) -> range | None:
        """The year groups that a part of a book is for; of a phase those of it that the book is for."""
        if not isinstance(said, str):
            return years_within(edition, path, said, self.year_groups, self.faults)
        if "phases." in self.lost or f"phases.{said}" in self.lost:
            return None
        return years_named(edition, path, said, self.phases, self.faults)

    def examples(self, edition: Edition, path: Path, shape: RuleShape) -> tuple[Example, ...]:
        made: list[Example] = []
        derived = {one.fact.name for one in self.derived} | self.lost
        for number, example in enumerate(shape.examples):
            told = read_example(
                edition, (*path, "examples", number), example, self._facts(edition), derived, of_a_limit=isinstance(shape, LimitShape)
            )
            if isinstance(told, Example):
                made.append(self.letters.example(edition.name, told))
            else:
                self.faults.extend(told)
                self.lost.add(f"examples of {shape.id}")
        return tuple(made)

    def lines(self, edition: Edition, path: Path, lines: tuple[str, ...]) -> tuple[Condition, ...] | None:
        read = [self._read(edition, (*path, number), line, parse_condition) for number, line in enumerate(lines)]
        told = tuple(line for line in read if line is not None)
        return told if len(told) == len(read) else None

    def total(self, edition: Edition, path: Path, text: str) -> Sum | None:
        """The whole number that a text says; None where it cannot be read, or names what could not be."""
        return self._read(edition, path, text, parse_sum)

    def _whole(self, edition: Edition, path: Path, amount: int | str) -> int | None:
        return whole_of(edition, path, amount, self.settings, self.lost, self.faults)

    def _read(
        self, edition: Edition, path: Path, text: str, parse: Callable[[str, Mapping[str, Fact], Mapping[str, Setting]], Parsed]
    ) -> Parsed | None:
        """What the text says; None where it cannot be read, or names what could not be."""
        if any(name in self.lost or (name.startswith("settings.") and "settings." in self.lost) for name in _named(text)):
            return None
        self.faults.extend(self.letters.mixed(edition, path, text, self.settings))
        try:
            told = parse(text, self._facts(edition), self.settings)
        except Misread as misread:
            self.faults.extend(edition.fault(path, found=slip.found, wanted=slip.wanted, advice=slip.advice) for slip in misread.slips)
            return None
        return self.letters.term(edition.name, told)

    def _facts(self, edition: Edition) -> Mapping[str, Fact]:
        """The facts as a layer writes them: each has its own letters for the categories."""
        return self.facts if self.letters.same(edition.name) else {**self.facts, CATEGORY.name: self.letters.fact_of(edition.name)}

    def authority(self, edition: Edition, shape: RuleShape) -> Authority:
        return _authority(edition, shape)


def _named(text: str) -> list[str]:
    """What the text names, whether it exists or not; not what it quotes."""
    return _NAMED.findall(_QUOTED.sub("", text))


def _condition(when: tuple[Condition, ...], unless: tuple[Condition, ...]) -> Condition:
    """One line of `when`, where it has any, and none of `unless`."""
    held = when[0] if len(when) == 1 else Any(when) if when else ALWAYS
    if not unless:
        return held
    denied = Not(unless[0] if len(unless) == 1 else Any(unless))
    return All((held, denied)) if when else denied


def _among(words: tuple[str, ...] | None) -> frozenset[str] | None:
    return None if words is None else frozenset(words)


def _days(shape: DaysShape | None) -> tuple[dt.date | None, dt.date | None] | None:
    return None if shape is None else (shape.from_, shape.until)


def _authority(edition: Edition, shape: RuleShape | None = None) -> Authority:
    """The rule's own, or else the book's."""
    said = (shape.authority if shape else None) or edition.shape.authority
    return Authority(said.instrument, said.paragraph)
