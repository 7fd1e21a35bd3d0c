"""What is due, told: the words of each clock, what there is to do about it, and the answer of `due` as plain data.

It works out no day: that is `due.py`. No name of a pupil is known here.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Final

from panel.clocks.calendars import Deadline
from panel.clocks.deadlines import Asked, Timed
from panel.clocks.due import BookOf, Due, due, school_of_clock
from panel.events import RulebookAdopted
from panel.state.adoption import shelf_of
from panel.state.fold import fold
from panel.state.records import Meeting, Referral, State
from panel.steps.office import Office
from rules.book import Rulebook
from rules.facts import PAPER_EVENT, SUITED_TO

TO_DO: Final[Mapping[str, str]] = {
    "referral.accepted": "agree whether it is considered under the protocol",
    "referral.withdrawn": "pastoral withdraw {r} --on DATE --reason TEXT",
    "conversation.held": "the home school talks with the parents",
    "parent.agreed": "ask the parent: pastoral agree {r} --by parent --on DATE",
    "pupil.agreed": "ask the pupil: pastoral agree {r} --by pupil --on DATE",
    "home_school.agreed": "ask the home school: pastoral agree {r} --by home-school --on DATE",
    "education.stopped": "say since when: pastoral correct {r} --set out_of_education_since=DATE --reason TEXT",
    "education.started": "see that full-time education begins: pastoral education {r} --on DATE",
    "meeting.called": "tell the schools of the meeting: pastoral meeting invite --on DATE",
    "meeting.opened": "put it on an agenda: pastoral meeting open --date DATE --chair NAME",
    "meeting.closed": "pastoral meeting close",
    "decision.taken": "decide it at a meeting: pastoral decide {r} --confirm",
    "decision.deferred": "decide it at a meeting, or put it off: pastoral decide {r} --defer --reason TEXT",
    "decision.declined": "decide it at a meeting, or decline it: pastoral decide {r} --decline --reason TEXT",
    "family.told": "tell the family what was decided and why: pastoral tell {r} --on DATE",
    "family.agreed": "ask the family: pastoral accept {r} --by parent --on DATE",
    "partner.agreed": "ask who else must agree: pastoral accept {r} --by WHO --on DATE",
    "board.directed": "ask the governing board: pastoral board {r} --on DATE",
    "receiving_school.accepted": "ask the receiving school: pastoral accept {r} --by URN --on DATE",
    "receiving_school.refused": "ask the receiving school: pastoral accept or refuse {r} --by URN --on DATE",
    "direction.announced": "pastoral direct {r} --school URN --step announced --on DATE --reason TEXT",
    "direction.answered": "ask the school for its answer: pastoral direct {r} --school URN --step answered --on DATE --reason TEXT",
    "direction.referred": "pastoral direct {r} --school URN --step referred --on DATE --reason TEXT",
    "school.directed": "direct the school, or drop it: pastoral direct {r} --school URN --step directed --on DATE --reason TEXT",
    "school.admitted": "see that the school admits: pastoral direct {r} --school URN --step admitted --on DATE",
    "direction.dropped": "pastoral direct {r} --school URN --step dropped --on DATE --reason TEXT",
    "notice.given": "tell the parents in writing: pastoral notice {r} --on DATE",
    "placement.started": "see that the pupil starts, and record the first day: pastoral start {r} --on DATE",
    "placement.reviewed": "hold the review: pastoral review {r} --on DATE",
    "placement.extended": "pastoral extend {r} --on DATE --until DATE --reason TEXT",
    "placement.made_permanent": "pastoral permanent {r} --on DATE",
    "placement.broke_down": "pastoral break-down {r} --on DATE --reason TEXT",
    "placement.ended": "say how it ends: pastoral end {r} --as HOW --on DATE",
    "placement.not_taken_up": "say whether the place is taken up: pastoral start {r} --on DATE, or pastoral end {r} --as not-taken-up "
    "--on DATE",
    "transport.claimed": "pastoral transport claim {r} --pence N --from DATE --until DATE",
}
"""Event that a clock waits for -> what there is to do."""


def due_of(office: Office, as_of: dt.date, within: int) -> tuple[State, Due]:
    """What is due as of a day: the state of that day, and every clock by the edition of its case's decision, else of the day."""
    state = fold(office.record, as_of=as_of)
    return state, due(state, as_of, within, book_of=_books(office, state, as_of), evaluate=office.evaluation)


def _books(office: Office, state: State, as_of: dt.date) -> BookOf:
    meetings = {meeting.number: meeting for meeting in state.meetings}
    decided: dict[int, Rulebook] = {}

    def book_of(referral: Referral) -> Rulebook:
        if referral.decision is None:
            return office.rulebook(as_of)
        number = referral.decision.meeting
        if number not in decided:
            decided[number] = _then(office, state, meetings[number])
        return decided[number]

    return book_of


def _then(office: Office, state: State, meeting: Meeting) -> Rulebook:
    """The edition in force on a meeting's day, by those that were in the record when it opened."""
    before = (item.event for item in office.record if item.seq < meeting.opened_seq)
    editions = tuple(event for event in before if isinstance(event, RulebookAdopted))
    return shelf_of(editions).in_force(state.rulebook, meeting.on)


# --- words ---


def run_of(asked: Asked) -> str:
    """From what until what, and how soon."""
    times = (*((f"within {asked.within}",) if asked.within else ()), *((f"not before {asked.not_before}",) if asked.not_before else ()))
    said = ", ".join((f"from {' or '.join(asked.from_)} until {' or '.join(asked.until)}", *times))
    return f"{said} ({asked.words})" if asked.words else said


def source_of(asked: Asked) -> str:
    """Where it comes from: the instrument, with its paragraph where one is cited, and the book that says so."""
    instrument = f"{asked.authority.instrument}{f', {asked.authority.paragraph}' if asked.authority.paragraph else ''}"
    return f"{instrument} (rulebook {asked.book})" if asked.by == "clock" else instrument


def to_do(one: Timed, name: str = "") -> str:
    """What there is to do about a run that is open; `name` in place of its referral's."""
    if one.instead:
        return one.instead.replace("{r}", name or one.referral)  # it may quote a book, braces and all
    event = next((event for event in one.asked.until if event in TO_DO or event.startswith(PAPER_EVENT)), one.asked.until[0])
    if event.startswith(PAPER_EVENT):
        return f"ask for it: pastoral paper {name or one.referral} {event.removeprefix(PAPER_EVENT)} --on DATE"
    return TO_DO.get(event, f"see to {event}").format(r=name or one.referral)


def in_days(days: int | None, unit: str) -> str:
    """`1 school day`, `3 calendar days`; nothing where it cannot be told."""
    return "" if days is None else f"{days} {unit.removesuffix('s') if days == 1 else unit}"


def doubt(one: Timed) -> str:
    """Why it cannot be told, and what would help."""
    unsaid = ", ".join(fact for fact in one.missing if fact != SUITED_TO)
    several = f"several kinds of setting will do, and the clock asks by {SUITED_TO}, which names one" if SUITED_TO in one.missing else ""
    if unsaid or several:
        return "; ".join(part for part in (f"nobody has said {unsaid}" if unsaid else "", several) if part)
    left = f"; {in_days(one.left, one.unit)} are left" if one.left is not None and one.left > 0 else ""
    return f"no terms are loaded from {one.untold} on{left}: pastoral load terms FILE"


# --- data ---


def answer(state: State, found: Due, *, settled: bool) -> dict[str, Any]:
    """`due --json`."""
    data: dict[str, Any] = {
        "panel": state.name,
        "as_of": found.as_of.isoformat(),
        "within": found.within,
        "late": _items(state, found.late),
        "next": _items(state, found.next),
        "too_early": _items(state, found.too_early),
        "cannot_tell": _items(state, found.cannot_tell),
        "look_at": [{"what": told.what, "referral": told.referral, "school": told.school, "say": told.say} for told in found.look_at],
        "terms_missing": [{"from": first.isoformat(), "to": last.isoformat()} for first, last in found.gaps],
    }
    return {**data, "settled": _items(state, found.settled)} if settled else data


def _items(state: State, some: Sequence[Timed]) -> list[dict[str, Any]]:
    return [_item(state, one) for one in some]


def _item(state: State, one: Timed) -> dict[str, Any]:
    asked = one.asked
    return {
        "referral": one.referral,
        "school": school_of_clock(state, one),
        "clock": asked.id,
        "by": asked.by,
        "standing": one.standing,
        "words": run_of(asked),
        "source": source_of(asked),
        "begun": {"event": one.begun.event, "on": one.begun.on.isoformat()} if one.begun else None,
        "until": list(asked.until),
        "met": {"event": one.met.event, "on": one.met.on.isoformat()} if one.met else None,
        "stopped": one.stopped,
        "due": _iso(one.due),
        "due_at_latest": _iso(one.due_at_latest),
        "not_before": _iso(one.earliest),
        "left": one.left,
        "late": one.late,
        "unit": one.unit,
        "falls_on": one.falls,
        "missing": list(one.missing),
        "no_terms_from": _iso(one.untold),
        "to_do": to_do(one) if one.open else None,
    }


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


def deadlines(state: State, found: Due) -> Iterator[Deadline]:
    """What is late and what comes next, for a calendar; a wait on the first day on which it is over.

    That a clock runs for a case may tell what is sealed of the child, by its condition, its paper or a day: of such a clock a calendar has
    nothing by which it would be known, and its event is named by the place among those of the referral.
    """
    closed: Counter[str] = Counter()
    for one in chain(found.late, found.next):
        on = one.due or one.earliest
        if on is None or one.begun is None:
            continue
        urn = school_of_clock(state, one) or ""
        where = f" ({state.schools[urn].name})" if urn in state.schools else ""
        wait = "" if one.due else "not before this day: "
        what = one.asked.id.replace("-", " ")
        more = "\n".join((run_of(one.asked), f"Source: {source_of(one.asked)}", f"To do: {to_do(one)}"))
        key: tuple[str, ...] = (one.referral, one.asked.by, one.asked.id, str(one.begun.seq), one.begun.event)
        if one.asked.sealed:
            closed[one.referral] += 1
            what, more, key = "a clock on what is sealed", SEALED_OF_A_CALENDAR, (one.referral, "sealed", str(closed[one.referral]))
        yield Deadline(key, on, f"{one.referral}: {wait}{what}{where}", more)


SEALED_OF_A_CALENDAR: Final = "Which one, and what there is to do, says pastoral due."
