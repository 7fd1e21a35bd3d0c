"""The places file: PAN and pupils on roll per setting and year group, as they were counted on a day.

A blank stays unknown: PAN and roll are never worked out from other figures.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from panel.events import PlacesRecorded, YearPlaces
from panel.intake.cells import ANY_YEAR, DAY, Whole
from panel.intake.known import Known
from panel.intake.pages import Page
from panel.intake.tables import Table

NEEDS: Final = ("urn", "year_group", "pan", "on_roll", "as_at")
TAKES: Final = ("looked_after", "ehcp")
PAN: Final = Whole.of_fact("year.pan")
ON_ROLL: Final = Whole.of_fact("year.on_roll")
LOOKED_AFTER: Final = Whole.of_fact("year.looked_after")
EHCP: Final = Whole.of_fact("year.ehcp")


def read(table: Table, known: Known) -> tuple[PlacesRecorded, ...]:
    """One record per setting and day of counting, its year groups in order; none where exactly this is recorded already.

    Raises `IntakeError` with every fault.
    """
    page = Page(table, needs=NEEDS, takes=TAKES, about_pupils=False)
    school = known.urn()
    counted: dict[tuple[dt.date, str], list[YearPlaces]] = {}
    for line in page.lines():
        urn, as_at = line.must("urn", school), line.must("as_at", DAY)
        year = YearPlaces(
            year_group=line.must("year_group", ANY_YEAR),
            pan=line.may("pan", PAN),
            on_roll=line.may("on_roll", ON_ROLL),
            looked_after=line.may("looked_after", LOOKED_AFTER),
            ehcp=line.may("ehcp", EHCP),
        )
        page.once(line, "year_group", (urn, year.year_group, as_at), f"year {year.year_group} of {urn} on {as_at}")
        counted.setdefault((as_at, urn), []).append(year)
    events = [
        PlacesRecorded(urn=urn, as_at=as_at, years=tuple(sorted(years, key=lambda year: year.year_group)))
        for (as_at, urn), years in counted.items()
    ]
    return page.finish([event for event in events if known.places.get(event.urn) != event], lambda event: (event.as_at, event.urn))
