"""Whether the decisions of a meeting stand, by what its rulebook asks: who was told and when, who came, the chair, who voted.

It reads the record and the meeting's own edition, and says stands, does not stand or cannot tell, with the reasons in words.
It takes nothing back: a count changes only by what the panel or a school says next.

    chance   a school was there, or was told in time: n school days (calendar days) of notice lie after the day on which it was
             told, up to and including the meeting's day
    quorum   k of m members are there:  a number n  k >= n,  half  2k >= m,  two thirds  3k >= 2m,  all  k >= m
    chair    where it rotates, no other school that is there has had it longer ago, or never; a school that never had it may
             always take it. Turns are counted from the first meeting whose chair's school is recorded
    vote     no school whose pupil it is, or that declared an interest, is among those who voted, where the book says so
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from panel import events as ev
from panel.schooldays import Terms
from panel.state import Meeting, State

Verdict = Literal["stands", "does not stand", "cannot tell", "open", "not judged"]
Rule = Literal["told", "quorum", "chair", "vote", "absent", "schools"]

MEMBERS: Final = ("mainstream", "special", "pru")
"""Who is a member where the book does not say: every setting but the inclusion centres, which are part of a school."""

WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class Ground:
    """One reason: what of the rulebook was not kept to, or cannot be told, in words."""

    rule: Rule
    say: str
    schools: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seat:
    """One member of the panel at one meeting. `told` is the first day it was told; `notice` how long before the meeting, in the
    book's unit; `in_time` and `there` are None where the record cannot tell."""

    urn: str
    name: str
    told: dt.date | None
    notice: int | None
    in_time: bool | None
    there: bool | None

    @property
    def named(self) -> str:
        return f"{self.name} ({self.urn})"

    @property
    def chance(self) -> bool | None:
        """Whether the school had its chance to contribute."""
        if self.there or self.in_time:
            return True
        return None if self.there is None or self.in_time is None else False


@dataclass(frozen=True, slots=True)
class Judged:
    """One decision: `against` is why it does not stand, `untold` what would have to be known to tell."""

    decision: ev.DecisionTaken
    verdict: Verdict
    against: tuple[Ground, ...] = ()
    untold: tuple[Ground, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """One meeting: what its book asks, who was told, who came, and whether each decision stands. `quorum` is how many must be
    there; None where the book asks for none."""

    meeting: Meeting
    asked: Mapping[str, object]
    seats: tuple[Seat, ...]
    quorum: int | None
    decisions: tuple[Judged, ...]

    @property
    def there(self) -> int:
        """How many members were there, as far as anybody wrote down."""
        return sum(seat.there is True for seat in self.seats)

    def of(self, referral: str) -> Judged | None:
        """The decision on one referral, if the meeting took one."""
        return next((judged for judged in self.decisions if judged.decision.referral == referral), None)


def standing(state: State, meeting: Meeting, asked: Mapping[str, object], then: State) -> Standing:
    """How the decisions of a meeting stand. `asked` is the `meeting` of the rulebook that it froze when it opened.

    `then` is what was so before it opened: schools are named as they were, whatever each of them goes on as since.
    """
    seats = tuple(_seats(state, meeting, asked))
    sitting = Standing(meeting, asked, seats, _quorum(asked.get("quorum"), len(seats)), ())
    lacking = "which schools there were when the meeting opened is no longer held"
    if meeting.opened.shared is not None:
        lacking = "when the meeting opened the panel had no school of the kinds that the rulebook names as members"
    shared = [] if seats or not asked else [Ground("schools", lacking)]
    found = tuple(_judged(state, then, sitting, decision, shared) for decision in meeting.decisions.values())
    return replace(sitting, decisions=found)


def _seats(state: State, meeting: Meeting, asked: Mapping[str, object]) -> Iterator[Seat]:
    """The members, from what the opening froze: who joined, left or closed since makes no difference."""
    members = asked.get("members") or MEMBERS
    terms = Terms.of(state.terms)
    schools = (meeting.opened.shared or {}).get("schools", {})
    for urn, school in sorted(schools.items()):
        if school["school.setting"] in tuple(members):  # type: ignore[arg-type]
            told = meeting.told.get(urn)
            length = notice(terms, told, meeting.on, str(asked.get("notice", ""))) if told else None
            there = urn in meeting.attended if meeting.attended else None
            yield Seat(urn, str(school["school.name"]), told, length, _in_time(meeting, asked, told, length), there)


def notice(terms: Terms, told: dt.date, on: dt.date, wanted: str) -> int | None:
    """How long before the meeting a school was told, in the unit of what is wanted; None where terms are missing to tell.

    A term that nobody loaded leaves a gap, of which no day is counted: then it is told only where the other days are enough.
    """
    if "school" in wanted:
        known = terms.between(told, on)
        missing = any(first <= on and last > told for first, last in terms.gaps())
        return None if missing and known is not None and known < int(wanted.partition(" ")[0]) else known
    days = (on - told).days
    return days // WEEK if "week" in wanted else days


def _in_time(meeting: Meeting, asked: Mapping[str, object], told: dt.date | None, length: int | None) -> bool | None:
    """Whether a school was told in time; None where nobody wrote down any invitation, or the terms are missing."""
    if told is None:
        return False if meeting.told else None
    wanted = str(asked.get("notice", ""))
    return True if not wanted else None if length is None else length >= int(wanted.partition(" ")[0])


def _quorum(wanted: object, members: int) -> int | None:
    match wanted:
        case "half":
            return -(-members // 2)
        case "two_thirds":
            return -(-2 * members // 3)
        case "all":
            return members
        case int():
            return wanted
        case _:
            return None


def _judged(state: State, then: State, sitting: Standing, decision: ev.DecisionTaken, shared: list[Ground]) -> Judged:
    found = [*((None, ground) for ground in shared), *(_grounds(state, then, sitting, decision) if sitting.seats else ())]
    against = tuple(ground for kept, ground in found if kept is False)
    untold = tuple(ground for kept, ground in found if kept is None)
    if not sitting.asked:
        verdict: Verdict = "not judged"
    elif not sitting.meeting.closed:
        verdict = "open"
    else:
        verdict = "does not stand" if against else "cannot tell" if untold else "stands"
    return Judged(decision, verdict, against, untold)


Found = Iterator[tuple[bool | None, Ground]]
"""What was not kept to (False), and what cannot be told (None)."""


def _grounds(state: State, then: State, sitting: Standing, decision: ev.DecisionTaken) -> Found:
    concerned = _sent_by(then, decision) | ({decision.school} if decision.school else set())
    everybody = sitting.asked.get("invite", "all") == "all"
    yield from _told(sitting, [seat for seat in sitting.seats if everybody or seat.urn in concerned])
    yield from _enough(sitting)
    yield from _in_turn(then, sitting)
    yield from _votes(then, sitting, decision)
    yield from _bound(state, sitting, decision)


def _sent_by(then: State, decision: ev.DecisionTaken) -> set[str]:
    """The school whose pupil it is, and the one that excluded the pupil."""
    made = then.referrals[decision.referral].made
    return {urn for urn in (made.home_school, made.excluded_by) if urn}


def _told(sitting: Standing, seats: Iterable[Seat]) -> Found:
    """Every school that is to be told had its chance to contribute."""
    lost, unknown = ([seat for seat in seats if seat.chance is chance] for chance in (False, None))
    wanted = sitting.asked.get("notice")
    for late in [seat for seat in lost if seat.told]:
        early = _length(late.notice, str(wanted))
        said = f"{late.named} was told on {late.told}, {early} before, and was not there; {wanted} of notice are asked for"
        yield False, Ground("told", said, (late.urn,))
    if strangers := [seat for seat in lost if not seat.told]:
        were = "was not told of the meeting, and was" if len(strangers) == 1 else "were not told of the meeting, and were"
        yield False, Ground("told", f"{_named(strangers)} {were} not there", _urns(strangers))
    if unknown and not sitting.meeting.told:
        yield None, Ground("told", "nobody wrote down which schools were told of the meeting", _urns(unknown))
        return
    if timeless := [seat for seat in unknown if seat.in_time is None]:
        since = min(seat.told or dt.date.max for seat in timeless)
        said = f"whether {_named(timeless)} had {wanted} of notice cannot be told without the term dates from {since}"
        yield None, Ground("told", said, _urns(timeless))
    if late_or_not := [seat for seat in unknown if seat.in_time is False]:
        were = "was" if len(late_or_not) == 1 else "were"
        said = f"{_named(late_or_not)} {were} not told in time, and nobody wrote down who was there"
        yield None, Ground("told", said, _urns(late_or_not))


def _length(many: int | None, wanted: str) -> str:
    unit = wanted.partition(" ")[2] or "days"
    return f"{many} {unit.removesuffix('s')}{'' if many == 1 else 's'}"


def _enough(sitting: Standing) -> Found:
    """Enough schools were there."""
    if sitting.quorum is None:
        return
    if not sitting.meeting.attended:
        yield None, Ground("quorum", f"nobody wrote down who was there; {sitting.quorum} schools must be")
    elif sitting.there < sitting.quorum:
        said = f"no quorum: {sitting.there} of {len(sitting.seats)} schools were there, and {sitting.quorum} must be"
        yield False, Ground("quorum", said, tuple(seat.urn for seat in sitting.seats if seat.there))


def _in_turn(then: State, sitting: Standing) -> Found:
    """The chair passes on: nobody who is there has waited longer for it. A school has the turns of those that it goes on from."""
    if sitting.asked.get("chair") != "rotates":
        return
    meeting, named = sitting.meeting, sitting.meeting.opened.chair_of
    if named is None:
        yield None, Ground("chair", "which school had the chair was not written down, and the chair is to rotate")
        return
    chair = then.successors.get(named, named)
    before = then.meetings
    began = next((n for n, held in enumerate(before) if held.opened.chair_of), len(before))
    turns = {then.successors.get(urn, urn): held.number for held in before[began:] if (urn := held.opened.chair_of)}
    last = turns.get(chair)
    unknown = [held for held in before[began:] if held.opened.chair_of is None and held.number > (last or 0)]
    rivals = [
        seat
        for seat in sitting.seats
        if seat.urn != chair and last is not None and turns.get(seat.urn, 0) < last and seat.there is not False
    ]
    if unknown:
        said = f"which school had the chair at meeting {', '.join(str(held.number) for held in unknown)} was not written down"
        yield None, Ground("chair", said, (chair,))
    elif rivals and not meeting.attended:
        yield None, Ground("chair", f"{chair} has had the chair before, and nobody wrote down who else was there to take it", (chair,))
    elif rivals:
        name = next((seat.named for seat in sitting.seats if seat.urn == chair), chair)
        said = f"the chair was out of turn: {name} had it at meeting {last}, and {_named(rivals)} had waited longer"
        yield False, Ground("chair", said, (chair,))


def _votes(then: State, sitting: Standing, decision: ev.DecisionTaken) -> Found:
    """No vote on one's own referral, nor with an interest, where the book says so. A case that is put off is not decided yet."""
    if decision.outcome == "deferred":
        return
    interested = {one.school for one in sitting.meeting.interests if one.referral == decision.referral}
    rules = (
        ("own_referral", _sent_by(then, decision), "its own referral"),
        ("interest", interested, "a case in which it has an interest"),
    )
    for rule, schools, what in rules:
        barred = _barred(then, sitting, schools) if sitting.asked.get(rule) == "no_vote" else {}
        if decision.voted is None and barred:
            may_not = f"{', '.join(barred.values())} may not vote on {what}"
            yield None, Ground("vote", f"nobody wrote down who voted, and {may_not}", tuple(barred))
        for urn, name in barred.items():
            if urn in (decision.voted or ()):
                yield False, Ground("vote", f"{name} voted on {what}", (urn,))


def _barred(then: State, sitting: Standing, schools: set[str]) -> dict[str, str]:
    """Those of the schools that could have voted, named: members that were not away, and whoever else was there."""
    seats = {seat.urn: seat for seat in sitting.seats}
    members = {urn: seat.named for urn, seat in seats.items() if urn in schools and seat.there is not False}
    others = [urn for urn in sitting.meeting.attended if urn in schools and urn not in seats]
    return members | {urn: f"{then.schools[urn].name} ({urn})" if urn in then.schools else urn for urn in others}


def _bound(state: State, sitting: Standing, decision: ev.DecisionTaken) -> Found:
    """Where the book leaves absent schools free, a receiving school that was not there is bound only by its own word."""
    if sitting.asked.get("absent") != "free" or decision.school is None:
        return
    now = state.referrals[decision.referral]
    if now.agreed_by_school and now.decision is not None and now.decision.meeting == decision.meeting:
        return
    for seat in sitting.seats:
        if seat.urn == decision.school and not seat.there:
            gone = "was not there" if seat.there is False else "was there or not: nobody wrote it down"
            said = f"{seat.named} {gone}, and an absent school is not bound; the decision stands once the school accepts it"
            yield seat.there, Ground("absent", said, (seat.urn,))


def _named(seats: Iterable[Seat]) -> str:
    return ", ".join(seat.named for seat in seats)


def _urns(seats: Iterable[Seat]) -> tuple[str, ...]:
    return tuple(seat.urn for seat in seats)
