"""Permanent exclusions by hand: one that a school made, and one that no longer stands.

A reversal takes its counts with it, and says which cases rested on the exclusion; what becomes of those is for the panel
and the clerk. It decides nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from panel import events as ev
from panel.errors import Refused
from panel.state.reversals import Exclusions, resting_on
from panel.steps import casebook
from panel.steps.office import Office, in_words, school_of

How = Literal["rescinded", "quashed", "reinstated"]


@dataclass(frozen=True, slots=True)
class Reversed:
    """What a reversal leaves: cases that rest on the exclusion and wait, those of them that an open meeting has frozen as they
    were, and those that were placed because of it."""

    event: ev.ExclusionReversed
    waiting: tuple[str, ...]
    frozen: tuple[str, ...]
    placed: tuple[str, ...]


def exclude(office: Office, cells: Mapping[str, str]) -> casebook.Loaded:
    """One permanent exclusion by hand, through the same reader as a file: column -> cell."""
    return casebook.exclude(office, cells)


def reverse(office: Office, *, pupil: str, school: str, excluded_on: dt.date, how: How, on: dt.date, reason: str) -> Reversed:
    """A permanent exclusion was rescinded by the head, quashed on review, or the pupil was reinstated."""
    state = office.state
    school_of(state, school)
    named = (pupil, school, excluded_on)
    gone = next((one for one in state.reversals if (one.exclusion.pupil, one.exclusion.school, one.exclusion.on) == named), None)
    if gone is not None:
        raise Refused(f"That exclusion was {gone.by.how} on {gone.by.on} already.")
    if not any((one.pupil, one.school, one.on) == named for one in state.exclusions):
        there = ", ".join(f"{one.on} by {one.school}" for one in state.exclusions if one.pupil == pupil)
        known = f" In the record of that pupil: {there}." if there else " None of that pupil is recorded."
        raise Refused(
            f"No permanent exclusion of {pupil} by {school} on {excluded_on} is recorded, so there is none to reverse.{known} "
            f"One comes in with `pastoral exclusion record` or `pastoral load exclusions FILE`."
        )
    if on < excluded_on:
        raise Refused(f"--on: found {on}; wanted {excluded_on} or later, the day of the exclusion.")
    resting = resting_on(state.referrals.values(), Exclusions(state.exclusions), named)
    event = ev.ExclusionReversed(pupil=pupil, school=school, excluded_on=excluded_on, how=how, on=on, case=in_words(reason))
    office.write(event)
    agenda = state.open_meeting.opened.agenda if state.open_meeting else ()
    concerned = [held for held in resting if held.made.made_on <= on]
    return Reversed(
        event,
        waiting=tuple(held.made.referral for held in concerned if held.status == "waiting"),
        frozen=tuple(held.made.referral for held in concerned if held.status == "waiting" and held.made.referral in agenda),
        placed=tuple(held.made.referral for held in concerned if held.status == "decided"),
    )
