"""Refusals and directions: which schools did not agree to admit, which were directed, and what came of it. Only read from the state."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from panel import events as ev
from panel.order.directions import CLOSED, Step
from panel.state.records import Referral, State


@dataclass(frozen=True, slots=True)
class Direction:
    """The steps towards directing one school to admit one pupil, with their days. The reasons stay sealed."""

    referral: str
    school: str
    steps: tuple[tuple[Step, dt.date], ...]

    @property
    def stands(self) -> Literal["open", "admitted", "dropped"]:
        """Whether it goes on, or how it ended."""
        last = self.steps[-1][0]
        return last if last in ("admitted", "dropped") else "open"

    @property
    def directed(self) -> dt.date | None:
        """The day on which the school was directed; None where it did not come to that."""
        return next((on for step, on in self.steps if step == "directed"), None)


@dataclass(frozen=True, slots=True)
class Refusing:
    """One school: the referrals that it did not agree to, with the day, and the directions that it was the subject of."""

    school: str
    refusals: tuple[tuple[str, dt.date], ...]
    directions: tuple[Direction, ...]

    @property
    def admitted(self) -> int:
        """Pupils whom it admitted after a direction was announced."""
        return sum(one.stands == "admitted" for one in self.directions)


def directions_of(referral: Referral) -> tuple[Direction, ...]:
    """Each direction of a referral, from its announcement to its end."""
    made: list[list[ev.DirectionStep]] = []
    for step in referral.directions:
        if made and made[-1][-1].school == step.school and made[-1][-1].step not in CLOSED:
            made[-1].append(step)
        else:
            made.append([step])
    return tuple(Direction(referral.made.referral, steps[0].school, _days(steps)) for steps in made)


def _days(steps: Sequence[ev.DirectionStep]) -> tuple[tuple[Step, dt.date], ...]:
    return tuple((step.step, step.on) for step in steps)


def refusing(state: State) -> tuple[Refusing, ...]:
    """Every school that ever did not agree or was to be directed, by URN; what a report counts of it is its own."""
    refusals: dict[str, list[tuple[str, dt.date]]] = {}
    directions: dict[str, list[Direction]] = {}
    for name, referral in state.referrals.items():
        days = [one.on for one in referral.happened if one.event == "receiving_school.refused"]
        for urn, on in zip(referral.refusals, days, strict=True):
            refusals.setdefault(urn, []).append((name, on))
        for direction in directions_of(referral):
            directions.setdefault(direction.school, []).append(direction)
    return tuple(Refusing(urn, tuple(refusals.get(urn, ())), tuple(directions.get(urn, ()))) for urn in sorted({*refusals, *directions}))


def open_directions(state: State) -> Iterator[tuple[str, str, str]]:
    """Referral, school and what is so, of each direction that goes on, with its steps and their days, or that led to a place while
    the case still waits."""
    for name, referral in state.referrals.items():
        for direction in directions_of(referral):
            on = direction.steps[-1][1]
            if direction.stands == "open":
                steps = ", ".join(f"{one} on {day}" for one, day in direction.steps)
                gone = referral.status in ("declined", "withdrawn", "not taken up")
                over = f"; the case is {referral.status}: drop it (--step dropped)" if gone else ""
                yield name, direction.school, f"a direction is under way since {direction.steps[0][1]}: {steps}{over}"
            elif direction.stands == "admitted" and referral.status == "waiting":
                say = f"admitted on {on} after a direction, and the case still waits: decide it for this school, or withdraw it"
                yield name, direction.school, say
