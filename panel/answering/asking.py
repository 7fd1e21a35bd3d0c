"""Somebody asks about a whole meeting: everybody and everywhere at once, or what if something were otherwise.

It records nothing. A meeting that is open is asked as things stand now, with what the panel has decided so far; a past one by
its newest proposal, from what it knew.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from panel.answering import answers
from panel.answering.explain import Explainer
from panel.answering.hypothesis import Hypothesis, suppose
from panel.answering.matrix import Matrix, matrix
from panel.answering.whatif import WhatIf, compared
from panel.deciding.decision import Case, Decision, decide, redecide
from panel.deciding.opening import freeze
from panel.errors import LedgerBroken, Refused
from panel.facts.candidates import MeetingFacts
from panel.placing.placement import place
from panel.state.erasure import cannot_be_replayed
from panel.state.records import Meeting, State
from panel.steps.meeting import as_it_stood, rulebook_of, the_open_meeting
from panel.steps.office import Office
from rules.book import Rulebook


@dataclass(frozen=True, slots=True)
class Everywhere:
    """The verdict on every pair of a meeting, by the proposal at entry `entry` (None: a rehearsal).

    `since` are referrals that the panel has decided otherwise than that proposal says. While the meeting is open the verdicts
    are those of the moment, these decisions among them; where it is closed they are the proposal's own.
    """

    meeting: Meeting
    entry: int | None
    decision: Decision
    matrix: Matrix
    since: tuple[str, ...]

    @property
    def tied(self) -> tuple[str, ...]:
        """Before the draw, those for whom another answer is as good; afterwards nobody."""
        return self.decision.certificate.tied if self.decision.case.seed is None else ()

    def as_data(self, panel: str) -> dict[str, Any]:
        """`explain --matrix --json`."""
        return {
            "panel": panel,
            "meeting": self.meeting.number,
            "date": self.meeting.on.isoformat(),
            "entry": self.entry,
            **answers.pairs(self.matrix),
            "as_things_stand": not self.meeting.closed,
            "unplaced": list(self.decision.unplaced),
            "tied": list(self.tied),
            "held": list(self.decision.held),
            "decided_otherwise": list(self.since),
        }


@dataclass(frozen=True, slots=True)
class Supposed:
    """A meeting's two answers."""

    meeting: Meeting
    what_if: WhatIf

    def as_data(self, panel: str) -> dict[str, Any]:
        """`whatif --json`."""
        named = {"panel": panel, "meeting": self.meeting.number, "date": self.meeting.on.isoformat()}
        return {**named, **answers.both(self.what_if), "recorded": False}


def everywhere(office: Office, on: dt.date | None = None) -> Everywhere:
    """Every pair of the meeting on that day, or of the latest one. Raises `Refused` where there is none."""
    if on is None and not office.state.meetings:
        raise Refused("There has been no meeting yet. Open one with `pastoral meeting open --date YYYY-MM-DD --chair NAME`.")
    meeting = office.state.meetings[-1] if on is None else _of_the_day(office.state, on)
    entry = meeting.proposals[-1][0] if meeting.proposals else None
    decision, rulebook = _answer(office, meeting, entry if meeting.closed else None)
    proposed = meeting.proposals[-1][1] if meeting.proposals else None
    told = () if proposed is None else (*proposed.placements, *proposed.unplaced, *proposed.held)
    since = tuple(n for n, taken in meeting.decisions.items() if proposed and n in told and taken.school != proposed.placements.get(n))
    return Everywhere(meeting, entry, decision, matrix(Explainer(decision, rulebook, office.evaluation(rulebook))), since)


def what_if(office: Office, hypothesis: Hypothesis, *, on: dt.date | None = None, book: Rulebook | None = None) -> Supposed:
    """The open meeting, or a past one by its day, as it stands and with something otherwise: another rulebook, a hypothesis, or both.

    The draw stays what it was. Raises `Refused` with everything that cannot be supposed.
    """
    meeting = _open_or_named(office.state) if on is None else _of_the_day(office.state, on)
    entry = meeting.proposals[-1][0] if meeting.closed and meeting.proposals else None
    before, rulebook = _answer(office, meeting, entry)
    other = book or rulebook
    after = _under(office, meeting, before, other) if book else before
    if hypothesis:
        after = suppose(after, hypothesis, other, evaluate=office.evaluation(other), place=place)
    explainers = (Explainer(before, rulebook, office.evaluation(rulebook)), Explainer(after, other, office.evaluation(other)))
    return Supposed(meeting, compared(*explainers, hypothesis))


def _open_or_named(state: State) -> Meeting:
    if state.open_meeting is None and state.meetings:
        raise Refused(f"No meeting is open. Name a past one by its day: --meeting {state.meetings[-1].on}.")
    return the_open_meeting(state)


def _of_the_day(state: State, on: dt.date) -> Meeting:
    """The meeting of that day; the later one where there were two."""
    found = [meeting for meeting in state.meetings if meeting.on == on]
    if not found:
        days = ", ".join(str(meeting.on) for meeting in state.meetings)
        raise Refused(f"--meeting: found {on}; wanted the day of a meeting{f': {days}' if days else ', and there has been none yet'}.")
    return found[-1]


def _answer(office: Office, meeting: Meeting, entry: int | None) -> tuple[Decision, Rulebook]:
    """What the meeting's proposal at an entry says, decided again; without an entry the answer as things stand, or stood when it closed."""
    if meeting.opened.shared is None or len(meeting.opened.cases) < len(meeting.opened.agenda):
        raise Refused(
            cannot_be_replayed(office.record, meeting)
            or f"A case of meeting {meeting.number} of {meeting.on} is no longer held, so it cannot be decided again."
        )
    rulebook = rulebook_of(office, meeting)
    record = as_it_stood(office, meeting)
    decision = redecide(record, meeting, entry, rulebook, evaluate=office.evaluation(rulebook), place=place)
    recorded = dict(meeting.proposals).get(entry or 0)
    if recorded is not None and recorded.placements != decision.placing:
        raise LedgerBroken(
            f"The proposal at entry {entry} does not come out again from what its meeting froze. See `pastoral audit replay`."
        )
    return decision, rulebook


def _under(office: Office, meeting: Meeting, before: Decision, book: Rulebook) -> Decision:
    """The meeting opened again from the entries before it under another rulebook, with the same draw and the same word of the panel."""
    if not book.objectives:
        raise Refused(f"'{book.name}' has no objectives: it is a layer that other books extend, and cannot decide by itself.")
    opened, evaluate = meeting.opened, office.evaluation(book)
    entries = office.record[: meeting.opened_seq - 1]
    again = freeze(entries, book, evaluate, meeting=opened.meeting, on=opened.on, chair=opened.chair, meaning=opened.semantics)
    case = before.case
    return decide(Case(MeetingFacts.frozen(again, book), case.seed, case.fixed, case.absent), book, evaluate=evaluate, place=place)
