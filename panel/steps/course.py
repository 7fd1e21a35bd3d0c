"""What the clerk records of a case once it is decided: who agrees, what starts, how it is looked at, how it ends, how it comes back.

Each function is one step: it looks at what is recorded and at the lifecycle of the edition of the decision, refuses what
cannot follow with what can, and writes. It decides no placement and judges nobody.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from panel import events as ev
from panel.cases.coming_back import follow_up, next_name
from panel.errors import Refused
from panel.intake.cells import REFERENCE, CellRefused
from panel.order.courses import against, began, word_since
from panel.quoting import OF_THE_FIELD, Place
from panel.state.fold import fold
from panel.state.lifecycle import (
    FOLLOWED_BY,
    RECEIVING,
    Course,
    after,
    at_the_longest,
    course_of,
    kept,
    lacking,
    may_come,
    phase,
    trial_ends,
)
from panel.state.records import Referral
from panel.state.reversals import Exclusions
from panel.state.schooldays import Terms
from panel.steps.casebook import accept as accepted_by_school
from panel.steps.casebook import refuse as refused_by_school
from panel.steps.office import Office, in_words, referral_of

FAMILY = ("parent", "pupil")
PARTNERS = ("home_school", "local_authority")


@dataclass(frozen=True, slots=True)
class Done:
    """A step that was recorded. `notes` say what could not be told, or what is to be done besides; `follows` the new referral."""

    event: ev.Event
    course: Course
    held: Referral
    notes: tuple[str, ...] = ()
    follows: ev.ReferralMade | None = None


def found(office: Office, name: str) -> tuple[Referral, Course]:
    """A referral, and what may become of it by the edition of its decision."""
    made = referral_of(office.state, name)
    held = office.state.referrals[name]
    if held.decision is None:
        return held, Course(made.referral_kind, office.state.rulebook, made.made_on, "permanent")  # nothing follows, whatever a book says
    meeting = next(one for one in office.state.meetings if held.decision and one.number == held.decision.meeting)
    return held, course_of(office.book_then(fold(office.record[: meeting.opened_seq - 1]), meeting.opened), made.referral_kind)


def _record(office: Office, held: Referral, course: Course, event: ev.Event, *more: ev.Event) -> None:
    if said := against(held, course, event, Terms.of(office.state.terms)):
        raise Refused(f"{held.made.referral}: {said}. {may_come(held, course)}")
    office.write(event, *more)


# --- who agrees ---


def accept(office: Office, *, referral: str, by: str, on: dt.date | None = None) -> Done:
    """Somebody agrees to the school that was decided: the school itself, by its URN, the family, or a partner."""
    held, course = found(office, referral)
    by = _meant(office, held, by)
    if by not in (*FAMILY, *PARTNERS):
        event = accepted_by_school(office, referral=referral, by=by, on=on)
    else:
        day, school = _answers(held, on)
        kind = ev.FamilyAgreed if by in FAMILY else ev.PartnerAgreed
        event = kind.model_validate({"referral": referral, "pupil": held.made.pupil, "on": day, "by": by, "school": school})
        _record(office, held, course, event)
    then = office.state.referrals[referral]
    waiting = lacking(then, course)
    notes = (f"Still to agree: {', '.join(who.replace('_', ' ') for who in waiting)}.",) if waiting else ()
    return Done(event, course, then, notes)


def refuse(office: Office, *, referral: str, by: str, reason: str, on: dt.date | None = None) -> Done:
    """Somebody does not agree: the count is taken back, and the case returns to the next agenda."""
    held, course = found(office, referral)
    by = _meant(office, held, by)
    if by not in (*FAMILY, *PARTNERS):
        event = refused_by_school(office, referral=referral, by=by, reason=reason, on=on)
    else:
        day, school = _answers(held, on)
        kind = ev.FamilyRefused if by in FAMILY else ev.PartnerRefused
        said = {"referral": referral, "pupil": held.made.pupil, "on": day, "by": by, "school": school, "case": in_words(reason)}
        event = kind.model_validate(said)
        _record(office, held, course, event)
    return Done(event, course, office.state.referrals[referral])


def _meant(office: Office, held: Referral, by: str) -> str:
    """Who answers: the school that was decided where it is named by what it is, else as it was said; refused where it is nobody."""
    if by in RECEIVING:
        if held.decision is None or held.decision.school is None:
            raise Refused(f"{held.made.referral} is {held.status}; a school answers only to a decision.")
        return held.decision.school
    if by not in (*FAMILY, *PARTNERS) and by not in office.state.schools and not by.isdigit():
        known = ", ".join(who.replace("_", "-") for who in (*RECEIVING, *FAMILY, *PARTNERS))
        found = Place(words=(*RECEIVING, *FAMILY, *PARTNERS, *OF_THE_FIELD), urns=True).found(by)
        raise Refused(f"--by: found {found}; wanted the receiving school's URN, or one of {known}.")
    return by


def _answers(held: Referral, on: dt.date | None) -> tuple[dt.date, str]:
    """The day and the school of an answer to a decision; where there is none, what `against` then refuses."""
    decision = held.decision
    return on or (decision.on if decision else held.made.made_on), decision.school or "" if decision else ""


def share(office: Office, *, referral: str, by: ev.Family, on: dt.date, withdrawn: bool = False) -> ev.Event:
    """The family agrees that the schools of the panel are told of the case, or takes that back."""
    held, _ = found(office, referral)
    signed = held.sharing.get(by)
    if held.status in ("withdrawn", "erased"):
        raise Refused(f"{referral} is {held.status}; there is nothing of it to share.")
    if withdrawn and signed is None:
        raise Refused(f"The {by} has not agreed that information about {referral} is shared, so there is no agreement to withdraw.")
    if not withdrawn and signed is not None:
        raise Refused(f"The {by} agreed on {signed} already that information about {referral} is shared.")
    if signed is not None and on < signed:
        raise Refused(f"--on: found {on}; wanted {signed} or later, the day of the agreement.")
    event = (ev.SharingWithdrawn if withdrawn else ev.SharingAgreed)(referral=referral, pupil=held.made.pupil, on=on, by=by)
    office.write(event)
    return event


def take_back(office: Office, *, referral: str, by: ev.Signatory, on: dt.date) -> Done:
    """An agreement to look for a move is taken back after the decision: a managed move that has not started stops."""
    held, course = found(office, referral)
    if by not in held.agreements:
        raise Refused(f"The {by.replace('_', ' ')} has not agreed to {referral}, so there is no agreement to withdraw.")
    school = held.decision.school if held.decision else None
    event = ev.AgreementWithdrawn(referral=referral, by=by, on=on, school=school or "")
    _record(office, held, course, event)
    return Done(event, course, office.state.referrals[referral])


# --- what happens ---


def tell(office: Office, *, referral: str, on: dt.date) -> Done:
    """The family was told what was decided, and why."""
    held, course = found(office, referral)
    event = ev.FamilyTold(referral=referral, pupil=held.made.pupil, on=on)
    if held.withdrawn or not word_since(held, event):
        raise Refused(f"{referral}: nothing was decided by {on} of which the family could be told.")
    office.write(event)
    return Done(event, course, office.state.referrals[referral])


def educated(office: Office, *, referral: str, on: dt.date) -> Done:
    """Full-time education begins again, wherever it is."""
    held, course = found(office, referral)
    if held.withdrawn:
        raise Refused(f"{referral} is withdrawn.")
    _not_before(office, referral, on)
    event = ev.EducationStarted(referral=referral, pupil=held.made.pupil, on=on)
    office.write(event)
    return Done(event, course, office.state.referrals[referral])


def _not_before(office: Office, referral: str, on: dt.date) -> None:
    """Refuse a day before the case began. The exclusion that it follows is that first day, even where it was reversed since."""
    state = fold([item for item in office.record if not isinstance(item.event, ev.ExclusionReversed)])
    made = state.referrals[referral].made
    first, what = began(made, Exclusions(state.exclusions))
    if on < first:
        known = made.permanently_excluded and first == made.made_on
        advice = " If it follows an earlier exclusion, record that first: `pastoral exclusion record`." if known else ""
        raise Refused(f"{referral}: found {on}; wanted {first} or later, {what}.{advice}")


def board(office: Office, *, referral: str, on: dt.date, against_it: bool = False, reason: str = "") -> Done:
    """Whoever decides by the edition follows the panel's advice, or does not: then the case returns to the next agenda."""
    held, course = found(office, referral)
    said = {"referral": referral, "pupil": held.made.pupil, "on": on, "school": (held.decision and held.decision.school) or ""}
    event: ev.BoardDeclined | ev.BoardDirected = ev.BoardDirected.model_validate(said)
    if against_it:
        event = ev.BoardDeclined.model_validate({**said, "case": in_words(reason)})
    _record(office, held, course, event)
    return Done(event, course, office.state.referrals[referral])


def notice(office: Office, *, referral: str, on: dt.date) -> Done:
    """The parents were told in writing of what is temporary."""
    held, course = found(office, referral)
    event = ev.NoticeGiven(referral=referral, pupil=held.made.pupil, on=on)
    _record(office, held, course, event)
    return Done(event, course, office.state.referrals[referral])


def start(office: Office, *, referral: str, on: dt.date, until: dt.date | None = None) -> Done:
    """The first day at the school; of a trial the last day follows from its length, of anything else that ends it is said."""
    held, course = found(office, referral)
    terms = Terms.of(office.state.terms)
    event = ev.PlacementStarted(
        referral=referral,
        pupil=held.made.pupil,
        on=on,
        school=(held.decision and held.decision.school) or "",
        until=until or trial_ends(course, on, terms),
        register_code=course.register_code,
    )
    _record(office, held, course, event)
    given = held.since("notice.given")
    notes = []
    if course.notice is not None and given is not None and kept(course.notice, given, on, terms) is None:
        notes.append(f"Whether {course.notice} lay between {given} and {on} cannot be told: load the terms.")
    if course.longest is not None and at_the_longest(course, on, terms) is None:
        notes.append(f"Whether {until} is within {course.longest} from {on} cannot be told: load the terms.")
    return Done(event, course, office.state.referrals[referral], tuple(notes))


def review(office: Office, *, referral: str, on: dt.date, said: str = "") -> Done:
    """A review was held; what was said is sealed."""
    held, course = found(office, referral)
    words = in_words(said) if said else None
    event = ev.PlacementReviewed(referral=referral, pupil=held.made.pupil, on=on, case=words)
    _record(office, held, course, event)
    return Done(event, course, office.state.referrals[referral])


def extend(office: Office, *, referral: str, on: dt.date, until: dt.date, reason: str) -> Done:
    """What is temporary lasts until a later day."""
    held, course = found(office, referral)
    event = ev.PlacementExtended(referral=referral, pupil=held.made.pupil, on=on, until=until, case=in_words(reason))
    _record(office, held, course, event)
    more, terms = course.more, Terms.of(office.state.terms)
    most = more.by if more else None if course.trial else course.lasts
    last = after(more.by, held.until, terms) if more and held.until else at_the_longest(course, held.started or on, terms)
    untold = () if most is None or last is not None else (f"Whether that is {most} at most cannot be told: load the terms.",)
    return Done(event, course, office.state.referrals[referral], untold)


def permanent(office: Office, *, referral: str, on: dt.date) -> Done:
    """A trial ended well: the pupil stays."""
    held, course = found(office, referral)
    event = ev.PlacementMadePermanent(referral=referral, pupil=held.made.pupil, on=on)
    _record(office, held, course, event)
    return Done(event, course, office.state.referrals[referral])


def end(
    office: Office,
    *,
    referral: str,
    on: dt.date,
    how: ev.End,
    reason: str = "",
    name: str | None = None,
) -> Done:
    """A placement ends. As a managed move or an admission it is decided by itself, so the case comes back as a referral of that kind."""
    held, course = found(office, referral)
    words = in_words(reason) if reason else None
    event = ev.PlacementEnded(referral=referral, pupil=held.made.pupil, on=on, end=how, case=words)
    if how not in FOLLOWED_BY:
        if name is not None:
            raise Refused(f"--as-referral: found {name}; wanted nothing, for a case that ends so does not come back.")
        _record(office, held, course, event)
        return Done(event, course, office.state.referrals[referral])
    return _comes_back(office, held, course, event, FOLLOWED_BY[how], name, returned=True)


def break_down(office: Office, *, referral: str, on: dt.date, reason: str, kind: ev.Kind | None = None, name: str | None = None) -> Done:
    """A placement breaks down, and in the same step the case comes back as a referral that knows its history."""
    held, course = found(office, referral)
    returned = phase(held, course) in ("trial", "temporary")
    event = ev.PlacementBrokeDown(referral=referral, pupil=held.made.pupil, on=on, returned=returned, case=in_words(reason))
    return _comes_back(office, held, course, event, kind or held.made.referral_kind, name, returned=returned)


def _comes_back(
    office: Office, held: Referral, course: Course, event: ev.OfReferral, kind: ev.Kind, name: str | None, *, returned: bool
) -> Done:
    if said := against(held, course, event, Terms.of(office.state.terms)):
        raise Refused(f"{held.made.referral}: {said}. {may_come(held, course)}")
    if name is not None:
        _may_be_called(name)
    made = follow_up(
        office.state,
        held,
        name=name or next_name(office.state, held.made.referral),
        kind=kind,
        on=event.on,
        returned=returned,
        year_groups=office.rulebook(event.on).year_groups,
    )
    office.write(event, made)
    return Done(event, course, office.state.referrals[held.made.referral], follows=made)


def _may_be_called(name: str) -> None:
    """Refuse what is no reference for a new referral; it is not repeated, for it may be a child's name."""
    try:
        REFERENCE.read(name)
    except CellRefused as refused:
        raise Refused(" ".join(part for part in (f"The new referral wants {refused.wanted}.", refused.advice) if part)) from None
