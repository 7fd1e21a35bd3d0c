"""What a recorded proposal proves: its problem put together again from the record, its proof checked as it was recorded.

Nothing is placed again here, so no solver takes part. Whether facts, rules and draw are what the record makes them is
for the replay. docs/certificate.md is enough to check `as_data` without this program.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from panel import events as ev
from panel.deciding.casework import Evaluate, hear
from panel.deciding.decision import objective_values, proof_digest
from panel.deciding.opening import settled
from panel.deciding.weighing import problem
from panel.errors import CertificateRefused, Refused
from panel.facts.candidates import MeetingFacts
from panel.placing.certificate import Certificate, check
from panel.placing.problem import Problem, paired, weighed
from panel.placing.problem_data import as_data as problem_data
from panel.placing.proof import Packing, from_data
from panel.state.erasure import cannot_be_replayed
from panel.state.fold import fold
from panel.state.records import Recorded, State
from rules.book import Rulebook

FORMAT: Final = "pastoral/certificate/1"

Books = Callable[[State, ev.MeetingOpened], Rulebook]
"""The state before an opening, and the opening -> the rulebook in force."""


@dataclass(frozen=True, slots=True)
class Certified:
    """One proposal, the problem that it answers, and what its proof proves; or, in `problems`, everything that does not hold."""

    seq: int
    opened: ev.MeetingOpened
    proposed: ev.PlacementsProposed
    problem: Problem
    objectives: tuple[Mapping[str, Any], ...]
    certificate: Certificate | None
    problems: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return not self.problems

    def as_data(self) -> dict[str, Any]:
        """`audit certificate --json`. It holds what the rules read of each child, by reference: it is for whoever may read the cases."""
        return {
            "format": FORMAT,
            "ok": self.ok,
            "problems": list(self.problems),
            "entry": self.seq,
            "meeting": self.opened.meeting,
            "date": self.opened.on.isoformat(),
            "rulebook": {
                "name": self.opened.rulebook,
                "edition": self.opened.edition.isoformat(),
                "digest": self.opened.rulebook_digest,
            },
            "seed": self.proposed.seed,
            "facts": {"shared": self.opened.shared, "cases": dict(self.opened.cases)},
            "problem": problem_data(self.problem),
            "placement": dict(sorted(self.proposed.placements.items())),
            "unplaced": list(self.proposed.unplaced),
            "held": list(self.proposed.held),
            "proof": (self.proposed.shared or {}).get("proof"),
            "objectives": [dict(one) for one in self.objectives],
            "certificate": self._proved(),
            "digest": self.digest,
        }

    @property
    def digest(self) -> str | None:
        """The digest that names the proof, where it is one."""
        return proof_digest((self.proposed.shared or {}).get("proof")) if self.certificate else None

    def _proved(self) -> dict[str, Any] | None:
        """As `allocate --json` says it; nothing where the proof proves nothing."""
        proved = self.certificate
        if proved is None:
            return None
        told = {"optimal": True, "unique": proved.unique, "leaves": proved.leaves, "digest": self.digest, "means": "certificate"}
        return {**told, "tied": list(proved.tied)} if proved.tied else told


def certified(record: Sequence[Recorded], seq: int, books: Books, evaluation: Callable[[Rulebook], Evaluate]) -> Certified:
    """The proposal of entry `seq`, checked. Raises `Refused` where there is none, or where a case of it is no longer held."""
    proposed = _proposal(record, seq)
    state = fold(item for item in record if item.seq < seq)
    meeting = next(held for held in state.meetings if held.number == proposed.meeting)
    opened = meeting.opened
    if unknown := ev.unknown_meaning(opened.semantics):
        raise Refused(f"Meeting {opened.meeting} of {opened.on} was opened under meaning {opened.semantics} of the rules; {unknown}.")
    if opened.shared is None or proposed.shared is None or len(opened.cases) < len(opened.agenda):
        raise Refused(
            cannot_be_replayed(record, meeting)
            or f"A case of meeting {opened.meeting} of {opened.on} is no longer held, so there is nothing to check its proof against."
        )
    rulebook = books(fold(item for item in record if item.seq < meeting.opened_seq), opened)
    facts, standing = MeetingFacts.frozen(opened, rulebook), settled(state, meeting)
    casework = hear(facts, rulebook, evaluation(rulebook))
    seed = meeting.drawn.seed if meeting.drawn else None
    posed = problem(casework, facts, rulebook, seed=seed, fixed=standing.fixed, absent=standing.absent)
    certificate, refused = _checked(posed, proposed)
    objectives = proposed.values if certificate is None else objective_values(posed, proposed.placements, rulebook)
    problems = (*refused, *_misstated(proposed, posed, seed, objectives, certificate))
    return Certified(seq, opened, proposed, posed, objectives, certificate, problems)


def _proposal(record: Sequence[Recorded], seq: int) -> ev.PlacementsProposed:
    proposals = {item.seq: item.event for item in record if isinstance(item.event, ev.PlacementsProposed)}
    if seq not in proposals:
        there = f"The proposals are: {', '.join(map(str, proposals))}." if proposals else "There is none yet: see `pastoral allocate`."
        raise Refused(f"Entry {seq} is no proposal. {there}")
    return proposals[seq]


def _checked(posed: Problem, proposed: ev.PlacementsProposed) -> tuple[Certificate | None, list[str]]:
    try:
        proof = from_data((proposed.shared or {}).get("proof"))
        if not isinstance(proof, Packing):
            return check(posed, proposed.placements, proof), []
    except CertificateRefused as refused:
        return None, [refused.message]
    why = "weighs points" if weighed(posed) else "places pupils together" if paired(posed) else "levels counts that cross"
    raise Refused(f"This proposal {why}, and has no certificate: `pastoral audit replay` settles it again.")


def _misstated(
    proposed: ev.PlacementsProposed, posed: Problem, seed: str | None, objectives: object, certificate: Certificate | None
) -> Iterator[str]:
    """One sentence for everything that the entry says of its answer and that is otherwise."""
    said: list[tuple[str, object, object]] = [
        ("seed", proposed.seed, seed),
        ("fixed", dict(proposed.fixed), dict(posed.fixed)),
        ("unplaced", list(proposed.unplaced), [p for p in posed.referrals if p not in proposed.placements]),
        ("objectives", proposed.values, objectives),
    ]
    if certificate is not None:
        said += [("leaves", proposed.leaves, certificate.leaves), ("unique", proposed.unique, certificate.unique)]
    for what, recorded, found in said:
        if recorded != found:
            yield f"The entry says of {what}: {recorded}; found {found}."
