"""Somebody asks about one referral: find the decision behind it, work it out again, and say why.

It records nothing. A confirmed referral is explained by the proposal that it follows. One that the panel has not decided is
explained as things stand while the meeting is open, with what the panel has decided since, and by the newest proposal once it
is closed. Where the panel decided otherwise than was proposed, its word is the answer for every school.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from panel.answering import answers
from panel.answering.explain import Explainer
from panel.answering.relaxation import Relaxation, Relaxations, as_options, relaxations
from panel.answering.why import Reason, WhyNot
from panel.deciding.decision import redecide
from panel.deciding.opening import holds_now
from panel.deciding.units import Unit, barred_from_mainstream, units
from panel.deciding.weight import Weight, weight_of
from panel.errors import Refused
from panel.meetings import minutes
from panel.meetings.sitting import Judged
from panel.placing.placement import place
from panel.state.erasure import CANNOT, lost
from panel.state.records import Meeting, Referral
from panel.state.undone import undone_by
from panel.steps.attendance import standing_of
from panel.steps.meeting import as_it_stood, rulebook_of
from panel.steps.office import Office, referral_of, school_of


@dataclass(frozen=True, slots=True)
class Basis:
    """What a referral is explained by: the proposal at `entry`, or, with None, the meeting as it stands, or stood when it closed.

    `since`: the panel has decided otherwise than that proposal, or the newest one, since. `said` explains what was proposed.
    """

    explainer: Explainer
    said: Explainer
    entry: int | None
    since: bool


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What can be said of one referral. `table` has an answer for every setting; `answer` the one that was asked for.

    `reasons` are the rules' about the pupil, `there` those about the school in question, `waived` the ones that the panel set
    aside. `relaxations` is there for a pupil who is left unplaced, with the command that shows each way, and `left_out` the
    meeting that left it out. `stands` is where an undecided pupil would go as things stand, if `moved` says that this is
    otherwise than was proposed. `standing` is whether the decision stands, where there is one and the book says what that takes.
    `units` are the settings that would be open to a pupil who is barred from every mainstream school, were the case to say so;
    `weight` is what the pupil weighs, where the book weighs anybody.
    """

    referral: str
    status: str
    sentence: str
    proposed: str | None = None
    decided: str | None = None
    explainer: Explainer | None = None
    because: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    there: tuple[Reason, ...] = ()
    waived: tuple[str, ...] = ()
    answer: WhyNot | None = None
    table: tuple[WhyNot, ...] = ()
    panel_reason: str | None = None
    held_since: tuple[str, ...] = ()
    relaxations: Relaxations | None = None
    commands: tuple[str, ...] = ()
    erased_by: tuple[int, ...] = ()
    found: tuple[str, ...] = ()
    basis: Basis | None = None
    moved: bool = False
    stands: str | None = None
    left_out: Meeting | None = None
    standing: Judged | None = None
    units: tuple[Unit, ...] = ()
    weight: Weight | None = None

    def as_data(self) -> dict[str, Any]:
        """`explain --json`."""
        data: dict[str, Any] = {"referral": self.referral, "status": self.status, "proposed": self.proposed, "decided": self.decided}
        data["because"] = list(self.because)
        data["reasons"] = [answers.reason(told) for told in (*self.reasons, *self.there)]
        if self.weight is not None:
            data["weighs"] = self.weight.as_data()
        if self.panel_reason:
            data["panel_reason"] = self.panel_reason
        if self.waived:
            data["waived"] = list(self.waived)
        if self.basis is not None:
            data["by"] = {"entry": self.basis.entry, "decided_since": self.basis.since}
        if self.moved:
            data["as_things_stand"] = {"school": self.stands}
        if self.held_since:
            data["held_since"] = list(self.held_since)
        if self.relaxations is not None:
            data["relaxation"] = answers.relaxed(self.relaxations, self.commands)
        if self.units:
            told = [{"school": one.urn, "suited_to": one.suited_to, "command": one.command(self.referral)} for one in self.units]
            data["units"] = told
        if self.erased_by:
            data["erased"] = {"why": CANNOT, "erased_by": list(self.erased_by), "found": list(self.found)}
        if self.standing is not None:
            data["standing"] = minutes.stands(self.standing)
        if self.answer is not None:
            data["why_not"] = answers.why_not(self.answer)
        return data


def inquire(office: Office, name: str, urn: str | None) -> Inquiry:
    """Explain a referral, and why it does not go to the school `urn` if that is given."""
    referral_of(office.state, name)
    if urn is not None:
        school_of(office.state, urn)
    meeting = next((held for held in reversed(office.state.meetings) if name in held.opened.agenda), None)
    judged = standing_of(office, meeting).of(name) if meeting and name in meeting.decisions else None
    found = _inquire(office, name, urn, meeting)
    return replace(found, standing=judged if judged and judged.verdict != "not judged" else None)


def _inquire(office: Office, name: str, urn: str | None, meeting: Meeting | None) -> Inquiry:
    referral = office.state.referrals[name]
    if referral.erased_by:
        return _erased(referral, meeting)
    if meeting is None:
        return Inquiry(name, referral.status, f"{referral.status}; it has not been before a meeting yet.")
    if gone := lost(office.record, meeting):
        return _beside_the_erased(referral, meeting, gone)
    if meeting.opened.shared is None or referral.made.pupil not in meeting.opened.cases:
        said = f"{referral.status}; its case is no longer held, so what meeting {meeting.number} of {meeting.on} found cannot be explained."
        return Inquiry(name, referral.status, said)
    basis = _basis(office, meeting, name)
    explainer, proposed = basis.explainer, _proposed(basis, meeting, name)
    if urn is not None and urn not in explainer.hearing(name).verdicts:
        why = "closed or left, or not yet open, joined or recorded"
        raise Refused(f"School {urn} could receive nobody when meeting {meeting.number} opened ({why}).")
    decision = meeting.decisions.get(name)
    decided = decision.school if decision else None
    urns = tuple(explainer.hearing(name).verdicts)
    status = _status(referral, meeting, explainer, name, proposed)
    stands = explainer.decision.placing.get(name)
    at, by = (None, None) if urn else _left_out(office, meeting, basis, name, status)
    relaxed = _relaxed(office, by, name) if by else None
    chosen = decided or proposed
    return Inquiry(
        referral=name,
        status=status,
        sentence=_sentence(referral, meeting, explainer, name, proposed),
        basis=basis,
        moved=status in ("proposed", "unplaced") and stands != proposed,
        stands=stands,
        left_out=at,
        proposed=proposed,
        decided=decided,
        explainer=explainer,
        because=basis.said.because(name) if proposed and name in basis.said.decision.placing else (),
        reasons=explainer.of_referral(name),
        there=explainer.of_pair(name, chosen) if chosen else (),
        waived=decision.case.waived if decision and decision.case else (),
        answer=_why_not(explainer, referral, urn) if urn else None,
        panel_reason=decision.case.reason if decision and decision.case else None,
        held_since=_held_since(office, meeting, explainer, name),
        table=() if urn or referral.withdrawn else tuple(explainer.at_a_glance(name, other) for other in urns),
        relaxations=relaxed,
        commands=tuple(_command(name, one, at) for one in relaxed.found) if relaxed and at else (),
        units=_units(office, at, by, name) if at and by else (),
        weight=weight_of(explainer.hearing(name), explainer.rulebook),
    )


def _why_not(explainer: Explainer, referral: Referral, urn: str) -> WhyNot:
    """The answer for one school; whoever was withdrawn goes nowhere, whatever the rules would say."""
    return WhyNot(urn, "decided") if referral.withdrawn else explainer.why_not(referral.made.referral, urn)


def _proposed(basis: Basis, meeting: Meeting, name: str) -> str | None:
    """Where the proposal that a referral is explained by, or the newest one, sent it."""
    return basis.said.decision.placing.get(name) if meeting.proposals else None


def _left_out(office: Office, meeting: Meeting, basis: Basis, name: str, status: str) -> tuple[Meeting | None, Explainer | None]:
    """The meeting that left a pupil without a place, and the answer that did.

    As things stand; for a pupil who was put off, or waits again, the last meeting with a proposal, if it is closed.
    """
    if status in ("proposed", "unplaced"):
        return (None, None) if name in basis.explainer.decision.placing else (meeting, basis.explainer)
    last = next((held for held in reversed(office.state.meetings) if held.proposals and name in held.opened.agenda), None)
    if status not in ("deferred", "waiting") or last is None or not last.closed or name not in last.proposals[-1][1].unplaced:
        return None, None
    if last.opened.shared is None or lost(office.record, last):
        return None, None
    return last, _by(office, last, last.proposals[-1][0])


def _erased(referral: Referral, meeting: Meeting | None) -> Inquiry:
    """What is left to say of a referral whose case was erased: what became of it, which is open."""
    name, by = referral.made.referral, referral.erased_by
    if meeting is None:
        said = f"{referral.status}; it was never before a meeting, and its case was erased (entry {by})."
        return Inquiry(name, referral.status, said, erased_by=(by,))
    said = f"{_recorded(referral, meeting)} What the meeting found is {CANNOT}: the case was erased by entry {by}."
    return Inquiry(name, referral.status, said, *_open_part(referral, meeting), erased_by=(by,))


def _beside_the_erased(referral: Referral, meeting: Meeting, gone: Mapping[str, int]) -> Inquiry:
    """What is left to say where another case of the same meeting was erased: who else wanted which place cannot be told any more."""
    name, by = referral.made.referral, tuple(sorted(set(gone.values())))
    entries = ", ".join(map(str, by))
    said = f"{_recorded(referral, meeting)} Why not elsewhere is {CANNOT}: another case of that meeting was erased since (entry {entries})."
    heard = meeting.proposals[-1][1].cases.get(referral.made.pupil, {}) if meeting.proposals else {}
    decision = meeting.decisions.get(name)
    reason = decision.case.reason if decision and decision.case else None
    proposed, decided = _open_part(referral, meeting)
    return Inquiry(name, referral.status, said, proposed, decided, panel_reason=reason, erased_by=by, found=_found(heard))


def _found(heard: Mapping[str, Any]) -> tuple[str, ...]:
    """What the rules said of a pupil, as the proposal recorded it: it needs nobody else's case."""
    holds = (*heard.get("holds", ()), *(doubt["rule"] for doubt in heard.get("cannot_tell", ())))
    lines = [f"held by {', '.join(holds)}"] if holds else []
    for urn, verdict in sorted(heard.get("schools", {}).items()):
        closed = (*verdict.get("bars", ()), *verdict.get("full", ()), *(f"unknown: {fact}" for fact in verdict.get("unknown", ())))
        lines.append(f"{urn}: closed by {', '.join(closed)}" if closed else f"{urn}: open")
    return tuple(lines)


def _open_part(referral: Referral, meeting: Meeting) -> tuple[str | None, str | None]:
    """Where the newest proposal sent a pupil, and where the panel did."""
    name = referral.made.referral
    decision = meeting.decisions.get(name)
    return meeting.proposals[-1][1].placements.get(name) if meeting.proposals else None, decision.school if decision else None


def _recorded(referral: Referral, meeting: Meeting) -> str:
    """What became of a referral at a meeting, by the open parts alone."""
    decision = meeting.decisions.get(referral.made.referral)
    where = f"meeting {meeting.number} of {meeting.on}"
    if decision is None:
        return f"{referral.status}; {where} did not decide it."
    return f"{decision.outcome}{f' for {decision.school}' if decision.school else ''} by {where}."


def _relaxed(office: Office, explainer: Explainer, name: str) -> Relaxations:
    rulebook = explainer.rulebook
    return relaxations(explainer.decision, rulebook, name, evaluate=office.evaluation(rulebook), place=place)


def _units(office: Office, meeting: Meeting, explainer: Explainer, name: str) -> tuple[Unit, ...]:
    """For a pupil whom a bar keeps from every mainstream school: what else would be open, on the day of the meeting that left it out."""
    if not barred_from_mainstream(explainer.hearing(name), explainer.decision.case.facts.schools):
        return ()
    return units(office.record, name, explainer.rulebook, office.evaluation(explainer.rulebook), meeting.on)


def _command(name: str, one: Relaxation, meeting: Meeting) -> str:
    """The command that shows the whole meeting as it would then be."""
    options = as_options(name, one.things, one.hypothesis.forced)
    return f"pastoral whatif {options}{f' --meeting {meeting.on}' if meeting.closed else ''}"


def _held_since(office: Office, meeting: Meeting, explainer: Explainer, name: str) -> tuple[str, ...]:
    """The holds that stop a case still open at the meeting as things stand now, and did not when the meeting opened."""
    if meeting.closed or name in meeting.decisions or office.state.referrals[name].status != "waiting":
        return ()
    rulebook = rulebook_of(office, meeting)
    now = holds_now(office.record, name, rulebook, office.evaluation(rulebook), meeting.opened)
    hearing = explainer.hearing(name)
    then = {*hearing.holds, *(doubt.rule for doubt in hearing.doubts)}
    return tuple(hold for hold in now if hold not in then)


def _basis(office: Office, meeting: Meeting, name: str) -> Basis:
    """The answer to explain a referral by."""
    decision = meeting.decisions.get(name)
    newest = meeting.proposals[-1][0] if meeting.proposals else None
    entry = (decision.proposal if decision else None) or newest
    since = _decided_since(meeting, entry)
    if entry is not None and (decision.outcome == "confirmed" if decision else meeting.closed):
        said = _by(office, meeting, entry)
        return Basis(said, said, entry, since)
    stands = _by(office, meeting, None)
    placements = None if entry is None else dict(meeting.proposals)[entry].placements
    as_proposed = placements is None or (decision is None and placements.get(name) == stands.decision.placing.get(name))
    return Basis(stands, stands if as_proposed else _by(office, meeting, entry), None, since)


def _decided_since(meeting: Meeting, entry: int | None) -> bool:
    """Whether the panel has put anybody elsewhere than the proposal at an entry does, or left out whom it placed."""
    if entry is None:
        return False
    placements = dict(meeting.proposals)[entry].placements
    return any(placements.get(name) != decision.school for name, decision in meeting.decisions.items())


def _by(office: Office, meeting: Meeting, entry: int | None) -> Explainer:
    """The answer of the proposal at an entry; without one the meeting as it stands, or stood when it closed."""
    rulebook = rulebook_of(office, meeting)
    evaluate = office.evaluation(rulebook)
    again = redecide(as_it_stood(office, meeting), meeting, entry, rulebook, evaluate=evaluate, place=place)
    return Explainer(again, rulebook, evaluate)


def _status(referral: Referral, meeting: Meeting, explainer: Explainer, name: str, proposed: str | None) -> str:
    decision = meeting.decisions.get(name)
    if referral.withdrawn:
        return "withdrawn"
    if decision is not None and referral.status == "not taken up" and referral.decision == decision:
        return "not taken up"
    if decision is not None:
        return "refused" if decision.school and referral.status == "waiting" else decision.outcome
    if explainer.hearing(name).held:
        return "held"
    if not meeting.proposals:
        return "waiting"
    if proposed is None:
        return "unplaced"
    return "waiting" if meeting.closed else "proposed"


def _sentence(referral: Referral, meeting: Meeting, explainer: Explainer, name: str, proposed: str | None) -> str:
    facts = explainer.decision.case.facts
    where = f"meeting {meeting.number} of {meeting.on}"

    def named(urn: str | None) -> str:
        return f"{facts.schools[urn]['school.name']} ({urn})" if urn else "no school"

    decision = meeting.decisions.get(name)
    chosen = named(decision.school) if decision else ""
    sentences = {
        "withdrawn": f"withdrawn; it was on the agenda of {where}.",
        "confirmed": f"{where} confirmed {chosen}.",
        "overridden": f"{where} chose {chosen}; proposed was {named(proposed)}.",
        "refused": f"{where} chose {chosen}, {undone_by(referral)}; the case is waiting again.",
        "not taken up": f"{where} chose {chosen}; the place was not taken up, and the case is over.",
        "deferred": f"deferred by {where}.",
        "declined": f"declined by {where}.",
        "held": f"held at {where}: the panel cannot decide it yet.",
        "proposed": f"{named(proposed)} is proposed to {where}.",
        "unplaced": f"left unplaced by the proposal to {where}.",
        "waiting": _not_decided(where, named(proposed), meeting),
    }
    return sentences[_status(referral, meeting, explainer, name, proposed)]


def _not_decided(where: str, proposed: str, meeting: Meeting) -> str:
    if not meeting.closed:
        return f"on the agenda of {where}; nothing is proposed yet."
    return f"waiting; {where} closed without deciding it; proposed was {proposed}."
