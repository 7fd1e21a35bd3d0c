"""What if: a meeting's case and what its rules said, as they would be if some things were otherwise. Nothing of it is recorded.

One step in, one step out: whoever hears, weighs, places and proves afterwards does not know that it is a supposition.

    lifted     a vote on a school, or on one year group of it, is not there                    facts    -> facts
    forced     a pupil goes where the panel would put it; withdrawn: a pupil is not there      case     -> case
    waived     a bar does not stand between one pupil and one school                           casework -> casework
    without    a school takes nobody but those whom the panel has sent there                   casework -> casework
    room       so many places more or fewer than there are now; a place too few is none        casework -> casework
    points     the same of rooms in points                                                     casework -> casework
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from panel.deciding.casework import Casework, Evaluate, Hearing, Seats, Verdict, hear, holding
from panel.deciding.decision import Case, Decision, Place, settle
from panel.errors import Refused
from panel.facts.candidates import MeetingFacts, whole
from rules.book import Limit, Rule, Rulebook

LEFT_OUT: Final = "left out"
"""The bar of a school that is supposed to take nobody; no rule of a book has a name with a space."""

Room = tuple[str, int | None]
"""A URN and a year group: the limits per year group; without a year group the limits per school."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What is to be otherwise. `forced` referral -> URN; `room` places more or, below 0, fewer, `points` the same of rooms in points;
    `waived` (referral, URN, bar).
    """

    forced: Mapping[str, str] = field(default_factory=dict)
    without: frozenset[str] = frozenset()
    room: Mapping[Room, int] = field(default_factory=dict)
    points: Mapping[Room, int] = field(default_factory=dict)
    withdrawn: frozenset[str] = frozenset()
    waived: frozenset[tuple[str, str, str]] = frozenset()
    lifted: frozenset[Room] = frozenset()

    def __bool__(self) -> bool:
        return any((self.forced, self.without, self.room, self.points, self.withdrawn, self.waived, self.lifted))

    def more(self, seats: Seats) -> int:
        """How much more room these seats have, or, below 0, how much less."""
        return (self.points if seats.points else self.room).get((seats.urn, seats.year_group), 0)


def closing(rulebook: Rulebook) -> tuple[Rule | Limit, ...]:
    """The rules that can close a pair."""
    return (*rulebook.bars, *rulebook.limits)


def suppose(before: Decision, hypothesis: Hypothesis, rulebook: Rulebook, *, evaluate: Evaluate, place: Place) -> Decision:
    """The same meeting decided with the hypothesis, and proved.

    Raises `Refused` with everything in it that cannot be supposed, `PlacementError` where nothing can be placed or proved.
    """
    case = case_if(before.case, hypothesis)
    heard = before.casework if case.facts is before.case.facts else hear(case.facts, rulebook, evaluate)
    casework = casework_if(heard, hypothesis, case.fixed, rulebook)
    wrong = (*_not_there(before, heard, hypothesis, rulebook), *_not_to_be_forced(case, casework, hypothesis, rulebook))
    if wrong:
        raise Refused(" ".join(wrong))
    return settle(case, casework, rulebook, place)


def case_if(case: Case, hypothesis: Hypothesis) -> Case:
    """The case with votes lifted, pupils put where they are forced, and those who are withdrawn left out."""
    kept = {name: urn for name, urn in case.fixed.items() if name not in hypothesis.withdrawn}
    return replace(
        case,
        facts=_without_votes(case.facts, hypothesis.lifted) if hypothesis.lifted else case.facts,
        fixed={**kept, **hypothesis.forced},
        absent=(case.absent | hypothesis.withdrawn) - hypothesis.forced.keys(),
    )


def _without_votes(facts: MeetingFacts, lifted: Collection[Room]) -> MeetingFacts:
    candidates = {}
    for name, rows in facts.candidates.items():
        year_group = whole(facts.referrals[name], "referral.year_group")
        candidates[name] = {
            urn: {**row, "candidate.exempt": False} if (urn, None) in lifted or (urn, year_group) in lifted else row
            for urn, row in rows.items()
        }
    return replace(facts, candidates=candidates)


def casework_if(casework: Casework, hypothesis: Hypothesis, fixed: Mapping[str, str], rulebook: Rulebook) -> Casework:
    """The casework with bars waived, schools left out and room changed."""
    if not (hypothesis.waived or hypothesis.without or hypothesis.room or hypothesis.points):
        return casework
    there = {name: urn for name, urn in fixed.items() if name not in hypothesis.forced}
    fast = {limit.id for limit in rulebook.limits if not limit.waivable}
    rooms = {
        seats: _together(casework, seats, hypothesis) if seats.among else _places(casework, seats, hypothesis, there, fast)
        for seats in casework.rooms
    }
    of_pairs = {rule.id for rule in closing(rulebook)}
    hearings = {name: _heard(hearing, hypothesis, rooms, of_pairs) for name, hearing in casework.hearings.items()}
    return replace(casework, hearings=hearings, rooms=rooms)


def _together(casework: Casework, seats: Seats, hypothesis: Hypothesis) -> int:
    """Two who are kept apart are both let in where that is waived for either of them."""
    waived = any(urn == seats.urn and rule == seats.limit and name in seats.among for name, urn, rule in hypothesis.waived)
    return len(seats.among) if waived else casework.rooms[seats]


def _places(casework: Casework, seats: Seats, hypothesis: Hypothesis, there: Mapping[str, str], fast: Collection[str]) -> int:
    """Places more come on top of those that the panel has given away; under a limit that may not be waived there are none more."""
    number, more = casework.rooms[seats], hypothesis.more(seats)
    if more == 0 or (more > 0 and seats.limit in fast):
        return number
    kept = sum(seats.takes(casework.hearings[name]) for name, urn in there.items() if urn == seats.urn)
    return max(0, max(number, kept) + more)


def _heard(hearing: Hearing, hypothesis: Hypothesis, rooms: Mapping[Seats, int], of_pairs: Collection[str]) -> Hearing:
    """A hearing with the hypothesis; what a pair cannot tell holds the pupil only where nothing else closes the pair."""
    waived = {(urn, rule) for name, urn, rule in hypothesis.waived if name == hearing.referral}
    roomy = {urn for urn, year_group in (*hypothesis.room, *hypothesis.points) if year_group in (None, hearing.year_group)}
    touched = sorted((hypothesis.without | roomy | {urn for urn, _ in waived}) & hearing.verdicts.keys())
    if not touched:
        return hearing
    verdicts = dict(hearing.verdicts)
    for urn in touched:
        verdict = verdicts[urn]
        short = {
            seats.limit: number < seats.takes(hearing)
            for seats, number in rooms.items()
            if seats.urn == urn and not seats.among and seats.speak_of(hearing)
        }
        verdicts[urn] = replace(
            verdict,
            bars=(*(rule for rule in verdict.bars if (urn, rule) not in waived), *((LEFT_OUT,) if urn in hypothesis.without else ())),
            full=_full(verdict, short, urn in roomy),
            doubts=tuple(doubt for doubt in verdict.doubts if (urn, doubt.rule) not in waived),
        )
    own = [doubt for doubt in hearing.doubts if doubt.rule not in of_pairs]
    return replace(hearing, verdicts=verdicts, doubts=holding(own, verdicts.values()))


def _full(verdict: Verdict, short: Mapping[str, bool], touched: bool) -> tuple[str, ...]:
    """The limits without room: those that were and still are, and those that have none left where places were taken away."""
    still = [rule for rule in verdict.full if short.get(rule, True)]
    return tuple(dict.fromkeys((*still, *(rule for rule, too_little in short.items() if touched and too_little))))


# --- what cannot be supposed ---


def set_aside(case: Case, casework: Casework, referral: str, urn: str) -> tuple[str, ...]:
    """What stands between a pupil who is forced and the school: bars, limits, what cannot be told, what is unknown."""
    verdict = casework.hearings[referral].verdicts[urn]
    full = casework.without_seat(referral, urn, case.fixed)
    doubts, unknown = (doubt.rule for doubt in verdict.doubts), (f"unknown: {fact}" for fact in verdict.unknown)
    return tuple(dict.fromkeys((*verdict.bars, *verdict.full, *full, *doubts, *unknown)))


def _not_to_be_forced(case: Case, casework: Casework, hypothesis: Hypothesis, rulebook: Rulebook) -> Iterator[str]:
    fast = {rule.id for rule in closing(rulebook) if not rule.waivable}
    holds = {rule.id for rule in rulebook.holds}
    for name, urn in sorted(hypothesis.forced.items()):
        hearing = casework.hearings.get(name)
        if hearing is None:
            yield f"{name} is not on the agenda of this meeting, so it cannot be forced in it."
        elif name in hypothesis.withdrawn:
            yield f"{name} cannot be both forced and withdrawn."
        elif urn in hypothesis.without:
            yield f"{name} cannot be forced to {urn}, which is to be left out."
        elif urn not in hearing.verdicts:
            yield f"School {urn} could receive nobody when the meeting opened, so {name} cannot be forced there."
        elif held := [*hearing.holds, *(doubt.rule for doubt in hearing.doubts if doubt.rule in holds)]:
            yield f"{name} is held by {', '.join(held)}: the panel cannot decide it, so it cannot be forced."
        elif standing := [rule for rule in set_aside(case, casework, name, urn) if rule in fast]:
            yield f"{name} cannot be forced to {urn}: {', '.join(standing)} may not be waived."


def _not_there(before: Decision, heard: Casework, hypothesis: Hypothesis, rulebook: Rulebook) -> Iterator[str]:
    """What the hypothesis would change and is not there to change."""
    facts = before.case.facts
    for urn in sorted(hypothesis.without - facts.schools.keys()):
        yield f"School {urn} could receive nobody when the meeting opened: there is nothing to leave out."
    for name in sorted(hypothesis.withdrawn):
        if name not in heard.hearings:
            yield f"{name} is not on the agenda of this meeting, so there is nothing to withdraw."
        elif name in before.case.absent:
            yield f"{name} is left out of this meeting already: deferred, declined or withdrawn."
    for points, rooms in ((False, hypothesis.room), (True, hypothesis.points)):
        for room, more in sorted(rooms.items(), key=str):
            yield from _not_to_be_changed(heard, rulebook, room, more, points=points)
    for urn, year_group in sorted(hypothesis.lifted, key=str):
        if not any(voted(facts, name, urn) for name, hearing in heard.hearings.items() if year_group in (None, hearing.year_group)):
            whom = "anybody" if year_group is None else f"anybody of year {year_group}"
            yield f"No vote keeps {whom} on this agenda from {urn}, so there is nothing to lift."
    for name, urn, rule in sorted(hypothesis.waived):
        if said := _not_to_be_waived(heard, rulebook, name, urn, rule):
            yield said


def _not_to_be_changed(heard: Casework, rulebook: Rulebook, room: Room, more: int, *, points: bool) -> Iterator[str]:
    urn, year_group = room
    where = f"{urn} as a whole" if year_group is None else f"year {year_group} at {urn}"
    here = [seats for seats in heard.rooms if (seats.urn, seats.year_group) == room and not seats.among]
    limits = {seats.limit for seats in here if seats.points == points}
    if not limits:
        much, other = ("many points", "--room") if points else ("much room", "--points")
        instead = f" Its room is asked for with {other}." if here else ""
        yield f"No limit says how {much} {where} has for this agenda, so there is nothing to change by {more:+d}.{instead}"
    elif more > 0 and not any(limit.waivable for limit in rulebook.limits if limit.id in limits):
        yield f"{', '.join(sorted(limits))} may not be waived, so {where} can have no {'points' if points else 'place'} more."


def voted(facts: MeetingFacts, referral: str, urn: str) -> bool:
    """Whether a vote of the panel speaks of the pair."""
    return facts.candidates.get(referral, {}).get(urn, {}).get("candidate.exempt") is True


def _not_to_be_waived(heard: Casework, rulebook: Rulebook, name: str, urn: str, rule: str) -> str:
    hearing = heard.hearings.get(name)
    verdict = hearing.verdicts.get(urn) if hearing else None
    if verdict is None:
        return f"{name} and {urn} are no pair of this meeting, so nothing can be waived between them."
    limit = next((limit for limit in rulebook.limits if limit.id == rule), None)
    if limit is not None and limit.per == "kept_apart_pupils":
        if not any((seats.limit, seats.urn) == (rule, urn) and name in seats.among for seats in heard.rooms):
            return f"{rule} keeps {name} apart from nobody on this agenda, so there is nothing to waive."
        return "" if limit.waivable else f"{rule} keeps {name} from a pupil at {urn}, and may not be waived."
    if limit is not None:
        what, option = ("points", "--points") if limit.weigh == "points" else ("places", "--room")
        return f"{rule} is a limit and not a bar: ask for {what} more with {option} instead."
    bars = (*verdict.bars, *(doubt.rule for doubt in verdict.doubts))
    if rule not in bars:
        return f"{rule} does not keep {name} from {urn}, so there is nothing to waive; what does: {', '.join(bars) or 'no bar'}."
    if any(bar.id == rule and not bar.waivable for bar in rulebook.bars):
        return f"{rule} keeps {name} from {urn}, and may not be waived."
    return ""
