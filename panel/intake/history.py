"""The history file: placements from before the ledger began, so that a panel does not start from nothing.

What they count for is the rulebook's to say. Placements that the ledger itself decided do not belong here.
"""

from __future__ import annotations

from typing import Final, Literal, get_args

from panel.events import Kind, PlacedBefore, PlacedBeforeCase
from panel.intake.admissions import SEALED
from panel.intake.cells import DAY, PANEL_YEAR, REFERENCE, YES_OR_NO, one_of
from panel.intake.known import Known
from panel.intake.pages import Page
from panel.intake.tables import Table

Outcome = Literal["permanent", "returned", "broken_down"]
NEEDS: Final = ("pupil", "school", "on", "kind", "year_group")
TAKES: Final = ("permanently_excluded", "outcome", *SEALED)
KIND: Final = one_of(get_args(Kind))
OUTCOME: Final = one_of(get_args(Outcome))


def read(table: Table, known: Known) -> tuple[PlacedBefore, ...]:
    """Sorted by day, school and pupil. Raises `IntakeError` with every fault.

    A blank `permanently_excluded` is yes where the kind is a permanent exclusion, else no; a blank outcome is still open.
    """
    page = Page(table, needs=NEEDS, takes=TAKES)
    school = known.urn()
    year_group = known.year_group(PANEL_YEAR)
    events = []
    for line in page.lines():
        kind = line.must("kind", KIND)
        excluded = line.may("permanently_excluded", YES_OR_NO)
        case = PlacedBeforeCase(**{column: line.may(column, cell) for column, cell in SEALED.items()})
        event = PlacedBefore(
            pupil=line.must("pupil", REFERENCE),
            school=line.must("school", school),
            on=line.must("on", DAY),
            referral_kind=kind,
            permanently_excluded=kind == "permanent_exclusion" if excluded is None else excluded,
            year_group=line.must("year_group", year_group),
            outcome=line.may("outcome", OUTCOME),
            case=None if case == PlacedBeforeCase() else case,
        )
        page.new(line, (event.pupil, event.school, event.on), known.history)
        events.append(event)
    return page.finish(events, lambda event: (event.on, event.school, event.pupil))
