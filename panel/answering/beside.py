"""What is said of a pupil beside others: who is placed together with it, what is left of a room in points, what a share starts from.

Worked out from the decision, for the explainer. Who the other is stays unsaid, for families read it too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from panel.answering.why import Reason, in_a_line
from panel.deciding.casework import full
from panel.deciding.decision import Decision
from panel.placing.problem import Objective, Rota
from panel.placing.rivals import Load
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


def turns_of(objectives: Iterable[Objective]) -> Mapping[tuple[str, str], tuple[int, int]]:
    """(setting, part of it) -> the number of its turn in the rota among these objectives, and how many turns there are on that list."""
    tallies = [tally for one in objectives if isinstance(one, Rota) for tally in one.tallies]
    last = {part: max(tally.against for tally in tallies if tally.part == part) for part in {tally.part for tally in tallies}}
    return {(tally.setting, tally.part): (tally.against, last[tally.part]) for tally in tallies}


def started(decision: Decision, rulebook: Rulebook, name: str, load: Load) -> int | None:
    """What of a load a share starts from at a setting, or at that part of it; None where the book does not say, or two could be meant."""
    facts, loads = decision.case.facts, decision.casework.loads
    shares = [(n, one) for n, one in enumerate(rulebook.objectives) if one.name == name == "share"]
    found = [
        (one, begins - taken)
        for n, one in shares
        for year in facts.parts(one)
        if load.part == ("" if year is None else f"year {year}")
        and (begins := loads.get((n, load.setting, year))) is not None
        and (taken := facts.taken(one, load.setting, year)) is not None
    ]
    return found[0][1] if len(found) == 1 and found[0][0].starts else None


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
