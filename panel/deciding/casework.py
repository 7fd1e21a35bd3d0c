"""What the rules said of each referral at each school: what holds it, what is open to it, and what each pair weighs.

Facts in, verdicts out; it evaluates through the function it is handed, and places nobody.

    held(p)      a hold fires or cannot tell, or some pair of p that nothing else closes has a bar or limit that cannot tell
    open(p, s)   no bar fires, there is room, and no objective lacks a value for the pair
    rooms        the seats that each limit leaves at a setting, or in a year group of it
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final, Protocol

from panel.deciding.levels import Part, Told, listed, loads, quota_limits
from panel.deciding.seated import seated_at
from panel.facts.beforehand import as_admission
from panel.facts.candidates import MeetingFacts, whole
from panel.facts.referral_facts import PAST
from rules.audience import Audience
from rules.book import Limit, Objective, Rulebook
from rules.evaluate import AdmissionReading, PairReading, ReferralReading
from rules.facts import Facts
from rules.finding import Finding

NOTHING: Final[Facts] = MappingProxyType({})


class Evaluate(Protocol):
    """The rules of one book, put to rows of facts."""

    def admission(self, facts: Facts, /) -> AdmissionReading: ...
    def referral(self, facts: Facts, /) -> ReferralReading: ...
    def pair(self, facts: Facts, /) -> PairReading: ...
    def levels(self, facts: Facts, /) -> Mapping[int, Told]: ...


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

    `counted` are the counts of the book that a placement of this pupil by the panel would add to, `points` what the tariff gives to
    it by its `lines` that fire, or what it was `given`, `untold` whether one of them cannot tell, and `limited` the limits that speak
    of such a pupil; `told` what is known of the facts of the case by which an objective chooses, weighs or orders pupils. `here` is the
    setting where the pupil is already, and that the case may make last: `seated` are the limits that have its seat there already.
    """

    referral: str
    pupil: str
    year_group: int
    holds: tuple[str, ...]
    doubts: tuple[Doubt, ...]
    notices: tuple[str, ...]
    verdicts: Mapping[str, Verdict]
    counted: frozenset[str] = frozenset()
    limited: frozenset[str] = frozenset()
    points: int = 0
    lines: tuple[str, ...] = ()
    given: bool = False
    untold: bool = False
    told: Facts = field(default_factory=dict)
    here: str = ""
    seated: frozenset[str] = frozenset()

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
class Seats:
    """What a limit speaks of: a setting, or one year group of it; where `among` has any, only they take these seats.

    `points`: its room is in points.
    """

    limit: str
    urn: str
    year_group: int | None = None
    among: frozenset[str] = frozenset()
    points: bool = False

    def speak_of(self, hearing: Hearing) -> bool:
        """Whether a pupil takes one of these seats by going there."""
        if self.urn == hearing.here and self.limit in hearing.seated:
            return False
        among = not self.among or hearing.referral in self.among
        return among and self.limit in hearing.limited and self.year_group in (None, hearing.year_group)

    def takes(self, hearing: Hearing) -> int:
        """How much of the room a pupil takes by going there."""
        return (hearing.points if self.points else 1) if self.speak_of(hearing) else 0


@dataclass(frozen=True, slots=True)
class Casework:
    """All hearings of a meeting, how many more may take the seats that each limit speaks of, and what quotas, shares and rotas go by."""

    hearings: Mapping[str, Hearing]
    rooms: Mapping[Seats, int]
    quotas: Mapping[Part, int] = field(default_factory=dict)
    loads: Mapping[Part, int] = field(default_factory=dict)
    listed: Mapping[tuple[int, str], int] = field(default_factory=dict)

    def without_seat(self, referral: str, urn: str, taken: Mapping[str, str]) -> tuple[str, ...]:
        """The limits that leave no seat at a setting for a referral once those in `taken`, referral -> URN, are there."""
        hearing = self.hearings[referral]
        here = [self.hearings[name] for name, school in taken.items() if school == urn and name != referral]
        return tuple(
            seats.limit
            for seats, number in self.rooms.items()
            if seats.urn == urn and (own := seats.takes(hearing)) and number < own + sum(seats.takes(other) for other in here)
        )


def hear(facts: MeetingFacts, rulebook: Rulebook, evaluate: Evaluate) -> Casework:
    """Put every referral and every pair before the rules."""
    hearings: dict[str, Hearing] = {}
    rooms: dict[_Where, int] = {}
    quotas, begins = quota_limits(facts, rulebook, evaluate), loads(facts, rulebook, evaluate)
    levels = {**quotas, **begins}
    for referral in facts.referrals:
        reading = evaluate.referral(facts.referral_row(referral))
        admission = evaluate.admission(as_admission(facts.referrals[referral], rulebook))
        weighed = [(n, one) for n, one in enumerate(rulebook.objectives) if counts_for(one.of, facts.referrals[referral], reading.facts)]
        verdicts: dict[str, Verdict] = {}
        for urn in facts.candidates[referral]:
            row = facts.pair_row(referral, urn)
            pair = evaluate.pair(row)
            verdict = _verdict(urn, pair, row, rulebook, levels, admission.points, weighed)
            seated = seated_at(urn, facts, rulebook, referral, admission.points)
            verdicts[urn] = replace(verdict, full=tuple(limit for limit in verdict.full if limit not in seated)) if seated else verdict
            for limit in rulebook.limits:
                number = pair.room.get(limit.id)
                if number is not None:
                    for where in _seats(limit, referral, urn, facts):
                        rooms[where] = min(max(0, number), rooms.get(where, number))
        hearings[referral] = _hearing(referral, facts, reading, admission, verdicts, rulebook)
    seats = {Seats(*where): number for where, number in rooms.items()}
    return Casework(hearings, seats, _known(quotas), _known(begins), listed(facts, rulebook, evaluate))


def _known(told: Mapping[Part, Told]) -> Mapping[Part, int]:
    return {where: number for where, number in told.items() if isinstance(number, int)}


_Where = tuple[str, str, int | None, frozenset[str], bool]
"""What `Seats` holds, as every pair looks it up."""


def _seats(limit: Limit, referral: str, urn: str, facts: MeetingFacts) -> Iterator[_Where]:
    """The seats of a limit that a pupil would take at a setting."""
    match limit.per:
        case "school":
            yield limit.id, urn, None, frozenset(), limit.weigh == "points"
        case "year_group":
            yield limit.id, urn, whole(facts.referrals[referral], "referral.year_group"), frozenset(), limit.weigh == "points"
        case "kept_apart_pupils":
            yield from ((limit.id, urn, None, frozenset({referral, other}), False) for other in facts.apart.get(referral, ()))


def _hearing(
    referral: str,
    facts: MeetingFacts,
    reading: ReferralReading,
    admission: AdmissionReading,
    verdicts: Mapping[str, Verdict],
    rulebook: Rulebook,
) -> Hearing:
    doubts = [Doubt(finding.rule, finding.missing) for finding in reading.cannot_tell("hold")]
    limited = frozenset(limit.id for limit in rulebook.limits if _speaks_of(limit, facts.referrals[referral]))
    used = _used(admission, rulebook, limited)
    doubts.extend(Doubt(finding.rule, finding.missing) for finding in admission.cannot_tell if finding.rule in used)
    doubts.extend(_undecided(rulebook, facts.referrals[referral], reading))
    return Hearing(
        referral=referral,
        pupil=facts.pupils[referral],
        year_group=whole(facts.referrals[referral], "referral.year_group"),
        holds=(*left(facts.referrals[referral]), *_ids(reading.fires("hold"))),
        doubts=holding(doubts, verdicts.values()),
        notices=_ids(reading.fires("notice")),
        verdicts=verdicts,
        counted=admission.counted,
        limited=limited,
        points=admission.points,
        lines=admission.lines,
        given=admission.given,
        untold=admission.known_points is None,
        told={name: reading.facts[name] for one in rulebook.objectives for name in one.of_the_case if name in reading.facts},
        here=(here := facts.already[referral].school if referral in facts.already else ""),
        seated=seated_at(here, facts, rulebook, referral, admission.points),
    )


def _undecided(rulebook: Rulebook, row: Facts, reading: ReferralReading) -> Iterator[Doubt]:
    """What the objectives have to know of the case itself, and nobody has said: whom they speak of, how long it waits, when it is taken."""
    lacking: dict[str, dict[str, None]] = {}
    for objective in rulebook.objectives:
        asked = [objective.of.fact] if objective.of.fact else []
        if counts_for(objective.of, row, reading.facts):
            asked += [name for name in (objective.days, objective.first) if name]
        if objective.name == "waiting" and not objective.days:
            asked.append("referral.waiting")
        missing = [fact for name in asked if name not in reading.facts for fact in reading.missing(name)]
        if missing:
            lacking.setdefault(objective.name, {}).update(dict.fromkeys(missing))
    yield from (Doubt(name, tuple(missing)) for name, missing in lacking.items())


def left(row: Facts) -> tuple[str, ...]:
    """The hold that no book has to name: the pupil has left the highest year group of the book."""
    return (f"left-year-{whole(row, 'referral.year_group')}",) if row.get(PAST) is True else ()


def has_left(row: Facts) -> str:
    """What that hold says of a pupil."""
    year_group = whole(row, "referral.year_group")
    return f"has left year {year_group}, the highest that this rulebook is for; withdraw the case, or correct the year group."


def _used(admission: AdmissionReading, rulebook: Rulebook, limited: Collection[str]) -> set[str]:
    """The counts that quotas and shares level, and the lines of the tariff where one that takes the pupil in, or a limit, weighs points."""
    counts = {objective.count for objective in rulebook.objectives if objective.by_a_count}
    weighed = any(count.weigh == "points" and count.id in counts & admission.counted for count in rulebook.counts)
    weighed = weighed or any(limit.weigh == "points" and limit.id in limited for limit in rulebook.limits)
    return counts | {line.id for line in rulebook.tariff if weighed}


def holding(own: Iterable[Doubt], verdicts: Iterable[Verdict]) -> tuple[Doubt, ...]:
    """What holds a referral for want of a fact: its own doubts, and those of each pair that no bar and no want of room closes anyway."""
    of_pairs = (doubt for verdict in verdicts if not (verdict.bars or verdict.full) for doubt in verdict.doubts)
    first: dict[str, Doubt] = {}
    for doubt in (*own, *of_pairs):
        first.setdefault(doubt.rule, doubt)
    return tuple(first.values())


def _ids(findings: Iterable[Finding]) -> tuple[str, ...]:
    return tuple(finding.rule for finding in findings)


def _verdict(
    urn: str,
    pair: PairReading,
    row: Facts,
    rulebook: Rulebook,
    levels: Mapping[Part, Told],
    points: int,
    weighed: Sequence[tuple[int, Objective]],
) -> Verdict:
    tier, tier_missing = _tier(pair, rulebook)
    pence, pence_missing = _pence(pair, row, rulebook)
    metres = row.get("candidate.metres")
    rank = row.get("candidate.rank")
    lacking: list[str] = []
    for n, objective in weighed:
        year = whole(row, "referral.year_group") if objective.part == "year_group" else None
        if "tier" in objective.measures and tier is None:
            lacking.extend(tier_missing)
        if "transport" in objective.measures and pence is None:
            lacking.extend(pence_missing)
        if "journey" in objective.measures and metres is None:
            lacking.append("candidate.metres")
        if isinstance(missing := levels.get((n, urn, year)), tuple):
            lacking.extend(missing)
    return Verdict(
        urn=urn,
        bars=pair.firing("bar"),
        full=full(pair, rulebook, points),
        unknown=tuple(dict.fromkeys(lacking)),
        doubts=tuple(Doubt(finding.rule, finding.missing) for kind in ("bar", "limit") for finding in pair.cannot_tell(kind)),
        notices=pair.firing("notice"),
        rank=int(rank) if isinstance(rank, int) else None,
        metres=int(metres) if isinstance(metres, int) else None,
        pence=pence,
        tier=tier,
    )


def full(pair: PairReading, rulebook: Rulebook, points: int) -> tuple[str, ...]:
    """The limits without room for a pupil of so many points; one of none takes none of a room in points."""
    found = pair.firing("limit")
    rooms = {limit.id: pair.room.get(limit.id) for limit in rulebook.limits if limit.weigh == "points"}
    weighed = {limit: points > max(0, room) for limit, room in rooms.items() if room is not None}
    return tuple(limit.id for limit in rulebook.limits if weighed.get(limit.id, limit.id in found)) if weighed else found


def _tier(pair: PairReading, rulebook: Rulebook) -> tuple[int | None, tuple[str, ...]]:
    amounts = {rule.id: rule.amount for rule in rulebook.tiers}
    lowest = min([amounts[rule] for rule in pair.firing("tier")], default=None)
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
    return sum(amounts[rule] for rule in pair.firing("charge")), ()


def unquoted(rulebook: Rulebook, row: Facts) -> bool:
    """Whether nobody recorded what travel costs for a pair, and the book has no charges to work it out by: a meeting reckons it at
    nothing, and to people it is unknown."""
    return not rulebook.charges and not isinstance(row.get("candidate.quoted_pence"), int)


def _speaks_of(limit: Limit, row: Facts) -> bool:
    return counts_for(limit.of, row) and (limit.years is None or whole(row, "referral.year_group") in limit.years)


def counts_for(audience: Audience, row: Facts, told: Facts = NOTHING) -> bool:
    """Whether an audience has the pupil of a row in it; `told` is what the rules said of the case, where a fact of it says who is."""
    if audience.fact:
        return told.get(audience.fact) is True
    return audience.has(str(row["referral.kind"]), row["referral.permanently_excluded"] is True)
