"""One decision of the program: facts and rules in, a proved placement out. Pure composition.

It is handed how to evaluate and how to place: in a meeting the real ones, in a replay the same. What it proposes has no
effect until the panel confirms it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from panel import events as ev
from panel.canonical import canonical, digest
from panel.deciding.casework import Casework, Evaluate, hear
from panel.deciding.opening import settled
from panel.deciding.weighing import problem
from panel.facts.candidates import MeetingFacts
from panel.placing.certificate import Certificate, check
from panel.placing.objectives import by_setting, excesses, value
from panel.placing.placement import Placement
from panel.placing.problem import InTurn, Objective, Placing, Problem, Quota, packed
from panel.placing.proof import Packing, as_data
from panel.placing.recheck import Rechecked, recheck
from panel.state.fold import fold
from panel.state.records import Meeting, Recorded
from rules.book import Objective as BookObjective
from rules.book import Rulebook

Place = Callable[[Problem], Placement]


@dataclass(frozen=True, slots=True)
class Case:
    """What is to be decided. Without a seed it is a rehearsal: ties stay ties."""

    facts: MeetingFacts
    seed: str | None
    fixed: Mapping[str, str]
    absent: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Decision:
    """A placement that was checked: who goes where, what that is worth, and the proof, or what two solvers say."""

    case: Case
    casework: Casework
    problem: Problem
    placement: Placement
    certificate: Certificate | Rechecked

    @property
    def placing(self) -> Placing:
        return self.placement.placing

    @property
    def unplaced(self) -> tuple[str, ...]:
        return tuple(referral for referral in self.problem.referrals if referral not in self.placing)

    @property
    def held(self) -> tuple[str, ...]:
        """Held referrals that the panel has not settled itself."""
        settled = self.case.absent | self.case.fixed.keys()
        return tuple(name for name, hearing in sorted(self.casework.hearings.items()) if hearing.held and name not in settled)

    def objectives(self, rulebook: Rulebook) -> tuple[dict[str, Any], ...]:
        """Each objective's name, whom it counts, and its value, recounted from the placement."""
        return objective_values(self.problem, self.placing, rulebook)


def decide(case: Case, rulebook: Rulebook, *, evaluate: Evaluate, place: Place) -> Decision:
    """Hear every referral, place those that are not held, and prove the placement.

    Raises `EvaluationError` where the two evaluations differ, `PlacementError` where nothing can be placed or proved.
    """
    return settle(case, hear(case.facts, rulebook, evaluate), rulebook, place)


def settle(case: Case, casework: Casework, rulebook: Rulebook, place: Place) -> Decision:
    """Place those whom the casework does not hold, and prove the placement. Raises `PlacementError` where that cannot be."""
    to_settle = problem(casework, case.facts, rulebook, seed=case.seed, fixed=case.fixed, absent=case.absent)
    placement = place(to_settle)
    return Decision(case, casework, to_settle, placement, proved(to_settle, placement))


def proved(to_settle: Problem, placement: Placement) -> Certificate | Rechecked:
    """The certificate of a placement; where there can be none, what another solver says of it.

    Raises `CertificateRefused`, saying what fails, where the placement is not the best.
    """
    if packed(to_settle) and isinstance(placement.proof, Packing) and dict(placement.proof.placing) == placement.placing:
        return recheck(to_settle, placement.proof)
    return check(to_settle, placement.placing, placement.proof)


def objective_values(to_settle: Problem, placing: Placing, rulebook: Rulebook) -> tuple[dict[str, Any], ...]:
    """As the command's JSON promises: a whole number, a quota's excesses worst first, or a share's ratios worst first; `by` is
    the fact of the case by which it weighs or orders pupils, if any.
    """
    return tuple(
        {"name": one.name, "of": str(one.of), **({"by": one.goes_by} if one.goes_by else {}), "value": _plain_value(objective, placing)}
        for objective, one in zip(to_settle.objectives, of_the_book(to_settle, rulebook), strict=True)
    )


def of_the_book(to_settle: Problem, rulebook: Rulebook) -> list[BookObjective]:
    """The objectives as the book has them, in the problem's order."""
    return [one for one in rulebook.objectives if one.name in {term.name for term in to_settle.objectives}]


def _plain_value(objective: Objective, placing: Placing) -> Any:
    if isinstance(objective, Quota):
        by_school = excesses(objective, by_setting(placing))
        return {"excess": sum(by_school), "by_school": by_school}
    worth = value(objective, placing)
    if isinstance(objective, InTurn) and isinstance(worth, tuple):
        return list(worth)
    return worth if isinstance(worth, int) else [in_lowest_terms(ratio) for ratio in worth]


def in_lowest_terms(ratio: int | Fraction) -> str:
    """A ratio as `load/share`: 3/900 is said as 1/300."""
    ratio = Fraction(ratio)
    return f"{ratio.numerator}/{ratio.denominator}"


def certificate_digest(decision: Decision) -> str:
    """The digest by which a proof is named."""
    return proof_digest(as_data(decision.placement.proof))


def proof_digest(proof: object) -> str:
    """The digest of a proof as plain data."""
    return digest("pastoral/certificate/1", canonical(proof))


def redecide(
    record: Sequence[Recorded], meeting: Meeting, seq: int | None, rulebook: Rulebook, *, evaluate: Evaluate, place: Place
) -> Decision:
    """The decision behind the proposal at entry `seq`, from the facts that the meeting froze.

    Without `seq` it is the decision as things stand now: a rehearsal, if the meeting has not been drawn.
    """
    state = fold(record if seq is None else record[: seq - 1])
    held = next(other for other in state.meetings if other.number == meeting.number)
    standing = settled(state, held)
    facts = MeetingFacts.frozen(meeting.opened, rulebook)
    return decide(
        Case(facts, held.drawn.seed if held.drawn else None, standing.fixed, standing.absent), rulebook, evaluate=evaluate, place=place
    )


def proposal(decision: Decision, opened: ev.MeetingOpened, rulebook: Rulebook, *, openly: bool = False) -> ev.PlacementsProposed:
    """The entry that records a decision. Raises nothing: only a drawn meeting has a seed to record.

    `openly`: with what the placing is worth in the open part, as older records have it.
    """
    casework, worth = decision.casework, decision.objectives(rulebook)
    return ev.PlacementsProposed(
        meeting=opened.meeting,
        on=opened.on,
        seed=decision.case.seed or "",
        rulebook_digest=rulebook.digest,
        semantics=opened.semantics,
        placements=dict(sorted(decision.placing.items())),
        unplaced=decision.unplaced,
        held=decision.held,
        fixed=dict(sorted(decision.case.fixed.items())),
        objectives=worth if openly else None,
        leaves=decision.certificate.leaves,
        unique=decision.certificate.unique,
        cases={hearing.pupil: hearing.as_data() for hearing in casework.hearings.values()},
        shared={"proof": as_data(decision.placement.proof), **({} if openly else {"objectives": list(worth)})},
    )
