"""Two answers for one meeting side by side: as it stands, and with something otherwise. Every difference, and why.

Both are decided and proved below. It records nothing, and does not say which answer is the better one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from panel.answering.explain import Explainer
from panel.answering.hypothesis import Hypothesis, set_aside
from panel.placing.problem import InTurn, Objective

Kind = Literal["placed", "decided", "forced", "unplaced", "held", "left out"]
Change = Literal["better", "worse", "same", "not compared"]
AS_GOOD: Final = "Before the draw another answer is as good for this pupil."


@dataclass(frozen=True, slots=True)
class Standing:
    """What one answer says of a referral; `school` where it has one, `tied` where before the draw another answer is as good."""

    kind: Kind
    school: str | None = None
    because: tuple[str, ...] = ()
    tied: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """One referral in both answers."""

    referral: str
    before: Standing
    after: Standing

    @property
    def differs(self) -> bool:
        """Whether the pupil goes elsewhere, or stands otherwise; being forced to where one goes anyway is no difference."""
        if self.before.school or self.after.school:
            return self.before.school != self.after.school
        return self.before.kind != self.after.kind


@dataclass(frozen=True, slots=True)
class Worth:
    """One objective in both answers, as the commands' JSON says it; None where the book has no such objective."""

    name: str
    of: str
    before: Any
    after: Any
    change: Change


@dataclass(frozen=True, slots=True)
class Unknown:
    """A pupil whom the panel, or the question, sends where something that is weighed is not recorded; `facts` are what."""

    referral: str
    school: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Both answers. `set_aside` are the rules between those who are forced and their schools; `pairs` by referral.

    `unknown` are the pairs of either answer that are weighed without being known.
    """

    hypothesis: Hypothesis
    before: Explainer
    after: Explainer
    pairs: tuple[Pair, ...]
    objectives: tuple[Worth, ...]
    set_aside: Mapping[str, tuple[str, ...]]
    unknown: tuple[Unknown, ...] = ()

    @property
    def differences(self) -> tuple[Pair, ...]:
        return tuple(pair for pair in self.pairs if pair.differs)


def compared(before: Explainer, after: Explainer, hypothesis: Hypothesis) -> WhatIf:
    """The two answers side by side; reasons are told for those who differ."""
    case, casework = after.decision.case, after.decision.casework
    aside = {name: set_aside(case, casework, name, urn) for name, urn in sorted(hypothesis.forced.items())}
    names = sorted({*before.decision.casework.hearings, *after.decision.casework.hearings})
    pairs = tuple(_pair(name, before, after, hypothesis) for name in names)
    unknown = tuple(dict.fromkeys(one for explainer in (before, after) for one in _unknown(explainer)))
    return WhatIf(hypothesis, before, after, pairs, tuple(_worths(before, after)), aside, unknown)


def _unknown(explainer: Explainer) -> Iterator[Unknown]:
    """The pairs of an answer for which an objective has no value: only the panel's word, or the question, makes them."""
    for name, urn in sorted(explainer.decision.case.fixed.items()):
        if facts := explainer.hearing(name).verdicts[urn].unknown:
            yield Unknown(name, urn, facts)


def _pair(referral: str, before: Explainer, after: Explainer, hypothesis: Hypothesis) -> Pair:
    pair = Pair(referral, _standing(referral, before, {}), _standing(referral, after, hypothesis.forced))
    return Pair(referral, _because(pair.before, referral, before), _because(pair.after, referral, after)) if pair.differs else pair


def _standing(referral: str, explainer: Explainer, forced: Mapping[str, str]) -> Standing:
    decision = explainer.decision
    if referral in forced:
        return Standing("forced", forced[referral])
    if referral not in decision.casework.hearings or referral in decision.case.absent:
        return Standing("left out")
    if referral in decision.case.fixed:
        return Standing("decided", decision.case.fixed[referral])
    if explainer.hearing(referral).held:
        return Standing("held")
    school = decision.placing.get(referral)
    return Standing("placed" if school else "unplaced", school, tied=explainer.tied(referral))


def _because(standing: Standing, referral: str, explainer: Explainer) -> Standing:
    match standing.kind:
        case "placed" | "decided":
            told = explainer.because(referral)
        case "forced":
            told = ("Forced here, to see what follows.",)
        case "held":
            told = tuple(f"{reason.rule}: {reason.say}" for reason in explainer.of_referral(referral) if reason.kind != "notice")
        case "unplaced":
            told = tuple(_in_the_way(explainer, referral, urn) for urn, _ in explainer.nearest(referral))
        case "left out":
            told = ()
    return replace(standing, because=(*told, *((AS_GOOD,) if standing.tied else ())))


def _in_the_way(explainer: Explainer, referral: str, urn: str) -> str:
    name = explainer.decision.case.facts.schools[urn]["school.name"]
    return f"{name} ({urn}): {explainer.in_short(referral, urn)}"


def _worths(before: Explainer, after: Explainer) -> Iterator[Worth]:
    """The objectives of both answers; better or worse is said only where both follow one rulebook, and of the same cases in turn."""
    was, now = (explainer.decision.objectives(explainer.rulebook) for explainer in (before, after))
    if before.rulebook.digest == after.rulebook.digest:
        ranks = zip(before.decision.placement.values, after.decision.placement.values, strict=True)
        turns = zip(before.decision.problem.objectives, after.decision.problem.objectives, strict=True)
        for old, new, (less, more), (one, other) in zip(was, now, ranks, turns, strict=True):
            change: Change = "same" if less == more else "better" if (more,) < (less,) else "worse"
            if _in_turn(one) != _in_turn(other):
                change = "not compared"
            yield Worth(old["name"], old["of"], old["value"], new["value"], change)
        return
    left = list(was)
    for new in now:
        same = next((n for n, old in enumerate(left) if (old["name"], old["of"]) == (new["name"], new["of"])), None)
        yield Worth(new["name"], new["of"], None if same is None else left.pop(same)["value"], new["value"], "not compared")
    yield from (Worth(old["name"], old["of"], old["value"], None, "not compared") for old in left)


def _in_turn(objective: Objective) -> list[tuple[str, frozenset[str]]]:
    """Of what is taken case by case, what each of its sums measures and of whom; nothing of any other objective."""
    return [(one.name, one.of) for one in objective.sums] if isinstance(objective, InTurn) else []
