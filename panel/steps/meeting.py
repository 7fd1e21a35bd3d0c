"""One meeting, step by step: open, draw, allocate, decide, close.

Every step reads the record, settles what it has to, and is recorded whole or not at all. The rules, the placement and
its proof come from below; nothing here weighs one child or school against another, nor asks who was told of it or came.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from panel import events as ev
from panel.deciding.ahead import in_the_way
from panel.deciding.casework import Casework, Verdict, hear
from panel.deciding.chance import seed
from panel.deciding.decision import Decision, proposal, redecide
from panel.deciding.opening import agenda, estimates, freeze, holds_now, settled
from panel.deciding.word import over_number, set_aside, standing_fast
from panel.errors import Refused
from panel.facts.candidates import MeetingFacts
from panel.placing.placement import place
from panel.state.fold import fold
from panel.state.lifecycle import course_of, keeps_place
from panel.state.records import Meeting, Recorded, State
from panel.state.schooldays import academic_year
from panel.steps.agendas import kept_apart_by_a_rule, no_empty_share, one_case_each
from panel.steps.ballots import NOBODY_SAID, Ballot, Said, ballot
from panel.steps.office import Office, in_words, referral_of, school_of
from rules.book import Rulebook


def the_open_meeting(state: State) -> Meeting:
    """The meeting that is open. Raises `Refused` where none is."""
    meeting = state.open_meeting
    if meeting is not None:
        return meeting
    last = f" Meeting {state.meetings[-1].number} of {state.meetings[-1].on} is closed." if state.meetings else ""
    raise Refused(f"No meeting is open.{last} Open one with `pastoral meeting open --date YYYY-MM-DD --chair NAME`.")


def open_meeting(office: Office, *, on: dt.date, chair: str, chair_of: str | None = None) -> Meeting:
    """Open a meeting: record estimates for pairs without a journey, then freeze agenda, edition and facts."""
    state = office.state
    if chair_of is not None:
        school_of(state, chair_of)
    if not chair.strip():
        raise Refused("--chair: found nothing; wanted the name of whoever is in the chair.")
    if state.open_meeting is not None:
        open_now = state.open_meeting
        raise Refused(f"Meeting {open_now.number} of {open_now.on} is still open. Close it first with `pastoral meeting close`.")
    latest = max((held.on for held in state.meetings), default=on)
    if on < latest:
        raise Refused(f"--date: found {on}; wanted {latest} or later, the day of the latest meeting: its decisions have taken their seats.")
    if not state.schools:
        raise Refused("This panel has no schools yet. Load them first with `pastoral load schools FILE`.")
    within_loaded_terms(state, on, "the meeting's day")
    rulebook = office.rulebook(on)
    if not rulebook.objectives:
        raise Refused(f"The rulebook '{rulebook.name}' has no objectives: it is a layer to extend, and cannot decide by itself.")
    no_empty_share(state, rulebook, on)
    referrals = agenda(office.record, on)
    kept_apart_by_a_rule(state, rulebook, referrals)
    one_case_each(state, referrals)
    guesses = estimates(office.record, on)
    after = len(office.record)
    record = (*office.record, *(Recorded(after + n, "", guess) for n, guess in enumerate(guesses, start=1)))
    number = len(state.meetings) + 1
    opened = freeze(record, rulebook, office.evaluation(rulebook), meeting=number, on=on, chair=chair, chair_of=chair_of)
    office.write(*guesses, opened)
    return the_open_meeting(office.state)


def within_loaded_terms(state: State, day: dt.date, what: str) -> None:
    """Refuse a day outside every loaded term's academic year; a panel that has loaded no terms is not checked."""
    years = {academic_year(term.first) for term in state.terms}
    if years and academic_year(day) not in years:
        loaded = ", ".join(f"{year}-{(year + 1) % 100:02d}" for year in sorted(years))
        raise Refused(
            f"{what}: found {day}; wanted a day in an academic year whose terms are loaded ({loaded}). Load terms, or check the date."
        )


def draw(office: Office, *, words: Sequence[str]) -> Meeting:
    """Record the representatives' words and the seed that follows from them. Once for each meeting."""
    meeting = the_open_meeting(office.state)
    if meeting.drawn is not None:
        raise Refused(
            f"Meeting {meeting.number} was drawn already, with the words: {' '.join(meeting.drawn.words)}. There is one draw for a meeting."
        )
    if not words:
        raise Refused("--words: found nothing; wanted one or more words, one from each representative.")
    drawn = seed(meeting.opened.agenda_digest, words)
    office.write(ev.MeetingDrawn(meeting=meeting.number, on=meeting.on, words=tuple(words), seed=drawn))
    return the_open_meeting(office.state)


@dataclass(frozen=True, slots=True)
class Proposed:
    """A decision of the program, the book it was made under, and the entry that records it (None: a rehearsal)."""

    decision: Decision
    rulebook: Rulebook
    meeting: Meeting
    entry: int | None
    moved: tuple[str, ...] = ()


def rulebook_of(office: Office, meeting: Meeting) -> Rulebook:
    """The edition that the meeting froze when it opened, also where another was adopted for its day since."""
    return office.book_then(fold(office.record[: meeting.opened_seq - 1]), meeting.opened)


def as_it_stood(office: Office, meeting: Meeting) -> Sequence[Recorded]:
    """The record as far as a meeting knew it: up to the entry that closed it; all of it while it is open."""
    closing = (item.seq for item in office.record if isinstance(item.event, ev.MeetingClosed) and item.event.meeting == meeting.number)
    return office.record[: next(closing, len(office.record))]


def casework_of(office: Office, meeting: Meeting) -> tuple[Casework, Rulebook]:
    """What the rules say of the meeting's frozen facts, and the rules."""
    rulebook = rulebook_of(office, meeting)
    return hear(MeetingFacts.frozen(meeting.opened, rulebook), rulebook, office.evaluation(rulebook)), rulebook


def rehearse(office: Office, *, again: bool = True) -> Proposed:
    """The placement of the open meeting's agenda, certified, nothing recorded. Before the draw ties are ties."""
    state = office.state
    meeting = the_open_meeting(state)
    newest = meeting.proposals[-1] if meeting.proposals else None
    if newest is not None and not again:
        raise Refused(
            f"Entry {newest[0]} holds a proposal for meeting {meeting.number} already. To propose around what was decided since: --again."
        )
    rulebook = rulebook_of(office, meeting)
    decision = redecide(office.record, meeting, None, rulebook, evaluate=office.evaluation(rulebook), place=place)
    before = newest[1].placements if newest else {}
    moved = tuple(
        name
        for name in decision.problem.referrals
        if newest and name not in decision.case.fixed and decision.placing.get(name) != before.get(name)
    )
    return Proposed(decision, rulebook, meeting, None, moved)


def allocate(office: Office, *, again: bool = False) -> Proposed:
    """Propose placements for the open meeting and record them with their proof."""
    meeting = the_open_meeting(office.state)
    if meeting.drawn is None:
        raise Refused(
            f"Meeting {meeting.number} has not been drawn, so ties cannot be settled. "
            f"Draw first with `pastoral meeting draw --words ...`, or use --dry-run."
        )
    proposed = rehearse(office, again=again)
    (entry,) = office.write(proposal(proposed.decision, meeting.opened, proposed.rulebook))
    return Proposed(proposed.decision, proposed.rulebook, meeting, entry.seq, proposed.moved)


# --- the panel's word ---


def confirm(
    office: Office, *, referrals: Sequence[str], starts: dt.date | None = None, vote: Ballot = NOBODY_SAID
) -> tuple[ev.DecisionTaken, ...]:
    """The panel takes what was proposed for each referral named. All of them, or none: whatever stops one of them is told."""
    state, meeting = office.state, the_open_meeting(office.state)
    first_day = starts or meeting.on
    within_loaded_terms(state, first_day, "--starts")
    casework, rulebook = casework_of(office, meeting)
    facts = MeetingFacts.frozen(meeting.opened, rulebook)
    taken = dict(settled(state, meeting).fixed)
    decisions: list[ev.DecisionTaken] = []
    stopped: list[str] = []
    for name in dict.fromkeys(referrals):
        try:
            made = _undecided(state, meeting, name)
            seq, urn = _proposed_school(meeting, name)
            _not_held_since(office, meeting, name)
            _still_room(casework, taken, name, urn)
            _room_then(_in_the_way(office, meeting, rulebook, decisions, name, urn, first_day), name, urn, first_day)
        except Refused as why:
            stopped.append(why.message)
            continue
        taken[name] = urn
        decisions.append(
            ev.DecisionTaken(
                meeting=meeting.number,
                on=meeting.on,
                referral=name,
                pupil=made.pupil,
                outcome="confirmed",
                school=urn,
                starts=first_day,
                proposal=seq,
                transport_pence=casework.hearings[name].verdicts[urn].pence,
                over_number=over_number(facts, casework, taken, urn, casework.hearings[name].year_group),
                keeps_place=keeps_place(course_of(rulebook, made.referral_kind)),
                voted=vote.voted,
                votes=vote.votes,
            )
        )
    if stopped:
        others = f" Nothing was recorded, nor for {', '.join(one.referral for one in decisions)}: name again those that can be confirmed."
        raise Refused(" ".join(stopped) + (others if decisions else " Nothing was recorded." if len(stopped) > 1 else ""))
    office.write(*decisions)
    return tuple(decisions)


def override(
    office: Office, *, referral: str, school: str, reason: str, starts: dt.date | None = None, vote: Ballot = NOBODY_SAID
) -> ev.DecisionTaken:
    """The panel sends a pupil elsewhere than proposed, with its reason. A bar that may not be waived stands."""
    state, meeting = office.state, the_open_meeting(office.state)
    made = _undecided(state, meeting, referral)
    school_of(state, school)
    first_day = starts or meeting.on
    within_loaded_terms(state, first_day, "--starts")
    newest = meeting.proposals[-1] if meeting.proposals else None
    casework, rulebook = casework_of(office, meeting)
    then = _in_the_way(office, meeting, rulebook, (), referral, school, first_day)
    if newest is not None and newest[1].placements.get(referral) == school and not then:
        raise Refused(f"{school} is what was proposed for {referral}. Take it with `pastoral decide {referral} --confirm`.")
    _not_held_since(office, meeting, referral)
    verdict = casework.hearings[referral].verdicts.get(school)
    if verdict is None:
        raise Refused(f"School {school} could receive nobody when the meeting opened, so it cannot be chosen in it.")
    waived = _waived(verdict, casework.without_seat(referral, school, settled(state, meeting).fixed), then, rulebook, referral)
    decision = ev.DecisionTaken(
        meeting=meeting.number,
        on=meeting.on,
        referral=referral,
        pupil=made.pupil,
        outcome="overridden",
        school=school,
        starts=first_day,
        proposal=newest[0] if newest else None,
        transport_pence=verdict.pence,
        over_number=over_number(
            MeetingFacts.frozen(meeting.opened, rulebook),
            casework,
            {**settled(state, meeting).fixed, referral: school},
            school,
            casework.hearings[referral].year_group,
        ),
        keeps_place=keeps_place(course_of(rulebook, made.referral_kind)),
        voted=vote.voted,
        votes=vote.votes,
        case=ev.PanelsReason(reason=in_words(reason).reason, waived=waived),
    )
    office.write(decision)
    return decision


def put_off(office: Office, *, referral: str, outcome: ev.Outcome, reason: str, vote: Ballot = NOBODY_SAID) -> ev.DecisionTaken:
    """Defer a referral to the next meeting, or decline it, with the reason."""
    state, meeting = office.state, the_open_meeting(office.state)
    made = _undecided(state, meeting, referral)
    newest = meeting.proposals[-1][0] if meeting.proposals else None
    decision = ev.DecisionTaken(
        meeting=meeting.number,
        on=meeting.on,
        referral=referral,
        pupil=made.pupil,
        outcome=outcome,
        proposal=newest,
        voted=vote.voted,
        votes=vote.votes,
        case=ev.PanelsReason(reason=in_words(reason).reason),
    )
    office.write(decision)
    return decision


def close(office: Office) -> Meeting:
    """Close the open meeting. What is not decided comes to the next agenda."""
    meeting = the_open_meeting(office.state)
    office.write(ev.MeetingClosed(meeting=meeting.number, on=meeting.on))
    return next(closed for closed in office.state.meetings if closed.number == meeting.number)


def ballot_of(office: Office, said: Said) -> Ballot:
    """How the schools voted at the open meeting, where anybody says."""
    return ballot(office.state, the_open_meeting(office.state), said) if said else NOBODY_SAID


def _undecided(state: State, meeting: Meeting, name: str) -> ev.ReferralMade:
    made = referral_of(state, name)
    decision = meeting.decisions.get(name)
    if decision is not None:
        where = f" for {decision.school}" if decision.school else ""
        raise Refused(f"{name} was decided at this meeting already: {decision.outcome}{where}. Nothing is decided twice.")
    status = state.referrals[name].status
    if status != "waiting":
        raise Refused(f"{name} is {status}; only a waiting referral can be decided.")
    if name not in meeting.opened.agenda:
        raise Refused(
            f"{name} is not on the agenda of meeting {meeting.number}, which was frozen when it opened. It comes to the next one."
        )
    return made


def _proposed_school(meeting: Meeting, name: str) -> tuple[int, str]:
    if not meeting.proposals:
        raise Refused(f"Nothing is proposed yet for meeting {meeting.number}. Run `pastoral allocate` first.")
    seq, proposed = meeting.proposals[-1]
    if name in proposed.placements:
        return seq, proposed.placements[name]
    if name in proposed.held:
        raise Refused(f"{name} was held in the proposal, so there is nothing to confirm. Defer it, or see `pastoral explain {name}`.")
    raise Refused(
        f"{name} was left unplaced in the proposal, so there is nothing to confirm. Name a school with a reason, defer it, or decline it."
    )


def _not_held_since(office: Office, meeting: Meeting, name: str) -> None:
    """Refuse a case that a hold speaks of as things stand now: an agreement may have been taken back since the opening."""
    rulebook = rulebook_of(office, meeting)
    holds = holds_now(office.record, name, rulebook, office.evaluation(rulebook), meeting.opened)
    if holds:
        raise Refused(f"{name} is held by {', '.join(holds)}: the panel cannot decide it as things stand. See `pastoral explain {name}`.")


def _still_room(casework: Casework, taken: Mapping[str, str], name: str, urn: str) -> None:
    """Refuse a confirmation that an override since the proposal has left without a seat."""
    if full := casework.without_seat(name, urn, taken):
        raise Refused(
            f"{name}: the seat proposed at {urn} was given away at this meeting since ({', '.join(full)}). "
            f"Propose again with `pastoral allocate --again`."
        )


def _in_the_way(
    office: Office, meeting: Meeting, rulebook: Rulebook, before: Sequence[ev.DecisionTaken], name: str, urn: str, starts: dt.date
) -> tuple[str, ...]:
    """The rules in the way on the first day, beside what is recorded and the decisions `before` it. Refuse what then cannot be at all."""
    if meeting.opened.semantics == 1:
        return ()
    after = len(office.record)
    record = (*office.record, *(Recorded(after + n, "", one) for n, one in enumerate(before, start=1)))
    then = in_the_way(record, rulebook, office.evaluation(rulebook), referral=name, school=urn, on=meeting.on, starts=starts)
    if then.never:
        raise Refused(f"{name}: {then.never}")
    return then.rules


def _room_then(rules: Sequence[str], name: str, urn: str, starts: dt.date) -> None:
    """Refuse a confirmation whose first day is in another span of a count that by then leaves no room."""
    if rules:
        raise Refused(
            f"{name}: on {starts}, with all that is decided for then, {urn} is closed by {', '.join(rules)}. Name another first day with "
            f"--starts, propose elsewhere, defer it, or say why: `pastoral decide {name} --school {urn} --starts {starts} --reason TEXT`."
        )


def _waived(verdict: Verdict, full: Sequence[str], then: Sequence[str], rulebook: Rulebook, referral: str) -> tuple[str, ...]:
    standing = tuple(dict.fromkeys((*set_aside(verdict, full), *then)))
    if fast := standing_fast(standing, rulebook):
        raise Refused(
            f"{referral} cannot go to {verdict.urn}: {', '.join(fast)} may not be waived. "
            f"See `pastoral explain {referral} --why-not {verdict.urn}`."
        )
    return standing
