"""Files -> events: what schools and clerks send, read strictly, every bad row named at once.

Nothing here records anything or reads the ledger: it is told what is known, and hands events back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from panel.events import Event
from panel.intake import admissions, exclusions, history, identities, journeys, places, referrals, schools, terms
from panel.intake.known import Known
from panel.intake.tables import Table, read_table

__all__ = ["LOADERS", "Known", "Loader", "Table", "read_table"]

Loader = Callable[[Table, Known], tuple[Event, ...]]
"""Reads one table, knowing what is known. Raises `IntakeError` with every fault of it."""

LOADERS: Final[Mapping[str, Loader]] = {
    "schools": schools.read,
    "places": places.read,
    "journeys": journeys.read,
    "terms": terms.read,
    "referrals": referrals.read,
    "exclusions": exclusions.read,
    "admissions": admissions.read,
    "history": history.read,
    "identities": identities.read,
}
"""By the name that `pastoral load` gives them."""
