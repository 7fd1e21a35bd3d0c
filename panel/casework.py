"""What the rules said of each referral at each school, and the placement problem that follows from it.

Facts and findings in, plain numbers out; it evaluates through the function it is handed and solves nothing.

    held(p)      a hold fires or cannot tell, or some pair of p that nothing else closes has a bar or limit that cannot tell
    open(p, s)   no bar fires, there is room, and no objective lacks a value for the pair
    room[s, y]   the least room of the limits per year group that speak of s and y; room_total[s] likewise per school
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from panel.candidates import MeetingFacts
from panel.chance import bits
from panel.problem import Objective, Problem, Quota, Share, Sum
from rules.book import Audience, Rulebook
from rules.book import Objective as BookObjective
from rules.evaluate import AdmissionReading, PairReading, ReferralReading
from rules.facts import Facts
from rules.finding import Finding, Outcome


class Evaluate(Protocol):
    """The rules of one book, put to rows of facts."""

    def admission(self, facts: Facts, /) -> AdmissionReading: ...
    def referral(self, facts: Facts, /) -> ReferralReading: ...
    def pair(self, facts: Facts, /) -> PairReading: ...


@dataclass(frozen=True, slots=True)
class Doubt:
    """A rule that cannot tell, and the facts it lacks."""

    rule: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What stands between one referral and one setting, and what the pair weighs.

    `bars` fire; `full` are limits without room; `unknown` facts leave an objective without a value. `rank` is the family's;
    `metres` along the recorded way; `pence` a year to the authority; `tier` in the order of approach. None is unknown.
    """

    urn: str
    bars: tuple[str, ...] = ()
    full: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    notices: tuple[str, ...] = ()
    rank: int | None = None
    metres: int | None = None
    pence: int | None = None
    tier: int | None = None

    @property
    def closed(self) -> bool:
        return bool(self.bars or self.full or self.unknown or self.doubts)

    @property
    def obstacles(self) -> tuple[str, ...]:
        """All that stands in the way: ids of bars and limits, and `unknown: FACT`."""
        return (*self.bars, *self.full, *(f"unknown: {fact}" for fact in self.unknown), *(doubt.rule for doubt in self.doubts))


@dataclass(frozen=True, slots=True)
class Hearing:
    """One referral before the rules. It is held when `holds` or `doubts` is not empty."""

    referral: str
    pupil: str
    year_group: int
    holds: tuple[str, ...]
    doubts: tuple[Doubt, ...]
    notices: tuple[str, ...]
    verdicts: Mapping[str, Verdict]

    @property
    def held(self) -> bool:
        return bool(self.holds or self.doubts)

    def as_data(self) -> dict[str, Any]:
        """Plain data for the sealed part of a proposal."""
        data: dict[str, Any] = {"referral": self.referral, "schools": {urn: _verdict_data(verdict) for urn, verdict in self.verdicts.items()}}
        for name, ids in (("holds", self.holds), ("notices", self.notices)):
            if ids:
                data[name] = list(ids)
        if self.doubts:
            data["cannot_tell"] = _doubt_data(self.doubts)
        return data


def _doubt_data(doubts: Iterable[Doubt]) -> list[dict[str, Any]]:
    return [{"rule": doubt.rule, "missing": list(doubt.missing)} for doubt in doubts]


def _verdict_data(verdict: Verdict) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for name in ("bars", "full", "unknown", "notices"):
        if getattr(verdict, name):
            data[name] = list(getattr(verdict, name))
    if verdict.doubts:
        data["cannot_tell"] = _doubt_data(verdict.doubts)
    for name in ("rank", "metres", "pence", "tier"):
        if getattr(verdict, name) is not None:
            data[name] = getattr(verdict, name)
    return data


@dataclass(frozen=True, slots=True)
class Casework:
    """All hearings of a meeting, and the room that the limits leave."""

    hearings: Mapping[str, Hearing]
    room: Mapping[tuple[str, int], int]
    room_total: Mapping[str, int]


def hear(facts: MeetingFacts, rulebook: Rulebook, evaluate: Evaluate) -> Casework:
    """Put every referral and every pair before the rules."""
    hearings: dict[str, Hearing] = {}
    room: dict[tuple[str, int], int] = {}
    room_total: dict[str, int] = {}
    for referral in facts.referrals:
        year_group = int(facts.referrals[referral]["referral.year_group"])  # type: ignore[arg-type]
        reading = evaluate.referral(facts.referral_row(referral))
        verdicts: dict[str, Verdict] = {}
        for urn in facts.candidates[referral]:
            row = facts.pair_row(referral, urn)
            pair = evaluate.pair(row)
            verdicts[urn] = _verdict(urn, pair, row, rulebook, facts)
            for limit in rulebook.limits:
                seats = pair.room.get(limit.id)
                if seats is None:
                    continue
                seats = max(0, seats)
                if limit.per == "year_group":
                    room[urn, year_group] = min(seats, room.get((urn, year_group), seats))
                else:
                    room_total[urn] = min(seats, room_total.get(urn, seats))
        hearings[referral] = _hearing(referral, facts, reading, verdicts, rulebook, year_group)
    return Casework(hearings, room, room_total)


def _hearing(
    referral: str, facts: MeetingFacts, reading: ReferralReading, verdicts: Mapping[str, Verdict], rulebook: Rulebook, year_group: int
) -> Hearing:
    doubts = [Doubt(finding.rule, finding.missing) for finding in reading.cannot_tell("hold")]
    if any(objective.name == "waiting" for objective in rulebook.objectives) and "referral.waiting" not in facts.referrals[referral]:
        doubts.append(Doubt("waiting", ("referral.waiting",)))
    seen = {doubt.rule for doubt in doubts}
    for verdict in verdicts.values():
        if not verdict.bars and not verdict.full:
            for doubt in verdict.doubts:
                if doubt.rule not in seen:
                    seen.add(doubt.rule)
                    doubts.append(doubt)
    return Hearing(
        referral=referral,
        pupil=facts.pupils[referral],
        year_group=year_group,
        holds=_ids(reading.fires("hold")),
        doubts=tuple(doubts),
        notices=_ids(reading.fires("notice")),
        verdicts=verdicts,
    )


def _ids(findings: Iterable[Finding]) -> tuple[str, ...]:
    return tuple(finding.rule for finding in findings)


def _verdict(urn: str, pair: PairReading, row: Facts, rulebook: Rulebook, facts: MeetingFacts) -> Verdict:
    tier, tier_missing = _tier(pair, rulebook)
    pence, pence_missing = _pence(pair, row, rulebook)
    metres = row.get("candidate.metres")
    rank = row.get("candidate.rank")
    lacking: list[str] = []
    for objective in rulebook.objectives:
        if not _counts(objective.of, row):
            continue
        if objective.name == "tier" and tier is None:
            lacking.extend(tier_missing)
        elif objective.name == "transport" and pence is None:
            lacking.extend(pence_missing)
        elif objective.name == "journey" and metres is None:
            lacking.append("candidate.metres")
        elif objective.name == "share" and row["school.setting"] == "mainstream" and facts.share(urn, objective.per) is None:
            lacking.append("school.roll" if objective.per == "roll" else "year.pan")
    return Verdict(
        urn=urn,
        bars=_ids(pair.fires("bar")),
        full=_ids(pair.fires("limit")),
        unknown=tuple(dict.fromkeys(lacking)),
        doubts=tuple(Doubt(finding.rule, finding.missing) for kind in ("bar", "limit") for finding in pair.cannot_tell(kind)),
        notices=_ids(pair.fires("notice")),
        rank=int(rank) if isinstance(rank, int) else None,
        metres=int(metres) if isinstance(metres, int) else None,
        pence=pence,
        tier=tier,
    )


def _tier(pair: PairReading, rulebook: Rulebook) -> tuple[int | None, tuple[str, ...]]:
    amounts = {rule.id: rule.amount for rule in rulebook.tiers}
    lowest = min((amounts[finding.rule] for finding in pair.fires("tier")), default=None)
    # A lower tier that cannot tell might fire: then the tier is not known.
    doubtful = [finding for finding in pair.cannot_tell("tier") if lowest is None or amounts[finding.rule] < lowest]
    missing = tuple(fact for finding in doubtful for fact in finding.missing)
    return (None, missing) if doubtful else (lowest, ("tiers",) if lowest is None else ())


def _pence(pair: PairReading, row: Facts, rulebook: Rulebook) -> tuple[int | None, tuple[str, ...]]:
    quoted = row.get("candidate.quoted_pence")
    if isinstance(quoted, int):
        return quoted, ()
    doubtful = pair.cannot_tell("charge")
    if doubtful:
        return None, tuple(fact for finding in doubtful for fact in finding.missing)
    amounts = {rule.id: rule.amount for rule in rulebook.charges}
    return sum(amounts[finding.rule] for finding in pair.fires("charge")), ()


def _counts(audience: Audience, row: Facts) -> bool:
    if audience.permanently_excluded:
        return row["referral.permanently_excluded"] is True
    return audience.kinds is None or row["referral.kind"] in audience.kinds


# --- the problem ---


def problem(
    casework: Casework, facts: MeetingFacts, rulebook: Rulebook, *, seed: str | None, fixed: Mapping[str, str], absent: frozenset[str] = frozenset()
) -> Problem:
    """The placement problem of the referrals that are not held, with the pupils in `fixed` where the panel put them.

    `absent` are referrals that the panel deferred or declined. Without a seed there are no tickets and no lottery, so ties stay.
    A fixed pupil keeps a seat even beyond the room; what is left over is for the others.
    """
    placing = [
        hearing for referral, hearing in sorted(casework.hearings.items()) if referral in fixed or (referral not in absent and not hearing.held)
    ]
    eligible = {
        hearing.referral: (fixed[hearing.referral],)
        if hearing.referral in fixed
        else tuple(sorted(urn for urn, verdict in hearing.verdicts.items() if not verdict.closed))
        for hearing in placing
    }
    room, room_total = dict(casework.room), dict(casework.room_total)
    for key in room:
        room[key] = max(room[key], sum(urn == key[0] and casework.hearings[referral].year_group == key[1] for referral, urn in fixed.items()))
    for urn in room_total:
        room_total[urn] = max(room_total[urn], sum(school == urn for school in fixed.values()))
    objectives = tuple(
        _objective(objective, placing, eligible, facts, seed)
        for objective in rulebook.objectives
        if seed is not None or objective.name not in ("ticket", "lottery")
    )
    return Problem(
        referrals=tuple(hearing.referral for hearing in placing),
        settings=tuple(sorted(facts.schools)),
        year_group={hearing.referral: hearing.year_group for hearing in placing},
        eligible=eligible,
        room=room,
        room_total=room_total,
        objectives=objectives,
        fixed=dict(fixed),
    )


def _objective(
    objective: BookObjective, placing: list[Hearing], eligible: Mapping[str, tuple[str, ...]], facts: MeetingFacts, seed: str | None
) -> Objective:
    members = [hearing for hearing in placing if _counts(objective.of, facts.referrals[hearing.referral])]
    of = frozenset(hearing.referral for hearing in members)
    if objective.name == "quota":
        taken = {urn: int(school[f"school.{objective.count}"]) for urn, school in facts.schools.items() if school["school.setting"] == "mainstream"}  # type: ignore[arg-type]
        return Quota("quota", of, taken, objective.limit, objective.beyond)
    if objective.name == "share":
        share = {urn: part for urn in facts.schools if (part := facts.share(urn, objective.per)) is not None}
        return Share("share", of, {urn: int(facts.schools[urn][f"school.{objective.count}"]) for urn in share}, share)  # type: ignore[arg-type]
    weight = _weight(objective, facts, seed)
    cost = {(hearing.referral, urn): weight.pair(hearing, urn) for hearing in members for urn in eligible[hearing.referral]}
    return Sum(objective.name, of, cost, {hearing.referral: weight.unplaced(hearing) for hearing in members})


@dataclass(frozen=True, slots=True)
class _Weight:
    """What a pair weighs in one objective, and what staying unplaced does."""

    pair: Callable[[Hearing, str], int]
    unplaced: Callable[[Hearing], int]


def _nought(hearing: Hearing, urn: str = "") -> int:
    return 0


def _own_worst(pair: Callable[[Hearing, str], int | None]) -> _Weight:
    """An unplaced pupil counts the largest known value over all settings, barred and full ones included.

    Otherwise lifting a bar could make the objective worse.
    """
    return _Weight(lambda hearing, urn: pair(hearing, urn) or 0, lambda hearing: max((pair(hearing, urn) or 0 for urn in hearing.verdicts), default=0))


def _weight(objective: BookObjective, facts: MeetingFacts, seed: str | None) -> _Weight:
    drawn = seed or ""
    match objective.name:
        case "place":
            return _Weight(_nought, lambda hearing: 1)
        case "waiting":
            return _Weight(_nought, lambda hearing: int(facts.referrals[hearing.referral].get("referral.waiting", 0)))  # type: ignore[arg-type]
        case "tier":
            return _own_worst(lambda hearing, urn: hearing.verdicts[urn].tier)
        case "preference":
            return _own_worst(lambda hearing, urn: hearing.verdicts[urn].rank or objective.unranked)
        case "journey":
            return _own_worst(lambda hearing, urn: hearing.verdicts[urn].metres)
        case "transport":
            return _own_worst(lambda hearing, urn: hearing.verdicts[urn].pence)
        case "longest_ago":
            turn = turn_ranks(facts)
            return _own_worst(lambda hearing, urn: turn[urn])
        case "ticket":
            return _Weight(_nought, lambda hearing: bits(drawn, hearing.pupil))
        case "lottery":
            return _Weight(lambda hearing, urn: bits(drawn, hearing.pupil, urn), _nought)
        case _:
            raise AssertionError(f"{objective.name} is not a sum over pairs")


def turn_ranks(facts: MeetingFacts) -> dict[str, int]:
    """Each setting's place in the turn: 0 for one that never had a turn, then the one whose last turn is longest ago; equal days share a rank."""
    days = sorted({facts.turns[urn] for urn in facts.schools if urn in facts.turns})
    return {urn: days.index(facts.turns[urn]) + 1 if urn in facts.turns else 0 for urn in facts.schools}
