"""What the rules said of each referral at each school: what holds it, what is open to it, and what each pair weighs.

Facts in, verdicts out; it evaluates through the function it is handed, and places nobody.

    held(p)      a hold fires or cannot tell, or some pair of p that nothing else closes has a bar or limit that cannot tell
    open(p, s)   no bar fires, there is room, and no objective lacks a value for the pair
    room[s, y]   the least room of the limits per year group that speak of s and y; room_total[s] likewise per school
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from panel.candidates import MeetingFacts, whole
from rules.book import Audience, Rulebook
from rules.evaluate import AdmissionReading, PairReading, ReferralReading
from rules.facts import Facts, Value
from rules.finding import Finding


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
    """One referral before the rules. It is held when `holds` or `doubts` is not empty.

    `counted` are the counts of the book that a placement of this pupil by the panel would add to.
    """

    referral: str
    pupil: str
    year_group: int
    holds: tuple[str, ...]
    doubts: tuple[Doubt, ...]
    notices: tuple[str, ...]
    verdicts: Mapping[str, Verdict]
    counted: frozenset[str] = frozenset()

    @property
    def held(self) -> bool:
        return bool(self.holds or self.doubts)

    def open_settings(self) -> tuple[str, ...]:
        """Where the pupil may go, by URN."""
        return tuple(sorted(urn for urn, verdict in self.verdicts.items() if not verdict.closed))

    def as_data(self) -> dict[str, Any]:
        """Plain data for the sealed part of a proposal."""
        data: dict[str, Any] = {
            "referral": self.referral,
            "schools": {urn: _verdict_data(verdict) for urn, verdict in self.verdicts.items()},
        }
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
        year_group = whole(facts.referrals[referral], "referral.year_group")
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
        admission = evaluate.admission(as_admission(facts.referrals[referral]))
        hearings[referral] = _hearing(referral, facts, reading, admission, verdicts, rulebook)
    return Casework(hearings, room, room_total)


def _hearing(
    referral: str,
    facts: MeetingFacts,
    reading: ReferralReading,
    admission: AdmissionReading,
    verdicts: Mapping[str, Verdict],
    rulebook: Rulebook,
) -> Hearing:
    doubts = [Doubt(finding.rule, finding.missing) for finding in reading.cannot_tell("hold")]
    used = {objective.count for objective in rulebook.objectives}
    doubts.extend(Doubt(finding.rule, finding.missing) for finding in admission.cannot_tell if finding.rule in used)
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
        year_group=whole(facts.referrals[referral], "referral.year_group"),
        holds=_ids(reading.fires("hold")),
        doubts=tuple(doubts),
        notices=_ids(reading.fires("notice")),
        verdicts=verdicts,
        counted=admission.counted,
    )


def as_admission(facts: Facts) -> dict[str, Value]:
    """What a referral's placement by the panel would be in the record, as far as it is known beforehand."""
    names = {
        "kind": "kind",
        "permanently_excluded": "after_exclusion",
        "year_group": "year_group",
        "ehcp": "ehcp",
        "looked_after": "looked_after",
    }
    known = {f"admission.{to}": facts[f"referral.{name}"] for name, to in names.items() if f"referral.{name}" in facts}
    return {"admission.by_panel": True, **known}


def _ids(findings: Iterable[Finding]) -> tuple[str, ...]:
    return tuple(finding.rule for finding in findings)


def _verdict(urn: str, pair: PairReading, row: Facts, rulebook: Rulebook, facts: MeetingFacts) -> Verdict:
    tier, tier_missing = _tier(pair, rulebook)
    pence, pence_missing = _pence(pair, row, rulebook)
    metres = row.get("candidate.metres")
    rank = row.get("candidate.rank")
    lacking: list[str] = []
    for objective in rulebook.objectives:
        if not counts_for(objective.of, row):
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


def counts_for(audience: Audience, row: Facts) -> bool:
    """Whether an objective counts the pupil of a row."""
    if audience.excluded is not None:
        return row["referral.permanently_excluded"] is audience.excluded
    return audience.kinds is None or row["referral.kind"] in audience.kinds
