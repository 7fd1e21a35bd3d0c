"""The history file: placements from before the ledger began, so that a panel does not start from nothing.

What they count for is the rulebook's to say. Placements that the ledger itself decided do not belong here.
"""

from __future__ import annotations

from typing import Final, get_args

from panel.events import Kind, PlacedBefore, PlacedBeforeCase
from panel.events.admissions import Outcome
from panel.intake.admissions import SEALED
from panel.intake.cells import DAY, PANEL_YEAR, REFERENCE, UrnOrNone, one_of
from panel.intake.excluded import excluded
from panel.intake.known import Known
from panel.intake.pages import Line, Page
from panel.intake.referrals import FROM_A_SCHOOL
from panel.intake.tables import Table

ENDED: Final = ("returned", "broken_down", "left")
"""The outcomes of a placement that is over."""
NEEDS: Final = ("pupil", "school", "on", "kind", "year_group")
TAKES: Final = ("home_school", "permanently_excluded", "outcome", "ended_on", *SEALED)
KIND: Final = one_of(get_args(Kind))
OUTCOME: Final = one_of(get_args(Outcome))


def read(table: Table, known: Known) -> tuple[PlacedBefore, ...]:
    """Sorted by day, school and pupil. Raises `IntakeError` with every fault.

    A blank `permanently_excluded` is yes where the kind is a permanent exclusion, and `no` is refused there; else blank is no. A blank
    outcome is still open; where `home_school` is blank, or none, no school is credited for having sent the pupil.
    """
    page = Page(table, needs=NEEDS, takes=TAKES)
    school = known.urn()
    year_group = known.year_group(PANEL_YEAR)
    events = []
    for line in page.lines():
        kind = line.must("kind", KIND)
        case = PlacedBeforeCase(**{column: line.may(column, cell) for column, cell in SEALED.items()})
        event = PlacedBefore(
            pupil=line.must("pupil", REFERENCE),
            school=line.must("school", school),
            on=line.must("on", DAY),
            referral_kind=kind,
            permanently_excluded=excluded(line, {"kind": kind == "permanent_exclusion"}),
            year_group=line.must("year_group", year_group),
            outcome=line.may("outcome", OUTCOME),
            ended_on=line.may("ended_on", DAY),
            home_school=line.may("home_school", UrnOrNone(school)) or None,
            case=None if case == PlacedBeforeCase() else case,
        )
        _end(line, event)
        _sent(line, event)
        page.new(line, (event.pupil, event.school, event.on), known.history)
        events.append(event)
    return page.finish(events, lambda event: (event.on, event.school, event.pupil))


def _sent(line: Line, event: PlacedBefore) -> None:
    """Refuse a move or a direction from a school to itself."""
    if line.clean and event.referral_kind in FROM_A_SCHOOL and event.home_school == event.school:
        line.refuse("home_school", found=f"{event.school}, where the pupil went", wanted="the school that sent the pupil, or nothing")


def _end(line: Line, event: PlacedBefore) -> None:
    """Refuse the last day of a placement that has not ended, or one before its first."""
    if event.ended_on is None:
        return
    if event.outcome not in ENDED:
        line.refuse("ended_on", found="a last day", wanted=f"nothing, or the outcome {', '.join(ENDED[:-1])} or {ENDED[-1]}")
    elif event.ended_on < event.on:
        line.refuse("ended_on", found=str(event.ended_on), wanted=f"{event.on} or later, the day of the placement")
