"""The placement problem of a meeting: which pairs are open, how much room there is, and what each objective weighs.

Casework in, plain numbers out. It evaluates no rule and solves nothing.

    unplaced(p)  for what a pair weighs: the largest known value of p over all settings, barred and full ones included,
                 or lifting a bar could make an objective worse; for `place` 1, for `waiting` the days, for `ticket` the bits
    unknown      a pair that only the panel's word can give weighs the same: what nobody recorded is never the better for it
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from panel.deciding.casework import Casework, Hearing, Seats, Verdict, counts_for
from panel.deciding.chance import bits
from panel.facts.candidates import MeetingFacts, whole
from panel.placing.problem import InTurn, Objective, Problem, Quota, Room, Rota, Share, Sum, Tally, Together
from rules.book import Audience, Rulebook
from rules.book import Objective as BookObjective

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
    whose: dict[tuple[str, int | None, frozenset[str]], frozenset[str]] = {}
    pairs = sorted({tuple(sorted(seats.among)) for seats in casework.rooms if seats.among})
    rooms = []
    for seats, number in casework.rooms.items():
        key = seats.limit, seats.year_group, seats.among
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
        if counts_for(objective.of, facts.referrals[h.referral]) and (not objective.by_a_count or objective.count in h.counted)
    ]
    of = frozenset(h.referral for h in members)
    weighs = any(count.id == objective.count and count.weigh == "points" for count in rulebook.counts)
    points = {h.referral: h.points if weighs else 1 for h in members}
    if objective.name == "quota":
        limits = _tallies(objective, members, points, facts, lambda urn, year: casework.quotas.get((n, urn, year)))
        return Quota("quota", limits, objective.beyond)
    if objective.name == "share":
        return Share("share", _tallies(objective, members, points, facts, lambda urn, year: facts.measured(objective, urn, year)))
    if objective.name == "together":
        return _together(placing, facts)
    if objective.name == "rota":
        turn = rota(facts, objective.of)
        return Rota("rota", tuple(Tally(urn, of, 0, number) for urn, number in turn.items()), max(turn.values(), default=1))
    if objective.name == "case_by_case":
        days = in_order(members, facts)
        each = [(replace(objective, name=measure, by=()), those) for those in days for measure in objective.by]
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


def in_order(members: Sequence[Hearing], facts: MeetingFacts) -> tuple[tuple[Hearing, ...], ...]:
    """The cases of each day, earliest first: the day on which a case was accepted, else made. Those of one day are level."""
    since = {h.referral: (row := facts.referrals[h.referral]).get("referral.accepted_on", row["referral.made_on"]) for h in members}
    return tuple(tuple(h for h in members if since[h.referral] == day) for day in sorted(set(since.values()), key=str))


def _together(placing: Sequence[Hearing], facts: MeetingFacts) -> Together | Sum:
    """Every two who are to be placed together and are both placed in this meeting; a sum over nobody where there are none."""
    there = {h.referral for h in placing}
    found = {(min(p, q), max(p, q)) for p in there for q in facts.together.get(p, ()) if q in there}
    return Together("together", tuple(sorted(found))) if found else Sum("together", frozenset(), {}, {})


def _tallies(
    objective: BookObjective,
    members: Sequence[Hearing],
    points: Mapping[str, int],
    facts: MeetingFacts,
    against: Callable[[str, int | None], int | None],
) -> tuple[Tally, ...]:
    """One for each setting, or for each year group of it, whose number and limit or share are known.

    Pupils of one point each count as heads do, so that there is a certificate.
    """
    heads = all(points[h.referral] == 1 for h in members)
    inside = {year: frozenset(h.referral for h in members if year in (None, h.year_group)) for year in facts.parts(objective)}
    return tuple(
        Tally(urn, of, already, number, "" if year is None else f"year {year}", None if heads else {p: points[p] for p in of})
        for urn in facts.mainstream()
        for year, of in inside.items()
        if (already := facts.taken(objective, urn, year)) is not None and (number := against(urn, year)) is not None
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
            turn = turn_ranks(facts, objective.of)
            return lambda h, urn: turn[urn]  # noqa: ARG005
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
        case "waiting":
            # Without terms a wait is unknown and holds the referral: only one whom the panel placed itself is here, and cannot be left out.
            return whole(facts.referrals[h.referral], "referral.waiting") if "referral.waiting" in facts.referrals[h.referral] else 0
        case "ticket":
            return bits(seed, h.pupil)
        case "lottery":
            return 0
        case _:
            return max((value(h, urn) for urn in h.verdicts), default=0)


def turn_ranks(facts: MeetingFacts, whose: Audience) -> dict[str, int]:
    """Each setting's place in the turn: 0 for one that never had one, then from the longest ago; equal days share a rank."""
    turns = facts.turns[str(whose)]
    days = sorted({turns[urn] for urn in facts.schools if urn in turns})
    return {urn: days.index(turns[urn]) + 1 if urn in turns else 0 for urn in facts.schools}


def rota(facts: MeetingFacts, whose: Audience) -> dict[str, int]:
    """The turn of each mainstream setting when the meeting opens, from 1, by URN.

    First those that never had one, then from the longest ago; who had their last on one day share a number. A setting that is
    closed to everybody keeps its number, and is passed over.
    """
    ranks = turn_ranks(facts, whose)
    there = sorted({ranks[urn] for urn in facts.mainstream()})
    return {urn: there.index(ranks[urn]) + 1 for urn in facts.mainstream()}
