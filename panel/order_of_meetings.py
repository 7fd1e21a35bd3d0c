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
    """What the entries so far say of the open meeting's company. `pupils`: referral -> pupil."""

    agenda: tuple[str, ...] = ()
    attended: set[str] = field(default_factory=set)
    interests: set[tuple[str, str]] = field(default_factory=set)
    pupils: dict[str, str] = field(default_factory=dict)

    def take(self, event: ev.Event) -> Iterator[tuple[str, Any, Any]]:
        """What is wrong with the next entry: what, as recorded, what was wanted."""
        match event:
            case ev.ReferralMade(referral=name, pupil=pupil):
                self.pupils[name] = pupil
            case ev.MeetingOpened(agenda=agenda):
                self.agenda = agenda
                self.attended.clear()
                self.interests.clear()
            case ev.MeetingInvited(on=on, told_on=told_on):
                if told_on > on:
                    yield "told_on", f"{told_on}", f"{on} or earlier: nobody is told of a meeting after it"
            case ev.MeetingAttended(schools=schools):
                self.attended.update(schools)
            case ev.InterestDeclared():
                yield from self._interest(event)
            case ev.DecisionTaken(voted=voted) if voted is not None:
                yield from self._votes(voted)

    def _interest(self, declared: ev.InterestDeclared) -> Iterator[tuple[str, Any, Any]]:
        name, urn = declared.referral, declared.school
        if name not in self.agenda:
            yield "referral", name, "a referral on the agenda"
        elif declared.pupil != self.pupils.get(name, declared.pupil):
            yield "pupil", declared.pupil, self.pupils[name]
        if (urn, name) in self.interests:
            yield "school", urn, f"another school: {urn} has declared an interest in {name} already"
        self.interests.add((urn, name))

    def _votes(self, voted: tuple[str, ...]) -> Iterator[tuple[str, Any, Any]]:
        if away := [urn for urn in voted if urn not in self.attended]:
            yield "voted", list(voted), f"only schools that are recorded as represented: {', '.join(away)} not"
        if not voted or tuple(sorted(set(voted))) != voted:
            yield "voted", list(voted), "each school once, in the order of their URNs, or nothing"
