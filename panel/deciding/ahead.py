"""What a new academic year changes for a meeting, and what a first day that lies beyond the span of a count comes to on that day.

    moved up    pupils of the agenda who are of another year group than on the day of the referral
    ahead       decisions that stand and whose first day lies in a later academic year than the meeting
    span        two days are in one span of a count where it counts the same admissions on both: the academic year, the term
    then        the facts of the first day by all that is recorded up to now: who is decided for that span already is counted
    in the way  bars and limits that read a count of another span then, and fire, have no room for the pupil or cannot tell

Rules that read no such count are not asked: what is free by then in a year group, nobody knows yet. It records nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from panel import events as ev
from panel.deciding.casework import Evaluate, as_admission, full, has_left, left, quota_limits
from panel.facts.candidates import MeetingFacts, meeting_facts
from panel.facts.counts import school_named, tally
from panel.state.fold import fold
from panel.state.records import Recorded, State
from panel.state.schooldays import Terms, academic_year
from panel.state.year_groups import year_group_on
from rules.book import Count, Rulebook
from rules.reach import named_by, reach_of


def new_year(state: State, agenda: Sequence[str], on: dt.date, highest: int) -> Iterator[str]:
    """What the chair should hear when a meeting opens: who moved up, and who is decided for a later academic year already.

    Who is beyond the `highest` year group is held, and told so elsewhere.
    """
    made = {name: state.referrals[name].made for name in agenda}
    years = {name: (one.year_group, year_group_on(one, on)) for name, one in made.items()}
    moved = [f"{name} was in year {then} and is in year {now}" for name, (then, now) in years.items() if then != now <= highest]
    if moved:
        yield f"A new academic year has begun since they were referred: {'; '.join(moved)}."
    later = [f"{name} at {school_named(state, urn)} from {starts}" for name, urn, starts in _later(state, on)]
    if later:
        yield f"Decided already for a later academic year, and counted in that one: {'; '.join(later)}."


def _later(state: State, on: dt.date) -> Iterator[tuple[str, str, dt.date]]:
    for name, held in state.referrals.items():
        decision = held.decision if held.status == "decided" else None
        if decision is None or decision.school is None or decision.starts is None:
            continue
        if academic_year(decision.starts) > academic_year(on):
            yield name, decision.school, decision.starts


# --- what a first day comes to ---


@dataclass(frozen=True, slots=True)
class Then:
    """What stands in the way of one pupil at one school on the first day: bars and limits by their ids.

    `never` says why it cannot be at all: the pupil will have left the year groups of the book, or the school can receive nobody.
    """

    rules: tuple[str, ...] = ()
    never: str = ""


def in_the_way(
    record: Sequence[Recorded], rulebook: Rulebook, evaluate: Evaluate, *, referral: str, school: str, on: dt.date, starts: dt.date
) -> Then:
    """What stands in the way on the first day although it did not on the meeting's; nothing where both lie in one span of every count.

    Raises `Refused` where an admission in the record does not say enough to be counted.
    """
    if not _may_differ(rulebook, on, starts):
        return Then()
    state = fold(record, as_of=starts)
    counts = _of_another_span(state, rulebook, on, starts)
    if not counts and academic_year(starts) <= academic_year(on):
        return Then()
    facts = _facts(state, (referral,), rulebook, evaluate, starts)
    urn = state.successors.get(school, school)
    if left(facts.referrals[referral]):
        return Then(never=f"on {starts} the pupil {has_left(facts.referrals[referral])}")
    if urn not in facts.schools:
        return Then(never=f"on {starts} {school_named(state, urn)} can receive nobody. Name another first day, or another school.")
    reading = evaluate.pair(facts.pair_row(referral, urn))
    points = evaluate.admission(as_admission(facts.referrals[referral])).points
    found = (*reading.firing("bar"), *full(reading, rulebook, points))
    doubts = (finding.rule for kind in ("bar", "limit") for finding in reading.cannot_tell(kind))
    reading_them = _reading(rulebook, counts)
    return Then(tuple(dict.fromkeys(rule for rule in (*found, *doubts) if rule in reading_them)))


def beyond_quota(record: Sequence[Recorded], rulebook: Rulebook, evaluate: Evaluate, decision: ev.DecisionTaken) -> Iterator[str]:
    """A sentence for each quota that its school is beyond by then, with a decision that is recorded."""
    if decision.starts is None or decision.school is None or not _may_differ(rulebook, decision.on, decision.starts):
        return
    state = fold(record, as_of=decision.starts)
    counts = {count.id for count in _of_another_span(state, rulebook, decision.on, decision.starts)}
    quotas = {n for n, one in enumerate(rulebook.objectives) if one.name == "quota" and one.count in counts}
    if not quotas:
        return
    facts = _facts(state, (decision.referral,), rulebook, evaluate, decision.starts)
    urn = state.successors.get(decision.school, decision.school)
    for (n, where, year), limit in quota_limits(facts, rulebook, evaluate).items():
        taken = facts.taken(rulebook.objectives[n], where, year) if where == urn and n in quotas else None
        if taken is not None and isinstance(limit, int) and taken > limit and year in (None, _year(facts, decision.referral)):
            part = "" if year is None else f" in year {year}"
            yield (
                f"{decision.referral}: on {decision.starts} {school_named(state, urn)} then has {taken}{part} of the count "
                f"{rulebook.objectives[n].count}, beyond its quota of {limit}."
            )


def _year(facts: MeetingFacts, referral: str) -> object:
    return facts.referrals[referral]["referral.year_group"]


def _facts(state: State, referrals: tuple[str, ...], rulebook: Rulebook, evaluate: Evaluate, on: dt.date) -> MeetingFacts:
    return meeting_facts(state, referrals, rulebook, tally(state, rulebook, evaluate.admission, on), on)


def _may_differ(rulebook: Rulebook, on: dt.date, starts: dt.date) -> bool:
    """Whether a first day may be in another span of anything than the meeting: seen without the record, for most are not."""
    return academic_year(starts) > academic_year(on) or (starts > on and any(count.over.kind == "term" for count in rulebook.counts))


def _of_another_span(state: State, rulebook: Rulebook, on: dt.date, starts: dt.date) -> tuple[Count, ...]:
    """The counts of the book that begin anew between the meeting and the first day."""
    terms = Terms.of(state.terms)
    anew = {
        "academic_year": academic_year(on) != academic_year(starts),
        "term": terms.term_of(on) != terms.term_of(starts),
    }
    return tuple(count for count in rulebook.counts if anew.get(count.over.kind, False))


def _reading(rulebook: Rulebook, counts: Sequence[Count]) -> frozenset[str]:
    """The bars and limits that read one of these counts, as a fact of a school, a year group, the home school or the panel."""
    names = frozenset[str]().union(*map(named_by, counts))
    return frozenset(one.id for one in reach_of(rulebook) if one.kind in ("bar", "limit") and names & one.facts.keys())
