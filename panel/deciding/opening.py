"""What a meeting freezes when it opens: the agenda, the edition in force, the facts; and who is settled in it later on.

All of it follows from the entries before the opening, so that a replay can work it out again. It writes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from panel import events as ev
from panel.canonical import canonical, digest
from panel.deciding.casework import Evaluate, left
from panel.facts.candidates import MeetingFacts, meeting_facts, receiving
from panel.facts.counts import tally
from panel.facts.journeys import estimate
from panel.facts.referral_facts import PAST, SEVERAL
from panel.state.fold import fold
from panel.state.records import Meeting, Recorded, State
from panel.state.year_groups import under
from rules.book import Rulebook
from rules.facts import AS_AN_ADMISSION, SUITED_TO
from rules.reach import facts_named, read_of_admissions


def agenda(record: Sequence[Recorded], on: dt.date) -> tuple[str, ...]:
    """Every referral made by the day and not withdrawn, declined or decided, neither on that day nor by what was recorded since."""
    return _waiting(fold(record), fold(record, as_of=on))


def _waiting(now: State, then: State) -> tuple[str, ...]:
    return tuple(name for name, held in then.referrals.items() if held.status == "waiting" and now.referrals[name].status == "waiting")


def agenda_digest(meeting: int, on: dt.date, referrals: Sequence[str], rulebook: Rulebook) -> str:
    """What the draw binds itself to: H("pastoral/agenda/1\\n" + canonical{agenda, meeting, on, rulebook})."""
    frozen = {"agenda": list(referrals), "meeting": meeting, "on": on.isoformat(), "rulebook": rulebook.digest}
    return digest("pastoral/agenda/1", canonical(frozen))


def facts_on(
    record: Sequence[Recorded],
    referrals: tuple[str, ...],
    rulebook: Rulebook,
    evaluate: Evaluate,
    on: dt.date,
    also: Iterable[int] = (),
    *,
    meaning: int = ev.SEMANTICS,
) -> MeetingFacts:
    """The facts of a meeting as the record shows them on its day, under a meaning of the rules; of the year groups in `also` too."""
    state = under(meaning, fold(record, as_of=on))
    return meeting_facts(state, referrals, rulebook, tally(state, rulebook, evaluate.admission, on), on, also, meaning=meaning)


def holds_now(
    record: Sequence[Recorded], referral: str, rulebook: Rulebook, evaluate: Evaluate, opened: ev.MeetingOpened
) -> tuple[str, ...]:
    """The holds that fire or cannot tell for a referral by everything recorded up to now, also what became so after the meeting's day."""
    state, on = under(opened.semantics, fold(record)), opened.on
    counts = tally(state, rulebook, evaluate.admission, on)
    facts = meeting_facts(state, (referral,), rulebook, counts, on, meaning=opened.semantics, among=opened.agenda)
    reading = evaluate.referral(facts.referral_row(referral))
    own = (finding.rule for finding in (*reading.fires("hold"), *reading.cannot_tell("hold")))
    return (*left(facts.referrals[referral]), *own)


# What the program itself reads, whatever the book: the scope of rules, shares, journeys, room, and what a placement counts as.
ALWAYS_FROZEN: Final = frozenset(
    {
        *("panel.meets_on", "referral.kind", "referral.permanently_excluded", "referral.year_group", "referral.suited_to"),
        *("referral.waiting", "referral.ehcp", "referral.looked_after", "referral.behaviour_is_primary_need"),
        *("school.name", "school.setting", "school.roll"),
        *("year.pan", "year.on_roll", "candidate.rank", "candidate.metres", "candidate.quoted_pence"),
    }
)


def frozen_names(rulebook: Rulebook) -> frozenset[str]:
    """The facts that an opening freezes: those that the book reads and no others.

    So a fact that a later version of this program knows changes nothing in what an older meeting froze: not even where the book has had
    something of its own under that name, which it derives.
    """
    derived = {one.fact.name for one in rulebook.derived}
    counts = {f"{'year' if count.per == 'year_group' else 'school'}.{count.id}" for count in rulebook.counts}
    weighed = read_of_admissions(rulebook)
    return ALWAYS_FROZEN | counts | (facts_named(rulebook) - derived) | {name for name, to in AS_AN_ADMISSION.items() if to in weighed}


def as_frozen(facts: MeetingFacts, rulebook: Rulebook) -> MeetingFacts:
    """What an opening keeps of a meeting's facts; of a pupil whom several kinds of setting suit, also which; and who is too old."""
    kept = facts.only(frozen_names(rulebook))
    more = {
        name: {fact: value for fact, value in facts.referrals[name].items() if fact in SEVERAL}
        for name, row in kept.referrals.items()
        if SUITED_TO not in row
    }
    for name, row in facts.referrals.items():
        if row.get(PAST):
            more[name] = {**more.get(name, {}), PAST: True}
    return replace(kept, referrals={name: {**row, **more.get(name, {})} for name, row in kept.referrals.items()}) if more else kept


def freeze(
    record: Sequence[Recorded],
    rulebook: Rulebook,
    evaluate: Evaluate,
    *,
    meeting: int,
    on: dt.date,
    chair: str,
    chair_of: str | None = None,
    meaning: int = ev.SEMANTICS,
) -> ev.MeetingOpened:
    """The opening of a meeting, from the entries before it, under a meaning of the rules. `chair_of` is the school that has the chair."""
    then = under(meaning, fold(record, as_of=on))
    referrals = _waiting(fold(record), then)
    counts = tally(then, rulebook, evaluate.admission, on)
    facts = as_frozen(meeting_facts(then, referrals, rulebook, counts, on, meaning=meaning), rulebook)
    return ev.MeetingOpened(
        meeting=meeting,
        on=on,
        chair=chair,
        chair_of=chair_of,
        agenda=referrals,
        agenda_digest=agenda_digest(meeting, on, referrals, rulebook),
        rulebook=rulebook.name,
        edition=rulebook.edition,
        rulebook_digest=rulebook.digest,
        semantics=meaning,
        cases=facts.cases(),
        shared=facts.shared(),
    )


def estimates(record: Sequence[Recorded], on: dt.date) -> tuple[ev.JourneysRecorded, ...]:
    """Estimates for the pairs of the agenda that have no journey yet, where home and school are known."""
    state = fold(record, as_of=on)
    made = []
    for name in agenda(record, on):
        referral = state.referrals[name]
        missing = [
            estimate((referral.case.easting, referral.case.northing), school)
            for urn, school in receiving(state, on).items()
            if urn not in state.journeys.get(referral.made.pupil, {})
        ]
        journeys = tuple(journey for journey in missing if journey is not None)
        if journeys:
            made.append(ev.JourneysRecorded(pupil=referral.made.pupil, case=ev.JourneyRows(journeys=journeys)))
    return tuple(made)


@dataclass(frozen=True, slots=True)
class Settled:
    """What the panel has already settled in a meeting: `fixed` referral -> URN, and those that are `absent` from the placement."""

    fixed: dict[str, str]
    absent: frozenset[str]


def settled(state: State, meeting: Meeting) -> Settled:
    """Confirmed and overridden pupils stay where the panel put them; deferred, declined and withdrawn ones are left out."""
    fixed: dict[str, str] = {}
    absent: set[str] = set()
    for name in meeting.opened.agenda:
        decision = meeting.decisions.get(name)
        if state.referrals[name].withdrawn or (decision is not None and decision.school is None):
            absent.add(name)
        elif decision is not None and state.referrals[name].status == "decided":
            fixed[name] = str(decision.school)
        elif decision is not None:
            absent.add(name)  # the receiving school did not agree: the case goes to the next agenda
    return Settled(fixed, frozenset(absent))
