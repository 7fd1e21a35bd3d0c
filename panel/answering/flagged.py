"""What a reader of a decision is told where it was made on facts that were corrected since: which, by what, and what of it.

The decision stands; nothing here changes it, or says that it should be. Somebody has to look at it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from panel.answering.mistaken import Again, Cause, Differs, Mistake, again, mistakes
from panel.placing.placement import place
from panel.steps.office import Office


@dataclass(frozen=True, slots=True)
class Flag:
    """One meeting that had a referral on its agenda, and went by facts about it, or about where it goes, that were corrected since.

    `again` is the proposal that it was decided by, decided again on the corrected facts; None where nothing was proposed.
    """

    mistake: Mistake
    differs: tuple[Differs, ...]
    again: Again | None

    def as_data(self) -> dict[str, Any]:
        """One of the `corrected_since` of `explain --json`."""
        meeting = self.mistake.meeting
        data: dict[str, Any] = {"meeting": meeting.number, "date": meeting.on.isoformat(), "facts": [one.as_data() for one in self.differs]}
        if self.again is None:
            return data
        data["proposal_differs"] = self.again.differs
        if self.again.recorded and self.again.corrected:
            data |= {"proposed": self.again.recorded.as_data(), "would_be_proposed": self.again.corrected.as_data()}
        return data | ({"cannot_tell": self.again.cannot_tell} if self.again.cannot_tell else {})


def flagged(office: Office, *, as_of: dt.date | None = None) -> tuple[Mistake, ...]:
    """Every meeting up to the day that went by facts that were corrected since."""
    return tuple(mistakes(office.record, office.book_then, office.evaluation, as_of=as_of))


def flags_of(office: Office, referral: str) -> tuple[Flag, ...]:
    """What of those meetings is about one referral; also a meeting that would have proposed another school for other reasons."""
    return tuple(flag for mistake in flagged(office) if (flag := _flag(office, mistake, referral)) is not None)


def _flag(office: Office, mistake: Mistake, referral: str) -> Flag | None:
    meeting = mistake.meeting
    if referral not in meeting.opened.agenda:
        return None
    decision = meeting.decisions.get(referral)
    proposals = dict(meeting.proposals)
    seq = (decision.proposal if decision else None) or max(proposals, default=None)
    school = decision.school if decision else proposals[seq].placements.get(referral) if seq else None
    year_group = office.state.referrals[referral].made.year_group
    differs = mistake.of(referral, year_group, school)
    anew = again(office.record, mistake, referral, seq, office.book_then, office.evaluation, place) if seq else None
    return Flag(mistake, differs, anew) if differs or (anew and anew.differs) else None


# --- in words ---


def one_line(mistake: Mistake, names: Mapping[str, str]) -> str:
    """A meeting, whose facts were corrected, and by what: never what they say."""
    whose = [*mistake.referrals, *(names.get(urn, urn) for urn in mistake.schools)] or ["the panel"]
    meeting = mistake.meeting
    return f"Meeting {meeting.number} of {meeting.on} went by facts that were corrected since: {', '.join(whose)} ({_by(mistake.causes)})."


def told(flag: Flag, names: Mapping[str, str]) -> Iterator[str]:
    """A flag for a person who asks about one referral."""
    meeting = flag.mistake.meeting
    yield f"  Meeting {meeting.number} of {meeting.on} went by facts that were corrected since; what it decided stands:"
    for one in flag.differs:
        at = next((f" at {names.get(urn, urn)}" for urn in one.where[1:] if urn in names), "")
        yield f"    {one.fact}{at}: {_said(one.then)} then, {_said(one.now)} now ({_by(one.causes)})"
    if not flag.differs:
        yield f"    none about this pupil or the school, but about others ({_by(flag.mistake.causes)})"
    if flag.again is not None:
        yield f"    {_anew(flag.again, names)}"


def _by(causes: tuple[Cause, ...]) -> str:
    return "; ".join(f"entry {cause.entry} corrects entry {cause.corrects}" for cause in causes)


def _anew(found: Again, names: Mapping[str, str]) -> str:
    if found.recorded is None or found.corrected is None:
        return f"Whether the proposal would have been another cannot be told. {found.cannot_tell}"
    if not found.differs:
        return "By the corrected facts the same would have been proposed."
    urn = found.corrected.school
    now = f"{names.get(urn, urn)} ({urn}) would have been proposed" if urn else f"it would have been {found.corrected}"
    return f"By the corrected facts {now}."


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return "unknown" if value is None else str(value)
