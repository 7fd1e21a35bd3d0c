"""One case from its beginning, for somebody who has to go on with it: what happened, in order, where it stands, what may come next.

Words for what is recorded; it decides nothing and records nothing. What is sealed of a reason is told here, to whoever may
open the ledger, as `explain` does.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from panel import events as ev
from panel.state.corrections import corrected
from panel.state.lifecycle import (
    Course,
    Step,
    after,
    how_it_ended,
    in_words,
    kind_in_words,
    lacking,
    next_steps,
    of_no_home,
    phase,
    why_not,
)
from panel.state.records import Recorded, Referral, State
from panel.state.reversals import Exclusions
from panel.state.schooldays import Terms

Named = Callable[[str], str]
"""A school's URN -> its name and URN, as people read it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened: its day, the kind of its entry, what it says, the reason that was given, and the entry."""

    on: dt.date
    kind: str
    said: str
    reason: str
    seq: int


@dataclass(frozen=True, slots=True)
class Review:
    """A review that the edition asks for: how long after the start, the day if it can be told, and whether as many were held."""

    after: str
    due: dt.date | None
    held: bool


@dataclass(frozen=True, slots=True)
class Case:
    """One case. `standing` says where it is; `notes` what the clerk should know besides."""

    held: Referral
    course: Course
    standing: str
    lines: tuple[Line, ...]
    reviews: tuple[Review, ...]
    steps: tuple[Step, ...]
    notes: tuple[str, ...]
    followed_by: str | None

    def as_data(self) -> dict[str, Any]:
        """`case --json`."""
        held, made = self.held, self.held.made
        told = {
            "follows": made.follows,
            "followed_by": self.followed_by,
            "school": held.decision.school if held.decision else None,
            "started": held.started,
            "until": held.until if held.started else None,
            "register_code": self.course.register_code if held.started else None,
            "ended": held.ended,
            "end": held.end,
            "exclusion_reversed": held.reversed_on,
        }
        decided = held.status == "decided"
        return {
            "referral": made.referral,
            "kind": made.referral_kind,
            "status": held.status,
            "phase": phase(held, self.course),
            "standing": self.standing,
            **({"edition": {"name": self.course.book, "from": self.course.edition.isoformat()}} if decided else {}),
            **{key: value.isoformat() if isinstance(value, dt.date) else value for key, value in told.items() if value is not None},
            "still_to_agree": list(lacking(held, self.course)) if phase(held, self.course) == "to start" else [],
            "sharing_agreed": sorted(held.sharing),
            "history": [
                {
                    "on": one.on.isoformat(),
                    "kind": one.kind,
                    "said": one.said,
                    **({"reason": one.reason} if one.reason else {}),
                    "entry": one.seq,
                }
                for one in self.lines
            ],
            "reviews": [
                {"after": one.after, **({"due": one.due.isoformat()} if one.due else {"cannot_tell": "terms"}), "held": one.held}
                for one in self.reviews
            ],
            "may_come": [{"step": step.name, "command": step.command} for step in self.steps if not step.why_not],
            "may_not_come": [{"step": step.name, "why_not": step.why_not} for step in self.steps if step.why_not],
            "notes": list(self.notes),
        }


def case_of(record: Sequence[Recorded], state: State, held: Referral, course: Course) -> Case:
    """The case of one referral, by the lifecycle of the edition of its decision."""
    name = held.made.referral
    lines = (line for item in corrected(record) if (line := _line(item, held, state)) is not None)
    return Case(
        held=held,
        course=course,
        standing=_standing(held, course, state),
        lines=tuple(sorted(lines, key=lambda line: (line.on, line.seq))),
        reviews=tuple(_reviews(held, course, Terms.of(state.terms))),
        steps=next_steps(held, course) if held.status == "decided" else (),
        notes=tuple(_notes(held, course)),
        followed_by=next((of for of, one in state.referrals.items() if one.made.follows == name), None),
    )


def _reviews(held: Referral, course: Course, terms: Terms) -> list[Review]:
    """The first review that was held is the first that was asked for, and so on; none is due once the placement is over."""
    started = held.started
    if started is None:
        return []
    dates = sorted(one.on for one in held.happened if one.event == "placement.reviewed" and one.seq > held.decision_seq)
    asked = [Review(str(length), after(length, started, terms), n < len(dates)) for n, length in enumerate(course.reviews)]
    return [one for one in asked if one.held or held.ended is None]


def _notes(held: Referral, course: Course) -> list[str]:
    notes = []
    at = phase(held, course)
    if at == "trial" and course.trial is not None:
        end = "it becomes permanent" if course.trial.at_end == "permanent" else "it ends in a return"
        notes.append(f"The last day of the trial is {held.until}; by {course.named} {end} then, unless it is said otherwise. Record which.")
    if at == "temporary":
        longer = "extend" in course.ends and not why_not(held, course, "extend")
        then = "it is extended or ends. Record which" if longer else "it ends. Record how"
        notes.append(f"The last day is {held.until}; then {then}.")
    if held.reversed_on is not None and held.status == "waiting":
        notes.append(
            f"The permanent exclusion that this rests on was reversed on {held.reversed_on}. "
            f"It is still on the next agenda: take it back with `pastoral withdraw {held.made.referral}`, or leave it to the panel."
        )
    return notes


def _standing(held: Referral, course: Course, state: State) -> str:
    """Where a case is, in a sentence."""
    at = phase(held, course)
    school = _named(held.decision.school, state) if held.decision else ""
    match at:
        case "undecided":
            return {
                "waiting": "waiting for the panel",
                "declined": "declined by the panel",
                "withdrawn": "withdrawn",
                "erased": "its case was erased",
            }.get(held.status, held.status)
        case "to start":
            waiting = lacking(held, course)
            still = f"; still to agree: {in_words(waiting)}" if waiting else ""
            return f"decided for {school}, not started{still}"
        case "trial" | "temporary":
            what = "a trial" if at == "trial" else "temporary"
            code = f", register code {course.register_code}" if course.register_code else ""
            return f"at {school} since {held.started}, {what} until {held.until}{code}"
        case "settled":
            return f"at {school} since {held.started}, to stay"
        case "over":
            return f"the placement at {school} {how_it_ended(held)}"


def _named(urn: str | None, state: State) -> str:
    school = state.schools.get(urn or "")
    return f"{school.name} ({urn})" if school else urn or "no school"


# --- what an entry says ---


def _line(item: Recorded, held: Referral, state: State) -> Line | None:
    event, name = item.event, held.made.referral
    if isinstance(event, ev.ExclusionReversed):
        behind = Exclusions(tuple(one.exclusion for one in state.reversals)).behind(_as_made(held, event))
        if held.reversed_on is None or behind is None or (event.pupil, event.excluded_on) != (behind.pupil, behind.on):
            return None
        return Line(event.on, event.kind, f"the permanent exclusion of {event.excluded_on} was {_HOW[event.how]}", _reason(event), item.seq)
    if getattr(event, "referral", None) != name and getattr(event, "follows", None) != name:
        return None
    said, on = _said(event, name, state), event.day
    return Line(on, event.kind, said, _reason(event), item.seq) if said and on is not None else None


_HOW = {"rescinded": "rescinded by the head", "quashed": "quashed on review", "reinstated": "reversed: the pupil is reinstated"}


def _as_made(held: Referral, event: ev.ExclusionReversed) -> ev.ReferralMade:
    """A referral as it was made, before the reversal took the exclusion from it."""
    return held.made.model_copy(update={"permanently_excluded": True, "excluded_by": event.school})


def _reason(event: ev.Event) -> str:
    case = getattr(event, "case", None)
    return case.reason or "" if isinstance(case, ev.Reason) else ""


def _said(event: ev.Event, name: str, state: State) -> str:
    """What an entry says of the case, in the clerk's words; nothing where it says nothing of its course."""
    if isinstance(event, ev.ReferralMade) and event.referral != name:
        return f"comes back as {event.referral} ({kind_in_words(event.referral_kind)})"
    says = SAYS.get(type(event))
    return "" if says is None else of_no_home(says(event, lambda urn: _named(urn, state)), state.referrals[name])


def _plain(word: str) -> str:
    return word.replace("_", " ")


def _back(event: Any, named: Named) -> str:
    return f"{_whom(event, named)} does not agree{_to(event, named)}; the case goes back to the panel"


def _agrees(event: Any, named: Named) -> str:
    return f"{_whom(event, named)} agrees{_to(event, named)}"


def _whom(event: Any, named: Named) -> str:
    return f"the {_plain(event.by)}" if hasattr(event, "by") else named(event.school)


def _to(event: Any, named: Named) -> str:
    return f" to {named(event.school)}" if hasattr(event, "by") else ""


def _made(event: Any, _: Named) -> str:
    return (
        f"referred: {kind_in_words(event.referral_kind)}, year {event.year_group}{f', following {event.follows}' if event.follows else ''}"
    )


def _decision(event: Any, named: Named) -> str:
    where = f" for {named(event.school)}, from {event.starts}" if event.school else ""
    return f"meeting {event.meeting}: {event.outcome}{where}"


def _taken_back(event: Any, named: Named) -> str:
    stops = f"; the decision for {named(event.school)} is undone" if event.school else ""
    return f"the {_plain(event.by)} no longer agrees to look for a move{stops}"


def _started(event: Any, named: Named) -> str:
    until, code = (f", until {event.until}" if event.until else ""), event.register_code
    return f"first day at {named(event.school)}{until}{f', register code {code}' if code else ''}"


def _ended(event: Any, _: Named) -> str:
    ends = {"return": "ended: back at the home school", "left": "ended: the pupil left", "not_taken_up": "not taken up: the case is over"}
    return ends.get(event.end, f"ended: to go on as {'an' if event.end == 'admission' else 'a'} {_plain(event.end)}")


SAYS: Final[Mapping[type[ev.Event], Callable[[Any, Named], str]]] = {
    ev.ReferralMade: _made,
    ev.AgreementSigned: lambda event, _: f"the {_plain(event.by)} agrees to look for a move",
    ev.AgreementWithdrawn: _taken_back,
    ev.ReferralWithdrawn: lambda _, __: "withdrawn",
    ev.DecisionTaken: _decision,
    ev.SchoolAgreed: _agrees,
    ev.FamilyAgreed: _agrees,
    ev.PartnerAgreed: _agrees,
    ev.SchoolRefused: _back,
    ev.FamilyRefused: _back,
    ev.PartnerRefused: _back,
    ev.SharingAgreed: lambda event, _: f"the {event.by} agrees that information is shared",
    ev.SharingWithdrawn: lambda event, _: f"the {event.by} no longer agrees that information is shared",
    ev.FamilyTold: lambda _, __: "the family was told of the decision",
    ev.BoardDirected: lambda event, named: f"the governing board directs the pupil to {named(event.school)}",
    ev.BoardDeclined: lambda _, __: "the governing board does not follow the advice; the case goes back to the panel",
    ev.NoticeGiven: lambda _, __: "notice given to the parents in writing",
    ev.EducationStarted: lambda _, __: "full-time education began",
    ev.PlacementStarted: _started,
    ev.PlacementReviewed: lambda _, __: "reviewed",
    ev.PlacementExtended: lambda event, _: f"extended until {event.until}",
    ev.PlacementMadePermanent: lambda _, __: "made permanent",
    ev.PlacementEnded: _ended,
    ev.PlacementBrokeDown: lambda event, _: f"broke down{'; back at the home school' if event.returned else ''}",
    ev.DirectionStep: lambda event, named: f"direction of {named(event.school)}: {_plain(event.step)}",
}
"""What each kind of entry says of a case; one that is not here says nothing of its course."""
