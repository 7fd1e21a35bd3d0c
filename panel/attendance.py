"""Who is at a meeting: schools are told of it, come, and say in which cases they have an interest; and what then stands.

Each step looks at the record, refuses what cannot be, and writes. It holds no meeting up: what was not kept to is said of the
decisions, by `standing.py`, and stops none of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from panel import events as ev
from panel.candidates import receiving
from panel.errors import Refused
from panel.fold import fold
from panel.meeting import rulebook_of, the_open_meeting
from panel.office import Office, in_words, referral_of, school_of
from panel.standing import Standing, standing
from panel.state import Meeting, State


def invite(office: Office, *, schools: Sequence[str], told_on: dt.date | None = None) -> Meeting:
    """Record that schools were told of the meeting; without names, every school that can receive on its day."""
    state, meeting = office.state, the_open_meeting(office.state)
    if told_on is not None and told_on > meeting.on:
        raise Refused(
            f"--on: found {told_on}; wanted {meeting.on}, the day of meeting {meeting.number}, or earlier: "
            f"nobody is told of a meeting after it."
        )
    # All of them are those that it froze: who joined, merged or took another number since makes no difference to it.
    there = receiving(state, meeting.on) if meeting.opened.shared is None else meeting.opened.shared["schools"]
    named = _schools(state, meeting, schools) or tuple(sorted(there))
    office.write(ev.MeetingInvited(meeting=meeting.number, on=meeting.on, schools=named, told_on=told_on or meeting.on))
    return the_open_meeting(office.state)


def attend(office: Office, *, schools: Sequence[str]) -> Meeting:
    """Record which schools were represented. Once the meeting is closed nothing is added to it."""
    meeting = the_open_meeting(office.state)
    office.write(ev.MeetingAttended(meeting=meeting.number, on=meeting.on, schools=_schools(office.state, meeting, schools)))
    return the_open_meeting(office.state)


def declare(office: Office, *, school: str, referral: str, reason: str) -> Meeting:
    """A school says that it has an interest in a case on the agenda; what interest is sealed with the case."""
    state, meeting = office.state, the_open_meeting(office.state)
    made = referral_of(state, referral)
    (urn,) = _schools(state, meeting, [school])
    if referral not in meeting.opened.agenda:
        raise Refused(f"{referral} is not on the agenda of meeting {meeting.number}, so there is no interest to declare in it here.")
    if any((one.school, one.referral) == (urn, referral) for one in meeting.interests):
        raise Refused(f"{urn} has declared an interest in {referral} at this meeting already.")
    said = in_words(reason)
    office.write(ev.InterestDeclared(meeting=meeting.number, on=meeting.on, school=urn, referral=referral, pupil=made.pupil, case=said))
    return the_open_meeting(office.state)


def _schools(state: State, meeting: Meeting, urns: Sequence[str]) -> tuple[str, ...]:
    """The schools of these URNs, each once. Raises `Refused` for another number of a school that the meeting froze: by that nobody
    would find who was there, or who voted on its own referral."""
    named = tuple(sorted({school_of(state, urn).urn for urn in urns}))
    seats = (meeting.opened.shared or {}).get("schools", {})
    for urn in named:
        same = [seat for seat in seats if urn not in seats and (state.successors.get(seat) == urn or state.successors.get(urn) == seat)]
        if same:
            raise Refused(
                f"{urn}: meeting {meeting.number} of {meeting.on} goes by the schools that there were when it opened. "
                f"Name it as it was then: {' or '.join(same)}."
            )
    return named


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
    voted = [decision for decision in taken if decision.voted]
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
    return standing(office.state, meeting, rulebook_of(office, meeting).meeting, then)
