"""What is said of a pupil beside others: who is placed together with it, and what is left of a room in points.

Worked out from the decision, for the explainer. Who the other is stays unsaid, for families read it too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from panel.answering.why import Reason
from panel.deciding.casework import full
from panel.deciding.decision import Decision
from rules.book import Limit, Rule, Rulebook
from rules.finding import Finding, Outcome
from rules.reading import PairReading


def placed_together(decision: Decision, referral: str) -> Iterator[str]:
    """One line for each pupil of the agenda who is to be placed together with one who has a place."""
    here = decision.placing[referral]
    for other in decision.case.facts.together.get(referral, ()):
        if other not in decision.problem.referrals:
            yield "A pupil with whom this one is to be placed is not placed at this meeting: held, put off or withdrawn."
        elif other not in decision.placing:
            yield "A pupil with whom this one is to be placed is left without a place."
        else:
            where = "here too" if decision.placing[other] == here else "to another school"
            yield f"A pupil with whom this one is to be placed goes {where}."


def without_room(reading: PairReading, rulebook: Rulebook, points: int) -> Iterator[Finding]:
    """The findings of the limits without room for a pupil of so many points, in the book's order."""
    return (replace(reading.finding(limit), outcome=Outcome.FIRES) for limit in full(reading, rulebook, points))


def with_points(reason: Reason, rule: Rule | Limit, room: int | None, points: int) -> Reason:
    """The reason; of a limit in points that has no room also how many are left, and what the pupil weighs."""
    if not (isinstance(rule, Limit) and rule.weigh == "points" and room is not None and reason.outcome == "fires"):
        return reason
    return replace(reason, say=f"{reason.say} {left(max(0, room), points)}")


def left(room: int, points: int) -> str:
    """`3 points are left, and this pupil weighs 5.`"""
    return f"{room} point{' is' if room == 1 else 's are'} left, and this pupil weighs {points}."


def room_gone(decision: Decision, referral: str, urn: str) -> str:
    """That what room there was goes to others; of a room in points also what is left of it. Nothing where there is room."""
    hearings, placing = decision.casework.hearings, decision.placing
    limits = decision.casework.without_seat(referral, urn, placing)
    if not limits:
        return ""
    there = [hearings[name] for name, school in placing.items() if school == urn and name != referral]
    hearing = hearings[referral]
    rooms = (
        number - sum(map(seats.takes, there))
        for seats, number in decision.casework.rooms.items()
        if seats.points and seats.urn == urn and seats.limit in limits and seats.speak_of(hearing)
    )
    told = min((max(0, room) for room in rooms if room < hearing.points), default=None)
    return "Its room goes to other pupils of this meeting." + ("" if told is None else f" {left(told, hearing.points)}")
