"""Who is at a meeting: schools are told of it, come, and say in which cases they have an interest; and what then stands.

Each step looks at the record, refuses what cannot be, and writes. It holds no meeting up: what was not kept to is said of the
decisions, by `standing.py`, and stops none of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from panel import events as ev
from panel.errors import Refused
from panel.facts.candidates import receiving
from panel.meetings.sitting import Since, Standing
from panel.meetings.standing import standing
from panel.quoting import Place
from panel.state.fold import fold
from panel.state.records import Meeting
from panel.steps.ballots import as_it_sits, named_beside
from panel.steps.meeting import as_it_stood, rulebook_of, the_open_meeting
from panel.steps.office import Office, in_words, referral_of


def invite(office: Office, *, schools: Sequence[str], told_on: dt.date | None = None) -> Meeting:
    """Record that schools were told of the meeting; without names, every school that can receive on its day."""
    state, meeting = office.state, the_open_meeting(office.state)
    if told_on is not None and told_on > meeting.on:
        raise Refused(
            f"--on: found {told_on}; wanted {meeting.on}, the day of meeting {meeting.number}, or earlier: "
            f"nobody is told of a meeting after it."
        )
    # All of them are those that it froze, and those of which it was recorded since that they are members on its day.
    there = receiving(state, meeting.on) if meeting.opened.shared is None else meeting.opened.shared["schools"]
    since = _since(office, meeting)
    named = as_it_sits(state, meeting, schools) or tuple(sorted({*there, *since.joined} - {*since.gone}))
    office.write(ev.MeetingInvited(meeting=meeting.number, on=meeting.on, schools=named, told_on=told_on or meeting.on))
    return the_open_meeting(office.state)


def attend(office: Office, *, schools: Sequence[str], others: Sequence[str] = ()) -> Meeting:
    """Record which schools were represented, and who else of those whom the rulebook names. Once the meeting is closed nothing is
    added to it. Raises `Refused` for anybody else, who might be named in an open record."""
    meeting = the_open_meeting(office.state)
    beside = _beside(office, meeting, others)
    there = as_it_sits(office.state, meeting, schools)
    office.write(ev.MeetingAttended(meeting=meeting.number, on=meeting.on, schools=there, others=beside or None))
    return the_open_meeting(office.state)


def _beside(office: Office, meeting: Meeting, others: Sequence[str]) -> tuple[str, ...]:
    """Those of the rulebook's others that are named."""
    known = wanted_beside(office, meeting)
    named = {who.replace("-", "_"): who for who in others}
    if strangers := [who for name, who in named.items() if name not in known]:
        found = ", ".join(map(Place(words=known).found, strangers))
        wanted = f"one of {', '.join(who.replace('_', '-') for who in known)}" if known else "nothing"
        book = f"{meeting.opened.rulebook} names nobody" if not known else f"{meeting.opened.rulebook} names only these"
        why = f"{book} beside the schools (`others` under `meeting`). Write down no person's name."
        raise Refused(f"--other: found {found}; wanted {wanted}: {why}")
    return tuple(sorted(named))


def wanted_beside(office: Office, meeting: Meeting) -> tuple[str, ...]:
    """Who must be represented beside the schools, by the meeting's edition."""
    return named_beside(rulebook_of(office, meeting))


def declare(office: Office, *, school: str, referral: str, reason: str) -> Meeting:
    """A school says that it has an interest in a case on the agenda; what interest is sealed with the case."""
    state, meeting = office.state, the_open_meeting(office.state)
    made = referral_of(state, referral)
    (urn,) = as_it_sits(state, meeting, [school])
    if referral not in meeting.opened.agenda:
        raise Refused(f"{referral} is not on the agenda of meeting {meeting.number}, so there is no interest to declare in it here.")
    if any((one.school, one.referral) == (urn, referral) for one in meeting.interests):
        raise Refused(f"{urn} has declared an interest in {referral} at this meeting already.")
    said = in_words(reason)
    office.write(ev.InterestDeclared(meeting=meeting.number, on=meeting.on, school=urn, referral=referral, pupil=made.pupil, case=said))
    return the_open_meeting(office.state)


def meeting_on(office: Office, on: dt.date | None) -> Meeting:
    """The meeting of a day; without one the latest. Raises `Refused` where there is none; of several on one day it is the last."""
    meetings = office.state.meetings
    if not meetings:
        raise Refused("There has been no meeting yet. Open one with `pastoral meeting open --date YYYY-MM-DD --chair NAME`.")
    found = [held for held in meetings if on in (None, held.on)]
    if not found:
        raise Refused(f"There was no meeting on {on}. Meetings: {', '.join(str(held.on) for held in meetings)}.")
    return found[-1]


def wrong_votes(office: Office, taken: Iterable[ev.DecisionTaken]) -> tuple[str, ...]:
    """Of decisions just taken, a sentence for each vote that the rulebook does not allow: it is recorded, and undoes the decision."""
    voted = [decision for decision in taken if decision.voted or decision.votes]
    if not voted:
        return ()
    sitting = standing_of(office, the_open_meeting(office.state))
    found = [(decision.referral, sitting.of(decision.referral)) for decision in voted]
    grounds = [(name, ground) for name, judged in found if judged for ground in judged.against if ground.rule == "vote"]
    return tuple(f"{name}: {ground.say}, so this decision does not stand." for name, ground in grounds)


def standing_of(office: Office, meeting: Meeting) -> Standing:
    """How the decisions of a meeting stand, by the edition that it froze when it opened."""
    # By the day of the meeting too: a merger that was known beforehand, and is of a later day, is none yet.
    then = fold(office.record[: meeting.opened_seq - 1], as_of=meeting.on)
    return standing(office.state, meeting, rulebook_of(office, meeting).meeting, then, _since(office, meeting))


def wrong_votes_for(office: Office, vote: ev.ExemptionVoted) -> tuple[str, ...]:
    """The same of a vote that exempts a school, where somebody wrote down how the schools voted."""
    if vote.votes is None:
        return ()
    judged = standing_of(office, the_open_meeting(office.state)).exemptions[-1]
    return tuple(f"{vote.urn}: {ground.say}, so this vote does not stand." for ground in judged.against if ground.rule == "vote")


def _since(office: Office, meeting: Meeting) -> Since:
    """Who is a member on the meeting's day by what was recorded while it was open: a school that joined by then is one, and one that
    had left or closed by then is none. Whatever goes on under another number sits by the one that the meeting knows."""
    known = as_it_stood(office, meeting)
    if (
        not any(isinstance(item.event, ev.OfSchool | ev.Correction) for item in known[meeting.opened_seq :])
        or meeting.opened.shared is None
    ):
        return Since()
    state, froze = fold(known), meeting.opened.shared["schools"]
    there = receiving(state, meeting.on)
    goes_on = {urn: state.successors.get(urn, urn) for urn in froze}
    joined = {urn: there[urn] for urn in there if urn in state.members and urn not in froze and urn not in goes_on.values()}
    gone = (urn for urn, now in goes_on.items() if not state.is_member(urn, meeting.on) and not state.is_member(now, meeting.on))
    return Since(joined, frozenset(gone))
