"""Whether what is recorded of who is at a meeting could follow what was recorded before: invitations, interests, votes.

It knows of a meeting what its opening says and who was recorded as represented. Whether a decision stands by it is for
`standing.py`: here only what the program itself would never have recorded is a misstep.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from panel import events as ev


@dataclass(slots=True)
class WhoIsThere:
    """What the entries so far say of the open meeting's company, the schools and the others that are there.

    `pupils`: referral -> pupil; `number`: which meeting is open.
    """

    number: int | None = None
    agenda: tuple[str, ...] = ()
    attended: set[str] = field(default_factory=set)
    interests: set[tuple[str, str]] = field(default_factory=set)
    pupils: dict[str, str] = field(default_factory=dict)

    def take(self, event: ev.Event) -> Iterator[tuple[str, Any, Any]]:
        """What is wrong with the next entry: what, as recorded, what was wanted."""
        match event:
            case ev.ReferralMade(referral=name, pupil=pupil):
                self.pupils[name] = pupil
            case ev.MeetingOpened(meeting=number, agenda=agenda):
                self.number, self.agenda = number, agenda
                self.attended.clear()
                self.interests.clear()
            case ev.MeetingInvited(on=on, told_on=told_on):
                if told_on > on:
                    yield "told_on", f"{told_on}", f"{on} or earlier: nobody is told of a meeting after it"
            case ev.MeetingAttended(schools=schools, others=others):
                self.attended.update(schools, others or ())
            case ev.InterestDeclared():
                yield from self._interest(event)
            case ev.MeetingClosed():
                self.number = None
            case ev.DecisionTaken(voted=voted, votes=votes):
                yield from self._voted(voted) if voted is not None else ()
                yield from self._votes(votes, voted) if votes is not None else ()
            case ev.ExemptionVoted(meeting=meeting, votes=votes):
                if (meeting is None) != (votes is None) or meeting not in (None, self.number):
                    known = f"{self.number}, the open meeting, with its votes" if self.number else "nothing: no meeting is open"
                    yield "meeting", meeting if meeting is not None else "nothing", known
                yield from self._votes(votes, votes.voted) if votes is not None else ()

    def _interest(self, declared: ev.InterestDeclared) -> Iterator[tuple[str, Any, Any]]:
        name, urn = declared.referral, declared.school
        if name not in self.agenda:
            yield "referral", name, "a referral on the agenda"
        elif declared.pupil != self.pupils.get(name, declared.pupil):
            yield "pupil", declared.pupil, self.pupils[name]
        if (urn, name) in self.interests:
            yield "school", urn, f"another school: {urn} has declared an interest in {name} already"
        self.interests.add((urn, name))

    def _voted(self, voted: tuple[str, ...]) -> Iterator[tuple[str, Any, Any]]:
        if away := [urn for urn in voted if urn not in self.attended]:
            yield "voted", list(voted), f"only schools that are recorded as represented: {', '.join(away)} not"
        if not voted or tuple(sorted(set(voted))) != voted:
            yield "voted", list(voted), "each school once, in the order of their URNs, or nothing"

    def _votes(self, votes: ev.Votes, voted: tuple[str, ...] | None) -> Iterator[tuple[str, Any, Any]]:
        """How they voted: by school or in numbers, by schools that are there, and a casting vote only where the others are equal."""
        ayes, noes, abstained = votes.counted
        if (votes.schools is None) == (votes.numbers is None):
            yield "votes", "nothing, or both", "how each school voted, or how many did so and so"
        elif min(ayes, noes, abstained) < 0 or ayes + noes + abstained == 0:
            yield "votes", [ayes, noes, abstained], "numbers from 0, and at least one vote"
        if away := sorted(set(votes.schools or ()) - self.attended):
            yield "votes", away, f"only schools that are recorded as represented: {', '.join(away)} not"
        if votes.schools is not None and (voted or ()) != votes.voted:
            yield "voted", list(voted or ()), f"{', '.join(votes.voted or ()) or 'nobody'}, who voted for or against"
        if voted and votes.numbers is not None and len(voted) != ayes + noes:
            yield "votes", ayes + noes, f"{len(voted)} votes, of those who voted"
        if votes.casting is not None and ayes != noes:
            yield "votes.casting", votes.casting, f"nothing: {ayes} for and {noes} against are not equal"
