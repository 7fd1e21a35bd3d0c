"""Whether an erasure could follow what was recorded before: whose parts it names, and what it says must stay.

An erasure excuses everything that it names: nobody misses those parts any more, and what they decided is not replayed. So it
may name nothing but what the program takes. Whether the parts are gone is for `flaws.py`, what is taken for `erasure.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from panel import events as ev
from panel.state.records import Recorded

Wrong = Iterator[tuple[str, Any, Any]]


@dataclass(slots=True)
class Erasures:
    """What the entries so far say of it. `pupils`: referral -> pupil; `proofs`: a proposal's entry -> its meeting's agenda."""

    pupils: dict[str, str] = field(default_factory=dict)
    agenda: tuple[str, ...] = ()
    proofs: dict[int, tuple[str, ...]] = field(default_factory=dict)

    def take(self, item: Recorded) -> Wrong:
        """What is wrong with the next entry, if it is an erasure; then it is one of those before."""
        match item.event:
            case ev.ReferralMade(referral=name, pupil=pupil):
                self.pupils.setdefault(name, pupil)
            case ev.MeetingOpened(agenda=agenda):
                self.agenda = agenda
            case ev.PlacementsProposed():
                self.proofs[item.seq] = self.agenda
            case ev.PersonErased() as erased:
                yield from self._erasure(item.seq, erased)

    def _erasure(self, seq: int, erased: ev.PersonErased) -> Wrong:
        own = {part.seq for part in erased.parts if (part.subject, part.sealed) == (erased.pupil, "case")}
        for part in erased.parts:
            if part.seq >= seq:
                yield "parts", f"entry {part.seq}", "an entry before it"
            elif part.subject != erased.pupil and not self._is_proof_of(part, erased.pupil):
                yield "parts", f"entry {part.seq}, {part.subject}", f"what is about {erased.pupil}, and proofs of meetings on that case"
        if erased.case is not None and (others := sorted(erased.case.kept.keys() - {str(n) for n in own})):
            yield "case.kept", others, "nothing but of cases that it takes"
        if not any(part.subject == erased.pupil for part in erased.parts):
            yield "parts", "nothing", f"at least one that is about {erased.pupil}"
        if erased.case is None or not erased.case.reason.strip():
            yield "case", "nothing", "the reason"

    def _is_proof_of(self, part: ev.ErasedPart, pupil: str) -> bool:
        agenda = self.proofs.get(part.seq, ())
        return (part.subject, part.sealed) == (ev.PANEL, "case") and any(self.pupils.get(name) == pupil for name in agenda)
