"""What is said of a pupil beside others: who is placed together with it, and what is left of a room in points.

Worked out from the decision, for the explainer. Who the other is stays unsaid, for families read it too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from panel.answering.why import Reason, in_a_line
from panel.deciding.casework import full
from panel.deciding.decision import Decision
from rules.book import Limit, Rule, Rulebook
from rules.finding import Finding, Outcome
from rules.reading import PairReading


def placed_together(decision: Decision, referral: str) -> Iterator[str]:
    """What becomes of the pupils of the agenda who are to be placed together with one who has a place: a line for each thing, once."""
    here = decision.placing[referral]
    become = Counter(_become(decision, other, here) for other in decision.case.facts.together.get(referral, ()))
    for (one, several), many in become.items():
        whom = "A pupil" if many == 1 else f"{many} pupils"
        yield f"{whom} with whom this one is to be placed {one if many == 1 else several}."


def _become(decision: Decision, other: str, here: str) -> tuple[str, str]:
    """Of one pupil, and of several."""
    if other not in decision.problem.referrals:
        why = "not placed at this meeting: held, put off, declined or withdrawn"
        return f"is {why}", f"are {why}"
    if other not in decision.placing:
        return "is left without a place", "are left without a place"
    where = "here too" if decision.placing[other] == here else "to another school"
    return f"goes {where}", f"go {where}"


def without_room(reading: PairReading, rulebook: Rulebook, points: int) -> Iterator[Finding]:
    """The findings of the limits without room for a pupil of so many points, in the book's order."""
    return (replace(reading.finding(limit), outcome=Outcome.FIRES) for limit in full(reading, rulebook, points))


def with_points(reason: Reason, rule: Rule | Limit, room: int | None, points: int) -> Reason:
    """The reason; of a limit in points that has no room also how many are left, and what the pupil weighs."""
    if not (isinstance(rule, Limit) and rule.weigh == "points" and room is not None and reason.outcome == "fires"):
        return reason
    return replace(reason, say=in_a_line((reason.say, left(room, points))))


def left(room: int, points: int) -> str:
    """`3 points are left, and this pupil weighs 5.`; `room` is below 0 where more are taken than there were."""
    if room < 0:
        return f"No points are left: {-room} beyond the room {'is' if room == -1 else 'are'} taken, and this pupil weighs {points}."
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
