"""The head of a meeting's minutes: who was told when, who came, and which decisions stand, as JSON and in words.

It judges nothing: `standing.py` did. What a school's interest is in a case stays sealed; only that it has one is told.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Any

from panel import events as ev
from panel.meetings.sitting import Exempted, Judged, Seat, Standing, Word, said_other
from panel.state.corrections import corrected
from panel.state.records import Recorded
from rules.audience import whoever_is
from rules.differences import plain
from rules.phrases import said_audience

STANDS: Mapping[str, bool | None] = {"stands": True, "does not stand": False}


def as_data(sitting: Standing) -> dict[str, Any]:
    """`meeting show --json`."""
    opened = sitting.meeting.opened
    return {
        "meeting": opened.meeting,
        "date": opened.on.isoformat(),
        "open": not sitting.meeting.closed,
        "chair": opened.chair,
        "chair_of": opened.chair_of,
        "chair_there": sitting.chair_there,
        "rulebook": {"name": opened.rulebook, "edition": opened.edition.isoformat()},
        "asked": {key: list(value) if isinstance(value, tuple) else value for key, value in sitting.asked.items()},
        "schools": [_seat(seat) for seat in sitting.seats],
        "others_invited": _others(sitting, sitting.meeting.invited),
        "others_there": _others(sitting, sitting.meeting.attended),
        "quorum": {"wanted": sitting.quorum, "there": sitting.there if sitting.meeting.attended else None, "of": len(sitting.seats)},
        **({"others": [{"who": who, "there": there} for who, there in _at_the_table(sitting)]} if "others" in sitting.asked else {}),
        "interests": [{"school": one.school, "referral": one.referral} for one in sitting.meeting.interests],
        "decisions": [decision(judged) for judged in sitting.decisions],
        "exemptions": [_exemption(judged) for judged in sitting.exemptions],
    }


def entries(record: Sequence[Recorded], meeting: int) -> list[dict[str, Any]]:
    """The entries that say who had the chair, was told, came or has an interest, and the draw: `pastoral correct` goes by their numbers."""
    found: list[dict[str, Any]] = []
    for item in corrected(record):
        match item.event:
            case ev.MeetingOpened(chair_of=chair_of) if item.event.meeting == meeting:
                found.append({"entry": item.seq, "what": "opened", "schools": [chair_of] if chair_of else []})
            case ev.MeetingInvited(schools=schools) if item.event.meeting == meeting:
                found.append({"entry": item.seq, "what": "told", "schools": list(schools)})
            case ev.MeetingAttended(schools=schools) if item.event.meeting == meeting:
                found.append({"entry": item.seq, "what": "there", "schools": list(schools)})
            case ev.InterestDeclared(school=school) if item.event.meeting == meeting:
                found.append({"entry": item.seq, "what": "interest", "schools": [school]})
            case ev.MeetingDrawn() if item.event.meeting == meeting:
                found.append({"entry": item.seq, "what": "drawn", "schools": []})
    return found


def entries_in_words(found: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The same in one line; where there are several of one kind, which schools each is about is in the JSON."""
    said = [f"{one['what']} {one['entry']}" for one in found]
    if said:
        yield f"Entries, for `pastoral correct --entry N`: {', '.join(said)}."


def _at_the_table(sitting: Standing) -> list[tuple[str, bool | None]]:
    """Who must be there beside the schools, and whether they were; None where nobody wrote down who was."""
    meeting, others = sitting.meeting, sitting.asked.get("others", ())
    known = bool(meeting.attended or meeting.others)
    return [(str(who), who in meeting.others if known else None) for who in (others if isinstance(others, tuple) else ())]


def _others(sitting: Standing, urns: Iterable[str]) -> list[str]:
    """Those that are no members."""
    return [urn for urn in urns if urn not in {seat.urn for seat in sitting.seats}]


def _seat(seat: Seat) -> dict[str, Any]:
    return {
        "school": seat.urn,
        "name": seat.name,
        "told_on": seat.told.isoformat() if seat.told else None,
        "notice": seat.notice,
        "in_time": seat.in_time,
        "there": seat.there,
        "chance": seat.chance,
    }


def decision(judged: Judged) -> dict[str, Any]:
    """One decision and whether it stands."""
    taken = judged.decision
    return {
        "referral": taken.referral,
        "outcome": taken.outcome,
        "school": taken.school,
        "voted": None if taken.voted is None else list(taken.voted),
        "votes": votes_data(taken.votes),
        **stands(judged),
    }


def _exemption(judged: Exempted) -> dict[str, Any]:
    """One vote that exempts a school, and whether it stands."""
    voted = judged.exemption
    span = {"from": voted.first.isoformat(), "until": voted.last.isoformat()}
    of = {"of": list(voted.of)} if voted.of else {}
    return {"school": voted.urn, "year_group": voted.year_group, **of, **span, "votes": votes_data(voted.votes), **stands(judged)}


def exempt(vote: ev.ExemptionVoted) -> str:
    """`exempt from permanently excluded pupils, 2026-10-01 to 2026-12-18`, and without whom where it is from everybody."""
    whom = said_audience(whoever_is(vote.of)) if vote.of else ""
    return f"exempt from {whom}, {vote.first} to {vote.last}" if whom else f"exempt from {vote.first} to {vote.last}"


def votes_data(votes: ev.Votes | None) -> dict[str, Any] | None:
    """How the schools voted: their numbers, and where it was said by school, who voted how."""
    if votes is None:
        return None
    numbers = dict(zip(("for", "against", "abstained"), votes.counted, strict=True))
    return {**numbers, "schools": dict(votes.schools) if votes.schools else None, "casting_vote": votes.casting}


def stands(judged: Word) -> dict[str, Any]:
    """Whether a decision stands; null where that cannot be told, or not yet."""
    return {
        "stands": STANDS.get(judged.verdict),
        "verdict": judged.verdict,
        "because": [{"rule": ground.rule, "say": ground.say, "schools": list(ground.schools)} for ground in judged.against],
        "cannot_tell": [{"rule": ground.rule, "say": ground.say, "schools": list(ground.schools)} for ground in judged.untold],
    }


def _in_one(reasons: Iterable[str]) -> str:
    """Reasons in one sentence: what several of them begin with is said once."""
    told: list[str] = []
    begun: set[str] = set()
    for reason in reasons:
        first, _, rest = reason.partition("; ")
        told.append(rest if rest and first in begun else reason)
        begun.add(first)
    return "; ".join(told)


def verdict(judged: Word, besides: Container[str] = ()) -> str:
    """Whether a decision stands, and why not, in words; without the reasons that are told `besides`."""
    against, untold = (
        _in_one(ground.say for ground in grounds if ground.say not in besides) for grounds in (judged.against, judged.untold)
    )
    match judged.verdict:
        case "does not stand":
            return f"does not stand{f': {against}' if against else ''}"
        case "cannot tell":
            return f"cannot tell whether it stands{f': {untold}' if untold else ''}"
        case "open":
            return f"the meeting is still open; so far: {against or untold}" if against or untold else "the meeting is still open"
        case "not judged":
            return "not judged: the rulebook does not say what makes a decision stand"
        case "stands":
            return "stands"


def _named(sitting: Standing) -> list[tuple[str, Word]]:
    """Whatever the meeting decided, as people call it."""
    named: list[tuple[str, Word]] = [(judged.decision.referral, judged) for judged in sitting.decisions]
    return named + [(f"the exemption of {judged.exemption.urn}", judged) for judged in sitting.exemptions]


def _told_once(sitting: Standing) -> dict[str, tuple[str, ...]]:
    """The reasons that more than one decision has, each with those that it concerns: they are told below all of them."""
    found: dict[str, list[str]] = {}
    for name, judged in _named(sitting):
        for ground in judged.against or judged.untold:
            if judged.verdict != "not judged":
                found.setdefault(ground.say, []).append(name)
    return {say: tuple(names) for say, names in found.items() if len(names) > 1}


def fallen(sitting: Standing) -> Iterator[str]:
    """The decisions that do not stand, or of which that cannot be told, those alike in one sentence."""
    alike: dict[str, list[str]] = {}
    for name, judged in _named(sitting):
        if judged.verdict in ("does not stand", "cannot tell"):
            alike.setdefault(verdict(judged), []).append(name)
    for said, names in alike.items():
        yield f"{', '.join(names)}: {said}."


def lines_of(sitting: Standing, names: Mapping[str, str]) -> Iterator[str]:
    """What stands above and below the table of schools, in words."""
    opened, closed = sitting.meeting.opened, sitting.meeting.closed
    chair = f"{opened.chair}, {_school(opened.chair_of, names)}," if opened.chair_of else opened.chair
    yield f"Meeting {opened.meeting} of {opened.on}, {'closed' if closed else 'open'}; {chair} in the chair."
    asked = "; ".join(f"{key.replace('_', ' ')}: {plain(value).replace('_', ' ')}" for key, value in sitting.asked.items())
    book = f"{opened.rulebook}, edition of {opened.edition}"
    yield f"{book}, asks of a meeting: {asked}." if asked else f"{book}, asks nothing of a meeting."


def rest_of(sitting: Standing, names: Mapping[str, str]) -> Iterator[str]:
    """What stands below the table of schools."""
    members = len(sitting.seats)
    if sitting.quorum is not None:
        there = f"{sitting.there} of {members} there" if sitting.meeting.attended else "nobody wrote down who was there"
        yield f"Quorum {sitting.quorum}: {there}."
    for who, came in _at_the_table(sitting):
        yield f"{said_other(who).capitalize()}: {'nobody wrote down who was there' if came is None else 'there' if came else 'not there'}."
    for what, others in (("told", sitting.meeting.invited), ("there", sitting.meeting.attended)):
        if elsewhere := _others(sitting, others):
            yield f"Also {what}, and no member: {', '.join(_school(urn, names) for urn in elsewhere)}."
    yield from (f"{_school(one.school, names)} declared an interest in {one.referral}." for one in sitting.meeting.interests)
    if sitting.chair_there is False and sitting.chair:
        yield f"{_school(sitting.chair, names)} had the chair, and is recorded as not there: one of these was written down wrongly."
    shared = _told_once(sitting)
    for judged in sitting.decisions:
        taken = judged.decision
        where = f", {_school(taken.school, names)}" if taken.school else ""
        yield f"{taken.referral}: {taken.outcome}{where}{_said(taken.votes, taken.voted)}: {verdict(judged, shared)}."
    for exempted in sitting.exemptions:
        vote = exempted.exemption
        whom = _school(vote.urn, names) + ("" if vote.year_group is None else f", year {vote.year_group}")
        yield f"{whom}: {exempt(vote)}{_said(vote.votes)}: {verdict(exempted, shared)}."
    yield from (f"{', '.join(concerned)}: {say}." for say, concerned in shared.items())


def _said(votes: ev.Votes | None, voted: Iterable[str] | None = None) -> str:
    """How the schools voted, or who did."""
    if votes is None or votes.schools is None:
        known = [f"voted: {', '.join(voted)}"] if voted else []
        known += [votes.told] if votes else []
    else:
        by = {how: [urn for urn, vote in sorted(votes.schools.items()) if vote == how] for how in ("for", "against", "abstained")}
        known = [f"{how}: {', '.join(urns)}" for how, urns in by.items() if urns]
    known += [f"casting vote {votes.casting}"] if votes and votes.casting else []
    return "".join(f"; {part}" for part in known)


def _school(urn: str, names: Mapping[str, str]) -> str:
    return f"{names[urn]} ({urn})" if urn in names else urn
