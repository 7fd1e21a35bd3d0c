"""An entry that says something wrong is corrected by another that points at it: one step, looked at, then recorded whole.

What was wrong stays readable for ever; what is so from now on, and what was so on any day, is as it was corrected. A
decision is not corrected: it stands, and is flagged where it was made on facts that were wrong (`mistaken.py`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from panel import events as ev
from panel.errors import Refused
from panel.facts.journeys import METHOD
from panel.intake import Known
from panel.intake.again import read_again
from panel.intake.referrals import AGREEMENTS
from panel.meetings.exemptions import too_long
from panel.order.corrections import pupil_of
from panel.order.entries import missteps
from panel.state.corrections import CORRECTABLE, WHOSE, as_corrected, corrected, is_fixed, stacks
from panel.state.erasure import erasures
from panel.state.records import Recorded
from panel.state.schooldays import Terms
from panel.state.year_groups import as_said_on
from panel.steps.ballots import as_it_sits, named_beside
from panel.steps.casebook import known_to
from panel.steps.office import Office, in_words, referral_of

INSTEAD: Final[Mapping[type[ev.Event], str]] = {
    ev.PanelFounded: "a panel is founded once. Found another ledger with `pastoral init`",
    ev.RulebookAdopted: "an edition is replaced by another one. Adopt it with `pastoral rules adopt`",
    ev.BudgetSet: "the last word on a budget holds. Set it again with `pastoral budget set`",
    ev.FundSet: "the last word on a fund holds. Set it again with `pastoral budget fund`",
    ev.PaperRecorded: "the last word on a paper holds. Say it again with `pastoral paper`",
    ev.IdentityRecorded: "the newest identity holds. Load it again with `pastoral load identities`",
    ev.DecisionTaken: "a decision is not corrected: the panel decides anew, on a new referral. "
    "What it was decided on can be corrected, and the decision is then flagged",
    ev.SchoolRefused: "what a school answered is not corrected: the case came back by it",
    ev.ReferralWithdrawn: "a case that was withdrawn by mistake is referred again, under a reference of its own",
    ev.PersonErased: "what was erased is gone",
}
"""Kinds that are not corrected, and what to do."""

YEAR_GROUP: Final = "year_group"


@dataclass(frozen=True, slots=True)
class Change:
    """One correction: its entry, the entry that it corrects, that entry's kind, and the open and sealed fields that change.

    `void`: the entry should never have been; `taken_back`: the entry is a correction, which no longer stands.
    """

    entry: int
    corrects: int
    kind: str
    fields: tuple[str, ...] = ()
    void: bool = False
    taken_back: bool = False

    def as_data(self) -> dict[str, Any]:
        """One of the `corrections` of `correct --json`."""
        told = {"entry": self.entry, "corrects": self.corrects, "kind": self.kind, "fields": list(self.fields)}
        return {**told, "void": self.void, "taken_back": self.taken_back}


@dataclass(frozen=True, slots=True)
class _Step:
    """One thing to correct: the entry as it now reads (None where it was taken out of the record), and as it should."""

    seq: int
    was: ev.Event | None
    now: ev.Event | None


def correct_referral(
    office: Office, *, referral: str, cells: Mapping[str, str], reason: str, on: dt.date | None = None
) -> tuple[Change, ...]:
    """What a referral should have said, by the columns of a referrals file. Raises `Refused` where nothing would change."""
    referral_of(office.state, referral)
    signed = dict(AGREEMENTS)
    said = {column.strip().casefold(): cell for column, cell in cells.items()}
    steps = [_signing(office, referral, column, signed[column], cell) for column, cell in said.items() if column in signed]
    others = {column: cell for column, cell in said.items() if column not in signed}
    if others:
        item = next(one for one in office.record if isinstance(one.event, ev.ReferralMade) and one.event.referral == referral)
        _still_held(office, item)
        was = _as_it_reads(office, item.seq)
        now = read_again(was or item.event, others, known_to(office))
        if YEAR_GROUP in others and isinstance(was, ev.ReferralMade) and isinstance(now, ev.ReferralMade):
            now = _of_that_day(was, now, on or office.today(), alone=len(said) == 1)
        steps.append(_Step(item.seq, was, now))
        steps.extend(_estimates(office, was, now))
    return _record(office, [step for step in steps if step.was != step.now], reason, on)


def _of_that_day(was: ev.ReferralMade, now: ev.ReferralMade, on: dt.date, *, alone: bool) -> ev.ReferralMade:
    """The year group of the correction's day. Raises `Refused` where it is `alone` and the pupil is of that year group by then anyway."""
    said = as_said_on(was, now, on)
    if alone and said == was:
        raise Refused(
            f"Nothing would change: {was.referral} is of year {now.year_group} on {on}. A year group is that of the day of the correction, "
            "and one more from each 1 September after it. To say it for another day, name that day with --on."
        )
    return said


def correct_entry(
    office: Office, *, seq: int, cells: Mapping[str, str] | None, reason: str, on: dt.date | None = None
) -> tuple[Change, ...]:
    """What an entry should have said, by the columns of the file or command it came from; without cells, that it should never have been."""
    if not 1 <= seq <= len(office.record):
        raise Refused(f"--entry: found {seq}; wanted the number of an entry, 1 to {len(office.record)}.")
    item = office.record[seq - 1]
    if isinstance(item.event, ev.Correction):
        return _take_back(office, item, item.event, cells, reason, on)
    _may_be(item)
    was = _as_it_reads(office, seq)
    if cells is None:
        if is_fixed(item.event):
            raise Refused(f"Entry {seq} ({item.event.kind}) is not taken out of the record: {_rather(item.event)}.")
        return _record(office, [_Step(seq, was, None)] if was is not None else [], reason, on)
    if isinstance(item.event, ev.ReferralMade):
        return correct_referral(office, referral=item.event.referral, cells=cells, reason=reason, on=on)
    _still_held(office, item)
    _not_of_another(cells, item)
    now = read_again(was or item.event, cells, _known(office, item.event))
    if isinstance(now, ev.MeetingOpened | ev.MeetingInvited | ev.MeetingAttended | ev.InterestDeclared):
        meeting = next(held for held in office.state.meetings if held.number == now.meeting)
        as_it_sits(office.state, meeting, sorted(_schools(now) - _schools(was)))
    if isinstance(now, ev.ExemptionVoted):
        said = too_long(office.rulebook(now.first), now.first, now.last, Terms.of(office.state.terms))
        if said:
            raise Refused(said.removeprefix("--"))
    steps = [_Step(seq, was, now), *_estimates_to(office, was, now)] if now != was else []
    return _record(office, steps, reason, on)


def _schools(event: ev.Event | None) -> set[str]:
    """The schools that an entry about a meeting names."""
    match event:
        case ev.MeetingInvited(schools=schools) | ev.MeetingAttended(schools=schools):
            return set(schools)
        case ev.InterestDeclared(school=school) | ev.MeetingOpened(chair_of=str(school)):
            return {school}
        case _:
            return set()


def _known(office: Office, event: ev.Event) -> Known:
    """What reading an entry again needs to know; of who came to a meeting, by the edition that the meeting froze."""
    if not isinstance(event, ev.MeetingAttended):
        return known_to(office)
    from panel.steps.meeting import rulebook_of  # here, because nothing else that is corrected needs a meeting's rules

    meeting = next(held for held in office.state.meetings if held.number == event.meeting)
    return replace(known_to(office), others=named_beside(rulebook_of(office, meeting)), rulebook=meeting.opened.rulebook)


def _rather(event: ev.Event) -> str:
    if isinstance(event, ev.ReferralMade):
        return f"withdraw it with `pastoral withdraw {event.referral}`"
    if isinstance(event, ev.MeetingOpened):
        return "what a meeting did stays as it was. Which school had the chair is corrected with `--set chair_of=URN`"
    if isinstance(event, ev.SchoolRecorded):
        return "a school that closes or leaves is said with `pastoral school close` or `leave`"
    return "a decision was undone by it, and stays undone"


def _may_be(item: Recorded) -> None:
    if isinstance(item.event, CORRECTABLE):
        return
    why = INSTEAD.get(type(item.event))
    if why is None:
        why = "what a meeting did stays as it was" if isinstance(item.event, ev.OfMeeting) else "an entry of this kind is not corrected"
    raise Refused(f"Entry {item.seq} ({item.event.kind}) cannot be corrected: {why}.")


def _not_of_another(cells: Mapping[str, str], item: Recorded) -> None:
    for name in WHOSE:
        if name in {column.strip().casefold() for column in cells} and hasattr(item.event, name):
            raise Refused(
                f"Entry {item.seq} is about {getattr(item.event, name)}, and does not become another's: what is sealed in it is about one "
                f"child. Say --void, and record it again for the right one."
            )


def _still_held(office: Office, item: Recorded) -> None:
    """Refuse to say a case otherwise that was erased: what is left of it is only what the counts need."""
    by = erasures(office.record).get((item.seq, item.event.subject, "case"))
    if by is not None:
        raise Refused(f"What entry {item.seq} said of the case was erased by entry {by}; there is nothing left to say otherwise.")


def _as_it_reads(office: Office, seq: int) -> ev.Event | None:
    return next((item.event for item in corrected(office.record) if item.seq == seq), None)


def _take_back(
    office: Office, item: Recorded, correction: ev.Correction, cells: Mapping[str, str] | None, reason: str, on: dt.date | None
) -> tuple[Change, ...]:
    about = correction.corrects
    if cells is not None:
        raise Refused(f"Entry {item.seq} is itself a correction. Correct entry {about} again, or take this one back with --void.")
    standing = stacks(office.record).get(about, ())
    if not standing or standing[-1].seq != item.seq:
        last = f"the last one of entry {about} is entry {standing[-1].seq}" if standing else f"no correction of entry {about} stands"
        raise Refused(f"Entry {item.seq} is not a correction that can be taken back: {last}.")
    day = on or office.today()
    was, now = _as_it_reads(office, about), as_corrected(office.record[about - 1], standing[:-1])
    steps = (*_estimates(office, was, now), *_estimates_to(office, was, now)) if now is not None else ()
    back = ev.Correction(corrects=item.seq, pupil=correction.pupil, on=day)
    return _written(office, [back, *(_correction(office, step, day) for step in steps)], reason)


def _signing(office: Office, referral: str, column: str, by: ev.Signatory, cell: str) -> _Step:
    """The last agreement of somebody to a referral, with another day; or, with a blank, never signed."""
    standing = [
        item
        for item in corrected(office.record)
        if isinstance(item.event, ev.AgreementSigned) and (item.event.referral, item.event.by) == (referral, by)
    ]
    who = by.replace("_", " ")
    if not standing:
        instead = f"pastoral agree {referral} --by {by.replace('_', '-')} --on DATE"
        raise Refused(f"{column}: the {who} has not agreed to {referral}. Record it with `{instead}`.")
    last = standing[-1]
    return _Step(last.seq, last.event, read_again(last.event, {"on": cell}, known_to(office)) if cell.strip() else None)


def _home(event: ev.Event | None) -> tuple[int | None, int | None]:
    case = event.case if isinstance(event, ev.ReferralMade) else None
    return (case.easting, case.northing) if case else (None, None)


def _estimates(office: Office, was: ev.Event | None, now: ev.Event) -> Iterator[_Step]:
    """Estimates from a home that was wrong should never have been; the next opening makes them from the right one."""
    homes = [
        (event.case.easting, event.case.northing) if isinstance(event, ev.ReferralMade) and event.case else None for event in (was, now)
    ]
    if homes[0] == homes[1] or not isinstance(now, ev.ReferralMade):
        return
    yield from _without(office, lambda pupil, _way: pupil == now.pupil)


def _estimates_to(office: Office, was: ev.Event | None, now: ev.Event) -> Iterator[_Step]:
    """Estimates to a school whose place was wrong, of those who still wait: a decision that stands goes by what it went by."""
    if not isinstance(now, ev.SchoolRecorded) or not isinstance(was, ev.SchoolRecorded):
        return
    if (was.easting, was.northing) != (now.easting, now.northing):
        waiting = {held.made.pupil for held in office.state.referrals.values() if held.status == "waiting"}
        yield from _without(office, lambda pupil, way: pupil in waiting and way.urn == now.urn)


def _without(office: Office, gone: Callable[[str, ev.Journey], bool]) -> Iterator[_Step]:
    """The entries of journeys that hold such estimates, without them."""
    for item in corrected(office.record):
        match item.event:
            case ev.JourneysRecorded(pupil=pupil, case=ev.JourneyRows(journeys=ways)) as event:
                left = tuple(way for way in ways if way.method != METHOD or not gone(pupil, way))
                if left != ways:
                    yield _Step(item.seq, event, event.model_copy(update={"case": ev.JourneyRows(journeys=left)}) if left else None)


# --- recorded ---


def _record(office: Office, steps: Sequence[_Step], reason: str, on: dt.date | None) -> tuple[Change, ...]:
    if not steps:
        raise Refused("Nothing would change: the record says so already.")
    corrections = [_correction(office, step, on or office.today()) for step in steps]
    return _written(office, corrections, reason)


def _correction(office: Office, step: _Step, on: dt.date) -> ev.Correction:
    about = pupil_of(office.record[step.seq - 1].event, office.record)
    if step.now is None:
        return ev.Correction(corrects=step.seq, pupil=about, on=on)
    draft = step.now.draft()
    sealed = None
    if _sealed(step.now) != _sealed(step.was):
        sealed = ev.CorrectionCase(case=_sealed(step.now))
    return ev.Correction(corrects=step.seq, pupil=about, on=on, body=dict(draft.body), case=sealed)


def _sealed(event: ev.Event | None) -> dict[str, Any]:
    """The sealed case as it is written; empty where there is none."""
    case: ev.Record | None = getattr(event, "case", None)
    return case.model_dump(mode="json", exclude_none=True) if case is not None else {}


def _written(office: Office, corrections: Sequence[ev.Correction], reason: str) -> tuple[Change, ...]:
    why = in_words(reason).reason
    said = [one.model_copy(update={"case": (one.case or ev.CorrectionCase()).model_copy(update={"reason": why})}) for one in corrections]
    before = len(office.record)
    _hold_together(office.record, [Recorded(before + n, "", one) for n, one in enumerate(said, start=1)])
    reads = {item.seq: item.event for item in corrected(office.record)}
    entries = office.write(*said)
    now = {item.seq: item.event for item in corrected(office.record)}
    return tuple(_change(office, entry.seq, one, reads, now) for entry, one in zip(entries, said, strict=True))


def _hold_together(record: Sequence[Recorded], corrections: Sequence[Recorded]) -> None:
    """Refuse what would leave a record that contradicts itself."""
    found = [one for one in missteps((*record, *corrections)) if one.seq > len(record)]
    if found:
        told = "; ".join(dict.fromkeys(f"{one.wanted}".removeprefix("nothing: ").removesuffix(".") for one in found))
        raise Refused(
            f"The record would contradict itself: {told}. What was done on it is undone first, or it stands. Nothing was recorded."
        )


def _change(office: Office, seq: int, said: ev.Correction, reads: Mapping[int, ev.Event], now: Mapping[int, ev.Event]) -> Change:
    target = office.record[said.corrects - 1].event
    about = target.corrects if isinstance(target, ev.Correction) else said.corrects
    kind = office.record[about - 1].event.kind
    fields = tuple(_fields(reads.get(about), now.get(about)))
    return Change(seq, said.corrects, kind, fields, void=about not in now, taken_back=isinstance(target, ev.Correction))


def _fields(was: ev.Event | None, now: ev.Event | None) -> Iterator[str]:
    """The names of the fields that differ; never what they say, for some of it is sealed."""
    if was is None or now is None:
        return
    differ = (name for name in type(was).model_fields if name not in was.sealed_fields and getattr(was, name) != getattr(now, name))
    yield from dict.fromkeys(YEAR_GROUP if name == "later_year_groups" else name for name in differ)
    one, other = _sealed(was), _sealed(now)
    yield from (name for name in sorted(one.keys() | other.keys()) if one.get(name) != other.get(name))
