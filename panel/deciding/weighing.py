"""The placement problem of a meeting: which pairs are open, how much room there is, and what each objective weighs.

Casework in, plain numbers out. It evaluates no rule and solves nothing.

    unplaced(p)  for what a pair weighs: the largest known value of p over all settings, barred and full ones included,
                 or lifting a bar could make an objective worse; for `place` 1, for `waiting` the days, for `ticket` the bits
    unknown      a pair that only the panel's word can give weighs the same: what nobody recorded is never the better for it
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from panel.deciding.casework import Casework, Hearing, Seats, Verdict, counts_for
from panel.deciding.chance import bits
from panel.deciding.levels import Part
from panel.facts.candidates import MeetingFacts, whole
from panel.placing.problem import InTurn, Objective, Problem, Quota, Room, Rota, Share, Sum, Tally, Together
from rules.book import Objective as BookObjective
from rules.book import Rulebook
from rules.facts import EXACT, Facts
from rules.turns import Turns, turns_of

DRAWN = ("ticket", "lottery")


def problem(
    casework: Casework,
    facts: MeetingFacts,
    rulebook: Rulebook,
    *,
    seed: str | None,
    fixed: Mapping[str, str],
    absent: frozenset[str] = frozenset(),
) -> Problem:
    """The placement problem of the referrals that are not held, with the pupils in `fixed` where the panel put them.

    `absent` are referrals that the panel deferred or declined. Without a seed there are no tickets and no lottery, so
    ties stay. A fixed pupil keeps a seat even beyond the room; what is left over is for the others.
    """
    placing = [h for name, h in sorted(casework.hearings.items()) if name in fixed or not (name in absent or h.held)]
    eligible = {h.referral: (fixed[h.referral],) if h.referral in fixed else h.open_settings() for h in placing}
    # The tables of all sums name a pair by the very same tuple, so that who compares them is soon done.
    pairs = {p: tuple([(p, urn) for urn in row]) for p, row in eligible.items()}
    return Problem(
        referrals=tuple(h.referral for h in placing),
        settings=tuple(sorted(facts.schools)),
        eligible=eligible,
        rooms=_rooms(casework, placing, fixed),
        objectives=tuple(
            _objective(n, objective, rulebook, placing, pairs, casework, facts, seed or "")
            for n, objective in enumerate(rulebook.objectives)
            if seed is not None or objective.name not in DRAWN
        ),
        fixed=dict(fixed),
        by_solvers=rulebook.proof == "solvers",
    )


def _rooms(casework: Casework, placing: Sequence[Hearing], fixed: Mapping[str, str]) -> tuple[Room, ...]:
    whose: dict[tuple[str, int | None, frozenset[str], str], frozenset[str]] = {}
    here = {h.here for h in placing if h.seated}
    pairs = sorted({tuple(sorted(seats.among)) for seats in casework.rooms if seats.among})
    rooms = []
    for seats, number in casework.rooms.items():
        key = seats.limit, seats.year_group, seats.among, seats.urn if seats.urn in here else ""
        if key not in whose:
            whose[key] = frozenset(h.referral for h in placing if seats.speak_of(h))
        if len(whose[key]) < len(seats.among):
            continue  # of two who are kept apart one is not to be placed
        there = [casework.hearings[name] for name, urn in fixed.items() if urn == seats.urn and name in whose[key]]
        room = Room(seats.urn, f"{_who(seats, pairs)} under {seats.limit}", whose[key], max(number, sum(map(seats.takes, there))))
        rooms.append(_in_points(room, {h.referral: h.points for h in placing}) if seats.points else room)
    return tuple(rooms)


def _in_points(room: Room, points: Mapping[str, int]) -> Room:
    """A room in points; where all who take any of it weigh the same it is one in pupils, so that there is a certificate."""
    of = frozenset(p for p in room.of if points[p])
    weights = {points[p] for p in of}
    if len(weights) <= 1:
        return replace(room, of=of, places=room.places // max(weights, default=1))
    return replace(room, of=of, points={p: points[p] for p in sorted(of)})


def _who(seats: Seats, pairs: Sequence[tuple[str, ...]]) -> str:
    """Whom a room is for. Two who are kept apart have a number: the proof outlives what is sealed of a child."""
    if seats.among:
        return f"two pupils to be kept apart ({pairs.index(tuple(sorted(seats.among))) + 1})"
    return "pupils" if seats.year_group is None else f"pupils of year {seats.year_group}"


def _objective(
    n: int,
    objective: BookObjective,
    rulebook: Rulebook,
    placing: Sequence[Hearing],
    pairs: Mapping[str, tuple[tuple[str, str], ...]],
    casework: Casework,
    facts: MeetingFacts,
    seed: str,
) -> Objective:
    # Whom `of` names, and whom the objective's own count would then take in: the meeting counts as the record will.
    members = [
        h
        for h in placing
        if counts_for(objective.of, facts.referrals[h.referral], h.told) and (not objective.by_a_count or objective.count in h.counted)
    ]
    weighs = any(count.id == objective.count and count.weigh == "points" for count in rulebook.counts)
    points = {h.referral: h.points if weighs else 1 for h in members}
    if objective.name == "quota":
        taken, limit = partial(facts.taken, objective), partial(_at, casework.quotas, n)
        return Quota("quota", _tallies(objective, members, points, facts, taken, limit), objective.beyond)
    if objective.name == "share":
        load, measured = partial(_at, casework.loads, n), partial(facts.measured, objective)
        return Share("share", _tallies(objective, members, points, facts, load, measured))
    if objective.name == "together":
        return _together(placing, facts)
    if objective.name == "rota":
        places = {urn: place for (one, urn), place in casework.listed.items() if one == n}
        return _rota(objective, members, facts, places)
    if objective.name == "case_by_case":
        order = in_order(objective, members, facts)
        each = [(replace(objective, name=measure, by=()), those) for those in order for measure in objective.by]
        return InTurn(objective.name, tuple(_sum(one, those, pairs, facts, seed) for one, those in each))
    return _sum(objective, members, pairs, facts, seed)


def _sum(
    objective: BookObjective, members: Sequence[Hearing], pairs: Mapping[str, tuple[tuple[str, str], ...]], facts: MeetingFacts, seed: str
) -> Sum:
    value = _pair_value(objective, facts, seed)
    return Sum(
        objective.name,
        frozenset(h.referral for h in members),
        {pair: value(h, pair[1]) for h in members for pair in pairs[h.referral]},
        {h.referral: _unplaced(objective, h, facts, seed, value) for h in members},
    )


def in_order(objective: BookObjective, members: Sequence[Hearing], facts: MeetingFacts) -> tuple[tuple[Hearing, ...], ...]:
    """The cases in the order in which they are taken, those that are level together: by the day on which a case was accepted, else
    made, the earliest first; or by a fact of the case, the largest number first.
    """
    turn = {h.referral: _in_turn(objective, h, facts.referrals[h.referral]) for h in members}
    return tuple(tuple(h for h in members if turn[h.referral] == one) for one in sorted(set(turn.values())))


def _in_turn(objective: BookObjective, h: Hearing, row: Facts) -> tuple[int, str]:
    """What comes first is less. One of whom the number is unknown was placed by the panel itself, and nothing that follows moves it."""
    if not objective.first:
        return 0, str(row.get("referral.accepted_on", row["referral.made_on"]))
    return (-whole(h.told, objective.first) if objective.first in h.told else EXACT + 1), ""


def _rota(objective: BookObjective, members: Sequence[Hearing], facts: MeetingFacts, places: Mapping[str, int]) -> Rota:
    """A list of turns, or one for each year group; all have as many numbers to a round as the longest, so that no school has a second
    turn on one list before another has had its first on any.
    """
    lists = {year: rota(facts, objective, places, year) for year in facts.parts(objective)}
    inside = {year: frozenset(h.referral for h in members if year in (None, h.year_group)) for year in lists}
    tallies = tuple(
        Tally(urn, inside[year], 0, turn[urn], "" if year is None else f"year {year}")
        for urn in facts.mainstream()
        for year, turn in lists.items()
    )
    return Rota("rota", tallies, max((tally.against for tally in tallies), default=1))


def _together(placing: Sequence[Hearing], facts: MeetingFacts) -> Together | Sum:
    """Every two who are to be placed together and are both placed in this meeting; a sum over nobody where there are none."""
    there = {h.referral for h in placing}
    found = {(min(p, q), max(p, q)) for p in there for q in facts.together.get(p, ()) if q in there}
    return Together("together", tuple(sorted(found))) if found else Sum("together", frozenset(), {}, {})


def _at(levels: Mapping[Part, int], n: int, urn: str, year_group: int | None) -> int | None:
    return levels.get((n, urn, year_group))


def _tallies(
    objective: BookObjective,
    members: Sequence[Hearing],
    points: Mapping[str, int],
    facts: MeetingFacts,
    begins: Callable[[str, int | None], int | None],
    against: Callable[[str, int | None], int | None],
) -> tuple[Tally, ...]:
    """One for each setting, or for each year group of it, whose number and limit or share are known.

    Pupils of one point each count as heads do, so that there is a certificate.
    """
    heads = all(points[h.referral] == 1 for h in members)
    inside = {year: frozenset(h.referral for h in members if year in (None, h.year_group)) for year in facts.parts(objective)}
    there = {urn: [h for h in members if h.here == urn] for urn in {h.here for h in members if h.here}}

    def counted(urn: str, year: int | None) -> int:
        """What the count has of members who are there already, and who would be counted anew."""
        return sum(facts.already[h.referral].added(objective.count, year) for h in there.get(urn, ()))

    return tuple(
        Tally(
            urn,
            of,
            already - counted(urn, year),
            number,
            "" if year is None else f"year {year}",
            None if heads else {p: points[p] for p in of},
        )
        for urn in facts.mainstream()
        for year, of in inside.items()
        if (already := begins(urn, year)) is not None and (number := against(urn, year)) is not None
    )


def _pair_value(objective: BookObjective, facts: MeetingFacts, seed: str) -> Callable[[Hearing, str], int]:
    """What a pair weighs; one whose value is unknown is closed, and weighs the pupil's worst known where the panel sends it there."""
    match objective.name:
        case "tier":
            return _known_or_worst(lambda verdict: verdict.tier)
        case "preference":
            return lambda h, urn: h.verdicts[urn].rank or objective.unranked
        case "journey":
            return _known_or_worst(lambda verdict: verdict.metres)
        case "transport":
            return _known_or_worst(lambda verdict: verdict.pence)
        case "longest_ago":
            ranks = {year: turn_ranks(facts, turns_of(objective, year)) for year in facts.parts(objective)}
            return lambda h, urn: ranks[h.year_group if objective.part == "year_group" else None][urn]
        case "lottery":
            return lambda h, urn: bits(seed, h.pupil, urn)
        case _:
            return lambda h, urn: 0  # noqa: ARG005 - place, waiting and ticket weigh only those left out


def _known_or_worst(known: Callable[[Verdict], int | None]) -> Callable[[Hearing, str], int]:
    """What is known of a pair, else the largest known of the pupil's pairs; 0 where none is."""

    def value(h: Hearing, urn: str) -> int:
        here = known(h.verdicts[urn])
        if here is not None:
            return here
        return max((number for verdict in h.verdicts.values() if (number := known(verdict)) is not None), default=0)

    return value


def _unplaced(objective: BookObjective, h: Hearing, facts: MeetingFacts, seed: str, value: Callable[[Hearing, str], int]) -> int:
    match objective.name:
        case "place":
            return 1
        case "waiting" if objective.days:
            return whole(h.told, objective.days) if objective.days in h.told else 0
        case "waiting":
            # Without terms a wait is unknown and holds the referral: only one whom the panel placed itself is here, and cannot be left out.
            return whole(facts.referrals[h.referral], "referral.waiting") if "referral.waiting" in facts.referrals[h.referral] else 0
        case "ticket":
            return bits(seed, h.pupil)
        case "lottery":
            return 0
        case _:
            return max((value(h, urn) for urn in h.verdicts), default=0)


def turn_ranks(facts: MeetingFacts, which: Turns) -> dict[str, int]:
    """Each setting's place in the turn: 0 for one that never had one, then from the longest ago; equal days share a rank."""
    turns = facts.turns[str(which)]
    days = sorted({turns[urn] for urn in facts.schools if urn in turns})
    return {urn: days.index(turns[urn]) + 1 if urn in turns else 0 for urn in facts.schools}


def rota(facts: MeetingFacts, objective: BookObjective, places: Mapping[str, int], year_group: int | None = None) -> dict[str, int]:
    """The turn of each mainstream setting when the meeting opens, from 1, by URN; of a year group where each has its own list.

    First those that never had one, then from the longest ago. Of those that had their last on one day the smallest of `places` comes
    first, then those of which no place is known; who is equal in that too shares a number. A setting that is closed to everybody
    keeps its number, and is passed over.
    """
    ranks = turn_ranks(facts, turns_of(objective, year_group))
    claims = {urn: (ranks[urn], urn not in places, places.get(urn, 0)) for urn in facts.mainstream()}
    there = sorted(set(claims.values()))
    return {urn: there.index(claim) + 1 for urn, claim in claims.items()}
