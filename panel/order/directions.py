"""Which step towards directing a school may follow which, and whether each in a record could.

It knows nothing of what the law allows: whom the authority may direct, and after how many days, are clocks of a book and the
authority's to know.

    announced -> answered? -> referred? -> directed -> admitted
    A school that was told may admit before it is directed; a direction may be dropped until the school has admitted,
    and is nothing but dropped once the referral is declined or withdrawn.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from panel import events as ev

Step = Literal["announced", "answered", "referred", "directed", "admitted", "dropped"]

STEPS: Final[Mapping[Step, str]] = {
    "announced": "the authority tells the school that it means to direct it",
    "answered": "the school answers that",
    "referred": "the matter goes to somebody who decides whether the school must admit",
    "directed": "the authority directs the school to admit",
    "admitted": "the school admits the pupil",
    "dropped": "the direction is given up",
}
FOLLOWS: Final[Mapping[Step | None, tuple[Step, ...]]] = {
    None: ("announced",),
    "announced": ("answered", "referred", "directed", "admitted", "dropped"),
    "answered": ("referred", "directed", "admitted", "dropped"),
    "referred": ("directed", "admitted", "dropped"),
    "directed": ("admitted", "dropped"),
    "admitted": (),
    "dropped": ("announced",),
}
"""Step -> what may come next, for one school and one referral; None: no step yet."""

CLOSED: Final = ("admitted", "dropped")
UNBOUND: Final = ("managed_move", "off_site_direction")
"""Kinds of referral to which nobody is bound: the one needs everybody's agreement, the other is no admission."""


def next_steps(steps: Sequence[ev.DirectionStep], school: str) -> tuple[Step, ...]:
    """The steps that may come next towards directing a school; none while another school is being directed, or once one has admitted."""
    last = steps[-1] if steps else None
    if last is None or (last.school != school and last.step == "dropped"):
        return FOLLOWS[None]
    return FOLLOWS[last.step] if last.school == school else ()


@dataclass(slots=True)
class _Case:
    """What the entries so far say of a referral: whose word stands, who did not agree, and how far a direction is."""

    pupil: str
    kind: str
    decided: str | None = None
    refused: set[str] = field(default_factory=set)
    started: bool = False
    over: str | None = None
    steps: list[ev.DirectionStep] = field(default_factory=list)


@dataclass(slots=True)
class Directions:
    """The directions of a record so far. What is wrong with an entry: what, as recorded, what was wanted."""

    cases: dict[str, _Case] = field(default_factory=dict)

    def take(self, event: ev.Event) -> Iterator[tuple[str, Any, Any]]:
        """What is wrong with the next entry, if it is a step of a direction; then it is one of those before."""
        match event:
            case ev.ReferralMade(referral=name, pupil=pupil, referral_kind=kind):
                self.cases.setdefault(name, _Case(pupil, kind))
            case ev.DecisionTaken(referral=name, school=school) if name in self.cases:
                self.cases[name].decided = school
                self.cases[name].over = "declined" if event.outcome == "declined" else None
            case ev.ReferralWithdrawn(referral=name) if name in self.cases:
                self.cases[name].over = "withdrawn"
            case ev.FamilyRefused() | ev.PartnerRefused() | ev.BoardDeclined() | ev.AgreementWithdrawn() if event.referral in self.cases:
                if not isinstance(event, ev.AgreementWithdrawn) or event.school is not None:
                    self.cases[event.referral].decided = None
            case ev.SchoolRefused(referral=name, school=school) if name in self.cases:
                self.cases[name].refused.add(school)
                self.cases[name].decided = None
            case ev.PlacementEnded(end="not_taken_up", referral=name) if name in self.cases:
                self.cases[name].over = "not taken up"
            case ev.PlacementStarted(referral=name) if name in self.cases:
                self.cases[name].started = True
            case ev.DirectionStep():
                yield from self._step(event)

    def _step(self, event: ev.DirectionStep) -> Iterator[tuple[str, Any, Any]]:
        case = self.cases.setdefault(event.referral, _Case(event.pupil, "unknown"))
        if event.pupil != case.pupil:
            yield "pupil", event.pupil, case.pupil
        if case.over and event.step != "dropped":
            yield "referral", event.referral, f"a referral that goes on: {event.referral} is {case.over}"
        if case.kind in UNBOUND:
            yield "referral", event.referral, f"a referral to which a school can be bound: this is a {case.kind.replace('_', ' ')}"
        allowed = next_steps(case.steps, event.school)
        if event.step not in allowed:
            yield "step", event.step, " or ".join(allowed) or "none: " + _why_none(case.steps, event.school)
        elif event.step == "announced" and (event.school not in (case.decided, *case.refused) or (case.started and case.decided)):
            yield "school", event.school, "one that was decided and has not admitted, or that did not agree"
        if case.steps and event.on < case.steps[-1].on:
            yield "on", f"{event.on}", f"{case.steps[-1].on} or later, the day of the step before"
        case.steps.append(event)


def _why_none(steps: Sequence[ev.DirectionStep], school: str) -> str:
    last = steps[-1]
    if last.school == school:
        return "it has admitted"
    return f"{last.school} {'has admitted' if last.step == 'admitted' else 'is being directed'}"


def too_soon(steps: Sequence[ev.DirectionStep], on: dt.date) -> dt.date | None:
    """The day of the step before, where a day lies before it."""
    return steps[-1].on if steps and on < steps[-1].on else None
