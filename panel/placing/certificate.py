"""Proves that a placing is lawful, that none is better, and whether any other is as good; or refuses it.

No solver, no search for a placing, whole numbers only. The network is rebuilt from the problem; every objective is
recounted from the placing itself.

    lawful     everybody once, along eligible pairs, within the rooms, the fixed where they are fixed
    covered    at every branch: the doors' limits + 1 add up to more than the room, so no lawful placing breaks them all
    optimal    in every leaf: stage by stage, arcs dearer than the prices are empty and cheaper ones full
    none less  no leaf's value, compared objective by objective, is below the answer's
    unique     leaves as good as the answer hold the same placing, and none has a pair arc on a cycle of kept arcs
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from panel.errors import CertificateRefused
from panel.placing.face import flow, kept, leaf_networks, loose_ends
from panel.placing.network import Network, build
from panel.placing.objectives import Value, unlawful, values
from panel.placing.problem import Placing, Problem, packed
from panel.placing.proof import Leaf, Packing, Proof


@dataclass(frozen=True, slots=True)
class Certificate:
    """What was proved. `values` are the objectives', recounted; `tied` the referrals whom another placing, as good, sends elsewhere."""

    unique: bool
    leaves: int
    values: tuple[Value, ...]
    tied: tuple[str, ...]

    @property
    def optimal(self) -> bool:
        """That no placing is better: without that there is no certificate."""
        return True


def check(problem: Problem, placing: Placing, proof: Proof, network: Network | None = None) -> Certificate:
    """The certificate of a placing; `network` is what `build` makes of the problem, if the caller has it already.

    Raises `CertificateRefused`, saying what fails, if the proof does not prove the placing best.
    """
    if isinstance(proof, Packing) or packed(problem):
        raise CertificateRefused(
            "Where pupils count points or go together, or counts cross, there is no certificate: it is settled twice, by two solvers."
        )
    if wrong := unlawful(problem, placing):
        raise CertificateRefused("This placing is not lawful: " + "; ".join(wrong) + ".")
    answer = values(problem, placing)
    count, open_question = 0, False
    elsewhere: set[str] = set()
    for leaf, within in leaf_networks(network or build(problem), problem, proof):
        count += 1
        for moved in _as_good(within, problem, placing, answer, leaf):
            if moved is None:
                open_question = True
            else:
                elsewhere.add(moved)
    if open_question and not elsewhere:
        raise CertificateRefused("The proof leaves open whether another placing is as good: a leaf's ties overfill a year group.")
    return Certificate(not elsewhere, count, answer, tuple(sorted(elsewhere)))


def _as_good(network: Network, problem: Problem, placing: Placing, answer: tuple[Value, ...], leaf: Leaf) -> Iterator[str | None]:
    """Whom placings of this leaf as good as the answer send elsewhere; None where that is open. Refuses a leaf that proves nothing."""
    if len(leaf.prices) != len(network.columns) or any(len(row) != len(network.names) for row in leaf.prices):
        raise CertificateRefused(
            f"A leaf of the proof has prices for {len(leaf.prices)} stages; "
            f"wanted {len(network.columns)} stages of {len(network.names)} nodes each."
        )
    best = dict(leaf.placing)
    if len(best) != len(leaf.placing) or not best.keys() <= set(problem.referrals) or "" in best.values():
        raise CertificateRefused("A leaf of the proof places somebody twice or nowhere, or somebody who is not a referral of this meeting.")
    x = flow(network, best)
    arcs = kept(network, x, leaf.prices)
    worth = answer if best == placing else values(problem, best)
    if worth < answer:
        raise CertificateRefused("The placing is not the best: a leaf of its proof reaches a better value.")
    if worth > answer:
        return
    if best != placing and unlawful(problem, best):
        yield None
        return
    movers, contest = loose_ends(network, best, x, arcs)
    yield from movers
    yield from (p for p in problem.referrals if best.get(p) != placing.get(p))
    if contest and not movers:
        yield None
