"""The fewest things that would give an unplaced pupil a place, found by placing the whole meeting again with them.

A thing is a bar between this pupil and a school that the panel may waive (that it is kept apart from a pupil there among
them), a vote of the panel that it may lift, one place more in a year group or at a setting, or, where room is in points, as many
points more as it takes, and no more. Whatever says `waivable: false` is never among them. Things work if the best placement
with them, of this pupil and of all who had a place, leaves out nobody. Whether others who have no place either would by the
rulebook be given the new one first is then found by placing them all, and said.

    ways(s)     what stands between the pupil and s: bars, votes, limits without room; none where something there is fast
    tried       ways(s) for every s, fewest first; what does not work grows by one place more in a room that is full, or by a
                vote lifted, wherever the pupil and those left out could have moved by a chain of seats
    sufficient  where a set of things does not work and one with more does, the chain from somebody left out to the first
                seat of the larger set that was not there before is such a chain: the fewest are not passed over. A room in
                points may be too small for two who would each fit, so it counts as full for whoever takes any of it
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heappush
from typing import Final, Literal

from panel.answering.hypothesis import Hypothesis, Room, closing, suppose, voted
from panel.deciding.casework import Casework, Evaluate, Hearing, Seats
from panel.deciding.decision import Decision, Place
from panel.placing.problem import packed
from rules.book import Rulebook

MOST_THINGS: Final = 3
NUMBERS: Final = ("one place", "two places", "three places")
MOST_TRIED: Final = 400
"""Placements of the whole meeting; beyond it the search says that it stopped."""
PAIRS_PACKED: Final = 2_000
"""Where solvers settle it a placement takes seconds: then at most so many pairs are placed, all placements together."""


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing to be otherwise, at a school: its `rule` waived for the pupil, the vote on it lifted, one place more, or so many points.

    `year_group` is None for room at the setting as a whole; `many` are the points.
    """

    kind: Literal["bar", "place", "points", "vote"]
    school: str
    year_group: int | None = None
    rule: str = ""
    many: int = 1

    def __lt__(self, other: Thing) -> bool:
        return self._order < other._order

    @property
    def _order(self) -> tuple[str, str, bool, int, str, int]:
        return self.kind, self.school, self.year_group is not None, self.year_group or 0, self.rule, self.many


@dataclass(frozen=True, slots=True)
class Relaxation:
    """Things that together give the pupil a place at `school`, and the whole meeting as it then is, proved.

    `first` are others without a place who would be given one with these things, and this pupil, or one who had a place, not: then
    the meeting is the one in which the panel gives it to this pupil by its own word, and what is in `kept` to those who would lose
    theirs. Nobody who had a place is without one. `moves` are those who go elsewhere, with from and to; `worse` the objectives
    that get worse, in the book's order.
    """

    things: tuple[Thing, ...]
    school: str
    hypothesis: Hypothesis
    decision: Decision
    moves: tuple[tuple[str, str, str], ...]
    worse: tuple[str, ...]
    first: tuple[str, ...] = ()
    kept: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Relaxations:
    """The smallest sets that work, all of them, the best for the meeting first; none if no `most` things do.

    `whole` is False if the search stopped early: then a smaller set, or one at all, may be there.
    """

    found: tuple[Relaxation, ...]
    most: int
    whole: bool


def hypothesis_of(referral: str, things: Iterable[Thing]) -> Hypothesis:
    """The same as one supposition."""
    room: dict[Room, int] = {}
    points: dict[Room, int] = {}
    waived, lifted = set[tuple[str, str, str]](), set[Room]()
    for thing in things:
        match thing.kind:
            case "place":
                room[thing.school, thing.year_group] = room.get((thing.school, thing.year_group), 0) + 1
            case "points":
                points[thing.school, thing.year_group] = thing.many
            case "bar":
                waived.add((referral, thing.school, thing.rule))
            case "vote":
                lifted.add((thing.school, thing.year_group))
    return Hypothesis(room=room, points=points, waived=frozenset(waived), lifted=frozenset(lifted))


def in_words(things: Iterable[Thing], names: Mapping[str, str]) -> str:
    """`one place more in year 9 at Ashdown School (100001)`; `names` URN -> name."""
    told = []
    for thing, number in sorted(Counter(things).items()):
        where = f"{names[thing.school]} ({thing.school})"
        year = "" if thing.year_group is None else f"in year {thing.year_group} "
        match thing.kind:
            case "place":
                told.append(f"{NUMBERS[number - 1]} more {year}at {where}")
            case "points":
                told.append(f"{thing.many} more point{'' if thing.many == 1 else 's'} {year}at {where}")
            case "bar":
                told.append(f"{thing.rule} waived at {where}")
            case "vote":
                told.append(f"the vote lifted that keeps year {thing.year_group} from {where}")
    return " and ".join(told)


def as_options(referral: str, things: Iterable[Thing], forced: Mapping[str, str] | None = None) -> str:
    """The options of `pastoral whatif` that suppose the same; `forced` referral -> URN, who goes where by the panel's word."""
    told = []
    for thing, number in sorted(Counter(things).items()):
        part = thing.school if thing.year_group is None else f"{thing.school}:{thing.year_group}"
        match thing.kind:
            case "place":
                told.append(f"--room {part}=+{number}")
            case "points":
                told.append(f"--points {part}=+{thing.many}")
            case "bar":
                told.append(f"--waive {referral}={thing.school}:{thing.rule}")
            case "vote":
                told.append(f"--lift {part}")
    return " ".join([*told, *(f"--force {name}={urn}" for name, urn in (forced or {}).items())])


def relaxations(decision: Decision, rulebook: Rulebook, referral: str, *, evaluate: Evaluate, place: Place) -> Relaxations:
    """The fewest things that would place an unplaced pupil. Raises `PlacementError` where a placement cannot be proved."""
    others = Hypothesis(withdrawn=frozenset(decision.unplaced) - {referral})
    alone = suppose(decision, others, rulebook, evaluate=evaluate, place=place) if others else decision
    search = _Search(alone, rulebook, referral, evaluate, place)
    found, whole = search.fewest()
    told = [_with_everybody(decision, search, things, after) for things, after in found]
    return Relaxations(
        tuple(sorted(told, key=lambda one: (bool(one.first), one.decision.placement.values, one.things))), MOST_THINGS, whole
    )


def _with_everybody(decision: Decision, search: _Search, things: tuple[Thing, ...], alone: Decision) -> Relaxation:
    """The things in the whole meeting, by the panel's word where the rulebook would give a place to others first.

    Whoever had a place and would lose it to them is given the one of the answer without them: with all of these it is that answer.
    """
    referral, hypothesis = search.referral, hypothesis_of(search.referral, things)
    after, first, forced = alone, tuple[str, ...](), dict[str, str]()
    if len(alone.problem.referrals) < len(decision.problem.referrals):
        after = search.suppose(decision, hypothesis)
        if referral not in after.placing or search.left_out(after):
            first = tuple(name for name in decision.unplaced if name in after.placing and name != referral)
            out = [referral]
            while out:
                forced |= {name: alone.placing[name] for name in out}
                hypothesis = replace(hypothesis, forced=dict(forced))
                after = search.suppose(decision, hypothesis)
                out = search.left_out(after)
    was, now, values = decision.placing, after.placing, zip(decision.placement.values, after.placement.values, strict=True)
    moves = tuple((name, urn, now[name]) for name, urn in sorted(was.items()) if now[name] != urn)
    worse = tuple(o.name for o, (less, more) in zip(after.problem.objectives, values, strict=True) if (less,) < (more,))
    kept = tuple((name, urn) for name, urn in sorted(forced.items()) if name != referral)
    return Relaxation(things, now[referral], hypothesis, after, moves, worse, first, kept)


class _Search:
    """One pupil's search: what is asked of the decision again and again."""

    def __init__(self, decision: Decision, rulebook: Rulebook, referral: str, evaluate: Evaluate, place: Place) -> None:
        self.decision, self.rulebook, self.referral, self.evaluate, self.place = decision, rulebook, referral, evaluate, place
        self.hearing = decision.casework.hearings[referral]
        pairs = sum(map(len, decision.problem.eligible.values()))
        self.most_tried = max(1, PAIRS_PACKED // max(1, pairs)) if packed(decision.problem) else MOST_TRIED
        self.waivable = {rule.id: rule.waivable for rule in closing(rulebook)}
        self.every_point = sum(hearing.points for hearing in decision.casework.hearings.values())

    def suppose(self, before: Decision, hypothesis: Hypothesis) -> Decision:
        return suppose(before, hypothesis, self.rulebook, evaluate=self.evaluate, place=self.place)

    def fewest(self) -> tuple[list[tuple[tuple[Thing, ...], Decision]], bool]:
        """Every smallest set of things that works, with the answer then; and whether the search came to its end."""
        heap = [(len(things), things) for things in self.ways()]
        heapify(heap)
        seen, found, tried = set(heap), list[tuple[tuple[Thing, ...], Decision]](), 0
        while heap:
            number, things = heappop(heap)
            if found and number > len(found[0][0]):
                break
            if tried == self.most_tried:
                return found, False
            tried += 1
            after = self.suppose(self.decision, hypothesis_of(self.referral, things))
            if self.works(after):
                found.append(self.fewest_points(things, after))
            elif number < MOST_THINGS:
                larger = {(number + 1, tuple(sorted((*things, thing)))) for thing in self.growth(after, things)} - seen
                seen |= larger
                for one in larger:
                    heappush(heap, one)
        return found, True

    def works(self, after: Decision) -> bool:
        """Whether the pupil has a place, and everybody who had one."""
        return self.referral in after.placing and not self.left_out(after)

    def fewest_points(self, things: tuple[Thing, ...], after: Decision) -> tuple[tuple[Thing, ...], Decision]:
        """The same things with fewer points, halves being tried, and the answer then: what is returned was tried, and it works.

        They are the fewest where more points never do harm, as where `place` comes first. Where a sum stands before it, more room may
        make it worth less to place somebody, and then fewer yet might have done.
        """
        for n, thing in enumerate(things):
            least, most = 1, thing.many if thing.kind == "points" else 1
            while least < most:
                half = (least + most) // 2
                fewer = (*things[:n], replace(thing, many=half), *things[n + 1 :])
                if self.works(tried := self.suppose(self.decision, hypothesis_of(self.referral, fewer))):
                    things, after, most = fewer, tried, half
                else:
                    least = half + 1
        return things, after

    def _more(self, urn: str, year_group: int | None, *, points: bool) -> Thing:
        """A place more; or of points as many as all of this meeting weigh, of which so many as it takes are left later."""
        return Thing("points", urn, year_group, many=self.every_point) if points else Thing("place", urn, year_group)

    def left_out(self, after: Decision) -> list[str]:
        """Who had a place and has none."""
        return [name for name in self.decision.placing if name not in after.placing]

    def ways(self) -> set[tuple[Thing, ...]]:
        """What must be otherwise between the pupil and each setting, where that is no more than is tried; () where nothing must."""
        found = (self._way(urn) for urn in self.hearing.verdicts)
        return {tuple(sorted(way)) for way in found if way is not None and len(way) <= MOST_THINGS}

    def _way(self, urn: str) -> set[Thing] | None:
        """None where something that cannot be waived, or is not known, stands in the way."""
        verdict, year_group = self.hearing.verdicts[urn], self.hearing.year_group
        if verdict.unknown:
            return None
        bars, doubts, things = verdict.bars, bool(verdict.doubts), set[Thing]()
        if voted(self.decision.case.facts, self.referral, urn):
            row = self.decision.case.facts.pair_row(self.referral, urn)
            reading = self.evaluate.pair({**row, "candidate.exempt": False})
            without = tuple(finding.rule for finding in reading.fires("bar"))
            if set(without) < set(bars):
                bars = without
                doubts = any(reading.cannot_tell(kind) for kind in ("bar", "limit"))
                things.add(Thing("vote", urn, year_group))
        if doubts or not all(self.waivable[rule] for rule in (*bars, *verdict.full)):
            return None
        things |= {Thing("bar", urn, rule=rule) for rule in bars}
        limits = [limit for limit in self.rulebook.limits if limit.id in verdict.full]
        years = {limit.id: year_group if limit.per == "year_group" else None for limit in limits}
        return things | {self._more(urn, years[limit.id], points=limit.weigh == "points") for limit in limits}

    def growth(self, after: Decision, things: tuple[Thing, ...]) -> Iterator[Thing]:
        """What may be added to these things; all points at once, a bar and a vote are there but once."""
        return (thing for thing in self._growth(after) if thing.kind == "place" or thing not in things)

    def _growth(self, after: Decision) -> Iterator[Thing]:
        """Places more where a chain of seats from the pupil, or from somebody left out, ends at a room that is full; and votes."""
        rooms, pupils = _chain(after, [*([] if self.referral in after.placing else [self.referral]), *self.left_out(after)])
        apart = {seats for seats in rooms if seats.among}  # a place more is no place for two who are kept apart
        rooms -= apart
        yield from (
            Thing("bar", seats.urn, rule=seats.limit) for seats in apart if self.referral in seats.among and self.waivable[seats.limit]
        )
        fast = {(seats.urn, seats.year_group, seats.points) for seats in rooms if not self.waivable[seats.limit]}
        full = {(seats.urn, seats.year_group, seats.points) for seats in rooms} - fast
        yield from (self._more(urn, year, points=points) for urn, year, points in full)
        for name in pupils:
            hearing = after.casework.hearings[name]
            yield from (Thing("vote", urn, hearing.year_group) for urn in hearing.verdicts if voted(after.case.facts, name, urn))


def _chain(decision: Decision, starts: Iterable[str]) -> tuple[set[Seats], set[str]]:
    """The full rooms that pupils could have moved into, one making way for the other, if they had had a place more; and those pupils."""
    hearings, fixed = decision.casework.hearings, decision.case.fixed
    there: dict[str, list[str]] = {}
    for name, urn in decision.placing.items():
        there.setdefault(urn, []).append(name)
    rooms = _left(decision.casework, there)
    every_point = sum(hearing.points for hearing in hearings.values())
    found = set[Seats]()
    waiting, seen = list(starts), set(starts)
    while waiting:
        hearing = hearings[waiting.pop()]
        for urn in _but_for_room(hearing):
            taken = [seats for seats, left in rooms.get(urn, ()) if seats.takes(hearing) and left < (every_point if seats.points else 1)]
            found.update(taken)
            for name in there.get(urn, ()):
                in_the_way = any(seats.takes(hearings[name]) for seats in taken)
                if in_the_way and name not in seen and name not in fixed:
                    seen.add(name)
                    waiting.append(name)
    return found, seen


def _but_for_room(hearing: Hearing) -> list[str]:
    """The settings that nothing closes but want of room."""
    return [urn for urn, verdict in hearing.verdicts.items() if not (verdict.bars or verdict.unknown or verdict.doubts)]


def _left(casework: Casework, there: Mapping[str, Iterable[str]]) -> dict[str, list[tuple[Seats, int]]]:
    """What is left of each room, by setting."""
    left: dict[str, list[tuple[Seats, int]]] = {}
    for seats, number in casework.rooms.items():
        taken = sum(seats.takes(casework.hearings[name]) for name in there.get(seats.urn, ()))
        left.setdefault(seats.urn, []).append((seats, number - taken))
    return left
