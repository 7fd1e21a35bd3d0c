"""Which settings other than mainstream would be open to a pupil, were the case to say so of that kind in place of mainstream.

The same rules are put to the same record with one cell otherwise; nothing of it is recorded, and nobody else's place is looked at.
"""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, get_args

from panel.deciding.casework import Evaluate, Hearing, hear
from panel.events import SettingKind
from panel.facts.candidates import meeting_facts
from panel.facts.counts import tally
from panel.state.fold import fold
from panel.state.records import Recorded
from rules.book import Rulebook
from rules.facts import Facts

UNITS: Final[tuple[SettingKind, ...]] = tuple(kind for kind in get_args(SettingKind) if kind != "mainstream")


@dataclass(frozen=True, slots=True)
class Unit:
    """A setting of a kind, open to the pupil of a referral that said `suited_to`, as the column has it."""

    urn: str
    name: str
    kind: SettingKind
    suited_to: str

    def command(self, referral: str) -> str:
        """What makes the referral say so."""
        return f"pastoral correct {referral} --set {shlex.quote(f'suited_to={self.suited_to}')} --reason TEXT"


def barred_from_mainstream(hearing: Hearing, schools: Mapping[str, Facts]) -> bool:
    """Whether a bar keeps the pupil from every mainstream school that could receive."""
    mainstream = [verdict for urn, verdict in hearing.verdicts.items() if schools[urn]["school.setting"] == "mainstream"]
    return bool(mainstream) and all(verdict.bars for verdict in mainstream)


def units(record: Sequence[Recorded], referral: str, rulebook: Rulebook, evaluate: Evaluate, on: dt.date) -> tuple[Unit, ...]:
    """Those that would be open on a day by what is recorded now, each with its kind in place of mainstream; those of the other
    kinds that the case names were looked at already. None where the case is no longer held, or does not name mainstream.
    """
    state = fold(record, as_of=on)
    held = state.referrals.get(referral)
    if held is None or held.made.case is None or "mainstream" not in held.made.case.suited:
        return ()
    counts = tally(state, rulebook, evaluate.admission, on)
    found: list[Unit] = []
    for kind in UNITS:
        if kind in held.made.case.suited:
            continue
        kinds = tuple(one for one in UNITS if one == kind or one in held.made.case.suited)
        case = held.made.case.model_copy(update={"suited_to": kinds if len(kinds) > 1 else kind})
        supposed = replace(held, made=held.made.model_copy(update={"case": case}))
        there = replace(state, referrals={**state.referrals, referral: supposed})
        facts = meeting_facts(there, (referral,), rulebook, counts, on)
        open_to = hear(facts, rulebook, evaluate).hearings[referral].open_settings()
        found += [
            Unit(urn, str(facts.schools[urn]["school.name"]), kind, ";".join(kinds))
            for urn in open_to
            if facts.schools[urn]["school.setting"] == kind
        ]
    return tuple(found)
