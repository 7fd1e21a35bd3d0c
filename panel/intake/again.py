"""An entry read once more with some cells otherwise: event + cells -> the event as it should have been.

The columns are those of the file or command that the entry came from, and so is the reader: what a file may not say, a
correction may not say either. It knows nothing of the record but what it is told.
"""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar, get_args

from panel import events as ev
from panel.errors import Fault, IntakeError
from panel.intake import admissions, exclusions, history, journeys, places, referrals, schools, terms
from panel.intake.cells import DAY, PANEL_YEAR, Several, Whole, Words
from panel.intake.known import Known
from panel.intake.pages import Page
from panel.intake.tables import Row, Table, refused
from panel.quoting import OF_THE_FIELD, Place
from rules.audience import BY_EXCLUSION

E = TypeVar("E", bound=ev.Event)
Cells = dict[str, str]

PLAIN: Final = (*referrals.PLAIN, "category", "suited_to", "preferences", "kept_apart", "siblings_at", "catchment", "area")
MOST_CLAIMED: Final = 10**9
"""Pence, as `pastoral transport claim` takes them."""
FROM_WHOM: Final = Words((*get_args(ev.Kind), *BY_EXCLUSION))
"""Of a vote to exempt a school, from whom."""
HOME: Final = ("easting", "northing", "postcode")


@dataclass(frozen=True, slots=True)
class Sheet:
    """What an entry would be in a file. `columns` may be said otherwise; where there are several rows, `key` names one of them,
    and only the columns in `shared` are the same for all.
    """

    rows: tuple[Cells, ...]
    columns: tuple[str, ...]
    key: str = ""
    shared: tuple[str, ...] = ()


def columns_of(event: ev.Event, known: Known) -> tuple[str, ...]:
    """The columns that a correction of the entry may name; the first of several rows is named by one of them."""
    sheet = _sheet(event)
    return (*sheet.columns, *known.school_facts) if isinstance(event, ev.SchoolRecorded) else sheet.columns


def read_again(event: ev.Event, cells: Mapping[str, str], known: Known) -> ev.Event:
    """The event with these cells in place of those it came from. Raises `IntakeError` with every fault."""
    sheet = _sheet(event)
    given = {column.strip().casefold(): cell.strip() for column, cell in cells.items()}
    columns = columns_of(event, known)
    faults = [_stranger(column, columns) for column in given if column not in columns]
    if faults:
        raise refused("", faults)
    return _reader(event)(event, _with(sheet, given), known)


def _stranger(column: str, columns: Sequence[str]) -> Fault:
    near = difflib.get_close_matches(column, columns, n=1)
    said = column if Place(words=(*columns, *_NOT_HERE, *OF_THE_FIELD)).may_quote(column) else ""
    return Fault(column=said, found="a column that this entry cannot be corrected by", wanted=", ".join(columns),
                 advice=f"Did you mean {near[0]}?" if near else "")  # fmt: skip


def _with(sheet: Sheet, given: Mapping[str, str]) -> Table:
    """The rows with the cells that are given: of the one row that the key names, or of all rows where all of them share a column."""
    rows = sheet.rows
    if len(rows) == 1 and not (sheet.key and sheet.key in given):
        rows = ({**rows[0], **given},)
    else:
        own = {column: cell for column, cell in given.items() if column not in (*sheet.shared, sheet.key)}
        there = [row[sheet.key] for row in rows]
        if (own or sheet.key in given) and given.get(sheet.key) not in there:
            raise refused("", [Fault(column=sheet.key, found=Place(urns=True).found(given[sheet.key]) if sheet.key in given else "nothing",
                                     wanted=f"the row to correct: {', '.join(there)}")])  # fmt: skip
        common = {column: cell for column, cell in given.items() if column in sheet.shared}
        rows = tuple({**row, **common, **(own if row[sheet.key] == given.get(sheet.key) else {})} for row in rows)
    header = tuple(dict.fromkeys(column for row in rows for column in row))
    return Table("", header, tuple(Row(None, tuple(row.get(column, "") for column in header)) for row in rows))


# --- an entry as it would be in a file ---


def _sheet(event: ev.Event) -> Sheet:
    return _sheet_of_rows(event) or _sheet_of_meeting(event) or _sheet_of_one(event)


def _sheet_of_rows(event: ev.Event) -> Sheet | None:
    """Of an entry that several rows of a file made."""
    match event:
        case ev.PlacesRecorded(urn=urn, as_at=as_at, years=years):
            common = {"urn": urn, "as_at": as_at.isoformat()}
            rows = tuple({**common, **_cells(year, "year_group", "pan", "on_roll", *places.TAKES)} for year in years)
            return Sheet(rows, (*places.NEEDS, *places.TAKES), "year_group", ("urn", "as_at"))
        case ev.JourneysRecorded(pupil=pupil, case=case):
            rows = tuple({"pupil": pupil, **_cells(way, "urn", *journeys.TAKES)} for way in (case.journeys if case else ()))
            return Sheet(rows, ("urn", *journeys.TAKES), "urn")
        case _:
            return None


def _sheet_of_meeting(event: ev.Event) -> Sheet | None:
    """Of who had the chair of a meeting, who was told of it, who came, and which school has an interest in a case."""
    match event:
        case ev.MeetingOpened():
            return Sheet((_cells(event, "chair_of"),), ("chair_of",))
        case ev.MeetingInvited():
            return Sheet((_cells(event, "schools", "told_on"),), ("schools", "told_on"))
        case ev.MeetingAttended():
            return Sheet((_cells(event, "schools", "others"),), ("schools", "others"))
        case ev.InterestDeclared():
            return Sheet((_cells(event, "school"),), ("school",))
        case _:
            return None


def _sheet_of_one(event: ev.Event) -> Sheet:
    match event:
        case ev.ReferralMade():
            return Sheet((_referral(event),), tuple(column for column in (*referrals.NEEDS, *referrals.TAKES) if column not in _NOT_HERE))
        case ev.AdmittedOutside():
            return Sheet((_admission(event),), ("school", "on", "year_group", *admissions.TAKES))
        case ev.PlacedBefore():
            return Sheet((_history(event),), ("school", "on", "kind", "year_group", *history.TAKES))
        case ev.PermanentlyExcluded():
            return Sheet((_cells(event, *exclusions.NEEDS),), ("school", "on", "year_group"))
        case ev.SchoolRecorded(urn=urn, name=name, low_age=low, high_age=high):
            # Columns that are only read together: one of them alone would change nothing, and nobody would be told.
            ages = {"statutorylowage": _written(low), "statutoryhighage": _written(high)}
            row = {"urn": urn, "establishmentname": name, **ages, **_cells(event, "easting", "northing")}
            return Sheet((row,), ("establishmentname", *schools.TAKES))
        case ev.TermRecorded(first=first, last=last) | ev.ExemptionVoted(first=first, last=last):
            span = {"from": first.isoformat(), "until" if isinstance(event, ev.ExemptionVoted) else "to": last.isoformat()}
            more = _cells(event, "urn", "year_group", "of") if isinstance(event, ev.ExemptionVoted) else {}
            return Sheet(({**more, **span},), (*more, *span))
        case ev.TransportClaimed():
            return Sheet((_cells(event, "pence", "on"),), ("pence", "on"))
        case _:
            days = tuple(name for name in ("on", "until", "excluded_on") if name in type(event).model_fields)
            return Sheet((_cells(event, *days),), days)


_NOT_HERE: Final = ("referral", "pupil", *(column for column, _ in referrals.AGREEMENTS), referrals.SHARING)


def _cells(of: ev.Event | ev.Record, *columns: str) -> Cells:
    return {column: _written(getattr(of, column)) for column in columns}


def _written(value: Any) -> str:
    """A value -> the cell that is read as it."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case dt.date():
            return value.isoformat()
        case tuple():
            return ";".join(value)
        case Mapping():
            return ";".join(f"{key}:{why}" for key, why in value.items())
        case _:
            return str(value)


def _referral(made: ev.ReferralMade) -> Cells:
    case = made.case or ev.ReferralCase()
    cells = _cells(made, "referral", "pupil", "year_group", "made_on", "accepted_on", "excluded_by") | _cells(case, *PLAIN, *HOME)
    # An empty list was said to be empty; a blank cell would say that nobody knows.
    lists = ("not_with", "together_with", "papers")
    until = case.attended_until or {}
    attended = [f"{urn}:{until[urn]}" if urn in until else urn for urn in case.attended or ()]
    cells["attended"] = "" if case.attended is None else ";".join(attended) or ";"
    cells |= {column: "" if getattr(case, column) is None else _written(getattr(case, column)) or ";" for column in lists}
    by_itself = made.referral_kind == "permanent_exclusion" or made.excluded_by is not None
    cells["permanently_excluded"] = "" if made.permanently_excluded == by_itself else _written(made.permanently_excluded)
    cells["home_school"] = "none" if made.no_home_school else made.home_school or ""
    return {**cells, "kind": made.referral_kind}


def _admission(event: ev.AdmittedOutside) -> Cells:
    case = event.case or ev.AdmissionCase()
    sealed = _cells(case, *admissions.SEALED, "why")
    return _cells(event, "pupil", "school", "on", "year_group", "permanently_excluded", "points", "over_number") | sealed


def _history(event: ev.PlacedBefore) -> Cells:
    by_itself = event.permanently_excluded == (event.referral_kind == "permanent_exclusion")
    excluded = "" if by_itself else _written(event.permanently_excluded)
    cells = _cells(event, "pupil", "school", "on", "year_group", "home_school", "outcome", "ended_on") | _cells(
        event.case or ev.PlacedBeforeCase(), *admissions.SEALED
    )
    return {**cells, "kind": event.referral_kind, "permanently_excluded": excluded}


# --- read again ---

Again = Callable[[Any, Table, Known], ev.Event]


def _reader(event: ev.Event) -> Again:
    return next((reader for kind, reader in READERS if isinstance(event, kind)), _days)


def _referral_again(event: ev.ReferralMade, table: Table, known: Known) -> ev.Event:
    others = {pupil: name for pupil, name in known.open_cases.items() if pupil != event.pupil}
    made = referrals.read(table, replace(known, referrals=known.referrals - {event.referral}, open_cases=others))[0]
    same: dict[str, Any] = {"follows": event.follows, "later_year_groups": event.later_year_groups}
    if "needs" not in table.header and isinstance(made, ev.ReferralMade) and made.case and event.case:
        # What was asked when it was said: words that the rulebook has had since are not answered by it.
        same["case"] = made.case.model_copy(update={"needs": event.case.needs})
    return made.model_copy(update=same)


def _admission_again(event: ev.AdmittedOutside, table: Table, known: Known) -> ev.Event:
    return admissions.read(table, replace(known, admissions=known.admissions - {(event.pupil, event.school, event.on)}))[0]


def _history_again(event: ev.PlacedBefore, table: Table, known: Known) -> ev.Event:
    return history.read(table, replace(known, history=known.history - {(event.pupil, event.school, event.on)}))[0]


def _exclusion_again(event: ev.PermanentlyExcluded, table: Table, known: Known) -> ev.Event:
    return exclusions.read(table, replace(known, exclusions=known.exclusions - {(event.pupil, event.school, event.on)}))[0]


def _places_again(event: ev.PlacesRecorded, table: Table, known: Known) -> ev.Event:
    found = places.read(table, replace(known, places={}))
    return found[0] if found else event


def _journeys_again(_event: ev.JourneysRecorded, table: Table, known: Known) -> ev.Event:
    return journeys.read(table, known)[0]


def _school_again(event: ev.SchoolRecorded, table: Table, known: Known) -> ev.Event:
    return schools.read(table, replace(known, schools={event.urn: event}, taken={}))[0]


def _term_again(event: ev.TermRecorded, table: Table, known: Known) -> ev.Event:
    return terms.read(table, replace(known, terms=tuple(term for term in known.terms if term != event)))[0]


def _exemption_again(event: ev.ExemptionVoted, table: Table, known: Known) -> ev.Event:
    page = Page(table, needs=("urn", "from", "until"), takes=("year_group", "of"))
    (line,) = page.lines()
    first, last = line.must("from", DAY), line.must("until", DAY)
    if line.clean and last < first:
        line.refuse("until", found=f"{last}", wanted=f"{first} or later")
    of, year_group = line.may("of", FROM_WHOM), line.may("year_group", known.year_group(PANEL_YEAR))
    if set(of or ()) >= BY_EXCLUSION.keys():
        line.refuse("of", found=" and ".join(BY_EXCLUSION), wanted="one of the two, or neither for everybody")
    whom = {"urn": line.must("urn", known.urn()), "year_group": year_group, "of": of}
    return _same_kind(page, event, {**whom, "first": first, "last": last})


def _claim_again(event: ev.TransportClaimed, table: Table, _known: Known) -> ev.Event:
    """How much, and when it was claimed; for other days it is taken out of the record and claimed again, as those days allow."""
    page = Page(table, needs=table.header)
    (line,) = page.lines()
    return _same_kind(page, event, {"pence": line.must("pence", Whole(1, MOST_CLAIMED)), "on": line.must("on", DAY)})


def _meeting_again(event: ev.MeetingInvited | ev.MeetingAttended, table: Table, known: Known) -> ev.Event:
    """Which schools were told of a meeting and when, or came to it."""
    page = Page(table, needs=table.header)
    (line,) = page.lines()
    beside: tuple[str, ...] | None = None
    if isinstance(event, ev.MeetingAttended):
        beside = line.may("others", Words(known.others, f"The rulebook {known.rulebook} names nobody beside the schools.")) or None
    there = line.may("schools", Several(known.urn())) if beside else line.must("schools", Several(known.urn()))
    if line.clean and not (there or beside):
        line.refuse("schools", found="none", wanted="URNs separated by ;", advice="If nobody was, take the entry out with --void.")
    said: dict[str, Any] = {"schools": tuple(sorted(there or ()))}
    if isinstance(event, ev.MeetingAttended):
        said["others"] = beside
    else:
        said["told_on"] = line.must("told_on", DAY)
        if line.clean and said["told_on"] > event.on:
            line.refuse("told_on", found=f"{said['told_on']}", wanted=f"{event.on}, the meeting's day, or earlier")
    return _same_kind(page, event, said)


def _chair_again(event: ev.MeetingOpened, table: Table, known: Known) -> ev.Event:
    """Which school had the chair; blank where nobody wrote that down."""
    page = Page(table, needs=table.header)
    (line,) = page.lines()
    return _same_kind(page, event, {"chair_of": line.may("chair_of", known.urn())})


def _interest_again(event: ev.InterestDeclared, table: Table, known: Known) -> ev.Event:
    """Which school has the interest; what interest it is stays as it was sealed."""
    page = Page(table, needs=table.header)
    (line,) = page.lines()
    return _same_kind(page, event, {"school": line.must("school", known.urn())})


def _days(event: ev.Event, table: Table, _known: Known) -> ev.Event:
    """An entry of which nothing but its days can be said otherwise."""
    page = Page(table, needs=table.header)
    (line,) = page.lines()
    blank = {name for name in table.header if not type(event).model_fields[name].is_required()}
    said = {name: line.may(name, DAY) if name in blank else line.must(name, DAY) for name in table.header}
    return _same_kind(page, event, said)


def _same_kind(page: Page, event: E, said: Mapping[str, Any]) -> E:
    if page.faults:
        raise refused(page.table.file, page.faults)
    return event.model_copy(update=said)


READERS: Final[tuple[tuple[type[ev.Event], Again], ...]] = (
    (ev.ReferralMade, _referral_again),
    (ev.AdmittedOutside, _admission_again),
    (ev.PlacedBefore, _history_again),
    (ev.PermanentlyExcluded, _exclusion_again),
    (ev.PlacesRecorded, _places_again),
    (ev.JourneysRecorded, _journeys_again),
    (ev.SchoolRecorded, _school_again),
    (ev.TermRecorded, _term_again),
    (ev.ExemptionVoted, _exemption_again),
    (ev.TransportClaimed, _claim_again),
    (ev.MeetingInvited, _meeting_again),
    (ev.MeetingAttended, _meeting_again),
    (ev.InterestDeclared, _interest_again),
    (ev.MeetingOpened, _chair_again),
)

__all__ = ["IntakeError", "columns_of", "read_again"]
