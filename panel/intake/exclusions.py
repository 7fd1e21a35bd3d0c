"""The exclusions file: who was permanently excluded, by which school, when -> permanent exclusions.

Suspensions do not belong here; a rescinded exclusion is a record of its own.
"""

from __future__ import annotations

from typing import Final

from panel.events import PermanentlyExcluded
from panel.intake.cells import ANY_YEAR, DAY, REFERENCE
from panel.intake.known import Known
from panel.intake.pages import Page
from panel.intake.tables import Table

NEEDS: Final = ("pupil", "school", "on", "year_group")


def read(table: Table, known: Known) -> tuple[PermanentlyExcluded, ...]:
    """Sorted by day, school and pupil. Raises `IntakeError` with every fault."""
    page = Page(table, needs=NEEDS)
    school = known.urn()
    events = []
    for line in page.lines():
        event = PermanentlyExcluded(
            pupil=line.must("pupil", REFERENCE),
            school=line.must("school", school),
            on=line.must("on", DAY),
            year_group=line.must("year_group", ANY_YEAR),
        )
        page.new(line, (event.pupil, event.school, event.on), known.exclusions)
        events.append(event)
    return page.finish(events, lambda event: (event.on, event.school, event.pupil))
