"""Whether a correction could follow the entries before it: what it corrects, and what would then not follow any more.

A correction changes what is so, never what was done: it may not make an entry that was rightly written impossible, as an
admission may be taken out of the record and a referral that was decided may not. It repairs nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

from panel import events as ev
from panel.errors import LedgerBroken
from panel.state.corrections import CORRECTABLE, KEPT, as_corrected, changed_beside, corrected, is_fixed, stacks
from panel.state.fold import fold
from panel.state.records import Recorded

Steps = Callable[[Sequence[Recorded]], Iterable[tuple[int, str]]]
"""A record as it is corrected -> the number of each entry in it that cannot follow those before it, and what is wrong with it."""

Wrong = Iterator[tuple[str, Any, Any]]

VOTES: Final = ("voted", "votes")
"""What is wrong where a school voted that is not recorded as there."""


def wrong_with(upto: Sequence[Recorded], steps: Steps) -> Wrong:
    """What is wrong with a correction, the last of these entries: what, as recorded, what was wanted."""
    *before, last = upto
    said = last.event
    if not isinstance(said, ev.Correction):
        raise TypeError(f"entry {last.seq} is no correction")
    found = list(_of_itself(said, before))
    yield from found
    if said.case is None or said.case.reason is None:
        yield "case", "nothing", "the reason"
    if not found:
        yield from _of_what_follows(said, before, upto, steps)


def _of_itself(said: ev.Correction, before: Sequence[Recorded]) -> Wrong:
    n = said.corrects
    if not 1 <= n <= len(before):
        yield "corrects", n, f"an entry before it: 1 to {len(before)}"
        return
    target = before[n - 1]
    if isinstance(target.event, ev.Correction):
        yield from _taking_back(said, target, before)
        return
    if not isinstance(target.event, CORRECTABLE):
        yield "corrects", n, f"an entry of a kind that can be corrected: {target.event.kind} is none"
        return
    if said.body is None and is_fixed(target.event):
        yield "body", "nothing", f"what the entry should have said: {target.event.kind} is not taken out of the record"
    if said.pupil != pupil_of(target.event, before):
        yield "pupil", said.pupil or "nothing", pupil_of(target.event, before) or "nothing"
    if said.body is not None:
        yield from _of_body(target, said, before)


def _taking_back(said: ev.Correction, target: Recorded, before: Sequence[Recorded]) -> Wrong:
    about = target.event
    if not isinstance(about, ev.Correction):
        raise TypeError(f"entry {target.seq} is no correction")
    standing = stacks(before).get(about.corrects, ())
    last = standing[-1].seq if standing else None
    if said.body is not None:
        yield "body", "another entry", f"nothing: to say it otherwise, correct entry {about.corrects} again"
    if last != target.seq:
        yield "corrects", target.seq, f"{last}, the last correction of entry {about.corrects}" if last else "a correction that stands"
    if said.pupil != about.pupil:
        yield "pupil", said.pupil or "nothing", about.pupil or "nothing"


def _of_body(target: Recorded, said: ev.Correction, before: Sequence[Recorded]) -> Wrong:
    last = Recorded(len(before) + 1, "", said)
    try:
        event = as_corrected(target, (*stacks(before).get(target.seq, ()), last))
    except LedgerBroken as error:
        yield "body", "what cannot be read", error.message
        return
    for name in changed_beside(target.event, said.body or {}):
        yield f"body.{name}", (said.body or {}).get(name, "nothing"), target.event.draft().body.get(name, "nothing")
    for name in KEPT:
        was, now = getattr(target.event, name, None), getattr(event, name, None)
        if was != now:
            yield f"body.{name}", now or "nothing", was or "nothing"


def pupil_of(event: ev.Event, record: Iterable[Recorded]) -> str | None:
    """Whom an entry is about: as it says itself, or the referral that it names; None where it is about no one child."""
    pupil: str | None = getattr(event, "pupil", None)
    name = getattr(event, "referral", None)
    if pupil is not None or name is None:
        return pupil
    made = (item.event for item in record if isinstance(item.event, ev.ReferralMade))
    return next((one.pupil for one in made if one.referral == name), None)


def _of_what_follows(said: ev.Correction, before: Sequence[Recorded], upto: Sequence[Recorded], steps: Steps) -> Wrong:
    """The record with the correction must hold together wherever it did without: on the day of every meeting too."""
    try:
        already, now = set(steps(corrected(before))), dict.fromkeys(steps(corrected(upto)))
        fold(upto)
        unheard = [*_unheard(before, upto), *_not_there(said, before, upto)]
    except LedgerBroken as error:
        yield "corrects", said.corrects, f"nothing: {error.message}"
        return
    yield from (("corrects", said.corrects, f"nothing: {what}") for what in unheard)
    for seq, what in now:
        # Who voted stays as it was written; where it turns out that a school was not there, the decision's standing says so.
        if (seq, what) not in already and not (what == "follows" and _withdrawn(upto, seq)) and what not in VOTES:
            kind = upto[seq - 1].event.kind
            yield "corrects", said.corrects, f"nothing: entry {seq} ({kind}: {what.replace('_', ' ')}) could then not follow"


def _not_there(said: ev.Correction, before: Sequence[Recorded], upto: Sequence[Recorded]) -> Iterator[str]:
    """Each decision for a school that would not have been a member yet, or any more, on the meeting's day: nobody would count it."""
    if not isinstance(before[said.corrects - 1].event, ev.OfSchool | ev.Correction):
        return
    then, now = fold(before), fold(upto)

    def gone(urn: str, on: dt.date) -> bool:
        return then.is_member(urn, on) and not now.is_member(urn, on)

    for meeting in then.meetings:
        for name, decision in meeting.decisions.items():
            if decision.school and gone(decision.school, meeting.on):
                yield f"meeting {meeting.number} of {meeting.on} sent {name} to {decision.school}, which would then not have been there"
        if not meeting.closed and (away := [urn for urn in (meeting.opened.shared or {}).get("schools", {}) if gone(urn, meeting.on)]):
            yield f"the open meeting {meeting.number} of {meeting.on} may still send somebody to {', '.join(away)}; close it first"


def _withdrawn(upto: Sequence[Recorded], seq: int) -> bool:
    """Whether an entry is a referral that was taken back: what it followed may then turn out never to have ended."""
    event = upto[seq - 1].event
    return isinstance(event, ev.ReferralMade) and fold(upto).referrals[event.referral].withdrawn


def _unheard(before: Sequence[Recorded], upto: Sequence[Recorded]) -> Iterator[str]:
    """Each referral that would have been made after a meeting that had it on its agenda."""
    meetings = [item.event for item in before if isinstance(item.event, ev.MeetingOpened)]
    for day in dict.fromkeys(meeting.on for meeting in meetings):
        there = fold(upto, as_of=day).referrals
        for meeting in meetings:
            if meeting.on == day and (gone := [name for name in meeting.agenda if name not in there]):
                yield f"{', '.join(gone)} had been on the agenda of meeting {meeting.meeting} of {day} before it was made"
