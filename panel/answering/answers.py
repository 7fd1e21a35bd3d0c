"""The answers of the commands as plain data: the JSON that docs/cli.md promises. Keys may be added, never taken away.

It computes nothing but the form: decisions, explanations and positions come from below.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from panel.answering.explain import Explainer
from panel.answering.why import Reason, WhyNot
from panel.deciding.casework import unquoted
from panel.deciding.decision import certificate_digest, in_lowest_terms
from panel.placing.certificate import Certificate
from panel.placing.recheck import Rechecked
from panel.state.erasure import CANNOT
from panel.steps.meeting import Proposed

if TYPE_CHECKING:
    from panel.answering.hypothesis import Hypothesis
    from panel.answering.matrix import Matrix
    from panel.answering.mistaken import Mistake
    from panel.answering.relaxation import Relaxations, Thing
    from panel.answering.replay import Replay
    from panel.answering.whatif import Standing, WhatIf
    from panel.deciding.position import Position, Turn


def allocation(panel: str, proposed: Proposed, explainer: Explainer) -> dict[str, Any]:
    """`allocate --json`."""
    return {
        "panel": panel,
        "date": proposed.meeting.opened.on.isoformat(),
        **_answer(explainer),
        "moved": list(proposed.moved),
        "entry": proposed.entry,
    }


def _answer(explainer: Explainer) -> dict[str, Any]:
    """One answer for one meeting: who goes where and why, and what it is worth."""
    decision, rulebook = explainer.decision, explainer.rulebook
    return {
        "rulebook": {"name": rulebook.name, "edition": rulebook.edition.isoformat(), "digest": rulebook.digest},
        "seed": decision.case.seed,
        "placements": [_placement(explainer, referral, urn) for referral, urn in sorted(decision.placing.items())],
        "unplaced": [
            {
                "referral": referral,
                "nearest": [{"school": urn, "bars": list(bars)} for urn, bars in explainer.nearest(referral)],
                **({"tie": True} if explainer.tied(referral) else {}),
            }
            for referral in decision.unplaced
        ],
        "held": [_held(explainer, referral) for referral in decision.held],
        "objectives": list(decision.objectives(rulebook)),
        "certificate": {
            "optimal": decision.certificate.optimal,
            "unique": decision.certificate.unique,
            "leaves": decision.certificate.leaves,
            "digest": certificate_digest(decision),
            **({"tied": list(decision.certificate.tied)} if decision.certificate.tied else {}),
            **proved_by(decision.certificate),
        },
    }


def proved_by(certificate: Certificate | Rechecked) -> dict[str, Any]:
    """By what means a placement is proved: a certificate, or two solvers, and then how many steps each settled."""
    if isinstance(certificate, Certificate):
        return {"means": "certificate"}
    counts = {"steps": certificate.steps, "proved": certificate.proved, "rechecked": certificate.rechecked}
    return {"means": "solved twice", "because": list(certificate.because), **counts}


def _placement(explainer: Explainer, referral: str, urn: str) -> dict[str, Any]:
    verdict = explainer.hearing(referral).verdicts[urn]
    row = explainer.decision.case.facts.pair_row(referral, urn)
    return {
        "referral": referral,
        "school": urn,
        "rank": verdict.rank,
        "metres": verdict.metres,
        "transport_pence": None if unquoted(explainer.rulebook, row) else verdict.pence,
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
    if answer.unknown:
        data["unknown"] = list(answer.unknown)
    data["reasons"] = [reason(told) for told in answer.reasons]
    if answer.worse is not None:
        schools = [
            {
                "school": change.school,
                "before": change.before,
                "after": change.after,
                **({"part": change.part} if change.part else {}),
                **({} if change.limit is None else {"limit": change.limit}),
                **({} if change.start is None else {"start": change.start}),
                **({} if change.turn is None else {"turn": change.turn, "turns": change.turns}),
            }
            for change in answer.worse.schools
        ]
        whom = {"of": answer.worse.of} if answer.worse.of else {}
        data["first_worse"] = {"objective": answer.worse.objective, **whom, "by": answer.worse.by, "schools": schools}
        if (case := answer.worse.case) is not None:
            data["first_worse"] |= {"measure": case.measure, "referrals": list(case.referrals)}
    if answer.moves:
        data["moves"] = [{"referral": referral, "to": urn} for referral, urn in answer.moves]
    return data


def relaxed(found: Relaxations, commands: Sequence[str]) -> dict[str, Any]:
    """The `relaxation` of `explain --json`: the fewest things that would give a pupil a place, and the command that shows each way."""
    return {
        "things": len(found.found[0].things) if found.found else None,
        "most": found.most,
        "whole": found.whole,
        "ways": [
            {
                "things": [_thing(thing) for thing in one.things],
                "school": one.school,
                "moves": [{"referral": name, "from": old, "to": new} for name, old, new in one.moves],
                "worse": list(one.worse),
                "first": list(one.first),
                **({"kept": [{"referral": name, "school": urn} for name, urn in one.kept]} if one.kept else {}),
                "whatif": command,
            }
            for one, command in zip(found.found, commands, strict=True)
        ],
    }


def pairs(found: Matrix) -> dict[str, Any]:
    """The schools and the verdicts of `explain --matrix --json`."""
    return {
        "schools": [{"school": urn, "name": name} for urn, name in found.schools.items()],
        "referrals": [
            {
                "referral": row.referral,
                "year_group": row.year_group,
                "verdicts": [
                    {
                        "school": cell.school,
                        "verdict": cell.verdict,
                        "objective": cell.objective or None,
                        "bars": list(cell.bars),
                        **({"unknown": list(cell.unknown)} if cell.unknown else {}),
                    }
                    for cell in row.cells
                ],
            }
            for row in found.rows
        ],
    }


def both(found: WhatIf) -> dict[str, Any]:
    """What was asked, both answers, and their differences, of `whatif --json`."""
    return {
        "asked": {**_hypothesis(found.hypothesis), "rulebook": _other_book(found)},
        "before": _answer(found.before),
        "after": _answer(found.after),
        "differences": [
            {"referral": pair.referral, "before": _stands(pair.before), "after": _stands(pair.after)} for pair in found.differences
        ],
        "objectives": [
            {"name": one.name, "of": one.of, "before": one.before, "after": one.after, "change": one.change} for one in found.objectives
        ],
        "set_aside": [
            {"referral": name, "school": found.hypothesis.forced[name], "bars": list(bars)} for name, bars in found.set_aside.items()
        ],
        "unknown": [{"referral": one.referral, "school": one.school, "facts": list(one.facts)} for one in found.unknown],
    }


def _other_book(found: WhatIf) -> dict[str, Any] | None:
    """The other book that was asked about; None where both answers are by one."""
    book = found.after.rulebook
    if book.digest == found.before.rulebook.digest:
        return None
    return {"name": book.name, "edition": book.edition.isoformat(), "digest": book.digest}


def _thing(thing: Thing) -> dict[str, Any]:
    told = {"kind": thing.kind, "school": thing.school, "year_group": thing.year_group, "rule": thing.rule or None}
    return {**told, "points": thing.many} if thing.kind == "points" else told


def _hypothesis(asked: Hypothesis) -> dict[str, Any]:
    return {
        "force": [{"referral": name, "school": urn} for name, urn in sorted(asked.forced.items())],
        "without": sorted(asked.without),
        **{
            name: [{"school": urn, "year_group": year, "more": more} for (urn, year), more in sorted(rooms.items(), key=str)]
            for name, rooms in (("room", asked.room), ("points", asked.points))
        },
        "withdraw": sorted(asked.withdrawn),
        "waive": [{"referral": name, "school": urn, "rule": rule} for name, urn, rule in sorted(asked.waived)],
        "lift": [{"school": urn, "year_group": year} for urn, year in sorted(asked.lifted, key=str)],
    }


def _stands(one: Standing) -> dict[str, Any]:
    return {"standing": one.kind, "school": one.school, "because": list(one.because), "tie": one.tied}


def _turn(turn: Turn) -> dict[str, Any]:
    year = {} if turn.year_group is None else {"year_group": turn.year_group}
    return {"of": turn.of, **year, "turn": turn.number}


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
                **({"start": school.start} if school.starts else {}),
                "load": school.load,
                "ratio": None if school.ratio is None else in_lowest_terms(school.ratio),
                "counts": school.counts,
                **({"year_counts": school.year_counts} if school.year_counts else {}),
                **({"member_days": {"days": school.member_days[0], "of": school.member_days[1]}} if school.member_days else {}),
                "quota_left": school.quota_left,
                "turn": school.turn,
                **({"rotas": [_turn(turn) for turn in school.rotas]} if school.rotas else {}),
                "permanent_exclusions": school.permanent_exclusions,
                "quotas": [
                    {"count": m.count, "of": m.of, "year_group": m.year_group, "taken": m.taken, "limit": m.against, "left": m.left}
                    for m in school.measured
                    if m.name == "quota"
                ],
                "shares": [
                    {
                        "count": m.count,
                        "of": m.of,
                        "year_group": m.year_group,
                        **({"start": m.start, "taken": m.taken} if m.starts else {}),
                        "load": m.load,
                        "share": m.against,
                        "ratio": None if m.ratio is None else in_lowest_terms(m.ratio),
                    }
                    for m in school.measured
                    if m.name == "share"
                ],
            }
            for school in position.schools
        ],
        "permanent_exclusions": position.permanent_exclusions,
        "target": position.target,
    }


def corrected_since(mistakes: Sequence[Mistake]) -> dict[str, Any]:
    """Meetings that went by facts that were corrected since, of `position --json` and `audit replay --json`; no key where there is none."""
    return {"corrected_since": [one.as_data() for one in mistakes]} if mistakes else {}


def replayed(replay: Replay) -> dict[str, Any]:
    """`audit replay --json`."""
    divergences = [{"seq": d.seq, "what": d.what, "recorded": d.recorded, "replayed": d.replayed} for d in replay.divergences]
    erased = [
        {"seq": one.seq, "what": one.what, "why": CANNOT, "referrals": list(one.referrals), "erased_by": list(one.erased_by)}
        for one in replay.erased
    ]
    data: dict[str, Any] = {"ok": replay.ok, "decisions": replay.decisions, "divergences": divergences}
    return {**data, "erased": erased} if erased else data


def verified(
    flaws: tuple[Mapping[str, Any], ...], entries: int, head: str, erased: int, unopened: Mapping[str, int] | None = None
) -> dict[str, Any]:
    """`audit verify --json`. `erased`: how many sealed parts the record says were erased; `unopened`: by class, how many are under keys
    that are not here. Each only where there are any."""
    data: dict[str, Any] = {"ok": not flaws, "entries": entries, "head": head, "problems": list(flaws)}
    return {**data, **({"erased": erased} if erased else {}), **({"unopened": dict(unopened)} if unopened else {})}
