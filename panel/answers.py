"""The answers of the commands as plain data: the JSON that docs/cli.md promises. Keys may be added, never taken away.

It computes nothing but the form: decisions, explanations and positions come from below.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from panel.decision import certificate_digest, in_lowest_terms
from panel.explain import Explainer, Reason, WhyNot
from panel.meeting import Proposed
from panel.position import Position
from panel.replay import Replay


def allocation(panel: str, proposed: Proposed, explainer: Explainer) -> dict[str, Any]:
    """`allocate --json`."""
    decision, rulebook, opened = proposed.decision, proposed.rulebook, proposed.meeting.opened
    return {
        "panel": panel,
        "date": opened.on.isoformat(),
        "rulebook": {"name": rulebook.name, "edition": rulebook.edition.isoformat(), "digest": rulebook.digest},
        "seed": decision.case.seed,
        "placements": [_placement(explainer, referral, urn) for referral, urn in sorted(decision.placing.items())],
        "unplaced": [
            {"referral": referral, "nearest": [{"school": urn, "bars": list(bars)} for urn, bars in explainer.nearest(referral)]}
            for referral in decision.unplaced
        ],
        "held": [_held(explainer, referral) for referral in decision.held],
        "objectives": list(decision.objectives(rulebook)),
        "certificate": {
            "optimal": True,
            "unique": decision.certificate.unique,
            "leaves": decision.certificate.leaves,
            "digest": certificate_digest(decision),
            **({"tied": list(decision.certificate.tied)} if decision.certificate.tied else {}),
        },
        "moved": list(proposed.moved),
        "entry": proposed.entry,
    }


def _placement(explainer: Explainer, referral: str, urn: str) -> dict[str, Any]:
    verdict = explainer.hearing(referral).verdicts[urn]
    return {
        "referral": referral,
        "school": urn,
        "rank": verdict.rank,
        "metres": verdict.metres,
        "transport_pence": verdict.pence,
        "because": list(explainer.because(referral)),
    }


def _held(explainer: Explainer, referral: str) -> dict[str, Any]:
    hearing = explainer.hearing(referral)
    doubts = [{"rule": doubt.rule, "missing": list(doubt.missing)} for doubt in hearing.doubts]
    return {"referral": referral, "holds": list(hearing.holds), "cannot_tell": doubts}


def reason(told: Reason) -> dict[str, Any]:
    """One rule's finding; dates as text."""
    facts = {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in told.facts}
    data: dict[str, Any] = {"rule": told.rule, "kind": told.kind, "outcome": told.outcome, "say": told.say, "facts": facts}
    if told.missing:
        data["missing"] = list(told.missing)
    return data


def why_not(answer: WhyNot) -> dict[str, Any]:
    """The `why_not` of `explain --json`."""
    data: dict[str, Any] = {"school": answer.school, "verdict": answer.verdict, "bars": list(answer.bars)}
    data["reasons"] = [reason(told) for told in answer.reasons]
    if answer.worse is not None:
        schools = [{"school": change.school, "before": change.before, "after": change.after} for change in answer.worse.schools]
        data["first_worse"] = {"objective": answer.worse.objective, "by": answer.worse.by, "schools": schools}
    if answer.moves:
        data["moves"] = [{"referral": referral, "to": urn} for referral, urn in answer.moves]
    return data


def standing(panel: str, position: Position) -> dict[str, Any]:
    """`position --json`."""
    return {
        "panel": panel,
        "as_of": position.as_of.isoformat(),
        "academic_year": position.academic_year,
        "schools": [
            {
                "school": school.urn,
                "name": school.name,
                "setting": school.setting,
                "roll": school.roll,
                "share": school.share,
                "load": school.load,
                "ratio": None if school.ratio is None else in_lowest_terms(school.ratio),
                "counts": school.counts,
                "quota_left": school.quota_left,
                "turn": school.turn,
                "permanent_exclusions": school.permanent_exclusions,
            }
            for school in position.schools
        ],
        "permanent_exclusions": position.permanent_exclusions,
        "target": position.target,
    }


def replayed(replay: Replay) -> dict[str, Any]:
    """`audit replay --json`."""
    divergences = [{"seq": d.seq, "what": d.what, "recorded": d.recorded, "replayed": d.replayed} for d in replay.divergences]
    return {"ok": replay.ok, "decisions": replay.decisions, "divergences": divergences}


def verified(flaws: tuple[Mapping[str, Any], ...], entries: int, head: str) -> dict[str, Any]:
    """`audit verify --json`."""
    return {"ok": not flaws, "entries": entries, "head": head, "problems": list(flaws)}
