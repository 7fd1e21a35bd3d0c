"""The placement problem of a meeting: which pairs are open, how much room there is, and what each objective weighs.

Casework in, plain numbers out. It evaluates no rule and solves nothing.

    unplaced(p)  for what a pair weighs: the largest known value of p over all settings, barred and full ones included,
                 or lifting a bar could make an objective worse; for `place` 1, for `waiting` the days, for `ticket` the bits
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from panel.candidates import MeetingFacts, whole
from panel.casework import Casework, Hearing, counts_for
from panel.chance import bits
from panel.problem import Objective, Problem, Quota, Share, Sum
from rules.book import Objective as BookObjective
from rules.book import Rulebook

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
    kept = Counter((urn, casework.hearings[name].year_group) for name, urn in fixed.items())
    kept_total = Counter(fixed.values())
    return Problem(
        referrals=tuple(h.referral for h in placing),
        settings=tuple(sorted(facts.schools)),
        year_group={h.referral: h.year_group for h in placing},
        eligible=eligible,
        room={key: max(seats, kept[key]) for key, seats in casework.room.items()},
        room_total={urn: max(seats, kept_total[urn]) for urn, seats in casework.room_total.items()},
        objectives=tuple(
            _objective(objective, placing, eligible, facts, seed or "")
            for objective in rulebook.objectives
            if seed is not None or objective.name not in DRAWN
        ),
        fixed=dict(fixed),
    )


def _objective(
    objective: BookObjective, placing: Sequence[Hearing], eligible: Mapping[str, tuple[str, ...]], facts: MeetingFacts, seed: str
) -> Objective:
    # Whom `of` names, and whom the objective's own count would then take in: the meeting counts as the record will.
    members = [
        h
        for h in placing
        if counts_for(objective.of, facts.referrals[h.referral]) and (not objective.count or objective.count in h.counted)
    ]
    of = frozenset(h.referral for h in members)
    count = f"school.{objective.count}"
    if objective.name == "quota":
        mainstream = [urn for urn, school in facts.schools.items() if school["school.setting"] == "mainstream"]
        return Quota("quota", of, {urn: whole(facts.schools[urn], count) for urn in mainstream}, objective.limit, objective.beyond)
    if objective.name == "share":
        share = {urn: part for urn in facts.schools if (part := facts.share(urn, objective.per)) is not None}
        return Share("share", of, {urn: whole(facts.schools[urn], count) for urn in share}, share)
    value = _pair_value(objective, facts, seed)
    return Sum(
        objective.name,
        of,
        {(h.referral, urn): value(h, urn) for h in members for urn in eligible[h.referral]},
        {h.referral: _unplaced(objective, h, facts, seed, value) for h in members},
    )


def _pair_value(objective: BookObjective, facts: MeetingFacts, seed: str) -> Callable[[Hearing, str], int]:
    """What a pair weighs; a value that is unknown weighs nothing, and its pair is closed."""
    match objective.name:
        case "tier":
            return lambda h, urn: h.verdicts[urn].tier or 0
        case "preference":
            return lambda h, urn: h.verdicts[urn].rank or objective.unranked
        case "journey":
            return lambda h, urn: h.verdicts[urn].metres or 0
        case "transport":
            return lambda h, urn: h.verdicts[urn].pence or 0
        case "longest_ago":
            turn = turn_ranks(facts)
            return lambda h, urn: turn[urn]  # noqa: ARG005
        case "lottery":
            return lambda h, urn: bits(seed, h.pupil, urn)
        case _:
            return lambda h, urn: 0  # noqa: ARG005 - place, waiting and ticket weigh only those left out


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


def turn_ranks(facts: MeetingFacts) -> dict[str, int]:
    """Each setting's place in the turn: 0 for one that never had one, then from the longest ago; equal days share a rank."""
    days = sorted({facts.turns[urn] for urn in facts.schools if urn in facts.turns})
    return {urn: days.index(facts.turns[urn]) + 1 if urn in facts.turns else 0 for urn in facts.schools}
