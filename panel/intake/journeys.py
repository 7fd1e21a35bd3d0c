"""The journeys file: measured ways from a pupil's home to a setting -> one sealed record per pupil.

It measures and estimates nothing (see `panel.facts.journeys`), and works out no entitlement: a blank stays unknown.
"""

from __future__ import annotations

from typing import Final

from panel.events import Journey, JourneyRows, JourneysRecorded
from panel.intake.cells import KNOWN_REFERENCE, YES_OR_NO, Text, Whole
from panel.intake.known import Known
from panel.intake.pages import Page, named
from panel.intake.tables import Table

NEEDS: Final = ("pupil", "urn")
TAKES: Final = ("metres", "minutes", "pence_per_year", "method", "within_walking_distance", "transport_entitled", "safe_route", "on_belief")
METRES: Final = Whole.of_fact("candidate.metres")
MINUTES: Final = Whole.of_fact("candidate.minutes")
PENCE: Final = Whole.of_fact("candidate.quoted_pence")


def read(table: Table, known: Known) -> tuple[JourneysRecorded, ...]:
    """One record per pupil, sorted by pupil, its journeys by URN. Raises `IntakeError` with every fault.

    A method that begins with the word estimate marks an estimate: neither entitlement nor walking distance follows from it.
    """
    page = Page(table, needs=NEEDS, takes=TAKES)
    school = known.urn()
    journeys: dict[str, list[Journey]] = {}
    for line in page.lines():
        pupil = line.must("pupil", KNOWN_REFERENCE)
        method = line.may("method", Text(200))
        journey = Journey(
            urn=line.must("urn", school),
            metres=line.may("metres", METRES),
            minutes=line.may("minutes", MINUTES),
            pence_per_year=line.may("pence_per_year", PENCE),
            method=method,
            estimate=(method or "").casefold().startswith("estimate"),
            within_walking_distance=line.may("within_walking_distance", YES_OR_NO),
            transport_entitled=line.may("transport_entitled", YES_OR_NO),
            safe_route=line.may("safe_route", YES_OR_NO),
            on_belief=line.may("on_belief", YES_OR_NO),
        )
        page.once(line, "urn", (pupil, journey.urn), f"the journey of {named('pupil', pupil)} to {journey.urn}")
        journeys.setdefault(pupil, []).append(journey)
    events = [
        JourneysRecorded(pupil=pupil, case=JourneyRows(journeys=tuple(sorted(rows, key=lambda journey: journey.urn))))
        for pupil, rows in journeys.items()
    ]
    return page.finish(events, lambda event: (event.pupil,))
