"""What a new academic year changes for a meeting, and what a first day that lies beyond the span of a count comes to on that day.

    moved up    pupils of the agenda who are of another year group than on the day of the referral
    ahead       decisions that stand and whose first day lies in a later academic year than the meeting
    span        two days are in one span of a count where it counts the same admissions on both: the academic year, the term
    then        the facts of the first day by all that is recorded up to now: who is decided for that span already is counted
    weight      what the placement will weigh: in the year group of the first day, and out of education for the days up to the decision
    in the way  bars and limits that read a count of another span then, or, where the pupil is in another year group by then, go by
                what it weighs, and fire, have no room for the pupil or cannot tell

Other rules are not asked: what is free by then in a year group, nobody knows yet. It records nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from panel import events as ev
from panel.deciding.casework import Evaluate, full, has_left, left
from panel.deciding.levels import quota_limits
from panel.deciding.seated import seated_at
from panel.facts.beforehand import as_admission
from panel.facts.candidates import MeetingFacts, meeting_facts
from panel.facts.counts import tally
from panel.facts.doubts import school_named
from panel.state.fold import fold
from panel.state.records import Recorded, Referral, State
from panel.state.schooldays import Terms, academic_year
from panel.state.year_groups import year_group_on
from rules.book import Count, Rulebook
from rules.evaluate import AdmissionReading
from rules.facts import POINTS, Value
from rules.reach import named_by, reach_of, reads_points


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
    weight = _weight(facts, state.referrals[referral], rulebook, evaluate, on)
    reading = evaluate.pair(_weighing_so(facts.pair_row(referral, urn), weight, rulebook))
    seated = seated_at(urn, facts, rulebook, referral, weight.points)
    found = (*reading.firing("bar"), *(limit for limit in full(reading, rulebook, weight.points) if limit not in seated))
    doubts = [finding.rule for kind in ("bar", "limit") for finding in reading.cannot_tell(kind)]
    if weight.known_points is None:
        doubts += [limit.id for limit in rulebook.limits if limit.weigh == "points" and reading.room.get(limit.id) is not None]
    asked = _reading(rulebook, counts) | (_weighing(rulebook) if _moved_up(state, referral, on, starts) else frozenset())
    return Then(tuple(dict.fromkeys(rule for rule in (*found, *doubts) if rule in asked)))


def _moved_up(state: State, referral: str, on: dt.date, starts: dt.date) -> bool:
    """Whether the pupil is in another year group on the first day: nothing else of what it weighs changes until then."""
    made = state.referrals[referral].made
    return year_group_on(made, on) != year_group_on(made, starts)


def _weight(facts: MeetingFacts, held: Referral, rulebook: Rulebook, evaluate: Evaluate, on: dt.date) -> AdmissionReading:
    """What a placement from the day of the facts will be in the record, decided on a day."""
    since = held.case.out_of_education_since
    row = {name: value for name, value in facts.referrals[held.made.referral].items() if name != "referral.days_out_of_education"}
    if since is not None and since <= on:
        row["referral.days_out_of_education"] = (on - since).days
    return evaluate.admission(as_admission(row, rulebook))


def _weighing_so(row: Mapping[str, Value], weight: AdmissionReading, rulebook: Rulebook) -> dict[str, Value]:
    """The facts of a pair with what the placement will weigh, where a rule of the book asks it."""
    if not reads_points(rulebook):
        return dict(row)
    told = {} if weight.known_points is None else {POINTS: weight.known_points}
    return {**{name: value for name, value in row.items() if name != POINTS}, **told}


def beyond_quota(record: Sequence[Recorded], rulebook: Rulebook, evaluate: Evaluate, decision: ev.DecisionTaken) -> Iterator[str]:
    """A sentence for each quota that its school is beyond by then, with a decision that is recorded."""
    if decision.starts is None or decision.school is None or not _may_differ(rulebook, decision.on, decision.starts):
        return
    state = fold(record, as_of=decision.starts)
    counts = {count.id for count in _of_another_span(state, rulebook, decision.on, decision.starts)}
    if _moved_up(state, decision.referral, decision.on, decision.starts):
        counts |= {count.id for count in rulebook.counts if count.weigh == "points"}
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
    """The counts of the book that look back from another year or term on the first day than at the meeting."""
    terms = Terms.of(state.terms)
    anew = {
        **dict.fromkeys(("academic_year", "academic_years"), academic_year(on) != academic_year(starts)),
        "term": terms.term_of(on) != terms.term_of(starts),
    }
    return tuple(count for count in rulebook.counts if anew.get(count.over.kind, False))


def _reading(rulebook: Rulebook, counts: Sequence[Count]) -> frozenset[str]:
    """The bars and limits that read one of these counts, as a fact of a school, a year group, the home school or the panel."""
    names = frozenset[str]().union(*map(named_by, counts))
    return frozenset(one.id for one in reach_of(rulebook) if one.kind in ("bar", "limit") and names & one.facts.keys())


def _weighing(rulebook: Rulebook) -> frozenset[str]:
    """The bars and limits that go by what the pupil weighs."""
    asked = (
        {one.id for one in reach_of(rulebook) if one.kind in ("bar", "limit") and POINTS in one.facts} if reads_points(rulebook) else set()
    )
    return frozenset(asked | {limit.id for limit in rulebook.limits if limit.weigh == "points"})
