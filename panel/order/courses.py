"""What cannot follow in the course of a case: asked before a step is recorded, and again of every entry by a replay.

`against` says why one entry may not follow, by the lifecycle of the edition of the decision and by the days of what came
before; `Courses` asks it of a record, entry by entry. It looks at no fact or placement, and of a rulebook only at the
lifecycle, which is read only where an entry of this kind asks for it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from panel import events as ev
from panel.order import claims
from panel.state.adoption import shelf_of
from panel.state.happenings import changed, decided, happenings
from panel.state.lifecycle import Course, after, at_the_longest, course_of, kept, last_day, phase, why_not
from panel.state.records import Recorded, Referral
from panel.state.reversals import Exclusions
from panel.state.schooldays import Terms
from rules.errors import RulebookError

Wrong = Iterator[tuple[str, Any, Any]]

STEPS: Final[dict[type[ev.Event], str]] = {
    ev.FamilyAgreed: "agree",
    ev.FamilyRefused: "refuse",
    ev.PartnerAgreed: "agree",
    ev.PartnerRefused: "refuse",
    ev.SchoolAgreed: "agree",
    ev.SchoolRefused: "refuse",
    ev.AgreementWithdrawn: "withdraw",
    ev.BoardDirected: "board",
    ev.BoardDeclined: "board",
    ev.NoticeGiven: "notice",
    ev.PlacementStarted: "start",
    ev.PlacementReviewed: "review",
    ev.PlacementExtended: "extend",
    ev.PlacementMadePermanent: "permanent",
    ev.PlacementBrokeDown: "break-down",
}
"""An entry -> the step of a lifecycle that it is; an end is the step of its own name."""


def against(held: Referral, course: Course, event: ev.Event, terms: Terms) -> str:
    """Why an entry may not follow in a case; nothing where it may. The reason of a step comes before that of its day or school."""
    step = event.end if isinstance(event, ev.PlacementEnded) else STEPS[type(event)]
    if said := why_not(held, course, step, str(getattr(event, "by", ""))):
        return said
    earliest = _earliest(held, event)
    if event.day is not None and event.day < earliest:
        return f"found {event.day}; wanted {earliest} or later, the day of what came before it"
    school = getattr(event, "school", None)
    if held.decision is not None and school not in (None, held.decision.school):
        return f"found {school}; wanted {held.decision.school}, the school that was decided"
    match event:
        case ev.PlacementStarted():
            return _start(held, course, event, terms)
        case ev.PlacementExtended(until=until):
            return _longer(held, course, until, terms)
        case ev.PlacementBrokeDown(returned=returned) if returned != (phase(held, course) in ("trial", "temporary")):
            return "the pupil is back on the roll of the home school only after a trial or what was temporary"
    return ""


def _longer(held: Referral, course: Course, until: dt.date, terms: Terms) -> str:
    """Why a placement cannot last until that day instead of the day so far."""
    if held.until is None:
        return ""
    if until <= held.until:
        return f"--until: found {until}; wanted a day after {held.until}, the last day so far"
    more = course.more
    last = after(more.by, held.until, terms) if more else None
    if more is not None and last is not None and until > last:
        return f"--until: found {until}; wanted {last} at the latest, {more.by} after {held.until}, the last day so far"
    most = at_the_longest(course, held.started, terms) if more is None and course.trial is None and held.started else None
    if most is not None and until > most:
        return f"--until: found {until}; wanted {most} at the latest, the last of {course.longest}, and {course.named} has no extension"
    return ""


def _earliest(held: Referral, event: ev.Event) -> dt.date:
    """The day before which an entry cannot be. Answers to a decision come in any order; an agreement may be taken back before it."""
    if isinstance(event, ev.AgreementWithdrawn):
        return held.agreements.get(event.by, held.made.made_on)
    if held.decision is not None and STEPS.get(type(event)) in ("agree", "refuse", "board"):
        return held.decision.on
    return last_day(held)


def _start(held: Referral, course: Course, start: ev.PlacementStarted, terms: Terms) -> str:
    """Why a placement cannot start on that day, or last until then."""
    given = held.since("notice.given")
    if course.notice is not None and given is not None and kept(course.notice, given, start.on, terms) is False:
        first = after(course.notice, given, terms)
        return f"notice was given on {given}, and {course.notice} from then is {first}: wanted that day or a later one"
    if start.register_code != course.register_code:
        return f"found the register code {start.register_code or 'none'}; wanted {course.register_code or 'none'}"
    if course.trial is None and course.placement != "temporary":
        return f"--until: found {start.until}; wanted nothing, for the placement has no last day" if start.until else ""
    last = at_the_longest(course, start.on, terms)
    if start.until is None and course.trial is not None and last is None:
        lasts = f"the last of {course.trial.lasts} from {start.on}"
        return f"--until: found nothing; wanted {lasts}, which cannot be told: load the terms (`pastoral load terms`), or say the day"
    if start.until is None:
        return "--until: found nothing; wanted the planned last day of what is temporary"
    if start.until < start.on:
        return f"--until: found {start.until}; wanted {start.on} or later"
    if last is not None and start.until > last:
        return f"--until: found {start.until}; wanted {last} at the latest, the last of {course.longest}"
    return ""


@dataclass(slots=True)
class Courses:
    """The cases of a record while it is read: what each entry so far made of them."""

    name: str = ""
    referrals: dict[str, Referral] = field(default_factory=dict)
    editions: list[ev.RulebookAdopted] = field(default_factory=list)
    opened: dict[int, tuple[int, ev.MeetingOpened]] = field(default_factory=dict)
    terms: list[ev.TermRecorded] = field(default_factory=list)
    excluded: list[ev.PermanentlyExcluded] = field(default_factory=list)
    undone: list[tuple[int, ev.ExclusionReversed]] = field(default_factory=list)

    def take(self, item: Recorded) -> Wrong:
        """What is wrong with the next entry; then it is one of those before."""
        yield from self._wrong(item.event)
        self._add(item)

    def _add(self, item: Recorded) -> None:
        match item.event:
            case ev.PanelFounded(rulebook=name):
                self.name = name
            case ev.RulebookAdopted() as adopted:
                self.editions.append(adopted)
            case ev.MeetingOpened(meeting=number) as opened:
                self.opened[number] = len(self.editions), opened
            case ev.TermRecorded() as term:
                self.terms.append(term)
            case ev.PermanentlyExcluded() as excluded:
                self.excluded.append(excluded)
            case ev.ExclusionReversed() as reversed_:
                self.undone.append((item.seq, reversed_))
            case ev.ReferralMade(referral=name) as made:
                self.referrals[name] = Referral(made, happened=tuple(happenings(item)))
            case ev.DecisionTaken(referral=name) as decision if name in self.referrals:
                self.referrals[name] = decided(self.referrals[name], decision, item.seq)
            case ev.OfReferral() | ev.SchoolAgreed() | ev.SchoolRefused() | ev.AgreementSigned() | ev.AgreementWithdrawn() as about:
                self._change(about.referral, item)
            case ev.ReferralWithdrawn(referral=name):
                self._change(name, item)

    def _change(self, name: str, item: Recorded) -> None:
        held = self.referrals.get(name)
        if held is not None:
            then = changed(held, item.event)
            self.referrals[name] = replace(then, happened=(*then.happened, *happenings(item)))

    # --- what is wrong ---

    def _wrong(self, event: ev.Event) -> Wrong:
        match event:
            case ev.ReferralMade(follows=str()):
                yield from self._follows(event)
            case ev.ExclusionReversed():
                yield from self._reversal(event)
            case ev.SharingAgreed() | ev.SharingWithdrawn():
                yield from self._sharing(event)
            case ev.FamilyTold() | ev.EducationStarted():
                yield from self._told(event)
            case ev.AgreementWithdrawn(school=None) | ev.DirectionStep():
                return
            case ev.TransportClaimed(first=first, last=last):
                held = self.referrals.get(event.referral)
                if held is not None and (said := claims.against(held, first, last)):
                    yield "claim", f"{first} to {last}", f"nothing: {said}"
            case ev.SchoolAgreed(referral=name) | ev.SchoolRefused(referral=name) if not self._started(name):
                yield from self._answer(event)
            case ev.OfReferral() | ev.SchoolAgreed() | ev.SchoolRefused() | ev.AgreementWithdrawn():
                yield from self._course(event)

    def _answer(self, event: ev.SchoolAgreed | ev.SchoolRefused) -> Wrong:
        """A school's answer is of the decision's day or later; all else of it is for `order.py`."""
        decision = self.referrals[event.referral].decision if event.referral in self.referrals else None
        if decision is not None and event.on < decision.on:
            yield "on", f"{event.on}", f"{decision.on} or later, the day of the decision"

    def _started(self, name: str) -> bool:
        return name in self.referrals and self.referrals[name].started is not None

    def _course(self, event: ev.OfReferral | ev.SchoolAgreed | ev.SchoolRefused | ev.AgreementWithdrawn) -> Wrong:
        held = self.referrals.get(event.referral)
        if held is None:
            yield "referral", event.referral, "a referral that an entry before it made"
            return
        if isinstance(event, ev.OfReferral) and event.pupil != held.made.pupil:
            yield "pupil", event.pupil, held.made.pupil
        course = self._course_of(held)
        if course is not None and (said := against(held, course, event, Terms.of(self.terms))):
            yield "step", event.kind, f"nothing: {said}"

    def _course_of(self, held: Referral) -> Course | None:
        """By the edition of the decision; without a decision any will do, for nothing may follow. None: that book cannot be read."""
        kind = held.made.referral_kind
        if held.decision is None or held.decision.meeting not in self.opened:
            return Course(kind, "", held.made.made_on, "permanent")
        many, opened = self.opened[held.decision.meeting]
        try:
            return course_of(shelf_of(self.editions[:many]).in_force(self.name, opened.on), kind)
        except RulebookError:  # the replay of that meeting says so
            return None

    def _follows(self, made: ev.ReferralMade) -> Wrong:
        held = self.referrals.get(made.follows or "")
        if held is None or held.end not in ("broken_down", "managed_move", "admission"):
            yield "follows", made.follows, "a referral whose placement broke down, or ended to go on as another"
        elif held.made.pupil != made.pupil:
            yield "pupil", made.pupil, held.made.pupil
        elif held.ended is not None and made.made_on < held.ended:
            yield "made_on", f"{made.made_on}", f"{held.ended} or later, the day on which the placement before it ended"
        elif any(other.made.follows == made.follows and not other.withdrawn for other in self.referrals.values()):
            yield "follows", made.follows, "a referral that none follows yet"

    def _reversal(self, event: ev.ExclusionReversed) -> Wrong:
        named = (event.pupil, event.school, event.excluded_on)
        known = Exclusions(tuple(self.excluded), tuple(self.undone))
        if named in known.reversed or not any((one.pupil, one.school, one.on) == named for one in self.excluded):
            yield "excluded_on", f"{event.excluded_on}", "a permanent exclusion that is recorded and stands"
        if event.on < event.excluded_on:
            yield "on", f"{event.on}", f"{event.excluded_on} or later"

    def _sharing(self, event: ev.SharingAgreed | ev.SharingWithdrawn) -> Wrong:
        held = self.referrals.get(event.referral)
        signed = held is not None and event.by in held.sharing
        if held is None or signed == isinstance(event, ev.SharingAgreed):
            yield "by", event.by, "somebody who had agreed" if isinstance(event, ev.SharingWithdrawn) else "somebody who had not agreed yet"

    def _told(self, event: ev.FamilyTold | ev.EducationStarted) -> Wrong:
        held = self.referrals.get(event.referral)
        if held is None or held.withdrawn:
            yield "referral", event.referral, "a referral that is not withdrawn"
        elif isinstance(event, ev.FamilyTold) and not word_since(held, event):
            yield "on", f"{event.on}", "the day of a decision, or a later one"
        elif isinstance(event, ev.EducationStarted):
            first, what = began(held.made, Exclusions(tuple(self.excluded)))
            if event.on < first:
                yield "on", f"{event.on}", f"{first} or later, {what}"


def began(made: ev.ReferralMade, exclusions: Exclusions) -> tuple[dt.date, str]:
    """The first day of a case, and what it is the day of: education that is owed after an exclusion may begin before the referral."""
    behind = exclusions.behind(made)
    return (made.made_on, "the day of the referral") if behind is None else (behind.on, "the day of the exclusion that it follows")


def word_since(held: Referral, event: ev.FamilyTold) -> bool:
    """Whether the panel had given its word by the day on which the family was told of it."""
    return any(one.event.startswith("decision.") and one.on <= event.on for one in held.happened)
