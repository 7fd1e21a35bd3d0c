"""Whether the decisions of a meeting stand, by what its rulebook asks: who was told and when, who came, the chair, who voted.

It reads the record and the meeting's own edition, and says stands, does not stand or cannot tell, with the reasons in words.
It takes nothing back: a count changes only by what the panel or a school says next.

    chance   a school was there, or was told in time: n school days (calendar days) of notice lie after the day on which it was
             told, up to and including the meeting's day
    others   whoever the book names beside the schools is represented
    quorum   k of m members are there:  a number n  k >= n,  half  2k >= m,  two thirds  3k >= 2m,  all  k >= m
    chair    where it rotates, no other school that is there has had it longer ago, or never; a school that never had it may
             always take it. Turns are counted from the first meeting whose chair's school is recorded
             the school that had it was there
    vote     no school whose pupil it is, or that declared an interest, is among those who voted, where the book says so; nor one
             that was not there, or no member on the meeting's day; and where the book says how many, as many are for it (`votes.py`)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from panel import events as ev
from panel.facts.taking_part import MEMBERS
from panel.meetings.sitting import Exempted, Found, Ground, Judged, Seat, Since, Standing, Verdict, said_other
from panel.meetings.votes import Company, carried, too_many
from panel.state.records import Meeting, State
from panel.state.schooldays import Terms

WEEK: Final = 7


def standing(state: State, meeting: Meeting, asked: Mapping[str, object], then: State, since: Since | None = None) -> Standing:
    """How the decisions of a meeting stand. `asked` is the `meeting` of the rulebook that it froze when it opened.

    `then` is what was so before it opened: schools are named as they were, whatever each of them goes on as since.
    """
    # Who had the chair before is as it is known by now: a school that was written down wrongly took no turn.
    then = replace(then, meetings=tuple(held for held in state.meetings if held.number < meeting.number))
    seats = tuple(_seats(state, meeting, asked, since or Since()))
    named = meeting.opened.chair_of
    chair = then.successors.get(named, named) if named else None
    names = {urn: school.name for urn, school in (*state.schools.items(), *then.schools.items())}
    sitting = Standing(meeting, asked, seats, _quorum(asked.get("quorum"), len(seats)), (), chair, names)
    lacking = "which schools there were when the meeting opened is no longer held"
    if meeting.opened.shared is not None:
        lacking = "when the meeting opened the panel had no school of the kinds that the rulebook names as members"
    shared = [] if seats or not asked else [Ground("schools", lacking)]

    def word(found: Found) -> tuple[Verdict, tuple[Ground, ...], tuple[Ground, ...]]:
        return _word(sitting, [*((None, ground) for ground in shared), *(found if seats else ())])

    decisions = meeting.decisions.values()
    found = tuple(Judged(*word(_grounds(state, then, sitting, decision)), decision) for decision in decisions)
    exempted = tuple(Exempted(*word(_of_exemption(then, sitting, vote)), vote) for vote in meeting.exemptions)
    return replace(sitting, decisions=found, exemptions=exempted)


def _seats(state: State, meeting: Meeting, asked: Mapping[str, object], since: Since) -> Iterator[Seat]:
    """The members on the meeting's day: of what the opening froze, and of what was recorded of that day while the meeting was open."""
    members = asked.get("members") or MEMBERS
    terms = Terms.of(state.terms)
    froze = (meeting.opened.shared or {}).get("schools", {})
    joined = {urn: {"school.name": one.name, "school.setting": one.setting} for urn, one in since.joined.items()}
    for urn, school in sorted({**joined, **froze}.items()):
        if urn not in since.gone and school["school.setting"] in tuple(members):  # type: ignore[arg-type]
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


def _word(sitting: Standing, found: Sequence[tuple[bool | None, Ground]]) -> tuple[Verdict, tuple[Ground, ...], tuple[Ground, ...]]:
    against = tuple(ground for kept, ground in found if kept is False)
    untold = tuple(ground for kept, ground in found if kept is None)
    if not sitting.asked:
        verdict: Verdict = "not judged"
    elif not sitting.meeting.closed:
        verdict = "open"
    else:
        verdict = "does not stand" if against else "cannot tell" if untold else "stands"
    return verdict, against, untold


def _grounds(state: State, then: State, sitting: Standing, decision: ev.DecisionTaken) -> Found:
    concerned = _sent_by(then, decision) | ({decision.school} if decision.school else set())
    everybody = sitting.asked.get("invite", "all") == "all"
    yield from _of_all(then, sitting, [seat for seat in sitting.seats if everybody or seat.urn in concerned])
    yield from _votes(then, sitting, decision)
    yield from _bound(state, sitting, decision)


def _of_exemption(then: State, sitting: Standing, vote: ev.ExemptionVoted) -> Found:
    everybody = sitting.asked.get("invite", "all") == "all"
    yield from _of_all(then, sitting, [seat for seat in sitting.seats if everybody or seat.urn == vote.urn])
    yield from _majority(sitting, vote.votes, vote.votes.voted if vote.votes else None, frozenset())


def _of_all(then: State, sitting: Standing, concerned: Sequence[Seat]) -> Found:
    """What whatever the meeting decides has to keep to."""
    yield from _told(sitting, concerned)
    yield from _enough(sitting)
    yield from _beside(sitting)
    yield from _in_turn(then, sitting)
    yield from _in_the_chair(sitting)


def _sent_by(then: State, decision: ev.DecisionTaken) -> set[str]:
    """The school whose pupil it is, and the one that excluded the pupil."""
    made = then.referrals[decision.referral].made
    return {urn for urn in (made.home_school, made.excluded_by) if urn}


def _told(sitting: Standing, seats: Iterable[Seat]) -> Found:
    """Every school that is to be told had its chance to contribute."""
    lost, unknown = ([seat for seat in seats if seat.chance is chance] for chance in (False, None))
    wanted = sitting.asked.get("notice")
    for late in _alike(seat for seat in lost if seat.told):
        early, were = _length(late[0].notice, str(wanted)), "was" if len(late) == 1 else "were"
        said = f"{_named(late)} {were} told on {late[0].told}, {early} before, and {were} not there; {wanted} of notice are asked for"
        yield False, Ground("told", said, _urns(late))
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


def _alike(late: Iterable[Seat]) -> list[list[Seat]]:
    """Those together that were told on one day."""
    found: dict[dt.date | None, list[Seat]] = {}
    for seat in late:
        found.setdefault(seat.told, []).append(seat)
    return list(found.values())


def _length(many: int | None, wanted: str) -> str:
    unit = wanted.partition(" ")[2] or "days"
    return f"{many} {unit.removesuffix('s')}{'' if many == 1 else 's'}"


def _enough(sitting: Standing) -> Found:
    """Enough schools were there."""
    if sitting.quorum is None:
        return
    quorum = f"{sitting.quorum} {'school' if sitting.quorum == 1 else 'schools'} must be there"
    if not sitting.meeting.attended:
        yield None, Ground("quorum", f"nobody wrote down who was there; {quorum}")
    elif sitting.there < sitting.quorum:
        said = f"no quorum: {sitting.there} of {len(sitting.seats)} schools were there, and {sitting.quorum} must be"
        yield False, Ground("quorum", said, tuple(seat.urn for seat in sitting.seats if seat.there))


def _beside(sitting: Standing) -> Found:
    """Whoever must be at the table beside the schools was represented."""
    others = sitting.asked.get("others", ())
    wanted = [str(who) for who in others] if isinstance(others, tuple) else []
    away = [who for who in wanted if who not in sitting.meeting.others]
    if not away:
        return
    who = " and ".join(map(said_other, away))
    if sitting.meeting.attended or sitting.meeting.others:
        yield False, Ground("others", f"{who} {'was' if len(away) == 1 else 'were'} not represented, and must be")
    else:
        yield None, Ground("others", f"nobody wrote down who was there; {who} must be represented")


def _in_turn(then: State, sitting: Standing) -> Found:
    """The chair passes on: nobody who is there has waited longer for it. A school has the turns of those that it goes on from."""
    if sitting.asked.get("chair") != "rotates":
        return
    meeting, chair = sitting.meeting, sitting.chair
    if chair is None:
        yield None, Ground("chair", "which school had the chair was not written down, and the chair is to rotate")
        return
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


def _in_the_chair(sitting: Standing) -> Found:
    """Whoever has the chair is there: where the record says both, one of them was written down wrongly, and nobody knows which."""
    chair = sitting.chair
    if sitting.chair_there is False and chair and ("votes" in sitting.asked or sitting.asked.get("chair") == "rotates"):
        said = f"{sitting.called(chair)} had the chair, and is recorded as not there: one of these was written down wrongly"
        yield None, Ground("chair", said, (chair,))


def _votes(then: State, sitting: Standing, decision: ev.DecisionTaken) -> Found:
    """No vote on one's own referral, nor with an interest, where the book says so. A case that is put off is not decided yet."""
    if decision.outcome == "deferred":
        return
    voted = decision.votes.voted if decision.votes and decision.votes.schools is not None else decision.voted
    interested = {one.school for one in sitting.meeting.interests if one.referral == decision.referral}
    rules = (
        ("own_referral", _sent_by(then, decision), "its own referral"),
        ("interest", interested, "a case in which it has an interest"),
    )
    for rule, schools, what in rules:
        barred = _barred(sitting, schools) if sitting.asked.get(rule) == "no_vote" else {}
        if voted is None and barred:
            may_not = f"{', '.join(barred.values())} may not vote on {what}"
            yield None, Ground("vote", f"nobody wrote down who voted, and {may_not}", tuple(barred))
        for urn, name in barred.items():
            if urn in (voted or ()):
                yield False, Ground("vote", f"{name} voted on {what}", (urn,))
    without = [schools for rule, schools, _ in rules if sitting.asked.get(rule) == "no_vote"]
    yield from _majority(sitting, decision.votes, voted, frozenset(urn for schools in without for urn in schools))


def _majority(sitting: Standing, votes: ev.Votes | None, voted: Sequence[str] | None, may_not: frozenset[str]) -> Found:
    """Nobody voted who was not there, or no member on the day; and as many are for it as the book wants, where it says how many."""
    meeting, rule = sitting.meeting, sitting.asked.get("votes")
    members = frozenset(seat.urn for seat in sitting.seats)
    # Whoever is part of a school may speak for it; where votes are counted, only those of members are.
    if isinstance(rule, Mapping) and rule.get("others") == "vote":
        members |= {str(who) for who in sitting.asked.get("others", ())}  # type: ignore[attr-defined]  # a list of names, as it was checked
    known = members if rule else {*(meeting.opened.shared or {}).get("schools", {}), *members}
    # Of the others alone nobody can tell which schools were there.
    there = frozenset((*meeting.attended, *meeting.others)) if meeting.attended else None
    for urn in voted or ():
        if there is not None and urn not in there:
            yield False, Ground("vote", f"{sitting.called(urn)} voted, and is recorded as not there", (urn,))
        elif urn not in known:
            yield False, Ground("vote", f"{sitting.called(urn)} voted, and is no member of the panel", (urn,))
    if not isinstance(rule, Mapping):
        if votes:
            yield from ((kept, Ground("vote", said, schools)) for kept, said, schools in too_many(votes, there))
        return
    chair = sitting.chair
    company = Company(members, there, may_not, (chair, sitting.called(chair)) if chair else None)
    yield from ((kept, Ground("vote", said, schools)) for kept, said, schools in carried(rule, votes, company))


def _barred(sitting: Standing, schools: set[str]) -> dict[str, str]:
    """Those of the schools that could have voted, named: members that were not away, and whoever else was there."""
    seats = {seat.urn: seat for seat in sitting.seats}
    members = {urn: seat.named for urn, seat in seats.items() if urn in schools and seat.there is not False}
    others = [urn for urn in sitting.meeting.attended if urn in schools and urn not in seats]
    return members | {urn: sitting.called(urn) for urn in others}


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
