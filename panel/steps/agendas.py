"""What is refused before a meeting opens: a share that cannot be measured, pupils whom no rule keeps apart, two cases of one pupil.

It looks at what is recorded, and writes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from panel.errors import Refused
from panel.facts.apart import kept_apart
from panel.state.open_cases import open_cases
from panel.state.records import State
from rules.book import Rulebook


def no_empty_share(state: State, rulebook: Rulebook, on: dt.date) -> None:
    """Refuse a share that is known to be nought: a load cannot be measured by it."""
    shares = [objective for objective in rulebook.objectives if objective.name == "share"]
    measures = {objective.per for objective in shares if objective.part == "school" or objective.per == "weight"}
    there = [urn for urn, school in state.schools.items() if not school.closed and state.is_member(urn, on)]
    mainstream = [urn for urn in there if state.schools[urn].setting == "mainstream"]
    pans = {urn: [year.pan for (other, _), year in state.years.items() if other == urn] for urn in mainstream}
    empty = {
        "roll": [urn for urn in mainstream if state.schools[urn].roll == 0],
        "pan": [urn for urn, known in pans.items() if known and set(known) == {0}],
        "weight": [urn for urn in mainstream if state.schools[urn].share_weight == 0],
    }
    for measure in sorted(measures & empty.keys()):
        if empty[measure]:
            raise Refused(
                f"No load can be measured by a {measure} of 0: {', '.join(empty[measure])}. "
                f"Load it again as it is, or with blanks where it is not known."
            )


def kept_apart_by_a_rule(state: State, rulebook: Rulebook, referrals: Sequence[str]) -> None:
    """Refuse to meet where pupils are to be kept apart and the book has no rule that would: it must not be passed over in silence."""
    if any(limit.per == "kept_apart_pupils" for limit in rulebook.limits):
        return
    apart = kept_apart(state)
    named = [name for name in referrals if state.referrals[name].made.pupil in apart]
    if named:
        raise Refused(
            f"{', '.join(named)}: to be kept apart from another pupil (not_with), and no rule of '{rulebook.name}' would. "
            f"Adopt an edition with a limit `per: kept_apart_pupils` and a bar on `candidate.kept_apart_pupil_here`."
        )


def one_case_each(state: State, referrals: Sequence[str]) -> None:
    """Refuse to meet over a pupil with two open cases: one child would get two places."""
    by_pupil: dict[str, tuple[str, ...]] = {}
    for name in referrals:
        pupil = state.referrals[name].made.pupil
        by_pupil[pupil] = (*by_pupil.get(pupil, ()), name)
    if twice := "; ".join(f"{pupil}: {', '.join(names)}" for pupil, names in by_pupil.items() if len(names) > 1):
        raise Refused(f"A pupil would be on the agenda more than once ({twice}). Withdraw all but one with `pastoral withdraw`.")
    others = open_cases({name: held for name, held in state.referrals.items() if name not in referrals})
    for pupil, (name,) in by_pupil.items():
        if other := others.get(pupil):
            withdraw = f"Or withdraw {name}: `pastoral withdraw {name} --on DATE --reason TEXT`."
            raise Refused(
                f"{pupil} has two open cases: {name} is on the agenda, and {other.referral} {other.stands}. {other.advice} {withdraw}"
            )
