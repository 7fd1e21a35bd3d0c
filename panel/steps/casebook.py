"""What the clerk records between meetings: files, referrals, agreements, votes, and the receiving school's answer.

Each function is one step: it looks at what is recorded, refuses what cannot be, and writes. It decides no placement.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from panel import events as ev
from panel.costs.moved import estimated_anew
from panel.errors import Refused
from panel.facts.rolls import occupied
from panel.intake import LOADERS, Known, Table, read_table
from panel.intake.cells import CellRefused
from panel.intake.known import Naming
from panel.intake.passed_over import passed_over
from panel.intake.places_of_cells import place_of
from panel.intake.schools import compare, unknown_ages, unknown_rolls, without_a_column
from panel.meetings.exemptions import too_long
from panel.state.open_cases import open_cases
from panel.state.records import Referral, State
from panel.state.schooldays import Terms
from panel.steps.office import Office, in_words, referral_of, school_of
from rules.audience import BY_EXCLUSION


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load recorded, or with `check` would record. `notes` are lines for the clerk."""

    what: str
    file: str
    rows: int
    events: tuple[ev.Event, ...]
    notes: tuple[str, ...]
    entries: int


def load(office: Office, what: str, path: Path, *, check: bool = False) -> Loaded:
    """Read a file and record all of it; with `check` only read it. Raises `IntakeError` with every bad row."""
    table = read_table(path)
    return _record(office, what, table, path.name, check=check)


def refer(office: Office, cells: Mapping[str, str]) -> Loaded:
    """One referral by hand, through the same reader as a file: column -> cell."""
    return _record(office, "referrals", Table.by_hand(cells), "", check=False)


def exclude(office: Office, cells: Mapping[str, str]) -> Loaded:
    """One permanent exclusion by hand, through the same reader as a file: column -> cell."""
    return _record(office, "exclusions", Table.by_hand(cells), "", check=False)


def _record(office: Office, what: str, table: Table, file: str, *, check: bool) -> Loaded:
    known = known_to(office)
    events: Sequence[ev.Event] = LOADERS[what](table, known)
    notes: tuple[str, ...] = ()
    if what == "schools":
        schools = [event for event in events if isinstance(event, ev.SchoolRecorded)]
        changing, notes = compare(known, schools)
        ways, moved = estimated_anew(office.state, changing)
        events = (*changing, *ways)
        told = (unknown_rolls(schools), unknown_ages(schools), without_a_column(table, known, schools))
        notes = (*notes, *moved, *filter(None, told))
    elif file and (said := passed_over(what, table)):
        notes = (said,)
    entries = () if check or not events else office.write(*events)
    return Loaded(what, file, len(table.rows), tuple(events), notes, len(entries))


def known_to(office: Office) -> Known:
    """What reading a file needs to know of the record."""
    state = office.state
    letters = office.shelf().letters(state.rulebook)
    return Known(
        schools=state.schools,
        referrals=frozenset(state.referrals),
        pupils=frozenset(r.made.pupil for r in state.referrals.values()),
        open_cases=open_cases(state.referrals),
        places=_places(state),
        taken={urn: taken for urn in state.schools if (taken := occupied(state, urn)) is not None},
        terms=state.terms,
        history=frozenset(key for a in state.admissions if a.by_panel for key in _keys(state, a.pupil, a.school, a.on)),
        admissions=frozenset(key for a in state.admissions if not a.by_panel for key in _keys(state, a.pupil, a.school, a.on)),
        exclusions=frozenset(
            key for e in (*state.exclusions, *(one.exclusion for one in state.reversals)) for key in _keys(state, e.pupil, e.school, e.on)
        ),
        categories=tuple(sorted(letters)) or None,
        rulebook=state.rulebook,
        year_groups=office.shelf().year_groups(state.rulebook),
        papers=tuple(sorted(office.shelf().papers(state.rulebook))),
        offers=tuple(sorted(office.shelf().offers(state.rulebook))),
        school_facts=office.shelf().school_facts(state.rulebook),
        naming=tuple(_naming(name, held) for name, held in state.referrals.items() if held.case.not_with or held.case.together_with),
    )


def _naming(name: str, held: Referral) -> Naming:
    waiting = held.case.together_with if held.status == "waiting" else None
    return Naming(name, held.made.pupil, held.case.not_with or (), waiting or ())


def _keys(state: State, pupil: str, urn: str, on: dt.date) -> Iterator[tuple[str, str, dt.date]]:
    """What must not be loaded twice: a pupil, a school and a day, by each URN that the school has had."""
    yield pupil, urn, on
    yield from ((pupil, before, on) for before, now in state.successors.items() if now == urn)


def _places(state: State) -> dict[str, ev.PlacesRecorded]:
    latest: dict[str, ev.PlacesRecorded] = {}
    for (urn, year_group), year in sorted(state.years.items()):
        row = ev.YearPlaces(year_group=year_group, pan=year.pan, on_roll=year.on_roll, looked_after=year.looked_after, ehcp=year.ehcp)
        before = latest.get(urn)
        if before is None or before.as_at < year.as_at:
            latest[urn] = ev.PlacesRecorded(urn=urn, as_at=year.as_at, years=(row,))
        elif before.as_at == year.as_at:
            latest[urn] = before.model_copy(update={"years": (*before.years, row)})
    return latest


# --- referrals ---


def agree(office: Office, *, referral: str, by: ev.Signatory, on: dt.date, withdrawn: bool = False) -> ev.Event:
    """The parent, the pupil or the home school signs agreement to look for a move, or takes it back."""
    held = _waiting(office.state, referral)
    if by == "home_school" and held.made.no_home_school:
        raise Refused(f"{referral} has no home school (home_school: none), so there is none to agree or to take an agreement back.")
    signed = held.agreements.get(by)
    who = by.replace("_", " ")
    if withdrawn and signed is None:
        raise Refused(f"The {who} has not agreed to {referral}, so there is no agreement to withdraw.")
    if not withdrawn and signed is not None:
        raise Refused(f"The {who} agreed to {referral} on {signed} already.")
    event: ev.Event = (ev.AgreementWithdrawn if withdrawn else ev.AgreementSigned)(referral=referral, by=by, on=on)
    office.write(event)
    return event


def paper(office: Office, *, referral: str, paper: str, on: dt.date, withdrawn: bool = False) -> tuple[ev.PaperRecorded, str]:
    """A paper that the rulebook names comes to the panel, or is taken back: the event, and the paper's name in the rulebook.

    Also of a case that was decided: what the home school is then to send may have a clock.
    """
    referral_of(office.state, referral)
    held = office.state.referrals[referral]
    if held.erased_by or held.status not in ("waiting", "decided"):
        said = f"{referral} is {'erased' if held.erased_by else held.status}"
        raise Refused(f"{said}; a paper is brought for a referral that is waiting or decided.")
    cell = known_to(office).paper()
    try:
        (name,) = cell.read(paper)
    except CellRefused as refusal:
        said = f"PAPER: found {place_of(cell).found(paper)}; wanted {refusal.wanted.partition(';')[0]}."
        raise Refused(f"{said} {refusal.advice}".rstrip()) from None
    here = held.papers.get(name, name in (held.case.papers or ()))
    if here and not withdrawn:
        raise Refused(f"The panel has the {name} of {referral} already.")
    if withdrawn and not here:
        raise Refused(f"The panel has no {name} of {referral}, so there is none to take back.")
    event = ev.PaperRecorded(referral=referral, pupil=held.made.pupil, on=on, case=ev.PaperCase(paper=name, here=not withdrawn))
    office.write(event)
    return event, name


def withdraw(office: Office, *, referral: str, on: dt.date, reason: str) -> ev.Event:
    """Take a referral back before it is decided."""
    held = _waiting(office.state, referral)
    event = ev.ReferralWithdrawn(referral=referral, pupil=held.made.pupil, on=on, case=in_words(reason))
    office.write(event)
    return event


def set_budget(office: Office, *, academic_year: int, pence: int) -> ev.Event:
    """What the authority means to spend on transport in the academic year that begins in a calendar year; a later word replaces it."""
    _not_below_nothing(pence)
    event = ev.BudgetSet(academic_year=academic_year, transport_pence=pence)
    office.write(event)
    return event


def set_fund(office: Office, *, financial_year: int, pence: int) -> ev.Event:
    """What the partnership has to share in the financial year that begins in a calendar year; a later word replaces it."""
    _not_below_nothing(pence)
    event = ev.FundSet(financial_year=financial_year, pence=pence)
    office.write(event)
    return event


def _not_below_nothing(pence: int) -> None:
    if pence < 0:
        raise Refused(f"--pence: found {pence}; wanted 0 or more.")


def exempt(
    office: Office,
    *,
    urn: str,
    year_group: int | None,
    first: dt.date,
    last: dt.date,
    reason: str,
    of: Sequence[str] = (),
    vote: ev.Votes | None = None,
) -> ev.ExemptionVoted:
    """A vote of the panel: the school, or one year group of it, receives nobody, or none of those in `of`, from a day to a day, both
    included.

    With `vote`, how the schools voted, it is the open meeting's, and refused where none is: nobody would judge it.
    """
    school_of(office.state, urn)
    if year_group is not None and year_group not in (years := office.shelf().year_groups(office.state.rulebook)):
        wanted = f"{years[0]} to {years[-1]}, the year groups of {office.state.rulebook}"
        raise Refused(f"--year-group: found {year_group}; wanted {wanted}.")
    if last < first:
        raise Refused(f"--until: found {last}, before --from {first}; wanted the same day or a later one.")
    if said := too_long(office.rulebook(first), first, last, Terms.of(office.state.terms)):
        raise Refused(said)
    meeting = office.state.open_meeting
    if vote is not None and meeting is None:
        raise Refused("How the schools voted is kept with the meeting at which they did, and none is open. Open it, or say no votes.")
    if set(of) >= BY_EXCLUSION.keys():
        raise Refused(f"--of: found {' and '.join(BY_EXCLUSION)}; wanted one of the two, or no --of for everybody.")
    whom = tuple(one for one in (*get_args(ev.Kind), *BY_EXCLUSION) if one in of)
    span = {"urn": urn, "year_group": year_group, "of": whom or None, "first": first, "last": last}
    of_meeting = {"meeting": meeting.number if vote and meeting else None, "votes": vote}
    event = ev.ExemptionVoted.model_validate({**span, **of_meeting, "case": in_words(reason)})
    office.write(event)
    return event


def accept(office: Office, *, referral: str, by: str, on: dt.date | None = None) -> ev.Event:
    """The receiving school agrees to the decision; by default on the meeting's day."""
    held, decision = _decided_for(office.state, referral, by, on)
    event = ev.SchoolAgreed(referral=referral, pupil=held.made.pupil, school=by, on=on or decision.on)
    office.write(event)
    return event


def refuse(office: Office, *, referral: str, by: str, reason: str, on: dt.date | None = None) -> ev.Event:
    """The receiving school does not agree: its count is taken back, and the case returns to the next agenda."""
    held, decision = _decided_for(office.state, referral, by, on)
    event = ev.SchoolRefused(referral=referral, pupil=held.made.pupil, school=by, on=on or decision.on, case=in_words(reason))
    office.write(event)
    return event


def _waiting(state: State, name: str) -> Referral:
    referral_of(state, name)
    held = state.referrals[name]
    if held.status != "waiting":
        gone = f" If the family does not take the place up: `pastoral end {name} --as not-taken-up --on DATE`."
        more = gone if held.status == "decided" and held.started is None else ""
        raise Refused(f"{name} is {held.status}; this is for a referral that is still waiting.{more}")
    return held


def _decided_for(state: State, name: str, urn: str, on: dt.date | None) -> tuple[Referral, ev.DecisionTaken]:
    referral_of(state, name)
    school_of(state, urn)
    held = state.referrals[name]
    if held.status != "decided" or held.decision is None:
        raise Refused(f"{name} is {held.status}; a school answers only to a decision.")
    if held.decision.school != urn:
        raise Refused(f"{name} was decided for {held.decision.school}, not for {urn}: only the receiving school answers.")
    if held.agreed_by_school:
        raise Refused(f"{urn} agreed to {name} already.")
    if held.started is not None:
        raise Refused(
            f"{name} started at {urn} on {held.started}: what fails now is a break-down (`pastoral break-down {name}`), not a refusal."
        )
    if on is not None and on < held.decision.on:
        raise Refused(f"{name}: found {on}; wanted {held.decision.on} or later, the day of the decision: nobody answers one before it.")
    return held, held.decision
