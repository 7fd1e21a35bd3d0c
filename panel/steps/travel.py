"""Steps about travel: what was claimed, what a routing server measured, and an academic year's travel put together.

It asks the rules what they said at each meeting, and works nothing out itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from panel import events as ev
from panel.costs.routing import Server, Walk, walks
from panel.costs.transport import Earlier, TravelYear, Trip, as_now, claimed, earlier, lawful, perhaps, travel_year, trip
from panel.deciding.casework import unquoted
from panel.errors import Refused
from panel.facts.candidates import MeetingFacts, receiving
from panel.facts.entitlement import Entitlement, Traveller, entitlement
from panel.order.claims import against
from panel.state.fold import fold
from panel.state.records import Meeting, Referral, State
from panel.state.schooldays import academic_year
from panel.state.stays import Stay, stays
from panel.state.year_groups import year_group_on
from panel.steps.meeting import casework_of, rulebook_of
from panel.steps.office import Office, referral_of
from rules.book import Rulebook
from rules.phrases import listed
from rules.reach import facts_named


def claim(office: Office, *, referral: str, pence: int, first: dt.date, last: dt.date, on: dt.date | None = None) -> ev.TransportClaimed:
    """Record what was claimed for the way to the school of a decision, for days that nobody claimed before."""
    made = referral_of(office.state, referral)
    if why := against(office.state.referrals[referral], first, last):
        raise Refused(f"{why}.")
    until = stays(office.state)[referral].until
    if until is not None and last > until:
        raise Refused(f"until: found {last}; wanted {until} or earlier, the last day of {referral} at {_school(office, referral)}.")
    event = ev.TransportClaimed(referral=referral, pupil=made.pupil, on=on or last, pence=pence, first=first, last=last)
    office.write(event)
    return event


def _school(office: Office, referral: str) -> str:
    decision = office.state.referrals[referral].decision
    return str(decision.school) if decision else ""


def year_of_travel(office: Office, year: int, as_of: dt.date) -> TravelYear:
    """Every placement that begins in the academic year and still stands on the day, with what else was lawful at its meeting; and
    those of earlier years that go on."""
    state = fold(office.record, as_of=as_of)
    placed = stays(state)
    trips = tuple(_trips(office, state, placed, year, as_of))
    here = {one.referral for one in trips}
    before = tuple(_earlier(office, state, placed, year, as_of))
    others = ((name, claimed(held, year, as_of)) for name, held in state.referrals.items() if name not in here)
    return travel_year(
        year,
        trips,
        state.budgets.get(year),
        before=before,
        other_claims=((name, pence) for name, pence in others if pence),
    )


def _trips(office: Office, state: State, stay: Mapping[str, Stay], year: int, as_of: dt.date) -> Iterator[Trip]:
    for meeting in state.meetings:
        here = [held for held in state.referrals.values() if _of(held, meeting, year)]
        if not here:
            continue
        casework, rulebook = casework_of(office, meeting)
        facts = MeetingFacts.frozen(meeting.opened, rulebook)
        # As the panel placed them there, whatever became of it since, and by the schools' numbers of that day.
        placed = {name: decision.school for name, decision in meeting.decisions.items() if decision.school is not None}
        for held in here:
            name = held.made.referral
            urns = casework.hearings[name].verdicts if name in casework.hearings else ()
            unknown = {urn for urn in urns if unquoted(rulebook, facts.pair_row(name, urn))}
            open_to = lawful(casework, name, placed[name], placed)
            costs = as_now({urn: None if urn in unknown else open_to[urn] for urn in open_to}, placed[name], state.successors)
            school = state.successors.get(placed[name], placed[name])
            if name in casework.hearings:
                doubtful = (state.successors.get(urn, urn) for urn in perhaps(casework, name, placed))
                entitled = entitlement(traveller(state, held), school, costs, doubtful)
            else:
                entitled = Entitlement(None, (), ("the case: it was erased",), ())
            pence = held.decision.transport_pence if held.decision and placed[name] not in unknown else None
            yield trip(held, stay[name], pence, costs, entitled, year, as_of)


def _earlier(office: Office, state: State, placed: Mapping[str, Stay], year: int, as_of: dt.date) -> Iterator[Earlier]:
    """The placements of earlier years that go on; what one costs is unknown where no cost was recorded and its book had no charges."""
    then = _Then(office, {one.number: one for one in state.meetings})
    for name, stay in placed.items():
        held = state.referrals[name]
        decision = held.decision
        if decision is None or decision.school is None or (found := earlier(held, stay, year, as_of)) is None:
            continue
        yield replace(found, committed=None, falls=None) if then.unquoted(name, decision) else found


@dataclass(frozen=True, slots=True)
class _Then:
    """What each meeting froze, read once."""

    office: Office
    meetings: Mapping[int, Meeting]
    frozen: dict[int, tuple[MeetingFacts, Rulebook]] = field(default_factory=dict)

    def unquoted(self, referral: str, decision: ev.DecisionTaken) -> bool:
        """Whether the meeting that decided a referral reckoned the way to its school at nothing, as nobody had said what it costs."""
        opened = self.meetings[decision.meeting]
        if decision.meeting not in self.frozen:
            rulebook = rulebook_of(self.office, opened)
            self.frozen[decision.meeting] = MeetingFacts.frozen(opened.opened, rulebook), rulebook
        facts, rulebook = self.frozen[decision.meeting]
        school = opened.decisions[referral].school  # by its number of that day
        there = school is not None and school in facts.candidates.get(referral, {})
        return there and unquoted(rulebook, facts.pair_row(referral, str(school)))


def costs_recorded(office: Office, state: State) -> Callable[[Referral], int | None]:
    """What each decision recorded that the journey costs; None where the meeting reckoned it at nothing as nobody had said it."""
    then = _Then(office, {one.number: one for one in state.meetings})

    def cost(held: Referral) -> int | None:
        return None if held.decision is None or then.unquoted(held.made.referral, held.decision) else held.decision.transport_pence

    return cost


def counted_as_nothing(office: Office, state: State, rulebook: Rulebook, on: dt.date) -> str:
    """Which placements of a day's academic year add nothing to what is spent, only as nobody recorded what they cost; nothing where there
    are none, or the book does not go by what is spent."""
    if SPENT not in facts_named(rulebook):
        return ""
    then = _Then(office, {one.number: one for one in state.meetings})
    here = [one for one in state.admissions if one.by_panel and academic_year(one.on) == academic_year(on) and not one.pence_per_year]
    before = sum(one.referral is None for one in here)
    names = [one.referral for one in here if one.referral is not None and _unknown(then, state, one.referral)]
    said = [*names, *([f"{before} from before the record"] if before else [])]
    many = len(names) + before
    placements = "1 placement" if many == 1 else f"{many} placements"
    return (
        f"No cost of travel is recorded for {placements} of this academic year, which {SPENT} counts as nothing: {listed(said)}."
        if said
        else ""
    )


def _unknown(then: _Then, state: State, referral: str) -> bool:
    decision = state.referrals[referral].decision
    return decision is not None and (decision.transport_pence is None or then.unquoted(referral, decision))


SPENT: Final = "panel.transport_spent_pence"


def _of(held: Referral, meeting: Meeting, year: int) -> bool:
    """Whether a referral was decided at the meeting, still is, and begins in the academic year."""
    decision = held.decision
    if held.status != "decided" or decision is None or decision.meeting != meeting.number or decision.starts is None:
        return False
    return academic_year(held.started or decision.starts) == year


def traveller(state: State, held: Referral) -> Traveller:
    """What bears on a pupil's travel to the school that was decided, as it is recorded: of the first day there."""
    case, decision = held.case, held.decision
    year_group = year_group_on(held.made, held.started or (decision and decision.starts) or held.made.made_on)
    return Traveller(year_group, case.low_income, case.cannot_walk, state.journeys.get(held.made.pupil, {}))


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured for one referral: how many ways, and the settings to which none was, with the reason."""

    referral: str
    ways: int
    without: Mapping[str, str]


def measure(office: Office, server: Server, *, referrals: Sequence[str] = (), again: bool = False) -> tuple[Measured, ...]:
    """Measure the ways on foot of pupils whose home is recorded, and record them all in one step.

    Those of the referrals named, or of every waiting one: to each setting that can receive and whose position is recorded,
    where nobody has measured yet, or `again`. What else a journey says (a cost, a safe way) stays. Raises `RoutingError`.
    """
    state = office.state
    named = tuple(dict.fromkeys(referrals)) or tuple(name for name, held in state.referrals.items() if held.status == "waiting")
    settings = {
        urn: (school.easting, school.northing)
        for urn, school in receiving(state, office.today()).items()
        if school.easting is not None and school.northing is not None
    }
    events: list[ev.Event] = []
    told: list[Measured] = []
    for name in named:
        made = referral_of(state, name)
        case, ways = state.referrals[name].case, state.journeys.get(made.pupil, {})
        wanted = {urn: point for urn, point in settings.items() if again or _unmeasured(ways.get(urn))}
        if case.easting is None or case.northing is None:
            told.append(Measured(name, 0, {"": "where the pupil lives is not recorded"}))
        elif wanted:
            found = walks(server, (case.easting, case.northing), wanted)
            rows = tuple(_way(urn, ways.get(urn), walk, server) for urn, walk in found.items() if isinstance(walk, Walk))
            told.append(Measured(name, len(rows), {urn: walk for urn, walk in found.items() if not isinstance(walk, Walk)}))
            if rows:
                events.append(ev.JourneysRecorded(pupil=made.pupil, case=ev.JourneyRows(journeys=rows)))
    if events:
        office.write(*events)
    return tuple(told)


def _unmeasured(way: ev.Journey | None) -> bool:
    return way is None or way.estimate or way.metres is None


def _way(urn: str, before: ev.Journey | None, walk: Walk, server: Server) -> ev.Journey:
    """The journey as it is measured now, with what else was recorded of it."""
    now = {"metres": walk.metres, "minutes": walk.minutes, "method": f"walked: OSRM, {server.profile}", "estimate": False}
    return (before or ev.Journey(urn=urn)).model_copy(update=now)
