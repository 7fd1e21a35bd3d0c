"""The admissions file: pupils whom a school admitted without the panel, so that its load is the whole load.

What an admission weighs is the rulebook's to say; `points` is filled only where somebody else's tariff already did.
"""

from __future__ import annotations

from typing import Final

from panel.events import AdmissionCase, AdmittedOutside
from panel.intake.cells import DAY, PANEL_YEAR, REFERENCE, YES_OR_NO, Text, Whole
from panel.intake.known import Known
from panel.intake.pages import Page
from panel.intake.tables import Table

NEEDS: Final = ("pupil", "school", "on", "year_group")
TAKES: Final = ("permanently_excluded", "ehcp", "looked_after", "behaviour_is_primary_need", "points", "over_number", "why")
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
            ehcp=line.may("ehcp", YES_OR_NO),
            looked_after=line.may("looked_after", YES_OR_NO),
            behaviour_is_primary_need=line.may("behaviour_is_primary_need", YES_OR_NO),
            why=line.may("why", Text(), quote=False),
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
