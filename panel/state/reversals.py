"""What a permanent exclusion that no longer stands leaves behind: nobody counts it, and what rested on it rests on none.

    rests(r)   of a referral after exclusion: the pupil's latest exclusion by the school that it names, up to the day it was made
    rests(a)   of an admission after exclusion: the pupil's latest exclusion by another school, up to its day

A referral or admission says what is so on its day, so only a reversal of that day or later takes anything from it: one made
after the reversal speaks of another exclusion. Of two exclusions by one school each is reversed by itself. It decides
nothing; whether a placement made because of it still suits anybody is the panel's to ask.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from panel import events as ev
from panel.state.records import Admission, Happening, Referral, Reversal, State

Named = tuple[str, str, dt.date]


@dataclass(frozen=True, slots=True)
class Exclusions:
    """Every permanent exclusion in the record, and the reversals with the numbers of their entries."""

    made: tuple[ev.PermanentlyExcluded, ...] = ()
    undone: tuple[tuple[int, ev.ExclusionReversed], ...] = ()

    @property
    def reversed(self) -> dict[Named, tuple[int, ev.ExclusionReversed]]:
        """Those that no longer stand, by pupil, school and day."""
        known = {_named(one) for one in self.made}
        found = {(one.pupil, one.school, one.excluded_on): (seq, one) for seq, one in self.undone}
        return {name: by for name, by in found.items() if name in known}

    def standing(self) -> tuple[ev.PermanentlyExcluded, ...]:
        """Those that stand, in the order of the record."""
        gone = self.reversed
        return tuple(one for one in self.made if _named(one) not in gone) if gone else self.made

    def reversals(self) -> tuple[Reversal, ...]:
        """Those that do not, each with what reversed it."""
        gone = self.reversed
        return tuple(Reversal(one, gone[_named(one)][1]) for one in self.made if _named(one) in gone)

    def behind(self, made: ev.ReferralMade) -> ev.PermanentlyExcluded | None:
        """The exclusion that a referral rests on, standing or not."""
        school = made.excluded_by or made.home_school
        if not made.permanently_excluded or school is None:
            return None
        return _latest(one for one in self.made if (one.pupil, one.school) == (made.pupil, school) and one.on <= made.made_on)

    def without(self, held: Referral) -> Referral:
        """A referral as it is without the exclusion that it rests on, where that was reversed."""
        gone = self.reversed
        made, behind = held.made, self.behind(held.made)
        if behind is None or _named(behind) not in gone or (by := gone[_named(behind)][1]).on < made.made_on:
            return replace(held, made=_said_fewer(made, gone.values()))
        seq = gone[_named(behind)][0]
        home = made.home_school or behind.school
        changed = {"permanently_excluded": False, "excluded_by": None, "home_school": home, "no_home_school": None}
        happened = sorted((*held.happened, Happening("exclusion.reversed", by.on, seq)), key=lambda one: one.seq)
        made = _said_fewer(made, gone.values()).model_copy(update=changed)
        return replace(held, made=made, reversed_on=by.on, happened=tuple(happened))

    def of_no_exclusion(self, admission: Admission) -> Admission:
        """An admission outside the panel, or from before the ledger, without the exclusion that it rests on, where that was reversed."""
        if not admission.permanently_excluded:
            return admission
        others = (one for one in self.made if one.pupil == admission.pupil and one.school != admission.school and one.on <= admission.on)
        behind = _latest(others)
        by = None if behind is None else self.reversed.get(_named(behind))
        return replace(admission, permanently_excluded=False) if by is not None and by[1].on >= admission.on else admission


def _named(one: ev.PermanentlyExcluded) -> Named:
    return one.pupil, one.school, one.on


def _latest(some: Iterable[ev.PermanentlyExcluded]) -> ev.PermanentlyExcluded | None:
    return max(some, key=lambda one: one.on, default=None)


def _said_fewer(made: ev.ReferralMade, gone: Iterable[tuple[int, ev.ExclusionReversed]]) -> ev.ReferralMade:
    """A referral whose case says how often the pupil was excluded: less those of its time that were reversed since."""
    if made.case is None or not made.case.excluded_times:
        return made
    fewer = sum(one.pupil == made.pupil and one.excluded_on <= made.made_on <= one.on for _, one in gone)
    left = max(0, made.case.excluded_times - fewer)
    return made.model_copy(update={"case": made.case.model_copy(update={"excluded_times": left})}) if fewer else made


def resting_on(referrals: Iterable[Referral], exclusions: Exclusions, one: Named) -> Sequence[Referral]:
    """The referrals that rest on one exclusion, by reference."""
    return [held for held in referrals if (behind := exclusions.behind(held.made)) is not None and _named(behind) == one]


def of_none_recorded(state: State) -> tuple[Referral, ...]:
    """The referrals after a permanent exclusion of which no entry tells: none by the school that each names stands, up to its day.

    A referral that names no school rests on none; it is one of these where nothing tells of any exclusion of the pupil.
    """
    standing, pupils = Exclusions(state.exclusions), {one.pupil for one in state.exclusions}
    said = [held for held in state.referrals.values() if held.made.permanently_excluded and standing.behind(held.made) is None]
    return tuple(held for held in said if held.made.excluded_by or held.made.home_school or held.made.pupil not in pupils)
