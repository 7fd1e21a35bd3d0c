"""Schools that change: which school goes on as which, who is a member of the panel on a day, and the record seen from there.

    goes_on(u)    the school as which u goes on: through every merger and every new number, to the one that is there now
    member(u, d)  from the day a school joins or begins until the day it leaves, closes, merges or gets another number; a
                  school of which none of these was said has always been a member
    days(u, y)    days of the academic year y on which u takes its share: it is a member, or the schools are from which it goes
                  on, or the one is as which it goes on

What was said of a school is so of the one that it goes on as: its admissions and exclusions, its turn, who must be kept
from it, whose brothers and sisters are there. What was only of the place (a measured way to it, a vote that exempts it) goes
on under another number, and ends in a merger. It writes nothing and asks nobody.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from panel import events as ev
from panel.state.records import Admission, Recorded, Referral, Span

STRICTEST: Final = ("safeguarding", "police", "complaint")
NAMES_A_SCHOOL: Final = ("school", "home_school", "excluded_by", "by")
Now = Callable[[str], str]


@dataclass(slots=True)
class Succession:
    """What is known of how schools changed, as it is gathered entry by entry."""

    steps: list[ev.OfSchool] = field(default_factory=list)

    def successors(self, *, renumbered: bool = False, by: dt.date | None = None) -> dict[str, str]:
        """Each school that is there no more -> the one as which it goes on; with `renumbered` through new numbers alone, `by` a day as it
        was at its end.
        """
        last: dict[str, str] = {}
        for step in self.steps if by is None else (step for step in self.steps if step.on <= by):
            match step:
                case ev.SchoolConverted(urn=urn, before=before):
                    last[before] = urn
                case ev.SchoolMerged(urn=urn, merged=merged) if not renumbered:
                    last.update({one: urn for one in merged if one != urn})
        return {urn: _end(urn, last) for urn in last}


def _end(urn: str, last: Mapping[str, str]) -> str:
    seen = {urn}
    while urn in last and last[urn] not in seen:
        urn = last[urn]
        seen.add(urn)
    return urn


def memberships(steps: Iterable[ev.OfSchool]) -> dict[str, tuple[Span, ...]]:
    """When each school is a member, as far as its membership ever begins or ends; a school that is not here always is."""
    found: dict[str, tuple[Span, ...]] = {}
    for step in sorted(steps, key=lambda one: one.on):
        match step:
            case ev.SchoolJoined(urn=urn, on=on):
                found[urn] = (*found.get(urn, ()), Span(on))
            case ev.SchoolLeft(urn=urn, on=on) | ev.SchoolClosed(urn=urn, on=on):
                found[urn] = _ended(found, urn, on)
            case ev.SchoolConverted(urn=urn, before=before, on=on):
                found[before] = _ended(found, before, on)
                found[urn] = (*found.get(urn, ()), Span(on))
            case ev.SchoolMerged(urn=urn, merged=merged, on=on):
                found.update({one: _ended(found, one, on) for one in merged if one != urn})
                if urn not in merged:
                    found[urn] = (*found.get(urn, ()), Span(on))
    return found


def shares(steps: Iterable[ev.OfSchool]) -> dict[str, tuple[Span, ...]]:
    """When each school takes its share: as its membership, but that a school goes on as what it becomes, with what it was before."""
    found: dict[str, tuple[Span, ...]] = {}
    for step in sorted(steps, key=lambda one: one.on):
        match step:
            case ev.SchoolJoined(urn=urn, on=on):
                found[urn] = (*found.get(urn, ()), Span(on))
            case ev.SchoolLeft(urn=urn, on=on) | ev.SchoolClosed(urn=urn, on=on):
                found[urn] = _ended(found, urn, on)
            case ev.SchoolConverted(urn=urn, before=before):
                found[urn] = found.get(before, (Span(),))
            case ev.SchoolMerged(urn=urn, merged=merged):
                found[urn] = tuple(dict.fromkeys(span for one in merged for span in found.get(one, (Span(),))))
    return found


def _ended(found: Mapping[str, tuple[Span, ...]], urn: str, on: dt.date) -> tuple[Span, ...]:
    return tuple(span if span.until is not None else Span(span.first, on) for span in found.get(urn, (Span(),)))


def days_within(spans: Iterable[Span], first: dt.date, last: dt.date) -> int:
    """Days from `first` to `last`, both included, that lie in any of the spans."""
    covered = set[int]()
    for span in spans:
        a, b = max(first, span.first or first), min(last, span.until - dt.timedelta(days=1) if span.until else last)
        covered.update(range(a.toordinal(), b.toordinal() + 1))
    return len(covered)


# --- the record seen from the schools that are there ---


def referral_now(held: Referral, now: Now) -> Referral:
    """A referral with every school that it names as the one that it goes on as."""
    made = held.made
    changed = {name: now(urn) for name in ("home_school", "excluded_by") if (urn := getattr(made, name)) is not None}
    if made.case is not None:
        changed["case"] = _case_now(made.case, now)  # type: ignore[assignment]
    decision = held.decision
    if decision is not None and decision.school is not None:
        decision = decision.model_copy(update={"school": now(decision.school)})
    return replace(
        held,
        made=made.model_copy(update=changed),
        decision=decision,
        refusals=tuple(map(now, held.refusals)),
        family_refusals=tuple(dict.fromkeys(map(now, held.family_refusals))),
        partners={now(by): on for by, on in held.partners.items()},
        directions=tuple(step.model_copy(update={"school": now(step.school)}) for step in held.directions),
    )


def _case_now(case: ev.ReferralCase, now: Now) -> ev.ReferralCase:
    apart: dict[str, Any] = {}
    for urn, why in case.kept_apart.items():
        apart[now(urn)] = min(why, apart.get(now(urn), why), key=STRICTEST.index)
    lists = ("preferences", "siblings_at", "catchment", "attended")
    several: dict[str, Any] = {name: tuple(dict.fromkeys(map(now, urns))) for name in lists if (urns := getattr(case, name)) is not None}
    if case.attended_until is not None:
        several["attended_until"] = _until_now(case, now)
    return case.model_copy(update={**several, "kept_apart": dict(sorted(apart.items()))})


def _until_now(case: ev.ReferralCase, now: Now) -> dict[str, dt.date]:
    """The last day at the one as which schools go on: the latest, where it was said of each of them."""
    until = case.attended_until or {}
    untold = {now(urn) for urn in case.attended or () if urn not in until}
    return {now(urn): max(day for one, day in until.items() if now(one) == now(urn)) for urn in until if now(urn) not in untold}


def admission_now(admission: Admission, now: Now) -> Admission:
    """An admission by the schools that are there now. Who went from one to another of two that have merged went somewhere all the same."""
    school, sent_by = now(admission.school), admission.sent_by and now(admission.sent_by)
    moved = admission.moved_within or (sent_by == school and admission.sent_by != admission.school)
    return replace(admission, school=school, sent_by=sent_by, moved_within=moved)


def event_now(event: ev.Event, successors: Mapping[str, str]) -> ev.Event:
    """An entry that names schools, by those that are there now; what says how a school changed, or what it is, stays as it was written."""
    if not successors or isinstance(event, ev.OfSchool | ev.SchoolRecorded | ev.PlacesRecorded | ev.ExemptionVoted):
        return event
    changed: dict[str, Any] = {}
    for name in type(event).model_fields:
        value = getattr(event, name)
        if name in NAMES_A_SCHOOL and isinstance(value, str):
            changed[name] = successors.get(value, value)
        elif name in ("placements", "fixed"):
            changed[name] = {of: successors.get(urn, urn) for of, urn in value.items()}
    changed = {name: value for name, value in changed.items() if value != getattr(event, name)}
    return event.model_copy(update=changed) if changed else event


def item_now(item: Recorded, successors: Mapping[str, str]) -> Recorded:
    """The same of an entry of the record."""
    event = event_now(item.event, successors)
    return item if event is item.event else replace(item, event=event)


def journeys_now(journeys: Mapping[str, Mapping[str, ev.Journey]], renumbered: Mapping[str, str]) -> dict[str, dict[str, ev.Journey]]:
    """The way to a school is the way to it under its new number; one that was recorded to the new number itself comes first."""
    found: dict[str, dict[str, ev.Journey]] = {}
    for pupil, ways in journeys.items():
        old = {renumbered[urn]: way.model_copy(update={"urn": renumbered[urn]}) for urn, way in ways.items() if urn in renumbered}
        found[pupil] = {**old, **ways}
    return found
