"""The schools file: a GIAS download as it is, or a smaller file with the same column names -> schools recorded.

A column that the file does not have leaves what is recorded as it was; a blank cell says that it is unknown. Nothing is
replaced silently: `compare` says what a second load changes. It records primary schools and closed schools like any
other row; whether a school may receive a pupil is not decided here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal, get_args

from panel.events import SaidOfSchool, SchoolRecorded, SettingKind
from panel.intake.cells import URN, YES_OR_NO, Cell, Choice, Day, Text, Whole, one_of
from panel.intake.known import Known
from panel.intake.pages import Line, Page
from panel.intake.tables import Table
from rules.facts import Fact

NEEDS: Final = ("urn", "establishmentname")

STATUS: Final = "establishmentstatus (name)"
GENDER: Final = "gender (name)"
MEASURES: Final = "ofstedspecialmeasures (name)"
SELECTION: Final = "admissionspolicy (name)"
OFFERS: Final = "offers"
OPENED: Final = Day(since=1000)  # some schools are older than most registers

# Field of the record -> its column and kind of cell, where one column says it all.
PLAIN: Final[Mapping[str, tuple[str, Cell[Any]]]] = {
    "phase": ("phaseofeducation (name)", Text(60)),
    "opened_on": ("opendate", OPENED),
    "closes_on": ("closedate", OPENED),
    "roll": ("numberofpupils", Whole.of_fact("school.roll")),
    "places": ("places", Whole.of_fact("school.places")),
    "occupied": ("occupied", Whole.of_fact("school.occupied")),
    "agreed_number": ("agreed_number", Whole.of_fact("school.agreed_number")),
    "rota_place": ("rota_place", Whole.of_fact("school.rota_place")),
    "share_weight": ("share_weight", Whole.of_fact("school.share_weight")),
    "ofsted": ("ofsted", Text(60)),
    "federation": ("federation", Text(60)),
    "head_in_first_term": ("head_in_first_term", YES_OR_NO),
}
TAKES: Final = (
    *(column for column, _ in PLAIN.values()),
    *("setting", "statutorylowage", "statutoryhighage", STATUS, GENDER, MEASURES, SELECTION, "easting", "northing", OFFERS),
)

Intake = Literal["mixed", "girls", "boys"]
SETTING: Final = one_of(get_args(SettingKind))
INTAKE: Final[Choice[Intake | None]] = Choice(
    {
        "Mixed": "mixed", "Girls": "girls", "Boys": "boys",
        "Not applicable": None, "Does not apply": None, "Not known": None, "Unknown": None, "None": None,
    }
)  # fmt: skip
AGE: Final = Whole(0, 99)
SPECIAL_MEASURES: Final[Choice[bool | None]] = Choice(
    {
        **dict.fromkeys(("In special measures", "Special measures", "Yes", "True", "1"), True),
        **dict.fromkeys(("Not applicable", "Not in special measures", "No", "False", "0", "None"), False),
        **dict.fromkeys(("Has serious weaknesses", "Serious weaknesses"), False),
        **dict.fromkeys(("Not known", "Unknown"), None),
    }
)
SELECTIVE: Final[Choice[bool | None]] = Choice(
    {
        **dict.fromkeys(("Selective", "Selective (grammar)", "Yes", "True", "1"), True),
        **dict.fromkeys(("Non-selective", "Comprehensive", "Comprehensive (secondary)", "Modern", "Secondary modern"), False),
        **dict.fromkeys(("No", "False", "0"), False),
        **dict.fromkeys(("Not applicable", "Not known", "Unknown", "Not collected"), None),
    }
)

# Whatever is neither open nor about to close has no pupils: not yet, no longer, or never.
Standing = Literal["open", "closing", "closed", "proposed"]
STATUSES: Final[Choice[Standing]] = Choice(
    {
        "Open": "open",
        "Open, but proposed to close": "closing",
        "Closed": "closed",
        "Proposed to open": "proposed",
        "Pending approval": "closed",
        "Rejected opening": "closed",
        "De-registered": "closed",
        "Quarantine": "closed",
        "Created in error": "closed",
    }
)


def read(table: Table, known: Known) -> tuple[SchoolRecorded, ...]:
    """Every row as a school, sorted by URN. Raises `IntakeError` with every fault."""
    page = Page(table, needs=NEEDS, takes=(*TAKES, *known.school_facts), about_pupils=False)
    events = []
    for line in page.lines():
        urn = line.must("urn", URN)
        page.once(line, "urn", urn, f"URN {urn}")
        name = line.must("establishmentname", Text(200))
        before = known.schools.get(urn)
        fields = {} if before is None else before.model_dump()
        fields.update(urn=urn, name=name)
        for field, (column, cell) in PLAIN.items():
            if page.has(column):  # a recorded book may ask something of its own by that name: then the cell need not be the program's
                fields[field] = line.if_it_says(column, cell) if column in known.school_facts else line.may(column, cell)
        fields.update(_combined(page, line, fields, before))
        if page.has(OFFERS):
            fields["offers"] = known.each_offer(line.may(OFFERS, known.offer()))
        fields["facts"] = _of_the_book(page, line, known.school_facts, before)
        if before is not None and page.has("occupied") and before.occupied == fields["occupied"] != known.taken.get(urn, before.occupied):
            # The same figure, and not what is taken by now: they were counted again.
            fields["occupied_anew"] = True
        if line.clean:
            events.append(SchoolRecorded.model_validate(fields))
    return page.finish(events, lambda school: (school.urn,))


def _combined(page: Page, line: Line, fields: Mapping[str, Any], before: SchoolRecorded | None) -> dict[str, Any]:
    """What follows from more than one column, or from a word that is not the record's own."""
    made: dict[str, Any] = {}
    if page.has("setting"):
        made["setting"] = line.may("setting", SETTING) or "mainstream"
    if page.has("statutorylowage") and page.has("statutoryhighage"):
        low, high = line.may("statutorylowage", AGE), line.may("statutoryhighage", AGE)
        made["low_age"], made["high_age"] = (None, None) if (low, high) == (0, 0) else (low, high)
    if page.has(GENDER):
        made["intake"] = line.may(GENDER, INTAKE)
    if page.has(MEASURES):
        made["special_measures"] = line.may(MEASURES, SPECIAL_MEASURES)
    if page.has(SELECTION):
        made["selective"] = line.may(SELECTION, SELECTIVE)
    if page.has("easting") and page.has("northing"):
        made["easting"], made["northing"] = line.home()
    made.update(_standing(page, line, fields, before))
    return made


def _of_the_book(page: Page, line: Line, asked: Mapping[str, Fact], before: SchoolRecorded | None) -> dict[str, SaidOfSchool] | None:
    """What the panel's books ask of every school, with the unit in which they ask for it; None where nothing of it is said."""
    said = dict(before.facts or {}) if before is not None else {}
    for column, fact in asked.items():
        if page.has(column):
            value = line.may(column, YES_OR_NO if fact.type == "yes/no" else Whole(fact.low, fact.high))
            said.pop(column, None)
            if value is not None:
                said[column] = SaidOfSchool(value=value, unit=fact.unit or None)
    return dict(sorted(said.items())) or None


def _standing(page: Page, line: Line, fields: Mapping[str, Any], before: SchoolRecorded | None) -> dict[str, bool]:
    """Closed (has no pupils) and closing (proposed to close, or with a closing date)."""
    closed = before is not None and before.closed
    proposed_to_close = before is not None and before.closing and before.closes_on is None
    if page.has(STATUS):
        status = line.may(STATUS, STATUSES) or "open"
        # A school proposed to open on a day is open from that day on: the record's own day says so.
        closed = status == "closed" or (status == "proposed" and fields.get("opened_on") is None)
        proposed_to_close = status == "closing"
    return {"closed": closed, "closing": proposed_to_close or fields.get("closes_on") is not None}


def compare(known: Known, events: Iterable[SchoolRecorded]) -> tuple[tuple[SchoolRecorded, ...], tuple[str, ...]]:
    """The schools that are new or differ from what is recorded, and one line for each, saying what changes.

    A first load changes nothing, so it has no lines.
    """
    changing: list[SchoolRecorded] = []
    lines: list[str] = []
    for school in events:
        before = known.schools.get(school.urn)
        if before == school:
            continue
        changing.append(school)
        if before is None:
            lines.extend([f"{school.urn} {school.name}: new"] if known.schools else [])
            continue
        old, new = _told(before), _told(school)
        if school.occupied_anew:
            old["occupied"] = known.taken[school.urn]
        fields = [field for field in dict.fromkeys((*old, *new)) if old.get(field) != new.get(field)]
        changes = "; ".join(f"{field} {_in_words(old.get(field))} -> {_in_words(new.get(field))}" for field in fields)
        lines.append(f"{school.urn} {before.name}: {changes}")
    return tuple(changing), tuple(lines)


def _told(school: SchoolRecorded) -> dict[str, Any]:
    """What is said of a school, field by field, and by the names of the book what it asks for."""
    said = {f"school.{name}": (one.value, one.unit) if one.unit else one.value for name, one in (school.facts or {}).items()}
    offers = None if school.offers is None else ";".join(name for name, there in school.offers.items() if there) or "none"
    return {**school.model_dump(exclude={"occupied_anew", "facts", "offers"}), **said, "offers": offers}


def _in_words(value: object) -> str:
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "unknown" if value is None else str(value)


def unknown_ages(events: Iterable[SchoolRecorded]) -> str:
    """One sentence naming the open mainstream schools of which nobody knows whom they admit; empty where there is none."""
    schools = [
        school
        for school in events
        if school.setting == "mainstream"
        and not school.closed
        and school.low_age is None
        and school.phase not in ("Secondary", "All-through")
    ]
    if not schools:
        return ""
    named = ", ".join(f"{school.urn} {school.name}" for school in schools)
    return f"Neither ages (StatutoryLowAge, StatutoryHighAge) nor phase (PhaseOfEducation (name)) say whom these schools admit: {named}."


def unknown_rolls(events: Iterable[SchoolRecorded]) -> str:
    """One sentence naming the open mainstream schools whose roll is unknown; empty where there is none."""
    schools = [school for school in events if school.setting == "mainstream" and school.roll is None and not school.closed]
    if not schools:
        return ""
    named = ", ".join(f"{school.urn} {school.name}" for school in schools)
    which = "1 school has" if len(schools) == 1 else f"{len(schools)} schools have"
    return f"{which} no roll in this file (NumberOfPupils is blank): {named}. Whatever needs a roll will say that it is unknown."


def without_a_column(table: Table, known: Known, events: Iterable[SchoolRecorded]) -> str:
    """One sentence naming the columns that the panel's books ask for and the file does not have, where an open school lacks what they
    say; empty where there is none."""
    open_ = [school for school in events if not school.closed]
    lacking = [name for name in known.school_facts if name not in table.header and any(name not in (one.facts or {}) for one in open_)]
    if not lacking:
        return ""
    what = f"column {lacking[0]}" if len(lacking) == 1 else f"columns {', '.join(lacking)}"
    return f"The rulebook {known.rulebook} asks for the {what} (`school_facts`), and this file does not say it: it is unknown."
