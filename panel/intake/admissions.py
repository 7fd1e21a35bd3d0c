"""The admissions file: pupils whom a school admitted without the panel, so that its load is the whole load.

What an admission weighs is the rulebook's to say; `points` is filled only where somebody else's tariff already did.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from panel.events import AdmissionCase, AdmittedOutside
from panel.intake.cells import DAY, PANEL_YEAR, REFERENCE, YES_OR_NO, Cell, Text, Whole
from panel.intake.known import Known
from panel.intake.pages import Page
from panel.intake.tables import Table

NEEDS: Final = ("pupil", "school", "on", "year_group")
SEALED: Final[Mapping[str, Cell[Any]]] = {
    "ehcp": YES_OR_NO,
    "looked_after": YES_OR_NO,
    "behaviour_is_primary_need": YES_OR_NO,
    "persistent_disruptive_behaviour": YES_OR_NO,
    "attendance": Whole.of_fact("admission.attendance", "Attendance is per mille: 93.5% is 935."),
    "suspended_days": Whole.of_fact("admission.suspended_days", "School days of suspension are whole: add up the halves, and round down."),
    "from_alternative_provision": YES_OR_NO,
    "days_out_of_education": Whole.of_fact("admission.days_out_of_education"),
}
"""What is sealed of an admission or placement, and may be counted or weighed."""
TAKES: Final = ("permanently_excluded", *SEALED, "points", "over_number", "why")
POINTS: Final = Whole(0, 1000)
OVER_NUMBER: Final = Whole.of_fact("admission.over_number")


def read(table: Table, known: Known) -> tuple[AdmittedOutside, ...]:
    """Sorted by day, school and pupil. A blank `permanently_excluded` is no. Raises `IntakeError` with every fault."""
    page = Page(table, needs=NEEDS, takes=TAKES)
    school = known.urn()
    year_group = known.year_group(PANEL_YEAR)
    events = []
    for line in page.lines():
        case = AdmissionCase(
            why=line.may("why", Text(), quote=False),
            **{column: line.may(column, cell) for column, cell in SEALED.items()},
        )
        event = AdmittedOutside(
            pupil=line.must("pupil", REFERENCE),
            school=line.must("school", school),
            on=line.must("on", DAY),
            year_group=line.must("year_group", year_group),
            permanently_excluded=line.may("permanently_excluded", YES_OR_NO) or False,
            points=line.may("points", POINTS),
            over_number=line.may("over_number", OVER_NUMBER),
            case=None if case == AdmissionCase() else case,
        )
        page.new(line, (event.pupil, event.school, event.on), known.admissions)
        events.append(event)
    return page.finish(events, lambda event: (event.on, event.school, event.pupil))
