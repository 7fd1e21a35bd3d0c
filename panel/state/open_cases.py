"""Which case of a pupil is open. A pupil has one at most: whose place is kept by two would be counted twice.

    open    it waits to be decided; or it is decided and the placement has not begun; or the placement is temporary or on trial, and runs

It reads no rulebook. Who came to stay has no open case: what follows is a case of its own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from panel.state.records import Referral


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A referral that is not over: without a school it waits; with a last day, `until`, the placement there has begun."""

    referral: str
    school: str | None = None
    until: dt.date | None = None

    @property
    def stands(self) -> str:
        """How it stands, to follow its reference."""
        if self.school is None:
            return "is not decided yet"
        if self.until is None:
            return f"is decided for {self.school} and has not begun"
        return f"runs at {self.school}, planned until {self.until}, and nobody has said how it ends"

    @property
    def advice(self) -> str:
        """What to do about it before there is another."""
        name = self.referral
        listed = f"`pastoral case {name}` lists what may come next."
        if self.school is None:
            return f"Decide that one, or withdraw it first: `pastoral withdraw {name} --on DATE --reason TEXT`."
        if self.until is None:
            there = f"If the pupil is there by now, say since when: `pastoral start {name} --on DATE`."
            gone = f"If the family does not take the place up: `pastoral end {name} --as not-taken-up --on DATE`."
            return f"{there} If somebody did not agree: `pastoral refuse {name} --by WHO --reason TEXT`. {gone} {listed}"
        return f"Say first how it ends; one that goes on as another comes back as a case by itself. {listed}"


def open_case(held: Referral) -> OpenCase | None:
    """How a referral is open; None where it is over, or the pupil came to stay."""
    name = held.made.referral
    if held.status == "waiting":
        return OpenCase(name)
    if held.status != "decided" or held.decision is None or held.ended is not None:
        return None
    if held.started is None:
        return OpenCase(name, held.decision.school)
    return OpenCase(name, held.decision.school, held.until) if held.until is not None and held.end is None else None


def open_cases(referrals: Mapping[str, Referral], *, but: str = "") -> dict[str, OpenCase]:
    """Pupil -> its open case, `but` this referral; of an older record that has two of a pupil the one whose reference is the last."""
    found = ((held.made.pupil, open_case(held)) for name, held in sorted(referrals.items()) if name != but)
    return {pupil: case for pupil, case in found if case is not None}
