"""What stands in a sound book and does nothing: part of what `remarks.py` tells, and only where it is certain.

    nothing goes by it     tiers, a tariff, charges and derived facts that no other part of the book reads
    it goes by nothing     an objective `tier` where there are no tiers
    it is settled before   an objective whose sum follows from those of the objectives before it
    it never comes         a clock from or until what no placement by those kinds of referral comes to

It refuses nothing and evaluates nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from rules.audience import Audience
from rules.book import Clock, Objective, Rulebook
from rules.clauses import verdict_of
from rules.facts import BY_NAME, KINDS
from rules.lifecycle import MEANT
from rules.phrases import listed
from rules.reach import reached, terms_of, weighs_points
from rules.terms import All, Among, Condition, Flag, Term

Remark = tuple[str, int | None, str]


def idle(rulebook: Rulebook) -> Iterator[Remark]:
    """All of it in the highest layer of a book. A book of law has no objectives: what goes by it stands above."""
    own = rulebook.layers[0].name
    yield from (remark for clock in rulebook.clocks if clock.rule.book == own for remark in _never(rulebook, clock))
    if rulebook.objectives:
        yield from _unread(rulebook, own)
        yield from _settled(rulebook.objectives)


# --- what nothing goes by ---


def _unread(rulebook: Rulebook, own: str) -> Iterator[Remark]:
    measures = {one for objective in rulebook.objectives for one in objective.measures}
    tiers, lines, charges = ([rule for rule in rules if rule.book == own] for rules in (rulebook.tiers, rulebook.tariff, rulebook.charges))
    if tiers and "tier" not in measures:
        say = "no objective goes by them, so that the order of approach decides nothing. Write `tier` among the objectives"
        yield "tiers", tiers[0].line, say
    if "tier" in measures and not rulebook.tiers:
        yield "objective tier", None, "the book has no tiers, and a school without a tier is closed: nobody can be placed. Write `tiers`"
    if lines and not weighs_points(rulebook):
        say = "no count and no limit says `weigh: points`, and no rule reads referral.points, so that what a pupil weighs decides nothing"
        yield "tariff", lines[0].line, say
    if charges and "transport" not in measures and not _costs_read(rulebook):
        say = (
            "no objective goes by what a journey costs (`transport`), and no rule: it is recorded with each decision, and `pastoral "
            "transport` adds it up, but it decides nothing"
        )
        yield "charges", charges[0].line, say
    yield from _derived(rulebook, own)


def _costs_read(rulebook: Rulebook) -> bool:
    """Whether any rule or sentence goes by what travel costs, or any school pays it."""
    return any(line.flow.travel for line in rulebook.transfers) or any("transport" in name for name in _read(rulebook))


def _read(rulebook: Rulebook) -> set[str]:
    """Every fact that a rule, a count, an objective or a sentence reaches."""
    terms: list[Term] = [term for rule in rulebook.rules for term in terms_of(rule)]
    terms += [count.where for count in rulebook.counts if count.where is not None]
    terms += [objective.level for objective in rulebook.objectives]
    named = _said(rulebook) | {name for objective in rulebook.objectives for name in objective.of_the_case}
    terms += [one.term for one in rulebook.derived if one.fact.name in named]
    return named | {name for term in terms for name in reached(rulebook, term)}


def _said(rulebook: Rulebook) -> set[str]:
    """The facts that a sentence of the book says."""
    said = " ".join(rule.say for rule in rulebook.rules)
    return set(re.findall(r"\{([a-z_]+\.[a-z0-9_]+)\}", said))


def _derived(rulebook: Rulebook, own: str) -> Iterator[Remark]:
    """What is worked out, and nothing reads, not even by way of something else that is worked out."""
    read = _read(rulebook)
    for one in rulebook.derived:
        if one.book == own and one.fact.name not in read:
            yield f"derive {one.id}", one.line, f"no rule, count, objective or sentence reads {one.fact.name}"


# --- what is settled before it comes ---

SUMS: Final = ("place", "waiting", "tier", "preference", "journey", "transport")
"""Objectives that add one number of each pupil."""


def _settled(objectives: Sequence[Objective]) -> Iterator[Remark]:
    """A sum over pupils that those before it leave one value: of everybody and of the one half, so of the other; or case after case."""
    for n, objective in enumerate(objectives):
        before = objectives[:n]
        about = f"objective {objective.name}{'' if objective.of == Audience() else f' of {objective.of}'}"
        if objective.name not in SUMS:
            continue
        if any(_asked_by_case(objective, one) for one in before):
            yield about, None, f"case_by_case before it has settled {objective.name} for each case, so that it decides nothing any more"
        elif _halves(objective) and {replace(objective, of=one) for one in _rest(objective)} <= {*before}:
            yield about, None, "the same of everybody and of all others stands before it, so that it decides nothing any more"


def _asked_by_case(objective: Objective, before: Objective) -> bool:
    """Whether an objective before it has asked the same of each of its pupils, case after case."""
    same = objective.name != "preference" or objective.unranked == before.unranked
    return objective.name in before.by and objective.of == before.of and same


def _halves(objective: Objective) -> bool:
    """Whether an objective is of those who were permanently excluded, or of those who were not."""
    return objective.of in (Audience(excluded=True), Audience(excluded=False))


def _rest(objective: Objective) -> tuple[Audience, Audience]:
    return Audience(), Audience(excluded=not objective.of.excluded)


# --- what never comes ---

Said = Mapping[str, Any]
EXTENDED: Final = ("return", "extend", "managed_move")
"""How what is for a time ends where no book says it."""


def _said_of(rulebook: Rulebook, kind: str) -> Said:
    """What the book's lifecycle says of a kind of referral, with what the kind means by itself."""
    said = rulebook.lifecycle.get(kind)
    return {"placement": MEANT.get(kind, "admission"), **(said if isinstance(said, Mapping) else {})}


def _trial(said: Said) -> Said | None:
    trial = said.get("trial")
    return trial if isinstance(trial, Mapping) else None


def _for_now(said: Said) -> bool:
    return said["placement"] == "temporary" or _trial(said) is not None


def _reviewed(said: Said) -> bool:
    return _for_now(said) or bool(said.get("reviews"))


def _extended(said: Said) -> bool:
    if (trial := _trial(said)) is not None:
        return bool(trial.get("extension")) or "extend" in (*trial["ends_as"], *said.get("ends_as", ()))
    return _for_now(said) and "extend" in said.get("ends_as", EXTENDED)


Comes = tuple[Callable[[Said], bool], str, str]
COMES: Final[Mapping[str, Comes]] = {
    "placement.reviewed": (
        _reviewed,
        "no review follows a placement by {kinds}",
        "what is permanent has one only where the book asks for it: under `lifecycle`, in its place, `{first}: {{reviews: [6 weeks]}}`",
    ),
    "placement.extended": (
        _extended,
        "no placement by {kinds} is made longer",
        "only a trial, or what is for a time, has an extension, where `lifecycle` allows one",
    ),
    "placement.made_permanent": (
        _for_now,
        "a placement by {kinds} is permanent from its first day",
        "only a trial, or what is for a time, is made permanent later",
    ),
    "notice.given": (
        lambda said: said["placement"] == "temporary",
        "no notice is given of a placement by {kinds}",
        "notice is of what is for a time",
    ),
    "board.directed": (
        lambda said: said.get("decided_by") is not None,
        "no governing board decides a placement by {kinds}",
        "it decides where `lifecycle` says so by `decided_by`",
    ),
}
"""An event -> whether a placement by what the book says of a kind may come to it; that it does not; and when it would."""


def _never(rulebook: Rulebook, clock: Clock) -> Iterator[Remark]:
    """A clock that never runs, or is never met: for any kind that it names; where it names none, for any at all, or late for some."""
    named = clock.rule.applies_to is not None
    kinds = [kind for kind in KINDS if clock.rule.applies_to is None or kind in clock.rule.applies_to]
    for events, follows in ((clock.from_, "it never runs"), (clock.until, "it is never met")):
        comes = {kind for kind in kinds if _may_come(rulebook, events, kind)}
        never = [kind for kind in kinds if kind not in comes]
        if not named and comes:
            never = [kind for kind in never if events is clock.until and _runs(rulebook, clock, kind)]
        if never:
            _, nothing, when = COMES[events[0]]
            said = f"{nothing.format(kinds=listed(never))}, so that {follows}: {when.format(first=never[0])}"
            others = [kind for kind in kinds if kind in comes]
            said += f". Or say for whom it is: `applies_to: [{', '.join(others)}]`" if others and not named else ""
            yield f"clock {clock.id}", clock.rule.line, said


def _may_come(rulebook: Rulebook, events: Sequence[str], kind: str) -> bool:
    """Whether a placement by a kind may come to one of these events, as far as the lifecycle settles it."""
    return not set(events) <= COMES.keys() or any(COMES[event][0](_said_of(rulebook, kind)) for event in events)


def _runs(rulebook: Rulebook, clock: Clock, kind: str) -> bool:
    """Whether a clock certainly runs for some case of a kind: it comes to its beginning, and its condition may be so."""
    condition = clock.rule.condition
    if not _may_come(rulebook, clock.from_, kind) or any(reached(rulebook, condition).values()):
        return False
    pupil: list[Condition] = [Among(BY_NAME["referral.kind"], (kind,))]
    pupil += [Flag(BY_NAME["referral.permanently_excluded"])] if kind == "permanent_exclusion" else []
    return verdict_of(All((*pupil, condition))) != "never"
