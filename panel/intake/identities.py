"""The identities file: who the pupils are. All of it is sealed, and none of it is ever quoted in a fault.

No rule reads it and no replay needs it. It is for letters and for monitoring equality.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from panel.events import Identity, IdentityRecorded
from panel.intake.cells import DAY, KNOWN_REFERENCE, YES_OR_NO, Cell, Text
from panel.intake.known import Known
from panel.intake.pages import Page, named
from panel.intake.tables import Table

NEEDS: Final = ("pupil",)
CELLS: Final[Mapping[str, Cell[Any]]] = {
    "upn": Text(20),
    "family_name": Text(100),
    "given_names": Text(100),
    "born_on": DAY,
    "sex": Text(20),
    "ethnicity": Text(100),
    "fsm": YES_OR_NO,
    "sen": Text(60),
    "address": Text(300),
}


def read(table: Table, known: Known) -> tuple[IdentityRecorded, ...]:  # noqa: ARG001 - a pupil may be named before any referral
    """One identity for each pupil, sorted by pupil. Raises `IntakeError` with every fault."""
    page = Page(table, needs=NEEDS, takes=tuple(CELLS))
    events = []
    for line in page.lines():
        pupil = line.must("pupil", KNOWN_REFERENCE)
        page.once(line, "pupil", ("pupil", pupil), named("pupil", pupil))
        identity = Identity.model_validate({column: line.may(column, cell, quote=False) for column, cell in CELLS.items()})
        events.append(IdentityRecorded(pupil=pupil, identity=identity))
    return page.finish(events, lambda event: (event.pupil,))
