"""What changes about the schools of a panel: they merge, close, take another name or number, join and leave.

Each function is one step: it looks at what is recorded, refuses what cannot be, and writes. A meeting that is open goes by
what it froze; the next one by what is so on its day. What it means for counts, bars and shares is said in `succession.py`
and `part_year.py`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from panel import events as ev
from panel.errors import Refused
from panel.facts.candidates import receiving
from panel.order.entries import missteps
from panel.state.records import Recorded, State
from panel.steps.office import Office, school_of


def merge(office: Office, *, schools: Sequence[str], into: str, on: dt.date) -> ev.SchoolMerged:
    """Schools become one. The one that they become goes on, where it is among them; else it begins on that day."""
    merged = tuple(dict.fromkeys(schools))
    for urn in merged:
        _there(office.state, urn)
    if len(merged) < 2:
        raise Refused(
            "Name every school that takes part in the merger, two or more, the one that goes on too: "
            "`pastoral school merge URN URN --into URN --on DATE`. A school that only takes another number is converted."
        )
    _recorded(office.state, into)
    if into not in merged:
        _takes_no_part_yet(office.state, into)
    event = ev.SchoolMerged(urn=into, merged=merged, on=on)
    _write(office, event)
    return event


def convert(office: Office, *, urn: str, to: str, on: dt.date) -> ev.SchoolConverted:
    """A school goes on under another URN, as when it becomes an academy."""
    _there(office.state, urn)
    if urn == to:
        raise Refused(f"--to: found {to}, the school's own URN; wanted the new one.")
    _recorded(office.state, to)
    _takes_no_part_yet(office.state, to)
    event = ev.SchoolConverted(urn=to, before=urn, on=on)
    _write(office, event)
    return event


def rename(office: Office, *, urn: str, name: str, on: dt.date) -> ev.SchoolRenamed:
    """A school takes another name."""
    school = _there(office.state, urn)
    told = " ".join(name.split())
    if not told or len(told) > 200:
        raise Refused("--name: found nothing, or more than 200 characters; wanted the school's name.")
    if told == school.name:
        raise Refused(f"{urn} is called {told} already.")
    event = ev.SchoolRenamed(urn=urn, name=told, on=on)
    _write(office, event)
    return event


def close(office: Office, *, urn: str, on: dt.date) -> ev.SchoolClosed:
    """A school closes: from that day it receives nobody."""
    _there(office.state, urn)
    event = ev.SchoolClosed(urn=urn, on=on)
    _write(office, event)
    return event


def join(office: Office, *, urn: str, on: dt.date) -> ev.SchoolJoined:
    """A school joins the panel: from that day it receives, and takes its share."""
    _recorded(office.state, urn)
    _is_no_member(office.state, urn)
    event = ev.SchoolJoined(urn=urn, on=on)
    _write(office, event)
    return event


def leave(office: Office, *, urn: str, on: dt.date) -> ev.SchoolLeft:
    """A school leaves the panel: from that day it receives nobody through it."""
    _there(office.state, urn)
    event = ev.SchoolLeft(urn=urn, on=on)
    _write(office, event)
    return event


def still_unknown(state: State, urn: str, on: dt.date) -> tuple[str, ...]:
    """What has to be loaded of a school that goes on or begins, so that it can be considered: file and column."""
    school = receiving(state, on).get(urn)
    if school is None or school.setting != "mainstream":
        return ()
    lacking = ["its roll (`pastoral load schools`, NumberOfPupils)"] if school.roll is None else []
    if state.years and not any(place == urn for place, _ in state.years):
        lacking.append("its places (`pastoral load places`)")
    return tuple(lacking)


def _there(state: State, urn: str) -> ev.SchoolRecorded:
    """The school of that URN. Raises `Refused` where it is none of the panel's, or goes on as another."""
    school = school_of(state, urn)
    if urn in state.successors:
        raise Refused(f"{urn} goes on as {state.successors[urn]} already.")
    return school


def _recorded(state: State, urn: str) -> None:
    if urn not in state.schools:
        raise Refused(
            f"{urn} is not recorded yet: nobody knows its name, its ages or its roll. Load its row of the register first with "
            f"`pastoral load schools FILE`, and say then what becomes of it. Nothing was recorded."
        )


def _takes_no_part_yet(state: State, urn: str) -> None:
    """Refuse a school as the one that others become from a day, if it had pupils of its own: it goes on, and does not begin."""
    named = [admission.school for admission in state.admissions] + [one.school for one in state.exclusions]
    for held in state.referrals.values():
        named += [one for one in (held.made.home_school, held.made.excluded_by) if one is not None]
    if urn in named:
        raise Refused(
            f"{urn} has taken or sent pupils of its own, so it does not begin on that day. If others merge into it, name it among "
            f"them: `pastoral school merge {urn} URN --into {urn} --on DATE`."
        )


def _is_no_member(state: State, urn: str) -> None:
    """Refuse to let a school join that has taken part: it has been a member all the time."""
    if urn in state.members:
        return
    met = any(urn in (*held.invited, *held.attended) for held in state.meetings)
    if met or any(admission.referral is not None and admission.school == urn for admission in state.admissions):
        said = "it was asked to a meeting, or has taken a pupil whom the panel sent"
        raise Refused(f"{urn} has been a member all the time: {said}. It joins again only after it has left.")


def _write(office: Office, event: ev.OfSchool) -> None:
    """Record it, unless it cannot follow what was said of schools before."""
    after = len(office.record)
    wrong = [one for one in missteps((*office.record, Recorded(after + 1, "", event))) if one.seq > after]
    if wrong:
        told = "; ".join(dict.fromkeys(f"{one.what}: found {one.recorded}, wanted {one.wanted}" for one in wrong))
        raise Refused(f"{told}. Nothing was recorded.")
    office.write(event)
